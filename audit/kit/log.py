"""Verification of a whole published log."""

from .event import parse_event
from .merkle import leaf_hash, tree_root
from .note import Checkpoint
from .tiles import ENTRIES, TILE_WIDTH, Directory, split_bundle, split_hashes, tiles_of
from .wrong import Wrong

CHECKPOINT = "checkpoint"


class Log:
    """A published log and what verifying it has found out."""

    def __init__(self, directory, key, witnesses=(), known=(), minimum_index=0):
        self.files = Directory(directory, minimum_index)
        self.key = key
        self.witnesses = witnesses
        self.known = known
        self.types = {}
        self.first_time = self.last_time = None
        self.pruned = 0
        self.stale_tiles = 0
        self.event_problem = None

    def verify(self):
        """Check everything the checkpoint implies, or raise Wrong."""
        data = self.files.read(CHECKPOINT)
        if data is None:
            raise Wrong(CHECKPOINT, None, "there is no such file")
        try:
            self.checkpoint = Checkpoint(data, self.key, self.witnesses)
        except ValueError as error:
            raise Wrong(CHECKPOINT, None, str(error)) from error
        leaves = self.read_leaves()
        self.check_upper_tiles(leaves)
        # Only now, so that an entry somebody has changed is reported as changed and not as odd.
        if self.event_problem:
            raise self.event_problem
        self.check_known(leaves)
        self.check_stale_tiles()

    def read_leaves(self):
        """Read entries and level 0; return the leaf hashes that lead to the signed root."""
        bundles, tiles, from_entries, from_tiles = [], [], [], []
        for index, width in tiles_of(0, self.checkpoint.size):
            bundle = self.files.read_tile(ENTRIES, index, width)
            tile = self.files.read_tile(0, index, width)
            if bundle.items is None:
                self.pruned += width
                from_entries += tile.items
            else:
                from_entries += [leaf_hash(entry) for entry in bundle.items]
                self.note_events(bundle)
            bundle.items = None
            from_tiles += tile.items
            bundles.append(bundle)
            tiles.append(tile)
        return self.settle(bundles, tiles, from_entries, from_tiles)

    def settle(self, bundles, tiles, from_entries, from_tiles):
        """Return the leaf hashes; where entries and tiles differ, blame the one that is wrong."""
        root = self.checkpoint.root
        tiles_are_right = tree_root(from_tiles) == root
        if tiles_are_right and from_tiles == from_entries:
            return from_tiles
        entries_are_right = tree_root(from_entries) == root
        for index, (stored, computed) in enumerate(zip(from_tiles, from_entries)):
            if stored != computed:
                tile, bundle = tiles[index // TILE_WIDTH], bundles[index // TILE_WIDTH]
                if entries_are_right:
                    raise Wrong(tile.path, index, "the hash is not that of its entry")
                reason = f"the entry does not hash to its leaf in {tile.path}"
                raise Wrong(bundle.path, index, reason)
        raise Wrong(CHECKPOINT, None, "the root of the tree is not the one signed")

    def note_events(self, bundle):
        """Check the form of the events of a bundle, count them, and keep the first problem."""
        for offset, entry in enumerate(bundle.items):
            index = bundle.first + offset
            try:
                event = parse_event(entry, index)
            except ValueError as error:
                self.event_problem = self.event_problem or Wrong(bundle.path, index, str(error))
                return
            kind, time = event["type"], event["time"]
            self.types[kind] = self.types.get(kind, 0) + 1
            self.first_time = time if self.first_time is None else min(self.first_time, time)
            self.last_time = time if self.last_time is None else max(self.last_time, time)

    def check_upper_tiles(self, hashes):
        """Compare every tile above level 0 with the hashes computed from the level below."""
        level = 1
        while len(hashes) >= TILE_WIDTH:
            full = len(hashes) // TILE_WIDTH * TILE_WIDTH
            hashes = [tree_root(hashes[i : i + TILE_WIDTH]) for i in range(0, full, TILE_WIDTH)]
            for number, width in tiles_of(level, self.checkpoint.size):
                tile = self.files.read_tile(level, number, width)
                for offset, stored in enumerate(tile.items):
                    if stored != hashes[tile.first + offset]:
                        reason = f"the hash is not the root of its tile on level {level - 1}"
                        raise Wrong(tile.path, tile.first + offset, reason)
            level += 1

    def check_known(self, leaves):
        """Check that the log continues the checkpoints the reader knows from before."""
        for path, known in self.known:
            if known.size > self.checkpoint.size:
                reason = f"the log has shrunk from {known.size} to {self.checkpoint.size} entries"
                raise Wrong(CHECKPOINT, None, f"{reason} since {path}")
            if tree_root(leaves[: known.size]) != known.root:
                reason = f"the first {known.size} entries are not those of {path}"
                raise Wrong(CHECKPOINT, None, reason)

    def check_stale_tiles(self):
        """Compare partial tiles of other checkpoints with the log as it is now.

        They are left by earlier checkpoints, or already there for the next one. Whichever it is,
        they must agree with this log as far as both go.
        """
        for path, kind, index, width in self.files.unread_partial_tiles():
            level = 0 if kind == ENTRIES else int(kind)
            present = dict(tiles_of(level, self.checkpoint.size)).get(index)
            if present is None:
                continue
            items = self.files.read_tile(kind, index, present).items
            split = split_bundle if kind == ENTRIES else split_hashes
            other = split(self.files.read(path), width, path)
            common = min(width, present)
            if items is not None and other[:common] != items[:common]:
                raise Wrong(path, None, "the tile of another checkpoint does not fit this log")
            self.stale_tiles += 1

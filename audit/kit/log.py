"""Verification of a whole published log."""

import collections
import contextlib
import multiprocessing
import os

from .block import check_blocks
from .merkle import HASH_BYTES, tile_root, tree_root
from .note import Checkpoint
from .tiles import ENTRIES, TILE_WIDTH, Directory, split_bundle, split_hashes, tiles_of
from .wrong import Wrong

CHECKPOINT = "checkpoint"
BLOCKS_PER_TASK = 16
BLOCKS_FOR_ONE_PROCESS = 32  # A smaller log is verified before other processes would have begun.
REREADS_MAXIMUM = 3


class Log:
    """A published log and what verifying it has found out."""

    def __init__(self, directory, key, rule, known=(), minimum_index=0, jobs=None, progress=None):
        self.files = Directory(directory)
        self.key = key
        self.rule = rule
        self.known = known
        self.given_minimum = minimum_index
        self.jobs = jobs or os.cpu_count() or 1
        self.progress = progress or (lambda done, total: None)

    def verify(self):
        """Check everything the checkpoint implies, or raise Wrong.

        A log may be published further, and pruned, while it is verified: when something is wrong
        and there is another checkpoint by then, the log is verified anew.
        """
        for rereads_left in range(REREADS_MAXIMUM, -1, -1):
            data = self.files.read(CHECKPOINT)
            try:
                self.verify_checkpoint(data)
                return
            except Wrong:
                if rereads_left == 0 or self.files.read(CHECKPOINT) == data:
                    raise

    def verify_checkpoint(self, data):
        """Check everything that one checkpoint implies."""
        self.types = collections.Counter()
        self.first_time = self.last_time = None
        self.pruned = self.stale_tiles = 0
        self.minimum_index = self.given_minimum
        if data is None:
            raise Wrong(CHECKPOINT, None, "there is no such file", "missingFile")
        try:
            self.checkpoint = Checkpoint(data, self.key, self.rule)
        except ValueError as error:
            kind = getattr(error, "kind", "checkpointRejected")
            raise Wrong(CHECKPOINT, None, str(error), kind) from error
        blocks = self.read_blocks()
        self.check_missing(blocks)
        roots = self.settle(blocks)
        self.check_upper_tiles(roots)
        # Only now, so that an entry somebody has changed is reported as changed and not as odd.
        for block in blocks:
            if block.problem:
                raise block.problem
        self.check_known(blocks)
        self.check_other_tiles()

    def read_blocks(self):
        """Check every tile of level 0 with its entries, several at the same time."""
        places = tiles_of(0, self.checkpoint.size)
        tasks = [
            (self.files.root, places[first : first + BLOCKS_PER_TASK])
            for first in range(0, len(places), BLOCKS_PER_TASK)
        ]
        blocks = []
        with self.workers(len(places)) as results:
            for found, types, wrong in results(check_blocks, tasks):
                blocks += found
                self.types.update(types)
                if wrong:
                    raise wrong
                self.progress(min(len(blocks) * TILE_WIDTH, self.checkpoint.size), self.checkpoint.size)
        times = [block.times for block in blocks if block.times]
        if times:
            self.first_time = min(first for first, _ in times)
            self.last_time = max(last for _, last in times)
        return blocks

    @contextlib.contextmanager
    def workers(self, count):
        """Give the `map` of some processes, or that of this one where there is little to do."""
        pool = None
        if self.jobs > 1 and count > BLOCKS_FOR_ONE_PROCESS:
            with contextlib.suppress(OSError, ImportError):  # Some places have no semaphores.
                pool = multiprocessing.Pool(self.jobs)
        try:
            yield pool.imap if pool else map
        finally:
            if pool:
                pool.terminate()
                pool.join()

    def check_missing(self, blocks):
        """Accept missing bundles below the minimum index, which the last pruning states."""
        stated = [block.minimum for block in blocks if block.minimum is not None]
        self.minimum_index = max([self.given_minimum, *stated[-1:]])
        for block in blocks:
            if not block.is_missing:
                continue
            if block.index * TILE_WIDTH + block.width > self.minimum_index:
                raise Wrong(block.bundle_path, None, "there is no such file", "missingFile")
            self.pruned += block.width

    def settle(self, blocks):
        """Return the roots of the tiles; where entries and tiles differ, blame the one that is wrong."""
        signed = self.checkpoint.root
        roots = [block.hashes_root for block in blocks]
        difference = next((block for block in blocks if block.difference is not None), None)
        if difference is None:
            if tree_root(roots) != signed:
                reason = "the root of the tree is not the one signed"
                raise Wrong(CHECKPOINT, None, reason, "rootMismatch")
            return roots
        index = difference.index * TILE_WIDTH + difference.difference
        if tree_root([block.entries_root for block in blocks]) == signed:
            reason = "the hash is not that of its entry"
            raise Wrong(difference.tile_path, index, reason, "tileHashMismatch")
        reason = f"the entry does not hash to its leaf in {difference.tile_path}"
        raise Wrong(difference.bundle_path, index, reason, "entryHashMismatch")

    def check_upper_tiles(self, roots):
        """Compare every tile above level 0 with the hashes computed from the level below."""
        level, hashes = 1, roots[: self.checkpoint.size // TILE_WIDTH]
        while hashes:
            for number, width in tiles_of(level, self.checkpoint.size):
                path, data = self.files.hashes(level, number, width)
                for offset, stored in enumerate(split_hashes(data, width, path)):
                    index = number * TILE_WIDTH + offset
                    if stored != hashes[index]:
                        reason = f"the hash is not the root of its tile on level {level - 1}"
                        raise Wrong(path, index, reason, "tileHashMismatch")
            full = len(hashes) // TILE_WIDTH * TILE_WIDTH
            hashes = [tree_root(hashes[i : i + TILE_WIDTH]) for i in range(0, full, TILE_WIDTH)]
            level += 1

    def check_known(self, blocks):
        """Check that the log continues the checkpoints the reader knows from before."""
        for path, known in self.known:
            if known.size > self.checkpoint.size:
                reason = f"the log has shrunk from {known.size} to {self.checkpoint.size} entries"
                raise Wrong(CHECKPOINT, None, f"{reason} since {path}", "historyMismatch")
            full, rest = divmod(known.size, TILE_WIDTH)
            roots = [block.hashes_root for block in blocks[:full]]
            if rest:
                _, data = self.files.hashes(0, full, blocks[full].width)
                if tile_root(data) != blocks[full].hashes_root:
                    raise Wrong(blocks[full].tile_path, None, "the tile changed while it was read")
                roots.append(tile_root(data[: rest * HASH_BYTES]))
            if tree_root(roots) != known.root:
                reason = f"the first {known.size} entries are not those of {path}"
                raise Wrong(CHECKPOINT, None, reason, "historyMismatch")

    def check_other_tiles(self):
        """Compare tiles of other checkpoints with the log as it is now.

        They are left by earlier checkpoints, or already there for the next one. Whichever it is,
        they must agree with this log as far as both go.
        """
        for path, kind, index, width, implied in self.files.other_tiles(self.checkpoint.size):
            other_data = self.files.read(path)
            present_path, stored, data = self.files.find(kind, index, implied)
            if other_data is None or data is None or present_path == path:
                continue
            split = split_bundle if kind == ENTRIES else split_hashes
            common = min(width, implied)
            try:
                other = split(other_data, width, path)
            except Wrong as error:
                raise Wrong(path, None, error.reason, "historyMismatch") from error
            if other[:common] != split(data, stored, present_path)[:common]:
                reason = "the tile of another checkpoint does not fit this log"
                raise Wrong(path, None, reason, "historyMismatch")
            self.stale_tiles += 1

"""Proof that one checkpoint continues another, from the published tiles or from a file."""

from .merkle import HASH_BYTES, consistency_is_valid, consistency_path, tree_root
from .note import base64_strict, number_strict
from .tiles import TILE_HEIGHT_BITS, TILE_WIDTH, Directory, split_hashes, width_of

PROOF_BYTES_MAXIMUM = 8192


def published_size(files):
    """Read how many entries are published; only to know which tiles to ask for."""
    lines = (files.read("checkpoint") or b"").split(b"\n")
    try:
        return number_strict(lines[1].decode("ascii")) if len(lines) > 1 else 0
    except ValueError:
        return 0


def proof_from_tiles(directory, old, new):
    """Make the proof that a log of `new` entries continues one of `old` entries.

    Of a log that has grown since, the tiles of its present size are read: those of `new` may be gone.
    """
    if old in (0, new):
        return []
    files, tiles = Directory(directory), {}
    size = max(new, published_size(files))

    def subtree(level, offset):
        """Compute the hash of a complete subtree from the highest tile that has its parts."""
        tile_level, height = divmod(level, TILE_HEIGHT_BITS)
        index, start = divmod(offset << height, TILE_WIDTH)
        if (tile_level, index) not in tiles:
            width = width_of(tile_level, index, size)
            path, data = files.hashes(tile_level, index, width)
            tiles[tile_level, index] = split_hashes(data, width, path)
        return tree_root(tiles[tile_level, index][start : start + (1 << height)])

    return consistency_path(old, 0, new, True, subtree)


def read_proof(data):
    """Read a proof from a file: sizes and hashes; raise ValueError for another file."""
    if len(data) > PROOF_BYTES_MAXIMUM:
        raise ValueError("the proof is too long")
    lines = data.decode("ascii").split("\n")
    if len(lines) < 3 or lines.pop() or lines[0][:4] != "old " or lines[1][:4] != "new ":
        raise ValueError("the file is not a proof of consistency")
    hashes = [base64_strict(line) for line in lines[2:]]
    if any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise ValueError("the proof's hashes are not in their form")
    return number_strict(lines[0][4:]), number_strict(lines[1][4:]), hashes


def check_consistency(old, new, hashes):
    """Raise ValueError unless the hashes prove that the checkpoint `new` continues `old`."""
    if old.size > new.size:
        raise ValueError(f"the log has shrunk from {old.size} to {new.size} entries")
    if old.size == new.size and old.root != new.root:
        raise ValueError(f"two different logs of {new.size} entries, both signed: a fork")
    if not consistency_is_valid(old.size, new.size, old.root, new.root, hashes):
        raise ValueError(f"the first {old.size} of {new.size} entries are not those of the older one")

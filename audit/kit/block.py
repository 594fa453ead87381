"""Checks one tile of level 0 and its entries without a look at any other tile.

Blocks are independent of each other, so several processes can check a log together.
"""

import collections
import gc
import hashlib

from .event import minimum_index_of, parse_event
from .merkle import HASH_BYTES, tile_root
from .tiles import TILE_WIDTH, Directory
from .wrong import Wrong


class Block:
    """What one tile of level 0 and its entries say."""

    __slots__ = (
        "bundle_path", "difference", "entries_root", "hashes_root", "index", "is_missing", "minimum",
        "problem", "tile_path", "times", "types", "width",
    )

    def __init__(self, files, index, width):
        self.index, self.width = index, width
        self.problem = self.difference = self.minimum = self.times = None
        self.types = {}
        self.bundle_path, entries = files.bundle(index, width)
        self.tile_path, hashes = files.hashes(0, index, width)
        self.hashes_root = self.entries_root = tile_root(hashes)
        self.is_missing = entries is None
        if entries is None:
            return
        sha256 = hashlib.sha256
        leaves = b"".join([sha256(b"\x00" + entry).digest() for entry in entries])
        if leaves != hashes:
            self.entries_root = tile_root(leaves)
            self.difference = next(
                number for number in range(width)
                if leaves[number * HASH_BYTES :][:HASH_BYTES] != hashes[number * HASH_BYTES :][:HASH_BYTES])
        self.read_events(entries)

    def read_events(self, entries):
        """Check the form of the events, count them, and keep the first problem."""
        types, first = self.types, self.index * TILE_WIDTH
        times = []
        for offset, entry in enumerate(entries):
            try:
                event = parse_event(entry, first + offset)
            except ValueError as error:
                kind = "eventMalformed" if str(error).startswith("'") else "entryNotCanonical"
                self.problem = Wrong(self.bundle_path, first + offset, str(error), kind)
                break
            kind = event["type"]
            types[kind] = types.get(kind, 0) + 1
            times.append(event["time"])
            if self.difference is None:
                minimum = minimum_index_of(event)
                self.minimum = self.minimum if minimum is None else minimum
        if times:
            self.times = min(times), max(times)


def check_blocks(task):
    """Check some blocks; return them with their counts, and what is wrong if reading fails."""
    root, places = task
    gc.disable()  # Nothing here makes cycles; the search for them is a tenth of the time.
    files, blocks, wrong = Directory(root), [], None
    types = collections.Counter()
    try:
        for index, width in places:
            block = Block(files, index, width)
            types.update(block.types)
            block.types = None
            blocks.append(block)
    except Wrong as error:
        wrong = error
    finally:
        gc.enable()
    return blocks, types, wrong

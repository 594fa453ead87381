"""Paths and contents of tiles and entry bundles (C2SP tlog-tiles)."""

import os
import re

from .merkle import HASH_BYTES
from .wrong import Wrong

TILE_WIDTH = 256
TILE_HEIGHT_BITS = 8
ENTRIES = "entries"

PARTIAL_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})\.p/([1-9][0-9]{0,2})"
)


def tile_path(kind, index, width):
    """Write the path of a tile; kind is a level or "entries"."""
    groups = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03d}")
    suffix = "" if width == TILE_WIDTH else f".p/{width}"
    return f"tile/{kind}/{'/'.join(groups)}{suffix}"


def tiles_of(level, size):
    """List index and width of every tile that a level has in a log of a size."""
    count = size >> (level * TILE_HEIGHT_BITS)
    return [
        (first // TILE_WIDTH, min(TILE_WIDTH, count - first))
        for first in range(0, count, TILE_WIDTH)
    ]


def split_bundle(data, width, path):
    """Cut an entry bundle into its entries."""
    entries, position = [], 0
    for number in range(width):
        length = int.from_bytes(data[position : position + 2], "big")
        start, position = position + 2, position + 2 + length
        if position > len(data):
            raise Wrong(path, None, f"the bundle ends before or inside its entry {number}")
        entries.append(data[start:position])
    if position != len(data):
        raise Wrong(path, None, f"the bundle has {len(data) - position} bytes too many")
    return entries


def split_hashes(data, width, path):
    """Cut a hash tile into its hashes."""
    if len(data) != width * HASH_BYTES:
        raise Wrong(path, None, f"the tile has {len(data)} bytes and not {width * HASH_BYTES}")
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


class Tile:
    """One tile or bundle that has been read: its path, its place, and its items.

    Items are hashes, or entries; None for a bundle that has been pruned and may be.
    """

    def __init__(self, path, index, items):
        self.path = path
        self.first = index * TILE_WIDTH
        self.items = items


class Directory:
    """The directory of a published log."""

    def __init__(self, root, minimum_index=0):
        self.root = root
        self.minimum_index = minimum_index
        self.read_paths = set()

    def read(self, path):
        """Read a file, or return None when there is none."""
        try:
            with open(os.path.join(self.root, *path.split("/")), "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Wrong(path, None, f"cannot be read: {error.strerror}") from error

    def read_tile(self, kind, index, width):
        """Read a tile or bundle; a partial one may have been replaced by the full one."""
        split = split_bundle if kind == ENTRIES else split_hashes
        for stored in dict.fromkeys((width, TILE_WIDTH)):
            path = tile_path(kind, index, stored)
            data = self.read(path)
            if data is not None:
                self.read_paths.add(path)
                return Tile(path, index, split(data, stored, path)[:width])
        path = tile_path(kind, index, width)
        if kind == ENTRIES and index * TILE_WIDTH + width <= self.minimum_index:
            return Tile(path, index, None)
        raise Wrong(path, None, "there is no such file")

    def unread_partial_tiles(self):
        """List (path, kind, index, width) of partial tiles nobody has asked for yet."""
        found = []
        for folder, _, names in os.walk(os.path.join(self.root, "tile")):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.root)
                path = path.replace(os.sep, "/")
                match = PARTIAL_PATH.fullmatch(path)
                if match and path not in self.read_paths:
                    index = int(match[2].replace("/", "").replace("x", ""))
                    found.append((path, match[1], index, int(match[3])))
        return sorted(found)

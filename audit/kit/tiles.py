"""Paths and contents of tiles and entry bundles (C2SP tlog-tiles)."""

import os
import re

from .merkle import HASH_BYTES
from .wrong import Wrong

TILE_WIDTH = 256
TILE_HEIGHT_BITS = 8
ENTRIES = "entries"

TILE_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
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


def width_of(kind, index, size):
    """Return how many items the place of a tile has in a log of a size."""
    level = 0 if kind == ENTRIES else int(kind)
    count = size >> (level * TILE_HEIGHT_BITS)
    return min(max(count - index * TILE_WIDTH, 0), TILE_WIDTH)


def split_bundle(data, width, path):
    """Cut an entry bundle into its entries."""
    entries, position = [], 0
    for number in range(width):
        length = int.from_bytes(data[position : position + 2], "big")
        start, position = position + 2, position + 2 + length
        if position > len(data):
            reason = f"the bundle ends before or inside its entry {number}"
            raise Wrong(path, None, reason, "bundleMalformed")
        entries.append(data[start:position])
    if position != len(data):
        reason = f"the bundle has {len(data) - position} bytes too many"
        raise Wrong(path, None, reason, "bundleMalformed")
    return entries


def check_hashes(data, width, path):
    """Refuse the content of a tile that is not one hash after the other."""
    if len(data) != width * HASH_BYTES:
        reason = f"the tile has {len(data)} bytes and not {width * HASH_BYTES}"
        raise Wrong(path, None, reason, "tileMalformed")


def split_hashes(data, width, path):
    """Cut a hash tile into its hashes."""
    check_hashes(data, width, path)
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


class Directory:
    """The directory of a published log."""

    def __init__(self, root):
        self.root = root

    def read(self, path):
        """Read a file, or return None when there is none."""
        try:
            with open(os.path.join(self.root, *path.split("/")), "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Wrong(path, None, f"cannot be read: {error.strerror}", "missingFile") from error

    def find(self, kind, index, width):
        """Read a tile or bundle; a partial one may have been replaced by the full one.

        Return its path, its own width, and its content; None as content when there is none.
        """
        for stored in dict.fromkeys((width, TILE_WIDTH)):
            path = tile_path(kind, index, stored)
            data = self.read(path)
            if data is not None:
                return path, stored, data
        return tile_path(kind, index, width), width, None

    def hashes(self, level, index, width):
        """Read a tile: its path, and its hashes one after the other."""
        path, stored, data = self.find(level, index, width)
        if data is None:
            raise Wrong(path, None, "there is no such file", "missingFile")
        check_hashes(data, stored, path)
        return path, data[: width * HASH_BYTES]

    def bundle(self, index, width):
        """Read a bundle: its path, and its entries; None as entries when there is no such file."""
        path, stored, data = self.find(ENTRIES, index, width)
        if data is None:
            return path, None
        return path, split_bundle(data, stored, path)[:width]

    def other_tiles(self, size):
        """List (path, kind, index, width, implied) of tiles of other checkpoints than this size's.

        `implied` is the width of the tile that a log of this size has in the same place.
        """
        found = []
        for folder, _, names in os.walk(os.path.join(self.root, "tile")):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.root)
                path = path.replace(os.sep, "/")
                match = TILE_PATH.fullmatch(path)
                if not match:
                    continue
                index = int(match[2].replace("/", "").replace("x", ""))
                width = int(match[3] or TILE_WIDTH)
                implied = width_of(match[1], index, size)
                if implied not in (0, width):
                    found.append((path, match[1], index, width, implied))
        return sorted(found)

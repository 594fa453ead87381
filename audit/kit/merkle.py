"""The Merkle tree of RFC 6962 with SHA-256."""

import hashlib

HASH_BYTES = 32
FULL_TILE_BYTES = 256 * HASH_BYTES
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry):
    """Hash an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left, right):
    """Hash an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes):
    """Compute the root of a list of leaf hashes by the definition: pair up, carry the odd one."""
    if not hashes:
        return EMPTY_ROOT
    while len(hashes) > 1:
        row = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        if len(hashes) % 2:
            row.append(hashes[-1])
        hashes = row
    return hashes[0]


def tile_root(data):
    """Compute the root of a tile, given its hashes one after the other."""
    sha256 = hashlib.sha256
    if len(data) == FULL_TILE_BYTES:
        while len(data) > HASH_BYTES:
            data = b"".join(
                [sha256(b"\x01" + data[i : i + 64]).digest() for i in range(0, len(data), 64)])
        return data
    return tree_root([data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)])


def split_point(size):
    """Return where a tree of a size splits: the largest power of two below it."""
    return 1 << (size - 1).bit_length() - 1


def range_root(first, size, subtree):
    """Compute the root of a range that RFC 6962 splits off, from complete subtrees.

    `subtree(level, offset)` gives the hash of the 2^level leaves from offset * 2^level.
    """
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return subtree(level, first >> level)
    split = split_point(size)
    return node_hash(
        range_root(first, split, subtree), range_root(first + split, size - split, subtree))


def consistency_path(old, first, size, is_known, subtree):
    """Make the hashes that prove a tree to continue one of `old` leaves (RFC 6962 2.1.2)."""
    if old == size:
        return [] if is_known else [range_root(first, size, subtree)]
    split = split_point(size)
    if old <= split:
        below = consistency_path(old, first, split, is_known, subtree)
        return [*below, range_root(first + split, size - split, subtree)]
    below = consistency_path(old - split, first + split, size - split, False, subtree)
    return [*below, range_root(first, split, subtree)]


def consistency_is_valid(old, new, old_root, new_root, proof):
    """Say whether a proof shows that the tree of `new` leaves begins with that of `old` leaves.

    RFC 9162 section 2.1.4.2.
    """
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and (old_root == new_root if old == new else old_root == EMPTY_ROOT)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    position, last = old - 1, new - 1
    while position % 2:
        position, last = position >> 1, last >> 1
    old_found = new_found = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position % 2 or position == last:
            old_found, new_found = node_hash(sibling, old_found), node_hash(sibling, new_found)
            while position and position % 2 == 0:
                position, last = position >> 1, last >> 1
        else:
            new_found = node_hash(new_found, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and (old_found, new_found) == (old_root, new_root)


def root_from_inclusion(index, size, leaf, proof):
    """Compute the root an inclusion proof leads to (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        raise ValueError("the log has no such entry")
    position, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof has too many hashes")
        if position % 2 or position == last:
            current = node_hash(sibling, current)
            while position and position % 2 == 0:
                position, last = position >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        position, last = position >> 1, last >> 1
    if last:
        raise ValueError("the proof has too few hashes")
    return current

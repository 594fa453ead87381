"""The Merkle tree of RFC 6962 with SHA-256."""

import hashlib

HASH_BYTES = 32
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

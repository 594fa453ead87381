"""Proof files for single entries (C2SP tlog-proof)."""

from .merkle import HASH_BYTES, leaf_hash, root_from_inclusion
from .note import Checkpoint, base64_strict, number_strict

PROOF_BYTES_MAXIMUM = 256 * 1024
HASHES_MAXIMUM = 63


def verify_proof(data, entry, key, rule=None):
    """Verify a .tlog-proof file for an entry; return index and checkpoint, or raise ValueError."""
    if len(data) > PROOF_BYTES_MAXIMUM:
        raise ValueError("the proof is too long")
    head, blank, note = data.partition(b"\n\n")
    try:
        lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise ValueError("the proof is not in its form") from error
    if not blank or lines.pop(0) != "c2sp.org/tlog-proof@v1":
        raise ValueError("the file is not a proof of a known version")
    if lines and lines[0].startswith("extra "):
        base64_strict(lines.pop(0)[len("extra ") :])
    if not lines or not lines[0].startswith("index "):
        raise ValueError("the proof names no index")
    index = number_strict(lines[0][len("index ") :])
    hashes = [base64_strict(line) for line in lines[1:]]
    if len(hashes) > HASHES_MAXIMUM or any(len(hash_) != HASH_BYTES for hash_ in hashes):
        raise ValueError("the proof's hashes are not in their form")
    checkpoint = Checkpoint(note, key, rule)
    if root_from_inclusion(index, checkpoint.size, leaf_hash(entry), hashes) != checkpoint.root:
        raise ValueError("the proof does not lead from this entry to the signed root")
    return index, checkpoint

"""Verifier keys, signed notes and checkpoints.

C2SP signed-note, tlog-checkpoint and tlog-cosignature.
"""

import base64
import binascii
import hashlib
import re

from .ed25519 import ed25519_is_valid
from .merkle import EMPTY_ROOT, HASH_BYTES

SIZE_MAXIMUM = 2**53 - 1
NOTE_BYTES_MAXIMUM = 128 * 1024
NAME_BYTES_MAXIMUM = 255
SIGNATURE_BYTES_MAXIMUM = 4096
SIGNATURES_MAXIMUM = 64
TYPE_LOG, TYPE_COSIGNATURE = 0x01, 0x04


class Refused(ValueError):
    """A note is refused; `kind` is the name that `lethe audit verify --json` gives to it."""

    def __init__(self, kind, reason):
        super().__init__(reason)
        self.kind = kind


def malformed(kind="checkpointMalformed"):
    """Mark whatever a reading function raises as a note that is not in its form."""
    def decorate(function):
        def wrapper(*arguments):
            try:
                return function(*arguments)
            except ValueError as error:
                raise Refused(kind, str(error)) from error
        wrapper.__doc__ = function.__doc__
        return wrapper
    return decorate


def base64_strict(text):
    """Decode standard padded base64 in its only spelling, or raise ValueError."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data


def number_strict(text):
    """Read a decimal number without sign and leading zeros, or raise ValueError."""
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", text, re.ASCII) or int(text) > SIZE_MAXIMUM:
        raise ValueError("not a number in its form")
    return int(text)


def name_is_fit(name):
    """Say whether a key name may stand in a key and in a signature line."""
    return 0 < len(name.encode()) <= NAME_BYTES_MAXIMUM and not re.search(r"[\s+\x00-\x1f]", name)


class Key:
    """A verifier key `<name>+<key id>+<base64 of type and public key>`."""

    def __init__(self, text):
        try:
            self.name, stated, material = text.split("+", 2)
            raw = base64_strict(material)
        except ValueError as error:
            raise ValueError("not a verifier key") from error
        if len(raw) != 33 or raw[0] not in (TYPE_LOG, TYPE_COSIGNATURE):
            raise ValueError("not a verifier key of a known type")
        if not name_is_fit(self.name):
            raise ValueError("the key's name is unfit")
        self.type, self.public = raw[0], raw[1:]
        self.identity = self.name, raw  # A key ID has four bytes only.
        self.id = hashlib.sha256(self.name.encode() + b"\n" + raw).digest()[:4]
        if self.id.hex() != stated:
            raise ValueError("the key ID is not that of the name and the public key")

    def is_valid(self, payload, text):
        """Say whether the payload of a signature line is this key's signature of the text."""
        if self.type == TYPE_LOG:
            return ed25519_is_valid(self.public, payload, text)
        seconds = int.from_bytes(payload[:8], "big")
        message = b"cosignature/v1\ntime %d\n" % seconds + text
        return ed25519_is_valid(self.public, payload[8:], message)


@malformed()
def parse_note(data):
    """Cut a signed note into its text and its signatures (name, key id, payload)."""
    if len(data) > NOTE_BYTES_MAXIMUM:
        raise ValueError("the note is too long")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError("the note is not UTF-8") from error
    if re.search(rb"[\x00-\x09\x0b-\x1f]", data):
        raise ValueError("the note has control characters")
    cut = data.rfind(b"\n\n")
    if cut < 0 or not data.endswith(b"\n"):
        raise ValueError("the note has no signatures under its text")
    text, lines = data[: cut + 1], data[cut + 2 : -1].decode("utf-8").split("\n")
    if len(lines) > SIGNATURES_MAXIMUM:
        raise ValueError("the note has too many signatures")
    signatures = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not name_is_fit(parts[1]):
            raise ValueError("a signature line is not in its form")
        raw = base64_strict(parts[2])
        if not 5 <= len(raw) <= 4 + SIGNATURE_BYTES_MAXIMUM:
            raise ValueError("a signature is too short or too long")
        signatures.append((parts[1], raw[:4], raw[4:]))
    return text, signatures


@malformed()
def parse_checkpoint(text):
    """Read the text of a checkpoint: origin, size, root."""
    lines = text.decode("utf-8").split("\n")
    if len(lines) < 4 or not all(lines[:-1]):
        raise ValueError("the note is not a checkpoint")
    size, root = number_strict(lines[1]), base64_strict(lines[2])
    if len(root) != HASH_BYTES:
        raise ValueError("the root hash does not have 32 bytes")
    if size == 0 and root != EMPTY_ROOT:
        raise ValueError("the root of an empty log is wrong")
    return lines[0], size, root


class Checkpoint:
    """Origin, tree size and root hash that a log has signed."""

    def __init__(self, data, log_key, rule=None):
        text, signatures = parse_note(data)
        if log_key.type != TYPE_LOG:
            raise ValueError("the key given is not a log's key")
        witnesses = rule.keys if rule else []
        signed_by = self.verify(text, signatures, [log_key, *witnesses])
        if log_key.identity not in signed_by:
            raise ValueError("not signed by the log's key")
        if rule:
            rule.check(signed_by)
        self.origin, self.size, self.root = parse_checkpoint(text)
        if self.origin != log_key.name:
            raise ValueError("the checkpoint is not one of the log the key belongs to")
        self.cosigners = [
            (key.name, signed_by[key.identity])
            for key in witnesses if key.identity in signed_by]
        self.unknown_signatures = len(signatures) - len(signed_by)

    @staticmethod
    def verify(text, signatures, keys):
        """Return the identities of the keys that signed, with the time of a cosignature.

        One bad signature of a known key is too many.
        """
        signed_by = {}
        for name, key_id, payload in signatures:
            for key in keys:
                if (key.name, key.id) != (name, key_id):
                    continue
                if not key.is_valid(payload, text):
                    raise ValueError(f"the signature by {name} does not verify")
                is_cosignature = key.type == TYPE_COSIGNATURE
                seconds = int.from_bytes(payload[:8], "big") if is_cosignature else None
                signed_by.setdefault(key.identity, seconds)
        return signed_by

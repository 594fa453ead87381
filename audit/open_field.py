#!/usr/bin/env python3
"""Open sealed fields of a Lethe vault with keys that were handed out, without Lethe's own code.

Python 3.9 or newer and the package `cryptography`; the formats are those of docs/format.md, "Sealed
values" and "Sealed export". Keys are read from a file (`--keys`, lines `ck HEX` and `bk HEX`, or one
line `fk HEX`) or from LETHE_CK and LETHE_BK, or LETHE_FK; on the command line every user of the
machine sees them. Exit status: 0 opened, 1 refused (one line says why), 2 the command line cannot be
used.
"""

import argparse
import base64
import binascii
import json
import os
import re
import struct
import sys

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:
    AESGCM = None

VERSION, SUITE = 1, 1
HEADER_BYTES, NONCE_BYTES, TAG_BYTES = 8, 12, 16
OVERHEAD_BYTES = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
SIZE_CLASSES = (32, 64, 128, 256, 512, 1024, 2048, 4096)
VALUE_BYTES_MAXIMUM = 65_535
KEY_BYTES, ID_BYTES = 32, 16
ROW_MAXIMUM = 2**63 - 1
GENERATION_MAXIMUM, TABLE_MAXIMUM, FIELD_MAXIMUM = 0xFFFF, 0xFFFF, 0xFFFF
BUCKET_MAXIMUM = 0xFFFF_FFFF
RECORD_TABLE, CONTRACT_FIELD_MAXIMUM = 1, 512
PACKAGE_FORMAT = 1
PACKAGE_BYTES_MAXIMUM = 512 << 20
TEXT_BYTES_MAXIMUM = 256 << 10
DOES_NOT_OPEN = "the value does not open"
UNKNOWN_VERSION = "the envelope has a version or suite this program does not know"


class Refused(Exception):
    """What was given does not open, or is no package."""


class Unusable(Exception):
    """The command line cannot be used."""


def padded_size(count):
    """Give the one padded size of a value of `count` bytes."""
    needed = count + 2
    for size in SIZE_CLASSES:
        if size >= needed:
            return size
    return -(-needed // SIZE_CLASSES[-1]) * SIZE_CLASSES[-1]


def is_size(count):
    """Say whether a ciphertext length is one that some value gives."""
    largest = SIZE_CLASSES[-1]
    fits = largest < count <= padded_size(VALUE_BYTES_MAXIMUM) and count % largest == 0
    return count in SIZE_CLASSES or fits


def field_key(keys, vault, subject, generation, bucket):
    """Derive the key of a subject's values in a bucket from CK and BK."""
    info = b"F" + subject + struct.pack(">HI", generation, bucket)
    salt = b"lethe1/field-key" + vault
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=info).derive(b"".join(keys))


def open_envelope(envelope, keys, vault, subject, cell, generation=None, bucket=None):
    """Open the envelope of a cell (table, field, row) with keys (CK, BK), or (FK,).

    A generation or bucket that is given has to be that of the envelope. Apart from an unknown
    version there is one failure, whatever the reason.
    """
    if len(envelope) < 2:
        raise Refused(DOES_NOT_OPEN)
    if (envelope[0], envelope[1]) != (VERSION, SUITE):
        raise Refused(UNKNOWN_VERSION)
    if not is_size(len(envelope) - OVERHEAD_BYTES):
        raise Refused(DOES_NOT_OPEN)
    found_generation, found_bucket = struct.unpack(">HI", envelope[2:HEADER_BYTES])
    if generation not in (None, found_generation) or bucket not in (None, found_bucket):
        raise Refused(DOES_NOT_OPEN)
    place = vault + subject + struct.pack(">HHQ", *cell)
    data = b"LTHF\x01" + place + envelope[:HEADER_BYTES]
    nonce = envelope[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
    if len(keys) == 1:
        key = keys[0]
    else:
        key = field_key(keys, vault, subject, found_generation, found_bucket)
    try:
        padded = AESGCM(key).decrypt(nonce, envelope[HEADER_BYTES + NONCE_BYTES :], data)
    except InvalidTag:
        raise Refused(DOES_NOT_OPEN) from None
    end = 2 + int.from_bytes(padded[:2], "big")
    if padded_size(end - 2) != len(padded) or any(padded[end:]):
        raise Refused(DOES_NOT_OPEN)
    return padded[2:end]


def require(condition, what):
    """Refuse a package that is not as the format says."""
    if not condition:
        raise Refused(f"the package is not one: {what}")


def unique_members(pairs):
    """Make an object of its members, none of them twice."""
    members = dict(pairs)
    require(len(members) == len(pairs), "an object names a member twice")
    return members


def no_number(_):
    """Refuse fractions, NaN and the infinities."""
    raise Refused("the package is not one: a number is not an integer")


def parse_package(data):
    """Read the JSON of a package."""
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=unique_members, parse_float=no_number,
            parse_constant=no_number)
    except (ValueError, RecursionError):
        raise Refused("the package is not one: it is no JSON") from None


def members_of(value, names, what):
    """Give the members of an object that has exactly these."""
    require(isinstance(value, dict) and set(value) == set(names), f"{what} has other members")
    return [value[name] for name in names]


def list_of(value, what):
    """Give a list."""
    require(isinstance(value, list), f"{what} is no list")
    return value


def number_of(value, least, most, what):
    """Give an integer within its range; a truth value is none."""
    require(type(value) is int and least <= value <= most, f"{what} is out of range")
    return value


def text_of(value, what):
    """Give a text that is not empty."""
    require(isinstance(value, str) and value, f"{what} is no text")
    return value


def bytes_of(value, count, what):
    """Give the bytes of small hexadecimal digits."""
    fits = isinstance(value, str) and re.fullmatch("[0-9a-f]{%d}" % (2 * count), value)
    require(fits, f"{what} is not {count} bytes of hexadecimal")
    return bytes.fromhex(value)


def envelope_of(value):
    """Give the bytes of standard base64."""
    try:
        return base64.b64decode(text_of(value, "an envelope").encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise Refused("the package is not one: an envelope is no base64") from None


def read_keys(subjects, keys):
    """Give the subjects as id → (generation, source) and the keys as (id, bucket) → FK."""
    found, opening = {}, {}
    for subject in list_of(subjects, "subjects"):
        generation, identifier, source = members_of(
            subject, ("generation", "id", "source"), "a subject")
        identifier = bytes_of(identifier, ID_BYTES, "a subject's id")
        require(identifier not in found, "a subject is named twice")
        found[identifier] = (
            number_of(generation, 0, GENERATION_MAXIMUM, "a generation"),
            text_of(source, "a subject's source"))
    for key in list_of(keys, "keys"):
        bucket, fk, subject = members_of(key, ("bucket", "fk", "subject"), "a key")
        subject = bytes_of(subject, ID_BYTES, "a key's subject")
        require(subject in found, "a key's subject is not listed")
        place = (subject, number_of(bucket, 0, BUCKET_MAXIMUM, "a key's bucket"))
        require(place not in opening, "a key is named twice")
        opening[place] = bytes_of(fk, KEY_BYTES, "a key")
    return found, opening


def open_package(data):
    """Open every field of a package; give one object for each, or refuse the whole."""
    package = parse_package(data)
    require(
        isinstance(package, dict) and package.get("lethe_sealed_export") == PACKAGE_FORMAT
        and type(package["lethe_sealed_export"]) is int, f"its format is not {PACKAGE_FORMAT}")
    keys, _, records, reference, subjects, vault = members_of(
        package,
        ("keys", "lethe_sealed_export", "records", "reference", "subjects", "vault"),
        "the package")
    require(isinstance(reference, str), "the reference is no text")
    vault = bytes_of(vault, ID_BYTES, "the vault's id")
    subjects, keys = read_keys(subjects, keys)
    opened, rows, used = [], set(), set()
    for record in list_of(records, "records"):
        bucket, fields, row, source, subject, table = members_of(
            record, ("bucket", "fields", "row", "source", "subject", "table"), "a record")
        number_of(table, RECORD_TABLE, RECORD_TABLE, "a table")
        number_of(row, 1, ROW_MAXIMUM, "a row")
        require(row not in rows, "a row is named twice")
        rows.add(row)
        subject = bytes_of(subject, ID_BYTES, "a record's subject")
        require(subject in subjects, "a record's subject is not listed")
        generation, owner = subjects[subject]
        require(source == owner, "a record is not of its subject's source")
        number_of(bucket, 0, BUCKET_MAXIMUM, "a record's bucket")
        require((subject, bucket) in keys, "a record has no key")
        used.add((subject, bucket))
        require(fields, "a record has no fields")
        numbers = set()
        for field in list_of(fields, "fields"):
            envelope, name, number = members_of(field, ("envelope", "name", "number"), "a field")
            text_of(name, "a field's name")
            number_of(number, 1, CONTRACT_FIELD_MAXIMUM, "a field's number")
            require(number not in numbers, "a field is named twice")
            numbers.add(number)
            value = open_envelope(
                envelope_of(envelope), (keys[subject, bucket],), vault, subject,
                (table, number, row), generation, bucket)
            opened.append(
                {"field": name, "number": number, "row": row, "source": source, **shown(value)})
    require(used == set(keys), "a key is of no record")
    return opened


def shown(value):
    """Give a value as a member of JSON: text where it is UTF-8, base64 where it is not."""
    try:
        return {"value": value.decode("utf-8")}
    except UnicodeDecodeError:
        return {"value_base64": base64.b64encode(value).decode("ascii")}


def read_limited(path, most):
    """Read a file, or standard input for `-`."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read(most + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(most + 1)
    except OSError:
        raise Unusable(f"`{path}` cannot be read") from None
    if len(data) > most:
        raise Refused(f"`{path}` is longer than {most} bytes")
    return data


def given_hex(text, count, what):
    """Read hexadecimal of either case; the message does not repeat it, since it may be a key."""
    if text is None or not re.fullmatch("[0-9a-fA-F]{%d}" % (2 * count), text):
        raise Unusable(f"{what} has to be {count} bytes of hexadecimal")
    return bytes.fromhex(text)


def keys_of(arguments):
    """Find CK and BK, or FK: on the command line, in the file, or in the environment."""
    named = {"ck": arguments.ck, "bk": arguments.bk, "fk": arguments.fk}
    named = {name: text for name, text in named.items() if text is not None}
    if arguments.keys is not None:
        if named:
            raise Unusable("give keys in a file or on the command line, not both")
        text = read_limited(arguments.keys, TEXT_BYTES_MAXIMUM).decode("ascii", "replace")
        lines = [line.split() for line in text.splitlines() if line.strip()]
        names = sorted(line[0] for line in lines)
        if names not in (["bk", "ck"], ["fk"]) or any(len(i) != 2 for i in lines):
            raise Unusable(
                f"`{arguments.keys}` has to have `ck HEX` and `bk HEX`, or `fk HEX`, on lines")
        named = dict(lines)
    # What was named is not mixed with keys of the other kind that lie around.
    kinds = [("ck", "bk"), ("fk",)]
    for kind in [kind for kind in kinds if set(kind) & set(named)] or kinds:
        for name in kind:
            text = os.environ.get(f"LETHE_{name.upper()}")
            if text is not None:
                named.setdefault(name, text)
    if "fk" in named and len(named) > 1:
        raise Unusable("give fk, or ck and bk")
    names = ("fk",) if "fk" in named else ("ck", "bk")
    return tuple(given_hex(named.get(name), KEY_BYTES, name) for name in names)


def given_envelope(text):
    """Read an envelope as hexadecimal or base64; a whole one is never both."""
    text = "".join(text.split())
    try:
        if re.fullmatch("(?:[0-9a-fA-F]{2})+", text):
            return bytes.fromhex(text)
        return base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Unusable("the envelope is neither hexadecimal nor base64") from None


def open_one(arguments):
    """Open one envelope and write its value."""
    places = [
        ("--table", arguments.table, TABLE_MAXIMUM), ("--field", arguments.field, FIELD_MAXIMUM),
        ("--row", arguments.row, ROW_MAXIMUM),
    ]
    for name, value, most in places:
        if value is None or not 0 <= value <= most:
            raise Unusable(f"{name} has to be a number of 0 to {most}")
    vault = given_hex(arguments.vault, ID_BYTES, "--vault")
    subject = given_hex(arguments.subject, ID_BYTES, "--subject")
    keys = keys_of(arguments)
    text = arguments.envelope
    if text is None:
        text = read_limited("-", TEXT_BYTES_MAXIMUM).decode("ascii", "replace")
    cell = (arguments.table, arguments.field, arguments.row)
    value = open_envelope(
        given_envelope(text), keys, vault, subject, cell, arguments.generation, arguments.bucket)
    if sys.stdout.isatty():
        # A value may be made to steer a terminal; a pipe gets its bytes.
        text = value.decode("utf-8", "replace")
        value = "".join(c if c.isprintable() else "\ufffd" for c in text).encode("utf-8")
    sys.stdout.buffer.write(value + b"\n")


def arguments_of(words):
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    parser.add_argument("--package", metavar="FILE", help="sealed export, opened by age; - for a pipe")
    parser.add_argument("--keys", metavar="FILE", help="file with `ck HEX` and `bk HEX`, or `fk HEX`")
    parser.add_argument("--ck", metavar="HEX", help="subject key; better in --keys or LETHE_CK")
    parser.add_argument("--bk", metavar="HEX", help="bucket key; better in --keys or LETHE_BK")
    parser.add_argument("--fk", metavar="HEX", help="field key instead; better in --keys or LETHE_FK")
    parser.add_argument("--vault", metavar="HEX", help="id of the vault")
    parser.add_argument("--subject", metavar="HEX", help="id of the subject")
    parser.add_argument("--table", type=int, metavar="N")
    parser.add_argument("--field", type=int, metavar="N")
    parser.add_argument("--row", type=int, metavar="N")
    parser.add_argument("--generation", type=int, metavar="N", help="refuse another one")
    parser.add_argument("--bucket", type=int, metavar="N", help="refuse another one")
    parser.add_argument("--envelope", metavar="TEXT", help="hex or base64; without it, from a pipe")
    return parser.parse_args(words)


def run(words):
    """Do what the command line asks for."""
    arguments = arguments_of(words)
    if AESGCM is None:
        raise Unusable("the Python package `cryptography` is missing; Debian: python3-cryptography")
    if arguments.package is None:
        return open_one(arguments)
    if any(value is not None for name, value in vars(arguments).items() if name != "package"):
        raise Unusable("--package goes alone: keys and places are in the package")
    for line in open_package(read_limited(arguments.package, PACKAGE_BYTES_MAXIMUM)):
        print(json.dumps(line, sort_keys=True))
    return None


def main(words=None):
    """Run and give the exit status."""
    try:
        run(words)
        sys.stdout.flush()
    except Refused as error:
        print(f"refused: {error}", file=sys.stderr)
        return 1
    except Unusable as error:
        print(f"open_field.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

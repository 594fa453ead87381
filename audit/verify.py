#!/usr/bin/env python3
"""Verify a published Lethe audit log, or one proof, without any of Lethe's own code.

Standard library only, Python 3.9 or newer. The formats are described in README.md beside this
file. Exit status: 0 everything checked and right, 1 something is wrong (one line says what and
where), 2 the command line cannot be used.
"""

import argparse
import base64
import datetime
import os
import sys

sys.dont_write_bytecode = True  # The kit may lie on a read-only medium, and leaves no trace.

from kit.certificate import verify_certificate  # noqa: E402
from kit.log import Log  # noqa: E402
from kit.note import Checkpoint, Key  # noqa: E402
from kit.proof import verify_proof  # noqa: E402
from kit.wrong import Wrong  # noqa: E402

KEY_FILE = "log.vkey"


class Unusable(Exception):
    """The command line cannot be used."""


def format_time(milliseconds):
    """Write a time as RFC 3339 in UTC."""
    start = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    try:
        moment = start + datetime.timedelta(milliseconds=milliseconds)
    except OverflowError:
        return f"{milliseconds} ms"
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def report(log, trusted_from):
    """Write the report on a verified log for people."""
    checkpoint = log.checkpoint
    lines = [
        f"log      {checkpoint.origin}",
        f"key      {log.key.id.hex()} {base64.b64encode(log.key.public).decode()}",
        f"         {trusted_from}",
        f"entries  {checkpoint.size}",
        f"root     {base64.b64encode(checkpoint.root).decode()}",
    ]
    if log.first_time is not None:
        lines.append(f"time     {format_time(log.first_time)} to {format_time(log.last_time)}")
    lines += [f"witness  cosigned by {witness.name}" for witness in log.witnesses]
    lines += [f"history  continues {path}, {known.size} entries" for path, known in log.known]
    if log.pruned:
        lines.append(f"pruned   {log.pruned} entries are not there; only their hashes are checked")
    if log.stale_tiles:
        lines.append(f"earlier  {log.stale_tiles} tiles of other checkpoints agree")
    if checkpoint.unknown_signatures:
        lines.append(f"ignored  {checkpoint.unknown_signatures} signatures by unknown keys")
    lines += [f"{count:>8} {kind}" for kind, count in sorted(log.types.items())]
    return "\n".join([*lines, "OK: everything the checkpoint implies is there and fits"])


def report_certificate(statement, key):
    """Write the report on a verified certificate for people."""
    lines = [
        f"certificate {statement['reference']} ({statement['kind']}), vault {statement['vault']}",
        f"key         {key.id.hex()} {key.name}",
        f"final       {format_time(statement['final_ms'])}, assurance {statement['assurance']}",
        f"log entry   {statement['log_entry']}; prove it with --proof and --entry",
        "covered",
        *(f"  {item}" for item in statement["covered"]),
        "not covered",
        *(f"  {item}" for item in statement["not_covered"]),
    ]
    return "\n".join([*lines, "OK: the certificate is signed by this key"])


def load(path):
    """Read a file named on the command line."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Unusable(f"cannot read {path}: {error.strerror}") from error


def load_key(text, what):
    """Read a verifier key given on the command line."""
    try:
        return Key(text)
    except ValueError as error:
        raise Unusable(f"{what}: {error}") from error


def find_key(options):
    """Return the log's key and a sentence on where the trust in it comes from."""
    if options.vkey:
        return load_key(options.vkey, "--vkey"), "given with --vkey"
    if options.certificate:
        raise Unusable("--certificate needs --vkey, the key of certificates")
    if not options.directory:
        raise Unusable("--proof needs --vkey or the log's directory")
    path = os.path.join(options.directory, KEY_FILE)
    if not os.path.isfile(path):
        raise Unusable(f"no --vkey given and there is no {path}")
    try:
        key = Key(load(path).decode("utf-8").removesuffix("\n"))
    except ValueError as error:
        raise Wrong(KEY_FILE, None, str(error)) from error
    return key, f"NOT INDEPENDENT: trusted as found in {KEY_FILE} beside the log; compare it"


def arguments(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="verify.py", description=__doc__.split("\n")[0])
    parser.add_argument("directory", nargs="?", help="directory of the published log")
    parser.add_argument("--vkey", help="the log's verifier key, got from elsewhere than the log")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY",
                        help="key of a witness that must have cosigned; may be repeated")
    parser.add_argument("--known-checkpoint", action="append", default=[], metavar="FILE",
                        help="checkpoint kept from an earlier visit; may be repeated")
    parser.add_argument("--minimum-index", type=int, default=0, metavar="N",
                        help="entries below may be pruned under the log's retention policy")
    parser.add_argument("--proof", metavar="FILE", help="verify this .tlog-proof instead of a log")
    parser.add_argument("--entry", metavar="FILE", help="the entry the proof is for")
    parser.add_argument("--certificate", metavar="FILE",
                        help="verify this certificate of an erasure instead of a log")
    options = parser.parse_args(argv)
    if options.certificate:
        if options.proof or options.entry or options.known_checkpoint or options.minimum_index:
            raise Unusable("--certificate goes with --vkey alone")
        return options
    if bool(options.proof) != bool(options.entry):
        raise Unusable("--proof and --entry go together")
    if options.proof and (options.known_checkpoint or options.minimum_index):
        raise Unusable("--known-checkpoint and --minimum-index are for a log")
    if not options.proof and not options.directory:
        raise Unusable("the directory of the published log is missing")
    if options.directory and not os.path.isdir(options.directory):
        raise Unusable(f"{options.directory} is not a directory")
    return options


def run(argv):
    """Do what the command line asks for and return the report."""
    options = arguments(argv)
    key, trusted_from = find_key(options)
    if options.certificate:
        try:
            statement = verify_certificate(load(options.certificate), key)
        except ValueError as error:
            raise Wrong(options.certificate, None, str(error)) from error
        return report_certificate(statement, key)
    witnesses = [load_key(text, "--witness") for text in options.witness]
    if options.proof:
        proof, entry = load(options.proof), load(options.entry)
        try:
            index, checkpoint = verify_proof(proof, entry, key, witnesses)
        except ValueError as error:
            raise Wrong(options.proof, None, str(error)) from error
        return (
            f"key      {key.id.hex()} {trusted_from}\n"
            f"the entry is number {index} of the first {checkpoint.size} of {checkpoint.origin}"
        )
    known = []
    for path in options.known_checkpoint:
        try:
            known.append((path, Checkpoint(load(path), key)))
        except ValueError as error:
            raise Wrong(path, None, str(error)) from error
    log = Log(options.directory, key, witnesses, known, options.minimum_index)
    log.verify()
    return report(log, trusted_from)


def main(argv):
    """Run and turn the outcome into an exit status."""
    try:
        print(run(argv))
        return 0
    except Wrong as wrong:
        print(f"WRONG: {wrong}", file=sys.stderr)
        return 1
    except Unusable as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

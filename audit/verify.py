#!/usr/bin/env python3
"""Verify a published Lethe audit log, or one proof, without any of Lethe's own code.

Standard library only, Python 3.9 or newer. The formats are described in FORMAT.md beside this
file. Exit status: 0 everything checked and right, 1 something is wrong (one line says what and
where), 2 the command line cannot be used.
"""

import argparse
import base64
import datetime
import os
import sys
import time

sys.dont_write_bytecode = True  # The kit may lie on a read-only medium, and leaves no trace.

from kit.certificate import state_of, verify_certificate, verify_entry  # noqa: E402
from kit.consistency import check_consistency, proof_from_tiles, read_proof  # noqa: E402
from kit.log import Log  # noqa: E402
from kit.note import Checkpoint, Key  # noqa: E402
from kit.payload import check_payload  # noqa: E402
from kit.policy import Policy, Rule  # noqa: E402
from kit.population import Population, report_population  # noqa: E402
from kit.proof import verify_proof  # noqa: E402
from kit.wrong import Wrong  # noqa: E402

KEY_FILE = "log.vkey"
FILE_BYTES_MAXIMUM = 1024 * 1024  # Of a file named on the command line; notes and proofs are smaller.
QUIET_SECONDS = 2  # Before progress is shown at all.
INTERVAL_SECONDS = 0.5


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
    lines += [cosigner_line(*cosigner) for cosigner in checkpoint.cosigners]
    lines += [f"history  continues {path}, {known.size} entries" for path, known in log.known]
    if log.pruned:
        lines.append(f"pruned   {log.pruned} entries are not there; only their hashes are checked")
        lines.append(f"         entries below {log.minimum_index} may be gone")
    if log.stale_tiles:
        lines.append(f"earlier  {log.stale_tiles} tiles of other checkpoints agree")
    if checkpoint.unknown_signatures:
        lines.append(f"ignored  {checkpoint.unknown_signatures} signatures by unknown keys")
    lines += [f"{count:>8} {kind}" for kind, count in sorted(log.types.items())]
    return "\n".join([*lines, "OK: everything the checkpoint implies is there and fits"])


def cosigner_line(name, seconds):
    """Write who has cosigned, and when."""
    return f"witness  cosigned by {name} at {format_time(seconds * 1000)}"


class Progress:
    """Shows on a terminal how far a long verification has come."""

    def __init__(self):
        self.started = self.shown = time.monotonic()

    def __call__(self, done, total):
        now = time.monotonic()
        seconds = now - self.started
        if not sys.stderr.isatty() or seconds < QUIET_SECONDS or now - self.shown < INTERVAL_SECONDS:
            return
        self.shown = now
        left = seconds / done * (total - done)
        text = f"\rverified {done} of {total} entries, {done / seconds:.0f} a second, {left:.0f} s left "
        sys.stderr.write(text if done < total else text + "\n")
        sys.stderr.flush()


def report_certificate(statement, key, log_line):
    """Write the report on a verified certificate for people."""
    level = f"assurance {statement['assurance']}"
    if statement.get("assurance_reasons"):
        level += f" ({', '.join(statement['assurance_reasons'])})"
    final = f"final       {format_time(statement['final_ms'])}" if state_of(statement) == "final" else (
        f"NOT FINAL   at the latest on {format_time(statement['final_due_ms'])}")
    lines = [
        f"certificate {statement['reference']} ({statement['kind']}), vault {statement['vault']}",
        f"key         {key.id.hex()} {key.name}",
        f"{final}, {level}",
        f"log entry   {statement['log_entry']}; {log_line}",
        *(f"custodian   {describe(custodian)}" for custodian in statement.get("custodians", [])),
        *(f"question    {describe(answer)}" for answer in statement.get("sanitization", [])),
        "covered",
        *(f"  {item}" for item in statement["covered"]),
        "not covered",
        *(f"  {item}" for item in statement["not_covered"]),
    ]
    # What the statement says must not steer a terminal.
    text = "\n".join("".join(c if c.isprintable() else "\ufffd" for c in line) for line in lines)
    return text + "\nOK: the certificate is signed by this key"


def describe(value):
    """Write one object of a list as `name: value` pairs, whatever a later vault puts into it."""
    if not isinstance(value, dict):
        return str(value)
    return ", ".join(f"{name}: {item}" for name, item in value.items() if item != "")


def check_certificate(options, key):
    """Verify a certificate, and with the log's key also the files beside it; return the report."""
    path = options.certificate
    try:
        statement = verify_certificate(load(path), key)
    except ValueError as error:
        raise Wrong(path, None, str(error)) from error
    if not options.log_vkey:
        return report_certificate(statement, key, "NOT CHECKED, give --log-vkey")
    log_key = load_key(options.log_vkey, "--log-vkey")
    rule = load_rule(options)
    stem = path.removesuffix(".certificate")
    entry, proof = load(stem + ".entry.json"), load(stem + ".tlog-proof")
    try:
        checkpoint = verify_entry(statement, entry, proof, log_key, rule)
    except ValueError as error:
        raise Wrong(stem + ".tlog-proof", None, str(error)) from error
    return report_certificate(
        statement, key, f"proved, and tells the same; {checkpoint.size} entries signed by {log_key.name}")


def load(path):
    """Read a file named on the command line."""
    try:
        with open(path, "rb") as file:
            data = file.read(FILE_BYTES_MAXIMUM + 1)
    except OSError as error:
        raise Unusable(f"cannot read {path}: {error.strerror}") from error
    if len(data) > FILE_BYTES_MAXIMUM:
        raise Unusable(f"{path} is larger than {FILE_BYTES_MAXIMUM} bytes")
    return data


def load_key(text, what):
    """Read a verifier key given on the command line."""
    try:
        return Key(text)
    except ValueError as error:
        raise Unusable(f"{what}: {error}") from error


def load_rule(options):
    """Read which witnesses must have cosigned."""
    witnesses = [load_key(text, "--witness") for text in options.witness]
    if not options.policy:
        return Rule(witnesses)
    try:
        return Rule(witnesses, Policy(load(options.policy)))
    except ValueError as error:
        raise Unusable(f"{options.policy} is not a policy: {error}") from error


def find_key(options, rule):
    """Return the log's key and a sentence on where the trust in it comes from."""
    if options.vkey:
        return load_key(options.vkey, "--vkey"), "given with --vkey"
    if rule.policy and len(rule.policy.logs) == 1 and not options.certificate:
        return rule.policy.logs[0], "given in the policy"
    if options.certificate:
        raise Unusable("--certificate needs --vkey, the key of certificates")
    if not options.directory:
        raise Unusable("--proof and --population need --vkey or the log's directory")
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
    parser.add_argument("--policy", metavar="FILE",
                        help="which witnesses must have cosigned, as a C2SP tlog-policy")
    parser.add_argument("--minimum-index", type=int, default=0, metavar="N",
                        help="entries below may be gone, whatever the log itself says")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes to work in; all processors without it")
    parser.add_argument("--proof", metavar="FILE",
                        help="verify this .tlog-proof, or this proof of consistency, instead of a log")
    parser.add_argument("--entry", metavar="FILE", help="the entry the proof or payload is for")
    parser.add_argument("--payload", metavar="FILE",
                        help="payload that was disclosed; the entry must commit to it")
    parser.add_argument("--consistency", nargs=2, metavar=("OLD", "NEW"),
                        help="verify that one kept checkpoint continues another")
    parser.add_argument("--certificate", metavar="FILE",
                        help="verify this certificate of an erasure instead of a log")
    parser.add_argument("--log-vkey", metavar="KEY",
                        help="with --certificate: the log's key, to check the entry and proof beside it")
    parser.add_argument("--population", metavar="FILE",
                        help="verify this exported file; with the log's directory also that it is complete")
    options = parser.parse_args(argv)
    check_combination(options)
    return options


# What is verified, and which further options go with it.
ACTS = {
    "certificate": {"vkey", "log_vkey", "witness", "policy"},
    "consistency": {"vkey", "witness", "policy", "directory", "proof"},
    "population": {"vkey", "witness", "policy", "directory"},
    "payload": {"vkey", "witness", "policy", "directory", "proof", "entry"},
    "proof": {"vkey", "witness", "policy", "directory", "entry"},
    "directory": {"vkey", "witness", "policy", "known_checkpoint", "minimum_index", "jobs"},
}


def check_combination(options):
    """Refuse options that do not go together, and set `act` to what is to be verified."""
    given = {name for name, value in vars(options).items() if value}
    options.act = next((act for act in ACTS if act in given), None)
    if options.act is None:
        raise Unusable("the directory of the published log is missing")
    for name in sorted(given - ACTS[options.act] - {options.act}):
        raise Unusable(f"--{name.replace('_', '-')} does not go with this")
    if options.act == "certificate" and given & {"witness", "policy"} and not options.log_vkey:
        raise Unusable("--certificate with --witness or --policy needs --log-vkey")
    if options.act == "proof" and not options.entry:
        raise Unusable("--proof and --entry go together")
    if options.act == "payload" and not options.entry:
        raise Unusable("--payload and --entry go together")
    if options.act == "consistency" and not options.directory and not options.proof:
        raise Unusable("--consistency needs the log's directory or --proof")
    if (options.jobs or 1) < 1 or options.minimum_index < 0:
        raise Unusable("--jobs is at least 1, --minimum-index at least 0")
    if options.directory and not os.path.isdir(options.directory):
        raise Unusable(f"{options.directory} is not a directory")


def load_checkpoint(path, key, rule=None):
    """Read a checkpoint kept from an earlier visit."""
    try:
        return Checkpoint(load(path), key, rule)
    except ValueError as error:
        raise Wrong(path, None, str(error), getattr(error, "kind", "checkpointRejected")) from error


def check_proof(options, key, rule, trusted_from):
    """Verify a proof for an entry; return the report."""
    proof, entry = load(options.proof), load(options.entry)
    try:
        index, checkpoint = verify_proof(proof, entry, key, rule)
    except ValueError as error:
        raise Wrong(options.proof, None, str(error), getattr(error, "kind", None)) from error
    lines = [
        f"key      {key.id.hex()} {trusted_from}",
        *(cosigner_line(*cosigner) for cosigner in checkpoint.cosigners),
        f"the entry is number {index} of the first {checkpoint.size} of {checkpoint.origin}",
    ]
    return "\n".join(lines)


def check_disclosed(options, rule):
    """Verify a payload against its entry, and the entry's proof if there is one."""
    lines = ["the entry itself is NOT PROVED, give --proof"]
    if options.proof:
        key, trusted_from = find_key(options, rule)
        lines = [check_proof(options, key, rule, trusted_from)]
    data, entry = load(options.payload), load(options.entry)
    try:
        payload = check_payload(entry, data)
    except ValueError as error:
        raise Wrong(options.payload, None, str(error)) from error
    return "\n".join([*lines, f"OK: the entry commits to this payload of {len(payload)} bytes"])


def check_two_checkpoints(options, key, rule, trusted_from):
    """Verify that one checkpoint continues another."""
    old_path, new_path = options.consistency
    old, new = load_checkpoint(old_path, key), load_checkpoint(new_path, key, rule)
    try:
        if options.proof:
            old_size, new_size, hashes = read_proof(load(options.proof))
            if (old_size, new_size) != (old.size, new.size):
                raise ValueError("the proof is for other sizes")
        elif old.size < new.size:
            hashes = proof_from_tiles(options.directory, old.size, new.size)
        else:
            hashes = []
        check_consistency(old, new, hashes)
    except ValueError as error:
        raise Wrong(options.proof or new_path, None, str(error), "historyMismatch") from error
    lines = [
        f"key      {key.id.hex()} {trusted_from}",
        *(cosigner_line(*cosigner) for cosigner in new.cosigners),
        f"OK: the log of {new.size} entries continues that of {old.size}, {len(hashes)} hashes",
    ]
    return "\n".join(lines)


def run(argv):
    """Do what the command line asks for and return the report."""
    options = arguments(argv)
    rule = load_rule(options)
    if options.act == "payload":
        return check_disclosed(options, rule)
    key, trusted_from = find_key(options, rule)
    if options.act == "certificate":
        return check_certificate(options, key)
    if options.act == "consistency":
        return check_two_checkpoints(options, key, rule, trusted_from)
    if options.act == "population":
        population = Population(options.population, key, rule)
        population.verify(options.directory)
        return report_population(population, trusted_from)
    if options.act == "proof":
        return check_proof(options, key, rule, trusted_from)
    known = [(path, load_checkpoint(path, key)) for path in options.known_checkpoint]
    log = Log(
        options.directory, key, rule, known, options.minimum_index, options.jobs, Progress())
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

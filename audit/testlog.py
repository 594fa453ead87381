"""Builds small logs for the tests, with code of its own, and runs the verifier on them."""

import contextlib
import functools
import hashlib
import io
import json
import os
import sys
import tempfile
import unittest
from base64 import b64encode

sys.dont_write_bytecode = True

import verify  # noqa: E402
from kit import ed25519, note  # noqa: E402

ORIGIN = "vault.example/audit"
LOG_SEED = hashlib.sha256(b"log seed").digest()
WITNESS_SEED = hashlib.sha256(b"witness seed").digest()

LOG_KEY = "vault.example/audit+77a5f42a+AdPgSH/KWo1eEN1qvW/iMdtrMFviaDgjoj/M3xYpcYNH"
WITNESS_KEY = "witness.example/w1+dbde64cc+BN+GARmBG3ZTJJSX8/UQnTezIZRqgCkLwWQCBUNSL47c"


def public_key(seed):
    """Compute the public key of a seed."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return ed25519.point_encode(ed25519.point_multiply(scalar, ed25519.BASE))


def sign(seed, message):
    """Sign with Ed25519, for tests only."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    public = ed25519.point_encode(ed25519.point_multiply(scalar, ed25519.BASE))

    def number(*parts):
        return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little") % ed25519.ORDER

    nonce = number(digest[32:], message)
    commitment = ed25519.point_encode(ed25519.point_multiply(nonce, ed25519.BASE))
    response = (nonce + number(commitment, public, message) * scalar) % ed25519.ORDER
    return commitment + response.to_bytes(32, "little")


def make_checkpoint(size, root, seed=LOG_SEED, key_id="77a5f42a", origin=ORIGIN):
    """Write a signed checkpoint."""
    text = f"{origin}\n{size}\n{b64encode(root).decode()}\n".encode()
    line = b64encode(bytes.fromhex(key_id) + sign(seed, text)).decode()
    return text + f"\n\u2014 {ORIGIN} {line}\n".encode()


class Witness:
    """A witness of tests: its key, and its signature lines."""

    seconds = 1767225600

    def __init__(self, name):
        self.name = name
        self.seed = hashlib.sha256(name.encode()).digest()
        raw = bytes([note.TYPE_COSIGNATURE]) + public_key(self.seed)
        self.id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
        self.text = f"{name}+{self.id.hex()}+{b64encode(raw).decode()}"
        self.key = note.Key(self.text)

    def line(self, text):
        """Cosign the text of a checkpoint."""
        message = b"cosignature/v1\ntime %d\n" % self.seconds + text
        payload = self.id + self.seconds.to_bytes(8, "big") + sign(self.seed, message)
        return f"\u2014 {self.name} {b64encode(payload).decode()}\n".encode()


@functools.lru_cache(maxsize=None)
def make_witness(name):
    """Make the witness of a name."""
    return Witness(name)


def make_event(index, **changes):
    """Write an event as canonical JSON."""
    fields = {
        "id": f"{index:032x}",
        "seq": index,
        "time": 1767225600000 + index,
        "type": "vault.created" if index == 0 else "field.disclosed",
        **changes,
    }
    return json.dumps(
        fields, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def subtree(leaves):
    """Hash leaves by the recursive definition of RFC 6962."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    parts = subtree(leaves[:split]), subtree(leaves[split:])
    return hashlib.sha256(b"\x01" + parts[0] + parts[1]).digest()


def inclusion_path(index, leaves):
    """Make an inclusion proof by the recursive definition of RFC 6962."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*inclusion_path(index, leaves[:split]), subtree(leaves[split:])]
    return [*inclusion_path(index - split, leaves[split:]), subtree(leaves[:split])]


def make_log(entries):
    """Publish entries; return the files by path."""
    leaves = [hashlib.sha256(b"\x00" + entry).digest() for entry in entries]
    files = {}
    level, hashes = 0, leaves
    while hashes:
        for first in range(0, len(hashes), 256):
            part = hashes[first : first + 256]
            suffix = "" if len(part) == 256 else f".p/{len(part)}"
            files[f"tile/{level}/{first // 256:03d}{suffix}"] = b"".join(part)
            if level == 0:
                bundle = [len(e).to_bytes(2, "big") + e for e in entries[first : first + 256]]
                files[f"tile/entries/{first // 256:03d}{suffix}"] = b"".join(bundle)
        full = len(hashes) // 256 * 256
        hashes = [subtree(hashes[i : i + 256]) for i in range(0, full, 256)]
        level += 1
    root = subtree(leaves) if leaves else hashlib.sha256().digest()
    files["checkpoint"] = make_checkpoint(len(entries), root)
    files["log.vkey"] = LOG_KEY.encode() + b"\n"
    return files


def flip(data, byte, bit=0):
    """Flip one bit."""
    return data[:byte] + bytes([data[byte] ^ 1 << bit]) + data[byte + 1 :]


def make_key(name):
    """Write the log's key under another name."""
    raw = note.Key(LOG_KEY).public
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + raw).hexdigest()[:8]
    return f"{name}+{key_id}+{b64encode(bytes([1]) + raw).decode()}"


class Case(unittest.TestCase):
    """Runs the verifier on files in a temporary directory."""

    def run_verifier(self, files, *arguments, use_directory=True):
        """Return exit status, output and error output; {} in arguments is the directory."""
        with tempfile.TemporaryDirectory() as directory:
            for path, data in files.items():
                full = os.path.join(directory, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "wb") as file:
                    file.write(data)
            words = [directory] if use_directory else []
            words += [argument.replace("{}", directory) for argument in arguments]
            output, errors = io.StringIO(), io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
                try:
                    status = verify.main(words)
                except SystemExit as leaving:
                    status = leaving.code
            return status, output.getvalue(), errors.getvalue().replace(directory, "{}")

    def assert_right(self, files, *arguments, **options):
        """Expect success and return the report."""
        status, output, errors = self.run_verifier(files, *arguments, **options)
        self.assertEqual((status, errors), (0, ""))
        return output

    def assert_wrong(self, files, start, *arguments, **options):
        """Expect one line that begins with a text."""
        status, output, errors = self.run_verifier(files, *arguments, **options)
        self.assertEqual((status, output), (1, ""), errors)
        self.assertEqual(errors.count("\n"), 1)
        self.assertTrue(errors.startswith("WRONG: " + start), errors)

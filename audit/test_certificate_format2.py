"""Tests of certificates of format 2, on certificates signed here."""

import contextlib
import copy
import hashlib
import io
import json
import pathlib
import tempfile
import unittest
from base64 import b64encode

import testlog
import verify
from kit import ed25519
from kit.event import canonical

SEED = hashlib.sha256(b"certificates seed").digest()
NAME = testlog.ORIGIN + "/certificates"
STATEMENT = {
    "lethe_certificate": 2, "vault": "00ff", "origin": testlog.ORIGIN, "reference": "C-1", "kind": "person",
    "state": "final", "requested_ms": 1, "final_ms": 2, "assurance": "L1", "assurance_reasons": ["software_slot"],
    "subjects": 1, "buckets": [], "records": {"crm": 1}, "keys": {"old_epoch": 1, "new_epoch": 2},
    "custodians": [{"name": "slot", "kind": "file", "method": "overwritten_twice", "assurance": "L1", "time_ms": 2}],
    "sanitization": [{"question": "escrow", "answer": "no", "detail": ""}], "log_entry": 1,
    "covered": ["a"], "not_covered": ["b"], "later": {"x": 1},
}
EVENT = {"id": "00", "seq": 1, "time": 3, "type": "erasure.final", "reference": "C-1", "assurance": "L1",
         "old_epoch": 1, "new_epoch": 2}


def public_key():
    """Return the certificates' public key."""
    digest = hashlib.sha512(SEED).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return ed25519.point_encode(ed25519.point_multiply(scalar, ed25519.BASE))


RAW = b"\x01" + public_key()
KEY_ID = hashlib.sha256(NAME.encode() + b"\n" + RAW).digest()[:4]
KEY = f"{NAME}+{KEY_ID.hex()}+{b64encode(RAW).decode()}"


def sign_text(text):
    """Sign a statement's bytes as a note."""
    signature = b64encode(KEY_ID + testlog.sign(SEED, text)).decode()
    return text + f"\n— {NAME} {signature}\n".encode()


def files(statement=None, event=None):
    """Write the three files of a certificate: log entries before and behind the event."""
    entry = canonical(event or EVENT).encode()
    before, after = (hashlib.sha256(b"\x00" + data).digest() for data in (b"1", b"2"))
    left = hashlib.sha256(b"\x01" + before + hashlib.sha256(b"\x00" + entry).digest()).digest()
    root = hashlib.sha256(b"\x01" + left + after).digest()
    hashes = "".join(b64encode(item).decode() + "\n" for item in (before, after))
    head = f"c2sp.org/tlog-proof@v1\nindex 1\n{hashes}\n".encode()
    text = canonical(STATEMENT if statement is None else statement).encode() + b"\n"
    return {"C-1.certificate": sign_text(text), "C-1.entry.json": entry,
            "C-1.tlog-proof": head + testlog.make_checkpoint(3, root)}


def outcome(content, *options):
    """Run the verifier on the files; return its exit status and what it printed."""
    with tempfile.TemporaryDirectory() as place:
        for name, data in content.items():
            (pathlib.Path(place) / name).write_bytes(data)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = verify.main(["--certificate", f"{place}/C-1.certificate", "--vkey", KEY, *options])
    return status, out.getvalue() + err.getvalue()


WITH_LOG = ("--log-vkey", testlog.LOG_KEY)


def changed(**members):
    """Return the statement with members changed, or removed when None."""
    statement = {**copy.deepcopy(STATEMENT), **members}
    return {name: value for name, value in statement.items() if value is not None}


class RightTests(unittest.TestCase):
    def test_signature_alone_and_with_the_log(self):
        status, text = outcome(files())
        self.assertEqual(status, 0, text)
        self.assertIn("NOT CHECKED", text)
        status, text = outcome(files(), *WITH_LOG)
        self.assertEqual(status, 0, text)
        for word in ("3 entries", "overwritten_twice", "escrow", "not covered", "software_slot"):
            self.assertIn(word, text)

    def test_pending_says_so(self):
        pending = changed(state="pending", final_ms=None, final_due_ms=86_400_000)
        for kind in ("erasure.pending", "erasure.final"):
            status, text = outcome(files(pending, {**EVENT, "type": kind}), *WITH_LOG)
            self.assertEqual(status, 0, text)
            self.assertIn("NOT FINAL", text)
            self.assertIn("1970-01-02", text)

    def test_a_statement_cannot_steer_the_terminal(self):
        status, text = outcome(files(changed(covered=["\u001b[2J\u202e"])))
        self.assertEqual(status, 0, text)
        self.assertNotIn("\u001b", text)
        self.assertNotIn("\u202e", text)


class WrongTests(unittest.TestCase):
    def test_members_missing_or_wrong(self):
        cases = [
            {"not_covered": None}, {"not_covered": []}, {"not_covered": [1]}, {"state": None}, {"state": "done"},
            {"final_ms": None}, {"final_ms": -1}, {"final_ms": True}, {"final_due_ms": 1}, {"state": "pending"},
            {"assurance": "L4"}, {"custodians": None}, {"custodians": {}}, {"sanitization": None},
            {"assurance_reasons": None}, {"keys": None}, {"keys": []}, {"lethe_certificate": 3},
            {"lethe_certificate": "2"}, {"lethe_certificate": True}, {"lethe_certificate": None},
            {"reference": None}, {"log_entry": -1}, {"subjects": "1"}, {"resumed_after_interruption": 1},
            {"residual": []}, {"origin": "elsewhere"}, {"kind": 1},
        ]
        for members in cases:
            with self.subTest(members):
                self.assertEqual(outcome(files(changed(**members)))[0], 1)

    def test_levels_without_receipts(self):
        def receipt(level):
            return {"name": "a", "kind": "pkcs11", "method": "object_destroyed", "assurance": level, "time_ms": 2}

        cases = [
            ("L2", [], 1), ("L3", [], 1), ("L1", [], 0), ("L0", [], 0), ("L2", [receipt("L1")], 1),
            ("L3", [receipt("L1")], 1), ("L2", [receipt("L2"), receipt("L1")], 1), ("L1", [receipt("L0")], 1),
            ("L2", [receipt("L2"), receipt("L2")], 0), ("L3", [receipt("L2")], 0), ("L0", [receipt("L2")], 0),
            ("L1", [{"name": "a"}], 1), ("L1", [receipt("L9")], 1), ("L1", ["L2"], 1), ("L0", [receipt(["L1"])], 1),
        ]
        for level, custodians, status in cases:
            with self.subTest(f"{level} {custodians}"):
                content = files(changed(assurance=level, custodians=custodians), {**EVENT, "assurance": level})
                self.assertEqual(outcome(content, *WITH_LOG)[0], status)

    def test_other_spellings(self):
        for text in (json.dumps(STATEMENT).encode() + b"\n", b"{}\n", b"[]\n", b"\n", b'{"a":1,"a":1}\n', b"1.5\n"):
            with self.subTest(text[:20]):
                self.assertEqual(outcome({**files(), "C-1.certificate": sign_text(text)})[0], 1)

    def test_log_and_statement_disagree(self):
        for members in ({"reference": "C-2"}, {"assurance": "L2"}, {"type": "erasure.requested"},
                        {"type": "erasure.pending"}, {"old_epoch": 9}, {"new_epoch": "2"}, {"seq": 2}):
            with self.subTest(members):
                self.assertEqual(outcome(files(event={**EVENT, **members}), *WITH_LOG)[0], 1)
        self.assertEqual(outcome(files(changed(log_entry=2)), *WITH_LOG)[0], 1)

    def test_flipped_bytes_of_every_file_show(self):
        whole = files()
        for name, data in whole.items():
            for index in range(0, len(data), 5):
                with self.subTest(f"{name} {index}"):
                    content = {**whole, name: testlog.flip(data, index)}
                    self.assertEqual(outcome(content, *WITH_LOG)[0], 1)

    def test_extra_bytes_in_the_proof(self):
        content = files()
        content["C-1.tlog-proof"] = content["C-1.tlog-proof"].replace(b"index", b"extra AAAA\nindex", 1)
        self.assertEqual(outcome(content, *WITH_LOG)[0], 1)

    def test_other_keys_and_missing_files(self):
        other = testlog.make_key("vault.example/other")
        self.assertEqual(outcome(files(), "--log-vkey", other)[0], 1)
        self.assertEqual(outcome(files(), *WITH_LOG, "--witness", testlog.WITNESS_KEY)[0], 1)
        self.assertEqual(outcome(files(), "--witness", testlog.WITNESS_KEY)[0], 2)
        self.assertEqual(outcome(files(), "--log-vkey", "garbage")[0], 2)
        for name in ("C-1.entry.json", "C-1.tlog-proof"):
            content = {key: value for key, value in files().items() if key != name}
            self.assertEqual(outcome(content, *WITH_LOG)[0], 2)

    def test_a_file_without_end_is_refused(self):
        content = {**files(), "C-1.certificate": b" " * (verify.FILE_BYTES_MAXIMUM + 1)}
        self.assertEqual(outcome(content)[0], 2)


if __name__ == "__main__":
    unittest.main()

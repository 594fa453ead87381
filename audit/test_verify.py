"""Tests of the auditor's verifier as a whole: a small log changed in every way.

Run with `python3 -m unittest discover audit`.
"""

import hashlib
import os
import subprocess
import sys
import unittest
from base64 import b64encode

import verify
from kit import merkle
from testlog import (
    LOG_KEY,
    WITNESS_KEY,
    WITNESS_SEED,
    Case,
    flip,
    inclusion_path,
    make_checkpoint,
    make_event,
    make_key,
    make_log,
    sign,
    subtree,
)


class LogTests(Case):
    @classmethod
    def setUpClass(cls):
        cls.entries = [make_event(i) for i in range(300)]
        cls.files = make_log(cls.entries)

    def test_untouched_logs(self):
        for size in (0, 1, 2, 255, 256, 257, 300, 513):
            report = self.assert_right(make_log([make_event(i) for i in range(size)]))
            self.assertIn(f"entries  {size}\n", report)

    def test_report(self):
        report = self.assert_right(self.files)
        for text in (
            "log      vault.example/audit\n", "key      77a5f42a ", "NOT INDEPENDENT",
            "       1 vault.created\n", "     299 field.disclosed\n",
            "time     2026-01-01T00:00:00.000Z to 2026-01-01T00:00:00.299Z\n",
        ):
            self.assertIn(text, report)
        self.assertNotIn("NOT INDEPENDENT", self.assert_right(self.files, "--vkey", LOG_KEY))

    def test_third_level(self):
        files = make_log([make_event(i) for i in range(65537)])
        self.assert_right(files)
        files["tile/2/000.p/1"] = flip(files["tile/2/000.p/1"], 3)
        self.assert_wrong(files, "tile/2/000.p/1, index 0: ")

    def test_flipped_bits_in_every_file(self):
        for path, data in self.files.items():
            for byte in range(0, len(data), max(1, len(data) // 23)):
                with self.subTest(path=path, byte=byte):
                    changed = {**self.files, path: flip(data, byte, byte % 8)}
                    self.assert_wrong(changed, "" if path == "log.vkey" else path)

    def test_flipped_entry_and_hashes_are_named(self):
        bundle = "tile/entries/001.p/44"
        place = self.files[bundle].index(b'"seq":263') - 40
        changed = {**self.files, bundle: flip(self.files[bundle], place)}
        self.assert_wrong(changed, f"{bundle}, index 263: ")
        for path, position, index in (
            ("tile/0/000", 3, 3), ("tile/0/001.p/44", 5, 261), ("tile/1/000.p/1", 0, 0),
        ):
            changed = {**self.files, path: flip(self.files[path], position * 32 + 9)}
            self.assert_wrong(changed, f"{path}, index {index}: ")

    def test_missing_and_truncated_files(self):
        for path in self.files:
            rest = {name: data for name, data in self.files.items() if name != path}
            if path != "log.vkey":
                self.assert_wrong(rest, f"{path}: there is no such file")
                self.assert_wrong({**rest, path: self.files[path][:-1]}, f"{path}: ")

    def test_rearranged_entries(self):
        for change in ("delete", "swap", "insert", "truncate"):
            with self.subTest(change=change):
                entries = list(self.entries)
                if change == "delete":
                    del entries[100]
                elif change == "swap":
                    entries[100], entries[101] = entries[101], entries[100]
                elif change == "insert":
                    entries.insert(100, make_event(100, a=1))
                else:
                    del entries[290:]
                forged = make_log(entries)
                self.assert_wrong({**forged, "checkpoint": self.files["checkpoint"]}, "")
                # With the log's key in the wrong hands only memory helps.
                forged["known"] = self.files["checkpoint"]
                start = "" if change != "truncate" else "checkpoint: the log has shrunk"
                self.assert_wrong(forged, start, "--known-checkpoint", "{}/known")

    def test_same_size_another_root(self):
        forged = make_log([*self.entries[:-1], make_event(299, a=1)])
        self.assert_right(forged)
        forged["known"] = self.files["checkpoint"]
        self.assert_wrong(forged, "checkpoint: the first 300", "--known-checkpoint", "{}/known")
        mixed = {**forged, "checkpoint": self.files["checkpoint"]}
        self.assert_wrong(mixed, "checkpoint: the root")

    def test_growth(self):
        for size in (0, 1, 256, 257, 300):
            leaves = [merkle.leaf_hash(entry) for entry in self.entries[:size]]
            known = make_checkpoint(size, merkle.tree_root(leaves))
            files = {**self.files, "known": known}
            report = self.assert_right(files, "--known-checkpoint", "{}/known")
            self.assertIn(f"known, {size} entries", report)

    def test_wrong_sequence_number(self):
        files = make_log([make_event(0), make_event(2), make_event(1)])
        self.assert_wrong(files, "tile/entries/000.p/3, index 1: 'seq'")

    def test_checkpoints_of_others(self):
        leaves = [merkle.leaf_hash(entry) for entry in self.entries]
        root = merkle.tree_root(leaves)
        stranger = hashlib.sha256(b"other seed").digest()
        for checkpoint, start in (
            (make_checkpoint(300, root, stranger), "checkpoint: the signature by"),
            (make_checkpoint(300, root, stranger, "00000001"), "checkpoint: not signed by"),
            (make_checkpoint(300, root, origin="other"), "checkpoint: the checkpoint is not"),
            (make_checkpoint(301, root), "tile/0/001.p/45: there is no such file"),
            (make_checkpoint("0300", root), "checkpoint: not a number"),
            (make_checkpoint(0, root), "checkpoint: the root of an empty log"),
            (b"nonsense", "checkpoint: the note has no signatures"),
        ):
            self.assert_wrong({**self.files, "checkpoint": checkpoint}, start)

    def test_witnesses(self):
        start = "checkpoint: not cosigned by the witness"
        self.assert_wrong(self.files, start, "--witness", WITNESS_KEY)
        text = self.files["checkpoint"].split(b"\n\n")[0] + b"\n"
        seconds = 1767225600
        signature = sign(WITNESS_SEED, b"cosignature/v1\ntime %d\n" % seconds + text)
        payload = bytes.fromhex("dbde64cc") + seconds.to_bytes(8, "big") + signature
        line = f"\u2014 witness.example/w1 {b64encode(payload).decode()}\n".encode()
        files = {**self.files, "checkpoint": self.files["checkpoint"] + line}
        self.assertIn("cosigned by", self.assert_right(files, "--witness", WITNESS_KEY))
        self.assertIn("1 signatures by unknown", self.assert_right(files))

    def test_pruned_bundles(self):
        files = {**self.files}
        del files["tile/entries/000"]
        self.assertIn("pruned   256", self.assert_right(files, "--minimum-index", "256"))
        missing = "tile/entries/000: there is no such file"
        self.assert_wrong(files, missing, "--minimum-index", "255")

    def test_tiles_of_other_checkpoints(self):
        earlier = make_log(self.entries[:280])
        later = make_log([*self.entries, make_event(300)])
        files = {**later, **earlier, **self.files}
        self.assertIn("tiles of other checkpoints agree", self.assert_right(files))
        for path in ("tile/0/001.p/24", "tile/entries/001.p/24", "tile/0/001.p/45"):
            self.assert_wrong({**files, path: flip(files[path], 50)}, path + ": ")

    def test_partial_tile_replaced_by_the_full_one(self):
        files = make_log([make_event(i) for i in range(600)])
        for path in ("checkpoint", "tile/1/000.p/1"):
            files[path] = self.files[path]
        self.assert_right(files)
        files["tile/0/001"] = flip(files["tile/0/001"], 32 * 43)
        self.assert_wrong(files, "tile/0/001, index 299: ")


class ProofTests(Case):
    @classmethod
    def setUpClass(cls):
        cls.entries = [make_event(i) for i in range(20)]
        leaves = [merkle.leaf_hash(entry) for entry in cls.entries]
        cls.checkpoint = make_checkpoint(20, subtree(leaves))
        hashes = [b64encode(hash_).decode() for hash_ in inclusion_path(5, leaves)]
        cls.head = "\n".join(["c2sp.org/tlog-proof@v1", "index 5", *hashes]) + "\n\n"

    def check(self, head=None, entry=None, key=LOG_KEY):
        """Return the files of a proof and the command line that verifies it."""
        head = self.head if head is None else head
        files = {
            "proof": head.encode() + self.checkpoint,
            "entry": self.entries[5] if entry is None else entry,
        }
        words = ["--vkey", key, "--proof", "{}/proof", "--entry", "{}/entry"]
        return files, words

    def test_right_proofs(self):
        for head in (self.head, self.head.replace("index", "extra aGk=\nindex")):
            files, words = self.check(head)
            report = self.assert_right(files, *words, use_directory=False)
            self.assertIn("number 5 of the first 20 of vault.example/audit", report)
        files["log.vkey"] = LOG_KEY.encode()
        report = self.assert_right(files, *words[2:])
        self.assertIn("NOT INDEPENDENT", report)

    def test_wrong_proofs(self):
        lines = self.head.split("\n")
        for head in (
            "", self.head.replace("@v1", "@v2"), self.head.replace("index 5", "index 4"),
            self.head.replace("index 5", "index 20"), self.head.replace("index 5", "index 05"),
            self.head.replace("index 5\n", ""), self.head.replace("index 5", "extra AQ\nindex 5"),
            self.head.replace(lines[2] + "\n", ""), self.head.replace(lines[2], "AAAA"),
            self.head.replace(lines[2], lines[3]), self.head.replace("index", "\u00edndex"),
        ):
            files, words = self.check(head)
            self.assert_wrong(files, "{}/proof: ", *words, use_directory=False)

    def test_wrong_entry_or_key(self):
        for entry in (b"", self.entries[6], flip(self.entries[5], 3)):
            files, words = self.check(entry=entry)
            self.assert_wrong(files, "{}/proof: ", *words, use_directory=False)
        files, words = self.check(key=make_key("other"))
        self.assert_wrong(files, "{}/proof: not signed", *words, use_directory=False)

    def test_flipped_bits(self):
        files, words = self.check()
        for byte in range(0, len(files["proof"]), 7):
            changed = {**files, "proof": flip(files["proof"], byte)}
            self.assert_wrong(changed, "{}/proof: ", *words, use_directory=False)


class UsageTests(Case):
    def test_unusable_command_lines(self):
        files = {"entry": b"", "proof": b"", "log.vkey": LOG_KEY.encode()}
        for words in (
            [], ["{}/absent"], ["{}/entry"], ["--vkey", "nonsense", "{}"], ["--unknown"],
            ["--proof", "{}/proof", "{}"], ["--entry", "{}/entry", "{}"],
            ["--proof", "{}/proof", "--entry", "{}/entry"],
            ["--proof", "{}/absent", "--entry", "{}/entry", "{}"],
            ["{}", "--witness", "nonsense"], ["{}", "--known-checkpoint", "{}/absent"],
            ["{}", "--minimum-index", "many"], ["{}", "{}"],
            ["{}", "--proof", "{}/proof", "--entry", "{}/entry", "--minimum-index", "3"],
        ):
            with self.subTest(words=words):
                status, output, errors = self.run_verifier(files, *words, use_directory=False)
                self.assertEqual((status, output), (2, ""))
                self.assertNotEqual(errors, "")
        status, _, _ = self.run_verifier({"checkpoint": b""})
        self.assertEqual(status, 2)

    def test_broken_key_beside_the_log(self):
        self.assert_wrong({"log.vkey": b"nonsense"}, "log.vkey: ")

    def test_it_runs_as_a_program(self):
        program = [sys.executable, os.path.abspath(verify.__file__)]
        outcome = subprocess.run([*program, "--help"], capture_output=True, check=False)
        self.assertEqual(outcome.returncode, 0)
        self.assertEqual(subprocess.run(program, capture_output=True, check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()

"""Tests of what holds over time: kept checkpoints, growth, pruning, payloads that were erased."""

import hashlib
import hmac
import json
import os
import pathlib
import tempfile
import unittest
from base64 import b64encode
from unittest import mock

from kit import event
from kit.consistency import proof_from_tiles
from kit.log import Log
from kit.merkle import consistency_is_valid, leaf_hash, tree_root
from kit.note import Key
from kit.tiles import Directory
from kit.wrong import Wrong
from testlog import LOG_KEY, Case, flip, inclusion_path, make_checkpoint, make_event, make_log

KEY = Key(LOG_KEY)


def write(directory, files):
    """Write files into a directory."""
    for path, data in files.items():
        full = os.path.join(directory, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        pathlib.Path(full).write_bytes(data)


class ConsistencyTests(Case):
    @classmethod
    def setUpClass(cls):
        cls.entries = [make_event(i) for i in range(700)]
        cls.leaves = [leaf_hash(entry) for entry in cls.entries]
        cls.files = make_log(cls.entries)

    def kept(self, size, root=None):
        """Write the checkpoint of a size."""
        return make_checkpoint(size, root or tree_root(self.leaves[:size]))

    def test_every_proof_of_small_logs(self):
        leaves = [bytes([number]) * 32 for number in range(40)]
        roots = [tree_root(leaves[:size]) for size in range(41)]
        for new in range(1, 41):
            files = {"tile/0/000.p/%d" % new: b"".join(leaves[:new])}
            with tempfile.TemporaryDirectory() as directory:
                write(directory, files)
                for old in range(new + 1):
                    proof = proof_from_tiles(directory, old, new)
                    self.assertTrue(consistency_is_valid(old, new, roots[old], roots[new], proof))
                    wrong = [proof + [bytes(32)], [flip(hash_, 3) for hash_ in proof], proof[:-1]]
                    for changed in wrong:
                        if changed != proof:
                            self.assertFalse(
                                consistency_is_valid(old, new, roots[old], roots[new], changed))
                    if 0 < old:
                        self.assertFalse(
                            consistency_is_valid(old, new, flip(roots[old], 1), roots[new], proof))

    def test_kept_checkpoints(self):
        for old in (0, 1, 255, 256, 257, 512, 699, 700):
            files = {**self.files, "old": self.kept(old), "new": self.kept(700)}
            report = self.assert_right(files, "--consistency", "{}/old", "{}/new")
            self.assertIn(f"the log of 700 entries continues that of {old}", report)
        # Between two sizes that both are past: the tiles are those of today.
        for old, new in ((1, 300), (255, 257), (256, 512), (300, 699)):
            files = {**self.files, "old": self.kept(old), "new": self.kept(new)}
            self.assert_right(files, "--consistency", "{}/old", "{}/new")
        files["new"] = self.kept(300)
        files["old"] = self.kept(300)
        self.assert_right(files, "--consistency", "{}/old", "{}/new")

    def test_histories_that_do_not_continue(self):
        other = tree_root([leaf_hash(make_event(i, a=1)) for i in range(300)])
        for old, new, reason in (
            (self.kept(300, other), self.kept(700), "the first 300 of 700"),
            (self.kept(300, other), self.kept(300), "two different logs of 300 entries"),
            (self.kept(700), self.kept(300), "the log has shrunk"),
            (self.kept(300), self.kept(700, other), "the first 300 of 700"),
        ):
            files = {**self.files, "old": old, "new": new}
            self.assert_wrong(files, "{}/new: " + reason, "--consistency", "{}/old", "{}/new")
        files = {**self.files, "old": self.kept(300), "new": self.kept(700)}
        files["tile/0/001"] = flip(files["tile/0/001"], 32 * 43 + 1)
        self.assert_wrong(files, "{}/new: ", "--consistency", "{}/old", "{}/new")
        del files["tile/0/001"]
        self.assert_wrong(files, "tile/0/001: there is no", "--consistency", "{}/old", "{}/new")

    def test_proofs_in_files(self):
        with tempfile.TemporaryDirectory() as directory:
            write(directory, self.files)
            hashes = proof_from_tiles(directory, 300, 700)
        lines = ["old 300", "new 700", *(b64encode(hash_).decode() for hash_ in hashes), ""]
        files = {"old": self.kept(300), "new": self.kept(700), "proof": "\n".join(lines).encode()}
        words = ["--vkey", LOG_KEY, "--consistency", "{}/old", "{}/new", "--proof", "{}/proof"]
        report = self.assert_right(files, *words, use_directory=False)
        self.assertIn("OK: the log of 700", report)
        for changed in (
            lines[:2] + lines[3:], ["old 299", *lines[1:]], [*lines[:2], "AAAA", *lines[3:]], lines[:-1],
            [*lines[:-1], lines[2], ""], ["index 3"], [], ["old 0300", *lines[1:]],
        ):
            data = "\n".join(changed).encode()
            self.assert_wrong({**files, "proof": data}, "{}/proof: ", *words, use_directory=False)

    def test_files_that_are_no_checkpoints(self):
        files = {**self.files, "old": b"nonsense", "new": self.kept(700)}
        self.assert_wrong(files, "{}/old: ", "--consistency", "{}/old", "{}/new")


class PruningTests(Case):
    def log(self, *minimums, deleted=0):
        """Publish 600 events, prunings with these indices, and 20 more events."""
        events = [make_event(i) for i in range(600)]
        for minimum in minimums:
            events.append(make_event(len(events), type="log.pruned", minimum_index=minimum))
        events += [make_event(len(events) + i) for i in range(20)]
        files = make_log(events)
        for bundle in range(deleted):
            del files[f"tile/entries/{bundle:03d}"]
        return files

    def test_the_log_says_what_may_be_gone(self):
        report = self.assert_right(self.log(512, deleted=2))
        self.assertIn("pruned   512 entries", report)
        self.assertIn("entries below 512 may be gone", report)
        self.assert_right(self.log(512, deleted=1))
        self.assert_right(self.log(256, 512, deleted=2))
        # An index beyond the event itself is none.
        self.assert_right(self.log(512, 700, deleted=2))

    def test_what_may_not_be_gone(self):
        for minimums, deleted, path in (
            ((), 1, "000"), ((255,), 1, "000"), ((256,), 2, "001"), ((512, 256), 2, "001"),
            ((700,), 1, "000"), (("512",), 1, "000"), ((True,), 1, "000"), ((-1,), 1, "000"),
        ):
            with self.subTest(minimums):
                missing = f"tile/entries/{path}: there is no such file"
                self.assert_wrong(self.log(*minimums, deleted=deleted), missing)
        self.assert_right(self.log(deleted=1), "--minimum-index", "256")

    def test_a_changed_pruning_allows_nothing(self):
        files = self.log(256, deleted=2)
        path = "tile/entries/002.p/109"
        files[path] = files[path].replace(b'"minimum_index":256', b'"minimum_index":512')
        self.assert_wrong(files, "tile/entries/000: there is no such file")

    def test_hashes_may_not_be_gone(self):
        files = self.log(512, deleted=2)
        del files["tile/0/001"]
        self.assert_wrong(files, "tile/0/001: there is no such file")


class GrowthTests(Case):
    def test_a_log_that_is_pruned_while_it_is_read(self):
        before = make_log([make_event(i) for i in range(600)])
        events = [make_event(i) for i in range(600)]
        after = make_log([*events, make_event(600, type="log.pruned", minimum_index=256)])
        read, reads = Directory.read, []

        def growing(files, path):
            reads.append(path)
            if len(reads) == 2:
                write(files.root, after)
                os.remove(os.path.join(files.root, "tile/entries/000"))
            return read(files, path)

        with tempfile.TemporaryDirectory() as directory, mock.patch.object(Directory, "read", growing):
            write(directory, before)
            log = Log(directory, KEY, None, jobs=1)
            log.verify()
            self.assertEqual((log.checkpoint.size, log.pruned), (601, 256))

    def test_damage_is_not_excused_by_growth(self):
        before = make_log([make_event(i) for i in range(300)])
        after = make_log([make_event(i) for i in range(600)])
        after["tile/0/000"] = flip(after["tile/0/000"], 7)
        read, reads = Directory.read, []

        def growing(files, path):
            reads.append(path)
            if len(reads) == 2:
                write(files.root, after)
            return read(files, path)

        with tempfile.TemporaryDirectory() as directory, mock.patch.object(Directory, "read", growing):
            write(directory, before)
            with self.assertRaises(Wrong) as caught:
                Log(directory, KEY, None, jobs=1).verify()
            self.assertEqual(caught.exception.path, "tile/0/000")

    def test_tiles_ahead_of_the_checkpoint(self):
        files = make_log([make_event(i) for i in range(700)])
        files["checkpoint"] = make_log([make_event(i) for i in range(300)])["checkpoint"]
        files["tile/1/000.p/1"] = files["tile/1/000.p/2"][:32]
        self.assert_right(files)
        # Of the tile that is full by now the checkpoint implies the first 44 hashes.
        files["tile/0/001.p/44"] = files["tile/0/001"][: 44 * 32]
        self.assertIn("tiles of other checkpoints agree", self.assert_right(files))
        files["tile/0/001"] = flip(files["tile/0/001"], 5)
        self.assert_wrong(files, "tile/0/001: the tile of another checkpoint")


class ManyProcessesTests(Case):
    def test_several_processes_find_the_same(self):
        files = make_log([make_event(i) for i in range(10_000)])
        one = self.assert_right(files, "--jobs", "1")
        self.assertEqual(self.assert_right(files, "--jobs", "3"), one)
        for path, byte, start in (
            ("tile/0/020", 9, "tile/0/020, index 5120: "), ("tile/0/038", 9, "tile/0/038, index 9728: "),
        ):
            changed = {**files, path: flip(files[path], byte)}
            for jobs in ("1", "3"):
                self.assert_wrong(changed, start, "--jobs", jobs)
        del files["tile/entries/030"]
        self.assert_wrong(files, "tile/entries/030: there is no such file", "--jobs", "3")
        del files["tile/0/025"]
        self.assert_wrong(files, "tile/0/025: there is no such file", "--jobs", "3")


class QuickParserTests(unittest.TestCase):
    def test_it_says_what_the_slow_one_says(self):
        pieces = [
            "a", '"', "\\", "{", "}", "[", "]", ":", ",", "1", "0", "-", ".", "e", " ", "\n", "\u00e9",
            '"a":1', '"b":2', "9007199254740991", "9007199254740992", "\\u0041", "\\n", "true", "null",
        ]
        good = 0
        for number in range(40_000):
            digest = hashlib.sha256(b"%d" % number).digest()
            base = make_event(0, note="x", n=-5, list=[1, {"k": None}]).decode()
            for position in range(digest[0] % 3):
                place = digest[1 + position] * len(base) // 256
                piece = pieces[digest[4 + position] % len(pieces)]
                base = base[:place] + piece + base[place + digest[8 + position] % 3 :]
            entry = base.encode()
            quick = event.quick_parse(entry)
            try:
                slow = event.parse_canonical(entry)
            except ValueError:
                slow = None
            good += slow is not None
            if quick is not None:
                self.assertEqual(quick, slow, entry)
            elif slow is not None:
                self.assertFalse(entry.isascii(), entry)
        self.assertGreater(good, 10_000)


class PayloadTests(Case):
    blinding = bytes(range(32))

    def files(self, **changes):
        """Write an entry that commits to a payload, and the payload."""
        commitment = hmac.new(self.blinding, b"a reason", hashlib.sha256).hexdigest()
        entry = make_event(3, payload_commitment=commitment)
        disclosed = {"payload": b64encode(b"a reason").decode(), "r": self.blinding.hex(), **changes}
        return {"entry": entry, "payload": json.dumps(disclosed).encode()}

    words = ["--payload", "{}/payload", "--entry", "{}/entry"]

    def test_the_payload_committed_to(self):
        report = self.assert_right(self.files(), *self.words, use_directory=False)
        self.assertIn("NOT PROVED", report)
        self.assertIn("OK: the entry commits to this payload of 8 bytes", report)

    def test_with_a_proof(self):
        files = self.files()
        entries = [make_event(i) for i in range(7)]
        entries[3] = files["entry"]
        leaves = [leaf_hash(entry) for entry in entries]
        hashes = [b64encode(hash_).decode() for hash_ in inclusion_path(3, leaves)]
        head = "\n".join(["c2sp.org/tlog-proof@v1", "index 3", *hashes, "", ""]).encode()
        files["proof"] = head + make_checkpoint(7, tree_root(leaves))
        words = [*self.words, "--proof", "{}/proof", "--vkey", LOG_KEY]
        report = self.assert_right(files, *words, use_directory=False)
        self.assertNotIn("NOT PROVED", report)
        files["proof"] = flip(files["proof"], 40)
        self.assert_wrong(files, "{}/proof: ", *words, use_directory=False)

    def test_other_payloads(self):
        other = b64encode(b"another reason").decode()
        for changes in (
            {"payload": other}, {"r": bytes(32).hex()}, {"r": "00"}, {"r": "x"}, {"payload": "*"},
            {"payload": None}, {"r": 3},
        ):
            files = self.files(**changes)
            self.assert_wrong(files, "{}/payload: ", *self.words, use_directory=False)
        for data in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000):
            files = {**self.files(), "payload": data}
            self.assert_wrong(files, "{}/payload: ", *self.words, use_directory=False)

    def test_entries_that_commit_to_nothing(self):
        for entry in (make_event(3), make_event(3, payload_commitment=5), b"[]", b"nonsense"):
            files = {**self.files(), "entry": entry}
            self.assert_wrong(files, "{}/payload: ", *self.words, use_directory=False)


if __name__ == "__main__":
    unittest.main()

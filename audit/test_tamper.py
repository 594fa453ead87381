"""The tamper matrix: every row of docs/tamper-matrix.md is done here to a log and must be found as named.

The same rows are done in Swift; the page is what holds the two together.
"""

import functools
import os
import pathlib
import re
import tempfile
import unittest
from base64 import b64encode

from kit.log import Log
from kit.merkle import tree_root
from kit.note import Checkpoint, Key
from kit.policy import Policy, Rule
from kit.tiles import split_bundle
from kit.wrong import Wrong
from testlog import (
    LOG_KEY,
    LOG_SEED,
    ORIGIN,
    flip,
    make_checkpoint,
    make_event,
    make_log,
    make_witness,
    sign,
)

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs" / "tamper-matrix.md"
BUNDLE, TILE, TOP = "tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"
KEY = Key(LOG_KEY)


def notes(count=300):
    """What the events of the original say."""
    return [f"n{number}" for number in range(count)]


def log_of(texts):
    """Publish events that say this, each with the number of its place."""
    return make_log([make_event(index, note=text) for index, text in enumerate(texts)])


@functools.lru_cache(maxsize=None)
def log_of_size(size):
    """Publish a log of numbered events; do not change what is returned."""
    return log_of(notes(size))


def pruned_log(minimum, deleted):
    """Publish 600 events and a pruning, with so many bundles deleted."""
    events = [make_event(index) for index in range(600)]
    events.append(make_event(600, type="log.pruned", minimum_index=minimum))
    files = make_log(events)
    for bundle in range(deleted):
        del files[f"tile/entries/{bundle:03d}"]
    return files


def join(entries):
    """Join entries to a bundle."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def oversize(count):
    """Write an event of exactly so many bytes."""
    event = make_event(0, note="")
    return make_event(0, note="x" * (count - len(event)))


class Tampered:
    """A log that is about to be tampered with, and what its reader knows."""

    def __init__(self):
        self.original = log_of_size(300)
        self.files = dict(self.original)
        self.known = []
        self.witnesses = []
        self.policy = None

    @property
    def root(self):
        """The root of the original."""
        return Checkpoint(self.original["checkpoint"], KEY).root

    def keep(self, size=300):
        """Keep the checkpoint of a size, as an earlier reader."""
        self.known.append(("kept", Checkpoint(log_of_size(size)["checkpoint"], KEY)))

    def republish(self, texts, signed_again=False):
        """Publish other events; the checkpoint stays unless the log's key signs again."""
        files = log_of(texts)
        if not signed_again:
            files["checkpoint"] = self.files["checkpoint"]
        self.files = files

    def edit(self, path, change):
        """Change the bytes of a file."""
        self.files[path] = change(self.files[path])

    def edit_bundle(self, path, width, change):
        """Change the entries of a bundle."""
        self.edit(path, lambda data: join(change(split_bundle(data, width, path))))

    def sign(self, text, *lines):
        """Put a checkpoint in place with these signature lines."""
        self.files["checkpoint"] = text + b"\n" + b"".join(lines)

    def text(self, origin=ORIGIN, size=300):
        """Write the text of a checkpoint of the original's root."""
        return f"{origin}\n{size}\n{b64encode(self.root).decode()}\n".encode()

    def verify(self, with_memory=True):
        """Verify what is published."""
        rule = Rule(self.witnesses, self.policy) if with_memory else Rule()
        with tempfile.TemporaryDirectory() as directory:
            for path, data in self.files.items():
                full = os.path.join(directory, path)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                pathlib.Path(full).write_bytes(data)
            Log(directory, KEY, rule, self.known if with_memory else ()).verify()


def log_line(text, seed=LOG_SEED, key_id="77a5f42a"):
    """Write a signature line of the log's."""
    return f"\u2014 {ORIGIN} {b64encode(bytes.fromhex(key_id) + sign(seed, text)).decode()}\n".encode()


def swapped(items, first, second):
    """Exchange two items."""
    items = list(items)
    items[first], items[second] = items[second], items[first]
    return items


def edited(index):
    """Change one note."""
    texts = notes()
    texts[index] = "other"
    return texts


class Rows:
    """What every row of the page does; the names are those of the page with `_` for `-`."""

    def entry_bit(log):
        log.edit(BUNDLE, lambda data: flip(data, data.index(b"n263")))

    def hash_bit(log):
        log.edit(TILE, lambda data: flip(data, 5 * 32 + 9))

    def tile_bit(log):
        log.edit(TOP, lambda data: flip(data, 9))

    def bundle_entry_deleted(log):
        log.edit_bundle("tile/entries/000", 256, lambda entries: entries[1:])

    def bundle_entry_inserted(log):
        log.edit_bundle(BUNDLE, 44, lambda entries: [*entries, make_event(300)])

    def bundle_entries_swapped(log):
        log.edit_bundle("tile/entries/000", 256, lambda entries: swapped(entries, 100, 101))

    def tile_cut(log):
        log.edit("tile/0/000", lambda data: data[:-1])

    def bundle_cut(log):
        log.edit(BUNDLE, lambda data: data[:-1])

    def checkpoint_cut(log):
        log.edit("checkpoint", lambda data: data[:-1])

    def replayed_tile(log):
        log.edit(TILE, lambda data: data[: 20 * 32])

    def replayed_bundle(log):
        log.edit_bundle(BUNDLE, 44, lambda entries: entries[:20])

    def foreign_tile(log):
        log.files["tile/0/000"] = make_log([make_event(i) for i in range(256)])["tile/0/000"]

    def stray_tile(log):
        other = make_log([make_event(i) for i in range(280)])
        log.files["tile/0/001.p/24"] = other["tile/0/001.p/24"]

    def missing_checkpoint(log):
        del log.files["checkpoint"]

    def missing_partial_tile(log):
        del log.files[TILE]

    def missing_tile(log):
        del log.files["tile/0/000"]

    def missing_upper_tile(log):
        del log.files[TOP]

    def missing_bundle(log):
        del log.files["tile/entries/000"]

    def pruned_too_far(log):
        log.files = pruned_log(256, 2)

    def pruned(log):
        log.files = pruned_log(256, 1)

    def entry_deleted(log):
        log.republish([text for text in notes() if text != "n100"])

    def entries_swapped(log):
        log.republish(swapped(notes(), 100, 101))

    def entry_inserted(log):
        log.republish([*notes()[:100], "extra", *notes()[100:]])

    def entry_edited(log):
        log.republish(edited(270))

    def tail_cut(log):
        log.republish(notes(290))

    def rewritten(log):
        log.keep(299)
        log.republish(edited(270), signed_again=True)

    def tail_cut_signed(log):
        log.keep()
        log.republish(notes(290), signed_again=True)

    def older_state(log):
        log.keep()
        log.files = dict(log_of_size(257))

    def emptied(log):
        log.keep()
        log.files = dict(log_of_size(0))

    def fork(log):
        log.keep()
        log.republish(edited(299), signed_again=True)

    def grown(log):
        log.keep()
        log.files = dict(log_of_size(700))

    def older_checkpoint(log):
        log.files["checkpoint"] = log_of_size(257)["checkpoint"]

    def unknown_key(log):
        log.sign(log.text(), log_line(log.text(), b"other seed".ljust(32, b"."), "00000001"))

    def bad_signature(log):
        log.sign(log.text(), log_line(b"other\n"))

    def good_and_bad_signature(log):
        log.sign(log.text(), log_line(log.text()), log_line(b"other\n"))

    def foreign_checkpoint(log):
        text = log.text(origin="vault.example/other")
        log.sign(text, log_line(text))

    def no_checkpoint(log):
        log.files["checkpoint"] = b"nonsense"

    def size_zero(log):
        text = log.text(size=0)
        log.sign(text, log_line(text))

    def no_cosignature(log):
        log.witnesses = [make_witness("w1.example").key]

    def no_quorum(log):
        first, second = make_witness("w1.example"), make_witness("w2.example")
        log.sign(log.text(), log_line(log.text()), first.line(log.text()))
        lines = [
            f"witness a {first.text}", f"witness b {second.text}", "group g all a b", "quorum g", ""]
        log.policy = Policy("\n".join(lines).encode())

    def bad_cosignature(log):
        witness = make_witness("w1.example")
        log.sign(log.text(), log_line(log.text()), witness.line(log.text(size=299)))
        log.witnesses = [witness.key]

    def wrong_number(log):
        log.files = make_log([make_event(0), make_event(7), make_event(2)])

    def not_canonical(log):
        log.files = make_log([b" " + make_event(0)])

    def oversize_event(log):
        log.files = make_log([oversize(16_385)])

    def largest_event(log):
        log.files = make_log([oversize(16_384)])

    def largest_entry(log):
        log.files = make_log([oversize(65_535)])

    def longer_entry(log):
        log.files = make_log([oversize(16_384)])
        log.edit("tile/entries/000.p/1", lambda data: data[:1] + bytes([data[1] + 1]) + data[2:])


def size_row(name):
    """Make the function of a row on a size: an untouched log, or one bit of its last hash flipped."""
    size = int(name.split("-")[1])

    def row(log, path=None):
        log.files = dict(log_of_size(size))
        if path:
            log.edit(path, lambda data: flip(data, len(data) - 1))
    return row


def read_page():
    """Read the rows of the page: name, finder, kind, path, index."""
    rows = []
    for line in PAGE.read_text(encoding="utf-8").split("\n"):
        cells = [cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
        if len(cells) == 6 and cells[0] != "row" and re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", cells[0]):
            name, _, finder, kind, path, index = cells
            expected = None if kind == "\u2013" else (kind, path, None if index == "\u2013" else int(index))
            rows.append((name, finder, expected))
    return rows


@unittest.skipUnless(PAGE.is_file(), "docs/tamper-matrix.md is not here; the kit was copied alone")
class MatrixTests(unittest.TestCase):
    def row(self, name, expected):
        """Do a row to a log."""
        log = Tampered()
        function = getattr(Rows, name.replace("-", "_"), None)
        if function:
            function(log)
        else:
            size_row(name)(log, expected and expected[1])
        return log

    def test_every_row_is_found_and_named(self):
        rows = read_page()
        self.assertGreater(len(rows), 50)
        for name, _, expected in rows:
            with self.subTest(name):
                log = self.row(name, expected)
                if expected is None:
                    log.verify()
                    continue
                with self.assertRaises(Wrong) as caught:
                    log.verify()
                wrong = caught.exception
                self.assertEqual((wrong.kind, wrong.path, wrong.index), expected)

    def test_what_only_memory_or_witnesses_find_is_valid_without(self):
        for name, finder, expected in read_page():
            if finder.startswith("who "):
                with self.subTest(name):
                    self.row(name, expected).verify(with_memory=False)

    def test_the_page_has_every_row(self):
        names = {name for name, _, _ in read_page()}
        own = {name.replace("_", "-") for name in vars(Rows) if not name.startswith("__")}
        self.assertEqual(own - names, set())
        self.assertEqual({name for name in names - own if not name.startswith("size-")}, set())

    @unittest.skipUnless((PAGE.parent.parent / "Tests").is_dir(), "the tests in Swift are not here")
    def test_the_tests_named_in_other_suites_are_there(self):
        text = PAGE.read_text(encoding="utf-8").split("## What other suites do")[1]
        named = re.findall(r"`([A-Z]\w+Tests)(?:\.(\w+))?`", text)
        self.assertGreater(len(named), 5)
        sources = [path.read_text(encoding="utf-8") for path in (PAGE.parent.parent / "Tests").rglob("*.swift")]
        for suite, function in named:
            found = [source for source in sources if f"struct {suite} " in source]
            self.assertTrue(any(f"func {function}(" in source or not function for source in found), suite)

    def test_the_log_is_whole_before(self):
        Tampered().verify()
        files = log_of_size(257)
        self.assertEqual(Checkpoint(files["checkpoint"], KEY).root, tree_root(
            [files["tile/0/000"][i : i + 32] for i in range(0, 8192, 32)] + [files["tile/0/001.p/1"]]))

    def test_a_checkpoint_of_another_root_is_one(self):
        self.assertNotEqual(make_checkpoint(300, bytes(32)), Tampered().original["checkpoint"])


if __name__ == "__main__":
    unittest.main()

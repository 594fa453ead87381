"""Tests for exported populations: what was left out, added, changed or moved is found and named."""

import base64
import csv
import hashlib
import io
import json
import unittest

from kit import note
from kit.population import CSV_HEADER, Query, Tree, parse_manifest, shares
from testlog import (
    LOG_KEY, ORIGIN, Case, flip, inclusion_path, make_checkpoint, make_event, make_log, subtree)

KEYED = ("--vkey", LOG_KEY)
FILE = "p.jsonl"
SUFFIXES = (".manifest.json", ".entry.json", ".tlog-proof")


def canonical(value):
    """Write canonical JSON for the values used here, in code of its own."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf(entry):
    """Hash an entry as a leaf."""
    return hashlib.sha256(b"\0" + entry).digest()


def root_of(leaves):
    """Hash leaves to a root."""
    return subtree(leaves) if leaves else hashlib.sha256().digest()


def csv_line(entry):
    """Write an entry as a line of CSV; the cells before the last do not matter to the kit."""
    buffer = io.StringIO()
    cells = ["x"] * (len(CSV_HEADER.split(",")) - 1) + [entry.decode()]
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()


WRITERS = {
    "jsonl": lambda entry: entry + b"\n",
    "csv": csv_line,
    "ocsf": lambda entry: canonical({"class_uid": 6005, "raw_data": entry.decode()}) + b"\n",
    "cloudevents": lambda entry: canonical({"data": json.loads(entry), "specversion": "1.0"}) + b"\n",
}


def make_entries(count=40):
    """Write a log of several types, actors, purposes and decisions; a day passes every eight entries."""
    entries = []
    for index in range(count):
        changes = {
            "type": ("vault.created", "field.disclosed", "person.found", "operation.denied")[index % 4],
            "time": 1767225600000 + index // 8 * 86_400_000, "actor": f"op_{'abc'[index % 3]}",
            "purpose": ("essential.service", "essential", "marketing.email")[index % 3],
        }
        if index % 4 == 1:
            changes.update(decision="allow" if index % 8 == 1 else "deny", subjects=[f"t1_audit_{index % 5}"])
        if index % 6 == 0:
            changes["case"] = "DSR-1"
        entries.append(make_event(index, **changes))
    return entries


def make_population(
        entries, chosen, query=None, style="jsonl", pruned_below=0, sample=None, event=None, manifest=None):
    """Export entries as a vault does; return the files, with those of the published log below log/.

    `event` and `manifest` change members, as somebody in charge of the vault could.
    """
    query = {"lethe_query": 1, **(query or {})}
    size = len(entries)
    leaves = [leaf(entry) for entry in entries]
    lines = [WRITERS[style](entries[place]) for place in chosen]
    if style == "csv":
        lines.insert(0, CSV_HEADER.encode() + b"\r\n")
    data = b"".join(lines)
    first = min(max(min(query.get("from_seq", 0), size), pruned_below), max(size, pruned_below))
    end = min(max(min(query.get("to_seq", size), size), pruned_below), max(size, pruned_below))
    members = {
        "lethe_population": 1, "origin": ORIGIN, "format": style, "query": query, "from": first,
        "to": max(first, end), "pruned_below": pruned_below, "tree_size": size,
        "root": base64.b64encode(root_of(leaves)).decode(),
        "checkpoint": make_checkpoint(size, root_of(leaves)).decode(), "reading": size, "time": 1, "bytes": len(data),
        "count": len(chosen), "digest": hashlib.sha256(data).hexdigest(),
        "lines_root": base64.b64encode(root_of([leaves[place] for place in chosen])).decode(),
    }
    if chosen:
        members["first"], members["last"] = (
            {"leaf_hash": leaves[place].hex(), "seq": place} for place in (chosen[0], chosen[-1]))
    if sample:
        members["sample"] = sample
    members.update(manifest or {})
    encoded = canonical(members) + b"\n"
    exported = {
        "type": "log.exported", "format": style, "from": members["from"], "to": members["to"], "tree_size": size,
        "root": members["root"], "count": len(chosen), "file": members["digest"], "sampled": bool(sample),
        "manifest": hashlib.sha256(encoded).hexdigest(), "query": hashlib.sha256(canonical(query)).hexdigest(),
        "reading": size,
    }
    if chosen:
        exported.update(first=chosen[0], last=chosen[-1])
    exported.update(event or {})
    entry = make_event(size + 1, **exported)
    log = [*entries, make_event(size, type="log.queried"), entry]
    leaves = [leaf(item) for item in log]
    path = inclusion_path(size + 1, leaves)
    proof = b"c2sp.org/tlog-proof@v1\nindex %d\n" % (size + 1)
    proof += b"".join(base64.b64encode(item) + b"\n" for item in path)
    proof += b"\n" + make_checkpoint(len(log), root_of(leaves))
    files = {FILE: data, FILE + ".manifest.json": encoded, FILE + ".entry.json": entry,
             FILE + ".tlog-proof": proof}
    files.update({f"log/{name}": content for name, content in make_log(log).items()})
    return files


class PopulationCase(Case):
    """Verifies populations, with the published log and without."""

    def right(self, files, log=True):
        """Expect success and return the report."""
        words = ["{}/log"] if log else []
        return self.assert_right(files, *words, "--population", "{}/" + FILE, *KEYED, use_directory=False)

    def wrong(self, files, words, log=True):
        """Expect one line that holds some words."""
        start = ["{}/log"] if log else []
        status, output, errors = self.run_verifier(
            files, *start, "--population", "{}/" + FILE, *KEYED, use_directory=False)
        self.assertEqual((status, output), (1, ""), errors)
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn(words, errors)


DISCLOSED = {"types": ["field.disclosed"]}
CHOSEN = list(range(1, 40, 4))


class FormatTests(PopulationCase):
    """Every format, every change of one line."""

    def test_every_format_verifies(self):
        for style in WRITERS:
            with self.subTest(style):
                files = make_population(make_entries(), CHOSEN, DISCLOSED, style)
                self.assertIn("nothing else that the query means", self.right(files))
                self.assertIn("takes the log's directory", self.right(files, log=False))

    def test_nothing_is_a_population_too(self):
        for style in WRITERS:
            files = make_population(make_entries(), [], {"types": ["no.such"]}, style)
            self.assertIn("0 entries", self.right(files))

    def test_one_line_removed_is_named(self):
        for style in WRITERS:
            files = make_population(make_entries(), CHOSEN, DISCLOSED, style)
            lines = files[FILE].splitlines(keepends=True)
            header = 1 if style == "csv" else 0
            for number, place in enumerate(CHOSEN):
                cut = lines[: header + number] + lines[header + number + 1 :]
                changed = {**files, FILE: b"".join(cut)}
                self.wrong(changed, f"entry {place} is missing; it belongs")
                self.wrong(changed, "9 entries and the manifest says 10", log=False)

    def test_one_line_repeated_swapped_or_foreign_is_named(self):
        entries = make_entries()
        for style in WRITERS:
            files = make_population(entries, CHOSEN, DISCLOSED, style)
            lines = files[FILE].splitlines(keepends=True)
            header = 1 if style == "csv" else 0
            repeated = [*lines[: header + 3], lines[header + 2], *lines[header + 3 :]]
            self.wrong({**files, FILE: b"".join(repeated)}, f"line {header + 4}: entry 9 comes after entry 9")
            swapped = list(lines)
            swapped[header + 1], swapped[header + 2] = swapped[header + 2], swapped[header + 1]
            self.wrong({**files, FILE: b"".join(swapped)}, f"line {header + 3}: entry 5 comes after entry 9")
            foreign = [*lines[: header + 1], WRITERS[style](entries[2]), *lines[header + 1 :]]
            self.wrong({**files, FILE: b"".join(foreign)}, f"line {header + 2}: entry 2 is not one the query means")

    def test_one_changed_byte_is_found(self):
        for style in WRITERS:
            files = make_population(make_entries(), CHOSEN, DISCLOSED, style)
            for place in range(0, len(files[FILE]), 97):
                self.wrong({**files, FILE: flip(files[FILE], place)}, FILE)

    def test_one_changed_entry_is_named(self):
        files = make_population(make_entries(), CHOSEN, DISCLOSED)
        changed = files[FILE].replace(b'"op_a"', b'"op_b"', 1)
        number = changed[: files[FILE].index(b'"op_a"')].count(b"\n") + 1
        self.wrong({**files, FILE: changed}, f"line {number}: entry {CHOSEN[number - 1]} is not as the log has it")

    def test_what_is_no_line_is_named(self):
        files = make_population(make_entries(), CHOSEN, DISCLOSED)
        for text in (b"x\n", b"\n", b"{}\n", b"[]\n", b'{"seq":"1"}\n', b"\xff\n"):
            self.wrong({**files, FILE: files[FILE] + text}, "line 11: carries no entry")
        for text in (b"x", b"y" * 300_000 + b"\n"):
            self.wrong({**files, FILE: files[FILE] + text}, "line 11: the line is too long or not ended")


class ManifestTests(PopulationCase):
    """What can be done to the other three files, up to somebody in charge of the vault."""

    def test_any_flipped_byte_shows(self):
        files = make_population(make_entries(), CHOSEN, DISCLOSED)
        for suffix in SUFFIXES:
            name = FILE + suffix
            for place in range(0, len(files[name]), 53):
                self.wrong({**files, name: flip(files[name], place)}, FILE, log=False)

    def test_what_the_vault_leaves_out_the_log_tells(self):
        files = make_population(make_entries(), CHOSEN[:4] + CHOSEN[5:], DISCLOSED)
        self.right(files, log=False)
        self.wrong(files, "entry 17 is missing; it belongs after entry 13")

    def test_what_is_said_to_be_pruned_and_is_not_the_log_tells(self):
        files = make_population(make_entries(), CHOSEN[2:], DISCLOSED, pruned_below=9)
        self.assertIn("entries below 9 were gone", self.right(files, log=False))
        self.wrong(files, "entry 1 is missing: the export begins at entry 9")

    def test_a_population_of_one_query_is_none_of_another(self):
        entries = make_entries()
        files = make_population(entries, CHOSEN, DISCLOSED)
        other = make_population(entries, CHOSEN, {"types": ["field.disclosed", "person.found"]})
        self.wrong(other, "entry 2 is missing")
        mixed = {**files, FILE + ".manifest.json": other[FILE + ".manifest.json"]}
        self.wrong(mixed, "do not agree on", log=False)

    def test_the_entry_has_to_say_what_the_manifest_says(self):
        for name, value in (
                ("count", 11), ("file", "0" * 64), ("manifest", "0" * 64), ("query", "0" * 64), ("sampled", True),
                ("format", "csv"), ("first", 2), ("last", 2), ("from", 1), ("to", 39), ("tree_size", 39), ("root", "x"),
                ("count", True)):
            files = make_population(make_entries(), CHOSEN, DISCLOSED, event={name: value})
            self.wrong(files, f"do not agree on {name}", log=False)
        files = make_population(make_entries(), CHOSEN, DISCLOSED, event={"type": "log.queried"})
        self.wrong(files, "the entry is log.queried")

    def test_members_of_the_manifest_have_to_agree(self):
        for name, value in (
                ("from", 1), ("to", 39), ("pruned_below", 1), ("tree_size", 39), ("root", "x"), ("origin", "x"),
                ("format", "xml"), ("lethe_population", 2), ("lethe_population", True), ("query", {"lethe_query": 2}),
                ("query", {"lethe_query": 1, "owner": "x"}), ("first", {"seq": 1}), ("count", 0), ("count", -1),
                ("time", "x"), ("other", 1), ("checkpoint", "x"), ("sample", {"size": 3})):
            files = make_population(make_entries(), CHOSEN, DISCLOSED, manifest={name: value})
            self.wrong(files, "", log=False)

    def test_totals_have_to_be_those_of_the_file(self):
        for name, value in (
                ("digest", "0" * 64), ("bytes", 1), ("count", 9), ("lines_root", "x"),
                ("first", {"leaf_hash": "00", "seq": 1}), ("last", {"leaf_hash": "00", "seq": 37})):
            files = make_population(
                make_entries(), CHOSEN, DISCLOSED, manifest={name: value},
                event={"count": value} if name == "count" else None)
            self.wrong(files, FILE, log=False)

    def test_another_log_is_none(self):
        files = make_population(make_entries(), CHOSEN, DISCLOSED)
        entries = make_entries()
        entries[20] = make_event(20, type="vault.created", actor="op_x")
        other = make_population(entries, CHOSEN, DISCLOSED)
        mixed = {name: other[name] if name.startswith("log/") else data for name, data in files.items()}
        self.wrong(mixed, "signed two roots of 42 entries")
        short = {f"log/{name}": data for name, data in make_log(make_entries()[:30]).items()}
        alone = {name: data for name, data in files.items() if not name.startswith("log/")}
        self.wrong({**alone, **short}, "the log is shorter")

    def test_a_missing_file_is_named(self):
        files = make_population(make_entries(), CHOSEN, DISCLOSED)
        for name in (FILE, *(FILE + suffix for suffix in SUFFIXES)):
            left = {other: data for other, data in files.items() if other != name}
            self.wrong(left, f"{name}: cannot be read", log=False)

    def test_bundles_pruned_since_are_told(self):
        files = make_population(make_entries(), CHOSEN, DISCLOSED)
        left = {name: data for name, data in files.items() if "/entries/" not in name}
        report = self.right(left)
        self.assertIn("entries 0 to 39 were pruned since", report)
        self.assertIn("takes the log's directory", report)

    def test_the_command_line(self):
        files = make_population(make_entries(), CHOSEN, DISCLOSED)
        for words in (["--population", "{}/" + FILE], ["--population", "{}/" + FILE, "--proof", "x", *KEYED],
                      ["{}/nowhere", "--population", "{}/" + FILE, *KEYED]):
            status, _, errors = self.run_verifier(files, *words, use_directory=False)
            self.assertEqual((status, errors.count("\n")), (2, 1), errors)
        report = self.assert_right(files, "{}/log", "--population", "{}/" + FILE, use_directory=False)
        self.assertIn("NOT INDEPENDENT", report)


class SampleTests(PopulationCase):
    """Samples are drawn again."""

    @staticmethod
    def drawn(entries, seed, size, stratify):
        """Draw in code of its own; return places and strata."""
        parts = {}
        for place, entry in enumerate(entries):
            event = json.loads(entry)
            keys = {
                "none": "", "type": event["type"], "actor": event["actor"],
                "day": f"2026-01-{1 + place // 8:02d}",
                "decision": "deny" if event["type"] == "operation.denied" else event.get("decision", ""),
            }
            rank = hashlib.sha256(seed.encode() + b"\0" + leaf(entry)).hexdigest()
            parts.setdefault(keys[stratify], []).append((rank, place))
        keys = sorted(parts)
        spread = shares([len(parts[key]) for key in keys], size)
        places = [place for key, share in zip(keys, spread) for _, place in sorted(parts[key])[:share]]
        return sorted(places), [
            {"drawn": share, "key": key, "population": len(parts[key])} for key, share in zip(keys, spread)]

    def make(self, stratify="type", size=7, cheat=None):
        """Make a sample of everything."""
        entries = make_entries()
        places, strata = self.drawn(entries, "2026", size, stratify)
        sample = {"algorithm": 1, "seed": "2026", "size": size, "stratify": stratify, "strata": strata}
        if cheat:
            places, sample = cheat(places, sample)
        return make_population(entries, places, sample=sample)

    def test_samples_are_drawn_again(self):
        for stratify in ("none", "type", "actor", "day", "decision"):
            for size in (1, 5, 12, 100):
                report = self.right(self.make(stratify, size))
                self.assertIn(f"sample      {size} by {stratify}", report)

    def test_a_chosen_sample_is_found(self):
        def choose(places, sample):
            other = min(set(range(40)) - set(places))
            return sorted([*places[1:], other]), sample
        files = self.make(cheat=choose)
        self.right(files, log=False)
        self.wrong(files, "is missing; it belongs")

    def test_another_seed_size_or_table_is_found(self):
        def seed(places, sample):
            return places, {**sample, "seed": "2027"}
        def table(places, sample):
            return places, {**sample, "strata": sample["strata"][1:]}
        self.wrong(self.make(cheat=seed), "is missing")
        self.wrong(self.make(cheat=table), "not spread as the manifest says")
        for name, value in (("algorithm", 2), ("stratify", "case"), ("seed", 1), ("strata", 1), ("other", 1)):
            self.wrong(self.make(cheat=lambda places, sample, n=name, v=value: (places, {**sample, n: v})), "sample")

    def test_shares(self):
        for populations, size, expected in (
                ([10, 10, 10], 6, [2, 2, 2]), ([90, 9, 1], 10, [8, 1, 1]), ([100, 1, 1], 2, [2, 0, 0]),
                ([5, 3], 100, [5, 3]), ([], 5, []), ([1000, 500, 1, 1], 5, [2, 1, 1, 1])):
            self.assertEqual(shares(populations, size), expected)


class QueryTests(unittest.TestCase):
    """Every condition, decided by the bytes of an entry."""

    def places(self, **conditions):
        """List the places a query means."""
        query = Query({"lethe_query": 1, **conditions})
        events = [json.loads(entry) for entry in make_entries()]
        return [event["seq"] for event in events if query.matches(event)]

    def test_conditions(self):
        everything = list(range(40))
        self.assertEqual(self.places(), everything)
        self.assertEqual(self.places(from_ms=1767225600000 + 86_400_000), everything[8:])
        self.assertEqual(self.places(to_ms=1767225600000 + 86_400_000), everything[:8])
        self.assertEqual(self.places(from_seq=3, to_seq=5), [3, 4])
        self.assertEqual(self.places(actor="op_a"), everything[::3])
        self.assertEqual(self.places(case="DSR-1"), everything[::6])
        self.assertEqual(self.places(decision="allow"), everything[1::8])
        denied = [place for place in everything if place % 4 == 3 or place % 8 == 5]
        self.assertEqual(self.places(decision="deny"), denied)
        self.assertEqual(self.places(purpose="essential"), [p for p in everything if p % 3 < 2])
        self.assertEqual(self.places(purpose="essential.service"), everything[::3])
        self.assertEqual(self.places(purpose="essential.serv"), [])
        self.assertEqual(self.places(subjects=["t1_audit_1", "t1_audit_3"]),
                         [place for place in CHOSEN if place % 5 in (1, 3)])
        self.assertEqual(self.places(types=["person.found"], actor="op_a"), [6, 18, 30])
        self.assertEqual(self.places(types=["x"]), [])

    def test_other_forms_are_refused(self):
        for members in (
                {}, {"lethe_query": 2}, {"lethe_query": 1, "owner": "x"}, {"lethe_query": 1, "actor": 1},
                {"lethe_query": 1, "types": ["b", "a"]}, {"lethe_query": 1, "types": []},
                {"lethe_query": 1, "decision": "maybe"}, {"lethe_query": 1, "from_ms": -1}):
            with self.assertRaises(ValueError):
                Query(members)

    def test_other_manifests_are_refused(self):
        for data in (b"", b"\n", b"{}\n", b"[]\n", b'{"lethe_population":1}\n', b"\xff\n", b'{"a":1.5}\n'):
            with self.assertRaises(ValueError):
                parse_manifest(data)

    def test_the_tree_is_that_of_the_definition(self):
        tree = Tree()
        leaves = [hashlib.sha256(bytes([number])).digest() for number in range(70)]
        self.assertEqual(tree.root, hashlib.sha256().digest())
        for number, item in enumerate(leaves):
            tree.append(item)
            self.assertEqual(tree.root, subtree(leaves[: number + 1]))
        self.assertEqual(note.Key(LOG_KEY).name, ORIGIN)


if __name__ == "__main__":
    unittest.main()

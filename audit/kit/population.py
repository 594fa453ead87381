"""Populations: a file of entries with a manifest, bound to the log by the entry `log.exported`.

What is shown: that the file is the one the vault exported, and, with the published log, that it holds exactly
the entries its query means. `docs/format.md#population` describes the files.
"""

import base64
import csv
import datetime
import hashlib
import heapq
import json

from .event import canonical, parse_event, refuse_number, unique_members
from .merkle import EMPTY_ROOT, leaf_hash, node_hash
from .note import Checkpoint
from .proof import verify_proof
from .tiles import Directory, split_hashes, tiles_of
from .wrong import Wrong

FORMAT = 1
MANIFEST_BYTES_MAXIMUM = 4 * 1024 * 1024
ENTRY_BYTES_MAXIMUM = 65_535
PROOF_BYTES_MAXIMUM = 256 * 1024
LINE_BYTES_MAXIMUM = 256 * 1024
EXPORT_EVENT = "log.exported"
REFUSALS = ("operation.denied", "operator.rejected")
CSV_HEADER = "seq,time,type,actor,decision,purpose,case,policies,subjects,leaf_hash,entry"
TEXT, COUNT, OBJECT = "a text", "a count", "an object"
MEMBERS = {
    "origin": TEXT, "format": TEXT, "query": OBJECT, "from": COUNT, "to": COUNT, "pruned_below": COUNT,
    "tree_size": COUNT, "root": TEXT, "checkpoint": TEXT, "reading": COUNT, "time": COUNT, "count": COUNT,
    "bytes": COUNT, "digest": TEXT, "lines_root": TEXT,
}
OPTIONAL = {"first": OBJECT, "last": OBJECT, "sample": OBJECT}
TEXTS = "a list of texts"
CONDITIONS = {
    "lethe_query": COUNT, "actor": TEXT, "case": TEXT, "decision": TEXT, "from_ms": COUNT, "from_seq": COUNT,
    "purpose": TEXT, "salt": TEXT, "subjects": TEXTS, "to_ms": COUNT, "to_seq": COUNT, "types": TEXTS,
}
STRATA = ("none", "type", "actor", "day", "decision")


class Tree:
    """The root of leaves that are appended one by one (RFC 6962)."""

    def __init__(self):
        self.size = 0
        self.subtrees = []

    def append(self, leaf):
        """Append a leaf hash."""
        position = self.size
        while position & 1:
            leaf = node_hash(self.subtrees.pop(), leaf)
            position >>= 1
        self.subtrees.append(leaf)
        self.size += 1

    @property
    def root(self):
        """Return the root so far."""
        if not self.subtrees:
            return EMPTY_ROOT
        current = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            current = node_hash(left, current)
        return current


def fits(value, kind):
    """Say whether a value is of a kind."""
    if kind == COUNT:
        return type(value) is int and value >= 0
    if kind == TEXTS:
        return isinstance(value, list) and value != [] and all(isinstance(item, str) for item in value)
    return isinstance(value, {TEXT: str, OBJECT: dict}[kind])


def require(members, required, optional, what):
    """Raise ValueError unless an object has these members, of these kinds, and no others."""
    for name, kind in required.items():
        if name not in members:
            raise ValueError(f"{what} has no {name}")
    for name, value in members.items():
        kind = required.get(name) or optional.get(name)
        if kind is None:
            raise ValueError(f"{what} has a member {name} that this program does not know")
        if not fits(value, kind):
            raise ValueError(f"{name} of {what} is not {kind}")


def light_event(entry, place=None):
    """Read what queries ask of an entry; raise ValueError when it is none.

    Whether it is canonical is not asked: its hash is compared with the log's, and the file's digest with the
    manifest's. verify.py with a log's directory asks.
    """
    event = json.loads(entry)
    if not isinstance(event, dict) or type(event.get("seq")) is not int or event["seq"] < 0:
        raise ValueError("it has no place in the log")
    if place is not None and event["seq"] != place:
        raise ValueError("its place is another")
    if not isinstance(event.get("type"), str) or type(event.get("time")) is not int or event["time"] < 0:
        raise ValueError("it has no type or time")
    return event


class Query:
    """What entries are meant; every condition that is given has to hold."""

    def __init__(self, members):
        if type(members.get("lethe_query")) is not int or members["lethe_query"] != FORMAT:
            raise ValueError(f"the query is not one of format {FORMAT}")
        require(members, {"lethe_query": COUNT}, CONDITIONS, "the query")
        if members.get("decision", "allow") not in ("allow", "deny"):
            raise ValueError("the decision of the query is neither allow nor deny")
        for name in ("subjects", "types"):
            if members.get(name, []) != sorted(set(members.get(name, [])), key=str.encode):
                raise ValueError(f"{name} of the query is not in order")
        self.members = members
        self.subjects = set(members.get("subjects", ()))

    def range(self, size):
        """Return the first place the query can mean in a log of a size, and the place behind the last."""
        first = min(self.members.get("from_seq", 0), size)
        return first, max(first, min(self.members.get("to_seq", size), size))

    def matches(self, event):
        """Say whether an event meets every condition."""
        wanted = self.members
        purpose, wanted_purpose = event.get("purpose"), wanted.get("purpose")
        return (
            wanted.get("from_seq", 0) <= event["seq"] < wanted.get("to_seq", event["seq"] + 1)
            and wanted.get("from_ms", 0) <= event["time"] < wanted.get("to_ms", event["time"] + 1)
            and ("types" not in wanted or event["type"] in wanted["types"])
            and ("actor" not in wanted or event.get("actor") == wanted["actor"])
            and ("decision" not in wanted or decision_of(event) == wanted["decision"])
            and (wanted_purpose is None or isinstance(purpose, str)
                 and (purpose == wanted_purpose or purpose.startswith(wanted_purpose + ".")))
            and ("case" not in wanted or wanted["case"] in (event.get("case"), event.get("reference")))
            and (not self.subjects or not self.subjects.isdisjoint(subjects_of(event)))
        )


def decision_of(event):
    """Return allow or deny, or None where nothing was decided."""
    if event["type"] in REFUSALS:
        return "deny"
    return event.get("decision") if event.get("decision") in ("allow", "deny") else None


def subjects_of(event):
    """Return the references an event lists."""
    subjects = event.get("subjects", [])
    return [item for item in subjects if isinstance(item, str)] if isinstance(subjects, list) else []


class Sample:
    """Draws a sample: per stratum the entries of smallest SHA-256(seed, 0x00, leaf hash)."""

    ALGORITHM = 1

    def __init__(self, members):
        required = {"algorithm": COUNT, "seed": TEXT, "size": COUNT, "stratify": TEXT}
        require({k: v for k, v in members.items() if k != "strata"}, required, {}, "the sample")
        if members["algorithm"] != self.ALGORITHM or members["stratify"] not in STRATA:
            raise ValueError("the sample is drawn in a way this program does not know")
        if not isinstance(members.get("strata"), list):
            raise ValueError("the sample has no strata")
        self.seed = members["seed"].encode()
        self.size, self.stratify, self.stated = members["size"], members["stratify"], members["strata"]
        self.candidates = {}

    def add(self, event, leaf):
        """Show an entry of the population."""
        rank = hashlib.sha256(self.seed + b"\0" + leaf).digest()
        self.candidates.setdefault(self.key(event), []).append((rank, event["seq"]))

    def key(self, event):
        """Return the stratum of an event."""
        if self.stratify == "day":
            start = datetime.date(1970, 1, 1)
            return (start + datetime.timedelta(days=event["time"] // 86_400_000)).isoformat()
        if self.stratify == "decision":
            return decision_of(event) or ""
        return "" if self.stratify == "none" else event.get(self.stratify, "")

    def draw(self):
        """Return the places drawn, in order, and the table of strata."""
        keys = sorted(self.candidates, key=str.encode)
        populations = [len(self.candidates[key]) for key in keys]
        drawn, table = [], []
        for key, population, share in zip(keys, populations, shares(populations, self.size)):
            drawn += [place for _, place in heapq.nsmallest(share, self.candidates[key])]
            table.append({"drawn": share, "key": key, "population": population})
        return sorted(drawn), table


def shares(populations, size):
    """Spread a sample in proportion, by largest remainder, one each where there is room for all."""
    total = sum(populations)
    wanted = min(size, total)
    if not total:
        return [0] * len(populations)
    spread = [count * wanted // total for count in populations]
    order = sorted(range(len(populations)), key=lambda i: (-(populations[i] * wanted % total), i))
    for index in order[: wanted - sum(spread)]:
        spread[index] += 1
    if wanted >= len(populations):
        for index, share in enumerate(spread):
            if not share:
                donor = max(range(len(spread)), key=lambda i: (spread[i], -populations[i], -i))
                spread[donor] -= 1
                spread[index] = 1
    return spread


def parse_manifest(data):
    """Read a manifest; raise ValueError when it is none."""
    text = data.decode("utf-8")
    manifest = json.loads(
        text, object_pairs_hook=unique_members, parse_float=refuse_number, parse_constant=refuse_number)
    if not isinstance(manifest, dict) or canonical(manifest) + "\n" != text:
        raise ValueError("it is not canonical JSON")
    if type(manifest.get("lethe_population")) is not int or manifest["lethe_population"] != FORMAT:
        raise ValueError("it is not of a known format")
    require(manifest, {"lethe_population": COUNT, **MEMBERS}, OPTIONAL, "the manifest")
    if manifest["format"] not in LINES:
        raise ValueError("its format is unknown")
    for name in ("first", "last"):
        if (name in manifest) != (manifest["count"] > 0):
            raise ValueError(f"its {name} entry does not fit its count")
        if name in manifest:
            require(manifest[name], {"seq": COUNT, "leaf_hash": TEXT}, {}, f"the {name} entry")
    return manifest


def json_line(line):
    """Read a line that is a canonical JSON object."""
    value = json.loads(
        line.decode("utf-8"), object_pairs_hook=unique_members, parse_float=refuse_number,
        parse_constant=refuse_number)
    if not isinstance(value, dict) or canonical(value).encode() != line:
        raise ValueError("the line is not canonical JSON")
    return value


def csv_entry(line):
    """Return the entry of a line of CSV: its last cell."""
    if not line.endswith(b"\r"):
        raise ValueError("the line does not end as a line of CSV does")
    rows = list(csv.reader([line[:-1].decode("utf-8")], strict=True))
    if len(rows) != 1 or len(rows[0]) != len(CSV_HEADER.split(",")):
        raise ValueError("the line does not have a cell for every column")
    return rows[0][-1].encode()


# How to find the entry that a line carries. What a format makes of the entry besides is covered by the
# digest of the file, which the log has; `lethe audit verify-export` also makes it again and compares.
LINES = {
    "jsonl": lambda line: line,
    "csv": csv_entry,
    "ocsf": lambda line: json_line(line)["raw_data"].encode(),
    "cloudevents": lambda line: canonical(json_line(line)["data"]).encode(),
}


class Population:
    """The four files of a population and what verifying them has found out."""

    def __init__(self, path, key, rule=None):
        self.path, self.key, self.rule = path, key, rule
        self.lines = []
        self.notes = []
        self.is_complete = False

    def verify(self, directory=None):
        """Check everything, or raise Wrong; with the directory of the log also that nothing is missing."""
        manifest_path = self.path + ".manifest.json"
        data = read_file(manifest_path, MANIFEST_BYTES_MAXIMUM)
        try:
            self.manifest = parse_manifest(data)
            self.query = Query(self.manifest["query"])
            self.sample = Sample(self.manifest["sample"]) if "sample" in self.manifest else None
            self.checkpoint = Checkpoint(self.manifest["checkpoint"].encode(), self.key)
            self.check_range()
        except (ValueError, RecursionError) as error:
            raise Wrong(manifest_path, None, str(error)) from error
        self.check_event(hashlib.sha256(data).hexdigest())
        digest, length = self.read_lines()
        if directory is not None:
            self.compare(directory)
        self.check_totals(digest, length)

    def check_range(self):
        """Check that the range looked through is the one the query means."""
        manifest, size = self.manifest, self.checkpoint.size
        if (manifest["origin"], manifest["tree_size"]) != (self.checkpoint.origin, size):
            raise ValueError("its checkpoint is another")
        if manifest["root"] != base64_of(self.checkpoint.root):
            raise ValueError("its root is not that of its checkpoint")
        first, end = self.query.range(size)
        kept = manifest["pruned_below"]
        bounds = [min(max(place, kept), max(size, kept)) for place in (first, end)]
        if [manifest["from"], manifest["to"]] != bounds:
            raise ValueError("its range is not the one its query means")

    def check_event(self, manifest_digest):
        """Check the log's entry about the export and its proof."""
        manifest, entry_path, proof_path = self.manifest, self.path + ".entry.json", self.path + ".tlog-proof"
        entry = read_file(entry_path, ENTRY_BYTES_MAXIMUM)
        proof = read_file(proof_path, PROOF_BYTES_MAXIMUM)
        try:
            if proof.split(b"\n", 2)[1:2] and proof.split(b"\n", 2)[1].startswith(b"extra "):
                raise ValueError("the proof carries bytes that nothing authenticates")
            index, self.proven = verify_proof(proof, entry, self.key, self.rule)
            event = parse_event(entry, index)
        except ValueError as error:
            raise Wrong(proof_path, None, str(error)) from error
        if event["type"] != EXPORT_EVENT:
            raise Wrong(entry_path, None, f"the entry is {event['type']}")
        expected = {
            "format": manifest["format"], "from": manifest["from"], "to": manifest["to"],
            "tree_size": manifest["tree_size"], "root": manifest["root"], "count": manifest["count"],
            "file": manifest["digest"], "manifest": manifest_digest, "sampled": "sample" in manifest,
            "query": hashlib.sha256(canonical(manifest["query"]).encode()).hexdigest(),
        }
        expected.update({name: manifest[name]["seq"] for name in ("first", "last") if name in manifest})
        for name, value in expected.items():
            if event.get(name) != value or type(event.get(name)) is not type(value):
                raise Wrong(entry_path, None, f"the log's entry and the manifest do not agree on {name}")
        self.export_entry = index

    def read_lines(self):
        """Read the file; return its digest and length."""
        digest, length, number = hashlib.sha256(), 0, 0
        tree, last = Tree(), -1
        try:
            with open(self.path, "rb") as file:
                while line := file.readline(LINE_BYTES_MAXIMUM):
                    digest.update(line)
                    length, number = length + len(line), number + 1
                    if not line.endswith(b"\n"):
                        raise self.wrong_line(number, "the line is too long or not ended")
                    if self.manifest["format"] == "csv" and number == 1:
                        if line != CSV_HEADER.encode() + b"\r\n":
                            raise self.wrong_line(1, "the line does not name the columns")
                        continue
                    last = self.read_line(number, line[:-1], last, tree)
        except OSError as error:
            raise Wrong(self.path, None, f"cannot be read: {error.strerror}") from error
        self.lines_root = tree.root
        return digest.hexdigest(), length

    def read_line(self, number, line, last, tree):
        """Check one line by itself; return the place of its entry."""
        try:
            entry = LINES[self.manifest["format"]](line)
            event = light_event(entry)
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError, csv.Error) as error:
            raise self.wrong_line(number, f"carries no entry of the log ({error})") from error
        place = event["seq"]
        self.lines.append((number, place, leaf_hash(entry)))
        tree.append(self.lines[-1][2])
        if place <= last:
            raise self.wrong_line(number, f"entry {place} comes after entry {last}")
        if not self.manifest["from"] <= place < self.manifest["to"]:
            raise self.wrong_line(number, f"entry {place} lies outside the range of the export")
        if not self.query.matches(event):
            raise self.wrong_line(number, f"entry {place} is not one the query means")
        return place

    def compare(self, path):
        """Run the query again over the published log and compare entry by entry."""
        log = Directory(path)
        data = log.read("checkpoint")
        try:
            present = Checkpoint(data or b"", self.key)
        except ValueError as error:
            raise Wrong("checkpoint", None, str(error)) from error
        if present.size < self.checkpoint.size:
            raise Wrong("checkpoint", None, "the log is shorter than the one the export was made of")
        # Missing bundles are found out below; which of them may be missing, the export cannot say.
        log.minimum_index = present.size
        roots = {present.size: present.root}
        for other in (self.checkpoint, self.proven):
            if roots.setdefault(other.size, other.root) != other.root:
                raise Wrong("checkpoint", None, f"the log signed two roots of {other.size} entries")
        if self.proven.size > present.size:
            self.notes.append("the log ends before the entry about the export; ask for a newer one")
        expected, pruned = self.expected_entries(log, present.size, roots)
        if self.sample and pruned:
            self.notes.append("the sample cannot be drawn again: entries were pruned since")
            return
        if self.sample:
            drawn, table = self.sample.draw()
            if table != self.sample.stated:
                raise Wrong(self.path, None, "the sample is not spread as the manifest says")
            expected = drawn
        self.require_lines(expected, pruned)
        if pruned:
            self.notes.append(
                f"entries {min(pruned)} to {max(pruned)} were pruned since; that none of them is missing "
                "cannot be shown any more")
        self.is_complete = not pruned

    def expected_entries(self, log, size, roots):
        """Return the places the query means in the log, and those that are pruned there."""
        tree, expected, pruned = Tree(), [], set()
        own = {place: (number, leaf) for number, place, leaf in self.lines}
        first, end = self.query.range(self.checkpoint.size)
        check_root(roots, tree)
        for index, width in tiles_of(0, size):
            _, bundle = log.bundle(index, width)
            if bundle is not None:
                leaves = [leaf_hash(entry) for entry in bundle]
            else:
                path, hashes = log.hashes(0, index, width)
                leaves = split_hashes(hashes, width, path)
            for offset, leaf in enumerate(leaves):
                place = tree.size
                tree.append(leaf)
                check_root(roots, tree)
                if not first <= place < end:
                    continue
                if place in own and own[place][1] != leaf:
                    raise self.wrong_line(own[place][0], f"entry {place} is not as the log has it")
                if bundle is None:
                    if place >= self.manifest["from"]:
                        pruned.add(place)
                    continue
                # A line of ours was asked already, and is this very entry.
                if place in own and not self.sample:
                    expected.append(place)
                    continue
                try:
                    event = light_event(bundle[offset], place)
                except (ValueError, RecursionError) as error:
                    raise Wrong("the log", place, str(error)) from error
                if not self.query.matches(event):
                    continue
                if place < self.manifest["from"]:
                    raise Wrong(
                        self.path, None,
                        f"entry {place} is missing: the export begins at entry {self.manifest['from']} and "
                        "this log still has those before")
                expected.append(place)
                if self.sample:
                    self.sample.add(event, leaf)
        return expected, pruned

    def require_lines(self, expected, pruned):
        """Raise Wrong unless the lines are exactly the entries expected."""
        present = {place for _, place, _ in self.lines}
        last = None
        for place in expected:
            if place not in present:
                where = "before the first line" if last is None else f"after entry {last}"
                raise Wrong(self.path, None, f"entry {place} is missing; it belongs {where}")
            last = place
        wanted = set(expected)
        for number, place, _ in self.lines:
            if place not in wanted and place not in pruned:
                raise self.wrong_line(number, f"entry {place} does not belong here")

    def check_totals(self, digest, length):
        """Compare the file as a whole with the manifest."""
        manifest = self.manifest
        if len(self.lines) != manifest["count"]:
            reason = f"the file has {len(self.lines)} entries and the manifest says {manifest['count']}"
            raise Wrong(self.path, None, reason)
        ends = [(name, line) for name, line in zip(("first", "last"), (self.lines[:1], self.lines[-1:])) if line]
        for name, [(_, place, leaf)] in ends:
            if manifest[name] != {"leaf_hash": leaf.hex(), "seq": place}:
                raise Wrong(self.path, None, f"the {name} entry is not the one the manifest says")
        if base64_of(self.lines_root) != manifest["lines_root"]:
            raise Wrong(self.path, None, "the entries are not those the manifest was made of")
        if (digest, length) != (manifest["digest"], manifest["bytes"]):
            raise Wrong(self.path, None, "the file is not the one the manifest was made for: its digest differs")

    def wrong_line(self, number, reason):
        """Name a line."""
        return Wrong(f"{self.path}, line {number}", None, reason)


def check_root(roots, tree):
    """Raise Wrong when the tree has come to a signed size without its root."""
    if roots.get(tree.size, tree.root) != tree.root:
        raise Wrong("checkpoint", None, f"the first {tree.size} entries do not lead to the signed root")


def base64_of(data):
    """Write bytes in base64."""
    return base64.b64encode(data).decode()


def read_file(path, limit):
    """Read a whole file of a limited size."""
    try:
        with open(path, "rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise Wrong(path, None, f"cannot be read: {error.strerror}") from error
    if len(data) > limit:
        raise Wrong(path, None, f"is larger than {limit} bytes")
    return data


def report_population(population, trusted_from):
    """Write the report on a verified population for people."""
    manifest = population.manifest
    conditions = sorted(name for name in manifest["query"] if name not in ("lethe_query", "salt"))
    lines = [
        f"log         {manifest['origin']}",
        f"key         {population.key.id.hex()} {trusted_from}",
        f"population  {manifest['count']} entries, format {manifest['format']}",
        f"query       {', '.join(conditions) if conditions else 'everything'}",
        f"range       entries {manifest['from']} to {manifest['to'] - 1} of {manifest['tree_size']}",
        f"log entry   {population.export_entry}; {population.proven.size} entries signed",
    ]
    if manifest["pruned_below"]:
        lines.append(f"pruned      entries below {manifest['pruned_below']} were gone at the time")
    if population.sample:
        lines.append(
            f"sample      {manifest['sample']['size']} by {manifest['sample']['stratify']}, "
            f"seed {json.dumps(manifest['sample']['seed'])}")
    lines += [f"note        {note}" for note in population.notes]
    lines.append(
        "OK: this is what was exported, and the log has nothing else that the query means"
        if population.is_complete else
        "OK: this is what was exported; that it is complete takes the log's directory")
    return "\n".join(lines)

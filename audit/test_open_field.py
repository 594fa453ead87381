"""Tests of the independent reader of sealed fields, against vectors that Lethe's own tests use too.

Run with `python3 -m unittest discover audit`.
"""

import base64
import copy
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import open_field
from open_field import DOES_NOT_OPEN, UNKNOWN_VERSION, Refused, open_envelope, open_package

HERE = pathlib.Path(__file__).resolve().parent
VECTORS = HERE.parent / "Tests/SealingTests/Vectors"
MISSING = "the package `cryptography` is missing; tests of open_field.py skipped"


def vectors(name):
    """Read a vector file."""
    return json.loads((VECTORS / name).read_text())


def value_of(case):
    """Give the value of a case, or the pattern that stands for a long one."""
    if "value" in case:
        return bytes.fromhex(case["value"])
    return bytes((7 * i + 3) % 251 for i in range(case["patternByteCount"]))


def key_of(case):
    """Derive FK of a case."""
    names = ("ck", "bk", "vault", "subject")
    ck, bk, vault, subject = (bytes.fromhex(case[name]) for name in names)
    return open_field.field_key((ck, bk), vault, subject, case["generation"], case["bucket"])


def seal(case, value, padded=None, nonce=None):
    """Seal a value at the place of a case."""
    if padded is None:
        body = len(value).to_bytes(2, "big") + value
        padded = body.ljust(open_field.padded_size(len(value)), b"\0")
    header = bytes((1, 1)) + case["generation"].to_bytes(2, "big") + case["bucket"].to_bytes(4, "big")
    vault, subject = bytes.fromhex(case["vault"]), bytes.fromhex(case["subject"])
    nonce = bytes.fromhex(nonce or case["nonce"])
    place = b"".join(
        case[name].to_bytes(size, "big") for name, size in (("table", 2), ("field", 2), ("row", 8)))
    data = b"LTHF\x01" + vault + subject + place + header
    return header + nonce + open_field.AESGCM(key_of(case)).encrypt(nonce, padded, data)


def envelope_of(case):
    """Give the envelope of a case; a long one is made anew and its digest compared."""
    if "envelope" in case:
        return bytes.fromhex(case["envelope"])
    envelope = seal(case, value_of(case))
    assert hashlib.sha256(envelope).hexdigest() == case["envelopeSHA256"], case["name"]
    return envelope


def open_case(case, envelope, **expected):
    """Open an envelope at the place of a case."""
    names = ("ck", "bk", "vault", "subject")
    ck, bk, vault, subject = (bytes.fromhex(case[name]) for name in names)
    cell = (case["table"], case["field"], case["row"])
    return open_envelope(envelope, (ck, bk), vault, subject, cell, **expected)


def open_with(key, case, envelope):
    """Open an envelope at the place of a case with FK."""
    vault, subject = bytes.fromhex(case["vault"]), bytes.fromhex(case["subject"])
    return open_envelope(
        envelope, (key,), vault, subject, (case["table"], case["field"], case["row"]))


def flip(text):
    """Change the last digit of hexadecimal."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


@unittest.skipIf(open_field.AESGCM is None, MISSING)
class EnvelopeTests(unittest.TestCase):
    def setUp(self):
        self.cases = vectors("envelope.json")["cases"]
        self.case = next(case for case in self.cases if case["name"] == "one byte")

    def refuses(self, case, envelope, message=DOES_NOT_OPEN, **expected):
        with self.assertRaises(Refused) as caught:
            open_case(case, envelope, **expected)
        self.assertEqual(str(caught.exception), message)

    def test_every_vector_opens(self):
        self.assertEqual(len(self.cases), 14)
        for case in self.cases:
            with self.subTest(case["name"]):
                envelope = envelope_of(case)
                self.assertEqual(len(envelope), case["envelopeByteCount"])
                expected = {"generation": case["generation"], "bucket": case["bucket"]}
                self.assertEqual(open_case(case, envelope, **expected), value_of(case))
                self.assertEqual(open_with(key_of(case), case, envelope), value_of(case))

    def test_every_vector_is_bound_to_its_place(self):
        for case in self.cases:
            envelope = envelope_of(case)
            for name in ("ck", "bk", "vault", "subject"):
                self.refuses({**case, name: flip(case[name])}, envelope)
            for name in ("table", "field", "row"):
                self.refuses({**case, name: case[name] ^ 1}, envelope)
            for name, most in (("generation", 0xFFFF), ("bucket", 0xFFFF_FFFF)):
                self.refuses(case, envelope, **{name: (case[name] + 1) & most})
            self.refuses({**case, "ck": case["bk"], "bk": case["ck"]}, envelope)

    def test_a_field_key_is_of_one_subject_generation_and_bucket(self):
        for case in self.cases:
            envelope = envelope_of(case)
            others = [{**case, name: flip(case[name])} for name in ("ck", "bk", "vault", "subject")]
            others += [{**case, name: case[name] ^ 1} for name in ("generation", "bucket")]
            keys = [key_of(other) for other in others]
            for key in [*keys, bytes.fromhex(case["ck"]), bytes.fromhex(case["bk"])]:
                with self.assertRaises(Refused) as caught:
                    open_with(key, case, envelope)
                self.assertEqual(str(caught.exception), DOES_NOT_OPEN)

    def test_every_changed_byte_is_refused(self):
        for case in self.cases:
            envelope = envelope_of(case)
            if len(envelope) > 500:
                continue
            for index in range(len(envelope)):
                changed = bytearray(envelope)
                changed[index] ^= 0x80
                self.refuses(
                    case, bytes(changed), UNKNOWN_VERSION if index < 2 else DOES_NOT_OPEN)

    def test_other_versions_and_suites(self):
        envelope = envelope_of(self.case)
        for version, suite in ((0, 1), (2, 1), (1, 0), (1, 2), (1, 3), (255, 255)):
            self.refuses(self.case, bytes((version, suite)) + envelope[2:], UNKNOWN_VERSION)

    def test_lengths_no_value_gives(self):
        envelope = envelope_of(self.case)
        for count in range(len(envelope)):
            self.refuses(self.case, envelope[:count])
        for tail in (b"\0", bytes(32), bytes(4096)):
            self.refuses(self.case, envelope + tail)
        sizes = [n for n in range(70_000) if open_field.is_size(n)]
        self.assertEqual(sizes, [32, 64, 128, 256, 512, 1024, 2048, *range(4096, 69_633, 4096)])

    def test_forged_padding(self):
        file = vectors("forged_padding.json")
        control = open_case(file, bytes.fromhex(file["control"]))
        self.assertEqual(control.hex(), file["controlValue"])
        self.assertGreater(len(file["cases"]), 5)
        for forged in file["cases"]:
            with self.subTest(forged["name"]):
                self.refuses(file, bytes.fromhex(forged["envelope"]))

    def test_a_short_value_in_a_large_class(self):
        for size in (64, 4096, 8192, 69_632):
            padded = (b"\0\1x").ljust(size, b"\0")
            self.refuses(self.case, seal(self.case, b"", padded))
        for last in (b"\1", b"\x80"):
            padded = (b"\0\1x").ljust(31, b"\0") + last
            self.refuses(self.case, seal(self.case, b"", padded))

    def test_keys_with_two_meanings(self):
        # What a commitment would tell apart: the tag alone lets both keys open this one.
        file = vectors("two_key_envelope.json")
        for number in ("1", "2"):
            value = open_case({**file, "ck": file["ck" + number]}, bytes.fromhex(file["envelope"]))
            self.assertEqual(value.hex(), file["value" + number])


def package():
    """Make a package of two subjects, one of them with its second key, and three records."""
    base = {"vault": "0a" * 16, "table": 1, "nonce": "0b" * 12}
    subjects = [{"generation": n, "id": f"{n}2" * 16, "source": source}
                for n, source in ((1, "crm"), (2, "web"))]
    buckets = [n << 24 | 20_000 for n in (1, 3)]
    records, keys = [], {}
    for row, n, values in (
        (5, 0, {1: b"K-1", 2: "Zo\u00eb \u202e".encode()}),
        (6, 1, {1: b"page"}), (9, 1, {3: b"\xff\0"}),
    ):
        subject, bucket = subjects[n], buckets[n]
        place = {**base, "row": row, "subject": subject["id"], "bucket": bucket,
                 "generation": subject["generation"], "ck": f"{n}1" * 32, "bk": f"{n}3" * 32}
        fields = [
            {"envelope": base64.b64encode(seal({**place, "field": n}, value)).decode(),
             "name": f"field_{n}", "number": n}
            for n, value in values.items()]
        records.append({"bucket": bucket, "fields": fields, "row": row,
                        "source": subject["source"], "subject": subject["id"], "table": 1})
        keys[n] = {"bucket": bucket, "fk": key_of(place).hex(), "subject": subject["id"]}
    return {"keys": list(keys.values()), "lethe_sealed_export": 1, "records": records,
            "reference": "C-1", "subjects": subjects, "vault": base["vault"]}


@unittest.skipIf(open_field.AESGCM is None, MISSING)
class PackageTests(unittest.TestCase):
    def refuses(self, text, message=None):
        data = text if isinstance(text, bytes) else json.dumps(text).encode()
        with self.assertRaises(Refused) as caught:
            open_package(data)
        if message:
            self.assertEqual(str(caught.exception), message)
        else:
            self.assertTrue(str(caught.exception).startswith("the package is not one: "))

    def test_every_field_opens(self):
        opened = open_package(json.dumps(package()).encode())
        self.assertEqual(opened, [
            {"field": "field_1", "number": 1, "row": 5, "source": "crm", "value": "K-1"},
            {"field": "field_2", "number": 2, "row": 5, "source": "crm", "value": "Zo\u00eb \u202e"},
            {"field": "field_1", "number": 1, "row": 6, "source": "web", "value": "page"},
            {"field": "field_3", "number": 3, "row": 9, "source": "web", "value_base64": "/wA="},
        ])

    def test_nobody_is_a_package_too(self):
        self.assertEqual(open_package(json.dumps({**package(), "records": [], "keys": []}).encode()), [])

    def changed(self, *path, to):
        """Give a package with the value at a path replaced, or removed when it is left out."""
        made = copy.deepcopy(package())
        place = made
        for step in path[:-1]:
            place = place[step]
        if to is None:
            del place[path[-1]]
        else:
            place[path[-1]] = to
        return made

    def test_what_moved_or_changed_does_not_open(self):
        good = package()
        other = good["records"][1]["fields"][0]["envelope"]
        for made in (
            self.changed("vault", to="0c" * 16), self.changed("keys", 0, "fk", to="dd" * 32),
            self.changed("subjects", 0, "generation", to=2),
            self.changed("subjects", 0, "generation", to=0),
            self.changed("keys", 0, "fk", to=good["keys"][1]["fk"]),
            self.changed("subjects", 1, "generation", to=1), self.changed("records", 0, "row", to=7),
            self.changed("records", 0, "fields", 0, "number", to=3),
            self.changed("records", 0, "fields", 0, "envelope", to=other),
            self.changed("records", 0, "fields", 0, "envelope", to="AQE="),
        ):
            self.refuses(made, DOES_NOT_OPEN)
        raw = bytearray(base64.b64decode(other))
        raw[1] = 2
        unknown = base64.b64encode(bytes(raw)).decode()
        self.refuses(self.changed("records", 1, "fields", 0, "envelope", to=unknown), UNKNOWN_VERSION)

    def test_other_forms_are_refused(self):
        good = package()
        for path, to in (
            (("lethe_sealed_export",), 2), (("lethe_sealed_export",), "1"),
            (("lethe_sealed_export",), True), (("reference",), 1), (("vault",), "0A" * 16),
            (("vault",), "0a" * 15), (("subjects",), {}), (("keys",), "x"), (("records",), {}),
            (("extra",), 1), (("subjects", 0, "extra"), 1), (("records", 0, "extra"), 1),
            (("keys", 0, "extra"), 1), (("records", 0, "fields", 0, "extra"), 1),
            (("buckets",), []), (("subjects", 0, "ck"), "11" * 32), (("keys", 0, "bk"), "11" * 32),
            (("keys", 0, "fk"), "11" * 31), (("keys", 0, "fk"), "11" * 33), (("keys", 0, "fk"), 1),
            (("keys", 0, "subject"), "99" * 16), (("keys", 0, "subject"), 1),
            (("keys", 0, "subject"), good["keys"][1]["subject"]), (("keys", 0), good["keys"][1]),
            (("keys",), good["keys"] + good["keys"][:1]),
            (("keys",), [*good["keys"], {**good["keys"][0], "bucket": 7}]),
            (("keys",), []), (("keys",), good["keys"][1:]), (("subjects", 0, "id"), "22" * 16),
            (("subjects", 0, "source"), "web"), (("subjects", 0, "source"), ""),
            (("subjects", 0, "generation"), 65_536), (("subjects", 0, "generation"), -1),
            (("subjects", 0, "generation"), True), (("keys", 0, "bucket"), 2**32),
            (("keys", 0, "bucket"), good["keys"][1]["bucket"]), (("keys", 0, "bucket"), -1),
            (("records", 0, "bucket"), good["keys"][1]["bucket"]), (("records", 0, "bucket"), 7),
            (("records", 0, "table"), 2),
            (("records", 0, "row"), 0), (("records", 0, "row"), 2**63), (("records", 1, "row"), 5),
            (("records", 0, "row"), "5"), (("records", 0, "subject"), "99" * 16),
            (("records", 0, "source"), "web"), (("records", 0, "fields"), {}),
            (("records", 0, "fields"), []),
            (("records", 0, "fields", 0, "number"), 0),
            (("records", 0, "fields", 0, "number"), 0x8000),
            (("records", 0, "fields", 1, "number"), 1),
            (("records", 0, "fields", 0, "name"), ""),
            (("records", 0, "fields", 0, "envelope"), "*"),
            (("records", 0, "fields", 0, "envelope"), "AQ"),
            (("records", 0, "fields", 0, "envelope"), "\u00e9"),
        ):
            with self.subTest(path=path, to=to):
                self.refuses(self.changed(*path, to=to))
        for path in (
            ("vault",), ("reference",), ("subjects",), ("keys",), ("records",),
            ("lethe_sealed_export",), ("subjects", 0), ("subjects", 0, "generation"), ("keys", 0),
            ("keys", 0, "fk"), ("records", 0), ("keys", 0, "bucket"), ("keys", 0, "subject"),
            ("records", 0, "subject"), ("records", 0, "fields", 0, "envelope"),
        ):
            with self.subTest(path=path):
                self.refuses(self.changed(*path, to=None))

    def test_other_texts_are_refused(self):
        text = json.dumps(package())
        for data in (
            b"", b"x", b"[]", b"1", b"null", text.encode("utf-16"), text.encode()[:-1], b"\xff",
            (text + text).encode(), text.replace('"reference"', '"vault": 1, "reference"').encode(),
            text.replace('"row": 5', '"row": 5.0').encode(),
            text.replace('"row": 5', '"row": NaN').encode(),
            text.replace('"row": 5', '"row": 5, "row": 5').encode(), b"[" * 100_000,
        ):
            self.refuses(data)


@unittest.skipIf(open_field.AESGCM is None, MISSING)
class ProgramTests(unittest.TestCase):
    def setUp(self):
        cases = vectors("envelope.json")["cases"]
        self.case = next(case for case in cases if case.get("text") and "envelope" in case)
        self.places = []
        for name in ("vault", "subject", "table", "field", "row"):
            self.places += [f"--{name}", str(self.case[name])]
        self.keys = ["--ck", self.case["ck"], "--bk", self.case["bk"]]
        self.value = (self.case["text"] + "\n").encode()

    def run_program(self, words, given="", environment=()):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("LETHE_")}
        outcome = subprocess.run(
            [sys.executable, str(HERE / "open_field.py"), *words], input=given.encode(),
            capture_output=True, env={**clean, **dict(environment)}, check=False)
        return outcome.returncode, outcome.stdout, outcome.stderr.decode()

    def test_the_ways_to_name_keys_and_envelope(self):
        raw = bytes.fromhex(self.case["envelope"])
        for text in (
            raw.hex(), raw.hex().upper(), base64.b64encode(raw).decode(),
            base64.encodebytes(raw).decode(),
        ):
            self.assertEqual(
                self.run_program(self.places + self.keys, text), (0, self.value, ""))
        one = ["--envelope", raw.hex()]
        self.assertEqual(self.run_program(self.places + self.keys + one), (0, self.value, ""))
        environment = {"LETHE_CK": self.case["ck"], "LETHE_BK": self.case["bk"]}
        self.assertEqual(
            self.run_program(self.places + one, environment=environment), (0, self.value, ""))
        fk = key_of(self.case).hex()
        self.assertEqual(
            self.run_program(self.places + one + ["--fk", fk]), (0, self.value, ""))
        for named in ({"LETHE_FK": fk}, {**environment, "LETHE_FK": "zz"}):
            words = [] if len(named) == 1 else ["--ck", self.case["ck"]]
            self.assertEqual(
                self.run_program(self.places + one + words, environment=named), (0, self.value, ""))
        self.assertEqual(
            self.run_program(self.places + one + ["--fk", fk], environment=environment),
            (0, self.value, ""))
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "keys"
            file.write_text(f"fk {fk}\n")
            self.assertEqual(
                self.run_program(self.places + one + ["--keys", str(file)]), (0, self.value, ""))
            file.write_text(f"bk {self.case['bk']}\n\nck {self.case['ck']}\n")
            named = ["--keys", str(file)]
            self.assertEqual(self.run_program(self.places + one + named), (0, self.value, ""))
            expected = ["--generation", str(self.case["generation"]),
                        "--bucket", str(self.case["bucket"])]
            self.assertEqual(
                self.run_program(self.places + one + named + expected), (0, self.value, ""))
            self.assertEqual(
                self.run_program(self.places + one + named + ["--bucket", "1"]),
                (1, b"", f"refused: {DOES_NOT_OPEN}\n"))
            for words in (named + self.keys, named + ["--ck", self.case["ck"]]):
                self.assertEqual(self.run_program(self.places + one + words)[0], 2)
            for text in ("", "ck 00\nbk 00\n", f"ck {self.case['ck']}\n", "ck\nbk\n", "x y\n",
                         f"fk {fk}\nck {self.case['ck']}\n", f"fk {fk}\nfk {fk}\n", "fk\n"):
                file.write_text(text)
                status, output, error = self.run_program(self.places + one + named)
                self.assertEqual((status, output), (2, b""))
                self.assertNotIn(self.case["ck"], error)

    def test_failures_look_alike_and_show_no_key(self):
        envelope = self.case["envelope"]
        for words, text in (
            (self.keys, flip(envelope)), (self.keys, envelope[:-2]), (self.keys, "01"),
            (["--ck", self.case["bk"], "--bk", self.case["ck"]], envelope),
            (["--fk", flip(key_of(self.case).hex())], envelope),
            (["--fk", self.case["ck"]], envelope),
        ):
            self.assertEqual(
                self.run_program(self.places + words, text), (1, b"", f"refused: {DOES_NOT_OPEN}\n"))
        self.assertEqual(
            self.run_program(self.places + self.keys, "02" + envelope[2:]),
            (1, b"", f"refused: {UNKNOWN_VERSION}\n"))
        too_long = "00" * (open_field.TEXT_BYTES_MAXIMUM // 2 + 1)
        self.assertEqual(self.run_program(self.places + self.keys, too_long)[0], 1)

    def test_command_lines_that_cannot_be_meant(self):
        envelope = ["--envelope", self.case["envelope"]]
        key = self.case["ck"]
        for words in (
            [], self.places, self.keys, self.places[2:] + self.keys, self.places[:-2] + self.keys,
            self.places + ["--ck", key], self.places + ["--ck", key[:-1], "--bk", key],
            self.places + ["--ck", "zz" * 32, "--bk", key], self.places + self.keys + ["--row", "-1"],
            self.places + self.keys + ["--row", str(2**63)], self.places + self.keys + ["--nope"],
            self.places + self.keys + ["--table", "x"], ["--keys", "/nonexistent"] + self.places,
            ["--package", "/nonexistent"], ["--package", "-", "--ck", key],
            ["--package", "-", "--fk", key], self.places + self.keys + ["--fk", key],
            self.places + ["--fk", key[:-1]], self.places + ["--fk", ""],
        ):
            status, output, error = self.run_program([*words, *envelope], "")
            self.assertEqual((status, output), (2, b""), words)
            self.assertNotIn(key, error)
        for text in ("zz", "xyz", "\u00e9"):
            self.assertEqual(self.run_program(self.places + self.keys, text)[0], 2)

    def test_packages(self):
        text = json.dumps(package())
        status, output, error = self.run_program(["--package", "-"], text)
        self.assertEqual((status, error), (0, ""))
        lines = [json.loads(line) for line in output.splitlines()]
        self.assertEqual(lines, open_package(text.encode()))
        self.assertTrue(output.isascii(), "a value cannot steer a terminal")
        fk = package()["keys"][0]["fk"]
        wrong = text.replace(fk, flip(fk))
        self.assertEqual(
            self.run_program(["--package", "-"], wrong), (1, b"", f"refused: {DOES_NOT_OPEN}\n"))
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "package.json"
            file.write_text(text)
            self.assertEqual(self.run_program(["--package", str(file)]), (0, output, ""))


if __name__ == "__main__":
    unittest.main()

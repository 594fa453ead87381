"""Tests of witness policies and cosignatures."""

import unittest

from kit.note import Key
from kit.policy import POLICY_BYTES_MAXIMUM, WORD_BYTES_MAXIMUM, Policy
from testlog import LOG_KEY, Case, make_event, make_log, make_witness

A, B = make_witness("w1.example"), make_witness("w2.example")


def read(text):
    """Read a policy in which A, B and L stand for keys."""
    words = {"A": A.text, "B": B.text, "L": LOG_KEY}
    lines = [" ".join(words.get(word, word) for word in line.split(" ")) for line in text.split("\n")]
    return Policy("\n".join(lines).encode())


class PolicyTests(unittest.TestCase):
    def test_the_quorum_counts(self):
        witnesses = [make_witness(f"w{number}.example") for number in range(1, 6)]
        lines = ["# who has to cosign", "", f"log {LOG_KEY} https://vault.example/audit"]
        names = ["X1", "X2", "Y1", "Y2", "Y3"]
        lines += [f"witness\t{name}  {witness.text} https://w" for name, witness in zip(names, witnesses)]
        lines += ["  # two of one house, one of the other", "group X all X1 X2", "group Y 2 Y1 Y2 Y3"]
        policy = Policy("\n".join([*lines, "group both any X Y", "quorum both\n"]).encode())
        self.assertEqual([key.identity for key in policy.logs], [Key(LOG_KEY).identity])
        for signed, expected in (
            ([], False), ([0], False), ([0, 1], True), ([2], False), ([2, 3], True), ([3, 4], True),
            ([0, 2], False), ([0, 2, 4], True), ([0, 1, 2, 3, 4], True),
        ):
            identities = {witnesses[number].key.identity for number in signed}
            self.assertEqual(policy.is_satisfied(identities), expected, signed)

    def test_none_and_one(self):
        self.assertTrue(read("quorum none\n").is_satisfied(set()))
        one = read("witness a A\nquorum a")
        self.assertFalse(one.is_satisfied(set()))
        self.assertFalse(one.is_satisfied({B.key.identity}))
        self.assertTrue(one.is_satisfied({A.key.identity}))

    def test_names_are_not_folded(self):
        with self.assertRaises(ValueError):
            read("witness K A\nquorum \u212a\n")

    def test_other_files(self):
        for text in (
            "", "witness a A\n", "quorum\n", "quorum a\n", "quorum none none\n",
            "quorum none\nquorum none\n", "quorum a\nwitness a A\n", "witness\n", "witness a\n",
            "witness a A u v\n", "witness a nokey\n", "witness a L\nquorum none\n", "log A\n", "log\n",
            "log L u v\n", "log L\nlog L\nquorum none\n", "witness none A\nquorum none\n",
            "witness a A\nwitness a B\nquorum a\n", "witness a A\nwitness b A\nquorum a\n",
            "witness a A\ngroup a any a\nquorum a\n", "witness a A\ngroup none any a\nquorum a\n",
            "witness a A\ngroup g any\nquorum a\n", "witness a A\ngroup g any g\nquorum a\n",
            "witness a A\ngroup g any b\nquorum a\n", "witness a A\ngroup g all a a\nquorum a\n",
            "witness a A\ngroup g 0 a\nquorum a\n", "witness a A\ngroup g 2 a\nquorum a\n",
            "witness a A\ngroup g -1 a\nquorum a\n", "witness a A\ngroup g 01 a\nquorum a\n",
            "witness a A\ngroup g most a\nquorum a\n",
            "witness a A\ngroup g any a\ngroup h any a\nquorum h\n", "Quorum none\n",
            "quorum none\r\n", "\x7f\nquorum none\n", "quorum none # why\n", "witnes a A\nquorum none\n",
            f"witness {'x' * (WORD_BYTES_MAXIMUM + 1)} A\nquorum none\n",
            "#" + "x" * POLICY_BYTES_MAXIMUM + "\nquorum none\n",
        ):
            with self.subTest(text[:60]), self.assertRaises(ValueError):
                read(text)
        with self.assertRaises(ValueError):
            Policy(b"\xff\nquorum none\n")


class CosignedLogTests(Case):
    @classmethod
    def setUpClass(cls):
        cls.files = make_log([make_event(i) for i in range(300)])
        cls.text = cls.files["checkpoint"].split(b"\n\n")[0] + b"\n"
        cls.files["checkpoint"] += A.line(cls.text)
        head = f"log {LOG_KEY}\nwitness a {A.text}\nwitness b {B.text}\ngroup g "
        cls.files["any"] = f"{head}any a b\nquorum g\n".encode()
        cls.files["all"] = f"{head}all a b\nquorum g\n".encode()

    def test_quorums(self):
        report = self.assert_right(self.files, "--policy", "{}/any")
        self.assertIn("witness  cosigned by w1.example at 2026-01-01T00:00:00.000Z\n", report)
        self.assertIn("given in the policy", report)
        self.assert_wrong(self.files, "checkpoint: the policy's quorum g", "--policy", "{}/all")
        both = {**self.files, "checkpoint": self.files["checkpoint"] + B.line(self.text)}
        self.assert_right(both, "--policy", "{}/all")
        self.assert_right(both, "--policy", "{}/all", "--witness", A.text, "--vkey", LOG_KEY)

    def test_bad_cosignatures(self):
        for line in (A.line(self.text + b"x\n"), B.line(b"other\n")):
            files = {**self.files, "checkpoint": self.files["checkpoint"] + line}
            self.assert_wrong(files, "checkpoint: the signature by", "--policy", "{}/any")
        self.assert_wrong(self.files, "checkpoint: not cosigned by", "--witness", B.text)

    def test_policies_that_are_none(self):
        for name, data in (("bad", b"quorum g\n"), ("empty", b"")):
            status, _, errors = self.run_verifier({**self.files, name: data}, "--policy", "{}/" + name)
            self.assertEqual(status, 2)
            self.assertIn("is not a policy", errors)


if __name__ == "__main__":
    unittest.main()

"""Tests of the parts of the auditor's verifier: golden vectors and texts in other forms.

Run with `python3 -m unittest discover audit`.
"""

import json
import unittest

from kit import ed25519, event, merkle, note, policy, tiles
from kit.wrong import Wrong
from testlog import LOG_KEY, ORIGIN, WITNESS_KEY, flip, inclusion_path, make_event, subtree

# Golden numbers, computed by a reference program from RFC 6962 and the C2SP specifications and
# checked against golang.org/x/mod/sumdb. The entries are the texts entry-0, entry-1, ...
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "40766b2033429026f53d54502679a839706b4741f8dcaf3a8bba5f41b5ffe075",
    2: "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479",
    7: "9139601cc1ca8ab2a7a0c2c134c04845f2b1ba549a83d6c845cfcda439cc585d",
    256: "f85f4ead34080710b4d1e808301543aaab81aa04deb88599350dc26a4f2f58de",
    257: "918b1cec64f317c76e3cf55c0536841c039eff06772ebb8828ce7c176028b5ac",
}
INCLUSION_3_OF_7 = [
    "049d7dcdb56bcfebd313304c9839f196a3d4b6ef3bdc0b08298f93ac8191f0a8",
    "2f27a5082c1d42afa488ac350a9fc4390c084f54f71ecdff859e98db8429b479",
    "e429c5b5ccaa9523c37297f1846766f903137e82195c5199e6be57130d1006c8",
]
CHECKPOINT_70000 = """vault.example/audit
70000
pipUvjMpT/1aXExjf9dUYwtxqJLoNW46Zmpcin/9FRg=

\u2014 vault.example/audit d6X0Krexe9KgC1YxcGQux91KLA0tpApdrvD2Zp+rIXmCxCHSNlMzaU6RjlBSVo4CgtoS4\
tQlgKIX/QJMGVxyy9zSmw0=
\u2014 witness.example/w1 295kzAAAAABpVbkA8+UUDhMvgL1bysmRDQ5xJ2awreSxV/6KYOPiCQxF9B0zDBlLAc4jbF\
j6HPkUwsctldHU0q33iolJjlVfQN0MAw==
""".encode()
# Public key, message, signature: RFC 8032 section 7.1, tests 1 to 3.
ED25519_VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


class PrimitiveTests(unittest.TestCase):
    def test_ed25519(self):
        for public, message, signature in ED25519_VECTORS:
            public, message, signature = map(bytes.fromhex, (public, message, signature))
            self.assertTrue(ed25519.ed25519_is_valid(public, signature, message))
            self.assertFalse(ed25519.ed25519_is_valid(public, signature, message + b"x"))
            self.assertFalse(ed25519.ed25519_is_valid(public, signature[:-1], message))
            self.assertFalse(ed25519.ed25519_is_valid(public[:-1], signature, message))
            for byte in (0, 31, 32, 63):
                changed = flip(signature, byte)
                self.assertFalse(ed25519.ed25519_is_valid(public, changed, message))
            scalar = int.from_bytes(signature[32:], "little") + ed25519.ORDER
            malleated = signature[:32] + scalar.to_bytes(32, "little")
            self.assertFalse(ed25519.ed25519_is_valid(public, malleated, message))

    def test_points_that_are_none(self):
        for number in (2, ed25519.P, ed25519.P + 1, 2**255 - 1, 1 | 1 << 255):
            self.assertIsNone(ed25519.point_decode(number.to_bytes(32, "little")))

    def test_golden_roots(self):
        leaves = [merkle.leaf_hash(b"entry-%d" % i) for i in range(257)]
        for size, root in ROOTS.items():
            self.assertEqual(merkle.tree_root(leaves[:size]).hex(), root)

    def test_golden_inclusion_proof(self):
        proof = [bytes.fromhex(hash_) for hash_ in INCLUSION_3_OF_7]
        leaf = merkle.leaf_hash(b"entry-3")
        self.assertEqual(merkle.root_from_inclusion(3, 7, leaf, proof).hex(), ROOTS[7])

    def test_every_inclusion_proof_and_no_mutation(self):
        leaves = [merkle.leaf_hash(b"entry-%d" % i) for i in range(40)]

        def leads(index, size, proof):
            try:
                return merkle.root_from_inclusion(index, size, leaves[index], proof) == root
            except (ValueError, IndexError):
                return False

        for size in range(1, 40):
            root = subtree(leaves[:size])
            for index in range(size):
                proof = inclusion_path(index, leaves[:size])
                self.assertTrue(leads(index, size, proof))
                self.assertFalse(leads(index, size, [*proof, leaves[0]]))
                self.assertFalse(leads(index + 1, size, proof))
                for place in range(len(proof)):
                    rest = proof[:place], proof[place + 1 :]
                    self.assertFalse(leads(index, size, [*rest[0], *rest[1]]))
                    changed = [*rest[0], flip(proof[place], 7), *rest[1]]
                    self.assertFalse(leads(index, size, changed))

    def test_golden_checkpoint(self):
        key, witness = note.Key(LOG_KEY), note.Key(WITNESS_KEY)
        checkpoint = note.Checkpoint(CHECKPOINT_70000, key, policy.Rule([witness]))
        self.assertEqual((checkpoint.origin, checkpoint.size), (ORIGIN, 70000))
        self.assertEqual(note.Checkpoint(CHECKPOINT_70000, key).unknown_signatures, 1)
        for byte in range(len(CHECKPOINT_70000)):
            with self.assertRaises(ValueError, msg=f"byte {byte}"):
                note.Checkpoint(flip(CHECKPOINT_70000, byte), key, policy.Rule([witness]))
        with self.assertRaises(ValueError):
            note.Checkpoint(CHECKPOINT_70000, witness)

    def test_keys_in_another_form(self):
        for text in (
            "", "a+b", LOG_KEY + "\n", LOG_KEY[:-1], LOG_KEY.replace("77a5f42a", "77A5F42A"),
            LOG_KEY.replace("77a5f42a", "77a5f42b"), LOG_KEY.replace("vault", "fault"),
            LOG_KEY.replace("+AdPg", "+AtPg"), LOG_KEY.replace("vault.example", "vault example"),
        ):
            with self.assertRaises(ValueError, msg=text):
                note.Key(text)

    def test_notes_in_another_form(self):
        good = "text\n\n\u2014 name AAAAAAE=\n"
        self.assertEqual(note.parse_note(good.encode())[1], [("name", b"\0\0\0\0", b"\1")])
        for text in (
            "", "\n\n", "text\n", "text\n\n", good[:-1], good + "x\n", good.replace("\u2014", "-"),
            good.replace(" name", "  name"), good.replace("name", "na+me"),
            good.replace("AAAAAAE=", "AAAAAAF="), good.replace("AAAAAAE=", "AAAAAA=="),
            good.replace("text", "te\x01xt"), good.replace("text", "text\r"),
            good + good[6:] * 64,
        ):
            with self.assertRaises(ValueError, msg=repr(text)):
                note.parse_note(text.encode())
        with self.assertRaises(ValueError):
            note.parse_note(b"\xff" + good.encode())

    def test_tile_paths(self):
        for kind, index, width, path in (
            (0, 0, 256, "tile/0/000"), (2, 1000, 256, "tile/2/x001/000"),
            (0, 1234067, 8, "tile/0/x001/x234/067.p/8"),
            ("entries", 999, 1, "tile/entries/999.p/1"),
        ):
            self.assertEqual(tiles.tile_path(kind, index, width), path)

    def test_tiles_of_the_specification(self):
        self.assertEqual(len(tiles.tiles_of(0, 70000)), 274)
        self.assertEqual(tiles.tiles_of(0, 70000)[-1], (273, 112))
        self.assertEqual(tiles.tiles_of(1, 70000), [(0, 256), (1, 17)])
        self.assertEqual(tiles.tiles_of(2, 70000), [(0, 1)])
        self.assertEqual(tiles.tiles_of(3, 70000), [])

    def test_bundles(self):
        bundle = bytes.fromhex("00036f6e65000374776f00057468726565")
        self.assertEqual(tiles.split_bundle(bundle, 3, ""), [b"one", b"two", b"three"])
        largest = b"\xff\xff" + b"x" * 65535
        self.assertEqual(len(tiles.split_bundle(largest, 1, "")[0]), 65535)
        for data, width in (
            (bundle, 2), (bundle, 4), (bundle + b"\0", 3), (bundle[:-1], 3), (b"\0", 1), (b"", 1),
        ):
            with self.assertRaises(Wrong):
                tiles.split_bundle(data, width, "")


class EventTests(unittest.TestCase):
    def test_good_events(self):
        for extra in (
            {}, {"a": [1, -5, True, None, {"b": {}}]}, {"\u20ac": "\U0001f600\u00e9\x7f\"\\\n\x1f"},
            {"n": 2**53 - 1, "m": 1 - 2**53},
        ):
            self.assertEqual(event.parse_event(make_event(3, **extra), 3)["seq"], 3)

    def test_keys_are_ordered_by_utf16_units(self):
        tail = '"id":"00","seq":0,"time":1,"type":"a",'
        right = "{" + tail + '"\U0001f600":2,"\ufb33":3}'
        event.parse_event(right.encode(), 0)
        with self.assertRaises(ValueError):
            event.parse_event(("{" + tail + '"\ufb33":3,"\U0001f600":2}').encode(), 0)

    def test_other_entries(self):
        good = make_event(0, a=1).decode()
        for text in (
            "", "x", "[]", "1", good + " ", " " + good, good.replace(":1,", ": 1,"),
            good.replace('"a":1', '"a":1.0'), good.replace('"a":1', '"a":1e2'),
            good.replace('"a":1', '"a":-0'), good.replace('"a":1', '"a":NaN'),
            good.replace('"a":1', '"a":9007199254740992'), good.replace('"a":1', '"a":1,"a":1'),
            good.replace('"a":1', '"a":"\\u0041"'), good.replace('"a":1', '"a":"\\ud800"'),
            good.replace('"a":1', '"a":"\\/"'), good.replace('"a":1', '"b":1,"a":1'),
            good.replace('"a":1', '"a":' + "9" * 5000), good.replace('"seq":0', '"seq":1'),
            good.replace('"seq":0', '"seq":false'), good.replace('"seq":0', '"seq":"0"'),
            good.replace('"time":1', '"time":-1'), good.replace("vault.created", ""),
            good.replace("vault.created", "vault created"), good.replace("vault", "Vault"),
            make_event(0, id="AB").decode(), make_event(0, id="abc").decode(),
            make_event(0, id=5).decode(), make_event(0, time="1").decode(),
            make_event(0, a="x" * 16384).decode(), "[" * 16000,
            make_event(0, a=json.loads("[" * 32 + "]" * 32)).decode(),
        ):
            with self.assertRaises(ValueError, msg=text[:80]):
                event.parse_event(text.encode(), 0)
        with self.assertRaises(ValueError):
            event.parse_event(b'{"a":"\xff"}', 0)
        event.parse_event(make_event(0, a=json.loads("[" * 31 + "]" * 31)), 0)


if __name__ == "__main__":
    unittest.main()

"""Tests of the recipe with standard tools, on the sample that lies in this folder."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).parent
SCRIPT = HERE / "verify-certificate.sh"
SAMPLE = HERE / "sample-certificate"
CERTIFICATE, PROOF = "C-2026-2.certificate", "C-2026-2.tlog-proof"
STEP = 29  # Bytes between two flips; every run starts some forty programs.


def openssl_version():
    """Return the major version of openssl, 0 without one."""
    try:
        text = subprocess.run(["openssl", "version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.match(r"OpenSSL (\d+)", text)
    return int(found.group(1)) if found else 0


@unittest.skipIf(openssl_version() < 3, "openssl 3 or newer is not here")
class RecipeTests(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name) / "certs"
        shutil.copytree(SAMPLE, self.place)

    def run_recipe(self, *arguments):
        """Run the recipe on the copy; return its exit status and what it printed."""
        words = [str(SCRIPT), *(arguments or [str(self.place / CERTIFICATE)])]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_the_sample_is_right(self):
        status, text = self.run_recipe()
        self.assertEqual(status, 0, text)
        self.assertIn("NOT INDEPENDENT", text)
        self.assertIn("OK:", text)

    def test_given_keys(self):
        keys = [str(SAMPLE / "certificates.vkey"), str(SAMPLE / "log.vkey")]
        status, text = self.run_recipe(str(self.place / CERTIFICATE), *keys)
        self.assertEqual(status, 0, text)
        self.assertNotIn("NOT INDEPENDENT", text)
        self.assertEqual(self.run_recipe(str(self.place / CERTIFICATE), *reversed(keys))[0], 1)

    def assert_flips_show(self, name, indexes):
        path = self.place / name
        data = path.read_bytes()
        for index in indexes(data):
            with self.subTest(f"{name} {index}"):
                path.write_bytes(data[:index] + bytes([data[index] ^ 1]) + data[index + 1:])
                self.assertEqual(self.run_recipe()[0], 1)
        path.write_bytes(data)

    def test_flipped_bytes_show(self):
        self.assert_flips_show(CERTIFICATE, lambda data: [*range(0, len(data), STEP), len(data) - 1])
        # The checkpoint stands behind the empty line; the hashes before it are not this recipe's business.
        self.assert_flips_show(
            PROOF, lambda data: range(data.index(b"\n\n"), len(data), 7))
        for name in ("certificates.vkey", "log.vkey"):
            self.assert_flips_show(name, lambda data: [*range(0, len(data), 7), len(data) - 1])

    def test_cut_and_lengthened_files_show(self):
        for name in (CERTIFICATE, PROOF, "certificates.vkey", "log.vkey"):
            path = self.place / name
            data = path.read_bytes()
            for other in (data[:-1], data + b"\n", data + b"x", data + b"\0", b""):
                with self.subTest(f"{name} {len(other)}"):
                    path.write_bytes(other)
                    self.assertEqual(self.run_recipe()[0], 1)
            path.write_bytes(data)

    def test_usage(self):
        self.assertEqual(self.run_recipe("a", "b")[0], 2)
        self.assertEqual(self.run_recipe(str(self.place / "none.certificate"))[0], 2)
        (self.place / "log.vkey").unlink()
        self.assertEqual(self.run_recipe()[0], 2)


if __name__ == "__main__":
    unittest.main()

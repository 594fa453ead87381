"""Tests of the certificate check, on the sample that lies in this folder."""

import contextlib
import io
import pathlib
import shutil
import tempfile
import unittest

import verify

HERE = pathlib.Path(__file__).parent
SAMPLE = HERE / "sample-certificate"
CERTIFICATE = SAMPLE / "C-2026-2.certificate"
KEY = (SAMPLE / "certificates.vkey").read_text().strip()
LOG_KEY = (SAMPLE / "log.vkey").read_text().strip()


def outcome(*arguments):
    """Run the verifier; return its exit status and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = verify.main([str(argument) for argument in arguments])
    return status, out.getvalue() + err.getvalue()


class SampleTests(unittest.TestCase):
    def test_certificate_verifies_and_says_what_it_does_not_cover(self):
        status, text = outcome("--certificate", CERTIFICATE, "--vkey", KEY)
        self.assertEqual(status, 0, text)
        self.assertIn("not covered", text)

    def test_sample_log_and_proof_verify(self):
        self.assertEqual(outcome(HERE / "sample-log")[0], 0)
        status, text = outcome(
            "--vkey", LOG_KEY, "--entry", SAMPLE / "C-2026-2.entry.json",
            "--proof", SAMPLE / "C-2026-2.tlog-proof")
        self.assertEqual(status, 0, text)

    def test_certificate_and_log_tell_the_same(self):
        status, text = outcome("--certificate", CERTIFICATE, "--vkey", KEY, "--log-vkey", LOG_KEY)
        self.assertEqual(status, 0, text)
        self.assertIn("24 entries", text)

    def test_the_log_s_key_does_not_sign_certificates(self):
        self.assertEqual(outcome("--certificate", CERTIFICATE, "--vkey", LOG_KEY)[0], 1)

    def test_a_key_is_needed(self):
        self.assertEqual(outcome("--certificate", CERTIFICATE)[0], 2)

    def test_other_options_do_not_go_with_it(self):
        status, _ = outcome("--certificate", CERTIFICATE, "--vkey", KEY, "--minimum-index", "1")
        self.assertEqual(status, 2)


class TamperedTests(unittest.TestCase):
    def changed(self, change):
        """Verify a changed copy of the certificate."""
        with tempfile.TemporaryDirectory() as place:
            path = pathlib.Path(place) / "changed"
            path.write_bytes(change(CERTIFICATE.read_bytes()))
            return outcome("--certificate", path, "--vkey", KEY)[0]

    def test_every_flipped_byte_shows(self):
        data = CERTIFICATE.read_bytes()
        for index in range(0, len(data), 7):
            flipped = data[:index] + bytes([data[index] ^ 1]) + data[index + 1:]
            self.assertEqual(self.changed(lambda _, flipped=flipped: flipped), 1, index)

    def test_raised_assurance_shows(self):
        self.assertEqual(self.changed(lambda data: data.replace(b'"L1"', b'"L3"')), 1)

    def test_missing_signature_shows(self):
        self.assertEqual(self.changed(lambda data: data.split(b"\n\n")[0] + b"\n"), 1)

    def test_flipped_byte_in_the_sample_log_shows(self):
        with tempfile.TemporaryDirectory() as place:
            copy = pathlib.Path(place) / "log"
            shutil.copytree(HERE / "sample-log", copy)
            bundle = sorted((copy / "tile/entries").rglob("*"), key=lambda path: path.is_file())[-1]
            data = bytearray(bundle.read_bytes())
            data[20] ^= 1
            bundle.write_bytes(data)
            self.assertEqual(outcome(copy)[0], 1)


if __name__ == "__main__":
    unittest.main()

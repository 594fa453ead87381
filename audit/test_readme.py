"""Runs every command of the two READMEs and holds them to each other and to the list of event types."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PAGES = [HERE / "README.md", HERE / "README.ru.md"]
FORMAT = HERE.parent / "docs" / "format.md"
SECONDS = 60


def blocks(page):
    """List the command blocks of a page."""
    return re.findall(r"^```sh\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def rows(text):
    """List the types of events in the first column of a page's tables."""
    lines = [line.split("|")[1] for line in text.split("\n") if line.startswith("| `")]
    return [name for cell in lines for name in re.findall(r"`([a-z]+\.[a-z]+)`", cell)]


class ReadmeTests(unittest.TestCase):
    def test_every_command_block_runs(self):
        for page in PAGES:
            self.assertGreaterEqual(len(blocks(page)), 7)
            for block in blocks(page):
                with self.subTest(page=page.name, block=block), tempfile.TemporaryDirectory() as place:
                    done = subprocess.run(
                        ["bash", "-euo", "pipefail", "-c", block], cwd=HERE.parent, capture_output=True,
                        text=True, timeout=SECONDS, check=False, env={**os.environ, "TMPDIR": place})
                    text = done.stdout + done.stderr
                    self.assertEqual(done.returncode, 0, text)
                    self.assertEqual("refused" in block, "WRONG: tile/0/" in text, text)
                    self.assertIn("refused" if "refused" in block else "OK", text + "OK" * ("--entry" in block))

    def test_both_pages_have_the_same_commands(self):
        self.assertEqual(blocks(PAGES[0]), blocks(PAGES[1]))

    def test_what_is_not_run_is_marked(self):
        for page in PAGES:
            kinds = re.findall(r"^```(\w*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            self.assertEqual(set(kinds[::2]) | {""}, {"sh", "text", ""})

    @unittest.skipUnless(FORMAT.is_file(), "docs/format.md is not here; the kit was copied alone")
    def test_every_type_of_event_is_explained(self):
        text = FORMAT.read_text(encoding="utf-8")
        listed = re.search("<!-- event types -->(.*)<!-- end of event types -->", text, re.DOTALL)
        types = sorted(rows(listed[1]))
        self.assertGreater(len(types), 40)
        for page in PAGES:
            self.assertEqual(sorted(rows(page.read_text(encoding="utf-8"))), types, page.name)

    def test_links_lead_somewhere(self):
        for page in [*PAGES, HERE / "FORMAT.md"]:
            for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
                self.assertTrue((HERE / target).exists(), f"{page.name}: {target}")


if __name__ == "__main__":
    unittest.main()

"""Prints the section of a version in CHANGELOG.md, for the release page.

Argument: the version. Fails if the changelog has no section for it, or one without a date or text, because a release needs
a description.
"""

import pathlib
import re
import sys

CHANGELOG = pathlib.Path(__file__).resolve().parents[2] / "CHANGELOG.md"


def notes(changelog, version):
    section = re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## \[|\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    text = section.group(1).strip() if section else ""
    if not text:
        sys.exit(f"CHANGELOG.md has no section '## [{version}] - YYYY-MM-DD' with text in it")
    return text


print(notes(CHANGELOG.read_text(encoding="utf-8"), sys.argv[1]))

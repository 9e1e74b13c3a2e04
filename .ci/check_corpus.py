"""Checks a copy of the corpus, and compares the findings about PKCE with EXPECTED.tsv."""

import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

forcelint, corpus = sys.argv[1], pathlib.Path(sys.argv[2])
PKCE_RULES = {"pkce-required", "pkce-required-org-wide"}
MALFORMED = "malformed-metadata"

with open(corpus / "EXPECTED.tsv", encoding="utf-8") as file:
    rows = list(csv.DictReader(file, delimiter="\t"))

with tempfile.TemporaryDirectory() as folder:
    copy = pathlib.Path(folder) / "corpus"
    shutil.copytree(corpus, copy)
    run = subprocess.run(
        [forcelint, "check", "--select=pkce", "--format=json", "--min-severity=info", str(copy)],
        capture_output=True,
        check=False,
    )
    assert run.returncode == 1, (run.returncode, run.stderr.decode())
    report = json.loads(run.stdout)

found: dict[str, set[str]] = {}
for finding in report["findings"]:
    found.setdefault(finding["path"], set()).add(finding["rule"])

wrong = 0
for row in rows:
    rules = found.pop(row["path"], set()) & (PKCE_RULES | {MALFORMED})
    expected = set() if row["expect_rule"] == "-" else {row["expect_rule"]}
    if rules != expected:
        wrong += 1
        print(f"{row['path']}: expected {sorted(expected)}, found {sorted(rules)}")
for path, rules in found.items():
    if rules & (PKCE_RULES | {MALFORMED}):
        wrong += 1
        print(f"{path}: not in EXPECTED.tsv, found {sorted(rules)}")
print(f"{len(rows)} files, {wrong} wrong")
sys.exit(1 if wrong else 0)

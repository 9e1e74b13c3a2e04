"""Fixes a copy of a tree, and checks the result with other programs.

`git apply` of `--diff --fix=all` has the same result as `--fix=all`. Each changed file is well-formed
for expat and keeps its root element. No fixes remain, a second run changes nothing, and no file is
created or deleted. All rules run.
"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

forcelint, tree = sys.argv[1], pathlib.Path(sys.argv[2])


def run(folder, *arguments, allowed=(0, 1)):
    done = subprocess.run(arguments, cwd=folder, capture_output=True, check=False)
    assert done.returncode in allowed, (arguments, done.returncode, done.stderr.decode())
    return done.stdout


def contents(folder):
    files = (path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(folder): path.read_bytes() for path in files}


with tempfile.TemporaryDirectory() as folder:
    fixed, patched = pathlib.Path(folder) / "fixed", pathlib.Path(folder) / "patched"
    shutil.copytree(tree, fixed, symlinks=True)
    run(fixed, "chmod", "-R", "u+w", ".")
    shutil.copytree(fixed, patched, symlinks=True)
    before = contents(fixed)

    run(patched, "git", "init", "--quiet")
    patch = run(patched, forcelint, "check", "--diff", "--fix=all", "--min-severity=info", ".")
    subprocess.run(["git", "apply"], cwd=patched, input=patch, check=True)
    run(fixed, forcelint, "check", "--fix=all", "--min-severity=info", ".")
    after = contents(fixed)
    assert after == contents(patched), "the patch and the fix differ"

    changed = [path for path in after if after[path] != before[path]]
    assert changed, "nothing was fixed"
    assert set(after) == set(before), "a file was created or deleted"
    for path in changed:
        root, old_root = (ElementTree.fromstring(text[path]) for text in (after, before))
        assert root.tag == old_root.tag, (path, old_root.tag, root.tag)
    report = json.loads(run(fixed, forcelint, "check", "--format=json", "--min-severity=info", "."))
    remaining = [(finding["path"], finding["rule"]) for finding in report["findings"] if finding["fix"]]
    assert not remaining, remaining
    second = run(fixed, forcelint, "check", "--diff", "--fix=all", "--min-severity=info", ".")
    assert second == b"", "a second fix changes a file"
    print(f"{tree.name}: {len(changed)} files fixed, same as the patch, well-formed, no fixes remain")

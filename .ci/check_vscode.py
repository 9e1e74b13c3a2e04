"""Tests the packed VS Code extension: its files, and the tests of editors/vscode with the packed code.

Argument: the folder with the packages of editors/vscode/package.mjs, including the one for this machine. Needs the
packages that `npm ci` installs in editors/vscode.
"""

import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
SOURCE = ROOT / "editors/vscode"
EXPECTED = {
    "LICENSE.txt", "THIRD-PARTY-NOTICES.txt", "bin/forcelint", "changelog.md", "dist/extension.js", "icon.png",
    "package.json", "readme.md",
}


def unpack(package, folder):
    """Unpacks like VS Code, with the permissions of the files."""
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            path = pathlib.Path(archive.extract(entry, folder))
            if mode := entry.external_attr >> 16 & 0o777:
                path.chmod(mode)
    return folder / "extension"


def main(packages):
    machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    [package] = packages.glob(f"forcelint-*-linux-{machine}.vsix")
    lock = (SOURCE / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock, "package-lock.json names a registry"
    with tempfile.TemporaryDirectory() as work:
        extension = unpack(package, pathlib.Path(work))
        found = {str(path.relative_to(extension)) for path in extension.rglob("*") if path.is_file()}
        assert found == EXPECTED, found ^ EXPECTED
        manifest = json.loads((extension / "package.json").read_text(encoding="utf-8"))
        version = subprocess.run([extension / "bin/forcelint", "--version"], check=True, stdout=subprocess.PIPE, text=True)
        assert version.stdout.strip() == f"forcelint {manifest['version']}", (version.stdout, manifest["version"])
        tests = pathlib.Path(work) / "tests"
        build = [SOURCE / "node_modules/.bin/esbuild", *sorted(SOURCE.glob("test/*.test.ts")), f"--outdir={tests}",
                 "--bundle", "--platform=node", "--target=node20", "--log-level=warning"]
        subprocess.run(build, cwd=SOURCE, check=True)
        environment = {**os.environ, "FORCELINT_EXTENSION": str(extension), "FORCELINT_REPOSITORY": str(ROOT)}
        run = ["node", "--test", "--test-reporter=spec", *sorted(map(str, tests.glob("*.test.js")))]
        sys.exit(subprocess.run(run, env=environment).returncode)


main(pathlib.Path(sys.argv[1]).resolve())

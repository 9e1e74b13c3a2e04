"""Packs the archive of a release for one target: the program, its completions and man pages, license notices, README.

Arguments: the target, the program (which this machine can run) and the folder for the archive. Prints the path of the
archive. The same content gives the same bytes: names are sorted, and times are those of the last commit.
"""

import gzip
import io
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile

import notices

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMPLETIONS = {
    "bash": "forcelint.bash", "zsh": "_forcelint", "fish": "forcelint.fish", "powershell": "_forcelint.ps1",
    "elvish": "forcelint.elv",
}


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout


def contents(target, program, folder):
    """The files of the archive: name, bytes and whether it is executable."""
    name = "forcelint.exe" if program.suffix == ".exe" else "forcelint"
    files = {name: program.read_bytes()}
    for text in ["README.md", "LICENSE", "CHANGELOG.md"]:
        files[text] = (ROOT / text).read_bytes()
    files["THIRD-PARTY-NOTICES.txt"] = notices.notices(target).encode()
    for shell, script in COMPLETIONS.items():
        files[f"completions/{script}"] = run(program, "completions", shell)
    run(program, "man", folder)
    for page in pathlib.Path(folder).iterdir():
        files[f"man/{page.name}"] = page.read_bytes()
    return [(path, content, path == name) for path, content in sorted(files.items())]


def main(target, program, into):
    version = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE).group(1)
    reported = run(program, "--version").decode().strip()
    if reported != f"forcelint {version}":
        sys.exit(f"{program} is {reported!r}, but Cargo.toml has version {version}")
    time = int(run("git", "log", "-1", "--format=%ct"))
    name = f"forcelint-{version}-{target}"
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as pages:
        files = contents(target, program, pages)
    if "windows" in target:
        path = into / f"{name}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for file, content, _ in files:
                # A zip file has no time zone, and starts in 1980.
                archive.writestr(zipfile.ZipInfo(f"{name}/{file}"), content, zipfile.ZIP_DEFLATED)
    else:
        path = into / f"{name}.tar.gz"
        with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=time) as packed:
            with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for file, content, can_run in files:
                    entry = tarfile.TarInfo(f"{name}/{file}")
                    entry.size, entry.mtime, entry.mode = len(content), time, 0o755 if can_run else 0o644
                    archive.addfile(entry, io.BytesIO(content))
    print(path)


main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(sys.argv[3]))

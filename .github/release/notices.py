"""Collects the notices that licenses of dependencies require: each license text, and the crates that have it.

As a program, prints the notices for a target. Arguments: the target, and the package if it is not the program.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LICENSE_FILE = re.compile(r"(licen[sc]e|copying|copyright|notice|unlicense)([-_.].*)?", re.IGNORECASE)
HEADER = "forcelint contains these crates. Each license text follows the crates that it applies to.\n"


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.decode()


def packages(target, root):
    """The crates that are linked into a package for a target, without those of build scripts and tests."""
    listed = cargo("tree", "--locked", f"--package={root}", "--edges=normal,no-proc-macro", "--prefix=none", f"--target={target}", "--format={p}")
    linked = {tuple(line.split()[:2]) for line in listed.splitlines() if line}
    metadata = json.loads(cargo("metadata", "--locked", "--format-version=1", f"--filter-platform={target}"))
    found = [each for each in metadata["packages"] if each["source"] and (each["name"], f"v{each['version']}") in linked]
    return sorted(found, key=lambda each: (each["name"], each["version"]))


def license_texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    # `c_src` has C code that is compiled into the crate.
    candidates = [*folder.iterdir(), *folder.glob("c_src/**/*")]
    files = sorted(path for path in candidates if path.is_file() and LICENSE_FILE.fullmatch(path.name))
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in files]
    return ["\n".join(line.rstrip() for line in text.splitlines()).strip("\n") for text in texts]


def notices(target, root="forcelint"):
    crates_by_text = collections.defaultdict(list)
    for package in packages(target, root):
        crate = f"{package['name']} {package['version']} ({package['license']}), {package['repository']}"
        for text in license_texts(package) or [fallback(package)]:
            crates_by_text[text].append(crate)
    sections = sorted(crates_by_text.items(), key=lambda section: section[1])
    rule = "=" * 80
    return HEADER + "".join("\n".join(["", rule, *crates, rule, "", text, ""]) for text, crates in sections)


def fallback(package):
    """For a crate without a license file: its authors, if the license is the one that every archive contains."""
    if "Apache-2.0" not in package["license"]:
        sys.exit(f"{package['name']} has no license file, and its license is {package['license']}")
    return f"By {', '.join(package['authors'])}. Used under the Apache License 2.0, see the file LICENSE."


if __name__ == "__main__":
    # As bytes, because on Windows text would get another encoding and other line ends.
    sys.stdout.buffer.write(notices(*sys.argv[1:]).encode())

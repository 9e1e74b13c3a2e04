"""Checks the dependencies against deny.toml where cargo-deny is not installed.

Checks licenses, sources and banned crates in the output of `cargo metadata`. Advisories need a
database, so only the workflow checks them.
"""

import json
import re
import subprocess
import sys
import tomllib

with open("deny.toml", "rb") as file:
    policy = tomllib.load(file)
allowed = set(policy["licenses"]["allow"])
banned = {entry["crate"] for entry in policy["bans"]["deny"]}


def permits(expression):
    """Evaluates an SPDX expression as a Python expression. The old separator `/` means OR."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    words, at = [], 0
    while at < len(tokens):
        name = tokens[at]
        if at + 1 < len(tokens) and tokens[at + 1] == "WITH":
            name, at = f"{name} WITH {tokens[at + 2]}", at + 2
        words.append({"AND": "and", "OR": "or", "(": "(", ")": ")"}.get(name, str(name in allowed)))
        at += 1
    return eval(" ".join(words), {})  # It only has True, False, parentheses, `and` and `or`.


wrong = []
for manifest in ("Cargo.toml", "fuzz/Cargo.toml", "benches/speed/Cargo.toml"):
    command = ["cargo", "metadata", "--format-version=1", "--locked", f"--manifest-path={manifest}"]
    packages = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["packages"]
    for package in packages:
        name = f"{package['name']} {package['version']}"
        source = package["source"]
        if package["name"] in banned:
            wrong.append(f"{name} is banned")
        if source is not None and not source.startswith("registry+"):
            wrong.append(f"{name} comes from {source}")
        if not package["license"] or not permits(package["license"]):
            # The runtime of the fuzzer is not a part of releases.
            if package["name"] != "libfuzzer-sys":
                wrong.append(f"{name} has the license {package['license']}")
if wrong:
    sys.exit("\n".join(wrong))
print(f"{len(packages)} packages comply with the licenses, sources and bans in deny.toml")

"""Checks the dependencies against deny.toml where cargo-deny is not installed.

Checks licenses, sources and banned crates in the output of `cargo metadata`. Advisories need a
database: the workflow asks for those.
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
    """An SPDX expression; the old `/` is an OR. Python's own `and` and `or` do the rest."""
    tokens = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))
    words, at = [], 0
    while at < len(tokens):
        name = tokens[at]
        if at + 1 < len(tokens) and tokens[at + 1] == "WITH":
            name, at = f"{name} WITH {tokens[at + 2]}", at + 2
        words.append({"AND": "and", "OR": "or", "(": "(", ")": ")"}.get(name, str(name in allowed)))
        at += 1
    return eval(" ".join(words), {})  # Made of True, False, brackets, `and` and `or` alone.


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
            # The fuzzer's runtime is LLVM's, and is no part of what users get.
            if package["name"] != "libfuzzer-sys":
                wrong.append(f"{name} has the licence {package['license']}")
if wrong:
    sys.exit("\n".join(wrong))
print(f"{len(packages)} packages: licences, sources and bans as deny.toml says")

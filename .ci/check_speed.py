#!/usr/bin/env python3
"""Compares the cost of forcelint with the reference in check_speed.json.

Usage: check_speed.py FORCELINT BENCHMARK [--write]

It counts instructions with callgrind, because they do not depend on the load of the machine. They depend on compiler, libc
and processor, so each count is divided by that of a fixed task (`BENCHMARK --calibrate`, from the crate in benches/speed,
built with the same compiler). Fails if a ratio is more than 15 % above the one in check_speed.json. `--write` updates
the file, for a change that is worth its cost.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

MAX_CHANGE = 1.15
REFERENCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_speed.json")


def instructions(command):
    with tempfile.NamedTemporaryFile() as out:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out.name}", *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} failed:\n{run.stderr}")
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def main():
    forcelint, benchmark = sys.argv[1:3]
    tree = {name: subprocess.run([benchmark, "--tree", name], stdout=subprocess.PIPE, text=True,
                                 check=True).stdout.strip() for name in ("one", "2000")}
    one = os.path.join(tree["one"], "force-app/main/default/connectedApps/App1.connectedApp-meta.xml")
    # One thread, because the cost of distributing work varies.
    check = [forcelint, "check", "--jobs=1"]
    measured = {
        "one file, PKCE": [*check, one, "--select=pkce-required"],
        "one file, all rules": [*check, one],
        "2,000 files, PKCE": [*check, tree["2000"], "--select=pkce-required"],
        "2,000 files, all rules": [*check, tree["2000"]],
    }
    unit = instructions([benchmark, "--calibrate", tree["2000"]])
    ratios = {name: round(instructions(command) / unit, 4) for name, command in measured.items()}
    if "--write" in sys.argv:
        with open(REFERENCE, "w", encoding="utf-8") as file:
            json.dump(ratios, file, indent=2)
            file.write("\n")
    with open(REFERENCE, encoding="utf-8") as file:
        reference = json.load(file)
    slower = False
    for name, ratio in ratios.items():
        change = ratio / reference[name]
        slower |= change > MAX_CHANGE
        print(f"{name:24} {ratio:8.4f} was {reference[name]:8.4f}  {change - 1:+.1%}"
              f"{'  too slow' if change > MAX_CHANGE else ''}")
    if slower:
        sys.exit("forcelint is slower; if the change is worth it, update check_speed.json with --write")


main()

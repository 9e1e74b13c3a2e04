"""Compares the tests that did not pass in Wine with the list of those that cannot pass there.

Arguments: the output of `cargo test`, and the list. A test outside the list that fails, and a test in the list that
passes, are errors. A test that starts a program that Wine does not have is counted as not run.
"""

import re
import sys
import tomllib

RUNNING = re.compile(r"^\s+Running .*[\\/]deps[\\/](\w+)-[0-9a-f]+\.exe\)")
RESULT = re.compile(r"^test (\S+)(?: - should panic)? \.\.\. (?:.*)?\b(ok|FAILED|ignored)\b")
# The error of Rust for a program that does not exist.
MISSING = "program not found"


def read(path):
    """The result of each test, the output of those that failed, and the binaries that ended without a summary."""
    results, outputs, binary, current, ended = {}, {}, "", None, {}
    with open(path, encoding="utf-8", errors="replace") as log:
        for line in log:
            if found := RUNNING.match(line):
                binary, current = found[1], None
                # The library and the program have the same name.
                while binary in ended:
                    binary += "'"
                ended[binary] = False
            elif found := RESULT.match(line):
                results[f"{binary}::{found[1]}"] = found[2]
            elif found := re.match(r"^---- (\S+) stdout ----", line):
                current = f"{binary}::{found[1]}"
                outputs[current] = ""
            elif line.startswith("test result:"):
                ended[binary], current = True, None
            elif current:
                outputs[current] += line
    return results, outputs, [name for name, has_ended in ended.items() if not has_ended]


def main():
    log, listed = sys.argv[1:]
    results, outputs, aborted = read(log)
    with open(listed, "rb") as file:
        groups = tomllib.load(file)["group"]
    expected = {test: group["cause"] for group in groups for test in group["tests"]}
    failed = [test for test, result in results.items() if result == "FAILED"]
    missing = [test for test in failed if MISSING in outputs.get(test, "")]
    known = [test for test in failed if test not in missing and test in expected]
    unknown = [test for test in failed if test not in missing and test not in expected]
    stale = [test for test in expected if results.get(test) != "FAILED"]
    print("not run, because they start a program that Wine does not have (git):", *missing, sep="\n  ")
    for group in groups:
        tests = [test for test in group["tests"] if test in known]
        print(f"cannot pass: {group['cause']}", *tests, sep="\n  ")
    for test in unknown:
        print(f"FAILED {test}\n{outputs.get(test, '')}")
    for test in stale:
        print(f"{test} is in {listed}, but did not fail")
    for binary in aborted:
        print(f"{binary} ended before its last test")
    passed = sum(result == "ok" for result in results.values())
    ignored = sum(result == "ignored" for result in results.values())
    print(f"Wine: {passed} passed, {len(missing)} not run, {len(known)} cannot pass, {len(unknown)} failed, {ignored} ignored")
    if unknown or stale or aborted or not passed:
        sys.exit(1)


main()

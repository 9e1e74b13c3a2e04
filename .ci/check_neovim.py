#!/usr/bin/env python3
"""Tests the language server in headless Neovim with its built-in client.

Opens a file, types text, waits for the diagnostics, applies a code action and saves. The file must
have the same bytes as after `forcelint check --fix` on the command line.

    check_neovim.py FORCELINT
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "testdata" / "sample"
APPS = "force-app/main/default/connectedApps"

# A file of the sample, the rule, the title of the action, the message that disappears, and the
# arguments with the same effect on the command line.
CASES = [
    ("Mobile_Portal", "pkce-required", "Set isPkceRequired to true", "does not require PKCE",
     ["--fix=all", "--select", "pkce-required"]),
    ("Mobile_Portal", "pkce-required", "rollouts included", "does not require PKCE", ["--fix=all"]),
]


def run(forcelint, number, case):
    app, rule, action, gone, arguments = case
    with tempfile.TemporaryDirectory(prefix="forcelint ü ") as folder:
        # If the path has links, client and server may use different paths.
        folder = Path(folder).resolve()
        editor, command_line = folder / "in editor", folder / "on line"
        for project in (editor, command_line):
            shutil.copytree(SAMPLE, project)
        name = f"{APPS}/{app}.connectedApp-meta.xml"
        environment = dict(
            os.environ, FORCELINT=forcelint, FORCELINT_ROOT=str(editor),
            FORCELINT_FILE=str(editor / name), FORCELINT_RULE=rule, FORCELINT_ACTION=action,
            FORCELINT_GONE=gone, XDG_STATE_HOME=str(folder), XDG_CACHE_HOME=str(folder),
        )
        done = subprocess.run(
            ["nvim", "--headless", "--clean", "-n", "-c", f"luafile {HERE / 'neovim.lua'}"],
            env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            sys.exit(f"{app}: {action}: {done.stdout}{done.stderr}")
        subprocess.run([forcelint, "check", "--quiet", *arguments, str(command_line / name)],
                       capture_output=True, check=False)
        edited, expected = ((project / name).read_bytes() for project in (editor, command_line))
        if expected == (SAMPLE / name).read_bytes():
            sys.exit(f"{app}: the command line changed nothing")
        if edited != expected:
            sys.exit(f"{app}: {action}: the file differs from the result of {' '.join(arguments)}:\n"
                     + edited.decode())
        print(f"{app}: {done.stdout.splitlines()[-1].split(chr(9))[1]}")


def main():
    forcelint = os.path.abspath(sys.argv[1])
    for number, case in enumerate(CASES):
        run(forcelint, number, case)


main()

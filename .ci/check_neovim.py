#!/usr/bin/env python3
"""The language server in Neovim, headless, with its built-in client.

Opens a file, types into it, waits for the diagnostics, applies an action at one of them and saves.
The file is then, byte for byte, what `forcelint check --fix` makes of it on the command line.

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

# A file of the sample, its rule, what the action is called, what is gone then, and what the command
# line is told to do the same.
CASES = [
    ("Mobile_Portal", "pkce-required", "Set `isPkceRequired` to `true`", "does not require PKCE",
     ["--fix=all", "--select", "pkce-required"]),
    ("Mobile_Portal", "pkce-required", "roll-outs included", "does not require PKCE", ["--fix=all"]),
]


def run(forcelint, number, case):
    app, rule, action, gone, arguments = case
    with tempfile.TemporaryDirectory(prefix="forcelint ü ") as folder:
        # Where temporary folders are links, clients and server may disagree about names.
        folder = Path(folder).resolve()
        in_editor, on_line = folder / "in editor", folder / "on line"
        for project in (in_editor, on_line):
            shutil.copytree(SAMPLE, project)
        name = f"{APPS}/{app}.connectedApp-meta.xml"
        environment = dict(
            os.environ, FORCELINT=forcelint, FORCELINT_ROOT=str(in_editor),
            FORCELINT_FILE=str(in_editor / name), FORCELINT_RULE=rule, FORCELINT_ACTION=action,
            FORCELINT_GONE=gone, XDG_STATE_HOME=str(folder), XDG_CACHE_HOME=str(folder),
        )
        done = subprocess.run(
            ["nvim", "--headless", "--clean", "-n", "-c", f"luafile {HERE / 'neovim.lua'}"],
            env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            sys.exit(f"{app}: {action}: {done.stdout}{done.stderr}")
        subprocess.run([forcelint, "check", "--quiet", *arguments, str(on_line / name)],
                       capture_output=True, check=False)
        edited, expected = ((project / name).read_bytes() for project in (in_editor, on_line))
        if expected == (SAMPLE / name).read_bytes():
            sys.exit(f"{app}: the command line changed nothing")
        if edited != expected:
            sys.exit(f"{app}: {action}: the file is another one than after {' '.join(arguments)}:\n"
                     + edited.decode())
        print(f"{app}: {done.stdout.splitlines()[-1].split(chr(9))[1]}")


def main():
    forcelint = os.path.abspath(sys.argv[1])
    for number, case in enumerate(CASES):
        run(forcelint, number, case)


main()

"""Tests that names, values and texts cannot act as commands of a terminal or a CI runner.

usage: check_hostile.py FORCELINT

A project, a config, a rule and arguments contain commands of terminals and of GitHub's runner. They
are printed in all formats, by `--diff`, `--show-config` and `rules`, and in error messages. A
terminal emulator (pyte) must find only text and colors in the output. A parser of workflow commands
with the rules of actions/runner must find only annotations.
"""

import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile

import pyte

FORCELINT = str(pathlib.Path(sys.argv[1]).resolve())
FORMATS = ["pretty", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown", "html"]

# A window title, a color, a cleared screen, a link, a response of the terminal, another text direction,
# a command of a runner, and so on.
COMMANDS = [
    "\x1b]0;owned\x07", "\x1b[31m", "\x1b[2J\x1b[H", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b[6n", "\x1bc", "\x1b[?1049h", "\x1bP+q544e\x1b\\", "\x1b]52;c;b3duZWQ=\x07",
    "\x9b31m", "\x9d0;owned\x9c", "\x90q\x9c", "\x85", "\x08\x08\x08", "\r", "\x0e", "\x7f",
    "\u202eexe.txt", "\u2066a\u2069", "\u200fa", "\u061ca", "\u2028", "\ufeff",
    "::error::owned", "\n::error::owned", "\r::set-output name=a::b", "\n##[error]owned", "##[group]x",
    "##vso[task.setvariable variable=a]b", "##teamcity[a]", "\n::add-mask::a", "::stop-commands::a", "%0A::error::a",
    "<script>owned()</script>", "<img src=x onerror=owned()>", "`|**b**", "![x](https://evil.example)", "@octocat",
]


def escaped(text):
    """Escapes text for XML, without control characters that XML does not allow."""
    allowed = (c for c in text if c in "\t\n\r" or ord(c) >= 0x20)
    return "".join(f"&#{ord(c)};" if c in "<&\r\n\t" or ord(c) in range(0x7F, 0xA0) else c for c in allowed)


def toml(text):
    return '"' + "".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in text) + '"'


APP = """<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>{0}</label>
    <oauthConfig>
        <callbackUrl>http://a.example/{0}
{0}://x</callbackUrl>
        <isPkceRequired>{0}</isPkceRequired>
        <scopes>{0}</scopes>
    </oauthConfig>
</ConnectedApp>
"""


def project(folder):
    apps = folder / "force-app" / "x\x1b[31m\u202e" / "connectedApps"
    apps.mkdir(parents=True)
    (folder / "sfdx-project.json").write_text('{ "packageDirectories": [{ "path": "force-app" }], "sourceApiVersion": "66.0" }')
    for at, command in enumerate(COMMANDS):
        text = APP.format(escaped(command))
        (apps / f"Value{at}.connectedApp-meta.xml").write_text(text)
        # In a file name, and in a component's name as the Salesforce CLI escapes it.
        plain = command.replace("/", "∕")
        quoted = "".join(c if c.isalnum() else "".join(f"%{b:02X}" for b in c.encode()) for c in command)
        for name in (f"{at}{plain}", f"{at}{quoted}"):
            (apps / f"{name}.connectedApp-meta.xml").write_text(APP.format("no"))
    for at, command in enumerate(COMMANDS):
        (apps / f"Broken{at}.connectedApp-meta.xml").write_text(f"<ConnectedApp><{command}")


def runs(folder):
    """The arguments of each run."""
    for format in FORMATS:
        yield ["check", f"--format={format}", "--min-severity=info"]
    yield ["check", "--diff", "--fix=all"]
    yield ["check", "--show-config"]
    yield ["rules", "list"]
    for command in COMMANDS:
        if "\0" not in command:
            yield ["check", command]
            yield ["check", f"--select={command}"]
            yield ["check", f"--config={command}"]
            yield ["check", f"--format=json={command}/x"]
            yield ["explain", command]
            yield ["rules", "test", command]


def configs():
    """Configs and rules that contain commands, verbatim and escaped."""
    for command in COMMANDS:
        yield f"select = ['{command}']", f"id = '{command}'\n"
        text = toml(command)
        yield f"select = [{text}]", None
        yield f"exclude = [{text}]\nbaseline = {text}", None
        yield f"{text} = 1", None
        yield f"[rules]\n{text} = {text}", None
        yield f'[[exception]]\nrule = "pkce-required"\npath = "**"\nreason = {text}\nowner = {text}', None
        yield 'rule-paths = ["rule.toml"]', (
            f'id = "own"\ntitle = {text}\nseverity = "low"\nurl = {text}\nhelp = {text}\n'
            f'[[check]]\nmetadata = "ConnectedApp"\neach = "oauthConfig"\nmessage = {text}\n'
            f'require = {{ field = "scopes", is = {text}, absent = "violates" }}\n'
        )


class Terminal:
    """Records what the output requests from a terminal besides text, lines and colors."""

    HARMLESS = {"draw", "linefeed", "tab", "select_graphic_rendition"}

    def __init__(self):
        self.requests = []

    def __getattr__(self, name):
        def note(*arguments, **_):
            if name not in self.HARMLESS:
                self.requests.append((name, arguments))

        return note


def check_for_terminal(text, where):
    terminal = Terminal()
    pyte.ByteStream(terminal, strict=False).feed(text)
    assert not terminal.requests, f"{where}: the terminal would run {terminal.requests[:5]}"
    without_colors = re.sub(rb"\x1b\[[0-9;]*m", b"", text).decode()
    unsafe = {c for c in without_colors if (ord(c) < 0x20 and c not in "\n\t") or 0x7F <= ord(c) < 0xA0
              or c in "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"}
    assert not unsafe, f"{where}: {unsafe}"


def workflow_commands(text):
    """Parses commands like actions/runner: a line starts with optional spaces, `::` and a name, or contains the
    older `##[` anywhere. A command ends at any line end."""
    for line in re.split(r"\r\n|\r|\n", text):
        start = line.lstrip()
        if start.startswith("::") and "::" in start[2:]:
            head = start[2:].split("::")[0].split(" ")[0]
            if head:
                yield head, line
        old = re.search(r"##\[([^\]]*)\]", line)
        if old:
            yield old[1].split(" ")[0], line
        if "##vso[" in line or "##teamcity[" in line:
            yield "command of another runner", line


def check_for_runner(text, allowed, where):
    for name, line in workflow_commands(text):
        assert name in allowed, f"{where}: the command {line[:200]!r}"
        message = line.split("::", 2)[-1]
        assert not re.search(r"[\r\n]", message)


def on_terminal(folder, arguments, environment):
    """Runs forcelint with a terminal as stdout, because terminal output may differ."""
    master, terminal = pty.openpty()
    child = subprocess.Popen([FORCELINT, *arguments], cwd=folder, stdout=terminal, stderr=subprocess.PIPE, env=environment)
    os.close(terminal)
    text = b""
    try:
        while part := os.read(master, 65536):
            text += part
    except OSError:
        # The program closed its end.
        pass
    os.close(master)
    stderr = child.communicate()[1]
    # The terminal converts line ends.
    return subprocess.CompletedProcess(arguments, child.returncode, text.replace(b"\r\n", b"\n"), stderr)


def run(folder, arguments, color):
    environment = {"PATH": os.environ["PATH"], "COLUMNS": "100"}
    if color:
        environment["FORCE_COLOR"] = "1"
    if "--diff" in arguments or "--format=pretty" in arguments and color:
        # In a file or pipe, a patch is verbatim for `git apply`, so it is not sanitized.
        done = on_terminal(folder, arguments, {**environment, "TERM": "xterm"})
    else:
        done = subprocess.run([FORCELINT, *arguments], cwd=folder, capture_output=True, env=environment, check=False)
    where = f"{arguments!r}"
    assert done.returncode in (0, 1, 2), f"{where}: {done}"
    assert b"panicked" not in done.stderr, f"{where}: {done.stderr}"
    is_github = "--format=github" in arguments
    allowed = {"error", "warning", "notice", "group", "endgroup"} if is_github else set()
    for stream in (done.stdout, done.stderr):
        check_for_terminal(stream, where)
        # A patch contains lines of the file verbatim, as SECURITY.md states.
        if stream is done.stderr or "--diff" not in arguments:
            check_for_runner(stream.decode(), allowed, where)
    return done


def main():
    count = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name).resolve() / "project"
        folder.mkdir()
        project(folder)
        for arguments in runs(folder):
            for color in (False, True) if len(arguments) > 2 and "--min-severity=info" in arguments else (True,):
                done = run(folder, arguments, color)
                count += 1
            if "--format=github" in arguments:
                found = [name for name, _ in workflow_commands(done.stdout.decode())]
                assert found.count("error") + found.count("warning") + found.count("notice") >= 10, found[:20]
        small = pathlib.Path(name) / "small"
        (small / "force-app").mkdir(parents=True)
        (small / "sfdx-project.json").write_text('{ "packageDirectories": [{ "path": "force-app" }] }')
        (small / "force-app" / "A.connectedApp-meta.xml").write_text(APP.format("no"))
        for config, rule in configs():
            (small / "forcelint.toml").write_text(config + "\n")
            if rule:
                (small / "rule.toml").write_text(rule)
            for arguments in (["check", "--show-config"], ["check", "--format=pretty", "--show-suppressed"]):
                run(small, arguments, True)
                count += 1
            if rule:
                run(small, ["rules", "test", "rule.toml"], True)
                run(small, ["explain", "own"], True)
                count += 2
    print(f"{count} runs: only text and colors for a terminal, only annotations for a CI runner")


main()

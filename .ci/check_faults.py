"""Stops `forcelint check --fix` at every one of its system calls, and fills its disk.

usage: check_faults.py FORCELINT [KILLS]

Between each two of a run over one file, and at random ones of runs over many, the run is killed;
between each two of another the file is replaced by somebody else. However it goes, every file is the
old one or the new one, never a part of one, what somebody else wrote is still there, and the next
run ends the work. Linux only: the system calls are counted by ptrace.
"""

import ctypes
import json
import os
import platform
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

FORCELINT = os.path.abspath(sys.argv[1])
SEED = 20_250_101
KILLS = int(sys.argv[2]) if len(sys.argv) > 2 else 500

OLD = """<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <oauthConfig>
        <callbackUrl>https://portal.acme.test/callback</callbackUrl>
    </oauthConfig>
</ConnectedApp>
"""
NEW = OLD.replace("    </oauthConfig>", "        <isPkceRequired>true</isPkceRequired>\n    </oauthConfig>")
# Of a file that is written in several pieces a half could be seen.
LONG = "    <!-- " + "x" * 300_000 + " -->\n"
THEIRS = OLD.replace("acme", "theirs")

libc = ctypes.CDLL(None, use_errno=True)
TRACEME, SYSCALL, SETOPTIONS, SYSCALL_INFO = 0, 24, 0x4200, 0x420E
# Stops at system calls are distinct; threads are followed; no process outlives this program.
OPTIONS = 0x1 | 0x8 | 0x100000
WALL = 0x40000000
# futex and sched_yield: how often threads wait for one another is another number in each run.
WAITING = {"x86_64": {202, 24}, "aarch64": {98, 124}}.get(platform.machine(), set())


def ptrace(request, process, data=0):
    if libc.ptrace(request, process, 0, ctypes.c_void_p(data)) == -1:
        raise OSError(ctypes.get_errno(), "ptrace")


def begins(thread):
    """Whether it is before a call that does something."""
    about = ctypes.create_string_buffer(88)
    if libc.ptrace(SYSCALL_INFO, thread, ctypes.c_void_p(len(about)), about) == -1:
        raise OSError(ctypes.get_errno(), "ptrace")
    call = int.from_bytes(about.raw[24:32], sys.byteorder)
    return about.raw[0] == 1 and call not in WAITING


def stepped(arguments, folder, at_call):
    """Runs forcelint and calls at_call(number) before each system call of its main thread,
    which alone writes files: what others do between comes out in another order each time. If that
    returns something true, the run is killed. Returns its exit status, None if it was killed, and how
    many calls there were."""
    null = os.open(os.devnull, os.O_RDWR)
    process = os.fork()
    if process == 0:
        os.chdir(folder)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        libc.ptrace(TRACEME, 0, 0, 0)
        os.execv(FORCELINT, [FORCELINT, "check", "--select=pkce", *arguments])
    os.close(null)
    os.waitpid(process, 0)
    ptrace(SETOPTIONS, process, OPTIONS)
    ptrace(SYSCALL, process)
    calls, killed = 0, False
    while True:
        thread, status = os.waitpid(-1, WALL)
        if thread == process and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
            return (None if killed else os.waitstatus_to_exitcode(status)), calls
        if not os.WIFSTOPPED(status):
            continue
        stop = os.WSTOPSIG(status)
        if stop == signal.SIGTRAP | 0x80 and thread == process and not killed and begins(thread):
            calls += 1
            if at_call(calls):
                os.kill(process, signal.SIGKILL)
                killed = True
                continue
        passed_on = 0 if stop in (signal.SIGTRAP, signal.SIGTRAP | 0x80, signal.SIGSTOP) else stop
        try:
            ptrace(SYSCALL, thread, passed_on)
        except OSError:
            # It was killed meanwhile.
            pass


def project(folder, texts):
    for name, text in texts.items():
        path = folder / "force-app" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings = {"packageDirectories": [{"path": "force-app"}], "sourceApiVersion": "66.0"}
    (folder / "sfdx-project.json").write_text(json.dumps(settings))


def check(condition, message):
    if not condition:
        sys.exit(f"check_faults.py: {message}")


def temporary(folder):
    return [path for path in folder.rglob(".forcelint-*")]


def long(text):
    return text.replace("</ConnectedApp>\n", LONG + "</ConnectedApp>\n")


def run(folder, *arguments, **options):
    command = [FORCELINT, "check", "--select=pkce", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, **options)


def killed_at_every_step(folder):
    name = "A.connectedApp-meta.xml"
    path = folder / "force-app" / name
    old, new = long(OLD), long(NEW)
    arguments = ["--fix=all", f"force-app/{name}"]
    project(folder, {name: old})
    _, calls = stepped(arguments, folder, lambda _: False)
    check(path.read_text() == new, "a run that was only watched did not fix the file")
    seen, left = {old: 0, new: 0}, 0
    for step in range(1, calls + 1):
        path.write_text(old)
        stepped(arguments, folder, lambda call: call == step)
        text = path.read_text()
        check(text in seen, f"killed at system call {step}, the file is torn: {len(text)} characters")
        seen[text] += 1
        left += len(temporary(folder)) > 0
        if text == old and step % 10 == 0:
            ended = run(folder, *arguments)
            check(ended.returncode == 0 and path.read_text() == new, f"not ended: {ended.stderr}")
            check(not temporary(folder), f"{temporary(folder)} is left after the next run")
    check(seen[old] and seen[new] and left, f"no kill hit the work: {seen.values()}, {left}")
    print(f"killed at each of {calls} system calls: old {seen[old]} times, new {seen[new]} times; "
          f"{left} left a temporary file, the next run none")


def replaced_at_every_step(folder):
    """Somebody else saves the file while forcelint is at work. All that they may lose it to is the
    rename itself, right behind the last look at the file."""
    name = "A.connectedApp-meta.xml"
    path = folder / "force-app" / name
    arguments = ["--fix=all", f"force-app/{name}"]
    project(folder, {name: OLD})
    _, calls = stepped(arguments, folder, lambda _: False)
    fixed_theirs = NEW.replace("acme", "theirs")
    lost, said = [], 0
    for step in range(1, calls + 1):
        path.write_text(OLD)

        def replace(call):
            if call == step:
                beside = folder / "theirs"
                beside.write_text(THEIRS)
                beside.rename(path)

        status, made = stepped(arguments, folder, replace)
        if made < step:
            # It had less to do, and was over before.
            continue
        text = path.read_text()
        if text == NEW:
            lost.append(step)
        else:
            check(text in (THEIRS, fixed_theirs), f"replaced at {step}, the file is {text!r}")
            check(status in ((0, 1) if text == fixed_theirs else (0, 1, 2)), f"{step}: {status}")
            said += status == 2
        check(not temporary(folder), f"replaced at {step}, a temporary file is left")
    # What is compared is open by then, read and closed; the next call is the rename.
    check(len(lost) <= 6 and (not lost or lost[-1] - lost[0] <= 10),
          f"what somebody else wrote was lost at the steps {lost} of {calls}")
    check(said > 0, "no run noticed that the file was replaced")
    print(f"replaced at each of {calls} system calls: kept at all but {len(lost)}, around the rename")


def killed_at_random(folder, random_numbers):
    names = [f"{at % 7}/{at}.connectedApp-meta.xml" for at in range(30)]
    project(folder, {name: OLD for name in names})
    _, calls = stepped(["--fix=all"], folder, lambda _: False)
    partly = 0
    for _ in range(KILLS):
        # What the last run left behind is still there.
        project(folder, {name: OLD for name in names})
        kill_at = random_numbers.randrange(calls // 5, calls)
        stepped(["--fix=all"], folder, lambda call: call == kill_at)
        texts = [(folder / "force-app" / name).read_text() for name in names]
        check(all(text in (OLD, NEW) for text in texts), "a file is torn")
        partly += OLD in texts and NEW in texts
    project(folder, {name: OLD for name in names})
    ended = run(folder, "--fix=all")
    texts = [(folder / "force-app" / name).read_text() for name in names]
    check(ended.returncode == 0 and set(texts) == {NEW}, f"not ended: {ended.stderr}")
    check(not temporary(folder), f"{temporary(folder)} is left")
    check(partly > KILLS // 4, f"only {partly} kills hit the work")
    print(f"killed {KILLS} times in a tree of {len(names)} files: {partly} in the middle of the work")


def full(folder, kind, **options):
    """The old file is there, nothing beside it, and the run says what could not be done."""
    name = "A.connectedApp-meta.xml"
    project(folder, {name: long(OLD), "B.connectedApp-meta.xml": OLD})
    ended = run(folder, "--fix=all", **options)
    check(ended.returncode == 2, f"{kind}: exit status {ended.returncode}\n{ended.stderr}")
    words = f"error: force-app/{name} cannot be written: "
    check(words in ended.stderr, f"{kind}: {ended.stderr}")
    check((folder / "force-app" / name).read_text() == long(OLD), f"{kind}: the file is torn")
    check(not temporary(folder), f"{kind}: {temporary(folder)} is left")
    return (folder / "force-app" / "B.connectedApp-meta.xml").read_text()


def too_large(folder):
    """Every file may have so many bytes, and no more."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    check(full(folder, "a limit", preexec_fn=limit) == NEW, "the small file was not fixed")
    print("a file that may not grow: named, left as it was, the rest fixed")


def full_disk(folder):
    """A file system of its own that is full, where the system lets us have one."""
    inner = os.environ.get("CHECK_FAULTS_MOUNTED")
    if inner:
        disk = Path(inner)
        project(disk, {"A.connectedApp-meta.xml": long(OLD), "B.connectedApp-meta.xml": OLD})
        ballast = os.open(disk / "ballast", os.O_CREAT | os.O_WRONLY)
        try:
            while os.write(ballast, b"x" * 4096):
                pass
        except OSError:
            os.close(ballast)
        name = "A.connectedApp-meta.xml"
        ended = run(disk, "--fix=all")
        check(ended.returncode == 2 and "No space left" in ended.stderr, f"{ended}")
        check((disk / "force-app" / name).read_text() == long(OLD), "full disk: the file is torn")
        check(not temporary(disk), f"full disk: {temporary(disk)} is left")
        (disk / "ballast").unlink()
        check(run(disk, "--fix=all").returncode == 0, "not fixed once there is room again")
        return
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c",
               'mount -t tmpfs -o size=1m none "$0" && CHECK_FAULTS_MOUNTED="$0" exec "$@"',
               str(folder), sys.executable, os.path.abspath(__file__), FORCELINT]
    mounts = subprocess.run([*command[:5], 'mount -t tmpfs none "$0"', str(folder)], capture_output=True)
    if mounts.returncode != 0:
        print("a full disk: not tried, nothing can be mounted here; a limit on file sizes takes its place")
        return
    if subprocess.run(command).returncode != 0:
        sys.exit(1)
    print("a full disk: named, left as it was, fixed once there was room")


def main():
    if os.environ.get("CHECK_FAULTS_MOUNTED"):
        return full_disk(None)
    for fault in (killed_at_every_step, replaced_at_every_step, too_large, full_disk,
                  lambda folder: killed_at_random(folder, random.Random(SEED))):
        folder = Path(tempfile.mkdtemp(prefix="faults-")).resolve()
        try:
            fault(folder)
        finally:
            shutil.rmtree(folder)


main()

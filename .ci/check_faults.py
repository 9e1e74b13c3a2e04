"""Kills `forcelint check --fix` at each of its system calls, and fills its disk.

usage: check_faults.py FORCELINT [KILLS]

It kills runs on one file before each system call, and runs on many files at random calls. In other
runs, it replaces the file before each call. In all cases, each file has its old or new content, the
replaced file is kept, and the next run completes the fixes. It counts system calls with ptrace, so
it only works on Linux.
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
# Long enough to be written in several pieces, so that a half-written file could exist.
LONG = "    <!-- " + "x" * 300_000 + " -->\n"
THEIRS = OLD.replace("acme", "theirs")

libc = ctypes.CDLL(None, use_errno=True)
TRACEME, SYSCALL, SETOPTIONS, SYSCALL_INFO = 0, 24, 0x4200, 0x420E
# Marks stops at system calls, traces threads, and kills the process if this program ends.
OPTIONS = 0x1 | 0x8 | 0x100000
WALL = 0x40000000
# futex and sched_yield: the number of waits between threads differs in each run.
WAITING = {"x86_64": {202, 24}, "aarch64": {98, 124}}.get(platform.machine(), set())


def ptrace(request, process, data=0):
    if libc.ptrace(request, process, 0, ctypes.c_void_p(data)) == -1:
        raise OSError(ctypes.get_errno(), "ptrace")


def is_before_counted_call(thread):
    """Whether the thread is before a system call to count."""
    about = ctypes.create_string_buffer(88)
    if libc.ptrace(SYSCALL_INFO, thread, ctypes.c_void_p(len(about)), about) == -1:
        raise OSError(ctypes.get_errno(), "ptrace")
    call = int.from_bytes(about.raw[24:32], sys.byteorder)
    return about.raw[0] == 1 and call not in WAITING


def run_traced(arguments, folder, at_call):
    """Runs forcelint, and calls at_call(number) before each system call of its main thread. Only
    that thread writes files, and calls of other threads have another order in each run. If at_call
    returns a true value, the run is killed. Returns the exit status (None if killed) and the number
    of calls."""
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
        if stop == signal.SIGTRAP | 0x80 and thread == process and not killed and is_before_counted_call(thread):
            calls += 1
            if at_call(calls):
                os.kill(process, signal.SIGKILL)
                killed = True
                continue
        forwarded = 0 if stop in (signal.SIGTRAP, signal.SIGTRAP | 0x80, signal.SIGSTOP) else stop
        try:
            ptrace(SYSCALL, thread, forwarded)
        except OSError:
            # The process was killed.
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
    _, calls = run_traced(arguments, folder, lambda _: False)
    check(path.read_text() == new, "a traced run did not fix the file")
    seen, left = {old: 0, new: 0}, 0
    for step in range(1, calls + 1):
        path.write_text(old)
        run_traced(arguments, folder, lambda call: call == step)
        text = path.read_text()
        check(text in seen, f"killed at system call {step}, the file is half-written: {len(text)} characters")
        seen[text] += 1
        left += len(temporary(folder)) > 0
        if text == old and step % 10 == 0:
            done = run(folder, *arguments)
            check(done.returncode == 0 and path.read_text() == new, f"not completed: {done.stderr}")
            check(not temporary(folder), f"{temporary(folder)} remains after the next run")
    check(seen[old] and seen[new] and left, f"no run was killed during its work: {seen.values()}, {left}")
    print(f"killed at each of {calls} system calls: old {seen[old]} times, new {seen[new]} times; "
          f"{left} left a temporary file, the next run none")


def replaced_at_every_step(folder):
    """Another program saves the file during a run. The change may be lost only if it happens right
    before the rename, after forcelint compared the file for the last time."""
    name = "A.connectedApp-meta.xml"
    path = folder / "force-app" / name
    arguments = ["--fix=all", f"force-app/{name}"]
    project(folder, {name: OLD})
    _, calls = run_traced(arguments, folder, lambda _: False)
    fixed_theirs = NEW.replace("acme", "theirs")
    lost, noticed = [], 0
    for step in range(1, calls + 1):
        path.write_text(OLD)

        def replace(call):
            if call == step:
                replacement = folder / "theirs"
                replacement.write_text(THEIRS)
                replacement.rename(path)

        status, count = run_traced(arguments, folder, replace)
        if count < step:
            # The run had fewer calls.
            continue
        text = path.read_text()
        if text == NEW:
            lost.append(step)
        else:
            check(text in (THEIRS, fixed_theirs), f"replaced at {step}, the file is {text!r}")
            check(status in ((0, 1) if text == fixed_theirs else (0, 1, 2)), f"{step}: {status}")
            noticed += status == 2
        check(not temporary(folder), f"replaced at {step}, a temporary file remains")
    # Before the rename, forcelint opens, reads and closes the file.
    check(len(lost) <= 6 and (not lost or lost[-1] - lost[0] <= 10),
          f"the change of another program was lost at the steps {lost} of {calls}")
    check(noticed > 0, "no run noticed that the file was replaced")
    print(f"replaced at each of {calls} system calls: kept except at {len(lost)} before the rename")


def killed_at_random(folder, random_numbers):
    names = [f"{at % 7}/{at}.connectedApp-meta.xml" for at in range(30)]
    project(folder, {name: OLD for name in names})
    _, calls = run_traced(["--fix=all"], folder, lambda _: False)
    partly = 0
    for _ in range(KILLS):
        # Temporary files of the previous run still exist.
        project(folder, {name: OLD for name in names})
        kill_at = random_numbers.randrange(calls // 5, calls)
        run_traced(["--fix=all"], folder, lambda call: call == kill_at)
        texts = [(folder / "force-app" / name).read_text() for name in names]
        check(all(text in (OLD, NEW) for text in texts), "a file is half-written")
        partly += OLD in texts and NEW in texts
    project(folder, {name: OLD for name in names})
    done = run(folder, "--fix=all")
    texts = [(folder / "force-app" / name).read_text() for name in names]
    check(done.returncode == 0 and set(texts) == {NEW}, f"not completed: {done.stderr}")
    check(not temporary(folder), f"{temporary(folder)} remains")
    check(partly > KILLS // 4, f"only {partly} runs were killed during their work")
    print(f"killed {KILLS} times in a tree of {len(names)} files: {partly} during the work")


def full(folder, kind, **options):
    """The run reports an error, the file is unchanged, and no temporary file remains."""
    name = "A.connectedApp-meta.xml"
    project(folder, {name: long(OLD), "B.connectedApp-meta.xml": OLD})
    done = run(folder, "--fix=all", **options)
    check(done.returncode == 2, f"{kind}: exit status {done.returncode}\n{done.stderr}")
    words = f"error: force-app/{name} cannot be written: "
    check(words in done.stderr, f"{kind}: {done.stderr}")
    check((folder / "force-app" / name).read_text() == long(OLD), f"{kind}: the file is half-written")
    check(not temporary(folder), f"{kind}: {temporary(folder)} remains")
    return (folder / "force-app" / "B.connectedApp-meta.xml").read_text()


def too_large(folder):
    """A limit on file size, which the fixed file would exceed."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    check(full(folder, "a limit", preexec_fn=limit) == NEW, "the small file was not fixed")
    print("file size limit: reported, the file is unchanged, the other file is fixed")


def full_disk(folder):
    """A full file system, if this user may mount one."""
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
        done = run(disk, "--fix=all")
        check(done.returncode == 2 and "No space left" in done.stderr, f"{done}")
        check((disk / "force-app" / name).read_text() == long(OLD), "full disk: the file is half-written")
        check(not temporary(disk), f"full disk: {temporary(disk)} remains")
        (disk / "ballast").unlink()
        check(run(disk, "--fix=all").returncode == 0, "not fixed after space was freed")
        return
    command = ["unshare", "--mount", "--map-root-user", "sh", "-c",
               'mount -t tmpfs -o size=1m none "$0" && CHECK_FAULTS_MOUNTED="$0" exec "$@"',
               str(folder), sys.executable, os.path.abspath(__file__), FORCELINT]
    mounts = subprocess.run([*command[:5], 'mount -t tmpfs none "$0"', str(folder)], capture_output=True)
    if mounts.returncode != 0:
        print("full disk: skipped, because this user may not mount a file system")
        return
    if subprocess.run(command).returncode != 0:
        sys.exit(1)
    print("full disk: reported, the file is unchanged, fixed after space was freed")


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

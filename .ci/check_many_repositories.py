"""Tests docs/examples/many_repositories.py and `forcelint report merge` over generated repositories.

usage: check_many_repositories.py FORCELINT [COUNT]

It writes COUNT repositories (2,000 by default): clones and zips, with apps that differ, exceptions, broken files, a broken
config, and names with markup. Dask checks them, and one of its workers is killed meanwhile. Every repository must be in
the result, and the numbers must agree with the reports. It prints the cost of a repository, and that of the merge for a
quarter and for all of the reports. Needs `dask[distributed]` and `duckdb`.
"""

import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import duckdb

APP = """<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>App</label>
    <oauthConfig>
        <callbackUrl>{callback}</callbackUrl>
        <isConsumerSecretOptional>{public}</isConsumerSecretOptional>
        <isPkceRequired>{pkce}</isPkceRequired>
        <isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken>
        <scopes>{scope}</scopes>
    </oauthConfig>
    <oauthPolicy><ipRelaxation>{ip}</ipRelaxation><refreshTokenPolicy>zero</refreshTokenPolicy></oauthPolicy>
</ConnectedApp>
"""
SITE = """<?xml version="1.0" encoding="UTF-8"?>
<RemoteSiteSetting xmlns="http://soap.sforce.com/2006/04/metadata">
    <disableProtocolSecurity>false</disableProtocolSecurity>
    <isActive>true</isActive>
    <url>https://{host}.example</url>
</RemoteSiteSetting>
"""
EXCEPTION = '[[exception]]\nrule = "pkce-required"\ncomponent = "ConnectedApp:App_0"\nreason = "moves"\nexpires = {}\n'


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def write_app(path, random):
    write(path, APP.format(
        callback=random.choice(["https://a.example/callback", "acme://done", "http://localhost/x"]),
        public=random.choice(["true", "false"]), pkce=random.choice(["true", "true", "false"]),
        scope=random.choice(["Api", "Full", "RefreshToken"]), ip=random.choice(["ENFORCE", "BYPASS"]),
    ))


def write_repositories(folder, count):
    """Returns the expected exit status of those that are special."""
    numbers, special = random.Random(7), {}
    for number in range(count):
        name = f"team-{number % 40}/repo-{number}"
        kind = number % 50
        if kind == 1:
            name = f"team-{number % 40}/<b>{number} ##[error] =1+1"
        if kind in (2, 3):
            zipped = folder / f"{name}.zip"
            zipped.parent.mkdir(parents=True, exist_ok=True)
            with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("unpackaged/package.xml", "<Package><version>66.0</version></Package>")
                archive.writestr("unpackaged/remoteSiteSettings/Site.remoteSite", SITE.format(host=f"h{number}"))
            special[name] = 0
            continue
        root = folder / name
        (root / ".git").mkdir(parents=True)
        for inner in ("objects", "refs"):
            (root / ".git" / inner).mkdir()
        write(root / ".git/HEAD", "ref: refs/heads/main\n")
        write(root / ".git/config", f'[remote "origin"]\n\turl = https://x:SECRETTOKEN@git.example/acme/repo-{number}.git\n')
        write(root / "sfdx-project.json", json.dumps({"name": f"project-{number}", "packageDirectories": [{"path": "force-app"}]}))
        write(root / "force-app/Site.remoteSite-meta.xml", SITE.format(host=f"h{number}"))
        for app in range(0 if kind == 4 else numbers.randint(1, 12)):
            write_app(root / f"force-app/App_{app}.connectedApp-meta.xml", numbers)
        if kind == 4:
            special[name] = 0
        elif kind == 5:
            write(root / "force-app/Broken.connectedApp-meta.xml/inside.txt", "")
            write(root / "sfdx-project.json", "{")
            special[name] = 2
        elif kind == 6:
            write(root / "forcelint.toml", "no such key = 1\n")
            special[name] = 2
        elif kind == 7:
            write(root / "forcelint.toml", EXCEPTION.format("2020-01-31" if number % 100 == 7 else "2099-01-31"))
    return special


def workers(parent):
    """The worker processes of Dask below a process: the children of its nannies, which start forcelint."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    processes = [line.split(None, 2) for line in listed.splitlines()]
    below = {parent}
    for _ in range(4):
        below |= {int(pid) for pid, above, _ in processes if int(above) in below}
    return [int(pid) for pid, _, command in processes if int(pid) in below and "spawn_main" in command]


def run_example(binary, folder, output):
    """Runs the example, and kills a worker once some repositories are done."""
    example = pathlib.Path(__file__).resolve().parent.parent / "docs/examples/many_repositories.py"
    environment = os.environ | {"PATH": f"{binary.parent}:{os.environ['PATH']}"}
    killed = []
    with subprocess.Popen([sys.executable, example, folder, output], env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        def kill():
            while process.poll() is None and not killed:
                if len(list((output / "reports").glob("*.jsonl"))) > 20 and (found := workers(process.pid)):
                    os.kill(found[-1], signal.SIGKILL)
                    killed.append(found[-1])
                time.sleep(0.05)

        thread = threading.Thread(target=kill)
        thread.start()
        printed, errors = process.communicate()
        thread.join()
    assert killed, "no worker was killed"
    assert process.returncode == 2, (process.returncode, printed, errors[-3000:])
    return printed.strip()


def merge(binary, files, output):
    """Seconds of CPU, seconds, peak memory in MiB, and the merged report."""
    names = output / "list.txt"
    names.write_text("".join(f"{file}\n" for file in files), encoding="utf-8")
    formats = [f"--format={name}={output}/merged.{name}" for name in ("html", "json", "csv", "markdown")]
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["sh", "-c", 'ulimit -v 4000000; exec "$@"', "sh", binary, "report", "merge", f"@{names}", *formats]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert run.returncode == 2, run
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - started, json.loads((output / "merged.json").read_text(encoding="utf-8"))


def cost_of_one(binary, folder, names):
    """Seconds of CPU of a run in one repository, without Dask, and without the cost of writing JSON lines."""
    costs = {}
    for form in ("concise", "jsonl"):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        for name in names:
            subprocess.run([binary, "check", folder / name, f"--format={form}", "--quiet", "--jobs=1"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs[form] = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / len(names)
    return costs


def question(output):
    """The first query of the documentation, about the files of this test."""
    page = pathlib.Path(__file__).resolve().parent.parent / "docs/many-repositories.md"
    query = page.read_text(encoding="utf-8").split("```sql\n")[1].split("```")[0]
    return query.replace("'output/", f"'{output}/")


def check_results(output, names, special, merged):
    runs = dict(duckdb.sql(f"SELECT repository, exit_status FROM '{output}/runs.parquet'").fetchall())
    assert runs.keys() == names, names ^ runs.keys()
    for name, status in special.items():
        assert runs[name] == status, (name, runs[name], status)
    assert None not in runs.values()
    # A repository with a broken config has no report, and the merged report names the file.
    empty = {file.name for file in (output / "reports").iterdir() if file.stat().st_size == 0}
    errors = {pathlib.Path(error["file"]).name for error in merged["errors"]}
    assert empty == errors and len(empty) == sum(number % 50 == 6 for number in range(len(names))), (empty, errors)
    listed = {it["name"]: it for it in merged["repositories"]}
    assert len(listed) == len(merged["repositories"]) == len(names) - len(empty)
    incomplete = {name for name, it in listed.items() if it["result"] == "incomplete"}
    assert incomplete == {name for name, status in special.items() if status == 2 and name in listed}, incomplete
    assert all(listed[name]["result"] == "passes" for name, status in special.items() if status == 0)
    by_line = duckdb.sql(f"""SELECT repository, count(*) FROM '{output}/lines.parquet'
        WHERE kind = 'finding' GROUP BY repository""").fetchall()
    assert dict(by_line) == {name: sum(it["findings"].values()) for name, it in listed.items() if any(it["findings"].values())}
    rows = duckdb.sql(question(output)).fetchall()
    pkce = {(name, app) for name, app, control, _ in rows if control == "appexchange-pkce"}
    rule = duckdb.sql(f"SELECT DISTINCT repository, app.name FROM '{output}/lines.parquet' WHERE rule = 'pkce-required'")
    assert pkce == set(rule.fetchall()) and len(pkce) > len(names) / 2
    for file in ("merged.html", "merged.csv", "merged.markdown", "merged.json"):
        text = (output / file).read_text(encoding="utf-8")
        assert "SECRETTOKEN" not in text and "##[error]" not in text, file
        assert file != "merged.html" or "<b>" not in text
    return len(rows)


def main(binary, count):
    binary = pathlib.Path(binary).absolute()
    work = pathlib.Path(tempfile.mkdtemp())
    try:
        folder, output = work / "repositories", work / "output"
        special = write_repositories(folder, count)
        names = {str(it.parent.relative_to(folder)) for it in folder.glob("*/*/.git")}
        clones = sorted(names)[:200]
        names |= {str(it.relative_to(folder).with_suffix("")) for it in folder.glob("*/*.zip")}
        assert len(names) == count, len(names)
        (output / "reports").mkdir(parents=True)
        started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        print(run_example(binary, folder, output))
        took = time.monotonic() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"Dask: {1000 * took / count:.1f} ms and {1000 * cpu / count:.1f} ms of CPU per repository")
        costs = cost_of_one(binary, folder, clones)
        print(", ".join(f"{form}: {1000 * cost:.1f} ms of CPU per repository" for form, cost in costs.items()))
        files = sorted((output / "reports").iterdir())
        part, *_ = merge(binary, files[:count // 4], output)
        whole, wall, merged = merge(binary, files, output)
        size = sum(file.stat().st_size for file in files)
        print(f"merge of {count // 4}: {part:.2f} s of CPU; of {count}: {whole:.2f} s of CPU, {wall:.2f} s, "
              f"{size >> 20} MiB of reports, page of {(output / 'merged.html').stat().st_size >> 10} KiB")
        # Linear: twice the time of four parts would be 1.2 as an exponent of growth is 5.3 times.
        assert count < 1000 or whole < 5.3 * part + 0.1, (part, whole)
        rows = check_results(output, names, special, merged)
        print(f"{count} repositories, {rows} rows of apps and controls: passed")
    finally:
        shutil.rmtree(work)


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 2000)

"""Checks many repositories with forcelint on a Dask cluster.

usage: many_repositories.py FOLDER OUTPUT [--scheduler ADDRESS] [--workers N]

FOLDER has clones (in any depth) and zips that the Salesforce CLI retrieved. OUTPUT gets:

reports/       a report in JSON lines per repository; an empty file if forcelint could not write one
runs.parquet   one row per repository: exit status, seconds, errors
lines.parquet  all findings, errors and what was not checked

Without --scheduler, it starts a cluster on this machine. The workers of another cluster need forcelint and both folders.
Needs `pip install "dask[distributed]" duckdb`. docs/many-repositories.md explains the result.
"""

import argparse
import json
import os
import subprocess
import time
from pathlib import Path

import duckdb
from dask.distributed import Client, LocalCluster, as_completed

# No run of forcelint takes this long, so the machine has another problem, and Dask tries again.
TIMEOUT_SECONDS = 600
RETRIES = 2


def repositories(folder):
    """Clones and zips by name, which is the path below the folder. Nothing below a clone is another repository."""
    for path, folders, files in os.walk(folder):
        if ".git" in folders or ".git" in files:
            folders.clear()
            yield Path(path).relative_to(folder).as_posix(), path
            continue
        for file in files:
            if file.endswith(".zip"):
                zipped = Path(path, file)
                yield zipped.relative_to(folder).with_suffix("").as_posix(), str(zipped)


def check(name, path, report):
    """Runs forcelint. It writes its report at once or not at all, so a retry finds no half report."""
    started = time.monotonic()
    command = ["forcelint", "check", path, "--repository", name, f"--format=jsonl={report}", "--quiet", "--jobs=1"]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT_SECONDS)
    if run.returncode not in (0, 1, 2):
        raise RuntimeError(f"forcelint ended with {run.returncode}: {run.stderr[-1000:]}")
    return {"exit_status": run.returncode, "seconds": time.monotonic() - started, "errors": run.stderr[-10_000:]}


def check_all(client, found, reports):
    """The result of each repository. One that fails after all retries has no exit status, but the error."""
    tasks = {}
    for name, path in found.items():
        report = reports / f"{name.replace('%', '%25').replace('/', '%2F')}.jsonl"
        report.unlink(missing_ok=True)
        tasks[client.submit(check, name, path, str(report), retries=RETRIES, pure=False)] = name, report
    for task in as_completed(tasks):
        name, report = tasks[task]
        if task.status == "finished":
            result = task.result()
        else:
            result = {"exit_status": None, "seconds": None, "errors": repr(task.exception())}
        # `forcelint report merge` names an empty report, and would not miss a file that does not exist.
        report.touch()
        yield {"repository": name, **result}


def write_parquet(output):
    """Converts the reports. The columns are named, so that DuckDB does not guess types from the first lines."""
    columns = """{repository: 'VARCHAR', kind: 'VARCHAR', rule: 'VARCHAR', severity: 'VARCHAR', path: 'VARCHAR',
        component: 'STRUCT(type VARCHAR, name VARCHAR)', app: 'STRUCT(type VARCHAR, name VARCHAR)',
        controls: 'JSON', message: 'VARCHAR', reason: 'VARCHAR', fingerprint: 'VARCHAR', count: 'BIGINT',
        suppressed: 'JSON', exit_status: 'INTEGER'}"""
    with duckdb.connect() as database:
        database.execute(f"""COPY (
            SELECT * FROM read_json('{output}/reports/*.jsonl', format = 'newline_delimited', columns = {columns},
                           maximum_object_size = 67108864)
        ) TO '{output}/lines.parquet'""")
        database.execute(f"""COPY (
            SELECT * FROM read_json('{output}/runs.jsonl', format = 'newline_delimited', columns = {{
                repository: 'VARCHAR', exit_status: 'INTEGER', seconds: 'DOUBLE', errors: 'VARCHAR'}})
        ) TO '{output}/runs.parquet'""")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--scheduler")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    output = arguments.output.resolve()
    (output / "reports").mkdir(parents=True, exist_ok=True)
    found = dict(repositories(arguments.folder.resolve()))
    if not found:
        raise SystemExit(f"no clones and no zips in {arguments.folder}")
    # Other processes, so that Dask can restart a worker that is killed.
    address = arguments.scheduler or LocalCluster(n_workers=arguments.workers, threads_per_worker=1, dashboard_address=None)
    with Client(address) as client, open(output / "runs.jsonl", "w", encoding="utf-8") as runs:
        by_status = {}
        for result in check_all(client, found, output / "reports"):
            runs.write(json.dumps(result) + "\n")
            by_status[result["exit_status"]] = by_status.get(result["exit_status"], 0) + 1
    write_parquet(output)
    print(f"{len(found)} repositories by exit status: {by_status}")
    if set(by_status) - {0, 1}:
        raise SystemExit(2)


if __name__ == "__main__":
    main()

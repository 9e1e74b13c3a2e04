"""Runs the shell lines of the examples for GitLab, Azure Pipelines, Bitbucket, Jenkins, and many repositories on GitHub.

Arguments: the checkout, and the binary. A script replaces `curl` and returns an archive of the binary for the URL in
the example. Everything else is real. Each example runs on a branch and in a pull request, and with an archive that does
not match its checksum. Needs PyYAML, git, bash and jq.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

import yaml

checkout, binary = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
VERSION = re.search(r'^version = "(.+)"$', (checkout / "Cargo.toml").read_text(), re.MULTILINE).group(1)
NAME = f"forcelint-{VERSION}-x86_64-unknown-linux-musl"
URL = f"https://github.com/forcelint/forcelint/releases/download/v{VERSION}/{NAME}.tar.gz"
EXAMPLES = checkout / "docs/examples"
APP = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">\n'
    "    <oauthConfig>\n        <callbackUrl>acme://done</callbackUrl>\n    </oauthConfig>\n</ConnectedApp>\n"
)


def read(name):
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


def gitlab():
    job = read("gitlab-ci.yml")["forcelint"]
    return "\n".join(job["before_script"] + job["script"]), job["variables"], ["gl-code-quality-report.json", "forcelint.xml"]


def azure():
    pipeline = read("azure-pipelines.yml")
    # Each step is a separate process, so a step does not inherit variables of another step.
    lines = "".join(f"(\n{step['bash']}\n)\n" for step in pipeline["steps"] if "bash" in step)
    return lines, pipeline["variables"], ["agent/forcelint.xml", "agent/forcelint.sarif"]


def bitbucket():
    step = read("bitbucket-pipelines.yml")["definitions"]["steps"][0]["step"]
    return "\n".join(step["script"]), {}, ["test-results/forcelint.xml"]


def jenkins():
    text = (EXAMPLES / "Jenkinsfile").read_text(encoding="utf-8")
    variables = dict(re.findall(r"^\s+(FORCELINT\w*) = '(.*?)'", text, re.MULTILINE))
    lines = "".join(f"(\n{script}\n)\n" for script in re.findall(r"sh '''(.*?)'''", text, re.DOTALL))
    return lines, variables, ["forcelint.xml", "forcelint.sarif", "forcelint.html"]


def git(folder, *arguments):
    author = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, encoding="utf-8")
    return done.stdout.strip()


def pull_request(folder):
    """A clone on a branch that adds a finding, and the commit of main that the branch is based on. main has a finding, too."""
    hub, clone = folder / "hub", folder / "clone"
    (hub / "force-app").mkdir(parents=True)
    (hub / "sfdx-project.json").write_text('{ "packageDirectories": [{ "path": "force-app" }] }')
    (hub / "forcelint.toml").write_text('select = ["pkce-required"]\n')
    git(hub, "init", "--quiet")
    for name in ["Old", "New"]:
        if name == "New":
            git(hub, "checkout", "--quiet", "-b", "change")
        (hub / f"force-app/{name}.connectedApp-meta.xml").write_text(APP)
        git(hub, "add", "--all")
        git(hub, "commit", "--quiet", "--message", name)
    git(folder, "clone", "--quiet", "--branch", "change", hub.as_uri(), str(clone))
    return clone, git(hub, "rev-parse", "main")


for example in [gitlab, azure, bitbucket, jenkins]:
    for case in ["branch", "pull request", "another archive"]:
        with tempfile.TemporaryDirectory() as temporary:
            folder = pathlib.Path(temporary)
            clone, base = pull_request(folder)
            lines, variables, reports = example()
            with tarfile.open(folder / "released.tar.gz", "w:gz", compresslevel=1) as archive:
                archive.add(binary, f"{NAME}/forcelint")
            checksum = hashlib.sha256((folder / "released.tar.gz").read_bytes()).hexdigest()
            if case == "another archive":
                checksum = checksum[::-1]
            # A team copies the checksum from SHA256SUMS.
            assert ('FORCELINT_SHA256=""' in lines) != ("FORCELINT_SHA256" in variables), lines
            lines = lines.replace('FORCELINT_SHA256=""', f"FORCELINT_SHA256={checksum}")
            variables |= {"FORCELINT_SHA256": checksum}
            (folder / "bin").mkdir()
            (folder / "bin/curl").write_text(
                f'#!/bin/sh\n[ "$*" = "-fsSLO {URL}" ] || {{ echo "curl $*" >&2; exit 22; }}\n'
                f'cp "{folder}/released.tar.gz" "{NAME}.tar.gz"\n'
            )
            (folder / "bin/curl").chmod(0o755)
            (clone / "agent").mkdir()
            environment = {
                "PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": temporary, "LANG": "C.UTF-8",
                "AGENT_TEMPDIRECTORY": str(clone / "agent"),
            } | {key: value for key, value in variables.items()}
            if case == "pull request":
                environment |= {
                    "CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
                    "BITBUCKET_PR_DESTINATION_BRANCH": "main", "CHANGE_TARGET": "main",
                }
            done = subprocess.run(
                ["bash", "-e", "-c", lines], cwd=clone, env=environment, check=False, encoding="utf-8",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            name = example.__name__
            exists = [(clone / report).exists() for report in reports]
            if case == "another archive":
                assert done.returncode != 0 and "FAILED" in done.stdout and not any(exists), (name, done.stdout)
                continue
            assert done.returncode == 1 and all(exists), (name, case, exists, done.stdout)
            reported = [app for app in ["Old", "New"] if f"{app}.connectedApp-meta.xml:" in done.stdout]
            assert reported == (["New"] if case == "pull request" else ["Old", "New"]), (name, case, done.stdout)
            if name == "gitlab":
                quality = (clone / reports[0]).read_text()
                assert "Old" in quality and "New" in quality, quality
    print(f"{example.__name__}: passed", flush=True)


def step(job, start):
    return next(step["run"] for step in job["steps"] if step["name"].startswith(start))


def many_repositories():
    """Three repositories: one with a finding, one that cannot be cloned, and one whose job failed."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        clone, _ = pull_request(folder)
        with tarfile.open(folder / "released.tar.gz", "w:gz", compresslevel=1) as archive:
            archive.add(binary, f"{NAME}/forcelint")
        checksum = hashlib.sha256((folder / "released.tar.gz").read_bytes()).hexdigest()
        (folder / "bin").mkdir()
        (folder / "bin/curl").write_text(f'#!/bin/sh\n[ "$*" = "-fsSLO {URL}" ] && cp "{folder}/released.tar.gz" "{NAME}.tar.gz"\n')
        names = ["acme/crm", "acme/gone", "acme/lost"]
        listed = json.dumps([{"nameWithOwner": name} for name in names])
        (folder / "bin/gh").write_text(f"""#!/bin/sh
case "$1 $2 $3" in
  "repo list acme") echo '{listed}' ;;
  "repo clone acme/crm") git clone --quiet "{clone}" "$4" ;;
  *) exit 1 ;;
esac
""")
        for program in ("curl", "gh"):
            (folder / "bin" / program).chmod(0o755)
        jobs = read("github-many-repositories.yml")["jobs"]
        work = folder / "work"
        work.mkdir()

        def run(lines, **variables):
            environment = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": temporary, "LANG": "C.UTF-8",
                           "FORCELINT_SHA256": checksum, "OWNER": "acme", "GITHUB_OUTPUT": str(folder / "output"),
                           "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GH_TOKEN": "x"}
            return subprocess.run(["bash", "-eo", "pipefail", "-c", lines], cwd=work, env=environment | variables, check=False,
                                  encoding="utf-8", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

        done = run(step(jobs["list"], "List"))
        batches = json.loads((folder / "output").read_text().removeprefix("batches="))
        assert done.returncode == 0 and batches == [" ".join(names)], (done, batches)
        done = run(step(jobs["check"], "Install"))
        assert done.returncode == 0, done
        done = run(step(jobs["check"], "Check"), BATCH="acme/crm acme/gone")
        assert done.returncode == 0, done
        done = run(step(jobs["merge"], "Merge"), BATCHES=json.dumps(batches))
        assert done.returncode == 2, done
        for name in ("gone", "lost"):
            assert f"reports/acme--{name}.jsonl is empty" in done.stdout, done
        summary, page = (folder / "summary").read_text(), (work / "repositories.html").read_text()
        assert "`acme/crm`" in summary and "acme/crm" in page and "acme/crm" in (work / "repositories.csv").read_text(), summary
        print("many repositories: passed")


many_repositories()

"""Runs the steps of action.yml like GitHub's runner, with a release from a server on this machine.

Arguments: the checkout, and the binary for the release. Needs PyYAML, git, curl and bash. The step that uploads to code
scanning is checked but not run.
"""

import functools
import hashlib
import http.server
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import zipfile

import yaml

checkout, binary = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
VERSION = re.search(r'^version = "(.+)"$', (checkout / "Cargo.toml").read_text(), re.MULTILINE).group(1)
ACTION = yaml.safe_load((checkout / "action.yml").read_text())
APP = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">\n'
    "    <label>App</label>\n    <oauthConfig>\n        <callbackUrl>acme://done</callbackUrl>\n    </oauthConfig>\n"
    "</ConnectedApp>\n"
)
PROJECT = '{ "packageDirectories": [{ "path": "force-app" }] }'


def archive(target):
    """The archive of a release for a target, with the name and content that the release workflow uses."""
    name = f"forcelint-{VERSION}-{target}"
    content = io.BytesIO()
    if "windows" in target:
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            entry = zipfile.ZipInfo(f"{name}/forcelint.exe")
            entry.external_attr = 0o755 << 16
            packed.writestr(entry, binary.read_bytes())
        return f"{name}.zip", content.getvalue()
    with tarfile.open(fileobj=content, mode="w:gz", compresslevel=1) as packed:
        packed.add(binary, f"{name}/forcelint")
    return f"{name}.tar.gz", content.getvalue()


class SilentHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Runner:
    """A job on a runner: its folders, the action with the checksums of the release, and the results of steps."""

    def __init__(self, folder, url, checksums):
        self.folder, self.url = folder, url
        self.workspace, self.action = folder / "workspace", folder / "action"
        for name in ["workspace", "temp", "tools", "action"]:
            (folder / name).mkdir(parents=True)
        shutil.copytree(checkout / ".github/action", self.action / ".github/action")
        for name in ["action.yml", "Cargo.toml"]:
            shutil.copy(checkout / name, self.action / name)
        with open(self.action / ".github/action/checksums.txt", "a", encoding="utf-8") as file:
            file.write(checksums)
        self.system = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "X64"}
        self.write("sfdx-project.json", PROJECT)
        self.write("force-app/App.connectedApp-meta.xml", APP)

    def write(self, path, text):
        file = self.workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def git(self, *arguments, folder=None):
        environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        author = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "init.defaultBranch=main"]
        done = subprocess.run(
            ["git", *author, *arguments], cwd=folder or self.workspace, env=environment, check=True, capture_output=True
        )
        return done.stdout.decode().strip()

    def run(self, inputs=None, **more):
        """Runs the action. Returns its conclusion, outputs, log, summary and the upload."""
        unknown = set(inputs or {}) - set(ACTION["inputs"])
        assert not unknown, unknown
        values = {name: definition["default"] for name, definition in ACTION["inputs"].items()} | {"download-url": self.url}
        values |= inputs or {}
        summary = self.folder / "summary.md"
        summary.write_text("")
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8",
            "GITHUB_ACTION_PATH": str(self.action), "GITHUB_WORKSPACE": str(self.workspace), "GITHUB_ACTIONS": "true",
            "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_REF": "refs/heads/main", "GITHUB_SHA": "",
            "RUNNER_TEMP": str(self.folder / "temp"), "RUNNER_TOOL_CACHE": str(self.folder / "tools"),
        } | self.system | more
        outputs, log, failed, uploaded = {}, "", False, None

        def value(text):
            def fill(match):
                expression = match.group(1).strip()
                if expression.startswith("inputs."):
                    return values[expression.removeprefix("inputs.")]
                _, step, _, name = expression.split(".")
                return outputs.get(step, {}).get(name, "")
            return re.sub(r"\$\{\{(.*?)\}\}", fill, text)

        for step in ACTION["runs"]["steps"]:
            if "uses" in step:
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
                condition = step["if"].removeprefix("${{ !cancelled() && ").removesuffix(" }}")
                terms = [term.split(" ", 2) for term in condition.split(" && ")]
                terms = [(value("${{ %s }}" % left) == right.strip("'")) == (how == "==") for left, how, right in terms]
                uploaded = {name: value(text) for name, text in step["with"].items()} if all(terms) else None
                continue
            if failed:
                continue
            assert step["shell"] == "bash" and "${{" not in step["run"], step
            file = self.folder / "output"
            file.write_text("")
            step_environment = {name: value(text) for name, text in step["env"].items()}
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.workspace,
                env=environment | step_environment | {"GITHUB_OUTPUT": str(file)}, check=False, encoding="utf-8",
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
            outputs[step["id"]] = dict(line.split("=", 1) for line in file.read_text().splitlines())
            log += done.stdout
            failed = done.returncode != 0
        public = {name: value(output["value"]) for name, output in ACTION["outputs"].items()}
        return Outcome(failed, public, log, summary.read_text(), uploaded)


class Outcome:
    def __init__(self, failed, outputs, log, summary, uploaded):
        self.failed, self.outputs, self.log, self.summary, self.uploaded = failed, outputs, log, summary, uploaded

    def expect(self, failed, *texts, **outputs):
        for name, expected in outputs.items():
            assert self.outputs[name.replace("_", "-")] == expected, (name, self.outputs, self.log)
        missing = [text for text in texts if text not in self.log]
        assert self.failed == failed and not missing, (missing, self.failed, self.log)
        return self


def checks_files(runner):
    done = runner.run({"select": "pkce"}).expect(
        True, "::error file=force-app/App.connectedApp-meta.xml,line=4,", findings="1", exit_status="1",
        version=VERSION, sarif_file="",
    )
    assert done.summary.startswith("## ") and "App.connectedApp" in done.summary and done.uploaded is None
    quiet = runner.run({"select": "pkce", "annotations": "false", "summary": "false", "fail-on": "never"})
    quiet.expect(False, "critical[pkce-required]", findings="1", exit_status="0")
    assert "::" not in quiet.log and quiet.summary == ""
    runner.run({"select": "pkce", "paths": "force-app/none", "working-directory": "force-app"}).expect(
        True, "does not exist", exit_status="2"
    )
    runner.run({"select": "pkce", "ignore": "pkce-required", "min-severity": "info"}).expect(False, findings="0")
    runner.write("other/forcelint.toml", 'select = ["pkce"]\nfail-on = "never"\n')
    runner.write("other/A b.connectedApp", APP)
    runner.write("-f.connectedApp", APP)
    runner.run({"config": "other/forcelint.toml", "paths": " force-app \r\n\n-f.connectedApp\nother/A b.connectedApp"}).expect(
        False, "file=other/A b.connectedApp", "file=-f.connectedApp", findings="3"
    )


def writes_reports(runner):
    reports = {"select": "pkce", "sarif-upload": "true", "sarif-category": "apps", "reports": "html=a.html\njunit=b.xml"}
    done = runner.run(reports).expect(True, sarif_file=str(runner.folder / "temp/forcelint.sarif"))
    assert done.uploaded == {"sarif_file": done.outputs["sarif-file"], "category": "apps"}
    assert json.loads(pathlib.Path(done.outputs["sarif-file"]).read_text())["runs"][0]["results"]
    assert (runner.workspace / "a.html").exists() and (runner.workspace / "b.xml").exists()
    done = runner.run({"sarif-file": "out.sarif", "working-directory": "force-app"})
    done.expect(True, sarif_file="force-app/out.sarif")
    assert done.uploaded is None and (runner.workspace / done.outputs["sarif-file"]).exists()
    # If the run could not start, nothing is uploaded.
    assert runner.run({"sarif-upload": "true", "config": "none.toml"}).expect(True, exit_status="2").uploaded is None


def uses_a_baseline(runner):
    runner.git("init", "--quiet")
    subprocess.run([binary, "baseline"], cwd=runner.workspace, check=True, capture_output=True)
    runner.run({"baseline": "forcelint-baseline.json"}).expect(False, findings="0")


def compares_with_the_base_of_a_pull_request(runner):
    """A pull request whose base has a finding, checked out at its merge commit with different depths."""
    hub, clone = runner.folder / "hub", runner.folder / "clone"
    shutil.copytree(runner.workspace, hub)
    runner.git("init", "--quiet", folder=hub)
    for name in ["Old", "Neu – mit Ümlaut"]:
        runner.git("checkout", "--quiet", "-B", "change" if name != "Old" else "main", folder=hub)
        (hub / f"force-app/{name}.connectedApp-meta.xml").write_text(APP)
        runner.git("add", "--all", folder=hub)
        runner.git("commit", "--quiet", "--message", name, folder=hub)
    runner.git("checkout", "--quiet", "main", folder=hub)
    runner.git("commit", "--quiet", "--allow-empty", "--message", "later", folder=hub)
    runner.git("checkout", "--quiet", "--detach", folder=hub)
    runner.git("merge", "--quiet", "--no-ff", "change", folder=hub)
    merge = runner.git("rev-parse", "HEAD", folder=hub)
    runner.git("update-ref", "refs/pull/7/merge", merge, folder=hub)
    pull = {"GITHUB_REF": "refs/pull/7/merge", "GITHUB_SHA": merge, "GITHUB_BASE_REF": "main"}
    inputs = {"only-changed": "true", "select": "pkce"}

    def check_out(*depth, reference="refs/pull/7/merge"):
        shutil.rmtree(clone, ignore_errors=True)
        clone.mkdir()
        runner.git("init", "--quiet", folder=clone)
        runner.git("remote", "add", "origin", hub.as_uri(), folder=clone)
        runner.git("fetch", "--quiet", "--no-tags", *depth, "origin", *reference.split(), folder=clone)
        runner.git("checkout", "--quiet", "--detach", "FETCH_HEAD", folder=clone)
        runner.workspace = clone

    for depth in [["--depth=2"], ["--depth=1"], []]:
        check_out(*depth)
        done = runner.run(inputs, **pull).expect(True, "Neu – mit Ümlaut", findings="1")
        assert "Old" not in done.log + done.summary, done.log
    # Without credentials, the base cannot be fetched.
    check_out("--depth=1")
    runner.git("remote", "set-url", "origin", "file:///nowhere", folder=clone)
    runner.run(inputs, **pull).expect(True, "fetch-depth: 2", findings="")
    # The branch itself is checked out instead of the merge commit. Its base must be in the clone.
    check_out("--depth=1", reference="change")
    runner.run(inputs, **pull).expect(True, "fetch-depth: 0", findings="")
    check_out(reference="+refs/heads/*:refs/remotes/origin/*")
    runner.git("checkout", "--quiet", "--detach", "origin/change", folder=clone)
    runner.run(inputs, **pull).expect(True, "Neu – mit Ümlaut", findings="1")
    # Outside a pull request, all findings are reported, with a note.
    runner.run(inputs).expect(True, "only-changed: this is not a pull request", findings="3")


def downloads_and_verifies_the_release(runner, served):
    cache = runner.folder / "tools/forcelint"
    runner.run({"select": "pkce"}).expect(True, findings="1")
    [file] = cache.iterdir()
    # A cached archive is used again if its checksum is correct.
    released_bytes = file.read_bytes()
    url = {"select": "pkce", "download-url": "https://127.0.0.1:1/nowhere"}
    runner.run(url).expect(True, findings="1")
    file.write_bytes(released_bytes[:-1])
    runner.run(url).expect(True, "could not be downloaded", findings="")
    runner.run({"select": "pkce"}).expect(True, findings="1")
    assert file.read_bytes() == released_bytes

    # A program other than the released one is not run.
    shutil.rmtree(cache)
    released = served / f"v{VERSION}" / file.name
    released.write_bytes(released_bytes + b"more")
    done = runner.run().expect(True, "it is not the released archive, and was not run", findings="", version="")
    assert "::error title=forcelint::" in done.log and not any(cache.iterdir())
    released.unlink()
    runner.run().expect(True, "could not be downloaded")
    released.write_bytes(released_bytes)

    for system, machine in [("macOS", "ARM64"), ("Windows", "X64"), ("Linux", "ARM64"), ("macOS", "X64")]:
        runner.system = {"RUNNER_OS": system, "RUNNER_ARCH": machine}
        runner.run({"select": "pkce"}).expect(True, findings="1")
    names = sorted(path.name for path in cache.iterdir())
    assert [name.removeprefix(f"forcelint-{VERSION}-") for name in names] == [
        "aarch64-apple-darwin.tar.gz", "aarch64-unknown-linux-musl.tar.gz", "x86_64-apple-darwin.tar.gz",
        "x86_64-pc-windows-msvc.zip",
    ], names
    runner.system = {"RUNNER_OS": "Linux", "RUNNER_ARCH": "ARM"}
    runner.run().expect(True, "no release is available for Linux on ARM")


def treats_inputs_as_text(runner):
    """Expressions in a workflow can put any text into inputs."""
    runner.run({"version": "9.9.9"}).expect(True, "has no checksum of forcelint-9.9.9-", version="")
    for version in ["v1.2.3", "latest", "1.2", "1.2.3\n::set-output name=a::b", "../../1.2.3", "1.2.3;id", "-1.2.3"]:
        done = runner.run({"version": version}).expect(True, "use an exact version")
        assert "\n::set-output" not in done.log, done.log
    runner.run({"download-url": "file:///etc"}).expect(True, "must start with https://")
    marker = runner.workspace / "owned"
    for commands in ["$(touch owned) `touch owned`; touch owned", "x\ny=$(touch owned)", "--help"]:
        for name in ACTION["inputs"]:
            runner.run({"select": "pkce", name: commands})
            assert not marker.exists(), (name, commands)
    runner.run({"only-changed": "yes"}).expect(True, "use true or false")
    runner.run({"working-directory": "none"}).expect(True, "which is not a folder")
    done = runner.run({"select": "pkce", "sarif-file": "a\nfindings=0\nb"})
    assert done.failed and done.outputs["findings"] != "0", done.outputs
    # Names of scanned files must not be commands either.
    runner.write("force-app/::error::x.connectedApp", APP)
    done = runner.run({"select": "pkce", "annotations": "false"})
    assert not re.search(r"^::", done.log, re.MULTILINE), done.log


with tempfile.TemporaryDirectory() as temporary:
    served = pathlib.Path(temporary) / "served"
    (served / f"v{VERSION}").mkdir(parents=True)
    sums = ""
    for target in ["x86_64-unknown-linux-musl", "aarch64-unknown-linux-musl", "x86_64-apple-darwin",
                   "aarch64-apple-darwin", "x86_64-pc-windows-msvc"]:
        # Each target has an archive, but all archives contain the binary of this machine.
        name, content = archive(target)
        (served / f"v{VERSION}" / name).write_bytes(content)
        sums += f"{hashlib.sha256(content).hexdigest()}  {name}\n"
    handler = functools.partial(SilentHandler, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        for steps in [checks_files, writes_reports, uses_a_baseline, compares_with_the_base_of_a_pull_request,
                      functools.partial(downloads_and_verifies_the_release, served=served), treats_inputs_as_text]:
            name = getattr(steps, "func", steps).__name__
            steps(Runner(pathlib.Path(temporary) / name, url, sums))
            print(f"{name}: passed", flush=True)
        server.shutdown()

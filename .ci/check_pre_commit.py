"""Runs the hooks of .pre-commit-hooks.yaml with pre-commit in a temporary repository.

Arguments: the checkout, and a folder with forcelint's wheel, which pip installs instead of one from PyPI. `try-repo`
uses the hooks in the working tree of the checkout, and `git commit` those of its HEAD.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

checkout, wheels = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
pre_commit = str(pathlib.Path(sys.executable).with_name("pre-commit"))

SERVER_APP = "force-app/main/default/connectedApps/CI_Pipeline_JWT.connectedApp-meta.xml"
APP = """<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>App</label>
    <oauthConfig>
        <callbackUrl>acme://done</callbackUrl>
    </oauthConfig>
</ConnectedApp>
"""
ORG_WIDE = """<?xml version="1.0" encoding="UTF-8"?>
<OauthOidcSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <isPkceRequired>true</isPkceRequired>
</OauthOidcSettings>
"""


class Repository:
    """A Salesforce project in a git repository, without the settings of this machine."""

    def __init__(self, folder):
        self.folder = folder / "repository"
        self.folder.mkdir()
        self.environment = {
            key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))
        } | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_AUTHOR_NAME": "Ada",
            "GIT_AUTHOR_EMAIL": "ada@acme.example",
            "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@acme.example",
            "PIP_FIND_LINKS": str(wheels),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PRE_COMMIT_HOME": str(folder / "pre-commit"),
            "PRE_COMMIT_COLOR": "never",
        }
        self.run("git", "init", "--quiet", "--initial-branch=main")
        self.write("sfdx-project.json", '{ "packageDirectories": [{ "path": "force-app" }] }')
        self.commit("a project")

    def run(self, *command):
        """Returns the exit status and the output."""
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )
        return done.returncode, done.stdout

    def write(self, path, text, stage=True):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        if stage:
            self.run("git", "add", "--all")

    def read(self, path):
        return (self.folder / path).read_text(encoding="utf-8")

    def commit(self, message):
        """Commits staged changes. Returns whether it succeeded, and the output."""
        status, output = self.run("git", "commit", "--quiet", "--message", message)
        return status == 0, output

    def use_hooks(self, *hooks):
        """Writes a config with these hooks and their options, and installs it."""
        revision = self.run("git", "-C", str(checkout), "rev-parse", "HEAD")[1].strip()
        listed = "".join(f"      - id: {name}\n" + "".join(f"        {line}\n" for line in lines) for name, *lines in hooks)
        self.write(
            ".pre-commit-config.yaml",
            f"repos:\n  - repo: {checkout}\n    rev: {revision}\n    hooks:\n{listed}",
        )
        status, output = self.run(pre_commit, "install")
        assert status == 0, output
        self.run("git", "commit", "--quiet", "--no-verify", "--message", "hooks")


def expect_failure(repository, text):
    committed, output = repository.commit("must fail")
    assert not committed and text in output, output
    return output


def expect_success(repository, text):
    committed, output = repository.commit("must pass")
    assert committed and text in output, output
    return output


def unstage_all(repository):
    repository.run("git", "reset", "--quiet", "--hard")


def check_try_repo(repository):
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    status, output = repository.run(pre_commit, "try-repo", str(checkout), "forcelint", "--all-files")
    assert status == 1 and "critical[pkce-required]" in output, output
    unstage_all(repository)


def check_commits(repository):
    repository.use_hooks(("forcelint", "args: [--select=pkce]"))

    # A finding blocks the commit, in source format and in metadata format, for any file name.
    for path in ["force-app/App.connectedApp-meta.xml", "src/connectedApps/App.connectedApp",
                 "force-app/Übergangs App.connectedApp-meta.xml"]:
        repository.write(path, APP)
        output = expect_failure(repository, "critical[pkce-required]")
        assert path in output, output
        unstage_all(repository)

    # For files that no rule checks, forcelint is not started.
    repository.write("force-app/classes/App.cls", "public class App {}")
    repository.write("force-app/settings/Account.settings-meta.xml", "<AccountSettings/>")
    expect_success(repository, "(no files to check)Skipped")
    # Without output if the name matches but the file is of another type.
    repository.write("force-app/siteDotComSites/App.site-meta.xml", "<SiteDotCom/>")
    output = repository.run(pre_commit, "run", "--verbose")
    assert output[0] == 0 and [line for line in output[1].splitlines() if "forcelint" in line or "checked" in line] == [
        line for line in output[1].splitlines() if line.startswith(("forcelint", "- hook id: forcelint"))
    ], output
    expect_success(repository, "Passed")

    # Excludes apply to the files that pre-commit passes.
    for path, text in [(".forceignore", "legacy/"), ("forcelint.toml", 'exclude = ["legacy"]\n')]:
        repository.write(path, text)
        repository.write("force-app/legacy/App.connectedApp-meta.xml", APP)
        expect_success(repository, "Passed")
        repository.run("git", "rm", "--quiet", "-r", path, "force-app/legacy")
        repository.commit("remove")

    # Staged content is checked, not the working tree.
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    repository.write("force-app/App.connectedApp-meta.xml", APP.replace("acme://", "https://"), stage=False)
    expect_failure(repository, "The app looks like a public client")
    assert "https://" in repository.read("force-app/App.connectedApp-meta.xml")
    unstage_all(repository)

    # Related files are read, although pre-commit does not pass them.
    repository.use_hooks(("forcelint", "args: [--select=pkce-required, --fail-on=critical]"))
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    expect_failure(repository, "critical[pkce-required]")
    unstage_all(repository)
    repository.write("force-app/settings/OauthOidc.settings-meta.xml", ORG_WIDE)
    expect_success(repository, "Passed")
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    expect_success(repository, "Passed")

    # Only with `--staged`, a change of the related file reports findings in other files.
    repository.write("force-app/settings/OauthOidc.settings-meta.xml", ORG_WIDE.replace("true", "false"))
    expect_success(repository, "Passed")
    repository.run("git", "revert", "--no-edit", "HEAD")
    repository.use_hooks(
        ("forcelint", "args: [--select=pkce-required, --fail-on=critical, --staged]", "pass_filenames: false")
    )
    repository.write("force-app/settings/OauthOidc.settings-meta.xml", ORG_WIDE.replace("true", "false"))
    expect_failure(repository, "critical[pkce-required]")
    unstage_all(repository)


def check_fixes(repository):
    # A safe fix stops the commit once, so that the user reviews it.
    repository.use_hooks(("forcelint-fix",))
    sample = (checkout / "testdata/sample" / SERVER_APP).read_text(encoding="utf-8")
    repository.write("forcelint.toml", 'select = ["pkce-required"]\n')
    repository.write(SERVER_APP, sample)
    expect_failure(repository, "files were modified by this hook")
    fixed = repository.read(SERVER_APP)
    assert fixed == sample.replace("<isPkceRequired>false<", "<isPkceRequired>true<") != sample
    repository.run("git", "add", "--all")
    expect_success(repository, "Passed")

    # A fix that needs a rollout is applied only with `--fix=all`.
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    expect_failure(repository, "critical[pkce-required]")
    assert repository.read("force-app/App.connectedApp-meta.xml") == APP
    unstage_all(repository)
    repository.use_hooks(("forcelint-fix", "args: [--fix=all]"))
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    expect_failure(repository, "files were modified by this hook")
    assert "<isPkceRequired>true</isPkceRequired>" in repository.read("force-app/App.connectedApp-meta.xml")
    repository.run("git", "add", "--all")
    expect_success(repository, "Passed")


with tempfile.TemporaryDirectory() as temporary:
    for number, steps in enumerate([check_try_repo, check_commits, check_fixes]):
        folder = pathlib.Path(temporary) / str(number)
        folder.mkdir()
        if number:
            # The environment of the hooks is installed once.
            shutil.copytree(pathlib.Path(temporary) / "0/pre-commit", folder / "pre-commit", symlinks=True)
        steps(Repository(folder))
        print(f"{steps.__name__}: passed")

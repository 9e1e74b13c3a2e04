"""pre-commit runs the hooks of .pre-commit-hooks.yaml in a temporary repository, as a user's machine does.

In: the checkout, and a folder with forcelint's wheel, where pip finds what it would have from PyPI. The hooks are
those of the checkout's HEAD with what is changed in its working tree (`try-repo`), and those of HEAD (`git commit`).
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
    """A Salesforce project under git, with nothing of this machine's settings."""

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
        """The exit status, and all that was said."""
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
        """Commits what is staged; whether that went through, and what was said."""
        status, said = self.run("git", "commit", "--quiet", "--message", message)
        return status == 0, said

    def use_hooks(self, *hooks):
        """Writes the config, each hook with further lines of it, and installs it."""
        revision = self.run("git", "-C", str(checkout), "rev-parse", "HEAD")[1].strip()
        listed = "".join(f"      - id: {name}\n" + "".join(f"        {line}\n" for line in lines) for name, *lines in hooks)
        self.write(
            ".pre-commit-config.yaml",
            f"repos:\n  - repo: {checkout}\n    rev: {revision}\n    hooks:\n{listed}",
        )
        status, said = self.run(pre_commit, "install")
        assert status == 0, said
        self.run("git", "commit", "--quiet", "--no-verify", "--message", "hooks")


def blocks(repository, hint):
    committed, said = repository.commit("is not to go through")
    assert not committed and hint in said, said
    return said


def passes(repository, hint):
    committed, said = repository.commit("goes through")
    assert committed and hint in said, said
    return said


def unstage_all(repository):
    repository.run("git", "reset", "--quiet", "--hard")


def check_try_repo(repository):
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    status, said = repository.run(pre_commit, "try-repo", str(checkout), "forcelint", "--all-files")
    assert status == 1 and "critical[pkce-required]" in said, said
    unstage_all(repository)


def check_commits(repository):
    repository.use_hooks(("forcelint", "args: [--select=pkce]"))

    # A finding blocks the commit, in source and in metadata format, whatever the file's name.
    for path in ["force-app/App.connectedApp-meta.xml", "src/connectedApps/App.connectedApp",
                 "force-app/Übergangs App.connectedApp-meta.xml"]:
        repository.write(path, APP)
        said = blocks(repository, "critical[pkce-required]")
        assert path in said, said
        unstage_all(repository)

    # What is no metadata that a rule judges passes; forcelint is not even started.
    repository.write("force-app/classes/App.cls", "public class App {}")
    repository.write("force-app/settings/Account.settings-meta.xml", "<AccountSettings/>")
    passes(repository, "(no files to check)Skipped")
    # Neither is anything said when a name can be one of ours and is none.
    repository.write("force-app/siteDotComSites/App.site-meta.xml", "<SiteDotCom/>")
    said = repository.run(pre_commit, "run", "--verbose")
    assert said[0] == 0 and [line for line in said[1].splitlines() if "forcelint" in line or "checked" in line] == [
        line for line in said[1].splitlines() if line.startswith(("forcelint", "- hook id: forcelint"))
    ], said
    passes(repository, "Passed")

    # Excludes hold for the files that pre-commit names.
    for path, text in [(".forceignore", "legacy/"), ("forcelint.toml", 'exclude = ["legacy"]\n')]:
        repository.write(path, text)
        repository.write("force-app/legacy/App.connectedApp-meta.xml", APP)
        passes(repository, "Passed")
        repository.run("git", "rm", "--quiet", "-r", path, "force-app/legacy")
        repository.commit("take it out again")

    # What is staged counts, not what is in the working tree.
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    repository.write("force-app/App.connectedApp-meta.xml", APP.replace("acme://", "https://"), stage=False)
    blocks(repository, "The app is a public client")
    assert "https://" in repository.read("force-app/App.connectedApp-meta.xml")
    unstage_all(repository)

    # What a condition asks of another file is looked up, though pre-commit does not name that.
    repository.use_hooks(("forcelint", "args: [--select=pkce-required, --fail-on=critical]"))
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    blocks(repository, "critical[pkce-required]")
    unstage_all(repository)
    repository.write("force-app/settings/OauthOidc.settings-meta.xml", ORG_WIDE)
    passes(repository, "Passed")
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    passes(repository, "Passed")

    # That changing the other file puts this one in question is seen where git is asked what is staged.
    repository.write("force-app/settings/OauthOidc.settings-meta.xml", ORG_WIDE.replace("true", "false"))
    passes(repository, "Passed")
    repository.run("git", "revert", "--no-edit", "HEAD")
    repository.use_hooks(
        ("forcelint", "args: [--select=pkce-required, --fail-on=critical, --staged]", "pass_filenames: false")
    )
    repository.write("force-app/settings/OauthOidc.settings-meta.xml", ORG_WIDE.replace("true", "false"))
    blocks(repository, "critical[pkce-required]")
    unstage_all(repository)


def check_fixes(repository):
    # A fix that breaks no client: the commit stops once, so that somebody looks at it.
    repository.use_hooks(("forcelint-fix",))
    sample = (checkout / "testdata/sample" / SERVER_APP).read_text(encoding="utf-8")
    repository.write("forcelint.toml", 'select = ["pkce-required"]\n')
    repository.write(SERVER_APP, sample)
    blocks(repository, "files were modified by this hook")
    fixed = repository.read(SERVER_APP)
    assert fixed == sample.replace("<isPkceRequired>false<", "<isPkceRequired>true<") != sample
    repository.run("git", "add", "--all")
    passes(repository, "Passed")

    # Setting the flag of an app whose clients have to follow is asked for.
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    blocks(repository, "critical[pkce-required]")
    assert repository.read("force-app/App.connectedApp-meta.xml") == APP
    unstage_all(repository)
    repository.use_hooks(("forcelint-fix", "args: [--fix=all]"))
    repository.write("force-app/App.connectedApp-meta.xml", APP)
    blocks(repository, "files were modified by this hook")
    assert "<isPkceRequired>true</isPkceRequired>" in repository.read("force-app/App.connectedApp-meta.xml")
    repository.run("git", "add", "--all")
    passes(repository, "Passed")


with tempfile.TemporaryDirectory() as temporary:
    for number, steps in enumerate([check_try_repo, check_commits, check_fixes]):
        folder = pathlib.Path(temporary) / str(number)
        folder.mkdir()
        if number:
            # The environment of the hooks is made once.
            shutil.copytree(pathlib.Path(temporary) / "0/pre-commit", folder / "pre-commit", symlinks=True)
        steps(Repository(folder))
        print(f"{steps.__name__}: as it should be")

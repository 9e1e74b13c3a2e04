"""Writes the manifests by which package managers find the archives of a release: Homebrew, winget and mise.

Arguments: the folder with the archives and their SHA256SUMS, and the folder for the manifests. They are attached to the
release; docs/releasing.md says where each is submitted.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
REPOSITORY = "https://github.com/forcelint/forcelint"
WINGET_ID = "forcelint.forcelint"
WINGET_VERSION = "1.10.0"


def package():
    """The version and the description in Cargo.toml."""
    text = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    return [re.search(rf'^{key} = "(.+)"$', text, re.MULTILINE).group(1) for key in ("version", "description")]


def checksums(folder):
    """By file name."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: checksum for checksum, name in (line.split() for line in lines)}


def homebrew(version, description, url, checksum):
    # Homebrew's descriptions begin without an article.
    short = description.removeprefix("A ")

    def on(system, *processors):
        parts = [f"  on_{system} do"]
        for processor, target in processors:
            archive = f"forcelint-{version}-{target}.tar.gz"
            parts += [
                f"    on_{processor} do",
                f'      url "{url}/{archive}"',
                f'      sha256 "{checksum[archive]}"',
                "    end",
            ]
        return [*parts, "  end", ""]

    return "\n".join([
        "class Forcelint < Formula",
        f'  desc "{short[0].upper()}{short[1:]}"',
        f'  homepage "{REPOSITORY}"',
        '  license "Apache-2.0"',
        "",
        *on("macos", ("arm", "aarch64-apple-darwin"), ("intel", "x86_64-apple-darwin")),
        *on("linux", ("arm", "aarch64-unknown-linux-musl"), ("intel", "x86_64-unknown-linux-musl")),
        "  def install",
        '    bin.install "forcelint"',
        '    man1.install Dir["man/*.1"]',
        '    bash_completion.install "completions/forcelint.bash" => "forcelint"',
        '    zsh_completion.install "completions/_forcelint"',
        '    fish_completion.install "completions/forcelint.fish"',
        "  end",
        "",
        "  test do",
        '    assert_equal "forcelint #{version}", shell_output("#{bin}/forcelint --version").strip',
        "  end",
        "end",
        "",
    ])


def winget(version, description, url, checksum):
    """The three files of a version, by name."""
    archive = f"forcelint-{version}-x86_64-pc-windows-msvc"

    def file(kind, *lines):
        return "\n".join([
            f"# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{WINGET_VERSION}.schema.json",
            f"PackageIdentifier: {WINGET_ID}",
            f"PackageVersion: {version}",
            *lines,
            f"ManifestType: {kind}",
            f"ManifestVersion: {WINGET_VERSION}",
            "",
        ])

    return {
        f"{WINGET_ID}.yaml": file("version", "DefaultLocale: en-US"),
        f"{WINGET_ID}.installer.yaml": file(
            "installer",
            "InstallerType: zip",
            "NestedInstallerType: portable",
            "NestedInstallerFiles:",
            f"  - RelativeFilePath: {archive}\\forcelint.exe",
            "    PortableCommandAlias: forcelint",
            "Installers:",
            "  - Architecture: x64",
            f"    InstallerUrl: {url}/{archive}.zip",
            f"    InstallerSha256: {checksum[archive + '.zip'].upper()}",
        ),
        f"{WINGET_ID}.locale.en-US.yaml": file(
            "defaultLocale",
            "PackageLocale: en-US",
            "Publisher: forcelint",
            "PackageName: forcelint",
            f"PackageUrl: {REPOSITORY}",
            "License: Apache-2.0",
            f"ShortDescription: {description}",
            f"ReleaseNotesUrl: {REPOSITORY}/releases/tag/v{version}",
        ),
    }


def mise(description):
    """The entry of mise's registry. It has no version: mise reads the releases."""
    return f'backends = ["github:forcelint/forcelint", "cargo:forcelint", "npm:forcelint"]\n' \
           f'description = "{description}"\n' \
           'test = { cmd = "forcelint --version", expected = "forcelint {{version}}" }\n'


def main(archives, into):
    version, description = package()
    url = f"{REPOSITORY}/releases/download/v{version}"
    checksum = checksums(archives)
    files = {
        "homebrew/forcelint.rb": homebrew(version, description, url, checksum),
        "mise/forcelint.toml": mise(description),
    }
    for name, text in winget(version, description, url, checksum).items():
        files[f"winget/{name}"] = text
    for name, text in files.items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))

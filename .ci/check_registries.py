#!/usr/bin/env python3
"""Publishes the packages of a release to registries on this machine, and installs them from there.

Usage: check_registries.py WORK

WORK has the folders `packages` (npm) and `wheels` (PyPI) of the release, the folder `venv` with pypiserver and twine, and
the folder `verdaccio` with that npm package. The crate is packed from the checkout. Nothing else is published or installed
from: each registry knows only these packages, except that cargo takes the dependencies of the crate from its usual
registry.
"""

import contextlib
import hashlib
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"


def run(command, **options):
    print("$", *command, flush=True)
    return subprocess.run([str(part) for part in command], check=True, **options)


def version_of(command, **options):
    return run(command, stdout=subprocess.PIPE, text=True, **options).stdout.strip()


def free_port():
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def server(command, port):
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://{HOST}:{port}/", timeout=5).close()
                break
            time.sleep(0.1)
        else:
            sys.exit(f"{command[0]} does not answer")
        yield f"http://{HOST}:{port}"
    finally:
        process.terminate()
        process.wait()


def npm(work, temporary, expected):
    port = free_port()
    config = temporary / "verdaccio.yaml"
    access = "{access: $all, publish: $anonymous}"
    config.write_text(f"storage: {temporary}/npm\npackages: {{'@*/*': {access}, '**': {access}}}\n"
                      f"log: {{type: stdout, level: error}}\nlisten: {HOST}:{port}\nmax_body_size: 200mb\n", encoding="utf-8")
    with server([work / "verdaccio/node_modules/.bin/verdaccio", "--config", config], port) as url:
        # npm only publishes with a token. The registry takes any.
        (temporary / "npmrc").write_text(f"registry={url}/\n//{HOST}:{port}/:_authToken=none\n", encoding="utf-8")
        env = {**os.environ, "NPM_CONFIG_USERCONFIG": str(temporary / "npmrc"), "NPM_CONFIG_REGISTRY": f"{url}/",
               "NPM_CONFIG_CACHE": str(temporary / "npm-cache")}
        # In the order of the release workflow.
        packages = work / "packages"
        for pattern in ("forcelint-*-*-*.tgz", "forcelint-[0-9]*.tgz", "eslint-plugin-forcelint-*.tgz"):
            for package in sorted(packages.glob(pattern)):
                run(["npm", "publish", "--access=public", "--silent", package], env=env, cwd=temporary)
        project = temporary / "npm-project"
        project.mkdir()
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--omit=peer", "--legacy-peer-deps", "forcelint",
             "eslint-plugin-forcelint"], env=env, cwd=project)
        installed = version_of([project / "node_modules/.bin/forcelint", "--version"])
        assert installed == f"forcelint {expected}", installed
        plugin = json.loads((project / "node_modules/eslint-plugin-forcelint/package.json").read_text(encoding="utf-8"))
        assert plugin["version"] == expected, plugin["version"]


def pypi(work, temporary, expected):
    port = free_port()
    folder = temporary / "pypi"
    folder.mkdir()
    programs = work / "venv/bin"
    command = [programs / "pypi-server", "run", f"--interface={HOST}", f"--port={port}", "--authenticate=.", "--passwords=.",
               "--disable-fallback", folder]
    with server(command, port) as url:
        wheels = sorted((work / "wheels").glob("*.whl"))
        run([programs / "twine", "upload", "--non-interactive", "--disable-progress-bar", f"--repository-url={url}",
             "--username=none", "--password=none", *wheels], stdout=subprocess.DEVNULL)
        run([sys.executable, "-m", "venv", temporary / "venv"])
        run([temporary / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-cache-dir",
             f"--index-url={url}/simple/", "forcelint"])
        installed = version_of([temporary / "venv/bin/forcelint", "--version"])
        assert installed == f"forcelint {expected}", installed


class Crates(http.server.BaseHTTPRequestHandler):
    """The part of cargo's registry protocol that publishing and installing one crate needs."""

    index, crates = {}, {}

    def answer(self, content, status=200):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        url = f"http://{HOST}:{self.server.server_address[1]}"
        if self.path == "/index/config.json":
            return self.answer(json.dumps({"dl": f"{url}/crates/{{crate}}-{{version}}", "api": url}).encode())
        kind, _, name = self.path.lstrip("/").partition("/")
        found = self.index.get(name.rpartition("/")[2]) if kind == "index" else self.crates.get(name)
        return self.answer(found or b"", 200 if found else 404)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        length = int.from_bytes(body[:4], "little")
        metadata, crate = json.loads(body[4:4 + length]), body[8 + length:]
        dependencies = [
            {
                "name": it.get("explicit_name_in_toml") or it["name"],
                "package": it["name"],
                "req": it["version_req"],
                **{key: it[key] for key in ("features", "optional", "default_features", "target", "kind", "registry")},
            }
            for it in metadata["deps"]
        ]
        entry = {"name": metadata["name"], "vers": metadata["vers"], "deps": dependencies, "yanked": False,
                 "features": metadata["features"], "cksum": hashlib.sha256(crate).hexdigest()}
        self.index[metadata["name"]] = json.dumps(entry).encode() + b"\n"
        self.crates[f"{metadata['name']}-{metadata['vers']}"] = crate
        self.answer(b"{}")

    def log_message(self, *_):
        pass


def crates(_work, temporary, expected):
    registry = http.server.ThreadingHTTPServer((HOST, 0), Crates)
    threading.Thread(target=registry.serve_forever, daemon=True).start()
    env = {**os.environ, "CARGO_REGISTRIES_LOOPBACK_INDEX": f"sparse+http://{HOST}:{registry.server_address[1]}/index/",
           "CARGO_REGISTRIES_LOOPBACK_TOKEN": "none", "CARGO_TARGET_DIR": str(ROOT / "target")}
    # `.ci/full/release.sh` compiles the packed crate.
    run(["cargo", "publish", "--package=forcelint", "--registry=loopback", "--locked", "--allow-dirty", "--no-verify",
         "--quiet"], env=env, cwd=ROOT)
    run(["cargo", "install", "forcelint", "--registry=loopback", "--locked", "--debug", "--quiet", f"--root={temporary}/cargo"],
        env=env, cwd=temporary)
    registry.shutdown()
    installed = version_of([temporary / "cargo/bin/forcelint", "--version"])
    assert installed == f"forcelint {expected}", installed


def main():
    work = pathlib.Path(sys.argv[1]).resolve()
    lines = (ROOT / "Cargo.toml").read_text(encoding="utf-8").splitlines()
    expected = next(line.split('"')[1] for line in lines if line.startswith("version = "))
    with tempfile.TemporaryDirectory() as folder:
        for check in (npm, pypi, crates):
            check(work, pathlib.Path(folder), expected)
            print(f"{check.__name__}: published and installed", flush=True)


main()

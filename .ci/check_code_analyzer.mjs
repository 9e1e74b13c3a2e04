// Runs forcelint in Salesforce Code Analyzer and in the `run_code_analyzer` tool of its MCP provider, as
// `forcelint init --code-analyzer` sets it up, and compares the findings with the command line.
//
//     node check_code_analyzer.mjs PACKAGES INSTALLED
//
// PACKAGES is the folder of packaging/npm/build.mjs. In INSTALLED, the packages of .ci/code_analyzer are installed.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { PROJECTS, copyProject, installPackages, program, report } from "./installed_packages.mjs";

const [packages, installed] = process.argv.slice(2, 4).map((path) => resolve(path));
const work = installPackages(packages);
const forcelint = program(work);
const require = createRequire(join(installed, "package.json"));
const { CodeAnalyzer, CodeAnalyzerConfig, EventType, LogLevel, OutputFormat } = require("@salesforce/code-analyzer-core");
const { createEnginePlugin } = require("@salesforce/code-analyzer-eslint-engine");
const { CodeAnalyzerMcpProvider } = await import(pathToFileURL(require.resolve("@salesforce/mcp-provider-code-analyzer")));

// Each analyzer adds a listener.
process.setMaxListeners(100);

const LEVELS = { critical: 1, high: 2, medium: 3, low: 4 };

/** A project of testdata with the files that `init` writes. `prepare` adds files before. */
function setUp(project, name, prepare = () => {}) {
  const folder = copyProject(project, join(work, name));
  prepare(folder);
  const init = spawnSync(forcelint, ["init", "--code-analyzer"], { cwd: folder, encoding: "utf8" });
  assert.match(init.stdout, /^written: code-analyzer\.yml$/m, init.stderr);
  // Code Analyzer selects files by extension, and files in metadata format have others.
  const config = join(folder, "code-analyzer.yml");
  const text = readFileSync(config, "utf8");
  assert.ok(text.includes('other: [".xml"]'));
  writeFileSync(config, text.replace('[".xml"]', '[".xml", ".connectedApp"]'));
  return { folder, stdout: init.stdout };
}

async function analyze(folder) {
  const analyzer = new CodeAnalyzer(CodeAnalyzerConfig.fromFile(join(folder, "code-analyzer.yml")));
  const logs = [];
  for (const event of [EventType.LogEvent, EventType.EngineLogEvent]) {
    analyzer.onEvent(event, ({ logLevel, message }) => logLevel <= LogLevel.Warn && logs.push(message));
  }
  await analyzer.addEnginePlugin(createEnginePlugin());
  const workspace = await analyzer.createWorkspace([folder]);
  const rules = await analyzer.selectRules(["forcelint"], { workspace });
  const results = await analyzer.run(rules, { workspace });
  return { violations: JSON.parse(results.toFormattedOutput(OutputFormat.JSON)).violations, logs };
}

/** One line per violation, except notes. */
function lines(folder, violations) {
  const text = ({ rule, severity, locations: [{ file, startLine }] }) => `${relative(folder, file)}:${startLine} ${rule} ${severity}`;
  const isNote = ({ rule }) => ["forcelint/not-checked", "forcelint/notice"].includes(rule);
  return violations.filter((it) => !isNote(it)).map(text).sort();
}

function expectedLines(folder) {
  // Code Analyzer leaves out files whose names begin with a dot.
  const isGiven = ({ path, severity }) => severity in LEVELS && !basename(path).startsWith(".");
  const findings = report(forcelint, folder).findings.filter(isGiven);
  const text = ({ path, rule, severity, span }) => `${path}:${span.start.line} forcelint/${rule}/${severity} ${LEVELS[severity]}`;
  return findings.map(text).sort();
}

async function projectsHaveTheSameFindings() {
  let count = 0;
  for (const project of PROJECTS) {
    const { folder } = setUp(project, project.replace("/", "-"));
    const expected = expectedLines(folder);
    const { violations, logs } = await analyze(folder);
    assert.deepEqual(lines(folder, violations), expected, `${project}: ${logs}`);
    assert.deepEqual(logs, [], project);
    assert.ok(expected.length > 0, project);
    count += expected.length;
    const reported = violations.filter(({ rule }) => rule === "forcelint/not-checked").length;
    assert.equal(reported > 0, report(forcelint, folder).summary.not_checked.length > 0, project);
  }
  return count;
}

/** A configuration of ESLint 8 would make Code Analyzer run all rules with ESLint 8. */
async function legacyConfigurationIsKept() {
  const legacy = '{ "root": true }\n';
  const { folder, stdout } = setUp("sample", "legacy", (folder) => writeFileSync(join(folder, ".eslintrc.json"), legacy));
  assert.match(stdout, /eslintrc\.json is a configuration of ESLint 8/);
  assert.equal(readFileSync(join(folder, ".eslintrc.json"), "utf8"), legacy);
  assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith("eslint.config")), ["eslint.config.forcelint.mjs"]);
  assert.deepEqual(lines(folder, (await analyze(folder)).violations), expectedLines(folder));
}

async function failuresAreViolations() {
  const { folder } = setUp("sample", "failures");
  process.env.FORCELINT_BINARY = join(work, "nowhere");
  const { violations } = await analyze(folder);
  delete process.env.FORCELINT_BINARY;
  const [{ rule, severity, message }] = violations;
  assert.deepEqual([violations.length, rule, severity], [1, "UnexpectedEngineError", 1]);
  assert.match(message, /nowhere could not be started/);
}

/** The tool takes at most ten files. */
async function mcpToolHasTheSameFindings() {
  const { folder } = setUp("sample", "mcp");
  const services = { getTelemetryService: () => ({ sendEvent() {} }) };
  const tools = await new CodeAnalyzerMcpProvider().provideTools(services);
  const tool = tools.find((tool) => tool.getName() === "run_code_analyzer");
  const paths = [...new Set(report(forcelint, folder).findings.map(({ path }) => path))].slice(0, 10);
  const target = paths.map((path) => join(folder, path));
  const { structuredContent } = await tool.exec({ target, directory: folder, selector: "forcelint" });
  const { status, resultsFile } = structuredContent;
  assert.equal(status, "success");
  const { violations } = JSON.parse(readFileSync(resultsFile, "utf8"));
  rmSync(resultsFile);
  const expected = expectedLines(folder).filter((line) => paths.some((path) => line.startsWith(`${path}:`)));
  assert.deepEqual(lines(folder, violations), expected);
  return expected.length;
}

console.log(`Code Analyzer, testdata: ${await projectsHaveTheSameFindings()} findings`);
await legacyConfigurationIsKept();
await failuresAreViolations();
console.log(`run_code_analyzer, sample: ${await mcpToolHasTheSameFindings()} findings`);
console.log("Code Analyzer: passed");

/**
 * The extension out of a .vsix, in an editor without a window, with the program that it brings.
 *
 * In: FORCELINT_EXTENSION, the folder to which the .vsix was unpacked; FORCELINT_REPOSITORY, the checkout.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { Document, editor, load } from "./vscode";

const EXTENSION = resolve(process.env.FORCELINT_EXTENSION!);
const SAMPLE = resolve(process.env.FORCELINT_REPOSITORY!, "testdata/sample");
const APPS = "force-app/main/default/connectedApps";

const work = realpathSync(mkdtempSync(join(tmpdir(), "forcelint ü ")));
const project = join(work, "acme");
const program = join(EXTENSION, "bin/forcelint");
const manifest = JSON.parse(readFileSync(join(EXTENSION, "package.json"), "utf8"));
const { activate, deactivate } = load(join(EXTENSION, manifest.main));
const app = new Document(appFile("Mobile_Portal"));
const context = {
  subscriptions: [] as { dispose(): void }[],
  extensionPath: EXTENSION,
  storageUri: app.uri.with({ path: join(work, "storage") }),
};

function appFile(name: string) {
  mkdirSync(work, { recursive: true });
  cpSync(SAMPLE, project, { recursive: true, force: false });
  return join(project, APPS, `${name}.connectedApp-meta.xml`);
}

/** Waits until another process has caused a change. */
async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 1500; tries += 1) {
    const found = look();
    if (found) {
      return found;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  return assert.fail(`${what} did not happen\n${editor.log.join("\n")}\n${editor.messages.join("\n")}`);
}

/** What the command line says about the project. */
function check(...words: string[]) {
  const options = { cwd: project, encoding: "utf8" } as const;
  const { status, stdout, stderr } = spawnSync(program, ["check", "--quiet", ...words], options);
  assert.equal(status, 1, stderr);
  return stdout;
}

const diagnosticsOf = (document: Document) => editor.diagnostics.get(document.uri.toString());
const rules = (document: Document) =>
  diagnosticsOf(document)?.map((diagnostic: any) => diagnostic.code?.value ?? diagnostic.code);
const command = (name: string) => editor.commands.get(name)!();

before(() => {
  // Only the bundled program can be found.
  process.env.PATH = join(work, "nothing");
  editor.folders = [project];
  for (const [key, { default: value }] of Object.entries<any>(manifest.contributes.configuration.properties)) {
    editor.settings[key] = value;
  }
});

after(async () => {
  await deactivate();
  rmSync(work, { recursive: true });
});

test("starts the server in a workspace with a project, and shows findings in an open file", async () => {
  await activate(context);
  assert.deepEqual(editor.messages, []);
  await editor.open(app);
  await until("a diagnostic", () => diagnosticsOf(app)?.length);
  assert.ok(rules(app)!.includes("pkce-required"), String(rules(app)));
  for (const { command } of manifest.contributes.commands) {
    assert.ok(editor.commands.has(command), `${command} is offered and not there`);
  }
});

test("the language status shows that the server runs, and its version", () => {
  assert.deepEqual(editor.statusTexts, ["forcelint: starting", "forcelint: running"]);
  const { detail, busy, severity, command } = editor.status;
  assert.deepEqual([detail, busy, severity], [`version ${manifest.version}`, false, 0]);
  assert.ok(editor.commands.has(command.command));
});

test("a quick fix sets the flag and removes the finding before the file is saved", async () => {
  const flag = app.find("<isPkceRequired>false");
  const diagnostics = diagnosticsOf(app)!.filter((_, index) => rules(app)![index] === "pkce-required");
  const asked = { diagnostics, only: undefined, triggerKind: 1 };
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose() {} }) };
  const offered = editor.actionProviders.map((provider) => provider.provideCodeActions(app, flag, asked, token));
  const actions: any[] = (await Promise.all(offered)).flat();
  const fix = actions.find((action) => /isPkceRequired/.test(action.title));
  assert.ok(fix, actions.map((action) => action.title).join("\n"));
  await app.apply(fix.edit.edits.get(app.uri.toString()));
  assert.match(app.getText(), /<isPkceRequired>true<\/isPkceRequired>/);
  await until("the end of the finding", () => rules(app)!.every((rule) => rule !== "pkce-required"));
});

test("changed settings are sent to the server", async () => {
  assert.ok(rules(app)!.includes("self-authorized-users"), String(rules(app)));
  await editor.set("forcelint.minSeverity", "critical");
  await until("less", () => !rules(app)!.includes("self-authorized-users"));
  await editor.set("forcelint.minSeverity", null);
  await until("more", () => rules(app)!.includes("self-authorized-users"));
});

test("the workspace has the same findings as the command line", async () => {
  writeFileSync(app.fileName, app.getText());
  editor.statusTexts.length = 0;
  await command("forcelint.checkWholeWorkspace");
  assert.deepEqual(editor.statusTexts, ["forcelint: checking the workspace", "forcelint: running"]);
  const { findings } = JSON.parse(check("--format", "json"));
  assert.ok(findings.length > 20);
  const said = editor.messages.at(-1)!;
  assert.ok(said.startsWith(`forcelint: ${findings.length} findings in `), said);
  const found = [...editor.diagnostics.values()].flat();
  assert.equal(found.length, findings.length);
});

test("the report is the same page as from the command line", async () => {
  const before = editor.messages.length;
  await command("forcelint.openPostureReport");
  assert.deepEqual(editor.messages.slice(before), []);
  const { title, options, webview } = editor.pages.at(-1)!;
  assert.equal(title, "Login security of acme");
  assert.deepEqual(options.localResourceRoots, []);
  const file = join(work, "page.html");
  check("--format", `html=${file}`);
  assert.equal(webview.html, readFileSync(file, "utf8"));
  assert.match(webview.html, /Content-Security-Policy/);
});

test("a report that fails shows the reason", async () => {
  const pages = editor.pages.length;
  await editor.set("forcelint.configPath", "gone.toml");
  await command("forcelint.openPostureReport");
  assert.equal(editor.pages.length, pages);
  assert.match(editor.messages.at(-1)!, /^The posture report could not be created: .*gone\.toml.* \[Show Output\]$/);
  await editor.set("forcelint.configPath", "");
});

test("the first message contains the settings", async () => {
  const sent = join(work, "sent");
  const listening = join(work, "listening");
  const script = `#!${process.execPath}
    const server = require("node:child_process").spawn(${JSON.stringify(program)}, process.argv.slice(2), {
      stdio: ["pipe", "inherit", "inherit"],
    });
    process.stdin.on("data", (data) => {
      require("node:fs").appendFileSync(${JSON.stringify(sent)}, data);
      server.stdin.write(data);
    });
    server.on("exit", (code) => process.exit(code));`;
  writeFileSync(listening, script, { mode: 0o755 });
  await editor.set("forcelint.minSeverity", "high");
  await editor.set("forcelint.path", listening);
  const first = readFileSync(sent, "utf8").split("Content-Length", 2)[1]!;
  const { initializationOptions } = JSON.parse(first.slice(first.indexOf("{"))).params;
  assert.deepEqual(initializationOptions, { configPath: "", minSeverity: "high", wholeProject: false });
  await editor.set("forcelint.minSeverity", null);
  await editor.set("forcelint.path", "");
  editor.log.length = 0;
});

test("a restart shows the findings again and leaves one server running", async () => {
  const started = () => editor.log.filter((line) => line === `info: starting ${program}`).length;
  await command("forcelint.restartServer");
  await until("a diagnostic", () => diagnosticsOf(app)?.length);
  assert.equal(started(), 1);
  assert.equal(editor.actionProviders.length, 1);
});

test("the language status shows why the server did not start", async () => {
  const broken = join(work, "broken");
  writeFileSync(broken, "#!/bin/sh\nexit 3\n", { mode: 0o755 });
  await editor.set("forcelint.path", broken);
  assert.equal(editor.statusTexts.at(-1), "forcelint: failed");
  assert.notEqual(editor.status.detail, "");
  assert.equal(editor.status.busy, false);
  await editor.set("forcelint.path", "");
  await until("the server", () => editor.statusTexts.at(-1) === "forcelint: running");
  await until("a diagnostic", () => diagnosticsOf(app)?.length);
});

test("a missing program shows a message with actions, and a program that is installed later is started", async () => {
  const away = join(work, "forcelint");
  renameSync(program, away);
  try {
    editor.press = "Set Path";
    await command("forcelint.restartServer");
    assert.match(editor.messages.at(-1)!, /forcelint was not found.* \[How to Install\] \[Set Path\]$/);
    assert.equal(editor.statusTexts.at(-1), "forcelint: failed");
    assert.match(editor.status.detail, /forcelint was not found/);
    assert.equal(editor.status.severity, 2);
    await until("the settings", () => JSON.stringify(editor.executed).includes('"forcelint.path"'));
    await editor.set("forcelint.path", away);
    await until("a diagnostic", () => diagnosticsOf(app)?.length);
    // No other program is used instead of the one in the settings.
    await editor.set("forcelint.path", join(work, "gone"));
    assert.match(editor.messages.at(-1)!, /forcelint\.path is ".*gone", which is not an executable program/);
    assert.equal(diagnosticsOf(app)?.length ?? 0, 0);
  } finally {
    renameSync(away, program);
  }
  await editor.set("forcelint.path", "");
  await until("a diagnostic", () => diagnosticsOf(app)?.length);
});

test("XML files that are not metadata do not start the server", async () => {
  await deactivate();
  context.subscriptions.forEach((subscription) => subscription.dispose());
  const elsewhere = join(work, "elsewhere");
  mkdirSync(elsewhere);
  editor.folders = [elsewhere];
  editor.documents = [];
  editor.log.length = 0;
  const write = (name: string) => {
    writeFileSync(join(elsewhere, name), app.getText());
    return new Document(join(elsewhere, name));
  };
  await activate(context);
  await editor.open(write("pom.xml"));
  assert.deepEqual(editor.log, []);
  const other = write("Other.connectedApp-meta.xml");
  await editor.open(other);
  await until("a diagnostic", () => diagnosticsOf(other)?.length);
});

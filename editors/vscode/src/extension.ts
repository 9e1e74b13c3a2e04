/**
 * The VS Code extension: starts the language server when the workspace has files to check, and registers the commands.
 *
 * If the server cannot be started, a message explains what to do.
 */

import { mkdir } from "node:fs/promises";
import { basename } from "node:path";
import {
  type CancellationToken,
  commands,
  env,
  type ExtensionContext,
  languages,
  type LogOutputChannel,
  ProgressLocation,
  Uri,
  ViewColumn,
  window,
  workspace,
} from "vscode";
import { type LanguageClient, State } from "vscode-languageclient/node";
import { findBinary, type Found } from "./binary";
import { checkWorkspace, createClient, SECTION, versionOf } from "./client";
import { DOCUMENTS, NOT_SOURCE, SIGNS } from "./documents";
import { configFile, makeReport, projectsFor } from "./report";
import { createStatus, type Status } from "./status";

const INSTALLATION = "https://github.com/forcelint/forcelint#readme";

let context: ExtensionContext;
let output: LogOutputChannel;
let status: Status;
let client: LanguageClient | undefined;
/** Runs starts and stops one after the other. */
let queue: Promise<void> = Promise.resolve();

export async function activate(activated: ExtensionContext): Promise<void> {
  context = activated;
  output = window.createOutputChannel("forcelint", { log: true });
  status = createStatus();
  context.subscriptions.push(
    output,
    status,
    commands.registerCommand("forcelint.restartServer", restart),
    commands.registerCommand("forcelint.checkWholeWorkspace", checkWhole),
    commands.registerCommand("forcelint.openPostureReport", openReport),
    commands.registerCommand("forcelint.showOutput", () => output.show()),
    workspace.onDidGrantWorkspaceTrust(() => restart()),
    workspace.onDidChangeConfiguration((change) =>
      change.affectsConfiguration(`${SECTION}.path`) ? restart() : undefined,
    ),
  );
  await startWhenNeeded();
}

export function deactivate(): Promise<void> {
  return stop();
}

/** Not every XML file is metadata, so the server starts only for a project or a supported file. */
async function startWhenNeeded(): Promise<void> {
  const isOurs = (document: Parameters<typeof languages.match>[1]) => languages.match(DOCUMENTS, document) > 0;
  const signs = await workspace.findFiles(SIGNS, NOT_SOURCE, 1);
  if (signs.length > 0 || workspace.textDocuments.some(isOurs)) {
    return start();
  }
  const opened = workspace.onDidOpenTextDocument((document) => {
    if (isOurs(document)) {
      opened.dispose();
      void start();
    }
  });
  context.subscriptions.push(opened);
}

function start(): Promise<void> {
  return inTurn(async () => {
    if (client) {
      return;
    }
    const found = find();
    if ("missing" in found) {
      status.failed(found.missing);
      // Do not wait for the buttons: the user may never press one.
      void complain(found.missing);
      return;
    }
    output.info(`starting ${found.program}`);
    status.starting();
    const started = createClient(found.program, output);
    try {
      await started.start();
      client = started;
      status.running(versionOf(started));
      started.onDidChangeState(({ newState }) => showState(started, newState));
    } catch (error) {
      status.failed(String(error));
      // The client has already shown a message.
      output.error(`${found.program} did not start as a language server: ${String(error)}`);
    }
  });
}

/** The client starts a server that ended again, but not after it ended several times. */
function showState(changed: LanguageClient, state: State): void {
  if (client !== changed) {
    return;
  }
  if (state === State.Running) {
    status.running(versionOf(changed));
  } else if (state === State.Stopped) {
    status.failed("The server ended unexpectedly. The output shows why.");
  } else {
    status.starting();
  }
}

function stop(): Promise<void> {
  return inTurn(async () => {
    const stopped = client;
    client = undefined;
    // Disposing fails if the server crashed or does not respond.
    await stopped?.dispose().catch((error: unknown) => output.warn(`the server did not stop cleanly: ${String(error)}`));
  });
}

function restart(): Promise<void> {
  void stop();
  return start();
}

function inTurn(step: () => Promise<void>): Promise<void> {
  queue = queue.then(step);
  return queue;
}

function find(): Found {
  return findBinary({
    setting: workspace.getConfiguration(SECTION).get("path", ""),
    extension: context.extensionPath,
    workspace: folders(),
    isTrusted: workspace.isTrusted,
    searchPath: process.env.PATH ?? "",
    platform: process.platform,
    architecture: process.arch,
  });
}

function folders(): string[] {
  return (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file").map(({ uri }) => uri.fsPath);
}

async function complain(missing: string): Promise<void> {
  output.error(missing);
  const [install, setPath] = ["How to Install", "Set Path"];
  const chosen = await window.showErrorMessage(missing, install, setPath);
  if (chosen === install) {
    await env.openExternal(Uri.parse(INSTALLATION));
  } else if (chosen === setPath) {
    await commands.executeCommand("workbench.action.openSettings", `${SECTION}.path`);
  }
}

/** Shows a short error message. The output channel has the whole text. */
async function failed(what: string, why: string): Promise<void> {
  output.error(`${what}: ${why}`);
  const show = "Show Output";
  const short = why.replace(/\s+/g, " ").slice(0, 200);
  if ((await window.showErrorMessage(`${what}: ${short}`, show)) === show) {
    output.show();
  }
}

/** Runs a task with a progress notification and a cancel button. */
function withProgress<T>(title: string, task: (cancelled: CancellationToken) => Promise<T>): Thenable<T> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return window.withProgress(options, (_progress, cancelled) => task(cancelled));
}

async function checkWhole(): Promise<void> {
  await start();
  const running = client;
  if (!running) {
    return;
  }
  await withProgress("forcelint: checking the whole workspace", async (cancelled) => {
    status.checking(versionOf(running));
    try {
      const { files, findings, errors } = await checkWorkspace(running, cancelled);
      const broken = errors > 0 ? `, ${counted(errors, "error")}` : "";
      const message = `forcelint: ${counted(findings, "finding")} in ${counted(files, "file")}${broken}`;
      void (errors > 0 ? window.showWarningMessage(message) : window.showInformationMessage(message));
    } catch (error) {
      if (!cancelled.isCancellationRequested) {
        void failed("The workspace could not be checked", String(error));
      }
    } finally {
      showState(running, running.state);
    }
  });
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

async function openReport(): Promise<void> {
  const found = find();
  if ("missing" in found) {
    return complain(found.missing);
  }
  const folder = await chooseProject();
  if (folder === undefined) {
    return;
  }
  const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
  await mkdir(storage, { recursive: true });
  const setting = workspace.getConfiguration(SECTION).get<string | null>("configPath");
  const report = await withProgress("forcelint: creating the posture report", async (cancelled) => {
    const stopping = new AbortController();
    cancelled.onCancellationRequested(() => stopping.abort());
    const order = { program: found.program, folder, config: configFile(setting ?? "", folders()[0]) };
    const made = await makeReport({ ...order, file: `${storage}/posture.html`, stop: stopping.signal });
    return cancelled.isCancellationRequested ? undefined : made;
  });
  if (report?.page !== undefined) {
    const title = `Login security of ${basename(folder)}`;
    const panel = window.createWebviewPanel("forcelint.report", title, ViewColumn.Active, {
      // The content security policy of the page allows only its own script, by its hash.
      enableScripts: true,
      enableFindWidget: true,
      retainContextWhenHidden: true,
      localResourceRoots: [],
    });
    panel.webview.html = report.page;
  }
  if (report?.problem !== undefined) {
    const isThere = report.page !== undefined;
    void failed(isThere ? "The posture report is incomplete" : "The posture report could not be created", report.problem);
  }
}

/** The project folder for the report; undefined if the user cancels. */
async function chooseProject(): Promise<string | undefined> {
  const found = await workspace.findFiles("**/sfdx-project.json", NOT_SOURCE);
  const open = window.activeTextEditor?.document.uri;
  const file = open?.scheme === "file" ? open.fsPath : undefined;
  const projects = projectsFor(file, found.map((uri) => uri.fsPath));
  const among = projects.length > 0 ? projects : folders();
  if (among.length === 0) {
    void window.showInformationMessage("forcelint: open a project folder first.");
  }
  return among.length > 1 ? window.showQuickPick(among, { title: "Select the project for the report" }) : among[0];
}

/**
 * The language server, as the editor starts and asks it.
 *
 * In: the program, the settings, and where its messages go. Out: a client that has not been started. Everything else (which
 * documents are open, what is drawn, which actions there are) is between vscode-languageclient and the server.
 */

import { type CancellationToken, type LogOutputChannel, workspace } from "vscode";
import { ExecuteCommandRequest, LanguageClient } from "vscode-languageclient/node";
import { DOCUMENTS } from "./documents";

/** The section of the settings, and the prefix of the commands. */
export const SECTION = "forcelint";

/** What came of judging all files of the workspace. */
export interface Checked {
  files: number;
  findings: number;
  /** Files and folders that could not be judged. */
  errors: number;
}

export function createClient(program: string, output: LogOutputChannel): LanguageClient {
  return new LanguageClient(
    SECTION,
    "forcelint",
    // No transport is named: the library would hand the program a word for it.
    { command: program, args: ["lsp"] },
    {
      documentSelector: DOCUMENTS,
      initializationOptions: serverSettings,
      synchronize: { configurationSection: SECTION },
      outputChannel: output,
      traceOutputChannel: output,
      diagnosticCollectionName: SECTION,
      // One message is enough: start fails with the same.
      initializationFailedHandler: () => false,
    },
  );
}

/** The settings that the server reads, as they are now. */
export function serverSettings(): Record<string, unknown> {
  const settings = workspace.getConfiguration(SECTION);
  const keys = ["configPath", "minSeverity", "wholeProject"];
  return Object.fromEntries(keys.map((key) => [key, settings.get(key)]));
}

/** Has all files of the workspace judged, open or not, until the server ends. */
export async function checkWorkspace(client: LanguageClient, cancelled: CancellationToken): Promise<Checked> {
  const command = { command: "forcelint.checkWorkspace" };
  return (await client.sendRequest(ExecuteCommandRequest.type, command, cancelled)) as Checked;
}

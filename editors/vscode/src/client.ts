/**
 * The client of the language server.
 *
 * Input: the program, the settings, and the output channel. Output: a client that is not started yet. vscode-languageclient
 * and the server handle everything else: open documents, diagnostics and code actions.
 */

import { type CancellationToken, type LogOutputChannel, workspace } from "vscode";
import { ExecuteCommandRequest, LanguageClient } from "vscode-languageclient/node";
import { DOCUMENTS } from "./documents";

/** The section of the settings, and the prefix of the commands. */
export const SECTION = "forcelint";

/** The result of checking all files of the workspace. */
export interface Checked {
  files: number;
  findings: number;
  /** Files and folders that could not be checked. */
  errors: number;
}

export function createClient(program: string, output: LogOutputChannel): LanguageClient {
  return new LanguageClient(
    SECTION,
    "forcelint",
    // Without `transport`, because the library would pass it to the program as an argument.
    { command: program, args: ["lsp"] },
    {
      documentSelector: DOCUMENTS,
      initializationOptions: serverSettings,
      synchronize: { configurationSection: SECTION },
      outputChannel: output,
      traceOutputChannel: output,
      diagnosticCollectionName: SECTION,
      // `start` fails with the same error, so one message is enough.
      initializationFailedHandler: () => false,
    },
  );
}

/** The version of the running program. */
export function versionOf(client: LanguageClient): string {
  return client.initializeResult?.serverInfo?.version ?? "unknown";
}

/** The current settings for the server. */
export function serverSettings(): Record<string, unknown> {
  const settings = workspace.getConfiguration(SECTION);
  const keys = ["configPath", "minSeverity", "wholeProject"];
  return Object.fromEntries(keys.map((key) => [key, settings.get(key)]));
}

/** Checks all files of the workspace, open or not, until the server ends. */
export async function checkWorkspace(client: LanguageClient, cancelled: CancellationToken): Promise<Checked> {
  const command = { command: "forcelint.checkWorkspace" };
  return (await client.sendRequest(ExecuteCommandRequest.type, command, cancelled)) as Checked;
}

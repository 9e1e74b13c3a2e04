/**
 * The state of the server in the language status of VS Code, which is shown beside the language of a supported file.
 */

import { languages, LanguageStatusSeverity, type Disposable } from "vscode";
import { DOCUMENTS } from "./documents";

export interface Status extends Disposable {
  starting(): void;
  /** `version` is that of the program. */
  running(version: string): void;
  checking(version: string): void;
  failed(reason: string): void;
}

export function createStatus(): Status {
  const item = languages.createLanguageStatusItem("forcelint.status", DOCUMENTS);
  item.name = "forcelint";
  item.command = { command: "forcelint.showOutput", title: "Show Output" };
  const show = (text: string, detail: string, isBusy: boolean, severity = LanguageStatusSeverity.Information) => {
    Object.assign(item, { text, detail, busy: isBusy, severity });
  };
  return {
    starting: () => show("forcelint: starting", "", true),
    running: (version) => show("forcelint: running", `version ${version}`, false),
    checking: (version) => show("forcelint: checking the workspace", `version ${version}`, true),
    failed: (reason) => show("forcelint: failed", reason, false, LanguageStatusSeverity.Error),
    dispose: () => item.dispose(),
  };
}

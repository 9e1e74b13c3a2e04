// How the page explains that an input has no Salesforce metadata.

import { counted } from "./elements";
import type { Source } from "./protocol";
import type { Report } from "./report";

const KNOWN = "forcelint checks files such as My_App.connectedApp, Admin.profile-meta.xml or Security.settings, in a folder or a zip.";
const NEXT = "How to get them from an org is explained below.";

/** Why nothing was checked; `undefined` if something was. */
export function whyNothing(report: Report, source: Source): string | undefined {
  const { summary } = report;
  if (summary.files_checked > 0 || report.findings.length > 0 || report.errors.length > 0) return undefined;
  const skipped = Object.values(summary.skipped).reduce((sum, it) => sum + it, 0);
  if (skipped > 0) {
    return `Nothing in ${source.name} was checked: all its metadata (${counted(skipped, "file")}) is skipped, because of a .forceignore file or forcelint.toml.`;
  }
  if (source.kind === "zip" && summary.files_seen === 0) return `${source.name} is empty. ${KNOWN} ${NEXT}`;
  if (source.kind === "files" && source.paths.length === 1) {
    return `${source.paths[0] ?? ""} is not a Salesforce metadata file. ${KNOWN} ${NEXT}`;
  }
  const all = summary.files_seen === 1 ? "Its one file is not" : `None of its ${counted(summary.files_seen, "file")} is`;
  return `${source.name} has no Salesforce metadata that forcelint checks. ${all} a file that it knows. ${KNOWN} ${NEXT}`;
}

/** What is wrong with an input that cannot be opened. */
export function whyUnreadable(message: string, source: Source): string {
  return source.kind === "zip" && message.includes("not a complete zip file")
    ? `${source.name} is not a zip file, or only a part of one. Download or retrieve it again. ${NEXT}`
    : message;
}

// Retrieves the metadata that the rules read from an org.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { start, startCli } from "./start.js";

/** The name that the Salesforce CLI gives a zip. */
const ZIP = "unpackaged.zip";

/**
 * @param {string} org its username or alias
 * @param {string} folder an empty folder, which becomes a project: so nothing around it counts
 * @param {string[]} config options for forcelint
 * @returns {Promise<{ zip: string, warnings: string[] }>} the name of the zip in the folder
 */
export async function retrieve(org, folder, config) {
  writeFileSync(join(folder, "sfdx-project.json"), '{ "packageDirectories": [{ "path": ".", "default": true }] }\n');
  const manifest = await start(["manifest", "--output=package.xml", ...config], { cwd: folder });
  if (manifest.status !== 0) {
    throw new Error(manifest.stderr.trim());
  }
  const command = ["project", "retrieve", "start", "--manifest", "package.xml", "--target-metadata-dir", ".", "--json"];
  const ended = await startCli([...command, "--target-org", org], { cwd: folder });
  const answer = parse(ended);
  const messages = [answer.result?.messages ?? []].flat().map(({ problem }) => problem);
  // With --json, a retrieve that fails in the org has the exit code 0.
  if (ended.status !== 0 || answer.result?.success === false || !existsSync(join(folder, ZIP))) {
    const reason = answer.message ?? answer.result?.errorMessage ?? (messages.join("\n") || "the Salesforce CLI wrote no zip");
    throw new Error(`The metadata of ${org} could not be retrieved: ${reason}`);
  }
  return { zip: ZIP, warnings: [...(answer.warnings ?? []), ...messages] };
}

function parse({ status, stdout, stderr }) {
  try {
    return JSON.parse(stdout);
  } catch {
    return { message: stderr.trim() || `the Salesforce CLI ended with status ${status}` };
  }
}

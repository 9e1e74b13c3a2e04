/**
 * Finds the program to start.
 *
 * In: where it may be, and whether the user trusts the workspace. Out: its absolute path, or why there is none. What
 * lies in a workspace that nobody has trusted is never started, and no shell is asked.
 */

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where the program may be. */
export interface Places {
  /** The setting `forcelint.path`; empty if it says nothing. */
  setting: string;
  /** The folder into which the extension is installed. */
  extension: string;
  /** The folders of the workspace, as paths. */
  workspace: string[];
  isTrusted: boolean;
  /** The environment variable PATH. */
  searchPath: string;
  platform: NodeJS.Platform;
  architecture: string;
}

export type Found = { program: string } | { missing: string };

/** The program: that of the setting, else the bundled one, else that of the project's npm packages, else that of PATH. */
export function findBinary(places: Places): Found {
  if (places.setting) {
    return named(places);
  }
  const name = places.platform === "win32" ? "forcelint.exe" : "forcelint";
  const candidates = [join(places.extension, "bin", name)];
  if (places.isTrusted) {
    // What lies in .bin is a script, which on Windows takes a shell to start.
    const inPackage = join("node_modules", "@forcelint", npmPlatform(places), "bin", name);
    candidates.push(...places.workspace.map((folder) => join(folder, inPackage)));
  }
  const separator = places.platform === "win32" ? ";" : ":";
  // A relative folder in PATH would mean one of the workspace.
  const folders = places.searchPath.split(separator).filter((folder) => isAbsolute(folder));
  candidates.push(...folders.map((folder) => join(folder, name)));
  const program = candidates.find(canRun);
  return program
    ? { program }
    : { missing: "There is no forcelint: this build of the extension has none for your platform, and PATH neither." };
}

/** The program that the setting names. If that is not there, no other takes its place: the user wanted this one. */
function named({ setting, workspace, isTrusted }: Places): Found {
  let program = setting.replace(/^~(?=[/\\])/, homedir());
  if (isTrusted && workspace[0] !== undefined) {
    program = program.replace("${workspaceFolder}", workspace[0]);
  }
  if (!isAbsolute(program)) {
    return { missing: `The setting forcelint.path is "${setting}"; it has to be an absolute path.` };
  }
  return canRun(program)
    ? { program }
    : { missing: `The setting forcelint.path is "${setting}"; there is no program that can be run.` };
}

/** What the npm package with the program is called, below `@forcelint/`. */
function npmPlatform({ platform, architecture }: Places): string {
  // Windows on ARM runs programs for x64.
  return platform === "win32" ? "win32-x64" : `${platform}-${architecture}`;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

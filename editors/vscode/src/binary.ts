/**
 * Finds the program to start.
 *
 * Input: the candidates, and whether the user trusts the workspace. Output: an absolute path, or an error message. A program
 * in an untrusted workspace is never started, and no shell is used.
 */

import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** Where to look for the program. */
export interface Places {
  /** The setting `forcelint.path`; empty if it is not set. */
  setting: string;
  /** The installation folder of the extension. */
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

/** The program in the setting, else the bundled one, else the project's npm package, else the one on PATH. */
export function findBinary(places: Places): Found {
  if (places.setting) {
    return named(places);
  }
  const name = places.platform === "win32" ? "forcelint.exe" : "forcelint";
  const candidates = [join(places.extension, "bin", name)];
  if (places.isTrusted) {
    // Not the script in `.bin`, which needs a shell on Windows.
    const inPackage = join("node_modules", "@forcelint", npmPlatform(places), "bin", name);
    candidates.push(...places.workspace.map((folder) => join(folder, inPackage)));
  }
  const separator = places.platform === "win32" ? ";" : ":";
  // A relative folder in PATH could be a folder of the workspace.
  const folders = places.searchPath.split(separator).filter((folder) => isAbsolute(folder));
  candidates.push(...folders.map((folder) => join(folder, name)));
  const program = candidates.find(canRun);
  return program
    ? { program }
    : { missing: "forcelint was not found: this extension does not include it for your platform, and it is not on PATH." };
}

/** The program in the setting. If it does not exist, no other program is used, because the user chose this one. */
function named({ setting, workspace, isTrusted }: Places): Found {
  let program = setting.replace(/^~(?=[/\\])/, homedir());
  if (isTrusted && workspace[0] !== undefined) {
    program = program.replace("${workspaceFolder}", workspace[0]);
  }
  if (!isAbsolute(program)) {
    return { missing: `The setting forcelint.path is "${setting}". It must be an absolute path.` };
  }
  return canRun(program)
    ? { program }
    : { missing: `The setting forcelint.path is "${setting}", which is not an executable program.` };
}

/** The name of the npm package with the program, without `@forcelint/`. */
function npmPlatform({ platform, architecture }: Places): string {
  // Windows on ARM runs x64 programs.
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

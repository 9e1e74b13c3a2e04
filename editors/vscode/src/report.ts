/**
 * The posture report: the HTML report of `forcelint check` for one project.
 *
 * Input: the program, the project's folder, the configuration in the settings, and a file in the extension's storage. Output:
 * the page, or the error of the program. The report is about saved files, not about unsaved text.
 */

import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";

export interface ReportOrder {
  program: string;
  /** The project's folder, in which the program runs. */
  folder: string;
  /** The absolute path of a configuration to use instead of the nearest `forcelint.toml`. */
  config: string | undefined;
  /** Where to write the page. An existing file is replaced. */
  file: string;
  /** Stops the run. */
  stop: AbortSignal;
}

/**
 * The result of a run. `page` is undefined if the program wrote no report. If `problem` is set, the page may be incomplete.
 */
export interface Report {
  page: string | undefined;
  problem: string | undefined;
}

/** Maximum output of a run in bytes. A run with more output is stopped. */
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Runs the program without a shell. Findings are not an error. */
export async function makeReport({ program, folder, config, file, stop }: ReportOrder): Promise<Report> {
  await rm(file, { force: true });
  const words = ["check", "--quiet", "--format", `html=${file}`, ...(config ? ["--config", config] : [])];
  const problem = await new Promise<string | undefined>((done) => {
    const options = { cwd: folder, signal: stop, maxBuffer: MOST_OUTPUT, windowsHide: true };
    execFile(program, words, options, (error, _stdout, stderr) => {
      // Exit status 1 means that there are findings.
      const isFine = error === null || error.code === 1;
      done(isFine ? undefined : stderr.trim() || error.message);
    });
  });
  const page = await readFile(file, "utf8").catch(() => undefined);
  return { page, problem: problem ?? (page === undefined ? `${program} wrote no report` : undefined) };
}

/** The nearest project that contains the file, or all projects if none does. */
export function projectsFor(file: string | undefined, projectFiles: string[]): string[] {
  const folders = projectFiles.map((path) => dirname(path)).sort();
  const around = folders.filter((folder) => file !== undefined && isInside(file, folder));
  const nearest = around.reduce<string | undefined>(
    (best, folder) => (best !== undefined && best.length > folder.length ? best : folder),
    undefined,
  );
  return nearest === undefined ? folders : [nearest];
}

function isInside(file: string, folder: string): boolean {
  const path = relative(folder, file);
  return !isAbsolute(path) && path !== ".." && !/^\.\.[/\\]/.test(path);
}

/** The configuration in the settings, which may be relative to the first folder of the workspace. */
export function configFile(setting: string, workspace: string | undefined): string | undefined {
  if (!setting || isAbsolute(setting) || workspace === undefined) {
    return setting || undefined;
  }
  return join(workspace, setting);
}

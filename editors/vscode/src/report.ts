/**
 * The posture report: the HTML page of `forcelint check`, made for one project.
 *
 * In: the program, the project's folder, the config that the settings name, and a file of the extension's own. Out: the
 * page, or what the program said instead. The files are judged as they are saved.
 */

import { execFile } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { dirname, isAbsolute, join, relative } from "node:path";

export interface ReportOrder {
  program: string;
  /** The project's folder; the report is that of a run inside of it. */
  folder: string;
  /** The config in place of the nearest `forcelint.toml`, as an absolute path. */
  config: string | undefined;
  /** Where the page is written; what is there is replaced. */
  file: string;
  /** Ends the run. */
  stop: AbortSignal;
}

/**
 * How a run came out. `page` is missing where the program could not make one; `problem` is what it could not do, so that
 * the page, if there is one, does not tell everything.
 */
export interface Report {
  page: string | undefined;
  problem: string | undefined;
}

/** What a run may print before it is given up, in bytes. */
const MOST_OUTPUT = 16 * 1024 * 1024;

/** Runs the program, without a shell. Whether there are findings is told by the page alone. */
export async function makeReport({ program, folder, config, file, stop }: ReportOrder): Promise<Report> {
  await rm(file, { force: true });
  const words = ["check", "--quiet", "--format", `html=${file}`, ...(config ? ["--config", config] : [])];
  const problem = await new Promise<string | undefined>((done) => {
    const options = { cwd: folder, signal: stop, maxBuffer: MOST_OUTPUT, windowsHide: true };
    execFile(program, words, options, (error, _stdout, stderr) => {
      // 1 says that something was found.
      const isFine = error === null || error.code === 1;
      done(isFine ? undefined : stderr.trim() || error.message);
    });
  });
  const page = await readFile(file, "utf8").catch(() => undefined);
  return { page, problem: problem ?? (page === undefined ? `${program} wrote no report` : undefined) };
}

/** The folders of projects around a file, or all of them if it is in none: those among which to choose. */
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

/** The config that the settings name, which may be relative to the first folder of the workspace. */
export function configFile(setting: string, workspace: string | undefined): string | undefined {
  if (!setting || isAbsolute(setting) || workspace === undefined) {
    return setting || undefined;
  }
  return join(workspace, setting);
}

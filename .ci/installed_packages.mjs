// Lays out the npm packages of a release as npm installs them, and copies the projects of testdata.

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const TESTDATA = resolve(import.meta.dirname, "../testdata");

/** The folders in testdata with findings. */
export const PROJECTS = [
  "adopted",
  "bad-input/files",
  "bad-input/hostile",
  "decomposed/objects",
  "decomposed/decomposePermissionSetBeta",
  "decomposed/decomposePermissionSetBeta2",
  "decomposed/decomposeSharingRulesBeta",
  "gates/foreign-namespace",
  "gates/old-api",
  "gates/old-manifest",
  "gates/own-namespace",
  "gates/replaced",
  "metadata-format",
  "no-project",
  "sample",
];

/** A folder with the packages in `node_modules`, which is removed when this process exits. */
export function installPackages(packages) {
  const folder = mkdtempSync(join(tmpdir(), "forcelint-eslint-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  for (const tarball of readdirSync(packages).filter((name) => name.endsWith(".tgz"))) {
    const path = join(packages, tarball);
    const { name } = JSON.parse(execFileSync("tar", ["-xzOf", path, "package/package.json"], { encoding: "utf8" }));
    const target = join(folder, "node_modules", name);
    mkdirSync(target, { recursive: true });
    execFileSync("tar", ["-xzf", path, "-C", target, "--strip-components=1"]);
  }
  return folder;
}

/** The program in the installed packages. */
export const program = (folder) => join(folder, `node_modules/@forcelint/linux-${process.arch}/bin/forcelint`);

/** Copies a project of testdata to a new repository. */
export function copyProject(project, target) {
  rmSync(target, { recursive: true, force: true });
  cpSync(join(TESTDATA, project), target, { recursive: true });
  execFileSync("git", ["init", "--quiet", target]);
  return target;
}

/** The report of the program about a folder: all findings, and nothing that ESLint is not given. */
export function report(program, folder) {
  const options = ["--quiet", "--force-exclude", "--min-severity=info", "--fail-on=never", "--format=json"];
  return JSON.parse(execFileSync(program, ["check", ...options, "."], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 }));
}

/** ESLint's configuration of a project, with a configuration of the plugin. */
export function configure(folder, name) {
  writeFileSync(
    join(folder, "eslint.config.cjs"),
    `module.exports = [require("eslint-plugin-forcelint").configs.${name}];\n`,
  );
}

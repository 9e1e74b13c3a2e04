/** Which program is started, and which never is. */

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { findBinary, type Places } from "../src/binary";

const work = mkdtempSync(join(tmpdir(), "forcelint-binary-"));
const name = process.platform === "win32" ? "forcelint.exe" : "forcelint";
const bundled = join(work, "extension/bin", name);
const platform = process.platform === "win32" ? "win32-x64" : `${process.platform}-${process.arch}`;
const ofProject = join(work, "b/node_modules/@forcelint", platform, "bin", name);
const onPath = join(work, "path", name);
const places: Places = {
  setting: "",
  extension: join(work, "extension"),
  workspace: [join(work, "a"), join(work, "b")],
  isTrusted: true,
  searchPath: [".", "b", join(work, "nowhere"), dirname(onPath)].join(delimiter),
  platform: process.platform,
  architecture: process.arch,
};

function put(...paths: string[]) {
  for (const path of paths) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "");
    chmodSync(path, 0o755);
  }
}

beforeEach(() => rmSync(work, { recursive: true, force: true }));
after(() => rmSync(work, { recursive: true, force: true }));

test("the bundled program is preferred to the one of the project, and that to the one in PATH", () => {
  put(bundled, ofProject, onPath);
  assert.deepEqual(findBinary(places), { program: bundled });
  rmSync(bundled);
  assert.deepEqual(findBinary(places), { program: ofProject });
  rmSync(ofProject);
  assert.deepEqual(findBinary(places), { program: onPath });
  rmSync(onPath);
  assert.match((findBinary(places) as { missing: string }).missing, /forcelint was not found/);
});

test("a program in an untrusted workspace is not run", () => {
  put(ofProject, join(work, "a/tools", name));
  assert.ok("missing" in findBinary({ ...places, isTrusted: false }));
  const setting = `\${workspaceFolder}/tools/${name}`;
  assert.ok("missing" in findBinary({ ...places, setting, isTrusted: false }));
  assert.ok("program" in findBinary({ ...places, setting }));
});

test("relative folders in PATH and relative settings do not select a file in the workspace", () => {
  put(join(work, name));
  const before = process.cwd();
  process.chdir(work);
  try {
    assert.ok("missing" in findBinary(places));
    assert.match((findBinary({ ...places, setting: `./${name}` }) as { missing: string }).missing, /absolute/);
  } finally {
    process.chdir(before);
  }
});

test("an invalid program in the settings is an error", () => {
  put(bundled, onPath);
  assert.deepEqual(findBinary({ ...places, setting: onPath }), { program: onPath });
  const gone = findBinary({ ...places, setting: join(work, "gone") });
  assert.match((gone as { missing: string }).missing, /gone", which is not an executable program/);
  assert.ok("missing" in findBinary({ ...places, setting: work }), "a folder is not a program");
  const atHome = findBinary({ ...places, setting: "~/no-such-folder/forcelint" });
  assert.match((atHome as { missing: string }).missing, /not an executable program/, homedir());
});

test("skips a file that is not executable", { skip: process.platform === "win32" }, () => {
  put(bundled, onPath);
  chmodSync(bundled, 0o644);
  assert.deepEqual(findBinary(places), { program: onPath });
});

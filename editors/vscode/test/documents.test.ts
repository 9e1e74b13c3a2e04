/**
 * The documents that are sent to the server are the same files as in the pre-commit hook.
 *
 * Environment: FORCELINT_REPOSITORY, the checkout.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { minimatch } from "minimatch";
import { DOCUMENTS } from "../src/documents";

const hooks = readFileSync(join(process.env.FORCELINT_REPOSITORY!, ".pre-commit-hooks.yaml"), "utf8");
const isSelected = (path: string) => DOCUMENTS.some(({ pattern }) => minimatch(path, pattern, { dot: true }));

/** The names in each group of the hook's pattern: settings, pieces of decomposed metadata, and other types. */
function groups(): { names: string[]; metadataFormat: boolean }[] {
  const pattern = /files: &files \|-\n([\s\S]*?)\n- id:/.exec(hooks)![1]!;
  return [...pattern.matchAll(/\(\n?([^()]+)\)(?:\\\.\(\?i:settings\))?(\(-meta|-meta)/g)].map(([, names, end]) => ({
    names: names!.match(/\b[A-Za-z]{3,}\b/g)!,
    metadataFormat: end === "(-meta",
  }));
}

test("every file that a rule checks is selected", () => {
  const [settings, pieces, other, ...rest] = groups();
  assert.deepEqual(rest, []);
  assert.ok(settings!.names.includes("Security") && settings!.metadataFormat);
  assert.ok(pieces!.names.includes("objectPermission") && !pieces!.metadataFormat);
  assert.ok(other!.names.length > 40 && other!.metadataFormat);
  const files = [
    ...settings!.names.map((name) => `${name}.settings`),
    ...pieces!.names.map((name) => `App.${name}`),
    ...other!.names.map((name) => `App.${name}`),
  ];
  for (const file of files) assert.ok(isSelected(`/acme/force-app/${file}-meta.xml`), file);
  // Pieces of decomposed metadata exist only in source format.
  for (const file of files) {
    const piece = pieces!.names.some((name) => file === `App.${name}`);
    assert.equal(isSelected(`/acme/src/${file}`), !piece, file);
  }
});

test("only configuration and rule files are selected", () => {
  assert.ok(isSelected("/acme/forcelint.toml"));
  assert.ok(isSelected("/acme/rules/own.toml"));
  assert.ok(!isSelected("/acme/pom.xml"));
  assert.ok(!isSelected("/acme/force-app/App.cls"));
});

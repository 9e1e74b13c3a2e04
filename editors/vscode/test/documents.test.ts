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

test("every file that a rule checks is selected", () => {
  const pattern = /files: &files \|-\n([\s\S]*?)\n- id:/.exec(hooks)![1]!;
  const names = pattern.match(/\b[A-Za-z]{3,}\b/g)!.filter((name) => !["meta", "xml", "settings"].includes(name));
  assert.ok(names.length > 40, String(names));
  const settings = new Set(names.slice(0, names.indexOf("UserManagement") + 1));
  for (const name of names) {
    const file = settings.has(name) ? `${name}.settings` : `App.${name}`;
    assert.ok(isSelected(`/acme/force-app/${file}-meta.xml`), file);
    // Rules read the metadata file of a certificate, not the certificate.
    assert.equal(isSelected(`/acme/src/${file}`), name !== "crt", file);
  }
});

test("only configuration and rule files are selected", () => {
  assert.ok(isSelected("/acme/forcelint.toml"));
  assert.ok(isSelected("/acme/rules/own.toml"));
  assert.ok(!isSelected("/acme/pom.xml"));
  assert.ok(!isSelected("/acme/force-app/App.cls"));
});

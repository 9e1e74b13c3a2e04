/** Which project a report is about, and which configuration applies to it. */

import assert from "node:assert/strict";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { configFile, projectsFor } from "../src/report";

const [one, inner, two] = ["one", "one/inner", "two"].map((name) => resolve("/", name)) as [string, string, string];
const files = [two, one, inner].map((folder) => join(folder, "sfdx-project.json"));

test("the nearest project of the open file is used, otherwise all projects", () => {
  assert.deepEqual(projectsFor(join(inner, "a/A.xml"), files), [inner]);
  assert.deepEqual(projectsFor(join(one, "..a/A.xml"), files), [one]);
  assert.deepEqual(projectsFor(join(`${one}-more`, "A.xml"), files), [one, inner, two]);
  assert.deepEqual(projectsFor(undefined, files), [one, inner, two]);
  assert.deepEqual(projectsFor(join(one, "A.xml"), []), []);
});

test("a relative configuration path is relative to the first folder, as in the server", () => {
  assert.equal(configFile("", one), undefined);
  assert.equal(configFile("ci/strict.toml", one), join(one, "ci/strict.toml"));
  assert.equal(configFile(join(two, "x.toml"), one), join(two, "x.toml"));
});

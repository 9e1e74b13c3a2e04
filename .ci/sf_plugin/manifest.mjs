// Prints the `oclif.manifest.json` of a plugin, from which the Salesforce CLI knows its commands without loading them.
//
// Arguments: the folder in which the packages are installed, and the folder of the plugin.

import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [installed, root] = process.argv.slice(2, 4).map((path) => resolve(path));
const { Plugin } = createRequire(join(installed, "node_modules/@salesforce/cli/package.json"))("@oclif/core");
const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true });
await plugin.load();
console.log(JSON.stringify(plugin.manifest, null, 2));

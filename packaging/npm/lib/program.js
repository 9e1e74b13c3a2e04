// Finds the program in the package for this platform.
"use strict";

// Windows on ARM runs programs for x64.
const platform = process.platform === "win32" ? "win32-x64" : `${process.platform}-${process.arch}`;
const name = `@forcelint/${platform}`;

/**
 * The path of the program: the one that the variable FORCELINT_BINARY names, else the one in the package for this platform,
 * as Node resolves it from this file. Nothing else is searched.
 *
 * @returns {string}
 * @throws {Error} with what to do, if there is none
 */
module.exports = function program() {
  if (process.env.FORCELINT_BINARY) {
    return process.env.FORCELINT_BINARY;
  }
  try {
    return require.resolve(`${name}/bin/forcelint${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    const { optionalDependencies } = require("../package.json");
    if (!(name in optionalDependencies)) {
      throw new Error(
        `no program is available for ${platform}. Build one with \`cargo install forcelint\`, ` +
          "and set the variable FORCELINT_BINARY to its path.",
      );
    }
    throw new Error(
      `the package ${name} with the program for this platform is not installed. ` +
        "npm skips it with --omit=optional, or if the lockfile was created on another platform " +
        "(https://github.com/npm/cli/issues/4828). In that case, remove node_modules and package-lock.json and run " +
        "`npm install` again. To use another program, set the variable FORCELINT_BINARY to its path.",
    );
  }
};

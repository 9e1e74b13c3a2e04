#!/usr/bin/env node
// Starts the program in the package for this platform, and exits with its status.
//
// There is no install script: npm installs only the optional dependency whose `os` and `cpu` match.
"use strict";

const { spawn } = require("node:child_process");

// Windows on ARM runs programs for x64.
const platform =
  process.platform === "win32" ? "win32-x64" : `${process.platform}-${process.arch}`;
const name = `@forcelint/${platform}`;

function program() {
  if (process.env.FORCELINT_BINARY) {
    return process.env.FORCELINT_BINARY;
  }
  try {
    return require.resolve(`${name}/bin/forcelint${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    const { optionalDependencies } = require("../package.json");
    if (!(name in optionalDependencies)) {
      fail(
        `no program is available for ${platform}. Build one with \`cargo install forcelint\`, ` +
          "and set the variable FORCELINT_BINARY to its path.",
      );
    }
    fail(
      `the package ${name} with the program for this platform is not installed. ` +
        "npm skips it with --omit=optional, or if the lockfile was created on another platform " +
        "(https://github.com/npm/cli/issues/4828). In that case, remove node_modules and package-lock.json and run " +
        "`npm install` again. To use another program, set the variable FORCELINT_BINARY to its path.",
    );
  }
}

// 2 is forcelint's exit status for "something could not be done".
function fail(text) {
  console.error(`forcelint: ${text}`);
  process.exit(2);
}

const child = spawn(program(), process.argv.slice(2), { stdio: "inherit", windowsHide: true });
child.on("error", (error) => fail(`the program could not be started: ${error.message}`));

// Forward signals to the program.
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const pass = (signal) => child.kill(signal);
for (const signal of signals) {
  process.on(signal, pass);
}
child.on("exit", (code, signal) => {
  if (signal === null) {
    process.exit(code);
  }
  for (const each of signals) {
    process.off(each, pass);
  }
  process.kill(process.pid, signal);
});

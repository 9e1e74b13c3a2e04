#!/usr/bin/env node
// Starts the program in the package for this platform, and exits with its status.
//
// There is no install script: npm installs only the optional dependency whose `os` and `cpu` match.
"use strict";

const { spawn } = require("node:child_process");

const program = require("../lib/program.js");

// 2 is forcelint's exit status for "something could not be done".
function fail(text) {
  console.error(`forcelint: ${text}`);
  process.exit(2);
}

/** @type {string} */
let path;
try {
  path = program();
} catch (error) {
  fail(error.message);
}

const child = spawn(path, process.argv.slice(2), { stdio: "inherit", windowsHide: true });
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

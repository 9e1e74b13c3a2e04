// Starts programs, and ends them when this process ends or receives a signal.
import { spawn } from "node:child_process";
import { constants } from "node:os";

import program from "forcelint/program";

/**
 * @typedef {{ status: number, stdout: string, stderr: string }} Ended
 *
 * `stdout` and `stderr` are empty if the program inherits them.
 */

/**
 * Makes a signal exit this process, so that what is registered for the event `exit` runs. The listener of the Salesforce
 * CLI would come later and throw an error.
 */
export function exitOnSignals() {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.prependOnceListener(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

/**
 * Runs forcelint.
 *
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<Ended>}
 */
export function start(args, options) {
  return startProgram(program(), args, options);
}

/**
 * Runs the Salesforce CLI that runs this plugin. Another one in PATH could know other orgs.
 *
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions} options
 * @returns {Promise<Ended>}
 */
export function startCli(args, options) {
  return startProgram(process.execPath, ["--no-deprecation", process.argv[1], ...args], options);
}

function startProgram(path, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], windowsHide: true, ...options });
    // While this process exits, there is no time to let the program end by itself.
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"]) {
      child[name]?.setEncoding("utf8").on("data", (text) => (output[name] += text));
    }
    child.on("error", (error) => {
      process.off("exit", kill);
      reject(new Error(`${path} could not be started: ${error.message}`));
    });
    child.on("close", (code, signal) => {
      process.off("exit", kill);
      resolve({ status: code ?? 128 + constants.signals[signal], ...output });
    });
  });
}

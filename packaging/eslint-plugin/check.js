// Checks a text and waits for the result, because ESLint parsers are synchronous.
//
// A worker thread keeps one `forcelint lsp` process for a run. This file blocks until the worker has an answer.
"use strict";

const { MessageChannel, Worker, receiveMessageOnPort } = require("node:worker_threads");
const { join } = require("node:path");
const program = require("forcelint/program");

/** Longer than the first check in a very large repository takes. */
const TIMEOUT = 300_000;

/**
 * A plugin does not see where a run begins. In an editor there are many runs, and other files change between them, so a pause
 * begins a new one, with a new process.
 */
const PAUSE = 1_000;

/** @type {{ port: import("node:worker_threads").MessagePort, signal: Int32Array } | undefined} */
let worker;
let last = 0;

function start() {
  const { port1, port2 } = new MessageChannel();
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const thread = new Worker(join(__dirname, "worker.js"), {
    workerData: { port: port2, signal, program: program() },
    transferList: [port2],
  });
  // They do not keep the process of ESLint alive.
  thread.unref();
  port1.unref();
  return { port: port1, signal };
}

/**
 * @param {string} path an absolute path
 * @param {string} text
 * @returns {import("./server.js").Results}
 * @throws {Error} if the text could not be checked
 */
function check(path, text) {
  const answer = ask({ path, text, isNewRun: performance.now() - last > PAUSE });
  last = performance.now();
  if (answer.error !== undefined) {
    throw new Error(`forcelint could not check ${path}: ${answer.error}`);
  }
  return answer.results;
}

function ask(request) {
  try {
    worker ??= start();
  } catch (error) {
    return { error: error.message };
  }
  const { port, signal } = worker;
  Atomics.store(signal, 0, 0);
  port.postMessage(request);
  if (Atomics.wait(signal, 0, 0, TIMEOUT) === "timed-out") {
    worker = undefined;
    return { error: `the program did not answer within ${TIMEOUT / 1000} seconds` };
  }
  return receiveMessageOnPort(port)?.message ?? { error: "the program did not answer" };
}

module.exports = { check };

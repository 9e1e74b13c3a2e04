// The worker thread: answers the requests of check.js, one after the other.
"use strict";

const { workerData } = require("node:worker_threads");
const { Server } = require("./server.js");

const { port, signal, program } = workerData;

/** @type {Server | undefined} */
let server;

port.on("message", async ({ path, text, isNewRun }) => {
  let answer;
  try {
    if (isNewRun) {
      server?.stop();
      server = undefined;
    }
    server ??= await Server.start(program);
    answer = { results: await server.check(path, text) };
  } catch (error) {
    server?.stop();
    server = undefined;
    answer = { error: error.message };
  }
  send(answer);
});

function send(answer) {
  port.postMessage(answer);
  Atomics.store(signal, 0, 1);
  Atomics.notify(signal, 0);
}

// Without an answer, ESLint would wait.
process.on("uncaughtException", (error) => {
  server = undefined;
  send({ error: error.message });
});

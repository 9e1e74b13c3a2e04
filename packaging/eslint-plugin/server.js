// A `forcelint lsp` process, and what it finds in a text.
"use strict";

const { execFile, spawn } = require("node:child_process");
const { readFile } = require("node:fs/promises");
const { pathToFileURL } = require("node:url");

/**
 * @typedef {{ line: number, character: number }} Position
 * @typedef {{ start: Position, end: Position }} Range
 * @typedef {{ title: string, isSafe: boolean, correctsName: boolean, edits: { range: Range, newText: string }[] }} Fix
 * @typedef {{ rule: string, severity: string, message: string, range: Range, fix?: Fix }} Finding
 * @typedef {{ message: string, range: Range }} Note
 * @typedef {{ findings: Finding[], notChecked: Note[], notices: Note[] }} Results
 */

/** The level of an error in the protocol. */
const ERROR = 1;

const START = { line: 0, character: 0 };

/** The client does not watch files: a new run has a new process. Otherwise the server would read the project for each file. */
const CAPABILITIES = {
  workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
  textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } } },
};

class Server {
  /** @param {string} program */
  static async start(program) {
    const server = new Server(program);
    // ESLint's configuration decides which severities are reported.
    const initializationOptions = { minSeverity: "info" };
    await server.#request("initialize", { processId: process.pid, rootUri: null, capabilities: CAPABILITIES, initializationOptions });
    server.#notify("initialized", {});
    return server;
  }

  #program;
  #process;
  #received = Buffer.alloc(0);
  #errors = "";
  #nextId = 1;
  /** The requests without an answer. @type {Map<number, { resolve: Function, reject: Function }>} */
  #waiting = new Map();
  /** @type {Map<string, object[]>} */
  #diagnostics = new Map();
  /** @type {Error | undefined} */
  #ended;

  /** @param {string} program */
  constructor(program) {
    this.#program = program;
    this.#process = spawn(program, ["lsp"], { stdio: "pipe", windowsHide: true });
    this.#process.stdout.on("data", (data) => this.#receive(data));
    this.#process.stderr.on("data", (data) => (this.#errors = (this.#errors + data).slice(-10_000)));
    this.#process.stdin.on("error", () => {});
    this.#process.on("error", (error) => this.#end(`${program} could not be started: ${error.message}`));
    this.#process.on("close", (code, signal) => {
      this.#end(`${program} ended (${signal ?? `exit status ${code}`}). ${this.#errors}`.trim());
    });
  }

  stop() {
    this.#process.stdin.end();
    this.#process.kill();
  }

  /**
   * @param {string} path
   * @param {string} text
   * @returns {Promise<Results>}
   */
  async check(path, text) {
    if (text.includes(REPLACEMENT) && (await isDecodedWithLoss(path, text))) {
      return checkFile(this.#program, path);
    }
    const uri = pathToFileURL(path).href;
    this.#notify("textDocument/didOpen", { textDocument: { uri, languageId: "xml", version: 1, text } });
    // A request is answered after everything before it was checked.
    await this.#actions(uri, { start: START, end: START });
    const results = this.#results(uri);
    await this.#addFixes(uri, results.findings);
    this.#notify("textDocument/didClose", { textDocument: { uri } });
    return results;
  }

  /** @returns {Results} */
  #results(uri) {
    /** @type {Results} */
    const results = { findings: [], notChecked: [], notices: [] };
    for (const [file, diagnostics] of this.#diagnostics) {
      for (const { range, severity, message, code, data } of diagnostics) {
        const isHere = file === uri;
        if (isHere && data) {
          // The rule has the severity in its name.
          const text = message.replace(`${data.severity}: `, "").replaceAll("\n", " ");
          results.findings.push({ rule: code, severity: data.severity, message: text, range, key: key(code, data, range) });
        } else if (isHere && code) {
          results.notChecked.push({ message, range });
        } else if (severity === ERROR) {
          throw new Error(isHere ? message : `${decodeURIComponent(new URL(file).pathname)}:${range.start.line + 1}: ${message}`);
        } else if (isHere) {
          results.notices.push({ message, range });
        }
      }
    }
    return results;
  }

  async #addFixes(uri, findings) {
    const ranges = new Map(findings.map(({ range }) => [JSON.stringify(range), range]));
    const fixes = new Map();
    for (const range of ranges.values()) {
      for (const action of await this.#actions(uri, range)) {
        const [{ code, data, range }] = action.diagnostics ?? [{}];
        // The other actions suppress findings.
        if (action.data?.applicability) {
          fixes.set(key(code, data, range), {
            title: action.title,
            isSafe: action.data.applicability === "safe",
            correctsName: action.data.correctsName,
            edits: action.edit.changes[uri],
          });
        }
      }
    }
    for (const finding of findings) {
      finding.fix = fixes.get(finding.key);
    }
  }

  async #actions(uri, range) {
    const context = { diagnostics: [], only: ["quickfix"] };
    return (await this.#request("textDocument/codeAction", { textDocument: { uri }, range, context })) ?? [];
  }

  #request(method, params) {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#ended) {
        reject(this.#ended);
        return;
      }
      this.#waiting.set(id, { resolve, reject });
      this.#send({ id, method, params });
    });
  }

  #notify(method, params) {
    this.#send({ method, params });
  }

  #send(message) {
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.#process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.#process.stdin.write(body);
  }

  #receive(data) {
    this.#received = Buffer.concat([this.#received, data]);
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      const length = Number(/^Content-Length: (\d+)/i.exec(this.#received.toString("latin1", 0, Math.max(end, 0)))?.[1]);
      if (end < 0 || this.#received.length < end + 4 + length) {
        return;
      }
      if (Number.isNaN(length)) {
        this.#end("the program sent a message that is not in the language server protocol");
        return;
      }
      const body = this.#received.toString("utf8", end + 4, end + 4 + length);
      this.#received = this.#received.subarray(end + 4 + length);
      this.#handle(JSON.parse(body));
    }
  }

  #handle({ id, method, params, result, error }) {
    if (method === "textDocument/publishDiagnostics") {
      this.#diagnostics.set(params.uri, params.diagnostics);
    } else if (method && id !== undefined) {
      this.#send({ id, result: null });
    } else if (this.#waiting.has(id)) {
      const { resolve, reject } = this.#waiting.get(id);
      this.#waiting.delete(id);
      error ? reject(new Error(error.message)) : resolve(result);
    }
  }

  #end(reason) {
    this.#ended ??= new Error(reason);
    for (const { reject } of this.#waiting.values()) {
      reject(this.#ended);
    }
    this.#waiting.clear();
  }
}

/** ESLint decodes files as UTF-8, and replaces other bytes with this character. */
const REPLACEMENT = "\uFFFD";

/** Whether `text` is the file at `path`, and the file is not UTF-8. */
async function isDecodedWithLoss(path, text) {
  const bytes = await readFile(path).catch(() => undefined);
  const decoded = bytes?.toString("utf8");
  return decoded?.replace(/^\uFEFF/, "") === text && !Buffer.from(decoded).equals(bytes);
}

/**
 * Checks a file on disk. Its text cannot be sent to the server, because only its bytes show what is wrong.
 *
 * @returns {Promise<Results>}
 */
async function checkFile(program, path) {
  const options = ["--format=json", "--quiet", "--force-exclude", "--min-severity=info", "--fail-on=never"];
  const stdout = await new Promise((resolve, reject) => {
    execFile(program, ["check", ...options, "--", path], { maxBuffer: 1 << 28, windowsHide: true }, (error, stdout, stderr) =>
      error ? reject(new Error(stderr || error.message)) : resolve(stdout),
    );
  });
  const position = ({ line, column }) => ({ line: line - 1, character: column - 1 });
  const findings = JSON.parse(stdout).findings.map(({ rule, severity, message, help, span }) => ({
    rule,
    severity,
    message: `${message} ${help}`,
    range: { start: position(span.start), end: position(span.end) },
  }));
  return { findings, notChecked: [], notices: [] };
}

/** Identifies a finding in the answers about a text. */
const key = (rule, data, range) => JSON.stringify([rule, data?.fingerprint, range]);

module.exports = { Server };

// A `forcelint lsp` process, and what it finds in a text.
"use strict";

const { execFile, spawn } = require("node:child_process");
const { readFile } = require("node:fs/promises");
const { pathToFileURL } = require("node:url");

/**
 * @typedef {{ line: number, character: number }} Position
 * @typedef {{ start: Position, end: Position }} Range
 * @typedef {{ range: Range, newText: string }} Edit
 * @typedef {{ title: string, isSafe: boolean, edits: Edit[] }} Fix
 * @typedef {{ rule: string, severity: string, message: string, range: Range, hasSafeFix: boolean, fix?: Fix }} Finding
 * @typedef {{ message: string, range: Range }} Note
 * @typedef {{ findings: Finding[], allFixes: Edit[], notChecked: Note[], notices: Note[] }} Results
 *
 * `fix` is a fix that can be applied by itself. `allFixes` is what `check --fix` does to the file.
 */

/** The level of an error in the protocol. */
const ERROR = 1;

/** The fixes that break no client. */
const SAFE = "safe";

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
    const client = { processId: process.pid, rootUri: null, capabilities: CAPABILITIES };
    try {
      await server.#request("initialize", { ...client, initializationOptions });
    } catch (error) {
      server.stop();
      throw error;
    }
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
    await this.#actions(uri, { start: START, end: START }, "quickfix");
    const results = this.#results(uri);
    await this.#addFixes(uri, results);
    this.#notify("textDocument/didClose", { textDocument: { uri } });
    return results;
  }

  /** @returns {Results} */
  #results(uri) {
    /** @type {Results} */
    const results = { findings: [], allFixes: [], notChecked: [], notices: [] };
    for (const [file, diagnostics] of this.#diagnostics) {
      for (const { range, severity, message, code, data } of diagnostics) {
        const isHere = file === uri;
        if (isHere && data) {
          // The rule has the severity in its name.
          const text = message.replace(`${data.severity}: `, "").replaceAll("\n", " ");
          results.findings.push({
            rule: code,
            severity: data.severity,
            message: text,
            range,
            hasFix: data.fix !== null,
            hasSafeFix: data.fix === SAFE,
            key: key(code, data, range),
          });
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

  async #addFixes(uri, results) {
    const fixable = results.findings.filter(({ hasFix }) => hasFix);
    const ranges = new Map(fixable.map(({ range }) => [JSON.stringify(range), range]));
    const fixes = new Map();
    for (const range of ranges.values()) {
      for (const action of await this.#actions(uri, range, "quickfix")) {
        const [{ code, data, range }] = action.diagnostics ?? [{}];
        // The other actions suppress findings.
        if (action.data?.applicability) {
          const isSafe = action.data.applicability === SAFE;
          fixes.set(key(code, data, range), { title: action.title, isSafe, edits: action.edit.changes[uri] });
        }
      }
    }
    for (const finding of fixable) {
      finding.fix = fixes.get(finding.key);
    }
    if (fixable.some(({ hasSafeFix }) => hasSafeFix)) {
      const [action] = await this.#actions(uri, { start: START, end: START }, "source.fixAll.forcelint");
      results.allFixes = action?.edit.changes[uri] ?? [];
    }
  }

  async #actions(uri, range, kind) {
    const context = { diagnostics: [], only: [kind] };
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
    try {
      for (let message = this.#next(); message; message = this.#next()) {
        this.#handle(message);
      }
    } catch {
      this.#end(`${this.#program} sent a message that is not in the language server protocol`);
    }
  }

  /** The next message, or `undefined` if it has not arrived yet. */
  #next() {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) {
      return undefined;
    }
    const length = Number(/^Content-Length: (\d+)/i.exec(this.#received.toString("latin1", 0, end))?.[1]);
    if (Number.isNaN(length)) {
      throw new Error("no length");
    }
    const start = end + 4;
    if (this.#received.length < start + length) {
      return undefined;
    }
    const body = this.#received.toString("utf8", start, start + length);
    this.#received = this.#received.subarray(start + length);
    return JSON.parse(body);
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
    hasSafeFix: false,
  }));
  return { findings, allFixes: [], notChecked: [], notices: [] };
}

/** Identifies a finding in the answers about a text. */
const key = (rule, data, range) => JSON.stringify([rule, data?.fingerprint, range]);

module.exports = { Server };

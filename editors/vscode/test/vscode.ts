/**
 * Replaces the module `vscode` in tests: an editor without a window. It has what vscode-languageclient and the extension
 * use, and records their calls.
 *
 * Everything else of the module is an empty class, an event that is never fired, or a registration without effect.
 */

import { readdirSync, readFileSync } from "node:fs";
import Module from "node:module";
import { join } from "node:path";
import { minimatch } from "minimatch";
import { URI } from "vscode-uri";

type Listener = (event: any) => any;

class Disposable {
  constructor(private readonly end: () => void = () => {}) {}
  dispose() {
    this.end();
  }
}

class EventEmitter {
  private listeners = new Set<Listener>();
  event = (listener: Listener, self?: unknown) => {
    const bound = listener.bind(self);
    this.listeners.add(bound);
    return new Disposable(() => this.listeners.delete(bound));
  };
  fire(event?: unknown) {
    return Promise.all([...this.listeners].map((listener) => listener(event)));
  }
  dispose() {
    this.listeners.clear();
  }
}

class CancellationTokenSource {
  private readonly emitter = new EventEmitter();
  token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };
  cancel() {
    this.token.isCancellationRequested = true;
    void this.emitter.fire();
  }
  dispose() {}
}

class Position {
  constructor(readonly line: number, readonly character: number) {}
}

class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(...at: [Position, Position] | [number, number, number, number]) {
    const ends = at.length === 2 ? at : ([new Position(at[0], at[1]), new Position(at[2], at[3])] as const);
    [this.start, this.end] = ends;
  }
}

class Diagnostic {
  constructor(readonly range: Range, readonly message: string, readonly severity: number) {}
}

class Location {
  constructor(readonly uri: URI, readonly range: Range) {}
}

class DiagnosticRelatedInformation {
  constructor(readonly location: Location, readonly message: string) {}
}

class TextEdit {
  constructor(readonly range: Range, readonly newText: string) {}
  static replace = (range: Range, text: string) => new TextEdit(range, text);
}

class WorkspaceEdit {
  readonly edits = new Map<string, TextEdit[]>();
  set(uri: URI, edits: (TextEdit | [TextEdit, unknown])[]) {
    this.edits.set(uri.toString(), edits.map((edit) => (Array.isArray(edit) ? edit[0] : edit)));
  }
  createFile() {}
}

class CodeActionKind {
  static readonly Empty = new CodeActionKind("");
  static readonly QuickFix = new CodeActionKind("quickfix");
  static readonly Source = new CodeActionKind("source");
  constructor(readonly value: string) {}
  append(part: string) {
    return new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  }
}

class CodeAction {
  edit?: WorkspaceEdit;
  isPreferred?: boolean;
  constructor(readonly title: string, public kind?: CodeActionKind) {}
}

/** A text that is open, and can be typed into. */
export class Document {
  version = 1;
  readonly isClosed = false;
  readonly languageId: string;
  readonly uri: URI;
  private text: string;
  constructor(readonly fileName: string, language = "xml") {
    this.uri = URI.file(fileName);
    this.languageId = language;
    this.text = readFileSync(fileName, "utf8");
  }
  getText() {
    return this.text;
  }
  offsetAt({ line, character }: Position) {
    const before = this.text.split("\n").slice(0, line);
    return before.reduce((offset, text) => offset + text.length + 1, character);
  }
  /** The position of a text. */
  find(text: string) {
    const before = this.text.slice(0, this.text.indexOf(text)).split("\n");
    const at = new Position(before.length - 1, before.at(-1)!.length);
    return new Range(at, at);
  }
  /** Applies edits, last first, and fires the change event. */
  async apply(edits: TextEdit[]) {
    const changes = [...edits].sort((a, b) => this.offsetAt(b.range.start) - this.offsetAt(a.range.start));
    const contentChanges = changes.map(({ range, newText }) => {
      const [from, to] = [this.offsetAt(range.start), this.offsetAt(range.end)];
      this.text = this.text.slice(0, from) + newText + this.text.slice(to);
      return { range, rangeOffset: from, rangeLength: to - from, text: newText };
    });
    this.version += 1;
    await changed.fire({ document: this, contentChanges });
  }
}

const opened = new EventEmitter();
const changed = new EventEmitter();
const trusted = new EventEmitter();
const configured = new EventEmitter();

/** What a test sets, and what the editor records. */
export const editor = {
  folders: [] as string[],
  isTrusted: true,
  settings: {} as Record<string, unknown>,
  documents: [] as Document[],
  diagnostics: new Map<string, Diagnostic[]>(),
  actionProviders: [] as any[],
  commands: new Map<string, (...words: unknown[]) => any>(),
  /** Messages with their buttons, and which of those is pressed. */
  messages: [] as string[],
  press: undefined as string | undefined,
  executed: [] as unknown[],
  pages: [] as { title: string; options: any; webview: { html: string } }[],
  log: [] as string[],
  /** The language status, and the texts that it has had. */
  status: undefined as any,
  statusTexts: [] as string[],

  async open(document: Document) {
    this.documents.push(document);
    await opened.fire(document);
  },
  async trust() {
    this.isTrusted = true;
    await trusted.fire();
  },
  async set(key: string, value: unknown) {
    this.settings[key] = value;
    await configured.fire({ affectsConfiguration: (asked: string) => key === asked || key.startsWith(`${asked}.`) });
  },
};

function say(text: string, ...buttons: unknown[]) {
  editor.messages.push([text, ...buttons.map((button) => `[${String(button)}]`)].join(" "));
  return Promise.resolve(buttons.find((button) => button === editor.press));
}

/** Files below a folder that have one of the names at the end of a pattern. */
function* files(folder: string, pattern: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* files(path, pattern);
    } else if (minimatch(path, pattern, { dot: true })) {
      yield path;
    }
  }
}

function matches(selector: any, document: Document): number {
  const filters = Array.isArray(selector) ? selector : [selector];
  const fits = ({ scheme, language, pattern }: any) =>
    (!scheme || scheme === document.uri.scheme) &&
    (!language || language === document.languageId) &&
    (!pattern || minimatch(document.uri.fsPath, pattern, { dot: true }));
  return filters.some(fits) ? 10 : 0;
}

/** The settings of a section; nested sections are nested objects. */
function settings(section = "") {
  const values: Record<string, any> = {};
  for (const [key, value] of Object.entries(editor.settings)) {
    const parts = key.split(".");
    const folders = parts.slice(0, -1).reduce((at, part) => (at[part] ??= {}), values);
    folders[parts.at(-1)!] = value;
  }
  const at = (keys: string, from: any) => (keys ? keys.split(".").reduce((value, key) => value?.[key], from) : from);
  const below = at(section, values) ?? {};
  const get = (key: string, otherwise?: unknown) => at(key, below) ?? otherwise;
  return { ...below, get, has: (key: string) => get(key) !== undefined };
}

/** Something that answers to every name. */
function lenient<T extends object>(known: T): T {
  const made = new Map<string | symbol, unknown>();
  return new Proxy(known, {
    get(target, name, self) {
      if (Reflect.has(target, name) || typeof name === "symbol") {
        return Reflect.get(target, name, self);
      }
      if (!made.has(name)) {
        const nothing = () => new Disposable();
        made.set(name, /^[A-Z]/.test(name) ? lenient(class {}) : nothing);
      }
      return made.get(name);
    },
  });
}

const channel = (name: string) =>
  lenient({
    name,
    logLevel: 2,
    onDidChangeLogLevel: new EventEmitter().event,
    ...Object.fromEntries(
      ["trace", "debug", "info", "warn", "error", "append", "appendLine"].map((level) => [
        level,
        (...words: unknown[]) => void editor.log.push(`${level}: ${words.map(String).join(" ")}`),
      ]),
    ),
    show: () => void editor.executed.push(`show ${name}`),
    dispose: () => {},
  });

const vscode = lenient({
  // Bundlers then use this object itself instead of a copy of its properties.
  __esModule: true,
  version: "1.100.0",
  Disposable, EventEmitter, CancellationTokenSource, Position, Range, Location, Diagnostic,
  DiagnosticRelatedInformation, TextEdit, WorkspaceEdit, CodeActionKind, CodeAction,
  Uri: URI,
  ViewColumn: { Active: -1 },
  ProgressLocation: { Notification: 15 },
  LanguageStatusSeverity: { Information: 0, Warning: 1, Error: 2 },
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  LogLevel: { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 },
  CodeActionTriggerKind: { Invoke: 1, Automatic: 2 },
  env: lenient({
    language: "en",
    appName: "an editor without a window",
    openExternal: (uri: URI) => Promise.resolve(editor.executed.push(uri.toString())),
  }),
  commands: lenient({
    registerCommand(name: string, run: (...words: unknown[]) => unknown) {
      if (editor.commands.has(name)) {
        throw new Error(`command '${name}' already exists`);
      }
      editor.commands.set(name, run);
      return new Disposable(() => editor.commands.delete(name));
    },
    executeCommand: (...words: unknown[]) => Promise.resolve(editor.executed.push(words)),
  }),
  languages: lenient({
    match: matches,
    createDiagnosticCollection: () =>
      lenient({
        set: (uri: URI, found: Diagnostic[] | undefined) => void editor.diagnostics.set(uri.toString(), found ?? []),
        delete: (uri: URI) => editor.diagnostics.delete(uri.toString()),
        clear: () => editor.diagnostics.clear(),
        dispose: () => editor.diagnostics.clear(),
      }),
    createLanguageStatusItem() {
      const item = {
        set text(text: string) {
          editor.statusTexts.push(text);
        },
        dispose: () => (editor.status = undefined),
      };
      return (editor.status = item);
    },
    registerCodeActionsProvider(_selector: unknown, provider: unknown) {
      editor.actionProviders.push(provider);
      return new Disposable(() => void editor.actionProviders.splice(editor.actionProviders.indexOf(provider), 1));
    },
  }),
  window: lenient({
    createOutputChannel: channel,
    showErrorMessage: say,
    showWarningMessage: say,
    showInformationMessage: say,
    showQuickPick: (among: string[]) => Promise.resolve(among[0]),
    withProgress: (_options: unknown, task: (...words: unknown[]) => unknown) =>
      task({ report: () => {} }, new CancellationTokenSource().token),
    createWebviewPanel(_kind: string, title: string, _column: unknown, options: unknown) {
      const panel = { title, options, webview: { html: "" } };
      editor.pages.push(panel);
      return panel;
    },
    visibleTextEditors: [],
    activeTextEditor: undefined,
    tabGroups: lenient({ all: [] }),
  }),
  workspace: lenient({
    get isTrusted() {
      return editor.isTrusted;
    },
    get textDocuments() {
      return editor.documents;
    },
    get workspaceFolders() {
      return editor.folders.map((path, index) => ({ uri: URI.file(path), name: path, index }));
    },
    getWorkspaceFolder: () => undefined,
    getConfiguration: settings,
    findFiles: (pattern: string) =>
      Promise.resolve(editor.folders.flatMap((folder) => [...files(folder, pattern)]).map((path) => URI.file(path))),
    onDidOpenTextDocument: opened.event,
    onDidChangeTextDocument: changed.event,
    onDidGrantWorkspaceTrust: trusted.event,
    onDidChangeConfiguration: configured.event,
    createFileSystemWatcher: () => lenient({ dispose: () => {} }),
  }),
});

/** Loads a module for which this is the editor. */
export function load(path: string): any {
  const modules = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
  const original = modules._load;
  modules._load = (name, ...rest) => (name === "vscode" ? vscode : original(name, ...rest));
  return Module.createRequire(path)(path);
}

// The worker: runs forcelint, and reads the files that the user picked. It has no other access to anything.

import type { FromWorker, Operations, Options, Source, ToWorker } from "./protocol";

/** What wasm-bindgen generates. */
declare const wasm_bindgen: {
  (options: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  JsOptions: new (day: string, showsInfo: boolean, usesConfig: boolean) => { free(): void };
  openZip(name: string, size: number, options: unknown): void;
  openFiles(name: string, paths: string[], options: unknown): void;
  report(format: string): string;
  reportAbout(path: string): string;
  text(path: string): string;
  setText(path: string, text: string): void;
  revert(path: string): void;
  fix(everything: boolean, only?: string): string;
  checkedPaths(): string[];
  changedPaths(): string[];
  patch(): string;
  changedZip(): { bytes?: Uint8Array<ArrayBuffer>; start: number; end: number; free(): void }[];
  zipOfChanges(): Uint8Array<ArrayBuffer>;
  deployment(): string;
  explain(rule: string): string | undefined;
  rules(): string;
  types(): string;
  manifest(): string;
  version(): string;
  mayBeShared(text: string): boolean;
};

declare class FileReaderSync {
  readAsArrayBuffer(blob: Blob): ArrayBuffer;
}

const BLOCK = 1 << 20;
/** How many blocks of a zip are kept. Entries are read in the order of their paths, which is almost that of the zip. */
const BLOCKS = 64;
/** Milliseconds between two messages about progress. */
const PAUSE = 80;

const scope = globalThis as unknown as Record<string, unknown>;
const reader = new FileReaderSync();
const blocks = new Map<number, Uint8Array>();
let source: Source | undefined;
let read = 0;
let reading = "";
let isWarmingUp = false;
let reported = 0;
let panic: string | undefined;

function send(message: FromWorker) {
  (globalThis as unknown as { postMessage(message: FromWorker): void }).postMessage(message);
}

function bytesOf(blob: Blob): Uint8Array {
  try {
    return new Uint8Array(reader.readAsArrayBuffer(blob));
  } catch (error) {
    throw error instanceof Error ? error.message : "the browser cannot read it";
  }
}

function block(zip: Blob, at: number): Uint8Array {
  let bytes = blocks.get(at);
  if (bytes === undefined) {
    bytes = bytesOf(zip.slice(at * BLOCK, (at + 1) * BLOCK));
  } else {
    blocks.delete(at);
  }
  blocks.set(at, bytes);
  if (blocks.size > BLOCKS) {
    blocks.delete(blocks.keys().next().value as number);
  }
  return bytes;
}

// The functions that forcelint calls.
scope.readZip = (offset: number, length: number) => {
  if (source?.kind !== "zip") throw "no zip is open";
  const at = Math.floor(offset / BLOCK);
  const start = offset - at * BLOCK;
  return block(source.zip, at).subarray(start, start + length);
};
scope.readFile = (number: number, length: number) => {
  const file = source?.kind === "files" ? source.files[number] : undefined;
  if (file === undefined) throw "there is no such file";
  return bytesOf(file.slice(0, length));
};
scope.noteRead = (path: string) => {
  read += 1;
  reading = path;
  if (isWarmingUp) return;
  const now = Date.now();
  if (now - reported > PAUSE) {
    reported = now;
    send({ kind: "progress", read, path });
  }
};
scope.notePanic = (message: string) => {
  panic = message;
};

const operations: Operations = {
  warmUp(opened, options) {
    isWarmingUp = true;
    try {
      operations.open(opened, options);
      wasm_bindgen.report("json");
      wasm_bindgen.rules();
      wasm_bindgen.explain("pkce-required");
    } finally {
      isWarmingUp = false;
    }
  },
  open(opened: Source, options: Options) {
    source = opened;
    blocks.clear();
    read = 0;
    const how = new wasm_bindgen.JsOptions(options.day, options.showsInfo, options.usesConfig);
    if (opened.kind === "zip") wasm_bindgen.openZip(opened.name, opened.zip.size, how);
    else wasm_bindgen.openFiles(opened.name, opened.paths, how);
    how.free();
  },
  report: (format) => {
    read = 0;
    return wasm_bindgen.report(format);
  },
  reportAbout: (path) => wasm_bindgen.reportAbout(path),
  text: (path) => wasm_bindgen.text(path),
  setText: (path, text) => wasm_bindgen.setText(path, text),
  revert: (path) => wasm_bindgen.revert(path),
  fix: (everything, only) => {
    read = 0;
    return wasm_bindgen.fix(everything, only ?? undefined);
  },
  checkedPaths: () => wasm_bindgen.checkedPaths(),
  changedPaths: () => wasm_bindgen.changedPaths(),
  patch: () => wasm_bindgen.patch(),
  changedZip: () => {
    if (source?.kind !== "zip") throw "this is not a zip";
    const { zip } = source;
    // The parts of the zip that did not change are not read.
    const parts = wasm_bindgen.changedZip().map((part) => {
      const bytes = part.bytes ?? zip.slice(part.start, part.end);
      part.free();
      return bytes;
    });
    return new Blob(parts, { type: "application/zip" });
  },
  zipOfChanges: () => new Blob([wasm_bindgen.zipOfChanges()], { type: "application/zip" }),
  deployment: () => wasm_bindgen.deployment(),
  explain: (rule) => wasm_bindgen.explain(rule),
  rules: () => wasm_bindgen.rules(),
  types: () => wasm_bindgen.types(),
  manifest: () => wasm_bindgen.manifest(),
  version: () => wasm_bindgen.version(),
  mayBeShared: (text) => wasm_bindgen.mayBeShared(text),
};

let started: Promise<unknown> | undefined;

addEventListener("message", async (event: MessageEvent<ToWorker>) => {
  const message = event.data;
  if (message.kind === "start") {
    started = wasm_bindgen({ module_or_path: message.module });
    return;
  }
  const { id, operation } = message;
  try {
    await started;
    const call = operations[operation] as (...values: unknown[]) => unknown;
    send({ kind: "result", id, value: call(...message.arguments) });
  } catch (error) {
    if (panic !== undefined || error instanceof WebAssembly.RuntimeError || error instanceof RangeError) {
      send({ kind: "stopped", message: panic ?? String(error), path: reading });
    } else {
      send({ kind: "error", id, message: error instanceof Error ? error.message : String(error) });
    }
  }
});

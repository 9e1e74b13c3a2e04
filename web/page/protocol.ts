// What the page and its worker send each other.

/** A zip, or files with their paths. Texts come from the page itself. */
export type Source =
  | { kind: "zip"; name: string; zip: Blob }
  | { kind: "files"; name: string; paths: string[]; files: Blob[] };

export interface Options {
  /** The day in UTC, such as `2026-01-31`. */
  day: string;
  showsInfo: boolean;
  usesConfig: boolean;
}

/** The operations of the worker. Each returns a promise on the page. */
export interface Operations {
  /** Checks a source without showing the result. */
  warmUp(source: Source, options: Options): void;
  open(source: Source, options: Options): void;
  report(format: "json" | "html" | "sarif"): string;
  reportAbout(path: string): string;
  text(path: string): string;
  setText(path: string, text: string): void;
  revert(path: string): void;
  fix(everything: boolean, only: string | null): string;
  checkedPaths(): string[];
  changedPaths(): string[];
  patch(): string;
  changedZip(): Blob;
  zipOfChanges(): Blob;
  deployment(): string;
  explain(rule: string): string | undefined;
  rules(): string;
  types(): string;
  manifest(): string;
  version(): string;
  mayBeShared(text: string): boolean;
}

export type Operation = keyof Operations;

export type ToWorker =
  | { kind: "start"; module: WebAssembly.Module }
  | { kind: "call"; id: number; operation: Operation; arguments: unknown[] };

export type FromWorker =
  | { kind: "result"; id: number; value: unknown }
  | { kind: "error"; id: number; message: string }
  /** forcelint stopped, and the worker cannot be used any more. */
  | { kind: "stopped"; message: string; path: string }
  | { kind: "progress"; read: number; path: string };

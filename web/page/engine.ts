// Starts the worker, calls it, and starts another one after it stopped.

import type { FromWorker, Operation, Operations, ToWorker } from "./protocol";

type Result<O extends Operation> = Promise<ReturnType<Operations[O]>>;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The user stopped it. */
export class Canceled extends Error {}

/** forcelint itself failed, while it read the file at `path`. */
export class Stopped extends Error {
  constructor(
    message: string,
    readonly path: string,
  ) {
    super(message);
  }
}

export class Engine {
  private worker: Worker | undefined;
  private module: Promise<WebAssembly.Module>;
  private waiting = new Map<number, Waiting>();
  private next = 0;

  /** `program` is the worker's script, `packed` the module: gzip in base64. */
  constructor(
    private program: string,
    packed: string,
    private onProgress: (read: number, path: string) => void,
  ) {
    this.module = unpack(packed).then((bytes) => WebAssembly.compile(bytes));
  }

  async call<O extends Operation>(operation: O, ...values: Parameters<Operations[O]>): Result<O> {
    const worker = await this.running();
    const id = this.next++;
    const result = new Promise<unknown>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    worker.postMessage({ kind: "call", id, operation, arguments: values } satisfies ToWorker);
    return (await result) as ReturnType<Operations[O]>;
  }

  /** Stops what is running. The next call starts again, without an open source. */
  cancel() {
    this.stop(new Canceled("canceled"));
  }

  private async running(): Promise<Worker> {
    const module = await this.module;
    if (this.worker === undefined) {
      // A page from a file may only start workers from its own memory.
      const address = URL.createObjectURL(new Blob([this.program], { type: "text/javascript" }));
      const worker = new Worker(address);
      URL.revokeObjectURL(address);
      worker.onmessage = (event: MessageEvent<FromWorker>) => this.receive(event.data);
      worker.onerror = (event) => this.stop(new Stopped(event.message, ""));
      worker.postMessage({ kind: "start", module } satisfies ToWorker);
      this.worker = worker;
    }
    return this.worker;
  }

  private receive(message: FromWorker) {
    switch (message.kind) {
      case "progress":
        return this.onProgress(message.read, message.path);
      case "stopped":
        return this.stop(new Stopped(message.message, message.path));
      case "result":
        this.waiting.get(message.id)?.resolve(message.value);
        break;
      case "error":
        this.waiting.get(message.id)?.reject(new Error(message.message));
    }
    this.waiting.delete(message.id);
  }

  private stop(error: Error) {
    this.worker?.terminate();
    this.worker = undefined;
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
  }
}

async function unpack(packed: string): Promise<ArrayBuffer> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

// A link that carries a pasted file in its fragment, which browsers do not send to servers.

export interface LinkedFile {
  name: string;
  text: string;
}

const KEY = "#file=";
/** The longest link, in characters. Chats and mail programs cut longer ones. */
const MAX_LENGTH = 30_000;
/** The largest file in a link, in characters. */
const MAX_TEXT = 2_000_000;

export async function linkTo(file: LinkedFile): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify([file.name, file.text]));
  const packed = await piped(bytes, new CompressionStream("deflate-raw"), MAX_TEXT);
  const base64 = btoa(Array.from(packed, (byte) => String.fromCharCode(byte)).join(""));
  const link = location.href.split("#")[0] + KEY + base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  if (link.length > MAX_LENGTH) throw new Error("The file is too long for a link.");
  return link;
}

/** The file in the address of this page. */
export async function linkedFile(): Promise<LinkedFile | undefined> {
  if (!location.hash.startsWith(KEY)) return undefined;
  try {
    const base64 = location.hash.slice(KEY.length).replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
    const text = new TextDecoder().decode(await piped(bytes, new DecompressionStream("deflate-raw"), MAX_TEXT));
    const parts: unknown = JSON.parse(text);
    if (!Array.isArray(parts) || typeof parts[0] !== "string" || typeof parts[1] !== "string") throw new Error();
    return { name: parts[0], text: parts[1] };
  } catch {
    throw new Error("The file in this link is incomplete or damaged.");
  }
}

async function piped(
  bytes: Uint8Array<ArrayBuffer>,
  through: ReadableWritablePair<Uint8Array<ArrayBuffer>, BufferSource>,
  limit: number,
) {
  const reader = new Blob([bytes]).stream().pipeThrough(through).getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    // A short link can decompress to a huge text.
    if (size > limit) {
      await reader.cancel();
      throw new Error("The file is too long for a link.");
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

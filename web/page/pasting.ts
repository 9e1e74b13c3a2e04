// The form for a pasted file.

import { byId, element } from "./elements";

interface PastedType {
  name: string;
  file: string;
  roots: string[];
}

const select = () => byId<HTMLSelectElement>("pasted-type");
const text = () => byId<HTMLTextAreaElement>("pasted-text");

let types: PastedType[] = [];

export async function prepare(read: () => Promise<string>) {
  if (types.length > 0) return;
  types = JSON.parse(await read()) as PastedType[];
  select().append(
    element("option", { value: "" }, "Choose a type"),
    ...types.map((it) => element("option", { value: it.file }, it.name)),
  );
}

/** The name of the root element; `undefined` if the text is not XML. */
export function rootOf(xml: string): string | undefined {
  const start = xml.replace(/^\uFEFF/, "").replace(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE[^>]*>/g, "");
  return /^\s*<(?:[\w.-]+:)?([\w.-]+)[\s/>]/.exec(start)?.[1];
}

/** The name of a file with this text; `undefined` if its root element is not that of a known type. */
export function fileNameFor(xml: string): string | undefined {
  const root = rootOf(xml);
  return types.find((it) => root !== undefined && it.roots.includes(root))?.file;
}

/** Chooses the type of the pasted text by its root element. */
export function guessType() {
  const guessed = fileNameFor(text().value);
  if (guessed !== undefined) {
    select().value = guessed;
    hint("");
  } else if (text().value.trim() !== "") {
    select().value = "";
    hint(problem());
  }
}

function problem(): string {
  const root = rootOf(text().value);
  return root === undefined
    ? "This is not Salesforce metadata: the text does not begin with an XML element. Paste the whole file."
    : `No rule checks files with the root element ${root}. If it is damaged, choose the type yourself.`;
}

function hint(message: string) {
  byId("pasted-hint").textContent = message;
}

/** The file to check; `undefined` if something is missing, which the form shows. */
export function pastedFile(): { name: string; text: string } | undefined {
  if (text().value.trim() === "") {
    hint("Paste the text of a file first.");
    text().focus();
    return undefined;
  }
  if (rootOf(text().value) === undefined) {
    hint(problem());
    text().focus();
    return undefined;
  }
  if (select().value === "") {
    hint("Choose the metadata type of this file.");
    select().focus();
    return undefined;
  }
  return { name: select().value, text: text().value };
}

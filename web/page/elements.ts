// Creates elements. Texts of files are only ever added as text.

type Child = Node | string | false | undefined;
type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false) made.setAttribute(key, value);
  }
  made.append(...children.filter((child): child is Node | string => child !== false && child !== undefined));
  return made;
}

export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** Rule texts and messages: `code` and *emphasis*, paragraphs and lists. */
export function marked(text: string): DocumentFragment {
  const all = document.createDocumentFragment();
  for (const part of text.split(/(`[^`]+`|\*[^*\s][^*]*\*)/)) {
    if (part.length > 2 && part.startsWith("`")) all.append(element("code", {}, part.slice(1, -1)));
    else if (part.length > 2 && part.startsWith("*")) all.append(element("em", {}, part.slice(1, -1)));
    else all.append(part);
  }
  return all;
}

export function paragraphs(text: string): HTMLElement[] {
  return text
    .split(/\n\s*\n/)
    .filter((it) => it.trim() !== "")
    .map((it) => {
      const lines = it.split("\n");
      const items = lines.filter((line) => /^(\d+\.|-) /.test(line));
      if (items.length === lines.length) {
        const name = lines[0]?.startsWith("-") ? "ul" : "ol";
        return element(name, {}, ...items.map((line) => element("li", {}, marked(line.replace(/^(\d+\.|-) /, "")))));
      }
      return element("p", {}, marked(it));
    });
}

export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? noun : plural}`;
}

/** Lets the browser save bytes or a text. */
export function download(name: string, content: Blob | string, type = "text/plain") {
  const blob = typeof content === "string" ? new Blob([content], { type }) : content;
  const address = URL.createObjectURL(blob);
  const link = element("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// The menu of downloads.

import { baseOf } from "./deploying";
import { byId, download, element } from "./elements";
import type { Engine } from "./engine";
import type { Source } from "./protocol";

export interface Download {
  name: string;
  /** What it is for. */
  about: string;
  act(): Promise<void>;
}

interface Hooks {
  checklist(): Promise<string>;
  /** The user has the changes. */
  saved(): void;
  warn(text: string): void;
}

/** The downloads for a source. With changes, the first one is the result. */
export function downloadsOf(engine: Engine, source: Source, hasChanges: boolean, hooks: Hooks): Download[] {
  const base = baseOf(source);
  const result = async (name: string, content: Blob) => {
    download(name, content);
    hooks.saved();
  };
  const zip: Download = {
    name: "Fixed zip",
    about: "Your zip, with the changed files in it",
    act: async () => result(`${base}-fixed.zip`, await engine.call("changedZip")),
  };
  const ofChanges: Download[] = [
    ...(source.kind === "zip" ? [zip] : []),
    {
      name: "Changed files",
      about: "A zip with only the files that you changed, in their folders",
      act: async () => result(`${base}-changed-files.zip`, await engine.call("zipOfChanges")),
    },
    {
      name: "Changes as a patch",
      about: "For a repository: git apply",
      act: async () => {
        const patch = JSON.parse(await engine.call("patch")) as { text: string; showsSecret: boolean };
        if (patch.showsSecret) hooks.warn("The patch contains a secret next to a change. Do not share it.");
        await result(`${base}.patch`, new Blob([patch.text], { type: "text/x-diff" }));
      },
    },
    {
      name: "Checklist",
      about: "What to do before you deploy, and the commands, as text",
      act: async () => download(`${base}-checklist.txt`, await hooks.checklist()),
    },
  ];
  const report = (name: string, about: string, format: "html" | "sarif" | "json", type: string): Download => ({
    name,
    about,
    act: async () => download(`${base}.${format}`, await engine.call("report", format), type),
  });
  return [
    ...(hasChanges ? ofChanges : []),
    report("HTML report", "To share and to print", "html", "text/html"),
    report("SARIF", "For GitHub code scanning and other tools", "sarif", "application/sarif+json"),
    report("JSON", "For scripts", "json", "application/json"),
  ];
}

/** Fills the menu. `run` runs what the user chose. */
export function showDownloads(items: Download[], run: (act: () => Promise<void>) => void) {
  const menu = byId<HTMLDetailsElement>("downloads");
  const buttons = items.map(({ name, about, act }) => {
    const click = () => {
      menu.open = false;
      run(act);
    };
    return element("button", { type: "button", click, "data-name": name }, element("span", { class: "name" }, name), element("span", { class: "where" }, about));
  });
  byId("download-items").replaceChildren(...buttons);
}

/** Closes the menu when the user clicks elsewhere, or presses Escape. */
export function closeOnLeaving() {
  const menu = byId<HTMLDetailsElement>("downloads");
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") menu.open = false;
  });
}

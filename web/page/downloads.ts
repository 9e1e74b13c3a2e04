// The menu of downloads.

import { byId, element } from "./elements";

export interface Download {
  name: string;
  /** What it is for. */
  about: string;
  act(): Promise<void>;
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

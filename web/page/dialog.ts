// The one dialog of the page.

import { byId } from "./elements";

/** Changes the title and the button that accepts, which say the same. */
export function label(text: string, isPossible = true) {
  byId("dialog-title").textContent = text;
  const yes = byId<HTMLButtonElement>("dialog-yes");
  yes.textContent = text;
  yes.disabled = !isPossible;
}

/** Asks, and returns whether the user accepts. What cannot be undone is not what Enter chooses. */
export function ask(title: string, content: HTMLElement[], yes: string, no = "Cancel", isFinal = false): Promise<boolean> {
  byId("dialog-title").textContent = title;
  byId("dialog-text").replaceChildren(...content);
  byId("dialog-yes").textContent = yes;
  byId<HTMLButtonElement>("dialog-yes").disabled = false;
  byId("dialog-no").textContent = no;
  byId("dialog-no").hidden = no === "";
  const dialog = byId<HTMLDialogElement>("dialog");
  byId("dialog-yes").classList.toggle("primary", !isFinal);
  byId("dialog-no").classList.toggle("primary", isFinal);
  dialog.returnValue = "no";
  dialog.showModal();
  if (isFinal) byId("dialog-no").focus();
  dialog.scrollTop = 0;
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Shows a text. */
export async function inform(title: string, content: HTMLElement[]) {
  await ask(title, content, "Close", "");
}

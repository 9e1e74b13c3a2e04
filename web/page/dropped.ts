// What the user drops or picks: a zip, or files and folders.

import type { Source } from "./protocol";

interface Picked {
  path: string;
  file: File;
}

/** The most files of a folder. */
const MAX_FILES = 200_000;

/** The source in a drop. `note` is called while folders are read. */
export async function fromDrop(data: DataTransfer, note: (count: number) => void): Promise<Source> {
  // The items are only valid before the first `await`.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  const files = [...data.files];
  const picked: Picked[] = [];
  for (const [at, entry] of entries.entries()) {
    const file = files[at];
    if (entry?.isDirectory) await readFolder(entry as FileSystemDirectoryEntry, "", picked, note);
    else if (file !== undefined) picked.push({ path: file.name, file });
  }
  return sourceOf(picked.length > 0 ? picked : files.map((file) => ({ path: file.name, file })));
}

/** The source in the files of an input element. */
export function fromInput(files: FileList): Source {
  return sourceOf([...files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
}

function sourceOf(picked: Picked[]): Source {
  const [first] = picked;
  if (first === undefined) throw new Error("There is nothing to check: drop a zip, a folder or files.");
  if (/\.zip$/i.test(first.file.name) && picked.length === 1) {
    return { kind: "zip", name: first.file.name, zip: first.file };
  }
  if (picked.some((it) => /\.zip$/i.test(it.file.name) && !it.path.includes("/"))) {
    throw new Error("Check one zip at a time.");
  }
  const top = first.path.split("/")[0] ?? "";
  const isOneFolder = first.path.includes("/") && picked.every((it) => it.path.startsWith(`${top}/`));
  const below = isOneFolder ? top.length + 1 : 0;
  const kept = picked.filter((it) => !`/${it.path}`.includes("/.git/"));
  return {
    kind: "files",
    name: isOneFolder ? top : "files",
    paths: kept.map((it) => it.path.slice(below)),
    files: kept.map((it) => it.file),
  };
}

async function readFolder(
  folder: FileSystemDirectoryEntry,
  above: string,
  picked: Picked[],
  note: (count: number) => void,
) {
  const path = `${above}${folder.name}/`;
  if (folder.name === ".git") return;
  const reader = folder.createReader();
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (picked.length >= MAX_FILES) throw new Error(`A folder can have at most ${MAX_FILES} files.`);
      if (entry.isDirectory) {
        await readFolder(entry as FileSystemDirectoryEntry, path, picked, note);
      } else {
        const one = entry as FileSystemFileEntry;
        const file = await new Promise<File>((resolve, reject) => one.file(resolve, reject));
        picked.push({ path: `${path}${entry.name}`, file });
        if (picked.length % 500 === 0) note(picked.length);
      }
    }
  }
}

/** Calls `act` with what the user drops anywhere on the page. */
export function onDrop(act: (data: DataTransfer) => void) {
  addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) document.body.classList.remove("dragging");
  });
  addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    if (event.dataTransfer !== null) act(event.dataTransfer);
  });
}

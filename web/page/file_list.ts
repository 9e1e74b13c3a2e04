// The list of files, with their findings, to move between them.

import { byId, counted, element } from "./elements";
import { type Finding, SEVERITIES } from "./report";

/** Files that are shown at once. */
const PAGE = 100;

interface Row {
  path: string;
  /** The numbers of findings, by severity. */
  counts: number[];
}

export class FileList {
  private rows: Row[] = [];
  private changed = new Set<string>();
  private current: string | undefined;
  private limit = PAGE;

  constructor(private actions: { open(path: string): void }) {}

  update(paths: Iterable<string>, findings: Finding[], changed: Set<string>, current: string | undefined) {
    const rows = new Map<string, Row>();
    const rowOf = (path: string) => {
      let row = rows.get(path);
      if (row === undefined) rows.set(path, (row = { path, counts: SEVERITIES.map(() => 0) }));
      return row;
    };
    for (const path of paths) rowOf(path);
    for (const { path, severity } of findings) {
      const { counts } = rowOf(path);
      const at = SEVERITIES.indexOf(severity);
      counts[at] = (counts[at] ?? 0) + 1;
    }
    this.rows = [...rows.values()];
    this.changed = changed;
    this.current = current;
  }

  mark(current: string | undefined) {
    this.current = current;
    const list = byId("file-list");
    list.querySelector("[aria-current]")?.removeAttribute("aria-current");
    if (current === undefined) return;
    list.querySelector(`[data-path="${CSS.escape(current)}"]`)?.setAttribute("aria-current", "true");
  }

  render() {
    const words = byId<HTMLInputElement>("search").value.toLowerCase().split(/\s+/).filter((it) => it !== "");
    const shown = this.rows.filter((it) => words.every((word) => it.path.toLowerCase().includes(word))).sort(order);
    const items = shown.slice(0, this.limit).map((row) => element("li", {}, this.item(row)));
    if (shown.length > this.limit) {
      const more = () => {
        this.limit *= 4;
        this.render();
      };
      items.push(element("li", {}, element("button", { type: "button", class: "item", click: more }, `Show more (${(shown.length - this.limit).toLocaleString("en-US")} left)`)));
    }
    const list = items.length > 0 ? element("ul", { class: "items group" }, ...items) : element("p", { class: "notice" }, "No file matches the filter.");
    byId("file-list").replaceChildren(list);
  }

  private item({ path, counts }: Row): HTMLElement {
    const badges = SEVERITIES.flatMap((severity, at) => {
      const count = counts[at] ?? 0;
      return count === 0 ? [] : [element("span", { class: `severity ${severity}` }, `${count} ${severity}`), " "];
    });
    const at = path.lastIndexOf("/") + 1;
    const button = element("button", { type: "button", class: "item", "data-path": path, click: () => this.actions.open(path) },
      element("span", { class: "name" }, path.slice(at)), " ",
      this.changed.has(path) && element("span", { class: "tag changed" }, "changed"),
      element("span", { class: "where" }, path.slice(0, at)),
      element("span", { class: "counts" }, ...(badges.length > 0 ? badges : [element("span", { class: "quiet" }, counted(0, "finding"))])),
    );
    if (path === this.current) button.setAttribute("aria-current", "true");
    return button;
  }
}

/** Files with the most severe findings first. */
function order(one: Row, other: Row): number {
  for (let at = 0; at < SEVERITIES.length; at++) {
    const difference = (other.counts[at] ?? 0) - (one.counts[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return one.path < other.path ? -1 : 1;
}

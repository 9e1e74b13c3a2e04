// The list of rules, with a search.

import { byId, counted, element } from "./elements";
import type { Rule } from "./report";

export class RuleList {
  readonly byId = new Map<string, Rule>();
  private rules: Rule[] = [];

  constructor(private actions: { choose(rule: Rule): void }) {
    byId("search-rules").addEventListener("input", () => this.render());
  }

  async load(read: () => Promise<string>) {
    if (this.rules.length > 0) return;
    this.rules = JSON.parse(await read()) as Rule[];
    for (const rule of this.rules) this.byId.set(rule.id, rule);
    this.render();
  }

  private render() {
    const words = byId<HTMLInputElement>("search-rules").value.toLowerCase().split(/\s+/).filter((it) => it !== "");
    const shown = this.rules.filter((rule) => {
      const controls = rule.controls.map((it) => `${it.id} ${it.title ?? ""}`);
      const text = [rule.id, rule.title, ...rule.tags, ...rule.metadata, ...controls].join(" ").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    byId("rule-count").textContent = counted(shown.length, "rule");
    const items = shown.map((rule) => {
      const choose = (event: Event) => {
        byId("rule-list").querySelector("[aria-current]")?.removeAttribute("aria-current");
        (event.currentTarget as HTMLElement).setAttribute("aria-current", "true");
        this.actions.choose(rule);
      };
      return element("li", {},
        element("button", { type: "button", class: "item", click: choose },
          element("span", { class: `severity ${rule.severity}` }, rule.severity), " ",
          element("span", { class: "name" }, rule.title), " ",
          rule.fixable && element("span", { class: "tag" }, "fix"),
          element("span", { class: "where" }, `${rule.id} · ${rule.metadata.join(", ")}`),
        ),
      );
    });
    byId("rule-list").replaceChildren(element("ul", { class: "items group" }, ...items));
  }
}

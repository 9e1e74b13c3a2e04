// The list of findings: by rule, with filters.

import { byId, counted, element, marked, paragraphs } from "./elements";
import { type Finding, type Report, type Rule, type RuleFindings, SEVERITIES, type Severity, byRule } from "./report";

/** Findings of one rule that are shown at once. */
const PAGE = 30;

export class FindingList {
  private findings: Finding[] = [];
  private rules = new Map<string, Rule>();
  private hidden = new Set<Severity>();
  private chosen: Finding | undefined;
  private buttons = new Map<Finding, HTMLElement>();
  /** What the user opened or closed. */
  private open = new Map<string, boolean>();
  private limits = new Map<string, number>();

  constructor(private actions: { choose(finding: Finding): void }) {
    byId("search").addEventListener("input", () => this.render());
    byId("only-fixable").addEventListener("change", () => this.render());
  }

  update(report: Report, rules: Map<string, Rule>, chosen: Finding | undefined) {
    this.findings = report.findings;
    this.rules = rules;
    this.chosen = chosen;
    this.renderSeverities();
    this.render();
  }

  /** The findings that the filters leave, in the order of the list. */
  shown(): Finding[] {
    return byRule(this.filtered()).flatMap((it) => it.findings);
  }

  mark(finding: Finding) {
    if (this.chosen !== undefined) this.buttons.get(this.chosen)?.removeAttribute("aria-current");
    this.chosen = finding;
    const button = this.buttons.get(finding);
    button?.setAttribute("aria-current", "true");
  }

  private filtered(): Finding[] {
    const words = byId<HTMLInputElement>("search").value.toLowerCase().split(/\s+/).filter((it) => it !== "");
    const onlyFixable = byId<HTMLInputElement>("only-fixable").checked;
    return this.findings.filter((it) => {
      if (this.hidden.has(it.severity) || (onlyFixable && it.fix === null)) return false;
      const text = `${it.rule} ${this.rules.get(it.rule)?.title ?? ""} ${it.component.type} ${it.component.name} ${it.path}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  private renderSeverities() {
    const chips = SEVERITIES.map((severity) => {
      const count = this.findings.filter((it) => it.severity === severity).length;
      if (count === 0) return undefined;
      const box = element("input", { type: "checkbox", "data-severity": severity });
      box.checked = !this.hidden.has(severity);
      box.addEventListener("change", () => {
        if (box.checked) this.hidden.delete(severity);
        else this.hidden.add(severity);
        this.render();
      });
      return element("label", { class: "chip" }, box, element("span", { class: `severity ${severity}` }, severity), ` ${count.toLocaleString("en-US")}`);
    });
    const focused = (document.activeElement as HTMLElement | null)?.dataset.severity;
    byId("severities").replaceChildren(...chips.filter((it) => it !== undefined));
    if (focused !== undefined) byId("severities").querySelector<HTMLElement>(`[data-severity="${focused}"]`)?.focus();
  }

  private render() {
    this.buttons.clear();
    const groups = byRule(this.filtered());
    const items = groups.map((group, at) => this.group(group, at));
    const isEmpty = this.findings.length === 0;
    if (groups.length > 0) items.unshift(element("h2", {}, "Fix these first"));
    else items.push(element("p", { class: "notice" }, isEmpty ? "No rule has a finding." : "No finding matches the filters."));
    byId("list").replaceChildren(...items);
  }

  private group(group: RuleFindings, at: number): HTMLElement {
    const rule = this.rules.get(group.rule);
    const counts = SEVERITIES.flatMap((severity, index) => {
      const count = group.counts[index] ?? 0;
      return count === 0 ? [] : [element("span", { class: `severity ${severity}` }, `${count} ${severity}`), " "];
    });
    const files = new Set(group.findings.map((it) => it.path)).size;
    const items = element("ul", { class: "items" });
    const holder = element("details", { class: "group" },
      element("summary", {},
        element("span", { class: "title" }, rule?.title ?? group.rule),
        element("span", { class: "counts" }, ...counts, element("span", { class: "quiet" }, `in ${counted(files, "file")}`)),
      ),
    );
    const remedy = element("div", { class: "remedy" }, ...paragraphs(rule?.help ?? ""));
    const fill = () => {
      const limit = this.limits.get(group.rule) ?? PAGE;
      items.replaceChildren(...group.findings.slice(0, limit).map((it) => element("li", {}, this.item(it))));
      if (group.findings.length > limit) {
        const more = () => {
          this.limits.set(group.rule, limit + 10 * PAGE);
          fill();
        };
        const text = `Show more (${(group.findings.length - limit).toLocaleString("en-US")} left)`;
        items.append(element("li", {}, element("button", { type: "button", class: "item", click: more }, text)));
      }
      holder.append(remedy, items);
    };
    const isOpen = this.open.get(group.rule) ?? at === 0;
    if (isOpen) {
      holder.open = true;
      fill();
    }
    holder.addEventListener("toggle", () => {
      this.open.set(group.rule, holder.open);
      if (holder.open && items.childElementCount === 0) fill();
    });
    return holder;
  }

  private item(finding: Finding): HTMLElement {
    const { component, fix } = finding;
    const click = () => this.actions.choose(finding);
    const button = element("button", { type: "button", class: "item", click },
      element("span", { class: `severity ${finding.severity}` }, finding.severity), " ",
      element("span", { class: "name" }, component.name), " ",
      fix !== null && element("span", { class: "tag" }, fix.applicability === "safe" ? "safe fix" : "fix needs a rollout"),
      element("span", { class: "where" }, `${component.type} · ${finding.path.split("/").pop() ?? ""}:${finding.span.start.line}`),
    );
    if (finding === this.chosen) button.setAttribute("aria-current", "true");
    button.title = marked(finding.message).textContent ?? "";
    this.buttons.set(finding, button);
    return button;
  }
}

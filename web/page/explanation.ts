// What the page shows about a finding, a rule and a run.

import { counted, element, marked, paragraphs } from "./elements";
import type { ExplainedRule, Finding, Report, Rule } from "./report";

interface FindingActions {
  open(path: string): void;
  /** The file in the editor. */
  path: string | undefined;
}

const outside = (url: string, text: string) => element("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, text);

/** What is wrong, and the button that fixes it: above the file. */
export function headOf(finding: Finding, title: string, fix: () => void): HTMLElement[] {
  const parts: HTMLElement[] = [
    element("h2", {}, element("span", { class: `severity ${finding.severity}` }, finding.severity), ` ${title}`),
    element("p", {}, marked(finding.message)),
  ];
  if (finding.fix === null) {
    parts.push(element("p", { class: "quiet" }, "forcelint cannot fix this finding for you: see “What to do” below."));
  } else if (finding.fix.contains_secret) {
    parts.push(element("p", { class: "quiet" }, "The fix is next to a secret, so it is not shown. “Fix several findings” applies it."));
  } else {
    const needs = finding.fix.rollout === null ? "" : " It needs a rollout: you see the steps first.";
    parts.push(
      element("div", { class: "buttons" },
        element("button", { type: "button", class: "primary", id: "fix-finding", click: fix }, "Fix this finding"),
        element("span", { class: "quiet" }, marked(finding.fix.title), ".", needs),
      ),
    );
  }
  return parts;
}

/** The evidence, what to do, and the rule. */
export function aboutFinding(finding: Finding, rule: ExplainedRule | undefined, actions: FindingActions): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (finding.related.length > 0) {
    const evidence = finding.related.map((it) => {
      const isHere = it.path === actions.path;
      const place = isHere ? `line ${it.span.start.line}` : `${it.path.split("/").pop() ?? ""}:${it.span.start.line}`;
      const open = () => actions.open(it.path);
      const shown = isHere ? element("span", { class: "quiet" }, place) : element("button", { type: "button", class: "plain small", click: open }, place);
      return element("li", {}, marked(it.message), " ", shown);
    });
    parts.push(element("h3", {}, "Evidence: why this severity"), element("ul", { class: "evidence" }, ...evidence));
  }
  parts.push(element("h3", {}, "What to do"), ...paragraphs(finding.help));
  const rollout = finding.fix?.rollout;
  if (rollout != null) parts.push(element("p", { class: "notice" }, element("strong", {}, "Before you deploy the fix: "), marked(rollout)));
  if (rule !== undefined) {
    const more = element("details", {}, element("summary", {}, "About this rule"), ...ruleParts(rule));
    more.open = !matchMedia("(max-width: 900px)").matches;
    parts.push(more);
  }
  return parts;
}

export function aboutRule(rule: ExplainedRule): HTMLElement[] {
  return [
    element("h2", {}, rule.title),
    element("p", {},
      element("span", { class: `severity ${rule.severity}` }, rule.severity),
      element("span", { class: "quiet" }, ` · ${rule.id} · ${rule.metadata.join(", ")}`),
    ),
    element("h3", {}, "What to do"),
    ...paragraphs(rule.help),
    ...ruleParts(rule),
  ];
}

const HEADINGS: [string, string][] = [
  ["overview", "About this setting"],
  ["risk", "Risk"],
  ["threat", "Threat"],
  ["impact", "Impact"],
  ["higher_risk_when", "Higher risk when"],
  ["lower_risk_when", "Lower risk when"],
  ["recommended", "Recommended"],
];

function ruleParts(rule: ExplainedRule): HTMLElement[] {
  const parts: HTMLElement[] = [];
  if (rule.control !== null) {
    if (rule.authority !== null) parts.push(element("h3", {}, `Control: ${rule.authority}`));
    for (const [key, heading] of HEADINGS) {
      const text = rule.control[key];
      if (text !== undefined && text.trim() !== "") parts.push(element("p", {}, element("strong", {}, `${heading}: `), marked(text)));
    }
  }
  if (rule.setup.length > 0) {
    parts.push(element("h3", {}, "In Setup"), element("ul", {}, ...rule.setup.map((it) => element("li", {}, marked(it)))));
  }
  if (rule.exceptions !== null) parts.push(element("h3", {}, "When an exception is right"), ...paragraphs(rule.exceptions));
  if (rule.notes !== null) parts.push(element("h3", {}, "Notes"), ...paragraphs(rule.notes));
  const links = [rule.url, ...rule.references].filter((it): it is string => it !== null);
  if (links.length > 0) {
    parts.push(element("h3", {}, "Read more"), element("ul", {}, ...links.map((it) => element("li", {}, outside(it, it)))));
  }
  return parts;
}

/** Errors, notes, stories, and what was not checked. */
export function detailsOf(
  report: Report,
  rules: Map<string, Rule>,
  choose: (finding: Finding) => void,
  hasInfo: boolean,
  showsInfo: boolean,
  showInfo: (shows: boolean) => void,
): HTMLElement[] {
  const parts: HTMLElement[] = [];
  const { summary } = report;
  if (report.errors.length > 0) {
    const items = report.errors.slice(0, 100).map((it) => element("li", {}, element("code", {}, it.path), ` ${it.message}`));
    parts.push(element("div", { class: "notice error" }, element("strong", {}, `${counted(report.errors.length, "error")}: this is not a complete result`), element("ul", {}, ...items)));
  }
  const suppressed = Object.values(summary.suppressed).reduce((sum, it) => sum + it, 0);
  const relaxed = report.disabled_rules.length + report.lowered_rules.length;
  if (suppressed + relaxed > 0) {
    parts.push(element("p", { class: "notice" }, `forcelint.toml and comments in the files suppress ${counted(suppressed, "finding")}, and turn off or lower ${counted(relaxed, "rule")}.`));
  }
  if (report.stories.length > 0) {
    const find = (fingerprint: string) => report.findings.find((it) => it.fingerprint === fingerprint);
    const stories = report.stories.slice(0, 50).map((story) =>
      element("div", { class: "story" },
        element("strong", {}, story.title), ` · ${story.component.name} `, element("span", { class: `severity ${story.severity}` }, story.severity),
        element("ol", {}, ...story.steps.map((step) => {
          const finding = step.findings.map((it) => find(it.fingerprint)).find((it) => it !== undefined);
          return element("li", {}, marked(step.text), " ", finding !== undefined && element("button", { type: "button", class: "plain small", click: () => choose(finding) }, "Show"));
        })),
      ),
    );
    parts.push(element("details", {}, element("summary", {}, counted(report.stories.length, "attack story", "attack stories")), ...stories));
  }
  if (summary.not_checked.length > 0) {
    const items = summary.not_checked.slice(0, 200).map((it) =>
      element("li", {}, element("strong", {}, it.component.name), ` · ${rules.get(it.rule)?.title ?? it.rule}: `, marked(it.reason)),
    );
    const retrieve = summary.to_retrieve.length > 0 && element("p", {}, "To check these, retrieve also: ", element("code", {}, summary.to_retrieve.join(" ")));
    parts.push(element("details", {}, element("summary", {}, `${counted(summary.not_checked.length, "rule result")} not checked`), element("ul", {}, ...items), retrieve));
  }
  if (summary.notes.length > 0) {
    parts.push(element("details", {}, element("summary", {}, counted(summary.notes.length, "note")), element("ul", {}, ...summary.notes.map((it) => element("li", {}, it)))));
  }
  if (hasInfo) {
    const box = element("input", { type: "checkbox", change: () => showInfo(box.checked) });
    box.checked = showsInfo;
    parts.push(element("p", {}, element("label", { class: "chip" }, box, "Show findings with severity info")));
  }
  return parts;
}

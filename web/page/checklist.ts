// What to do before the changes are deployed: the steps of the fixes that need a rollout.

import { element, marked } from "./elements";
import type { Finding } from "./report";

/** A step, and the components whose fixes need it. */
export interface Step {
  text: string;
  components: string[];
}

/** How many components a step names on the page. A downloaded checklist names all. */
const NAMED = 5;

/** The steps that the fixes of these findings need. Each step is listed once. */
export function stepsOf(findings: Finding[]): Step[] {
  const steps = new Map<string, Set<string>>();
  for (const { fix, component } of findings) {
    if (fix?.rollout == null) continue;
    const components = steps.get(fix.rollout) ?? new Set();
    steps.set(fix.rollout, components.add(component.name));
  }
  return [...steps].map(([text, components]) => ({ text, components: [...components] }));
}

export function stepList(steps: Step[]): HTMLElement {
  const items = steps.map(({ text, components }) => {
    const more = components.length - NAMED;
    const names = components.slice(0, NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
    return element("li", {}, marked(text), element("span", { class: "where" }, `For: ${names}`));
  });
  return element("ol", { class: "steps" }, ...items);
}

/** The steps as a text file, with the commands that deploy the changes. */
export function checklistText(source: string, steps: Step[], deploying: string): string {
  const lines = [`Changes to ${source}, made with forcelint`, ""];
  if (steps.length > 0) lines.push("BEFORE YOU DEPLOY", "");
  for (const { text, components } of steps) {
    lines.push(`[ ] ${text.replaceAll("`", "")}`, ...components.map((it) => `    - ${it}`), "");
  }
  return `${[...lines, deploying].join("\n").trimEnd()}\n`;
}

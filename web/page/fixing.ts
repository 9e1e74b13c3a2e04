// The dialog in which the user chooses what to fix.

import { stepList, stepsOf } from "./checklist";
import { ask, label } from "./dialog";
import { byId, counted, element } from "./elements";
import type { Finding } from "./report";

/** What is fixed: in the file at `path`, or in all files. */
export interface Fixes {
  path: string | null;
  withRollouts: boolean;
}

const needsRollout = (it: Finding) => it.fix?.applicability === "needs-rollout";

const ONLY_HERE = "This changes the text on this page. Nothing changes in your org until you deploy the result.";

/** Asks before a fix that needs a rollout. */
export async function confirmFix(finding: Finding): Promise<boolean> {
  const steps = stepsOf([finding]);
  return await ask(
    "Fix this finding",
    [
      element("p", {}, `${finding.fix?.title.replaceAll("`", "") ?? ""} in ${finding.component.name}.`),
      warning(),
      stepList(steps),
      element("p", { class: "quiet" }, ONLY_HERE),
    ],
    "Fix this finding",
  );
}

function warning() {
  return element("p", { class: "notice" },
    element("strong", {}, "Do this before you deploy. "),
    "Otherwise, apps or users can lose access. You find these steps again above the findings, and as a checklist in Download.",
  );
}

/** Asks which findings are fixed: those of the open file, or all. */
export async function chooseFixes(findings: Finding[], path: string | undefined): Promise<Fixes | undefined> {
  const fixable = findings.filter((it) => it.fix !== null);
  const inFile = fixable.filter((it) => it.path === path);
  const choice: Fixes = { path: null, withRollouts: fixable.every(needsRollout) };
  const details = element("div");
  const selected = () => (choice.path === null ? fixable : inFile).filter((it) => choice.withRollouts || !needsRollout(it));
  const update = () => {
    const { length } = selected();
    const files = new Set(selected().map((it) => it.path)).size;
    label(`Fix ${counted(length, "finding")} in ${choice.path === null ? counted(files, "file") : "this file"}`, length > 0);
    const of = choice.path === null ? fixable : inFile;
    const rollouts = of.filter(needsRollout).length;
    const box = element("input", { type: "checkbox", id: "with-rollouts", change: () => ((choice.withRollouts = box.checked), update()) });
    box.checked = choice.withRollouts;
    const steps = stepsOf(selected());
    details.replaceChildren(
      element("p", {}, rollouts === of.length ? "No fix here is safe. A safe fix affects no client, user or integration." : `${counted(of.length - rollouts, "fix is", "fixes are")} safe: a safe fix affects no client, user or integration.`),
      ...(rollouts === 0
        ? []
        : [
            element("p", {}, element("label", {}, box, ` Also apply ${rollouts === 1 ? "the fix" : `the ${rollouts} fixes`} that ${rollouts === 1 ? "needs" : "need"} a rollout`)),
            element("p", { class: "quiet" }, "A fix that needs a rollout can lock out apps or users until you prepared them: it comes with a checklist."),
          ]),
      ...(steps.length > 0 ? [warning(), stepList(steps)] : []),
    );
    if (document.activeElement === document.body) byId("with-rollouts").focus();
  };
  const radio = (text: string, isAll: boolean) => {
    const input = element("input", { type: "radio", name: "scope", change: () => ((choice.path = isAll ? null : (path ?? null)), update()) });
    input.checked = isAll;
    return element("label", { class: "choice" }, input, ` ${text}`);
  };
  const scopes = element("fieldset", {},
    element("legend", {}, "Where"),
    radio(`In all files (${counted(fixable.length, "finding")} with a fix)`, true),
    inFile.length > 0 && radio(`Only in ${path?.split("/").pop() ?? ""} (${inFile.length.toLocaleString("en-US")})`, false),
  );
  const accepted = ask("", [scopes, details, element("p", { class: "quiet" }, ONLY_HERE)], "");
  update();
  return (await accepted) ? choice : undefined;
}

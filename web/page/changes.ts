// The box above the findings: what was changed on the page, and what comes next.

import { type Step, stepList } from "./checklist";
import { counted, element } from "./elements";

interface Shown {
  /** The number of fixed findings. */
  fixed: number;
  files: number;
  steps: Step[];
  /** The name of the download with the result. */
  result: string;
}

/** Shows that there are changes, which are not in the org. */
export function showChangesIn(box: HTMLElement, { fixed, files, steps, result }: Shown, actions: { download(): void; explain(): void }) {
  box.hidden = files === 0;
  if (files === 0) return;
  const wasOpen = box.querySelector("details")?.open ?? false;
  const checklist = element("details", { open: wasOpen }, element("summary", {}, `Before you deploy: ${counted(steps.length, "step")}`), stepList(steps));
  box.replaceChildren(
    element("p", {},
      element("strong", {}, `Changed on this page: ${counted(fixed, "finding")} fixed in ${counted(files, "file")}. `),
      "Your own files and your org still have the old settings.",
    ),
    element("div", { class: "buttons" },
      element("button", { type: "button", id: "download-result", class: "primary", click: actions.download }, `Download: ${result.toLowerCase()}`),
      element("button", { type: "button", id: "how-to-deploy", click: actions.explain }, "How to deploy the changes"),
    ),
    ...(steps.length > 0 ? [checklist] : []),
  );
}

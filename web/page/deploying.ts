// How the changes get into an org.

import { type Step, stepList } from "./checklist";
import { element, marked } from "./elements";
import type { Source } from "./protocol";

/** What the worker knows about the `package.xml` files of the changed files. */
export interface Deployment {
  manifests: string[];
  unlisted: { manifest: string; type: string; member: string }[];
}

export interface Changes {
  source: Source;
  /** The paths of the changed files in a folder, or in a project zip. */
  paths: string[];
  steps: Step[];
  deployment: Deployment;
}

/** The name of an input in the names of downloads. */
export const baseOf = (source: Source) => source.name.replace(/\.zip$/i, "");

const folderOf = (path: string) => path.split("/").slice(0, -1).join("/");

/** A word of a command. */
const quoted = (word: string) => (/^[\w./-]+$/.test(word) ? word : `"${word}"`);

/** The arguments by which the Salesforce CLI finds what to deploy. */
function target({ source, paths, deployment }: Changes): string {
  const [manifest] = deployment.manifests;
  if (manifest === undefined) {
    const top = new Set(paths.map((it) => it.split("/")[0] ?? it));
    const folders = paths.length === 1 ? paths : [...top];
    return folders.map((it) => `--source-dir ${quoted(it)}`).join(" ");
  }
  // With its package.xml at the top, a zip is one package. In a folder such as `unpackaged`, it is one of several.
  if (source.kind === "zip") return `--metadata-dir ${quoted(`${baseOf(source)}-fixed.zip`)}${folderOf(manifest) === "" ? " --single-package" : ""}`;
  return `--metadata-dir ${quoted(folderOf(manifest) || ".")}`;
}

function commands(changes: Changes): { dryRun: string; deploy: string } {
  const command = (options: string, org: string) => `sf project deploy start ${options}${target(changes)} --target-org ${org}`;
  return { dryRun: command("--dry-run ", "my-sandbox"), deploy: command("", "my-sandbox") };
}

function getFiles({ source, deployment }: Changes): string {
  const base = baseOf(source);
  if (source.kind === "files") {
    return `Put the changed files into your folder: select *Download*, then *Changed files*, and unpack the zip in the folder ${base}. With git, you can apply the patch instead.`;
  }
  return deployment.manifests.length > 0
    ? "Select *Download*, then *Fixed zip*. It is your zip with the changed files in it."
    : "Your zip has no `package.xml`: it is not what a retrieve writes, but a project. Select *Download*, then *Changed files*, and unpack that zip in the folder of the project.";
}

/** Members that a `package.xml` has to list, as XML. */
function missingTypes(changes: Changes): { manifest: string; xml: string }[] {
  const byManifest = new Map<string, Map<string, string[]>>();
  for (const { manifest, type, member } of changes.deployment.unlisted) {
    const types = byManifest.get(manifest) ?? new Map<string, string[]>();
    byManifest.set(manifest, types);
    types.set(type, [...(types.get(type) ?? []), member]);
  }
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return [...byManifest].map(([manifest, types]) => {
    const xml = [...types].map(([type, members]) => {
      const lines = members.map((it) => `        <members>${escaped(it)}</members>\n`);
      return `    <types>\n${lines.join("")}        <name>${escaped(type)}</name>\n    </types>`;
    });
    return { manifest, xml: xml.join("\n") };
  });
}

const ORG = "my-sandbox is the alias of the org: try the deployment in a sandbox first. Salesforce documents that the command has to run in the folder of a Salesforce DX project.";
const OVERWRITES = "A deployment overwrites what others changed in these components since the files were retrieved.";

/** The instructions as elements. */
export function instructions(changes: Changes): HTMLElement[] {
  const { dryRun, deploy } = commands(changes);
  const command = (text: string) => element("pre", { tabindex: "0" }, ...text.split(" ").flatMap((word) => [element("span", { class: "word" }, word), " "]));
  const missing = missingTypes(changes);
  return [
    element("p", {}, "The changes are only on this page. You, or a colleague who uses the Salesforce CLI, can deploy them:"),
    element("ol", { class: "steps" },
      ...(changes.steps.length > 0 ? [element("li", {}, element("strong", {}, "Prepare."), stepList(changes.steps))] : []),
      element("li", {}, element("strong", {}, "Get the files. "), marked(getFiles(changes))),
      ...missing.map(({ manifest, xml }) =>
        element("li", {}, element("strong", {}, `Complete ${manifest}. `), "Salesforce deploys only what it lists, and it does not list these changed components. Add to it:", element("pre", { tabindex: "0" }, xml)),
      ),
      element("li", {}, element("strong", {}, "Validate. "), "This command changes nothing:", command(dryRun)),
      element("li", {}, element("strong", {}, "Deploy."), command(deploy)),
    ),
    element("p", { class: "quiet" }, `${ORG} ${OVERWRITES}`),
  ];
}

/** The instructions as text, after the checklist. */
export function instructionsText(changes: Changes): string {
  const { dryRun, deploy } = commands(changes);
  const lines = ["HOW TO DEPLOY", "", getFiles(changes).replaceAll(/[*`]/g, ""), ""];
  for (const { manifest, xml } of missingTypes(changes)) {
    lines.push(`${manifest} does not list these changed components, so Salesforce would not deploy them. Add to it:`, "", xml, "");
  }
  return [...lines, "Validate, which changes nothing:", "", `    ${dryRun}`, "", "Deploy:", "", `    ${deploy}`, "", ORG, OVERWRITES].join("\n");
}

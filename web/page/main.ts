// The page: what is shown when, and what the buttons do.

import { fromDrop, fromInput } from "./dropped";
import { Editor } from "./editor";
import { byId, counted, download, element, paragraphs } from "./elements";
import { Canceled, Engine, Stopped } from "./engine";
import { aboutFinding, aboutRule, detailsOf } from "./explanation";
import { FindingList } from "./finding_list";
import { type LinkedFile, linkTo, linkedFile } from "./link";
import type { Options, Source } from "./protocol";
import { type ExplainedRule, type Finding, type Report, type Rule } from "./report";
import { RuleList } from "./rule_list";

type View = "start" | "pasting" | "working" | "results" | "rules";
const VIEWS: View[] = ["start", "pasting", "working", "results", "rules"];
/** The longest text that the editor shows, in characters. */
const MAX_SHOWN = 5_000_000;
/** Milliseconds without typing before a file is checked. */
const PAUSE = 200;

/** A block of data in the page. */
const block = (id: string) => byId(id).textContent ?? "";

const engine = new Engine(block("worker"), block("program"), showProgress);
let view: View = "start";
let beforeRules: View = "start";
let source: Source | undefined;
let report: Report | undefined;
let isPasted = false;
let usesConfig = true;
let showsInfo = false;
/** The file in the editor. */
let path: string | undefined;
let changed = new Set<string>();
let chosen: Finding | undefined;
let typing: number | undefined;
/** What was typed and is not checked yet. */
let typed: { path: string; text: string } | undefined;
/** Counts checks of the file in the editor, so that late results are ignored. */
let edition = 0;

const list = new FindingList({ choose: (finding) => void choose(finding, true) });
const rules = new RuleList({ choose: (rule) => void showRule(rule) });
const editor = new Editor(byId("editor"), {
  changed: (text) => {
    if (path === undefined) return;
    edition += 1;
    typed = { path, text };
    clearTimeout(typing);
    typing = setTimeout(() => void run(settle), PAUSE);
  },
  entered: (finding) => void choose(finding, false),
  fix: (finding) => void run(() => applyFix(finding)),
});

function show(next: View) {
  view = next;
  for (const name of VIEWS) byId(name).hidden = name !== next;
  byId("start-over").hidden = next === "start" || next === "working";
  byId("show-rules").hidden = next === "rules" || next === "working";
}

function notice(text: string, kind: "error" | "good" | "plain" = "error", ...buttons: HTMLElement[]) {
  const close = element("button", { type: "button", class: "small", click: () => box.remove() }, "Close");
  const box = element("div", { class: `notice ${kind}` }, text, element("div", { class: "buttons" }, ...buttons, close));
  byId("notices").replaceChildren(box);
}

/** Runs what the user asked for, and shows what went wrong. */
async function run(act: () => Promise<void>) {
  try {
    await act();
  } catch (error) {
    if (error instanceof Canceled) return;
    if (error instanceof Stopped) {
      const about = error.path === "" ? "" : ` while it read ${error.path}`;
      notice(`forcelint stopped${about}: ${error.message}. Please report this file as a bug. Nothing else is affected.`);
      reset();
    } else {
      notice(error instanceof Error ? error.message : String(error));
      if (view === "working") show(report === undefined ? "start" : "results");
    }
  }
}

function reset() {
  forgetTyped();
  source = report = path = chosen = undefined;
  document.querySelector("#results .panes")?.classList.remove("has-choice");
  byId("file").hidden = true;
  byId("explanation").replaceChildren();
  isPasted = false;
  usesConfig = true;
  changed = new Set();
  if (location.hash !== "") history.replaceState(null, "", location.href.split("#")[0]);
  show("start");
}

function showProgress(read: number, file: string) {
  byId("working-file").textContent = `${counted(read, "file")} read: ${file}`;
}

const options = (): Options => ({ day: new Date().toISOString().slice(0, 10), showsInfo, usesConfig });

/** Checks what the user dropped, picked or pasted. */
async function check(next: Source) {
  byId("notices").replaceChildren();
  forgetTyped();
  byId("working-title").textContent = `Checking ${next.name}…`;
  byId("working-file").textContent = "";
  show("working");
  report = undefined;
  path = chosen = undefined;
  changed = new Set();
  source = next;
  performance.mark("check");
  try {
    await engine.call("open", next, options());
  } catch (error) {
    if (error instanceof Canceled || error instanceof Stopped || !usesConfig || next.kind === "zip") throw error;
    show("start");
    const again = () => {
      usesConfig = false;
      void run(() => check(next));
    };
    const button = element("button", { type: "button", class: "small primary", click: again }, "Check without forcelint.toml");
    return notice((error as Error).message, "error", button);
  }
  await refresh();
  performance.measure("check", "check");
  const [worst] = list.shown();
  if (worst !== undefined) await choose(worst, false);
  else if (next.kind === "files" && next.paths.length === 1) await openFile(next.paths[0] ?? "");
  byId("results-title").focus();
}

/** Checks everything and shows the results. */
async function refresh() {
  report = JSON.parse(await engine.call("report", "json")) as Report;
  changed = new Set(await engine.call("changedPaths"));
  await rules.load(() => engine.call("rules"));
  show("results");
  showReport();
  if (path !== undefined) {
    const text = await engine.call("text", path);
    if (text !== editor.text()) editor.replace(text);
    markFile();
  }
}

function showReport() {
  if (report === undefined || source === undefined) return;
  const { summary, findings } = report;
  const total = findings.length + report.more.filter((it) => it.suppressed === null).reduce((sum, it) => sum + it.count, 0);
  byId("results-title").textContent =
    total > 0 ? `${counted(total, "finding")} in ${source.name}` : report.errors.length > 0 ? `${source.name} could not be checked completely` : `No findings in ${source.name}`;
  const info = summary.not_shown.findings.info;
  byId("results-text").textContent = [
    `${counted(summary.files_checked, "file")} checked of ${summary.files_seen.toLocaleString("en-US")}`,
    summary.not_checked.length > 0 && `${counted(summary.not_checked.length, "rule result")} not checked`,
    info > 0 && `${counted(info, "finding")} with severity info not shown`,
    changed.size > 0 && `${counted(changed.size, "file")} changed here`,
  ]
    .filter((it) => it !== false)
    .join(" · ");
  keepChoice(findings);
  list.update(report, rules.byId, chosen);
  const fixable = (kind: string) => findings.filter((it) => it.fix?.applicability === kind).length;
  const [safe, rollout] = [fixable("safe"), fixable("needs-rollout")];
  const fixSafe = byId<HTMLButtonElement>("fix-safe");
  fixSafe.textContent = `Apply safe fixes (${safe})`;
  fixSafe.disabled = safe === 0;
  const fixAll = byId<HTMLButtonElement>("fix-all");
  fixAll.textContent = `Apply all fixes (${safe + rollout})…`;
  fixAll.hidden = rollout === 0;
  byId("share").hidden = !isPasted;
  showDownloads();
  byId("details").replaceChildren(
    ...detailsOf(report, rules.byId, (it) => void choose(it, true), info > 0 || showsInfo, showsInfo, (shows) => {
      showsInfo = shows;
      void run(async () => {
        await settle();
        // Texts that were changed here stay.
        const texts = await Promise.all([...changed].map(async (it) => [it, await engine.call("text", it)] as const));
        await engine.call("open", source as Source, options());
        for (const [file, text] of texts) await engine.call("setText", file, text);
        await refresh();
      });
    }),
  );
}

/** After a change, explains the same finding, or that the file no longer has it. */
function keepChoice(findings: Finding[]) {
  if (chosen === undefined) return;
  const { fingerprint, path: file, severity, message } = chosen;
  const same = findings.find((it) => it.fingerprint === fingerprint && it.path === file);
  if (same === undefined) {
    byId("explanation").replaceChildren(element("p", { class: "quiet" }, "The file no longer has this finding."));
  }
  chosen = same;
  const isChanged = same !== undefined && (same.severity !== severity || same.message !== message);
  if (isChanged && path === file) void choose(same, false);
}

function showDownloads() {
  if (source === undefined) return;
  const base = source.name.replace(/\.zip$/i, "");
  const items: [string, () => Promise<void>][] = [];
  if (changed.size > 0 && source.kind === "zip") {
    items.push(["Fixed zip", async () => download(`${base}-fixed.zip`, await engine.call("changedZip"))]);
  }
  if (changed.size > 0) {
    items.push([
      "Changes as a patch",
      async () => {
        const patch = JSON.parse(await engine.call("patch")) as { text: string; showsSecret: boolean };
        if (patch.showsSecret) notice("The patch contains a secret next to a change. Do not share it.");
        download(`${base}.patch`, patch.text, "text/x-diff");
      },
    ]);
  }
  items.push(
    ["HTML report", async () => download(`${base}.html`, await engine.call("report", "html"), "text/html")],
    ["SARIF", async () => download(`${base}.sarif`, await engine.call("report", "sarif"), "application/sarif+json")],
    ["JSON", async () => download(`${base}.json`, await engine.call("report", "json"), "application/json")],
  );
  const menu = byId<HTMLDetailsElement>("downloads");
  const buttons = items.map(([name, act]) => {
    const click = () => {
      menu.open = false;
      void run(async () => {
        await settle();
        await act();
      });
    };
    return element("button", { type: "button", click }, name);
  });
  byId("download-items").replaceChildren(...buttons);
}

async function openFile(next: string) {
  await settle();
  const text = await engine.call("text", next);
  if (text.length > MAX_SHOWN) throw new Error("it is too large for the editor");
  path = next;
  byId("file").hidden = false;
  byId("file-name").textContent = next;
  editor.open(text, next);
  markFile();
}

function markFile() {
  if (report === undefined || path === undefined) return;
  const own = report.findings.filter((it) => it.path === path);
  editor.mark(own);
  byId("fix-file").hidden = !own.some((it) => it.fix !== null);
  byId("revert-file").hidden = !changed.has(path);
}

/** Shows a finding: its file, and what it means. */
async function choose(finding: Finding, fromList: boolean) {
  chosen = finding;
  list.mark(finding);
  if (fromList) document.querySelector("#results .panes")?.classList.add("has-choice");
  await run(async () => {
    const isOpen = path === finding.path;
    if (!isOpen) {
      try {
        await openFile(finding.path);
      } catch (error) {
        if (error instanceof Stopped || error instanceof Canceled) throw error;
        path = undefined;
        byId("file").hidden = true;
        notice(`${finding.path} is not shown: ${error instanceof Error ? error.message : String(error)}`, "plain");
      }
    }
    // In an open file, the user put the cursor there, and types at it.
    if (fromList || !isOpen) editor.select(finding, false);
    const explained = await engine.call("explain", finding.rule);
    if (chosen?.fingerprint !== finding.fingerprint || chosen.path !== finding.path) return;
    const rule = explained === undefined ? undefined : (JSON.parse(explained) as ExplainedRule);
    byId("explanation").replaceChildren(
      ...aboutFinding(finding, rule, {
        fix: () => void run(() => applyFix(finding)),
        open: (other) => void run(() => openFile(other)),
        path,
      }),
    );
    if (fromList && matchMedia("(max-width: 900px)").matches) byId("file").scrollIntoView({ block: "start" });
  });
}

/** Checks what was typed, if it is not checked yet. */
async function settle() {
  if (typed === undefined) return;
  const { path: file, text } = typed;
  forgetTyped();
  await checkEdited(file, text);
}

function forgetTyped() {
  clearTimeout(typing);
  typed = undefined;
}

async function checkEdited(file: string, text: string) {
  const now = edition;
  await engine.call("setText", file, text);
  const about = JSON.parse(await engine.call("reportAbout", file)) as Report;
  const changedNow = new Set(await engine.call("changedPaths"));
  // Another check follows.
  if (now !== edition || report === undefined) return;
  changed = changedNow;
  const others = report.findings.filter((it) => it.path !== file);
  report.findings = [...others, ...about.findings];
  report.more = [...report.more.filter((it) => it.path !== file), ...about.more];
  showReport();
  if (file === path) markFile();
}

async function applyFix(finding: Finding) {
  if (path !== finding.path) await openFile(finding.path);
  await settle();
  // Its place may have changed.
  const now = report?.findings.find((it) => it.fingerprint === finding.fingerprint && it.path === finding.path);
  if (now === undefined) return;
  edition += 1;
  editor.replace(editor.fixed(now));
  await checkEdited(now.path, editor.text());
  notice(`Fixed: ${finding.fix?.title.replaceAll("`", "") ?? ""}. ${finding.fix?.rollout ?? ""}`, "good");
}

async function fix(everything: boolean, only: string | null) {
  await settle();
  if (report === undefined) return;
  if (everything) {
    const fixes = report.findings.filter((it) => only === null || it.path === only).map((it) => it.fix?.rollout);
    const steps = [...new Set(fixes.filter((it): it is string => typeof it === "string"))];
    if (steps.length > 0 && !(await confirmed("Before you deploy these fixes", steps, "Apply all fixes"))) return;
  }
  if (only === null) {
    byId("working-title").textContent = "Fixing…";
    show("working");
  }
  const before = report.findings.length;
  const fixed = JSON.parse(await engine.call("fix", everything, only)) as {
    files: { path: string; findings: number }[];
    errors: { path: string; message: string }[];
  };
  await refresh();
  const count = fixed.files.reduce((sum, it) => sum + it.findings, 0);
  const left = report?.findings.length ?? before;
  const problems = fixed.errors.map((it) => ` ${it.path} ${it.message}.`).join("");
  notice(`Fixed ${counted(count, "finding")} in ${counted(fixed.files.length, "file")}. ${counted(left, "finding")} left. Your own files are unchanged: download the result.${problems}`, "good");
  const [worst] = list.shown();
  if (path === undefined && worst !== undefined) await choose(worst, false);
}

function confirmed(title: string, steps: string[], yes: string): Promise<boolean> {
  const dialog = byId<HTMLDialogElement>("dialog");
  byId("dialog-title").textContent = title;
  byId("dialog-text").replaceChildren(element("ul", {}, ...steps.map((it) => element("li", {}, ...paragraphs(it)))));
  byId("dialog-yes").textContent = yes;
  byId("dialog-no").hidden = false;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function showRule(rule: Rule) {
  const explained = await engine.call("explain", rule.id);
  if (explained === undefined) return;
  byId("rule").replaceChildren(...aboutRule(JSON.parse(explained) as ExplainedRule));
  document.querySelector("#rules .panes")?.classList.add("has-choice");
}

interface PastedType {
  name: string;
  file: string;
  roots: string[];
}

async function startPasting() {
  const select = byId<HTMLSelectElement>("pasted-type");
  if (select.options.length === 0) {
    const types = JSON.parse(await engine.call("types")) as PastedType[];
    select.append(...types.map((it) => element("option", { value: it.file, "data-roots": it.roots.join(" ") }, it.name)));
  }
  show("pasting");
  byId("pasted-text").focus();
}

/** Guesses the type of a pasted text from its root element. */
function guessType() {
  const text = byId<HTMLTextAreaElement>("pasted-text").value;
  const root = /<([A-Za-z]+)[\s>]/.exec(text.replace(/<!--[\s\S]*?-->/g, ""))?.[1];
  const select = byId<HTMLSelectElement>("pasted-type");
  const option = [...select.options].find((it) => it.dataset.roots?.split(" ").includes(root ?? ""));
  if (option !== undefined) select.value = option.value;
  const isUnknown = root !== undefined && option === undefined;
  byId("pasted-hint").textContent = isUnknown ? `No rule checks files with the root element ${root}.` : "";
}

async function checkPasted(file: LinkedFile) {
  await check({ kind: "files", name: file.name, paths: [file.name], files: [new Blob([file.text])] });
  isPasted = true;
  showReport();
}

function sample(): Source {
  const files = JSON.parse(block("sample-files")) as Record<string, string>;
  const blobs = Object.values(files).map((text) => new Blob([text]));
  return { kind: "files", name: "sample", paths: Object.keys(files), files: blobs };
}

/** Checks the sample while the user chooses a file: browsers compile a module while it runs, so the next check is faster. */
async function warmUp() {
  try {
    await engine.call("open", sample(), options());
    await engine.call("report", "json");
  } catch {
    // The check that the user starts shows what is wrong.
  }
}

async function share() {
  const text = editor.text();
  if (!(await engine.call("mayBeShared", text))) {
    throw new Error("This file contains a secret, so it cannot be put into a link. Remove the secret first.");
  }
  const link = await linkTo({ name: path ?? "", text });
  history.replaceState(null, "", link);
  try {
    await navigator.clipboard.writeText(link);
    notice("The link is copied. It contains the whole file, and opens it in this page.", "good");
  } catch {
    notice("The address of this page now contains the whole file. Copy it from the address bar.", "good");
  }
}

function listen(id: string, act: () => Promise<void> | void) {
  byId(id).addEventListener("click", () => void run(async () => act()));
}

listen("paste", startPasting);
listen("cancel-pasted", () => show("start"));
listen("check-pasted", () => {
  const name = byId<HTMLSelectElement>("pasted-type").value;
  return checkPasted({ name, text: byId<HTMLTextAreaElement>("pasted-text").value });
});
byId("pasted-text").addEventListener("input", guessType);
listen("sample", () => check(sample()));
listen("start-over", () => {
  byId("notices").replaceChildren();
  if (view === "rules" && source === undefined) return show("start");
  reset();
});
listen("cancel", () => {
  engine.cancel();
  reset();
});
listen("fix-safe", () => fix(false, null));
listen("fix-all", () => fix(true, null));
listen("fix-file", () => fix(true, path ?? null));
listen("revert-file", async () => {
  if (path === undefined) return;
  forgetTyped();
  await engine.call("revert", path);
  byId("notices").replaceChildren();
  await refresh();
});
listen("back", () => {
  const current = document.querySelector<HTMLElement>('#list [aria-current="true"]') ?? byId("list");
  current.scrollIntoView({ block: "center" });
  current.focus();
});
listen("download-file", () => {
  if (path !== undefined) download(path.split("/").pop() ?? path, new Blob([editor.text()]));
});
listen("share", share);
listen("manifest", async () => download("package.xml", await engine.call("manifest"), "application/xml"));
listen("show-rules", async () => {
  beforeRules = view;
  await rules.load(() => engine.call("rules"));
  show("rules");
  byId("rules-title").focus();
});
listen("close-rules", () => show(beforeRules));
listen("show-licenses", () => {
  byId("dialog-title").textContent = "Licenses of included libraries";
  byId("dialog-text").replaceChildren(element("pre", { tabindex: "0" }, block("licenses")));
  byId("dialog-yes").textContent = "Close";
  byId("dialog-no").hidden = true;
  byId<HTMLDialogElement>("dialog").showModal();
});

for (const id of ["pick-files", "pick-folder"]) {
  const input = byId<HTMLInputElement>(id);
  input.addEventListener("change", () => {
    const { files } = input;
    if (files !== null && files.length > 0) {
      void run(() => check(fromInput(files)).finally(() => (input.value = "")));
    }
  });
}

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
  const { dataTransfer } = event;
  if (dataTransfer === null || view === "working") return;
  void run(async () => {
    const dropped = await fromDrop(dataTransfer, (count) => {
      byId("working-title").textContent = `Reading the folder: ${counted(count, "file")}…`;
      show("working");
    });
    reset();
    await check(dropped);
  });
});
document.addEventListener("click", (event) => {
  const menu = byId<HTMLDetailsElement>("downloads");
  if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") byId<HTMLDetailsElement>("downloads").open = false;
});

void run(async () => {
  byId("version").textContent = await engine.call("version");
  const file = await linkedFile();
  if (file !== undefined) await checkPasted(file);
  else void warmUp();
});

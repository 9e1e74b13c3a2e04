// The page: what is shown when, and what the buttons do.

import { showChangesIn } from "./changes";
import { type Step, checklistText, stepsOf } from "./checklist";
import { type Changes, type Deployment, instructions, instructionsText } from "./deploying";
import { ask, inform } from "./dialog";
import { type Download, closeOnLeaving, downloadsOf, showDownloads } from "./downloads";
import { fromDrop, fromInput, onDrop } from "./dropped";
import { Editor } from "./editor";
import { Edits } from "./edits";
import { byId, counted, download, element } from "./elements";
import { Canceled, Engine, Stopped } from "./engine";
import { aboutFinding, aboutRule, detailsOf, headOf } from "./explanation";
import { FileList } from "./file_list";
import { FindingList } from "./finding_list";
import { chooseFixes, confirmFix } from "./fixing";
import { type LinkedFile, linkTo, linkedFile } from "./link";
import { whyNothing, whyUnreadable } from "./nothing_to_check";
import { fileNameFor, guessType, pastedFile, prepare } from "./pasting";
import type { Options, Source } from "./protocol";
import { type ExplainedRule, type Finding, type Report, type Rule, SEVERITIES } from "./report";
import { RuleList } from "./rule_list";

type View = "start" | "pasting" | "working" | "results" | "rules";
const VIEWS: View[] = ["start", "pasting", "working", "results", "rules"];
/** The longest text that the editor shows, in characters. */
const MAX_SHOWN = 5_000_000;
/** Milliseconds without typing before a file is checked. */
const PAUSE = 200;

/** How often the sample is checked before the user checks something. Twice as many had no effect. */
const WARM_UPS = 8;

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
/** The files that rules check, if they were listed. */
let paths: string[] | undefined;
let changed = new Set<string>();
/** The findings before anything was changed. */
let original: Finding[] = [];
let chosen: Finding | undefined;
let typing: number | undefined;
/** What was typed and is not checked yet. */
let typed: { path: string; text: string } | undefined;
/** Counts checks of the file in the editor, so that late results are ignored. */
let edition = 0;

const edits = new Edits();
const hasUnsaved = () => edits.areUnsaved(changed.size > 0 || typed !== undefined);
const fileList = new FileList({ open: (it) => void run(() => openAny(it)) });
const list = new FindingList({ choose: (finding) => void choose(finding, true) });
const rules = new RuleList({ choose: (rule) => void showRule(rule) });
const editor = new Editor(byId("editor"), {
  changed: (text) => {
    if (path === undefined) return;
    edition += 1;
    edits.note();
    typed = { path, text };
    clearTimeout(typing);
    typing = setTimeout(() => void run(settle), PAUSE);
  },
  entered: (finding) => void choose(finding, false),
  fix: (finding) => void run(() => fixOne(finding)),
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
      const lost = changed.size > 0 ? " What you changed on this page is lost." : "";
      notice(`forcelint stopped${about}: ${error.message}. Please report this file as a bug.${lost}`);
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
  edits.forget();
  original = [];
  paths = undefined;
  document.querySelector("#results .panes")?.classList.remove("has-choice");
  byId("file").hidden = true;
  byId("explanation").replaceChildren();
  byId("finding").replaceChildren();
  byId("changes").hidden = true;
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
  edits.forget();
  original = [];
  paths = undefined;
  source = next;
  performance.mark("check");
  try {
    await engine.call("open", next, options());
  } catch (error) {
    if (error instanceof Canceled || error instanceof Stopped) throw error;
    if (!usesConfig || next.kind === "zip") throw new Error(whyUnreadable((error as Error).message, next));
    show("start");
    const again = () => {
      usesConfig = false;
      void run(() => check(next));
    };
    const button = element("button", { type: "button", class: "small primary", click: again }, "Check without forcelint.toml");
    return notice((error as Error).message, "error", button);
  }
  const checked = JSON.parse(await engine.call("report", "json")) as Report;
  const nothing = whyNothing(checked, next);
  if (nothing !== undefined) {
    reset();
    return notice(nothing);
  }
  original = checked.findings;
  await refresh(checked);
  performance.measure("check", "check");
  const [worst] = list.shown();
  if (worst !== undefined) await choose(worst, false);
  else if (next.kind === "files" && next.paths.length === 1) await openFile(next.paths[0] ?? "");
  byId("results-title").focus();
}

/** Checks everything, unless the caller did, and shows the results. */
async function refresh(checked?: Report) {
  report = checked ?? (JSON.parse(await engine.call("report", "json")) as Report);
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
    total > 0 ? `${counted(total, "finding")} in ${source.name}` : report.errors.length > 0 ? `${source.name} could not be checked completely` : `No findings in ${source.name}${changed.size > 0 ? " after your changes" : ""}`;
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
  document.getElementById("next-finding")?.toggleAttribute("hidden", findings.length === 0);
  list.update(report, rules.byId, chosen);
  byId("fix-several").hidden = !findings.some((it) => it.fix !== null);
  byId("share").hidden = !isPasted;
  showChanges();
  if (!byId("file-list").hidden) void run(listFiles);
  showDownloads(downloads(), (act) => void run(async () => (await settle(), await act())));
  byId("details").replaceChildren(
    ...detailsOf(report, rules.byId, (it) => void choose(it, true), info > 0 || showsInfo, showsInfo, (shows) => {
      showsInfo = shows;
      void run(async () => {
        await settle();
        // Texts that were changed here stay.
        const texts = await Promise.all([...changed].map(async (it) => [it, await engine.call("text", it)] as const));
        await engine.call("open", source as Source, options());
        if (texts.length === 0) original = [];
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
    const next = () => {
      const [worst] = list.shown();
      if (worst !== undefined) void choose(worst, true);
    };
    byId("finding").replaceChildren(
      element("p", {}, "The file no longer has this finding."),
      ...(findings.length > 0 ? [element("div", { class: "buttons" }, element("button", { type: "button", id: "next-finding", click: next }, "Show the next finding"))] : []),
    );
    byId("explanation").replaceChildren();
  }
  chosen = same;
  const isChanged = same !== undefined && (same.severity !== severity || same.message !== message);
  if (isChanged && path === file) void choose(same, false);
}

/** The findings that the changes removed. */
function removed(): Finding[] {
  const left = new Set(report?.findings.map((it) => `${it.fingerprint} ${it.path}`));
  return original.filter((it) => changed.has(it.path) && !left.has(`${it.fingerprint} ${it.path}`));
}

/** What the changes need before they are deployed. */
const steps = (): Step[] => stepsOf(removed());

function showChanges() {
  const [result] = downloads();
  showChangesIn(byId("changes"), { fixed: removed().length, files: changed.size, steps: steps(), result: result?.name ?? "" }, {
    download: () => void run(async () => (await settle(), await result?.act())),
    explain: () => void run(async () => inform("How to deploy the changes", instructions(await changes()))),
  });
}

async function changes(): Promise<Changes> {
  if (source === undefined) throw new Error("nothing is open");
  await settle();
  const deployment = JSON.parse(await engine.call("deployment")) as Deployment;
  const above = `${source.name}/`;
  const below = [...changed].map((it) => (it.startsWith(above) ? it.slice(above.length) : it));
  return { source, paths: below, steps: steps(), deployment };
}

/** What the menu offers. */
function downloads(): Download[] {
  if (source === undefined) return [];
  const checklist = async () => {
    const all = await changes();
    return checklistText(all.source.name, all.steps, instructionsText(all));
  };
  const hooks = { checklist, saved: () => edits.noteDownload(), warn: (text: string) => notice(text) };
  return downloadsOf(engine, source, changed.size > 0, hooks);
}

async function openFile(next: string) {
  await settle();
  const text = await engine.call("text", next);
  if (text.length > MAX_SHOWN) throw new Error("it is too large for the editor");
  path = next;
  byId("file").hidden = false;
  byId("file-name").textContent = next;
  editor.open(text, next);
  fileList.mark(next);
  markFile();
}

/** Opens a file of the list, at its worst finding. */
async function openAny(next: string) {
  const [worst] = report?.findings.filter((it) => it.path === next).sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity)) ?? [];
  if (worst !== undefined) return choose(worst, true);
  await openFile(next);
  chosen = undefined;
  byId("finding").replaceChildren(element("p", {}, "No rule has a finding in this file."));
  byId("explanation").replaceChildren();
  document.querySelector("#results .panes")?.classList.add("has-choice");
}

function markFile() {
  if (report === undefined || path === undefined) return;
  const own = report.findings.filter((it) => it.path === path);
  editor.mark(own);
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
    byId("finding").replaceChildren(...headOf(finding, rule?.title ?? finding.rule, () => void run(() => fixOne(finding))));
    byId("explanation").replaceChildren(
      ...aboutFinding(finding, rule, {
        open: (other) => void run(() => openFile(other)),
        path,
      }),
    );
    if (fromList && matchMedia("(max-width: 900px)").matches) byId("finding").scrollIntoView({ block: "start" });
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

/** Fixes one finding, in the text of the editor. */
async function fixOne(finding: Finding) {
  if (finding.fix === null) return;
  if (finding.fix.rollout !== null && !(await confirmFix(finding))) return;
  if (path !== finding.path) await openFile(finding.path);
  await settle();
  // Its place may have changed.
  const now = report?.findings.find((it) => it.fingerprint === finding.fingerprint && it.path === finding.path);
  if (now === undefined) return;
  edition += 1;
  edits.note();
  editor.replace(editor.fixed(now));
  await checkEdited(now.path, editor.text());
  notice(`Fixed: ${finding.fix.title.replaceAll("`", "")}.`, "good");
}

/** Fixes what the user chooses, in one file or in all. */
async function fixSeveral() {
  await settle();
  if (report === undefined) return;
  const choice = await chooseFixes(report.findings, path);
  if (choice === undefined) return;
  if (choice.path === null) {
    byId("working-title").textContent = "Fixing…";
    show("working");
  }
  const fixed = JSON.parse(await engine.call("fix", choice.withRollouts, choice.path)) as {
    files: { path: string; findings: number }[];
    errors: { path: string; message: string }[];
  };
  edits.note();
  await refresh();
  const count = fixed.files.reduce((sum, it) => sum + it.findings, 0);
  const problems = fixed.errors.map((it) => ` ${it.path} ${it.message}.`).join("");
  notice(`Fixed ${counted(count, "finding")} in ${counted(fixed.files.length, "file")}. ${counted(report.findings.length, "finding")} left.${problems}`, "good");
  const [worst] = list.shown();
  if (path === undefined && worst !== undefined) await choose(worst, false);
  byId("results-title").focus();
}

async function showRule(rule: Rule) {
  const explained = await engine.call("explain", rule.id);
  if (explained === undefined) return;
  byId("rule").replaceChildren(...aboutRule(JSON.parse(explained) as ExplainedRule));
  document.querySelector("#rules .panes")?.classList.add("has-choice");
}

async function startPasting() {
  await prepare(() => engine.call("types"));
  show("pasting");
  byId("pasted-text").focus();
}

/** Checks a single file whose name is not that of metadata by its root element, if that is the one of a type. */
async function renamed(picked: Source): Promise<Source> {
  const [blob, name] = picked.kind === "files" && picked.files.length === 1 ? [picked.files[0], picked.paths[0]] : [];
  if (blob === undefined || blob.size > MAX_SHOWN || !/\.(xml|txt)$/i.test(name ?? "") || /-meta\.xml$/i.test(name ?? "")) return picked;
  await prepare(() => engine.call("types"));
  const file = fileNameFor(await blob.text());
  return file === undefined ? picked : { kind: "files", name: name ?? file, paths: [file], files: [blob] };
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

/**
 * Checks the sample while the user chooses a file. Browsers compile a module while it runs, and what runs often better, so
 * that the check of a large zip is faster.
 */
async function warmUp() {
  try {
    for (let count = 0; count < WARM_UPS && source === undefined; count++) await engine.call("warmUp", sample(), options());
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

/** Asks before edits are lost, if there are any that the user did not download. */
async function mayLoseEdits(what: string): Promise<boolean> {
  if (!hasUnsaved()) return true;
  const files = counted(Math.max(changed.size, 1), "file");
  const text = `You changed ${files} on this page and did not download the result. Your own files are unchanged.`;
  return await ask(`${what}, and lose your changes?`, [element("p", {}, text)], "Lose the changes", "Keep working", true);
}

async function listFiles() {
  paths ??= await engine.call("checkedPaths");
  if (report === undefined) return;
  fileList.update(paths, report.findings, changed, path);
  fileList.render();
}

/** Shows the findings by rule, or the files. */
async function showFiles(areShown: boolean) {
  byId("by-rule").setAttribute("aria-pressed", String(!areShown));
  byId("by-file").setAttribute("aria-pressed", String(areShown));
  byId("list").hidden = areShown;
  byId("file-list").hidden = !areShown;
  byId("finding-filters").hidden = areShown;
  if (areShown) await listFiles();
}

function listen(id: string, act: () => Promise<void> | void) {
  byId(id).addEventListener("click", () => void run(async () => act()));
}

listen("paste", startPasting);
listen("cancel-pasted", () => show("start"));
listen("check-pasted", async () => {
  const file = pastedFile();
  if (file !== undefined) await checkPasted(file);
});
byId("pasted-text").addEventListener("input", guessType);
listen("sample", () => check(sample()));
listen("start-over", async () => {
  if (!(await mayLoseEdits("Check something else"))) return;
  byId("notices").replaceChildren();
  if (view === "rules" && source === undefined) return show("start");
  reset();
});
listen("cancel", () => {
  engine.cancel();
  reset();
});
listen("fix-several", fixSeveral);
listen("by-rule", () => showFiles(false));
listen("by-file", () => showFiles(true));
byId("search").addEventListener("input", () => {
  if (!byId("file-list").hidden) fileList.render();
});
listen("revert-file", async () => {
  if (path === undefined) return;
  forgetTyped();
  await engine.call("revert", path);
  edits.note();
  byId("notices").replaceChildren();
  await refresh();
});
listen("back", () => {
  const current = document.querySelector<HTMLElement>('#list [aria-current="true"]') ?? byId("list");
  current.scrollIntoView({ block: "center" });
  current.focus();
});
listen("download-file", () => {
  if (path === undefined) return;
  download(path.split("/").pop() ?? path, new Blob([editor.text()]));
  if (changed.size <= 1) edits.noteDownload();
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
listen("show-licenses", () => inform("Licenses of included libraries", [element("pre", { tabindex: "0" }, block("licenses"))]));

for (const id of ["pick-files", "pick-folder"]) {
  const input = byId<HTMLInputElement>(id);
  input.addEventListener("change", () => {
    const { files } = input;
    if (files !== null && files.length > 0) {
      void run(async () => check(await renamed(fromInput(files))).finally(() => (input.value = "")));
    }
  });
}

onDrop((data) => {
  if (view === "working" || byId<HTMLDialogElement>("dialog").open) return;
  const before = view;
  void run(async () => {
    // The browser forgets what is dropped, so it is read before the question.
    const dropped = await fromDrop(data, (count) => {
      byId("working-title").textContent = `Reading the folder: ${counted(count, "file")}…`;
      show("working");
    });
    if (!(await mayLoseEdits(`Check ${dropped.name}`))) return show(before);
    reset();
    await check(await renamed(dropped));
  });
});
closeOnLeaving();
addEventListener("beforeunload", (event) => {
  // The browser asks, in its own words.
  if (hasUnsaved()) event.preventDefault();
});

void run(async () => {
  byId("version").textContent = await engine.call("version");
  const file = await linkedFile();
  if (file !== undefined) await checkPasted(file);
  else void warmUp();
});

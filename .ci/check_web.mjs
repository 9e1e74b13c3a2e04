// Tests the page in headless Chromium: dropping, typing, fixing, downloads, hostile inputs, no requests, accessibility.
//
// Arguments: the program, the page, and the folder with the npm packages of .ci/web. For every project in testdata, the
// findings in the page are those of the program, and a zip that the page fixes has the files of `--fix=all`. Needs
// Debian's `chromium`. With a fourth argument, pictures of the page are written into that folder. With `ONLY` in the
// environment, only the tests whose names contain its text are run.

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { PROJECTS } from "./installed_packages.mjs";

const [program, html, packages, pictures] = process.argv.slice(2).map((path) => resolve(path));
const require = createRequire(join(packages, "package.json"));
const { chromium } = require("playwright-core");
const TESTDATA = resolve(import.meta.dirname, "../testdata");
const PAGE = pathToFileURL(html).href;
/** Milliseconds. Compiling the module takes a while on a busy machine. */
const PATIENCE = 60_000;

const work = mkdtempSync(join(tmpdir(), "forcelint-web-"));
process.on("exit", () => rmSync(work, { recursive: true, force: true }));
let passed = 0;

/** Everything that a page asked for, and what it complained about. */
function watch(page) {
  const seen = { requests: [], problems: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("console", (message) => seen.problems.push(message.text()));
  page.on("pageerror", (error) => seen.problems.push(error.message));
  return seen;
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});


async function open(options = {}, fragment = "") {
  const context = await browser.newContext({ viewport: { width: 1280, height: 850 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  page.seen = watch(page);
  await page.goto(PAGE + fragment);
  await page.waitForFunction(() => document.getElementById("version").textContent !== "");
  return page;
}

/** Words of the command line, which users of the page do not have. */
const COMMAND_LINE = /forcelint check\b|--(fix|allow-empty|min-severity|show|format|force-exclude|since)|SOURCE_DATE_EPOCH|git repository/;

async function close(page) {
  const text = await page.evaluate(() => document.querySelector("main").innerText);
  assert.doesNotMatch(text, COMMAND_LINE);
  const outside = page.seen.requests.filter((url) => !url.startsWith("file:") && !url.startsWith("blob:") && !url.startsWith("data:"));
  assert.deepEqual(outside, [], "the page sends no request");
  assert.deepEqual(page.seen.problems, [], "the console is empty");
  const stored = await page.evaluate(async () => {
    const counts = [document.cookie.length];
    try {
      counts.push(localStorage.length, sessionStorage.length, (await indexedDB.databases()).length);
    } catch {
      // Without storage, nothing is stored.
    }
    return counts.reduce((sum, it) => sum + it, 0);
  });
  assert.equal(stored, 0, "the page stores nothing");
  await page.context().close();
}

const results = (page) => page.waitForSelector("#results:not([hidden])");
const title = (page) => page.textContent("#results-title");

async function pick(page, file) {
  if (await page.isVisible("#start-over")) await page.click("#start-over");
  await page.setInputFiles("#pick-files", file);
}

async function downloaded(page, name) {
  if (!(await page.isVisible("#download-items"))) await page.click("#downloads > summary");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(`#download-items [data-name="${name}"]`)]);
  const path = join(work, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

/** Applies all fixes, and returns the title of the dialog. */
async function fixEverything(page) {
  await page.click("#fix-several");
  await page.waitForSelector("dialog[open]");
  if (await page.isVisible("#with-rollouts")) await page.check("#with-rollouts");
  const title = await page.textContent("#dialog-title");
  await page.click("#dialog-yes");
  await page.waitForSelector('#notices .good:has-text("Fixed")');
  return title;
}

function run(...parameters) {
  const result = spawnSync(program, parameters, { cwd: work, encoding: "utf8", maxBuffer: 1 << 28 });
  assert.notEqual(result.status, null);
  return result.stdout;
}

/** Files of a folder by path. */
function filesIn(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((it) => it.isFile());
  return new Map(files.map((it) => [relative(folder, join(it.parentPath, it.name)), readFileSync(join(it.parentPath, it.name))]));
}

function zipFolder(folder, zip) {
  rmSync(zip, { force: true });
  execFileSync("python3", ["-c", ZIP, folder, zip]);
}

const ZIP = `
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as file:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            file.write(path, path.relative_to(folder).as_posix())
`;
const UNZIP = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as file:
    assert file.testzip() is None
    file.extractall(sys.argv[2])
`;

const HOSTILE = `
import sys, zipfile
app = '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><label>%s</label><oauthConfig><callbackUrl>javascript:alert(1)</callbackUrl></oauthConfig></ConnectedApp>'
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as file:
    file.writestr("unpackaged/connectedApps/<img src=x onerror=alert(1)>.connectedApp", app % "&lt;img src=x&gt;")
    file.writestr("unpackaged/connectedApps/Bomb.connectedApp", b" " * (65 << 20))
    file.writestr("../connectedApps/Out.connectedApp", app % "a")
    file.writestr("unpackaged/connectedApps/Deep.connectedApp", "<a>" * 100000)
    file.writestr("unpackaged/connectedApps/Entities.connectedApp", '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><ConnectedApp>&b;</ConnectedApp>')
    file.writestr("unpackaged/connectedApps/Binary.connectedApp", bytes(range(256)) * 100)
`;
const LARGE = `
import sys, zipfile
app = '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata"><label>a</label><oauthConfig>' + "<callbackUrl>https://a.example/callback</callbackUrl>" * 20000 + "</oauthConfig></ConnectedApp>"
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as file:
    for number in range(300):
        file.writestr(f"unpackaged/connectedApps/A{number}.connectedApp", app)
`;

const APP = '<?xml version="1.0" encoding="UTF-8"?>\n<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">\n    <label>App</label>\n    <oauthConfig>\n        <callbackUrl>https://app.example/callback</callbackUrl>\n        <isAdminApproved>false</isAdminApproved>\n        <isPkceRequired>false</isPkceRequired>\n        <scopes>Api</scopes>\n        <scopes>RefreshToken</scopes>\n    </oauthConfig>\n</ConnectedApp>\n';

/** The most bytes of the compressed page. */
const MAX_BYTES = 4_000_000;

async function test(name, act) {
  if (!name.includes(process.env.ONLY ?? "")) return;
  await act();
  passed += 1;
  console.log(`ok ${name}`);
}

const comparable = (text) => {
  const report = JSON.parse(text);
  return { findings: report.findings, not_checked: report.summary.not_checked, errors: report.errors, stories: report.stories, more: report.more };
};

async function shoot(page, name) {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

async function accessible(page, name) {
  await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"] }));
  const found = violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
  assert.deepEqual(found, [], `axe: ${name}`);
}

await test("the compressed page has at most 4 MB", () => {
  const { length } = gzipSync(readFileSync(html));
  assert.ok(length <= MAX_BYTES, `${length} bytes`);
});

await test("findings and fixes of every project are those of the program", async () => {
  const page = await open();
  let findings = 0;
  let fixes = 0;
  for (const project of PROJECTS) {
    const zip = join(work, "org.zip");
    zipFolder(join(TESTDATA, project), zip);
    await pick(page, zip);
    await results(page);
    const expected = comparable(run("check", "--quiet", "--format=json", "org.zip"));
    assert.deepEqual(comparable(readFileSync(await downloaded(page, "JSON"), "utf8")), expected, project);
    findings += expected.findings.length;
    if (!(await page.isVisible("#fix-several"))) continue;
    fixes += 1;
    const label = await fixEverything(page);
    if ((await title(page)).startsWith("No findings")) assert.ok(!(await page.isVisible("#next-finding")), project);
    const unzipped = join(work, "unzipped");
    rmSync(unzipped, { recursive: true, force: true });
    execFileSync("python3", ["-c", UNZIP, await downloaded(page, "Fixed zip"), unzipped]);
    // The files of the zip with the program's patch.
    const patched = join(work, "patched");
    rmSync(patched, { recursive: true, force: true });
    cpSync(join(TESTDATA, project), patched, { recursive: true });
    writeFileSync(join(work, "fix.patch"), run("check", "--diff", "--fix=all", "org.zip"));
    execFileSync("git", ["apply", "--unsafe-paths", "--directory", patched, join(work, "fix.patch")], { cwd: "/" });
    assert.deepEqual(filesIn(unzipped), filesIn(patched), `${project}: ${label}`);
  }
  assert.ok(findings > 50 && fixes > 5, `${findings} findings, ${fixes} fixed zips`);
  await close(page);
});

await test("a dropped folder is checked, also without a network", async () => {
  const page = await open();
  await page.context().setOffline(true);
  await page.setInputFiles("#pick-folder", join(TESTDATA, "adopted"));
  await results(page);
  const expected = comparable(run("check", "--quiet", "--format=json", join(TESTDATA, "adopted")));
  const found = comparable(readFileSync(await downloaded(page, "JSON"), "utf8"));
  assert.deepEqual(found.findings.map((it) => it.fingerprint), expected.findings.map((it) => it.fingerprint));
  // A real drop.
  await page.click("#start-over");
  const text = readFileSync(join(TESTDATA, "no-project/connectedApps", readdirSync(join(TESTDATA, "no-project/connectedApps"))[0]), "utf8");
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "App.connectedApp-meta.xml"));
    return transfer;
  }, text);
  await page.dispatchEvent("#drop", "drop", { dataTransfer: data });
  await results(page);
  assert.match(await title(page), /findings? in files/);
  await close(page);
});

await test("findings follow what is typed, and quick fixes change the text", async () => {
  const page = await open();
  await page.click("#sample");
  await results(page);
  await shoot(page, "results");
  await page.waitForSelector("#finding h2");
  await page.fill("#search", "pkce-required Booking_Web_App");
  await page.click("#list .item");
  await page.waitForSelector('#file-name:text("Booking_Web_App")');
  await page.waitForSelector('#finding p:has-text("Booking_Web_App")');
  await page.fill("#search", "");
  const before = await title(page);
  assert.ok(await page.locator("#fix-finding").evaluate((it) => it.getBoundingClientRect().bottom <= innerHeight), "the fix is visible without scrolling");
  await page.click("#fix-finding");
  assert.equal(await page.textContent("#dialog-title"), "Fix this finding");
  assert.match(await page.textContent("#dialog-text"), /code_verifier/);
  await page.click("#dialog-yes");
  await page.waitForSelector('#notices .good:has-text("Fixed")');
  const fixed = await title(page);
  assert.notEqual(fixed, before);
  assert.match(await page.textContent(".cm-content"), /<isPkceRequired>true<\/isPkceRequired>/);
  await page.waitForSelector('#finding:has-text("no longer has this finding")');
  await page.click(".cm-content");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("<broken");
  await page.waitForSelector('#list .title:text("Metadata file cannot be read")');
  await page.click("#revert-file");
  await page.waitForFunction((before) => document.getElementById("results-title").textContent === before, before);
  assert.equal(await page.$$eval("#notices .good", (all) => all.length), 0, "what was undone is not reported as fixed");
  // Filters.
  await page.fill("#search", "Legacy_ERP");
  const names = await page.$$eval("#list .name", (all) => [...new Set(all.map((it) => it.textContent))]);
  assert.deepEqual(names, ["Legacy_ERP"]);
  await page.fill("#search", "");
  await fixEverything(page);
  // What was just typed is in the download, too.
  await page.click(".cm-content");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("<!-- typed -->");
  const patch = readFileSync(await downloaded(page, "Changes as a patch"), "utf8");
  assert.match(patch, /^--- a\/force-app/);
  assert.match(patch, /^\+.*<!-- typed -->/m);
  const sarif = JSON.parse(readFileSync(await downloaded(page, "SARIF"), "utf8"));
  assert.equal(sarif.version, "2.1.0");
  assert.match(readFileSync(await downloaded(page, "HTML report"), "utf8"), /Fix these first/);
  await close(page);
});

/** The middle of a text in the editor, in the first line with another text. */
async function placeOf(page, inLine, text) {
  return await page.evaluate(([inLine, text]) => {
    const line = [...document.querySelectorAll(".cm-line")].find((it) => it.textContent.includes(inLine));
    const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const at = walker.currentNode.data.indexOf(text);
      if (at === -1) continue;
      const range = document.createRange();
      range.setStart(walker.currentNode, at);
      range.setEnd(walker.currentNode, at + text.length);
      const { x, y, width, height } = range.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    }
    throw new Error(`${text} is not in the editor`);
  }, [inLine, text]);
}

await test("an element with a finding is edited like any other text", async () => {
  const page = await open();
  await page.click("#sample");
  await results(page);
  await page.fill("#search", "refresh-token-rotation Booking_Web_App");
  await page.click("#list .item");
  await page.waitForSelector('#file-name:text("Booking_Web_App")');
  await page.waitForSelector('.side p:has-text("Booking_Web_App")');
  await page.fill("#search", "");
  const text = () => page.$$eval(".cm-line", (all) => all.map((it) => it.textContent).join("\n"));
  const before = await text();
  const titleBefore = await title(page);
  const { x, y } = await placeOf(page, "<isRefreshTokenRotationEnabled>", "false");
  await page.mouse.dblclick(x, y);
  // Slow enough for a check after each key.
  await page.keyboard.type("true", { delay: 500 });
  await page.waitForFunction((before) => document.getElementById("results-title").textContent !== before, titleBefore);
  const expected = before.replace("<isRefreshTokenRotationEnabled>false<", "<isRefreshTokenRotationEnabled>true<");
  assert.equal(await text(), expected);
  // What was fixed by typing has no explanation any more.
  await page.waitForSelector('.side:has-text("no longer has this finding")');
  // Arrow keys move through an element with a finding, and select nothing.
  const other = await placeOf(page, "<isAdminApproved>", "false");
  await page.mouse.click(other.x, other.y);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("x");
  assert.equal((await text()).length, expected.length + 1);
  await page.keyboard.press("Backspace");
  assert.equal(await text(), expected);
  // End tags are not completed, because files have them.
  await page.keyboard.press("End");
  await page.keyboard.type("<a></a>");
  assert.match(await text(), /<\/isAdminApproved><a><\/a>\n/);
  // Tab leaves the editor.
  const typed = await text();
  await page.keyboard.press("Tab");
  assert.equal(await text(), typed);
  assert.equal(await page.evaluate(() => document.activeElement.closest(".cm-editor .cm-content")), null);
  assert.equal(await page.$$eval(".notice.error", (all) => all.length), 0);
  await close(page);
});

await test("a pasted file is checked, and a link carries it unless it has a secret", async () => {
  const page = await open();
  const app = (secret) => `<?xml version="1.0" encoding="UTF-8"?>\r\n<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">\r\n    <label>Ä 😀</label>\r\n    <oauthConfig>\r\n        <callbackUrl>https://a.example/callback</callbackUrl>\r\n        ${secret}\r\n    </oauthConfig>\r\n</ConnectedApp>\r\n`;
  const paste = async (text) => {
    if (await page.isVisible("#start-over")) await page.click("#start-over");
    await page.click("#paste");
    await page.fill("#pasted-text", "");
    await page.evaluate((text) => {
      const area = document.getElementById("pasted-text");
      area.value = text;
      area.dispatchEvent(new Event("input"));
    }, text);
    assert.match(await page.inputValue("#pasted-type"), /connectedApp/);
    await page.click("#check-pasted");
    await results(page);
  };
  await paste(app("<consumerSecret>0123456789ABCDEF0123456789ABCDEF</consumerSecret>"));
  await page.click("#share");
  await page.waitForSelector('.notice:has-text("contains a secret")');
  assert.doesNotMatch(page.url(), /#file=/);
  await paste(app(""));
  const before = await title(page);
  assert.match(await page.textContent("#share"), /contains this file/);
  await page.click("#share");
  await page.waitForSelector("#notices .good");
  const fragment = new URL(page.url()).hash;
  const other = await open({}, fragment);
  await results(other);
  assert.equal(await title(other), before);
  await close(other);
  await close(page);
  const damaged = await open({}, "#file=abc");
  await damaged.waitForSelector('.notice:has-text("incomplete or damaged")');
  await close(damaged);
});

await test("what is not metadata is explained", async () => {
  const page = await open();
  const error = () => page.textContent(".notice.error");
  const file = (name, bytes) => ({ name, mimeType: "application/octet-stream", buffer: Buffer.from(bytes) });
  const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0];
  const empty = [0x50, 0x4b, 5, 6, ...new Array(18).fill(0)];
  for (const [picked, expected] of [
    [file("photo.png", png), /^photo\.png is not a Salesforce metadata file\./],
    [file("photo.zip", png), /^photo\.zip is not a zip file, or only a part of one\./],
    [file("empty.zip", empty), /^empty\.zip is empty\./],
    [file("notes.txt", "not metadata"), /^notes\.txt is not a Salesforce metadata file\./],
    [file("nothing.txt", ""), /^nothing\.txt is not a Salesforce metadata file\./],
  ]) {
    await pick(page, picked);
    await page.waitForFunction((name) => document.querySelector(".notice.error")?.textContent.startsWith(name), picked.name);
    assert.match(await error(), expected);
    assert.doesNotMatch(await error(), COMMAND_LINE);
    assert.ok(await page.isVisible("#start"));
  }
  const other = join(work, "other");
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, "a.txt"), "a");
  writeFileSync(join(other, "b.txt"), "b");
  await page.setInputFiles("#pick-folder", other);
  await page.waitForSelector('.notice.error:has-text("other has no Salesforce metadata")');
  // Metadata under another name is checked by its root element.
  await pick(page, file("app.xml", APP));
  await results(page);
  assert.match(await title(page), /findings? in app\.xml/);
  await close(page);
});

await test("the type of a pasted text is that of its root element, or asked for", async () => {
  const page = await open();
  await page.click("#paste");
  assert.equal(await page.inputValue("#pasted-type"), "");
  await page.click("#check-pasted");
  await page.waitForSelector('#pasted-hint:has-text("Paste the text")');
  for (const [text, type, hint] of [
    [APP, /\.connectedApp-meta\.xml$/, /^$/],
    ['<!-- <Profile> -->\n<PermissionSet xmlns="a"/>', /\.permissionset-meta\.xml$/, /^$/],
    ["not XML", /^$/, /not Salesforce metadata/],
    ["<Unknown></Unknown>", /^$/, /root element Unknown/],
  ]) {
    await page.fill("#pasted-text", text);
    assert.match(await page.inputValue("#pasted-type"), type);
    assert.match(await page.textContent("#pasted-hint"), hint);
  }
  await page.click("#check-pasted");
  await page.waitForSelector('#pasted-hint:has-text("Choose the metadata type")');
  assert.ok(await page.isVisible("#pasting"));
  await accessible(page, "paste");
  await close(page);
});

await test("changes are not lost without a question", async () => {
  const page = await open();
  let asked = 0;
  page.on("dialog", async (dialog) => {
    assert.equal(dialog.type(), "beforeunload");
    asked += 1;
    await dialog.dismiss();
  });
  const leave = async () => {
    const before = asked;
    await page.evaluate(() => setTimeout(() => location.reload()));
    await page.waitForTimeout(500);
    return asked - before;
  };
  await page.click("#sample");
  await results(page);
  await page.waitForSelector("#finding h2");
  await page.click(".cm-content");
  await page.keyboard.type(" ");
  assert.equal(await leave(), 1);
  await page.click("#start-over");
  await page.waitForSelector("dialog[open]");
  await accessible(page, "question");
  await page.keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "hidden" });
  assert.ok(await page.isVisible("#results"), "Enter keeps the changes");
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["a"], "a.txt"));
    return transfer;
  });
  await page.dispatchEvent("#results", "drop", { dataTransfer: data });
  await page.click('dialog button:text("Keep working")');
  assert.match(await page.textContent("#changes"), /in 1 file/);
  await downloaded(page, "Changed files");
  assert.equal(await leave(), 0, "what was downloaded is not lost");
  await page.waitForFunction(() => document.getElementById("version").textContent !== "");
  await close(page);
});

await test("fixed files come with a checklist and a way to deploy them", async () => {
  const page = await open();
  const zip = join(work, "org.zip");
  const app = (name) => [`connectedApps/${name}.connectedApp`, APP];
  const manifest = (...members) => `<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types>${members.map((it) => `<members>${it}</members>`).join("")}<name>ConnectedApp</name></types><version>62.0</version></Package>`;
  const zipWith = (folder, entries) => {
    const files = Object.fromEntries(entries.map(([path, text]) => [folder + path, text]));
    execFileSync("python3", ["-c", "import json, sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as file:\n    for path, text in json.load(sys.stdin).items(): file.writestr(path, text)", zip], { input: JSON.stringify(files) });
  };
  zipWith("unpackaged/", [app("Listed"), app("Missing"), ["package.xml", manifest("Listed")]]);
  await pick(page, zip);
  await results(page);
  await page.click("#fix-several");
  // No fix is safe.
  await page.uncheck("#with-rollouts");
  assert.ok(await page.isDisabled("#dialog-yes"));
  await page.check("#with-rollouts");
  const all = await page.textContent("#dialog-yes");
  assert.match(all, /^Fix \d+ findings in 2 files$/);
  assert.equal(await page.textContent("#dialog-title"), all);
  const steps = await page.$$eval("dialog .steps > li", (items) => items.map((it) => it.textContent));
  assert.ok(steps.some((it) => /all other users are locked out/.test(it)), steps.join("\n"));
  await accessible(page, "fixing");
  await shoot(page, "fixing");
  await page.click('dialog label:has-text("Only in")');
  assert.match(await page.textContent("#dialog-title"), /^Fix \d+ findings? in this file$/);
  await page.click('dialog label:has-text("In all files")');
  await page.click("#dialog-yes");
  await page.waitForSelector('#notices .good:has-text("Fixed")');
  await page.click("#changes summary");
  assert.equal(await page.isVisible("#next-finding"), !(await title(page)).startsWith("No findings"));
  const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#download-result")]);
  assert.equal(saved.suggestedFilename(), "org-fixed.zip");
  assert.deepEqual(await page.$$eval("#changes .steps > li", (items) => items.map((it) => it.textContent)), steps);
  await page.click("#how-to-deploy");
  await page.waitForSelector("dialog[open]");
  const shown = await page.textContent("#dialog-text");
  assert.match(shown, /Complete unpackaged\/package\.xml/);
  assert.match(shown, /<members>Missing<\/members>/);
  assert.doesNotMatch(shown, /<members>Listed<\/members>/);
  assert.match(shown, /sf project deploy start --dry-run --metadata-dir org-fixed\.zip --target-org/);
  await accessible(page, "deploying");
  await shoot(page, "deploying");
  await page.click("#dialog-yes");
  const text = readFileSync(await downloaded(page, "Checklist"), "utf8");
  assert.match(text, /BEFORE YOU DEPLOY[\s\S]*\[ \] [\s\S]* {4}- Listed\n {4}- Missing[\s\S]*HOW TO DEPLOY[\s\S]*<members>Missing<\/members>/);
  assert.doesNotMatch(text, COMMAND_LINE);
  // The report is about what was changed here.
  const report = readFileSync(await downloaded(page, "HTML report"), "utf8");
  assert.match(report, /This report is about changed text/);
  // Without the folder `unpackaged`, the zip is one package.
  await downloaded(page, "Fixed zip");
  zipWith("", [app("Listed"), ["package.xml", manifest("Listed")]]);
  await pick(page, zip);
  await results(page);
  await fixEverything(page);
  await page.click("#how-to-deploy");
  await page.waitForSelector("dialog[open]");
  assert.match(await page.textContent("#dialog-text"), /--metadata-dir org-fixed\.zip --single-package/);
  assert.doesNotMatch(await page.textContent("#dialog-text"), /Complete /);
  await page.click("#dialog-yes");
  await downloaded(page, "Fixed zip");
  // A folder.
  await page.click("#start-over");
  await page.setInputFiles("#pick-folder", join(TESTDATA, "sample"));
  await results(page);
  await fixEverything(page);
  await page.click("#how-to-deploy");
  await page.waitForSelector("dialog[open]");
  assert.match(await page.textContent("#dialog-text"), /sf project deploy start --dry-run --source-dir force-app/);
  await page.click("#dialog-yes");
  const unzipped = join(work, "changed");
  execFileSync("python3", ["-c", UNZIP, await downloaded(page, "Changed files"), unzipped]);
  const patched = join(work, "patched-sample");
  cpSync(join(TESTDATA, "sample"), patched, { recursive: true });
  execFileSync("git", ["apply", "--unsafe-paths", "--directory", patched, await downloaded(page, "Changes as a patch")], { cwd: "/" });
  const [before, after] = [filesIn(join(TESTDATA, "sample")), filesIn(patched)];
  const changed = new Map([...after].filter(([path, bytes]) => !bytes.equals(before.get(path))));
  assert.ok(changed.size > 5);
  assert.deepEqual(filesIn(unzipped), changed);
  await close(page);
});

await test("reports use the words of the page, and print few pages", async () => {
  const page = await open();
  await pick(page, { name: "app.xml", mimeType: "text/xml", buffer: Buffer.from(APP) });
  await results(page);
  const file = await downloaded(page, "HTML report");
  const report = await page.context().newPage();
  await report.goto(pathToFileURL(file).href);
  const text = await report.evaluate(() => document.body.textContent);
  assert.match(text, /, in a browser/);
  assert.doesNotMatch(text.replaceAll(/sf project[^.]*/g, ""), COMMAND_LINE);
  assert.doesNotMatch(text, /command line|changed text/);
  const pdf = await report.pdf({ preferCSSPageSize: true });
  const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  assert.ok(pages <= 16, `${pages} pages`);
  await report.close();
  await close(page);
});

await test("files are listed, with their findings and whether they are changed", async () => {
  const page = await open();
  await page.click("#sample");
  await results(page);
  await page.waitForSelector("#finding h2");
  await page.click("#by-file");
  await page.waitForSelector("#file-list [data-path]");
  const paths = await page.$$eval("#file-list [data-path]", (all) => all.map((it) => it.dataset.path));
  const report = JSON.parse(readFileSync(await downloaded(page, "JSON"), "utf8"));
  assert.ok(report.findings.every((it) => paths.includes(it.path)));
  assert.ok(paths.length > new Set(report.findings.map((it) => it.path)).size, "files without findings are listed, too");
  const [without] = paths.filter((path) => !report.findings.some((it) => it.path === path));
  await page.click(`#file-list [data-path="${without}"]`);
  await page.waitForSelector('#finding:has-text("No rule has a finding in this file")');
  await page.click('#file-list [data-path$="Booking_Web_App.connectedApp-meta.xml"]');
  await page.waitForSelector('#file-name:text("Booking_Web_App")');
  await page.waitForSelector('#finding:has-text("Booking_Web_App")');
  assert.equal(await page.$$eval('#file-list [aria-current="true"]', (all) => all.length), 1);
  // Severities have different marks.
  const marks = await page.$$eval(".cm-severity", (all) => all.filter((it) => getComputedStyle(it).visibility !== "hidden").map((it) => it.textContent));
  assert.deepEqual([...new Set(marks)].sort(), ["C", "H", "M"].filter((it) => marks.includes(it)));
  assert.ok(new Set(marks).size > 1, marks.join());
  await page.click(".cm-content");
  await page.keyboard.type(" ");
  await page.waitForSelector('#file-list [data-path$="Booking_Web_App.connectedApp-meta.xml"] .changed');
  await accessible(page, "files");
  await page.fill("#search", "profile");
  assert.ok((await page.$$eval("#file-list [data-path]", (all) => all.map((it) => it.dataset.path))).every((it) => /profile/i.test(it)));
  // Words are explained, also without a mouse.
  await page.click("#glossary summary");
  for (const word of ["Info", "Safe fix", "Evidence", "SARIF", "Fix that needs a rollout"]) await page.waitForSelector(`#glossary dt:text-is("${word}")`);
  // No heading is without a text.
  await page.click("#show-rules");
  for (const rule of (await page.$$("#rule-list .item")).slice(0, 60)) {
    await rule.click();
    const empty = await page.$$eval("#rule p", (all) => all.map((it) => it.textContent.trim()).filter((it) => it.endsWith(":") && it.length < 30));
    assert.deepEqual(empty, []);
  }
  await close(page);
});

await test("of long lists, only the start is drawn", async () => {
  const page = await open();
  const zip = join(work, "many.zip");
  execFileSync("python3", ["-c", "import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], 'w') as file:\n    for at in range(250): file.writestr(f'connectedApps/App{at}.connectedApp', sys.argv[2])", zip, APP]);
  await pick(page, zip);
  await results(page);
  assert.equal(await page.$$eval("#list .item", (all) => all.length), 31);
  await page.click('#list .item:has-text("Show more (220 left)")');
  assert.equal(await page.$$eval("#list .item", (all) => all.length), 250);
  await page.click("#by-file");
  await page.waitForSelector('#file-list .item:has-text("Show more (150 left)")');
  assert.equal(await page.$$eval("#file-list .item", (all) => all.length), 101);
  await page.fill("#search", "App249");
  await page.waitForFunction(() => document.querySelectorAll("#file-list .item").length === 1);
  await close(page);
});

await test("one element has the focus ring", async () => {
  const page = await open();
  await page.focus("#paste");
  for (let step = 0; step < 3; step++) {
    await page.keyboard.press("Shift+Tab");
    const rings = await page.$$eval("#drop button, #drop label", (all) => all.filter((it) => getComputedStyle(it).outlineStyle !== "none").map((it) => it.textContent));
    assert.ok(rings.length <= 1, rings.join());
  }
  await page.focus("#pick-files");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  const rings = await page.$$eval("#drop button, #drop label", (all) => all.filter((it) => getComputedStyle(it).outlineStyle !== "none").map((it) => it.textContent));
  assert.deepEqual(rings, ["Choose a zip or files"]);
  await close(page);
});

await test("hostile files give errors, and the page goes on", async () => {
  const page = await open();
  const zip = join(work, "bad.zip");
  writeFileSync(zip, "PK\u0003\u0004 this is not a zip");
  await pick(page, zip);
  await page.waitForSelector('.notice.error:has-text("bad.zip is not a zip file, or only a part of one")');
  execFileSync("python3", ["-c", HOSTILE, zip]);
  await pick(page, zip);
  await results(page);
  const shown = await page.textContent("#details");
  for (const expected of ["larger than 64 MiB", "leaves the zip"]) assert.ok(shown.includes(expected), shown);
  assert.equal(await page.$$eval("#list img, #details img", (all) => all.length), 0);
  for (const name of await page.$$("#list .item")) await name.click();
  // A long run can be canceled.
  execFileSync("python3", ["-c", LARGE, zip]);
  if (await page.isVisible("#start-over")) await page.click("#start-over");
  await page.setInputFiles("#pick-files", zip);
  await page.click("#cancel");
  await page.waitForSelector("#start:not([hidden])");
  await page.click("#sample");
  await results(page);
  await close(page);
});

await test("the page is accessible: keyboard, contrast, 400 pixels", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ colorScheme });
    await accessible(page, `start, ${colorScheme}`);
    await page.click("#show-rules");
    await page.fill("#search-rules", "pkce");
    assert.match(await page.textContent("#rule-count"), /^\d+ rules?$/);
    await page.click("#rule-list .item");
    await page.waitForSelector("#rule h2");
    await accessible(page, `rules, ${colorScheme}`);
    await page.click("#close-rules");
    await page.focus("#sample");
    await page.keyboard.press("Enter");
    await results(page);
    await page.waitForSelector("#finding h2");
    await accessible(page, `results, ${colorScheme}`);
    await shoot(page, `results-${colorScheme}`);
    await page.focus("#list .item");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForSelector('#list .item[aria-current="true"]');
    await page.setViewportSize({ width: 400, height: 800 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `scrolls sideways by ${overflow}`);
    await shoot(page, `narrow-${colorScheme}`);
    await close(page);
  }
});

console.log(`${passed} passed, 0 failed`);
await browser.close();

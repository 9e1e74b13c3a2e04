// Builds the page: one file with everything in it, so that it also works without a server.
//
// Arguments: the folder with the output of wasm-bindgen, and the folder for the page. `cargo xtask web` calls it.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { buildSync } from "esbuild";

const here = import.meta.dirname;
const root = resolve(here, "..");
const [generated, target] = process.argv.slice(2, 4).map((path) => resolve(path));
const MODULE = "forcelint_bg.wasm";

/** Files of testdata that a user can begin with. */
const SAMPLE = join(root, "testdata/sample");
const SAMPLE_FOLDERS = ["force-app", "integration-app", "config"];

function bundle(entry, banner = "") {
  const built = buildSync({
    entryPoints: [join(here, "page", entry)],
    bundle: true,
    write: false,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner: { js: banner },
  });
  return built.outputFiles[0].text;
}

function sample() {
  const files = { "sfdx-project.json": readFileSync(join(SAMPLE, "sfdx-project.json"), "utf8") };
  for (const folder of SAMPLE_FOLDERS) {
    for (const entry of readdirSync(join(SAMPLE, folder), { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) files[relative(SAMPLE, path).replaceAll("\\", "/")] = readFileSync(path, "utf8");
    }
  }
  return JSON.stringify(files);
}

/** The licenses of the npm packages in the page. Those of the Rust crates are added by the caller, if there are any. */
function licenses() {
  const { packages } = JSON.parse(readFileSync(join(here, "package-lock.json"), "utf8"));
  const texts = new Map();
  for (const [path, { dev }] of Object.entries(packages)) {
    if (path === "" || dev) continue;
    const folder = join(here, path);
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((it) => /^licen[cs]e/i.test(it));
    const text = readFileSync(join(folder, file), "utf8").trim();
    texts.set(text, [...(texts.get(text) ?? []), `${name} ${version}`]);
  }
  return [...texts].map(([text, names]) => `${names.join(", ")}\n\n${text}\n`).join("\n----\n\n");
}

// In an inline script, only these can end it or change how it is read.
const inScript = (text) => text.replaceAll(/<(?=\/script|!--|script)/gi, "\\x3c");

const glue = readFileSync(join(generated, "forcelint.js"), "utf8");
const script = inScript(bundle("main.ts"));
const hash = createHash("sha256").update(script).digest("base64");
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${hash}' 'wasm-unsafe-eval'`,
  "style-src 'unsafe-inline'",
  "img-src data:",
  "worker-src blob:",
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join("; ");
const notices = process.argv[4];
const values = {
  policy,
  style: readFileSync(join(here, "page/style.css"), "utf8"),
  program: gzipSync(readFileSync(join(generated, MODULE)), { level: 9 }).toString("base64"),
  worker: inScript(bundle("worker.ts", glue)),
  sample: sample().replaceAll("<", "\\u003c"),
  licenses: `${licenses()}${notices === undefined ? "" : `\n----\n\n${readFileSync(notices, "utf8")}`}`.replaceAll("<", "‹"),
  script,
};
const page = readFileSync(join(here, "page/index.html"), "utf8");
const html = page.replaceAll(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "index.html"), html);
const compressed = gzipSync(html, { level: 9 }).length;
console.log(`${join(target, "index.html")}: ${(html.length / 1e6).toFixed(1)} MB, ${(compressed / 1e6).toFixed(1)} MB compressed`);

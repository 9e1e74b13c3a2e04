// Compares what forcelint skips because of a `.forceignore` with Salesforce's library.
//
//     node check_forceignore.mjs FORCELINT LIBRARY [RUNS [SEED]]
//
// LIBRARY is a folder in which @salesforce/source-deploy-retrieve is installed. In each run, both read the same tree
// of files with another generated `.forceignore`, and must find the same files. Then both choose between several
// `.forceignore` files and folders, at and above a package directory.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';

const [forcelint, library, runs = '1000', seed = '1'] = process.argv.slice(2);
if (!library) {
  console.error('usage: check_forceignore.mjs FORCELINT LIBRARY [RUNS [SEED]]');
  process.exit(2);
}
const require = createRequire(join(resolve(library), 'package.json'));
const { ComponentSet } = require('@salesforce/source-deploy-retrieve');
const { ForceIgnore } = require('@salesforce/source-deploy-retrieve/lib/src/resolve/forceIgnore.js');
const ignore = createRequire(require.resolve('@salesforce/source-deploy-retrieve'))('ignore');

/** One of this many runs also asks the library to find the components, which is slow. */
const RESOLVED = 20;

/** Files of each tree, and how many runs use the same tree. */
const FILES = 150;
const RUNS_PER_TREE = 100;

const SUFFIX = '.app-meta.xml';

const PACKAGE = 'force-app';

/** What lines are made of. */
const ATOMS = [
  ...['a', 'b', 'A', 'B', 'é', 'É', 'ſ', 's', 'S', 'K', 'k', 'ß', '😀', 'µ', 'ı', 'x1', 'ab', 'default', 'main', '_'],
  ...[' ', '\t', '\u00a0', '\u3000', '\u2028', '\ufeff', '\u0085'],
  ...['\\ ', '\\', '\\\\', '\\d', '\\m', '\\w', '\\s', '\\*', '\\?', '\\[', '\\(', '\\b', '\\B', '\\u0061', '\\x61'],
  ...['\\0', '\\cA', '\\1', '\\101', '\\$', '\\|', '\\!', '\\#', '\\/'],
  ...['*', '*', '*', '**', '***', '?'],
  ...['[ab]', '[!a]', '[^a]', '[a-c]', '[c-a]', '[z-a]', '[é-ü]', '[ü-é]', '[a', '[a\\]', '[]', '[]a]', '[\\d-x]'],
  ...['[a/b]', '[A-z]', '[\\u0061-c]', '[a-]', '[-a]', '[\\\\]', '[\\w]', '[ -~]', '[ſ]', '[\\W]', '[\\b]', '\\\\[a]'],
  ...[']', '{a,b}', '{2}', '\\\\{2}', '+', '\\\\+', '(a|b)', '\\\\|', '|', '$', '^', '.', '.a', '.sf', '.sf/orgs', '..'],
  ...['-', '#', '!', '%', '@', 'app', '.app-meta.xml', '*.app*', '.*', 'b\\', 'node_modules', 'force-app', 'dup'],
];

/** What names are made of. */
const NAMES = [
  ...['a', 'b', 'A', 'é', 'É', 'e\u0301', 'ſ', 'S', 'K', 'k', 'ß', 'ẞ', '😀', '😃', 'μ', 'ı', 'İ', 'default', 'x1'],
  ...['main', '_', 'a b', ' ', 'a ', '[', '!', '^', '{a,b}', '.a', '..a', '...', '.sf', 'orgs', '.sf', '1efault', '\\'],
  ...['a\\b', 'b\\', '(a', '+', '$', 'ab', 'ba', '#', '-', ']', '|', 'c', 'C', 'z', 'Z', '\\main', 'a1', 'aa', '𐐀', '𐐨'],
  ...['\u0001', '\u2028', '\u00a0', 'remoteMetadata', 'a.dup', 'node_modules', 'md', 'x-y', 'app', 'ü', 'Ü', 'ÿ', 'Ÿ'],
];

/** Numbers that look random, the same in each run (mulberry32). */
let state = Number(seed);
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const below = (end) => Math.floor(random() * end);
const pick = (from) => from[below(from.length)];
const chance = (probability, text) => (random() < probability ? text : '');

/** A part of a line between slashes: a name that the tree has, or anything. */
function part(paths) {
  if (random() < 0.35) {
    const name = pick(pick(paths).split('/'));
    return random() < 0.3 ? name.slice(0, 1 + below(name.length)) + '*' : name;
  }
  return Array.from({ length: 1 + below(2.3) }, () => pick(ATOMS)).join('');
}

function line(paths) {
  let text = chance(0.2, '!') + chance(0.2, '/') + chance(0.2, '**/') + chance(0.15, `${PACKAGE}/`);
  if (random() < 0.15) {
    const names = pick(paths).split('/');
    text += names.slice(0, 1 + below(names.length)).join('/');
  } else {
    text += part(paths);
    for (let more = below(3); more > 0; more--) text += pick(['/', '/', '/', '/', '/**/', '//', '\\']) + part(paths);
  }
  text += chance(0.15, '/') + chance(0.15, '/**') + chance(0.1, '/*') + chance(0.1, pick([' ', '  ', '\t', '\\ ', ' # a']));
  return chance(0.04, '\ufeff') + chance(0.03, '# ') + text;
}

function lines(paths) {
  const texts = Array.from({ length: 1 + below(4) }, () => line(paths));
  // The folder or file of the first line, included again.
  if (random() < 0.2) texts.push(`!${texts[0].replace(/[/\s]+$/, '')}${chance(0.7, '/')}`);
  return chance(0.05, '\ufeff') + texts.join(random() < 0.3 ? '\r\n' : '\n') + chance(0.5, pick(['\n', '\r\n', '\r']));
}

/** A name that the file system and both programs can read. */
function name() {
  const text = pick(NAMES) + chance(0.15, pick(NAMES));
  return text === '..' || text === '.' ? 'a' : text;
}

/** Writes a project. Returns the paths of its files, relative to the package directory. */
function writeTree(project) {
  mkdirSync(join(project, PACKAGE), { recursive: true });
  writeFileSync(join(project, 'sfdx-project.json'), `{ "packageDirectories": [{ "path": "${PACKAGE}" }] }`);
  const paths = new Set();
  while (paths.size < FILES) {
    const folders = Array.from({ length: below(4) }, name);
    const file = name();
    const path = [...folders, file + SUFFIX].join('/');
    // The library does not find components whose name ends with white space.
    if (paths.has(path) || file.trimEnd() !== file) continue;
    mkdirSync(join(project, PACKAGE, ...folders), { recursive: true });
    writeFileSync(join(project, PACKAGE, path), '<CustomApplication xmlns="http://soap.sforce.com/2006/04/metadata"/>\n');
    paths.add(path);
  }
  return [...paths];
}

// A rule that every component violates.
const work = mkdtempSync(join(tmpdir(), 'forceignore-'));
const config = join(work, 'every-component.toml');
writeFileSync(config, 'rule-paths = ["every-component-rule.toml"]\n');
writeFileSync(join(work, 'every-component-rule.toml'), `
id = "every-component"
title = "A component"
severity = "low"
tags = ["components"]
url = "https://forcelint.example/every-component"
help = "None."

[[check]]
metadata = "CustomApplication"
require = { component = '^$' }
message = "a component"
`);

/** The files that forcelint checks. */
function checked(project) {
  const args = ['check', '--format=json', '--quiet', '--select=every-component', `--config=${config}`];
  const outcome = spawnSync(resolve(forcelint), args, { cwd: project, encoding: 'utf8', maxBuffer: 1 << 28 });
  // Without a file to check, the exit status is 2.
  if (outcome.error || outcome.status > 2) throw new Error(`${outcome.error ?? outcome.stderr}`);
  const { findings, summary } = JSON.parse(outcome.stdout);
  return { files: new Set(findings.map((it) => it.path)), skipped: summary.skipped };
}

/** The files that the library's resolver accepts. It enters ignored folders, except in `node_modules`. */
function accepted(project) {
  const forceignore = ForceIgnore.findAndCreate(join(project, PACKAGE));
  const files = new Set();
  const enter = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) {
        if (path.endsWith(SUFFIX) && !forceignore.denies(path)) files.add(relative(project, path));
      } else if (!(path.split('/').includes('node_modules') && forceignore.denies(path))) {
        enter(path);
      }
    }
  };
  enter(join(project, PACKAGE));
  return files;
}

/** The files of the components that the library finds. */
function resolved(project) {
  const components = ComponentSet.fromSource(join(project, PACKAGE)).getSourceComponents().toArray();
  return new Set(components.map((it) => relative(project, it.xml)));
}

let differences = 0;
function compare(what, project, files, expected) {
  const only = (some, others) => [...some].filter((it) => !others.has(it)).map((it) => relative(PACKAGE, it));
  const [more, fewer] = [only(files, expected), only(expected, files)];
  if (more.length + fewer.length === 0) return;
  differences += more.length + fewer.length;
  const shown = (paths) => JSON.stringify(paths.slice(0, 5));
  console.log(`${what}: only forcelint finds ${more.length} ${shown(more)}, only the library ${fewer.length} ${shown(fewer)}`);
}

const counts = { pairs: 0, ignored: 0, rejected: 0 };

function compareLines(project, paths, run) {
  const text = lines(paths);
  writeFileSync(join(project, '.forceignore'), text);
  ForceIgnore.clearCacheForTest();
  const expected = accepted(project);
  try {
    ignore().add(text);
  } catch {
    counts.rejected += 1;
  }
  const what = JSON.stringify(text);
  compare(what, project, checked(project).files, expected);
  if (run % RESOLVED === 0) compare(`${what}, resolver`, project, resolved(project), expected);
  counts.pairs += paths.length;
  counts.ignored += paths.length - expected.size;
}

/** Each layout is a list of what to write: a path, and a text, `null` for a folder, or `{ link }`. */
const LAYOUTS = [
  [],
  [['.forceignore', '**/a*']],
  [['p/.forceignore', '**/a*']],
  [['p/q/.forceignore', '**/a*']],
  [['p/q/force-app/.forceignore', '**/a*']],
  [['p/q/force-app/c/.forceignore', '**/a*']],
  [['p/.forceignore', '**/a*'], ['p/q/.forceignore', '**/b*']],
  [['p/.forceignore', '**/a*'], ['p/q/force-app/.forceignore', '**/b*']],
  [['p/.forceignore', '/q/force-app/a*'], ['p/q/force-app/c/.forceignore', '**/b*']],
  [['p/.forceignore', '**/a*'], ['p/q/.forceignore', '']],
  [['p/.forceignore', '**/a*'], ['p/q/.forceignore', null]],
  [['p/.forceignore', '**/a*'], ['p/q/force-app/.forceignore', null]],
  [['p/.forceignore', '**/a*'], ['p/q/.forceignore', { link: 'missing' }]],
  [['p/.forceignore', '**/a*'], ['p/q/.forceignore', { link: '.forceignore' }]],
  [['p/lines', '**/b*'], ['p/.forceignore', '**/a*'], ['p/q/.forceignore', { link: '../lines' }]],
  [['p/.forceignore', '**/a*'], ['p/q/.forceignore', { link: '..' }]],
  [['p/.forceignore', '**/a*'], ['p/q/.FORCEIGNORE', '**/b*']],
  [['p/.forceignore', '**/a*'], ['p/q/.gitignore', '']],
  [['p/.forceignore', Buffer.from([0x2a, 0x2a, 0x2f, 0x61, 0xff, 0x2a, 0x0a, 0x2a, 0x2a, 0x2f, 0x62, 0x2a])]],
  [['p/q/.forceignore', Buffer.from('\ufeff**/a*\n', 'utf16le')]],
];

function compareLayout(layout, at) {
  const top = join(work, `layout${at}`);
  const project = join(top, 'p/q');
  for (const file of ['a', 'b', 'c/a', 'c/b', 'd']) {
    const path = join(project, PACKAGE, file + SUFFIX);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '<CustomApplication xmlns="http://soap.sforce.com/2006/04/metadata"/>\n');
  }
  writeFileSync(join(project, 'sfdx-project.json'), `{ "packageDirectories": [{ "path": "${PACKAGE}" }] }`);
  for (const [path, content] of layout) {
    if (content === null) mkdirSync(join(top, path));
    else if (Object.hasOwn(content, 'link')) symlinkSync(content.link, join(top, path));
    else writeFileSync(join(top, path), content);
  }
  const what = `layout ${at} ${JSON.stringify(layout)}`;
  const files = checked(project).files;
  compare(what, project, files, accepted(project));
  compare(`${what}, resolver`, project, files, resolved(project));
}

try {
  let project;
  let paths;
  for (let run = 0; run < Number(runs); run++) {
    if (run % RUNS_PER_TREE === 0) {
      project = join(work, `tree${run}`);
      paths = writeTree(project);
    }
    compareLines(project, paths, run);
  }
  LAYOUTS.forEach(compareLayout);
} finally {
  rmSync(work, { recursive: true });
}
const { pairs, ignored, rejected } = counts;
console.log(`${pairs} pairs of .forceignore and path, ${ignored} ignored; the library rejects ${rejected} of ${runs} .forceignore files`);
console.log(`${LAYOUTS.length} layouts; ${differences} differences`);
process.exit(differences ? 1 : 0);

// Compares forcelint's view of projects with that of Salesforce's own library.
//
//     node check_components.mjs FORCELINT LIBRARY FOLDER...
//
// LIBRARY is a folder in which @salesforce/source-deploy-retrieve is installed. For every folder with an
// sfdx-project.json below a FOLDER, and for a project made here with a file of every type that the
// library knows: the components that it resolves from the package directories, `.forceignore` included,
// are those that forcelint judges: the same type, full name and file. Then all fixes are applied to a
// copy: the library has to find the same components, and read every file.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';

const [forcelint, library, ...folders] = process.argv.slice(2);
if (folders.length === 0) {
  console.error('usage: check_components.mjs FORCELINT LIBRARY FOLDER...');
  process.exit(2);
}
const require = createRequire(join(resolve(library), 'package.json'));
const { ComponentSet, RegistryAccess } = require('@salesforce/source-deploy-retrieve');

const known = readFileSync(join(import.meta.dirname, '../xtask/schema/metadata.txt'), 'utf8');
const TYPES = [...known.matchAll(/^type (\S+)/gm)].map(([, name]) => name);

/** Bundles of code, whose files tell nothing that a rule could ask for. */
const BUNDLES = new Set(['AuraDefinitionBundle', 'LightningComponentBundle']);

/** Types whose files are not called as one likes. */
const NAMES = { CustomLabels: 'CustomLabels', Settings: 'OauthOidc' };

function run(project, ...args) {
  const outcome = spawnSync(resolve(forcelint), args, { cwd: project, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (outcome.error || outcome.status > 1) throw new Error(`${args.join(' ')}: ${outcome.error ?? outcome.stderr}`);
  return outcome.stdout;
}

/** A rule that every component violates. */
const rule = (types) => `
id = "every-component"
title = "A component"
severity = "low"
tags = ["components"]
url = "https://forcelint.example/every-component"
help = "Nothing."
include_forceignored = false

[[check]]
metadata = ${JSON.stringify(types)}
require = { component = '^$' }
message = "a component"
`;

/** What forcelint judges, a line a component. A file that is no XML is a component too. */
function judged(project) {
  const [config, file] = ['every-component.toml', 'every-component-rule.toml'];
  writeFileSync(join(project, file), rule(TYPES));
  writeFileSync(join(project, config), `rule-paths = ["${file}"]\n`);
  const args = ['check', '--format=json', '--quiet', '--select=every-component', `--config=${config}`];
  const { findings } = JSON.parse(run(project, ...args));
  for (const made of [config, file]) rmSync(join(project, made));
  return findings.map(({ component, path }) => {
    const type = /\.settings(-meta\.xml)?$/.test(path) ? 'Settings' : component.type;
    return BUNDLES.has(type) ? undefined : `${type}:${component.name} ${path}`;
  }).filter(Boolean);
}

/** A name as people know it: the library leaves the `%28` in it that stands for a `(` in file names. */
function decoded(name) {
  const bytes = (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString();
  return name.replace(/(%[0-9A-F]{2})+/gi, bytes);
}

/** What the library resolves, by such lines. */
function resolved(project) {
  const { packageDirectories } = JSON.parse(readFileSync(join(project, 'sfdx-project.json'), 'utf8'));
  const paths = packageDirectories.map((it) => join(project, it.path)).filter((it) => existsSync(it));
  const components = paths.flatMap((path) => ComponentSet.fromSource(path).getSourceComponents().toArray());
  const all = components.flatMap((component) => {
    // Parts in the file of the whole are no files.
    return [component, ...component.getChildren().filter((it) => it.xml !== component.xml)];
  });
  const lines = all.filter((it) => it.xml && !BUNDLES.has(it.type.name)).map((it) => {
    return [`${it.type.name}:${decoded(it.fullName)} ${relative(project, it.xml)}`, it];
  });
  return new Map(lines);
}

function compare(name, project) {
  const [ours, theirs] = [new Set(judged(project)), resolved(project)];
  const differences = [
    ...[...ours].filter((it) => !theirs.has(it)).map((it) => `forcelint alone: ${it}`),
    ...[...theirs.keys()].filter((it) => !ours.has(it)).map((it) => `the library alone: ${it}`),
  ];
  for (const difference of differences.sort()) console.log(`${name}: ${difference}`);
  return { components: theirs, differences: differences.length };
}

/** Whether the folder has an sfdx-project.json that both can read. */
function isProject(folder) {
  try {
    return Array.isArray(JSON.parse(readFileSync(join(folder, 'sfdx-project.json'), 'utf8')).packageDirectories);
  } catch {
    return false;
  }
}

function projectsBelow(folder) {
  const here = isProject(folder) ? [folder] : [];
  const entries = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isDirectory());
  return [...here, ...entries.flatMap((it) => projectsBelow(join(folder, it.name)))];
}

/** Where a component of a type stands, below the package directory. */
function placed(registry, type) {
  const model = registry.types[type.folderType];
  if (type.inFolder) return [type.directoryName, 'Folder'];
  if (model && model !== type) return [model.directoryName, 'Example', type.directoryName];
  if (type.strategies?.adapter === 'decomposed') return [type.directoryName, 'Example'];
  return [type.directoryName];
}

/** A project with a component of every type that is one file, or one beside its content. */
function everyType(project) {
  mkdirSync(project);
  writeFileSync(join(project, 'sfdx-project.json'), '{ "packageDirectories": [{ "path": "force-app" }] }');
  const registry = new RegistryAccess().getRegistry();
  const write = (folders, file, text) => {
    const folder = join(project, 'force-app/main/default', ...folders);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const metadata = (folders, { name, suffix }, called) => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://soap.sforce.com/2006/04/metadata"/>\n`;
    write(folders, `${called}.${suffix}-meta.xml`, xml);
  };
  for (const type of Object.values(registry.types)) {
    // Some stand in the registry beside the type to which their suffix belongs.
    if (registry.suffixes[type.suffix] !== type.id || type.folderContentType) continue;
    const { adapter, decomposition } = type.strategies ?? {};
    if (![undefined, 'default', 'decomposed', 'matchingContentFile'].includes(adapter)) continue;
    const folders = placed(registry, type);
    metadata(folders, type, NAMES[type.name] ?? 'Example');
    if (adapter === 'matchingContentFile') write(folders, `Example.${type.suffix}`, 'content');
    for (const part of decomposition ? Object.values(type.children.types) : []) {
      metadata(decomposition === 'folderPerType' ? [...folders, part.directoryName] : folders, part, 'Part');
    }
  }
}

/** Applies all fixes; the library then finds the same and reads every file that was changed. */
function fixed(name, project, before) {
  const texts = [...before.values()].map((it) => [it.xml, readFileSync(it.xml, 'utf8')]);
  run(project, 'check', '--quiet', '--fix=all', '--min-severity=info', '--format=json=/dev/null');
  const changed = texts.filter(([file, text]) => readFileSync(file, 'utf8') !== text).map(([file]) => file);
  const after = compare(`${name}, fixed`, project);
  for (const component of after.components.values()) {
    if (changed.includes(component.xml)) component.parseXmlSync(component.xml);
  }
  const same = JSON.stringify([...before.keys()]) === JSON.stringify([...after.components.keys()]);
  if (!same) console.log(`${name}: other components after the fixes`);
  return { changed: changed.length, differences: after.differences + (same ? 0 : 1) };
}

const work = mkdtempSync(join(tmpdir(), 'components-'));
let wrong = 0;
try {
  const every = join(work, 'every-type');
  everyType(every);
  const types = compare('every type', every);
  console.log(`every type: ${types.components.size} components`);
  wrong += types.differences;
  for (const folder of folders) {
    for (const project of projectsBelow(resolve(folder))) {
      const name = relative('.', project);
      const copy = join(work, 'project');
      cpSync(project, copy, { recursive: true });
      rmSync(join(copy, 'forcelint.toml'), { force: true });
      const { components, differences } = compare(name, copy);
      const after = fixed(name, copy, components);
      console.log(`${name}: ${components.size} components, ${after.changed} files fixed`);
      wrong += differences + after.differences;
      rmSync(copy, { recursive: true });
    }
  }
} finally {
  rmSync(work, { recursive: true });
}
process.exit(wrong ? 1 : 0);

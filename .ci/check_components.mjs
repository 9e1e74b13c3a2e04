// Compares the components that forcelint finds in projects with those of Salesforce's library.
//
//     node check_components.mjs FORCELINT LIBRARY FOLDER...
//
// LIBRARY is a folder in which @salesforce/source-deploy-retrieve is installed. The projects are those in
// FOLDER, and a generated project with a file of each type of the library. Both must find the same components
// in the package directories (type, full name and file), also with `.forceignore`. Then all fixes are applied
// to a copy, in which the library must find the same components and parse all changed files.

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

/** Components that are a folder of files, and the file with the metadata. */
const BUNDLES = {
  AiAuthoringBundle: ['aiAuthoringBundles', 'Example.bundle-meta.xml', 'Example.agent'],
  AuraDefinitionBundle: ['aura', 'Example.cmp-meta.xml', 'Example.cmp'],
  GenAiFunction: ['genAiFunctions', 'Example.genAiFunction-meta.xml', 'schema.json'],
  GenAiPlannerBundle: ['genAiPlannerBundles', 'Example.genAiPlannerBundle'],
  LightningComponentBundle: ['lwc', 'Example.js-meta.xml', 'Example.js'],
};
const TYPES = [...known.matchAll(/^type (\S+) suffix=/gm)].map(([, name]) => name);
TYPES.push('ExperienceBundle', ...Object.keys(BUNDLES));

/** Types whose files have fixed names. */
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
help = "None."
include_forceignored = false

[[check]]
metadata = ${JSON.stringify(types)}
require = { component = '^$' }
message = "a component"
`;

/** The components that forcelint checks, one per line. A malformed file is a component, too. */
function checked(project) {
  const [config, file] = ['every-component.toml', 'every-component-rule.toml'];
  writeFileSync(join(project, file), rule(TYPES));
  writeFileSync(join(project, config), `rule-paths = ["${file}"]\n`);
  const args = ['check', '--format=json', '--quiet', '--select=every-component', `--config=${config}`];
  const { findings } = JSON.parse(run(project, ...args));
  for (const name of [config, file]) rmSync(join(project, name));
  return findings.map(({ component, path }) => {
    const type = /\.settings(-meta\.xml)?$/.test(path) ? 'Settings' : component.type;
    return `${type}:${component.name} ${path}`;
  });
}

/** The decoded name. The library keeps escapes of file names, such as `%28` for `(`. */
function decoded(name) {
  const bytes = (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString();
  return name.replace(/(%[0-9A-F]{2})+/gi, bytes);
}

/** The components that the library finds, by the same lines. */
function resolved(project) {
  const { packageDirectories } = JSON.parse(readFileSync(join(project, 'sfdx-project.json'), 'utf8'));
  const paths = packageDirectories.map((it) => join(project, it.path)).filter((it) => existsSync(it));
  const components = paths.flatMap((path) => ComponentSet.fromSource(path).getSourceComponents().toArray());
  const all = components.flatMap((component) => {
    // Child components in the file of the parent have no file.
    return [component, ...component.getChildren().filter((it) => it.xml !== component.xml)];
  });
  const lines = all.filter(fileOf).map((it) => {
    return [`${it.type.name}:${decoded(it.fullName)} ${relative(project, fileOf(it))}`, it];
  });
  return new Map(lines);
}

/** The file with the metadata. To the library, that of a planner bundle is content. */
function fileOf({ type, xml, content, fullName }) {
  return type.name === 'GenAiPlannerBundle' ? join(content, `${fullName}.genAiPlannerBundle`) : xml;
}

function compare(name, project) {
  const [fromForcelint, fromLibrary] = [new Set(checked(project)), resolved(project)];
  const differences = [
    ...[...fromForcelint].filter((it) => !fromLibrary.has(it)).map((it) => `only forcelint: ${it}`),
    ...[...fromLibrary.keys()].filter((it) => !fromForcelint.has(it)).map((it) => `only the library: ${it}`),
  ];
  for (const difference of differences.sort()) console.log(`${name}: ${difference}`);
  return { components: fromLibrary, differences: differences.length };
}

/** Whether the folder has an sfdx-project.json that both can read. */
function isProject(folder) {
  try {
    return Array.isArray(JSON.parse(readFileSync(join(folder, 'sfdx-project.json'), 'utf8')).packageDirectories);
  } catch {
    return false;
  }
}

function projectsIn(folder) {
  const here = isProject(folder) ? [folder] : [];
  const entries = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isDirectory());
  return [...here, ...entries.flatMap((it) => projectsIn(join(folder, it.name)))];
}

/** The folders of a component of a type, relative to the package directory. */
function foldersOf(registry, type) {
  const model = registry.types[type.folderType];
  if (type.inFolder) return [type.directoryName, 'Folder'];
  if (model && model !== type) return [model.directoryName, 'Example', type.directoryName];
  if (type.strategies?.adapter === 'decomposed') return [type.directoryName, 'Example'];
  return [type.directoryName];
}

/** Writes a project with a component of each type that is one file, or one file with content next to it. */
function everyType(project) {
  mkdirSync(project);
  writeFileSync(join(project, 'sfdx-project.json'), '{ "packageDirectories": [{ "path": "force-app" }] }');
  const registry = new RegistryAccess().getRegistry();
  const write = (folders, file, text) => {
    const folder = join(project, 'force-app/main/default', ...folders);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, file), text);
  };
  const metadata = (folders, { name, suffix }, fileName) => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<${name} xmlns="http://soap.sforce.com/2006/04/metadata"/>\n`;
    write(folders, `${fileName}.${suffix}-meta.xml`, xml);
  };
  for (const [type, [folder, file, ...content]] of Object.entries(BUNDLES)) {
    write([folder, 'Example'], file, `<${type} xmlns="http://soap.sforce.com/2006/04/metadata"/>\n`);
    for (const name of content) write([folder, 'Example'], name, '{}');
  }
  for (const type of Object.values(registry.types)) {
    // Some types in the registry share the suffix of another type.
    if (registry.suffixes[type.suffix] !== type.id || type.folderContentType) continue;
    const { adapter, decomposition } = type.strategies ?? {};
    if (![undefined, 'default', 'decomposed', 'matchingContentFile'].includes(adapter)) continue;
    const folders = foldersOf(registry, type);
    metadata(folders, type, NAMES[type.name] ?? 'Example');
    if (adapter === 'matchingContentFile') write(folders, `Example.${type.suffix}`, 'content');
    for (const part of decomposition ? Object.values(type.children.types) : []) {
      metadata(decomposition === 'folderPerType' ? [...folders, part.directoryName] : folders, part, 'Part');
    }
  }
}

/** Applies all fixes. The library must find the same components and parse all changed files. */
function fixed(name, project, before) {
  const texts = [...before.values()].map((it) => [fileOf(it), readFileSync(fileOf(it), 'utf8')]);
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
    for (const project of projectsIn(resolve(folder))) {
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

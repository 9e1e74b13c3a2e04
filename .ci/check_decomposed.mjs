// Decomposes testdata/decomposed/whole with Salesforce's library, and compares fixes of decomposed components.
//
//     node check_decomposed.mjs LIBRARY [FORCELINT]
//
// LIBRARY is a folder in which @salesforce/source-deploy-retrieve is installed. Without FORCELINT, this writes
// the projects in testdata/decomposed, one per preset. With it, the projects have to be what the library
// writes, and the fixes of a decomposed component have to be those of the whole: the fixed pieces are composed
// with the library and compared with the fixed file.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const [library, program] = process.argv.slice(2);
// The library reads the project of the working directory, which changes.
const forcelint = program && resolve(program);
if (!library) {
  console.error('usage: check_decomposed.mjs LIBRARY [FORCELINT]');
  process.exit(2);
}
const require = createRequire(join(resolve(library), '/'));
const { ComponentSet, MetadataConverter, RegistryAccess } = require('@salesforce/source-deploy-retrieve');
const { XMLParser } = require('fast-xml-parser');

const testdata = resolve(import.meta.dirname, '../testdata/decomposed');
const whole = join(testdata, 'whole');

/** The presets, and the type that each decomposes. Custom objects need none. */
const PRESETS = {
  decomposeCustomLabelsBeta: 'CustomLabels',
  decomposeCustomLabelsBeta2: 'CustomLabels',
  decomposeExternalServiceRegistrationBeta: 'ExternalServiceRegistration',
  decomposePermissionSetBeta: 'PermissionSet',
  decomposePermissionSetBeta2: 'PermissionSet',
  decomposeSharingRulesBeta: 'SharingRules',
  decomposeWorkflowBeta: 'Workflow',
  objects: 'CustomObject',
};

/** Converts the components of a type from one folder into another. The library reads the preset in `project`. */
async function convert(from, format, project, output, type) {
  const registry = new RegistryAccess(undefined, project);
  const all = ComponentSet.fromSource({ fsPaths: [from], registry });
  // One preset makes each label a component without a parent.
  const types = [type, ...(type === 'CustomLabels' ? ['CustomLabel'] : [])];
  const components = all.filter((it) => types.includes((it.parent ?? it).type.name));
  const target = { type: 'directory', outputDirectory: output, genUniqueDir: false };
  if (format === 'source') target.packageName = 'force-app';
  await new MetadataConverter(registry).convert(components, format, target);
}

/** Writes the project of a preset into an empty folder. */
async function decompose(preset, folder) {
  mkdirSync(folder, { recursive: true });
  const project = {
    packageDirectories: [{ path: 'force-app', default: true }],
    sourceApiVersion: '63.0',
    ...(preset === 'objects' ? {} : { sourceBehaviorOptions: [preset] }),
  };
  writeFileSync(join(folder, 'sfdx-project.json'), `${JSON.stringify(project, undefined, 2)}\n`);
  process.chdir(folder);
  await convert(whole, 'source', folder, folder, PRESETS[preset]);
  rmSync(join(folder, 'package.xml'), { force: true });
}

function files(folder) {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const paths = entries.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name));
  return new Map(paths.sort().map((path) => [relative(folder, path), readFileSync(path, 'utf8')]));
}

/** The elements of a file without their order: neither the library nor Salesforce keeps it. */
function elements(text) {
  const sorted = (value) => {
    if (Array.isArray(value)) return value.map(sorted).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
    if (value === null || typeof value !== 'object') return String(value).trim();
    const entries = Object.entries(value).map(([key, it]) => [key, sorted([it].flat())]);
    return Object.fromEntries(entries.sort());
  };
  return sorted(new XMLParser({ parseTagValue: false }).parse(text));
}

function fix(folder) {
  writeFileSync(join(folder, 'forcelint.toml'), 'rule-paths = ["rules"]\n');
  cpSync(join(testdata, 'rules'), join(folder, 'rules'), { recursive: true });
  const args = ['check', '--quiet', '--fix=all', '--format=json', '--min-severity=info', '.'];
  const { status, stdout, stderr } = spawnSync(forcelint, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error(`${stderr}`);
  return JSON.parse(stdout).summary.fixed;
}

/** Fixes the project and composes it. The result must be that of fixing the whole. */
async function compareFixes(preset, work, fixedWhole) {
  const project = join(work, `fixed-${preset}`);
  cpSync(join(testdata, preset), project, { recursive: true });
  const count = fix(project);
  process.chdir(project);
  const composed = join(work, `composed-${preset}`);
  await convert(join(project, 'force-app'), 'metadata', project, composed, PRESETS[preset]);
  let wrong = 0;
  for (const [path, text] of files(composed)) {
    if (path === 'package.xml') continue;
    if (!isDeepStrictEqual(elements(text), elements(fixedWhole.get(path) ?? ''))) {
      console.log(`${preset}: ${path} differs from the fixed whole:\n${text}`);
      wrong += 1;
    }
  }
  console.log(`${preset}: ${count} findings fixed`);
  return wrong + (count > 0 ? 0 : 1);
}

const work = mkdtempSync(join(tmpdir(), 'decomposed-'));
let wrong = 0;
try {
  for (const preset of Object.keys(PRESETS)) {
    const folder = forcelint ? join(work, preset) : join(testdata, preset);
    rmSync(folder, { recursive: true, force: true });
    await decompose(preset, folder);
    if (forcelint && !isDeepStrictEqual(files(folder), files(join(testdata, preset)))) {
      console.log(`testdata/decomposed/${preset} is not what the library writes: run this script without FORCELINT`);
      wrong += 1;
    }
  }
  if (forcelint) {
    const copy = join(work, 'whole');
    cpSync(whole, copy, { recursive: true });
    fix(copy);
    const fixedWhole = files(copy);
    for (const preset of Object.keys(PRESETS)) wrong += await compareFixes(preset, work, fixedWhole);
  }
} finally {
  process.chdir(dirname(testdata));
  rmSync(work, { recursive: true });
}
process.exit(wrong ? 1 : 0);

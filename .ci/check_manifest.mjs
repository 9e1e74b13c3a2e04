// Resolves the output of `forcelint manifest` with Salesforce's library.
//
//     node check_manifest.mjs FORCELINT LIBRARY
//
// LIBRARY is a folder in which @salesforce/source-deploy-retrieve is installed. Its `ManifestResolver` must know each
// type and return each member.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [forcelint, library] = process.argv.slice(2);
if (library === undefined) {
  console.error('usage: check_manifest.mjs FORCELINT LIBRARY');
  process.exit(2);
}
const require = createRequire(join(resolve(library), 'package.json'));
const { ManifestResolver } = require('@salesforce/source-deploy-retrieve');

const folder = mkdtempSync(join(tmpdir(), 'manifest-'));
try {
  execFileSync(resolve(forcelint), ['manifest', '--output', 'package.xml'], { cwd: folder });
  const text = execFileSync(resolve(forcelint), ['manifest'], { cwd: folder, encoding: 'utf8' });
  const types = [...text.matchAll(/<types>([^]*?)<\/types>/g)].map(([, type]) => {
    const name = /<name>(.+)<\/name>/.exec(type)[1];
    return [...type.matchAll(/<members>(.+)<\/members>/g)].map(([, member]) => `${name}:${member}`);
  });
  const { components, apiVersion } = await new ManifestResolver().resolve(join(folder, 'package.xml'));
  const found = new Set(components.map(({ type, fullName }) => `${type.name}:${fullName}`));
  const missing = types.flat().filter((member) => !found.has(member));
  if (types.length < 30 || missing.length > 0) throw new Error(`not resolved: ${missing}, of ${types.length} types`);
  console.log(`${types.length} types with ${found.size} members, API version ${apiVersion}`);
} finally {
  rmSync(folder, { recursive: true });
}

// Compares what forcelint finds in files that `replacements` change with the text that Salesforce's library
// deploys.
//
//     node check_replacements.mjs FORCELINT LIBRARY [PROJECTS [SEED]]
//
// LIBRARY is a folder in which @salesforce/source-deploy-retrieve is installed. The script generates
// projects, lets the library replace, and tests three fields of the deployed text. forcelint must give the
// same answers, or "not checked". Fixes that it offers must make the library deploy the right value.

import { spawnSync } from 'node:child_process';
import { createReadStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { once } from 'node:events';

const [forcelint, library, projects = '2500', seed = '1'] = process.argv.slice(2);
const require = createRequire(join(resolve(library), 'package.json'));
const sdr = 'node_modules/@salesforce/source-deploy-retrieve/lib/src/convert/replacements.js';
const replacements = require(join(resolve(library), sdr));
const { XMLParser, XMLValidator } = require('fast-xml-parser');

let state = Number(seed);
/** A number below `limit`, the same for the same seed (mulberry32). */
function random(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
}
const one = (of) => of[random(of.length)];
const chance = (percent) => random(100) < percent;

const REL = 'force-app/main/default/connectedApps/My_App.connectedApp-meta.xml';
const ENV = { YES: 'true', NO: 'false', TEXT: 'x y', ODD: '$&</label>' };
Object.assign(process.env, ENV);

const rule = (id, require, fix = '') => `
id = "${id}"
title = "A field"
severity = "low"
tags = ["replacements"]
url = "https://forcelint.example/${id}"
help = "None."

[[check]]
metadata = "ConnectedApp"
require = ${require}
message = "a field"
${fix}
`;
const RULES = {
  'flag-is-true': rule('flag-is-true', '{ field = "oauthConfig/isPkceRequired", is = true, absent = "violates" }',
    'fix = { set = "oauthConfig/isPkceRequired", to = "true" }'),
  'label-is-portal': rule('label-is-portal', '{ field = "label", is = "Portal", absent = "violates" }'),
  'has-description': rule('has-description', '{ field = "description", exists = true }'),
};

const FLAG = '<isPkceRequired>';
function source() {
  const flag = one(['true', 'false', '${PKCE}', '__PKCE__']);
  const label = one(['Portal', 'portal', '${LABEL}', 'Pörtal', 'P😀rtal', 'Portal\u00a0']);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">',
    '    <contactEmail>team@acme.example.org</contactEmail>',
    ...(chance(40) ? [`    <description>${one(['', 'a1', '${TEXT}', 'é'.repeat(3)])}</description>`] : []),
    `    <label>${label}</label>`,
    '    <oauthConfig>',
    '        <callbackUrl>https://portal.acme.example.org/cb</callbackUrl>',
    ...(chance(90) ? [`        ${FLAG}${flag}</isPkceRequired>`] : []),
    '        <scopes>Api</scopes>',
    '    </oauthConfig>',
    '</ConnectedApp>',
  ];
  if (chance(4)) lines.splice(2, 0, `    <!-- ${one(['x', 'é', '😀'])}${one(['é', 'a', '日'])}${`${one(['é', 'ab', '日本'])}\n`.repeat(23000)} -->`);
  const end = one(['\n', '\n', '\r\n']);
  return (chance(5) ? '\ufeff' : '') + lines.join(end) + (chance(60) ? end : '');
}

const NAMES = [REL, REL, REL, REL, `./${REL}`, `/${REL}`, 'My_App.connectedApp-meta.xml', 'App.connectedApp-meta.xml', '', '.xml',
  REL.toUpperCase(), REL.replaceAll('/', '\\'), 'connectedApps', 'x.xml', `other/${REL}`];
const GLOBS = ['**/*.xml', '*.xml', 'force-app/**/*.xml', './force-app/**/*.xml', '/force-app/**', 'force-app//main/**',
  'force-app/**/{connectedApps,profiles}/*.xml', 'force-app/**/!(profiles)/*.xml', '**/connectedApps/*', '**/connectedApps/**',
  '**/[cC]onnectedApps/*.xml', '**/[!x]onnectedApps/*.xml', '**/[^c]onnectedApps/*', '**/*.connectedApp-meta.{xml,json}',
  'force-app/main/default/connectedApps', 'force-app/main/default/connectedApps/', '*.*', '**', '*', '**/*.XML',
  '**/+(connectedApps|x)/*.xml', 'force-app\\**\\*.xml', '**/My_?pp*', '!**/profiles/**', '{force-app,pkg}/**/*-meta.xml',
  '**/My_App.connectedApp-meta.{a..z}ml', '#x', '', '..', '../*', 'x/../force-app/**', '**/.*', '**/@(My|Your)_App*', '**/?(My_)App*',
  '**/*(a|b)/**', '**/[[:alpha:]]*/**', '**/**/default/**/*.xml', '**/main/**/connectedApps/**/*', '**/{a,b', '**/My{_App,}.*',
  '**/!(*.txt)', '**/!(My)*', '**/@(a|!(b))/**', '**/\\*.xml', '**/My\\_App*', '**/[a-', '**/[]x]*', '**/??_App.*', '**/??????.connectedApp-meta.xml',
  '**/*(.)*', '**/!(.)*.xml', '**/!()', '**/+(*|x)', '**/{1..3}', '**/{,force-app}/**', '**/${a,b}', '{{a,b},**}', '**/*_*', '**/[M]y_App*'];
const PARTS = ['**', '**', '*', 'force-app', 'main', 'default', 'connectedApps', '*.xml', 'My_App*', '?*', 'd*t', '[c-d]*', '@(main|x)',
  '!(x)', '+([a-z])', '*(a|m)ain', '{main,x}', '.', '..', '', '*.{xml,x}', '[^/]*', 'm?in', '*-meta.xml', '!(*.xml)', '?(x)*.xml', '*p*'];
const glob = () => chance(50) ? one(GLOBS) : Array.from({ length: 1 + random(5) }, () => one(PARTS)).join('/');

const STRINGS = [`${FLAG}false</isPkceRequired>`, 'false', 'true', '${PKCE}', '__PKCE__', '${LABEL}', 'Portal', 'P', 'é', '', 'label>',
  '\n    <label>', '</oauthConfig>', '<oauthConfig>', '</ConnectedApp>\n', '.*', '$', 'Portal</label>', '${', '}', 'al<', '</'];
const REGEXES = [`${FLAG}(true|false)</isPkceRequired>`, '(?<=<isPkceRequired>)false(?=</isPkceRequired>)', 'isPkceRequired>\\w+<',
  'ispkcerequired>false', '<oauthConfig>[\\s\\S]*</oauthConfig>', '<oauthConfig>.*</oauthConfig>', '^\\s*<isPkceRequired>.*$', '\\d+',
  '(\\w)\\1PkceR', '[[:alpha:]]+Pkce', 'false\\z', '(?<open><isPkceRequired>)[^<]*', '(<label>)(.*?)(</label>)', '<label>.+</label>',
  'P.rtal', 'P[^a]{1,2}rtal', '\\bportal\\b', '(?:)', 'x*', '(?=</oauthConfig>)', '(a*)*b', '(?:a|a)*$', '\\s+<description>', '(', '[z-a]',
  '\\$\\{[A-Z]+\\}', '__(\\w+)__', '\\p{L}', '\\u0050ortal', '\\x50ortal', '[\\d-x]+rtal', '</ConnectedApp>\\s*$', '\\n</ConnectedApp>',
  '(t)(r)(u)(e)', '(?!x)true', '(?<!>)false', '(?<=(\\w)<?/?)>', '<(\\w+)>false</\\1>', '<(?<name>label)>[^<]*</\\k<name>>', '.{3}tal',
  '[^]*', '[]', '\\0', 'tru{1}e', 'a{,2}', '}', ']', 'true|false|\\$\\{PKCE\\}', '<isPkceRequired>(?:(t)|(f))+', '\\W+Pörtal', '\\S+@\\S+'];
const NEW = ['true', 'false', 'Portal', ' true\n', `${FLAG}true</isPkceRequired>`, `${FLAG}true</isPkceRequired></oauthConfig>`, '$1true$2',
  '$&', '<label>Portal</label>', '$1Portal$3', '$<open>true', '$$', '$0', '$10', '$`', "$'", 'a&b', 'a<b', '<description>x</description>',
  '\ufeffPortal', '<!-- -->', '$<x>', '$1', '&#80;ortal', '<![CDATA[Portal]]>', '${LABEL}', '__PKCE__'];

function entry(dir, index, isLong) {
  const it = {};
  const applies = random(100);
  if (applies < 55) it.filename = one(NAMES);
  if (applies >= 50) it.glob = glob();
  if (chance(50)) it.stringToReplace = one(STRINGS);
  else it.regexToReplace = one(REGEXES);
  if (chance(30)) {
    it.replaceWithEnv = one(Object.keys(ENV).concat('UNSET'));
    if (chance(30)) it.allowUnsetEnvVariable = true;
  } else if (chance(97)) {
    it.replaceWithFile = chance(97) ? `new${index}.txt` : one(['missing.txt', '../../outside.txt', 'force-app']);
    writeFileSync(join(dir, `new${index}.txt`), chance(97) ? one(isLong ? ['true', 'Portal', '$&'] : NEW) : ' \n');
  }
  if (chance(8)) it.replaceWhenEnv = one([[], [{ env: 'YES', value: 'true' }], [{ env: 'UNSET', value: 1 }]]);
  return it;
}

function project(dir) {
  mkdirSync(join(dir, dirname(REL)), { recursive: true });
  const text = source();
  writeFileSync(join(dir, REL), text);
  // The library exceeds its memory if texts that repeat the file replace parts of a long one.
  const isLong = text.length > 10000;
  const entries = Array.from({ length: 1 + (!isLong && chance(35) ? 1 + random(2) : 0) }, (_, index) => entry(dir, index, isLong));
  const json = { packageDirectories: [{ path: 'force-app', default: true }], sourceApiVersion: '63.0', replacements: entries };
  writeFileSync(join(dir, 'sfdx-project.json'), JSON.stringify(json));
  return { dir, text, entries };
}

/** The text that the library deploys. It throws if the deploy fails. */
async function deployed({ dir, entries }, text) {
  const path = join(dir, REL);
  if (text !== undefined) writeFileSync(path, text);
  const marking = await replacements.getReplacementMarkingStream(dir);
  const tree = { stream: (it) => createReadStream(it) };
  const component = { xml: path, walkContent: () => [], isMarkedForDelete: () => false, tree };
  if (marking) {
    marking.write(component);
    await Promise.race([once(marking, 'data'), once(marking, 'error').then(([error]) => { throw error; })]);
  }
  const chunks = [];
  for await (const chunk of replacements.getReplacementStreamForReadable(component, path)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: false, htmlEntities: true, isArray: () => true });

/** The answer to each rule for a text. */
function answers(text) {
  const clean = text.replace(/^\ufeff/, '');
  if (XMLValidator.validate(clean) !== true) return undefined;
  const root = parser.parse(clean).ConnectedApp?.[0];
  if (root === undefined) return undefined;
  // As in the parser of forcelint, only the white space of XML is trimmed.
  const texts = (elements) => (elements ?? []).map((it) => (typeof it === 'string' ? it.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '') : it));
  const [flags, labels] = [texts(root.oauthConfig?.length === 1 ? root.oauthConfig[0].isPkceRequired : []), texts(root.label)];
  return {
    'flag-is-true': flags.length === 1 && ['true', '1'].includes(flags[0]),
    'label-is-portal': labels.length > 0 && labels.every((it) => it === 'Portal'),
    'has-description': texts(root.description).some((it) => it !== ''),
  };
}

/** What forcelint reports for a project. */
function reported(dir, config) {
  const args = ['check', dir, '--format=json', '--quiet', `--select=${Object.keys(RULES)}`, `--config=${config}`];
  const outcome = spawnSync(resolve(forcelint), args, { encoding: 'utf8' });
  if (outcome.error || outcome.status > 1) throw new Error(`forcelint: ${outcome.error ?? outcome.stderr}`);
  return JSON.parse(outcome.stdout);
}

function fixedText(text, fix) {
  const bytes = Buffer.from(text);
  let at = 0;
  const parts = [];
  for (const edit of [...fix.edits].sort((one, other) => one.offset - other.offset)) {
    parts.push(bytes.subarray(at, edit.offset), Buffer.from(edit.text));
    at = edit.offset + edit.length;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]).toString();
}

const work = mkdtempSync(join(tmpdir(), 'replacements-'));
const count = { same: 0, unknown: 0, conservative: 0, 'deploy fails': 0, fixes: 0, wrong: 0 };

/** Compares the answers for one project. */
async function compare(it, config) {
  const plain = answers(it.text);
  let right;
  try {
    right = answers(await deployed(it));
  } catch {
    // The deploy fails.
  }
  const { summary, findings } = reported(it.dir, config);
  const malformed = findings.some(({ rule }) => rule === 'malformed-metadata');
  for (const id of Object.keys(RULES)) {
    const finding = findings.find(({ rule }) => rule === id);
    const notChecked = malformed || summary.not_checked.some(({ rule }) => rule === id);
    if (right === undefined) {
      count['deploy fails'] += 1;
    } else if (notChecked) {
      count[right[id] !== plain?.[id] ? 'unknown' : 'conservative'] += 1;
    } else if (right[id] === !finding) {
      count.same += 1;
    } else {
      count.wrong += 1;
      console.log(`wrong: ${id}: the library deploys ${right[id]}: ${JSON.stringify(it.entries)} in ${it.dir}`);
    }
    if (finding?.fix && right) {
      count.fixes += 1;
      const fixed = answers(await deployed(it, fixedText(it.text, finding.fix)));
      writeFileSync(join(it.dir, REL), it.text);
      if (!fixed?.[id]) {
        count.wrong += 1;
        console.log(`wrong fix: ${id}: ${JSON.stringify(it.entries)} in ${it.dir}`);
      }
    }
  }
}

try {
  const config = join(work, 'rules.toml');
  for (const [id, text] of Object.entries(RULES)) writeFileSync(join(work, `${id}.toml`), text);
  writeFileSync(config, `rule-paths = ${JSON.stringify(Object.keys(RULES).map((id) => `${id}.toml`))}\n`);
  for (let index = 0; index < Number(projects); index += 1) {
    const it = project(join(work, 'projects', `p${index}`));
    await compare(it, config);
    if (!process.env.KEEP) rmSync(it.dir, { recursive: true });
  }
} finally {
  if (!process.env.KEEP) rmSync(work, { recursive: true });
}
console.log(`${projects} projects: ${Object.entries(count).map(([name, number]) => `${name} ${number}`).join(', ')}`);
process.exit(count.wrong ? 1 : 0);

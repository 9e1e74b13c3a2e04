// Packs the npm packages from the archives of a release: `forcelint`, which is a launcher, one package with the program for
// each platform, and the plugins that start it.
//
// Arguments: the folder with the archives, and the folder for the packages, which are ready for `npm publish`. Version and
// description come from Cargo.toml. A missing archive is reported and its package is skipped, because a developer's machine
// usually has only one archive.

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const NOTICES = "THIRD-PARTY-NOTICES.txt";
const PLATFORMS = [
  { target: "x86_64-unknown-linux-musl", os: "linux", cpus: ["x64"] },
  { target: "aarch64-unknown-linux-musl", os: "linux", cpus: ["arm64"] },
  { target: "x86_64-apple-darwin", os: "darwin", cpus: ["x64"] },
  { target: "aarch64-apple-darwin", os: "darwin", cpus: ["arm64"] },
  // Windows on ARM runs programs for x64.
  { target: "x86_64-pc-windows-msvc", os: "win32", cpus: ["x64", "arm64"] },
];

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const [archives, packages] = process.argv.slice(2, 4).map((path) => resolve(path));
const cargo = readFileSync(join(root, "Cargo.toml"), "utf8");
const field = (key) => new RegExp(`^${key} = "(.*)"$`, "m").exec(cargo)[1];
const version = field("version");

const common = {
  version,
  license: field("license"),
  // npm compares this with the repository in the provenance.
  repository: { type: "git", url: `git+${field("repository")}.git` },
  homepage: field("repository"),
  bugs: `${field("repository")}/issues`,
};

const work = mkdtempSync(join(tmpdir(), "forcelint-npm-"));

function pack(manifest, fill) {
  const folder = join(work, manifest.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  fill(folder);
  execFileSync("npm", ["pack", "--silent", "--pack-destination", packages], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    // On Windows npm is a script.
    shell: process.platform === "win32",
  });
  console.log(`${manifest.name} ${version}`);
}

function packPlatform({ target, os, cpus }) {
  const windows = os === "win32";
  const release = `forcelint-${version}-${target}`;
  const archive = join(archives, `${release}.${windows ? "zip" : "tar.gz"}`);
  if (!existsSync(archive)) {
    console.log(`${archive} is missing`);
    return;
  }
  const unpacked = join(work, "unpacked");
  mkdirSync(unpacked, { recursive: true });
  const unpack = windows ? ["unzip", "-qo", archive, "-d", unpacked] : ["tar", "-xzf", archive, "-C", unpacked];
  execFileSync(unpack[0], unpack.slice(1), { stdio: "inherit" });
  const program = windows ? "forcelint.exe" : "forcelint";
  const name = `@forcelint/${os}-${cpus[0]}`;
  const manifest = {
    name,
    description: `forcelint for ${os} on ${cpus.join(" and ")}. Install the package forcelint, which selects the right platform`,
    ...common,
    os: [os],
    cpu: cpus,
    // Without this, Yarn would keep the package in a zip file, where the program cannot run.
    preferUnplugged: true,
    publishConfig: { access: "public" },
  };
  pack(manifest, (folder) => {
    mkdirSync(join(folder, "bin"));
    cpSync(join(unpacked, release, program), join(folder, "bin", program));
    cpSync(join(unpacked, release, NOTICES), join(folder, NOTICES));
    chmodSync(join(folder, "bin", program), 0o755);
  });
}

/** A package in this repository that depends on the launcher of the same version. */
function packPlugin(source) {
  const { private: _, ...manifest } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
  const dependencies = { ...manifest.dependencies, forcelint: version };
  pack({ ...manifest, ...common, dependencies }, (folder) => {
    // npm packs what the manifest lists.
    cpSync(source, folder, { recursive: true, filter: (path) => !/node_modules|package\.json$/.test(path) });
    // The Salesforce CLI ignores a manifest with another version than the package has.
    const commands = join(folder, "oclif.manifest.json");
    if (existsSync(commands)) {
      writeFileSync(commands, `${JSON.stringify({ ...JSON.parse(readFileSync(commands, "utf8")), version }, null, 2)}\n`);
    }
  });
}

try {
  mkdirSync(packages, { recursive: true });
  PLATFORMS.forEach(packPlatform);
  const names = PLATFORMS.map(({ os, cpus }) => `@forcelint/${os}-${cpus[0]}`);
  const manifest = {
    name: "forcelint",
    description: field("description"),
    keywords: JSON.parse(/^keywords = (.*)$/m.exec(cargo)[1]),
    ...common,
    bin: { forcelint: "bin/forcelint.js" },
    // The ESLint plugin and the plugin for the Salesforce CLI find the program with this.
    exports: { "./program": "./lib/program.js", "./package.json": "./package.json" },
    files: ["bin", "lib"],
    engines: { node: ">=18" },
    optionalDependencies: Object.fromEntries(names.map((name) => [name, version])),
  };
  pack(manifest, (folder) => {
    mkdirSync(join(folder, "bin"));
    cpSync(join(here, "bin/forcelint.js"), join(folder, "bin/forcelint.js"));
    cpSync(join(here, "lib"), join(folder, "lib"), { recursive: true });
    cpSync(join(root, "README.md"), join(folder, "README.md"));
  });
  packPlugin(resolve(here, "../eslint-plugin"));
  packPlugin(resolve(here, "../sf-plugin"));
} finally {
  rmSync(work, { recursive: true, force: true });
}

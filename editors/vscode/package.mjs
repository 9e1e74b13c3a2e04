// Packs the extension: one .vsix per VS Code platform, with the program of a release in it.
//
// Arguments: the folder with the archives of a release, and the folder for the packages. The version comes from Cargo.toml. A
// missing archive is reported and its packages are skipped, because a developer's machine usually has only one archive. Run
// `npm ci` first.

import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";
import { buildSync } from "esbuild";

const NOTICES = "THIRD-PARTY-NOTICES.txt";
const ARCHIVES = [
  // Static programs run in Alpine too.
  { target: "x86_64-unknown-linux-musl", platforms: ["linux-x64", "alpine-x64"] },
  { target: "aarch64-unknown-linux-musl", platforms: ["linux-arm64", "alpine-arm64"] },
  { target: "x86_64-apple-darwin", platforms: ["darwin-x64"] },
  { target: "aarch64-apple-darwin", platforms: ["darwin-arm64"] },
  // Windows on ARM runs programs for x64.
  { target: "x86_64-pc-windows-msvc", platforms: ["win32-x64", "win32-arm64"] },
];

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const [archives, packages] = process.argv.slice(2, 4).map((path) => resolve(path));
const cargo = readFileSync(join(root, "Cargo.toml"), "utf8");
const manifest = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const { homepage } = manifest;
const version = /^version = "(.*)"$/m.exec(cargo)[1];
const work = mkdtempSync(join(tmpdir(), "forcelint-vscode-"));
const folder = join(work, "extension");

/** Creates the files that are the same in every package. */
function layOut() {
  mkdirSync(join(folder, "bin"), { recursive: true });
  // Users of the package do not need scripts and development dependencies.
  const { private: _, scripts, devDependencies, ...shown } = manifest;
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ ...shown, version }, null, 2)}\n`);
  for (const file of ["README.md", "icon.png"]) {
    cpSync(join(here, file), join(folder, file));
  }
  for (const file of ["LICENSE", "CHANGELOG.md"]) {
    cpSync(join(root, file), join(folder, file));
  }
  buildSync({
    entryPoints: [join(here, "src/extension.ts")],
    outfile: join(folder, "dist/extension.js"),
    bundle: true,
    platform: "node",
    target: "node20",
    external: ["vscode"],
    legalComments: "eof",
  });
}

/** Unpacks the program and the license notices of an archive. */
function unpack(target) {
  const windows = target.includes("windows");
  const release = `forcelint-${version}-${target}`;
  const archive = join(archives, `${release}.${windows ? "zip" : "tar.gz"}`);
  if (!existsSync(archive)) {
    console.log(`${archive} is missing`);
    return false;
  }
  const words = windows ? ["unzip", "-qo", archive, "-d", work] : ["tar", "-xzf", archive, "-C", work];
  execFileSync(words[0], words.slice(1), { stdio: "inherit" });
  const program = windows ? "forcelint.exe" : "forcelint";
  rmSync(join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, "bin"));
  cpSync(join(work, release, program), join(folder, "bin", program));
  cpSync(join(work, release, NOTICES), join(folder, NOTICES));
  chmodSync(join(folder, "bin", program), 0o755);
  return true;
}

try {
  // The same content gives the same bytes.
  process.env.SOURCE_DATE_EPOCH = execFileSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" }).trim();
  mkdirSync(packages, { recursive: true });
  layOut();
  for (const { target, platforms } of ARCHIVES.filter(({ target }) => unpack(target))) {
    for (const platform of platforms) {
      await createVSIX({
        cwd: folder,
        packagePath: join(packages, `forcelint-${version}-${platform}.vsix`),
        target: platform,
        dependencies: false,
        // Links in the changelog and the README point to the release. Pictures are not in the package.
        githubBranch: `v${version}`,
        baseImagesUrl: `${homepage}/raw/v${version}/editors/vscode`,
      });
    }
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

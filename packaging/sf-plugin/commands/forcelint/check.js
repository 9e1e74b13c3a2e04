// `sf forcelint check`
import { resolve } from "node:path";

import { Flags, SfCommand } from "@salesforce/sf-plugins-core";

import { retrieve } from "../../retrieve.js";
import { exitOnSignals, start } from "../../start.js";
import { temporaryFolder } from "../../temporary-folder.js";

/** forcelint's exit status for "something could not be done". */
const COULD_NOT_CHECK = 2;

export default class ForcelintCheck extends SfCommand {
  static summary = "Check the metadata of a project or an org for insecure settings.";

  static description = `Without flags, the command checks the package directories of the project around the working directory. With --target-org, the Salesforce CLI retrieves the metadata that the rules read, into a temporary folder that is removed afterwards.

Exit code 0 means no findings at or above --fail-on, 1 at least one, and 2 that something could not be done.`;

  static examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --source-dir force-app --fail-on high",
    "<%= config.bin %> <%= command.id %> --target-org my-org --json",
  ];

  static flags = {
    "source-dir": Flags.string({
      char: "d",
      multiple: true,
      summary: "File, folder or zip of metadata to check. Can be repeated.",
      exclusive: ["target-org"],
    }),
    "target-org": Flags.string({
      char: "o",
      summary: "Username or alias of the org to check.",
    }),
    config: Flags.string({
      summary: "Config file to use instead of the project's forcelint.toml. Required for a config to apply to an org.",
    }),
    "fail-on": Flags.string({
      summary: "Lowest severity that fails the run: critical, high, medium, low, info or never.",
    }),
    "min-severity": Flags.string({
      summary: "Lowest severity to report: critical, high, medium, low or info.",
    }),
  };

  /** @returns {Promise<object | undefined>} forcelint's report, with `--json` */
  async run() {
    const { flags } = await this.parse(ForcelintCheck);
    exitOnSignals();
    // The programs run in another folder.
    const config = flags.config === undefined ? [] : [`--config=${resolve(flags.config)}`];
    const options = ["fail-on", "min-severity"].filter((name) => flags[name] !== undefined).map((name) => `--${name}=${flags[name]}`);
    try {
      const org = flags["target-org"];
      return await (org === undefined
        ? this.#check([...config, ...options, "--", ...(flags["source-dir"] ?? [])])
        : this.#checkOrg(org, config, options));
    } catch (error) {
      throw Object.assign(error, { name: "ForcelintError", exitCode: COULD_NOT_CHECK });
    }
  }

  async #checkOrg(org, config, options) {
    const folder = temporaryFolder();
    try {
      this.spinner.start(`Retrieving metadata from ${org}`);
      const { zip, warnings } = await retrieve(org, folder.path, config);
      this.spinner.stop();
      warnings.forEach((warning) => this.warn(warning));
      return await this.#check([...config, ...options, zip], folder.path);
    } finally {
      folder.remove();
    }
  }

  /** Runs `forcelint check`, which prints its report, or with `--json` returns it. */
  async #check(args, cwd) {
    if (!this.jsonEnabled()) {
      const { status } = await start(["check", ...args], { cwd, stdio: "inherit" });
      process.exitCode = status;
      return undefined;
    }
    const { status, stdout, stderr } = await start(["check", "--quiet", "--format=json", ...args], { cwd });
    if (stdout === "") {
      throw new Error(stderr.trim() || `forcelint ended with status ${status}`);
    }
    process.exitCode = status;
    return JSON.parse(stdout);
  }
}

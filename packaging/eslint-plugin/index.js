// The ESLint plugin: a language for Salesforce metadata, one rule per rule and severity of forcelint, and configurations.
"use strict";

const { rules: builtIn, suffixes } = require("./data.json");
const language = require("./language.js");
const { ruleName, SEVERITIES } = require("./rule-name.js");

const PAGES = "https://github.com/forcelint/forcelint/blob/main/docs";

/** Files in source format of all types, because your own rules can check any type, and those in metadata format. */
const files = ["**/*-meta.xml", `**/*.{${suffixes.join(",")}}`];

/**
 * A rule that reports what the language found for it.
 *
 * @param {string} name
 * @param {string} description
 * @param {string} page
 */
function rule(name, description, page) {
  return {
    meta: {
      type: "problem",
      docs: { description, url: `${PAGES}/${page}` },
      fixable: "code",
      hasSuggestions: true,
      languages: ["forcelint/metadata"],
      schema: [],
    },
    create(context) {
      const { reports } = context.sourceCode.ast;
      reports.enabled.add(name);
      return {
        Document() {
          reports.of(name).forEach((report) => context.report(report));
        },
      };
    },
  };
}

/** @type {Record<string, ReturnType<typeof rule>>} */
const rules = {};
for (const { id, title, severities } of builtIn) {
  for (const severity of severities) {
    const name = ruleName(id, severity);
    rules[name] = rule(name, title, `rules/${id}.md`);
  }
}
for (const severity of SEVERITIES) {
  const name = ruleName("other", severity);
  const text = "Your own rule, or a rule with a severity that forcelint.toml sets";
  rules[name] = rule(name, text, "code-analyzer.md");
}
rules["not-checked"] = rule("not-checked", "What could not be checked, with the reason", "code-analyzer.md");
rules.notice = rule("notice", "A comment for forcelint that has no effect", "exceptions.md");

/** @param {(severity: string | undefined) => string} level the level of a rule, by its severity */
const levels = (level) =>
  Object.fromEntries(Object.keys(rules).map((name) => [`forcelint/${name}`, level(name.split("/")[1])]));

const plugin = {
  meta: { name: "eslint-plugin-forcelint", version: require("./package.json").version, namespace: "forcelint" },
  languages: { metadata: language },
  rules,
  configs: {},
};

/** @param {string} name @param {Record<string, string>} rules */
const config = (name, rules) => ({
  name: `forcelint/${name}`,
  files,
  plugins: { forcelint: plugin },
  language: "forcelint/metadata",
  rules,
});

// What fails `forcelint check` by default is an error, so that a green run means the same in both tools.
Object.assign(plugin.configs, {
  recommended: config("recommended", levels((severity) => (severity === "info" ? "off" : severity ? "error" : "warn"))),
  all: config("all", levels((severity) => (severity === "info" || !severity ? "warn" : "error"))),
});

module.exports = plugin;

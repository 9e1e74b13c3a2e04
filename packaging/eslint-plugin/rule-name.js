// The ESLint rule for a finding.
"use strict";

const { rules } = require("./data.json");

const SEVERITIES = ["critical", "high", "medium", "low", "info"];

/** @param {string} id the forcelint rule @param {string} severity */
const ruleName = (id, severity) => `${id}/${severity}`;

const known = new Set(rules.flatMap(({ id, severities }) => severities.map((severity) => ruleName(id, severity))));

/**
 * The rule that reports a finding. ESLint cannot add rules for one project, so findings of the user's own rules, and those
 * with a severity that only forcelint.toml sets, have one rule per severity.
 *
 * @param {string} id
 * @param {string} severity
 */
const reportingRule = (id, severity) => {
  const name = ruleName(id, severity);
  return known.has(name) ? name : ruleName("other", severity);
};

module.exports = { SEVERITIES, ruleName, reportingRule };

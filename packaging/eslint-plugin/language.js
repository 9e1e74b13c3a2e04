// The ESLint language `forcelint/metadata`. Its parser has the text checked, and the syntax tree is one node with the
// findings by ESLint rule.
"use strict";

const { resolve } = require("node:path");

const { check } = require("./check.js");
const { reportingRule } = require("./rule-name.js");
const { TextPositions } = require("./text-positions.js");

/** One node, so rules run once per file. */
class SourceCode {
  constructor(text, ast) {
    this.text = text;
    this.ast = ast;
    this.lines = text.split(/\r\n|[\r\n]/);
  }
  getText() {
    return this.text;
  }
  getLoc(node) {
    return node.loc;
  }
  getRange(node) {
    return node.range;
  }
  getParent() {
    return undefined;
  }
  getAncestors() {
    return [];
  }
  traverse() {
    return [1, 2].map((phase) => ({ kind: 1, target: this.ast, phase, args: [this.ast] }));
  }
}

/** The reports of a file, by rule. */
function reports({ findings, notChecked, notices }, text) {
  const positions = new TextPositions(text);
  const byRule = new Map();
  const add = (name, report) => {
    if (!byRule.has(name)) {
      byRule.set(name, []);
    }
    byRule.get(name).push(report);
  };
  const place = ({ message, range }) => ({ message, loc: positions.location(range) });
  // Other fixes depend on which fields there are, so names are corrected in a pass of their own.
  const correctsName = findings.some(({ fix }) => fix?.isSafe && fix.correctsName);
  for (const { rule, severity, fix, ...found } of findings) {
    const change = fix && ((fixer) => fix.edits.map((edit) => fixer.replaceTextRange(positions.range(edit.range), edit.newText)));
    const isFixed = fix?.isSafe && (fix.correctsName || !correctsName);
    add(reportingRule(rule, severity), {
      ...place(found),
      fix: isFixed ? change : null,
      suggest: change && !isFixed ? [{ desc: fix.title, fix: change }] : [],
    });
  }
  notChecked.forEach((found) => add("not-checked", place(found)));
  notices.forEach((found) => add("notice", place(found)));
  return byRule;
}

module.exports = {
  fileType: "text",
  lineStart: 1,
  columnStart: 1,
  nodeTypeKey: "type",
  validateLanguageOptions() {},
  parse(file) {
    const text = String(file.body);
    const findings = reports(check(resolve(file.physicalPath ?? file.path), text), text);
    const start = { line: 1, column: 1 };
    return { ok: true, ast: { type: "Document", findings, range: [0, text.length], loc: { start, end: start } } };
  },
  createSourceCode: (file, { ast }) => new SourceCode(String(file.body), ast),
};

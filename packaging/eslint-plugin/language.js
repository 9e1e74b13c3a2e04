// The ESLint language `forcelint/metadata`. Its parser has the text checked, and the syntax tree is one node with the
// reports of the rules.
"use strict";

const { resolve } = require("node:path");

const { check } = require("./check.js");
const { Reports } = require("./reports.js");

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

module.exports = {
  fileType: "text",
  lineStart: 1,
  columnStart: 1,
  nodeTypeKey: "type",
  validateLanguageOptions() {},
  parse(file) {
    const text = String(file.body);
    const reports = new Reports(text, check(resolve(file.physicalPath ?? file.path), text));
    const start = { line: 1, column: 1 };
    return { ok: true, ast: { type: "Document", reports, range: [0, text.length], loc: { start, end: start } } };
  },
  createSourceCode: (file, { ast }) => new SourceCode(String(file.body), ast),
};

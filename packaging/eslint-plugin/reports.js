// What the ESLint rules report about a file, with fixes.
"use strict";

const { reportingRule } = require("./rule-name.js");
const { TextPositions } = require("./text-positions.js");

class Reports {
  /**
   * The rules that are enabled for the file. ESLint creates all of them before the first one reports.
   *
   * @type {Set<string>}
   */
  enabled = new Set();

  #text;
  #results;
  #positions;
  /** @type {Map<string, object[]> | undefined} */
  #byRule;

  /** @param {string} text @param {import("./server.js").Results} results */
  constructor(text, results) {
    this.#text = text;
    this.#results = results;
    this.#positions = new TextPositions(text);
  }

  /** @param {string} rule */
  of(rule) {
    this.#byRule ??= this.#make();
    return this.#byRule.get(rule) ?? [];
  }

  #make() {
    const { findings, allFixes, notChecked, notices } = this.#results;
    const byRule = new Map();
    const add = (rule, report) => byRule.set(rule, [...(byRule.get(rule) ?? []), report]);
    const place = ({ message, range }) => ({ message, loc: this.#positions.location(range) });
    const change = (edits) => (fixer) => edits.map(({ range, newText }) => fixer.replaceTextRange(this.#positions.range(range), newText));
    const isTogether = this.#mustFixTogether();
    for (const { rule, severity, hasSafeFix, fix, ...found } of findings) {
      const report = place(found);
      if (isTogether && hasSafeFix) {
        report.fix = allFixes.length > 0 ? change(allFixes) : null;
      } else if (fix?.isSafe) {
        report.fix = change(fix.edits);
      } else if (fix) {
        report.suggest = [{ desc: fix.title, fix: change(fix.edits) }];
      }
      add(reportingRule(rule, severity), report);
    }
    notChecked.forEach((found) => add("not-checked", place(found)));
    notices.forEach((found) => add("notice", place(found)));
    return byRule;
  }

  /**
   * Whether the safe fixes, each by itself, would not add up to what `check --fix` does: if they overlap, or one depends on
   * another. Then each safe finding has all of them as its fix, and ESLint applies it once. This must not fix findings of
   * rules that are not enabled.
   */
  #mustFixTogether() {
    const { findings, allFixes } = this.#results;
    const isEnabled = ({ rule, severity }) => this.enabled.has(reportingRule(rule, severity));
    const safe = findings.filter(({ hasSafeFix }) => hasSafeFix);
    if (!safe.every(isEnabled)) {
      return false;
    }
    const single = safe.flatMap(({ fix }) => fix?.edits ?? []);
    const text = this.#apply(single);
    return text === undefined || text !== this.#apply(allFixes);
  }

  /** The text after edits, or `undefined` if they overlap. */
  #apply(edits) {
    const sorted = edits.map(({ range, newText }) => [...this.#positions.range(range), newText]).sort((one, other) => one[0] - other[0]);
    let [text, last, at] = ["", -1, 0];
    for (const [start, end, newText] of sorted) {
      if (start < at || start === last) {
        return undefined;
      }
      text += this.#text.slice(at, start) + newText;
      [last, at] = [start, end];
    }
    return text + this.#text.slice(at);
  }
}

module.exports = { Reports };

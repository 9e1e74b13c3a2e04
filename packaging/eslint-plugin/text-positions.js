// Positions of the language server protocol in a text: lines from 0, columns in UTF-16 code units from 0.
"use strict";

class TextPositions {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.starts = [0];
    for (const { index, 0: end } of text.matchAll(/\r\n|[\r\n]/g)) {
      this.starts.push(index + end.length);
    }
  }

  /** @returns {number} the index in the text */
  index({ line, character }) {
    const start = this.starts[line] ?? this.text.length;
    return Math.min(start + character, this.text.length);
  }

  /** @returns {[number, number]} */
  range({ start, end }) {
    return [this.index(start), this.index(end)];
  }

  /** A location for ESLint, which counts from 1. */
  location({ start, end }) {
    const position = ({ line, character }) => ({ line: line + 1, column: character + 1 });
    return { start: position(start), end: position(end) };
  }
}

module.exports = { TextPositions };

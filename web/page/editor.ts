// The editor pane: one file, with its findings.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { xml } from "@codemirror/lang-xml";
import { HighlightStyle, bracketMatching, foldGutter, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

import { marked } from "./elements";
import { Offsets } from "./offsets";
import type { Finding, Severity } from "./report";
import { setMarks, severityGutter } from "./severity_gutter";

/** Findings in longer texts are found, but the text has no colors. */
const MAX_COLORED = 2_000_000;

/** How the editor underlines a finding. */
const UNDERLINES: Record<Severity, Diagnostic["severity"]> = { critical: "error", high: "error", medium: "warning", low: "info", info: "info" };

const colors = HighlightStyle.define([
  { tag: [tags.tagName, tags.angleBracket], color: "var(--tag)" },
  { tag: tags.attributeName, color: "var(--attribute)" },
  { tag: [tags.attributeValue, tags.string], color: "var(--string)" },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: "var(--quiet)" },
]);

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--text)", backgroundColor: "var(--paper)" },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "-2px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { color: "var(--quiet)", backgroundColor: "var(--paper)", borderRight: "1px solid var(--line)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--active)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": { background: "var(--selection) !important" },
  ".cm-tooltip, .cm-panels": {
    color: "var(--text)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    maxWidth: "min(36rem, 90vw)",
  },
  ".cm-diagnostic": { borderLeft: "4px solid var(--low)", padding: "6px 10px" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--critical)" },
  ".cm-diagnostic-warning": { borderLeftColor: "var(--medium)" },
  ".cm-severities": { width: "1.7em" },
  ".cm-severity": { display: "block", textAlign: "center", fontWeight: "700", fontSize: "11px" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)", padding: "2px 8px", fontSize: "12px" },
});

export interface EditorActions {
  /** The user changed the text. */
  changed(text: string): void;
  /** The user moved the cursor into a finding. */
  entered(finding: Finding): void;
  fix(finding: Finding): void;
}

export class Editor {
  readonly view: EditorView;
  private findings: { from: number; to: number; finding: Finding }[] = [];
  private isSetting = false;

  constructor(
    parent: HTMLElement,
    private actions: EditorActions,
  ) {
    this.view = new EditorView({ parent, state: this.state("", "") });
  }

  private state(text: string, name: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        // Line ends stay as they are in the file.
        EditorState.lineSeparator.of("\n"),
        EditorState.allowMultipleSelections.of(true),
        lineNumbers(),
        highlightActiveLineGutter(),
        // The carriage return of a Windows line end is not shown.
        highlightSpecialChars({ specialChars: /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffc]/g }),
        history(),
        foldGutter(),
        drawSelection(),
        bracketMatching(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        search({ top: true }),
        severityGutter,
        // Files have their end tags: completing one that is typed would double it.
        text.length < MAX_COLORED ? [xml({ autoCloseTags: false }), syntaxHighlighting(colors)] : [],
        look,
        // Tab leaves the editor, like every other part of the page.
        keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap]),
        EditorView.contentAttributes.of({ "aria-label": `Text of ${name}`, tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) {
            // Until the next check, the findings move with the text.
            const moved = (at: number, side: number) => update.changes.mapPos(at, side);
            this.findings = this.findings.map((it) => ({ ...it, from: moved(it.from, -1), to: moved(it.to, 1) }));
          }
          if (this.isSetting) return;
          if (update.docChanged) this.actions.changed(this.text());
          else if (update.selectionSet) this.noteCursor();
        }),
      ],
    });
  }

  text(): string {
    return this.view.state.doc.toString();
  }

  /** Shows another file. */
  open(text: string, name: string) {
    this.isSetting = true;
    this.findings = [];
    this.view.setState(this.state(text, name));
    this.isSetting = false;
  }

  /** Replaces the text, so that undo brings back the old one. */
  replace(text: string) {
    const old = this.text();
    let start = 0;
    while (start < old.length && start < text.length && old[start] === text[start]) start += 1;
    let end = 0;
    const most = Math.min(old.length, text.length) - start;
    while (end < most && old[old.length - 1 - end] === text[text.length - 1 - end]) end += 1;
    this.isSetting = true;
    this.view.dispatch({ changes: { from: start, to: old.length - end, insert: text.slice(start, text.length - end) } });
    this.isSetting = false;
  }

  /** Marks the findings, and their evidence. */
  mark(findings: Finding[]) {
    const text = this.text();
    const offsets = new Offsets(text);
    const range = (span: Finding["span"]) => {
      const from = offsets.unit(span.start.offset);
      return { from, to: Math.max(from, offsets.unit(span.end.offset)) };
    };
    this.findings = findings.map((finding) => ({ ...range(finding.span), finding }));
    const diagnostics: Diagnostic[] = this.findings.map(({ from, to, finding }) => ({
      from,
      to,
      severity: UNDERLINES[finding.severity],
      source: `${finding.severity} · ${finding.rule}`,
      message: finding.message,
      renderMessage: () => {
        const message = document.createElement("span");
        message.append(marked(finding.message));
        return message;
      },
      actions:
        finding.fix === null || finding.fix.contains_secret
          ? []
          : [{ name: finding.fix.title.replaceAll("`", ""), apply: () => this.actions.fix(finding) }],
    }));
    for (const finding of findings) {
      for (const related of finding.related.filter((it) => it.path === finding.path)) {
        diagnostics.push({ ...range(related.span), severity: "hint", source: `evidence · ${finding.rule}`, message: related.message });
      }
    }
    diagnostics.sort((one, other) => one.from - other.from || one.to - other.to);
    this.view.dispatch(
      setDiagnostics(this.view.state, diagnostics),
      { effects: setMarks.of(this.findings.map(({ from, finding }) => ({ from, severity: finding.severity }))) },
    );
  }

  /** Scrolls to a finding and selects it. */
  select(finding: Finding, hasFocus: boolean) {
    const found = this.findings.find((it) => it.finding === finding);
    if (found === undefined) return;
    this.isSetting = true;
    this.view.dispatch({
      selection: { anchor: found.from, head: found.to },
      effects: EditorView.scrollIntoView(found.from, { y: "center" }),
    });
    this.isSetting = false;
    if (hasFocus) this.view.focus();
  }

  /** The text with the edits of a fix. */
  fixed(finding: Finding): string {
    const text = this.text();
    const offsets = new Offsets(text);
    // From the end, so that the offsets of the others stay valid.
    const edits = [...(finding.fix?.edits ?? [])].reverse().sort((one, other) => other.offset - one.offset);
    return edits.reduce(
      (result, edit) =>
        result.slice(0, offsets.unit(edit.offset)) + edit.text + result.slice(offsets.unit(edit.offset + edit.length)),
      text,
    );
  }

  private noteCursor() {
    const { head } = this.view.state.selection.main;
    const around = this.findings.filter((it) => it.from <= head && head <= it.to);
    const [smallest] = around.sort((one, other) => one.to - one.from - (other.to - other.from));
    if (smallest !== undefined) this.actions.entered(smallest.finding);
  }
}

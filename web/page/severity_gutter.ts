// The column beside the line numbers: the highest severity of each line, as a letter in its color.

import { RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { GutterMarker, gutter } from "@codemirror/view";
import type { RangeSet } from "@codemirror/state";
import { SEVERITIES, type Severity } from "./report";

class Mark extends GutterMarker {
  constructor(
    readonly severity: Severity,
    readonly count: number,
  ) {
    super();
  }

  override eq(other: Mark) {
    return this.severity === other.severity && this.count === other.count;
  }

  override toDOM() {
    const mark = document.createElement("span");
    mark.className = `cm-severity ${this.severity}`;
    mark.textContent = this.severity.charAt(0).toUpperCase();
    mark.title = this.count === 1 ? `${this.severity} finding` : `${this.count} findings, the worst is ${this.severity}`;
    return mark;
  }
}

/** Sets the findings: each with the position at which it begins. */
export const setMarks = StateEffect.define<{ from: number; severity: Severity }[]>();

const marks = StateField.define<RangeSet<GutterMarker>>({
  create: () => new RangeSetBuilder<GutterMarker>().finish(),
  update(value, transaction) {
    let result = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue;
      const lines = new Map<number, { at: number; count: number }>();
      for (const { from, severity } of effect.value) {
        const line = transaction.state.doc.lineAt(Math.min(from, transaction.state.doc.length)).from;
        const known = lines.get(line);
        const at = SEVERITIES.indexOf(severity);
        lines.set(line, { at: Math.min(at, known?.at ?? at), count: (known?.count ?? 0) + 1 });
      }
      const builder = new RangeSetBuilder<GutterMarker>();
      for (const [line, { at, count }] of [...lines].sort(([one], [other]) => one - other)) {
        builder.add(line, line, new Mark(SEVERITIES[at] ?? "info", count));
      }
      result = builder.finish();
    }
    return result;
  },
});

export const severityGutter = [
  marks,
  gutter({ class: "cm-severities", markers: (view) => view.state.field(marks), initialSpacer: () => new Mark("info", 1) }),
];

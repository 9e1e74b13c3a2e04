// The JSON report, as far as the page shows it.

export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface Span {
  start: { line: number; column: number; offset: number };
  end: { line: number; column: number; offset: number };
}

export interface Edit {
  offset: number;
  length: number;
  text: string;
}

export interface Finding {
  rule: string;
  severity: Severity;
  message: string;
  help: string;
  docs_url: string | null;
  component: { type: string; name: string };
  path: string;
  span: Span;
  related: { message: string; path: string; span: Span }[];
  fix: {
    title: string;
    applicability: "safe" | "needs-rollout";
    rollout: string | null;
    edits: Edit[];
    contains_secret: boolean;
  } | null;
  fingerprint: string;
}

export interface NotChecked {
  rule: string;
  component: { type: string; name: string };
  path: string;
  reason: string;
}

export interface Report {
  summary: {
    files_seen: number;
    files_checked: number;
    components: Record<string, number>;
    skipped: Record<string, number>;
    suppressed: Record<string, number>;
    not_shown: { findings: Record<Severity, number> };
    not_checked: NotChecked[];
    to_retrieve: string[];
    notes: string[];
  };
  disabled_rules: { rule: string }[];
  lowered_rules: { rule: string }[];
  findings: Finding[];
  more: { rule: string; severity: Severity; path: string; count: number; suppressed: unknown }[];
  stories: {
    id: string;
    title: string;
    severity: Severity;
    component: { type: string; name: string };
    steps: { text: string; findings: { rule: string; path: string; fingerprint: string }[] }[];
  }[];
  errors: { path: string; message: string }[];
}

export interface Rule {
  id: string;
  title: string;
  severity: Severity;
  severities: Severity[];
  tags: string[];
  metadata: string[];
  fixable: boolean;
  help: string;
  url: string | null;
  authority: string | null;
  controls: { authority?: string | null; id: string; title?: string | null; url?: string | null }[];
}

export interface ExplainedRule extends Rule {
  setup: string[];
  references: string[];
  exceptions: string | null;
  notes: string | null;
  control: Record<string, string> | null;
}

/** The findings of one rule. */
export interface RuleFindings {
  rule: string;
  findings: Finding[];
  counts: number[];
}

/** The findings by rule. As in all reports, the rule with the most critical findings is first. */
export function byRule(findings: Finding[]): RuleFindings[] {
  const groups = new Map<string, RuleFindings>();
  for (const finding of findings) {
    let group = groups.get(finding.rule);
    if (group === undefined) {
      group = { rule: finding.rule, findings: [], counts: SEVERITIES.map(() => 0) };
      groups.set(finding.rule, group);
    }
    group.findings.push(finding);
    const at = SEVERITIES.indexOf(finding.severity);
    group.counts[at] = (group.counts[at] ?? 0) + 1;
  }
  const all = [...groups.values()];
  for (const group of all) {
    group.findings.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
  }
  return all.sort((one, other) => {
    for (let at = 0; at < SEVERITIES.length; at++) {
      const difference = (other.counts[at] ?? 0) - (one.counts[at] ?? 0);
      if (difference !== 0) return difference;
    }
    return one.rule < other.rule ? -1 : 1;
  });
}

//! The output of `rules test`: one line per rule, and the differences of each failed test.
//!
//! Differences are written as TOML, so that a rule author can copy them into a rule file.

use std::fmt::Write as _;

use similar::{DiffTag, group_diff_ops};
use unicode_width::UnicodeWidthStr;

use super::run::{Failure, Found, Mismatch};
use crate::rule::{Example, ExampleFix, Expectation, Rule};
use crate::rule_tests::run as examples;
use crate::text::sanitize;
use crate::text::sanitize_lines;
use crate::text::{line_difference, lines_with_ends};

/// A rule whose tests were run.
#[derive(Debug)]
pub struct TestedRule<'a> {
    /// The file with the tests.
    pub path: &'a str,
    /// The text of that file.
    pub text: &'a str,
    pub rule: &'a Rule,
    /// The failed tests.
    pub failures: &'a [Failure],
}

/// Adds colors, if they are enabled.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    fn expected(self, text: &str) -> String {
        self.with("31", text)
    }

    fn found(self, text: &str) -> String {
        self.with("32", text)
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn warning(self, text: &str) -> String {
        self.with("33", text)
    }
}

/// One line per rule, each followed by its failed tests.
pub fn tested_rules(rules: &[TestedRule<'_>], color: bool) -> String {
    let paint = Paint(color);
    let width = rules.iter().map(|it| it.rule.id.width()).max().unwrap_or(0);
    let mut text = String::new();
    for tested in rules {
        let id = &tested.rule.id;
        let count = tested.rule.examples.len();
        if count == 0 {
            if tested.rule.checks.is_empty() {
                // The parser checks this rule and has its own tests.
                continue;
            }
            let word = paint.warning("none");
            let _ = writeln!(
                text,
                "{word}  {id:width$}  no tests: add a [[test]] that violates the rule and one that complies"
            );
        } else if tested.failures.is_empty() {
            let _ = writeln!(text, "ok    {id:width$}  {}", tests(count));
        } else {
            let word = paint.expected("FAIL");
            let failed = tested.failures.len();
            let _ = writeln!(
                text,
                "{word}  {id:width$}  {failed} of {} failed",
                tests(count)
            );
            let lines = examples::lines(tested.text);
            for failure in tested.failures {
                let example = &tested.rule.examples[failure.example];
                let line = lines.get(failure.example).copied().unwrap_or(1);
                let name = paint.bold(&sanitize(&example.name));
                let _ = writeln!(text, "\n  {name}\n  {}:{line}", tested.path);
                for mismatch in &failure.mismatches {
                    text.push_str(&describe(mismatch, example, paint));
                }
            }
            text.push('\n');
        }
    }
    text
}

/// The last line. `invalid` is the number of files with errors.
pub(crate) fn tests_summary(rules: &[TestedRule<'_>], invalid: usize) -> String {
    let count: usize = rules.iter().map(|it| it.rule.examples.len()).sum();
    let failed: usize = rules.iter().map(|it| it.failures.len()).sum();
    let mut text = format!("{} passed, {failed} failed", count - failed);
    let untested = rules
        .iter()
        .filter(|it| it.rule.examples.is_empty() && !it.rule.checks.is_empty())
        .count();
    match untested {
        0 => {}
        1 => text.push_str("; warning: 1 rule has no tests"),
        untested => {
            let _ = write!(text, "; warning: {untested} rules have no tests");
        }
    }
    match invalid {
        0 => {}
        1 => text.push_str("; skipped 1 file with errors"),
        invalid => {
            let _ = write!(text, "; skipped {invalid} files with errors");
        }
    }
    text.push('\n');
    text
}

fn tests(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} test{plural}")
}

fn describe(mismatch: &Mismatch, example: &Example, paint: Paint) -> String {
    match mismatch {
        Mismatch::InvalidTest(reason) => {
            format!("    invalid test: {}\n", sanitize(reason))
        }
        Mismatch::Findings { expected, found } => findings(expected, found, paint),
        Mismatch::Checked => {
            "    the test has `not_checked = true`, but the rule could check the file\n".to_owned()
        }
        Mismatch::NotChecked(reasons) => {
            let reasons = sanitize(&reasons.join("; ")).into_owned();
            format!(
                "    the rule could not check the file: {reasons}\n    if that is correct, add: {}\n",
                paint.found("not_checked = true")
            )
        }
        Mismatch::Fixed {
            is_given: true,
            expected,
            found,
            no_fix,
        } => {
            let legend = legend("fixed", "the file after --fix=all", paint);
            let diff = text_diff(expected, found, paint);
            let why = match no_fix {
                Some(help) => format!("    a finding has no fix: {}\n", sanitize(help)),
                None => String::new(),
            };
            format!("    {legend}\n{diff}{why}")
        }
        Mismatch::Fixed { found, .. } => {
            let diff = text_diff(&example.xml, found, paint);
            // A literal string cannot contain its end, and not every text can be printed verbatim.
            let whole = if found.contains("'''") || sanitize_lines(found) != *found {
                String::new()
            } else {
                format!(
                    "    if that is correct, add:\n\n{}\n",
                    paint.found(&format!("fixed = '''\n{found}'''"))
                )
            };
            format!("    the test has no `fixed`, but --fix=all changes the file\n{diff}{whole}")
        }
        Mismatch::RejectedFix(reason) => {
            format!("    {}\n", sanitize(reason))
        }
    }
}

fn legend(key: &str, actual: &str, paint: Paint) -> String {
    format!(
        "{} `{key}` of the test, {} {actual}",
        paint.expected("-"),
        paint.found("+")
    )
}

fn findings(expected: &[Expectation], found: &[Found], paint: Paint) -> String {
    let old: Vec<String> = expected.iter().map(toml).collect();
    let mut unused: Vec<&Expectation> = expected.iter().collect();
    let new: Vec<String> = found
        .iter()
        .enumerate()
        .map(|(at, found)| {
            let matching = unused.iter().position(|one| found.matches(one));
            match matching
                .map(|matching| unused.remove(matching))
                .or(expected.get(at))
            {
                // Only with the keys that the author wrote, so that only real differences are shown.
                Some(expectation) => toml(&found.with_keys_of(expectation)),
                None => {
                    let mut whole = found.expectation.clone();
                    whole.evidence = whole.evidence.filter(|lines| !lines.is_empty());
                    toml(&whole)
                }
            }
        })
        .collect();
    let mut text = format!("    {}\n", legend("expect", "findings of the rule", paint));
    let old_lines: Vec<&str> = old.iter().map(String::as_str).collect();
    let new_lines: Vec<&str> = new.iter().map(String::as_str).collect();
    for op in line_difference(&old_lines, &new_lines) {
        if op.tag() != DiffTag::Equal {
            for line in &old[op.old_range()] {
                let _ = writeln!(text, "    {}", paint.expected(&format!("- {line}")));
            }
        }
        for at in op.new_range() {
            if op.tag() == DiffTag::Equal {
                let _ = writeln!(text, "      {}", new[at]);
            } else {
                let _ = writeln!(text, "    {}", paint.found(&format!("+ {}", new[at])));
                text.push_str(&explanation(&found[at]));
            }
        }
    }
    if found.is_empty() {
        text.push_str("    the rule has no findings\n");
    }
    text
}

/// The messages of a finding, which follow its expectation.
fn explanation(found: &Found) -> String {
    let mut text = format!("        {}\n", sanitize(&found.message));
    for (path, line, message) in &found.related {
        let _ = writeln!(
            text,
            "        {}:{line}: {}",
            sanitize(path),
            sanitize(message)
        );
    }
    if found.expectation.fix == Some(ExampleFix::None) {
        let _ = writeln!(text, "        {}", sanitize(&found.help));
    }
    text
}

/// An expectation as TOML.
fn toml(expectation: &Expectation) -> String {
    let Expectation {
        line,
        severity,
        fix,
        evidence,
    } = expectation;
    let mut text = format!("{{ line = {line}, severity = \"{severity}\"");
    if let Some(fix) = fix {
        let fix = match fix {
            ExampleFix::Safe => "safe",
            ExampleFix::Rollout => "rollout",
            ExampleFix::None => "none",
        };
        let _ = write!(text, ", fix = \"{fix}\"");
    }
    if let Some(evidence) = evidence {
        let _ = write!(text, ", evidence = {evidence:?}");
    }
    text + " }"
}

/// The lines that differ, with two lines of context.
fn text_diff(expected: &str, found: &str, paint: Paint) -> String {
    let (old, new) = (lines_with_ends(expected), lines_with_ends(found));
    let groups = group_diff_ops(line_difference(&old, &new), 2);
    let mut text = String::new();
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            text.push_str("      …\n");
        }
        for op in group {
            if op.tag() == DiffTag::Equal {
                signed(&mut text, ' ', &old[op.old_range()], paint);
            } else {
                signed(&mut text, '-', &old[op.old_range()], paint);
                signed(&mut text, '+', &new[op.new_range()], paint);
            }
        }
    }
    text
}

fn signed(text: &mut String, sign: char, lines: &[&str], paint: Paint) {
    for line in lines {
        let signed = format!("{sign} {}", sanitize(line.trim_end_matches('\n')));
        let colored = match sign {
            '-' => paint.expected(&signed),
            '+' => paint.found(&signed),
            _ => signed,
        };
        let _ = writeln!(text, "    {}", colored.trim_end());
        if !line.ends_with('\n') {
            text.push_str("      (no newline at end of file)\n");
        }
    }
}

//! What was checked: commit, branch, state of the files, scope and settings.

use maud::{Markup, html};

use crate::output::context::{Context, MadeIn};
use crate::output::evidence::{CheckedRepository, Evidence};
use crate::text::{ScannedText, counted};

/// The heading names this many paths. The section about the scope names all of them.
const NAMED: usize = 4;

/// The facts below the heading.
pub(super) fn facts(context: &Context<'_>) -> Markup {
    let Some(evidence) = &context.run.evidence else {
        return html! {};
    };
    let is_page = context.run.made_in != MadeIn::Program;
    html! {
        dl.facts aria-label="What was checked" {
            @for repository in &evidence.repositories { (repository_facts(repository)) }
            @if evidence.repositories.is_empty() && !is_page {
                (fact("Commit", &html! { "none: the checked files are not in a git repository" }))
            }
            @if let Some(date) = &evidence.date {
                (fact("Date", &html! { (date) @if !is_page { " (" code { "SOURCE_DATE_EPOCH" } ")" } }))
            }
            (fact("Scope", &scope_in_short(evidence)))
            (fact("Checked with", &html! {
                "forcelint " (env!("CARGO_PKG_VERSION")) ", "
                (counted(context.rules.rules().count(), "rule"))
                @if is_page { ", in a browser" }
                @if !evidence.settings.is_empty() { " (" a href="#settings" { "settings" } ")" }
            }))
        }
    }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn repository_facts(repository: &CheckedRepository) -> Markup {
    html! {
        @if !repository.path.is_empty() {
            (fact("Repository", &html! { code.path { (text(&repository.path)) } }))
        }
        @if let Some(problem) = &repository.problem {
            (fact("Commit", &html! { "unknown: " (text(problem)) }))
        } @else {
            (fact("Commit", &commit(repository)))
            (fact("Branch", &branch(repository)))
            (fact("Working tree", &working_tree(repository)))
        }
    }
}

fn commit(repository: &CheckedRepository) -> Markup {
    html! {
        @match &repository.commit {
            Some(commit) => code { (commit_id(commit)) },
            None => "none yet",
        }
        @if let Some(time) = &repository.committed { ", " (text(time)) }
    }
}

/// The id of a commit. As other text, it would be masked, because it looks like a token.
fn commit_id(id: &str) -> String {
    match id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => id.to_owned(),
        false => text(id),
    }
}

fn branch(repository: &CheckedRepository) -> Markup {
    html! {
        @match &repository.branch {
            Some(branch) => {
                code { (text(branch)) }
                @if let Some(variable) = repository.branch_variable {
                    " (from " code { (variable) } ")"
                }
            },
            None => "unknown: HEAD is detached",
        }
    }
}

fn working_tree(repository: &CheckedRepository) -> Markup {
    let (changed, untracked) = (repository.changed, repository.untracked);
    html! {
        @if changed + untracked == 0 {
            "clean"
        } @else {
            strong { "not clean" } ": "
            @if changed > 0 { (counted(changed, "file")) " differ" @if changed == 1 { "s" } " from the commit" }
            @if changed > 0 && untracked > 0 { ", " }
            @if untracked > 0 { (counted(untracked, "checked file")) @if untracked == 1 { " is" } @else { " are" } " not in git" }
        }
    }
}

fn scope_in_short(evidence: &Evidence) -> Markup {
    html! {
        @for (at, it) in evidence.paths.iter().take(NAMED).enumerate() {
            @if at > 0 { ", " }
            (path(it, evidence))
        }
        @if evidence.paths.len() > NAMED {
            " and " a href="#scope" { (evidence.paths.len() - NAMED) " more" }
        }
        @for option in &evidence.options { ", " code { (text(option)) } }
    }
}

/// The parts of the section about the scope: all paths, and the effective settings.
pub(super) fn scope(evidence: &Evidence) -> Markup {
    html! {
        @if evidence.paths.len() > NAMED {
            details.fold {
                summary { (counted(evidence.paths.len(), "checked path")) }
                ul { @for it in &evidence.paths { li { (path(it, evidence)) } } }
            }
        }
        @if !evidence.settings.is_empty() {
            h3 #settings { "Settings" }
            p { "The effective settings, and where each one comes from." }
            figure.source {
                pre tabindex="0" aria-label="Effective settings" {
                    @for line in evidence.settings.lines() { code.setting { (text(line)) } }
                }
            }
        }
    }
}

fn path(path: &str, evidence: &Evidence) -> Markup {
    html! {
        @match path {
            "" | "." if evidence.repositories.is_empty() => "the whole folder",
            "" | "." => "the whole repository",
            path => code.path { (text(path)) },
        }
    }
}

fn text(text: &str) -> String {
    ScannedText::from(text).one_line().into_owned()
}

//! What an audit needs to know about a run: repositories, scope and settings.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::repository_name::repository_name;
use super::run::Run;
use crate::cli::ci_branch::ci_branch;
use crate::cli::clock::fixed_day;
use crate::finding::Report;
use crate::git::{ChangesError, Head, head};
use crate::output::{CheckedRepository, Evidence, relative};
use crate::project::{absolute, canonical, slashed};

impl Run<'_> {
    /// The evidence, if a report shows it.
    pub(super) fn evidence(&self, report: &Report) -> Option<Evidence> {
        let mut formats = self.outputs.iter().map(|output| output.format);
        if !formats.any(|format| format.shows_evidence()) {
            return None;
        }
        let projects = &self.workspace.projects;
        let root = projects.report_root();
        let root = root.unwrap_or(Path::new(&report.root));
        let targets = self.targets.folders.iter().chain(&self.targets.files);
        let targets: Vec<PathBuf> = targets.cloned().collect();
        // The repository around a zip says nothing about its contents.
        let is_packed = |path: &PathBuf| projects.packed().around(path).is_some();
        let mut bases: BTreeSet<PathBuf> = projects.bases().into_iter().collect();
        bases.retain(|_| !targets.iter().all(is_packed));
        let own_files = self.own_files();
        let mut origin = None;
        let repositories = bases.iter().filter_map(|base| {
            let path = match base == root {
                true => String::new(),
                false => relative(root, base),
            };
            let head = head(base, &targets);
            if let Ok(head) = &head
                && path.is_empty()
            {
                origin.clone_from(&head.origin);
            }
            let mut repository = repository(head, &own_files)?;
            // A report has no absolute paths.
            let problem = repository.problem.take();
            repository.problem = problem.map(|it| it.replace(&slashed(base), "the repository"));
            Some(CheckedRepository { path, ..repository })
        });
        let repositories = repositories.collect();
        let named = self.arguments.repository.as_deref();
        Some(Evidence {
            repository: repository_name(named, origin, &targets, root),
            repositories,
            date: fixed_day().map(|day| day.to_string()),
            paths: targets.iter().map(|path| relative(root, path)).collect(),
            options: self.options(),
            settings: self.effective_settings.clone(),
        })
    }

    /// The options that change what is checked.
    fn options(&self) -> Vec<String> {
        let arguments = self.arguments;
        let since = arguments.since.as_ref();
        let flags = [
            ("--staged", arguments.staged),
            ("--audit", arguments.audit),
            ("--allow-outside", arguments.allow_outside),
            ("--force-exclude", arguments.force_exclude),
            ("--stdin-filename", arguments.stdin_filename.is_some()),
        ];
        let flags = flags.iter().filter(|(_, is_set)| *is_set);
        since
            .map(|name| format!("--since {name}"))
            .into_iter()
            .chain(flags.map(|(name, _)| (*name).to_owned()))
            .collect()
    }

    /// The files of the reports of this run. They are not part of what is checked, so that the second run
    /// writes the same report as the first.
    fn own_files(&self) -> Vec<PathBuf> {
        let files = self.outputs.iter().filter_map(|it| it.file.as_deref());
        let without_links = |file: &Path| {
            let file = absolute(file).ok()?;
            let folder = canonical(file.parent()?).ok()?;
            Some(folder.join(file.file_name()?))
        };
        files.filter_map(without_links).collect()
    }
}

/// A repository as git describes it; `None` if there is none.
fn repository(
    head: Result<Head, ChangesError>,
    own_files: &[PathBuf],
) -> Option<CheckedRepository> {
    let head = match head {
        Ok(head) => head,
        Err(ChangesError::NoRepository(_)) => return None,
        Err(error) => {
            return Some(CheckedRepository {
                problem: Some(error.to_string()),
                ..CheckedRepository::default()
            });
        }
    };
    let count = |files: &[PathBuf]| files.iter().filter(|it| !own_files.contains(it)).count();
    let (branch, branch_variable) = match head.branch {
        Some(branch) => (Some(branch), None),
        None => ci_branch().map_or((None, None), |(branch, variable)| {
            (Some(branch), Some(variable))
        }),
    };
    let committed = head
        .committed
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    let committed = committed.map(|time| {
        let time = time.to_zoned_datetime(TimeZone::UTC);
        time.strftime("%Y-%m-%d %H:%M UTC").to_string()
    });
    Some(CheckedRepository {
        commit: head.commit,
        committed,
        branch,
        branch_variable,
        changed: count(&head.changed),
        untracked: count(&head.untracked),
        ..CheckedRepository::default()
    })
}

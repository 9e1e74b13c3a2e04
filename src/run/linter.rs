//! A run: files read, parsed and judged, in parallel, while the walk is still going on.
//!
//! In: a rule set and targets. Out: a [`Report`]. Most files are done with at once. Those about
//! which a condition asks other files wait until the walk has seen what there is;
//! then the [`Facts`] are gathered and the waiting files are judged with them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::partial_report::{Gathered, Scratch, Seen, Sphere, Waiting};
use super::source_reader::LongFiles;
use crate::config::IgnoreComments;
use crate::engine::Facts;
use crate::engine::check;
use crate::engine::compose;
use crate::engine::readable;
use crate::engine::{Answers, Scene};
use crate::finding::Posture;

use crate::finding::{
    Finding, NotChecked, Report, RunError, Tally, add_fingerprints, sort_findings,
};
use crate::git::Changes;
use crate::project::{
    Deployment, Overlay, Project, Projects, SourceFile, Targets, TypeSet, Wanted, is_excluded,
    is_out_of_repository, walk,
};
use crate::rule::{RuleSet, Severity};
use crate::xml::{Document, Tree};

/// What reports need beyond the findings themselves.
#[derive(Debug, Default, Clone, Copy)]
pub struct Detail {
    /// Source around every place.
    pub excerpts: bool,
    /// GitHub's line hashes.
    pub line_hashes: bool,
    /// Who complies with what.
    pub posture: bool,
    /// Findings below this severity are not reported, and need no excerpts.
    pub least_severity: Option<Severity>,
}

/// What there is to say of one file.
#[derive(Debug, Default)]
pub struct FileOutcome {
    /// In no order.
    pub findings: Vec<Finding>,
    /// Rules that could not be judged.
    pub not_checked: Vec<NotChecked>,
    /// What complies, when a report shows it.
    pub posture: Posture,
    /// Comments that ask for findings not to count, and do not achieve it.
    pub notes: Vec<String>,
    needs_facts: bool,
}

/// Holds files against a rule set.
pub struct Linter {
    pub(crate) rules: Arc<RuleSet>,
    /// The projects of the files.
    pub projects: Projects,
    /// What the reports need.
    pub detail: Detail,
    /// Excludes hold for named paths too.
    pub force_exclude: bool,
    jobs: usize,
    pub(crate) pool: OnceLock<ThreadPool>,
    files_seen: Arc<AtomicU64>,
    /// With the types that they are about.
    pub(crate) facts: Mutex<HashMap<Sphere, (TypeSet, Arc<Facts>)>>,
    /// Bytes of text that waiting files keep.
    waiting_bytes: AtomicUsize,
    /// What could not be read while facts were gathered.
    pub(crate) facts_errors: Mutex<Vec<RunError>>,
    /// The files whose findings count; without, all do.
    pub changes: Option<Arc<Changes>>,
    /// Once it is true, files are passed over: nobody waits for the report any more.
    pub stop: Option<Arc<AtomicBool>>,
    /// The files whose text is not that on disk.
    pub overlay: Overlay,
    long_files: LongFiles,
}

/// Locks; a thread that panicked while it held the lock left whole values behind.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Waiting files keep their text up to this many bytes in all; others are read once more. It keeps
/// memory flat, and most projects never get there.
const KEPT_WAITING_BYTES: usize = 512 * 1024;

impl Linter {
    /// A linter for `rules` on `jobs` threads; 0 chooses a number.
    pub fn new(rules: &Arc<RuleSet>, jobs: usize) -> Self {
        Self {
            rules: Arc::clone(rules),
            projects: Projects::default(),
            detail: Detail::default(),
            force_exclude: false,
            jobs,
            pool: OnceLock::new(),
            files_seen: Arc::default(),
            facts: Mutex::default(),
            waiting_bytes: AtomicUsize::new(0),
            facts_errors: Mutex::default(),
            changes: None,
            stop: None,
            overlay: Overlay::default(),
            long_files: LongFiles::new(),
        }
    }

    /// A counter of files that the walk has met, for a progress bar.
    pub fn files_seen(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.files_seen)
    }

    /// Lints everything that the targets name.
    pub fn run(&self, targets: &Targets) -> Report {
        lock(&self.facts).clear();
        self.files_seen.store(0, Ordering::Relaxed);
        self.waiting_bytes.store(0, Ordering::Relaxed);
        let gathered = Mutex::new(Gathered::default());
        let mut tally = Tally::default();
        let changes = self.changes.as_deref();
        let counts = |path: &&PathBuf| {
            changes.is_none_or(|changes| changes.has(path) || changes.is_renamed(path))
        };
        let named = targets.files.iter().filter(counts).cloned();
        let named = self.named_files(named, &mut tally);
        let mut folders_tally = None;
        if targets.folders.is_empty() && named.len() <= 1 {
            // Starting threads costs more than a file.
            self.lint_files(named, true, &gathered);
        } else {
            let wanted = Wanted {
                types: self.rules.judged_types().union(self.rules.read_types()),
                even_forceignored: self.rules.types_judged_when_forceignored(),
                listing: changes.map(Changes::listing),
            };
            folders_tally = Some(self.pool().install(|| {
                let walked = walk(
                    &targets.folders,
                    &wanted,
                    &self.projects,
                    self.force_exclude || !targets.folders_are_named,
                    &self.files_seen,
                    &|mut files: Vec<SourceFile>| {
                        // Files that were named are linted as such.
                        files.retain(|file| targets.files.binary_search(&file.path).is_err());
                        self.lint_files(files, false, &gathered);
                    },
                );
                named
                    .into_par_iter()
                    .for_each(|file| self.lint_files(vec![file], true, &gathered));
                walked
            }));
        }
        self.lint_dependents(targets, &gathered);
        let mut gathered = gathered
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let folder_unreadable = folders_tally
            .as_ref()
            .is_some_and(|walked| !walked.unreadable.is_empty());
        // A walk that met only what changed has not seen what there is.
        let walked = if changes.is_none() {
            &targets.folders[..]
        } else {
            &[]
        };
        self.judge_waiting(&mut gathered, walked, folder_unreadable);
        gathered.errors.append(&mut lock(&self.facts_errors));
        if let Some(walked) = folders_tally {
            tally.files_seen += walked.files_seen;
            for (reason, count) in [
                ("forceignore", walked.forceignored),
                ("gitignore", walked.gitignored),
                ("exclude", walked.excluded),
                ("not_regular", walked.not_regular),
            ] {
                if count > 0 {
                    *tally.skipped.entry(reason).or_default() += count;
                }
            }
            gathered
                .errors
                .extend(self.folder_errors(walked.unreadable, &targets.folders));
        }
        self.report(gathered, tally, targets)
    }

    /// Lints `text` as what `file` holds, with everything that other files say.
    pub fn lint_text(&self, file: &SourceFile, text: &[u8]) -> FileOutcome {
        let sphere = Sphere::of(file);
        // What is known already may spare a second look.
        let asked = self.rules.types_read_about(file.component.metadata_type);
        let known = lock(&self.facts)
            .get(&sphere)
            .filter(|(types, _)| types.has_all_of(asked))
            .map(|(_, facts)| Arc::clone(facts));
        let outcome = self.lint_bytes(file, text, known.as_deref());
        if !outcome.needs_facts {
            return outcome;
        }
        let facts = self.facts(&sphere, &file.project, asked, None);
        self.lint_bytes(file, text, Some(&facts))
    }

    pub(crate) fn report(
        &self,
        mut gathered: Gathered,
        mut tally: Tally,
        targets: &Targets,
    ) -> Report {
        sort_findings(&mut gathered.findings);
        add_fingerprints(&mut gathered.findings);
        gathered.not_checked.sort();
        gathered.not_checked.dedup();
        gathered.errors.sort();
        gathered.errors.dedup();
        gathered.notes.extend(targets.notes.iter().cloned());
        gathered.notes.sort();
        gathered.notes.dedup();
        tally.files_checked = gathered.files_checked;
        for (metadata_type, count) in gathered.components {
            // A wrong suffix and the right one are files of one type.
            *tally.components.entry(metadata_type.name()).or_default() += count;
        }
        if self.detail.posture {
            gathered.posture.finish(&self.projects);
        }
        Report {
            findings: gathered.findings,
            suppressed: Vec::new(),
            shows_suppressed: false,
            not_checked: gathered.not_checked,
            errors: gathered.errors,
            unusable: targets.unusable.clone(),
            compared: self
                .changes
                .as_ref()
                .map_or_else(Vec::new, |it| it.compared.clone()),
            broken_projects: self.projects.errors(),
            notes: gathered.notes,
            tally,
            fixed: 0,
            posture: gathered.posture,
        }
    }

    /// The files that were named and are of a type that is judged.
    pub(crate) fn named_files(
        &self,
        paths: impl Iterator<Item = PathBuf>,
        tally: &mut Tally,
    ) -> Vec<SourceFile> {
        let mut named = Vec::new();
        for path in paths {
            tally.files_seen += 1;
            named.extend(self.named_file(path, self.force_exclude, tally));
        }
        named
    }

    /// The file at a path that was named, if it is of a type that is judged and, where these hold,
    /// no exclude leaves it out.
    pub(crate) fn named_file(
        &self,
        path: PathBuf,
        excludes_hold: bool,
        tally: &mut Tally,
    ) -> Option<SourceFile> {
        crate::project::classify_at(&path)?;
        let folder = path.parent()?;
        let project = self.projects.around(folder, folder);
        let mut file = SourceFile::new(path.clone(), Arc::clone(&project))?;
        if excludes_hold && self.projects.excludes.has(&path, false) {
            *tally.skipped.entry("exclude").or_default() += 1;
            return None;
        }
        if excludes_hold && is_excluded(&path, &project, false) {
            *tally.skipped.entry("excluded").or_default() += 1;
            let even_forceignored = self.rules.types_judged_when_forceignored();
            if is_out_of_repository(&path, &project, false)
                || !even_forceignored.contains(file.component.metadata_type)
            {
                return None;
            }
            file.deployment = Deployment::Forceignored;
        }
        Some(file)
    }

    pub(crate) fn pool(&self) -> &ThreadPool {
        self.pool.get_or_init(|| {
            let jobs = match self.jobs {
                // Reading folders waits for the disk where they are not in memory, so a few threads
                // more than cores help.
                0 => std::thread::available_parallelism()
                    .map_or(4, |cores| 2 * cores.get())
                    .clamp(4, 16),
                jobs => jobs,
            };
            ThreadPoolBuilder::new()
                .num_threads(jobs)
                .build()
                // Only a system that is out of threads says no.
                .expect("threads can be started")
        })
    }

    pub(crate) fn lint_files(
        &self,
        files: Vec<SourceFile>,
        named: bool,
        gathered: &Mutex<Gathered>,
    ) {
        let mut local = Gathered::default();
        let is_stopped = |stop: &Arc<AtomicBool>| stop.load(Ordering::Relaxed);
        if self.stop.as_ref().is_some_and(is_stopped) {
            return;
        }
        for file in files {
            let metadata_type = file.component.metadata_type;
            if self.rules.judged_types().contains(metadata_type) {
                match self.lint_file(&file, None) {
                    Ok(outcome) => {
                        if !file.is_forceignored() && self.is_changed(&file) {
                            local.count(&file);
                        }
                        if outcome.needs_facts {
                            local.waiting.push(self.waiting(file.clone()));
                        } else {
                            local.findings.extend(outcome.findings);
                            local.not_checked.extend(outcome.not_checked);
                            local.posture.absorb(outcome.posture);
                            local.notes.extend(outcome.notes);
                        }
                    }
                    Err(error) => local.unreadable(&file, &error, named),
                }
            }
            // A file that was named although it is not deployed says nothing about the others.
            if self.rules.read_types().contains(metadata_type) && file.is_deployed() {
                local.readable.push(file);
            }
        }
        let mut all = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        all.absorb(local);
    }

    /// Judges the files that wait for facts, now that the walk is over.
    fn judge_waiting(&self, gathered: &mut Gathered, folders: &[PathBuf], folder_unreadable: bool) {
        let waiting = std::mem::take(&mut gathered.waiting);
        if waiting.is_empty() {
            return;
        }
        let mut by_sphere: HashMap<Sphere, (Arc<Project>, Vec<Waiting>)> = HashMap::new();
        for one in waiting {
            let project = &one.file.project;
            by_sphere
                .entry(Sphere::of(&one.file))
                .or_insert_with(|| (Arc::clone(project), Vec::new()))
                .1
                .push(one);
        }
        let mut readable = std::mem::take(&mut gathered.readable);
        for (sphere, (project, files)) in by_sphere {
            // A walk that saw all of it saw all that there is to gather.
            let is_seen =
                |sphere: &PathBuf| folders.iter().any(|folder| sphere.starts_with(folder));
            let seen = sphere.folders(&project).iter().all(is_seen).then(|| Seen {
                files: readable
                    .extract_if(.., |file| Sphere::of(file) == sphere)
                    .collect(),
                folder_unreadable,
            });
            let asked = files.iter().map(|one| one.file.component.metadata_type);
            let asked = asked.fold(TypeSet::default(), |all, it| {
                all.union(self.rules.types_read_about(it))
            });
            let facts = self.facts(&sphere, &project, asked, seen);
            if files.len() == 1 {
                let judged = files.into_iter().map(|file| self.judge(file, &facts));
                judged.for_each(|one| gathered.absorb(one));
                continue;
            }
            let judged: Vec<Gathered> = self.pool().install(|| {
                let files = files.into_par_iter();
                files.map(|file| self.judge(file, &facts)).collect()
            });
            for one in judged {
                gathered.absorb(one);
            }
        }
    }

    pub(crate) fn folder_errors(
        &self,
        unreadable: Vec<(PathBuf, String)>,
        folders: &[PathBuf],
    ) -> Vec<RunError> {
        let to_error = |(path, reason): (PathBuf, String)| RunError {
            path: self.projects.report_path(&path, folders),
            message: format!("the folder cannot be read: {reason}"),
        };
        unreadable.into_iter().map(to_error).collect()
    }

    /// Puts aside the file that was parsed last on this thread.
    fn waiting(&self, file: SourceFile) -> Waiting {
        let kept = SCRATCH.with_borrow_mut(|scratch| {
            let length = scratch.bytes.len();
            let before = self.waiting_bytes.fetch_add(length, Ordering::Relaxed);
            // The text of a large file is already gone.
            let is_kept = length > 0 && before + length <= KEPT_WAITING_BYTES;
            is_kept.then(|| Scratch {
                bytes: scratch.bytes.clone(),
                tree: scratch.tree.clone(),
            })
        });
        Waiting { file, kept }
    }

    fn judge(&self, waiting: Waiting, facts: &Facts) -> Gathered {
        let Waiting { file, kept } = waiting;
        let outcome = match kept {
            Some(Scratch { bytes, tree }) => match std::str::from_utf8(&bytes) {
                Ok(source) => Ok(self.lint_document(&file, source, &tree, Some(facts))),
                // It was parsed, so it is UTF-8; were it not, it would be read again.
                Err(_) => self.lint_file(&file, Some(facts)),
            },
            None => self.lint_file(&file, Some(facts)),
        };
        match outcome {
            Ok(outcome) => {
                let mut local: Gathered = outcome.into();
                if !self.is_changed(&file) && !local.findings.is_empty() {
                    // It counts by what others say.
                    local.count(&file);
                }
                local
            }
            Err(error) => {
                let mut local = Gathered::default();
                local.unreadable(&file, &error, true);
                local
            }
        }
    }

    fn lint_file(&self, file: &SourceFile, facts: Option<&Facts>) -> io::Result<FileOutcome> {
        SCRATCH.with_borrow_mut(|Scratch { bytes, tree }| {
            let Some(rest) = self.read_short(&file.path, bytes)? else {
                return Ok(self.lint_parsed(file, bytes, tree, facts));
            };
            let mut long = self.long_files.wait_for_room();
            let Scratch { bytes: all, tree } = &mut *long;
            all.clear();
            all.append(bytes);
            rest.read(all)?;
            Ok(self.lint_parsed(file, all, tree, facts))
        })
    }

    fn lint_bytes(&self, file: &SourceFile, bytes: &[u8], facts: Option<&Facts>) -> FileOutcome {
        self.lint_parsed(file, bytes, &mut Tree::default(), facts)
    }

    fn lint_parsed(
        &self,
        file: &SourceFile,
        bytes: &[u8],
        tree: &mut Tree,
        facts: Option<&Facts>,
    ) -> FileOutcome {
        let source = match readable(bytes, file, tree) {
            Ok(source) => source,
            // It was so before.
            Err(_) if !self.is_changed(file) => return FileOutcome::default(),
            Err(_) if file.is_forceignored() => return self.not_looked_into(file),
            Err(malformed) => {
                let rule = self.rules.malformed();
                let finding = compose::malformed(rule, file, bytes, &malformed, self.detail);
                let posture = self.detail.posture;
                let posture = posture.then(|| Posture::of_malformed(&self.rules, file));
                return FileOutcome {
                    findings: vec![finding],
                    posture: posture.unwrap_or_default(),
                    ..FileOutcome::default()
                };
            }
        };
        self.lint_document(file, source, tree, facts)
    }

    /// A file that is not deployed need not be well-formed; what it hides nobody knows.
    fn not_looked_into(&self, file: &SourceFile) -> FileOutcome {
        let rules = self.rules.checks(file.component.metadata_type);
        let rules = rules.filter(|(rule, _)| rule.include_forceignored);
        FileOutcome {
            not_checked: rules
                .map(|(rule, _)| NotChecked {
                    rule: rule.id.clone(),
                    component: file.component.clone(),
                    reason: "the file cannot be parsed (and .forceignore names it)".to_owned(),
                })
                .collect(),
            ..FileOutcome::default()
        }
    }

    fn lint_document(
        &self,
        file: &SourceFile,
        source: &str,
        tree: &Tree,
        facts: Option<&Facts>,
    ) -> FileOutcome {
        let replaced = file.replaced(source);
        let answers = Answers::default();
        let scene = Scene {
            document: Document::new(source, tree),
            replaced: &replaced,
            file,
            facts,
            fact: None,
            answers: Some(&answers),
            is_renamed: self
                .changes
                .as_ref()
                .is_some_and(|changes| changes.is_renamed(&file.path)),
        };
        let verdict = check(
            &self.rules,
            scene,
            !self.is_changed(file),
            self.detail.posture,
        );
        if verdict.needs_facts {
            return FileOutcome {
                needs_facts: true,
                ..FileOutcome::default()
            };
        }
        let posture = self.detail.posture;
        let posture = posture.then(|| Posture::of_verdict(&verdict, scene));
        let not_checked = verdict
            .not_checked
            .into_iter()
            .map(|(rule, reason)| NotChecked {
                rule: rule.to_owned(),
                component: file.component.clone(),
                reason,
            });
        let read = |path: &Path| self.read_text(path);
        let mut findings = compose::findings(&verdict.violations, scene, self.detail, read);
        let mut notes = Vec::new();
        if !findings.is_empty() {
            let comments = IgnoreComments::find(scene.document, file, &self.rules);
            for finding in &mut findings {
                let at = finding.location.start.offset;
                finding.suppressed = comments.suppression(&finding.rule, at);
            }
            notes = comments.notes;
        }
        FileOutcome {
            findings,
            not_checked: not_checked.collect(),
            notes,
            posture: posture.unwrap_or_default(),
            needs_facts: false,
        }
    }
}

//! One input that is checked, edited and fixed.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use jiff::civil::Date;

use super::changed_zip::{ZipPart, changed_zip, zip_of};
use super::deployment::{Deployment, deployment};
use super::input::{Input, OnRead};
use crate::config::{
    Baseline, CONFIG_FILE, CliOverrides, Config, ConfigError, ConfigScope, Policy, Settings,
};
use crate::finding::{Detail, FixedFile, Relaxations, Report, RunError};
use crate::fix::{Level, patch};
use crate::output::{
    Context, Evidence, Format, MadeIn, ReportView, RunInfo, Style, relative, render,
};
use crate::project::{Overlay, Project, Projects, SourceFile, Targets, classify_at};
use crate::rule::{RuleSet, Severity};
use crate::run::{
    Indexes, Monitor, Options, Workspace, check_file, fix_filter, fix_text, fixable_files,
    fixed_files, refusal_errors, run,
};
use crate::text::sanitize;
use crate::xml::MAX_FILE_BYTES;

/// The version of forcelint.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The largest config or baseline, in bytes.
const MAX_SETTINGS_BYTES: u64 = 16 << 20;

/// The columns of text in a report.
const WIDTH: usize = 100;

/// How an input is checked.
#[derive(Debug, Clone, Copy)]
pub struct CheckOptions {
    /// The day on which the files are checked, in UTC.
    pub today: Date,
    /// Also list findings with the severity `info`.
    pub shows_info: bool,
    /// Whether the `forcelint.toml` of a folder applies.
    pub uses_config: bool,
}

impl CheckOptions {
    /// The default options on a day such as `2026-01-31`.
    ///
    /// # Errors
    /// If it is not a day.
    pub fn on(day: &str) -> Result<Self, String> {
        let today = Date::from_str(day).map_err(|error| error.to_string())?;
        Ok(Self {
            today,
            shows_info: false,
            uses_config: true,
        })
    }
}

/// A report that can be downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportFormat {
    Html,
    Json,
    Sarif,
}

impl ReportFormat {
    fn format(self) -> Format {
        match self {
            Self::Html => Format::Html,
            Self::Json => Format::Json,
            Self::Sarif => Format::Sarif,
        }
    }
}

/// One input that is checked, edited and fixed.
pub struct Session {
    input: Input,
    options: CheckOptions,
    rules: Arc<RuleSet>,
    policy: Policy,
    scope: ConfigScope,
    relaxations: Relaxations,
    /// The effective settings as a config file; empty without one.
    settings: String,
    workspace: Workspace,
    targets: Targets,
    indexes: Indexes,
    /// The folder of the input.
    root: PathBuf,
    /// The metadata files of the input, relative to its folder.
    files: Vec<String>,
}

impl Session {
    /// Opens an input. `on_read` is called with the path of each file before it is read.
    ///
    /// # Errors
    /// If it is not a zip, or its config cannot be used.
    pub fn open(
        input: Input,
        options: CheckOptions,
        on_read: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, String> {
        let folder = input.open(&OnRead(Arc::new(on_read)))?;
        let root = folder.root.clone();
        let files = folder.files.keys();
        let files = files.filter(|path| classify_at(Path::new(path)).is_some());
        let files = files.cloned().collect();
        let mut projects = Projects::new(None);
        projects.packed().set(vec![folder]);
        let project = projects.around(&root, &root);
        // As on the command line, nothing in a zip decides how it is checked.
        let mut config = match options.uses_config && !input.is_zip() {
            true => load_config(&input, &project, &root)?,
            false => Config::default(),
        };
        match input.is_zip() {
            true => projects.set_report_root(&[&root]),
            false => projects.use_report_root(&root),
        }
        let overrides = CliOverrides {
            min_severity: options.shows_info.then_some(Severity::Info),
            ..CliOverrides::default()
        };
        let mut settings = Settings::new(&overrides, &config);
        let rules = RuleSet::select(&settings.selection(&config));
        let rules = Arc::new(rules.map_err(|error| error.to_string())?);
        let shown = |path: &Path| relative(&root, path);
        let has_config = config.file.is_some();
        let shown_settings = settings.show(&config, options.today, shown);
        projects.excludes = config.take_excludes();
        let scope = ConfigScope::of(&config, &project);
        let relaxations = settings.relaxations(&config, &rules);
        // It is not on disk, where the settings would read it.
        let baseline = settings.baseline.value.take();
        let baseline = baseline.map(|file| load_baseline(&input, &relative(&root, &file)));
        let policy = Policy {
            baseline: baseline.transpose()?,
            ..settings
                .policy(config, options.today, shown)
                .map_err(|error| error.to_string())?
        };
        let targets = Targets {
            folders_are_named: true,
            folders: vec![root.clone()],
            ..Targets::default()
        };
        let run_options = Options {
            // The page explains what it can check.
            allow_empty: true,
            ..Options::on(options.today)
        };
        Ok(Self {
            workspace: Workspace::of(&rules, run_options, projects),
            indexes: Indexes::for_fixes(true),
            settings: if has_config {
                shown_settings
            } else {
                String::new()
            },
            input,
            options,
            rules,
            policy,
            scope,
            relaxations,
            targets,
            root,
            files,
        })
    }

    /// Checks everything and returns the report.
    pub fn report(&mut self, format: ReportFormat) -> String {
        let report = self.check(Detail {
            lowest_severity: Some(self.policy.min_severity),
            ..format.format().detail()
        });
        self.render(report, format)
    }

    /// Checks one file, whose text may have been edited, and returns the JSON report.
    ///
    /// # Errors
    /// If no rule checks such a file.
    pub fn report_about(&mut self, path: &str) -> Result<String, String> {
        let file = self.source_file(path)?;
        self.workspace.options.detail = Detail {
            lowest_severity: Some(self.policy.min_severity),
            ..Format::Json.detail()
        };
        let mut report = check_file(&self.workspace, &mut self.indexes, &file);
        self.policy.suppress(&mut report);
        Ok(self.render(report, ReportFormat::Json))
    }

    /// The current text of a file.
    ///
    /// # Errors
    /// If it cannot be read or is not UTF-8.
    pub fn text(&self, path: &str) -> Result<String, String> {
        let bytes = self.workspace.sources.read(&self.absolute(path));
        let bytes = bytes.map_err(|error| error.to_string())?;
        if bytes.len() > MAX_FILE_BYTES {
            return Err("it is larger than 64 MiB".to_owned());
        }
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
    }

    /// Replaces the text of a file.
    pub fn set_text(&mut self, path: &str, text: &str) {
        let path = self.absolute(path);
        self.replace(&path, text.as_bytes());
    }

    /// Undoes the changes of a file.
    pub fn revert(&mut self, path: &str) {
        let path = self.absolute(path);
        let read = self
            .workspace
            .projects
            .packed()
            .read(&path, MAX_FILE_BYTES as u64 + 1);
        if let Some(Ok(text)) = read {
            self.replace(&path, &text);
        }
    }

    /// Applies fixes, in the file at `only` or in all files. `everything` includes those that need a rollout. Returns
    /// the fixed files, and why fixes were not applied.
    pub fn fix(&mut self, everything: bool, only: Option<&str>) -> Fixed {
        let level = if everything { Level::All } else { Level::Safe };
        let report = self.check(Detail {
            lowest_severity: Some(self.policy.lowest_shown_or_failing()),
            ..Detail::default()
        });
        let only = only.map(|path| self.absolute(path));
        let files = fixable_files(&self.policy, &report, level, &self.targets);
        let files: Vec<SourceFile> = files
            .filter(|file| only.as_ref().is_none_or(|only| *only == file.path))
            .cloned()
            .collect();
        let mut all = Fixed::default();
        for file in &files {
            let old = match self.workspace.sources.read(&file.path) {
                Ok(old) => old,
                Err(error) => {
                    all.errors.push(RunError {
                        path: file.report_path(),
                        message: format!("cannot be read: {error}"),
                    });
                    continue;
                }
            };
            let is_selected = fix_filter(&self.policy, &report, level);
            let fixed = fix_text(&self.workspace, &mut self.indexes, file, &old, is_selected);
            all.errors.extend(refusal_errors(file, &fixed));
            all.files.extend(fixed_files(&fixed.fixed));
            if fixed.text != old {
                self.replace(&file.path, &fixed.text);
            }
        }
        all
    }

    /// The paths of the files that rules check.
    pub fn checked_paths(&self) -> Vec<String> {
        let checked = self.rules.checked_types();
        let files = self.files.iter().map(|path| self.root.join(path));
        let files = files.filter_map(|path| self.workspace.source_file(&path));
        files
            .filter(|file| checked.contains(file.component.metadata_type))
            .map(|file| self.shown(&file.path))
            .collect()
    }

    /// The paths of the files whose texts differ from what was read.
    pub fn changed_paths(&self) -> Vec<String> {
        let changed = self.changed();
        changed.keys().map(|path| self.shown(path)).collect()
    }

    /// The changes as a patch for the folder, or for the folder that the zip is unpacked into. The second value is whether
    /// it contains a secret.
    pub fn patch(&self) -> (String, bool) {
        let (mut text, mut shows_secret) = (String::new(), false);
        for (path, (old, new)) in self.changed() {
            let below = relative(&self.root, path);
            let (old, new) = (String::from_utf8_lossy(&old), String::from_utf8_lossy(new));
            let patch = patch(&below, &old, &new);
            text.push_str(&patch.text);
            shows_secret |= patch.shows_secret;
        }
        (text, shows_secret)
    }

    /// The zip with the changed texts, as parts of the read one and new bytes. `None` if the input is not a zip.
    ///
    /// # Errors
    /// If the zip is damaged or too large.
    pub fn changed_zip(&self) -> Option<Result<Vec<ZipPart>, String>> {
        let Input::Zip { bytes, .. } = &self.input else {
            return None;
        };
        let changed = self.changed().into_iter();
        let changed = changed.map(|(path, (_, new))| (relative(&self.root, path), new.to_vec()));
        Some(changed_zip(&**bytes, &changed.collect()))
    }

    /// A zip with the changed files, at their paths.
    ///
    /// # Errors
    /// If it becomes too large.
    pub fn zip_of_changes(&self) -> Result<Vec<u8>, String> {
        let changed = self.changed().into_iter();
        let changed = changed.map(|(path, (_, new))| (relative(&self.root, path), new));
        zip_of(changed)
    }

    /// How the changed files can be deployed.
    pub fn deployment(&self) -> Deployment {
        let changed: Vec<SourceFile> = self
            .changed()
            .into_keys()
            .filter_map(|path| self.workspace.source_file(path))
            .collect();
        deployment(&changed, &self.root, |path| {
            let bytes = self.workspace.sources.read(path).ok()?;
            String::from_utf8(bytes).ok()
        })
    }

    fn check(&mut self, detail: Detail) -> Report {
        self.workspace.options.detail = Detail {
            keeps_unreported: self.policy.needs_unreported(),
            ..detail
        };
        let monitor = Monitor::default();
        let mut report = run(&self.workspace, &self.targets, &mut self.indexes, &monitor);
        self.policy.suppress(&mut report);
        report
    }

    fn render(&self, mut report: Report, format: ReportFormat) -> String {
        let is_whole = !report.has_errors() && self.scope.is_within(&self.targets.folders);
        let notes = self.policy.notes(&report, &self.rules, is_whole);
        report.notes.extend(notes);
        self.policy.apply(&mut report);
        let evidence = format.format().shows_evidence().then(|| Evidence {
            date: Some(self.options.today.to_string()),
            paths: vec![self.shown(&self.root)],
            settings: self.settings.clone(),
            ..Evidence::default()
        });
        let run = RunInfo {
            fail_on: self.policy.fail_on,
            min_severity: self.policy.min_severity,
            fails_unchecked: self.policy.fails_unchecked(&report),
            relaxations: self.relaxations.clone(),
            expired_exceptions: self.policy.expired_exceptions(&report),
            made_in: MadeIn::Page {
                changed_files: self.changed().len(),
            },
            evidence,
            ..RunInfo::new(self.policy.exit_status(&report))
        };
        let style = Style {
            width: WIDTH,
            color: false,
            unicode: true,
            hyperlinks: false,
        };
        let context = Context {
            report: ReportView::new(&report),
            rules: &self.rules,
            run: &run,
            style: &style,
            working_directory: &self.root,
        };
        render(format.format(), &context)
    }

    fn replace(&mut self, path: &Path, text: &[u8]) {
        let overlay = &mut self.workspace.sources.overlay;
        overlay.set(path.to_path_buf(), text);
        self.indexes.note_change(&self.workspace, path);
    }

    /// The changed files, each with its old and its new text.
    fn changed(&self) -> BTreeMap<&Path, (Vec<u8>, &[u8])> {
        let sources = &self.workspace.sources;
        let packed = self.workspace.projects.packed();
        let changed = sources.overlay.paths().map(|path| {
            let old = packed.read(path, MAX_FILE_BYTES as u64);
            let old = old.and_then(io::Result::ok).unwrap_or_default();
            (path, (old, sources.overlay.text(path).unwrap_or_default()))
        });
        changed.filter(|(_, (old, new))| old != new).collect()
    }

    fn source_file(&self, path: &str) -> Result<SourceFile, String> {
        let file = self.workspace.source_file(&self.absolute(path));
        file.ok_or_else(|| format!("{} is not a file that forcelint checks", sanitize(path)))
    }

    /// The path of a file whose path in reports is given.
    fn absolute(&self, path: &str) -> PathBuf {
        let base = self.workspace.projects.report_root();
        base.unwrap_or(&self.root).join(path)
    }

    fn shown(&self, path: &Path) -> String {
        self.workspace.projects.report_path(path, &[])
    }
}

/// What a fix did.
#[derive(Debug, Default)]
pub struct Fixed {
    pub files: Vec<FixedFile>,
    /// Fixes that were not applied.
    pub errors: Vec<RunError>,
}

/// The config of a folder.
fn load_config(input: &Input, project: &Project, root: &Path) -> Result<Config, String> {
    let mut overlay = Overlay::default();
    if let Some(bytes) = input.read(CONFIG_FILE, MAX_SETTINGS_BYTES) {
        let bytes = bytes.map_err(|error| format!("{CONFIG_FILE} cannot be read: {error}"))?;
        overlay.set(root.join(CONFIG_FILE), bytes);
    }
    let shown = |path: &Path| relative(root, path);
    Config::of(project, &overlay, shown).map_err(|error| match &error {
        ConfigError::Invalid { mistakes, .. } => {
            let messages = mistakes.iter().map(|it| it.message().to_owned());
            let messages: Vec<String> = messages.collect();
            format!("{error}: {}", messages.join("; "))
        }
        ConfigError::Unreadable { .. } => error.to_string(),
    })
}

/// The baseline of a folder.
fn load_baseline(input: &Input, path: &str) -> Result<Baseline, String> {
    let shown = sanitize(path).into_owned();
    let bytes = match input.read(path, MAX_SETTINGS_BYTES) {
        Some(Ok(bytes)) => bytes,
        Some(Err(error)) => return Err(format!("{shown} cannot be read: {error}")),
        None => return Err(format!("the baseline {shown} does not exist")),
    };
    let command = "forcelint baseline".to_owned();
    Baseline::parse(&bytes, shown, command).map_err(|error| error.to_string())
}

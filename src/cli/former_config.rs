//! What a changed `forcelint.toml`, baseline or custom rule brings into a report of changes.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::config::{Baseline, CONFIG_FILE, CliOverrides, Config, Outline, is_decisive_rule_file};
use crate::git::{Changes, FormerText};
use crate::project::{PathGlobs, Project, Projects};
use crate::run::{FormerConfig, source_file_at};

/// The config of a run, for comparison with the one before the changes.
#[derive(Debug)]
pub(crate) struct ConfigSources {
    outline: Outline,
    cli: CliOverrides,
    /// Where the config may be. The first one that exists is used.
    candidates: Vec<PathBuf>,
    /// The folder that globs are relative to, if it is not that of the config.
    globs_from: Option<PathBuf>,
    /// The baseline that is used.
    baseline: Option<PathBuf>,
}

impl ConfigSources {
    /// `named` is the config that the user passed.
    pub(crate) fn new(
        config: &Config,
        cli: CliOverrides,
        project: &Project,
        named: Option<&Path>,
        baseline: Option<PathBuf>,
    ) -> Self {
        let folder = named.and_then(Path::parent);
        let is_outside = folder.is_some_and(|folder| !project.root.starts_with(folder));
        let top = project.git_root.as_deref().unwrap_or(&project.root);
        let folders = project.root.ancestors();
        let folders = folders.take_while(|folder| folder.starts_with(top));
        Self {
            outline: Outline::of(config, &cli),
            cli,
            candidates: match named {
                Some(file) => vec![file.to_path_buf()],
                None => folders.map(|folder| folder.join(CONFIG_FILE)).collect(),
            },
            globs_from: is_outside.then(|| project.root.clone()),
            baseline,
        }
    }

    /// The files and folders that decide which findings are reported.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let rules = self.outline.rule_paths().iter();
        let files = rules.chain(&self.candidates).chain(&self.baseline);
        files.cloned().collect()
    }

    /// What the config was before the changes.
    pub(crate) fn former(&self, changes: &Changes, projects: &Projects) -> FormerConfig {
        let mut former = FormerConfig {
            lost_exceptions: self.lost_exceptions(changes, projects),
            ..FormerConfig::default()
        };
        match self.former_outline(changes) {
            None => {}
            Some(Ok(outline)) => {
                let key = self.outline.key_that_finds_more(&outline);
                former.finds_more = key.map(|key| format!("`{key}` in {CONFIG_FILE} changed"));
                if let Some(excludes) = self.changed_excludes(&outline) {
                    former.excludes = Some(excludes);
                }
            }
            Some(Err(())) => {
                let reason = format!("{CONFIG_FILE} changed, and its former version is not usable");
                former.finds_more = Some(reason);
            }
        }
        if former.finds_more.is_none() && self.has_changed_rules(changes) {
            former.finds_more = Some("custom rules changed".to_owned());
        }
        if former.finds_more.is_none() && self.lost_baseline_entries(changes) {
            former.finds_more = Some("the baseline has fewer findings than before".to_owned());
        }
        former
    }

    /// Moved and renamed files that an exception only covers at their former path or name. If the former config
    /// had other exceptions, all files count as changed.
    fn lost_exceptions(&self, changes: &Changes, projects: &Projects) -> HashSet<PathBuf> {
        let moves = changes.moves.iter().filter(|[from, to]| {
            let files = [from, to].map(|path| source_file_at(projects, path));
            matches!(files, [Some(from), Some(to)] if self.outline.loses_exception(&from, &to))
        });
        moves.map(|[_, to]| to.clone()).collect()
    }

    /// The former config. `None` if it is the same. An error if it is not known.
    fn former_outline(&self, changes: &Changes) -> Option<Result<Outline, ()>> {
        let mut is_changed = false;
        for file in &self.candidates {
            let text = match changes.former_of(file) {
                FormerText::Missing => {
                    is_changed = true;
                    continue;
                }
                FormerText::Same if file.symlink_metadata().is_err() => continue,
                FormerText::Same if !is_changed => return None,
                FormerText::Same => std::fs::read_to_string(file).map_err(drop),
                FormerText::Text(text) => Ok(text),
                FormerText::Unknown => Err(()),
            };
            return Some(text.and_then(|text| self.parse(file, &text)));
        }
        is_changed.then(|| Ok(Outline::of(&Config::default(), &self.cli)))
    }

    fn parse(&self, file: &Path, text: &str) -> Result<Outline, ()> {
        let folder = file.parent().unwrap_or(file);
        let globs_from = self.globs_from.as_deref().unwrap_or(folder);
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let config = Config::parse(folder, globs_from, text, CONFIG_FILE);
        config
            .map(|config| Outline::of(&config, &self.cli))
            .map_err(drop)
    }

    /// The former excludes, if they were others. A file that is excluded now can have been evidence for another.
    fn changed_excludes(&self, former: &Outline) -> Option<PathGlobs> {
        let globs = |it: &Outline| it.exclude.iter().cloned().collect::<HashSet<_>>();
        (globs(former) != globs(&self.outline)).then(|| former.excludes.clone())
    }

    fn has_changed_rules(&self, changes: &Changes) -> bool {
        let paths = self.outline.rule_paths();
        let is_rule = |path: &&Path| {
            is_decisive_rule_file(path) && paths.iter().any(|rules| path.starts_with(rules))
        };
        let mut changed = changes.paths().filter(is_rule);
        changed.any(|path| changes.former_of(path) != FormerText::Same)
            || paths
                .iter()
                .any(|path| !path.is_dir() && changes.former_of(path) != FormerText::Same)
    }

    fn lost_baseline_entries(&self, changes: &Changes) -> bool {
        let Some(file) = &self.baseline else {
            return false;
        };
        let parsed = |bytes: &[u8]| Baseline::parse(bytes, String::new(), String::new()).ok();
        match changes.former_of(file) {
            FormerText::Same | FormerText::Missing => false,
            FormerText::Unknown => true,
            FormerText::Text(text) => match (parsed(text.as_bytes()), Baseline::read(file, "")) {
                (Some(former), Ok(now)) => former.suppresses_more_than(&now),
                _ => true,
            },
        }
    }
}

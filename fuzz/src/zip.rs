//! Zips: whatever the bytes are, every entry is checked or named in an error, and nothing outside the zip is read.

use std::cell::RefCell;
use std::fs;
use std::sync::{Arc, LazyLock};

use forcelint::project::Targets;
use forcelint::rule::{RuleSet, Selection};
use forcelint::run::{Options, Workspace, run_once};

static RULES: LazyLock<Arc<RuleSet>> = LazyLock::new(|| {
    let rules = RuleSet::select(&Selection::default());
    Arc::new(rules.expect("the default selection is valid"))
});

thread_local! {
    /// The folder of the zips.
    static FOLDER: RefCell<tempfile::TempDir> = RefCell::new(tempfile::tempdir().expect("a folder"));
}

/// Checks the input as a zip.
pub fn check(input: &[u8]) {
    FOLDER.with_borrow(|folder| {
        let path = folder.path().join("org.zip");
        fs::write(&path, input).expect("the zip is written");
        let options = Options {
            jobs: 1,
            allow_empty: false,
            ..Options::on(Default::default())
        };
        let workspace = Workspace::new(&RULES, options);
        let targets = Targets::resolve(&[path], folder.path(), &workspace.projects);
        let targets = targets.expect("the path is absolute");
        let report = run_once(&workspace, &targets);
        for finding in &report.findings {
            assert!(finding.location.path.starts_with("org.zip/"), "{finding:?}");
            assert!(!finding.location.path.contains("/../"), "{finding:?}");
        }
        let is_checked = report.tally.files_checked > 0;
        assert!(
            is_checked || report.has_errors(),
            "nothing was checked, and that is not an error"
        );
    });
}

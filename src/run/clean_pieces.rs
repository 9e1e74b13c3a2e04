//! Pieces of components in which no rule has a finding, whatever the other files of the component contain.
//!
//! They are found during the walk, and only counted. A large project has a hundred thousand custom fields, which would
//! otherwise wait until the walk has found the rest of their objects.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Path, PathBuf};

use super::buffers::Buffers;
use super::workspace::Workspace;
use crate::engine::{is_clean_piece, parse};
use crate::lint::Phase;
use crate::project::{Deployment, PieceKind, SourceFile, WholeKey, folder_of_whole};
use crate::xml::Document;

/// The clean pieces of one component in one folder.
#[derive(Debug)]
pub(super) struct CleanPieces {
    pub first: SourceFile,
    /// The number of files, without those that are counted as components themselves.
    pub files: u64,
}

/// The clean pieces of each component.
pub(super) fn by_component(all: Vec<CleanPieces>) -> BTreeMap<WholeKey, CleanPieces> {
    let mut by_component: BTreeMap<WholeKey, CleanPieces> = BTreeMap::new();
    for pieces in all {
        match by_component.entry(WholeKey::of(&pieces.first)) {
            Entry::Vacant(entry) => {
                entry.insert(pieces);
            }
            Entry::Occupied(mut entry) => {
                let known = entry.get_mut();
                known.files += pieces.files;
                if pieces.first.path < known.first.path {
                    known.first = pieces.first;
                }
            }
        }
    }
    by_component
}

/// Whether a piece is counted as a component itself.
pub(super) fn is_counted_itself(workspace: &Workspace, piece: &SourceFile) -> bool {
    let checked = workspace.rules.checked_types();
    piece.is_component() && checked.contains(piece.component.metadata_type)
}

/// Searches for clean pieces during a walk.
pub(super) struct CleanPieceSearch<'w> {
    workspace: &'w Workspace,
    /// The folders of which the walk finds all files.
    walked: &'w [PathBuf],
    /// The component of the pieces in the current folder, with the path of the first of them.
    whole: Option<SourceFile>,
    /// Whether the last of the clean pieces belong to this component.
    has_clean: bool,
    pub clean: Vec<CleanPieces>,
}

impl<'w> CleanPieceSearch<'w> {
    pub(super) fn new(workspace: &'w Workspace, walked: &'w [PathBuf]) -> Self {
        Self {
            workspace,
            walked,
            whole: None,
            has_clean: false,
            clean: Vec::new(),
        }
    }

    /// Whether `file` is a clean piece, which is counted then.
    pub(super) fn add(&mut self, buffers: &mut Buffers, file: &SourceFile) -> bool {
        let workspace = self.workspace;
        let Some(kind) = file.piece() else {
            return false;
        };
        let may_be_clean = file.deployment == Deployment::Deployed
            && !file.project.has_replacements()
            && workspace.rules.reads_pieces_apart(kind.whole());
        if !may_be_clean {
            return false;
        }
        let is_clean = self
            .whole_of(file)
            .is_some_and(|whole| is_clean(workspace, buffers, file, kind, whole));
        if is_clean {
            self.count(file);
        }
        is_clean
    }

    /// The component of a piece. `None` if the walk does not find all of its files.
    fn whole_of(&mut self, piece: &SourceFile) -> Option<&SourceFile> {
        let is_same = |whole: &SourceFile| {
            // Comparing two paths part by part takes ten times as long.
            let folder = piece.path.parent().map(Path::as_os_str);
            whole.path.parent().map(Path::as_os_str) == folder
                && whole.component.metadata_type == piece.whole_type()
        };
        if !self.whole.as_ref().is_some_and(is_same) {
            let folder = folder_of_whole(piece);
            let is_found = self.walked.iter().any(|walked| folder.starts_with(walked));
            self.whole = piece.whole_by_folder().filter(|_| is_found);
            self.has_clean = false;
        }
        self.whole.as_ref()
    }

    fn count(&mut self, file: &SourceFile) {
        let count = u64::from(!is_counted_itself(self.workspace, file));
        match self.clean.last_mut().filter(|_| self.has_clean) {
            Some(last) => last.files += count,
            None => self.clean.push(CleanPieces {
                first: file.clone(),
                files: count,
            }),
        }
        self.has_clean = true;
    }
}

fn is_clean(
    workspace: &Workspace,
    buffers: &mut Buffers,
    file: &SourceFile,
    kind: PieceKind,
    whole: &SourceFile,
) -> bool {
    let Buffers { bytes, tree } = buffers;
    let timer = workspace.options.timer;
    let read = || workspace.sources.read_into(&file.path, bytes);
    if timer.time(Phase::Read, read).is_err() {
        return false;
    }
    let Ok(source) = timer.time(Phase::Parse, || parse(bytes, file, tree)) else {
        return false;
    };
    let document = Document::new(source, tree);
    let today = workspace.options.today;
    kind.own_root() == Some(document.name(document.root()))
        && kind.element().is_some_and(|element| {
            timer.time(Phase::Rules, || {
                is_clean_piece(&workspace.rules, document, whole, element, today)
            })
        })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::{Arc, LazyLock};

    use proptest::prelude::*;

    use crate::project::Targets;
    use crate::rule::{RuleSet, Selection};
    use crate::run::{Indexes, Monitor, Options, Workspace, run};

    const MAIN_FILES: [&str; 6] = [
        "<customSettingsType>Hierarchy</customSettingsType><visibility>Public</visibility>",
        "<customSettingsType>Hierarchy</customSettingsType><visibility>Protected</visibility>",
        "<externalSharingModel>ReadWrite</externalSharingModel><sharingModel>Read</sharingModel>",
        "<fields><fullName>ApiKey__c</fullName><type>Text</type></fields>",
        "<visibility>Public</visibility>",
        "<visibility>",
    ];

    const PIECES: [(&str, &str, &str); 8] = [
        (
            "fields",
            "field",
            "CustomField><label>L</label><type>Text</type></CustomField",
        ),
        (
            "fields",
            "field",
            "CustomField><fullName>ApiKey__c</fullName><type>Text</type></CustomField",
        ),
        (
            "fields",
            "field",
            "CustomField><fullName>ApiKey__c</fullName><type>Date</type></CustomField",
        ),
        (
            "fields",
            "field",
            "CustomField><formula>$Api.Session_ID</formula><type>Text</type></CustomField",
        ),
        (
            "fields",
            "field",
            "CustomField><securityClassification>Restricted</securityClassification><type>Text</type></CustomField",
        ),
        ("fields", "field", "CustomField><label></CustomField"),
        (
            "webLinks",
            "webLink",
            "WebLink><url>javascript:x()</url></WebLink",
        ),
        ("webLinks", "webLink", "WebLink><url>/x</url></WebLink"),
    ];

    fn write(root: &Path, at: usize, name: &str, main: Option<usize>, pieces: &[usize]) {
        let folder = root.join(format!("app/main/part{at}/objects/{name}"));
        if let Some(main) = main {
            let text = format!("<CustomObject>{}</CustomObject>", MAIN_FILES[main]);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{name}.object-meta.xml")), text).unwrap();
        }
        for (at, piece) in pieces.iter().enumerate() {
            let (below, suffix, text) = PIECES[*piece];
            fs::create_dir_all(folder.join(below)).unwrap();
            let file = folder.join(below).join(format!("P{at}.{suffix}-meta.xml"));
            fs::write(file, format!("<{text}>")).unwrap();
        }
    }

    fn report(root: &Path, mut indexes: Indexes) -> String {
        static RULES: LazyLock<Arc<RuleSet>> =
            LazyLock::new(|| Arc::new(RuleSet::select(&Selection::default()).unwrap()));
        let options = Options {
            jobs: 1,
            ..Options::on(Default::default())
        };
        let workspace = Workspace::new(&RULES, options);
        workspace.projects.set_report_root(&[root]);
        let targets = Targets {
            folders: vec![root.join("app")],
            ..Targets::default()
        };
        let report = run(&workspace, &targets, &mut indexes, &Monitor::default());
        format!(
            "{:#?}",
            (
                &report.findings,
                &report.not_checked,
                &report.errors,
                &report.not_shown,
                &report.tally
            )
        )
    }

    type Part = (Option<usize>, Vec<usize>);

    fn part() -> impl Strategy<Value = Part> {
        let main = prop::option::of(0..MAIN_FILES.len());
        (main, prop::collection::vec(0..PIECES.len(), 0..4))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        // With all files of each object, and with clean pieces that are only counted.
        #[test]
        fn clean_pieces_do_not_matter(
            parts in prop::collection::vec((part(), 0..2_usize), 1..4),
        ) {
            let sandbox = tempfile::tempdir().unwrap();
            let root = sandbox.path();
            let project = r#"{"packageDirectories":[{"path":"app"}],"sourceApiVersion":"65.0"}"#;
            fs::create_dir(root.join("app")).unwrap();
            fs::write(root.join("sfdx-project.json"), project).unwrap();
            for (at, ((main, pieces), name)) in parts.iter().enumerate() {
                // An object can be spread over folders.
                write(root, at, ["Gateway__c", "User"][*name], *main, pieces);
            }
            let whole = report(root, Indexes::for_fixes(true));
            prop_assert_eq!(report(root, Indexes::default()), whole);
        }
    }
}

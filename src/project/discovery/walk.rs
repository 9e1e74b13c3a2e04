//! Walks folders: first what is reached without links, then what links lead to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::links::follow_links;
use super::walk_packed::walk_packed;
use super::walker::{WalkFilter, WalkSink, WalkTally, Walker};
use crate::project::project::Project;
use crate::project::projects::Projects;

/// Walks `folders` on the current thread pool. They belong to `project`; without one, each to the project
/// around it. `files_seen` is updated during the walk, for a progress bar.
pub(crate) fn walk<S: WalkSink>(
    folders: &[PathBuf],
    project: Option<&Arc<Project>>,
    filter: &WalkFilter,
    projects: &Projects,
    files_seen: &AtomicU64,
    sink: &S,
) -> WalkTally {
    let is_packed = |folder: &&PathBuf| projects.packed().around(folder).is_some();
    let (packed, folders): (Vec<&PathBuf>, Vec<&PathBuf>) = folders.iter().partition(is_packed);
    let walker = Walker::new(folders.len(), filter, projects, files_seen, sink);
    let mut roots = Vec::new();
    for (at, &path) in folders.iter().enumerate() {
        let around = || projects.around(path, path);
        let project = project.map_or_else(around, Arc::clone);
        roots.extend(walker.root(at, path, project));
    }
    rayon::scope(|scope| {
        for root in &roots {
            scope.spawn(|scope| walker.visit_root(scope, root.clone()));
        }
    });
    follow_links(&walker, &roots);
    let mut tally = walker.finish(&folders);
    for folder in packed {
        walk_packed(folder, filter, projects, files_seen, sink, &mut tally);
    }
    tally.files_seen = files_seen.load(Ordering::Relaxed);
    tally
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Mutex;

    use proptest::prelude::*;

    use super::*;
    use crate::project::discovery::{Fate, fate_of};
    use crate::project::path_globs::PathGlobs;
    use crate::project::source_file::SourceFile;
    use crate::project::type_set::TypeSet;

    const FILES: [&str; 6] = [
        "A.connectedApp-meta.xml",
        "a/A.connectedApp-meta.xml",
        "a/b/B.connectedApp-meta.xml",
        "a/b/c/A.connectedApp-meta.xml",
        "b/c/B.connectedApp-meta.xml",
        "c/inner/b/B.connectedApp-meta.xml",
    ];

    /// The files that a walk of a folder finds, each with whether it is deployed.
    fn found_in(root: &Path, projects: &Projects) -> Vec<(PathBuf, bool)> {
        let filter = WalkFilter {
            types: TypeSet::all(),
            include_forceignored: TypeSet::all(),
            ..WalkFilter::default()
        };
        let found = Mutex::new(Vec::new());
        let sink = |files: Vec<SourceFile>| {
            let files = files.into_iter();
            let files = files.map(|file| (file.path.clone(), file.is_deployed()));
            found.lock().unwrap().extend(files);
        };
        let folders = [root.to_path_buf()];
        walk(&folders, None, &filter, projects, &AtomicU64::new(0), &sink);
        let mut found = found.into_inner().unwrap();
        found.sort();
        found
    }

    /// Compares a walk, which decides about folders and files one by one, with the function for a single
    /// path. git tracks `a/b/B`.
    fn check(forceignored: &str, gitignored: &str, gitignored_below: &str, excluded: &[String]) {
        let sandbox = tempfile::tempdir().unwrap();
        let root = sandbox.path();
        for file in FILES {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "").unwrap();
        }
        fs::create_dir(root.join(".git")).unwrap();
        for (file, text) in [
            ("sfdx-project.json", "{}"),
            ("c/inner/sfdx-project.json", "{}"),
            (".forceignore", forceignored),
            (".gitignore", gitignored),
            ("a/.gitignore", gitignored_below),
        ] {
            fs::write(root.join(file), text).unwrap();
        }
        let mut projects = Projects::new(Some(|_| Ok(vec![PathBuf::from(FILES[2])])));
        projects.excludes = PathGlobs::new(root, excluded.iter().map(String::as_str)).unwrap();
        let found = found_in(root, &projects);
        let paths = FILES.iter().map(|file| root.join(file));
        let expected = paths.filter_map(|path| {
            let folder = path.parent().unwrap();
            match fate_of(&path, &projects.around(folder, folder), &projects) {
                Fate::Skipped(_) => None,
                // In the nested project, a walk begins the search for `.forceignore` at its root.
                fate => Some((path, fate == Fate::Deployed)),
            }
        });
        assert_eq!(found, expected.collect::<Vec<_>>());
    }

    #[test]
    fn folders_that_are_included_again() {
        for lines in ["a/**\n!b\n", "a/**\n!b/\n", "a/**\n!**/b\n!a/b/c\n", "a\n"] {
            check(lines, "", "", &[]);
            check("", lines, "", &[]);
            let below = lines.replace("a/**", "b/**").replace("!b", "!c");
            check("", "", &below, &[]);
        }
    }

    #[test]
    fn large_folders_are_shared_between_tasks() {
        let sandbox = tempfile::tempdir().unwrap();
        let mut expected = Vec::new();
        // Both near the root and below the levels in which each folder is one task.
        for above in ["", "a/b/c/d/e"] {
            for at in 0..100 {
                let folder = sandbox.path().join(above).join(format!("x{at}/y"));
                fs::create_dir_all(&folder).unwrap();
                for name in ["A", "B"] {
                    let file = folder.join(format!("{name}.connectedApp-meta.xml"));
                    fs::write(&file, "").unwrap();
                    expected.push((file, true));
                }
            }
        }
        expected.sort();
        assert_eq!(found_in(sandbox.path(), &Projects::new(None)), expected);
    }

    fn lines() -> impl Strategy<Value = String> {
        let glob = prop_oneof![
            1 => r"\*\*|/?\*",
            8 => r"/?(\*\*/)?[abc](/[abc])?(/|/\*\*)?",
            4 => r"(\*\*/)?[AB]\.?\*|\*\*/inner|!B*",
        ];
        let line = ("!?", glob).prop_map(|(not, glob)| format!("{not}{glob}\n"));
        prop::collection::vec(line, 0..3).prop_map(|lines| lines.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn walk_agrees_with_single_paths(
            forceignored in lines(),
            gitignored in lines(),
            gitignored_below in lines(),
            excluded in prop::collection::vec(r"/?(\*\*/)?[abc](/[abc])?(/|/\*\*)?|A\*|\*\*?/", 0..2),
        ) {
            check(&forceignored, &gitignored, &gitignored_below, &excluded);
        }
    }
}

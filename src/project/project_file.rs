//! The project as a component that rules check: its file is `sfdx-project.json` or, in metadata format,
//! `package.xml`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::constants::{MANIFEST, PROJECT_FILE};
use super::metadata_type::MetadataType;
use super::paths::slashed;
use super::project::{Placement, Project};
use super::projects::Projects;
use super::source_file::{Component, Deployment, SourceFile};
use crate::text::Span;

/// Folders with a `package.xml` in a folder that is checked: those of a retrieved zip, and of a project in
/// metadata format.
const MANIFEST_FOLDERS: [&str; 3] = ["", "unpackaged", "src"];

/// The files of the projects of which `folders` contain all package directories, and of the packages in metadata
/// format that are completely in `folders`. Sorted by path.
pub(crate) fn project_files(projects: &Projects, folders: &[PathBuf]) -> Vec<SourceFile> {
    let checked: HashSet<&Path> = folders.iter().map(PathBuf::as_path).collect();
    let is_inside = |folder: &Path| folder.ancestors().any(|above| checked.contains(above));
    let mut files = Vec::new();
    for project in projects.opened_for(folders) {
        if project.has_file {
            let directories = project.package_directories().iter();
            let mut existing = directories.filter(|it| projects.is_folder(it)).peekable();
            let is_whole = match existing.peek() {
                Some(_) => existing.all(|it| is_inside(it)),
                None => is_inside(&project.root),
            };
            if is_whole {
                files.push(of_project(&project));
            }
            continue;
        }
        let below = folders.iter().filter(|it| it.starts_with(&project.root));
        let named = below.flat_map(|it| MANIFEST_FOLDERS.map(|name| it.join(name)));
        for folder in named.chain(project.manifest_folders()) {
            // The path of a folder joined with nothing ends with a separator.
            let folder: PathBuf = folder.components().collect();
            if is_inside(&folder) && project.has_manifest(&folder) {
                files.push(of_manifest(&project, &folder));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files.dedup_by(|one, other| one.path == other.path);
    files
}

/// A project with an `sfdx-project.json`. Its name is the one in that file, else its folder in the repository.
fn of_project(project: &Arc<Project>) -> SourceFile {
    let name = project.label();
    let placement = Placement::packaged(&project.root);
    let name = name.unwrap_or_else(|| PROJECT_FILE.to_owned());
    file(project, project.root.join(PROJECT_FILE), name, placement)
}

/// A package in metadata format. Its name is its folder in the project.
fn of_manifest(project: &Arc<Project>, folder: &Path) -> SourceFile {
    let below = folder.strip_prefix(&project.root).map(slashed);
    let name = below.ok().filter(|below| !below.is_empty());
    let name = name.unwrap_or_else(|| MANIFEST.to_owned());
    let placement = Placement {
        package_directory: Arc::from(folder),
        is_packaged: false,
    };
    file(project, folder.join(MANIFEST), name, placement)
}

fn file(project: &Arc<Project>, path: PathBuf, name: String, placement: Placement) -> SourceFile {
    SourceFile {
        path,
        component: Component {
            metadata_type: MetadataType::project(),
            name,
        },
        project: Arc::clone(project),
        deployment: Deployment::Deployed,
        api_version: Ok(None),
        piece: None,
        placement,
    }
}

/// Where findings on a project are in the text of its `sfdx-project.json`: the key of the package directories, without
/// quotes. Without it, the start of the text.
pub(crate) fn package_directories_span(text: &str) -> Span {
    const KEY: &str = "packageDirectories";
    let mut depth = 0;
    let mut rest = text.bytes().enumerate();
    while let Some((at, byte)) = rest.next() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b'"' => {
                let start = at + 1;
                let mut end = start;
                while let Some((at, byte)) = rest.next() {
                    end = at;
                    match byte {
                        b'\\' => drop(rest.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
                let is_key = || text[end..].trim_start_matches(['"', ' ', '\t', '\r', '\n']);
                if depth == 1 && text.get(start..end) == Some(KEY) && is_key().starts_with(':') {
                    return Span::new(start, end);
                }
            }
            _ => {}
        }
    }
    Span::at(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_package_directories() {
        for (text, expected) in [
            (r#"{"packageDirectories": []}"#, 2),
            (
                "\u{FEFF}{\n  \"name\": \"packageDirectories\",\n \"packageDirectories\" :[]}",
                39,
            ),
            (
                r#"{"a\"{": {"packageDirectories": 1}, "packageDirectories": []}"#,
                37,
            ),
            (r#"{"a": {"packageDirectories": 1}}"#, 0),
            (r#"{"packageDirectories"#, 0),
            (r#"{"é\"#, 0),
            ("", 0),
        ] {
            let span = package_directories_span(text);
            assert_eq!(span.start, expected, "{text}");
            let found = &text[span.range()];
            assert!(found.is_empty() || found == "packageDirectories", "{text}");
        }
    }
}

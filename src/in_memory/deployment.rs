//! What the `package.xml` files of an input do not list: a deployment of them leaves it out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::output::relative;
use crate::project::{MANIFEST, SourceFile};
use crate::xml::{Document, Tree, parse};

/// The type in a `package.xml` of all settings.
const SETTINGS: &str = "Settings";

/// How changed files can be deployed.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// The `package.xml` files above the changed ones, relative to the input. Empty in source format.
    pub manifests: Vec<String>,
    pub unlisted: Vec<Unlisted>,
}

/// A changed component that the nearest `package.xml` does not list.
#[derive(Debug, PartialEq, Eq)]
pub struct Unlisted {
    pub manifest: String,
    /// The type's name in a `package.xml`.
    pub type_name: String,
    pub member: String,
}

/// How these files below `root` can be deployed. `read` returns the text of a file, if there is one.
pub(super) fn deployment(
    changed: &[SourceFile],
    root: &Path,
    read: impl Fn(&Path) -> Option<String>,
) -> Deployment {
    let mut texts: BTreeMap<PathBuf, Option<String>> = BTreeMap::new();
    let mut result = Deployment::default();
    for file in changed {
        let folders = file.path.ancestors().skip(1);
        let folders = folders.take_while(|folder| folder.starts_with(root));
        let mut manifests = folders.map(|folder| folder.join(MANIFEST));
        let manifest = manifests.find(|path| {
            let text = texts.entry(path.clone()).or_insert_with(|| read(path));
            text.is_some()
        });
        let Some(manifest) = manifest else { continue };
        let shown = relative(root, &manifest);
        if !result.manifests.contains(&shown) {
            result.manifests.push(shown.clone());
        }
        let (type_name, member) = listed_as(file);
        let text = texts.get(&manifest).and_then(Option::as_deref);
        if !lists(text.unwrap_or_default(), type_name, member) {
            result.unlisted.push(Unlisted {
                manifest: shown,
                type_name: type_name.to_owned(),
                member: member.to_owned(),
            });
        }
    }
    result
}

/// The type and the member by which a `package.xml` lists the component of a file.
fn listed_as(file: &SourceFile) -> (&str, &str) {
    let component = &file.component;
    match component.metadata_type.settings_name() {
        Some(name) => (SETTINGS, name),
        None => (component.metadata_type.name(), &component.name),
    }
}

/// Whether a `package.xml` lists a component. One that cannot be read lists nothing.
fn lists(manifest: &str, type_name: &str, member: &str) -> bool {
    let mut tree = Tree::default();
    if parse(manifest, &mut tree).is_err() {
        return false;
    }
    let document = Document::new(manifest, &tree);
    let text = |node| document.value(node).text().trim().to_owned();
    document
        .children_named(document.root(), "types")
        .filter(|&types| {
            let mut names = document.children_named(types, "name");
            names.any(|name| text(name) == type_name)
        })
        .any(|types| {
            let mut members = document.children_named(types, "members");
            members.any(|it| ["*", member].contains(&&*text(it)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_lists_members_and_wildcards() {
        let manifest = "<Package><types><members>One</members><members> Two </members>\
            <name>ConnectedApp</name></types><types><members>*</members><name>Profile</name></types></Package>";
        for (type_name, member, expected) in [
            ("ConnectedApp", "One", true),
            ("ConnectedApp", "Two", true),
            ("ConnectedApp", "Three", false),
            ("Profile", "Admin", true),
            ("PermissionSet", "One", false),
        ] {
            assert_eq!(
                lists(manifest, type_name, member),
                expected,
                "{type_name}:{member}"
            );
        }
        assert!(!lists("<Package>", "Profile", "Admin"));
    }
}

//! The values of all fields that rules read, to compare two states of an org.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use super::indexes::components_of;
use super::workspace::Workspace;
use crate::engine::compose_files;
use crate::finding::{ComponentSettings, SecuritySettings, SettingValue};
use crate::project::{ComponentFiles, MetadataType, SourceFile, Targets, WalkFilter, walk};
use crate::text::display_value;
use crate::xml::{self, Document, NodeId, Tree};

/// Children that identify an element among others of its name.
const KEYS: [&str; 8] = [
    "name",
    "fullName",
    "key",
    "object",
    "field",
    "apexClass",
    "application",
    "parameterName",
];

/// The names of elements from below the root.
type Path = Vec<String>;

/// The values of the fields that the rules of a workspace read.
pub(crate) fn security_settings(workspace: &Workspace, targets: &Targets) -> SecuritySettings {
    let rules = &workspace.rules;
    let types = rules.checked_types().union(rules.read_types());
    let filter = WalkFilter {
        types: rules.types_of_files(types),
        is_named: true,
        ..WalkFilter::default()
    };
    let found = Mutex::new(Vec::new());
    workspace.pool().install(|| {
        walk(
            &targets.folders,
            targets.project.as_ref(),
            &filter,
            &workspace.projects,
            &AtomicU64::new(0),
            &|mut files: Vec<SourceFile>| {
                files.retain(|file| !file.is_forceignored());
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                found.append(&mut files);
            },
        )
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut fields: HashMap<MetadataType, BTreeSet<Path>> = HashMap::new();
    for field in rules.rules().flat_map(|rule| rule.mentioned_fields()) {
        let of_type = fields.entry(field.metadata_type).or_default();
        of_type.insert(field.path);
    }
    let mut settings = SecuritySettings::new();
    for component in components_of(workspace, found, types) {
        let Some(read) = fields.get(&component.file.component.metadata_type) else {
            continue;
        };
        let values = values_of(workspace, &component, read);
        settings.insert(component.file.component.clone(), values);
    }
    settings
}

/// The values of these fields. `None` if the component cannot be read or is malformed.
fn values_of(
    workspace: &Workspace,
    component: &ComponentFiles,
    fields: &BTreeSet<Path>,
) -> Option<ComponentSettings> {
    let texts = component.files().map(|file| {
        let bytes = workspace.sources.read(&file.path).ok()?;
        Some((file.clone(), bytes))
    });
    let texts: Vec<_> = texts.collect::<Option<_>>()?;
    if component.is_decomposed() {
        let (composition, malformed) = compose_files(component, &texts);
        let is_whole = malformed.is_empty();
        return is_whole.then(|| values_in(composition.document(), fields));
    }
    let text = std::str::from_utf8(&texts.first()?.1).ok()?;
    let mut tree = Tree::default();
    xml::parse(text, &mut tree).ok()?;
    Some(values_in(Document::new(text, &tree), fields))
}

/// The values of these fields, by path. An element with a name among its children is shown with it.
fn values_in(document: Document<'_>, fields: &BTreeSet<Path>) -> ComponentSettings {
    let mut found = ComponentSettings::new();
    let mut path = Path::new();
    add_below(document, document.root(), &mut path, "", fields, &mut found);
    found.values_mut().for_each(|values| values.sort());
    found
}

fn add_below(
    document: Document<'_>,
    parent: NodeId,
    path: &mut Path,
    shown: &str,
    fields: &BTreeSet<Path>,
    found: &mut ComponentSettings,
) {
    for child in document.children(parent) {
        let name = document.name(child);
        path.push(name.to_owned());
        let is_leaf = document.children(child).next().is_none();
        let mut shown = match shown.is_empty() {
            true => name.to_owned(),
            false => format!("{shown}/{name}"),
        };
        let is_key = KEYS.contains(&name) && path.len() > 1;
        if is_leaf && fields.contains(path) && !is_key {
            let value = SettingValue::of(name, document.value(child).text());
            found.entry(shown).or_default().push(value);
        } else if !is_leaf {
            let key = KEYS.iter().find_map(|key| {
                document
                    .find_children(child, key)
                    .first()
                    .map(|id| (*key, *id))
            });
            if let Some((name, id)) = key {
                let key = display_value(name, document.value(id).text());
                shown.push_str(&format!("[{key}]"));
            }
            add_below(document, child, path, &shown, fields, found);
        }
        path.pop();
    }
}

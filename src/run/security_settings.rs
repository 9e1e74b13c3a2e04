//! The values of all fields that rules read, to compare two states of an org.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use super::indexes::components_of;
use super::workspace::Workspace;
use crate::engine::{FileText, Subject, compose_files};
use crate::finding::{ComponentSettings, SecuritySettings, SettingValue};
use crate::lint::Secrets;
use crate::project::{
    ComponentFiles, MetadataType, Replaced, SourceFile, Targets, WalkFilter, walk,
};
use crate::rule::RuleSet;
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
    let secret_rules = rules.about_secrets();
    let mut settings = SecuritySettings::new();
    for component in components_of(workspace, found, types) {
        let Some(read) = fields.get(&component.file.component.metadata_type) else {
            continue;
        };
        let values = values_of(workspace, &secret_rules, &component, read);
        settings.insert(component.file.component.clone(), values);
    }
    settings
}

/// The values of these fields. `None` if the component cannot be read or is malformed.
fn values_of(
    workspace: &Workspace,
    secret_rules: &RuleSet,
    component: &ComponentFiles,
    fields: &BTreeSet<Path>,
) -> Option<ComponentSettings> {
    let texts = component.files().map(|file| {
        let bytes = workspace.sources.read(&file.path).ok()?;
        Some((file.clone(), bytes))
    });
    let texts: Vec<_> = texts.collect::<Option<_>>()?;
    let values = |document: Document<'_>, files: &[FileText]| {
        let subject = Subject {
            document,
            replaced: &Replaced::default(),
            file: &component.file,
            is_piece: false,
        };
        let secrets = Secrets::find(secret_rules, subject, files, workspace.options.today);
        values_in(document, &secrets, fields)
    };
    if component.is_decomposed() {
        let (composition, malformed) = compose_files(component, &texts);
        let is_whole = malformed.is_empty();
        return is_whole.then(|| values(composition.document(), &composition.files));
    }
    let text = std::str::from_utf8(&texts.first()?.1).ok()?;
    let mut tree = Tree::default();
    xml::parse(text, &mut tree).ok()?;
    Some(values(Document::new(text, &tree), &[]))
}

/// The values of these fields, by path. An element with a name among its children is shown with it.
fn values_in(
    document: Document<'_>,
    secrets: &Secrets<'_>,
    fields: &BTreeSet<Path>,
) -> ComponentSettings {
    let mut search = Search {
        document,
        secrets,
        fields,
        path: Path::new(),
        found: ComponentSettings::new(),
    };
    search.add_below(document.root(), "");
    let mut found = search.found;
    found.values_mut().for_each(|values| values.sort());
    found
}

struct Search<'a> {
    document: Document<'a>,
    secrets: &'a Secrets<'a>,
    fields: &'a BTreeSet<Path>,
    /// Of the current element.
    path: Path,
    found: ComponentSettings,
}

impl Search<'_> {
    /// Adds the values below an element that is `shown` as this.
    fn add_below(&mut self, parent: NodeId, shown: &str) {
        let document = self.document;
        for child in document.children(parent) {
            let name = document.name(child);
            self.path.push(name.to_owned());
            let is_leaf = document.children(child).next().is_none();
            let mut shown = match shown.is_empty() {
                true => name.to_owned(),
                false => format!("{shown}/{name}"),
            };
            let is_key = KEYS.contains(&name) && self.path.len() > 1;
            if is_leaf && self.fields.contains(&self.path) && !is_key {
                let raw = document.value(child).text().to_owned();
                let value = SettingValue::new(raw, self.secrets.displayed(child));
                self.found.entry(shown).or_default().push(value);
            } else if !is_leaf {
                let key = |key: &&str| document.find_children(child, key).first().copied();
                if let Some(key) = KEYS.iter().find_map(key) {
                    shown.push_str(&format!("[{}]", self.secrets.displayed(key)));
                }
                self.add_below(child, &shown);
            }
            self.path.pop();
        }
    }
}

//! The module tree of all packages, and the resolution of paths in it.
//!
//! A path is resolved to the file that defines its last name, through re-exports, renames and
//! globs.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Attribute, Ident, Item, UseTree};

use crate::source::{Package, Source};

pub type ModuleId = usize;

pub struct Module<'a> {
    /// The index of the source file that contains the module.
    pub file: usize,
    pub items: &'a [Item],
    parent: Option<ModuleId>,
    root: ModuleId,
    names: BTreeMap<String, Vec<Binding>>,
    globs: Vec<Vec<String>>,
    /// Whether the module includes generated code, whose names are not in the source.
    generated: bool,
}

#[derive(Clone)]
enum Binding {
    Module(ModuleId),
    Item,
    Import(Vec<String>),
}

/// The target of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Module(ModuleId),
    Item {
        file: usize,
        name: String,
    },
    /// A fully qualified name of another crate, or a local variable.
    External(Vec<String>),
}

pub struct ModuleTree<'a> {
    pub modules: Vec<Module<'a>>,
    pub sources: &'a [Source],
    libraries: BTreeMap<String, ModuleId>,
    files: BTreeMap<&'a str, usize>,
}

/// The imports and globs in the current lookup, so that a lookup in a cycle ends.
type Seen = BTreeSet<(ModuleId, String, usize)>;

impl<'a> ModuleTree<'a> {
    pub fn new(packages: &[Package], sources: &'a [Source]) -> Self {
        let files = sources.iter().enumerate();
        let mut tree = Self {
            modules: Vec::new(),
            sources,
            libraries: BTreeMap::new(),
            files: files
                .map(|(index, source)| (source.path.as_str(), index))
                .collect(),
        };
        for package in packages {
            for (root, is_library) in [("lib.rs", true), ("main.rs", false)] {
                let path = format!("{}/{root}", package.src);
                if let Some(&file) = tree.files.get(path.as_str()) {
                    let id = tree.add_module(&sources[file].tree.items, file, None, &package.src);
                    if is_library {
                        tree.libraries.insert(package.name.clone(), id);
                    }
                }
            }
        }
        tree
    }

    /// Adds a module and its child modules, whose files are in `folder`.
    fn add_module(
        &mut self,
        items: &'a [Item],
        file: usize,
        parent: Option<ModuleId>,
        folder: &str,
    ) -> ModuleId {
        let id = self.modules.len();
        let mut locals = LocalImports::default();
        for item in items.iter().filter(|item| is_compiled(item)) {
            if !matches!(item, Item::Mod(_)) {
                locals.visit_item(item);
            }
        }
        self.modules.push(Module {
            file,
            items,
            parent,
            root: parent.map_or(id, |parent| self.modules[parent].root),
            names: BTreeMap::new(),
            globs: Vec::new(),
            generated: locals.includes_code,
        });
        for leaf in locals.imports {
            self.bind_import(id, leaf);
        }
        for item in items.iter().filter(|item| is_compiled(item)) {
            if let Item::Mod(module) = item {
                let name = module.ident.to_string();
                let child_folder = format!("{folder}/{name}");
                let child = if let Some((_, items)) = &module.content {
                    self.add_module(items, file, Some(id), &child_folder)
                } else if has_path_attribute(module) {
                    // Another test reports this module. Here, its names belong to the file that
                    // declares it.
                    let child = self.add_module(&[], file, Some(id), &child_folder);
                    self.modules[child].generated = true;
                    child
                } else {
                    let child_file = [".rs", "/mod.rs"]
                        .iter()
                        .find_map(|end| self.files.get(format!("{child_folder}{end}").as_str()))
                        .copied()
                        .unwrap_or_else(|| panic!("no file for the module {child_folder}"));
                    let items = &self.sources[child_file].tree.items;
                    self.add_module(items, child_file, Some(id), &child_folder)
                };
                self.bind(id, name, Binding::Module(child));
            } else if let Some(name) = head(item).1 {
                self.bind(id, name.to_string(), Binding::Item);
            }
        }
        id
    }

    fn bind(&mut self, module: ModuleId, name: String, binding: Binding) {
        let names = &mut self.modules[module].names;
        names.entry(name).or_default().push(binding);
    }

    fn bind_import(&mut self, module: ModuleId, leaf: UseLeaf) {
        match leaf.name {
            Some(name) => self.bind(module, name, Binding::Import(leaf.path)),
            None => self.modules[module].globs.push(leaf.path),
        }
    }

    /// The targets of `path` in `module`. Empty if the path starts in this workspace but has no
    /// target.
    pub fn resolve(&self, module: ModuleId, path: &[String]) -> Vec<Target> {
        self.resolve_from(module, path, &mut Seen::new())
    }

    fn resolve_from(&self, module: ModuleId, path: &[String], seen: &mut Seen) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else {
            return Vec::new();
        };
        let mut targets = match first.as_str() {
            "crate" => vec![Target::Module(self.modules[module].root)],
            "self" => vec![Target::Module(module)],
            "super" => self.modules[module]
                .parent
                .map(Target::Module)
                .into_iter()
                .collect(),
            name => {
                let mut targets = self.lookup(module, name, seen);
                if targets.is_empty() {
                    targets.extend(self.libraries.get(name).copied().map(Target::Module));
                }
                if targets.is_empty() {
                    targets.push(Target::External(vec![name.to_owned()]));
                }
                targets
            }
        };
        for name in rest {
            targets = self.step(&targets, name, seen);
        }
        targets.sort();
        targets.dedup();
        targets
    }

    /// The targets of `name` in `targets`. An item of a module takes precedence over an associated
    /// item of the same name.
    fn step(&self, targets: &[Target], name: &str, seen: &mut Seen) -> Vec<Target> {
        let mut found = Vec::new();
        for target in targets {
            if let Target::Module(module) = *target {
                found.extend(match name {
                    "self" => vec![Target::Module(module)],
                    "super" => self.modules[module]
                        .parent
                        .map(Target::Module)
                        .into_iter()
                        .collect(),
                    _ => self.lookup(module, name, seen),
                });
                if found.is_empty() && self.modules[module].generated {
                    found.push(self.item(module, name));
                }
            }
        }
        if found.is_empty() {
            found.extend(targets.iter().filter_map(|target| match target {
                Target::Module(_) => None,
                Target::Item { .. } => Some(target.clone()),
                Target::External(path) => {
                    let mut path = path.clone();
                    path.push(name.to_owned());
                    Some(Target::External(path))
                }
            }));
        }
        found
    }

    fn lookup(&self, module: ModuleId, name: &str, seen: &mut Seen) -> Vec<Target> {
        let mut found = Vec::new();
        let Module { names, globs, .. } = &self.modules[module];
        let bindings = names.get(name).map_or(&[][..], Vec::as_slice);
        for (index, binding) in bindings.iter().enumerate() {
            match binding {
                Binding::Module(id) => found.push(Target::Module(*id)),
                Binding::Item => found.push(self.item(module, name)),
                Binding::Import(path) => {
                    let step = (module, name.to_owned(), index);
                    if seen.insert(step.clone()) {
                        found.extend(self.resolve_from(module, path, seen));
                        seen.remove(&step);
                    }
                }
            }
        }
        if !found.is_empty() {
            return found;
        }
        for (index, path) in globs.iter().enumerate() {
            let step = (module, name.to_owned(), bindings.len() + index);
            if seen.insert(step.clone()) {
                for target in self.resolve_from(module, path, seen) {
                    if let Target::Module(id) = target {
                        found.extend(self.lookup(id, name, seen));
                    }
                }
                seen.remove(&step);
            }
        }
        found
    }

    fn item(&self, module: ModuleId, name: &str) -> Target {
        Target::Item {
            file: self.modules[module].file,
            name: name.to_owned(),
        }
    }
}

pub fn has_path_attribute(module: &syn::ItemMod) -> bool {
    let mut attributes = module.attrs.iter();
    attributes.any(|attribute| attribute.path().is_ident("path"))
}

/// The attributes of an item, and the name that it defines. Other code binds the names of modules
/// and imports.
fn head(item: &Item) -> (&[Attribute], Option<&Ident>) {
    match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, None),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::TraitAlias(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Union(item) => (&item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.attrs, None),
        _ => (&[], None),
    }
}

/// A name in a `use`: the imported path, and the local name. A glob has no name.
pub struct UseLeaf {
    pub path: Vec<String>,
    pub name: Option<String>,
}

pub fn use_leaves(tree: &UseTree) -> Vec<UseLeaf> {
    let mut leaves = Vec::new();
    add_leaves(tree, &mut Vec::new(), &mut leaves);
    leaves
}

fn add_leaves(tree: &UseTree, before: &mut Vec<String>, leaves: &mut Vec<UseLeaf>) {
    let mut push = |last: String, name: Option<String>| {
        let mut path = before.clone();
        // `use a::{self}` is `use a`.
        if last != "self" || path.is_empty() {
            path.push(last);
        }
        leaves.push(UseLeaf { path, name });
    };
    match tree {
        UseTree::Path(tree) => {
            before.push(tree.ident.to_string());
            add_leaves(&tree.tree, before, leaves);
            before.pop();
        }
        UseTree::Name(tree) if tree.ident == "self" => {
            let name = before.last().cloned();
            leaves.push(UseLeaf {
                path: before.clone(),
                name,
            });
        }
        UseTree::Name(tree) => push(tree.ident.to_string(), Some(tree.ident.to_string())),
        UseTree::Rename(tree) => push(tree.ident.to_string(), Some(tree.rename.to_string())),
        UseTree::Glob(_) => leaves.push(UseLeaf {
            path: before.clone(),
            name: None,
        }),
        UseTree::Group(tree) => {
            for tree in &tree.items {
                add_leaves(tree, before, leaves);
            }
        }
    }
}

/// The imports of a module, including those in functions.
#[derive(Default)]
struct LocalImports {
    imports: Vec<UseLeaf>,
    includes_code: bool,
}

impl<'ast> Visit<'ast> for LocalImports {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_compiled(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.imports.extend(use_leaves(&item.tree));
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.includes_code |= call.path.is_ident("include");
    }
}

/// Whether an item is part of the program, not only of its tests.
pub fn is_compiled(item: &Item) -> bool {
    !is_test(head(item).0)
}

/// Whether the attributes contain `#[test]`, `#[cfg(test)]` or a `cfg` that requires `test`.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        if attribute.path().is_ident("test") {
            return true;
        }
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let condition = list.tokens.to_string();
        list.path.is_ident("cfg")
            && (condition == "test"
                || condition.starts_with("all (test")
                || condition.starts_with("all(test"))
    })
}

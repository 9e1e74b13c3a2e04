//! The names that files use from other files and from other crates.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, Visibility};

use crate::modules::{ModuleId, ModuleTree, Target, is_compiled, is_test, use_leaves};

/// The names that a file uses from another file, by the indexes of both.
pub type Edges = BTreeMap<(usize, usize), BTreeSet<String>>;

#[derive(Default)]
pub struct Imports {
    pub edges: Edges,
    /// Fully qualified paths to other crates, by the index of the file.
    pub external: BTreeSet<(usize, String)>,
    /// Names of called methods, by the index of the file.
    pub methods: BTreeSet<(usize, String)>,
    /// Paths in the workspace that this test cannot resolve.
    pub unresolved: BTreeSet<(usize, String)>,
}

pub fn imports(tree: &ModuleTree) -> Imports {
    let mut imports = Imports::default();
    for (id, module) in tree.modules.iter().enumerate() {
        let file_name = tree.sources[module.file].file_name();
        let mut collector = Collector {
            tree,
            module: id,
            only_declares: matches!(file_name, "mod.rs" | "lib.rs"),
            imports: &mut imports,
        };
        // The tree has a separate module for the items of an inline module.
        for item in module.items.iter().filter(|item| is_compiled(item)) {
            if !matches!(item, Item::Mod(_)) {
                collector.visit_item(item);
            }
        }
    }
    imports
}

struct Collector<'t, 'a> {
    tree: &'t ModuleTree<'a>,
    module: ModuleId,
    /// Whether to ignore re-exports of this file.
    only_declares: bool,
    imports: &'t mut Imports,
}

impl Collector<'_, '_> {
    fn add_path(&mut self, path: &[String]) {
        let file = self.tree.modules[self.module].file;
        let targets = self.tree.resolve(self.module, path);
        if targets.is_empty() {
            let path = path.join("::");
            self.imports.unresolved.insert((file, path));
        }
        for target in targets {
            match target {
                Target::Module(_) => {}
                Target::Item { file: to, .. } if to == file => {}
                Target::Item { file: to, name } => {
                    let names = self.imports.edges.entry((file, to)).or_default();
                    names.insert(name);
                }
                Target::External(path) => {
                    self.imports.external.insert((file, path.join("::")));
                }
            }
        }
    }

    /// Adds the paths in the argument of a macro or attribute, which the parser returns as tokens.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut is_field = false;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end_path(&mut path);
                    }
                    if !is_field {
                        path.push(name.to_string());
                    }
                    (colons, is_field) = (0, false);
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.end_path(&mut path);
                    (colons, is_field) = (0, false);
                    self.add_tokens(group.stream());
                }
                TokenTree::Punct(punct) => {
                    self.end_path(&mut path);
                    colons = 0;
                    is_field = punct.as_char() == '.';
                }
                TokenTree::Literal(_) => {
                    self.end_path(&mut path);
                    (colons, is_field) = (0, false);
                }
            }
        }
        self.end_path(&mut path);
    }

    fn end_path(&mut self, path: &mut Vec<String>) {
        if !path.is_empty() {
            self.add_path(path);
            path.clear();
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_, '_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if is_compiled(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast ImplItem) {
        let attributes: &[Attribute] = match item {
            ImplItem::Const(item) => &item.attrs,
            ImplItem::Fn(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if self.only_declares && !matches!(item.vis, Visibility::Inherited) {
            return;
        }
        for leaf in use_leaves(&item.tree) {
            self.add_path(&leaf.path);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter();
        let segments: Vec<String> = segments.map(|part| part.ident.to_string()).collect();
        self.add_path(&segments);
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let file = self.tree.modules[self.module].file;
        let name = call.method.to_string();
        self.imports.methods.insert((file, name));
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.add_tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.add_tokens(list.tokens.clone());
            for path in quoted_paths(&list.tokens) {
                self.add_path(&path);
            }
        }
    }

    /// `pub(in crate::a)` does not use `a`.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// The quoted paths in attributes such as `#[serde(with = "super::dates")]`.
fn quoted_paths(tokens: &TokenStream) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for token in tokens.clone() {
        match token {
            TokenTree::Group(group) => paths.extend(quoted_paths(&group.stream())),
            TokenTree::Literal(literal) => {
                let Ok(text) = syn::parse_str::<syn::LitStr>(&literal.to_string()) else {
                    continue;
                };
                if let Ok(path) = text.parse::<syn::Path>() {
                    let segments = path.segments.iter();
                    paths.push(segments.map(|part| part.ident.to_string()).collect());
                }
            }
            _ => {}
        }
    }
    paths
}

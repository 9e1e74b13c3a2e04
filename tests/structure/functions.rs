//! Functions that are too long.

use syn::visit::{self, Visit};
use syn::{Block, Expr, Stmt};

use crate::source::Source;

const MAX_LINES: usize = 80;
/// A function that consists of one `match` reads like a table.
const MAX_LINES_OF_ONE_MATCH: usize = 100;

/// The long functions of a file as `path: name`, with their length.
pub fn long_functions(source: &Source) -> Vec<(String, usize)> {
    let mut collector = Collector {
        path: &source.path,
        long: Vec::new(),
    };
    collector.visit_file(&source.tree);
    collector.long
}

struct Collector<'a> {
    path: &'a str,
    long: Vec<(String, usize)>,
}

impl Collector<'_> {
    fn add(&mut self, signature: &syn::Signature, block: &Block) {
        let first = signature.fn_token.span.start().line;
        let lines = block.brace_token.span.close().end().line - first + 1;
        let one_match = matches!(block.stmts.as_slice(), [Stmt::Expr(Expr::Match(_), _)]);
        let limit = if one_match {
            MAX_LINES_OF_ONE_MATCH
        } else {
            MAX_LINES
        };
        if lines > limit {
            let name = format!("{}: {}", self.path, signature.ident);
            self.long.push((name, lines));
        }
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

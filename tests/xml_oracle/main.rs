//! Compares the XML parser with roxmltree on generated metadata and malformed documents.
//!
//! forcelint must reject all documents that roxmltree rejects. If both accept a document, they must
//! find the same elements with the same spans. If only forcelint rejects it, the reason must be
//! listed in [`stricter::STRICTER`]. Each property runs 1,500 cases, or the number in
//! `PROPTEST_CASES`.

mod compare;
mod generate;
mod positions;
mod stricter;

use forcelint::xml;
use forcelint::xml::Tree;
use proptest::prelude::*;
use proptest::test_runner::Config;

use compare::{compare, options};
use generate::{Choices, DOCTYPES, FRAGMENTS, mutations, tape, write_document};

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

fn config() -> Config {
    let mut config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 1500;
    }
    config
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn agrees_on_metadata(tape in tape(250)) {
        let source = write_document(&tape);
        prop_assert!(compare(&source)?, "one of the two rejects {:?}: {:?} {:?}", source,
            xml::parse(&source, &mut Tree::default()),
            roxmltree::Document::parse_with_options(&source, options()).err());
    }

    #[test]
    fn agrees_on_mutated_metadata(document in tape(120), changes in tape(40)) {
        compare(&mutations(&write_document(&document), &changes))?;
    }

    #[test]
    fn agrees_on_random_markup(tape in tape(30)) {
        let mut choices = Choices { tape: &tape };
        let mut markup = String::new();
        while !choices.is_over() {
            markup.push_str(choices.pick(FRAGMENTS));
        }
        compare(&markup)?;
        compare(&format!("<a>{markup}</a>"))?;
        compare(&format!("<a {markup}>x</a>"))?;
        compare(&format!("{markup}<a b='{markup}'/>"))?;
    }

    #[test]
    fn agrees_on_doctypes(first in any::<u8>(), changes in tape(30)) {
        let doctype = mutations(DOCTYPES[usize::from(first) % DOCTYPES.len()], &changes);
        compare(&format!("{doctype}<a>true</a>"))?;
    }

    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), tape in tape(40), at in any::<u16>()) {
        let mut mutated = write_document(&tape).into_bytes();
        let at = usize::from(at) % (mutated.len() + 1);
        mutated.splice(at..at, bytes.iter().copied().take(3));
        for bytes in [bytes, mutated] {
            match xml::decode(&bytes) {
                Ok(text) => { compare(text)?; }
                Err(malformed) => {
                    prop_assert!(malformed.span.start <= malformed.span.end);
                    prop_assert!(malformed.span.end as usize <= bytes.len());
                }
            }
        }
    }

    #[test]
    fn never_panics_on_text(text in "\\PC*") {
        compare(&text)?;
    }
}

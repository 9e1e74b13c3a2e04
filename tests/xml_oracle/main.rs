//! The parser against roxmltree, on documents as metadata is written and on broken ones.
//!
//! What roxmltree rejects, forcelint must call malformed, and where both accept, they must see the
//! same elements at the same places. What forcelint rejects beyond that needs a reason on the list
//! of [`stricter::STRICTER`]. Every property runs a few thousand cases; `PROPTEST_CASES` says how many.

mod compare;
mod generate;
mod places;
mod stricter;

use forcelint::xml;
use forcelint::xml::Tree;
use proptest::prelude::*;
use proptest::test_runner::Config;

use compare::{compare, options};
use generate::{Choices, DOCTYPES, TRICKS, mutations, tape, write_document};

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
    fn agrees_on_broken_metadata(document in tape(120), changes in tape(40)) {
        compare(&mutations(&write_document(&document), &changes))?;
    }

    #[test]
    fn agrees_on_soup(tape in tape(30)) {
        let mut choices = Choices { tape: &tape };
        let mut inside = String::new();
        while !choices.is_over() {
            inside.push_str(choices.pick(TRICKS));
        }
        compare(&inside)?;
        compare(&format!("<a>{inside}</a>"))?;
        compare(&format!("<a {inside}>x</a>"))?;
        compare(&format!("{inside}<a b='{inside}'/>"))?;
    }

    #[test]
    fn agrees_on_doctypes(first in any::<u8>(), changes in tape(30)) {
        let doctype = mutations(DOCTYPES[usize::from(first) % DOCTYPES.len()], &changes);
        compare(&format!("{doctype}<a>true</a>"))?;
    }

    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200), tape in tape(40), at in any::<u16>()) {
        let mut broken = write_document(&tape).into_bytes();
        let at = usize::from(at) % (broken.len() + 1);
        broken.splice(at..at, bytes.iter().copied().take(3));
        for bytes in [bytes, broken] {
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

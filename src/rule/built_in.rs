//! The built-in rules, which the build script embeds from `rules/**/*.toml`.
//!
//! [`BUILT_IN`] has the properties of a rule that every run needs. The checks of a metadata type are
//! unpacked and compiled when a file of that type is found, so that the time to start does not grow with
//! the number of rules. Whole rules and the texts of rules and tests are compressed, because few runs need
//! them.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::DeflateDecoder;

/// A rule file and the properties of the rule.
#[derive(Debug)]
pub struct BuiltIn {
    pub id: &'static str,
    pub tags: &'static [&'static str],
    /// Ids of the published controls that the rule checks.
    pub covers: &'static [&'static str],
    /// Names of the metadata types that the rule checks.
    pub checked_types: &'static [&'static str],
    /// The rule also checks files that `.forceignore` excludes.
    pub include_forceignored: bool,
    /// Names of the metadata types that the rule's conditions read in other files.
    pub read_types: &'static [&'static str],
    /// The rule without its tests, as compressed MessagePack.
    packed: &'static [u8],
    /// For each metadata type that the rule checks, the rule with only the checks of that type and without
    /// texts that only documentation needs, as MessagePack. A run compiles these, which is much faster.
    pub(super) by_type: &'static [(&'static str, &'static [u8])],
    /// The byte range of the rule file in the texts.
    text: (usize, usize),
    /// The byte range of the test file in the texts.
    tests: (usize, usize),
}

impl BuiltIn {
    /// The rule without its tests, as MessagePack.
    pub(super) fn packed(&self) -> Vec<u8> {
        let mut packed = Vec::new();
        DeflateDecoder::new(self.packed)
            .read_to_end(&mut packed)
            .expect("the build script wrote valid data");
        packed
    }

    /// The text of the rule file.
    pub fn toml(&self) -> &'static str {
        &TEXTS[self.text.0..self.text.1]
    }

    /// The text of the test file.
    pub fn tests_toml(&self) -> &'static str {
        &TEXTS[self.tests.0..self.tests.1]
    }
}

/// The concatenated texts of all rule and test files.
static TEXTS: LazyLock<String> = LazyLock::new(|| {
    let mut texts = String::new();
    DeflateDecoder::new(COMPRESSED_TEXTS)
        .read_to_string(&mut texts)
        .expect("the build script wrote valid data");
    texts
});

include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"));

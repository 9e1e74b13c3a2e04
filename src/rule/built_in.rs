//! The rules inside of the binary.
//!
//! In: `rules/**/*.toml`, which the build script embeds. Out: [`BUILT_IN`], with the few facts of
//! each rule that a run needs before it has met a file. Of the rule itself the checks of a type are
//! unpacked and compiled when a file of that type turns up, so that start-up does not grow with the
//! number of rules, nor with the types that they judge. Their
//! texts, with the tests, are most of all this and needed by nobody who lints: they are compressed.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::DeflateDecoder;

/// A rule file and what was read out of it at build time.
#[derive(Debug)]
pub struct BuiltIn {
    /// The rule's id.
    pub id: &'static str,
    /// Its tags.
    pub tags: &'static [&'static str],
    /// Names of the metadata types that it judges.
    pub checked_types: &'static [&'static str],
    /// It looks into files too that `.forceignore` names.
    pub include_forceignored: bool,
    /// Names of the metadata types that its conditions read.
    pub read_types: &'static [&'static str],
    /// The rule without its tests, as MessagePack.
    pub(super) packed: &'static [u8],
    /// For each metadata type that it checks, the rule with the checks of that type alone and without
    /// its control. A run over one file compiles these, which takes a fraction of the time.
    pub(super) by_type: &'static [(&'static str, &'static [u8])],
    /// The range of its file among the texts, in bytes.
    text: (usize, usize),
    /// The same for the file with its tests.
    tests: (usize, usize),
}

impl BuiltIn {
    /// The text of the file.
    pub fn toml(&self) -> &'static str {
        &TEXTS[self.text.0..self.text.1]
    }

    /// The text of the file with its tests.
    pub fn tests_toml(&self) -> &'static str {
        &TEXTS[self.tests.0..self.tests.1]
    }
}

/// The texts of all rule files, one behind the other.
static TEXTS: LazyLock<String> = LazyLock::new(|| {
    let mut texts = String::new();
    DeflateDecoder::new(COMPRESSED_TEXTS)
        .read_to_string(&mut texts)
        // The build script wrote them, and every test of a rule reads them.
        .expect("the embedded texts are whole");
    texts
});

include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"));

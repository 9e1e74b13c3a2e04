//! The rules inside of the binary.
//!
//! In: `rules/**/*.toml`, which the build script embeds. Out: [`BUILT_IN`], with the few facts of
//! each rule that a run needs before it has met a file. The rule itself is compiled when a file of
//! its type turns up, so that start-up does not grow with the number of rules.

/// A rule file and what was read out of it at build time.
#[derive(Debug)]
pub struct BuiltIn {
    /// The rule's id.
    pub id: &'static str,
    /// Its tags.
    pub tags: &'static [&'static str],
    /// Names of the metadata types that it judges.
    pub judges: &'static [&'static str],
    /// It looks into files too that `.forceignore` names.
    pub forceignored: bool,
    /// Names of the metadata types that its conditions read.
    pub reads: &'static [&'static str],
    /// The text of the file.
    pub toml: &'static str,
    /// Where in it the `[[test]]` tables begin. They are most of it, and a run has no use for them.
    pub examples_at: usize,
}

include!(concat!(env!("OUT_DIR"), "/built_in_rules.rs"));

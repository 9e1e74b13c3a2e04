//! Known violations. The lists only get shorter: an entry without a violation fails the test.

/// Files in an import cycle.
pub const FILES_IN_CYCLES: &[&str] = &[];

/// Functions above the limit, as `path: name`, with a reason.
pub const LONG_FUNCTIONS: &[(&str, &str)] = &[];

/// `mod.rs` files with other items than declarations and re-exports.
pub const MOD_RS_WITH_CONTENT: &[&str] = &[];

/// Files that import from a module after theirs, as `from -> to`.
pub const UPWARD_IMPORTS: &[&str] = &[];

/// Uses of the disk, processes, the clock or the terminal in the core, as `file: path`.
pub const OUTSIDE_USES: &[&str] = &[];

/// Modules with a `#[path]` attribute, as `file: module`.
pub const PATH_ATTRIBUTES: &[&str] = &[];

/// Missing paths that documentation for contributors mentions.
pub const MISSING_PATHS: &[&str] = &[];

/// Unexpected entries in the root of the repository.
pub const TOP_LEVEL: &[&str] = &[];

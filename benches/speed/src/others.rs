//! Other programs with the same question: which connected apps do not require PKCE?
//!
//! In: the folder of a tree. Out: the command that asks one of them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program::repository;

/// The files in question.
const APPS: &str = "*.connectedApp-meta.xml";

/// Those whose `oauthConfig` has no `isPkceRequired` that is `true`.
const IN_XPATH: &str = "/*[local-name()='ConnectedApp']/*[local-name()='oauthConfig'][not(*[local-name()='isPkceRequired']='true')]";

/// The same for ast-grep. It reads no XML; its HTML does for this question.
const FOR_AST_GREP: &str = r"id: pkce-required
language: html
severity: error
message: no PKCE
rule:
  kind: element
  has:
    kind: start_tag
    has: { kind: tag_name, regex: '^oauthConfig$' }
  not:
    has:
      kind: element
      regex: '^<isPkceRequired>\s*true\s*</isPkceRequired>$'
";

/// A program that forcelint is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// Only reads the files.
    FindCat,
    /// Counts lines with the element's name in connected apps: less than the question.
    Ripgrep,
    /// The same in all metadata files, to compare with all rules.
    RipgrepAll,
    Xmlstarlet,
    AstGrep,
}

impl Other {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 5] = [
        Self::FindCat,
        Self::Ripgrep,
        Self::RipgrepAll,
        Self::Xmlstarlet,
        Self::AstGrep,
    ];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::FindCat => "find cat",
            Self::Ripgrep => "rg, connected apps",
            Self::RipgrepAll => "rg, all metadata",
            Self::Xmlstarlet => "xmlstarlet",
            Self::AstGrep => "ast-grep",
        }
    }

    /// Whether it can be started.
    pub fn is_installed(self) -> bool {
        let mut command = match self {
            Self::FindCat => return true,
            Self::Ripgrep | Self::RipgrepAll => Command::new("rg"),
            Self::Xmlstarlet => Command::new("xmlstarlet"),
            Self::AstGrep => Command::new(ast_grep()),
        };
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok()
    }

    /// Asks for the apps below the folder `root`.
    pub fn command(self, root: &Path) -> Command {
        let find = |of_each: &[&str]| {
            let mut find = Command::new("find");
            find.arg(root).args(["-name", APPS, "-exec"]).args(of_each);
            find.args(["{}", "+"]);
            find
        };
        match self {
            Self::FindCat => find(&["cat"]),
            Self::Ripgrep => ripgrep(root, APPS),
            Self::RipgrepAll => ripgrep(root, "*-meta.xml"),
            Self::Xmlstarlet => find(&["xmlstarlet", "sel", "-t", "-m", IN_XPATH, "-f", "-n"]),
            Self::AstGrep => {
                let mut command = Command::new(ast_grep());
                command.arg("scan").arg("--config").arg(ast_grep_config());
                command.args(["--globs", APPS]).arg(root);
                command
            }
        }
    }
}

fn ripgrep(root: &Path, files: &str) -> Command {
    let mut command = Command::new("rg");
    command.args(["--count", "isPkceRequired", "--glob", files]);
    command.arg(root);
    command
}

fn ast_grep() -> String {
    env::var("AST_GREP").unwrap_or_else(|_| "ast-grep".to_owned())
}

fn ast_grep_config() -> PathBuf {
    let folder = repository().join("target/speed/ast-grep");
    fs::create_dir_all(folder.join("rules")).expect("a folder");
    fs::write(folder.join("rules/pkce-required.yml"), FOR_AST_GREP).expect("a file");
    let path = folder.join("sgconfig.yml");
    let config = format!("ruleDirs: [rules]\nlanguageGlobs:\n  html: ['{APPS}']\n");
    fs::write(&path, config).expect("a file");
    path
}

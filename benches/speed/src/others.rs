//! Commands of other programs that answer the same question: which connected apps do not require PKCE?

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program::repository;

const APPS: &str = "*.connectedApp-meta.xml";

/// Connected apps with an `oauthConfig` in which `isPkceRequired` is not `true`.
const IN_XPATH: &str = "/*[local-name()='ConnectedApp']/*[local-name()='oauthConfig'][not(*[local-name()='isPkceRequired']='true')]";

/// The same for ast-grep. It does not support XML, but its HTML parser is sufficient here.
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
    /// Counts the lines with `isPkceRequired` in connected apps, which is less work than the question.
    Ripgrep,
    /// The same in all metadata files, to compare with all rules.
    RipgrepAll,
    Xmlstarlet,
    AstGrep,
}

impl Other {
    /// All programs in the order of the table.
    pub const ALL: [Self; 5] = [
        Self::FindCat,
        Self::Ripgrep,
        Self::RipgrepAll,
        Self::Xmlstarlet,
        Self::AstGrep,
    ];

    /// The name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::FindCat => "find cat",
            Self::Ripgrep => "rg, connected apps",
            Self::RipgrepAll => "rg, all metadata",
            Self::Xmlstarlet => "xmlstarlet",
            Self::AstGrep => "ast-grep",
        }
    }

    /// Whether the program can be started.
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

    /// The command that searches the folder `root`.
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
    fs::create_dir_all(folder.join("rules")).expect("the folder can be created");
    fs::write(folder.join("rules/pkce-required.yml"), FOR_AST_GREP)
        .expect("the file can be written");
    let path = folder.join("sgconfig.yml");
    let config = format!("ruleDirs: [rules]\nlanguageGlobs:\n  html: ['{APPS}']\n");
    fs::write(&path, config).expect("the file can be written");
    path
}

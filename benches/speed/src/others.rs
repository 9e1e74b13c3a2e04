//! Other programs that search connected apps without PKCE.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program::repository;

const APPS: &str = "*.connectedApp-meta.xml";

/// Apps whose `oauthConfig` has no `isPkceRequired` with the value `true`.
const XPATH: &str = "/*[local-name()='ConnectedApp']/*[local-name()='oauthConfig'][not(*[local-name()='isPkceRequired']='true')]";

/// The same for ast-grep, which does not support XML. Its HTML parser is sufficient for this
/// pattern.
const AST_GREP_RULE: &str = r"id: pkce-required
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

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Other {
    /// Only reads the files.
    FindCat,
    /// Counts lines with the element's name in connected apps, which is less than the other
    /// programs do.
    Ripgrep,
    /// The same in all metadata files, for the comparison with all rules.
    RipgrepAll,
    Xmlstarlet,
    AstGrep,
}

impl Other {
    /// In the order of the table.
    pub const ALL: [Self; 5] = [
        Self::FindCat,
        Self::Ripgrep,
        Self::RipgrepAll,
        Self::Xmlstarlet,
        Self::AstGrep,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::FindCat => "find cat",
            Self::Ripgrep => "rg, connected apps",
            Self::RipgrepAll => "rg, all metadata",
            Self::Xmlstarlet => "xmlstarlet",
            Self::AstGrep => "ast-grep",
        }
    }

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

    /// The command that searches the apps in a folder.
    pub fn command(self, root: &Path) -> Command {
        let find = |program: &[&str]| {
            let mut find = Command::new("find");
            find.arg(root).args(["-name", APPS, "-exec"]).args(program);
            find.args(["{}", "+"]);
            find
        };
        match self {
            Self::FindCat => find(&["cat"]),
            Self::Ripgrep => ripgrep(root, APPS),
            Self::RipgrepAll => ripgrep(root, "*-meta.xml"),
            Self::Xmlstarlet => find(&["xmlstarlet", "sel", "-t", "-m", XPATH, "-f", "-n"]),
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
    fs::write(folder.join("rules/pkce-required.yml"), AST_GREP_RULE).expect("a file");
    let path = folder.join("sgconfig.yml");
    let config = format!("ruleDirs: [rules]\nlanguageGlobs:\n  html: ['{APPS}']\n");
    fs::write(&path, config).expect("a file");
    path
}

//! Commands of other programs that answer the same question: which connected apps do not require PKCE?

use std::env;
use std::ffi::OsString;
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

/// The same for Semgrep.
const FOR_SEMGREP: &str = r#"rules:
  - id: pkce-required
    languages: [xml]
    severity: ERROR
    message: no PKCE
    paths: { include: ["*.connectedApp-meta.xml"] }
    patterns:
      - pattern: <oauthConfig>...</oauthConfig>
      - pattern-not: <oauthConfig>...<isPkceRequired>true</isPkceRequired>...</oauthConfig>
"#;

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
    Semgrep,
    /// The regex engine of Salesforce Code Analyzer.
    RegexEngine,
    /// The PMD engine of Salesforce Code Analyzer.
    PmdEngine,
}

impl Other {
    /// All programs in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Ripgrep,
        Self::RipgrepAll,
        Self::FindCat,
        Self::Xmlstarlet,
        Self::AstGrep,
        Self::RegexEngine,
        Self::Semgrep,
        Self::PmdEngine,
    ];

    /// The name in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::FindCat => "find and cat",
            Self::Ripgrep => "rg, connected apps",
            Self::RipgrepAll => "rg, all metadata",
            Self::Xmlstarlet => "find and xmlstarlet",
            Self::AstGrep => "ast-grep",
            Self::Semgrep => "Semgrep",
            Self::RegexEngine => "Code Analyzer, regex engine",
            Self::PmdEngine => "Code Analyzer, PMD engine",
        }
    }

    /// What the program searches for, in the table.
    pub fn question(self) -> &'static str {
        match self {
            Self::FindCat => "nothing, only reads connected apps",
            Self::Ripgrep | Self::RipgrepAll => "one word",
            Self::Xmlstarlet => "apps without PKCE (XPath)",
            Self::AstGrep => "apps without PKCE (HTML parser)",
            Self::Semgrep => "apps without PKCE (XML pattern)",
            Self::RegexEngine => "apps without PKCE (regular expression)",
            Self::PmdEngine => "apps without PKCE (XPath)",
        }
    }

    /// Whether the program can be started.
    pub fn is_installed(self) -> bool {
        let programs = match self {
            Self::FindCat => return true,
            Self::Ripgrep | Self::RipgrepAll => vec![Command::new("rg")],
            Self::Xmlstarlet => vec![Command::new("xmlstarlet")],
            Self::AstGrep => vec![Command::new(ast_grep())],
            Self::Semgrep => vec![Command::new(semgrep())],
            Self::RegexEngine | Self::PmdEngine if !tools("node_modules/@salesforce").is_dir() => {
                return false;
            }
            Self::RegexEngine => vec![Command::new("node")],
            Self::PmdEngine => vec![Command::new("node"), Command::new("java")],
        };
        programs.into_iter().all(|mut command| {
            command.arg("--version").stdout(Stdio::null());
            command.stderr(Stdio::null()).status().is_ok()
        })
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
                command.args(["--globs", APPS, "--json=stream"]).arg(root);
                command
            }
            Self::Semgrep => {
                let mut command = Command::new(semgrep());
                command.args(["scan", "--metrics=off", "--disable-version-check"]);
                // The trees are in a folder that git ignores.
                command.args(["--quiet", "--json", "--no-git-ignore", "--config"]);
                command.arg(semgrep_config()).arg(root);
                command
            }
            Self::RegexEngine => code_analyzer("regex", root),
            Self::PmdEngine => code_analyzer("pmd", root),
        }
    }
}

fn ripgrep(root: &Path, files: &str) -> Command {
    let mut command = Command::new("rg");
    command.args(["--count", "isPkceRequired", "--glob", files]);
    command.arg(root);
    command
}

/// The folder with the npm packages of the other programs, and a script that starts Code Analyzer.
fn tools(path: &str) -> PathBuf {
    repository().join("benches/speed/tools").join(path)
}

fn code_analyzer(engine: &str, root: &Path) -> Command {
    let mut command = Command::new("node");
    command
        .arg(tools("code_analyzer.mjs"))
        .arg(engine)
        .arg(root);
    command
}

/// `sg` is not used as its name, because Debian has another program with this name.
fn ast_grep() -> OsString {
    let of_npm = tools("node_modules/.bin/ast-grep");
    env::var_os("AST_GREP").unwrap_or_else(|| match of_npm.exists() {
        true => of_npm.into(),
        false => "ast-grep".into(),
    })
}

fn semgrep() -> OsString {
    env::var_os("SEMGREP").unwrap_or_else(|| "semgrep".into())
}

fn semgrep_config() -> PathBuf {
    let folder = repository().join("target/speed/semgrep");
    fs::create_dir_all(&folder).expect("the folder can be created");
    let path = folder.join("pkce-required.yml");
    fs::write(&path, FOR_SEMGREP).expect("the file can be written");
    path
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

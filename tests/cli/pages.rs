//! Runs the commands of a documentation page.
//!
//! The `sh` blocks run one after another in one folder. A `text` block is output of the block before it: its lines
//! appear in this order, with any numbers, and a line `…` matches any lines. A comment before a block changes this:
//!
//! - `<!-- exit status: N -->`: the exit status of an `sh` block if it is not 0;
//! - `<!-- exit status of each command: N M -->`: each line of the block is a separate command;
//! - `<!-- part of: FILE -->`: the lines of the block are in this file, in this order;
//! - `<!-- not run: REASON -->`: why no test can run the block.
//!
//! The caller has to check all other blocks.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::repository::git_command;
use crate::support::{FORCELINT, Sandbox};

/// A code block of a page.
#[derive(Debug, Default)]
pub struct Block {
    pub language: String,
    pub text: String,
    /// The comment before the block.
    marker: Option<(String, String)>,
}

impl Block {
    fn marker(&self, name: &str) -> Option<&str> {
        let (found, value) = self.marker.as_ref()?;
        (found == name).then_some(value)
    }

    /// The commands and their exit statuses.
    fn commands(&self) -> Vec<(&str, i32)> {
        let status = |text: &str| text.parse().unwrap();
        match self.marker("exit status of each command") {
            Some(statuses) => {
                let statuses: Vec<i32> = statuses.split(' ').map(status).collect();
                assert_eq!(self.text.lines().count(), statuses.len(), "{self:?}");
                self.text.lines().zip(statuses).collect()
            }
            None => vec![(&self.text, self.marker("exit status").map_or(0, status))],
        }
    }
}

/// A page of the documentation, by its path in the repository.
pub fn read_page(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = fs::read_to_string(&path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
    text.replace("\r\n", "\n")
}

fn blocks(page: &str) -> Vec<Block> {
    let marker = Regex::new("^<!-- ([a-z ]+): (.+) -->$").unwrap();
    let mut blocks = Vec::new();
    let mut block = Block::default();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let content = line.trim_start();
        let indent = &line[..line.len() - content.len()];
        if let Some(found) = marker.captures(content) {
            block.marker = Some((found[1].to_owned(), found[2].to_owned()));
        } else if let Some(language) = content.strip_prefix("```") {
            let text = lines.by_ref().take_while(|line| line.trim_start() != "```");
            let text = text.map(|line| format!("{}\n", line.strip_prefix(indent).unwrap_or(line)));
            block.text = text.collect();
            block.language = language.to_owned();
            blocks.push(std::mem::take(&mut block));
        }
    }
    blocks
}

pub fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let output = git_command(&sandbox.root).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Writes a shell script that replaces a program.
pub fn write_program(sandbox: &Sandbox, name: &str, script: &str) {
    sandbox.write(name, script);
    fs::set_permissions(sandbox.path(name), fs::Permissions::from_mode(0o755)).unwrap();
}

/// A shell with forcelint in its path and without the user's git config.
pub fn shell(sandbox: &Sandbox, script: &str, path: &[&Path]) -> Command {
    let mut paths: Vec<PathBuf> = path.iter().map(|it| it.to_path_buf()).collect();
    paths.push(Path::new(FORCELINT).parent().unwrap().to_path_buf());
    paths.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));
    let mut shell = Command::new("sh");
    shell
        .args(["-e", "-c", script])
        .current_dir(&sandbox.root)
        .env_clear()
        .env("PATH", std::env::join_paths(paths).unwrap())
        // A day on which the exceptions of the page have not expired.
        .env("SOURCE_DATE_EPOCH", "1795305600")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        shell
            .env(format!("GIT_{role}_NAME"), "Ada")
            .env(format!("GIT_{role}_EMAIL"), "ada@acme.example");
    }
    shell
}

/// Whether the output has these lines in this order, with any numbers.
fn assert_prints(output: &str, lines: &str) {
    let number = Regex::new(r"\d+").unwrap();
    let plain = |text: &str| number.replace_all(text, "N").trim_end().to_owned();
    let mut rest = output.lines().map(plain);
    for line in lines.lines().filter(|line| line.trim() != "…") {
        let pattern = regex::escape(&plain(line)).replace('…', ".*");
        let pattern = Regex::new(&format!("^{pattern}$")).unwrap();
        let is_printed = rest.any(|it| pattern.is_match(&it));
        assert!(
            is_printed,
            "the page has `{line}`, but the program did not print it there:\n{output}"
        );
    }
}

/// What [`run_page`] did with the blocks of a page.
pub struct Ran {
    pub blocks_run: usize,
    /// The blocks that have neither run nor a comment.
    pub others: Vec<Block>,
}

impl Ran {
    pub fn expect_all_run(self) {
        assert!(
            self.others.is_empty(),
            "run these blocks in a test, or write `<!-- not run: REASON -->` before them: {:#?}",
            self.others
        );
    }
}

/// Runs the commands of a page with these folders first in the path.
pub fn run_page(sandbox: &Sandbox, page: &str, path: &[&Path]) -> Ran {
    let mut output = String::new();
    let mut folder = sandbox.root.clone();
    let mut ran = Ran {
        blocks_run: 0,
        others: Vec::new(),
    };
    for block in blocks(page) {
        if let Some(file) = block.marker("part of") {
            assert_is_part(&block.text, file);
        } else if let Some(reason) = block.marker("not run") {
            assert!(
                reason.split(' ').count() > 3,
                "a reason is a sentence: {reason}"
            );
        } else if block.language == "sh" {
            output.clear();
            for (command, status) in block.commands() {
                let printed = run_command(sandbox, command, status, &folder, path);
                output.push_str(&printed);
            }
            ran.blocks_run += 1;
            let entered = block.text.lines().filter_map(|it| it.strip_prefix("cd "));
            folder.extend(entered);
        } else if block.language == "text" {
            assert_prints(&output, &block.text);
        } else {
            ran.others.push(block);
        }
    }
    ran
}

/// Runs a command and returns its output.
fn run_command(
    sandbox: &Sandbox,
    command: &str,
    status: i32,
    folder: &Path,
    path: &[&Path],
) -> String {
    let ran = shell(sandbox, command, path).current_dir(folder).output();
    let ran = ran.unwrap();
    let output = format!(
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
    assert_eq!(ran.status.code(), Some(status), "{command}\n{output}");
    output
}

/// Whether a file of the repository has these lines in this order.
fn assert_is_part(lines: &str, file: &str) {
    let text = read_page(file);
    let mut rest = text.lines().map(str::trim);
    for line in lines.lines() {
        let is_there = rest.any(|it| it == line.trim());
        assert!(is_there, "{file} does not have this line there: {line}");
    }
}

#[test]
fn blocks_need_a_test_or_a_reason() {
    let page = "```yaml\na: 1\n```\n\n<!-- not run: it needs a server of GitHub -->\n```yaml\nb: 2\n```\n\n\
                <!-- exit status of each command: 0 3 -->\n```sh\ntrue\nexit 3\n```\n\n- item\n\n  ```json\n  {}\n  ```\n";
    let ran = run_page(&Sandbox::new(), page, &[]);
    assert_eq!(ran.blocks_run, 1);
    let others: Vec<&str> = ran.others.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(others, ["a: 1\n", "{}\n"]);
}

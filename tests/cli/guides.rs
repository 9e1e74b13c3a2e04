//! Follows `docs/adopting.md` in a project with about 300 old findings, and `docs/checking-an-org.md`.
//!
//! The `sh` blocks run one after another in one repository. A comment `<!-- exit status: N -->`
//! before a block states its exit status if it is not 0. A `text` block is output of the block
//! before it: its lines appear in this order, with any numbers, and a line `…` matches any lines.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;

use crate::repository::git_command;
use crate::support::{APPS, FORCELINT, Sandbox};

const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

/// A code block of the page.
struct Block {
    language: String,
    text: String,
    /// The expected exit status.
    status: i32,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut status = 0;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(number) = line.strip_prefix("<!-- exit status: ") {
            status = number.trim_end_matches(" -->").parse().unwrap();
        } else if let Some(language) = line.strip_prefix("```") {
            let text = lines.by_ref().take_while(|line| *line != "```");
            blocks.push(Block {
                language: language.to_owned(),
                text: text.map(|line| format!("{line}\n")).collect(),
                status: std::mem::take(&mut status),
            });
        }
    }
    blocks
}

/// A project that grew for years without security checks: apps, sites and remote sites.
pub fn old_project() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        "{ \"packageDirectories\": [{ \"path\": \"force-app\", \"default\": true }],\n  \"sourceApiVersion\": \"66.0\" }\n",
    );
    let app = |name: &str, body: &str| {
        sandbox.write(
            format!("{APPS}/{name}.connectedApp-meta.xml"),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ConnectedApp {NAMESPACE}>\n    \
                 <contactEmail>it@acme.example</contactEmail>\n    <label>{name}</label>\n    \
                 <oauthConfig>\n{body}    </oauthConfig>\n</ConnectedApp>\n"
            ),
        );
    };
    let field = |name: &str, value: &str| format!("        <{name}>{value}</{name}>\n");
    let server = field("callbackUrl", "https://erp.acme.example/oauth/done")
        + &field("isConsumerSecretOptional", "false")
        + &field("isPkceRequired", "false")
        + &field("isSecretRequiredForRefreshToken", "true")
        + &field("scopes", "Api")
        + &field("scopes", "RefreshToken");
    app("Legacy_ERP", &server);
    let mobile = field("callbackUrl", "acmefield://oauth/done")
        + &field("isConsumerSecretOptional", "true")
        + &field("isPkceRequired", "false")
        + &field("isSecretRequiredForRefreshToken", "false")
        + &field("scopes", "Full")
        + &field("scopes", "RefreshToken");
    // A server-to-server app: requiring PKCE breaks nothing.
    let jwt = field(
        "callbackUrl",
        "https://login.salesforce.com/services/oauth2/callback",
    ) + &field("certificate", "nightly_sync")
        + &field("isAdminApproved", "true")
        + &field("isConsumerSecretOptional", "false")
        + &field("isPkceRequired", "false")
        + &field("scopes", "Api");
    app("Nightly_Sync", &jwt);
    for number in 1..=30 {
        app(&format!("Field_Service_{number:02}"), &mobile);
        app(&format!("Integration_{number:02}"), &server);
        sandbox.write(
            format!("force-app/main/default/remoteSiteSettings/Partner_{number:02}.remoteSite-meta.xml"),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<RemoteSiteSetting {NAMESPACE}>\n    \
                 <disableProtocolSecurity>false</disableProtocolSecurity>\n    <isActive>true</isActive>\n    \
                 <url>http://partner{number}.example</url>\n</RemoteSiteSetting>\n"
            ),
        );
    }
    sandbox
}

fn git(sandbox: &Sandbox, arguments: &[&str]) {
    let output = git_command(&sandbox.root).args(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A shell with forcelint in its path and without the user's git config.
fn shell(sandbox: &Sandbox, script: &str, path: &[&Path]) -> Command {
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

/// Runs the commands of a page with these folders first in the path, and returns how many blocks there are.
fn run_page(sandbox: &Sandbox, page: &str, path: &[&Path]) -> usize {
    let mut output = String::new();
    let mut blocks_run = 0;
    let mut folder = sandbox.root.clone();
    for block in blocks(&page.replace("\r\n", "\n")) {
        match block.language.as_str() {
            "sh" => {
                let mut shell = shell(sandbox, &block.text, path);
                let ran = shell.current_dir(&folder).output().unwrap();
                output = format!(
                    "{}{}",
                    String::from_utf8_lossy(&ran.stdout),
                    String::from_utf8_lossy(&ran.stderr)
                );
                assert_eq!(
                    ran.status.code(),
                    Some(block.status),
                    "{}\n{output}",
                    block.text
                );
                blocks_run += 1;
                let entered = block.text.lines().filter_map(|it| it.strip_prefix("cd "));
                folder.extend(entered);
            }
            "text" => assert_prints(&output, &block.text),
            _ => {}
        }
    }
    blocks_run
}

#[test]
fn commands_for_adopting_forcelint_work() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/adopting.md")).unwrap();
    let sandbox = old_project();
    git(&sandbox, &["init", "--quiet", "--initial-branch=main"]);
    git(&sandbox, &["add", "--all"]);
    git(&sandbox, &["commit", "--quiet", "--message=old"]);
    let found = sandbox
        .with_every_rule(["check", "--format=json", "--quiet"])
        .run()
        .expect(1)
        .findings()
        .len();
    assert!(
        (280..=330).contains(&found),
        "{found} findings are not the 300 of the page"
    );
    let blocks_run = run_page(&sandbox, &page, &[]);
    assert!(blocks_run >= 8, "{blocks_run}");
    // The results that the page promises.
    assert!(sandbox.path(".github/workflows/forcelint.yml").exists());
    let report = fs::read_to_string(sandbox.path("forcelint-report.html")).unwrap();
    assert!(report.contains("the vendor sends code_challenge starting with its spring release"));
    let synced = sandbox
        .path(APPS)
        .join("Nightly_Sync.connectedApp-meta.xml");
    let synced = fs::read_to_string(synced).unwrap();
    assert!(synced.contains("<isPkceRequired>true<"), "{synced}");
    sandbox
        .with_every_rule(["check"])
        .env("SOURCE_DATE_EPOCH", "1795305600")
        .run()
        .expect(0);
}

/// A Salesforce CLI that knows the commands of the page. It answers with the metadata in `$RETRIEVED`.
const SF: &str = r#"#!/bin/sh
set -e
case "$*" in
  "project generate --name org-check")
    mkdir -p org-check/force-app org-check/manifest
    echo '{ "packageDirectories": [{ "path": "force-app", "default": true }], "sourceApiVersion": "66.0" }' > org-check/sfdx-project.json
    ;;
  "org login web --alias my-org") ;;
  "project retrieve start --manifest manifest/package.xml --target-org my-org")
    grep -q "<name>ConnectedApp</name>" manifest/package.xml
    cp -R "$RETRIEVED"/. force-app
    ;;
  *) echo "unknown command: $*" >&2; exit 2 ;;
esac
"#;

#[test]
fn commands_for_checking_an_org_work() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/checking-an-org.md")).unwrap();
    let (sandbox, tools) = (Sandbox::new(), Sandbox::new());
    let recorded = root.join("testdata/sample/force-app");
    let sf = SF.replace("\"$RETRIEVED\"", &format!("'{}'", recorded.display()));
    tools.write("sf", sf);
    fs::set_permissions(tools.path("sf"), fs::Permissions::from_mode(0o755)).unwrap();
    let blocks_run = run_page(&sandbox, &page, &[&tools.root]);
    assert_eq!(blocks_run, 5);
    assert!(sandbox.path("org-check/forcelint-report.html").exists());
}

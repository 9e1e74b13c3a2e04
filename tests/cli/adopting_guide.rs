//! Follows `docs/adopting.md` in a project with about 300 old findings.
//!
//! The `sh` blocks run one after another in one repository. A comment `<!-- exit status: N -->`
//! before a block states its exit status if it is not 0. A `text` block is output of the block
//! before it: its lines appear in this order, with any numbers, and a line `…` matches any lines.

use std::fs;
use std::path::Path;
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
fn shell(sandbox: &Sandbox, script: &str) -> Command {
    let mut paths = vec![Path::new(FORCELINT).parent().unwrap().to_path_buf()];
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

#[test]
fn commands_of_the_page_work() {
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
    let mut output = String::new();
    let mut blocks_run = 0;
    for block in blocks(&page.replace("\r\n", "\n")) {
        match block.language.as_str() {
            "sh" => {
                let ran = shell(&sandbox, &block.text).output().unwrap();
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
            }
            "text" => assert_prints(&output, &block.text),
            _ => {}
        }
    }
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

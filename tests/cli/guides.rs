//! Follows `docs/adopting.md` in a project with about 300 old findings, `docs/checking-an-org.md`, and
//! `docs/many-repositories.md`.

use std::fs;
use std::path::Path;

use forcelint::project::MetadataType;

use crate::pages::{git, read_page, run_page, write_program};
use crate::report_merge::write_clean;
use crate::support::{APPS, Sandbox};
use crate::zip_writer::{Entry, zip};

const NAMESPACE: &str = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";

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

#[test]
fn commands_for_adopting_forcelint_work() {
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
    let ran = run_page(&sandbox, &read_page("docs/adopting.md"), &[]);
    assert!(ran.blocks_run >= 8, "{}", ran.blocks_run);
    ran.expect_all_run();
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

/// A Salesforce CLI that knows the commands of the page. It answers with the zip in `$RETRIEVED`.
const SF: &str = r#"#!/bin/sh
set -e
case "$*" in
  "org login web --alias my-org") ;;
  "project retrieve start --manifest package.xml --target-org my-org --target-metadata-dir retrieved")
    grep -q "<name>ConnectedApp</name>" package.xml
    mkdir -p retrieved
    cp "$RETRIEVED" retrieved/unpackaged.zip
    ;;
  *) echo "unknown command: $*" >&2; exit 2 ;;
esac
"#;

/// A retrieved org that has a component of each type in the manifest, and apps with findings.
fn retrieved_org(manifest: &str) -> Vec<Entry> {
    let mut entries = vec![Entry::new("unpackaged/package.xml", manifest)];
    let types = manifest.split("</types>");
    let names = types.filter_map(|it| it.split_once("<name>")?.1.split_once("</name>"));
    for (name, _) in names {
        let Some(metadata_type) = MetadataType::named(name) else {
            continue; // `Settings` has one type per file.
        };
        let (folder, suffix) = (metadata_type.folder(), metadata_type.suffix().unwrap());
        let path = format!("unpackaged/{folder}/Example.{suffix}");
        let root = metadata_type.roots().next().unwrap();
        let text = format!("<{root} xmlns=\"http://soap.sforce.com/2006/04/metadata\"/>\n");
        entries.push(Entry::new(&path, text));
    }
    assert!(entries.len() > 30, "{} types", entries.len() - 1);
    let apps = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/sample")
        .join(APPS);
    for app in fs::read_dir(apps).unwrap() {
        let app = app.unwrap();
        let name = app.file_name().into_string().unwrap();
        let name = name.replace("-meta.xml", "");
        let path = format!("unpackaged/connectedApps/{name}");
        entries.push(Entry::new(&path, fs::read(app.path()).unwrap()));
    }
    entries
}

#[test]
fn commands_for_checking_an_org_work() {
    let (sandbox, tools) = (Sandbox::new(), Sandbox::new());
    let manifest = sandbox.forcelint(["manifest"]).run().expect(0).stdout;
    tools.write("org.zip", zip(&retrieved_org(&manifest)));
    let zip = tools.path("org.zip");
    let sf = SF.replace("\"$RETRIEVED\"", &format!("'{}'", zip.display()));
    write_program(&tools, "sf", &sf);
    let page = read_page("docs/checking-an-org.md");
    let ran = run_page(&sandbox, &page, &[&tools.root]);
    assert_eq!(ran.blocks_run, 7);
    ran.expect_all_run();
    assert!(sandbox.path("changes.html").exists());
    let report = fs::read_to_string(sandbox.path("forcelint-report.html")).unwrap();
    assert!(report.contains("unpackaged.zip"), "the report has no zip");
}

#[test]
fn commands_for_many_repositories_work() {
    let sandbox = Sandbox::with(&["sample"]);
    fs::create_dir_all(sandbox.path("clones")).unwrap();
    fs::rename(sandbox.path("sample"), sandbox.path("clones/crm")).unwrap();
    write_clean(&sandbox, "clones/billing");
    let mut ran = run_page(&sandbox, &read_page("docs/many-repositories.md"), &[]);
    assert_eq!(ran.blocks_run, 1);
    // `.ci/check_many_repositories.py` runs the first query.
    ran.others.retain(|block| block.language != "sql");
    ran.expect_all_run();
    assert!(sandbox.path("repositories.html").exists());
    assert!(sandbox.path("repositories.csv").exists());
}

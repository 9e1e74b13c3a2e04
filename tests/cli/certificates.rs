//! Certificates: the `.crt` file beside the metadata is the field `content`.

use std::fs;

use serde_json::Value;

use crate::repository::Repository;
use crate::support::{Outcome, Sandbox, findings};
use crate::zip_writer::zip_of;

const RULES: &str = "--select=certificate-expired,certificate-key-size,certificate-weak-signature,\
                     certificate-exportable-key";
const CERTS: &str = "certificates/force-app/main/default/certs";
/// 2026-11-29.
const DAY: &str = "1795910400";

fn check(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let fixed = ["check", RULES, "--min-severity=info"];
    let all = fixed.iter().chain(arguments);
    let check = sandbox.forcelint(all).env("SOURCE_DATE_EPOCH", DAY);
    check.in_folder("certificates").run()
}

/// The rule and the component of what was not checked, and the reason.
fn not_checked(report: &Value) -> Vec<String> {
    let list = report["summary"]["not_checked"].as_array().unwrap();
    let lines = list.iter().map(|it| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let name = text(&it["component"]["name"]);
        format!("{name} {}: {}", text(&it["rule"]), text(&it["reason"]))
    });
    lines.collect()
}

#[test]
fn the_file_of_a_certificate_is_checked() {
    let sandbox = Sandbox::with(&["certificates"]);
    insta::assert_snapshot!(check(&sandbox, &[]).expect(1).whole());
    let report = check(&sandbox, &["--format=json"]).json();
    let components = report["findings"].as_array().unwrap().iter();
    let types: Vec<&Value> = components.map(|it| &it["component"]["type"]).collect();
    assert!(types.iter().all(|it| *it == "Certificate"), "{types:?}");
    for jobs in ["1", "4"] {
        let again = check(&sandbox, &["--format=json", "--jobs", jobs]);
        assert_eq!(again.json()["findings"], report["findings"]);
    }
}

#[test]
fn each_of_the_two_files_is_enough_to_name_the_certificate() {
    let sandbox = Sandbox::with(&["certificates"]);
    for file in ["Expired.crt", "Expired.crt-meta.xml"] {
        let path = sandbox.path(CERTS).join(file);
        let outcome = check(&sandbox, &[path.to_str().unwrap(), "--format=json"]);
        let report = outcome.expect(1).json();
        let found = report["findings"].as_array().unwrap();
        let paths: Vec<&Value> = found.iter().map(|it| &it["path"]).collect();
        assert_eq!(paths, ["force-app/main/default/certs/Expired.crt"]);
        assert_eq!(not_checked(&report), [""; 0]);
    }
}

#[test]
fn the_text_of_a_content_file_is_never_shown() {
    let sandbox = Sandbox::with(&["certificates"]);
    let good = fs::read_to_string(sandbox.path(CERTS).join("Expired.crt")).unwrap();
    let secret = "correct-horse-battery-staple";
    sandbox.write(format!("{CERTS}/Unreadable.crt"), secret);
    for format in [
        "pretty", "concise", "json", "sarif", "html", "markdown", "junit", "github",
    ] {
        let outcome = check(&sandbox, &["--format", format]);
        let line = good.lines().nth(1).unwrap();
        for text in [line, secret, "BEGIN CERTIFICATE"] {
            assert!(!outcome.stdout.contains(text), "{format}");
            assert!(!outcome.stderr.contains(text), "{format}");
        }
    }
}

#[test]
fn certificates_in_a_zip_are_checked() {
    let sandbox = Sandbox::with(&["certificates"]);
    let folder = sandbox.path("certificates/force-app/main/default");
    sandbox.write("certificates/org.zip", zip_of(&folder, &folder));
    let in_zip = check(&sandbox, &["org.zip", "--format=json"]).json();
    let in_folder = check(&sandbox, &["--format=json"]).json();
    let messages = |report: &Value| {
        let findings = report["findings"].as_array().unwrap().iter();
        let messages = findings.map(|it| it["message"].to_string());
        messages.collect::<Vec<_>>()
    };
    assert_eq!(messages(&in_zip), messages(&in_folder));
    assert_eq!(not_checked(&in_zip), not_checked(&in_folder));
}

#[test]
fn a_content_file_that_is_too_long_is_not_checked() {
    let sandbox = Sandbox::with(&["certificates"]);
    let pem = fs::read_to_string(sandbox.path(CERTS).join("Expired.crt")).unwrap();
    let text = pem + &"x".repeat(2 * 1024 * 1024);
    let binary = [0x30, 0x82, 0xff, 0xfe].repeat(1024 * 1024);
    for content in [text.as_bytes(), binary.as_slice()] {
        sandbox.write(format!("{CERTS}/Expired.crt"), content);
        let report = check(&sandbox, &["--format=json"]).expect(1).json();
        let reason = "Expired certificate-expired: `content` is not a certificate that forcelint can \
                      read";
        assert!(not_checked(&report).iter().any(|it| it == reason));
    }
}

#[test]
fn another_component_can_look_a_certificate_up() {
    let sandbox = Sandbox::with(&["certificates"]);
    let rule = r#"
id = "callout-certificate"
title = "Callout signs with a certificate that expired"
severity = "high"
tags = ["ours"]
help = "Renew the certificate."

[[check]]
metadata = "NamedCredential"
require = { related = { metadata = "Certificate", from = "jwtSigningCertificate", all = [
    { field = "content", certificate = { expires_after = 0 }, absent = "unknown" },
] } }
message = "`{component}` signs with `{jwtSigningCertificate}`"
"#;
    sandbox.write("certificates/rules/callout-certificate.toml", rule);
    sandbox.write("certificates/forcelint.toml", "rule-paths = [\"rules\"]\n");
    for certificate in ["Good", "Expired", "Weak_Der", "Unreadable", "Unknown"] {
        let credential = format!(
            "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
             <jwtSigningCertificate>{certificate}</jwtSigningCertificate><label>A</label>\
             </NamedCredential>"
        );
        let folder = "certificates/force-app/main/default/namedCredentials";
        let path = format!("{folder}/{certificate}.namedCredential-meta.xml");
        sandbox.write(path, credential);
    }
    let arguments = ["check", "--select=callout-certificate", "--format=json"];
    let check = sandbox.forcelint(arguments).env("SOURCE_DATE_EPOCH", DAY);
    let report = check.in_folder("certificates").run().expect(1).json();
    let names = |list: &Value| {
        let list = list.as_array().unwrap().iter();
        let names = list.map(|it| it["component"]["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(&report["findings"]), ["Expired"]);
    let unknown = names(&report["summary"]["not_checked"]);
    assert_eq!(unknown, ["Unknown", "Unreadable"]);
}

#[test]
fn a_changed_content_file_is_checked() {
    let repository = Repository::new();
    let project = Sandbox::with(&["certificates"]);
    let read = |name: &str| fs::read(project.path(CERTS).join(name)).unwrap();
    let folder = "force-app/main/default/certs";
    let meta = format!("{folder}/Signing.crt-meta.xml");
    repository.write(&meta, read("Expired.crt-meta.xml"));
    let content = format!("{folder}/Signing.crt");
    repository.write(&content, read("Good.crt"));
    repository.commit();
    let check = |arguments: &[&str]| {
        let arguments = [&["--select=certificate-expired"], arguments].concat();
        let check = repository.check(&arguments).env("SOURCE_DATE_EPOCH", DAY);
        findings(&check.run().json())
    };
    assert_eq!(check(&["--since=HEAD"]), [""; 0]);
    repository.write(&content, read("Expired.crt"));
    assert_eq!(check(&["--since=HEAD"]).len(), 1);
    assert_eq!(check(&["--staged"]), [""; 0]);
    repository.git(["add", "--all"]);
    assert_eq!(check(&["--staged"]).len(), 1);
}

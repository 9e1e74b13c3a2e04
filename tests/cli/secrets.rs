//! Secrets, which are never printed: each shape of a secret is planted in each place, and no output may
//! contain a part of one.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::planted_places::{Encoding, FILES, fill};
use crate::planted_shapes::{Random, Shape, shapes};
use crate::support::{Outcome, Sandbox};

const FOLDER: &str = "force-app/main/default";

/// So many characters of a secret in a row are a leak.
const WINDOW: usize = 8;

/// Planted secrets. Messages name their shapes and places, never the secrets.
#[derive(Default)]
struct Planted {
    /// By each part of a secret of the length of a window: the shape and the place.
    parts: HashMap<String, String>,
    places: std::collections::BTreeSet<String>,
    seed: u64,
}

impl Planted {
    fn plant(&mut self, shape: &Shape, place: &str, encoding: Encoding) -> String {
        self.seed += 1;
        let (text, secret) = shape.plant(&mut Random::new(self.seed));
        for part in secret.as_bytes().windows(WINDOW) {
            let part = std::str::from_utf8(part).unwrap().to_owned();
            self.parts.insert(part, format!("{}: {place}", shape.name));
        }
        self.places.insert(place.to_owned());
        encoding.write(&text)
    }

    /// The shapes and places of the secrets that a text contains a part of.
    fn found_in(&self, text: &str) -> Vec<&String> {
        let mut found: Vec<&String> = Vec::new();
        for text in [text.to_owned(), decoded(text)] {
            let bytes = text.as_bytes().windows(WINDOW);
            let parts = bytes.filter_map(|part| self.parts.get(std::str::from_utf8(part).ok()?));
            found.extend(parts);
        }
        found.sort();
        found.dedup();
        found
    }

    #[track_caller]
    fn assert_not_shown(&self, what: &str, text: &str) {
        let found = self.found_in(text);
        assert!(found.is_empty(), "{what} shows {}: {found:#?}", found.len());
    }

    #[track_caller]
    fn assert_no_output_shows(&self, what: &str, outcome: &Outcome) {
        self.assert_not_shown(what, &outcome.stdout);
        self.assert_not_shown(&format!("stderr of {what}"), &outcome.stderr);
    }
}

/// The text without references and percent-encoding.
fn decoded(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("&#x") {
        decoded.push_str(before);
        let reference = after.split_once(';').and_then(|(digits, after)| {
            let code = u32::from_str_radix(digits, 16).ok()?;
            Some((char::from_u32(code)?, after))
        });
        rest = after;
        if let Some((character, after)) = reference {
            decoded.push(character);
            rest = after;
        }
    }
    decoded.push_str(rest);
    percent_decode_str(&decoded)
        .decode_utf8_lossy()
        .into_owned()
}

/// A project with each shape in each place.
fn project(sandbox: &Sandbox, shapes: &[Shape]) -> Planted {
    let mut planted = Planted::default();
    write_project(sandbox, "", shapes, &mut planted);
    planted
}

fn write_project(sandbox: &Sandbox, root: &str, shapes: &[Shape], planted: &mut Planted) {
    let folder = format!("{root}{FOLDER}");
    sandbox.write(
        format!("{root}sfdx-project.json"),
        r#"{"packageDirectories":[{"path":"force-app"}]}"#,
    );
    for (number, shape) in shapes.iter().enumerate() {
        for (at, (suffix, template)) in FILES.iter().enumerate() {
            // Every other file of each shape: the kinds of files and of shapes do not depend on each other.
            if (number + at) % 2 > 0 {
                continue;
            }
            let text = fill(template, |place, encoding| match encoding {
                Encoding::Comment if !shape.fits_comment() => String::new(),
                _ => planted.plant(shape, place, encoding),
            });
            sandbox.write(format!("{folder}/f{at}/S{number}F{at}.{suffix}"), text);
        }
        if shape.fits_file_name() {
            let app =
                "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n</Connected>";
            let name = planted.plant(shape, "file name", Encoding::Raw);
            sandbox.write(format!("{folder}/names/{name}.connectedApp-meta.xml"), app);
            let name = planted.plant(shape, "folder name", Encoding::Raw);
            sandbox.write(format!("{folder}/{name}/App.connectedApp-meta.xml"), app);
        }
    }
}

#[test]
fn no_report_shows_a_secret() {
    let shapes = shapes();
    assert!(shapes.len() >= 60, "{}", shapes.len());
    let sandbox = Sandbox::new();
    let planted = project(&sandbox, &shapes);
    assert!(planted.places.len() >= 40, "{}", planted.places.len());
    let formats = [
        "concise", "json", "jsonl", "agent", "sarif", "gitlab", "junit", "markdown", "html",
        "github",
    ];
    let arguments = formats.map(|format| format!("--format={format}=../report.{format}"));
    std::fs::create_dir(sandbox.path("work")).unwrap();
    let mut command = vec![
        "check".to_owned(),
        "..".to_owned(),
        "--format=pretty".to_owned(),
        "--group=none".to_owned(),
    ];
    command.push("--show-suppressed".to_owned());
    command.extend(arguments);
    let check = sandbox.with_every_rule(&command).in_folder("work");
    let outcome = check.run().expect(1);
    assert!(outcome.stdout.len() > 500_000, "{}", outcome.stderr);
    planted.assert_no_output_shows("pretty", &outcome);
    for format in formats {
        let report = std::fs::read_to_string(sandbox.path(&format!("report.{format}"))).unwrap();
        assert!(report.len() > 1000, "{format}");
        planted.assert_not_shown(format, &report);
    }
}

/// The same components on both sides, with different secrets.
#[test]
fn no_comparison_shows_a_secret() {
    let sandbox = Sandbox::new();
    let mut planted = Planted::default();
    for side in ["left/", "right/"] {
        write_project(&sandbox, side, &shapes(), &mut planted);
    }
    for format in ["pretty", "markdown", "json", "html"] {
        let format = format!("--format={format}");
        let outcome = sandbox
            .with_every_rule(["compare", "left", "right", &format])
            .run();
        assert!(outcome.stdout.len() > 20_000, "{}", outcome.stdout.len());
        planted.assert_no_output_shows(&format, &outcome);
    }
}

#[test]
fn patches_and_fixes_show_no_secret_of_other_lines() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        r#"{"packageDirectories":[{"path":"force-app"}]}"#,
    );
    let mut near = Planted::default();
    let mut changed = Planted::default();
    for (number, shape) in shapes().iter().enumerate() {
        // It goes on to the end of the file, so that no context can be without it.
        if shape.name == "truncated private key" {
            continue;
        }
        let text = format!(
            "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
             <contactEmail>{}</contactEmail>\n    <label>A</label>\n    <oauthConfig>\n        \
             <callbackUrl>https://h.acme.example/</callbackUrl>\n        \
             <consumerSecert>{}</consumerSecert>\n        <isAdminApproved>true</isAdminApproved>\n        \
             <isPkceRequired>false</isPkceRequired>\n        <scopes>Api</scopes>\n    </oauthConfig>\n    \
             <startUrl>{}</startUrl>\n</ConnectedApp>\n",
            near.plant(shape, "before", Encoding::Xml),
            near.plant(shape, "misspelled element", Encoding::Xml),
            near.plant(shape, "after", Encoding::References),
        );
        sandbox.write(
            format!("{FOLDER}/near/S{number}.connectedApp-meta.xml"),
            text,
        );
        let planted = changed.plant(shape, "changed line", Encoding::Xml);
        if planted.contains('\n') {
            continue;
        }
        let text = format!(
            "<RemoteSiteSetting xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
             <url>http://h.acme.example/?next={planted}</url>\n</RemoteSiteSetting>\n"
        );
        sandbox.write(
            format!("{FOLDER}/changed/S{number}.remoteSite-meta.xml"),
            text,
        );
    }
    let folder = format!("{FOLDER}/near");
    let diff = ["check", &folder, "--select=pkce", "--diff", "--fix=all"];
    let outcome = sandbox.with_every_rule(diff).run().expect(1);
    assert!(outcome.stdout.contains("+        <isPkceRequired>true"));
    near.assert_no_output_shows("--diff", &outcome);
    assert!(
        !outcome.stderr.contains("contains a secret"),
        "{}",
        outcome.stderr
    );
    // A changed line is shown as it is, and a note warns.
    let folder = format!("{FOLDER}/changed");
    let diff = ["check", &folder, "--diff", "--fix=all"];
    let outcome = sandbox.with_every_rule(diff).run().expect(1);
    assert!(!changed.found_in(&outcome.stdout).is_empty());
    changed.assert_not_shown("stderr of --diff", &outcome.stderr);
    let warnings = outcome.stderr.matches("contains a secret").count();
    let files = outcome.stdout.matches("\n+++ ").count();
    assert!(files > 60 && warnings == files, "{warnings} of {files}");
    let outcome = sandbox
        .with_every_rule(["check", "--fix=all"])
        .run()
        .expect(1);
    near.assert_no_output_shows("--fix", &outcome);
    changed.assert_no_output_shows("--fix", &outcome);
}

#[test]
fn errors_of_project_files_show_no_secret() {
    let sandbox = Sandbox::new();
    let mut planted = Planted::default();
    sandbox.write(
        format!("{FOLDER}/A.connectedApp-meta.xml"),
        "<ConnectedApp/>",
    );
    let project = r#"{"packageDirectories":[{"path":"force-app"}]}"#;
    let mut wrong_keys = String::new();
    for (number, shape) in shapes().iter().enumerate() {
        let text = planted.plant(shape, "unknown key of the config", Encoding::Json);
        wrong_keys += &format!("unknown-{number} = \"{text}\"\n");
        let text = planted.plant(shape, "wrong value in the config", Encoding::Json);
        wrong_keys +=
            &format!("[[exception]]\nrule = \"{text}\"\ncomponent = \"{text}\"\nreason = 1\n");
        if number % 4 > 0 {
            continue;
        }
        let text = planted.plant(shape, "secret beside a syntax error", Encoding::Json);
        let configs = [
            format!("select = [\"all\"]\npassword = \"{text}\"\nx = = 1\n"),
            format!("clientSecret = '{}'\nfail-on = 5\n", text.replace('\'', "")),
        ];
        for config in configs {
            sandbox.write("sfdx-project.json", project);
            sandbox.write("forcelint.toml", config);
            planted.assert_no_output_shows(
                "a config",
                &sandbox.with_every_rule(["check"]).run().expect(2),
            );
        }
        std::fs::remove_file(sandbox.path("forcelint.toml")).unwrap();
        let projects = [
            format!("{{\"packageDirectories\":[],\n\"clientSecret\":\"{text}\",\n}}"),
            format!("{{\"packageDirectories\":[],\n\"namespace\":[\"{text}\"]}}"),
            format!("{{\"packageDirectories\":[],\n\"replacements\":\"{text}\"}}"),
            format!("{{\"packageDirectories\":[{{\"path\":\"../{text}\"}}]}}"),
        ];
        for project in projects {
            sandbox.write("sfdx-project.json", project);
            let outcome = sandbox.with_every_rule(["check"]).run().expect(2);
            planted.assert_no_output_shows("a project file", &outcome);
        }
    }
    sandbox.write("sfdx-project.json", project);
    sandbox.write("forcelint.toml", wrong_keys);
    planted.assert_no_output_shows(
        "a config",
        &sandbox.with_every_rule(["check"]).run().expect(2),
    );
}

#[test]
fn the_language_server_shows_no_secret() {
    let sandbox = Sandbox::new();
    let shapes = shapes();
    let planted = project(&sandbox, &shapes);
    let mut input = Vec::new();
    let mut send = |message: Value| {
        let text = message.to_string();
        input.extend(format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes());
    };
    let root = format!("file://{}", sandbox.root.display());
    let capabilities = json!({
        "workspace": { "workspaceEdit": { "documentChanges": true, "resourceOperations": ["create"] } },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "codeAction": { "codeActionLiteralSupport": { "codeActionKind": { "valueSet": [] } } },
            "hover": { "contentFormat": ["markdown"] },
        },
    });
    send(
        json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "processId": null, "rootUri": root, "capabilities": capabilities } }),
    );
    send(json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} }));
    let mut id = 0;
    for number in 0..shapes.len() {
        for (at, (suffix, _)) in FILES.iter().enumerate() {
            if (number + at) % 6 > 0 {
                continue;
            }
            let path = format!("{FOLDER}/f{at}/S{number}F{at}.{suffix}");
            let text = std::fs::read_to_string(sandbox.path(&path)).unwrap();
            let document = json!({ "uri": format!("{root}/{path}") });
            let lines = text.lines().count();
            let length = text.lines().map(str::len).max();
            send(
                json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen", "params": { "textDocument": {
                "uri": document["uri"], "languageId": "xml", "version": 1, "text": text } } }),
            );
            let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": lines, "character": 0 } });
            let mut request = |method: &str, mut params: Value| {
                id += 1;
                params["textDocument"] = document.clone();
                send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
            };
            request(
                "textDocument/codeAction",
                json!({ "range": range, "context": { "diagnostics": [] } }),
            );
            for line in 0..lines {
                let position = json!({ "line": line, "character": length.unwrap_or(0).min(30) });
                request("textDocument/hover", json!({ "position": position }));
                request("textDocument/completion", json!({ "position": position }));
            }
            send(
                json!({ "jsonrpc": "2.0", "method": "textDocument/didClose", "params": { "textDocument": document } }),
            );
        }
    }
    id += 1;
    send(json!({ "jsonrpc": "2.0", "id": id, "method": "shutdown" }));
    send(json!({ "jsonrpc": "2.0", "method": "exit" }));
    let outcome = sandbox
        .with_every_rule(["lsp"])
        .stdin(input)
        .run()
        .expect(0);
    planted.assert_not_shown("stderr of the language server", &outcome.stderr);
    let mut counts = [0; 4];
    for message in messages(&outcome.stdout) {
        let kinds = [
            "\"diagnostics\":[{",
            "\"contents\"",
            "\"quickfix\"",
            "\"label\"",
        ];
        let text = message.to_string();
        for (count, kind) in counts.iter_mut().zip(kinds) {
            *count += usize::from(text.contains(kind));
        }
        planted.assert_not_shown("the language server", &text);
    }
    assert!(counts.iter().all(|&count| count > 50), "{counts:?}");
}

/// The messages of a server, without the addresses of files, and without edits, which have to contain
/// the text of the file.
fn messages(output: &str) -> Vec<Value> {
    let mut messages = Vec::new();
    let mut rest = output;
    while let Some(start) = rest.find("\r\n\r\n") {
        let mut values =
            serde_json::Deserializer::from_str(&rest[start + 4..]).into_iter::<Value>();
        let mut message = values.next().unwrap().unwrap();
        rest = &rest[start + 4 + values.byte_offset()..];
        remove_edits(&mut message);
        messages.push(message);
    }
    messages
}

fn remove_edits(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for key in ["uri", "edit", "arguments"] {
                object.remove(key);
            }
            object.values_mut().for_each(remove_edits);
        }
        Value::Array(values) => values.iter_mut().for_each(remove_edits),
        _ => {}
    }
}

/// Texts that are not secrets.
const ORDINARY: [&str; 34] = [
    "https://acme.my.salesforce.com/services/oauth2/callback",
    "https://acme.example/apexrest/v1/AccountContacts2/Orders2024/items",
    "https://acme.example:8443/path/to/page?state=abc&code_challenge_method=S256#section-2",
    "https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm&type=5",
    "https://acme.lightning.force.com/lightning/r/Account/0015g00000XyZAbAAN/view",
    "https://user@acme.example/repository.git",
    "myapp://oauth/callback?source=mobile",
    "0015g00000XyZAbAAN",
    "00D5g000004abcdEAA",
    "6f9619ff-8b86-d011-b42d-00c04fc964ff",
    "{6F9619FF-8B86-D011-B42D-00C04FC964FF}",
    "SelfSignedCert_19Nov2025_101010",
    "Cert_9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c",
    "AccountContactRelationshipServiceCloudConfiguration2024Release",
    "AcmeEnterpriseTerritory2ModelRuleAssignmentTriggerHandler__c",
    "acme_crm__IntegrationUserPermissionSetForExternalClientApps",
    "RefreshToken OfflineAccess Api Web Full OpenID",
    "Password policies: minimum length of twelve characters",
    "Token: expires after 30 days; sessions: after 2 hours",
    "Secret questions and answers for customers",
    "Basic authentication is disabled for OAuth users",
    "Bearer tokens are sent in the header, not in the URL",
    "https://acme.example/?sid={!$Api.Session_ID}&lang=en",
    "integration.user@acme.example.sandbox2",
    "Sales (EMEA) = 50 %, Service (AMER) = 50 %",
    "CN=acme.example, O=Acme Corp, L=San Francisco, C=US",
    "2025-11-19T10:10:10.000+0000",
    "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/role",
    "force-app/main/default/externalClientApps/AcmeIntegrationForFinance.eca-meta.xml",
    "sk-SK, cs-CZ, AC-2024 and SK-Telekom-Integration-Partner-Configuration",
    "key-value-store-for-customer-preferences-and-settings",
    "IF(ISBLANK(Token__c), 'none', LEFT(Token__c, 4))",
    "authProviders/Microsoft_Entra_ID_Production_Germany_West_Central",
];

#[test]
fn ordinary_texts_stay_readable() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        r#"{"packageDirectories":[{"path":"force-app"}]}"#,
    );
    for (number, text) in ORDINARY.iter().enumerate() {
        let text = Encoding::Xml.write(text);
        let app = format!(
            "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <oauthConfig>\n        \
             <isPkceRequired>{text}</isPkceRequired>\n        <scopes>T{number:02}</scopes>\n    \
             </oauthConfig>\n</ConnectedApp>\n"
        );
        sandbox.write(format!("{FOLDER}/S{number}.connectedApp-meta.xml"), app);
    }
    let check = [
        "check",
        "--select=invalid-value",
        "--format=json",
        "--quiet",
    ];
    let outcome = sandbox.with_every_rule(check).run().expect(1);
    assert!(!outcome.stdout.contains("[masked]"));
    let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let messages: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["message"].as_str().unwrap())
        .collect();
    for text in ORDINARY {
        let start: String = text.chars().take(80).collect();
        assert!(
            messages.iter().any(|message| message.contains(&start)),
            "{text}"
        );
    }
    let check = [
        "check",
        "--select=invalid-value",
        "--format=pretty",
        "--quiet",
    ];
    let check = sandbox
        .with_every_rule(check)
        .env("COLUMNS", "200")
        .run()
        .expect(1);
    assert!(!check.stdout.contains("[masked]"));
}

/// A user's rule can move a secret to another place. No report shows such an edit, and `--fix` applies
/// it.
#[test]
fn an_edit_with_a_secret_is_only_applied_by_fix() {
    let sandbox = Sandbox::new();
    let mut planted = Planted::default();
    let shapes = shapes();
    let shape = shapes
        .iter()
        .find(|shape| shape.name == "password")
        .unwrap();
    let text = planted.plant(shape, "URL", Encoding::Xml);
    sandbox.write(
        "sfdx-project.json",
        r#"{"packageDirectories":[{"path":"force-app"}]}"#,
    );
    sandbox.write("forcelint.toml", "rule-paths = [\"rules\"]\n");
    sandbox.write(
        "rules/own.toml",
        r#"id = "own"
title = "Start URL without a slash"
severity = "low"
tags = ["own"]
help = "Add a slash."
url = "https://acme.example/rules"
[[check]]
metadata = "ConnectedApp"
require = { field = "startUrl", matches = '^https://h/' }
message = "The start URL has no slash"
fix = { replace = '^https://h[?](.*)$', with = 'https://h/#?$1&same=$1' }
"#,
    );
    let app = format!(
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <startUrl>https://h?{text}</startUrl>\n</ConnectedApp>\n"
    );
    let file = format!("{FOLDER}/A.connectedApp-meta.xml");
    sandbox.write(&file, app);
    for format in ["json", "sarif"] {
        let format = format!("--format={format}");
        let outcome = sandbox
            .with_every_rule(["check", "--select=own", &format])
            .run()
            .expect(1);
        planted.assert_no_output_shows("an edit", &outcome);
        if format.ends_with("json") {
            let report: Value = serde_json::from_str(&outcome.stdout).unwrap();
            let fix = &report["findings"][0]["fix"];
            assert_eq!(fix["contains_secret"], true);
            assert_eq!(fix["edits"], json!([]));
        } else {
            assert!(!outcome.stdout.contains("insertedContent"));
        }
    }
}

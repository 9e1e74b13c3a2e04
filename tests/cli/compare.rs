//! `forcelint compare`.

use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository, SETTINGS, STRICT};
use crate::support::{APPS, Outcome, Sandbox, app};
use crate::zip_writer::{Entry, zip, zip_of};

const FORMATS: [&str; 4] = ["pretty", "markdown", "json", "html"];

fn compare(sandbox: &Sandbox, arguments: &[&str]) -> Outcome {
    let all = ["compare"].iter().chain(arguments);
    sandbox.with_every_rule(all).run()
}

/// Two states of the sample project: an app is weaker, one has a raised severity, one is gone, and one is new.
fn two_states() -> Sandbox {
    let sandbox = Sandbox::with(&["sample"]);
    fs::rename(sandbox.path("sample"), sandbox.path("before")).unwrap();
    let copy = Sandbox::with(&["sample"]);
    fs::rename(copy.path("sample"), sandbox.path("after")).unwrap();
    let change = |name: &str, from: &str, to: &str| {
        let path = sandbox.path(&format!("after/{APPS}/{name}.connectedApp-meta.xml"));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    change(
        "Customer_Login",
        "<isPkceRequired>true",
        "<isPkceRequired>false",
    );
    // A client without a secret.
    change(
        "Legacy_ERP",
        "<isConsumerSecretOptional>false",
        "<isConsumerSecretOptional>true",
    );
    let gone = format!("after/{APPS}/Booking_Web_App.connectedApp-meta.xml");
    fs::remove_file(sandbox.path(&gone)).unwrap();
    sandbox.write(
        format!("after/{APPS}/New.connectedApp-meta.xml"),
        app("https://a.example"),
    );
    sandbox
}

#[test]
fn comparison_of_two_folders() {
    let sandbox = two_states();
    let worse = compare(&sandbox, &["before", "after"]);
    let whole = worse.expect(1).whole();
    let narrow = sandbox.forcelint(["compare", "before", "after"]);
    let narrow = narrow.env("COLUMNS", "60").run().expect(1).stdout;
    let words = |line: &str| line.split_whitespace().count();
    let is_too_long = |line: &&str| line.chars().count() > 60 && words(line) > 1;
    assert_eq!(narrow.lines().find(is_too_long), None);
    assert_snapshot!(whole);
    let markdown = compare(&sandbox, &["before", "after", "--format=markdown"]);
    assert_snapshot!("markdown", markdown.expect(1).stdout);
    let html = ["before", "after", "--format=html", "--output=page.html"];
    compare(&sandbox, &html).expect(1);
    assert_snapshot!(
        "html",
        fs::read_to_string(sandbox.path("page.html")).unwrap()
    );
}

#[test]
fn exit_status_depends_on_what_got_worse() {
    let sandbox = two_states();
    let same = compare(&sandbox, &["before", "before"]).expect(0);
    assert!(
        same.stdout
            .contains("not worse: 0 new findings, 52 unchanged; 0 changed settings"),
        "{same:?}"
    );
    compare(&sandbox, &["before", "after", "--fail-on=never"]).expect(0);
    compare(&sandbox, &["before", "after", "--fail-on=critical"]).expect(1);
    // Only a raised severity.
    let apps = format!("after/{APPS}");
    for name in ["New", "Customer_Login"] {
        fs::remove_file(sandbox.path(&format!("{apps}/{name}.connectedApp-meta.xml"))).unwrap();
    }
    let select = "--select=pkce-required";
    let raised = compare(&sandbox, &["before", "after", select]).expect(1);
    assert!(
        raised.stdout.contains("high → critical[pkce-required]"),
        "{raised:?}"
    );
    let lowered = compare(
        &sandbox,
        &[
            "after/force-app",
            "before/force-app",
            select,
            "--fail-on=critical",
        ],
    );
    assert!(
        lowered.stdout.contains("critical → high[pkce-required]"),
        "{lowered:?}"
    );
}

#[test]
fn folder_and_zip_are_the_same() {
    let sandbox = Sandbox::with(&["metadata-format"]);
    let folder = sandbox.path("metadata-format");
    sandbox.write("org.zip", zip_of(&folder, &folder));
    let outcome = compare(&sandbox, &["metadata-format", "org.zip"]).expect(0);
    assert!(
        outcome
            .stdout
            .contains("0 new findings, 3 unchanged; 0 changed settings"),
        "{outcome:?}"
    );
}

#[test]
fn components_of_several_files_are_compared_as_a_whole() {
    let sandbox = Sandbox::with(&["decomposed"]);
    let whole = "decomposed/whole";
    for preset in ["decomposePermissionSetBeta2", "decomposePermissionSetBeta"] {
        let pieces = format!("decomposed/{preset}");
        let report = compare(&sandbox, &[whole, &pieces, "--format=json"]).json();
        let is_same = |it: &&Value| it["component"]["type"] == "PermissionSet";
        let settings = report["settings"].as_array().unwrap().iter();
        assert_eq!(settings.filter(is_same).count(), 0, "{preset}: {report}");
    }
}

#[test]
fn revisions_are_read_without_a_checkout() {
    let repository = Repository::new();
    // A filter would run when a file is checked out, or is archived.
    repository.write(
        ".gitattributes",
        "* filter=evil\n*.connectedApp export-ignore\n",
    );
    repository.git(["config", "filter.evil.smudge", "touch evil"]);
    repository.git(["config", "filter.evil.clean", "cat"]);
    repository.commit();
    repository.app("Old", PUBLIC);
    repository.write(SETTINGS, STRICT);
    let of = |arguments: &[&str]| {
        let all = arguments.iter().chain(&["--select=pkce", "--format=json"]);
        compare(&repository.sandbox, &all.copied().collect::<Vec<_>>())
    };
    let report = of(&["main", "."]);
    // The org settings lower the severity of one, and the other is a public client now.
    let report = report.expect(0).json();
    assert_eq!(report["changed"].as_array().unwrap().len(), 1, "{report}");
    assert_eq!(report["changed"][0]["former_severity"], "critical");
    assert_eq!(report["changed"][0]["path"], "force-app/Other.connectedApp");
    assert_eq!(
        report["added"],
        json!([{ "type": "OauthOidcSettings", "name": "OauthOidc" }])
    );
    assert_eq!(report["unchanged"], 1);
    assert!(!repository.path("evil").exists());
    // A folder in it; `HEAD` beside it.
    let report = of(&["HEAD:more", "HEAD:force-app"]).expect(2).json();
    let message = report["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("contains no Salesforce metadata"),
        "{report}"
    );
    assert_eq!(report["new"].as_array().unwrap().len(), 2);
    assert_eq!(report["new"][0]["path"], "Old.connectedApp");
    // In a folder, a revision is that folder.
    let all = ["compare", "HEAD", ".", "--select=pkce", "--format=json"];
    let report = repository
        .sandbox
        .with_every_rule(all)
        .in_folder("force-app")
        .run();
    assert_eq!(report.json()["changed"][0]["path"], "Other.connectedApp");
    let all = ["compare", "HEAD:./", "HEAD", "--select=pkce"];
    let same = repository
        .sandbox
        .with_every_rule(all)
        .in_folder("force-app")
        .run();
    assert!(
        same.expect(0)
            .stdout
            .contains("0 new findings, 2 unchanged")
    );
}

/// Ignore files and excludes apply to a revision as to a folder.
#[test]
fn what_is_not_deployed_is_not_compared() {
    let repository = Repository::new();
    repository.app("Ignored", CONFIDENTIAL);
    repository.app("Excluded", CONFIDENTIAL);
    repository.write(".forceignore", "**/Ignored.*\n");
    repository.write("forcelint.toml", "exclude = [\"**/Excluded.*\"]\n");
    repository.commit();
    let same = compare(&repository.sandbox, &["HEAD", ".", "--select=pkce"]).expect(0);
    assert!(
        same.stdout
            .contains("0 new findings, 2 unchanged; 0 changed"),
        "{same:?}"
    );
    // The ignore file of each side applies to it.
    fs::remove_file(repository.path(".forceignore")).unwrap();
    let worse = compare(&repository.sandbox, &["HEAD", ".", "--select=pkce"]).expect(1);
    assert!(
        worse.stdout.contains("1 new finding, 2 unchanged"),
        "{worse:?}"
    );
}

#[test]
fn what_is_not_a_state_is_an_error() {
    let repository = Repository::new();
    let sandbox = &repository.sandbox;
    sandbox.write("file.txt", "");
    for (side, error) in [
        ("gone", "`gone` is neither a path nor a git revision"),
        ("--upload-pack=x", "unexpected argument"),
        ("HEAD:../x", "is neither a folder, a zip nor a git revision"),
        ("file.txt", "`file.txt` is a file"),
    ] {
        let outcome = compare(sandbox, &["HEAD", side]).expect(2);
        assert!(outcome.stderr.contains(error), "{side}: {}", outcome.stderr);
    }
    let damaged = Entry {
        crc: 0,
        ..Entry::new("connectedApps/A.connectedApp", app(PUBLIC))
    };
    let good = Entry::new("connectedApps/B.connectedApp", app(PUBLIC));
    sandbox.write("org.zip", zip(&[damaged, good]));
    let outcome = compare(sandbox, &["org.zip", "org.zip"]).expect(2);
    let error = "error: left: connectedApps/A.connectedApp cannot be read: it is damaged";
    assert!(outcome.stderr.contains(error), "{outcome:?}");
}

/// A finding that cannot be checked any more is not fixed.
#[test]
fn findings_that_are_no_longer_checked() {
    let sandbox = Sandbox::new();
    let namespace = "xmlns=\"http://soap.sforce.com/2006/04/metadata\"";
    for side in ["left", "right"] {
        let header = format!(
            "<ExternalClientApplication {namespace}><label>A</label></ExternalClientApplication>"
        );
        sandbox.write(format!("{side}/externalClientApps/A.eca"), header);
    }
    let oauth = format!(
        "<ExtlClntAppGlobalOauthSettings {namespace}><callbackUrl>https://a.example</callbackUrl>\
         <externalClientApplication>A</externalClientApplication><isPkceRequired>false</isPkceRequired>\
         </ExtlClntAppGlobalOauthSettings>"
    );
    sandbox.write("left/extlClntAppGlobalOauthSets/A.ecaGlblOauth", oauth);
    let all = ["left", "right", "--select=pkce-required", "--format=json"];
    let report = compare(&sandbox, &all).expect(0).json();
    assert_eq!(
        report["no_longer_checked"].as_array().unwrap().len(),
        1,
        "{report}"
    );
    assert_eq!(report["gone"], json!([]));
    for format in FORMATS {
        let format = format!("--format={format}");
        let text = compare(
            &sandbox,
            &["left", "right", "--select=pkce-required", &format],
        )
        .stdout;
        assert!(
            text.to_lowercase().contains("no longer checked") || text.contains("no_longer"),
            "{text}"
        );
    }
}

#[test]
fn secrets_are_masked() {
    let sandbox = Sandbox::new();
    let secrets = ["A1B2C3D4E5F6G7H8I9J0K1L2", "Z9Y8X7W6V5U4T3S2R1Q0P9O8"];
    for (side, secret) in ["left", "right"].iter().zip(secrets) {
        let element = format!("<consumerSecret>{secret}</consumerSecret></oauthConfig>");
        let text = app(CONFIDENTIAL).replace("</oauthConfig>", &element);
        sandbox.write(format!("{side}/connectedApps/A.connectedApp"), text);
    }
    for format in FORMATS {
        let format = format!("--format={format}");
        let outcome = compare(&sandbox, &["left", "right", &format]).whole();
        assert!(outcome.contains("consumerSecret"), "{format}: {outcome}");
        assert!(
            secrets.iter().all(|it| !outcome.contains(it)),
            "{format}: {outcome}"
        );
    }
}

/// They have no special form: only the name of the header or a rule shows that they are secrets.
#[test]
fn short_credentials_of_parameters_are_masked() {
    let of = |metadata: &str, element: &str, kind: &str, name: &str, value: &str| {
        format!(
            "<{metadata} xmlns=\"http://soap.sforce.com/2006/04/metadata\"><label>A</label><{element}>\
             <parameterName>{name}</parameterName><parameterType>{kind}</parameterType>\
             <parameterValue>{value}</parameterValue></{element}></{metadata}>"
        )
    };
    let kinds = [
        (
            "ExternalCredential",
            "externalCredentials",
            "externalCredential",
            "externalCredentialParameters",
            [("Authorization", "AuthHeader"), ("My_Secret", "AuthHeader")],
        ),
        (
            "NamedCredential",
            "namedCredentials",
            "namedCredential",
            "namedCredentialParameters",
            [("X-Api-Key", "HttpHeader"), ("Authorization", "HttpHeader")],
        ),
        (
            "ExternalAuthIdentityProvider",
            "externalAuthIdentityProviders",
            "externalAuthIdentityProvider",
            "externalAuthIdentityProviderParameters",
            [
                ("client_secret", "TokenRequestBodyParameter"),
                ("api_key", "TokenRequestQueryParameter"),
            ],
        ),
    ];
    let sandbox = Sandbox::new();
    for (metadata, folder, suffix, element, parameters) in kinds {
        for (at, (name, kind)) in parameters.into_iter().enumerate() {
            let forms = [
                "Bearer X",
                "Token X",
                "SSWS X",
                "{!'X'}",
                "{!'Bearer X'}",
                "X",
            ];
            for (number, form) in forms.into_iter().enumerate() {
                for (side, secret) in [("a", "hunter2Pass"), ("b", "swordfish99")] {
                    let text = of(metadata, element, kind, name, &form.replace('X', secret));
                    let path = format!("{side}/{folder}/E{at}{number}.{suffix}-meta.xml");
                    sandbox.write(path, text);
                }
            }
        }
    }
    for format in FORMATS {
        let format = format!("--format={format}");
        // A rule about something else reads the values, too.
        for select in [&[][..], &["--select=named-credential-http"]] {
            let sides = [&["a", "b", &format], select].concat();
            let outcome = compare(&sandbox, &sides).whole();
            assert!(
                !outcome.contains("hunter2") && !outcome.contains("swordfish"),
                "{format}: {outcome}"
            );
        }
    }
    // Other values are shown.
    let url =
        "<parameterType>Url</parameterType><parameterValue>https://X.example</parameterValue>";
    for (side, host) in [("a", "one"), ("b", "two")] {
        let text = format!(
            "<NamedCredential xmlns=\"http://soap.sforce.com/2006/04/metadata\">\
             <namedCredentialParameters><parameterName>Url</parameterName>{}</namedCredentialParameters>\
             </NamedCredential>",
            url.replace('X', host)
        );
        let path = format!("{side}/namedCredentials/Url.namedCredential-meta.xml");
        sandbox.write(path, text);
    }
    let outcome = compare(&sandbox, &["a", "b"]).whole();
    assert!(outcome.contains("https://two.example"), "{outcome}");
}

#[test]
fn names_are_sanitized_in_every_format() {
    let sandbox = Sandbox::new();
    let entry = |name: &str, callback: &str| {
        Entry::new(&format!("connectedApps/{name}.connectedApp"), app(callback))
    };
    let names = [
        "x\u{1b}[2Jy",
        "x\n::error::y",
        "\u{202e}exe",
        "<script>alert(1)</script>",
    ];
    let of = |callback: &str| names.map(|name| entry(name, callback));
    sandbox.write("left.zip", zip(&of("https://a.example\u{1b}[31m<b>")));
    sandbox.write("right.zip", zip(&of("myapp://x|y`z")[1..]));
    for format in FORMATS {
        let format = format!("--format={format}");
        for sides in [["left.zip", "right.zip"], ["right.zip", "left.zip"]] {
            let outcome = compare(&sandbox, &[sides[0], sides[1], &format]).whole();
            assert!(
                !outcome.contains(['\u{1b}', '\u{202e}']),
                "{format}: {outcome:?}"
            );
            assert!(
                !outcome.lines().any(|it| it.starts_with("::")),
                "{format}: {outcome}"
            );
            assert!(
                format != "--format=html" || !outcome.contains("<script>"),
                "{outcome}"
            );
        }
    }
}

#[test]
fn json_follows_its_schema() {
    let schema = include_str!("../../docs/comparison.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let sandbox = two_states();
    sandbox.write("before/bad/A.connectedApp", "<ConnectedApp>");
    sandbox.write("after/bad/A.connectedApp", app(CONFIDENTIAL));
    for sides in [
        ["before", "after"],
        ["after", "before"],
        ["after", "gone.zip"],
    ] {
        sandbox.write("gone.zip", zip(&[]));
        let report = compare(&sandbox, &[sides[0], sides[1], "--format=json"]).json();
        let errors: Vec<String> = validator
            .iter_errors(&report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{report}");
    }
    assert!(!validator.is_valid(&json!({ "version": 1 })));
}

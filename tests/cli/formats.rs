//! Formats for other programs, and where reports are written.

use std::collections::BTreeSet;
use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{APPS, Outcome, Sandbox, app, indented};

const FORMATS: [&str; 8] = [
    "pretty", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown",
];

/// Without the long texts of the rules, which the tests of `explain` cover.
fn without_texts(mut log: Value) -> Value {
    let rules = &mut log["runs"][0]["tool"]["driver"]["rules"];
    for rule in rules.as_array_mut().unwrap() {
        rule["help"] = json!("[HELP]");
        rule["fullDescription"] = json!("[DESCRIPTION]");
    }
    log
}

fn sarif(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let all = ["check", "--format=sarif"];
    let outcome = sandbox.forcelint(all.iter().chain(arguments)).run();
    outcome.json()
}

#[test]
fn sample_as_sarif() {
    let sandbox = Sandbox::with(&["sample"]);
    assert_snapshot!(indented(&without_texts(sarif(&sandbox, &["sample"]))));
}

#[test]
fn bad_input_as_sarif() {
    let sandbox = Sandbox::with(&["bad-input"]);
    sandbox.make_repository("");
    let log = sarif(&sandbox, &["bad-input", "bad-input/gone"]);
    let run = &log["runs"][0];
    let parts = json!({ "invocations": run["invocations"], "results": run["results"] });
    assert_snapshot!(indented(&parts));
}

/// The schema that OASIS publishes.
#[test]
fn sarif_follows_its_schema() {
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/schemas/sarif-2.1.0.json"
    );
    // Two patterns in the schema are not valid regular expressions.
    let schema = fs::read_to_string(schema)
        .unwrap()
        .replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let sandbox = Sandbox::with(&["sample", "gates", "bad-input", "metadata-format"]);
    let every_rule = |arguments: &[&str]| {
        let all = ["check", "--format=sarif"];
        let run = sandbox.with_every_rule(all.iter().chain(arguments)).run();
        run.json()
    };
    for arguments in [
        &["sample", "--min-severity=info"][..],
        &["gates"],
        &["bad-input", "gone"],
        &["metadata-format"],
        &["sample/config"],
    ] {
        let log = every_rule(arguments);
        let errors: Vec<String> = validator
            .iter_errors(&log)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{arguments:?}");
    }
    // An invalid log must fail, or the test proves nothing.
    let mut invalid = sarif(&sandbox, &["sample"]);
    invalid["runs"][0]["results"][0]["level"] = json!("severe");
    assert!(!validator.is_valid(&invalid));
}

/// The schema of lines that users get. Each line alone is complete, and together they are the JSON report.
#[test]
fn json_lines_follow_their_schema() {
    let schema = include_str!("../../docs/report-line.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let projects = ["adopted", "bad-input", "gates", "no-project", "sample"];
    let sandbox = Sandbox::with(&projects);
    for project in projects {
        let run = |format| sandbox.with_every_rule(["check", format, project]).run();
        let outcome = run("--format=jsonl");
        let lines = outcome
            .stdout
            .lines()
            .map(|it| serde_json::from_str(it).unwrap());
        let lines: Vec<Value> = lines.collect();
        for line in &lines {
            let errors: Vec<String> = validator
                .iter_errors(line)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert_eq!(errors, [""; 0], "{project}: {line}");
        }
        let report = run("--format=json").json();
        for (kind, expected) in [
            ("finding", &report["findings"]),
            ("error", &report["errors"]),
            ("not_checked", &report["summary"]["not_checked"]),
        ] {
            let of_kind = lines.iter().filter(|it| it["kind"] == kind).cloned();
            let of_kind = of_kind.map(|mut line| {
                let line = line.as_object_mut().unwrap();
                assert_eq!(line["root"], report["root"]);
                assert_eq!(line["repository"], project);
                line.retain(|key, _| {
                    !["version", "root", "repository", "kind", "app"].contains(&key.as_str())
                });
                Value::from(line.clone())
            });
            assert_eq!(&Value::from_iter(of_kind), expected, "{project}: {kind}");
        }
        assert_eq!(lines[0]["kind"], "run");
        let summary = lines.last().unwrap();
        assert_eq!(summary["kind"], "summary");
        assert_eq!(summary["findings"], report["summary"]["findings"]);
    }
    assert!(!validator.is_valid(&json!({ "version": 1, "kind": "finding", "root": "" })));
}

#[test]
fn report_for_coding_agents() {
    let sandbox = Sandbox::with(&["sample"]);
    let report = sandbox
        .forcelint(["check", "sample", "--format=agent"])
        .run();
    insta::assert_snapshot!(report.expect(1).stdout);
    let sandbox = Sandbox::new();
    let path = "apps/It's new.connectedApp";
    sandbox.write(path, crate::support::app("https://a.example/"));
    let check = sandbox.forcelint(["check", "apps", "--format=agent"]);
    let report = check.run().expect(1).stdout;
    // The command works in a shell.
    let command = report
        .lines()
        .find_map(|it| it.strip_prefix("  command: forcelint "));
    assert_eq!(
        command,
        Some(r"check --fix=all --select pkce-required 'apps/It'\''s new.connectedApp'")
    );
    // The edit is the one of `--fix`.
    let edit = report
        .lines()
        .find_map(|it| it.strip_prefix("  edit: insert at "));
    let (position, text) = edit.unwrap().split_once(' ').unwrap();
    let text: String = serde_json::from_str(text).unwrap();
    let (line, column) = position.split_once(':').unwrap();
    let old = std::fs::read_to_string(sandbox.path(path)).unwrap();
    let mut lines: Vec<String> = old.split_inclusive('\n').map(str::to_owned).collect();
    let line: usize = line.parse().unwrap();
    lines[line - 1].insert_str(column.parse::<usize>().unwrap() - 1, &text);
    sandbox
        .forcelint(["check", "--fix=all", path])
        .run()
        .expect(0);
    assert_eq!(
        std::fs::read_to_string(sandbox.path(path)).unwrap(),
        lines.concat()
    );
}

/// The schema that users get.
#[test]
fn json_follows_its_schema() {
    let schema = include_str!("../../docs/report.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let projects = [
        "adopted",
        "bad-input",
        "gates",
        "metadata-format",
        "no-project",
        "sample",
    ];
    let sandbox = Sandbox::with(&projects);
    for project in projects {
        let arguments = ["check", "--format=json", project];
        let report = sandbox.with_every_rule(arguments).run().json();
        let errors: Vec<String> = validator
            .iter_errors(&report)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [""; 0], "{project}");
    }
    assert!(!validator.is_valid(&json!({ "findings": [] })));
}

/// Properties that the standard does not require but GitHub or editors rely on.
#[test]
fn sarif_has_what_code_scanning_needs() {
    let sandbox = Sandbox::with(&["sample", "bad-input", "gates"]);
    for arguments in [
        &["sample", "--min-severity=info"][..],
        &["bad-input"],
        &["gates"],
    ] {
        let all = ["check", "--format=sarif"].iter().chain(arguments);
        let log = sandbox.with_every_rule(all).run().json();
        let text = log.to_string();
        let root = sandbox.root.to_str().unwrap();
        assert!(!text.contains(root), "an absolute path: {text}");
        for absent in ["byteOffset", "byteLength", "TimeUtc", "file://"] {
            assert!(!text.contains(absent), "{absent}: {text}");
        }
        let runs = log["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 1);
        let run = &runs[0];
        assert_eq!(run["columnKind"], "utf16CodeUnits");
        assert_eq!(run["automationDetails"]["id"], "forcelint/");
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        let ids: BTreeSet<&str> = rules
            .iter()
            .map(|rule| rule["id"].as_str().unwrap())
            .collect();
        assert_eq!(ids.len(), rules.len());
        for rule in rules {
            for text in [
                &rule["name"],
                &rule["shortDescription"]["text"],
                &rule["fullDescription"]["text"],
                &rule["help"]["text"],
                &rule["help"]["markdown"],
            ] {
                assert!(!text.as_str().unwrap().is_empty(), "{rule}");
            }
            assert!(
                rule["helpUri"].as_str().unwrap().starts_with("https://"),
                "{rule}"
            );
            let score: f64 = rule["properties"]["security-severity"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap();
            assert!((0.1..=10.0).contains(&score));
            let tags = rule["properties"]["tags"].as_array().unwrap();
            assert!(tags.contains(&json!("security")));
        }
        let results = run["results"].as_array().unwrap();
        assert!(!results.is_empty());
        let mut fingerprints = BTreeSet::new();
        for result in results {
            let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(result["ruleId"], rule["id"]);
            assert_eq!(result["level"], rule["defaultConfiguration"]["level"]);
            let prints = &result["partialFingerprints"];
            let line_hash = prints["primaryLocationLineHash"].as_str().unwrap();
            let (hash, ordinal) = line_hash.split_once(':').unwrap();
            assert!(
                hash.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{line_hash}"
            );
            assert!(ordinal.parse::<u32>().unwrap() > 0);
            assert!(fingerprints.insert(prints["forcelint/v1"].as_str().unwrap().to_owned()));
            for location in result["locations"].as_array().unwrap() {
                let physical = &location["physicalLocation"];
                let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
                assert_eq!(physical["artifactLocation"]["uriBaseId"], "%SRCROOT%");
                assert!(
                    !uri.starts_with('/') && !uri.contains(['\\', ' ', ':', '[', '<']),
                    "{uri}"
                );
                for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                    assert!(physical["region"][key].as_u64().unwrap() > 0);
                }
            }
        }
    }
}

/// One line with a character before the location that is two UTF-16 units long.
#[test]
fn each_format_counts_columns_in_its_unit() {
    let sandbox = Sandbox::new();
    let text = "<ConnectedApp><label>🔐é</label><oauthConfig><callbackUrl>https://a.example/\
                </callbackUrl></oauthConfig></ConnectedApp>";
    sandbox.write("App.connectedApp", text);
    let at = text.find("<oauthConfig>").unwrap();
    let (characters, units) = (
        text[..at].chars().count(),
        text[..at].encode_utf16().count(),
    );
    assert!(characters < units && units < at);

    let region = sarif(&sandbox, &["."]);
    let region = &region["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startColumn"], units + 1);
    assert_eq!(region["charOffset"], units);
    assert_eq!(region["endColumn"], units + 1 + "<oauthConfig>".len());

    let json = sandbox
        .forcelint(["check", ".", "--format=json"])
        .run()
        .json();
    let start = &json["findings"][0]["span"]["start"];
    assert_eq!(
        *start,
        json!({ "line": 1, "column": characters + 1, "offset": at })
    );

    let concise = sandbox.forcelint(["check", "."]).run().stdout;
    let location = format!("App.connectedApp:1:{}: ", characters + 1);
    assert!(concise.starts_with(&location), "{concise}");
}

#[test]
fn edits_of_json_have_lines_and_columns() {
    let sandbox = Sandbox::new();
    let text = "<ConnectedApp><label>🔐</label><oauthConfig><callbackUrl>https://a.example/\
                </callbackUrl><isPkceRequired>false</isPkceRequired></oauthConfig></ConnectedApp>";
    sandbox.write("App.connectedApp", text);
    let check = sandbox.forcelint(["check", ".", "--format=json"]);
    let report = check.run().expect(1).json();
    let edit = &report["findings"][0]["fix"]["edits"][0];
    let at = edit["offset"].as_u64().unwrap() as usize;
    let end = at + edit["length"].as_u64().unwrap() as usize;
    assert_eq!(&text[at..end], "false");
    let position = |at: usize| {
        let (characters, units) = (text[..at].chars(), text[..at].encode_utf16());
        json!({
            "line": 1, "column": characters.count() + 1,
            "utf16_column": units.count() + 1, "offset": at,
        })
    };
    assert_eq!(
        edit["span"],
        json!({ "start": position(at), "end": position(end) })
    );
}

/// The controls of the kind of app that the finding is about, and no others.
#[test]
fn findings_name_their_controls() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = sandbox.forcelint(["check", "sample", "--format=json", "--select=pkce-required"]);
    let report = check.run().expect(1).json();
    let ids = |metadata_type: &str| {
        let mut findings = report["findings"].as_array().unwrap().iter();
        let finding = findings.find(|it| it["component"]["type"] == metadata_type);
        let controls = finding.unwrap()["controls"].as_array().unwrap().iter();
        controls
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let connected = "shr_api_enable_oauth_settings_require_proof_key_for_code_exchange_pkce";
    let external = "shr_security_require_proof_key_for_code_exchange_pkce";
    assert_eq!(ids("ConnectedApp"), [connected, "appexchange-pkce"]);
    assert_eq!(
        ids("ExtlClntAppGlobalOauthSettings"),
        [external, "appexchange-pkce"]
    );
    let finding = &report["findings"][0];
    assert_eq!(
        finding["controls"][0],
        json!({
            "authority": "Salesforce Security Health Review",
            "id": connected,
            "title": "Connected app: PKCE is required",
            "url": format!("https://help.salesforce.com/s/articleView?id=xcloud.{connected}.htm&type=5"),
        })
    );
    let url = finding["docs_url"].as_str().unwrap();
    assert!(url.ends_with("/docs/rules/pkce-required.md"), "{url}");
}

#[test]
fn sarif_refers_to_the_controls() {
    let sandbox = Sandbox::with(&["sample"]);
    let log = sarif(&sandbox, &["sample"]);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut related = 0;
    for rule in rules {
        let tags = rule["properties"]["tags"].as_array().unwrap();
        assert!(tags.len() <= 20, "GitHub rejects more: {rule}");
        for relationship in rule["relationships"].as_array().into_iter().flatten() {
            let target = &relationship["target"];
            let component = &target["toolComponent"];
            let index = |it: &Value| it["index"].as_u64().unwrap() as usize;
            let taxonomy = &run["taxonomies"][index(component)];
            assert_eq!(taxonomy["name"], component["name"]);
            assert_eq!(taxonomy["taxa"][index(target)]["id"], target["id"]);
            related += 1;
        }
    }
    assert!(related > 2, "{log}");
    let pkce = rules.iter().find(|it| it["id"] == "pkce-required").unwrap();
    let tags = pkce["properties"]["tags"].to_string();
    assert!(
        tags.contains("\"external/appexchange/appexchange-pkce\""),
        "{tags}"
    );
    assert_eq!(pkce["properties"]["controls"].as_array().unwrap().len(), 3);
}

/// A complete run without results, so that code scanning closes the alerts of the previous run.
#[test]
fn sarif_without_findings_is_complete() {
    let sandbox = Sandbox::with(&["sample"]);
    let log = sarif(&sandbox, &["sample/config"]);
    let run = &log["runs"][0];
    assert_eq!(run["results"], json!([]));
    // Nothing to check is not a pass, unless the user asks for that.
    assert_eq!(run["invocations"][0]["executionSuccessful"], json!(false));
    let log = sarif(&sandbox, &["sample/config", "--allow-empty"]);
    let run = &log["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], json!(true));
    let ids = |log: &Value| {
        let rules = log["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        rules
            .iter()
            .map(|rule| rule["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&log), ids(&sarif(&sandbox, &["sample"])));
    // A rule that is turned off is not in the list, or its alerts would stay open forever.
    let fewer = ids(&sarif(&sandbox, &["sample", "--ignore=pkce-required"]));
    assert!(fewer.len() < ids(&log).len() && fewer.contains(&json!("malformed-metadata")));
}

#[test]
fn errors_are_in_the_reports() {
    let sandbox = Sandbox::with(&["sample"]);
    let log = sarif(&sandbox, &["sample", "gone"]);
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], json!(false));
    let notification = &invocation["toolExecutionNotifications"][0];
    assert_eq!(notification["message"]["text"], "gone: does not exist");
    let outcome = sandbox
        .forcelint(["check", "sample", "gone", "--format=json"])
        .run();
    let errors = &outcome.expect(2).json()["errors"];
    assert_eq!(
        *errors,
        json!([{ "path": "gone", "message": "does not exist" }])
    );
}

/// `jq` and line-based tools expect one line with a line end.
#[test]
fn json_and_sarif_are_one_line() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    for format in ["json", "sarif"] {
        let check = sandbox.forcelint(["check", "bad-input", "--format", format]);
        let stdout = check.run().expect(1).stdout;
        assert!(stdout.ends_with("}\n"), "{stdout}");
        assert_eq!(stdout.matches('\n').count(), 1);
    }
}

fn contents(sandbox: &Sandbox, path: &str) -> String {
    let text = fs::read_to_string(sandbox.path(path)).unwrap();
    sandbox.normalized(&text)
}

#[test]
fn one_run_writes_several_reports() {
    let sandbox = Sandbox::with(&["sample"]);
    let single = |format: &str| {
        let format = format!("--format={format}");
        sandbox.forcelint(["check", "sample", &format]).run().stdout
    };
    let formats = [
        "--format=json=report.json",
        "--format=pretty",
        "--format=sarif=report.sarif",
        "--format=concise=report.txt",
    ];
    let all = ["check", "sample"].iter().chain(&formats);
    let outcome = sandbox.forcelint(all).run().expect(1);
    assert_eq!(outcome.stdout, single("pretty"));
    assert_eq!(contents(&sandbox, "report.json"), single("json"));
    assert_eq!(contents(&sandbox, "report.sarif"), single("sarif"));
    assert_eq!(contents(&sandbox, "report.txt"), single("concise"));
    // Files are in addition to what the terminal shows, unless the run is quiet.
    let check = ["check", "sample", formats[0]];
    let outcome = sandbox.forcelint(check).run().expect(1);
    assert_eq!(outcome.stdout, single("concise"));
    assert!(outcome.stderr.contains("forcelint: 2 critical"));
    let outcome = sandbox.forcelint(check.iter().chain(&["--quiet"])).run();
    assert_eq!(outcome.expect(1).stdout, "");
}

#[test]
fn report_replaces_the_file_and_keeps_its_permissions() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.write("out/report.json", "x".repeat(1_000_000));
    #[cfg(unix)]
    {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let mode = fs::Permissions::from_mode(0o640);
        fs::set_permissions(sandbox.path("out/report.json"), mode).unwrap();
        symlink("report.json", sandbox.path("out/link.json")).unwrap();
    }
    let name = if cfg!(unix) {
        "link.json"
    } else {
        "report.json"
    };
    let format = format!("--format=json=out/{name}");
    sandbox
        .forcelint(["check", "sample", &format])
        .run()
        .expect(1);
    let report: Value = serde_json::from_str(&contents(&sandbox, "out/report.json")).unwrap();
    assert_eq!(report["version"], 1);
    let files = fs::read_dir(sandbox.path("out")).unwrap().count();
    assert_eq!(
        files,
        if cfg!(unix) { 2 } else { 1 },
        "a temporary file stayed"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = fs::metadata(sandbox.path("out/report.json")).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
        assert!(
            fs::symlink_metadata(sandbox.path("out/link.json"))
                .unwrap()
                .is_symlink()
        );
    }
}

#[test]
fn unwritable_report_is_an_error() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.write("file", "");
    for target in ["gone/report.json", "sample", "file/report.json"] {
        let format = format!("--format=json={target}");
        let outcome = sandbox
            .forcelint(["check", "sample", &format])
            .run()
            .expect(2);
        let message = format!("cannot write `{target}`: ");
        assert!(outcome.stderr.contains(&message), "{outcome:?}");
    }
}

/// Files that are not regular are written in place, not replaced.
#[cfg(unix)]
#[test]
fn report_can_go_to_a_device_or_pipe() {
    use std::os::unix::fs::FileTypeExt as _;
    use std::process::Command;
    use std::thread;

    let sandbox = Sandbox::with(&["sample"]);
    sandbox
        .forcelint(["check", "sample", "--format=sarif=/dev/null"])
        .run()
        .expect(1);
    let null = fs::metadata("/dev/null").unwrap();
    assert!(null.file_type().is_char_device());

    let pipe = sandbox.path("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let reader = {
        let pipe = pipe.clone();
        thread::spawn(move || fs::read_to_string(pipe).unwrap())
    };
    let format = format!("--format=json={}", pipe.display());
    let outcome = sandbox
        .forcelint(["check", "sample", &format])
        .run()
        .expect(1);
    assert!(outcome.stdout.contains("critical[pkce-required]"));
    let report: Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(report["summary"]["findings"]["critical"], 2);
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

/// Secrets next to a finding.
const SECRETS: [&str; 5] = [
    "3MVG9.EXAMPLE.KEY.EXAMPLE.KEY.EXAMPLE.KEY",
    "EXAMPLE0SECRET0EXAMPLE0SECRET",
    "MIIEXAMPLEPRIVATEKEYEXAMPLEPRIVATEKEY",
    "hunter2hunter2",
    "EXAMPLE0OLD0SECRET",
];

fn app_with_secrets() -> String {
    let [key, secret, private, password, old] = SECRETS;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>App</label>
    <oauthConfig>
        <callbackUrl>myapp://user:{password}@host/</callbackUrl>
        <!-- was <consumerSecret>{old}</consumerSecret> -->
        <certificate>-----BEGIN PRIVATE KEY-----
{private}
-----END PRIVATE KEY-----</certificate>
        <consumerKey>{key}</consumerKey>
        <isPkceRequired>false</isPkceRequired> <consumerSecret>{secret}</consumerSecret>
    </oauthConfig>
</ConnectedApp>
"#
    )
}

#[track_caller]
fn assert_masked(outcome: &Outcome) {
    for secret in SECRETS {
        assert!(
            !outcome.stdout.contains(secret),
            "{secret}:\n{}",
            outcome.stdout
        );
        assert!(
            !outcome.stderr.contains(secret),
            "{secret}:\n{}",
            outcome.stderr
        );
    }
}

#[test]
fn secrets_are_masked_in_every_format() {
    let sandbox = Sandbox::new();
    let text = app_with_secrets();
    let flag = "<isPkceRequired>false</isPkceRequired>";
    let certificate = ("<certificate>", "</certificate>");
    sandbox.write("Whole.connectedApp", &text);
    sandbox.write("One_Line.connectedApp", text.replace('\n', " "));
    sandbox.write("No_Flag.connectedApp", text.replace(flag, ""));
    // Malformed in different places.
    sandbox.write("Cut.connectedApp", text.split("SECRET</").next().unwrap());
    sandbox.write("Broken.connectedApp", text.replace(flag, "<isPkceRequired"));
    sandbox.write("Unclosed.connectedApp", text.replace("</consumerKey>", ""));
    sandbox.write(
        "Comment.connectedApp",
        text.replace(certificate.0, "<!--")
            .replace(certificate.1, "-->"),
    );
    // As a value that a rule checks.
    let secret = format!("<consumerSecret>{}</consumerSecret>", SECRETS[1]);
    for value in [
        secret.as_str(),
        SECRETS[0],
        "https://user:hunter2hunter2@host/",
    ] {
        let name = format!("Value_{}.connectedApp", value.len());
        sandbox.write(name, text.replace(">false<", &format!(">{value}<")));
    }
    for format in FORMATS {
        let format = format!("--format={format}");
        let outcome = sandbox
            .with_every_rule(["check", ".", &format])
            .run()
            .expect(1);
        assert_masked(&outcome);
        for columns in ["40", "100"] {
            let check = sandbox
                .with_every_rule(["check", ".", &format])
                .env("COLUMNS", columns);
            assert_masked(&check.run().expect(1));
        }
    }
    // If these lines were not shown at all, masking would not be tested.
    let pretty = sandbox
        .with_every_rule(["check", ".", "--format=pretty", "--group=none"])
        .run();
    assert_masked(&pretty);
    let pretty = pretty.stdout;
    for masked in [
        "<consumerKey>[masked]</consumerKey>",
        "<consumerSecret>[masked]</consumerSecret>",
    ] {
        assert!(pretty.contains(masked), "{masked}:\n{pretty}");
    }
}

/// The key and the secret of the sample are on lines next to the finding of `Mobile_Portal`.
#[test]
fn secrets_of_the_sample_are_masked() {
    let sandbox = Sandbox::with(&["sample"]);
    let path = format!("sample/{APPS}/Mobile_Portal.connectedApp-meta.xml");
    let text = contents(&sandbox, &path);
    for element in ["consumerKey", "consumerSecret"] {
        let (_, rest) = text.split_once(&format!("<{element}>")).unwrap();
        let secret = rest.split('<').next().unwrap();
        for format in FORMATS {
            let format = format!("--format={format}");
            let outcome = sandbox
                .with_every_rule(["check", "sample", &format])
                .run()
                .expect(1);
            assert!(!outcome.stdout.contains(secret), "{secret} in {format}");
        }
    }
}

/// A patch must contain the changed line. Other lines with secrets are omitted.
#[test]
fn patch_warns_about_a_secret_next_to_the_change() {
    let sandbox = Sandbox::new();
    sandbox.write("App.connectedApp", app_with_secrets());
    let diff = |sandbox: &Sandbox| {
        let outcome = sandbox
            .forcelint(["check", ".", "--diff", "--fix=all"])
            .run()
            .expect(1);
        assert!(
            outcome.stdout.contains("+        <isPkceRequired>true"),
            "{outcome:?}"
        );
        outcome
    };
    let outcome = diff(&sandbox);
    assert!(outcome.stdout.contains(SECRETS[1]));
    assert!(
        outcome
            .stderr
            .contains("App.connectedApp contains a secret; do not share it"),
        "{outcome:?}"
    );
    let omitted = [SECRETS[0], SECRETS[2], SECRETS[3], SECRETS[4]];
    for secret in omitted {
        assert!(!outcome.stdout.contains(secret), "{}", outcome.stdout);
    }
    // A secret on a separate line is omitted, and no warning is needed.
    let text = app_with_secrets().replace("</isPkceRequired> <", "</isPkceRequired>\n<x/>\n<");
    sandbox.write("App.connectedApp", text);
    let outcome = diff(&sandbox);
    assert_masked(&outcome);
    assert!(!outcome.stderr.contains("secret"), "{outcome:?}");
}

/// A report depends only on the files, not on threads or the time.
#[test]
fn output_does_not_depend_on_threads() {
    let sandbox = Sandbox::with(&["sample", "gates", "bad-input"]);
    // These findings have the same path in the project, component and location, and differ only in
    // severity.
    for number in 0..150 {
        let project = format!("many/project_{number:03}");
        sandbox.write(format!("{project}/sfdx-project.json"), "{}");
        let callback = if number % 3 == 0 {
            "myapp://x"
        } else {
            "https://a.example/"
        };
        sandbox.write(format!("{project}/App.connectedApp"), app(callback));
    }
    for format in FORMATS {
        let format = format!("--format={format}");
        let run = |jobs: &str| {
            let check = sandbox.with_every_rule(["check", ".", &format, "--jobs", jobs]);
            let outcome = check.run();
            (outcome.stdout, outcome.stderr, outcome.code)
        };
        let expected = run("1");
        assert_eq!(expected.2, Some(2));
        // Findings are rendered in parts.
        if format == "--format=json" {
            let report: serde_json::Value = serde_json::from_str(&expected.0).unwrap();
            let findings = report["findings"].as_array().unwrap();
            assert!(findings.len() > 300);
            assert!(findings.is_sorted_by_key(|it| it["path"].as_str()));
        }
        for jobs in ["8", "8", "3", "0"] {
            assert_eq!(run(jobs), expected, "{format} --jobs {jobs}");
        }
    }
}

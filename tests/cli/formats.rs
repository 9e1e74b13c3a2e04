//! The reports that programs read, and where reports go.

use std::collections::BTreeSet;
use std::fs;

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::{APPS, Outcome, Sandbox, app, indented};

const FORMATS: [&str; 8] = [
    "pretty", "concise", "json", "sarif", "github", "gitlab", "junit", "markdown",
];

/// The rules' long texts are those of `explain`; the rest of the log is what GitHub makes alerts of.
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
fn the_sample_as_sarif() {
    let sandbox = Sandbox::with(&["sample"]);
    assert_snapshot!(indented(&without_texts(sarif(&sandbox, &["sample"]))));
}

#[test]
fn bad_input_as_sarif() {
    let sandbox = Sandbox::with(&["bad-input"]);
    sandbox.make_repository("");
    let log = sarif(&sandbox, &["bad-input", "bad-input/gone"]);
    let run = &log["runs"][0];
    let shown = json!({ "invocations": run["invocations"], "results": run["results"] });
    assert_snapshot!(indented(&shown));
}

/// The schema of the standard, as its authors publish it.
#[test]
fn sarif_follows_its_schema() {
    let schema = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/schemas/sarif-2.1.0.json"
    );
    // Two patterns in it are no regular expressions.
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
    // A log with a mistake has to fail, or the schema says nothing.
    let mut wrong = sarif(&sandbox, &["sample"]);
    wrong["runs"][0]["results"][0]["level"] = json!("severe");
    assert!(!validator.is_valid(&wrong));
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

/// What the standard leaves open and GitHub, or an editor, relies on.
#[test]
fn sarif_is_what_code_scanning_needs() {
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
                let place = &location["physicalLocation"];
                let uri = place["artifactLocation"]["uri"].as_str().unwrap();
                assert_eq!(place["artifactLocation"]["uriBaseId"], "%SRCROOT%");
                assert!(
                    !uri.starts_with('/') && !uri.contains(['\\', ' ', ':', '[', '<']),
                    "{uri}"
                );
                for key in ["startLine", "startColumn", "endLine", "endColumn"] {
                    assert!(place["region"][key].as_u64().unwrap() > 0);
                }
            }
        }
    }
}

/// One line, and a pair of UTF-16 units before the place.
#[test]
fn columns_count_in_each_format_as_it_says() {
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
    let place = format!("App.connectedApp:1:{}: ", characters + 1);
    assert!(concise.starts_with(&place), "{concise}");
}

/// One run with all rules, so that code scanning closes the alerts of the last.
#[test]
fn a_clean_run_is_a_whole_sarif_log() {
    let sandbox = Sandbox::with(&["sample"]);
    let log = sarif(&sandbox, &["sample/config"]);
    let run = &log["runs"][0];
    assert_eq!(run["results"], json!([]));
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
    // What is switched off is not among them, or its alerts would stay open for ever.
    let some = ids(&sarif(&sandbox, &["sample", "--ignore=pkce-required"]));
    assert!(some.len() < ids(&log).len() && some.contains(&json!("malformed-metadata")));
}

#[test]
fn what_could_not_be_read_is_in_the_reports() {
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

/// JSON and SARIF are one line each and end with one; `jq` and `cat` want no less.
#[test]
fn programs_read_one_line() {
    let sandbox = Sandbox::with(&["bad-input/hostile"]);
    for format in ["json", "sarif"] {
        let check = sandbox.forcelint(["check", "bad-input", "--format", format]);
        let stdout = check.run().expect(1).stdout;
        assert!(stdout.ends_with("}\n"), "{stdout}");
        assert_eq!(stdout.matches('\n').count(), 1);
    }
}

fn contents(sandbox: &Sandbox, path: &str) -> String {
    fs::read_to_string(sandbox.path(path)).unwrap()
}

#[test]
fn several_reports_of_one_run() {
    let sandbox = Sandbox::with(&["sample"]);
    let alone = |format: &str| {
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
    assert_eq!(outcome.stdout, alone("pretty"));
    assert_eq!(contents(&sandbox, "report.json"), alone("json"));
    assert_eq!(contents(&sandbox, "report.sarif"), alone("sarif"));
    assert_eq!(contents(&sandbox, "report.txt"), alone("concise"));
    // If each names a file, stdout is empty.
    let outcome = sandbox
        .forcelint(["check", "sample", formats[0]])
        .run()
        .expect(1);
    assert_eq!(outcome.stdout, "");
    assert!(outcome.stderr.contains("forcelint: 3 critical"));
}

#[test]
fn a_report_replaces_the_last_one_and_keeps_its_permissions() {
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
    let left = fs::read_dir(sandbox.path("out")).unwrap().count();
    assert_eq!(
        left,
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
fn a_report_that_cannot_be_written_is_a_failure() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.write("file", "");
    for target in ["gone/report.json", "sample", "file/report.json"] {
        let format = format!("--format=json={target}");
        let outcome = sandbox
            .forcelint(["check", "sample", &format])
            .run()
            .expect(2);
        let told = format!("cannot write `{target}`: ");
        assert!(outcome.stderr.contains(&told), "{outcome:?}");
    }
}

/// What is no regular file is written to, and still is what it was.
#[cfg(unix)]
#[test]
fn the_null_device_and_pipes_as_files() {
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
    assert_eq!(outcome.stdout, "");
    let report: Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
    assert_eq!(report["summary"]["findings"]["critical"], 3);
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

/// A consumer key, a consumer secret and a private key next to what is found.
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
    let whole = app_with_secrets();
    let flag = "<isPkceRequired>false</isPkceRequired>";
    let certificate = ("<certificate>", "</certificate>");
    sandbox.write("Whole.connectedApp", &whole);
    sandbox.write("One_Line.connectedApp", whole.replace('\n', " "));
    sandbox.write("No_Flag.connectedApp", whole.replace(flag, ""));
    // Not well-formed, each at another place.
    sandbox.write("Cut.connectedApp", whole.split("SECRET</").next().unwrap());
    sandbox.write(
        "Broken.connectedApp",
        whole.replace(flag, "<isPkceRequired"),
    );
    sandbox.write("Unclosed.connectedApp", whole.replace("</consumerKey>", ""));
    sandbox.write(
        "Comment.connectedApp",
        whole
            .replace(certificate.0, "<!--")
            .replace(certificate.1, "-->"),
    );
    // As the value that is judged.
    let secret = format!("<consumerSecret>{}</consumerSecret>", SECRETS[1]);
    for value in [
        secret.as_str(),
        SECRETS[0],
        "https://user:hunter2hunter2@host/",
    ] {
        let name = format!("Value_{}.connectedApp", value.len());
        sandbox.write(name, whole.replace(">false<", &format!(">{value}<")));
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
    // Were nothing shown of those lines, nothing could be masked.
    let pretty = sandbox
        .with_every_rule(["check", ".", "--format=pretty"])
        .run()
        .stdout;
    for masked in [
        "<consumerKey>[masked]</consumerKey>",
        "<consumerSecret>[masked]</consumerSecret>",
    ] {
        assert!(pretty.contains(masked), "{masked}:\n{pretty}");
    }
}

/// The key and the secret of the sample stand where the finding of `Mobile_Portal` could show them.
#[test]
fn the_secrets_of_the_sample_are_masked() {
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

/// A patch has to have the line that it changes. The lines around it can do without secrets.
#[test]
fn a_patch_shows_a_secret_only_where_it_must_and_says_so() {
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
            .contains("App.connectedApp contains a secret next to the change"),
        "{outcome:?}"
    );
    let spared = [SECRETS[0], SECRETS[2], SECRETS[3], SECRETS[4]];
    for secret in spared {
        assert!(!outcome.stdout.contains(secret), "{}", outcome.stdout);
    }
    // On a line of its own it is left out, and there is nothing to say.
    let text = app_with_secrets().replace("</isPkceRequired> <", "</isPkceRequired>\n<x/>\n<");
    sandbox.write("App.connectedApp", text);
    let outcome = diff(&sandbox);
    assert_masked(&outcome);
    assert!(!outcome.stderr.contains("secret"), "{outcome:?}");
}

/// What a run says depends on the files alone: not on threads, and not on the day.
#[test]
fn the_number_of_threads_changes_nothing() {
    let sandbox = Sandbox::with(&["sample", "gates", "bad-input"]);
    // Same path in the project, same component, same place: only the severity tells them apart.
    for number in 0..40 {
        let project = format!("many/project_{number:02}");
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
        let once = run("1");
        assert_eq!(once.2, Some(2));
        for jobs in ["8", "8", "3", "0"] {
            assert_eq!(run(jobs), once, "{format} --jobs {jobs}");
        }
    }
}

//! Every means that can hide a finding, and what the terminal, JSON, SARIF and Markdown report about it.
//!
//! A key of the config or an option of `check` that [`KEYS`] and [`OPTIONS`] do not classify fails a
//! test, so that a new one cannot suppress findings silently.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::repository::{CONFIDENTIAL, Repository, git_command};
use crate::support::{Sandbox, app, found, project_with};

/// Whether a key or an option can keep a finding out of a report.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It can. [`MEANS`] has an example.
    Hides,
    /// It cannot: it adds findings, changes only how a report looks, or only explains another key.
    HidesNothing,
}
use Effect::{Hides, HidesNothing};

/// The keys of `forcelint.toml`.
const KEYS: [(&str, Effect); 16] = [
    ("select", Hides),
    ("ignore", Hides),
    ("exclude", Hides),
    // An own rule cannot have the id of a built-in one.
    ("rule-paths", HidesNothing),
    ("min-severity", Hides),
    ("fail-on", Hides),
    ("fail-on-unchecked", HidesNothing),
    ("baseline", Hides),
    ("rules", Hides),
    ("exception", Hides),
    ("exception.rule", HidesNothing),
    ("exception.component", Hides),
    ("exception.path", Hides),
    ("exception.reason", HidesNothing),
    ("exception.expires", HidesNothing),
    ("exception.owner", HidesNothing),
];

/// The options of `check`.
const OPTIONS: [(&str, Effect); 33] = [
    ("--fix", HidesNothing),
    ("--diff", HidesNothing),
    ("--format", HidesNothing),
    ("--select", Hides),
    ("--ignore", Hides),
    ("--min-severity", Hides),
    ("--fail-on", Hides),
    ("--fail-on-unchecked", HidesNothing),
    ("--baseline", Hides),
    ("--no-baseline", HidesNothing),
    ("--config", Hides),
    ("--show-config", HidesNothing),
    ("--show-suppressed", HidesNothing),
    ("--since", Hides),
    ("--staged", Hides),
    // The text comes from the caller, as the paths do.
    ("--stdin-filename", HidesNothing),
    ("--force-exclude", Hides),
    // They allow what would be an error.
    ("--allow-outside", HidesNothing),
    ("--allow-empty", HidesNothing),
    ("--show-skipped", HidesNothing),
    ("--timings", HidesNothing),
    // What it changes is shown below and in `audit.rs`.
    ("--audit", HidesNothing),
    // It removes the summary from the terminal. The reports keep theirs.
    ("--quiet", HidesNothing),
    ("--repository", HidesNothing),
    // They change the list on the terminal, which reports how many findings it does not have.
    ("--group", HidesNothing),
    ("--max-findings", HidesNothing),
    ("--statistics", HidesNothing),
    ("--verbose", HidesNothing),
    ("--color", HidesNothing),
    ("--jobs", HidesNothing),
    ("--help", HidesNothing),
    ("--version", HidesNothing),
    ("PATH", HidesNothing),
];

/// What a means of hiding does to a report.
enum Answer {
    /// The finding is not in the report, which reports how it was hidden.
    Hidden {
        terminal: &'static str,
        /// A pointer into the JSON report, and the value there.
        json: (&'static str, Value),
        sarif: &'static str,
        markdown: &'static str,
    },
    /// The finding is shown. Only the exit status is 0.
    Shown {
        terminal: &'static str,
        json: (&'static str, Value),
    },
    /// It has no effect.
    NoEffect,
    /// The run fails with this error.
    Error(&'static str),
}

struct Means {
    name: &'static str,
    /// The keys and options that it is an example of.
    of: &'static [&'static str],
    /// Changes the project, in which the app `A` has a finding.
    arrange: fn(&Sandbox),
    arguments: &'static [&'static str],
    answer: Answer,
}

const PATH: &str = "force-app/A.connectedApp";

fn config(sandbox: &Sandbox, text: &str) {
    sandbox.write("forcelint.toml", text);
}

fn nothing(_: &Sandbox) {}

fn exception(sandbox: &Sandbox, keys: &str) {
    let text = format!("[[exception]]\nrule = \"pkce-required\"\nreason = \"known\"\n{keys}\n");
    config(sandbox, &text);
}

fn record_baseline(sandbox: &Sandbox) {
    sandbox.with_every_rule(["baseline"]).run().expect(0);
    fs::remove_file(sandbox.path("force-app/B.connectedApp")).unwrap();
}

fn project(sandbox: &Sandbox, keys: &str) {
    let text = format!("{{ \"packageDirectories\": [{{ \"path\": \"force-app\" }}], {keys} }}");
    sandbox.write("sfdx-project.json", text);
}

fn off(by: &str, line: u64) -> Value {
    json!([{ "rule": "pkce-required", "by": by, "line": line }])
}

fn accepted() -> Answer {
    Answer::Hidden {
        terminal: "suppressed: 1 by exceptions (accepted)",
        json: ("/summary/suppressed/exception", json!(1)),
        sarif: "suppressed: 1 by exceptions (accepted).",
        markdown: "- suppressed: 1 by exceptions (accepted)",
    }
}

fn in_baseline() -> Answer {
    Answer::Hidden {
        terminal: "by the baseline (not reviewed)",
        json: ("/summary/suppressed/exception", json!(0)),
        sarif: "by the baseline (not reviewed).",
        markdown: "by the baseline (not reviewed)",
    }
}

fn skipped(reason: &'static str, pointer: &'static str) -> Answer {
    Answer::Hidden {
        terminal: reason,
        json: (pointer, json!(1)),
        sarif: reason,
        markdown: "- skipped: 1 file",
    }
}

fn rules_off(by: &str, line: u64) -> Answer {
    Answer::Hidden {
        terminal: "rules off: 1 by forcelint.toml (`pkce-required`)",
        json: ("/disabled_rules", off(by, line)),
        sarif: "rules off: 1 by forcelint.toml ('pkce-required').",
        markdown: "- rules off: 1 by forcelint.toml (`pkce-required`)",
    }
}

/// Every means, apart from links, which another issue rebuilds with discovery.
fn means() -> Vec<Means> {
    [of_config(), of_command_line(), of_files(), of_project()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_config() -> Vec<Means> {
    vec![
        Means {
            name: "`ignore` in the config",
            of: &["ignore"],
            arrange: |it| config(it, "ignore = [\"pkce-required\"]"),
            arguments: &[],
            answer: rules_off("ignore", 1),
        },
        Means {
            name: "a rule that is off",
            of: &["rules"],
            arrange: |it| config(it, "[rules]\npkce-required = \"off\""),
            arguments: &[],
            answer: rules_off("rules", 2),
        },
        Means {
            name: "`select` in the config",
            of: &["select"],
            arrange: |it| config(it, "select = [\"hsts\"]"),
            arguments: &[],
            answer: Answer::Hidden {
                terminal: " more)",
                json: ("/disabled_rules/0/by", json!("select")),
                sarif: "rules off: ",
                markdown: "- rules off: ",
            },
        },
        Means {
            name: "a severity that is below the lowest shown one",
            of: &["rules"],
            arrange: |it| config(it, "[rules]\npkce-required = \"info\""),
            arguments: &[],
            answer: Answer::Hidden {
                terminal: "rules lowered: 1 by forcelint.toml (`pkce-required` from critical to info)",
                json: (
                    "/lowered_rules",
                    json!([{ "rule": "pkce-required", "severity": "info", "highest": "critical", "line": 2 }]),
                ),
                sarif: "rules lowered: 1 by forcelint.toml ('pkce-required' from critical to info).",
                markdown: "- rules lowered: 1 by forcelint.toml (`pkce-required` from critical to info)",
            },
        },
        Means {
            name: "`min-severity` in the config",
            of: &["min-severity"],
            arrange: |it| config(it, "min-severity = \"critical\""),
            arguments: &["--select=pkce-required"],
            answer: Answer::Hidden {
                terminal: "not shown: 2 high below `--min-severity critical`; 2 of them fail the run (show \
                           them with `--min-severity high`)\n",
                json: ("/summary/not_shown/failing", json!(2)),
                sarif: "weaker settings: 'min-severity' is 'critical' by forcelint.toml (default: 'low').",
                markdown: "- not shown: 2 high below `--min-severity critical`; 2 of them fail the run",
            },
        },
        Means {
            name: "`fail-on` in the config",
            of: &["fail-on"],
            arrange: |it| config(it, "fail-on = \"never\""),
            arguments: &[],
            answer: Answer::Shown {
                terminal: "weaker settings: `fail-on` is `never` by forcelint.toml (default: `low`)",
                json: (
                    "/weaker_settings",
                    json!([{ "setting": "fail-on", "value": "never", "default": "low", "source": "config" }]),
                ),
            },
        },
        Means {
            name: "`exclude`",
            of: &["exclude"],
            arrange: |it| config(it, "exclude = [\"A.*\"]"),
            arguments: &[],
            answer: skipped("skipped: 1 file or folder (", "/summary/skipped/exclude"),
        },
        Means {
            name: "an exception for a component",
            of: &["exception", "exception.component"],
            arrange: |it| exception(it, "component = \"ConnectedApp:A\""),
            arguments: &[],
            answer: accepted(),
        },
        Means {
            name: "an exception for a path, below the lowest shown severity",
            of: &["exception.path"],
            arrange: |it| exception(it, "path = \"A.*\""),
            arguments: &["--min-severity=critical"],
            answer: accepted(),
        },
        Means {
            name: "an expired exception",
            of: &["exception"],
            arrange: |it| exception(it, "component = \"ConnectedApp:A\"\nexpires = 2020-01-01"),
            arguments: &[],
            answer: Answer::NoEffect,
        },
        Means {
            name: "the baseline of the config",
            of: &["baseline"],
            arrange: |it| {
                record_baseline(it);
                config(it, "baseline = \"forcelint-baseline.json\"");
            },
            arguments: &[],
            answer: in_baseline(),
        },
        Means {
            name: "the baseline, and the file was moved",
            of: &["baseline"],
            arrange: |it| {
                record_baseline(it);
                config(it, "baseline = \"forcelint-baseline.json\"");
                let text = fs::read(it.path(PATH)).unwrap();
                fs::remove_file(it.path(PATH)).unwrap();
                it.write("force-app/moved/A.connectedApp", text);
            },
            arguments: &[],
            answer: in_baseline(),
        },
        Means {
            name: "an own rule with the id of a built-in one",
            of: &["rule-paths"],
            arrange: |it| {
                let rule = "id = \"pkce-required\"\ntitle = \"x\"\nseverity = \"info\"\nhelp = \"x\"\n\
                    url = \"https://a.example\"\n\
                    [[check]]\nmetadata = \"ConnectedApp\"\nrequire = { field = \"label\", exists = true }\n\
                    message = \"x\"\n";
                it.write("rules/pkce-required.toml", rule);
                config(it, "rule-paths = [\"rules\"]");
            },
            arguments: &[],
            answer: Answer::Error("duplicate rule id `pkce-required`"),
        },
    ]
}

fn of_command_line() -> Vec<Means> {
    vec![
        Means {
            name: "`--select`",
            of: &["--select"],
            arrange: nothing,
            arguments: &["--select=hsts,callback-insecure"],
            answer: Answer::Hidden {
                terminal: "rules limited by: `--select hsts,callback-insecure`",
                json: ("/command_line/select", json!(["hsts", "callback-insecure"])),
                sarif: "rules limited by: '--select hsts,callback-insecure'.",
                markdown: "- rules limited by: `--select hsts,callback-insecure`",
            },
        },
        Means {
            name: "`--ignore`",
            of: &["--ignore"],
            arrange: nothing,
            arguments: &["--ignore=pkce-required"],
            answer: Answer::Hidden {
                terminal: "rules limited by: `--ignore pkce-required`",
                json: ("/command_line/ignore", json!(["pkce-required"])),
                sarif: "rules limited by: '--ignore pkce-required'.",
                markdown: "- rules limited by: `--ignore pkce-required`",
            },
        },
        Means {
            name: "`--min-severity`",
            of: &["--min-severity"],
            arrange: nothing,
            arguments: &["--select=pkce-required", "--min-severity=critical"],
            answer: Answer::Hidden {
                terminal: "not shown: 2 high below `--min-severity critical`; 2 of them fail the run",
                json: ("/summary/not_shown/findings/high", json!(2)),
                sarif: "not shown: 2 high below '--min-severity critical'; 2 of them fail the run",
                markdown: "- not shown: 2 high below `--min-severity critical`; 2 of them fail the run",
            },
        },
        Means {
            name: "`--fail-on`",
            of: &["--fail-on"],
            arrange: nothing,
            arguments: &["--fail-on=critical"],
            answer: Answer::Shown {
                terminal: "weaker settings: `fail-on` is `critical` by the command line",
                json: ("/weaker_settings/0/source", json!("command-line")),
            },
        },
        Means {
            name: "`--baseline`",
            of: &["--baseline"],
            arrange: record_baseline,
            arguments: &["--baseline=forcelint-baseline.json"],
            answer: in_baseline(),
        },
        Means {
            name: "`--config`",
            of: &["--config"],
            arrange: |it| it.write("../other.toml", "ignore = [\"pkce-required\"]"),
            arguments: &["--config=../other.toml"],
            answer: Answer::Hidden {
                terminal: "rules off: 1 by other.toml (`pkce-required`)",
                json: ("/disabled_rules", off("ignore", 1)),
                sarif: "rules off: 1 by other.toml ('pkce-required').",
                markdown: "- rules off: 1 by other.toml (`pkce-required`)",
            },
        },
        Means {
            name: "`--force-exclude`",
            of: &["--force-exclude"],
            arrange: |it| it.write(".forceignore", "**/A.*\n"),
            arguments: &["--force-exclude", PATH, "force-app/B.connectedApp"],
            answer: skipped("skipped: 1 file (", "/summary/skipped/forceignore"),
        },
    ]
}

fn of_files() -> Vec<Means> {
    let malformed = || Answer::Hidden {
        terminal: "high",
        json: ("/findings/0/rule", json!("malformed-metadata")),
        sarif: "malformed-metadata",
        markdown: "malformed-metadata",
    };
    vec![
        Means {
            name: "a comment in the file",
            of: &[],
            arrange: |it| {
                let comment =
                    "<!-- forcelint-ignore pkce-required: a test app -->\n    <oauthConfig>";
                let text = app("https://portal.acme.example/callback");
                it.write(PATH, text.replace("<oauthConfig>", comment));
            },
            arguments: &[],
            answer: Answer::Hidden {
                terminal: "suppressed: 1 by comments (accepted)",
                json: ("/summary/suppressed/inline", json!(1)),
                sarif: "suppressed: 1 by comments (accepted).",
                markdown: "- suppressed: 1 by comments (accepted)",
            },
        },
        Means {
            name: "`.forceignore`",
            of: &[],
            arrange: |it| it.write(".forceignore", "**/A.*\n"),
            arguments: &[],
            answer: skipped(
                "skipped: 1 file (.forceignore)",
                "/summary/skipped/forceignore",
            ),
        },
        Means {
            name: "`.gitignore`",
            of: &[],
            arrange: |it| {
                let init = git_command(&it.root).args(["init", "--quiet"]).status();
                assert!(init.unwrap().success());
                it.write(".gitignore", "A.*\n");
            },
            arguments: &[],
            answer: skipped(
                "skipped: 1 file or folder (.gitignore)",
                "/summary/skipped/gitignore",
            ),
        },
        Means {
            name: "more levels than forcelint reads",
            of: &[],
            arrange: |it| {
                let deep = format!("{}{}</ConnectedApp>", "<a>".repeat(70), "</a>".repeat(70));
                let text = app("https://portal.acme.example/callback");
                it.write(PATH, text.replace("</ConnectedApp>", &deep));
            },
            arguments: &[],
            answer: malformed(),
        },
        Means {
            name: "a malformed file",
            of: &[],
            arrange: |it| it.write(PATH, "<ConnectedApp>"),
            arguments: &["--min-severity=critical"],
            answer: malformed(),
        },
        Means {
            name: "a foreign namespace",
            of: &[],
            arrange: |it| it.write_app("force-app/other__A.connectedApp"),
            arguments: &[],
            answer: Answer::NoEffect,
        },
        Means {
            name: "a config in a nested project",
            of: &[],
            arrange: |it| {
                it.write("force-app/inner/sfdx-project.json", "{}");
                it.write(
                    "force-app/inner/forcelint.toml",
                    "ignore = [\"pkce-required\"]",
                );
                fs::rename(it.path(PATH), it.path("force-app/inner/A.connectedApp")).unwrap();
            },
            arguments: &[],
            answer: Answer::NoEffect,
        },
    ]
}

fn of_project() -> Vec<Means> {
    vec![
        Means {
            name: "`replacements`",
            of: &[],
            arrange: |it| {
                project(
                    it,
                    "\"replacements\": [{ \"glob\": \"**\", \"stringToReplace\": \"false\", \
                     \"replaceWithEnv\": \"X\" }]",
                );
                let flag = "<isPkceRequired>false</isPkceRequired></oauthConfig>";
                let text = app("https://portal.acme.example/callback");
                it.write(PATH, text.replace("</oauthConfig>", flag));
            },
            arguments: &["--select=pkce-required"],
            answer: Answer::Hidden {
                terminal: "not checked: 1 rule in 1 component",
                json: ("/summary/not_checked/0/path", json!(PATH)),
                sarif: "pkce-required was not checked for ConnectedApp:A: ",
                markdown: "Not checked (1)",
            },
        },
        Means {
            name: "an old API version",
            of: &[],
            arrange: |it| project(it, "\"sourceApiVersion\": \"50.0\""),
            arguments: &[],
            answer: Answer::NoEffect,
        },
        Means {
            name: "the policies of an External Client App in another package directory",
            of: &[],
            arrange: |it| {
                let directories =
                    r#"{ "packageDirectories": [{ "path": "force-app" }, { "path": "org" }] }"#;
                it.write("sfdx-project.json", directories);
                it.write(
                    SETTINGS,
                    eca(
                        "GlobalOauthSettings",
                        "<isPkceRequired>false</isPkceRequired>",
                    ),
                );
                it.write(
                    POLICIES,
                    eca("ConfigurablePolicies", "<isEnabled>false</isEnabled>"),
                );
                fs::remove_file(it.path(PATH)).unwrap();
            },
            arguments: &["--select=pkce-required"],
            answer: Answer::Hidden {
                terminal: "  `pkce-required` of ExtlClntAppGlobalOauthSettings:A is info, because of \
                           org/main/A.ecaPlcy-meta.xml in another package directory\n",
                json: (
                    "/summary/not_shown/decided_elsewhere/0/paths",
                    json!([POLICIES]),
                ),
                sarif: "because of org/main/A.ecaPlcy-meta.xml in another package directory",
                markdown: "is info, because of org/main/A.ecaPlcy-meta.xml in another package directory",
            },
        },
        Means {
            name: "a disabled app in the same package directory",
            of: &[],
            arrange: |it| {
                it.write(
                    SETTINGS,
                    eca(
                        "GlobalOauthSettings",
                        "<isPkceRequired>false</isPkceRequired>",
                    ),
                );
                let policies = eca("ConfigurablePolicies", "<isEnabled>false</isEnabled>");
                it.write("force-app/main/A.ecaPlcy-meta.xml", policies);
                fs::remove_file(it.path(PATH)).unwrap();
            },
            arguments: &["--select=pkce-required"],
            answer: Answer::Hidden {
                terminal: "not shown: 1 info below `--min-severity low` (show them with `--min-severity info`)",
                json: ("/summary/not_shown/findings/info", json!(1)),
                sarif: "not shown: 1 info below '--min-severity low'",
                markdown: "- not shown: 1 info below `--min-severity low`",
            },
        },
    ]
}

const SETTINGS: &str = "force-app/main/A.ecaGlblOauth-meta.xml";
const POLICIES: &str = "org/main/A.ecaPlcy-meta.xml";

/// A file of the External Client App `A`.
fn eca(kind: &str, elements: &str) -> String {
    format!(
        "<ExtlClntApp{kind} xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n\
         <externalClientApplication>A</externalClientApplication>\n{elements}\n</ExtlClntApp{kind}>\n"
    )
}

/// The names of the components with a finding of `pkce-required`.
fn has_finding(report: &Value) -> bool {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.any(|it| {
        it["rule"] == "pkce-required" && it["component"]["name"].as_str().unwrap().ends_with('A')
    })
}

#[test]
fn every_means_of_hiding_is_reported() {
    for means in means() {
        // The project is in a folder, so that a config can be outside it.
        let outer = Sandbox::new();
        let mut sandbox = project_with(&["A", "B"]);
        let inner = outer.path("project");
        copy(&sandbox.root, &inner);
        sandbox.root = inner;
        (means.arrange)(&sandbox);
        let formats = ["--format=json", "--format=sarif=s", "--format=markdown=m"];
        let arguments = ["check"].iter().chain(&formats).chain(means.arguments);
        let outcome = sandbox
            .with_every_rule(arguments)
            .env("SOURCE_DATE_EPOCH", "1795305600")
            .run();
        let name = means.name;
        let report = || outcome.json();
        let at = |(pointer, value): &(&str, Value)| {
            let report = report();
            assert_eq!(report.pointer(pointer), Some(value), "{name}: {report}");
        };
        match &means.answer {
            Answer::Hidden {
                terminal,
                json,
                sarif,
                markdown,
            } => {
                assert!(!has_finding(&report()), "{name}: {outcome:?}");
                assert!(
                    outcome.stderr.contains(terminal),
                    "{name}: {}",
                    outcome.stderr
                );
                at(json);
                let read = |file| fs::read_to_string(sandbox.path(file)).unwrap();
                let (in_sarif, in_markdown) = (read("s"), read("m"));
                assert!(in_sarif.contains(sarif), "{name}: {in_sarif}");
                assert!(in_markdown.contains(markdown), "{name}: {in_markdown}");
            }
            Answer::Shown { terminal, json } => {
                assert!(has_finding(&report()), "{name}: {outcome:?}");
                assert_eq!(outcome.code, Some(0), "{name}");
                assert!(
                    outcome.stderr.contains(terminal),
                    "{name}: {}",
                    outcome.stderr
                );
                at(json);
            }
            Answer::NoEffect => {
                assert!(has_finding(&report()), "{name}: {outcome:?}");
                assert_eq!(outcome.code, Some(1), "{name}");
            }
            Answer::Error(message) => {
                assert_eq!(outcome.code, Some(2), "{name}");
                assert!(
                    outcome.stderr.contains(message),
                    "{name}: {}",
                    outcome.stderr
                );
            }
        }
    }
}

/// In an audit, nothing in the repository hides a finding: it is reported, or what makes it unknown fails the
/// run.
#[test]
fn nothing_in_the_repository_hides_a_finding_from_an_audit() {
    for means in [of_config(), of_files(), of_project()]
        .into_iter()
        .flatten()
    {
        let sandbox = project_with(&["A", "B"]);
        (means.arrange)(&sandbox);
        let outcome = sandbox
            .with_every_rule(["check", "--audit", "--format=json"])
            .env("SOURCE_DATE_EPOCH", "1795305600")
            .run();
        let report = outcome.json();
        let is_unknown = || {
            let unknown = report["summary"]["not_checked"].as_array().unwrap();
            unknown.iter().any(|it| it["component"]["name"] == "A")
        };
        let is_malformed = report["findings"][0]["rule"] == "malformed-metadata";
        let name = means.name;
        assert!(
            has_finding(&report) || is_malformed || is_unknown(),
            "{name}: {report}"
        );
        assert_eq!(outcome.code, Some(1), "{name}: {report}");
    }
}

/// A copy of a project.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn every_key_and_option_is_classified() {
    let sandbox = Sandbox::new();
    let schema = sandbox.with_every_rule(["config", "schema"]).run().json();
    let keys = |pointer: &str| {
        let keys = schema.pointer(pointer).unwrap().as_object().unwrap();
        keys.keys().cloned().collect::<Vec<_>>()
    };
    let mut all: BTreeSet<String> = keys("/properties").into_iter().collect();
    let of_exception = keys("/$defs/ExceptionTable/properties").into_iter();
    all.extend(of_exception.map(|key| format!("exception.{key}")));
    let classified: BTreeSet<String> = KEYS.iter().map(|(key, _)| (*key).to_owned()).collect();
    assert_eq!(all, classified, "classify each key in KEYS");

    let help = sandbox.with_every_rule(["check", "--help"]).run().stdout;
    let option = regex::Regex::new(r"(?m)^ +(?:-\w, )?(--[a-z-]+)").unwrap();
    let options = option.captures_iter(&help).map(|it| it[1].to_owned());
    let mut options: BTreeSet<String> = options.collect();
    options.insert("PATH".to_owned());
    // clap adds these where they apply.
    options.extend(["--help".to_owned(), "--version".to_owned()]);
    let classified: BTreeSet<String> = OPTIONS.iter().map(|(it, _)| (*it).to_owned()).collect();
    assert_eq!(options, classified, "classify each option in OPTIONS");
}

/// `--since` and `--staged` have their own tests, in `since.rs`, `staged.rs` and below.
#[test]
fn every_key_and_option_that_hides_has_an_example() {
    let means = means();
    let examples: BTreeSet<&str> = means.iter().flat_map(|it| it.of).copied().collect();
    for (name, effect) in KEYS.iter().chain(&OPTIONS) {
        let is_tested = examples.contains(name) || ["--since", "--staged"].contains(name);
        assert!(
            *effect == HidesNothing || is_tested,
            "{name} has no example"
        );
    }
}

#[test]
fn a_run_about_changes_is_reported_as_one() {
    let repository = Repository::empty();
    repository.app("A", CONFIDENTIAL);
    repository.commit();
    repository.app("B", CONFIDENTIAL);
    repository.git(["add", "--all"]);
    for option in ["--since=HEAD", "--staged"] {
        let formats = ["--format=json", "--format=sarif=s", "--format=markdown=m"];
        let arguments = ["check", option].into_iter().chain(formats);
        let outcome = repository
            .sandbox
            .with_every_rule(arguments)
            .run()
            .expect(1);
        assert!(!has_finding(&outcome.json()), "{outcome:?}");
        let compared = outcome.json()["summary"]["compared"].to_string();
        assert!(compared.len() > 4, "{compared}");
        for file in ["s", "m"] {
            let text = fs::read_to_string(repository.path(file)).unwrap();
            assert!(text.contains("compared: "), "{text}");
        }
        assert!(outcome.stderr.contains("compared: "), "{outcome:?}");
    }
}

/// Only an exclude can suppress a finding about a malformed file.
#[test]
fn malformed_files_cannot_be_hidden() {
    let sandbox = project_with(&[]);
    let comment = "<!-- forcelint-ignore malformed-metadata: known -->";
    sandbox.write(PATH, format!("{comment}\n<ConnectedApp><label>"));
    let run = |arguments: &[&str]| {
        let all = ["check", "--format=json"].iter().chain(arguments);
        sandbox.with_every_rule(all).run()
    };
    let finding = |arguments: &[&str]| {
        let outcome = run(arguments).expect(1);
        let report = outcome.json();
        assert_eq!(
            report["findings"][0]["rule"], "malformed-metadata",
            "{report}"
        );
        report["findings"][0]["fingerprint"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for arguments in [
        &[][..],
        &["--ignore=malformed-metadata"],
        &["--select=callback-insecure"],
        &["--min-severity=critical"],
    ] {
        finding(arguments);
    }
    let keys = ["component = \"ConnectedApp:A\"", "path = \"**\""];
    let exceptions = keys.map(|keys| {
        format!("[[exception]]\nrule = \"malformed-metadata\"\nreason = \"known\"\n{keys}\n")
    });
    let others = [
        "ignore = [\"malformed-metadata\"]",
        "[rules]\nmalformed-metadata = \"off\"",
        "[rules]\nmalformed-metadata = \"info\"",
    ];
    for text in exceptions.iter().map(String::as_str).chain(others) {
        config(&sandbox, text);
        let error = run(&[]).expect(2).stderr;
        assert!(error.contains("cannot be changed or suppressed"), "{error}");
    }
    config(
        &sandbox,
        "ignore = [\"metadata\"]\nmin-severity = \"critical\"",
    );
    let fingerprint = finding(&[]);
    // The program does not record it, but a file can be written by hand.
    sandbox.write(
        "baseline.json",
        format!(
            "{{\"version\": 1, \"findings\": [{{\"component\": \"ConnectedApp:A\", \"rule\": \
             \"malformed-metadata\", \"severity\": \"critical\", \"fingerprint\": \"{fingerprint}\"}}]}}"
        ),
    );
    finding(&["--baseline=baseline.json"]);
    config(&sandbox, "exclude = [\"A.*\"]");
    let report = run(&[]).json();
    assert_eq!(report["findings"], json!([]));
    assert_eq!(report["summary"]["skipped"]["exclude"], 1);
}

#[test]
fn what_is_not_checked_can_fail_the_run() {
    let sandbox = project_with(&[]);
    project(
        &sandbox,
        "\"replacements\": [{ \"glob\": \"**\", \"stringToReplace\": \"false\", \"replaceWithEnv\": \"X\" }]",
    );
    let flag = "<isPkceRequired>false</isPkceRequired></oauthConfig>";
    let text = app("https://portal.acme.example/callback");
    sandbox.write(PATH, text.replace("</oauthConfig>", flag));
    let run = |arguments: &[&str]| {
        let formats = [
            "--format=json",
            "--format=sarif=sarif",
            "--format=markdown=markdown",
            "--format=junit=junit",
            "--format=gitlab=gitlab",
            "--format=github=github",
            "--format=html=html",
        ];
        let all = ["check", "--select=pkce-required"].iter().chain(&formats);
        sandbox.with_every_rule(all.chain(arguments)).run()
    };
    let contains = |file: &str, text: &str| {
        let report = fs::read_to_string(sandbox.path(file)).unwrap();
        assert!(report.contains(text), "{file}: {report}");
    };
    let json = run(&[]).expect(0).json();
    assert_eq!(json["summary"]["not_checked"][0]["rule"], "pkce-required");
    contains(
        "sarif",
        "\"level\":\"warning\",\"message\":{\"text\":\"pkce-required was not checked for ",
    );
    contains(
        "markdown",
        "## ⚠️ forcelint: no findings; 1 rule not checked",
    );
    contains("junit", "<skipped message=\"`replacements`");
    contains(
        "junit",
        "name=\"pkce-required\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"1\"",
    );
    contains("gitlab", "\"severity\":\"info\"");
    contains("github", "::warning title=forcelint%3A not checked::");
    contains("html", "Partly checked");
    contains("html", "<strong>0 of 1 app</strong> pass every rule");

    let outcome = run(&["--fail-on-unchecked", "--fail-on=never"]).expect(1);
    let failing = "not checked: 1 rule in 1 component, which fails the run (--fail-on-unchecked)";
    assert!(outcome.stderr.contains(failing), "{}", outcome.stderr);
    contains(
        "sarif",
        "\"level\":\"error\",\"message\":{\"text\":\"pkce-required was not checked for ",
    );
    contains(
        "markdown",
        "## ❌ forcelint: no findings; 1 rule not checked",
    );
    contains(
        "junit",
        "name=\"pkce-required\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\"",
    );
    contains("gitlab", "\"severity\":\"blocker\"");
    contains("github", "::error title=forcelint%3A not checked::");
    contains("html", ">Fails<");

    config(&sandbox, "fail-on-unchecked = true");
    run(&[]).expect(1);
    let shown = run(&["--show-config"]).expect(0).stdout;
    assert!(
        shown.contains("fail-on-unchecked = true # forcelint.toml:1"),
        "{shown}"
    );
    let diff = ["check", "--diff"];
    sandbox.with_every_rule(diff).run().expect(1);
}

/// What is in another package directory may be deployed separately.
#[test]
fn other_package_directories_decide_nothing() {
    let sandbox = Sandbox::new();
    let directories = r#"{ "packageDirectories": [{ "path": "force-app" }, { "path": "org" }] }"#;
    sandbox.write("sfdx-project.json", directories);
    let settings = eca(
        "GlobalOauthSettings",
        "<isPkceRequired>false</isPkceRequired>",
    );
    sandbox.write("org/main/A.ecaGlblOauth-meta.xml", &settings);
    let canvas = eca("CanvasSettings", "<accessMethod>Get</accessMethod>");
    sandbox.write("force-app/main/A.ecaCanvas-meta.xml", canvas);
    let run = || {
        let arguments = [
            "check",
            "--select=canvas-get-without-pkce",
            "--min-severity=info",
            "--format=json",
        ];
        sandbox.with_every_rule(arguments).run().json()
    };
    let report = run();
    assert_eq!(report["findings"], json!([]));
    let reason = report["summary"]["not_checked"][0]["reason"].as_str();
    assert!(
        reason.unwrap().contains("is in another package directory"),
        "{report}"
    );
    sandbox.write(SETTINGS, &settings);
    assert_eq!(run()["findings"][0]["rule"], "canvas-get-without-pkce");
}

#[test]
fn findings_name_the_policies_of_another_package_directory() {
    let sandbox = Sandbox::new();
    let directories = r#"{ "packageDirectories": [{ "path": "force-app" }, { "path": "org" }] }"#;
    sandbox.write("sfdx-project.json", directories);
    sandbox.write(
        SETTINGS,
        eca(
            "GlobalOauthSettings",
            "<isPkceRequired>false</isPkceRequired>",
        ),
    );
    sandbox.write(
        POLICIES,
        eca("ConfigurablePolicies", "<isEnabled>false</isEnabled>"),
    );
    let arguments = [
        "check",
        "--select=pkce-required",
        "--min-severity=info",
        "--format=json",
    ];
    let report = sandbox.with_every_rule(arguments).run().expect(0).json();
    let finding = &report["findings"][0];
    assert_eq!(finding["severity"], "info");
    assert_eq!(finding["related"][0]["path"], POLICIES);
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.contains("according to `org/main/A.ecaPlcy-meta.xml` in another package directory"),
        "{message}"
    );
}

#[test]
fn files_that_only_the_salesforce_cli_takes_for_metadata() {
    let sandbox = Sandbox::new();
    sandbox.write_app("force-app/A.connectedApp-meta.xml");
    sandbox.write_app("force-app/apps/B.mycapp-meta.xml");
    let types = json!({
        "app": { "name": "ConnectedApp", "suffix": "mycapp", "directoryName": "apps" },
        "sets": {
            "name": "PermissionSet",
            "suffix": "permissionset",
            "directoryName": "permissionsets",
            "children": { "types": { "a": { "name": "Access", "suffix": "access" } } },
        },
        "new": { "name": "AcmeType", "suffix": "acme", "directoryName": "acmes" },
    });
    let project = |customizations: Value| json!({ "packageDirectories": [{ "path": "force-app" }], "registryCustomizations": customizations });
    sandbox.write(
        "sfdx-project.json",
        project(json!({ "types": types })).to_string(),
    );
    let outcome = sandbox
        .with_every_rule(["check", "--format=json"])
        .run()
        .expect(2);
    let errors = &outcome.json()["errors"];
    let expected = [("ConnectedApp", "mycapp"), ("PermissionSet", "access")].map(|(name, suffix)| {
        let message = format!(
            "gives {name} the suffix `{suffix}` in `registryCustomizations`: forcelint does not check such files"
        );
        json!({ "message": message, "path": "sfdx-project.json" })
    });
    assert_eq!(*errors, json!(expected));
    // No rule about apps reads permission sets.
    let selected = sandbox.forcelint(["check", "--format=json", "--select=callback-insecure"]);
    assert_eq!(
        selected.run().expect(2).json()["errors"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    // A hook checks only the files that it names.
    let named = ["check", "--quiet", "force-app/A.connectedApp-meta.xml"];
    sandbox.forcelint(named).run().expect(1);
    sandbox.write("sfdx-project.json", project(json!({})).to_string());
    sandbox.forcelint(["check", "--quiet"]).run().expect(1);
}

#[test]
fn case_of_a_settings_file() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "settings/security.settings-meta.xml",
        "<SecuritySettings><enableAdminLoginAsAnyUser>true</enableAdminLoginAsAnyUser></SecuritySettings>",
    );
    let found = found(&sandbox, ".", &["--select=login-as-any-user"]);
    assert_eq!(found.len(), 1, "{found:?}");
}

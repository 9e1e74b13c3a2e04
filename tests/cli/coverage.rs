//! `coverage`: the result of each published control.

use std::fs;

use serde_json::Value;

use crate::support::Sandbox;

/// Session settings with these elements.
fn session_settings(elements: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<SecuritySettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <sessionSettings>
        {elements}
    </sessionSettings>
</SecuritySettings>
"#
    )
}

/// A project with these session settings.
fn project(elements: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app", "default": true }] }"#,
    );
    let file = "force-app/settings/Security.settings-meta.xml";
    sandbox.write(file, session_settings(elements));
    sandbox
}

#[track_caller]
fn coverage(sandbox: &Sandbox) -> Value {
    let outcome = sandbox.forcelint(["coverage", "--format=json"]).run();
    outcome.expect(0).json()
}

/// A control of the report.
#[track_caller]
fn control<'r>(report: &'r Value, id: &str) -> &'r Value {
    let authorities = report["authorities"].as_array().unwrap().iter();
    let mut controls = authorities.flat_map(|it| it["controls"].as_array().unwrap());
    controls.find(|control| control["id"] == id).unwrap()
}

const CSRF: &str = "shr_index_csrf_protection";

#[test]
fn setting_that_complies_passes() {
    let report = coverage(&project(
        "<enableCSRFOnGet>true</enableCSRFOnGet><enableCSRFOnPost>true</enableCSRFOnPost>",
    ));
    let csrf = control(&report, CSRF);
    assert_eq!(csrf["result"], "passed");
    assert_eq!(csrf["checks"]["not_set"], 0);
    assert_eq!(csrf["rules"][0], "csrf-protection");
}

#[test]
fn setting_that_does_not_comply_fails_and_exits_with_zero() {
    let report = coverage(&project(
        "<enableCSRFOnGet>false</enableCSRFOnGet><enableCSRFOnPost>true</enableCSRFOnPost>",
    ));
    assert_eq!(control(&report, CSRF)["result"], "failed");
}

/// Such a file says nothing about the org, so the control is not met.
#[test]
fn absent_org_setting_is_not_set() {
    let sandbox = project("<enableCSRFOnGet>true</enableCSRFOnGet>");
    let report = coverage(&sandbox);
    let csrf = control(&report, CSRF);
    assert_eq!(csrf["result"], "not-set", "enableCSRFOnPost is absent");
    assert_eq!(csrf["checks"]["passed"], 0);
    let text = sandbox.forcelint(["coverage"]).run().expect(0).stdout;
    assert!(text.contains("  not set in source      "), "{text}");
    let html = sandbox.with_every_rule(["check", "-q", "--format=html"]);
    let html = html.run().expect(0).stdout;
    let (_, row) = html.split_once("csrf_<wbr>protection").unwrap();
    let (row, _) = row.split_once("</tr>").unwrap();
    assert!(row.contains("not set in source"), "{row}");
}

#[test]
fn rule_that_is_off_is_not_checked() {
    let sandbox =
        project("<enableCSRFOnGet>true</enableCSRFOnGet><enableCSRFOnPost>true</enableCSRFOnPost>");
    sandbox.write("forcelint.toml", "[rules]\ncsrf-protection = \"off\"\n");
    let report = coverage(&sandbox);
    let csrf = control(&report, CSRF);
    assert_eq!(csrf["result"], "not-checked");
    assert_eq!(csrf["rules_off"][0], "csrf-protection");
}

#[test]
fn lines_fit_into_the_terminal() {
    let sandbox = Sandbox::with(&["sample"]);
    let run = sandbox.forcelint(["coverage", "sample"]);
    let narrow = run.env("COLUMNS", "60").run().expect(0).stdout;
    let is_one_word = |line: &str| line.split_whitespace().count() == 1;
    let is_too_long = |line: &&str| line.chars().count() > 60 && !is_one_word(line);
    assert_eq!(narrow.lines().find(is_too_long), None);
}

#[test]
fn every_control_has_a_result_and_a_reason_if_source_does_not_show_it() {
    let report = coverage(&Sandbox::with(&["sample"]));
    for authority in report["authorities"].as_array().unwrap() {
        let controls = authority["controls"].as_array().unwrap();
        let totals = authority["totals"].as_object().unwrap().values();
        let total: u64 = totals.map(|it| it.as_u64().unwrap()).sum();
        assert_eq!(total, controls.len() as u64, "{}", authority["id"]);
        for control in controls {
            let has_reason = control["not_in_source"].is_string();
            assert!(
                has_reason || control["result"] != "not-in-source",
                "{control}"
            );
        }
    }
}

#[test]
fn json_follows_its_schema() {
    let schema = include_str!("../../docs/coverage-report.schema.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let report = coverage(&Sandbox::with(&["sample"]));
    let errors = validator.iter_errors(&report);
    let errors: Vec<String> = errors.map(|error| error.to_string()).collect();
    assert_eq!(errors, [""; 0]);
    assert!(!validator.is_valid(&serde_json::json!({ "version": 1 })));
}

#[test]
fn markdown_goes_to_a_file() {
    let sandbox = Sandbox::with(&["sample"]);
    let arguments = [
        "coverage",
        "sample",
        "--format=markdown",
        "--output=coverage.md",
    ];
    let outcome = sandbox.forcelint(arguments).run().expect(0);
    assert_eq!(outcome.stdout, "");
    let page = fs::read_to_string(sandbox.path("coverage.md")).unwrap();
    let row = "| `SBS-OAUTH-001` | ";
    assert_eq!(page.matches(row).count(), 1, "{page}");
    let lines = page.lines().filter(|line| line.starts_with("| "));
    for line in lines {
        assert_eq!(line.matches(" | ").count(), 4, "{line}");
    }
}

#[test]
fn what_cannot_be_done_is_an_error() {
    let sandbox = project("");
    let missing = sandbox
        .forcelint(["coverage", "missing", "--format=json"])
        .run();
    let missing = missing.expect(2);
    assert!(missing.stderr.contains("missing"), "{}", missing.stderr);
    let unwritable = sandbox
        .forcelint(["coverage", "--output=none/coverage.txt"])
        .run();
    assert!(unwritable.expect(2).stderr.contains("cannot write"));
}

/// The parts of a baseline that Setup exports.
const BASELINE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!-- Please read Custom Baseline File Requirements. -->
<baseline name="Acme" developerName="Acme">
    <highRiskSecuritySettings>
        <booleanSetting name="SessionSettings.csrfGet" compliant="true" nonCompliant="critical"/>
        <booleanSetting name="SessionSettings.csrfPost" compliant="true" nonCompliant="critical"/>
        <enumSetting name="PasswordPolicies.maxLoginAttempts" compliant="ThreeAttempts,FiveAttempts" warning="TenAttempts" critical="NoLimit"/>
    </highRiskSecuritySettings>
    <lowRiskSecuritySettings>
        <numericRangeSetting name="PasswordPolicies.minPasswordLength" compliant="12.0" warning="8.0"/>
        <numericRangeSetting name="RemoteSiteSettings.remoteSiteSettings" compliant="0.0" warning="1.0"/>
    </lowRiskSecuritySettings>
</baseline>
"#;

fn with_baseline(baseline: &str) -> Sandbox {
    let sandbox = project("<enableCSRFOnGet>false</enableCSRFOnGet>");
    let file = "force-app/settings/Security.settings-meta.xml";
    let settings = fs::read_to_string(sandbox.path(file)).unwrap();
    let passwords = "<passwordPolicies><maxLoginAttempts>FiveAttempts</maxLoginAttempts>\
         <minimumPasswordLength>10</minimumPasswordLength></passwordPolicies>";
    let settings = settings.replace(
        "<sessionSettings>",
        &format!("{passwords}<sessionSettings>"),
    );
    sandbox.write(file, settings);
    sandbox.write("baseline.xml", baseline);
    sandbox
}

#[test]
fn settings_are_compared_with_a_baseline_of_health_check() {
    let sandbox = with_baseline(BASELINE);
    let arguments = ["coverage", "--format=json", "--health-check=baseline.xml"];
    let report = sandbox.forcelint(arguments).run().expect(0).json();
    let authorities = report["authorities"].as_array().unwrap();
    let baseline = authorities.last().unwrap();
    assert_eq!(baseline["name"], "Health Check baseline: Acme");
    let results = [
        ("SessionSettings.csrfGet", "failed"),
        ("SessionSettings.csrfPost", "not-set"),
        ("PasswordPolicies.maxLoginAttempts", "passed"),
        ("PasswordPolicies.minPasswordLength", "failed"),
        ("RemoteSiteSettings.remoteSiteSettings", "not-in-source"),
    ];
    for (name, result) in results {
        let setting = control(&report, &format!("health-check/{name}"));
        assert_eq!(setting["result"], result, "{name}");
    }
    let get = control(&report, "health-check/SessionSettings.csrfGet");
    assert_eq!(get["findings"]["high"], 1);
    assert_eq!(get["rules"][0], "health-check-session-settings-csrf-get");
    let text = sandbox.forcelint(["coverage", "--health-check=baseline.xml"]);
    let text = text.run().expect(0).stdout;
    assert!(
        text.contains("PasswordPolicies.minPasswordLength: 12.0"),
        "{text}"
    );
}

#[test]
fn file_that_is_not_a_baseline_is_an_error() {
    let cases = [
        ("<baseline", "is not well-formed XML"),
        ("<settings/>", "is not a Health Check baseline"),
        ("<baseline name=\"Acme\"/>", "has no settings"),
        (
            "<baseline><x/><booleanSetting name=\"SessionSettings.csrfGet\" compliant=\"yes\"/></baseline>",
            "has an invalid setting",
        ),
    ];
    for (text, message) in cases {
        let sandbox = with_baseline(text);
        let arguments = ["coverage", "--health-check=baseline.xml"];
        let outcome = sandbox.forcelint(arguments).run().expect(2);
        assert!(
            outcome.stderr.contains(message),
            "{text}: {}",
            outcome.stderr
        );
    }
    let sandbox = project("");
    let missing = sandbox
        .forcelint(["coverage", "--health-check=none.xml"])
        .run();
    assert!(missing.expect(2).stderr.contains("cannot read"));
}

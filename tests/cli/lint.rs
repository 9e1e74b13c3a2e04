//! The output of a run over a whole project.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::support::{Sandbox, found, indented, project_with};

/// `forcelint check testdata/sample`, as in the README.
#[test]
fn sample_in_the_default_format() {
    let sandbox = Sandbox::with(&["sample"]);
    let outcome = sandbox.with_every_rule(["check", "sample"]).run().expect(1);
    assert_snapshot!(outcome.whole());
}

#[test]
fn sample_on_a_terminal_of_80_columns() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = sandbox.with_every_rule(["check", "sample", "--format=pretty", "--quiet"]);
    assert_snapshot!(check.env("COLUMNS", "80").run().expect(1).stdout);
}

#[test]
fn sample_on_a_terminal_of_60_columns() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = sandbox.with_every_rule(["check", "sample", "--format=pretty", "--quiet"]);
    assert_snapshot!(check.env("COLUMNS", "60").run().expect(1).stdout);
}

#[test]
fn sample_as_json() {
    let sandbox = Sandbox::with(&["sample"]);
    let check =
        sandbox.with_every_rule(["check", "sample", "--format=json", "--min-severity=info"]);
    assert_snapshot!(indented(&check.run().expect(1).json()));
}

/// Components with only info findings: a disabled app, and an app without the flag in source.
#[test]
fn min_severity_info_adds_info_findings() {
    let sandbox = Sandbox::with(&["sample"]);
    let default = sandbox.forcelint(["check", "sample"]).run().expect(1);
    let all = sandbox.forcelint(["check", "sample", "--min-severity=info"]);
    let all = all.run().expect(1);
    let added: Vec<&str> = all
        .stdout
        .lines()
        .filter(|line| !default.stdout.lines().any(|default| default == *line))
        .collect();
    assert_eq!(
        added.len() + default.stdout.lines().count(),
        all.stdout.lines().count()
    );
    assert_snapshot!(added.join("\n"));
}

/// Each reason for which a finding has no fix or a component is not checked. The help states the
/// reason.
#[test]
fn help_explains_why_there_is_no_fix() {
    let sandbox = Sandbox::with(&["gates"]);
    let outcome = sandbox
        .forcelint(["check", "gates", "--format=json"])
        .run()
        .expect(1);
    let report = outcome.json();
    let mut text = String::new();
    for finding in report["findings"].as_array().unwrap() {
        let name = finding["component"]["name"].as_str().unwrap();
        let severity = finding["severity"].as_str().unwrap();
        let help = finding["help"].as_str().unwrap();
        let has_fix = !finding["fix"].is_null();
        text.push_str(&format!("{name}: {severity}, fix: {has_fix}\n    {help}\n"));
    }
    text.push_str(&indented(&report["summary"]));
    text.push_str(&outcome.stderr);
    assert_snapshot!(text);
}

#[test]
fn findings_without_a_fix_on_a_terminal() {
    let sandbox = Sandbox::with(&["gates"]);
    let outcome = sandbox
        .forcelint(["check", "gates", "--format=pretty", "--quiet"])
        .run()
        .expect(1);
    assert_snapshot!(outcome.stdout);
}

#[test]
fn metadata_format_uses_its_package_xml() {
    let sandbox = Sandbox::with(&["metadata-format"]);
    let outcome = sandbox
        .forcelint(["check", "metadata-format"])
        .run()
        .expect(1);
    assert_snapshot!(outcome.whole());
}

#[test]
fn package_xml_in_a_package_directory_has_no_effect() {
    let sandbox = Sandbox::new();
    let app = "<ConnectedApp><oauthConfig><isPkceRequired>true</isPkceRequired></oauthConfig></ConnectedApp>";
    for folder in ["force-app", "manifest"] {
        sandbox.write(format!("{folder}/A.connectedApp"), app);
        sandbox.write(
            format!("{folder}/package.xml"),
            "<Package><version>66.0</version></Package>",
        );
    }
    sandbox.write(
        "sfdx-project.json",
        r#"{ "packageDirectories": [{ "path": "force-app" }], "sourceApiVersion": "50.0" }"#,
    );
    let of_folder = |folder| found(&sandbox, ".", &["--select=unknown-field", folder]);
    // The field exists since API version 59.0.
    assert_eq!(of_folder("force-app").len(), 1);
    assert_eq!(of_folder("manifest").len(), 0);
}

#[test]
fn folder_without_a_project_is_checked() {
    let sandbox = Sandbox::with(&["no-project"]);
    let outcome = sandbox
        .forcelint(["check"])
        .in_folder("no-project")
        .run()
        .expect(1);
    assert_snapshot!(outcome.whole());
}

#[test]
fn rules_and_tags_can_be_selected_and_ignored() {
    let sandbox = Sandbox::with(&["sample"]);
    let rules = |arguments: &[&str]| -> BTreeSet<String> {
        let mut all = vec!["check", "sample", "--format=json", "--min-severity=info"];
        all.extend(arguments);
        let report = sandbox.with_every_rule(all).run().json();
        let findings = report["findings"].as_array().unwrap();
        findings
            .iter()
            .map(|finding| finding["rule"].as_str().unwrap().to_owned())
            .collect()
    };
    let named = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let pkce: BTreeSet<String> = named(&["pkce-not-in-source", "pkce-required"]);
    let all = rules(&[]);
    assert!(all.is_superset(&pkce) && all.len() > 5, "{all:?}");
    assert_eq!(
        rules(&["--select=pkce-required"]),
        named(&["pkce-required"])
    );
    assert_eq!(rules(&["--select", "pkce"]), pkce);
    // A tag and a rule together.
    let both = rules(&["--select=pkce,consumer-secret-in-source"]);
    assert_eq!(both, &pkce | &named(&["consumer-secret-in-source"]));
    assert_eq!(
        rules(&["--select=pkce", "--ignore=pkce-required,shr"]),
        named(&["pkce-not-in-source"])
    );
    // `--select` and `--ignore` of the same tag cover all rules together. More rules may run if a
    // rule that takes precedence over them does not.
    let (oauth, others) = (rules(&["--select=oauth"]), rules(&["--ignore=oauth"]));
    assert!(oauth.is_disjoint(&others), "{oauth:?} {others:?}");
    assert!((&oauth | &others).is_superset(&all), "{oauth:?} {others:?}");
    assert!(oauth.is_superset(&pkce) && !others.is_empty());
}

#[test]
fn unknown_rule_is_an_error_with_a_suggestion() {
    let sandbox = Sandbox::with(&["sample"]);
    for (argument, message) in [
        ("--select=pkce-requird", "did you mean `pkce-required`?"),
        ("--ignore=pkce-required,oath", "did you mean `oauth`?"),
        ("--select=", "`` is neither a rule nor a tag"),
        (
            "--ignore=zzzzzzzzzz",
            "`zzzzzzzzzz` is neither a rule nor a tag\n",
        ),
    ] {
        let outcome = sandbox
            .forcelint(["check", "sample", argument])
            .run()
            .expect(2);
        assert_eq!(outcome.stdout, "");
        assert!(
            outcome.stderr.contains(message),
            "{argument}: {}",
            outcome.stderr
        );
    }
}

/// In a long file, only the fields that conditions use stay in memory. Locations still refer to the
/// whole file.
#[test]
fn evidence_in_a_long_file_has_its_location() {
    const RANGES: &str = "<loginIpRanges>\n        <endAddress>203.0.113.255</endAddress>\n        <startAddress>203.0.113.0</startAddress>\n    </loginIpRanges>";
    let sandbox = Sandbox::new();
    sandbox.write(
        "p/sfdx-project.json",
        r#"{"packageDirectories":[{"path":"force-app"}],"sourceApiVersion":"66.0"}"#,
    );
    sandbox.write(
        "p/force-app/settings/Security.settings-meta.xml",
        "<SecuritySettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <sessionSettings>\n        <enforceIpRangesEveryRequest>false</enforceIpRangesEveryRequest>\n    </sessionSettings>\n</SecuritySettings>\n",
    );
    let profile = |others: usize| {
        let tabs = |from: usize| -> String {
            (from..from + others)
                .map(|it| format!("    <tabVisibilities>\n        <tab>Ä{it}__c</tab>\n        <visibility>DefaultOn</visibility>\n    </tabVisibilities>\n"))
                .collect()
        };
        format!(
            "<Profile xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <custom>true</custom>\n{}    {RANGES}\n{}</Profile>\n",
            tabs(0),
            tabs(others)
        )
    };
    let path = "p/force-app/profiles/Sales.profile-meta.xml";
    for others in [3, 400] {
        let text = profile(others);
        assert_eq!(text.len() > 16 * 1024, others > 3);
        sandbox.write(path, &text);
        let check = ["check", "p", "--select=ip-ranges-every-request"];
        let report = sandbox.forcelint(check.iter().chain(&["--format=json"]));
        let report = report.run().expect(1).json();
        let evidence = &report["findings"][0]["related"][0]["span"];
        let at = text.find(RANGES).unwrap();
        assert_eq!(evidence["start"]["offset"], at);
        assert_eq!(evidence["end"]["offset"], at + RANGES.len());
        assert_eq!(evidence["start"]["line"], 3 + 4 * others);
        assert_eq!(evidence["start"]["column"], 5);
        let pretty = sandbox.forcelint(check.iter().chain(&["--format=pretty"]));
        let pretty = pretty.run().expect(1).stdout;
        let line = format!(" {} │     <loginIpRanges>", 3 + 4 * others);
        assert!(pretty.contains(&line), "{pretty}");
        assert!(pretty.contains("ranges of a profile"), "{pretty}");
    }
}

/// A finding below `--min-severity` that fails the run is shown with its source, too.
#[test]
fn shown_findings_have_their_source() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = |min_severity: &str| {
        let arguments = [
            "check",
            "sample",
            "--format=pretty",
            "--group=none",
            "--fail-on=low",
            min_severity,
        ];
        sandbox.forcelint(arguments).run().expect(1).stdout
    };
    let critical = check("--min-severity=critical");
    assert!(!critical.contains("low["), "{critical}");
    let low = check("--min-severity=low");
    assert!(low.contains("low[") && low.contains(" │ "), "{low}");
}

#[test]
fn apps_that_wait_for_other_files_are_checked_if_they_are_large() {
    // The severity depends on the settings of the org. The two large files together do not stay in memory.
    let app = |comment: usize| {
        let comment = "x".repeat(comment);
        format!("<ConnectedApp><!--{comment}-->\n<oauthConfig>\n</oauthConfig></ConnectedApp>")
    };
    let sandbox = project_with(&[]);
    let sizes = [0, 3 << 20, 3 << 20, 0];
    for (at, size) in sizes.into_iter().enumerate() {
        sandbox.write(format!("force-app/A{at}.connectedApp"), app(size));
    }
    let arguments = [
        "check",
        "--select=pkce-required",
        "--format=json",
        "--jobs=1",
    ];
    let report = sandbox.with_every_rule(arguments).run().expect(1).json();
    let findings = report["findings"].as_array().unwrap();
    let found: Vec<_> = findings
        .iter()
        .map(|it| (&it["path"], &it["severity"], &it["span"]["start"]["line"]))
        .collect();
    assert_eq!(found.len(), sizes.len(), "{found:?}");
    for (_, severity, line) in &found {
        assert_eq!((*severity, *line), (found[0].1, found[0].2), "{found:?}");
    }
}

//! What a run over a whole project says.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::support::{Sandbox, indented};

/// `forcelint check testdata/sample`, as the README has it.
#[test]
fn the_sample_is_what_a_new_user_sees() {
    let sandbox = Sandbox::with(&["sample"]);
    let outcome = sandbox.with_every_rule(["check", "sample"]).run().expect(1);
    assert_snapshot!(outcome.whole());
}

#[test]
fn the_sample_on_a_terminal_of_80_columns() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = sandbox.with_every_rule(["check", "sample", "--format=pretty", "--quiet"]);
    assert_snapshot!(check.env("COLUMNS", "80").run().expect(1).stdout);
}

#[test]
fn the_sample_on_a_terminal_of_60_columns() {
    let sandbox = Sandbox::with(&["sample"]);
    let check = sandbox.with_every_rule(["check", "sample", "--format=pretty", "--quiet"]);
    assert_snapshot!(check.env("COLUMNS", "60").run().expect(1).stdout);
}

#[test]
fn the_sample_as_json() {
    let sandbox = Sandbox::with(&["sample"]);
    let check =
        sandbox.with_every_rule(["check", "sample", "--format=json", "--min-severity=info"]);
    assert_snapshot!(indented(&check.run().expect(1).json()));
}

/// Apps that only `info` has something to say about: a disabled one, and one whose flag is not in
/// source.
#[test]
fn what_is_for_information_shows_when_asked_for() {
    let sandbox = Sandbox::with(&["sample"]);
    let usual = sandbox.forcelint(["check", "sample"]).run().expect(1);
    let all = sandbox.forcelint(["check", "sample", "--min-severity=info"]);
    let all = all.run().expect(1);
    let more: Vec<&str> = all
        .stdout
        .lines()
        .filter(|line| !usual.stdout.lines().any(|usual| usual == *line))
        .collect();
    assert_eq!(
        more.len() + usual.stdout.lines().count(),
        all.stdout.lines().count()
    );
    assert_snapshot!(more.join("\n"));
}

/// Each gate: the finding stands, and no fix is offered, or it is not judged; the help says why.
#[test]
fn gates_keep_the_finding_and_hold_back_the_fix() {
    let sandbox = Sandbox::with(&["gates"]);
    let outcome = sandbox
        .forcelint(["check", "gates", "--format=json"])
        .run()
        .expect(1);
    let report = outcome.json();
    let mut told = String::new();
    for finding in report["findings"].as_array().unwrap() {
        let name = finding["component"]["name"].as_str().unwrap();
        let severity = finding["severity"].as_str().unwrap();
        let help = finding["help"].as_str().unwrap();
        let has_fix = !finding["fix"].is_null();
        told.push_str(&format!("{name}: {severity}, fix: {has_fix}\n    {help}\n"));
    }
    told.push_str(&indented(&report["summary"]));
    told.push_str(&outcome.stderr);
    assert_snapshot!(told);
}

#[test]
fn the_gates_on_a_terminal() {
    let sandbox = Sandbox::with(&["gates"]);
    let outcome = sandbox
        .forcelint(["check", "gates", "--format=pretty", "--quiet"])
        .run()
        .expect(1);
    assert_snapshot!(outcome.stdout);
}

#[test]
fn metadata_format_belongs_to_its_package_xml() {
    let sandbox = Sandbox::with(&["metadata-format"]);
    let outcome = sandbox
        .forcelint(["check", "metadata-format"])
        .run()
        .expect(1);
    assert_snapshot!(outcome.whole());
}

#[test]
fn a_folder_without_a_project_is_linted() {
    let sandbox = Sandbox::with(&["no-project"]);
    let outcome = sandbox
        .forcelint(["check"])
        .in_folder("no-project")
        .run()
        .expect(1);
    assert_snapshot!(outcome.whole());
}

#[test]
fn selecting_and_ignoring_rules() {
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
    let every = rules(&[]);
    assert!(every.is_superset(&pkce) && every.len() > 5, "{every:?}");
    assert_eq!(
        rules(&["--select=pkce-required"]),
        named(&["pkce-required"])
    );
    assert_eq!(rules(&["--select", "pkce"]), pkce);
    // Both words, and a rule beside a tag.
    let both = rules(&["--select=pkce,consumer-secret-in-source"]);
    assert_eq!(both, &pkce | &named(&["consumer-secret-in-source"]));
    assert_eq!(
        rules(&["--select=pkce", "--ignore=pkce-required,shr"]),
        named(&["pkce-not-in-source"])
    );
    // With a tag and without it nothing gets lost; rules that yield to others may come in.
    let (oauth, others) = (rules(&["--select=oauth"]), rules(&["--ignore=oauth"]));
    assert!(oauth.is_disjoint(&others), "{oauth:?} {others:?}");
    assert!(
        (&oauth | &others).is_superset(&every),
        "{oauth:?} {others:?}"
    );
    assert!(oauth.is_superset(&pkce) && !others.is_empty());
}

#[test]
fn a_rule_that_is_not_known_is_an_error_with_a_suggestion() {
    let sandbox = Sandbox::with(&["sample"]);
    for (argument, told) in [
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
            outcome.stderr.contains(told),
            "{argument}: {}",
            outcome.stderr
        );
    }
}

/// Of a long file only what conditions ask about is kept; what is shown of it is the file.
#[test]
fn evidence_in_a_long_file_stands_where_it_is() {
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
        // The line before it, which no condition asks about, is shown all the same.
        let pretty = sandbox.forcelint(check.iter().chain(&["--format=pretty"]));
        let pretty = pretty.run().expect(1).stdout;
        assert!(pretty.contains("</tabVisibilities>"), "{pretty}");
        assert!(pretty.contains("ranges of a profile"), "{pretty}");
    }
}

/// What is shown although it is milder than asked for, because the run fails by it, is shown with its
/// source.
#[test]
fn what_fails_the_run_is_shown_with_its_source() {
    let sandbox = Sandbox::with(&["sample"]);
    let shown = |least: &str| {
        let check = ["check", "sample", "--format=pretty", "--fail-on=low", least];
        sandbox.forcelint(check).run().expect(1).stdout
    };
    let milder = shown("--min-severity=critical");
    assert!(
        milder.contains("low[") && milder.contains(" │ "),
        "{milder}"
    );
    assert_eq!(milder, shown("--min-severity=low"));
}

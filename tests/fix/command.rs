//! `--fix`, `--diff` and `--stdin-filename` as a user meets them.

use crate::support::{APP, JWT_APP, OIDC, Project, with_flag};

const A: &str = "force-app/A.connectedApp-meta.xml";
const B: &str = "force-app/B.connectedApp-meta.xml";
const SETTINGS: &str = "force-app/OauthOidc.settings-meta.xml";

fn two_apps() -> Project {
    Project::new().with(A, APP).with(B, JWT_APP)
}

#[test]
fn without_fix_nothing_is_written_and_both_kinds_of_fixes_are_counted() {
    let project = two_apps();
    project
        .check::<&str>(&[])
        .exits(1)
        .says("1 finding fixable with `--fix`")
        .says("1 more finding fixable with `--fix=all`");
    assert_eq!(project.read(A), APP);
    assert_eq!(project.read(B), JWT_APP);
}

#[test]
fn fix_applies_the_safe_fixes_and_counts_the_others() {
    for argument in ["--fix", "--fix=safe"] {
        let project = two_apps();
        project
            .check(&[argument])
            .exits(1)
            .reports("A.connectedApp-meta.xml")
            .says("fixed: 1 finding\n")
            .says("fixable with `--fix=all` (update the client apps first")
            .does_not_say("Rollout checklist");
        assert_eq!(project.read(A), APP);
        assert_eq!(project.read(B), with_flag(JWT_APP));
        project.assert_no_temporary_file();
    }
}

#[test]
fn fix_all_applies_every_fix_and_prints_the_checklist() {
    let project = two_apps();
    project
        .check(&["--fix=all"])
        .exits(0)
        .prints("")
        .says("fixed: 2 findings\n")
        .says("Rollout checklist:\n  Every client of this app must send code_challenge")
        .says("  [ ] ConnectedApp:A (force-app/A.connectedApp-meta.xml)\n")
        .does_not_say("ConnectedApp:B")
        .does_not_say("fixable:");
    assert_eq!(project.read(A), with_flag(APP));
    assert_eq!(project.read(B), with_flag(JWT_APP));
    project.assert_no_temporary_file();
    project
        .check(&["--fix=all"])
        .exits(0)
        .prints("")
        .says("no findings in 2 components")
        .does_not_say("fixed:")
        .does_not_say("Rollout checklist");
}

#[test]
fn fix_takes_its_value_with_an_equals_sign_only() {
    let project = two_apps();
    // `all` is a path, and no such path is there.
    project
        .check(&["--fix", "all"])
        .exits(2)
        .says("all does not exist");
    assert_eq!(project.read(A), APP);
    project
        .check(&["--fix", A])
        .exits(1)
        .says("1 finding fixable with `--fix=all`");
    project.check(&["--fix=some"]).exits(2).says("'some'");
    assert_eq!(project.read(A), APP);
}

#[test]
fn what_is_hidden_is_not_fixed() {
    // B is medium.
    for (arguments, is_fixed) in [
        (["--fix", "--min-severity=high", "--fail-on=high"], false),
        (["--fix", "--min-severity=high", "--fail-on=never"], false),
        (["--fix", "--min-severity=medium", "--fail-on=high"], true),
        // What fails the run is reported, whatever else is hidden.
        (["--fix", "--min-severity=critical", "--fail-on=low"], true),
    ] {
        let project = two_apps();
        let ran = project.check(&arguments);
        assert_eq!(
            project.read(B) != JWT_APP,
            is_fixed,
            "{arguments:?}: {ran:#?}"
        );
        assert_eq!(project.read(A), APP);
    }
    let project = two_apps();
    project
        .check(&[
            "--diff",
            "--fix=all",
            "--min-severity=high",
            "--fail-on=high",
        ])
        .exits(1)
        .reports("a/force-app/A")
        .does_not_print("a/force-app/B");
}

#[test]
fn rules_that_are_not_selected_fix_nothing() {
    let project = two_apps();
    project
        .check_with_every_rule(&["--fix=all", "--select=pkce-required-org-wide"])
        .exits(0);
    assert_eq!(project.read(A), APP);
}

#[test]
fn the_report_shows_what_is_left_after_fixing() {
    let project = Project::new().with(SETTINGS, OIDC).with(
        A,
        APP.replace(
            "        <scopes>",
            "        <isPkceRequired>%PKCE%</isPkceRequired>\n        <scopes>",
        ),
    );
    project
        .check::<&str>(&[])
        .exits(1)
        .reports("A.connectedApp-meta.xml:5:9: high[pkce-required]");
    // The settings that were mended lower the app, which nobody can mend, by one band.
    project
        .check(&["--fix=all"])
        .exits(1)
        .reports("A.connectedApp-meta.xml:5:9: medium[pkce-required]")
        .says("fixed: 1 finding\n")
        .says("OauthOidcSettings:OauthOidc");
    assert_eq!(project.read(SETTINGS), OIDC.replace("false", "true"));
}

#[test]
fn settings_that_are_not_fixed_lower_nothing() {
    let project = Project::new().with(SETTINGS, OIDC).with(B, JWT_APP);
    project
        .check(&["--fix"])
        .exits(1)
        .reports("OauthOidc.settings-meta.xml:3:5: high")
        .says("fixed: 1 finding\n");
    assert_eq!(project.read(SETTINGS), OIDC);
    assert_eq!(project.read(B), with_flag(JWT_APP));
}

#[test]
fn a_fix_that_lowers_another_file_below_what_is_shown_still_fixes_it() {
    // Both are judged by what the files said before any was written.
    let project = Project::new().with(SETTINGS, OIDC).with(A, APP);
    project
        .check(&["--fix=all", "--min-severity=high", "--fail-on=high"])
        .exits(0)
        .says("fixed: 2 findings");
    assert_eq!(project.read(A), with_flag(APP));
}

#[test]
fn every_gate_keeps_the_finding_and_says_why_there_is_no_fix() {
    let replacements = |pattern: &str| {
        format!(
            "\"replacements\": [{{ \"glob\": \"force-app/**/*.xml\", {pattern}, \
             \"replaceWithEnv\": \"X\" }}]"
        )
    };
    for (settings, file, app, reason) in [
        (
            "\"sourceApiVersion\": \"58.0\"".to_owned(),
            A,
            APP.to_owned(),
            "`isPkceRequired` needs API version 59.0, but the project deploys with 58.0.",
        ),
        (
            replacements("\"regexToReplace\": \"(?=x)\""),
            A,
            APP.to_owned(),
            "forcelint cannot interpret the pattern `(?=x)` of `replacements`",
        ),
        (
            "\"sourceApiVersion\": \"66.0\"".to_owned(),
            "force-app/acme__A.connectedApp-meta.xml",
            APP.to_owned(),
            "the component belongs to the package `acme`. Only its vendor",
        ),
        (
            "\"sourceApiVersion\": \"66.0\"".to_owned(),
            A,
            APP.replace(
                "        <scopes>",
                "        <isPkceRequired>%PKCE%</isPkceRequired>\n        <scopes>",
            ),
            "`isPkceRequired` is a placeholder.",
        ),
    ] {
        let project = Project::new().with(file, &app);
        project.settings(&settings);
        for arguments in [&["--format=json"][..], &["--fix=all", "--format=json"]] {
            let ran = project.check(arguments).exits(1);
            let finding = only_finding(&ran.stdout);
            assert!(finding["fix"].is_null(), "{finding:#}");
            let help = finding["help"].as_str().unwrap();
            assert!(
                help.contains(&format!("No automatic fix: {reason}")),
                "{help}"
            );
            assert!(!ran.stderr.contains("fixed:"), "{}", ran.stderr);
        }
        project.check(&["--diff", "--fix=all"]).exits(0).prints("");
        assert_eq!(project.read(file), app);
    }
}

fn only_finding(report: &str) -> serde_json::Value {
    let report: serde_json::Value = serde_json::from_str(report).unwrap();
    assert_eq!(
        report["findings"].as_array().unwrap().len(),
        1,
        "{report:#}"
    );
    report["findings"][0].clone()
}

#[test]
fn what_is_replaced_at_deploy_is_neither_judged_nor_edited() {
    let app = APP.replace(
        "        <scopes>",
        "        <isPkceRequired>false</isPkceRequired>\n        <scopes>",
    );
    let project = Project::new().with(A, &app);
    project.settings(
        "\"replacements\": [{ \"filename\": \"force-app/A.connectedApp-meta.xml\", \
         \"stringToReplace\": \"false\", \"replaceWithEnv\": \"X\" }]",
    );
    project
        .check(&["--fix=all"])
        .exits(0)
        .says("not checked: 1")
        .says("`replacements` in sfdx-project.json change");
    assert_eq!(project.read(A), app);
}

#[test]
fn nothing_is_fixed_in_a_project_that_cannot_be_read() {
    let project = two_apps().with("sfdx-project.json", "{");
    project
        .check(&["--fix=all", "force-app", "--format=json"])
        .exits(2)
        .reports("A.connectedApp-meta.xml")
        .reports("No automatic fix: sfdx-project.json is not valid")
        .says("sfdx-project.json");
    assert_eq!(project.read(A), APP);
    assert_eq!(project.read(B), JWT_APP);
    project
        .check(&["--diff", "--fix=all", "force-app"])
        .exits(2)
        .prints("");
}

#[test]
fn a_malformed_file_is_left_alone() {
    let cut = &APP[..APP.len() - 5];
    let project = Project::new().with(A, cut).with(B, JWT_APP);
    project
        .check(&["--fix=all"])
        .exits(1)
        .reports("malformed-metadata")
        .says("fixed: 1 finding\n");
    assert_eq!(project.read(A), cut);
    assert_eq!(project.read(B), with_flag(JWT_APP));
}

#[test]
fn stdin_is_fixed_to_stdout() {
    let project = Project::new();
    let name = ["--stdin-filename", A];
    // The report goes to stderr then.
    project
        .check_stdin(&[name[0], name[1], "--fix=all"], APP)
        .exits(0)
        .prints(&with_flag(APP))
        .says("fixed: 1 finding")
        .says("[ ] ConnectedApp:A");
    project
        .check_stdin(&[name[0], name[1], "--fix"], APP)
        .exits(1)
        .prints(APP)
        .says("high[pkce-required]");
    project
        .check_stdin(&[name[0], name[1], "--fix"], JWT_APP)
        .exits(0)
        .prints(&with_flag(JWT_APP));
    // Whatever cannot be fixed comes back as it is, for an editor writes it to the file.
    for text in ["", "no xml", &APP[..80]] {
        project
            .check_stdin(&[name[0], name[1], "--fix=all"], text)
            .exits(1)
            .prints(text)
            .says("malformed-metadata");
    }
    project
        .check_stdin(&["--stdin-filename", "README.md", "--fix=all"], "# Text")
        .exits(0)
        .prints("# Text");
    assert!(!project.path(A).exists());
}

#[test]
fn stdin_counts_instead_of_the_file() {
    let project = Project::new().with(A, APP).git();
    let compact = APP.replace("        ", "  ").replace("    ", " ");
    project
        .check_stdin(&["--stdin-filename", A, "--fix=all"], &compact)
        .exits(0)
        .prints(
            &with_flag(APP)
                .replace("        ", "  ")
                .replace("    ", " "),
        );
    assert_eq!(project.read(A), APP);
    let patch = project
        .check_stdin(&["--stdin-filename", A, "--fix=all", "--diff"], &compact)
        .exits(1)
        .reports("+  <isPkceRequired>true</isPkceRequired>\n")
        .stdout;
    project.write(A, &compact);
    project.apply("", &patch);
    assert_eq!(
        project.read(A),
        with_flag(APP)
            .replace("        ", "  ")
            .replace("    ", " ")
    );
    project
        .check_stdin(&["--stdin-filename", A, "--diff"], APP)
        .exits(0)
        .prints("");
}

#[test]
fn quiet_leaves_the_report_alone() {
    let project = two_apps();
    project
        .check(&["--fix=all", "--quiet"])
        .exits(0)
        .prints("")
        .says_nothing();
    assert_eq!(project.read(A), with_flag(APP));
}

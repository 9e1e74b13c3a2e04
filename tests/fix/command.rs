//! `--fix`, `--diff` and `--stdin-filename` on the command line.

use crate::support::{APP, JWT_APP, OIDC, Project, with_flag};

const A: &str = "force-app/A.connectedApp-meta.xml";
const B: &str = "force-app/B.connectedApp-meta.xml";
const SETTINGS: &str = "force-app/OauthOidc.settings-meta.xml";

fn two_apps() -> Project {
    Project::new().with(A, APP).with(B, JWT_APP)
}

#[test]
fn check_without_fix_counts_both_kinds_of_fixes() {
    let project = two_apps();
    project.check::<&str>(&[]).expect(1).stderr_contains(
        "1 finding fixable with `--fix`, 1 more with `--fix=all` (update the client",
    );
    assert_eq!(project.read(A), APP);
    assert_eq!(project.read(B), JWT_APP);
}

#[test]
fn fix_applies_safe_fixes_and_counts_the_others() {
    for argument in ["--fix", "--fix=safe"] {
        let project = two_apps();
        project
            .check(&[argument])
            .expect(1)
            .stdout_contains("A.connectedApp-meta.xml")
            .stderr_contains("fixed: 1 finding in 1 file\n")
            .stderr_contains("fixable with `--fix=all` (update the client apps first")
            .stderr_lacks("Rollout checklist");
        assert_eq!(project.read(A), APP);
        assert_eq!(project.read(B), with_flag(JWT_APP));
        project.assert_no_temporary_file();
    }
}

#[test]
fn fix_all_applies_all_fixes_and_prints_the_checklist() {
    let project = two_apps();
    project
        .check(&["--fix=all"])
        .expect(0)
        .stdout_is("")
        .stderr_contains(
            "fixed: 2 findings in 2 files\n  force-app/A.connectedApp-meta.xml: 1 finding\n",
        )
        .stderr_contains(
            "Rollout checklist:\n  ConnectedApp:A (force-app/A.connectedApp-meta.xml)\n  \
             [ ] pkce-required: Every client of this app must send code_challenge",
        )
        .stderr_lacks("ConnectedApp:B")
        .stderr_lacks("fixable:");
    assert_eq!(project.read(A), with_flag(APP));
    assert_eq!(project.read(B), with_flag(JWT_APP));
    project.assert_no_temporary_file();
    project
        .check(&["--fix=all"])
        .expect(0)
        .stdout_is("")
        .stderr_contains("no findings in 2 components")
        .stderr_lacks("fixed:")
        .stderr_lacks("Rollout checklist");
}

/// The steps of org settings are for users and administrators, and a file of settings has several fixes.
#[test]
fn rollout_of_org_settings_is_not_about_client_apps() {
    const SECURITY: &str = "force-app/Security.settings-meta.xml";
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <SecuritySettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <sessionSettings>\n        \
        <enableCSRFOnGet>false</enableCSRFOnGet>\n        \
        <enableCSRFOnPost>false</enableCSRFOnPost>\n    \
        </sessionSettings>\n</SecuritySettings>\n";
    let project = Project::new().with(SECURITY, text);
    let select = "--select=csrf-protection";
    project
        .check(&[select])
        .expect(1)
        .stderr_contains("with `--fix=all` (these need a rollout; preview")
        .stderr_lacks("client apps");
    project
        .check(&[select, "--fix=all"])
        .expect(0)
        .stderr_contains(
            "Rollout checklist:\n  SecuritySettings:Security (force-app/Security.settings-meta.xml)\n  \
             [ ] csrf-protection: Test links",
        )
        .stderr_contains("\n  [ ] csrf-protection: Test forms");
}

#[test]
fn rollout_of_several_apps_is_listed_once() {
    let project = Project::new().with(A, APP).with(B, APP);
    project.check(&["--fix=all"]).expect(0).stderr_contains(
        "a login without them fails.\n  \
         [ ] ConnectedApp:A (force-app/A.connectedApp-meta.xml): pkce-required\n  \
         [ ] ConnectedApp:B (force-app/B.connectedApp-meta.xml): pkce-required\n",
    );
}

#[test]
fn value_of_fix_needs_an_equals_sign() {
    let project = two_apps();
    project
        .check(&["--fix", "all"])
        .expect(2)
        .stderr_contains("use an equals sign: `--fix=all`");
    assert_eq!(project.read(A), APP);
    project
        .check(&["--fix", A])
        .expect(1)
        .stderr_contains("1 finding fixable with `--fix=all`");
    project
        .check(&["--fix=some"])
        .expect(2)
        .stderr_contains("'some'");
    assert_eq!(project.read(A), APP);
}

#[test]
fn findings_that_are_not_reported_are_not_fixed() {
    // The severity of B is medium.
    for (arguments, is_fixed) in [
        (["--fix", "--min-severity=high", "--fail-on=high"], false),
        (["--fix", "--min-severity=high", "--fail-on=never"], false),
        (["--fix", "--min-severity=medium", "--fail-on=high"], true),
        // Findings that fail the run are fixed, whatever `--min-severity` is.
        (["--fix", "--min-severity=critical", "--fail-on=low"], true),
    ] {
        let project = two_apps();
        let outcome = project.check(&arguments);
        assert_eq!(
            project.read(B) != JWT_APP,
            is_fixed,
            "{arguments:?}: {outcome:#?}"
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
        .expect(1)
        .stdout_contains("a/force-app/A")
        .stdout_lacks("a/force-app/B");
}

#[test]
fn rules_that_are_not_selected_are_not_fixed() {
    let project = two_apps();
    project
        .check_with_every_rule(&["--fix=all", "--select=pkce-required-org-wide"])
        .expect(0);
    assert_eq!(project.read(A), APP);
}

#[test]
fn fix_causes_no_finding_of_a_rule_that_is_not_selected() {
    // With a secret for the web server flow, refresh tokens without one are a finding.
    let optional = "<isConsumerSecretOptional>true</isConsumerSecretOptional>";
    let app = with_flag(APP).replace(
        "        <scopes>",
        &format!(
            "        {optional}
        <isSecretRequiredForRefreshToken>false</isSecretRequiredForRefreshToken>
        <scopes>RefreshToken</scopes>
        <scopes>"
        ),
    );
    let check = |select: &str| {
        let project = Project::new().with(A, &app);
        let select = format!("--select={select}");
        let patch = project.check_with_every_rule(&["--diff", "--fix=all", &select]);
        let outcome = project.check_with_every_rule(&["--fix=all", &select]);
        assert_eq!(patch.stdout.is_empty(), project.read(A) == app);
        (project.read(A) != app, outcome)
    };
    let (is_fixed, outcome) = check("secret-for-web-server-flow");
    assert!(!is_fixed, "{outcome:#?}");
    outcome.expect(2).stderr_contains("the fix of `secret-for-web-server-flow` causes a finding of the rule `secret-for-refresh-token`");
    let (is_fixed, _) = check("secret-for-web-server-flow,secret-for-refresh-token");
    assert!(is_fixed);
}

#[test]
fn report_has_the_remaining_findings() {
    let project = Project::new().with(SETTINGS, OIDC).with(
        A,
        APP.replace(
            "        <scopes>",
            "        <isPkceRequired>%PKCE%</isPkceRequired>\n        <scopes>",
        ),
    );
    project
        .check::<&str>(&[])
        .expect(1)
        .stdout_contains("A.connectedApp-meta.xml:5:9: high[pkce-required]");
    // The fixed settings lower the severity of the app, which has no fix, by one level.
    project
        .check(&["--fix=all"])
        .expect(1)
        .stdout_contains("A.connectedApp-meta.xml:5:9: medium[pkce-required]")
        .stderr_contains("fixed: 1 finding in 1 file\n")
        .stderr_contains("OauthOidcSettings:OauthOidc");
    assert_eq!(project.read(SETTINGS), OIDC.replace("false", "true"));
}

#[test]
fn settings_that_are_not_fixed_do_not_lower_severity() {
    let project = Project::new().with(SETTINGS, OIDC).with(B, JWT_APP);
    project
        .check(&["--fix"])
        .expect(1)
        .stdout_contains("OauthOidc.settings-meta.xml:3:5: high")
        .stderr_contains("fixed: 1 finding in 1 file\n");
    assert_eq!(project.read(SETTINGS), OIDC);
    assert_eq!(project.read(B), with_flag(JWT_APP));
}

#[test]
fn file_is_fixed_even_if_another_fix_lowers_its_severity() {
    // Both are checked before any file is written.
    let project = Project::new().with(SETTINGS, OIDC).with(A, APP);
    project
        .check(&["--fix=all", "--min-severity=high", "--fail-on=high"])
        .expect(0)
        .stderr_contains("fixed: 2 findings");
    assert_eq!(project.read(A), with_flag(APP));
}

#[test]
fn help_explains_why_there_is_no_fix() {
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
            // They do not match before the fix.
            replacements("\"regexToReplace\": \"(?<=isPkceRequired>)true\""),
            A,
            APP.to_owned(),
            "`replacements` in sfdx-project.json match the text to change.",
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
                "        <isPkceRequired>${PKCE}</isPkceRequired>\n        <scopes>",
            ),
            "`isPkceRequired` is a placeholder.",
        ),
        (
            "\"sourceApiVersion\": \"66.0\"".to_owned(),
            A,
            APP.replace(
                "        <scopes>",
                "        <isPkceRequired>flase</isPkceRequired>\n        <scopes>",
            ),
            "`isPkceRequired` is not a boolean. Set it to `true` by hand, unless another tool replaces it",
        ),
    ] {
        let project = Project::new().with(file, &app);
        project.settings(&settings);
        for arguments in [&["--format=json"][..], &["--fix=all", "--format=json"]] {
            let outcome = project.check(arguments).expect(1);
            let finding = only_finding(&outcome.stdout);
            assert!(finding["fix"].is_null(), "{finding:#}");
            let help = finding["help"].as_str().unwrap();
            assert!(
                help.contains(&format!("No automatic fix: {reason}")),
                "{help}"
            );
            assert!(!outcome.stderr.contains("fixed:"), "{}", outcome.stderr);
        }
        project
            .check(&["--diff", "--fix=all"])
            .expect(0)
            .stdout_is("");
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
fn replaced_value_is_neither_checked_nor_fixed() {
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
        .expect(0)
        .stderr_contains("not checked: 1")
        .stderr_contains("`replacements` in sfdx-project.json can change");
    assert_eq!(project.read(A), app);
}

#[test]
fn invalid_project_is_not_fixed() {
    let project = two_apps().with("sfdx-project.json", "{");
    project
        .check(&["--fix=all", "force-app", "--format=json"])
        .expect(2)
        .stdout_contains("A.connectedApp-meta.xml")
        .stdout_contains("No automatic fix: sfdx-project.json is not valid")
        .stderr_contains("sfdx-project.json");
    assert_eq!(project.read(A), APP);
    assert_eq!(project.read(B), JWT_APP);
    project
        .check(&["--diff", "--fix=all", "force-app"])
        .expect(2)
        .stdout_is("");
}

#[test]
fn malformed_file_is_not_fixed() {
    let cut = &APP[..APP.len() - 5];
    let project = Project::new().with(A, cut).with(B, JWT_APP);
    project
        .check(&["--fix=all"])
        .expect(1)
        .stdout_contains("malformed-metadata")
        .stderr_contains("fixed: 1 finding in 1 file\n");
    assert_eq!(project.read(A), cut);
    assert_eq!(project.read(B), with_flag(JWT_APP));
}

#[test]
fn fixed_stdin_is_printed_to_stdout() {
    let project = Project::new();
    let name = ["--stdin-filename", A];
    // The report goes to stderr.
    project
        .check_stdin(&[name[0], name[1], "--fix=all"], APP)
        .expect(0)
        .stdout_is(&with_flag(APP))
        .stderr_contains("fixed: 1 finding")
        .stderr_contains("Rollout checklist:\n  ConnectedApp:A");
    project
        .check_stdin(&[name[0], name[1], "--fix"], APP)
        .expect(1)
        .stdout_is(APP)
        .stderr_contains("high[pkce-required]");
    project
        .check_stdin(&[name[0], name[1], "--fix"], JWT_APP)
        .expect(0)
        .stdout_is(&with_flag(JWT_APP));
    // Text that cannot be fixed is printed unchanged, because an editor writes the output to the
    // file.
    for text in ["", "no xml", &APP[..80]] {
        project
            .check_stdin(&[name[0], name[1], "--fix=all"], text)
            .expect(1)
            .stdout_is(text)
            .stderr_contains("malformed-metadata");
    }
    project
        .check_stdin(&["--stdin-filename", "README.md", "--fix=all"], "# Text")
        .expect(0)
        .stdout_is("# Text");
    assert!(!project.path(A).exists());
}

#[test]
fn stdin_replaces_the_file_on_disk() {
    let project = Project::new().with(A, APP).git();
    let compact = APP.replace("        ", "  ").replace("    ", " ");
    project
        .check_stdin(&["--stdin-filename", A, "--fix=all"], &compact)
        .expect(0)
        .stdout_is(
            &with_flag(APP)
                .replace("        ", "  ")
                .replace("    ", " "),
        );
    assert_eq!(project.read(A), APP);
    let patch = project
        .check_stdin(&["--stdin-filename", A, "--fix=all", "--diff"], &compact)
        .expect(1)
        .stdout_contains("+  <isPkceRequired>true</isPkceRequired>\n")
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
        .expect(0)
        .stdout_is("");
}

#[test]
fn quiet_prints_only_the_report() {
    let project = two_apps();
    project
        .check(&["--fix=all", "--quiet"])
        .expect(0)
        .stdout_is("")
        .stderr_is_empty();
    assert_eq!(project.read(A), with_flag(APP));
}

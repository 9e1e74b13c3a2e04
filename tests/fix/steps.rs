//! Each kind of step in a rule's fix, on differently formatted files: the exact bytes of the
//! result, which must be the same for `--fix` and for `git apply` of the patch.

use crate::support::Project;

const HEAD: &str = r#"id = "own-rule"
title = "Own"
severity = "low"
url = "https://wiki.acme.example/own"
help = "Fix it."
"#;

const APP: &str = "force-app/A.connectedApp-meta.xml";
const POLICIES: &str = "force-app/A_plcy.ecaOauthPlcy-meta.xml";

/// The text of a file after the fix of a check.
#[track_caller]
fn fixed(file: &str, check: &str, text: &str) -> String {
    let rule = format!("{HEAD}\n[[check]]\nmessage = \"Wrong\"\n{check}");
    let project = Project::new()
        .with(
            "forcelint.toml",
            "rule-paths = [\"own\"]\nselect = [\"own-rule\"]\n",
        )
        .with("own/own-rule.toml", rule)
        .with(file, text)
        .git();
    let check_own_rule = |arguments: &[&str]| project.check_with_every_rule(arguments);
    let patch = check_own_rule(&["--diff", "--fix=all"]);
    assert_ne!(patch.status, 2, "{patch:#?}");
    assert_eq!(project.read(file), text, "--diff wrote");
    if !patch.stdout.is_empty() {
        project.apply("", &patch.stdout);
    }
    let patched = project.read(file);
    project.write(file, text);
    let outcome = check_own_rule(&["--fix=all"]);
    assert_ne!(outcome.status, 2, "{outcome:#?}");
    let fixed = project.read(file);
    assert_eq!(fixed, patched, "git apply has another result");
    check_own_rule(&["--fix=all"]).stderr_lacks("fixed:");
    assert_eq!(project.read(file), fixed, "a second run changes the file");
    fixed
}

/// Also with CRLF line ends and without a line end at the end of the file.
#[track_caller]
fn assert_fixed(file: &str, check: &str, old: &str, new: &str) {
    assert_eq!(fixed(file, check, old), new);
    let crlf = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(fixed(file, check, &crlf(old)), crlf(new));
    assert_eq!(fixed(file, check, old.trim_end()), new.trim_end());
}

/// A finding without a fix: the file does not change, and the help explains why.
#[track_caller]
fn assert_not_fixable(file: &str, check: &str, text: &str, reason: &str) {
    assert_eq!(fixed(file, check, text), text);
    let rule = format!("{HEAD}\n[[check]]\nmessage = \"Wrong\"\n{check}");
    Project::new()
        .with("forcelint.toml", "rule-paths = [\"own\"]\n")
        .with("own/own-rule.toml", rule)
        .with(file, text)
        .check_with_every_rule(&["--select=own-rule", "--format=json"])
        .expect(1)
        .stdout_contains(&format!("No automatic fix: {reason}"));
}

fn app(inside: &str) -> String {
    format!("<ConnectedApp>\n{inside}</ConnectedApp>\n")
}

fn oauth(inside: &str) -> String {
    app(&format!("    <oauthConfig>\n{inside}    </oauthConfig>\n"))
}

const WITHOUT_SECRET: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/consumerSecret", exists = false }
fix = { remove = "oauthConfig/consumerSecret" }
"#;

#[test]
fn element_is_removed_with_its_line() {
    let assert_fixed_in_app =
        |old: &str, new: &str| assert_fixed(APP, WITHOUT_SECRET, &oauth(old), &oauth(new));
    assert_fixed_in_app(
        "        <callbackUrl>a</callbackUrl>\n        <consumerSecret>x</consumerSecret>\n        <scopes>Api</scopes>\n",
        "        <callbackUrl>a</callbackUrl>\n        <scopes>Api</scopes>\n",
    );
    // On several lines, as formatters wrap it, with trailing blanks.
    assert_fixed_in_app(
        "        <callbackUrl>a</callbackUrl>\n        <consumerSecret\n        >x</consumerSecret\n        >  \n",
        "        <callbackUrl>a</callbackUrl>\n",
    );
    // The only element.
    assert_fixed_in_app("        <consumerSecret>x</consumerSecret>\n", "");
    // Other elements and comments on the same line stay.
    assert_fixed_in_app(
        "        <callbackUrl>a</callbackUrl> <consumerSecret>x</consumerSecret> <scopes>Api</scopes>\n",
        "        <callbackUrl>a</callbackUrl>  <scopes>Api</scopes>\n",
    );
    assert_fixed_in_app(
        "        <callbackUrl>a</callbackUrl>\n        <!-- keep --> <consumerSecret>x</consumerSecret>\n        <!-- me -->\n",
        "        <callbackUrl>a</callbackUrl>\n        <!-- keep --> \n        <!-- me -->\n",
    );
    assert_fixed_in_app(
        "        <callbackUrl>a</callbackUrl>\n\n        <consumerSecret>x</consumerSecret>\n\n        <scopes>Api</scopes>\n",
        "        <callbackUrl>a</callbackUrl>\n\n\n        <scopes>Api</scopes>\n",
    );
    assert_fixed(
        APP,
        WITHOUT_SECRET,
        "<ConnectedApp><oauthConfig><consumerSecret>x</consumerSecret><scopes>Api</scopes></oauthConfig></ConnectedApp>\n",
        "<ConnectedApp><oauthConfig><scopes>Api</scopes></oauthConfig></ConnectedApp>\n",
    );
}

const WITHOUT_FULL: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/scopes", except = "^Full$", absent = "complies" }
fix = { remove = "oauthConfig/scopes" }
"#;

#[test]
fn only_violating_elements_are_removed() {
    let scope = |name: &str| format!("        <scopes>{name}</scopes>\n");
    for (old, new) in [
        (&["Api", "Full", "Web"][..], &["Api", "Web"][..]),
        (&["Full", "Api"], &["Api"]),
        (&["Api", "Full"], &["Api"]),
        (&["Full", "Api", "Full"], &["Api"]),
        (&["Full", "Full"], &[]),
    ] {
        let text = |names: &[&str]| {
            let lines: String = names.iter().map(|name| scope(name)).collect();
            oauth(&lines)
        };
        assert_fixed(APP, WITHOUT_FULL, &text(old), &text(new));
    }
}

const SAFE_LINES: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/callbackUrl", split = "lines", except = "^http:" }
fix = { remove = "oauthConfig/callbackUrl" }
"#;

#[test]
fn line_of_a_value_is_removed() {
    let url = |lines: &str| oauth(&format!("        <callbackUrl>{lines}</callbackUrl>\n"));
    for (old, new) in [
        ("http://a\nhttps://b", "https://b"),
        ("https://b\nhttp://a", "https://b"),
        ("https://b\nhttp://a\nhttps://c", "https://b\nhttps://c"),
        (
            "https://b\n  http://a\n  https://c",
            "https://b\n  https://c",
        ),
        ("http://a\nhttps://b\nhttp://c", "https://b"),
        ("http://a\nhttp://b\nhttps://c", "https://c"),
        ("\n  http://a\n  https://b\n  ", "\n  https://b\n  "),
    ] {
        assert_fixed(APP, SAFE_LINES, &url(old), &url(new));
    }
    assert_not_fixable(
        APP,
        SAFE_LINES,
        &url("http://a"),
        "it is the only item of `callbackUrl`.",
    );
    assert_not_fixable(
        APP,
        SAFE_LINES,
        &url("http://a<!-- c -->\nhttps://b"),
        "`callbackUrl` contains more than plain text.",
    );
}

const WITHOUT_GUEST: &str = r#"
metadata = "ExtlClntAppOauthConfigurablePolicies"
require = { field = "commaSeparatedProfile", split = ",", except = "^Guest$", absent = "complies" }
fix = { remove = "commaSeparatedProfile" }
"#;

#[test]
fn item_of_a_comma_separated_list_is_removed() {
    let list = |items: &str| {
        format!(
            "<ExtlClntAppOauthConfigurablePolicies>\n    <commaSeparatedProfile>{items}\
             </commaSeparatedProfile>\n</ExtlClntAppOauthConfigurablePolicies>\n"
        )
    };
    for (old, new) in [
        ("Guest,Admin", "Admin"),
        ("Admin,Guest", "Admin"),
        ("Admin, Guest, Sales", "Admin, Sales"),
        ("Guest, Admin, Guest", "Admin"),
        ("Admin,Guest,Guest,Sales", "Admin,Sales"),
    ] {
        assert_fixed(POLICIES, WITHOUT_GUEST, &list(old), &list(new));
    }
}

const HTTPS: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/callbackUrl", split = "lines", except = "^http:" }
fix = { replace = "^http:", with = "https:" }
"#;

#[test]
fn part_of_an_item_is_replaced() {
    let url = |lines: &str| oauth(&format!("        <callbackUrl>{lines}</callbackUrl>\n"));
    for (old, new) in [
        ("http://a", "https://a"),
        (" http://a ", " https://a "),
        ("https://b\nhttp://a/http:", "https://b\nhttps://a/http:"),
        ("http://a\n\nhttp://b", "https://a\n\nhttps://b"),
    ] {
        assert_fixed(APP, HTTPS, &url(old), &url(new));
    }
    assert_not_fixable(
        APP,
        HTTPS,
        &url("http://a?b&amp;c"),
        "`callbackUrl` contains more than plain text.",
    );
}

#[test]
fn capture_groups_are_inserted() {
    let check = r#"
metadata = "ConnectedApp"
require = { field = "contactEmail", matches = '@acme\.example$' }
fix = { replace = '^(\w+)@.*$', with = '$1@acme.example' }
"#;
    assert_fixed(
        APP,
        check,
        &app("    <contactEmail>jo@mail.example</contactEmail> <!-- hers -->\n"),
        &app("    <contactEmail>jo@acme.example</contactEmail> <!-- hers -->\n"),
    );
}

const SEVERAL: &str = r#"
metadata = "ConnectedApp"
each = "oauthConfig"
require = { field = "isPkceRequired", is = true }
[check.fix]
set = "isPkceRequired"
to = "true"
and = [
    { set = "isRefreshTokenRotationEnabled", to = "true" },
    { set = "certificate", to = "a & b" },
    { set = "isAdminApproved", to = "true" },
    { remove = "consumerSecret" },
]
"#;

#[test]
fn siblings_are_inserted_in_order() {
    let flags = "        <isAdminApproved>true</isAdminApproved>\n        \
                 <isPkceRequired>true</isPkceRequired>\n        \
                 <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>\n";
    let certificate = "        <certificate>a &amp; b</certificate>\n";
    let callback = "        <callbackUrl>a</callbackUrl>\n";
    let assert_fixed_in_app =
        |old: &str, new: &str| assert_fixed(APP, SEVERAL, &oauth(old), &oauth(new));
    assert_fixed_in_app(callback, &format!("{callback}{certificate}{flags}"));
    assert_fixed_in_app(
        "        <scopes>Api</scopes>\n",
        &format!("{certificate}{flags}        <scopes>Api</scopes>\n"),
    );
    // With an element that is removed at the same position.
    assert_fixed_in_app(
        &format!(
            "{callback}        <consumerSecret>x</consumerSecret>\n        <scopes>Api</scopes>\n"
        ),
        &format!("{callback}{certificate}{flags}        <scopes>Api</scopes>\n"),
    );
    // Some of the elements exist.
    assert_fixed_in_app(
        &format!("{callback}        <isAdminApproved>false</isAdminApproved>\n"),
        &format!("{callback}{certificate}{flags}"),
    );
    // Trailing comments stay on their line, and comment lines before the next element.
    assert_fixed_in_app(
        "        <callbackUrl>a</callbackUrl> <!-- old -->\n        <!-- wide -->\n        <scopes>Api</scopes>\n",
        &format!(
            "        <callbackUrl>a</callbackUrl> <!-- old -->\n{certificate}{flags}        \
             <!-- wide -->\n        <scopes>Api</scopes>\n"
        ),
    );
    let one_line = "<certificate>a &amp; b</certificate><isAdminApproved>true</isAdminApproved>\
                    <isPkceRequired>true</isPkceRequired><isRefreshTokenRotationEnabled>true\
                    </isRefreshTokenRotationEnabled>";
    assert_fixed(
        APP,
        SEVERAL,
        "<ConnectedApp><oauthConfig><callbackUrl>a</callbackUrl></oauthConfig></ConnectedApp>\n",
        &format!(
            "<ConnectedApp><oauthConfig><callbackUrl>a</callbackUrl>{one_line}</oauthConfig></ConnectedApp>\n"
        ),
    );
    assert_fixed(
        APP,
        SEVERAL,
        "<ConnectedApp><oauthConfig/></ConnectedApp>\n",
        &format!("<ConnectedApp><oauthConfig>{one_line}</oauthConfig></ConnectedApp>\n"),
    );
    assert_fixed(
        APP,
        SEVERAL,
        &app("    <oauthConfig />\n"),
        &oauth(&format!("{certificate}{flags}")),
    );
}

const SESSION: &str = r#"
metadata = "ConnectedApp"
require = { field = "sessionPolicy/sessionLevel", is = "HIGH_ASSURANCE" }
[check.fix]
set = "sessionPolicy/sessionLevel"
to = "HIGH_ASSURANCE"
and = [{ set = "sessionPolicy/policyAction", to = "RaiseSessionLevel" }]
"#;

#[test]
fn missing_parent_is_inserted_with_its_children() {
    let policy = "    <sessionPolicy>\n        <policyAction>RaiseSessionLevel</policyAction>\n        \
                  <sessionLevel>HIGH_ASSURANCE</sessionLevel>\n    </sessionPolicy>\n";
    assert_fixed(
        APP,
        SESSION,
        &app("    <label>A</label>\n"),
        &app(&format!("    <label>A</label>\n{policy}")),
    );
    assert_fixed(APP, SESSION, &app("    <sessionPolicy/>\n"), &app(policy));
    // A file with one line keeps one line.
    assert_fixed(
        APP,
        SESSION,
        "<ConnectedApp/>\n",
        "<ConnectedApp><sessionPolicy><policyAction>RaiseSessionLevel</policyAction><sessionLevel>\
         HIGH_ASSURANCE</sessionLevel></sessionPolicy></ConnectedApp>\n",
    );
    // The parent and one of the two elements exist.
    assert_fixed(
        APP,
        SESSION,
        &app(
            "    <sessionPolicy>\n        <policyAction>Block</policyAction> <!-- who? -->\n    </sessionPolicy>\n",
        ),
        &app(
            "    <sessionPolicy>\n        <policyAction>RaiseSessionLevel</policyAction> <!-- who? -->\n        \
              <sessionLevel>HIGH_ASSURANCE</sessionLevel>\n    </sessionPolicy>\n",
        ),
    );
    assert_fixed(
        APP,
        SESSION,
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\">\n\t<a:label>A</a:label>\n</a:ConnectedApp>\n",
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\">\n\t<a:label>A</a:label>\n\t<a:sessionPolicy>\n\t\t\
         <a:policyAction>RaiseSessionLevel</a:policyAction>\n\t\t<a:sessionLevel>HIGH_ASSURANCE</a:sessionLevel>\n\t\
         </a:sessionPolicy>\n</a:ConnectedApp>\n",
    );
    assert_not_fixable(
        APP,
        SESSION,
        &app("    <sessionPolicy/>\n    <sessionPolicy/>\n"),
        "`sessionPolicy` occurs more than once.",
    );
}

const FIELDS: &str = r#"
metadata = "ConnectedApp"
require = { schema = "fields" }
fix = { repair = true }
"#;

#[test]
fn misspelled_element_is_renamed() {
    assert_fixed(
        APP,
        FIELDS,
        &oauth("        <isPkceRequird >true</isPkceRequird\n        > <!-- isPkceRequird -->\n"),
        &oauth("        <isPkceRequired >true</isPkceRequired\n        > <!-- isPkceRequird -->\n"),
    );
    assert_fixed(
        APP,
        FIELDS,
        &oauth("        <isPkceRequird/>\n"),
        &oauth("        <isPkceRequired/>\n"),
    );
    assert_fixed(
        APP,
        FIELDS,
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\"><a:oauthConfg><a:scope>Api</a:scope></a:oauthConfg></a:ConnectedApp>\n",
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\"><a:oauthConfig><a:scopes>Api</a:scopes></a:oauthConfig></a:ConnectedApp>\n",
    );
}

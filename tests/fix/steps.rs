//! Each step that a fix of a rule can have, on files as people and tools write them: what is left
//! is given to the byte, and `git apply` of the patch gives the same.

use crate::support::Project;

const HEAD: &str = r#"id = "own-rule"
title = "Own"
severity = "low"
url = "https://wiki.acme.example/own"
help = "Mend it."
"#;

const APP: &str = "force-app/A.connectedApp-meta.xml";
const POLICIES: &str = "force-app/A_plcy.ecaOauthPlcy-meta.xml";

/// What a check of these lines makes of a file.
#[track_caller]
fn fixed(file: &str, check: &str, text: &str) -> String {
    let rule = format!("{HEAD}\n[[check]]\nmessage = \"Wrong\"\n{check}");
    let project = Project::new()
        .with("forcelint.toml", "rule-paths = [\"own\"]\n")
        .with("own/own-rule.toml", rule)
        .with(file, text)
        .git();
    let own = |arguments: &[&str]| {
        let all: Vec<&str> = ["--select=own-rule"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        project.check_with_every_rule(&all)
    };
    let patch = own(&["--diff", "--fix=all"]);
    assert_ne!(patch.status, 2, "{patch:#?}");
    assert_eq!(project.read(file), text, "--diff wrote");
    if !patch.stdout.is_empty() {
        project.apply("", &patch.stdout);
    }
    let patched = project.read(file);
    project.write(file, text);
    let ran = own(&["--fix=all"]);
    assert_ne!(ran.status, 2, "{ran:#?}");
    let fixed = project.read(file);
    assert_eq!(fixed, patched, "git apply does something else");
    own(&["--fix=all"]).does_not_say("fixed:");
    assert_eq!(project.read(file), fixed, "a second time changes something");
    fixed
}

/// The same with every line end there is, and without one at the end.
#[track_caller]
fn becomes(file: &str, check: &str, old: &str, new: &str) {
    assert_eq!(fixed(file, check, old), new);
    let windows = |text: &str| text.replace('\n', "\r\n");
    assert_eq!(fixed(file, check, &windows(old)), windows(new));
    assert_eq!(fixed(file, check, old.trim_end()), new.trim_end());
}

/// A finding without a fix: the file stays, and the help says why.
#[track_caller]
fn refused(file: &str, check: &str, text: &str, reason: &str) {
    assert_eq!(fixed(file, check, text), text);
    let rule = format!("{HEAD}\n[[check]]\nmessage = \"Wrong\"\n{check}");
    Project::new()
        .with("forcelint.toml", "rule-paths = [\"own\"]\n")
        .with("own/own-rule.toml", rule)
        .with(file, text)
        .check_with_every_rule(&["--select=own-rule", "--format=json"])
        .exits(1)
        .reports(&format!("No automatic fix: {reason}"));
}

fn app(inside: &str) -> String {
    format!("<ConnectedApp>\n{inside}</ConnectedApp>\n")
}

fn oauth(inside: &str) -> String {
    app(&format!("    <oauthConfig>\n{inside}    </oauthConfig>\n"))
}

const NO_SECRET: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/consumerSecret", exists = false }
fix = { remove = "oauthConfig/consumerSecret" }
"#;

#[test]
fn an_element_goes_with_its_line() {
    let is = |old: &str, new: &str| becomes(APP, NO_SECRET, &oauth(old), &oauth(new));
    is(
        "        <callbackUrl>a</callbackUrl>\n        <consumerSecret>x</consumerSecret>\n        <scopes>Api</scopes>\n",
        "        <callbackUrl>a</callbackUrl>\n        <scopes>Api</scopes>\n",
    );
    // Over several lines, as formatters break it, and with blanks behind it.
    is(
        "        <callbackUrl>a</callbackUrl>\n        <consumerSecret\n        >x</consumerSecret\n        >  \n",
        "        <callbackUrl>a</callbackUrl>\n",
    );
    // The last one, and the only one.
    is("        <consumerSecret>x</consumerSecret>\n", "");
    // What shares its line stays: another element, and a comment that may be about more.
    is(
        "        <callbackUrl>a</callbackUrl> <consumerSecret>x</consumerSecret> <scopes>Api</scopes>\n",
        "        <callbackUrl>a</callbackUrl>  <scopes>Api</scopes>\n",
    );
    is(
        "        <callbackUrl>a</callbackUrl>\n        <!-- keep --> <consumerSecret>x</consumerSecret>\n        <!-- me -->\n",
        "        <callbackUrl>a</callbackUrl>\n        <!-- keep --> \n        <!-- me -->\n",
    );
    is(
        "        <callbackUrl>a</callbackUrl>\n\n        <consumerSecret>x</consumerSecret>\n\n        <scopes>Api</scopes>\n",
        "        <callbackUrl>a</callbackUrl>\n\n\n        <scopes>Api</scopes>\n",
    );
    becomes(
        APP,
        NO_SECRET,
        "<ConnectedApp><oauthConfig><consumerSecret>x</consumerSecret><scopes>Api</scopes></oauthConfig></ConnectedApp>\n",
        "<ConnectedApp><oauthConfig><scopes>Api</scopes></oauthConfig></ConnectedApp>\n",
    );
}

const NOT_FULL: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/scopes", except = "^Full$", absent = "complies" }
fix = { remove = "oauthConfig/scopes" }
"#;

#[test]
fn of_several_elements_only_the_wrong_ones_go() {
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
        becomes(APP, NOT_FULL, &text(old), &text(new));
    }
}

const SAFE_LINES: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/callbackUrl", split = "lines", except = "^http:" }
fix = { remove = "oauthConfig/callbackUrl" }
"#;

#[test]
fn a_line_of_a_value_goes() {
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
        becomes(APP, SAFE_LINES, &url(old), &url(new));
    }
    refused(
        APP,
        SAFE_LINES,
        &url("http://a"),
        "it is the only item of `callbackUrl`.",
    );
    refused(
        APP,
        SAFE_LINES,
        &url("http://a<!-- c -->\nhttps://b"),
        "`callbackUrl` contains more than plain text.",
    );
}

const NO_GUEST: &str = r#"
metadata = "ExtlClntAppOauthConfigurablePolicies"
require = { field = "commaSeparatedProfile", split = ",", except = "^Guest$", absent = "complies" }
fix = { remove = "commaSeparatedProfile" }
"#;

#[test]
fn an_item_of_a_comma_list_goes() {
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
        becomes(POLICIES, NO_GUEST, &list(old), &list(new));
    }
}

const HTTPS: &str = r#"
metadata = "ConnectedApp"
require = { field = "oauthConfig/callbackUrl", split = "lines", except = "^http:" }
fix = { replace = "^http:", with = "https:" }
"#;

#[test]
fn a_part_of_an_item_is_exchanged() {
    let url = |lines: &str| oauth(&format!("        <callbackUrl>{lines}</callbackUrl>\n"));
    for (old, new) in [
        ("http://a", "https://a"),
        (" http://a ", " https://a "),
        ("https://b\nhttp://a/http:", "https://b\nhttps://a/http:"),
        ("http://a\n\nhttp://b", "https://a\n\nhttps://b"),
    ] {
        becomes(APP, HTTPS, &url(old), &url(new));
    }
    refused(
        APP,
        HTTPS,
        &url("http://a?b&amp;c"),
        "`callbackUrl` contains more than plain text.",
    );
}

#[test]
fn groups_of_a_pattern_are_kept() {
    let check = r#"
metadata = "ConnectedApp"
require = { field = "contactEmail", matches = '@acme\.example$' }
fix = { replace = '^(\w+)@.*$', with = '$1@acme.example' }
"#;
    becomes(
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
fn several_siblings_stand_in_their_order_at_one_place() {
    let flags = "        <isAdminApproved>true</isAdminApproved>\n        \
                 <isPkceRequired>true</isPkceRequired>\n        \
                 <isRefreshTokenRotationEnabled>true</isRefreshTokenRotationEnabled>\n";
    let certificate = "        <certificate>a &amp; b</certificate>\n";
    let callback = "        <callbackUrl>a</callbackUrl>\n";
    let is = |old: &str, new: &str| becomes(APP, SEVERAL, &oauth(old), &oauth(new));
    is(callback, &format!("{callback}{certificate}{flags}"));
    is(
        "        <scopes>Api</scopes>\n",
        &format!("{certificate}{flags}        <scopes>Api</scopes>\n"),
    );
    // With the element that goes at the very place.
    is(
        &format!(
            "{callback}        <consumerSecret>x</consumerSecret>\n        <scopes>Api</scopes>\n"
        ),
        &format!("{callback}{certificate}{flags}        <scopes>Api</scopes>\n"),
    );
    // Some of them are there.
    is(
        &format!("{callback}        <isAdminApproved>false</isAdminApproved>\n"),
        &format!("{callback}{certificate}{flags}"),
    );
    // Comments stay with what they trail, and above what they stand above.
    is(
        "        <callbackUrl>a</callbackUrl> <!-- old -->\n        <!-- wide -->\n        <scopes>Api</scopes>\n",
        &format!(
            "        <callbackUrl>a</callbackUrl> <!-- old -->\n{certificate}{flags}        \
             <!-- wide -->\n        <scopes>Api</scopes>\n"
        ),
    );
    let one_line = "<certificate>a &amp; b</certificate><isAdminApproved>true</isAdminApproved>\
                    <isPkceRequired>true</isPkceRequired><isRefreshTokenRotationEnabled>true\
                    </isRefreshTokenRotationEnabled>";
    becomes(
        APP,
        SEVERAL,
        "<ConnectedApp><oauthConfig><callbackUrl>a</callbackUrl></oauthConfig></ConnectedApp>\n",
        &format!(
            "<ConnectedApp><oauthConfig><callbackUrl>a</callbackUrl>{one_line}</oauthConfig></ConnectedApp>\n"
        ),
    );
    becomes(
        APP,
        SEVERAL,
        "<ConnectedApp><oauthConfig/></ConnectedApp>\n",
        &format!("<ConnectedApp><oauthConfig>{one_line}</oauthConfig></ConnectedApp>\n"),
    );
    becomes(
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
fn a_missing_parent_comes_with_what_it_holds() {
    let policy = "    <sessionPolicy>\n        <policyAction>RaiseSessionLevel</policyAction>\n        \
                  <sessionLevel>HIGH_ASSURANCE</sessionLevel>\n    </sessionPolicy>\n";
    becomes(
        APP,
        SESSION,
        &app("    <label>A</label>\n"),
        &app(&format!("    <label>A</label>\n{policy}")),
    );
    becomes(APP, SESSION, &app("    <sessionPolicy/>\n"), &app(policy));
    // A file of one line stays one.
    becomes(
        APP,
        SESSION,
        "<ConnectedApp/>\n",
        "<ConnectedApp><sessionPolicy><policyAction>RaiseSessionLevel</policyAction><sessionLevel>\
         HIGH_ASSURANCE</sessionLevel></sessionPolicy></ConnectedApp>\n",
    );
    // The parent is there, and one of the two.
    becomes(
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
    becomes(
        APP,
        SESSION,
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\">\n\t<a:label>A</a:label>\n</a:ConnectedApp>\n",
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\">\n\t<a:label>A</a:label>\n\t<a:sessionPolicy>\n\t\t\
         <a:policyAction>RaiseSessionLevel</a:policyAction>\n\t\t<a:sessionLevel>HIGH_ASSURANCE</a:sessionLevel>\n\t\
         </a:sessionPolicy>\n</a:ConnectedApp>\n",
    );
    refused(
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
fn a_misspelt_element_gets_its_name() {
    becomes(
        APP,
        FIELDS,
        &oauth("        <isPkceRequird >true</isPkceRequird\n        > <!-- isPkceRequird -->\n"),
        &oauth("        <isPkceRequired >true</isPkceRequired\n        > <!-- isPkceRequird -->\n"),
    );
    becomes(
        APP,
        FIELDS,
        &oauth("        <isPkceRequird/>\n"),
        &oauth("        <isPkceRequired/>\n"),
    );
    becomes(
        APP,
        FIELDS,
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\"><a:oauthConfg><a:scope>Api</a:scope></a:oauthConfg></a:ConnectedApp>\n",
        "<a:ConnectedApp xmlns:a=\"http://soap.sforce.com/2006/04/metadata\"><a:oauthConfig><a:scopes>Api</a:scopes></a:oauthConfig></a:ConnectedApp>\n",
    );
}

//! The HTML report. `.ci/check_html.py` tests it in a browser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::support::{Sandbox, app};

fn html(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let all = ["check", "--quiet", "--select=pkce", "--format=html"];
    let check = sandbox.forcelint(all.iter().chain(arguments));
    check.run().stdout
}

/// The part of a text between two other texts.
#[track_caller]
fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let (_, rest) = text.split_once(before).unwrap();
    rest.split_once(after).unwrap().0
}

#[test]
fn report_is_deterministic() {
    let sandbox = Sandbox::with(&["sample"]);
    sandbox.make_repository("sample");
    let page = html(&sandbox, &["sample", "--jobs=1"]);
    assert!(
        page == html(&sandbox, &["sample", "--jobs=7"]),
        "another page"
    );
    let elsewhere = sandbox.forcelint(["check", "-q", "--select=pkce", "--format=html", ".."]);
    let other_page = elsewhere.in_folder("sample/force-app").run().stdout;
    assert!(page == other_page, "another page");
    // The sandbox replaces its own path with `[ROOT]`.
    assert!(!page.contains("[ROOT]"), "an absolute path");
}

#[test]
fn content_security_policy_allows_only_own_style_and_script() {
    let sandbox = Sandbox::with(&["sample"]);
    let page = html(&sandbox, &["sample"]);
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let style = hash(between(&page, "<style>", "</style>"));
    let script = hash(between(&page, "<script>", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src {style}; script-src {script}; base-uri 'none'; \
             form-action 'none'"
        )
    );
    let loads = Regex::new(r#"<[^>]*\s(src|style|on\w+)=|@import|url\("#).unwrap();
    assert_eq!(loads.find(&page).map(|found| found.as_str()), None);
}

#[test]
fn table_has_a_result_per_app_and_rule() {
    let sandbox = Sandbox::with(&["sample"]);
    let page = html(&sandbox, &["sample"]);
    let row = |name: &str| {
        let row = page
            .split("<tr class=\"app\"")
            .find(|row| row.contains(name));
        row.unwrap().split("</tr>").next().unwrap().to_owned()
    };
    assert!(row("Mobile_<wbr>Portal").contains("td class=\"bad critical\""));
    assert!(row("Customer_<wbr>Login").contains("<td class=\"ok\">"));
    // Not reported because the severity is info, but the app does not comply either.
    assert!(row("Trade_<wbr>Fair_<wbr>2024").contains("<td class=\"unreported\""));
    assert!(row("Event_<wbr>Check_<wbr>In").contains("<td class=\"unknown\""));
    assert!(!row("Help_<wbr>Desk_<wbr>SSO").contains("<a href=\"#f"));
}

#[test]
fn malformed_file_complies_with_no_rule() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "force-app/Cut_Off.connectedApp",
        "<ConnectedApp><oauthConfig>",
    );
    let page = html(&sandbox, &["."]);
    let row = between(&page, "<tr class=\"app\"", "</tr>");
    assert!(row.contains("class=\"bad high\"") && row.contains("class=\"unknown\""));
    assert!(!row.contains("class=\"ok\""));
}

#[test]
fn heading_depends_on_the_result() {
    let sandbox = Sandbox::new();
    sandbox.write("notes.txt", "");
    assert!(html(&sandbox, &[".", "--allow-empty"]).contains("Nothing was checked"));
    sandbox.write_app("App.connectedApp");
    assert!(html(&sandbox, &["."]).contains("1 finding at low or above."));
    assert!(html(&sandbox, &[".", "--fail-on=never"]).contains("none fails the run"));
    assert!(html(&sandbox, &[".", "--fail-on=critical"]).contains("none at critical or above"));
    let page = html(&sandbox, &[".", "gone"]);
    assert!(page.contains("Incomplete") && page.contains("<h2>Errors</h2>"));
}

#[test]
fn names_and_values_are_escaped() {
    let sandbox = Sandbox::new();
    let project = r#"{ "name": "<script>x</script>\u202e", "packageDirectories": [] }"#;
    sandbox.write("sfdx-project.json", project);
    let value = "https://a.example/&lt;img src=x onerror=alert(1)&gt;&quot;&#x202E;";
    sandbox.write(
        "%3Cimg src=x onerror=alert(1)%3E.connectedApp",
        app(value).replace("<label>", "<label>&lt;/details&gt;"),
    );
    let page = html(&sandbox, &["."]);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));
    assert!(page.contains("&lt;script&gt;x&lt;/script&gt;\u{fffd}"));
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;"));
}

#[test]
fn secrets_are_masked() {
    let sandbox = Sandbox::with(&["sample"]);
    let page = html(&sandbox, &["sample", "--select=consumer-secret-in-source"]);
    assert!(page.contains("[masked]"));
    assert!(!page.contains("EXAMPLE0NOT0A0REAL0SECRET0EXAMPLE"));
}

/// A project that adopted forcelint: exceptions, one of them expired, a comment and a baseline.
#[test]
fn suppressed_findings_and_expired_exceptions_are_listed() {
    let sandbox = Sandbox::with(&["adopted"]);
    let check = |format: &str| {
        let arguments = ["check", "--quiet", format, "adopted"];
        sandbox.with_every_rule(arguments).run().expect(1).stdout
    };
    let page = check("--format=html");
    let accepted = between(&page, "<h2>Suppressed</h2>", "</section>");
    let (exceptions, rest) = accepted.split_once("Expired exceptions").unwrap();
    let (expired, rest) = rest.split_once("Comments in files").unwrap();
    assert!(exceptions.contains("Legacy_ERP") && exceptions.contains("2099-03-31"));
    assert!(!exceptions.contains("Mobile_Portal"), "{exceptions}");
    assert!(expired.contains("Mobile_Portal") && expired.contains("2026-06-30"));
    assert!(expired.contains("mobile team"), "{expired}");
    assert!(rest.contains("no person ever logs in"), "{rest}");
    assert!(rest.contains("14 findings in the baseline"), "{rest}");
    // The finding of the expired exception is reported again.
    let concise = check("--format=concise");
    let mut reported = concise
        .lines()
        .filter(|line| line.contains("pkce-required"));
    assert!(reported.next().unwrap().contains("Mobile_Portal"));
    assert_eq!(reported.next(), None);
}

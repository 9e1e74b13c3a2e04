//! The HTML report. `.ci/check_html.py` tests it in a browser.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::repository::{CONFIDENTIAL, PUBLIC, Repository};
use crate::support::{Sandbox, app, project_with};

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
        let mut rows = page.split("<tr class=\"app\"").skip(1);
        let row = rows.find(|row| row.contains(name));
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
    let accepted = between(&page, "<h2>Accepted</h2>", "</section>");
    let (exceptions, rest) = accepted.split_once("Comments in files").unwrap();
    let (comments, expired) = rest.split_once("Expired exceptions").unwrap();
    assert!(exceptions.contains("Legacy_ERP") && exceptions.contains("2099-03-31"));
    assert!(!exceptions.contains("Mobile_Portal"), "{exceptions}");
    assert!(comments.contains("no person ever logs in"), "{comments}");
    assert!(expired.contains("Mobile_Portal") && expired.contains("2026-06-30"));
    assert!(expired.contains("mobile team"), "{expired}");
    let baseline = between(&page, "<h2>Baseline</h2>", "</section>");
    assert!(
        baseline.contains("14 findings in the baseline"),
        "{baseline}"
    );
    assert!(baseline.contains("not reviewed") && !baseline.contains("2099-03-31"));
    // The finding of the expired exception is reported again.
    let concise = check("--format=concise");
    let mut reported = concise
        .lines()
        .filter(|line| line.contains("pkce-required"));
    assert!(reported.next().unwrap().contains("Mobile_Portal"));
    assert_eq!(reported.next(), None);
}

/// The facts below the heading, by name, without markup.
fn facts(page: &str) -> Vec<(String, String)> {
    let list = between(page, "<dl class=\"facts\"", "</dl>");
    let tags = Regex::new("<[^>]*>").unwrap();
    let text = |html: &str| tags.replace_all(html, "").into_owned();
    let facts = list.split("<div>").skip(1).map(|fact| {
        let (name, value) = fact.split_once("</dt>").unwrap();
        (text(name), text(value))
    });
    facts.collect()
}

#[test]
fn report_names_the_commit_and_the_state_of_the_files() {
    let repository = Repository::new();
    repository.app("App", CONFIDENTIAL);
    repository.commit();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all = ["check", "--quiet"].iter().chain(arguments);
        let mut check = repository.sandbox.forcelint(all);
        for (name, value) in variables {
            check = check.env(name, value);
        }
        check.run().expect(1).stdout
    };
    let check = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = [&["--format=html"], arguments].concat();
        facts(&run(&arguments, variables))
    };
    let fact = |facts: &[(String, String)], wanted: &str| {
        let found = facts.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let commit = repository.git(["rev-parse", "HEAD"]);
    let clean = check(&[], &[]);
    assert!(
        fact(&clean, "Commit").starts_with(&format!("{commit}, 20")),
        "{clean:?}"
    );
    assert!(fact(&clean, "Commit").ends_with(" UTC"), "{clean:?}");
    assert_eq!(fact(&clean, "Branch"), "main");
    assert_eq!(fact(&clean, "Working tree"), "clean");
    assert_eq!(fact(&clean, "Date"), "");
    assert!(fact(&clean, "Checked with").starts_with("forcelint "));
    // The report of this run is not a part of what it describes, in its second run either.
    let write = || {
        run(&["--format=html=report.html", "."], &[]);
        fs::read_to_string(repository.path("report.html")).unwrap()
    };
    let first = facts(&write());
    assert_eq!(fact(&first, "Working tree"), "clean");
    assert_eq!(facts(&write()), first);
    repository.commit();
    fs::write(repository.path("report.html"), "").unwrap();
    assert_eq!(fact(&facts(&write()), "Working tree"), "clean");
    repository.git(["checkout", "--quiet", "report.html"]);
    // Other files are.
    repository.app("App", PUBLIC);
    repository.app("New", PUBLIC);
    let dirty = check(
        &["--since=main", "."],
        &[("SOURCE_DATE_EPOCH", "1795000000")],
    );
    let state = fact(&dirty, "Working tree");
    assert!(state.contains("1 file differs from the commit"), "{state}");
    assert!(state.contains("not in git"), "{state}");
    assert_eq!(fact(&dirty, "Date"), "2026-11-18 (SOURCE_DATE_EPOCH)");
    assert!(
        fact(&dirty, "Scope").ends_with(", --since main"),
        "{dirty:?}"
    );
    // CI systems check out a commit.
    repository.git(["checkout", "--quiet", "--detach"]);
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_HEAD_REF", "fix/<b>login"),
    ];
    let detached = check(&[], &github);
    assert_eq!(
        fact(&detached, "Branch"),
        "fix/&lt;b&gt;login (from GITHUB_HEAD_REF)"
    );
    assert_eq!(
        fact(&check(&[], &[]), "Branch"),
        "unknown: HEAD is detached"
    );
}

#[test]
fn report_without_a_repository_has_no_commit() {
    let sandbox = project_with(&["App"]);
    let facts = facts(&html(&sandbox, &["."]));
    let text = "none: the checked files are not in a git repository";
    assert!(
        facts.contains(&("Commit".to_owned(), text.to_owned())),
        "{facts:?}"
    );
}

/// The result and the details of a control.
fn control<'p>(page: &'p str, id: &str) -> &'p str {
    let id = id.replace('_', "_<wbr>");
    let rows = page.split("<tr class=\"control\"").skip(1);
    let mut rows = rows.map(|row| row.split("</tr>").next().unwrap());
    let row = rows.find(|row| row.contains(&format!("\"id\">{id}<")));
    row.unwrap_or_default()
}

#[test]
fn controls_have_a_result_by_authority() {
    let sandbox = project_with(&["App"]);
    let (connected, external) = (
        "shr_api_enable_oauth_settings_require_proof_key_for_code_exchange_pkce",
        "shr_security_require_proof_key_for_code_exchange_pkce",
    );
    let page = html(&sandbox, &["."]);
    assert!(control(&page, connected).contains(">failed<"), "{page}");
    assert!(control(&page, connected).contains("Findings: 1 high"));
    // A connected app does not fail a control of External Client Apps, and does not pass it either.
    assert_eq!(control(&page, external), "");
    let review = between(&page, "Salesforce Security Health Review", "<h3>");
    assert!(review.contains(": nothing to check</summary>"), "{review}");
    assert!(
        review.contains(": not visible in source</summary>"),
        "{review}"
    );
    // Other rules are off, so that their controls are not checked.
    let rotation = "shr_api_enable_oauth_settings_enable_refresh_token_rotation";
    assert!(control(&page, rotation).contains(">not checked<"), "{page}");
    // An accepted finding does not make a control pass.
    let exception = "[[exception]]\nrule = \"pkce-required\"\npath = \"**\"\nreason = \"legacy\"\n";
    sandbox.write("forcelint.toml", exception);
    let page = html(&sandbox, &["."]);
    let row = control(&page, connected);
    assert!(
        row.contains(">failed<") && row.contains("1 accepted"),
        "{row}"
    );
    sandbox.write("forcelint.toml", "");
    let flag = "<isPkceRequired>true</isPkceRequired></oauthConfig>";
    let fixed = app("https://portal.acme.example/callback").replace("</oauthConfig>", flag);
    sandbox.write("force-app/App.connectedApp", fixed);
    let page = html(&sandbox, &["."]);
    assert!(control(&page, connected).contains(">passed<"), "{page}");
}

#[test]
fn findings_are_sorted_by_severity_and_the_worst_rule_is_first() {
    let sandbox = Sandbox::with(&["sample"]);
    let run = sandbox.with_every_rule(["check", "-q", "--format=html", "sample"]);
    let page = run.run().expect(1).stdout;
    let (_, findings) = page.split_once("<section id=\"findings\">").unwrap();
    let severities: Vec<&str> = findings
        .split("<details class=\"finding ")
        .skip(1)
        .map(|it| it.split('"').next().unwrap())
        .collect();
    let rank = |name: &&str| {
        let all = ["critical", "high", "medium", "low", "info"];
        all.iter().position(|it| it == name)
    };
    assert!(
        severities.len() > 40 && severities.is_sorted_by_key(rank),
        "{severities:?}"
    );
    let first = between(&page, "<section id=\"fix-first\">", "</section>");
    let rules: Vec<&str> = first
        .split("<li>")
        .skip(1)
        .map(|it| between(it, "href=\"#rule-", "\""))
        .collect();
    let expected = [
        "refresh-token-rotation",
        "pkce-required",
        "secret-for-refresh-token",
        "refresh-token-expiry",
        "consumer-secret-in-source",
    ];
    assert_eq!(rules, expected);
}

#[test]
fn other_components_than_apps_are_listed_by_type() {
    let sandbox = project_with(&["App"]);
    let settings = "<SecuritySettings xmlns=\"http://soap.sforce.com/2006/04/metadata\"><sessionSettings>\
                    <enableCSRFOnPost>false</enableCSRFOnPost></sessionSettings></SecuritySettings>";
    sandbox.write("force-app/settings/Security.settings", settings);
    let run = sandbox.with_every_rule(["check", "-q", "--format=html"]);
    let page = run.run().stdout;
    let others = between(&page, "<section id=\"others\">", "</section>");
    assert!(
        others.contains("<th scope=\"row\"><code>SecuritySettings</code></th>"),
        "{others}"
    );
    assert!(others.contains("<bdi>Security</bdi></a> (1)"), "{others}");
    assert!(!others.contains("ConnectedApp</code>"), "{others}");
}

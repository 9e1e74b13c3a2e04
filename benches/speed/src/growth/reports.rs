//! Dimensions of reports and fixes.

use super::dimension::Dimension;
use super::fixture::{Fixture, WITHOUT_PKCE, each};

/// Writes files with a few findings each.
fn findings(it: &Fixture, count: usize) {
    for at in 0..count {
        let path = format!(
            "force-app/f{}/connectedApps/A{at}.connectedApp-meta.xml",
            at / 100
        );
        it.metadata(&path, "ConnectedApp", WITHOUT_PKCE);
    }
}

const SECRETS: fn(&Fixture, usize) = |it, n| {
    it.app(&each(n, |at| format!("<oauthConfig><consumerKey>K{at}</consumerKey><isPkceRequired>false</isPkceRequired></oauthConfig>\n")));
};

pub const DIMENSIONS: &[Dimension] = &[
    Dimension::new("findings, pretty", 500, findings).with(&["--format=pretty"]),
    Dimension::new("findings, concise", 1_000, findings).with(&["--format=concise"]),
    Dimension::new("findings, json", 1_000, findings).with(&["--format=json"]),
    Dimension::new("findings, sarif", 1_000, findings).with(&["--format=sarif"]),
    Dimension::new("findings, github", 1_000, findings).with(&["--format=github"]),
    Dimension::new("findings, gitlab", 1_000, findings).with(&["--format=gitlab"]),
    Dimension::new("findings, junit", 1_000, findings).with(&["--format=junit"]),
    Dimension::new("findings, markdown", 1_000, findings).with(&["--format=markdown"]),
    Dimension::new("findings, html", 500, findings).with(&["--format=html"]),
    Dimension::new("findings in one file, json", 1_000, SECRETS).with(&["--format=json"]),
    Dimension::new("findings in one file, html", 1_000, SECRETS).with(&["--format=html"]),
    Dimension::new("findings in one file, junit", 1_000, SECRETS).with(&["--format=junit"]),
    Dimension::new("findings in one file, sarif", 1_000, SECRETS).with(&["--format=sarif"]),
    Dimension::new("findings in one file, markdown", 1_000, SECRETS).with(&["--format=markdown"]),
    Dimension::new("the same component in many folders, junit", 500, |it, n| {
        for at in 0..n {
            it.metadata(
                &format!("force-app/f{at}/connectedApps/A.connectedApp-meta.xml"),
                "ConnectedApp",
                WITHOUT_PKCE,
            );
        }
    })
    .with(&["--format=junit"]),
    Dimension::new("fixed files", 500, findings).with(&["--diff", "--fix=all"]),
    Dimension::new("fixes in one file", 1_000, |it, n| {
        it.app(
            &"<oauthConfig>\n<isPkceRequired>false</isPkceRequired>\n</oauthConfig>\n".repeat(n),
        );
    })
    .with(&["--diff", "--fix=all", "--select=pkce-required"]),
    Dimension::new("removed elements in one file", 4_000, |it, n| {
        it.app(&"<oauthConfig><consumerSecret>k1</consumerSecret></oauthConfig>\n".repeat(n));
    })
    .with(&["--diff", "--fix=all", "--select=consumer-secret-in-source"]),
    Dimension::new("removed items of one element", 1_000, |it, n| {
        let items = each(n, |at| format!("http://h{at}.acme.test/cb\n"));
        it.app(&format!(
            "<oauthConfig><callbackUrl>{items}</callbackUrl></oauthConfig>"
        ));
    })
    .with(&["--diff", "--fix=all", "--select=callback-insecure"]),
];

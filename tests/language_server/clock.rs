//! The effect of time on an open document.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use crate::client::{Client, Project, uri};

const RULE: &str = "pkce-required";

#[test]
fn exception_expires_at_midnight_in_an_open_document() {
    let project = Project::sample();
    let report = project.check(&[]);
    let mut findings = report["findings"].as_array().unwrap().iter();
    let finding = findings.find(|it| it["rule"] == RULE).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let component = &finding["component"];
    let app = project.path(&text(&finding["path"]));
    project.write(
        "forcelint.toml",
        &format!(
            "[[exception]]\nrule = \"{RULE}\"\ncomponent = \"{}:{}\"\n\
             reason = \"a migration is under way\"\nexpires = 2026-11-28\n",
            text(&component["type"]),
            text(&component["name"])
        ),
    );
    let last_second: Timestamp = "2026-11-28T23:59:59Z".parse().unwrap();
    let next_day: Timestamp = "2026-11-29T00:00:00Z".parse().unwrap();
    let is_midnight = Arc::new(AtomicBool::new(false));
    let clock = Arc::clone(&is_midnight);
    let now = move || match clock.load(Ordering::Relaxed) {
        true => next_day,
        false => last_second,
    };
    let mut client = Client::with_clock(&project.root, now);
    client.open(&app);
    client.wait_for("the first diagnostics", |client| {
        client.published.contains_key(&uri(&app))
    });
    assert!(!is_reported(&client, &app), "the exception still applies");
    // The client sends nothing after this.
    is_midnight.store(true, Ordering::Relaxed);
    client.wait_for("the finding", |client| is_reported(client, &app));
}

fn is_reported(client: &Client, app: &Path) -> bool {
    let diagnostics = client.last(app).diagnostics;
    diagnostics.iter().any(|it| it["code"] == RULE)
}

//! The example in the page about JSON reports.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use forcelint::config::ExitStatus;
use forcelint::output::{Context, Format, ReportView, RunInfo, Style, render};
use forcelint::project::{Projects, Targets, canonical};
use forcelint::rule::{RuleSet, Selection};
use forcelint::run::{Options, Workspace, run_once};

use crate::generated::Generated;
use crate::repository::read;

const PAGE: &str = "docs/json.md";
const PROJECT: &str =
    "{ \"packageDirectories\": [{ \"path\": \"force-app\" }], \"sourceApiVersion\": \"66.0\" }";
const APP: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ConnectedApp xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Field Service</label>
    <oauthConfig>
        <callbackUrl>acmefield://oauth/done</callbackUrl>
    </oauthConfig>
</ConnectedApp>
"#;

pub fn generate(generated: &mut Generated) {
    let folder = tempfile::tempdir().expect("temporary folders can be created");
    let apps = folder.path().join("force-app/connectedApps");
    let app = apps.join("Field_Service.connectedApp-meta.xml");
    fs::create_dir_all(&apps)
        .and_then(|()| fs::write(folder.path().join("sfdx-project.json"), PROJECT))
        .and_then(|()| fs::write(app, APP))
        .expect("temporary folders are writable");
    let report = pretty(json_of(folder.path()).trim_end());
    let page = read(PAGE);
    let (before, rest) = page
        .split_once("```json\n")
        .expect("the page has an example");
    let (_, after) = rest.split_once("\n```\n").expect("the example ends");
    generated.file(PAGE, format!("{before}```json\n{report}\n```\n{after}"));
}

/// The JSON report of the PKCE rule for a project.
fn json_of(folder: &Path) -> String {
    let selection = Selection {
        select: vec!["pkce-required".to_owned()],
        ..Selection::default()
    };
    let rules = RuleSet::select(&selection).expect("the rule exists");
    let rules = Arc::new(rules);
    let folder = canonical(folder).expect("the folder exists");
    let targets = Targets::resolve(&[folder], Path::new("/"), &Projects::default());
    let targets = targets.expect("the folder exists");
    let today = jiff::civil::date(2026, 11, 28);
    let report = run_once(&Workspace::new(&rules, Options::on(today)), &targets);
    let style = Style {
        width: 80,
        color: false,
        unicode: true,
        hyperlinks: false,
    };
    let run = RunInfo::new(ExitStatus::Clean);
    let context = Context {
        report: ReportView::new(&report),
        rules: &rules,
        run: &run,
        style: &style,
        working_directory: Path::new("/"),
    };
    render(Format::Json, &context)
}

/// Adds line breaks and indentation to JSON. Keys keep their order.
fn pretty(json: &str) -> String {
    let mut text = Vec::new();
    let mut from = serde_json::Deserializer::from_str(json);
    let mut to = serde_json::Serializer::pretty(&mut text);
    serde_transcode::transcode(&mut from, &mut to).expect("the report is JSON");
    String::from_utf8(text).expect("JSON is text")
}

//! Diagnostics, hovers and code actions of all built-in rules, for the files of their tests.

use std::collections::BTreeSet;
use std::path::PathBuf;

use forcelint::project::MetadataType;
use forcelint::rule::{BUILT_IN, Example, MALFORMED, compile_tests};
use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, uri};

/// The most words of a hover.
const MAX_WORDS: usize = 80;

/// The characters of a title have to be fewer.
const TITLE_END: usize = 60;

const PROJECT: &str =
    r#"{ "packageDirectories": [{ "path": "force-app" }], "sourceApiVersion": "66.0" }"#;

/// Writes the project of a test into a folder. Returns the path of the checked file.
fn write(project: &Project, folder: &str, example: &Example) -> PathBuf {
    project.write(&format!("{folder}/.git/HEAD"), "");
    let settings = example.project.as_deref().unwrap_or(PROJECT);
    project.write(&format!("{folder}/sfdx-project.json"), settings);
    let path = |directory: &str, metadata: &str, component: &str, suffix: Option<&str>| {
        let metadata_type = MetadataType::named(metadata).unwrap();
        let suffix = suffix.unwrap_or(metadata_type.suffix().unwrap());
        let name = metadata_type.file_name_with_suffix(component, suffix);
        format!("{folder}/{directory}/main/default/{name}")
    };
    for file in &example.with {
        let path = path(&file.directory, &file.metadata, &file.component, None);
        project.write(&path, &file.xml);
    }
    let suffix = example.suffix.as_deref();
    let own = path("force-app", &example.metadata, &example.component, suffix);
    project.write(&own, &example.xml);
    project.path(&own)
}

/// The text that a reader of Markdown sees.
fn shown(markdown: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
        ("&#124;", "|"),
    ];
    let text = markdown.replace(['`', '*', '\\', '\u{200b}', '\u{2060}'], "");
    let text = text.replace("<span>$</span>", "$");
    let decode = |text: String, (entity, sign): (&str, &str)| text.replace(entity, sign);
    entities.into_iter().fold(text, decode)
}

fn words(text: &str) -> usize {
    let words = text.split_whitespace();
    words
        .filter(|it| it.contains(char::is_alphanumeric))
        .count()
}

#[test]
fn findings_have_a_short_hover_a_link_and_short_titles() {
    let project = Project::empty();
    let options = json!({ "minSeverity": "info" });
    let mut client = Client::with(&project.root, capabilities(), options);
    let (mut rules, mut fixed) = (BTreeSet::new(), 0);
    // The parser reports malformed files, so their rule has no tests.
    for built_in in BUILT_IN.iter().filter(|it| it.id != MALFORMED) {
        let examples = compile_tests(built_in.id, built_in.tests_toml()).unwrap();
        let failing = examples.iter().enumerate();
        let mut failing =
            failing.filter(|(_, it)| !it.expect.is_empty() && it.forceignore.is_none());
        let (at, example) = failing.next().expect(built_in.id);
        let path = write(&project, &format!("{}-{at}", built_in.id), example);
        client.open_as(&path, &example.xml);
        let diagnostics = client.diagnostics(&path);
        let is_of_rule = |it: &&Value| it["code"] == built_in.id;
        let diagnostic = diagnostics.iter().find(is_of_rule).expect(built_in.id);
        let page = format!("/docs/rules/{}.md", built_in.id);
        let href = diagnostic["codeDescription"]["href"].as_str().unwrap();
        assert!(href.ends_with(&page), "{href}");

        let start = &diagnostic["range"]["start"];
        let number = |key: &str| start[key].as_u64().unwrap() as u32;
        let (line, character) = (number("line"), number("character"));
        let hover = client.at("textDocument/hover", &path, line, character);
        let hover = hover["contents"]["value"].as_str().unwrap();
        let count = words(hover);
        assert!(count <= MAX_WORDS, "{count} words: {hover}");
        let first = shown(hover.split("\n\n").next().unwrap());
        // Another rule can have a more severe finding here.
        let is_remedy = |it: &Value| {
            let message = it["message"].as_str().unwrap();
            let remedy = shown(message.split_once('\n').unwrap().1).replace(['\'', '"'], "");
            remedy.starts_with(&first.replace(['\'', '"'], ""))
        };
        assert!(
            diagnostics.iter().any(is_remedy),
            "{}: {hover}",
            built_in.id
        );
        if diagnostics.len() == 1 {
            assert!(hover.contains(&format!("({href})")), "{hover}");
        }

        for action in client.actions(&path, line..line + 1, json!(["quickfix"])) {
            let title = action["title"].as_str().unwrap();
            assert!(title.chars().count() < TITLE_END, "{title}");
            assert!(!title.contains('`'), "{title}");
            fixed +=
                usize::from(action["isPreferred"] == true || title.contains("(rollout first)"));
        }
        rules.insert(built_in.id);
    }
    assert!(rules.len() > 150 && fixed > 50, "{} {fixed}", rules.len());
}

/// The rule, the message and the range of a diagnostic. Evidence in other files can be added later.
fn identity(diagnostic: &Value) -> String {
    let range = &diagnostic["range"];
    format!("{} {} {range}", diagnostic["code"], diagnostic["message"])
}

#[test]
fn a_finding_that_is_shown_before_other_files_are_read_is_not_taken_back() {
    let project = Project::empty();
    let options = json!({ "minSeverity": "info" });
    let mut client = Client::with(&project.root, capabilities(), options);
    let (mut early, mut later) = (0, 0);
    for built_in in BUILT_IN.iter().filter(|it| it.id != MALFORMED) {
        let examples = compile_tests(built_in.id, built_in.tests_toml()).unwrap();
        let examples = examples.iter().enumerate();
        for (at, example) in examples.filter(|(_, it)| !it.with.is_empty()) {
            let path = write(&project, &format!("{}-{at}", built_in.id), example);
            client.open_as(&path, &example.xml);
            // A request would wait for all diagnostics.
            client.wait_for("diagnostics", |it| it.history.contains_key(&uri(&path)));
            client.sync();
            let history = &client.history[&uri(&path)];
            let all: Vec<Vec<String>> = history
                .iter()
                .map(|it| it.diagnostics.iter().map(identity).collect())
                .collect();
            let (last, before) = all.split_last().unwrap();
            assert!(before.len() <= 1, "{path:?}: {all:#?}");
            for first in before {
                assert!(!first.is_empty(), "{path:?}");
                assert!(
                    first.iter().all(|it| last.contains(it)),
                    "{path:?}: {all:#?}"
                );
                early += 1;
                later += usize::from(first.len() < last.len());
            }
            // Diagnostics that are shown stay until all new ones are known.
            client.write(&path, &format!("{}\n", example.xml));
            client.sync();
            let published = client.history[&uri(&path)].len();
            assert_eq!(published, all.len() + 1, "{path:?}");
            client.close(&path);
        }
    }
    assert!(early > 50 && later > 50, "{early} {later}");
}

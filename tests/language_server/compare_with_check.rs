//! Diagnostics after random edits, compared with `forcelint check` of the same texts.
//!
//! To test more cases than `cargo test`, run `PROPTEST_CASES=200 cargo test --test language_server
//! compare_with_check`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, offset, position, with_utf8};

/// Related files: apps, External Client Apps with their parts, and org settings.
const FILES: [&str; 8] = [
    "force-app/main/default/connectedApps/Mobile_Portal.connectedApp-meta.xml",
    "force-app/main/default/connectedApps/Partner_Middleware.connectedApp-meta.xml",
    "force-app/main/default/connectedApps/Warehouse_Scanner.connectedApp-meta.xml",
    "force-app/main/default/externalClientApps/Field_Service.eca-meta.xml",
    "force-app/main/default/extlClntAppGlobalOauthSets/Field_Service_glbloauth.ecaGlblOauth-meta.xml",
    "force-app/main/default/extlClntAppOauthPolicies/Field_Service_oauthPlcy.ecaOauthPlcy-meta.xml",
    "force-app/main/default/settings/OauthOidc.settings-meta.xml",
    "force-app/main/default/connectedApps/New.connectedApp-meta.xml",
];

/// The config exists only in the editor, too.
const CONFIG: &str = "forcelint.toml";

/// Possible configs.
const CONFIGS: [&str; 7] = [
    "",
    "[rules]\npkce-required = \"low\"\nrefresh-token-rotation = \"off\"\n",
    "exclude = [\"settings\"]\n",
    "exclude = [\"Field_Service*\", \"New*\"]\nselect = [\"oauth\"]\n",
    "[[exception]]\nrule = \"pkce-required\"\ncomponent = \"ConnectedApp:Mobile_Portal\"\nreason = \"x\"\n",
    "min-severity = \"high\"\nfail-on = \"high\"\n",
    "ignore = [\"pkce-required\"]\nmin-severity = \"info\"\n",
];

/// Files that exist only in the editor.
const UNSAVED: [(&str, &str); 2] = [
    (
        FILES[6],
        "<?xml version=\"1.0\"?>\n<OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <isPkceRequired>true</isPkceRequired>\n</OauthOidcSettings>\n",
    ),
    (
        FILES[7],
        "<ConnectedApp xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    <label>ü😀</label>\n    <oauthConfig>\n        <callbackUrl>https://a.example/</callbackUrl>\n        <scopes>Api</scopes>\n    </oauthConfig>\n</ConnectedApp>\n",
    ),
];

/// What a user does in an editor.
#[derive(Debug, Clone)]
enum Event {
    /// Inserts text, or replaces what is selected.
    Type {
        file: Index,
        at: Index,
        selected: usize,
        text: &'static str,
    },
    /// Replaces a text with another.
    Replace {
        file: Index,
        from: &'static str,
        to: &'static str,
    },
    /// Several changes in one notification.
    ChangeSeveral {
        file: Index,
        at: Vec<Index>,
    },
    /// Restores the original text.
    Restore {
        file: Index,
    },
    CloseAndOpen {
        file: Index,
    },
    /// Changes the config.
    Configure {
        config: &'static str,
    },
    Save {
        file: Index,
    },
    /// Sends requests between the edits.
    Request {
        file: Index,
        at: Index,
    },
}

fn event() -> impl Strategy<Value = Event> {
    let file = any::<Index>;
    let words = vec![
        "true",
        "false",
        "ü😀",
        "<",
        ">",
        "\n",
        "\r\n",
        "\r",
        "",
        " ",
        "<!-- ",
        " -->",
        "<isPkceRequired>false</isPkceRequired>",
        "</oauthConfig>",
        "acme://x",
        "<!-- forcelint-ignore pkce-required: why -->",
        "&amp;",
        "&x;",
        "<scopes>Full</scopes>",
    ];
    let replacements = vec![
        ("<isPkceRequired>true", "<isPkceRequired>false"),
        ("<isPkceRequired>false", "<isPkceRequired>true"),
        ("https://", "acme://"),
        ("<isPkceRequired>", "<isPkceRequire>"),
        (
            "<externalClientApplication>",
            "<externalClientApplication>X",
        ),
        ("\n", "\r\n"),
        ("</oauthConfig>", ""),
        ("Optional>false", "Optional>true"),
        (
            "<label>",
            "<!-- <consumerSecret>hidden</consumerSecret> --><label>",
        ),
    ];
    prop_oneof![
        4 => (file(), file(), 0..12_usize, select(words))
            .prop_map(|(file, at, selected, text)| Event::Type { file, at, selected, text }),
        6 => (file(), select(replacements))
            .prop_map(|(file, (from, to))| Event::Replace { file, from, to }),
        1 => (file(), prop::collection::vec(file(), 1..5))
            .prop_map(|(file, at)| Event::ChangeSeveral { file, at }),
        3 => file().prop_map(|file| Event::Restore { file }),
        1 => file().prop_map(|file| Event::CloseAndOpen { file }),
        1 => file().prop_map(|file| Event::Save { file }),
        1 => select(CONFIGS.to_vec()).prop_map(|config| Event::Configure { config }),
        1 => (file(), file()).prop_map(|(file, at)| Event::Request { file, at }),
    ]
}

struct Editor {
    client: Client,
    project: Project,
    is_utf8: bool,
    texts: BTreeMap<PathBuf, String>,
    original: BTreeMap<PathBuf, String>,
}

impl Editor {
    fn new(is_utf8: bool) -> Self {
        let project = Project::sample();
        let client_capabilities = match is_utf8 {
            true => with_utf8(capabilities()),
            false => capabilities(),
        };
        let mut client = Client::with(&project.root, client_capabilities, json!({}));
        let mut texts = BTreeMap::new();
        for name in FILES {
            let path = project.path(name);
            let unsaved = UNSAVED.iter().find(|(unsaved, _)| *unsaved == name);
            let text = match unsaved {
                Some((_, text)) => (*text).to_owned(),
                None => fs::read_to_string(&path).unwrap(),
            };
            client.open_as(&path, &text);
            texts.insert(path, text);
        }
        let config = project.path(CONFIG);
        client.open_as(&config, "");
        texts.insert(config, String::new());
        Self {
            client,
            project,
            is_utf8,
            original: texts.clone(),
            texts,
        }
    }

    fn path(&self, file: &Index) -> PathBuf {
        self.project.path(FILES[file.index(FILES.len())])
    }

    fn replace(&mut self, path: &Path, start: usize, end: usize, with: &str) -> Value {
        let text = self.texts.get_mut(path).unwrap();
        let boundary = |at: usize| text.floor_char_boundary(at.min(text.len()));
        // A position is never between CR and LF.
        let outside_crlf =
            |at: usize| match text[..at].ends_with('\r') && text[at..].starts_with('\n') {
                true => at - 1,
                false => at,
            };
        let start = outside_crlf(boundary(start));
        let end = outside_crlf(boundary(end)).max(start);
        let range = json!({
            "start": position(text, start, self.is_utf8),
            "end": position(text, end, self.is_utf8),
        });
        text.replace_range(start..end, with);
        json!({ "range": range, "text": with })
    }

    fn handle(&mut self, event: &Event) {
        match event {
            Event::Type {
                file,
                at,
                selected,
                text,
            } => {
                let path = self.path(file);
                let at = at.index(self.texts[&path].len() + 1);
                let change = self.replace(&path, at, at + selected, text);
                self.client.change(&path, json!([change]));
            }
            Event::Replace { file, from, to } => {
                let path = self.path(file);
                if let Some(at) = self.texts[&path].find(from) {
                    let change = self.replace(&path, at, at + from.len(), to);
                    self.client.change(&path, json!([change]));
                }
            }
            Event::ChangeSeveral { file, at } => {
                let path = self.path(file);
                let changes: Vec<Value> = at
                    .iter()
                    .map(|at| {
                        let at = at.index(self.texts[&path].len() + 1);
                        self.replace(&path, at, at, "x\n")
                    })
                    .collect();
                self.client.change(&path, json!(changes));
            }
            Event::Restore { file } => {
                let path = self.path(file);
                let text = self.original[&path].clone();
                self.client.write(&path, &text);
                self.texts.insert(path, text);
            }
            Event::CloseAndOpen { file } => {
                let path = self.path(file);
                self.client.close(&path);
                self.client.open_as(&path, &self.texts[&path]);
            }
            Event::Configure { config } => {
                let path = self.project.path(CONFIG);
                self.client.write(&path, config);
                self.texts.insert(path, (*config).to_owned());
            }
            Event::Save { file } => {
                let path = self.path(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &self.texts[&path]).unwrap();
                self.client.report_changed_files(&[(&path, 2)]);
            }
            Event::Request { file, at } => {
                let path = self.path(file);
                let text = &self.texts[&path];
                let at = text.floor_char_boundary(at.index(text.len() + 1));
                let position = position(text, at, self.is_utf8);
                let number = |key: &str| position[key].as_u64().unwrap() as u32;
                for method in ["textDocument/hover", "textDocument/completion"] {
                    self.client
                        .at(method, &path, number("line"), number("character"));
                }
            }
        }
    }

    /// The published findings of a file, with locations as byte offsets.
    fn published(&self, path: &Path) -> Vec<Value> {
        let text = &self.texts[path];
        let at = |position: &Value| offset(text, position, self.is_utf8);
        let last = self.client.last(path).diagnostics.into_iter();
        let mut published: Vec<Value> = last
            .filter(|diagnostic| !diagnostic["data"].is_null())
            .map(|diagnostic| {
                json!({
                    "rule": diagnostic["code"],
                    "severity": diagnostic["data"]["severity"],
                    "fingerprint": diagnostic["data"]["fingerprint"],
                    "start": at(&diagnostic["range"]["start"]),
                    "end": at(&diagnostic["range"]["end"]),
                    "related": diagnostic["relatedInformation"].as_array().map_or(0, Vec::len),
                })
            })
            .collect();
        published.sort_by_key(Value::to_string);
        published
    }

    /// The findings of `check` after all texts are saved.
    fn found(&self) -> BTreeMap<PathBuf, Vec<Value>> {
        let saved = Project::sample();
        for (path, text) in &self.texts {
            let path = path.strip_prefix(&self.project.root).unwrap();
            saved.write(path.to_str().unwrap(), text);
        }
        let mut found: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
        for finding in saved.check(&[])["findings"].as_array().unwrap() {
            let path = self.project.path(finding["path"].as_str().unwrap());
            found.entry(path).or_default().push(json!({
                "rule": finding["rule"],
                "severity": finding["severity"],
                "fingerprint": finding["fingerprint"],
                "start": finding["span"]["start"]["offset"],
                "end": finding["span"]["end"]["offset"],
                "related": finding["related"].as_array().unwrap().len(),
            }));
        }
        found
    }

    fn compare(&mut self) {
        self.client.sync();
        let found = self.found();
        for path in self.texts.keys() {
            let mut expected = found.get(path).cloned().unwrap_or_default();
            expected.sort_by_key(Value::to_string);
            let text = &self.texts[path];
            assert_eq!(
                self.published(path),
                expected,
                "{}\n{text:?}",
                path.display()
            );
        }
    }
}

fn cases() -> u32 {
    let cases = std::env::var("PROPTEST_CASES").ok();
    cases.and_then(|cases| cases.parse().ok()).unwrap_or(6)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::with_cases(cases())
    })]

    #[test]
    fn diagnostics_are_the_findings_of_check(
        is_utf8 in any::<bool>(),
        rounds in prop::collection::vec(prop::collection::vec(event(), 0..300), 1..4),
    ) {
        let mut editor = Editor::new(is_utf8);
        editor.compare();
        for events in rounds {
            events.iter().for_each(|event| editor.handle(event));
            editor.compare();
        }
        prop_assert!(editor.client.shut_down().success());
    }
}

#[test]
fn thousands_of_fast_edits() {
    let typed: Vec<String> = "<!-- forcelint, ü😀 -->\r\n"
        .chars()
        .map(String::from)
        .collect();
    let length = typed.concat().len();
    let mut editor = Editor::new(false);
    let path = editor.project.app("Mobile_Portal");
    let start = editor.texts[&path].find("<label>").unwrap();
    // Types a comment, one character at a time, and deletes it.
    for round in 0..3000 {
        let step = round % (typed.len() + 1);
        let change = match typed.get(step) {
            None => editor.replace(&path, start, start + length, ""),
            Some(character) => {
                let at = start + typed[..step].concat().len();
                editor.replace(&path, at, at, character)
            }
        };
        editor.client.change(&path, json!([change]));
    }
    editor.compare();
    assert!(editor.client.shut_down().success());
}

//! What is drawn while somebody types is what `forcelint check` says of the same texts.
//!
//! `PROPTEST_CASES=200 cargo test --test language_server as_check` looks further than a build does.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use crate::client::{Client, Project, capabilities, in_utf8, offset, place};

/// Files that ask each other: apps, External Client Apps with their parts, the org's settings.
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

/// Only the editor has it, too.
const CONFIG: &str = "forcelint.toml";

/// What a team may decide.
const CONFIGS: [&str; 7] = [
    "",
    "[rules]\npkce-required = \"low\"\nrefresh-token-rotation = \"off\"\n",
    "exclude = [\"settings\"]\n",
    "exclude = [\"Field_Service*\", \"New*\"]\nselect = [\"oauth\"]\n",
    "[[exception]]\nrule = \"pkce-required\"\ncomponent = \"ConnectedApp:Mobile_Portal\"\nreason = \"x\"\n",
    "min-severity = \"high\"\nfail-on = \"high\"\n",
    "ignore = [\"pkce-required\"]\nmin-severity = \"info\"\n",
];

/// In no project yet: only the editor has it.
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

/// What somebody does.
#[derive(Debug, Clone)]
enum Deed {
    /// Puts something between two places, or in place of what is there.
    Type {
        file: Index,
        at: Index,
        over: usize,
        text: &'static str,
    },
    /// Exchanges something, where it is.
    Exchange {
        file: Index,
        from: &'static str,
        to: &'static str,
    },
    /// Several changes in one message.
    Burst {
        file: Index,
        at: Vec<Index>,
    },
    /// Puts everything back as it was.
    Undo {
        file: Index,
    },
    CloseAndOpen {
        file: Index,
    },
    /// Decides something else.
    Configure {
        config: &'static str,
    },
    Save {
        file: Index,
    },
    /// Looks at something meanwhile.
    Ask {
        file: Index,
        at: Index,
    },
}

fn deed() -> impl Strategy<Value = Deed> {
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
    let exchanges = vec![
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
            .prop_map(|(file, at, over, text)| Deed::Type { file, at, over, text }),
        6 => (file(), select(exchanges))
            .prop_map(|(file, (from, to))| Deed::Exchange { file, from, to }),
        1 => (file(), prop::collection::vec(file(), 1..5))
            .prop_map(|(file, at)| Deed::Burst { file, at }),
        3 => file().prop_map(|file| Deed::Undo { file }),
        1 => file().prop_map(|file| Deed::CloseAndOpen { file }),
        1 => file().prop_map(|file| Deed::Save { file }),
        1 => select(CONFIGS.to_vec()).prop_map(|config| Deed::Configure { config }),
        1 => (file(), file()).prop_map(|(file, at)| Deed::Ask { file, at }),
    ]
}

struct Desk {
    client: Client,
    project: Project,
    in_bytes: bool,
    texts: BTreeMap<PathBuf, String>,
    first: BTreeMap<PathBuf, String>,
}

impl Desk {
    fn new(in_bytes: bool) -> Self {
        let project = Project::sample();
        let can = match in_bytes {
            true => in_utf8(capabilities()),
            false => capabilities(),
        };
        let mut client = Client::with(&project.root, can, json!({}));
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
            in_bytes,
            first: texts.clone(),
            texts,
        }
    }

    fn path(&self, file: &Index) -> PathBuf {
        self.project.path(FILES[file.index(FILES.len())])
    }

    fn replace(&mut self, path: &Path, start: usize, end: usize, with: &str) -> Value {
        let text = self.texts.get_mut(path).unwrap();
        let boundary = |at: usize| text.floor_char_boundary(at.min(text.len()));
        // Between CR and LF no cursor can stand.
        let clear = |at: usize| match text[..at].ends_with('\r') && text[at..].starts_with('\n') {
            true => at - 1,
            false => at,
        };
        let start = clear(boundary(start));
        let end = clear(boundary(end)).max(start);
        let range = json!({
            "start": place(text, start, self.in_bytes),
            "end": place(text, end, self.in_bytes),
        });
        text.replace_range(start..end, with);
        json!({ "range": range, "text": with })
    }

    fn carry_out(&mut self, deed: &Deed) {
        match deed {
            Deed::Type {
                file,
                at,
                over,
                text,
            } => {
                let path = self.path(file);
                let at = at.index(self.texts[&path].len() + 1);
                let change = self.replace(&path, at, at + over, text);
                self.client.change(&path, json!([change]));
            }
            Deed::Exchange { file, from, to } => {
                let path = self.path(file);
                if let Some(at) = self.texts[&path].find(from) {
                    let change = self.replace(&path, at, at + from.len(), to);
                    self.client.change(&path, json!([change]));
                }
            }
            Deed::Burst { file, at } => {
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
            Deed::Undo { file } => {
                let path = self.path(file);
                let text = self.first[&path].clone();
                self.client.write(&path, &text);
                self.texts.insert(path, text);
            }
            Deed::CloseAndOpen { file } => {
                let path = self.path(file);
                self.client.close(&path);
                self.client.open_as(&path, &self.texts[&path]);
            }
            Deed::Configure { config } => {
                let path = self.project.path(CONFIG);
                self.client.write(&path, config);
                self.texts.insert(path, (*config).to_owned());
            }
            Deed::Save { file } => {
                let path = self.path(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(&path, &self.texts[&path]).unwrap();
                self.client.watched(&[(&path, 2)]);
            }
            Deed::Ask { file, at } => {
                let path = self.path(file);
                let text = &self.texts[&path];
                let at = text.floor_char_boundary(at.index(text.len() + 1));
                let place = place(text, at, self.in_bytes);
                let number = |key: &str| place[key].as_u64().unwrap() as u32;
                for method in ["textDocument/hover", "textDocument/completion"] {
                    self.client
                        .at(method, &path, number("line"), number("character"));
                }
            }
        }
    }

    /// What is drawn in a file, by rule and place.
    fn drawn(&self, path: &Path) -> Vec<Value> {
        let text = &self.texts[path];
        let at = |place: &Value| offset(text, place, self.in_bytes);
        let last = self.client.last(path).diagnostics.into_iter();
        let mut drawn: Vec<Value> = last
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
        drawn.sort_by_key(Value::to_string);
        drawn
    }

    /// The same by the command line, where every text has been saved.
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
        self.client.settle();
        let found = self.found();
        for path in self.texts.keys() {
            let mut expected = found.get(path).cloned().unwrap_or_default();
            expected.sort_by_key(Value::to_string);
            let text = &self.texts[path];
            assert_eq!(self.drawn(path), expected, "{}\n{text:?}", path.display());
        }
    }
}

fn cases() -> u32 {
    let said = std::env::var("PROPTEST_CASES").ok();
    said.and_then(|cases| cases.parse().ok()).unwrap_or(6)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 60,
        ..ProptestConfig::with_cases(cases())
    })]

    #[test]
    fn what_is_drawn_is_what_check_finds(
        in_bytes in any::<bool>(),
        rounds in prop::collection::vec(prop::collection::vec(deed(), 0..300), 1..4),
    ) {
        let mut desk = Desk::new(in_bytes);
        desk.compare();
        for deeds in rounds {
            deeds.iter().for_each(|deed| desk.carry_out(deed));
            desk.compare();
        }
        prop_assert!(desk.client.leave().success());
    }
}

#[test]
fn thousands_of_quick_edits_end_as_they_should() {
    let typed: Vec<String> = "<!-- forcelint, ü😀 -->\r\n"
        .chars()
        .map(String::from)
        .collect();
    let length = typed.concat().len();
    let mut desk = Desk::new(false);
    let path = desk.project.app("Mobile_Portal");
    let start = desk.texts[&path].find("<label>").unwrap();
    // Somebody types a comment, a character at a time, and takes it back again.
    for round in 0..3000 {
        let step = round % (typed.len() + 1);
        let change = match typed.get(step) {
            None => desk.replace(&path, start, start + length, ""),
            Some(character) => {
                let at = start + typed[..step].concat().len();
                desk.replace(&path, at, at, character)
            }
        };
        desk.client.change(&path, json!([change]));
    }
    desk.compare();
    assert!(desk.client.leave().success());
}

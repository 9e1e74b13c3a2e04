//! What the page in the browser does: the same findings, reports and fixes as the program, without files.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use forcelint::in_memory::{
    Bytes, CheckOptions, Deployment, Files, Input, ReportFormat, Session, Unlisted, ZipPart,
};
use regex::Regex;
use serde_json::Value;

use crate::support::{Sandbox, app};
use crate::zip_writer::{Entry, zip, zip_of};

const DAY: &str = "2026-11-28";
/// The same day, for the program.
const EPOCH: &str = "1795824000";

/// The folders of testdata, as users would drop them.
const PROJECTS: [&str; 18] = [
    "adopted",
    "bad-input/files",
    "bad-input/hostile",
    "bad-input/projects",
    "decomposed/decomposeCustomLabelsBeta",
    "decomposed/decomposePermissionSetBeta",
    "decomposed/decomposePermissionSetBeta2",
    "decomposed/decomposeSharingRulesBeta",
    "decomposed/objects",
    "decomposed/whole",
    "gates/foreign-namespace",
    "gates/old-api",
    "gates/old-manifest",
    "gates/own-namespace",
    "gates/replaced",
    "metadata-format",
    "no-project",
    "sample",
];

#[derive(Debug)]
struct Vector(Vec<u8>);

impl Bytes for Vector {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let rest = self.0.get(offset as usize..).unwrap_or_default();
        // A browser may return less than it was asked for.
        let count = rest.len().min(buffer.len()).min(1000);
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

#[derive(Debug)]
struct Texts(Vec<Vec<u8>>);

impl Files for Texts {
    fn read(&self, number: usize, _: u64) -> io::Result<Vec<u8>> {
        Ok(self.0[number].clone())
    }
}

fn open(input: Input) -> Session {
    Session::open(input, CheckOptions::on(DAY).unwrap(), |_| {}).unwrap()
}

fn open_zip(bytes: Vec<u8>) -> Session {
    open(Input::Zip {
        name: "org.zip".to_owned(),
        bytes: Arc::new(Vector(bytes)),
    })
}

/// The files in a folder, by path.
fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = walkdir::WalkDir::new(folder).into_iter();
    let files = files
        .map(|it| it.unwrap().into_path())
        .filter(|it| it.is_file());
    let files = files.map(|path| {
        let below = path.strip_prefix(folder).unwrap().to_str().unwrap();
        (below.replace('\\', "/"), fs::read(&path).unwrap())
    });
    files.collect()
}

fn open_folder(name: &str, folder: &Path) -> Session {
    let files = files_in(folder);
    let (paths, texts) = files.into_iter().unzip();
    open(Input::Files {
        name: name.to_owned(),
        paths,
        files: Arc::new(Texts(texts)),
    })
}

fn json(session: &mut Session) -> Value {
    let text = session.report(ReportFormat::Json);
    serde_json::from_str(&text).unwrap()
}

/// Removes what depends on the folder that a run was in.
fn without_root(mut report: Value) -> Value {
    report["root"] = Value::Null;
    report
}

/// The program's JSON report about the input `path`, in a folder of the sandbox.
fn report_of_program(sandbox: &Sandbox, folder: &str, path: &str) -> Value {
    let command = ["check", "--format=json", "--quiet", path];
    let run = sandbox
        .with_every_rule(command)
        .in_folder(folder)
        .env("SOURCE_DATE_EPOCH", EPOCH);
    without_root(run.run().json())
}

#[test]
fn folders_are_checked_as_by_the_program() {
    for project in PROJECTS {
        let sandbox = Sandbox::with(&[project]);
        // Notes name the config relative to the working directory.
        let expected = report_of_program(&sandbox, project, ".");
        let mut session = open_folder(project, &sandbox.path(project));
        let found = without_root(json(&mut session));
        assert_eq!(found["findings"], expected["findings"], "{project}");
        assert_eq!(found, expected, "{project}");
    }
}

#[test]
fn zips_are_checked_and_fixed_as_by_the_program() {
    let mut findings = 0;
    for project in PROJECTS {
        let sandbox = Sandbox::with(&[project]);
        let folder = sandbox.path(project);
        let bytes = zip_of(&folder, &folder);
        sandbox.write("org.zip", &bytes);
        let expected = report_of_program(&sandbox, "", "org.zip");
        let mut session = open_zip(bytes);
        assert_eq!(without_root(json(&mut session)), expected, "{project}");
        findings += expected["findings"].as_array().unwrap().len();
        for level in ["safe", "all"] {
            let fix = format!("--fix={level}");
            let diff = ["check", "--diff", &fix, "org.zip"];
            let diff = sandbox
                .with_every_rule(diff)
                .env("SOURCE_DATE_EPOCH", EPOCH);
            session.fix(level == "all", None);
            assert_eq!(session.patch().0, diff.run().stdout, "{project} {level}");
        }
    }
    assert!(findings > 50, "{findings}");
}

#[test]
fn fixed_folder_is_that_of_the_program() {
    let mut changed = 0;
    for project in PROJECTS {
        let sandbox = Sandbox::with(&[project]);
        let folder = sandbox.path(project);
        let before = files_in(&folder);
        let mut session = open_folder(project, &folder);
        session.fix(true, None);
        let command = ["check", "--fix=all", "--quiet", project];
        let run = sandbox
            .with_every_rule(command)
            .env("SOURCE_DATE_EPOCH", EPOCH);
        run.run();
        let after = files_in(&folder);
        let expected = after.iter().filter(|(path, text)| before[*path] != **text);
        let expected: Vec<&String> = expected.map(|(path, _)| path).collect();
        let mut paths = session.changed_paths();
        paths.sort();
        assert_eq!(paths.iter().collect::<Vec<_>>(), expected, "{project}");
        changed += paths.len();
        for path in paths {
            let text = session.text(&path).unwrap().into_bytes();
            assert_eq!(text, after[&path], "{project}: {path}");
        }
    }
    assert!(changed > 20, "{changed}");
}

/// The bytes of a changed zip.
fn joined(read: &[u8], parts: Vec<ZipPart>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            ZipPart::Read(range) => {
                bytes.extend_from_slice(&read[range.start as usize..range.end as usize]);
            }
            ZipPart::New(new) => bytes.extend_from_slice(&new),
        }
    }
    bytes
}

#[test]
fn changed_zip_has_the_fixed_files_and_all_others() {
    let sandbox = Sandbox::with(&["sample"]);
    let folder = sandbox.path("sample");
    let read = zip_of(&folder, &folder);
    let mut session = open_zip(read.clone());
    // Without changes, the zip is the same.
    let parts = session.changed_zip().unwrap().unwrap();
    assert_eq!(joined(&read, parts), read);
    session.fix(true, None);
    let paths = session.changed_paths();
    assert!(paths.len() > 3, "{paths:?}");
    let parts = session.changed_zip().unwrap().unwrap();
    let new = joined(&read, parts);
    let mut again = open_zip(new.clone());
    let report = json(&mut again);
    assert_eq!(report["errors"], Value::Array(Vec::new()), "{report}");
    assert_eq!(without_root(report), without_root(json(&mut session)));
    for path in &paths {
        assert_eq!(again.text(path), session.text(path), "{path}");
    }
    // Each entry is in it once, in the same order, also those that forcelint does not read.
    let names = |bytes: &[u8]| {
        let archive = rawzip::ZipArchive::from_slice(bytes.to_vec()).unwrap();
        let entries = archive
            .entries()
            .map(|it| it.unwrap().file_path().as_ref().to_vec());
        entries.collect::<Vec<_>>()
    };
    assert_eq!(names(&new), names(&read));
}

#[test]
fn zip_of_changes_has_the_changed_files() {
    let sandbox = Sandbox::with(&["sample"]);
    let mut session = open_folder("sample", &sandbox.path("sample"));
    session.fix(true, None);
    let paths = session.changed_paths();
    assert!(paths.len() > 3, "{paths:?}");
    let zip = session.zip_of_changes().unwrap();
    let unzipped = open_zip(zip.clone());
    for path in &paths {
        let in_zip = format!("org.zip/{path}");
        assert_eq!(unzipped.text(&in_zip), session.text(path), "{path}");
    }
    let archive = rawzip::ZipArchive::from_slice(zip).unwrap();
    assert_eq!(archive.entries_hint(), paths.len() as u64);
}

#[test]
fn checked_paths_are_those_of_the_report() {
    let sandbox = Sandbox::with(&["sample"]);
    let mut session = open_folder("sample", &sandbox.path("sample"));
    let paths = session.checked_paths();
    let report = json(&mut session);
    for finding in report["findings"].as_array().unwrap() {
        let path = finding["path"].as_str().unwrap();
        assert!(paths.iter().any(|it| it == path), "{path}");
    }
    let seen = report["summary"]["files_checked"].as_u64().unwrap();
    assert_eq!(paths.len() as u64, seen);
}

#[test]
fn components_that_a_manifest_does_not_list_are_named() {
    let settings = "<SecuritySettings xmlns=\"http://soap.sforce.com/2006/04/metadata\"><sessionSettings>\
        <lockSessionsToDomain>false</lockSessionsToDomain></sessionSettings></SecuritySettings>";
    let manifest =
        "<Package><types><members>Listed</members><name>ConnectedApp</name></types></Package>";
    let zip_with = |folder: &str| {
        let entry = |path: &str, text: &str| Entry::new(&format!("{folder}{path}"), text);
        zip(&[
            entry(
                "connectedApps/Listed.connectedApp",
                &app("https://a.example/"),
            ),
            entry(
                "connectedApps/Missing.connectedApp",
                &app("https://a.example/"),
            ),
            entry("settings/Security.settings", settings),
            entry("package.xml", manifest),
        ])
    };
    for folder in ["unpackaged/", ""] {
        let mut session = open_zip(zip_with(folder));
        assert_eq!(session.deployment(), Deployment::default());
        for path in [
            "connectedApps/Listed.connectedApp",
            "connectedApps/Missing.connectedApp",
            "settings/Security.settings",
        ] {
            session.set_text(&format!("org.zip/{folder}{path}"), "<!-- changed -->");
        }
        let manifest = format!("{folder}package.xml");
        let unlisted = |type_name: &str, member: &str| Unlisted {
            manifest: manifest.clone(),
            type_name: type_name.to_owned(),
            member: member.to_owned(),
        };
        let expected = Deployment {
            manifests: vec![manifest.clone()],
            unlisted: vec![
                unlisted("ConnectedApp", "Missing"),
                unlisted("Settings", "Security"),
            ],
        };
        assert_eq!(session.deployment(), expected);
    }
    // Files in source format have no manifest.
    let sandbox = Sandbox::with(&["sample"]);
    let mut session = open_folder("sample", &sandbox.path("sample"));
    session.fix(true, None);
    assert_eq!(session.deployment(), Deployment::default());
}

#[test]
fn html_report_has_the_words_of_the_page() {
    let sandbox = Sandbox::with(&["sample"]);
    let mut session = open_folder("sample", &sandbox.path("sample"));
    let html = session.report(ReportFormat::Html);
    for unexpected in [
        "--fix",
        "--min-severity",
        "SOURCE_DATE_EPOCH",
        "git repository",
        "about changed text",
    ] {
        assert!(!html.contains(unexpected), "{unexpected}");
    }
    session.fix(true, None);
    let html = session.report(ReportFormat::Html);
    assert!(html.contains("This report is about changed text."));
}

#[test]
fn html_report_does_not_pass_before_the_changes_are_deployed() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "force-app/A.remoteSite-meta.xml",
        "<RemoteSiteSetting xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <disableProtocolSecurity>true</disableProtocolSecurity>\n    <isActive>true</isActive>\n    \
         <url>https://acme.example</url>\n</RemoteSiteSetting>\n",
    );
    let mut session = open_folder("force-app", &sandbox.path("force-app"));
    let result = |session: &mut Session| {
        let html = session.report(ReportFormat::Html);
        let (_, result) = html.split_once("<div class=\"result ").unwrap();
        result.split_once("</p>").unwrap().0.to_owned()
    };
    assert_eq!(result(&mut session), "fails\"><p class=\"word\">Fails");
    session.fix(true, None);
    let fixed = "incomplete\"><p class=\"word\">Passes once deployed";
    assert_eq!(result(&mut session), fixed);
}

#[test]
fn an_input_without_metadata_has_an_empty_report() {
    let mut session = open_zip(zip(&[Entry::new("notes.txt", "a")]));
    let report = json(&mut session);
    assert_eq!(report["errors"], Value::Array(Vec::new()));
    assert_eq!(report["summary"]["files_checked"], 0);
    assert_eq!(report["summary"]["files_seen"], 1);
}

#[test]
fn one_file_is_edited_and_fixed() {
    let texts = [
        app("https://portal.acme.example/callback"),
        app("https://other.acme.example/"),
    ];
    let paths = ["A.connectedApp-meta.xml", "b/B.connectedApp-meta.xml"];
    let mut session = open(Input::Files {
        name: "apps".to_owned(),
        paths: paths.map(str::to_owned).to_vec(),
        files: Arc::new(Texts(texts.clone().map(String::into_bytes).to_vec())),
    });
    let about = |session: &mut Session| -> Value {
        let report = session.report_about(paths[1]).unwrap();
        serde_json::from_str(&report).unwrap()
    };
    let has_rule = |report: &Value, rule: &str| {
        let findings = report["findings"].as_array().unwrap();
        assert!(findings.iter().all(|it| it["path"] == paths[1]), "{report}");
        findings.iter().any(|it| it["rule"] == rule)
    };
    assert!(has_rule(&about(&mut session), "pkce-required"));
    let fixed = session.fix(true, Some(paths[1]));
    assert!(!has_rule(&about(&mut session), "pkce-required"));
    assert_eq!(fixed.files[0].path, paths[1]);
    assert_eq!(session.changed_paths(), [paths[1]]);
    session.set_text(paths[1], "<ConnectedApp>");
    assert!(has_rule(&about(&mut session), "malformed-metadata"));
    session.revert(paths[1]);
    assert!(has_rule(&about(&mut session), "pkce-required"));
    assert_eq!(session.changed_paths(), [""; 0]);
    assert_eq!(session.text(paths[0]).unwrap(), texts[0]);
    assert!(session.report_about("notes.txt").is_err());
}

#[test]
fn edits_change_the_findings_in_other_files() {
    let sandbox = Sandbox::with(&["sample"]);
    let mut session = open_folder("sample", &sandbox.path("sample"));
    let severity = |session: &mut Session| {
        let report = json(session);
        let findings = report["findings"].as_array().unwrap().iter();
        findings
            .map(|it| it["severity"].to_string())
            .collect::<Vec<_>>()
    };
    let before = severity(&mut session);
    let settings = "force-app/main/default/settings/OauthOidc.settings-meta.xml";
    session.set_text(
        settings,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <OauthOidcSettings xmlns=\"http://soap.sforce.com/2006/04/metadata\">\n    \
         <isPkceRequired>true</isPkceRequired>\n</OauthOidcSettings>\n",
    );
    let after = severity(&mut session);
    assert_ne!(before, after);
}

#[test]
fn hostile_inputs_are_errors() {
    let options = CheckOptions::on(DAY).unwrap();
    let input = Input::Zip {
        name: "../\u{1b}[31m".to_owned(),
        bytes: Arc::new(Vector(b"PK not a zip".to_vec())),
    };
    let error = Session::open(input, options, |_| {}).err().unwrap();
    assert!(error.contains("is not a complete zip file"), "{error}");
    assert!(!error.contains('\u{1b}'), "{error}");
    let bomb = Entry::zeros("unpackaged/connectedApps/A.connectedApp", 65);
    let report = json(&mut open_zip(zip(&[bomb])));
    assert!(
        report["errors"][0]["message"]
            .to_string()
            .contains("larger than 64 MiB")
    );
    let outside = [
        "/a.connectedApp",
        "../a.connectedApp",
        "a/../../b.connectedApp",
    ];
    let report = json(&mut open(Input::Files {
        name: "..".to_owned(),
        paths: outside.map(str::to_owned).to_vec(),
        files: Arc::new(Texts(vec![Vec::new(); 3])),
    }));
    let errors = report["errors"].as_array().unwrap();
    assert_eq!(errors.len(), 3, "{report}");
    assert!(CheckOptions::on("today").is_err());
}

#[test]
fn html_and_sarif_are_those_of_the_program() {
    let sandbox = Sandbox::with(&["sample"]);
    let mut session = open_folder("sample", &sandbox.path("sample"));
    // Only the program has commands.
    let commands = Regex::new(
        "<p[^>]*>[^<]*<code>forcelint check[^<]*</code>[^<]*</p>|<p class=\"how\">The page fixes[^<]*</p>",
    )
    .unwrap();
    for (name, format) in [("sarif", ReportFormat::Sarif), ("html", ReportFormat::Html)] {
        let report = session.report(format);
        let option = format!("--format={name}");
        let command = ["check", "--quiet", &option, "sample"];
        let run = sandbox
            .with_every_rule(command)
            .env("SOURCE_DATE_EPOCH", EPOCH);
        let expected = run.run().stdout;
        let lines = |text: &str| {
            text.lines()
                .map(|it| commands.replace_all(it, "").into_owned())
                .collect::<Vec<_>>()
        };
        let (report, expected) = (lines(&report), lines(&expected));
        let differ = report
            .iter()
            .zip(&expected)
            .filter(|(one, other)| one != other);
        let differ: Vec<_> = differ.collect();
        assert!(differ.len() <= 4, "{name}: {differ:#?}");
    }
}

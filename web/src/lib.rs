//! forcelint as a module for the worker of the page: text goes in and out, and the worker reads the files.
//!
//! What it does is in `forcelint::in_memory`, which the tests of forcelint cover.

#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use forcelint::in_memory::{
    self, Bytes, CheckOptions, Files, Fixed, Input, ReportFormat, Session, ZipPart,
};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The bytes of the zip at `offset`, at most `length`.
    #[wasm_bindgen(js_name = readZip, catch)]
    fn read_zip(offset: f64, length: u32) -> Result<Vec<u8>, JsValue>;

    /// The bytes of the file with this number, at most `length`.
    #[wasm_bindgen(js_name = readFile, catch)]
    fn read_file(number: u32, length: f64) -> Result<Vec<u8>, JsValue>;

    /// Called before a file is read.
    #[wasm_bindgen(js_name = noteRead)]
    fn note_read(path: &str);

    /// Called with the message of a panic, before the module stops.
    #[wasm_bindgen(js_name = notePanic)]
    fn note_panic(message: &str);
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|panic| note_panic(&panic.to_string())));
}

/// The version of forcelint.
#[wasm_bindgen]
pub fn version() -> String {
    in_memory::VERSION.to_owned()
}

/// Opens a zip of this size, which the worker reads.
#[wasm_bindgen(js_name = openZip)]
pub fn open_zip(name: String, size: f64, options: &JsOptions) -> Result<(), String> {
    let bytes = Arc::new(ZipBytes(size as u64));
    open(Input::Zip { name, bytes }, options)
}

/// Opens files, which the worker reads by their number in `paths`.
#[wasm_bindgen(js_name = openFiles)]
pub fn open_files(name: String, paths: Vec<String>, options: &JsOptions) -> Result<(), String> {
    let files = Arc::new(PickedFiles);
    open(Input::Files { name, paths, files }, options)
}

/// How an input is checked.
#[wasm_bindgen]
pub struct JsOptions(CheckOptions);

#[wasm_bindgen]
impl JsOptions {
    /// `day` is like `2026-01-31`.
    #[wasm_bindgen(constructor)]
    pub fn new(day: &str, shows_info: bool, uses_config: bool) -> Result<Self, String> {
        Ok(Self(CheckOptions {
            shows_info,
            uses_config,
            ..CheckOptions::on(day)?
        }))
    }
}

fn open(input: Input, options: &JsOptions) -> Result<(), String> {
    let session = Session::open(input, options.0, note_read)?;
    SESSION.set(Some(session));
    Ok(())
}

/// Checks everything, and returns a report: `html`, `json` or `sarif`.
#[wasm_bindgen]
pub fn report(format: &str) -> Result<String, String> {
    let format = match format {
        "html" => ReportFormat::Html,
        "sarif" => ReportFormat::Sarif,
        _ => ReportFormat::Json,
    };
    in_session(|session| Ok(session.report(format)))
}

/// Checks one file, and returns the JSON report.
#[wasm_bindgen(js_name = reportAbout)]
pub fn report_about(path: &str) -> Result<String, String> {
    in_session(|session| session.report_about(path))
}

#[wasm_bindgen]
pub fn text(path: &str) -> Result<String, String> {
    in_session(|session| session.text(path))
}

#[wasm_bindgen(js_name = setText)]
pub fn set_text(path: &str, text: &str) -> Result<(), String> {
    in_session(|session| {
        session.set_text(path, text);
        Ok(())
    })
}

/// Applies fixes, in one file or in all. Returns JSON: `files`, each with `path` and `findings`, and `errors`.
#[wasm_bindgen]
pub fn fix(everything: bool, only: Option<String>) -> Result<String, String> {
    in_session(|session| Ok(fixed_json(&session.fix(everything, only.as_deref()))))
}

fn fixed_json(fixed: &Fixed) -> String {
    let files = fixed.files.iter();
    let files = files.map(|it| json!({ "path": it.path, "findings": it.findings }));
    let errors = fixed.errors.iter();
    let errors = errors.map(|it| json!({ "path": it.path, "message": it.message }));
    let (files, errors): (Vec<Value>, Vec<Value>) = (files.collect(), errors.collect());
    json!({ "files": files, "errors": errors }).to_string()
}

/// The paths of the files that rules check.
#[wasm_bindgen(js_name = checkedPaths)]
pub fn checked_paths() -> Result<Vec<String>, String> {
    in_session(|session| Ok(session.checked_paths()))
}

/// The paths of the changed files.
#[wasm_bindgen(js_name = changedPaths)]
pub fn changed_paths() -> Result<Vec<String>, String> {
    in_session(|session| Ok(session.changed_paths()))
}

/// Undoes the changes of a file.
#[wasm_bindgen]
pub fn revert(path: &str) -> Result<(), String> {
    in_session(|session| {
        session.revert(path);
        Ok(())
    })
}

/// The changes as a patch, in JSON: `text`, and `showsSecret`.
#[wasm_bindgen]
pub fn patch() -> Result<String, String> {
    in_session(|session| {
        let (text, shows_secret) = session.patch();
        Ok(json!({ "text": text, "showsSecret": shows_secret }).to_string())
    })
}

/// The changed zip, in parts.
#[wasm_bindgen(js_name = changedZip)]
pub fn changed_zip() -> Result<Vec<JsPart>, String> {
    in_session(|session| {
        let parts = session.changed_zip().ok_or("this is not a zip")??;
        Ok(parts.into_iter().map(JsPart).collect())
    })
}

/// A zip with the changed files only.
#[wasm_bindgen(js_name = zipOfChanges)]
pub fn zip_of_changes() -> Result<Vec<u8>, String> {
    in_session(|session| session.zip_of_changes())
}

/// How the changed files can be deployed. Returns JSON: `manifests`, and `unlisted` components, each with `manifest`,
/// `type` and `member`.
#[wasm_bindgen]
pub fn deployment() -> Result<String, String> {
    in_session(|session| {
        let deployment = session.deployment();
        let unlisted = deployment.unlisted.iter();
        let unlisted = unlisted.map(
            |it| json!({ "manifest": it.manifest, "type": it.type_name, "member": it.member }),
        );
        let unlisted: Vec<Value> = unlisted.collect();
        Ok(json!({ "manifests": deployment.manifests, "unlisted": unlisted }).to_string())
    })
}

/// A part of a changed zip.
#[wasm_bindgen]
pub struct JsPart(ZipPart);

#[wasm_bindgen]
impl JsPart {
    /// The new bytes; undefined for bytes of the read zip.
    #[wasm_bindgen(getter)]
    pub fn bytes(&self) -> Option<Vec<u8>> {
        match &self.0 {
            ZipPart::New(bytes) => Some(bytes.clone()),
            ZipPart::Read(_) => None,
        }
    }

    #[wasm_bindgen(getter)]
    pub fn start(&self) -> f64 {
        match &self.0 {
            ZipPart::New(_) => 0.0,
            ZipPart::Read(range) => range.start as f64,
        }
    }

    #[wasm_bindgen(getter)]
    pub fn end(&self) -> f64 {
        match &self.0 {
            ZipPart::New(_) => 0.0,
            ZipPart::Read(range) => range.end as f64,
        }
    }
}

/// What `forcelint explain --format json` prints.
#[wasm_bindgen]
pub fn explain(rule: &str) -> Option<String> {
    in_memory::explain_rule(rule)
}

/// The built-in rules as JSON.
#[wasm_bindgen]
pub fn rules() -> String {
    in_memory::rule_list()
}

/// A `package.xml` to retrieve what the rules read.
#[wasm_bindgen]
pub fn manifest() -> String {
    in_memory::manifest()
}

/// The metadata types that a pasted text can have, as JSON.
#[wasm_bindgen]
pub fn types() -> String {
    in_memory::metadata_types()
}

/// Whether a text has no secret, so that it may be in a link.
#[wasm_bindgen(js_name = mayBeShared)]
pub fn may_be_shared(text: &str) -> bool {
    in_memory::may_be_shared(text)
}

fn in_session<T>(act: impl FnOnce(&mut Session) -> Result<T, String>) -> Result<T, String> {
    SESSION.with_borrow_mut(|session| act(session.as_mut().ok_or("nothing is open")?))
}

/// The zip that the worker reads.
#[derive(Debug)]
struct ZipBytes(u64);

impl Bytes for ZipBytes {
    fn size(&self) -> u64 {
        self.0
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.0 {
            return Ok(0);
        }
        let length = u32::try_from(buffer.len()).unwrap_or(u32::MAX);
        let bytes = read_zip(offset as f64, length).map_err(unreadable)?;
        let count = bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&bytes[..count]);
        Ok(count)
    }
}

/// The files that the worker reads.
#[derive(Debug)]
struct PickedFiles;

impl Files for PickedFiles {
    fn read(&self, number: usize, limit: u64) -> io::Result<Vec<u8>> {
        read_file(number as u32, limit as f64).map_err(unreadable)
    }
}

fn unreadable(error: JsValue) -> io::Error {
    let reason = error.as_string();
    io::Error::other(reason.unwrap_or_else(|| "the browser cannot read it".to_owned()))
}

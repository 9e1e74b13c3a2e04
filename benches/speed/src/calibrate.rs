//! A reference for `.ci/check_speed.py`: counts the tokens of files with quick-xml.
//!
//! A change of the compiler or the machine affects the instruction count of this and of forcelint alike, so
//! that their ratio depends only on forcelint.

use std::fs;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

/// Counts the tokens of all files in the folders.
pub fn run(folders: &[String]) {
    let tokens: usize = folders.iter().map(|it| tokens_below(Path::new(it))).sum();
    println!("{tokens}");
}

fn tokens_below(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("the folder is readable");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    paths
        .map(|path| match path.is_dir() {
            true => tokens_below(&path),
            false => tokens_in(&fs::read_to_string(path).expect("the file is readable")),
        })
        .sum()
}

fn tokens_in(text: &str) -> usize {
    let mut reader = Reader::from_str(text);
    let mut tokens = 0;
    while let Ok(event) = reader.read_event() {
        if matches!(event, Event::Eof) {
            break;
        }
        tokens += 1;
    }
    tokens
}

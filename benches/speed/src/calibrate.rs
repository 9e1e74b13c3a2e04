//! Work that costs the same as long as forcelint stays as it is, for `.ci/check_speed.py`.
//!
//! In: folders. Out: how many tokens quick-xml finds in their files. What a compiler or a machine does
//! to the count of instructions it does here too, so that a ratio is about forcelint alone.

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
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths
        .map(|path| match path.is_dir() {
            true => tokens_below(&path),
            false => tokens_in(&fs::read_to_string(path).expect("the file can be read")),
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

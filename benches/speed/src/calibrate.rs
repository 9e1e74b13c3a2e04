//! Work whose cost does not depend on forcelint, for `.ci/check_speed.py`: counts the tokens that
//! quick-xml finds in the files of folders.
//!
//! Compilers and machines change the number of instructions here like in forcelint, so the ratio of
//! both depends only on forcelint.

use std::fs;
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::Event;

pub fn run(folders: &[String]) {
    let tokens: usize = folders
        .iter()
        .map(|it| tokens_in_folder(Path::new(it)))
        .sum();
    println!("{tokens}");
}

fn tokens_in_folder(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).expect("the folder can be read");
    let paths = entries.map(|entry| entry.expect("the folder can be read").path());
    paths
        .map(|path| match path.is_dir() {
            true => tokens_in_folder(&path),
            false => tokens_in_text(&fs::read_to_string(path).expect("the file can be read")),
        })
        .sum()
}

fn tokens_in_text(text: &str) -> usize {
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

//! The documentation: its table of contents, links, and commands in pages.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::{env, fs};

use clap::Parser as _;
use forcelint::cli::Cli;
use forcelint::project::canonical;
use pulldown_cmark::{CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd};
use walkdir::WalkDir;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
    text.replace("\r\n", "\n")
}

/// The pages of `docs/` and the Markdown files next to it, by path from the root of the repository.
fn pages() -> BTreeMap<PathBuf, String> {
    let docs = WalkDir::new(root().join("docs")).into_iter();
    let docs = docs.map(|file| file.unwrap().into_path());
    let pages = docs.filter(|path| path.extension().is_some_and(|end| end == "md"));
    let root_pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md"];
    let root_pages = root_pages.iter().map(|name| root().join(name));
    pages
        .chain(root_pages.filter(|path| path.exists()))
        .map(|path| {
            let text = read(&path);
            (path.strip_prefix(root()).unwrap().to_path_buf(), text)
        })
        .collect()
}

/// A book has only pages that its table of contents lists.
#[test]
fn table_of_contents_has_every_page() {
    let summary = read(&root().join("docs/SUMMARY.md"));
    let pages = pages();
    let named: BTreeSet<PathBuf> = links(&summary)
        .into_iter()
        .filter(|link| !link.is_empty())
        .map(|link| Path::new("docs").join(link))
        .collect();
    let present: BTreeSet<PathBuf> = pages
        .into_keys()
        .filter(|path| path.starts_with("docs") && !path.ends_with("SUMMARY.md"))
        .collect();
    assert_eq!(named, present);
}

fn links(page: &str) -> Vec<String> {
    let events = Parser::new_ext(page, Options::ENABLE_TABLES);
    let links = events.filter_map(|event| match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            ..
        }) if link_type != LinkType::Email => Some(dest_url.into_string()),
        Event::Start(Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    links.chain(pictures(page)).collect()
}

/// The files of `<picture>` elements.
fn pictures(page: &str) -> Vec<String> {
    let events = Parser::new_ext(page, Options::ENABLE_TABLES);
    let html = events.filter_map(|event| match event {
        Event::Html(html) | Event::InlineHtml(html) => Some(html.into_string()),
        _ => None,
    });
    let html: String = html.collect();
    let attributes = [" src=\"", " srcset=\""];
    let values = attributes.iter().flat_map(|it| html.split(it).skip(1));
    values
        .filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
        .collect()
}

#[test]
fn files_of_pictures_are_links() {
    let page = "<picture>\n  <source media=\"print\" srcset=\"a.svg\">\n  <img src=\"b.svg\" alt=\"B\">\n</picture>\n";
    assert_eq!(links(page), ["b.svg", "a.svg"]);
    assert_eq!(pictures(&read(&root().join("README.md"))).len(), 4);
}

/// The anchors of a page's headings, as GitHub and mdBook generate them.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let text = heading.take().unwrap_or_default().trim().to_lowercase();
                let kept_characters = text
                    .chars()
                    .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                let slug: String = kept_characters
                    .map(|c| if c == ' ' { '-' } else { c })
                    .collect();
                let count = seen.entry(slug.clone()).or_default();
                anchors.insert(match *count {
                    0 => slug,
                    more => format!("{slug}-{more}"),
                });
                *count += 1;
            }
            _ => {}
        }
    }
    anchors
}

#[test]
fn links_are_not_broken() {
    let mut broken = Vec::new();
    for (path, text) in &pages() {
        for link in links(text) {
            if link.is_empty() || link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = match link.split_once('#') {
                Some((file, anchor)) => (file, Some(anchor)),
                None => (link.as_str(), None),
            };
            let target = match file {
                "" => root().join(path),
                file => root().join(path).parent().unwrap().join(file),
            };
            let leaves_book = path.starts_with("docs")
                && !canonical(&target)
                    .is_ok_and(|it| it.starts_with(canonical(&root().join("docs")).unwrap()));
            let is_broken = !target.exists()
                || leaves_book
                || anchor.is_some_and(|anchor| !anchors(&read(&target)).contains(anchor));
            if is_broken {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The words of a shell command, if it runs forcelint.
fn command(line: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for character in line.chars() {
        match (quote, character) {
            (None, '#' | '>' | '|' | '&') => break,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, ' ') => words.push(String::new()),
            (_, _) => words.last_mut()?.push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    (words.first()? == "forcelint").then_some(words)
}

/// Commands of forcelint in pages must have valid arguments.
#[test]
fn commands_in_pages_are_valid() {
    let mut invalid = Vec::new();
    let mut count = 0;
    // The command-line page shows names of commands instead of commands to run.
    let pages = pages();
    for (path, text) in pages.iter().filter(|it| !it.0.ends_with("cli.md")) {
        let mut is_shell = false;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
            let code = match event {
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                    is_shell = &*language == "sh";
                    continue;
                }
                Event::End(TagEnd::CodeBlock) => {
                    is_shell = false;
                    continue;
                }
                Event::Text(code) if is_shell => code,
                Event::Code(code) if code.starts_with("forcelint ") => code,
                _ => continue,
            };
            for line in code.lines() {
                let is_syntax = line.contains(['[', '…', '<']) || line.ends_with(" test");
                let Some(words) = command(line).filter(|_| !is_syntax) else {
                    continue;
                };
                count += 1;
                if let Err(error) = Cli::try_parse_from(&words)
                    && error.use_stderr()
                {
                    invalid.push(format!("{}: {line}\n{error}", path.display()));
                }
            }
        }
    }
    assert!(invalid.is_empty(), "{}", invalid.join("\n"));
    assert!(count > 40, "only {count} commands were found");
}

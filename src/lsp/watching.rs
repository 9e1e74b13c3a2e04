//! Files that other programs change.
//!
//! In: what the client can watch. Out: what it is asked to. A client that cannot watch tells of
//! what is saved in it alone; then everything is read anew whenever something is opened or saved.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::project::{FORCEIGNORE, GITIGNORE, MetadataType, PROJECT_FILE};
use crate::rule::BUILT_IN;

/// The parameters of `client/registerCapability`.
pub(super) fn registration() -> Value {
    let mut globs = vec![
        "**/*-meta.xml".to_owned(),
        "**/*.toml".to_owned(),
        "**/forcelint-baseline*.json".to_owned(),
        "**/package.xml".to_owned(),
    ];
    let names = [PROJECT_FILE, FORCEIGNORE, GITIGNORE];
    globs.extend(names.map(|name| format!("**/{name}")));
    let named = BUILT_IN
        .iter()
        .flat_map(|rule| rule.judges.iter().chain(rule.reads));
    let types = named.filter_map(|name| MetadataType::named(name));
    let suffixes: BTreeSet<&str> = types.filter_map(MetadataType::suffix).collect();
    // Metadata format: the suffix alone.
    let suffixes: Vec<&str> = suffixes.into_iter().collect();
    globs.push(format!("**/*.{{{}}}", suffixes.join(",")));
    let watchers: Vec<Value> = globs
        .iter()
        .map(|glob| json!({ "globPattern": glob }))
        .collect();
    json!({
        "registrations": [{
            "id": "forcelint-files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_watched() {
        let text = registration().to_string();
        for glob in [
            "connectedApp",
            "**/forcelint-baseline",
            "**/.forceignore",
            "sfdx-project",
        ] {
            assert!(text.contains(glob), "{glob} in {text}");
        }
    }
}

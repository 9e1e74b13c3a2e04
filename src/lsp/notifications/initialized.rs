//! `initialized`

use std::collections::BTreeSet;

use gen_lsp_types as lsp;
use serde_json::json;

use crate::lsp::client::OwnRequest;
use crate::lsp::session::Session;
use crate::project::{FORCEIGNORE, GITIGNORE, MetadataType, PROJECT_FILE};
use crate::rule::BUILT_IN;

/// Requests the settings and registers for changes of files.
pub(in crate::lsp) fn handle(session: &mut Session) {
    session.client.request_settings();
    if session.client.capabilities.watches_files {
        let params = lsp::RegistrationParams {
            registrations: vec![watched_files()],
        };
        let client = &mut session.client;
        client.request::<lsp::RegistrationRequest>(params, OwnRequest::Other);
    }
    session.workspace.is_stale = true;
}

fn watched_files() -> lsp::Registration {
    let globs = watched_globs().into_iter();
    let watchers: Vec<_> = globs.map(|glob| json!({ "globPattern": glob })).collect();
    lsp::Registration {
        id: "forcelint-files".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: Some(json!({ "watchers": watchers })),
    }
}

/// Every file that can change a finding.
fn watched_globs() -> Vec<String> {
    let mut globs = vec![
        "**/*-meta.xml".to_owned(),
        "**/*.toml".to_owned(),
        "**/forcelint-baseline*.json".to_owned(),
        "**/package.xml".to_owned(),
    ];
    let names = [PROJECT_FILE, FORCEIGNORE, GITIGNORE];
    globs.extend(names.map(|name| format!("**/{name}")));
    let types = BUILT_IN
        .iter()
        .flat_map(|rule| rule.checked_types.iter().chain(rule.read_types));
    let types = types.filter_map(|name| MetadataType::named(name));
    let suffixes: BTreeSet<&str> = types.filter_map(MetadataType::suffix).collect();
    // Metadata format: the suffix alone.
    let suffixes: Vec<&str> = suffixes.into_iter().collect();
    globs.push(format!("**/*.{{{}}}", suffixes.join(",")));
    globs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watches_metadata_ignore_files_and_baselines() {
        let globs = watched_globs().join("\n");
        for glob in [
            "connectedApp",
            "**/forcelint-baseline",
            "**/.forceignore",
            "sfdx-project",
        ] {
            assert!(globs.contains(glob), "{glob} in {globs}");
        }
    }
}

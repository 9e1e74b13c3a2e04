//! The app that a file describes or is a part of.

use crate::engine::Subject;

/// The name of the app that the file describes. A part without the name of its app is treated as an app.
pub(super) fn app_name(subject: Subject<'_>) -> Option<String> {
    subject.file.component.metadata_type.app()?;
    let document = subject.document;
    let named = document
        .children_named(document.root(), "externalClientApplication")
        .next()
        .filter(|&element| !subject.replaced.is_inserted(document.span(element)))
        .map(|element| document.value(element).text().to_owned());
    let name = named.filter(|name| !name.is_empty());
    Some(name.unwrap_or_else(|| subject.file.component.name.clone()))
}

/// The same if the app is an External Client App, which consists of several files.
pub(super) fn external_client_app(subject: Subject<'_>) -> Option<String> {
    let app = subject.file.component.metadata_type.app()?;
    (app == "ExternalClientApplication").then(|| app_name(subject))?
}

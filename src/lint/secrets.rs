//! Which elements of a document contain a secret.

use jiff::civil::Date;

use super::locations::Locations;
use crate::engine::{Cache, CheckOptions, Context, FileText, Subject, check};
use crate::finding::Detail;
use crate::rule::RuleSet;
use crate::text::{MASK, display_value};
use crate::xml::NodeId;

/// A document with its secrets, which are those that excerpts of findings mask.
pub(crate) struct Secrets<'a> {
    subject: Subject<'a>,
    locations: Locations<'a>,
}

impl<'a> Secrets<'a> {
    /// Finds the secrets in the document of `subject`: one file, or the `files` of a decomposed component. `rules` are
    /// those about secrets.
    pub(crate) fn find(
        rules: &RuleSet,
        subject: Subject<'a>,
        files: &[FileText],
        today: Date,
    ) -> Self {
        let source = subject.document.source();
        let mut locations = Locations::of_files(files, subject.file, source, Detail::default());
        let context = Context {
            subject,
            index: None,
            component: None,
            is_renamed: false,
            today,
            cache: Some(&Cache::default()),
        };
        let options = CheckOptions {
            only_by_changed: false,
            notes_applied: false,
            root_is_partial: false,
            limit: 0,
            lowest_severity: None,
            is_suppressed: &|_, _| false,
        };
        let checked = check(rules, context, options);
        match checked.needing_index.is_empty() {
            true => locations.mask_found(&checked.secrets, subject),
            // What such a rule would report is unknown.
            false => locations.mask_all(),
        }
        Self { subject, locations }
    }

    /// The text of an element for reports: shortened, and masked if a part of it is a secret.
    pub(crate) fn displayed(&self, node: NodeId) -> String {
        let document = self.subject.document;
        let value = document.value(node);
        let text = value.text();
        if !text.is_empty() && self.locations.hide(document.content(node)) {
            return MASK.to_owned();
        }
        display_value(document.name(node), text)
    }
}

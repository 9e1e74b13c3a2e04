//! Text: positions, differences, secrets, markup, and text of scanned files that is safe to print.

mod certificate;
mod counted;
mod drawable;
mod json;
mod line_diff;
mod line_index;
mod line_starts;
mod markup;
mod nearest;
mod placeholder;
mod sanitize;
mod secrets;
mod shell_word;
mod span;
mod start_tag;

pub(crate) use certificate::{Certificate, HashFunction, NotCertificate, read_certificate};
pub(crate) use counted::counted;
pub(crate) use drawable::drawable;
pub(crate) use json::{json_part, to_json, write_json};
pub(crate) use line_diff::{line_difference, lines_with_ends};
pub use line_index::LineIndex;
pub(crate) use line_index::{Lines, Position};
pub(crate) use line_starts::LineStarts;
pub(crate) use markup::{
    Segment, message_segments, plain_message, plain_rule_text, rule_text_segments,
    terminal_rule_text,
};
pub(crate) use nearest::nearest;
pub(crate) use placeholder::is_placeholder;
pub use sanitize::ScannedText;
pub(crate) use sanitize::{
    make_lines_visible, make_visible, sanitize, sanitize_json, sanitize_lines,
};
pub(crate) use secrets::{
    MASK, display_value, is_secret_element, mask, mask_in_place, secret_spans, without_secret_words,
};
pub(crate) use shell_word::shell_word;
pub use span::Span;
pub(crate) use start_tag::{first_tag_has, is_name};

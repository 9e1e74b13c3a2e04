//! Fixes: what they do to a file's text, how they reach the disk, and what they leave alone.

mod generate;
mod oracle;
mod property;

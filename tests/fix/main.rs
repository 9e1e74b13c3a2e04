//! Fixes: what they do to a file's text, how they reach the disk, and what they leave alone.

mod command;
mod disk;
mod faults;
mod found;
mod generate;
mod oracle;
mod patch;
mod property;
mod steps;
mod support;

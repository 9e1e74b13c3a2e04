//! STUB
#![allow(missing_docs)]
mod search;
use crate::project::ApiVersion;
pub use search::{certainly_meant, path_to};
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Structure(u16);
#[derive(Debug, Clone, Copy)]
pub struct Enumeration(u16);
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Text,
    Boolean,
    Number,
    Unknown,
    Enumeration(Enumeration),
    Structure(Structure),
}
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub repeats: bool,
    pub since: Option<ApiVersion>,
    pub default: Option<&'static str>,
}
impl Structure {
    pub fn named(_: &str) -> Option<Self> {
        None
    }
    pub fn name(self) -> &'static str {
        ""
    }
    pub fn field(self, _: &str) -> Option<Field> {
        None
    }
    pub fn fields(self) -> impl Iterator<Item = Field> {
        std::iter::empty()
    }
}
impl Enumeration {
    pub fn contains(self, _: &str) -> bool {
        true
    }
    pub fn values(self) -> impl Iterator<Item = &'static str> {
        std::iter::empty()
    }
}

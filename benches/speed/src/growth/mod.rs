//! How the cost of a run grows with each thing that a repository can have many of.

mod config;
mod dimension;
mod elements;
mod files;
mod fixture;
mod joins;
mod reports;
mod run;
pub use fixture::Fixture;
pub use run::run;

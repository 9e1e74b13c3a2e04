//! Something that a repository can have many of.

use super::fixture::Fixture;

pub struct Dimension {
    pub name: &'static str,
    /// How many there are in the smaller project. The larger one has four times as many.
    pub count: usize,
    /// The arguments of the program. The working directory is the project.
    pub arguments: &'static [&'static str],
    /// Writes a project with this many.
    pub write: fn(&Fixture, usize),
    /// The peak memory of the larger project, in MiB.
    pub max_memory: Option<f64>,
}

impl Dimension {
    /// A dimension that is checked by all rules.
    pub const fn new(name: &'static str, count: usize, write: fn(&Fixture, usize)) -> Self {
        Self {
            name,
            count,
            arguments: &["--format=concise"],
            write,
            max_memory: None,
        }
    }

    pub const fn with(mut self, arguments: &'static [&'static str]) -> Self {
        self.arguments = arguments;
        self
    }

    pub const fn within(mut self, mebibytes: f64) -> Self {
        self.max_memory = Some(mebibytes);
        self
    }
}

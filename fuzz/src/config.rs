//! `forcelint.toml`: what is wrong with it has a place in it, and what holds can be shown and read
//! again.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use forcelint::config::{CliOverrides, Config, ConfigError, Settings};

use super::shown;

/// The folder of the config, which is on no disk.
static FOLDER: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join("no-such-project-of-forcelint"));

/// Reads the input as a config.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let config = match parse(text) {
        Ok(config) => config,
        Err(error) => return refused(text, &error),
    };
    if let Err(error) = config.own_rules(|path| path.display().to_string()) {
        shown::drawn(&error);
    }
    let told = show(&config);
    shown::assert_sanitized(&told);
    // What `--show-config` prints is a config that says the same.
    match parse(&told) {
        Ok(again) => assert_eq!(values(&show(&again)), values(&told)),
        Err(error) => panic!("{}\n{told}", shown::drawn(&error)),
    }
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(&FOLDER, &FOLDER, text, "forcelint.toml")
}

fn show(config: &Config) -> String {
    let below = |path: &Path| {
        path.strip_prefix(&*FOLDER)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    Settings::new(&CliOverrides::default(), config).show(config, Default::default(), below)
}

/// The lines without where each value came from.
fn values(told: &str) -> Vec<&str> {
    told.lines()
        .map(|line| line.rsplit_once(" # ").map_or(line, |(value, _)| value))
        .collect()
}

fn refused(text: &str, error: &ConfigError) {
    shown::drawn(error);
    let ConfigError::Invalid { mistakes, .. } = error else {
        panic!("a text can only be mistaken: {error}");
    };
    assert!(!mistakes.is_empty());
    for mistake in mistakes {
        assert!(!mistake.message().is_empty());
        let range = mistake.range();
        // What is shown is sanitized, by characters that may be longer than those of the file.
        assert!(
            range.start <= range.end && range.start <= text.len() * 3,
            "{range:?}"
        );
    }
}

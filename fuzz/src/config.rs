//! `forcelint.toml`: its errors have a location inside the file, and the settings can be printed and read
//! again.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use forcelint::config::{CliOverrides, Config, ConfigError, Settings};

use super::sanitized;

/// The folder of the config, which does not exist.
static FOLDER: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join("no-such-project-of-forcelint"));

/// Reads the input as a config.
pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let config = match parse(text) {
        Ok(config) => config,
        Err(error) => return check_error(text, &error),
    };
    if let Err(error) = config.own_rules(|path| path.display().to_string()) {
        sanitized::render(&error);
    }
    let printed = show(&config);
    sanitized::assert_sanitized(&printed);
    // `--show-config` prints a config with the same settings.
    match parse(&printed) {
        Ok(again) => assert_eq!(values(&show(&again)), values(&printed)),
        Err(error) => panic!("{}\n{printed}", sanitized::render(&error)),
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

/// The lines without the origins of the values.
fn values(printed: &str) -> Vec<&str> {
    printed
        .lines()
        .map(|line| line.rsplit_once(" # ").map_or(line, |(value, _)| value))
        .collect()
}

fn check_error(text: &str, error: &ConfigError) {
    sanitized::render(error);
    let ConfigError::Invalid { mistakes, .. } = error else {
        panic!("a text can only be mistaken: {error}");
    };
    assert!(!mistakes.is_empty());
    for mistake in mistakes {
        assert!(!mistake.message().is_empty());
        let range = mistake.range();
        // The range is one of the sanitized text, which may be longer than the file.
        assert!(
            range.start <= range.end && range.start <= text.len() * 3,
            "{range:?}"
        );
    }
}

//! `forcelint.toml`: errors have a location, and `--show-config` prints an equivalent config.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use forcelint::config::{CliOverrides, Config, ConfigError, Settings};

use super::display;

/// The folder of the config. It does not exist on disk.
static FOLDER: LazyLock<PathBuf> =
    LazyLock::new(|| std::env::temp_dir().join("no-such-project-of-forcelint"));

pub fn check(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let config = match parse(text) {
        Ok(config) => config,
        Err(error) => return check_error(text, &error),
    };
    if let Err(error) = config.own_rules(|path| path.display().to_string()) {
        display::render(&error);
    }
    let shown = show(&config);
    display::assert_sanitized(&shown);
    // The output of `--show-config` is a config with the same values.
    match parse(&shown) {
        Ok(reparsed) => assert_eq!(values(&show(&reparsed)), values(&shown)),
        Err(error) => panic!("{}\n{shown}", display::render(&error)),
    }
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(&FOLDER, &FOLDER, text, "forcelint.toml")
}

fn show(config: &Config) -> String {
    let relative = |path: &Path| {
        path.strip_prefix(&*FOLDER)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    Settings::new(&CliOverrides::default(), config).show(config, Default::default(), relative)
}

/// The lines without the comments about the source of each value.
fn values(shown: &str) -> Vec<&str> {
    shown
        .lines()
        .map(|line| line.rsplit_once(" # ").map_or(line, |(value, _)| value))
        .collect()
}

fn check_error(text: &str, error: &ConfigError) {
    display::render(error);
    let ConfigError::Invalid { mistakes, .. } = error else {
        panic!("only errors in the text are possible: {error}");
    };
    assert!(!mistakes.is_empty());
    for mistake in mistakes {
        assert!(!mistake.message().is_empty());
        let range = mistake.range();
        // Sanitized characters may be longer than those in the file.
        assert!(
            range.start <= range.end && range.start <= text.len() * 3,
            "{range:?}"
        );
    }
}

//! The user's own configuration file: `config.toml`.
//!
//! ```toml
//! theme   = "dark"
//! keymap  = "vim"
//! backups = "off"
//!
//! [options]
//! scrolloff = 3
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What a user set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UserConfig {
    /// The theme's name.
    pub theme: Option<String>,
    /// The keymap's name.
    pub keymap: Option<String>,
    /// The store, where it is not the default one.
    pub store: Option<PathBuf>,
    /// Whether backups are made without being asked for.
    pub backups: Backups,
    /// Columns of a pane, by its name.
    pub columns: BTreeMap<String, Vec<String>>,
    /// What `:set` takes, by name.
    pub options: BTreeMap<String, toml::Value>,
}

/// Whether backups are made without being asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backups {
    /// One a day, of which some are kept.
    #[default]
    Auto,
    /// Never.
    Off,
}

impl Backups {
    /// Returns whether they are.
    pub fn is_on(self) -> bool {
        self == Self::Auto
    }
}

/// Says why a configuration file was not taken: `file:line:column: what`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// Reads a configuration file. A default one that is not there is an empty one;
/// one that was named must be there.
///
/// # Errors
/// A file that cannot be read, or a mistake in it, with its place.
pub fn read(path: &Path, named: bool) -> Result<UserConfig, ConfigError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => return Ok(UserConfig::default()),
        Err(error) => return Err(ConfigError(format!("{}: {error}", path.display()))),
    };
    parse(&text).map_err(|error| {
        let before = &text[..error.span().map_or(0, |span| span.start).min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        ConfigError(format!("{}:{line}:{column}: {}", path.display(), error.message().trim()))
    })
}

fn parse(text: &str) -> Result<UserConfig, toml::de::Error> {
    toml::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "theme = \"dark\"\nthemes = 1\n").expect("written");
        let error = read(&path, false).expect_err("unknown").0;
        assert!(error.contains("config.toml:2:1: unknown field `themes`"), "{error}");
        assert_eq!(read(&folder.path().join("none.toml"), false), Ok(UserConfig::default()));
        assert!(read(&folder.path().join("none.toml"), true).is_err());
    }
}

//! Where things lie: the platform's folders, by the `directories` crate.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The folders of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The default store.
    pub store: PathBuf,
    /// The user's own files: `config.toml`, `keymaps/`, `themes/`.
    pub config: PathBuf,
    /// What a session leaves for the next: histories of prompts.
    pub state: PathBuf,
}

impl Paths {
    /// Returns the platform's folders; `None` where the user has no home.
    pub fn of_user() -> Option<Self> {
        let dirs = ProjectDirs::from("", "", "rolo")?;
        Some(Self {
            store: dirs.data_dir().join("store"),
            config: dirs.config_dir().to_owned(),
            state: dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned(),
        })
    }
}

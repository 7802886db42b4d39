//! The application as it starts: keys, colours, options, columns of the user.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::app::message::Level;
use super::app::state::App;
use super::diagnostic::Diagnostic;
use super::keys::keymap::{self, Keymap};
use super::keys::{Pane, known_command};
use super::shelf::ShelfError;
use super::theme::{self, Depth, Theme};
use super::views_file;

/// What the user has chosen.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The theme's name.
    pub theme: String,
    /// The keymap's name.
    pub keymap: String,
    /// The folder with the user's own `keymaps/` and `themes/`.
    pub folder: Option<PathBuf>,
    /// What `:set` takes: `scrolloff=3`.
    pub options: Vec<String>,
    /// Columns of a pane, by its name.
    pub columns: BTreeMap<String, Vec<String>>,
    /// How many colours the terminal shows.
    pub depth: Depth,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: "dark".to_owned(),
            keymap: "vim".to_owned(),
            folder: None,
            options: Vec::new(),
            columns: BTreeMap::new(),
            depth: Depth::True,
        }
    }
}

impl Settings {
    /// Loads a theme.
    ///
    /// # Errors
    /// There is none of the name.
    pub fn load_theme(&self, name: &str) -> Result<(Theme, Vec<Diagnostic>), ShelfError> {
        let shelf = theme::shelf(self.folder.as_ref().map(|folder| folder.join("themes")));
        Theme::load(name, &shelf, self.depth).map(|loaded| (loaded.theme, loaded.diagnostics))
    }

    /// Returns the theme that a workspace was left with, if there still is one of its
    /// name; else the one that there is.
    pub fn theme_of(&self, app: &mut App, theme: Theme) -> Theme {
        if app.theme == self.theme {
            return theme;
        }
        match self.load_theme(&app.theme) {
            Ok((chosen, _)) => chosen,
            Err(_) => {
                app.theme.clone_from(&self.theme);
                theme
            }
        }
    }

    /// Returns the application with nothing loaded yet, and its theme. What is wrong
    /// in the user's files is said in it.
    ///
    /// # Errors
    /// A keymap or theme that is not there.
    pub fn start(&self, size: (u16, u16)) -> Result<(App, Theme), ShelfError> {
        let shelf = keymap::shelf(self.folder.as_ref().map(|folder| folder.join("keymaps")));
        let loaded = Keymap::load(&self.keymap, &shelf, &known_command)?;
        let (theme, wrong) = self.load_theme(&self.theme)?;
        let mut app = App::new(size, loaded.keymap);
        app.theme.clone_from(&self.theme);
        app.themes = theme::shelf(self.folder.as_ref().map(|folder| folder.join("themes"))).names();
        for word in &self.options {
            if let Err(why) = app.options.set(word) {
                app.complain(&why, None);
            }
        }
        for (name, columns) in &self.columns {
            match Pane::named(name).and_then(|pane| app.list_mut(pane)) {
                Some(list) => list.columns.clone_from(columns),
                None => app.complain(&format!("columns: there is no list \u{201c}{name}\u{201d}"), Some("contacts or tickets")),
            }
        }
        app.note_given();
        if let Some(folder) = &self.folder {
            let (views, wrong) = views_file::read(folder);
            app.views = views;
            for why in wrong {
                app.say(Level::Warning, why);
            }
        }
        for diagnostic in loaded.diagnostics.iter().chain(&wrong) {
            app.say(Level::Warning, diagnostic.to_string());
        }
        Ok((app, theme))
    }
}

//! Themes: what every role looks like on a terminal of so many colours.
//!
//! A theme is a TOML file with a palette and styles by role. It may inherit
//! another: palettes are merged first and styles looked up in the result, so
//! that a child that changes a colour changes it everywhere. Everything is
//! resolved when the theme is loaded; drawing only asks for a role's style.
//! This room knows nothing of what is drawn.

pub mod color;
mod depth;
mod file;
mod role;

use std::collections::BTreeMap;
use std::path::PathBuf;

use ratatui::style::{Color, Style};

pub use depth::Depth;
pub use role::{Layer, Role};

use self::color::{ANSI_NAMES, Paint};
use self::file::{Hue, Look, Swatch, did_you_mean, read};
use crate::tui::diagnostic::{Diagnostic, Source};
use crate::tui::shelf::{Shelf, ShelfError};

/// The themes that come with the program.
const EMBEDDED: &[(&str, &str)] = &[
    ("dark", include_str!("../../../themes/dark.toml")),
    ("light", include_str!("../../../themes/light.toml")),
    ("mono", include_str!("../../../themes/mono.toml")),
    ("high-contrast", include_str!("../../../themes/high-contrast.toml")),
    ("ansi16", include_str!("../../../themes/ansi16.toml")),
    ("gruvbox", include_str!("../../../themes/gruvbox.toml")),
    ("nord", include_str!("../../../themes/nord.toml")),
];

/// The theme of a terminal without colours, whatever theme is chosen.
const MONO: &str = "mono";

/// Returns the shelf of themes: the embedded ones, and those in the user's
/// folder, if it is given.
pub fn shelf(directory: Option<PathBuf>) -> Shelf {
    Shelf { folder: "themes", embedded: EMBEDDED, directory }
}

/// The style of every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    name: String,
    depth: Depth,
    styles: Vec<Style>,
}

/// A theme and what is wrong in its files.
#[derive(Debug, Clone)]
pub struct LoadedTheme {
    /// The theme, without the styles that are wrong.
    pub theme: Theme,
    /// What is wrong, in the order of the files and lines.
    pub diagnostics: Vec<Diagnostic>,
}

impl Theme {
    /// Loads a theme by name, with those it inherits, for a terminal of so many
    /// colours. Without colours it is the theme `mono`, whose styles are
    /// attributes only, and the chosen one is merely checked.
    ///
    /// # Errors
    ///
    /// There is no such file, or it cannot be read. What is wrong inside files
    /// is no error but a diagnostic.
    pub fn load(name: &str, shelf: &Shelf, depth: Depth) -> Result<LoadedTheme, ShelfError> {
        let mut loaded = Self::load_named(name, shelf, depth)?;
        if depth == Depth::Mono && name != MONO {
            let embedded = Shelf { directory: None, ..shelf.clone() };
            let mono = Self::load_named(MONO, &embedded, depth)?;
            loaded.theme.styles = mono.theme.styles;
        }
        Ok(loaded)
    }

    fn load_named(name: &str, shelf: &Shelf, depth: Depth) -> Result<LoadedTheme, ShelfError> {
        let mut diagnostics = Vec::new();
        let chain = shelf.chain(name, &mut diagnostics, |source, diagnostics| {
            let file = read(source, diagnostics);
            let inherits = file.inherits.clone();
            (file, inherits)
        })?;
        let mut palette = BTreeMap::new();
        for (_, file) in chain.iter().rev() {
            palette.extend(file.palette.iter().map(|(name, swatch)| (name.clone(), *swatch)));
        }
        let mut own = vec![Style::new(); Role::ALL.len()];
        // The styles of few colours lie over all others, whoever's they are: an
        // heir that gives the cursor another ground keeps it to be seen where
        // that ground cannot be shown. They are resolved at every depth, so that
        // a mistake in them is told on every terminal.
        for few in [false, true] {
            for (volume, file) in chain.iter().rev() {
                let source = Source { file: &volume.file, text: &volume.text };
                let mut resolver = Resolver { source, palette: &palette, depth, diagnostics: &mut diagnostics };
                for (role, look) in if few { &file.styles_16 } else { &file.styles } {
                    let style = resolver.style(look);
                    if !few || depth == Depth::Ansi16 {
                        own[*role as usize] = style;
                    }
                }
            }
        }
        let styles = Role::ALL.iter().map(|role| fallen_back(*role, &own)).collect();
        Ok(LoadedTheme { theme: Self { name: name.to_owned(), depth, styles }, diagnostics })
    }

    /// Returns a theme in which each role can be told from its style alone: its
    /// background is the role's number. For tests that ask what was drawn
    /// where, whatever the colours.
    pub fn probe() -> Self {
        let styles = (0..Role::ALL.len()).map(|number| Style::new().bg(Color::Indexed(u8::try_from(number).unwrap_or(u8::MAX)))).collect();
        Self { name: "probe".to_owned(), depth: Depth::Ansi256, styles }
    }

    /// Returns the role that a background of the probe theme stands for.
    pub fn probed(background: Color) -> Option<Role> {
        match background {
            Color::Indexed(number) => Role::ALL.get(usize::from(number)).copied(),
            _ => None,
        }
    }

    /// Returns the name it was loaded by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the depth it was loaded for.
    pub fn depth(&self) -> Depth {
        self.depth
    }

    /// Returns the style of a role, to be drawn over what lies beneath: what it
    /// leaves open shines through. Only `text`, with which the screen is filled
    /// first, leaves nothing open.
    pub fn style(&self, role: Role) -> Style {
        self.styles[role as usize]
    }

    /// Returns the style of a role as it looks on the bare screen, on `text`.
    pub fn whole(&self, role: Role) -> Style {
        self.style(Role::Text).patch(self.style(role))
    }
}

/// Returns the style of a role with what it leaves open filled from the roles
/// that it falls back to, but for `text`, which lies beneath them all.
fn fallen_back(role: Role, own: &[Style]) -> Style {
    let style = own[role as usize];
    match role.parent() {
        None | Some(Role::Text) => style,
        Some(parent) => fallen_back(parent, own).patch(style),
    }
}

/// Turns what a file says into styles.
struct Resolver<'load> {
    source: Source<'load>,
    palette: &'load BTreeMap<String, Swatch>,
    depth: Depth,
    diagnostics: &'load mut Vec<Diagnostic>,
}

impl Resolver<'_> {
    fn style(&mut self, look: &Look) -> Style {
        let mut style = Style::new();
        style.fg = look.fg.as_ref().and_then(|hue| self.color(hue));
        style.bg = look.bg.as_ref().and_then(|hue| self.color(hue));
        style.add_modifier(look.add).remove_modifier(look.remove)
    }

    /// Returns a colour at the depth; nothing where there are no colours.
    fn color(&mut self, hue: &Hue) -> Option<Color> {
        let swatch = match (self.palette.get(&hue.text), Paint::parse(&hue.text)) {
            (Some(swatch), _) => *swatch,
            (None, Some(paint)) => Swatch::from(paint),
            (None, None) => {
                let known = self.palette.keys().map(String::as_str).chain(ANSI_NAMES).chain(["default"]);
                let hint = did_you_mean(&hue.text, known);
                let message = format!("unknown colour “{}”", hue.text);
                self.diagnostics.push(self.source.error(hue.at.clone(), message, hint));
                return None;
            }
        };
        match self.depth {
            Depth::Mono => None,
            Depth::Ansi16 => Some(swatch.ansi16.unwrap_or(swatch.paint).at(self.depth)),
            Depth::Ansi256 => Some(swatch.ansi256.unwrap_or(swatch.paint).at(self.depth)),
            Depth::True => Some(swatch.paint.at(self.depth)),
        }
    }
}

#[cfg(test)]
#[path = "theme_tests.rs"]
mod tests;

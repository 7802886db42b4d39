//! One theme file, read and checked by itself.
//!
//! ```toml
//! inherits = "dark"
//!
//! [palette]
//! ink  = "#d7dae3"
//! rust = { rgb = "#ff9580", ansi256 = 209, ansi16 = "bright-red" }
//!
//! [styles]
//! "text"        = { fg = "ink", bg = "#15171e" }
//! "text.link"   = "rust"
//! "list.cursor" = { bg = "#2a2f3d", bold = true }
//!
//! [styles-16]          # lies over [styles] where there are only 16 colours
//! "list.cursor" = { reverse = true }
//! ```
//!
//! A mistake leaves out its colour or its style and nothing else.

use std::collections::BTreeMap;
use std::ops::Range;

use ratatui::style::Modifier;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::color::{ANSI_NAMES, Paint};
use super::role::Role;
use crate::tui::diagnostic::{Diagnostic, Source, nearest};
use crate::tui::shelf::Inherits;

/// A colour of a palette: what it is, and what stands for it where there are
/// fewer colours and the nearest will not do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Swatch {
    pub(super) paint: Paint,
    pub(super) ansi256: Option<Paint>,
    pub(super) ansi16: Option<Paint>,
}

impl From<Paint> for Swatch {
    fn from(paint: Paint) -> Self {
        Self { paint, ansi256: None, ansi16: None }
    }
}

/// A colour in a style: a name to be looked up when all palettes are merged, or
/// the colour itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hue {
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// What a file says of a role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Look {
    pub(super) fg: Option<Hue>,
    pub(super) bg: Option<Hue>,
    pub(super) add: Modifier,
    pub(super) remove: Modifier,
}

/// A file that was read.
#[derive(Debug, Default)]
pub(super) struct ThemeFile {
    pub(super) inherits: Option<Inherits>,
    pub(super) palette: BTreeMap<String, Swatch>,
    pub(super) styles: BTreeMap<Role, Look>,
    pub(super) styles_16: BTreeMap<Role, Look>,
}

/// The attributes of a style, by name.
const ATTRIBUTES: &[(&str, Modifier)] = &[
    ("bold", Modifier::BOLD),
    ("dim", Modifier::DIM),
    ("italic", Modifier::ITALIC),
    ("underline", Modifier::UNDERLINED),
    ("reverse", Modifier::REVERSED),
    ("strike", Modifier::CROSSED_OUT),
];

/// Reads a file; mistakes are added to `diagnostics`.
pub(super) fn read(source: Source<'_>, diagnostics: &mut Vec<Diagnostic>) -> ThemeFile {
    let (table, errors) = DeTable::parse_recoverable(source.text);
    for error in errors {
        diagnostics.push(source.error(error.span().unwrap_or(0..0), error.message(), None));
    }
    let mut reader = Reader { source, diagnostics, file: ThemeFile::default() };
    for (key, value) in table.get_ref() {
        reader.top(key, value);
    }
    reader.file
}

/// Reads the values of one file.
struct Reader<'read, 'text> {
    source: Source<'text>,
    diagnostics: &'read mut Vec<Diagnostic>,
    file: ThemeFile,
}

impl Reader<'_, '_> {
    fn error(&mut self, at: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.diagnostics.push(self.source.error(at, message, hint));
    }

    /// Reads what stands at the top of the file.
    fn top(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let name = key.get_ref().as_ref();
        match (name, value.get_ref()) {
            ("inherits", DeValue::String(parent)) => self.file.inherits = Some(Inherits { name: parent.to_string(), at: value.span() }),
            ("inherits", _) => self.error(value.span(), "“inherits” is the name of a theme", None),
            ("palette", DeValue::Table(table)) => {
                for (key, value) in table {
                    self.swatch(key, value);
                }
            }
            ("styles" | "styles-16", DeValue::Table(table)) => {
                let few = name == "styles-16";
                for (key, value) in table {
                    if let Some((role, look)) = self.style(key, value) {
                        let styles = if few { &mut self.file.styles_16 } else { &mut self.file.styles };
                        styles.insert(role, look);
                    }
                }
            }
            ("palette" | "styles" | "styles-16", _) => self.error(value.span(), format!("“{name}” is a table"), None),
            _ => {
                let hint = did_you_mean(name, ["inherits", "palette", "styles", "styles-16"]);
                self.error(key.span(), format!("unknown setting “{name}”"), hint);
            }
        }
    }

    /// Reads a colour of the palette.
    fn swatch(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let name = key.get_ref().to_string();
        if matches!(Paint::parse(&name), Some(Paint::Default | Paint::Rgb(_))) {
            let message = format!("“{name}” is a colour already and cannot be another");
            return self.error(key.span(), message, None);
        }
        let swatch = match value.get_ref() {
            DeValue::Table(table) => {
                let mut swatch = Swatch::from(Paint::Default);
                let mut given = false;
                for (field, value) in table {
                    let wanted = field.get_ref().as_ref();
                    if !["rgb", "ansi256", "ansi16"].contains(&wanted) {
                        let hint = did_you_mean(wanted, ["rgb", "ansi256", "ansi16"]);
                        return self.error(field.span(), format!("unknown field “{wanted}”"), hint);
                    }
                    let Some(paint) = self.paint(value) else { return };
                    match (wanted, paint) {
                        ("rgb", _) => (swatch.paint, given) = (paint, true),
                        ("ansi256", _) => swatch.ansi256 = Some(paint),
                        (_, Paint::Default | Paint::Indexed(0..=15)) => swatch.ansi16 = Some(paint),
                        _ => {
                            let hint = Some(format!("one of default, {}", ANSI_NAMES.join(", ")));
                            return self.error(value.span(), "“ansi16” is one of the sixteen colours", hint);
                        }
                    }
                }
                if !given {
                    return self.error(value.span(), "“rgb” is missing", None);
                }
                swatch
            }
            _ => match self.paint(value) {
                Some(paint) => Swatch::from(paint),
                None => return,
            },
        };
        self.file.palette.insert(name, swatch);
    }

    /// Reads a colour that is no name of a palette.
    fn paint(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Paint> {
        let paint = match value.get_ref() {
            DeValue::String(text) => Paint::parse(text),
            DeValue::Integer(number) => number.as_str().parse().ok().map(Paint::Indexed),
            _ => None,
        };
        if paint.is_none() {
            let hint = Some("#rrggbb, 0 to 255, default, or a name such as bright-red".to_owned());
            self.error(value.span(), "this is no colour", hint);
        }
        paint
    }

    /// Reads the style of a role.
    fn style(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) -> Option<(Role, Look)> {
        let name = key.get_ref().as_ref();
        let Some(role) = Role::named(name) else {
            let hint = did_you_mean(name, Role::ALL.iter().map(|role| role.name()));
            self.error(key.span(), format!("unknown role “{name}”"), hint);
            return None;
        };
        let mut look = Look::default();
        let DeValue::Table(table) = value.get_ref() else {
            look.fg = Some(self.hue(value)?);
            return Some((role, look));
        };
        // What is wrong is left out, and the rest stands.
        for (field, value) in table {
            let wanted = field.get_ref().as_ref();
            match (wanted, value.get_ref()) {
                ("fg", _) => look.fg = self.hue(value),
                ("bg", _) => look.bg = self.hue(value),
                (_, DeValue::Boolean(on)) if attribute(wanted).is_some() => {
                    let attribute = attribute(wanted).unwrap_or_default();
                    if *on {
                        look.add |= attribute;
                    } else {
                        look.remove |= attribute;
                    }
                }
                _ if attribute(wanted).is_some() => {
                    self.error(value.span(), format!("“{wanted}” is true or false"), None);
                }
                _ => {
                    let known = ["fg", "bg"].into_iter().chain(ATTRIBUTES.iter().map(|(name, _)| *name));
                    let hint = did_you_mean(wanted, known);
                    self.error(field.span(), format!("unknown field “{wanted}”"), hint);
                }
            }
        }
        Some((role, look))
    }

    /// Reads a colour in a style; its name is looked up later.
    fn hue(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Hue> {
        match value.get_ref() {
            DeValue::String(text) => Some(Hue { text: text.to_string(), at: value.span() }),
            _ => {
                self.error(value.span(), "a colour is a name or “#rrggbb”", None);
                None
            }
        }
    }
}

/// Returns the attribute of a name.
fn attribute(name: &str) -> Option<Modifier> {
    ATTRIBUTES.iter().find(|(known, _)| *known == name).map(|(_, modifier)| *modifier)
}

/// Returns the hint for a word that is none of these.
pub(super) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(word, known).map(|near| format!("did you mean “{near}”?"))
}

//! Custom fields: what the team adds to a kind of record.

use super::DefinitionError;
use super::document::{Section, Source};
use super::renamed::Renamed;
use crate::domain::{FieldType, Kind, fields, fold};

/// The type of a custom field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomType {
    /// Text of any length.
    Text,
    /// An exact decimal number.
    Number,
    /// An exact amount in a currency.
    Money,
    /// A date, possibly partial.
    Date,
    /// Yes or no.
    Flag,
    /// A word of the field's own list.
    Choice,
}

/// The types by name.
const TYPES: &[(&str, CustomType)] = &[
    ("text", CustomType::Text),
    ("number", CustomType::Number),
    ("money", CustomType::Money),
    ("date", CustomType::Date),
    ("flag", CustomType::Flag),
    ("choice", CustomType::Choice),
];

impl CustomType {
    /// Returns the name of the type.
    pub fn name(self) -> &'static str {
        TYPES.iter().find(|(_, ty)| *ty == self).map_or("text", |(name, _)| name)
    }

    /// Returns the type of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        TYPES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty)
    }

    /// Returns the names of all types.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TYPES.iter().map(|(name, _)| *name)
    }

    /// Returns the built-in type whose values it takes; a choice takes text.
    pub fn field_type(self) -> FieldType {
        match self {
            Self::Text => FieldType::LongText,
            Self::Number => FieldType::Number,
            Self::Money => FieldType::Money,
            Self::Date => FieldType::Date,
            Self::Flag => FieldType::Flag,
            Self::Choice => FieldType::Text,
        }
    }
}

/// One custom field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomField {
    /// Whose field it is.
    pub kind: Kind,
    /// Its name: folded letters, digits and `_`.
    pub name: String,
    /// What values it takes.
    pub ty: CustomType,
    /// The words of a choice, in order.
    pub words: Vec<String>,
    /// Whether a choice refuses other words.
    pub closed: bool,
    /// One line of help.
    pub help: String,
}

/// All custom fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustomFields {
    fields: Vec<CustomField>,
    pub(super) renamed: Renamed,
}

impl CustomFields {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "kind of record");
        let mut found = Vec::new();
        for (key, span, section) in whole.sections("kind of record") {
            if key == "renamed" {
                continue;
            }
            let Some(kind) = Kind::from_name(key) else {
                let error = source.error(span, format!("there is no kind of record \u{201c}{key}\u{201d}"));
                return Err(error.nearest(key, Kind::public().map(Kind::name)));
            };
            for (name, span, section) in section?.sections("custom field") {
                check_name(kind, name).map_err(|(message, hint)| {
                    let error = source.error(span.clone(), message);
                    if hint.is_empty() { error } else { error.hint(hint) }
                })?;
                if found.iter().any(|known: &CustomField| known.kind == kind && known.name == name) {
                    return Err(source.error(span, format!("{kind} has two fields \u{201c}{name}\u{201d}")));
                }
                found.push(read_field(kind, name, &section?)?);
            }
        }
        let names: Vec<&str> =
            found.iter().flat_map(|field| std::iter::once(&field.name).chain(&field.words)).map(String::as_str).collect();
        let renamed = Renamed::read(&whole, &names)?;
        Ok(Self { fields: found, renamed })
    }

    /// Returns all custom fields.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &CustomField> {
        self.fields.iter()
    }

    /// Returns the custom fields of a kind, in order.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &CustomField> {
        self.fields.iter().filter(move |field| field.kind == kind)
    }

    /// Returns the custom field of this name, without regard to case.
    pub fn get(&self, kind: Kind, name: &str) -> Option<&CustomField> {
        self.of(kind).find(|field| field.name == name || field.name == fold::fold(name))
    }
}

/// Says why a name cannot be that of a custom field: the message and a hint.
///
/// # Errors
///
/// A name that is not folded letters, digits and `_`, or that a built-in has.
pub fn check_name(kind: Kind, name: &str) -> Result<(), (String, String)> {
    let plain = fold::field_name(name);
    if plain.is_empty() || plain.starts_with(|c: char| c.is_numeric()) {
        return Err((format!("\u{201c}{name}\u{201d} cannot be the name of a field: it must begin with a letter"), String::new()));
    }
    if plain != name {
        let message = format!("the name of a field has small letters, digits and _ only, not \u{201c}{name}\u{201d}");
        return Err((message, format!("write \u{201c}{plain}\u{201d}")));
    }
    if let Some(field) = fields::field(kind, name) {
        let message = if field.name == name {
            format!("{kind} has a built-in field \u{201c}{name}\u{201d}")
        } else {
            format!("\u{201c}{name}\u{201d} is another name of the built-in field \u{201c}{}\u{201d} of a {kind}", field.name)
        };
        return Err((message, "choose another name".to_owned()));
    }
    if is_reserved(kind, name) {
        return Err((format!("{kind} has a built-in field \u{201c}{name}\u{201d}"), "choose another name".to_owned()));
    }
    Ok(())
}

/// Names that are no stored fields and yet have a meaning: what the store keeps,
/// rollups and what comes with jobs.
fn is_reserved(kind: Kind, name: &str) -> bool {
    const EVERYWHERE: &[&str] = &[
        "id",
        "kind",
        "version",
        "recorded_at",
        "updated_at",
        "updated_by",
        "last",
        "tickets",
        "opportunities",
        "won",
        "next",
        "value",
        "risk",
        "label",
    ];
    EVERYWHERE.contains(&name) || (kind == Kind::Contact && ["company", "title", "role", "account", "org", "organization"].contains(&name))
}

fn read_field(kind: Kind, name: &str, section: &Section<'_, '_>) -> Result<CustomField, DefinitionError> {
    section.keys_among(&["type", "words", "closed", "help"])?;
    let type_name = section.required_text("type")?;
    let Some(ty) = CustomType::from_name(type_name) else {
        let error = section.error_at("type", format!("\u{201c}{type_name}\u{201d} is no type of a custom field"));
        return Err(error.nearest(type_name, CustomType::names()));
    };
    let words = section.words("words")?;
    let closed = section.flag("closed")?;
    if ty != CustomType::Choice && (words.is_some() || closed.is_some()) {
        let key = if words.is_some() { "words" } else { "closed" };
        return Err(section.error_at(key, format!("only a choice has \u{201c}{key}\u{201d}")).hint("type = \"choice\""));
    }
    let closed = closed.unwrap_or(false);
    if closed && words.as_ref().is_none_or(Vec::is_empty) {
        return Err(section.error(format!("\u{201c}{name}\u{201d} is closed and has no words")));
    }
    let help = section.text("help")?.unwrap_or_default().to_owned();
    Ok(CustomField { kind, name: name.to_owned(), ty, words: words.unwrap_or_default(), closed, help })
}

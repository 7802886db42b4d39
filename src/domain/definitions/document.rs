//! One definition as a TOML text, read with the place of everything in it.
//!
//! A walker over spanned TOML values, so that an error three checks later still
//! names line and column, and an unknown key the one that was meant.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::DefinitionError;
use crate::domain::fold;

/// A TOML value and where it stands.
type Found<'d, 't> = &'d Spanned<DeValue<'t>>;

/// The text of a definition and its name, for messages.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub(super) name: &'t str,
    pub(super) text: &'t str,
}

impl<'t> Source<'t> {
    /// Returns the whole text as a table; a slip in the TOML is an error.
    pub(super) fn parse(self) -> Result<DeTable<'t>, DefinitionError> {
        DeTable::parse(self.text).map(Spanned::into_inner).map_err(|error| {
            let mut message = error.message().lines().collect::<Vec<_>>().join(", ");
            if message.is_empty() {
                "this is no TOML".clone_into(&mut message);
            }
            self.error(error.span().unwrap_or(0..0), message)
        })
    }

    /// Returns an error at a place of the text.
    pub(super) fn error(self, span: Range<usize>, message: impl Into<String>) -> DefinitionError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        DefinitionError {
            document: self.name.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            message: message.into(),
            hint: None,
        }
    }
}

/// A table of a definition.
#[derive(Clone)]
pub(super) struct Section<'d, 't> {
    pub(super) source: Source<'t>,
    table: &'d DeTable<'t>,
    span: Range<usize>,
    /// What it describes, for messages: `stage`, `pipeline`.
    what: &'static str,
}

impl<'d, 't> Section<'d, 't> {
    /// Returns the whole document.
    pub(super) fn whole(source: Source<'t>, table: &'d DeTable<'t>, what: &'static str) -> Self {
        Self { source, table, span: 0..0, what }
    }

    /// Refuses keys that are not among these.
    pub(super) fn keys_among(&self, known: &[&str]) -> Result<(), DefinitionError> {
        for key in self.table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                let error = self.source.error(key.span(), format!("a {} has no \u{201c}{}\u{201d}", self.what, key.get_ref()));
                return Err(error.nearest(key.get_ref(), known.iter().copied()));
            }
        }
        Ok(())
    }

    /// Returns the entries as sections: each must be a table.
    pub(super) fn sections(
        &self,
        what: &'static str,
    ) -> impl Iterator<Item = (&'d str, Range<usize>, Result<Section<'d, 't>, DefinitionError>)> + '_ {
        self.table.iter().map(move |(key, value)| (key.get_ref().as_ref(), key.span(), self.section_of(value, what)))
    }

    /// Returns the keys, where each stands, and its value.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'d str, Range<usize>, Found<'d, 't>)> {
        self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
    }

    /// Returns an error at this section.
    pub(super) fn error(&self, message: impl Into<String>) -> DefinitionError {
        self.source.error(self.span.clone(), message)
    }

    /// Returns an error at the value of a key, or at the section without it.
    pub(super) fn error_at(&self, key: &str, message: impl Into<String>) -> DefinitionError {
        let span = self.get(key).map_or_else(|| self.span.clone(), Spanned::span);
        self.source.error(span, message)
    }

    pub(super) fn get(&self, key: &str) -> Option<Found<'d, 't>> {
        self.table.get(key)
    }

    /// Returns a table that was found in a list as a section.
    pub(super) fn table(&self, table: &'d DeTable<'t>, span: Range<usize>, what: &'static str) -> Self {
        Section { source: self.source, table, span, what }
    }

    fn wrong(&self, key: &str, value: Found<'d, 't>, wanted: &str) -> DefinitionError {
        let found = value.get_ref().type_str();
        self.source.error(value.span(), format!("\u{201c}{key}\u{201d} must be {wanted}, not {found}"))
    }

    fn section_of(&self, value: Found<'d, 't>, what: &'static str) -> Result<Section<'d, 't>, DefinitionError> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(self.table(table, value.span(), what)),
            other => Err(self.source.error(value.span(), format!("a {what} must be a table, not {}", other.type_str()))),
        }
    }

    /// Returns the text of a key.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'d str>, DefinitionError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => value.get_ref().as_str().map(Some).ok_or_else(|| self.wrong(key, value, "text")),
        }
    }

    /// Returns the text of a key that must be there.
    pub(super) fn required_text(&self, key: &str) -> Result<&'d str, DefinitionError> {
        self.text(key)?.ok_or_else(|| self.error(format!("a {} needs a \u{201c}{key}\u{201d}", self.what)))
    }

    /// Returns the name under a key: one line of text that is not empty.
    pub(super) fn required_name(&self, key: &str) -> Result<String, DefinitionError> {
        let text = self.required_text(key)?;
        check_word(text).map_err(|message| self.error_at(key, message))?;
        Ok(text.to_owned())
    }

    /// Returns yes or no under a key.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, DefinitionError> {
        match self.get(key) {
            None => Ok(None),
            Some(value) => value.get_ref().as_bool().map(Some).ok_or_else(|| self.wrong(key, value, "true or false")),
        }
    }

    /// Returns the whole number under a key, within a range.
    pub(super) fn int(&self, key: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, DefinitionError> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let wanted = format!("a whole number from {} to {}", range.start(), range.end());
        let number = value.get_ref().as_integer().ok_or_else(|| self.wrong(key, value, &wanted))?;
        i64::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| self.source.error(value.span(), format!("\u{201c}{key}\u{201d} must be {wanted}, not {number}")))
    }

    /// Returns the list of words under a key; a word twice is an error.
    pub(super) fn words(&self, key: &str) -> Result<Option<Vec<String>>, DefinitionError> {
        self.get(key).map(|value| self.words_of(key, value)).transpose()
    }

    /// Returns the list of words that a value is.
    pub(super) fn words_of(&self, key: &str, value: Found<'d, 't>) -> Result<Vec<String>, DefinitionError> {
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list of words"))?;
        let mut words: Vec<String> = Vec::new();
        for item in array.iter() {
            let word = item.get_ref().as_str().ok_or_else(|| self.wrong(key, item, "a list of words"))?;
            check_word(word).map_err(|message| self.source.error(item.span(), message))?;
            if words.iter().any(|known| fold::fold(known) == fold::fold(word)) {
                return Err(self.source.error(item.span(), format!("\u{201c}{word}\u{201d} stands twice in \u{201c}{key}\u{201d}")));
            }
            words.push(word.to_owned());
        }
        Ok(words)
    }

    /// Returns the whole numbers under a key; none where there is none.
    pub(super) fn numbers(&self, key: &str) -> Result<Vec<i64>, DefinitionError> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list of whole numbers"))?;
        let number = |item: Found<'d, 't>| {
            let number = item.get_ref().as_integer().and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
            number.ok_or_else(|| self.wrong(key, item, "a list of whole numbers"))
        };
        array.iter().map(number).collect()
    }

    /// Returns the lines of text under a key: a list of any texts.
    pub(super) fn lines(&self, key: &str) -> Result<Vec<String>, DefinitionError> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list of lines"))?;
        let line = |item: Found<'d, 't>| item.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.wrong(key, item, "a list of lines"));
        array.iter().map(line).collect()
    }

    /// Returns the tables of a list: `[[stage]]` or `stages = [{…}, {…}]`.
    pub(super) fn list(&self, key: &str, what: &'static str) -> Result<Vec<Section<'d, 't>>, DefinitionError> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let array = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list of tables"))?;
        array.iter().map(|item| self.section_of(item, what)).collect()
    }

    /// Returns the section under a key.
    pub(super) fn section(&self, key: &str, what: &'static str) -> Result<Option<Section<'d, 't>>, DefinitionError> {
        self.get(key).map(|value| self.section_of(value, what)).transpose()
    }
}

/// Says what keeps a text from being a word of a list: words are typed in queries
/// and stand in cells.
pub(super) fn check_word(word: &str) -> Result<(), String> {
    if word.trim().is_empty() {
        return Err("a name must not be empty".to_owned());
    }
    if word.trim() != word {
        return Err(format!("\u{201c}{word}\u{201d} begins or ends with a space"));
    }
    match word.chars().find(|c| c.is_control() || matches!(c, ',' | ';' | '"' | '\\')) {
        Some(c) => Err(format!("\u{201c}{}\u{201d} holds {c:?}, which no name may", word.escape_debug())),
        None => Ok(()),
    }
}

//! Definitions whose meaning belongs to other rooms: named tables, checked here for
//! being TOML of that shape, and read there.

use std::collections::BTreeMap;

use super::document::{Section, Source, check_word};
use super::{DefinitionError, DefinitionName};

/// The named tables of one definition, as TOML.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shape {
    tables: toml::Table,
}

impl Shape {
    fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition");
        for (name, span, section) in whole.sections("named entry") {
            check_word(name).map_err(|message| source.error(span, message))?;
            section.map_err(|error| error.hint("each entry begins with its name: [name]"))?;
        }
        let tables = source.text.parse().map_err(|error: toml::de::Error| source.error(error.span().unwrap_or(0..0), error.message()))?;
        Ok(Self { tables })
    }

    /// Returns the names in order and what stands under each.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &toml::Table)> {
        self.tables.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_table()?)))
    }

    /// Returns what stands under a name.
    pub fn get(&self, name: &str) -> Option<&toml::Table> {
        self.tables.get(name)?.as_table()
    }
}

/// The definitions that are kept as named tables: rules, playbooks, views, presets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shapes {
    shapes: BTreeMap<DefinitionName, Shape>,
}

impl Shapes {
    pub(super) fn put(&mut self, name: DefinitionName, source: Source<'_>) -> Result<(), DefinitionError> {
        self.shapes.insert(name, Shape::read(source)?);
        Ok(())
    }

    /// Returns the named tables of a definition, if the team has given it.
    pub fn get(&self, name: DefinitionName) -> Option<&Shape> {
        self.shapes.get(&name)
    }
}

//! `[renamed] old = "new"`: how a definition says that a word lives on under
//! another name, so that the records that use it are rewritten and not refused.

use super::DefinitionError;
use super::document::Section;
use crate::domain::fold;

/// The renamings of one definition, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Renamed {
    pairs: Vec<(String, String)>,
}

impl Renamed {
    /// Reads the table `renamed` of a definition; what a word is renamed to must be
    /// among the definition's words.
    pub(super) fn read(whole: &Section<'_, '_>, words: &[&str]) -> Result<Self, DefinitionError> {
        let Some(section) = whole.section("renamed", "renaming")? else { return Ok(Self::default()) };
        let mut pairs = Vec::new();
        for (old, _, _) in section.entries() {
            let new = section.required_text(old)?;
            if !words.contains(&new) {
                let error = section.error_at(old, format!("\u{201c}{old}\u{201d} is renamed to \u{201c}{new}\u{201d}, which is not there"));
                return Err(error.nearest(new, words.iter().copied()));
            }
            pairs.push((old.to_owned(), new.to_owned()));
        }
        Ok(Self { pairs })
    }

    /// Returns what a word is renamed to. A name within a place (`sales/lead`)
    /// counts before the bare one.
    pub fn target(&self, place: &str, old: &str) -> Option<&str> {
        let named = format!("{place}/{old}");
        let find = |wanted: &str| self.pairs.iter().find(|(from, _)| fold::fold(from) == fold::fold(wanted));
        find(&named).or_else(|| find(old)).map(|(_, to)| to.as_str())
    }
}

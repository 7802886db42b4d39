//! A text from an editor over records that somebody else has changed meanwhile: what only
//! they changed is taken over, and where both changed a field both versions stand in the
//! text, one to be kept.

use std::ops::Range;

use super::edit::{Document, Edited, edit_toml};
use super::{ActionError, Desk};

/// Returns the text over the records as they stand now, and what it is made from now. Above
/// a line that both changed stands, behind `mark`, what the others wrote.
///
/// # Errors
/// A text that is no TOML; exit 4 for a record that is gone.
pub fn rebase_toml(desk: &Desk, edited: &Edited, mark: &str) -> Result<Edited, ActionError> {
    let began = Document::parse(&edited.original)?;
    let ids = began.sections.iter().map(|section| section.id(&began)).collect::<Result<Vec<_>, _>>()?;
    let original = edit_toml(desk, &ids)?;
    let (own, now) = (Document::parse(&edited.text)?, Document::parse(&original)?);
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for section in &own.sections {
        let Some(id) = section.value("id").and(section.id(&own).ok()) else { continue };
        let of = |document: &'_ Document<'_>| document.sections.iter().position(|other| other.id(document).is_ok_and(|other| other == id));
        let (Some(before), Some(stands)) = (of(&began), of(&now)) else { continue };
        let (before, stands) = (&began.sections[before], &now.sections[stands]);
        let mut added = String::new();
        for theirs in stands.entries.iter().filter(|entry| before.value(&entry.name) != Some(&entry.value)) {
            let line = &original[theirs.lines.clone()];
            match section.entries.iter().find(|entry| entry.name == theirs.name) {
                Some(mine) if mine.value == theirs.value => {}
                Some(mine) if theirs.name == "version" || before.value(&mine.name) == Some(&mine.value) => {
                    changes.push((mine.lines.clone(), line.to_owned()));
                }
                Some(mine) => changes.push((mine.lines.start..mine.lines.start, marked(mark, line))),
                // It was taken out here.
                None if before.value(&theirs.name).is_some() => added.push_str(&marked(mark, line)),
                None => added.push_str(line),
            }
        }
        for gone in before.entries.iter().filter(|entry| stands.value(&entry.name).is_none()) {
            let Some(mine) = section.entries.iter().find(|entry| entry.name == gone.name) else { continue };
            if mine.value == gone.value {
                changes.push((mine.lines.clone(), String::new()));
            } else {
                changes.push((mine.lines.start..mine.lines.start, marked(mark, &format!("{} was taken out\n", mine.name))));
            }
        }
        if let Some(version) = section.entries.iter().find(|entry| entry.name == "version").filter(|_| !added.is_empty()) {
            // Before what is put above the next line.
            changes.insert(0, (version.lines.end..version.lines.end, added));
        }
    }
    changes.sort_by_key(|(place, _)| (place.start, place.end));
    let mut text = edited.text.clone();
    for (place, with) in changes.into_iter().rev() {
        text.replace_range(place, &with);
    }
    Ok(Edited { text, original })
}

fn marked(mark: &str, lines: &str) -> String {
    lines.lines().map(|line| format!("{mark}meanwhile: {line}\n")).collect()
}

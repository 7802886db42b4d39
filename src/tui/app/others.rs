//! What others do at the same store: what they have just changed, told for a moment, and
//! which records they are editing.
//!
//! Bounded whatever happens: an import of many thousand rows is one line with a count.

use std::collections::HashMap;

use crate::domain::RecordId;

/// How many changed records are marked at once.
const MOST_MARKED: usize = 200;
/// How many names are told.
const MOST_NAMES: usize = 2;

/// One commit of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Who.
    pub who: String,
    /// The step that it belongs to.
    pub step: u64,
    /// What was done, in words: `ada changed c17 owner`.
    pub told: String,
    /// What was done, where it is one of many commits: `import`.
    pub label: String,
    /// How many records.
    pub count: usize,
    /// Which, as far as they are worth marking.
    pub ids: Vec<RecordId>,
}

/// Somebody who edits a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    /// Who.
    pub who: String,
    /// Which record.
    pub id: RecordId,
}

/// What is told of one record's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sign<'a> {
    /// Somebody is editing it.
    Edited(&'a str),
    /// Somebody has just changed it.
    Changed(&'a str),
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Others {
    /// Who edits what.
    pub editors: Vec<Editor>,
    /// What has just been done, in words; empty where nothing has.
    pub told: String,
    changed: HashMap<RecordId, String>,
    last: Option<(String, u64)>,
    names: Vec<String>,
    count: usize,
    /// Whether so much was changed that nobody knows what.
    swept: bool,
}

impl Others {
    /// Takes what others have committed.
    pub(super) fn hear(&mut self, news: Vec<News>) {
        for News { who, step, told, label, count, ids } in news {
            let is_first = self.names.is_empty();
            let same_step = self.last.as_ref().is_some_and(|(last, at)| *last == who && *at == step);
            self.count += count;
            if !self.names.contains(&who) {
                self.names.push(who.clone());
            }
            self.told = match (is_first, same_step) {
                (true, _) => told,
                (_, true) if self.names.len() == 1 => format!("{who}: {label}, {}", records(self.count)),
                _ => format!("{} changed {}", named(&self.names), records(self.count)),
            };
            self.last = Some((who.clone(), step));
            for id in ids {
                if self.changed.len() < MOST_MARKED {
                    self.changed.insert(id, who.clone());
                }
            }
        }
    }

    /// Notes that much was changed, and nobody knows what.
    pub(super) fn sweep(&mut self) {
        self.swept = true;
        if self.told.is_empty() {
            "much was changed".clone_into(&mut self.told);
        }
    }

    /// The moment is over.
    pub(super) fn rest(&mut self) {
        *self = Self { editors: std::mem::take(&mut self.editors), ..Self::default() };
    }

    /// Says that the record under the cursor has left its rows, if others have to do with
    /// it.
    pub(super) fn has_left(&mut self, id: RecordId) {
        match self.changed.get(&id) {
            Some(who) => self.told = format!("{id} is not among these rows any more: {who} changed it"),
            None if self.swept => self.told = format!("{id} is not among these rows any more"),
            None => {}
        }
    }

    /// Returns who edits a record.
    pub fn editor_of(&self, id: RecordId) -> Option<&str> {
        self.editors.iter().find(|editor| editor.id == id).map(|editor| editor.who.as_str())
    }

    /// Returns what is told of a record's row.
    pub fn sign(&self, id: RecordId) -> Option<Sign<'_>> {
        let changed = || self.changed.get(&id).map(|who| Sign::Changed(who));
        self.editor_of(id).map(Sign::Edited).or_else(changed)
    }
}

impl Sign<'_> {
    /// Returns it in words.
    pub fn text(&self) -> String {
        match self {
            Self::Edited(who) => format!(" {who} edits it "),
            Self::Changed(who) => format!(" {who} changed it "),
        }
    }
}

fn records(count: usize) -> String {
    if count == 1 { "1 record".to_owned() } else { format!("{count} records") }
}

fn named(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [one, other] => format!("{one} and {other}"),
        more => format!("{} and {} others", more[..MOST_NAMES - 1].join(", "), more.len() - (MOST_NAMES - 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Kind;

    fn news(who: &str, step: u64, numbers: std::ops::Range<u64>) -> News {
        let ids: Vec<RecordId> = numbers.map(|number| RecordId::new(Kind::Contact, number)).collect();
        let told = if ids.len() == 1 { format!("{who} changed {} owner", ids[0]) } else { format!("{who}: import, {} records", ids.len()) };
        News { who: who.to_owned(), step, told, label: "import".to_owned(), count: ids.len(), ids }
    }

    #[test]
    fn one_change_is_told_whole_and_many_in_one_line() {
        let mut others = Others::default();
        others.hear(vec![news("bob", 7, 17..18)]);
        assert_eq!(others.told, "bob changed c17 owner");
        assert_eq!(others.sign(RecordId::new(Kind::Contact, 17)), Some(Sign::Changed("bob")));
        others.hear(vec![news("bob", 8, 18..19)]);
        assert_eq!(others.told, "bob changed 2 records");
        others.hear(vec![news("cy", 9, 19..20), news("dee", 10, 20..21)]);
        assert_eq!(others.told, "bob and 2 others changed 4 records");
        others.rest();
        assert_eq!((others.told.as_str(), others.sign(RecordId::new(Kind::Contact, 17))), ("", None));
        for commit in 0..100 {
            others.hear(vec![news("cron", 20, commit * 1_000..(commit + 1) * 1_000)]);
        }
        assert_eq!(others.told, "cron: import, 100000 records");
        assert!(others.changed.len() <= MOST_MARKED);
    }

    #[test]
    fn who_edits_is_told_before_who_changed() {
        let id = RecordId::new(Kind::Contact, 17);
        let mut others = Others { editors: vec![Editor { who: "bob".to_owned(), id }], ..Others::default() };
        others.hear(vec![news("cy", 7, 17..18)]);
        assert_eq!(others.sign(id), Some(Sign::Edited("bob")));
        others.rest();
        assert_eq!(others.sign(id), Some(Sign::Edited("bob")), "that goes on");
    }
}

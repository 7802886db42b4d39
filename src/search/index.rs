//! The lines of all records, folded, in one buffer; and the search over them.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use super::place::{Place, place};
use super::scorer::Scorer;
use super::top::Top;
use super::words::{Words, letters_of};
use crate::domain::{RecordId, fold};

/// The most bytes of a name and of what stands beside it.
const NAME: usize = 200;
const BESIDE: usize = 160;
/// How many lines are scored letter by letter.
const SCORED: usize = 1_000;
/// How many lines are looked at between two questions whether to stop.
const STRIDE: usize = 4_096;

/// What a record is found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The record.
    pub id: RecordId,
    /// What it is called.
    pub name: String,
    /// What else it is found by: mail, phone, company, tags.
    pub beside: String,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    id: RecordId,
    mask: u64,
    start: usize,
    name: u16,
    latin: u16,
    beside: u16,
}

/// Folded lines, one after the other.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    text: String,
    lines: Vec<Line>,
}

fn cut(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Lines {
    /// Adds a record.
    pub fn push(&mut self, entry: &Entry) {
        let start = self.text.len();
        let name = fold::fold(entry.name.trim());
        // What is no Latin is found by its letters and by its sound.
        let latin = if name.is_ascii() { String::new() } else { fold::latin(&name) };
        let beside = fold::fold(&entry.beside);
        let (name, latin, beside) = (cut(&name, NAME), cut(&latin, NAME), cut(&beside, BESIDE));
        let mask = letters_of(name) | letters_of(latin) | letters_of(beside);
        [name, latin, beside].into_iter().for_each(|part| self.text.push_str(part));
        let length = |part: &str| u16::try_from(part.len()).unwrap_or(u16::MAX);
        self.lines.push(Line { id: entry.id, mask, start, name: length(name), latin: length(latin), beside: length(beside) });
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn parts(&self, line: &Line) -> (&str, &str, &str) {
        let latin = line.start + usize::from(line.name);
        let beside = latin + usize::from(line.latin);
        (&self.text[line.start..latin], &self.text[latin..beside], &self.text[beside..beside + usize::from(line.beside)])
    }
}

/// The lines of a store as they were after a commit. Bringing one forward leaves the
/// lines that have not changed where they are.
#[derive(Debug, Clone, Default)]
pub struct Index {
    base: Arc<Lines>,
    fresh: Lines,
    stale: HashSet<RecordId>,
    /// The seq of the last commit that it knows.
    pub seq: u64,
}

/// One record found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The record.
    pub id: RecordId,
    /// Where the words stand.
    pub place: Place,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The best, in order.
    pub best: Vec<Hit>,
    /// The lines that match, by number: the next words need no others where they
    /// narrow these.
    pub matching: Vec<u32>,
}

/// How far a search goes.
pub struct Limits<'a> {
    /// The most hits.
    pub most: usize,
    /// The lines to be looked at; `None` for all.
    pub within: Option<&'a [u32]>,
    /// Asked now and then whether nobody waits for it any longer.
    pub stop: &'a dyn Fn() -> bool,
}

impl Index {
    /// Returns the index of these lines.
    pub fn new(lines: Lines, seq: u64) -> Self {
        Self { base: Arc::new(lines), fresh: Lines::default(), stale: HashSet::new(), seq }
    }

    /// Returns how many lines there are, those that no longer count among them.
    pub fn len(&self) -> usize {
        self.base.len() + self.fresh.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the index with these records changed, gone or new: those changed or new
    /// have an entry.
    #[must_use]
    pub fn forward(&self, changed: &[RecordId], entries: &[Entry], seq: u64) -> Self {
        let mut next = self.clone();
        next.seq = seq;
        next.stale.extend(changed);
        next.stale.extend(entries.iter().map(|entry| entry.id));
        let mut fresh = Lines::default();
        // Fresh lines that changed again are left out; there are few.
        let changed: HashSet<RecordId> = changed.iter().copied().chain(entries.iter().map(|entry| entry.id)).collect();
        for line in self.fresh.lines.iter().filter(|line| !changed.contains(&line.id)) {
            let (name, latin, beside) = self.fresh.parts(line);
            let start = fresh.text.len();
            [name, latin, beside].into_iter().for_each(|part| fresh.text.push_str(part));
            fresh.lines.push(Line { start, ..*line });
        }
        entries.iter().for_each(|entry| fresh.push(entry));
        next.fresh = fresh;
        next
    }

    fn line(&self, number: u32) -> Option<(&Lines, &Line)> {
        let number = number as usize;
        match self.base.lines.get(number) {
            Some(line) => Some((&*self.base, line)),
            None => self.fresh.lines.get(number - self.base.len()).map(|line| (&self.fresh, line)),
        }
    }

    /// Returns whether a line no longer counts.
    fn is_stale(&self, number: u32, id: RecordId) -> bool {
        (number as usize) < self.base.len() && !self.stale.is_empty() && self.stale.contains(&id)
    }

    /// Returns the records in which all words stand, best first; `None` if it was
    /// stopped.
    pub fn search(&self, words: &Words, scorer: &dyn Scorer, limits: &Limits<'_>) -> Option<Found> {
        let all = 0..u32::try_from(self.len()).unwrap_or(u32::MAX);
        let mut top = Top::new(SCORED.max(limits.most));
        let mut matching = Vec::new();
        let mut look = |number: u32| {
            let Some((lines, line)) = self.line(number) else { return };
            if words.mask() & !line.mask != 0 || self.is_stale(number, line.id) {
                return;
            }
            let (name, latin, beside) = lines.parts(line);
            if let Some((place, sum)) = place(&[name, latin], beside, words) {
                matching.push(number);
                top.push((place, sum, line.name, line.id.kind, number));
            }
        };
        match limits.within {
            Some(within) => {
                for numbers in within.chunks(STRIDE) {
                    if (limits.stop)() {
                        return None;
                    }
                    numbers.iter().for_each(|number| look(*number));
                }
            }
            None => {
                for start in all.clone().step_by(STRIDE) {
                    if (limits.stop)() {
                        return None;
                    }
                    (start..all.end.min(start.saturating_add(STRIDE as u32))).for_each(&mut look);
                }
            }
        }
        let mut best: Vec<_> = top
            .sorted()
            .into_iter()
            .filter_map(|(place, sum, length, kind, number)| {
                let (lines, line) = self.line(number)?;
                let (name, latin, _) = lines.parts(line);
                let score: i64 = words.iter().map(|word| scorer.score(name, word).or_else(|| scorer.score(latin, word)).unwrap_or(0)).sum();
                Some((place, sum, Reverse(score), kind, length, line.id))
            })
            .collect();
        best.sort_unstable();
        best.truncate(limits.most);
        let best = best.into_iter().map(|(place, .., id)| Hit { id, place }).collect();
        Some(Found { best, matching })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::domain::Kind;
    use crate::search::Skim;

    fn entry(number: u64, name: &str, beside: &str) -> Entry {
        Entry { id: RecordId::new(Kind::Contact, number), name: name.to_owned(), beside: beside.to_owned() }
    }

    fn index(names: &[&str]) -> Index {
        let mut lines = Lines::default();
        for (at, name) in names.iter().enumerate() {
            lines.push(&entry(at as u64 + 1, name, ""));
        }
        Index::new(lines, 1)
    }

    fn limits(within: Option<&[u32]>) -> Limits<'_> {
        Limits { most: 50, within, stop: &|| false }
    }

    fn find(index: &Index, text: &str) -> Vec<u64> {
        let found = index.search(&Words::of(text), &Skim::default(), &limits(None)).unwrap();
        found.best.iter().map(|hit| hit.id.number).collect()
    }

    /// Queries that people type, each with the name that has to come first.
    const NAMED: &[(&str, &str)] = &[
        ("novak", "Jan Novák"),
        ("ada", "Ada Novák"),
        ("ada nov", "Ada Novák"),
        ("novak ada", "Ada Novák"),
        ("john smi", "Smith, John"),
        ("smith", "Smith, John"),
        ("jsmith", "Smith, John James Smith"),
        ("ivana", "Ивана Петрова"),
        ("иван", "Ивана Петрова"),
        ("strasse", "Große Straße 5"),
        ("lodz", "Łódź Optyka"),
        ("acme", "Acme"),
        ("acme ren", "Acme, renewal"),
        ("obs", "Observatoire de Haute-Provence"),
        ("haute", "Observatoire de Haute-Provence"),
        ("αθηνα", "Αθήνα Φωτογραφία"),
        ("athena", "Αθήνα Φωτογραφία"),
        ("fjall", "Fjällkikare"),
        ("o'brien", "Siobhán O'Brien"),
        ("brien", "Siobhán O'Brien"),
    ];

    #[test]
    fn the_best_comes_first() {
        let mut names: Vec<&str> = NAMED.iter().map(|(_, name)| *name).collect();
        names.extend([
            "Novakova Jana",
            "Canada Goods",
            "Johannes Smittenaar",
            "Acme Sons Renewables",
            "Macmen",
            "Jobs, Bob",
            "Adamson Nova",
        ]);
        names.sort_unstable();
        names.dedup();
        let index = index(&names);
        let wrong: Vec<_> = NAMED
            .iter()
            .filter_map(|(query, wanted)| {
                let first = find(&index, query).first().map(|number| names[*number as usize - 1]);
                (first != Some(*wanted)).then_some((*query, *wanted, first))
            })
            .collect();
        assert!(wrong.len() <= 1, "{wrong:?}");
    }

    #[test]
    fn changes_are_followed() {
        let first = index(&["Ada", "Bela", "Cyril"]);
        let id = |number| RecordId::new(Kind::Contact, number);
        let next = first.forward(&[id(1)], &[entry(2, "Adalbert", ""), entry(9, "Ada the Ninth", "")], 2);
        assert_eq!((find(&next, "ada"), find(&next, "bela"), next.seq), (vec![9, 2], vec![], 2));
        let last = next.forward(&[id(9)], &[entry(1, "Ada again", "")], 3);
        assert_eq!(find(&last, "ada"), [1, 2]);
        assert_eq!(find(&first, "ada"), [1]);
    }

    #[test]
    fn a_search_can_be_stopped() {
        let index = index(&["Ada"; 10]);
        let limits = Limits { stop: &|| true, ..limits(None) };
        assert_eq!(index.search(&Words::of("ada"), &Skim::default(), &limits), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// What is found among the hits of fewer letters is what is found among all.
        #[test]
        fn narrowing_loses_nothing(names in proptest::collection::vec("[a-cé ]{0,8}", 0..30), text in "[a-cé ]{1,5}", cut in 1..5usize) {
            let index = index(&names.iter().map(String::as_str).collect::<Vec<_>>());
            let (words, before) = (Words::of(&text), Words::of(&text.chars().take(cut).collect::<String>()));
            prop_assume!(words.narrow(&before));
            let scorer = Skim::default();
            let wide = index.search(&before, &scorer, &limits(None)).unwrap();
            let all = index.search(&words, &scorer, &limits(None)).unwrap();
            let narrowed = index.search(&words, &scorer, &limits(Some(&wide.matching))).unwrap();
            prop_assert_eq!(all, narrowed);
        }

        #[test]
        fn no_text_panics(name in "\\PC{0,40}", beside in "\\PC{0,40}", text in "\\PC{0,20}") {
            let mut lines = Lines::default();
            lines.push(&entry(1, &name, &beside));
            let words = Words::of(&text);
            Index::new(lines, 1).search(&words, &Skim::default(), &limits(None));
            crate::search::letters(&name, &words, &Skim::default());
        }
    }
}

//! The lines of all records, folded, in one buffer; and the search over them.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::Arc;

use super::place::{Place, place};
use super::scorer::Scorer;
use super::top::Top;
use super::words::{Words, letters_of};
use crate::domain::{Kind, RecordId, fold};

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

/// The lines of a store as they were after a commit, read part by part. Bringing one
/// forward leaves the lines that have not changed where they are.
#[derive(Debug, Clone, Default)]
pub struct Index {
    parts: Vec<Arc<Lines>>,
    /// How many lines the parts have up to and with each.
    ends: Vec<usize>,
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
    /// Asked now and then whether it is to stop where it is.
    pub stop: &'a dyn Fn() -> bool,
}

/// What orders lines before they are scored.
type Rough = (Place, u16, u16, Kind, u32);

/// A search on its way: what it has found, and how far it has looked.
#[derive(Debug, Clone)]
pub struct Looking {
    top: Top<Rough>,
    matching: Vec<u32>,
    /// How many of the lines to be looked at were looked at.
    pub looked: usize,
}

impl Looking {
    /// Returns a search that has not begun.
    pub fn new(most: usize) -> Self {
        Self { top: Top::new(SCORED.max(most)), matching: Vec::new(), looked: 0 }
    }

    /// Returns the lines that match so far, by number.
    pub fn matching(&self) -> &[u32] {
        &self.matching
    }
}

impl Index {
    /// Returns the index of these lines.
    pub fn new(lines: Lines, seq: u64) -> Self {
        let mut index = Self { seq, ..Self::default() };
        index.read_on(lines);
        index
    }

    /// Adds lines that were read after those it has.
    pub fn read_on(&mut self, lines: Lines) {
        if !lines.is_empty() {
            self.ends.push(self.read() + lines.len());
            self.parts.push(Arc::new(lines));
        }
    }

    /// Returns how many lines were read.
    fn read(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Returns how many lines there are, those that no longer count among them.
    pub fn len(&self) -> usize {
        self.read() + self.fresh.len()
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

    /// Fresh lines come first, so that what is read on changes no number.
    fn line(&self, number: u32) -> Option<(&Lines, &Line)> {
        let number = number as usize;
        let Some(number) = number.checked_sub(self.fresh.len()) else { return Some((&self.fresh, &self.fresh.lines[number])) };
        let part = self.ends.partition_point(|end| *end <= number);
        let before = part.checked_sub(1).map_or(0, |before| self.ends[before]);
        let lines = &**self.parts.get(part)?;
        lines.lines.get(number - before).map(|line| (lines, line))
    }

    /// Returns whether a line no longer counts.
    fn is_stale(&self, number: u32, id: RecordId) -> bool {
        (number as usize) >= self.fresh.len() && !self.stale.is_empty() && self.stale.contains(&id)
    }

    /// Looks at the lines that were not looked at yet; returns whether that is all of
    /// them, or false where it was stopped.
    pub fn look_on(&self, words: &Words, limits: &Limits<'_>, looking: &mut Looking) -> bool {
        let all = limits.within.map_or(self.len(), <[u32]>::len);
        let Looking { top, matching, looked } = looking;
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
        while *looked < all {
            if (limits.stop)() {
                return false;
            }
            let end = all.min(*looked + STRIDE);
            match limits.within {
                Some(within) => within[*looked..end].iter().for_each(|number| look(*number)),
                None => (*looked..end).filter_map(|number| u32::try_from(number).ok()).for_each(&mut look),
            }
            *looked = end;
        }
        true
    }

    /// Returns the best of what was found so far.
    pub fn best(&self, words: &Words, scorer: &dyn Scorer, looking: &Looking, most: usize) -> Vec<Hit> {
        let mut best: Vec<_> = looking
            .top
            .clone()
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
        best.truncate(most);
        best.into_iter().map(|(place, .., id)| Hit { id, place }).collect()
    }

    /// Returns the records in which all words stand, best first; `None` if it was
    /// stopped.
    pub fn search(&self, words: &Words, scorer: &dyn Scorer, limits: &Limits<'_>) -> Option<Found> {
        let mut looking = Looking::new(limits.most);
        if !self.look_on(words, limits, &mut looking) {
            return None;
        }
        let best = self.best(words, scorer, &looking, limits.most);
        Some(Found { best, matching: looking.matching })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
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

        /// However a search is stopped, and however its lines were read, in the end it has
        /// found the same.
        #[test]
        fn a_search_goes_on_where_it_stopped(names in proptest::collection::vec("[a-c]{0,3}", 0..40), cuts in proptest::collection::vec(0..40usize, 0..4), text in "[a-c]{1,2}") {
            let lines = |names: &[String], from: usize| {
                let mut lines = Lines::default();
                names.iter().enumerate().for_each(|(at, name)| lines.push(&entry((from + at) as u64 + 1, name, "")));
                lines
            };
            let whole = Index::new(lines(&names, 0), 1);
            let mut parts = Index::new(Lines::default(), 1);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(names.len())).chain([0, names.len()]).collect();
            cuts.sort_unstable();
            let (words, scorer) = (Words::of(&text), Skim::default());
            let mut looking = Looking::new(50);
            for pair in cuts.windows(2) {
                parts.read_on(lines(&names[pair[0]..pair[1]], pair[0]));
                // Stopped at once, and gone on.
                parts.look_on(&words, &Limits { stop: &|| true, ..limits(None) }, &mut looking);
                prop_assert!(parts.look_on(&words, &limits(None), &mut looking));
            }
            prop_assert_eq!(looking.looked, names.len());
            let best = parts.best(&words, &scorer, &looking, 50);
            prop_assert_eq!(Some(Found { best, matching: looking.matching }), whole.search(&words, &scorer, &limits(None)));
        }

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

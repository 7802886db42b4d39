//! The lines of a store as they were after a commit, read part by part and brought
//! forward by what has changed since.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::lines::{Entry, Lines};
use super::looking::{Limits, Looking};
use super::marks::Spare;
use super::place::Place;
use super::scorer::Scorer;
use super::top::Top;
use super::words::Words;
use crate::domain::RecordId;

/// How many lines are scored letter by letter at most.
const SCORED: usize = 1_000;
/// Numbers from here on are of lines that changed since they were read.
pub(super) const FRESH: usize = 1 << 31;

/// Lines that were read at once, numbered from a multiple of 64 on.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) lines: Arc<Lines>,
    pub(super) base: usize,
}

impl Part {
    /// Returns the first number behind it.
    pub(super) fn end(&self) -> usize {
        self.base + self.lines.len()
    }
}

/// The lines of a store as they were after a commit, read part by part. Bringing one
/// forward leaves the lines that have not changed where they are.
#[derive(Debug, Clone, Default)]
pub struct Index {
    parts: Vec<Part>,
    fresh: Arc<Lines>,
    /// Records whose lines no longer count, and which lines those are.
    stale: HashSet<RecordId>,
    gone: Vec<u64>,
    spare: Spare,
    /// What was found for one letter: everything, nearly, so it is kept.
    known: Arc<Mutex<Vec<(String, Looking)>>>,
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
#[derive(Debug, Clone)]
pub struct Found {
    /// The best, in order.
    pub best: Vec<Hit>,
    /// How far it looked: its marks are all there is to look at for words that narrow
    /// these.
    pub looking: Looking,
}

impl Index {
    /// Returns the index of these lines.
    pub fn new(lines: Lines, seq: u64) -> Self {
        let mut index = Self { seq, ..Self::default() };
        index.read_on(lines);
        index
    }

    /// Adds lines that were read after those it has.
    pub fn read_on(&mut self, mut lines: Lines) {
        if lines.is_empty() {
            return;
        }
        lines.shrink();
        let base = self.end().next_multiple_of(64);
        if !self.stale.is_empty() {
            mark_stale(&mut self.gone, &lines, base, &self.stale);
        }
        self.parts.push(Part { lines: Arc::new(lines), base });
        self.known = Arc::default();
    }

    /// Returns the first number behind the lines that were read.
    pub(super) fn end(&self) -> usize {
        self.parts.last().map_or(0, Part::end)
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    pub(super) fn fresh(&self) -> &Lines {
        &self.fresh
    }

    /// Returns how many lines there are, those that no longer count among them.
    pub fn len(&self) -> usize {
        self.parts.iter().map(|part| part.lines.len()).sum::<usize>() + self.fresh.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many bytes of memory its lines take.
    pub fn bytes(&self) -> usize {
        self.parts.iter().map(|part| part.lines.bytes()).sum::<usize>() + self.fresh.bytes()
    }

    /// Returns how many records were changed since their lines were read.
    pub fn changed(&self) -> usize {
        self.stale.len()
    }

    /// Returns the index with these records changed, gone or new: those changed or new
    /// have an entry.
    #[must_use]
    pub fn forward(&self, changed: &[RecordId], entries: &[Entry], seq: u64) -> Self {
        let changed: HashSet<RecordId> = changed.iter().copied().chain(entries.iter().map(|entry| entry.id)).collect();
        let mut fresh = Lines::default();
        // Fresh lines that changed again are left out; there are few.
        (0..self.fresh.len()).filter(|at| !changed.contains(&self.fresh.id(*at))).for_each(|at| fresh.take(&self.fresh, at));
        entries.iter().for_each(|entry| fresh.push(entry.id, &entry.name, &entry.beside));
        let mut next = Self { fresh: Arc::new(fresh), known: Arc::default(), seq, ..self.clone() };
        if !changed.is_empty() {
            self.parts.iter().for_each(|part| mark_stale(&mut next.gone, &part.lines, part.base, &changed));
        }
        next.stale.extend(changed);
        next
    }

    /// Returns whether a line no longer counts.
    pub(super) fn is_stale(&self, number: usize) -> bool {
        self.gone.get(number / 64).is_some_and(|bits| bits >> (number % 64) & 1 == 1)
    }

    fn line(&self, number: u32) -> Option<(&Lines, usize)> {
        let number = number as usize;
        if let Some(at) = number.checked_sub(FRESH) {
            return (at < self.fresh.len()).then_some((&*self.fresh, at));
        }
        let part = self.parts.get(self.parts.partition_point(|part| part.end() <= number))?;
        Some((&*part.lines, number.checked_sub(part.base)?))
    }

    /// Returns a search that has not begun, or one that is known to its end.
    pub fn looking(&self, words: &Words, most: usize) -> Looking {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, looking)) = known.iter().find(|(letter, looking)| letter == words.whole() && looking.top.most() >= most) {
            return looking.clone();
        }
        Looking { top: Top::new(SCORED.max(most)), marks: self.spare.marks(self.end()), fresh: None, next: 0, looked: 0 }
    }

    /// Returns whether a search has looked at all lines that there are.
    pub fn is_through(&self, looking: &Looking) -> bool {
        looking.fresh.is_some() && looking.next >= self.end()
    }

    /// Keeps what was found, if it is worth it.
    pub fn remember(&self, words: &Words, looking: &Looking) {
        let is_one = words.whole().chars().count() == 1;
        if is_one && self.is_through(looking) {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if known.len() < 64 && known.iter().all(|(letter, _)| letter != words.whole()) {
                known.push((words.whole().to_owned(), looking.clone()));
            }
        }
    }

    /// Returns the best of what was found so far.
    pub fn best(&self, words: &Words, scorer: &dyn Scorer, looking: &Looking, most: usize) -> Vec<Hit> {
        let rough = looking.top.clone().sorted();
        // Only of equally good places the letters decide, so the rest need no score.
        let last = rough.get(most.saturating_sub(1)).map(|(place, sum, ..)| (*place, *sum));
        let best = rough.into_iter().take_while(|(place, sum, ..)| last.is_none_or(|last| (*place, *sum) <= last));
        let mut best: Vec<_> = best
            .filter_map(|(place, sum, length, kind, number)| {
                let (lines, at) = self.line(number)?;
                let parts = lines.parts(at);
                let score = |word| scorer.score(parts.name, word).or_else(|| scorer.score(parts.latin, word)).unwrap_or(0);
                let score: i64 = words.iter().map(score).sum();
                Some((place, sum, Reverse(score), kind, length, lines.id(at)))
            })
            .collect();
        best.sort_unstable();
        best.truncate(most);
        best.into_iter().map(|(place, .., id)| Hit { id, place }).collect()
    }

    /// Returns the records in which all words stand, best first; `None` if it was
    /// stopped.
    pub fn search(&self, words: &Words, scorer: &dyn Scorer, limits: &Limits<'_>) -> Option<Found> {
        let mut looking = self.looking(words, limits.most);
        if !self.look_on(words, limits, &mut looking) {
            return None;
        }
        self.remember(words, &looking);
        Some(Found { best: self.best(words, scorer, &looking, limits.most), looking })
    }
}

/// Marks the lines of records that no longer count.
fn mark_stale(gone: &mut Vec<u64>, lines: &Lines, base: usize, stale: &HashSet<RecordId>) {
    for at in (0..lines.len()).filter(|at| stale.contains(&lines.id(*at))) {
        let number = base + at;
        if gone.len() <= number / 64 {
            gone.resize(number / 64 + 1, 0);
        }
        gone[number / 64] |= 1 << (number % 64);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::domain::Kind;
    use crate::search::Skim;
    use crate::search::marks::Marks;

    fn entry(number: u64, name: &str, beside: &str) -> Entry {
        Entry { id: RecordId::new(Kind::Contact, number), name: name.to_owned(), beside: beside.to_owned() }
    }

    fn lines(names: &[impl AsRef<str>], from: usize) -> Lines {
        let mut lines = Lines::default();
        names.iter().enumerate().for_each(|(at, name)| lines.push(RecordId::new(Kind::Contact, (from + at) as u64 + 1), name.as_ref(), ""));
        lines
    }

    fn index(names: &[impl AsRef<str>]) -> Index {
        Index::new(lines(names, 0), 1)
    }

    fn limits(within: Option<&Marks>) -> Limits<'_> {
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
        let mut last = next.forward(&[id(9)], &[entry(1, "Ada again", "")], 3);
        assert_eq!(find(&last, "ada"), [1, 2]);
        assert_eq!(find(&first, "ada"), [1]);
        last.read_on(lines(&["Adam", "Ada the Tenth"], 8));
        assert_eq!(find(&last, "ada"), [1, 10, 2], "what has changed is stale also where it is read later");
    }

    #[test]
    fn a_search_can_be_stopped() {
        let index = index(&["Ada"; 10]);
        let limits = Limits { stop: &|| true, ..limits(None) };
        assert!(index.search(&Words::of("ada"), &Skim::default(), &limits).is_none());
    }

    #[test]
    fn many_lines_are_found_by_all_who_look() {
        let names: Vec<String> = (0..100_000).map(|n| format!("{} Person {n}", if n % 1_000 == 7 { "Ada" } else { "Bela" })).collect();
        let index = index(&names);
        let found = index.search(&Words::of("ada"), &Skim::default(), &limits(None)).unwrap();
        assert_eq!((found.looking.total(), found.looking.looked, found.best[0].id.number), (100, 100_000, 8));
        let narrow = Words::of("ada 7007");
        let within = index.search(&narrow, &Skim::default(), &limits(Some(found.looking.marks()))).unwrap();
        // Its four digits stand in all numbers of thousands with a seven.
        assert_eq!((within.looking.total(), within.best[0].id.number), (19, 7_008));
        // One letter is known from then on.
        let one = index.search(&Words::of("a"), &Skim::default(), &limits(None)).unwrap();
        assert_eq!(one.looking.total(), 100_000);
        assert!(index.is_through(&index.looking(&Words::of("a"), 50)) && !index.is_through(&index.looking(&Words::of("b"), 50)));
    }

    /// What is found where every line is looked at by itself.
    fn plainly(names: &[(String, String)], words: &Words) -> Vec<(Place, u16, u64)> {
        let found = names.iter().enumerate().filter_map(|(at, (name, beside))| {
            let name = crate::domain::fold::fold(name.trim());
            let latin = if name.is_ascii() { String::new() } else { crate::domain::fold::latin(&name) };
            let (place, sum) = crate::search::place(&[&name, &latin], &crate::domain::fold::fold(beside), words)?;
            Some((place, sum, at as u64 + 1))
        });
        found.collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// The quick way finds what looking at each line by itself finds, in the same places.
        #[test]
        fn nothing_is_passed_over(names in proptest::collection::vec(("[a-cé ]{0,9}", "[a-d@. ]{0,9}"), 0..40), text in "[a-cé]{1,4}( [a-d]{1,3})?") {
            let mut lines = Lines::default();
            names.iter().enumerate().for_each(|(at, (name, beside))| lines.push(RecordId::new(Kind::Contact, at as u64 + 1), name, beside));
            let index = Index::new(lines, 1);
            let words = Words::of(&text);
            let found = index.search(&words, &Skim::default(), &limits(None)).unwrap();
            let mut plain = plainly(&names, &words);
            prop_assert_eq!(found.looking.total(), plain.len());
            plain.sort_unstable();
            let best: Vec<Place> = found.best.iter().map(|hit| hit.place).collect();
            prop_assert_eq!(best, plain.iter().map(|(place, ..)| *place).collect::<Vec<_>>());
        }

        /// However a search is stopped, and however its lines were read, in the end it has
        /// found the same.
        #[test]
        fn a_search_goes_on_where_it_stopped(names in proptest::collection::vec("[a-c]{0,3}", 0..40), cuts in proptest::collection::vec(0..40usize, 0..4), text in "[a-c]{1,2}") {
            let whole = index(&names);
            let mut parts = Index::new(Lines::default(), 1);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(names.len())).chain([0, names.len()]).collect();
            cuts.sort_unstable();
            let (words, scorer) = (Words::of(&text), Skim::default());
            let mut looking = parts.looking(&words, 50);
            for pair in cuts.windows(2) {
                parts.read_on(lines(&names[pair[0]..pair[1]], pair[0]));
                // Stopped at once, and gone on.
                parts.look_on(&words, &Limits { stop: &|| true, ..limits(None) }, &mut looking);
                prop_assert!(parts.look_on(&words, &limits(None), &mut looking));
            }
            prop_assert_eq!(looking.looked, names.len());
            let best = parts.best(&words, &scorer, &looking, 50);
            let found = whole.search(&words, &scorer, &limits(None)).unwrap();
            prop_assert_eq!((best, looking.total()), (found.best, found.looking.total()));
        }

        /// What is found among the hits of fewer letters is what is found among all.
        #[test]
        fn narrowing_loses_nothing(names in proptest::collection::vec("[a-cé ]{0,8}", 0..30), text in "[a-cé ]{1,5}", cut in 1..5usize) {
            // Few enough match to be looked at alone.
            let names: Vec<String> = names.into_iter().chain((0..600).map(|_| "x".to_owned())).collect();
            let index = index(&names);
            let (words, before) = (Words::of(&text), Words::of(&text.chars().take(cut).collect::<String>()));
            prop_assume!(words.narrow(&before));
            let scorer = Skim::default();
            let wide = index.search(&before, &scorer, &limits(None)).unwrap();
            let all = index.search(&words, &scorer, &limits(None)).unwrap();
            let narrowed = index.search(&words, &scorer, &limits(Some(wide.looking.marks()))).unwrap();
            prop_assert_eq!((all.best, all.looking.found()), (narrowed.best, narrowed.looking.found()));
        }

        #[test]
        fn no_text_panics(name in "\\PC{0,40}", beside in "\\PC{0,40}", text in "\\PC{0,20}") {
            let mut lines = Lines::default();
            lines.push(RecordId::new(Kind::Contact, 1), &name, &beside);
            let words = Words::of(&text);
            Index::new(lines, 1).search(&words, &Skim::default(), &limits(None));
            crate::search::letters(&name, &words, &Skim::default());
        }
    }
}

//! Search over every kind, best first: for one question, without an index.
//!
//! All words must be there, folded, in what a word alone searches (`query`), notes
//! and texts too. Where the words stand decides (`search`), then the scorer, then the
//! shorter name. Only where no record has the words, those are found whose names have
//! their letters.

use std::cmp::Reverse;
use std::sync::Arc;

use super::lines::{FOUND, entry};
use crate::domain::{Kind, Record, RecordId, fold};
use crate::query::{Expr, Literal, Node, Query, Span};
use crate::search::{Entry, Place, Scorer, Skim, Top, Words, place};
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::known::Known;
use crate::store::walk::Walk;

/// One record found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The record.
    pub record: Arc<Record>,
    /// What it is called.
    pub title: String,
    /// Where the words stand.
    pub place: Place,
}

/// How good a hit is: the least is the best.
type Rank = (Place, u16, Reverse<i64>, usize, usize, RecordId);

/// A hit among others, ordered by its rank.
struct Ranked(Rank, Hit);

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Ranked {}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

/// Returns the records of every kind in which all words of a text stand, best first,
/// at most `limit`.
///
/// # Errors
/// What the store answers.
pub fn find(store: &dyn Store, view: &View, text: &str, limit: usize) -> Result<Vec<Hit>, StoreError> {
    let words = Words::of(text);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let definitions = store.definitions();
    let scorer = Skim::default();
    let known = Known::new(store);
    let mut top = Top::new(limit);
    for (order, &kind) in FOUND.iter().enumerate() {
        // Words as they are: a word with a colon asks for no field here.
        let literals = text.split_whitespace().map(|word| {
            let literal = Literal { text: word.to_owned(), verbatim: true, span: Span::default() };
            Expr { node: Node::Text(literal), span: Span::default() }
        });
        let query =
            Query::resolve(Expr::and(literals.collect()), kind, &definitions).map_err(|error| StoreError::Invalid(error.message))?;
        Walk::new(kind, view.clone()).query(Some(Arc::new(query))).each(store, |record| {
            let found = Found::of(entry(record, &known));
            let (place, sum) = found.place(&words).filter(|(place, _)| !place.is_scattered()).unwrap_or((Place::Elsewhere, u16::MAX));
            top.push(found.ranked(record, (place, sum), order, &words, &scorer));
            Ok::<(), StoreError>(())
        })?;
    }
    let hits = top.sorted();
    if !hits.is_empty() {
        return Ok(hits.into_iter().map(|Ranked(_, hit)| hit).collect());
    }
    let mut top = Top::new(limit);
    for (order, &kind) in FOUND.iter().enumerate().filter(|(_, kind)| **kind != Kind::Interaction) {
        Walk::new(kind, view.clone()).each(store, |record| {
            let found = Found::of(entry(record, &known));
            if let Some(at) = found.place(&words) {
                top.push(found.ranked(record, at, order, &words, &scorer));
            }
            Ok::<(), StoreError>(())
        })?;
    }
    Ok(top.sorted().into_iter().map(|Ranked(_, hit)| hit).collect())
}

/// A record's line, folded.
struct Found {
    title: String,
    name: String,
    latin: String,
    beside: String,
}

impl Found {
    fn of(entry: Entry) -> Self {
        let name = fold::fold(&entry.name);
        let latin = if name.is_ascii() { String::new() } else { fold::latin(&name) };
        Self { name, latin, beside: fold::fold(&entry.beside), title: entry.name }
    }

    fn place(&self, words: &Words) -> Option<(Place, u16)> {
        place(&[&self.name, &self.latin], &self.beside, words)
    }

    fn ranked(self, record: &Arc<Record>, (place, sum): (Place, u16), order: usize, words: &Words, scorer: &dyn Scorer) -> Ranked {
        let score = |word| scorer.score(&self.name, word).or_else(|| scorer.score(&self.latin, word)).unwrap_or(0);
        let score: i64 = words.iter().map(score).sum();
        let rank = (place, sum, Reverse(score), order, self.name.chars().count(), record.id);
        Ranked(rank, Hit { record: Arc::clone(record), title: self.title, place })
    }
}

//! Search over every kind, best first.
//!
//! All words must be there, folded, in what a word alone searches (`query`). What
//! begins a whole name comes first, then what begins a word of it, then what stands
//! within it, then what stands elsewhere in the record; within these the
//! fuzzy matcher's score decides, then the shorter name.

use std::cmp::Reverse;
use std::sync::Arc;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use crate::domain::{Kind, Record, RecordId, fold, naming};
use crate::query::{Expr, Literal, Node, Query, Span};
use crate::store::StoreError;
use crate::store::api::{PageRequest, Store, Trash, View};

/// How many records of a kind are compared.
const MOST: usize = 5_000;
/// The kinds that are searched, in the order of their hits where all else is equal.
const SEARCHED: &[Kind] = &[
    Kind::Contact,
    Kind::Company,
    Kind::Opportunity,
    Kind::Ticket,
    Kind::Task,
    Kind::Product,
    Kind::Order,
    Kind::Contract,
    Kind::User,
    Kind::Team,
    Kind::Interaction,
];

/// Where the words were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// They begin the name.
    Name,
    /// They begin a word of it.
    Word,
    /// They stand within it.
    Within,
    /// They stand elsewhere in the record.
    Elsewhere,
}

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
type Rank = (Place, Reverse<i64>, usize, usize, RecordId);

/// Returns the records of every kind in which all words of a text stand, best first,
/// at most `limit`.
///
/// # Errors
/// What the store answers.
pub fn find(store: &dyn Store, view: &View, text: &str, limit: usize) -> Result<Vec<Hit>, StoreError> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let definitions = store.definitions();
    let whole = fold::fold(text.trim());
    let matcher = SkimMatcherV2::default().ignore_case();
    let mut hits: Vec<(Rank, Hit)> = Vec::new();
    for (order, &kind) in SEARCHED.iter().enumerate() {
        // Words as they are: a word with a colon asks for no field here.
        let words = words.iter().map(|word| {
            let literal = Literal { text: (*word).to_owned(), verbatim: true, span: Span::default() };
            Expr { node: Node::Text(literal), span: Span::default() }
        });
        let query = Query::resolve(Expr::and(words.collect()), kind, &definitions).map_err(|error| StoreError::Invalid(error.message))?;
        let page = store.query(&PageRequest {
            kind,
            query: Some(Arc::new(query)),
            sort: Vec::new(),
            after: None,
            offset: 0,
            limit: MOST,
            records: true,
            total: false,
            trash: Trash::Without,
            at_least: None,
            view: view.clone(),
        })?;
        for record in page.records {
            let title = naming::title(&record);
            let folded = fold::fold(&title);
            let place = place(&folded, &whole);
            let score = matcher.fuzzy_match(&folded, &whole).unwrap_or(0);
            let rank = (place, Reverse(score), order, folded.chars().count(), record.id);
            hits.push((rank, Hit { record, title, place }));
        }
    }
    hits.sort_by_key(|(rank, _)| *rank);
    hits.truncate(limit);
    Ok(hits.into_iter().map(|(_, hit)| hit).collect())
}

/// Returns where folded words stand in a folded name: all of them, in the best place
/// that the whole text or else each word has.
fn place(name: &str, text: &str) -> Place {
    let begins_word = |part: &str| {
        name.match_indices(part).any(|(at, _)| at == 0 || name[..at].chars().next_back().is_some_and(|c| !c.is_alphanumeric()))
    };
    if name.starts_with(text) {
        Place::Name
    } else if begins_word(text) || text.split_whitespace().all(begins_word) {
        Place::Word
    } else if text.split_whitespace().all(|word| name.contains(word)) {
        Place::Within
    } else {
        Place::Elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_come_before_middles() {
        assert_eq!(place("ada novak", "ada n"), Place::Name);
        assert_eq!(place("ada novak", "nov"), Place::Word);
        assert_eq!(place("ada novak", "novak ada"), Place::Word);
        assert_eq!(place("ada novak", "ovak"), Place::Within);
        assert_eq!(place("ada novak", "acme"), Place::Elsewhere);
    }
}

//! Which articles of the knowledge base may answer a ticket, and why: by the words that
//! they share, the rarer the more.
//!
//! It only reads. Every suggestion says which words it rests on.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::domain::fields::number;
use crate::domain::{Kind, Record, Value, fold, naming};
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// The most words of one text that are looked at: a mail may quote a book.
const MOST_WORDS: usize = 400;
/// The most articles that are compared.
const MOST_ARTICLES: usize = 50_000;
/// A word of fewer letters says nothing.
const LEAST_LETTERS: usize = 3;
/// What a word weighs in a title or among the tags, beside one in the body.
const TITLE_WEIGHT: f64 = 3.0;
/// What a common category weighs beside one rare word.
const CATEGORY_WEIGHT: f64 = 0.5;
/// How many words of a reason are told.
const TOLD: usize = 4;

/// Words that every text has, in the languages that customers write to us.
const COMMON: &[&str] = &[
    "the", "and", "for", "with", "that", "this", "have", "has", "are", "was", "not", "you", "your", "our", "from", "can", "but", "all",
    "please", "hello", "thanks", "thank", "dear", "regards", "will", "would", "when", "what", "how", "why", "any", "been", "there", "they",
    "prosim", "dobry", "den", "dekuji", "jsem", "jsme", "neni", "nebo", "jako", "pro", "und", "der", "die", "das", "nicht", "ist", "ich",
    "wir", "sie", "mit", "bitte", "hallo",
];

/// An article that may answer a ticket.
#[derive(Debug, Clone)]
pub struct Suggestion {
    /// The article.
    pub article: Arc<Record>,
    /// How well it fits; only the order of these figures means something.
    pub score: f64,
    /// Why: the words that both have, the rarest first.
    pub reason: String,
    /// Whether it is linked to the ticket already.
    pub is_used: bool,
}

/// Returns the words of a text that say something, folded, each once.
fn words(text: &str) -> HashSet<String> {
    let folded = fold::fold(text);
    let word = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
    let says = |word: &String| word.chars().count() >= LEAST_LETTERS && !COMMON.contains(&word.as_str());
    folded.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | '(' | ')')).map(word).filter(says).take(MOST_WORDS).collect()
}

/// An article's words: those of its title and tags, and those of its body.
struct Known {
    article: Arc<Record>,
    title: HashSet<String>,
    body: HashSet<String>,
}

/// Returns the articles that may answer a ticket, the best first, at most `limit`.
///
/// # Errors
/// What the store answers.
pub fn suggest(store: &dyn Store, view: &View, ticket: &Record, limit: usize) -> Result<Vec<Suggestion>, StoreError> {
    let asked = [number::TICKET_SUBJECT, number::TICKET_BODY].iter().filter_map(|field| ticket.text(*field)).collect::<Vec<_>>().join(" ");
    let asked = words(&asked);
    let mut articles = Vec::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    Walk::new(Kind::Article, view.clone()).each(store, |article| {
        if articles.len() < MOST_ARTICLES {
            let tags = article.values(number::TAGS).filter_map(Value::as_text);
            let title = std::iter::once(article.text(number::ARTICLE_TITLE).unwrap_or_default()).chain(tags).collect::<Vec<_>>().join(" ");
            let known = Known {
                title: words(&title),
                body: words(article.text(number::ARTICLE_BODY).unwrap_or_default()),
                article: Arc::clone(article),
            };
            for word in asked.iter().filter(|word| known.title.contains(*word) || known.body.contains(*word)) {
                *counts.entry(word.clone()).or_default() += 1;
            }
            articles.push(known);
        }
        Ok::<(), StoreError>(())
    })?;
    let all = articles.len() as f64;
    let rarity = |word: &String| (1.0 + all / counts.get(word).copied().unwrap_or(1) as f64).ln();
    let used: HashSet<_> = ticket.values(number::TICKET_ARTICLE).filter_map(Value::as_link).collect();
    let category = ticket.text(number::TICKET_CATEGORY);
    let mut found = Vec::new();
    for Known { article, title, body } in articles {
        let mut shared: Vec<(f64, &String)> = asked
            .iter()
            .filter(|word| title.contains(*word) || body.contains(*word))
            .map(|word| (rarity(word) * if title.contains(word) { TITLE_WEIGHT } else { 1.0 }, word))
            .collect();
        if shared.is_empty() {
            continue;
        }
        shared.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
        // A long article has many words by chance.
        let length = 1.0 + (1.0 + body.len() as f64 / 200.0).ln();
        let mut score = shared.iter().map(|(weight, _)| weight).sum::<f64>() / length;
        let told: Vec<&str> = shared.iter().take(TOLD).map(|(_, word)| word.as_str()).collect();
        let mut reason = format!("both speak of {}", told.join(", "));
        if category.is_some() && category == article.text(number::ARTICLE_CATEGORY) {
            score += CATEGORY_WEIGHT;
            reason = format!("{reason}; both are of {}", category.unwrap_or_default());
        }
        found.push(Suggestion { is_used: used.contains(&article.id), article, score, reason });
    }
    found.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.article.id.cmp(&other.article.id)));
    found.truncate(limit);
    Ok(found)
}

impl Suggestion {
    /// Returns it in one line that begins with the article's id.
    pub fn told(&self) -> String {
        let used = if self.is_used { ", used" } else { "" };
        format!("{} {}  ({}{used})", self.article.id, naming::title(&self.article), self.reason)
    }
}

//! How likely a contact is to be won, counted from those that were (naive Bayes).
//!
//! For each field the values of the won and of the lost are counted; a contact's chance is
//! the share of the won times, for each of its values, how much more often the won have it
//! than the lost. Each count begins at 0.1, so that what was never seen excludes nothing
//! (the counting of Odoo's `crm_lead.py`, `_pls_get_naive_bayes_probabilities`). A field
//! without a value says nothing. Numbers and days are counted by quarters of what was seen.
//! Every factor is a ratio that can be shown, and a chance is nothing but their product.

use std::collections::HashMap;
use std::sync::Arc;

use crate::domain::definitions::ChanceFrom;
use crate::domain::{FieldRef, FieldType, Kind, Lookup, Record, RecordId, Value};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::known::Known;
use crate::store::walk::Walk;

/// Where each count begins.
const SEED: f64 = 0.1;
/// Into how many parts numbers are cut.
const PARTS: usize = 4;

/// What was counted.
#[derive(Debug, Clone)]
pub struct Model {
    fields: Vec<Counts>,
    won: u64,
    lost: u64,
}

/// The values of one field.
#[derive(Debug, Clone)]
struct Counts {
    field: FieldRef,
    /// Where numbers are cut, ascending; none for words.
    cuts: Vec<f64>,
    /// Of how many won and lost each value was.
    values: HashMap<String, (u64, u64)>,
    /// How many won and lost had a value.
    all: (u64, u64),
}

/// Why a chance is what it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// The field.
    pub field: String,
    /// The contact's value.
    pub value: String,
    /// How many of the won had it, and of the lost.
    pub seen: (u64, u64),
    /// How many of each had any value of the field.
    pub of: (u64, u64),
    /// How much more often the won have it: above 1 it speaks for, below against.
    pub ratio: f64,
}

/// A chance, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Chance {
    /// From 0 to 1.
    pub chance: f64,
    /// The share of the won among all that were counted.
    pub base: f64,
    /// What speaks for and against, strongest first.
    pub factors: Vec<Factor>,
}

/// What is still to be counted: a contact's values, and whether it was won.
type Outcome = (Vec<Vec<Value>>, bool);

impl Model {
    /// Counts outcomes: for each contact the values of these fields, and whether it was won.
    fn count(fields: Vec<FieldRef>, outcomes: &[Outcome]) -> Self {
        let counts = fields.into_iter().enumerate().map(|(at, field)| {
            let numbers = outcomes.iter().flat_map(|(values, _)| &values[at]).filter_map(number);
            let mut counts = Counts { cuts: cuts(numbers.collect()), values: HashMap::new(), all: (0, 0), field };
            for (values, won) in outcomes {
                let words = counts.words(&values[at]);
                if words.is_empty() {
                    continue;
                }
                add(&mut counts.all, *won);
                for word in words {
                    add(counts.values.entry(word).or_default(), *won);
                }
            }
            counts
        });
        let fields = counts.collect();
        let won = outcomes.iter().filter(|(_, won)| *won).count() as u64;
        Self { fields, won, lost: outcomes.len() as u64 - won }
    }

    /// Returns how many won and lost were counted.
    pub fn counted(&self) -> (u64, u64) {
        (self.won, self.lost)
    }

    /// Returns the chance of a contact, with every factor.
    pub fn chance(&self, record: &Record, lookup: &dyn Lookup) -> Chance {
        let values: Vec<Vec<Value>> = self.fields.iter().map(|counts| shown(&counts.field, record, lookup)).collect();
        self.chance_of(&values)
    }

    fn chance_of(&self, values: &[Vec<Value>]) -> Chance {
        let base = (self.won as f64 + SEED) / ((self.won + self.lost) as f64 + 2.0 * SEED);
        // Products of many small ratios: their logarithms are summed.
        let mut odds = (base / (1.0 - base)).ln();
        let mut factors = Vec::new();
        for (counts, values) in self.fields.iter().zip(values) {
            for word in counts.words(values) {
                let seen = counts.values.get(&word).copied().unwrap_or_default();
                let kinds = counts.values.len().max(1) as f64;
                let share = |seen: u64, all: u64| (seen as f64 + SEED) / (all as f64 + SEED * kinds);
                let ratio = share(seen.0, counts.all.0) / share(seen.1, counts.all.1);
                odds += ratio.ln();
                factors.push(Factor { field: counts.field.name().to_owned(), value: word, seen, of: counts.all, ratio });
            }
        }
        factors.sort_by(|a, b| b.ratio.ln().abs().total_cmp(&a.ratio.ln().abs()));
        Chance { chance: 1.0 / (1.0 + (-odds).exp()), base, factors }
    }
}

impl Counts {
    /// Returns the words that values count as, each once.
    fn words(&self, values: &[Value]) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for value in values {
            let word = match number(value).filter(|_| !self.cuts.is_empty()) {
                Some(number) => self.part(number),
                None => value.plain(),
            };
            if !word.is_empty() && !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// Returns the part in which a number lies: `30..60`.
    fn part(&self, number: f64) -> String {
        let at = self.cuts.partition_point(|cut| *cut <= number);
        let bound = |at: Option<&f64>| at.map(ToString::to_string).unwrap_or_default();
        format!("{}..{}", bound(at.checked_sub(1).and_then(|at| self.cuts.get(at))), bound(self.cuts.get(at)))
    }
}

fn add(counts: &mut (u64, u64), won: bool) {
    if won { counts.0 += 1 } else { counts.1 += 1 }
}

/// Returns a number or day as a number.
fn number(value: &Value) -> Option<f64> {
    match value.bare() {
        Value::Int(number) => Some(*number as f64),
        Value::Number(number) => number.to_string().parse().ok(),
        Value::Money(money) => Some(money.minor as f64 / 10_f64.powi(money.currency.digits().into())),
        _ => None,
    }
}

/// Returns where numbers are cut into quarters; nowhere where there are few different ones.
fn cuts(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    let mut different = numbers.clone();
    different.dedup();
    if different.len() <= PARTS {
        return Vec::new();
    }
    let mut cuts: Vec<f64> = (1..PARTS).filter_map(|part| numbers.get(numbers.len() * part / PARTS).copied()).collect();
    cuts.dedup();
    cuts
}

/// Returns a record's values of a field, links as their names.
fn shown(field: &FieldRef, record: &Record, lookup: &dyn Lookup) -> Vec<Value> {
    let values = field.get(record, lookup);
    let is_link = matches!(field.field_type(), FieldType::Link(_));
    values.into_iter().map(|value| if is_link { Value::text(value.named(lookup)) } else { value.bare().clone() }).collect()
}

/// Counts the contacts that were won and lost, of those whom `counts` takes; `None` where
/// there are too few of either.
///
/// # Errors
/// A query that is none any more; what the store answers.
pub fn learn(store: &dyn Store, view: &View, from: &ChanceFrom, counts: &dyn Fn(RecordId) -> bool) -> Result<Option<Model>, StoreError> {
    let outcomes = outcomes(store, view, from, counts)?;
    let outcomes: Vec<Outcome> = outcomes.into_iter().map(|(_, values, won)| (values, won)).collect();
    let won = outcomes.iter().filter(|(_, won)| *won).count() as u64;
    let lost = outcomes.len() as u64 - won;
    Ok((won >= from.least && lost >= from.least).then(|| Model::count(fields(store, from), &outcomes)))
}

fn fields(store: &dyn Store, from: &ChanceFrom) -> Vec<FieldRef> {
    let definitions = store.definitions();
    from.fields.iter().filter_map(|name| FieldRef::resolve(Kind::Contact, name, &definitions).ok()).collect()
}

type Read = (RecordId, Vec<Vec<Value>>, bool);

/// Reads the contacts that were won and lost.
fn outcomes(store: &dyn Store, view: &View, from: &ChanceFrom, counts: &dyn Fn(RecordId) -> bool) -> Result<Vec<Read>, StoreError> {
    let definitions = store.definitions();
    let known = Known::new(store);
    let fields = fields(store, from);
    let mut read: Vec<Read> = Vec::new();
    for (query, won) in [(&from.won, true), (&from.lost, false)] {
        let query = Query::parse(query, Kind::Contact, &definitions).map_err(|error| StoreError::Invalid(error.message))?;
        Walk::new(Kind::Contact, view.clone()).query(Some(Arc::new(query))).each(store, |contact| {
            if counts(contact.id) {
                read.push((contact.id, fields.iter().map(|field| shown(field, contact, &known)).collect(), won));
            }
            Ok::<(), StoreError>(())
        })?;
    }
    Ok(read)
}

/// How well chances foretell: counted from one half of the outcomes, measured on the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// How many outcomes were counted, and how many foretold.
    pub halves: (u64, u64),
    /// How often one that was won has a higher chance than one that was lost (the area under
    /// the ROC curve): 0.5 is guessing, 1 is knowing.
    pub auc: f64,
    /// By tenths of the chance: how many, the mean chance, and the share that was won.
    pub tenths: Vec<(u64, f64, f64)>,
}

/// Measures chances: those of even ids are counted, those of odd ids foretold. `None` where
/// there are too few.
///
/// # Errors
/// As [`learn`].
pub fn measure(store: &dyn Store, view: &View, from: &ChanceFrom) -> Result<Option<Measured>, StoreError> {
    let Some(model) = learn(store, view, from, &|id| id.number % 2 == 0)? else { return Ok(None) };
    let told: Vec<(f64, bool)> = outcomes(store, view, from, &|id| id.number % 2 == 1)?
        .into_iter()
        .map(|(_, values, won)| (model.chance_of(&values).chance, won))
        .collect();
    let mut tenths = vec![(0_u64, 0.0, 0.0); 10];
    for (chance, won) in &told {
        let tenth = &mut tenths[((chance * 10.0) as usize).min(9)];
        *tenth = (tenth.0 + 1, tenth.1 + chance, tenth.2 + f64::from(u8::from(*won)));
    }
    let tenths = tenths.into_iter().map(|(count, chances, won)| (count, chances / count.max(1) as f64, won / count.max(1) as f64));
    let (won, lost) = model.counted();
    Ok(auc(&told).map(|auc| Measured { halves: (won + lost, told.len() as u64), auc, tenths: tenths.collect() }))
}

/// Returns the area under the ROC curve by ranks (Mann and Whitney), equals counting half;
/// `None` without both outcomes.
fn auc(told: &[(f64, bool)]) -> Option<f64> {
    let mut sorted: Vec<(f64, bool)> = told.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let won = sorted.iter().filter(|(_, won)| *won).count() as f64;
    let lost = sorted.len() as f64 - won;
    if won == 0.0 || lost == 0.0 {
        return None;
    }
    let (mut ranks, mut at) = (0.0, 0);
    while at < sorted.len() {
        let same = sorted[at..].iter().take_while(|(chance, _)| *chance == sorted[at].0).count();
        // Ranks count from 1; those of equals are their mean.
        let rank = at as f64 + (same as f64 + 1.0) / 2.0;
        ranks += rank * sorted[at..at + same].iter().filter(|(_, won)| *won).count() as f64;
        at += same;
    }
    Some((ranks - won * (won + 1.0) / 2.0) / (won * lost))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::Definitions;

    fn field(name: &str) -> FieldRef {
        FieldRef::resolve(Kind::Contact, name, &Definitions::default()).unwrap()
    }

    #[test]
    fn a_chance_is_the_product_of_its_factors() {
        let outcome = |source: &str, won: bool| (vec![vec![Value::text(source)]], won);
        let mut outcomes = vec![outcome("web", true); 3];
        outcomes.extend(vec![outcome("web", false); 1]);
        outcomes.extend(vec![outcome("fair", false); 4]);
        let model = Model::count(vec![field("source")], &outcomes);
        let chance = model.chance_of(&[vec![Value::text("web")]]);
        let [factor] = &chance.factors[..] else { panic!("one factor") };
        assert_eq!((factor.seen, factor.of), ((3, 1), (3, 5)));
        let ratio = (3.1 / 3.2) / (1.1 / 5.2);
        assert!((factor.ratio - ratio).abs() < 1e-12);
        let odds = 3.1 / 5.1 * ratio;
        assert!((chance.chance - odds / (1.0 + odds)).abs() < 1e-12);
        // What nobody has seen excludes nothing, and what is not there says nothing.
        assert!(model.chance_of(&[vec![Value::text("x")]]).chance > 0.0);
        assert!((model.chance_of(&[vec![]]).chance - chance.base).abs() < 1e-12);
    }

    #[test]
    fn numbers_are_counted_by_quarters() {
        let outcomes: Vec<Outcome> = (0..100).map(|age| (vec![vec![Value::Int(age)]], age >= 50)).collect();
        let model = Model::count(vec![field("name")], &outcomes);
        assert_eq!(model.fields[0].cuts, [25.0, 50.0, 75.0]);
        assert!(model.chance_of(&[vec![Value::Int(99)]]).chance > 0.9);
        assert!(model.chance_of(&[vec![Value::Int(49)]]).chance < 0.1);
    }

    #[test]
    fn the_area_is_how_often_the_won_stand_above() {
        assert_eq!(auc(&[(0.9, true), (0.8, true), (0.2, false)]), Some(1.0));
        assert_eq!(auc(&[(0.1, true), (0.8, false)]), Some(0.0));
        assert_eq!(auc(&[(0.5, true), (0.5, false)]), Some(0.5));
        assert_eq!(auc(&[(0.9, true), (0.4, true), (0.6, false), (0.1, false)]), Some(0.75));
        assert_eq!(auc(&[(0.5, true)]), None);
    }
}

//! Which records may be one: candidates, never all pairs.
//!
//! Records meet under keys (an address, a number, how a family name sounds at a company):
//! only those that share a key are compared, so that the work grows with the records and
//! not with their square. A key that stands on too many (a switchboard's number) brings
//! nobody together and is no evidence; it is told. In memory stand sixteen bytes a key,
//! and what was found, whatever a record holds: records are read again to be compared.
//!
//! It only reads; what was said to be no duplicate is a field of the records.

mod evidence;
mod phonetic;
mod profile;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use evidence::{Common, evidence};
use profile::{Profile, Sort};

use crate::domain::definitions::Settings;
use crate::domain::naming::is_nameless as is_placeholder;
use crate::domain::{Kind, Lookup, Record, RecordId};
use crate::query::Query;
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::known::Known;
use crate::store::walk::Walk;

/// The least score that is shown unless another is asked for.
pub const MIN: f64 = 0.6;
/// On how many records a key may stand to bring them together.
const MOST_OF_A_KEY: usize = 20;
/// The most pairs that are compared; the rarest keys come first.
const MOST_PAIRS: usize = 4_000_000;
/// The most pairs that are kept, the best.
const MOST_FOUND: usize = 100_000;
/// How many pairs are compared at once.
const BLOCK: usize = 2_000;
/// How many keys that stand on too many are named.
const NAMED: usize = 5;

/// What is asked.
#[derive(Debug, Clone)]
pub struct DupesRequest {
    /// The kind.
    pub kind: Kind,
    /// One of the two matches it; `None` for all.
    pub query: Option<Arc<Query>>,
    /// The least score.
    pub min: f64,
    /// The most pairs.
    pub limit: usize,
    /// The clock and the user that the query sees.
    pub view: View,
}

/// Two records that may be one.
#[derive(Debug, Clone, PartialEq)]
pub struct Twin {
    /// The cluster that it belongs to, from 1, the best first.
    pub cluster: usize,
    /// The older of the two.
    pub one: RecordId,
    /// The other.
    pub other: RecordId,
    /// From 0 to 1.
    pub score: f64,
    /// What the two are called.
    pub titles: (String, String),
    /// What speaks for it, then what against.
    pub reasons: Vec<String>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct Dupes {
    /// The pairs by cluster, the best first.
    pub pairs: Vec<Twin>,
    /// How many pairs there are in all.
    pub total: usize,
    /// How many records were looked at.
    pub records: u64,
    /// How many pairs were compared.
    pub compared: u64,
    /// What was left out, in words.
    pub notices: Vec<String>,
}

/// Returns the pairs of a kind that may be one, best first. The same store gives the same
/// answer, and the order of its records does not matter.
///
/// # Errors
/// What the store answers.
pub fn dupes(store: &dyn Store, request: &DupesRequest) -> Result<Dupes, StoreError> {
    let definitions = store.definitions();
    let mut found = Dupes::default();
    let mut met = Met::default();
    let wanted: Option<HashSet<u64>> = match &request.query {
        Some(query) => {
            let ids = Walk::new(request.kind, request.view.clone()).query(Some(Arc::clone(query))).ids(store)?;
            Some(ids.into_iter().map(|id| id.number).collect())
        }
        None => None,
    };
    Walk::new(request.kind, request.view.clone()).each(store, |record| {
        found.records += 1;
        met.take(&Profile::of(record, &definitions.settings));
        Ok::<(), StoreError>(())
    })?;
    let (pairs, common) = met.pairs(wanted.as_ref(), &mut found.notices);
    tell_common(store, request.kind, &common, &definitions.settings, &mut found.notices)?;
    let common = Common(common.into_iter().map(|(key, _)| key).collect());
    found.compared = pairs.len() as u64;
    let mut twins = Vec::new();
    for block in pairs.chunks(BLOCK) {
        compare(store, request, block, &common, &definitions.settings, &mut twins)?;
        if twins.len() > 2 * MOST_FOUND {
            keep_best(&mut twins, &mut found.notices);
        }
    }
    keep_best(&mut twins, &mut found.notices);
    found.total = twins.len();
    found.pairs = clustered(twins);
    found.pairs.truncate(request.limit);
    Ok(found)
}

/// Returns what speaks for two records being one, and what against: a score and reasons;
/// `None` where they cannot be one.
///
/// # Errors
/// What the store answers.
pub fn compare_two(store: &dyn Store, one: RecordId, other: RecordId) -> Result<Option<(f64, Vec<String>)>, StoreError> {
    let settings = &store.definitions().settings;
    let profiles: Vec<Profile> = store.get(&[one, other])?.iter().flatten().map(|record| Profile::of(record, settings)).collect();
    let [a, b] = profiles.as_slice() else { return Ok(None) };
    Ok(evidence(a, b, &Common::default()).map(|found| (found.score, found.reasons)))
}

/// A key that stands on too many, one of those, and how many they are.
type Crowd = (u64, (u64, usize));

/// The keys of all records: who has which.
#[derive(Debug, Default)]
struct Met {
    /// Hash of a key, and number of a record.
    keys: Vec<(u64, u64)>,
}

impl Met {
    fn take(&mut self, profile: &Profile) {
        let number = profile.id.number;
        self.keys.extend(profile.keys().into_iter().map(|(key, _)| (key, number)));
    }

    /// Returns the pairs that met, each once, and the keys that stand on too many, each
    /// with one of those.
    fn pairs(mut self, wanted: Option<&HashSet<u64>>, notices: &mut Vec<String>) -> (Vec<(u64, u64)>, Vec<Crowd>) {
        self.keys.sort_unstable();
        let mut blocks: Vec<(usize, usize)> = Vec::new();
        let mut common = Vec::new();
        let mut from = 0;
        for block in self.keys.chunk_by(|a, b| a.0 == b.0) {
            match block.len() {
                1 => {}
                2..=MOST_OF_A_KEY => blocks.push((block.len(), from)),
                count => common.push((block[0].0, (block[0].1, count))),
            }
            from += block.len();
        }
        // The rarest keys say most.
        blocks.sort_unstable();
        let mut pairs: Vec<(u64, u64)> = Vec::new();
        for (at, (count, from)) in blocks.iter().enumerate() {
            if pairs.len() + count * (count - 1) / 2 > MOST_PAIRS {
                pairs.sort_unstable();
                pairs.dedup();
                if pairs.len() + count * (count - 1) / 2 > MOST_PAIRS {
                    notices.push(format!(
                        "{} groups of {count} and more were not compared: there are too many; give a query",
                        blocks.len() - at
                    ));
                    break;
                }
            }
            let block = &self.keys[*from..from + count];
            for (at, (_, one)) in block.iter().enumerate() {
                for (_, other) in &block[at + 1..] {
                    if wanted.is_none_or(|wanted| wanted.contains(one) || wanted.contains(other)) {
                        pairs.push((*one.min(other), *one.max(other)));
                    }
                }
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        (pairs, common)
    }
}

/// Compares pairs; those that score enough are kept.
fn compare(
    store: &dyn Store,
    request: &DupesRequest,
    pairs: &[(u64, u64)],
    common: &Common,
    settings: &Settings,
    twins: &mut Vec<Twin>,
) -> Result<(), StoreError> {
    let mut ids: Vec<RecordId> = pairs.iter().flat_map(|(one, other)| [*one, *other]).map(|n| RecordId::new(request.kind, n)).collect();
    ids.sort_unstable();
    ids.dedup();
    let records: Vec<Arc<Record>> = store.get(&ids)?.into_iter().flatten().collect();
    let mut profiles: HashMap<u64, Profile> = records.iter().map(|record| (record.id.number, Profile::of(record, settings))).collect();
    name_places(store, &mut profiles)?;
    for (one, other) in pairs {
        // What went into the trash meanwhile is not there.
        let (Some(a), Some(b)) = (profiles.get(one), profiles.get(other)) else { continue };
        let Some(found) = evidence(a, b, common).filter(|found| found.score >= request.min && !found.reasons.is_empty()) else { continue };
        twins.push(Twin {
            cluster: 0,
            one: a.id,
            other: b.id,
            score: found.score,
            titles: (a.title.clone(), b.title.clone()),
            reasons: found.reasons,
        });
    }
    Ok(())
}

/// Lets reasons name what records belong to by its name.
fn name_places(store: &dyn Store, profiles: &mut HashMap<u64, Profile>) -> Result<(), StoreError> {
    let known = Known::new(store);
    let marks = || profiles.values().flat_map(|profile| &profile.marks).filter(|mark| mark.sort == Sort::Belongs);
    known.learn(marks().filter_map(|mark| mark.key.parse().ok()))?;
    for mark in profiles.values_mut().flat_map(|profile| &mut profile.marks).filter(|mark| mark.sort == Sort::Belongs) {
        if let Some(title) = mark.key.parse().ok().and_then(|id| known.title(id)) {
            mark.shown = title;
        }
    }
    Ok(())
}

fn by_score(a: &Twin, b: &Twin) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score).then((a.one, a.other).cmp(&(b.one, b.other)))
}

fn keep_best(twins: &mut Vec<Twin>, notices: &mut Vec<String>) {
    twins.sort_by(by_score);
    if twins.len() > MOST_FOUND {
        twins.truncate(MOST_FOUND);
        let told = format!("only the best {MOST_FOUND} pairs are kept");
        if !notices.contains(&told) {
            notices.push(told);
        }
    }
}

/// Numbers what hangs together and puts it together, the cluster with the best pair first.
fn clustered(mut twins: Vec<Twin>) -> Vec<Twin> {
    let mut leads: HashMap<RecordId, RecordId> = HashMap::new();
    fn lead(leads: &mut HashMap<RecordId, RecordId>, id: RecordId) -> RecordId {
        let mut at = id;
        while let Some(up) = leads.get(&at).copied().filter(|up| *up != at) {
            // Each step halves the way for the next who asks.
            let above = leads.get(&up).copied().unwrap_or(up);
            leads.insert(at, above);
            at = up;
        }
        at
    }
    for twin in &twins {
        let (one, other) = (lead(&mut leads, twin.one), lead(&mut leads, twin.other));
        leads.insert(one.max(other), one.min(other));
    }
    // The pairs stand by score: who comes first numbers its cluster.
    let mut numbers: HashMap<RecordId, usize> = HashMap::new();
    for twin in &mut twins {
        let next = numbers.len() + 1;
        twin.cluster = *numbers.entry(lead(&mut leads, twin.one)).or_insert(next);
    }
    twins.sort_by(|a, b| a.cluster.cmp(&b.cluster).then_with(|| by_score(a, b)));
    twins
}

/// Says of the keys that stand on most records what they are.
fn tell_common(store: &dyn Store, kind: Kind, common: &[Crowd], settings: &Settings, notices: &mut Vec<String>) -> Result<(), StoreError> {
    let mut most: Vec<&Crowd> = common.iter().collect();
    most.sort_unstable_by_key(|(_, (number, count))| (std::cmp::Reverse(*count), *number));
    let ids: Vec<RecordId> = most.iter().take(NAMED).map(|(_, (number, _))| RecordId::new(kind, *number)).collect();
    for ((key, (_, count)), record) in most.iter().zip(store.get(&ids)?) {
        let Some(profile) = record.as_deref().map(|record| Profile::of(record, settings)) else { continue };
        if let Some((_, shown)) = profile.keys().into_iter().find(|(known, _)| known == key) {
            notices.push(format!("{shown} stands on {count} {}: it makes no two of them one", kind.plural()));
        }
    }
    if most.len() > NAMED {
        notices.push(format!("and {} more that stand on more than {MOST_OF_A_KEY} each", most.len() - NAMED));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> RecordId {
        RecordId::new(Kind::Contact, number)
    }

    fn twin(one: u64, other: u64, score: f64) -> Twin {
        Twin { cluster: 0, one: id(one), other: id(other), score, titles: Default::default(), reasons: Vec::new() }
    }

    #[test]
    fn what_hangs_together_stands_together() {
        let mut twins = vec![twin(1, 2, 0.7), twin(8, 9, 0.9), twin(2, 3, 0.95), twin(4, 5, 0.6)];
        twins.sort_by(by_score);
        let told: Vec<(usize, u64, u64)> = clustered(twins).iter().map(|twin| (twin.cluster, twin.one.number, twin.other.number)).collect();
        assert_eq!(told, [(1, 2, 3), (1, 1, 2), (2, 8, 9), (3, 4, 5)]);
    }

    #[test]
    fn a_key_of_many_brings_nobody_together() {
        let mut met = Met { keys: (0..150).map(|n| (7, n)).collect() };
        met.keys.extend([(8, 3), (8, 4), (9, 3), (9, 4)]);
        let (pairs, common) = met.pairs(None, &mut Vec::new());
        assert_eq!(pairs, [(3, 4)]);
        assert_eq!(common, [(7, (0, 150))]);
    }
}

//! What a form shows, and what is told of a text while it is typed: how it is
//! understood, what is wrong with it, what it may become.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::actions::form::{self, Draft, Verdict};
use crate::actions::{self, ActionError, Desk};
use crate::domain::{ChoiceList, Kind, RecordId, fold};
use crate::insight;
use crate::query::Query;
use crate::search::{Limits, Skim, Words};
use crate::store::api::{PageRequest, Trash};
use crate::tui::app::finder::Lines;
use crate::tui::app::message::{Loaded, Suggest};
use crate::tui::app::prompt::Candidate;

/// How long lines are read for a completion.
const PATIENCE: Duration = Duration::from_millis(400);
/// The most completions.
const MOST: usize = 50;
/// How many hits of all kinds are looked through for those that a link may lead to.
const HITS: usize = 1_000;
/// Whom or what one can have had to do with.
const WHO: &[Kind] = &[Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Ticket];

pub(super) fn form(desk: &Desk, kind: Kind, id: Option<RecordId>) -> Result<Loaded, ActionError> {
    form::form(desk, kind, id).map(|form| Loaded::Form(Box::new(form)))
}

pub(super) fn understand(desk: &Desk, number: u64, line: &str, here: &[RecordId]) -> Loaded {
    let told = match actions::understand(desk, line, here) {
        Ok(touch) => Verdict::Reads(actions::told(desk, &touch)),
        Err(error) => Verdict::Wrong(error.hint.map_or_else(|| error.message.clone(), |hint| format!("{}: {hint}", error.message))),
    };
    Loaded::Told { number, told: vec![(String::new(), told)] }
}

pub(super) fn judge(desk: &Desk, number: u64, draft: &Draft) -> Result<Loaded, ActionError> {
    Ok(Loaded::Told { number, told: form::check(desk, draft)? })
}

pub(super) fn suggest(desk: &Desk, number: u64, what: &Suggest, lines: Option<&Lines>) -> Result<Loaded, ActionError> {
    let mut lines = lines.cloned();
    let (start, candidates) = match what {
        Suggest::Value { kind, name, before, pipeline } => value(desk, *kind, name, before, pipeline, &mut lines)?,
        Suggest::Touch(before, at) => {
            let (start, found) = touch(desk, before, &mut lines)?;
            (start + at, found)
        }
    };
    Ok(Loaded::Suggested { number, start, candidates, lines })
}

/// Of several values the last one is completed.
fn value(
    desk: &Desk,
    kind: Kind,
    name: &str,
    before: &str,
    pipeline: &str,
    lines: &mut Option<Lines>,
) -> Result<(usize, Vec<Candidate>), ActionError> {
    let start = before.rfind(';').map_or(0, |at| before.len() - before[at + 1..].trim_start().len());
    let typed = before[start..].trim();
    if let Some(kinds) = form::links_of(desk, kind, name) {
        return Ok((start, records(desk, &kinds, typed, lines)?));
    }
    let folded = fold::fold(typed);
    let mut words = form::words_of(desk, kind, name, pipeline);
    words.retain(|word| fold::fold(word).contains(&folded));
    words.sort_by_key(|word| !fold::fold(word).starts_with(&folded));
    Ok((start, words.into_iter().take(MOST).map(|text| Candidate { text, help: String::new() }).collect()))
}

/// Completes the channel, then whom.
fn touch(desk: &Desk, before: &str, lines: &mut Option<Lines>) -> Result<(usize, Vec<Candidate>), ActionError> {
    let Some((channel, rest)) = before.split_once(' ') else {
        let definitions = desk.definitions();
        let words = definitions.words(ChoiceList::Channel).into_iter().filter(|word| word.starts_with(before));
        return Ok((0, words.map(|word| Candidate { text: format!("{word} "), help: String::new() }).collect()));
    };
    let start = channel.len() + 1;
    let mut found = records(desk, WHO, rest.trim(), lines)?;
    // A name of several words, or one that others have, is told by its id.
    for candidate in &mut found {
        let id = candidate.help.split(' ').next().unwrap_or_default().to_owned();
        let is_plain = !candidate.text.contains(['"', '\'']) && candidate.text.split_whitespace().count() <= 3;
        candidate.help = format!("{} {}", candidate.text, candidate.help);
        candidate.text = if is_plain { format!("{} ", candidate.text) } else { format!("{id} ") };
    }
    Ok((start, found))
}

/// Returns the records of some kinds whose names fit a text, best first; without a text
/// the first ones. It looks in the finder's lines; where there are none yet it reads them
/// as long as one waits for a completion, and the next one reads on.
fn records(desk: &Desk, kinds: &[Kind], typed: &str, lines: &mut Option<Lines>) -> Result<Vec<Candidate>, ActionError> {
    let mut ids: Vec<RecordId> = Vec::new();
    let fits = |id: &RecordId| kinds.is_empty() || kinds.contains(&id.kind);
    if typed.is_empty() {
        for &kind in kinds {
            let page = desk.store.query(&PageRequest {
                kind,
                query: None::<Arc<Query>>,
                sort: Vec::new(),
                after: None,
                offset: 0,
                limit: MOST,
                records: false,
                total: false,
                trash: Trash::Without,
                at_least: None,
                view: desk.view(),
            })?;
            ids.extend(page.ids);
        }
    } else {
        let end = Instant::now() + PATIENCE;
        let reading = insight::lines(&*desk.store, &desk.view(), None, lines.as_ref().map(|lines| &*lines.0), &|| Instant::now() < end)?;
        let reading = &*lines.insert(Lines(Arc::new(reading))).0;
        let never = || false;
        let found = reading.index.search(&Words::of(typed), &Skim::default(), &Limits { most: HITS, within: None, stop: &never });
        ids.extend(found.into_iter().flat_map(|found| found.best).map(|hit| hit.id).filter(fits));
    }
    ids.truncate(MOST);
    let known = crate::store::known::Known::new(&*desk.store);
    let records = desk.store.get(&ids)?;
    Ok(records
        .into_iter()
        .flatten()
        .map(|record| {
            let entry = insight::entry(&record, &known);
            Candidate { text: form::name_of(desk, record.id), help: entry.beside.chars().take(60).collect() }
        })
        .collect())
}

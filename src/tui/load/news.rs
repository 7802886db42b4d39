//! What was committed elsewhere, in a few words.

use crate::actions::{Desk, differences};
use crate::domain::{Kind, RecordId};
use crate::store::api::{Changes, CommitInfo};
use crate::tui::app::others::News;

/// How many commits are read at once.
const COMMITS: usize = 64;
/// More commits than these at once are not read: everything is read anew.
const MOST: usize = 1_024;
/// In how few commits at once each is told by the fields that it changed.
const FEW: usize = 3;
/// How many records of a commit are named.
const NAMED: usize = 64;

/// What happened at the store between two looks.
#[derive(Debug, Clone)]
pub struct Wave {
    /// The last commit.
    pub seq: u64,
    /// The records that each commit changed, by its seq; `None` to read everything anew.
    pub changed: Option<Vec<(u64, Vec<RecordId>)>>,
    /// What others did.
    pub news: Vec<News>,
}

/// Returns what was committed after a seq, as far as `until`.
pub fn since(desk: &Desk, seq: u64, until: u64) -> Wave {
    let mut commits: Vec<CommitInfo> = Vec::new();
    let mut at = seq;
    let mut whole = true;
    while at < until {
        match desk.store.changes_since(at, COMMITS) {
            Ok(Changes::Commits(some)) if !some.is_empty() && commits.len() < MOST => {
                at = some.last().map_or(at, |commit| commit.seq);
                commits.extend(some);
            }
            _ => {
                whole = false;
                break;
            }
        }
    }
    let ours = |commit: &&CommitInfo| commit.author != desk.author;
    let others: Vec<&CommitInfo> = commits.iter().filter(ours).collect();
    let news = others.iter().map(|commit| news(desk, commit, others.len() <= FEW)).collect();
    let changed = commits.iter().map(|commit| (commit.seq, commit.changed.iter().map(|(id, _)| *id).collect())).collect();
    Wave { seq: at.max(until), changed: whole.then_some(changed), news }
}

fn news(desk: &Desk, commit: &CommitInfo, in_full: bool) -> News {
    // An event only says again what was changed.
    let is_told = |id: &RecordId| id.kind.info().public && id.kind != Kind::Event;
    let ids: Vec<RecordId> = commit.changed.iter().map(|(id, _)| *id).filter(is_told).collect();
    let who = &commit.author.login;
    let told = match ids.as_slice() {
        [id] if in_full => fields(desk, commit, *id).map(|what| format!("{who} {what}")),
        _ => None,
    };
    let told = told.unwrap_or_else(|| match ids.as_slice() {
        [] => format!("{who}: {}", commit.label),
        [id] => format!("{who}: {}, {id}", commit.label),
        several => format!("{who}: {}, {} records", commit.label, several.len()),
    });
    News {
        who: commit.author.login.clone(),
        step: commit.step,
        told,
        label: commit.label.clone(),
        count: ids.len(),
        ids: ids.into_iter().take(NAMED).collect(),
    }
}

/// Returns what a commit did to its one record: which fields it changed.
fn fields(desk: &Desk, commit: &CommitInfo, id: RecordId) -> Option<String> {
    let after = desk.store.as_of(id, commit.seq).ok()?;
    let before = desk.store.as_of(id, commit.seq - 1).ok()?;
    match (&before, &after) {
        (None, Some(_)) => return Some(format!("added {id}")),
        (_, None) => return Some(format!("removed {id}")),
        _ => {}
    }
    let mut names: Vec<String> = Vec::new();
    for found in differences(id, before.as_deref(), after.as_deref()) {
        let name = found.name();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    match names.len() {
        0 => None,
        1..=3 => Some(format!("changed {id} {}", names.join(", "))),
        many => Some(format!("changed {id}, {many} fields")),
    }
}

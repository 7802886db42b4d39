//! The finder: any record by a few letters, as one types, with what is known of it
//! beside.
//!
//! Lines are read and searched away from the keys, a slice of time each. What is typed
//! meanwhile waits for nobody: a search that is no longer of use stops, and a key that
//! acts on the hit waits for the first hits of what was typed before it. What has been
//! found so far is shown with how much was looked at, and the rest comes behind it:
//! first lines that are still to be read, then old interactions, which have none.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::message::{Effect, Level, Request};
use super::prompt::{Asked, Prompt, remember};
use super::row::Row;
use super::running;
use super::showing;
use super::state::App;
use super::viewport::Viewport;
use crate::command::{Id, Invocation};
use crate::domain::RecordId;
use crate::insight::{List, Reading};
use crate::search::{Looking, Marks, Place};
use crate::store::api::Cursor;
use crate::tui::keys::Mode;

/// The most hits.
pub const MOST: usize = 100;
/// How many questions are kept whose hits those of longer ones are among.
const KEPT: usize = 6;

/// The lines of a store; two are the same if they are one.
#[derive(Clone)]
pub struct Lines(pub Arc<Reading>);

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Lines {}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lines({} at {})", self.0.index.len(), self.0.index.seq)
    }
}

/// The list file of the store; two are the same if they are one.
#[derive(Debug, Clone)]
pub struct Listing(pub Arc<List>);

impl PartialEq for Listing {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Listing {}

/// What was looked for to the end before, and the lines that matched.
#[derive(Debug)]
pub struct Matched {
    /// What was typed.
    pub text: String,
    /// Which lines.
    pub marks: Marks,
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where.
    pub lines: Lines,
    /// What was typed.
    pub text: String,
    /// What was looked for before: what narrows it needs no other lines.
    pub before: Vec<Arc<Matched>>,
    /// How far the same question has come.
    pub looking: Option<Arc<Looking>>,
    /// How many hits are to be shown.
    pub rows: usize,
    /// What tells of them as long as the store is still to come.
    pub list: Option<Listing>,
    /// Which question it is.
    pub number: u64,
    /// Which question is the last one: others are of no use.
    pub latest: Arc<AtomicU64>,
}

impl PartialEq for Ask {
    fn eq(&self, other: &Self) -> bool {
        (self.number, &self.text, &self.lines) == (other.number, &other.text, &other.lines)
    }
}

impl Eq for Ask {}

/// What is looked for in interactions that have no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskOlder {
    /// What was typed.
    pub text: String,
    /// Behind which of them.
    pub after: Cursor,
    /// Which question it is.
    pub number: u64,
}

/// Hits that come into view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskMore {
    /// What was typed.
    pub text: String,
    /// The hits.
    pub hits: Vec<(RecordId, Place)>,
    /// What tells of them as long as the store is still to come.
    pub list: Option<Listing>,
    /// Which question it is.
    pub number: u64,
}

/// One hit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The record.
    pub id: RecordId,
    /// Its name, on one line.
    pub title: String,
    /// Which characters of it were matched.
    pub letters: Vec<usize>,
    /// What else it is found by.
    pub beside: String,
    /// Where the words stand.
    pub place: Place,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// Which question it answers.
    pub number: u64,
    /// What was typed.
    pub text: String,
    /// The best hits.
    pub hits: Vec<Hit>,
    /// Those behind them.
    pub rest: Vec<(RecordId, Place)>,
    /// How many match.
    pub total: usize,
    /// How far it has come, where it is not at the end of the lines.
    pub looking: Option<Arc<Looking>>,
    /// The lines that match, where it is.
    pub matched: Option<Arc<Matched>>,
}

/// What was found in interactions that have no line.
#[derive(Debug, Clone)]
pub struct FoundOlder {
    /// Which question it answers.
    pub number: u64,
    /// Hits, the latest first.
    pub hits: Vec<(RecordId, Place)>,
    /// How many were looked at.
    pub looked: usize,
    /// Where it goes on.
    pub next: Option<Cursor>,
}

/// The finder.
#[derive(Debug, Default)]
pub struct Finder {
    /// What it looks in, once that has been read.
    pub lines: Option<Lines>,
    /// The list file, from which lines are read at first.
    pub list: Option<Listing>,
    /// The best hits of what was typed.
    pub hits: Vec<Hit>,
    /// Those behind them, of which nothing is known yet.
    rest: Vec<(RecordId, Place)>,
    /// How many records match.
    pub total: usize,
    /// Cursor and window among the hits.
    pub view: Viewport,
    /// The record that is shown beside them.
    pub preview: Option<(RecordId, Vec<Row>)>,
    /// Whether the first answer is waited for.
    pub looking: bool,
    /// How many records were looked at, where that is not all there are.
    pub unfinished: Option<usize>,
    /// What was looked for last.
    asked: String,
    /// What was looked for to the end before, the last one last.
    before: Vec<Arc<Matched>>,
    /// A search that has looked at all lines that had been read.
    paused: Option<(String, Arc<Looking>)>,
    number: u64,
    latest: Arc<AtomicU64>,
    /// Whether hits that come into view were asked for.
    asked_more: bool,
    /// What is to be done with the hit once it is there.
    waiting: Option<Id>,
}

impl Finder {
    /// Returns the hit under the cursor.
    pub fn current(&self) -> Option<&Hit> {
        self.hits.get(self.view.cursor())
    }

    /// Returns whether a hit may still come that a key would act on.
    fn is_waited_for(&self) -> bool {
        self.looking || self.hits.is_empty() && (self.unfinished.is_some() || !self.rest.is_empty())
    }

    /// Returns what was looked for last.
    pub fn asked(&self) -> &str {
        self.asked.trim()
    }

    /// Takes the lines about a record, if it is still the one under the cursor.
    pub(super) fn set_preview(&mut self, id: RecordId, rows: Vec<Row>) {
        if self.current().is_some_and(|hit| hit.id == id) {
            self.preview = Some((id, rows));
        }
    }
}

/// Carries out a command of the finder, or of the prompt while the finder is open;
/// `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let id = invocation.spec.id;
    let is_open = app.prompt.as_ref().is_some_and(|prompt| prompt.asked == Asked::Finder);
    match id {
        Id::Finder => Some(open(app, &invocation.args)),
        Id::FinderLog | Id::FinderCopy | Id::FinderFilter if !is_open => {
            app.complain("the finder is not open", Some("open it with :finder"));
            Some(vec![Effect::Bell])
        }
        _ if !is_open => None,
        Id::Accept | Id::FinderLog | Id::FinderCopy | Id::FinderFilter => Some(if app.finder.is_waited_for() {
            app.finder.waiting = Some(id);
            Vec::new()
        } else {
            act(app, id)
        }),
        Id::TextComplete | Id::TextNewer => Some(moved(app, Viewport::down)),
        Id::TextCompleteBack | Id::TextOlder => Some(moved(app, Viewport::up)),
        _ => None,
    }
}

fn open(app: &mut App, text: &str) -> Vec<Effect> {
    app.prompt = Some(Prompt::open(Asked::Finder, text.trim(), None));
    app.mode = Mode::Prompt;
    app.sheet = None;
    let finder = &mut app.finder;
    finder.hits.clear();
    finder.rest.clear();
    finder.asked.clear();
    finder.total = 0;
    finder.unfinished = None;
    finder.preview = None;
    finder.waiting = None;
    finder.view.set_rows(0, 0);
    // Until the lines are read anew, the old ones serve.
    let mut effects = vec![Effect::Load(Request::FinderLines(finder.lines.clone(), finder.list.clone()))];
    effects.extend(typed(app));
    effects
}

/// Looks for what is typed.
pub(super) fn typed(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = &app.prompt else { return Vec::new() };
    let text = prompt.input.text().to_owned();
    let finder = &mut app.finder;
    finder.number += 1;
    finder.waiting = None;
    finder.latest.store(finder.number, Ordering::Relaxed);
    finder.looking = true;
    finder.paused = None;
    // Without lines the question is asked as soon as there are some.
    ask(finder, text, None).into_iter().collect()
}

/// Asks, or goes on with what was asked.
fn ask(finder: &Finder, text: String, looking: Option<Arc<Looking>>) -> Option<Effect> {
    Some(Effect::Load(Request::FinderSearch(Ask {
        lines: finder.lines.clone()?,
        text,
        before: finder.before.clone(),
        looking,
        list: finder.list.clone(),
        rows: finder.view.height().max(finder.hits.len()).clamp(1, MOST),
        number: finder.number,
        latest: Arc::clone(&finder.latest),
    })))
}

/// Has the lines brought forward now that the store is there.
pub(super) fn store_came(app: &mut App) -> Vec<Effect> {
    app.finder.preview = None;
    if app.prompt.as_ref().is_none_or(|prompt| prompt.asked != Asked::Finder) {
        return Vec::new();
    }
    let mut effects = vec![Effect::Load(Request::FinderLines(app.finder.lines.clone(), app.finder.list.clone()))];
    let waiting = app.finder.waiting;
    effects.extend(typed(app));
    app.finder.waiting = waiting;
    effects
}

/// Takes the lines to look in, and has the rest of them read.
pub(super) fn looks_in(app: &mut App, lines: Lines) -> Vec<Effect> {
    let finder = &mut app.finder;
    let before = finder.lines.replace(lines.clone());
    let same_seq = before.is_some_and(|before| before.0.index.seq == lines.0.index.seq);
    if app.prompt.as_ref().is_none_or(|prompt| prompt.asked != Asked::Finder) {
        return Vec::new();
    }
    let mut effects = Vec::new();
    if !same_seq {
        app.finder.before.clear();
    }
    if !lines.0.is_done() {
        effects.push(Effect::Load(Request::FinderLines(Some(lines), None)));
    }
    match (same_seq, app.finder.paused.take()) {
        // What has been looked at need not be looked at again.
        (true, Some((text, looking))) => effects.extend(ask(&app.finder, text, Some(looking))),
        (true, None) => {}
        (false, _) => {
            let waiting = app.finder.waiting;
            effects.extend(typed(app));
            app.finder.waiting = waiting;
        }
    }
    effects
}

/// Takes what was found, if it answers the last question, and goes on with it.
pub(super) fn found(app: &mut App, found: Found) -> Vec<Effect> {
    let finder = &mut app.finder;
    if found.number != finder.number {
        return Vec::new();
    }
    finder.looking = false;
    finder.total = found.total;
    finder.asked.clone_from(&found.text);
    finder.asked_more = false;
    finder.rest = found.rest;
    take_hits(finder, found.hits);
    let older = finder.lines.as_ref().and_then(|lines| lines.0.older().cloned());
    let mut effects = Vec::new();
    match (found.looking, found.matched) {
        // Lines that are there are looked at now, those that are still to be read then.
        (Some(looking), _) => {
            finder.unfinished = Some(looking.looked);
            if finder.lines.as_ref().is_some_and(|lines| lines.0.index.is_through(&looking)) {
                finder.paused = Some((found.text, looking));
            } else {
                effects.extend(ask(finder, found.text, Some(looking)));
            }
        }
        (None, matched) => {
            finder.unfinished = None;
            if let Some(matched) = matched {
                finder.before.retain(|before| before.text != matched.text);
                finder.before.push(matched);
                if finder.before.len() > KEPT {
                    finder.before.remove(0);
                }
            }
            if let Some(after) = older.filter(|_| found.text.trim().chars().count() > 1) {
                finder.unfinished = finder.lines.as_ref().map(|lines| lines.0.index.len());
                effects.push(Effect::Load(Request::FinderOlder(AskOlder { text: found.text, after, number: finder.number })));
            }
        }
    }
    effects.extend(shown(app));
    effects
}

/// Takes what was found in older interactions, behind what was found before.
pub(super) fn found_older(app: &mut App, found: FoundOlder) -> Vec<Effect> {
    let finder = &mut app.finder;
    if found.number != finder.number {
        return Vec::new();
    }
    finder.total += found.hits.len();
    let looked = finder.unfinished.unwrap_or(0) + found.looked;
    finder.rest.extend(found.hits);
    finder.rest.truncate(MOST - finder.hits.len().min(MOST));
    finder.unfinished = found.next.is_some().then_some(looked);
    let mut effects: Vec<Effect> = Vec::new();
    if let (Some(after), Some(_)) = (found.next, app.prompt.as_ref().filter(|prompt| prompt.asked == Asked::Finder)) {
        effects.push(Effect::Load(Request::FinderOlder(AskOlder { text: finder.asked.clone(), after, number: found.number })));
    }
    effects.extend(shown(app));
    effects
}

/// Takes hits that come into view.
pub(super) fn found_more(app: &mut App, number: u64, more: Vec<Hit>) -> Vec<Effect> {
    let finder = &mut app.finder;
    if number != finder.number {
        return Vec::new();
    }
    finder.asked_more = false;
    let mut hits = std::mem::take(&mut finder.hits);
    let cursor = finder.view.cursor();
    hits.extend(more);
    finder.hits = hits;
    finder.view.set_rows(finder.hits.len(), cursor);
    shown(app)
}

/// Asks for the hits that come into view, and some behind them.
fn more(finder: &mut Finder) -> Option<Effect> {
    let wanted = finder.view.visible().end.max(finder.view.cursor() + 2).max(finder.view.height());
    let missing = wanted.saturating_sub(finder.hits.len());
    if missing == 0 || finder.rest.is_empty() || finder.asked_more {
        return None;
    }
    let hits = finder.rest.drain(..(missing + finder.view.height()).min(finder.rest.len())).collect();
    finder.asked_more = true;
    Some(Effect::Load(Request::FinderMore(AskMore { text: finder.asked.clone(), hits, list: finder.list.clone(), number: finder.number })))
}

/// Takes hits; the cursor stays on the one it was moved to.
fn take_hits(finder: &mut Finder, hits: Vec<Hit>) {
    let here = finder.current().filter(|_| finder.view.cursor() > 0).map(|hit| hit.id);
    finder.hits = hits;
    let kept = here.and_then(|id| finder.hits.iter().position(|hit| hit.id == id));
    finder.view.set_rows(finder.hits.len(), kept.unwrap_or(0));
}

/// Does what waits for a hit, or shows it.
fn shown(app: &mut App) -> Vec<Effect> {
    let mut effects: Vec<Effect> = more(&mut app.finder).into_iter().collect();
    let is_to_come = app.finder.unfinished.is_some() || app.finder.asked_more;
    match app.finder.waiting {
        // A key waits until there is a hit, or no more is to come.
        Some(_) if app.finder.hits.is_empty() && is_to_come => {}
        Some(id) => {
            app.finder.waiting = None;
            effects.extend(act(app, id));
        }
        None => effects.extend(preview(app)),
    }
    effects
}

fn moved(app: &mut App, by: fn(&mut Viewport, usize) -> bool) -> Vec<Effect> {
    by(&mut app.finder.view, 1);
    let mut effects: Vec<Effect> = more(&mut app.finder).into_iter().collect();
    effects.extend(preview(app));
    effects
}

fn preview(app: &mut App) -> Vec<Effect> {
    let Some(hit) = app.finder.current() else {
        app.finder.preview = None;
        return Vec::new();
    };
    if app.finder.preview.as_ref().is_some_and(|(id, _)| *id == hit.id) {
        return Vec::new();
    }
    vec![Effect::Load(Request::Preview(hit.id))]
}

/// Does something with the hit under the cursor, and closes the finder.
fn act(app: &mut App, id: Id) -> Vec<Effect> {
    let Some(hit) = app.finder.current().cloned() else {
        app.say(Level::Info, "nothing is found yet: type a few letters of a name");
        return vec![Effect::Bell];
    };
    let text = app.prompt.take().map_or_else(String::new, |prompt| prompt.input.text().trim().to_owned());
    remember(app.histories.entry(Asked::Finder).or_default(), &text);
    app.mode = Mode::Normal;
    match id {
        Id::FinderLog => running::prompt(app, &format!("log call {} ", hit.id)),
        Id::FinderCopy => {
            app.say(Level::Info, format!("copied: {}", hit.title));
            vec![Effect::Copy(hit.title)]
        }
        Id::FinderFilter => {
            // Scattered letters are no filter: then the name is.
            let words = if hit.place.is_scattered() { &hit.title } else { &text };
            let quoted: Vec<String> = words.split_whitespace().map(|word| format!("\"{}\"", word.replace(['"', '\\'], ""))).collect();
            app.opened.clear();
            app.awaited = Some(hit.id);
            showing::list_kind(app, &format!("{} {}", hit.id.kind.name(), quoted.join(" ")))
        }
        _ => showing::open(app, hit.id),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use crate::actions::{Desk, add_all};
    use crate::domain::{Assignment, Kind};
    use crate::tui::play::{PlayOptions, Print, Stage};
    use crate::tui::start::Settings;

    /// In tests a page is two records, and four touches have lines.
    fn stage() -> Stage {
        let desk = Desk::new(crate::store::memory().unwrap(), "ada");
        let definitions = desk.definitions();
        let read =
            |kind, texts: &[String]| texts.iter().map(|text| Assignment::parse(kind, text, &definitions).unwrap()).collect::<Vec<_>>();
        let people: Vec<_> = (1..=9).map(|n| read(Kind::Contact, &[format!("name=Person {n}")])).collect();
        add_all(&desk, Kind::Contact, &people).unwrap();
        let touches: Vec<_> = (1..=9)
            .map(|n| {
                read(
                    Kind::Interaction,
                    &[format!("subject=Lens {n}"), "channel=call".to_owned(), format!("at=2026-01-0{n}"), "contact=c1".to_owned()],
                )
            })
            .collect();
        add_all(&desk, Kind::Interaction, &touches).unwrap();
        let options = PlayOptions {
            size: (120, 40),
            pane: crate::tui::keys::Pane::Contacts,
            zoom: false,
            print: Print::State,
            settings: Settings::default(),
        };
        Stage::new(desk, &options).unwrap()
    }

    #[test]
    fn every_touch_is_found_in_the_end() {
        let mut stage = stage();
        stage.press("<Space><Space>lens").unwrap();
        let finder = &stage.app.finder;
        assert_eq!((finder.total, finder.hits.len(), finder.unfinished), (9, 9, None));
        assert_eq!(finder.hits.iter().filter(|hit| hit.id.number < 6).count(), 5, "those without a line too");
        stage.press(" 3<CR>").unwrap();
        assert_eq!(stage.state()["overlay"]["id"], "i3");
        stage.press("<Esc><Space><Space>pers").unwrap();
        assert_eq!(stage.app.finder.total, 9 + 9, "people, and touches by whom they were with");
        stage.press("x<BS><BS>").unwrap();
        assert_eq!((stage.app.finder.total, stage.app.finder.unfinished), (18, None));
    }

    #[test]
    fn a_link_is_completed_in_the_lines_of_the_finder() {
        let mut stage = stage();
        stage.press(":log call pers<Tab>").unwrap();
        let seq = stage.app.finder.lines.as_ref().map(|lines| (lines.0.is_done(), lines.0.index.len()));
        assert_eq!(seq, Some((true, 9 + 4 + 1)), "read once and kept: people, touches, the user");
        stage.press("<Esc><Space><Space>lens 9").unwrap();
        assert_eq!(stage.app.finder.total, 1);
    }
}

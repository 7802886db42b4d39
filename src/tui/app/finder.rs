//! The finder: any record by a few letters, as one types, with what is known of it
//! beside.
//!
//! Lines are read and searched away from the keys. What is typed meanwhile waits for
//! nobody: a search that is no longer of use stops, and a key that acts on the hit
//! waits for the hits of what was typed before it.

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
use crate::search::{Index, Place};
use crate::tui::keys::Mode;

/// The lines of a store; two are the same if they are one.
#[derive(Clone)]
pub struct Lines(pub Arc<Index>);

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Lines {}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lines({} at {})", self.0.len(), self.0.seq)
    }
}

/// What is looked for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Where.
    pub lines: Lines,
    /// What was typed.
    pub text: String,
    /// What was typed before, and the lines that matched it.
    pub before: Option<(String, Arc<[u32]>)>,
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
    /// The lines that match.
    pub matching: Arc<[u32]>,
}

/// The finder.
#[derive(Debug, Default)]
pub struct Finder {
    /// What it looks in, once that has been read.
    pub lines: Option<Lines>,
    /// The best hits of what was typed.
    pub hits: Vec<Hit>,
    /// How many records match.
    pub total: usize,
    /// Cursor and window among the hits.
    pub view: Viewport,
    /// The record that is shown beside them.
    pub preview: Option<(RecordId, Vec<Row>)>,
    /// Whether an answer is waited for.
    pub looking: bool,
    before: Option<(String, Arc<[u32]>)>,
    number: u64,
    latest: Arc<AtomicU64>,
    /// What is to be done with the hit once it is there.
    waiting: Option<Id>,
}

impl Finder {
    /// Returns the hit under the cursor.
    pub fn current(&self) -> Option<&Hit> {
        self.hits.get(self.view.cursor())
    }

    /// Returns what was looked for last.
    pub fn asked(&self) -> &str {
        self.before.as_ref().map_or("", |(text, _)| text.trim())
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
        Id::Accept | Id::FinderLog | Id::FinderCopy | Id::FinderFilter => Some(if app.finder.looking {
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
    finder.total = 0;
    finder.preview = None;
    finder.waiting = None;
    finder.before = None;
    finder.view.set_rows(0, 0);
    // Until the lines are read anew, the old ones serve.
    let mut effects = vec![Effect::Load(Request::FinderLines(finder.lines.clone()))];
    effects.extend(typed(app));
    effects
}

/// Looks for what is typed.
pub(super) fn typed(app: &mut App) -> Vec<Effect> {
    let Some(prompt) = &app.prompt else { return Vec::new() };
    let finder = &mut app.finder;
    finder.number += 1;
    finder.waiting = None;
    finder.latest.store(finder.number, Ordering::Relaxed);
    finder.looking = true;
    // Without lines the question is asked as soon as there are some.
    let Some(lines) = finder.lines.clone() else { return Vec::new() };
    let text = prompt.input.text().to_owned();
    vec![Effect::Load(Request::FinderSearch(Ask {
        lines,
        text,
        before: finder.before.clone(),
        number: finder.number,
        latest: Arc::clone(&finder.latest),
    }))]
}

/// Takes the lines to look in.
pub(super) fn looks_in(app: &mut App, lines: Lines) -> Vec<Effect> {
    let same = app.finder.lines.as_ref().is_some_and(|old| old.0.seq == lines.0.seq);
    app.finder.lines = Some(lines);
    if same || app.prompt.as_ref().is_none_or(|prompt| prompt.asked != Asked::Finder) {
        return Vec::new();
    }
    let waiting = app.finder.waiting;
    app.finder.before = None;
    let effects = typed(app);
    app.finder.waiting = waiting;
    effects
}

/// Takes what was found, if it answers the last question.
pub(super) fn found(app: &mut App, found: Found) -> Vec<Effect> {
    let finder = &mut app.finder;
    if found.number != finder.number {
        return Vec::new();
    }
    finder.looking = false;
    finder.total = found.matching.len();
    finder.before = Some((found.text, found.matching));
    finder.hits = found.hits;
    finder.view.set_rows(finder.hits.len(), 0);
    match finder.waiting.take() {
        Some(id) => act(app, id),
        None => preview(app),
    }
}

fn moved(app: &mut App, by: fn(&mut Viewport, usize) -> bool) -> Vec<Effect> {
    by(&mut app.finder.view, 1);
    preview(app)
}

fn preview(app: &mut App) -> Vec<Effect> {
    let Some(hit) = app.finder.current() else {
        app.finder.preview = None;
        return Vec::new();
    };
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
            let words = if hit.place == Place::Letters { &hit.title } else { &text };
            let quoted: Vec<String> = words.split_whitespace().map(|word| format!("\"{}\"", word.replace(['"', '\\'], ""))).collect();
            app.opened.clear();
            app.awaited = Some(hit.id);
            showing::list_kind(app, &format!("{} {}", hit.id.kind.name(), quoted.join(" ")))
        }
        _ => showing::open(app, hit.id),
    }
}

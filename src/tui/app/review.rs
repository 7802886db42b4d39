//! The review of duplicates: two records side by side, field by field, and what is to
//! become of them.
//!
//! The one on the left stays, and whose value stands is chosen for each field. Every
//! decision is a step of its own that `u` takes back; the pair is then asked about again.

use std::collections::HashMap;

use super::message::{Effect, Level, Request};
use super::record::Opened;
use super::state::App;
use super::viewport::Viewport;
use crate::actions::{Side, Slot};
use crate::command::{self, Danger, Here, Id, Invocation, Place, Reply};
use crate::domain::{Kind, RecordId};
use crate::insight::Twin;

/// How two records relate in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Both say the same.
    Same,
    /// One alone has a value.
    One,
    /// Both have values, and there is room for all of them.
    Both,
    /// Both have a value, and one of them stands.
    Either,
}

/// One place of two records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BesideRow {
    /// The place.
    pub slot: Slot,
    /// What it is called.
    pub name: String,
    /// What either has there, on one line.
    pub values: [String; 2],
    /// How they relate.
    pub beside: Beside,
}

/// Two records side by side, as they were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The records.
    pub ids: [RecordId; 2],
    /// What they are called, and how many records link to each.
    pub heads: [String; 2],
    /// Whether each is still there to be merged.
    pub there: [bool; 2],
    /// Their places.
    pub rows: Vec<BesideRow>,
}

/// What was decided of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// They are one, by this step.
    Merged(u64),
    /// They are two, by this step.
    Distinct(u64),
}

impl Decision {
    fn step(self) -> u64 {
        match self {
            Self::Merged(step) | Self::Distinct(step) => step,
        }
    }
}

/// A pair, and what was decided of it.
#[derive(Debug, Clone)]
pub struct Pair {
    /// What speaks for it.
    pub twin: Twin,
    /// What was decided.
    pub decision: Option<Decision>,
}

/// What is looked for: answers to another question are of no use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// The kind.
    pub kind: Kind,
    /// The query.
    pub query: String,
}

/// The review.
#[derive(Debug, Clone)]
pub struct Review {
    /// What is looked for.
    pub sought: Sought,
    /// The pairs, best first; `None` while they are looked for.
    pub pairs: Option<Vec<Pair>>,
    /// Which pair is seen.
    pub at: usize,
    /// That pair side by side, once it has been read.
    pub compared: Option<Compared>,
    /// Whether the two have changed places: the other one stays.
    pub swapped: bool,
    /// Whose value stands, where it was chosen.
    pub sides: HashMap<Slot, Side>,
    /// Cursor and window among the fields.
    pub view: Viewport,
    /// What was looked at, and what was left out.
    pub told: Vec<String>,
    /// The pair of which a decision is being carried out.
    deciding: Option<(usize, bool)>,
}

impl Review {
    fn new(sought: Sought) -> Self {
        Self {
            sought,
            pairs: None,
            at: 0,
            compared: None,
            swapped: false,
            sides: HashMap::new(),
            view: Viewport::default(),
            told: Vec::new(),
            deciding: None,
        }
    }

    /// Returns the pair that is seen.
    pub fn current(&self) -> Option<&Pair> {
        self.pairs.as_ref()?.get(self.at)
    }

    /// Returns the two as they stand on screen: the one that stays, and the other.
    pub fn both(&self) -> Option<(RecordId, RecordId)> {
        let twin = &self.current()?.twin;
        Some(if self.swapped { (twin.other, twin.one) } else { (twin.one, twin.other) })
    }

    /// Returns how many pairs are still to be decided.
    pub fn open(&self) -> usize {
        self.pairs.iter().flatten().filter(|pair| pair.decision.is_none()).count()
    }

    /// Returns whose value stands in a row.
    pub fn side(&self, row: &BesideRow) -> Side {
        self.sides.get(&row.slot).copied().unwrap_or(Side::Keep)
    }

    fn row(&self) -> Option<&BesideRow> {
        self.compared.as_ref()?.rows.get(self.view.cursor())
    }

    /// Shows a pair; what was chosen for another one is forgotten.
    fn show(&mut self, at: usize) -> Vec<Effect> {
        self.at = at;
        self.compared = None;
        self.swapped = false;
        self.sides.clear();
        self.view.set_rows(0, 0);
        self.compare()
    }

    fn compare(&self) -> Vec<Effect> {
        self.both().map(|(one, other)| Effect::Load(Request::Compare { one, other })).into_iter().collect()
    }

    /// Returns the next pair behind one, or before it, that is still to be decided; also
    /// from the other end.
    fn undecided(&self, from: usize, forward: bool) -> Option<usize> {
        let pairs = self.pairs.as_ref()?;
        let count = pairs.len();
        (1..=count)
            .map(|step| if forward { (from + step) % count } else { (from + count - step % count) % count })
            .find(|at| pairs[*at].decision.is_none())
    }
}

/// Carries out a command of the review, or one that means something else in it; `None` if
/// it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let id = invocation.spec.id;
    if id == Id::Dupes {
        return Some(open(app, invocation.args.trim()));
    }
    let is_own = matches!(
        id,
        Id::ReviewNext
            | Id::ReviewPrevious
            | Id::ReviewLeft
            | Id::ReviewRight
            | Id::ReviewAllLeft
            | Id::ReviewAllRight
            | Id::ReviewSwap
            | Id::ReviewMerge
            | Id::ReviewDistinct
            | Id::ReviewOpen
    );
    if app.review.is_none() {
        return is_own.then(|| app.refuse("no review is open", Some("open one with :dupes")));
    }
    // What lies over it, and what is typed, has the keys.
    if !app.opened.is_empty() || app.sheet.is_some() || app.prompt.is_some() {
        return is_own.then(Vec::new);
    }
    let review = app.review.as_mut()?;
    Some(match id {
        Id::Close | Id::Cancel | Id::Quit | Id::WindowClose => close(app),
        Id::ReviewNext | Id::NextRecord => go(app, true),
        Id::ReviewPrevious | Id::PreviousRecord => go(app, false),
        Id::ReviewLeft => choose(app, Side::Keep, false),
        Id::ReviewRight => choose(app, Side::Other, false),
        Id::ReviewAllLeft => choose(app, Side::Keep, true),
        Id::ReviewAllRight => choose(app, Side::Other, true),
        Id::ReviewSwap => {
            review.swapped = !review.swapped;
            // What was chosen stays with the record that it was chosen of.
            review.sides =
                review.sides.drain().map(|(slot, side)| (slot, if side == Side::Keep { Side::Other } else { Side::Keep })).collect();
            review.compared = None;
            review.compare()
        }
        Id::ReviewMerge => decide(app, true),
        Id::ReviewDistinct => decide(app, false),
        Id::ReviewOpen | Id::Open => {
            let Some((one, other)) = review.both() else { return Some(Vec::new()) };
            let id = if invocation.args.trim() == "right" { other } else { one };
            app.opened.push(Opened::new(id));
            vec![Effect::Load(Request::Record(id))]
        }
        // Rows of the panes below are not meant.
        _ if is_of_rows(invocation) => {
            app.refuse("that is for rows, and a pair is under review", Some("decide of the pair, or close the review first"))
        }
        _ => return None,
    })
}

/// Returns whether a command is about rows of a pane, or changes something other than by a
/// decision.
fn is_of_rows(invocation: &Invocation) -> bool {
    let spec = invocation.spec;
    let takes_back = matches!(spec.id, Id::Undo | Id::Redo | Id::UndoOlder | Id::UndoNewer | Id::Earlier | Id::Later);
    let moves = matches!(
        spec.id,
        Id::Down
            | Id::Up
            | Id::First
            | Id::Last
            | Id::NextRow
            | Id::PreviousRow
            | Id::ScreenTop
            | Id::ScreenMiddle
            | Id::ScreenBottom
            | Id::HalfPageDown
            | Id::HalfPageUp
            | Id::PageDown
            | Id::PageUp
            | Id::ScrollDown
            | Id::ScrollUp
            | Id::RowToTop
            | Id::RowToMiddle
            | Id::RowToBottom
    );
    let of_rows = matches!(spec.place, Place::Rows | Place::Cells | Place::Pipeline | Place::Staged);
    !takes_back && (of_rows && !moves || spec.danger != Danger::Reads)
}

fn open(app: &mut App, args: &str) -> Vec<Effect> {
    let (first, rest) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    let (kind, query) = match Kind::from_name(first) {
        Some(kind) => (kind, rest.trim()),
        None => (if app.kind_here().info().public { app.kind_here() } else { Kind::Contact }, args),
    };
    let kind = if kind == Kind::Event { Kind::Contact } else { kind };
    let sought = Sought { kind, query: query.to_owned() };
    app.sheet = None;
    app.opened.clear();
    app.review = Some(Review::new(sought.clone()));
    vec![Effect::Load(Request::Dupes(sought))]
}

fn close(app: &mut App) -> Vec<Effect> {
    if let Some(review) = app.review.take()
        && let Some(pairs) = &review.pairs
    {
        let decided = pairs.len() - review.open();
        if decided > 0 {
            app.say(Level::Info, format!("{decided} decided, {} left", review.open()));
        }
    }
    Vec::new()
}

/// Takes the pairs that were found.
pub(super) fn found(app: &mut App, sought: &Sought, twins: Vec<Twin>, told: Vec<String>) -> Vec<Effect> {
    let Some(review) = app.review.as_mut().filter(|review| review.sought == *sought) else { return Vec::new() };
    review.pairs = Some(twins.into_iter().map(|twin| Pair { twin, decision: None }).collect());
    review.told = told;
    review.show(0)
}

/// Takes the pair that was read, if it is still the one that is seen.
pub(super) fn compared(app: &mut App, compared: Compared) -> Vec<Effect> {
    let Some(review) = app.review.as_mut().filter(|review| review.both() == Some((compared.ids[0], compared.ids[1]))) else {
        return Vec::new();
    };
    let cursor = review.view.cursor();
    review.view.set_rows(compared.rows.len(), cursor);
    review.compared = Some(compared);
    Vec::new()
}

fn go(app: &mut App, forward: bool) -> Vec<Effect> {
    let Some(review) = app.review.as_mut() else { return Vec::new() };
    let count = review.pairs.as_ref().map_or(0, Vec::len);
    if count == 0 {
        return vec![Effect::Bell];
    }
    let at = if forward { (review.at + 1) % count } else { (review.at + count - 1) % count };
    review.show(at)
}

/// Says whose value stands: in the row of the cursor, or wherever one of two does.
fn choose(app: &mut App, side: Side, everywhere: bool) -> Vec<Effect> {
    let Some(review) = app.review.as_mut() else { return Vec::new() };
    if everywhere {
        let rows = review.compared.iter().flat_map(|compared| &compared.rows).filter(|row| row.beside != Beside::Same);
        review.sides = rows.map(|row| (row.slot.clone(), side)).collect();
        return Vec::new();
    }
    match review.row().map(|row| (row.slot.clone(), row.beside)) {
        Some((slot, Beside::Either | Beside::Both)) => {
            review.sides.insert(slot, side);
            review.view.down(1);
            Vec::new()
        }
        Some((_, Beside::Same)) => {
            app.say(Level::Info, "both say the same here");
            Vec::new()
        }
        Some((_, Beside::One)) => {
            app.say(Level::Info, "one alone has a value here: it stays");
            Vec::new()
        }
        None => vec![Effect::Bell],
    }
}

/// Carries a decision out, as a step of its own.
fn decide(app: &mut App, merge: bool) -> Vec<Effect> {
    let Some(review) = app.review.as_mut() else { return Vec::new() };
    let (Some((one, other)), Some(compared)) = (review.both(), &review.compared) else { return vec![Effect::Bell] };
    if let Some(decision) = review.current().and_then(|pair| pair.decision) {
        let text = format!("that was decided by @{}: u takes it back", decision.step());
        app.say(Level::Info, text);
        return vec![Effect::Bell];
    }
    if !compared.there.iter().all(|there| *there) {
        let next = review.undecided(review.at, true);
        app.say(Level::Info, "one of the two is gone already");
        return next.and_then(|at| app.review.as_mut().map(|review| review.show(at))).unwrap_or_default();
    }
    review.deciding = Some((review.at, merge));
    let mut sides: Vec<(Slot, Side)> = review.sides.iter().map(|(slot, side)| (slot.clone(), *side)).collect();
    sides.sort_by(|a, b| a.0.cmp(&b.0));
    let invocation = Invocation::of(command::spec(if merge { Id::Merge } else { Id::Distinct }));
    vec![app.effect(invocation, Here { targets: vec![one, other], sides: if merge { sides } else { Vec::new() }, ..Here::default() })]
}

/// Takes what a command answered: a decision of the review, or one taken back.
pub(super) fn done(app: &mut App, reply: &Reply) -> Vec<Effect> {
    let Some(review) = app.review.as_mut() else { return Vec::new() };
    if let Some((at, merged)) = review.deciding.take() {
        let Some(step) = reply.step else { return review.compare() };
        if let Some(pair) = review.pairs.as_mut().and_then(|pairs| pairs.get_mut(at)) {
            pair.decision = Some(if merged { Decision::Merged(step) } else { Decision::Distinct(step) });
        }
        return match review.undecided(at, true) {
            Some(next) => review.show(next),
            None => review.compare(),
        };
    }
    let mut back = None;
    for (step, undone) in &reply.turned {
        let found = review.pairs.iter_mut().flatten().enumerate().find(|(_, pair)| pair.decision.is_some_and(|made| made.step() == *step));
        if let Some((at, pair)) = found.filter(|_| *undone) {
            pair.decision = None;
            back = Some(at);
        }
    }
    match back {
        Some(at) => review.show(at),
        None if reply.changed => review.compare(),
        None => Vec::new(),
    }
}

/// Forgets a decision that was refused.
pub(super) fn failed(app: &mut App) {
    if let Some(review) = &mut app.review {
        review.deciding = None;
    }
}

/// Reads the pair that is seen anew, after others changed something.
pub(super) fn changed(app: &App) -> Vec<Effect> {
    app.review.as_ref().map(Review::compare).unwrap_or_default()
}

//! What the application is told, and what it asks for: the two ends of its loop.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::actions::ActionError;
use crate::actions::form::{Draft, Verdict};
use crate::command::{Here, Invocation, Reply};
use crate::domain::{Kind, RecordId, Timestamp};
use crate::insight::Twin;
use crate::tui::app::board::{Card, Totals};
use crate::tui::app::drafts::Draft as HalfWritten;
use crate::tui::app::finder::{self, Ask, AskMore, AskOlder, Found, FoundOlder, Lines, Listing};
use crate::tui::app::folding::Run;
use crate::tui::app::mouse::Pointer;
use crate::tui::app::options::Options;
use crate::tui::app::others::{Editor, News};
use crate::tui::app::prompt::Candidate;
use crate::tui::app::reminders::Reminder;
use crate::tui::app::review::{Compared, Sought};
use crate::tui::app::row::Row;
use crate::tui::app::views::View;
use crate::tui::keys::{Key, Pane};

/// Something that happened.
#[derive(Debug, Clone)]
pub enum Message {
    /// A key.
    Key(Key),
    /// Text pasted by the terminal: it is text, never keys.
    Paste(String),
    /// The mouse, at a column and a line of the screen.
    Mouse(Pointer, (u16, u16)),
    /// The screen has another size.
    Resize(u16, u16),
    /// No key has come for a while: the timeline may follow.
    Rested,
    /// The store is there that was being opened.
    StoreCame,
    /// Keys have been pending for a while: what may follow is shown.
    Paused,
    /// It is so late now: what counts down is shown anew.
    Moment(Timestamp),
    /// Something asked for has come.
    Loaded(Loaded),
    /// A change, or a question to the store, has ended.
    Done(Result<Reply, Failure>),
    /// The store has changed: these records, or all.
    Changed(Option<Vec<RecordId>>),
    /// What others have committed; nothing where it was too much to be told.
    News(Vec<News>),
    /// What others have done has been told long enough.
    NewsRest,
    /// Who edits which record.
    Editors(Vec<Editor>),
    /// Something to say.
    Say(Level, String),
}

/// What has been loaded.
#[derive(Debug, Clone)]
pub enum Loaded {
    /// All ids of a list pane.
    Ids {
        /// Which pane.
        pane: Pane,
        /// The ids in order.
        ids: Vec<RecordId>,
        /// How many match.
        total: u64,
        /// What is worth saying.
        notice: Option<String>,
        /// Their groups, if they were asked for.
        runs: Option<Arc<[Run]>>,
    },
    /// The groups of a list's lines.
    Groups {
        /// Which pane.
        pane: Pane,
        /// The groups.
        runs: Arc<[Run]>,
    },
    /// Rows of a list pane.
    Rows {
        /// Which pane.
        pane: Pane,
        /// The rows.
        rows: Vec<Row>,
        /// When rows will say something else, though nothing is changed.
        changes: Vec<(RecordId, Timestamp)>,
    },
    /// A filter was refused; the old one stands.
    Refused {
        /// Which pane.
        pane: Pane,
        /// The filter that stood before.
        before: String,
        /// Why.
        why: Failure,
    },
    /// A sort was refused.
    Unsorted {
        /// Which pane.
        pane: Pane,
        /// Why.
        why: Failure,
    },
    /// The columns of the board.
    Board {
        /// The pipeline shown.
        pipeline: String,
        /// All pipelines.
        pipelines: Vec<String>,
        /// The columns.
        columns: Vec<(String, Vec<RecordId>, Totals)>,
    },
    /// Cards of the board.
    Cards(Vec<Card>),
    /// A timeline.
    Timeline {
        /// Whose.
        of: RecordId,
        /// That record's name.
        name: String,
        /// The entries.
        rows: Vec<Row>,
        /// Whether there are older ones.
        more: bool,
    },
    /// An opened record.
    Record {
        /// Which.
        id: RecordId,
        /// Its name.
        title: String,
        /// Its lines.
        rows: Vec<Row>,
    },
    /// The team's views, and what is wrong with some.
    Views(Vec<View>, Vec<String>),
    /// The lines that the finder looks in.
    FinderLines(Lines),
    /// What the finder found.
    FinderFound(Found),
    /// What it found in older interactions.
    FinderOlder(FoundOlder),
    /// Hits of the finder that come into view, and of which question.
    FinderMore(u64, Vec<finder::Hit>),
    /// A record as the lines of a form.
    Form(Box<crate::actions::form::Form>),
    /// What is to be said of what is typed.
    Told {
        /// Which question it answers.
        number: u64,
        /// Of which line what.
        told: Vec<(String, Verdict)>,
    },
    /// What may be typed.
    Suggested {
        /// Which question it answers.
        number: u64,
        /// The byte where the completed word begins.
        start: usize,
        /// What it may become.
        candidates: Vec<Candidate>,
        /// The lines that were looked in.
        lines: Option<Lines>,
    },
    /// A record beside the finder's hits.
    Preview {
        /// Which.
        id: RecordId,
        /// Its lines.
        rows: Vec<Row>,
    },
    /// Where a search ended.
    Found {
        /// Which pane.
        pane: Pane,
        /// The row, and which hit of how many.
        hit: Option<Hit>,
    },
    /// Records that may be one.
    Dupes {
        /// What was looked for.
        sought: Sought,
        /// The pairs, best first.
        twins: Vec<Twin>,
        /// What was looked at, and what was left out.
        told: Vec<String>,
    },
    /// Two records side by side.
    Compared(Compared),
    /// Whether there is something to undo and redo.
    Undo {
        /// The step that `u` would take back.
        step: Option<u64>,
        /// The store's last step.
        last: Option<u64>,
        /// Whether `<C-r>` would do something.
        redo: bool,
    },
    /// What one is to be reminded of.
    Reminders {
        /// What is due.
        due: Vec<Reminder>,
        /// By when.
        now: Timestamp,
        /// When there is something again.
        next: Timestamp,
    },
    /// The rows with a hit.
    Hits(Vec<usize>),
    /// The rows of an object.
    Like(Vec<usize>),
    /// Texts of rows, for registers.
    Texts(BTreeMap<RecordId, String>),
    /// Where the group motion ends.
    Group {
        /// Which pane.
        pane: Pane,
        /// The row.
        row: usize,
    },
}

impl Loaded {
    /// Returns the pane that shows it: the last word there must be that of the job that was
    /// given last.
    pub fn pane(&self) -> Option<Pane> {
        match self {
            Self::Ids { pane, .. } | Self::Rows { pane, .. } => Some(*pane),
            Self::Board { .. } | Self::Cards(_) => Some(Pane::Pipeline),
            Self::Timeline { .. } => Some(Pane::Timeline),
            Self::Record { .. } => Some(Pane::Record),
            _ => None,
        }
    }
}

/// Where a search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The row.
    pub row: usize,
    /// Which row with a hit it is, from 1.
    pub nth: usize,
    /// How many rows have hits.
    pub of: usize,
    /// Whether the search went on at the other end.
    pub wrapped: bool,
}

/// How loud a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Good to know.
    Info,
    /// Something may be wrong.
    Warning,
    /// Something is wrong.
    Error,
}

impl Level {
    /// Returns the name in `play`'s state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Why something failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What was wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

impl From<ActionError> for Failure {
    fn from(error: ActionError) -> Self {
        Self { message: error.message, hint: error.hint }
    }
}

/// Something the runtime is to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Load what a pane shows; the answer comes as [`Message::Loaded`].
    Load(Request),
    /// Carry a command out on these records; the answer comes as [`Message::Done`].
    Run {
        /// The command.
        invocation: Box<Invocation>,
        /// What stands around the cursor.
        here: Here,
    },
    /// Open records in `$EDITOR`.
    Edit(Vec<RecordId>),
    /// Open a text again that `$EDITOR` left.
    EditAgain(Box<crate::actions::Edited>),
    /// Change the theme.
    Theme(String),
    /// Stop, and come back.
    Suspend,
    /// Clear the terminal and draw anew.
    Redraw,
    /// Write one's own views to their file.
    KeepViews,
    /// Hand a text to the terminal's clipboard.
    Copy(String),
    /// Ring.
    Bell,
    /// Give a notice on the desktop of the terminal.
    Notify(String),
    /// Open an address with the system's opener.
    Open(String),
    /// Have a draft wait that could not be kept as it is.
    KeepDraft(Box<HalfWritten>),
    /// Remove a draft of an earlier time: it was taken up, or dropped.
    ForgetDraft(String),
    /// End the step that several commands have made.
    EndStep(u64),
    /// Wake with [`Message::Rested`] when the hand has rested.
    Rest,
}

/// What rows of an object share with the one under the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Like {
    /// The group, without a gap.
    Group,
    /// The company.
    Company,
    /// The owner.
    Owner,
    /// A tag.
    Tag,
}

/// What is typed, that it may be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggest {
    /// The value of a line.
    Value {
        /// Of what kind of record.
        kind: Kind,
        /// Which line.
        name: String,
        /// The text before the cursor.
        before: String,
        /// The record's pipeline, if it has one.
        pipeline: String,
    },
    /// The line of a touch, and the byte where it begins.
    Touch(String, usize),
}

/// What is to be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// All ids of a list pane.
    Ids {
        /// Which pane.
        pane: Pane,
        /// What is listed.
        kind: Kind,
        /// The filter.
        filter: String,
        /// The filter that stood before, should this one be refused.
        before: String,
        /// The sort.
        sort: String,
        /// Whether their groups are asked for too.
        groups: bool,
    },
    /// The groups of a list's lines.
    Groups {
        /// Which pane.
        pane: Pane,
        /// The lines.
        ids: Arc<[RecordId]>,
        /// The sort.
        sort: String,
    },
    /// Rows of a list pane.
    Rows {
        /// Which pane.
        pane: Pane,
        /// Which records.
        ids: Vec<RecordId>,
        /// Which columns.
        columns: Vec<String>,
    },
    /// The columns of the board.
    Board {
        /// Which pipeline; empty for the default one.
        pipeline: String,
        /// The filter.
        filter: String,
        /// The filter that stood before.
        before: String,
        /// What is only supposed.
        scratch: Vec<String>,
    },
    /// Cards of the board.
    Cards(Vec<RecordId>),
    /// A timeline.
    Timeline {
        /// Whose.
        of: RecordId,
        /// How many entries at most.
        limit: usize,
    },
    /// A record with everything about it.
    Record(RecordId),
    /// The team's views.
    Views,
    /// The lines that the finder looks in, brought forward from those that it has, or from
    /// the list file.
    FinderLines(Option<Lines>, Option<Listing>),
    /// What the finder finds.
    FinderSearch(Ask),
    /// What it finds in older interactions.
    FinderOlder(AskOlder),
    /// Hits of it that come into view.
    FinderMore(AskMore),
    /// A record, or a new one, as the lines of a form.
    Form(Kind, Option<RecordId>),
    /// How the line of a touch is understood.
    Understand {
        /// Which question it is.
        number: u64,
        /// The line.
        line: String,
        /// Whom it is about if it names nobody.
        here: Vec<RecordId>,
    },
    /// What is wrong with typed values.
    Judge {
        /// Which question it is.
        number: u64,
        /// What was typed.
        draft: Draft,
    },
    /// What may be typed.
    Suggest {
        /// Which question it is.
        number: u64,
        /// What is typed.
        what: Suggest,
        /// The lines that the finder has.
        lines: Option<Lines>,
    },
    /// A record beside the finder's hits.
    Preview(RecordId),
    /// The next hit.
    Find {
        /// Where.
        pane: Pane,
        /// The rows: a list's ids and columns.
        ids: Arc<[RecordId]>,
        /// The columns.
        columns: Vec<String>,
        /// The pattern.
        pattern: String,
        /// From which row.
        from: usize,
        /// Which way.
        forward: bool,
        /// The count's hit.
        count: usize,
        /// Whether the row it begins on counts too.
        here: bool,
        /// How the pattern is meant.
        options: Options,
    },
    /// All rows with a hit.
    Hits {
        /// The rows.
        ids: Arc<[RecordId]>,
        /// The columns.
        columns: Vec<String>,
        /// The pattern.
        pattern: String,
        /// How it is meant.
        options: Options,
    },
    /// The rows that share something with one of them.
    Like {
        /// The rows.
        ids: Arc<[RecordId]>,
        /// The row that they are compared with.
        cursor: usize,
        /// Its record.
        id: RecordId,
        /// What is shared.
        like: Like,
    },
    /// Texts of rows that are not on screen.
    Texts {
        /// Which.
        ids: Vec<RecordId>,
        /// The columns.
        columns: Vec<String>,
    },
    /// The row where the next group begins.
    Group {
        /// Where.
        pane: Pane,
        /// The rows.
        ids: Arc<[RecordId]>,
        /// From which row.
        from: usize,
        /// Which way.
        forward: bool,
        /// How many groups.
        count: usize,
    },
    /// Records that may be one.
    Dupes(Sought),
    /// Two records side by side.
    Compare {
        /// The one that would stay.
        one: RecordId,
        /// The other.
        other: RecordId,
    },
    /// What one is to be reminded of since a moment.
    Reminders(Option<Timestamp>),
    /// Whether there is something to undo and redo.
    Undo,
}

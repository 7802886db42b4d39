//! The application's state.

use std::collections::HashMap;

use super::aid::Aid;
use super::board::Board;
use super::drafts::Drafts;
use super::finder::Finder;
use super::form::Form;
use super::grammar::Grammar;
use super::grammar::cells::{Jump, Spot};
use super::layout::Layout;
use super::list::List;
use super::message::{Hit, Level};
use super::options::Options;
use super::others::Others;
use super::page::Page;
use super::prompt::{Asked, Completing, History, Prompt};
use super::record::Opened;
use super::reminders::Reminders;
use super::review::Review;
use super::tabs::Tab;
use super::text_input::TextInput;
use super::timeline::Timeline;
use super::tree::Tree;
use super::viewport::Viewport;
use super::views::View;
use crate::command::{Pattern, Question};
use crate::domain::{Kind, RecordId};
use crate::tui::keys::{Fact, Facts, Keymap, Machine, Mode, Pane, Place};
use crate::tui::perf::Perf;

/// Something said in the prompt line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// How loud.
    pub level: Level,
    /// What.
    pub text: String,
}

/// A cell that is being edited in place.
#[derive(Debug, Clone)]
pub struct Editing {
    /// The record.
    pub id: RecordId,
    /// Other records that get the same text: those of a block of cells.
    pub also: Vec<RecordId>,
    /// The field, as columns name it.
    pub field: String,
    /// What stood there.
    pub before: String,
    /// What is typed.
    pub input: TextInput,
    /// Completions that are being gone through.
    pub completing: Option<Completing>,
    /// Whether the text was refused: accepted again as it is, it is given up.
    pub refused: bool,
    /// Whether `.` does it again.
    pub again: bool,
}

/// Lines to be read over the panes: help, history, figures.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// Its lines.
    pub lines: Vec<String>,
    /// Cursor and window.
    pub view: Viewport,
    /// The prompt that its lines were typed into, if they were.
    pub typed_into: Option<Asked>,
    /// The report whose rows the lines are, if they are.
    pub page: Option<Page>,
}

/// The last search.
#[derive(Debug, Clone)]
pub struct Search {
    /// What was looked for.
    pub pattern: Pattern,
    /// Which way `n` goes.
    pub forward: bool,
    /// Whether hits are highlighted.
    pub shown: bool,
    /// Where the last one was, in which pane.
    pub hit: Option<(Pane, Hit)>,
}

/// What undo would do, for the state and the facts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UndoState {
    /// The step that `u` would take back.
    pub step: Option<u64>,
    /// The store's last step.
    pub last: Option<u64>,
    /// Whether `<C-r>` would do something.
    pub redo: bool,
}

/// What the user's own file gives: what differs from it is kept with a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The options.
    pub options: Options,
    /// The theme's name.
    pub theme: String,
    /// The columns of contacts.
    pub contacts: Vec<String>,
    /// The columns of the queue.
    pub tickets: Vec<String>,
}

/// Everything there is to see.
#[derive(Debug)]
pub struct App {
    /// Columns and lines of the screen.
    pub size: (u16, u16),
    /// How keys are read.
    pub mode: Mode,
    /// The pane with the focus.
    pub focus: Pane,
    /// The last pane that was no timeline: whose cursor the timeline follows.
    pub leading: Pane,
    /// Whether the focused pane has the screen.
    pub zoomed: bool,
    /// How the user has split the screen; `None` as it comes.
    pub tree: Option<Tree>,
    /// The tabs; what the one that is seen has stands in the fields here.
    pub tabs: Vec<Tab>,
    /// Which tab is seen.
    pub tab: usize,
    /// The contacts, or another kind asked for.
    pub contacts: List,
    /// The queue.
    pub tickets: List,
    /// The board.
    pub pipeline: Board,
    /// The timeline.
    pub timeline: Timeline,
    /// The opened records, the last one on top.
    pub opened: Vec<Opened>,
    /// Lines shown over everything.
    pub sheet: Option<Sheet>,
    /// What the finder has found; it is open while the prompt asks for it.
    pub finder: Finder,
    /// The open prompt line.
    pub prompt: Option<Prompt>,
    /// What the prompt's answer is for.
    pub question: Option<Question>,
    /// The cell that is being edited.
    pub editing: Option<Editing>,
    /// The cell that has been edited, until its text is taken.
    pub edited: Option<Editing>,
    /// The form that lies over everything.
    pub form: Option<Form>,
    /// The review of duplicates that lies over the panes.
    pub review: Option<Review>,
    /// What is told of the text that is typed.
    pub aid: Aid,
    /// The keys.
    pub keymap: Keymap,
    /// Keys that wait and keys that are pending.
    pub machine: Machine,
    /// Whether what may be typed behind the pending keys is shown: after a pause.
    pub shows_keys: bool,
    /// The options.
    pub options: Options,
    /// The last search.
    pub search: Option<Search>,
    /// The last `f t F T`.
    pub jump: Option<(char, Jump)>,
    /// What the grammar remembers between keys.
    pub grammar: Grammar,
    /// The lines typed into the prompts.
    pub histories: HashMap<Asked, History>,
    /// What was said last.
    pub said: Option<Said>,
    /// What was said before, oldest first.
    pub messages: Vec<Said>,
    /// What undo would do.
    pub undo: UndoState,
    /// Whether every change is refused.
    pub readonly: bool,
    /// How the store is shared with other sessions, in a few words; empty where it is not.
    pub shared: String,
    /// Work that goes on, in words.
    pub busy: Option<String>,
    /// What it has cost so far.
    pub perf: Perf,
    /// The theme's name.
    pub theme: String,
    /// The saved views, by name.
    pub views: Vec<View>,
    /// The theme before one was only looked at.
    pub theme_before: Option<String>,
    /// The names of the themes that there are.
    pub themes: Vec<String>,
    /// Why the loop ends: the exit code.
    pub exited: Option<i32>,
    /// Whether the timeline follows at once (play) or when the hand rests.
    pub follows_at_once: bool,
    /// Whether the store has no records: the screen says how to begin.
    pub empty_store: bool,
    /// The card that the mouse holds.
    pub grabbed: Option<RecordId>,
    /// Where the cursor goes once the list has the record.
    pub awaited: Option<RecordId>,
    /// When one is reminded of something.
    pub reminders: Reminders,
    /// What others do.
    pub others: Others,
    /// What was being written when the application ended, and was not kept.
    pub drafts: Drafts,
    /// What the user's own file gives.
    pub given: Given,
    /// The workspace, where it is another one than people have at first.
    pub workspace: String,
}

/// The default columns of contacts.
pub const CONTACT_COLUMNS: &[&str] = &["name", "company", "email", "phone", "last.at"];
/// The default columns of the queue.
pub const TICKET_COLUMNS: &[&str] = &["priority", "subject", URGENCY, "company", "assignee"];
/// The order of the queue, and the column that says why a ticket stands where it does.
pub const URGENCY: &str = "urgency";

/// Returns the default columns of a kind in the list pane.
pub fn default_columns(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Contact => CONTACT_COLUMNS,
        Kind::Company => &["name", "industry", "country", "owner", "won.total", "last.at"],
        Kind::Interaction => &["at", "channel", "contact", "subject", "body"],
        Kind::Opportunity => &["name", "company", "stage", "amount", "owner", "expected_close"],
        Kind::Ticket => TICKET_COLUMNS,
        Kind::Task => &["title", "due", "assignee", "about", "priority"],
        Kind::Product => &["name", "sku", "price", "series", "active"],
        Kind::Order => &["number", "company", "at", "status", "total"],
        Kind::Contract => &["name", "company", "start", "end", "amount", "status"],
        Kind::Event => &["at", "record", "field", "from", "to", "by"],
        Kind::User => &["name", "login", "email", "role", "manager", "territory"],
        Kind::Team => &["name", "lead", "queue"],
        Kind::Article => &["title", "category", "tags"],
        Kind::Document => &["name", "media_type", "size", "about", "at"],
        Kind::Quote => &["number", "revision", "company", "status", "total", "valid_until"],
        _ => &["id"],
    }
}

/// Returns the default sort of a kind in the list pane.
pub fn default_sort(kind: Kind) -> &'static str {
    match kind {
        Kind::Interaction | Kind::Event | Kind::Order | Kind::Document | Kind::Quote => "-at",
        Kind::Ticket => URGENCY,
        Kind::Task => "due",
        Kind::Article => "title",
        Kind::Contract => "end",
        _ => "name",
    }
}

impl App {
    /// Returns the application as it opens, with nothing loaded.
    pub fn new(size: (u16, u16), keymap: Keymap) -> Self {
        let mut app = Self {
            size,
            mode: Mode::Normal,
            focus: Pane::Contacts,
            leading: Pane::Contacts,
            zoomed: false,
            tree: None,
            tabs: vec![Tab::default()],
            tab: 0,
            contacts: List::new(Kind::Contact, default_sort(Kind::Contact), CONTACT_COLUMNS),
            tickets: List::new(Kind::Ticket, default_sort(Kind::Ticket), TICKET_COLUMNS),
            pipeline: Board::default(),
            timeline: Timeline::default(),
            opened: Vec::new(),
            sheet: None,
            finder: Finder::default(),
            prompt: None,
            question: None,
            editing: None,
            edited: None,
            form: None,
            review: None,
            aid: Aid::default(),
            keymap,
            machine: Machine::default(),
            shows_keys: false,
            options: Options::default(),
            search: None,
            jump: None,
            grammar: Grammar::default(),
            histories: HashMap::new(),
            said: None,
            messages: Vec::new(),
            undo: UndoState::default(),
            readonly: false,
            shared: String::new(),
            busy: None,
            perf: Perf::default(),
            theme: "dark".to_owned(),
            views: Vec::new(),
            theme_before: None,
            themes: Vec::new(),
            exited: None,
            follows_at_once: false,
            empty_store: false,
            grabbed: None,
            awaited: None,
            reminders: Reminders::default(),
            others: Others::default(),
            drafts: Drafts::default(),
            given: Given::default(),
            workspace: String::new(),
        };
        app.note_given();
        app.arrange();
        app
    }

    /// Takes what there is now as what the user's own file gives.
    pub fn note_given(&mut self) {
        self.given = Given {
            options: self.options.clone(),
            theme: self.theme.clone(),
            contacts: self.contacts.columns.clone(),
            tickets: self.tickets.columns.clone(),
        };
    }

    /// Returns where everything is drawn; `None` on too small a screen.
    pub fn layout(&self) -> Option<Layout> {
        Layout::with(self.size.0, self.size.1, self.focus, self.leading, self.zoomed, self.tree.as_ref(), self.tabs.len() > 1)
    }

    /// Fits every window to the screen.
    pub fn arrange(&mut self) {
        let Some(layout) = self.layout() else { return };
        let inside = |pane| layout.pane(pane).map(|place| (place.width.saturating_sub(2), usize::from(place.height.saturating_sub(2))));
        // A list has a line with the names of its columns.
        for (pane, list) in [(Pane::Contacts, &mut self.contacts), (Pane::Tickets, &mut self.tickets)] {
            if let Some((_, height)) = inside(pane) {
                list.view.resize(height.saturating_sub(1));
            }
            list.view.set_scrolloff(self.options.scrolloff);
        }
        if let Some((_, height)) = inside(Pane::Timeline) {
            self.timeline.view.resize(height);
        }
        self.timeline.view.set_scrolloff(self.options.scrolloff);
        if let Some((width, height)) = inside(Pane::Pipeline) {
            let head = u16::try_from(height).map_or(3, super::board::head_lines);
            let cards = height.saturating_sub(usize::from(head)) / usize::from(super::board::CARD_LINES);
            self.pipeline.resize(width, cards.max(1));
        }
        let over = usize::from(layout.status.y.saturating_sub(4)).max(1);
        self.finder.view.resize(over.saturating_sub(1));
        for opened in &mut self.opened {
            opened.view.resize(over);
            opened.view.set_scrolloff(self.options.scrolloff);
        }
        if let Some(review) = &mut self.review {
            // Why, and whose columns they are, stand above the fields.
            review.view.resize(over.saturating_sub(2).max(1));
            review.view.set_scrolloff(self.options.scrolloff);
        }
        if let Some(sheet) = &mut self.sheet {
            // A report has a line with the names of its columns.
            sheet.view.resize(if sheet.page.is_some() { over.saturating_sub(1).max(1) } else { over });
        }
        self.settle();
    }

    /// Scrolls so that every cursor is in sight: after each command, also of a macro.
    fn settle(&mut self) {
        self.contacts.view.settle();
        self.tickets.view.settle();
        self.timeline.view.settle();
        self.pipeline.columns.iter_mut().for_each(|column| column.view.settle());
        self.opened.iter_mut().for_each(|opened| opened.view.settle());
        if let Some(review) = &mut self.review {
            review.view.settle();
        }
        if let Some(sheet) = &mut self.sheet {
            sheet.view.settle();
        }
    }

    /// Returns the width inside the board's frame.
    pub fn board_width(&self) -> u16 {
        self.layout().and_then(|layout| layout.pane(Pane::Pipeline)).map_or(0, |place| place.width.saturating_sub(2))
    }

    /// Returns the pane that keys go to: the opened record lies over the others.
    pub fn pane(&self) -> Pane {
        match (self.opened.is_empty(), &self.review) {
            (false, _) => Pane::Record,
            (true, Some(_)) => Pane::Review,
            (true, None) => self.focus,
        }
    }

    /// Returns where keys are looked up.
    pub fn place(&self) -> Place {
        Place { mode: self.mode, pane: self.pane(), facts: self.facts() }
    }

    /// Returns what holds, for the conditions of bindings.
    pub fn facts(&self) -> Facts {
        let asked = self.prompt.as_ref().map(|prompt| prompt.asked);
        let list = self.list(self.focus);
        Facts::NONE
            .with(Fact::Overlay, !self.opened.is_empty())
            .with(Fact::Zoomed, self.zoomed)
            .with(Fact::Agenda, self.is_agenda())
            .with(Fact::Filtered, !list.map_or(&self.pipeline.filter, |list| &list.filter).is_empty())
            .with(Fact::Found, self.search.as_ref().is_some_and(|search| search.shown))
            .with(Fact::Empty, self.current().is_none())
            .with(Fact::Readonly, self.readonly)
            .with(Fact::Busy, self.busy.is_some())
            .with(Fact::Undoable, self.undo.step.is_some())
            .with(Fact::Redoable, self.undo.redo)
            .with(Fact::Recording, self.grammar.recording.is_some())
            .with(Fact::Command, asked == Some(Asked::Command))
            .with(Fact::Search, matches!(asked, Some(Asked::Search | Asked::SearchBack)))
            .with(Fact::Filter, asked == Some(Asked::Filter))
            .with(Fact::Form, self.form.is_some())
            .with(Fact::Finder, asked == Some(Asked::Finder))
            .with(Fact::Completing, self.prompt.as_ref().is_some_and(|prompt| prompt.completing.is_some()))
    }

    /// Returns a list pane.
    pub fn list(&self, pane: Pane) -> Option<&List> {
        match pane {
            Pane::Contacts => Some(&self.contacts),
            Pane::Tickets => Some(&self.tickets),
            _ => None,
        }
    }

    /// Returns a list pane, to be changed.
    pub fn list_mut(&mut self, pane: Pane) -> Option<&mut List> {
        match pane {
            Pane::Contacts => Some(&mut self.contacts),
            Pane::Tickets => Some(&mut self.tickets),
            _ => None,
        }
    }

    /// Returns the record under the cursor of the pane that keys go to.
    pub fn current(&self) -> Option<RecordId> {
        match self.opened.last() {
            Some(opened) => Some(opened.id),
            None => self.current_in(self.focus),
        }
    }

    /// Returns the record under a pane's cursor.
    pub fn current_in(&self, pane: Pane) -> Option<RecordId> {
        match pane {
            Pane::Contacts => self.contacts.current(),
            Pane::Tickets => self.tickets.current(),
            Pane::Pipeline => self.pipeline.current(),
            Pane::Timeline => self.timeline.current().map(|row| row.id),
            Pane::Record => self.opened.last().map(|opened| opened.id),
            Pane::Review => self.review.as_ref().and_then(Review::both).map(|(one, _)| one),
        }
    }

    /// Returns the record that is being looked at or edited, for others to see, and
    /// whether it is edited.
    pub fn busy_with(&self) -> Option<(RecordId, bool)> {
        let form = self.form.as_ref().and_then(|form| form.id);
        let text = self.question.as_ref().filter(|question| question.here.edited.is_some());
        let text = text.and_then(|question| question.here.targets.first().copied());
        let edited = form.or(self.editing.as_ref().map(|editing| editing.id)).or(text);
        edited.map(|id| (id, true)).or_else(|| self.opened.last().map(|opened| (opened.id, false)))
    }

    /// Returns the window of the pane that keys go to.
    pub fn view_mut(&mut self) -> Option<&mut Viewport> {
        if let Some(sheet) = &mut self.sheet {
            return Some(&mut sheet.view);
        }
        if let Some(opened) = self.opened.last_mut() {
            return Some(&mut opened.view);
        }
        if let Some(review) = &mut self.review {
            return Some(&mut review.view);
        }
        match self.focus {
            Pane::Contacts => Some(&mut self.contacts.view),
            Pane::Tickets => Some(&mut self.tickets.view),
            Pane::Timeline => Some(&mut self.timeline.view),
            Pane::Pipeline => self.pipeline.current_column_mut().map(|column| &mut column.view),
            Pane::Record | Pane::Review => None,
        }
    }

    /// Returns the window of the pane that keys go to.
    pub fn view(&self) -> Option<&Viewport> {
        if let Some(sheet) = &self.sheet {
            return Some(&sheet.view);
        }
        if let Some(opened) = self.opened.last() {
            return Some(&opened.view);
        }
        if let Some(review) = &self.review {
            return Some(&review.view);
        }
        match self.focus {
            Pane::Contacts => Some(&self.contacts.view),
            Pane::Tickets => Some(&self.tickets.view),
            Pane::Timeline => Some(&self.timeline.view),
            Pane::Pipeline => self.pipeline.current_column().map(|column| &column.view),
            Pane::Record | Pane::Review => None,
        }
    }

    /// Returns the cells under the cursor and where in them it stands; `None` on
    /// the board, which has cards.
    pub fn cells(&self) -> Option<(Vec<String>, Spot)> {
        if let Some(opened) = self.opened.last() {
            return opened.current().map(|row| (row.texts(), opened.spot));
        }
        match self.focus {
            Pane::Contacts => self.contacts.current_row().map(|row| (row.texts(), self.contacts.spot)),
            Pane::Tickets => self.tickets.current_row().map(|row| (row.texts(), self.tickets.spot)),
            Pane::Timeline => self.timeline.current().map(|row| (row.texts(), self.timeline.spot)),
            Pane::Pipeline | Pane::Record | Pane::Review => None,
        }
    }

    /// Moves the cursor among the cells.
    pub fn set_spot(&mut self, spot: Spot) {
        match (self.opened.last_mut(), self.focus) {
            (Some(opened), _) => opened.spot = spot,
            (None, Pane::Contacts) => self.contacts.spot = spot,
            (None, Pane::Tickets) => self.tickets.spot = spot,
            (None, Pane::Timeline) => self.timeline.spot = spot,
            (None, Pane::Pipeline | Pane::Record | Pane::Review) => {}
        }
    }

    /// Says something in the prompt line.
    pub fn say(&mut self, level: Level, text: impl Into<String>) {
        let said = Said { level, text: text.into() };
        self.messages.push(said.clone());
        if self.messages.len() > 200 {
            self.messages.remove(0);
        }
        self.said = Some(said);
    }

    /// Says what is wrong, with what to do about it.
    pub fn complain(&mut self, message: &str, hint: Option<&str>) {
        self.say(Level::Error, hint.map_or_else(|| message.to_owned(), |hint| format!("{message}: {hint}")));
    }
}

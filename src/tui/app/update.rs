//! One step of the loop: a message changes the state and asks for effects.
//!
//! Pure of clock, environment, randomness and I/O: only the runtime performs
//! effects.

use super::drafts::Draft;
use super::grammar::goal::Goal;
use super::grammar::{awaiting, many, motions, operate, visual};
use super::message::{Effect, Failure, Level, Loaded, Message, Request};
use super::record::Opened;
use super::state::{App, Sheet, UndoState, default_sort};
use super::viewport::Viewport;
use super::{aid, finder, folds, form, mouse, page, prompting, review, running};
use crate::actions::form::Saved;
use crate::command::{Id, Reply};
use crate::domain::{Kind, RecordId, Timestamp};
use crate::tui::keys::{Bound, Errand, Key, Mode, Outcome, Pane, Reason};

impl App {
    /// Asks for everything that the panes show at first.
    pub fn begin(&mut self) -> Vec<Effect> {
        let mut effects = self.reload();
        effects.push(Effect::Load(Request::Views));
        effects.push(Effect::Load(Request::Undo));
        effects
    }

    /// Takes one message.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = match message {
            Message::Key(key) => {
                self.shows_keys = false;
                self.machine.feed(key);
                Vec::new()
            }
            Message::Paste(text) => self.paste(&text),
            Message::Mouse(pointer, at) => self.point(pointer, at),
            Message::Resize(width, height) => {
                self.size = (width, height);
                Vec::new()
            }
            Message::Paused => {
                self.shows_keys = true;
                Vec::new()
            }
            Message::Rested => self.follow(),
            Message::StoreCame => finder::store_came(self),
            Message::Moment(now) => {
                self.contacts.count_down(now);
                self.tickets.count_down(now);
                Vec::new()
            }
            Message::Loaded(loaded) => self.take(loaded),
            Message::Done(done) => self.done(done),
            Message::Changed(ids) => self.changed(ids.as_deref()),
            Message::News(news) if news.is_empty() => {
                self.others.sweep();
                Vec::new()
            }
            Message::News(news) => {
                self.others.hear(news);
                Vec::new()
            }
            Message::NewsRest => {
                self.others.rest();
                Vec::new()
            }
            Message::Editors(editors) => {
                self.others.editors = editors;
                Vec::new()
            }
            Message::Say(level, text) => {
                self.say(level, text);
                Vec::new()
            }
        };
        self.arrange();
        effects.extend(self.missing());
        effects
    }

    /// Takes what the mouse does; the timeline follows as it does a key.
    fn point(&mut self, pointer: mouse::Pointer, at: (u16, u16)) -> Vec<Effect> {
        let before = (self.leading, self.current_in(self.leading));
        let mut effects = mouse::point(self, pointer, at.into());
        if (self.leading, self.current_in(self.leading)) != before {
            effects.extend(if self.follows_at_once { self.follow() } else { vec![Effect::Rest] });
        }
        effects
    }

    /// Takes one waiting key to its end. Returns `None` when none waits, or when
    /// the application is being left.
    pub fn step(&mut self) -> Option<Vec<Effect>> {
        if self.exited.is_some() {
            self.machine.drop_waiting();
            return None;
        }
        let before = (self.leading, self.current_in(self.leading));
        let place = self.place();
        let outcome = self.machine.step(&self.keymap, place)?;
        self.note_typed();
        let writes = matches!(self.mode, Mode::Insert | Mode::Prompt);
        let written = if writes { self.half_written() } else { None };
        let mut effects = self.outcome(outcome);
        if written.is_some() && effects.iter().any(|effect| matches!(effect, Effect::Run { .. })) && self.half_written().is_none() {
            // Until the store has it, it is not kept.
            self.drafts.sent = written;
        }
        if self.grammar.operator.is_none() && self.grammar.goal.is_none() {
            let now = self.stand();
            self.grammar.jumps.settle(now);
        }
        self.arrange();
        effects.extend(self.missing());
        if (self.leading, self.current_in(self.leading)) != before {
            if self.follows_at_once {
                effects.extend(self.follow());
            } else {
                effects.push(Effect::Rest);
            }
        }
        Some(effects)
    }

    fn outcome(&mut self, outcome: Outcome) -> Vec<Effect> {
        match outcome {
            Outcome::Run(bound) => {
                self.said = None;
                running::run_lines(self, &bound)
            }
            Outcome::Doubled(bound) => {
                let lines = std::sync::Arc::from([crate::command::spec(Id::ThisRow).name.to_owned()]);
                running::run_lines(self, &Bound { lines, ..bound })
            }
            Outcome::Errand(Errand::EndKeys) => many::end_keys(self),
            Outcome::Errand(Errand::NextRow) => many::next_row(self),
            Outcome::Errand(Errand::EndStep) => self.end_step(),
            Outcome::Type(key) => self.type_key(key),
            Outcome::Swallowed => Vec::new(),
            Outcome::Cancelled => {
                operate::cancel(self);
                Vec::new()
            }
            Outcome::Interrupt => self.interrupt(),
            Outcome::Nothing { keys, reason } => {
                let keys = crate::tui::keys::notation::print(&keys);
                let text = match reason {
                    Reason::Unbound => format!("{keys} means nothing here"),
                    Reason::Unless(when) => format!("{keys} means something only when {when}"),
                    Reason::Elsewhere(panes) => {
                        let names: Vec<&str> = panes.iter().map(|pane| pane.name()).collect();
                        format!("{keys} means something only in {}", names.join(", "))
                    }
                };
                self.say(Level::Info, text);
                operate::cancel(self);
                self.fail()
            }
        }
    }

    fn type_key(&mut self, key: Key) -> Vec<Effect> {
        let Some(typed) = key.typed() else { return Vec::new() };
        self.type_text(typed.encode_utf8(&mut [0; 4]))
    }

    fn type_text(&mut self, text: &str) -> Vec<Effect> {
        if let Some(prompt) = &mut self.prompt {
            prompt.input.insert(text);
            prompt.typed();
            return prompting::typed(self);
        }
        if let Some(editing) = &mut self.editing {
            editing.input.insert(text);
            return aid::typed(self);
        }
        form::type_text(self, text)
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        if self.prompt.is_some() || self.editing.is_some() || (self.form.is_some() && self.mode == Mode::Insert) {
            return self.type_text(text);
        }
        self.grammar.registers.pasted(text);
        self.say(Level::Info, "pasted into the register +: \"+p puts it into a cell, <C-r>+ into what is typed");
        Vec::new()
    }

    fn interrupt(&mut self) -> Vec<Effect> {
        if self.prompt.is_some() || self.editing.is_some() {
            self.prompt = None;
            self.editing = None;
            operate::cancel(self);
            self.mode = self.resting_mode();
        } else if self.form.is_some() {
            return form::ask_to_leave(self);
        } else if self.grammar.visual.is_some() {
            visual::end(self);
        } else {
            self.say(Level::Info, "type :q<Enter> to leave");
        }
        Vec::new()
    }

    /// Asks for every pane anew: the first time, and after a change.
    pub fn reload(&mut self) -> Vec<Effect> {
        let mut effects = vec![self.reload_list(Pane::Contacts), self.reload_list(Pane::Tickets), self.reload_board()];
        effects.extend(self.opened.iter().map(|opened| Effect::Load(Request::Record(opened.id))));
        if let Some(of) = self.timeline.of {
            effects.push(Effect::Load(Request::Timeline { of, limit: self.timeline.wanted(of) }));
        }
        effects
    }

    /// Asks for the ids of a list pane.
    pub fn reload_list(&self, pane: Pane) -> Effect {
        let list = self.list(pane).unwrap_or(&self.contacts);
        Effect::Load(Request::Ids {
            pane,
            kind: list.kind,
            filter: list.filter.clone(),
            before: list.filter.clone(),
            sort: list.sort.clone(),
            groups: list.folding.is_used(),
        })
    }

    /// Asks for the board's columns.
    pub fn reload_board(&self) -> Effect {
        let board = &self.pipeline;
        Effect::Load(Request::Board {
            pipeline: board.pipeline.clone(),
            filter: board.filter.clone(),
            before: board.filter.clone(),
            scratch: board.supposed(),
        })
    }

    /// Asks for the rows and cards on screen that are not there yet.
    fn missing(&mut self) -> Vec<Effect> {
        let Some(layout) = self.layout() else { return Vec::new() };
        let mut effects = Vec::new();
        for pane in [Pane::Contacts, Pane::Tickets] {
            if let (Some(_), Some(list)) = (layout.pane(pane), self.list_mut(pane)) {
                let ids = list.missing();
                if !ids.is_empty() {
                    effects.push(Effect::Load(Request::Rows { pane, ids, columns: list.columns.clone() }));
                }
            }
        }
        if layout.pane(Pane::Timeline).is_some()
            && let Some((of, limit)) = self.timeline.missing()
        {
            effects.push(Effect::Load(Request::Timeline { of, limit }));
        }
        if layout.pane(Pane::Pipeline).is_some() {
            let width = self.board_width();
            let ids = self.pipeline.missing(width);
            if !ids.is_empty() {
                effects.push(Effect::Load(Request::Cards(ids)));
            }
        }
        effects
    }

    /// Returns when something on screen will say something else, though nothing is
    /// changed: a promise runs. Without one nothing ever does.
    pub fn next_change(&self) -> Option<Timestamp> {
        let layout = self.layout()?;
        let lists = [(Pane::Contacts, &self.contacts), (Pane::Tickets, &self.tickets)];
        lists.into_iter().filter(|(pane, _)| layout.pane(*pane).is_some()).filter_map(|(_, list)| list.next_change()).min()
    }

    /// Lets the timeline follow the cursor of the leading pane.
    fn follow(&mut self) -> Vec<Effect> {
        match self.current_in(self.leading) {
            Some(id) if self.timeline.of != Some(id) => vec![Effect::Load(Request::Timeline { of: id, limit: self.timeline.wanted(id) })],
            Some(_) => Vec::new(),
            None => {
                self.timeline.clear();
                Vec::new()
            }
        }
    }

    fn take(&mut self, loaded: Loaded) -> Vec<Effect> {
        match loaded {
            Loaded::Ids { pane, ids, total, notice, runs } => {
                let awaited = self.awaited;
                let goal = self.goal_in(pane, &ids);
                if goal.is_some() && pane == self.pane() {
                    self.rows_have_gone(&ids);
                }
                let Some(list) = self.list_mut(pane) else { return Vec::new() };
                list.notice = notice;
                let before = list.current().filter(|_| goal.is_none());
                list.set_ids(ids, total, runs, goal);
                if let Some(line) = awaited.and_then(|id| list.ids.iter().position(|&other| other == id)) {
                    list.reveal(line);
                    self.awaited = None;
                }
                if let Some(before) = before
                    && self.list(pane).is_some_and(|list| list.current() != Some(before) && !list.ids.contains(&before))
                {
                    self.others.has_left(before);
                }
                self.anchor_again();
                if self.editing.as_ref().is_some_and(|editing| self.opened.is_empty() && self.current() != Some(editing.id)) {
                    return self.editing_to_form();
                }
                if goal.is_some() {
                    let now = self.stand();
                    self.grammar.jumps.settle(now);
                }
                self.empty_store = self.contacts.loaded && self.contacts.ids.is_empty() && self.contacts.filter.is_empty();
                return if pane == self.leading { self.follow() } else { Vec::new() };
            }
            Loaded::Rows { pane, rows, changes } => {
                if let Some(list) = self.list_mut(pane) {
                    list.set_rows(rows, changes);
                }
            }
            Loaded::Refused { pane, before, why } => {
                self.complain(&why.message, why.hint.as_deref());
                return self.without_filter(pane, before);
            }
            Loaded::Unsorted { pane, why } => {
                self.complain(&why.message, why.hint.as_deref());
                return self.sorted_as_before(pane);
            }
            Loaded::Board { pipeline, pipelines, columns } => {
                self.pipeline.pipeline = pipeline;
                self.pipeline.pipelines = pipelines;
                self.pipeline.set_columns(columns);
                let ids = self.pipeline.current_column().map_or_else(Vec::new, |column| column.ids.clone());
                let goal = self.goal_in(Pane::Pipeline, &ids);
                if let (Some(row), Some(column)) = (goal, self.pipeline.current_column_mut()) {
                    column.view.go_to(row);
                }
                self.anchor_again();
                return if self.leading == Pane::Pipeline { self.follow() } else { Vec::new() };
            }
            Loaded::Cards(cards) => self.pipeline.set_cards(cards),
            Loaded::Timeline { of, name, rows, more } => {
                if self.current_in(self.leading) == Some(of) {
                    self.timeline.set(of, name, rows, more);
                    let ids: Vec<RecordId> = self.timeline.rows.iter().map(|row| row.id).collect();
                    if let Some(line) = self.goal_in(Pane::Timeline, &ids) {
                        self.timeline.view.go_to(self.timeline.folds.row_of(line));
                    }
                }
                return awaiting::entries_came(self);
            }
            Loaded::Record { id, title, rows } => {
                if let Some(opened) = self.opened.iter_mut().rev().find(|opened| opened.id == id) {
                    opened.set(title, rows);
                }
            }
            Loaded::Views(views, wrong) => {
                self.views.retain(|view| !view.is_teams && views.iter().all(|other| other.name != view.name));
                self.views.extend(views);
                self.views.sort_by(|one, other| one.name.cmp(&other.name));
                for why in wrong {
                    self.say(Level::Warning, why);
                }
            }
            Loaded::Form(now) => return form::loaded(self, *now),
            Loaded::Dupes { sought, twins, told } => return review::found(self, &sought, twins, told),
            Loaded::Compared(pair) => return review::compared(self, pair),
            Loaded::Told { number, told } => aid::told(self, number, told),
            Loaded::Suggested { number, start, candidates, lines } => {
                self.finder.lines = lines.or_else(|| self.finder.lines.take());
                return aid::suggested(self, number, start, candidates);
            }
            Loaded::FinderLines(lines) => return finder::looks_in(self, lines),
            Loaded::FinderFound(found) => return finder::found(self, found),
            Loaded::FinderOlder(found) => return finder::found_older(self, found),
            Loaded::FinderMore(number, hits) => return finder::found_more(self, number, hits),
            Loaded::Preview { id, rows } => self.finder.set_preview(id, rows),
            Loaded::Found { pane, hit } => return motions::found(self, pane, hit),
            Loaded::Groups { pane, runs } => return folds::groups_came(self, pane, runs),
            Loaded::Hits(rows) | Loaded::Like(rows) => return awaiting::rows_came(self, rows),
            Loaded::Texts(texts) => {
                self.grammar.registers.learn(&texts);
                return self.grammar.registers.clipboard().filter(|_| texts.len() > 1).map(Effect::Copy).into_iter().collect();
            }
            Loaded::Group { pane, row } if self.grammar.operator.is_some() => {
                if pane == self.focus {
                    return operate::finish(self, row, super::grammar::cells::Spot::default());
                }
            }
            Loaded::Group { pane, row } => {
                if pane == self.focus {
                    self.go_to(row);
                }
            }
            Loaded::Reminders { due, now, next } => return super::reminders::due(self, &due, now, next),
            Loaded::Undo { step, last, redo } => self.undo = UndoState { step, last, redo },
        }
        Vec::new()
    }

    /// Goes back to the filter before; one that was refused before anything was loaded
    /// (the field is gone that it was about) is dropped.
    fn without_filter(&mut self, pane: Pane, before: String) -> Vec<Effect> {
        let (filter, loaded) = match pane {
            Pane::Pipeline => (&mut self.pipeline.filter, self.pipeline.loaded),
            pane => match self.list_mut(pane) {
                Some(list) => (&mut list.filter, list.loaded),
                None => return Vec::new(),
            },
        };
        let is_new = *filter != before;
        *filter = if loaded || is_new { before } else { String::new() };
        match (loaded, pane) {
            (true, _) => Vec::new(),
            (false, Pane::Pipeline) => vec![self.reload_board()],
            (false, pane) => vec![self.reload_list(pane)],
        }
    }

    /// Goes back to the last sort that was one.
    fn sorted_as_before(&mut self, pane: Pane) -> Vec<Effect> {
        let Some(list) = self.list_mut(pane) else { return Vec::new() };
        let before = std::mem::replace(&mut list.sorted, default_sort(list.kind).to_owned());
        if list.sort == before {
            list.sort = default_sort(list.kind).to_owned();
        } else {
            list.sort = before;
        }
        vec![self.reload_list(pane)]
    }

    fn done(&mut self, done: Result<Reply, Failure>) -> Vec<Effect> {
        self.busy = None;
        let sent = self.drafts.sent.take();
        let edited = self.edited.take();
        match done {
            Ok(Reply { saved: Some(saved), changed: false, .. })
                if self.form.is_none() && edited.is_some() && matches!(*saved, Saved::Clashes(_)) =>
            {
                match (*saved, edited) {
                    (Saved::Clashes(now), Some(cell)) => form::cell_clashes(self, *now, &cell),
                    _ => Vec::new(),
                }
            }
            Ok(Reply { question: Some(question), title, lines, .. }) => {
                let effects = super::question::ask(self, *question);
                if !lines.is_empty() {
                    let view = Viewport::new(lines.len(), 1);
                    self.sheet = Some(Sheet { title, lines, view, typed_into: None, page: None });
                }
                effects
            }
            Ok(Reply { saved: Some(saved), changed: false, .. }) if !matches!(*saved, Saved::Done(_)) => form::saved(self, *saved),
            Ok(reply) => {
                let decided = review::done(self, &reply);
                self.grammar.places.done(reply.step);
                if let (Some(open), Some(number)) = (&mut self.grammar.step, reply.step) {
                    open.number = Some(number);
                }
                // As in Vim, a macro ends where there was not so much to take back.
                if self.grammar.turning.take().is_some_and(|asked| reply.turned.len() < asked) {
                    self.machine.drop_macro();
                }
                if !reply.turned.is_empty() {
                    self.jumps_from_here();
                }
                if reply.turned.is_empty() {
                    if reply.changed && self.grammar.goal.is_none() && reply.step.is_some() {
                        let stand = self.stand();
                        self.grammar.changes.add(stand);
                    }
                } else {
                    let known = reply.turned.iter().rev().find_map(|(step, undo)| self.grammar.places.turned(*step, *undo));
                    self.grammar.goal = Some(match known {
                        Some((pane, row)) => Goal::Row { pane, row },
                        None => Goal::FirstOf(reply.ids.clone()),
                    });
                }
                if let Some(saved) = reply.saved {
                    form::saved(self, *saved);
                }
                if !reply.message.is_empty() {
                    self.say(Level::Info, reply.message);
                }
                if !reply.lines.is_empty() {
                    let view = Viewport::new(reply.lines.len(), 1);
                    self.sheet = Some(Sheet { title: reply.title, lines: reply.lines, view, typed_into: None, page: None });
                }
                if let Some(report) = reply.report {
                    page::open(self, *report);
                }
                if let Some(id) = reply.go_to {
                    self.awaited = Some(id);
                    match id.kind {
                        Kind::Opportunity => self.focus_on(Pane::Pipeline),
                        Kind::Ticket => self.focus_on(Pane::Tickets),
                        kind if kind == self.contacts.kind => self.focus_on(Pane::Contacts),
                        _ => self.opened.push(Opened::new(id)),
                    }
                }
                let mut effects = decided;
                effects.extend(reply.open.map(Effect::Open));
                if reply.changed {
                    effects.extend(self.changed(None));
                }
                effects
            }
            Err(failure) => {
                review::failed(self);
                self.grammar.goal = None;
                self.grammar.places.done(None);
                if let Some(mut editing) = edited.filter(|_| self.prompt.is_none() && self.form.is_none()) {
                    // What was typed stays where it was typed.
                    editing.refused = true;
                    self.editing = Some(editing);
                    self.mode = Mode::Insert;
                }
                let mut effects = self.refuse(&failure.message, failure.hint.as_deref());
                // A line stands in its history, a cell and a form where they were; a text
                // would be gone.
                if let Some(text @ Draft::Text { .. }) = sent {
                    effects.push(Effect::KeepDraft(Box::new(text)));
                }
                effects
            }
        }
    }

    /// Brings the panes forward after a change of these records, or of many.
    fn changed(&mut self, ids: Option<&[RecordId]>) -> Vec<Effect> {
        self.contacts.outdate(ids);
        self.tickets.outdate(ids);
        self.pipeline.outdate(ids);
        let mut effects = self.begin();
        effects.extend(form::changed(self, ids));
        effects.extend(review::changed(self));
        effects
    }

    /// Returns the mode in which keys are read where nothing is typed.
    pub(super) fn resting_mode(&self) -> Mode {
        match (&self.grammar.operator, &self.grammar.visual) {
            (Some(_), _) => Mode::Operator,
            (None, Some(_)) => Mode::Visual,
            (None, None) => Mode::Normal,
        }
    }

    /// Goes on without an answer that was waited for.
    pub fn forget_awaited(&mut self) {
        self.grammar.awaiting = None;
        self.grammar.goal = None;
        self.grammar.batch = None;
        operate::cancel(self);
        self.machine.drop_waiting();
    }

    /// Gives a pane the focus.
    pub fn focus_on(&mut self, pane: Pane) {
        if pane != self.focus {
            visual::end(self);
        }
        // In windows of one's own it takes the place of the pane that had the focus.
        if let Some(tree) = self.tree.as_mut().filter(|tree| !tree.has(pane)) {
            tree.replace(self.focus, pane);
        }
        self.focus = pane;
        if pane != Pane::Timeline {
            self.leading = pane;
        }
    }
}

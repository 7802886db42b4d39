//! The loader: from the store to what the panes show.
//!
//! It answers a [`Request`] with a [`Message`], reading the store and nothing
//! else; rows are built for the ids asked for, which are those on screen. It
//! knows neither the state of the application nor how anything is drawn.

mod agenda;
mod board;
mod cells;
mod find;
mod finder;
mod first;
mod form;
mod groups;
mod ids;
pub mod news;
mod record;
mod reminders;
mod review;
mod timeline;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::actions::{self, ActionError, Desk};
use crate::domain::DefinitionName;
use crate::insight::KeptQueue;
use crate::tui::app::message::{Failure, Level, Loaded, Message, Request};
use crate::tui::app::views::View;

pub use first::first_rows;
/// The ticket queue as it was read last, for all who read for one application.
pub type Queue = Mutex<KeptQueue>;

/// Returns the queue, to be brought forward. Whoever panicked over it has left nothing
/// half done in it: it is put back whole.
fn kept(queue: &Queue) -> MutexGuard<'_, KeptQueue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers a request. What cannot be read is said.
pub fn perform(desk: &Desk, queue: &Queue, request: &Request) -> Message {
    let answer = match request {
        Request::Ids { pane, kind, filter, before, sort, groups } => ids::ids(desk, queue, *pane, *kind, filter, before, sort, *groups),
        Request::Groups { pane, ids, sort } => groups::runs(desk, ids, sort).map(|runs| Loaded::Groups { pane: *pane, runs }),
        Request::Board { pipeline, filter, before, scratch } => board::board(desk, pipeline, filter, before, scratch),
        Request::Rows { pane, ids, columns } => cells::rows(desk, queue, *pane, ids, columns),
        Request::Cards(ids) => board::cards(desk, ids),
        Request::Timeline { of, limit } => timeline::timeline(desk, *of, *limit),
        Request::Record(id) => record::record(desk, *id),
        Request::Views => Ok(views(desk)),
        Request::FinderLines(old, list) => finder::lines(desk, old.as_ref(), list.as_ref()),
        Request::FinderOlder(ask) => finder::older(desk, ask),
        Request::FinderMore(ask) => finder::more(desk, ask),
        Request::FinderSearch(ask) => finder::search(desk, ask),
        Request::Form(kind, id) => form::form(desk, *kind, *id),
        Request::Understand { number, line, here } => Ok(form::understand(desk, *number, line, here)),
        Request::Judge { number, draft } => form::judge(desk, *number, draft),
        Request::Suggest { number, what, lines } => form::suggest(desk, *number, what, lines.as_ref()),
        Request::Preview(id) => finder::preview(desk, *id),
        Request::Find { .. } => find::find(desk, queue, request),
        Request::Group { pane, ids, from, forward, count } => find::group(desk, *pane, ids, *from, *forward, *count),
        Request::Hits { ids, columns, pattern, options } => find::hits(desk, queue, ids, columns, pattern, options).map(Loaded::Hits),
        Request::Like { ids, cursor, id, like } => find::like(desk, ids, *cursor, *id, *like),
        Request::Texts { ids, columns } => find::texts(desk, queue, ids, columns),
        Request::Dupes(sought) => review::dupes(desk, sought),
        Request::Compare { one, other } => review::compare(desk, *one, *other),
        Request::Reminders(since) => reminders::reminders(desk, *since),
        Request::Undo => undo(desk),
    };
    match answer {
        Ok(loaded) => Message::Loaded(loaded),
        Err(error) => {
            let failure = Failure::from(error);
            let text = failure.hint.map_or_else(|| failure.message.clone(), |hint| format!("{}: {hint}", failure.message));
            Message::Say(Level::Error, text)
        }
    }
}

/// Returns the team's views.
fn views(desk: &Desk) -> Loaded {
    let definitions = desk.definitions();
    let shape = definitions.shapes.get(DefinitionName::Views);
    let read = shape.into_iter().flat_map(|shape| shape.iter()).map(|(name, table)| View::read(name, table, true));
    let (views, wrong): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    Loaded::Views(views.into_iter().flatten().collect(), wrong.into_iter().filter_map(Result::err).collect())
}

fn undo(desk: &Desk) -> Result<Loaded, ActionError> {
    let state = actions::undo_state(desk)?;
    Ok(Loaded::Undo { step: state.step, last: state.last, redo: state.can_redo })
}

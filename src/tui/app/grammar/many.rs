//! One command on many rows: `:g`, `:v`, and keys on each row of a range.

use std::collections::VecDeque;

use super::awaiting::Awaiting;
use super::extent::Extent;
use super::line::{Hits, Located};
use super::{apply, search};
use crate::command::{Id, Invocation};
use crate::domain::RecordId;
use crate::tui::app::message::{Effect, Level};
use crate::tui::app::running::{self, Given};
use crate::tui::app::showing;
use crate::tui::app::state::{App, Search};
use crate::tui::keys::{Errand, Key, Mode, notation};

/// The rows that a command still has to go to.
#[derive(Debug, Clone)]
pub(in crate::tui::app) struct Batch {
    ids: VecDeque<RecordId>,
    run: Each,
}

/// What is done on each row.
#[derive(Debug, Clone)]
enum Each {
    Keys(Vec<Key>),
    Line(String),
}

/// `:g` before the rows are known.
#[derive(Debug, Clone)]
pub(in crate::tui::app) struct Picked {
    rows: Vec<usize>,
    without: bool,
    pattern: String,
    line: String,
}

/// Begins `:g` or `:v`.
pub(in crate::tui::app) fn begin(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    if app.grammar.batch.is_some() {
        return app.refuse(":g within :g is not done", None);
    }
    let without = invocation.spec.id == Id::Except || invocation.bang;
    let Some(delimiter) = invocation.args.chars().next().filter(|c| !c.is_alphanumeric() && *c != ' ') else {
        return app.refuse("on which rows?", Some("write :g/PATTERN/COMMAND"));
    };
    let (typed, used) = crate::command::delimited(&invocation.args[delimiter.len_utf8()..], delimiter);
    let line = invocation.args[delimiter.len_utf8() + used..].to_owned();
    let last = app.search.as_ref().map(|search| search.pattern.text().to_owned());
    let Some(pattern) = Some(typed).filter(|typed| !typed.is_empty()).or(last) else {
        return app.refuse("nothing has been searched for yet", None);
    };
    match search::pattern(&pattern, &app.options) {
        Ok(pattern) => app.search = Some(Search { pattern, forward: true, shown: app.options.hlsearch, hit: None }),
        Err(why) => return app.refuse(&why, None),
    }
    let rows = given.rows.clone().unwrap_or_else(|| (0..app.row_count()).collect());
    let picked = Picked { rows, without, pattern: pattern.clone(), line };
    match app.hits_of(&pattern) {
        Ok(Hits::Now(hits)) => self::picked(app, picked, hits),
        Ok(Hits::Later(effect)) => {
            app.grammar.awaiting = Some(Awaiting::Many(Box::new(picked)));
            vec![effect]
        }
        Err(why) => app.refuse(&why, None),
    }
}

/// Runs the command of `:g` on its rows.
pub(in crate::tui::app) fn picked(app: &mut App, picked: Picked, hits: Vec<usize>) -> Vec<Effect> {
    let hits: std::collections::HashSet<usize> = hits.into_iter().collect();
    let mut rows: Vec<usize> = picked.rows.into_iter().filter(|row| hits.contains(row) != picked.without).collect();
    if rows.is_empty() {
        let text = if picked.without { "every row has a hit" } else { "not found" };
        app.say(Level::Info, format!("{text}: {}", picked.pattern));
        return Vec::new();
    }
    app.jumps_from_here();
    let mut inner = match Invocation::parse(&picked.line) {
        Ok(Some(inner)) => inner,
        Ok(None) => return list(app, &rows),
        Err(bad) => return running::bad_line(app, &bad),
    };
    if let Some(range) = inner.range.take() {
        if !range.patterns().is_empty() {
            return app.refuse("a range behind :g looks for no pattern", None);
        }
        let each: Result<Vec<(usize, usize)>, String> =
            rows.iter().map(|row| range.resolve(&Located { app, cursor: *row, found: &[] })).collect();
        match each {
            Ok(each) => {
                let all: std::collections::BTreeSet<usize> = each.into_iter().flat_map(|(from, to)| from..=to).collect();
                rows = all.into_iter().collect();
            }
            Err(why) => return app.refuse(&why, None),
        }
    }
    match inner.spec.id {
        Id::Normal => match notation::parse(&inner.args) {
            Ok(keys) => keys_on(app, &rows, &keys),
            Err(why) => app.refuse(&format!("those are no keys: {why}"), None),
        },
        Id::Global | Id::Except => app.refuse(":g within :g is not done", None),
        Id::Yank => {
            running::register_and_count(&mut inner);
            // Each row is copied over the one before, unless it is added to it.
            let adds = inner.register.is_some_and(|name| name.is_ascii_uppercase());
            let from = if adds { 0 } else { rows.len() - 1 };
            let last = rows[rows.len() - 1];
            let effects = apply::apply(app, inner, Extent::Rows(rows[from..].to_vec()), &Given { one_by_one: true, ..Given::line() });
            app.go_to(last);
            effects
        }
        _ if inner.spec.range => {
            running::register_and_count(&mut inner);
            running::on_rows(app, inner, rows, &Given { one_by_one: true, ..Given::line() })
        }
        _ => each(app, &rows, Each::Line(picked.line)),
    }
}

/// Shows the rows, as `:g` without a command does.
fn list(app: &mut App, rows: &[usize]) -> Vec<Effect> {
    let lines = rows.iter().filter_map(|row| Some(format!("{} {}", app.id_at(*row)?, app.row_text(*row).unwrap_or_default()))).collect();
    if let Some(last) = rows.last() {
        app.go_to(*last);
    }
    showing::sheet(app, "rows", lines);
    Vec::new()
}

/// `:norm`: keys here, or on each row of a range.
pub(in crate::tui::app) fn normal(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    let keys = match notation::parse(&invocation.args) {
        Ok(keys) if !keys.is_empty() => keys,
        Ok(_) => return app.refuse("which keys?", Some("write :norm KEYS")),
        Err(why) => return app.refuse(&format!("those are no keys: {why}"), None),
    };
    match &given.rows {
        Some(rows) => keys_on(app, &rows.clone(), &keys),
        None => {
            app.begin_step();
            app.machine.errand_before(Errand::EndKeys);
            app.machine.feed_before(&keys);
            Vec::new()
        }
    }
}

/// Runs keys on each of these rows, wherever they go meanwhile.
pub(in crate::tui::app) fn keys_on(app: &mut App, rows: &[usize], keys: &[Key]) -> Vec<Effect> {
    each(app, rows, Each::Keys(keys.to_vec()))
}

fn each(app: &mut App, rows: &[usize], run: Each) -> Vec<Effect> {
    if app.grammar.batch.is_some() {
        return app.refuse("rows are being gone through already", None);
    }
    let ids = rows.iter().filter_map(|row| app.id_at(*row)).collect();
    app.grammar.batch = Some(Batch { ids, run });
    app.begin_step();
    app.machine.errand_before(Errand::NextRow);
    Vec::new()
}

/// Goes to the next row of those that are gone through.
pub(in crate::tui::app) fn next_row(app: &mut App) -> Vec<Effect> {
    let Some(batch) = &mut app.grammar.batch else { return Vec::new() };
    let Some(id) = batch.ids.pop_front() else {
        app.grammar.batch = None;
        return Vec::new();
    };
    let run = batch.run.clone();
    app.machine.errand_before(Errand::NextRow);
    let Some(row) = app.row_of(id) else { return Vec::new() };
    // Keys are meant for this row, and not for all that is folded with it.
    app.reveal(row);
    app.set_spot(super::cells::Spot::default());
    match run {
        Each::Keys(keys) => {
            app.machine.errand_before(Errand::EndKeys);
            app.machine.feed_before(&keys);
            Vec::new()
        }
        Each::Line(line) => super::line::run(app, &line),
    }
}

/// Ends the keys of one `:norm`: what is incomplete is dropped, what was typed into a
/// cell is taken.
pub(in crate::tui::app) fn end_keys(app: &mut App) -> Vec<Effect> {
    app.machine.cancel();
    super::operate::cancel(app);
    super::visual::end(app);
    let effects = if app.editing.is_some() { crate::tui::app::prompting::accept(app) } else { Vec::new() };
    app.edited = None;
    app.prompt = None;
    app.mode = Mode::Normal;
    effects
}

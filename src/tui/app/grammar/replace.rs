//! Replacing text: a character under the cursor, or whatever a pattern finds.

use super::{operate, search};
use crate::command::{Here, Id, Invocation, Substitution};
use crate::tui::app::message::Effect;
use crate::tui::app::running::{self, Given};
use crate::tui::app::state::{App, Search};
use unicode_segmentation::UnicodeSegmentation;

/// `r`: replaces as many characters as the count says, in the cell's text.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    let Some(by) = given.character.or_else(|| invocation.args.chars().next()) else {
        return app.refuse("by which character?", Some("such as rx"));
    };
    let Some(written) = app.written_under_cursor() else {
        return app.refuse("this cell is not written in place", Some("go to a field, or open the record with <CR>"));
    };
    let Some(id) = app.opened.last().map(|opened| opened.id).or(app.current()) else { return running::nothing_here(app) };
    let count = invocation.count.unwrap_or(1).max(1) as usize;
    let at = operate::spot(app).offset;
    let letters: Vec<&str> = written.text.graphemes(true).collect();
    if at + count > letters.len() {
        return app.refuse("there are not so many characters", None);
    }
    let mut text: String = letters[..at].concat();
    text.extend(std::iter::repeat_n(by, count));
    text.push_str(&letters[at + count..].concat());
    vec![running::set_cell(app, vec![id], &written.field, &text)]
}

/// `:s` and `&`: replaces in the shown cells of the rows, all as one step.
pub(in crate::tui::app) fn substitute(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    if app.row_count() == 0 {
        return running::nothing_here(app);
    }
    let again = invocation.spec.id == Id::SubstituteAgain;
    let mut args = invocation.args.clone();
    if again || args.is_empty() || args.starts_with('&') {
        let Some(last) = &app.grammar.substitution else {
            return app.refuse("nothing has been replaced yet", Some("write :s/PATTERN/TEXT/"));
        };
        let flags = args.trim_start_matches('&').trim();
        args = if flags.is_empty() { last.clone() } else { format!("{last}{flags}") };
    }
    let last = app.search.as_ref().map(|search| search.pattern.text().to_owned());
    let options = (app.options.ignorecase, app.options.smartcase);
    let found = match Substitution::parse(&args, last.as_deref(), options.0, options.1) {
        Ok(found) => found,
        Err(why) => return app.refuse(&why.0, None),
    };
    if let Ok(pattern) = search::pattern(found.pattern(), &app.options) {
        app.search = Some(Search { pattern, forward: true, shown: app.options.hlsearch, hit: None });
    }
    app.grammar.substitution = Some(args.clone());
    let rows = given.rows.clone().unwrap_or_else(|| vec![app.cursor()]);
    let rows = if given.one_by_one { rows } else { app.with_folds(&rows) };
    let ids = match app.records_of(&rows) {
        Ok(ids) => ids,
        Err(why) => return app.refuse(&why, None),
    };
    let fields = if app.has_records() {
        app.columns_here()
    } else {
        rows.iter().filter_map(|row| app.written(*row, 1)).map(|written| written.field).collect()
    };
    let mut run = invocation.clone();
    run.spec = crate::command::spec(Id::Substitute);
    run.args = args;
    let here = Here { targets: ids, fields, kind: Some(app.kind_here()), last_search: last, case: options, ..Here::default() };
    app.jumps_from_here();
    if let Some(row) = rows.last() {
        app.go_to(*row);
    }
    vec![app.effect(run, here)]
}

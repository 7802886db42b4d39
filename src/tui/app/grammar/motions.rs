//! Motions: what moves the cursor, and by how much.

use std::sync::Arc;

use super::cells::{self, Jump, Spot};
use crate::command::{Id, Invocation};
use crate::tui::app::message::{Effect, Hit, Level, Request};
use crate::tui::app::state::{App, Search};
use crate::tui::keys::Pane;

/// Carries out a motion; `None` if the command is none.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation, character: Option<char>) -> Option<Vec<Effect>> {
    let count = invocation.count.map(|count| count as usize);
    let times = count.unwrap_or(1);
    let id = invocation.spec.id;
    if let Some(moved) = rows(app, id, count) {
        return Some(if moved { Vec::new() } else { app.fail() });
    }
    let forward = matches!(id, Id::NextGroup | Id::SearchNext | Id::NextRecord);
    match id {
        Id::MarkRow | Id::MarkCell => {
            let mark = character.or_else(|| invocation.args.chars().next());
            return Some(super::marks::go(app, mark, id == Id::MarkCell));
        }
        Id::Search | Id::SearchBack if !invocation.args.is_empty() => {
            return Some(search(app, &invocation.args, id == Id::Search, times));
        }
        Id::Left | Id::Right if app.opened.is_empty() && app.focus == Pane::Pipeline => {
            let by = isize::try_from(times).unwrap_or(isize::MAX);
            app.pipeline.sideways(if id == Id::Right { by } else { -by });
        }
        Id::NextGroup | Id::PreviousGroup => return Some(group(app, forward, times)),
        Id::NextRecord | Id::PreviousRecord => return Some(record(app, forward, times)),
        Id::SearchNext => return Some(next(app, true, times)),
        Id::SearchPrevious => return Some(next(app, false, times)),
        Id::SearchCell | Id::SearchCellBack => {
            let text = app.cells().and_then(|(texts, spot)| texts.get(spot.cell).cloned()).filter(|text| !text.is_empty());
            let Some(text) = text else {
                return Some(app.refuse("no text stands under the cursor", None));
            };
            let pattern = regex::escape(&text);
            return Some(search(app, &pattern, id == Id::SearchCell, times));
        }
        _ => return in_row(app, id, character, times),
    }
    Some(Vec::new())
}

/// Motions over rows; returns whether the cursor could move.
fn rows(app: &mut App, id: Id, count: Option<usize>) -> Option<bool> {
    let times = count.unwrap_or(1);
    let first_cell = matches!(id, Id::NextRow | Id::PreviousRow);
    // Behind an operator the screen's rows are not kept from its edges.
    let operand = app.grammar.operator.is_some();
    // A count names a line; a window has rows.
    let named = count.map(|count| app.folds().map_or(count, |folds| folds.row_of(count.clamp(1, folds.lines().max(1)) - 1) + 1));
    let view = app.view_mut()?;
    let mut moved = true;
    match id {
        Id::Down | Id::NextRow => moved = view.down(times),
        Id::Up | Id::PreviousRow => moved = view.up(times),
        Id::First => view.first(named),
        Id::Last => view.last_row(named),
        // Counts itself: on the last row even two are too many.
        Id::ThisRow => {
            moved = times == 1 || view.down(times - 1);
        }
        Id::ScreenTop if operand => view.below_top(times),
        Id::ScreenMiddle if operand => view.middle(),
        Id::ScreenBottom if operand => view.above_bottom(times),
        Id::ScreenTop => view.screen_top(times),
        Id::ScreenMiddle => view.screen_middle(),
        Id::ScreenBottom => view.screen_bottom(times),
        Id::HalfPageDown => moved = view.half_page_down(count),
        Id::HalfPageUp => moved = view.half_page_up(count),
        Id::PageDown => moved = view.page_down(times),
        Id::PageUp => moved = view.page_up(times),
        Id::ScrollDown => view.scroll_down(times),
        Id::ScrollUp => view.scroll_up(times),
        Id::RowToTop | Id::RowToMiddle | Id::RowToBottom => {
            if count.is_some() {
                view.last_row(named);
            }
            match id {
                Id::RowToTop => view.align_top(),
                Id::RowToMiddle => view.align_middle(),
                _ => view.align_bottom(),
            }
        }
        _ => return None,
    }
    if first_cell {
        app.set_spot(Spot::default());
    }
    Some(moved)
}

/// Motions among the cells of the row.
fn in_row(app: &mut App, id: Id, character: Option<char>, times: usize) -> Option<Vec<Effect>> {
    let jump = match id {
        Id::FindChar => Some(Jump { forward: true, till: false }),
        Id::TillChar => Some(Jump { forward: true, till: true }),
        Id::FindCharBack => Some(Jump { forward: false, till: false }),
        Id::TillCharBack => Some(Jump { forward: false, till: true }),
        _ => None,
    };
    let is_motion = jump.is_some()
        || matches!(
            id,
            Id::Left
                | Id::Right
                | Id::FirstCell
                | Id::FirstText
                | Id::LastCell
                | Id::NextWord
                | Id::PreviousWord
                | Id::EndOfWord
                | Id::RepeatFind
                | Id::RepeatFindBack
        );
    if !is_motion {
        return None;
    }
    let Some((texts, from)) = app.cells() else {
        let is_card = app.row_count() > 0 && app.opened.is_empty() && app.focus == Pane::Pipeline;
        return Some(if is_card { app.refuse("cards have no cells", Some("open the record with <CR>")) } else { app.fail() });
    };
    let last = texts.len().saturating_sub(1);
    let many = |step: fn(&[String], Spot) -> Option<Spot>| {
        let mut spot = None;
        for _ in 0..times.min(10_000) {
            match step(&texts, spot.unwrap_or(from)) {
                Some(next) => spot = Some(next),
                None => break,
            }
        }
        spot
    };
    let to = match id {
        Id::Left => from.cell.checked_sub(1).map(|_| Spot::cell(from.cell.saturating_sub(times))),
        Id::Right => (from.cell < last).then(|| Spot::cell((from.cell + times).min(last))),
        Id::FirstCell => Some(Spot::default()),
        Id::FirstText => Some(Spot::cell(texts.iter().position(|text| !text.is_empty()).unwrap_or(0))),
        Id::LastCell => Some(Spot::cell(last)),
        Id::NextWord => many(cells::next_word),
        Id::PreviousWord => many(cells::previous_word),
        Id::EndOfWord => many(cells::end_of_word),
        _ => {
            if let (Some(jump), Some(character)) = (jump, character) {
                app.jump = Some((character, jump));
            }
            let Some((wanted, jump)) = app.jump else {
                return Some(app.refuse("no letter has been looked for yet", Some("press f and a letter")));
            };
            let jump = if id == Id::RepeatFindBack { Jump { forward: !jump.forward, ..jump } } else { jump };
            // `;` behind a `t` goes to the next one, not to where it stands.
            let again = matches!(id, Id::RepeatFind | Id::RepeatFindBack);
            let found = cells::find(&texts, from, wanted, jump, times);
            match found {
                Some(spot) if again && jump.till && spot == from => cells::find(&texts, from, wanted, jump, times + 1),
                other => other,
            }
        }
    };
    match to {
        Some(spot) => {
            app.set_spot(spot);
            Some(Vec::new())
        }
        None => Some(app.fail()),
    }
}

/// Goes to where the next or previous group begins.
fn group(app: &mut App, forward: bool, count: usize) -> Vec<Effect> {
    if app.opened.is_empty() && app.focus == Pane::Pipeline {
        if app.grammar.operator.is_some() {
            super::operate::cancel(app);
            return app.refuse("groups are columns here", Some("use ip for the whole column"));
        }
        let by = isize::try_from(count).unwrap_or(isize::MAX);
        app.pipeline.sideways(if forward { by } else { -by });
        return Vec::new();
    }
    if let (true, Some(list)) = (app.opened.is_empty(), app.list(app.focus)) {
        let from = app.cursor();
        return vec![Effect::Load(Request::Group { pane: app.focus, ids: list.ids.clone().into(), from, forward, count })];
    }
    let rows = match app.opened.last() {
        Some(opened) => &opened.rows,
        None => &app.timeline.rows,
    };
    let groups: Vec<&str> = rows.iter().map(|row| row.group.as_str()).collect();
    let to = next_group(&groups, app.cursor(), forward, count);
    app.go_to(to);
    Vec::new()
}

/// Returns the row where the count's next group begins, or the one before.
pub(crate) fn next_group(groups: &[&str], from: usize, forward: bool, count: usize) -> usize {
    let begins = |row: usize| row == 0 || groups[row] != groups[row - 1];
    let mut row = from;
    for _ in 0..count {
        let next = if forward { (row + 1..groups.len()).find(|&row| begins(row)) } else { (0..row).rev().find(|&row| begins(row)) };
        match next {
            Some(next) => row = next,
            None if forward => return groups.len().saturating_sub(1),
            None => return 0,
        }
    }
    row
}

/// Goes to the next or previous record, also while one is open.
fn record(app: &mut App, forward: bool, count: usize) -> Vec<Effect> {
    let opened = app.opened.pop();
    let moved = app.view_mut().is_some_and(|view| if forward { view.down(count) } else { view.up(count) });
    if !moved {
        app.opened.extend(opened);
        return app.refuse(if forward { "there is no record behind this one" } else { "there is no record before this one" }, None);
    }
    let (Some(opened), Some(id)) = (opened, app.current_in(app.focus)) else { return Vec::new() };
    let mut next = crate::tui::app::record::Opened::new(id);
    next.spot = opened.spot;
    app.opened.push(next);
    vec![Effect::Load(Request::Record(id))]
}

/// Looks for a pattern from the cursor on.
pub(in crate::tui::app) fn search(app: &mut App, pattern: &str, forward: bool, count: usize) -> Vec<Effect> {
    match super::search::pattern(pattern, &app.options) {
        Ok(compiled) => {
            app.search = Some(Search { pattern: compiled, forward, shown: app.options.hlsearch, hit: None });
            look(app, forward, count, false)
        }
        Err(why) => {
            super::operate::cancel(app);
            app.refuse(&why, None)
        }
    }
}

fn next(app: &mut App, same_way: bool, count: usize) -> Vec<Effect> {
    let Some(search) = &mut app.search else {
        return app.refuse("nothing has been searched for yet", Some("type / and what to look for"));
    };
    search.shown = true;
    let forward = search.forward == same_way;
    look(app, forward, count, false)
}

/// Looks for the last pattern. Rows that are in memory are looked at here; a
/// list's are looked at by the loader.
pub(in crate::tui::app) fn look(app: &mut App, forward: bool, count: usize, here: bool) -> Vec<Effect> {
    let Some(search) = &app.search else { return Vec::new() };
    if app.view().is_none() {
        return Vec::new();
    }
    // As in Vim, a search begins where a closed fold ends.
    let from = match app.folds() {
        Some(folds) if forward && !here => folds.around(app.cursor()).end.saturating_sub(1),
        _ => app.cursor(),
    };
    let pane = app.pane();
    if let (Some(list), None) = (app.list(pane), &app.sheet) {
        return vec![Effect::Load(Request::Find {
            pane,
            ids: Arc::from(list.ids.as_slice()),
            columns: list.columns.clone(),
            pattern: search.pattern.text().to_owned(),
            from,
            forward,
            count,
            here,
            options: app.options.clone(),
        })];
    }
    let texts = texts(app);
    let hits: Vec<usize> = (0..texts.len()).filter(|&row| search.pattern.is_in(&texts[row])).collect();
    let hit = choose(&hits, from, forward, count, here, app.options.wrapscan);
    found(app, pane, hit)
}

/// Returns the texts of the rows that are in memory.
pub(in crate::tui::app) fn texts(app: &App) -> Vec<String> {
    if let Some(sheet) = &app.sheet {
        return sheet.lines.clone();
    }
    match (app.opened.last(), app.focus) {
        (Some(opened), _) => opened.rows.iter().map(crate::tui::app::row::Row::text).collect(),
        (None, Pane::Timeline) => app.timeline.rows.iter().map(crate::tui::app::row::Row::text).collect(),
        (None, _) => app.pipeline.current_column().map_or_else(Vec::new, |column| {
            let card = |id| column.cards.get(id).map_or_else(String::new, |card| card.title.clone());
            column.ids.iter().map(card).collect()
        }),
    }
}

/// Chooses among the rows with hits, ascending.
pub(in crate::tui) fn choose(hits: &[usize], from: usize, forward: bool, count: usize, here: bool, wrap: bool) -> Option<Hit> {
    if hits.is_empty() {
        return None;
    }
    let of = hits.len();
    let start = if forward {
        hits.partition_point(|&row| if here { row < from } else { row <= from })
    } else {
        hits.partition_point(|&row| if here { row <= from } else { row < from })
    };
    let (index, wrapped) = if forward {
        let index = start + count.saturating_sub(1);
        (index % of, index >= of)
    } else {
        let back = count.max(1);
        (if back <= start { start - back } else { of - 1 - (back - start - 1) % of }, back > start)
    };
    (wrap || !wrapped).then(|| Hit { row: hits[index], nth: index + 1, of, wrapped })
}

/// Goes to where a search ended, and says so.
pub(in crate::tui::app) fn found(app: &mut App, pane: Pane, hit: Option<Hit>) -> Vec<Effect> {
    let Some(search) = &mut app.search else { return Vec::new() };
    let text = search.pattern.text().to_owned();
    search.hit = hit.map(|hit| (pane, hit));
    match hit {
        None => app.complain(&format!("not found: {text}"), None),
        Some(hit) => {
            let wrapped = if hit.wrapped { ", on from the other end" } else { "" };
            app.say(Level::Info, format!("/{text} [{}/{}]{wrapped}", hit.nth, hit.of));
        }
    }
    if let Some(effects) = super::awaiting::hit_came(app, hit) {
        return effects;
    }
    let Some(hit) = hit else { return app.fail() };
    if pane == app.pane() {
        app.jumps_from_here();
        app.reveal(hit.row);
        let now = app.stand();
        app.grammar.jumps.settle(now);
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hits_are_chosen_as_in_vim() {
        let hit = |row, nth, wrapped| Some(Hit { row, nth, of: 3, wrapped });
        let hits = [2, 5, 9];
        assert_eq!(choose(&hits, 2, true, 1, false, true), hit(5, 2, false));
        assert_eq!(choose(&hits, 2, true, 1, true, true), hit(2, 1, false));
        assert_eq!(choose(&hits, 9, true, 1, false, true), hit(2, 1, true));
        assert_eq!(choose(&hits, 9, true, 1, false, false), None);
        assert_eq!(choose(&hits, 2, false, 1, false, true), hit(9, 3, true));
        assert_eq!(choose(&hits, 9, false, 2, false, true), hit(2, 1, false));
        assert_eq!(choose(&hits, 0, true, 3, false, true), hit(9, 3, false));
        assert_eq!(choose(&[], 0, true, 1, false, true), None);
    }

    #[test]
    fn groups_begin_where_the_name_changes() {
        let groups = ["a", "a", "b", "b", "c"];
        assert_eq!(next_group(&groups, 0, true, 1), 2);
        assert_eq!(next_group(&groups, 0, true, 2), 4);
        assert_eq!(next_group(&groups, 3, true, 5), 4);
        assert_eq!(next_group(&groups, 3, false, 1), 2);
        assert_eq!(next_group(&groups, 2, false, 1), 0);
    }
}

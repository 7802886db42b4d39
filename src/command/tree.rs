//! The states of the undo tree: listed, and gone to.

use super::reply::Reply;
use super::run::turned;
use crate::actions::{self, ActionError, Desk};
use crate::domain::zone::wall_clock;

/// `:undolist`.
pub(super) fn list(desk: &Desk) -> Result<Reply, ActionError> {
    let tree = actions::tree(desk)?;
    if tree.states.is_empty() {
        return Ok(Reply::said("nothing has been changed yet"));
    }
    let zone = desk.zone();
    let lines = tree.leaves().into_iter().rev().map(|(state, steps)| {
        let mark = if tree.current == Some(state.step) { ">" } else { " " };
        format!("{mark}@{:<6} {steps:>5} steps  {}  {}", state.step, wall_clock(zone, state.at).format("%-d %b %H:%M"), state.label)
    });
    Ok(Reply::read("states that nothing was made on; :undo @STEP and g- g+ go there", lines.collect()))
}

/// `g-` and `g+`.
pub(super) fn walk(desk: &Desk, by: i64) -> Result<Reply, ActionError> {
    let tree = actions::tree(desk)?;
    go(desk, &tree, tree.by(by))
}

/// `:earlier` and `:later`: so many states, or a span of time.
pub(super) fn back(desk: &Desk, args: &[String], count: u32, earlier: bool) -> Result<Reply, ActionError> {
    let tree = actions::tree(desk)?;
    let sign = if earlier { -1 } else { 1 };
    let Some(word) = args.first() else {
        return go(desk, &tree, tree.by(sign * i64::from(count)));
    };
    if let Ok(count) = word.parse::<u32>() {
        return go(desk, &tree, tree.by(sign * i64::from(count)));
    }
    let (number, unit) = word.split_at(word.len() - word.chars().next_back().map_or(0, char::len_utf8));
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        _ => return Err(ActionError::usage(format!("\u{201c}{word}\u{201d} is no span")).hint("such as 3, 10s, 10m, 2h, 1d")),
    };
    let number: i64 = number.parse().map_err(|_| ActionError::usage(format!("\u{201c}{word}\u{201d} is no span")).hint("such as 10m"))?;
    let from = if earlier { desk.now() } else { tree.current.and_then(|step| tree.states.get(&step)).map_or(desk.now(), |state| state.at) };
    let moment = from.plus_seconds(sign * number.saturating_mul(seconds));
    go(desk, &tree, tree.at(moment))
}

fn go(desk: &Desk, tree: &actions::Tree, state: Option<u64>) -> Result<Reply, ActionError> {
    if state == tree.current {
        return Ok(Reply::said("that is the state that stands"));
    }
    turned(actions::go_to(desk, tree, state)?)
}

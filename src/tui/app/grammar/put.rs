//! `p` and `P`: what a register holds comes here.

use super::registers::Kind;
use crate::command::{Here, Id, Invocation};
use crate::tui::app::message::Effect;
use crate::tui::app::running;
use crate::tui::app::state::App;

/// Puts a register's rows, cells or text here.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation) -> Vec<Effect> {
    let register = invocation.register.or_else(|| invocation.args.chars().next());
    let named = register.map_or_else(|| "there is nothing to put".to_owned(), |name| format!("the register {name} is empty"));
    let Some(held) = app.register(register) else {
        let hint = match register {
            Some('+' | '*') => "\"+y copies; what another program has copied comes with the terminal's own key for pasting",
            _ => "dd and yy fill the registers",
        };
        return app.refuse(&named, Some(hint));
    };
    let mut put = invocation.clone();
    put.args = String::new();
    if held.kind == Kind::Rows {
        let ids = held.ids();
        let Some(first) = ids.first() else { return app.refuse(&named, None) };
        let here = app.kind_here();
        if !app.opened.is_empty() || first.kind != here {
            // Records of another kind are tied to the one under the cursor.
            let Some(onto) = app.opened.last().map(|opened| opened.id).or(app.current()) else { return running::nothing_here(app) };
            put.args = onto.to_string();
        }
        return vec![app.effect(put, Here { targets: ids, kind: Some(here), ..Here::default() })];
    }
    let text = held.text();
    let Some(id) = app.current() else { return running::nothing_here(app) };
    let cell = super::operate::spot(app).cell;
    let texts: Vec<&str> = if held.kind == Kind::Cells { text.split('\n').next().unwrap_or("").split('\t').collect() } else { vec![&text] };
    let row = app.cursor();
    let fields: Vec<String> = (0..texts.len()).filter_map(|at| app.written(row, cell + at)).map(|written| written.field).collect();
    if fields.len() < texts.len() {
        let message = if texts.len() == 1 { "this cell is not written in place" } else { "not all of these cells are written in place" };
        return app.refuse(message, Some("go to a field, or open the record with <CR>"));
    }
    let id = app.opened.last().map_or(id, |opened| opened.id);
    let words: Vec<String> = fields.iter().zip(&texts).map(|(field, text)| format!("{field}={}", running::quoted(text))).collect();
    let mut set = Invocation::of(crate::command::spec(Id::Set));
    set.args = words.join(" ");
    vec![app.effect(set, Here { targets: vec![id], ..Here::default() })]
}

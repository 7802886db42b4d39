//! Macros: keys recorded into a register as text, and run from it.

use super::registers::{Kind, Register};
use crate::command::{Id, Invocation};
use crate::tui::app::message::Effect;
use crate::tui::app::running::Given;
use crate::tui::app::state::App;
use crate::tui::keys::{Key, notation};

/// A macro that is being recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recording {
    /// The register that takes it.
    pub register: char,
    /// The keys so far.
    pub(in crate::tui::app) keys: Vec<Key>,
}

/// How many keys a count may make of a macro.
const MOST: usize = 1_000_000;

/// Carries out a command of macros; `None` if it is none.
pub(in crate::tui::app) fn run(app: &mut App, invocation: &Invocation, given: &Given) -> Option<Vec<Effect>> {
    match invocation.spec.id {
        Id::Record => Some(record(app, invocation, given)),
        Id::Execute => Some(execute(app, invocation, given)),
        Id::RepeatLine => Some(line_again(app, invocation.count.unwrap_or(1))),
        _ => None,
    }
}

fn record(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    if let Some(recording) = app.grammar.recording.take() {
        let text = notation::print(&recording.keys);
        app.grammar.registers.record(recording.register, Register::keys(text));
        return Vec::new();
    }
    match given.character.or_else(|| invocation.args.chars().next()) {
        Some(register) if register.is_ascii_alphanumeric() || register == '"' => {
            app.grammar.recording = Some(Recording { register, keys: Vec::new() });
            Vec::new()
        }
        _ => app.refuse("a macro is recorded into a register", Some("such as qa; q ends it")),
    }
}

fn execute(app: &mut App, invocation: &Invocation, given: &Given) -> Vec<Effect> {
    let name = given.character.or_else(|| invocation.args.chars().next());
    let name = match name {
        Some(':') => return line_again(app, invocation.count.unwrap_or(1)),
        Some('@') | None => match app.grammar.executed {
            Some(name) => name,
            None => return app.refuse("no macro has been run yet", Some("run one with @a")),
        },
        Some(name) => name,
    };
    let Some(held) = app.grammar.registers.get(Some(name)) else {
        return app.refuse(&format!("the register {name} is empty"), None);
    };
    if held.kind == Kind::Rows {
        return app.refuse(&format!("the register {name} holds rows and no keys"), Some("record keys with qa, end with q"));
    }
    let keys = match notation::parse(&held.text()) {
        Ok(keys) => keys,
        Err(why) => return app.refuse(&format!("the register {name} holds no keys: {why}"), None),
    };
    app.grammar.executed = Some(name);
    if let Some(rows) = &given.rows {
        return super::many::keys_on(app, &rows.clone(), &keys);
    }
    let times = (invocation.count.unwrap_or(1) as usize).min(MOST / keys.len().max(1));
    app.play(&keys.repeat(times))
}

fn line_again(app: &mut App, count: u32) -> Vec<Effect> {
    let Some(line) = app.grammar.line.clone() else {
        return app.refuse("no : line has been run yet", None);
    };
    let mut keys = vec![Key::char(':')];
    keys.extend(line.chars().map(Key::char));
    keys.push(Key::ENTER);
    app.play(&keys.repeat((count as usize).min(MOST / keys.len().max(1))))
}

impl App {
    /// Puts keys before those that wait; what they change is one step.
    pub(in crate::tui::app) fn play(&mut self, keys: &[Key]) -> Vec<Effect> {
        // One that calls itself ends when something fails, or here.
        self.grammar.played += keys.len();
        if self.grammar.played > MOST {
            self.grammar.played = 0;
            return self.refuse("the macro does not end", Some("it calls itself and nothing in it fails"));
        }
        self.begin_step();
        self.machine.feed_before(keys);
        Vec::new()
    }

    /// Adds the keys that were typed to the macro that is being recorded.
    pub(in crate::tui::app) fn note_typed(&mut self) {
        let typed = self.machine.take_typed();
        if !typed.is_empty() {
            self.grammar.played = 0;
        }
        if let Some(recording) = &mut self.grammar.recording {
            recording.keys.extend(typed);
        }
    }

    /// Takes back the keys that ended a recording.
    pub(in crate::tui::app) fn forget_last(&mut self, keys: usize) {
        if let Some(recording) = &mut self.grammar.recording {
            let left = recording.keys.len().saturating_sub(keys);
            recording.keys.truncate(left);
        }
    }
}

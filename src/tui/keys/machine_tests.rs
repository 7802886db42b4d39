#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::tui::keys::fact::{Fact, Facts};
use crate::tui::keys::keymap::shelf;
use crate::tui::keys::layer::{Mode, Pane};
use crate::tui::keys::notation::parse;

const KEYS: &str = r#"
inherits = "vim"
[normal]
'"<Char>' = { prefix = "register" }
"m<Char>" = "mark"
"qq" = "nop"
"gz" = { run = "x", when = "zoomed" }
[insert]
"jk" = "accept"
"aab" = "x"
[normal.tickets]
"1" = "pane contacts"
"#;

fn keymap() -> Keymap {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("mine.toml"), KEYS).unwrap();
    let shelf = shelf(Some(directory.path().to_owned()));
    let loaded = Keymap::load("mine", &shelf, &|_| Ok(())).unwrap();
    assert_eq!(loaded.diagnostics, []);
    loaded.keymap
}

fn place(mode: Mode) -> Place {
    Place { mode, pane: Pane::Contacts, facts: Facts::NONE }
}

/// Feeds keys and returns what came of each, in short: `3"a rm`, `'j'`, `-`.
fn told(machine: &mut Machine, place: Place, keys: &str) -> Vec<String> {
    let keymap = keymap();
    for key in parse(keys).unwrap() {
        machine.feed(key);
    }
    let mut told = Vec::new();
    while let Some(outcome) = machine.step(&keymap, place) {
        told.push(match outcome {
            Outcome::Run(bound) => {
                let count = bound.count.map(|count| format!("{count} "));
                let register = bound.register.map(|name| format!("\"{name} "));
                let character = bound.character.map(|typed| format!(" {typed}"));
                [count, register, Some(bound.lines.join("|")), character].into_iter().flatten().collect()
            }
            Outcome::Doubled(bound) => format!("doubled {:?}", bound.count),
            Outcome::Errand(errand) => format!("{errand:?}"),
            Outcome::Type(key) => format!("'{key}'"),
            Outcome::Swallowed => "swallowed".to_owned(),
            Outcome::Cancelled => "cancelled".to_owned(),
            Outcome::Interrupt => "interrupt".to_owned(),
            Outcome::Nothing { keys, .. } => format!("-{}", notation::print(&keys)),
        });
    }
    told
}

/// Feeds keys to a new machine in normal mode; nothing may stay pending.
fn normal(keys: &str) -> Vec<String> {
    let mut machine = Machine::default();
    let told = told(&mut machine, place(Mode::Normal), keys);
    assert_eq!(machine.pending_text(), "", "{keys}");
    told
}

#[test]
fn counts_and_zero() {
    assert_eq!(normal("j"), ["down"]);
    assert_eq!(normal("3j"), ["3 down"]);
    assert_eq!(normal("10j"), ["10 down"]);
    assert_eq!(normal("105gg"), ["105 first"]);
    assert_eq!(normal("0"), ["first-cell"]);
    assert_eq!(normal("0j"), ["first-cell", "down"]);
    assert_eq!(normal("2j3k"), ["2 down", "3 up"]);
    assert_eq!(normal("2<C-d>"), ["2 half-page-down"]);
    assert_eq!(normal("99999999999999999999j"), ["999999999 down"]);
}

#[test]
fn delete_takes_a_digit_back() {
    assert_eq!(normal("12<Del>j"), ["1 down"]);
    assert_eq!(normal("1<Del>j"), ["down"]);
    let mut machine = Machine::default();
    told(&mut machine, place(Mode::Normal), "12<Del>");
    assert_eq!(machine.pending_text(), "1");
}

#[test]
fn registers_and_counts_around_them() {
    assert_eq!(normal("\"aJ"), ["\"a merge"]);
    assert_eq!(normal("3\"aJ"), ["3 \"a merge"]);
    assert_eq!(normal("\"a3J"), ["3 \"a merge"]);
    assert_eq!(normal("2\"a3J"), ["6 \"a merge"]);
    assert_eq!(normal("\"a\"bJ"), ["\"b merge"]);
    assert_eq!(normal("\"éj"), ["-\"é", "down"]);
    assert_eq!(normal("99999\"a99999J"), ["999999999 \"a merge"]);
}

#[test]
fn a_character_is_given_to_the_command() {
    assert_eq!(normal("fx"), ["find-char x"]);
    assert_eq!(normal("2f<Space>"), ["2 find-char  "]);
    assert_eq!(normal("f3"), ["find-char 3"]);
    assert_eq!(normal("ma"), ["mark a"]);
    assert_eq!(normal("f<CR>"), ["-f", "open"]);
}

#[test]
fn a_key_that_ends_a_failed_sequence_is_tried_again() {
    assert_eq!(normal("gj"), ["-g", "down"]);
    assert_eq!(normal("3gj"), ["-3g", "down"]);
    assert_eq!(normal("g3j"), ["-g", "3 down"]);
    assert_eq!(normal("<C-w>u"), ["-<C-w>", "undo"]);
    assert_eq!(normal("gJ"), ["-g", "merge"]);
    assert_eq!(normal("3<F9>j"), ["-3<F9>", "down"]);
}

#[test]
fn escape_drops_what_is_pending_and_else_has_its_meaning() {
    assert_eq!(normal("3<Esc>j"), ["cancelled", "down"]);
    assert_eq!(normal("g<Esc>"), ["cancelled"]);
    assert_eq!(normal("\"a<Esc>J"), ["cancelled", "merge"]);
    assert_eq!(normal("<Esc>"), ["cancel"]);
    assert_eq!(normal("<C-[>"), ["cancel"]);
    assert_eq!(normal("g<C-c>"), ["cancelled"]);
    assert_eq!(normal("<C-c>"), ["interrupt"]);
}

#[test]
fn swallowed_keys_do_nothing() {
    assert_eq!(normal("3qqj"), ["swallowed", "down"]);
}

#[test]
fn a_bound_digit_is_no_count() {
    let mut machine = Machine::default();
    let queue = Place { pane: Pane::Tickets, ..place(Mode::Normal) };
    assert_eq!(told(&mut machine, queue, "1"), ["pane contacts"]);
    assert_eq!(told(&mut machine, queue, "21j"), ["21 down"]);
}

#[test]
fn a_condition_that_does_not_hold_is_the_reason() {
    let keymap = keymap();
    let mut machine = Machine::default();
    for key in parse("2gz").unwrap() {
        machine.feed(key);
    }
    assert_eq!(
        machine.step(&keymap, place(Mode::Normal)),
        Some(Outcome::Nothing { keys: parse("2gz").unwrap(), reason: Reason::Unless("zoomed".to_owned()) })
    );
    let zoomed = Place { facts: Facts::NONE.with(Fact::Zoomed, true), ..place(Mode::Normal) };
    assert_eq!(told(&mut machine, zoomed, "gz"), ["x"]);
}

#[test]
fn typed_text_comes_through_whole() {
    let typed = |keys| {
        let mut machine = Machine::default();
        let told = told(&mut machine, place(Mode::Insert), keys);
        (told.join(""), machine.pending_text())
    };
    let of = |text: &str, pending: &str| (text.to_owned(), pending.to_owned());
    assert_eq!(typed("3x"), of("'3''x'", ""));
    assert_eq!(typed("j"), of("", "j"));
    assert_eq!(typed("jk"), of("accept", ""));
    assert_eq!(typed("jx"), of("'j''x'", ""));
    assert_eq!(typed("jjk"), of("'j'accept", ""));
    assert_eq!(typed("aaab"), of("'a'x", ""));
    assert_eq!(typed("aaac"), of("'a''a''a''c'", ""));
    assert_eq!(typed("j<Esc>"), of("'j'accept", ""));
    assert_eq!(typed("j<C-c>"), of("cancelled", ""));
    assert_eq!(typed("é<Space>"), of("'é''<Space>'", ""));
}

#[test]
fn a_time_out_that_the_user_asked_for() {
    let keymap = keymap();
    let mut machine = Machine::default();
    machine.feed(Key::char('j'));
    assert_eq!(machine.step(&keymap, place(Mode::Insert)), None);
    assert_eq!(machine.expire(place(Mode::Insert)), [Outcome::Type(Key::char('j'))]);
    machine.feed(Key::char('g'));
    assert_eq!(machine.step(&keymap, place(Mode::Normal)), None);
    assert_eq!(machine.expire(place(Mode::Normal)), [Outcome::Cancelled]);
    assert_eq!(machine.expire(place(Mode::Normal)), []);
    assert!(machine.pending().is_empty());
}

#[test]
fn the_place_may_change_between_commands() {
    let keymap = keymap();
    let mut machine = Machine::default();
    for key in parse("ij").unwrap() {
        machine.feed(key);
    }
    let Some(Outcome::Run(bound)) = machine.step(&keymap, place(Mode::Normal)) else {
        panic!("“i” is a command");
    };
    assert_eq!(bound.lines[..], ["edit-cell".to_owned()]);
    machine.feed(Key::char('x'));
    assert_eq!(machine.step(&keymap, place(Mode::Insert)), Some(Outcome::Type(Key::char('j'))));
}

#[test]
fn a_macro_runs_before_what_was_typed_after_it() {
    let keymap = keymap();
    let mut machine = Machine::default();
    machine.feed(Key::char('k'));
    machine.feed_before(&parse("2j").unwrap());
    let Some(Outcome::Run(bound)) = machine.step(&keymap, place(Mode::Normal)) else {
        panic!("“2j” is a command");
    };
    assert_eq!((bound.keys, bound.count), (parse("2j").unwrap(), Some(2)));
    assert_eq!(machine.waiting(), 1);
    machine.drop_waiting();
    assert_eq!(machine.step(&keymap, place(Mode::Normal)), None);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    fn any_keys() -> impl Strategy<Value = Vec<Key>> {
        let key = proptest::sample::select(vec![
            "j", "k", "g", "G", "d", "3", "0", "\"", "a", "f", "z", "q", "<Esc>", "<CR>", "<C-w>", "<Space>", "n", "<Del>", "<C-c>", "x",
        ]);
        proptest::collection::vec(key, 0..20).prop_map(|keys| keys.iter().flat_map(|key| parse(key).unwrap()).collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn every_key_is_accounted_for(keys in any_keys()) {
            // In normal mode each key is in one outcome, or pending, or was a
            // digit taken back, or dropped by cancelling.
            let keymap = keymap();
            let mut machine = Machine::default();
            for key in &keys {
                machine.feed(*key);
            }
            let mut seen = 0;
            while let Some(outcome) = machine.step(&keymap, place(Mode::Normal)) {
                if let Outcome::Run(bound) = &outcome {
                    prop_assert!(!bound.lines.is_empty());
                    prop_assert!(bound.count != Some(0));
                    seen += bound.keys.len();
                }
            }
            seen += machine.pending().len();
            prop_assert!(seen <= keys.len());
            prop_assert_eq!(machine.waiting(), 0);
        }

        #[test]
        fn text_is_never_lost(text in "[a-cjkx ]{0,24}") {
            let keymap = keymap();
            let mut machine = Machine::default();
            for character in text.chars() {
                machine.feed(Key::char(character));
            }
            let mut typed = String::new();
            while let Some(outcome) = machine.step(&keymap, place(Mode::Insert)) {
                match outcome {
                    Outcome::Type(key) => typed.push(key.typed().unwrap()),
                    Outcome::Run(bound) => {
                        typed.extend(bound.keys.iter().filter_map(|key| key.typed()));
                    }
                    other => prop_assert!(false, "{:?}", other),
                }
            }
            typed.extend(machine.pending().iter().filter_map(|key| key.typed()));
            prop_assert_eq!(typed, text);
        }
    }
}

/// Feeds keys to a machine that holds an operator as soon as one has been typed.
fn held(keys: &str) -> (Vec<String>, String) {
    let keymap = keymap();
    let mut machine = Machine::default();
    for key in parse(keys).unwrap() {
        machine.feed(key);
    }
    let mut told = Vec::new();
    let mut mode = Mode::Normal;
    while let Some(outcome) = machine.step(&keymap, place(mode)) {
        told.push(match outcome {
            Outcome::Run(bound) if bound.lines[0].starts_with("operator ") => {
                machine.hold(&bound);
                mode = Mode::Operator;
                continue;
            }
            Outcome::Run(bound) => format!("{:?} {}", bound.count, bound.lines.join("|")),
            Outcome::Doubled(bound) => format!("{:?} doubled", bound.count),
            Outcome::Cancelled => "cancelled".to_owned(),
            other => format!("{other:?}"),
        });
        machine.let_go();
        mode = Mode::Normal;
    }
    (told, machine.pending_text())
}

#[test]
fn an_operator_is_held_until_its_motion_has_come() {
    let told = |keys: &str| held(keys).0;
    assert_eq!(told("d3j"), ["Some(3) down"]);
    assert_eq!(told("dd"), ["None doubled"]);
    assert_eq!(told("2d3d"), ["Some(3) doubled"]);
    assert_eq!(told("<gt><gt>"), ["None doubled"]);
    assert_eq!(told("dip"), ["None object-group"]);
    assert_eq!(told("d<Esc>j"), ["cancelled", "None down"]);
    assert_eq!(held("2\"ad3").1, "2\"ad3");
}

#[test]
fn what_was_typed_is_recorded_once_and_macros_are_not() {
    let keymap = keymap();
    let mut machine = Machine::default();
    for key in parse("gjk").unwrap() {
        machine.feed(key);
    }
    machine.feed_before(&parse("jj").unwrap());
    while machine.step(&keymap, place(Mode::Normal)).is_some() {}
    assert_eq!(notation::print(&machine.take_typed()), "gjk");
    machine.feed_before(&parse("jj").unwrap());
    machine.errand_before(Errand::EndStep);
    machine.feed_before(&parse("kk").unwrap());
    machine.drop_macro();
    assert_eq!(machine.step(&keymap, place(Mode::Normal)), Some(Outcome::Errand(Errand::EndStep)));
    assert_eq!(machine.waiting(), 2);
}

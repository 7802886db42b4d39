#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::tui::keys::fact::Fact;
use crate::tui::keys::file::Complaint;
use crate::tui::keys::known_command;
use crate::tui::keys::notation::parse;

/// Knows every command but those that begin with `fit`.
fn check(line: &str) -> Result<(), Complaint> {
    let word = line.split(' ').next().unwrap_or_default();
    if word == "fitler" {
        return Err(Complaint {
            at: 0..word.len(),
            message: format!("unknown command “{word}”"),
            hint: Some("did you mean “filter”?".to_owned()),
        });
    }
    Ok(())
}

/// Loads `mine` from a folder of files.
fn load(files: &[(&str, &str)]) -> LoadedKeymap {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(format!("{name}.toml")), text).unwrap();
    }
    let shelf = shelf(Some(directory.path().to_owned()));
    let mut loaded = Keymap::load("mine", &shelf, &check).unwrap();
    for diagnostic in &mut loaded.diagnostics {
        if let Ok(file) = diagnostic.file.strip_prefix(directory.path()) {
            diagnostic.file = file.to_owned();
        }
    }
    loaded
}

/// Returns all that is wrong in a keymap called `mine`.
fn told(text: &str) -> String {
    let told: Vec<String> = load(&[("mine", text)]).diagnostics.iter().map(ToString::to_string).collect();
    told.join("\n")
}

fn place(pane: Pane, facts: &[Fact]) -> Place {
    Place { mode: Mode::Normal, pane, facts: facts.iter().copied().collect() }
}

/// Returns what keys run in normal mode.
fn runs(keymap: &Keymap, place: Place, keys: &str) -> Option<String> {
    match keymap.find(place.mode, place.pane, &parse(keys).unwrap()) {
        Found::Value(binding, _) => binding.under(place.facts).map(Alternative::title),
        _ => None,
    }
}

#[test]
fn the_shipped_keymaps_are_without_fault() {
    for name in ["vim", "arrows"] {
        let loaded = Keymap::load(name, &shelf(None), &known_command).unwrap();
        assert_eq!(loaded.diagnostics, [], "{name}");
        for mode in [Mode::Normal, Mode::Insert, Mode::Prompt] {
            for pane in Pane::ALL {
                assert!(loaded.keymap.sequences(mode, pane).len() > 10, "{name} {mode:?} {pane:?}");
            }
        }
    }
}

#[test]
fn a_file_changes_only_what_it_names() {
    let loaded = load(&[("mine", "inherits = \"vim\"\n[normal]\n\"j\" = \"up\"\n\"zz\" = false\n\"gx\" = \"nop\"\n")]);
    assert_eq!(loaded.diagnostics, []);
    let here = place(Pane::Contacts, &[]);
    let runs = |keys| runs(&loaded.keymap, here, keys);
    assert_eq!(runs("j").as_deref(), Some("up"));
    assert_eq!(runs("k").as_deref(), Some("up"));
    assert_eq!(runs("zz"), None);
    assert_eq!(runs("zt").as_deref(), Some("row-to-top"));
    assert_eq!(runs("gx").as_deref(), Some("nop"));
    assert_eq!(runs("gg").as_deref(), Some("first"));
}

#[test]
fn a_pane_lies_over_its_mode_and_visual_over_normal() {
    let loaded = load(&[(
        "mine",
        r#"
        [normal]
        "j" = "down"
        "dd" = "rm"
        "w" = "word"
        [normal.pipeline]
        "w" = false
        "j" = { run = "card-down", when = "not zoomed" }
        [visual]
        "d" = "rm"
        "#,
    )]);
    assert_eq!(loaded.diagnostics, []);
    let board = place(Pane::Pipeline, &[]);
    let zoomed = place(Pane::Pipeline, &[Fact::Zoomed]);
    let list = place(Pane::Contacts, &[]);
    let keymap = &loaded.keymap;
    assert_eq!(runs(keymap, board, "j").as_deref(), Some("card-down"));
    assert_eq!(runs(keymap, zoomed, "j").as_deref(), Some("down"));
    assert_eq!(runs(keymap, list, "j").as_deref(), Some("down"));
    assert_eq!(runs(keymap, board, "w"), None);
    assert_eq!(runs(keymap, list, "w").as_deref(), Some("word"));
    let visual = Place { mode: Mode::Visual, ..list };
    assert_eq!(runs(keymap, visual, "d").as_deref(), Some("rm"));
    assert_eq!(runs(keymap, visual, "dd"), None);
    assert_eq!(runs(keymap, visual, "j").as_deref(), Some("down"));
    let insert = Place { mode: Mode::Insert, ..list };
    assert_eq!(runs(keymap, insert, "j"), None);
}

#[test]
fn meanings_are_tried_in_order() {
    let loaded = load(&[(
        "mine",
        r#"
        [normal]
        "x" = [{ run = "a", when = "overlay" }, { run = ["b", "c"], when = "found" }, "d"]
        "#,
    )]);
    assert_eq!(loaded.diagnostics, []);
    let runs = |facts: &[Fact]| runs(&loaded.keymap, place(Pane::Contacts, facts), "x");
    assert_eq!(runs(&[Fact::Overlay, Fact::Found]).as_deref(), Some("a"));
    assert_eq!(runs(&[Fact::Found]).as_deref(), Some("b | c"));
    assert_eq!(runs(&[]).as_deref(), Some("d"));
}

#[test]
fn which_key_tells_what_follows() {
    let loaded = Keymap::load("vim", &shelf(None), &|_| Ok(())).unwrap();
    let here = place(Pane::Contacts, &[]);
    let next = loaded.keymap.following(here, &parse("<Space>").unwrap());
    let new = next.iter().find(|next| next.step == Step::Key(Key::char('n'))).unwrap();
    assert_eq!(new.label.as_deref(), Some("new"));
    assert_eq!((new.more, new.binding.is_none()), (6, true));
    let filter = next.iter().find(|next| next.step == Step::Key(Key::char('f'))).unwrap();
    assert_eq!(filter.binding.as_ref().map(Alternative::title).as_deref(), Some("filter this pane"));
    let first = loaded.keymap.following(here, &[]);
    let names = |next: &[Next], key: &str| next.iter().any(|next| next.step == Step::Key(parse(key).unwrap()[0]));
    assert!(names(&first, "<C-o>"));
    // A key under a condition begins others while it does not hold.
    let q = |facts: &[Fact]| runs(&loaded.keymap, place(Pane::Contacts, facts), "qa");
    assert_eq!(q(&[]).as_deref(), Some("record"));
    let recording = loaded.keymap.following(place(Pane::Contacts, &[Fact::Recording]), &[]);
    let end = recording.iter().find(|next| next.step == Step::Key(Key::char('q'))).unwrap();
    assert_eq!(end.binding.as_ref().map(Alternative::title).as_deref(), Some("end the macro"));
    assert!(loaded.keymap.following(here, &parse("j").unwrap()).is_empty());
}

#[test]
fn keys_of_a_line_are_found_for_help() {
    let loaded = Keymap::load("vim", &shelf(None), &|_| Ok(())).unwrap();
    let keys = loaded.keymap.keys_for(Mode::Normal, Pane::Contacts, "help");
    assert_eq!(keys, ["<F1>", "<Space>?", "<Space>h"]);
}

#[test]
fn a_dead_key_has_a_reason() {
    let loaded = load(&[(
        "mine",
        r#"
        [normal]
        "q" = { run = "x", when = "overlay and not zoomed" }
        [normal.pipeline]
        "gm" = "x"
        "#,
    )]);
    let here = place(Pane::Contacts, &[]);
    let reason = |keys| loaded.keymap.reason(here, &parse(keys).unwrap());
    assert_eq!(reason("q"), Reason::Unless("overlay and not zoomed".to_owned()));
    assert_eq!(reason("gm"), Reason::Elsewhere(vec![Pane::Pipeline]));
    assert_eq!(reason("gz"), Reason::Unbound);
}

#[test]
fn unknown_command() {
    assert_eq!(
        told("[normal]\n\"<Space>f\" = \"fitler owner:me\"\n"),
        "mine.toml:2:15: error: unknown command “fitler”\n \
         2 | \"<Space>f\" = \"fitler owner:me\"\n   \
           |               ^^^^^^ did you mean “filter”?"
    );
}

#[test]
fn unknown_command_in_a_list() {
    assert_eq!(
        told("[normal]\nx = ['down', { run = 'fitler', when = 'busy' }]\n"),
        "mine.toml:2:14: error: this is never reached\n \
         2 | x = ['down', { run = 'fitler', when = 'busy' }]\n   \
           |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the one before it has no “when”"
    );
    assert_eq!(
        told("[normal]\nx = [\n  'down',\n  'fitler',\n]\n"),
        "mine.toml:4:4: error: unknown command “fitler”\n \
         4 |   'fitler',\n   \
           |    ^^^^^^ did you mean “filter”?"
    );
}

#[test]
fn duplicate_sequence() {
    assert_eq!(
        told("[normal]\n\"<C-D>\" = \"down\"\nx = \"up\"\n\"<c-d>\" = \"up\"\n"),
        "mine.toml:4:1: error: duplicate sequence “<C-d>”\n \
         4 | \"<c-d>\" = \"up\"\n   \
           | ^^^^^^^ first bound on line 2"
    );
    assert_eq!(
        told("[normal]\nj = \"down\"\nk = \"up\"\nj = \"up\"\n"),
        "mine.toml:4:1: error: duplicate sequence “j”\n \
         4 | j = \"up\"\n   \
           | ^"
    );
}

#[test]
fn duplicates_leave_the_rest_standing() {
    let loaded = load(&[("mine", "[normal]\nj = \"down\"\nk = \"up\"\nj = \"up\"\nl = \"right\"\n")]);
    let runs = |keys| runs(&loaded.keymap, place(Pane::Contacts, &[]), keys);
    assert_eq!(runs("j").as_deref(), Some("down"));
    assert_eq!(runs("k").as_deref(), Some("up"));
    assert_eq!(runs("l").as_deref(), Some("right"));
}

#[test]
fn a_binding_that_begins_another() {
    let text = "[normal]\ng = \"down\"\ngg = \"up\"\n";
    assert_eq!(
        told(text),
        "mine.toml:2:1: error: “g” begins “gg” (line 3) in [normal]\n \
         2 | g = \"down\"\n   \
           | ^ keys have no time-out: unbind one of the two"
    );
    let loaded = load(&[("mine", text)]);
    let runs = |keys| runs(&loaded.keymap, place(Pane::Contacts, &[]), keys);
    assert_eq!((runs("g"), runs("gg").as_deref()), (None, Some("up")));
}

#[test]
fn a_binding_that_hides_inherited_ones() {
    let text = "inherits = \"vim\"\n[normal]\nz = \"down\"\n[normal.tickets]\nZ = \"up\"\n";
    assert_eq!(
        told(text),
        "mine.toml:3:1: warning: “z” hides 9 sequences, the first “zM”\n \
         3 | z = \"down\"\n   \
           | ^ keys have no time-out: unbind those with “false”\n\
         mine.toml:5:1: warning: “Z” hides 2 sequences, the first “ZQ”\n \
         5 | Z = \"up\"\n   \
           | ^ keys have no time-out: unbind those with “false”"
    );
    let loaded = load(&[("mine", text)]);
    let list = place(Pane::Contacts, &[]);
    let queue = place(Pane::Tickets, &[]);
    assert_eq!(runs(&loaded.keymap, list, "z").as_deref(), Some("down"));
    assert_eq!(runs(&loaded.keymap, list, "ZZ").as_deref(), Some("quit"));
    assert_eq!(runs(&loaded.keymap, queue, "Z").as_deref(), Some("up"));
    assert_eq!(runs(&loaded.keymap, queue, "ZZ"), None);
    let quiet = "inherits = \"own\"\n[normal]\nz = \"down\"\n";
    let loaded = load(&[("own", "inherits = \"vim\"\n[normal]\nz = false\n"), ("mine", quiet)]);
    assert_eq!(loaded.diagnostics, []);
    assert_eq!(runs(&loaded.keymap, list, "z").as_deref(), Some("down"));
    assert_eq!(runs(&loaded.keymap, list, "zz"), None);
}

#[test]
fn a_longer_binding_hides_the_inherited_key_that_begins_it() {
    assert_eq!(
        told("inherits = \"vim\"\n[normal]\njk = \"down\"\n"),
        "mine.toml:3:1: warning: “jk” hides “j”\n \
         3 | jk = \"down\"\n   \
           | ^^ keys have no time-out: unbind those with “false”"
    );
}

#[test]
fn unbinding_what_is_not_bound() {
    assert_eq!(
        told("inherits = \"vim\"\n[normal]\ngQ = false\n"),
        "mine.toml:3:1: warning: “gQ” is not bound in [normal]\n \
         3 | gQ = false\n   \
           | ^^"
    );
}

#[test]
fn unknown_mode_pane_fact_field_and_setting() {
    assert_eq!(
        told("[nromal]\nj = \"down\"\n"),
        "mine.toml:1:2: error: unknown mode “nromal”\n \
         1 | [nromal]\n   \
           |  ^^^^^^ did you mean “normal”?"
    );
    assert_eq!(
        told("[normal.pipelin]\nj = \"down\"\n"),
        "mine.toml:1:9: error: unknown pane “pipelin”\n \
         1 | [normal.pipelin]\n   \
           |         ^^^^^^^ did you mean “pipeline”?"
    );
    assert_eq!(
        told("[normal]\nj = { run = \"down\", when = \"not overlya\" }\n"),
        "mine.toml:2:33: error: unknown fact “overlya”\n \
         2 | j = { run = \"down\", when = \"not overlya\" }\n   \
           |                                 ^^^^^^^ did you mean “overlay”?"
    );
    assert_eq!(
        told("[normal]\nj = { run = \"down\", wehn = \"busy\" }\n"),
        "mine.toml:2:21: error: unknown field “wehn”\n \
         2 | j = { run = \"down\", wehn = \"busy\" }\n   \
           |                     ^^^^ did you mean “when”?"
    );
    assert_eq!(
        told("inherit = \"vim\"\n"),
        "mine.toml:1:1: error: unknown setting “inherit”\n \
         1 | inherit = \"vim\"\n   \
           | ^^^^^^^ did you mean “inherits”?"
    );
}

#[test]
fn keys_that_are_none() {
    assert_eq!(
        told("[normal]\n\"g<Retrun>\" = \"down\"\n"),
        "mine.toml:2:3: error: no key is called “<Retrun>”\n \
         2 | \"g<Retrun>\" = \"down\"\n   \
           |   ^^^^^^^^ did you mean “<Return>”?"
    );
    assert_eq!(
        told("[normal]\n\"<C-c>\" = \"quit\"\n"),
        "mine.toml:2:2: error: “<C-c>” cannot be bound: it cancels what runs\n \
         2 | \"<C-c>\" = \"quit\"\n   \
           |  ^^^^^"
    );
    assert_eq!(
        told("[normal]\n\"\" = \"quit\"\n"),
        "mine.toml:2:1: error: an empty sequence cannot be typed\n \
         2 | \"\" = \"quit\"\n   \
           | ^^"
    );
}

#[test]
fn values_that_are_none() {
    for (value, message) in [
        ("3", "a binding is a command line or a list of them"),
        ("[]", "a binding is a command line or a list of them"),
        ("[3]", "a command line is a text"),
        ("true", "“true” binds nothing"),
        ("{ when = 'busy' }", "“run” is missing"),
        ("{ run = 'x', when = 3 }", "“when” is a text"),
        ("{ desc = 3 }", "“desc” is a text"),
        ("{ prefix = 'count' }", "“prefix” is \"register\""),
        ("{ prefix = 'register' }", "a register's prefix ends with “<Char>”, in normal or visual mode"),
    ] {
        let told = told(&format!("[normal]\nx = {value}\n"));
        assert!(told.lines().next().unwrap().ends_with(&format!("error: {message}")), "{told}");
    }
}

#[test]
fn a_file_that_inherits_wrongly_still_works() {
    assert_eq!(
        told("inherits = \"vmi\"\n"),
        "mine.toml:1:12: error: no file “vmi.toml” in keymaps\n \
         1 | inherits = \"vmi\"\n   \
           |            ^^^^^ did you mean “vim”?"
    );
    let loaded =
        load(&[("mine", "inherits = \"other\"\n[normal]\nj = \"down\"\n"), ("other", "inherits = \"mine\"\n[normal]\nk = \"up\"\n")]);
    let told: Vec<String> = loaded.diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["other.toml:1:12: error: “mine” inherits itself\n \
          1 | inherits = \"mine\"\n   \
            |            ^^^^^^"]
    );
    let here = place(Pane::Contacts, &[]);
    assert_eq!(runs(&loaded.keymap, here, "j").as_deref(), Some("down"));
    assert_eq!(runs(&loaded.keymap, here, "k").as_deref(), Some("up"));
}

#[test]
fn a_file_that_is_no_toml_is_read_as_far_as_it_goes() {
    let loaded = load(&[("mine", "[normal]\nj = \"down\"\nk = \nl = \"right\"\n")]);
    assert_eq!(loaded.diagnostics.len(), 1);
    assert_eq!(loaded.diagnostics[0].line, 3);
    let here = place(Pane::Contacts, &[]);
    assert_eq!(runs(&loaded.keymap, here, "j").as_deref(), Some("down"));
    assert_eq!(runs(&loaded.keymap, here, "l").as_deref(), Some("right"));
}

#[test]
fn an_unknown_keymap_is_an_error() {
    let error = Keymap::load("vmi", &shelf(None), &check).unwrap_err();
    assert_eq!(error.to_string(), "no file “vmi.toml” in keymaps");
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_text_panics(
            text in "(\\[(normal|visual|insert)(\\.(tickets|x))?\\]\n|[\"']?[a-c<>\\-CR]{1,4}[\"']? ?= ?(\"[a-z]{0,4}\"|false|\\{run='x'\\}|\\[|\\PC{0,5})\n){0,12}"
        ) {
            let mut diagnostics = Vec::new();
            let source = Source { file: std::path::Path::new("f"), text: &text };
            let file = read(source, &check, &mut diagnostics);
            let mut layers = Layers::default();
            layers.lay_file(source, file, &mut diagnostics);
            let keymap = layers.keymap("f");
            for diagnostic in &diagnostics {
                prop_assert!(!diagnostic.to_string().is_empty());
            }
            // Whatever the file says, no sequence left hides another.
            for mode in Mode::ALL {
                for (steps, _) in keymap.sequences(mode, Pane::Tickets) {
                    let keys: Vec<Key> = steps.iter().map(|step| match step {
                        Step::Key(key) => *key,
                        Step::Char => Key::char('~'),
                    }).collect();
                    prop_assert!(matches!(
                        keymap.find(mode, Pane::Tickets, &keys),
                        Found::Value(..)
                    ));
                    for length in 1..keys.len() {
                        prop_assert!(matches!(
                            keymap.find(mode, Pane::Tickets, &keys[..length]),
                            Found::More(_)
                        ));
                    }
                }
            }
        }
    }
}

//! Every key of the default keymap, in every pane: it acts, waits, or says why not, and
//! nothing stays pending behind it.

use rolo::command::find;
use rolo::tui::keys::binding::{Act, Binding};
use rolo::tui::keys::trie::print_steps;
use rolo::tui::keys::{Mode, Pane};
use rolo::tui::play::{PlayOptions, Stage};

use crate::common::{demo_desk, options};
use crate::every_command::may_be_silent;

#[test]
fn acts_waits_or_says_why_not() {
    let desk = demo_desk();
    let mut silent = Vec::new();
    let mut tried = 0;
    for pane in [Pane::Contacts, Pane::Timeline, Pane::Pipeline, Pane::Tickets] {
        let fresh = || Stage::new(desk.clone(), &PlayOptions { pane, ..options(80, 24) }).unwrap();
        let sequences: Vec<(String, String)> = {
            let stage = fresh();
            let meant = |binding: &Binding| {
                binding.under(stage.app.facts()).map_or_else(String::new, |meaning| match &meaning.act {
                    Act::Run(lines) => lines.join(" | "),
                    Act::Nop | Act::Register => String::new(),
                })
            };
            stage
                .app
                .keymap
                .sequences(Mode::Normal, pane)
                .into_iter()
                .map(|(steps, binding)| (print_steps(&steps), meant(binding)))
                .collect()
        };
        let mut stage = fresh();
        for (keys, line) in sequences {
            // What takes a letter is given one.
            let typed = keys.replace("<Char>", "a");
            stage.press("jl").unwrap();
            stage.app.said = None;
            let before = (stage.state(), stage.ansi());
            stage.press(&typed).unwrap();
            tried += 1;
            let acted = stage.app.said.is_some() || before != (stage.state(), stage.ansi());
            // A motion that can go no further rings, as in Vim; the first command decides.
            let spec = line.split(' ').next().and_then(find);
            let is_there = ["fold-close", "change-newer"].contains(&line.as_str()) || line == format!("pane {}", pane.name());
            if !acted && !spec.is_some_and(may_be_silent) && !is_there {
                silent.push(format!("{} {keys} ({line})", pane.name()));
            }
            stage.app.exited = None;
            stage.press("<Esc><Esc><Esc><Esc>").unwrap();
            let state = stage.state();
            assert_eq!((&state["mode"], &state["pending"]), (&"normal".into(), &"".into()), "{} {keys}", pane.name());
            if state["recording"] != serde_json::Value::Null {
                stage.press("q").unwrap();
            }
            if keys.contains("C-w") || keys.contains('t') || keys == "<Tab>" || stage.app.focus != pane {
                stage = fresh();
            }
        }
    }
    assert!(silent.is_empty(), "neither act nor say why not: {silent:#?}");
    assert!(tried > 600, "{tried}");
}

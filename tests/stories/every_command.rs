//! Every command in every pane, with no, one and many rows: it acts or says why not.

use crate::common::{demo_desk, empty_desk, options};
use rolo::actions::Desk;
use rolo::command::{COMMANDS, Id};
use rolo::domain::{Assignment, Kind};
use rolo::tui::keys::Pane;
use rolo::tui::play::{PlayOptions, Stage};

/// A store with one record of each kind that a pane shows.
fn one_of_each() -> Desk {
    let desk = empty_desk();
    for (kind, text) in [(Kind::Contact, "name=Ada"), (Kind::Opportunity, "name=Lenses"), (Kind::Ticket, "subject=Broken")] {
        let assignment = Assignment::parse(kind, text, &desk.definitions()).unwrap();
        rolo::actions::add(&desk, kind, &[assignment]).unwrap();
    }
    desk
}

/// What finds things as they are wanted, or does nothing that is seen.
const SILENT: &[Id] = &[
    Id::Cancel,
    Id::ChangeOlder,
    Id::Expand,
    Id::Filter,
    Id::FoldOpen,
    Id::FoldOpenAll,
    Id::FoldReveal,
    Id::NoHighlight,
    Id::Nothing,
    Id::Redraw,
    Id::RepeatLine,
    Id::JumpOlder,
    Id::ObjectMatch,
    Id::RowToBottom,
    Id::RowToMiddle,
    Id::RowToTop,
    Id::ScrollDown,
    Id::ScrollUp,
    Id::Timeline,
    Id::Visual,
    Id::VisualAgain,
    Id::VisualBlock,
    Id::Where,
    Id::WindowsEqual,
];

/// Commands that may be silent where they find things as they want them.
pub(crate) fn may_be_silent(spec: &rolo::command::Spec) -> bool {
    spec.motion.is_some() || SILENT.contains(&spec.id)
}

#[test]
fn acts_or_says_why_not() {
    let many = demo_desk();
    let panes = [Pane::Contacts, Pane::Timeline, Pane::Pipeline, Pane::Tickets];
    let mut silent = std::collections::BTreeMap::<&str, Vec<String>>::new();
    for (rows, desk) in [("no", empty_desk()), ("one", one_of_each()), ("many", many)] {
        for (pane, mode) in panes.into_iter().flat_map(|pane| ["", "V"].map(|mode| (pane, mode))) {
            let play = PlayOptions { pane, ..options(80, 24) };
            let mut stage = Stage::new(desk.clone(), &play).unwrap();
            for spec in COMMANDS {
                // The demo would fill the empty store that the others are to be tried on.
                if spec.id == Id::Demo && rows == "no" {
                    continue;
                }
                stage.press(&format!(":pane {}<CR>{mode}", pane.name())).unwrap();
                stage.app.said = None;
                let before = (stage.state(), stage.screen());
                let keys = format!(":<C-u>{}<CR>", spec.name);
                stage.press(&keys).unwrap();
                let text = stage.app.said.as_ref().map(|said| said.text.clone()).unwrap_or_default();
                assert!(!text.contains("is a command of the screen"), "{rows} {}: {keys} does nothing", pane.name());
                if text.is_empty() && !may_be_silent(spec) && before == (stage.state(), stage.screen()) {
                    silent.entry(spec.name).or_default().push(format!("{rows} {} {mode}", pane.name()));
                }
                stage.app.exited = None;
                stage.press("<Esc><Esc><Esc><Esc>").unwrap();
                assert_eq!(stage.app.machine.pending_text(), "", "{keys}");
            }
        }
        assert!(desk.store.check(false, &mut |_, _| {}).unwrap().damage.is_empty(), "{rows}");
    }
    assert!(silent.is_empty(), "neither act nor say why not: {silent:#?}");
}

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

#[test]
fn acts_or_says_why_not() {
    let many = demo_desk();
    let panes = [Pane::Contacts, Pane::Timeline, Pane::Pipeline, Pane::Tickets];
    for (rows, desk) in [("no", empty_desk()), ("one", one_of_each()), ("many", many)] {
        for pane in panes {
            let play = PlayOptions { pane, ..options(80, 24) };
            let mut stage = Stage::new(desk.clone(), &play).unwrap();
            for spec in COMMANDS {
                // The demo would fill the empty store that the others are to be tried on.
                if spec.id == Id::Demo && rows == "no" {
                    continue;
                }
                stage.app.said = None;
                let keys = format!(":{}<CR>", spec.name);
                stage.press(&keys).unwrap();
                let text = stage.app.said.as_ref().map(|said| said.text.clone()).unwrap_or_default();
                assert!(!text.contains("is a command of the screen"), "{rows} {}: {keys} does nothing", pane.name());
                stage.app.exited = None;
                stage.press("<Esc><Esc><Esc><Esc>").unwrap();
                assert_eq!(stage.app.machine.pending_text(), "", "{keys}");
            }
            stage.press(&format!(":pane {}<CR>", pane.name())).unwrap();
        }
        assert!(desk.store.check(false, &mut |_, _| {}).unwrap().damage.is_empty(), "{rows}");
    }
}

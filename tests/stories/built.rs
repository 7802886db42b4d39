//! How many rows a key costs: those that come into view, however many there are.

use rolo::tui::app::prompt::Asked;
use rolo::tui::keys::Pane;
use rolo::tui::play::Stage;

use crate::common::{empty_desk, options};

/// Returns how many rows can be seen at once in each pane or overlay that is.
fn visible(stage: &Stage) -> usize {
    let app = &stage.app;
    let layout = app.layout().unwrap();
    let seen = |pane| layout.pane(pane).is_some();
    let lists = [(Pane::Contacts, &app.contacts.view), (Pane::Tickets, &app.tickets.view), (Pane::Timeline, &app.timeline.view)];
    let mut rows: usize = lists.into_iter().filter(|(pane, _)| seen(*pane)).map(|(_, view)| view.height()).sum();
    if seen(Pane::Pipeline) {
        rows += app.pipeline.shown(app.board_width()).len() * app.pipeline.height;
    }
    rows += app.opened.last().map_or(0, |opened| opened.view.height());
    rows += app.sheet.as_ref().map_or(0, |sheet| sheet.view.height());
    // The finder's hits, and what is shown beside them.
    rows += if app.prompt.as_ref().is_some_and(|prompt| prompt.asked == Asked::Finder) { 2 * app.finder.view.height() } else { 0 };
    rows += app.form.as_ref().map_or(0, |_| usize::from(layout.status.y));
    rows
}

#[test]
fn a_frame_is_made_of_what_is_seen_in_every_pane_and_overlay() {
    for contacts in [150, 1_000] {
        let desk = empty_desk();
        rolo::actions::demo::demo_of_size(&desk, contacts, 4 * contacts, &mut |_, _| {}).unwrap();
        let mut counts = Vec::new();
        for (width, height) in [(120, 40), (80, 24), (40, 10)] {
            for keys in [
                "",
                "<Space>p",
                "<Space>q",
                "<Space>t",
                "<Space>tzM",
                "<Space>tG",
                ":sort company<CR>zM",
                ":list company<CR>",
                ":list company<CR><CR>",
                ":list interaction<CR>",
                "<CR>",
                "<CR>G",
                "<F1>",
                "<F1>G",
                ":g/a/<CR>",
                ":undolist<CR>",
                "<Space><Space>an",
                "<Space>e",
                "<Space>nt",
                "<Space>",
                "g",
                ":set <Tab>",
                "<C-w>o",
                "<C-w>s<C-w>v",
            ] {
                let mut stage = Stage::new(desk.clone(), &options(width, height)).unwrap();
                stage.press(keys).unwrap();
                let (rows, most) = (stage.rows_drawn(), visible(&stage));
                assert!(rows <= most + 2, "{keys} at {width}x{height}, {contacts} contacts: {rows} rows, {most} are visible");
                counts.push((keys, rows));
            }
        }
        assert!(counts.iter().filter(|(_, rows)| *rows > 10).count() > 40, "rows are counted at all: {counts:?}");
    }
}

#[test]
fn only_what_comes_into_view_is_built() {
    let mut costs = Vec::new();
    for contacts in [150, 1_000] {
        let desk = empty_desk();
        rolo::actions::demo::demo_of_size(&desk, contacts, 0, &mut |_, _| {}).unwrap();
        let mut stage = Stage::new(desk, &options(120, 40)).unwrap();
        assert!(stage.built < 80, "{} rows and cards for the first screen", stage.built);
        let mut counts = vec![stage.built];
        for keys in ["j", "k", "G", "gg", "<C-f>", "zt", "50%", "150G", "<C-d>", "<C-e>", "/ova<CR>", "n"] {
            let before = stage.built;
            stage.press(keys).unwrap();
            let cost = stage.built - before;
            assert!(cost <= stage.app.contacts.view.height() + 2, "{keys}: {cost} rows of {contacts}");
            counts.push(cost);
        }
        costs.push(counts);
    }
    assert_eq!(costs[0][0..5], costs[1][0..5], "ten times the contacts cost no row more");
    assert!(costs[1].iter().any(|cost| *cost > 0), "rows are built at all");
}

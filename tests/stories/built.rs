//! How many rows a key costs: those that come into view, however many there are.

use rolo::tui::play::Stage;

use crate::common::{empty_desk, options};

#[test]
fn only_what_comes_into_view_is_built() {
    let mut costs = Vec::new();
    for contacts in [300, 3_000] {
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

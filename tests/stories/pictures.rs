//! How the panes look: glyphs and the roles they are drawn in.

use crate::common::{empty_stage, picture, reading};

fn seen(name: &str, keys: &str, (width, height): (u16, u16)) {
    let mut stage = reading(width, height);
    stage.press(keys).unwrap();
    insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&mut stage));
}

#[test]
fn the_panes() {
    for size in [(120, 40), (80, 24)] {
        seen("contacts", "3j", size);
        seen("pipeline", "<Space>plj", size);
        seen("tickets", "<Space>qj", size);
        seen("timeline", "j<Space>tj", size);
    }
}

#[test]
fn what_lies_over_the_panes() {
    seen("record", "j<CR>jj", (80, 24));
    seen("record", "j<CR>jj", (120, 40));
    seen("completion", ":set l<Tab>", (80, 24));
    seen("search", "/al<CR>", (80, 24));
    seen("editing", "jwi", (80, 24));
    seen("which_key", "<Space>", (80, 24));
}

#[test]
fn small_screens() {
    seen("small", "jj", (40, 10));
    seen("too_small", "jj", (20, 5));
}

#[test]
fn an_empty_store_says_how_to_begin() {
    let mut stage = empty_stage(80, 24);
    insta::assert_snapshot!("empty_80x24", picture(&mut stage));
}

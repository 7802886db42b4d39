//! Every row of the grammar's table, typed and looked at, on screens of four sizes.

use rolo::tui::play::Stage;

use crate::common::{demo_desk, options, picture, reading};

/// Keys of each row, and whether they change anything.
const ROWS: &[(&str, &str, bool)] = &[
    ("motions", "10j2k<C-d><C-e>zt", false),
    ("cells", "2lw", false),
    ("groups", "<Space>t2}", false),
    ("searches", "/ova<CR>n", false),
    ("marks", "3jmaG'a", false),
    ("visual", "2jVjj", false),
    ("blocks", "j<C-v>jl", false),
    ("operators", "jd2j", true),
    ("short_ones", "lx", true),
    ("through", "!2j", false),
    ("objects", "yic", false),
    ("object_match", "/ova<CR>gn", false),
    ("put", "yyp", true),
    ("clipboard", "\"+yyj\"ayw:reg<CR>", false),
    ("insert", "iDr. <CR>", true),
    ("repeat", "qaddjq2@a", true),
    ("undo", "dddduu<C-r>", true),
    ("changes", "4Gddggg;", true),
    ("command_line", ":2,5s/example/test/<CR>", true),
    ("normal_on_rows", ":2,4norm iDr. <CR>", true),
    ("global", ":g/Brandl/norm iDr. <CR>", true),
    ("sorted", ":sort -last.at<CR>gg", false),
    ("lines_before", ":3<CR>:5<CR>q:", false),
    ("searches_before", "/ova<CR>/ada<CR>q/", false),
    ("pending", "2d", false),
    ("go_to", "<CR>jj<C-g>", false),
    ("tabs", ":tabnew<CR><C-w>o", false),
    ("leader", "<Space>n", false),
    ("folds", "<Space>tzM", false),
    ("groups_folded", ":sort company<CR>zMjzo", false),
];

#[test]
fn each_row_of_the_grammar_is_drawn() {
    for (name, keys, changes) in ROWS {
        for (width, height) in [(120, 40), (80, 24), (40, 10), (20, 5)] {
            let mut stage = if *changes { Stage::new(demo_desk(), &options(width, height)).unwrap() } else { reading(width, height) };
            stage.press(keys).unwrap();
            insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&mut stage));
        }
    }
}

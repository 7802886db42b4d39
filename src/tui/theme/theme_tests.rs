#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use super::color::{Rgb, contrast, seen};
use ratatui::style::Modifier;

use super::*;

fn load(name: &str, depth: Depth) -> LoadedTheme {
    Theme::load(name, &shelf(None), depth).unwrap()
}

/// Loads `mine` from a folder of files, at full depth.
fn own(files: &[(&str, &str)]) -> LoadedTheme {
    own_at(files, Depth::True)
}

fn own_at(files: &[(&str, &str)], depth: Depth) -> LoadedTheme {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(format!("{name}.toml")), text).unwrap();
    }
    let mut loaded = Theme::load("mine", &shelf(Some(directory.path().to_owned())), depth).unwrap();
    for diagnostic in &mut loaded.diagnostics {
        if let Ok(file) = diagnostic.file.strip_prefix(directory.path()) {
            diagnostic.file = file.to_owned();
        }
    }
    loaded
}

/// Returns all that is wrong in a theme called `mine`.
fn told(text: &str) -> String {
    let told: Vec<String> = own(&[("mine", text)]).diagnostics.iter().map(ToString::to_string).collect();
    told.join("\n")
}

fn shipped() -> Vec<String> {
    shelf(None).names()
}

/// What the eye gets of a style on a ground: text, ground, attributes.
/// Reversing swaps the two.
type Look = (Color, Color, Modifier);

fn look(layers: &[Style]) -> Look {
    let whole = layers.iter().fold(Style::new(), |under, over| under.patch(*over));
    let modifier = whole.add_modifier.difference(whole.sub_modifier);
    let (fg, bg) = (whole.fg.unwrap_or(Color::Reset), whole.bg.unwrap_or(Color::Reset));
    if modifier.contains(Modifier::REVERSED) { (bg, fg, modifier) } else { (fg, bg, modifier) }
}

/// The contrast of a look; where the terminal's own colours are left, those of
/// xterm, grey on black, stand for them.
fn readable(look: Look) -> f64 {
    let reversed = look.2.contains(Modifier::REVERSED);
    let (grey, black) = (Rgb(229, 229, 229), Rgb(0, 0, 0));
    let own = |is_text: bool| if is_text == reversed { black } else { grey };
    contrast(seen(look.0).unwrap_or_else(|| own(true)), seen(look.1).unwrap_or_else(|| own(false)))
}

/// The grounds on which spans stand in rows.
const ROWS: &[&[Role]] = &[
    &[],
    &[Role::ListCursor],
    &[Role::ListCursorResting],
    &[Role::ListVisual],
    &[Role::ListMarked],
    &[Role::ListMarked, Role::ListCursor],
    &[Role::BoardCursor],
    &[Role::BoardCursorResting],
    &[Role::Overlay],
    &[Role::Overlay, Role::ListCursor],
    &[Role::Completion],
    &[Role::Completion, Role::CompletionSelected],
    &[Role::Status],
    &[Role::Prompt],
    &[Role::Tab],
    &[Role::TabActive],
    &[Role::ListFold],
    &[Role::BoardHead],
    &[Role::BoardHeadFocused],
];

fn layers(theme: &Theme, roles: &[Role], top: Option<Role>) -> Vec<Style> {
    [Role::Text].iter().chain(roles).copied().chain(top).map(|role| theme.style(role)).collect()
}

#[test]
fn the_shipped_themes_are_without_fault() {
    assert_eq!(shipped(), ["ansi16", "dark", "gruvbox", "high-contrast", "light", "mono", "nord"]);
    for name in shipped() {
        for depth in Depth::ALL {
            let loaded = load(&name, depth);
            assert_eq!(loaded.diagnostics, [], "{name} {depth:?}");
            assert_eq!((loaded.theme.name(), loaded.theme.depth()), (name.as_str(), depth));
        }
    }
}

#[test]
fn rows_can_be_told_apart_at_every_depth() {
    for name in shipped() {
        for depth in Depth::ALL {
            let theme = load(&name, depth).theme;
            let rows: &[&[Role]] = &[
                &[],
                &[Role::ListCursor],
                &[Role::ListCursorResting],
                &[Role::ListMarked],
                &[Role::ListVisual],
                &[Role::ListMarked, Role::ListCursor],
                &[Role::ListVisual, Role::ListCursor],
            ];
            // The last two are the cursor's row, marked and selected: the mark
            // still shows, and the selection is no plain row.
            let mut seen = Vec::new();
            for (index, roles) in rows.iter().enumerate() {
                let (fg, bg, modifier) = look(&layers(&theme, roles, None));
                let told = (fg, bg, modifier.bits());
                if index < 6 {
                    assert!(!seen.contains(&told), "{name} {depth:?} {roles:?}");
                } else {
                    assert_ne!(told, seen[0], "{name} {depth:?} {roles:?}");
                }
                seen.push(told);
            }
            let cards: Vec<Look> = [&[][..], &[Role::BoardCursor], &[Role::BoardCursorResting]]
                .iter()
                .map(|roles| look(&layers(&theme, roles, None)))
                .collect();
            assert!(cards[0] != cards[1] && cards[1] != cards[2] && cards[0] != cards[2], "{name} {depth:?}");
            let matches = [Role::Text, Role::Match, Role::MatchCurrent].map(|role| look(&layers(&theme, &[], Some(role))));
            assert!(matches[0] != matches[1] && matches[1] != matches[2], "{name} {depth:?}");
            assert_ne!(look(&layers(&theme, &[], Some(Role::Placeholder))), matches[0], "{name} {depth:?}");
        }
    }
}

#[test]
fn rows_differ_by_more_than_the_eye_misses() {
    for name in shipped() {
        for depth in [Depth::Ansi16, Depth::Ansi256, Depth::True] {
            let theme = load(&name, depth).theme;
            let plain = look(&layers(&theme, &[], None));
            for role in [Role::ListCursor, Role::ListCursorResting, Role::ListVisual, Role::BoardCursor, Role::BoardCursorResting] {
                let row = look(&layers(&theme, &[role], None));
                let differs = row.2 != plain.2 || seen(row.1).zip(seen(plain.1)).is_some_and(|(row, plain)| contrast(row, plain) >= 1.1);
                assert!(differs, "{name} {depth:?} {role:?}: {row:?} beside {plain:?}");
            }
        }
    }
}

#[test]
fn texts_can_be_read_at_every_depth() {
    let mut bad = BTreeSet::new();
    for name in shipped() {
        let least = if name == "high-contrast" { 7.0 } else { 4.5 };
        for depth in [Depth::Ansi16, Depth::Ansi256, Depth::True] {
            let theme = load(&name, depth).theme;
            let mut check = |roles: &[Role], top: Option<Role>| {
                let ratio = readable(look(&layers(&theme, roles, top)));
                if ratio < least {
                    bad.insert(format!("{name} {depth:?} {top:?} on {roles:?}: {ratio:.2}"));
                }
            };
            for role in Role::ALL {
                match role.layer() {
                    Layer::Ground => check(&[], Some(*role)),
                    Layer::Span => ROWS.iter().for_each(|row| check(row, Some(*role))),
                    Layer::Line => {}
                }
            }
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn without_colours_there_are_none() {
    for name in shipped() {
        let theme = load(&name, Depth::Mono).theme;
        for role in Role::ALL {
            let style = theme.whole(*role);
            assert_eq!((style.fg, style.bg, style.underline_color), (None, None, None), "{name} {role:?}");
        }
        assert!(theme.style(Role::ListCursor).add_modifier.contains(Modifier::REVERSED), "{name}");
    }
}

#[test]
fn meaning_does_not_rest_on_colour_alone() {
    let theme = load("mono", Depth::True).theme;
    for (role, other) in [
        (Role::DueOverdue, Role::DueToday),
        (Role::DueToday, Role::Due),
        (Role::QueueClockBreached, Role::QueueClockSoon),
        (Role::QueueClockSoon, Role::QueueClock),
        (Role::UrgencyUrgent, Role::UrgencyHigh),
        (Role::UrgencyHigh, Role::UrgencyNormal),
        (Role::MessageError, Role::MessageWarning),
        (Role::MessageWarning, Role::Message),
        (Role::ChangeAdded, Role::ChangeRemoved),
        (Role::BorderFocused, Role::Border),
        (Role::TitleFocused, Role::Title),
        (Role::FieldWrong, Role::FieldChanged),
        (Role::CompletionSelected, Role::Completion),
        (Role::TabActive, Role::Tab),
    ] {
        assert_ne!(theme.whole(role), theme.whole(other), "{role:?} and {other:?}");
    }
}

#[test]
fn a_child_that_changes_a_colour_changes_it_everywhere() {
    let loaded = own(&[("mine", "inherits = \"dark\"\n[palette]\nred = \"#ff0000\"\n")]);
    assert_eq!(loaded.diagnostics, []);
    let red = Some(Color::Rgb(255, 0, 0));
    assert_eq!(loaded.theme.style(Role::MessageError).fg, red);
    assert_eq!(loaded.theme.style(Role::DueOverdue).fg, red);
    let dark = load("dark", Depth::True).theme;
    assert_eq!(loaded.theme.style(Role::Tag), dark.style(Role::Tag));
}

#[test]
fn styles_fall_back_by_dots_and_leave_the_ground_open() {
    let text = r##"
        [styles]
        "text" = { fg = "#111111", bg = "#222222" }
        "list" = { italic = true, bold = true }
        "list.cursor" = { bg = "#333333", bold = false }
        "list.cursor.resting" = "#444444"
        "text.muted" = "#555555"
    "##;
    let loaded = own(&[("mine", text)]);
    assert_eq!(loaded.diagnostics, []);
    let style = loaded.theme.style(Role::ListCursorResting);
    let (fg, bg) = (Color::Rgb(0x44, 0x44, 0x44), Color::Rgb(0x33, 0x33, 0x33));
    assert_eq!((style.fg, style.bg, style.add_modifier), (Some(fg), Some(bg), Modifier::ITALIC));
    assert_eq!(loaded.theme.style(Role::TextMuted).bg, None);
    assert_eq!(loaded.theme.whole(Role::TextMuted).bg, Some(Color::Rgb(0x22, 0x22, 0x22)));
    assert_eq!(loaded.theme.style(Role::Heading), Style::new());
}

#[test]
fn fewer_colours_have_their_own_words() {
    let text = r##"
        [palette]
        sea = { rgb = "#0000ff", ansi256 = 33, ansi16 = "cyan" }
        [styles]
        "tag" = "sea"
        "list.cursor" = { bg = "sea" }
        [styles-16]
        "list.cursor" = { reverse = true }
    "##;
    let at = |depth| own_at(&[("mine", text)], depth).theme;
    assert_eq!(at(Depth::True).style(Role::Tag).fg, Some(Color::Rgb(0, 0, 255)));
    assert_eq!(at(Depth::Ansi256).style(Role::Tag).fg, Some(Color::Indexed(33)));
    assert_eq!(at(Depth::Ansi16).style(Role::Tag).fg, Some(Color::Cyan));
    assert_eq!(at(Depth::Mono).style(Role::Tag).fg, None);
    assert_eq!(at(Depth::Ansi256).style(Role::ListCursor).bg, Some(Color::Indexed(33)));
    assert_eq!(at(Depth::Ansi16).style(Role::ListCursor), Style::new().reversed());
}

#[test]
fn mistakes_have_a_place_and_the_nearest_word() {
    assert_eq!(
        told("[styles]\n\"list.crusor\" = \"red\"\n"),
        "mine.toml:2:1: error: unknown role “list.crusor”\n \
         2 | \"list.crusor\" = \"red\"\n   \
           | ^^^^^^^^^^^^^ did you mean “list.cursor”?"
    );
    assert_eq!(
        told("[palette]\nrust = \"#f40\"\n[styles]\ntag = { fg = \"rsut\", bold = true }\n"),
        "mine.toml:4:14: error: unknown colour “rsut”\n \
         4 | tag = { fg = \"rsut\", bold = true }\n   \
           |              ^^^^^^ did you mean “rust”?"
    );
    assert_eq!(
        told("[styles]\ntag = { fg = \"red\", blod = true }\n"),
        "mine.toml:2:21: error: unknown field “blod”\n \
         2 | tag = { fg = \"red\", blod = true }\n   \
           |                     ^^^^ did you mean “bold”?"
    );
    assert_eq!(
        told("[palette]\nrust = \"#12345\"\n"),
        "mine.toml:2:8: error: this is no colour\n \
         2 | rust = \"#12345\"\n   \
           |        ^^^^^^^^ #rrggbb, 0 to 255, default, or a name such as bright-red"
    );
    assert_eq!(
        told("[style]\ntag = \"red\"\n"),
        "mine.toml:1:2: error: unknown setting “style”\n \
         1 | [style]\n   \
           |  ^^^^^ did you mean “styles”?"
    );
    assert_eq!(
        told("inherits = \"drak\"\n"),
        "mine.toml:1:12: error: no file “drak.toml” in themes\n \
         1 | inherits = \"drak\"\n   \
           |            ^^^^^^ did you mean “dark”?"
    );
    for (text, message) in [
        ("inherits = 3", "“inherits” is the name of a theme"),
        ("styles = 3", "“styles” is a table"),
        ("[palette]\ndefault = \"#f40\"", "“default” is a colour already and cannot be another"),
        ("[palette]\nx = { ansi16 = \"red\" }", "“rgb” is missing"),
        ("[palette]\nx = { rgb = \"#f40\", ansi16 = 100 }", "“ansi16” is one of the sixteen colours"),
        ("[palette]\nx = 256", "this is no colour"),
        ("[palette]\nx = { rbg = \"#f40\" }", "unknown field “rbg”"),
        ("[styles]\ntag = { bold = 1 }", "“bold” is true or false"),
        ("[styles]\ntag = { fg = 1 }", "a colour is a name or “#rrggbb”"),
    ] {
        let told = told(text);
        assert!(told.lines().next().unwrap().ends_with(&format!("error: {message}")), "{told}");
    }
}

#[test]
fn a_mistake_leaves_the_rest_standing() {
    let loaded = own(&[("mine", "[styles]\ntag = \"rde\"\nstage = \"red\"\n\"money = 3\n")]);
    assert!(loaded.diagnostics.len() >= 2);
    assert_eq!(loaded.theme.style(Role::Stage).fg, Some(Color::Red));
}

#[test]
fn the_probe_tells_roles_apart() {
    let probe = Theme::probe();
    for role in Role::ALL {
        assert_eq!(probe.style(*role).bg.and_then(Theme::probed), Some(*role));
    }
    assert_eq!(Theme::probed(Color::Reset), None);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn no_text_panics(
            text in "(\\[(palette|styles|styles-16|x)\\]\n|[a-c.\"]{1,5} ?= ?(\"#?[0-9a-f]{0,7}\"|\\{(fg|rgb)=\"red\"\\}|true|-?[0-9]{1,4}|\\PC{0,5})\n){0,10}"
        ) {
            for depth in Depth::ALL {
                let loaded = own_at(&[("mine", &text)], depth);
                for diagnostic in &loaded.diagnostics {
                    prop_assert!(!diagnostic.to_string().is_empty());
                }
            }
        }
    }
}

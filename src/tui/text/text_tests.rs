#![allow(clippy::unwrap_used, clippy::panic)]

use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::*;

/// Where the project's real data lies, if it is there.
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/unicode");

/// Characters that may never reach a terminal from the data.
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{ad}')
}

/// Draws a text as the application does and returns how far it reaches.
fn drawn(text: &str) -> usize {
    let columns = u16::try_from(text.len().saturating_mul(2)).unwrap_or(u16::MAX);
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, 1));
    let (end, _) = buffer.set_stringn(0, 0, text, usize::MAX, Style::new());
    usize::from(end)
}

/// Holds all that is promised of a text.
fn check(text: &str) {
    let shown = safe(text);
    assert!(!shown.chars().any(is_forbidden), "{text:?} -> {shown:?}");
    assert_eq!(safe(&shown), shown, "{text:?}");
    assert_eq!(is_safe(text), shown == text, "{text:?}");
    // What is visible stays: no character that is fine is lost, in order.
    let kept = text.chars().filter(|character| character.is_alphanumeric());
    let mut of_shown = shown.chars();
    for character in kept.filter(|character| !is_zero_width(*character) && !is_hostile("x", *character, "")) {
        assert!(of_shown.any(|other| other == character), "{text:?} -> {shown:?} lost {character:?}");
    }
    let whole = width(text);
    if whole < 5000 {
        assert_eq!(drawn(&shown), whole, "{text:?} -> {shown:?}");
    }
    for columns in [0, 1, 2, 3, 5, 8, 13, 21, 34, 80] {
        let one = cut(text, columns);
        assert!(!one.chars().any(is_forbidden), "{text:?} {columns}");
        let width = drawn(&one);
        assert!(width <= columns, "{text:?} {columns} -> {one:?}");
        assert!(whole > columns || one == shown, "{text:?} {columns} -> {one:?}");
        assert!(whole <= columns || columns == 0 || one.ends_with(ELLIPSIS), "{text:?} {columns} -> {one:?}");
        let apart = pieces(text, columns);
        assert_eq!(apart.iter().map(|piece| piece.text.as_str()).collect::<String>(), one);
        // Drawn apart, the pieces take the same columns.
        assert_eq!(apart.iter().map(|piece| drawn(&piece.text)).sum::<usize>(), width, "{text:?} {columns} {apart:?}");
        let end = cut_start(text, columns);
        assert!(drawn(&end) <= columns && !end.chars().any(is_forbidden), "{text:?} {columns} -> {end:?}");
        assert!(whole > columns || end == shown, "{text:?} {columns} -> {end:?}");
        for side in [Side::Left, Side::Right] {
            assert_eq!(drawn(&fit(text, columns, side)), columns, "{text:?}");
        }
        if columns > 0 {
            let lines = wrap(text, columns, 5);
            assert!(lines.len() <= 5);
            for line in &lines {
                assert!(drawn(line) <= columns, "{text:?} {columns} -> {lines:?}");
                assert!(!line.chars().any(is_forbidden), "{text:?} {columns} -> {lines:?}");
            }
        }
    }
}

fn shared(name: &str) -> Option<Vec<u8>> {
    let read = std::fs::read(format!("{SHARED}/{name}"));
    if read.is_err() {
        println!("skipped: {SHARED}/{name} is not there");
    }
    read.ok()
}

#[test]
fn controls_become_pictures() {
    assert_eq!(safe("Acme\u{1b}[2J Ltd"), "Acme␛[2J Ltd");
    assert_eq!(safe("a\0b\u{7}\u{8}\u{7f}"), "a␀b␇␈␡");
    assert_eq!(safe("a\r\nb\tc"), "a␍␊b␉c");
    assert_eq!(safe("\u{9b}31m"), "‹U+009B›31m");
    assert_eq!(safe("\u{85}"), "‹U+0085›");
    assert_eq!(safe("\u{2028}\u{2029}"), "‹U+2028›‹U+2029›");
}

#[test]
fn what_turns_a_text_around_is_shown() {
    assert_eq!(safe("inv\u{202e}fdp.exe"), "inv‹U+202E›fdp.exe");
    assert_eq!(safe("\u{2066}a\u{2069}\u{200f}\u{61c}"), "‹U+2066›a‹U+2069›‹U+200F›‹U+061C›");
    assert_eq!(safe("שלום עולם"), "שלום עולם");
}

#[test]
fn what_is_not_seen_is_shown() {
    assert_eq!(safe("pay\u{200b}pal"), "pay‹U+200B›pal");
    assert_eq!(safe("pay\u{200d}pal"), "pay‹U+200D›pal");
    assert_eq!(safe("pay\u{200c}pal"), "pay‹U+200C›pal");
    assert_eq!(safe("a\u{fe0f}b\u{e0101}"), "a‹U+FE0F›b‹U+E0101›");
    assert_eq!(safe("\u{feff}x\u{ad}y\u{3164}"), "‹U+FEFF›x‹U+00AD›y‹U+3164›");
    assert_eq!(safe("\u{e0041}"), "‹U+E0041›");
}

#[test]
fn honest_uses_of_what_is_not_seen_stay() {
    for text in [
        "👩‍👩‍👧‍👦",
        "👩🏻‍❤️‍💋‍👩🏼",
        "❤️",
        "1️⃣",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "می\u{200c}خواهم",
        "ශ්\u{200d}රී ලංකා",
        "র\u{200d}্যাম",
        "क्\u{200d}ष",
        "葛\u{e0100}城",
        "ᠮᠣᠩᠭᠣᠯ\u{180b}",
        "Å ç é ộ Ⅷ ½ ﬁ",
    ] {
        assert_eq!(safe(text), text, "{text:?}");
        assert!(is_safe(text));
    }
}

#[test]
fn marks_do_not_pile_up() {
    let pile = format!("Z{}algo", "\u{30d}".repeat(40));
    assert_eq!(safe(&pile), format!("Z{}‹+32›algo", "\u{30d}".repeat(8)));
    assert_eq!(safe("\u{301}x"), "◌\u{301}x");
    assert_eq!(safe("\n\u{301}"), "␊◌\u{301}");
    let long = format!("x{}", "\u{30d}".repeat(1_000_000));
    assert!(cut(&long, 10).len() < 200);
}

#[test]
fn a_placeholder_is_told_from_what_only_looks_like_one() {
    let told = pieces("‹U+202E›\u{202e}", 80);
    assert_eq!(told, [Piece { text: "‹U+202E›".to_owned(), placeholder: false }, Piece { text: "‹U+202E›".to_owned(), placeholder: true }]);
}

#[test]
fn texts_are_cut_at_graphemes() {
    assert_eq!(cut("Contract", 8), "Contract");
    assert_eq!(cut("Contract", 7), "Contra…");
    assert_eq!(cut("Contract", 1), "…");
    assert_eq!(cut("Contract", 0), "");
    assert_eq!(cut("日本語", 6), "日本語");
    assert_eq!(cut("日本語", 5), "日本…");
    assert_eq!(cut("日本語", 4), "日…");
    assert_eq!(cut("👩‍👩‍👧‍👦👩‍👩‍👧‍👦", 3), "👩‍👩‍👧‍👦…");
    assert_eq!(cut("e\u{301}e\u{301}e\u{301}", 2), "e\u{301}…");
    assert_eq!(cut_start("/home/ada/leads.csv", 10), "…leads.csv");
    assert_eq!(cut_start("日本語", 4), "…語");
    assert_eq!(cut_start("x", 0), "");
}

#[test]
fn texts_are_fitted_on_either_side() {
    assert_eq!(fit("Ada", 5, Side::Left), "Ada  ");
    assert_eq!(fit("10.00", 8, Side::Right), "   10.00");
    assert_eq!(fit("日本", 3, Side::Left), "日…");
    assert_eq!(fit("日本語", 4, Side::Right), " 日…");
}

#[test]
fn rows_show_one_line() {
    assert_eq!(one_line("Hello,\r\n\tworld  again \n"), "Hello, world again");
    assert_eq!(one_line("plain"), "plain");
    assert_eq!(one_line(" \n "), "");
}

#[test]
fn longer_texts_are_wrapped() {
    let text = "Renewal agreed, send the quote.\n\nShe asked for net 60 days";
    assert_eq!(wrap(text, 16, 9), ["Renewal agreed,", "send the quote.", "", "She asked for", "net 60 days"]);
    assert_eq!(wrap(text, 16, 2), ["Renewal agreed,", "send the quote.…"]);
    assert_eq!(wrap(text, 15, 2), ["Renewal agreed,", "send the quote…"]);
    assert_eq!(wrap("abcdefgh", 3, 9), ["abc", "def", "gh"]);
    assert_eq!(wrap("abcdefgh", 3, 2), ["abc", "de…"]);
    assert_eq!(wrap("日本語テキスト", 5, 9), ["日本", "語テ", "キス", "ト"]);
    assert_eq!(wrap("a\tb\r\nc", 9, 9), ["a    b", "c"]);
    assert_eq!(wrap("", 9, 9), [""]);
    assert!(wrap("x", 0, 9).is_empty() && wrap("x", 9, 0).is_empty());
    assert_eq!(wrap(&"word ".repeat(100_000), 9, 1), ["word wor…"]);
}

#[test]
fn widths_are_those_of_the_drawing_library() {
    for (text, columns) in [("Ada", 3), ("日本", 4), ("é", 1), ("e\u{301}", 1), ("👩‍👩‍👧‍👦", 2), ("❤️", 2), ("\u{1b}", 1), ("\u{202e}", 8)]
    {
        assert_eq!(width(text), columns, "{text:?}");
    }
}

#[test]
fn the_naughty_strings_are_harmless() {
    let Some(bytes) = shared("blns/blns.json") else { return };
    let strings: Vec<String> = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(strings.len(), 515);
    strings.iter().for_each(|text| check(text));
}

#[test]
fn the_injections_are_harmless() {
    let Some(bytes) = shared("made-here/terminal_injection.jsonl") else { return };
    let mut count = 0;
    for line in String::from_utf8(bytes).unwrap().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = record["text"].as_str().unwrap();
        // A space that does not break, a long word and U+FFFD are no attack.
        let harmless = ["nbsp", "long_no_space", "replacement"].contains(&record["id"].as_str().unwrap());
        assert_eq!(is_safe(text), harmless, "{record}");
        check(text);
        count += 1;
    }
    assert_eq!(count, 34);
}

#[test]
fn the_escape_files_are_harmless() {
    let Ok(folder) = std::fs::read_dir(format!("{SHARED}/xterm-escape-files")) else {
        println!("skipped: {SHARED}/xterm-escape-files is not there");
        return;
    };
    let mut count = 0;
    for file in folder {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|end| end == "in") {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            let shown = safe(&text);
            assert!(!shown.chars().any(is_forbidden), "{}", path.display());
            text.lines().for_each(check);
            count += 1;
        }
    }
    assert_eq!(count, 76);
}

#[test]
fn names_of_the_world_stay_as_they_are() {
    let Some(bytes) = shared("made-here/world_names.jsonl") else { return };
    let mut count = 0;
    for line in String::from_utf8(bytes).unwrap().lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let name = format!("{} {}", record["first"].as_str().unwrap(), record["last"].as_str().unwrap());
        assert_eq!(safe(&name), name);
        check(&name);
        count += 1;
    }
    assert_eq!(count, 200);
    for file in ["forenames", "surnames"] {
        let Ok(folder) = std::fs::read_dir(format!("{SHARED}/popular-names")) else { return };
        for entry in folder {
            let path = entry.unwrap().path();
            if path.to_string_lossy().contains(file) {
                for (number, line) in std::fs::read_to_string(&path).unwrap().lines().enumerate() {
                    let shown = safe(line);
                    assert_eq!((shown.chars().any(is_forbidden), width(line)), (false, drawn(&shown)), "{line:?}");
                    if number % 10 == 0 {
                        check(line);
                    }
                }
            }
        }
    }
}

#[test]
fn emoji_stay_whole() {
    let Some(bytes) = shared("ucd-15.0/emoji-test.txt") else { return };
    let mut count = 0;
    for line in String::from_utf8(bytes).unwrap().lines() {
        let Some((codes, status)) = line.split_once(';').filter(|_| !line.starts_with('#')) else { continue };
        let text: String = codes.split_whitespace().map(|code| char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap()).collect();
        if !status.trim_start().starts_with("fully-qualified") {
            check(&text);
            continue;
        }
        assert_eq!(safe(&text), text, "{line}");
        assert_eq!(width(&text), drawn(&text), "{line}");
        // Between letters it is whole or gone, never in part.
        for columns in 1..6 {
            let row = format!("a{text}b{text}");
            let one = cut(&row, columns).into_owned();
            let left = one.replace(&text, "").replace(['a', 'b', '…'], "");
            assert!(left.is_empty(), "{line}: {one:?}");
        }
        count += 1;
    }
    assert_eq!(count, 3655);
}

#[test]
fn no_grapheme_is_split() {
    let Some(bytes) = shared("ucd-15.0/GraphemeBreakTest.txt") else { return };
    for line in String::from_utf8(bytes).unwrap().lines() {
        let line = line.split('#').next().unwrap();
        let clusters: Vec<String> = line
            .split('÷')
            .map(|cluster| {
                cluster
                    .split(['×', ' '])
                    .filter(|code| !code.is_empty())
                    .filter_map(|code| u32::from_str_radix(code, 16).ok().and_then(char::from_u32))
                    .collect()
            })
            .filter(|cluster: &String| !cluster.is_empty())
            .collect();
        let text: String = clusters.concat();
        check(&text);
        if is_safe(&text) {
            for columns in 1..4 {
                let one = cut(&text, columns).into_owned();
                let kept = one.trim_end_matches('…');
                let mut whole = String::new();
                assert!(
                    kept.is_empty()
                        || clusters.iter().any(|cluster| {
                            whole.push_str(cluster);
                            whole == kept
                        }),
                    "{line}: {one:?}"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_harmless(text in "\\PC{0,12}|[\\x00-\\x20a\u{80}-\u{9f}\u{300}-\u{304}\u{200b}-\u{200f}\u{202a}-\u{202e}\u{2060}-\u{2069}\u{fe0f}👩❤कषأب्ﾞ한\u{1f1e6}-\u{1f1e8}\u{e0020}-\u{e007f}]{0,16}") {
        check(&text);
    }

    #[test]
    fn any_characters_are_harmless(characters in proptest::collection::vec(any::<char>(), 0..12)) {
        check(&characters.into_iter().collect::<String>());
    }

    #[test]
    fn wrapping_loses_no_word(words in proptest::collection::vec("[a-zé日]{1,7}", 0..12), columns in 8_usize..30) {
        let text = words.join(" ");
        let wrapped = wrap(&text, columns, usize::MAX);
        let again: Vec<String> = wrapped.concat().chars().filter(|c| *c != ' ').map(String::from).collect();
        prop_assert_eq!(again.concat(), words.concat());
    }
}

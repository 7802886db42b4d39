//! Which characters of the data may not reach the terminal as they are.
//!
//! Three kinds: controls, which a terminal obeys; bidirectional controls, which
//! make a text read as another; and characters that are not seen at all, which
//! make two texts look the same. The last kind has honest uses (emoji sequences,
//! Persian, Indic scripts, variants of ideographs): those are told by what
//! stands beside them, after RFC 5892, appendix A.

/// Returns what is shown for a character that may not be shown itself: a picture
/// of a control (`␛`), else its number (`‹U+202E›`).
pub(super) fn sign(character: char) -> String {
    match character {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + character as u32).map(String::from).unwrap_or_default(),
        '\u{7f}' => '\u{2421}'.to_string(),
        _ => format!("‹U+{:04X}›", character as u32),
    }
}

/// Returns whether a character may not be shown, given the rest of its grapheme
/// before and after it.
pub(super) fn is_hostile(before: &str, character: char, after: &str) -> bool {
    match character {
        ' '..='~' => false,
        _ if character.is_control() => true,
        '\u{200d}' => !joins(before, after),
        '\u{200c}' => !parts(before, after),
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => !varies(before, after),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => !before.ends_with(|one| matches!(one, '\u{1820}'..='\u{18aa}')),
        '\u{e0020}'..='\u{e007f}' => !flags(before, after),
        _ => is_unseen(character),
    }
}

/// Returns whether a character is not seen: it is a line or paragraph separator,
/// an annotation's mark, or `Default_Ignorable_Code_Point`
/// (`DerivedCoreProperties.txt` of Unicode 15), bidirectional controls included.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Returns whether a zero-width joiner has something to join: it stands inside a
/// grapheme (only emoji and Indic conjuncts go on after one), or beside a virama.
fn joins(before: &str, after: &str) -> bool {
    let goes_on = after.chars().next().is_some_and(|next| !is_zero_width(next));
    (goes_on && !before.is_empty()) || before.ends_with(is_virama) || after.starts_with(is_virama)
}

/// Returns whether a zero-width non-joiner parts what would join: it follows a
/// virama, or a letter of a script whose letters join. The letter that must come
/// after it is in the next grapheme; who calls looks there.
fn parts(before: &str, after: &str) -> bool {
    before.ends_with(is_virama) || (before.ends_with(is_joining) && after.starts_with(is_joining))
}

/// Returns whether a variation selector has something to vary: one character that
/// is no ASCII, or the base of a keycap.
fn varies(before: &str, after: &str) -> bool {
    match before.chars().next_back() {
        Some('\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}') | None => false,
        Some('0'..='9' | '#' | '*') => after.starts_with('\u{20e3}'),
        Some(base) => !base.is_ascii(),
    }
}

/// Returns whether a tag is part of the flag of a region, such as Scotland's.
fn flags(before: &str, after: &str) -> bool {
    let tag = |character| matches!(character, '\u{e0020}'..='\u{e007e}');
    let Some(tags) = before.strip_prefix('\u{1f3f4}') else { return false };
    tags.chars().all(tag) && (after.is_empty() || after.ends_with('\u{e007f}'))
}

/// Returns whether a character takes no column of its own.
pub(super) fn is_zero_width(character: char) -> bool {
    unicode_width::UnicodeWidthChar::width(character) == Some(0)
}

/// Returns whether a letter joins its neighbours: Arabic, Syriac, N'Ko, Mandaic,
/// Mongolian and their extensions, marks on the letters included.
fn is_joining(character: char) -> bool {
    matches!(
        character,
        '\u{610}'..='\u{61a}'
            | '\u{620}'..='\u{6ff}'
            | '\u{700}'..='\u{77f}'
            | '\u{7c0}'..='\u{7ff}'
            | '\u{840}'..='\u{8ff}'
            | '\u{1820}'..='\u{18aa}'
            | '\u{fb50}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
    )
}

/// Returns whether a character is a virama: canonical combining class 9
/// (`UnicodeData.txt` of Unicode 15).
fn is_virama(character: char) -> bool {
    matches!(
        character,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d3b}'..='\u{d3c}'
            | '\u{d4d}'
            | '\u{dca}'
            | '\u{e3a}'
            | '\u{eba}'
            | '\u{f84}'
            | '\u{1039}'..='\u{103a}'
            | '\u{1714}'..='\u{1715}'
            | '\u{1734}'
            | '\u{17d2}'
            | '\u{1a60}'
            | '\u{1b44}'
            | '\u{1baa}'..='\u{1bab}'
            | '\u{1bf2}'..='\u{1bf3}'
            | '\u{2d7f}'
            | '\u{a806}'
            | '\u{a82c}'
            | '\u{a8c4}'
            | '\u{a953}'
            | '\u{a9c0}'
            | '\u{aaf6}'
            | '\u{abed}'
            | '\u{10a3f}'
            | '\u{11046}'
            | '\u{11070}'
            | '\u{1107f}'
            | '\u{110b9}'
            | '\u{11133}'..='\u{11134}'
            | '\u{111c0}'
            | '\u{11235}'
            | '\u{112ea}'
            | '\u{1134d}'
            | '\u{11442}'
            | '\u{114c2}'
            | '\u{115bf}'
            | '\u{1163f}'
            | '\u{116b6}'
            | '\u{1172b}'
            | '\u{11839}'
            | '\u{1193d}'..='\u{1193e}'
            | '\u{119e0}'
            | '\u{11a34}'
            | '\u{11a47}'
            | '\u{11a99}'
            | '\u{11c3f}'
            | '\u{11d44}'..='\u{11d45}'
            | '\u{11d97}'
    )
}

//! Cells that a spreadsheet would run as formulas: marked with a leading `'` on
//! the way out, freed of it on the way in, so that what goes out comes back.
//!
//! A cell is dangerous when it begins with `= + - @`, tab or return and is neither
//! a number nor a phone. A cell that already begins with `'` before such a mark
//! gets one more, since import takes exactly one off.

/// Returns true where a spreadsheet could take the cell for a formula.
fn is_dangerous(cell: &str) -> bool {
    starts_formula(cell) && !is_number(cell) && !is_phone(cell)
}

fn starts_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix(['+', '-']).unwrap_or(cell);
    let mut parts = digits.splitn(2, '.');
    let sound = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.next().is_some_and(sound) && parts.next().is_none_or(sound)
}

/// `+` and digits, spaces, `()-./`.
fn is_phone(cell: &str) -> bool {
    cell.strip_prefix('+')
        .is_some_and(|rest| rest.contains(|c: char| c.is_ascii_digit()) && rest.chars().all(|c| c.is_ascii_digit() || " ()-./".contains(c)))
}

/// Returns whether the cell needs a `'` before it.
pub fn needs_mark(cell: &str) -> bool {
    let bare = cell.trim_start_matches('\'');
    starts_formula(bare) && (bare.len() < cell.len() || is_dangerous(cell))
}

/// Returns the cell without the `'` that [`needs_mark`] asked for.
pub fn unmarked(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if starts_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_marked_numbers_and_phones_not() {
        for cell in
            ["=SUMA(A1)", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(1)", "\t=1", "\r=1", "+", "-", "'=1", "''@x", "-1.5.6", "+a", "'+420"]
        {
            assert!(needs_mark(cell), "{cell:?}");
        }
        for cell in ["-12.50", "+420 601 123 456", "+1 (408) 505-1578", "-5", "+5", "a=b", "", "'quoted'", "'"] {
            assert!(!needs_mark(cell), "{cell:?}");
        }
        assert_eq!(unmarked("'=1"), "=1");
        assert_eq!(unmarked("'quoted'"), "'quoted'");
    }

    proptest! {
        #[test]
        fn what_goes_out_comes_back(cell in "['=+@0-9a(. \\t\\r-]{0,8}") {
            let out = if needs_mark(&cell) { format!("'{cell}") } else { cell.clone() };
            prop_assert!(!is_dangerous(&out));
            prop_assert_eq!(unmarked(&out), cell);
        }
    }
}

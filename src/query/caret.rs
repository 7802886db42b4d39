//! Carets under a piece of text, by the width that a terminal gives it.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::Span;

/// The most columns that the shown part of a query takes, its dots included.
const COLUMNS: usize = 78;

/// One visible piece: what is shown, and how wide.
struct Cell<'a> {
    shown: &'a str,
    width: usize,
}

/// Returns the text, or what stands around the span, and carets below.
pub(super) fn under(text: &str, span: Span) -> String {
    let mut cells = Vec::new();
    let (mut first, mut last) = (None, None);
    for (at, cluster) in text.grapheme_indices(true) {
        if at + cluster.len() > span.start && first.is_none() {
            first = Some(cells.len());
        }
        if at < span.end {
            last = Some(cells.len());
        }
        cells.push(cell(cluster));
    }
    // A mistake may be that something is missing behind the end: one caret stands there.
    let first = first.unwrap_or(cells.len());
    let last = last.filter(|last| *last >= first).unwrap_or(first);
    let (from, to) = window(&cells, first, last);

    let mut line = String::new();
    let mut marks = String::new();
    if from > 0 {
        line.push('…');
        marks.push(' ');
    }
    for (index, cell) in cells.iter().enumerate().take(to).skip(from) {
        line.push_str(cell.shown);
        let mark = if (first..=last).contains(&index) { "^" } else { " " };
        marks.push_str(&mark.repeat(cell.width));
    }
    if first >= to {
        marks.push('^');
    }
    if to < cells.len() {
        line.push('…');
    }
    format!("{line}\n{}", marks.trim_end())
}

fn cell(cluster: &str) -> Cell<'_> {
    match cluster {
        "\n" | "\r\n" | "\r" | "\t" => Cell { shown: " ", width: 1 },
        _ if cluster.contains(is_hidden) => Cell { shown: "\u{fffd}", width: 1 },
        _ => match cluster.width() {
            0 => Cell { shown: "\u{fffd}", width: 1 },
            width => Cell { shown: cluster, width },
        },
    }
}

/// Returns whether a character would not show, or change how others do: controls,
/// marks of writing direction.
pub(super) fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Returns which cells are shown: the mistake's beginning, what follows it, and as
/// much before it as then fits.
fn window(cells: &[Cell<'_>], first: usize, last: usize) -> (usize, usize) {
    let total: usize = cells.iter().map(|cell| cell.width).sum();
    if total <= COLUMNS {
        return (0, cells.len());
    }
    let room = COLUMNS - 2;
    let behind = room / 4;
    let (mut from, mut to, mut used) = (first, first, 0);
    // The mistake itself, as far as it fits.
    while to < cells.len() && to <= last && used + cells[to].width <= room {
        used += cells[to].width;
        to += 1;
    }
    let mut after = 0;
    while to < cells.len() && after < behind && used + cells[to].width <= room {
        used += cells[to].width;
        after += cells[to].width;
        to += 1;
    }
    while from > 0 && used + cells[from - 1].width <= room {
        from -= 1;
        used += cells[from].width;
    }
    while to < cells.len() && used + cells[to].width <= room {
        used += cells[to].width;
        to += 1;
    }
    (from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, start: usize, end: usize, expected: &str) {
        assert_eq!(under(text, Span::new(start, end)), expected);
    }

    #[test]
    fn carets_stand_under_what_is_meant() {
        check("stgae:won", 0, 5, "stgae:won\n^^^^^");
        check("a (b", 2, 3, "a (b\n  ^");
        check("a or", 4, 4, "a or\n    ^");
        check("", 0, 0, "\n^");
    }

    #[test]
    fn width_is_that_of_the_terminal() {
        let text = "北京 e\u{301}x:1";
        let at = text.find('x').expect("there");
        check(text, at, at + 1, "北京 e\u{301}x:1\n      ^");
        check("北京", 3, 6, "北京\n  ^^");
    }

    #[test]
    fn what_would_not_show_is_replaced() {
        check("a\u{1b}[31m\u{202e}\n\tb", 11, 12, "a\u{fffd}[31m\u{fffd}  b\n         ^");
    }

    #[test]
    fn a_long_query_is_cut_around_the_mistake() {
        let text = format!("{}stgae:won {}", "a ".repeat(100), "b ".repeat(100));
        let shown = under(&text, Span::new(200, 205));
        let (line, marks) = shown.split_once('\n').expect("two lines");
        assert!(line.starts_with('…') && line.ends_with('…') && line.width() == COLUMNS, "{line}");
        let column = line[..line.find("stgae").expect("shown")].width();
        assert_eq!(marks, format!("{}^^^^^", " ".repeat(column)));
    }

    #[test]
    fn any_span_of_any_text_is_drawn() {
        use proptest::prelude::*;
        proptest!(ProptestConfig::with_cases(128), |(text in "\\PC{0,120}", start in 0_usize..130, length in 0_usize..40)| {
            let shown = under(&text, Span::new(start, start + length));
            prop_assert_eq!(shown.lines().count(), 2);
            prop_assert!(shown.contains('^'));
        });
    }
}

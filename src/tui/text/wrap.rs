//! Longer texts, broken into lines.

use unicode_segmentation::UnicodeSegmentation;

use super::{BYTES_A_COLUMN, drawn_width, pieces_of, safe};

/// How many columns a tab stands for.
const TAB: &str = "    ";

/// Returns a text as at most `lines` lines of at most `columns` columns, broken
/// at spaces where there are some, and at its own line breaks. What is cut off
/// leaves `…` at the end of the last line.
pub fn wrap(text: &str, columns: usize, lines: usize) -> Vec<String> {
    let mut wrapped = Vec::new();
    if columns == 0 || lines == 0 {
        return wrapped;
    }
    let bound = columns.saturating_mul(lines.saturating_add(1)).saturating_mul(BYTES_A_COLUMN);
    let mut end = text.len().min(bound);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut over = end < text.len();
    for line in text[..end].split('\n') {
        if wrapped.len() > lines {
            break;
        }
        let line = line.strip_suffix('\r').unwrap_or(line).replace('\t', TAB);
        wrap_line(&safe(&line), columns, lines, &mut wrapped);
    }
    over |= wrapped.len() > lines;
    wrapped.truncate(lines);
    if over && let Some(last) = wrapped.last_mut() {
        *last = pieces_of(last, columns, true).into_iter().map(|piece| piece.text).collect();
    }
    wrapped
}

/// Breaks a safe line, and stops one line past the last that is wanted.
fn wrap_line(line: &str, columns: usize, lines: usize, wrapped: &mut Vec<String>) {
    let mut current = String::new();
    let mut used = 0;
    for word in line.split_word_bounds() {
        if wrapped.len() > lines {
            return;
        }
        let width = drawn_width(word);
        if used + width <= columns {
            current.push_str(word);
            used += width;
            continue;
        }
        if word.chars().all(|character| character == ' ') {
            // Spaces at the end of a line are not carried to the next.
            wrapped.push(std::mem::take(&mut current));
            used = 0;
            continue;
        }
        let break_at = current.rfind(' ').map(|space| space + 1);
        match break_at {
            Some(at) if width <= columns && at <= current.len() => {
                let carried = current.split_off(at);
                wrapped.push(current.trim_end_matches(' ').to_owned());
                used = drawn_width(&carried);
                current = carried;
            }
            _ => {}
        }
        for grapheme in word.graphemes(true) {
            let width = drawn_width(grapheme);
            if used + width > columns && !current.is_empty() {
                wrapped.push(std::mem::take(&mut current));
                used = 0;
                if wrapped.len() > lines {
                    return;
                }
            }
            if width <= columns {
                current.push_str(grapheme);
                used += width;
            }
        }
    }
    wrapped.push(current);
}

//! Text with flowing lines put together again (RFC 3676): a line that ends in a blank
//! goes on in the next of the same quoting. It must not know charsets.

/// Returns a text whose paragraphs stand on one line each; `delsp` where the blank at a
/// line's end is no part of the text.
pub(super) fn unflowed(text: &str, delsp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The quoting of the line that goes on, if one does.
    let mut flowing: Option<usize> = None;
    for line in text.lines() {
        let depth = line.bytes().take_while(|b| *b == b'>').count();
        let rest = &line[depth..];
        // A line that began with a blank, `>` or `From ` was stuffed with one.
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let is_signature = rest == "-- ";
        if flowing != Some(depth) || is_signature {
            if flowing.take().is_some() {
                out.push('\n');
            }
            if depth > 0 {
                out.extend(std::iter::repeat_n('>', depth));
                if !rest.is_empty() {
                    out.push(' ');
                }
            }
        }
        if rest.ends_with(' ') && !is_signature {
            out.push_str(if delsp { &rest[..rest.len() - 1] } else { rest });
            flowing = Some(depth);
        } else {
            out.push_str(rest);
            out.push('\n');
            flowing = None;
        }
    }
    if flowing.is_some() {
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_stand_on_one_line() {
        let text = "One \ntwo \nthree.\n\n>> quoted \n>> on\n> less\n  stuffed\n-- \nAda\n";
        assert_eq!(unflowed(text, false), "One two three.\n\n>> quoted on\n> less\n stuffed\n-- \nAda\n");
        assert_eq!(unflowed("One \ntwo", true), "Onetwo\n");
        assert_eq!(unflowed("ends flowing ", false), "ends flowing \n");
        assert_eq!(unflowed("", false), "");
    }
}

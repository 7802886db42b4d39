//! Ranges of rows before a command: `%`, `.`, `$`, `2,5`, `'a,'b`, `.+3`.

use super::BadLine;

/// One end of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// The cursor's row, and so many rows from it.
    Current(i64),
    /// The last row, and so many rows from it.
    End(i64),
    /// This row, from 1.
    Row(u64),
    /// The row of a mark.
    Mark(char),
}

/// Rows from one to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: Address,
    /// The last.
    pub to: Address,
}

/// Reads the range at the beginning of a line; returns it with the bytes used.
pub(super) fn parse(line: &str) -> Result<(Option<Range>, usize), BadLine> {
    if line.starts_with('%') {
        return Ok((Some(Range { from: Address::Row(1), to: Address::End(0) }), 1));
    }
    let Some((from, used)) = address(line, 0)? else {
        return Ok((None, 0));
    };
    if !line[used..].starts_with(',') {
        return Ok((Some(Range { from, to: from }), used));
    }
    let behind = used + 1;
    match address(line, behind)? {
        Some((to, end)) => Ok((Some(Range { from, to }), end)),
        None => Err(BadLine {
            message: "a row was expected behind the comma".to_owned(),
            at: behind,
            hint: Some("such as 2,5 or .,$".to_owned()),
        }),
    }
}

fn address(line: &str, at: usize) -> Result<Option<(Address, usize)>, BadLine> {
    let rest = &line[at..];
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let too_large = || BadLine { message: "that row number is too large".to_owned(), at, hint: None };
    match rest.chars().next() {
        Some('0'..='9') => {
            let used = digits(rest);
            let row = rest[..used].parse().map_err(|_| too_large())?;
            Ok(Some((Address::Row(row), at + used)))
        }
        Some('\'') => match rest[1..].chars().next() {
            Some(mark) if mark.is_ascii_alphabetic() || mark == '<' || mark == '>' => Ok(Some((Address::Mark(mark), at + 2))),
            _ => Err(BadLine { message: "a mark is one letter, such as 'a".to_owned(), at, hint: None }),
        },
        Some(c @ ('.' | '$' | '+' | '-')) => {
            let mut used = usize::from(c == '.' || c == '$');
            let mut offset = 0_i64;
            while let Some(sign @ ('+' | '-')) = rest[used..].chars().next() {
                let count = digits(&rest[used + 1..]);
                let rows: i64 = if count == 0 { 1 } else { rest[used + 1..used + 1 + count].parse().map_err(|_| too_large())? };
                offset = offset.saturating_add(if sign == '+' { rows } else { -rows });
                used += 1 + count;
            }
            Ok(Some((if c == '$' { Address::End(offset) } else { Address::Current(offset) }, at + used)))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_ranges() {
        let range = |text: &str| parse(text).expect("valid");
        assert_eq!(range("%rm"), (Some(Range { from: Address::Row(1), to: Address::End(0) }), 1));
        assert_eq!(range(".,$rm"), (Some(Range { from: Address::Current(0), to: Address::End(0) }), 3));
        assert_eq!(range(".-2,+3rm").0, Some(Range { from: Address::Current(-2), to: Address::Current(3) }));
        assert_eq!(range("'a,'bd").0, Some(Range { from: Address::Mark('a'), to: Address::Mark('b') }));
        assert_eq!(range("rm"), (None, 0));
        assert!(parse("2,rm").is_err() && parse("99999999999999999999").is_err() && parse("'é").is_err());
    }
}

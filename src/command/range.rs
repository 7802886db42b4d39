//! Ranges of rows before a command: `%`, `.`, `$`, `2,5`, `'a,'b`, `.+3`, `/x/;+2`.
//!
//! A range is read here and resolved where the rows are: only there is known where
//! the cursor, the marks and the hits of a pattern stand.

use super::BadLine;

/// Where an address begins to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Base {
    /// The cursor's row.
    Current,
    /// The last row.
    End,
    /// This row, from 1.
    Row(u64),
    /// The row of a mark.
    Mark(char),
    /// The next row with a hit; without a pattern, of the last search.
    Next(Option<String>),
    /// The row before with a hit.
    Previous(Option<String>),
}

/// One end of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Where it begins to count.
    pub base: Base,
    /// How many rows from there.
    pub offset: i64,
}

impl Address {
    /// Returns an address without an offset.
    pub fn of(base: Base) -> Self {
        Self { base, offset: 0 }
    }

    /// Returns the pattern to be looked for, if it is one: `Some(None)` is the last
    /// search's.
    pub fn pattern(&self) -> Option<Option<&str>> {
        match &self.base {
            Base::Next(pattern) | Base::Previous(pattern) => Some(pattern.as_deref()),
            _ => None,
        }
    }
}

/// Rows from one to another, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first.
    pub from: Address,
    /// The last.
    pub to: Address,
    /// Whether the last counts from the first and not from the cursor: `;`.
    pub onwards: bool,
}

/// Where the things stand that a range may name, in rows from 0.
pub trait Rows {
    /// Returns the cursor's row.
    fn cursor(&self) -> usize;
    /// Returns how many rows there are.
    fn count(&self) -> usize;
    /// Returns the row of a mark.
    ///
    /// # Errors
    /// One sentence: it is not set, or not among these rows.
    fn mark(&self, mark: char) -> Result<usize, String>;
    /// Returns the next or previous row with a hit from a row on.
    ///
    /// # Errors
    /// One sentence: there is none.
    fn hit(&self, pattern: Option<&str>, from: usize, forward: bool) -> Result<usize, String>;
}

impl Range {
    /// Returns the range of one address.
    pub fn at(address: Address) -> Self {
        Self { from: address.clone(), to: address, onwards: false }
    }

    /// Returns the patterns that it looks for; `None` is the last search's.
    pub fn patterns(&self) -> Vec<Option<String>> {
        let own = |address: &Address| address.pattern().map(|pattern| pattern.map(str::to_owned));
        if self.from == self.to {
            own(&self.from).into_iter().collect()
        } else {
            [own(&self.from), own(&self.to)].into_iter().flatten().collect()
        }
    }

    /// Returns the pattern that it looks for last, and whether forward.
    pub fn sought(&self) -> Option<(&str, bool)> {
        [&self.to, &self.from].into_iter().find_map(|address| match &address.base {
            Base::Next(Some(pattern)) => Some((pattern.as_str(), true)),
            Base::Previous(Some(pattern)) => Some((pattern.as_str(), false)),
            _ => None,
        })
    }

    /// Returns the first and last row, from 0.
    ///
    /// # Errors
    /// One sentence: a row that there is not, a mark that is not set, no hit.
    pub fn resolve(&self, rows: &dyn Rows) -> Result<(usize, usize), String> {
        let from = row(&self.from, rows, rows.cursor())?;
        let to =
            if self.from == self.to { from } else { row(&self.to, rows, if self.onwards { from.max(0) as usize } else { rows.cursor() })? };
        // Row 0 is the first one, as in Vim.
        let within = |row: i64| usize::try_from(row.max(0)).ok().filter(|at| row >= -1 && *at < rows.count().max(1));
        match (within(from), within(to)) {
            (Some(from), Some(to)) => Ok((from.min(to), from.max(to))),
            _ => Err(format!("there are only {} rows", rows.count())),
        }
    }

    /// Returns the row that `;` has put the cursor on, whatever the range comes to.
    pub fn left_at(&self, rows: &dyn Rows) -> Option<usize> {
        let from = row(&self.from, rows, rows.cursor()).ok().filter(|_| self.onwards)?;
        usize::try_from(from.max(0)).ok().filter(|row| *row < rows.count())
    }

    /// Returns the row that a range alone goes to, from 0; beyond the end it is the
    /// last.
    ///
    /// # Errors
    /// As [`Self::resolve`], rows beyond the end aside.
    pub fn target(&self, rows: &dyn Rows) -> Result<usize, String> {
        let from = if self.onwards { row(&self.from, rows, rows.cursor())?.max(0) as usize } else { rows.cursor() };
        let to = row(&self.to, rows, from)?;
        Ok(usize::try_from(to.max(0)).unwrap_or(usize::MAX).min(rows.count().saturating_sub(1)))
    }
}

fn row(address: &Address, rows: &dyn Rows, cursor: usize) -> Result<i64, String> {
    let whole = |row: usize| i64::try_from(row).unwrap_or(i64::MAX);
    let base = match &address.base {
        Base::Current => whole(cursor),
        Base::End => whole(rows.count()) - 1,
        Base::Row(row) => i64::try_from(*row).unwrap_or(i64::MAX) - 1,
        Base::Mark(mark) => whole(rows.mark(*mark)?),
        Base::Next(pattern) => whole(rows.hit(pattern.as_deref(), cursor, true)?),
        Base::Previous(pattern) => whole(rows.hit(pattern.as_deref(), cursor, false)?),
    };
    Ok(base.saturating_add(address.offset))
}

/// Reads the range at the beginning of a line; returns it with the bytes used.
pub(super) fn parse(line: &str) -> Result<(Option<Range>, usize), BadLine> {
    if line.starts_with('%') {
        let range = Range { from: Address::of(Base::Row(1)), to: Address::of(Base::End), onwards: false };
        return Ok((Some(range), 1));
    }
    if line.starts_with('*') {
        let range = Range { from: Address::of(Base::Mark('<')), to: Address::of(Base::Mark('>')), onwards: false };
        return Ok((Some(range), 1));
    }
    let (mut from, mut used) = address(line, 0)?;
    let mut range = from.clone().map(Range::at);
    // Of more than two addresses the last two count, as in Vim.
    while line[used..].starts_with([',', ';']) {
        let onwards = line[used..].starts_with(';');
        let (to, end) = address(line, used + 1)?;
        let here = || Address::of(Base::Current);
        let to = to.unwrap_or_else(here);
        range = Some(Range { from: from.unwrap_or_else(here), to: to.clone(), onwards });
        from = Some(to);
        used = end;
    }
    Ok((range, used))
}

/// Reads an address, if one begins here.
fn address(line: &str, at: usize) -> Result<(Option<Address>, usize), BadLine> {
    let at = at + (line[at..].len() - line[at..].trim_start().len());
    let rest = &line[at..];
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let bad = |message: &str, at: usize| BadLine { message: message.to_owned(), at, hint: None };
    let (base, mut used) = match rest.chars().next() {
        Some('0'..='9') => {
            let used = digits(rest);
            (Base::Row(rest[..used].parse().map_err(|_| bad("that row number is too large", at))?), used)
        }
        Some('\'') => match rest[1..].chars().next() {
            Some(mark) if mark.is_ascii_alphabetic() || "<>[]'`.\"".contains(mark) => (Base::Mark(mark), 2),
            _ => return Err(bad("a mark is one letter, such as 'a", at)),
        },
        Some('.') => (Base::Current, 1),
        Some('$') => (Base::End, 1),
        Some('+' | '-') => (Base::Current, 0),
        Some(sign @ ('/' | '?')) => {
            let (pattern, used) = delimited(&rest[1..], sign);
            let pattern = Some(pattern).filter(|pattern| !pattern.is_empty());
            (if sign == '/' { Base::Next(pattern) } else { Base::Previous(pattern) }, 1 + used)
        }
        Some('\\') if rest[1..].starts_with(['/', '?']) => {
            (if rest[1..].starts_with('/') { Base::Next(None) } else { Base::Previous(None) }, 2)
        }
        _ => return Ok((None, at)),
    };
    let mut offset = 0_i64;
    while let Some(sign @ ('+' | '-')) = rest[used..].chars().next() {
        let count = digits(&rest[used + 1..]);
        let rows: i64 =
            if count == 0 { 1 } else { rest[used + 1..used + 1 + count].parse().map_err(|_| bad("that row number is too large", at))? };
        offset = offset.saturating_add(if sign == '+' { rows } else { -rows });
        used += 1 + count;
    }
    Ok((Some(Address { base, offset }), at + used))
}

/// Reads a pattern up to its delimiter, which a backslash takes for itself; returns
/// it with the bytes used, delimiter included.
pub fn delimited(text: &str, delimiter: char) -> (String, usize) {
    let mut pattern = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == delimiter {
            return (pattern, at + c.len_utf8());
        }
        match chars.clone().next() {
            Some((_, next)) if c == '\\' && next == delimiter => {
                pattern.push(delimiter);
                chars.next();
            }
            Some((_, next)) if c == '\\' => {
                pattern.extend([c, next]);
                chars.next();
            }
            _ => pattern.push(c),
        }
    }
    (pattern, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ten;

    impl Rows for Ten {
        fn cursor(&self) -> usize {
            4
        }
        fn count(&self) -> usize {
            10
        }
        fn mark(&self, mark: char) -> Result<usize, String> {
            if mark == 'a' { Ok(1) } else { Err(format!("the mark {mark} is not set")) }
        }
        fn hit(&self, _: Option<&str>, from: usize, forward: bool) -> Result<usize, String> {
            Ok(if forward { from + 2 } else { from - 2 })
        }
    }

    fn range(text: &str) -> Result<(usize, usize), String> {
        let (range, _) = parse(text).map_err(|bad| bad.message)?;
        range.map_or_else(|| Err("no range".to_owned()), |range| range.resolve(&Ten))
    }

    #[test]
    fn reads_and_resolves_ranges() {
        for (text, rows) in [
            ("%d", (0, 9)),
            (".,$d", (4, 9)),
            (".-2,+3d", (2, 7)),
            ("'a,.d", (1, 4)),
            ("3,6d", (2, 5)),
            ("6,3d", (2, 5)),
            (",8d", (4, 7)),
            ("0d", (0, 0)),
            ("/x/d", (6, 6)),
            ("?x?,/y/d", (2, 6)),
            ("/x/;+2d", (6, 8)),
            ("2,4,6d", (3, 5)),
            ("$--,$d", (7, 9)),
        ] {
            assert_eq!(range(text), Ok(rows), "{text}");
        }
        assert_eq!(range("d"), Err("no range".to_owned()));
        assert_eq!(range("5,99d"), Err("there are only 10 rows".to_owned()));
        assert_eq!(range("'qd"), Err("the mark q is not set".to_owned()));
        assert!(parse("99999999999999999999").is_err() && parse("'é").is_err());
    }

    #[test]
    fn a_backslash_takes_the_delimiter() {
        assert_eq!(delimited(r"a\/b/c", '/'), ("a/b".to_owned(), 5));
        assert_eq!(delimited(r"\d+/x", '/'), (r"\d+".to_owned(), 4));
        assert_eq!(delimited("abc", '/'), ("abc".to_owned(), 3));
    }
}

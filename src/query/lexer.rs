//! Words, names, signs and quoted texts of a query, read where the parser asks.
//!
//! What a character means depends on what may stand there (`-` begins an
//! exclusion, but also the value `-7d`), so there is no list of tokens made
//! beforehand: the parser asks for what it expects.

use super::{Name, Op, QueryError, Span};

/// A place in a query's text.
#[derive(Clone)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// Quoted or bare text.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) quoted: bool,
    pub(super) span: Span,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Returns what stands at a place.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        &self.text[span.start..span.end]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn looks_at(&self, sign: &str) -> bool {
        self.rest().starts_with(sign)
    }

    /// Takes this sign, if it stands here.
    pub(super) fn take(&mut self, sign: &str) -> bool {
        let found = self.looks_at(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    pub(super) fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Returns whether a word may end here: space, a bracket or the end.
    pub(super) fn at_boundary(&self) -> bool {
        self.peek().is_none_or(|c| c.is_whitespace() || c == '(' || c == ')')
    }

    /// Returns the place of the character that stands here; empty at the end.
    pub(super) fn here(&self) -> Span {
        Span::new(self.at, self.at + self.peek().map_or(0, char::len_utf8))
    }

    /// Takes one of these words, if it stands here alone.
    pub(super) fn take_word(&mut self, words: &[&str]) -> Option<Span> {
        for word in words {
            let mut ahead = self.clone();
            if ahead.take(word) && ahead.at_boundary() {
                let span = Span::new(self.at, ahead.at);
                *self = ahead;
                return Some(span);
            }
        }
        None
    }

    /// Takes `name.name` and the comparison behind it, if both stand here.
    pub(super) fn take_field(&mut self) -> Option<(Vec<Name>, Op, Span)> {
        let mut ahead = self.clone();
        let mut path = Vec::new();
        loop {
            path.push(ahead.take_name(path.is_empty())?);
            if !ahead.take(".") {
                break;
            }
        }
        let start = ahead.at;
        let op = ahead.take_op()?;
        *self = ahead;
        Some((path, op, Span::new(start, self.at)))
    }

    fn take_name(&mut self, first: bool) -> Option<Name> {
        let rest = self.rest();
        let end = rest.find(|c: char| !is_name_char(c)).unwrap_or(rest.len());
        let text = &rest[..end];
        // Later names may be numbers (`email.2`); with a digit first, `10:30` would be a field.
        if text.is_empty() || text.starts_with('-') || (first && text.starts_with(char::is_numeric)) {
            return None;
        }
        let span = Span::new(self.at, self.at + end);
        self.at = span.end;
        Some(Name { text: text.to_owned(), span })
    }

    pub(super) fn take_op(&mut self) -> Option<Op> {
        // The longer signs first.
        [Op::Ne, Op::Le, Op::Ge, Op::Has, Op::Eq, Op::Lt, Op::Gt].into_iter().find(|op| self.take(op.sign()))
    }

    /// Takes quoted or bare text; `None` where none begins.
    pub(super) fn take_piece(&mut self) -> Result<Option<Piece>, QueryError> {
        if self.looks_at("\"") {
            return self.take_quoted().map(Some);
        }
        let rest = self.rest();
        let stop = rest.find(|c: char| c.is_whitespace() || c == ',' || c == ')').unwrap_or(rest.len());
        let end = rest[..stop].find("..").unwrap_or(stop);
        if end == 0 {
            return Ok(None);
        }
        let span = Span::new(self.at, self.at + end);
        self.at = span.end;
        Ok(Some(Piece { text: rest[..end].to_owned(), quoted: false, span }))
    }

    fn take_quoted(&mut self) -> Result<Piece, QueryError> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at = start + offset + 1;
                    return Ok(Piece { text, quoted: true, span: Span::new(start, self.at) });
                }
                '\\' => {
                    let at = start + offset;
                    let escaped = chars.next();
                    let read = match escaped.map(|(_, c)| c) {
                        Some(c @ ('"' | '\\')) => Some(c),
                        Some('n') => Some('\n'),
                        Some('r') => Some('\r'),
                        Some('t') => Some('\t'),
                        Some('u') => code_point(&mut chars),
                        _ => None,
                    };
                    let Some(read) = read else {
                        let end = at + 1 + escaped.map_or(0, |(_, c)| c.len_utf8());
                        return Err(QueryError::new(
                            Span::new(at, end),
                            "in quotes a backslash stands before \", \\, n, r, t or u{\u{2026}}",
                        )
                        .hint("for a backslash itself write \\\\"));
                    };
                    text.push(read);
                }
                c => text.push(c),
            }
        }
        Err(QueryError::new(Span::new(start, start + 1), "this quote is not closed").hint("close it with \""))
    }
}

/// Reads `{1b}`, a character by its hexadecimal number.
fn code_point(chars: &mut impl Iterator<Item = (usize, char)>) -> Option<char> {
    let mut number = 0;
    let mut digits = 0;
    chars.next().filter(|(_, c)| *c == '{')?;
    loop {
        match chars.next()?.1 {
            '}' if digits > 0 => return char::from_u32(number),
            c if digits < 6 => {
                number = number * 16 + c.to_digit(16)?;
                digits += 1;
            }
            _ => return None,
        }
    }
}

/// Returns whether a character may stand in a field's name.
pub(super) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-' || is_mark(c)
}

/// Returns whether a character is a combining mark as Latin and Greek letters carry
/// them when decomposed: a name typed so is still one name.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

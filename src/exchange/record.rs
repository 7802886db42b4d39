//! How one row of delimited text is cut out of a buffer: quotes, escapes, line
//! ends. It must not know files, headers or encodings.
//!
//! The `csv` crate reads the same language (a property test holds this reader
//! against it); it is not used for reading because a rejected row has to be given
//! back as it was, a quote that is never closed must cost one row and not the
//! rest of the file, and a cell must have a bound.

use super::write;

/// How delimited text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Syntax {
    /// Stands between cells.
    pub delimiter: u8,
    /// Encloses cells that hold delimiters or line ends; none in our own tsv.
    pub quote: Option<u8>,
    /// A quote within quotes is written `\"` and not `""`.
    pub backslash: bool,
    /// A lone return ends a row (old Mac files).
    pub returns: bool,
    /// Spaces after a delimiter don't belong to the cell.
    pub skip_space: bool,
    /// `\t \n \r \\` stand for tab, newline, return and backslash (our own tsv).
    pub escapes: bool,
}

impl Syntax {
    /// Returns the syntax of RFC 4180 with this delimiter.
    pub fn delimited(delimiter: u8) -> Self {
        Self { delimiter, quote: Some(b'"'), backslash: false, returns: false, skip_space: false, escapes: false }
    }

    /// Returns the syntax of the tsv that rolo writes.
    pub fn own_tsv() -> Self {
        Self { quote: None, escapes: true, ..Self::delimited(b'\t') }
    }

    /// Returns cells as one row of this syntax, without its line end.
    pub fn written(&self, cells: &Cells) -> String {
        let delimiter = char::from(self.delimiter);
        let mut row = String::new();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                row.push(delimiter);
            }
            match self.quote.map(char::from) {
                _ if self.escapes => write::escape(cell, &mut row),
                Some(quote) if cell.contains([delimiter, quote, '\n', '\r']) || cell.starts_with(' ') => {
                    let doubled = if self.backslash { format!("\\{quote}") } else { format!("{quote}{quote}") };
                    row.push(quote);
                    row.push_str(&cell.replace(quote, &doubled));
                    row.push(quote);
                }
                Some(_) => row.push_str(cell),
                None => row.extend(cell.chars().map(|c| if c == delimiter || matches!(c, '\n' | '\r') { ' ' } else { c })),
            }
        }
        row
    }

    fn ends_row(&self, byte: u8) -> bool {
        byte == b'\n' || (self.returns && byte == b'\r')
    }
}

/// The cells of a row, in one allocation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cells {
    text: String,
    ends: Vec<u32>,
}

impl Cells {
    /// Returns how many cells there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns true where there is no cell.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the cell at `index`; nothing beyond the last.
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1] as usize,
        };
        self.text.get(start..end)
    }

    /// Returns the cells in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.get(index).unwrap_or_default())
    }

    /// Adds a cell.
    pub fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.end();
    }

    fn end(&mut self) {
        // A row is bounded far below 4 GiB.
        self.ends.push(self.text.len() as u32);
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

/// What was cut from the front of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A row: its cells are filled in.
    Row {
        /// Bytes of the row without its line end.
        content: usize,
        /// Bytes up to the next row.
        next: usize,
        /// The cell, from 0, in which text follows a closing quote.
        irregular: Option<usize>,
    },
    /// An empty line.
    Blank {
        /// Bytes up to the next row.
        next: usize,
    },
    /// The text ends within the row, and more is to come.
    More {
        /// The end lies within quotes.
        quoted: bool,
    },
    /// A quote opens on the first line that is not closed, or closes somewhere
    /// it cannot: on a later line, followed by text.
    Unclosed {
        /// Where the quote stands.
        quote: usize,
    },
    /// No row is left.
    End,
}

/// Cuts the first row off `text`; `whole` says that nothing follows it.
pub fn cut(syntax: &Syntax, text: &str, whole: bool, cells: &mut Cells) -> Cut {
    cells.clear();
    let bytes = text.as_bytes();
    let size = bytes.len();
    if size == 0 {
        return if whole { Cut::End } else { Cut::More { quoted: false } };
    }
    let mut irregular = None;
    let mut i = 0;
    loop {
        let mut start = i;
        if syntax.skip_space {
            while bytes.get(start) == Some(&b' ') {
                start += 1;
            }
        }
        if syntax.quote.is_some() && bytes.get(start).copied() == syntax.quote {
            match quoted(syntax, text, start, whole, cells) {
                Quoted::Closed { after, lines } => {
                    i = after;
                    let end = unquoted_end(syntax, bytes, i);
                    let tail = text[i..end].trim_end_matches('\r');
                    if !tail.trim_matches(' ').is_empty() {
                        if lines {
                            return if end < size || whole { Cut::Unclosed { quote: start } } else { Cut::More { quoted: true } };
                        }
                        irregular.get_or_insert(cells.len());
                        cells.text.push_str(tail);
                    }
                    i = end;
                }
                Quoted::Open if whole => return Cut::Unclosed { quote: start },
                Quoted::Open => return Cut::More { quoted: true },
            }
        } else {
            let end = unquoted_end(syntax, bytes, start);
            let mut cell = &text[start..end];
            if bytes.get(end).is_none_or(|b| syntax.ends_row(*b)) {
                cell = cell.trim_end_matches('\r');
            }
            if syntax.escapes {
                unescape(cell, &mut cells.text);
            } else {
                cells.text.push_str(cell);
            }
            i = end;
        }
        cells.end();
        let Some(&byte) = bytes.get(i) else {
            if !whole {
                return Cut::More { quoted: false };
            }
            return finish(cells, text, i, i, irregular);
        };
        if byte == syntax.delimiter {
            i += 1;
            continue;
        }
        // A line end: `\r\n` counts as one also where a lone `\r` does.
        let mut next = i + 1;
        if byte == b'\r' {
            match bytes.get(next) {
                Some(b'\n') => next += 1,
                Some(_) => {}
                None if !whole => return Cut::More { quoted: false },
                None => {}
            }
        }
        return finish(cells, text, i, next, irregular);
    }
}

fn finish(cells: &mut Cells, text: &str, end: usize, next: usize, irregular: Option<usize>) -> Cut {
    let content = text[..end].trim_end_matches('\r').len();
    if content == 0 {
        cells.clear();
        return Cut::Blank { next };
    }
    Cut::Row { content, next, irregular }
}

enum Quoted {
    /// The closing quote was found.
    Closed {
        /// The byte after it.
        after: usize,
        /// The cell holds a line end.
        lines: bool,
    },
    Open,
}

/// Reads a quoted cell whose opening quote stands at `open`.
fn quoted(syntax: &Syntax, text: &str, open: usize, whole: bool, cells: &mut Cells) -> Quoted {
    let bytes = text.as_bytes();
    let quote = bytes[open];
    let mut lines = false;
    let mut run = open + 1;
    let mut i = run;
    while let Some(&byte) = bytes.get(i) {
        if byte == quote {
            match bytes.get(i + 1) {
                Some(next) if *next == quote => {
                    cells.text.push_str(&text[run..=i]);
                    i += 2;
                    run = i;
                }
                // Whether the quote is doubled cannot be told yet.
                None if !whole => return Quoted::Open,
                _ => {
                    cells.text.push_str(&text[run..i]);
                    return Quoted::Closed { after: i + 1, lines };
                }
            }
        } else if syntax.backslash && byte == b'\\' && bytes.get(i + 1).is_some_and(|b| *b == quote || *b == b'\\') {
            cells.text.push_str(&text[run..i]);
            run = i + 1;
            i += 2;
        } else {
            lines |= byte == b'\n' || byte == b'\r';
            i += 1;
        }
    }
    Quoted::Open
}

/// Returns where the unquoted text from `start` on ends.
fn unquoted_end(syntax: &Syntax, bytes: &[u8], start: usize) -> usize {
    bytes[start..].iter().position(|b| *b == syntax.delimiter || syntax.ends_row(*b)).map_or(bytes.len(), |at| start + at)
}

/// Appends `cell` with `\t \n \r \\` turned into what they stand for; any other
/// backslash stays.
fn unescape(cell: &str, out: &mut String) {
    let mut rest = cell;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let meant = match rest.as_bytes().get(at + 1) {
            Some(b't') => '\t',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b'\\') => '\\',
            _ => {
                out.push('\\');
                rest = &rest[at + 1..];
                continue;
            }
        };
        out.push(meant);
        rest = &rest[at + 2..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;

    fn rows(syntax: Syntax, mut text: &str) -> Vec<Vec<String>> {
        let mut cells = Cells::default();
        let mut rows = Vec::new();
        loop {
            match cut(&syntax, text, true, &mut cells) {
                Cut::Row { next, .. } => {
                    rows.push(cells.iter().map(str::to_owned).collect());
                    text = &text[next..];
                }
                Cut::Blank { next } => text = &text[next..],
                Cut::End => return rows,
                other => panic!("{other:?} at {text:?}"),
            }
        }
    }

    fn comma(text: &str) -> Vec<Vec<String>> {
        rows(Syntax::delimited(b','), text)
    }

    #[test]
    fn quotes_line_ends_and_spaces() {
        assert_eq!(comma("a,\"b\"\"c\",\r\n"), [["a", "b\"c", ""]]);
        assert_eq!(comma("\"a\r\nb\" ,c"), [["a\r\nb", "c"]]);
        assert_eq!(comma("a\rb,c\r\r\n\nd,e"), [["a\rb", "c"], ["d", "e"]]);
        let mac = Syntax { returns: true, ..Syntax::delimited(b',') };
        assert_eq!(rows(mac, "a,b\r1,2\r"), [["a", "b"], ["1", "2"]]);
        let spaced = Syntax { skip_space: true, ..Syntax::delimited(b',') };
        assert_eq!(rows(spaced, "a, \"6,000\", c"), [["a", "6,000", "c"]]);
        let backslash = Syntax { backslash: true, ..Syntax::delimited(b';') };
        assert_eq!(rows(backslash, "\"\\\"Hacksaw\\\" Jim\";1987"), [["\"Hacksaw\" Jim", "1987"]]);
    }

    #[test]
    fn own_tsv_is_unescaped() {
        let tsv = Syntax::own_tsv();
        assert_eq!(rows(tsv, "a\\tb\t\"c\\n\t\\\\t\t\\x\\\n"), [["a\tb", "\"c\n", "\\t", "\\x\\"]]);
    }

    #[test]
    fn an_unclosed_quote_is_told() {
        let mut cells = Cells::default();
        let syntax = Syntax::delimited(b',');
        let mut try_it = |text: &str, whole| cut(&syntax, text, whole, &mut cells);
        assert_eq!(try_it("1,\"a\n2,b\n", true), Cut::Unclosed { quote: 2 });
        assert_eq!(try_it("1,\"a\n2,b\n", false), Cut::More { quoted: true });
        assert_eq!(try_it("1,\"a\n2,\"b\"\n", true), Cut::Unclosed { quote: 2 }, "the quote closes on a later line before text");
        assert_eq!(try_it("\"a\"b,c\n", true), Cut::Row { content: 6, next: 7, irregular: Some(0) });
    }

    /// What the `csv` crate makes of it.
    fn oracle(text: &str) -> Vec<Vec<String>> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes())
            .into_records()
            .map(|r| r.unwrap().iter().map(str::to_owned).collect())
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn well_formed_text_reads_as_the_csv_crate_reads_it(
            table in proptest::collection::vec(proptest::collection::vec("[a,\"\\r\\né ]{0,5}", 1..4), 0..6),
            crlf in any::<bool>(),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .flexible(true)
                .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
                .from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(comma(&text), oracle(&text));
        }

        #[test]
        fn any_text_is_cut_without_panic_and_to_its_end(
            text in "[a,;\"\\\\\\t\\r\\né ]{0,40}",
            flags in any::<[bool; 4]>(),
            delimiter in prop::sample::select(vec![b',', b';', b'\t', b' ']),
        ) {
            let syntax = Syntax {
                delimiter,
                quote: flags[0].then_some(b'"'),
                backslash: flags[1],
                returns: flags[2],
                skip_space: flags[3],
                escapes: false,
            };
            let mut cells = Cells::default();
            let mut rest = text.as_str();
            loop {
                match cut(&syntax, rest, true, &mut cells) {
                    Cut::Row { content, next, .. } => {
                        prop_assert!(content <= next && !cells.is_empty());
                        rest = &rest[next..];
                    }
                    Cut::Blank { next } => rest = &rest[next..],
                    Cut::Unclosed { quote } => {
                        let skip = rest[quote..].find(['\n', '\r']).map_or(rest.len(), |at| quote + at + 1);
                        rest = &rest[skip..];
                    }
                    Cut::End => break,
                    Cut::More { .. } => prop_assert!(false, "nothing more comes"),
                }
            }
        }

        #[test]
        fn a_cut_text_asks_for_more_or_agrees(text in "[a,\"\\r\\n]{0,24}", at in 0usize..24) {
            let syntax = Syntax::delimited(b',');
            let (mut part, mut all) = (Cells::default(), Cells::default());
            let prefix = &text[..at.min(text.len())];
            let short = cut(&syntax, prefix, false, &mut part);
            if !matches!(short, Cut::More { .. }) {
                prop_assert_eq!(short, cut(&syntax, &text, true, &mut all));
                prop_assert_eq!(part, all);
            }
        }
    }
}

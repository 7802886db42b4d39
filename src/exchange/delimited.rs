//! The reader of delimited files: rows under a header, streamed. It must not
//! know what the columns mean.

use std::io::Read;

use super::dialect::{self, Dialect, Given, line_ends};
use super::format::Format;
use super::header::Header;
use super::problem::Problem;
use super::record::{Cells, Cut, cut};
use super::rows::{BadRow, Facts, LONGEST_ROW, Oddity, Row, RowResult, Rows, Text, Values};
use super::rows::{shown, too_long};

/// Reads rows of delimited text.
pub(crate) struct Delimited<R> {
    text: Text<R>,
    format: Format,
    dialect: Dialect,
    header: Header,
    head: String,
    cells: Cells,
    line: u64,
    number: u64,
}

impl<R: Read> Delimited<R> {
    /// Finds out how the text is written and reads up to the first row.
    pub(crate) fn open(mut text: Text<R>, format: Format, given: &Given, known: &dyn Fn(&str) -> bool) -> Result<Self, Problem> {
        text.look()?;
        let dialect = dialect::detect(text.rest(), text.whole(), given, known);
        let mut reader =
            Self { text, format, dialect, header: Header::default(), head: String::new(), cells: Cells::default(), line: 1, number: 0 };
        reader.read_head(given)?;
        Ok(reader)
    }

    /// Skips what stands above the header and takes the header in.
    fn read_head(&mut self, given: &Given) -> Result<(), Problem> {
        let target = self.dialect.header_line.unwrap_or(self.dialect.first_line);
        while self.line < target {
            let Some(line) = self.take_line()? else {
                let problem = Problem::new("no-header", format!("the header is said to stand on line {target}, but the file ends before"));
                return Err(problem.line(self.line));
            };
            self.head.push_str(&line);
        }
        if self.dialect.header_line.is_none() {
            return self.read_without_header(given);
        }
        loop {
            match self.cut_next()? {
                Cut::Row { next, .. } => {
                    if next > LONGEST_ROW {
                        return Err(too_long(self.line));
                    }
                    self.header = Header::new(self.cells.iter());
                    let raw = self.text.rest()[..next].to_owned();
                    self.head.push_str(&raw);
                    self.advance(next);
                    return Ok(());
                }
                Cut::Blank { next } => {
                    let raw = self.text.rest()[..next].to_owned();
                    self.head.push_str(&raw);
                    self.advance(next);
                }
                Cut::End => return Ok(()),
                Cut::Unclosed { .. } => {
                    return Err(Problem::new("no-header", "a quote in the header line is never closed").line(self.line));
                }
                Cut::More { .. } => return Err(too_long(self.line)),
            }
        }
    }

    fn read_without_header(&mut self, given: &Given) -> Result<(), Problem> {
        let width = loop {
            match self.cut_next()? {
                Cut::Row { .. } => break self.cells.len(),
                Cut::Blank { next } => self.advance(next),
                Cut::End => return Ok(()),
                Cut::Unclosed { .. } | Cut::More { .. } => break 1,
            }
        };
        if given.header_row != Some(0) {
            return Err(Problem::new("no-header", "there is no header row, the first row reads like data")
                .line(self.line)
                .hint("name its line with --header-row N, or say --header-row 0 where there is none"));
        }
        self.header = Header::unnamed(width);
        Ok(())
    }

    /// Cuts the next row, reading on as far as a row may reach.
    fn cut_next(&mut self) -> Result<Cut, Problem> {
        loop {
            let whole = self.text.whole();
            let cut = cut(&self.dialect.syntax, self.text.rest(), whole, &mut self.cells);
            match cut {
                Cut::More { .. } if self.text.rest().len() <= LONGEST_ROW => self.text.more()?,
                cut => return Ok(cut),
            }
        }
    }

    fn advance(&mut self, bytes: usize) {
        let used = &self.text.rest()[..bytes];
        self.line += line_ends(used, self.dialect.syntax.returns);
        self.text.take(bytes);
    }

    /// Takes one line with its end, whatever it holds; nothing at the end. Of a
    /// line above the limit only the beginning is given.
    fn take_line(&mut self) -> Result<Option<String>, Problem> {
        let returns = self.dialect.syntax.returns;
        let mut kept: Option<String> = None;
        loop {
            let rest = self.text.rest();
            let end = rest.find(|c| c == '\n' || (returns && c == '\r'));
            let end = end.map(|at| if rest[at..].starts_with("\r\n") { at + 2 } else { at + 1 });
            match end {
                Some(end) if end < rest.len() || !rest[..end].ends_with('\r') || self.text.whole() => {
                    let line = kept.unwrap_or_else(|| rest[..end].to_owned());
                    self.advance(end);
                    return Ok(Some(line));
                }
                _ if self.text.whole() => {
                    let size = rest.len();
                    let line = kept.or_else(|| (size > 0).then(|| rest.to_owned()));
                    self.advance(size);
                    return Ok(line);
                }
                _ if rest.len() > LONGEST_ROW => {
                    kept.get_or_insert_with(|| shown(rest));
                    // A return at the very end may have its newline yet to come.
                    let size = rest.trim_end_matches('\r').len();
                    self.text.take(size);
                    self.text.more()?;
                }
                _ => self.text.more()?,
            }
        }
    }

    fn bad(&mut self, problem: Problem) -> Result<Box<BadRow>, Problem> {
        self.number += 1;
        let (line, offset) = (self.line, self.text.offset());
        let raw = self.take_line()?.unwrap_or_default();
        let raw = raw.trim_end_matches(['\n', '\r']);
        Ok(Box::new(BadRow {
            number: self.number,
            line,
            offset,
            raw: if raw.len() > LONGEST_ROW { shown(raw) } else { raw.to_owned() },
            problem,
        }))
    }

    fn unclosed(&mut self, quote: usize) -> Result<Box<BadRow>, Problem> {
        let before = &self.text.rest()[..quote];
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let column = before[line_start..].chars().count() as u64 + 1;
        let problem = Problem::new("unclosed-quote", "a quote opens here that is not closed")
            .at(self.line, column)
            .hint("a quote within quotes is written twice");
        self.bad(problem)
    }

    fn oddity(&self, irregular: Option<usize>) -> Option<Oddity> {
        if let Some(cell) = irregular {
            return Some(Oddity::TextAfterQuote { cell });
        }
        let (cells, width) = (self.cells.len(), self.header.len());
        if cells < width {
            return Some(if self.dialect.cut_rows { Oddity::Padded { cells } } else { Oddity::TooShort { cells } });
        }
        let spare = (width..cells).any(|i| self.cells.get(i).is_some_and(|c| !c.trim().is_empty()));
        spare.then_some(Oddity::TooLong { cells })
    }
}

impl<R: Read> Rows for Delimited<R> {
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem> {
        loop {
            match self.cut_next()? {
                Cut::Blank { next } => self.advance(next),
                Cut::End => return Ok(None),
                Cut::Unclosed { quote } => return self.unclosed(quote).map(|bad| Some(Err(bad))),
                Cut::More { quoted } => {
                    // A quote that swallows everything up to the limit costs one line.
                    let problem = if quoted {
                        Problem::new(
                            "unclosed-quote",
                            format!("a quote on this line is not closed within {} MiB", LONGEST_ROW / 1024 / 1024),
                        )
                        .line(self.line)
                    } else {
                        too_long(self.line)
                    };
                    return self.bad(problem).map(|bad| Some(Err(bad)));
                }
                Cut::Row { content, .. } if content > LONGEST_ROW => {
                    let bad = self.bad(too_long(self.line))?;
                    return Ok(Some(Err(bad)));
                }
                Cut::Row { content, next, irregular } => {
                    let rest = self.text.rest();
                    let oddity = self.oddity(irregular);
                    // A row of several lines that does not fit the header has most
                    // likely swallowed its neighbours by a stray quote.
                    let lines = rest[..content].find('\n');
                    let misfit = matches!(oddity, Some(Oddity::TooShort { .. } | Oddity::TooLong { .. }));
                    if misfit
                        && let Some(end) = lines
                        && let Some(quote) = self.quote_left_open(end)
                    {
                        return self.unclosed(quote).map(|bad| Some(Err(bad)));
                    }
                    let raw = rest[..content].to_owned();
                    self.number += 1;
                    let values = Values::Cells(std::mem::take(&mut self.cells));
                    let row = Row { oddity, ..Row::new(self.number, self.line, self.text.offset(), raw, values) };
                    self.advance(next);
                    return Ok(Some(Ok(row)));
                }
            }
        }
    }

    fn header(&self) -> Option<&Header> {
        Some(&self.header)
    }

    fn facts(&self) -> Facts {
        Facts {
            format: self.format,
            encoding: self.text.report().clone(),
            dialect: Some(self.dialect.clone()),
            head: self.head.clone(),
            member: None,
            notes: Vec::new(),
        }
    }

    fn bytes(&self) -> u64 {
        self.text.bytes()
    }
}

impl<R: Read> Delimited<R> {
    /// Returns the quote that is still open where the first line ends.
    fn quote_left_open(&self, line_end: usize) -> Option<usize> {
        let mut cells = Cells::default();
        let line = &self.text.rest()[..line_end];
        match cut(&self.dialect.syntax, line, true, &mut cells) {
            Cut::Unclosed { quote } => Some(quote),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::super::rows::{Request, open};
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> (Vec<Row>, Vec<BadRow>) {
        let mut source = open(Box::new(text.as_bytes()), &Request::default()).unwrap();
        let (mut rows, mut bad) = (Vec::new(), Vec::new());
        while let Some(next) = source.next_row().unwrap() {
            match next {
                Ok(row) => rows.push(row),
                Err(row) => bad.push(*row),
            }
        }
        (rows, bad)
    }

    fn first_cell(row: &Row) -> &str {
        match &row.values {
            Values::Cells(cells) => cells.get(0).unwrap(),
            Values::Tree(_) => panic!("cells were expected"),
        }
    }

    #[test]
    fn a_stray_quote_costs_its_own_row_only() {
        for (text, line, column) in [
            ("id,name,x\n1,a,b\n2,\"Foo,b\n3,c,d\n4,\"e\",f\n", 3, 3),
            ("id,name,x\n1,a,b\n\"2,Foo,b\n3,c,d\n4,e,f\n", 3, 1),
            // The quote closes just before a delimiter, but the row no longer fits.
            ("id,name,x\n1,a,b\n2,\"Foo,b\n3,c\",d,e\n4,e,f\n", 3, 3),
        ] {
            let (rows, bad) = read(text);
            assert_eq!(bad[0].problem.code, "unclosed-quote");
            assert_eq!(bad[0].problem.at.line, Some(line));
            assert_eq!(bad[0].problem.at.column, Some(column));
            assert_eq!(bad[0].raw, text.lines().nth(2).unwrap());
            let ids: Vec<_> = rows.iter().map(first_cell).collect();
            assert_eq!(ids, ["1", "3", "4"], "{text:?}");
            assert_eq!(rows[2].line, 5);
        }
    }

    #[test]
    fn a_row_keeps_its_place_and_its_writing() {
        let (rows, _) = read("a,b\r\n1,\"x\r\ny\"\r\n\r\n2,z\r\n");
        assert_eq!(rows[0].raw, "1,\"x\r\ny\"");
        assert_eq!((rows[0].line, rows[0].offset, rows[0].number), (2, 5, 1));
        assert_eq!((rows[1].line, rows[1].offset, rows[1].number), (5, 17, 2));
    }

    #[test]
    fn rows_that_end_early_are_padded_where_that_is_the_habit() {
        let mut text = String::from("a,b,c\n");
        for _ in 0..9 {
            text.push_str("1,2,3\n1,2\n");
        }
        let (rows, _) = read(&text);
        assert_eq!(rows[1].oddity, Some(Oddity::Padded { cells: 2 }));
    }

    #[test]
    fn monsters_are_bounded() {
        let long = format!("a,b\n1,{}\n2,c\n", "x".repeat(LONGEST_ROW + 10));
        let (rows, bad) = read(&long);
        assert_eq!(first_cell(&rows[0]), "2");
        assert_eq!(bad[0].problem.to_string(), "line 2: a row is longer than 8 MiB (is a quote or a line end missing?)");
        assert!(bad[0].raw.len() < 5000);

        let quoted = format!("a,b\n1,\"x\n{}", "2,c\n".repeat(LONGEST_ROW / 4 + 10));
        let (rows, bad) = read(&quoted);
        assert_eq!((bad.len(), bad[0].raw.as_str()), (1, "1,\"x"));
        assert_eq!(rows.len(), LONGEST_ROW / 4 + 10);

        let header = "x".repeat(10_000_000);
        let problem = open(Box::new(header.as_bytes()), &Request::default()).err();
        assert_eq!(problem.unwrap().code, "too-long");

        let wide: Vec<String> = (0..100_000).map(|i| format!("c{i}")).collect();
        let wide = format!("{}\n{}\n", wide.join(","), ",".repeat(99_999));
        let (rows, bad) = read(&wide);
        assert_eq!((rows.len(), bad.len()), (1, 0));
    }

    #[test]
    fn a_header_line_beyond_the_end_is_told() {
        let mut request = Request::default();
        request.dialect.header_row = Some(7);
        let problem = open(Box::new(&b"a,b\n1,2\n"[..]), &request).err().unwrap();
        assert_eq!(problem.to_string(), "line 3: the header is said to stand on line 7, but the file ends before");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn every_line_is_in_the_head_a_row_or_a_bad_row(text in "[a1,;\"\\t\\r\\né ]{0,120}", header in any::<bool>()) {
            let mut request = Request::default();
            request.dialect.header_row = (!header).then_some(0);
            let Ok(mut source) = open(Box::new(text.as_bytes()), &request) else {
                return Ok(());
            };
            let mut seen = String::new();
            let (mut number, mut line) = (0, 0);
            while let Some(next) = source.next_row().unwrap() {
                let (raw, n, l) = match next {
                    Ok(row) => (row.raw, row.number, row.line),
                    Err(bad) => (bad.raw, bad.number, bad.line),
                };
                prop_assert!(n == number + 1 && l > line, "{n} {l} after {number} {line}");
                (number, line) = (n, l);
                seen.push_str(&raw);
            }
            let head = source.facts().head;
            let letters = |t: &str| t.chars().filter(|c| !"\r\n".contains(*c)).collect::<String>();
            prop_assert_eq!(letters(&head) + &letters(&seen), letters(&text));
        }
    }
}

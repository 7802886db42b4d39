//! Writers: rows of text as csv, tsv, plain or ids, and JSON values as one array
//! or one a line. It must not know fields, files or the terminal; a closed pipe is
//! an `io::Error` of kind `BrokenPipe` for the caller.

use std::io::{self, Write};

use serde::Serialize;

use super::formula;

/// How rows of text are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// RFC 4180 with a header line; formulas are marked unless `raw`.
    Csv {
        /// Cells go out as they are, also what a spreadsheet would run.
        raw: bool,
    },
    /// Tabs between cells, `\t \n \r \\` escaped, a header line.
    Tsv,
    /// Bare values separated by one tab, no header.
    Plain,
    /// The first cell alone.
    Ids,
}

/// Writes rows of text.
pub struct TableWriter<W: Write> {
    out: Sink<W>,
    layout: Layout,
    header: bool,
}

enum Sink<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Lines { out: W, line: String },
}

impl<W: Write> TableWriter<W> {
    /// Returns a writer; without `header` the header line is left out.
    pub fn new(out: W, layout: Layout, header: bool) -> Self {
        let out = match layout {
            // One cell may be empty: then it needs quotes, or its line would be no row.
            Layout::Csv { .. } => Sink::Csv(Box::new(csv::WriterBuilder::new().flexible(true).from_writer(out))),
            Layout::Tsv | Layout::Plain | Layout::Ids => Sink::Lines { out, line: String::new() },
        };
        let header = header && matches!(layout, Layout::Csv { .. } | Layout::Tsv);
        Self { out, layout, header }
    }

    /// Writes the header line, where the layout has one.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn header<I>(&mut self, names: I) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        if self.header { self.row(names) } else { Ok(()) }
    }

    /// Writes one row.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn row<I>(&mut self, cells: I) -> io::Result<()>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        match &mut self.out {
            Sink::Csv(writer) => {
                let protect = matches!(self.layout, Layout::Csv { raw: false });
                for cell in cells {
                    let cell = cell.as_ref();
                    let written = if protect && formula::needs_mark(cell) {
                        writer.write_field(format!("'{cell}"))
                    } else {
                        writer.write_field(cell)
                    };
                    written.map_err(csv_error)?;
                }
                writer.write_record(None::<&[u8]>).map_err(csv_error)
            }
            Sink::Lines { out, line } => {
                line.clear();
                for (index, cell) in cells.into_iter().enumerate() {
                    if index > 0 {
                        if self.layout == Layout::Ids {
                            break;
                        }
                        line.push('\t');
                    }
                    match self.layout {
                        Layout::Tsv => escape(cell.as_ref(), line),
                        // A bare value is one line's: its line breaks and tabs become spaces.
                        _ => line.extend(cell.as_ref().chars().map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c })),
                    }
                }
                line.push('\n');
                out.write_all(line.as_bytes())
            }
        }
    }

    /// Hands everything on and gives the sink back.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn finish(self) -> io::Result<W> {
        match self.out {
            Sink::Csv(writer) => writer.into_inner().map_err(|e| io::Error::new(e.error().kind(), e.error().to_string())),
            Sink::Lines { mut out, .. } => {
                out.flush()?;
                Ok(out)
            }
        }
    }
}

fn csv_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Appends a cell with tab, newline, return and backslash escaped.
pub(super) fn escape(cell: &str, line: &mut String) {
    for c in cell.chars() {
        match c {
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\\' => line.push_str("\\\\"),
            c => line.push(c),
        }
    }
}

/// Writes JSON values: one array, or one value a line.
pub struct JsonWriter<W: Write> {
    out: W,
    lines: bool,
    count: u64,
}

impl<W: Write> JsonWriter<W> {
    /// Returns a writer of JSON Lines, or else of one array.
    pub fn new(out: W, lines: bool) -> Self {
        Self { out, lines, count: 0 }
    }

    /// Writes one value.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn value(&mut self, value: &impl Serialize) -> io::Result<()> {
        if !self.lines {
            self.out.write_all(if self.count == 0 { b"[\n" } else { b",\n" })?;
        }
        self.count += 1;
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
        if self.lines { self.out.write_all(b"\n") } else { Ok(()) }
    }

    /// Ends the array, hands everything on and gives the sink back.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.lines {
            self.out.write_all(if self.count == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::format::Format;
    use super::super::rows::{Request, Values, open};
    use super::*;
    use proptest::prelude::*;

    fn written(layout: Layout, rows: &[Vec<String>]) -> String {
        let mut writer = TableWriter::new(Vec::new(), layout, true);
        for (index, row) in rows.iter().enumerate() {
            if index == 0 { writer.header(row).unwrap() } else { writer.row(row).unwrap() }
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    fn table(rows: &[&[&str]]) -> Vec<Vec<String>> {
        rows.iter().map(|row| row.iter().map(|c| (*c).to_owned()).collect()).collect()
    }

    #[test]
    fn each_layout_in_its_way() {
        let rows = table(&[&["id", "name"], &["c1", "=a,\"b\"\tc\\\n"], &["c2", "+420 1"]]);
        assert_eq!(written(Layout::Csv { raw: false }, &rows), "id,name\nc1,\"'=a,\"\"b\"\"\tc\\\n\"\nc2,+420 1\n");
        assert_eq!(written(Layout::Csv { raw: true }, &rows), "id,name\nc1,\"=a,\"\"b\"\"\tc\\\n\"\nc2,+420 1\n");
        assert_eq!(written(Layout::Tsv, &rows), "id\tname\nc1\t=a,\"b\"\\tc\\\\\\n\nc2\t+420 1\n");
        assert_eq!(written(Layout::Plain, &rows), "c1\t=a,\"b\" c\\ \nc2\t+420 1\n");
        assert_eq!(written(Layout::Ids, &rows), "c1\nc2\n");
    }

    #[test]
    fn json_is_an_array_or_lines() {
        let json = |lines: bool, values: &[i32]| {
            let mut writer = JsonWriter::new(Vec::new(), lines);
            for value in values {
                writer.value(value).unwrap();
            }
            String::from_utf8(writer.finish().unwrap()).unwrap()
        };
        assert_eq!(json(false, &[1, 2]), "[\n1,\n2\n]\n");
        assert_eq!(json(false, &[]), "[]\n");
        assert_eq!(json(true, &[1, 2]), "1\n2\n");
        assert_eq!(json(true, &[]), "");
    }

    #[test]
    fn a_closed_pipe_is_told_as_one() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
        }
        for layout in [Layout::Csv { raw: false }, Layout::Tsv] {
            let mut writer = TableWriter::new(Closed, layout, true);
            let told = writer.row(["a"]).and_then(|()| writer.finish().map(|_| ()));
            assert_eq!(told.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        }
        let mut writer = JsonWriter::new(Closed, true);
        assert_eq!(writer.value(&1).unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn what_goes_out_comes_back(
            rows in proptest::collection::vec(proptest::collection::vec("[a=+@'\"\\\\\\t\\n\\r,;é0 -]{0,6}", 3), 0..6),
            tsv in any::<bool>(),
        ) {
            let mut all = table(&[&["id", "name", "notes"]]);
            all.extend(rows.iter().cloned());
            let layout = if tsv { Layout::Tsv } else { Layout::Csv { raw: false } };
            let text = written(layout, &all);
            let mut request = Request { format: tsv.then_some(Format::Tsv), ..Request::default() };
            request.dialect.delimiter = (!tsv).then_some(b',');
            request.dialect.header_row = Some(1);
            let mut source = open(Box::new(text.as_bytes()), &request).unwrap();
            let mut back = Vec::new();
            while let Some(row) = source.next_row().unwrap() {
                if let Values::Cells(cells) = row.unwrap().values {
                    back.push(cells.iter().map(|c| if tsv { c } else { formula::unmarked(c) }.to_owned()).collect::<Vec<_>>());
                }
            }
            prop_assert_eq!(back, rows);
        }
    }
}

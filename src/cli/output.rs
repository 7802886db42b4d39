//! How data is printed: one closed list of formats.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use serde_json::{Map, Value as Json};

use super::args::Format;
use super::failure::Failure;
use super::session::Session;
use crate::exchange::write::{JsonWriter, Layout, TableWriter};
use crate::tui::text::{self, Side};

/// The formats of rows.
pub(super) const ROWS: &[Format] = &[Format::Table, Format::Tsv, Format::Json, Format::Jsonl, Format::Csv, Format::Plain, Format::Ids];
/// The formats of rows that are no records.
pub(super) const FIGURES: &[Format] = &[Format::Table, Format::Tsv, Format::Json, Format::Jsonl, Format::Csv, Format::Plain];

/// One value of a row, as text and as JSON.
#[derive(Debug, Clone, Default)]
pub(super) struct Cell {
    /// The text, for every format but JSON.
    pub(super) text: String,
    /// The value, where there is one.
    pub(super) json: Option<Json>,
}

impl Cell {
    /// Returns a cell of text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { json: (!text.is_empty()).then(|| Json::String(text.clone())), text }
    }

    /// Returns a cell of a number.
    pub(super) fn number(number: impl Into<serde_json::Number> + ToString) -> Self {
        Self { text: number.to_string(), json: Some(Json::Number(number.into())) }
    }
}

/// Rows on their way to standard output.
pub(super) struct Rows {
    names: Vec<String>,
    to: To,
}

enum To {
    Aligned { out: Out, header: bool, held: Vec<Vec<String>>, widths: Option<Vec<usize>>, bold: bool },
    Cells(TableWriter<Out>),
    Ids(Out),
    Json(JsonWriter<Out>),
}

type Out = BufWriter<Stdout>;

/// Rows of which the widths of columns are taken.
const HELD: usize = 500;
/// The widest column of a table.
const WIDEST: usize = 60;

impl Rows {
    /// Begins to print rows of these columns.
    ///
    /// # Errors
    /// What standard output gives.
    pub(super) fn new(session: &Session, format: Format, names: &[String]) -> Result<Self, Failure> {
        let out = BufWriter::new(io::stdout());
        let header = !session.global.no_header;
        let cells = |layout| TableWriter::new(BufWriter::new(io::stdout()), layout, header);
        let mut to = match format {
            Format::Json => To::Json(JsonWriter::new(out, false)),
            Format::Jsonl => To::Json(JsonWriter::new(out, true)),
            Format::Csv => To::Cells(cells(Layout::Csv { raw: false })),
            Format::Tsv => To::Cells(cells(Layout::Tsv)),
            Format::Plain => To::Cells(cells(Layout::Plain)),
            Format::Ids => To::Ids(out),
            _ => To::Aligned { out, header, held: Vec::new(), widths: None, bold: session.colored() },
        };
        if let To::Cells(writer) = &mut to {
            writer.header(names)?;
        }
        Ok(Self { names: names.to_vec(), to })
    }

    /// Prints one row; `id` is what the format ids prints.
    ///
    /// # Errors
    /// What standard output gives.
    pub(super) fn row(&mut self, id: &str, cells: &[Cell]) -> Result<(), Failure> {
        match &mut self.to {
            To::Json(writer) => {
                let mut object = Map::new();
                for (name, cell) in self.names.iter().zip(cells) {
                    if let Some(json) = &cell.json {
                        object.insert(name.clone(), json.clone());
                    }
                }
                writer.value(&object)?;
            }
            To::Ids(out) => writeln!(out, "{id}")?,
            To::Cells(writer) => {
                let safe = io::stdout().is_terminal();
                writer.row(cells.iter().map(|cell| if safe { text::safe(&cell.text).into_owned() } else { cell.text.clone() }))?;
            }
            To::Aligned { held, widths, .. } => {
                held.push(cells.iter().map(|cell| text::one_line(&cell.text).into_owned()).collect());
                if widths.is_some() || held.len() >= HELD {
                    self.flush()?;
                }
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let To::Aligned { out, header, held, widths, bold } = &mut self.to else { return Ok(()) };
        let first = widths.is_none();
        let widths = widths.get_or_insert_with(|| {
            let names = self.names.iter().map(|name| text::width(name));
            names
                .enumerate()
                .map(|(column, name)| held.iter().map(|row| text::width(&row[column])).max().unwrap_or(0).max(name).min(WIDEST))
                .collect()
        });
        let line = |out: &mut Out, cells: &[String]| -> io::Result<()> {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(widths.iter()) {
                line.push_str(&text::fit(cell, *width, Side::Left));
                line.push_str("  ");
            }
            writeln!(out, "{}", line.trim_end())
        };
        if first && *header && !held.is_empty() {
            if *bold {
                write!(out, "\u{1b}[1m")?;
            }
            line(out, &self.names)?;
            if *bold {
                write!(out, "\u{1b}[0m")?;
            }
        }
        for row in held.drain(..) {
            line(out, &row)?;
        }
        Ok(())
    }

    /// Prints what is held, and ends.
    ///
    /// # Errors
    /// What standard output gives.
    pub(super) fn finish(mut self) -> Result<(), Failure> {
        self.flush()?;
        match self.to {
            To::Json(writer) => writer.finish()?.flush()?,
            To::Cells(writer) => writer.finish()?.flush()?,
            To::Ids(mut out) | To::Aligned { mut out, .. } => out.flush()?,
        }
        Ok(())
    }
}

/// Prints one object: as JSON whole, else a line a field.
///
/// # Errors
/// What standard output gives.
pub(super) fn object(session: &Session, format: Format, fields: &[(String, Cell)]) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout());
    match format {
        Format::Json | Format::Jsonl => {
            let object: Map<String, Json> = fields.iter().filter_map(|(name, cell)| Some((name.clone(), cell.json.clone()?))).collect();
            let text = if format == Format::Json { serde_json::to_string_pretty(&object) } else { serde_json::to_string(&object) };
            writeln!(out, "{}", text.map_err(io::Error::from)?)?;
            out.flush()?;
        }
        Format::Table => {
            let wide = fields.iter().map(|(name, _)| text::width(name)).max().unwrap_or(0);
            for (name, cell) in fields.iter().filter(|(_, cell)| !cell.text.is_empty()) {
                for (index, line) in cell.text.lines().enumerate() {
                    let shown = if index == 0 { name.as_str() } else { "" };
                    writeln!(out, "{}  {}", text::fit(shown, wide, Side::Left), text::safe(line))?;
                }
            }
            out.flush()?;
        }
        _ => {
            let names = ["field".to_owned(), "value".to_owned()];
            let mut rows = Rows::new(session, format, &names)?;
            for (name, cell) in fields.iter().filter(|(_, cell)| !cell.text.is_empty()) {
                rows.row(name, &[Cell::text(name.as_str()), cell.clone()])?;
            }
            rows.finish()?;
        }
    }
    Ok(())
}

/// Prints lines of text.
///
/// # Errors
/// What standard output gives.
pub(super) fn lines<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout());
    let terminal = io::stdout().is_terminal();
    for line in lines {
        let line = line.as_ref();
        if terminal {
            writeln!(out, "{}", super::failure::safe_lines(line))?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    out.flush()?;
    Ok(())
}

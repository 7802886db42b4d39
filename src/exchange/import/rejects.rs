//! The rejects file: rows that were not taken, as they were, each with the line it
//! stood on, the column, a code and the reason. It reads back as the input did.
//!
//! In a table the four columns stand first, so that a row with too few or too many
//! cells still has them in their place. What stood above the header stays there. A
//! file that was not UTF-8 gets a byte-order mark, which overrules the encoding that
//! a mapping names.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::columns::ADDED;
use super::report::RowPlan;
use crate::exchange::cards::REJECTED;
use crate::exchange::encoding::Evidence;
use crate::exchange::format::Format;
use crate::exchange::lines::{escaped, parameter, write_line};
use crate::exchange::mail::{self, REJECT_FIELDS, mbox};
use crate::exchange::record::Syntax;
use crate::exchange::rows::Facts;

/// Writes the rejects of one input.
pub struct RejectsWriter<W: Write> {
    out: W,
    shape: Shape,
}

enum Shape {
    Table(Syntax),
    Lines,
    Mail,
    /// Blocks of content lines, the reason in a line of its own behind the first.
    Blocks {
        end: &'static str,
    },
}

impl<W: Write> RejectsWriter<W> {
    /// Returns a writer of rejects of an input of which these facts are known.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn new(mut out: W, facts: &Facts) -> io::Result<Self> {
        let shape = match (&facts.dialect, facts.format) {
            (Some(dialect), Format::Csv | Format::Tsv) => {
                let foreign = !matches!(facts.encoding.evidence, Evidence::Ascii | Evidence::Valid);
                if foreign {
                    out.write_all("\u{feff}".as_bytes())?;
                }
                let syntax = dialect.syntax;
                if dialect.header_line.is_some() {
                    let (above, header) = split_header(&facts.head, dialect.sep_line, dialect.header_line);
                    out.write_all(above.as_bytes())?;
                    let names = ADDED.join(&char::from(syntax.delimiter).to_string());
                    let line = format!("{names}{}{header}", char::from(syntax.delimiter));
                    out.write_all(line.as_bytes())?;
                    if !header.ends_with(['\n', '\r']) {
                        out.write_all(b"\n")?;
                    }
                } else {
                    out.write_all(facts.head.as_bytes())?;
                }
                Shape::Table(syntax)
            }
            (_, format) if format.is_mail() => Shape::Mail,
            (_, Format::Vcard) => Shape::Blocks { end: "" },
            (_, Format::Ics) => {
                out.write_all(b"BEGIN:VCALENDAR\n")?;
                out.write_all(facts.head.as_bytes())?;
                Shape::Blocks { end: "END:VCALENDAR\n" }
            }
            _ => Shape::Lines,
        };
        Ok(Self { out, shape })
    }

    /// Writes one row that was not taken; `raw` is how it was written.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn row(&mut self, plan: &RowPlan, raw: &str) -> io::Result<()> {
        let line = plan.line.to_string();
        let column = plan.column.clone().unwrap_or_default();
        let (code, message) = match &plan.problem {
            Some(problem) => {
                let hint = problem.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
                (problem.code, format!("{}{hint}", problem.message))
            }
            None => ("", String::new()),
        };
        match &self.shape {
            Shape::Table(syntax) => {
                let delimiter = char::from(syntax.delimiter);
                let cells = [line.as_str(), &column, code, &message].map(|cell| quoted(cell, syntax));
                writeln!(self.out, "{}{delimiter}{raw}", cells.join(&delimiter.to_string()))
            }
            Shape::Mail => {
                let fields = REJECT_FIELDS.iter().zip([line, column, code.to_owned(), message]);
                let told: String = fields.map(|(name, text)| format!("{name}: {}\n", text.replace(['\n', '\r'], " "))).collect();
                let bytes = [told.as_bytes(), &mail::raw::to_bytes(raw)].concat();
                mbox::write(&mut self.out, "", None, &bytes)
            }
            Shape::Blocks { .. } => {
                let (first, rest) = raw.split_once('\n').unwrap_or((raw, ""));
                writeln!(self.out, "{first}")?;
                let head = format!("{REJECTED};LINE={line};COLUMN={};CODE={code}", parameter(&column));
                write_line(&mut self.out, &head, &escaped(&message))?;
                writeln!(self.out, "{rest}")
            }
            Shape::Lines => {
                let mut object = match serde_json::from_str(raw) {
                    Ok(Value::Object(map)) => map,
                    _ => Map::from_iter([("_raw".to_owned(), Value::from(raw))]),
                };
                let texts = [line, column, code.to_owned(), message];
                object.extend(ADDED.iter().map(|name| (*name).to_owned()).zip(texts.map(Value::from)));
                serde_json::to_writer(&mut self.out, &object)?;
                self.out.write_all(b"\n")
            }
        }
    }

    /// Hands everything on and gives the sink back.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn finish(mut self) -> io::Result<W> {
        if let Shape::Blocks { end } = self.shape {
            self.out.write_all(end.as_bytes())?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Splits what stood above the first row into the preamble and the header line.
fn split_header(head: &str, sep_line: bool, header_line: Option<u64>) -> (&str, &str) {
    let lines = header_line.unwrap_or(1).saturating_sub(1).max(u64::from(sep_line));
    let mut rest = head;
    for _ in 0..lines {
        let Some(end) = rest.find(['\n', '\r']) else { break };
        let end = if rest[end..].starts_with("\r\n") { end + 2 } else { end + 1 };
        rest = &rest[end..];
    }
    // Blank lines may stand between a header's number and the header.
    let blank = rest.len() - rest.trim_start_matches(['\n', '\r']).len();
    head.split_at(head.len() - rest.len() + blank)
}

fn quoted(cell: &str, syntax: &Syntax) -> String {
    let cell = cell.replace(['\n', '\r'], " ");
    let Some(quote) = syntax.quote.map(char::from) else {
        return cell.replace(char::from(syntax.delimiter), " ");
    };
    if !cell.contains(quote) && !cell.contains(char::from(syntax.delimiter)) {
        return cell;
    }
    let doubled = if syntax.backslash { format!("\\{quote}") } else { format!("{quote}{quote}") };
    format!("{quote}{}{quote}", cell.replace(quote, &doubled))
}

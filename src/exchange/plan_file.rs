//! The plan of an import as a file: JSON Lines that a person reads, compares and cuts
//! rows out of, and that `rolo apply` carries out. It must not know the store.
//!
//! The first line says what was planned and against what, a line says how each input
//! is read, then come its rows: what was planned for each, field by field, and what the
//! row says, so that it is read and checked again when it is carried out. The last line
//! says that the plan is whole.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use mail_builder::encoders::base64::Base64Encoder;
use mail_parser::decoders::base64::base64_decode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::dialect::Dialect;
use super::encoding::{self, Evidence, Report as Encoding};
use super::format::Format;
use super::header::Header;
use super::import::{Action, FieldChange, RowPlan, Use};
use super::mapping::Flags;
use super::problem::Problem;
use super::record::{Cells, Syntax};
use super::rows::{BadRow, Enclosed, Facts, LONGEST_ROW, Parties, Row, RowResult, Rows, Values};
use crate::domain::Kind;

/// What a plan says it is.
const WHAT: &str = "import plan";

/// The version of the form.
const VERSION: u32 = 1;

/// The longest line: a row, and what was planned for it.
const LONGEST_LINE: u64 = 4 * LONGEST_ROW as u64;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// What the file is.
    pub rolo: String,
    /// The version of its form.
    pub version: u32,
    /// The store that it was planned against.
    pub store: String,
    /// How far that store was.
    pub seq: u64,
    /// When it was planned: the moment that its defaults and relative dates are of.
    pub at: String,
    /// Who planned it.
    pub by: String,
    /// Links to what does not exist are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_create: bool,
    /// Columns that have no field become custom ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub create_fields: bool,
    /// The team's own addresses, beside those of its users.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub me: Vec<String>,
    /// What the call laid over the mapping.
    #[serde(default, skip_serializing_if = "Flags::is_empty")]
    pub flags: Flags,
    /// Each row says of which kind it is, where its input does: cards, calendars, mail.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub each_its_own: bool,
}

impl Head {
    /// Returns the first line of a plan of this version.
    pub fn new(store: String, seq: u64, at: String, by: String) -> Self {
        let rolo = WHAT.to_owned();
        Self {
            rolo,
            version: VERSION,
            store,
            seq,
            at,
            by,
            no_create: false,
            create_fields: false,
            me: Vec::new(),
            flags: Flags::default(),
            each_its_own: false,
        }
    }
}

/// A mapping file, or one that it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Its name.
    pub name: String,
    /// Its TOML.
    pub toml: String,
}

/// How one input is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// The input, as the user named it.
    pub input: String,
    /// The kind of record.
    pub kind: String,
    /// Its mapping, and what that rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mapping: Vec<Text>,
    /// Its format.
    pub format: String,
    /// Its encoding.
    pub encoding: String,
    /// How a table is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableForm>,
}

/// How a table is written, for the rows that go back as rejects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableForm {
    /// Its columns, in order.
    pub columns: Vec<String>,
    /// What stands between cells.
    pub delimiter: char,
    /// What encloses them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<char>,
    /// A quote within quotes is written `\"`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub backslash: bool,
    /// Tabs and line ends are written `\t`, `\n`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub escapes: bool,
    /// A lone return ends a row.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub returns: bool,
    /// The line of the header; none where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_line: Option<u64>,
    /// Its first line is `sep=`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sep_line: bool,
    /// What stands above the first row, as it was.
    pub head: String,
}

/// What was planned for one row, and what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Planned {
    /// Which row it is, from 1.
    pub row: u64,
    /// The line on which it begins.
    pub line: u64,
    /// What becomes of it.
    pub action: Action,
    /// The record that changes or stands as it is; none of a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The key by which the record was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The fields that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<FieldChange>,
    /// Why it is unchanged, where that is not plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it is rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Told>,
    /// What the row says: what is not blank, by column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Map<String, Json>>,
    /// How a row that is rejected was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<String>,
    /// What the row is, where its input says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Whether a value that its field refuses goes into the notes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lenient: bool,
    /// Who took part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parties: Option<Box<Parties>>,
    /// The files that came with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<CameWith>,
}

/// A file that came with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameWith {
    /// What it is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What is in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// Its content in base64 (RFC 4648).
    pub content: String,
}

impl CameWith {
    fn new(file: &Enclosed) -> io::Result<Self> {
        let content = String::from_utf8(Base64Encoder::new().encode(&file.content)?).map_err(io::Error::other)?;
        Ok(Self { name: file.name.clone(), media_type: file.media_type.clone(), content })
    }

    fn enclosed(&self) -> Option<Enclosed> {
        let content = if self.content.is_empty() { Vec::new() } else { base64_decode(self.content.as_bytes())? };
        Some(Enclosed { name: self.name.clone(), media_type: self.media_type.clone(), content })
    }
}

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Its code.
    pub code: String,
    /// In words.
    pub message: String,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The column that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// The last line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How many rows were planned.
    pub planned: u64,
    /// Records to be created.
    pub create: u64,
    /// Records to be changed.
    pub update: u64,
    /// Rows whose record stands as it is.
    pub unchanged: u64,
    /// Rows that are not taken.
    pub reject: u64,
}

impl Planned {
    /// Returns what was planned for a row; `columns` are those of a table.
    ///
    /// # Errors
    /// A file that came with it cannot be written down.
    pub fn new(plan: &RowPlan, row: &Row, columns: &[String]) -> io::Result<Self> {
        let is_rejected = plan.action == Action::Reject;
        let told = |problem: &Problem| Told {
            code: problem.code.to_owned(),
            message: problem.message.clone(),
            hint: problem.hint.clone(),
            column: plan.column.clone(),
        };
        let values = match &row.values {
            Values::Cells(cells) => {
                let name = |at: usize| columns.get(at).cloned().unwrap_or_else(|| format!("column {}", at + 1));
                let filled = cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty());
                filled.map(|(at, cell)| (name(at), Json::from(cell))).collect()
            }
            Values::Tree(tree) => tree.clone(),
        };
        Ok(Self {
            row: plan.number,
            line: plan.line,
            action: plan.action,
            record: plan.record.filter(|id| !crate::store::api::is_new(*id)).map(|id| id.to_string()),
            key: plan.key.clone(),
            changes: plan.changes.clone(),
            reason: plan.reason.clone(),
            problem: plan.problem.as_ref().map(told),
            values: (!values.is_empty()).then_some(values),
            raw: is_rejected.then(|| row.raw.clone()),
            kind: row.kind.map(|kind| kind.name().to_owned()),
            lenient: row.lenient,
            parties: row.parties.clone(),
            files: row.files.iter().map(CameWith::new).collect::<io::Result<_>>()?,
        })
    }
}

/// Writes a plan.
pub struct PlanWriter<W: Write> {
    out: W,
    columns: Vec<String>,
    end: End,
}

impl<W: Write> PlanWriter<W> {
    /// Begins a plan.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn new(out: W, head: &Head) -> io::Result<Self> {
        let mut writer = Self { out, columns: Vec::new(), end: End::default() };
        writer.line(head)?;
        Ok(writer)
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, value).map_err(io::Error::from)?;
        self.out.write_all(b"\n")
    }

    /// Begins the rows of an input.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn section(&mut self, input: &str, kind: &str, mapping: Vec<Text>, facts: &Facts, uses: &[Use]) -> io::Result<()> {
        self.columns.clear();
        let table = facts.dialect.as_ref().map(|dialect| {
            self.columns = uses.iter().map(|used| used.header.clone()).collect();
            TableForm::new(dialect, &facts.head, &self.columns)
        });
        let section = Section {
            input: input.to_owned(),
            kind: kind.to_owned(),
            mapping,
            format: facts.format.name().to_owned(),
            encoding: facts.encoding.name(),
            table,
        };
        self.line(&section)
    }

    /// Writes what was planned for a row.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn row(&mut self, plan: &RowPlan, row: &Row) -> io::Result<()> {
        self.end.planned += 1;
        match plan.action {
            Action::Create => self.end.create += 1,
            Action::Update => self.end.update += 1,
            Action::Unchanged => self.end.unchanged += 1,
            Action::Reject => self.end.reject += 1,
        }
        let planned = Planned::new(plan, row, &self.columns)?;
        self.line(&planned)
    }

    /// Says that the plan is whole, hands everything on and gives the sink back.
    ///
    /// # Errors
    /// What the sink gives.
    pub fn finish(mut self) -> io::Result<W> {
        let end = self.end;
        self.line(&end)?;
        self.out.flush()?;
        Ok(self.out)
    }
}

impl TableForm {
    fn new(dialect: &Dialect, head: &str, columns: &[String]) -> Self {
        let Syntax { delimiter, quote, backslash, escapes, returns, .. } = dialect.syntax;
        Self {
            columns: columns.to_vec(),
            delimiter: char::from(delimiter),
            quote: quote.map(char::from),
            backslash,
            escapes,
            returns,
            header_line: dialect.header_line,
            sep_line: dialect.sep_line,
            head: head.to_owned(),
        }
    }

    /// Returns the columns as the file has them: blank ones, and several of one name.
    fn header(&self) -> Header {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut names: Vec<&str> = Vec::new();
        for (at, name) in self.columns.iter().enumerate() {
            let base = name.rsplit_once('#').map(|(base, _)| base).filter(|base| seen.contains(base));
            seen.insert(name);
            names.push(if *name == format!("column {}", at + 1) { "" } else { base.unwrap_or(name) });
        }
        Header::new(names)
    }

    fn dialect(&self) -> Option<Dialect> {
        let byte = |c: char| u8::try_from(c).ok().filter(u8::is_ascii);
        let quote = match self.quote {
            Some(quote) => Some(byte(quote)?),
            None => None,
        };
        let syntax = Syntax {
            delimiter: byte(self.delimiter)?,
            quote,
            backslash: self.backslash,
            returns: self.returns,
            skip_space: false,
            escapes: self.escapes,
        };
        let first_line = self.header_line.map_or(1, |line| line + 1);
        Some(Dialect { syntax, sep_line: self.sep_line, header_line: self.header_line, first_line, cut_rows: true })
    }
}

/// A plan that is read: its head, and where the rows of each input stand.
#[derive(Debug)]
pub struct Plan {
    /// The first line.
    pub head: Head,
    /// The last line.
    pub end: End,
    /// The inputs, and from where to where their rows stand.
    pub sections: Vec<(Section, Span)>,
}

/// From where to where in the file, in bytes, and the number of the first line there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    start: u64,
    end: u64,
    line: u64,
}

fn broken(line: u64, message: impl Into<String>) -> Problem {
    Problem::new("plan", message).line(line)
}

/// Reads a line of at most so many bytes; returns how many it took, 0 at the end.
fn read_line(source: &mut impl BufRead, line: &mut Vec<u8>, number: u64) -> Result<u64, Problem> {
    line.clear();
    let taken = source.take(LONGEST_LINE).read_until(b'\n', line).map_err(|error| Problem::io(&error))?;
    if taken as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
        return Err(broken(number, "the line is too long for one of a plan"));
    }
    Ok(taken as u64)
}

impl Plan {
    /// Reads a plan through once.
    ///
    /// # Errors
    /// `plan`: it is none, is of a later version, or was cut off.
    pub fn read(source: impl Read) -> Result<Self, Problem> {
        let mut source = BufReader::new(source);
        let mut line = Vec::new();
        let mut at = read_line(&mut source, &mut line, 1)?;
        let none = || broken(1, "this is no plan of an import").hint("rolo import FILE --plan PLAN writes one");
        let head: Head = serde_json::from_slice(&line).map_err(|_| none())?;
        if head.rolo != WHAT {
            return Err(none());
        }
        if head.version > VERSION {
            return Err(broken(1, format!("the plan is of form {}, this rolo reads {VERSION}", head.version)).hint("take a newer rolo"));
        }
        let mut plan = Self { head, end: End::default(), sections: Vec::new() };
        let mut number = 1;
        let mut ended = false;
        loop {
            number += 1;
            let taken = read_line(&mut source, &mut line, number)?;
            if taken == 0 {
                break;
            }
            let start = at;
            at += taken;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let is = |member: &[u8]| line.trim_ascii_start().starts_with(member);
            if is(b"{\"input\"") {
                let section: Section =
                    serde_json::from_slice(&line).map_err(|error| broken(number, format!("no input of a plan: {error}")))?;
                plan.sections.push((section, Span { start: at, end: at, line: number + 1 }));
            } else if is(b"{\"planned\"") {
                plan.end = serde_json::from_slice(&line).map_err(|error| broken(number, format!("no end of a plan: {error}")))?;
                ended = true;
                break;
            } else if let Some((_, span)) = plan.sections.last_mut() {
                debug_assert!(start >= span.start);
                span.end = at;
            } else {
                return Err(broken(number, "a row stands before the input that it is of"));
            }
        }
        if !ended {
            return Err(broken(number, "the plan is cut off: its last line is missing").hint("plan it again"));
        }
        Ok(plan)
    }
}

/// The rows of one input of a plan, as the input gave them.
pub struct PlanRows {
    /// The plan's name.
    name: String,
    source: Box<dyn BufRead>,
    header: Option<Header>,
    facts: Facts,
    line: Vec<u8>,
    number: u64,
    used: u64,
    /// Takes what was planned for each row as it is read.
    each: Box<dyn FnMut(Planned)>,
}

impl PlanRows {
    /// Opens the rows of an input; `each` is given what was planned for each of them.
    ///
    /// # Errors
    /// `plan`: the file cannot be read, or the input is described by what cannot be.
    pub fn open(path: &Path, section: &Section, span: Span, each: Box<dyn FnMut(Planned)>) -> Result<Self, Problem> {
        let mut file = File::open(path).map_err(|error| Problem::io(&error))?;
        file.seek(SeekFrom::Start(span.start)).map_err(|error| Problem::io(&error))?;
        let source = Box::new(BufReader::new(file.take(span.end - span.start)));
        let dialect = match &section.table {
            Some(form) => Some(form.dialect().ok_or_else(|| broken(span.line - 1, "no table is written with such a delimiter"))?),
            None => None,
        };
        let evidence = if matches!(section.encoding.as_str(), "ascii" | "utf-8") { Evidence::Valid } else { Evidence::Given };
        let encoding = encoding::by_name(if section.encoding == "ascii" { "utf-8" } else { &section.encoding })?;
        let facts = Facts {
            format: Format::by_name(&section.format)?,
            encoding: Encoding { encoding, evidence, overruled: None, malformed: 0, places: Vec::new(), nuls: 0 },
            dialect,
            head: section.table.as_ref().map(|form| form.head.clone()).unwrap_or_default(),
            member: None,
            notes: Vec::new(),
        };
        let header = section.table.as_ref().map(TableForm::header);
        Ok(Self { name: path.display().to_string(), source, header, facts, line: Vec::new(), number: span.line, used: 0, each })
    }

    fn values(&self, planned: &Planned) -> Values {
        let given = planned.values.clone().unwrap_or_default();
        let Some(header) = &self.header else { return Values::Tree(given) };
        let mut cells = Cells::default();
        for column in header.columns() {
            cells.push(given.get(&column.name).and_then(Json::as_str).unwrap_or_default());
        }
        Values::Cells(cells)
    }

    fn raw(&self, planned: &Planned, values: &Values) -> String {
        match (&planned.raw, values, &self.facts.dialect) {
            (Some(raw), ..) => raw.clone(),
            (None, Values::Cells(cells), Some(dialect)) => dialect.syntax.written(cells),
            (None, Values::Tree(tree), _) => Json::Object(tree.clone()).to_string(),
            (None, Values::Cells(_), None) => String::new(),
        }
    }
}

impl Rows for PlanRows {
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem> {
        loop {
            let number = self.number;
            let at_plan = |problem: Problem| problem.file(&self.name);
            let taken = read_line(&mut self.source, &mut self.line, number).map_err(at_plan)?;
            if taken == 0 {
                return Ok(None);
            }
            self.number += 1;
            self.used += taken;
            if self.line.trim_ascii().is_empty() {
                continue;
            }
            let planned: Planned = serde_json::from_slice(&self.line)
                .map_err(|error| broken(number, format!("no row of a plan: {error}")).file(&self.name))?;
            let values = self.values(&planned);
            let raw = self.raw(&planned, &values);
            let (line, place) = (planned.line, planned.row);
            let unread = planned.values.is_none() && planned.action == Action::Reject;
            let no = |what: &str| broken(number, format!("no row of a plan: {what}")).file(&self.name);
            let kind = match &planned.kind {
                Some(name) => Some(Kind::from_name(name).ok_or_else(|| no(&format!("\u{201c}{name}\u{201d} is no kind of record")))?),
                None => None,
            };
            let files = planned.files.iter().map(CameWith::enclosed).collect::<Option<Vec<_>>>();
            let files = files.ok_or_else(|| no("a file that came with it is no base64"))?;
            let (lenient, parties) = (planned.lenient, planned.parties.clone());
            let problem = planned.problem.as_ref().map(|told| Problem::new("planned", told.message.clone()).line(line));
            (self.each)(planned);
            if unread {
                let problem = problem.unwrap_or_else(|| broken(number, "the row could not be read"));
                return Ok(Some(Err(Box::new(BadRow { number: place, line, offset: 0, raw, problem }))));
            }
            return Ok(Some(Ok(Row { kind, lenient, parties, files, ..Row::new(place, line, 0, raw, values) })));
        }
    }

    fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    fn facts(&self) -> Facts {
        self.facts.clone()
    }

    fn bytes(&self) -> u64 {
        self.used
    }
}

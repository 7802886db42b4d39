//! An import as it is called for, on the command line and behind `:import`: files, a
//! mapping and flags become rows taken in; rows that are not go into a file beside. It
//! must not know who watches, nor how.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::format::{Format, mail_of};
use super::import::{Action, How, Import, ImportError, Input, RejectsWriter, Report, RowPlan, Settings, Use, Watch};
use super::mail::maildir::FolderStream;
use super::mapping::{Flags, Mapping};
use super::problem::Problem;
use super::rows::Facts;
use crate::actions::{ActionError, Desk};
use crate::domain::Kind;

/// The largest mapping file.
const LARGEST_MAPPING: u64 = 4 << 20;

/// An import as it is called for.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// The files; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// What each row is, unless the mapping says it.
    pub kind: Option<Kind>,
    /// The input's format, where it is given.
    pub from: Option<String>,
    /// The mapping file.
    pub map: Option<String>,
    /// What is laid over the mapping.
    pub flags: Flags,
    /// Columns that have no field become custom ones.
    pub create_fields: bool,
    /// Links to what does not exist are refused.
    pub no_create: bool,
    /// Nothing is changed, only told.
    pub dry_run: bool,
    /// The team's own addresses, beside those of its users.
    pub me: Vec<String>,
    /// Where rows go that are not taken.
    pub rejects: PathBuf,
}

/// Who is told of an import as it goes.
pub trait Audience {
    /// Something worth knowing: what was detected, what is left over, how it ended.
    fn said(&mut self, text: &str);

    /// What becomes of a column; of a dry run.
    ///
    /// # Errors
    /// Where it cannot be told: the import stops.
    fn column(&mut self, used: &Use) -> io::Result<()>;

    /// What becomes of a row: of a dry run every one, else those that are not taken.
    ///
    /// # Errors
    /// Where it cannot be told: the import stops.
    fn row(&mut self, plan: &RowPlan) -> io::Result<()>;

    /// So many rows, and of so many bytes so many, have been used; `Break` stops it.
    fn progress(&mut self, rows: u64, bytes: u64, total: u64) -> ControlFlow<()>;
}

/// An import whose files are open and whose mapping is read.
pub struct Ready {
    settings: Settings,
    inputs: Vec<Input<'static>>,
    total: u64,
    rejects: PathBuf,
}

impl From<ImportError> for ActionError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Stopped { .. } => {
                Self::new(error.exit_code(), error.to_string()).hint("run it again to go on, or undo it to take back what is in")
            }
            other => Self::new(other.exit_code(), other.to_string()),
        }
    }
}

fn told(code: u8, problem: &Problem) -> ActionError {
    ActionError::new(code, problem.to_string())
}

/// Returns what is said of a file that cannot be read.
fn unreadable(name: &str, error: &io::Error, hint: &str) -> ActionError {
    let refused = ActionError::refused(format!("{name}: {error}"));
    if error.kind() == io::ErrorKind::NotFound { refused.hint(hint) } else { refused }
}

impl Intake {
    fn mapping(&self) -> Result<Mapping, ActionError> {
        let plain = match &self.map {
            None => Mapping::default(),
            Some(name) => {
                let failed = |error: io::Error| unreadable(name, &error, "--map takes a mapping file; CONTRIBUTING.md shows one");
                let mut text = String::new();
                File::open(name).map_err(failed)?.take(LARGEST_MAPPING).read_to_string(&mut text).map_err(failed)?;
                Mapping::parse(&text, name).map_err(|problems| {
                    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
                    ActionError::usage(all.join("\n"))
                })?
            }
        };
        plain.with_flags(&self.flags).map_err(|problem| told(2, &problem))
    }

    /// Returns what each row is: as it was said, else as the format of an input says.
    fn what(&self, mapping: &Mapping, format: Option<Format>, inputs: &mut Vec<Input<'static>>) -> Result<Kind, ActionError> {
        let said = self.kind.or(mapping.kind);
        let mut told = format.and_then(Format::kind);
        for input in inputs.iter_mut().filter(|_| format.is_none()) {
            let source = std::mem::replace(&mut input.source, Box::new(io::empty()));
            let (head, source) = super::format::peek(source).map_err(|error| unreadable(&input.name, &error, ""))?;
            input.source = source;
            told = told.or_else(|| mail_of(&head, &input.name).and_then(Format::kind));
        }
        match (said, told) {
            (Some(said), Some(told)) if said != told => Err(ActionError::usage(format!("each row of this is a {told}, and no {said}"))
                .hint(format!("leave --as out, or say --as {told}"))),
            (Some(kind), _) | (None, Some(kind)) => Ok(kind),
            (None, None) => Err(ActionError::usage("what is each row?").hint("add --as contact, or kind = \"contact\" to the mapping")),
        }
    }

    /// Reads the mapping and opens the files; `typed` is standard input, where it is one.
    ///
    /// # Errors
    /// Exit 2 for a wrong mapping or flag, 1 for a file that cannot be read.
    pub fn ready(&self, mut typed: Option<Box<dyn Read>>) -> Result<Ready, ActionError> {
        let mapping = self.mapping()?;
        let format = self.from.as_deref().map(|name| Format::by_name(name).map_err(|problem| told(2, &problem))).transpose()?;
        let mut inputs = Vec::new();
        let mut total = 0;
        for path in &self.files {
            if path == Path::new("-") {
                let Some(source) = typed.take() else {
                    return Err(ActionError::usage("there is no standard input to read").hint("name a file"));
                };
                inputs.push(Input { name: "standard input".to_owned(), source });
                continue;
            }
            let name = path.display().to_string();
            let failed = |error: io::Error| unreadable(&name, &error, "is the name right? paths count from this folder");
            let file = File::open(path).map_err(failed)?;
            let data = file.metadata().map_err(failed)?;
            if data.is_dir() {
                let hint = "name the files in it, or a folder of mail";
                let (stream, bytes) =
                    FolderStream::open(path).map_err(|error| ActionError::refused(format!("{name}: {error}")).hint(hint))?;
                total += bytes;
                inputs.push(Input { source: Box::new(stream), name });
                continue;
            }
            total += data.len();
            inputs.push(Input { source: Box::new(BufReader::new(file)), name });
        }
        let kind = self.what(&mapping, format, &mut inputs)?;
        let Self { no_create, create_fields, dry_run, .. } = *self;
        let settings = Settings { kind, mapping, format, no_create, create_fields, dry_run, me: self.me.clone() };
        Ok(Ready { settings, inputs, total, rejects: self.rejects.clone() })
    }
}

impl Ready {
    /// Takes the rows in.
    ///
    /// # Errors
    /// As [`Import::run`]; exit 7 where nothing may be changed, 130 where it was stopped.
    pub fn run(self, desk: &Desk, audience: &mut dyn Audience) -> Result<Report, ActionError> {
        let Self { settings, inputs, total, rejects } = self;
        if !settings.dry_run {
            desk.check_writable()?;
        }
        let mut usher = Usher { audience, total, rejects, writer: None, facts: None, dry_run: settings.dry_run };
        let run = Import::new(desk, settings).run(inputs, &mut usher);
        // What was not taken is told also where the rest could not be.
        let Usher { audience, rejects, writer, .. } = usher;
        if let Some((writer, rows)) = writer {
            let out = writer.finish().and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error));
            out.map_err(|error| unreadable(&rejects.display().to_string(), &error, ""))?;
            let rows = if rows == 1 { "1 row was rejected: it is".to_owned() } else { format!("{rows} rows were rejected: they are") };
            audience.said(&format!("{rows} in {}", rejects.display()));
        }
        let report = run?;
        report.notices.iter().for_each(|notice| audience.said(notice));
        Ok(report)
    }
}

/// What was found out about an input, in a few words.
fn detected(facts: &Facts) -> String {
    let mut words = vec![facts.format.name().to_owned()];
    // Each message has an encoding of its own.
    words.extend((!facts.format.is_mail()).then(|| facts.encoding.name()));
    if let Some(dialect) = &facts.dialect {
        let delimiter = char::from(dialect.syntax.delimiter);
        words.push(format!("delimiter {}", if delimiter == '\t' { "tab".to_owned() } else { delimiter.to_string() }));
        words.extend(dialect.header_line.filter(|line| *line > 1).map(|line| format!("header on line {line}")));
    }
    words.join(", ")
}

/// Shows rows to their places: the rejects into their file, the rest to who watches.
struct Usher<'a> {
    audience: &'a mut dyn Audience,
    total: u64,
    rejects: PathBuf,
    /// The rejects and how many there are.
    writer: Option<(RejectsWriter<BufWriter<File>>, u64)>,
    facts: Option<Facts>,
    dry_run: bool,
}

impl Usher<'_> {
    fn reject(&mut self, plan: &RowPlan, raw: &str) -> io::Result<()> {
        let Some(facts) = &self.facts else { return Ok(()) };
        if self.writer.is_none() {
            // Where no name was said, it is one of a table.
            let named = self.rejects.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if facts.format.is_mail() && named.starts_with("rejects") && named.ends_with(".csv") {
                self.rejects.set_extension("mbox");
            }
            self.writer = Some((RejectsWriter::new(BufWriter::new(File::create(&self.rejects)?), facts)?, 0));
        }
        if let Some((writer, rows)) = &mut self.writer {
            *rows += 1;
            writer.row(plan, raw)?;
        }
        Ok(())
    }
}

impl Watch for Usher<'_> {
    fn opened(&mut self, name: &str, facts: &Facts, uses: &[Use]) -> io::Result<()> {
        self.audience.said(&format!("{name}: {}", detected(facts)));
        self.facts = Some(facts.clone());
        let taken = uses.iter().filter(|used| used.field.is_some()).count();
        let left: Vec<&str> = uses.iter().filter(|used| matches!(used.how, How::Left)).map(|used| used.header.as_str()).collect();
        if !left.is_empty() {
            self.audience.said(&format!("{taken} columns are taken, {} are not: {}", left.len(), left.join(", ")));
        }
        if self.dry_run {
            for used in uses {
                self.audience.column(used)?;
            }
        }
        Ok(())
    }

    fn row(&mut self, plan: &RowPlan, raw: &str) -> io::Result<()> {
        if plan.action == Action::Reject && !self.dry_run {
            self.reject(plan, raw).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.rejects.display())))?;
        }
        if self.dry_run || plan.action == Action::Reject { self.audience.row(plan) } else { Ok(()) }
    }

    fn progress(&mut self, rows: u64, bytes: u64) -> ControlFlow<()> {
        self.audience.progress(rows, bytes, self.total)
    }
}

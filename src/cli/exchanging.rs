//! `rolo import` and `rolo export`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::args::{Export as ExportCall, Format, Import as ImportCall, OnMatch};
use super::failure::Failure;
use super::output::{Cell, object};
use super::reading::{columns, sort};
use super::session::{Session, kind, query};
use crate::actions::ActionError;
use crate::exchange::export::{Export, ExportError, Shape, everything};
use crate::exchange::format::Format as FileFormat;
use crate::exchange::import::{Action, How, Import, ImportError, Input, RejectsWriter, Report, RowPlan, Settings, Use, Watch};
use crate::exchange::mapping::{Flags, Mapping};
use crate::exchange::problem::Problem;
use crate::exchange::rows::Facts;
use crate::exchange::write::Layout;

/// The largest mapping file.
const LARGEST_MAPPING: u64 = 4 << 20;

fn told(code: u8, problem: &Problem) -> Failure {
    Failure::Error(ActionError::new(code, problem.to_string()))
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            other => Self::Error(ActionError::new(other.exit_code(), other.to_string())),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Write(error) => error.into(),
            ExportError::Store(error) => error.into(),
            ExportError::Usage(problem) => told(2, &problem),
        }
    }
}

fn mapping(call: &ImportCall) -> Result<Mapping, Failure> {
    let plain = match &call.map {
        None => Mapping::default(),
        Some(name) => {
            let failed = |error: io::Error| {
                let failure = Failure::refused(format!("{name}: {error}"));
                if error.kind() == io::ErrorKind::NotFound {
                    failure.hint("--map takes a mapping file; CONTRIBUTING.md shows one")
                } else {
                    failure
                }
            };
            let mut text = String::new();
            File::open(name).map_err(failed)?.take(LARGEST_MAPPING).read_to_string(&mut text).map_err(failed)?;
            Mapping::parse(&text, name).map_err(|problems| {
                let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Failure::usage(all.join("\n"))
            })?
        }
    };
    let on_match = call.on_match.map(|policy| match policy {
        OnMatch::Merge => "merge",
        OnMatch::Overwrite => "overwrite",
        OnMatch::Fill => "fill",
        OnMatch::Skip => "skip",
        OnMatch::Reject => "reject",
    });
    let flags = Flags {
        columns: call.columns.clone(),
        set: call.set.clone(),
        source: call.source.clone(),
        key: call.key.clone(),
        on_match: on_match.map(str::to_owned),
        encoding: call.encoding.clone(),
        delimiter: call.delimiter.clone(),
        decimal: call.decimal.clone(),
        dates: call.dates.clone(),
        timezone: call.timezone.clone(),
        header_row: call.header_row.map(|row| row as u64),
    };
    plain.with_flags(&flags).map_err(|problem| told(2, &problem))
}

fn input(path: &Path) -> Result<Input<'static>, Failure> {
    if path == Path::new("-") {
        return Ok(Input { name: "standard input".to_owned(), source: Box::new(io::stdin().lock()) });
    }
    let name = path.display().to_string();
    let failed = |error: io::Error| {
        let failure = Failure::refused(format!("{name}: {error}"));
        if error.kind() == io::ErrorKind::NotFound { failure.hint("is the name right? paths count from this folder") } else { failure }
    };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(Failure::refused(format!("{name} is a folder")).hint("name the files in it"));
    }
    Ok(Input { source: Box::new(BufReader::new(file)), name })
}

/// What was found out about an input, in a few words.
fn detected(facts: &Facts) -> String {
    let mut words = vec![facts.format.name().to_owned(), facts.encoding.name()];
    if let Some(dialect) = &facts.dialect {
        let delimiter = char::from(dialect.syntax.delimiter);
        words.push(format!("delimiter {}", if delimiter == '\t' { "tab".to_owned() } else { delimiter.to_string() }));
        words.extend(dialect.header_line.filter(|line| *line > 1).map(|line| format!("header on line {line}")));
    }
    words.join(", ")
}

/// One row of a dry run: `3 update c17 by email ada@example.com: phone "" -> "+420…"`.
fn planned(plan: &RowPlan) -> String {
    let action = match plan.action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Unchanged => "unchanged",
        Action::Reject => "reject",
    };
    let mut line = format!("{} {action}", plan.line);
    if let Some(id) = plan.record.filter(|id| !crate::store::api::is_new(*id)) {
        line.push_str(&format!(" {id}"));
    }
    if let Some(key) = &plan.key {
        line.push_str(&format!(" by {key}"));
    }
    for change in &plan.changes {
        let before = if plan.action == Action::Create { String::new() } else { format!("\u{201c}{}\u{201d} -> ", change.before) };
        line.push_str(&format!(" {}={before}\u{201c}{}\u{201d}", change.field, change.after));
    }
    for why in plan.reason.iter().cloned().chain(plan.problem.iter().map(ToString::to_string)) {
        line.push_str(&format!(": {why}"));
    }
    line.replace('\n', "\u{23ce}")
}

/// Tells an import as it goes: what was detected, the rejects, the plan of a dry run.
struct Teller<'s> {
    session: &'s Session,
    bar: indicatif::ProgressBar,
    rejects: PathBuf,
    writer: Option<RejectsWriter<BufWriter<File>>>,
    facts: Option<Facts>,
    dry_run: bool,
    out: BufWriter<io::Stdout>,
}

impl Watch for Teller<'_> {
    fn opened(&mut self, name: &str, facts: &Facts, uses: &[Use]) {
        self.session.say(&format!("{name}: {}", detected(facts)));
        self.facts = Some(facts.clone());
        let taken = uses.iter().filter(|used| used.field.is_some()).count();
        let left: Vec<&str> = uses.iter().filter(|used| matches!(used.how, How::Left)).map(|used| used.header.as_str()).collect();
        if !left.is_empty() {
            self.session.say(&format!("{taken} columns are taken, {} are not: {}", left.len(), left.join(", ")));
        }
        if self.dry_run {
            for used in uses {
                let to = used.field.as_deref().unwrap_or("-");
                // A closed pipe is met again at the end.
                drop(writeln!(self.out, "{} -> {to}", crate::tui::text::safe(&used.header)));
            }
        }
    }

    fn row(&mut self, plan: &RowPlan, raw: &str) -> io::Result<()> {
        if plan.action == Action::Reject {
            if self.writer.is_none()
                && !self.dry_run
                && let Some(facts) = &self.facts
            {
                self.writer = Some(RejectsWriter::new(BufWriter::new(File::create(&self.rejects)?), facts)?);
            }
            if let Some(writer) = &mut self.writer {
                writer.row(plan, raw)?;
            }
        }
        if self.dry_run {
            writeln!(self.out, "{}", super::failure::safe_lines(&planned(plan)))?;
        }
        Ok(())
    }

    fn progress(&mut self, rows: u64, bytes: u64) {
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{rows} rows"));
    }
}

/// `rolo import`.
///
/// # Errors
/// As its parts; exit 3 where rows were rejected.
pub(super) fn import(session: &Session, call: &ImportCall) -> Result<(), Failure> {
    let format = session.format(&[Format::Table, Format::Tsv, Format::Json, Format::Jsonl])?;
    let mapping = mapping(call)?;
    let kind = match (&call.kind, mapping.kind) {
        (Some(word), _) => kind(word)?,
        (None, Some(kind)) => kind,
        (None, None) => return Err(Failure::usage("what is each row?").hint("add --as contact, or kind = \"contact\" to the mapping")),
    };
    let inputs: Vec<Input<'_>> = call.files.iter().map(|path| input(path)).collect::<Result<_, _>>()?;
    let total: u64 = call.files.iter().filter_map(|path| path.metadata().ok()).map(|data| data.len()).sum();
    let desk = session.desk()?;
    if desk.readonly && !call.dry_run {
        return Err(Failure::Error(ActionError::not_permitted("nothing is changed: rolo was started with --readonly")));
    }
    let settings = Settings {
        kind,
        mapping,
        format: call.from.as_deref().map(|name| FileFormat::by_name(name).map_err(|problem| told(2, &problem))).transpose()?,
        no_create: call.no_create,
        create_fields: call.create_fields,
        dry_run: call.dry_run,
    };
    let bar = session.bar();
    bar.set_length(total);
    let mut teller = Teller {
        session,
        bar,
        rejects: call.rejects.clone().unwrap_or_else(|| PathBuf::from("rejects.csv")),
        writer: None,
        facts: None,
        dry_run: call.dry_run,
        out: BufWriter::new(io::stdout()),
    };
    let report = Import::new(&desk, settings).run(inputs, &mut teller)?;
    teller.bar.finish_and_clear();
    teller.out.flush()?;
    if let Some(writer) = teller.writer {
        writer.finish()?.flush()?;
        session.say(&format!("{} rows were rejected: they are in {}", report.rejected, teller.rejects.display()));
    }
    for notice in &report.notices {
        session.say(notice);
    }
    tell(session, format, &report)?;
    if report.rejected > 0 { Err(Failure::Quiet(3)) } else { Ok(()) }
}

fn tell(session: &Session, format: Format, report: &Report) -> Result<(), Failure> {
    let mut fields = vec![
        ("read".to_owned(), Cell::number(report.read)),
        ("created".to_owned(), Cell::number(report.created)),
        ("updated".to_owned(), Cell::number(report.updated)),
        ("unchanged".to_owned(), Cell::number(report.unchanged)),
        ("rejected".to_owned(), Cell::number(report.rejected)),
    ];
    if let Some(step) = &report.step {
        fields.push(("step".to_owned(), Cell::text(step.as_str())));
    }
    let seconds = (report.seconds * 1_000.0).round() / 1_000.0;
    fields.push(("seconds".to_owned(), Cell { text: seconds.to_string(), json: Some(json!(seconds)) }));
    object(session, format, &fields)
}

/// `rolo export`.
///
/// # Errors
/// As its parts.
pub(super) fn export(session: &Session, call: &ExportCall) -> Result<(), Failure> {
    let desk = session.desk()?;
    if call.all {
        let out = call.out.as_deref().ok_or_else(|| Failure::usage("where to?").hint("--out DIR"))?;
        let bar = session.bar();
        let written = everything(&*desk.store, out, &desk.view(), &mut |_, count| bar.set_position(count))?;
        bar.finish_and_clear();
        for (kind, count) in written {
            session.say(&format!("{count} {} in {}", kind.plural(), out.join(format!("{}.jsonl", kind.name())).display()));
        }
        return Ok(());
    }
    let formats = [Format::Csv, Format::Tsv, Format::Json, Format::Jsonl, Format::Plain, Format::Ids];
    let asked = session.global.format.is_some().then(|| session.format(&formats)).transpose()?;
    let by_name = call.out.as_deref().and_then(|path| path.extension()).and_then(|extension| match extension.to_str()? {
        "json" => Some(Format::Json),
        "jsonl" => Some(Format::Jsonl),
        "tsv" => Some(Format::Tsv),
        _ => None,
    });
    let shape = match asked.or(by_name).unwrap_or(Format::Csv) {
        Format::Json => Shape::Json,
        Format::Jsonl => Shape::Jsonl,
        Format::Tsv => Shape::Table(Layout::Tsv),
        Format::Plain => Shape::Table(Layout::Plain),
        Format::Ids => Shape::Table(Layout::Ids),
        _ => Shape::Table(Layout::Csv { raw: call.raw }),
    };
    let kind = kind(call.kind.as_deref().unwrap_or_default())?;
    let mut export = Export::of(kind, shape, desk.view());
    export.query = query(&call.query, kind, &desk)?;
    export.sort = call.sort.as_deref().map(|text| sort(Some(text), kind, &desk)).transpose()?.unwrap_or_default();
    export.columns = call.columns.as_deref().map(|text| columns(Some(text), kind, &desk)).transpose()?;
    export.header = !session.global.no_header;
    export.consent.clone_from(&call.channel);
    match &call.out {
        None => {
            let (_, mut out) = export.write(&*desk.store, BufWriter::new(io::stdout()), &mut |_| {})?;
            out.flush()?;
        }
        Some(path) => {
            // Written beside and put in place whole: a full disk leaves the old file.
            let part = path.with_extension("part");
            let file = File::create(&part).map_err(|error| Failure::refused(format!("{}: {error}", part.display())))?;
            let bar = session.bar();
            let (count, out) = export.write(&*desk.store, BufWriter::new(file), &mut |count| bar.set_position(count))?;
            bar.finish_and_clear();
            out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
            std::fs::rename(&part, path).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
            session.say(&format!("{count} {} in {}", kind.plural(), path.display()));
        }
    }
    Ok(())
}

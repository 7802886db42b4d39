//! `rolo import` and `rolo export`.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use serde_json::json;

use super::args::{Apply, Export as ExportCall, Format, Import as ImportCall, OnMatch};
use super::failure::Failure;
use super::output::{Cell, object};
use super::reading::{columns, sort};
use super::session::{Session, kind, name, query};
use crate::actions::{ActionError, Desk};
use crate::exchange::applying::{Applying, is_overtaken, rejects_of};
use crate::exchange::cards::Version;
use crate::exchange::delivery::{into_file, shape_named, shape_of};
use crate::exchange::export::{Export, ExportError, Shape, everything};
use crate::exchange::import::{Report, RowPlan, Use};
use crate::exchange::intake::{Audience, Intake, Ready};
use crate::exchange::mapping::Flags;

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Write(error) => error.into(),
            ExportError::Store(error) => error.into(),
            ExportError::Usage(problem) => Self::Error(ActionError::usage(problem.to_string())),
        }
    }
}

fn intake(call: &ImportCall) -> Result<Intake, Failure> {
    let on_match = call.on_match.map(|policy| match policy {
        OnMatch::Merge => "merge",
        OnMatch::Overwrite => "overwrite",
        OnMatch::Fill => "fill",
        OnMatch::Skip => "skip",
        OnMatch::Reject => "reject",
    });
    Ok(Intake {
        files: call.files.clone(),
        kind: call.kind.as_deref().map(kind).transpose()?,
        from: call.from.clone(),
        map: call.map.clone(),
        flags: Flags {
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
        },
        create_fields: call.create_fields,
        no_create: call.no_create,
        dry_run: call.dry_run,
        me: call.me.clone(),
        rejects: rejects_of(call.rejects.as_deref()),
        plan: call.plan.clone(),
    })
}

/// Tells an import as it goes: what was detected, the plan of a dry run, the progress.
struct Teller<'s> {
    session: &'s Session,
    bar: indicatif::ProgressBar,
    dry_run: bool,
    out: BufWriter<io::Stdout>,
}

impl Audience for Teller<'_> {
    fn said(&mut self, text: &str) {
        self.bar.suspend(|| self.session.say(text));
    }

    fn column(&mut self, used: &Use) -> io::Result<()> {
        writeln!(self.out, "{} -> {}", crate::tui::text::safe(&used.header), used.field.as_deref().unwrap_or("-"))
    }

    fn row(&mut self, plan: &RowPlan) -> io::Result<()> {
        if self.dry_run { writeln!(self.out, "{}", super::failure::safe_lines(&plan.to_string())) } else { Ok(()) }
    }

    fn progress(&mut self, rows: u64, bytes: u64, total: u64) -> ControlFlow<()> {
        self.bar.set_length(total);
        self.bar.set_position(bytes);
        self.bar.set_message(format!("{rows} rows"));
        ControlFlow::Continue(())
    }
}

/// `rolo import`.
///
/// # Errors
/// As its parts; exit 3 where rows were rejected.
pub(super) fn import(session: &Session, call: &ImportCall) -> Result<(), Failure> {
    let format = session.format(&[Format::Table, Format::Tsv, Format::Json, Format::Jsonl])?;
    let intake = intake(call)?;
    let desk = session.desk()?;
    let ready = intake.ready(Some(Box::new(io::stdin())), &desk.definitions())?;
    run(session, &desk, format, ready, call.dry_run)
}

/// `rolo apply`.
///
/// # Errors
/// As its parts; exit 3 where rows were rejected, 5 where none came out as planned.
pub(super) fn apply(session: &Session, call: &Apply) -> Result<(), Failure> {
    let format = session.format(&[Format::Table, Format::Tsv, Format::Json, Format::Jsonl])?;
    let desk = session.desk()?;
    let applying = Applying { plan: call.plan.clone(), dry_run: call.dry_run, rejects: rejects_of(call.rejects.as_deref()) };
    let ready = applying.ready(Some(&mut io::stdin()), &desk)?;
    run(session, &desk, format, ready, call.dry_run)
}

fn run(session: &Session, desk: &Desk, format: Format, ready: Ready, dry_run: bool) -> Result<(), Failure> {
    let mut teller = Teller { session, bar: session.bar(), dry_run, out: BufWriter::new(io::stdout()) };
    let run = ready.run(desk, &mut teller);
    teller.bar.finish_and_clear();
    teller.out.flush()?;
    let report = run?;
    // Told to be quiet, it tells what it was asked to print.
    if !session.global.quiet || session.global.format.is_some() {
        tell(session, format, &report)?;
    }
    match report.rejected {
        0 => Ok(()),
        _ if is_overtaken(&report) => Err(Failure::Quiet(5)),
        _ => Err(Failure::Quiet(3)),
    }
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
    let formats =
        [Format::Csv, Format::Tsv, Format::Json, Format::Jsonl, Format::Plain, Format::Ids, Format::Mbox, Format::Vcard, Format::Ics];
    let asked = session.global.format.is_some().then(|| session.format(&formats)).transpose()?;
    let shape = asked.and_then(|format| shape_named(&name(format), call.raw)).unwrap_or_else(|| shape_of(call.out.as_deref(), call.raw));
    let shape = match (shape, call.vcard_version.as_deref()) {
        (Shape::Vcard(_), Some(version)) => Shape::Vcard(
            Version::by_name(version)
                .ok_or_else(|| Failure::usage(format!("cards are not written in version {version}")).hint("3.0 or 4.0"))?,
        ),
        (shape, _) => shape,
    };
    let kind = kind(call.kind.as_deref().unwrap_or_default())?;
    let mut export = Export::of(kind, shape, desk.view());
    export.query = query(&call.query, kind, &desk)?;
    export.sort = call.sort.as_deref().map(|text| sort(Some(text), kind, &desk)).transpose()?.unwrap_or_default();
    export.columns = call.columns.as_deref().map(|text| columns(Some(text), kind, &desk)).transpose()?;
    export.header = !session.global.no_header;
    export.consent.clone_from(&call.channel);
    let written = match &call.out {
        None => {
            let (written, mut out) = export.write(&*desk.store, BufWriter::new(io::stdout()), &mut |_| {})?;
            out.flush()?;
            written
        }
        Some(path) => {
            let bar = session.bar();
            let written = into_file(&export, &*desk.store, path, &mut |count| {
                bar.set_position(count);
                ControlFlow::Continue(())
            });
            bar.finish_and_clear();
            let written = written?;
            session.say(&format!("{} {} in {}", written.records, kind.plural(), path.display()));
            written
        }
    };
    if let Some(note) = written.withheld_note(&export) {
        session.say(&note);
    }
    Ok(())
}

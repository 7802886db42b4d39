//! `:import`, `:apply` and `:export`: what the calls of these names do, from inside.

use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Ongoing;
use super::options::{Flags, flags};
use super::reply::Reply;
use super::run::{kind_named, parsed_query};
use crate::actions::{ActionError, Desk};
use crate::domain::{FieldRef, Kind};
use crate::exchange::applying::Applying;
use crate::exchange::delivery::{into_file, shape_named, shape_of};
use crate::exchange::export::{Export, ExportError, everything};
use crate::exchange::import::{RowPlan, Use};
use crate::exchange::intake::{Audience, Intake, Ready};
use crate::exchange::mapping::Flags as Laid;
use crate::query::parse_sort;

/// The most rows of an import that are shown.
const MOST: usize = 1_000;
/// The exit code of what was stopped.
const STOPPED: u8 = 130;
/// Where rejects go, unless a file is named.
const REJECTS: &str = "rejects";

/// Returns a path as it is typed, `~` being the user's home.
pub(super) fn path(word: &str) -> PathBuf {
    let home = word.strip_prefix("~/").and_then(|rest| Some(Path::new(&std::env::var_os("HOME")?).join(rest)));
    home.unwrap_or_else(|| PathBuf::from(word))
}

/// Returns a name that no file has yet: `rejects.csv`, `rejects-2.csv`, …
fn free(name: &str) -> PathBuf {
    let numbered = (2_u32..).map(|number| PathBuf::from(format!("{name}-{number}.csv")));
    let mut names = std::iter::once(PathBuf::from(format!("{name}.csv"))).chain(numbered);
    names.find(|name| !name.exists()).expect("numbers do not end before files do")
}

/// Gathers what an import tells, for the status line and a sheet.
struct Gathered<'o> {
    ongoing: &'o dyn Ongoing,
    said: Vec<String>,
    rows: Vec<String>,
    more: u64,
}

impl Audience for Gathered<'_> {
    fn said(&mut self, text: &str) {
        self.said.push(text.to_owned());
    }

    fn column(&mut self, used: &Use) -> io::Result<()> {
        self.rows.push(format!("{} -> {}", used.header, used.field.as_deref().unwrap_or("-")));
        Ok(())
    }

    fn row(&mut self, plan: &RowPlan) -> io::Result<()> {
        if self.rows.len() < MOST {
            self.rows.push(plan.to_string());
        } else {
            self.more += 1;
        }
        Ok(())
    }

    fn progress(&mut self, rows: u64, bytes: u64, total: u64) -> ControlFlow<()> {
        let part = (bytes.min(total) * 100).checked_div(total).unwrap_or(100);
        self.ongoing.told(&format!("importing: {rows} rows, {part} %"))
    }
}

/// `import FILE… --as KIND …`.
///
/// # Errors
/// As `rolo import`.
pub(super) fn import(desk: &Desk, args: &[String], ongoing: &dyn Ongoing) -> Result<Reply, ActionError> {
    const VALUED: &[&str] = &[
        "as",
        "from",
        "map",
        "column",
        "set",
        "source",
        "key",
        "on-match",
        "encoding",
        "delimiter",
        "decimal",
        "dates",
        "timezone",
        "header-row",
        "me",
        "rejects",
        "plan",
    ];
    let Flags { words, values, set, every } = flags(args, VALUED, &["create-fields", "no-create", "dry-run"])?;
    if words.is_empty() {
        return Err(ActionError::usage("which file?").hint("write :import FILE --as KIND"));
    }
    let value = |name: &str| values.get(name).cloned();
    let all = |name: &str| every.iter().filter(|(known, _)| *known == name).map(|(_, value)| value.clone()).collect();
    let header_row = value("header-row").map(|text| {
        text.parse::<u64>().map_err(|_| ActionError::usage(format!("--header-row takes the number of a line, not \u{201c}{text}\u{201d}")))
    });
    let intake = Intake {
        files: words.iter().map(|word| path(word)).collect(),
        kind: value("as").as_deref().map(kind_named).transpose()?,
        from: value("from"),
        map: value("map").map(|name| path(&name).to_string_lossy().into_owned()),
        flags: Laid {
            columns: all("column"),
            set: all("set"),
            source: value("source"),
            key: value("key"),
            on_match: value("on-match"),
            encoding: value("encoding"),
            delimiter: value("delimiter"),
            decimal: value("decimal"),
            dates: value("dates"),
            timezone: value("timezone"),
            header_row: header_row.transpose()?,
        },
        create_fields: set.contains(&"create-fields"),
        no_create: set.contains(&"no-create"),
        me: all("me"),
        dry_run: set.contains(&"dry-run"),
        rejects: value("rejects").map_or_else(|| free(REJECTS), |name| path(&name)),
        plan: value("plan").map(|name| path(&name)),
    };
    run(desk, intake.ready(None, &desk.definitions())?, format!("import {}", words.join(" ")), ongoing)
}

/// `apply PLAN`.
///
/// # Errors
/// As `rolo apply`.
pub(super) fn apply(desk: &Desk, args: &[String], ongoing: &dyn Ongoing) -> Result<Reply, ActionError> {
    let Flags { words, values, set, .. } = flags(args, &["rejects"], &["dry-run"])?;
    let [plan] = &words[..] else {
        return Err(ActionError::usage("which plan?").hint("write :apply PLAN; :import FILE --plan PLAN writes one"));
    };
    let rejects = values.get("rejects").map_or_else(|| free(REJECTS), |name| path(name));
    let applying = Applying { plan: path(plan), dry_run: set.contains(&"dry-run"), rejects };
    run(desk, applying.ready(None, desk)?, format!("apply {plan}"), ongoing)
}

/// Takes the rows in and gathers what is told.
fn run(desk: &Desk, ready: Ready, title: String, ongoing: &dyn Ongoing) -> Result<Reply, ActionError> {
    let mut gathered = Gathered { ongoing, said: Vec::new(), rows: Vec::new(), more: 0 };
    let report = match ready.run(desk, &mut gathered) {
        // What is in by then is to be seen.
        Err(stopped) if stopped.code == STOPPED => {
            let message = format!("{}: {}", stopped.message, stopped.hint.unwrap_or_default());
            return Ok(Reply { changed: true, ..Reply::said(message) });
        }
        run => run?,
    };
    let mut message = format!(
        "{} read: {} created, {} updated, {} unchanged, {} rejected",
        report.read, report.created, report.updated, report.unchanged, report.rejected
    );
    if let Some(step) = &report.step {
        message.push_str(&format!(" ({step})"));
    }
    // What was detected is worth reading where something is to be looked at.
    let mut lines = gathered.said;
    if gathered.rows.is_empty() && report.leftover.is_empty() && report.notices.is_empty() {
        lines.clear();
    }
    lines.extend(gathered.rows);
    if gathered.more > 0 {
        lines.push(format!("and {} more", gathered.more));
    }
    let changed = report.step.is_some();
    Ok(Reply { message, changed, ..Reply::read(title, lines) })
}

impl From<ExportError> for ActionError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Write(error) => Self::refused(error.to_string()),
            ExportError::Store(error) => error.into(),
            ExportError::Usage(problem) => Self::usage(problem.to_string()),
        }
    }
}

/// Refuses to write over what is there, unless it was asked for (`!`) and anything may
/// be changed.
fn check_place(desk: &Desk, out: &Path, is_there: bool, bang: bool) -> Result<(), ActionError> {
    match (is_there, bang) {
        (false, _) => Ok(()),
        (true, true) => desk.check_writable(),
        (true, false) => Err(ActionError::refused(format!("{} is there already", out.display())).hint(":export! writes over it")),
    }
}

/// `export KIND [QUERY…] --out FILE …` and `export --all --out DIR`.
///
/// # Errors
/// As `rolo export`; exit 1 for a file that is there, without `!`.
pub(super) fn export(desk: &Desk, args: &[String], bang: bool, ongoing: &dyn Ongoing) -> Result<Reply, ActionError> {
    let Flags { words, values, set, .. } = flags(args, &["out", "format", "columns", "sort", "for"], &["all", "raw"])?;
    let out = values.get("out").map(|word| path(word));
    let Some(out) = out else { return Err(ActionError::usage("where to?").hint("write :export KIND --out FILE")) };
    if set.contains(&"all") {
        let files = |kind: Kind| out.join(format!("{}.jsonl", kind.name()));
        check_place(desk, &out, Kind::public().any(|kind| files(kind).exists()), bang)?;
        let written = everything(&*desk.store, &out, &desk.view(), &mut |kind, count| {
            // Each file is put in place whole; to stop between them would leave a mixture.
            let _ = ongoing.told(&format!("exporting: {count} {}", kind.plural()));
        })?;
        let lines: Vec<String> =
            written.iter().map(|(kind, count)| format!("{count} {} in {}", kind.plural(), files(*kind).display())).collect();
        return Ok(Reply::read(format!("export to {}", out.display()), lines));
    }
    let Some((kind, query)) = words.split_first() else {
        return Err(ActionError::usage("of which kind?").hint("write :export KIND --out FILE, or :export --all --out DIR"));
    };
    let kind = kind_named(kind)?;
    let definitions = desk.definitions();
    let raw = set.contains(&"raw");
    let shape = match values.get("format") {
        None => shape_of(Some(&out), raw),
        Some(name) => shape_named(name, raw).ok_or_else(|| {
            ActionError::usage(format!("a file cannot be given as {name}")).hint("csv, tsv, json, jsonl, plain, ids, mbox, vcard, ics")
        })?,
    };
    let mut export = Export::of(kind, shape, desk.view());
    if !query.is_empty() {
        export.query = Some(Arc::new(parsed_query(desk, &query.join(" "), kind)?));
    }
    if let Some(text) = values.get("sort") {
        export.sort = parse_sort(text, kind, &definitions)?;
    }
    if let Some(text) = values.get("columns") {
        let resolve = |name: &str| {
            FieldRef::resolve(kind, name, &definitions).map_err(|unknown| {
                let hint = unknown.hint();
                ActionError::usage(unknown.to_string()).hint(hint)
            })
        };
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        export.columns = Some(names.map(resolve).collect::<Result<_, _>>()?);
    }
    export.consent = values.get("for").cloned();
    check_place(desk, &out, out.exists(), bang)?;
    let written = into_file(&export, &*desk.store, &out, &mut |count| ongoing.told(&format!("exporting: {count} {}", kind.plural())))?;
    let what = if written.records == 1 { kind.name() } else { kind.plural() };
    let note = written.withheld_note(&export).map(|note| format!("; {note}")).unwrap_or_default();
    Ok(Reply::said(format!("{} {what} in {}{note}", written.records, out.display())))
}

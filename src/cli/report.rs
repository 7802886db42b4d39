//! `rolo report`: figures with the records behind them.

use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::args::{Format, dashed};
use super::failure::Failure;
use super::output::{Cell, FIGURES, Rows};
use super::session::Session;
use crate::command;
use crate::insight::report;

/// `rolo report`.
#[derive(Debug, Default, Args)]
pub struct Report {
    /// Which report; without a name those that there are
    pub name: Option<String>,
    /// Which records, as a query
    #[arg(value_parser = dashed)]
    pub query: Vec<String>,
    /// Of when: 2026-q4, 2026-11, quarter, last-quarter, 2026-01-01..2026-03-31, -90d..
    #[arg(long, value_name = "PERIOD", value_parser = dashed)]
    pub period: Option<String>,
    /// A row for each value: owner, source, product, closed_at.quarter; several with a comma
    #[arg(long, value_name = "FIELD,FIELD")]
    pub by: Option<String>,
    /// Only what this person owns
    #[arg(long, value_name = "USER")]
    pub owner: Option<String>,
    /// Only what this team owns
    #[arg(long, value_name = "TEAM")]
    pub team: Option<String>,
    /// Only this pipeline
    #[arg(long, value_name = "PIPELINE")]
    pub pipeline: Option<String>,
    /// Compared with that day
    #[arg(long, value_name = "DAY", value_parser = dashed)]
    pub since: Option<String>,
    /// And this one; by default now
    #[arg(long, value_name = "DAY", value_parser = dashed)]
    pub until: Option<String>,
    /// As if a record were changed: 'o12 stage=won amount=5k'
    #[arg(long = "what-if", value_name = "ID FIELD=VALUE")]
    pub what_if: Vec<String>,
    /// With the query behind each row
    #[arg(long)]
    pub queries: bool,
}

impl Report {
    fn given(&self) -> Vec<(&'static str, String)> {
        let parameters = [
            ("period", &self.period),
            ("by", &self.by),
            ("owner", &self.owner),
            ("team", &self.team),
            ("pipeline", &self.pipeline),
            ("since", &self.since),
            ("until", &self.until),
        ];
        parameters.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))).collect()
    }
}

/// Prints a report that is asked for by another call, with words of a query.
///
/// # Errors
/// As its parts.
pub(super) fn named(session: &Session, name: &str, query: &[String]) -> Result<(), Failure> {
    let call = Report { name: Some(name.to_owned()), query: query.to_vec(), ..Report::default() };
    report(session, &call)
}

/// `rolo report`.
///
/// # Errors
/// As its parts.
pub(super) fn report(session: &Session, call: &Report) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let report =
        command::report(&desk, call.name.as_deref().unwrap_or(report::INDEX), &call.given(), &call.query.join(" "), &call.what_if)?;
    if format == Format::Table && call.name.is_some() {
        session.say(&report.title);
    }
    let mut names: Vec<String> = report.columns.iter().map(|column| column.name.clone()).collect();
    let is_json = matches!(format, Format::Json | Format::Jsonl);
    if call.queries || is_json {
        names.push("records".to_owned());
    }
    let mut rows = Rows::new(session, format, &names)?;
    // Whoever adds a column up wants no total among its rows.
    let total = report.total.iter().filter(|_| format == Format::Table);
    for row in report.rows.iter().chain(total) {
        let cell = |cell: &report::Cell| {
            let is_exact = format != Format::Table || matches!(cell.figure, report::Figure::Money(..));
            let text = if is_exact { cell.figure.text() } else { cell.figure.shown() };
            Cell { text, json: cell.figure.json() }
        };
        let mut cells: Vec<Cell> = row.iter().map(cell).collect();
        if is_json {
            cells.push(Cell { text: String::new(), json: records(&report, row) });
        } else if call.queries {
            let behind = row.iter().rev().find_map(|cell| cell.behind.as_ref());
            cells.push(Cell::text(behind.map_or_else(String::new, |behind| format!("{} {}", behind.kind, behind.query))));
        }
        rows.row("", &cells)?;
    }
    rows.finish()?;
    for note in &report.notes {
        session.say(note);
    }
    Ok(())
}

/// Returns which query finds the records behind each figure of a row.
fn records(report: &report::Report, row: &[report::Cell]) -> Option<Json> {
    let mut object = Map::new();
    for (column, cell) in report.columns.iter().zip(row) {
        if let Some(behind) = &cell.behind {
            object.insert(column.name.clone(), json!({ "kind": behind.kind.name(), "query": behind.query }));
        }
    }
    (!object.is_empty()).then_some(Json::Object(object))
}

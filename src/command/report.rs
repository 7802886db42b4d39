//! `report`: what is asked for in words becomes an asking, and figures become a page.

use std::collections::HashMap;
use std::sync::Arc;

use super::options::{Flags, flags};
use super::reply::Reply;
use crate::actions::{ActionError, Changeset, Desk};
use crate::domain::{Assignment, DefinitionName, Record, RecordId, follow_ups};
use crate::insight::report::{Ask, Cell, Column, DASHBOARD, Figure, INDEX, PARAMETERS, Report, ReportError, Shape, find, report as make};

impl From<ReportError> for ActionError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Usage { message, hint } => {
                let error = Self::usage(message);
                match hint {
                    Some(hint) => error.hint(hint),
                    None => error,
                }
            }
            ReportError::Store(error) => error.into(),
        }
    }
}

/// Makes a report: parameters by name, words of a query, records as they would be. The
/// name of a dashboard gives its reports with what each says first.
///
/// # Errors
/// A name, parameter or query that is none; what the store answers.
pub fn report(desk: &Desk, name: &str, given: &[(&str, String)], query: &str, what_if: &[String]) -> Result<Report, ActionError> {
    if find(name).is_none()
        && let Some(lines) = dashboard(desk, name)?
    {
        return together(desk, name, &lines);
    }
    let mut ask = Ask::new(desk.view(), desk.definitions());
    query.trim().clone_into(&mut ask.query);
    for (name, value) in given {
        ask.give(name, value.as_str())?;
    }
    if !what_if.is_empty() {
        ask.give("what-if", what_if.join("; "))?;
        ask.instead = as_if(desk, what_if)?;
    }
    Ok(make(&desk.store, name, &ask)?)
}

/// Returns the reports of a dashboard, as they are asked for; `None` where there is none of
/// this name.
fn dashboard(desk: &Desk, name: &str) -> Result<Option<Vec<String>>, ActionError> {
    let definitions = desk.definitions();
    let shape = definitions.shapes.get(DefinitionName::Dashboards);
    let Some(table) = shape.and_then(|shape| shape.get(name)) else { return Ok(None) };
    let lines =
        table.get("reports").and_then(|value| value.as_array()).map(|lines| lines.iter().map(|line| line.as_str().map(str::to_owned)));
    let lines = lines.and_then(|lines| lines.collect::<Option<Vec<String>>>()).filter(|lines| !lines.is_empty());
    let wrong =
        || ActionError::refused(format!("the dashboard {name} names no reports")).hint("reports = [\"forecast --by owner\", \"stuck\"]");
    lines.map(Some).ok_or_else(wrong)
}

/// Returns the reports of a dashboard, each with its first figures.
fn together(desk: &Desk, name: &str, lines: &[String]) -> Result<Report, ActionError> {
    const FIGURES: usize = 5;
    let mut rows = Vec::new();
    for line in lines {
        let words = super::words(line).map_err(|bad| ActionError::usage(bad.message))?;
        let (which, query, given, what_if) = parsed(&words)?;
        if find(&which).is_none() && dashboard(desk, &which)?.is_some() {
            return Err(ActionError::refused(format!("the dashboard {name} holds another one, {which}")));
        }
        let made = report(desk, &which, &given, &query, &what_if)?;
        let row = made.total.as_ref().or(made.rows.first());
        let figures = made
            .columns
            .iter()
            .zip(row.into_iter().flatten())
            .filter(|(column, cell)| column.shape != Shape::Text && cell.figure != Figure::Nothing);
        let told: Vec<String> = figures.take(FIGURES).map(|(column, cell)| format!("{} {}", column.name, cell.figure.shown())).collect();
        let rows_of = made.rows.len() as u64;
        rows.push(vec![Cell::text(line.as_str()), Cell::count(rows_of), Cell::text(told.join(", "))]);
    }
    let columns = vec![Column::new("report", Shape::Text), Column::new("rows", Shape::Count), Column::new("says", Shape::Text)];
    Ok(Report { name: DASHBOARD, title: name.to_owned(), columns, rows, total: None, notes: Vec::new() })
}

/// What a report is asked for with: its name, query, parameters, and what is supposed.
type Asked = (String, String, Vec<(&'static str, String)>, Vec<String>);

/// Reads the words of an asking.
fn parsed(args: &[String]) -> Result<Asked, ActionError> {
    let names: Vec<&'static str> = PARAMETERS.iter().map(|parameter| parameter.name).collect();
    let Flags { words, every, .. } = flags(args, &names, &[])?;
    let (name, query) = words.split_first().map_or((INDEX, [].as_slice()), |(name, query)| (name.as_str(), query));
    let (what_if, given): (Vec<_>, Vec<_>) = every.into_iter().partition(|(name, _)| *name == "what-if");
    Ok((name.to_owned(), query.join(" "), given, what_if.into_iter().map(|(_, value)| value).collect()))
}

/// Returns records as they would be, of lines such as `o12 stage=won amount=5k`.
///
/// # Errors
/// A line that names nobody, or a value that is refused.
pub fn as_if(desk: &Desk, what_if: &[String]) -> Result<HashMap<RecordId, Arc<Record>>, ActionError> {
    let mut instead = HashMap::new();
    let definitions = desk.definitions();
    let mut changes = Changeset::new(desk);
    for line in what_if {
        let words = super::words(line).map_err(|bad| ActionError::usage(bad.message))?;
        let named = words.iter().take_while(|word| !word.contains('=')).count();
        let (ids, texts) = words.split_at(named);
        if ids.is_empty() || texts.is_empty() {
            let error = ActionError::usage(format!("\u{201c}{line}\u{201d} says nothing that could be"));
            return Err(error.hint("write --what-if 'o12 stage=won amount=5k'"));
        }
        for id in crate::actions::resolve_all(desk, &[], ids)? {
            let parse = |text: &String| Ok(Assignment::parse(id.kind, text, &definitions)?);
            let assignments = texts.iter().map(parse).collect::<Result<Vec<_>, ActionError>>()?;
            let before = changes.get(id)?.clone();
            changes.assign(id, &assignments)?;
            let mut after = changes.get(id)?.clone();
            follow_ups(Some(&before), &mut after, &definitions, desk.now());
            *changes.edit(id)? = after.clone();
            instead.insert(id, Arc::new(after));
        }
    }
    Ok(instead)
}

/// `:report`: a page, or the list of reports.
pub(super) fn page(desk: &Desk, args: &[String], scratch: &[String]) -> Result<Reply, ActionError> {
    let (name, query, given, mut what_if) = parsed(args)?;
    if find(&name).is_some_and(|spec| spec.takes.contains(&"what-if")) {
        what_if.extend(scratch.iter().cloned());
    }
    let report = report(desk, &name, &given, &query, &what_if)?;
    Ok(Reply { report: Some(Box::new(report)), ..Reply::default() })
}

//! What is ahead: `rolo agenda`; and tasks that are done: `rolo done`.

use chrono::NaiveDate;
use chrono_tz::Tz;
use clap::Args;
use serde_json::json;

use super::args::Format;
use super::changing::answer;
use super::failure::Failure;
use super::output::{Cell, ROWS, Rows, lines};
use super::session::Session;
use crate::actions::{self, resolve_all, user_of};
use crate::command;
use crate::domain::Kind;
use crate::domain::zone::{day_at, wall_clock};
use crate::exchange::feed::{Ahead, feed};
use crate::insight::{self, AgendaRequest, Item, Matter};

/// `rolo agenda`.
#[derive(Debug, Args)]
pub struct Agenda {
    /// Up to this moment; of a day, its end. By default a week
    #[arg(long, value_name = "T", value_parser = super::args::dashed)]
    pub until: Option<String>,
    /// That of everybody, and not only one's own and nobody's
    #[arg(long)]
    pub all: bool,
}

/// `rolo done`.
#[derive(Debug, Args)]
pub struct Done {
    /// Which tasks
    #[arg(required = true, value_name = "TASK")]
    pub tasks: Vec<String>,
}

/// `rolo done`.
///
/// # Errors
/// As its parts.
pub(super) fn done(session: &Session, call: &Done) -> Result<(), Failure> {
    let desk = session.desk()?;
    let ids = resolve_all(&desk, &[Kind::Task], &call.tasks)?;
    answer(session, &actions::done(&desk, &ids)?)
}

/// `rolo agenda`: day by day on a terminal, else a row for each entry; a calendar as ics.
///
/// # Errors
/// As its parts.
pub(super) fn agenda(session: &Session, call: &Agenda) -> Result<(), Failure> {
    let format = session.format(&[ROWS, &[Format::Ics]].concat())?;
    let desk = session.desk()?;
    let whose = if call.all { None } else { Some(user_of(&desk, &desk.author.login)?) };
    let request = AgendaRequest { until: command::agenda_until(&desk, call.until.as_deref())?, whose };
    let items = insight::agenda(&*desk.store, &desk.view(), &request)?;
    match format {
        Format::Table => lines(told(&items, desk.zone(), desk.today())),
        Format::Ics => {
            feed(std::io::stdout().lock(), desk.zone(), desk.now(), &items.iter().map(ahead).collect::<Vec<_>>())?;
            Ok(())
        }
        _ => rows(session, format, &items),
    }
}

fn about(item: &Item) -> String {
    item.about.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Returns the agenda for people: what is late, then day by day.
fn told(items: &[Item], zone: Tz, today: NaiveDate) -> Vec<String> {
    let mut told = Vec::new();
    let mut last: Option<String> = None;
    for item in items {
        let day = day_at(zone, item.at);
        let heading = match (day - today).num_days() {
            _ if item.late && day < today => "overdue".to_owned(),
            0 => format!("today, {}", day.format("%a %Y-%m-%d")),
            1 => format!("tomorrow, {}", day.format("%a %Y-%m-%d")),
            _ => day.format("%a %Y-%m-%d").to_string(),
        };
        if last.as_deref() != Some(&heading) {
            if last.is_some() {
                told.push(String::new());
            }
            told.push(heading.clone());
        }
        let when = match (heading == "overdue", item.whole_day) {
            (true, true) => day.format("%Y-%m-%d").to_string(),
            (true, false) => wall_clock(zone, item.at).format("%Y-%m-%d %H:%M").to_string(),
            (false, true) => "     ".to_owned(),
            (false, false) => wall_clock(zone, item.at).format("%H:%M").to_string(),
        };
        let names = about(item);
        let names = if names.is_empty() { names } else { format!("  ({names})") };
        let late = if item.late && heading != "overdue" { "  late" } else { "" };
        told.push(format!("  {when}  {:<9}  {:<6}  {}{names}{late}", item.matter.name(), item.record.to_string(), item.title));
        last = Some(heading);
    }
    if told.is_empty() {
        told.push("nothing is due".to_owned());
    }
    told
}

fn rows(session: &Session, format: Format, items: &[Item]) -> Result<(), Failure> {
    let names = ["at", "whole_day", "what", "id", "title", "about", "late", "minutes", "remind"].map(str::to_owned);
    let mut rows = Rows::new(session, format, &names)?;
    for item in items {
        let id = item.record.to_string();
        let flag = |on: bool| Cell { text: if on { "yes" } else { "no" }.to_owned(), json: Some(json!(on)) };
        let linked: Vec<_> = item.about.iter().map(|(id, name)| json!({ "id": id.to_string(), "name": name })).collect();
        let cells = [
            Cell::text(item.at.to_string()),
            flag(item.whole_day),
            Cell::text(item.matter.name()),
            Cell::text(id.as_str()),
            Cell::text(item.title.as_str()),
            Cell { text: about(item), json: (!linked.is_empty()).then(|| json!(linked)) },
            flag(item.late),
            item.minutes.map_or_else(Cell::default, Cell::number),
            item.remind.map_or_else(Cell::default, |at| Cell::text(at.to_string())),
        ];
        rows.row(&id, &cells)?;
    }
    rows.finish()
}

/// Returns an entry as a calendar has it.
fn ahead(item: &Item) -> Ahead {
    const HOUR: i64 = 60;
    let moment = if item.matter == Matter::Meeting { format!(".{}", item.at.utc().format("%Y%m%dT%H%M%SZ")) } else { String::new() };
    let alarm = match item.matter {
        Matter::Task => item.remind.or_else(|| (!item.whole_day).then_some(item.at)),
        _ => None,
    };
    Ahead {
        uid: format!("{}.{}{moment}@rolo", item.record, item.matter.name().replace(' ', "-")),
        is_task: item.matter == Matter::Task,
        at: item.at,
        whole_day: item.whole_day,
        minutes: item.minutes.unwrap_or(HOUR),
        title: item.title.clone(),
        about: about(item),
        alarm,
    }
}

//! An opened record: its fields, what links to it, who changed it.

use crate::actions::{self, ActionError, Desk};
use crate::command::local_time;
use crate::domain::fields::number;
use crate::domain::zone::wall_clock;
use crate::domain::{AnyField, Category, FieldRef, FieldType, Kind, Record, RecordId, Value, flat, naming};
use crate::insight;
use crate::tui::app::message::Loaded;
use crate::tui::app::row::{Cell, Row, Written};
use crate::tui::text;
use crate::tui::theme::Role;

use super::cells::{Maker, title};

/// The columns of a long text: what an overlay on a screen of 80 has room for.
const READABLE: usize = 56;
/// The most lines of a long text.
const LINES: usize = 2_000;
/// How many tickets of an outage are counted.
const OUTAGE: usize = 10_000;
/// How many linked records are listed.
const LINKS: usize = 200;
/// How many articles are suggested for a ticket.
const ARTICLES: usize = 3;
/// How many versions are listed.
const VERSIONS: usize = 200;

pub(super) fn record(desk: &Desk, id: RecordId) -> Result<Loaded, ActionError> {
    let record = desk.record(id)?;
    let maker = Maker::new(desk, &[]);
    maker.learn(&[Some(record.clone())])?;
    let screen = maker.screen();
    let mut rows = Vec::new();
    let mut push = |key: &str, to: RecordId, group: &str, cells: Vec<Cell>| {
        rows.push(Row { key: key.to_owned(), id: to, cells, group: group.to_owned() });
    };
    // Whoever opens one of an outage's tickets is told of it before anything else.
    if let Some(incident) = record.link(number::INCIDENT).filter(|_| id.kind == Kind::Ticket)
        && let Some(outage) = outage(desk, incident)?
    {
        push("", incident, "outage", vec![Cell::of(Role::FieldName, "outage"), Cell::of(Role::UrgencyUrgent, outage)]);
    }
    for (name, written) in flat(&record, &maker.definitions, &maker.known) {
        let Ok(field) = FieldRef::resolve(id.kind, &name, &maker.definitions) else { continue };
        // A link stands there by its name; its id is what <CR> follows.
        if name.ends_with(".id") {
            continue;
        }
        let values = field.get(&record, &maker.known);
        let shown: Vec<String> = values.iter().map(|value| screen.long(value)).collect();
        let to = values.iter().find_map(Value::as_link).unwrap_or(id);
        let mut cell = maker.cell(&field, &record);
        cell.text = shown.join(", ");
        if cell.written.is_some() {
            cell.written = Some(Written { field: name.clone(), text: written });
        }
        // A long text is read line by line: a mail, a note.
        let long = values.first().and_then(Value::as_text).filter(|_| field.field_type() == FieldType::LongText);
        let mut lines = long.map(|long| text::wrap(long, READABLE, LINES)).unwrap_or_default().into_iter();
        if lines.len() > 1 {
            cell.text = lines.next().unwrap_or_default();
        } else {
            lines = Vec::new().into_iter();
        }
        let mut cells = vec![Cell::of(Role::FieldName, name.as_str()), cell];
        if field.field_type() == FieldType::Phone {
            cells.push(Cell::of(Role::TextMuted, beside_the_call(desk, &record)));
        }
        push(if cells[1].written.is_some() { &name } else { "" }, to, "fields", cells);
        for line in lines {
            push("", id, "fields", vec![Cell::plain(""), Cell::plain(line)]);
        }
    }
    for field in AnyField::all(id.kind, &maker.definitions) {
        let (system, example) = match field {
            AnyField::Builtin(field) => (field.system, field.example),
            AnyField::Custom(_) => (false, ""),
        };
        if system || has(&record, field) {
            continue;
        }
        let name = field.name();
        let written = Some(Written { field: name.to_owned(), text: String::new() });
        let hint = if example.is_empty() { String::new() } else { format!("such as {example}") };
        let empty = Cell { text: String::new(), role: None, written };
        push(name, id, "empty", vec![Cell::of(Role::FieldName, name), empty, Cell::of(Role::TextMuted, hint)]);
    }
    // What may answer it, as long as it is open.
    if id.kind == Kind::Ticket && maker.definitions.category_of(&record) != Category::Done {
        for found in insight::suggest(&*desk.store, &desk.view(), &record, ARTICLES)?.into_iter().filter(|found| !found.is_used) {
            let article = found.article.id;
            let name = Cell::plain(naming::title(&found.article));
            let cells =
                vec![Cell::of(Role::FieldName, "may help"), name, Cell::of(Role::TextMuted, format!("{article}, {}", found.reason))];
            push("", article, "articles", cells);
        }
    }
    for (from, field) in desk.store.linking(id, None, LINKS)? {
        if matches!(from.kind, Kind::Event | Kind::Provenance) || !from.kind.info().public {
            continue;
        }
        let name = crate::domain::fields::field_by_number(from.kind, field).map_or("link", |field| field.name);
        let cells = vec![
            Cell::of(Role::FieldName, from.kind.name()),
            Cell::plain(title(desk, from)?),
            Cell::of(Role::TextMuted, format!("{from}, by {name}")),
        ];
        push("", from, "links", cells);
    }
    let zone = desk.zone();
    for revision in actions::history(desk, id, VERSIONS)? {
        let at = wall_clock(zone, revision.commit.at).format("%Y-%m-%d %H:%M").to_string();
        let what = if revision.gone {
            "gone".to_owned()
        } else if revision.created {
            "created".to_owned()
        } else {
            let changes = revision.differences.iter().map(|difference| {
                let text = |values: &[Value]| values.iter().map(|value| screen.short(value)).collect::<Vec<_>>().join(", ");
                let (before, after) = (text(&difference.before), text(&difference.after));
                match (before.is_empty(), after.is_empty()) {
                    (true, _) => format!("{}: {after}", difference.name()),
                    (_, true) => format!("{}: {before} taken out", difference.name()),
                    _ => format!("{}: {before} → {after}", difference.name()),
                }
            });
            changes.collect::<Vec<_>>().join("; ")
        };
        let by = format!("{} @{}", revision.commit.author.login, revision.commit.step);
        let cells = vec![Cell::of(Role::TimelineTime, at), Cell::plain(what), Cell::of(Role::TextMuted, by)];
        push("", id, "history", cells);
    }
    Ok(Loaded::Record { id, title: naming::title(&record), rows })
}

/// Returns what an outage is, how it stands, and how many tickets belong to it; `None` if
/// it is there no longer.
fn outage(desk: &Desk, id: RecordId) -> Result<Option<String>, ActionError> {
    let Some(incident) = desk.store.get(&[id])?.pop().flatten() else { return Ok(None) };
    let linked = desk.store.linking(id, Some(Kind::Ticket), OUTAGE)?;
    let count = linked.iter().filter(|(_, field)| *field == number::INCIDENT).count();
    let tickets = match count {
        1 => "1 ticket".to_owned(),
        OUTAGE.. => format!("{OUTAGE} tickets or more"),
        _ => format!("{count} tickets"),
    };
    let status = incident.text(number::STATUS).unwrap_or("open");
    Ok(Some(format!("{id} {}: {status}, {tickets}", naming::title(&incident))))
}

/// Returns what one knows before one calls: what time it is there, and whether they want it.
fn beside_the_call(desk: &Desk, record: &Record) -> String {
    let time = local_time(record, desk.now()).map(|time| format!("{time}; "));
    let may = match insight::consent_to(record, "call") {
        Some(false) => "has not consented to calls",
        _ => "gx calls",
    };
    format!("{}{may}", time.unwrap_or_default())
}

fn has(record: &Record, field: AnyField<'_>) -> bool {
    match field {
        AnyField::Builtin(field) => record.has(field.number),
        AnyField::Custom(custom) => record.values(number::CUSTOM).any(|value| value.label() == Some(custom.name.as_str())),
    }
}

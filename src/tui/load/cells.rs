//! Rows of a list: a cell a column, with what it means.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::Queue;

use chrono::NaiveDate;

use crate::actions::{ActionError, Desk};
use crate::domain::fields::number;
use crate::domain::service::Standing;
use crate::domain::zone::day_at;
use crate::domain::{
    Category, Date, Definitions, FieldRef, FieldType, Kind, Leaf, Lookup, Record, RecordId, Screen, Timestamp, Value, naming,
};
use crate::insight::{Item, Urgency};
use crate::store::known::Known;
use crate::tui::app::agenda::{self, AGENDA};
use crate::tui::app::message::Loaded;
use crate::tui::app::row::{Cell, Row, Written};
use crate::tui::app::state::URGENCY;
use crate::tui::keys::Pane;
use crate::tui::theme::Role;

/// Makes rows of one kind's records, the columns resolved once.
pub(super) struct Maker<'d> {
    desk: &'d Desk,
    /// The queue, where it is asked why tickets stand where they do.
    queue: Option<&'d Queue>,
    /// Why the tickets among the records stand where they do.
    urgencies: RefCell<HashMap<RecordId, Urgency>>,
    /// What the records of an agenda ask for.
    items: RefCell<HashMap<RecordId, Item>>,
    pub(super) definitions: Arc<Definitions>,
    pub(super) known: Known<'d>,
    pub(super) now: Timestamp,
    pub(super) today: NaiveDate,
    columns: HashMap<Kind, Vec<Result<FieldRef, String>>>,
    names: Vec<String>,
}

impl<'d> Maker<'d> {
    pub(super) fn new(desk: &'d Desk, columns: &[String]) -> Self {
        Self {
            desk,
            queue: None,
            urgencies: RefCell::default(),
            items: RefCell::default(),
            definitions: desk.definitions(),
            known: Known::new(&*desk.store),
            now: desk.now(),
            today: desk.today(),
            columns: HashMap::new(),
            names: columns.to_vec(),
        }
    }

    /// Returns it for rows that may say why a ticket stands where it does.
    pub(super) fn with_queue(desk: &'d Desk, queue: &'d Queue, columns: &[String]) -> Self {
        Self { queue: Some(queue), ..Self::new(desk, columns) }
    }

    pub(super) fn screen(&self) -> Screen<'_> {
        Screen { now: self.now, zone: self.definitions.settings.timezone, lookup: &self.known }
    }

    /// Reads at once what the records link to, and how urgent they are where that is shown.
    pub(super) fn learn(&self, records: &[Option<Arc<Record>>]) -> Result<(), ActionError> {
        if let Some(queue) = self.queue.filter(|_| self.names.iter().any(|name| name == URGENCY)) {
            let tickets: Vec<RecordId> = records.iter().flatten().map(|record| record.id).filter(|id| id.kind == Kind::Ticket).collect();
            let urgencies = super::kept(queue).urgencies(&*self.desk.store, &self.desk.view(), &tickets)?;
            self.urgencies.borrow_mut().extend(urgencies.into_iter().flatten().map(|urgency| (urgency.ticket.id, urgency)));
        }
        if self.is_agenda() {
            self.items.borrow_mut().extend(super::agenda::items(self.desk, records)?);
        }
        let mut ids = Vec::new();
        for record in records.iter().flatten() {
            record.links(&mut |_, to| ids.push(to));
        }
        Ok(self.known.learn(ids)?)
    }

    /// Returns whether the rows are those of an agenda.
    fn is_agenda(&self) -> bool {
        self.names.iter().any(|name| name.starts_with(AGENDA))
    }

    /// Returns a cell that only an agenda has.
    fn of_agenda(&self, column: &str, record: &Record) -> Cell {
        let items = self.items.borrow();
        let Some(item) = items.get(&record.id) else {
            return if column == agenda::TITLE { Cell::plain(naming::title(record)) } else { Cell::default() };
        };
        match column {
            agenda::WHEN => {
                let role = if item.late { Role::DueOverdue } else { self.due(day_at(self.definitions.settings.timezone, item.at)) };
                // What a task is due by is set where it stands.
                let field = match record.kind() {
                    Kind::Task => Some("due"),
                    Kind::Opportunity => Some("next_at"),
                    _ => None,
                };
                let field = field.and_then(|name| FieldRef::resolve(record.kind(), name, &self.definitions).ok());
                let written = field.and_then(|field| written(&field, record, &field.get(record, &self.known), &self.known));
                Cell { text: super::agenda::when(self.desk, item), role: Some(role), written }
            }
            agenda::MATTER => Cell::of(Role::TextMuted, item.matter.name()),
            agenda::TITLE => Cell::plain(item.title.as_str()),
            agenda::ABOUT => Cell::plain(item.about.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", ")),
            _ => Cell::default(),
        }
    }

    /// Returns the cells of a record.
    pub(super) fn cells(&mut self, record: &Arc<Record>) -> Vec<Cell> {
        let kind = record.kind();
        if !self.columns.contains_key(&kind) {
            let resolve = |name: &String| FieldRef::resolve(kind, name, &self.definitions).map_err(|_| name.clone());
            let resolved = self.names.iter().map(resolve).collect();
            self.columns.insert(kind, resolved);
        }
        self.columns[&kind]
            .iter()
            .map(|column| match column {
                Ok(field) => self.cell(field, record),
                Err(name) if name == URGENCY => self.urgency(record),
                Err(name) if name.starts_with(AGENDA) => self.of_agenda(name, record),
                Err(_) => Cell::default(),
            })
            .collect()
    }

    /// Returns when the cells of a record say something else, though nothing is changed.
    fn changes_at(&self, id: RecordId) -> Option<(RecordId, Timestamp)> {
        let urgencies = self.urgencies.borrow();
        Some((id, urgencies.get(&id)?.pressing?.changes_at(self.now)))
    }

    /// Why a ticket stands where it does; its priority has a cell of its own.
    fn urgency(&self, ticket: &Arc<Record>) -> Cell {
        let urgencies = self.urgencies.borrow();
        let Some(urgency) = urgencies.get(&ticket.id) else {
            return Cell::of(Role::StateDone, ticket.text(number::STATUS).unwrap_or_default());
        };
        let reason = urgency.reason.as_str();
        let own = ticket.text(number::PRIORITY).and_then(|priority| reason.strip_prefix(priority)?.strip_prefix(", "));
        let role = match urgency.pressing.map(|pressing| pressing.standing) {
            Some(Standing::Breached) => Role::UrgencyUrgent,
            Some(Standing::DueSoon) => Role::UrgencyHigh,
            _ if urgency.category == Category::Waiting => Role::StateWaiting,
            _ => Role::State,
        };
        Cell::of(role, own.unwrap_or(reason))
    }

    /// Returns one cell, with what is edited where it stands.
    pub(super) fn cell(&self, field: &FieldRef, record: &Record) -> Cell {
        let values = field.get(record, &self.known);
        let screen = self.screen();
        let text = match values.as_slice() {
            [] => String::new(),
            [first, more @ ..] => {
                let first = self.short(field, first, &screen);
                if more.is_empty() { first } else { format!("{first} +{}", more.len()) }
            }
        };
        let role = values.first().and_then(|value| self.role(field, record, value));
        Cell { text, role, written: written(field, record, &values, &self.known) }
    }

    fn short(&self, field: &FieldRef, value: &Value, screen: &Screen<'_>) -> String {
        match (field.leaf(), value.bare()) {
            (Leaf::Rollup(_), Value::Time(at)) => self.ago(*at),
            _ => screen.short(value),
        }
    }

    /// Returns how long ago a moment was, or how far off it is: `3 d`, `in 2 h`.
    pub(super) fn ago(&self, at: Timestamp) -> String {
        ago(at, self.now, self.today, self.definitions.settings.timezone)
    }

    fn role(&self, field: &FieldRef, record: &Record, value: &Value) -> Option<Role> {
        let name = field.name();
        let text = value.as_text().unwrap_or_default();
        match (name, value.bare()) {
            ("priority", _) => Some(match text {
                "urgent" => Role::UrgencyUrgent,
                "high" => Role::UrgencyHigh,
                "low" => Role::UrgencyLow,
                _ => Role::UrgencyNormal,
            }),
            ("status", _) if record.kind() == Kind::Ticket => Some(match self.definitions.category_of(record) {
                Category::Done => Role::StateDone,
                Category::Waiting => Role::StateWaiting,
                Category::Open => Role::State,
            }),
            ("stage", _) => Some(self.stage(record)),
            ("tags", _) => Some(Role::Tag),
            ("channel", _) => Some(channel(text)),
            ("expected_close" | "due" | "next_at" | "next.due" | "end" | "renewal", bare) => {
                let open = match record.kind() {
                    Kind::Task => !record.has(number::DONE_AT),
                    Kind::Opportunity => !self.definitions.meaning_of(record).is_closed(),
                    _ => true,
                };
                let day = match bare {
                    Value::Time(at) => Some(day_at(self.definitions.settings.timezone, *at)),
                    Value::Date(date) => Date::span(*date).map(|(_, last)| last),
                    _ => None,
                };
                Some(day.filter(|_| open).map_or(Role::Due, |day| self.due(day)))
            }
            (_, Value::Money(money)) => Some(if money.minor < 0 { Role::MoneyNegative } else { Role::Money }),
            _ if matches!(field.leaf(), Leaf::Rollup(_)) && field.field_type() == FieldType::Time => Some(Role::TextMuted),
            _ => None,
        }
    }

    pub(super) fn stage(&self, record: &Record) -> Role {
        match self.definitions.meaning_of(record) {
            crate::domain::Meaning::Won => Role::StageWon,
            crate::domain::Meaning::Lost => Role::StageLost,
            crate::domain::Meaning::Open => Role::Stage,
        }
    }

    pub(super) fn due(&self, day: NaiveDate) -> Role {
        match day.cmp(&self.today) {
            std::cmp::Ordering::Less => Role::DueOverdue,
            std::cmp::Ordering::Equal => Role::DueToday,
            std::cmp::Ordering::Greater => Role::Due,
        }
    }

    /// Returns what a list is grouped by: `{` and `}` go to where it changes.
    pub(super) fn group(&self, record: &Record) -> String {
        if self.is_agenda() {
            return self.items.borrow().get(&record.id).map(|item| super::agenda::day(self.desk, item.at)).unwrap_or_default();
        }
        let title = |id: RecordId| self.known.record(id).map_or_else(|| id.to_string(), |record| naming::title(&record));
        let link = |field| record.link(field).map(title).unwrap_or_default();
        let text = |field| record.text(field).unwrap_or_default().to_owned();
        let day = |field| record.time(field).map(|at| day_at(self.definitions.settings.timezone, at).to_string()).unwrap_or_default();
        match record.kind() {
            Kind::Contact => {
                let mut company = None;
                record.links(&mut |field, to| {
                    if field == number::JOBS {
                        company.get_or_insert(to);
                    }
                });
                company.map(title).unwrap_or_default()
            }
            Kind::Ticket => text(number::PRIORITY),
            Kind::Task => day(number::DUE),
            Kind::Interaction => day(number::INTERACTION_AT),
            Kind::Event => day(number::EVENT_AT),
            Kind::Order => day(number::ORDER_AT),
            Kind::Opportunity => text(number::STAGE),
            Kind::Company => text(number::INDUSTRY),
            _ => link(number::OWNER),
        }
    }
}

/// Returns what is typed over when a value is edited in place: its canonical text,
/// which says more than a narrow cell shows. Of several values it is the first.
pub(super) fn written(field: &FieldRef, record: &Record, values: &[Value], lookup: &dyn Lookup) -> Option<Written> {
    field.written()?;
    let name = field.name();
    Some(match values {
        [] => Written { field: name.to_owned(), text: String::new() },
        [_] => Written { field: name.to_owned(), text: field.text(record, lookup) },
        [first, ..] => Written { field: format!("{name}.1"), text: first.named(lookup) },
    })
}

/// Returns how long ago a moment was, or how far off it is.
pub(super) fn ago(at: Timestamp, now: Timestamp, today: NaiveDate, zone: chrono_tz::Tz) -> String {
    let days = (today - day_at(zone, at)).num_days();
    match days {
        0 if at <= now => match (now.0 - at.0) / 60_000_000 {
            0 => "just now".to_owned(),
            minutes @ 1..60 => format!("{minutes} min ago"),
            minutes => format!("{} h ago", minutes / 60),
        },
        0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        -1 => "tomorrow".to_owned(),
        2..60 => format!("{days} d ago"),
        60..730 => format!("{} mo ago", days / 30),
        730.. => format!("{} y ago", days / 365),
        -59..=-2 => format!("in {} d", -days),
        _ => format!("in {} mo", -days / 30),
    }
}

/// Returns the role of a channel.
pub(super) fn channel(name: &str) -> Role {
    match name {
        "call" => Role::ChannelCall,
        "email" => Role::ChannelEmail,
        "meeting" => Role::ChannelMeeting,
        "visit" => Role::ChannelVisit,
        "chat" => Role::ChannelChat,
        "sms" => Role::ChannelSms,
        "social" => Role::ChannelSocial,
        "letter" => Role::ChannelLetter,
        "fax" => Role::ChannelFax,
        "web" => Role::ChannelWeb,
        "note" => Role::ChannelNote,
        _ => Role::Channel,
    }
}

/// Returns the rows of these records, one for each id, in their order.
pub(super) fn rows(desk: &Desk, queue: &Queue, pane: Pane, ids: &[RecordId], columns: &[String]) -> Result<Loaded, ActionError> {
    let mut maker = Maker::with_queue(desk, queue, columns);
    let records = desk.store.get(ids)?;
    maker.learn(&records)?;
    let rows = ids.iter().zip(records).map(|(&id, record)| match record {
        Some(record) => Row { key: id.to_string(), id, cells: maker.cells(&record), group: maker.group(&record) },
        None => Row { key: id.to_string(), id, cells: vec![Cell::of(Role::TextMuted, "gone")], group: String::new() },
    });
    let rows = rows.collect();
    Ok(Loaded::Rows { pane, rows, changes: ids.iter().filter_map(|id| maker.changes_at(*id)).collect() })
}

/// Returns a record's name.
pub(super) fn title(desk: &Desk, id: RecordId) -> Result<String, ActionError> {
    Ok(desk.store.get(&[id])?.pop().flatten().map_or_else(|| id.to_string(), |record| naming::title(&record)))
}

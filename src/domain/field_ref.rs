//! A field by its name: what a column, a query, an assignment and a mapping file mean
//! by `stage`, `email.work`, `address.home.city`, `company.name` or `tickets.open`.
//!
//! A name is resolved once, against the table, the team's own fields and the kinds
//! that links lead to; values are then read from as many records as one likes.

mod resolve;

use std::fmt;

use super::fields::number;
use super::parse::{Problem, ValueError};
use super::{
    AnyField, ChoiceList, CustomField, Definitions, Field, FieldNumber, FieldType, Kind, Lookup, Money, Part, Record, Rollup, Value,
};

/// What the store itself keeps about a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum System {
    /// The id.
    Id,
    /// The seq of the commit that last wrote it.
    Version,
    /// When the store first kept it.
    RecordedAt,
    /// When it was last written.
    UpdatedAt,
    /// The login of who last wrote it.
    UpdatedBy,
}

/// System fields by name.
pub const SYSTEM: &[(&str, System)] = &[
    ("id", System::Id),
    ("version", System::Version),
    ("recorded_at", System::RecordedAt),
    ("updated_at", System::UpdatedAt),
    ("updated_by", System::UpdatedBy),
];

/// What a record sums up of those that point to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RollupField {
    /// When the last interaction was.
    LastAt,
    /// Through which channel it went.
    LastChannel,
    /// How many tickets are not done.
    TicketsOpen,
    /// How many opportunities are open.
    OpportunitiesOpen,
    /// What was won, per currency.
    WonTotal,
    /// When the next open task is due.
    NextDue,
}

/// Rollups by name, and the kinds that have them.
pub const ROLLUPS: &[(&str, RollupField, &[Kind])] = &[
    ("last.at", RollupField::LastAt, &[Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Ticket]),
    ("last.channel", RollupField::LastChannel, &[Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Ticket]),
    ("tickets.open", RollupField::TicketsOpen, &[Kind::Contact, Kind::Company]),
    ("opportunities.open", RollupField::OpportunitiesOpen, &[Kind::Contact, Kind::Company]),
    ("won.total", RollupField::WonTotal, &[Kind::Contact, Kind::Company]),
    ("next.due", RollupField::NextDue, &[Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Ticket, Kind::Order, Kind::Contract]),
];

/// Which of a field's values are meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pick {
    /// All.
    All,
    /// Those under a label; with a number only that one of them, from 1.
    Label(String, Option<usize>),
    /// The one at a position, from 1.
    Position(usize),
}

/// Values of a stored field, or a part of them.
#[derive(Debug, Clone, Copy)]
pub struct StoredField {
    /// The field.
    pub field: &'static Field,
    /// The part of an address, job or line.
    pub part: Option<Part>,
}

/// What a name means, once links are followed.
#[derive(Debug, Clone)]
pub enum Leaf {
    /// Values of a field of the table.
    Stored(StoredField, Pick),
    /// The ids that a link holds, as text: `owner.id`.
    LinkId(StoredField, Pick),
    /// The label of a value: `email.1.label`.
    Label(&'static Field, usize),
    /// A field that the team has added.
    Custom(CustomField),
    /// What the store keeps.
    System(System),
    /// What is summed up of records that point here.
    Rollup(RollupField),
    /// A field of the records that a link leads to, one for each of their kinds.
    Followed(StoredField, Pick, Vec<FieldRef>),
}

/// A resolved field name of a kind.
#[derive(Debug, Clone)]
pub struct FieldRef {
    kind: Kind,
    name: String,
    leaf: Leaf,
}

/// Says that a kind has no such field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownField {
    /// The kind.
    pub kind: Kind,
    /// The name that was given.
    pub name: String,
    /// The whole name that was probably meant.
    pub nearest: Option<String>,
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} has no field {}", self.kind, super::parse::quoted(&self.name))
    }
}

impl std::error::Error for UnknownField {}

impl UnknownField {
    /// Returns what to do about it.
    pub fn hint(&self) -> String {
        match &self.nearest {
            Some(nearest) => format!("did you mean \u{201c}{nearest}\u{201d}?"),
            None => format!("`rolo fields {}` lists them", self.kind),
        }
    }
}

impl From<UnknownField> for ValueError {
    fn from(error: UnknownField) -> Self {
        Self::new(Problem::UnknownField, error.to_string()).hint(error.hint())
    }
}

impl FieldRef {
    /// Returns the field that a name means for a kind, without regard to case: a field
    /// or its alias, a label (`email.work`), a position (`email.2`), a part
    /// (`address.home.city`, `jobs.1.title`, `lines.2.price`), a custom field, what the
    /// store keeps, a rollup, the id behind a link (`owner.id`), or a field of what a
    /// link leads to (`company.name`).
    ///
    /// # Errors
    ///
    /// The kind has no such field; the nearest is told.
    pub fn resolve(kind: Kind, name: &str, definitions: &Definitions) -> Result<Self, UnknownField> {
        resolve::resolve(kind, name.trim(), definitions)
    }

    /// Returns the reference to a whole field.
    pub fn of(kind: Kind, field: AnyField<'_>) -> Self {
        let leaf = match field {
            AnyField::Builtin(field) => Leaf::Stored(StoredField { field, part: None }, Pick::All),
            AnyField::Custom(field) => Leaf::Custom(field.clone()),
        };
        Self { kind, name: field.name().to_owned(), leaf }
    }

    /// Returns the kind of record that it is read from.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the canonical name: `email.work` for `Mail.Work`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the name means.
    pub fn leaf(&self) -> &Leaf {
        &self.leaf
    }

    /// Returns the type of its values. Behind a link to several kinds it is that of the
    /// first that has the field.
    pub fn field_type(&self) -> FieldType {
        match &self.leaf {
            Leaf::Stored(stored, _) => stored.part.map_or(stored.field.ty, Part::field_type),
            Leaf::LinkId(..) | Leaf::Label(..) | Leaf::System(System::Id | System::UpdatedBy) => FieldType::Text,
            Leaf::Custom(field) => field.ty.field_type(),
            Leaf::System(System::Version) => FieldType::Int,
            Leaf::System(System::RecordedAt | System::UpdatedAt) => FieldType::Time,
            Leaf::Rollup(RollupField::LastAt | RollupField::NextDue) => FieldType::Time,
            Leaf::Rollup(RollupField::LastChannel) => FieldType::Choice(ChoiceList::Channel),
            Leaf::Rollup(RollupField::TicketsOpen | RollupField::OpportunitiesOpen) => FieldType::Int,
            Leaf::Rollup(RollupField::WonTotal) => FieldType::Money,
            Leaf::Followed(_, _, then) => then.first().map_or(FieldType::Text, Self::field_type),
        }
    }

    /// Returns the words that its values are chosen from, in the team's order, and
    /// whether it refuses others.
    pub fn words<'a>(&'a self, definitions: &'a Definitions) -> Option<(Vec<&'a str>, bool)> {
        match &self.leaf {
            Leaf::Custom(field) => AnyField::Custom(field).words(definitions).map(|words| (words, field.closed)),
            Leaf::Followed(_, _, then) => then.first()?.words(definitions),
            Leaf::Stored(StoredField { field: Field { ty: FieldType::Consent, .. }, .. }, Pick::Label(..)) => {
                Some((definitions.words(ChoiceList::Consent), true))
            }
            _ => match self.field_type() {
                FieldType::Choice(list) | FieldType::OpenChoice(list) => Some((definitions.words(list), definitions.is_closed(list))),
                _ => None,
            },
        }
    }

    /// Returns the field of the table whose values, all and unchanged, it stands for:
    /// what an index of the store can answer.
    pub fn stored(&self) -> Option<&'static Field> {
        match &self.leaf {
            Leaf::Stored(StoredField { field, part: None }, Pick::All) => Some(field),
            _ => None,
        }
    }

    /// Returns whether a record may have several values of it.
    pub fn repeats(&self) -> bool {
        match &self.leaf {
            Leaf::Stored(stored, pick) | Leaf::LinkId(stored, pick) => stored.field.repeats && !picks_one(pick),
            Leaf::Followed(stored, pick, then) => (stored.field.repeats && !picks_one(pick)) || then.iter().any(Self::repeats),
            Leaf::Rollup(field) => *field == RollupField::WonTotal,
            Leaf::Label(..) | Leaf::Custom(_) | Leaf::System(_) => false,
        }
    }

    /// Calls `visit` with each value that a record has of it. A value comes with its
    /// label where all values of the field are meant.
    pub fn visit(&self, record: &Record, lookup: &dyn Lookup, visit: &mut dyn FnMut(&Value)) {
        match &self.leaf {
            Leaf::Stored(stored, pick) => stored.visit(pick, record, visit),
            Leaf::LinkId(stored, pick) => stored.visit(pick, record, &mut |value| {
                if let Some(id) = value.as_link() {
                    visit(&Value::Text(id.to_string()));
                }
            }),
            Leaf::Label(field, position) => {
                if let Some(label) = record.values(field.number).nth(position - 1).and_then(Value::label) {
                    visit(&Value::text(label));
                }
            }
            Leaf::Custom(field) => {
                if let Some(value) = record.labelled(number::CUSTOM, &field.name) {
                    visit(value);
                }
            }
            Leaf::System(system) => visit(&system_value(*system, record)),
            Leaf::Rollup(field) => {
                if let Some(rollup) = lookup.rollup(record.id) {
                    rollup_values(*field, &rollup, visit);
                }
            }
            Leaf::Followed(stored, pick, then) => stored.visit(pick, record, &mut |value| {
                let Some(id) = value.as_link() else { return };
                let Some(next) = then.iter().find(|next| next.kind == id.kind) else { return };
                if let Some(linked) = lookup.record(id) {
                    next.visit(&linked, lookup, visit);
                }
            }),
        }
    }

    /// Returns the values that a record has of it, as [`Self::visit`] gives them.
    pub fn get(&self, record: &Record, lookup: &dyn Lookup) -> Vec<Value> {
        let mut values = Vec::new();
        self.visit(record, lookup, &mut |value| values.push(value.clone()));
        values
    }

    /// Returns the canonical text of all values, several joined by `; `, links by name:
    /// what stands in a column. An external id comes with its source, consent with its
    /// channel.
    pub fn text(&self, record: &Record, lookup: &dyn Lookup) -> String {
        let mut texts: Vec<String> = Vec::new();
        self.visit(record, lookup, &mut |value| texts.push(self.text_of(value, lookup)));
        match texts.len() {
            0 => String::new(),
            1 if !self.repeats() => texts.swap_remove(0),
            _ => super::parse::join_list(texts.iter().map(String::as_str)),
        }
    }

    fn text_of(&self, value: &Value, lookup: &dyn Lookup) -> String {
        let text = value.named(lookup);
        match (self.field_type(), value.label()) {
            (FieldType::ExternalId, Some(source)) => format!("{source}:{text}"),
            (FieldType::Consent, Some(channel)) => format!("{channel}={text}"),
            _ => text,
        }
    }
}

fn picks_one(pick: &Pick) -> bool {
    matches!(pick, Pick::Position(_) | Pick::Label(_, Some(_)))
}

impl StoredField {
    /// Calls `visit` with each value that a record has of it; a picked one without its label.
    pub fn visit(&self, pick: &Pick, record: &Record, visit: &mut dyn FnMut(&Value)) {
        let mut give = |value: &Value| match self.part {
            None => visit(value),
            Some(part) => {
                if let Some(value) = part.get(value) {
                    visit(&value);
                }
            }
        };
        let values = record.values(self.field.number);
        match pick {
            Pick::All => values.for_each(give),
            Pick::Position(position) => {
                if let Some(value) = values.into_iter().nth(position - 1) {
                    give(value.bare());
                }
            }
            Pick::Label(label, None) => values.filter(|value| value.label() == Some(label)).for_each(|value| give(value.bare())),
            Pick::Label(label, Some(position)) => {
                if let Some(value) = values.filter(|value| value.label() == Some(label)).nth(position - 1) {
                    give(value.bare());
                }
            }
        }
    }
}

fn system_value(system: System, record: &Record) -> Value {
    match system {
        System::Id => Value::Text(record.id.to_string()),
        System::Version => Value::Int(i64::try_from(record.version).unwrap_or(i64::MAX)),
        System::RecordedAt => Value::Time(record.recorded_at),
        System::UpdatedAt => Value::Time(record.updated_at),
        System::UpdatedBy => Value::text(&record.updated_by),
    }
}

fn rollup_values(field: RollupField, rollup: &Rollup, visit: &mut dyn FnMut(&Value)) {
    let count = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let value = match field {
        RollupField::LastAt => rollup.last_at.map(Value::Time),
        RollupField::LastChannel => rollup.last_channel.clone().map(Value::Text),
        RollupField::TicketsOpen => Some(count(rollup.tickets_open)),
        RollupField::OpportunitiesOpen => Some(count(rollup.opportunities_open)),
        RollupField::NextDue => rollup.next_due.map(Value::Time),
        RollupField::WonTotal => {
            for (currency, minor) in &rollup.won_total {
                let minor = i64::try_from(*minor).unwrap_or(if *minor < 0 { i64::MIN } else { i64::MAX });
                visit(&Value::Money(Money { minor, currency: *currency }));
            }
            None
        }
    };
    if let Some(value) = value {
        visit(&value);
    }
}

impl FieldRef {
    /// Returns the number of the stored field that an assignment to it writes, if it
    /// can be written.
    pub fn written(&self) -> Option<FieldNumber> {
        match &self.leaf {
            Leaf::Stored(stored, _) | Leaf::LinkId(stored, _) if !stored.field.system => Some(stored.field.number),
            Leaf::Label(field, _) if !field.system => Some(field.number),
            Leaf::Custom(_) => Some(number::CUSTOM),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;

//! A field by its name: what a column, a query, an assignment and a mapping file mean
//! by `stage`, `email.work`, `address.home.city`, `company.name` or `tickets.open`.
//!
//! A name is resolved once, against the table, the team's own fields and the kinds
//! that links lead to; values are then read from as many records as one likes.

use std::fmt;

use super::fields::{self, number};
use super::parse::{Problem, ValueError, label};
use super::{
    AnyField, ChoiceList, CustomField, Definitions, Field, FieldNumber, FieldType, Kind, Lookup, Money, Part, Record, Rollup, Value, fold,
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

/// More links than these are followed by nobody; a link to any kind is followed once.
const MOST_HOPS: usize = 6;

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
        resolve(kind, name.trim(), definitions, Reach { hops: MOST_HOPS, any: true })
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

/// How many links may still be followed, and whether one to any kind.
#[derive(Clone, Copy)]
struct Reach {
    hops: usize,
    any: bool,
}

fn resolve(kind: Kind, name: &str, definitions: &Definitions, reach: Reach) -> Result<FieldRef, UnknownField> {
    let unknown = |nearest: Option<String>| UnknownField { kind, name: name.to_owned(), nearest };
    // A name is a handful of words.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        return Err(unknown(None));
    }
    let lower = name.to_lowercase();
    if let Some((name, rollup, _)) = ROLLUPS.iter().find(|(known, _, kinds)| *known == lower && kinds.contains(&kind)) {
        return Ok(FieldRef { kind, name: (*name).to_owned(), leaf: Leaf::Rollup(*rollup) });
    }
    let words: Vec<&str> = name.split('.').collect();
    let (&first, rest) = words.split_first().expect("a split has a first piece");
    if let Some((name, system)) = SYSTEM.iter().find(|(known, _)| *known == lower) {
        return Ok(FieldRef { kind, name: (*name).to_owned(), leaf: Leaf::System(*system) });
    }
    let Some(found) = first_word(kind, first, definitions) else {
        let near = nearest_name(kind, first, rest.is_empty(), definitions).map(|near| [&[near.as_str()], rest].concat().join("."));
        // A rollup is one name with a dot, not a field with something behind it.
        let rollups = ROLLUPS.iter().filter(|(_, _, kinds)| kinds.contains(&kind)).map(|(name, ..)| *name);
        let nearest = near.filter(|near| resolve(kind, near, definitions, reach).is_ok());
        return Err(unknown(nearest.or_else(|| fold::nearest(name, rollups).map(str::to_owned))));
    };
    match found {
        First::Custom(field) if rest.is_empty() => Ok(FieldRef { kind, name: field.name.clone(), leaf: Leaf::Custom(field.clone()) }),
        First::Custom(_) => Err(unknown(None)),
        First::Stored(field, name, pick, part) => {
            let mut path = Path { kind, field, part, pick, name, definitions, reach };
            path.walk(rest).map_err(unknown)
        }
    }
}

enum First<'a> {
    Stored(&'static Field, String, Pick, Option<Part>),
    Custom(&'a CustomField),
}

/// Returns what the first word of a name means: a field's name, a custom field's, what
/// comes with the first job, a field's alias.
fn first_word<'a>(kind: Kind, word: &str, definitions: &'a Definitions) -> Option<First<'a>> {
    let stored = |field: &'static Field| First::Stored(field, field.name.to_owned(), Pick::All, None);
    let mut builtin = fields::fields(kind).filter(|field| field.number != number::CUSTOM);
    if let Some(field) = builtin.clone().find(|field| field.name.eq_ignore_ascii_case(word)) {
        return Some(stored(field));
    }
    if let Some(field) = definitions.custom.get(kind, word) {
        return Some(First::Custom(field));
    }
    if kind == Kind::Contact {
        let part = match word.to_ascii_lowercase().as_str() {
            "company" | "account" | "org" | "organization" => Some(Part::Company),
            "title" => Some(Part::Title),
            "role" => Some(Part::Role),
            _ => None,
        };
        if let Some(part) = part {
            let jobs = fields::field_by_number(kind, number::JOBS)?;
            return Some(First::Stored(jobs, part.name().to_owned(), Pick::Position(1), Some(part)));
        }
    }
    builtin.find(|field| field.is_called(word)).map(stored)
}

/// Returns the name of a field of the kind that a mistyped word is near to; what the
/// store keeps only when the word is the whole name.
fn nearest_name(kind: Kind, word: &str, is_whole: bool, definitions: &Definitions) -> Option<String> {
    let mut names: Vec<&str> = fields::fields(kind).filter(|field| field.number != number::CUSTOM).map(|field| field.name).collect();
    if kind == Kind::Contact {
        names.extend(["company", "title", "role"]);
    }
    names.extend(definitions.custom.of(kind).map(|field| field.name.as_str()));
    if is_whole {
        names.extend(SYSTEM.iter().map(|(name, _)| *name));
    }
    let aliases = fields::fields(kind).flat_map(|field| field.aliases.iter().map(|alias| (*alias, field.name)));
    let known: Vec<(&str, &str)> = names.iter().map(|name| (*name, *name)).chain(aliases).collect();
    let near = fold::nearest(word, known.iter().map(|(name, _)| *name))?;
    known.iter().find(|(name, _)| *name == near).map(|(_, name)| (*name).to_owned())
}

/// The words of a name behind its field, step by step.
struct Path<'a> {
    kind: Kind,
    field: &'static Field,
    part: Option<Part>,
    pick: Pick,
    name: String,
    definitions: &'a Definitions,
    reach: Reach,
}

impl Path<'_> {
    fn done(&self, leaf: Leaf) -> FieldRef {
        FieldRef { kind: self.kind, name: self.name.clone(), leaf }
    }

    fn step(&mut self, word: &str) {
        self.name.push('.');
        self.name.push_str(word);
    }

    /// Returns the field that the rest of a name leads to; on failure what the whole
    /// name may have been meant to be.
    fn walk<'w>(&mut self, mut rest: &'w [&'w str]) -> Result<FieldRef, Option<String>> {
        let parts = Part::of_type(self.field.ty);
        if self.part.is_none() && !parts.is_empty() {
            rest = self.composite(parts, rest)?;
        } else if self.part.is_none() && !rest.is_empty() {
            rest = self.selected(rest)?;
        }
        let stored = StoredField { field: self.field, part: self.part };
        let Some((&word, after)) = rest.split_first() else {
            return Ok(self.done(Leaf::Stored(stored, self.pick.clone())));
        };
        let kinds = match self.part.map_or(self.field.ty, Part::field_type) {
            FieldType::Link(kinds) => kinds,
            // The sides of an event are links where the field that changed is one.
            FieldType::Text if matches!(self.field.number, number::EVENT_FROM | number::EVENT_TO) => &[],
            _ if word == "label" && after.is_empty() && self.field.labels => {
                let Pick::Position(position) = self.pick else { return Err(None) };
                self.step(word);
                return Ok(self.done(Leaf::Label(self.field, position)));
            }
            _ => return Err(None),
        };
        if word.eq_ignore_ascii_case("id") && after.is_empty() {
            self.step("id");
            return Ok(self.done(Leaf::LinkId(stored, self.pick.clone())));
        }
        self.follow(stored, kinds, rest)
    }

    fn follow(&mut self, stored: StoredField, kinds: &'static [Kind], rest: &[&str]) -> Result<FieldRef, Option<String>> {
        let is_any = kinds.is_empty();
        if self.reach.hops == 0 || (is_any && !self.reach.any) {
            return Err(None);
        }
        let reach = Reach { hops: self.reach.hops - 1, any: self.reach.any && !is_any };
        let name = rest.join(".");
        let kinds: Vec<Kind> = if is_any { Kind::public().collect() } else { kinds.to_vec() };
        let mut nearest = None;
        let mut then = Vec::new();
        for kind in kinds {
            match resolve(kind, &name, self.definitions, reach) {
                Ok(found) => then.push(found),
                Err(error) => nearest = nearest.or(error.nearest),
            }
        }
        let Some(first) = then.first() else {
            return Err(nearest.map(|near| format!("{}.{near}", self.name)));
        };
        let rest = first.name.clone();
        self.step(&rest);
        Ok(self.done(Leaf::Followed(stored, self.pick.clone(), then)))
    }

    /// `city`, `home.city`, `2.city`, `home.2.city`: which value, and which part of it.
    fn composite<'w>(&mut self, parts: &'static [Part], rest: &'w [&'w str]) -> Result<&'w [&'w str], Option<String>> {
        let part_of = |word: &str| parts.iter().find(|part| part.name().eq_ignore_ascii_case(word)).copied();
        // A part's name is a label only when a part follows it.
        let is_label = rest.len() > 1 && part_of(rest[1]).is_some() && self.field.labels;
        let mut rest = rest;
        if let Some((&word, after)) = rest.split_first()
            && (is_label || part_of(word).is_none())
        {
            if self.field.labels {
                rest = self.selected(rest)?;
            } else if is_number(word) {
                self.positioned(word)?;
                rest = after;
            }
        }
        let Some((&word, after)) = rest.split_first() else { return Ok(rest) };
        if word == "label" && after.is_empty() && matches!(self.pick, Pick::Position(_)) && self.field.labels {
            return Ok(rest);
        }
        let Some(part) = part_of(word) else {
            let near = fold::nearest(word, parts.iter().map(|part| part.name()));
            return Err(near.map(|near| format!("{}.{near}", self.name)));
        };
        self.part = Some(part);
        self.step(part.name());
        Ok(after)
    }

    /// `work`, `2`, `work.2`: which of several values.
    fn selected<'w>(&mut self, rest: &'w [&'w str]) -> Result<&'w [&'w str], Option<String>> {
        let Some((&word, after)) = rest.split_first() else { return Ok(rest) };
        match self.field.ty {
            FieldType::Consent => {
                let Some(channel) = self.definitions.word(ChoiceList::Channel, word) else {
                    let near = fold::nearest(word, self.definitions.words(ChoiceList::Channel));
                    return Err(near.map(|near| format!("{}.{near}", self.name)));
                };
                let channel = channel.to_owned();
                self.step(&channel);
                self.pick = Pick::Label(channel, None);
                return Ok(after);
            }
            FieldType::ExternalId => {
                let source = label(word);
                self.step(&source);
                self.pick = Pick::Label(source, None);
                return if self.name.ends_with('.') { Err(None) } else { Ok(after) };
            }
            _ => {}
        }
        if !self.field.repeats || is_number(word) {
            if self.field.repeats {
                return self.positioned(word).map(|()| after);
            }
            return Ok(rest);
        }
        if !self.field.labels {
            return Ok(rest);
        }
        let label = label(word);
        if label.is_empty() {
            return Err(None);
        }
        self.step(&label);
        let (position, after) = match after.split_first() {
            Some((&next, beyond)) if is_number(next) => (Some(position(next).ok_or(None)?), beyond),
            _ => (None, after),
        };
        if let Some(position) = position {
            self.step(&position.to_string());
        }
        self.pick = Pick::Label(label, position);
        Ok(after)
    }

    fn positioned(&mut self, word: &str) -> Result<(), Option<String>> {
        let position = position(word).ok_or(None)?;
        self.step(&position.to_string());
        self.pick = Pick::Position(position);
        Ok(())
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// A position, from 1. No record has a thousand e-mail addresses; an assignment to
/// the billionth must not make room for them.
fn position(word: &str) -> Option<usize> {
    const MOST: usize = 1000;
    is_number(word).then(|| word.parse().ok()).flatten().filter(|position| (1..=MOST).contains(position))
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

//! From typed text to a value of a field: what the command line, forms, mapping files
//! and queries have in common.
//!
//! Nothing here knows a clock, a store or the order of columns: the moment, the zone
//! and whoever finds records by name are given in a [`Reading`].

mod amount;
mod composite;
mod error;
pub(super) mod moment;
mod natural;
mod phone;
mod repeat;
mod text;

use chrono_tz::Tz;

pub use amount::money;
pub use composite::{join_list, split_list};
pub(super) use composite::{part_text, put_part};
pub use error::{Problem, ValueError, quoted};
pub use moment::{leading_time, moment_of};
pub use phone::{PhoneRegion, phone_digits, phone_region};
use text::one_line;
pub(super) use text::span;
pub use text::{email_domain, email_key};

use super::definitions::find_word;
use super::{ChoiceList, Currency, CustomField, CustomType, Definitions, Field, FieldType, Kind, RecordId, Timestamp, Value, zone_named};

/// Who finds the record that a text means.
pub trait Resolve {
    /// Returns the record of one of these kinds (none named means any) that a text
    /// names, by its id, name, e-mail or external id.
    ///
    /// # Errors
    ///
    /// No such record, several, or nobody looks.
    fn resolve(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError>;
}

/// Nobody looks for names: only ids are links.
#[derive(Debug, Clone, Copy, Default)]
pub struct IdsOnly;

impl Resolve for IdsOnly {
    fn resolve(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        let id = text.parse::<RecordId>().ok();
        match id {
            Some(id) if kinds.is_empty() || kinds.contains(&id.kind) => Ok(id),
            Some(id) => Err(wrong_kind(id, kinds)),
            None => Err(ValueError::new(Problem::Unresolved(text.to_owned()), format!("{} is no id", quoted(text)))
                .hint("an id is a letter and a number, such as c17")),
        }
    }
}

/// Returns the error that an id is not of a kind that the field links to.
pub fn wrong_kind(id: RecordId, kinds: &[Kind]) -> ValueError {
    let wanted = kinds.iter().map(|kind| format!("a {kind} ({}…)", kind.prefix())).collect::<Vec<_>>().join(" or ");
    ValueError::refused(format!("{id} is a {}, not {wanted}", id.kind))
}

/// How texts are read: the definitions that hold, where and when, and the defaults
/// that a mapping file may change.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// What the team owns.
    pub definitions: &'a Definitions,
    /// The moment from which relative words count.
    pub now: Timestamp,
    /// The zone of days and clock times.
    pub zone: Tz,
    /// The currency of money without one.
    pub currency: Currency,
    /// The country of phone numbers without `+`.
    pub region: Option<PhoneRegion>,
    /// The source of external ids that do not name one; given, it takes the whole text
    /// as the id.
    pub source: Option<&'a str>,
    /// The pipeline whose stages are meant; without it those of all.
    pub pipeline: Option<&'a str>,
    /// Who finds records by name.
    pub links: &'a dyn Resolve,
}

impl<'a> Reading<'a> {
    /// Returns the reading of the store's settings; links are ids only.
    pub fn new(definitions: &'a Definitions, now: Timestamp) -> Self {
        let settings = &definitions.settings;
        Self {
            definitions,
            now,
            zone: settings.timezone,
            currency: settings.currency,
            region: settings.phone_region,
            source: None,
            pipeline: None,
            links: &IdsOnly,
        }
    }

    /// Returns the reading with someone who finds records by name.
    #[must_use]
    pub fn with_links(self, links: &'a dyn Resolve) -> Self {
        Self { links, ..self }
    }

    /// Returns the record that a text means.
    pub(super) fn link(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        let id = self.links.resolve(kinds, text.trim())?;
        if kinds.is_empty() || kinds.contains(&id.kind) { Ok(id) } else { Err(wrong_kind(id, kinds)) }
    }
}

/// A field of the table or a custom one.
#[derive(Debug, Clone, Copy)]
pub enum AnyField<'a> {
    /// A field of the table.
    Builtin(&'static Field),
    /// A field that the team has added.
    Custom(&'a CustomField),
}

impl<'a> AnyField<'a> {
    /// Returns all fields of a kind: built-in ones, then the team's own.
    pub fn all(kind: Kind, definitions: &'a Definitions) -> impl Iterator<Item = Self> {
        super::fields::fields(kind)
            .filter(|field| field.number != super::fields::number::CUSTOM)
            .map(Self::Builtin)
            .chain(definitions.custom.of(kind).map(Self::Custom))
    }

    /// Returns its name.
    pub fn name(self) -> &'a str {
        match self {
            Self::Builtin(field) => field.name,
            Self::Custom(field) => &field.name,
        }
    }

    /// Returns its type; a custom choice takes text.
    pub fn field_type(self) -> FieldType {
        match self {
            Self::Builtin(field) => field.ty,
            Self::Custom(field) => field.ty.field_type(),
        }
    }

    /// Returns the further names that are taken for it.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Builtin(field) => field.aliases,
            Self::Custom(_) => &[],
        }
    }

    /// Returns one line of help.
    pub fn help(self) -> &'a str {
        match self {
            Self::Builtin(field) => field.help,
            Self::Custom(field) => &field.help,
        }
    }

    /// Returns an example of a value, as typed.
    pub fn example(self) -> &'a str {
        match self {
            Self::Builtin(field) => field.example,
            Self::Custom(field) => match field.ty {
                CustomType::Text => "anything",
                CustomType::Number => "12.5",
                CustomType::Money => "12000 EUR",
                CustomType::Date => "2026-01-31",
                CustomType::Flag => "yes",
                CustomType::Choice => field.words.first().map_or("anything", String::as_str),
            },
        }
    }

    /// Returns its type in words: `money`, `choice of stage`, `choice: small, large`.
    pub fn type_text(self) -> String {
        match self {
            Self::Custom(field) if field.ty == CustomType::Choice => format!("choice: {}", field.words.join(", ")),
            _ => self.field_type().to_string(),
        }
    }

    /// Returns whether it holds several values.
    pub fn repeats(self) -> bool {
        matches!(self, Self::Builtin(field) if field.repeats)
    }

    /// Returns the words that it chooses from, if it does.
    pub fn words(self, definitions: &'a Definitions) -> Option<Vec<&'a str>> {
        match self {
            Self::Builtin(Field { ty: FieldType::Choice(list) | FieldType::OpenChoice(list), .. }) => Some(definitions.words(*list)),
            Self::Builtin(_) => None,
            Self::Custom(field) => (field.ty == CustomType::Choice).then(|| field.words.iter().map(String::as_str).collect()),
        }
    }

    /// Returns the value that a text means, without a label; `None` for an empty text.
    ///
    /// # Errors
    ///
    /// The text is no value of the field: what is wrong, and what would be one.
    pub fn parse(self, text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let value = match self {
            Self::Custom(field) if field.ty == CustomType::Choice => custom_word(field, text).map(|word| Some(Value::Text(word))),
            Self::Builtin(Field { between: Some(range), .. }) => {
                typed(self.field_type(), text, reading).and_then(|value| within(value, *range))
            }
            Self::Builtin(Field { ahead: true, ty: FieldType::Time, .. }) => {
                moment::time_ahead(text, reading.zone, reading.now).map(|at| Some(Value::Time(at)))
            }
            Self::Builtin(Field { ahead: true, ty: FieldType::Date, .. }) => {
                moment::date_ahead(text, reading.zone, reading.now).map(|date| Some(Value::Date(date)))
            }
            _ => typed(self.field_type(), text, reading),
        };
        value.map_err(|error| error.of(self.name()))
    }

    /// Returns the values that a text means, parted by semicolons (tags also by
    /// commas) where the field holds several; `\;` is a semicolon in a value.
    ///
    /// # Errors
    ///
    /// As [`Self::parse`].
    pub fn parse_list(self, text: &str, reading: &Reading<'_>) -> Result<Vec<Value>, ValueError> {
        let ty = self.field_type();
        if !self.repeats() || matches!(ty, FieldType::Address | FieldType::Job | FieldType::Line) {
            return self.parse(text, reading).map(|value| value.into_iter().collect());
        }
        let comma = (ty == FieldType::Tag).then_some(',');
        let mut values = Vec::new();
        for piece in split_list(text, comma) {
            if let Some(value) = self.parse(&piece, reading)?
                && !values.contains(&value)
            {
                values.push(value);
            }
        }
        Ok(values)
    }
}

/// Refuses a whole number that does not lie between two.
fn within(value: Option<Value>, (least, most): (i64, i64)) -> Result<Option<Value>, ValueError> {
    match value {
        Some(Value::Int(number)) if !(least..=most).contains(&number) => {
            Err(ValueError::refused(format!("{number} is not from {least} to {most}")))
        }
        other => Ok(other),
    }
}

fn typed(ty: FieldType, text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let value = match ty {
        FieldType::Text => Value::Text(one_line(text)),
        FieldType::LongText => Value::Text(text::long_text(text)),
        FieldType::Name => Value::Text(text::name(text)),
        FieldType::Email => Value::Text(text::email(text)?),
        FieldType::Phone => Value::Text(phone::phone(text, reading.region)),
        FieldType::Url => Value::Text(text::url(text)?),
        FieldType::Domain => Value::Text(text::domain(text)?),
        FieldType::Tag => Value::Text(text::tag(text)?),
        FieldType::Language => Value::Text(text::language(text)?),
        FieldType::Span => Value::Text(span(text)?),
        FieldType::Repeat => Value::Text(repeat::repeat(text, reading.zone, reading.now)?),
        FieldType::Zone => Value::Text(zone(text)?),
        FieldType::FileName => Value::Text(super::file_name(text)),
        FieldType::Hash => Value::Text(text::hash(text)?),
        FieldType::Int => Value::Int(amount::int(text)?),
        FieldType::Percent => Value::Int(amount::percent(text)?),
        FieldType::Number => Value::Number(text.trim().parse()?),
        FieldType::Money => Value::Money(money(text, reading.currency)?),
        FieldType::Date => Value::Date(moment::date(text, reading.zone, reading.now)?),
        FieldType::Time => Value::Time(moment::time(text, reading.zone, reading.now)?),
        FieldType::Flag => Value::Flag(text::flag(text)?),
        FieldType::Choice(list) | FieldType::OpenChoice(list) => Value::Text(word(list, text, reading)?),
        FieldType::Link(kinds) => Value::Link(reading.link(kinds, text)?),
        FieldType::ExternalId => external_id(text, reading.source)?,
        FieldType::Consent => return consent(text, reading).map(Some),
        FieldType::Address => return composite::address(text, reading),
        FieldType::Job => return composite::job(text, reading),
        FieldType::Line => return composite::line(text, reading),
    };
    Ok((!value.is_empty()).then_some(value))
}

fn zone(text: &str) -> Result<String, ValueError> {
    zone_named(text).map(|zone| zone.name().to_owned()).map_err(|near| {
        let error = ValueError::refused(format!("{} is no time zone", quoted(text.trim())));
        error.hint(near.map_or("an IANA name, such as Europe/Prague".to_owned(), |near| format!("did you mean \u{201c}{near}\u{201d}?")))
    })
}

/// Returns the word of a list that a text means, as the list writes it; a list that is
/// open takes new ones.
fn word(list: ChoiceList, text: &str, reading: &Reading<'_>) -> Result<String, ValueError> {
    let definitions = reading.definitions;
    let pipeline = reading.pipeline.filter(|_| list == ChoiceList::Stage).and_then(|name| definitions.pipelines.get(name));
    let words: Vec<&str> = match pipeline {
        Some(pipeline) => pipeline.stages.iter().map(|stage| stage.name.as_str()).collect(),
        None => definitions.words(list),
    };
    if let Some(word) = find_word(words.iter().copied(), text) {
        return Ok(word.to_owned());
    }
    if !definitions.is_closed(list) {
        return Ok(text::name(text));
    }
    let what = list.name().replace('-', " ");
    let place = pipeline.map_or(String::new(), |pipeline| format!(" of pipeline \u{201c}{}\u{201d}", pipeline.name));
    let error = ValueError::new(Problem::UnknownWord, format!("{} is no {what}{place}", quoted(text.trim())));
    Err(error.nearest(text, words))
}

fn custom_word(field: &CustomField, text: &str) -> Result<String, ValueError> {
    if let Some(word) = find_word(field.words.iter().map(String::as_str), text) {
        return Ok(word.to_owned());
    }
    if !field.closed {
        return Ok(text::name(text));
    }
    let error = ValueError::new(Problem::UnknownWord, format!("{} is no {}", quoted(text.trim()), field.name));
    Err(error.nearest(text, field.words.iter().map(String::as_str)))
}

/// Reads `SOURCE:ID`, or the bare id under a mapping's source.
fn external_id(text: &str, source: Option<&str>) -> Result<Value, ValueError> {
    let text = one_line(text);
    let (source, id) = match source {
        Some(source) => (source, text.as_str()),
        None => text.split_once(':').ok_or_else(|| {
            ValueError::refused(format!("{} does not say whose id it is", quoted(&text))).hint("write SOURCE:ID, such as hubspot:4711")
        })?,
    };
    let source = label(source);
    if source.is_empty() || id.trim().is_empty() {
        return Err(ValueError::refused(format!("{} is no external id", quoted(&text))).hint("write SOURCE:ID, such as hubspot:4711"));
    }
    Ok(Value::labelled(source, Value::text(id.trim())))
}

/// Reads `CHANNEL=yes`.
fn consent(text: &str, reading: &Reading<'_>) -> Result<Value, ValueError> {
    let Some((channel, said)) = text.split_once('=') else {
        return Err(ValueError::refused(format!("{} does not name a channel", quoted(text.trim()))).hint("write consent.email=yes"));
    };
    let channel = word(ChoiceList::Channel, channel, reading)?;
    Ok(Value::labelled(channel, Value::Text(word(ChoiceList::Consent, said, reading)?)))
}

/// Returns a label as kept: folded to lower case, without what parts names (`.`, `=`,
/// `:`, `;`, spaces), and never a bare number, which means a position.
pub fn label(text: &str) -> String {
    let mut label = String::new();
    for c in text.trim().to_lowercase().chars() {
        if c.is_whitespace() || c.is_control() || matches!(c, '.' | '=' | ':' | ';' | '+' | '-' | ',' | '"' | '\\' | '(' | ')') {
            if !label.is_empty() && !label.ends_with('-') {
                label.push('-');
            }
        } else {
            label.push(c);
        }
    }
    if label.ends_with('-') {
        label.pop();
    }
    if !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit()) { format!("no-{label}") } else { label }
}

/// Returns the field of this name or alias, built-in or custom, without regard to case.
pub fn find_field<'a>(kind: Kind, name: &str, definitions: &'a Definitions) -> Option<AnyField<'a>> {
    let builtin = super::fields::field(kind, name).filter(|field| field.number != super::fields::number::CUSTOM);
    builtin.map(AnyField::Builtin).or_else(|| definitions.custom.get(kind, name).map(AnyField::Custom))
}

#[cfg(test)]
mod tests;

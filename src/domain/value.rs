//! Values: a closed, numbered set of types.
//!
//! The order of the variants is the store's format (postcard writes a variant's
//! number): add at the end, never reorder, never reuse.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Date, Decimal, Money, RecordId, Timestamp};

/// One value of one field. A repeated field has several.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Value {
    /// Text, a name, an e-mail address, a phone in E.164, a choice, a tag.
    Text(String),
    /// A whole number: minutes, a percentage, a count.
    Int(i64),
    /// An exact decimal number.
    Number(Decimal),
    /// Yes or no.
    Flag(bool),
    /// A date, possibly partial.
    Date(Date),
    /// A moment.
    Time(Timestamp),
    /// An exact amount in a currency.
    Money(Money),
    /// A link to another record.
    Link(RecordId),
    /// A postal address.
    Address(Box<Address>),
    /// A job at a company.
    Job(Box<Job>),
    /// A line of an opportunity, order or quote.
    Line(Box<Line>),
    /// A value under a label: `email.work`, `consent.email`, an external id
    /// under its source, a custom field under its name.
    Labelled(String, #[serde(deserialize_with = "under_label")] Box<Value>),
}

/// How many labels may stand before a value that is read: bytes from elsewhere
/// must not be able to nest without end, since each one takes some of the stack.
const MAX_LABELS: u8 = 16;

thread_local! {
    /// How many labels stand before the value that is being read.
    static LABELS: std::cell::Cell<u8> = const { std::cell::Cell::new(0) };
}

fn under_label<'de, D: Deserializer<'de>>(from: D) -> Result<Box<Value>, D::Error> {
    let before = LABELS.get();
    if before == MAX_LABELS {
        return Err(D::Error::custom("labels within labels"));
    }
    LABELS.set(before + 1);
    let value = Box::<Value>::deserialize(from);
    LABELS.set(before);
    value
}

impl Value {
    /// Returns a text value.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns this value under a label; an empty label adds none.
    pub fn labelled(label: impl Into<String>, value: Self) -> Self {
        let label = label.into();
        if label.is_empty() { value } else { Self::Labelled(label, Box::new(value)) }
    }

    /// Returns the label, if there is one.
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Labelled(label, _) => Some(label),
            _ => None,
        }
    }

    /// Returns the value without its label.
    pub fn bare(&self) -> &Self {
        match self {
            Self::Labelled(_, value) => value.bare(),
            other => other,
        }
    }

    /// Returns the text of a text value, label aside.
    pub fn as_text(&self) -> Option<&str> {
        match self.bare() {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns the number of a whole number.
    pub fn as_int(&self) -> Option<i64> {
        match self.bare() {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns the number of an exact decimal.
    pub fn as_number(&self) -> Option<Decimal> {
        match self.bare() {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Returns yes or no of a flag.
    pub fn as_flag(&self) -> Option<bool> {
        match self.bare() {
            Self::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// Returns the date of a date value.
    pub fn as_date(&self) -> Option<Date> {
        match self.bare() {
            Self::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// Returns whether the value says nothing: no text, no part of an address.
    pub fn is_empty(&self) -> bool {
        match self.bare() {
            Self::Text(text) => text.is_empty(),
            Self::Address(address) => address.is_empty(),
            Self::Job(job) => job.is_empty(),
            Self::Line(line) => line.is_empty(),
            _ => false,
        }
    }

    /// Gives a text value another text and leaves its label.
    pub(super) fn replace_text(&mut self, new: &str) {
        match self {
            Self::Text(text) => new.clone_into(text),
            Self::Labelled(_, value) => value.replace_text(new),
            _ => {}
        }
    }

    /// Returns the linked id; a job links its company.
    pub fn as_link(&self) -> Option<RecordId> {
        match self.bare() {
            Self::Link(id) => Some(*id),
            _ => None,
        }
    }

    /// Returns the moment of a time value.
    pub fn as_time(&self) -> Option<Timestamp> {
        match self.bare() {
            Self::Time(at) => Some(*at),
            _ => None,
        }
    }

    /// Returns the amount of a money value.
    pub fn as_money(&self) -> Option<Money> {
        match self.bare() {
            Self::Money(money) => Some(*money),
            _ => None,
        }
    }

    /// Calls `visit` with every record this value points to.
    pub fn links(&self, visit: &mut dyn FnMut(RecordId)) {
        match self.bare() {
            Self::Link(id) => visit(*id),
            Self::Job(job) => {
                if let Some(id) = job.company {
                    visit(id);
                }
            }
            Self::Line(line) => {
                if let Some(id) = line.product {
                    visit(id);
                }
            }
            _ => {}
        }
    }

    /// Rewrites every record this value points to.
    pub fn map_links(&mut self, map: &mut dyn FnMut(RecordId) -> RecordId) {
        match self {
            Self::Link(id) => *id = map(*id),
            Self::Job(job) => job.company = job.company.map(map),
            Self::Line(line) => line.product = line.product.map(map),
            Self::Labelled(_, value) => value.map_links(map),
            _ => {}
        }
    }
}

/// A postal address; an empty part is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// Second line.
    pub street2: String,
    /// City or town.
    pub city: String,
    /// State, province, county.
    pub region: String,
    /// Postal code.
    pub postcode: String,
    /// Country, as given.
    pub country: String,
    /// Post-office box.
    pub pobox: String,
}

/// A job a contact has or had.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Job {
    /// The company.
    pub company: Option<RecordId>,
    /// Title, as on the card.
    pub title: String,
    /// Role in a purchase: decision maker, champion, user.
    pub role: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

/// A line: what, how many, at which price.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Line {
    /// The product, if it is in the catalogue.
    pub product: Option<RecordId>,
    /// What it says on the line.
    pub description: String,
    /// How many.
    pub quantity: Option<Decimal>,
    /// Price of one.
    pub price: Option<Money>,
    /// Discount in per cent.
    pub discount: Option<Decimal>,
    /// Tax in per cent.
    pub tax: Option<Decimal>,
}

//! Whether a record matches a query, for one user at one moment.
//!
//! Logic has three values here: what cannot be told, because an amount has no rate,
//! does not match, nor does its opposite; it is counted, so that it can be said.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{Bound, HashMap};

use chrono::NaiveDate;

use crate::domain::definitions::Definitions;
use crate::domain::fields::number;
use crate::domain::fold::fold_cow;
use crate::domain::parse::phone_digits;
use crate::domain::zone::day_at;
use crate::domain::{
    Currency, Date, Decimal, FieldNumber, FieldRef, Kind, Leaf, Lookup, Money, Period, Pick, Record, RecordId, System, Timestamp, Value,
    naming,
};

use super::path::{Node, Tree};
use super::resolve::{Query, Test, WordTest};
use super::want::{Called, Check, Edge, Want, When};

/// What a query needs to know beyond the record; linked records and rollups are those
/// of [`Lookup`].
pub trait Context: Lookup {
    /// Returns the moment from which relative times count.
    fn now(&self) -> Timestamp;

    /// Returns the login that `me` means.
    fn login(&self) -> &str;

    /// Returns the user that `me` means, if the store has one.
    fn me(&self) -> Option<RecordId>;

    /// Returns what the team owns: the zone of days, the rates of currencies.
    fn definitions(&self) -> &Definitions;
}

/// A query bound to a user and a moment. It remembers what it found in linked
/// records, so one serves for all records of a page; it is for one thread.
pub struct Matcher<'a> {
    query: &'a Query,
    pub(super) context: &'a dyn Context,
    spans: Vec<Option<Stretch>>,
    today: NaiveDate,
    rates: RefCell<Vec<(Currency, Option<Decimal>)>>,
    memory: RefCell<HashMap<(usize, usize, RecordId), Truth>>,
    unpriced: Cell<u64>,
}

/// The most that a matcher remembers of linked records.
const MEMORIES: usize = 1 << 16;

/// A stretch of time, in moments and in days; an open end is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) from: Option<Timestamp>,
    pub(super) to: Option<Timestamp>,
    pub(super) first: Option<NaiveDate>,
    pub(super) after: Option<NaiveDate>,
}

/// Whether something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    Unknown,
    Yes,
}

impl Truth {
    fn opposite(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }
}

impl Query {
    /// Returns whether a record matches. For many records, [`Matcher`] is cheaper.
    pub fn matches(&self, record: &Record, context: &dyn Context) -> bool {
        Matcher::new(self, context).matches(record)
    }
}

impl<'a> Matcher<'a> {
    /// Returns the query as this user asks it now.
    pub fn new(query: &'a Query, context: &'a dyn Context) -> Self {
        let zone = context.definitions().settings.timezone;
        Self {
            query,
            context,
            spans: query.scope.spans.iter().map(|when| stretch(when, context)).collect(),
            today: day_at(zone, context.now()),
            rates: RefCell::default(),
            memory: RefCell::default(),
            unpriced: Cell::new(0),
        }
    }

    /// Returns the query.
    pub fn query(&self) -> &'a Query {
        self.query
    }

    /// Returns whether a record matches.
    pub fn matches(&self, record: &Record) -> bool {
        match self.test(&self.query.test, record) {
            Truth::Yes => true,
            Truth::No => false,
            Truth::Unknown => {
                self.unpriced.set(self.unpriced.get() + 1);
                false
            }
        }
    }

    /// Returns how many records were left out because an amount has no rate.
    pub fn unpriced(&self) -> u64 {
        self.unpriced.get()
    }

    /// Returns a span of the query as it is now; `None` if it leaves the calendar.
    pub(super) fn stretch(&self, span: usize) -> Option<Stretch> {
        self.spans.get(span).copied().flatten()
    }

    fn test(&self, test: &Test, record: &Record) -> Truth {
        match test {
            Test::All(tests) => {
                let mut all = Truth::Yes;
                for test in tests {
                    all = all.min(self.test(test, record));
                    if all == Truth::No {
                        break;
                    }
                }
                all
            }
            Test::Any(tests) => one_of(tests, |test| self.test(test, record)),
            Test::Not(inner) => self.test(inner, record).opposite(),
            Test::Field(field) => {
                let found = self.reached(&field.tree, field.tree.root, field.memory, record);
                if field.none { found.opposite() } else { found }
            }
            Test::Word(word) => self.word(word, record),
        }
    }

    /// Returns whether a value at an end of the path is as wanted.
    fn reached(&self, tree: &Tree<Want>, at: usize, memory: usize, record: &Record) -> Truth {
        let mut found = Truth::No;
        match tree.node(at) {
            Node::End(field, want) => each(field, record, self.context, &mut |seen| {
                let this = match want {
                    Want::Something => Truth::Yes,
                    Want::One(checks) => one_of(checks, |check| self.check(check, &seen)),
                };
                found = found.max(this);
                found == Truth::Yes
            }),
            Node::Through(field, branches) => each(field, record, self.context, &mut |seen| {
                if let Seen::Link(id) = seen
                    && let Some((_, next)) = branches.iter().find(|(kind, _)| *kind == id.kind)
                {
                    found = found.max(self.remembered((memory, *next, id), |linked| self.reached(tree, *next, memory, linked)));
                }
                found == Truth::Yes
            }),
        }
        found
    }

    /// Returns what is so of a linked record, which is looked at once.
    fn remembered(&self, key: (usize, usize, RecordId), of: impl FnOnce(&Record) -> Truth) -> Truth {
        if let Some(known) = self.memory.borrow().get(&key) {
            return *known;
        }
        let found = self.context.record(key.2).map_or(Truth::No, |record| of(&record));
        let mut memory = self.memory.borrow_mut();
        if memory.len() >= MEMORIES {
            memory.clear();
        }
        memory.insert(key, found);
        found
    }

    fn word(&self, word: &WordTest, record: &Record) -> Truth {
        for (field, phones) in word.places.iter() {
            let mut found = false;
            each(field, record, self.context, &mut |seen| {
                found = match seen {
                    Seen::Text(text) => word.needle.is_in(text) || (*phones && has_digits(text, &word.digits)),
                    Seen::Link(id) => {
                        let called = |linked: &Record| is_called(linked, |name| word.needle.is_in(name)).into();
                        self.remembered((word.memory, 0, id), called) == Truth::Yes
                    }
                    _ => false,
                };
                found
            });
            if found {
                return Truth::Yes;
            }
        }
        Truth::No
    }

    fn check(&self, check: &Check, seen: &Seen<'_>) -> Truth {
        let is_so = match (check, seen) {
            (Check::Contains(needle), Seen::Text(text)) => needle.is_in(text),
            (Check::Is(folded), Seen::Text(text)) => fold_cow(text).trim() == folded.trim(),
            (Check::Text(from, to), Seen::Text(text)) => {
                let folded = fold_cow(text);
                inside(from, to, |end| by_beginning(&folded, end))
            }
            (Check::Digits(wanted), Seen::Text(text)) => has_digits(text, wanted),
            (Check::DigitsAre(wanted), Seen::Text(text)) => wanted.contains(&phone_digits(text)),
            (Check::Number(from, to), Seen::Number(number)) => inside(from, to, |end| number.cmp(end)),
            (Check::Money(from, to), Seen::Money(money)) => return self.money(from, to, *money),
            (Check::Time(span), Seen::Time(at)) => self.stretch(*span).is_some_and(|stretch| stretch.has(*at)),
            (Check::Time(span), Seen::Date(date)) => self.stretch(*span).is_some_and(|stretch| stretch.has_date(*date)),
            (Check::EveryYear(month, day), Seen::Date(date)) => date.month() == Some(*month) && date.day() == Some(*day),
            (Check::Flag(wanted), Seen::Flag(flag)) => wanted == flag,
            (Check::Id(wanted), Seen::Link(id)) => wanted == id,
            (Check::Me, Seen::Link(id)) => self.context.me() == Some(*id),
            (Check::MyLogin, Seen::Text(text)) => *text == self.context.login(),
            (Check::Called(memory, called), Seen::Link(id)) => {
                let is_called = |linked: &Record| {
                    Truth::from(is_called(linked, |name| match called {
                        Called::Like(needle) => needle.is_in(name),
                        Called::Exactly(folded) => fold_cow(name).trim() == folded.trim(),
                    }))
                };
                return self.remembered((*memory, 0, *id), is_called);
            }
            (Check::External(source, wanted), Seen::External(of, id)) => {
                source.as_deref().is_none_or(|source| source == *of) && wanted == id
            }
            _ => false,
        };
        is_so.into()
    }

    fn money(&self, from: &Bound<Money>, to: &Bound<Money>, money: Money) -> Truth {
        let compare = |end: &Money| {
            if end.currency == money.currency {
                return Some(money.minor.cmp(&end.minor));
            }
            Some(self.worth(money)?.cmp(&self.worth(*end)?))
        };
        let mut known = true;
        let is_so = inside(from, to, |end| {
            compare(end).unwrap_or_else(|| {
                known = false;
                Ordering::Equal
            })
        });
        if known { is_so.into() } else { Truth::Unknown }
    }

    /// Returns an amount in the reporting currency at today's rate, in millionths.
    fn worth(&self, money: Money) -> Option<i128> {
        let known = self.rates.borrow().iter().find(|(currency, _)| *currency == money.currency).map(|(_, rate)| *rate);
        let rate = known.unwrap_or_else(|| {
            let rate = self.context.definitions().rate(money.currency, self.today);
            self.rates.borrow_mut().push((money.currency, rate));
            rate
        })?;
        Some(worth(money, rate))
    }
}

/// Returns an amount times a rate in millionths, rounded to the nearest.
pub(super) fn worth(money: Money, rate: Decimal) -> i128 {
    const MILLIONTHS: u32 = 6;
    // Two numbers of 64 bits: their product always fits.
    let product = i128::from(money.minor) * i128::from(rate.units());
    let scale = u32::from(money.currency.digits()) + u32::from(rate.scale());
    match scale.checked_sub(MILLIONTHS) {
        Some(more) => {
            let power = 10_i128.pow(more);
            (product + product.signum() * (power / 2)) / power
        }
        None => product.saturating_mul(10_i128.pow(MILLIONTHS - scale)),
    }
}

fn one_of<T>(of: &[T], mut test: impl FnMut(&T) -> Truth) -> Truth {
    let mut found = Truth::No;
    for one in of {
        found = found.max(test(one));
        if found == Truth::Yes {
            break;
        }
    }
    found
}

fn inside<T>(from: &Bound<T>, to: &Bound<T>, mut compare: impl FnMut(&T) -> Ordering) -> bool {
    let above = match from {
        Bound::Unbounded => true,
        Bound::Included(end) => compare(end).is_ge(),
        Bound::Excluded(end) => compare(end).is_gt(),
    };
    above
        && match to {
            Bound::Unbounded => true,
            Bound::Included(end) => compare(end).is_le(),
            Bound::Excluded(end) => compare(end).is_lt(),
        }
}

/// Compares a text with the end of a range: what begins with it is at the end, as
/// every day of January is at `2026-01`.
fn by_beginning(text: &str, end: &str) -> Ordering {
    if text.starts_with(end) { Ordering::Equal } else { text.cmp(end) }
}

fn has_digits(phone: &str, wanted: &[String]) -> bool {
    if wanted.is_empty() {
        return false;
    }
    let digits = phone_digits(phone);
    wanted.iter().any(|part| digits.contains(part))
}

impl Stretch {
    fn has(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.to.is_none_or(|to| at < to)
    }

    /// A date of which only the year or month is known lies within when all its days do.
    fn has_date(&self, date: Date) -> bool {
        let Some((first, last)) = date.span() else { return false };
        self.first.is_none_or(|from| from <= first) && self.after.is_none_or(|after| last < after)
    }
}

fn stretch(when: &When, context: &dyn Context) -> Option<Stretch> {
    let zone = context.definitions().settings.timezone;
    let edge = |edge: &Edge| {
        let period = Period::parse(&edge.period, zone, context.now())?;
        Some(if edge.end {
            let last = Timestamp(period.to.0.saturating_sub(1));
            (period.to, day_at(zone, last).succ_opt()?)
        } else {
            (period.from, day_at(zone, period.from))
        })
    };
    let (mut from, mut to) = (None, None);
    if let Some(words) = &when.from {
        from = Some(edge(words)?);
    }
    if let Some(words) = &when.to {
        to = Some(edge(words)?);
    }
    Some(Stretch { from: from.map(|(at, _)| at), to: to.map(|(at, _)| at), first: from.map(|(_, day)| day), after: to.map(|(_, day)| day) })
}

/// One value as comparing sees it.
pub(super) enum Seen<'a> {
    Text(&'a str),
    Number(Decimal),
    Flag(bool),
    Date(Date),
    Time(Timestamp),
    Money(Money),
    Link(RecordId),
    /// A source and the id there.
    External(&'a str, &'a str),
}

/// Returns whether a record is called so: by its title or, a user, by the login.
fn is_called(record: &Record, mut test: impl FnMut(&str) -> bool) -> bool {
    test(&naming::title(record)) || (record.kind() == Kind::User && record.text(number::LOGIN).is_some_and(test))
}

/// Shows each value of a field until `stop` says that it has seen enough. A field
/// behind a link shows the links.
pub(super) fn each(field: &FieldRef, record: &Record, context: &dyn Context, stop: &mut dyn FnMut(Seen<'_>) -> bool) {
    let mut enough = false;
    let mut show = |at: FieldNumber, value: &Value| {
        if !enough {
            enough = show(at, value, stop);
        }
    };
    match field.leaf() {
        Leaf::Stored(stored, Pick::All) if stored.field.number == number::PROBABILITY => {
            let own = record.first(number::PROBABILITY).is_some();
            // Without a stage there is no chance to take from it.
            if own || context.definitions().stage_of(record).is_some() {
                show(number::PROBABILITY, &Value::Int(context.definitions().probability_of(record).into()));
            }
        }
        Leaf::Stored(stored, Pick::All) if stored.part.is_none() => {
            record.values(stored.field.number).for_each(|value| show(stored.field.number, value));
        }
        Leaf::Stored(stored, pick) | Leaf::LinkId(stored, pick) | Leaf::Followed(stored, pick, _) => {
            let at = if stored.part.is_some() { 0 } else { stored.field.number };
            stored.visit(pick, record, &mut |value| show(at, value));
        }
        Leaf::System(System::Id) => show(0, &Value::Link(record.id)),
        Leaf::Label(..) | Leaf::Custom(_) | Leaf::System(_) | Leaf::Rollup(_) => {
            field.visit(record, context, &mut |value| show(0, value));
        }
    }
}

/// Shows what a value holds; returns whether it is enough.
fn show(field: FieldNumber, value: &Value, stop: &mut dyn FnMut(Seen<'_>) -> bool) -> bool {
    if let (number::EXTERNAL_ID, Value::Text(id)) = (field, value.bare()) {
        return stop(Seen::External(value.label().unwrap_or_default(), id));
    }
    let mut text = |text: &str| !text.is_empty() && stop(Seen::Text(text));
    match value.bare() {
        Value::Text(own) => text(own),
        Value::Address(address) => {
            [&address.street, &address.street2, &address.city, &address.region, &address.postcode, &address.country, &address.pobox]
                .into_iter()
                .any(|part| text(part))
        }
        Value::Job(job) => text(&job.title) || text(&job.role) || job.company.is_some_and(|id| stop(Seen::Link(id))),
        Value::Line(line) => text(&line.description) || line.product.is_some_and(|id| stop(Seen::Link(id))),
        Value::Int(number) => stop(Seen::Number((*number).into())),
        Value::Number(number) => stop(Seen::Number(*number)),
        Value::Flag(flag) => stop(Seen::Flag(*flag)),
        Value::Date(date) => stop(Seen::Date(*date)),
        Value::Time(at) => stop(Seen::Time(*at)),
        Value::Money(money) => stop(Seen::Money(*money)),
        Value::Link(id) => stop(Seen::Link(*id)),
        Value::Labelled(..) => false,
    }
}

//! The frame of the story: days, records and what links them.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use chrono_tz::Tz;

use super::SEED;
use super::random::Random;
use super::words::PRODUCTS;
use crate::actions::chunks::{Unit, chunks};
use crate::actions::step::Step;
use crate::actions::{ActionError, Desk, Outcome};
use crate::domain::fields::{self, number};
use crate::domain::{Currency, Date, Kind, Money, Record, RecordId, Timestamp, Value, zone};
use crate::store::api::{Change, PageRequest, Trash, new_id};

/// The pipelines of the story: the built-in one, and two more.
pub(super) const PIPELINES: &str = r#"# Sales to new and known customers; renewals of service contracts; what partners bring.

[[pipeline]]
name = "sales"
stages = [
  { name = "lead", probability = 10 },
  { name = "qualified", probability = 25 },
  { name = "proposal", probability = 50 },
  { name = "negotiation", probability = 75 },
  { name = "won", meaning = "won" },
  { name = "lost", meaning = "lost", reason = true },
]

[[pipeline]]
name = "renewal"
stages = [
  { name = "due", probability = 70 },
  { name = "offered", probability = 85 },
  { name = "renewed", meaning = "won" },
  { name = "ended", meaning = "lost" },
]

[[pipeline]]
name = "partner"
stages = [
  { name = "introduced", probability = 15 },
  { name = "joint offer", probability = 45 },
  { name = "signed", meaning = "won" },
  { name = "declined", meaning = "lost" },
]
"#;

/// What the currencies of the story are worth in euros.
pub(super) const CURRENCIES: &str =
    "reporting = \"EUR\"\n\n[USD]\n2000-01-01 = 0.92\n\n[GBP]\n2000-01-01 = 1.17\n\n[CZK]\n2000-01-01 = 0.04\n";

/// The custom field of the story.
pub(super) const FIELDS: &str = "[company.measuring_season]\ntype = \"choice\"\nwords = [\"spring\", \"summer\", \"autumn\", \"all year\"]\nhelp = \"when their devices must not stand still\"\n";

/// The story as it is told: records, each with its `new:N` id.
pub(super) struct Story {
    pub(super) random: Random,
    pub(super) today: NaiveDate,
    zone: Tz,
    /// The author's login.
    pub(super) me: String,
    units: Vec<Unit>,
    counts: [u64; 32],
    /// Users with their logins, the author last.
    pub(super) users: Vec<(RecordId, String)>,
    pub(super) products: Vec<RecordId>,
    /// Companies, as `words::FIRMS` has them.
    pub(super) companies: Vec<RecordId>,
    /// The contacts of each company.
    pub(super) contacts: Vec<Vec<RecordId>>,
}

/// Fills an empty store with the small company, as one step.
///
/// # Errors
/// Exit 1 for a store that has records already; what the store answers.
pub fn demo(desk: &Desk) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    check_empty(desk)?;
    let mut story = Story::new(desk)?;
    story.definitions();
    story.team(desk)?;
    story.catalogue();
    story.firms();
    story.people();
    story.deals();
    story.contracts();
    story.touches();
    story.tickets();
    story.tasks();
    let records = story.units.len();
    let mut step = Step::begin(desk, "demo");
    step.commit_all(chunks(story.units)?, true)?;
    Ok(Outcome {
        step: step.number(),
        ids: Vec::new(),
        changed: records,
        unchanged: 0,
        message: format!("Halyard Optics is here: {records} records of a year; `rolo undo` takes them away again"),
    })
}

/// Refuses a store in which somebody works already.
pub(super) fn check_empty(desk: &Desk) -> Result<(), ActionError> {
    for kind in Kind::public().filter(|kind| *kind != Kind::User) {
        let page = desk.store.query(&PageRequest {
            kind,
            query: None,
            sort: Vec::new(),
            after: None,
            offset: 0,
            limit: 1,
            records: false,
            total: false,
            trash: Trash::With,
            at_least: None,
            view: desk.view(),
        })?;
        if !page.ids.is_empty() {
            return Err(ActionError::refused(format!("the store has {} already: the demo fills an empty one", kind.plural()))
                .hint("--store PATH names another"));
        }
    }
    Ok(())
}

impl Story {
    fn new(desk: &Desk) -> Result<Self, ActionError> {
        Ok(Self {
            random: Random::new(SEED),
            today: desk.today(),
            zone: desk.zone(),
            me: desk.author.login.clone(),
            units: Vec::new(),
            counts: [0; 32],
            users: Vec::new(),
            products: Vec::new(),
            companies: Vec::new(),
            contacts: Vec::new(),
        })
    }

    /// Returns an empty record with its id; [`Self::add`] takes it into the story.
    pub(super) fn record(&mut self, kind: Kind) -> Record {
        let count = &mut self.counts[kind as usize];
        *count += 1;
        Record::new(new_id(kind, *count))
    }

    /// Takes a record into the story.
    pub(super) fn add(&mut self, record: Record) -> RecordId {
        let id = record.id;
        self.units.push(Unit { changes: vec![Change { id, based_on: Some(0), after: Some(record) }], leaves: Vec::new() });
        id
    }

    fn definitions(&mut self) {
        for (name, text) in [("pipelines", PIPELINES), ("currencies", CURRENCIES), ("fields", FIELDS)] {
            let mut record = self.record(Kind::Definition);
            record.set(number::DEFINITION_NAME, Value::text(name));
            record.set(number::DEFINITION_TEXT, Value::text(text));
            self.add(record);
        }
    }

    /// Returns the moment so many days ago at an hour of the day, on a working day.
    pub(super) fn ago(&mut self, days: i64) -> Timestamp {
        let minutes = self.random.between(0, 9 * 12 - 1) * 5;
        self.at(-days.max(1), 8, minutes)
    }

    /// Returns the moment of a day, moved to the Friday before where it is a weekend.
    pub(super) fn at(&self, days: i64, hour: i64, minutes: i64) -> Timestamp {
        let mut day = self.today + TimeDelta::days(days);
        while matches!(day.weekday(), Weekday::Sat | Weekday::Sun) {
            day -= TimeDelta::days(1);
        }
        zone::midnight(self.zone, day).plus_seconds((hour * 60 + minutes) * 60)
    }

    /// Returns the day so many days from today.
    pub(super) fn day(&self, days: i64) -> Value {
        let day = self.today + TimeDelta::days(days);
        Value::Date(Date::from_naive(day).expect("a day near today has a year of four digits"))
    }

    /// Returns a user of the team, the author now and then.
    pub(super) fn somebody(&mut self) -> (RecordId, String) {
        self.random.pick(&self.users).clone()
    }

    /// Returns a product's place in the list of words, and its record.
    pub(super) fn product(&mut self) -> (usize, RecordId) {
        let at = self.random.below(PRODUCTS.len() as u64) as usize;
        (at, self.products[at])
    }

    /// Tells that a field of a record changed.
    pub(super) fn event(&mut self, record: RecordId, at: Timestamp, by: &str, field: &str, from: &str, to: &str) {
        let mut event = self.record(Kind::Event);
        event.set(number::CREATED_AT, Value::Time(at));
        event.set(number::EVENT_RECORD, Value::Link(record));
        event.set(number::EVENT_AT, Value::Time(at));
        for (number, text) in [(number::EVENT_BY, by), (number::EVENT_FIELD, field), (number::EVENT_FROM, from), (number::EVENT_TO, to)] {
            if !text.is_empty() {
                event.set(number, Value::text(text));
            }
        }
        self.add(event);
    }
}

/// Sets a field by its name.
pub(super) fn put(record: &mut Record, name: &str, value: Value) {
    let field = fields::field(record.kind(), name).expect("the demo names fields of the table");
    record.push(field.number, value);
}

/// Sets a text field by its name.
pub(super) fn put_text(record: &mut Record, name: &str, text: &str) {
    put(record, name, Value::text(text));
}

/// Returns whole units of a currency.
pub(super) fn money(whole: i64, currency: &str) -> Value {
    let currency = Currency::from_code(currency).expect("the demo pays in known currencies");
    Value::Money(Money { minor: whole * 10_i64.pow(u32::from(currency.digits())), currency })
}

/// Returns whole euros in another currency, rounded to tens.
pub(super) fn converted(euros: i64, currency: &str) -> i64 {
    let percent = match currency {
        "CZK" => 2_500,
        "USD" => 108,
        "GBP" => 86,
        _ => 100,
    };
    (euros * percent / 1_000).max(1) * 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Definitions;

    #[test]
    fn the_definitions_of_the_story_are_valid() {
        let read = Definitions::from_documents([("pipelines", PIPELINES), ("currencies", CURRENCIES), ("fields", FIELDS)]);
        let definitions = read.expect("valid");
        assert_eq!(definitions.pipelines.iter().count(), 3);
        assert_eq!(definitions.currencies.iter().count(), 3);
    }
}

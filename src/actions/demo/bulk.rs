//! A store of any size: plain contacts and interactions, commit by commit.
//!
//! Memory holds one commit and the numbers of the contacts, whatever the size.

use super::SEED;
use super::random::Random;
use super::story::check_empty;
use super::words::{LANDS, TOUCHES};
use crate::actions::step::Step;
use crate::actions::{ActionError, Desk, Outcome};
use crate::domain::fields::number;
use crate::domain::{Job, Kind, Record, RecordId, Timestamp, Value, fold, zone};
use crate::store::api::{Change, MAX_CHANGES, new_id};

/// How many people work at one firm.
const AT_ONE_FIRM: u64 = 40;

/// Fills an empty store with so many contacts, at firms of forty, and so many
/// interactions; `progress` is told how many records are there, of how many.
///
/// # Errors
/// Exit 1 for a store that has records already, or interactions without a contact;
/// what the store answers.
pub fn demo_of_size(desk: &Desk, contacts: u64, interactions: u64, progress: &mut dyn FnMut(u64, u64)) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    check_empty(desk)?;
    if contacts == 0 && interactions > 0 {
        return Err(ActionError::usage("interactions need somebody: --contacts is 0"));
    }
    let firms = contacts.div_ceil(AT_ONE_FIRM);
    let mut bulk = Bulk {
        random: Random::new(SEED),
        midnight: zone::midnight(desk.zone(), desk.today()),
        step: Step::begin(desk, "demo"),
        changes: Vec::with_capacity(MAX_CHANGES),
        done: 0,
        total: firms + contacts + interactions,
        progress,
    };
    let firms = bulk.fill(Kind::Company, firms, |bulk, record, at| bulk.firm(record, at))?;
    let people = bulk.fill(Kind::Contact, contacts, |bulk, record, at| bulk.person(record, at, &firms))?;
    bulk.fill(Kind::Interaction, interactions, |bulk, record, _| bulk.touch(record, &people, &firms))?;
    let total = bulk.total;
    let step = bulk.step.end()?;
    Ok(Outcome { step, ids: Vec::new(), changed: total as usize, unchanged: 0, message: format!("{total} records are here") })
}

struct Bulk<'a> {
    random: Random,
    midnight: Timestamp,
    step: Step<'a>,
    changes: Vec<Change>,
    done: u64,
    total: u64,
    progress: &'a mut dyn FnMut(u64, u64),
}

impl Bulk<'_> {
    /// Makes so many records of a kind; returns their numbers.
    fn fill(&mut self, kind: Kind, count: u64, make: impl Fn(&mut Self, &mut Record, u64)) -> Result<Vec<u64>, ActionError> {
        let keeps = kind != Kind::Interaction;
        let mut numbers = Vec::with_capacity(if keeps { count as usize } else { 0 });
        for at in 0..count {
            let id = new_id(kind, self.changes.len() as u64);
            let mut record = Record::new(id);
            make(self, &mut record, at);
            self.changes.push(Change { id, based_on: Some(0), after: Some(record) });
            if self.changes.len() == MAX_CHANGES || at + 1 == count {
                let changes = std::mem::replace(&mut self.changes, Vec::with_capacity(MAX_CHANGES));
                let made = self.step.commit(changes, false)?;
                self.done += made.ids.len() as u64;
                if keeps {
                    numbers.extend(made.ids.iter().map(|id| id.number));
                }
                (self.progress)(self.done, self.total);
            }
        }
        Ok(numbers)
    }

    fn ago(&mut self, most_days: i64) -> Value {
        let seconds = self.random.between(0, most_days * 86_400);
        Value::Time(self.midnight.plus_seconds(-seconds))
    }

    fn firm(&mut self, record: &mut Record, at: u64) {
        let land = self.random.pick(LANDS);
        let family = *self.random.pick(land.family);
        record.fields = vec![
            (number::CREATED_AT, self.ago(3 * 365)),
            (number::COMPANY_NAME, Value::text(format!("{family} {at}"))),
            (number::INDUSTRY, Value::text(*self.random.pick(&["manufacturing", "research", "retail", "healthcare", "services"]))),
            (number::DOMAIN, Value::text(format!("firm{at}.example"))),
        ];
    }

    fn person(&mut self, record: &mut Record, at: u64, firms: &[u64]) {
        let land = self.random.pick(LANDS);
        let (given, family) = (*self.random.pick(land.given), *self.random.pick(land.family));
        let firm = at / AT_ONE_FIRM;
        let job = Job { company: Some(RecordId::new(Kind::Company, firms[firm as usize])), ..Job::default() };
        let mailbox = fold::latin(family).replace('\'', "");
        record.fields = vec![
            (number::CREATED_AT, self.ago(3 * 365)),
            (number::CONTACT_NAME, Value::text(format!("{given} {family}"))),
            (number::CONTACT_EMAIL, Value::labelled("work", Value::text(format!("{mailbox}.{at}@firm{firm}.example")))),
            (number::CONTACT_PHONE, Value::labelled("work", Value::text(format!("{}{:02}", land.phone, at % 100)))),
            (number::JOBS, Value::Job(Box::new(job))),
            (number::CONTACT_LIFECYCLE, Value::text(*self.random.pick(&["lead", "prospect", "customer", "customer", "former"]))),
        ];
    }

    fn touch(&mut self, record: &mut Record, people: &[u64], firms: &[u64]) {
        let who = self.random.below(people.len() as u64);
        let (channel, incoming, subject, body) = *self.random.pick(TOUCHES);
        let firm = firms[(who / AT_ONE_FIRM) as usize];
        let at = self.ago(365);
        record.fields = vec![
            (number::CREATED_AT, at.clone()),
            (number::INTERACTION_AT, at),
            (number::CHANNEL, Value::text(channel)),
            (number::DIRECTION, Value::text(if incoming { "in" } else { "out" })),
            (number::INTERACTION_CONTACT, Value::Link(RecordId::new(Kind::Contact, people[who as usize]))),
            (number::INTERACTION_COMPANY, Value::Link(RecordId::new(Kind::Company, firm))),
            (number::INTERACTION_SUBJECT, Value::text(subject)),
            (number::INTERACTION_BODY, Value::text(body.replace("{product}", "Petrel 40"))),
        ];
    }
}

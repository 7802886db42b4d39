//! Contracts: what begins, must be ended in time, ends or renews itself becomes a task
//! ahead of its day; and on that day the contract itself renews, or ends.

use chrono::{Days, NaiveDate};

use super::{Effect, Handler};
use crate::actions::{ActionError, Changeset, Desk};
use crate::domain::contracts::{Dates, dates, is_in_force, renewed_by};
use crate::domain::fields::number;
use crate::domain::zone::{day_at, midnight};
use crate::domain::{ChoiceList, Date, Kind, Lookup, Record, RecordId, Timestamp, Value, naming};
use crate::store::known::Known;
use crate::store::walk::Walk;

/// Makes tasks of the days of contracts.
#[derive(Debug, Clone, Copy, Default)]
pub struct Contracts;

/// How long after its day something is still made a task of.
const LATEST_DAYS: u64 = 31;

impl Handler for Contracts {
    fn name(&self) -> &'static str {
        "contracts"
    }

    fn due(&self, desk: &Desk) -> Result<Vec<Effect>, ActionError> {
        let known = Known::new(&*desk.store);
        let lead = Days::new(desk.definitions().settings.contract_lead.into());
        let mut effects = Vec::new();
        Walk::new(Kind::Contract, desk.view()).each(&*desk.store, |contract| {
            if is_in_force(contract) {
                let reader = Reader { desk, known: &known, contract, dates: dates(contract), today: desk.today(), lead };
                reader.tasks(&mut effects);
                reader.turns(&mut effects);
            }
            Ok::<(), ActionError>(())
        })?;
        Ok(effects)
    }
}

struct Reader<'d> {
    desk: &'d Desk,
    known: &'d Known<'d>,
    contract: &'d Record,
    dates: Dates,
    today: NaiveDate,
    lead: Days,
}

impl Reader<'_> {
    /// Returns whether today lies within the time in which a day is made a task of.
    fn is_near(&self, day: NaiveDate, last: NaiveDate) -> bool {
        day.checked_sub_days(self.lead).is_none_or(|first| first <= self.today) && self.today <= last
    }

    fn tasks(&self, effects: &mut Vec<Effect>) {
        let later = |day: NaiveDate| day.checked_add_days(Days::new(LATEST_DAYS)).unwrap_or(day);
        let name = naming::title(self.contract);
        let whose = self.contract.link(number::CONTRACT_COMPANY).or_else(|| self.contract.link(number::CONTRACT_CONTACT));
        let with = whose.and_then(|id| self.known.title(id)).filter(|with| !name.contains(with.as_str()));
        let with = with.map_or_else(String::new, |with| format!(" with {with}"));
        // What was in force before it was known here has begun long ago.
        let recorded = day_at(self.desk.zone(), self.contract.recorded_at);
        if let Some(start) = self.dates.start.filter(|start| *start >= recorded && *start <= self.today && self.today <= later(*start)) {
            let products: Vec<String> =
                self.contract.values(number::CONTRACT_PRODUCT).filter_map(Value::as_link).filter_map(|id| self.known.title(id)).collect();
            let to = if products.is_empty() { String::new() } else { format!(" to {}", products.join(", ")) };
            effects.push(self.task("start", start, format!("{name}{with} begins: see that they have what it entitles them{to}")));
        }
        let Some(end) = self.dates.end else { return };
        if let Some(notice) = self.dates.notice.filter(|notice| self.is_near(*notice, later(*notice).min(end))) {
            let then = self.dates.renewed.map_or_else(|| format!("it ends on {end}"), |to| format!("else it renews itself to {to}"));
            effects.push(self.task("notice", notice, format!("{name}{with}: give notice by {notice}, {then}")));
        }
        match self.dates.renewed {
            Some(to) if self.dates.notice.is_none() && self.is_near(end, end) => {
                effects.push(self.task("renewal", end, format!("{name}{with} renews itself after {end} to {to}")));
            }
            None if self.is_near(end, later(end)) => {
                effects.push(self.task("end", end, format!("{name}{with} ends on {end}: offer a renewal")));
            }
            _ => {}
        }
    }

    fn task(&self, what: &str, day: NaiveDate, title: String) -> Effect {
        let contract = self.contract.id;
        let dates_then = self.dates;
        let due = midnight(self.desk.zone(), day);
        let owner = self.contract.link(number::OWNER).or_else(|| {
            let company = self.known.record(self.contract.link(number::CONTRACT_COMPANY)?)?;
            company.link(number::OWNER)
        });
        let about: Vec<RecordId> = std::iter::once(contract)
            .chain(self.contract.link(number::CONTRACT_COMPANY))
            .chain(self.contract.link(number::CONTRACT_CONTACT))
            .collect();
        let key = format!("contract:{contract}:{what}:{day}");
        Effect::new(key, contract, format!("task for {contract}"), title.clone(), move |changes| {
            // Somebody may have changed it meanwhile.
            if dates(changes.get(contract)?) == dates_then {
                add_task(changes, &title, due, owner, &about)?;
            }
            Ok(())
        })
        .to(owner)
    }

    /// What happens to the contract itself on its day.
    fn turns(&self, effects: &mut Vec<Effect>) {
        let Some(end) = self.dates.end.filter(|end| *end < self.today) else { return };
        let contract = self.contract.id;
        let name = naming::title(self.contract);
        let today = self.today;
        if let Some(to) = renewed_by(self.contract, today) {
            let told = format!("{name} has renewed itself to {to}");
            effects.push(Effect::new(
                format!("contract:{contract}:renewed:{to}"),
                contract,
                format!("renew {contract}"),
                told,
                move |changes| {
                    let record = changes.edit(contract)?;
                    if let Some(to) = renewed_by(record, today).and_then(Date::from_naive) {
                        record.set(number::CONTRACT_END, Value::Date(to));
                    }
                    Ok(())
                },
            ));
            return;
        }
        let definitions = self.desk.definitions();
        // Only what says that it is in force is said to have ended.
        if let Some(ended) = definitions.word(ChoiceList::ContractStatus, "ended").filter(|_| self.contract.has(number::CONTRACT_STATUS)) {
            let (ended, told) = (ended.to_owned(), format!("{name} has ended on {end}"));
            effects.push(Effect::new(
                format!("contract:{contract}:ended:{end}"),
                contract,
                format!("end {contract}"),
                told,
                move |changes| {
                    let record = changes.edit(contract)?;
                    if dates(record).end == Some(end) {
                        record.set(number::CONTRACT_STATUS, Value::text(&ended));
                    }
                    Ok(())
                },
            ));
        }
    }
}

fn add_task(
    changes: &mut Changeset<'_>,
    title: &str,
    due: Timestamp,
    assignee: Option<RecordId>,
    about: &[RecordId],
) -> Result<(), ActionError> {
    let id = changes.create(Kind::Task);
    let task = changes.edit(id)?;
    task.set(number::TASK_TITLE, Value::text(title));
    task.set(number::DUE, Value::Time(due));
    task.replace(number::TASK_ASSIGNEE, assignee.map(Value::Link));
    task.replace(number::ABOUT, about.iter().map(|id| Value::Link(*id)));
    Ok(())
}

//! Giving leads to people, by the rules that the team owns.
//!
//! A lead that nobody owns gets an owner: of the first rule that matches it, in the way that
//! the rule says. Who would get which is computed as one plan, so that a round goes on where
//! the last one ended and loads grow as leads are given; then it is one step.

use std::collections::HashMap;
use std::sync::Arc;

use super::changeset::Changeset;
use super::{ActionError, Desk, Outcome};
use crate::domain::definitions::{AssignRule, Way};
use crate::domain::fields::number;
use crate::domain::{Kind, Lookup, Record, RecordId, Value, fold, naming};
use crate::query::{Matcher, Query};
use crate::store::asking::Asking;
use crate::store::walk::Walk;

/// The leads that rules are for where no other are named.
const NOBODYS: &str = "lifecycle:lead owner:";

/// Who would get a lead, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The lead.
    pub lead: RecordId,
    /// Who gets it; nobody where no rule applies.
    pub to: Option<RecordId>,
    /// Why: `the rest, in turn`.
    pub why: String,
}

/// What is known of the people and grows as leads are given.
struct People {
    users: Vec<Arc<Record>>,
    /// Open leads of each.
    load: HashMap<RecordId, u64>,
    /// When each was given a lead last, as far as the leads say; then in which turn.
    last: HashMap<RecordId, (i64, u64)>,
    turn: u64,
}

impl People {
    fn read(desk: &Desk) -> Result<Self, ActionError> {
        let mut users = Vec::new();
        Walk::new(Kind::User, desk.view()).each(&*desk.store, |user| {
            users.push(Arc::clone(user));
            Ok::<(), ActionError>(())
        })?;
        let (mut load, mut last) = (HashMap::new(), HashMap::<RecordId, (i64, u64)>::new());
        let definitions = desk.definitions();
        let leads = Query::parse("lifecycle:lead owner:*", Kind::Contact, &definitions)?;
        Walk::new(Kind::Contact, desk.view()).query(Some(Arc::new(leads))).each(&*desk.store, |lead| {
            if let Some(owner) = lead.link(number::OWNER) {
                *load.entry(owner).or_default() += 1;
            }
            Ok::<(), ActionError>(())
        })?;
        // Whose turn it is, the events of owners say: also of leads that are none any more.
        let given = Query::parse("field=owner to:*", Kind::Event, &definitions)?;
        Walk::new(Kind::Event, desk.view()).query(Some(Arc::new(given))).each(&*desk.store, |event| {
            let is_lead = event.link(number::EVENT_RECORD).is_some_and(|id| id.kind == Kind::Contact);
            if let (true, Some(to), Some(at)) = (is_lead, event.link(number::EVENT_TO), event.time(number::EVENT_AT)) {
                let known = last.entry(to).or_insert((at.0, event.id.number));
                *known = (*known).max((at.0, event.id.number));
            }
            Ok::<(), ActionError>(())
        })?;
        Ok(Self { users, load, last, turn: 0 })
    }

    fn named(&self, text: &str) -> Option<&Arc<Record>> {
        let is = |user: &&Arc<Record>| {
            user.text(number::LOGIN) == Some(text) || user.text(number::USER_NAME).is_some_and(|name| fold::fold(name) == fold::fold(text))
        };
        self.users.iter().find(is)
    }

    fn is_active(user: &Record) -> bool {
        user.first(number::USER_ACTIVE).is_none_or(|active| *active.bare() != Value::Flag(false)) && !user.has(number::TRASHED_AT)
    }

    fn give(&mut self, to: RecordId) {
        self.turn += 1;
        *self.load.entry(to).or_default() += 1;
        self.last.insert(to, (i64::MAX, self.turn));
    }
}

/// Returns who would get these leads; without any those that nobody owns.
///
/// # Errors
/// Exit 1 for a rule that names somebody whom there is not; what the store answers.
pub fn plan_assignment(desk: &Desk, leads: &[RecordId]) -> Result<Vec<Given>, ActionError> {
    let definitions = desk.definitions();
    let mut found: Vec<Arc<Record>> = Vec::new();
    if leads.is_empty() {
        let query = Query::parse(NOBODYS, Kind::Contact, &definitions)?;
        Walk::new(Kind::Contact, desk.view()).query(Some(Arc::new(query))).each(&*desk.store, |lead| {
            found.push(Arc::clone(lead));
            Ok::<(), ActionError>(())
        })?;
    } else {
        if let Some(id) = leads.iter().find(|id| id.kind != Kind::Contact) {
            return Err(ActionError::usage(format!("{id} is a {}; only contacts are leads", id.kind)).at(id.to_string()));
        }
        found = desk.records(leads)?;
    }
    if definitions.assignment.iter().len() == 0 {
        let error = ActionError::refused("there are no rules by which leads are assigned");
        return Err(error.hint("write some: rolo config edit assignment"));
    }
    let asked = Asking::new(&*desk.store, &desk.view())?;
    let mut queries: Vec<Option<Query>> = Vec::new();
    for rule in definitions.assignment.iter() {
        queries.push(rule.when.as_deref().map(|when| Query::parse(when, Kind::Contact, &definitions)).transpose()?);
    }
    let matchers: Vec<Option<Matcher<'_>>> = queries.iter().map(|query| query.as_ref().map(|query| Matcher::new(query, &asked))).collect();
    let mut people = People::read(desk)?;
    for rule in definitions.assignment.iter() {
        if let Some(name) = rule.to.iter().find(|name| people.named(name).is_none()) {
            let error = ActionError::refused(format!("the rule \u{201c}{}\u{201d} gives leads to {name}, whom there is not", rule.name));
            return Err(error.hint("a user's login or name: rolo list user"));
        }
    }
    let mut plan = Vec::new();
    for lead in &found {
        let rule =
            definitions.assignment.iter().zip(&matchers).find(|(_, matcher)| matcher.as_ref().is_none_or(|matcher| matcher.matches(lead)));
        let given = match rule {
            None => Given { lead: lead.id, to: None, why: "no rule matches it".to_owned() },
            Some((rule, _)) => choose(lead, rule, &people, &asked),
        };
        if let Some(to) = given.to {
            people.give(to);
        }
        plan.push(given);
    }
    Ok(plan)
}

/// Chooses among the people of a rule.
fn choose(lead: &Record, rule: &AssignRule, people: &People, asked: &Asking<'_>) -> Given {
    let among: Vec<&Arc<Record>> = rule.to.iter().filter_map(|name| people.named(name)).filter(|user| People::is_active(user)).collect();
    let in_turn = |among: &[&Arc<Record>]| {
        among.iter().min_by_key(|user| (people.last.get(&user.id).copied().unwrap_or((i64::MIN, 0)), place(rule, user))).map(|user| user.id)
    };
    let given = |to: Option<RecordId>, how: &str| Given { lead: lead.id, to, why: format!("{}, {how}", rule.name) };
    if rule.way == Way::CompanyOwner {
        let company = lead.first(number::JOBS).and_then(|job| match job.bare() {
            Value::Job(job) => job.company,
            _ => None,
        });
        let owner = company.and_then(|id| asked.record(id)).and_then(|company| company.link(number::OWNER));
        let active = owner.filter(|id| asked.record(*id).is_some_and(|user| People::is_active(&user)));
        if let Some(owner) = active {
            return given(Some(owner), "who owns the company");
        }
    }
    if rule.way == Way::Territory {
        let places: Vec<String> = lead
            .values(number::CONTACT_ADDRESS)
            .filter_map(|address| match address.bare() {
                Value::Address(address) => Some([address.country.clone(), address.region.clone(), address.city.clone()]),
                _ => None,
            })
            .flatten()
            .chain(company_country(lead, asked))
            .map(|place| fold::fold(&place))
            .collect();
        let own: Vec<&Arc<Record>> = among
            .iter()
            .copied()
            .filter(|user| {
                user.text(number::USER_TERRITORY)
                    .is_some_and(|territory| territory.split([',', ';']).any(|part| places.contains(&fold::fold(part.trim()))))
            })
            .collect();
        if !own.is_empty() {
            return given(in_turn(&own), "whose territory it is");
        }
        return given(in_turn(&among), "nobody's territory, in turn");
    }
    if among.is_empty() {
        return given(None, "nobody of it is active");
    }
    match rule.way {
        Way::Load => {
            let load = |user: &Arc<Record>| people.load.get(&user.id).copied().unwrap_or(0);
            let least = among.iter().min_by_key(|user| (load(user), place(rule, user)));
            given(least.map(|user| user.id), &least.map(|user| format!("who has {} leads", load(user))).unwrap_or_default())
        }
        _ => given(in_turn(&among), "in turn"),
    }
}

/// Returns the place of somebody in a rule.
fn place(rule: &AssignRule, user: &Record) -> usize {
    let names = [user.text(number::LOGIN), user.text(number::USER_NAME)];
    rule.to.iter().position(|name| names.iter().flatten().any(|known| fold::fold(known) == fold::fold(name))).unwrap_or(usize::MAX)
}

fn company_country(lead: &Record, asked: &Asking<'_>) -> Option<String> {
    let Value::Job(job) = lead.first(number::JOBS)?.bare().clone() else { return None };
    asked.record(job.company?)?.text(number::COUNTRY).map(str::to_owned)
}

/// Gives these leads to people by the rules; without any those that nobody owns.
///
/// # Errors
/// As [`plan_assignment`].
pub fn assign_leads(desk: &Desk, leads: &[RecordId]) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let plan = plan_assignment(desk, leads)?;
    let definitions = desk.definitions();
    let mut changes = Changeset::new(desk);
    let teams: HashMap<&str, RecordId> = {
        let mut teams = HashMap::new();
        for team in definitions.assignment.iter().filter_map(|rule| rule.team.as_deref()) {
            teams.insert(team, super::resolve::resolve(desk, &[Kind::Team], team)?);
        }
        teams
    };
    let mut given = 0_usize;
    for Given { lead, to, why } in &plan {
        let Some(to) = to else { continue };
        given += 1;
        let record = changes.edit(*lead)?;
        record.set(number::OWNER, Value::Link(*to));
        let rule = definitions.assignment.iter().find(|rule| why.starts_with(&format!("{}, ", rule.name)));
        if let Some(team) = rule.and_then(|rule| rule.team.as_deref()).and_then(|team| teams.get(team)) {
            record.set(number::TEAM, Value::Link(*team));
        }
    }
    let left = plan.len() - given;
    let mut outcome = changes.finish("assign leads")?;
    outcome.message = match plan.as_slice() {
        [] => "nobody's lead waits".to_owned(),
        [Given { lead, to: Some(to), why }] => {
            let name = desk.record(*to).map(|user| naming::title(&user)).unwrap_or_default();
            format!("{lead} goes to {name}: {why}")
        }
        _ if left > 0 => format!("{given} leads assigned, {left} that no rule gives to anybody"),
        _ => format!("{given} leads assigned"),
    };
    Ok(outcome)
}

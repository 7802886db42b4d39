//! What time does to tickets: which rules of the team are due, on which tickets, and what
//! follows. It only tells; an action carries each out, once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::queue::not_done;
use super::service::{glanced, governed, histories};
use crate::domain::fields::number;
use crate::domain::service::{Clock, Effect, Escalation, Reading, Standing, Trigger, Whom, length};
use crate::domain::{Category, Definitions, Kind, Record, RecordId, Timestamp, Value, fold, naming};
use crate::query::{Query, index};
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::walk::Walk;

/// How long after its moment a follow-up is still made: whoever did not look for longer
/// is not told of all that was solved before.
const LATE: i64 = 30 * 24 * 3_600_000_000;
/// How many users have one login, but for its case.
const ALIKE: usize = 16;

/// Returns what the team's rules do with tickets at this moment and have not done yet. Of
/// the rules that move a ticket only the first is told: where it stands then, others may
/// apply.
///
/// # Errors
/// What the store answers.
pub fn due_service(store: &dyn Store, view: &View) -> Result<Vec<Effect>, StoreError> {
    let definitions = store.definitions();
    if definitions.escalations.iter().len() == 0 {
        return Ok(Vec::new());
    }
    let mut tickets = Vec::new();
    Walk::new(Kind::Ticket, view.clone()).query(not_done(&definitions)).each(store, |ticket| {
        tickets.extend((definitions.category_of(ticket) != Category::Done).then(|| Arc::clone(ticket)));
        Ok::<(), StoreError>(())
    })?;
    let solved = solved(store, view, &definitions)?;
    let governed = governed(store, view, &definitions, &tickets)?;
    let histories = histories(store, view, &tickets)?;
    let readings: Vec<Vec<Reading>> = tickets
        .iter()
        .zip(&histories)
        .zip(&governed)
        .map(|((ticket, history), governed)| glanced(ticket, history, governed, &definitions, view.now).readings)
        .collect();
    let people = People { store, definitions: &definitions, leads: leads(store, view)?, logins: HashMap::new() };
    let mut finder = Finder { people, effects: Vec::new(), moved: HashSet::new() };
    for rule in definitions.escalations.iter() {
        let matching = match &rule.when {
            None => None,
            // A query that is none any more matches nobody.
            Some(when) => match Query::parse(when, Kind::Ticket, &definitions) {
                Err(_) => continue,
                Ok(query) => {
                    Some(Walk::new(Kind::Ticket, view.clone()).query(Some(Arc::new(query))).ids(store)?.into_iter().collect::<HashSet<_>>())
                }
            },
        };
        let fits = |ticket: &Record| matching.as_ref().is_none_or(|ids| ids.contains(&ticket.id));
        if let Trigger::Solved(after) = rule.trigger {
            for ticket in solved.iter().filter(|ticket| fits(ticket)) {
                let Some(at) = ticket.time(number::SOLVED_AT) else { continue };
                let moment = Timestamp(at.0.saturating_add(after));
                if moment <= view.now && view.now.0 - moment.0 <= LATE {
                    finder.take(rule, ticket, &format!("solved/{}", at.0), "solved some time ago".to_owned(), view.now)?;
                }
            }
            continue;
        }
        for (ticket, readings) in tickets.iter().zip(&readings).filter(|(ticket, _)| fits(ticket)) {
            if let Some((round, why, due)) = applies(rule, readings, view.now, &definitions) {
                finder.take(rule, ticket, &round, why, due)?;
            }
        }
    }
    Ok(finder.effects)
}

/// Returns the tickets that were solved so lately that something may be asked of them.
fn solved(store: &dyn Store, view: &View, definitions: &Definitions) -> Result<Vec<Arc<Record>>, StoreError> {
    const DAY: i64 = 24 * 3_600_000_000;
    let longest = definitions.escalations.iter().filter_map(|rule| match rule.trigger {
        Trigger::Solved(after) => Some(after),
        _ => None,
    });
    let mut solved = Vec::new();
    if let Some(longest) = longest.max() {
        let text = format!("solved_at:-{}d..", (longest + LATE) / DAY + 1);
        let query = Query::parse(&text, Kind::Ticket, definitions).ok().map(Arc::new);
        Walk::new(Kind::Ticket, view.clone()).query(query).each(store, |ticket| {
            solved.extend((definitions.category_of(ticket) == Category::Done).then(|| Arc::clone(ticket)));
            Ok::<(), StoreError>(())
        })?;
    }
    Ok(solved)
}

/// Returns which round of which clock a rule applies to, why, and when that is due; `None`
/// where it does not apply yet.
fn applies(rule: &Escalation, readings: &[Reading], now: Timestamp, definitions: &Definitions) -> Option<(String, String, Timestamp)> {
    let zone = definitions.settings.timezone;
    let running = readings.iter().filter(|reading| reading.ended.is_none() && reading.standing != Standing::Paused);
    let mut asked = running.filter(|reading| rule.clock.is_none_or(|clock| clock == reading.clock));
    let round = |reading: &Reading| format!("{}/{}", reading.clock.name(), reading.started.0);
    match rule.trigger {
        Trigger::AtOnce => Some(("once".to_owned(), "as its rule says".to_owned(), now)),
        Trigger::Solved(_) => None,
        Trigger::Share(percent) => asked.find_map(|reading| {
            let (target, due) = reading.target.zip(reading.due)?;
            let used = i128::from(reading.used) * 100;
            let is_so = match percent {
                // Promised is a moment: what is not over at the end of the day is not late.
                100 => due < now,
                percent => used >= i128::from(target) * i128::from(percent),
            };
            let at = crate::domain::zone::wall_clock(zone, due).format("%Y-%m-%d %H:%M");
            let share = used.checked_div(i128::from(target)).unwrap_or_default();
            let tense = if due < now { "was due" } else { "due" };
            is_so.then(|| (round(reading), format!("{} {share} % used, {tense} {at}", reading.clock.said()), due))
        }),
        Trigger::Used(micros) => {
            let clock = rule.clock.unwrap_or(Clock::Resolution);
            let reading = asked.find(|reading| reading.clock == clock && reading.used >= micros)?;
            Some((round(reading), format!("{} runs for {}", clock.said(), length(reading.used)), reading.due.unwrap_or(now)))
        }
    }
}

struct Finder<'a> {
    people: People<'a>,
    effects: Vec<Effect>,
    moved: HashSet<RecordId>,
}

impl Finder<'_> {
    fn take(&mut self, rule: &Escalation, ticket: &Record, round: &str, why: String, due: Timestamp) -> Result<(), StoreError> {
        let key = format!("rule:escalation/{}/{}/{round}", fold::fold(&rule.name), ticket.id);
        // Whatever time causes is committed under its key with this before it.
        if (rule.moves() && self.moved.contains(&ticket.id)) || self.people.store.committed(&format!("tick:{key}"))?.is_some() {
            return Ok(());
        }
        let queue = rule.queue.as_deref().or_else(|| ticket.text(number::QUEUE)).map(str::to_owned);
        let assignee = ticket.link(number::ASSIGNEE);
        let changed = |field, to: &Option<String>| to.clone().filter(|to| ticket.text(field) != Some(to));
        let line = changed(number::SERVICE_LINE, &rule.line);
        let given = match &rule.assignee {
            Some(whom) => self.people.whom(whom, assignee, queue.as_deref())?.map(Some),
            // Those of the next line take it.
            None => line.as_ref().map(|_| None),
        };
        let given = given.filter(|given| *given != assignee);
        let effect = Effect {
            ticket: ticket.id,
            rule: rule.name.clone(),
            key,
            why,
            queue: changed(number::QUEUE, &rule.queue),
            priority: changed(number::PRIORITY, &rule.priority),
            line,
            assignee: given,
            warn: self.people.all(&rule.warn, assignee, queue.as_deref())?,
            task: match &rule.task {
                Some(task) => Some((
                    format!("{task}: {} {}", ticket.id, naming::title(ticket)),
                    self.people.whom(&Whom::Assignee, assignee, queue.as_deref())?,
                )),
                None => None,
            },
            due,
        };
        if effect.moves() {
            self.moved.insert(ticket.id);
        }
        if effect.moves() || !effect.warn.is_empty() || effect.task.is_some() {
            self.effects.push(effect);
        }
        Ok(())
    }
}

/// Who is meant by a rule.
struct People<'a> {
    store: &'a dyn Store,
    definitions: &'a Definitions,
    /// Who leads the team of a queue, by the records of teams.
    leads: HashMap<String, RecordId>,
    logins: HashMap<String, Option<RecordId>>,
}

impl People<'_> {
    fn all(&mut self, whom: &[Whom], assignee: Option<RecordId>, queue: Option<&str>) -> Result<Vec<RecordId>, StoreError> {
        let mut all = Vec::new();
        for whom in whom {
            let one = self.whom(whom, assignee, queue)?;
            all.extend(one.filter(|one| !all.contains(one)));
        }
        Ok(all)
    }

    fn whom(&mut self, whom: &Whom, assignee: Option<RecordId>, queue: Option<&str>) -> Result<Option<RecordId>, StoreError> {
        match whom {
            Whom::Assignee if assignee.is_some() => Ok(assignee),
            Whom::Assignee | Whom::Lead => self.lead(queue),
            Whom::Login(login) => self.login(login),
        }
    }

    /// Returns who leads the team of a queue: as the definition of teams says, else the
    /// record of a team.
    fn lead(&mut self, queue: Option<&str>) -> Result<Option<RecordId>, StoreError> {
        let Some(queue) = queue.map(fold::fold) else { return Ok(None) };
        let team = self.definitions.teams.iter().find(|team| team.queues.iter().any(|known| fold::fold(known) == queue));
        if let Some(login) = team.and_then(|team| team.lead.clone())
            && let Some(lead) = self.login(&login)?
        {
            return Ok(Some(lead));
        }
        Ok(self.leads.get(&queue).copied())
    }

    fn login(&mut self, login: &str) -> Result<Option<RecordId>, StoreError> {
        if let Some(known) = self.logins.get(login) {
            return Ok(*known);
        }
        let ids = self.store.lookup(Kind::User, number::LOGIN, &index::text_key(login), ALIKE)?;
        let found = self.store.get(&ids)?.into_iter().flatten().find(|user| user.text(number::LOGIN) == Some(login)).map(|user| user.id);
        self.logins.insert(login.to_owned(), found);
        Ok(found)
    }
}

fn leads(store: &dyn Store, view: &View) -> Result<HashMap<String, RecordId>, StoreError> {
    let mut leads = HashMap::new();
    Walk::new(Kind::Team, view.clone()).each(store, |team| {
        if let Some(lead) = team.link(number::TEAM_LEAD) {
            for queue in team.values(number::TEAM_QUEUE).filter_map(Value::as_text) {
                leads.entry(fold::fold(queue)).or_insert(lead);
            }
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(leads)
}

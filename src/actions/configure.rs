//! What the team owns: reading and taking definitions.
//!
//! A definition is a record whose text is TOML, checked as a whole with all the
//! others before it is taken. What it renames is rewritten in the same step; what it
//! would take away while records use it is refused with their count.

use std::collections::HashMap;
use std::sync::Arc;

use super::chunks::{Unit, chunks};
use super::step::Step;
use super::{ActionError, Desk, Outcome};
use crate::domain::definitions::{DefinitionChange, ScoreOf, changes};
use crate::domain::fields::number;
use crate::domain::parse::quoted;
use crate::domain::{DefinitionName, Definitions, FieldRef, Kind, Record, RecordId, Value, fold};
use crate::query::Query;
use crate::store::api::{Change, Trash, new_id};
use crate::store::walk::Walk;

/// One definition, as a list of them shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Which.
    pub name: DefinitionName,
    /// Whether the team has given it; else it is the built-in one.
    pub own: bool,
    /// Its version; 0 for a built-in one.
    pub version: u64,
    /// Who gave it.
    pub by: String,
}

/// Returns the definition that a word means.
///
/// # Errors
/// Exit 2: none is called so; the nearest is told.
pub fn named(name: &str) -> Result<DefinitionName, ActionError> {
    DefinitionName::from_name(name).ok_or_else(|| {
        let error = ActionError::usage(format!("there is no definition {}", quoted(name))).at(name);
        match fold::nearest(name, DefinitionName::all().map(DefinitionName::name)) {
            Some(near) => error.hint(format!("did you mean \u{201c}{near}\u{201d}?")),
            None => error.hint("`rolo config list` lists them"),
        }
    })
}

/// Returns all definitions in display order.
///
/// # Errors
/// What the store answers.
pub fn list(desk: &Desk) -> Result<Vec<Listed>, ActionError> {
    let kept = kept(desk)?;
    let listed = |name: DefinitionName| match kept.get(name.name()) {
        Some(record) => Listed { name, own: true, version: record.version, by: record.updated_by.clone() },
        None => Listed { name, own: false, version: 0, by: String::new() },
    };
    Ok(DefinitionName::all().map(listed).collect())
}

/// Returns the TOML of a definition: the team's, else the built-in one.
///
/// # Errors
/// What the store answers.
pub fn get(desk: &Desk, name: DefinitionName) -> Result<String, ActionError> {
    let kept = kept(desk)?;
    let own = kept.get(name.name()).and_then(|record| record.text(number::DEFINITION_TEXT));
    Ok(own.unwrap_or(name.example()).to_owned())
}

/// Takes a definition, as one step; what it renames is rewritten.
///
/// # Errors
/// Exit 1 with line and column for a slip in the text, and for taking away what
/// records use.
pub fn put(desk: &Desk, name: DefinitionName, text: &str) -> Result<Outcome, ActionError> {
    let Some(units) = plan(desk, name, text)? else {
        return Ok(Outcome { unchanged: 1, message: format!("{name} stands so already"), ..Outcome::default() });
    };
    let rewritten = units.len() - 1;
    let mut step = Step::begin(desk, format!("config {name}"));
    step.commit_all(chunks(units)?, true)?;
    let message = match rewritten {
        0 => format!("{name} is taken"),
        1 => format!("{name} is taken; 1 record was rewritten"),
        count => format!("{name} is taken; {count} records were rewritten"),
    };
    Ok(Outcome { step: step.number(), ids: Vec::new(), changed: rewritten + 1, unchanged: 0, message })
}

/// Returns the definition's change and those of the records that it renames, `None`
/// where it stands so already.
fn plan(desk: &Desk, name: DefinitionName, text: &str) -> Result<Option<Vec<Unit>>, ActionError> {
    let kept = kept(desk)?;
    let old = kept.get(name.name());
    let standing = old.and_then(|record| record.text(number::DEFINITION_TEXT)).unwrap_or(name.example());
    if standing == text {
        return Ok(None);
    }
    let texts = kept.iter().map(|(known, record)| (known.as_str(), record.text(number::DEFINITION_TEXT).unwrap_or_default()));
    let after = Definitions::from_documents(texts.filter(|(known, _)| *known != name.name()).chain([(name.name(), text)]))?;
    check_policies(&after)?;
    check_leads(&after)?;
    let changes = changes(&desk.definitions(), &after);
    for change in changes.iter().filter(|change| change.is_removal()) {
        if let Some(users) = users_of(desk, change, &|_| false)? {
            return Err(ActionError::refused(format!("{change}, but {users} it"))
                .at(name.name())
                .hint("give it another name under [renamed], or change the records first"));
        }
    }

    let mut record = old.map_or_else(|| Record::new(new_id(Kind::Definition, 1)), |record| Record::clone(record));
    record.set(number::DEFINITION_NAME, Value::text(name.name()));
    record.set(number::DEFINITION_TEXT, Value::text(text));
    let unit = |record: Record, based_on: u64| Unit {
        changes: vec![Change { id: record.id, based_on: Some(based_on), after: Some(record) }],
        leaves: Vec::new(),
    };
    let mut units = vec![unit(record, old.map_or(0, |record| record.version))];
    let renamings: Vec<&DefinitionChange> = changes.iter().filter(|change| !change.is_removal()).collect();
    let mut kinds: Vec<Kind> = renamings.iter().flat_map(|change| change.kinds()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        Walk::new(kind, desk.view()).trash(Trash::With).each(&*desk.store, |record| {
            let mut rewritten = Record::clone(record);
            // Each in its turn: a later one sees the words of those before.
            let mut changed = false;
            for renaming in &renamings {
                changed |= renaming.rewrite(&mut rewritten);
            }
            if changed {
                units.push(unit(rewritten, record.version));
            }
            Ok::<(), ActionError>(())
        })?;
    }
    Ok(Some(units))
}

/// Refuses definitions under which the scoring or assignment of leads asks for what there
/// is not.
fn check_leads(after: &Definitions) -> Result<(), ActionError> {
    let check = |name: DefinitionName, what: &str, query: &str, kind: Kind| {
        Query::parse(query, kind, after).map(|_| ()).map_err(|error| {
            let refused = ActionError::refused(format!("the query of {what}: {}", error.message));
            ActionError { hint: error.hint, ..refused.at(format!("{name}:{what}:{}", error.span.start + 1)) }
        })
    };
    for rule in &after.scoring.rules {
        match &rule.of {
            ScoreOf::Fit(when) => check(DefinitionName::Scoring, &rule.name, when, Kind::Contact)?,
            ScoreOf::Engagement { each, .. } => check(DefinitionName::Scoring, &rule.name, each, Kind::Interaction)?,
        }
    }
    if let Some(chance) = &after.scoring.chance {
        check(DefinitionName::Scoring, "chance.won", &chance.won, Kind::Contact)?;
        check(DefinitionName::Scoring, "chance.lost", &chance.lost, Kind::Contact)?;
        for field in &chance.fields {
            FieldRef::resolve(Kind::Contact, field, after).map_err(|unknown| {
                let hint = unknown.hint();
                ActionError::refused(unknown.to_string()).at(format!("{}:chance.fields", DefinitionName::Scoring)).hint(hint)
            })?;
        }
    }
    for rule in after.assignment.iter() {
        if let Some(when) = &rule.when {
            check(DefinitionName::Assignment, &rule.name, when, Kind::Contact)?;
        }
    }
    Ok(())
}

/// Refuses definitions under which a service level or an escalation asks for what there
/// is not.
fn check_policies(after: &Definitions) -> Result<(), ActionError> {
    for policy in after.policies.iter() {
        let Some(when) = &policy.when else { continue };
        if let Err(error) = Query::parse(when, Kind::Ticket, after) {
            let refused = ActionError::refused(format!("the query of the service level {}: {}", quoted(&policy.name), error.message));
            let refused = refused.at(format!("{}:{}.when:{}", DefinitionName::Sla, policy.name, error.span.start + 1));
            return Err(ActionError { hint: error.hint, ..refused });
        }
    }
    for rule in after.escalations.iter() {
        let Some(when) = &rule.when else { continue };
        if let Err(error) = Query::parse(when, Kind::Ticket, after) {
            let refused = ActionError::refused(format!("the query of the escalation {}: {}", quoted(&rule.name), error.message));
            let refused = refused.at(format!("{}:{}.when:{}", DefinitionName::Escalations, rule.name, error.span.start + 1));
            return Err(ActionError { hint: error.hint, ..refused });
        }
    }
    Ok(())
}

/// Returns what would be lost while records use it, if these definitions stood as
/// given (`None`: not there): which definition, and who uses what. Records that
/// `apart` names do not count.
pub(super) fn lost_in_use(
    desk: &Desk,
    as_if: &[(RecordId, Option<Arc<Record>>)],
    apart: &dyn Fn(RecordId) -> bool,
) -> Result<Vec<(RecordId, String)>, ActionError> {
    let Some((first, _)) = as_if.first() else { return Ok(Vec::new()) };
    let mut records: HashMap<RecordId, Arc<Record>> = kept(desk)?.into_values().map(|record| (record.id, record)).collect();
    for (id, record) in as_if {
        match record {
            Some(record) => records.insert(*id, Arc::clone(record)),
            None => records.remove(id),
        };
    }
    let after = match Definitions::from_records(records.values().map(|record| &**record)) {
        Ok(after) => after,
        Err(error) => return Ok(vec![(*first, error.to_string())]),
    };
    let mut found = Vec::new();
    for change in changes(&desk.definitions(), &after) {
        if let Some(users) = users_of(desk, &change, apart)? {
            found.push((*first, format!("{change}, but {users} it")));
        }
    }
    Ok(found)
}

/// Returns how many records use what a change takes away, in words: `12 opportunities use`.
fn users_of(desk: &Desk, change: &DefinitionChange, apart: &dyn Fn(RecordId) -> bool) -> Result<Option<String>, ActionError> {
    let mut parts = Vec::new();
    let mut all = 0_u64;
    for kind in change.kinds() {
        let mut count = 0_u64;
        Walk::new(kind, desk.view()).trash(Trash::With).each(&*desk.store, |record| {
            count += u64::from(!apart(record.id) && change.concerns(record));
            Ok::<(), ActionError>(())
        })?;
        if count > 0 {
            parts.push(format!("{count} {}", if count == 1 { kind.name() } else { kind.plural() }));
        }
        all += count;
    }
    Ok((all > 0).then(|| format!("{} {}", parts.join(" and "), if all == 1 { "uses" } else { "use" })))
}

/// Returns the records of the definitions that the team has given, by name.
fn kept(desk: &Desk) -> Result<HashMap<String, Arc<Record>>, ActionError> {
    let mut kept = HashMap::new();
    Walk::new(Kind::Definition, desk.view()).trash(Trash::With).each(&*desk.store, |record| {
        if let Some(name) = record.text(number::DEFINITION_NAME) {
            kept.insert(name.to_owned(), Arc::clone(record));
        }
        Ok::<(), ActionError>(())
    })?;
    Ok(kept)
}

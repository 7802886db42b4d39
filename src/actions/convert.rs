//! A lead becomes a contact with a company and an opportunity: one step, which undo takes
//! back as a whole.
//!
//! Nothing is made that is there already: the company is the lead's own, or that of its
//! mail domain, or the one named; one that is named and nowhere found is made. Who has no
//! company gets none. A lead is converted once.

use super::changeset::Changeset;
use super::resolve::resolve;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{Assignment, ChoiceList, Job, Kind, RecordId, Value, naming};
use crate::query::index;

/// What a conversion is told beside the lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConvertOptions {
    /// The company: one that there is, or the name of a new one.
    pub company: Option<String>,
    /// The opportunity's name.
    pub name: Option<String>,
    /// Further fields of the opportunity: `amount=5k`.
    pub fields: Vec<String>,
    /// Whether there is no opportunity yet.
    pub without_opportunity: bool,
}

/// The most companies of one domain that are looked at.
const MOST: usize = 2;

/// Converts a lead.
///
/// # Errors
/// Exit 1 for one that was converted before; exit 2 for what is no contact; exit 4 for a
/// name that nobody or several have.
pub fn convert(desk: &Desk, lead: RecordId, options: &ConvertOptions) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    if lead.kind != Kind::Contact {
        return Err(ActionError::usage(format!("{lead} is a {}; only contacts are leads", lead.kind)).at(lead.to_string()));
    }
    let mut changes = Changeset::new(desk);
    let contact = changes.get(lead)?.clone();
    if contact.has(number::TRASHED_AT) {
        return Err(ActionError::refused(format!("{lead} is in the trash")).at(lead.to_string()).hint("rolo restore brings it back"));
    }
    if let Some(at) = contact.time(number::CONVERTED_AT) {
        let error = ActionError::refused(format!("{lead} was converted on {}", day_at(desk.zone(), at)));
        return Err(error.at(lead.to_string()).hint(format!("a further sale is added: rolo add opportunity contact={lead}")));
    }
    let definitions = changes.definitions().clone();
    let now = changes.now();
    let own = contact.first(number::JOBS).and_then(|job| match job.bare() {
        Value::Job(job) => job.company,
        _ => None,
    });
    let (company, is_new) = match &options.company {
        Some(name) => match resolve(desk, &[Kind::Company], name) {
            Ok(id) => (Some(id), false),
            Err(error) if error.code == 4 && !error.message.contains(" fits several: ") && name.parse::<RecordId>().is_err() => {
                let id = changes.create(Kind::Company);
                changes.edit(id)?.set(number::COMPANY_NAME, Value::text(name.trim()));
                (Some(id), true)
            }
            Err(error) => return Err(error),
        },
        None => (own.map_or_else(|| by_domain(desk, &contact), |id| Ok(Some(id)))?, false),
    };
    // How far the relation has come: a lead is now more than that.
    let further = definitions.word(ChoiceList::Lifecycle, "prospect").map(Value::text);
    let is_lead = |lifecycle: Option<&str>| lifecycle.is_none_or(|word| definitions.word(ChoiceList::Lifecycle, "lead") == Some(word));
    let record = changes.edit(lead)?;
    record.set(number::CONVERTED_AT, Value::Time(now));
    if let Some(word) = further.clone().filter(|_| is_lead(contact.text(number::CONTACT_LIFECYCLE))) {
        record.set(number::CONTACT_LIFECYCLE, word);
    }
    if let Some(company) = company {
        if own != Some(company) {
            let job = Value::Job(Box::new(Job { company: Some(company), ..Job::default() }));
            let record = changes.edit(lead)?;
            let mut jobs = vec![job];
            jobs.extend(contact.values(number::JOBS).cloned());
            record.replace(number::JOBS, jobs);
        }
        let firm = changes.edit(company)?;
        if let Some(word) = further.filter(|_| is_lead(firm.text(number::COMPANY_LIFECYCLE))) {
            firm.set(number::COMPANY_LIFECYCLE, word);
        }
        if is_new && let Some(owner) = contact.first(number::OWNER) {
            changes.edit(company)?.set(number::OWNER, owner.clone());
        }
    }
    let deal = if options.without_opportunity { None } else { Some(opportunity(&mut changes, lead, company, options)?) };
    let mut outcome = changes.finish(format!("convert {lead}"))?;
    outcome.ids.retain(|id| matches!(id.kind, Kind::Contact | Kind::Opportunity | Kind::Company));
    // What came of it stands first.
    outcome.ids.sort_by_key(|id| [Kind::Opportunity, Kind::Company, Kind::Contact].iter().position(|kind| *kind == id.kind));
    let named = |kind: Kind| outcome.ids.iter().find(|id| id.kind == kind).copied();
    let called = |id: RecordId| -> Result<String, ActionError> { Ok(format!("{id} {}", naming::title(&*desk.record(id)?))) };
    let mut parts = vec![format!("converted {}", called(lead)?)];
    if let (Some(_), Some(id)) = (deal, named(Kind::Opportunity)) {
        parts.push(called(id)?);
    }
    if let (Some(_), Some(id)) = (company, named(Kind::Company).or(company)) {
        parts.push(format!("{}{}", if is_new { "new " } else { "" }, called(id)?));
    }
    outcome.message = parts.join(", ");
    Ok(outcome)
}

/// Returns the one company whose domain is that of the lead's mail.
fn by_domain(desk: &Desk, contact: &crate::domain::Record) -> Result<Option<RecordId>, ActionError> {
    let definitions = desk.definitions();
    for mail in contact.values(number::CONTACT_EMAIL).filter_map(Value::as_text) {
        let Some((_, domain)) = mail.rsplit_once('@') else { continue };
        if definitions.settings.is_public_mail(domain) {
            continue;
        }
        let Some(key) = index::key_of(Kind::Company, number::DOMAIN, &Value::text(domain.to_lowercase())) else { continue };
        if let [only] = desk.store.lookup(Kind::Company, number::DOMAIN, &key, MOST)?[..] {
            return Ok(Some(only));
        }
    }
    Ok(None)
}

/// Adds the opportunity; returns its reference.
fn opportunity(
    changes: &mut Changeset<'_>,
    lead: RecordId,
    company: Option<RecordId>,
    options: &ConvertOptions,
) -> Result<RecordId, ActionError> {
    let definitions = changes.definitions().clone();
    let contact = changes.get(lead)?.clone();
    let deal = changes.create(Kind::Opportunity);
    let assignments = options.fields.iter().map(|text| Assignment::parse(Kind::Opportunity, text, &definitions));
    let assignments = assignments.collect::<Result<Vec<_>, _>>()?;
    changes.assign(deal, &assignments)?;
    let record = changes.edit(deal)?;
    record.replace(number::OPPORTUNITY_CONTACT, [Value::Link(lead)]);
    if let Some(company) = company {
        record.set(number::OPPORTUNITY_COMPANY, Value::Link(company));
    }
    if let Some(name) = &options.name {
        record.set(number::OPPORTUNITY_NAME, Value::text(name.trim()));
    } else if !record.has(number::OPPORTUNITY_NAME) && company.is_none() {
        record.set(number::OPPORTUNITY_NAME, Value::text(naming::title(&contact)));
    }
    for (from, to) in [
        (number::OWNER, number::OWNER),
        (number::TEAM, number::TEAM),
        (number::CONTACT_SOURCE, number::OPPORTUNITY_SOURCE),
        (number::CONTACT_REFERRED_BY, number::OPPORTUNITY_REFERRED_BY),
    ] {
        if let (Some(value), false) = (contact.first(from), record.has(to)) {
            record.set(to, value.clone());
        }
    }
    Ok(deal)
}

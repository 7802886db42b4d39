//! Which record a row means: by the id that its source gives it, else by the keys
//! that were asked for, else by what naturally tells records of its kind apart. It
//! must not know how fields are merged.

use std::sync::Arc;

use super::identity::Identity;
use super::world::World;
use crate::actions::described;
use crate::domain::fields::number;
use crate::domain::parse::{email_key, phone_digits};
use crate::domain::{FieldNumber, FieldRef, Kind, NoLookup, Record, RecordId, Value, fold};
use crate::exchange::problem::Problem;
use crate::store::StoreError;

/// What tells a row's record.
#[derive(Debug)]
pub(super) struct Match {
    /// Who the row is to its source.
    pub(super) identity: Identity,
    /// The records that fit, each once.
    pub(super) records: Vec<Arc<Record>>,
    /// Values that no other record may have when one is created.
    pub(super) unique: Vec<(FieldNumber, Value)>,
    /// By what the records were found, where it is not the identity.
    pub(super) by: Option<String>,
}

impl Match {
    /// Returns by what the records were found, as a person reads it.
    pub(super) fn shown(&self) -> String {
        self.by.clone().unwrap_or_else(|| self.identity.shown())
    }
}

/// Finds the records of rows.
pub(super) struct Matcher<'a, 's> {
    pub(super) world: &'a World<'s>,
    pub(super) kind: Kind,
    /// The source, as a label.
    pub(super) source: Option<&'a str>,
    /// The fields asked for by `--key`.
    pub(super) keys: &'a [FieldRef],
    /// The source that gives one record several ids.
    pub(super) shared: Option<&'a str>,
}

impl Matcher<'_, '_> {
    /// Returns what tells the record of a row whose values stand in `row`; `content`
    /// is the hash of all of it.
    ///
    /// # Errors
    /// What the store answers.
    pub(super) fn find(&self, row: &Record, content: u64) -> Result<Match, StoreError> {
        let by_id = self.by_external_id(row)?;
        if let Some(found) = &by_id
            && !found.records.is_empty()
        {
            return Ok(by_id.unwrap_or_else(|| nothing(content)));
        }
        let by_key = if self.keys.is_empty() { self.natural(row)? } else { self.by_keys(row)? };
        Ok(match (by_id, by_key) {
            (None, Some(found)) if matches!(found.identity, Identity::Content(_)) => {
                Match { identity: Identity::Content(content), ..found }
            }
            (None, found) => found.unwrap_or_else(|| nothing(content)),
            (Some(by_id), None) => by_id,
            (Some(mut by_id), Some(by_key)) => {
                by_id.by = Some(by_key.shown());
                by_id.records = by_key.records;
                // Whom the source knows by another id is somebody else.
                by_id.records.retain(|record| !has_other_id(record, row, self.shared));
                by_id
            }
        })
    }

    fn by_external_id(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        let mut found: Option<Match> = None;
        for value in row.values(number::EXTERNAL_ID) {
            let (Some(source), Some(id)) = (value.label(), value.as_text()) else { continue };
            let records = self.world.external(self.kind, source, id)?;
            let own = Some(source) == self.source;
            let found = found.get_or_insert_with(|| Match {
                identity: if own { Identity::Id(id.to_owned()) } else { one_key("external_id", &format!("{source}:{id}")) },
                records: Vec::new(),
                unique: Vec::new(),
                by: None,
            });
            if own {
                found.identity = Identity::Id(id.to_owned());
            }
            found.unique.push((number::EXTERNAL_ID, value.clone()));
            merge(&mut found.records, records);
        }
        Ok(found)
    }

    fn by_keys(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        let texts = |record: &Record, key: &FieldRef| -> Vec<String> {
            key.get(record, &NoLookup).iter().map(|value| fold::fold(value.plain().trim())).filter(|text| !text.is_empty()).collect()
        };
        if self.keys.iter().any(|key| texts(row, key).is_empty()) {
            return Ok(None);
        }
        let mut records: Vec<Arc<Record>> = Vec::new();
        let Some(first) = self.keys.iter().find(|key| is_findable(key)) else { return Ok(None) };
        for value in first.get(row, &NoLookup) {
            let (field, value) = indexed(first, &value);
            merge(&mut records, self.world.having(self.kind, field, &value)?);
        }
        records.retain(|record| {
            self.keys.iter().all(|key| {
                let wanted = texts(row, key);
                texts(record, key).iter().any(|text| wanted.contains(text))
            })
        });
        let shown = |key: &FieldRef| (key.name().to_owned(), key.text(row, self.world));
        let identity = Identity::Key(self.keys.iter().map(shown).collect());
        Ok(Some(Match { identity, records, unique: Vec::new(), by: None }))
    }

    fn natural(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        match self.kind {
            Kind::Contact => self.contact(row),
            Kind::Company => self.company(row),
            Kind::Opportunity => self.opportunity(row),
            Kind::Product => match self.by_text(row, number::SKU, "sku")? {
                Some(found) => Ok(Some(found)),
                None => self.by_name(row, number::PRODUCT_NAME, "name"),
            },
            Kind::Order => self.by_text(row, number::ORDER_NUMBER, "number"),
            Kind::Interaction => self.by_text(row, number::MESSAGE_ID, "message_id"),
            Kind::User => self.user(row),
            Kind::Team => self.by_name(row, number::TEAM_NAME, "name"),
            Kind::Event => self.event(row),
            Kind::Definition => self.by_text(row, number::DEFINITION_NAME, "name"),
            _ => Ok(None),
        }
    }

    /// By any e-mail address; else by name and company, unless both have an e-mail or
    /// a phone and share none: equal names at one firm are different people.
    fn contact(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        let emails: Vec<&str> = row.values(number::CONTACT_EMAIL).filter_map(Value::as_text).collect();
        let mut records = Vec::new();
        for email in &emails {
            merge(&mut records, self.by_email(number::CONTACT_EMAIL, email)?);
        }
        if !records.is_empty() {
            return Ok(Some(Match { identity: one_key("email", emails[0]), records, unique: Vec::new(), by: None }));
        }
        let unique: Vec<(FieldNumber, Value)> = emails.iter().map(|email| (number::CONTACT_EMAIL, Value::text(*email))).collect();
        let company = company_of(row);
        let name = person_name(row);
        if let (Some(name), Some(company)) = (&name, company) {
            let mut namesakes = self.world.called(Kind::Contact, name)?;
            namesakes.retain(|record| {
                companies_of(record).contains(&company)
                    && !differ(row, record, number::CONTACT_EMAIL, email_key)
                    && !differ(row, record, number::CONTACT_PHONE, phone_key)
            });
            records = namesakes;
        }
        if let Some(email) = emails.first() {
            return Ok(Some(Match { identity: one_key("email", email), records, unique, by: None }));
        }
        let (Some(name), Some(company)) = (name, company) else { return Ok(None) };
        let firm = self.world.get(company)?.map(|record| crate::domain::naming::title(&record)).unwrap_or_default();
        let mut fields = vec![("name".to_owned(), name), ("company".to_owned(), firm)];
        // Without an e-mail a phone is what tells namesakes of one firm apart.
        fields.extend(row.text(number::CONTACT_PHONE).map(|phone| ("phone".to_owned(), phone.to_owned())));
        Ok(Some(Match { identity: Identity::Key(fields), records, unique: Vec::new(), by: None }))
    }

    fn by_email(&self, field: FieldNumber, email: &str) -> Result<Vec<Arc<Record>>, StoreError> {
        let key = email_key(email);
        let mut found = self.world.having(self.kind, field, &Value::text(email))?;
        found.retain(|record| record.values(field).filter_map(Value::as_text).any(|known| email_key(known) == key));
        Ok(found)
    }

    /// By domain, unless it is a mail provider's; else by name, unless both have a
    /// domain and share none.
    fn company(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        let settings = &self.world.definitions().settings;
        let domains: Vec<&str> =
            row.values(number::DOMAIN).filter_map(Value::as_text).filter(|domain| !settings.is_public_mail(domain)).collect();
        let mut records = Vec::new();
        for domain in &domains {
            let mut found = self.world.having(Kind::Company, number::DOMAIN, &Value::text(*domain))?;
            found.retain(|record| record.values(number::DOMAIN).any(|known| known.as_text() == Some(domain)));
            merge(&mut records, found);
        }
        if !records.is_empty() {
            return Ok(Some(Match { identity: one_key("domain", domains[0]), records, unique: Vec::new(), by: None }));
        }
        let name = row.text(number::COMPANY_NAME);
        if let Some(name) = name {
            records = self.world.called(Kind::Company, name)?;
            records.retain(|record| !differ(row, record, number::DOMAIN, str::to_owned));
        }
        let identity = match (domains.first(), name) {
            (Some(domain), _) => one_key("domain", domain),
            (None, Some(name)) => one_key("name", name),
            (None, None) => return Ok(None),
        };
        Ok(Some(Match { identity, records, unique: Vec::new(), by: None }))
    }

    fn opportunity(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        let Some(name) = row.text(number::OPPORTUNITY_NAME) else { return Ok(None) };
        let definitions = self.world.definitions();
        let company = row.link(number::OPPORTUNITY_COMPANY);
        let pipeline = |record: &Record| definitions.pipeline_of(record).name.clone();
        let own = pipeline(row);
        let mut records = self.world.called(Kind::Opportunity, name)?;
        records.retain(|record| record.link(number::OPPORTUNITY_COMPANY) == company && pipeline(record) == own);
        let firm = match company {
            Some(company) => self.world.get(company)?.map(|record| crate::domain::naming::title(&record)).unwrap_or_default(),
            None => String::new(),
        };
        let fields = [("name", name.to_owned()), ("company", firm), ("pipeline", own)];
        let identity = Identity::Key(fields.into_iter().map(|(field, text)| (field.to_owned(), text)).collect());
        Ok(Some(Match { identity, records, unique: Vec::new(), by: None }))
    }

    /// By login, else e-mail, else name: people who own records stand there by name alone.
    fn user(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        if let Some(found) = self.by_text(row, number::LOGIN, "login")? {
            return Ok(Some(found));
        }
        let emails: Vec<&str> = row.values(number::USER_EMAIL).filter_map(Value::as_text).collect();
        let mut records = Vec::new();
        for email in &emails {
            merge(&mut records, self.by_email(number::USER_EMAIL, email)?);
        }
        let name = row.text(number::USER_NAME);
        if records.is_empty()
            && let Some(name) = name
        {
            records = self.world.called(Kind::User, name)?;
            records.retain(|record| !differ(row, record, number::USER_EMAIL, email_key));
        }
        let identity = match (emails.first(), name) {
            (Some(email), _) => one_key("email", email),
            (None, Some(name)) => one_key("name", name),
            (None, None) => return Ok(None),
        };
        Ok(Some(Match { identity, records, unique: Vec::new(), by: None }))
    }

    /// By what changed, when, and to what: a change of stage that comes with its deal
    /// and again in the file of events is one.
    fn event(&self, row: &Record) -> Result<Option<Match>, StoreError> {
        let of = |record: &Record, field| record.first(field).map(Value::plain).unwrap_or_default();
        let fields = [number::EVENT_RECORD, number::EVENT_AT, number::EVENT_FIELD, number::EVENT_TO];
        let Some(about) = row.link(number::EVENT_RECORD).filter(|_| row.has(number::EVENT_AT)) else { return Ok(None) };
        let mut records = self.world.having(Kind::Event, number::EVENT_RECORD, &Value::Link(about))?;
        records.retain(|record| fields.iter().all(|field| of(record, *field) == of(row, *field)));
        // Of several that are equal in all this any one will do.
        records.truncate(1);
        Ok(Some(Match { identity: Identity::Content(0), records, unique: Vec::new(), by: None }))
    }

    fn by_text(&self, row: &Record, field: FieldNumber, name: &str) -> Result<Option<Match>, StoreError> {
        let Some(text) = row.text(field) else { return Ok(None) };
        let value = Value::text(text);
        let mut records = self.world.having(self.kind, field, &value)?;
        records.retain(|record| record.text(field).is_some_and(|known| fold::fold(known) == fold::fold(text)));
        Ok(Some(Match { identity: one_key(name, text), records, unique: vec![(field, value)], by: None }))
    }

    fn by_name(&self, row: &Record, field: FieldNumber, name: &str) -> Result<Option<Match>, StoreError> {
        let Some(text) = row.text(field) else { return Ok(None) };
        let records = self.world.called(self.kind, text)?;
        Ok(Some(Match { identity: one_key(name, text), records, unique: Vec::new(), by: None }))
    }
}

fn nothing(content: u64) -> Match {
    Match { identity: Identity::Content(content), records: Vec::new(), unique: Vec::new(), by: None }
}

/// Returns true where a source of the row's ids knows the record by another one. Ids of
/// the `shared` source are the same in whosever address book they stand, and two books
/// may each have made their own for one person.
fn has_other_id(record: &Record, row: &Record, shared: Option<&str>) -> bool {
    let sources = row.values(number::EXTERNAL_ID).filter_map(Value::label).filter(|source| Some(*source) != shared);
    sources.into_iter().any(|source| record.labelled(number::EXTERNAL_ID, source).is_some())
}

/// Refuses a row that fits several records.
pub(super) fn only<'m>(found: &'m Match, world: &World<'_>) -> Result<Option<&'m Arc<Record>>, Problem> {
    match found.records.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let message = format!("the row fits several records by {}: {}", found.shown(), candidates(several, world));
            Err(Problem::new("ambiguous", message).hint("merge them, or give the row an id"))
        }
    }
}

/// Returns records as several that are meant are named: `c1 Jan Novák (Acme); c2 …`.
pub(super) fn candidates(several: &[Arc<Record>], world: &World<'_>) -> String {
    const SHOWN: usize = 5;
    let mut named: Vec<String> = several.iter().take(SHOWN).map(|record| described(record, world)).collect();
    if several.len() > SHOWN {
        named.push(format!("and {} more", several.len() - SHOWN));
    }
    named.join("; ")
}

/// Returns true where records can be found by the field.
pub(super) fn is_findable(key: &FieldRef) -> bool {
    key.written().is_some_and(|number| {
        number == number::CUSTOM
            || crate::domain::fields::field_by_number(key.kind(), number).is_some_and(|field| field.indexed)
            || crate::query::index::order_field(key.kind()) == Some(number)
    })
}

/// Returns the field and the value as its index has them.
fn indexed(key: &FieldRef, value: &Value) -> (FieldNumber, Value) {
    use crate::domain::{Leaf, Pick};
    let number = key.written().unwrap_or_default();
    let value = match key.leaf() {
        Leaf::Custom(field) => Value::labelled(field.name.clone(), value.bare().clone()),
        Leaf::Stored(_, Pick::Label(label, _)) => Value::labelled(label.clone(), value.bare().clone()),
        _ => value.clone(),
    };
    (number, value)
}

fn one_key(field: &str, value: &str) -> Identity {
    Identity::Key(vec![(field.to_owned(), value.to_owned())])
}

fn merge(into: &mut Vec<Arc<Record>>, more: Vec<Arc<Record>>) {
    for record in more {
        if !into.iter().any(|known| known.id == record.id) {
            into.push(record);
        }
    }
}

/// Returns true where both records have values and share none.
fn differ(a: &Record, b: &Record, field: FieldNumber, key: impl Fn(&str) -> String) -> bool {
    let keys = |record: &Record| record.values(field).filter_map(Value::as_text).map(&key).collect::<Vec<String>>();
    let (a, b) = (keys(a), keys(b));
    !a.is_empty() && !b.is_empty() && !a.iter().any(|key| b.contains(key))
}

fn phone_key(phone: &str) -> String {
    phone_digits(phone)
}

fn person_name(contact: &Record) -> Option<String> {
    if let Some(name) = contact.text(number::CONTACT_NAME) {
        return Some(name.to_owned());
    }
    let parts: Vec<&str> = [number::GIVEN, number::FAMILY].iter().filter_map(|field| contact.text(*field)).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Returns the company of a contact's first job that has one.
pub(super) fn company_of(contact: &Record) -> Option<RecordId> {
    companies_of(contact).first().copied()
}

fn companies_of(contact: &Record) -> Vec<RecordId> {
    let company = |value: &Value| match value.bare() {
        Value::Job(job) => job.company,
        _ => None,
    };
    contact.values(number::JOBS).filter_map(company).collect()
}

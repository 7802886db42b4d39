//! Links by name: which record a cell means, and the making of those that are not
//! there. It must not know rows.

use std::cell::RefCell;
use std::sync::Arc;

use regex::Regex;

use super::identity::{id_key, own_key};
use super::matching::candidates;
use super::provenance::{Provenance, stands_for_another};
use super::world::World;
use crate::domain::fields::{self, number};
use crate::domain::naming::title;
use crate::domain::parse::{AnyField, Problem, Reading, Resolve, ValueError, email_domain, email_key, label, wrong_kind};
use crate::domain::{Job, Kind, Record, RecordId, Timestamp, Value, fill_defaults};
use crate::exchange::cell::clip;
use crate::exchange::mapping::Missing;
use crate::store::StoreError;

/// Kinds that a name alone can make.
const MADE_BY_NAME: &[Kind] =
    &[Kind::Contact, Kind::Company, Kind::Product, Kind::User, Kind::Team, Kind::Opportunity, Kind::Contract, Kind::Order];

/// Finds and makes the records that the cells of one column name.
pub(super) struct Links<'w, 's> {
    pub(super) world: &'w World<'s>,
    /// Whose ids stand in cells.
    pub(super) source: Option<&'w str>,
    /// Under which source records of another store of rolo are remembered.
    pub(super) elsewhere: &'w str,
    /// What to do where there is no such record.
    pub(super) missing: Missing,
    /// The one kind that is meant where the field takes several.
    pub(super) kind: Option<Kind>,
    /// Takes a cell apart.
    pub(super) pattern: Option<&'w Regex>,
    /// What the groups of the pattern are.
    pub(super) take: &'w [String],
    /// Whether the cell is a name; else it is an id or e-mail that stands in its place.
    pub(super) named: bool,
    /// Its id in the source, from a column of its own.
    pub(super) external: &'w str,
    /// Its e-mail, from a column of its own.
    pub(super) email: &'w str,
    /// The moment of the import.
    pub(super) now: Timestamp,
    /// The records made so far.
    pub(super) made: &'w RefCell<Vec<RecordId>>,
}

/// What a cell says of the record that it means.
#[derive(Debug, Default)]
struct Meant {
    name: String,
    email: String,
    external: String,
}

impl Resolve for Links<'_, '_> {
    fn resolve(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        let one;
        let kinds = match self.kind {
            Some(kind) => {
                one = [kind];
                &one[..]
            }
            None => kinds,
        };
        self.find_or_make(kinds, text.trim())
    }
}

impl Links<'_, '_> {
    fn find_or_make(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        let meant = self.meant(text);
        let known: Vec<Kind> = if kinds.is_empty() { Kind::public().collect() } else { kinds.to_vec() };
        let called = format!("{text}\u{1f}{}\u{1f}{}", self.external, self.email);
        if let [kind] = known.as_slice()
            && let Some(id) = self.world.remembered(*kind, &called)
        {
            return Ok(id);
        }
        let mut found: Vec<Arc<Record>> = Vec::new();
        for kind in &known {
            found.extend(self.find(*kind, &meant).map_err(|error| self.broken(error))?);
        }
        found.sort_by_key(|record| record.id);
        found.dedup_by_key(|record| record.id);
        if found.len() > 1 {
            // An exact spelling tells namesakes apart.
            let exact: Vec<_> = found.iter().filter(|record| title(record) == meant.name).cloned().collect();
            if exact.len() == 1 {
                found = exact;
            }
        }
        match found.as_slice() {
            [one] => {
                self.world.remember(one.kind(), &called, one.id);
                Ok(one.id)
            }
            [] => self.by_id_or_make(kinds, text, &meant),
            several => Err(ambiguous(text, several, self.world)),
        }
    }

    /// Returns the record that stands here for one of another store of rolo, found by
    /// its name if no other record stands for that, else made; nothing where the
    /// column says so.
    ///
    /// # Errors
    /// Several are called so, or none is and none may be made.
    pub(super) fn foreign(&self, id: RecordId, name: &str) -> Result<Option<RecordId>, ValueError> {
        let source = self.elsewhere;
        let key = own_key(source, id);
        let mut found = self.world.called(id.kind, name).map_err(|error| self.broken(error))?;
        let mut free = Vec::new();
        for record in found.drain(..) {
            let is_taken = stands_for_another(self.world, source, &record).map_err(|error| self.broken(error))?;
            if !is_taken {
                free.push(record);
            }
        }
        let provenance = Provenance::of(self.world, key).map_err(|error| self.broken(error))?;
        let record = match free.as_slice() {
            [one] => one.id,
            [] => match self.missing {
                // Its own row may come later, and makes it whole.
                Missing::Create => {
                    let meant = Meant { name: name.to_owned(), ..Meant::default() };
                    let stub = self.stub(id.kind, &meant);
                    let made = self.world.create(stub.clone());
                    self.made.borrow_mut().push(made);
                    provenance.keep_made(self.world, made, &stub);
                    return Ok(Some(made));
                }
                Missing::Blank => return Ok(None),
                Missing::Reject => {
                    let message = format!("there is no {} “{}” ({id} elsewhere)", id.kind, clip(name));
                    return Err(ValueError::new(Problem::NotFound, message).hint(format!("import {} first", id.kind.plural())));
                }
            },
            several => return Err(ambiguous(name, several, self.world)),
        };
        provenance.keep(self.world, record, provenance.marks(), None);
        Ok(Some(record))
    }

    /// Returns the contacts who have an e-mail address, all of them; where nobody has,
    /// the one that is made, of the company whose domain it is; nobody where none may be.
    /// Names alone make nobody the same: two people may share one.
    ///
    /// # Errors
    /// What the store answers.
    pub(super) fn people(&self, email: &str, name: &str) -> Result<Vec<RecordId>, ValueError> {
        let key = email_key(email);
        let remembered = format!("mailto:{key}");
        if let Some(id) = self.world.remembered(Kind::Contact, &remembered) {
            return Ok(vec![id]);
        }
        let found = self.world.having(Kind::Contact, number::CONTACT_EMAIL, &Value::text(email)).map_err(|error| self.broken(error))?;
        let has = |record: &Record| record.values(number::CONTACT_EMAIL).filter_map(Value::as_text).any(|known| email_key(known) == key);
        let found: Vec<Arc<Record>> = found.into_iter().filter(|record| has(record)).collect();
        if let [one] = found.as_slice() {
            let is_nameless = one.text(number::CONTACT_NAME).is_none_or(|known| email_key(known) == key);
            if !is_nameless {
                self.world.remember(Kind::Contact, &remembered, one.id);
            } else if !name.is_empty() && email_key(name) != key {
                let mut after = Record::clone(one);
                after.set(number::CONTACT_NAME, Value::text(name));
                self.world.put(after, one.version);
            }
        }
        if !found.is_empty() {
            return Ok(found.iter().map(|record| record.id).collect());
        }
        let mut made = self.stub(Kind::Contact, &Meant { name: name.to_owned(), email: email.to_owned(), external: String::new() });
        if self.missing != Missing::Create || !made.has(number::CONTACT_EMAIL) {
            return Ok(Vec::new());
        }
        if let Some(company) = company_of_email(self.world, email).map_err(|error| self.broken(error))? {
            made.push(number::JOBS, Value::Job(Box::new(Job { company: Some(company), ..Job::default() })));
        }
        let id = self.world.create(made);
        self.made.borrow_mut().push(id);
        Ok(vec![id])
    }

    fn broken(&self, error: StoreError) -> ValueError {
        let told = ValueError::refused(error.to_string());
        self.world.fail(error);
        told
    }

    fn meant(&self, text: &str) -> Meant {
        let mut meant = if self.named { self.written(text) } else { Meant::default() };
        for (own, beside) in [(&mut meant.external, self.external), (&mut meant.email, self.email)] {
            if own.is_empty() {
                beside.clone_into(own);
            }
        }
        meant
    }

    /// Returns what the cell itself says.
    fn written(&self, text: &str) -> Meant {
        let mut meant = Meant::default();
        if let Some(groups) = self.pattern.and_then(|pattern| pattern.captures(text)) {
            let group = |at: usize| groups.get(at).map_or("", |found| found.as_str()).trim().to_owned();
            if self.take.is_empty() {
                meant.name = if groups.len() > 1 { group(1) } else { group(0) };
                return meant;
            }
            for (at, part) in self.take.iter().enumerate() {
                match part.as_str() {
                    "external_id" | "id" => meant.external = group(at + 1),
                    "email" | "mail" => meant.email = group(at + 1),
                    _ => meant.name = group(at + 1),
                }
            }
            return meant;
        }
        meant.name = text.to_owned();
        if text.contains('@') && !text.contains(' ') {
            meant.email = text.to_owned();
        }
        meant
    }

    /// Returns the live records of a kind that are meant: by id in the source, else
    /// by e-mail, else by name.
    fn find(&self, kind: Kind, meant: &Meant) -> Result<Vec<Arc<Record>>, StoreError> {
        let source = self.source.map(label);
        if let Some(source) = &source {
            for id in [&meant.external, &meant.name] {
                let found = if id.is_empty() { Vec::new() } else { self.world.external(kind, source, id)? };
                if !found.is_empty() {
                    return Ok(found);
                }
            }
        }
        if let Some((source, id)) = meant.name.split_once(':') {
            let found = self.world.external(kind, &label(source), id.trim())?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        if !meant.email.is_empty()
            && let Some(field) = email_field(kind)
        {
            let key = email_key(&meant.email);
            let mut found = self.world.having(kind, field, &Value::text(&meant.email))?;
            found.retain(|record| record.values(field).filter_map(Value::as_text).any(|email| email_key(email) == key));
            if !found.is_empty() {
                self.note_id(&mut found, meant);
                return Ok(found);
            }
        }
        if meant.name.is_empty() {
            return Ok(Vec::new());
        }
        let mut found = self.world.called(kind, &meant.name)?;
        if let Some(field) = email_field(kind).filter(|_| !meant.email.is_empty()) {
            // A namesake who has other addresses is somebody else.
            found.retain(|record| !record.has(field));
        }
        self.note_id(&mut found, meant);
        Ok(found)
    }

    /// Leaves out whom the source knows by another id, and notes the id of the one that
    /// is left.
    fn note_id(&self, found: &mut Vec<Arc<Record>>, meant: &Meant) {
        let Some(source) = self.source.map(label).filter(|_| !meant.external.is_empty()) else { return };
        // Its source knows it by another id: it is somebody else.
        found.retain(|record| record.labelled(number::EXTERNAL_ID, &source).is_none());
        if let [one] = found.as_slice() {
            let mut after = Record::clone(one);
            after.push(number::EXTERNAL_ID, Value::labelled(source, Value::text(&meant.external)));
            self.world.put(after, one.version);
        }
    }

    fn by_id_or_make(&self, kinds: &[Kind], text: &str, meant: &Meant) -> Result<RecordId, ValueError> {
        if let Ok(id) = text.parse::<RecordId>() {
            let there = self.world.get(id).map_err(|error| self.broken(error))?.is_some();
            if there && (kinds.is_empty() || kinds.contains(&id.kind)) {
                return Ok(id);
            }
            if there {
                return Err(wrong_kind(id, kinds));
            }
        }
        let not_there = |kind: &str| ValueError::new(Problem::NotFound, format!("there is no {kind} “{}”", clip(text)));
        let [kind] = kinds else {
            return Err(not_there("record").hint("name the kind in the mapping: kind = \"company\""));
        };
        if self.missing != Missing::Create {
            return Err(not_there(kind.name()));
        }
        if !MADE_BY_NAME.contains(kind) {
            return Err(not_there(kind.name()).hint(format!("a {kind} is not made of its name alone: import {} first", kind.plural())));
        }
        let stub = self.stub(*kind, meant);
        let id = self.world.create(stub.clone());
        self.made.borrow_mut().push(id);
        if let Some(source) = self.source.map(label).filter(|_| !meant.external.is_empty()) {
            // Its own row may come later, and makes it whole.
            let provenance = Provenance::of(self.world, id_key(&source, *kind, &meant.external)).map_err(|error| self.broken(error))?;
            if provenance.is_new() {
                provenance.keep_made(self.world, id, &stub);
            }
        }
        Ok(id)
    }

    /// Returns a record that has only what a cell says of it.
    fn stub(&self, kind: Kind, meant: &Meant) -> Record {
        let mut record = Record::new(RecordId::new(kind, 0));
        let name = if meant.name.is_empty() { &meant.email } else { &meant.name };
        let name = if name.is_empty() { &meant.external } else { name };
        let field = match kind {
            Kind::User => Some(number::USER_NAME),
            Kind::Interaction => Some(number::INTERACTION_SUBJECT),
            // An event is called by what it happened to.
            Kind::Event => None,
            kind => fields::title_field(kind).map(|f| f.number),
        };
        if let Some(field) = field {
            record.set(field, Value::text(name.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        if !meant.email.is_empty()
            && let Some(field) = email_field(kind).and_then(|number| fields::field_by_number(kind, number))
            && let Ok(Some(email)) = AnyField::Builtin(field).parse(&meant.email, &Reading::new(self.world.definitions(), Timestamp::EPOCH))
        {
            record.push(field.number, email);
        }
        if let Some(source) = self.source.map(label)
            && !meant.external.is_empty()
        {
            record.push(number::EXTERNAL_ID, Value::labelled(source, Value::text(&meant.external)));
        }
        fill_defaults(&mut record, self.world.definitions(), self.now);
        record
    }
}

/// Returns the company whose domain an e-mail address is of, unless it is a public mail
/// provider's or several companies have it; `mail.acme.example` is acme.example's.
pub(super) fn company_of_email(world: &World<'_>, email: &str) -> Result<Option<RecordId>, StoreError> {
    let mut domain = email_domain(email).unwrap_or_default().to_lowercase();
    loop {
        if !domain.contains('.') || world.definitions().settings.is_public_mail(&domain) {
            return Ok(None);
        }
        let mut found = world.having(Kind::Company, number::DOMAIN, &Value::text(&domain))?;
        found.retain(|record| record.values(number::DOMAIN).any(|known| known.as_text() == Some(&domain)));
        match found.as_slice() {
            [one] => return Ok(Some(one.id)),
            [] => domain = domain.split_once('.').map_or(String::new(), |(_, rest)| rest.to_owned()),
            _ => return Ok(None),
        }
    }
}

fn email_field(kind: Kind) -> Option<u16> {
    match kind {
        Kind::Contact => Some(number::CONTACT_EMAIL),
        Kind::Company => Some(number::COMPANY_EMAIL),
        Kind::User => Some(number::USER_EMAIL),
        _ => None,
    }
}

fn ambiguous(text: &str, several: &[Arc<Record>], world: &World<'_>) -> ValueError {
    let ids: Vec<RecordId> = several.iter().map(|record| record.id).collect();
    let message = format!("“{}” fits several: {}", clip(text), candidates(several, world));
    ValueError::new(Problem::Ambiguous(ids), message).hint("write the id of the one that is meant, or its e-mail")
}

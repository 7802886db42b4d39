//! Which record a text means: its id, or exactly its name, e-mail address, login,
//! number or id elsewhere; else the one record whose name is the same without regard
//! to case and diacritics. Several: all are named. None: the nearest is.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::sync::Arc;

use super::{ActionError, Desk};
use crate::domain::fields::{self, number};
use crate::domain::naming::title;
use crate::domain::parse::{Resolve, quoted, wrong_kind};
use crate::domain::{FieldNumber, Kind, Problem, Record, RecordId, Value, ValueError, fold};
use crate::query::{Query, index};
use crate::store::api::{PageRequest, Trash, new_id};
use crate::store::known::Known;
use crate::store::leading::leading;
use crate::store::walk::Walk;

/// Kinds whose records people call by name, those that are meant most often first.
const NAMED: &[Kind] = &[
    Kind::Contact,
    Kind::Company,
    Kind::Opportunity,
    Kind::Ticket,
    Kind::Task,
    Kind::Product,
    Kind::Order,
    Kind::Contract,
    Kind::User,
    Kind::Team,
    Kind::Document,
    Kind::Quote,
    Kind::Article,
];
/// How many records of one name are told apart.
const MOST_NAMESAKES: usize = 50;
/// How many are named in a message.
const SHOWN: usize = 10;
/// The `new:N` number of a user record that is still to be made.
pub(super) const NEW_USER: u64 = 1 << 40;

/// Returns the record of one of these kinds (none named means any) that a text means.
///
/// # Errors
/// Exit 4: no such record, with the nearest; or several, which are listed.
pub fn resolve(desk: &Desk, kinds: &[Kind], text: &str) -> Result<RecordId, ActionError> {
    let resolver = Resolver::new(desk);
    resolver.existing(kinds, text).map_err(|error| resolver.lift(error))
}

/// Returns the record that a text means; of an id the record itself, also where it was
/// merged into another one and its id leads there.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_itself(desk: &Desk, text: &str) -> Result<RecordId, ActionError> {
    match text.trim().parse::<RecordId>() {
        Ok(id) if desk.store.get(&[id])?.pop().flatten().is_some() => Ok(id),
        _ => resolve(desk, &[], text),
    }
}

/// Returns the records that these texts mean.
///
/// # Errors
/// As [`resolve`].
pub fn resolve_all<T: AsRef<str>>(desk: &Desk, kinds: &[Kind], texts: &[T]) -> Result<Vec<RecordId>, ActionError> {
    let resolver = Resolver::new(desk);
    texts.iter().map(|text| resolver.existing(kinds, text.as_ref()).map_err(|error| resolver.lift(error))).collect()
}

/// Returns the user with this login.
///
/// # Errors
/// What the store answers.
pub fn user_of(desk: &Desk, login: &str) -> Result<Option<RecordId>, ActionError> {
    Ok(users(desk)?.iter().find(|user| user.text(number::LOGIN) == Some(login)).map(|user| user.id))
}

/// Who finds records by name for values that are read. `me` may be a user that has no
/// record yet: it is then a `new:N` reference, and [`Resolver::new_user`] tells so.
pub struct Resolver<'d> {
    desk: &'d Desk,
    me: Cell<Option<RecordId>>,
    users: RefCell<Option<Vec<Arc<Record>>>>,
    found: RefCell<HashMap<(Vec<Kind>, String), RecordId>>,
    /// What the store answered when it could not be asked.
    failure: RefCell<Option<ActionError>>,
}

impl std::fmt::Debug for Resolver<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolver").field("me", &self.me).finish_non_exhaustive()
    }
}

impl Resolve for Resolver<'_> {
    fn resolve(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        let key = (kinds.to_vec(), text.to_owned());
        if let Some(id) = self.found.borrow().get(&key) {
            return Ok(*id);
        }
        let id = self.find(kinds, text.trim())?;
        self.found.borrow_mut().insert(key, id);
        Ok(id)
    }
}

impl<'d> Resolver<'d> {
    /// Returns who finds records of a desk's store.
    pub fn new(desk: &'d Desk) -> Self {
        Self { desk, me: Cell::new(None), users: RefCell::new(None), found: RefCell::default(), failure: RefCell::default() }
    }

    /// Returns the user's own record, or a `new:N` reference to one that is to be made.
    ///
    /// # Errors
    /// What the store answers.
    pub fn me(&self) -> Result<RecordId, ActionError> {
        if let Some(me) = self.me.get() {
            return Ok(me);
        }
        let login = &self.desk.author.login;
        let known = self.users()?.iter().find(|user| user.text(number::LOGIN) == Some(login)).map(|user| user.id);
        let me = known.unwrap_or(new_id(Kind::User, NEW_USER));
        self.me.set(Some(me));
        Ok(me)
    }

    /// Returns the reference to the user's record if it was asked for and is to be made.
    pub fn new_user(&self) -> Option<RecordId> {
        self.me.get().filter(|me| *me == new_id(Kind::User, NEW_USER))
    }

    /// Returns a value's error as an action's; one of the store keeps its own kind.
    pub fn lift(&self, error: ValueError) -> ActionError {
        self.failure.take().unwrap_or_else(|| error.into())
    }

    /// Remembers an error of the store on its way through a value's.
    fn failed(&self, error: ActionError) -> ValueError {
        let told = ValueError::refused(error.message.clone());
        *self.failure.borrow_mut() = Some(error);
        told
    }

    /// As [`Resolve::resolve`], but `me` without a record is not found.
    fn existing(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        let id = self.resolve(kinds, text)?;
        if Some(id) == self.new_user() {
            let message = format!("there is no user with the login {} yet", quoted(&self.desk.author.login));
            return Err(ValueError::new(Problem::NotFound, message));
        }
        Ok(id)
    }

    fn users(&self) -> Result<Vec<Arc<Record>>, ActionError> {
        if self.users.borrow().is_none() {
            *self.users.borrow_mut() = Some(users(self.desk)?);
        }
        Ok(self.users.borrow().clone().unwrap_or_default())
    }

    fn find(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        let kinds = if kinds.is_empty() { NAMED } else { kinds };
        let id = text.parse::<RecordId>().ok();
        if let Some(id) = id
            && (kinds.contains(&id.kind) || std::ptr::eq(kinds, NAMED))
            && self.get(&[id])?.len() == 1
        {
            return leading(&*self.desk.store, id).map_err(|error| self.failed(error.into()));
        }
        if kinds.contains(&Kind::User) && text.eq_ignore_ascii_case("me") {
            return self.me().map_err(|error| self.failed(error));
        }
        let mut candidates = Vec::new();
        for &kind in kinds {
            self.candidates(kind, text, &mut candidates)?;
        }
        candidates.dedup_by_key(|record| record.id);
        // An exact spelling tells namesakes apart.
        let exact: Vec<&Arc<Record>> = candidates.iter().filter(|record| title(record) == text || is_exact(record, text)).collect();
        let fitting: Vec<&Arc<Record>> = if exact.is_empty() { candidates.iter().collect() } else { exact };
        match fitting.as_slice() {
            [one] => Ok(one.id),
            [] => match id {
                Some(id) if !kinds.contains(&id.kind) && !std::ptr::eq(kinds, NAMED) => Err(wrong_kind(id, kinds)),
                Some(id) => Err(ValueError::new(Problem::NotFound, format!("there is no {} {id}", id.kind))),
                None => Err(self.unknown(kinds, text)),
            },
            several => Err(self.ambiguous(text, several)),
        }
    }

    /// Adds the live records of a kind that a text may mean, each checked.
    fn candidates(&self, kind: Kind, text: &str, found: &mut Vec<Arc<Record>>) -> Result<(), ValueError> {
        if kind == Kind::User {
            let users = self.users().map_err(|error| self.failed(error))?;
            found.extend(users.into_iter().filter(|user| is_called(user, text) || is_exact(user, text)));
            return Ok(());
        }
        let mut keys: Vec<(FieldNumber, Value)> = Vec::new();
        if let Some(field) = fields::title_field(kind) {
            keys.push((field.number, Value::text(text)));
        }
        match kind {
            Kind::Contact if text.contains('@') => keys.push((number::CONTACT_EMAIL, Value::text(text))),
            Kind::Company if text.contains('@') => keys.push((number::COMPANY_EMAIL, Value::text(text))),
            Kind::Company => keys.push((number::DOMAIN, Value::text(text))),
            Kind::Product => keys.push((number::SKU, Value::text(text))),
            _ => {}
        }
        if let Some((source, id)) = text.split_once(':') {
            keys.push((number::EXTERNAL_ID, Value::labelled(source.trim().to_lowercase(), Value::text(id.trim()))));
        }
        for (field, value) in keys {
            let Some(key) = index::key_of(kind, field, &value) else { continue };
            let ids = self.desk.store.lookup(kind, field, &key, MOST_NAMESAKES).map_err(|error| self.failed(error.into()))?;
            found.extend(self.get(&ids)?.into_iter().filter(|record| is_called(record, text) || is_exact(record, text)));
        }
        found.sort_by_key(|record| record.id);
        Ok(())
    }

    fn get(&self, ids: &[RecordId]) -> Result<Vec<Arc<Record>>, ValueError> {
        Ok(self.desk.store.get(ids).map_err(|error| self.failed(error.into()))?.into_iter().flatten().collect())
    }

    fn ambiguous(&self, text: &str, several: &[&Arc<Record>]) -> ValueError {
        let known = Known::new(&*self.desk.store);
        let mut lines: Vec<String> = several.iter().take(SHOWN).map(|record| described(record, &known)).collect();
        if several.len() > SHOWN {
            lines.push("\u{2026}".to_owned());
        }
        let message = format!("{} fits several: {}", quoted(text), lines.join("; "));
        ValueError::new(Problem::Ambiguous(several.iter().map(|record| record.id).collect()), message).hint("name one by its id")
    }

    fn unknown(&self, kinds: &[Kind], text: &str) -> ValueError {
        let what = if std::ptr::eq(kinds, NAMED) {
            "record".to_owned()
        } else {
            kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ")
        };
        let error = ValueError::new(Problem::NotFound, format!("there is no {what} {}", quoted(text)));
        match self.nearest(kinds, text) {
            Some(near) => error.hint(format!("did you mean {} ({})?", quoted(&title(&near)), near.id)),
            None if std::ptr::eq(kinds, NAMED) => error,
            None => {
                let makings: Vec<String> = kinds.iter().filter_map(|kind| making(*kind, text)).collect();
                if makings.is_empty() { error } else { error.hint(format!("make it first: {}", makings.join(", or "))) }
            }
        }
    }

    /// Returns the record whose name is nearest, of those that share the beginning of
    /// a word with the text.
    fn nearest(&self, kinds: &[Kind], text: &str) -> Option<Arc<Record>> {
        const PAGE: usize = 200;
        let mut found: Vec<Arc<Record>> = Vec::new();
        for &kind in kinds {
            if kind == Kind::User {
                found.extend(self.users().ok()?);
                continue;
            }
            for word in text.split_whitespace().filter(|word| word.chars().count() > 1).take(3) {
                // The slip may stand early: of a short word two letters count.
                let letters = if word.chars().count() > 6 { 3 } else { 2 };
                let begin: String = word.chars().filter(|c| c.is_alphanumeric()).take(letters).collect();
                let definitions = self.desk.definitions();
                let Ok(query) = Query::parse(&format!("\"{begin}\""), kind, &definitions) else { continue };
                let page = self.desk.store.query(&PageRequest {
                    kind,
                    query: Some(Arc::new(query)),
                    sort: Vec::new(),
                    after: None,
                    offset: 0,
                    limit: PAGE,
                    records: true,
                    total: false,
                    trash: Trash::Without,
                    at_least: None,
                    view: self.desk.view(),
                });
                found.extend(page.ok()?.records);
            }
        }
        let names: Vec<String> = found.iter().map(|record| title(record)).collect();
        let near = fold::nearest(text, names.iter().map(String::as_str))?;
        let at = names.iter().position(|name| name == near)?;
        found.into_iter().nth(at)
    }
}

/// Returns the command that makes a record of this name, as it is typed behind `rolo`
/// and `:` alike; none for kinds that are not called by a name.
fn making(kind: Kind, text: &str) -> Option<String> {
    if text.chars().any(char::is_control) {
        return None;
    }
    let field = match kind {
        Kind::Contact | Kind::Company | Kind::User if text.contains('@') => "email",
        Kind::User => "name",
        Kind::Interaction | Kind::Event => return None,
        kind => fields::title_field(kind)?.name,
    };
    let is_plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "@.-_+".contains(c));
    let value = if is_plain { text.to_owned() } else { format!("\"{}\"", text.replace(['"', '\\', '$', '`'], "")) };
    Some(format!("add {kind} {field}={value}"))
}

/// Returns a record as one of several is named: `c3 Jan Novák (Acme, jan@acme.example)`.
pub fn described(record: &Record, lookup: &dyn crate::domain::Lookup) -> String {
    let email = [number::CONTACT_EMAIL, number::COMPANY_EMAIL, number::USER_EMAIL]
        .into_iter()
        .filter(|field| fields::field_by_number(record.kind(), *field).is_some())
        .find_map(|field| record.text(field));
    let mut firms = Vec::new();
    record.links(&mut |field, to| {
        if to.kind == Kind::Company && field != number::CONTACT_REFERRED_BY {
            firms.extend(lookup.title(to));
        }
    });
    let more: Vec<&str> = firms.first().map(String::as_str).into_iter().chain(email).collect();
    let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join(", ")) };
    format!("{} {}{more}", record.id, title(record))
}

/// Returns whether a record has this name without regard to case and diacritics.
fn is_called(record: &Record, text: &str) -> bool {
    fold::fold(title(record).trim()) == fold::fold(text.trim())
}

/// Returns whether one of a record's unmistakable fields says this: e-mail, login,
/// domain, sku, external id.
fn is_exact(record: &Record, text: &str) -> bool {
    let own = match record.kind() {
        Kind::Contact => &[number::CONTACT_EMAIL][..],
        Kind::Company => &[number::COMPANY_EMAIL, number::DOMAIN],
        Kind::User => &[number::LOGIN, number::USER_EMAIL],
        Kind::Product => &[number::SKU],
        Kind::Order => &[number::ORDER_NUMBER],
        Kind::Quote => &[number::QUOTE_NUMBER],
        _ => &[],
    };
    let folded = fold::fold(text);
    let says = own.iter().flat_map(|field| record.values(*field)).filter_map(Value::as_text).any(|value| fold::fold(value) == folded);
    says || record.values(number::EXTERNAL_ID).any(|value| {
        text.split_once(':').is_some_and(|(source, id)| {
            value.label().is_some_and(|label| label.eq_ignore_ascii_case(source.trim())) && value.as_text() == Some(id.trim())
        })
    })
}

fn users(desk: &Desk) -> Result<Vec<Arc<Record>>, ActionError> {
    let mut users = Vec::new();
    Walk::new(Kind::User, desk.view()).each(&*desk.store, |user| {
        users.push(Arc::clone(user));
        Ok::<(), ActionError>(())
    })?;
    Ok(users)
}

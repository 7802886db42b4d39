//! Interactions as letters: who of a record's people wrote to whom, so that the mailbox
//! that is written reads back as the same records. It must not know how mail is written.

use std::io::Write;

use super::export::ExportError;
use super::going_along::came_with;
use super::mail::{Answer, Letter, Mailbox, TEAM_ADDRESS, id_of_record, mbox};
use crate::domain::fields::number;
use crate::domain::{Kind, Lookup, Record, Value, naming};
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::known::Known;

/// Writes interactions of a store as messages of a mailbox.
pub struct Letters<'s> {
    store: &'s dyn Store,
    names: &'s Known<'s>,
    me: Option<Mailbox>,
}

impl<'s> Letters<'s> {
    /// Returns a writer for whoever looks at the store.
    ///
    /// # Errors
    /// What the store answers.
    pub fn new(store: &'s dyn Store, names: &'s Known<'s>, view: &View) -> Result<Self, StoreError> {
        let login = crate::query::index::key_of(Kind::User, number::LOGIN, &Value::text(&view.login));
        let found = login.map_or_else(|| Ok(Vec::new()), |key| store.lookup(Kind::User, number::LOGIN, &key, 2))?;
        let me = found.first().and_then(|id| names.record(*id)).and_then(|user| mailbox(&user, number::USER_EMAIL));
        Ok(Self { store, names, me })
    }

    /// Writes an interaction, with the files that are kept of it.
    ///
    /// # Errors
    /// What the store and the sink give.
    pub fn write(&self, record: &Record, out: &mut dyn Write) -> Result<(), ExportError> {
        let mut letter = letter(record, self.names, self.me.as_ref());
        letter.files = came_with(self.store, self.names, record.id, &|_| true)?;
        mbox::write(out, &letter.from.address, letter.at, &letter.message())?;
        Ok(())
    }
}

/// The address of a contact who has none.
const NOWHERE: &str = "rolo.invalid";

/// Returns the letter that an interaction is; `me` is the address of whoever exports.
fn letter(record: &Record, lookup: &dyn Lookup, me: Option<&Mailbox>) -> Letter {
    let text = |field| record.text(field).unwrap_or_default().to_owned();
    let owner = record.link(number::OWNER).and_then(|owner| lookup.record(owner)).and_then(|owner| mailbox(&owner, number::USER_EMAIL));
    let team = || Mailbox { name: String::new(), address: TEAM_ADDRESS.to_owned() };
    let own = owner.or_else(|| me.cloned()).unwrap_or_else(team);
    let links = record.values(number::INTERACTION_CONTACT).filter_map(Value::as_link);
    let people: Vec<Mailbox> = links
        .map(|contact| {
            let known = lookup.record(contact);
            let found = known.as_ref().and_then(|contact| mailbox(contact, number::CONTACT_EMAIL));
            found.unwrap_or_else(|| Mailbox {
                name: known.as_ref().map(|contact| naming::title(contact)).unwrap_or_default(),
                address: format!("{contact}@{NOWHERE}"),
            })
        })
        .collect();
    let is_mail = record.text(number::CHANNEL) == Some("email");
    let answer =
        [Answer::Bounce, Answer::AutoReply, Answer::Automatic].into_iter().find(|one| record.text(number::OUTCOME) == Some(one.word()));
    let mut letter = Letter {
        message_id: match record.text(number::MESSAGE_ID) {
            Some(id) if is_mail => id.to_owned(),
            _ => id_of_record(record.id, record.recorded_at),
        },
        thread: is_mail.then(|| record.text(number::THREAD).map(str::to_owned)).flatten(),
        at: Some(record.time(number::INTERACTION_AT).unwrap_or(record.recorded_at)),
        subject: text(number::INTERACTION_SUBJECT),
        body: text(number::INTERACTION_BODY),
        answer,
        channel: record.text(number::CHANNEL).filter(|_| !is_mail).map(str::to_owned),
        ..Letter::default()
    };
    if answer == Some(Answer::Bounce) {
        letter.from = Mailbox { name: String::new(), address: format!("mailer-daemon@{NOWHERE}") };
        letter.failed = people.into_iter().map(|one| one.address).collect();
        letter.delivered_to = Some(own.address.clone());
        letter.to = vec![own];
    } else if record.text(number::DIRECTION) == Some("in")
        && let Some((first, others)) = people.split_first()
    {
        letter.from = first.clone();
        letter.delivered_to = Some(own.address.clone());
        letter.to = vec![own];
        letter.cc = others.to_vec();
    } else if record.text(number::DIRECTION) == Some("in") {
        letter.from = Mailbox { name: String::new(), address: format!("nobody@{NOWHERE}") };
        letter.delivered_to = Some(own.address.clone());
        letter.to = vec![own];
    } else {
        letter.from = own;
        letter.to = if people.is_empty() { vec![team()] } else { people };
    }
    letter
}

/// Returns a person's first address, with the name unless that is the address.
fn mailbox(person: &Record, field: u16) -> Option<Mailbox> {
    let address = person.text(field)?.to_owned();
    let name = naming::title(person);
    Some(Mailbox { name: if name == address { String::new() } else { name }, address })
}

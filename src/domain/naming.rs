//! What records are called: none is refused for lacking a name.
//!
//! A contact without a whole name is called by its given and family name, else its
//! e-mail, phone or external id; an opportunity by its company and product. Such a
//! name is stored like one that was typed, so that sorting, searching and matching
//! see what people see, and it follows its parts as long as nobody writes another.
//! The other way round nothing is guessed: a whole name is never split into given
//! and family name, because nobody can tell "van der Berg" from two first names.

use super::fields::{self, number};
use super::{FieldNumber, Kind, Lookup, Record, Value};

/// Returns what a record is called on screen: its name, else what it says first, else
/// its id. One line.
pub fn title(record: &Record) -> String {
    let own = match record.kind() {
        Kind::Interaction => first_line(record, &[number::INTERACTION_SUBJECT, number::INTERACTION_BODY, number::CHANNEL]),
        Kind::Ticket => first_line(record, &[number::TICKET_SUBJECT, number::TICKET_BODY]),
        Kind::Event => event(record),
        Kind::User => first_line(record, &[number::USER_NAME, number::LOGIN, number::USER_EMAIL]),
        Kind::Product => first_line(record, &[number::PRODUCT_NAME, number::SKU]),
        Kind::Contact => first_line(record, &[number::CONTACT_NAME]).or_else(|| from_parts(record)),
        Kind::Company => first_line(record, &[number::COMPANY_NAME, number::DOMAIN, number::COMPANY_EMAIL]),
        kind => fields::title_field(kind).and_then(|field| first_line(record, &[field.number])),
    };
    own.or_else(|| external_id(record)).unwrap_or_else(|| record.id.to_string())
}

fn first_line(record: &Record, fields: &[FieldNumber]) -> Option<String> {
    fields.iter().filter_map(|field| record.text(*field)).find_map(|text| {
        let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
        Some(line.to_owned())
    })
}

fn event(record: &Record) -> Option<String> {
    let field = record.text(number::EVENT_FIELD)?;
    let side = |number| record.first(number).map(|value: &Value| value.plain());
    Some(match (side(number::EVENT_FROM), side(number::EVENT_TO)) {
        (Some(from), Some(to)) => format!("{field}: {from} → {to}"),
        (None, Some(to)) => format!("{field}: {to}"),
        (Some(from), None) => format!("{field}: {from} → "),
        (None, None) => field.to_owned(),
    })
}

fn external_id(record: &Record) -> Option<String> {
    let id = record.first(number::EXTERNAL_ID)?;
    Some(format!("{}:{}", id.label().unwrap_or_default(), id.plain()))
}

fn from_parts(contact: &Record) -> Option<String> {
    let parts: Vec<&str> = [number::GIVEN, number::FAMILY].iter().filter_map(|field| contact.text(*field)).collect();
    if !parts.is_empty() {
        return Some(parts.join(" "));
    }
    first_line(contact, &[number::NICKNAME, number::CONTACT_EMAIL, number::CONTACT_PHONE])
}

/// Returns whether a contact is called by its address, number or id, having no name.
pub fn is_nameless(contact: &Record) -> bool {
    let Some(name) = contact.text(number::CONTACT_NAME) else {
        return !contact.has(number::GIVEN) && !contact.has(number::FAMILY);
    };
    let mut nameless = contact.clone();
    for field in [number::CONTACT_NAME, number::GIVEN, number::FAMILY] {
        nameless.clear(field);
    }
    title(&nameless) == name
}

/// Returns the name that a record without one is given, if it is of a kind that is.
fn composed(record: &Record, lookup: &dyn Lookup) -> Option<String> {
    let name = match record.kind() {
        Kind::Contact => from_parts(record).or_else(|| external_id(record)),
        Kind::Company => first_line(record, &[number::DOMAIN, number::COMPANY_EMAIL]).or_else(|| external_id(record)),
        Kind::Opportunity => {
            let name = |field| record.link(field).and_then(|id| lookup.title(id));
            match (name(number::OPPORTUNITY_COMPANY), name(number::OPPORTUNITY_PRODUCT)) {
                (Some(company), Some(product)) => Some(format!("{company}, {product}")),
                (Some(one), None) | (None, Some(one)) => Some(one),
                (None, None) => name(number::OPPORTUNITY_CONTACT).or_else(|| external_id(record)),
            }
        }
        _ => None,
    };
    // As a name is read: with single spaces.
    name.map(|name| name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Gives a contact, company or opportunity without a name its composed one, and lets a
/// composed name follow its parts. `place` (`SOURCE:LINE`) names what has nothing else
/// to be called by.
///
/// A name counts as composed while it is what the record `before` would have been
/// called; if the linked company was renamed meanwhile it counts as typed.
pub fn complete_name(before: Option<&Record>, after: &mut Record, lookup: &dyn Lookup, place: Option<&str>) {
    if !matches!(after.kind(), Kind::Contact | Kind::Company | Kind::Opportunity) {
        return;
    }
    let Some(field) = fields::title_field(after.kind()) else { return };
    if let Some(name) = after.text(field.number).filter(|name| !name.is_empty()) {
        let follows =
            before.is_some_and(|before| before.text(field.number) == Some(name) && composed(before, lookup).as_deref() == Some(name));
        if !follows {
            return;
        }
    }
    if let Some(name) = composed(after, lookup).or_else(|| place.map(str::to_owned)) {
        after.set(field.number, Value::Text(name));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use super::*;
    use crate::domain::{NoLookup, RecordId};

    fn contact(fields: &[(FieldNumber, &str)]) -> Record {
        let mut record = Record::new(RecordId::new(Kind::Contact, 7));
        fields.iter().for_each(|(field, text)| record.push(*field, Value::text(*text)));
        record
    }

    fn named(record: &Record) -> Option<String> {
        let mut record = record.clone();
        complete_name(None, &mut record, &NoLookup, Some("hq:12"));
        record.text(number::CONTACT_NAME).map(str::to_owned)
    }

    #[test]
    fn a_contact_is_called_by_what_it_has() {
        let mut record = contact(&[]);
        assert_eq!(named(&record).as_deref(), Some("hq:12"));
        record.push(number::EXTERNAL_ID, Value::labelled("hubspot", Value::text("4711")));
        assert_eq!(named(&record).as_deref(), Some("hubspot:4711"));
        record.push(number::CONTACT_PHONE, Value::labelled("work", Value::text("+420601123456")));
        assert_eq!(named(&record).as_deref(), Some("+420601123456"));
        record.push(number::CONTACT_EMAIL, Value::text("ada@example.com"));
        assert_eq!(named(&record).as_deref(), Some("ada@example.com"));
        record.push(number::FAMILY, Value::text("Novák"));
        assert_eq!(named(&record).as_deref(), Some("Novák"));
        record.push(number::GIVEN, Value::text("Ada"));
        assert_eq!(named(&record).as_deref(), Some("Ada Novák"));
        record.set(number::CONTACT_NAME, Value::text("Dr. N"));
        assert_eq!(named(&record).as_deref(), Some("Dr. N"));
        assert_eq!(title(&contact(&[])), "c7");
    }

    #[test]
    fn a_composed_name_follows_its_parts_and_a_typed_one_stays() {
        let before = contact(&[(number::CONTACT_NAME, "Ada Novák"), (number::GIVEN, "Ada"), (number::FAMILY, "Novák")]);
        let mut after = before.clone();
        after.set(number::FAMILY, Value::text("Dvořák"));
        complete_name(Some(&before), &mut after, &NoLookup, None);
        assert_eq!(after.text(number::CONTACT_NAME), Some("Ada Dvořák"));
        let mut typed = before.clone();
        typed.set(number::CONTACT_NAME, Value::text("Ada N."));
        complete_name(Some(&before), &mut typed, &NoLookup, None);
        let mut later = typed.clone();
        later.set(number::FAMILY, Value::text("Dvořák"));
        complete_name(Some(&typed), &mut later, &NoLookup, None);
        assert_eq!(later.text(number::CONTACT_NAME), Some("Ada N."));
        let mut cleared = typed.clone();
        cleared.clear(number::CONTACT_NAME);
        complete_name(Some(&typed), &mut cleared, &NoLookup, None);
        assert_eq!(cleared.text(number::CONTACT_NAME), Some("Ada Novák"));
    }

    #[test]
    fn an_opportunity_is_called_by_company_and_product() {
        struct Both;
        impl Lookup for Both {
            fn record(&self, id: RecordId) -> Option<Arc<Record>> {
                let mut record = Record::new(id);
                let (field, name) =
                    if id.kind == Kind::Company { (number::COMPANY_NAME, "Acme") } else { (number::PRODUCT_NAME, "GTX Pro") };
                record.set(field, Value::text(name));
                Some(Arc::new(record))
            }
        }
        let mut deal = Record::new(RecordId::new(Kind::Opportunity, 1));
        deal.set(number::OPPORTUNITY_COMPANY, Value::Link(RecordId::new(Kind::Company, 1)));
        complete_name(None, &mut deal, &Both, None);
        assert_eq!(title(&deal), "Acme");
        let before = deal.clone();
        deal.set(number::OPPORTUNITY_PRODUCT, Value::Link(RecordId::new(Kind::Product, 1)));
        complete_name(Some(&before), &mut deal, &Both, None);
        assert_eq!(title(&deal), "Acme, GTX Pro");
    }

    #[test]
    fn what_has_no_name_is_called_by_what_it_says() {
        let mut call = Record::new(RecordId::new(Kind::Interaction, 1));
        assert_eq!(title(&call), "i1");
        call.set(number::CHANNEL, Value::text("call"));
        assert_eq!(title(&call), "call");
        call.set(number::INTERACTION_BODY, Value::text("\n\nAgreed on 3 years\nand more"));
        assert_eq!(title(&call), "Agreed on 3 years");
        let mut event = Record::new(RecordId::new(Kind::Event, 1));
        event.set(number::EVENT_FIELD, Value::text("stage"));
        event.set(number::EVENT_TO, Value::text("won"));
        assert_eq!(title(&event), "stage: won");
    }
}

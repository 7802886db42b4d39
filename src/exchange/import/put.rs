//! Values put where a field's name says: the whole field, the value under a label or
//! at a position, a part of an address, job or line. It must not know rows.

use crate::domain::fields::number;
use crate::domain::parse::email_key;
use crate::domain::{FieldNumber, FieldRef, FieldType, Leaf, Part, Pick, Record, StoredField, Value};

/// How values meet those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// They replace them.
    Set,
    /// A field that repeats keeps them and takes the new ones too.
    Add,
    /// As `Add`, without what is there under another label: two programs name one
    /// number differently.
    Join,
}

/// Puts values into the field; none empties it.
pub(super) fn put(record: &mut Record, field: &FieldRef, values: &[Value], mode: Mode) {
    match field.leaf() {
        Leaf::Custom(custom) => {
            let mut kept: Vec<Value> = record.values(number::CUSTOM).cloned().collect();
            let at = kept.iter().position(|value| value.label() == Some(&custom.name));
            let new = values.first().map(|value| Value::labelled(custom.name.clone(), value.bare().clone()));
            place(&mut kept, at, new);
            record.replace(number::CUSTOM, kept);
        }
        Leaf::Stored(StoredField { field, part: None }, pick) | Leaf::LinkId(StoredField { field, part: None }, pick) => {
            if !field.repeats {
                record.replace(field.number, values.iter().take(1).cloned());
                return;
            }
            let kept: Vec<Value> = record.values(field.number).cloned().collect();
            record.replace(field.number, picked(kept, pick, values, mode, field.ty));
        }
        Leaf::Stored(StoredField { field, part: Some(part) }, pick) | Leaf::LinkId(StoredField { field, part: Some(part) }, pick) => {
            put_part(record, field.number, field.ty, *part, pick, values.first());
        }
        Leaf::Label(field, position) => {
            let mut kept: Vec<Value> = record.values(field.number).cloned().collect();
            if let (Some(value), Some(label)) = (kept.get_mut(position - 1), values.first().and_then(Value::as_text)) {
                *value = Value::labelled(crate::domain::parse::label(label), value.bare().clone());
            }
            record.replace(field.number, kept);
        }
        Leaf::System(_) | Leaf::Rollup(_) | Leaf::Followed(..) => {}
    }
}

/// Returns true where the record has a value there.
pub(super) fn has(record: &Record, field: &FieldRef) -> bool {
    !field.get(record, &crate::domain::NoLookup).is_empty()
}

fn place(kept: &mut Vec<Value>, at: Option<usize>, new: Option<Value>) {
    match (at, new) {
        (Some(at), Some(new)) => kept[at] = new,
        (Some(at), None) => {
            kept.remove(at);
        }
        (None, Some(new)) => kept.push(new),
        (None, None) => {}
    }
}

fn picked(mut kept: Vec<Value>, pick: &Pick, values: &[Value], mode: Mode, ty: FieldType) -> Vec<Value> {
    match pick {
        Pick::All if mode == Mode::Set => values.to_vec(),
        Pick::All => {
            values.iter().for_each(|value| add(&mut kept, value, ty));
            kept
        }
        Pick::Label(label, _) if mode == Mode::Join && is_elsewhere(&kept, label, values, ty) => kept,
        // One value is that of the first of its label, as it stands in a table.
        Pick::Label(label, None) if values.len() < 2 => {
            let at = kept.iter().position(|value| value.label() == Some(label));
            place(&mut kept, at, values.first().map(|value| Value::labelled(label.clone(), value.bare().clone())));
            kept
        }
        Pick::Label(label, None) => {
            let at = kept.iter().position(|value| value.label() == Some(label)).unwrap_or(kept.len());
            kept.retain(|value| value.label() != Some(label));
            let at = at.min(kept.len());
            kept.splice(at..at, values.iter().map(|value| Value::labelled(label.clone(), value.bare().clone())));
            kept
        }
        Pick::Label(label, Some(position)) => {
            let at = kept.iter().enumerate().filter(|(_, value)| value.label() == Some(label)).nth(position - 1).map(|(at, _)| at);
            place(&mut kept, at, values.first().map(|value| Value::labelled(label.clone(), value.bare().clone())));
            kept
        }
        Pick::Position(position) => {
            let at = (*position <= kept.len()).then(|| position - 1);
            let label = at.and_then(|at| kept[at].label()).unwrap_or_default().to_owned();
            let new =
                values.first().map(|value| if value.label().is_some() { value.clone() } else { Value::labelled(label, value.clone()) });
            place(&mut kept, at, new);
            kept
        }
    }
}

/// Returns whether all the values stand under another label than this one.
fn is_elsewhere(kept: &[Value], label: &str, values: &[Value], ty: FieldType) -> bool {
    let is_own = matches!(ty, FieldType::Consent | FieldType::ExternalId) || kept.iter().any(|known| known.label() == Some(label));
    !is_own && !values.is_empty() && values.iter().all(|value| kept.iter().any(|known| is_same(known, value, ty)))
}

fn is_same(known: &Value, value: &Value, ty: FieldType) -> bool {
    match (ty, known.as_text(), value.as_text()) {
        (FieldType::Email, Some(a), Some(b)) => email_key(a) == email_key(b),
        (FieldType::Consent | FieldType::ExternalId, ..) => known == value,
        _ => known.bare() == value.bare(),
    }
}

/// Adds a value that is not there yet. One that is there without a label takes the
/// label of its equal.
fn add(kept: &mut Vec<Value>, value: &Value, ty: FieldType) {
    let same = |known: &Value| is_same(known, value, ty);
    // One channel has one answer, one source one id.
    if ty == FieldType::Consent
        && let Some(known) = kept.iter_mut().find(|known| known.label() == value.label())
    {
        *known = value.clone();
        return;
    }
    if kept.iter().any(|known| same(known) && known.label() == value.label()) {
        return;
    }
    match kept.iter_mut().find(|known| same(known)) {
        Some(known) if known.label().is_none() && value.label().is_some() => {
            let bare = known.bare().clone();
            *known = Value::labelled(value.label().unwrap_or_default(), bare);
        }
        Some(_) => {}
        None => kept.push(value.clone()),
    }
}

fn put_part(record: &mut Record, field: FieldNumber, ty: FieldType, part: Part, pick: &Pick, new: Option<&Value>) {
    let mut kept: Vec<Value> = record.values(field).cloned().collect();
    let labelled;
    let pick = match (pick, new.and_then(Value::label)) {
        // The label stands in another column.
        (Pick::All, Some(label)) => {
            labelled = Pick::Label(label.to_owned(), None);
            &labelled
        }
        _ => pick,
    };
    let (at, label) = match pick {
        Pick::All => ((!kept.is_empty()).then_some(0), None),
        Pick::Position(position) => ((*position <= kept.len()).then(|| position - 1), None),
        Pick::Label(label, position) => {
            let mut labelled = kept.iter().enumerate().filter(|(_, value)| value.label() == Some(label));
            (labelled.nth(position.unwrap_or(1) - 1).map(|(at, _)| at), Some(label.clone()))
        }
    };
    if at.is_none() && new.is_none() {
        return;
    }
    let mut value = match at {
        Some(at) => kept[at].clone(),
        None => Value::labelled(label.unwrap_or_default(), empty(ty)),
    };
    set_part(&mut value, part, new.map(|value| value.bare().clone()));
    place(&mut kept, at, (!value.is_empty()).then_some(value));
    record.replace(field, kept);
}

/// Returns an address, job or line of which nothing is known.
pub(super) fn empty(ty: FieldType) -> Value {
    match ty {
        FieldType::Address => Value::Address(Box::default()),
        FieldType::Job => Value::Job(Box::default()),
        _ => Value::Line(Box::default()),
    }
}

/// Sets or empties a part of an address, job or line; a value of another type is left out.
pub(super) fn set_part(value: &mut Value, part: Part, new: Option<Value>) {
    let text = |new: &Option<Value>| new.as_ref().and_then(Value::as_text).unwrap_or_default().to_owned();
    let number = |new: &Option<Value>| match new {
        Some(Value::Number(number)) => Some(*number),
        _ => None,
    };
    match value {
        Value::Labelled(_, inner) => set_part(inner, part, new),
        Value::Address(address) => match part {
            Part::Street => address.street = text(&new),
            Part::Street2 => address.street2 = text(&new),
            Part::City => address.city = text(&new),
            Part::Region => address.region = text(&new),
            Part::Postcode => address.postcode = text(&new),
            Part::Country => address.country = text(&new),
            Part::Pobox => address.pobox = text(&new),
            _ => {}
        },
        Value::Job(job) => match part {
            Part::Company => job.company = new.as_ref().and_then(Value::as_link),
            Part::Title => job.title = text(&new),
            Part::Role => job.role = text(&new),
            Part::From => job.from = new.as_ref().and_then(Value::as_date),
            Part::To => job.to = new.as_ref().and_then(Value::as_date),
            _ => {}
        },
        Value::Line(line) => match part {
            Part::Product => line.product = new.as_ref().and_then(Value::as_link),
            Part::Description => line.description = text(&new),
            Part::Quantity => line.quantity = number(&new),
            Part::Price => line.price = new.as_ref().and_then(Value::as_money),
            Part::Discount => line.discount = number(&new),
            Part::Tax => line.tax = number(&new),
            _ => {}
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::definitions::Definitions;
    use crate::domain::{Kind, NoLookup, RecordId};

    fn contact() -> Record {
        Record::new(RecordId::new(Kind::Contact, 1))
    }

    fn field(name: &str) -> FieldRef {
        FieldRef::resolve(Kind::Contact, name, &Definitions::default()).unwrap()
    }

    fn text(record: &Record, name: &str) -> String {
        field(name).text(record, &NoLookup)
    }

    #[test]
    fn repeated_fields_are_added_to_and_labels_are_slots() {
        let mut record = contact();
        let mail = |address: &str| Value::text(address);
        put(&mut record, &field("email"), &[mail("a@x.cz"), mail("b@x.cz")], Mode::Add);
        put(&mut record, &field("email"), &[mail("A@x.cz"), Value::labelled("work", mail("b@x.cz"))], Mode::Add);
        assert_eq!(text(&record, "email"), "a@x.cz; b@x.cz");
        assert_eq!(text(&record, "email.work"), "b@x.cz");
        put(&mut record, &field("email"), &[mail("b@x.cz"), Value::labelled("work", mail("b@x.cz"))], Mode::Add);
        assert_eq!(text(&record, "email"), "a@x.cz; b@x.cz", "what is there under its label is there");
        let mut twice = contact();
        put(&mut twice, &field("email"), &[mail("b@x.cz"), Value::labelled("work", mail("b@x.cz"))], Mode::Set);
        put(&mut twice, &field("email"), &[Value::labelled("work", mail("b@x.cz"))], Mode::Add);
        assert_eq!(text(&twice, "email"), "b@x.cz; b@x.cz");
        assert_eq!(text(&twice, "email.work"), "b@x.cz");
        put(&mut record, &field("email.work"), &[mail("c@x.cz")], Mode::Add);
        assert_eq!(text(&record, "email"), "a@x.cz; c@x.cz");
        put(&mut record, &field("email.2"), &[mail("d@x.cz")], Mode::Set);
        assert_eq!(text(&record, "email.work"), "d@x.cz");
        put(&mut record, &field("email.work"), &[], Mode::Set);
        put(&mut record, &field("email.7"), &[mail("e@x.cz")], Mode::Set);
        assert_eq!(text(&record, "email"), "a@x.cz; e@x.cz");
        put(&mut record, &field("email"), &[mail("f@x.cz")], Mode::Set);
        assert_eq!(text(&record, "email"), "f@x.cz");
    }

    #[test]
    fn parts_find_their_whole() {
        let mut record = contact();
        put(&mut record, &field("address.home.city"), &[Value::text("Brno")], Mode::Add);
        put(&mut record, &field("address.home.street"), &[Value::text("Main 1")], Mode::Add);
        put(&mut record, &field("address.work.city"), &[Value::text("Praha")], Mode::Add);
        assert_eq!(text(&record, "address.home.city"), "Brno");
        assert_eq!(record.values(number::CONTACT_ADDRESS).count(), 2);
        put(&mut record, &field("address.work.city"), &[], Mode::Set);
        assert_eq!(record.values(number::CONTACT_ADDRESS).count(), 1);
        let acme = RecordId::new(Kind::Company, 4);
        put(&mut record, &field("title"), &[Value::text("CEO")], Mode::Add);
        put(&mut record, &field("company"), &[Value::Link(acme)], Mode::Add);
        assert_eq!(record.values(number::JOBS).count(), 1);
        assert_eq!(text(&record, "company.id"), "a4");
    }

    #[test]
    fn consent_has_one_answer_a_channel() {
        let mut record = contact();
        let said = |channel: &str, word: &str| Value::labelled(channel, Value::text(word));
        put(&mut record, &field("consent"), &[said("email", "yes"), said("call", "no")], Mode::Add);
        put(&mut record, &field("consent"), &[said("email", "no")], Mode::Add);
        assert_eq!(text(&record, "consent.email"), "no");
        assert_eq!(record.values(number::CONSENT).count(), 2);
    }
}

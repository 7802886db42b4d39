//! Two records as one: what has room for several values holds both, what has room for
//! one holds that of the preferred side, and what found no room is handed back.
//!
//! Pure: it knows two records and who is preferred where, and no store.

use super::slot::{Slot, group, sameness, slots};
use crate::domain::fields::{field_by_number, number};
use crate::domain::{FieldNumber, FieldType, Job, Kind, Record, Value, fold, naming};

/// One of the two records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The one that stays.
    Keep,
    /// The one that becomes a part of it.
    Other,
}

/// What two records came to.
#[derive(Debug, Clone)]
pub(super) struct United {
    /// The record that stays.
    pub(super) record: Record,
    /// The values for which there was no room.
    pub(super) left_over: Vec<(Slot, Value)>,
}

/// Fields of which the earlier moment counts.
const EARLIEST: &[FieldNumber] = &[number::CREATED_AT, number::OPPORTUNITY_OPENED_AT, number::TICKET_OPENED_AT, number::FIRST_RESPONSE_AT];

/// Unites two records of a kind; `side` says whose value stands where both differ.
pub(super) fn unite(keep: &Record, other: &Record, side: &dyn Fn(&Slot) -> Side) -> United {
    let kind = keep.kind();
    let mut united = United { record: keep.clone(), left_over: Vec::new() };
    let differing_groups = [
        (number::CONTACT_NAME, kind == Kind::Contact && !same_name(keep, other)),
        (number::STAGE, kind == Kind::Opportunity && differ(keep, other, &[number::PIPELINE, number::STAGE])),
        (number::STATUS, kind == Kind::Ticket && differ(keep, other, &[number::STATUS])),
    ];
    for slot in slots([keep, other]) {
        if matches!(slot.field, number::MERGED_INTO | number::TRASHED_AT) {
            continue;
        }
        let ours = slot.values(keep);
        let theirs = slot.values(other);
        let lead = group(slot.field);
        let together = differing_groups.iter().any(|(group, differs)| *differs && *group == lead);
        let side = if together { leads(keep, other, lead, side) } else { side(&slot) };
        let ty = field_by_number(kind, slot.field).map(|field| field.ty);
        let stands = if together {
            let (stands, loses) = if side == Side::Keep { (ours, theirs) } else { (theirs, ours) };
            let told = loses.iter().filter(|value| !stands.contains(value) && !is_placeholder_of(&slot, keep, other, value));
            united.left_over.extend(told.map(|value| (slot.clone(), value.clone())));
            stands
        } else if slot.field == number::CONSENT {
            stricter(ours, theirs)
        } else if slot.repeats(kind) {
            let (first, second) = if side == Side::Keep { (ours, theirs) } else { (theirs, ours) };
            both(kind, slot.field, first, second)
        } else if ty == Some(FieldType::LongText) {
            let (first, second) = if side == Side::Keep { (ours, theirs) } else { (theirs, ours) };
            texts(first, second)
        } else if EARLIEST.contains(&slot.field) {
            ours.into_iter().chain(theirs).min_by_key(Value::as_time).into_iter().collect()
        } else {
            one(&slot, kind, ours, theirs, side, &mut united.left_over)
        };
        slot.put(&mut united.record, stands);
    }
    united
}

/// Returns whose name or stage stands: the one that has one; a name that is only an
/// address or a number stands for none.
fn leads(keep: &Record, other: &Record, lead: FieldNumber, side: &dyn Fn(&Slot) -> Side) -> Side {
    let has = |record: &Record| record.has(lead) && !(lead == number::CONTACT_NAME && naming::is_nameless(record));
    match (has(keep), has(other)) {
        (true, false) => Side::Keep,
        (false, true) => Side::Other,
        _ => side(&Slot::field(lead)),
    }
}

fn is_placeholder_of(slot: &Slot, keep: &Record, other: &Record, value: &Value) -> bool {
    slot.field == number::CONTACT_NAME
        && [keep, other].into_iter().any(|record| naming::is_nameless(record) && record.first(number::CONTACT_NAME) == Some(value))
}

fn same_name(keep: &Record, other: &Record) -> bool {
    let name = |record: &Record| fold::fold(&naming::title(record)).split_whitespace().collect::<Vec<_>>().join(" ");
    name(keep) == name(other)
}

fn differ(keep: &Record, other: &Record, fields: &[FieldNumber]) -> bool {
    fields.iter().any(|field| keep.first(*field) != other.first(*field))
}

/// Of what has room for one: equal ones are one, and who has none takes the other's.
fn one(
    slot: &Slot,
    kind: Kind,
    mut ours: Vec<Value>,
    mut theirs: Vec<Value>,
    side: Side,
    left_over: &mut Vec<(Slot, Value)>,
) -> Vec<Value> {
    let says = |values: &[Value]| values.iter().map(|value| sameness(kind, slot.field, value)).collect::<Vec<_>>();
    if theirs.is_empty() || says(&ours) == says(&theirs) {
        return ours;
    }
    if ours.is_empty() {
        return theirs;
    }
    if side == Side::Other {
        std::mem::swap(&mut ours, &mut theirs);
    }
    left_over.extend(theirs.into_iter().map(|value| (slot.clone(), value)));
    ours
}

/// Returns the values of two, each once; one without a label takes its equal's.
fn both(kind: Kind, field: FieldNumber, first: Vec<Value>, second: Vec<Value>) -> Vec<Value> {
    let mut all = first;
    for value in second {
        let says = sameness(kind, field, &value);
        if let Some(known) = all.iter_mut().find(|known| sameness(kind, field, known) == says) {
            if known.label().is_none()
                && let Some(label) = value.label()
            {
                *known = Value::labelled(label, known.bare().clone());
            }
        } else if !all.iter_mut().any(|known| fill_job(known, &value)) {
            all.push(value);
        }
    }
    all
}

/// Completes a job by what another says of the same job; returns whether it is the same:
/// at the same company, and nothing that both say differs.
fn fill_job(known: &mut Value, more: &Value) -> bool {
    let (Value::Job(known), Value::Job(more)) = (known, more) else { return false };
    let text = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
    let day = |a: Option<crate::domain::Date>, b: Option<crate::domain::Date>| a.is_none() || b.is_none() || a == b;
    let fits = known.company.is_some()
        && known.company == more.company
        && text(&known.title, &more.title)
        && text(&known.role, &more.role)
        && day(known.from, more.from)
        && day(known.to, more.to);
    if fits {
        let either = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
        **known = Job {
            company: known.company,
            title: either(&known.title, &more.title),
            role: either(&known.role, &more.role),
            from: known.from.or(more.from),
            to: known.to.or(more.to),
        };
    }
    fits
}

/// Returns both texts, one below the other; one that the other holds already once.
fn texts(first: Vec<Value>, second: Vec<Value>) -> Vec<Value> {
    let text = |values: &[Value]| values.first().and_then(Value::as_text).unwrap_or_default().to_owned();
    let (a, b) = (text(&first), text(&second));
    if b.is_empty() || a.contains(&b) {
        return if a.is_empty() { second } else { first };
    }
    if b.contains(&a) {
        return second;
    }
    vec![Value::text(format!("{a}\n{b}"))]
}

/// Returns the stricter of two answers: no before unknown before yes.
pub(super) fn stricter(ours: Vec<Value>, theirs: Vec<Value>) -> Vec<Value> {
    ours.into_iter().chain(theirs).min_by_key(strictness).into_iter().collect()
}

/// Returns 0 for no, 1 for unknown, 2 for yes.
pub(super) fn strictness(value: &Value) -> u8 {
    match value.as_text() {
        Some("no") => 0,
        Some("yes") => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::RecordId;

    fn contact(number: u64, fields: &[(FieldNumber, &str)]) -> Record {
        let mut record = Record::new(RecordId::new(Kind::Contact, number));
        for (field, text) in fields {
            let value = match text.split_once('=') {
                Some((label, text)) => Value::labelled(label, Value::text(text)),
                None => Value::text(*text),
            };
            record.push(*field, value);
        }
        record
    }

    fn texts_of(record: &Record, field: FieldNumber) -> Vec<String> {
        record
            .values(field)
            .map(|value| format!("{}{}", value.label().map(|label| format!("{label}=")).unwrap_or_default(), value.plain()))
            .collect()
    }

    #[test]
    fn repeated_values_are_united_and_single_ones_stand_by_preference() {
        let keep =
            contact(1, &[(number::CONTACT_NAME, "Ada Novák"), (number::CONTACT_EMAIL, "ada@x.cz"), (number::CONTACT_LANGUAGE, "cs")]);
        let other = contact(
            2,
            &[
                (number::CONTACT_NAME, "Ada Novak"),
                (number::CONTACT_EMAIL, "work=ADA@x.cz"),
                (number::CONTACT_EMAIL, "home=a@y.cz"),
                (number::CONTACT_LANGUAGE, "en"),
                (number::FAMILY, "Novak"),
            ],
        );
        let united = unite(&keep, &other, &|_| Side::Keep);
        assert_eq!(texts_of(&united.record, number::CONTACT_EMAIL), ["work=ada@x.cz", "home=a@y.cz"]);
        assert_eq!(texts_of(&united.record, number::CONTACT_LANGUAGE), ["cs"]);
        assert_eq!(texts_of(&united.record, number::FAMILY), ["Novak"]);
        assert_eq!(united.left_over, [(Slot::field(number::CONTACT_LANGUAGE), Value::text("en"))], "names that differ in accents are one");
        let united = unite(&keep, &other, &|_| Side::Other);
        assert_eq!(texts_of(&united.record, number::CONTACT_LANGUAGE), ["en"]);
        assert_eq!(texts_of(&united.record, number::CONTACT_EMAIL), ["work=ADA@x.cz", "home=a@y.cz"]);
    }

    #[test]
    fn a_name_comes_with_its_parts_and_an_address_is_no_name() {
        let keep = contact(1, &[(number::CONTACT_NAME, "Eva Malá")]);
        let other = contact(2, &[(number::CONTACT_NAME, "Eva Nová"), (number::GIVEN, "Eva"), (number::FAMILY, "Nová")]);
        let united = unite(&keep, &other, &|_| Side::Keep);
        assert!(!united.record.has(number::FAMILY), "no part of another name");
        assert_eq!(united.left_over[0], (Slot::field(number::CONTACT_NAME), Value::text("Eva Nová")));
        let nameless = contact(1, &[(number::CONTACT_NAME, "eva@x.cz"), (number::CONTACT_EMAIL, "eva@x.cz")]);
        let united = unite(&nameless, &other, &|_| Side::Keep);
        assert_eq!(united.record.text(number::CONTACT_NAME), Some("Eva Nová"));
        assert!(united.left_over.is_empty());
    }

    #[test]
    fn the_stricter_consent_stands_and_texts_are_kept_both() {
        let keep = contact(1, &[(number::CONSENT, "email=yes"), (number::CONSENT, "call=no"), (number::NOTES, "Prefers mornings")]);
        let other = contact(2, &[(number::CONSENT, "email=no"), (number::CONSENT, "sms=yes"), (number::NOTES, "Has a dog")]);
        for side in [Side::Keep, Side::Other] {
            let mut said = texts_of(&unite(&keep, &other, &|_| side).record, number::CONSENT);
            said.sort();
            assert_eq!(said, ["call=no", "email=no", "sms=yes"]);
        }
        assert_eq!(unite(&keep, &other, &|_| Side::Keep).record.text(number::NOTES), Some("Prefers mornings\nHas a dog"));
        assert_eq!(unite(&keep, &keep, &|_| Side::Keep).record.text(number::NOTES), Some("Prefers mornings"));
    }
}

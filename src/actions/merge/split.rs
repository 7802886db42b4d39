//! One record as the two or more that it was made of, with what was changed since on the
//! one that it belongs to.
//!
//! A value that the merging brought goes back to whom it came from, as it stands now; what
//! was there before stays, as it stands now; what is new stays with the record that was
//! kept. What cannot be told apart (a text that was written on, an answer that is gone)
//! is left on both sides so that nothing is lost, and told.
//!
//! Pure: it knows the records before, after and now, and no store.

use super::slot::{Slot, sameness, slots};
use super::unite::strictness;
use crate::domain::fields::{field_by_number, number};
use crate::domain::{FieldType, Record, RecordId, Value};

/// A place that could not be split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The record in which it stands.
    pub(super) id: RecordId,
    /// The place.
    pub(super) slot: Slot,
    /// What stands there now.
    pub(super) stands: Vec<Value>,
    /// What the record had before it was merged.
    pub(super) had: Vec<Value>,
}

/// What one record came apart into.
#[derive(Debug)]
pub(super) struct Apart {
    /// The record that was kept.
    pub(super) keep: Record,
    /// Those that were merged into it, in the order given.
    pub(super) others: Vec<Record>,
    /// What could not be split.
    pub(super) told: Vec<Told>,
}

/// Takes records apart: `was` became `left` when `others` were merged into it, and stands
/// as `now`.
pub(super) fn split(was: &Record, left: &Record, now: &Record, others: &[Record]) -> Apart {
    let mut back: Vec<Record> = others.to_vec();
    for record in &mut back {
        record.clear(number::MERGED_INTO);
    }
    let mut apart = Apart { keep: now.clone(), others: back, told: Vec::new() };
    for slot in slots([was, left, now]) {
        if matches!(slot.field, number::MERGED_INTO | number::TRASHED_AT) {
            continue;
        }
        let side = Places { was: slot.values(was), left: slot.values(left), now: slot.values(now) };
        if side.was == side.left {
            continue;
        }
        if side.left == side.now {
            slot.put(&mut apart.keep, side.was);
            continue;
        }
        let ty = field_by_number(now.kind(), slot.field).map(|field| field.ty);
        if slot.field == number::CONSENT {
            consent(&slot, &side, others, &mut apart);
        } else if slot.repeats(now.kind()) {
            several(&slot, &side, others, &mut apart);
        } else if ty == Some(FieldType::LongText) {
            text(&slot, &side, others, &mut apart);
        } else {
            single(&slot, &side, others, &mut apart);
        }
    }
    apart
}

/// The values of one place before the merging, after it, and now.
#[derive(Debug)]
struct Places {
    was: Vec<Value>,
    left: Vec<Value>,
    now: Vec<Value>,
}

/// Whoever gave the value that stood has what became of it.
fn single(slot: &Slot, side: &Places, others: &[Record], apart: &mut Apart) {
    match others.iter().position(|other| !side.left.is_empty() && slot.values(other) == side.left) {
        Some(owner) if !side.now.is_empty() => slot.put(&mut apart.others[owner], side.now.clone()),
        // It was emptied since: whoever gave it has it again, and that is told.
        Some(owner) => {
            let id = apart.others[owner].id;
            apart.told.push(Told { id, slot: slot.clone(), stands: Vec::new(), had: side.left.clone() });
        }
        None => {
            apart.told.push(Told { id: apart.keep.id, slot: slot.clone(), stands: side.now.clone(), had: side.was.clone() });
            return;
        }
    }
    slot.put(&mut apart.keep, side.was.clone());
}

/// An answer given since counts for everybody for whom it is the stricter one.
fn consent(slot: &Slot, side: &Places, others: &[Record], apart: &mut Apart) {
    let answer = side.now.first();
    let is_stricter = |than: &[Value]| answer.is_some_and(|answer| than.first().is_none_or(|than| strictness(answer) < strictness(than)));
    let keeps = if is_stricter(&side.was) { side.now.clone() } else { side.was.clone() };
    slot.put(&mut apart.keep, keeps);
    for (other, back) in others.iter().zip(&mut apart.others) {
        if !slot.values(other).is_empty() && is_stricter(&slot.values(other)) {
            slot.put(back, side.now.clone());
        }
    }
    apart.told.push(Told { id: apart.keep.id, slot: slot.clone(), stands: side.now.clone(), had: side.was.clone() });
}

/// A text that was only added to gives the lines back that the merging added.
fn text(slot: &Slot, side: &Places, others: &[Record], apart: &mut Apart) {
    let of = |values: &[Value]| values.first().and_then(Value::as_text).unwrap_or_default().to_owned();
    let (was, left, now) = (of(&side.was), of(&side.left), of(&side.now));
    match without_added(&was, &left, &now) {
        Some(rest) => slot.put(&mut apart.keep, if rest.is_empty() { Vec::new() } else { vec![Value::text(rest)] }),
        // Whoever wrote the whole text that was changed since has what became of it.
        None if was.is_empty() && others.iter().any(|other| slot.values(other) == side.left) => single(slot, side, others, apart),
        None => apart.told.push(Told { id: apart.keep.id, slot: slot.clone(), stands: side.now.clone(), had: side.was.clone() }),
    }
}

/// Returns a text without the lines that stand in `left` around what `was`; `None` where
/// they do not stand in it any more as they did.
fn without_added(was: &str, left: &str, now: &str) -> Option<String> {
    let (was, left): (Vec<&str>, Vec<&str>) = (was.lines().collect(), left.lines().collect());
    let mut now: Vec<&str> = now.lines().collect();
    let at = place_of(&was, &left)?;
    for added in [&left[..at], &left[at + was.len()..]] {
        if !added.is_empty() {
            let place = place_of(added, &now)?;
            now.drain(place..place + added.len());
        }
    }
    Some(now.join("\n"))
}

/// Returns where lines stand one after another among others.
fn place_of(lines: &[&str], among: &[&str]) -> Option<usize> {
    if lines.is_empty() {
        return Some(0);
    }
    among.windows(lines.len()).position(|window| window == lines)
}

/// Of a list each value goes where it came from, as it stands now.
fn several(slot: &Slot, side: &Places, others: &[Record], apart: &mut Apart) {
    let kind = apart.keep.kind();
    let says = |value: &Value| sameness(kind, slot.field, value);
    let owner = |value: &Value| others.iter().position(|other| slot.values(other).iter().any(|own| says(own) == says(value)));
    let is_own = |value: &Value| side.was.iter().any(|own| says(own) == says(value));
    let pairs = pair(&side.left, &side.now);
    let mut keeps: Vec<Value> = Vec::new();
    for (at, value) in side.now.iter().enumerate() {
        let Some(from) = pairs.iter().find(|(_, now)| *now == Some(at)).map(|(left, _)| &side.left[*left]) else {
            keeps.push(value.clone());
            continue;
        };
        if is_own(from) {
            // A label that the merging added goes with it.
            let before = side.was.iter().find(|own| says(own) == says(from)).filter(|_| from == value);
            keeps.push(before.unwrap_or(value).clone());
        } else if let Some(owner) = owner(from) {
            if from != value {
                let back = &mut apart.others[owner];
                let mut own = slot.values(back);
                match own.iter_mut().find(|own| says(own) == says(from)) {
                    Some(own) => *own = value.clone(),
                    None => own.push(value.clone()),
                }
                slot.put(back, own);
            }
        } else if from != value {
            // Made of both, and changed since.
            keeps.push(value.clone());
            apart.told.push(Told { id: apart.keep.id, slot: slot.clone(), stands: vec![value.clone()], had: side.was.clone() });
        }
    }
    for (left, now) in &pairs {
        let gone = &side.left[*left];
        if now.is_none()
            && !is_own(gone)
            && let Some(owner) = owner(gone)
        {
            // Taken out since: whoever brought it has it again, and that is told.
            let id = apart.others[owner].id;
            apart.told.push(Told { id, slot: slot.clone(), stands: Vec::new(), had: vec![gone.clone()] });
        }
    }
    // What the merging took out (a link to what was merged, a part that was completed) comes back.
    for own in &side.was {
        if !side.left.iter().any(|left| says(left) == says(own)) && !keeps.iter().any(|kept| says(kept) == says(own)) {
            keeps.push(own.clone());
        }
    }
    slot.put(&mut apart.keep, keeps);
}

/// Returns for each value of `left` its place in `now`, where it is still there or was
/// changed in place: equal ones, then those of one label, then what stands between the
/// same neighbours, if it is as many, or more at the end.
pub(super) fn pair(left: &[Value], now: &[Value]) -> Vec<(usize, Option<usize>)> {
    let mut pairs: Vec<(usize, Option<usize>)> = (0..left.len()).map(|at| (at, None)).collect();
    let mut free: Vec<bool> = vec![true; now.len()];
    let mut match_by = |fits: &dyn Fn(&Value, &Value) -> bool| {
        for (at, found) in pairs.iter_mut().filter(|(_, found)| found.is_none()) {
            if let Some(place) = (0..now.len()).find(|place| free[*place] && fits(&left[*at], &now[*place])) {
                free[place] = false;
                *found = Some(place);
            }
        }
    };
    match_by(&|a, b| a == b);
    match_by(&|a, b| a.bare() == b.bare());
    match_by(&|a, b| a.label().is_some() && a.label() == b.label());
    let mut at = 0;
    while at < pairs.len() {
        let gap = at..pairs[at..].iter().position(|(_, found)| found.is_some()).map_or(pairs.len(), |length| at + length);
        let from = gap.start.checked_sub(1).and_then(|before| pairs[before].1).map_or(0, |place| place + 1);
        let to = pairs.get(gap.end).and_then(|(_, place)| *place).unwrap_or(now.len());
        let open: Vec<usize> = (from..to.max(from)).filter(|place| free[*place]).collect();
        // At the end what is new stands behind.
        if open.len() == gap.len() || gap.end == pairs.len() && open.len() > gap.len() {
            gap.clone().zip(&open).for_each(|(at, place)| pairs[at].1 = Some(*place));
        }
        at = gap.end + 1;
    }
    pairs
}

/// Gives links that the merging turned to the record that was kept back to those that
/// they led to, in a record that links to them; `None` where what stood there is gone.
pub(in crate::actions) fn relink_back(
    was: &[Value],
    left: &[Value],
    now: &[Value],
    keep: RecordId,
    others: &[RecordId],
) -> Option<Vec<Value>> {
    let leads = |value: &Value| {
        let mut value = value.clone();
        value.map_links(&mut |to| if others.contains(&to) { keep } else { to });
        value
    };
    let link_of = |value: &Value| {
        let mut found = None;
        value.links(&mut |to| found = Some(to));
        found
    };
    let pairs = pair(left, now);
    let mut back: Vec<Vec<Value>> = now.iter().map(|value| vec![value.clone()]).collect();
    let mut whole = true;
    for (at, place) in &pairs {
        let origins: Vec<&Value> = was.iter().filter(|value| leads(value) == left[*at]).collect();
        if origins.iter().all(|origin| **origin == left[*at]) {
            continue;
        }
        match place {
            Some(place) if link_of(&now[*place]) == Some(keep) => {
                let turned = origins.iter().map(|origin| {
                    let to = link_of(origin);
                    let mut value = now[*place].clone();
                    value.map_links(&mut |link| if link == keep { to.unwrap_or(link) } else { link });
                    value
                });
                back[*place] = turned.collect();
            }
            _ => whole = false,
        }
    }
    whole.then(|| back.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::unite::{Side, unite};
    use super::*;
    use crate::domain::{FieldNumber, Kind};

    fn id(number: u64) -> RecordId {
        RecordId::new(Kind::Contact, number)
    }

    fn contact(number: u64, fields: &[(FieldNumber, &str)]) -> Record {
        let mut record = Record::new(id(number));
        fields.iter().for_each(|(field, text)| record.push(*field, Value::text(*text)));
        record
    }

    fn values(record: &Record, field: FieldNumber) -> Vec<String> {
        record.values(field).map(Value::plain).collect()
    }

    const EMAIL: FieldNumber = number::CONTACT_EMAIL;
    const LANGUAGE: FieldNumber = number::CONTACT_LANGUAGE;

    fn pair_of() -> (Record, Record, Record) {
        let was = contact(1, &[(EMAIL, "k1"), (EMAIL, "both"), (number::NOTES, "kept")]);
        let other = contact(2, &[(EMAIL, "both"), (EMAIL, "o1"), (EMAIL, "o2"), (LANGUAGE, "en"), (number::NOTES, "other")]);
        let left = unite(&was, &other, &|_| Side::Keep).record;
        (was, other, left)
    }

    #[test]
    fn without_changes_everything_is_as_it_was() {
        let (was, other, left) = pair_of();
        let apart = split(&was, &left, &left, std::slice::from_ref(&other));
        assert_eq!((apart.keep, apart.others), (was, vec![other]));
        assert_eq!(apart.told, []);
    }

    #[test]
    fn later_changes_stay_with_whom_they_belong_to() {
        let (was, other, left) = pair_of();
        let mut now = left.clone();
        now.replace(EMAIL, ["k1x", "both", "o1x", "o2", "new"].map(Value::text));
        now.set(LANGUAGE, Value::text("de"));
        now.set(number::NOTES, Value::text("kept\nother\nlater"));
        now.set(number::NICKNAME, Value::text("Evi"));
        let apart = split(&was, &left, &now, std::slice::from_ref(&other));
        assert_eq!(apart.told, []);
        assert_eq!(values(&apart.keep, number::NOTES), ["kept\nlater"]);
        assert_eq!(values(&apart.keep, number::NICKNAME), ["Evi"]);
        assert_eq!(values(&apart.keep, LANGUAGE), Vec::<String>::new());
        assert_eq!(values(&apart.others[0], LANGUAGE), ["de"]);
        assert_eq!(values(&apart.others[0], number::NOTES), ["other"]);
        assert_eq!(values(&apart.keep, EMAIL), ["k1x", "both", "new"]);
        assert_eq!(values(&apart.others[0], EMAIL), ["both", "o1x", "o2"]);
    }

    #[test]
    fn what_cannot_be_split_is_told_and_stands_on_both_sides() {
        let (was, other, left) = pair_of();
        let mut now = left.clone();
        now.set(number::NOTES, Value::text("rewritten"));
        now.replace(EMAIL, ["k1", "both", "o1"].map(Value::text));
        let apart = split(&was, &left, &now, std::slice::from_ref(&other));
        assert_eq!(values(&apart.keep, number::NOTES), ["rewritten"]);
        assert_eq!(values(&apart.others[0], number::NOTES), ["other"]);
        assert_eq!(values(&apart.keep, EMAIL), ["k1", "both"]);
        assert_eq!(values(&apart.others[0], EMAIL), ["both", "o1", "o2"], "what was taken out is there again");
        let told: Vec<(RecordId, FieldNumber)> = apart.told.iter().map(|told| (told.id, told.slot.field)).collect();
        assert_eq!(told, [(id(1), number::NOTES), (id(2), EMAIL)]);
    }

    #[test]
    fn links_go_back_beside_what_was_added() {
        let link = |number| Value::Link(id(number));
        let back = |was: &[u64], left: &[u64], now: &[u64]| {
            let links = |numbers: &[u64]| numbers.iter().map(|number| link(*number)).collect::<Vec<_>>();
            relink_back(&links(was), &links(left), &links(now), id(1), &[id(2), id(3)])
        };
        assert_eq!(back(&[2], &[1], &[1]), Some(vec![link(2)]));
        assert_eq!(back(&[2], &[1], &[1, 7]), Some(vec![link(2), link(7)]));
        assert_eq!(back(&[1, 2], &[1], &[1, 7]), Some(vec![link(1), link(2), link(7)]));
        assert_eq!(back(&[2, 3], &[1], &[1]), Some(vec![link(2), link(3)]));
        assert_eq!(back(&[2], &[1], &[7]), None, "somebody else stands there now");
    }

    fn some() -> impl Strategy<Value = Vec<(FieldNumber, String)>> {
        let field = prop::sample::select(vec![EMAIL, number::TAGS, number::CONTACT_PHONE, LANGUAGE, number::NOTES, number::NICKNAME]);
        prop::collection::vec((field, "[a-e]{1,2}"), 0..8)
    }

    fn made(number: u64, fields: &[(FieldNumber, String)]) -> Record {
        let mut record = Record::new(id(number));
        for (field, text) in fields {
            let repeats = field_by_number(Kind::Contact, *field).unwrap().repeats;
            if !repeats {
                record.set(*field, Value::text(text));
            } else if !record.values(*field).any(|known| known.as_text() == Some(text)) {
                record.push(*field, Value::text(text));
            }
        }
        record
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn nothing_is_lost_whatever_was_changed_since(
            keep in some(), other in some(), edits in some(), drops in prop::collection::vec(any::<prop::sample::Index>(), 0..3), prefers in any::<bool>(),
        ) {
            let (was, other) = (made(1, &keep), made(2, &other));
            let side = if prefers { Side::Other } else { Side::Keep };
            let left = unite(&was, &other, &|_| side).record;
            let untouched = split(&was, &left, &left, std::slice::from_ref(&other));
            prop_assert_eq!(&untouched.keep.fields, &was.fields);
            prop_assert_eq!(&untouched.others[0].fields, &other.fields);
            prop_assert!(untouched.told.is_empty());

            let mut now = left.clone();
            for drop in drops {
                if !now.fields.is_empty() {
                    now.fields.remove(drop.index(now.fields.len()));
                }
            }
            for (field, text) in &edits {
                if field_by_number(Kind::Contact, *field).unwrap().repeats { now.push(*field, Value::text(text)) } else { now.set(*field, Value::text(text)) }
            }
            let apart = split(&was, &left, &now, std::slice::from_ref(&other));
            let stands = |field: FieldNumber, text: &str| {
                [&apart.keep, &apart.others[0]].into_iter().any(|record| record.values(field).any(|value| value.plain().contains(text)))
            };
            // All that stands now stands on one of the two.
            for (field, value) in &now.fields {
                for line in value.plain().lines() {
                    prop_assert!(stands(*field, line), "{} {} of {:?} in {:?}", field, line, now, apart);
                }
            }
            // What the other one had and nobody changed is its own again.
            for (field, value) in &other.fields {
                let kept = apart.others[0].values(*field).any(|own| own == value);
                let changed = left.values(*field).ne(now.values(*field));
                prop_assert!(kept || changed, "{} {:?} in {:?}", field, value, apart);
            }
        }
    }
}

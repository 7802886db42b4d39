//! Pairs that may be one, and two records side by side.

use crate::actions::{ActionError, Desk, Slot, slots};
use crate::command;
use crate::domain::fields::{field_by_number, number};
use crate::domain::{FieldType, Record, RecordId, Value, naming};
use crate::insight::{self, DupesRequest};
use crate::store::known::Known;
use crate::tui::app::message::Loaded;
use crate::tui::app::review::{Beside, BesideRow, Compared, Sought};
use crate::tui::text;

/// The most pairs that are reviewed at once.
const MOST: usize = 1_000;
/// How many links are counted.
const LINKS: usize = 1_000;

pub(super) fn dupes(desk: &Desk, sought: &Sought) -> Result<Loaded, ActionError> {
    let query = command::query_of(desk, &sought.query, sought.kind)?;
    let request = DupesRequest { kind: sought.kind, query, min: insight::MIN, limit: MOST, view: desk.view() };
    let found = insight::dupes(&*desk.store, &request)?;
    let mut told = vec![format!("{} {} looked at, {} pairs compared", found.records, sought.kind.plural(), found.compared)];
    told.extend(found.notices);
    if found.total > found.pairs.len() {
        told.push(format!("the best {} of {} pairs are shown", found.pairs.len(), found.total));
    }
    Ok(Loaded::Dupes { sought: sought.clone(), twins: found.pairs, told })
}

pub(super) fn compare(desk: &Desk, one: RecordId, other: RecordId) -> Result<Loaded, ActionError> {
    let ids = [one, other];
    let known = Known::new(&*desk.store);
    let found = desk.store.get(&ids)?;
    let records: Vec<Record> =
        ids.iter().zip(found).map(|(id, record)| record.map_or_else(|| Record::new(*id), |record| Record::clone(&record))).collect();
    let [a, b] = records.as_slice() else { return Err(ActionError::not_found("the pair is gone")) };
    let shown = |values: &[Value]| {
        let texts = values.iter().map(|value| match value.label().filter(|_| !matches!(value.bare(), Value::Link(_))) {
            Some(label) => format!("{} ({label})", value.named(&known)),
            None => value.named(&known),
        });
        text::one_line(&texts.collect::<Vec<_>>().join(", ")).into_owned()
    };
    let rows = slots([a, b]).into_iter().filter_map(|slot| {
        let is_system = field_by_number(one.kind, slot.field).is_some_and(|field| field.system && slot.field != number::CUSTOM);
        if is_system || slot.field == number::CREATED_AT {
            return None;
        }
        let values = [slot.values(a), slot.values(b)];
        let beside = beside(one, &slot, &values);
        Some(BesideRow { name: slot.name(one.kind), values: [shown(&values[0]), shown(&values[1])], beside, slot })
    });
    let rows: Vec<BesideRow> = rows.collect();
    let head = |record: &Record| -> Result<String, ActionError> {
        let links = desk.store.linking(record.id, None, LINKS)?.iter().filter(|(from, _)| from.kind.info().public).count();
        let links = if links == LINKS { format!("{LINKS}+ links") } else { format!("{links} links") };
        Ok(format!("{} {}, {links}", record.id, text::one_line(&naming::title(record))))
    };
    let there = |record: &Record| record.version > 0 && !record.has(number::TRASHED_AT);
    Ok(Loaded::Compared(Compared { ids, heads: [head(a)?, head(b)?], there: [there(a), there(b)], rows }))
}

fn beside(id: RecordId, slot: &Slot, [one, other]: &[Vec<Value>; 2]) -> Beside {
    let bare = |values: &[Value]| values.iter().map(|value| value.bare().clone()).collect::<Vec<_>>();
    if bare(one) == bare(other) {
        return Beside::Same;
    }
    if one.is_empty() || other.is_empty() {
        return Beside::One;
    }
    let is_text = field_by_number(id.kind, slot.field).is_some_and(|field| field.ty == FieldType::LongText);
    if slot.repeats(id.kind) || is_text || slot.field == number::CONSENT { Beside::Both } else { Beside::Either }
}

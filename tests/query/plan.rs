//! What the store's indexes answer, as `--explain` tells it.

use rolo::domain::{Kind, RecordId};
use rolo::query::{Matcher, Query, index};

use super::company::{Company, company};

/// Returns the ids that a plan finds by its lookups alone.
pub(crate) fn found_by_plan(company: &Company, query: &Query) -> (Vec<RecordId>, bool) {
    let plan = Matcher::new(query, company).plan();
    let mut ids: Vec<RecordId> = company
        .records
        .values()
        .filter(|record| record.kind() == query.kind())
        .filter(|record| {
            let keys = index::index_keys(record);
            plan.ids.as_ref().is_none_or(|ids| ids.contains(&record.id))
                && plan
                    .lookups
                    .iter()
                    .all(|lookup| keys.iter().any(|(field, key)| *field == lookup.field && lookup.ways.iter().any(|way| way.takes(key))))
        })
        .map(|record| record.id)
        .collect();
    ids.sort();
    (ids, plan.exact)
}

#[test]
fn a_plan_says_what_it_looks_up_and_what_it_checks() {
    let company = company();
    for (kind, text, expected) in [
        (Kind::Opportunity, "", "reads every record"),
        (Kind::Opportunity, "seats", "reads every record\nchecks seats"),
        (Kind::Opportunity, "stage:won", "looks up stage:won in the index of stage: 1 key\nchecks nothing else"),
        (
            Kind::Opportunity,
            "stage:won,lost seats close:..2026",
            "looks up stage:won,lost in the index of stage: 2 keys\nlooks up close:..2026 in the index of expected_close: 1 range\nchecks seats close:..2026",
        ),
        (
            Kind::Opportunity,
            "stage:won or stage:lost",
            "looks up (stage:won or stage:lost) in the index of stage: 2 keys\nchecks nothing else",
        ),
        (Kind::Opportunity, "stage:won or seats", "reads every record\nchecks (stage:won or seats)"),
        (Kind::Contact, "id:c1,c2 vip", "takes 2 records by id\nchecks vip"),
        (Kind::Contact, "email=ada@home.example", "looks up email=ada@home.example in the index of email: 1 key\nchecks nothing else"),
        (Kind::Contact, "email:ada", "reads every record\nchecks email:ada"),
        (Kind::Contact, "owner:me", "looks up owner:me in the index of owner: 1 key\nchecks nothing else"),
        (Kind::Contact, "company:a2", "looks up company:a2 in the index of jobs: 1 key\nchecks company:a2"),
        (Kind::Contact, "name=\"Ada Novák\"", "looks up name=\"Ada Novák\" in the index of name: 1 key\nchecks name=\"Ada Novák\""),
        (
            Kind::Contact,
            "external_id:hubspot:4711",
            "looks up external_id:hubspot:4711 in the index of external_id: 1 key\nchecks nothing else",
        ),
        (Kind::Contact, "size:large", "looks up size:large in the index of size: 1 key\nchecks nothing else"),
        (
            Kind::Interaction,
            "at:today contact:c1",
            "looks up at:today in the index of at: 1 range\nlooks up contact:c1 in the index of contact: 1 key\nchecks nothing else",
        ),
        (Kind::Interaction, "at>=now -contact:c1", "looks up at>=now in the index of at: 1 range\nchecks -contact:c1"),
    ] {
        let query = Query::parse(text, kind, &company.definitions).unwrap();
        assert_eq!(Matcher::new(&query, &company).plan().to_string(), expected, "{text}");
    }
}

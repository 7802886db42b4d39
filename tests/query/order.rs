//! The order of rows, and that of the store's index of names.

use rolo::domain::{Kind, RecordId, fields};
use rolo::query::{Sorter, default_sort, index, parse_sort};

use super::company::{Company, company};

fn sorted(company: &Company, kind: Kind, by: &str) -> String {
    let keys = parse_sort(by, kind, &company.definitions).unwrap();
    let sorter = Sorter::new(&keys, company);
    let mut rows: Vec<(Vec<u8>, RecordId)> =
        company.records.values().filter(|record| record.kind() == kind).map(|record| (sorter.key(record), record.id)).collect();
    rows.sort();
    rows.iter().map(|(_, id)| id.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn rows_stand_in_the_order_asked_for_and_what_is_missing_comes_last() {
    let company = company();
    for (kind, by, ids) in [
        (Kind::Contact, "name", "c1 c4 c3 c2"),
        (Kind::Contact, "-name", "c2 c3 c4 c1"),
        (Kind::Contact, "lifecycle,-id", "c2 c1 c4 c3"),
        (Kind::Contact, "shoe_size", "c1 c2 c3 c4"),
        (Kind::Contact, "-shoe_size", "c1 c2 c3 c4"),
        (Kind::Contact, "owner", "c1 c2 c3 c4"),
        (Kind::Contact, "-owner.name,id", "c2 c1 c3 c4"),
        (Kind::Contact, "-tickets.open,name", "c1 c4 c3 c2"),
        (Kind::Opportunity, "-amount", "o1 o2 o5 o3 o4"),
        (Kind::Opportunity, "amount", "o5 o2 o1 o3 o4"),
        (Kind::Opportunity, "stage,-close", "o4 o3 o1 o5 o2"),
        (Kind::Opportunity, "-probability,name", "o2 o5 o1 o3 o4"),
        (Kind::Ticket, "priority", "t2 t1"),
        (Kind::Interaction, "-at", "i8 i7 i6 i5 i4 i3 i2 i1"),
        (Kind::Company, "parent.name,name", "a3 a2 a1"),
    ] {
        assert_eq!(sorted(&company, kind, by), ids, "{by}");
    }
    for (by, expected) in [
        ("name,", "     ^|a field is missing here|write fields with commas between, as in name,-amount"),
        ("name, -nmae", "       ^^^^|contact has no field “nmae”|did you mean “name”?"),
        ("-", "^|a field is missing here|write fields with commas between, as in name,-amount"),
    ] {
        let error = parse_sort(by, Kind::Contact, &company.definitions).unwrap_err();
        let caret = error.caret(by);
        let told = [caret.lines().nth(1).unwrap(), &error.message, &error.hint.unwrap_or_default()].join("|");
        assert_eq!(told, expected);
    }
}

#[test]
fn the_stores_order_by_name_is_that_of_the_sort() {
    let company = company();
    for record in company.records.values() {
        let kind = record.kind();
        let keys = default_sort(kind, &company.definitions);
        assert!(!keys.is_empty());
        let Some(field) = index::order_field(kind) else { continue };
        let by_name = parse_sort(fields::field_by_number(kind, field).unwrap().name, kind, &company.definitions).unwrap();
        assert!(by_name[0].is_by_name(kind), "{kind}");
        let keys: Vec<Vec<u8>> = index::index_keys(record).into_iter().filter(|(at, _)| *at == field).map(|(_, key)| key).collect();
        assert_eq!(keys, [Sorter::new(&by_name, &company).key(record)], "{}", record.id);
    }
    let descending = parse_sort("-name", Kind::Contact, &company.definitions).unwrap();
    assert!(!descending[0].is_by_name(Kind::Contact));
}

#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::domain::samples::{any_record, definitions, now};
use crate::domain::{Assignment, FieldRef, NoLookup, Op, Reading, RecordId, assign};

/// Reads cells back into a record, the way an import does: empty ones are passed over.
pub(in crate::domain) fn back(kind: Kind, cells: &[(String, String)], definitions: &Definitions) -> Record {
    let assignments: Vec<Assignment> = cells
        .iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| Assignment::new(FieldRef::resolve(kind, name, definitions).unwrap(), Op::Set, text).unwrap())
        .collect();
    let mut record = Record::new(RecordId::new(kind, 1));
    assign(&mut record, &assignments, &Reading::new(definitions, now())).unwrap();
    record
}

#[test]
fn columns_of_a_contact() {
    let definitions = definitions();
    let mut record = Record::new(RecordId::new(Kind::Contact, 1));
    let reading = Reading::new(definitions, now());
    for text in [
        "name=Ada Novák",
        "email.work=a@x.cz",
        "email+=b@x.cz",
        "email.work+=c@x.cz",
        "phone=601 123 456",
        "address.home.city=Brno",
        "company.id=a4",
        "title=CEO",
        "jobs.2.title=Chair",
        "consent.email=yes",
        "external_id=hq:1; crm:2",
        "tags=vip, cold",
        "my_money=10k",
        "owner=u3",
    ] {
        let assignment = Assignment::parse(Kind::Contact, text, definitions).unwrap();
        assign(&mut record, &[assignment], &reading).unwrap();
    }
    let cells = flat(&record, definitions, &NoLookup);
    let shown: Vec<String> = cells.iter().map(|(name, text)| format!("{name}={text}")).collect();
    assert_eq!(
        shown,
        [
            "name=Ada Novák",
            "email.work=a@x.cz",
            "email.2=b@x.cz",
            "email.work.2=c@x.cz",
            "phone=+420601123456",
            "address.home.city=Brno",
            "company=a4",
            "company.id=a4",
            "title=CEO",
            "jobs.2.title=Chair",
            "consent.email=yes",
            "external_id=hq:1; crm:2",
            "owner=u3",
            "owner.id=u3",
            "tags=vip; cold",
            "my_money=10000.00 CZK",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_goes_out_in_columns_comes_back(record in any_record()) {
        let definitions = definitions();
        let cells = flat(&record, definitions, &NoLookup);
        prop_assert_eq!(back(record.kind(), &cells, definitions), record, "{:?}", cells);
    }
}

//! Pages of queries: whichever way they are found, they are the same.

use std::sync::Arc;

use rolo::domain::fields::number;
use rolo::domain::{Currency, Kind, Money, Record, RecordId, Timestamp, Value};
use rolo::query::{Query, Sorter, parse_sort};
use rolo::store::Store;
use rolo::store::api::{Page, PageRequest, Trash, new_id};

use super::Backend;
use super::bench::{all, commit, done, gone, put, record, there};

const NAMES: [&str; 6] = ["Novák", "Žák", "Adams", "novak", "Иван", "Čapek"];
const STAGES: [&str; 4] = ["lead", "proposal", "won", "lost"];

/// Forty contacts, twenty companies, sixty deals, some in the trash and some gone.
fn stocked(backend: &dyn Backend) -> Arc<dyn Store> {
    let store = backend.fresh();
    let mut changes = Vec::new();
    let ada = record(new_id(Kind::User, 1), &[(number::LOGIN, "ada"), (number::USER_NAME, "Ada")]);
    changes.push(put(ada, Some(0)));
    for n in 0..20_u64 {
        let mut company = record(new_id(Kind::Company, n), &[(number::COMPANY_NAME, &format!("Firm {}", n % 7))]);
        if n % 3 == 0 {
            company.push(number::INDUSTRY, Value::text(["retail", "energy"][n as usize % 2]));
        }
        changes.push(put(company, Some(0)));
    }
    for n in 0..40_u64 {
        let mut contact = Record::new(new_id(Kind::Contact, n));
        if n % 9 > 0 {
            contact.push(number::CONTACT_NAME, Value::text(NAMES[n as usize % 6]));
        }
        contact.push(number::CONTACT_EMAIL, Value::labelled("work", Value::text(format!("p{}@firm{}.example", n % 11, n % 5))));
        for tag in ["vip", "cold", "north"].iter().take(n as usize % 4) {
            contact.push(number::TAGS, Value::text(*tag));
        }
        if n % 13 != 5 {
            // Two and two at the same moment.
            contact.set(number::CREATED_AT, Value::Time(Timestamp((n as i64 / 2 - 10) * 86_400_000_000)));
        }
        changes.push(put(contact, Some(0)));
    }
    for n in 0..60_u64 {
        let mut deal = record(new_id(Kind::Opportunity, n), &[(number::OPPORTUNITY_NAME, &format!("Deal {n}"))]);
        deal.push(number::STAGE, Value::text(STAGES[n as usize % 4]));
        deal.push(number::OPPORTUNITY_COMPANY, Value::Link(new_id(Kind::Company, n % 20)));
        if n % 5 > 0 {
            let minor = (n as i64 * 7919) % 1000 * 100;
            deal.push(number::AMOUNT, Value::Money(Money { minor, currency: Currency::from_code("EUR").unwrap() }));
        }
        if n % 2 == 0 {
            deal.push(number::OWNER, Value::Link(new_id(Kind::User, 1)));
        }
        changes.push(put(deal, Some(0)));
    }
    let ids = done(&*store, changes).ids;
    let mut later = Vec::new();
    for id in ids.iter().filter(|id| id.kind == Kind::Contact) {
        if id.number % 10 == 3 {
            let mut trashed = there(&*store, *id);
            trashed.set(number::TRASHED_AT, Value::Time(Timestamp(1)));
            later.push(put(trashed, None));
        } else if id.number % 10 == 4 {
            later.push(gone(*id, None));
        }
    }
    store.commit(commit(later)).unwrap();
    store
}

fn request(store: &dyn Store, kind: Kind, query: &str, sort: &str) -> PageRequest {
    let definitions = store.definitions();
    let query = (!query.is_empty()).then(|| Arc::new(Query::parse(query, kind, &definitions).unwrap()));
    PageRequest { query, sort: parse_sort(sort, kind, &definitions).unwrap(), ..all(kind) }
}

/// Returns the whole list, read in pages of `size`.
fn paged(store: &dyn Store, request: &PageRequest, size: usize) -> Vec<RecordId> {
    let mut request = PageRequest { limit: size, ..request.clone() };
    let mut ids = Vec::new();
    loop {
        let page = store.query(&request).unwrap();
        assert!(page.ids.len() <= size);
        assert_eq!(page.records.iter().map(|record| record.id).collect::<Vec<_>>(), page.ids);
        ids.extend(page.ids);
        request.after = page.next;
        if request.after.is_none() {
            return ids;
        }
    }
}

const QUERIES: &[(Kind, &str)] = &[
    (Kind::Contact, ""),
    (Kind::Contact, "novak"),
    (Kind::Contact, "name:novak"),
    (Kind::Contact, "name=novák"),
    (Kind::Contact, "tags:vip"),
    (Kind::Contact, "tags:vip -tags:cold"),
    (Kind::Contact, "tags:north,cold email:firm1"),
    (Kind::Contact, "email=p3@firm4.example"),
    (Kind::Contact, "created_at:1970-01-02..1970-01-10"),
    (Kind::Contact, "created_at:..1969-12-25 tags:cold"),
    (Kind::Contact, "name:"),
    (Kind::Contact, "id:c1,c7,c99"),
    (Kind::Contact, "tags:nobody"),
    (Kind::Company, "industry:retail"),
    (Kind::Company, "name:\"firm 3\" or industry:energy"),
    (Kind::Opportunity, "stage:won"),
    (Kind::Opportunity, "stage:won,lost owner:me"),
    (Kind::Opportunity, "company.industry:retail"),
    (Kind::Opportunity, "company.industry:retail amount:100..500"),
    (Kind::Opportunity, "-owner:* stage:lead"),
];

const SORTS: &[&str] = &["", "name", "-name", "id", "created_at", "-created_at", "created_at,-name"];

pub(crate) fn every_way_gives_the_same_rows(backend: &dyn Backend) {
    let store = backend.again(stocked(backend));
    let context = Asker { store: &*store, definitions: store.definitions() };
    for (kind, query) in QUERIES {
        for sort in SORTS {
            for trash in [Trash::Without, Trash::Only, Trash::With] {
                let what = format!("{kind} {query} by {sort} {trash:?}");
                let request = PageRequest { trash, ..request(&*store, *kind, query, sort) };
                let whole = store.query(&request).unwrap();
                assert_eq!(whole.next, None, "{what}");
                assert_eq!(whole.total, Some(whole.ids.len() as u64), "{what}");
                assert_eq!(paged(&*store, &request, 7), whole.ids, "{what}");
                let untold = PageRequest { total: false, ..request.clone() };
                assert_eq!(paged(&*store, &untold, 2), whole.ids, "{what}");
                let untold = PageRequest { records: false, ..untold };
                let page = store.query(&untold).unwrap();
                assert_eq!((page.ids, page.total, page.records.len()), (whole.ids.clone(), None, 0), "{what}");
                let middle = store.query(&PageRequest { offset: 3, limit: 4, ..request.clone() }).unwrap();
                assert_eq!(middle.ids, whole.ids.iter().copied().skip(3).take(4).collect::<Vec<_>>(), "{what}");
                assert_eq!(middle.total, whole.total, "{what}");
                // It is in order.
                let key = |record: &Record| Sorter::new(&request.sort, &context).key(record);
                let keys: Vec<_> = whole.records.iter().map(|record| (key(record), record.id)).collect();
                assert!(keys.is_sorted(), "{what}");
                // The same without any index: all records, asked one by one.
                let everything = store.query(&PageRequest { query: None, sort: Vec::new(), ..request.clone() }).unwrap();
                let mut ids: Vec<RecordId> = whole.ids.clone();
                ids.sort_unstable();
                let expected: Vec<RecordId> = everything
                    .records
                    .iter()
                    .filter(|record| request.query.as_ref().is_none_or(|query| query.matches(record, &context)))
                    .map(|record| record.id)
                    .collect();
                assert_eq!(ids, expected, "{what}");
            }
        }
    }
}

/// The store as whoever asks it record by record sees it.
struct Asker<'a> {
    store: &'a dyn Store,
    definitions: Arc<rolo::domain::Definitions>,
}

impl rolo::domain::Lookup for Asker<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        self.store.get(&[id]).unwrap().pop().unwrap()
    }
}

impl rolo::query::Context for Asker<'_> {
    fn now(&self) -> Timestamp {
        Timestamp::EPOCH
    }

    fn login(&self) -> &str {
        "ada"
    }

    fn me(&self) -> Option<RecordId> {
        Some("u1".parse().unwrap())
    }

    fn definitions(&self) -> &rolo::domain::Definitions {
        &self.definitions
    }
}

pub(crate) fn names_are_in_order(backend: &dyn Backend) {
    let store = stocked(backend);
    let page = store.query(&request(&*store, Kind::Contact, "tags:north", "name")).unwrap();
    let names: Vec<&str> = page.records.iter().map(|record| record.text(number::CONTACT_NAME).unwrap_or("-")).collect();
    assert_eq!(names.join(" "), "Čapek Čapek novak novak Žák Žák Žák -");
}

pub(crate) fn little_is_read_where_an_index_helps(backend: &dyn Backend) {
    let store = stocked(backend);
    let plan = |kind: Kind, query: &str, sort: &str, limit: usize| {
        let request = PageRequest { limit, total: false, records: false, ..request(&*store, kind, query, sort) };
        let Page { plan, .. } = store.query(&request).unwrap();
        plan.replace('\n', "; ")
    };
    assert_eq!(plan(Kind::Contact, "", "", 5), "0 records read to find them");
    assert_eq!(plan(Kind::Contact, "", "name", 5), "0 records read to find them");
    assert_eq!(
        plan(Kind::Opportunity, "stage:won", "", 5),
        "looks up stage:won in the index of stage: 1 key; checks nothing else; 0 records read to find them"
    );
    assert_eq!(
        plan(Kind::Opportunity, "stage:won amount:100..500", "-amount", 5),
        "looks up stage:won in the index of stage: 1 key; checks amount:100..500; 15 records read to find them"
    );
    assert_eq!(plan(Kind::Contact, "id:c7", "", 5), "takes 1 record by id; checks nothing else; 1 record read to find them");
    assert_eq!(plan(Kind::Contact, "email:firm3", "", 5), "reads every record; checks email:firm3; 32 records read to find them");
}

pub(crate) fn a_page_goes_on_where_it_ended_whatever_happened_meanwhile(backend: &dyn Backend) {
    let store = stocked(backend);
    let first = store.query(&PageRequest { limit: 10, ..request(&*store, Kind::Opportunity, "", "-name") }).unwrap();
    let last = first.ids[9];
    // The row at which the page ended goes, and another comes behind it.
    done(&*store, vec![gone(last, None)]);
    let new = record(new_id(Kind::Opportunity, 1), &[(number::OPPORTUNITY_NAME, "Aardvark")]);
    let new = done(&*store, vec![put(new, Some(0))]).ids[0];
    let rest = PageRequest { after: first.next, ..request(&*store, Kind::Opportunity, "", "-name") };
    let ids = store.query(&rest).unwrap().ids;
    assert_eq!((ids.len(), ids.last()), (51, Some(&new)));
    assert!(!ids.contains(&last));
    let request = PageRequest { at_least: Some(store.seq()), limit: 1, ..request(&*store, Kind::Opportunity, "", "") };
    assert_eq!(store.query(&request).unwrap().total, Some(60));
}

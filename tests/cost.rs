//! What imports and their undo ask of the store, in calls: so many for each row,
//! however many rows there are.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rolo::actions::{Clock, Desk, Which, add_json, answer, configure, undo};
use rolo::domain::definitions::Definitions;
use rolo::domain::{DefinitionName, FieldNumber, FileHash, Kind, Record, RecordId, Rollup, Timestamp};
use rolo::exchange::import::{Import, Input, Settings};
use rolo::exchange::mapping::Mapping;
use rolo::insight::KeptQueue;
use rolo::store::api::{
    Changes, Check, Commit, CommitInfo, Committed, Forget, Forgotten, Page, PageRequest, Stats, StepInfo, Store, Version,
};
use rolo::store::files::{Content, FileFacts};
use rolo::store::{StoreError, memory};

/// A store that counts what it is asked.
struct Counted {
    store: Arc<dyn Store>,
    calls: Mutex<BTreeMap<&'static str, u64>>,
}

impl Counted {
    fn count(&self, what: &'static str, by: usize) {
        *self.calls.lock().unwrap().entry(what).or_default() += by as u64;
    }

    /// Returns the counts so far, and begins anew.
    fn taken(&self) -> BTreeMap<&'static str, u64> {
        std::mem::take(&mut *self.calls.lock().unwrap())
    }
}

impl Store for Counted {
    fn query(&self, request: &PageRequest) -> Result<Page, StoreError> {
        self.count("query", 1);
        let page = self.store.query(request)?;
        self.count("paged", page.records.len());
        Ok(page)
    }

    fn get(&self, ids: &[RecordId]) -> Result<Vec<Option<Arc<Record>>>, StoreError> {
        self.count("records", ids.len());
        self.store.get(ids)
    }

    fn rollups(&self, ids: &[RecordId]) -> Result<Vec<Rollup>, StoreError> {
        self.store.rollups(ids)
    }

    fn lookup(&self, kind: Kind, field: FieldNumber, key: &[u8], limit: usize) -> Result<Vec<RecordId>, StoreError> {
        self.count("lookup", 1);
        self.store.lookup(kind, field, key, limit)
    }

    fn linking(&self, to: RecordId, from: Option<Kind>, limit: usize) -> Result<Vec<(RecordId, FieldNumber)>, StoreError> {
        self.count("linking", 1);
        self.store.linking(to, from, limit)
    }

    fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        self.count("commit", 1);
        self.count("changes", commit.changes.len());
        self.store.commit(commit)
    }

    fn seq(&self) -> u64 {
        self.store.seq()
    }

    fn definitions(&self) -> Arc<Definitions> {
        self.store.definitions()
    }

    fn changes_since(&self, seq: u64, limit: usize) -> Result<Changes, StoreError> {
        self.store.changes_since(seq, limit)
    }

    fn wait_for_change(&self, seq: u64, timeout: Duration) -> u64 {
        self.store.wait_for_change(seq, timeout)
    }

    fn history(&self, id: RecordId, limit: usize) -> Result<Vec<Version>, StoreError> {
        self.count("history", 1);
        self.store.history(id, limit)
    }

    fn as_of(&self, id: RecordId, seq: u64) -> Result<Option<Arc<Record>>, StoreError> {
        self.count("as_of", 1);
        self.store.as_of(id, seq)
    }

    fn seq_at(&self, at: Timestamp) -> Result<u64, StoreError> {
        self.store.seq_at(at)
    }

    fn steps(&self, before: Option<u64>, limit: usize) -> Result<Vec<StepInfo>, StoreError> {
        self.count("steps", 1);
        self.store.steps(before, limit)
    }

    fn commits_of(&self, step: u64) -> Result<Vec<CommitInfo>, StoreError> {
        self.count("commits_of", 1);
        self.store.commits_of(step)
    }

    fn committed(&self, key: &str) -> Result<Option<Committed>, StoreError> {
        self.store.committed(key)
    }

    fn file_length(&self, hash: &FileHash) -> Result<Option<u64>, StoreError> {
        self.store.file_length(hash)
    }

    fn keep_file(&self, facts: &FileFacts, content: &dyn Content) -> Result<(), StoreError> {
        self.count("keep_file", 1);
        self.store.keep_file(facts, content)
    }

    fn read_file(&self, hash: &FileHash, offset: u64, most: usize) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.read_file(hash, offset, most)
    }

    fn forget(&self, forget: &Forget) -> Result<Forgotten, StoreError> {
        self.store.forget(forget)
    }

    fn check(&self, repair: bool, progress: &mut dyn FnMut(u64, u64)) -> Result<Check, StoreError> {
        self.store.check(repair, progress)
    }

    fn stats(&self) -> Result<Stats, StoreError> {
        self.store.stats()
    }

    fn notices(&self) -> Vec<String> {
        self.store.notices()
    }

    fn close(&self) -> Result<(), StoreError> {
        self.store.close()
    }
}

/// The costs of an import of so many people at a few firms, of the same again, and of
/// taking the first back.
fn costs(rows: usize) -> [BTreeMap<&'static str, u64>; 3] {
    let counted = Arc::new(Counted { store: memory().unwrap(), calls: Mutex::default() });
    let mut desk = Desk::new(Arc::clone(&counted) as Arc<dyn Store>, "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    let lines: String = (0..rows).map(|n| format!("Person {n},p{n}@example.com,Firm {}\n", n % 20)).collect();
    let text = format!("name,email,company\n{lines}");
    let import = || {
        let inputs = vec![Input::new("people.csv", Box::new(text.as_bytes()))];
        Import::new(&desk, Settings::new(Kind::Contact, Mapping::default())).run(inputs, &mut ()).unwrap()
    };
    assert_eq!(import().created, rows as u64);
    let first = counted.taken();
    assert_eq!(import().unchanged, rows as u64);
    let again = counted.taken();
    undo(&desk, &Which::Last, false, false).unwrap();
    [first, again, counted.taken()]
}

#[test]
fn a_row_costs_the_same_however_many_there_are() {
    const ROWS: u64 = 600;
    let [one, two, three] = [1, 2, 3].map(|times| costs(ROWS as usize * times));
    for (((one, two), three), what) in one.iter().zip(&two).zip(&three).zip(["import", "import again", "undo"]) {
        for (call, count) in three {
            let before = |costs: &BTreeMap<&'static str, u64>| costs.get(call).copied().unwrap_or_default();
            let (second, third) = (before(two) - before(one), count - before(two));
            // A batch more or less is begun; what all rows share is asked for once.
            assert!(third <= second + second / 10 + 8, "{what}: {call} {second} times for {ROWS} rows, then {third} for as many");
        }
    }
    let per_row = |costs: &BTreeMap<&'static str, u64>, call: &str| costs.get(call).copied().unwrap_or_default() / (3 * ROWS);
    let [first, again, back] = &three;
    // A new row is looked for by its e-mail, its name and what its source gave before.
    assert!(per_row(first, "lookup") <= 4 && per_row(first, "records") <= 2, "{first:?}");
    assert!(per_row(again, "lookup") <= 2 && per_row(again, "records") <= 2 && !again.contains_key("commit"), "{again:?}");
    // A row is a contact and what its source gave: each is read as it was once, and asked
    // once who links to it.
    assert!(per_row(back, "as_of") <= 3 && per_row(back, "linking") <= 3 && per_row(back, "records") <= 5, "{back:?}");
    assert_eq!(first["changes"], back["changes"], "as much is taken back as was made");
}

/// What the application asks the store for until its first screen stands.
fn opening(contacts: usize) -> BTreeMap<&'static str, u64> {
    use rolo::tui::play::{PlayOptions, Print, Stage};
    let counted = Arc::new(Counted { store: memory().unwrap(), calls: Mutex::default() });
    let mut desk = Desk::new(Arc::clone(&counted) as Arc<dyn Store>, "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    rolo::actions::demo::demo_of_size(&desk, contacts as u64, 2 * contacts as u64, &mut |_, _| {}).unwrap();
    counted.taken();
    let (pane, settings) = (rolo::tui::keys::Pane::Contacts, rolo::tui::start::Settings::default());
    let stage = Stage::new(desk, &PlayOptions { size: (120, 40), pane, zoom: false, print: Print::Screen, settings }).unwrap();
    assert!(stage.screen().contains(&format!("1/{contacts}")), "{}", stage.screen());
    counted.taken()
}

#[test]
fn the_first_screen_reads_no_more_records_the_more_there_are() {
    let [few, many] = [400, 2_000].map(opening);
    let read = |costs: &BTreeMap<&'static str, u64>| ["records", "paged"].map(|what| costs.get(what).copied().unwrap_or_default());
    let ([few, few_paged], [many, many_paged]) = (read(&few), read(&many));
    // Rows on screen, their firms, and the timeline of the first.
    assert!(
        many <= few + 20 && many < 200 && many_paged <= few_paged + 20,
        "{few} and {few_paged} records of 400, {many} and {many_paged} of 2,000"
    );
}

/// What the queue of so many open tickets asks of the store after one of them was
/// answered, and what reading it first did.
fn queue_costs(tickets: usize) -> [BTreeMap<&'static str, u64>; 2] {
    let counted = Arc::new(Counted { store: memory().unwrap(), calls: Mutex::default() });
    let mut desk = Desk::new(Arc::clone(&counted) as Arc<dyn Store>, "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    let sla = "[urgent]\nwhen = \"priority:urgent\"\nany = { first-response = \"1h\" }\n[rest]\nany = { resolution = \"2d\" }\n";
    configure::put(&desk, DefinitionName::Sla, sla).unwrap();
    let object = |n: usize| serde_json::json!({ "subject": format!("Request {n}"), "channel": "email" });
    add_json(&desk, Kind::Ticket, &(0..tickets).map(object).collect()).unwrap();
    let mut queue = KeptQueue::default();
    counted.taken();
    assert_eq!(queue.ids(&*desk.store, &desk.view(), None).unwrap().0.len(), tickets);
    let first = counted.taken();
    answer(&desk, &["t7".parse().unwrap()], "It is on its way.").unwrap();
    counted.taken();
    assert_eq!(queue.ids(&*desk.store, &desk.view(), None).unwrap().0.len(), tickets);
    let forward = counted.taken();
    assert_eq!(queue.ids(&*desk.store, &desk.view(), None).unwrap().0.len(), tickets);
    assert_eq!(counted.taken(), BTreeMap::new(), "what has not changed is not read");
    [first, forward]
}

#[test]
fn a_change_costs_the_queue_what_it_touches_however_many_tickets_are_open() {
    let [[_, few], [first, many]] = [300, 3_000].map(queue_costs);
    assert_eq!(few, many);
    assert!(many["records"] <= 12 && many["query"] <= 3 && many["linking"] <= 2, "{many:?}");
    assert!(first["query"] < 30, "all is read in pages: {first:?}");
}

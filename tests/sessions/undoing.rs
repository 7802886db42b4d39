//! Undo among many: each takes back their own steps of their own workspace, field by
//! field, whoever holds the store meanwhile.

use std::sync::Arc;

use rolo::actions::{self, Clock, Desk, Target, Which};
use rolo::domain::{Kind, RecordId, json};
use rolo::store::Store;
use rolo::store::api::Author;
use rolo::store::known::Known;

use crate::company::{Place, contact};

const C1: RecordId = RecordId::new(Kind::Contact, 1);

fn desk(store: &Arc<dyn Store>, login: &str, workspace: &str) -> Desk {
    let author = Author { login: login.to_owned(), workspace: workspace.to_owned() };
    Desk { store: Arc::clone(store), author, clock: Clock::Real, readonly: false, joins: None }
}

fn set(desk: &Desk, text: &str) {
    actions::set_texts(desk, &Target::from(C1), &[text.to_owned()], None, false).unwrap();
}

fn undo(desk: &Desk) -> Result<String, (u8, String)> {
    actions::undo(desk, &Which::Last, false, false).map(|undone| undone.outcome.message).map_err(|error| (error.code, error.message))
}

fn says(desk: &Desk, field: &str) -> String {
    let record = desk.record(C1).unwrap();
    let shown = serde_json::Value::from(json::record(&record, &desk.definitions(), &Known::new(&*desk.store)));
    shown[field].as_str().unwrap_or_default().to_owned()
}

#[test]
fn each_takes_back_their_own_field_by_field_whoever_is_host() {
    let place = Place::new();
    let stores = [place.join(), place.join(), place.join(), place.join()];
    stores[0].commit(contact("Ada Novak")).unwrap();
    let [ada, ada_elsewhere, bob, script] = [(0, "ada", "main"), (1, "ada", "other"), (2, "bob", "main"), (3, "ada", "")]
        .map(|(at, login, workspace)| desk(&stores[at], login, workspace));
    set(&ada, "lifecycle=lead");
    set(&bob, "source=fair");
    set(&ada_elsewhere, "notes=seen");
    set(&script, "language=cs");
    // The latest step is another's: each goes past it to their own.
    assert!(undo(&bob).unwrap().starts_with("took back "));
    assert_eq!(["source", "lifecycle", "notes", "language"].map(|field| says(&ada, field)), ["", "lead", "seen", "cs"]);
    // The host goes: what was done is found again from another seat, and in another session.
    stores[0].close().unwrap();
    let again = place.join();
    let ada = desk(&again, "ada", "main");
    assert!(undo(&ada).unwrap().starts_with("took back "));
    assert_eq!(["lifecycle", "notes", "language"].map(|field| says(&bob, field)), ["", "seen", "cs"]);
    assert!(actions::redo(&ada, false, false).unwrap().outcome.message.starts_with("did again "));
    assert_eq!(says(&bob, "lifecycle"), "lead");
    // Two of one field: the second stands, and the first is told so, both ways.
    set(&bob, "lifecycle=customer");
    let (code, told) = undo(&ada).unwrap_err();
    assert_eq!(code, 5);
    assert!(
        told.starts_with("somebody changed since:\nc1 lifecycle: customer (bob @") && told.ends_with("undo would leave nothing"),
        "{told}"
    );
    assert_eq!(says(&ada, "lifecycle"), "customer");
    // Of another's step, only what was asked for by its number.
    undo(&bob).unwrap();
    assert!(undo(&ada).is_ok());
    assert_eq!(["lifecycle", "notes", "language"].map(|field| says(&script, field)), ["", "seen", "cs"]);
    drop((ada, ada_elsewhere, bob, script));
    again.close().unwrap();
    stores.iter().for_each(|store| store.close().unwrap());
    place.clean();
}

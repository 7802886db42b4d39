//! Where values came from.

use rolo::actions::{self, Desk};
use rolo::command::blamed;
use rolo::domain::{Kind, RecordId};
use rolo::exchange::import::{Import, Input, Settings};
use rolo::exchange::mapping::Mapping;

use super::{add, desk, id, merge, set, undo};

fn import(desk: &Desk, name: &str, source: &str, text: &str) {
    let mapping = Mapping { source: Some(source.to_owned()), ..Mapping::default() };
    let input = Input::new(name, Box::new(std::io::Cursor::new(text.to_owned())));
    let report = Import::new(desk, Settings::new(Kind::Contact, mapping)).run(vec![input], &mut ()).unwrap();
    assert_eq!(report.rejected, 0);
}

/// `field=value: where it came from`, for each value.
fn told(desk: &Desk, id: RecordId, field: Option<&str>) -> Vec<String> {
    blamed(desk, id, field).unwrap().iter().map(|blamed| format!("{}={}: {}", blamed.field, blamed.value.plain(), blamed.origin)).collect()
}

#[test]
fn each_value_names_its_row_or_its_step() {
    let desk = desk();
    import(&desk, "a.csv", "hq", "external_id,name,email,phone\n7,Eva,eva@x.cz,\n8,Ada,ada@x.cz,+420601123456\n");
    set(&desk, id("c2"), &["email+=new@x.cz", "tags=vip"]);
    import(&desk, "b.csv", "web", "name,email,language\n,,\nAda,ada@x.cz,cs\n");
    set(&desk, id("c2"), &["tags+=loud"]);
    assert_eq!(told(&desk, id("c2"), Some("email")), ["email=ada@x.cz: import a.csv:3 (hq id:8) @1", "email=new@x.cz: set email, tags @2"]);
    assert_eq!(told(&desk, id("c2"), Some("language")), ["language=cs: import b.csv:3 (web email:ada@x.cz) @3"]);
    assert_eq!(told(&desk, id("c2"), Some("tags")), ["tags=vip: set email, tags @2", "tags=loud: set tags @4"]);
    assert_eq!(told(&desk, id("c2"), Some("phone")), ["phone=+420601123456: import a.csv:3 (hq id:8) @1"]);
    assert_eq!(blamed(&desk, id("c2"), Some("fone")).unwrap_err().code, 2);
    // The same rows again, in another order: nothing new, and nothing else is said.
    import(&desk, "a2.csv", "hq", "external_id,name,email,phone\n8,Ada,ada@x.cz,+420601123456\n7,Eva,eva@x.cz,\n");
    assert_eq!(told(&desk, id("c2"), Some("phone")), ["phone=+420601123456: import a.csv:3 (hq id:8) @1"]);
}

#[test]
fn what_was_merged_keeps_its_origin_and_what_undo_brings_back_has_its_own() {
    let desk = desk();
    add(&desk, Kind::Contact, &["name=Ada", "email=ada@x.cz"]);
    import(&desk, "a.csv", "hq", "external_id,name,email,phone\n8,Ada N.,an@y.cz,+420601123456\n");
    let merged = merge(&desk, &[id("c1"), id("c2")]).outcome.step.unwrap();
    assert_eq!(
        told(&desk, id("c1"), Some("email")),
        ["email=ada@x.cz: add contact @1".to_owned(), "email=an@y.cz: import a.csv:2 (hq id:8) @2, with c2".to_owned()]
    );
    assert_eq!(told(&desk, id("c1"), Some("notes")), [format!("notes=merged c2: name: Ada N.: merge c2 into c1 @{merged}")]);
    // The same source again finds the one that was kept.
    import(&desk, "later.csv", "hq", "external_id,name,email,phone,language\n8,Ada N.,an@y.cz,+420601123456,cs\n");
    assert_eq!(told(&desk, id("c1"), Some("language")).len(), 1, "{:?}", told(&desk, id("c1"), None));
    undo(&desk, merged);
    assert_eq!(told(&desk, id("c2"), Some("email")), ["email=an@y.cz: import a.csv:2 (hq id:8) @2"]);
    let step = actions::set_texts(&desk, &id("c1").into(), &["nickname=Adka"], None, false).unwrap().step.unwrap();
    let cleared = actions::set_texts(&desk, &id("c1").into(), &["nickname="], None, false).unwrap().step.unwrap();
    undo(&desk, cleared);
    assert_eq!(told(&desk, id("c1"), Some("nickname")), [format!("nickname=Adka: set nickname @{step}")]);
}

#[test]
fn a_row_that_fits_two_is_solved_by_merging_them() {
    let desk = desk();
    add(&desk, Kind::Contact, &["name=Ada", "email=ada@x.cz"]);
    add(&desk, Kind::Contact, &["name=Ada N.", "email=ada@x.cz"]);
    let text = "name,email,phone\nAda,ada@x.cz,+420601123456\n";
    let run = || {
        let input = Input::new("a.csv", Box::new(std::io::Cursor::new(text)));
        Import::new(&desk, Settings::new(Kind::Contact, Mapping::default())).run(vec![input], &mut ()).unwrap()
    };
    assert_eq!((run().rejected, desk.store.lookup(Kind::Contact, 107, b"420601123456", 9).unwrap().len()), (1, 0));
    merge(&desk, &[id("c1"), id("c2")]);
    let report = run();
    assert_eq!((report.rejected, report.updated), (0, 1));
    assert_eq!(told(&desk, id("c1"), Some("phone")), ["phone=+420601123456: import a.csv:2 (email:ada@x.cz) @4"]);
}

//! Files taken in and given out from inside the application.

use std::fs;

use crate::common::{after, empty_stage, message};

/// Returns the text of a file of people, one of whom has no address.
const PEOPLE: &str = "name,email\nAda Novák,ada@example.com\nBen,no address\nCy,cy@example.com\n";

#[test]
fn a_file_comes_in_and_its_rejects_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let (people, rejects) = (folder.path().join("people.csv"), folder.path().join("rejects.csv"));
    fs::write(&people, PEOPLE).unwrap();
    let mut stage = empty_stage(120, 40);
    assert!(stage.screen().contains(":import FILE --as contact"), "{}", stage.screen());
    let dry = after(&mut stage, &format!(":import {} --as contact --dry-run<CR>", people.display()));
    assert_eq!(message(&dry), ("info".into(), "3 read: 2 created, 0 updated, 0 unchanged, 1 rejected".into()));
    assert_eq!(dry["panes"]["contacts"]["total"], 0);
    stage.press("<Esc>").unwrap();
    let done = after(&mut stage, &format!(":import {} --as contact --rejects {}<CR>", people.display(), rejects.display()));
    assert_eq!(message(&done), ("info".into(), "3 read: 2 created, 0 updated, 0 unchanged, 1 rejected (@1)".into()));
    assert_eq!(done["panes"]["contacts"]["total"], 2);
    let sheet = stage.app.sheet.as_ref().unwrap().lines.join("\n");
    assert!(sheet.contains("3 reject: line 3: \u{201c}no address\u{201d} is no e-mail address"), "{sheet}");
    assert!(sheet.contains(&format!("1 row was rejected: it is in {}", rejects.display())), "{sheet}");
    assert!(fs::read_to_string(&rejects).unwrap().contains("Ben,no address"));
    // One step: one u takes it back.
    let undone = after(&mut stage, "<Esc>u");
    assert_eq!(undone["panes"]["contacts"]["total"], 0);
}

#[test]
fn mistakes_are_told_as_in_the_shell() {
    let folder = tempfile::tempdir().unwrap();
    let people = folder.path().join("people.csv");
    fs::write(&people, PEOPLE).unwrap();
    let map = folder.path().join("map.toml");
    fs::write(&map, "kind = \"contact\"\n[columns]\n\"Nme\" = \"name\"\n").unwrap();
    let mut stage = empty_stage(120, 40);
    let (people, map) = (people.display(), map.display());
    for (line, expected) in [
        ("import".to_owned(), "which file?: write :import FILE --as KIND".to_owned()),
        (format!("import {people}"), "what is each row?: add --as contact, or kind = \"contact\" to the mapping".to_owned()),
        (
            format!("import {people} --as contct"),
            "there is no kind \u{201c}contct\u{201d}: did you mean \u{201c}contact\u{201d}?".to_owned(),
        ),
        (
            format!("import {people}x --as contact"),
            format!("{people}x: No such file or directory (os error 2): is the name right? paths count from this folder"),
        ),
        (
            format!("import {people} --map {map}"),
            format!("{map}:3:1: the file has no column \u{201c}Nme\u{201d} (did you mean \u{201c}name\u{201d}?)"),
        ),
        ("import - --as contact".to_owned(), "there is no standard input to read: name a file".to_owned()),
        ("export".to_owned(), "where to?: write :export KIND --out FILE".to_owned()),
        (format!("export --out {people}"), "of which kind?: write :export KIND --out FILE, or :export --all --out DIR".to_owned()),
        (format!("export contact --out {people}"), format!("{people} is there already: :export! writes over it")),
        (
            format!("export contact nmae:x --out {people}y"),
            "contact has no field \u{201c}nmae\u{201d}: did you mean \u{201c}name\u{201d}?".to_owned(),
        ),
    ] {
        let state = after(&mut stage, &format!(":{line}<CR>"));
        assert_eq!(message(&state), ("error".into(), expected), "{line}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("people.csv")).unwrap(), PEOPLE);
}

#[test]
fn records_go_out_and_write_over_a_file_only_when_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("people.csv");
    let mut stage = crate::common::stage(120, 40);
    let line = format!("export contact lifecycle:customer --columns name,lifecycle --sort name --out {}", out.display());
    let done = after(&mut stage, &format!(":{line}<CR>"));
    let text = fs::read_to_string(&out).unwrap();
    let rows = text.lines().count() - 1;
    assert_eq!(message(&done), ("info".into(), format!("{rows} contacts in {}", out.display())));
    assert!(rows > 0 && text.lines().skip(1).all(|row| row.ends_with(",customer")), "{text}");
    fs::write(&out, "mine").unwrap();
    let refused = after(&mut stage, &format!(":{line}<CR>"));
    assert_eq!(message(&refused).0, "error");
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    // Undo cannot reach a file: a read-only session leaves it alone even when told to.
    stage.desk.readonly = true;
    after(&mut stage, &format!(":{}<CR>", line.replacen("export", "export!", 1)));
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    stage.desk.readonly = false;
    after(&mut stage, &format!(":{}<CR>", line.replacen("export", "export!", 1)));
    assert_eq!(fs::read_to_string(&out).unwrap(), text);
    let all = folder.path().join("all");
    after(&mut stage, &format!(":export --all --out {}<CR>", all.display()));
    assert!(all.join("contact.jsonl").exists() && all.join("opportunity.jsonl").exists());
}

#[test]
fn a_read_only_session_takes_nothing_in() {
    let folder = tempfile::tempdir().unwrap();
    let people = folder.path().join("people.csv");
    fs::write(&people, PEOPLE).unwrap();
    let mut desk = crate::common::empty_desk();
    desk.readonly = true;
    let mut stage = rolo::tui::play::Stage::new(desk, &crate::common::options(80, 24)).unwrap();
    let state = after(&mut stage, &format!(":import {} --as contact<CR>", people.display()));
    assert_eq!(message(&state), ("error".into(), "import would change something: this session is read-only".into()));
}

//! `:backup`, `:forget` and `:apply`: the same from inside the application.

use crate::Home;

/// Types keys into the application on the home's store; returns the screen at the end.
fn typed(home: &Home, keys: &str) -> String {
    home.done(&["play", keys, "--size", "100x30"])
}

#[test]
fn a_backup_is_made_and_not_written_over() {
    let home = Home::new();
    home.done(&["add", "contact", "name=Ada"]);
    let screen = typed(&home, ":backup all.tar<CR>");
    assert!(screen.contains("is in all.tar, and was read back"), "{screen}");
    assert_eq!(home.call_at("again", &["restore-backup", "all.tar"], b"").code, 0);
    assert_eq!(home.done_at("again", &["list", "contact", "--columns", "name", "--no-header"]), "Ada\n");
    assert!(typed(&home, ":backup all.tar<CR>").contains(":backup! writes over it"));
    assert!(typed(&home, ":backup! all.tar<CR>").contains("and was read back"));
    assert!(typed(&home, ":backup store/all.tar<CR>").contains("lies in the store itself"));
    assert!(typed(&home, ":backup<CR>").contains("into which file?"));
}

#[test]
fn a_person_is_forgotten_only_when_that_is_meant() {
    let home = Home::new();
    home.done(&["add", "contact", "name=Ada Lovelace", "email=ada@acme.example"]);
    home.done(&["log", "call", "c1", "renewal agreed"]);
    let screen = typed(&home, ":forget<CR>");
    assert!(screen.contains("for good would go: c1 Ada Lovelace, 1 records only about them"), "{screen}");
    assert_eq!(home.done(&["count", "contact"]).trim(), "1", "it only said so");
    let screen = typed(&home, ":forget!<CR>");
    assert!(!screen.contains("Lovelace") && screen.contains("--backups"), "{screen}");
    assert_eq!((home.done(&["count", "contact"]).trim(), home.done(&["count", "interaction"]).trim()), ("0", "0"));
    home.done(&["add", "company", "name=Acme"]);
    assert!(typed(&home, ":forget! a1<CR>").contains("only people can be forgotten"));
}

#[test]
fn a_plan_is_carried_out() {
    let home = Home::new();
    home.file("people.csv", "name,email\nAda,ada@acme.example\nBo,bo@acme.example\n");
    let screen = typed(&home, ":import people.csv --as contact --plan plan.jsonl<CR>");
    assert!(screen.contains("2 read: 2 created"), "{screen}");
    assert_eq!(home.done(&["count", "contact"]).trim(), "0", "it is only planned");
    let screen = typed(&home, ":apply plan.jsonl<CR>");
    assert!(screen.contains("2 read: 2 created") && screen.contains("Bo"), "{screen}");
    assert_eq!(home.done(&["count", "contact"]).trim(), "2");
    assert!(typed(&home, ":apply<CR>").contains("which plan?"));
}

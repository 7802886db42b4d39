//! Somebody forgotten: not a byte of what they are called or reached by is left.

use std::path::Path;

use crate::{Home, collect};

/// What must not be found any more.
const WORDS: &[&str] = &["Nováková", "Novakova", "nováková", "novakova", "ada@example.com", "601123456", "601 123 456", "Zelená"];

/// A store that knows somebody in many ways.
fn acquainted() -> Home {
    let home = Home::new();
    home.done(&["add", "company", "name=Acme", "phone=+420222333444"]);
    home.done(&[
        "add",
        "contact",
        "name=Ada Nováková",
        "given=Ada",
        "family=Nováková",
        "email=ada@example.com",
        "phone=+420601123456",
        "company=Acme",
        "address.home.street=Zelená 7",
        "notes=Likes tea",
    ]);
    home.done(&["add", "contact", "name=Eva Malá", "email=eva@example.com", "phone=+420601999888"]);
    // A name that was other once, and one that only history knows.
    home.done(&["set", "c1", "name=Ada Novakova", "email=ada@example.com;ada.old@example.com"]);
    home.done(&["log", "call", "c1", "Ada Nováková called about the quote", "--next", "tomorrow Call Ada Nováková back"]);
    home.done(&["log", "email", "c2", "Ask Ada Nováková (ada@example.com, 601 123 456) for the papers"]);
    home.done(&["add", "opportunity", "name=Lenses for Ada Nováková", "company=Acme", "contact=c1", "amount=1000 EUR", "stage=won"]);
    home.done(&["add", "ticket", "subject=Nováková cannot log in", "body=I am Ada, call me", "contact=c1"]);
    home.done(&["set", "a1", "notes=Ada Nováková decides"]);
    home.file("Ada Nováková CV.txt", "Ada Nováková, born somewhere");
    home.done(&["attach", "c1", "Ada Nováková CV.txt"]);
    home.file("shared.txt", "nothing personal");
    home.done(&["attach", "a1", "shared.txt"]);
    // In the trash, and long text that is compressed.
    let long =
        format!("name,email,notes\nPaul Blank,paul@example.com,\"{}\"\n", "met Ada Nováková at the fair, ada@example.com; ".repeat(40));
    home.file("people.csv", long);
    home.done(&["import", "people.csv", "--as", "contact"]);
    home.done(&["log", "note", "c1", "only about Nováková"]);
    let note = home.done(&["list", "interaction", "channel:note", "--format", "ids"]);
    home.done(&["rm", note.trim()]);
    home
}

fn found_in(folder: &Path) -> Vec<String> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    let mut found = Vec::new();
    for (name, bytes) in files {
        for word in WORDS {
            if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                found.push(format!("{word} in {name}"));
            }
        }
    }
    found
}

#[test]
fn nothing_is_left_of_a_person_and_business_stays() {
    let home = acquainted();
    assert!(!found_in(&home.store()).is_empty());
    let plan = home.done(&["forget", "c1", "--dry-run"]);
    assert!(plan.starts_with("would be forgotten: c1 Ada Novakova, "), "{plan}");
    let refused = home.call(&["forget", "c1"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("add --yes if that is meant"), "{}", refused.err);
    assert_eq!(home.call(&["--readonly", "forget", "c1", "--yes"]).code, 7);
    // While somebody else has the store, too.
    let mut host = home.command("store", &["serve"]).spawn().unwrap();
    while !home.store().join("sock").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let said = home.done(&["forget", "c1", "--yes"]);
    assert!(said.starts_with("c1 is forgotten: ") && said.contains("backups and exports that lie elsewhere"), "{said}");
    host.kill().unwrap();
    host.wait().unwrap();
    home.done(&["check"]);
    assert_eq!(found_in(&home.store()), [] as [&str; 0]);
    assert_eq!(
        home.everything("store").iter().filter(|(_, bytes)| WORDS.iter().any(|word| String::from_utf8_lossy(bytes).contains(word))).count(),
        0
    );
    // Not in what history, the trash, a search or a backup say either.
    for words in [vec!["history"], vec!["find", "Nováková"], vec!["show", "i2"], vec!["show", "a1", "--all", "--format", "json"]] {
        let said = home.call(&words);
        assert!(WORDS.iter().all(|word| !said.text().contains(word)), "{words:?}: {}", said.text());
    }
    assert_eq!(home.call(&["show", "c1"]).code, 4);
    let again = home.call(&["forget", "c1", "--yes"]);
    assert_eq!((again.code, again.err.as_str()), (4, "rolo: c1 is forgotten already\n"));
    // The figures stay, and so do others.
    let deal = home.done(&["list", "opportunity", "--columns", "id,name,company,stage,amount", "--format", "tsv", "--no-header"]);
    assert_eq!(deal, "o1\tLenses for ***\tAcme\twon\t1000.00 EUR\n");
    let people = home.done(&["list", "contact", "--columns", "id,name,email", "--no-header", "--format", "tsv"]);
    assert!(people.contains("Eva Malá\teva@example.com") && people.contains("Paul Blank\tpaul@example.com"), "{people}");
    assert_eq!(home.done(&["list", "document", "--columns", "name", "--no-header", "--format", "plain"]), "shared.txt\n");
    assert_eq!(home.done(&["open", "a1"]), "nothing personal");
    let notes = home.done(&["list", "company", "--columns", "notes", "--no-header", "--format", "plain"]);
    assert_eq!(notes, "*** decides\n");
    // A number is not given again, and the step cannot be taken back.
    assert_ne!(home.done(&["add", "contact", "name=New"]).trim(), "c1");
    let steps = home.done(&["history", "--format", "json"]);
    let step = steps.split("forget c1").next().unwrap().rsplit("\"@").next().unwrap().split('"').next().unwrap().to_owned();
    let undone = home.call(&["undo", &format!("@{step}")]);
    assert!(undone.err.contains("forgot somebody: that cannot be undone"), "{step} {}", undone.err);
}

/// Copies a store, its socket and lock aside.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn killed_in_the_middle_it_is_ended_later() {
    let home = acquainted();
    let mut cut = 0;
    for round in 0..12_u64 {
        let name = format!("copy-{round}");
        copy(&home.store(), &home.path().join(&name));
        let mut child = home.command(&name, &["forget", "c1", "--yes"]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(round * 25));
        child.kill().unwrap();
        cut += u32::from(!child.wait().unwrap().success());
        home.done_at(&name, &["check"]);
        let again = home.call_at(&name, &["forget", "c1", "--yes"], b"");
        assert!(again.code == 0 || again.err.contains("is forgotten already"), "{round}: {}", again.err);
        home.done_at(&name, &["check"]);
        assert_eq!(found_in(&home.path().join(&name)), [] as [&str; 0], "round {round}");
    }
    assert!(cut > 0, "none was killed in time");
}

#[test]
fn what_is_written_down_is_done_when_the_store_is_opened() {
    let home = acquainted();
    // As it stands where the power was cut before the first segment was replaced.
    let mut everywhere = rolo::domain::Erase::default();
    everywhere.text("Ada Nováková");
    let todo = rolo::store::api::Forget { everywhere, ..rolo::store::api::Forget::default() };
    std::fs::write(home.store().join("log/forget.todo"), postcard::to_stdvec(&todo).unwrap()).unwrap();
    let said = home.call(&["list", "company", "--columns", "notes", "--no-header", "--format", "plain"]);
    assert_eq!(said.text(), "*** decides\n");
    assert!(said.err.contains("somebody was being forgotten when the store was last left: that is done now"), "{}", said.err);
    assert!(!home.store().join("log/forget.todo").exists());
    home.done(&["check"]);
}

#[test]
fn what_others_have_too_stays_theirs_and_is_told() {
    let home = Home::new();
    home.done(&["add", "company", "name=Acme", "phone=+420222333444"]);
    home.done(&["add", "contact", "name=Jan Novák", "phone=+420222333444", "email=jan@example.com"]);
    home.done(&["add", "contact", "name=Jan Novák", "email=other@example.com"]);
    home.done(&["add", "ticket", "subject=Jan Novák calls", "contact=c2"]);
    let said = home.call(&["forget", "c1", "--yes"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("+420222333444 stays: a1 has it too"), "{}", said.err);
    assert!(said.err.contains("\u{201c}Jan Novák\u{201d} stays where nobody can tell who is meant: c2 has it too"), "{}", said.err);
    assert!(home.done(&["show", "c2"]).contains("Jan Novák"));
    assert!(home.done(&["show", "a1"]).contains("+420222333444"));
    assert!(home.done(&["show", "t1"]).contains("Jan Novák calls"));
    for (words, code, told) in [
        (vec!["forget", "a1", "--yes"], 2, "rolo: a1 is a company: only people can be forgotten\n"),
        (vec!["forget", "c9", "--yes"], 4, "rolo: there is no contact c9\n"),
    ] {
        let said = home.call(&words);
        assert_eq!(said.code, code);
        assert!(said.err.starts_with(told), "{}", said.err);
    }
}

#[test]
fn a_person_is_given_all_that_is_kept_about_them() {
    let home = acquainted();
    let all = home.done(&["show", "c1", "--all", "--format", "json", "--files", "given"]);
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let text = all.to_string();
    for part in ["called about the quote", "Lenses for Ada", "cannot log in", "Ada Nováková CV.txt", "ada.old@example.com", "Zelená 7"] {
        assert!(text.contains(part), "{part}");
    }
    assert!(all["history"].as_array().unwrap().len() >= 2);
    let file = std::fs::read_to_string(home.path().join("given/d1-Ada Nováková CV.txt")).unwrap();
    assert_eq!(file, "Ada Nováková, born somewhere");
}

#[test]
fn backups_that_hold_somebody_are_named_and_removed_when_asked() {
    let home = acquainted();
    let folder = home.store().join("backup");
    home.done(&["backup", "b.tar"]);
    let kept = folder.join("rolo-20260101T000000Z-9.tar");
    std::fs::copy(home.path().join("b.tar"), &kept).unwrap();
    // A fresh one by name, so that none comes by itself meanwhile.
    let now = home.path().join("store/backup/rolo-20991231T000000Z-9.tar");
    std::fs::copy(home.path().join("b.tar"), &now).unwrap();
    let said = home.done(&["--quiet", "forget", "c1", "--yes"]);
    assert!(said.contains("these backups still hold them") && said.contains("rolo-20260101T000000Z-9.tar"), "{said}");
    assert!(kept.exists());
    home.done(&["--quiet", "forget", "c2", "--yes", "--backups"]);
    assert!(!kept.exists() && !now.exists());
}

//! Files at records: attached, opened, exported, imported, checked.

use crate::{Home, collect};

fn with_files() -> Home {
    let home = Home::new();
    home.done(&["add", "contact", "name=Ada Nováková", "email=ada@example.com"]);
    home.file("quote.txt", "a quote");
    home.done(&["attach", "c1", "quote.txt"]);
    home
}

#[test]
fn a_file_is_attached_once_and_opened_as_it_was() {
    let home = with_files();
    assert_eq!(home.done(&["attach", "c1", "quote.txt"]), "quote.txt is attached already\n");
    assert_eq!(home.done(&["open", "c1"]), "a quote");
    let piped = home.call_at("store", &["attach", "c1", "-", "--name", "../../\u{1b}[31mevil\u{202e}.sh"], b"#!/bin/sh\n");
    assert_eq!(piped.text(), "attached d2 [31mevil.sh to c1 Ada Nováková\n");
    let several = home.call(&["open", "c1"]);
    assert_eq!(several.code, 4);
    assert!(several.err.starts_with("rolo: c1 has 2 documents:\n  d2 [31mevil.sh ("), "{}", several.err);
    assert_eq!(home.done(&["open", "d2"]), "#!/bin/sh\n");
    let timeline = home.done(&["timeline", "c1", "--format", "json"]);
    assert!(timeline.contains("quote.txt") && timeline.contains("evil.sh"), "{timeline}");
    // The copies are this user's alone, and cannot be written to.
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(home.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("rolo-open-") {
            collect(home.path(), &path, &mut copies);
        }
    }
    assert_eq!(copies.len(), 2);
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(home.path().join(&copies[0].0)).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o400);
}

#[test]
fn what_cannot_be_attached_is_told() {
    let home = with_files();
    for (words, code, told) in [
        (vec!["attach", "c1", "none.txt"], 1, "rolo: none.txt: No such file or directory (os error 2)\n"),
        (vec!["attach", "c1", "."], 1, "rolo: . is no file\n  a pipe or device is read from standard input: -\n"),
        (vec!["attach", "c1", "-"], 2, "rolo: what is the file on standard input called?\n  name it with --name quote.pdf\n"),
        (vec!["attach", "c7", "quote.txt"], 4, "rolo: there is no contact c7\n"),
        (vec!["attach", "d1", "quote.txt"], 2, "rolo: d1 is a document: nothing can be attached to it\n"),
        (vec!["--readonly", "attach", "c1", "quote.txt"], 7, "rolo: nothing is changed: rolo was started with --readonly\n"),
        (vec!["open", "u1"], 4, "rolo: u1 has no documents\n  `attach` adds one\n"),
    ] {
        let said = home.call(&words);
        assert_eq!((said.code, said.err.as_str()), (code, told), "{words:?}");
    }
    // A sparse file costs nothing to make.
    let large = std::fs::File::create(home.path().join("large")).unwrap();
    large.set_len(100 * 1024 * 1024 + 1).unwrap();
    let said = home.call(&["attach", "c1", "large"]);
    assert_eq!(said.err, "rolo: a file of 100.0 MiB is too large to attach: 100 MiB are the most\n");
    assert_eq!(home.done(&["count", "document", "--format", "plain"]).trim(), "1");
}

#[test]
fn an_export_of_everything_brings_files_back() {
    let home = with_files();
    home.call_at("store", &["attach", "c1", "-", "--name", "photo.jpg"], &[0xFF, 0xD8, 0, 1, 2, 3]);
    let before = home.everything("store");
    assert_eq!(before.iter().filter(|(name, _)| name.starts_with("files/")).count(), 2);
    for kind in ["user", "contact", "document"] {
        home.done_at("other", &["import", &format!("store.export/{kind}.jsonl"), "--as", kind]);
    }
    let plain = |all: Vec<(String, Vec<u8>)>| -> Vec<(String, String)> {
        let derived = ["version", "recorded_at", "updated_at", "updated_by"];
        let row = |line: &str| {
            let mut row: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
            derived.iter().for_each(|name| drop(row.remove(*name)));
            serde_json::to_string(&row).unwrap()
        };
        let text = |name: &str, bytes: Vec<u8>| match name.ends_with(".jsonl") {
            true => String::from_utf8(bytes).unwrap().lines().map(row).collect::<Vec<_>>().join("\n"),
            false => format!("{bytes:?}"),
        };
        all.into_iter().map(|(name, bytes)| (name.clone(), text(&name, bytes))).collect()
    };
    assert_eq!(plain(home.everything("other")), plain(before));
    // Twice adds nothing; without its file a document is refused, and said which.
    let again = home.done_at("other", &["import", "store.export/document.jsonl", "--as", "document", "--format", "json"]);
    assert!(again.contains("\"unchanged\": 2") || again.contains("\"unchanged\":2"), "{again}");
    std::fs::remove_dir_all(home.path().join("store.export/files")).unwrap();
    home.done_at("third", &["import", "store.export/contact.jsonl", "--as", "contact"]);
    let refused = home.call_at("third", &["import", "store.export/document.jsonl", "--as", "document"], b"");
    assert_eq!(refused.code, 3);
    let rejects = std::fs::read_to_string(home.path().join("rejects.csv")).unwrap();
    assert!(rejects.contains("its file is not here"), "{rejects}");
}

#[test]
fn check_finds_files_that_are_missing_damaged_or_nobodys() {
    let home = with_files();
    let mut kept = Vec::new();
    collect(&home.store(), &home.store().join("files"), &mut kept);
    let [(name, bytes)] = kept.as_slice() else { panic!("{kept:?}") };
    let path = home.store().join(name);
    home.done(&["check"]);
    std::fs::write(&path, "a quotf").unwrap();
    let damaged = home.call(&["check"]);
    assert_eq!(damaged.code, 6);
    let told = format!("the file of d1 \u{201c}quote.txt\u{201d} is not what was attached: {name}");
    assert!(damaged.text().contains(&told) || damaged.err.contains(&told), "{damaged:?}");
    let opened = home.call(&["open", "d1"]);
    assert_eq!(opened.code, 6);
    assert!(opened.err.contains("a file is not what was attached"), "{}", opened.err);
    // The same file again mends it.
    assert_eq!(home.done(&["attach", "c1", "quote.txt"]), "quote.txt is attached already\n");
    assert_eq!(std::fs::read(&path).unwrap(), *bytes);
    home.done(&["check"]);
    std::fs::remove_file(&path).unwrap();
    let missing = home.call(&["check"]);
    assert_eq!(missing.code, 6);
    let told = format!("the file of d1 \u{201c}quote.txt\u{201d} is missing: {name}");
    assert!(missing.text().contains(&told) || missing.err.contains(&told), "{missing:?}");
    home.done(&["attach", "c1", "quote.txt"]);
    // What nobody names is told when it is old, and removed when asked.
    let idle = home.store().join("files/9f/86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    std::fs::create_dir_all(idle.parent().unwrap()).unwrap();
    std::fs::write(&idle, "test").unwrap();
    let left = home.store().join("files/new-1-1");
    std::fs::write(&left, "half").unwrap();
    home.done(&["check", "--repair"]);
    assert!(idle.exists() && left.exists(), "they may be about to be named");
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 24 * 3600);
    for path in [&idle, &left] {
        std::fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
    }
    let told = home.call(&["check"]);
    assert_eq!(told.code, 0);
    assert!(format!("{}{}", told.text(), told.err).contains("1 files of 4 bytes in files/ belong to no document"), "{told:?}");
    home.done(&["check", "--repair"]);
    assert!(!idle.exists() && !left.exists() && path.exists());
}

#[test]
fn undo_and_purge_keep_what_history_can_bring_back() {
    let home = with_files();
    home.done(&["undo"]);
    assert_eq!(home.done(&["count", "document", "--format", "plain"]).trim(), "0");
    home.done(&["check"]);
    let undo = home.done(&["history", "--format", "json"]);
    assert!(undo.contains("attach quote.txt"), "{undo}");
    // The undone step undone: it is there again, with its content.
    home.done(&["undo", "@3"]);
    assert_eq!(home.done(&["open", "c1"]), "a quote");
}

#[test]
fn the_photo_of_a_card_goes_out_and_comes_back_with_it() {
    let home = Home::new();
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nFN:Ada\r\nPHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgoAAAANSUhEUg==\r\nEND:VCARD\r\n";
    home.file("ada.vcf", card);
    home.done(&["import", "ada.vcf"]);
    // What is no picture of hers stays behind.
    home.file("offer.png", b"\x89PNG\r\n\x1a\n of something else");
    home.done(&["attach", "c1", "offer.png"]);
    let third = home.done(&["export", "contact", "--format", "vcard"]);
    assert!(third.contains("PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgoAAAANSUhEUg==\r\n"), "{third}");
    assert_eq!(third.matches("PHOTO").count(), 1);
    let fourth = home.done(&["export", "contact", "--format", "vcard", "--vcard-version", "4.0"]);
    assert!(fourth.contains("PHOTO:data:image/png;base64,iVBORw0KGgoAAAANSUhEUg==\r\n"), "{fourth}");
    let few = home.done(&["export", "contact", "--format", "vcard", "--columns", "name"]);
    assert!(!few.contains("PHOTO"), "what was not asked for stays: {few}");
    for text in [third, fourth] {
        home.file("back.vcf", text);
        let report = home.done(&["import", "back.vcf", "--format", "json"]);
        assert!(report.contains("\"created\": 0") && report.contains("\"updated\": 0"), "{report}");
        let elsewhere = home.call_at("elsewhere", &["import", "back.vcf"], b"");
        assert_eq!(elsewhere.code, 0, "{}", elsewhere.err);
        assert_eq!(home.done_at("elsewhere", &["list", "document", "--columns", "name", "--no-header"]), "photo.png\n");
        assert_eq!(home.done_at("elsewhere", &["count", "contact"]).trim(), "1");
    }
}

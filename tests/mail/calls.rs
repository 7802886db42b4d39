//! The calls that mail programs make.

use std::io::Write;
use std::process::{Command, Stdio};

/// What a call said.
struct Said {
    code: i32,
    out: String,
    err: String,
}

fn call(home: &std::path::Path, args: &[&str], typed: &str) -> Said {
    let mut child = Command::new(env!("CARGO_BIN_EXE_rolo"))
        .args(args)
        .env_clear()
        .env("HOME", home)
        .env("ROLO_STORE", home.join("store"))
        .env("ROLO_USER", "ada")
        .current_dir(home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    Said { code: done.status.code().unwrap(), out: String::from_utf8(done.stdout).unwrap(), err: String::from_utf8(done.stderr).unwrap() }
}

#[test]
fn a_message_in_a_pipe_is_taken_quietly() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let mail = "From ada@acme.example Sat Jan  3 01:05:34 2026\nReturn-Path: <eva@b.example>\nFrom: Eva <eva@b.example>\n\
                To: ada@acme.example\nDate: Sat, 3 Jan 2026 01:00:00 +0000\nMessage-ID: <1@b>\nSubject: Hi \u{1b}[31m\n\nHello\n";
    let said = call(home, &["import", "-", "--me", "ada@acme.example", "--quiet", "--format", "json"], mail);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    assert!(said.out.contains("\"created\": 1") || said.out.contains("\"created\":1"), "{}", said.out);
    let again = call(home, &["import", "-", "--me", "ada@acme.example", "--quiet"], mail);
    assert_eq!((again.code, again.out.as_str(), again.err.as_str()), (0, "", ""));
    let again = call(home, &["import", "-", "--me", "ada@acme.example"], mail);
    assert!(again.out.contains("created\t0") && again.code == 0, "{}", again.out);
    let other = call(home, &["import", "-", "--as", "contact"], mail);
    assert_eq!(other.code, 2);
    assert!(other.err.contains("each row of this is a interaction") || other.err.contains("leave --as out"), "{}", other.err);
    let timeline = call(home, &["timeline", "c1"], "");
    assert!(timeline.out.contains("Hi") && timeline.out.contains("\tin\t"), "{}", timeline.out);
    let mbox = call(home, &["timeline", "c1", "--format", "mbox"], "");
    assert!(mbox.out.starts_with("From eva@b.example Sat Jan  3 01:00:00 2026\n"), "{}", mbox.out);
    assert!(!mbox.out.contains('\u{1b}'));
    let exported = call(home, &["export", "interaction", "contact:eva", "--format", "mbox"], "");
    assert_eq!(exported.out, mbox.out);
    let wrong = call(home, &["export", "contact", "--format", "mbox"], "");
    assert_eq!(wrong.code, 2, "{}", wrong.err);
    let nothing = call(home, &["import", "-", "--from", "eml"], "");
    assert_eq!(nothing.code, 0, "{}", nothing.err);
}

#[test]
fn a_maildir_is_read_as_a_whole() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let box_of = home.join("Maildir");
    for (folder, id) in [("new", 1), ("cur", 2), (".Sent/cur", 3), ("tmp", 4)] {
        std::fs::create_dir_all(box_of.join(folder)).unwrap();
        let from = if id == 3 { "ada@acme.example" } else { "eva@b.example" };
        let to = if id == 3 { "eva@b.example" } else { "ada@acme.example" };
        let mail = format!("From: {from}\nTo: {to}\nMessage-ID: <{id}@b>\nDate: {id} Jan 2026 10:00:00 +0000\nSubject: {id}\n\nx\n");
        std::fs::write(box_of.join(folder).join(format!("{id}.host:2,S")), mail).unwrap();
    }
    std::fs::write(box_of.join("cur/.hidden"), "no mail").unwrap();
    std::fs::write(box_of.join("cur/5.host"), "not a header\n").unwrap();
    let said = call(home, &["import", "Maildir", "--me", "@acme.example", "--format", "tsv"], "");
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(said.out.contains("created\t3") && said.out.contains("rejected\t1"), "{}", said.out);
    assert!(home.join("rejects.mbox").exists(), "{}", said.err);
    let directions = call(home, &["list", "interaction", "--columns", "subject,direction", "--sort", "subject", "--format", "plain"], "");
    assert_eq!(directions.out, "1\tin\n2\tin\n3\tout\n");
    let one = home.join("Maildir/cur/2.host:2,S").display().to_string();
    let file = call(home, &["import", &one, "--from", "maildir"], "");
    assert!(file.code == 1 && file.err.contains("a maildir is a folder"), "{}", file.err);
    let table = call(home, &["import", "Maildir", "--from", "csv", "--as", "contact"], "");
    assert!(table.code == 1 && table.err.contains("a folder of mail is no csv"), "{}", table.err);
    let again = call(home, &["import", "Maildir", "--from", "mbox", "--me", "@acme.example", "--rejects", "r.csv"], "");
    assert!(again.code == 3 && again.out.contains("created\t0") && home.join("r.csv").exists(), "{}{}", again.out, again.err);
    std::fs::create_dir(home.join("empty")).unwrap();
    let empty = call(home, &["import", "empty"], "");
    assert_eq!(empty.code, 1, "{}", empty.err);
    assert!(empty.err.contains("holds no mail"), "{}", empty.err);
}

#[test]
fn contacts_serve_as_the_address_book_of_mutt_and_aerc() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let people = "{\"name\":\"Eva\\tNov\u{e1}k \\u001b[31m\",\"email\":[\"eva@b.example\",\"eva@home.example\"],\"company\":\"Beta\",\"consent\":{\"email\":\"no\"}}\n\
                  {\"name\":\"Ann O'Brien\",\"email\":\"ann@b.example\"}\n{\"email\":\"bare@b.example\"}\n{\"name\":\"No Mail\"}\n";
    let taken = call(home, &["import", "-", "--as", "contact"], people);
    assert_eq!(taken.code, 0, "{}", taken.err);
    let mutt = call(home, &["list", "contact", "novak", "--format", "mutt"], "");
    let lines: Vec<&str> = mutt.out.lines().collect();
    assert_eq!(lines[0], "rolo: 2 addresses");
    assert!(lines[1].starts_with("eva@b.example\tEva Nov\u{e1}k") && lines[1].ends_with("\tBeta, wants no e-mail"), "{:?}", lines[1]);
    assert_eq!(lines.iter().skip(1).map(|line| line.matches('\t').count()).collect::<Vec<_>>(), [2, 2]);
    assert!(!mutt.out.contains('\u{1b}'));
    let aerc = call(home, &["list", "contact", "O'Brien (x", "--format", "aerc"], "");
    assert_eq!((aerc.out.as_str(), aerc.code), ("", 0), "{}", aerc.err);
    let aerc = call(home, &["list", "contact", "O'Brien", "--format", "aerc"], "");
    assert_eq!(aerc.out, "ann@b.example\tAnn O'Brien\n");
    let all = call(home, &["list", "contact", "--format", "aerc"], "");
    assert_eq!(all.out.lines().count(), 4);
    assert!(all.out.contains("bare@b.example\t\n"));
    let none = call(home, &["list", "contact", "nobody", "--format", "mutt"], "");
    assert_eq!((none.out.as_str(), none.code), ("rolo: nobody found\n", 0));
    let wrong = call(home, &["list", "company", "--format", "mutt"], "");
    assert_eq!(wrong.code, 2);
}

//! Every real file against what Python reads of it (`tests/real_files/mail.tsv`), and
//! what differs on purpose with its reason (`mail_differences.tsv`).

use std::collections::BTreeMap;
use std::path::Path;

use rolo::domain::Kind;
use rolo::exchange::format::mail_of;
use rolo::exchange::mail::message::{self, Message};

use crate::common::{counts, data, files, import_with, split, store};

const FIELDS: [&str; 6] = ["message_id", "date", "subject", "from", "to", "files"];

/// File and number, to the fields.
type Table = BTreeMap<(String, String), Vec<String>>;

fn table(name: &str) -> Vec<Vec<String>> {
    let path = format!("{}/tests/real_files/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn expected() -> Table {
    table("mail.tsv").into_iter().map(|row| ((row[0].clone(), row[1].clone()), row)).collect()
}

/// Returns the messages of a file; nothing for what is no message.
fn read(path: &Path) -> Vec<Option<Message>> {
    let bytes = std::fs::read(path).unwrap();
    let is_mbox = path.to_string_lossy().contains("mimekit-mbox") || path.ends_with("mbox.rlug");
    if is_mbox {
        assert_eq!(mail_of(&bytes, "-").map(|format| format.name()), Some("mbox"), "{}", path.display());
        return split(&bytes).iter().map(|raw| message::read(&raw.bytes, None, None)).collect();
    }
    vec![message::read(&bytes, None, None)]
}

fn addresses(all: &[rolo::exchange::mail::Mailbox]) -> String {
    all.iter().map(|one| one.address.as_str()).collect::<Vec<_>>().join(",")
}

fn shown(message: &Message) -> Vec<String> {
    let sizes: Vec<String> = message.enclosed.iter().map(|file| file.content.len().to_string()).collect();
    let named = !message.message_id.ends_with("@rolo.invalid>");
    vec![
        if named { message.message_id.clone() } else { String::new() },
        message.at.map(|at| at.to_string()).unwrap_or_default(),
        message.subject.clone(),
        addresses(&message.from),
        addresses(&message.to),
        format!("{}:{}", sizes.len(), sizes.join(",")),
    ]
}

#[test]
fn real_messages_say_what_python_says_of_them() {
    let Some(folder) = data("") else { return };
    let expected = expected();
    let differences: BTreeMap<(String, String, String), (String, String)> = table("mail_differences.tsv")
        .into_iter()
        .map(|row| ((row[0].clone(), row[1].clone(), row[2].clone()), (row[3].clone(), row[4].clone())))
        .collect();
    let mut used = std::collections::BTreeSet::new();
    let mut wrong = Vec::new();
    let mut messages = 0;
    for path in files(&folder) {
        let file = path.strip_prefix(&folder).unwrap().display().to_string();
        for (at, message) in read(&path).iter().enumerate() {
            messages += 1;
            let number = (at + 1).to_string();
            let mut check = |field: &str, theirs: &str, ours: &str| {
                let key = (file.clone(), number.clone(), field.to_owned());
                match differences.get(&key) {
                    Some((known, reason)) if known == ours && !reason.is_empty() => {
                        used.insert(key);
                    }
                    _ if theirs == ours => {}
                    _ => wrong.push(format!("{file}\t{number}\t{field}\t{ours}\t| {theirs}")),
                }
            };
            let row = expected.get(&(file.clone(), number.clone()));
            check("there", if row.is_some() { "yes" } else { "no" }, if message.is_some() { "yes" } else { "no" });
            let (Some(row), Some(message)) = (row, message) else { continue };
            let theirs = [&row[2], &row[3], &row[4], &row[5], &row[6], &format!("{}:{}", row[7], row[8])];
            for ((field, theirs), ours) in FIELDS.iter().zip(theirs).zip(shown(message)) {
                check(field, theirs, &ours);
            }
        }
    }
    for (file, number) in expected.keys() {
        let key = (file.clone(), number.clone(), "there".to_owned());
        let ours = read(&folder.join(file)).len();
        if number.parse::<usize>().unwrap() > ours && !differences.contains_key(&key) {
            wrong.push(format!("{file}\t{number}\tthere\tno\t| yes"));
        }
        used.insert(key);
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    let stale: Vec<_> = differences.keys().filter(|key| !used.contains(*key)).collect();
    assert!(stale.is_empty(), "no longer different: {stale:?}");
    assert!(messages > 200, "{messages}");
}

#[test]
fn every_file_twice_adds_nothing_the_second_time() {
    let Some(folder) = data("") else { return };
    let store = store();
    for path in files(&folder) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_mbox = path.to_string_lossy().contains("mimekit-mbox") || path.ends_with("mbox.rlug");
        let format = if is_mbox { "mbox" } else { "eml" };
        let run = || {
            import_with(&store, &name, &bytes, |settings| {
                settings.format = Some(rolo::exchange::format::Format::by_name(format).unwrap());
            })
            .0
        };
        let first = run();
        let second = run();
        assert_eq!(counts(&second)[1..3], [0, 0], "{}", path.display());
        assert_eq!((second.read, second.rejected), (first.read, first.rejected), "{}", path.display());
        assert!(first.read >= 1, "{}", path.display());
    }
    assert!(crate::common::all(&store, Kind::Interaction).len() > 100);
}

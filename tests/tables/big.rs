//! A large import with one row in a hundred broken, in ten ways: what is good comes in,
//! what is broken goes back, is mended and comes in, and one undo takes all of it back;
//! killed on the way as often as you like and run again, it ends the same.
//!
//! `ROLO_IMPORT_ROWS` (200,000 in `.ci/long`) and `ROLO_IMPORT_KILLS` (50) make it large.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::Folder;

fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap())
}

/// Returns the file, and how its broken rows are written by their line.
fn people(rows: u64) -> (String, BTreeMap<u64, String>) {
    let mut text = String::from("id,name,email,phone,company,lifecycle,birthday,created_at,consent.email,url,preferred_channel\n");
    let mut broken = BTreeMap::new();
    for n in 1..=rows {
        let firm = n % 997;
        let [name, mail, date, choice, url] =
            [format!("Person {n}"), format!("p{n}@example.com"), "1980-05-17".into(), "lead".to_owned(), format!("https://p{n}.example")];
        let good = |mail: &str, choice: &str, date: &str, created: &str, consent: &str| {
            format!("{n},{name},{mail},+420601{:06},Firm {firm},{choice},{date},{created},{consent},{url},email", n % 1_000_000)
        };
        let day = "2024-02-03";
        let row = match (n % 100, n / 100 % 10) {
            (50, 0) => good("no address", &choice, &date, day, "yes"),
            (50, 1) => good(&mail, "laed", &date, day, "yes"),
            (50, 2) => good(&mail, &choice, "31.2.1980", day, "yes"),
            (50, 3) => good(&mail, &choice, &date, "yesterday-ish", "yes"),
            (50, 4) => good(&mail, &choice, &date, day, "maybe"),
            (50, 5) => format!("{},too,many", good(&mail, &choice, &date, day, "yes")),
            (50, 6) => format!("{n},{name},{mail}"),
            (50, 7) => good(&mail, &choice, &date, day, "yes").replace(&name, &format!("\"{name}\" Jr")),
            (50, 8) => good(&mail, &choice, &date, day, "yes").replace(&url, "no url at all"),
            (50, 9) => good(&mail, &choice, &date, day, "yes").replace(",email", ",pigeon"),
            _ => good(&mail, &choice, &date, day, "yes"),
        };
        if n % 100 == 50 {
            broken.insert(n + 1, row.clone());
        }
        text.push_str(&row);
        text.push('\n');
    }
    (text, broken)
}

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn start(folder: &Folder, words: &[&str]) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_rolo"))
        .args(["--user", "ada", "--store", "store", "--now", "2026-01-31T12:00:00Z", "--quiet"])
        .args(words)
        .current_dir(folder.path("."))
        .env_clear()
        .env("HOME", folder.path("."))
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn rolo(folder: &Folder, words: &[&str]) -> Said {
    let done = start(folder, words).wait_with_output().unwrap();
    Said { code: done.status.code(), out: String::from_utf8(done.stdout).unwrap(), err: String::from_utf8(done.stderr).unwrap() }
}

const IMPORT: [&str; 8] = ["import", "people.csv", "--as", "contact", "--source", "hq", "--column", "id=external_id"];

fn import(folder: &Folder, file: &str, rejects: &str) -> (Option<i32>, serde_json::Value) {
    let mut words = IMPORT.to_vec();
    words[1] = file;
    words.extend(["--rejects", rejects, "--format", "json"]);
    let said = rolo(folder, &words);
    (said.code, serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{} {}", said.out, said.err)))
}

fn number(report: &serde_json::Value, name: &str) -> u64 {
    report[name].as_u64().unwrap()
}

#[test]
fn what_is_good_comes_in_and_what_is_broken_goes_back_is_mended_and_taken_back() {
    let rows = asked("ROLO_IMPORT_ROWS", 3_000);
    let folder = Folder::new();
    let (text, broken) = people(rows);
    folder.file("people.csv", &text);
    let bad = rows / 100;
    let began = Instant::now();
    let (code, report) = import(&folder, "people.csv", "bad.csv");
    println!("{rows} rows in {:?}", began.elapsed());
    assert_eq!(code, Some(3));
    assert_eq!((number(&report, "read"), number(&report, "created"), number(&report, "rejected")), (rows, rows - bad, bad));
    let step = report["step"].as_str().unwrap().to_owned();

    let rejects = fs::read_to_string(folder.path("bad.csv")).unwrap();
    let mut lines = rejects.lines();
    let header = lines.next().unwrap().to_owned();
    assert!(header.starts_with("_line,_column,_code,_message,id,name,email"), "{header}");
    let mut codes: BTreeMap<String, u64> = BTreeMap::new();
    let mut mended = String::from("id,name,email,phone,company,lifecycle,birthday,created_at,consent.email,url,preferred_channel\n");
    let mut seen = 0;
    for line in lines {
        let (number, row) = (line.split(',').next().unwrap().parse::<u64>().unwrap(), &broken);
        let was = row.get(&number).unwrap_or_else(|| panic!("line {number} was not broken: {line}"));
        assert!(line.ends_with(&format!(",{was}")), "the row stands as it was: {line}");
        let mut head = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&line.as_bytes()[..line.len() - was.len()]);
        let told = head.records().next().unwrap().unwrap();
        *codes.entry(format!("{}/{}", &told[1], &told[2])).or_default() += 1;
        assert!(!told[3].is_empty(), "{line}");
        let n = number - 1;
        mended.push_str(&format!(
            "{n},Person {n},p{n}@example.com,+420601{:06},Firm {},lead,1980-05-17,2024-02-03,yes,https://p{n}.example,email\n",
            n % 1_000_000,
            n % 997
        ));
        seen += 1;
    }
    assert_eq!(seen, bad);
    let sorts: Vec<&str> = codes.keys().map(String::as_str).collect();
    let expected = [
        "/quote",
        "/too-few-cells",
        "/too-many-cells",
        "birthday/date",
        "consent.email/choice",
        "created_at/date",
        "email/value",
        "lifecycle/choice",
        "preferred_channel/choice",
        "url/value",
    ];
    assert_eq!(sorts, expected);
    assert!(codes.values().all(|count| *count == bad / 10), "{codes:?}");

    folder.file("mended.csv", &mended);
    let (code, report) = import(&folder, "mended.csv", "none.csv");
    assert_eq!((code, number(&report, "created"), number(&report, "rejected")), (Some(0), bad, 0));
    assert_eq!(rolo(&folder, &["count", "contact", "--format", "plain"]).out.trim(), rows.to_string());
    assert!(!folder.path("none.csv").exists());

    // An undo each takes all of it back, the firms that rows made too.
    for (taken_back, left) in [("the mended rows", rows - bad), ("the rest", 0)] {
        let undone = rolo(&folder, &["undo"]);
        assert_eq!(undone.code, Some(0), "{taken_back}: {}", undone.err);
        assert_eq!(rolo(&folder, &["count", "contact", "--format", "plain"]).out.trim(), left.to_string(), "{taken_back}");
    }
    assert_eq!(rolo(&folder, &["count", "company", "--format", "plain"]).out.trim(), "0");
    assert_eq!(step, "@1");
    assert_eq!(rolo(&folder, &["check"]).code, Some(0));
}

/// What stands in the store that does not depend on when it came in.
fn state(folder: &Folder) -> String {
    let mut all = String::new();
    for (kind, columns) in
        [("contact", "external_id,name,email,phone,company,lifecycle,birthday,created_at,consent,url"), ("company", "name")]
    {
        let listed = rolo(folder, &["list", kind, "--columns", columns, "--sort", "name", "--format", "tsv"]);
        assert_eq!(listed.code, Some(0), "{}", listed.err);
        all.push_str(&listed.out);
    }
    all
}

#[test]
fn killed_on_the_way_and_run_again_it_ends_the_same() {
    let kills = asked("ROLO_IMPORT_KILLS", 4);
    let rows = asked("ROLO_IMPORT_KILL_ROWS", 1_500);
    let (text, _) = people(rows);
    let (whole, folder) = (Folder::new(), Folder::new());
    whole.file("people.csv", &text);
    folder.file("people.csv", &text);
    let began = Instant::now();
    let (_, report) = import(&whole, "people.csv", "bad.csv");
    let (long, expected) = (began.elapsed(), state(&whole));
    assert_eq!(number(&report, "created"), rows - rows / 100);

    let mut seed = 7_u64;
    let mut killed = 0;
    for round in 0..kills {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = start(&folder, &IMPORT);
        std::thread::sleep(Duration::from_micros((seed >> 33) % (long.as_micros() as u64 * 2 / 3).max(1)));
        child.kill().unwrap();
        let ended = child.wait().unwrap().code();
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(matches!(ended, None | Some(3)), "round {round}: {ended:?} {said}");
        killed += u64::from(ended.is_none());
    }
    println!("{killed} of {kills} were killed on the way");
    let (code, report) = import(&folder, "people.csv", "bad.csv");
    assert_eq!((code, number(&report, "read"), number(&report, "rejected")), (Some(3), rows, rows / 100));
    assert!(state(&folder) == expected, "it ends as one that nobody killed");
    assert_eq!(rolo(&folder, &["check"]).code, Some(0));
    assert!(killed > 0, "nothing was killed");
}

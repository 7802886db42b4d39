//! Mutilated cards and calendars: nothing that can be read brings the readers down, or
//! makes them take more memory than a row may.
//!
//! `ROLO_FUZZ_SECONDS` makes the last test go on for so long with new seeds.

use std::fs;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use rolo::domain::{Recurrence, Timestamp};
use rolo::exchange::rows::{self, LONGEST_ROW, Request, Values};

use super::data;

/// Reads everything of an input, and goes through the recurrences in it.
fn devour(bytes: &[u8], name: &str) -> usize {
    let request = Request { name, ..Request::default() };
    let Ok(mut source) = rows::open(Box::new(bytes), &request) else { return 0 };
    let mut count = 0;
    while let Ok(Some(row)) = source.next_row() {
        count += 1;
        let Ok(row) = row else { continue };
        assert!(row.raw.len() <= LONGEST_ROW * 4, "{} bytes", row.raw.len());
        if let Values::Tree(tree) = &row.values
            && let Some(repeat) = tree.get("repeat").and_then(|repeat| repeat.as_str())
            && let Ok(repeat) = repeat.parse::<Recurrence>()
        {
            let start = tree.get("at").or(tree.get("due")).and_then(|at| at.as_str()).and_then(Timestamp::from_rfc3339);
            let start = start.unwrap_or(Timestamp::EPOCH);
            let _ = repeat.between(start, chrono_tz::Tz::UTC, start, Timestamp(start.0.saturating_add(86_400_000_000 * 400)), 50);
        }
    }
    drop(source.facts());
    count
}

/// Words of the formats, put where they do not belong.
const WORDS: [&str; 24] = [
    "BEGIN:VCARD\r\n",
    "END:VCARD\r\n",
    "BEGIN:VEVENT\r\n",
    "END:VEVENT\r\n",
    "BEGIN:VALARM\n",
    "BEGIN:VTIMEZONE\n",
    ";ENCODING=QUOTED-PRINTABLE",
    ";CHARSET=UTF-7",
    ";CHARSET=ISO-2022-JP",
    "=\r\n",
    "\r\n ",
    "\\",
    "\\n",
    "\"",
    ":",
    ";;;;",
    ",",
    "\u{feff}",
    "RRULE:FREQ=SECONDLY;INTERVAL=0;COUNT=99999999999\r\n",
    "DTSTART;TZID=\"\":99999999T999999Z\r\n",
    "AGENT:\n",
    "PHOTO;BASE64:AAAA\r\n",
    "item1.X-ABLabel:\x1b[31m\r\n",
    "BDAY:--0230\n",
];

/// A small generator of numbers, the same for a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % sides.max(1) as u64) as usize
    }
}

fn mutilated(bytes: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=dice.roll(6) {
        let at = dice.roll(bytes.len() + 1);
        match dice.roll(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << dice.roll(8),
            1 if at < bytes.len() => bytes[at] = dice.roll(256) as u8,
            2 => bytes.truncate(at),
            3 => {
                let end = (at + dice.roll(200)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let from = dice.roll(other.len() + 1);
                let piece = &other[from..(from + dice.roll(500)).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            5 => {
                let end = (at + dice.roll(300)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let word = WORDS[dice.roll(WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
        }
    }
    bytes
}

/// Returns the real files with their names, or what stands here in their stead.
fn seeds() -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(String, Vec<u8>)> = vec![
        (
            "a.vcf".to_owned(),
            b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=88=C0=93=A1;;\r\nEND:VCARD\r\n".to_vec(),
        ),
        (
            "a.ics".to_owned(),
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;UNTIL=20260201\nEND:VEVENT\nEND:VCALENDAR\n"
                .to_vec(),
        ),
    ];
    if let Some(folder) = data() {
        for line in super::table("vcard_records").iter().chain(&super::table("ical_records")) {
            seeds.push((line[0].clone(), fs::read(folder.join(&line[0])).unwrap()));
        }
    }
    // Large ones are photos, whose bytes say little.
    seeds.retain(|(_, bytes)| bytes.len() < 40_000);
    seeds
}

fn round(seeds: &[(String, Vec<u8>)], seed: u64) {
    let mut dice = Dice(seed);
    let (name, bytes) = &seeds[dice.roll(seeds.len())];
    let (_, other) = &seeds[dice.roll(seeds.len())];
    let bytes = mutilated(bytes, other, &mut dice);
    let devoured = std::panic::catch_unwind(|| devour(&bytes, name));
    assert!(devoured.is_ok(), "seed {seed} of {name} brings the reader down:\n{}", String::from_utf8_lossy(&bytes));
}

#[test]
fn mutilated_files_are_read_or_refused() {
    let seeds = seeds();
    let cases = u64::from(ProptestConfig::default().cases) * 8;
    (0..cases).for_each(|seed| round(&seeds, seed));
}

#[test]
fn the_readers_hold_out_for_as_long_as_asked() {
    let Some(seconds) = std::env::var("ROLO_FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()) else {
        println!("skipped: ROLO_FUZZ_SECONDS says how long");
        return;
    };
    let seeds = seeds();
    let began = Instant::now();
    let first = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros() as u64;
    let mut rounds = 0;
    while began.elapsed() < Duration::from_secs(seconds) {
        round(&seeds, first.wrapping_add(rounds));
        rounds += 1;
    }
    println!("{rounds} rounds from seed {first}");
}

#[test]
fn what_has_no_end_is_bounded() {
    let mut line = b"BEGIN:VCARD\nVERSION:3.0\nFN:A\nNOTE:".to_vec();
    line.resize(10 << 20, b'x');
    line.extend_from_slice(b"\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:B\nEND:VCARD\n");
    let found = super::read(&line, "a.vcf");
    assert_eq!((found.rows.len(), found.bad.len(), found.bad[0].problem.code), (1, 1, "too-long"));
    let mut many = String::from("BEGIN:VCARD\nVERSION:3.0\nFN:A\n");
    (0..100_000).for_each(|at| many.push_str(&format!("X-{at}:y\n")));
    many.push_str("END:VCARD\n");
    assert_eq!(devour(many.as_bytes(), "a.vcf"), 1);
    let mut deep = String::from("BEGIN:VCALENDAR\n");
    (0..100_000).for_each(|_| deep.push_str("BEGIN:X-DEEP\n"));
    assert_eq!(devour(deep.as_bytes(), "a.ics"), 0);
    let mut event = String::from("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T000000Z\n");
    (0..100_000).for_each(|_| event.push_str("BEGIN:VALARM\n"));
    (0..100_000).for_each(|_| event.push_str("END:VALARM\n"));
    event.push_str("END:VEVENT\nEND:VCALENDAR\n");
    let found = super::read(event.as_bytes(), "a.ics");
    assert_eq!((found.rows.len(), found.bad.len(), found.bad[0].problem.code), (0, 1, "too-deep"));
    // A card that is never ended, with all that follows.
    let open = "BEGIN:VCARD\nFN:A\nAGENT:\n".repeat(50_000);
    assert!(devour(open.as_bytes(), "a.vcf") >= 1);
}

#[test]
fn no_escape_leaves_a_card_as_a_name_of_a_file() {
    let photo = "BEGIN:VCARD\nVERSION:3.0\nFN:../../etc/passwd\nPHOTO;ENCODING=b;TYPE=../../x:/9j/4AAQ\nEND:VCARD\n";
    assert_eq!(devour(photo.as_bytes(), "a.vcf"), 1);
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600), calendar in any::<bool>()) {
        devour(&bytes, if calendar { "a.ics" } else { "a.vcf" });
    }

    #[test]
    fn any_properties_are_read_or_refused(
        lines in proptest::collection::vec("(item1\\.)?(N|FN|EMAIL|TEL|ADR|ORG|BDAY|PHOTO|NOTE|RRULE|DTSTART|DURATION|TRIGGER|ATTENDEE|X-A)(;[A-Z]{0,8}(=\"?[a-zA-Z0-9,]{0,8}\"?)?){0,3}:[ -~\u{80}-\u{2ff}]{0,40}", 0..12),
        calendar in any::<bool>(),
    ) {
        let (begin, end) = if calendar { ("BEGIN:VEVENT", "END:VEVENT") } else { ("BEGIN:VCARD", "END:VCARD") };
        let text = format!("{begin}\n{}\n{end}\n", lines.join("\n"));
        devour(text.as_bytes(), if calendar { "a.ics" } else { "a.vcf" });
    }
}

//! Where messages begin and end in mailboxes of every variant.

use proptest::prelude::*;
use rolo::exchange::mail::mbox::{LARGEST_MESSAGE, Mbox};

use crate::common::split;

fn texts(mbox: &str) -> Vec<String> {
    split(mbox.as_bytes()).into_iter().map(|raw| String::from_utf8(raw.bytes).unwrap()).collect()
}

#[test]
fn a_line_that_names_sender_and_date_begins_a_message() {
    let mbox =
        "From a@x Sat Jan  3 01:05:34 1996\nSubject: 1\n\none\n\nFrom MAILER-DAEMON Fri Jul  8 12:08:34 2011 +0200\nSubject: 2\n\ntwo\n";
    assert_eq!(texts(mbox), ["Subject: 1\n\none\n", "Subject: 2\n\ntwo\n"]);
    let raws = split(mbox.as_bytes());
    assert_eq!((raws[0].line, raws[1].line, raws[1].offset), (1, 6, 51));
    assert_eq!(raws[0].came.unwrap().to_string(), "1996-01-03T01:05:34Z");
    assert_eq!(raws[1].came.unwrap().to_string(), "2011-07-08T10:08:34Z");
}

#[test]
fn text_that_begins_with_from_stays_text() {
    let body = "From Russia with love\nYear: 1963\n\nFrom here on: nothing\n\nFrom joe@example.com to Jill\n";
    let mbox = format!("From -\nSubject: 1\n\n{body}\nFrom -\nSubject: 2\n\n");
    assert_eq!(texts(&mbox), [format!("Subject: 1\n\n{body}"), "Subject: 2\n\n".to_owned()]);
}

#[test]
fn quoting_is_taken_off_one_level() {
    let mbox = "From - \nSubject: 1\n\n>From a\n>>From b\n> From c\n>Fromage\n";
    assert_eq!(texts(mbox), ["Subject: 1\n\nFrom a\n>From b\n> From c\n>Fromage\n"]);
}

#[test]
fn a_right_length_counts_and_a_wrong_one_does_not() {
    let body = "x\n\nFrom a@x Sat Jan  3 01:05:34 1996\nSubject: inside\n\ny\n";
    let right = format!("From -\nContent-Length: {}\n\n{body}\nFrom -\nSubject: 2\n\nz\n", body.len());
    assert_eq!(texts(&right), [format!("Content-Length: {}\n\n{body}", body.len()), "Subject: 2\n\nz\n".to_owned()]);
    let last = format!("From -\nContent-Length: {}\n\n{body}", body.len());
    assert_eq!(texts(&last).len(), 1);
    for wrong in ["3", "1000000", "99999999999999999999999", "-1", "x", "0"] {
        let mbox = format!("From -\nContent-Length: {wrong}\n\nhello\n\nFrom -\nSubject: 2\n\nz\n");
        assert_eq!(texts(&mbox).len(), 2, "{wrong}");
    }
}

#[test]
fn other_line_ends_marks_and_gaps_are_no_matter() {
    let unix = "From a@x Sat Jan  3 01:05:34 1996\nSubject: 1\n\none\n\n\nFrom - \nSubject: 2\n\ntwo";
    let dos = unix.replace('\n', "\r\n");
    assert_eq!(texts(&dos), ["Subject: 1\r\n\r\none\r\n\r\n", "Subject: 2\r\n\r\ntwo"]);
    assert_eq!(texts(&format!("\u{feff}{unix}")).len(), 2);
    assert_eq!(texts(&format!("\n\n{unix}\n\n\n")).len(), 2);
    assert!(texts("").is_empty() && texts("\n\n").is_empty());
    let stray = split(b"no mailbox at all\n\nFrom -\nSubject: 1\n\n");
    assert_eq!(stray.iter().map(|raw| raw.stray).collect::<Vec<_>>(), [true, false]);
}

/// A source that never ends one of its parts, and counts.
struct Endless(u64);

impl std::io::Read for Endless {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let length = out.len().min(usize::try_from(self.0).unwrap());
        out[..length].fill(b'x');
        self.0 -= length as u64;
        Ok(length)
    }
}

#[test]
fn a_message_that_is_too_large_is_told_and_the_next_one_read() {
    use std::io::Read;
    let size = LARGEST_MESSAGE as u64 + 10_000_000;
    let source = "From -\nSubject: 1\n\n".as_bytes().chain(Endless(size)).chain("\n\nFrom -\nSubject: 2\n\nz\n".as_bytes());
    let mut mbox = Mbox::new(source);
    let first = mbox.next_message().unwrap().unwrap();
    assert!(first.too_large && first.bytes.len() < 10_000);
    assert_eq!(mbox.next_message().unwrap().unwrap().bytes, b"Subject: 2\n\nz\n");
    assert!(mbox.next_message().unwrap().is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_written_comes_back(
        bodies in proptest::collection::vec("(>{0,2}From [a@x ]{0,3}(Sat Jan  3 01:05:34 1996)?\n|[a-z:]{0,5}\n|From -\n|é\r\n){0,8}", 1..5),
    ) {
        let messages: Vec<String> = bodies.iter().enumerate().map(|(at, body)| format!("Subject: {at}\n\n{body}")).collect();
        let mut mbox = Vec::new();
        for message in &messages {
            rolo::exchange::mail::mbox::write(&mut mbox, "a@x", None, message.as_bytes()).unwrap();
        }
        let back: Vec<String> = split(&mbox).into_iter().map(|raw| String::from_utf8(raw.bytes).unwrap()).collect();
        prop_assert_eq!(back, messages);
    }
}

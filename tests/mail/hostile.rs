//! Mail made to break its reader: bombs, lies, noise. All of it ends soon, in bounded
//! memory, with safe data or a clear error.

use proptest::prelude::*;
use rolo::exchange::mail::message::{self, LONGEST_BODY};

use crate::common::{data, files, import_with, split, store};

const HEAD: &str = "From: eva@b.example\nMessage-ID: <1@b>\n";

fn read(text: &str) -> message::Message {
    message::read(text.as_bytes(), None, None).unwrap()
}

#[test]
fn parts_in_parts_ten_thousand_deep_end() {
    let mut text = HEAD.to_owned();
    for depth in 0..10_000 {
        text.push_str(&format!("Content-Type: multipart/mixed; boundary=b{depth}\n\n--b{depth}\n"));
    }
    text.push_str("\nbottom\n");
    assert!(read(&text).lacks.iter().any(|lack| lack.contains("deep")));
    let nested = format!("{HEAD}{}\nbottom", "Content-Type: message/rfc822\n\n".repeat(10_000));
    assert!(read(&nested).lacks.iter().any(|lack| lack.contains("deep")));
    let digest = format!(
        "{HEAD}Content-Type: multipart/digest; boundary=b\n\n{}",
        "--b\nContent-Type: multipart/digest; boundary=b\n\n".repeat(10_000)
    );
    read(&digest);
}

#[test]
fn a_million_parts_are_cut() {
    let text = format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", "--b\n\nx\n".repeat(1_000_000));
    let message = read(&text);
    assert!(message.lacks.iter().any(|lack| lack.contains("too many parts")), "{:?}", message.lacks);
    assert!(message.body.len() <= LONGEST_BODY);
    let files = format!("{HEAD}Content-Type: multipart/mixed; boundary=b\n\n{}--b--\n", "--b\nContent-Type: x/y\n\nx\n".repeat(100_000));
    assert!(read(&files).enclosed.len() <= 150);
    // The same hidden in a message that is encoded.
    use std::fmt::Write;
    let mut encoded = String::new();
    text.as_bytes().iter().for_each(|byte| write!(encoded, "={byte:02X}").unwrap());
    let hidden = format!("{HEAD}Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n{encoded}");
    assert!(read(&hidden).lacks.iter().any(|lack| lack.contains("too many parts")));
}

#[test]
fn headers_of_any_size_end() {
    let long = "x".repeat(10_000_000);
    let message = read(&format!("{HEAD}Subject: {long}\nTo: ok@b.example\n\nbody"));
    assert_eq!((message.subject.as_str(), message.body.as_str(), message.to.len()), ("", "body", 1));
    assert!(message.lacks.iter().any(|lack| lack.contains("header")));
    let many = read(&format!("{HEAD}{}\nbody", "X: y\n".repeat(1_000_000)));
    assert_eq!(many.body, "body");
    let recipients: Vec<String> = (0..10_000).map(|at| format!("a{at}@b.example")).collect();
    let store = store();
    let mail = format!("{HEAD}To: {}\n\nx", recipients.join(",\n "));
    let (report, _) = import_with(&store, "-", mail.as_bytes(), |_| {});
    assert_eq!(report.created, 1);
    assert!(report.linked <= 150 && report.notices.iter().any(|notice| notice.contains("too many recipients")), "{report:?}");
    read(&format!("{HEAD}{}", "Content-Type: multipart/mixed; boundary=\"".repeat(10_000)));
    read(&format!("{HEAD}To: {}", "(".repeat(200_000)));
    read(&format!("{HEAD}To: {}", "<\"".repeat(100_000)));
    read(&format!("{HEAD}Subject: {}", "=?utf-8?q?".repeat(20_000)));
    read(&format!("{HEAD}References: {}", "<a@b> ".repeat(40_000)));
}

#[test]
fn names_of_files_stay_in_their_folder() {
    let file = |name: &str| {
        let text = format!(
            "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf\nContent-Disposition: attachment; {name}\n\nx\n--b--\n"
        );
        read(&text).enclosed[0].name.clone()
    };
    assert_eq!(file("filename=\"../../../etc/passwd\""), "passwd");
    assert_eq!(file("filename*0*=utf-8''%C5%BE; filename*1=luna.pdf"), "žluna.pdf");
    assert_eq!(file("filename*=utf-8''..%2F..%2Fx.pdf"), "x.pdf");
    assert_eq!(file("filename=\"=?utf-8?B?xb5sdcWlLnBkZg==?=\""), "žluť.pdf");
    assert_eq!(file("filename=\"\""), "attachment-1.pdf");
    assert!(file(&format!("filename=\"{}.pdf\"", "x".repeat(10_000))).len() <= 200);
}

#[test]
fn no_control_reaches_a_field() {
    let text = format!("{HEAD}Subject: a\x1b]0;x\x07b\0c\nTo: \"\x1b[31mEva\x1b[0m\" <eva@c.example>\n\nbody\x1b[2J\0\x07 and \u{9b}31m\n");
    let message = read(&text);
    let controls = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
    assert!(!controls(&message.subject) && !controls(&message.body) && !controls(&message.to[0].name), "{message:?}");
    let html = read(&format!("{HEAD}Content-Type: text/html\n\n<p>a&#27;[31m&#x9b;b<script>x</script></p>"));
    assert_eq!(html.body, "a[31mb");
}

#[test]
fn bad_boundaries_lose_no_text() {
    let body = |head: &str, rest: &str| read(&format!("{HEAD}Content-Type: {head}\n\n{rest}")).body;
    assert_eq!(body("multipart/mixed", "no boundary"), "no boundary");
    assert_eq!(body("multipart/mixed; boundary=b", "never begins"), "never begins");
    assert_eq!(body("multipart/mixed; boundary=b", "--b\n\nnever ends"), "never ends");
    assert_eq!(body("multipart/mixed; boundary=b", "--b\n\none --b two\n--bb\n--b--\n"), "one --b two\n--bb");
    assert_eq!(body("multipart/alternative; boundary=b", "--b\nContent-Type: text/html\n\n<b>only</b>\n--b--"), "only");
    assert_eq!(body("multipart/alternative; boundary=b", "--b\n\n \n--b\nContent-Type: text/html\n\n<b>rich</b>\n--b--"), "rich");
    assert_eq!(body("garbage", "text"), "text");
    assert_eq!(body("text/plain; charset=nonsense", "text"), "text");
}

/// Changes bytes: flips, cuts, copies of one place to another.
fn mutated(bytes: &[u8], steps: &[(u8, usize, usize, u8)]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for &(what, from, length, with) in steps {
        if out.is_empty() {
            break;
        }
        let from = from % out.len();
        let end = (from + length % 300).min(out.len());
        match what % 5 {
            0 => out[from] = with,
            1 => drop(out.drain(from..end)),
            2 => {
                let piece = out[from..end].to_vec();
                let at = usize::from(with) * out.len() / 256;
                out.splice(at..at, piece);
            }
            3 => out.truncate(from),
            _ => out.insert(from, with),
        }
    }
    out
}

/// How many mutations of each real file are tried.
fn rounds() -> u32 {
    std::env::var("ROLO_MAIL_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

#[test]
fn mutated_real_mail_is_read_or_refused() {
    let Some(folder) = data("") else { return };
    let steps = proptest::collection::vec((any::<u8>(), any::<usize>(), any::<usize>(), any::<u8>()), 1..12);
    for path in files(&folder) {
        let config = ProptestConfig { cases: rounds(), failure_persistence: None, ..ProptestConfig::default() };
        // A runner counts over all that it runs.
        let mut runner = proptest::test_runner::TestRunner::new(config);
        let bytes = std::fs::read(&path).unwrap();
        // The largest file is taken by its beginning, so that all have their turn.
        let bytes = &bytes[..bytes.len().min(60_000)];
        runner
            .run(&steps, |steps| {
                let changed = mutated(bytes, &steps);
                let whole: usize = split(&changed).iter().map(|raw| raw.bytes.len()).sum();
                prop_assert!(whole <= changed.len());
                for bytes in split(&changed).into_iter().map(|raw| raw.bytes).chain([changed]) {
                    if let Some(message) = message::read(&bytes, None, None) {
                        prop_assert!(message.body.len() <= LONGEST_BODY + 10);
                        prop_assert!(!message.subject.chars().any(char::is_control));
                        prop_assert!(message.enclosed.iter().all(|file| !file.name.contains(['/', '\\', '\n']) && !file.name.is_empty()));
                    }
                }
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

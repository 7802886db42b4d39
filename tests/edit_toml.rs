//! Records as TOML in an editor: what a text would change, new and missing tables,
//! hostile values.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use rolo::actions::{self, Clock, Desk, apply_toml, edit_toml, review_toml};
use rolo::domain::fields::number;
use rolo::domain::{Assignment, Kind, RecordId, Timestamp};
use rolo::store::memory;

fn desk() -> Desk {
    let mut desk = Desk::new(memory().unwrap(), "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-03-04T10:30:00Z").unwrap());
    for name in ["name=Ada", "name=Ben"] {
        let assignment = Assignment::parse(Kind::Contact, name, &desk.definitions()).unwrap();
        actions::add(&desk, Kind::Contact, &[assignment]).unwrap();
    }
    desk
}

fn id(text: &str) -> RecordId {
    text.parse().unwrap()
}

#[test]
fn what_a_text_changes_is_told_before_it_does() {
    let desk = desk();
    let text = edit_toml(&desk, &[id("c1"), id("c2")]).unwrap();
    assert_eq!(review_toml(&desk, &text, &text).unwrap().lines, Vec::<String>::new());
    let edited =
        text.replace("\"Ada\"", "\"Ada Novák\"") + "\n[[record]]\nname = \"Cy\"\n\n[[record]]\nkind = \"company\"\nname = \"Acme\"\n";
    let review = review_toml(&desk, &edited, &text).unwrap();
    assert_eq!(review.lines, ["c1 name: Ada \u{2192} Ada Novák", "new contact name: Cy", "new company name: Acme"]);
    assert_eq!(desk.record(id("c1")).unwrap().text(number::CONTACT_NAME), Some("Ada"), "nothing has changed yet");
    assert_eq!(apply_toml(&desk, &edited, &text).unwrap().message, "1 contact changed; 2 added");
    assert_eq!(desk.record(id("c3")).unwrap().text(number::CONTACT_NAME), Some("Cy"));
    assert_eq!(desk.record(id("a1")).unwrap().text(number::COMPANY_NAME), Some("Acme"));
    // One step.
    actions::undo(&desk, &actions::Which::Last, false, false).unwrap();
    assert_eq!(desk.record(id("c1")).unwrap().text(number::CONTACT_NAME), Some("Ada"));
}

#[test]
fn a_table_that_is_taken_out_leaves_its_record_as_it_is() {
    let desk = desk();
    let text = edit_toml(&desk, &[id("c1"), id("c2")]).unwrap();
    let second = text.rfind("[[record]]").unwrap();
    let edited = text[..second].replace("\"Ada\"", "\"Adam\"");
    assert_eq!(review_toml(&desk, &edited, &text).unwrap().left_out, [id("c2")]);
    let told = apply_toml(&desk, &edited, &text).unwrap().message;
    assert_eq!(told, "1 contact changed; c2, taken out of the text, stays as it is: rm puts it into the trash");
    assert!(desk.record(id("c2")).is_ok());
    assert_eq!(apply_toml(&desk, "", &text).unwrap().message, "nothing was changed");
}

#[test]
fn slips_are_told_with_their_place() {
    let desk = desk();
    let text = edit_toml(&desk, &[id("c1")]).unwrap();
    let lines = text.lines().count();
    for (added, place, said) in [
        ("[[record]]\nkind = \"contcat\"\n", 2, "there is no kind"),
        ("[[record]]\nemail = \"nobody\"\n", 2, "it has no @"),
        ("[[record]]\nnmae = \"x\"\n", 1, "nmae"),
        ("[[record]]\nid = \"c1\"\n", 1, "c1 stands there twice"),
    ] {
        let error = review_toml(&desk, &format!("{text}{added}"), &text).unwrap_err();
        let at = error.at.clone().unwrap_or_default();
        assert!(error.message.contains(said), "{added}: {error:?}");
        assert_eq!(at.split(':').next().unwrap(), (lines + place).to_string(), "{added}: {error:?}");
    }
}

#[test]
fn hostile_texts_come_back_as_they_were() {
    let desk = desk();
    let texts = [
        "\"\"\"",
        "a\u{1b}[31mb",
        "\\u0041 \\ \"q\"",
        "x\u{202e}y\u{2028}z",
        "'''",
        "[[record]]\nid = \"c9\"",
        "tab\there\r\nline",
        "a\n#! told\n# b",
    ];
    for text in texts {
        actions::set_texts(&desk, &id("c1").into(), &[format!("notes={text}")], None, false).unwrap();
        let kept = desk.record(id("c1")).unwrap().text(number::NOTES).map(str::to_owned);
        let toml = edit_toml(&desk, &[id("c1"), id("c2")]).unwrap();
        assert!(!toml.lines().any(|line| line.starts_with("#!")), "{toml}");
        assert!(!toml.contains('\u{1b}') && !toml.contains('\u{202e}'), "{toml}");
        let edited = toml.replace("name = \"Ada\"", "name = \"Ada B\"");
        apply_toml(&desk, &edited, &toml).unwrap();
        assert_eq!(desk.record(id("c1")).unwrap().text(number::NOTES).map(str::to_owned), kept, "{text:?}");
        assert_eq!(
            review_toml(&desk, &toml.replace("name = \"Ada\"", "name = \"Ada B\""), &toml.replace("name = \"Ada\"", "name = \"Ada B\""))
                .unwrap()
                .lines,
            Vec::<String>::new()
        );
        actions::set_texts(&desk, &id("c1").into(), &["name=Ada"], None, false).unwrap();
    }
}

#[test]
fn a_text_is_brought_forward_over_what_others_wrote_and_both_versions_stand_in_it() {
    let desk = desk();
    let set = |id: &str, text: &str| actions::set_texts(&desk, &self::id(id).into(), &[text], None, false).unwrap();
    set("c1", "notes=one\ntwo");
    set("c1", "language=en");
    let original = edit_toml(&desk, &[id("c1"), id("c2")]).unwrap();
    // Mine: a name, the notes, a new nickname; the language taken out; a new record.
    let mine = original
        .replace("\"Ada\"", "\"Mine\"")
        .replace("one\ntwo", "one\nmine")
        .replacen("# nickname = ", "nickname = \"Nick\" # ", 1)
        .replacen("language = \"en\"\n", "", 1)
        + "\n[[record]]\nname = \"Cy\" # new\n";
    // Theirs: the same name and notes, another prefix, the language; the other record.
    for text in ["name=Theirs", "notes=one\ntheirs", "prefix=Dr.", "language=fr"] {
        set("c1", text);
    }
    set("c2", "name=Benjamin");
    assert_eq!(review_toml(&desk, &mine, &original).unwrap_err().code, 5);
    let edited = actions::Edited { text: mine, original };
    let both = actions::rebase_toml(&desk, &edited, "#! ").unwrap();
    assert_eq!(both.original, edit_toml(&desk, &[id("c1"), id("c2")]).unwrap());
    for line in [
        "#! meanwhile: name = \"Theirs\"\nname = \"Mine\"\n",
        "#! meanwhile: theirs\"\"\"\n",
        "prefix = \"Dr.\"\n",
        "#! meanwhile: language = \"fr\"\n",
        "name = \"Benjamin\"\n",
        "name = \"Cy\" # new\n",
    ] {
        assert!(both.text.contains(line), "{line}\n{}", both.text);
    }
    let kept: String = both.text.split_inclusive('\n').filter(|line| !line.starts_with("#! ")).collect();
    let lines = review_toml(&desk, &kept, &both.original).unwrap().lines;
    assert!(
        lines.contains(&"c1 name: Theirs \u{2192} Mine".to_owned()) && lines.contains(&"c1 language: fr taken out".to_owned()),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|line| line.starts_with("c2") || line.contains("prefix")), "{lines:?}");
    // Found again with what it was made from at first, it is as good.
    assert_eq!(review_toml(&desk, &kept, &edited.original).unwrap().lines.len(), lines.len());
    apply_toml(&desk, &kept, &both.original).unwrap();
    let record = desk.record(id("c1")).unwrap();
    assert_eq!(record.text(number::CONTACT_NAME), Some("Mine"));
    // Brought forward where nothing has changed, it stays as it is.
    let original = edit_toml(&desk, &[id("c1")]).unwrap();
    let same = actions::Edited { text: original.replace("Mine", "More"), original };
    assert_eq!(actions::rebase_toml(&desk, &same, "#! ").unwrap(), same);
}

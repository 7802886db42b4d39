//! What calls print: formats, ids, pipes.

use super::Home;

#[test]
fn a_contact_is_added_changed_listed_and_taken_back() {
    let home = Home::new();
    assert_eq!(home.done(&["add", "contact", "name=Ada Novák", "email.work=ada@example.com", "tags=vip"]), "c1\n");
    assert_eq!(home.done(&["list", "contact", "novak", "--columns", "name,email"]), "name\temail\nAda Novák\tada@example.com\n");
    assert_eq!(home.done(&["count", "contact", "tags:vip"]), "1\n");
    home.done(&["set", "c1", "tags-=vip"]);
    assert_eq!(home.done(&["count", "contact", "tags:vip"]), "0\n");
    home.done(&["undo"]);
    assert_eq!(home.done(&["list", "contact", "tags:vip", "--format", "ids"]), "c1\n");
    let shown: serde_json::Value = serde_json::from_str(&home.done(&["show", "c1", "--format", "json"])).expect("JSON");
    assert_eq!(shown["email"], serde_json::json!([{ "label": "work", "value": "ada@example.com" }]));
}

#[test]
fn query_words_may_begin_with_a_dash() {
    let home = Home::new();
    home.done(&["add", "contact", "name=Ada", "tags=cold"]);
    home.done(&["add", "contact", "name=Ben"]);
    assert_eq!(home.done(&["list", "contact", "-tags:cold", "--sort", "-name", "--format", "ids"]), "c2\n");
}

#[test]
fn what_stands_around_a_quoted_text_is_understood() {
    let home = Home::new();
    home.done(&["add", "contact", "name=Ada"]);
    home.done(&["log", "call", "ada", "15m", "renewal agreed", "next", "2026-03-06", "10:00", "send", "quote"]);
    let columns = "subject,minutes";
    assert_eq!(home.done(&["list", "interaction", "--columns", columns, "--no-header"]), "renewal agreed\t15\n");
    assert_eq!(home.done(&["list", "task", "--columns", "title", "--no-header"]), "send quote\n");
    // Plain words are text, whatever they are.
    home.done(&["log", "call", "ada", "15m", "late", "next", "monday", "again"]);
    assert_eq!(home.done(&["list", "interaction", "subject:late", "--columns", columns, "--no-header"]), "15m late next monday again\t\n");
}

#[test]
fn every_format_of_rows_is_printed() {
    let home = Home::new();
    home.done(&["add", "company", "name=Acme, a=b"]);
    for (format, expected) in [
        ("csv", "id,name\na1,\"Acme, a=b\"\n"),
        ("tsv", "id\tname\na1\tAcme, a=b\n"),
        ("plain", "a1\tAcme, a=b\n"),
        ("ids", "a1\n"),
        ("jsonl", "{\"id\":\"a1\",\"name\":\"Acme, a=b\"}\n"),
        ("table", "id  name\na1  Acme, a=b\n"),
    ] {
        assert_eq!(home.done(&["list", "company", "--columns", "id,name", "--format", format]), expected, "{format}");
    }
}

#[test]
fn json_comes_in_and_goes_out() {
    let home = Home::new();
    let added = home.call(&["add", "contact", "-"], "{\"name\":\"Ada\",\"tags\":[\"vip\"]}\n{\"name\":\"Ben\"}\n");
    assert_eq!((added.code, added.out.as_str()), (0, "c1\nc2\n"));
    let edited = home.call(&["edit", "c2", "-"], "{\"name\":\"Benjamin\"}");
    assert_eq!(edited.code, 0, "{edited:?}");
    assert_eq!(home.done(&["list", "contact", "--columns", "name", "--no-header"]), "Ada\nBenjamin\n");
}

#[test]
fn the_demo_is_the_same_every_time_and_fills_only_an_empty_store() {
    let (one, other) = (Home::new(), Home::new());
    one.done(&["demo"]);
    other.done(&["demo"]);
    for kind in ["contact", "opportunity", "ticket"] {
        assert_eq!(one.done(&["export", kind, "--format", "jsonl"]), other.done(&["export", kind, "--format", "jsonl"]), "{kind}");
    }
    let again = one.call(&["demo"], "");
    assert_ne!(again.code, 0, "{again:?}");
}

#[test]
fn play_tells_the_state() {
    let home = Home::new();
    home.done(&["demo"]);
    let state: serde_json::Value = serde_json::from_str(&home.done(&["play", "3j", "--print", "state"])).expect("JSON");
    assert_eq!(state["mode"], "normal");
    assert_eq!(state["panes"]["contacts"]["cursor"], 3);
    let bad = home.call(&["play", "<Nope>"], "");
    assert!(bad.code == 0 || bad.code == 2, "{bad:?}");
}

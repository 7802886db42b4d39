//! Who calls.

use super::Home;

const NOW: &str = "2026-11-29T10:00:00Z";

fn home() -> Home {
    let home = Home::new();
    home.done(NOW, &["add", "company", "name=Acme", "domain=acme.example"]);
    home.done(NOW, &["add", "contact", "name=Ada", "company=Acme", "phone=+420 601 123 456", "email=ada@acme.example"]);
    home.done(NOW, &["add", "ticket", "subject=Loud printer", "contact=c1"]);
    home.done(NOW, &["add", "ticket", "subject=Solved", "contact=c1", "status=solved"]);
    home.done(NOW, &["add", "opportunity", "name=Big", "company=Acme"]);
    home.done(NOW, &["add", "order", "number=17", "company=Acme", "status=shipped"]);
    home.done(NOW, &["add", "order", "number=16", "company=Acme", "status=delivered"]);
    home.done(NOW, &["add", "contract", "name=Care", "company=Acme", "status=active"]);
    home.done(NOW, &["log", "call", "ada", "promised a quote", "--next", "tomorrow send quote"]);
    home
}

#[test]
fn a_number_shows_everything_that_is_open_however_it_is_written() {
    let home = home();
    let rows = "caller\tc1\tAda\ncompany\ta1\tAcme\nticket\tt1\tLoud printer\ntask\tk1\tsend quote\nopportunity\to1\tBig\norder\tb1\t17\ncontract\tg1\tCare\n";
    for written in ["+420601123456", "+420 601 123 456", "tel:+420-601-123-456", "601123456", "ada@acme.example", "ADA@acme.example"] {
        assert_eq!(home.done(NOW, &["pop", written, "--no-header"]), rows, "{written}");
    }
    let json: serde_json::Value = serde_json::from_str(&home.done(NOW, &["pop", "+420601123456", "--format", "json"])).unwrap();
    assert_eq!(json["last"]["channel"], "call");
    assert_eq!(json["tickets"].as_array().unwrap().len(), 1);
    let state: serde_json::Value = serde_json::from_str(&home.done(NOW, &["play", ":pop +420601123456<CR>", "--print", "state"])).unwrap();
    assert!(state["overlay"].is_object() || state["message"]["level"] != "error", "{state:#}");
}

#[test]
fn a_stranger_can_be_added() {
    let home = home();
    let (code, said) = home.refused(NOW, &["pop", "+420777000111"]);
    assert_eq!(code, 4);
    assert!(said.contains("rolo add contact name=NAME phone=+420777000111"), "{said}");
    let (code, said) = home.refused(NOW, &["pop", "eva@acme.example"]);
    assert_eq!(code, 4);
    assert!(said.contains("Acme") && said.contains("company=a1"), "{said}");
    assert_eq!(home.refused(NOW, &["pop", "hello"]).0, 2);
    assert_eq!(home.refused(NOW, &["pop", "12"]).0, 2);
    // In the application it asks who it is, and adds them.
    home.done(NOW, &["play", ":pop +420777000111<CR>Eva<CR>", "--print", "state"]);
    assert_eq!(home.done(NOW, &["list", "contact", "phone=+420777000111", "--columns", "name", "--format", "plain"]), "Eva\n");
}

//! Articles that answer tickets, and canned replies.

use super::Home;

const NOW: &str = "2026-11-29T10:00:00Z";

fn home() -> Home {
    let home = Home::new();
    home.done(
        NOW,
        &["add", "article", "title=Replace the toner", "body=Open the left flap of the printer and pull the cartridge.", "tags=printer"],
    );
    home.done(NOW, &["add", "article", "title=Reset the password", "body=Follow the link in the mail."]);
    home.done(NOW, &["add", "contact", "name=Ada Novák", "given=Ada"]);
    home.done(
        NOW,
        &["add", "ticket", "subject=The printer wants toner", "body=Please help, it is the big printer.", "contact=c1", "channel=email"],
    );
    home.done(NOW, &["add", "ticket", "subject=Password lost"]);
    home
}

#[test]
fn an_article_is_suggested_for_its_words_and_found_by_them() {
    let home = home();
    let out = home.done(NOW, &["articles", "t1", "--no-header"]);
    assert_eq!(out, "n1\tReplace the toner\tboth speak of printer, toner\tno\n");
    assert_eq!(home.done(NOW, &["articles", "t2", "--format", "ids"]), "n2\n");
    assert_eq!(home.done(NOW, &["find", "cartridge", "--format", "ids"]), "n1\n");
    assert_eq!(home.done(NOW, &["list", "article", "cartridge", "--format", "ids"]), "n1\n");
    assert_eq!(home.done(NOW, &["articles", "t1", "--use", "n1"]), "n1 is linked to t1\n");
    assert_eq!(home.done(NOW, &["list", "ticket", "article:n1", "--format", "ids"]), "t1\n");
    assert!(home.done(NOW, &["articles", "t1", "--no-header"]).ends_with("\tyes\n"));
    let state = home.done(NOW, &["play", ":pane tickets<CR>:article n2<CR>", "--print", "state"]);
    assert!(state.contains("n2 is linked to t"), "{state}");
}

#[test]
fn a_reply_fills_its_variables_and_answers_in_one_step() {
    let home = home();
    std::fs::write(
        home.path().join("replies.toml"),
        "[thanks]\nstatus = \"solved\"\ntext = \"\"\"\nHello {{contact.given|there}},\n{{id}}: \"{{subject}}\" is solved.\n\"\"\"\n[formal]\ntext = \"Dear {{contact.prefix}}\"\n",
    )
    .unwrap();
    home.done(NOW, &["config", "put", "replies", "replies.toml"]);
    assert_eq!(home.done(NOW, &["reply", "t1", "thanks"]), "Hello Ada,\nt1: \"The printer wants toner\" is solved.\n");
    assert!(home.done(NOW, &["reply", "t2", "Thanks"]).starts_with("Hello there,"));
    let (code, said) = home.refused(NOW, &["reply", "t1", "formal"]);
    assert_eq!(code, 1);
    assert!(said.contains("1:6") && said.contains("contact.prefix"), "{said}");
    let (code, said) = home.refused(NOW, &["reply", "t1", "thank"]);
    assert_eq!(code, 2);
    assert!(said.contains("thanks"), "{said}");
    assert_eq!(home.done(NOW, &["reply", "t1", "thanks", "--send"]), "t1 answered with “thanks”, solved\n");
    assert_eq!(home.done(NOW, &["list", "ticket", "status:solved", "--format", "ids"]), "t1\n");
    assert_eq!(
        home.done(NOW, &["list", "interaction", "ticket:t1", "--columns", "channel,direction", "--format", "plain"]),
        "email\tout\n"
    );
    home.done(NOW, &["undo"]);
    assert_eq!(home.done(NOW, &["count", "ticket", "status:solved", "--no-header"]).trim(), "0", "one step");
    assert_eq!(home.done(NOW, &["count", "interaction", "--no-header"]).trim(), "0");
    let state = home.done(NOW, &["play", ":pane tickets<CR>:reply thanks<CR>", "--print", "state"]);
    assert!(state.contains("answered with"), "{state}");
}

#[test]
fn a_variable_that_no_ticket_has_is_refused_with_its_place() {
    let home = home();
    for (text, place) in [("Hello\\n{{contact.gven}}", "2:1"), ("{{me.nam}}", "1:1"), ("a {{subject", "1:3")] {
        std::fs::write(home.path().join("r.toml"), format!("[x]\ntext = \"{text}\"\n")).unwrap();
        let (code, said) = home.refused(NOW, &["config", "put", "replies", "r.toml"]);
        assert_eq!(code, 1, "{text}");
        assert!(said.contains(place) && said.contains("replies:2:"), "{text}: {said}");
    }
}

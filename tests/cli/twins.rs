//! Duplicates, merging and origins as scripts meet them.

use super::Home;

#[test]
fn duplicates_are_found_merged_and_taken_apart() {
    let home = Home::new();
    home.file("a.csv", "name,email,phone\nAda Novák,ada@x.cz,\nEva Malá,eva@x.cz,\n");
    assert_eq!(home.call(&["import", "a.csv", "--as", "contact", "--source", "hq"], "").code, 0);
    home.done(&["add", "contact", "name=Ada Novak", "phone=+420601123456", "email=ada@x.cz"]);
    home.done(&["log", "call", "c3", "hello"]);
    let found = home.done(&["dupes"]);
    assert_eq!(
        found,
        "cluster\tscore\tid\tother\tname\tother_name\treasons\n1\t0.96\tc1\tc3\tAda Novák\tAda Novak\tsame e-mail ada@x.cz; same name\n"
    );
    assert_eq!(home.done(&["dupes", "contact", "--format", "ids"]), "c1\nc3\n");
    let json: serde_json::Value = serde_json::from_str(&home.done(&["dupes", "--format", "json"])).expect("JSON");
    assert_eq!((&json[0]["score"], &json[0]["reasons"][0]), (&serde_json::json!(0.96), &serde_json::json!("same e-mail ada@x.cz")));
    assert_eq!(home.done(&["dupes", "--not", "c1", "c3"]), "c1, c3 are no duplicates\n");
    assert_eq!(home.done(&["dupes", "--no-header"]), "");
    home.done(&["undo"]);
    let dry = home.call(&["merge", "c1", "c3", "--dry-run"], "");
    assert_eq!((dry.code, dry.out.as_str()), (0, "would merge c3 into c1, and turn 1 link\n"));
    assert!(dry.err.contains("c1 phone: nothing \u{2192} +420601123456"), "{}", dry.err);
    assert_eq!(home.done(&["merge", "c1", "c3"]), "1 contact merged into c1\n");
    let shown = home.call(&["show", "c3", "--format", "json"], "");
    assert_eq!((shown.code, shown.err.as_str()), (0, "rolo: c3 was merged into c1\n"));
    assert!(shown.out.contains("\"id\": \"c1\""), "{}", shown.out);
    assert_eq!(home.done(&["list", "interaction", "--columns", "contact.id", "--no-header"]), "c1\n");
    let blamed = home.done(&["blame", "c1", "email", "--no-header"]);
    assert!(blamed.starts_with("email\tada@x.cz\tada\t2026-11-20T10:00:00Z\t@1\timport a.csv\ta.csv\t2\thq\t"), "{blamed}");
    let history = home.done(&["history", "c1", "--no-header"]);
    assert!(history.lines().any(|line| line.contains("phone") && line.ends_with("\tc3")), "{history}");
    let undone = home.call(&["undo"], "");
    assert_eq!((undone.code, undone.err.as_str()), (0, ""), "{undone:?}");
    assert_eq!(home.done(&["list", "interaction", "--columns", "contact.id", "--no-header"]), "c3\n");
}

#[test]
fn mistakes_are_told() {
    let home = Home::new();
    home.done(&["add", "contact", "name=Ada"]);
    home.done(&["add", "company", "name=Acme"]);
    for (words, code) in [
        (&["merge", "c1"][..], 2),
        (&["merge", "c1", "c1"], 2),
        (&["merge", "c1", "a1"], 2),
        (&["merge", "c1", "c9"], 4),
        (&["merge", "c1", "c9", "--prefer", "mine"], 2),
        (&["dupes", "contct"], 2),
        (&["dupes", "--min", "2"], 2),
        (&["dupes", "event"], 2),
        (&["dupes", "--not", "c1", "a1"], 2),
        (&["blame", "c9"], 4),
        (&["blame", "c1", "nothing"], 2),
    ] {
        let said = home.call(words, "");
        assert_eq!(said.code, code, "{words:?}: {said:?}");
    }
}

//! What a user will get wrong, each with its exact text.

use super::Home;

/// A home with a company, a deal, and two contacts of one name.
fn home() -> Home {
    let home = Home::new();
    home.done(&["add", "company", "name=Acme"]);
    home.done(&["add", "opportunity", "name=Deal", "company=Acme", "amount=100 EUR"]);
    home.done(&["add", "contact", "name=Ada Nov", "email=a@x.example"]);
    home.done(&["add", "contact", "name=Ada Nov", "email=b@x.example"]);
    home.file("customers.csv", "Name,Email\nEva,eva@x.example\n");
    home.file("nothing.csv", "\n\n");
    home.file("headless.csv", "1,2\n3,4\n");
    home.file("column.toml", "kind = \"contact\"\n[columns]\n\"Nme\" = \"name\"\n");
    home.file("kind.toml", "kind = \"contact\"\n");
    home.file("field.toml", "kind = \"contact\"\n[columns]\n\"Name\" = \"nmae\"\n");
    home
}

/// Words, exit code, standard error.
const MISTAKES: &[(&[&str], i32, &str)] = &[
    (
        &["import", "customer.csv", "--as", "contact"],
        1,
        "rolo: customer.csv: No such file or directory (os error 2)\n  is the name right? paths count from this folder\n",
    ),
    (
        &["import", "headless.csv", "--as", "contact"],
        1,
        "rolo: headless.csv:1: there is no header row, the first row reads like data (name its line with --header-row N, or say --header-row 0 where there is none)\n",
    ),
    (
        &["import", "customers.csv", "--map", "column.toml"],
        2,
        "rolo: column.toml:3:1: the file has no column “Nme” (did you mean “Name”?)\n",
    ),
    (&["import", "customers.csv", "--map", "field.toml"], 2, "rolo: field.toml:3:1: contact has no field “nmae” (did you mean “name”?)\n"),
    (&["add", "contact", "nmae=Eva"], 2, "rolo: contact has no field “nmae”\n  did you mean “name”?\n"),
    (&["move", "o1", "proposl"], 2, "rolo: “proposl” is no stage of pipeline “sales”\n  did you mean “proposal”?\n"),
    (&["show", "c99"], 4, "rolo: there is no contact c99\n"),
    (
        &["list", "opportunity", "stagee:won"],
        2,
        "rolo: 1: opportunity has no field “stagee”\nstagee:won\n^^^^^^\n  did you mean “stage”?\n",
    ),
    (&["list", "opportunity", "(stage:won"], 2, "rolo: 1: this bracket is not closed\n(stage:won\n^\n  close it with )\n"),
    (&["show", "Ada Nov"], 4, "rolo: “Ada Nov” fits several: c1 Ada Nov (a@x.example); c2 Ada Nov (b@x.example)\n  name one by its id\n"),
    (
        &["set", "o1", "expected_close=2026-13-01"],
        1,
        "rolo: expected_close: “2026-13-01” is no date\n  write 2026-01-31, 2026-01, 2026, --01-31, today, tomorrow, friday, next fri, in 2 weeks, 31.1., eom, +2w or -3m\n",
    ),
    (&["set", "o1", "amount=EUR"], 1, "rolo: amount: “EUR” is money without a number\n  write 1234.50 EUR, 10k or 10keur\n"),
    (&["set", "o1", "amount=abc"], 1, "rolo: amount: “abc” is money without a number\n  write 1234.50 EUR, 10k or 10keur\n"),
    (&["set", "o1", "amount=12 EURO"], 1, "rolo: amount: “EURO” is no currency\n  did you mean “EUR”?\n"),
    (&["set", "o1", "probability=lots"], 1, "rolo: probability: “lots” is no share in per cent\n  write a whole number from 0 to 100\n"),
    (&["add", "contact", "name=Eva", "company=Acmee"], 4, "rolo: there is no company “Acmee”\n  did you mean “Acme” (a1)?\n"),
    (
        &["add", "contact", "name=Eva", "company=Globex Ltd"],
        4,
        "rolo: there is no company “Globex Ltd”\n  make it first: add company name=\"Globex Ltd\"\n",
    ),
    (
        &["add", "task", "title=Call", "assignee=ben@x.example"],
        4,
        "rolo: assignee: there is no user “ben@x.example”\n  make it first: add user email=ben@x.example\n",
    ),
    (&["import", "nothing.csv", "--as", "contact"], 1, "rolo: nothing.csv: there is nothing in the file\n"),
    (
        &["import", "customers.csv", "--map", "kind.toml", "--column", "Name=nmae"],
        2,
        "rolo: contact has no field “nmae” (did you mean “name”?)\n",
    ),
    (&["import", "customers.csv"], 2, "rolo: what is each row?\n  add --as contact, or kind = \"contact\" to the mapping\n"),
    (&["list", "contct"], 2, "rolo: there is no kind “contct”\n  did you mean “contact”?\n"),
    (&["sum", "opportunity", "name"], 2, "rolo: name cannot be summed\n  sum money and numbers, such as amount\n"),
    (&["config", "get", "pipeline"], 2, "rolo: there is no definition “pipeline”\n  did you mean “pipelines”?\n"),
    (&["undo", "@99"], 4, "rolo: there is no step @99\n  `rolo history` lists them\n"),
    (
        &["list", "contact", "--format", "vcard"],
        2,
        "rolo: this call cannot give vcard\n  it gives table, tsv, json, jsonl, csv, plain, ids, mutt, aerc\n",
    ),
    (&["--readonly", "add", "contact", "name=Eva"], 7, "rolo: nothing is changed: rolo was started with --readonly\n"),
    (&[], 2, "rolo: the application needs a terminal\n  `rolo --help` lists what works without one; `rolo play` plays keys\n"),
];

#[test]
fn each_is_told_with_place_and_hint_and_changes_nothing() {
    let home = home();
    let before = home.done(&["history"]);
    let mut wrong = Vec::new();
    for (words, code, err) in MISTAKES {
        let said = home.call(words, "");
        if (said.code, said.err.as_str()) != (*code, *err) {
            wrong.push(format!("rolo {}\n  exit {}, wanted {code}\n{}wanted\n{err}", words.join(" "), said.code, said.err));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(home.done(&["history"]), before);
}

#[test]
fn an_error_is_json_where_the_output_is() {
    let said = home().call(&["--format", "json", "show", "c99"], "");
    assert_eq!((said.code, said.out.as_str()), (4, ""));
    assert_eq!(said.err, "{\"error\":4,\"message\":\"there is no contact c99\"}\n");
}

#[test]
fn a_second_process_is_told_who_has_the_store() {
    let home = home();
    let store = home.path().join("elsewhere");
    let _held = rolo::store::open(&store, rolo::store::OpenOptions::default()).expect("a store");
    let said = home.call(&["--store", "elsewhere", "--wait", "0", "list", "contact"], "");
    assert_eq!(said.code, 8, "{said:?}");
    assert!(said.err.contains(&format!("in use by pid {} since ", std::process::id())), "{}", said.err);
}

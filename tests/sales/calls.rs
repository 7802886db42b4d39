//! The calls of sales as scripts meet them: streams, formats, exit codes.

use std::path::Path;
use std::process::Command;

/// What a call came to: exit code, standard output, standard error.
fn call(home: &Path, words: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rolo"))
        .args(["--user", "ada", "--now", "2026-03-02T10:00:00Z"])
        .args(words)
        .current_dir(home)
        .env_clear()
        .env("HOME", home)
        .env("TZ", "UTC")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

fn done(home: &Path, words: &[&str]) -> String {
    let (code, out, err) = call(home, words);
    assert_eq!(code, 0, "{words:?}: {err}");
    out
}

#[test]
fn from_a_lead_to_an_order_by_calls() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    done(home, &["add", "contact", "name=Ada", "email=ada@acme.example", "lifecycle=lead", "source=web"]);
    let out = done(
        home,
        &[
            "convert",
            "c1",
            "--company",
            "Acme",
            "lines.1.description=Chair",
            "lines.1.price=10 EUR",
            "lines.1.quantity=3",
            "expected_close=2026-03-20",
        ],
    );
    assert_eq!(out, "converted c1 Ada, o1 Acme, new a1 Acme\n");
    let (code, _, err) = call(home, &["convert", "c1"]);
    assert_eq!((code, err.contains("was converted on 2026-03-02")), (1, true), "{err}");
    let (code, out, err) = call(home, &["quote", "o1"]);
    assert_eq!((code, err.as_str()), (0, "rolo: q1: quote Q-2026-0001 over 30.00 EUR\n"));
    assert!(out.starts_with("Quote Q-2026-0001\n") && out.contains("total EUR          30.00"), "{out}");
    done(home, &["quote", "q1", "--html", "--out", "quote.html"]);
    let html = std::fs::read_to_string(home.join("quote.html")).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("<td>30.00</td>"), "{html}");
    let (code, _, err) = call(home, &["quote", "q1", "--out", "quote.html"]);
    assert_eq!((code, err.contains("quote.html")), (1, true), "what is there stays: {err}");
    let csv = done(home, &["--format", "csv", "report", "forecast", "--period", "2026-q1"]);
    assert_eq!(csv.lines().count(), 2);
    assert!(
        csv.starts_with("closed,commit,best,pipeline,weighted,open,") && csv.contains("\n0.00 EUR,0.00 EUR,0.00 EUR,30.00 EUR,3.00 EUR,1,"),
        "{csv}"
    );
    let supposed = done(home, &["--format", "json", "report", "what-if", "--period", "2026-q1", "--what-if", "o1 stage=won"]);
    let supposed: serde_json::Value = serde_json::from_str(&supposed).unwrap();
    assert_eq!((&supposed[0]["figure"], &supposed[0]["as_if"]["amount"]), (&"closed".into(), &"30.00".into()));
    assert_eq!(done(home, &["quote", "o1", "--accept"]), "Q-2026-0001 is accepted, o1 is won, order b1\n");
    let json: serde_json::Value = serde_json::from_str(&done(home, &["--format", "json", "report", "win-rate"])).unwrap();
    assert_eq!((&json[0]["won"], &json[0]["win_rate"], &json[0]["won_value"]["amount"]), (&1.into(), &1.0.into(), &"30.00".into()));
    let query = json[0]["records"]["won"]["query"].as_str().unwrap();
    assert_eq!(done(home, &["count", "opportunity", query]), "1\n");
    done(home, &["undo"]);
    assert_eq!((done(home, &["count", "order"]), done(home, &["count", "opportunity", "stage:won"])), ("0\n".to_owned(), "0\n".to_owned()));
}

#[test]
fn mistakes_have_a_hint_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    done(home, &["add", "contact", "name=Ada", "lifecycle=lead"]);
    done(home, &["add", "opportunity", "name=x"]);
    for (words, code, told) in [
        (&["report", "forcast"][..], 2, "did you mean \u{201c}forecast\u{201d}?"),
        (&["report", "win-rate", "--by", "ownr"], 2, "owner"),
        (&["report", "win-rate", "--period", "soon"], 2, "2026-q4"),
        (&["report", "win-rate", "--since", "today"], 2, "win-rate is not asked with --since"),
        (&["report", "changes"], 2, "--since"),
        (&["report", "win-rate", "stage:wonn"], 2, "won"),
        (&["report", "what-if", "--what-if", "o1"], 2, "o12 stage=won"),
        (&["report", "funnel", "--pipeline", "nothing"], 2, "there are sales"),
        (&["convert", "o1"], 1, "not a contact"),
        (&["convert", "c1", "amount=much"], 1, "much"),
        (&["quote", "o1"], 1, "there are no lines"),
        (&["quote", "o1", "--accept"], 4, "has no open quote"),
        (&["assign"], 1, "rolo config edit assignment"),
        (&["score", "why", "nobody"], 4, "nobody"),
        (&["rates", "nowhere.csv"], 1, "nowhere.csv"),
    ] {
        let (found, out, err) = call(home, words);
        assert_eq!((found, out.as_str()), (code, ""), "{words:?}: {err}");
        assert!(err.contains(told), "{words:?}: {err}");
    }
    assert_eq!((done(home, &["count", "opportunity"]), done(home, &["count", "company"])), ("1\n".to_owned(), "0\n".to_owned()));
}

#[test]
fn rates_come_from_a_table_and_closed_deals_keep_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path();
    for (name, closed) in [("a", "2026-01-10"), ("b", "2026-02-10")] {
        done(home, &["add", "opportunity", &format!("name={name}"), "stage=won", &format!("closed_at={closed}"), "amount=100 USD"]);
    }
    let won = || {
        let out = done(home, &["--format", "tsv", "report", "win-rate"]);
        out.lines().nth(1).unwrap().split('\t').nth(4).unwrap().to_owned()
    };
    assert_eq!(won(), "200.00 USD", "one currency without a rate is told as it is");
    std::fs::write(home.join("rates.csv"), "Date,USD,CZK\n2026-01-01,1.25,25\n2026-02-01,1.6,N/A\n").unwrap();
    assert_eq!(done(home, &["rates", "rates.csv", "--turned"]), "3 rates taken\n");
    assert_eq!(won(), "142.50 EUR");
    // The same again changes nothing; a newer rate nothing of what is closed.
    done(home, &["rates", "rates.csv", "--turned"]);
    std::fs::write(home.join("rates.csv"), "date,currency,rate\n2026-03-01,USD,0.1\n").unwrap();
    done(home, &["rates", "rates.csv"]);
    assert_eq!(won(), "142.50 EUR");
    std::fs::write(home.join("rates.csv"), "date,currency,rate\n2026-03-01,USD,none\n").unwrap();
    let (code, _, err) = call(home, &["rates", "rates.csv"]);
    assert_eq!((code, err.contains("rates.csv:2: ")), (1, true), "{err}");
}

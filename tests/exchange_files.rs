//! Files that other programs made, read whole, held against the facts that
//! their README and MANIFEST give.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rolo::exchange::encoding::Hints;
use rolo::exchange::rows::{self, BadRow, Facts, Oddity, Request, Row, Values};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

fn data(path: &str) -> Option<PathBuf> {
    let full = Path::new(DATA).join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: the shared data folder is not here ({path})");
    None
}

struct Table {
    names: Vec<String>,
    rows: Vec<Row>,
    bad: Vec<BadRow>,
    facts: Facts,
}

impl Table {
    fn cells(&self, row: usize) -> Vec<String> {
        match &self.rows[row].values {
            Values::Cells(cells) => cells.iter().map(str::to_owned).collect(),
            Values::Tree(_) => panic!("a tree where cells were expected"),
        }
    }

    fn column(&self, name: &str) -> usize {
        self.names.iter().position(|n| n == name).unwrap()
    }

    fn delimiter(&self) -> char {
        char::from(self.facts.dialect.as_ref().unwrap().syntax.delimiter)
    }
}

fn read_bytes(bytes: &[u8], request: &Request<'_>) -> Table {
    let mut source = rows::open(Box::new(bytes), request).unwrap();
    let (mut rows, mut bad) = (Vec::new(), Vec::new());
    while let Some(next) = source.next_row().unwrap() {
        match next {
            Ok(row) => rows.push(row),
            Err(row) => bad.push(*row),
        }
    }
    let names = source.header().map(|h| h.columns().iter().map(|c| c.name.clone()).collect()).unwrap_or_default();
    Table { names, rows, bad, facts: source.facts() }
}

fn read(path: &Path) -> Table {
    let name = path.to_string_lossy().into_owned();
    let request = Request { name: &name, ..Request::default() };
    read_bytes(&fs::read(path).unwrap(), &request)
}

fn read_without_header(path: &Path) -> Table {
    let mut request = Request::default();
    request.dialect.header_row = Some(0);
    read_bytes(&fs::read(path).unwrap(), &request)
}

#[test]
fn csv_spectrum_reads_to_its_json() {
    let Some(folder) = data("csv/csv-spectrum") else {
        return;
    };
    let mut seen = 0;
    for entry in fs::read_dir(folder.join("csvs")).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut bytes = fs::read(&path).unwrap();
        if stem.ends_with("_crlf") && !bytes.contains(&b'\r') {
            // The stored copies have lost the returns that their names promise.
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replace('\n', "\r\n").into_bytes();
        }
        let table = read_bytes(&bytes, &Request::default());
        assert!(table.bad.is_empty(), "{stem}");
        let got: Vec<BTreeMap<String, String>> =
            (0..table.rows.len()).map(|row| table.names.iter().cloned().zip(table.cells(row)).collect()).collect();
        let json = fs::read(folder.join("json").join(format!("{stem}.json"))).unwrap();
        let expected: Vec<BTreeMap<String, String>> = serde_json::from_slice(&json).unwrap();
        assert_eq!(got, expected, "{stem}");
        seen += 1;
    }
    assert_eq!(seen, 11);
}

/// Rows below the header, columns, encoding and delimiter: as the README and
/// MANIFEST give them (counted by Python's `csv` with the file's true delimiter).
const FACTS: &[(&str, usize, usize, &str, char)] = &[
    ("campaign/bank.csv", 4521, 17, "ascii", ';'),
    ("churn/Telco-Customer-Churn.csv", 7043, 21, "ascii", ','),
    ("crm/maven/accounts.csv", 85, 7, "ascii", ','),
    ("crm/maven/products.csv", 7, 3, "ascii", ','),
    ("crm/maven/sales_pipeline.csv", 8800, 8, "ascii", ','),
    ("crm/maven/sales_teams.csv", 35, 3, "ascii", ','),
    ("crm/salesforce_easy_spaces/Contact_Data.csv", 12, 10, "ascii", ','),
    ("crm/salesforce_easy_spaces/Lead_Data.csv", 11, 12, "ascii", ','),
    ("crm/salesforce_easy_spaces/Market_Data.csv", 11, 4, "ascii", ','),
    ("crm/salesforce_easy_spaces/Space_Data.csv", 132, 8, "utf-8", ','),
    ("csv/csvkit/blanks.csv", 1, 6, "ascii", ','),
    ("csv/csvkit/dummy.tsv", 1, 3, "ascii", '\t'),
    ("csv/csvkit/mac_newlines.csv", 2, 3, "ascii", ','),
    ("csv/csvkit/null_byte.csv", 1, 3, "ascii", ','),
    ("csv/csvkit/optional_quote_characters.csv", 1, 3, "ascii", ','),
    ("csv/csvkit/realdata/FY09_EDU_Recipients_by_State.csv", 53, 10, "ascii", ','),
    ("csv/csvkit/realdata/ks_1033_data.csv", 1575, 14, "ascii", ','),
    ("csv/csvkit/test_geo.csv", 17, 12, "ascii", ','),
    ("csv/csvkit/test_geojson.csv", 3, 7, "ascii", ','),
    ("csv/csvkit/test_header_newline.csv", 1, 3, "ascii", ','),
    ("csv/csvkit/test_ignore_case.csv", 5, 3, "ascii", ','),
    ("csv/csvkit/test_latin1.csv", 2, 3, "windows-1252", ','),
    ("csv/csvkit/test_locale.csv", 1, 3, "ascii", ','),
    ("csv/csvkit/test_numeric_date_format.csv", 2, 1, "ascii", ','),
    ("csv/csvkit/test_skip_lines.csv", 1, 3, "ascii", ','),
    ("csv/csvkit/test_utf16_big.csv", 2, 3, "utf-16be", ','),
    ("csv/csvkit/test_utf16_little.csv", 2, 3, "utf-16le", ','),
    ("csv/csvkit/test_utf8.csv", 2, 3, "utf-8", ','),
    ("csv/csvkit/test_utf8_bom.csv", 2, 3, "utf-8", ','),
    ("csv/made-here/google_contacts_2024.csv", 23, 48, "ascii", ','),
    ("csv/made-here/google_contacts_legacy_utf16le.csv", 23, 81, "utf-16le", ','),
    ("csv/made-here/hubspot_contacts_export.csv", 23, 12, "ascii", ','),
    ("csv/made-here/outlook_contacts_cp1252.csv", 60, 92, "windows-1252", ','),
    ("csv/messytables/complex.csv", 3, 4, "ascii", ','),
    ("csv/messytables/example.tsv", 140, 17, "ascii", '\t'),
    ("csv/messytables/simple.csv", 6, 3, "ascii", ','),
    ("csv/messytables/skip_initials.csv", 2, 2, "ascii", ','),
    ("csv/messytables/spanish_chars.csv", 116, 8, "windows-1252", ','),
    ("csv/messytables/sparse_with_column_errors.csv", 2237, 4, "windows-1252", ','),
    ("csv/messytables/utf-16le_encoded.csv", 327, 19, "utf-16le", ','),
    ("csv/messytables/utf8bom.csv", 0, 2, "utf-8", ','),
    ("csv/rust-csv/smallpop-colon.csv", 10, 4, "ascii", ':'),
    ("csv/rust-csv/smallpop.csv", 10, 4, "ascii", ','),
    ("csv/rust-csv/uspop-latin1.csv", 100, 5, "windows-1252", ','),
    ("csv/rust-csv/uspop-null.csv", 100, 5, "ascii", ','),
    ("csv/rust-csv/uspop.csv", 100, 5, "ascii", ','),
    ("tickets/uci_incident_events_every8th.csv", 14904, 36, "ascii", ','),
    ("tickets/uci_incidents_final_first10000.csv", 10000, 20, "ascii", ','),
];

#[test]
fn tables_have_their_rows_columns_encoding_and_delimiter() {
    let mut wrong = Vec::new();
    for (path, rows, columns, encoding, delimiter) in FACTS {
        let Some(full) = data(path) else {
            return;
        };
        let table = read(&full);
        let got = (table.rows.len(), table.names.len(), table.facts.encoding.name(), table.delimiter(), table.bad.len());
        let expected = (*rows, *columns, (*encoding).to_owned(), *delimiter, 0);
        if got != expected {
            wrong.push(format!("{path}: {got:?} and not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fivetran_table_has_the_rows_of_the_manifest() {
    let Some(folder) = data("crm/hubspot_fivetran") else {
        return;
    };
    let manifest = fs::read_to_string(data("MANIFEST.tsv").unwrap()).unwrap();
    let mut seen = 0;
    for line in manifest.lines().filter(|l| l.starts_with("crm/hubspot_fivetran/")) {
        let mut parts = line.split('\t');
        let name = parts.next().unwrap().rsplit_once('/').unwrap().1;
        let entries: usize = parts.nth(1).unwrap().parse().unwrap();
        let table = read(&folder.join(name));
        assert_eq!((table.rows.len(), table.bad.len()), (entries - 1, 0), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 33);
}

#[test]
fn four_encodings_of_one_list_give_the_same_cells() {
    let files = [
        ("csv/made-here/kontakty_cz_cp1250.csv", "windows-1250", ';'),
        ("csv/made-here/kontakty_cz_cp1250_sep.csv", "windows-1250", ';'),
        ("csv/made-here/kontakty_cz_utf8bom.csv", "utf-8", ';'),
        ("csv/made-here/kontakty_cz_utf16le_tab.txt", "utf-16le", '\t'),
    ];
    let mut first: Option<(Vec<String>, Vec<Vec<String>>)> = None;
    for (path, encoding, delimiter) in files {
        let Some(full) = data(path) else {
            return;
        };
        let table = read(&full);
        assert_eq!(table.facts.encoding.name(), encoding);
        assert_eq!(table.delimiter(), delimiter);
        let sep = table.facts.dialect.as_ref().unwrap().sep_line;
        assert_eq!(sep, path.contains("_sep"));
        assert_eq!((table.rows.len(), table.bad.len()), (200, 0), "{path}");
        let turnover = table.column("Obrat (Kč)");
        let hellers: i64 = (0..200)
            .map(|row| {
                let cells = table.cells(row);
                let digits = cells[turnover].chars().filter(char::is_ascii_digit);
                digits.collect::<String>().parse::<i64>().unwrap()
            })
            .sum();
        assert_eq!(hellers, 50_061_935_398);
        let newlines = table.rows.iter().filter(|r| r.raw.contains('\n')).count();
        assert_eq!(newlines, 29);
        let cells = (0..200).map(|row| table.cells(row)).collect();
        let all = (table.names.clone(), cells);
        match &first {
            Some(first) => assert_eq!(*first, all, "{path}"),
            None => first = Some(all),
        }
    }
}

#[test]
fn headers_stand_below_preambles() {
    let Some(padded) = data("csv/messytables/weird_head_padding.csv") else {
        return;
    };
    let table = read(&padded);
    assert_eq!(table.delimiter(), ';');
    assert_eq!(table.names.len(), 11);
    assert_eq!(table.names[1], "1985");
    assert!(table.cells(1)[0].contains("Gefäßchirurgie"));
    let global = read(&data("csv/messytables/mixedGLB.csv").unwrap());
    assert_eq!((global.names[0].as_str(), global.rows.len()), ("Year", 133));
    let pasted = read(&data("csv/messytables/excel_pasting.csv").unwrap());
    let ends = (pasted.names[0].as_str(), pasted.names[8].as_str());
    assert_eq!(ends, ("Year", "2007"));
    let skipped = read(&data("csv/csvkit/bad_skip_lines.csv").unwrap());
    assert_eq!(skipped.names, ["column_a", "column_b", "column_c"]);
    assert_eq!(skipped.rows[0].line, 5);
}

#[test]
fn ragged_rows_are_told() {
    let Some(bad) = data("csv/csvkit/bad.csv") else {
        return;
    };
    let table = read(&bad);
    let oddities: Vec<_> = table.rows.iter().map(|r| r.oddity).collect();
    assert_eq!(oddities, [Some(Oddity::TooLong { cells: 4 }), Some(Oddity::TooShort { cells: 2 }), None]);
    assert_eq!(table.rows[0].raw, "1,27,,\"I'm too long!\"");
    let long = read(&data("csv/csvkit/test_empty_columns_long_row.csv").unwrap());
    assert_eq!(long.rows[0].oddity, None, "blank cells beyond the header are nothing");
}

#[test]
fn tables_without_header_say_so() {
    for (path, rows, columns) in
        [("csv/rust-csv/smallpop-no-headers.csv", 10, 4), ("csv/messytables/null.csv", 10, 4), ("csv/messytables/long.csv", 4000, 1)]
    {
        let Some(full) = data(path) else {
            return;
        };
        let bytes = fs::read(&full).unwrap();
        let opened = rows::open(Box::new(&bytes[..]), &Request::default());
        assert_eq!(
            opened.err().unwrap().to_string(),
            "line 1: there is no header row, the first row reads like data (name its line \
             with --header-row N, or say --header-row 0 where there is none)",
            "{path}"
        );
        let table = read_without_header(&full);
        assert_eq!((table.rows.len(), table.names.len()), (rows, columns), "{path}");
        assert_eq!(table.names[0], "column 1");
    }
}

#[test]
fn backslash_quotes_and_comments_of_the_strange_file() {
    let Some(full) = data("csv/rust-csv/strange.csv") else {
        return;
    };
    let table = read_without_header(&full);
    assert_eq!(table.delimiter(), ';');
    assert_eq!(table.rows.len(), 7);
    assert_eq!(table.cells(0)[0], "\"Hacksaw\" Jim Duggan");
    assert_eq!(table.cells(1)[0], "Bret \"Hit Man\" Hart");
}

#[test]
fn mixed_encodings_are_counted_and_read_on() {
    let Some(full) = data("csv/messytables/characters.csv") else {
        return;
    };
    let table = read(&full);
    assert_eq!(table.names[0], "id");
    assert_eq!(table.rows.len() + table.bad.len(), 382);
}

#[test]
fn the_retail_file_streams_to_its_sums() {
    let Some(full) = data("retail/online_retail_2010-12_2011-03.csv") else {
        return;
    };
    let request = Request::default();
    let mut source = rows::open(Box::new(File::open(&full).unwrap()), &request).unwrap();
    let (mut count, mut mills, mut without_customer) = (0, 0i64, 0);
    while let Some(row) = source.next_row().unwrap() {
        let row = row.unwrap();
        let Values::Cells(cells) = &row.values else {
            panic!("a tree where cells were expected");
        };
        count += 1;
        without_customer += i64::from(cells.get(6) == Some(""));
        let quantity: i64 = cells.get(3).unwrap().parse().unwrap();
        let price: f64 = cells.get(5).unwrap().parse().unwrap();
        mills += quantity * (price * 1000.0).round() as i64;
    }
    let got = (count, mills, without_customer);
    assert_eq!(got, (142_083, 2_490_287_010, 45_136));
    assert_eq!(source.bytes(), 12_531_642);
}

#[test]
fn json_lines_arrays_and_wrapped_arrays() {
    for (path, count, member) in [
        ("crm/made-here/easy_spaces_people.jsonl", 23, None),
        ("tickets/vulcan_issues.jsonl", 925, None),
        ("tickets/zendesk_go_fixtures/tickets.json", 2, Some("tickets")),
        ("tickets/zendesk_go_fixtures/users.json", 2, Some("users")),
        ("tickets/zendesk_go_fixtures/ticket.json", 1, None),
        ("crm/salesforce_easy_spaces/Accounts.json", 12, Some("records")),
        ("crm/salesforce_easy_spaces/Contacts.json", 12, Some("records")),
        ("crm/salesforce_easy_spaces/Leads.json", 11, Some("records")),
        ("crm/salesforce_easy_spaces/Plan1.json", 1, None),
    ] {
        let Some(full) = data(path) else {
            return;
        };
        let table = read(&full);
        assert_eq!((table.rows.len(), table.bad.len()), (count, 0), "{path}");
        assert_eq!(table.facts.member.as_deref(), member, "{path}");
        assert!(matches!(table.rows[0].values, Values::Tree(_)));
    }
}

#[test]
fn every_csv_file_is_read_to_its_end_in_any_encoding() {
    let Some(folder) = data("csv") else {
        return;
    };
    let mut folders = vec![folder];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            for encoding in [None, Some("utf-8"), Some("utf-16be"), Some("shift_jis")] {
                let mut request =
                    Request { encoding: Hints { encoding: encoding.map(str::to_owned), country: None }, ..Request::default() };
                request.dialect.header_row = Some(0);
                let Ok(mut source) = rows::open(Box::new(&bytes[..]), &request) else {
                    continue;
                };
                while let Ok(Some(_)) = source.next_row() {}
            }
            seen += 1;
        }
    }
    assert!(seen >= 80, "{seen}");
}

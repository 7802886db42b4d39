//! Every csv file of the shared data, cell by cell as an independent reader gives it
//! (`tests/real_files/record` recorded that in `csv.tsv`), and every row and file that
//! is refused, with the reason (`refused.tsv`).
//!
//! `ROLO_BLESS=1` writes `refused.tsv` anew; it is then read by a person.

use std::fs;
use std::path::Path;

use rolo::exchange::dialect::delimiter;
use rolo::exchange::rows::{self, Oddity, Request, Rows, Values};

use crate::common::data;

const TABLE: &str = include_str!("../real_files/csv.tsv");
const REFUSED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real_files/refused.tsv");

/// FNV-1a over records, as `record` has it.
struct Print(u64);

impl Print {
    fn add(&mut self, bytes: impl IntoIterator<Item = u8>) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn record(&mut self, cells: &[String]) {
        let filled = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        for cell in &cells[..filled] {
            self.add(cell.bytes().chain([0xff]));
        }
        self.add([0xfe]);
    }
}

fn open<'b>(bytes: &'b [u8], name: &'b str, header_row: Option<u64>) -> Result<Box<dyn Rows + 'b>, String> {
    let mut request = Request { name, ..Request::default() };
    request.dialect.header_row = header_row;
    rows::open(Box::new(bytes), &request).map_err(|problem| problem.to_string())
}

#[test]
fn every_cell_is_as_an_independent_reader_has_it() {
    let Some(folder) = data("csv") else { return };
    let mut wrong = Vec::new();
    let mut seen = 0;
    for line in TABLE.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let [path, records, cells, hash, header, delimited] = columns[..] else { panic!("{line}") };
        seen += 1;
        let bytes = fs::read(folder.join(path)).unwrap();
        let mut source = open(&bytes, path, Some(0)).unwrap();
        let (mut print, mut count, mut sum) = (Print(0xcbf2_9ce4_8422_2325), 0, 0);
        while let Some(row) = source.next_row().unwrap() {
            let Values::Cells(row) = row.unwrap().values else { panic!("{path}") };
            let row: Vec<String> = row.iter().map(str::to_owned).collect();
            print.record(&row);
            count += 1;
            sum += row.len();
        }
        let got = (count.to_string(), sum.to_string(), if hash == "-" { "-".to_owned() } else { format!("{:016x}", print.0) });
        if got != (records.to_owned(), cells.to_owned(), hash.to_owned()) {
            wrong.push(format!("{path}: {got:?} and not ({records}, {cells}, {hash})"));
        }
        let dialect = match open(&bytes, path, None) {
            Ok(source) => source.facts().dialect.unwrap(),
            Err(_) => source.facts().dialect.unwrap(),
        };
        let found = dialect.header_line.unwrap_or(0);
        if found.to_string() != header {
            wrong.push(format!("{path}: the header is found on line {found} and not {header}"));
        }
        if sum > count && dialect.syntax.delimiter != delimiter(delimited).unwrap() {
            wrong.push(format!("{path}: delimiter {} and not {delimited}", char::from(dialect.syntax.delimiter)));
        }
    }
    assert_eq!(seen, 73);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Returns the rows of a file that an import refuses, and why.
fn refused(path: &str, bytes: &[u8]) -> Vec<String> {
    let mut source = match open(bytes, path, None) {
        Ok(source) => source,
        Err(problem) => return vec![format!("{path}\t-\t{problem}")],
    };
    let mut refused = Vec::new();
    while let Some(row) = source.next_row().unwrap() {
        match row {
            Err(bad) => refused.push(format!("{path}\t{}\t{}", bad.line, bad.problem.message)),
            Ok(row) => {
                let why = match row.oddity {
                    None | Some(Oddity::Padded { .. }) => continue,
                    Some(Oddity::TooShort { cells }) => format!("only {cells} cells"),
                    Some(Oddity::TooLong { cells }) => format!("{cells} cells, more than columns"),
                    Some(Oddity::TextAfterQuote { cell }) => format!("text behind the quote of cell {}", cell + 1),
                };
                refused.push(format!("{path}\t{}\t{why}", row.line));
            }
        }
    }
    refused
}

#[test]
fn what_is_refused_is_the_files_fault() {
    let Some(folder) = data("csv") else { return };
    let mut lines = vec!["path\tline\treason".to_owned()];
    for path in TABLE.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        lines.extend(refused(path, &fs::read(folder.join(path)).unwrap()));
    }
    let made = lines.join("\n") + "\n";
    if std::env::var_os("ROLO_BLESS").is_some() {
        fs::write(REFUSED, &made).unwrap();
    }
    assert_eq!(fs::read_to_string(Path::new(REFUSED)).unwrap_or_default(), made, "ROLO_BLESS=1 writes it anew");
}

//! How a delimited file is written and where its header stands, found out from
//! the file's beginning: delimiter, quotes, line ends, `sep=;`, and the header
//! row below a preamble. It must not know fields; whether a word is a known
//! column name is asked of the caller.
//!
//! A delimiter is believed for making rows of equal width; the header is the
//! first row that fills as many cells as rows commonly do (the way of the
//! `messytables` project), or the first with known names.

use super::problem::Problem;
use super::record::{Cells, Cut, Syntax, cut};

/// How many rows are looked at.
const SAMPLE: usize = 200;

/// What the user says about a delimited file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The delimiter.
    pub delimiter: Option<u8>,
    /// The line (from 1, as an editor counts) on which the header stands; 0
    /// means that there is none.
    pub header_row: Option<u64>,
    /// The file is the tsv that rolo writes: escapes instead of quotes.
    pub own_tsv: bool,
}

/// How a delimited file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// Delimiter, quotes and line ends.
    pub syntax: Syntax,
    /// The first line is `sep=` and the delimiter.
    pub sep_line: bool,
    /// The line on which the header stands, from 1; none where the file has none.
    pub header_line: Option<u64>,
    /// The first line of data where there is no header.
    pub first_line: u64,
    /// Rows commonly end early in this file, so that missing cells are blank.
    pub cut_rows: bool,
}

/// Returns the delimiter that a user means: one character or its name.
///
/// # Errors
/// `delimiter`: more than one character, or one that cannot delimit.
pub fn delimiter(text: &str) -> Result<u8, Problem> {
    let named = match text.to_lowercase().as_str() {
        "tab" | "\\t" => Some(b'\t'),
        "comma" => Some(b','),
        "semicolon" => Some(b';'),
        "colon" => Some(b':'),
        "pipe" => Some(b'|'),
        "space" => Some(b' '),
        "caret" => Some(b'^'),
        "backquote" => Some(b'`'),
        _ => None,
    };
    match (named, text.as_bytes()) {
        (Some(byte), _) => Ok(byte),
        (None, [byte]) if byte.is_ascii() && !b"\"\r\n\0".contains(byte) => Ok(*byte),
        _ => Err(Problem::new("delimiter", format!("“{text}” cannot be a delimiter"))
            .hint("one character, or tab, comma, semicolon, colon, pipe, space, caret, backquote")),
    }
}

/// One row of the sample.
struct Sampled {
    line: u64,
    cells: Vec<String>,
}

impl Sampled {
    fn filled(&self) -> usize {
        self.cells.iter().filter(|c| !c.trim().is_empty()).count()
    }
}

/// The rows that a syntax makes of a sample.
struct Reading {
    rows: Vec<Sampled>,
    /// Rows that this syntax cannot explain.
    odd: usize,
}

/// Finds out how `sample`, the beginning of a file, is written; `whole` says
/// that it is all of it, `known` whether a word is the name of a column.
pub fn detect(sample: &str, whole: bool, given: &Given, known: &dyn Fn(&str) -> bool) -> Dialect {
    let returns = ends_with_returns(sample);
    let (sep, skipped) = sep_line(sample);
    let base = |delimiter: u8| Syntax { returns, ..Syntax::delimited(delimiter) };
    let body = &sample[skipped..];
    let first_line = if sep.is_some() { 2 } else { 1 };
    if let Some(syntax) = own_by_its_beginning(body).filter(|_| sep.is_none() && given.delimiter.is_none() && given.header_row.is_none()) {
        return Dialect { syntax, sep_line: false, header_line: Some(1), first_line, cut_rows: false };
    }
    let syntax = if given.own_tsv {
        Syntax::own_tsv()
    } else {
        match given.delimiter.or(sep) {
            Some(delimiter) => refine(base(delimiter), body, whole),
            None => best_delimiter(body, whole, &base),
        }
    };
    let reading = read(&syntax, body, whole, first_line);
    let header_line = match given.header_row {
        Some(0) => None,
        Some(line) => Some(line),
        None => find_header(&reading.rows, known),
    };
    let enclosed = has_enclosed_cell(body);
    let syntax = own_tsv_by_its_header(syntax, &reading, header_line, enclosed, known);
    Dialect { cut_rows: commonly_short(&reading.rows, header_line), syntax, sep_line: sep.is_some(), header_line, first_line }
}

/// Returns the syntax of a file of whole records that rolo wrote: it begins as no other
/// does, and what its cells hold must not be asked.
fn own_by_its_beginning(body: &str) -> Option<Syntax> {
    if body.starts_with("id\trecorded_at\t") {
        return Some(Syntax::own_tsv());
    }
    body.starts_with("id,recorded_at,").then(|| Syntax::delimited(b','))
}

fn ends_with_returns(sample: &str) -> bool {
    let returns = sample.bytes().filter(|b| *b == b'\r').count();
    let newlines = sample.bytes().filter(|b| *b == b'\n').count();
    // In a file of `\r\n` there are as many of each.
    returns > newlines * 4
}

/// Returns the delimiter that a first line `sep=;` names, and the line's length.
fn sep_line(sample: &str) -> (Option<u8>, usize) {
    let Some(end) = sample.find(['\n', '\r']) else {
        return (None, 0);
    };
    let line = sample[..end].trim_matches('"');
    let bytes = line.as_bytes();
    if bytes.len() == 5 && bytes[..4].eq_ignore_ascii_case(b"sep=") && bytes[4].is_ascii() {
        let next = end + if sample[end..].starts_with("\r\n") { 2 } else { 1 };
        return (Some(bytes[4]), next);
    }
    (None, 0)
}

fn read(syntax: &Syntax, mut text: &str, whole: bool, mut line: u64) -> Reading {
    let mut reading = Reading { rows: Vec::new(), odd: 0 };
    let mut cells = Cells::default();
    while reading.rows.len() < SAMPLE {
        let next = match cut(syntax, text, whole, &mut cells) {
            Cut::Row { next, irregular, .. } => {
                reading.odd += usize::from(irregular.is_some());
                reading.rows.push(Sampled { line, cells: cells.iter().map(str::to_owned).collect() });
                next
            }
            Cut::Blank { next } => next,
            Cut::Unclosed { quote } => {
                reading.odd += 1;
                text[quote..].find(['\n', '\r']).map_or(text.len(), |at| quote + at + 1)
            }
            Cut::End => break,
            Cut::More { .. } => {
                // Of a first row that is longer than the sample its beginning counts.
                if reading.rows.is_empty() {
                    let cells = cells.iter().map(str::to_owned).collect();
                    reading.rows.push(Sampled { line, cells });
                }
                break;
            }
        };
        line += line_ends(&text[..next], syntax.returns);
        text = &text[next..];
    }
    reading
}

/// Returns how many lines end in `text`: `\n` and `\r\n`, and a lone return
/// where that ends rows.
pub(crate) fn line_ends(text: &str, returns: bool) -> u64 {
    let newlines = text.bytes().filter(|b| *b == b'\n').count();
    if !returns {
        return newlines as u64;
    }
    let all = text.bytes().filter(|b| *b == b'\r').count();
    let pairs = text.matches("\r\n").count();
    (newlines + all - pairs) as u64
}

/// Settles what can stand beside a delimiter: quotes written `\"`, single
/// quotes, spaces after the delimiter.
fn refine(syntax: Syntax, body: &str, whole: bool) -> Syntax {
    let mut best = syntax;
    let mut odd = read(&best, body, whole, 1).odd;
    let mut consider = |candidate: Syntax, best: &mut Syntax| {
        let fewer = read(&candidate, body, whole, 1).odd;
        if fewer < odd {
            *best = candidate;
            odd = fewer;
        }
    };
    if body.contains("\\\"") {
        let candidate = Syntax { backslash: true, ..best };
        consider(candidate, &mut best);
    }
    let spaced = format!("{} \"", char::from(best.delimiter));
    let tight = format!("{}\"", char::from(best.delimiter));
    if best.delimiter != b' ' && body.matches(&spaced).count() > body.matches(&tight).count() {
        best.skip_space = true;
    }
    if !body.contains('"') && mostly_in(b'\'', &read(&best, body, whole, 1).rows) {
        best.quote = Some(b'\'');
    }
    best
}

/// Returns true where more than half of the filled cells begin and end with `quote`.
fn mostly_in(quote: u8, rows: &[Sampled]) -> bool {
    let (mut filled, mut enclosed) = (0usize, 0usize);
    for cell in rows.iter().flat_map(|r| &r.cells) {
        let bytes = cell.as_bytes();
        filled += usize::from(!bytes.is_empty());
        enclosed += usize::from(bytes.len() >= 2 && bytes.first() == Some(&quote) && bytes.last() == Some(&quote));
    }
    enclosed * 2 > filled
}

fn best_delimiter(body: &str, whole: bool, base: &dyn Fn(u8) -> Syntax) -> Syntax {
    // The weight says how often such a file is met at all: a colon stands in
    // every time of day, a space in every name.
    let candidates = [(b',', 1.0), (b';', 1.0), (b'\t', 1.0), (b'|', 0.9), (b'^', 0.7), (b'~', 0.7), (b'`', 0.7), (b':', 0.5)];
    let mut best = (base(b','), 0.0);
    for (delimiter, weight) in candidates {
        if !body.as_bytes().contains(&delimiter) {
            continue;
        }
        let syntax = refine(base(delimiter), body, whole);
        let score = weight * evenness(&read(&syntax, body, whole, 1));
        if score > best.1 {
            best = (syntax, score);
        }
    }
    best.0
}

/// Returns how evenly wide the rows are, from 0 to 1; wide rows count for more,
/// since chance does not make them.
fn evenness(reading: &Reading) -> f64 {
    let widths: Vec<usize> = reading.rows.iter().map(|r| r.cells.len()).collect();
    let Some((width, count)) = most_common(widths.iter().copied().filter(|w| *w > 1)) else {
        return 0.0;
    };
    let even = count.saturating_sub(reading.odd) as f64;
    let all = (reading.rows.len() + reading.odd) as f64;
    even / all * (1.0 - 1.0 / width as f64)
}

/// Returns the most common number and how often it occurs; the larger of equals.
fn most_common(numbers: impl Iterator<Item = usize>) -> Option<(usize, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for number in numbers {
        *counts.entry(number).or_insert(0usize) += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count)
}

/// Returns the line of the header row, none where the first full row reads like data.
fn find_header(rows: &[Sampled], known: &dyn Fn(&str) -> bool) -> Option<u64> {
    let names = |row: &Sampled| row.cells.iter().filter(|c| known(c)).count();
    let head = &rows[..rows.len().min(50)];
    if let Some(row) = head.iter().find(|row| names(row) >= 2) {
        return Some(row.line);
    }
    // One name alone is a header of one column, unless it is a word above a table.
    let is_list = rows.iter().all(|row| row.filled() < 2);
    if let Some(row) = head.iter().find(|row| is_list && row.filled() == 1 && names(row) == 1) {
        return Some(row.line);
    }
    let common = most_common(rows.iter().map(Sampled::filled).filter(|n| *n > 1)).map_or(1, |(filled, _)| filled);
    let needed = if common >= 5 { common - 1 } else { common };
    if let [only] = rows {
        return Some(only.line);
    }
    let at = rows.iter().position(|row| row.filled() >= needed)?;
    if reads_like_data(&rows[at], &rows[at + 1..]) {
        // A header with many blanks may stand just above.
        let above = at.checked_sub(1).map(|i| &rows[i]);
        return above
            .filter(|row| row.filled() * 2 >= needed && row.cells.len() == rows[at].cells.len() && !reads_like_data(row, &rows[at..]))
            .map(|row| row.line);
    }
    Some(rows[at].line)
}

/// What a cell looks like.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Blank,
    Number,
    Date,
    Email,
    Text,
}

fn look(cell: &str) -> Look {
    let cell = cell.trim();
    if cell.is_empty() {
        return Look::Blank;
    }
    if cell.contains('@') && !cell.contains(' ') {
        return Look::Email;
    }
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    if digits == 0 || !cell.starts_with(|c: char| c.is_ascii_digit() || "+-($€£.,".contains(c)) {
        return Look::Text;
    }
    let separators = cell.chars().filter(|c| "-/.:".contains(*c)).count();
    let rest = cell.chars().all(|c| c.is_ascii_digit() || c.is_whitespace() || "+-()/.:,%$€£TZ".contains(c));
    match (rest, separators) {
        (true, 2..) => Look::Date,
        (true, _) => Look::Number,
        (false, _) => Look::Text,
    }
}

/// Returns true where a row is more like the rows below than set off from them:
/// numbers stand above numbers oftener than words do.
fn reads_like_data(row: &Sampled, below: &[Sampled]) -> bool {
    let below = &below[..below.len().min(50)];
    if below.first().is_some_and(|next| next.cells == row.cells) {
        return true;
    }
    if is_run_of_years(row) {
        return false;
    }
    let (mut data, mut header) = (0, 0);
    for (index, cell) in row.cells.iter().enumerate() {
        let own = look(cell);
        if own == Look::Blank {
            continue;
        }
        let looks: Vec<Look> = below.iter().filter_map(|r| r.cells.get(index)).map(|c| look(c)).filter(|l| *l != Look::Blank).collect();
        let alike = looks.iter().filter(|l| **l == own).count();
        if looks.is_empty() {
            data += usize::from(own != Look::Text);
        } else if own != Look::Text && alike * 2 > looks.len() {
            data += 1;
        } else if own == Look::Text && alike * 2 < looks.len() {
            header += 1;
        }
    }
    data > header
}

/// Returns true where the numbers of a row are years in order: `Year,2000,2001,2002`.
fn is_run_of_years(row: &Sampled) -> bool {
    let numbers: Vec<Option<u32>> =
        row.cells.iter().map(|c| c.trim()).filter(|c| look(c) == Look::Number).map(|c| c.parse().ok()).collect();
    numbers.len() >= 3
        && numbers.iter().all(|n| n.is_some_and(|y| (1900..2100).contains(&y)))
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
}

/// Returns true where one row in twenty, and more than one, is shorter than the header.
fn commonly_short(rows: &[Sampled], header_line: Option<u64>) -> bool {
    let Some(header) = header_line.and_then(|line| rows.iter().find(|r| r.line == line)) else {
        return false;
    };
    let data = rows.iter().filter(|r| r.line > header.line);
    let (mut all, mut short) = (0usize, 0usize);
    for row in data {
        all += 1;
        short += usize::from(row.cells.len() < header.cells.len());
    }
    short > 1 && short * 20 > all
}

/// Returns true where a cell of tab-delimited text stands in quotes.
fn has_enclosed_cell(body: &str) -> bool {
    body.lines().take(SAMPLE).flat_map(|line| line.split('\t')).any(|cell| cell.len() >= 2 && cell.starts_with('"') && cell.ends_with('"'))
}

/// Tab-delimited text whose header consists of nothing but field names, as rolo
/// writes them, was written by rolo: its escapes are undone. Where cells stand in
/// quotes there must be an `id` too, since rolo never needs quotes there.
fn own_tsv_by_its_header(
    syntax: Syntax,
    reading: &Reading,
    header_line: Option<u64>,
    enclosed: bool,
    known: &dyn Fn(&str) -> bool,
) -> Syntax {
    let header = header_line.and_then(|line| reading.rows.iter().find(|r| r.line == line));
    let own = syntax.delimiter == b'\t'
        && header.is_some_and(|row| {
            row.cells.iter().all(|c| known(c) && c.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._".contains(&b)))
                && (!enclosed || row.cells.iter().any(|c| c == "id"))
        });
    if own { Syntax::own_tsv() } else { syntax }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn found(sample: &str) -> Dialect {
        detect(sample, true, &Given::default(), &|_| false)
    }

    #[test]
    fn delimiters_by_the_evenness_of_rows() {
        for (sample, delimiter) in [
            ("a,b\n1,2\n", b','),
            ("name;sum\nNovák, s.r.o.;1,5\nDvořák;2,5\n", b';'),
            ("a\tb\n\"1,2\"\t3\n", b'\t'),
            ("city:region\nBoston:MA\n", b':'),
            ("time,what\n12:30:45,x\n12:31:00,y\n", b','),
            ("\"a|b\"|c\n\"d|e\"|f\n", b'|'),
            ("one\ntwo\n", b','),
        ] {
            assert_eq!(found(sample).syntax.delimiter, delimiter, "{sample:?}");
        }
    }

    #[test]
    fn sep_line_wins_and_is_no_row() {
        let dialect = found("sep=;\r\na,x;b\r\n1,y;2\r\n");
        assert!(dialect.sep_line);
        assert_eq!(dialect.syntax.delimiter, b';');
        assert_eq!(dialect.header_line, Some(2));
    }

    #[test]
    fn the_header_stands_below_a_preamble() {
        let linkedin = "Notes:\n\"When exporting your connection data, you may notice\"\n\n\
            First Name,Last Name,URL,Email Address,Company,Position,Connected On\n\
            Ana,Silva,https://x,,Acme,CEO,15 Mar 2024\nBo,Li,https://y,b@li.cn,Beta,,16 Mar 2024\n";
        assert_eq!(found(linkedin).header_line, Some(4));
        let years = "Emissions,,,\nthousand tonnes,,,\n,,,\nYear,2000,2001,2002\nTimber,\"2,666\",\"2,274\",1\nClay,1,2,3\n";
        assert_eq!(found(years).header_line, Some(4));
    }

    #[test]
    fn rows_without_header_are_seen() {
        assert_eq!(found("Boston,MA,9686\nSalem,MA,14061\n").header_line, None);
        assert_eq!(found("ann@a.cz,2024-01-01\nbob@b.cz,2024-02-01\n").header_line, None);
        assert_eq!(found("foo\nfoo\nfoo\n").header_line, None);
        assert_eq!(found("a,b\n").header_line, Some(1));
    }

    #[test]
    fn known_names_make_a_header() {
        let dialect =
            detect("Report,2024,of all\n1,2,3\nname,email,x\nAnn,a@b.cz,3\n", true, &Given::default(), &|c| ["name", "email"].contains(&c));
        assert_eq!(dialect.header_line, Some(3));
    }

    #[test]
    fn a_name_alone_above_a_table_is_no_header() {
        let known = |c: &str| ["Notes:", "First Name", "Email"].contains(&c);
        let line = |sample: &str| detect(sample, true, &Given::default(), &known).header_line;
        assert_eq!(line("Notes:\n\"of, all\"\n\nFirst Name,Email\nAna,a@b.cz\n"), Some(4));
        assert_eq!(line("Email\na@b.cz\nb@c.cz\n"), Some(1));
        assert_eq!(line("Notes:\n\nFirst Name,Colour\nAna,red\nBo,blue\n"), Some(3));
    }

    #[test]
    fn own_tsv_is_known_by_its_header() {
        let known = |c: &str| ["id", "name", "notes"].contains(&c);
        let ours = "id\tname\tnotes\nc1\tAnn\ta\\nb\n";
        let dialect = detect(ours, true, &Given::default(), &known);
        assert_eq!(dialect.syntax, Syntax::own_tsv());
        let theirs = "id\tname\tpath\nc1\tAnn\tC:\\temp\n";
        let dialect = detect(theirs, true, &Given::default(), &known);
        assert!(!dialect.syntax.escapes);
    }

    #[test]
    fn delimiters_have_names() {
        assert_eq!(delimiter("tab").unwrap(), b'\t');
        assert_eq!(delimiter(";").unwrap(), b';');
        assert_eq!(
            delimiter("||").unwrap_err().to_string(),
            "“||” cannot be a delimiter (one character, or tab, comma, semicolon, colon, pipe, space, caret, backquote)"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn what_was_written_is_found(
            delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
            rows in proptest::collection::vec(("[A-Za-zé ]{1,8}", "[a-z]{1,5}@[a-z]{2,5}\\.cz", "[A-Z][a-z]{1,6}(, s\\.r\\.o\\.)?", 0u32..99999), 3..20),
        ) {
            let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
            writer.write_record(["name", "mail", "firm", "turnover"]).unwrap();
            for (a, b, c, d) in &rows {
                writer.write_record([a, b, c, &d.to_string()]).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let dialect = found(&text);
            prop_assert_eq!(dialect.syntax.delimiter, delimiter);
            prop_assert_eq!(dialect.header_line, Some(1));
        }

        #[test]
        fn any_text_is_looked_at_without_panic(text in "[a1,;\"'\\\\|:\\t\\r\\né ]{0,80}", whole in any::<bool>()) {
            detect(&text, whole, &Given::default(), &|c| c == "a");
        }
    }
}

//! What a cell of somebody else's file says, spelled as rolo spells it: numbers,
//! money, flags, blanks. Dates are in [`super::moment`]. It must not know fields.
//!
//! `1 234,50 Kč`, `$1,234.50` and `(1234.5)` are turned into the one spelling
//! that the domain reads (`1234.50 CZK`). What could be read in two ways is
//! refused with both, never guessed from one cell: a whole column is asked first
//! ([`learn_decimal`]).

use super::problem::Problem;

/// How numbers are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// The decimal mark.
    pub decimal: char,
    /// The mark between thousands, where the file says; else any usual one.
    pub thousands: Option<char>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { decimal: '.', thousands: None }
    }
}

/// Returns the spaces that stand between thousands: the common one, the
/// no-break ones and the thin one that typographers and spreadsheets use.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{a0}' | '\u{202f}' | '\u{2009}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Returns true where the cell says nothing: blank, or one of the words that
/// stand for nothing in this file.
pub fn is_blank(cell: &str, empty: &[String]) -> bool {
    let cell = cell.trim();
    cell.is_empty() || empty.iter().any(|word| word.trim() == cell)
}

/// Returns the decimal mark that a column's cells show, where they do: a mark
/// after which not three digits stand, or the last of two different ones.
pub fn learn_decimal<'a>(cells: impl IntoIterator<Item = &'a str>) -> Option<char> {
    let (mut points, mut commas) = (0usize, 0usize);
    for cell in cells {
        match decimal_shown(cell) {
            Some('.') => points += 1,
            Some(_) => commas += 1,
            None => {}
        }
    }
    match points.cmp(&commas) {
        std::cmp::Ordering::Greater => Some('.'),
        std::cmp::Ordering::Less => Some(','),
        std::cmp::Ordering::Equal => None,
    }
}

fn decimal_shown(cell: &str) -> Option<char> {
    let body = number_body(cell)?;
    let other = |mark: char| if mark == '.' { ',' } else { '.' };
    let last = body.rfind(['.', ','])?;
    let mark = body[last..].chars().next()?;
    if body[..last].contains(other(mark)) {
        return Some(mark);
    }
    if body.matches(mark).count() > 1 {
        return Some(other(mark));
    }
    let (before, after) = (&body[..last], &body[last + 1..]);
    (after.len() != 3 || before.is_empty() || before == "0" || before.len() > 3).then_some(mark)
}

/// Returns the digits and marks of a number, without sign, currency and spaces;
/// nothing where the cell has no digit.
fn number_body(cell: &str) -> Option<String> {
    let first = cell.find(|c: char| c.is_ascii_digit() || c == '.' || c == ',')?;
    let last = cell.rfind(|c: char| c.is_ascii_digit())?;
    let inner = cell.get(first..=last)?;
    let body: String = inner.chars().filter(|c| !is_space(*c) && !is_apostrophe(*c)).collect();
    body.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',').then_some(body)
}

/// Returns a number in rolo's spelling: `-1234.5`.
///
/// Signs may stand before or behind, or be parentheses; thousands are groups of
/// three (or, in India, of two before the last three).
///
/// # Errors
/// `number`: the cell is no number in this style.
pub fn number(cell: &str, style: Numbers) -> Result<String, Problem> {
    plain_number(cell, style).ok_or_else(|| {
        let problem = Problem::new("number", format!("“{}” is no number", clip(cell)));
        let swapped = Numbers { decimal: if style.decimal == '.' { ',' } else { '.' }, thousands: None };
        if plain_number(cell, swapped).is_some() {
            problem.hint(format!("with decimal = \"{}\" it would be one", swapped.decimal))
        } else {
            problem
        }
    })
}

fn plain_number(cell: &str, style: Numbers) -> Option<String> {
    let mut text = cell.trim();
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        (negative, text) = (true, inner.trim());
    } else if let Some(rest) = text.strip_prefix(['-', '\u{2212}']).or_else(|| text.strip_suffix('-')) {
        (negative, text) = (true, rest.trim());
    } else if let Some(rest) = text.strip_prefix('+') {
        text = rest.trim();
    }
    let (whole, fraction) = match text.rsplit_once(style.decimal) {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, ""),
    };
    let whole = ungroup(whole, style)?;
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        rest => rest,
    };
    let sign = if negative { "-" } else { "" };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// Returns the digits of a whole number whose thousands may be set apart.
fn ungroup(whole: &str, style: Numbers) -> Option<String> {
    let Some(mark) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return Some(whole.to_owned());
    };
    let usual = is_space(mark) || is_apostrophe(mark) || (matches!(mark, '.' | ',') && mark != style.decimal);
    let allowed = match style.thousands {
        Some(given) => mark == given || (is_space(given) && is_space(mark)),
        None => usual,
    };
    if !allowed {
        return None;
    }
    let same = |c: char| c == mark || (is_space(c) && is_space(mark));
    let groups: Vec<&str> = whole.split(same).collect();
    let (first, rest) = groups.split_first()?;
    let (last, middle) = rest.split_last()?;
    let sound = |group: &str| group.bytes().all(|b| b.is_ascii_digit());
    let thirds = middle.iter().all(|g| g.len() == 3);
    let pairs = middle.iter().all(|g| g.len() == 2);
    if !groups.iter().all(|g| sound(g)) || !(1..=3).contains(&first.len()) || last.len() != 3 || !(thirds || pairs) {
        return None;
    }
    Some(groups.concat())
}

/// Signs of money and the currencies that use them, the likeliest first.
const SIGNS: &[(&str, &[&str])] = &[
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("US$", &["USD"]),
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "BRL", "TWD"]),
    ("¥", &["JPY", "CNY"]),
    ("Kč", &["CZK"]),
    ("zł", &["PLN"]),
    ("Ft", &["HUF"]),
    ("₹", &["INR"]),
    ("₽", &["RUB"]),
    ("₴", &["UAH"]),
    ("₺", &["TRY"]),
    ("₩", &["KRW"]),
    ("₪", &["ILS"]),
    ("฿", &["THB"]),
    ("₫", &["VND"]),
    ("R$", &["BRL"]),
    ("CHF", &["CHF"]),
    ("kr", &["SEK", "NOK", "DKK", "ISK"]),
    ("lei", &["RON"]),
    ("лв", &["BGN"]),
];

/// Signs that say nothing without the column's currency.
const UNCLEAR: [&str; 1] = ["kr"];

/// Returns money in rolo's spelling: `1234.50 CZK`; without currency where
/// neither the cell nor the column names one.
///
/// # Errors
/// `money`: no number, or an unclear or unknown currency.
pub fn money(cell: &str, style: Numbers, column: Option<&str>) -> Result<String, Problem> {
    let text = cell.trim();
    let bare = |c: char| c.is_ascii_digit() || "+-\u{2212}().,".contains(c) || is_space(c) || is_apostrophe(c);
    // `-$5` and `($5)` are read as `$-5` and `$(5)`.
    let signed = text.strip_prefix(['-', '\u{2212}', '(']).map(str::trim_start);
    if let Some(rest) = signed
        && rest.starts_with(|c| !bare(c))
        && let Some(at) = rest.find(|c: char| c.is_ascii_digit())
    {
        let sign = if text.starts_with('(') { '(' } else { '-' };
        return money(&format!("{}{sign}{}", &rest[..at], &rest[at..]), style, column);
    }
    let first = text.find(bare).unwrap_or(text.len());
    let (before, rest) = text.split_at(first);
    let end = rest.rfind(bare).map_or(0, |at| at + rest[at..].chars().next().map_or(0, char::len_utf8));
    let (amount, after) = rest.split_at(end);
    let named = match (before.trim(), after.trim()) {
        ("", "") => None,
        (sign, "") | ("", sign) => Some(currency(sign, column).ok_or_else(|| unknown_currency(cell, sign))?),
        (_, sign) => return Err(unknown_currency(cell, sign)),
    };
    let value = number(amount, style).map_err(|problem| Problem {
        code: "money",
        message: format!("“{}” is no amount of money", clip(cell)),
        ..problem
    })?;
    Ok(match named.as_deref().or(column) {
        Some(code) => format!("{value} {code}"),
        None => value,
    })
}

fn currency(sign: &str, column: Option<&str>) -> Option<String> {
    let known = SIGNS.iter().find(|(known, _)| known.eq_ignore_ascii_case(sign) || *known == sign);
    if let Some((known, codes)) = known {
        if let Some(column) = column
            && codes.contains(&column)
        {
            return Some(column.to_owned());
        }
        return if UNCLEAR.contains(known) { None } else { codes.first().map(|c| (*c).to_owned()) };
    }
    let code = sign.to_ascii_uppercase();
    iso_currency::Currency::from_code(&code).map(|_| code)
}

fn unknown_currency(cell: &str, sign: &str) -> Problem {
    let problem = Problem::new("money", format!("“{}”: “{}” names no currency", clip(cell), clip(sign)));
    if UNCLEAR.iter().any(|u| u.eq_ignore_ascii_case(sign)) {
        problem.hint("several currencies are written so: name the column's, as currency = \"SEK\"")
    } else {
        problem.hint("a code such as EUR, or the column's currency in the mapping")
    }
}

/// Returns a percentage as a number without its sign.
///
/// # Errors
/// `number`, as [`number`].
pub fn percent(cell: &str, style: Numbers) -> Result<String, Problem> {
    number(cell.trim().trim_end_matches('%').trim_end(), style)
}

/// Returns what a cell says of a yes-or-no question.
///
/// # Errors
/// `flag`: neither yes nor no.
pub fn flag(cell: &str) -> Result<bool, Problem> {
    match cell.trim().to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "on" | "x" | "ano" | "ja" | "oui" | "si" | "sí" => Ok(true),
        "no" | "n" | "false" | "f" | "0" | "off" | "ne" | "nein" | "non" => Ok(false),
        _ => Err(Problem::new("flag", format!("“{}” is neither yes nor no", clip(cell))).hint("yes, no, true, false, 1, 0")),
    }
}

/// Returns a cell short enough to be shown in a sentence.
pub fn clip(cell: &str) -> String {
    const SHOWN: usize = 60;
    let line = cell.trim().replace(['\n', '\r', '\t'], " ");
    if line.chars().count() <= SHOWN {
        return line;
    }
    let mut short: String = line.chars().take(SHOWN).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const COMMA: Numbers = Numbers { decimal: ',', thousands: None };

    #[test]
    fn numbers_of_many_countries() {
        let point = Numbers::default();
        for (cell, style, expected) in [
            ("1,234.50", point, "1234.50"),
            ("1\u{a0}234,50", COMMA, "1234.50"),
            ("1\u{202f}234\u{202f}567", COMMA, "1234567"),
            ("1.234.567,5", COMMA, "1234567.5"),
            ("1'234.5", point, "1234.5"),
            ("1,00,000", point, "100000"),
            ("(12)", point, "-12"),
            ("12-", point, "-12"),
            ("\u{2212}0,5", COMMA, "-0.5"),
            (" +007 ", point, "7"),
            (".5", point, "0.5"),
            ("5.", point, "5"),
        ] {
            assert_eq!(number(cell, style).unwrap(), expected, "{cell}");
        }
        for cell in ["", "abc", "1,23", "1.2.3", "12 34", "--1", "1,,234", "1 234 56", "."] {
            assert!(number(cell, point).is_err(), "{cell}");
        }
        assert_eq!(number("1,5", point).unwrap_err().to_string(), "“1,5” is no number (with decimal = \",\" it would be one)");
        let strict = Numbers { decimal: ',', thousands: Some(' ') };
        assert_eq!(number("1\u{a0}234,5", strict).unwrap(), "1234.5");
        assert!(number("1.234,5", strict).is_err());
    }

    #[test]
    fn a_column_shows_its_decimal_mark() {
        for (cells, expected) in [
            (vec!["1,5", "2,25"], Some(',')),
            (vec!["1,234", "5.5"], Some('.')),
            (vec!["1.234,00"], Some(',')),
            (vec!["200.000.000"], Some(',')),
            (vec!["1,234", "12"], None),
            (vec!["134 275,46", ""], Some(',')),
            (vec!["0,123"], Some(',')),
            (vec!["$1234.5", "Kč"], Some('.')),
        ] {
            assert_eq!(learn_decimal(cells.iter().copied()), expected, "{cells:?}");
        }
    }

    #[test]
    fn money_with_signs_and_codes() {
        let point = Numbers::default();
        for (cell, style, column, expected) in [
            ("1\u{a0}234,50 Kč", COMMA, None, "1234.50 CZK"),
            ("$1,234.50", point, None, "1234.50 USD"),
            ("$5", point, Some("CAD"), "5 CAD"),
            ("-$5", point, None, "-5 USD"),
            ("($5.10)", point, None, "-5.10 USD"),
            ("EUR 12", point, Some("USD"), "12 EUR"),
            ("12 eur", point, None, "12 EUR"),
            ("12", point, Some("USD"), "12 USD"),
            ("12", point, None, "12"),
            ("100 kr", point, Some("NOK"), "100 NOK"),
            ("-12.50", point, Some("EUR"), "-12.50 EUR"),
        ] {
            assert_eq!(money(cell, style, column).unwrap(), expected, "{cell}");
        }
        assert_eq!(
            money("100 kr", point, None).unwrap_err().to_string(),
            "“100 kr”: “kr” names no currency (several currencies are written so: name the column's, as currency = \"SEK\")"
        );
        assert_eq!(money("much", point, None).unwrap_err().code, "money");
        for cell in ["$", "-", "(", "-$", "$-", "€ €", "5 $ €"] {
            assert!(money(cell, point, None).is_err(), "{cell}");
        }
    }

    #[test]
    fn flags_percentages_and_blanks() {
        assert_eq!(flag(" TRUE "), Ok(true));
        assert_eq!(flag("No"), Ok(false));
        assert_eq!(flag("maybe").unwrap_err().to_string(), "“maybe” is neither yes nor no (yes, no, true, false, 1, 0)");
        assert_eq!(percent("25 %", Numbers::default()).unwrap(), "25");
        let empty = ["?".to_owned(), "0/0/00".to_owned()];
        assert!(is_blank(" ? ", &empty) && is_blank("\u{a0}", &empty) && !is_blank("0", &empty));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn any_cell_is_read_without_panic(cell in "[-+−()0-9., \u{a0}'’$€%KčkrEUR]{0,14}", comma in any::<bool>()) {
            let style = if comma { COMMA } else { Numbers::default() };
            let _ = (number(&cell, style), money(&cell, style, None), percent(&cell, style));
            let _ = learn_decimal([cell.as_str()]);
        }

        #[test]
        fn a_written_number_is_read_back(units in -999_999_999_999i64..999_999_999_999, comma in any::<bool>(), space in any::<bool>()) {
            let (whole, part) = (units.unsigned_abs() / 100, units.unsigned_abs() % 100);
            let digits = whole.to_string();
            let (decimal, mark) = match (comma, space) {
                (true, true) => (',', "\u{a0}"),
                (true, false) => (',', "."),
                (false, true) => ('.', " "),
                (false, false) => ('.', ","),
            };
            let mut grouped = String::new();
            for (i, digit) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i) % 3 == 0 {
                    grouped.push_str(mark);
                }
                grouped.push(digit);
            }
            let sign = if units < 0 { "-" } else { "" };
            let cell = format!("{sign}{grouped}{decimal}{part:02}");
            prop_assert_eq!(number(&cell, Numbers { decimal, thousands: None }).unwrap(), format!("{sign}{whole}.{part:02}"));
        }
    }
}

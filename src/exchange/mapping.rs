//! A mapping: how a file's columns become fields, from a mapping file in TOML, the
//! command line's flags, or both (flags win). The form is the one of the command
//! line's reference; every mistake in a file is told at once, with its place and
//! the nearest valid word. It must not know rows or the store.

use std::collections::HashSet;

use chrono_tz::Tz;
use regex::Regex;
use serde::{Deserialize, Serialize};

use super::dialect;
use super::encoding;
use super::mapping_file;
use super::moment;
use super::problem::Problem;
use crate::domain::fold::{nearest, slug};
use crate::domain::parse::PhoneRegion;
use crate::domain::zone::zone_named;
use crate::domain::{Currency, CustomType, Kind};

/// What happens to a field that a record has already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnMatch {
    /// Take a value where it differs from what this source gave last time.
    #[default]
    Merge,
    /// Take every value.
    Overwrite,
    /// Take values for empty fields only.
    Fill,
    /// Take nothing for records that exist.
    Skip,
    /// Reject rows whose record exists.
    Reject,
}

/// What happens to a link whose record does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    /// It is created.
    #[default]
    Create,
    /// The row is rejected.
    Reject,
    /// The field stays empty.
    Blank,
}

/// A word of a closed list, for parsing and for telling what is valid.
pub(crate) trait Word: Copy + Sized + 'static {
    /// The words with their meaning.
    const WORDS: &'static [(&'static str, Self)];

    /// Returns the meaning of a word.
    fn of(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word)).map(|(_, meaning)| *meaning)
    }
}

impl Word for OnMatch {
    const WORDS: &'static [(&'static str, Self)] =
        &[("merge", Self::Merge), ("overwrite", Self::Overwrite), ("fill", Self::Fill), ("skip", Self::Skip), ("reject", Self::Reject)];
}

impl Word for Missing {
    const WORDS: &'static [(&'static str, Self)] = &[("create", Self::Create), ("reject", Self::Reject), ("blank", Self::Blank)];
}

/// Where a column's values go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A field, by its flat name: `stage`, `email.work`, `address.home.city`.
    Field(String),
    /// A custom field of this name and, where given, type.
    Custom {
        /// Its name.
        name: String,
        /// The type that it is created with.
        ty: Option<CustomType>,
    },
}

impl Target {
    /// Returns the name of the field.
    pub fn name(&self) -> &str {
        match self {
            Self::Field(name) | Self::Custom { name, .. } => name,
        }
    }
}

/// What is done with one column.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Where its values go.
    pub target: Target,
    /// What to do where a link's record does not exist.
    pub missing: Option<Missing>,
    /// Cells that stand for something else.
    pub values: Vec<(String, String)>,
    /// The currency of amounts that don't name theirs.
    pub currency: Option<Currency>,
    /// What separates several values in a cell.
    pub split: Option<String>,
    /// Takes a cell apart.
    pub pattern: Option<Regex>,
    /// What the groups of the pattern are: parts of the linked record.
    pub take: Vec<String>,
    /// What happens to a field that has a value already.
    pub policy: Option<OnMatch>,
    /// The column in which the value's label stands.
    pub label: Option<String>,
    /// The column in which the source's id of the linked record stands.
    pub id: Option<String>,
    /// The column in which the e-mail of the linked record stands.
    pub email: Option<String>,
    /// The kind of record that a link means.
    pub kind: Option<Kind>,
    /// A blank cell empties the field.
    pub clear: bool,
    /// The formats of this column's dates.
    pub dates: Vec<String>,
    /// The decimal mark of this column.
    pub decimal: Option<char>,
}

impl Rule {
    /// Returns the rule that only says where values go.
    pub fn to(target: Target) -> Self {
        Self {
            target,
            missing: None,
            values: Vec::new(),
            currency: None,
            split: None,
            pattern: None,
            take: Vec::new(),
            policy: None,
            label: None,
            id: None,
            email: None,
            kind: None,
            clear: false,
            dates: Vec::new(),
            decimal: None,
        }
    }

    /// Returns what a cell stands for; `*` is any that is not named and not blank.
    pub fn translated<'a>(&'a self, cell: &'a str) -> &'a str {
        let trimmed = cell.trim();
        if self.values.is_empty() || trimmed.is_empty() {
            return cell;
        }
        let exact = self.values.iter().find(|(from, _)| from == trimmed);
        let found = exact.or_else(|| self.values.iter().find(|(from, _)| from.to_lowercase() == trimmed.to_lowercase()));
        let found = found.or_else(|| self.values.iter().find(|(from, _)| from == ANY));
        found.map_or(cell, |(_, to)| to)
    }

    /// Returns the columns beside its own in which something stands for it.
    pub fn beside(&self) -> impl Iterator<Item = &str> {
        [&self.label, &self.id, &self.email].into_iter().filter_map(Option::as_deref)
    }

    /// Returns the rule of the `number`th of numbered columns.
    fn numbered(&self, number: usize) -> Self {
        let one = |text: &String| numbered(text, number);
        let target = match &self.target {
            Target::Field(name) => Target::Field(numbered(name, number)),
            custom @ Target::Custom { .. } => custom.clone(),
        };
        Self {
            target,
            label: self.label.as_ref().map(one),
            id: self.id.as_ref().map(one),
            email: self.email.as_ref().map(one),
            ..self.clone()
        }
    }
}

/// Stands in a column's name for the numbers of columns that come several times.
pub(crate) const NUMBER: &str = "{n}";

/// Among the values of a column: any cell that is not named.
const ANY: &str = "*";

/// The highest number of columns that come several times.
const MOST_NUMBERED: usize = 100;

fn numbered(text: &str, number: usize) -> String {
    text.replace(NUMBER, &number.to_string())
}

/// Returns what a name of a column is compared by: without its numbers where they say
/// which of several it is.
fn folded(name: &str) -> String {
    slug(&name.replace(NUMBER, "n"))
}

/// Returns a header with `n` for each of its numbers.
fn unnumbered(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    let mut in_number = false;
    for c in header.chars() {
        if !c.is_ascii_digit() {
            out.push(c);
        } else if !in_number {
            out.push('n');
        }
        in_number = c.is_ascii_digit();
    }
    slug(&out)
}

/// One column of a mapping, by its header.
#[derive(Debug, Clone)]
pub struct ColumnRule {
    /// The header, as the mapping writes it.
    pub header: String,
    /// What is done with it; nothing where the column is not taken.
    pub rule: Option<Rule>,
    /// Line and column in the mapping file; nothing for a flag.
    pub at: Option<(u64, u64)>,
    /// A file may lack it.
    pub optional: bool,
}

impl ColumnRule {
    /// Returns the rule for each column that is meant, of numbered ones those that
    /// `is_there`.
    pub(crate) fn expanded(&self, is_there: &dyn Fn(&str) -> bool) -> Vec<Self> {
        if !self.header.contains(NUMBER) {
            return vec![self.clone()];
        }
        let numbers = (1..=MOST_NUMBERED).map(|number| (number, numbered(&self.header, number)));
        let there = numbers.filter(|(_, header)| is_there(header));
        there.map(|(number, header)| Self { header, rule: self.rule.as_ref().map(|rule| rule.numbered(number)), ..self.clone() }).collect()
    }
}

/// Columns that are one value together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The field.
    pub field: String,
    /// The headers, in order.
    pub headers: Vec<String>,
    /// What stands between the parts.
    pub with: String,
    /// Line and column in the mapping file.
    pub at: Option<(u64, u64)>,
    /// A file may lack its columns.
    pub optional: bool,
}

/// A value for records whose rows give none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The field.
    pub field: String,
    /// Its value.
    pub value: String,
    /// Line and column in the mapping file; nothing for a flag.
    pub at: Option<(u64, u64)>,
}

/// How a file is written, as far as the user says.
#[derive(Debug, Clone, Default)]
pub struct FileOptions {
    /// The encoding's name.
    pub encoding: Option<String>,
    /// The delimiter.
    pub delimiter: Option<u8>,
    /// The line of the header, 0 for none.
    pub header_row: Option<u64>,
    /// The decimal mark.
    pub decimal: Option<char>,
    /// The mark between thousands.
    pub thousands: Option<char>,
    /// Formats of dates and times.
    pub dates: Vec<String>,
    /// The zone of times that name none.
    pub timezone: Option<Tz>,
    /// The country of phone numbers without `+`.
    pub phone_region: Option<PhoneRegion>,
    /// The currency of amounts that name none.
    pub currency: Option<Currency>,
    /// Words that stand for nothing.
    pub empty: Vec<String>,
}

/// By which headers a file is known to be of this shape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signs {
    /// All of these are there.
    pub all: Vec<String>,
    /// One of these is there, if any are named.
    pub any: Vec<String>,
    /// None of these is there.
    pub none: Vec<String>,
}

/// How the columns of a file become fields.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    /// The mapping file, as the user named it; nothing where flags alone say it.
    pub name: Option<String>,
    /// The names and texts that it was read from: its own, then what it rests on.
    pub texts: Vec<(String, String)>,
    /// What it is for, in a few words.
    pub about: Option<String>,
    /// The preset that it changes.
    pub base: Option<String>,
    /// How files of its shape are known.
    pub signs: Option<Signs>,
    /// The kind of record.
    pub kind: Option<Kind>,
    /// Whose ids `external_id` holds.
    pub source: Option<String>,
    /// The fields by which a row finds its record.
    pub key: Vec<String>,
    /// What happens to what a record has already.
    pub on_match: Option<OnMatch>,
    /// How the file is written.
    pub file: FileOptions,
    /// The columns, in the order of the mapping.
    pub columns: Vec<ColumnRule>,
    /// Columns whose changes from row to row of one record are events.
    pub changes: Vec<ColumnRule>,
    /// Columns that are one value together.
    pub joined: Vec<Joined>,
    /// Values for rows that give none.
    pub defaults: Vec<Given>,
}

/// What the command line says of a mapping, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flags {
    /// `--column HEADER=FIELD`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// `--set FIELD=VALUE`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// `--source`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// `--key FIELD[,FIELD]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `--on-match`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_match: Option<String>,
    /// `--encoding`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// `--delimiter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// `--decimal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// `--dates`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dates: Option<String>,
    /// `--timezone`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// `--header-row`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u64>,
}

impl Flags {
    /// Returns true where nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Mapping {
    /// Returns the mapping that was read from these texts, each resting on the next.
    ///
    /// # Errors
    /// Everything that is wrong with the first that is wrong.
    pub fn of_texts(texts: &[(String, String)]) -> Result<Self, Vec<Problem>> {
        let mut whole: Option<Self> = None;
        for (name, text) in texts {
            let next = Self::parse(text, name)?;
            whole = Some(match whole {
                Some(above) => above.over(next),
                None => next,
            });
        }
        Ok(Self { base: None, ..whole.unwrap_or_default() })
    }

    /// Returns the mapping that a mapping file describes; `name` is the file's.
    ///
    /// # Errors
    /// Everything that is wrong with it, in the order of the file.
    pub fn parse(text: &str, name: &str) -> Result<Self, Vec<Problem>> {
        let parsed = mapping_file::parse(text).map_err(|problems| problems.into_iter().map(|p| p.file(name)).collect::<Vec<_>>())?;
        Ok(Self { name: Some(name.to_owned()), texts: vec![(name.to_owned(), text.to_owned())], ..parsed })
    }

    /// Returns the mapping with the command line's flags laid over it.
    ///
    /// # Errors
    /// The first flag that says nothing.
    pub fn with_flags(mut self, flags: &Flags) -> Result<Self, Problem> {
        for text in &flags.columns {
            // Headers may hold `=`, names of fields don't.
            let Some((header, field)) = text.rsplit_once('=') else {
                return Err(Problem::new("flag", format!("--column {text}: a field is missing")).hint("write HEADER=FIELD"));
            };
            let folded = slug(header);
            self.columns.retain(|c| c.header.trim() != header.trim() && (folded.is_empty() || slug(&c.header) != folded));
            let rule = match field.trim() {
                "" | "false" => None,
                field => Some(Rule::to(Target::Field(field.to_owned()))),
            };
            self.columns.push(ColumnRule { header: header.to_owned(), rule, at: None, optional: false });
        }
        for text in &flags.set {
            let Some((field, value)) = text.split_once('=') else {
                return Err(Problem::new("flag", format!("--set {text}: a value is missing")).hint("write FIELD=VALUE"));
            };
            self.defaults.retain(|d| d.field != field.trim());
            self.defaults.push(Given { field: field.trim().to_owned(), value: value.to_owned(), at: None });
        }
        if let Some(source) = &flags.source {
            self.source = Some(source.clone());
        }
        if let Some(key) = &flags.key {
            self.key = key.split(',').map(|k| k.trim().to_owned()).filter(|k| !k.is_empty()).collect();
        }
        if let Some(word) = &flags.on_match {
            self.on_match = Some(word_of(word, "--on-match")?);
        }
        self.file.lay_over(flags)?;
        Ok(self)
    }

    /// Returns a problem at its place in the mapping file; of a flag it has none.
    pub(crate) fn placed(&self, problem: Problem, at: Option<(u64, u64)>) -> Problem {
        let Some((line, column)) = at else { return problem };
        let problem = problem.at(line, column);
        match &self.name {
            Some(name) => problem.file(name),
            None => problem,
        }
    }

    /// Returns the rule for a header, where the mapping names it.
    pub fn column(&self, header: &str) -> Option<&ColumnRule> {
        let folded = slug(header);
        self.columns
            .iter()
            .find(|c| c.header == header)
            .or_else(|| self.columns.iter().find(|c| !folded.is_empty() && slug(&c.header) == folded))
    }

    /// Returns the mapping laid over the one that it names as its base: what it says
    /// itself counts, and its columns stand behind those of the base.
    pub(crate) fn over(self, base: Self) -> Self {
        let own: HashSet<String> = self.columns.iter().map(|column| folded(&column.header)).collect();
        let fields: HashSet<&str> = self.joined.iter().map(|joined| joined.field.as_str()).collect();
        let columns = base.columns.into_iter().filter(|column| !own.contains(&folded(&column.header)));
        let joined = base.joined.into_iter().filter(|joined| !fields.contains(joined.field.as_str()));
        let defaults = base.defaults.into_iter().filter(|given| self.defaults.iter().all(|own| own.field != given.field));
        Self {
            columns: columns.chain(self.columns.clone()).collect(),
            joined: joined.chain(self.joined.clone()).collect(),
            defaults: defaults.chain(self.defaults.clone()).collect(),
            changes: if self.changes.is_empty() { base.changes } else { self.changes },
            kind: self.kind.or(base.kind),
            source: self.source.or(base.source),
            key: if self.key.is_empty() { base.key } else { self.key },
            on_match: self.on_match.or(base.on_match),
            file: self.file.over(base.file),
            signs: self.signs.or(base.signs),
            about: self.about.or(base.about),
            base: base.base,
            name: self.name,
            texts: self.texts.into_iter().chain(base.texts).collect(),
        }
    }

    /// Returns the headers that the mapping names in any place.
    fn headers(&self) -> impl Iterator<Item = &str> {
        let columns = self.columns.iter().flat_map(|column| {
            let beside = column.rule.iter().flat_map(Rule::beside);
            std::iter::once(column.header.as_str()).chain(beside)
        });
        columns.chain(self.joined.iter().flat_map(|joined| joined.headers.iter().map(String::as_str)))
    }

    /// Returns true where the mapping names this header in any place.
    pub fn names(&self, header: &str) -> bool {
        let (own, without) = (slug(header), unnumbered(header));
        self.headers().any(|other| {
            let other_folded = if other.contains(NUMBER) { None } else { Some(slug(other)) };
            match other_folded {
                Some(other_folded) => other.trim() == header.trim() || (!own.is_empty() && other_folded == own),
                None => folded(other) == without,
            }
        })
    }

    /// Returns what the mapping's headers are compared by, for [`Names::has`].
    pub(crate) fn all_names(&self) -> Names {
        let mut names = Names::default();
        for header in self.headers() {
            let set = if header.contains(NUMBER) { &mut names.numbered } else { &mut names.plain };
            set.insert(folded(header));
        }
        names
    }
}

/// The headers that a mapping names, to be asked often.
#[derive(Debug, Default)]
pub(crate) struct Names {
    plain: HashSet<String>,
    numbered: HashSet<String>,
}

impl Names {
    /// Takes other names in.
    pub(crate) fn extend(&mut self, other: Self) {
        self.plain.extend(other.plain);
        self.numbered.extend(other.numbered);
    }

    /// Returns true where the mapping names this header in any place.
    pub(crate) fn has(&self, header: &str) -> bool {
        let own = slug(header);
        (!own.is_empty() && self.plain.contains(&own)) || (!self.numbered.is_empty() && self.numbered.contains(&unnumbered(header)))
    }
}

impl FileOptions {
    /// Returns what is said here, else in the base.
    fn over(self, base: Self) -> Self {
        Self {
            encoding: self.encoding.or(base.encoding),
            delimiter: self.delimiter.or(base.delimiter),
            header_row: self.header_row.or(base.header_row),
            decimal: self.decimal.or(base.decimal),
            thousands: self.thousands.or(base.thousands),
            dates: if self.dates.is_empty() { base.dates } else { self.dates },
            timezone: self.timezone.or(base.timezone),
            phone_region: self.phone_region.or(base.phone_region),
            currency: self.currency.or(base.currency),
            empty: if self.empty.is_empty() { base.empty } else { self.empty },
        }
    }

    fn lay_over(&mut self, flags: &Flags) -> Result<(), Problem> {
        if let Some(name) = &flags.encoding {
            encoding::by_name(name)?;
            self.encoding = Some(name.clone());
        }
        if let Some(text) = &flags.delimiter {
            self.delimiter = Some(dialect::delimiter(text)?);
        }
        if let Some(text) = &flags.decimal {
            self.decimal = Some(decimal_mark(text)?);
            // The file's mark between thousands belonged to its own decimal mark.
            self.thousands = self.thousands.filter(|t| Some(*t) != self.decimal);
        }
        if let Some(format) = &flags.dates {
            moment::check_format(format)?;
            self.dates = vec![format.clone()];
        }
        if let Some(name) = &flags.timezone {
            self.timezone = Some(zone(name)?);
        }
        if flags.header_row.is_some() {
            self.header_row = flags.header_row;
        }
        Ok(())
    }
}

/// Returns the meaning of a word of a closed list.
pub(crate) fn word_of<W: Word>(word: &str, what: &str) -> Result<W, Problem> {
    W::of(word).ok_or_else(|| {
        let valid = W::WORDS.iter().map(|(known, _)| *known);
        let problem = Problem::new("word", format!("“{word}” is no value of {what}"));
        match nearest(word, valid.clone()) {
            Some(near) => problem.hint(format!("did you mean “{near}”?")),
            None => problem.hint(valid.collect::<Vec<_>>().join(", ")),
        }
    })
}

/// Returns the decimal mark that is meant.
pub(crate) fn decimal_mark(text: &str) -> Result<char, Problem> {
    match text {
        "." => Ok('.'),
        "," => Ok(','),
        _ => Err(Problem::new("decimal", format!("“{text}” is no decimal mark")).hint("\".\" or \",\"")),
    }
}

/// Returns the zone of that name.
pub(crate) fn zone(name: &str) -> Result<Tz, Problem> {
    zone_named(name).map_err(|near| {
        let problem = Problem::new("timezone", format!("“{name}” is no time zone"));
        match near {
            Some(near) => problem.hint(format!("did you mean “{near}”?")),
            None => problem.hint("such as Europe/Prague or UTC"),
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn flags_win_over_the_file() {
        let file = "source = \"hq\"\n[file]\ndecimal = \",\"\nthousands = \".\"\n[columns]\n\"E-mail\" = \"email\"\n[defaults]\npipeline = \"sales\"\n";
        let flags = Flags {
            columns: vec!["e mail=email.work".into(), "a=b=notes".into(), "Row=".into()],
            set: vec!["pipeline=new".into(), "tags=a=b".into()],
            source: Some("crm".into()),
            key: Some("email, name".into()),
            on_match: Some("FILL".into()),
            decimal: Some(".".into()),
            dates: Some("%d/%m/%Y".into()),
            timezone: Some("Europe/Prague".into()),
            delimiter: Some("tab".into()),
            header_row: Some(3),
            encoding: Some("cp1250".into()),
        };
        let mapping = Mapping::parse(file, "m.toml").unwrap().with_flags(&flags).unwrap();
        let target = |h: &str| mapping.column(h).unwrap().rule.as_ref().map(|r| r.target.name().to_owned());
        assert_eq!(target("E-mail").as_deref(), Some("email.work"));
        assert_eq!(target("a=b").as_deref(), Some("notes"));
        assert_eq!(target("Row"), None);
        assert_eq!(mapping.columns.len(), 3);
        assert_eq!(mapping.source.as_deref(), Some("crm"));
        assert_eq!(mapping.key, ["email", "name"]);
        assert_eq!(mapping.on_match, Some(OnMatch::Fill));
        assert_eq!((mapping.file.decimal, mapping.file.thousands), (Some('.'), None));
        assert_eq!(mapping.file.timezone, Some(Tz::Europe__Prague));
        assert_eq!(mapping.file.delimiter, Some(b'\t'));
        let defaults: Vec<_> = mapping.defaults.iter().map(|d| (d.field.as_str(), d.value.as_str())).collect();
        assert_eq!(defaults, [("pipeline", "new"), ("tags", "a=b")]);
    }

    #[test]
    fn bad_flags_are_told() {
        let told = |flags: Flags| Mapping::default().with_flags(&flags).unwrap_err().to_string();
        assert_eq!(
            told(Flags { columns: vec!["Name".into()], ..Flags::default() }),
            "--column Name: a field is missing (write HEADER=FIELD)"
        );
        assert_eq!(
            told(Flags { on_match: Some("owerwrite".into()), ..Flags::default() }),
            "“owerwrite” is no value of --on-match (did you mean “overwrite”?)"
        );
        assert_eq!(
            told(Flags { timezone: Some("Europe/Prag".into()), ..Flags::default() }),
            "“Europe/Prag” is no time zone (did you mean “Europe/Prague”?)"
        );
        assert_eq!(told(Flags { decimal: Some("'".into()), ..Flags::default() }), "“'” is no decimal mark (\".\" or \",\")");
    }

    #[test]
    fn cells_stand_for_other_values() {
        let mut rule = Rule::to(Target::Field("stage".into()));
        rule.values = vec![("Won".into(), "won".into()), ("Unknown".into(), String::new())];
        assert_eq!(rule.translated(" Won "), "won");
        assert_eq!(rule.translated("UNKNOWN"), "");
        assert_eq!(rule.translated("Lost"), "Lost");
    }
}

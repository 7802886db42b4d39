//! The mapping file's TOML, read with its places so that every mistake is told
//! where it stands. What the parts mean is in [`super::mapping`].

use std::ops::Range;

use regex::RegexBuilder;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::dialect;
use super::encoding;
use super::mapping::{ColumnRule, FileOptions, Given, Joined, Mapping, Missing, OnMatch, Rule, Signs, Target};
use super::mapping::{Word, decimal_mark, word_of, zone};
use super::moment;
use super::problem::Problem;
use crate::domain::fold::nearest;
use crate::domain::parse::{PhoneRegion, phone_region};
use crate::domain::{Currency, CustomType, Kind};

const TOP: [&str; 13] =
    ["kind", "source", "key", "on-match", "about", "base", "optional", "known-by", "file", "columns", "changes", "joined", "defaults"];
const SIGNS: [&str; 3] = ["all", "any", "none"];
const FILE: [&str; 10] =
    ["encoding", "delimiter", "header-row", "decimal", "thousands", "dates", "timezone", "phone-region", "currency", "empty"];
const COLUMN: [&str; 17] = [
    "field", "custom", "type", "missing", "values", "currency", "split", "match", "take", "policy", "label", "id", "email", "kind",
    "blank", "dates", "decimal",
];
const JOINED: [&str; 2] = ["columns", "with"];

/// Compiled patterns are bounded: a mapping file may come from elsewhere.
const PATTERN_BYTES: usize = 1 << 20;

type Entry<'t, 'd> = (&'t Spanned<std::borrow::Cow<'d, str>>, &'t Spanned<DeValue<'d>>);

/// Reads a mapping file.
pub(crate) fn parse(text: &str) -> Result<Mapping, Vec<Problem>> {
    let mut reader = Reader { text, problems: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|e| reader.syntax(e)).collect());
    }
    let mapping = reader.mapping(table.get_ref());
    if reader.problems.is_empty() { Ok(mapping) } else { Err(reader.problems) }
}

/// Reads a file of several named mappings, a table each; returns what is wrong with them.
pub(crate) fn check_tables(text: &str) -> Result<(), Vec<Problem>> {
    let mut reader = Reader { text, problems: Vec::new() };
    let (tables, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|e| reader.syntax(e)).collect());
    }
    for (name, value) in tables.get_ref() {
        if let Some(table) = reader.table(name.get_ref(), value) {
            reader.mapping(table);
        }
    }
    if reader.problems.is_empty() { Ok(()) } else { Err(reader.problems) }
}

struct Reader<'t> {
    text: &'t str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn place(&self, span: &Range<usize>) -> (u64, u64) {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = before.matches('\n').count() as u64 + 1;
        (line, before[line_start..].chars().count() as u64 + 1)
    }

    fn syntax(&self, error: &toml::de::Error) -> Problem {
        let (line, column) = self.place(&error.span().unwrap_or(0..0));
        Problem::new("toml", error.message().to_owned()).at(line, column)
    }

    fn tell(&mut self, span: &Range<usize>, problem: Problem) {
        let (line, column) = self.place(span);
        self.problems.push(problem.at(line, column));
    }

    fn unknown(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, place: &str, valid: &[&str]) {
        let problem = Problem::new("mapping", format!("unknown key “{}”{place}", key.get_ref()));
        let problem = match nearest(key.get_ref(), valid.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean “{near}”?")),
            None => problem.hint(format!("there are {}", valid.join(", "))),
        };
        self.tell(&key.span(), problem);
    }

    /// Takes what a closure makes of a value, or tells its problem at the value.
    fn take<T>(&mut self, value: &Spanned<DeValue<'_>>, made: Result<T, Problem>) -> Option<T> {
        match made {
            Ok(made) => Some(made),
            Err(problem) => {
                self.tell(&value.span(), problem);
                None
            }
        }
    }

    fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let problem = Problem::new("mapping", format!("“{key}” is {wanted}, not {}", article(value.get_ref().type_str())));
        self.tell(&value.span(), problem);
    }

    fn string(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        if let Some(text) = value.get_ref().as_str() {
            return Some(text.to_owned());
        }
        self.wrong_type(key, value, "a string");
        None
    }

    /// A string, or a list of them.
    fn strings(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        match value.get_ref() {
            DeValue::String(text) => vec![text.to_string()],
            DeValue::Array(items) => items.iter().filter_map(|item| self.string(key, item)).collect(),
            _ => {
                self.wrong_type(key, value, "a string or a list of strings");
                Vec::new()
            }
        }
    }

    /// A string, number or boolean, as the text that a cell would hold.
    fn scalar(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Integer(number) => Some(number.as_str().to_owned()),
            DeValue::Float(number) => Some(number.as_str().to_owned()),
            DeValue::Boolean(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
            DeValue::Datetime(at) => Some(at.to_string()),
            _ => {
                self.wrong_type(key, value, "one value");
                None
            }
        }
    }

    fn table<'v, 'd>(&mut self, key: &str, value: &'v Spanned<DeValue<'d>>) -> Option<&'v DeTable<'d>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(key, value, "a table");
        }
        table
    }

    fn word<W: Word>(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<W> {
        let text = self.string(key, value)?;
        self.take(value, word_of(&text, &format!("“{key}”")))
    }

    fn mapping(&mut self, table: &DeTable<'_>) -> Mapping {
        let mut mapping = Mapping::default();
        let mut optional = false;
        for (key, value) in table {
            let name = plain(key.get_ref());
            match name.as_str() {
                "about" => mapping.about = self.string(&name, value),
                "base" => mapping.base = self.string(&name, value),
                "optional" => match value.get_ref().as_bool() {
                    Some(flag) => optional = flag,
                    None => self.wrong_type(&name, value, "true or false"),
                },
                "known-by" => mapping.signs = self.signs(value),
                "kind" => mapping.kind = self.kind(&name, value),
                "source" => mapping.source = self.string(&name, value),
                "key" => mapping.key = self.strings(&name, value),
                "on-match" => mapping.on_match = self.word::<OnMatch>(&name, value),
                "file" => mapping.file = self.file(value),
                "columns" => mapping.columns = self.columns(&name, value),
                "changes" => mapping.changes = self.columns(&name, value),
                "joined" => mapping.joined = self.joined(value),
                "defaults" => mapping.defaults = self.defaults(value),
                _ => self.unknown(key, "", &TOP),
            }
        }
        mapping.columns.iter_mut().for_each(|column| column.optional = optional);
        mapping.joined.iter_mut().for_each(|joined| joined.optional = optional);
        mapping
    }

    fn signs(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Signs> {
        let mut signs = Signs::default();
        for (key, value) in self.table("known-by", value)? {
            let name = plain(key.get_ref());
            match name.as_str() {
                "all" => signs.all = self.strings(&name, value),
                "any" => signs.any = self.strings(&name, value),
                "none" => signs.none = self.strings(&name, value),
                _ => self.unknown(key, " in [known-by]", &SIGNS),
            }
        }
        if signs.all.is_empty() && signs.any.is_empty() {
            self.tell(&value.span(), Problem::new("mapping", "“known-by” names no headers").hint("all = [\"…\"] or any = [\"…\"]"));
            return None;
        }
        Some(signs)
    }

    fn kind(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Kind> {
        let text = self.string(key, value)?;
        if let Some(kind) = Kind::from_name(&text) {
            return Some(kind);
        }
        let names: Vec<&str> = Kind::public().map(Kind::name).collect();
        let problem = Problem::new("kind", format!("“{text}” is no kind of record"));
        let problem = match nearest(&text, names.iter().copied()) {
            Some(near) => problem.hint(format!("did you mean “{near}”?")),
            None => problem.hint(names.join(", ")),
        };
        self.tell(&value.span(), problem);
        None
    }

    fn file(&mut self, value: &Spanned<DeValue<'_>>) -> FileOptions {
        let mut file = FileOptions::default();
        let Some(table) = self.table("file", value) else {
            return file;
        };
        for (key, value) in table {
            let name = plain(key.get_ref());
            match name.as_str() {
                "encoding" => {
                    if let Some(text) = self.string(&name, value) {
                        file.encoding = self.take(value, encoding::by_name(&text)).map(|_| text);
                    }
                }
                "delimiter" => {
                    if let Some(text) = self.string(&name, value) {
                        file.delimiter = self.take(value, dialect::delimiter(&text));
                    }
                }
                "header-row" => file.header_row = self.row(&name, value),
                "decimal" => file.decimal = self.decimal(&name, value),
                "thousands" => file.thousands = self.character(&name, value),
                "dates" => file.dates = self.dates(&name, value),
                "timezone" => {
                    if let Some(text) = self.string(&name, value) {
                        file.timezone = self.take(value, zone(&text));
                    }
                }
                "phone-region" => file.phone_region = self.region(&name, value),
                "currency" => file.currency = self.currency(&name, value),
                "empty" => file.empty = self.strings(&name, value),
                _ => self.unknown(key, " in [file]", &FILE),
            }
        }
        file
    }

    fn row(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<u64> {
        let row = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            DeValue::Boolean(false) => Some(0),
            _ => None,
        };
        if row.is_none() {
            self.wrong_type(key, value, "a line number, 0 for none");
        }
        row
    }

    fn decimal(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<char> {
        let text = self.string(key, value)?;
        self.take(value, decimal_mark(&text))
    }

    fn character(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<char> {
        let text = self.string(key, value)?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Some(only),
            _ => {
                let problem = Problem::new("mapping", format!("“{key}” is one character, not “{text}”"));
                self.tell(&value.span(), problem);
                None
            }
        }
    }

    fn dates(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<String> {
        let formats = self.strings(key, value);
        formats.into_iter().filter(|format| self.take(value, moment::check_format(format)).is_some()).collect()
    }

    fn region(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<PhoneRegion> {
        let text = self.string(key, value)?;
        if let Some(region) = phone_region(&text) {
            return Some(region);
        }
        let problem = Problem::new("mapping", format!("“{text}” is no country")).hint("two letters, such as CZ or US");
        self.tell(&value.span(), problem);
        None
    }

    fn currency(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Currency> {
        let text = self.string(key, value)?;
        if let Some(currency) = Currency::from_code(&text) {
            return Some(currency);
        }
        let problem = Problem::new("mapping", format!("“{text}” is no currency")).hint("a code of ISO 4217, such as EUR");
        self.tell(&value.span(), problem);
        None
    }

    fn columns(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Vec<ColumnRule> {
        let mut columns = Vec::new();
        let Some(table) = self.table(name, value) else {
            return columns;
        };
        for (key, value) in table {
            let header = key.get_ref().to_string();
            let at = Some(self.place(&key.span()));
            let several = match value.get_ref() {
                DeValue::Array(items) => items.iter().collect(),
                _ => vec![value],
            };
            for one in several {
                let rule = match one.get_ref() {
                    DeValue::String(field) => Some(Rule::to(Target::Field(field.to_string()))),
                    DeValue::Boolean(false) => None,
                    DeValue::Table(table) => {
                        let Some(rule) = self.rule((key, one), table) else {
                            continue;
                        };
                        Some(rule)
                    }
                    _ => {
                        self.wrong_type(&header, one, "a field, false, a table, or a list of them");
                        continue;
                    }
                };
                columns.push(ColumnRule { header: header.clone(), rule, at, optional: false });
            }
        }
        columns
    }

    fn rule(&mut self, (column, whole): Entry<'_, '_>, table: &DeTable<'_>) -> Option<Rule> {
        let mut rule = Rule::to(Target::Field(String::new()));
        let (mut field, mut custom, mut ty) = (None, None, None);
        let before = self.problems.len();
        for (key, value) in table {
            let name = plain(key.get_ref());
            match name.as_str() {
                "field" => field = self.string(&name, value),
                "custom" => custom = self.string(&name, value),
                "type" => ty = self.custom_type(&name, value),
                "missing" => rule.missing = self.word::<Missing>(&name, value),
                "values" => rule.values = self.values(&name, value),
                "currency" => rule.currency = self.currency(&name, value),
                "split" => rule.split = self.string(&name, value).filter(|s| !s.is_empty()),
                "match" => rule.pattern = self.pattern(&name, value),
                "take" => rule.take = self.strings(&name, value),
                "policy" => rule.policy = self.word::<OnMatch>(&name, value),
                "label" => rule.label = self.string(&name, value),
                "id" => rule.id = self.string(&name, value),
                "email" => rule.email = self.string(&name, value),
                "kind" => rule.kind = self.kind(&name, value),
                "blank" => rule.clear = self.word::<Blank>(&name, value).is_some_and(|b| b == Blank::Clear),
                "dates" => rule.dates = self.dates(&name, value),
                "decimal" => rule.decimal = self.decimal(&name, value),
                _ => self.unknown(key, &format!(" for column “{}”", column.get_ref()), &COLUMN),
            }
        }
        if self.problems.len() > before {
            // What follows from a mistake already told is not told again.
            return None;
        }
        let groups = rule.pattern.as_ref().map_or(0, |p| p.captures_len() - 1);
        if !rule.take.is_empty() && rule.take.len() != groups {
            let problem = Problem::new("mapping", format!("“take” names {} parts, “match” has {groups} groups", rule.take.len()));
            self.tell(&whole.span(), problem);
        }
        rule.target = match (field, custom) {
            (Some(field), None) if ty.is_none() => Target::Field(field),
            (None, Some(name)) => Target::Custom { name, ty },
            (Some(_), None) => {
                let problem = Problem::new("mapping", "“type” is for custom fields, a field has its own");
                self.tell(&whole.span(), problem);
                return None;
            }
            (Some(_), Some(_)) => {
                self.tell(&whole.span(), Problem::new("mapping", "a column is either a “field” or a “custom” one"));
                return None;
            }
            (None, None) => {
                let problem = Problem::new("mapping", format!("column “{}” goes nowhere", column.get_ref()));
                self.tell(&whole.span(), problem.hint("name its “field” or “custom” field, or say false"));
                return None;
            }
        };
        Some(rule)
    }

    fn custom_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<CustomType> {
        let text = self.string(key, value)?;
        if let Some(ty) = CustomType::from_name(&text) {
            return Some(ty);
        }
        let problem = Problem::new("mapping", format!("“{text}” is no type of a custom field"));
        let problem = match nearest(&text, CustomType::names()) {
            Some(near) => problem.hint(format!("did you mean “{near}”?")),
            None => problem.hint(CustomType::names().collect::<Vec<_>>().join(", ")),
        };
        self.tell(&value.span(), problem);
        None
    }

    fn values(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Vec<(String, String)> {
        let Some(table) = self.table(key, value) else {
            return Vec::new();
        };
        table
            .iter()
            .filter_map(|(from, to)| {
                let name = from.get_ref().trim().to_owned();
                let to = if to.get_ref().as_bool() == Some(false) { Some(String::new()) } else { self.scalar(&name, to) };
                to.map(|to| (name, to))
            })
            .collect()
    }

    fn pattern(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<regex::Regex> {
        let text = self.string(key, value)?;
        let built = RegexBuilder::new(&text).size_limit(PATTERN_BYTES).build();
        let made = built.map_err(|error| {
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Problem::new("mapping", format!("“{key}” is no pattern: {last}"))
        });
        self.take(value, made)
    }

    fn joined(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Joined> {
        let mut joined = Vec::new();
        let Some(table) = self.table("joined", value) else {
            return joined;
        };
        for (key, value) in table {
            let field = key.get_ref().to_string();
            let at = Some(self.place(&key.span()));
            let (mut headers, mut with) = (Vec::new(), " ".to_owned());
            if let Some(table) = value.get_ref().as_table() {
                for (key, value) in table {
                    match plain(key.get_ref()).as_str() {
                        "columns" => headers = self.strings("columns", value),
                        "with" => with = self.string("with", value).unwrap_or(with),
                        _ => self.unknown(key, &format!(" for “{field}”"), &JOINED),
                    }
                }
            } else {
                headers = self.strings(&field, value);
            }
            joined.push(Joined { field, headers, with, at, optional: false });
        }
        joined
    }

    fn defaults(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Given> {
        let Some(table) = self.table("defaults", value) else {
            return Vec::new();
        };
        let mut defaults = Vec::new();
        for (key, value) in table {
            let field = key.get_ref().to_string();
            let at = Some(self.place(&key.span()));
            if let Some(value) = self.scalar(&field, value) {
                defaults.push(Given { field, value, at });
            }
        }
        defaults
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Blank {
    Clear,
    Keep,
}

impl Word for Blank {
    const WORDS: &'static [(&'static str, Self)] = &[("clear", Self::Clear), ("keep", Self::Keep)];
}

/// `header_row` is taken for `header-row`.
fn plain(key: &str) -> String {
    key.replace('_', "-")
}

fn article(ty: &str) -> String {
    let vowel = ty.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {ty}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn told(text: &str) -> Vec<String> {
        Mapping::parse(text, "m.toml").unwrap_err().iter().map(ToString::to_string).collect()
    }

    /// The example of the command line's reference, whole.
    const EXAMPLE: &str = r#"
kind   = "opportunity"
source = "hq"
key    = ["external_id"]
on-match = "merge"

[file]
encoding = "utf-8"
delimiter = ","
header-row = 1
decimal = "."
dates = "%Y-%m-%d"
timezone = "Europe/Prague"
phone-region = "CZ"
currency = "USD"
empty = ["", "?", "0/0/00"]

[columns]
"opportunity_id" = "external_id"
"account"        = { field = "company", missing = "create" }
"sales_agent"    = "owner"
"product"        = { field = "product", values = { GTXPro = "GTX Pro" } }
"deal_stage"     = { field = "stage", values = { Prospecting = "lead", Engaging = "proposal", Won = "won", Lost = "lost" } }
"engage_date"    = "opened_at"
"close_date"     = "closed_at"
"close_value"    = { field = "amount", currency = "USD" }
"Obrat (Kč)"     = { custom = "turnover", type = "money", currency = "CZK" }
"Categories"     = { field = "tags", split = ";" }
"Associated"     = { field = "company", match = '^(.*) \((\d+)\)$', take = ["name", "external_id"] }
"phone"          = { field = "phone.work", policy = "fill" }
"E-mail 1 - Value" = { field = "email", label = "E-mail 1 - Label", split = " ::: " }
"number"         = { field = "record", kind = "ticket" }
"Summation column" = false

[joined]
name = ["First", "Last"]

[defaults]
pipeline = "sales"
"#;

    #[test]
    fn the_example_of_the_reference_is_read_whole() {
        let mapping = Mapping::parse(EXAMPLE, "m.toml").unwrap();
        assert_eq!(mapping.kind, Some(Kind::Opportunity));
        assert_eq!((mapping.columns.len(), mapping.joined.len(), mapping.defaults.len()), (15, 1, 1));
        assert_eq!(mapping.file.empty, ["", "?", "0/0/00"]);
        assert_eq!(mapping.file.phone_region, phone_region("CZ"));
        let rule = |header: &str| mapping.column(header).unwrap().rule.clone();
        assert_eq!(rule("ACCOUNT").unwrap().missing, Some(Missing::Create));
        assert_eq!(rule("obrat kc").unwrap().target, Target::Custom { name: "turnover".into(), ty: Some(CustomType::Money) });
        let associated = rule("Associated").unwrap();
        assert_eq!(associated.take, ["name", "external_id"]);
        assert!(associated.pattern.unwrap().is_match("Marc Lemaire (4421)"));
        assert_eq!(rule("E-mail 1 - Value").unwrap().label.as_deref(), Some("E-mail 1 - Label"));
        assert!(rule("Summation column").is_none());
        assert!(mapping.names("e-mail 1 label") && mapping.names("LAST") && !mapping.names("other"));
        assert_eq!(mapping.column("sales_agent").unwrap().at, Some((21, 1)));
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let text = "kindd = \"contact\"\n\
            on-match = \"merg\"\n\
            [file]\n\
            delimeter = \";\"\n\
            decimal = \"'\"\n\
            dates = [\"%Q\"]\n\
            header-row = \"one\"\n\
            [columns]\n\
            \"A\" = { feild = \"name\" }\n\
            \"B\" = 3\n\
            \"C\" = { field = \"stage\", missing = \"ignore\" }\n\
            \"D\" = { field = \"company\", match = '(', take = [\"name\"] }\n\
            \"E\" = { custom = \"x\", type = \"monney\" }\n\
            \"F\" = { field = \"x\", custom = \"y\" }\n\
            \"G\" = { split = \";\" }\n\
            \"H\" = { field = \"company\", match = '(.)', take = [\"name\", \"id\"] }\n";
        assert_eq!(
            told(text),
            [
                "m.toml:1:1: unknown key “kindd” (did you mean “kind”?)",
                "m.toml:2:12: “merg” is no value of “on-match” (did you mean “merge”?)",
                "m.toml:4:1: unknown key “delimeter” in [file] (did you mean “delimiter”?)",
                "m.toml:5:11: “'” is no decimal mark (\".\" or \",\")",
                "m.toml:6:9: “%Q” is no date format (such as %Y-%m-%d, %-d.%-m.%Y, %m/%d/%Y %H:%M, excel)",
                "m.toml:7:14: “header-row” is a line number, 0 for none, not a string",
                "m.toml:9:9: unknown key “feild” for column “A” (did you mean “field”?)",
                "m.toml:10:7: “B” is a field, false, a table, or a list of them, not an integer",
                "m.toml:11:36: “ignore” is no value of “missing” (create, reject, blank)",
                "m.toml:12:36: “match” is no pattern: unclosed group",
                "m.toml:13:30: “monney” is no type of a custom field (did you mean “money”?)",
                "m.toml:14:7: a column is either a “field” or a “custom” one",
                "m.toml:15:7: column “G” goes nowhere (name its “field” or “custom” field, or say false)",
                "m.toml:16:7: “take” names 2 parts, “match” has 1 groups",
            ]
        );
    }

    #[test]
    fn broken_toml_is_told_with_its_place() {
        let problems = told("kind = \"contact\"\n[columns\n");
        assert!(problems[0].starts_with("m.toml:2:"), "{problems:?}");
        assert_eq!(told("kind = \"contcat\"\n"), ["m.toml:1:8: “contcat” is no kind of record (did you mean “contact”?)"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_text_is_read_without_panic(text in "(kind|source|\\[file\\]|\\[columns\\]|dates|\"a\"|=|\\{|\\}|field|match|,|'\\(\\.'|1|true|\\n| ){0,24}") {
            let _ = Mapping::parse(&text, "m.toml");
        }
    }
}

//! Which columns of an input become which fields: what the mapping says, then what
//! names and aliases say; the rest is left over and named. It must not know rows'
//! contents beyond a sample, nor the store.

use std::collections::{HashMap, HashSet};

use crate::domain::definitions::Definitions;
use crate::domain::fold::{field_name, nearest, slug};
use crate::domain::{AnyField, FieldRef, FieldType, Kind, Leaf, System, fields};
use crate::exchange::cell::{self, Numbers};
use crate::exchange::header::Header;
use crate::exchange::mapping::{FileOptions, Mapping, Rule, Target};
use crate::exchange::moment::{self, Dates};
use crate::exchange::problem::Problem;

/// Columns that a rejects file adds; they are not read back.
pub(super) const ADDED: [&str; 4] = ["_line", "_column", "_code", "_message"];

/// Where a taken value stands in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// These cells, joined.
    Cells(Vec<usize>),
    /// The values at these paths of a JSON object, joined.
    Paths(Vec<String>),
}

/// What is taken, and where it goes.
#[derive(Debug, Clone)]
pub(super) struct Take {
    /// The columns as they are named to people.
    pub(super) header: String,
    /// Where the value stands.
    pub(super) from: From,
    /// What stands between joined values.
    pub(super) with: String,
    /// Where the value's label stands.
    pub(super) label: Option<From>,
    /// The field.
    pub(super) field: FieldRef,
    /// What the mapping says beyond the field.
    pub(super) rule: Rule,
    /// How numbers are written here.
    pub(super) numbers: Numbers,
    /// How dates are written here.
    pub(super) dates: Dates,
}

/// How a column was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The mapping or a flag says so.
    Said,
    /// Its name is a field's.
    Named,
    /// What the store keeps or derives: read and not stored.
    Derived,
    /// The mapping says that it is not taken.
    Dropped,
    /// Nothing takes it.
    Left,
}

/// One line of the mapping that was worked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The column.
    pub header: String,
    /// The field, where it goes into one.
    pub field: Option<String>,
    /// How that was found.
    pub how: How,
}

/// What becomes of the columns of an input.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    pub(super) takes: Vec<Take>,
    pub(super) uses: Vec<Use>,
}

/// Finds out what becomes of columns.
pub(super) struct Finder<'a> {
    pub(super) kind: Kind,
    pub(super) mapping: &'a Mapping,
    pub(super) definitions: &'a Definitions,
}

/// What a name means for an import.
enum Meaning {
    Field(FieldRef),
    /// What the store keeps or derives.
    Derived(String),
}

impl Finder<'_> {
    /// Returns what becomes of the columns of a table.
    ///
    /// # Errors
    /// Everything in the mapping that does not fit the file or the kind's fields.
    pub(super) fn table(&self, header: &Header) -> Result<Columns, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut columns = Columns::default();
        let mut taken: HashMap<usize, Use> = HashMap::new();
        let find = |name: &str, at: Option<(u64, u64)>, problems: &mut Vec<Problem>| {
            let found = header.find(name);
            if found.is_none() {
                problems.push(self.mapping.placed(no_column(name, header), at));
            }
            found
        };
        for joined in &self.mapping.joined {
            let places: Vec<usize> = joined.headers.iter().filter_map(|name| find(name, joined.at, &mut problems)).collect();
            let Some(field) = self.target(&Target::Field(joined.field.clone()), joined.at, &mut problems) else { continue };
            let names: Vec<String> = places.iter().map(|at| header.name(*at)).collect();
            for (at, name) in places.iter().zip(&names) {
                taken.insert(*at, Use { header: name.clone(), field: Some(field.name().to_owned()), how: How::Said });
            }
            let rule = Rule::to(Target::Field(joined.field.clone()));
            let mut take = self.take(names.join(" + "), From::Cells(places), field, rule);
            take.with.clone_from(&joined.with);
            columns.takes.push(take);
        }
        for column in &self.mapping.columns {
            let Some(rule) = &column.rule else {
                // What is not taken need not be there.
                if let Some(at) = header.find(&column.header) {
                    taken.insert(at, Use { header: header.name(at), field: None, how: How::Dropped });
                }
                continue;
            };
            let Some(at) = find(&column.header, column.at, &mut problems) else { continue };
            let label = rule.label.as_ref().and_then(|name| find(name, column.at, &mut problems));
            if let Some(label) = label {
                taken.insert(label, Use { header: header.name(label), field: Some(rule.target.name().to_owned()), how: How::Said });
            }
            let Some(field) = self.target(&rule.target, column.at, &mut problems) else { continue };
            taken.insert(at, Use { header: header.name(at), field: Some(field.name().to_owned()), how: How::Said });
            let mut take = self.take(header.name(at), From::Cells(vec![at]), field, rule.clone());
            take.label = label.map(|at| From::Cells(vec![at]));
            columns.takes.push(take);
        }
        let mut names: HashSet<String> = columns.takes.iter().map(|take| take.field.name().to_owned()).collect();
        for (at, column) in header.columns().iter().enumerate() {
            let used = taken.remove(&at).unwrap_or_else(|| match self.by_name(&column.name) {
                // Of two columns for one value the first counts.
                Some(Meaning::Field(field)) if field.repeats() || names.insert(field.name().to_owned()) => {
                    let used = Use { header: column.name.clone(), field: Some(field.name().to_owned()), how: How::Named };
                    let rule = Rule::to(Target::Field(field.name().to_owned()));
                    columns.takes.push(self.take(column.name.clone(), From::Cells(vec![at]), field, rule));
                    used
                }
                Some(Meaning::Derived(name)) => Use { header: column.name.clone(), field: Some(name), how: How::Derived },
                _ if ADDED.contains(&column.name.as_str()) => Use { header: column.name.clone(), field: None, how: How::Derived },
                _ => Use { header: column.name.clone(), field: None, how: How::Left },
            });
            columns.uses.push(used);
        }
        self.check_defaults(&mut problems);
        if problems.is_empty() { Ok(columns) } else { Err(problems) }
    }

    /// Returns what the mapping says of JSON objects; what it does not name is found
    /// row by row with [`Self::member`].
    ///
    /// # Errors
    /// Everything in the mapping that does not fit the kind's fields.
    pub(super) fn tree(&self) -> Result<Columns, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut columns = Columns::default();
        for joined in &self.mapping.joined {
            let Some(field) = self.target(&Target::Field(joined.field.clone()), joined.at, &mut problems) else { continue };
            let rule = Rule::to(Target::Field(joined.field.clone()));
            let mut take = self.take(joined.headers.join(" + "), From::Paths(joined.headers.clone()), field, rule);
            take.with.clone_from(&joined.with);
            columns.takes.push(take);
        }
        for column in &self.mapping.columns {
            let Some(rule) = &column.rule else {
                columns.uses.push(Use { header: column.header.clone(), field: None, how: How::Dropped });
                continue;
            };
            let Some(field) = self.target(&rule.target, column.at, &mut problems) else { continue };
            let mut take = self.take(column.header.clone(), From::Paths(vec![column.header.clone()]), field, rule.clone());
            take.label = rule.label.as_ref().map(|path| From::Paths(vec![path.clone()]));
            columns.takes.push(take);
        }
        columns.uses.extend(columns.takes.iter().map(|take| Use {
            header: take.header.clone(),
            field: Some(take.field.name().to_owned()),
            how: How::Said,
        }));
        self.check_defaults(&mut problems);
        if problems.is_empty() { Ok(columns) } else { Err(problems) }
    }

    /// Returns what becomes of a member of a JSON object that the mapping does not name.
    pub(super) fn member(&self, path: &str) -> (Use, Option<Take>) {
        let used = |field: Option<String>, how| Use { header: path.to_owned(), field, how };
        if ADDED.contains(&path) {
            return (used(None, How::Derived), None);
        }
        // What is in the trash goes out with the rest, and comes back into the trash.
        let trash =
            FieldRef::resolve(self.kind, path, self.definitions).ok().filter(|field| field.name() == "trashed_at").map(Meaning::Field);
        match trash.or_else(|| self.by_name(path)) {
            Some(Meaning::Field(field)) => {
                let name = field.name().to_owned();
                let rule = Rule::to(Target::Field(name.clone()));
                let take = self.take(path.to_owned(), From::Paths(vec![path.to_owned()]), field, rule);
                (used(Some(name), How::Named), Some(take))
            }
            Some(Meaning::Derived(name)) => (used(Some(name), How::Derived), None),
            None => (used(None, How::Left), None),
        }
    }

    /// Returns what a value that stands in no column goes into.
    pub(super) fn constant(&self, field: &str) -> Option<Take> {
        let target = Target::Field(field.to_owned());
        let field = self.target(&target, None, &mut Vec::new())?;
        let mut take = self.take(field.name().to_owned(), From::Cells(Vec::new()), field, Rule::to(target));
        // Whoever types it spells it rolo's way, however the file is written.
        take.numbers = Numbers::default();
        take.dates.formats.clear();
        Some(take)
    }

    /// Returns true where a word is the name of a column that is taken: what a header
    /// row is known by.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.mapping.names(word) || self.by_name(word).is_some()
    }

    fn take(&self, header: String, from: From, field: FieldRef, rule: Rule) -> Take {
        let file: &FileOptions = &self.mapping.file;
        let decimal = rule.decimal.or(file.decimal);
        let numbers = Numbers { decimal: decimal.unwrap_or('.'), thousands: file.thousands.filter(|mark| Some(*mark) != decimal) };
        let formats = if rule.dates.is_empty() { file.dates.clone() } else { rule.dates.clone() };
        let zone = file.timezone.unwrap_or(self.definitions.settings.timezone);
        let dates = Dates { formats, zone, order: None };
        Take { header, from, with: " ".to_owned(), label: None, field, rule, numbers, dates }
    }

    /// Returns the field that a mapping names.
    fn target(&self, target: &Target, at: Option<(u64, u64)>, problems: &mut Vec<Problem>) -> Option<FieldRef> {
        let mut tell = |problem: Problem| problems.push(self.mapping.placed(problem, at));
        if let Target::Custom { name, .. } = target {
            if let Some(field) = self.definitions.custom.get(self.kind, name) {
                return Some(FieldRef::of(self.kind, AnyField::Custom(field)));
            }
            tell(Problem::new("field", format!("{} has no custom field “{name}”", self.kind)).hint("--create-fields makes it"));
            return None;
        }
        match FieldRef::resolve(self.kind, target.name(), self.definitions) {
            Ok(field) if takes(&field) => Some(field),
            Ok(field) => {
                let problem = Problem::new("field", format!("“{}” cannot be imported", field.name()));
                tell(match field.leaf() {
                    Leaf::Followed(..) => problem.hint("it is a field of another record: import that kind"),
                    _ => problem.hint("it is kept by the store or summed up of other records"),
                });
                None
            }
            Err(error) => {
                tell(Problem::new("field", error.to_string()).hint(error.hint()));
                None
            }
        }
    }

    fn check_defaults(&self, problems: &mut Vec<Problem>) {
        for default in &self.mapping.defaults {
            self.target(&Target::Field(default.field.clone()), default.at, problems);
        }
    }

    /// Returns what a header means by its name alone.
    fn by_name(&self, header: &str) -> Option<Meaning> {
        let meaning = |field: FieldRef| match field.leaf() {
            Leaf::System(_) if takes(&field) => Some(Meaning::Field(field)),
            Leaf::System(_) | Leaf::Rollup(_) => Some(Meaning::Derived(field.name().to_owned())),
            Leaf::Followed(..) => None,
            _ if field.written().is_some() => Some(Meaning::Field(field)),
            _ => Some(Meaning::Derived(field.name().to_owned())),
        };
        let resolve = |name: &str| FieldRef::resolve(self.kind, name, self.definitions).ok();
        if let Some(field) = resolve(header.trim()) {
            return meaning(field);
        }
        if let Some(field) = resolve(&field_name(header)) {
            return meaning(field);
        }
        // `Firstname`, `E mail`: the letters of a name or alias.
        let letters = slug(header);
        let called = |name: &str| !letters.is_empty() && slug(name) == letters;
        let field = fields::fields(self.kind).find(|field| called(field.name) || field.aliases.iter().any(|alias| called(alias)))?;
        meaning(FieldRef::of(self.kind, AnyField::Builtin(field)))
    }
}

/// Returns true where an import can take values of the field.
fn takes(field: &FieldRef) -> bool {
    field.written().is_some() || matches!(field.leaf(), Leaf::System(System::Id | System::RecordedAt))
}

fn no_column(name: &str, header: &Header) -> Problem {
    let problem = Problem::new("column", format!("the file has no column “{name}”"));
    let names: Vec<String> = header.columns().iter().map(|column| column.name.clone()).collect();
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => problem.hint(format!("did you mean “{near}”?")),
        None => {
            const SHOWN: usize = 12;
            let more = if names.len() > SHOWN { ", …" } else { "" };
            problem.hint(format!("it has {}{more}", names[..names.len().min(SHOWN)].join(", ")))
        }
    }
}

impl Take {
    /// Lets a sample of the column's cells say how numbers and dates are written
    /// where nobody else did.
    pub(super) fn learn(&mut self, file: &FileOptions, cells: &[String]) {
        let said = self.rule.decimal.is_some() || file.decimal.is_some();
        let cells = || cells.iter().map(String::as_str).filter(|text| !cell::is_blank(text, &file.empty));
        if !said && is_number(self.field.field_type()) {
            self.numbers.decimal = cell::learn_decimal(cells()).unwrap_or('.');
        }
        if self.dates.formats.is_empty() && matches!(self.field.field_type(), FieldType::Date | FieldType::Time) {
            self.dates.order = moment::learn_order(cells());
        }
    }
}

/// Returns true for types whose values are written with digits and marks.
pub(super) fn is_number(ty: FieldType) -> bool {
    matches!(ty, FieldType::Int | FieldType::Number | FieldType::Percent | FieldType::Money)
}

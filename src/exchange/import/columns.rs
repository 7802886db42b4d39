//! Which columns of an input become which fields: what the mapping says, then what
//! names and aliases say; the rest is left over and named. It must not know rows'
//! contents beyond a sample, nor the store.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use crate::domain::definitions::Definitions;
use crate::domain::fold::{field_name, nearest, slug};
use crate::domain::{AnyField, Field, FieldRef, FieldType, Kind, Leaf, Pick, ROLLUPS, SYSTEM, StoredField, System, fields};
use crate::exchange::cell::{self, Numbers};
use crate::exchange::header::Header;
use crate::exchange::mapping::{FileOptions, Mapping, Names, Rule, Target};
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
    /// Where the source's id of the linked record stands.
    pub(super) id: Option<From>,
    /// Where the e-mail of the linked record stands.
    pub(super) email: Option<From>,
    /// The parts of an address, job or line that are one value; it stands nowhere itself.
    pub(super) parts: Vec<Take>,
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
    /// What the names of fields begin with, folded: few headers are any, and there may be
    /// many.
    names: OnceCell<HashSet<String>>,
}

/// What a name means for an import.
enum Meaning {
    Field(FieldRef),
    /// What the store keeps or derives.
    Derived(String),
}

impl<'a> Finder<'a> {
    /// Returns what finds the columns of a kind by a mapping.
    pub(super) fn new(kind: Kind, mapping: &'a Mapping, definitions: &'a Definitions) -> Self {
        Self { kind, mapping, definitions, names: OnceCell::new() }
    }

    /// Returns what the names of the kind's fields begin with, folded.
    fn names(&self) -> &HashSet<String> {
        self.names.get_or_init(|| {
            let own = fields::fields(self.kind).flat_map(|field| std::iter::once(field.name).chain(field.aliases.iter().copied()));
            let others = SYSTEM.iter().map(|(name, ..)| *name).chain(ROLLUPS.iter().map(|(name, ..)| *name));
            let custom = self.definitions.custom.of(self.kind).map(|field| field.name.as_str());
            let first_job: &[&str] =
                if self.kind == Kind::Contact { &["company", "account", "org", "organization", "title", "role"] } else { &[] };
            let all = own.chain(others).chain(custom).chain(first_job.iter().copied());
            all.flat_map(|name| [slug(name), slug(name.split('.').next().unwrap_or(name))]).collect()
        })
    }

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
            let there = joined.headers.iter().filter(|name| !joined.optional || header.find(name).is_some());
            let places: Vec<usize> = there.filter_map(|name| find(name, joined.at, &mut problems)).collect();
            if joined.optional && places.is_empty() {
                continue;
            }
            let Some(field) = self.target(&Target::Field(joined.field.clone()), joined.at, &mut problems) else { continue };
            let names: Vec<String> = places.iter().map(|at| header.name(*at)).collect();
            for (at, name) in places.iter().zip(&names) {
                said(&mut taken, *at, name, &field);
            }
            let rule = Rule::to(Target::Field(joined.field.clone()));
            let mut take = self.take(names.join(" + "), From::Cells(places), field, rule);
            take.with.clone_from(&joined.with);
            columns.takes.push(take);
        }
        let is_there = |name: &str| header.find(name).is_some();
        for column in self.mapping.columns.iter().flat_map(|column| column.expanded(&is_there)) {
            let Some(rule) = &column.rule else {
                // What is not taken need not be there.
                if let Some(at) = header.find(&column.header) {
                    taken.insert(at, Use { header: header.name(at), field: None, how: How::Dropped });
                }
                continue;
            };
            // The id or e-mail of a linked record says enough without its name.
            let is_enough = [&rule.id, &rule.email].into_iter().flatten().any(|name| is_there(name));
            let at = match header.find(&column.header) {
                None if is_enough => None,
                None if column.optional => continue,
                None => {
                    find(&column.header, column.at, &mut problems);
                    continue;
                }
                found => found,
            };
            let Some(field) = self.target(&rule.target, column.at, &mut problems) else { continue };
            let mut beside = |name: &Option<String>, problems: &mut Vec<Problem>| {
                let name = name.as_ref().filter(|name| (!column.optional && at.is_some()) || is_there(name))?;
                let at = find(name, column.at, problems)?;
                said(&mut taken, at, &header.name(at), &field);
                Some(at)
            };
            let places = [&rule.label, &rule.id, &rule.email].map(|name| beside(name, &mut problems));
            let [label, id, email] = places.map(|at| at.map(|at| From::Cells(vec![at])));
            let name = match at.or(places[1]).or(places[2]) {
                Some(at) => header.name(at),
                None => column.header.clone(),
            };
            if let Some(at) = at {
                said(&mut taken, at, &name, &field);
            }
            let take = self.take(name, From::Cells(at.into_iter().collect()), field, rule.clone());
            self.add(&mut columns.takes, Take { label, id, email, ..take });
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
            let path = |path: &Option<String>| path.as_ref().map(|path| From::Paths(vec![path.clone()]));
            (take.label, take.id, take.email) = (path(&rule.label), path(&rule.id), path(&rule.email));
            self.add(&mut columns.takes, take);
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
    pub(super) fn knows(&self, names: &Names, word: &str) -> bool {
        names.has(word) || self.by_name(word).is_some()
    }

    /// Adds a take; parts whose label stands in one column are one value together.
    fn add(&self, takes: &mut Vec<Take>, take: Take) {
        let Some(whole) = whole_of(&take).filter(|_| take.label.is_some()) else { return takes.push(take) };
        let same = |other: &&mut Take| {
            other.label == take.label
                && !other.parts.is_empty()
                && whole_of(&other.parts[0]).is_some_and(|known| known.number == whole.number)
        };
        if let Some(group) = takes.iter_mut().find(same) {
            group.header = format!("{} + {}", group.header, take.header);
            group.parts.push(take);
            return;
        }
        let field = FieldRef::of(self.kind, AnyField::Builtin(whole));
        let rule = Rule { policy: take.rule.policy, ..Rule::to(Target::Field(whole.name.to_owned())) };
        let group = self.take(take.header.clone(), From::Cells(Vec::new()), field, rule);
        takes.push(Take { label: take.label.clone(), parts: vec![take], ..group });
    }

    fn take(&self, header: String, from: From, field: FieldRef, rule: Rule) -> Take {
        let file: &FileOptions = &self.mapping.file;
        let decimal = rule.decimal.or(file.decimal);
        let numbers = Numbers { decimal: decimal.unwrap_or('.'), thousands: file.thousands.filter(|mark| Some(*mark) != decimal) };
        let formats = if rule.dates.is_empty() { file.dates.clone() } else { rule.dates.clone() };
        let zone = file.timezone.unwrap_or(self.definitions.settings.timezone);
        let dates = Dates { formats, zone, order: None };
        let with = " ".to_owned();
        Take { header, from, with, label: None, id: None, email: None, parts: Vec::new(), field, rule, numbers, dates }
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
        let begins = |name: &str| self.names().contains(&slug(name));
        if !begins(header) && !begins(header.split('.').next().unwrap_or(header)) {
            return None;
        }
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

/// Notes that a column goes into a field; one may go into several.
fn said(taken: &mut HashMap<usize, Use>, at: usize, header: &str, field: &FieldRef) {
    let used = taken.entry(at).or_insert_with(|| Use { header: header.to_owned(), field: None, how: How::Said });
    used.how = How::Said;
    match &mut used.field {
        Some(fields) if fields.split(", ").any(|known| known == field.name()) => {}
        Some(fields) => fields.push_str(&format!(", {}", field.name())),
        None => used.field = Some(field.name().to_owned()),
    }
}

/// Returns the field that a take gives an unlabelled part of.
fn whole_of(take: &Take) -> Option<&'static Field> {
    match take.field.leaf() {
        Leaf::Stored(StoredField { field, part: Some(_) }, Pick::All) => Some(field),
        _ => None,
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

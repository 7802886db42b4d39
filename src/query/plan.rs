//! What part of a query the store's indexes can answer.
//!
//! A plan never leaves out a record that matches; it may find more, unless it says
//! that it is exact. Only what must hold for every match is looked up: the parts
//! that all have to be true.

use std::fmt::{self, Display, Formatter};

use chrono::NaiveDate;

use crate::domain::fields::number;
use crate::domain::{Date, FieldNumber, FieldRef, FieldType, Kind, Leaf, Part, Pick, RecordId, System, Value};

use super::evaluate::{Matcher, Stretch};
use super::path::Node;
use super::resolve::{FieldTest, Test};
use super::want::{Check, Want};
use super::{Expr, ast, index};

/// How the records that match a query can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The records that alone can match, where the query names ids.
    pub ids: Option<Vec<RecordId>>,
    /// What can be looked up; a match stands in every one of them.
    pub lookups: Vec<Lookup>,
    /// Whether whatever stands in all of them matches: nothing else needs checking.
    pub exact: bool,
    /// The parts that need checking, in their canonical form.
    pub residual: Vec<String>,
}

/// What to look up in the index of one field; a match has one of these keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The field.
    pub field: FieldNumber,
    /// Its name.
    pub name: String,
    /// The keys; without any, nothing matches.
    pub ways: Vec<Way>,
    /// Whether every record under these keys passes this part of the query.
    pub exact: bool,
    /// The part of the query, in its canonical form.
    pub part: String,
}

/// Keys of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// This key.
    Equals(Vec<u8>),
    /// From this key, and up to and without that one.
    Range(Option<Vec<u8>>, Option<Vec<u8>>),
}

impl Way {
    /// Returns whether a key is one of these.
    pub fn takes(&self, key: &[u8]) -> bool {
        match self {
            Self::Equals(wanted) => wanted == key,
            Self::Range(from, to) => from.as_deref().is_none_or(|from| from <= key) && to.as_deref().is_none_or(|to| key < to),
        }
    }
}

impl Matcher<'_> {
    /// Returns how the records that match can be found.
    pub fn plan(&self) -> Plan {
        let query = self.query();
        let whole = std::slice::from_ref(&query.test);
        let tests = if let Test::All(tests) = &query.test { tests.as_slice() } else { whole };
        let parts = match &query.expr().node {
            ast::Node::And(parts) => parts.as_slice(),
            _ => std::slice::from_ref(query.expr()),
        };
        let mut plan = Plan { ids: None, lookups: Vec::new(), exact: true, residual: Vec::new() };
        for (test, part) in tests.iter().zip(parts) {
            let mut exact = false;
            if let Some(ids) = ids(test) {
                exact = true;
                plan.ids = Some(match plan.ids {
                    Some(known) => known.into_iter().filter(|id| ids.contains(id)).collect(),
                    None => ids,
                });
            } else if let Some(mut lookup) = self.lookup(test) {
                exact = lookup.exact;
                lookup.part = text_of(part);
                plan.lookups.push(lookup);
            }
            if !exact {
                plan.exact = false;
                plan.residual.push(text_of(part));
            }
        }
        plan
    }

    fn lookup(&self, test: &Test) -> Option<Lookup> {
        match test {
            Test::Field(field) if !field.none => self.field_lookup(field),
            Test::Any(tests) => {
                let mut all = tests.iter().map(|test| self.lookup(test));
                let first = all.next()??;
                all.try_fold(first, |mut joined, next| {
                    let next = next.filter(|next| next.field == joined.field)?;
                    joined.ways.extend(next.ways);
                    joined.exact &= next.exact;
                    Some(joined)
                })
            }
            _ => None,
        }
    }

    fn field_lookup(&self, test: &FieldTest) -> Option<Lookup> {
        let Node::End(field, want) = test.tree.node(test.tree.root) else { return None };
        let place = Place::of(field)?;
        let mut lookup = Lookup { field: place.field, name: place.name, ways: Vec::new(), exact: place.exact, part: String::new() };
        let checks = match want {
            Want::One(checks) => checks,
            // Few records have these: whoever has a value stands in the index.
            Want::Something if matches!(place.keys, Keys::Of(FieldType::Repeat | FieldType::Span)) && place.exact => {
                lookup.ways.push(Way::Range(None, None));
                return Some(lookup);
            }
            Want::Something => return None,
        };
        for check in checks {
            let (ways, exact) = self.ways(check, &place.keys)?;
            lookup.ways.extend(ways);
            lookup.exact &= exact;
        }
        Some(lookup)
    }

    /// Returns the keys of every value that passes a check, and whether those values
    /// alone have them; `None` where no keys say it.
    fn ways(&self, check: &Check, keys: &Keys<'_>) -> Option<(Vec<Way>, bool)> {
        let one = |key: Vec<u8>| Some((vec![Way::Equals(key)], true));
        match (check, keys) {
            (Check::Is(folded), Keys::Name) => Some((vec![Way::Equals(super::order::name_key_of(folded))], false)),
            (Check::Is(folded), Keys::Of(FieldType::Phone)) => one(index::phone_key(folded)),
            (Check::Is(folded), Keys::Of(_)) => one(index::text_key(folded)),
            (Check::Is(folded), Keys::Custom(name)) => one(index::custom_key(name, &Value::text(folded))?),
            (Check::DigitsAre(numbers), Keys::Of(FieldType::Phone)) => {
                Some((numbers.iter().map(|number| Way::Equals(index::phone_key(number))).collect(), true))
            }
            (Check::Id(id), Keys::Of(_)) => one(index::link_key(*id)),
            (Check::Me, Keys::Of(_)) => Some((self.context.me().map(|me| Way::Equals(index::link_key(me))).into_iter().collect(), true)),
            (Check::External(Some(source), id), Keys::Of(FieldType::ExternalId)) => one(index::external_key(source, id)),
            (Check::External(None, id), Keys::Source(source)) => one(index::external_key(source, id)),
            (Check::Time(span), Keys::Of(ty)) => Some(match self.stretch(*span) {
                Some(stretch) => between(&stretch, *ty == FieldType::Date),
                None => (Vec::new(), true),
            }),
            _ => None,
        }
    }
}

/// The index that has the values of a source.
struct Place<'a> {
    field: FieldNumber,
    name: String,
    keys: Keys<'a>,
    /// Whether it has no others.
    exact: bool,
}

/// How the index writes values.
enum Keys<'a> {
    /// As names, in their order.
    Name,
    /// As values of this type.
    Of(FieldType),
    /// As ids of this source.
    Source(&'a str),
    /// As values of this custom field.
    Custom(&'a str),
}

impl<'a> Place<'a> {
    fn of(path: &'a FieldRef) -> Option<Self> {
        let (stored, pick) = match path.leaf() {
            Leaf::Custom(field) => {
                return Some(Self { field: number::CUSTOM, name: field.name.clone(), keys: Keys::Custom(&field.name), exact: true });
            }
            Leaf::Stored(stored, pick) | Leaf::LinkId(stored, pick) => (stored, pick),
            _ => return None,
        };
        let field = stored.field;
        let is_name = index::order_field(path.kind()) == Some(field.number);
        if !field.indexed && !is_name {
            return None;
        }
        let keys = match (field.ty, pick, stored.part) {
            (_, _, None) if is_name => Keys::Name,
            (FieldType::ExternalId, Pick::Label(source, None), None) => Keys::Source(source),
            // A job is found by its company.
            (FieldType::Job, _, Some(Part::Company)) => Keys::Of(FieldType::Link(&[Kind::Company])),
            (FieldType::Job | FieldType::Line | FieldType::Address, ..) | (_, _, Some(_)) => return None,
            (ty, _, None) => Keys::Of(ty),
        };
        let exact = matches!(keys, Keys::Source(_)) || (*pick == Pick::All && stored.part.is_none());
        Some(Self { field: field.number, name: field.name.to_owned(), keys, exact })
    }
}

fn between(stretch: &Stretch, days: bool) -> (Vec<Way>, bool) {
    if days {
        let key = |day: NaiveDate| Date::from_naive(day).map(index::date_key);
        // Of a month that is only begun, the first day lies within and the last may not.
        (vec![Way::Range(stretch.first.and_then(key), stretch.after.and_then(key))], false)
    } else {
        (vec![Way::Range(stretch.from.map(index::time_key), stretch.to.map(index::time_key))], true)
    }
}

fn ids(test: &Test) -> Option<Vec<RecordId>> {
    let Test::Field(field) = test else { return None };
    let Node::End(path, Want::One(checks)) = field.tree.node(field.tree.root) else { return None };
    if field.none || !matches!(path.leaf(), Leaf::System(System::Id)) {
        return None;
    }
    checks.iter().map(|check| if let Check::Id(id) = check { Some(*id) } else { None }).collect()
}

fn text_of(part: &Expr) -> String {
    match part.node {
        ast::Node::Or(_) => format!("({part})"),
        _ => part.to_string(),
    }
}

impl Display for Plan {
    /// What `--explain` tells: what is looked up where, and what is then checked.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        if let Some(ids) = &self.ids {
            lines.push(format!("takes {} by id", counted(ids.len(), "record")));
        }
        for lookup in &self.lookups {
            let equals = lookup.ways.iter().filter(|way| matches!(way, Way::Equals(_))).count();
            let ways = match (equals, lookup.ways.len() - equals) {
                (0, 0) => "no key".to_owned(),
                (keys, 0) => counted(keys, "key"),
                (0, ranges) => counted(ranges, "range"),
                (keys, ranges) => format!("{} and {}", counted(keys, "key"), counted(ranges, "range")),
            };
            lines.push(format!("looks up {} in the index of {}: {ways}", lookup.part, lookup.name));
        }
        let everything = lines.is_empty();
        if everything {
            lines.push("reads every record".to_owned());
        }
        if !self.residual.is_empty() {
            lines.push(format!("checks {}", self.residual.join(" ")));
        } else if !everything {
            lines.push("checks nothing else".to_owned());
        }
        f.write_str(&lines.join("\n"))
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

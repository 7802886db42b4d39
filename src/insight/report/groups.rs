//! Rows of a report: records that have the same values of the fields asked for.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::ask::quote;
use super::{Ask, Cell, Column, Figure, ReportError, Shape};
use crate::domain::{FieldType, Kind, Lookup, Record, RecordId, fold};
use crate::insight::aggregate::{By, Stretch};

/// Short names of what sales people group by.
const SHORT: &[(&str, &str)] = &[
    ("agent", "owner"),
    ("manager", "owner.manager"),
    ("region", "owner.territory"),
    ("territory", "owner.territory"),
    ("segment", "company.industry"),
    ("reason", "lost_reason"),
    ("partner", "partner"),
    ("day", "closed_at"),
    ("month", "closed_at.month"),
    ("quarter", "closed_at.quarter"),
    ("year", "closed_at.year"),
];

/// The values that records of a row share: text, and the id of a linked record.
pub(super) type Key = Vec<(String, Option<RecordId>)>;

/// The fields by which rows are made.
#[derive(Debug, Clone, Default)]
pub(super) struct Grouping {
    /// Stretches of time, before the fields: of a moment that the report chooses.
    time: Option<Stretch>,
    by: Vec<By>,
}

impl Grouping {
    /// Returns the fields that were asked for, or these.
    pub(super) fn read(ask: &Ask, kind: Kind, otherwise: &str) -> Result<Self, ReportError> {
        Self::named(ask.get("by").unwrap_or(otherwise), kind, ask)
    }

    /// Returns the fields that were asked for, `month` and the like meaning a day that the
    /// report gives.
    pub(super) fn read_with_time(ask: &Ask, kind: Kind, otherwise: &str) -> Result<Self, ReportError> {
        let names: Vec<&str> = ask.get("by").unwrap_or(otherwise).split(',').map(str::trim).collect();
        let (times, fields): (Vec<&str>, Vec<&str>) = names.into_iter().partition(|name| Stretch::named(name).is_some());
        if let [_, second, ..] = times[..] {
            return Err(ReportError::usage(format!("--by takes one stretch of time, and {second} is another")));
        }
        let time = times.first().and_then(|name| Stretch::named(name));
        Ok(Self { time, ..Self::named(&fields.join(","), kind, ask)? })
    }

    /// Returns the fields of a list of names.
    pub(super) fn named(names: &str, kind: Kind, ask: &Ask) -> Result<Self, ReportError> {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        let by = names.map(|name| {
            let full = SHORT.iter().find(|(short, _)| short.eq_ignore_ascii_case(name)).filter(|_| kind == Kind::Opportunity);
            By::parse(kind, full.map_or(name, |(_, full)| full), &ask.definitions).map_err(|unknown| {
                let hint = unknown.hint();
                ReportError::usage(format!("--by: {unknown}")).hint(hint)
            })
        });
        Ok(Self { time: None, by: by.collect::<Result<_, _>>()? })
    }

    /// Returns whether all records make one row.
    pub(super) fn is_whole(&self) -> bool {
        self.by.is_empty() && self.time.is_none()
    }

    /// Returns the columns that name a row.
    pub(super) fn columns(&self) -> Vec<Column> {
        let time = self.time.map(Stretch::name);
        time.into_iter().chain(self.by.iter().map(By::name)).map(|name| Column::new(name, Shape::Text)).collect()
    }

    /// Returns the rows in which a record stands, each once: a record with several values
    /// of a field stands in several.
    pub(super) fn keys(&self, record: &Record, ask: &Ask, lookup: &dyn Lookup) -> Vec<Key> {
        self.keys_at(record, None, ask, lookup)
    }

    /// Returns the rows in which a record stands that is of a day.
    pub(super) fn keys_at(&self, record: &Record, day: Option<NaiveDate>, ask: &Ask, lookup: &dyn Lookup) -> Vec<Key> {
        let time = self.time.map(|stretch| (day.map(|day| stretch.of(day)).unwrap_or_default(), None));
        let mut keys: Vec<Key> = vec![time.into_iter().collect()];
        for by in &self.by {
            let groups = by.groups(record, &ask.definitions, lookup);
            keys = keys
                .into_iter()
                .flat_map(|key| groups.iter().map(move |group| [key.as_slice(), std::slice::from_ref(group)].concat()))
                .collect();
        }
        keys
    }

    /// Returns the query of what the records of a row have in common.
    pub(super) fn query(&self, key: &Key) -> String {
        let terms = self.by.iter().zip(self.values(key)).map(|(by, (text, id))| {
            let field = by.name().strip_suffix(".day").unwrap_or(by.name());
            match (id, text.is_empty(), by.is_day()) {
                (Some(id), ..) => format!("{field}.id:{id}"),
                (None, true, _) => format!("{}:", by.field()),
                (None, false, true) => format!("{}:{text}", by.field()),
                (None, false, false) if by.field_type() == FieldType::Flag => format!("{field}:{text}"),
                (None, false, false) => format!("{field}={}", quote(text)),
            }
        });
        terms.collect::<Vec<_>>().join(" ")
    }

    /// Returns the values of a row's fields, its stretch of time aside.
    pub(super) fn values<'k>(&self, key: &'k Key) -> &'k [(String, Option<RecordId>)] {
        &key[usize::from(self.time.is_some())..]
    }

    /// Returns the stretch of time of a row, empty where it has none.
    pub(super) fn time<'k>(&self, key: &'k Key) -> Option<&'k str> {
        self.time.and_then(|_| key.first()).map(|(text, _)| text.as_str())
    }

    /// Returns the names of the fields.
    pub(super) fn fields(&self) -> Vec<&str> {
        self.by.iter().map(By::name).collect()
    }

    /// Returns the cells that name a row.
    pub(super) fn cells(&self, key: &Key) -> Vec<Cell> {
        let cell = |(text, id): &(String, Option<RecordId>)| match id {
            Some(id) => Cell::of(Figure::Record(*id, text.clone())).behind(id.kind, format!("id:{id}")),
            None => Cell::text(if text.is_empty() { "(none)" } else { text }),
        };
        key.iter().map(cell).collect()
    }

    /// Returns the cells that stand in the place of names where all rows are meant.
    pub(super) fn all_cells(&self) -> Vec<Cell> {
        self.columns().iter().enumerate().map(|(at, _)| Cell::text(if at == 0 { "all" } else { "" })).collect()
    }

    /// Returns rows in their order: words of a list in the team's, else by name, those
    /// without a value last.
    pub(super) fn ordered<T>(&self, rows: BTreeMap<Key, T>, ask: &Ask) -> Vec<(Key, T)> {
        let time = self.time.map(|_| Vec::new());
        let words: Vec<Vec<&str>> = time.into_iter().chain(self.by.iter().map(|by| by.words(&ask.definitions))).collect();
        let mut rows: Vec<(Key, T)> = rows.into_iter().collect();
        rows.sort_by_cached_key(|(key, _)| {
            let places = key.iter().zip(&words).map(|((text, id), words)| {
                let rank = words.iter().position(|word| *word == text).unwrap_or(usize::MAX);
                (text.is_empty(), rank, fold::sort_key(text), text.clone(), *id)
            });
            places.collect::<Vec<_>>()
        });
        rows
    }
}

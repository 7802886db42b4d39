//! What goes out of any store comes back the same into an empty one, in every format.

#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::Value as Json;

use super::cards::Version;
use super::export::{Export, Shape};
use super::import::{Import, Input, Settings};
use super::mapping::Mapping;
use super::write::Layout;
use crate::actions::{Clock, Desk};
use crate::domain::fields::{self, number};
use crate::domain::naming::complete_name;
use crate::domain::samples::{definitions, documents, now, record};
use crate::domain::{Kind, NoLookup, Record, RecordId, Timestamp, Value, events, fill_defaults};
use crate::query::index;
use crate::store::api::{Author, Change, Commit, StepKind, Trash, new_id};

/// Those that others are made of by name come first, what tells of others last.
const ORDER: [Kind; 13] = [
    Kind::Team,
    Kind::User,
    Kind::Company,
    Kind::Contact,
    Kind::Product,
    Kind::Opportunity,
    Kind::Contract,
    Kind::Order,
    Kind::Ticket,
    Kind::Interaction,
    Kind::Task,
    Kind::Document,
    Kind::Event,
];

/// Returns an empty store with the team's definitions, its clock so many seconds ahead.
fn desk(later: i64) -> Desk {
    let mut desk = Desk::new(crate::store::memory().unwrap(), "ada");
    desk.clock = Clock::Fixed(Timestamp(now().0 + later * 1_000_000));
    let changes = documents().into_iter().zip(1..).map(|((name, text), at)| {
        let mut record = Record::new(new_id(Kind::Definition, at));
        record.set(number::DEFINITION_NAME, Value::text(name));
        record.set(number::DEFINITION_TEXT, Value::text(text));
        record
    });
    commit(&desk, changes.collect());
    desk
}

fn commit(desk: &Desk, records: Vec<Record>) {
    let changes = records.into_iter().map(|record| Change { id: record.id, based_on: Some(0), after: Some(record) }).collect();
    let commit = Commit {
        author: Author { login: "ada".into(), workspace: String::new() },
        label: "fill".into(),
        step: None,
        last: true,
        kind: StepKind::Do,
        key: None,
        at: desk.clock.fixed(),
        changes,
        absent: Vec::new(),
    };
    desk.store.commit(commit).unwrap();
}

/// Lets every link lead to a record that is there.
fn tie(value: &mut Value, counts: &HashMap<Kind, u64>) {
    let turn = |id: &mut RecordId| *id = new_id(id.kind, (id.number - 1) % counts[&id.kind] + 1);
    match value {
        Value::Link(id) => turn(id),
        Value::Job(job) => job.company.iter_mut().for_each(turn),
        Value::Line(line) => line.product.iter_mut().for_each(turn),
        Value::Labelled(_, inner) => tie(inner, counts),
        _ => {}
    }
}

/// Some records of every kind, as a store has them: named, with what follows from
/// them, tied to each other.
fn records() -> impl Strategy<Value = Vec<Record>> {
    let some: Vec<_> = ORDER.into_iter().map(|kind| proptest::collection::vec(record(kind), 1..4)).collect();
    some.prop_map(|kinds| {
        let counts: HashMap<Kind, u64> = kinds.iter().map(|records| (records[0].kind(), records.len() as u64)).collect();
        let mut all = Vec::new();
        for mut record in kinds.into_iter().flat_map(|records| {
            records.into_iter().zip(1..).map(|(mut record, at)| {
                record.id = new_id(record.kind(), at);
                record
            })
        }) {
            // Nobody has campaigns yet.
            record.fields.retain(|(_, value)| !matches!(value, Value::Link(id) if !counts.contains_key(&id.kind)));
            for (_, value) in &mut record.fields {
                tie(value, &counts);
            }
            // Nobody has the same value twice.
            let mut once: Vec<(u16, Value)> = Vec::new();
            for entry in std::mem::take(&mut record.fields) {
                if !once.contains(&entry) {
                    once.push(entry);
                }
            }
            record.fields = once;
            if record.kind() == Kind::Event && !record.has(number::EVENT_RECORD) {
                record.set(number::EVENT_RECORD, Value::Link(new_id(Kind::Company, 1)));
            }
            fill_defaults(&mut record, definitions(), now());
            complete_name(None, &mut record, &NoLookup, Some("import:1"));
            if record.kind() == Kind::Opportunity {
                let pipeline = definitions().pipeline_of(&record);
                let is_known = record.text(number::STAGE).is_some_and(|stage| pipeline.stage(stage).is_some());
                if !is_known {
                    record.set(number::STAGE, Value::text(&pipeline.first().name));
                }
            }
            if let Some(title) = fields::title_field(record.kind()).filter(|field| !record.has(field.number) && field.searched) {
                record.set(title.number, Value::text("nameless"));
            }
            all.push(record);
        }
        // What begins with a record is told by events, as everywhere.
        let mut next = counts[&Kind::Event];
        let begun: Vec<_> = all.iter().flat_map(|record| events(None, record, now(), "ada")).collect();
        all.extend(begun.into_iter().map(|fields| {
            next += 1;
            let mut event = Record::new(new_id(Kind::Event, next));
            fields.into_iter().for_each(|(field, value)| event.push(field, value));
            fill_defaults(&mut event, definitions(), now());
            event
        }));
        all
    })
}

const SHAPES: [Shape; 7] = [
    Shape::Table(Layout::Csv { raw: false }),
    Shape::Table(Layout::Tsv),
    Shape::Json,
    Shape::Jsonl,
    Shape::Vcard(Version::V3),
    Shape::Vcard(Version::V4),
    Shape::Ics,
];

/// Returns the shape for a kind: cards are people's and firms', calendars hold what is
/// to be done and was, the rest goes beside.
fn shape_for(kind: Kind, shape: Shape) -> Shape {
    match shape {
        Shape::Vcard(_) if !matches!(kind, Kind::Contact | Kind::Company) => Shape::Jsonl,
        Shape::Ics if !matches!(kind, Kind::Task | Kind::Interaction) => Shape::Jsonl,
        shape => shape,
    }
}

fn export(desk: &Desk, kind: Kind, shape: Shape) -> String {
    let export = Export { trash: Trash::With, ..Export::of(kind, shape, desk.view()) };
    let (_, bytes) = export.write(&*desk.store, Vec::new(), &mut |_| ()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Returns the records of a kind as JSON, their ids put for those of the store that
/// they come from, without what the store itself keeps.
fn state(desk: &Desk, kind: Kind, first: &HashMap<RecordId, RecordId>) -> Vec<String> {
    fn turn(json: &mut Json, first: &HashMap<RecordId, RecordId>) {
        match json {
            Json::Object(map) => {
                // A link is its id: its name may tell of other ids.
                if map.len() == 2 && map.contains_key("id") {
                    map.remove("name");
                }
                if let Some(Json::String(id)) = map.get_mut("id")
                    && let Ok(known) = id.parse::<RecordId>()
                    && let Some(other) = first.get(&known)
                {
                    *id = other.to_string();
                }
                map.values_mut().for_each(|inner| turn(inner, first));
            }
            Json::Array(items) => items.iter_mut().for_each(|inner| turn(inner, first)),
            _ => {}
        }
    }
    let mut lines: Vec<String> = export(desk, kind, Shape::Jsonl)
        .lines()
        .map(|line| {
            let mut json: Json = serde_json::from_str(line).unwrap();
            for derived in ["version", "recorded_at", "updated_at", "updated_by"] {
                json.as_object_mut().unwrap().remove(derived);
            }
            turn(&mut json, first);
            json.to_string()
        })
        .collect();
    lines.sort();
    lines
}

/// Returns of which record elsewhere each record here was made.
fn origins(desk: &Desk, there: &Desk) -> HashMap<RecordId, RecordId> {
    let mut first = HashMap::new();
    for kind in ORDER {
        for id in export(there, kind, Shape::Table(Layout::Ids)).lines().map(|line| line.parse::<RecordId>().unwrap()) {
            let key = Value::text(format!("import/{}/own:{id}", kind.name()));
            let key = index::key_of(Kind::Provenance, number::PROVENANCE_KEY, &key).unwrap();
            for kept in desk.store.lookup(Kind::Provenance, number::PROVENANCE_KEY, &key, 10).unwrap() {
                let kept = desk.store.get(&[kept]).unwrap().pop().flatten().unwrap();
                first.insert(kept.link(number::PROVENANCE_RECORD).unwrap(), id);
            }
        }
    }
    first
}

fn come_back(records: &[Record], shape: Shape) -> Result<(), TestCaseError> {
    let (one, other) = (desk(0), desk(3_600));
    commit(&one, records.to_vec());
    for kind in ORDER {
        let text = export(&one, kind, shape_for(kind, shape));
        let input = Input::new(format!("{}.x", kind.name()), Box::new(std::io::Cursor::new(text.clone().into_bytes())));
        let mut told = Told::default();
        let report = Import::new(&other, Settings::new(kind, Mapping::default())).run(vec![input], &mut told).unwrap();
        prop_assert_eq!(report.rejected, 0, "{:?} {}: {:?}\n{}", shape, kind, told.0, text);
    }
    let first = origins(&other, &one);
    for kind in ORDER {
        prop_assert_eq!(state(&other, kind, &first), state(&one, kind, &HashMap::new()), "{:?} {}", shape, kind);
    }
    // And what came back goes out again, and comes into the same store as nothing new.
    for kind in ORDER {
        let text = export(&other, kind, shape_for(kind, shape));
        let input = Input::new(kind.name(), Box::new(text.as_bytes()));
        let report = Import::new(&other, Settings::new(kind, Mapping::default())).run(vec![input], &mut ()).unwrap();
        prop_assert_eq!((report.created, report.updated, report.rejected), (0, 0, 0), "{:?} {}\n{}", shape, kind, text);
    }
    Ok(())
}

#[derive(Default)]
struct Told(Vec<String>);

impl super::import::Watch for Told {
    fn row(&mut self, plan: &super::import::RowPlan, raw: &str) -> std::io::Result<()> {
        self.0.extend(plan.problem.as_ref().map(|problem| format!("{problem} {:?}: {raw}", plan.column)));
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases / 10, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_store_comes_back_the_same(records in records(), shape in proptest::sample::select(SHAPES.to_vec())) {
        come_back(&records, shape)?;
    }
}

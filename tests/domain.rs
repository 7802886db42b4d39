//! The domain against texts that others made: naughty strings, terminal escapes, the
//! names of the world.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::{Path, PathBuf};

use rolo::domain::fold::{Needle, fold, sort_key};
use rolo::domain::{
    AnyField, Assignment, Definitions, FieldRef, IdsOnly, Kind, NoLookup, Op, Reading, Record, RecordId, Resolve, Timestamp, ValueError,
    apply_changes, assign, flat, json,
};
use unicode_normalization::UnicodeNormalization;

fn shared(path: &str) -> Option<PathBuf> {
    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data")).join(path);
    if file.exists() {
        return Some(file);
    }
    eprintln!("skipped: {} is not there", file.display());
    None
}

fn lines_of_json(path: &str) -> Option<Vec<serde_json::Value>> {
    let text = std::fs::read_to_string(shared(path)?).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Every naughty string, terminal escape and formula of the shared data.
fn hostile() -> Option<Vec<String>> {
    let blns: Vec<String> = serde_json::from_str(&std::fs::read_to_string(shared("unicode/blns/blns.json")?).unwrap()).unwrap();
    assert_eq!(blns.len(), 515);
    let escapes = lines_of_json("unicode/made-here/terminal_injection.jsonl")?;
    let formulas = std::fs::read_to_string(shared("unicode/csv-injection/csv-payload.txt")?).unwrap();
    let escapes = escapes.into_iter().map(|line| line["text"].as_str().unwrap().to_owned());
    Some(blns.into_iter().chain(escapes).chain(formulas.lines().map(str::to_owned)).collect())
}

struct Anyone;

impl Resolve for Anyone {
    fn resolve(&self, kinds: &[Kind], text: &str) -> Result<RecordId, ValueError> {
        IdsOnly.resolve(kinds, text)
    }
}

#[test]
fn hostile_strings_are_kept_or_refused_and_come_back() {
    let Some(strings) = hostile() else { return };
    let definitions = Definitions::from_documents([("fields", "[contact.memo]\ntype = \"text\"")]).unwrap();
    let reading = Reading::new(&definitions, Timestamp::EPOCH).with_links(&Anyone);
    let (mut kept, mut refused) = (0, 0);
    for text in &strings {
        let mut record = Record::new(RecordId::new(Kind::Contact, 1));
        for field in AnyField::all(Kind::Contact, &definitions) {
            let Ok(assignment) = Assignment::new(FieldRef::of(Kind::Contact, field), Op::Set, text) else { continue };
            let mut changed = record.clone();
            match assign(&mut changed, &[assignment], &reading) {
                Ok(()) => {
                    kept += 1;
                    record = changed;
                }
                Err(error) => {
                    refused += 1;
                    let told = format!("{error} {}", error.hint.as_deref().unwrap_or_default());
                    assert!(!told.chars().any(char::is_control), "{told:?}");
                }
            }
        }
        let object = serde_json::Value::Object(json::fields_of(&record, &definitions, &NoLookup));
        let read: serde_json::Value = serde_json::from_str(&object.to_string()).unwrap();
        let mut again = Record::new(record.id);
        apply_changes(&mut again, &json::changes(Kind::Contact, &read, &reading).unwrap(), &definitions).unwrap();
        assert_eq!(again, record, "{text:?} in JSON");
        let cells = flat(&record, &definitions, &NoLookup);
        let columns: Vec<Assignment> = cells
            .iter()
            .map(|(name, text)| Assignment::new(FieldRef::resolve(Kind::Contact, name, &definitions).unwrap(), Op::Set, text).unwrap())
            .collect();
        let mut again = Record::new(record.id);
        assign(&mut again, &columns, &reading).unwrap();
        assert_eq!(again, record, "{text:?} in columns");
    }
    assert!(kept > strings.len() * 5 && refused > strings.len() * 5, "{kept} kept, {refused} refused");
}

#[test]
fn names_of_the_world_are_found_as_people_type_them() {
    let Some(names) = lines_of_json("unicode/made-here/world_names.jsonl") else { return };
    for name in names {
        let whole = format!("{} {}", name["first"].as_str().unwrap(), name["last"].as_str().unwrap());
        let apart: String = whole.nfd().collect();
        for typed in [whole.to_lowercase(), whole.to_uppercase(), apart.clone(), fold(&whole)] {
            assert!(Needle::new(&typed).is(&whole), "{typed} is {whole}");
            assert!(Needle::new(&typed).is_in(&format!("Dr. {apart}, Ltd.")), "{typed} in {apart}");
        }
        assert_eq!(sort_key(&whole), sort_key(&apart));
    }
}

#[test]
fn latin_names_are_found_by_their_plain_letters() {
    let Some(file) = shared("unicode/popular-names/common-forenames-by-country.csv") else { return };
    let mut reader = csv::Reader::from_path(file).unwrap();
    let (mut latin, mut found) = (0, 0);
    for row in reader.records() {
        let row = row.unwrap();
        let (local, roman) = (row[10].trim(), row[11].trim());
        if local.chars().any(|c| c.is_alphabetic() && c > '\u{24f}') || roman.is_empty() {
            continue;
        }
        latin += 1;
        assert!(fold(local).is_ascii(), "{local} in plain letters");
        found += usize::from(Needle::new(&fold(roman)).is(local));
    }
    // Two are other names in the list itself: Giorgia and Georgia, Jakob and Jakov.
    assert_eq!((latin, found), (2139, 2137));
}

//! Every shared file, against what others read of it.

use std::collections::BTreeMap;
use std::fs;

use rolo::domain::{Recurrence, Timestamp};
use rolo::exchange::rows::{Row, Values};
use serde_json::{Map, Value as Json};

use super::{data, read, table};

fn tree(row: &Row) -> &Map<String, Json> {
    match &row.values {
        Values::Tree(tree) => tree,
        Values::Cells(_) => panic!("cells where a tree was expected"),
    }
}

/// Returns the texts of a member, labels aside.
fn texts(tree: &Map<String, Json>, member: &str, part: &str) -> Vec<String> {
    let one = |json: &Json| match json {
        Json::String(text) => Some(text.clone()),
        Json::Object(map) if !part.is_empty() => map.get(part).and_then(Json::as_str).map(str::to_owned),
        Json::Object(map) => map.get("value").and_then(Json::as_str).map(str::to_owned),
        _ => None,
    };
    match tree.get(member) {
        Some(Json::Array(list)) => list.iter().filter_map(one).collect(),
        Some(json) => one(json).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Returns how a text is compared: without marks and spaces that mean nothing.
fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\\' | ',' | ';' | ':' | '(' | ')')).collect::<String>().to_lowercase()
}

#[test]
fn every_card_is_read_or_rejected_for_its_own_fault() {
    let Some(folder) = data() else { return };
    let rejected = table("rejected");
    let mut told: Vec<String> = Vec::new();
    for line in table("vcard_records") {
        let [file, begins, _] = &line[..] else { panic!("{line:?}") };
        let found = read(&fs::read(folder.join(file)).unwrap(), file);
        let count = found.rows.len() + found.bad.len();
        assert_eq!(count.to_string(), *begins, "{file}: {:?}", found.facts.notes);
        for bad in &found.bad {
            let is_known = rejected.iter().any(|row| row[0] == *file && row[1] == bad.line.to_string() && row[2] == bad.problem.code);
            if !is_known {
                told.push(format!("{file}\t{}\t{}\t{}", bad.line, bad.problem.code, bad.problem.message));
            }
        }
    }
    assert!(told.is_empty(), "rejected and not listed:\n{}", told.join("\n"));
}

#[test]
fn every_component_of_a_calendar_is_read_or_rejected_for_its_own_fault() {
    let Some(folder) = data() else { return };
    let rejected = table("rejected");
    let mut told: Vec<String> = Vec::new();
    for line in table("ical_records") {
        let file = &line[0];
        let begins: usize = line[1..4].iter().map(|count| count.parse::<usize>().unwrap()).sum();
        let found = read(&fs::read(folder.join(file)).unwrap(), file);
        assert_eq!(found.rows.len() + found.bad.len(), begins, "{file}: {:?}", found.facts.notes);
        for bad in &found.bad {
            let is_known = rejected.iter().any(|row| row[0] == *file && row[1] == bad.line.to_string() && row[2] == bad.problem.code);
            if !is_known {
                told.push(format!("{file}\t{}\t{}\t{}", bad.line, bad.problem.code, bad.problem.message));
            }
        }
    }
    assert!(told.is_empty(), "rejected and not listed:\n{}", told.join("\n"));
}

#[test]
fn cards_say_what_another_reader_reads_in_them() {
    let Some(folder) = data() else { return };
    let differs = table("differs");
    let mut cards: BTreeMap<String, Vec<Option<Row>>> = BTreeMap::new();
    let (mut compared, mut told) = (0, Vec::new());
    for line in table("vcard_fields") {
        let [file, at, property, value] = &line[..] else { panic!("{line:?}") };
        let rows = cards.entry(file.clone()).or_insert_with(|| {
            let found = read(&fs::read(folder.join(file)).unwrap(), file);
            // Cards that were rejected keep their place.
            let mut all: Vec<(u64, Option<Row>)> = found.rows.into_iter().map(|row| (row.number, Some(row))).collect();
            all.extend(found.bad.iter().map(|bad| (bad.number, None)));
            all.sort_by_key(|(number, _)| *number);
            all.into_iter().map(|(_, row)| row).collect()
        });
        let Some(Some(row)) = rows.get(at.parse::<usize>().unwrap()) else { continue };
        let tree = tree(row);
        let ours: Vec<String> = match property.as_str() {
            "fn" => texts(tree, "name", ""),
            "email" => texts(tree, "email", ""),
            "tel" => texts(tree, "phone", ""),
            "url" => texts(tree, "url", ""),
            "bday" => texts(tree, "birthday", ""),
            "nickname" => texts(tree, "nickname", ""),
            "title" => texts(tree, "jobs", "title"),
            "uid" => texts(tree, "external_id", "").into_iter().chain(texts(tree, "uid", "")).map(|id| format!("urn:uuid:{id}")).collect(),
            "org" => match tree.get("jobs") {
                Some(Json::Array(jobs)) => {
                    jobs.iter().filter_map(|job| Some(job.get("company")?.get("name")?.as_str()?.to_owned())).collect()
                }
                _ => texts(tree, "name", ""),
            },
            "n.family" | "n.given" | "n.prefix" | "n.suffix" => {
                texts(tree, &property[2..], "").into_iter().chain(texts(tree, "contact-person", "")).collect()
            }
            "adr.street" => texts(tree, "address", "street").into_iter().chain(texts(tree, "address", "street2")).collect(),
            "adr.city" => texts(tree, "address", "city"),
            "adr.code" => texts(tree, "address", "postcode"),
            "adr.country" => texts(tree, "address", "country"),
            other => panic!("{other}"),
        };
        compared += 1;
        let wanted = bare(value);
        let is_same = ours.iter().any(|one| {
            let one = bare(one);
            one == wanted || one.contains(&wanted) || (!one.is_empty() && wanted.contains(&one))
        });
        let is_known = differs.iter().any(|row| row[0] == *file && row[1] == *at && row[2] == *property);
        if !is_same && !is_known {
            told.push(format!("{file}\t{at}\t{property}\t{value:?} against {ours:?}"));
        }
    }
    println!("{compared} values compared");
    assert!(compared > 500 && told.is_empty(), "{compared} compared, these differ:\n{}", told.join("\n"));
}

#[test]
fn components_say_what_another_reader_reads_in_them() {
    let Some(folder) = data() else { return };
    let differs = table("differs");
    let mut calendars: BTreeMap<String, Vec<Option<Row>>> = BTreeMap::new();
    let (mut compared, mut told) = (0, Vec::new());
    for line in table("ical_fields") {
        let [file, at, property, value] = &line[..] else { panic!("{line:?}") };
        let rows = calendars.entry(file.clone()).or_insert_with(|| {
            let found = read(&fs::read(folder.join(file)).unwrap(), file);
            let mut all: Vec<(u64, Option<Row>)> = found.rows.into_iter().map(|row| (row.number, Some(row))).collect();
            all.extend(found.bad.iter().map(|bad| (bad.number, None)));
            all.sort_by_key(|(number, _)| *number);
            all.into_iter().map(|(_, row)| row).collect()
        });
        let Some(Some(row)) = rows.get(at.parse::<usize>().unwrap()) else { continue };
        let tree = tree(row);
        let ours: Vec<String> = match property.as_str() {
            "SUMMARY" => texts(tree, "subject", "").into_iter().chain(texts(tree, "title", "")).collect(),
            "UID" => texts(tree, "external_id", "").into_iter().chain(texts(tree, "uid", "")).collect(),
            "LOCATION" => texts(tree, "notes", ""),
            "DTSTART" => texts(tree, "at", "").into_iter().chain(texts(tree, "due", "")).collect(),
            "DUE" => texts(tree, "due", ""),
            "COMPLETED" => texts(tree, "done_at", ""),
            "RECURRENCE-ID" => texts(tree, "external_id", ""),
            other => panic!("{other}"),
        };
        // The start of a to-do that says when it is due is none of its fields.
        if property == "DTSTART" && !tree.contains_key("at") {
            continue;
        }
        compared += 1;
        let wanted = bare(value);
        let is_same = ours.iter().any(|one| {
            bare(one) == wanted || (bare(one).contains(&wanted) && matches!(property.as_str(), "LOCATION" | "UID" | "RECURRENCE-ID"))
        });
        let is_known = differs.iter().any(|row| row[0] == *file && row[1] == *at && row[2] == *property);
        if !is_same && !is_known {
            told.push(format!("{file}\t{at}\t{property}\t{value:?} against {ours:?}"));
        }
    }
    println!("{compared} values compared");
    assert!(compared > 250 && told.is_empty(), "{compared} compared, these differ:\n{}", told.join("\n"));
}

#[test]
fn rules_come_to_the_moments_that_another_library_gives() {
    let mut told = Vec::new();
    let (rules, differs) = (table("recurrences"), table("differs"));
    for line in &rules {
        let [rule, zone, start, expected] = &line[..] else { panic!("{line:?}") };
        let start = Timestamp::from_rfc3339(start).unwrap();
        let years = Timestamp(start.0 + 365 * 12 * 86_400 * 1_000_000);
        let found = rule
            .parse::<Recurrence>()
            .and_then(|rule| rule.between(start, zone.parse().unwrap(), start, years, 12))
            .map(|found| found.times.iter().map(|at| at.utc().format("%Y%m%dT%H%M%SZ").to_string()).collect::<Vec<_>>().join(" "));
        match found {
            Ok(found) if found == *expected => {}
            Ok(_) if differs.iter().any(|row| row[0] == *rule && row[1] == *zone) => {}
            Ok(found) => told.push(format!("{rule} in {zone} from {start}\n  {expected}\n  {found}")),
            Err(why) => told.push(format!("{rule} in {zone}: {why}")),
        }
    }
    assert!(rules.len() > 250 && told.is_empty(), "{} of {} differ:\n{}", told.len(), rules.len(), told.join("\n"));
}

//! A plan is read, compared, edited and carried out: as it was planned, or not at all.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolo::actions::{ActionError, Target, Which, set_texts, undo};
use rolo::domain::Kind;
use rolo::exchange::applying::{Applying, is_overtaken};
use rolo::exchange::import::{Action, Report};
use rolo::exchange::intake::Intake;
use rolo::exchange::mapping::Flags;
use rolo::store::api::Store;
use serde_json::Value as Json;

use crate::common::{Folder, Told, all, counts, data, desk, run, store, text};

const PEOPLE: &str = "external_id,name,email,phone,company\n\
    1,Ada Novák,ada@acme.cz,+420601123456,Acme\n\
    2,Bo Li,bo@beta.example,,Beta\n\
    3,Eva,not an address,,\n\
    4,\"Dan, the\nman\",dan@acme.cz,,Acme\n";

fn planned(store: &Arc<dyn Store>, folder: &Folder, file: &Path) -> (Report, PathBuf) {
    let plan = folder.path("plan.jsonl");
    let intake = Intake { plan: Some(plan.clone()), ..people(folder, file) };
    (run(store, &intake).unwrap().0, plan)
}

/// An import of contacts whose ids are of a source called hq.
fn people(folder: &Folder, file: &Path) -> Intake {
    let flags = Flags { source: Some("hq".into()), ..Flags::default() };
    Intake { kind: Some(Kind::Contact), flags, ..folder.intake(&[file]) }
}

fn apply(store: &Arc<dyn Store>, folder: &Folder, plan: &Path) -> Result<(Report, Told), ActionError> {
    let desk = desk(store);
    let mut told = Told::default();
    let applying = Applying { plan: plan.to_path_buf(), dry_run: false, rejects: folder.path("rejects.csv") };
    let report = applying.ready(None, &desk)?.run(&desk, &mut told)?;
    Ok((report, told))
}

fn lines(plan: &Path) -> Vec<Json> {
    fs::read_to_string(plan).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn set(store: &Arc<dyn Store>, id: &str, assignment: &str) {
    set_texts(&desk(store), &Target::Ids(vec![id.parse().unwrap()]), &[assignment.to_owned()], None, false).unwrap();
}

#[test]
fn a_plan_says_everything_and_is_carried_out_as_one_step() {
    let (folder, store) = (Folder::new(), store());
    let file = folder.file("people.csv", PEOPLE);
    let (report, plan) = planned(&store, &folder, &file);
    assert_eq!(counts(&report), [4, 3, 0, 0, 1]);
    assert!(all(&store, Kind::Contact).is_empty() && all(&store, Kind::Company).is_empty(), "nothing is changed");
    assert!(!folder.path("rejects.csv").exists());

    let said = lines(&plan);
    assert_eq!(said.len(), 7);
    assert_eq!((&said[0]["rolo"], &said[0]["by"], &said[0]["at"]), (&"import plan".into(), &"ada".into(), &"2026-01-31T12:00:00Z".into()));
    assert_eq!(said[0]["store"], Json::from(store.stats().unwrap().store_id));
    assert_eq!((&said[1]["kind"], &said[1]["format"]), (&"contact".into(), &"csv".into()));
    assert_eq!(said[2]["action"], "create");
    assert_eq!(said[2]["values"]["email"], "ada@acme.cz");
    let changed: Vec<(String, String)> = said[2]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["field"].as_str().unwrap().to_owned(), change["after"].as_str().unwrap().to_owned()))
        .collect();
    assert!(
        changed.contains(&("name".into(), "Ada Novák".into())) && changed.contains(&("phone".into(), "+420601123456".into())),
        "{changed:?}"
    );
    assert_eq!(said[4]["action"], "reject");
    assert_eq!((&said[4]["problem"]["column"], &said[4]["raw"]), (&"email".into(), &"3,Eva,not an address,,".into()));
    assert_eq!(said[6], serde_json::json!({"planned": 4, "create": 3, "update": 0, "unchanged": 0, "reject": 1}));

    let (report, _) = apply(&store, &folder, &plan).unwrap();
    assert_eq!((counts(&report), report.conflicts), ([4, 3, 0, 0, 1], 0));
    let contacts = all(&store, Kind::Contact);
    assert_eq!((contacts.len(), all(&store, Kind::Company).len()), (3, 2));
    assert_eq!(text(&store, &contacts[2], "name"), "Dan, the man");
    // What was rejected comes back as it was.
    let rejects = fs::read_to_string(folder.path("rejects.csv")).unwrap();
    assert!(
        rejects.contains("3,Eva,not an address,,\n") && rejects.starts_with("_line,_column,_code,_message,external_id,name"),
        "{rejects}"
    );

    // Twice is once.
    let (again, _) = apply(&store, &folder, &plan).unwrap();
    assert_eq!((counts(&again), again.conflicts, again.step), ([4, 0, 0, 3, 1], 0, None));
    // And it is what the import itself would have done.
    let (direct, _) = run(&store, &people(&folder, &file)).unwrap();
    assert_eq!(counts(&direct), [4, 0, 0, 3, 1]);

    let step = report.step.unwrap().trim_start_matches('@').parse().unwrap();
    undo(&desk(&store), &Which::Steps(vec![step]), false, false).unwrap();
    assert!(all(&store, Kind::Contact).is_empty() && all(&store, Kind::Company).is_empty(), "one undo takes all of it back");
}

#[test]
fn what_changed_meanwhile_is_rejected_row_by_row() {
    let (folder, store) = (Folder::new(), store());
    let first = folder.file("first.csv", "external_id,name,email,phone\n1,Ada,ada@acme.cz,+420601000001\n2,Bo,bo@acme.cz,+420601000002\n");
    let intake = |file: &Path| people(&folder, file);
    run(&store, &intake(&first)).unwrap();
    let second = folder.file(
        "second.csv",
        "external_id,name,email,phone\n1,Ada,ada@acme.cz,+420601000011\n2,Bo,bo@acme.cz,+420601000012\n9,Cy,cy@acme.cz,\n",
    );
    let plan = folder.path("plan.jsonl");
    let (report, _) = run(&store, &Intake { plan: Some(plan.clone()), flags: overwrite(), ..intake(&second) }).unwrap();
    assert_eq!(counts(&report), [3, 1, 2, 0, 0]);
    let said = lines(&plan);
    assert_eq!((&said[2]["record"], &said[2]["action"]), (&"c1".into(), &"update".into()));
    assert_eq!(said[2]["key"], "external_id 1");

    set(&store, "c1", "phone=+420601000099");
    let third = folder.file("third.csv", "name,email\nCyril,cy@acme.cz\n");
    run(&store, &intake(&third)).unwrap();

    let (report, told) = apply(&store, &folder, &plan).unwrap();
    assert_eq!((counts(&report), report.conflicts), ([3, 0, 1, 0, 2], 2));
    assert!(!is_overtaken(&report));
    let problems: Vec<String> =
        told.plans.iter().filter(|plan| plan.action == Action::Reject).map(|plan| plan.problem.as_ref().unwrap().to_string()).collect();
    assert_eq!(
        problems,
        [
            "line 2: phone was “+420601000001” when it was planned, and is “+420601000099” now (plan it again)",
            "line 4: it was planned as a new record, and c3 is there now, found by email cy@acme.cz (plan it again)",
        ]
    );
    let contacts = all(&store, Kind::Contact);
    assert_eq!(text(&store, &contacts[0], "phone"), "+420601000099");
    assert_eq!(text(&store, &contacts[1], "phone"), "+420601000012");
    assert_eq!(text(&store, &contacts[2], "name"), "Cyril");
    // The rows that were not taken are a file like the one that they came in.
    let rejects = folder.path("rejects.csv");
    let (report, _) = run(&store, &Intake { flags: overwrite(), rejects: folder.path("more.csv"), ..intake(&rejects) }).unwrap();
    assert_eq!(counts(&report), [2, 0, 2, 0, 0]);
}

fn overwrite() -> Flags {
    Flags { on_match: Some("overwrite".into()), source: Some("hq".into()), ..Flags::default() }
}

#[test]
fn rows_may_be_cut_out_of_a_plan() {
    let (folder, store) = (Folder::new(), store());
    let file = folder.file("people.csv", PEOPLE);
    let (_, plan) = planned(&store, &folder, &file);
    let kept: Vec<String> =
        fs::read_to_string(&plan).unwrap().lines().filter(|line| !line.contains("\"row\":1,")).map(str::to_owned).collect();
    fs::write(&plan, kept.join("\n")).unwrap();
    // Dan's firm was to be made of Ada's row, and is made of his.
    let (report, _) = apply(&store, &folder, &plan).unwrap();
    assert_eq!((counts(&report), report.conflicts), ([3, 2, 0, 0, 1], 0));
    let names: Vec<String> = all(&store, Kind::Contact).iter().map(|contact| text(&store, contact, "company")).collect();
    assert_eq!(names, ["Beta", "Acme"]);
}

#[test]
fn a_plan_of_presets_json_and_made_fields_is_carried_out_alike() {
    let (folder, store) = (Folder::new(), store());
    let deals = folder.file("deals.csv", "Record ID,Deal Name,Deal Stage,Amount,Our Column\n7,Seats,Closed Won,\"1,200.50\",x\n");
    let people =
        folder.file("people.jsonl", "{\"name\":\"Ada\",\"address\":{\"home\":{\"city\":\"Brno\"}},\"email\":[\"a@b.cz\",\"c@d.cz\"]}\n");
    let plan = folder.path("plan.jsonl");
    let intake = Intake { plan: Some(plan.clone()), create_fields: true, ..folder.intake(&[&deals]) };
    assert_eq!(counts(&run(&store, &intake).unwrap().0), [1, 1, 0, 0, 0]);
    let (report, _) = apply(&store, &folder, &plan).unwrap();
    assert_eq!((counts(&report), report.conflicts), ([1, 1, 0, 0, 0], 0));
    let deal = all(&store, Kind::Opportunity).remove(0);
    assert_eq!((text(&store, &deal, "stage").as_str(), text(&store, &deal, "our_column").as_str()), ("won", "x"));
    let (report, plan) = planned(&store, &folder, &people);
    assert_eq!(counts(&report), [1, 1, 0, 0, 0]);
    let (report, _) = apply(&store, &folder, &plan).unwrap();
    assert_eq!((counts(&report), report.conflicts), ([1, 1, 0, 0, 0], 0));
    assert_eq!(text(&store, &all(&store, Kind::Contact)[0], "email"), "a@b.cz; c@d.cz");
}

#[test]
fn real_files_are_planned_and_applied_as_they_are_imported() {
    for path in [
        "csv/made-here/kontakty_cz_cp1250_sep.csv",
        "csv/made-here/google_contacts_legacy_utf16le.csv",
        "csv/made-here/outlook_contacts_cp1252.csv",
    ] {
        let Some(file) = data(path) else { return };
        let (folder, planned_in, direct) = (Folder::new(), store(), store());
        let (report, plan) = planned(&planned_in, &folder, &file);
        let (applied, _) = apply(&planned_in, &folder, &plan).unwrap();
        let (imported, _) = run(&direct, &people(&folder, &file)).unwrap();
        assert_eq!(counts(&report), counts(&applied), "{path}");
        assert_eq!(counts(&imported), counts(&applied), "{path}");
        let fields = |store: &Arc<dyn Store>| all(store, Kind::Contact).iter().map(|record| record.fields.clone()).collect::<Vec<_>>();
        assert_eq!(fields(&planned_in), fields(&direct), "{path}");
    }
}

#[test]
fn what_is_no_plan_is_told() {
    let (folder, store) = (Folder::new(), store());
    let file = folder.file("people.csv", PEOPLE);
    let (_, plan) = planned(&store, &folder, &file);
    let whole = fs::read_to_string(&plan).unwrap();
    let told = |name: &str, text: &str| {
        let plan = folder.file(name, text);
        let error = apply(&store, &folder, &plan).err().unwrap();
        let hint = error.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        format!("{} {}{hint}", error.code, error.message.replace(&folder.0.path().display().to_string(), "DIR"))
    };
    assert_eq!(told("a.csv", PEOPLE), "1 DIR/a.csv:1: this is no plan of an import (rolo import FILE --plan PLAN writes one)");
    assert_eq!(told("empty", ""), "1 DIR/empty:1: this is no plan of an import (rolo import FILE --plan PLAN writes one)");
    let cut: String = whole.lines().take(4).map(|line| format!("{line}\n")).collect();
    assert_eq!(told("cut", &cut), "1 DIR/cut:5: the plan is cut off: its last line is missing (plan it again)");
    assert_eq!(
        told("later", &whole.replace("\"version\":1", "\"version\":9")),
        "1 DIR/later:1: the plan is of form 9, this rolo reads 1 (take a newer rolo)"
    );
    let other = whole.replace(&store.stats().unwrap().store_id, "0000");
    assert!(told("other", &other).starts_with("5 DIR/other: the plan is for the store 0000, this one is "), "{}", told("other", &other));
    let slip = "1 DIR/slip:4: no row of a plan: invalid type: string \"2\", expected u64 at line 1 column 10";
    assert_eq!(told("slip", &whole.replace("\"row\":2,", "\"row\":\"2\",")), slip);
    assert!(all(&store, Kind::Contact).is_empty());
}

const CARDS: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:one\r\nFN:Ada Novák\r\nN:Novák;Ada;;;\r\nORG:Acme\r\nEMAIL:ada@acme.cz\r\nBDAY:not a day\r\n\
    PHOTO;ENCODING=b;TYPE=PNG:iVBORw0KGgo=\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nUID:two\r\nFN:Beta\r\nORG:Beta\r\n\
    X-ABShowAs:COMPANY\r\nURL:https://beta.example\r\nEND:VCARD\r\n";

const MAIL: &str = "From: Ada <ada@acme.cz>\r\nTo: us@rolo.example\r\nSubject: A price\r\nMessage-ID: <one@acme.cz>\r\n\
    Date: Mon, 5 Jan 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain\r\n\r\nHow much?\r\n--b\r\nContent-Type: text/csv; name=list.csv\r\n\
    Content-Disposition: attachment; filename=list.csv\r\n\r\na,b\r\n--b--\r\n";

const MEETING: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:m1\r\nDTSTART:20260105T100000Z\r\nSUMMARY:Prices\r\n\
    ORGANIZER;CN=Ada:mailto:ada@acme.cz\r\nATTENDEE:mailto:us@rolo.example\r\nEND:VEVENT\r\nBEGIN:VTODO\r\nUID:k1\r\nSUMMARY:Call Ada\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";

/// Every kind that an input can fill, without what the store itself says of a record.
fn whole(store: &Arc<dyn Store>) -> Vec<String> {
    let own = ["recorded_at", "updated_at"];
    let kinds = [Kind::Contact, Kind::Company, Kind::Interaction, Kind::Task, Kind::Document];
    let records = kinds.into_iter().flat_map(|kind| all(store, kind));
    let said = |record: &rolo::domain::Record| {
        let fields = record.fields.iter().filter(|(number, _)| {
            !own.iter().any(|name| rolo::domain::fields::field_by_number(record.id.kind, *number).is_some_and(|field| field.name == *name))
        });
        format!("{} {:?}", record.id, fields.collect::<Vec<_>>())
    };
    records.map(|record| said(&record)).collect()
}

#[test]
fn cards_mail_and_calendars_are_planned_too_with_what_came_with_them() {
    for (name, text, counted) in [("people.vcf", CARDS, 2), ("mail.eml", MAIL, 1), ("week.ics", MEETING, 2)] {
        let (folder, direct, store) = (Folder::new(), store(), store());
        let file = folder.file(name, text);
        let plan = folder.path("plan.jsonl");
        let intake = Intake { me: vec!["us@rolo.example".into()], ..folder.intake(&[&file]) };
        let (report, _) = run(&store, &Intake { plan: Some(plan.clone()), ..intake.clone() }).unwrap();
        assert_eq!((report.read, report.created), (counted, counted), "{name}");
        assert!(whole(&store).is_empty(), "{name}: nothing is changed");
        let (report, told) = apply(&store, &folder, &plan).unwrap();
        assert_eq!((report.created, report.rejected), (counted, 0), "{name}: {:?}", told.said);
        run(&direct, &intake).unwrap();
        assert_eq!(whole(&store), whole(&direct), "{name}: what was planned is what the import does");
        let (again, _) = apply(&store, &folder, &plan).unwrap();
        assert_eq!((again.created, again.updated, again.unchanged), (0, 0, counted), "{name}");
    }
}

#[test]
fn a_plan_comes_through_a_pipe() {
    let (folder, store) = (Folder::new(), store());
    let file = folder.file("people.csv", PEOPLE);
    let (_, plan) = planned(&store, &folder, &file);
    let desk = desk(&store);
    let applying = Applying { plan: PathBuf::from("-"), dry_run: false, rejects: folder.path("rejects.csv") };
    let mut typed = fs::File::open(&plan).unwrap();
    let report = applying.ready(Some(&mut typed), &desk).unwrap().run(&desk, &mut Told::default()).unwrap();
    assert_eq!(counts(&report), [4, 3, 0, 0, 1]);
    let Err(error) = applying.ready(None, &desk) else { panic!("there is nothing to read") };
    assert_eq!(error.code, 2);
    let Err(error) = applying.ready(Some(&mut "{\"rolo\"".as_bytes()), &desk) else { panic!("that is no plan") };
    assert!(error.message.starts_with("standard input:1: this is no plan"), "{}", error.message);
}

//! Imports of real files into a store, with the mapping files beside this one.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolo::actions::{Clock, Desk};
use rolo::domain::fields::number;
use rolo::domain::{FieldRef, Kind, NoLookup, Record, RecordId, Timestamp, Value};
use rolo::exchange::import::{Action, Import, ImportError, Input, RejectsWriter, Report, RowPlan, Settings, Use, Watch};
use rolo::exchange::mapping::{Flags, Mapping, OnMatch};
use rolo::exchange::rows::Facts;
use rolo::store::api::{Author, Change, Commit, PageRequest, StepKind, Store, Trash, View};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

fn data(path: &str) -> Option<PathBuf> {
    let full = Path::new(DATA).join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: the shared data folder is not here ({path})");
    None
}

fn mapping(name: &str) -> Mapping {
    let path = format!("{}/tests/mappings/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Mapping::parse(&fs::read_to_string(path).unwrap(), &format!("{name}.toml")).unwrap()
}

fn store() -> Arc<dyn Store> {
    rolo::store::memory().unwrap()
}

fn desk(store: &Arc<dyn Store>) -> Desk {
    let mut desk = Desk::new(Arc::clone(store), "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    desk
}

fn settings(kind: Kind, mapping: Mapping) -> Settings {
    Settings::new(kind, mapping)
}

/// What an import told.
#[derive(Default)]
struct Told {
    plans: Vec<RowPlan>,
    writer: Option<RejectsWriter<Vec<u8>>>,
    rejects: Vec<u8>,
    facts: Option<Facts>,
    uses: Vec<Use>,
}

impl Watch for Told {
    fn opened(&mut self, _name: &str, facts: &Facts, uses: &[Use]) -> std::io::Result<()> {
        self.facts = Some(facts.clone());
        self.uses = uses.to_vec();
        Ok(())
    }

    fn row(&mut self, plan: &RowPlan, raw: &str) -> std::io::Result<()> {
        if plan.action == Action::Reject {
            if self.writer.is_none() {
                self.writer = Some(RejectsWriter::new(Vec::new(), self.facts.as_ref().unwrap())?);
            }
            self.writer.as_mut().unwrap().row(plan, raw)?;
        }
        self.plans.push(plan.clone());
        Ok(())
    }
}

fn run(store: &Arc<dyn Store>, settings: Settings, text: &[u8]) -> Result<(Report, Told), ImportError> {
    let mut told = Told::default();
    let inputs = vec![Input::new("input", Box::new(text))];
    let report = Import::new(&desk(store), settings).run(inputs, &mut told)?;
    told.rejects = told.writer.take().map(|writer| writer.finish().unwrap()).unwrap_or_default();
    Ok((report, told))
}

fn counts(report: &Report) -> [u64; 5] {
    [report.read, report.created, report.updated, report.unchanged, report.rejected]
}

fn import(store: &Arc<dyn Store>, kind: Kind, map: Mapping, text: &str) -> (Report, Told) {
    run(store, settings(kind, map), text.as_bytes()).unwrap()
}

fn import_file(store: &Arc<dyn Store>, kind: Kind, map: &str, path: &Path) -> Report {
    let mut settings = settings(kind, mapping(map));
    settings.create_fields = map == "kontakty";
    run(store, settings, &fs::read(path).unwrap()).unwrap().0
}

fn all(store: &Arc<dyn Store>, kind: Kind) -> Vec<Arc<Record>> {
    let view = View { now: Timestamp::EPOCH, login: "ada".into() };
    let mut records = Vec::new();
    let mut after = None;
    loop {
        let page = store
            .query(&PageRequest {
                kind,
                query: None,
                sort: Vec::new(),
                after,
                offset: 0,
                limit: 1000,
                records: true,
                total: false,
                trash: Trash::Without,
                at_least: None,
                view: view.clone(),
            })
            .unwrap();
        records.extend(page.records);
        after = page.next;
        if after.is_none() {
            return records;
        }
    }
}

fn text(store: &Arc<dyn Store>, record: &Record, field: &str) -> String {
    let definitions = store.definitions();
    FieldRef::resolve(record.kind(), field, &definitions).unwrap().text(record, &NoLookup)
}

fn name_of(store: &Arc<dyn Store>, id: RecordId) -> String {
    let record = store.get(&[id]).unwrap().pop().flatten().unwrap();
    rolo::domain::naming::title(&record)
}

/// Changes a record by hand.
fn edit(store: &Arc<dyn Store>, id: RecordId, change: impl FnOnce(&mut Record)) {
    let record = store.get(&[id]).unwrap().pop().flatten().unwrap();
    let mut after = Record::clone(&record);
    change(&mut after);
    commit(store, vec![Change { id, based_on: Some(record.version), after: Some(after) }]);
}

fn commit(store: &Arc<dyn Store>, changes: Vec<Change>) {
    let author = Author { login: "eva".into(), workspace: String::new() };
    store
        .commit(Commit {
            author,
            label: "by hand".into(),
            step: None,
            last: true,
            kind: StepKind::Do,
            key: None,
            at: None,
            changes,
            absent: Vec::new(),
        })
        .unwrap();
}

#[test]
fn four_encodings_of_one_list_give_the_same_records() {
    let mut first: Option<Vec<Vec<(u16, Value)>>> = None;
    for path in ["kontakty_cz_cp1250.csv", "kontakty_cz_cp1250_sep.csv", "kontakty_cz_utf8bom.csv", "kontakty_cz_utf16le_tab.txt"] {
        let Some(full) = data(&format!("csv/made-here/{path}")) else { return };
        let store = store();
        let report = import_file(&store, Kind::Contact, "kontakty", &full);
        assert_eq!(counts(&report), [200, 200, 0, 0, 0], "{path}");
        assert!(report.leftover.is_empty(), "{:?}", report.leftover);
        let contacts = all(&store, Kind::Contact);
        let turnover: i64 =
            contacts.iter().filter_map(|c| c.labelled(number::CUSTOM, "turnover")).filter_map(Value::as_money).map(|m| m.minor).sum();
        assert_eq!(turnover, 50_061_935_398);
        assert_eq!(text(&store, &contacts[1], "notes"), "=SUMA(A1)");
        assert_eq!(text(&store, &contacts[0], "name"), "Matěj Svobodová");
        assert_eq!(text(&store, &contacts[0], "phone.work"), "+420600000000");
        assert_eq!(text(&store, &contacts[0], "turnover"), "134275.46 CZK");
        assert_eq!(text(&store, &contacts[0], "last_contact"), "2025-01-29");
        let fields: Vec<_> = contacts.iter().map(|c| c.fields.clone()).collect();
        match &first {
            Some(first) => assert_eq!(*first, fields, "{path}"),
            None => first = Some(fields),
        }
        let seq = store.seq();
        let again = import_file(&store, Kind::Contact, "kontakty", &full);
        assert_eq!(counts(&again), [200, 0, 0, 200, 0]);
        assert_eq!((again.step, store.seq()), (None, seq));
    }
}

#[test]
fn the_pipeline_of_a_real_seller() {
    let Some(folder) = data("crm/maven") else { return };
    let store = store();
    let files = [
        (Kind::Company, "maven_accounts", "accounts.csv", 85),
        (Kind::Product, "maven_products", "products.csv", 7),
        (Kind::User, "maven_teams", "sales_teams.csv", 35),
        (Kind::Opportunity, "maven_pipeline", "sales_pipeline.csv", 8800),
    ];
    for (kind, map, file, rows) in files {
        let report = import_file(&store, kind, map, &folder.join(file));
        assert_eq!(counts(&report), [rows, rows, 0, 0, 0], "{file}");
        assert!(report.leftover.is_empty());
    }
    let deals = all(&store, Kind::Opportunity);
    let mut stages: BTreeMap<String, usize> = BTreeMap::new();
    let (mut won, mut by_owner) = (0, BTreeMap::<RecordId, i64>::new());
    let mut without_company = 0;
    for deal in &deals {
        let stage = deal.text(number::STAGE).unwrap();
        *stages.entry(stage.to_owned()).or_default() += 1;
        without_company += usize::from(!deal.has(number::OPPORTUNITY_COMPANY));
        if stage == "won" {
            let amount = deal.first(number::AMOUNT).and_then(Value::as_money).unwrap();
            assert_eq!(amount.currency.code(), "USD");
            won += amount.minor;
            *by_owner.entry(deal.link(number::OWNER).unwrap()).or_default() += amount.minor;
        }
    }
    let stages: Vec<(&str, usize)> = stages.iter().map(|(stage, count)| (stage.as_str(), *count)).collect();
    assert_eq!(stages, [("lead", 500), ("lost", 2473), ("proposal", 1589), ("won", 4238)]);
    assert_eq!(won, 1_000_553_400);
    assert_eq!(without_company, 1425);
    let (best, amount) = by_owner.iter().max_by_key(|(_, amount)| **amount).unwrap();
    assert_eq!((name_of(&store, *best).as_str(), *amount), ("Darcel Schlecht", 115_321_400));
    assert_eq!(all(&store, Kind::Product).len(), 7, "GTXPro is GTX Pro");
    assert_eq!(all(&store, Kind::Company).len(), 85);
    // 35 agents and 6 managers.
    assert_eq!(all(&store, Kind::User).len(), 41);
    let companies = all(&store, Kind::Company);
    assert_eq!(companies.iter().filter(|company| company.has(number::PARENT)).count(), 15);
    for (kind, map, file, rows) in files {
        let report = import_file(&store, kind, map, &folder.join(file));
        assert_eq!(counts(&report), [rows, 0, 0, rows, 0], "{file} again");
    }
}

#[test]
fn address_books_of_other_programs() {
    for (map, path, rows) in [
        ("google_2024", "csv/made-here/google_contacts_2024.csv", 23),
        ("google_legacy", "csv/made-here/google_contacts_legacy_utf16le.csv", 23),
        ("outlook", "csv/made-here/outlook_contacts_cp1252.csv", 60),
        ("hubspot", "csv/made-here/hubspot_contacts_export.csv", 23),
        ("people", "crm/made-here/easy_spaces_people.jsonl", 23),
    ] {
        let Some(full) = data(path) else { return };
        let store = store();
        let report = import_file(&store, Kind::Contact, map, &full);
        assert_eq!(counts(&report), [rows, rows, 0, 0, 0], "{path}");
        let contacts = all(&store, Kind::Contact);
        assert_eq!(contacts.len() as u64, rows);
        let again = import_file(&store, Kind::Contact, map, &full);
        assert_eq!(counts(&again), [rows, 0, 0, rows, 0], "{path} again");
        let first = &contacts[0];
        match map {
            "outlook" => {
                assert_eq!(text(&store, first, "name"), "Noah Schneider");
                assert_eq!(text(&store, first, "phone.work"), "+49305551000");
                assert_eq!(text(&store, first, "address.work.city"), "Köln");
                assert_eq!(name_of(&store, first.first(number::JOBS).unwrap().company().unwrap()), "Schneider & Söhne GmbH");
            }
            _ => {
                assert_eq!(text(&store, first, "name"), "Phaidra Rayer");
                assert_eq!(text(&store, first, "email"), "phaidra.rayer@sw-global.com");
                assert_eq!(text(&store, first, "phone"), "+14085051578");
            }
        }
        if map.starts_with("google") {
            assert_eq!(text(&store, first, "email.work"), "phaidra.rayer@sw-global.com");
            assert_eq!(text(&store, first, "address.work.region"), "CA");
            assert_eq!(text(&store, first, "tags"), "");
        }
    }
}

trait Company {
    fn company(&self) -> Option<RecordId>;
}

impl Company for Value {
    fn company(&self) -> Option<RecordId> {
        match self.bare() {
            Value::Job(job) => job.company,
            _ => None,
        }
    }
}

#[test]
fn the_same_people_from_two_programs_are_one_each() {
    let (Some(google), Some(hubspot)) = (data("csv/made-here/google_contacts_2024.csv"), data("csv/made-here/hubspot_contacts_export.csv"))
    else {
        return;
    };
    let store = store();
    import_file(&store, Kind::Contact, "google_2024", &google);
    let report = import_file(&store, Kind::Contact, "hubspot", &hubspot);
    assert_eq!((report.created, report.rejected), (0, 0));
    let contacts = all(&store, Kind::Contact);
    assert_eq!(contacts.len(), 23);
    assert_eq!(text(&store, &contacts[0], "external_id"), "hubspot:51");
    assert_eq!(text(&store, &contacts[0], "address.work.city"), "San Bruno");
}

#[test]
fn six_equal_names_at_one_firm_stay_six_people() {
    let store = store();
    let rows: String = (1..=6).map(|n| format!("Jan Novák,Acme,jan{n}@acme.cz\n")).collect();
    let csv = format!("name,company,email\n{rows}");
    let (report, _) = import(&store, Kind::Contact, Mapping::default(), &csv);
    assert_eq!(counts(&report), [6, 6, 0, 0, 0]);
    assert_eq!((all(&store, Kind::Contact).len(), all(&store, Kind::Company).len()), (6, 1));
    // Without an e-mail the name and firm fit all six.
    let (report, told) = import(&store, Kind::Contact, Mapping::default(), "name,company,notes\nJan Novak,Acme,hello\n");
    assert_eq!(counts(&report), [1, 0, 0, 0, 1]);
    let problem = told.plans[0].problem.clone().unwrap().to_string();
    assert_eq!(
        problem,
        "line 2: the row fits several records by name Jan Novak, company Acme: c1 Jan Novák (Acme, jan1@acme.cz); \
         c2 Jan Novák (Acme, jan2@acme.cz); c3 Jan Novák (Acme, jan3@acme.cz); c4 Jan Novák (Acme, jan4@acme.cz); \
         c5 Jan Novák (Acme, jan5@acme.cz); and 1 more (merge them, or give the row an id)"
    );
}

#[test]
fn a_switchboard_makes_no_one_the_same() {
    let store = store();
    let rows: String = (1..=20).map(|n| format!("Person {n},+420222333444,Acme\n")).collect();
    let csv = format!("name,phone,company\n{rows}");
    assert_eq!(counts(&import(&store, Kind::Contact, Mapping::default(), &csv).0), [20, 20, 0, 0, 0]);
    assert_eq!(counts(&import(&store, Kind::Contact, Mapping::default(), &csv).0), [20, 0, 0, 20, 0]);
}

#[test]
fn a_nightly_import_leaves_corrections_alone() {
    let store = store();
    let hq = || Mapping { source: Some("hq".into()), ..Mapping::default() };
    let csv = "external_id,name,email,phone,employees\n1,Ada Novak,ada@x.cz,+420601111111,\n2,Bob,bob@x.cz,,\n";
    assert_eq!(counts(&import(&store, Kind::Contact, hq(), csv).0), [2, 2, 0, 0, 0]);
    let ada = all(&store, Kind::Contact)[0].id;
    edit(&store, ada, |record| record.set(number::CONTACT_NAME, Value::text("Ada Nováková")));
    edit(&store, ada, |record| record.set(number::CONTACT_EMAIL, Value::text("ada@new.cz")));
    assert_eq!(counts(&import(&store, Kind::Contact, hq(), csv).0), [2, 0, 0, 2, 0]);
    // One changed cell updates one record, and nothing else of it.
    let changed = csv.replace("+420601111111", "+420602222222");
    let (report, told) = import(&store, Kind::Contact, hq(), &changed);
    assert_eq!(counts(&report), [2, 0, 1, 1, 0]);
    let ada = store.get(&[ada]).unwrap().pop().flatten().unwrap();
    assert_eq!(text(&store, &ada, "name"), "Ada Nováková");
    assert_eq!(text(&store, &ada, "email"), "ada@new.cz");
    assert_eq!(text(&store, &ada, "phone"), "+420601111111; +420602222222");
    assert_eq!(told.plans[0].changes[0].field, "phone");
    // What the source says anew is taken.
    let renamed = changed.replace("Ada Novak", "Ada Dvořák");
    assert_eq!(counts(&import(&store, Kind::Contact, hq(), &renamed).0), [2, 0, 1, 1, 0]);
    let ada = store.get(&[ada.id]).unwrap().pop().flatten().unwrap();
    assert_eq!(text(&store, &ada, "name"), "Ada Dvořák");
}

#[test]
fn a_correction_of_the_key_makes_no_second_record() {
    let store = store();
    let csv = "name,email\nAda,ada@x.cz\n";
    import(&store, Kind::Contact, Mapping::default(), csv);
    let ada = all(&store, Kind::Contact)[0].id;
    edit(&store, ada, |record| record.set(number::CONTACT_EMAIL, Value::text("ada@new.cz")));
    let (report, told) = import(&store, Kind::Contact, Mapping::default(), csv);
    assert_eq!(counts(&report), [1, 0, 0, 1, 0]);
    assert_eq!(told.plans[0].key.as_deref(), Some("email ada@x.cz, as last time"));
    edit(&store, ada, |record| record.set(number::TRASHED_AT, Value::Time(Timestamp(1))));
    let (report, told) = import(&store, Kind::Contact, Mapping::default(), csv);
    assert_eq!(counts(&report), [1, 0, 0, 1, 0]);
    assert_eq!(told.plans[0].reason.as_deref(), Some("its record is in the trash"));
}

#[test]
fn what_happens_to_what_is_there() {
    for (policy, name, tags, expected) in [
        (OnMatch::Merge, "New", "a; b", [1, 0, 1, 0, 0]),
        (OnMatch::Overwrite, "New", "b", [1, 0, 1, 0, 0]),
        (OnMatch::Fill, "Old", "a", [1, 0, 1, 0, 0]),
        (OnMatch::Skip, "Old", "a", [1, 0, 0, 1, 0]),
        (OnMatch::Reject, "Old", "a", [1, 0, 0, 0, 1]),
    ] {
        let store = store();
        let one = Mapping { source: Some("one".into()), ..Mapping::default() };
        import(&store, Kind::Contact, one, "email,name,tags\nx@x.cz,Old,a\n");
        let two = Mapping { source: Some("two".into()), on_match: Some(policy), ..Mapping::default() };
        let (report, told) = import(&store, Kind::Contact, two, "email,name,tags,notes\nx@x.cz,New,b,hello\n");
        assert_eq!(counts(&report), expected, "{policy:?}");
        let record = &all(&store, Kind::Contact)[0];
        assert_eq!((text(&store, record, "name").as_str(), text(&store, record, "tags").as_str()), (name, tags), "{policy:?}");
        if policy == OnMatch::Reject {
            assert_eq!(told.plans[0].problem.as_ref().unwrap().to_string(), "line 2: c1 exists already (--on-match merge takes it in)");
        }
    }
}

#[test]
fn blank_cells_change_nothing_unless_they_shall() {
    let store = store();
    let map = |text: &str| Mapping::parse(text, "m.toml").unwrap();
    import(&store, Kind::Contact, Mapping::default(), "email,notes,source\nx@x.cz,hello,web\n");
    let clear = map("[columns]\nnotes = { field = \"notes\", blank = \"clear\" }\n");
    let (report, _) = import(&store, Kind::Contact, clear, "email,notes,source\nx@x.cz,,\n");
    assert_eq!(counts(&report), [1, 0, 1, 0, 0]);
    let record = &all(&store, Kind::Contact)[0];
    assert_eq!((text(&store, record, "notes").as_str(), text(&store, record, "source").as_str()), ("", "web"));
}

#[test]
fn rows_without_key_are_remembered_as_they_stand() {
    let store = store();
    let csv = "title,due\nCall,2026-02-01\nCall,2026-02-01\nWrite,2026-02-01\n";
    assert_eq!(counts(&import(&store, Kind::Task, Mapping::default(), csv).0), [3, 3, 0, 0, 0]);
    assert_eq!(counts(&import(&store, Kind::Task, Mapping::default(), csv).0), [3, 0, 0, 3, 0]);
    let more = format!("{csv}Call,2026-02-01\n");
    assert_eq!(counts(&import(&store, Kind::Task, Mapping::default(), &more).0), [4, 1, 0, 3, 0]);
}

#[test]
fn bad_rows_go_back_as_they_were_and_the_rest_comes_in() {
    let store = store();
    let csv = "Title;Due;Priority\nCall;2026-02-01;high\nWrite;31.2.2026;low\n\"a;b\";;urgnt\nx;y\nOpen;\"never\n;;\nLast;;low;;\n";
    let map = Mapping { file: rolo::exchange::mapping::FileOptions { delimiter: Some(b';'), ..Default::default() }, ..Mapping::default() };
    let (report, told) = import(&store, Kind::Task, map.clone(), csv);
    assert_eq!(counts(&report), [6, 2, 0, 0, 4]);
    let rejects = String::from_utf8(told.rejects).unwrap();
    assert_eq!(
        rejects,
        "_line;_column;_code;_message;Title;Due;Priority\n\
         3;Due;date;“31.2.2026” is no date;Write;31.2.2026;low\n\
         4;Priority;choice;“urgnt” is no priority (did you mean “urgent”?);\"a;b\";;urgnt\n\
         5;;too-few-cells;the row has only 2 cells (a line break or a delimiter is missing or too many);x;y\n\
         6;;unclosed-quote;a quote opens here that is not closed (a quote within quotes is written twice);Open;\"never\n"
    );
    // Mended, it completes the first.
    let mended = rejects.replace("31.2.2026", "28.2.2026").replace("urgnt", "urgent").replace(";x;y", ";x;;").replace("\"never", ";");
    let (report, _) = import(&store, Kind::Task, map, &mended);
    assert_eq!((report.created, report.rejected), (4, 0));
    assert_eq!(all(&store, Kind::Task).len(), 6);
}

#[test]
fn a_rejected_row_leaves_nothing_behind() {
    let store = store();
    let csv = "name,company,stage\nDeal,Acme,propsal\n";
    let (report, _) = import(&store, Kind::Opportunity, Mapping::default(), csv);
    assert_eq!(counts(&report), [1, 0, 0, 0, 1]);
    assert!(all(&store, Kind::Company).is_empty());
    assert_eq!((report.step, report.linked), (None, 0));
}

#[test]
fn links_are_made_refused_or_left_blank() {
    for (missing, expected, companies) in [("create", [1, 1, 0, 0, 0], 1), ("reject", [1, 0, 0, 0, 1], 0), ("blank", [1, 1, 0, 0, 0], 0)] {
        let store = store();
        let text = format!("[columns]\naccount = {{ field = \"company\", missing = \"{missing}\" }}\n");
        let map = Mapping::parse(&text, "m.toml").unwrap();
        let (report, told) = import(&store, Kind::Opportunity, map, "name,account\nDeal,Acme\n");
        assert_eq!(counts(&report), expected, "{missing}");
        assert_eq!(all(&store, Kind::Company).len(), companies, "{missing}");
        if missing == "reject" {
            assert_eq!(told.plans[0].problem.as_ref().unwrap().to_string(), "line 2: there is no company “Acme”");
        }
    }
}

#[test]
fn associations_with_ids_are_taken_apart() {
    let store = store();
    let text = "source = \"hubspot\"\n[columns]\nAssociated = { field = \"company\", match = '^(.*) \\((\\d+)\\)$', take = [\"name\", \"external_id\"] }\n";
    let map = || Mapping::parse(text, "m.toml").unwrap();
    let csv = "Deal Name,Associated\nA,Acme (4421)\nB,ACME Inc. (4421)\nC,Acme (9)\n";
    let (report, _) = import(&store, Kind::Opportunity, map(), csv);
    assert_eq!((report.created, report.linked), (3, 2));
    let companies = all(&store, Kind::Company);
    let ids: Vec<_> = companies.iter().map(|c| text_of(&store, c, "external_id")).collect();
    assert_eq!(ids, ["hubspot:4421", "hubspot:9"]);
    let deals = all(&store, Kind::Opportunity);
    assert_eq!(deals[0].link(number::OPPORTUNITY_COMPANY), deals[1].link(number::OPPORTUNITY_COMPANY));
}

fn text_of(store: &Arc<dyn Store>, record: &Record, field: &str) -> String {
    text(store, record, field)
}

#[test]
fn a_dry_run_changes_nothing_and_tells_everything() {
    let store = store();
    import(&store, Kind::Contact, Mapping::default(), "email,name\na@x.cz,Ada\n");
    let seq = store.seq();
    let mut dry = settings(Kind::Contact, Mapping { on_match: Some(OnMatch::Overwrite), ..Mapping::default() });
    dry.dry_run = true;
    let csv = "email,name,company\na@x.cz,Ada N.,Acme\nb@x.cz,Bob,Acme\nb@x.cz,Bob,Acme\nc,Cy,\n";
    let (report, told) = run(&store, dry, csv.as_bytes()).unwrap();
    assert_eq!(counts(&report), [4, 1, 1, 1, 1]);
    assert_eq!((report.step, report.linked, store.seq()), (None, 1, seq));
    let told: Vec<String> = told
        .plans
        .iter()
        .map(|plan| {
            let changes: Vec<String> = plan.changes.iter().map(|c| format!("{} {:?} {:?}", c.field, c.before, c.after)).collect();
            format!("{:?} {} {}", plan.action, plan.key.as_deref().unwrap_or("-"), changes.join(", "))
        })
        .collect();
    assert_eq!(told[0], "Update email a@x.cz, as last time name \"Ada\" \"Ada N.\", jobs \"\" \"company=Acme\"");
    assert!(told[1].starts_with("Create - created_at ") && told[1].contains("name \"\" \"Bob\""), "{}", told[1]);
    assert!(told[2].starts_with("Unchanged email b@x.cz"), "{}", told[2]);
    assert!(told[3].starts_with("Reject"));
}

#[test]
fn wrong_calls_are_told_with_the_place() {
    let store = store();
    let usage = |text: &str, flags: Flags, csv: &str| {
        let map = Mapping::parse(text, "m.toml").unwrap().with_flags(&flags).unwrap();
        match run(&store, settings(Kind::Contact, map), csv.as_bytes()) {
            Err(error) => format!("{} {error}", error.exit_code()),
            Ok(_) => panic!("it was taken"),
        }
    };
    let csv = "name,E-mail\nAda,a@x.cz\n";
    assert_eq!(
        usage("[columns]\n\"E-mial\" = \"email\"\n", Flags::default(), csv),
        "2 m.toml:2:1: the file has no column “E-mial” (did you mean “E-mail”?)"
    );
    assert_eq!(
        usage("[columns]\nname = \"nmae\"\n", Flags::default(), csv),
        "2 m.toml:2:1: contact has no field “nmae” (did you mean “name”?)"
    );
    assert_eq!(
        usage("[columns]\nname = { custom = \"pet\" }\n", Flags::default(), csv),
        "2 m.toml:2:1: contact has no custom field “pet” (--create-fields makes it)"
    );
    let flags = Flags { key: Some("notes".into()), ..Flags::default() };
    assert!(usage("", flags, csv).starts_with("2 records cannot be found by “notes” (they can by "));
    assert_eq!(
        usage("", Flags::default(), "foo,bar\nx,y\n"),
        "2 input: no column of the file is known: it has foo, bar (say what they are with --column HEADER=FIELD or a mapping file)"
    );
}

#[test]
fn set_and_defaults() {
    let store = store();
    let flags = Flags { set: vec!["tags=import".into(), "lifecycle=lead".into()], ..Flags::default() };
    let map = || Mapping::parse("[defaults]\nsource = \"web\"\n", "m.toml").unwrap().with_flags(&flags).unwrap();
    let csv = "email,lifecycle\na@x.cz,customer\nb@x.cz,\n";
    import(&store, Kind::Contact, map(), csv);
    let records = all(&store, Kind::Contact);
    let shown: Vec<_> =
        records.iter().map(|r| [text(&store, r, "tags"), text(&store, r, "lifecycle"), text(&store, r, "source")].join(" ")).collect();
    assert_eq!(shown, ["import customer web", "import lead web"]);
    assert_eq!(counts(&import(&store, Kind::Contact, map(), csv).0), [2, 0, 0, 2, 0]);
}

/// Stops after so many rows were told, as a kill would.
struct Stops {
    after: usize,
}

impl Watch for Stops {
    fn row(&mut self, _plan: &RowPlan, _raw: &str) -> std::io::Result<()> {
        self.after = self.after.checked_sub(1).ok_or(std::io::ErrorKind::Interrupted)?;
        Ok(())
    }
}

/// Rows of which one in a hundred is broken, each in another way.
fn many_rows(count: usize, mended: bool) -> String {
    let mut csv = String::from("id;name;email;company;stage;amount\n");
    for n in 0..count {
        let good = format!("{n};Deal {n};;Firm {};lead;{n},50\n", n % 97);
        let broken = match n % 1000 {
            100 => format!("{n};Deal {n};;Firm 1;lead\n"),
            200 => format!("{n};Deal {n};;Firm 1;lead;1;2\n"),
            300 => format!("{n};\"Deal {n};;Firm 1;lead;1\n"),
            400 => format!("{n};Deal {n};;Firm 1;laed;1\n"),
            500 => format!("{n};Deal {n};;Firm 1;lead;much\n"),
            600 => format!("{n};Deal {n};;Firm 1;lead;1,2,3\n"),
            700 => format!("{n};\"Deal\" {n};;Firm 1;lead;1\n"),
            800 => format!("{n};Deal {n};;Firm 1;lead;5 kr\n"),
            900 => format!("{n};Deal {n};;Firm 1;win;1\n"),
            _ => good.clone(),
        };
        csv.push_str(if mended { &good } else { &broken });
    }
    csv
}

fn deals() -> Mapping {
    let text =
        "source = \"erp\"\n[file]\ndecimal = \",\"\n[columns]\nid = \"external_id\"\nemail = false\n[defaults]\npipeline = \"sales\"\n";
    Mapping::parse(text, "m.toml").unwrap()
}

fn state(store: &Arc<dyn Store>) -> Vec<Vec<(u16, Value)>> {
    let mut found: Vec<_> = all(store, Kind::Opportunity).iter().map(|deal| deal.fields.clone()).collect();
    found.sort_by_key(|fields| format!("{fields:?}"));
    found.push(vec![(0, Value::Int(all(store, Kind::Company).len() as i64))]);
    found.push(vec![(0, Value::Int(all(store, Kind::Event).len() as i64))]);
    found
}

#[test]
fn broken_rows_of_many_sorts_stay_out_and_come_in_mended() {
    let store = store();
    let (report, told) = run(&store, settings(Kind::Opportunity, deals()), many_rows(3000, false).as_bytes()).unwrap();
    assert_eq!(counts(&report), [3000, 2973, 0, 0, 27]);
    let codes: std::collections::BTreeSet<_> = told.plans.iter().filter_map(|plan| plan.problem.as_ref()).map(|p| p.code).collect();
    let expected = ["choice", "money", "quote", "too-few-cells", "too-many-cells", "unclosed-quote"];
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), expected);
    assert_eq!(String::from_utf8(told.rejects).unwrap().lines().count(), 28);
    let whole = many_rows(3000, true);
    let report = run(&store, settings(Kind::Opportunity, deals()), whole.as_bytes()).unwrap().0;
    assert_eq!(counts(&report), [3000, 27, 0, 2973, 0]);
}

#[test]
fn killed_and_run_again_it_ends_the_same() {
    let csv = many_rows(2500, false);
    let whole = store();
    run(&whole, settings(Kind::Opportunity, deals()), csv.as_bytes()).unwrap();
    let expected = state(&whole);
    for stops in [[0, 100], [300, 301], [900, 2000], [1, 2499]] {
        let store = store();
        for after in stops {
            let inputs = vec![Input::new("input", Box::new(csv.as_bytes()))];
            let stopped = Import::new(&desk(&store), settings(Kind::Opportunity, deals())).run(inputs, &mut Stops { after });
            assert!(stopped.is_err());
        }
        let (report, _) = run(&store, settings(Kind::Opportunity, deals()), csv.as_bytes()).unwrap();
        assert_eq!((report.read, report.rejected), (2500, 22));
        assert!(state(&store) == expected, "{stops:?}");
        // All of it is one finished step.
        let steps = store.steps(None, 10).unwrap();
        assert_eq!(steps.len(), 1, "{stops:?}");
        assert!(steps[0].finished);
        // Stopped behind the last commit, nothing is left to do.
        assert!(report.step.is_none_or(|step| step == format!("@{}", steps[0].step)));
    }
}

/// Writes to the store while the import goes on.
struct Meddles<'s> {
    store: &'s Arc<dyn Store>,
    records: Vec<RecordId>,
}

impl Watch for Meddles<'_> {
    fn progress(&mut self, _rows: u64, _bytes: u64) -> std::ops::ControlFlow<()> {
        if let Some(id) = self.records.pop() {
            edit(self.store, id, |record| record.set(number::NOTES, Value::text("by hand")));
        }
        std::ops::ControlFlow::Continue(())
    }
}

#[test]
fn what_others_write_meanwhile_is_not_lost() {
    let store = store();
    run(&store, settings(Kind::Opportunity, deals()), many_rows(600, true).as_bytes()).unwrap();
    let records: Vec<RecordId> = all(&store, Kind::Opportunity).iter().take(200).map(|deal| deal.id).collect();
    let changed = many_rows(600, true).replace("Firm", "Factory");
    let inputs = vec![Input::new("input", Box::new(changed.as_bytes()))];
    let mut watch = Meddles { store: &store, records: vec![records[3], records[150]] };
    let report = Import::new(&desk(&store), settings(Kind::Opportunity, deals())).run(inputs, &mut watch).unwrap();
    assert_eq!(counts(&report), [600, 0, 600, 0, 0]);
    for id in [records[3], records[150]] {
        let deal = store.get(&[id]).unwrap().pop().flatten().unwrap();
        assert_eq!(deal.text(number::NOTES), Some("by hand"));
        let company = deal.link(number::OPPORTUNITY_COMPANY).unwrap();
        assert!(name_of(&store, company).starts_with("Factory"));
    }
}

#[test]
fn a_read_only_desk_is_only_told() {
    let store = store();
    let mut desk = desk(&store);
    desk.readonly = true;
    let input = || vec![Input::new("input", Box::new(&b"name\nAda\n"[..]))];
    let refused = Import::new(&desk, settings(Kind::Contact, Mapping::default())).run(input(), &mut ()).unwrap_err();
    assert_eq!(refused.exit_code(), 7);
    let dry = Settings { dry_run: true, ..settings(Kind::Contact, Mapping::default()) };
    assert_eq!(Import::new(&desk, dry).run(input(), &mut ()).unwrap().created, 1);
}

#[test]
fn indents_stay_and_marks_go_where_they_were_put() {
    let store = store();
    let csv = "name,notes\nAda,\"  - one\n    - two\"\nBob,'=1+1\nCy,''@x\n";
    import(&store, Kind::Contact, Mapping::default(), csv);
    let lines = "{\"name\":\"Dan\",\"notes\":\"'=1+1\"}\n{\"name\":\"Eve\",\"notes\":\" \\tindented\"}\n";
    import(&store, Kind::Contact, Mapping::default(), lines);
    let tsv = "name\tnotes\nFay\t'-a\n";
    import(&store, Kind::Contact, Mapping::default(), tsv);
    let notes: Vec<String> = all(&store, Kind::Contact).iter().map(|record| text(&store, record, "notes")).collect();
    assert_eq!(notes, ["  - one\n    - two", "=1+1", "'@x", "'=1+1", " \tindented", "'-a"]);
}

#[test]
fn two_stores_under_one_source_are_told_apart() {
    let store = store();
    let row = |recorded: &str, name: &str| format!("{{\"id\":\"c1\",\"recorded_at\":\"{recorded}\",\"name\":\"{name}\"}}\n");
    let (first, _) = import(&store, Kind::Contact, Mapping::default(), &row("2020-01-01T00:00:00Z", "Ada"));
    assert_eq!(first.created, 1);
    let (second, told) = import(&store, Kind::Contact, Mapping::default(), &row("2021-01-01T00:00:00Z", "Bob"));
    assert_eq!((second.created, second.updated, second.rejected), (0, 0, 1));
    let problem = told.plans[0].problem.as_ref().unwrap().to_string();
    assert_eq!(problem, "line 1: c1 of another store was taken in from import before (name each store with --source)");
    let apart = Mapping { source: Some("second".into()), ..Mapping::default() };
    let (third, _) = import(&store, Kind::Contact, apart, &row("2021-01-01T00:00:00Z", "Bob"));
    assert_eq!(third.created, 1);
}

#[test]
fn links_among_records_of_one_file_need_no_order() {
    let store = store();
    let lines = "{\"id\":\"t1\",\"recorded_at\":\"2020-01-01T00:00:00Z\",\"subject\":\"Mail\",\"incident\":{\"id\":\"t2\",\"name\":\"Outage\"}}\n\
                 {\"id\":\"t2\",\"recorded_at\":\"2020-01-01T00:00:00Z\",\"subject\":\"Outage\",\"status\":\"solved\"}\n";
    let (report, _) = import(&store, Kind::Ticket, Mapping::default(), lines);
    assert_eq!((counts(&report), report.linked), ([2, 2, 0, 0, 0], 0));
    let tickets = all(&store, Kind::Ticket);
    let outage = tickets.iter().find(|ticket| text(&store, ticket, "subject") == "Outage").unwrap();
    assert_eq!(text(&store, outage, "status"), "solved");
    assert_eq!(all(&store, Kind::Event).iter().filter(|event| text(&store, event, "to") == "new").count(), 1, "the first ticket's alone");
}

#[test]
fn whoever_watches_may_stop_it_and_it_goes_on_when_run_again() {
    struct Impatient(u64);
    impl Watch for Impatient {
        fn progress(&mut self, rows: u64, _bytes: u64) -> std::ops::ControlFlow<()> {
            if rows >= self.0 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
        }
    }
    let rows: String = (0..3_000).map(|n| format!("Person {n},p{n}@example.com\n")).collect();
    let text = format!("name,email\n{rows}");
    let store = store();
    let desk = desk(&store);
    let inputs = || vec![Input::new("people.csv", Box::new(text.as_bytes()))];
    let import = || Import::new(&desk, settings(Kind::Contact, Mapping::default()));
    let stopped = import().run(inputs(), &mut Impatient(1_500)).unwrap_err();
    let ImportError::Stopped { rows, step: Some(step) } = stopped else { panic!("{stopped}") };
    assert!((500..=1_500).contains(&rows), "{rows}");
    assert_eq!(all(&store, Kind::Contact).len() as u64, rows, "what is told is in, and no more");
    let report = import().run(inputs(), &mut ()).unwrap();
    assert_eq!(report.step, Some(format!("@{step}")), "the same step goes on");
    assert_eq!((report.unchanged, report.created), (rows, 3_000 - rows));
}

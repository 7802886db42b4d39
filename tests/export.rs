//! What goes out of a store comes back the same.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rolo::actions::{Clock, Desk};
use rolo::domain::{FieldRef, Kind, Timestamp};
use rolo::exchange::export::{Export, Shape, everything};
use rolo::exchange::import::{Import, Input, Report, Settings};
use rolo::exchange::mapping::Mapping;
use rolo::exchange::write::Layout;
use rolo::store::api::Store;
use serde_json::{Map, Value};

const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

fn data(path: &str) -> Option<PathBuf> {
    let full = Path::new(DATA).join(path);
    if full.exists() {
        return Some(full);
    }
    println!("skipped: the shared data folder is not here ({path})");
    None
}

fn desk() -> Desk {
    let store = rolo::store::memory().unwrap();
    let mut desk = Desk::new(store, "ada");
    desk.clock = Clock::Fixed(Timestamp::from_rfc3339("2026-01-31T12:00:00Z").unwrap());
    desk
}

fn import(desk: &Desk, settings: Settings, text: &[u8]) -> Report {
    let inputs = vec![Input::new("input", Box::new(text))];
    Import::new(desk, settings).run(inputs, &mut ()).unwrap()
}

fn mapped(desk: &Desk, kind: Kind, map: &str, path: &Path) {
    let text = fs::read_to_string(format!("{}/tests/mappings/{map}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let mapping = Mapping::parse(&text, map).unwrap();
    import(desk, Settings { create_fields: map == "kontakty", ..Settings::new(kind, mapping) }, &fs::read(path).unwrap());
}

fn export(desk: &Desk, kind: Kind, shape: Shape) -> String {
    let (_, bytes) = Export::of(kind, shape, desk.view()).write(&*desk.store, Vec::new(), &mut |_| ()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The files of an export of everything, without what the store derives.
fn folder(desk: &Desk) -> BTreeMap<String, Vec<Map<String, Value>>> {
    let folder = tempfile::tempdir().unwrap();
    everything(&*desk.store, folder.path(), &desk.view(), &mut |_, _| ()).unwrap();
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let lines = fs::read_to_string(&path).unwrap();
        let rows = lines.lines().map(|line| {
            let mut row: Map<String, Value> = serde_json::from_str(line).unwrap();
            for derived in ["version", "recorded_at", "updated_at", "updated_by"] {
                row.remove(derived);
            }
            row
        });
        files.insert(path.file_stem().unwrap().to_string_lossy().into_owned(), rows.collect());
    }
    files
}

/// Those whom others link to come first.
const ORDER: [Kind; 9] = [
    Kind::Definition,
    Kind::Team,
    Kind::User,
    Kind::Company,
    Kind::Contact,
    Kind::Product,
    Kind::Opportunity,
    Kind::Interaction,
    Kind::Event,
];

fn filled() -> Option<Desk> {
    let desk = desk();
    mapped(&desk, Kind::Contact, "kontakty", &data("csv/made-here/kontakty_cz_utf8bom.csv")?);
    mapped(&desk, Kind::Contact, "google_2024", &data("csv/made-here/google_contacts_2024.csv")?);
    mapped(&desk, Kind::Contact, "outlook", &data("csv/made-here/outlook_contacts_cp1252.csv")?);
    mapped(&desk, Kind::Company, "maven_accounts", &data("crm/maven/accounts.csv")?);
    mapped(&desk, Kind::Product, "maven_products", &data("crm/maven/products.csv")?);
    let pipeline = fs::read_to_string(data("crm/maven/sales_pipeline.csv")?).unwrap();
    let some: String = pipeline.lines().take(400).flat_map(|line| [line, "\n"]).collect();
    let text = fs::read_to_string(format!("{}/tests/mappings/maven_pipeline.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
    import(&desk, Settings::new(Kind::Opportunity, Mapping::parse(&text, "m").unwrap()), some.as_bytes());
    // Namesakes at one firm, who are told apart by their ids alone.
    let namesakes = "name,company,email,notes\nJan Novák,Acme,jan1@acme.cz,=1+1\nJan Novák,Acme,jan2@acme.cz,\"a\nb\"\n";
    import(&desk, Settings::new(Kind::Contact, Mapping::default()), namesakes.as_bytes());
    let touches = "contact,channel,at,subject\njan1@acme.cz,call,2026-01-05T10:00:00Z,one\njan2@acme.cz,email,2026-01-06T10:00:00Z,two\n";
    import(&desk, Settings::new(Kind::Interaction, Mapping::default()), touches.as_bytes());
    Some(desk)
}

#[test]
fn everything_comes_back_the_same_in_an_empty_store() {
    let Some(first) = filled() else { return };
    let files = folder(&first);
    let out = tempfile::tempdir().unwrap();
    everything(&*first.store, out.path(), &first.view(), &mut |_, _| ()).unwrap();
    let second = desk();
    for kind in ORDER {
        let path = out.path().join(format!("{}.jsonl", kind.name()));
        let Ok(text) = fs::read(&path) else { continue };
        let report = import(&second, Settings::new(kind, Mapping::default()), &text);
        assert_eq!(report.rejected, 0, "{}", kind.name());
        assert!(report.leftover.is_empty(), "{:?}", report.leftover);
    }
    let back = folder(&second);
    assert_eq!(back.keys().collect::<Vec<_>>(), files.keys().collect::<Vec<_>>());
    for (kind, rows) in &files {
        assert_eq!(back[kind].len(), rows.len(), "{kind}");
        for (there, here) in back[kind].iter().zip(rows) {
            assert_eq!(there, here, "{kind}");
        }
    }
    // And once more changes nothing.
    let seq = second.store.seq();
    for kind in ORDER {
        let path = out.path().join(format!("{}.jsonl", kind.name()));
        let Ok(text) = fs::read(&path) else { continue };
        let report = import(&second, Settings::new(kind, Mapping::default()), &text);
        assert_eq!((report.created, report.updated), (0, 0), "{}", kind.name());
    }
    assert_eq!(second.store.seq(), seq);
}

#[test]
fn tables_and_json_come_back_into_the_same_store_as_nothing_new() {
    let Some(desk) = filled() else { return };
    for shape in [Shape::Table(Layout::Csv { raw: false }), Shape::Table(Layout::Tsv), Shape::Json, Shape::Jsonl] {
        for kind in [Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Interaction, Kind::User] {
            let text = export(&desk, kind, shape);
            let report = import(&desk, Settings::new(kind, Mapping::default()), text.as_bytes());
            assert_eq!((report.created, report.updated, report.rejected), (0, 0, 0), "{shape:?} {kind}");
            assert_eq!(report.unchanged, report.read);
        }
    }
}

#[test]
fn a_table_comes_back_the_same_in_an_empty_store() {
    let Some(first) = filled() else { return };
    for shape in [Shape::Table(Layout::Csv { raw: false }), Shape::Table(Layout::Tsv)] {
        let second = desk();
        let fields = Export::of(Kind::Definition, Shape::Jsonl, first.view());
        let (_, definitions) = fields.write(&*first.store, Vec::new(), &mut |_| ()).unwrap();
        import(&second, Settings::new(Kind::Definition, Mapping::default()), &definitions);
        let text = export(&first, Kind::Contact, shape);
        let report = import(&second, Settings::new(Kind::Contact, Mapping::default()), text.as_bytes());
        assert_eq!((report.rejected, report.created), (0, report.read), "{shape:?}");
        let without = |text: &str| -> Vec<String> {
            // The first two columns are the store's own; companies have other ids there.
            let mut reader = csv::ReaderBuilder::new();
            let reader = if shape == Shape::Table(Layout::Tsv) { reader.delimiter(b'\t').quoting(false) } else { &mut reader };
            let mut reader = reader.from_reader(text.as_bytes());
            let drop: Vec<usize> = reader
                .headers()
                .unwrap()
                .iter()
                .enumerate()
                .filter(|(_, name)| matches!(*name, "id" | "recorded_at" | "company.id"))
                .map(|(at, _)| at)
                .collect();
            let rows = reader.records().map(|row| {
                let row = row.unwrap();
                row.iter().enumerate().filter(|(at, _)| !drop.contains(at)).map(|(_, cell)| cell).collect::<Vec<_>>().join("|")
            });
            rows.collect()
        };
        let back = export(&second, Kind::Contact, shape);
        assert_eq!(without(&back), without(&text), "{shape:?}");
    }
}

#[test]
fn columns_formats_and_consent() {
    let desk = desk();
    let csv = "name,email,consent.email,tags\nAda,ada@x.cz,yes,vip\n\"=Bob\",bob@x.cz,no,\nCy,,,\n";
    import(&desk, Settings::new(Kind::Contact, Mapping::default()), csv.as_bytes());
    let definitions = desk.store.definitions();
    let columns: Vec<FieldRef> =
        ["id", "name", "email", "tags"].iter().map(|name| FieldRef::resolve(Kind::Contact, name, &definitions).unwrap()).collect();
    let write = |shape: Shape, consent: Option<&str>| {
        let export =
            Export { columns: Some(columns.clone()), consent: consent.map(str::to_owned), ..Export::of(Kind::Contact, shape, desk.view()) };
        export.write(&*desk.store, Vec::new(), &mut |_| ()).map(|(_, bytes)| String::from_utf8(bytes).unwrap())
    };
    let csv = |raw| Shape::Table(Layout::Csv { raw });
    assert_eq!(write(csv(false), None).unwrap(), "id,name,email,tags\nc1,Ada,ada@x.cz,vip\nc2,'=Bob,bob@x.cz,\nc3,Cy,,\n");
    assert_eq!(write(csv(true), None).unwrap(), "id,name,email,tags\nc1,Ada,ada@x.cz,vip\nc2,=Bob,bob@x.cz,\nc3,Cy,,\n");
    assert_eq!(write(csv(false), Some("email")).unwrap(), "id,name,email,tags\nc1,Ada,ada@x.cz,vip\n");
    assert_eq!(write(Shape::Table(Layout::Plain), None).unwrap(), "c1\tAda\tada@x.cz\tvip\nc2\t=Bob\tbob@x.cz\t\nc3\tCy\t\t\n");
    assert_eq!(write(Shape::Table(Layout::Ids), None).unwrap(), "c1\nc2\nc3\n");
    assert_eq!(
        write(Shape::Jsonl, Some("email")).unwrap(),
        "{\"id\":\"c1\",\"name\":\"Ada\",\"email\":[{\"value\":\"ada@x.cz\"}],\"tags\":[\"vip\"]}\n"
    );
    assert_eq!(write(csv(false), Some("emial")).unwrap_err().to_string(), "“emial” is no channel (did you mean “email”?)");
    let companies = Export { consent: Some("email".into()), ..Export::of(Kind::Company, Shape::Json, desk.view()) };
    let refused = companies.write(&*desk.store, Vec::new(), &mut |_| ()).map(|_| ()).unwrap_err();
    assert_eq!(refused.to_string(), "a company gives no consent (contacts do: export contact --for …)");
    let _: Arc<dyn Store> = Arc::clone(&desk.store);
}

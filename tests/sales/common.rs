//! Desks with a seller's real pipeline, and reports as tests read them.

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use rolo::actions::{Clock, Desk, Target, configure, set_texts};
use rolo::command;
use rolo::domain::{Assignment, DefinitionName, Kind, RecordId, Timestamp};
use rolo::exchange::import::{Import, Input, Settings, Watch};
use rolo::exchange::mapping::Mapping;
use rolo::insight::report::{Figure, Report};
use rolo::query::Query;
use rolo::store::api::Store;
use rolo::store::walk::Walk;

/// Where the shared files are.
pub(crate) const DATA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data");

struct Quiet;

impl Watch for Quiet {}

/// Returns a moment.
pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::from_rfc3339(text).unwrap()
}

/// Returns a desk at an empty store in memory, with a clock that stands.
pub(crate) fn desk(now: &str) -> Desk {
    let mut desk = Desk::new(rolo::store::memory().unwrap(), "ada");
    desk.clock = Clock::Fixed(at(now));
    desk
}

/// Returns the rows of a csv file, by its header.
pub(crate) fn rows(path: &str, delimiter: u8) -> Vec<std::collections::HashMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_path(format!("{DATA}/{path}")).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// Imports a file by a mapping.
pub(crate) fn import(desk: &Desk, kind: Kind, mapping: &str, file: &str) {
    let settings = Settings::new(kind, Mapping::parse(mapping, "mapping.toml").unwrap());
    let source = Box::new(fs::File::open(format!("{DATA}/{file}")).unwrap());
    let name = file.rsplit('/').next().unwrap();
    let report = Import::new(desk, settings).run(vec![Input::new(name, source)], &mut Quiet).unwrap();
    assert_eq!(report.rejected, 0, "{file}");
}

/// Returns a desk with the whole pipeline of the seller, its open deals at list prices and
/// to be closed on 2018-03-31; `None`, said aloud, where the shared files are not here. All
/// tests read one store.
pub(crate) fn maven(now: &str) -> Option<Desk> {
    static STORE: OnceLock<Option<Arc<dyn Store>>> = OnceLock::new();
    let store = STORE.get_or_init(|| {
        let desk = imported("2018-01-01T00:00:00Z")?;
        price_open_deals(&desk);
        define(&desk, DefinitionName::Targets, TARGETS);
        Some(desk.store)
    });
    let mut desk = Desk::new(Arc::clone(store.as_ref()?), "ada");
    desk.clock = Clock::Fixed(at(now));
    Some(desk)
}

const TARGETS: &str = "[[target]]\nperiod = \"2017-q4\"\namount = \"3m USD\"\n\
    [[target]]\nperiod = \"2017-10\"\nowner = \"Darcel Schlecht\"\namount = \"100k USD\"\n\
    [[target]]\nperiod = \"2017-11\"\nowner = \"Darcel Schlecht\"\namount = \"50k USD\"";

fn imported(now: &str) -> Option<Desk> {
    if !Path::new(DATA).join("crm/maven").exists() {
        println!("skipped: the shared data folder is not here");
        return None;
    }
    let desk = desk(now);
    for (kind, map, file) in [
        (Kind::Company, "maven_accounts", "accounts.csv"),
        (Kind::Product, "maven_products", "products.csv"),
        (Kind::User, "maven_teams", "sales_teams.csv"),
        (Kind::Opportunity, "maven_pipeline", "sales_pipeline.csv"),
    ] {
        let text = fs::read_to_string(format!("{}/tests/mappings/{map}.toml", env!("CARGO_MANIFEST_DIR"))).unwrap();
        import(&desk, kind, &text, &format!("crm/maven/{file}"));
    }
    Some(desk)
}

/// Gives the open deals of the seller their product's list price and a day.
fn price_open_deals(desk: &Desk) {
    for (product, price) in [
        ("GTX Basic", 550),
        ("GTX Pro", 4821),
        ("MG Special", 55),
        ("MG Advanced", 3393),
        ("GTX Plus Pro", 5482),
        ("GTX Plus Basic", 1096),
        ("GTK 500", 26768),
    ] {
        let target = Target::Where(
            Kind::Opportunity,
            Some(Arc::new(
                Query::parse(&format!("stage:lead,proposal product=\"{product}\""), Kind::Opportunity, &desk.definitions()).unwrap(),
            )),
        );
        let texts = [format!("amount={price} USD"), "expected_close=2018-03-31".to_owned()];
        set_texts(desk, &target, &texts, None, false).unwrap();
    }
}

/// Makes a report.
pub(crate) fn report(desk: &Desk, name: &str, given: &[(&str, &str)]) -> Report {
    let given: Vec<(&str, String)> = given.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    command::report(desk, name, &given, "", &[]).unwrap_or_else(|error| panic!("{name} {given:?}: {error} {:?}", error.hint))
}

/// Returns a figure of the row that begins with a word, or of the only row.
pub(crate) fn figure(report: &Report, row: &str, column: &str) -> Figure {
    let at = report.rows.iter().position(|cells| row.is_empty() || cells[0].figure.text() == row);
    let at = at.unwrap_or_else(|| panic!("no row {row} in {report:#?}"));
    report.figure(at, column).unwrap_or_else(|| panic!("no column {column}")).clone()
}

/// Returns a figure as text.
pub(crate) fn text(report: &Report, row: &str, column: &str) -> String {
    figure(report, row, column).text()
}

/// Returns the ids that a query finds.
pub(crate) fn found(desk: &Desk, kind: Kind, query: &str) -> Vec<RecordId> {
    let query = (!query.is_empty())
        .then(|| Query::parse(query, kind, &desk.definitions()).unwrap_or_else(|error| panic!("{query}: {}", error.message)));
    Walk::new(kind, desk.view()).query(query.map(Arc::new)).ids(&*desk.store).unwrap()
}

/// Checks that each count of a report is the number of the records behind it.
pub(crate) fn counts_open(desk: &Desk, report: &Report) {
    for row in report.rows.iter().chain(&report.total) {
        for (column, cell) in report.columns.iter().zip(row) {
            let (Figure::Count(count), Some(behind)) = (&cell.figure, &cell.behind) else { continue };
            if column.name == "unpriced" {
                continue;
            }
            let found = found(desk, behind.kind, &behind.query).len();
            assert_eq!(found as u64, *count, "{} {} {:?}: {}", report.name, column.name, row[0].figure, behind.query);
        }
    }
}

/// Puts a definition.
pub(crate) fn define(desk: &Desk, name: DefinitionName, text: &str) {
    configure::put(desk, name, text).unwrap_or_else(|error| panic!("{error} {:?}", error.hint));
}

/// Adds a record.
pub(crate) fn add(desk: &Desk, kind: Kind, texts: &[&str]) -> RecordId {
    let definitions = desk.definitions();
    let read = |text: &&str| Assignment::parse(kind, text, &definitions).unwrap_or_else(|error| panic!("{text}: {}", error.message));
    let assignments: Vec<Assignment> = texts.iter().map(read).collect();
    rolo::actions::add(desk, kind, &assignments).unwrap_or_else(|error| panic!("{texts:?}: {error}")).ids[0]
}

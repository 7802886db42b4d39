//! Records out of the store: the records of a kind in one of the formats, or all of
//! it as JSON Lines by kind. What goes out comes back the same.
//!
//! A table is written in two passes, the first of which sees which columns there are;
//! records that change between the two are written as they were at the first. Pages
//! of records are in memory, never all of them.

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::calendar::{self, Attendee};
use super::cards::{self, Own, Version};
use super::contents;
use super::going_along::came_with;
use super::letters::Letters;
use super::problem::Problem;
use super::write::{JsonWriter, Layout, TableWriter};
use crate::domain::definitions::Definitions;
use crate::domain::fields::number;
use crate::domain::{ChoiceList, Columns, FieldRef, Kind, Record, RecordId, Value, json};
use crate::query::{Query, SortKey};
use crate::store::StoreError;
use crate::store::api::{Cursor, PageRequest, Store, Trash, View};
use crate::store::known::Known;

/// Records read at a time.
const PAGE: usize = 500;

/// The formats of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Rows of text.
    Table(Layout),
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// A mailbox of interactions.
    Mbox,
    /// A card for each contact or company.
    Vcard(Version),
    /// A calendar of tasks or interactions.
    Ics,
}

/// What is exported.
#[derive(Debug, Clone)]
pub struct Export {
    /// The kind.
    pub kind: Kind,
    /// Which records; all where none is given.
    pub query: Option<Arc<Query>>,
    /// In which order; by id where none is given.
    pub sort: Vec<SortKey>,
    /// Which columns; everything where none are given.
    pub columns: Option<Vec<FieldRef>>,
    /// The format.
    pub shape: Shape,
    /// Whether tables have a header line.
    pub header: bool,
    /// What about the trash.
    pub trash: Trash,
    /// Leave out whoever has not consented to this channel.
    pub consent: Option<String>,
    /// The clock and the user that the query sees.
    pub view: View,
}

/// Why an export stopped.
#[derive(Debug)]
pub enum ExportError {
    /// It cannot be written; a closed pipe among others.
    Write(io::Error),
    /// The store refuses.
    Store(StoreError),
    /// The call asks for what cannot be.
    Usage(Problem),
}

impl std::fmt::Display for ExportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Write(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Usage(problem) => problem.fmt(f),
        }
    }
}

impl std::error::Error for ExportError {}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<StoreError> for ExportError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// How many records an export wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// The records written.
    pub records: u64,
    /// Those left out, since they have not consented.
    pub withheld: u64,
}

impl Written {
    /// Returns what is to be said of those left out: `12 contacts were left out: …`.
    pub fn withheld_note(&self, export: &Export) -> Option<String> {
        let channel = export.consent.as_deref().filter(|_| self.withheld > 0)?;
        let (who, have) = if self.withheld == 1 { (export.kind.name(), "was") } else { (export.kind.plural(), "were") };
        Some(format!("{} {who} {have} left out without consent to {channel}", self.withheld))
    }
}

impl Export {
    /// Returns the export of all records of a kind.
    pub fn of(kind: Kind, shape: Shape, view: View) -> Self {
        Self { kind, query: None, sort: Vec::new(), columns: None, shape, header: true, trash: Trash::Without, consent: None, view }
    }

    /// Writes the records; returns how many, and how many were left out, and the sink.
    ///
    /// # Errors
    /// Where it stops: what was written stays.
    pub fn write<W: Write>(&self, store: &dyn Store, out: W, progress: &mut dyn FnMut(u64)) -> Result<(Written, W), ExportError> {
        let definitions = store.definitions();
        self.check_consent(&definitions)?;
        self.check_kind()?;
        let names = Known::new(store);
        let mut count = 0;
        let mut tick = |count: &mut u64| {
            *count += 1;
            if (*count).is_multiple_of(PAGE as u64) {
                progress(*count);
            }
        };
        match self.shape {
            Shape::Table(layout) => {
                let mut writer = TableWriter::new(out, layout, self.header);
                let rows = self.rows(store, &definitions, &names)?;
                writer.header(rows.header())?;
                let withheld = self.each(store, &names, rows.seq(), &mut |record| {
                    tick(&mut count);
                    Ok(writer.row(rows.row(record, &definitions, &names))?)
                })?;
                Ok((Written { records: count, withheld }, writer.finish()?))
            }
            Shape::Mbox => {
                let out = self.mailbox(store, &names, out, &mut || tick(&mut count))?;
                Ok((Written { records: count, withheld: 0 }, out))
            }
            Shape::Json | Shape::Jsonl => {
                let mut writer = JsonWriter::new(out, self.shape == Shape::Jsonl);
                let withheld = self.each(store, &names, None, &mut |record| {
                    tick(&mut count);
                    let object = match &self.columns {
                        None => json::record(record, &definitions, &names),
                        Some(columns) => object_of(columns, record, &names),
                    };
                    Ok(writer.value(&object)?)
                })?;
                Ok((Written { records: count, withheld }, writer.finish()?))
            }
            Shape::Vcard(version) => {
                let mut out = out;
                let withheld = self.each(store, &names, None, &mut |record| {
                    tick(&mut count);
                    let own = Own { id: record.id, recorded_at: record.recorded_at };
                    // Where columns were named, nothing else leaves the house.
                    let files = match self.columns {
                        None => came_with(store, &names, record.id, &cards::is_of_card)?,
                        Some(_) => Vec::new(),
                    };
                    Ok(cards::write(&mut out, version, own, self.asked(json::record(record, &definitions, &names)), &files)?)
                })?;
                Ok((Written { records: count, withheld }, out))
            }
            Shape::Ics => {
                let mut writer = calendar::Writer::new(out, definitions.settings.timezone)?;
                let withheld = self.each(store, &names, None, &mut |record| {
                    tick(&mut count);
                    let own = Own { id: record.id, recorded_at: record.recorded_at };
                    let members = self.asked(json::record(record, &definitions, &names));
                    let attendees = if members.contains_key("contact") { attendees(record, store)? } else { Vec::new() };
                    Ok(writer.record(own, members, &attendees)?)
                })?;
                Ok((Written { records: count, withheld }, writer.finish()?))
            }
        }
    }

    /// Writes interactions into a mailbox; returns the sink.
    fn mailbox<W: Write>(&self, store: &dyn Store, names: &Known<'_>, mut out: W, tick: &mut dyn FnMut()) -> Result<W, ExportError> {
        let writer = Letters::new(store, names, &self.view)?;
        self.each(store, names, None, &mut |record| {
            tick();
            writer.write(record, &mut out)
        })?;
        out.flush()?;
        Ok(out)
    }

    /// Returns the members of a record that were asked for, of formats that have their own
    /// names for them: a column is the whole of its field.
    fn asked(&self, mut members: Map<String, Json>) -> Map<String, Json> {
        const STORES: [&str; 4] = ["id", "recorded_at", "updated_at", "external_id"];
        if let Some(columns) = &self.columns {
            let is_asked = |name: &str| columns.iter().any(|column| column.name() == name || column.name().split('.').next() == Some(name));
            members.retain(|name, _| STORES.contains(&name.as_str()) || is_asked(name));
        }
        members
    }

    /// Only people and firms have cards.
    fn check_kind(&self) -> Result<(), ExportError> {
        let (takes, format): (&[Kind], _) = match self.shape {
            Shape::Vcard(_) => (&[Kind::Contact, Kind::Company], "vcard"),
            Shape::Ics => (&[Kind::Task, Kind::Interaction], "ics"),
            Shape::Mbox => (&[Kind::Interaction], "mbox"),
            Shape::Table(_) | Shape::Json | Shape::Jsonl => return Ok(()),
        };
        if takes.contains(&self.kind) {
            return Ok(());
        }
        let problem = Problem::new("format", format!("{} cannot be given as {format}", self.kind.plural()));
        let names: Vec<&str> = takes.iter().map(|kind| kind.plural()).collect();
        Err(ExportError::Usage(problem.hint(format!("{} can", names.join(" and ")))))
    }

    /// Only people consent, and to channels that there are.
    fn check_consent(&self, definitions: &Definitions) -> Result<(), ExportError> {
        let Some(channel) = &self.consent else { return Ok(()) };
        if self.kind != Kind::Contact {
            let problem = Problem::new("consent", format!("a {} gives no consent", self.kind));
            return Err(ExportError::Usage(problem.hint("contacts do: export contact --for …")));
        }
        if definitions.word(ChoiceList::Channel, channel).is_none() {
            let words = definitions.words(ChoiceList::Channel);
            let problem = Problem::new("consent", format!("“{channel}” is no channel"));
            let hint = match crate::domain::fold::nearest(channel, words.iter().copied()) {
                Some(near) => format!("did you mean “{near}”?"),
                None => words.join(", "),
            };
            return Err(ExportError::Usage(problem.hint(hint)));
        }
        Ok(())
    }

    fn is_meant(&self, record: &Record, definitions: &Definitions) -> bool {
        let Some(channel) = self.consent.as_deref().and_then(|channel| definitions.word(ChoiceList::Channel, channel)) else { return true };
        record.labelled(number::CONSENT, channel).and_then(Value::as_text) == Some("yes")
    }

    fn rows(&self, store: &dyn Store, definitions: &Definitions, names: &Known<'_>) -> Result<TableRows, ExportError> {
        if self.shape == Shape::Table(Layout::Ids) {
            return Ok(TableRows::Ids);
        }
        if let Some(columns) = &self.columns {
            return Ok(TableRows::Asked(columns.clone()));
        }
        let seq = store.seq();
        let mut columns = Columns::new(self.kind, definitions);
        self.each(store, names, Some(seq), &mut |record| {
            columns.observe(record, names);
            Ok(())
        })?;
        Ok(TableRows::Whole { columns, seq })
    }

    /// Calls `each` with every record, those that changed after `seq` as they were then;
    /// returns how many were left out.
    fn each(
        &self,
        store: &dyn Store,
        names: &Known<'_>,
        seq: Option<u64>,
        each: &mut dyn FnMut(&Record) -> Result<(), ExportError>,
    ) -> Result<u64, ExportError> {
        let definitions = store.definitions();
        let mut withheld = 0;
        let mut after: Option<Cursor> = None;
        loop {
            let page = store.query(&PageRequest {
                kind: self.kind,
                query: self.query.clone(),
                sort: self.sort.clone(),
                after,
                offset: 0,
                limit: PAGE,
                records: true,
                total: false,
                trash: self.trash,
                at_least: None,
                view: self.view.clone(),
            })?;
            let mut linked = Vec::new();
            page.records.iter().for_each(|record| record.links(&mut |_, id| linked.push(id)));
            names.learn(linked)?;
            for record in &page.records {
                let then = match seq {
                    Some(seq) if record.version > seq => store.as_of(record.id, seq)?,
                    _ => Some(Arc::clone(record)),
                };
                let Some(record) = then else { continue };
                if self.is_meant(&record, &definitions) {
                    each(&record)?;
                } else {
                    withheld += 1;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(withheld);
            }
        }
    }
}

/// What stands in the rows of a table.
enum TableRows {
    Ids,
    Asked(Vec<FieldRef>),
    /// The id, when the store first kept it (by which an import tells its own ids from
    /// another store's), and every field.
    Whole {
        columns: Columns,
        seq: u64,
    },
}

impl TableRows {
    fn seq(&self) -> Option<u64> {
        match self {
            Self::Whole { seq, .. } => Some(*seq),
            Self::Ids | Self::Asked(_) => None,
        }
    }

    fn header(&self) -> Vec<String> {
        match self {
            Self::Ids => vec!["id".to_owned()],
            Self::Asked(columns) => columns.iter().map(|column| column.name().to_owned()).collect(),
            Self::Whole { columns, .. } => ["id", "recorded_at"].map(str::to_owned).into_iter().chain(columns.names()).collect(),
        }
    }

    fn row(&self, record: &Record, definitions: &Definitions, names: &Known<'_>) -> Vec<String> {
        match self {
            Self::Ids => vec![record.id.to_string()],
            Self::Asked(columns) => columns.iter().map(|column| column.text(record, names)).collect(),
            Self::Whole { columns, .. } => {
                let own = [record.id.to_string(), record.recorded_at.to_string()];
                own.into_iter().chain(columns.row(record, definitions, names)).collect()
            }
        }
    }
}

/// Returns the contacts of an interaction that have an address.
fn attendees(record: &Record, store: &dyn Store) -> Result<Vec<Attendee>, StoreError> {
    let ids: Vec<RecordId> = record.values(number::INTERACTION_CONTACT).filter_map(Value::as_link).collect();
    let found = store.get(&ids)?;
    let attendee = |contact: &Record| {
        let email = contact.text(number::CONTACT_EMAIL)?;
        Some(Attendee { name: crate::domain::naming::title(contact), email: email.to_owned() })
    };
    Ok(found.iter().flatten().filter_map(|contact| attendee(contact)).collect())
}

fn object_of(columns: &[FieldRef], record: &Record, names: &Known<'_>) -> Map<String, Json> {
    let value = |column: &FieldRef| json::column(column, record, names).map(|value| (column.name().to_owned(), value));
    columns.iter().filter_map(value).collect()
}

/// Writes everything into a folder: a file of JSON Lines for each kind, by id, trash
/// included, each written beside and put in place whole; and `files/`, the contents of
/// the documents, which stay where they are there already. Returns how many records
/// each kind has.
///
/// # Errors
/// What the folder or the store refuses; files of kinds written before stay.
pub fn everything(
    store: &dyn Store,
    folder: &Path,
    view: &View,
    progress: &mut dyn FnMut(Kind, u64),
) -> Result<Vec<(Kind, u64)>, ExportError> {
    std::fs::create_dir_all(folder)?;
    contents::write(store, folder, view)?;
    let mut written = Vec::new();
    for kind in Kind::public().chain([Kind::Definition]) {
        let path = folder.join(format!("{}.jsonl", kind.name()));
        let part = folder.join(format!(".{}.jsonl.part", kind.name()));
        let export = Export { trash: Trash::With, ..Export::of(kind, Shape::Jsonl, view.clone()) };
        let sink = io::BufWriter::new(std::fs::File::create(&part)?);
        let done = export.write(store, sink, &mut |count| progress(kind, count));
        let (Written { records: count, .. }, sink) = match done {
            Ok(done) => done,
            Err(error) => {
                // What is half written helps nobody; the first error is the one to tell.
                let _ = std::fs::remove_file(&part);
                return Err(error);
            }
        };
        let file = sink.into_inner().map_err(|error| io::Error::new(error.error().kind(), error.error().to_string()))?;
        file.sync_all()?;
        if count == 0 {
            std::fs::remove_file(&part)?;
            if path.exists() {
                std::fs::remove_file(&path)?;
            }
            continue;
        }
        std::fs::rename(&part, &path)?;
        written.push((kind, count));
    }
    Ok(written)
}

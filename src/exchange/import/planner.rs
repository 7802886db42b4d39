//! From a row to what becomes of it: created, changed field by field, left as it is,
//! or rejected with the reason. It plans on the world as it will be; nothing is
//! committed here.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::columns::{Columns, Finder, How, Take};
use super::draft::{Given, Origin, Reader, Refusal, pick, told};
use super::enclosed::Contents;
use super::expected::Expected;
use super::identity::{Identity, Occurrences, hash, own_key};
use super::links::company_of_email;
use super::matching::{Match, Matcher, company_of, only};
use super::misfits::Misfits;
use super::parties;
use super::provenance::{Marks, Provenance, stands_for_another};
use super::put::{Mode, has, put};
use super::report::{Action, FieldChange, RowPlan};
use super::stubs::Stubs;
use super::support;
use super::threads;
use super::world::World;
use crate::actions::differences;
use crate::domain::fields::number;
use crate::domain::naming::complete_name;
use crate::domain::zone::midnight;
use crate::domain::{Date, FieldRef, Kind, Leaf, Lookup, Part, Record, RecordId, System, Timestamp, Value};
use crate::domain::{check_stage, events, fill_defaults, follow_ups};
use crate::exchange::cell::clip;
use crate::exchange::json_rows::leaves;
use crate::exchange::mail::OwnAddress;
use crate::exchange::mapping::{Mapping, Missing, OnMatch};
use crate::exchange::problem::Problem;
use crate::exchange::rows::{Oddity, Row, Values};
use crate::query::index;
use crate::store::StoreError;
use crate::store::api::{Absent, is_new};

/// The source of rows whose import names none.
pub(super) const UNNAMED: &str = "import";

/// The mark of when another store first kept a record: two stores give the same ids.
const RECORDED: &str = "recorded_at";

/// How many different members of JSON objects are told apart.
const MOST_MEMBERS: usize = 10_000;

/// Why a row was not planned.
enum Fault {
    Row(Refusal),
    Store(StoreError),
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Row(refusal)
    }
}

impl From<Problem> for Fault {
    fn from(problem: Problem) -> Self {
        Refusal::row(problem).into()
    }
}

/// What stands of a record before its row gives it.
#[derive(Clone, Copy)]
enum Begun<'a> {
    /// Nothing; and what it was looked for by.
    New(&'a Match),
    /// What was made because another row names it.
    Named(&'a Record),
}

/// A value for rows that give none.
pub(super) struct Constant {
    pub(super) take: Take,
    pub(super) text: String,
    /// It was said for this import (`--set`), and counts like a column.
    pub(super) said: bool,
}

/// What becomes of rows of one kind.
pub(super) struct Lane {
    pub(super) kind: Kind,
    pub(super) columns: Columns,
    pub(super) keys: Vec<FieldRef>,
    pub(super) constants: Vec<Constant>,
    /// Members of JSON objects whose use is known.
    pub(super) members: HashSet<String>,
}

/// Plans the rows of one input.
pub(super) struct Planner<'a, 's> {
    /// The kind of the row at hand.
    pub(super) lane: Lane,
    /// The other kinds that the input has.
    pub(super) others: Vec<Lane>,
    pub(super) mapping: &'a Mapping,
    pub(super) world: &'a World<'s>,
    /// The source as a label.
    pub(super) source: Option<String>,
    /// The team's own addresses.
    pub(super) team: &'a [OwnAddress],
    /// Under which source records of another store of rolo are remembered.
    pub(super) elsewhere: String,
    /// The source whose ids are the same wherever they stand: a record may have several.
    pub(super) shared: Option<&'static str>,
    pub(super) missing: Missing,
    pub(super) now: Timestamp,
    /// When it happens: events are of then.
    pub(super) moment: Timestamp,
    /// What was planned for the rows, where a plan is carried out.
    pub(super) expected: Option<&'a Expected>,
    /// Who imports.
    pub(super) login: String,
    pub(super) seen: RefCell<Occurrences>,
    pub(super) made: RefCell<Vec<RecordId>>,
    pub(super) stubs: Stubs,
    /// Values that no other record may have meanwhile.
    pub(super) absent: RefCell<Vec<Absent>>,
    /// Values that no field took, of lenient rows.
    pub(super) misfits: RefCell<Misfits>,
    /// Whether cells have a `'` before what would be a formula.
    pub(super) marked: bool,
    /// Whether the rows are messages, which never change: of a record that is here only
    /// what it lacks is taken.
    pub(super) is_mail: bool,
    /// Where the contents of documents lie, beside their rows.
    pub(super) contents: Contents<'a>,
}

impl Planner<'_, '_> {
    /// Plans one row; nothing for a blank one. `key` is where the row's name is kept,
    /// should it be planned again.
    ///
    /// # Errors
    /// What the store answers; a row's own faults are told in its plan.
    pub(super) fn plan(&mut self, row: &Row, key: &mut Option<String>) -> Result<Option<RowPlan>, StoreError> {
        if let Some(kind) = row.kind {
            self.turn_to(kind);
        }
        let mark = self.world.mark();
        let absent = self.absent.borrow().len();
        let planned = self.try_plan(row, key);
        if let Some(error) = self.world.failure() {
            return Err(error);
        }
        let made = self.made.take();
        match planned {
            Ok(None) => {
                self.stubs.open(made);
                Ok(None)
            }
            Ok(Some((mut plan, record))) => {
                let stub = record.filter(|record| plan.action != Action::Create && (self.stubs.has(*record) || made.contains(record)));
                if stub.is_some() {
                    plan.action = Action::Create;
                }
                if let Some(problem) = self.expected.and_then(|expected| expected.check(&plan).err()) {
                    self.take_back(mark, absent);
                    return Ok(Some(rejected(row.number, row.line, Refusal::row(problem))));
                }
                self.stubs.open(made);
                stub.map(|record| self.stubs.close(record));
                Ok(Some(plan))
            }
            Err(Fault::Store(error)) => Err(error),
            Err(Fault::Row(refusal)) => {
                self.take_back(mark, absent);
                Ok(Some(rejected(row.number, row.line, refusal)))
            }
        }
    }

    /// Takes back what a row has planned that is not taken.
    fn take_back(&self, mark: usize, absent: usize) {
        self.world.take_back(mark);
        self.absent.borrow_mut().truncate(absent);
    }

    /// Goes on with rows of that kind, if the input has them.
    fn turn_to(&mut self, kind: Kind) {
        if self.lane.kind != kind
            && let Some(at) = self.others.iter().position(|other| other.kind == kind)
        {
            std::mem::swap(&mut self.lane, &mut self.others[at]);
        }
    }

    fn try_plan(&mut self, row: &Row, key: &mut Option<String>) -> Result<Option<(RowPlan, Option<RecordId>)>, Fault> {
        let told = match (&row.parties, &row.values) {
            (Some(parties), Values::Tree(tree)) => {
                let mut tree = tree.clone();
                parties::tell(self.world, self.team, self.lane.kind, parties, &mut tree)?;
                Some(Row { values: Values::Tree(tree), parties: None, ..row.clone() })
            }
            _ => None,
        };
        self.plan_told(told.as_ref().unwrap_or(row), key)
    }

    fn plan_told(&mut self, row: &Row, key: &mut Option<String>) -> Result<Option<(RowPlan, Option<RecordId>)>, Fault> {
        self.check_shape(row)?;
        if let Values::Tree(tree) = &row.values {
            self.learn_members(tree);
        }
        if row.lenient {
            self.take_notes();
        }
        let misfits = RefCell::new(Vec::new());
        let reader = Reader {
            kind: self.lane.kind,
            world: self.world,
            file: &self.mapping.file,
            source: self.source.as_deref(),
            now: self.now,
            missing: self.missing,
            made: &self.made,
            marked: self.marked,
            origin: self.origin(row)?,
            misfits: row.lenient.then_some(&misfits),
            elsewhere: &self.elsewhere,
        };
        let mut given = reader.read(&self.lane.columns.takes, &row.values)?;
        let noted = self.misfits.borrow_mut().note(row.line, &misfits.borrow(), key.is_none());
        if let Some(text) = noted {
            self.give_note(&mut given, &text);
        }
        let own = self.own(&mut given)?;
        if given.iter().all(|given| given.values.is_empty()) && own.is_none() {
            return Ok(None);
        }
        if self.is_mail
            && reader.origin == Origin::Here
            && let Some((id, _)) = own
        {
            return Ok(Some((RowPlan { record: Some(id), ..unchanged(row, "it was written of this record") }, Some(id))));
        }
        if self.is_mail && self.missing != Missing::Create && !self.has_contact(&given) {
            return Ok(Some((unchanged(row, "nobody in it is known here"), None)));
        }
        let mut scratch = Record::new(RecordId::new(self.lane.kind, 0));
        for one in &given {
            let field = &self.lane.columns.takes[one.take].field;
            // Several columns may give to one field; what rolo wrote stands once.
            let adds = field.repeats() && reader.origin == Origin::Unsaid;
            put(&mut scratch, field, &one.values, if adds { Mode::Join } else { Mode::Set });
        }
        let found = self.find(&scratch, own.as_ref(), reader.origin, &given)?;
        let source = match found.identity {
            Identity::Own(_) => &self.elsewhere,
            _ => self.source.as_deref().unwrap_or(UNNAMED),
        };
        let key = key.get_or_insert_with(|| self.seen.borrow_mut().key(source, self.lane.kind, &found.identity));
        let provenance = Provenance::of(self.world, key.clone())?;
        let recorded = match (&found.identity, own) {
            (Identity::Own(_), Some((id, Some(at)))) => Some((id, at)),
            _ => None,
        };
        if let Some((id, at)) = recorded
            && provenance.marks().get(RECORDED).is_some_and(|mark| *mark != at.0)
        {
            let problem = Problem::new("id", format!("{id} of another store was taken in from {source} before"));
            return Err(problem.hint("name each store with --source").into());
        }
        let known = match self.known(&found, &provenance)? {
            // What was merged meanwhile leads to the record that it is a part of.
            Some((record, by)) => Some((self.world.lead(record)?, by)),
            None => None,
        };
        let mut plan = RowPlan { reason: None, ..unchanged(row, "") };
        let (record, mut marks) = match known {
            Some((before, _)) if before.has(number::TRASHED_AT) => {
                plan.record = Some(before.id);
                plan.reason = Some("its record is in the trash".to_owned());
                return Ok(Some((plan, None)));
            }
            Some((before, by)) => {
                plan.key = Some(by);
                if provenance.is_unchanged(&before) {
                    self.create(&mut plan, scratch, &given, Begun::Named(&before), &provenance, &reader, row)?
                } else {
                    self.merge(&mut plan, &before, &given, &provenance, &reader)?
                }
            }
            None => self.create(&mut plan, scratch, &given, Begun::New(&found), &provenance, &reader, row)?,
        };
        if self.lane.kind == Kind::Document
            && let Some(document) = self.world.get(record)?
        {
            self.contents.have(&document)??;
        }
        plan.record = Some(record);
        marks.extend(recorded.map(|(_, at)| (RECORDED.to_owned(), at.0)));
        provenance.keep(self.world, record, marks, Some(row.line));
        Ok(Some((plan, Some(record))))
    }

    fn has_contact(&self, given: &[Given]) -> bool {
        given
            .iter()
            .any(|one| self.lane.columns.takes[one.take].field.written() == Some(number::INTERACTION_CONTACT) && !one.values.is_empty())
    }

    /// Sees to it that there is a place for notes.
    fn take_notes(&mut self) {
        if self.notes().is_none() {
            let finder = Finder::new(self.lane.kind, self.mapping, self.world.definitions());
            if let (_, Some(take)) = finder.member("notes") {
                self.lane.members.insert("notes".to_owned());
                self.lane.columns.takes.push(take);
            }
        }
    }

    fn notes(&self) -> Option<usize> {
        self.lane.columns.takes.iter().position(|take| take.field.written() == Some(number::NOTES))
    }

    /// Adds a text to the notes that a row gives.
    fn give_note(&self, given: &mut Vec<Given>, text: &str) {
        let Some(at) = self.notes() else { return };
        let known = given.iter().position(|one| one.take == at);
        let before = known.and_then(|at| given[at].values.first()).and_then(Value::as_text).map(|note| format!("{note}\n\n"));
        let note = format!("{}{text}", before.unwrap_or_default());
        let one = Given { take: at, mark: hash(&[&note]), values: vec![Value::text(note)] };
        match known {
            Some(known) => given[known] = one,
            None => given.push(one),
        }
    }

    fn check_shape(&self, row: &Row) -> Result<(), Refusal> {
        let problem = match row.oddity {
            None | Some(Oddity::Padded { .. }) => return Ok(()),
            Some(Oddity::TooShort { cells }) => Problem::new("too-few-cells", format!("the row has only {cells} cells"))
                .hint("a line break or a delimiter is missing or too many"),
            Some(Oddity::TooLong { cells }) => {
                Problem::new("too-many-cells", format!("the row has {cells} cells, more than there are columns"))
                    .hint("a cell that holds a delimiter stands in quotes")
            }
            Some(Oddity::TextAfterQuote { cell }) => {
                let problem = Problem::new("quote", format!("text follows the closing quote of cell {}", cell + 1));
                problem.hint("a quote within quotes is written twice")
            }
        };
        Err(Refusal::row(problem.line(row.line)))
    }

    /// Takes the members of a JSON object in that are not known yet.
    fn learn_members(&mut self, tree: &serde_json::Map<String, serde_json::Value>) {
        let finder = Finder::new(self.lane.kind, self.mapping, self.world.definitions());
        for (name, value) in tree {
            if self.lane.members.contains(name) || self.lane.members.len() >= MOST_MEMBERS {
                continue;
            }
            self.lane.members.insert(name.clone());
            let inside = format!("{name}.");
            let mut paths = self.mapping.columns.iter().map(|c| &c.header).chain(self.mapping.joined.iter().flat_map(|j| &j.headers));
            if paths.any(|path| path == name || path.starts_with(&inside)) {
                continue;
            }
            let (used, take) = finder.member(name);
            let mut left = Vec::new();
            if used.how == How::Left
                && let serde_json::Value::Object(map) = value
            {
                leaves(map, &mut |path, _| left.push(format!("{name}.{path}")));
            }
            if left.is_empty() {
                self.lane.columns.uses.push(used);
            }
            self.lane.columns.uses.extend(left.into_iter().map(|path| finder.member(&path).0).filter(|used| used.how == How::Left));
            self.lane.columns.takes.extend(take);
        }
    }

    /// Takes the row's own id, as rolo writes it, out of what is given.
    fn own(&self, given: &mut Vec<Given>) -> Result<Option<(RecordId, Option<Timestamp>)>, Refusal> {
        let mut own = None;
        let mut recorded = None;
        let mut refused = None;
        given.retain(|one| {
            let take = &self.lane.columns.takes[one.take];
            let text = one.values.first().and_then(Value::as_text).unwrap_or_default();
            match take.field.leaf() {
                Leaf::System(System::Id) => match text.parse::<RecordId>() {
                    Ok(id) if id.kind == self.lane.kind => own = Some(id),
                    _ => {
                        refused = Some((take.header.clone(), format!("“{}” is no id of a {}", clip(text), self.lane.kind)));
                    }
                },
                Leaf::System(System::RecordedAt) => recorded = Timestamp::from_rfc3339(text),
                _ => return true,
            }
            false
        });
        match refused {
            Some((column, message)) => {
                let problem = Problem::new("id", message).hint("ids of another program are its external_id");
                Err(Refusal::of(problem, Some(column)))
            }
            None => Ok(own.map(|id| (id, recorded))),
        }
    }

    /// Returns from which store the row was written. A record of the same id that was
    /// first kept at another moment is another store's.
    fn origin(&self, row: &Row) -> Result<Origin, StoreError> {
        let text = |wanted: System| {
            let take = self.lane.columns.takes.iter().find(|take| matches!(take.field.leaf(), Leaf::System(found) if *found == wanted));
            take.map(|take| pick(&take.from, &take.with, &row.values, false))
        };
        let Some(id) = text(System::Id).and_then(|text| text.trim().parse::<RecordId>().ok()) else { return Ok(Origin::Unsaid) };
        let recorded = text(System::RecordedAt).and_then(|text| Timestamp::from_rfc3339(text.trim()));
        if let Some(at) = recorded {
            let key = own_key(&self.elsewhere, id);
            if Provenance::of(self.world, key)?.marks().get(RECORDED) == Some(&at.0) {
                return Ok(Origin::Elsewhere);
            }
        }
        let is_here = self.world.get(id)?.is_some_and(|record| recorded.is_none_or(|at| at == record.recorded_at));
        Ok(if is_here { Origin::Here } else { Origin::Elsewhere })
    }

    fn find(&self, scratch: &Record, own: Option<&(RecordId, Option<Timestamp>)>, origin: Origin, given: &[Given]) -> Result<Match, Fault> {
        let matcher =
            Matcher { world: self.world, kind: self.lane.kind, source: self.source.as_deref(), keys: &self.lane.keys, shared: self.shared };
        let mut parts: Vec<String> =
            given.iter().map(|one| format!("{}={:016x}", self.lane.columns.takes[one.take].field.name(), one.mark)).collect();
        parts.sort_unstable();
        let content = hash(&parts.iter().map(String::as_str).collect::<Vec<_>>());
        let Some((id, recorded)) = own else { return Ok(matcher.find(scratch, content)?) };
        if origin == Origin::Here {
            let records = self.world.get(*id)?.into_iter().collect();
            return Ok(Match { identity: Identity::Here(*id), records, unique: Vec::new(), by: None });
        }
        if recorded.is_none() {
            let problem = Problem::new("missing", format!("there is no {id}"));
            return Err(problem.hint("leave the column out to create records: --column id=false").into());
        }
        let found = matcher.find(scratch, content)?;
        // Two records of another store are two here, however much they are alike.
        let source = &self.elsewhere;
        let mut free = Vec::new();
        for record in found.records {
            if !stands_for_another(self.world, source, &record)? {
                free.push(record);
            }
        }
        Ok(Match { identity: Identity::Own(*id), records: free, unique: Vec::new(), by: None })
    }

    /// Returns the record of a row, and how it was found: by its source's id, else as
    /// the one that was made of the row last time, else by its key.
    fn known(&self, found: &Match, provenance: &Provenance) -> Result<Option<(Arc<Record>, String)>, Fault> {
        let by_key = |record: &Arc<Record>| (Arc::clone(record), found.shown());
        if matches!(found.identity, Identity::Id(_) | Identity::Here(_))
            && let Some(record) = only(found, self.world)?
        {
            return Ok(Some(by_key(record)));
        }
        // What was found by its key is most often what was made then: it is read once.
        let at_hand = |id: RecordId| found.records.iter().find(|record| record.id == id).map(Arc::clone);
        let made = match provenance.record() {
            Some(id) => at_hand(id).map_or_else(|| self.world.get(id), |record| Ok(Some(record)))?,
            None => None,
        };
        if let Some(record) = made {
            let how = match &found.identity {
                Identity::Content(_) => "the same row as last time".to_owned(),
                identity => format!("{}, as last time", identity.shown()),
            };
            return Ok(Some((record, how)));
        }
        Ok(only(found, self.world)?.map(by_key))
    }

    #[allow(clippy::too_many_arguments, reason = "one row and all that is known of it")]
    fn create(
        &self,
        plan: &mut RowPlan,
        mut record: Record,
        given: &[Given],
        begun: Begun<'_>,
        provenance: &Provenance,
        reader: &Reader<'_, '_>,
        row: &Row,
    ) -> Result<(RecordId, Marks), Fault> {
        let mut marks = self.marks_of(given);
        for constant in &self.lane.constants {
            if has(&record, &constant.take.field) {
                continue;
            }
            let values = reader.constant(&constant.take, &constant.text)?;
            put(&mut record, &constant.take.field, &values, Mode::Set);
            marks.insert(constant.take.field.name().to_owned(), mark_of(&constant.text));
        }
        let place = format!("{}:{}", self.source.as_deref().unwrap_or(UNNAMED), row.line);
        if reader.origin == Origin::Unsaid {
            self.close(&mut record);
        }
        if self.lane.kind.info().public {
            fill_defaults(&mut record, self.world.definitions(), self.now);
        }
        if self.lane.kind == Kind::Interaction
            && (reader.origin == Origin::Unsaid || self.is_mail)
            && !record.has(number::INTERACTION_COMPANY)
        {
            // A company comes with its contact; what rolo wrote says all of it.
            let contact = record.link(number::INTERACTION_CONTACT).and_then(|contact| self.world.record(contact));
            let mut company = contact.as_ref().and_then(|contact| company_of(contact));
            if self.is_mail
                && company.is_none()
                && let Some(email) = contact.as_ref().and_then(|contact| contact.text(number::CONTACT_EMAIL))
            {
                company = company_of_email(self.world, email)?;
            }
            record.replace(number::INTERACTION_COMPANY, company.map(Value::Link));
        }
        if self.is_mail {
            threads::join(self.world, &mut record)?;
        }
        if self.is_mail
            && let Some(led) = support::join(self.world, &mut record, &row.addressed, self.now)?
        {
            self.events_at(led.before.as_deref(), led.ticket, led.at)?;
        }
        complete_name(None, &mut record, self.world, Some(&place));
        self.check(&record)?;
        let found = match begun {
            Begun::New(found) => found,
            Begun::Named(stub) => {
                plan.action = Action::Update;
                plan.changes = self.changes(Some(stub), &record);
                self.world.put(Record { fields: record.fields, ..Record::clone(stub) }, stub.version);
                self.events(None, stub.id)?;
                return Ok((stub.id, marks));
            }
        };
        let mut absent = self.absent.borrow_mut();
        absent.extend(found.unique.iter().filter_map(|(field, value)| {
            let key = index::key_of(self.lane.kind, *field, value)?;
            Some(Absent { kind: self.lane.kind, field: *field, key })
        }));
        if provenance.is_new()
            && let Some(key) = index::key_of(Kind::Provenance, number::PROVENANCE_KEY, &Value::text(provenance.key()))
        {
            absent.push(Absent { kind: Kind::Provenance, field: number::PROVENANCE_KEY, key });
        }
        drop(absent);
        plan.action = Action::Create;
        plan.changes = self.changes(None, &record);
        let id = self.world.create(record);
        self.events(None, id)?;
        Ok((id, marks))
    }

    fn merge(
        &self,
        plan: &mut RowPlan,
        before: &Arc<Record>,
        given: &[Given],
        provenance: &Provenance,
        reader: &Reader<'_, '_>,
    ) -> Result<(RecordId, Marks), Fault> {
        let usual = if self.is_mail { OnMatch::Fill } else { OnMatch::default() };
        let general = self.mapping.on_match.unwrap_or(usual);
        let mut marks = provenance.marks();
        if general == OnMatch::Reject {
            return Err(Problem::new("exists", format!("{} exists already", before.id)).hint("--on-match merge takes it in").into());
        }
        if general == OnMatch::Skip {
            plan.reason = Some("records that exist are skipped".to_owned());
            return Ok((before.id, marks));
        }
        let mut after = Record::clone(before);
        let names = self.mark_names(given);
        for (one, name) in given.iter().zip(names) {
            let take = &self.lane.columns.takes[one.take];
            let mark = one.mark.cast_signed();
            let as_before = marks.insert(name, mark) == Some(mark);
            match take.rule.policy.unwrap_or(general) {
                OnMatch::Merge if as_before => {}
                // Whose a known message is, is said here alone.
                OnMatch::Fill if self.is_mail && (as_before || take.field.written() == Some(number::OWNER)) => {}
                OnMatch::Fill if has(&after, &take.field) => {}
                OnMatch::Skip => {}
                OnMatch::Reject if has(&after, &take.field) => {
                    let mut changed = after.clone();
                    put(&mut changed, &take.field, &one.values, Mode::Set);
                    if changed.fields != after.fields {
                        let problem = Problem::new("exists", format!("{} has another {}", before.id, take.field.name()));
                        return Err(Refusal::of(problem, Some(take.header.clone())).into());
                    }
                }
                policy => {
                    let adds = take.field.repeats() && policy != OnMatch::Overwrite && !one.values.is_empty();
                    let joins = if reader.origin == Origin::Unsaid { Mode::Join } else { Mode::Add };
                    put(&mut after, &take.field, &one.values, if adds { joins } else { Mode::Set });
                }
            }
        }
        for constant in &self.lane.constants {
            let name = constant.take.field.name().to_owned();
            let mark = mark_of(&constant.text);
            let given_by_row = given.iter().any(|one| self.lane.columns.takes[one.take].field.name() == name);
            let as_before = marks.get(&name) == Some(&mark);
            if given_by_row || as_before || (!constant.said && has(&after, &constant.take.field)) {
                continue;
            }
            let values = reader.constant(&constant.take, &constant.text)?;
            let mode = if constant.take.field.repeats() { Mode::Add } else { Mode::Set };
            put(&mut after, &constant.take.field, &values, mode);
            marks.insert(name, mark);
        }
        if after.fields == before.fields {
            return Ok((before.id, marks));
        }
        follow_ups(Some(before), &mut after, self.world.definitions(), self.now);
        complete_name(Some(before), &mut after, self.world, None);
        self.check(&after)?;
        plan.changes = self.changes(Some(before), &after);
        plan.action = Action::Update;
        self.world.put(after, before.version);
        self.events(Some(before), before.id)?;
        Ok((before.id, marks))
    }

    /// Most programs keep one date of a deal: of one that is won or lost it is the day on
    /// which that was.
    fn close(&self, record: &mut Record) {
        let definitions = self.world.definitions();
        if record.kind() != Kind::Opportunity || record.has(number::OPPORTUNITY_CLOSED_AT) || !definitions.meaning_of(record).is_closed() {
            return;
        }
        let day = record.first(number::EXPECTED_CLOSE).and_then(Value::as_date);
        let at = day.and_then(Date::whole).map(|day| midnight(definitions.settings.timezone, day));
        if let Some(at) = at.filter(|at| *at <= self.now) {
            record.set(number::OPPORTUNITY_CLOSED_AT, Value::Time(at));
        }
    }

    /// Refuses what the values are each for themselves, and not together.
    fn check(&self, record: &Record) -> Result<(), Refusal> {
        if record.kind() != Kind::Opportunity {
            return Ok(());
        }
        check_stage(record, self.world.definitions()).map_err(|error| {
            let takes = self.lane.columns.takes.iter().find(|take| take.field.written() == Some(number::STAGE));
            Refusal::of(told(&error), takes.map(|take| take.header.clone()))
        })
    }

    /// Plans the events that a change makes.
    fn events(&self, before: Option<&Record>, id: RecordId) -> Result<(), StoreError> {
        self.events_at(before, id, self.moment)
    }

    /// Plans the events that a change makes which happened at a moment.
    fn events_at(&self, before: Option<&Record>, id: RecordId, at: Timestamp) -> Result<(), StoreError> {
        let Some(after) = self.world.get(id)? else { return Ok(()) };
        for fields in events(before, &after, at, &self.login) {
            let mut event = Record::new(RecordId::new(Kind::Event, 0));
            fields.into_iter().for_each(|(field, value)| event.push(field, value));
            fill_defaults(&mut event, self.world.definitions(), self.moment);
            self.world.create(event);
        }
        Ok(())
    }

    fn changes(&self, before: Option<&Record>, after: &Record) -> Vec<FieldChange> {
        let shown = |values: &[Value]| {
            let texts: Vec<String> = values.iter().map(|value| shown(value, self.world)).collect();
            texts.join("; ")
        };
        let found = differences(after.id, before, Some(after));
        found.iter().map(|one| FieldChange { field: one.name(), before: shown(&one.before), after: shown(&one.after) }).collect()
    }

    fn marks_of(&self, given: &[Given]) -> Marks {
        self.mark_names(given).into_iter().zip(given).map(|(name, one)| (name, one.mark.cast_signed())).collect()
    }

    /// Returns the names of the marks: the field's, and which of the columns that
    /// give the field it is.
    fn mark_names(&self, given: &[Given]) -> Vec<String> {
        let takes = &self.lane.columns.takes;
        let name = |one: &Given| {
            let field = takes[one.take].field.name();
            if !takes[one.take].field.repeats() {
                // Of several columns for one value one has been taken.
                return field.to_owned();
            }
            match takes[..one.take].iter().filter(|take| take.field.name() == field).count() {
                0 => field.to_owned(),
                more => format!("{field}#{}", more + 1),
            }
        };
        given.iter().map(name).collect()
    }

    /// Forgets what was planned since the last commit.
    pub(super) fn rewind(&mut self) {
        self.stubs.rewind();
        self.absent.borrow_mut().clear();
        self.world.clear(true);
    }

    /// Takes what was planned since the last commit as being committed.
    pub(super) fn take_off(&mut self) {
        self.stubs.take_off();
        self.absent.borrow_mut().clear();
        self.world.take_off();
    }

    /// Takes the ids and the version that were given to what was being committed.
    pub(super) fn land(&mut self, given: &HashMap<RecordId, RecordId>, seq: u64) {
        self.stubs.land(given);
        self.world.land(given, seq);
    }

    /// Goes on behind a commit that gave these ids.
    pub(super) fn settle(&mut self, given: &HashMap<RecordId, RecordId>) {
        self.stubs.settle(given);
        self.absent.borrow_mut().clear();
        self.world.clear(false);
    }
}

/// Returns a value as a plan shows it: under its label, links by name.
fn shown(value: &Value, world: &World<'_>) -> String {
    let parts = match value.bare() {
        Value::Job(_) => Part::OF_JOB,
        Value::Line(_) => Part::OF_LINE,
        Value::Address(_) => Part::OF_ADDRESS,
        _ => &[],
    };
    let text = if parts.is_empty() {
        value.named(world)
    } else {
        let one = |part: &Part| part.get(value).map(|inner| format!("{}={}", part.name(), inner.named(world)));
        parts.iter().filter_map(one).collect::<Vec<_>>().join("; ")
    };
    match value.label() {
        Some(label) => format!("{label}: {text}"),
        None => text,
    }
}

fn mark_of(text: &str) -> i64 {
    hash(&[text.trim()]).cast_signed()
}

/// Returns the plan of a row that changes nothing, and why.
fn unchanged(row: &Row, why: &str) -> RowPlan {
    RowPlan {
        number: row.number,
        line: row.line,
        action: Action::Unchanged,
        record: None,
        key: None,
        changes: Vec::new(),
        reason: Some(why.to_owned()),
        problem: None,
        column: None,
    }
}

/// Returns the plan of a row that is not taken.
pub(super) fn rejected(number: u64, line: u64, refusal: Refusal) -> RowPlan {
    let mut problem = *refusal.problem;
    problem.at.line.get_or_insert(line);
    RowPlan {
        number,
        line,
        action: Action::Reject,
        record: None,
        key: None,
        changes: Vec::new(),
        reason: None,
        problem: Some(problem),
        column: refusal.column,
    }
}

/// Gives a planned row's new record its real id.
pub(super) fn settle_plan(plan: &mut RowPlan, given: &HashMap<RecordId, RecordId>) {
    if let Some(id) = plan.record
        && is_new(id)
    {
        plan.record = given.get(&id).copied();
    }
}

/// Names the record of a row that was planned on top of a commit which has given these ids.
pub(super) fn name_plan(plan: &mut RowPlan, given: &HashMap<RecordId, RecordId>) {
    if let Some(id) = plan.record.as_mut()
        && let Some(own) = given.get(id)
    {
        *id = *own;
    }
}

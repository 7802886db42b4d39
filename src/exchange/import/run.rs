//! The run of an import: inputs are opened, their columns worked out, rows planned
//! and committed in batches, the report put together.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;
use std::time::Instant;

use super::batch::{Flight, Pending, Step, name_documents, tell};
use super::columns::{Columns, Finder, From, How, Use};
use super::create_fields;
use super::draft::Refusal;
use super::enclosed::{self, Contents};
use super::expected::Expected;
use super::identity::{Occurrences, hash};
use super::leftover::Left;
use super::matching::is_findable;
use super::planner::{Constant, Lane, Planner, UNNAMED, rejected};
use super::report::{Action, Report, RowPlan};
use super::stubs::Stubs;
use super::team;
use super::world::World;
use crate::actions::Desk;
use crate::domain::parse::label;
use crate::domain::{FieldRef, Kind, Timestamp};
use crate::exchange::contents::Beside;
use crate::exchange::dialect::Given as GivenDialect;
use crate::exchange::encoding::{Evidence, Hints};
use crate::exchange::format::Format;
use crate::exchange::header::Header;
use crate::exchange::json_rows::{at_path, leaf_text, leaves};
use crate::exchange::mail::OwnAddress;
use crate::exchange::mapping::{Mapping, Missing};
use crate::exchange::problem::Problem;
use crate::exchange::rows::{self, Enclosed, Facts, Request, Row, RowResult, Rows, Values};
use crate::exchange::snapshots::Snapshots;
use crate::store::StoreError;
use crate::store::api::{Change, MAX_CHANGES, MAX_COMMIT_BYTES, StepKind, Store};

/// Rows that are looked at before the first is planned, to see how numbers and
/// dates are written.
const SAMPLE: usize = 200;

/// The most notices about rows.
const MOST_NOTICES: usize = 100;

/// A batch is committed when so many changes are planned; one row adds a few.
const BATCH_CHANGES: usize = MAX_CHANGES * 6 / 10;
const BATCH_BYTES: usize = MAX_COMMIT_BYTES / 2;

/// How many bytes of rows are held at most, beyond one: a row may be a card with photos.
const HELD_BYTES: usize = 16 << 20;

/// How many rows pass between two tellings of progress.
const TELL: u64 = 250;

/// What an import is to do.
pub struct Settings {
    /// The kind of record.
    pub kind: Kind,
    /// Whether each row says its own kind, where the format has several.
    pub each_its_own: bool,
    /// The mapping, with the flags laid over it.
    pub mapping: Mapping,
    /// The input's format, where it is given.
    pub format: Option<Format>,
    /// Links to what does not exist are refused.
    pub no_create: bool,
    /// Columns that have no field become custom ones.
    pub create_fields: bool,
    /// Nothing is changed, only told.
    pub dry_run: bool,
    /// The team's own addresses, beside those of its users.
    pub me: Vec<String>,
    /// What was planned for the rows, where a plan is carried out.
    pub expected: Option<Expected>,
    /// The moment of which defaults and relative dates are, where it is not now.
    pub planned_at: Option<Timestamp>,
}

impl Settings {
    /// Returns the settings of an import that makes what is missing.
    pub fn new(kind: Kind, mapping: Mapping) -> Self {
        Self {
            kind,
            each_its_own: false,
            mapping,
            format: None,
            no_create: false,
            create_fields: false,
            dry_run: false,
            me: Vec::new(),
            expected: None,
            planned_at: None,
        }
    }

    /// Returns the settings of an import of rows that say themselves what they are.
    pub fn each_its_own(mapping: Mapping) -> Self {
        Self { each_its_own: true, ..Self::new(Kind::Contact, mapping) }
    }
}

/// Where an input's rows come from.
pub enum Source<'i> {
    /// Bytes, whose format is found out.
    Bytes(Box<dyn Read + 'i>),
    /// Rows that somebody has read.
    Rows(Box<dyn Rows + 'i>),
}

/// One input.
pub struct Input<'i> {
    /// Its name, as the user gave it.
    pub name: String,
    /// Where it is read from.
    pub source: Source<'i>,
    /// Its own kind and mapping, where they are not those of the settings.
    pub own: Option<(Kind, Mapping)>,
}

impl<'i> Input<'i> {
    /// Returns an input that is taken as the settings say.
    pub fn new(name: impl Into<String>, source: Box<dyn Read + 'i>) -> Self {
        Self { name: name.into(), source: Source::Bytes(source), own: None }
    }
}

/// Why an import stopped.
#[derive(Debug)]
pub enum ImportError {
    /// The call or the mapping is wrong.
    Usage(Vec<Problem>),
    /// An input cannot be read.
    Input(Problem),
    /// The store refuses.
    Store(StoreError),
    /// Who watched had it stopped; what was committed stays, as an unfinished step.
    Stopped {
        /// Rows whose fate is settled.
        rows: u64,
        /// The step, where anything was committed.
        step: Option<u64>,
    },
}

impl std::fmt::Display for ImportError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Usage(problems) => {
                let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
                f.write_str(&texts.join("\n"))
            }
            Self::Input(problem) => problem.fmt(f),
            Self::Store(error) => error.fmt(f),
            Self::Stopped { step: None, .. } => f.write_str("stopped before anything was taken"),
            Self::Stopped { rows, step: Some(step) } => write!(f, "stopped after {rows} rows, as @{step}"),
        }
    }
}

impl std::error::Error for ImportError {}

impl std::convert::From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl ImportError {
    /// Returns the exit code: 2 for a wrong call or mapping, 1 for an input, the store's
    /// own, 130 where it was stopped.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Input(_) => 1,
            Self::Store(error) => error.exit_code(),
            Self::Stopped { .. } => 130,
        }
    }
}

/// Who is told of an import as it goes.
pub trait Watch {
    /// An input was opened: what it is, and what becomes of its columns.
    ///
    /// # Errors
    /// Where it cannot be told: the import stops.
    fn opened(&mut self, _name: &str, _facts: &Facts, _uses: &[Use]) -> std::io::Result<()> {
        Ok(())
    }

    /// What became of a row; `raw` is how it was written.
    ///
    /// # Errors
    /// Where it cannot be told, as when the rejects file cannot be written: the import stops.
    fn row(&mut self, _plan: &RowPlan, _raw: &str) -> std::io::Result<()> {
        Ok(())
    }

    /// What became of a row, and the row; told before [`Self::row`].
    ///
    /// # Errors
    /// Where it cannot be told: the import stops.
    fn read(&mut self, _plan: &RowPlan, _row: &Row) -> std::io::Result<()> {
        Ok(())
    }

    /// Whether a row that is only planned is told with the files that came with it.
    fn takes_files(&self) -> bool {
        false
    }

    /// So many rows and bytes of the input have been used; `Break` stops the import
    /// where it is.
    fn progress(&mut self, _rows: u64, _bytes: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Nobody is told.
impl Watch for () {}

/// An import.
pub struct Import<'s> {
    pub(super) desk: &'s Desk,
    pub(super) store: &'s dyn Store,
    now: Timestamp,
    pub(super) settings: Settings,
    /// The team's own addresses.
    team: Vec<OwnAddress>,
}

/// What goes on from input to input.
#[derive(Default)]
struct Before {
    stubs: Stubs,
    seen: Occurrences,
}

impl<'s> Import<'s> {
    /// Returns an import into a desk's store.
    pub fn new(desk: &'s Desk, settings: Settings) -> Self {
        let now = settings.planned_at.unwrap_or_else(|| desk.now());
        Self { desk, store: &*desk.store, now, settings, team: Vec::new() }
    }

    /// Imports the inputs, one after another, as one step.
    ///
    /// # Errors
    /// Where it stops: what was committed stays, as an unfinished step; run again, it
    /// goes on there.
    pub fn run(mut self, inputs: Vec<Input<'_>>, watch: &mut dyn Watch) -> Result<Report, ImportError> {
        if self.desk.readonly && !self.settings.dry_run {
            return Err(StoreError::ReadOnly("rolo was started with --readonly".to_owned()).into());
        }
        let began = Instant::now();
        let mut world = World::new(self.store);
        let mut report = Report::default();
        let mut step: Option<Step> = None;
        let mut before = Before::default();
        let count = inputs.len();
        for (at, input) in inputs.into_iter().enumerate() {
            before = self.input(&mut world, input, at + 1 == count, before, &mut step, &mut report, watch)?;
        }
        report.linked = before.stubs.len() as u64;
        report.step = step.and_then(|step| step.number).map(|number| format!("@{number}"));
        report.seconds = began.elapsed().as_secs_f64();
        Ok(report)
    }

    #[allow(clippy::too_many_arguments, reason = "what goes on from input to input")]
    fn input(
        &mut self,
        world: &mut World<'s>,
        input: Input<'_>,
        is_last: bool,
        before: Before,
        step: &mut Option<Step>,
        report: &mut Report,
        watch: &mut dyn Watch,
    ) -> Result<Before, ImportError> {
        let at_file = |problem: Problem| ImportError::Input(problem.file(&input.name));
        if let Some((kind, mapping)) = input.own {
            self.settings.kind = kind;
            self.settings.mapping = mapping;
        }
        if self.team.is_empty() && (self.settings.each_its_own || matches!(self.settings.kind, Kind::Interaction | Kind::Task)) {
            // What is sent to a queue is sent to the team.
            let queues = world.definitions().queues.iter().flat_map(|inbox| inbox.addresses.iter().cloned());
            let own: Vec<String> = self.settings.me.iter().cloned().chain(queues).collect();
            self.team = team::addresses(self.store, self.desk.view(), &own)?;
        }
        let mut source = match input.source {
            Source::Bytes(bytes) => self.open(&input.name, bytes, &self.finder(world, self.settings.kind)).map_err(at_file)?,
            Source::Rows(rows) => rows,
        };
        let said = [self.settings.kind];
        let kinds = match source.facts().format.kinds() {
            kinds if self.settings.each_its_own && !kinds.is_empty() => kinds,
            _ => &said,
        }
        .to_vec();
        let Some((&kind, others)) = kinds.split_first() else {
            return Err(ImportError::Usage(vec![Problem::new("kind", "what is each row?").file(&input.name)]));
        };
        let mut first: VecDeque<RowResult> = VecDeque::new();
        let mut held = 0;
        while first.len() < SAMPLE
            && held < HELD_BYTES
            && let Some(row) = source.next_row().map_err(at_file)?
        {
            held += weight(&row);
            first.push_back(row);
        }
        let fields = if self.settings.create_fields { self.create_fields(world, kind, source.header(), &first)? } else { None };
        let finder = self.finder(world, kind);
        let columns = match source.header() {
            Some(header) => finder.table(header),
            None => finder.tree(),
        };
        let this = &*self;
        let world = &*world;
        let facts = source.facts();
        let lane = this.lane(world, kind, columns.map_err(ImportError::Usage)?)?;
        let others = others.iter().map(|kind| {
            // What a mapping says of the first kind need not be true of the others.
            let columns = this.finder(world, *kind).tree().unwrap_or_default();
            this.lane(world, *kind, columns)
        });
        let others = others.collect::<Result<Vec<_>, _>>()?;
        let mut planner = this.planner(&input.name, world, lane, others, facts.format.source(), before);
        learn(&mut planner, &first);
        // Our own tsv marks nothing, and no spreadsheet takes a file of JSON for its own.
        planner.marked = facts.dialect.as_ref().is_some_and(|dialect| !dialect.syntax.escapes);
        planner.is_mail = facts.format.is_mail();
        if source.header().is_some_and(|header| header.columns().iter().all(|column| column.name.trim().is_empty())) && first.is_empty() {
            return Err(at_file(Problem::new("empty", "there is nothing in the file")));
        }
        check_columns(&planner.lane.columns, source.header().is_some())
            .map_err(|problem| ImportError::Usage(vec![problem.file(&input.name)]))?;
        watch.opened(&input.name, &facts, &planner.lane.columns.uses).map_err(|error| ImportError::Input(Problem::io(&error)))?;
        if step.is_none() && !self.settings.dry_run {
            *step = Some(this.step(&input.name, &planner, &first)?);
        }
        if let (Some(change), Some(step)) = (fields, step.as_mut()) {
            this.make(step, &input.name, vec![change], Vec::new(), false)?;
        }
        let mut left = Left::of(&planner.lane.columns);
        let told = thread::scope(|scope| {
            let mut batch: Vec<Pending> = Vec::new();
            let mut flight: Option<Flight<'_>> = None;
            let mut told = 0;
            // Bytes of rows in the batch, as they were written.
            held = 0;
            loop {
                let next = match first.pop_front() {
                    Some(row) => Some(row),
                    None => source.next_row().map_err(at_file)?,
                };
                let Some(next) = next else { break };
                let (changes, bytes) = world.size();
                if changes >= BATCH_CHANGES || bytes >= BATCH_BYTES || held >= HELD_BYTES {
                    held = 0;
                    // While one batch is being committed the next one is planned.
                    this.land(&mut planner, &mut flight, &mut batch, step, &input.name, report, watch)?;
                    match step.as_ref() {
                        Some(step) => flight = Some(this.take_off(scope, &mut planner, &mut batch, step, &input.name)),
                        None => this.commit(&mut planner, &mut batch, step, false, &input.name, report, watch)?,
                    }
                }
                match next {
                    Ok(row) => {
                        held += row.raw.len();
                        left.see(&row.values);
                        let mut pending = Pending { row, key: None, plan: None, filed: Vec::new() };
                        let enclosed = std::mem::take(&mut pending.row.files);
                        pending.plan = planner.plan(&pending.row, &mut pending.key)?;
                        let told = if this.settings.dry_run && watch.takes_files() { enclosed.clone() } else { Vec::new() };
                        this.enclose(&planner, &mut pending, enclosed, report)?;
                        pending.row.files = told;
                        batch.push(pending);
                    }
                    Err(bad) => {
                        let plan = rejected(bad.number, bad.line, Refusal::row(bad.problem));
                        let row = Row::new(bad.number, bad.line, bad.offset, bad.raw, Values::Tree(serde_json::Map::new()));
                        batch.push(Pending { row, key: None, plan: Some(plan), filed: Vec::new() });
                    }
                }
                if this.settings.dry_run {
                    tell(&mut batch, &HashMap::new(), this.settings.expected.as_ref(), report, watch)?;
                }
                told += 1;
                if told % TELL == 0 && watch.progress(told, source.bytes()).is_break() {
                    this.land(&mut planner, &mut flight, &mut batch, step, &input.name, report, watch)?;
                    return Err(ImportError::Stopped { rows: report.read, step: step.as_ref().and_then(|step| step.number) });
                }
            }
            this.land(&mut planner, &mut flight, &mut batch, step, &input.name, report, watch)?;
            this.commit(&mut planner, &mut batch, step, is_last, &input.name, report, watch)?;
            Ok(told)
        })?;
        // All of this input is in: there is nothing left of it to be stopped.
        let _ = watch.progress(told, source.bytes());
        notices(report, &source.facts(), &planner, &input.name);
        left.tell(&planner.lane.columns, report, &input.name);
        for lane in &planner.others {
            Left::of(&lane.columns).tell(&lane.columns, report, &input.name);
        }
        Ok(Before { stubs: planner.stubs, seen: planner.seen.into_inner() })
    }

    /// Keeps the files that came with a row which is taken, and plans their documents.
    fn enclose(
        &self,
        planner: &Planner<'_, '_>,
        pending: &mut Pending,
        enclosed: Vec<Enclosed>,
        report: &mut Report,
    ) -> Result<(), StoreError> {
        let Some(plan) = pending.plan.as_ref().filter(|plan| plan.action != Action::Reject) else { return Ok(()) };
        // A message that is known has its files, and may have lost one on purpose.
        if enclosed.is_empty() || planner.is_mail && plan.action == Action::Unchanged {
            return Ok(());
        }
        let line = plan.line;
        let mut tell = |what: String| {
            if report.notices.len() < MOST_NOTICES {
                report.notices.push(format!("line {line}: {what}"));
            }
        };
        pending.filed = enclosed::file(self.store, enclosed, !self.settings.dry_run, &mut tell)?;
        name_documents(planner, pending)
    }

    fn finder<'f>(&'f self, world: &'f World<'s>, kind: Kind) -> Finder<'f> {
        Finder::new(kind, &self.settings.mapping, world.definitions())
    }

    /// Makes fields for the columns that have none; returns the change that does it.
    fn create_fields(
        &mut self,
        world: &mut World<'s>,
        kind: Kind,
        header: Option<&Header>,
        first: &VecDeque<RowResult>,
    ) -> Result<Option<Change>, ImportError> {
        let usage = |problem: Problem| ImportError::Usage(vec![problem]);
        let view = self.desk.view();
        let mut wanted = create_fields::named(kind, &self.settings.mapping, world.definitions());
        // The fields that the mapping names must be there for the rest to be found.
        let made = create_fields::make(self.store, &self.finder(world, kind), view.clone(), &wanted).map_err(usage)?;
        world.redefine(made.definitions);
        let left = match header {
            Some(header) => {
                let columns = self.finder(world, kind).table(header).map_err(ImportError::Usage)?;
                columns.uses.into_iter().filter(|used| used.how == How::Left).map(|used| used.header).collect()
            }
            None => left_in_trees(&self.finder(world, kind), first),
        };
        wanted.extend(create_fields::left_over(kind, left, &mut self.settings.mapping));
        if wanted.is_empty() {
            return Ok(None);
        }
        let made = create_fields::make(self.store, &self.finder(world, kind), view, &wanted).map_err(usage)?;
        world.redefine(made.definitions);
        Ok(Some(made.change))
    }

    fn open<'i>(&self, name: &str, source: Box<dyn Read + 'i>, finder: &Finder<'_>) -> Result<Box<dyn Rows + 'i>, Problem> {
        let file = &self.settings.mapping.file;
        let region = file.phone_region.or(finder.definitions.settings.phone_region);
        let names = self.settings.mapping.all_names();
        let known = |word: &str| finder.knows(&names, word);
        let rows = rows::open(
            source,
            &Request {
                name,
                format: self.settings.format,
                encoding: Hints { encoding: file.encoding.clone(), country: region.map(|region| region.to_string()) },
                dialect: GivenDialect { delimiter: file.delimiter, header_row: file.header_row, own_tsv: false },
                kind: (!self.settings.each_its_own).then_some(self.settings.kind),
                has_source: self.settings.mapping.source.is_some(),
                known: Some(&known),
                team: &self.team,
            },
        )?;
        if self.settings.mapping.changes.is_empty() {
            return Ok(rows);
        }
        if self.settings.kind != Kind::Event {
            return Err(Problem::new("kind", "[changes] of a mapping are events").hint("--as event"));
        }
        Ok(Box::new(Snapshots::new(rows, &self.settings.mapping)?))
    }

    /// Returns what becomes of rows of one kind.
    fn lane(&self, world: &World<'s>, kind: Kind, columns: Columns) -> Result<Lane, ImportError> {
        let mapping = &self.settings.mapping;
        let finder = self.finder(world, kind);
        let mut keys = Vec::new();
        for name in &mapping.key {
            keys.push(key(kind, name, &finder).map_err(|problem| ImportError::Usage(vec![problem]))?);
        }
        // An id is what rows are matched by in any case.
        keys.retain(|key| key.written() != Some(crate::domain::fields::number::EXTERNAL_ID));
        let constants = mapping.defaults.iter().filter_map(|default| {
            let take = finder.constant(&default.field)?;
            Some(Constant { take, text: default.value.clone(), said: default.at.is_none() })
        });
        Ok(Lane { kind, columns, keys, constants: constants.collect(), members: HashSet::new() })
    }

    fn planner<'p>(
        &'p self,
        name: &str,
        world: &'p World<'s>,
        lane: Lane,
        others: Vec<Lane>,
        shared: Option<&'static str>,
        before: Before,
    ) -> Planner<'p, 's> {
        let Settings { mapping, no_create, .. } = &self.settings;
        let source = mapping.source.as_deref().map(label).filter(|source| !source.is_empty());
        Planner {
            lane,
            others,
            mapping,
            world,
            team: &self.team,
            elsewhere: source.clone().unwrap_or_else(|| UNNAMED.to_owned()),
            source: source.or(shared.map(str::to_owned)),
            shared,
            missing: if *no_create { Missing::Reject } else { Missing::Create },
            now: self.now,
            moment: self.desk.now(),
            expected: self.settings.expected.as_ref(),
            login: self.desk.author.login.clone(),
            // A folder of cards is one address book in many files.
            seen: RefCell::new(if shared.is_some() { before.seen } else { Occurrences::default() }),
            made: RefCell::default(),
            misfits: RefCell::default(),
            stubs: before.stubs,
            absent: RefCell::default(),
            marked: false,
            is_mail: false,
            contents: Contents { store: self.store, beside: Beside::of_file(Path::new(name)), keep: !self.settings.dry_run },
        }
    }

    /// Returns the step to go on with: the one that an earlier run of the same import
    /// left unfinished, else a new one.
    fn step(&self, name: &str, planner: &Planner<'_, '_>, first: &VecDeque<RowResult>) -> Result<Step, StoreError> {
        let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
        let raw = |row: &RowResult| match row {
            Ok(row) => row.raw.clone(),
            Err(bad) => bad.raw.clone(),
        };
        let rows: String = first.iter().map(raw).collect();
        let source = planner.source.as_deref().unwrap_or_default();
        let print = hash(&[base, source, planner.lane.kind.name(), &rows]);
        for run in 1_u64.. {
            let key = format!("import:{print:016x}:{run}");
            let Some(begun) = self.store.committed(&format!("{key}:0"))? else {
                return Ok(Step { number: None, next: 0, key });
            };
            if self.is_open(begun.step)? {
                let next = self.store.commits_of(begun.step)?.len();
                return Ok(Step { number: Some(begun.step), next, key });
            }
        }
        Ok(Step { number: None, next: 0, key: format!("import:{print:016x}:0") })
    }

    /// Returns whether a step is unfinished and was not taken back.
    fn is_open(&self, number: u64) -> Result<bool, StoreError> {
        const LATER: usize = 1_000;
        let this = self.store.steps(Some(number + 1), 1)?;
        if this.first().is_none_or(|step| step.step != number || step.finished) {
            return Ok(false);
        }
        let later = self.store.steps(None, LATER)?;
        Ok(!later.iter().any(|step| step.kind == StepKind::Undo(number)))
    }
}

/// Returns how many bytes a row has, as it was written, with its files.
fn weight(row: &RowResult) -> usize {
    match row {
        Ok(row) => row.raw.len() + row.files.iter().map(|file| file.content.len()).sum::<usize>(),
        Err(bad) => bad.raw.len(),
    }
}

/// Lets the first rows say how numbers and dates are written.
fn learn(planner: &mut Planner<'_, '_>, first: &VecDeque<RowResult>) {
    let mapping = planner.mapping;
    for take in &mut planner.lane.columns.takes {
        let cells: Vec<String> = first
            .iter()
            .filter_map(|row| row.as_ref().ok())
            .map(|row| match (&row.values, &take.from) {
                (Values::Cells(cells), From::Cells(places)) => places.first().and_then(|at| cells.get(*at)).unwrap_or_default().to_owned(),
                (Values::Tree(tree), From::Paths(paths)) => {
                    paths.first().and_then(|path| at_path(tree, path)).map(leaf_text).unwrap_or_default()
                }
                _ => String::new(),
            })
            .collect();
        take.learn(&mapping.file, &cells);
    }
}

/// Returns the paths of JSON objects that nothing takes.
fn left_in_trees(finder: &Finder<'_>, first: &VecDeque<RowResult>) -> Vec<String> {
    let mut left: Vec<String> = Vec::new();
    for row in first.iter().filter_map(|row| row.as_ref().ok()) {
        let Values::Tree(tree) = &row.values else { continue };
        leaves(tree, &mut |path, _| {
            let top = path.split('.').next().unwrap_or(path);
            let is_left = |name: &str| !finder.mapping.names(name) && finder.member(name).0.how == How::Left;
            if is_left(top) && is_left(path) && !left.iter().any(|known| known == path) {
                left.push(path.to_owned());
            }
        });
    }
    left
}

/// Refuses an input of which nothing is taken.
fn check_columns(columns: &Columns, is_table: bool) -> Result<(), Problem> {
    if !is_table || !columns.takes.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = columns.uses.iter().map(|used| used.header.as_str()).take(12).collect();
    let problem = Problem::new("column", format!("no column of the file is known: it has {}", names.join(", ")));
    Err(problem.hint("say what they are with --column HEADER=FIELD or a mapping file"))
}

fn key(kind: Kind, name: &str, finder: &Finder<'_>) -> Result<FieldRef, Problem> {
    let field =
        FieldRef::resolve(kind, name, finder.definitions).map_err(|error| Problem::new("field", error.to_string()).hint(error.hint()))?;
    if is_findable(&field) {
        return Ok(field);
    }
    let known = crate::domain::fields::fields(kind).filter(|field| field.indexed && !field.system).map(|field| field.name);
    let known: Vec<&str> = known.collect();
    Err(Problem::new("field", format!("records cannot be found by “{name}”")).hint(format!("they can by {}", known.join(", "))))
}

/// Adds what is worth knowing about an input.
fn notices(report: &mut Report, facts: &Facts, planner: &Planner<'_, '_>, name: &str) {
    let encoding = &facts.encoding;
    if encoding.malformed > 0 {
        let (offset, line) = encoding.places.first().copied().unwrap_or_default();
        report.notices.push(format!(
            "{name}: {} sequences of bytes are no {}, the first on line {line} (byte {offset}): they read as \u{fffd}",
            encoding.malformed,
            encoding.name()
        ));
    }
    report.notices.extend(facts.notes.iter().map(|note| format!("{name}: {note}")));
    if encoding.nuls > 0 {
        report.notices.push(format!("{name}: {} NUL characters were left out", encoding.nuls));
    }
    if let Some(asked) = &encoding.overruled {
        report.notices.push(format!("{name}: it begins with the mark of {}, so it was not read as {asked}", encoding.name()));
    }
    if encoding.evidence == Evidence::Guess {
        report.notices.push(format!("{name}: its encoding is taken to be {}", encoding.name()));
    }
    report.notices.extend(planner.misfits.borrow().told().into_iter().map(|told| format!("{name}: {told}")));
}

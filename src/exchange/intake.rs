//! An import as it is called for, on the command line and behind `:import`: files, a
//! mapping and flags become rows taken in; rows that are not go into a file beside. It
//! must not know who watches, nor how.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::delivery::beside;
use super::dialect::{Given, delimiter};
use super::encoding::Hints;
use super::format::{Format, mail_of, of_bytes};
use super::header::Header;
use super::import::{Action, How, Import, ImportError, Input, RejectsWriter, Report, RowPlan, Settings, Use, Watch};
use super::json_rows::leaves;
use super::mail::maildir::FolderStream;
use super::mapping::{Flags, Mapping};
use super::plan_file::{Head, PlanWriter, Text};
use super::presets::{self, Preset, Presets, recognise};
use super::problem::Problem;
use super::rows::{self, Facts, Request, Row, Values};
use crate::actions::{ActionError, Desk};
use crate::domain::Kind;
use crate::domain::definitions::Definitions;

/// The largest mapping file.
const LARGEST_MAPPING: u64 = 4 << 20;

/// How much of an input is looked at to see of which program it is.
const LOOKED_AT: u64 = 256 * 1024;

/// An import as it is called for.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// The files; `-` is standard input.
    pub files: Vec<PathBuf>,
    /// What each row is, unless the mapping says it.
    pub kind: Option<Kind>,
    /// The input's format, where it is given.
    pub from: Option<String>,
    /// The mapping file, the preset or its family, or `none`; else presets are looked for.
    pub map: Option<String>,
    /// What is laid over the mapping.
    pub flags: Flags,
    /// Columns that have no field become custom ones.
    pub create_fields: bool,
    /// Links to what does not exist are refused.
    pub no_create: bool,
    /// Nothing is changed, only told.
    pub dry_run: bool,
    /// The team's own addresses, beside those of its users.
    pub me: Vec<String>,
    /// Where rows go that are not taken.
    pub rejects: PathBuf,
    /// Where the plan is written; nothing is changed then.
    pub plan: Option<PathBuf>,
}

/// Who is told of an import as it goes.
pub trait Audience {
    /// Something worth knowing: what was detected, what is left over, how it ended.
    fn said(&mut self, text: &str);

    /// What becomes of a column; of a dry run.
    ///
    /// # Errors
    /// Where it cannot be told: the import stops.
    fn column(&mut self, used: &Use) -> io::Result<()>;

    /// What becomes of a row: of a dry run every one, else those that are not taken.
    ///
    /// # Errors
    /// Where it cannot be told: the import stops.
    fn row(&mut self, plan: &RowPlan) -> io::Result<()>;

    /// So many rows, and of so many bytes so many, have been used; `Break` stops it.
    fn progress(&mut self, rows: u64, bytes: u64, total: u64) -> ControlFlow<()>;
}

/// An import whose files are open and whose mapping is read.
pub struct Ready {
    pub(super) settings: Settings,
    pub(super) inputs: Vec<Input<'static>>,
    pub(super) notes: Vec<String>,
    pub(super) total: u64,
    pub(super) rejects: PathBuf,
    /// Where the plan is written, and with which flags it was called for.
    pub(super) plan: Option<(PathBuf, Flags)>,
}

impl From<ImportError> for ActionError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            ImportError::Stopped { .. } => {
                Self::new(error.exit_code(), error.to_string()).hint("run it again to go on, or undo it to take back what is in")
            }
            other => Self::new(other.exit_code(), other.to_string()),
        }
    }
}

pub(super) fn told(code: u8, problem: &Problem) -> ActionError {
    ActionError::new(code, problem.to_string())
}

/// Returns what is said of a file that cannot be read.
fn unreadable(name: &str, error: &io::Error, hint: &str) -> ActionError {
    let refused = ActionError::refused(format!("{name}: {error}"));
    if error.kind() == io::ErrorKind::NotFound { refused.hint(hint) } else { refused }
}

/// How one input is taken.
struct Chosen {
    kind: Kind,
    mapping: Mapping,
    /// What is worth saying of it.
    note: Option<String>,
}

impl Intake {
    /// Reads what `--map` names: a preset or its family, or a mapping file.
    fn asked<'p>(&self, presets: &'p Presets) -> Result<Asked<'p>, ActionError> {
        let Some(name) = &self.map else { return Ok(Asked::Among(presets.iter().collect())) };
        if name == presets::NONE {
            return Ok(Asked::One(Box::default()));
        }
        let family = if presets::is_name(name) { presets.family(name) } else { Vec::new() };
        match family.as_slice() {
            [] => {}
            [one] => return Ok(Asked::One(Box::new(one.mapping.clone()))),
            _ => return Ok(Asked::Family(family)),
        }
        let failed = |error: io::Error| {
            if error.kind() == io::ErrorKind::NotFound && presets::is_name(name) {
                let error = ActionError::usage(format!("there is no preset \u{201c}{name}\u{201d}, and no file of that name"));
                return match presets.nearest(name) {
                    Some(near) => error.hint(format!("did you mean \u{201c}{near}\u{201d}?")),
                    None => error.hint("`rolo config list presets` names them"),
                };
            }
            unreadable(name, &error, "--map takes a mapping file, a preset, or none; CONTRIBUTING.md shows a mapping file")
        };
        let mut text = String::new();
        File::open(name).map_err(failed)?.take(LARGEST_MAPPING).read_to_string(&mut text).map_err(failed)?;
        let mapping = Mapping::parse(&text, name).map_err(|problems| wrong(&problems))?;
        presets.based(mapping, None).map(|mapping| Asked::One(Box::new(mapping))).map_err(|problem| told(2, &problem.file(name)))
    }

    /// Returns how an input is taken that begins so.
    fn choose(&self, asked: &Asked<'_>, presets: &Presets, name: &str, format: Option<Format>, head: &[u8]) -> Result<Chosen, ActionError> {
        let mut note = None;
        // Mail, cards and calendars say themselves what they are, and are no tables.
        let own = if format.is_some() { format } else { mail_of(head, name).or_else(|| of_bytes(head, name)) };
        let own = own.map(Format::kinds).unwrap_or_default();
        let mapping = match asked {
            Asked::One(mapping) => (**mapping).clone(),
            Asked::Among(_) if !own.is_empty() => Mapping::default(),
            Asked::Among(among) | Asked::Family(among) => {
                let header = self.header(presets, name, format, head);
                let fit = header.as_ref().and_then(|header| recognise(among.iter().copied(), header, self.kind));
                let is_asked = matches!(asked, Asked::Family(_));
                match fit {
                    Some(fit) if is_asked || fit.is_sure() => {
                        let about = fit.preset.mapping.about.as_deref().map(|about| format!(", {about}")).unwrap_or_default();
                        let without = if is_asked { "" } else { "; --map none does without" };
                        note = Some(format!(
                            "{name}: taken as {}{about} ({} of {} columns are known){without}",
                            fit.preset.name, fit.known, fit.columns
                        ));
                        fit.preset.mapping.clone()
                    }
                    Some(fit) => {
                        let preset = &fit.preset.name;
                        note = Some(format!(
                            "{name}: it may be of {preset} ({} of {} columns); --map {preset} takes it so",
                            fit.known, fit.columns
                        ));
                        Mapping::default()
                    }
                    None if is_asked => {
                        let exact = self.map.as_deref().and_then(|map| presets.get(map));
                        let Some(exact) = exact else {
                            let names: Vec<&str> = among.iter().map(|preset| preset.name.as_str()).collect();
                            let error = ActionError::usage(format!("{name}: it is not plain which of them it is of"));
                            return Err(error.hint(format!("say --map {}", names.join(", --map "))));
                        };
                        exact.mapping.clone()
                    }
                    None => Mapping::default(),
                }
            }
        };
        let mapping = mapping.with_flags(&self.flags).map_err(|problem| told(2, &problem))?;
        let kind = match (self.kind.or(mapping.kind), own) {
            (Some(said), told) if !told.is_empty() && !told.contains(&said) => {
                let names = told.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ");
                let error = ActionError::usage(format!("each row of this is a {names}, and no {said}"));
                return Err(error.hint(format!("leave --as out, or say --as {}", told[0])));
            }
            (Some(kind), _) | (None, &[kind, ..]) => kind,
            (None, []) => {
                let error = ActionError::usage("what is each row?");
                return Err(error.hint("add --as contact, or kind = \"contact\" to the mapping"));
            }
        };
        Ok(Chosen { kind, mapping, note })
    }

    /// Returns the columns of an input that begins so, where that can be told.
    fn header(&self, presets: &Presets, name: &str, format: Option<Format>, head: &[u8]) -> Option<Header> {
        let names = presets.names();
        let known = |word: &str| names.has(word);
        let flags = &self.flags;
        let request = Request {
            name,
            format,
            encoding: Hints { encoding: flags.encoding.clone(), country: None },
            dialect: Given {
                delimiter: flags.delimiter.as_deref().and_then(|text| delimiter(text).ok()),
                header_row: flags.header_row,
                own_tsv: false,
            },
            known: Some(&known),
            team: &[],
            ..Request::default()
        };
        let mut rows = rows::open(Box::new(head), &request).ok()?;
        if let Some(header) = rows.header() {
            return Some(header.clone());
        }
        let first = rows.next_row().ok()??.ok()?;
        let Values::Tree(tree) = first.values else { return None };
        let mut paths = Vec::new();
        leaves(&tree, &mut |path, _| paths.push(path.to_owned()));
        Some(Header::new(paths.iter().map(String::as_str)))
    }

    /// Reads the mapping, opens the files and finds out what they are; `typed` is
    /// standard input, where it is one.
    ///
    /// # Errors
    /// Exit 2 for a wrong mapping or flag, 1 for a file that cannot be read.
    pub fn ready(&self, mut typed: Option<Box<dyn Read>>, definitions: &Definitions) -> Result<Ready, ActionError> {
        let presets = Presets::of(definitions).map_err(|problems| wrong(&problems))?;
        let asked = self.asked(&presets)?;
        let format = self.from.as_deref().map(|name| Format::by_name(name).map_err(|problem| told(2, &problem))).transpose()?;
        let mut inputs = Vec::new();
        let mut notes = Vec::new();
        let mut settings = None;
        let mut total = 0;
        for path in &self.files {
            let (name, mut source): (String, Box<dyn Read>) = if path == Path::new("-") {
                let Some(source) = typed.take() else {
                    return Err(ActionError::usage("there is no standard input to read").hint("name a file"));
                };
                ("standard input".to_owned(), source)
            } else {
                let name = path.display().to_string();
                let failed = |error: io::Error| unreadable(&name, &error, "is the name right? paths count from this folder");
                let file = File::open(path).map_err(failed)?;
                let data = file.metadata().map_err(failed)?;
                if data.is_dir() {
                    let hint = "name the files in it, or a folder of mail";
                    let (stream, bytes) =
                        FolderStream::open(path).map_err(|error| ActionError::refused(format!("{name}: {error}")).hint(hint))?;
                    total += bytes;
                    (name, Box::new(stream))
                } else {
                    total += data.len();
                    (name, Box::new(BufReader::new(file)))
                }
            };
            let mut head = Vec::new();
            let failed = |error: io::Error| unreadable(&name, &error, "");
            source.by_ref().take(LOOKED_AT).read_to_end(&mut head).map_err(failed)?;
            let chosen = self.choose(&asked, &presets, &name, format, &head)?;
            notes.extend(chosen.note);
            let Self { no_create, create_fields, .. } = *self;
            let dry_run = self.dry_run || self.plan.is_some();
            let (kind, mapping) = (chosen.kind, chosen.mapping);
            settings.get_or_insert_with(|| Settings {
                each_its_own: self.kind.is_none(),
                format,
                no_create,
                create_fields,
                dry_run,
                me: self.me.clone(),
                ..Settings::new(kind, mapping.clone())
            });
            let source = Box::new(io::Cursor::new(head).chain(source));
            inputs.push(Input { own: Some((kind, mapping)), ..Input::new(name, source) });
        }
        let Some(settings) = settings else { return Err(ActionError::usage("which file?").hint("name one, or - for standard input")) };
        let plan = self.plan.clone().map(|path| (path, self.flags.clone()));
        Ok(Ready { settings, inputs, notes, total, rejects: self.rejects.clone(), plan })
    }
}

/// What `--map` asks for.
enum Asked<'p> {
    /// This mapping.
    One(Box<Mapping>),
    /// Whichever of a family a file is of.
    Family(Vec<&'p Preset>),
    /// Nothing: whichever a file is surely of, if any.
    Among(Vec<&'p Preset>),
}

pub(super) fn wrong(problems: &[Problem]) -> ActionError {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    ActionError::usage(all.join("\n"))
}

impl Ready {
    /// Takes the rows in.
    ///
    /// # Errors
    /// As [`Import::run`]; exit 7 where nothing may be changed, 130 where it was stopped.
    pub fn run(self, desk: &Desk, audience: &mut dyn Audience) -> Result<Report, ActionError> {
        let Self { mut settings, inputs, notes, total, rejects, plan } = self;
        if plan.is_some() {
            // What is planned and what is carried out are of one moment.
            settings.planned_at = Some(desk.now());
        }
        notes.iter().for_each(|note| audience.said(note));
        if !settings.dry_run {
            desk.check_writable()?;
        }
        let sections = inputs.iter().filter_map(|input| input.own.clone()).collect();
        let plan = plan.map(|(path, flags)| Planning::begin(desk, &settings, path, flags, sections)).transpose()?;
        let mut usher = Usher { audience, total, rejects, writer: None, facts: None, dry_run: settings.dry_run, plan };
        let run = Import::new(desk, settings).run(inputs, &mut usher);
        // What was not taken is told also where the rest could not be.
        let Usher { audience, rejects, writer, plan, .. } = usher;
        if let Some((writer, rows)) = writer {
            let out = writer.finish().and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error));
            out.map_err(|error| unreadable(&rejects.display().to_string(), &error, ""))?;
            let rows = if rows == 1 { "1 row was rejected: it is".to_owned() } else { format!("{rows} rows were rejected: they are") };
            audience.said(&format!("{rows} in {}", rejects.display()));
        }
        let report = run?;
        if let Some(plan) = plan {
            let path = plan.finish()?;
            audience.said(&format!("the plan is in {0}: rolo apply {0} carries it out", path.display()));
        }
        report.notices.iter().for_each(|notice| audience.said(notice));
        Ok(report)
    }
}

/// What was found out about an input, in a few words.
fn detected(facts: &Facts) -> String {
    let mut words = vec![facts.format.name().to_owned()];
    // Each message has an encoding of its own.
    words.extend((!facts.format.is_mail()).then(|| facts.encoding.name()));
    if let Some(dialect) = &facts.dialect {
        let delimiter = char::from(dialect.syntax.delimiter);
        words.push(format!("delimiter {}", if delimiter == '\t' { "tab".to_owned() } else { delimiter.to_string() }));
        words.extend(dialect.header_line.filter(|line| *line > 1).map(|line| format!("header on line {line}")));
    }
    words.join(", ")
}

/// Shows rows to their places: the rejects into their file, the rest to who watches.
struct Usher<'a> {
    audience: &'a mut dyn Audience,
    total: u64,
    rejects: PathBuf,
    /// The rejects and how many there are.
    writer: Option<(RejectsWriter<BufWriter<File>>, u64)>,
    facts: Option<Facts>,
    dry_run: bool,
    plan: Option<Planning>,
}

/// A plan that is being written, beside its place until it is whole.
struct Planning {
    path: PathBuf,
    part: PathBuf,
    writer: PlanWriter<BufWriter<File>>,
    /// Kind and mapping of the inputs that are not opened yet.
    sections: VecDeque<(Kind, Mapping)>,
}

impl Planning {
    fn begin(
        desk: &Desk,
        settings: &Settings,
        path: PathBuf,
        flags: Flags,
        sections: VecDeque<(Kind, Mapping)>,
    ) -> Result<Self, ActionError> {
        let failed = |error: io::Error| unreadable(&path.display().to_string(), &error, "");
        let store = desk.store.stats()?.store_id;
        let mut head =
            Head::new(store, desk.store.seq(), settings.planned_at.unwrap_or_else(|| desk.now()).to_string(), desk.author.login.clone());
        (head.no_create, head.create_fields, head.flags) = (settings.no_create, settings.create_fields, flags);
        head.me.clone_from(&settings.me);
        head.each_its_own = settings.each_its_own;
        let part = beside(&path);
        let writer = File::create(&part).and_then(|file| PlanWriter::new(BufWriter::new(file), &head)).map_err(failed)?;
        Ok(Self { path, part, writer, sections })
    }

    fn section(&mut self, name: &str, facts: &Facts, uses: &[Use]) -> io::Result<()> {
        let Some((kind, mapping)) = self.sections.pop_front() else { return Ok(()) };
        let texts = mapping.texts.into_iter().map(|(name, toml)| Text { name, toml }).collect();
        self.writer.section(name, kind.name(), texts, facts, uses)
    }

    fn finish(self) -> Result<PathBuf, ActionError> {
        let Self { path, part, writer, .. } = self;
        let written = writer.finish().and_then(|out| out.into_inner().map_err(io::IntoInnerError::into_error));
        let placed = written.and_then(|file| file.sync_all()).and_then(|()| std::fs::rename(&part, &path));
        placed.map_err(|error| unreadable(&path.display().to_string(), &error, ""))?;
        Ok(path)
    }
}

impl Usher<'_> {
    fn reject(&mut self, plan: &RowPlan, raw: &str) -> io::Result<()> {
        let Some(facts) = &self.facts else { return Ok(()) };
        if self.writer.is_none() {
            // Where no name was said, it is that of a table.
            let named = self.rejects.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if facts.format.rejects() != "csv" && named.starts_with("rejects") && named.ends_with(".csv") {
                self.rejects.set_extension(facts.format.rejects());
            }
            self.writer = Some((RejectsWriter::new(BufWriter::new(File::create(&self.rejects)?), facts)?, 0));
        }
        if let Some((writer, rows)) = &mut self.writer {
            *rows += 1;
            writer.row(plan, raw)?;
        }
        Ok(())
    }
}

impl Watch for Usher<'_> {
    fn opened(&mut self, name: &str, facts: &Facts, uses: &[Use]) -> io::Result<()> {
        self.audience.said(&format!("{name}: {}", detected(facts)));
        self.facts = Some(facts.clone());
        if let Some(planning) = &mut self.plan {
            planning.section(name, facts, uses)?;
        }
        if uses.iter().any(|used| used.how == How::Left) {
            let taken = uses.iter().filter(|used| used.field.is_some()).count();
            self.audience.said(&format!("{taken} of {} columns are taken", uses.len()));
        }
        if self.dry_run {
            for used in uses {
                self.audience.column(used)?;
            }
        }
        Ok(())
    }

    fn read(&mut self, plan: &RowPlan, row: &Row) -> io::Result<()> {
        match &mut self.plan {
            Some(planning) => planning.writer.row(plan, row),
            None => Ok(()),
        }
    }

    fn takes_files(&self) -> bool {
        self.plan.is_some()
    }

    fn row(&mut self, plan: &RowPlan, raw: &str) -> io::Result<()> {
        if plan.action == Action::Reject && !self.dry_run {
            self.reject(plan, raw).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", self.rejects.display())))?;
        }
        if self.dry_run || plan.action == Action::Reject { self.audience.row(plan) } else { Ok(()) }
    }

    fn progress(&mut self, rows: u64, bytes: u64) -> ControlFlow<()> {
        self.audience.progress(rows, bytes, self.total)
    }
}

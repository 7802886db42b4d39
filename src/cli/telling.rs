//! Calls about the store itself: history, diff, fields, config, stats, check, demo.

use std::io::Read;
use std::path::Path;

use serde_json::json;

use super::args::{Check, Config, ConfigCall, Demo, Diff, Fields, Format, History};
use super::failure::Failure;
use super::output::{Cell, FIGURES, Rows, object};
use super::session::{Session, kind};
use crate::actions::{self, configure, resolve_itself};
use crate::domain::parse::quoted;
use crate::domain::{AnyField, DefinitionName, Kind, Lookup, Value};
use crate::exchange::presets;
use crate::store::api::StepKind;
use crate::store::known::Known;

/// Several values stand in one cell, joined.
fn values(values: &[Value], lookup: &dyn Lookup) -> Cell {
    Cell::text(values.iter().map(|value| value.named(lookup)).collect::<Vec<_>>().join("; "))
}

/// `rolo history`.
///
/// # Errors
/// As its parts.
pub(super) fn history(session: &Session, call: &History) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let Some(text) = &call.id else {
        let mut rows = Rows::new(session, format, &["step", "at", "by", "label", "changes", "state"].map(str::to_owned))?;
        for step in actions::steps(&desk, None, call.limit)? {
            let state = match (step.kind, step.finished) {
                (_, false) => "unfinished".to_owned(),
                (StepKind::Do, true) => String::new(),
                (StepKind::Undo(of), true) => format!("undoes @{of}"),
                (StepKind::Redo(of), true) => format!("redoes @{of}"),
            };
            let id = format!("@{}", step.step);
            rows.row(
                &id,
                &[
                    Cell::text(id.as_str()),
                    Cell::text(step.at.to_string()),
                    Cell::text(step.author.login),
                    Cell::text(step.label),
                    Cell::number(step.changes),
                    Cell::text(state),
                ],
            )?;
        }
        return rows.finish();
    };
    let id = resolve_itself(&desk, text)?;
    let known = Known::new(&*desk.store);
    let mut rows = Rows::new(session, format, &["step", "at", "by", "field", "before", "after", "of"].map(str::to_owned))?;
    for revision in actions::history(&desk, id, call.limit)? {
        let step = format!("@{}", revision.commit.step);
        let head =
            [Cell::text(step.as_str()), Cell::text(revision.commit.at.to_string()), Cell::text(revision.commit.author.login.as_str())];
        // Of which record, where it is one that was merged into this one.
        let of = if revision.id == id { Cell::default() } else { Cell::text(revision.id.to_string()) };
        if revision.gone {
            rows.row(&step, &[head.as_slice(), &[Cell::text("gone"), Cell::default(), Cell::default(), of.clone()]].concat())?;
        }
        for difference in &revision.differences {
            let change = [Cell::text(difference.name()), values(&difference.before, &known), values(&difference.after, &known), of.clone()];
            rows.row(&step, &[head.as_slice(), &change].concat())?;
        }
    }
    rows.finish()
}

/// `rolo diff`.
///
/// # Errors
/// As its parts.
pub(super) fn diff(session: &Session, call: &Diff) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let wrong = || Failure::usage(format!("\u{201c}{}\u{201d} is no range of steps", call.range)).hint("write @812..@820");
    let (from, to) = call.range.split_once("..").ok_or_else(wrong)?;
    let [from, to] = super::changing::steps(&[from.to_owned(), to.to_owned()])?[..] else { return Err(wrong()) };
    let mut rows = Rows::new(session, format, &["id", "field", "before", "after"].map(str::to_owned))?;
    let known = Known::new(&*desk.store);
    let mut told = Ok(());
    actions::diff(&desk, from, to, &mut |changed| {
        let id = changed.id.to_string();
        for difference in &changed.differences {
            let cells = [
                Cell::text(id.as_str()),
                Cell::text(difference.name()),
                values(&difference.before, &known),
                values(&difference.after, &known),
            ];
            if told.is_ok() {
                told = rows.row(&id, &cells);
            }
        }
        Ok(())
    })?;
    told?;
    rows.finish()
}

/// `rolo fields`.
///
/// # Errors
/// As its parts.
pub(super) fn fields(session: &Session, call: &Fields) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let kind = kind(&call.kind)?;
    let desk = session.desk()?;
    let definitions = desk.definitions();
    let mut rows = Rows::new(session, format, &["name", "type", "repeats", "aliases", "choices", "example", "help"].map(str::to_owned))?;
    for field in AnyField::all(kind, &definitions) {
        let (aliases, example, help) = match field {
            AnyField::Builtin(field) => (field.aliases.join(" "), field.example.to_owned(), field.help.to_owned()),
            AnyField::Custom(field) => (String::new(), String::new(), field.help.clone()),
        };
        let ty = format!("{:?}", field.field_type());
        let ty = ty.split(['(', '[']).next().unwrap_or_default().to_lowercase();
        let choices = field.words(&definitions).map(|words| words.join(" ")).unwrap_or_default();
        rows.row(
            field.name(),
            &[
                Cell::text(field.name()),
                Cell::text(ty),
                Cell { text: if field.repeats() { "yes" } else { "" }.to_owned(), json: Some(json!(field.repeats())) },
                Cell::text(aliases),
                Cell::text(choices),
                Cell::text(example),
                Cell::text(help),
            ],
        )?;
    }
    rows.finish()
}

/// `rolo config`.
///
/// # Errors
/// As its parts.
pub(super) fn config(session: &Session, call: &Config) -> Result<(), Failure> {
    let desk = session.desk()?;
    let say = |outcome: &actions::Outcome| super::output::lines([outcome.message.as_str()]);
    match &call.call {
        ConfigCall::List { name: Some(name) } => list_presets(session, &desk, name),
        ConfigCall::List { name: None } => {
            let mut rows = Rows::new(session, session.format(FIGURES)?, &["name", "state", "help"].map(str::to_owned))?;
            for listed in configure::list(&desk)? {
                let state =
                    if listed.own { format!("own, version {}, by {}", listed.version, listed.by) } else { "as it comes".to_owned() };
                rows.row(listed.name.name(), &[Cell::text(listed.name.name()), Cell::text(state), Cell::text(listed.name.help())])?;
            }
            rows.finish()
        }
        ConfigCall::Get { name } => match name.split_once('/') {
            Some(("presets", preset)) => super::output::lines([preset_named(&desk, preset)?.trim_end()]),
            _ => super::output::lines([configure::get(&desk, configure::named(name)?)?.trim_end()]),
        },
        ConfigCall::Put { name, file } => say(&put(&desk, configure::named(name)?, &text_of(file)?)?),
        ConfigCall::Edit { name } => {
            let name: DefinitionName = configure::named(name)?;
            let original = configure::get(&desk, name)?;
            say(&super::changing::in_editor(&original, "rolo-config", &mut |text| put(&desk, name, text))?)
        }
    }
}

/// Takes a definition; what mapping files say is read before it is kept.
fn put(desk: &actions::Desk, name: DefinitionName, text: &str) -> Result<actions::Outcome, actions::ActionError> {
    if name == DefinitionName::Presets {
        presets::check(text).map_err(|problems| {
            let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
            actions::ActionError::refused(all.join("\n"))
        })?;
    }
    configure::put(desk, name, text)
}

fn preset_named(desk: &actions::Desk, name: &str) -> Result<String, Failure> {
    let definitions = desk.definitions();
    presets::text_of(name, &definitions).ok_or_else(|| {
        let error = actions::ActionError::new(4, format!("there is no preset {}", quoted(name)));
        let names = presets::BUILT_IN.iter().map(|(name, _)| *name);
        Failure::Error(match crate::domain::fold::nearest(name, names) {
            Some(near) => error.hint(format!("did you mean \u{201c}{near}\u{201d}?")),
            None => error.hint("`rolo config list presets` names them"),
        })
    })
}

/// `rolo config list presets`.
fn list_presets(session: &Session, desk: &actions::Desk, name: &str) -> Result<(), Failure> {
    let name = configure::named(name)?;
    if name != DefinitionName::Presets {
        return Err(Failure::usage(format!("{name} is one text")).hint(format!("rolo config get {name} prints it")));
    }
    let found = presets::Presets::of(&desk.definitions());
    let found = found.map_err(|problems| Failure::refused(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    let mut rows = Rows::new(session, session.format(FIGURES)?, &["name", "state", "kind", "about"].map(str::to_owned))?;
    for preset in found.iter() {
        let state = if preset.own { "own" } else { "as it comes" };
        let kind = preset.mapping.kind.map(Kind::name).unwrap_or_default();
        let about = preset.mapping.about.as_deref().unwrap_or_default();
        rows.row(&preset.name, &[preset.name.as_str(), state, kind, about].map(Cell::text))?;
    }
    rows.finish()
}

/// The largest file of definitions.
const MOST: u64 = 16 << 20;

/// Reads a text file, or standard input for `-`.
fn text_of(path: &Path) -> Result<String, Failure> {
    let failed = |error: std::io::Error| Failure::refused(format!("{}: {error}", path.display()));
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(MOST).read_to_string(&mut text).map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(MOST).read_to_string(&mut text).map_err(failed)?;
    }
    Ok(text)
}

/// `rolo stats`.
///
/// # Errors
/// As its parts.
pub(super) fn stats(session: &Session) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let stats = desk.store.stats()?;
    let mut fields = vec![
        ("path".to_owned(), Cell::text(stats.path)),
        ("backend".to_owned(), Cell::text(stats.backend)),
        ("store".to_owned(), Cell::text(stats.store_id)),
        ("seq".to_owned(), Cell::number(stats.seq)),
    ];
    for (kind, live, trashed) in stats.records.iter().filter(|(kind, ..)| kind.info().public) {
        let text = if *trashed > 0 { format!("{live} ({trashed} in the trash)") } else { live.to_string() };
        fields.push((kind.plural().to_owned(), Cell { text, json: Some(json!({ "live": live, "trashed": trashed })) }));
    }
    fields.extend([
        ("log_bytes".to_owned(), Cell::number(stats.log_bytes)),
        ("log_segments".to_owned(), Cell::number(stats.log_segments)),
        ("image_bytes".to_owned(), Cell::number(stats.image_bytes)),
        ("image_generation".to_owned(), Cell::number(stats.image_generation)),
    ]);
    object(session, format, &fields)
}

/// `rolo check`.
///
/// # Errors
/// Exit 6 where damage was found and not repaired.
pub(super) fn check(session: &Session, call: &Check) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let store = session.open(true)?;
    let check = store.check(call.repair, &mut |_, _| {})?;
    if matches!(format, Format::Json | Format::Jsonl) {
        let fields = [
            ("damage".to_owned(), Cell { text: String::new(), json: Some(json!(check.damage)) }),
            ("notices".to_owned(), Cell { text: String::new(), json: Some(json!(check.notices)) }),
            ("repaired".to_owned(), Cell { text: String::new(), json: Some(json!(check.repaired)) }),
            ("commits".to_owned(), Cell::number(check.commits)),
            ("records".to_owned(), Cell::number(check.records)),
        ];
        object(session, format, &fields)?;
    } else {
        let of = |what: &str, said: &[String]| said.iter().map(|line| format!("{what}: {line}")).collect::<Vec<_>>();
        let mut lines = of("damaged", &check.damage);
        lines.extend(of("repaired", &check.repaired));
        lines.extend(of("note", &check.notices));
        lines.push(format!("{} commits and {} records read", check.commits, check.records));
        super::output::lines(lines)?;
    }
    if check.damage.is_empty() { Ok(()) } else { Err(Failure::Quiet(6)) }
}

/// `rolo demo`.
///
/// # Errors
/// As its parts; exit 1 for a store that is not empty.
pub(super) fn demo(session: &Session, call: &Demo) -> Result<(), Failure> {
    let desk = session.desk()?;
    let outcome = match (call.contacts, call.interactions) {
        (None, None) => actions::demo::demo(&desk)?,
        (contacts, interactions) => {
            let contacts = contacts.unwrap_or(1_000);
            let interactions = interactions.unwrap_or(contacts.saturating_mul(5));
            let bar = session.bar();
            let outcome = actions::demo::demo_of_size(&desk, contacts, interactions, &mut |done, total| {
                bar.set_length(total);
                bar.set_position(done);
            })?;
            bar.finish_and_clear();
            outcome
        }
    };
    super::output::lines([outcome.message.as_str()])?;
    Ok(())
}

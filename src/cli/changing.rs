//! Calls that change records: add, set, edit, rm, restore, purge, link, unlink,
//! log, move, undo.

use std::io::{IsTerminal, Read, Write};
use std::path::Path;

use super::args::{Add, Edit, Format, Ids, Log, Move, Pair, Purge, Set, Undo};
use super::failure::Failure;
use super::output::{Cell, object};
use super::session::{Session, kind, query};
use crate::actions::{self, ActionError, Desk, LogOptions, Outcome, Target, Which, resolve, resolve_all};
use crate::domain::{Assignment, Kind, RecordId};

/// Formats of what a change answers.
const ANSWERS: &[Format] = &[Format::Table, Format::Tsv, Format::Json, Format::Jsonl, Format::Plain, Format::Ids];
/// The most that is read from standard input at once.
const MOST_INPUT: u64 = 64 << 20;

/// Tells what a change did: its sentence, or an object.
pub(super) fn answer(session: &Session, outcome: &Outcome) -> Result<(), Failure> {
    match session.format(ANSWERS)? {
        format @ (Format::Json | Format::Jsonl) => {
            let ids: Vec<String> = outcome.ids.iter().map(ToString::to_string).collect();
            let mut fields = vec![
                ("changed".to_owned(), Cell::number(outcome.changed)),
                ("unchanged".to_owned(), Cell::number(outcome.unchanged)),
                ("ids".to_owned(), Cell { text: ids.join(" "), json: Some(serde_json::json!(ids)) }),
            ];
            if let Some(step) = outcome.step {
                fields.insert(0, ("step".to_owned(), Cell::text(format!("@{step}"))));
            }
            object(session, format, &fields)
        }
        Format::Ids => super::output::lines(outcome.ids.iter().map(ToString::to_string)),
        _ => super::output::lines([outcome.message.as_str()]),
    }
}

/// Prints the ids of what was made, or the object.
fn made(session: &Session, outcome: &Outcome) -> Result<(), Failure> {
    match session.format(ANSWERS)? {
        Format::Json | Format::Jsonl => answer(session, outcome),
        _ => super::output::lines(outcome.ids.iter().map(ToString::to_string)),
    }
}

/// Reads standard input, up to a bound.
fn input() -> Result<String, Failure> {
    let mut text = String::new();
    let mut bounded = std::io::stdin().lock().take(MOST_INPUT + 1);
    bounded.read_to_string(&mut text).map_err(|error| Failure::refused(format!("standard input: {error}")))?;
    if text.len() as u64 > MOST_INPUT {
        return Err(Failure::refused("standard input is larger than 64 MiB").hint("import takes files of any size"));
    }
    Ok(text)
}

/// `rolo add`.
///
/// # Errors
/// As its parts.
pub(super) fn add(session: &Session, call: &Add) -> Result<(), Failure> {
    let kind = kind(&call.kind)?;
    let desk = session.desk()?;
    if call.values == ["-"] {
        let json = json_of(&input()?)?;
        return made(session, &actions::add_json(&desk, kind, &json)?);
    }
    let definitions = desk.definitions();
    let parsed: Result<Vec<Assignment>, _> = call.values.iter().map(|text| Assignment::parse(kind, text, &definitions)).collect();
    made(session, &actions::add(&desk, kind, &parsed.map_err(ActionError::from)?)?)
}

/// Reads one JSON value, or JSON Lines as an array.
fn json_of(text: &str) -> Result<serde_json::Value, Failure> {
    if let Ok(one) = serde_json::from_str(text) {
        return Ok(one);
    }
    let values: Result<Vec<serde_json::Value>, serde_json::Error> =
        serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>().collect();
    values.map(serde_json::Value::Array).map_err(|error| {
        let place = format!("standard input:{}:{}", error.line(), error.column());
        ActionError::refused(format!("{place}: this is no JSON")).hint(error.to_string()).into()
    })
}

/// Splits the words of `set` into ids and assignments.
fn ids_and_assignments(words: &[String]) -> (Vec<&String>, Vec<&String>) {
    words.iter().partition(|word| !word.contains('='))
}

/// `rolo set`.
///
/// # Errors
/// As its parts.
pub(super) fn set(session: &Session, call: &Set) -> Result<(), Failure> {
    let (ids, texts) = ids_and_assignments(&call.words);
    let desk = session.desk()?;
    let target = match &call.query {
        None if call.kind.is_none() && !call.all => {
            if ids.is_empty() {
                return Err(Failure::usage("which records?").hint("rolo set c17 owner=me, or rolo set --where 'contact tags:vip' owner=me"));
            }
            Target::Ids(resolve_all(&desk, &[], &ids)?)
        }
        where_ => {
            // The kind stands in --kind, or is the first word of the query.
            let text = where_.clone().unwrap_or_default();
            let (first, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
            let (kind, text) = match &call.kind {
                Some(named) => (kind(named)?, text.clone()),
                None => match Kind::from_name(first) {
                    Some(kind) => (kind, rest.to_owned()),
                    None => {
                        return Err(Failure::usage("of which kind?").hint("name it with --kind, or first in --where: 'contact tags:vip'"));
                    }
                },
            };
            let query = query(&[text], kind, &desk)?;
            if query.is_none() && !call.all {
                return Err(Failure::usage(format!("this would change every {}", kind.name())).hint("add --all if that is meant"));
            }
            Target::Where(kind, query)
        }
    };
    answer(session, &actions::set_texts(&desk, &target, &texts, call.if_version, call.dry_run)?)
}

/// `rolo edit`.
///
/// # Errors
/// As its parts; exit 1 when the text was not taken, which is then kept in a file.
pub(super) fn edit(session: &Session, call: &Edit) -> Result<(), Failure> {
    let desk = session.desk()?;
    if let [ids @ .., last] = call.ids.as_slice()
        && last == "-"
    {
        let ids = resolve_all(&desk, &[], ids)?;
        let json = json_of(&input()?)?;
        return answer(session, &actions::apply_json(&desk, &ids, &json)?);
    }
    let ids = resolve_all(&desk, &[], &call.ids)?;
    answer(session, &edit_in_editor(session, &desk, &ids)?)
}

/// Lets the user edit records as TOML until the text is taken or given up.
///
/// # Errors
/// The editor, or a text that was given up: it is kept, and where is told.
pub(super) fn edit_in_editor(session: &Session, desk: &Desk, ids: &[RecordId]) -> Result<Outcome, Failure> {
    let original = actions::edit_toml(desk, ids)?;
    in_editor(&original, "rolo-edit", &mut |text| {
        // What changes is told before it does.
        let review = actions::review_toml(desk, text, &original)?;
        for line in &review.lines {
            session.say(line);
        }
        actions::apply_toml(desk, text, &original)
    })
}

/// Opens a text in `$VISUAL` or `$EDITOR` again and again until it is taken.
///
/// # Errors
/// As [`edit_in_editor`].
pub(super) fn in_editor(
    original: &str,
    name: &str,
    take: &mut dyn FnMut(&str) -> Result<Outcome, ActionError>,
) -> Result<Outcome, Failure> {
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    let editor = editor.ok_or_else(|| Failure::refused("no editor is known").hint("set EDITOR, such as EDITOR=vim"))?;
    let folder = private_folder(name)?;
    let path = folder.join("edit.toml");
    let mut text = original.to_owned();
    let outcome = loop {
        std::fs::write(&path, &text).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
        run_editor(&editor, &path)?;
        let edited = std::fs::read_to_string(&path).map_err(|error| Failure::refused(format!("{}: {error}", path.display())))?;
        let plain = without_complaints(&edited);
        if plain == original || plain.trim().is_empty() {
            break Outcome { message: "nothing was changed".to_owned(), ..Outcome::default() };
        }
        match take(&plain) {
            Ok(outcome) => break outcome,
            Err(error) if edited == text || !std::io::stdin().is_terminal() => {
                // The same text again: it was given up, and is kept.
                let kept = Failure::from(error);
                return Err(kept.hint(format!("what you wrote is kept in {}", path.display())));
            }
            Err(error) => {
                let place = error.at.as_ref().map_or_else(String::new, |at| format!("{at}: "));
                let hint = error.hint.as_ref().map_or_else(String::new, |hint| format!("\n{COMPLAINT}{hint}"));
                text = format!("{COMPLAINT}{place}{}{hint}\n{plain}", error.message);
            }
        }
    };
    // It held nothing that is not in the store now.
    drop(std::fs::remove_dir_all(&folder));
    Ok(outcome)
}

const COMPLAINT: &str = "#! ";

fn without_complaints(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with(COMPLAINT)).collect()
}

fn private_folder(name: &str) -> Result<std::path::PathBuf, Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let base = std::env::temp_dir();
    for number in 0..1_000 {
        let path = base.join(format!("{name}-{}-{number}", std::process::id()));
        match std::fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(Failure::refused(format!("{}: {error}", path.display()))),
        }
    }
    Err(Failure::refused(format!("{} is full of old folders", base.display())))
}

fn run_editor(editor: &str, path: &Path) -> Result<(), Failure> {
    // As git does: the shell reads what EDITOR holds, the path is its argument.
    let status = std::process::Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            Err(Failure::refused(format!("the editor {editor} ended with {status}")).hint(format!("your text is in {}", path.display())))
        }
        Err(error) => Err(Failure::refused(format!("the editor {editor} could not be started: {error}"))),
    }
}

/// `rolo rm`.
///
/// # Errors
/// As its parts.
pub(super) fn rm(session: &Session, call: &Ids) -> Result<(), Failure> {
    let desk = session.desk()?;
    let ids = resolve_all(&desk, &[], &call.ids)?;
    answer(session, &actions::trash(&desk, &Target::Ids(ids))?)
}

/// `rolo restore`.
///
/// # Errors
/// As its parts.
pub(super) fn restore(session: &Session, call: &Ids) -> Result<(), Failure> {
    let desk = session.desk()?;
    let ids: Result<Vec<RecordId>, _> = call.ids.iter().map(|text| text.parse()).collect();
    answer(session, &actions::restore(&desk, &Target::Ids(ids.map_err(ActionError::from)?))?)
}

/// `rolo purge`.
///
/// # Errors
/// As its parts; exit 2 where nobody can be asked and `--yes` is missing.
pub(super) fn purge(session: &Session, call: &Purge) -> Result<(), Failure> {
    let desk = session.desk()?;
    let trashed = actions::trashed(&desk)?;
    if trashed > 0 && !call.yes {
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage(format!("{trashed} records would be gone for good")).hint("add --yes if that is meant"));
        }
        let mut err = std::io::stderr().lock();
        write!(err, "{trashed} records will be gone for good, undo cannot bring them back. Type yes to go on: ")?;
        err.flush()?;
        let mut said = String::new();
        std::io::stdin().read_line(&mut said)?;
        if said.trim() != "yes" {
            return super::output::lines(["nothing was changed"]);
        }
    }
    answer(session, &actions::purge(&desk)?)
}

/// `rolo link` and `rolo unlink`.
///
/// # Errors
/// As its parts.
pub(super) fn tie(session: &Session, call: &Pair, tied: bool) -> Result<(), Failure> {
    let desk = session.desk()?;
    let (one, other) = (resolve(&desk, &[], &call.one)?, resolve(&desk, &[], &call.other)?);
    let outcome = if tied { actions::link(&desk, one, other)? } else { actions::unlink(&desk, one, other)? };
    answer(session, &outcome)
}

/// `rolo log`.
///
/// # Errors
/// As its parts.
pub(super) fn log(session: &Session, call: &Log) -> Result<(), Failure> {
    let desk = session.desk()?;
    let direction = if call.incoming { Some("in".to_owned()) } else { call.outgoing.then(|| "out".to_owned()) };
    let mut options = LogOptions {
        at: call.at.clone(),
        direction,
        minutes: call.minutes,
        outcome: call.outcome.clone(),
        private: call.private,
        next: call.next.clone(),
    };
    let text = actions::text_of(&desk, &call.text, &mut options)?;
    made(session, &actions::log(&desk, &call.channel, &[&call.who], &text, &options)?)
}

/// `rolo move`.
///
/// # Errors
/// As its parts.
pub(super) fn move_stage(session: &Session, call: &Move) -> Result<(), Failure> {
    let desk = session.desk()?;
    let Some((stage, names)) = call.words.split_last() else { return Err(Failure::usage("which opportunity, to which stage?")) };
    let ids = resolve_all(&desk, &[Kind::Opportunity], names)?;
    answer(session, &actions::move_stage(&desk, &Target::Ids(ids), stage, call.reason.as_deref())?)
}

/// `rolo undo`.
///
/// # Errors
/// As its parts; exit 5 with both values of each field that somebody changed since.
pub(super) fn undo(session: &Session, call: &Undo) -> Result<(), Failure> {
    let desk = session.desk()?;
    let which = if call.steps.is_empty() { Which::Last } else { Which::Steps(steps(&call.steps)?) };
    let undone = actions::undo(&desk, &which, call.dry_run, call.force)?;
    for conflict in &undone.conflicts {
        session.say(&conflict.to_string());
    }
    for told in &undone.told {
        session.say(&format!("not split: {told}"));
    }
    answer(session, &undone.outcome)
}

/// Returns the numbers of steps written `@812`.
pub(super) fn steps(texts: &[String]) -> Result<Vec<u64>, Failure> {
    texts
        .iter()
        .map(|text| {
            let number = text.strip_prefix('@').unwrap_or(text).parse();
            number.map_err(|_| {
                Failure::usage(format!("\u{201c}{text}\u{201d} is no step")).hint("a step is written @812; `rolo history` lists them")
            })
        })
        .collect()
}

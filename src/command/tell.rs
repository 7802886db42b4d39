//! The commands that only read: figures, hits, history, fields, the store itself.

use std::sync::Arc;

use super::options::{Flags, flags};
use super::reply::Reply;
use super::run::{kind_named, parsed_query};
use crate::actions::{self, ActionError, Desk, configure};
use crate::domain::zone::wall_clock;
use crate::domain::{AnyField, FieldRef, Kind, RecordId, Timestamp, Value};
use crate::insight::{self, By, Group, TimelineRequest, Total};
use crate::query::Query;
use crate::store::api::StepKind;
use crate::store::known::Known;

/// The most lines of an answer.
const MOST: usize = 1_000;

/// Returns a query over a kind.
///
/// # Errors
/// What is wrong with it.
pub(super) fn query(desk: &Desk, text: &str, kind: Kind) -> Result<Query, ActionError> {
    parsed_query(desk, text, kind)
}

/// Returns the number of a step: `@812` or `812`.
///
/// # Errors
/// It is none.
pub(super) fn step(word: &str) -> Result<u64, ActionError> {
    let number = word.strip_prefix('@').unwrap_or(word).parse();
    number.map_err(|_| ActionError::usage(format!("\u{201c}{word}\u{201d} is no step")).hint("a step is written @812"))
}

pub(super) fn time(desk: &Desk, at: Timestamp) -> String {
    wall_clock(desk.zone(), at).format("%Y-%m-%d %H:%M").to_string()
}

fn field(desk: &Desk, kind: Kind, name: &str) -> Result<FieldRef, ActionError> {
    FieldRef::resolve(kind, name, &desk.definitions()).map_err(|error| unknown(&error))
}

fn by(desk: &Desk, kind: Kind, flags: &Flags) -> Result<Option<By>, ActionError> {
    let by = flags.values.get("by").map(|name| By::parse(kind, name, &desk.definitions()));
    by.transpose().map_err(|error| unknown(&error))
}

fn unknown(unknown: &crate::domain::UnknownField) -> ActionError {
    ActionError::usage(unknown.to_string()).hint(unknown.hint())
}

fn no_kind() -> ActionError {
    ActionError::usage("of which kind?").hint("such as contact, company, opportunity, ticket, task")
}

pub(super) fn count(desk: &Desk, args: &[String]) -> Result<Reply, ActionError> {
    let flags = flags(args, &["by"], &[])?;
    let (kind, rest) = flags.words.split_first().ok_or_else(no_kind)?;
    let kind = kind_named(kind)?;
    let query = Arc::new(query(desk, &rest.join(" "), kind)?);
    let Some(by) = by(desk, kind, &flags)? else {
        let count = crate::store::walk::Walk::new(kind, desk.view()).query(Some(query)).ids(&*desk.store)?.len();
        return Ok(Reply::said(format!("{count} {}", if count == 1 { kind.name() } else { kind.plural() })));
    };
    let counted = insight::count_by(&*desk.store, &desk.view(), kind, Some(query), &by)?;
    let lines = counted.groups.iter().map(|group| format!("{:>8}  {}", group.count, name_of(group))).collect();
    Ok(Reply { message: format!("{} in all", counted.count), ..Reply::read(format!("{} {}", kind.plural(), args.join(" ")), lines) })
}

fn name_of(group: &Group) -> &str {
    if group.key.is_empty() { "(none)" } else { &group.key }
}

pub(super) fn sum(desk: &Desk, args: &[String]) -> Result<Reply, ActionError> {
    let flags = flags(args, &["by"], &[])?;
    let [kind, name, rest @ ..] = flags.words.as_slice() else {
        return Err(ActionError::usage("the sum of what?").hint("such as :sum opportunity amount stage:won"));
    };
    let kind = kind_named(kind)?;
    let field = field(desk, kind, name)?;
    if !insight::is_summable(&field) {
        return Err(ActionError::usage(format!("{} is nothing to be summed", field.name())).hint("such as amount"));
    }
    let query = Arc::new(query(desk, &rest.join(" "), kind)?);
    let by = by(desk, kind, &flags)?;
    let summed = insight::sum(&*desk.store, &desk.view(), kind, Some(query), &field, by.as_ref())?;
    let text = |totals: &[Total]| match totals {
        [] => "nothing".to_owned(),
        totals => totals.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let lines: Vec<String> =
        summed.groups.iter().map(|group| format!("{:>20}  {:>6}  {}", text(&group.totals), group.count, name_of(group))).collect();
    let message = format!("{} over {} {}", text(&summed.totals), summed.count, kind.plural());
    Ok(Reply { message, ..Reply::read(format!("sum of {}", field.name()), lines) })
}

pub(super) fn find(desk: &Desk, text: &str) -> Result<Reply, ActionError> {
    if text.trim().is_empty() {
        return Err(ActionError::usage("what is to be found?").hint("write :find TEXT"));
    }
    let hits = insight::find(&*desk.store, &desk.view(), text, MOST)?;
    if hits.is_empty() {
        return Ok(Reply::said(format!("nothing found: {}", text.trim())));
    }
    let lines: Vec<String> =
        hits.iter().map(|hit| format!("{:<7} {:<12} {}", hit.record.id.to_string(), hit.record.kind().name(), hit.title)).collect();
    Ok(Reply { message: format!("{} found", lines.len()), ..Reply::read(format!("find {}", text.trim()), lines) })
}

pub(super) fn timeline(desk: &Desk, targets: &[RecordId]) -> Result<Reply, ActionError> {
    let Some(&of) = targets.first() else { return Err(ActionError::usage("whose timeline?")) };
    let request = TimelineRequest { of, since: None, offset: 0, limit: MOST };
    let timeline = insight::timeline(&*desk.store, desk.today(), &request)?;
    let lines: Vec<String> = timeline
        .entries
        .iter()
        .map(|entry| format!("{:<9} {}  {:<8} {}", entry.id, time(desk, entry.at), entry.channel.as_deref().unwrap_or(""), entry.title))
        .collect();
    Ok(if lines.is_empty() { Reply::said("nothing has happened yet") } else { Reply::read(format!("timeline of {of}"), lines) })
}

pub(super) fn history(desk: &Desk, args: &[String]) -> Result<Reply, ActionError> {
    let Some(name) = args.first() else {
        let steps = actions::steps(desk, None, MOST)?;
        let lines = steps.iter().map(|step| {
            let undone = match step.kind {
                StepKind::Do => String::new(),
                StepKind::Undo(of) => format!(" (takes back @{of})"),
                StepKind::Redo(of) => format!(" (does @{of} again)"),
            };
            format!("{:<7} {}  {:<10} {}{undone}", format!("@{}", step.step), time(desk, step.at), step.author.login, step.label)
        });
        let lines: Vec<String> = lines.collect();
        return Ok(if lines.is_empty() { Reply::said("nothing has been done yet") } else { Reply::read("history", lines) });
    };
    let id = actions::resolve(desk, &[], name)?;
    let mut lines = Vec::new();
    for revision in actions::history(desk, id, MOST)? {
        let head =
            format!("{:<7} {}  {:<10}", format!("@{}", revision.commit.step), time(desk, revision.commit.at), revision.commit.author.login);
        if revision.gone {
            lines.push(format!("{head} gone"));
        }
        let known = Known::new(&*desk.store);
        for difference in &revision.differences {
            let text = |values: &[Value]| values.iter().map(|value| value.named(&known)).collect::<Vec<_>>().join("; ");
            lines.push(format!("{head} {}: {} → {}", difference.name(), text(&difference.before), text(&difference.after)));
        }
    }
    Ok(Reply::read(format!("history of {id}"), lines))
}

pub(super) fn diff(desk: &Desk, args: &str) -> Result<Reply, ActionError> {
    let wrong = || ActionError::usage("between which steps?").hint("write :diff @812..@820");
    let (from, to) = args.trim().split_once("..").ok_or_else(wrong)?;
    let (from, to) = (step(from.trim())?, step(to.trim())?);
    let known = Known::new(&*desk.store);
    let mut lines = Vec::new();
    actions::diff(desk, from, to, &mut |changed| {
        for difference in &changed.differences {
            if lines.len() == MOST {
                break;
            }
            let text = |values: &[Value]| values.iter().map(|value| value.named(&known)).collect::<Vec<_>>().join("; ");
            let (before, after) = (text(&difference.before), text(&difference.after));
            lines.push(format!("{:<7} {}: {before} → {after}", changed.id.to_string(), difference.name()));
        }
        Ok(())
    })?;
    Ok(if lines.is_empty() { Reply::said("nothing differs") } else { Reply::read(format!("diff @{from}..@{to}"), lines) })
}

pub(super) fn fields(desk: &Desk, args: &[String], here: &super::Here) -> Result<Reply, ActionError> {
    let kind = match args.first() {
        Some(word) => kind_named(word)?,
        None => here.kind.ok_or_else(no_kind)?,
    };
    let definitions = desk.definitions();
    let lines = AnyField::all(kind, &definitions).map(|field| {
        let (help, example) = match field {
            AnyField::Builtin(field) => (field.help, field.example),
            AnyField::Custom(field) => (field.help.as_str(), ""),
        };
        let words = field.words(&definitions).map(|words| format!(" ({})", words.join(", "))).unwrap_or_default();
        format!("{:<20} {help}{words}  {example}", field.name())
    });
    Ok(Reply::read(format!("fields of {kind}"), lines.collect()))
}

pub(super) fn config(desk: &Desk, args: &[String]) -> Result<Reply, ActionError> {
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["list"] => {
            let lines = configure::list(desk)?.into_iter().map(|listed| {
                let state = if listed.own { format!("own, by {}", listed.by) } else { "as it comes".to_owned() };
                format!("{:<12} {state:<20} {}", listed.name.name(), listed.name.help())
            });
            Ok(Reply::read("config", lines.collect()))
        }
        ["get", name] => {
            let name = configure::named(name)?;
            Ok(Reply::read(name.name(), configure::get(desk, name)?.lines().map(str::to_owned).collect()))
        }
        _ => Err(ActionError::usage("config list, or config get NAME").hint("`rolo config edit NAME` in the shell changes one")),
    }
}

pub(super) fn stats(desk: &Desk) -> Result<Reply, ActionError> {
    let stats = desk.store.stats()?;
    let mut lines = vec![format!("{:<14} {}", "store", stats.path), format!("{:<14} {}", "kept as", stats.backend)];
    for (kind, live, trashed) in stats.records.iter().filter(|(kind, ..)| kind.info().public) {
        let trash = if *trashed > 0 { format!(" ({trashed} in the trash)") } else { String::new() };
        lines.push(format!("{:<14} {live}{trash}", kind.plural()));
    }
    let figures = [
        ("last commit", stats.seq),
        ("log bytes", stats.log_bytes),
        ("log segments", stats.log_segments),
        ("image bytes", stats.image_bytes),
    ];
    lines.extend(figures.iter().map(|(name, figure)| format!("{name:<14} {figure}")));
    Ok(Reply::read("stats", lines))
}

pub(super) fn check(desk: &Desk) -> Result<Reply, ActionError> {
    let check = desk.store.check(false, &mut |_, _| {})?;
    let message = format!("{} commits and {} records read", check.commits, check.records);
    if check.damage.is_empty() {
        return Ok(Reply { message: format!("no damage: {message}"), ..Reply::read("check", check.notices) });
    }
    Ok(Reply { message: format!("{} found: {message}", check.damage.len()), ..Reply::read("damage", check.damage) })
}

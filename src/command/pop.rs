//! Who calls, and calling: what is open with somebody, and whether they may be called.

use chrono::Timelike;
use chrono_tz::Tz;

use super::here::Here;
use super::options::{Flags, flags};
use super::reply::{Question, Reply};
use super::run::changed;
use super::{Invocation, run};
use crate::actions::{self, ActionError, Desk, resolve};
use crate::domain::fields::number;
use crate::domain::parse::quoted;
use crate::domain::zone::wall_clock;
use crate::domain::{Assignment, FieldRef, Kind, Record, RecordId, Screen, Timestamp, Value, naming};
use crate::insight::{self, Caller, Found};
use crate::store::known::Known;

/// Returns whoever has a number or an address.
///
/// # Errors
/// Exit 2 for a text that is neither.
pub fn who_has(desk: &Desk, text: &str) -> Result<Found, ActionError> {
    insight::who_has(&*desk.store, &desk.view(), text)?.ok_or_else(|| {
        ActionError::usage(format!("{} is neither a phone number nor an e-mail address", quoted(text)))
            .hint("such as +420601123456 or ada@example.com")
    })
}

/// Returns what is open with somebody, in lines; one about a record begins with its id.
pub fn told(desk: &Desk, caller: &Caller) -> Vec<String> {
    let definitions = desk.definitions();
    let known = Known::new(&*desk.store);
    let screen = Screen { now: desk.now(), zone: desk.zone(), lookup: &known };
    let shown = |record: &Record, names: &[&str]| -> String {
        let fields = names.iter().filter_map(|name| FieldRef::resolve(record.kind(), name, &definitions).ok());
        let texts = fields.filter_map(|field| field.get(record, &known).first().map(|value| screen.short(value)));
        texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let record = &caller.record;
    let mut lines = vec![line(record, &shown(record, &["title", "lifecycle", "preferred_channel", "language"]))];
    lines.extend(caller.company.iter().map(|company| line(company, &shown(company, &["industry", "lifecycle"]))));
    lines.extend(local_time(record, desk.now()).map(|time| format!("it is {time} there")));
    if insight::consent_to(record, "call") == Some(false) {
        lines.push("has not consented to calls".to_owned());
    }
    lines.push(match &caller.last {
        Some((at, channel)) => format!("last touch: {channel} on {}", day(*at, desk.zone())),
        None => "no touch yet".to_owned(),
    });
    for (field, what) in [("needs", "needs"), ("preferences", "likes")] {
        let text = shown(record, &[field]);
        if !text.is_empty() {
            lines.push(format!("{what}: {text}"));
        }
    }
    let parts: [(&str, &[_], &[&str]); 5] = [
        ("tickets", &caller.tickets, &["priority", "status", "assignee", "opened_at"]),
        ("promised", &caller.tasks, &["due", "assignee"]),
        ("opportunities", &caller.opportunities, &["stage", "amount", "next_step", "next_at"]),
        ("orders", &caller.orders, &["status", "total", "deliver_by", "invoice", "due"]),
        ("contracts", &caller.contracts, &["sla", "end", "status"]),
    ];
    for (heading, records, names) in parts {
        if !records.is_empty() {
            lines.push(String::new());
            lines.push(format!("{heading} ({})", records.len()));
            lines.extend(records.iter().map(|record| line(record, &shown(record, names))));
        }
    }
    lines
}

fn line(record: &Record, more: &str) -> String {
    let more = if more.is_empty() { String::new() } else { format!("  ({more})") };
    format!("{} {}{more}", record.id, naming::title(record))
}

fn day(at: Timestamp, zone: Tz) -> String {
    wall_clock(zone, at).format("%a %Y-%m-%d %H:%M").to_string()
}

/// Returns what a clock shows where somebody lives, as far as that is known.
pub fn local_time(record: &Record, now: Timestamp) -> Option<String> {
    let zone = insight::zone_of(record)?;
    let wall = wall_clock(zone, now);
    let night = if (7..21).contains(&wall.hour()) { "" } else { ", at night" };
    Some(format!("{} in {}{night}", wall.format("%a %H:%M"), zone.name()))
}

/// `:pop`: whoever has a number, else a question who it is.
pub(super) fn pop(desk: &Desk, invocation: &Invocation, args: &[String]) -> Result<Reply, ActionError> {
    let Flags { words, values, .. } = flags(args, &["name"], &[])?;
    let text = words.join(" ");
    let found = who_has(desk, &text)?;
    if let Some(name) = values.get("name") {
        if name.trim().is_empty() {
            return Ok(Reply::said("nobody was added"));
        }
        return add(desk, &found, name);
    }
    match found.who.as_slice() {
        [] => {
            let question = Question {
                text: format!("nobody has {}; the name of a new contact: ", found.written),
                invocation: invocation.clone(),
                here: Here::default(),
                flag: Some("name"),
                answers: Vec::new(),
            };
            Ok(Reply { question: Some(Box::new(question)), ..Reply::default() })
        }
        [only] => {
            let caller = insight::caller(&*desk.store, &desk.view(), *only)?;
            let lines = caller.as_ref().map(|caller| told(desk, caller)).unwrap_or_default();
            let title = caller.map_or_else(|| found.written.clone(), |caller| naming::title(&caller.record));
            Ok(Reply::read(title, lines))
        }
        several => {
            let records = desk.records(several)?;
            Ok(Reply::read(format!("{} have {}", several.len(), found.written), records.iter().map(|record| line(record, "")).collect()))
        }
    }
}

fn add(desk: &Desk, found: &Found, name: &str) -> Result<Reply, ActionError> {
    let definitions = desk.definitions();
    let field = if found.is_email { "email" } else { "phone" };
    let mut texts = vec![format!("name={name}"), format!("{field}={}", found.written)];
    texts.extend(found.company.map(|company| format!("company={company}")));
    let values: Vec<Assignment> =
        texts.iter().map(|text| Ok(Assignment::parse(Kind::Contact, text, &definitions)?)).collect::<Result<_, ActionError>>()?;
    let outcome = actions::add(desk, Kind::Contact, &values)?;
    let go_to = outcome.ids.first().copied();
    Ok(Reply { go_to, ..changed(Ok(outcome))? })
}

/// `:call`: has the system call somebody who may be called. What time it is there is told.
pub(super) fn call(desk: &Desk, invocation: &Invocation, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let typed = args.join(" ");
    let is_number = typed.starts_with('+') || typed.chars().next().is_some_and(|c| c.is_ascii_digit());
    let id: RecordId = match (typed.as_str(), is_number) {
        ("", _) | (_, true) => *run::targets(desk, &[], here)?.first().ok_or_else(|| ActionError::usage("whom?"))?,
        (name, false) => resolve(desk, &[Kind::Contact, Kind::Company], name)?,
    };
    let record = desk.record(id)?;
    let field = match id.kind {
        Kind::Contact => number::CONTACT_PHONE,
        Kind::Company => number::COMPANY_PHONE,
        other => return Err(ActionError::usage(format!("{id} is a {other}: contacts and companies are called"))),
    };
    let phone = if is_number { Some(typed) } else { record.first(field).and_then(Value::as_text).map(str::to_owned) };
    let name = naming::title(&record);
    let Some(phone) = phone else { return Err(ActionError::refused(format!("{name} has no phone number"))) };
    if insight::consent_to(&record, "call") == Some(false) && !invocation.bang {
        return Err(
            ActionError::refused(format!("{name} has not consented to calls: consent.call is no")).hint(":call! calls all the same")
        );
    }
    let time = local_time(&record, desk.now()).map_or_else(String::new, |time| format!("; it is {time}"));
    let dialled: String = phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    if dialled.len() < 3 {
        return Err(ActionError::refused(format!("{} cannot be dialled", quoted(&phone))));
    }
    Ok(Reply { open: Some(format!("tel:{dialled}")), ..Reply::said(format!("calling {name}, {phone}{time}")) })
}

//! `rolo pop`: who calls, and what is open with them.

use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::args::Format;
use super::failure::Failure;
use super::output::{Cell, ROWS, Rows, lines};
use super::session::Session;
use crate::actions::ActionError;
use crate::command;
use crate::domain::{Lookup, Record, json as records, naming};
use crate::insight::{self, Caller};
use crate::store::known::Known;

/// `rolo pop`.
#[derive(Debug, Args)]
pub struct Pop {
    /// The number that calls, or the address that writes
    #[arg(required = true, num_args = 1.., value_name = "PHONE-OR-EMAIL", value_parser = super::args::dashed)]
    pub from: Vec<String>,
}

/// `rolo pop`: for people on a terminal, one object each as json, else a row for each record.
///
/// # Errors
/// Exit 4 where nobody has the number, with the call that adds somebody.
pub(super) fn pop(session: &Session, call: &Pop) -> Result<(), Failure> {
    let format = session.format(ROWS)?;
    let desk = session.desk()?;
    let found = command::who_has(&desk, &call.from.join(" "))?;
    if found.who.is_empty() {
        let field = if found.is_email { "email" } else { "phone" };
        let company = found.company.and_then(|id| Known::new(&*desk.store).title(id).map(|name| (id, name)));
        let of = company.as_ref().map_or_else(String::new, |(id, _)| format!(" company={id}"));
        let message = match &company {
            Some((id, name)) => format!("nobody has {}; its domain is that of {name} ({id})", found.written),
            None => format!("nobody has {}", found.written),
        };
        let hint = format!("add who it is: rolo add contact name=NAME {field}={}{of}", found.written);
        return Err(ActionError::not_found(message).hint(hint).into());
    }
    let mut callers = Vec::new();
    for id in &found.who {
        callers.extend(insight::caller(&*desk.store, &desk.view(), *id)?);
    }
    match format {
        Format::Table => {
            let told: Vec<Vec<String>> = callers.iter().map(|caller| command::told_of(&desk, caller)).collect();
            lines(told.join(&String::new()))
        }
        Format::Json | Format::Jsonl => {
            let known = Known::new(&*desk.store);
            let objects: Vec<Json> = callers.iter().map(|caller| Json::Object(object(&desk, caller, &known))).collect();
            let text = match (format, objects.as_slice()) {
                (Format::Json, [one]) => serde_json::to_string_pretty(one),
                (Format::Json, all) => serde_json::to_string_pretty(all),
                (_, all) => Ok(all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
            };
            lines([text.map_err(std::io::Error::from)?])
        }
        _ => {
            let mut rows = Rows::new(session, format, &["what", "id", "name"].map(str::to_owned))?;
            for caller in &callers {
                for (what, record) in parts(caller) {
                    let id = record.id.to_string();
                    rows.row(&id, &[Cell::text(what), Cell::text(id.as_str()), Cell::text(naming::title(record))])?;
                }
            }
            rows.finish()
        }
    }
}

/// Returns every record of a caller, and what it is to them.
fn parts(caller: &Caller) -> impl Iterator<Item = (&'static str, &Record)> {
    let lists = [
        ("ticket", &caller.tickets),
        ("task", &caller.tasks),
        ("opportunity", &caller.opportunities),
        ("order", &caller.orders),
        ("contract", &caller.contracts),
    ];
    let company = caller.company.iter().map(|company| ("company", &**company));
    let lists = lists.into_iter().flat_map(|(what, records)| records.iter().map(move |record| (what, &**record)));
    std::iter::once(("caller", &*caller.record)).chain(company).chain(lists)
}

fn object(desk: &crate::actions::Desk, caller: &Caller, known: &Known<'_>) -> Map<String, Json> {
    let definitions = desk.definitions();
    let whole = |record: &Record| Json::Object(records::record(record, &definitions, known));
    let all = |list: &[std::sync::Arc<Record>]| Json::Array(list.iter().map(|record| whole(record)).collect());
    let mut object = Map::new();
    object.insert("caller".to_owned(), whole(&caller.record));
    object.extend(caller.company.iter().map(|company| ("company".to_owned(), whole(company))));
    object.extend(caller.last.iter().map(|(at, channel)| ("last".to_owned(), json!({ "at": at.to_string(), "channel": channel }))));
    object.extend(command::local_time(&caller.record, desk.now()).map(|time| ("local_time".to_owned(), json!(time))));
    let consent = insight::consent_to(&caller.record, "call");
    object.extend(consent.map(|may| ("may_be_called".to_owned(), json!(may))));
    for (name, list) in [
        ("tickets", &caller.tickets),
        ("tasks", &caller.tasks),
        ("opportunities", &caller.opportunities),
        ("orders", &caller.orders),
        ("contracts", &caller.contracts),
    ] {
        object.insert(name.to_owned(), all(list));
    }
    object
}

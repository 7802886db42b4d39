//! `rolo list contact --format mutt|aerc`: contacts as the address book of a mail
//! program. Sources: mutt's `query_command` (a line of message, then address, name and
//! more, tab separated), aerc's `address-book-cmd` (address and name).

use std::io::{self, BufWriter, Write};

use super::args::{Format, List};
use super::failure::Failure;
use super::reading::{each, request, sort};
use super::session::Session;
use crate::actions::Desk;
use crate::domain::fields::number;
use crate::domain::{Kind, Lookup, Record, Value, naming};
use crate::query::Query;
use crate::store::known::Known;
use crate::tui::text;

/// Prints the addresses of the contacts that a call asks for.
///
/// # Errors
/// As its parts.
pub(super) fn print(session: &Session, call: &List, format: Format) -> Result<(), Failure> {
    let desk = session.desk()?;
    let mut request = request(&desk, Kind::Contact, typed(&call.query, &desk), sort(call.sort.as_deref(), Kind::Contact, &desk)?);
    request.offset = call.offset;
    let known = Known::new(&*desk.store);
    let mut lines = Vec::new();
    each(&desk, request, call.limit, &mut |contact| {
        let name = plain(&naming::title(contact));
        for (at, value) in contact.values(number::CONTACT_EMAIL).enumerate() {
            let Some(address) = value.as_text() else { continue };
            let address = plain(address);
            let shown = if name == address { "" } else { name.as_str() };
            lines.push(match format {
                Format::Aerc => format!("{address}\t{shown}"),
                _ => format!("{address}\t{shown}\t{}", more(contact, value, at, &known)),
            });
        }
        Ok(())
    })?;
    let mut out = BufWriter::new(io::stdout());
    if format == Format::Mutt {
        // mutt shows the first line to the user.
        match lines.len() {
            0 => writeln!(out, "rolo: nobody found")?,
            1 => writeln!(out, "rolo: 1 address")?,
            count => writeln!(out, "rolo: {count} addresses")?,
        }
    }
    lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    Ok(out.flush()?)
}

/// Returns what a person types in a mail program as a query; what is none is looked for
/// as it stands, as `O'Brien (Acme` would be.
fn typed(words: &[String], desk: &Desk) -> Option<std::sync::Arc<Query>> {
    let text = words.join(" ");
    if text.trim().is_empty() {
        return None;
    }
    let definitions = desk.definitions();
    let read = |text: &str| Query::parse(text, Kind::Contact, &definitions).ok();
    let quoted = || read(&format!("\"{}\"", text.replace(['"', '\\'], " ")));
    read(&text).or_else(quoted).map(std::sync::Arc::new)
}

/// What else is worth knowing of an address: whose firm, which of several, and whether
/// its owner wants no mail.
fn more(contact: &Record, value: &Value, at: usize, lookup: &dyn Lookup) -> String {
    let mut words = Vec::new();
    let job = contact.values(number::JOBS).find_map(|value| match value.bare() {
        Value::Job(job) => Some(job),
        _ => None,
    });
    if let Some(job) = job {
        words.extend((!job.title.is_empty()).then(|| job.title.clone()));
        words.extend(job.company.and_then(|company| lookup.record(company)).map(|company| naming::title(&company)));
    }
    words.extend(value.label().filter(|label| !label.is_empty() && at > 0).map(str::to_owned));
    if contact.labelled(number::CONSENT, "email").and_then(Value::as_text) == Some("no") {
        words.push("wants no e-mail".to_owned());
    }
    plain(&words.join(", "))
}

/// Returns a text on one line, without tabs and what a terminal would obey.
fn plain(told: &str) -> String {
    let spaced: String = told.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    text::safe(spaced.trim()).into_owned()
}

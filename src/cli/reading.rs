//! Calls that read records: list, count, sum, show, find, timeline.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use super::args::{Count, Find, Format, List, Show, Sum, Timeline};
use super::failure::Failure;
use super::output::{Cell, FIGURES, ROWS, Rows, object};
use super::session::{Session, kind, moment, query};
use crate::actions::{self, ActionError, Desk, resolve, resolve_itself};
use crate::domain::fields::{default_columns, number};
use crate::domain::{AnyField, FieldRef, Kind, Lookup, Record, RecordId, json};
use crate::exchange::letters::Letters;
use crate::insight::{self, By, TimelineRequest, Total};
use crate::query::{SortKey, default_sort, parse_sort};
use crate::store::api::{Page, PageRequest, Trash};
use crate::store::known::Known;

/// How many records are read at once.
const PAGE: usize = 1_000;

/// Returns the columns that were asked for, or the kind's own.
///
/// # Errors
/// Exit 2 for an unknown field, with the nearest.
pub(super) fn columns(asked: Option<&str>, kind: Kind, desk: &Desk) -> Result<Vec<FieldRef>, Failure> {
    let definitions = desk.definitions();
    let names: Vec<&str> = match asked {
        Some(asked) => asked.split(',').map(str::trim).filter(|name| !name.is_empty()).collect(),
        None => std::iter::once("id").chain(default_columns(kind).iter().copied().filter(|name| *name != "id")).collect(),
    };
    let resolve = |name: &&str| {
        FieldRef::resolve(kind, name, &definitions).map_err(|unknown| {
            let hint = unknown.hint();
            Failure::from(ActionError::usage(unknown.to_string()).hint(hint))
        })
    };
    names.iter().map(resolve).collect()
}

/// Returns the order that was asked for, or the kind's own.
///
/// # Errors
/// Exit 2 for an unknown field.
pub(super) fn sort(asked: Option<&str>, kind: Kind, desk: &Desk) -> Result<Vec<SortKey>, Failure> {
    let definitions = desk.definitions();
    match asked {
        Some(asked) => Ok(parse_sort(asked, kind, &definitions).map_err(|error| {
            let failure = Failure::usage(format!("--sort: {}", error.message));
            error.hint.map_or_else(|| Failure::usage(format!("--sort: {}", error.message)), |hint| failure.hint(hint))
        })?),
        None => Ok(default_sort(kind, &definitions)),
    }
}

/// Returns the request for a page of what a call asks for.
pub(super) fn request(desk: &Desk, kind: Kind, query: Option<Arc<crate::query::Query>>, sort: Vec<SortKey>) -> PageRequest {
    PageRequest {
        kind,
        query,
        sort,
        after: None,
        offset: 0,
        limit: PAGE,
        records: true,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view: desk.view(),
    }
}

/// Calls `visit` with every record of a request, page by page.
///
/// # Errors
/// What the store and `visit` answer.
pub(super) fn each(
    desk: &Desk,
    mut request: PageRequest,
    limit: Option<usize>,
    visit: &mut dyn FnMut(&Record) -> Result<(), Failure>,
) -> Result<Page, Failure> {
    let mut left = limit.unwrap_or(usize::MAX);
    let mut last = Page::default();
    while left > 0 {
        request.limit = left.min(PAGE);
        let page = desk.store.query(&request)?;
        for record in &page.records {
            visit(record)?;
        }
        left = left.saturating_sub(page.records.len());
        request.offset = 0;
        request.after = page.next.clone();
        let ended = page.next.is_none();
        last = page;
        if ended {
            break;
        }
    }
    Ok(last)
}

fn cell(column: &FieldRef, record: &Record, lookup: &dyn Lookup) -> Cell {
    Cell { text: column.text(record, lookup), json: json::column(column, record, lookup) }
}

/// `rolo list`.
///
/// # Errors
/// As its parts.
pub(super) fn list(session: &Session, call: &List) -> Result<(), Failure> {
    let kind = kind(&call.kind)?;
    let mut can = ROWS.to_vec();
    if kind == Kind::Contact {
        can.extend([Format::Mutt, Format::Aerc]);
    }
    let format = session.format(&can)?;
    if matches!(format, Format::Mutt | Format::Aerc) {
        return super::address_book::print(session, call, format);
    }
    let desk = session.desk()?;
    let columns = columns(call.columns.as_deref(), kind, &desk)?;
    let sort = sort(call.sort.as_deref(), kind, &desk)?;
    let query = query(&call.query, kind, &desk)?;
    let mut request = request(&desk, kind, query, sort);
    request.offset = call.offset;
    if call.explain {
        request.limit = call.limit.unwrap_or(1).max(1);
        let page = desk.store.query(&request)?;
        return super::output::lines(page.plan.lines());
    }
    let names: Vec<String> = columns.iter().map(|column| column.name().to_owned()).collect();
    let mut rows = Rows::new(session, format, &names)?;
    let known = Known::new(&*desk.store);
    let page = each(&desk, request, call.limit, &mut |record| {
        let cells: Vec<Cell> = columns.iter().map(|column| cell(column, record, &known)).collect();
        rows.row(&record.id.to_string(), &cells)
    })?;
    rows.finish()?;
    tell_unpriced(session, page.unpriced);
    Ok(())
}

fn tell_unpriced(session: &Session, unpriced: u64) {
    if unpriced > 0 {
        session.say(&format!("{unpriced} left out: their currency has no rate"));
    }
}

/// `rolo count`.
///
/// # Errors
/// As its parts.
pub(super) fn count(session: &Session, call: &Count) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let kind = kind(&call.kind)?;
    let desk = session.desk()?;
    let query = query(&call.query, kind, &desk)?;
    let Some(by) = &call.by else {
        let mut request = request(&desk, kind, query, Vec::new());
        (request.limit, request.records, request.total) = (1, false, true);
        let page = desk.store.query(&request)?;
        let total = page.total.unwrap_or(0);
        tell_unpriced(session, page.unpriced);
        return match format {
            Format::Json | Format::Jsonl => object(session, format, &[("count".to_owned(), Cell::number(total))]),
            _ => super::output::lines([total.to_string()]),
        };
    };
    let by_field = group(kind, by, &desk)?;
    let counted = insight::count_by(&*desk.store, &desk.view(), kind, query, &by_field)?;
    let mut rows = Rows::new(session, format, &[by.clone(), "count".to_owned()])?;
    for group in &counted.groups {
        rows.row(&group.key, &[Cell::text(group.key.as_str()), Cell::number(group.count)])?;
    }
    rows.finish()?;
    tell_unpriced(session, counted.unpriced);
    Ok(())
}

fn group(kind: Kind, by: &str, desk: &Desk) -> Result<By, Failure> {
    By::parse(kind, by, &desk.definitions()).map_err(|unknown| {
        let hint = unknown.hint();
        Failure::from(ActionError::usage(unknown.to_string()).hint(hint))
    })
}

fn total_json(total: &Total) -> Json {
    match total.currency {
        Some(currency) => serde_json::json!({ "amount": total.amount(), "currency": currency.code() }),
        None => total.amount().parse::<serde_json::Number>().map_or_else(|_| Json::String(total.amount()), Json::Number),
    }
}

/// Sums of several currencies stand in one cell, joined.
fn totals(totals: &[Total]) -> Cell {
    let text = totals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let json = match totals {
        [] => None,
        [one] => Some(total_json(one)),
        several => Some(Json::Array(several.iter().map(total_json).collect())),
    };
    Cell { text, json }
}

/// `rolo sum`.
///
/// # Errors
/// As its parts; exit 2 for a field that cannot be summed.
pub(super) fn sum(session: &Session, call: &Sum) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let kind = kind(&call.kind)?;
    let desk = session.desk()?;
    let field = columns(Some(&call.field), kind, &desk)?.pop().ok_or_else(|| Failure::usage("which field?"))?;
    if !insight::is_summable(&field) {
        return Err(Failure::usage(format!("{} cannot be summed", field.name())).hint("sum money and numbers, such as amount"));
    }
    let query = query(&call.query, kind, &desk)?;
    let by = call.by.as_deref().map(|by| group(kind, by, &desk)).transpose()?;
    let summed = insight::sum(&*desk.store, &desk.view(), kind, query, &field, by.as_ref())?;
    match &call.by {
        None => match format {
            Format::Json | Format::Jsonl => {
                let fields = [("count".to_owned(), Cell::number(summed.count)), ("sum".to_owned(), totals(&summed.totals))];
                object(session, format, &fields)?;
            }
            _ if summed.totals.is_empty() => super::output::lines(["0"])?,
            _ => super::output::lines(summed.totals.iter().map(ToString::to_string))?,
        },
        Some(by) => {
            let mut rows = Rows::new(session, format, &[by.clone(), "count".to_owned(), "sum".to_owned()])?;
            for group in &summed.groups {
                rows.row(&group.key, &[Cell::text(group.key.as_str()), Cell::number(group.count), totals(&group.totals)])?;
            }
            rows.finish()?;
        }
    }
    tell_unpriced(session, summed.unpriced);
    Ok(())
}

/// Returns the record as it was at a moment, or after a step.
fn as_of(desk: &Desk, id: RecordId, at: &str) -> Result<Arc<Record>, Failure> {
    let seq = match at.strip_prefix('@') {
        Some(step) => step.parse().map_err(|_| Failure::usage(format!("{at} is no step")).hint("a step is written @812"))?,
        None => desk.store.seq_at(moment(at, desk.zone(), desk.now())?)?,
    };
    desk.store.as_of(id, seq)?.ok_or_else(|| ActionError::not_found(format!("{id} was not there {at}")).into())
}

/// `rolo show`.
///
/// # Errors
/// As its parts; exit 4 for a record that is not there.
pub(super) fn show(session: &Session, call: &Show) -> Result<(), Failure> {
    let format = session.format(&[Format::Table, Format::Tsv, Format::Json, Format::Jsonl, Format::Csv, Format::Plain])?;
    let desk = session.desk()?;
    let known = Known::new(&*desk.store);
    let definitions = desk.definitions();
    let mut objects = Vec::new();
    for text in &call.ids {
        let id = if call.at.is_some() { resolve_itself(&desk, text)? } else { resolve(&desk, &[], text)? };
        super::twins::tell_where_it_leads(session, text, id);
        let record = match &call.at {
            Some(at) => as_of(&desk, id, at)?,
            None => desk.record(id)?,
        };
        let mut whole = json::record(&record, &definitions, &known);
        if call.all {
            whole.extend(everything(&desk, id, &known, call.files.as_deref())?);
        }
        objects.push((record, whole));
    }
    if matches!(format, Format::Json | Format::Jsonl) {
        let texts: Vec<Json> = objects.into_iter().map(|(_, whole)| Json::Object(whole)).collect();
        let printed = match (format, texts.as_slice()) {
            (Format::Json, [one]) => serde_json::to_string_pretty(one),
            (Format::Json, all) => serde_json::to_string_pretty(all),
            (_, all) => Ok(all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
        };
        return super::output::lines([printed.map_err(std::io::Error::from)?]);
    }
    for (index, (record, whole)) in objects.iter().enumerate() {
        if index > 0 && format == Format::Table {
            super::output::lines([""])?;
        }
        let mut fields = vec![("id".to_owned(), Cell::text(record.id.to_string())), ("version".to_owned(), Cell::number(record.version))];
        for field in AnyField::all(record.kind(), &definitions) {
            let field = FieldRef::of(record.kind(), field);
            fields.push((field.name().to_owned(), cell(&field, record, &known)));
        }
        for name in ["recorded_at", "updated_at", "updated_by"] {
            let text = whole.get(name).and_then(Json::as_str).unwrap_or_default();
            fields.push((name.to_owned(), Cell::text(text)));
        }
        for name in ["linked_from", "documents", "history"] {
            for entry in whole.get(name).and_then(Json::as_array).into_iter().flatten() {
                fields.push((name.to_owned(), Cell::text(entry.to_string())));
            }
        }
        object(session, format, &fields)?;
    }
    Ok(())
}

/// What is kept about a record beyond its fields: who links to it, the documents of it
/// and of those, its history. The documents' contents go into a folder, where one is named.
fn everything(desk: &Desk, id: RecordId, lookup: &dyn Lookup, files: Option<&Path>) -> Result<serde_json::Map<String, Json>, Failure> {
    let definitions = desk.definitions();
    let linking = desk.store.linking(id, None, usize::MAX)?;
    let ids: Vec<RecordId> = linking.iter().map(|(from, _)| *from).collect();
    let records = desk.store.get(&ids)?;
    let mut documents = Vec::new();
    for of in std::iter::once(id).chain(ids.iter().copied()) {
        for document in actions::documents(desk, of)? {
            if !documents.contains(&document) {
                documents.push(document);
            }
        }
    }
    if let Some(folder) = files {
        for document in &documents {
            copy_into(desk, document, folder)?;
        }
    }
    let documents: Vec<Json> = documents.iter().map(|record| Json::Object(json::record(record, &definitions, lookup))).collect();
    let linked: Vec<Json> = records.iter().flatten().map(|record| Json::Object(json::record(record, &definitions, lookup))).collect();
    let history: Vec<Json> = desk
        .store
        .history(id, usize::MAX)?
        .into_iter()
        .map(|version| {
            let mut entry = serde_json::json!({
                "step": format!("@{}", version.commit.step),
                "at": version.commit.at.to_string(),
                "by": version.commit.author.login,
                "label": version.commit.label,
            });
            if let Some(record) = version.record {
                entry["record"] = Json::Object(json::record(&record, &definitions, lookup));
            }
            entry
        })
        .collect();
    let all = [("linked_from", linked), ("documents", documents), ("history", history)];
    Ok(all.into_iter().map(|(name, entries)| (name.to_owned(), Json::Array(entries))).collect())
}

/// Writes a document's content as `d7-quote.pdf`; a file that is there stays.
fn copy_into(desk: &Desk, document: &Record, folder: &Path) -> Result<(), Failure> {
    let Ok(hash) = actions::content_of(document) else { return Ok(()) };
    let name = crate::domain::file_name(document.text(number::DOCUMENT_NAME).unwrap_or_default());
    let path = folder.join(format!("{}-{name}", document.id));
    let failed = |error: std::io::Error| Failure::refused(format!("{}: {error}", path.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut file = std::fs::File::create_new(&path).map_err(failed)?;
    crate::store::files::copy(&*desk.store, &hash, &mut file)?;
    Ok(file.sync_all()?)
}

/// `rolo find`.
///
/// # Errors
/// As its parts.
pub(super) fn find(session: &Session, call: &Find) -> Result<(), Failure> {
    let format = session.format(ROWS)?;
    let desk = session.desk()?;
    let hits = insight::find(&*desk.store, &desk.view(), &call.text.join(" "), call.limit)?;
    let mut rows = Rows::new(session, format, &["id", "kind", "name"].map(str::to_owned))?;
    for hit in &hits {
        let id = hit.record.id.to_string();
        rows.row(&id, &[Cell::text(id.as_str()), Cell::text(hit.record.kind().name()), Cell::text(hit.title.as_str())])?;
    }
    rows.finish()
}

/// `rolo timeline`.
///
/// # Errors
/// As its parts.
pub(super) fn timeline(session: &Session, call: &Timeline) -> Result<(), Failure> {
    let format = session.format(&[ROWS, &[Format::Mbox]].concat())?;
    let desk = session.desk()?;
    let of = resolve(&desk, &[], &call.id)?;
    let since = call.since.as_deref().map(|since| moment(since, desk.zone(), desk.now())).transpose()?;
    let limit = call.limit.unwrap_or(if format == Format::Mbox { usize::MAX } else { 50 });
    let request = TimelineRequest { of, since, offset: 0, limit };
    let timeline = insight::timeline(&*desk.store, desk.today(), &request)?;
    if format == Format::Mbox {
        return mailbox(&desk, &timeline);
    }
    let names = ["id", "at", "channel", "direction", "title", "body", "who", "by"].map(str::to_owned);
    let mut rows = Rows::new(session, format, &names)?;
    for entry in &timeline.entries {
        let who = entry.who.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("; ");
        let text = |text: Option<&str>| Cell::text(text.unwrap_or_default());
        rows.row(
            &entry.id,
            &[
                Cell::text(entry.id.as_str()),
                Cell::text(entry.at.to_string()),
                text(entry.channel.as_deref()),
                text(entry.direction.as_deref()),
                Cell::text(entry.title.as_str()),
                Cell::text(entry.body.as_str()),
                Cell::text(who),
                text(entry.by.as_deref()),
            ],
        )?;
    }
    rows.finish()
}

/// Prints the touches of a timeline as a mailbox, oldest first.
fn mailbox(desk: &Desk, timeline: &insight::Timeline) -> Result<(), Failure> {
    let known = Known::new(&*desk.store);
    let letters = Letters::new(&*desk.store, &known, &desk.view())?;
    let mut out = BufWriter::new(std::io::stdout());
    for entry in timeline.entries.iter().rev().filter(|entry| entry.what == insight::What::Interaction) {
        letters.write(&*desk.record(entry.record)?, &mut out)?;
    }
    Ok(out.flush()?)
}

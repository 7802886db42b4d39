//! Calls about records that are one: dupes, merge; and where values came from: blame.

use clap::{Args, ValueEnum};

use super::args::Format;
use super::changing::answer;
use super::failure::Failure;
use super::output::{Cell, FIGURES, ROWS, Rows};
use super::session::Session;
use crate::actions::{self, MergeOptions, Prefer, resolve_all, resolve_itself};
use crate::command;
use crate::domain::{Kind, RecordId};
use crate::insight::{self, Blamed, DupesRequest};
use crate::store::known::Known;

/// `rolo merge`.
#[derive(Debug, Args)]
pub struct Merge {
    /// The record that stays
    #[arg(value_name = "KEEP")]
    pub keep: String,
    /// The records that become a part of it
    #[arg(required = true, value_name = "OTHER")]
    pub others: Vec<String>,
    /// Whose value stands where both have one
    #[arg(long, value_name = "WHOM", default_value = "keep")]
    pub prefer: Whom,
    /// Say what would change
    #[arg(long)]
    pub dry_run: bool,
}

/// Whose value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Whom {
    /// That of the record that stays
    Keep,
    /// That of the others
    Other,
    /// The one that was written last
    Newest,
}

/// `rolo merge`.
///
/// # Errors
/// As its parts.
pub(super) fn merge(session: &Session, call: &Merge) -> Result<(), Failure> {
    let desk = session.desk()?;
    let ids: Vec<RecordId> =
        std::iter::once(&call.keep).chain(&call.others).map(|text| resolve_itself(&desk, text)).collect::<Result<_, _>>()?;
    let prefer = match call.prefer {
        Whom::Keep => Prefer::Keep,
        Whom::Other => Prefer::Other,
        Whom::Newest => Prefer::Newest,
    };
    let merged = actions::merge(&desk, &ids, &MergeOptions { prefer, sides: Vec::new(), dry_run: call.dry_run })?;
    if call.dry_run {
        let known = Known::new(&*desk.store);
        let shown = |values: &[crate::domain::Value]| match values {
            [] => "nothing".to_owned(),
            values => values.iter().map(|value| value.named(&known)).collect::<Vec<_>>().join("; "),
        };
        for difference in &merged.differences {
            session.say(&format!(
                "{} {}: {} \u{2192} {}",
                difference.id,
                difference.name(),
                shown(&difference.before),
                shown(&difference.after)
            ));
        }
        for left in &merged.left_over {
            session.say(&format!("kept in the notes: {left}"));
        }
    }
    answer(session, &merged.outcome)
}

/// Says that an id leads to another record, where it was merged into that one.
pub(super) fn tell_where_it_leads(session: &Session, asked: &str, found: RecordId) {
    if let Ok(id) = asked.trim().parse::<RecordId>()
        && id != found
    {
        session.say(&format!("{id} was merged into {found}"));
    }
}

/// `rolo dupes`.
#[derive(Debug, Args)]
pub struct Dupes {
    /// Which kind (contact), then which records: one of the two matches
    #[arg(value_parser = super::args::dashed, value_name = "KIND QUERY")]
    pub words: Vec<String>,
    /// The most pairs
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// The least score, from 0 to 1
    #[arg(long, value_name = "SCORE", default_value_t = insight::MIN, value_parser = score)]
    pub min: f64,
    /// Say of these that they are no duplicates: they are not shown again
    #[arg(long = "not", num_args = 2.., value_name = "ID", conflicts_with = "words")]
    pub distinct: Vec<String>,
}

fn score(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(score) if (0.0..=1.0).contains(&score) => Ok(score),
        _ => Err("a number from 0 to 1".to_owned()),
    }
}

/// `rolo blame`.
#[derive(Debug, Args)]
pub struct Blame {
    /// Which record
    pub id: String,
    /// Which field alone
    pub field: Option<String>,
}

/// `rolo dupes`.
///
/// # Errors
/// As its parts.
pub(super) fn dupes(session: &Session, call: &Dupes) -> Result<(), Failure> {
    if !call.distinct.is_empty() {
        let desk = session.desk()?;
        let ids = resolve_all(&desk, &[], &call.distinct)?;
        return answer(session, &actions::distinct(&desk, &ids)?);
    }
    let format = session.format(ROWS)?;
    let (kind, words) = match call.words.split_first() {
        Some((first, rest)) => match Kind::from_name(first) {
            Some(kind) => (kind, rest.to_vec()),
            // A word that is nearly a kind is a slip, not a search.
            None if !first.contains([':', '=', '<', '>']) => (super::session::kind(first)?, rest.to_vec()),
            None => (Kind::Contact, call.words.clone()),
        },
        None => (Kind::Contact, Vec::new()),
    };
    if kind == Kind::Event {
        return Err(Failure::usage("events are not merged").hint("such as contact, company, opportunity"));
    }
    let desk = session.desk()?;
    let query = super::session::query(&words, kind, &desk)?;
    let request = DupesRequest { kind, query, min: call.min, limit: call.limit, view: desk.view() };
    let found = insight::dupes(&*desk.store, &request)?;
    let names = ["cluster", "score", "id", "other", "name", "other_name", "reasons"].map(str::to_owned);
    let mut rows = Rows::new(session, format, &names)?;
    for twin in &found.pairs {
        let number = serde_json::Number::from_f64(twin.score).map(serde_json::Value::Number);
        rows.row(
            &format!("{}\n{}", twin.one, twin.other),
            &[
                Cell::number(twin.cluster),
                Cell { text: format!("{:.2}", twin.score), json: number },
                Cell::text(twin.one.to_string()),
                Cell::text(twin.other.to_string()),
                Cell::text(twin.titles.0.as_str()),
                Cell::text(twin.titles.1.as_str()),
                Cell { text: twin.reasons.join("; "), json: Some(serde_json::json!(twin.reasons)) },
            ],
        )?;
    }
    rows.finish()?;
    for notice in &found.notices {
        session.say(notice);
    }
    if found.total > found.pairs.len() {
        session.say(&format!("the best {} of {} pairs; --limit shows more", found.pairs.len(), found.total));
    } else if found.pairs.is_empty() && format == Format::Table {
        session.say(&format!("no duplicates among {} {}", found.records, kind.plural()));
    }
    Ok(())
}

/// `rolo blame`.
///
/// # Errors
/// As its parts; exit 2 for a field that the record's kind has not.
pub(super) fn blame(session: &Session, call: &Blame) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let id = resolve_itself(&desk, &call.id)?;
    let known = Known::new(&*desk.store);
    let names = ["field", "value", "by", "at", "step", "label", "file", "line", "source", "row", "from"].map(str::to_owned);
    let mut rows = Rows::new(session, format, &names)?;
    for blamed in command::blamed(&desk, id, call.field.as_deref())? {
        let Blamed { field, value, origin, .. } = &blamed;
        let row = origin.row.as_ref();
        let text = |text: Option<&str>| Cell::text(text.unwrap_or_default());
        rows.row(
            field,
            &[
                Cell::text(field.as_str()),
                Cell::text(value.named(&known)),
                Cell::text(origin.by.as_str()),
                Cell::text(origin.at.to_string()),
                Cell::text(format!("@{}", origin.step)),
                Cell::text(origin.label.as_str()),
                text(row.map(|row| row.file.as_str())),
                row.and_then(|row| row.line).map(Cell::number).unwrap_or_default(),
                text(row.map(|row| row.source.as_str())),
                text(row.map(|row| row.identity.as_str())),
                Cell::text(origin.with.map(|with| with.to_string()).unwrap_or_default()),
            ],
        )?;
    }
    rows.finish()
}

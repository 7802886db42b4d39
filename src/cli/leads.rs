//! Calls about leads: what they score and why, who gets them, and what they become.

use clap::{Args, Subcommand};

use super::args::dashed;
use super::changing::answer;
use super::failure::Failure;
use super::output::{Cell, FIGURES, Rows};
use super::session::Session;
use crate::actions::{self, ConvertOptions, Given, resolve, resolve_all};
use crate::domain::{Kind, Lookup};
use crate::insight::score::{score_lines, scores};
use crate::store::known::Known;

/// `rolo convert`.
#[derive(Debug, Args)]
pub struct Convert {
    /// Which lead
    pub lead: String,
    /// The company: one that there is, or the name of a new one
    #[arg(long, value_name = "COMPANY")]
    pub company: Option<String>,
    /// What the opportunity is called
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// No opportunity yet
    #[arg(long, conflicts_with_all = ["name", "fields"])]
    pub no_opportunity: bool,
    /// Fields of the opportunity: amount=5k expected_close=+30d
    #[arg(value_name = "FIELD=VALUE")]
    pub fields: Vec<String>,
}

/// `rolo convert`.
///
/// # Errors
/// As its parts.
pub(super) fn convert(session: &Session, call: &Convert) -> Result<(), Failure> {
    let desk = session.desk()?;
    let lead = resolve(&desk, &[Kind::Contact], &call.lead)?;
    let options = ConvertOptions {
        company: call.company.clone(),
        name: call.name.clone(),
        fields: call.fields.clone(),
        without_opportunity: call.no_opportunity,
    };
    answer(session, &actions::convert(&desk, lead, &options)?)
}

/// `rolo score`.
#[derive(Debug, Args)]
pub struct Score {
    /// What to tell; by default the leads, the best first
    #[command(subcommand)]
    pub call: Option<ScoreCall>,
}

/// What there is to tell of scores.
#[derive(Debug, Subcommand)]
pub enum ScoreCall {
    /// Each point of a lead, and each factor of its chance
    Why {
        /// Which lead
        lead: String,
    },
    /// The leads with what they score, the best first
    List {
        /// Which leads, as a query
        #[arg(value_parser = dashed)]
        query: Vec<String>,
    },
}

/// `rolo score`.
///
/// # Errors
/// As its parts.
pub(super) fn score(session: &Session, call: &Score) -> Result<(), Failure> {
    let lead = match &call.call {
        None => return super::report::named(session, "leads", &[]),
        Some(ScoreCall::List { query }) => return super::report::named(session, "leads", query),
        Some(ScoreCall::Why { lead }) => lead,
    };
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let contact = desk.record(resolve(&desk, &[Kind::Contact], lead)?)?;
    let Some(score) = scores(&*desk.store, &desk.view(), std::slice::from_ref(&contact))?.pop() else { return Ok(()) };
    if format == super::args::Format::Table {
        let title = format!("{} {}", contact.id, crate::domain::naming::title(&contact));
        return super::output::lines(std::iter::once(title).chain(score_lines(&score, &desk.definitions().scoring)));
    }
    let mut rows = Rows::new(session, format, &["what", "rule", "points", "why"].map(str::to_owned))?;
    let number =
        |number: f64| Cell { text: format!("{number:.4}"), json: serde_json::Number::from_f64(number).map(serde_json::Value::Number) };
    for points in &score.points {
        let what = if points.engagement { "engagement" } else { "fit" };
        rows.row("", &[Cell::text(what), Cell::text(points.rule.as_str()), number(points.points), Cell::text(points.why.as_str())])?;
    }
    for factor in score.chance.iter().flat_map(|chance| &chance.factors) {
        let ((won, lost), (all_won, all_lost)) = (factor.seen, factor.of);
        let why = format!("{won} of {all_won} won, {lost} of {all_lost} lost");
        rows.row(
            "",
            &[Cell::text("factor"), Cell::text(format!("{}={}", factor.field, factor.value)), number(factor.ratio), Cell::text(why)],
        )?;
    }
    if let Some(chance) = &score.chance {
        rows.row("", &[Cell::text("chance"), Cell::default(), number(chance.chance), Cell::default()])?;
    }
    rows.row("", &[Cell::text("grade"), Cell::text(score.grade.as_str()), Cell::default(), Cell::default()])?;
    rows.finish()
}

/// `rolo assign`.
#[derive(Debug, Args)]
pub struct Assign {
    /// Which leads; without any those that nobody owns
    pub leads: Vec<String>,
    /// Tell who would get which, and why; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `rolo assign`.
///
/// # Errors
/// As its parts.
pub(super) fn assign(session: &Session, call: &Assign) -> Result<(), Failure> {
    let desk = session.desk()?;
    let leads = resolve_all(&desk, &[Kind::Contact], &call.leads)?;
    if !call.dry_run {
        return answer(session, &actions::assign_leads(&desk, &leads)?);
    }
    let format = session.format(FIGURES)?;
    let known = Known::new(&*desk.store);
    let mut rows = Rows::new(session, format, &["lead", "name", "owner", "why"].map(str::to_owned))?;
    for Given { lead, to, why } in actions::plan_assignment(&desk, &leads)? {
        let name = known.title(lead).unwrap_or_default();
        let owner = to.and_then(|to| known.title(to)).unwrap_or_default();
        rows.row("", &[Cell::text(lead.to_string()), Cell::text(name), Cell::text(owner), Cell::text(why)])?;
    }
    rows.finish()
}

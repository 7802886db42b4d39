//! The one table of reports.

use super::{
    Ask, Cell, Column, Report, ReportError, Shape, activity, burnup, channels, compare, forecast, funnel, leads, service, stuck, what_if,
    won,
};
use crate::store::api::Store;

/// A report that there is.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Its name.
    pub name: &'static str,
    /// One line of help.
    pub help: &'static str,
    /// What it may be asked with.
    pub takes: &'static [&'static str],
    /// Makes it.
    pub make: fn(&dyn Store, &Ask) -> Result<Report, ReportError>,
}

const TICKETS: &[&str] = &["period", "by", "owner", "team"];
const NARROW: &[&str] = &["period", "by", "owner", "team", "pipeline"];

/// All reports, in display order.
pub const REPORTS: &[Spec] = &[
    Spec { name: INDEX, help: "the reports that there are", takes: &[], make: index },
    Spec {
        name: "forecast",
        help: "what is closed and what may come in a period, against its target",
        takes: &["period", "by", "owner", "team", "pipeline", "what-if"],
        make: forecast::forecast,
    },
    Spec {
        name: "what-if",
        help: "the forecast as it is, beside what it would be",
        takes: &["period", "owner", "team", "pipeline", "what-if"],
        make: what_if::what_if,
    },
    Spec {
        name: "changes",
        help: "the forecast of a period at two moments: new, slipped, pulled in, grew, shrank, won, lost",
        takes: &["period", "owner", "team", "pipeline", "since", "until"],
        make: compare::compare,
    },
    Spec {
        name: "burn-up",
        help: "how a period fills, week by week, beside an even way to its target",
        takes: &["period", "owner", "team", "pipeline"],
        make: burnup::burnup,
    },
    Spec {
        name: "funnel",
        help: "how far deals come, and how long they stay",
        takes: &["period", "owner", "team", "pipeline"],
        make: funnel::funnel,
    },
    Spec { name: "win-rate", help: "won of what was closed, and what it was worth", takes: NARROW, make: won::win_rate },
    Spec { name: "velocity", help: "days from beginning to end, and what a day brings", takes: NARROW, make: won::velocity },
    Spec {
        name: "stuck",
        help: "open deals that are stuck, slow, overdue or without a next step",
        takes: &["owner", "team", "pipeline"],
        make: stuck::stuck,
    },
    Spec {
        name: "activity",
        help: "what each person did in a period, beside what it brought",
        takes: &["period", "owner"],
        make: activity::activity,
    },
    Spec {
        name: "channels",
        help: "what goes on in each channel and what it costs, beside what it brought",
        takes: &["period", "owner"],
        make: channels::channels,
    },
    Spec {
        name: "sla",
        help: "what was promised to customers and kept, for each policy and target",
        takes: TICKETS,
        make: service::attainment,
    },
    Spec {
        name: "backlog",
        help: "tickets that are not done, and how old they are",
        takes: &["by", "owner", "team"],
        make: service::backlog,
    },
    Spec {
        name: "handling",
        help: "how soon customers are answered and helped, beside what they say of it",
        takes: TICKETS,
        make: service::handling,
    },
    Spec { name: "rework", help: "tickets that were opened again or handed on", takes: TICKETS, make: service::rework },
    Spec { name: "arrivals", help: "when customers ask, by day and hour", takes: &["period", "owner", "team"], make: service::arrivals },
    Spec { name: "leads", help: "what each lead scores, and whose it is", takes: &["owner", "team"], make: leads::leads },
    Spec { name: "unattended", help: "leads that nobody owns or has touched", takes: &["owner", "team"], make: leads::unattended },
    Spec {
        name: "cohorts",
        help: "leads by the month in which they came, and what became of them",
        takes: &["period", "owner", "team"],
        make: leads::cohorts,
    },
    Spec { name: "foretold", help: "how well the chance of leads foretells what comes", takes: &[], make: leads::foretold },
    Spec { name: "reasons", help: "why it was lost, and what that cost", takes: NARROW, make: won::reasons },
];

/// The name of the report that lists the others.
pub const INDEX: &str = "reports";
/// The name of what shows several reports together: its rows name them as [`INDEX`]'s do.
pub const DASHBOARD: &str = "dashboard";

/// Lists the reports.
fn index(_: &dyn Store, _: &Ask) -> Result<Report, ReportError> {
    let columns = ["report", "help", "parameters"].map(|name| Column::new(name, Shape::Text)).into();
    let listed = REPORTS.iter().filter(|spec| spec.name != INDEX);
    let row = |spec: &Spec| {
        let takes = spec.takes.iter().map(|name| format!("--{name}")).collect::<Vec<_>>().join(" ");
        vec![Cell::text(spec.name), Cell::text(spec.help), Cell::text(takes)]
    };
    Ok(Report { name: INDEX, title: "reports".to_owned(), columns, rows: listed.map(row).collect(), total: None, notes: Vec::new() })
}

/// Returns the report of a name.
pub fn find(name: &str) -> Option<&'static Spec> {
    REPORTS.iter().find(|spec| spec.name.eq_ignore_ascii_case(name))
}

//! The forecast as it is, beside what it would be were some records changed.

use super::forecast::forecast;
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::store::api::Store;

/// The figures that are compared.
const FIGURES: &[&str] = &["closed", "commit", "best", "pipeline", "weighted", "open", "overdue_value", "undated_value", "to_go"];

/// The forecast now and then.
pub(super) fn what_if(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    if ask.instead.is_empty() {
        return Err(ReportError::usage("nothing is supposed to change").hint("write --what-if 'o12 stage=won amount=5k'"));
    }
    let as_it_is = Ask { instead: std::collections::HashMap::new(), ..ask.clone() };
    let [now, then] = [forecast(store, &as_it_is)?, forecast(store, ask)?];
    let rows = FIGURES.iter().filter_map(|name| {
        let figure = |report: &Report| report.figure(0, name).cloned().unwrap_or_default();
        let (before, after) = (figure(&now), figure(&then));
        let difference = match (&before, &after) {
            (Figure::Money(before, currency), Figure::Money(after, other)) if currency == other => Figure::Money(after - before, *currency),
            (Figure::Count(before), Figure::Count(after)) => Figure::Number(*after as f64 - *before as f64, 0, ""),
            _ => Figure::Nothing,
        };
        let behind = now.column(name).and_then(|at| now.rows.first()?.get(at)?.behind.clone());
        let is_there = before != Figure::Nothing || after != Figure::Nothing;
        is_there.then(|| vec![Cell::text(*name), Cell { figure: before, behind }, Cell::of(after), Cell::of(difference)])
    });
    let columns = vec![
        Column::new("figure", Shape::Text),
        Column::new("as_it_is", Shape::Money),
        Column::new("as_if", Shape::Money),
        Column::new("difference", Shape::Money).bar(),
    ];
    let title = format!("what if: {}", then.title);
    Ok(Report { name: "what-if", title, columns, rows: rows.collect(), total: None, notes: then.notes })
}

//! How a period fills: what was won up to the end of each week, beside an even way to the
//! target.

use chrono::{Datelike, Days, NaiveDate};

use super::ask::both;
use super::deals::{Prices, each_deal, standing};
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::domain::definitions::Whose;
use crate::domain::zone::day_at;
use crate::domain::{Kind, Meaning, Worth};
use crate::store::api::Store;

/// The most weeks.
const MOST: usize = 520;

/// What was won, week by week.
pub(super) fn burnup(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period_or("quarter")?;
    let (Some(from), Some(to)) = (period.from, period.to) else {
        return Err(ReportError::usage("the period has no beginning or no end").hint("write --period 2026-q4, or A..B"));
    };
    let (first, after) = (day_at(ask.zone(), from), day_at(ask.zone(), to));
    let weeks = weeks(first, after);
    if weeks.len() > MOST {
        return Err(ReportError::usage("the period has more than ten years of weeks"));
    }
    let narrowed = ask.narrowed();
    let mut won: Vec<(u64, Worth)> = vec![(0, Worth::default()); weeks.len()];
    each_deal(store, ask, &narrowed, |deal| {
        let at = deal
            .closed
            .filter(|_| deal.meaning == Meaning::Won)
            .and_then(|day| weeks.iter().position(|(first, last)| *first <= day && day <= *last));
        if let Some((count, worth)) = at.and_then(|at| won.get_mut(at)) {
            *count += 1;
            deal.add_to(worth, &ask.definitions);
        }
        Ok(())
    })?;
    let mut all = Worth::default();
    won.iter().for_each(|(_, worth)| all.merge(worth));
    let prices = Prices::of(&all, ask);
    let whose = match (ask.get("owner"), ask.get("team"), ask.get("pipeline")) {
        (Some(owner), ..) => vec![owner.to_owned()],
        (None, Some(team), _) => vec![team.to_owned()],
        (None, None, Some(pipeline)) => vec![pipeline.to_owned()],
        _ => Vec::new(),
    };
    let targets = match (ask.get("owner"), ask.get("team"), ask.get("pipeline")) {
        (Some(_), ..) => ask.definitions.targets.of(Whose::Owner(&whose), first, after),
        (None, Some(team), _) => ask.definitions.targets.of(Whose::Team(team), first, after),
        (None, None, Some(pipeline)) => ask.definitions.targets.of(Whose::Pipeline(pipeline), first, after),
        _ => ask.definitions.targets.of(Whose::All, first, after),
    };
    let target = (!targets.is_empty()).then(|| {
        let mut worth = Worth::default();
        targets.into_iter().for_each(|amount| worth.add(Some(amount), 100));
        prices.told(&worth)
    });
    let days = i128::from((after - first).num_days().max(1));
    let mut so_far = Worth::default();
    let rows = weeks.iter().zip(&won).map(|((begin, end), (count, worth))| {
        so_far.merge(worth);
        let query = |from: NaiveDate| both(&both(&standing(ask, &[Meaning::Won]), &format!("closed_at:{from}..{end}")), &narrowed);
        let is_ahead = *begin > ask.today();
        let (week, sum) = (prices.told(worth), prices.told(&so_far));
        let even = target.map(|target| Figure::Money(target.sum * i128::from((*end - first).num_days() + 1) / days, target.currency));
        let shown = |figure: Figure| if is_ahead { Figure::Nothing } else { figure };
        vec![
            Cell::text(end.to_string()),
            Cell { figure: shown(Figure::Count(*count)), behind: None }.behind(Kind::Opportunity, query(*begin)),
            Cell::of(shown(Figure::Money(week.sum, week.currency))).behind(Kind::Opportunity, query(*begin)),
            Cell::of(shown(Figure::Money(sum.sum, sum.currency))).behind(Kind::Opportunity, query(first)),
            Cell::of(even.unwrap_or_default()),
        ]
    });
    let columns = vec![
        Column::new("until", Shape::Text),
        Column::new("won", Shape::Count),
        Column::new("won_value", Shape::Money),
        Column::new("so_far", Shape::Money).bar(),
        Column::new("even_way", Shape::Money),
    ];
    let title = format!("what {} brought, week by week", period.text);
    Ok(Report { name: "burn-up", title, columns, rows: rows.collect(), total: None, notes: Vec::new() })
}

/// Returns the weeks of a stretch of days, each with its first and last day: Monday to
/// Sunday, cut at both ends.
fn weeks(first: NaiveDate, after: NaiveDate) -> Vec<(NaiveDate, NaiveDate)> {
    let mut weeks = Vec::new();
    let mut begin = first;
    while begin < after && weeks.len() <= MOST {
        let left = 6 - u64::from(begin.weekday().num_days_from_monday());
        let sunday = begin.checked_add_days(Days::new(left)).unwrap_or(begin);
        let end = sunday.min(after.pred_opt().unwrap_or(begin));
        weeks.push((begin, end));
        let Some(next) = end.succ_opt() else { break };
        begin = next;
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_cover_a_quarter_without_a_gap() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
        let weeks = weeks(day("2026-10-01"), day("2027-01-01"));
        assert_eq!(
            (weeks.len(), weeks[0], weeks[13]),
            (14, (day("2026-10-01"), day("2026-10-04")), (day("2026-12-28"), day("2026-12-31")))
        );
        assert!(weeks.windows(2).all(|pair| pair[0].1.succ_opt() == Some(pair[1].0)));
    }
}

//! What each person did, beside what it brought: touches and their time, tasks done, deals
//! begun, won and lost.

use std::collections::BTreeMap;

use super::ask::{both, quote};
use super::deals::{Prices, each_deal, standing};
use super::figure::Behind;
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::domain::fields::number;
use crate::domain::{Kind, Lookup, Meaning, RecordId, Timestamp, Value, Worth};
use crate::store::api::Store;
use crate::store::known::Known;
use crate::store::walk::Walk;

#[derive(Default)]
struct Done {
    touches: u64,
    outgoing: u64,
    minutes: i64,
    tasks: u64,
    begun: u64,
    won: u64,
    lost: u64,
    worth: Worth,
}

/// What each person did in a period.
pub(super) fn activity(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period_or("month")?;
    let owner = ask.get("owner").map_or_else(String::new, |owner| format!("owner:{}", quote(owner)));
    let assignee = ask.get("owner").map_or_else(String::new, |owner| format!("assignee:{}", quote(owner)));
    let is_within = |at: Option<Timestamp>| at.is_some_and(|at| period.contains(at) && at <= ask.view.now);
    let mut people: BTreeMap<Option<RecordId>, Done> = BTreeMap::new();
    let at = both(&format!("at:{} at:..{}", period.text, ask.view.now), &owner);
    Walk::new(Kind::Interaction, ask.view.clone()).query(ask.parse(Kind::Interaction, &at)?).each(store, |touch| {
        let done = people.entry(touch.link(number::OWNER)).or_default();
        done.touches += 1;
        done.outgoing += u64::from(touch.text(number::DIRECTION) == Some("out"));
        done.minutes += touch.first(number::MINUTES).and_then(Value::as_int).unwrap_or(0);
        Ok::<(), ReportError>(())
    })?;
    let tasks = both(&format!("done_at:{} done_at:..{}", period.text, ask.view.now), &assignee);
    Walk::new(Kind::Task, ask.view.clone()).query(ask.parse(Kind::Task, &tasks)?).each(store, |task| {
        people.entry(task.link(number::TASK_ASSIGNEE)).or_default().tasks += 1;
        Ok::<(), ReportError>(())
    })?;
    each_deal(store, ask, &owner, |deal| {
        let done = people.entry(deal.record.link(number::OWNER)).or_default();
        done.begun += u64::from(is_within(deal.record.time(number::OPPORTUNITY_OPENED_AT)));
        match deal.meaning {
            Meaning::Open => {}
            _ if !is_within(deal.record.time(number::OPPORTUNITY_CLOSED_AT)) => {}
            Meaning::Won => {
                done.won += 1;
                deal.add_to(&mut done.worth, &ask.definitions);
            }
            Meaning::Lost => done.lost += 1,
        }
        Ok(())
    })?;
    people.retain(|_, done| done.touches + done.tasks + done.begun + done.won + done.lost > 0);
    let mut all = Worth::default();
    people.values().for_each(|done| all.merge(&done.worth));
    let prices = Prices::of(&all, ask);
    let known = Known::new(store);
    let mut rows: Vec<(String, Option<RecordId>, Done)> = people
        .into_iter()
        .map(|(id, done)| (id.and_then(|id| known.title(id)).unwrap_or_else(|| "(nobody)".to_owned()), id, done))
        .collect();
    rows.sort_by_key(|(name, id, _)| (id.is_none(), crate::domain::fold::sort_key(name), *id));
    let cells = rows.iter().map(|(name, id, done)| {
        let whose = |field: &str| id.map_or_else(|| format!("{field}:"), |id| format!("{field}.id:{id}"));
        let deals = |query: &str| Some(Behind::deals(&both(query, &whose("owner"))));
        let closed = format!("closed_at:{}", period.text);
        let touches = both(&at, &whose("owner"));
        let priced = prices.told(&done.worth);
        let named = match id {
            Some(id) => Cell::of(Figure::Record(*id, name.clone())).behind(id.kind, format!("id:{id}")),
            None => Cell::text(name.as_str()),
        };
        vec![
            named,
            Cell::count(done.touches).behind(Kind::Interaction, touches.clone()),
            Cell::count(done.outgoing).behind(Kind::Interaction, both(&touches, "direction:out")),
            Cell::of(Figure::Number(done.minutes as f64, 0, "min")),
            Cell::count(done.tasks).behind(Kind::Task, both(&tasks, &whose("assignee"))),
            Cell { figure: Figure::Count(done.begun), behind: deals(&format!("opened_at:{} opened_at:..{}", period.text, ask.view.now)) },
            Cell { figure: Figure::Count(done.won), behind: deals(&both(&standing(ask, &[Meaning::Won]), &closed)) },
            Cell { figure: Figure::Count(done.lost), behind: deals(&both(&standing(ask, &[Meaning::Lost]), &closed)) },
            Cell { figure: Figure::Money(priced.sum, priced.currency), behind: deals(&both(&standing(ask, &[Meaning::Won]), &closed)) },
            Cell::of(Figure::mean(done.touches as f64, done.won, "")),
        ]
    });
    let columns = vec![
        Column::new("who", Shape::Text),
        Column::new("touches", Shape::Count).bar(),
        Column::new("out", Shape::Count),
        Column::new("minutes", Shape::Number),
        Column::new("tasks_done", Shape::Count),
        Column::new("begun", Shape::Count),
        Column::new("won", Shape::Count),
        Column::new("lost", Shape::Count),
        Column::new("won_value", Shape::Money),
        Column::new("touches_a_won", Shape::Number),
    ];
    let title = format!("what everybody did in {}", period.text);
    Ok(Report { name: "activity", title, columns, rows: cells.collect(), total: None, notes: Vec::new() })
}

//! The funnel of a pipeline: how far deals came, how many went on, how long they stayed.
//!
//! How far a deal came is the furthest open stage that its events of stage, or its stage
//! now, name; what is won came through all. So `reached` never grows from stage to stage,
//! and `conversion`, the part that reached the next one, is never above 1. A deal that was
//! lost before anything else is known of it reached the first stage. Days are those between
//! a deal's coming to a stage and its leaving it; those that are there still are apart.

use std::collections::HashMap;

use super::ask::both;
use super::deals::{each_deal, standing};
use super::figure::Behind;
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::domain::fields::number;
use crate::domain::{Kind, Meaning, Pipeline, RecordId, Timestamp, fold};
use crate::store::api::Store;
use crate::store::walk::Walk;

/// The most records that are named one by one behind a figure.
const NAMED: usize = 2_000;
const DAY: f64 = 86_400e6;

/// How far a deal came, and its changes of stage.
struct Way {
    id: RecordId,
    meaning: Meaning,
    /// Its stage now, among the open ones.
    now: Option<usize>,
    /// The furthest open stage.
    furthest: usize,
    began: Option<Timestamp>,
    /// When it came to which open stage; `None` for one that closed it.
    moves: Vec<(Timestamp, Option<usize>)>,
}

/// The funnel of one pipeline.
pub(super) fn funnel(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let pipeline = pipeline_of(ask)?;
    let open: Vec<&str> = pipeline.stages.iter().filter(|stage| !stage.meaning.is_closed()).map(|stage| stage.name.as_str()).collect();
    let place = |name: &str| open.iter().position(|known| fold::fold(known) == fold::fold(name));
    let period = ask.period()?;
    let narrowed = {
        let opened = period.as_ref().map_or_else(String::new, |period| format!("opened_at:{}", period.text));
        both(&opened, &ask.narrowed())
    };
    let mut ways: Vec<Way> = Vec::new();
    let mut places: HashMap<RecordId, usize> = HashMap::new();
    each_deal(store, ask, &narrowed, |deal| {
        if ask.definitions.pipeline_of(deal.record).name != pipeline.name {
            return Ok(());
        }
        let now = deal.record.text(number::STAGE).and_then(place);
        places.insert(deal.id(), ways.len());
        ways.push(Way {
            id: deal.id(),
            meaning: deal.meaning,
            now: now.filter(|_| deal.meaning == Meaning::Open),
            furthest: now.unwrap_or(0),
            began: deal.record.time(number::OPPORTUNITY_OPENED_AT),
            moves: Vec::new(),
        });
        Ok(())
    })?;
    let of_stage = ask.parse(Kind::Event, "field=stage")?;
    Walk::new(Kind::Event, ask.view.clone()).query(of_stage).each(store, |event| {
        let at = event.time(number::EVENT_AT).filter(|at| *at <= ask.view.now);
        let way = event.link(number::EVENT_RECORD).and_then(|id| places.get(&id)).and_then(|at| ways.get_mut(*at));
        if let (Some(at), Some(way)) = (at, way) {
            for stage in [event.text(number::EVENT_FROM), event.text(number::EVENT_TO)].into_iter().flatten().filter_map(place) {
                way.furthest = way.furthest.max(stage);
            }
            way.moves.push((at, event.text(number::EVENT_TO).and_then(place)));
        }
        Ok::<(), ReportError>(())
    })?;
    for way in &mut ways {
        way.moves.sort_by_key(|(at, _)| *at);
        if way.meaning == Meaning::Won {
            way.furthest = open.len();
        }
    }
    let title = period.as_ref().map_or_else(String::new, |period| format!(", begun in {}", period.text));
    Ok(told(ask, pipeline, &open, &ways, &narrowed, &title))
}

/// Returns the pipeline that was asked for.
pub(super) fn pipeline_of(ask: &Ask) -> Result<&Pipeline, ReportError> {
    let pipelines = &ask.definitions.pipelines;
    let Some(name) = ask.get("pipeline") else { return Ok(pipelines.default_pipeline()) };
    pipelines.get(name).ok_or_else(|| {
        let names = pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect::<Vec<_>>().join(", ");
        ReportError::usage(format!("there is no pipeline \u{201c}{name}\u{201d}")).hint(format!("there are {names}"))
    })
}

fn told(ask: &Ask, pipeline: &Pipeline, open: &[&str], ways: &[Way], narrowed: &str, title: &str) -> Report {
    let stays = stays(ways, open.len());
    let in_pipeline = format!("pipeline={}", super::ask::quote(&pipeline.name));
    let whole = both(&in_pipeline, narrowed);
    let reached = |at: usize| ways.iter().filter(|way| way.furthest >= at).count() as u64;
    let rows = (0..=open.len()).map(|at| {
        let name = open.get(at).copied().unwrap_or("won");
        let here: Vec<&Way> = ways.iter().filter(|way| way.now == Some(at)).collect();
        let lost: Vec<RecordId> = ways.iter().filter(|way| way.meaning == Meaning::Lost && way.furthest == at).map(|way| way.id).collect();
        let days: &[f64] = stays.get(at).map_or(&[], Vec::as_slice);
        let counted = days.len() as u64;
        let (count, next) = (reached(at), reached(at + 1));
        let reached_behind = reached_query(ask, open, at, ways).map(|query| Behind::deals(&both(&query, &whole)));
        let conversion = if at < open.len() { Figure::ratio(next, count) } else { Figure::Nothing };
        let here_query = open.get(at).map(|name| both(&format!("stage={}", super::ask::quote(name)), &whole));
        let is_last = at == open.len();
        let age = here
            .iter()
            .filter_map(|way| way.moves.last().map(|(at, _)| *at).or(way.began))
            .map(|since| (ask.view.now.0 - since.0).max(0) as f64 / DAY);
        let ages: Vec<f64> = age.collect();
        vec![
            Cell::text(name),
            Cell { figure: Figure::Count(count), behind: reached_behind.clone() },
            Cell { figure: Figure::ratio(count, ways.len() as u64), behind: reached_behind },
            Cell::of(conversion),
            Cell {
                figure: if is_last { Figure::Nothing } else { Figure::Count(lost.len() as u64) },
                behind: ids(&lost).filter(|_| !is_last),
            },
            Cell {
                figure: if is_last { Figure::Nothing } else { Figure::Count(here.len() as u64) },
                behind: here_query.map(|query| Behind::deals(&query)),
            },
            Cell::of(Figure::mean(days.iter().sum(), counted, "d")),
            Cell::of(median(days).map_or(Figure::Nothing, |days| Figure::Number(days, 4, "d"))),
            Cell::of(Figure::mean(ages.iter().sum(), ages.len() as u64, "d")),
        ]
    });
    let columns = vec![
        Column::new("stage", Shape::Text),
        Column::new("reached", Shape::Count).bar(),
        Column::new("of_all", Shape::Ratio),
        Column::new("conversion", Shape::Ratio),
        Column::new("lost_here", Shape::Count),
        Column::new("here", Shape::Count),
        Column::new("days", Shape::Number),
        Column::new("median_days", Shape::Number),
        Column::new("days_so_far", Shape::Number),
    ];
    let unknown =
        ways.iter().filter(|way| way.meaning == Meaning::Lost && way.moves.iter().all(|(_, to)| to.is_none()) && way.furthest == 0).count();
    let mut notes = Vec::new();
    if unknown > 0 {
        notes.push(format!("{unknown} were lost before any stage of theirs is known: they count at the first"));
    }
    Report { name: "funnel", title: format!("funnel of {}{title}", pipeline.name), columns, rows: rows.collect(), total: None, notes }
}

/// Returns the query of the deals that reached a stage: those that are as far or won, and
/// by name those that came as far and are not there any more.
fn reached_query(ask: &Ask, open: &[&str], at: usize, ways: &[Way]) -> Option<String> {
    if at == 0 {
        return Some(String::new());
    }
    let won = standing(ask, &[Meaning::Won]);
    let further: Vec<String> = open.iter().skip(at).map(|name| super::ask::quote(name)).collect();
    let others: Vec<RecordId> = ways
        .iter()
        .filter(|way| way.furthest >= at && way.meaning != Meaning::Won && way.now.is_none_or(|now| now < at))
        .map(|way| way.id)
        .collect();
    let mut terms = vec![won];
    if !further.is_empty() {
        terms.push(format!("stage:{}", further.join(",")));
    }
    if !others.is_empty() {
        terms.push(ids(&others)?.query);
    }
    Some(format!("({})", terms.join(" or ")))
}

/// Returns records by their ids, if there are some and not too many.
pub(super) fn ids(ids: &[RecordId]) -> Option<Behind> {
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    (1..=NAMED).contains(&names.len()).then(|| Behind::deals(&format!("id:{}", names.join(","))))
}

/// Returns the days that deals stayed at each open stage before they left it.
fn stays(ways: &[Way], stages: usize) -> Vec<Vec<f64>> {
    let mut stays = vec![Vec::new(); stages];
    for way in ways {
        for pair in way.moves.windows(2) {
            if let [(came, Some(stage)), (left, _)] = pair {
                stays[*stage].push((left.0 - came.0) as f64 / DAY);
            }
        }
    }
    stays
}

/// Returns the median: of an even number the mean of the two in the middle.
pub(in crate::insight) fn median(numbers: &[f64]) -> Option<f64> {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        even if even % 2 == 0 => Some(f64::midpoint(sorted[middle - 1], sorted[middle])),
        _ => Some(sorted[middle]),
    }
}

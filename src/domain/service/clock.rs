//! Service clocks: how much of a promise has run, and why.
//!
//! One function, [`read()`], from what happened to a ticket, a calendar and a target to
//! stretches of time that count or don't, each with its reason. The definitions are
//! those of Zendesk's metrics where peers agree, with what users ask of them besides:
//! waiting for the customer stops the clock of the resolution, an answer that has not
//! been given is never excused by it, and a ticket that is opened again goes on where
//! its clock stood.

use std::fmt;

use super::{Calendar, Closed};
use crate::domain::{Category, Timestamp};

/// What a clock measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clock {
    /// From opening to the first public answer; waiting does not stop it.
    FirstResponse,
    /// From the oldest unanswered message of the customer to the next public answer.
    NextReply,
    /// From opening to the solution, without the time in which the customer is waited for.
    Resolution,
}

impl Clock {
    /// All clocks.
    pub const ALL: [Self; 3] = [Self::FirstResponse, Self::NextReply, Self::Resolution];

    /// Returns its name, as in definitions: `first-response`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FirstResponse => "first-response",
            Self::NextReply => "next-reply",
            Self::Resolution => "resolution",
        }
    }

    /// Returns its name as one says it: `first response`.
    pub fn said(self) -> &'static str {
        match self {
            Self::FirstResponse => "first response",
            Self::NextReply => "next reply",
            Self::Resolution => "resolution",
        }
    }
}

/// What happened to a ticket that clocks look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It got a status.
    Status(String, Category),
    /// The customer wrote or called.
    Asked,
    /// The customer was answered: not an internal note, not an automatic reply.
    Answered,
}

/// What happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: What,
}

/// What happened to a ticket, in order of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    opened: Timestamp,
    happenings: Vec<Happening>,
}

impl History {
    /// Returns the history of a ticket that was opened at a moment. What is said to have
    /// happened before counts as happening then.
    pub fn new(opened: Timestamp, mut happenings: Vec<Happening>) -> Self {
        for happening in &mut happenings {
            happening.at = happening.at.max(opened);
        }
        happenings.sort_by_key(|happening| happening.at);
        Self { opened, happenings }
    }

    /// Returns when the ticket was opened.
    pub fn opened(&self) -> Timestamp {
        self.opened
    }

    /// Returns what happened, in order of time.
    pub fn happenings(&self) -> &[Happening] {
        &self.happenings
    }

    /// Returns when the next thing happens that is said to happen after a moment.
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let ahead = self.happenings.iter().map(|happening| happening.at).find(|at| *at > now);
        ahead.into_iter().chain(Some(self.opened).filter(|opened| *opened > now)).min()
    }
}

/// Why a stretch of time counts or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It counts.
    Counts,
    /// Nobody works.
    Closed(Closed),
    /// The ticket waits, in this status.
    Waiting(String),
    /// The ticket is done, in this status, and was opened again afterwards.
    Done(String),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counts => f.write_str("counts"),
            Self::Closed(closed) => closed.fmt(f),
            Self::Waiting(status) => write!(f, "waiting: {status}"),
            Self::Done(status) => write!(f, "done: {status}"),
        }
    }
}

/// A stretch of a clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Its first moment.
    pub from: Timestamp,
    /// The moment after its last.
    pub to: Timestamp,
    /// Whether it counts, and why.
    pub why: Why,
}

impl Segment {
    /// Returns its length in microseconds.
    pub fn micros(&self) -> i64 {
        self.to.0 - self.from.0
    }

    /// Returns whether it counts.
    pub fn counts(&self) -> bool {
        self.why == Why::Counts
    }
}

/// Where a clock stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It runs and is over its target.
    Breached,
    /// It runs, with a quarter of its target left at most.
    DueSoon,
    /// It runs.
    Running,
    /// The ticket waits.
    Paused,
    /// It has ended over its target.
    Missed,
    /// It has ended within its target, or without one.
    Met,
}

impl Standing {
    /// Returns it in a word or two.
    pub fn said(self) -> &'static str {
        match self {
            Self::Breached => "breached",
            Self::DueSoon => "due soon",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Missed => "missed",
            Self::Met => "met",
        }
    }
}

/// Returns a length of time as one says it, to the minute: `2 h 05 min`, `40 min`.
pub fn length(micros: i64) -> String {
    let minutes = micros / 60_000_000;
    let sign = if minutes < 0 { "-" } else { "" };
    let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
    match (hours, minutes) {
        (0, minutes) => format!("{sign}{minutes} min"),
        (hours, 0) => format!("{sign}{hours} h"),
        (hours, minutes) => format!("{sign}{hours} h {minutes:02} min"),
    }
}

/// A clock of a ticket, as read at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which clock.
    pub clock: Clock,
    /// When it began.
    pub started: Timestamp,
    /// When it ended; none while it runs or stands still.
    pub ended: Option<Timestamp>,
    /// How much has run, in microseconds of working time.
    pub used: i64,
    /// The target, in microseconds of working time.
    pub target: Option<i64>,
    /// When the target is or was reached; none while the ticket waits, or without a target.
    pub due: Option<Timestamp>,
    /// Where it stands.
    pub standing: Standing,
    /// All of its time, with the reasons.
    pub segments: Vec<Segment>,
}

/// A stretch of a ticket's life, before the calendar is laid over it.
struct Stretch {
    from: Timestamp,
    to: Timestamp,
    /// Why none of it counts, whatever the calendar says.
    stopped: Option<Why>,
}

/// The life of a clock, before the calendar is laid over it.
struct Life {
    stretches: Vec<Stretch>,
    ended: Option<Timestamp>,
    waits: bool,
}

/// Returns where a clock of a ticket stands at a moment, with all of its time; `None` if
/// it has not begun.
pub fn read(clock: Clock, history: &History, calendar: &Calendar, target: Option<i64>, now: Timestamp) -> Option<Reading> {
    let (mut reading, life) = stand(clock, history, calendar, target, now)?;
    reading.segments = life.stretches.into_iter().flat_map(|stretch| cut(stretch, calendar)).collect();
    Some(reading)
}

/// Returns where a clock of a ticket stands at a moment, without its time in segments,
/// which of an old ticket are many.
pub fn glance(clock: Clock, history: &History, calendar: &Calendar, target: Option<i64>, now: Timestamp) -> Option<Reading> {
    stand(clock, history, calendar, target, now).map(|(reading, _)| reading)
}

fn stand(clock: Clock, history: &History, calendar: &Calendar, target: Option<i64>, now: Timestamp) -> Option<(Reading, Life)> {
    let life = match clock {
        Clock::FirstResponse => first_response(history, now),
        Clock::NextReply => next_reply(history, now)?,
        Clock::Resolution => resolution(history, now),
    };
    let started = life.stretches.first().map_or(history.opened, |stretch| stretch.from);
    if started > now {
        return None;
    }
    let running = || life.stretches.iter().filter(|stretch| stretch.stopped.is_none());
    let used: i64 = running().map(|stretch| calendar.worked(stretch.from, stretch.to)).sum();
    let due = target.and_then(|target| {
        let mut left = target;
        for stretch in running() {
            let here = calendar.worked(stretch.from, stretch.to);
            if here >= left {
                return calendar.after(stretch.from, left);
            }
            left -= here;
        }
        if life.waits { None } else { calendar.after(life.ended.unwrap_or(now), left) }
    });
    // By the moment that was promised, not by what was used: a target that is reached as
    // people go home is missed by an answer in the night.
    let over = due.is_some_and(|due| due < life.ended.unwrap_or(now));
    let standing = match (life.ended.is_some(), over) {
        (true, true) => Standing::Missed,
        (true, false) => Standing::Met,
        (false, true) => Standing::Breached,
        (false, false) if life.waits => Standing::Paused,
        (false, false) if target.is_some_and(|target| (target - used).saturating_mul(4) <= target) => Standing::DueSoon,
        (false, false) => Standing::Running,
    };
    Some((Reading { clock, started, ended: life.ended, used, target, due, standing, segments: Vec::new() }, life))
}

fn cut(stretch: Stretch, calendar: &Calendar) -> Vec<Segment> {
    match stretch.stopped {
        Some(why) => vec![Segment { from: stretch.from, to: stretch.to, why }],
        None => {
            let spans = calendar.spans(stretch.from, stretch.to);
            spans
                .into_iter()
                .map(|span| Segment { from: span.from, to: span.to, why: span.closed.map_or(Why::Counts, Why::Closed) })
                .collect()
        }
    }
}

/// The time from opening on, cut where the status changes; with the last status, if it
/// is one of those that end or stop a clock, and since when it is.
fn by_status(history: &History, until: Timestamp) -> (Vec<Stretch>, Option<(Timestamp, Why)>) {
    let (mut stretches, mut at, mut stopped) = (Vec::new(), history.opened, None);
    let mut since = history.opened;
    for happening in history.happenings.iter().filter(|happening| happening.at <= until) {
        let What::Status(name, category) = &happening.what else { continue };
        let next = match category {
            Category::Open => None,
            Category::Waiting => Some(Why::Waiting(name.clone())),
            Category::Done => Some(Why::Done(name.clone())),
        };
        if happening.at > at {
            stretches.push(Stretch { from: at, to: happening.at, stopped: stopped.clone() });
        }
        at = happening.at;
        // From one done status to the next nothing is done again.
        if !(matches!(stopped, Some(Why::Done(_))) && matches!(next, Some(Why::Done(_)))) {
            since = happening.at;
        }
        stopped = next;
    }
    if until > at {
        stretches.push(Stretch { from: at, to: until, stopped: stopped.clone() });
    }
    (stretches, stopped.map(|why| (since, why)))
}

fn resolution(history: &History, now: Timestamp) -> Life {
    let (mut stretches, last) = by_status(history, now);
    match last {
        Some((since, Why::Done(_))) => {
            stretches.retain(|stretch| stretch.from < since);
            Life { stretches, ended: Some(since), waits: false }
        }
        last => Life { stretches, ended: None, waits: last.is_some() },
    }
}

fn first_response(history: &History, now: Timestamp) -> Life {
    let answered = history.happenings.iter().find(|happening| happening.what == What::Answered && happening.at <= now);
    let (mut stretches, last) = by_status(history, answered.map_or(now, |answer| answer.at));
    for stretch in &mut stretches {
        if matches!(stretch.stopped, Some(Why::Waiting(_))) {
            stretch.stopped = None;
        }
    }
    let ended = match (answered, last) {
        (Some(answer), _) => Some(answer.at),
        (None, Some((since, Why::Done(_)))) => {
            stretches.retain(|stretch| stretch.from < since);
            Some(since)
        }
        (None, _) => None,
    };
    Life { stretches, ended, waits: false }
}

/// The last round: from a message of the customer to the answer, or to the end of the ticket.
fn next_reply(history: &History, now: Timestamp) -> Option<Life> {
    let (mut answered_once, mut round) = (false, None::<(Timestamp, Option<Timestamp>)>);
    for happening in history.happenings.iter().filter(|happening| happening.at <= now) {
        let open = round.is_some_and(|(_, ended)| ended.is_none());
        match &happening.what {
            What::Answered => {
                answered_once = true;
                round = round.map(|(from, ended)| (from, ended.or(Some(happening.at))));
            }
            What::Asked if answered_once && !open => round = Some((happening.at, None)),
            What::Status(_, Category::Done) => round = round.map(|(from, ended)| (from, ended.or(Some(happening.at)))),
            What::Asked | What::Status(..) => {}
        }
    }
    let (from, ended) = round?;
    Some(Life { stretches: vec![Stretch { from, to: ended.unwrap_or(now), stopped: None }], ended, waits: false })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::{Holidays, Window};
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn office() -> Calendar {
        let windows = ["08:00-12:00", "13:00-17:00"].map(|text| Window::from_text(text).unwrap());
        let week = std::array::from_fn(|day| if day < 5 { windows.to_vec() } else { Vec::new() });
        Calendar::new("UTC".parse().unwrap(), week, Holidays::default())
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::from_rfc3339(&format!("2026-11-{text}:00Z")).unwrap()
    }

    fn history(opened: &str, happenings: &[(&str, What)]) -> History {
        let happenings = happenings.iter().map(|(when, what)| Happening { at: at(when), what: what.clone() }).collect();
        History::new(at(opened), happenings)
    }

    fn status(name: &str) -> What {
        let category = match name {
            "open" | "new" => Category::Open,
            "pending" => Category::Waiting,
            _ => Category::Done,
        };
        What::Status(name.to_owned(), category)
    }

    fn told(clock: Clock, history: &History, hours: i64, now: &str) -> String {
        let Some(reading) = read(clock, history, &office(), Some(hours * HOUR), at(now)) else { return "not begun".to_owned() };
        let due = reading.due.map_or("none".to_owned(), |due| due.to_string()[8..16].replace('T', " "));
        format!("{:?} {:.2} h due {due}", reading.standing, reading.used as f64 / HOUR as f64)
    }

    // Monday is the 23rd of November 2026.
    #[test]
    fn a_first_response_is_never_excused_by_waiting() {
        let waited = history("23T09:00", &[("23T10:00", status("pending"))]);
        assert_eq!(told(Clock::FirstResponse, &waited, 2, "23T10:30"), "DueSoon 1.50 h due 23 11:00");
        assert_eq!(told(Clock::FirstResponse, &waited, 2, "23T14:00"), "Breached 4.00 h due 23 11:00");
        let answered = history("23T09:00", &[("23T11:00", What::Answered), ("23T13:30", What::Answered)]);
        assert_eq!(told(Clock::FirstResponse, &answered, 2, "25T14:00"), "Met 2.00 h due 23 11:00");
        assert_eq!(told(Clock::FirstResponse, &answered, 1, "25T14:00"), "Missed 2.00 h due 23 10:00");
        // What lies ahead of the moment has not happened.
        assert_eq!(told(Clock::FirstResponse, &answered, 4, "23T10:00"), "Running 1.00 h due 23 14:00");
        let closed = history("23T09:00", &[("23T10:00", status("solved")), ("23T15:00", status("open"))]);
        assert_eq!(told(Clock::FirstResponse, &closed, 2, "23T11:00"), "Met 1.00 h due 23 11:00");
        assert_eq!(told(Clock::FirstResponse, &closed, 2, "23T15:30"), "DueSoon 1.50 h due 23 16:00");
    }

    #[test]
    fn a_resolution_stands_still_while_the_customer_is_waited_for() {
        let ticket = history(
            "23T16:00",
            &[
                ("24T09:00", status("pending")),
                ("25T09:00", status("open")),
                ("25T11:00", status("solved")),
                ("26T08:00", status("closed")),
            ],
        );
        assert_eq!(told(Clock::Resolution, &ticket, 4, "24T15:00"), "Paused 2.00 h due none");
        assert_eq!(told(Clock::Resolution, &ticket, 4, "25T10:00"), "DueSoon 3.00 h due 25 11:00");
        assert_eq!(told(Clock::Resolution, &ticket, 3, "25T12:00"), "Missed 4.00 h due 25 10:00");
        assert_eq!(told(Clock::Resolution, &ticket, 4, "27T12:00"), "Met 4.00 h due 25 11:00");
        assert_eq!(told(Clock::Resolution, &ticket, 4, "23T15:00"), "not begun");
        let again = history("23T16:00", &[("24T09:00", status("solved")), ("25T09:00", status("open"))]);
        assert_eq!(told(Clock::Resolution, &again, 4, "25T10:00"), "DueSoon 3.00 h due 25 11:00");
        // Breached while waiting is breached all the same.
        assert_eq!(told(Clock::Resolution, &ticket, 1, "24T15:00"), "Breached 2.00 h due 23 17:00");
    }

    #[test]
    fn a_next_reply_is_owed_from_the_oldest_unanswered_message() {
        let asked = history(
            "23T09:00",
            &[
                ("23T09:30", What::Asked),
                ("23T10:00", What::Answered),
                ("23T14:00", What::Asked),
                ("23T15:00", What::Asked),
                ("24T09:00", What::Answered),
            ],
        );
        assert_eq!(told(Clock::NextReply, &asked, 2, "23T13:30"), "not begun");
        assert_eq!(told(Clock::NextReply, &asked, 2, "23T15:10"), "Running 1.17 h due 23 16:00");
        assert_eq!(told(Clock::NextReply, &asked, 2, "24T12:00"), "Missed 4.00 h due 23 16:00");
        assert_eq!(told(Clock::NextReply, &asked, 4, "24T12:00"), "Met 4.00 h due 24 09:00");
    }

    #[test]
    fn every_stretch_says_why() {
        let ticket = history("23T11:30", &[("23T14:00", status("pending")), ("23T16:00", status("open"))]);
        let reading = read(Clock::Resolution, &ticket, &office(), None, at("24T09:00")).unwrap();
        let told: Vec<String> =
            reading.segments.iter().map(|segment| format!("{} {:?}", segment.micros() / 60_000_000, segment.why)).collect();
        assert_eq!(
            told,
            [
                "30 Counts",
                "60 Closed(Break)",
                "60 Counts",
                "120 Waiting(\"pending\")",
                "60 Counts",
                "900 Closed(OutsideHours)",
                "60 Counts"
            ]
        );
    }

    fn any_history() -> impl Strategy<Value = History> {
        let what = prop_oneof![
            prop::sample::select(vec!["open", "pending", "solved", "closed"]).prop_map(status),
            Just(What::Asked),
            Just(What::Answered)
        ];
        let happening = (0i64..60_000, what).prop_map(|(minute, what)| Happening { at: at("02T00:00").plus_seconds(minute * 60), what });
        prop::collection::vec(happening, 0..12).prop_map(|happenings| History::new(at("02T00:00"), happenings))
    }

    fn without(history: &History, drop: Category, instead: Category) -> History {
        let happenings = history.happenings.iter().map(|happening| match &happening.what {
            What::Status(name, category) if *category == drop => Happening { at: happening.at, what: What::Status(name.clone(), instead) },
            _ => happening.clone(),
        });
        History::new(history.opened, happenings.collect())
    }

    proptest! {
        #[test]
        fn what_counts_is_what_is_used(history in any_history(), minute in 0i64..70_000) {
            let now = history.opened().plus_seconds(minute * 60);
            for clock in Clock::ALL {
                let Some(reading) = read(clock, &history, &office(), Some(4 * HOUR), now) else { continue };
                let counted: i64 = reading.segments.iter().filter(|segment| segment.counts()).map(Segment::micros).sum();
                prop_assert_eq!(counted, reading.used);
                // Stretches follow each other without gaps, up to the end.
                let mut at = reading.started;
                for segment in &reading.segments {
                    prop_assert_eq!(segment.from, at);
                    prop_assert!(segment.to > segment.from);
                    at = segment.to;
                }
                prop_assert_eq!(at, reading.ended.unwrap_or(now).max(reading.started));
                if let (Some(due), true) = (reading.due, matches!(reading.standing, Standing::Running | Standing::DueSoon)) {
                    prop_assert!(due >= now);
                }
            }
        }

        #[test]
        fn a_pause_never_makes_a_deadline_earlier(history in any_history(), minute in 0i64..70_000) {
            let now = history.opened().plus_seconds(minute * 60);
            let busy = without(&history, Category::Waiting, Category::Open);
            let read = |history| read(Clock::Resolution, history, &office(), Some(40 * HOUR), now).unwrap();
            let (with, without) = (read(&history), read(&busy));
            prop_assert!(with.used <= without.used);
            if let (Some(with), Some(without)) = (with.due, without.due) {
                prop_assert!(with >= without);
            }
        }

        /// However often the customer writes, and whatever is promised of the next reply.
        #[test]
        fn the_first_response_hangs_on_no_other_promise(history in any_history(), more in prop::collection::vec(0i64..60_000, 0..4), minute in 0i64..70_000) {
            let now = history.opened().plus_seconds(minute * 60);
            let asked = more.into_iter().map(|minute| Happening { at: history.opened().plus_seconds(minute * 60), what: What::Asked });
            let louder = History::new(history.opened(), history.happenings().iter().cloned().chain(asked).collect());
            let first = |history| read(Clock::FirstResponse, history, &office(), Some(4 * HOUR), now);
            prop_assert_eq!(first(&louder), first(&history));
            prop_assert_eq!(glance(Clock::FirstResponse, &history, &office(), Some(4 * HOUR), now).map(|reading| (reading.used, reading.due, reading.standing)),
                first(&history).map(|reading| (reading.used, reading.due, reading.standing)));
        }

        #[test]
        fn opening_again_loses_no_time(history in any_history(), minute in 0i64..60_000, later in 0i64..5_000) {
            let now = history.opened().plus_seconds(minute * 60);
            let mut reopened = history;
            reopened.happenings.retain(|happening| happening.at <= now);
            let before = read(Clock::Resolution, &reopened, &office(), None, now).unwrap().used;
            reopened.happenings.push(Happening { at: now, what: status("open") });
            let after = read(Clock::Resolution, &reopened, &office(), None, now.plus_seconds(later * 60)).unwrap();
            prop_assert_eq!(after.used, before + office().worked(now, now.plus_seconds(later * 60)));
        }
    }
}

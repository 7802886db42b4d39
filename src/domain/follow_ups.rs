//! What follows from a change: a new opportunity has a stage, a won one a closing time,
//! a reopened ticket none.

use super::fields::number;
use super::{
    Category, ChoiceList, Definitions, FieldNumber, FieldRef, Kind, Line, LineSums, Meaning, NoLookup, Record, Timestamp, Value, fold,
};

/// Gives a new record what it must have and was not given: when it began, the pipeline
/// and stage of an opportunity, the status of a ticket. Nothing given is changed.
pub fn fill_defaults(record: &mut Record, definitions: &Definitions, now: Timestamp) {
    let began = record.time(number::CREATED_AT).unwrap_or(now);
    default(record, number::CREATED_AT, Value::Time(began));
    match record.kind() {
        Kind::Opportunity => {
            let pipeline = match record.text(number::STAGE) {
                // A stage that only another pipeline has says which is meant.
                Some(stage) => definitions.pipelines.iter().find(|pipeline| pipeline.stage(stage).is_some()),
                None => None,
            };
            let pipeline = pipeline.unwrap_or_else(|| definitions.pipelines.default_pipeline());
            default(record, number::PIPELINE, Value::text(&pipeline.name));
            let first = definitions.pipeline_of(record).first().name.clone();
            default(record, number::STAGE, Value::Text(first));
            default(record, number::OPPORTUNITY_OPENED_AT, Value::Time(began));
        }
        Kind::Ticket => {
            default(record, number::STATUS, Value::text(&definitions.statuses.first().name));
            if let Some(normal) = definitions.word(ChoiceList::Priority, "normal") {
                default(record, number::PRIORITY, Value::text(normal));
            }
            default(record, number::TICKET_OPENED_AT, Value::Time(began));
        }
        Kind::Interaction => default(record, number::INTERACTION_AT, Value::Time(began)),
        Kind::Order => default(record, number::ORDER_AT, Value::Time(began)),
        Kind::Event => default(record, number::EVENT_AT, Value::Time(began)),
        Kind::Quote => default(record, number::QUOTE_AT, Value::Time(began)),
        Kind::Document => default(record, number::DOCUMENT_AT, Value::Time(began)),
        _ => {}
    }
}

fn default(record: &mut Record, field: FieldNumber, value: Value) {
    if !record.has(field) {
        record.set(field, value);
    }
}

/// Sets and clears what follows from a change of stage or status: an opportunity that
/// reaches won or lost gets its closing time, a ticket that is done its solving time, and
/// at the last status its closing time; reopened, they lose them, and a deal that is no
/// longer lost its reason. A time that the same change gives counts instead.
///
/// `before` is none for a record that somebody enters now. What is imported as closed
/// without saying when is not closed now: an import calls this for its updates only.
pub fn follow_ups(before: Option<&Record>, after: &mut Record, definitions: &Definitions, now: Timestamp) {
    match after.kind() {
        Kind::Opportunity => {
            let meaning = |record: &Record| definitions.meaning_of(record);
            let (was, is) = (before.map_or(Meaning::Open, meaning), meaning(after));
            if was != is {
                stamp(before, after, number::OPPORTUNITY_CLOSED_AT, is.is_closed().then_some(now));
            }
            follow_lines(before, after);
            if was == Meaning::Lost && is != Meaning::Lost && !is_given(before, after, number::LOST_REASON) {
                after.clear(number::LOST_REASON);
            }
        }
        Kind::Ticket => {
            let done = |record: &Record| definitions.category_of(record) == Category::Done;
            let closed = |record: &Record| record.text(number::STATUS).is_some_and(|status| definitions.statuses.is_final(status));
            for (field, was, is) in [
                (number::SOLVED_AT, before.is_some_and(done), done(after)),
                (number::TICKET_CLOSED_AT, before.is_some_and(closed), closed(after)),
            ] {
                if was != is {
                    stamp(before, after, field, is.then_some(now));
                }
            }
        }
        _ => {}
    }
}

/// Lets the amount of an opportunity follow its lines, where all have a price: until
/// somebody says another one. What is there already and was not the lines' sum stays.
fn follow_lines(before: Option<&Record>, after: &mut Record) {
    let sum = |record: &Record| {
        let lines: Vec<&Line> = record.values(number::OPPORTUNITY_LINES).filter_map(as_line).collect();
        LineSums::of(lines).ok().map(|sums| Value::Money(sums.net))
    };
    let lines = |record: &Record| record.values(number::OPPORTUNITY_LINES).cloned().collect::<Vec<_>>();
    if before.map_or_else(Vec::new, lines) == lines(after) || is_given(before, after, number::AMOUNT) {
        return;
    }
    let stands = after.first(number::AMOUNT);
    let followed = stands.is_none() || before.and_then(sum).as_ref() == stands;
    if let Some(net) = sum(after).filter(|_| followed) {
        after.set(number::AMOUNT, net);
    }
}

fn as_line(value: &Value) -> Option<&Line> {
    match value.bare() {
        Value::Line(line) => Some(line),
        _ => None,
    }
}

/// Whether this change itself gives the field a value.
fn is_given(before: Option<&Record>, after: &Record, field: FieldNumber) -> bool {
    after.has(field) && before.and_then(|before| before.first(field)) != after.first(field)
}

fn stamp(before: Option<&Record>, after: &mut Record, field: FieldNumber, at: Option<Timestamp>) {
    if !is_given(before, after, field) {
        after.replace(field, at.map(Value::Time));
    }
}

/// Returns the stage beside an opportunity's: so many further on (negative: back) in its
/// pipeline, stopping at the last open one, and at the first. Won and lost are reached by
/// name only, and left for the last open stage.
pub fn stage_beside(opportunity: &Record, steps: i64, definitions: &Definitions) -> Option<String> {
    let pipeline = definitions.pipeline_of(opportunity);
    let open: Vec<&str> = pipeline.stages.iter().filter(|stage| !stage.meaning.is_closed()).map(|stage| stage.name.as_str()).collect();
    let stage = opportunity.text(number::STAGE).unwrap_or_default();
    let last = i64::try_from(open.len()).ok()? - 1;
    let target = match open.iter().position(|name| fold::fold(name) == fold::fold(stage)) {
        Some(at) => i64::try_from(at).ok()?.saturating_add(steps).clamp(0, last),
        None if steps < 0 => steps.saturating_add(1).saturating_add(last).clamp(0, last),
        None => return None,
    };
    let target = open.get(usize::try_from(target).ok()?)?;
    (*target != stage).then(|| (*target).to_owned())
}

/// Returns the fields that an opportunity must have at the stage to which a change brings
/// it, and has not; none where it stays at its stage.
pub fn missing_at_stage(before: Option<&Record>, after: &Record, definitions: &Definitions) -> Vec<String> {
    let stage = definitions.stage_of(after);
    let was = before.and_then(|before| definitions.stage_of(before));
    let Some(stage) = stage.filter(|stage| was.is_none_or(|was| was.name != stage.name)) else { return Vec::new() };
    let has = |name: &String| {
        let field = FieldRef::resolve(Kind::Opportunity, name, definitions);
        field.map_or(true, |field| !field.get(after, &NoLookup).is_empty())
    };
    stage.requires.iter().filter(|name| !has(name)).cloned().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Currency, Money, RecordId};

    #[test]
    fn an_amount_follows_the_lines_until_somebody_says_another() {
        let money = |minor| Value::Money(Money { minor, currency: Currency::from_code("EUR").unwrap() });
        let line = |minor| Value::Line(Box::new(Line { price: money(minor).as_money(), ..Line::default() }));
        let definitions = Definitions::default();
        let follow = |before: Option<&Record>, after: &Record| {
            let mut after = after.clone();
            follow_ups(before, &mut after, &definitions, Timestamp(1));
            after
        };
        let mut deal = new(Kind::Opportunity, &[(number::STAGE, "lead")]);
        deal.push(number::OPPORTUNITY_LINES, line(100));
        let deal = follow(None, &deal);
        assert_eq!(deal.first(number::AMOUNT), Some(&money(100)));
        let mut more = deal.clone();
        more.push(number::OPPORTUNITY_LINES, line(20));
        let more = follow(Some(&deal), &more);
        assert_eq!(more.first(number::AMOUNT), Some(&money(120)));
        let mut said = more.clone();
        said.set(number::AMOUNT, money(99));
        let said = follow(Some(&more), &said);
        let mut again = said.clone();
        again.push(number::OPPORTUNITY_LINES, line(1));
        assert_eq!(follow(Some(&said), &again).first(number::AMOUNT), Some(&money(99)), "what somebody said stays");
        let mut priceless = more.clone();
        priceless.push(number::OPPORTUNITY_LINES, Value::Line(Box::default()));
        assert_eq!(follow(Some(&more), &priceless).first(number::AMOUNT), Some(&money(120)));
    }

    fn new(kind: Kind, fields: &[(FieldNumber, &str)]) -> Record {
        let mut record = Record::new(RecordId::new(kind, 1));
        fields.iter().for_each(|(field, text)| record.set(*field, Value::text(*text)));
        record
    }

    #[test]
    fn a_new_record_begins_somewhere() {
        let definitions = Definitions::default();
        let mut deal = new(Kind::Opportunity, &[]);
        fill_defaults(&mut deal, &definitions, Timestamp(9));
        assert_eq!((deal.text(number::PIPELINE), deal.text(number::STAGE)), (Some("sales"), Some("lead")));
        assert_eq!((deal.time(number::CREATED_AT), deal.time(number::OPPORTUNITY_OPENED_AT)), (Some(Timestamp(9)), Some(Timestamp(9))));
        let mut ticket = new(Kind::Ticket, &[(number::STATUS, "open")]);
        ticket.set(number::CREATED_AT, Value::Time(Timestamp(3)));
        fill_defaults(&mut ticket, &definitions, Timestamp(9));
        assert_eq!((ticket.text(number::STATUS), ticket.text(number::PRIORITY)), (Some("open"), Some("normal")));
        assert_eq!(ticket.time(number::TICKET_OPENED_AT), Some(Timestamp(3)));
        let filled = ticket.clone();
        fill_defaults(&mut ticket, &definitions, Timestamp(99));
        assert_eq!(ticket, filled);
    }

    #[test]
    fn a_stage_of_one_pipeline_only_says_which() {
        let text = "[[pipeline]]\nname = \"a\"\nstages = [{ name = \"one\", probability = 1 }]\n[[pipeline]]\nname = \"b\"\nstages = [{ name = \"two\", probability = 2 }]";
        let definitions = Definitions::from_documents([("pipelines", text)]).unwrap();
        let mut deal = new(Kind::Opportunity, &[(number::STAGE, "two")]);
        fill_defaults(&mut deal, &definitions, Timestamp(9));
        assert_eq!(deal.text(number::PIPELINE), Some("b"));
    }

    #[test]
    fn closing_and_reopening_a_deal() {
        let definitions = Definitions::default();
        let open = new(Kind::Opportunity, &[(number::STAGE, "lead")]);
        let mut lost = new(Kind::Opportunity, &[(number::STAGE, "lost"), (number::LOST_REASON, "price")]);
        follow_ups(Some(&open), &mut lost, &definitions, Timestamp(5));
        assert_eq!(lost.time(number::OPPORTUNITY_CLOSED_AT), Some(Timestamp(5)));
        let mut won = lost.clone();
        won.set(number::STAGE, Value::text("won"));
        follow_ups(Some(&lost), &mut won, &definitions, Timestamp(6));
        assert_eq!((won.time(number::OPPORTUNITY_CLOSED_AT), won.text(number::LOST_REASON)), (Some(Timestamp(6)), None));
        let mut given = open.clone();
        given.set(number::STAGE, Value::text("won"));
        given.set(number::OPPORTUNITY_CLOSED_AT, Value::Time(Timestamp(2)));
        follow_ups(Some(&open), &mut given, &definitions, Timestamp(6));
        assert_eq!(given.time(number::OPPORTUNITY_CLOSED_AT), Some(Timestamp(2)));
        let mut reopened = won.clone();
        reopened.set(number::STAGE, Value::text("proposal"));
        follow_ups(Some(&won), &mut reopened, &definitions, Timestamp(7));
        assert!(!reopened.has(number::OPPORTUNITY_CLOSED_AT));
        let mut entered = new(Kind::Opportunity, &[(number::STAGE, "won")]);
        follow_ups(None, &mut entered, &definitions, Timestamp(8));
        assert_eq!(entered.time(number::OPPORTUNITY_CLOSED_AT), Some(Timestamp(8)));
    }

    #[test]
    fn solving_closing_and_reopening_a_ticket() {
        let definitions = Definitions::default();
        let mut ticket = new(Kind::Ticket, &[(number::STATUS, "open")]);
        let mut go = |status: &str, at: i64| {
            let before = ticket.clone();
            ticket.set(number::STATUS, Value::text(status));
            follow_ups(Some(&before), &mut ticket, &definitions, Timestamp(at));
            (ticket.time(number::SOLVED_AT).map(|at| at.0), ticket.time(number::TICKET_CLOSED_AT).map(|at| at.0))
        };
        assert_eq!(go("pending", 1), (None, None));
        assert_eq!(go("solved", 2), (Some(2), None));
        assert_eq!(go("closed", 3), (Some(2), Some(3)));
        assert_eq!(go("solved", 4), (Some(2), None));
        assert_eq!(go("open", 5), (None, None));
        assert_eq!(go("closed", 6), (Some(6), Some(6)));
    }

    #[test]
    fn stages_beside() {
        let definitions = Definitions::default();
        for (stage, steps, beside) in [
            ("lead", 1, Some("qualified")),
            ("lead", 2, Some("proposal")),
            ("lead", -1, None),
            ("qualified", -5, Some("lead")),
            ("negotiation", 1, None),
            ("lead", i64::MAX, Some("negotiation")),
            ("won", -1, Some("negotiation")),
            ("lost", -2, Some("proposal")),
            ("won", 1, None),
        ] {
            let deal = new(Kind::Opportunity, &[(number::STAGE, stage)]);
            assert_eq!(stage_beside(&deal, steps, &definitions).as_deref(), beside, "{stage} {steps}");
        }
    }
}

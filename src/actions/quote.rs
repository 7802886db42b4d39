//! Quotes: made of an opportunity's lines, numbered, versioned, answered.
//!
//! A quote keeps its lines and sums as they were when it was made. A further one of the same
//! opportunity is the next version under the same number, and replaces those that are open.
//! An accepted one makes the opportunity won, with the quote's net as its amount, and an
//! order of its lines: one step.

use super::changeset::Changeset;
use super::step::Step;
use super::{ActionError, Desk, Outcome};
use crate::domain::fields::number;
use crate::domain::{ChoiceList, Date, Decimal, Kind, Line, LineSums, Meaning, Record, RecordId, Value, naming};
use crate::query::index;
use crate::store::StoreError;
use crate::store::api::Absent;
use crate::store::walk::Walk;

/// The most quotes of one opportunity.
const MOST: usize = 1_000;
/// How often another number is tried where somebody else takes it at the same time.
const TRIES: usize = 20;

/// Makes a quote of an opportunity.
///
/// # Errors
/// Exit 1 for an opportunity that is closed, or whose lines have no sum, with the line.
pub fn quote(desk: &Desk, deal: RecordId) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let record = opportunity(desk, deal)?;
    let definitions = desk.definitions();
    if definitions.meaning_of(&record).is_closed() {
        let stage = record.text(number::STAGE).unwrap_or_default();
        return Err(ActionError::refused(format!("{deal} is {stage} already")).at(deal.to_string()));
    }
    let lines = lines_of(desk, &record)?;
    let sums = LineSums::of(&lines).map_err(|error| {
        let error = ActionError::refused(format!("{deal}: {error}")).at("lines");
        error.hint("give it lines with prices, such as lines.1.product, lines.1.quantity, lines.1.price; or an amount")
    })?;
    let before = quotes_of(desk, deal)?;
    let latest = before.iter().filter(|quote| quote.text(number::QUOTE_STATUS) != Some("accepted")).max_by_key(|quote| revision(quote));
    let year = chrono::Datelike::year(&desk.today());
    let mut n = match latest {
        Some(_) => 0,
        None => 1 + last_of_year(desk, year)?,
    };
    for _ in 0..TRIES {
        let called =
            latest.and_then(|quote| quote.text(number::QUOTE_NUMBER)).map_or_else(|| definitions.quotes.number(year, n), str::to_owned);
        let mut changes = Changeset::new(desk);
        let id = changes.create(Kind::Quote);
        let valid = desk.today().checked_add_days(chrono::Days::new(definitions.quotes.valid_days.into()));
        let quote = changes.edit(id)?;
        quote.set(number::QUOTE_NUMBER, Value::text(&called));
        quote.set(number::QUOTE_REVISION, Value::Int(latest.map_or(0, |quote| revision(quote)) + 1));
        quote.set(number::QUOTE_OPPORTUNITY, Value::Link(deal));
        quote.set(number::QUOTE_STATUS, Value::text("open"));
        quote.set(number::QUOTE_NET, Value::Money(sums.net));
        quote.set(number::QUOTE_TOTAL, Value::Money(sums.total));
        quote.replace(number::QUOTE_LINES, lines.iter().map(|line| Value::Line(Box::new(line.clone()))));
        if let Some(day) = valid.and_then(date) {
            quote.set(number::QUOTE_VALID_UNTIL, Value::Date(day));
        }
        for (from, to) in [
            (number::OPPORTUNITY_COMPANY, number::QUOTE_COMPANY),
            (number::OPPORTUNITY_CONTACT, number::QUOTE_CONTACT),
            (number::OWNER, number::OWNER),
        ] {
            if let Some(value) = record.first(from) {
                quote.set(to, value.clone());
            }
        }
        for older in before.iter().filter(|quote| quote.text(number::QUOTE_STATUS) == Some("open")) {
            changes.edit(older.id)?.set(number::QUOTE_STATUS, Value::text("replaced"));
        }
        let mut step = Step::begin(desk, format!("quote {deal}"));
        if latest.is_none()
            && let Some(key) = index::key_of(Kind::Quote, number::QUOTE_NUMBER, &Value::text(&called))
        {
            step.absent.push(Absent { kind: Kind::Quote, field: number::QUOTE_NUMBER, key });
        }
        let taken = match changes.finish_in(&mut step, true) {
            Ok(taken) => taken,
            // Somebody else has made a quote at the same moment: the next number is free.
            Err(error) if latest.is_none() && error.code == StoreError::Exists(id).exit_code() => {
                n += 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        let id = taken.ids.get(&id).copied().unwrap_or(id);
        let version = if let Some(latest) = latest { format!(", version {}", revision(latest) + 1) } else { String::new() };
        let message = format!("{id}: quote {called}{version} over {}", sums.total);
        return Ok(Outcome { step: step.number(), ids: vec![id], changed: taken.changed, unchanged: 0, message });
    }
    Err(ActionError::conflict("others take the numbers of quotes as quickly as they are given").hint("try again"))
}

/// Accepts a quote: its opportunity is won, and an order is made of its lines.
///
/// # Errors
/// Exit 1 for one that is not open.
pub fn accept_quote(desk: &Desk, quote: RecordId) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let mut changes = Changeset::new(desk);
    let record = open_quote(desk, quote)?;
    let now = changes.now();
    let definitions = changes.definitions().clone();
    let deal = record.link(number::QUOTE_OPPORTUNITY);
    let order = changes.create(Kind::Order);
    let to = changes.edit(order)?;
    for (from, field) in [
        (number::QUOTE_NUMBER, number::ORDER_NUMBER),
        (number::QUOTE_COMPANY, number::ORDER_COMPANY),
        (number::QUOTE_CONTACT, number::ORDER_CONTACT),
        (number::QUOTE_TOTAL, number::ORDER_TOTAL),
        (number::OWNER, number::OWNER),
    ] {
        if let Some(value) = record.first(from) {
            to.set(field, value.clone());
        }
    }
    to.replace(number::ORDER_LINES, record.values(number::QUOTE_LINES).cloned());
    to.set(number::ORDER_AT, Value::Time(now));
    if let Some(status) = definitions.words(ChoiceList::OrderStatus).first() {
        to.set(number::ORDER_STATUS, Value::text(*status));
    }
    let accepted = changes.edit(quote)?;
    accepted.set(number::QUOTE_STATUS, Value::text("accepted"));
    accepted.set(number::QUOTE_ANSWERED_AT, Value::Time(now));
    accepted.set(number::QUOTE_ORDER, Value::Link(order));
    let mut won = String::new();
    if let Some(deal) = deal {
        for other in quotes_of(desk, deal)?.iter().filter(|other| other.id != quote && other.text(number::QUOTE_STATUS) == Some("open")) {
            changes.edit(other.id)?.set(number::QUOTE_STATUS, Value::text("replaced"));
        }
        let opportunity = changes.edit(deal)?;
        let pipeline = definitions.pipeline_of(opportunity);
        match definitions.meaning_of(opportunity) {
            Meaning::Open => {
                let Some(stage) = pipeline.stages.iter().find(|stage| stage.meaning == Meaning::Won) else {
                    let error = ActionError::refused(format!("pipeline {} has no stage that means won", pipeline.name));
                    return Err(error.hint("rolo config edit pipelines"));
                };
                opportunity.set(number::STAGE, Value::text(&stage.name));
                won = format!(", {deal} is {}", stage.name);
            }
            Meaning::Won => {}
            Meaning::Lost => {
                return Err(ActionError::refused(format!("{deal} is lost")).at(deal.to_string()).hint("open it again with rolo move"));
            }
        }
        if let Some(net) = record.first(number::QUOTE_NET) {
            opportunity.set(number::AMOUNT, net.clone());
        }
    }
    let called = record.text(number::QUOTE_NUMBER).unwrap_or_default().to_owned();
    let late = record.first(number::QUOTE_VALID_UNTIL).and_then(Value::as_date).and_then(Date::whole).filter(|day| *day < desk.today());
    let mut outcome = changes.finish(format!("accept {called}"))?;
    outcome.ids.sort_by_key(|id| [Kind::Order, Kind::Quote, Kind::Opportunity].iter().position(|kind| *kind == id.kind));
    let order = outcome.ids.first().map(ToString::to_string).unwrap_or_default();
    outcome.message = format!("{called} is accepted{won}, order {order}");
    if let Some(day) = late {
        outcome.message = format!("{}; it held until {day}", outcome.message);
    }
    Ok(outcome)
}

/// Declines a quote.
///
/// # Errors
/// Exit 1 for one that is not open.
pub fn decline_quote(desk: &Desk, quote: RecordId) -> Result<Outcome, ActionError> {
    desk.check_writable()?;
    let record = open_quote(desk, quote)?;
    let mut changes = Changeset::new(desk);
    let now = changes.now();
    let declined = changes.edit(quote)?;
    declined.set(number::QUOTE_STATUS, Value::text("declined"));
    declined.set(number::QUOTE_ANSWERED_AT, Value::Time(now));
    let called = record.text(number::QUOTE_NUMBER).unwrap_or_default();
    let outcome = changes.finish(format!("decline {called}"))?;
    Ok(Outcome { message: format!("{called} is declined"), ..outcome })
}

/// Returns the quote of an opportunity that may still be answered.
///
/// # Errors
/// Exit 4 where there is none.
pub fn open_quote_of(desk: &Desk, deal: RecordId) -> Result<RecordId, ActionError> {
    let open = quotes_of(desk, deal)?.into_iter().filter(|quote| quote.text(number::QUOTE_STATUS) == Some("open"));
    let latest = open.max_by_key(|quote| (revision(quote), quote.id));
    latest.map(|quote| quote.id).ok_or_else(|| {
        ActionError::not_found(format!("{deal} has no open quote")).at(deal.to_string()).hint(format!("make one: rolo quote {deal}"))
    })
}

fn opportunity(desk: &Desk, deal: RecordId) -> Result<std::sync::Arc<Record>, ActionError> {
    if deal.kind != Kind::Opportunity {
        return Err(ActionError::usage(format!("{deal} is a {}; quotes are made of opportunities", deal.kind)).at(deal.to_string()));
    }
    let record = desk.record(deal)?;
    if record.has(number::TRASHED_AT) {
        return Err(ActionError::refused(format!("{deal} is in the trash")).at(deal.to_string()));
    }
    Ok(record)
}

fn open_quote(desk: &Desk, quote: RecordId) -> Result<std::sync::Arc<Record>, ActionError> {
    if quote.kind != Kind::Quote {
        return Err(ActionError::usage(format!("{quote} is a {}, and no quote", quote.kind)).at(quote.to_string()));
    }
    let record = desk.record(quote)?;
    match record.text(number::QUOTE_STATUS) {
        Some("open") | None => Ok(record),
        Some(status) => {
            let called = record.text(number::QUOTE_NUMBER).unwrap_or_default();
            Err(ActionError::refused(format!("{called} is {status} already")).at(quote.to_string()))
        }
    }
}

fn quotes_of(desk: &Desk, deal: RecordId) -> Result<Vec<std::sync::Arc<Record>>, ActionError> {
    let ids: Vec<RecordId> = desk.store.linking(deal, Some(Kind::Quote), MOST)?.into_iter().map(|(id, _)| id).collect();
    Ok(desk.store.get(&ids)?.into_iter().flatten().collect())
}

fn revision(quote: &Record) -> i64 {
    quote.first(number::QUOTE_REVISION).and_then(Value::as_int).unwrap_or(1)
}

fn date(day: chrono::NaiveDate) -> Option<Date> {
    use chrono::Datelike;
    Date::new(day.year(), day.month(), day.day())
}

/// Returns the highest number that a year's quotes have; those in the trash keep theirs.
fn last_of_year(desk: &Desk, year: i32) -> Result<u64, ActionError> {
    let definitions = desk.definitions();
    let mut last = 0;
    Walk::new(Kind::Quote, desk.view()).trash(crate::store::api::Trash::With).each(&*desk.store, |quote| {
        let nth = quote.text(number::QUOTE_NUMBER).and_then(|number| definitions.quotes.nth(year, number));
        last = last.max(nth.unwrap_or(0));
        Ok::<(), ActionError>(())
    })?;
    Ok(last)
}

/// Returns what is offered: the opportunity's lines, else its products at their prices, else
/// its amount; what a line leaves out its product says.
fn lines_of(desk: &Desk, deal: &Record) -> Result<Vec<Line>, ActionError> {
    let lines = deal.values(number::OPPORTUNITY_LINES).filter_map(|value| match value.bare() {
        Value::Line(line) => Some(Line::clone(line)),
        _ => None,
    });
    let mut lines: Vec<Line> = lines.collect();
    let amount = deal.first(number::AMOUNT).and_then(Value::as_money);
    let products: Vec<RecordId> = deal.values(number::OPPORTUNITY_PRODUCT).filter_map(Value::as_link).collect();
    if lines.is_empty() {
        match (products.as_slice(), amount) {
            // One product for an agreed sum: the sum is the offer.
            ([] | [_], Some(amount)) => {
                let description = if products.is_empty() { naming::title(deal) } else { String::new() };
                lines.push(Line { product: products.first().copied(), description, price: Some(amount), ..Line::default() });
            }
            (products, _) => lines.extend(products.iter().map(|id| Line { product: Some(*id), ..Line::default() })),
        }
    }
    for line in &mut lines {
        line.quantity.get_or_insert(Decimal::from(1));
        let Some(product) = line.product.filter(|_| line.price.is_none() || line.description.is_empty()) else { continue };
        let product = desk.record(product)?;
        if line.price.is_none() {
            line.price = product.first(number::PRICE).and_then(Value::as_money);
        }
        if line.description.is_empty() {
            line.description = naming::title(&product);
        }
    }
    Ok(lines)
}

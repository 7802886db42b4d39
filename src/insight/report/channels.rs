//! What goes on in each channel and what it costs, beside what it brought.
//!
//! A touch belongs to the deals that it names; one that names none to the deals of its
//! contacts that were open on that day. A deal counts in each channel that touched it, whole:
//! the columns of value are not to be added up. Time is cost, at what an hour costs
//! (`rolo config edit targets`).

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;

use super::ask::{both, quote};
use super::deals::{Prices, each_deal};
use super::{Ask, Cell, Column, Figure, Report, ReportError, Shape};
use crate::domain::fields::number;
use crate::domain::zone::day_at;
use crate::domain::{ChoiceList, Kind, Meaning, Money, RecordId, Value, Worth};
use crate::store::api::Store;
use crate::store::walk::Walk;

/// What is known of a deal.
struct Known {
    won: bool,
    amount: Option<Money>,
    opened: Option<NaiveDate>,
    closed: Option<NaiveDate>,
}

#[derive(Default)]
struct Channel {
    touches: u64,
    incoming: u64,
    minutes: i64,
    contacts: HashSet<RecordId>,
    deals: HashSet<RecordId>,
}

/// The mix of channels.
pub(super) fn channels(store: &dyn Store, ask: &Ask) -> Result<Report, ReportError> {
    let period = ask.period()?;
    let mut deals: HashMap<RecordId, Known> = HashMap::new();
    let mut of_contact: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
    each_deal(store, ask, "", |deal| {
        for contact in deal.record.values(number::OPPORTUNITY_CONTACT).filter_map(Value::as_link) {
            of_contact.entry(contact).or_default().push(deal.id());
        }
        let known = Known { won: deal.meaning == Meaning::Won, amount: deal.amount(), opened: deal.opened, closed: deal.closed };
        deals.insert(deal.id(), known);
        Ok(())
    })?;
    let mut channels: BTreeMap<String, Channel> = BTreeMap::new();
    let owner = ask.get("owner").map_or_else(String::new, |owner| format!("owner:{}", quote(owner)));
    let when =
        period.as_ref().map_or_else(|| format!("at:..{}", ask.view.now), |period| format!("at:{} at:..{}", period.text, ask.view.now));
    let query = both(&both(&when, &owner), &ask.query);
    Walk::new(Kind::Interaction, ask.view.clone()).query(ask.parse(Kind::Interaction, &query)?).each(store, |touch| {
        let channel = channels.entry(touch.text(number::CHANNEL).unwrap_or_default().to_owned()).or_default();
        channel.touches += 1;
        channel.incoming += u64::from(touch.text(number::DIRECTION) == Some("in"));
        channel.minutes += touch.first(number::MINUTES).and_then(Value::as_int).unwrap_or(0);
        let day = touch.time(number::INTERACTION_AT).map(|at| day_at(ask.zone(), at));
        let named = touch.link(number::INTERACTION_OPPORTUNITY);
        channel.deals.extend(named);
        for contact in touch.values(number::INTERACTION_CONTACT).filter_map(Value::as_link) {
            channel.contacts.insert(contact);
            if named.is_some() {
                continue;
            }
            let was_open = |id: &&RecordId| {
                let known = deals.get(id);
                known.zip(day).is_some_and(|(deal, day)| {
                    deal.opened.is_none_or(|opened| opened <= day) && deal.closed.is_none_or(|closed| day <= closed)
                })
            };
            channel.deals.extend(of_contact.get(&contact).into_iter().flatten().filter(was_open));
        }
        Ok::<(), ReportError>(())
    })?;
    Ok(told(ask, channels, &deals, &query, period.map(|period| period.text)))
}

fn told(ask: &Ask, channels: BTreeMap<String, Channel>, deals: &HashMap<RecordId, Known>, query: &str, period: Option<String>) -> Report {
    let definitions = &ask.definitions;
    let worth = |channel: &Channel| {
        let mut worth = Worth::default();
        let won = channel.deals.iter().filter_map(|id| deals.get(id)).filter(|deal| deal.won);
        won.for_each(|deal| worth.add_on(deal.amount, 100, deal.closed, definitions));
        worth
    };
    let mut all = Worth::default();
    deals.values().filter(|deal| deal.won).for_each(|deal| all.add_on(deal.amount, 100, deal.closed, definitions));
    let prices = Prices::of(&all, ask);
    let words = definitions.words(ChoiceList::Channel);
    let mut ordered: Vec<(String, Channel)> = channels.into_iter().collect();
    ordered.sort_by_key(|(name, _)| (words.iter().position(|word| word == name).unwrap_or(usize::MAX), name.clone()));
    let hour = definitions.targets.hour;
    let touches: u64 = ordered.iter().map(|(_, channel)| channel.touches).sum();
    let rows = ordered.iter().map(|(name, channel)| {
        let own = both(&if name.is_empty() { "channel:".to_owned() } else { format!("channel={}", quote(name)) }, query);
        let won = channel.deals.iter().filter(|id| deals.get(id).is_some_and(|deal| deal.won)).count() as u64;
        let cost = hour.map(|hour| {
            let mut cost = Worth::default();
            // An hour's price for each of its sixty minutes, rounded once.
            let minor = (i128::from(hour.minor) * i128::from(channel.minutes) + 30) / 60;
            cost.add(i64::try_from(minor).ok().map(|minor| Money { minor, ..hour }), 100);
            prices.told(&cost)
        });
        let value = prices.told(&worth(channel));
        let mut won_ids: Vec<RecordId> = channel.deals.iter().filter(|id| deals.get(id).is_some_and(|deal| deal.won)).copied().collect();
        won_ids.sort_unstable();
        let behind_won = super::funnel::ids(&won_ids);
        vec![
            Cell::text(if name.is_empty() { "(none)" } else { name }),
            Cell::count(channel.touches).behind(Kind::Interaction, own.clone()),
            Cell::of(Figure::ratio(channel.touches, touches)),
            Cell::count(channel.incoming).behind(Kind::Interaction, both(&own, "direction:in")),
            Cell::count(channel.contacts.len() as u64),
            Cell::of(Figure::Number(channel.minutes as f64, 0, "min")),
            Cell::of(cost.map_or(Figure::Nothing, |cost| Figure::Money(cost.sum, cost.currency))),
            Cell::count(channel.deals.len() as u64),
            Cell { figure: Figure::Count(won), behind: behind_won.clone() },
            Cell { figure: Figure::Money(value.sum, value.currency), behind: behind_won },
            Cell::of(Figure::mean(channel.touches as f64, won, "")),
        ]
    });
    let columns = vec![
        Column::new("channel", Shape::Text),
        Column::new("touches", Shape::Count).bar(),
        Column::new("share", Shape::Ratio),
        Column::new("in", Shape::Count),
        Column::new("contacts", Shape::Count),
        Column::new("minutes", Shape::Number),
        Column::new("cost", Shape::Money),
        Column::new("deals", Shape::Count),
        Column::new("won", Shape::Count),
        Column::new("won_value", Shape::Money),
        Column::new("touches_a_won", Shape::Number),
    ];
    let mut notes = vec!["a deal counts whole in each channel that touched it".to_owned()];
    if hour.is_none() {
        notes.push("what an hour costs is not known: hour = \"60 EUR\" in rolo config edit targets".to_owned());
    }
    let title = period.map_or_else(|| "channels".to_owned(), |period| format!("channels in {period}"));
    Report { name: "channels", title, columns, rows: rows.collect(), total: None, notes }
}

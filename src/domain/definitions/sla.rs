//! Service levels: which tickets they are for, and how soon those are answered.

use super::DefinitionError;
use super::calendars::Calendars;
use super::choices::{Choices, find_word};
use super::document::{Section, Source, check_word};
use crate::domain::service::{Clock, Policy, Targets};
use crate::domain::{ChoiceList, fold};

/// What stands for the priorities that a policy does not name.
const ANY: &str = "any";

/// All policies, in order: the first that fits a ticket applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    policies: Vec<Policy>,
}

impl Policies {
    pub(super) fn read(source: Source<'_>, calendars: &Calendars, choices: &Choices) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of service levels");
        let mut policies: Vec<Policy> = Vec::new();
        for (name, span, section) in whole.sections("service level") {
            check_word(name).map_err(|message| source.error(span.clone(), message))?;
            if policies.iter().any(|known| fold::fold(&known.name) == fold::fold(name)) {
                return Err(source.error(span, format!("there are two service levels \u{201c}{name}\u{201d}")));
            }
            let section = section.map_err(|error| error.hint("each service level begins with its name: [gold]"))?;
            policies.push(read_policy(name, &section, calendars, choices)?);
        }
        Ok(Self { policies })
    }

    /// Returns the policies in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Policy> {
        self.policies.iter()
    }

    /// Returns the policy of this name, without regard to case.
    pub fn get(&self, name: &str) -> Option<&Policy> {
        self.iter().find(|policy| fold::fold(&policy.name) == fold::fold(name))
    }
}

fn read_policy(name: &str, section: &Section<'_, '_>, calendars: &Calendars, choices: &Choices) -> Result<Policy, DefinitionError> {
    let words: Vec<&str> = choices.words(ChoiceList::Priority).iter().map(String::as_str).collect();
    let known: Vec<&str> = ["when", "calendar", ANY].into_iter().chain(words.iter().copied()).collect();
    let calendar = section.text("calendar")?;
    if let Some(name) = calendar
        && calendars.get(name).is_none()
    {
        let error = section.error_at("calendar", format!("there is no calendar \u{201c}{}\u{201d}", name.escape_debug()));
        return Err(match calendars.iter().len() {
            0 => error.hint("calendars are a definition of their own: `rolo config edit calendars`"),
            _ => error.nearest(name, calendars.iter().map(|(known, _)| known)),
        });
    }
    let day = calendar.and_then(|name| calendars.get(name)).map_or(24 * HOUR, crate::domain::service::Calendar::working_day);
    let mut policy = Policy {
        name: name.to_owned(),
        when: section.text("when")?.map(str::to_owned),
        calendar: calendar.map(str::to_owned),
        priorities: Vec::new(),
        any: Targets::default(),
    };
    for (key, span, _) in section.entries().filter(|(key, ..)| !matches!(*key, "when" | "calendar")) {
        let word = find_word(words.iter().copied(), key);
        if key != ANY && word.is_none() {
            let error = section.source.error(span, format!("\u{201c}{}\u{201d} is no priority", key.escape_debug()));
            return Err(error.nearest(key, known));
        }
        let Some(targets) = section.section(key, "set of targets")? else { continue };
        let targets = read_targets(&targets, day)?;
        match word {
            Some(word) => policy.priorities.push((word.to_owned(), targets)),
            None => policy.any = targets,
        }
    }
    Ok(policy)
}

fn read_targets(section: &Section<'_, '_>, day: i64) -> Result<Targets, DefinitionError> {
    section.keys_among(&Clock::ALL.map(Clock::name))?;
    let target = |clock: Clock| {
        let Some(text) = section.text(clock.name())? else { return Ok(None) };
        let hint = "such as 30min, 4h, 1h30min or 2d; a d is a working day";
        span(text, day)
            .map(Some)
            .ok_or_else(|| section.error_at(clock.name(), format!("\u{201c}{}\u{201d} is no span of time", text.escape_debug())).hint(hint))
    };
    Ok(Targets {
        first_response: target(Clock::FirstResponse)?,
        next_reply: target(Clock::NextReply)?,
        resolution: target(Clock::Resolution)?,
    })
}

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;

/// Returns the microseconds of a span such as `1d 4h 30min`, a day being as long as given;
/// `None` for what is none, nothing, or longer than ten years.
pub(super) fn span(text: &str, day: i64) -> Option<i64> {
    let mut rest = text.trim();
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit = match unit.to_lowercase().as_str() {
            "m" | "min" | "minute" | "minutes" => MINUTE,
            "h" | "hour" | "hours" => HOUR,
            "d" | "day" | "days" => day,
            _ => return None,
        };
        let number: f64 = number.parse().ok().filter(|number: &f64| number.is_finite() && *number < 1e6)?;
        total = total.checked_add((number * unit as f64).round() as i64)?;
        rest = after.trim_start();
    }
    (MINUTE..=3_650 * 24 * HOUR).contains(&total).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time() {
        for (text, minutes) in [("30min", 30), ("4h", 240), ("1h30min", 90), ("1.5h", 90), ("2d", 960), ("1d 4h", 720), ("90 minutes", 90)]
        {
            assert_eq!(span(text, 8 * HOUR), Some(minutes * MINUTE), "{text}");
        }
        for slip in ["", "4", "h", "-4h", "4x", "0h", "4h x", "1e9h", "4h 5", "99999d"] {
            assert_eq!(span(slip, 8 * HOUR), None, "{slip}");
        }
    }
}

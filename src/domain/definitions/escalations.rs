//! Escalations: what is done with tickets as time goes, by name.

use super::DefinitionError;
use super::choices::Choices;
use super::document::{Section, Source, check_word};
use super::queues::word_of;
use super::sla::span;
use crate::domain::service::{Clock, Escalation, Trigger, Whom};
use crate::domain::{ChoiceList, fold};

const KEYS: &[&str] = &["when", "at", "after", "after-solving", "clock", "line", "queue", "assignee", "priority", "warn", "task"];
/// The microseconds of a day that has 24 hours.
const DAY: i64 = 24 * 3_600_000_000;

/// All rules, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Escalations {
    rules: Vec<Escalation>,
}

impl Escalations {
    pub(super) fn read(source: Source<'_>, choices: &Choices) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of escalations");
        let mut rules: Vec<Escalation> = Vec::new();
        for (name, span, section) in whole.sections("escalation") {
            check_word(name).map_err(|message| source.error(span.clone(), message))?;
            if rules.iter().any(|known| fold::fold(&known.name) == fold::fold(name)) {
                return Err(source.error(span, format!("there are two escalations \u{201c}{name}\u{201d}")));
            }
            let section = section.map_err(|error| error.hint("each escalation begins with its name: [second-line]"))?;
            rules.push(read_rule(name, &section, choices)?);
        }
        Ok(Self { rules })
    }

    /// Returns the rules in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Escalation> {
        self.rules.iter()
    }
}

fn read_rule(name: &str, section: &Section<'_, '_>, choices: &Choices) -> Result<Escalation, DefinitionError> {
    section.keys_among(KEYS)?;
    let text = |key: &str| Ok::<_, DefinitionError>(section.text(key)?.map(str::to_owned));
    let clock = match section.text("clock")? {
        None => None,
        Some(word) => {
            let names = Clock::ALL.map(Clock::name);
            let known = Clock::ALL.into_iter().find(|clock| clock.name() == word);
            Some(known.ok_or_else(|| {
                section.error_at("clock", format!("\u{201c}{}\u{201d} is no clock", word.escape_debug())).nearest(word, names)
            })?)
        }
    };
    let rule = Escalation {
        name: name.to_owned(),
        when: text("when")?,
        trigger: read_trigger(section)?,
        clock,
        line: word_of(section, "line", choices, ChoiceList::ServiceLine)?,
        queue: text("queue")?,
        assignee: section.text("assignee")?.map(Whom::from_word),
        priority: word_of(section, "priority", choices, ChoiceList::Priority)?,
        warn: section.words("warn")?.unwrap_or_default().iter().map(|word| Whom::from_word(word)).collect(),
        task: text("task")?,
    };
    if !rule.moves() && rule.warn.is_empty() && rule.task.is_none() {
        return Err(section.error("an escalation does something").hint("line, queue, assignee, priority, warn or task"));
    }
    if matches!(rule.trigger, Trigger::Solved(_)) && rule.moves() {
        let error = section.error_at("after-solving", "what is solved stays where it is");
        return Err(error.hint("after-solving goes with warn or task"));
    }
    Ok(rule)
}

/// A rule says at most one time at which it applies.
fn read_trigger(section: &Section<'_, '_>) -> Result<Trigger, DefinitionError> {
    let times = ["at", "after", "after-solving"];
    let said: Vec<&str> = times.into_iter().filter(|key| section.get(key).is_some()).collect();
    let [key] = said.as_slice() else {
        return match said.as_slice() {
            [] => Ok(Trigger::AtOnce),
            [_, second, ..] => Err(section.error_at(second, "an escalation has one time").hint("at, after or after-solving")),
            [_] => Ok(Trigger::AtOnce),
        };
    };
    let text = section.text(key)?.unwrap_or_default();
    let slip = |what: &str, hint: &str| {
        Err(section.error_at(key, format!("\u{201c}{}\u{201d} is no {what}", text.escape_debug())).hint(hint.to_owned()))
    };
    match *key {
        "at" => {
            let percent = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<u16>().ok());
            match percent.filter(|percent| (1..=1_000).contains(percent)) {
                Some(percent) => Ok(Trigger::Share(percent)),
                None => slip("part of a target", "such as 75% or 100%"),
            }
        }
        // How long a working day is differs from ticket to ticket.
        "after" => match span(text, 0).filter(|_| !text.contains('d')) {
            Some(micros) => Ok(Trigger::Used(micros)),
            None => slip("span of working time", "hours and minutes, such as 90min or 4h"),
        },
        _ => match span(text, DAY) {
            Some(micros) => Ok(Trigger::Solved(micros)),
            None => slip("span of time", "such as 3d or 12h"),
        },
    }
}

//! What the records of a store must suffer when definitions change: words that are
//! gone, and words that have another name now.
//!
//! The pure part: whoever takes new definitions asks for the [`changes`], counts
//! the records that each removal [`DefinitionChange::concerns`] and refuses if there
//! are any, and lets renamings [`DefinitionChange::rewrite`] the records.

use std::fmt;

use super::{Definitions, find_word};
use crate::domain::fields::{self, number};
use crate::domain::{ChoiceList, FieldNumber, FieldType, Kind, Record, Value, fold};

/// What a change is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// A pipeline.
    Pipeline,
    /// A stage of this pipeline.
    Stage(String),
    /// A word of a list.
    Word(ChoiceList),
    /// A list that was open and now refuses words it does not have.
    Closed(ChoiceList),
    /// A custom field of this kind.
    Field(Kind),
    /// The type of a custom field of this kind.
    FieldType(Kind),
    /// A word of a custom field of this kind and name.
    FieldWord(Kind, String),
}

/// One word that is gone or renamed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionChange {
    /// What it is.
    pub what: Changed,
    /// Its name before.
    pub old: String,
    /// Its name now; `None` when it is gone.
    pub new: Option<String>,
    /// Words that remain valid, of a list that was closed.
    remaining: Vec<String>,
    /// Whether the pipeline of a stage is the one that records without a pipeline
    /// are in.
    is_default: bool,
}

/// Returns what is gone and what is renamed from `before` to `after`.
pub fn changes(before: &Definitions, after: &Definitions) -> Vec<DefinitionChange> {
    let mut found = Vec::new();
    pipelines(before, after, &mut found);
    let statuses = |definitions: &Definitions| definitions.statuses.iter().map(|status| status.name.clone()).collect::<Vec<_>>();
    words(&Changed::Word(ChoiceList::Status), &statuses(before), &statuses(after), true, &mut found, |old| {
        after.statuses.renamed.target("status", old).map(str::to_owned)
    });
    for list in ChoiceList::all() {
        let closed = after.choices.is_closed(list);
        let (old, new) = (before.choices.words(list), after.choices.words(list));
        words(&Changed::Word(list), old, new, closed, &mut found, |old| {
            after.choices.renamed.target(list.name(), old).filter(|to| new.iter().any(|word| word == to)).map(str::to_owned)
        });
        if closed && !before.choices.is_closed(list) {
            found.push(change(Changed::Closed(list), list.name(), None).remaining(new));
        }
    }
    custom_fields(before, after, &mut found);
    found
}

fn change(what: Changed, old: &str, new: Option<&str>) -> DefinitionChange {
    DefinitionChange { what, old: old.to_owned(), new: new.map(str::to_owned), remaining: Vec::new(), is_default: false }
}

fn has(words: &[String], word: &str) -> bool {
    find_word(words.iter().map(String::as_str), word).is_some_and(|found| found == word)
}

fn words(
    what: &Changed,
    before: &[String],
    after: &[String],
    closed: bool,
    found: &mut Vec<DefinitionChange>,
    target: impl Fn(&str) -> Option<String>,
) {
    for old in before.iter().filter(|old| !has(after, old)) {
        let new = target(old).or_else(|| find_word(after.iter().map(String::as_str), old).map(str::to_owned));
        if new.is_some() || closed {
            found.push(change(what.clone(), old, new.as_deref()));
        }
    }
}

fn pipelines(before: &Definitions, after: &Definitions, found: &mut Vec<DefinitionChange>) {
    let renamed = &after.pipelines.renamed;
    let default = &before.pipelines.default_pipeline().name;
    for old in before.pipelines.iter() {
        let now = match after.pipelines.get(&old.name) {
            Some(same) => Some(same),
            None => renamed.target("pipeline", &old.name).and_then(|name| after.pipelines.get(name)),
        };
        let Some(now) = now else {
            found.push(DefinitionChange { is_default: &old.name == default, ..change(Changed::Pipeline, &old.name, None) });
            continue;
        };
        let names: Vec<String> = now.stages.iter().map(|stage| stage.name.clone()).collect();
        let first = found.len();
        let stages: Vec<String> = old.stages.iter().map(|stage| stage.name.clone()).collect();
        words(&Changed::Stage(old.name.clone()), &stages, &names, true, found, |stage| {
            renamed.target(&old.name, stage).filter(|to| now.stage(to).is_some()).map(str::to_owned)
        });
        found[first..].iter_mut().for_each(|change| change.is_default = &old.name == default);
        // Stages first: they are told apart by the pipeline's name before.
        if now.name != old.name {
            found.push(DefinitionChange { is_default: &old.name == default, ..change(Changed::Pipeline, &old.name, Some(&now.name)) });
        }
    }
}

fn custom_fields(before: &Definitions, after: &Definitions, found: &mut Vec<DefinitionChange>) {
    for old in before.custom.iter() {
        let now = match after.custom.get(old.kind, &old.name) {
            Some(same) => Some(same),
            None => {
                let place = old.kind.name();
                after.custom.renamed.target(place, &old.name).and_then(|name| after.custom.get(old.kind, name))
            }
        };
        let Some(now) = now else {
            found.push(change(Changed::Field(old.kind), &old.name, None));
            continue;
        };
        if now.ty != old.ty {
            found.push(change(Changed::FieldType(old.kind), &old.name, None));
            continue;
        }
        words(&Changed::FieldWord(old.kind, old.name.clone()), &old.words, &now.words, now.closed, found, |word| {
            after.custom.renamed.target(&old.name, word).filter(|to| has(&now.words, to)).map(str::to_owned)
        });
        if now.closed && !old.closed {
            found.push(change(Changed::FieldWord(old.kind, old.name.clone()), "", None).remaining(&now.words));
        }
        if now.name != old.name {
            found.push(change(Changed::Field(old.kind), &old.name, Some(&now.name)));
        }
    }
}

impl DefinitionChange {
    fn remaining(mut self, words: &[String]) -> Self {
        self.remaining = words.to_vec();
        self
    }

    /// Returns whether something is gone, so that records using it forbid it.
    pub fn is_removal(&self) -> bool {
        self.new.is_none()
    }

    /// Returns the kinds whose records it may concern.
    pub fn kinds(&self) -> Vec<Kind> {
        match &self.what {
            Changed::Pipeline | Changed::Stage(_) => vec![Kind::Opportunity],
            Changed::Field(kind) | Changed::FieldType(kind) | Changed::FieldWord(kind, _) => vec![*kind],
            Changed::Word(list) | Changed::Closed(list) => {
                Kind::public().filter(|kind| list_fields(*kind, *list).next().is_some()).collect()
            }
        }
    }

    /// Returns whether a record uses what is gone or renamed.
    pub fn concerns(&self, record: &Record) -> bool {
        let uses = |field: FieldNumber| record.values(field).filter_map(Value::as_text).any(|word| self.is_meant(word));
        match &self.what {
            Changed::Pipeline => record.kind() == Kind::Opportunity && self.is_in_pipeline(record, &self.old),
            Changed::Stage(pipeline) => {
                record.kind() == Kind::Opportunity && self.is_in_pipeline(record, pipeline) && record.text(number::STAGE) == Some(&self.old)
            }
            Changed::Word(list) | Changed::Closed(list) => list_fields(record.kind(), *list).any(uses),
            Changed::Field(kind) | Changed::FieldType(kind) => {
                record.kind() == *kind && record.labelled(number::CUSTOM, &self.old).is_some()
            }
            Changed::FieldWord(kind, name) => {
                let value = record.labelled(number::CUSTOM, name).and_then(Value::as_text);
                record.kind() == *kind && value.is_some_and(|word| self.is_meant(word))
            }
        }
    }

    fn is_meant(&self, word: &str) -> bool {
        if self.remaining.is_empty() { word == self.old } else { !has(&self.remaining, word) }
    }

    fn is_in_pipeline(&self, record: &Record, pipeline: &str) -> bool {
        match record.text(number::PIPELINE) {
            Some(name) => fold::fold(name) == fold::fold(pipeline),
            None => self.is_default,
        }
    }

    /// Gives a record the new word; returns whether it changed. The list of
    /// [`changes`] is applied in its order.
    pub fn rewrite(&self, record: &mut Record) -> bool {
        let Some(new) = self.new.clone() else { return false };
        if !self.concerns(record) {
            return false;
        }
        let old = self.old.as_str();
        match &self.what {
            Changed::Pipeline => record.set(number::PIPELINE, Value::Text(new)),
            Changed::Stage(_) => record.set(number::STAGE, Value::Text(new)),
            Changed::Word(list) | Changed::Closed(list) => {
                let concerned: Vec<FieldNumber> = list_fields(record.kind(), *list).collect();
                for (number, value) in &mut record.fields {
                    if concerned.contains(number) && value.as_text() == Some(old) {
                        value.replace_text(&new);
                    }
                }
            }
            Changed::Field(_) | Changed::FieldType(_) => {
                for (number, value) in &mut record.fields {
                    if let (number::CUSTOM, Value::Labelled(label, _)) = (*number, value)
                        && label == old
                    {
                        label.clone_from(&new);
                    }
                }
            }
            Changed::FieldWord(_, name) => {
                for (number, value) in &mut record.fields {
                    if *number == number::CUSTOM && value.label() == Some(name) && value.as_text() == Some(old) {
                        value.replace_text(&new);
                    }
                }
            }
        }
        true
    }
}

/// Returns the numbers of the fields of a kind that choose from a list.
fn list_fields(kind: Kind, list: ChoiceList) -> impl Iterator<Item = FieldNumber> {
    fields::fields(kind)
        .filter(move |field| matches!(field.ty, FieldType::Choice(of) | FieldType::OpenChoice(of) if of == list))
        .map(|field| field.number)
}

impl fmt::Display for DefinitionChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let old = &self.old;
        match &self.what {
            Changed::Pipeline => write!(f, "pipeline \u{201c}{old}\u{201d}")?,
            Changed::Stage(pipeline) => write!(f, "stage \u{201c}{old}\u{201d} of pipeline \u{201c}{pipeline}\u{201d}")?,
            Changed::Word(list) => write!(f, "{} \u{201c}{old}\u{201d}", list.name())?,
            Changed::Closed(list) => return write!(f, "\u{201c}{}\u{201d} is closed now", list.name()),
            Changed::Field(kind) => write!(f, "field \u{201c}{old}\u{201d} of {}", kind.plural())?,
            Changed::FieldType(kind) => return write!(f, "the type of field \u{201c}{old}\u{201d} of {} is changed", kind.plural()),
            Changed::FieldWord(kind, name) if self.remaining.is_empty() => {
                write!(f, "\u{201c}{old}\u{201d} of field \u{201c}{name}\u{201d} of {}", kind.plural())?;
            }
            Changed::FieldWord(kind, name) => return write!(f, "field \u{201c}{name}\u{201d} of {} is closed now", kind.plural()),
        }
        match &self.new {
            Some(new) => write!(f, " is \u{201c}{new}\u{201d} now"),
            None => f.write_str(" is gone"),
        }
    }
}

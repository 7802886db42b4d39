//! From a name to the field that it means, word by word.

use super::{FieldRef, Leaf, Pick, ROLLUPS, SYSTEM, StoredField, UnknownField};
use crate::domain::fields::{self, number};
use crate::domain::parse::label;
use crate::domain::{ChoiceList, CustomField, Definitions, Field, FieldType, Kind, Part, fold};

/// More links than these are followed by nobody; a link to any kind is followed once.
const MOST_HOPS: usize = 6;

/// Returns the field that a name means for a kind.
pub(super) fn resolve(kind: Kind, name: &str, definitions: &Definitions) -> Result<FieldRef, UnknownField> {
    resolve_within(kind, name, definitions, Reach { hops: MOST_HOPS, any: true })
}

/// How many links may still be followed, and whether one to any kind.
#[derive(Clone, Copy)]
struct Reach {
    hops: usize,
    any: bool,
}

fn resolve_within(kind: Kind, name: &str, definitions: &Definitions, reach: Reach) -> Result<FieldRef, UnknownField> {
    let unknown = |nearest: Option<String>| UnknownField { kind, name: name.to_owned(), nearest };
    // A name is a handful of words.
    const LONGEST: usize = 200;
    if name.len() > LONGEST {
        return Err(unknown(None));
    }
    let lower = name.to_lowercase();
    if let Some((name, rollup, _)) = ROLLUPS.iter().find(|(known, _, kinds)| *known == lower && kinds.contains(&kind)) {
        return Ok(FieldRef { kind, name: (*name).to_owned(), leaf: Leaf::Rollup(*rollup) });
    }
    let words: Vec<&str> = name.split('.').collect();
    let (&first, rest) = words.split_first().expect("a split has a first piece");
    if let Some((name, system)) = SYSTEM.iter().find(|(known, _)| *known == lower) {
        return Ok(FieldRef { kind, name: (*name).to_owned(), leaf: Leaf::System(*system) });
    }
    let Some(found) = first_word(kind, first, definitions) else {
        let near = nearest_name(kind, first, rest.is_empty(), definitions).map(|near| [&[near.as_str()], rest].concat().join("."));
        // A rollup is one name with a dot, not a field with something behind it.
        let rollups = ROLLUPS.iter().filter(|(_, _, kinds)| kinds.contains(&kind)).map(|(name, ..)| *name);
        let nearest = near.filter(|near| resolve_within(kind, near, definitions, reach).is_ok());
        return Err(unknown(nearest.or_else(|| fold::nearest(name, rollups).map(str::to_owned))));
    };
    match found {
        First::Custom(field) if rest.is_empty() => Ok(FieldRef { kind, name: field.name.clone(), leaf: Leaf::Custom(field.clone()) }),
        First::Custom(_) => Err(unknown(None)),
        First::Stored(field, name, pick, part) => {
            let mut path = Path { kind, field, part, pick, name, definitions, reach };
            path.walk(rest).map_err(unknown)
        }
    }
}

enum First<'a> {
    Stored(&'static Field, String, Pick, Option<Part>),
    Custom(&'a CustomField),
}

/// Returns what the first word of a name means: a field's name, a custom field's, what
/// comes with the first job, a field's alias.
fn first_word<'a>(kind: Kind, word: &str, definitions: &'a Definitions) -> Option<First<'a>> {
    let stored = |field: &'static Field| First::Stored(field, field.name.to_owned(), Pick::All, None);
    let mut builtin = fields::fields(kind).filter(|field| field.number != number::CUSTOM);
    if let Some(field) = builtin.clone().find(|field| field.name.eq_ignore_ascii_case(word)) {
        return Some(stored(field));
    }
    if let Some(field) = definitions.custom.get(kind, word) {
        return Some(First::Custom(field));
    }
    if kind == Kind::Contact {
        let part = match word.to_ascii_lowercase().as_str() {
            "company" | "account" | "org" | "organization" => Some(Part::Company),
            "title" => Some(Part::Title),
            "role" => Some(Part::Role),
            _ => None,
        };
        if let Some(part) = part {
            let jobs = fields::field_by_number(kind, number::JOBS)?;
            return Some(First::Stored(jobs, part.name().to_owned(), Pick::Position(1), Some(part)));
        }
    }
    builtin.find(|field| field.is_called(word)).map(stored)
}

/// Returns the name of a field of the kind that a mistyped word is near to; what the
/// store keeps only when the word is the whole name.
fn nearest_name(kind: Kind, word: &str, is_whole: bool, definitions: &Definitions) -> Option<String> {
    let mut names: Vec<&str> = fields::fields(kind).filter(|field| field.number != number::CUSTOM).map(|field| field.name).collect();
    if kind == Kind::Contact {
        names.extend(["company", "title", "role"]);
    }
    names.extend(definitions.custom.of(kind).map(|field| field.name.as_str()));
    if is_whole {
        names.extend(SYSTEM.iter().map(|(name, _)| *name));
    }
    let aliases = fields::fields(kind).flat_map(|field| field.aliases.iter().map(|alias| (*alias, field.name)));
    let known: Vec<(&str, &str)> = names.iter().map(|name| (*name, *name)).chain(aliases).collect();
    let near = fold::nearest(word, known.iter().map(|(name, _)| *name))?;
    known.iter().find(|(name, _)| *name == near).map(|(_, name)| (*name).to_owned())
}

/// The words of a name behind its field, step by step.
struct Path<'a> {
    kind: Kind,
    field: &'static Field,
    part: Option<Part>,
    pick: Pick,
    name: String,
    definitions: &'a Definitions,
    reach: Reach,
}

impl Path<'_> {
    fn done(&self, leaf: Leaf) -> FieldRef {
        FieldRef { kind: self.kind, name: self.name.clone(), leaf }
    }

    fn step(&mut self, word: &str) {
        self.name.push('.');
        self.name.push_str(word);
    }

    /// Returns the field that the rest of a name leads to; on failure what the whole
    /// name may have been meant to be.
    fn walk<'w>(&mut self, mut rest: &'w [&'w str]) -> Result<FieldRef, Option<String>> {
        let parts = Part::of_type(self.field.ty);
        if self.part.is_none() && !parts.is_empty() {
            rest = self.composite(parts, rest)?;
        } else if self.part.is_none() && !rest.is_empty() {
            rest = self.selected(rest)?;
        }
        let stored = StoredField { field: self.field, part: self.part };
        let Some((&word, after)) = rest.split_first() else {
            return Ok(self.done(Leaf::Stored(stored, self.pick.clone())));
        };
        let kinds = match self.part.map_or(self.field.ty, Part::field_type) {
            FieldType::Link(kinds) => kinds,
            // The sides of an event are links where the field that changed is one.
            FieldType::Text if matches!(self.field.number, number::EVENT_FROM | number::EVENT_TO) => &[],
            _ if word == "label" && after.is_empty() && self.field.labels => {
                let Pick::Position(position) = self.pick else { return Err(None) };
                self.step(word);
                return Ok(self.done(Leaf::Label(self.field, position)));
            }
            _ => return Err(None),
        };
        if word.eq_ignore_ascii_case("id") && after.is_empty() {
            self.step("id");
            return Ok(self.done(Leaf::LinkId(stored, self.pick.clone())));
        }
        self.follow(stored, kinds, rest)
    }

    fn follow(&mut self, stored: StoredField, kinds: &'static [Kind], rest: &[&str]) -> Result<FieldRef, Option<String>> {
        let is_any = kinds.is_empty();
        if self.reach.hops == 0 || (is_any && !self.reach.any) {
            return Err(None);
        }
        let reach = Reach { hops: self.reach.hops - 1, any: self.reach.any && !is_any };
        let name = rest.join(".");
        let kinds: Vec<Kind> = if is_any { Kind::public().collect() } else { kinds.to_vec() };
        let mut nearest = None;
        let mut then = Vec::new();
        for kind in kinds {
            match resolve_within(kind, &name, self.definitions, reach) {
                Ok(found) => then.push(found),
                Err(error) => nearest = nearest.or(error.nearest),
            }
        }
        let Some(first) = then.first() else {
            return Err(nearest.map(|near| format!("{}.{near}", self.name)));
        };
        let rest = first.name.clone();
        self.step(&rest);
        Ok(self.done(Leaf::Followed(stored, self.pick.clone(), then)))
    }

    /// `city`, `home.city`, `2.city`, `home.2.city`: which value, and which part of it.
    fn composite<'w>(&mut self, parts: &'static [Part], rest: &'w [&'w str]) -> Result<&'w [&'w str], Option<String>> {
        let part_of = |word: &str| parts.iter().find(|part| part.name().eq_ignore_ascii_case(word)).copied();
        // A part's name is a label only when a part follows it, or a number and a part.
        let is_label = match rest {
            [_, next, ..] if part_of(next).is_some() => self.field.labels,
            [_, next, last, ..] => self.field.labels && is_number(next) && part_of(last).is_some(),
            _ => false,
        };
        let mut rest = rest;
        if let Some((&word, after)) = rest.split_first()
            && (is_label || part_of(word).is_none())
        {
            if self.field.labels {
                rest = self.selected(rest)?;
            } else if is_number(word) {
                self.positioned(word)?;
                rest = after;
            }
        }
        let Some((&word, after)) = rest.split_first() else { return Ok(rest) };
        if word == "label" && after.is_empty() && matches!(self.pick, Pick::Position(_)) && self.field.labels {
            return Ok(rest);
        }
        let Some(part) = part_of(word) else {
            let near = fold::nearest(word, parts.iter().map(|part| part.name()));
            return Err(near.map(|near| format!("{}.{near}", self.name)));
        };
        self.part = Some(part);
        self.step(part.name());
        Ok(after)
    }

    /// `work`, `2`, `work.2`: which of several values.
    fn selected<'w>(&mut self, rest: &'w [&'w str]) -> Result<&'w [&'w str], Option<String>> {
        let Some((&word, after)) = rest.split_first() else { return Ok(rest) };
        match self.field.ty {
            FieldType::Consent => {
                let Some(channel) = self.definitions.word(ChoiceList::Channel, word) else {
                    let near = fold::nearest(word, self.definitions.words(ChoiceList::Channel));
                    return Err(near.map(|near| format!("{}.{near}", self.name)));
                };
                let channel = channel.to_owned();
                self.step(&channel);
                self.pick = Pick::Label(channel, None);
                return Ok(after);
            }
            FieldType::ExternalId => {
                let source = label(word);
                self.step(&source);
                self.pick = Pick::Label(source, None);
                return if self.name.ends_with('.') { Err(None) } else { Ok(after) };
            }
            _ => {}
        }
        if !self.field.repeats || is_number(word) {
            if self.field.repeats {
                return self.positioned(word).map(|()| after);
            }
            return Ok(rest);
        }
        if !self.field.labels {
            return Ok(rest);
        }
        let label = label(word);
        if label.is_empty() {
            return Err(None);
        }
        self.step(&label);
        let (position, after) = match after.split_first() {
            Some((&next, beyond)) if is_number(next) => (Some(position(next).ok_or(None)?), beyond),
            _ => (None, after),
        };
        if let Some(position) = position {
            self.step(&position.to_string());
        }
        self.pick = Pick::Label(label, position);
        Ok(after)
    }

    fn positioned(&mut self, word: &str) -> Result<(), Option<String>> {
        let position = position(word).ok_or(None)?;
        self.step(&position.to_string());
        self.pick = Pick::Position(position);
        Ok(())
    }
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

/// A position, from 1. No record has a thousand e-mail addresses; an assignment to
/// the billionth must not make room for them.
fn position(word: &str) -> Option<usize> {
    const MOST: usize = 1000;
    is_number(word).then(|| word.parse().ok()).flatten().filter(|position| (1..=MOST).contains(position))
}

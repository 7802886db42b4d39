//! Looking through lines: a stretch at a time, on all processors, as long as one may.
//!
//! The longest word leads: a stretch is one text, in which it is looked for as a whole, so
//! that lines without it cost next to nothing; those may still have its letters, which a
//! mask of each name tells. Of each line that matches a mark is kept, and of the best ones
//! where the words stand; what cannot be among the best is not looked at more closely.

use std::sync::{Mutex, PoisonError};

use super::index::{Index, Part};
use super::lines::Lines;
use super::marks::{Marks, each_bit};
use super::place::{self, Place};
use super::top::Top;
use super::words::Words;
use crate::domain::Kind;

/// How many lines are looked at between two questions whether to stop.
pub(super) const STRIDE: usize = 4_096;
/// From so many lines on they are shared among processors.
const MANY: usize = 32_768;
/// More threads than these are of no use: memory is read no faster.
const THREADS: usize = 4;
/// Where at most one line in so many is marked, only the marked ones are looked at.
const FEW: usize = 16;

/// How far a search goes.
pub struct Limits<'a> {
    /// The most hits.
    pub most: usize,
    /// The lines to be looked at, of those that were read; `None` for all.
    pub within: Option<&'a Marks>,
    /// Asked now and then whether it is to stop where it is.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// What orders lines before they are scored.
pub(super) type Rough = (Place, u16, u8, Kind, u32);

/// A search on its way: what it has found, and how far it has looked.
#[derive(Debug, Clone)]
pub struct Looking {
    pub(super) top: Top<Rough>,
    pub(super) marks: Marks,
    /// How many of the lines that changed since they were read match; `None` before they
    /// were looked at.
    pub(super) fresh: Option<usize>,
    /// The line to go on with.
    pub(super) next: usize,
    /// How many lines were looked at.
    pub looked: usize,
}

impl Looking {
    /// Returns the lines that match so far, of those that were read.
    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Returns the lines that match, the rest let go.
    pub fn into_marks(self) -> Marks {
        self.marks
    }

    /// Returns how many lines match so far.
    pub fn total(&self) -> usize {
        self.marks.count() + self.fresh.unwrap_or(0)
    }

    /// Returns whether it found the same as another one, in the same order.
    #[cfg(test)]
    pub(super) fn found(&self) -> (Vec<Rough>, &[u64]) {
        (self.top.clone().sorted(), self.marks.words())
    }
}

/// Some lines of a part, one behind the other.
#[derive(Clone, Copy)]
struct Stretch<'i> {
    lines: &'i Lines,
    /// The number of the part's first line.
    base: usize,
    from: usize,
    to: usize,
}

/// What is still to be looked at, for whoever takes the next stretch of it.
struct Todo<'i> {
    parts: &'i [Part],
    next: usize,
    bits: &'i mut [u64],
    looked: usize,
}

impl<'i> Todo<'i> {
    fn take(&mut self) -> Option<(Stretch<'i>, &'i mut [u64])> {
        let at = self.parts.partition_point(|part| part.end() <= self.next);
        let part = self.parts.get(at)?;
        self.bits = std::mem::take(&mut self.bits).get_mut(part.base.saturating_sub(self.next) / 64..)?;
        let from = self.next.saturating_sub(part.base);
        let to = (from + STRIDE).min(part.lines.len());
        let (bits, rest) = std::mem::take(&mut self.bits).split_at_mut((to - from).div_ceil(64));
        self.bits = rest;
        self.next = part.base + from + (to - from).next_multiple_of(64);
        self.looked += to - from;
        Some((Stretch { lines: &part.lines, base: part.base, from, to }, bits))
    }
}

impl Index {
    /// Looks at the lines that were not looked at yet; returns whether that is all of
    /// them, or false where it was stopped.
    pub fn look_on(&self, words: &Words, limits: &Limits<'_>, looking: &mut Looking) -> bool {
        if words.is_empty() {
            return true;
        }
        let Looking { top, marks, fresh, next, looked } = looking;
        if fresh.is_none() {
            let mut bits = [0; STRIDE / 64];
            let lines = self.fresh();
            let count = (0..lines.len()).step_by(STRIDE).map(|from| {
                let to = (from + STRIDE).min(lines.len());
                let bits = &mut bits[..(to - from).div_ceil(64)];
                bits.fill(0);
                look(self, words, Stretch { lines, base: super::index::FRESH, from, to }, None, bits, top);
                bits.iter().map(|bits| bits.count_ones() as usize).sum::<usize>()
            });
            *fresh = Some(count.sum());
            *looked += lines.len();
        }
        marks.grow(self.end());
        let begun = *next;
        if begun >= self.end() {
            return true;
        }
        let within = limits
            .within
            .map(Marks::words)
            .filter(|within| within.iter().map(|bits| bits.count_ones() as usize).sum::<usize>() <= self.end() / FEW);
        let bits = &mut marks.words_mut()[begun / 64..];
        let todo = Mutex::new(Todo { parts: self.parts(), next: begun, bits, looked: 0 });
        let work = |top: &mut Top<Rough>| {
            loop {
                if (limits.stop)() {
                    return;
                }
                let taken = todo.lock().unwrap_or_else(PoisonError::into_inner).take();
                let Some((stretch, bits)) = taken else { return };
                look(self, words, stretch, within, bits, top);
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(THREADS));
        if threads == 1 || self.end() - begun < MANY {
            work(top);
        } else {
            let most = top.most();
            std::thread::scope(|scope| {
                let others: Vec<_> = (1..threads)
                    .map(|_| {
                        scope.spawn(|| {
                            let mut top = Top::new(most);
                            work(&mut top);
                            top
                        })
                    })
                    .collect();
                work(top);
                // A thread that panicked has found nothing.
                others.into_iter().filter_map(|other| other.join().ok()).for_each(|other| top.take(other));
            });
        }
        let todo = todo.into_inner().unwrap_or_else(PoisonError::into_inner);
        *next = todo.next;
        *looked += todo.looked;
        *next >= self.end()
    }
}

/// What is known of the leading word in a line before the line is looked at.
#[derive(Clone, Copy)]
enum Lead {
    /// It stands there first.
    At(usize),
    /// It stands nowhere, but its letters may.
    Nowhere,
    /// Nothing.
    Unknown,
}

/// Looks at the lines of a stretch and marks those that match, those within some others
/// where these are given.
fn look(index: &Index, words: &Words, stretch: Stretch<'_>, within: Option<&[u64]>, bits: &mut [u64], top: &mut Top<Rough>) {
    let Some(lead) = words.lead() else { return };
    let Stretch { lines, base, from, to } = stretch;
    let mut found = |at: usize, known: Lead| {
        let number = base + at;
        let (kind, length) = lines.brief(at);
        let rough = |place, sum| (place, sum, length, kind, u32::try_from(number).unwrap_or(u32::MAX));
        // What cannot be among the best needs no place.
        let is_of_use =
            |best: Place| top.worst().is_none_or(|worst| rough(best, if best == Place::Name { 0 } else { best as u16 }) < *worst);
        if let Some(place) = judge(lines, at, words, known, &is_of_use)
            && !index.is_stale(number)
        {
            bits[(at - from) / 64] |= 1 << ((at - from) % 64);
            if let Some((place, sum)) = place {
                top.push(rough(place, sum));
            }
        }
    };
    if let Some(within) = within {
        let first = (base + from) / 64;
        let within = within.get(first..).unwrap_or_default();
        for (nth, bits) in within.iter().take((to - from).div_ceil(64)).enumerate() {
            each_bit(*bits, |bit| found(from + nth * 64 + bit, Lead::Unknown));
        }
        return;
    }
    let bytes = lines.as_bytes();
    let end = lines.start(to);
    let letter = lead.as_letter();
    let (mut at, mut byte) = (from, lines.start(from));
    while at < to {
        // Of one letter the masks know whether names have it.
        if letter.is_some_and(|letter| lines.letters(at).0 & letter != 0) {
            found(at, Lead::At(byte));
            at += 1;
            byte = lines.start(at);
            continue;
        }
        let hit = lead.find(&bytes[byte..end]).map(|offset| byte + offset);
        // The lines up to there do not have the word, but maybe its letters.
        let upto = hit.unwrap_or(end);
        while at < to && lines.start(at + 1) <= upto {
            let (mask, firsts) = lines.letters(at);
            if lead.may_be_in(mask, firsts) {
                found(at, Lead::Nowhere);
            }
            at += 1;
        }
        let Some(hit) = hit.filter(|_| at < to) else { break };
        found(at, Lead::At(hit));
        at += 1;
        byte = lines.start(at);
    }
}

/// Returns whether a line matches, and where its words stand unless no place that they may
/// have is of use.
fn judge(lines: &Lines, at: usize, words: &Words, known: Lead, is_of_use: &dyn Fn(Place) -> bool) -> Option<Option<(Place, u16)>> {
    let lead = words.lead()?;
    let alone = words.each().len() == 1;
    let (mask, firsts) = lines.letters(at);
    // Most lines of a word that most have are of no use.
    if let (Lead::At(byte), true) = (known, alone) {
        let best = match (byte >= lines.end_of_names(at), byte == lines.start(at), lead.may_begin(firsts)) {
            (true, ..) => Place::Beside,
            (false, _, true) => Place::Whole,
            (false, true, false) => Place::Name,
            (false, false, false) => Place::Within,
        };
        if !is_of_use(best) {
            return Some(None);
        }
    }
    let parts = lines.parts(at);
    let names = [parts.name, parts.latin];
    let names = if parts.latin.is_empty() { &names[..1] } else { &names[..] };
    let has_letters = || lead.may_be_in(mask, firsts) && names.iter().any(|name| place::has_letters(name, lead));
    match known {
        Lead::Nowhere if !has_letters() => return None,
        // What has been found out of one word is nearly all there is to know.
        Lead::Nowhere if alone => {
            if !lead.may_scatter() {
                return place::by_letters(names, lead).map(|place| Some((place, place as u16)));
            }
            let best = if lead.may_begin(firsts) { Place::Initials } else { Place::Letters };
            let place = if is_of_use(best) { place::by_letters(names, lead) } else { None };
            return Some(place.map(|place| (place, place as u16)));
        }
        Lead::At(byte) if alone && byte >= lines.end_of_names(at) => {
            let place = match place::in_beside(parts.beside, lead) {
                Some(Place::Beside) => Place::Beside,
                _ if has_letters() && place::by_letters(names, lead) == Some(Place::Initials) => Place::Initials,
                _ => Place::Elsewhere,
            };
            return Some(Some((place, place as u16)));
        }
        _ => {}
    }
    place::place(names, parts.beside, words).map(Some)
}

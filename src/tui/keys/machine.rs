//! The machine that turns keys into bound commands: counts, the register's
//! prefix, pending keys.
//!
//! Keys wait in a queue and are taken one command at a time, because a command
//! may change the mode in which the next key is read; typing, macros, `:norm`
//! and scripts feed the same queue. There is no timer: a sequence stays pending
//! until it is completed, cancelled or fails. A key that ends a failed sequence
//! is tried again as a first key.
//!
//! An operator (whatever the table of commands says is one) is held by
//! [`Machine::hold`] until its motion or object has come; its own keys typed again
//! are the row itself, as in `dd`. An [`Errand`] stands among the keys where
//! something is to be done when those before it have been read: the end of a
//! macro, the next row of `:global`.
//!
//! Where text is typed, nothing typed is lost: the keys of a failed sequence
//! come back as text.

use std::collections::VecDeque;
use std::sync::Arc;

use super::binding::Act;
use super::key::{Code, Key};
use super::keymap::{Keymap, Place, Reason};
use super::notation;
use super::trie::Found;

/// The largest count; more digits leave it there, as in Vim.
pub const LARGEST_COUNT: u32 = 999_999_999;

/// A command that was typed, with everything typed before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// All of its keys, count and register included.
    pub keys: Vec<Key>,
    /// Its keys without count and register.
    pub sequence: Vec<Key>,
    /// The count, if one was typed; never 0.
    pub count: Option<u32>,
    /// The register, if one was named.
    pub register: Option<char>,
    /// The character that `<Char>` stood for.
    pub character: Option<char>,
    /// The lines to run, each as if typed after `:`.
    pub lines: Arc<[String]>,
}

/// What is to be done between keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// The keys of one `:normal` end here: what is incomplete is dropped.
    EndKeys,
    /// The next row of `:global` or of `:normal` with a range.
    NextRow,
    /// All that was done since belongs to one step.
    EndStep,
}

/// What came of the keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A command is to be run.
    Run(Bound),
    /// The keys of the operator that is held were typed again: it means the row.
    Doubled(Bound),
    /// The keys before an errand have been read.
    Errand(Errand),
    /// A key is to be typed into the text, as it has no meaning of its own.
    Type(Key),
    /// The keys are taken and nothing is done.
    Swallowed,
    /// What was pending is dropped.
    Cancelled,
    /// `<C-c>` with nothing pending.
    Interrupt,
    /// The keys mean nothing here.
    Nothing {
        /// Which keys, count and register included.
        keys: Vec<Key>,
        /// Why.
        reason: Reason,
    },
}

/// What has been typed of a command that is not complete.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Pending {
    keys: Vec<Key>,
    /// The product of the counts before the register.
    before: Option<u32>,
    /// The digits being typed.
    digits: Option<u32>,
    register: Option<char>,
    sequence: Vec<Key>,
}

impl Pending {
    /// Returns the count: counts typed before and after a register multiply.
    fn count(&self) -> Option<u32> {
        match (self.before, self.digits) {
            (Some(before), Some(digits)) => Some(before.saturating_mul(digits).min(LARGEST_COUNT)),
            (count, None) | (None, count) => count,
        }
    }
}

/// One thing that waits to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Key {
        key: Key,
        /// Whether somebody typed it, and no macro did.
        typed: bool,
    },
    Errand(Errand),
}

/// The operator that waits for its motion.
#[derive(Debug, Clone, Default)]
struct Held {
    keys: Vec<Key>,
    sequence: Vec<Key>,
}

/// Reads keys; holds what is pending and what waits to be read.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    waiting: VecDeque<Waiting>,
    pending: Pending,
    held: Held,
    /// The typed keys that have been read, for a macro that is being recorded.
    typed: Vec<Key>,
    /// Whether the key that is being taken was typed.
    is_typed: bool,
}

impl Machine {
    /// Adds a key behind those that wait.
    pub fn feed(&mut self, key: Key) {
        self.waiting.push_back(Waiting::Key { key, typed: true });
    }

    /// Adds keys before those that wait: a macro runs before what was typed
    /// after it.
    pub fn feed_before(&mut self, keys: &[Key]) {
        for key in keys.iter().rev() {
            self.waiting.push_front(Waiting::Key { key: *key, typed: false });
        }
    }

    /// Adds an errand before what waits.
    pub fn errand_before(&mut self, errand: Errand) {
        self.waiting.push_front(Waiting::Errand(errand));
    }

    /// Drops all that waits.
    pub fn drop_waiting(&mut self) {
        self.waiting.clear();
    }

    /// Drops the keys of a macro of which one has failed: those up to the next
    /// errand. Typed keys stay, as in Vim.
    pub fn drop_macro(&mut self) {
        while let Some(Waiting::Key { typed: false, .. }) = self.waiting.front() {
            self.waiting.pop_front();
        }
    }

    /// Returns how many keys and errands wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Returns the typed keys that were read since this was asked last.
    pub fn take_typed(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.typed)
    }

    /// Holds an operator until its motion has come.
    pub fn hold(&mut self, bound: &Bound) {
        self.held = Held { keys: bound.keys.clone(), sequence: bound.sequence.clone() };
    }

    /// Lets the operator go that was held.
    pub fn let_go(&mut self) {
        self.held = Held::default();
    }

    /// Returns the keys typed of an incomplete command, its operator included.
    pub fn pending(&self) -> Vec<Key> {
        [self.held.keys.as_slice(), self.pending.keys.as_slice()].concat()
    }

    /// Returns the incomplete command as the status line shows it.
    pub fn pending_text(&self) -> String {
        notation::print(&self.pending())
    }

    /// Returns the keys of the incomplete command without count and register,
    /// for which-key.
    pub fn sequence(&self) -> &[Key] {
        &self.pending.sequence
    }

    /// Drops an incomplete command, and the operator that is held.
    pub fn cancel(&mut self) {
        self.pending = Pending::default();
        self.let_go();
    }

    /// Ends an incomplete command because time has run out, where the user has
    /// set a time-out: where text is typed its keys become text, else they are
    /// dropped.
    pub fn expire(&mut self, place: Place) -> Vec<Outcome> {
        let pending = std::mem::take(&mut self.pending);
        if place.mode.types() {
            pending.keys.into_iter().map(Outcome::Type).collect()
        } else if pending.keys.is_empty() {
            Vec::new()
        } else {
            self.let_go();
            vec![Outcome::Cancelled]
        }
    }

    /// Takes what waits until something comes of it, or returns nothing when it
    /// has run out. The caller acts on it and asks again, with the place as it is
    /// then.
    pub fn step(&mut self, keymap: &Keymap, place: Place) -> Option<Outcome> {
        while let Some(waiting) = self.waiting.pop_front() {
            let (key, typed) = match waiting {
                Waiting::Errand(errand) => return Some(Outcome::Errand(errand)),
                Waiting::Key { key, typed } => (key, typed),
            };
            self.is_typed = typed;
            if typed {
                self.typed.push(key);
            }
            if let Some(outcome) = self.take(key, keymap, place) {
                return Some(outcome);
            }
        }
        None
    }

    /// Takes one key; nothing comes of it while more are needed.
    fn take(&mut self, key: Key, keymap: &Keymap, place: Place) -> Option<Outcome> {
        if keymap.cancels(key) && !(self.pending.keys.is_empty() && self.held.keys.is_empty()) {
            return if place.mode.types() && key != Key::INTERRUPT {
                Some(self.fail(key, keymap, place))
            } else {
                self.cancel();
                Some(Outcome::Cancelled)
            };
        }
        if key == Key::INTERRUPT {
            return Some(Outcome::Interrupt);
        }
        if !place.mode.types() && self.counts(key, keymap, place) {
            return None;
        }
        self.pending.keys.push(key);
        self.pending.sequence.push(key);
        // What is typed into a search's prompt is no operator's key.
        if !place.mode.types() && self.held.sequence.starts_with(&self.pending.sequence) {
            if self.held.sequence.len() > self.pending.sequence.len() {
                return None;
            }
            return Some(Outcome::Doubled(self.bound(None, &Arc::from([]))));
        }
        let found = keymap.find(place.mode, place.pane, &self.pending.sequence);
        let (binding, character) = match found {
            Found::More(_) => return None,
            Found::Both(binding, _, _) if binding.under(place.facts).is_none() => return None,
            Found::Value(binding, character) | Found::Both(binding, character, _) => (binding, character),
            Found::Nothing => {
                self.pending.keys.pop();
                self.pending.sequence.pop();
                return Some(self.fail(key, keymap, place));
            }
        };
        let Some(meaning) = binding.under(place.facts) else {
            return Some(self.refuse(keymap, place));
        };
        match &meaning.act {
            Act::Run(lines) => Some(Outcome::Run(self.bound(character, lines))),
            Act::Nop => {
                self.pending = Pending::default();
                Some(Outcome::Swallowed)
            }
            Act::Register => match character.filter(|name| is_register(*name)) {
                Some(name) => {
                    self.pending.before = self.pending.count();
                    self.pending.digits = None;
                    self.pending.register = Some(name);
                    self.pending.sequence.clear();
                    None
                }
                None => Some(self.refuse(keymap, place)),
            },
        }
    }

    /// Returns the command that is complete.
    fn bound(&mut self, character: Option<char>, lines: &Arc<[String]>) -> Bound {
        let pending = std::mem::take(&mut self.pending);
        Bound {
            count: pending.count(),
            register: pending.register,
            character,
            lines: Arc::clone(lines),
            keys: pending.keys,
            sequence: pending.sequence,
        }
    }

    /// Takes a digit of a count, or `<Del>`, which takes the last digit back.
    fn counts(&mut self, key: Key, keymap: &Keymap, place: Place) -> bool {
        if !self.pending.sequence.is_empty() {
            return false;
        }
        if let Some(digits) = self.pending.digits {
            if key == Key::plain(Code::Delete) {
                self.pending.digits = Some(digits / 10).filter(|left| *left > 0);
                self.pending.keys.pop();
                return true;
            }
            let Some(digit) = key.typed().and_then(|typed| typed.to_digit(10)) else {
                return false;
            };
            let count = digits.saturating_mul(10).saturating_add(digit);
            self.pending.digits = Some(count.min(LARGEST_COUNT));
            self.pending.keys.push(key);
            return true;
        }
        let digit = key.typed().and_then(|typed| typed.to_digit(10));
        let Some(digit @ 1..=9) = digit else {
            return false;
        };
        if !matches!(keymap.find(place.mode, place.pane, &[key]), Found::Nothing) {
            return false;
        }
        self.pending.digits = Some(digit);
        self.pending.keys.push(key);
        true
    }

    /// Ends the pending sequence, which `key` does not continue.
    fn fail(&mut self, key: Key, keymap: &Keymap, place: Place) -> Outcome {
        if place.mode.types() {
            let mut keys = std::mem::take(&mut self.pending).keys;
            keys.push(key);
            let first = keys.remove(0);
            self.feed_before(&keys);
            return Outcome::Type(first);
        }
        if self.pending.sequence.is_empty() {
            self.pending.keys.push(key);
            self.pending.sequence.push(key);
        } else {
            // It will be read again, and is recorded then.
            if self.is_typed {
                self.typed.pop();
            }
            self.waiting.push_front(Waiting::Key { key, typed: self.is_typed });
        }
        self.refuse(keymap, place)
    }

    /// Gives up the pending keys, telling why.
    fn refuse(&mut self, keymap: &Keymap, place: Place) -> Outcome {
        let pending = std::mem::take(&mut self.pending);
        if place.mode.types() {
            let mut keys = pending.keys;
            let first = keys.remove(0);
            self.feed_before(&keys);
            return Outcome::Type(first);
        }
        self.let_go();
        let reason = keymap.reason(place, &pending.sequence);
        Outcome::Nothing { keys: pending.keys, reason }
    }
}

/// Returns whether a character names a register of Vim's.
fn is_register(name: char) -> bool {
    name.is_ascii_alphanumeric() || "\"-_+*:./%#".contains(name)
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;

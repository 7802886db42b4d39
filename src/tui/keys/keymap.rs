//! A keymap: files laid over one another, one tree of sequences a mode and pane.
//!
//! What is nearer to the user wins. A file lies over the one it inherits; in
//! the result a pane's table lies over its mode's, and visual mode and an operator's
//! wait over normal mode. A binding laid over others takes the place of the same sequence (of
//! one that it only has under a condition, it comes first) and hides those
//! that it begins or that begin it, since keys have no time-out; where that
//! happens it is told, as a warning.

use std::collections::BTreeMap;
use std::ops::Bound::{Included, Unbounded};
use std::path::PathBuf;

use super::binding::{Act, Alternative, Binding};
use super::fact::Facts;
use super::file::{Check, Entry, KeymapFile, Layer, Said, read, table_name};
use super::key::Key;
use super::layer::{Mode, Pane};
use super::trie::{Found, Step, Trie, print_steps};
use crate::tui::diagnostic::{Diagnostic, Source};
use crate::tui::shelf::{Shelf, ShelfError};

/// The keymaps that come with the program.
const EMBEDDED: &[(&str, &str)] =
    &[("vim", include_str!("../../../keymaps/vim.toml")), ("arrows", include_str!("../../../keymaps/arrows.toml"))];

/// Returns the shelf of keymaps: the embedded ones, and those in the user's
/// folder, if it is given.
pub fn shelf(directory: Option<PathBuf>) -> Shelf {
    Shelf { folder: "keymaps", embedded: EMBEDDED, directory }
}

/// The sequences of one table, and what they are bound to.
type Table = BTreeMap<Vec<Step>, Said>;

/// What the state must tell for a key to be looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// How keys are read.
    pub mode: Mode,
    /// What has the focus.
    pub pane: Pane,
    /// What holds, for conditions.
    pub facts: Facts,
}

/// What may be typed next, for the which-key box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The key, or any character.
    pub step: Step,
    /// The binding it completes, or nothing if more keys follow.
    pub binding: Option<Alternative>,
    /// What the keys that follow are called, where the file says so.
    pub label: Option<String>,
    /// How many sequences go on from here.
    pub more: usize,
}

/// Why keys mean nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is bound to them anywhere.
    Unbound,
    /// They mean something only when this holds.
    Unless(String),
    /// They mean something in these panes.
    Elsewhere(Vec<Pane>),
}

/// Bindings of every mode and pane, ready to be looked up.
#[derive(Debug, Clone)]
pub struct Keymap {
    name: String,
    tries: Vec<Trie<Binding>>,
    labels: Vec<BTreeMap<Vec<Step>, String>>,
    cancel: Vec<Key>,
}

/// A keymap and what is wrong in its files.
#[derive(Debug, Clone)]
pub struct LoadedKeymap {
    /// The keymap, without the bindings that are wrong.
    pub keymap: Keymap,
    /// What is wrong, in the order of the files and lines.
    pub diagnostics: Vec<Diagnostic>,
}

impl Keymap {
    /// Loads a keymap by name, with those it inherits.
    ///
    /// # Errors
    ///
    /// There is no such file, or it cannot be read. What is wrong inside files
    /// is no error but a diagnostic.
    pub fn load(name: &str, shelf: &Shelf, check: Check<'_>) -> Result<LoadedKeymap, ShelfError> {
        let mut diagnostics = Vec::new();
        let chain = shelf.chain(name, &mut diagnostics, |source, diagnostics| {
            let file = read(source, check, diagnostics);
            let inherits = file.inherits.clone();
            (file, inherits)
        })?;
        let mut layers = Layers::default();
        for (volume, file) in chain.into_iter().rev() {
            let source = Source { file: &volume.file, text: &volume.text };
            layers.lay_file(source, file, &mut diagnostics);
        }
        Ok(LoadedKeymap { keymap: layers.keymap(name), diagnostics })
    }

    /// Returns the name it was loaded by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether a key drops what is pending.
    pub fn cancels(&self, key: Key) -> bool {
        key == Key::INTERRUPT || self.cancel.contains(&key)
    }

    /// Returns what keys lead to in a mode and pane, whatever the conditions.
    pub fn find(&self, mode: Mode, pane: Pane, keys: &[Key]) -> Found<'_, Binding> {
        self.trie(mode, pane).find(keys)
    }

    /// Returns every sequence of a mode and pane with its binding.
    pub fn sequences(&self, mode: Mode, pane: Pane) -> Vec<(Vec<Step>, &Binding)> {
        self.trie(mode, pane).sequences()
    }

    /// Returns the sequences that run just this line in a mode and pane, the
    /// shortest first; for help and for the palette.
    pub fn keys_for(&self, mode: Mode, pane: Pane, line: &str) -> Vec<String> {
        let mut found: Vec<(usize, String)> = self
            .sequences(mode, pane)
            .into_iter()
            .filter(|(_, binding)| {
                binding.alternatives.iter().any(|one| matches!(&one.act, Act::Run(lines) if matches!(&lines[..], [only] if only == line)))
            })
            .map(|(steps, _)| (steps.len(), print_steps(&steps)))
            .collect();
        found.sort();
        found.into_iter().map(|(_, printed)| printed).collect()
    }

    /// Returns what may follow the keys typed so far, in the order of the keys.
    pub fn following(&self, place: Place, keys: &[Key]) -> Vec<Next> {
        let (Found::More(node) | Found::Both(_, _, node)) = self.find(place.mode, place.pane, keys) else {
            return Vec::new();
        };
        let labels = &self.labels[index(place.mode, place.pane)];
        let mut path: Vec<Step> = keys.iter().copied().map(Step::Key).collect();
        node.following()
            .filter_map(|(step, next)| {
                path.push(step);
                let label = labels.get(&path).cloned();
                path.pop();
                // One under a condition that does not hold leaves what follows it.
                let open = next.value().is_some() && next.following().next().is_some();
                let binding = next.value().map(|binding| binding.under(place.facts)).filter(|held| !(open && held.is_none()));
                match binding {
                    Some(None) => None,
                    other => Some(Next {
                        step,
                        binding: other.flatten().cloned(),
                        label,
                        more: if next.value().is_some() && !open { 0 } else { next.count() },
                    }),
                }
            })
            .collect()
    }

    /// Returns why keys mean nothing at a place.
    pub fn reason(&self, place: Place, keys: &[Key]) -> Reason {
        if let Found::Value(binding, _) | Found::Both(binding, _, _) = self.find(place.mode, place.pane, keys)
            && let Some(when) = binding.alternatives.iter().find_map(|one| one.when.as_ref())
        {
            return Reason::Unless(when.to_string());
        }
        let elsewhere: Vec<Pane> =
            Pane::ALL.into_iter().filter(|pane| matches!(self.find(place.mode, *pane, keys), Found::Value(..))).collect();
        if elsewhere.is_empty() { Reason::Unbound } else { Reason::Elsewhere(elsewhere) }
    }

    fn trie(&self, mode: Mode, pane: Pane) -> &Trie<Binding> {
        &self.tries[index(mode, pane)]
    }
}

/// Where a mode and pane stand among the trees.
fn index(mode: Mode, pane: Pane) -> usize {
    mode as usize * Pane::ALL.len() + pane as usize
}

/// The tables of all files so far, laid over one another.
#[derive(Default)]
struct Layers {
    tables: BTreeMap<Layer, Table>,
    labels: BTreeMap<Layer, BTreeMap<Vec<Step>, String>>,
    cancel: Option<Vec<Key>>,
}

impl Layers {
    /// Lays a file over those so far.
    fn lay_file(&mut self, source: Source<'_>, file: KeymapFile, diagnostics: &mut Vec<Diagnostic>) {
        if file.cancel.is_some() {
            self.cancel = file.cancel;
        }
        for (layer, labels) in file.labels {
            self.labels.entry(layer).or_default().extend(labels);
        }
        for (layer, entries) in file.tables {
            let unbinds_nothing: Vec<&Entry> =
                entries.iter().filter(|entry| matches!(entry.said, Said::Off) && !self.has(layer, &entry.steps)).collect();
            for entry in unbinds_nothing {
                let keys = print_steps(&entry.steps);
                let message = format!("“{keys}” is not bound in {}", table_name(layer));
                diagnostics.push(source.warning(entry.at.clone(), message, None));
            }
            for entry in &entries {
                let mut others: Vec<Vec<Step>> = Vec::new();
                for under in [Some(layer), layer.1.map(|_| (layer.0, None))] {
                    let table = under.and_then(|under| self.tables.get(&under));
                    others.extend(table.map_or_else(Vec::new, |table| hides(table, &entry.steps, &entry.said)));
                }
                if let Some(first) = others.first() {
                    let keys = print_steps(&entry.steps);
                    let first = print_steps(first);
                    let message = match others.len() {
                        1 => format!("“{keys}” hides “{first}”"),
                        count => format!("“{keys}” hides {count} sequences, the first “{first}”"),
                    };
                    let hint = Some("keys have no time-out: unbind those with “false”".to_owned());
                    diagnostics.push(source.warning(entry.at.clone(), message, hint));
                }
            }
            let over: Table = entries.into_iter().map(|entry| (entry.steps, entry.said)).collect();
            lay(self.tables.entry(layer).or_default(), &over);
        }
    }

    /// Returns whether a sequence, or one that begins like it, is bound where
    /// unbinding it in a layer would be felt.
    fn has(&self, (mode, pane): Layer, steps: &[Step]) -> bool {
        let mut felt = vec![(mode, pane), (mode, None)];
        if let Some(beneath) = mode.beneath() {
            felt.extend([(beneath, pane), (beneath, None)]);
        }
        felt.iter().filter_map(|layer| self.tables.get(layer)).any(|table| !beginning(table, steps).is_empty())
    }

    /// Makes the tree of every mode and pane.
    fn keymap(&self, name: &str) -> Keymap {
        let mut tries = Vec::new();
        let mut labels = Vec::new();
        for mode in Mode::ALL {
            for pane in Pane::ALL {
                let mut layers = Vec::new();
                if let Some(beneath) = mode.beneath() {
                    layers.extend([(beneath, None), (beneath, Some(pane))]);
                }
                layers.extend([(mode, None), (mode, Some(pane))]);
                let mut table = Table::new();
                let mut names = BTreeMap::new();
                for layer in layers {
                    if let Some(over) = self.tables.get(&layer) {
                        lay(&mut table, over);
                    }
                    names.extend(self.labels.get(&layer).cloned().unwrap_or_default());
                }
                let mut trie = Trie::default();
                for (steps, said) in table {
                    if let Said::Bound(binding) = said {
                        trie.insert(&steps, binding);
                    }
                }
                tries.push(trie);
                labels.push(names);
            }
        }
        Keymap { name: name.to_owned(), tries, labels, cancel: self.cancel.clone().unwrap_or_else(|| vec![Key::ESC]) }
    }
}

/// Returns the bound sequences of a table that begin with these steps, the same
/// one included.
fn beginning(table: &Table, steps: &[Step]) -> Vec<Vec<Step>> {
    table
        .range::<[Step], _>((Included(steps), Unbounded))
        .take_while(|(other, _)| other.starts_with(steps))
        .filter(|(_, said)| matches!(said, Said::Bound(_)))
        .map(|(other, _)| other.clone())
        .collect()
}

/// Returns the other sequences of a table that could not be typed beside a
/// binding of these steps: those that it begins and those that begin it.
fn hides(table: &Table, steps: &[Step], said: &Said) -> Vec<Vec<Step>> {
    if matches!(said, Said::Off) {
        return Vec::new();
    }
    let mut others: Vec<Vec<Step>> = (1..steps.len())
        .map(|length| steps[..length].to_vec())
        .filter(|shorter| matches!(table.get(shorter), Some(Said::Bound(binding)) if !binding.is_conditional()))
        .collect();
    if !matches!(said, Said::Bound(binding) if binding.is_conditional()) {
        others.extend(beginning(table, steps));
    }
    others.retain(|other| other != steps);
    others
}

/// Lays a table over another.
fn lay(under: &mut Table, over: &Table) {
    for (steps, said) in over {
        match said {
            Said::Off => {
                for other in beginning(under, steps) {
                    under.remove(&other);
                }
                under.insert(steps.clone(), Said::Off);
            }
            Said::Bound(binding) => {
                for other in hides(under, steps, said) {
                    under.remove(&other);
                }
                let mut binding = binding.clone();
                if binding.is_conditional()
                    && let Some(Said::Bound(beneath)) = under.get(steps)
                {
                    binding.alternatives.extend(beneath.alternatives.iter().cloned());
                }
                under.insert(steps.clone(), Said::Bound(binding));
            }
        }
    }
}

#[cfg(test)]
#[path = "keymap_tests.rs"]
mod tests;

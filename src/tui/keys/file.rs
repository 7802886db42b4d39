//! One keymap file, read and checked by itself.
//!
//! A file is `inherits = "NAME"`, `cancel = ["KEYS", …]` and tables: `[MODE]`
//! and `[MODE.PANE]`, in which a sequence of keys has a value:
//!
//! - `"filter owner:me"`: what one could type after `:`;
//! - `["down", "show"]`: one after the other;
//! - `{ run = …, when = "overlay", desc = "…" }`, or a list of such, of which
//!   the first that holds is taken;
//! - `{ prefix = "register" }`: the character typed names a register;
//! - `{ desc = "…" }`: what the keys that begin like this are called;
//! - `false` unbinds, `"nop"` swallows.
//!
//! A mistake leaves out its binding and nothing else. What files say of one
//! another is [`super::keymap`]'s.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::binding::{Act, Alternative, Binding, Origin};
use super::condition::Condition;
use super::key::Key;
use super::layer::{Mode, Pane};
use super::notation;
use super::trie::{Step, print_steps};
use crate::tui::diagnostic::{Diagnostic, Source, nearest};
use crate::tui::shelf::Inherits;

/// How many steps a sequence may have.
const LONGEST: usize = 16;

/// What is wrong with a command line, said by whoever knows the commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// Where in the line, in bytes.
    pub at: Range<usize>,
    /// What is wrong, such as "unknown command `fitler`".
    pub message: String,
    /// What to write instead, such as "did you mean `filter`?".
    pub hint: Option<String>,
}

/// Tells whether a line may be typed after `:`. This room knows no commands.
pub type Check<'check> = &'check dyn Fn(&str) -> Result<(), Complaint>;

/// A table's name: a mode, and perhaps a pane.
pub(super) type Layer = (Mode, Option<Pane>);

/// What a file says of a sequence.
#[derive(Debug, Clone)]
pub(super) enum Said {
    /// It is bound.
    Bound(Binding),
    /// It is unbound, with all that begin like it.
    Off,
}

/// A sequence in a table of a file.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) steps: Vec<Step>,
    pub(super) said: Said,
    /// The key's place in the file.
    pub(super) at: Range<usize>,
}

/// A file that was read.
#[derive(Debug, Default)]
pub(super) struct KeymapFile {
    /// The name it inherits, with its place.
    pub(super) inherits: Option<Inherits>,
    /// The keys that drop what is pending.
    pub(super) cancel: Option<Vec<Key>>,
    pub(super) tables: BTreeMap<Layer, Vec<Entry>>,
    /// What the keys that begin a sequence are called.
    pub(super) labels: BTreeMap<Layer, Vec<(Vec<Step>, String)>>,
}

/// Reads a file; mistakes are added to `diagnostics`.
pub(super) fn read(source: Source<'_>, check: Check<'_>, diagnostics: &mut Vec<Diagnostic>) -> KeymapFile {
    let (table, errors) = DeTable::parse_recoverable(source.text);
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        let message = match error.message() {
            "duplicate key" => {
                format!("duplicate sequence “{}”", source.text.get(at.clone()).unwrap_or_default().trim_matches(['"', '\'']))
            }
            other => other.to_owned(),
        };
        diagnostics.push(source.error(at, message, None));
    }
    let mut reader = Reader { source, check, diagnostics, origin: Arc::from(source.file), file: KeymapFile::default() };
    for (key, value) in table.get_ref() {
        reader.top(key, value);
    }
    let mut file = reader.file;
    for (layer, entries) in &mut file.tables {
        drop_conflicts(source, *layer, entries, diagnostics);
    }
    file
}

/// Reads the values of one file.
struct Reader<'read, 'text> {
    source: Source<'text>,
    check: Check<'read>,
    diagnostics: &'read mut Vec<Diagnostic>,
    origin: Arc<Path>,
    file: KeymapFile,
}

impl Reader<'_, '_> {
    fn error(&mut self, at: Range<usize>, message: impl Into<String>, hint: Option<String>) {
        self.diagnostics.push(self.source.error(at, message, hint));
    }

    /// Reads what stands at the top of the file.
    fn top(&mut self, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let name = key.get_ref().as_ref();
        match (name, value.get_ref()) {
            ("inherits", DeValue::String(parent)) => {
                self.file.inherits = Some(Inherits { name: parent.to_string(), at: value.span() });
            }
            ("inherits", _) => {
                self.error(value.span(), "“inherits” is the name of a keymap", None);
            }
            ("cancel", DeValue::Array(keys)) => {
                let mut cancel = Vec::new();
                for one in keys {
                    match one.get_ref() {
                        DeValue::String(text) => match notation::parse(text) {
                            Ok(keys) if keys.len() == 1 => cancel.extend(keys),
                            _ => self.error(one.span(), "“cancel” takes single keys", None),
                        },
                        _ => self.error(one.span(), "“cancel” takes single keys", None),
                    }
                }
                self.file.cancel = Some(cancel);
            }
            ("cancel", _) => self.error(value.span(), "“cancel” is a list of keys", None),
            (_, DeValue::Table(table)) => match Mode::named(name) {
                Some(mode) => self.mode(mode, table),
                None => {
                    let hint = one_of(name, &Mode::ALL.map(Mode::name));
                    self.error(key.span(), format!("unknown mode “{name}”"), Some(hint));
                }
            },
            _ => {
                let hint = one_of(name, &["inherits", "cancel"]);
                self.error(key.span(), format!("unknown setting “{name}”"), Some(hint));
            }
        }
    }

    /// Reads a mode's table, and the panes' tables in it.
    fn mode(&mut self, mode: Mode, table: &DeTable<'_>) {
        self.file.tables.entry((mode, None)).or_default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match value.get_ref() {
                DeValue::Table(inner) if !is_binding(inner) => match Pane::named(name) {
                    Some(pane) => {
                        self.file.tables.entry((mode, Some(pane))).or_default();
                        for (key, value) in inner {
                            self.entry((mode, Some(pane)), key, value);
                        }
                    }
                    None => {
                        let hint = one_of(name, &Pane::ALL.map(Pane::name));
                        self.error(key.span(), format!("unknown pane “{name}”"), Some(hint));
                    }
                },
                _ => self.entry((mode, None), key, value),
            }
        }
    }

    /// Reads a sequence and what it is bound to.
    fn entry(&mut self, layer: Layer, key: &Spanned<DeString<'_>>, value: &Spanned<DeValue<'_>>) {
        let at = key.span();
        let Some(steps) = self.steps(key.get_ref(), at.clone()) else { return };
        let said = match value.get_ref() {
            DeValue::Boolean(false) => Said::Off,
            DeValue::Boolean(true) => {
                let hint = Some("“false” unbinds; a binding is a command line".to_owned());
                return self.error(value.span(), "“true” binds nothing", hint);
            }
            DeValue::Table(table) if is_label(table) => {
                if let Some(label) = table.values().next().and_then(|desc| desc.get_ref().as_str()) {
                    let labels = self.file.labels.entry(layer).or_default();
                    labels.push((steps, label.to_owned()));
                } else {
                    self.error(value.span(), "“desc” is a text", None);
                }
                return;
            }
            _ => match self.alternatives(value) {
                Some(alternatives) => Said::Bound(Binding { alternatives }),
                None => return,
            },
        };
        if let Said::Bound(binding) = &said
            && binding.alternatives.iter().any(|one| one.act == Act::Register)
            && (steps.last() != Some(&Step::Char) || layer.0.types())
        {
            let message = "a register's prefix ends with “<Char>”, in normal or visual mode";
            return self.error(at, message, None);
        }
        let entries = self.file.tables.entry(layer).or_default();
        entries.push(Entry { steps, said, at });
    }

    /// Reads a sequence's steps.
    fn steps(&mut self, text: &str, at: Range<usize>) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        let mut from = 0;
        while from < text.len() {
            if text[from..].len() >= 6 && text.is_char_boundary(from + 6) && text[from..from + 6].eq_ignore_ascii_case("<char>") {
                steps.push(Step::Char);
                from += 6;
                continue;
            }
            match notation::next(text, from) {
                Ok(Some((key, length))) => {
                    if key == Key::INTERRUPT {
                        let part = self.source.inside(at, from..from + length);
                        let message = "“<C-c>” cannot be bound: it cancels what runs";
                        self.error(part, message, None);
                        return None;
                    }
                    steps.push(Step::Key(key));
                    from += length;
                }
                Ok(None) => break,
                Err(wrong) => {
                    let part = self.source.inside(at, wrong.at);
                    self.error(part, wrong.message, wrong.hint);
                    return None;
                }
            }
        }
        let characters = steps.iter().filter(|step| **step == Step::Char).count();
        let message = if steps.is_empty() {
            "an empty sequence cannot be typed".to_owned()
        } else if steps.len() > LONGEST {
            format!("a sequence has at most {LONGEST} keys")
        } else if characters > 1 {
            "a sequence has at most one “<Char>”".to_owned()
        } else {
            return Some(steps);
        };
        self.error(at, message, None);
        None
    }

    /// Reads the meanings of a sequence.
    fn alternatives(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Vec<Alternative>> {
        let DeValue::Array(list) = value.get_ref() else {
            return self.alternative(value).map(|one| vec![one]);
        };
        if !list.iter().any(|one| one.get_ref().is_table()) {
            let act = self.run(value)?;
            return Some(vec![self.meaning(act, value.span())]);
        }
        let mut all: Vec<Alternative> = Vec::new();
        for one in list {
            if all.last().is_some_and(|before| before.when.is_none()) {
                let hint = Some("the one before it has no “when”".to_owned());
                self.error(one.span(), "this is never reached", hint);
                break;
            }
            all.push(self.alternative(one)?);
        }
        Some(all)
    }

    /// Reads one meaning: a line, or a table with `run`.
    fn alternative(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Alternative> {
        let DeValue::Table(table) = value.get_ref() else {
            let act = self.run(value)?;
            return Some(self.meaning(act, value.span()));
        };
        let mut act = None;
        let mut when = None;
        let mut desc = None;
        for (key, field) in table {
            let name = key.get_ref().as_ref();
            match (name, field.get_ref()) {
                ("run", _) => act = Some(self.run(field)?),
                ("prefix", DeValue::String(kind)) if kind == "register" => {
                    act = Some(Act::Register);
                }
                ("prefix", _) => {
                    self.error(field.span(), "“prefix” is \"register\"", None);
                    return None;
                }
                ("when", DeValue::String(text)) => match Condition::parse(text) {
                    Ok(condition) => when = Some(condition),
                    Err(wrong) => {
                        let part = self.source.inside(field.span(), wrong.at);
                        self.error(part, wrong.message, wrong.hint);
                        return None;
                    }
                },
                ("desc", DeValue::String(text)) => desc = Some(text.to_string()),
                ("when" | "desc", _) => {
                    self.error(field.span(), format!("“{name}” is a text"), None);
                    return None;
                }
                _ => {
                    let hint = one_of(name, FIELDS);
                    self.error(key.span(), format!("unknown field “{name}”"), Some(hint));
                    return None;
                }
            }
        }
        let Some(act) = act else {
            let hint = Some("“\"nop\"” does nothing, “false” unbinds".to_owned());
            self.error(value.span(), "“run” is missing", hint);
            return None;
        };
        Some(Alternative { when, desc, ..self.meaning(act, value.span()) })
    }

    /// Returns an unconditional meaning written at a place.
    fn meaning(&self, act: Act, at: Range<usize>) -> Alternative {
        Alternative { act, when: None, desc: None, origin: Origin { file: Arc::clone(&self.origin), line: self.source.place(at.start).0 } }
    }

    /// Reads command lines.
    fn run(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Act> {
        let lines = match value.get_ref() {
            DeValue::String(text) if text == "nop" => return Some(Act::Nop),
            DeValue::String(_) => std::slice::from_ref(value),
            DeValue::Array(list) if !list.is_empty() => list,
            _ => {
                let message = "a binding is a command line or a list of them";
                self.error(value.span(), message, None);
                return None;
            }
        };
        let mut checked = Vec::new();
        for line in lines {
            let DeValue::String(text) = line.get_ref() else {
                self.error(line.span(), "a command line is a text", None);
                return None;
            };
            if let Err(complaint) = (self.check)(text) {
                let part = self.source.inside(line.span(), complaint.at);
                self.error(part, complaint.message, complaint.hint);
                return None;
            }
            checked.push(text.to_string());
        }
        Some(Act::Run(checked.into()))
    }
}

/// The fields of a binding's table.
const FIELDS: &[&str] = &["run", "when", "desc", "prefix"];

/// Returns whether a table is a binding and not a pane's.
fn is_binding(table: &DeTable<'_>) -> bool {
    table.keys().any(|key| FIELDS.contains(&key.get_ref().as_ref()))
}

/// Returns whether a table only says what a beginning of keys is called.
fn is_label(table: &DeTable<'_>) -> bool {
    table.len() == 1 && table.keys().all(|key| key.get_ref() == "desc")
}

/// Returns the hint for a word that is not one of these.
fn one_of(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean “{near}”?"),
        None => format!("one of {}", known.join(", ")),
    }
}

/// Drops the bindings of one table that cannot stand beside one another: the
/// second of two equal sequences, and a sequence that begins another.
fn drop_conflicts(source: Source<'_>, layer: Layer, entries: &mut Vec<Entry>, diagnostics: &mut Vec<Diagnostic>) {
    entries.sort_by_key(|entry| entry.at.start);
    let mut bad = vec![false; entries.len()];
    let bound = |entry: &Entry| matches!(entry.said, Said::Bound(_));
    for (index, entry) in entries.iter().enumerate() {
        let first = entries[..index].iter().find(|other| other.steps == entry.steps);
        if let Some(first) = first {
            bad[index] = true;
            diagnostics.push(source.error(
                entry.at.clone(),
                format!("duplicate sequence “{}”", print_steps(&entry.steps)),
                Some(format!("first bound on line {}", source.place(first.at.start).0)),
            ));
            continue;
        }
        // One under a condition may begin others: they are typed while it does not hold.
        let always = matches!(&entry.said, Said::Bound(binding) if !binding.is_conditional());
        let longer = entries.iter().find(|other| {
            always && bound(entry) && bound(other) && other.steps.len() > entry.steps.len() && other.steps.starts_with(&entry.steps)
        });
        if let Some(longer) = longer {
            bad[index] = true;
            diagnostics.push(source.error(
                entry.at.clone(),
                format!(
                    "“{}” begins “{}” (line {}) in {}",
                    print_steps(&entry.steps),
                    print_steps(&longer.steps),
                    source.place(longer.at.start).0,
                    table_name(layer),
                ),
                Some("keys have no time-out: unbind one of the two".to_owned()),
            ));
        }
    }
    let mut bad = bad.into_iter();
    entries.retain(|_| !bad.next().unwrap_or(false));
}

/// Returns a table's name as a file has it.
pub(super) fn table_name((mode, pane): Layer) -> String {
    match pane {
        Some(pane) => format!("[{}.{}]", mode.name(), pane.name()),
        None => format!("[{}]", mode.name()),
    }
}

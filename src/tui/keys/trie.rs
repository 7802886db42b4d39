//! A tree of key sequences, from which keys are looked up one by one and the
//! which-key box and the help are made.
//!
//! A step is a key, or any character (`<Char>`, as in `f<Char>`). A key of its
//! own wins over any character.

use std::collections::BTreeMap;
use std::fmt;

use super::key::Key;

/// One step of a sequence in a keymap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// This key.
    Key(Key),
    /// Any key that types a character, which the command is given.
    Char,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "{key}"),
            Self::Char => f.write_str("<Char>"),
        }
    }
}

/// Prints a sequence as a keymap file has it.
pub fn print_steps(steps: &[Step]) -> String {
    steps.iter().map(Step::to_string).collect()
}

/// A node: what the keys up to here mean, and what may follow.
#[derive(Debug, Clone)]
pub struct Trie<V> {
    next: BTreeMap<Step, Trie<V>>,
    value: Option<V>,
}

impl<V> Default for Trie<V> {
    fn default() -> Self {
        Self { next: BTreeMap::new(), value: None }
    }
}

/// What a sequence of keys leads to.
#[derive(Debug)]
pub enum Found<'trie, V> {
    /// A value, with the character that `<Char>` stood for.
    Value(&'trie V, Option<char>),
    /// A value that more keys may follow: it counts while its condition holds.
    Both(&'trie V, Option<char>, &'trie Trie<V>),
    /// More keys are needed.
    More(&'trie Trie<V>),
    /// No sequence begins like this.
    Nothing,
}

impl<V> Trie<V> {
    /// Puts a value at the end of a sequence.
    ///
    /// The caller keeps sequences free of prefixes, but for values under a condition.
    pub fn insert(&mut self, steps: &[Step], value: V) {
        let mut node = self;
        for step in steps {
            node = node.next.entry(*step).or_default();
        }
        node.value = Some(value);
    }

    /// Returns what these keys lead to.
    pub fn find(&self, keys: &[Key]) -> Found<'_, V> {
        let mut node = self;
        let mut character = None;
        for key in keys {
            node = match node.next.get(&Step::Key(*key)) {
                Some(next) => next,
                None => match (node.next.get(&Step::Char), key.typed()) {
                    (Some(next), Some(typed)) => {
                        character = Some(typed);
                        next
                    }
                    _ => return Found::Nothing,
                },
            };
        }
        match &node.value {
            Some(value) if node.next.is_empty() => Found::Value(value, character),
            Some(value) => Found::Both(value, character, node),
            None if node.next.is_empty() => Found::Nothing,
            None => Found::More(node),
        }
    }

    /// Returns what may follow here: each step, and what it leads to.
    pub fn following(&self) -> impl Iterator<Item = (Step, &Trie<V>)> {
        self.next.iter().map(|(step, next)| (*step, next))
    }

    /// Returns the value at this node.
    pub fn value(&self) -> Option<&V> {
        self.value.as_ref()
    }

    /// Returns how many values this node and those below it hold.
    pub fn count(&self) -> usize {
        usize::from(self.value.is_some()) + self.next.values().map(Self::count).sum::<usize>()
    }

    /// Returns every sequence with its value, in the order of the keys.
    pub fn sequences(&self) -> Vec<(Vec<Step>, &V)> {
        let mut all = Vec::new();
        self.collect(&mut Vec::new(), &mut all);
        all
    }

    fn collect<'trie>(&'trie self, steps: &mut Vec<Step>, into: &mut Vec<(Vec<Step>, &'trie V)>) {
        if let Some(value) = &self.value {
            into.push((steps.clone(), value));
        }
        for (step, next) in &self.next {
            steps.push(*step);
            next.collect(steps, into);
            steps.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(text: &str) -> Vec<Step> {
        text.chars()
            .map(|character| match character {
                '?' => Step::Char,
                other => Step::Key(Key::char(other)),
            })
            .collect()
    }

    fn keys(text: &str) -> Vec<Key> {
        text.chars().map(Key::char).collect()
    }

    #[test]
    fn sequences_are_found_key_by_key() {
        let mut trie = Trie::default();
        trie.insert(&steps("gg"), 1);
        trie.insert(&steps("G"), 2);
        assert!(matches!(trie.find(&keys("gg")), Found::Value(1, None)));
        assert!(matches!(trie.find(&keys("G")), Found::Value(2, None)));
        assert!(matches!(trie.find(&keys("g")), Found::More(_)));
        assert!(matches!(trie.find(&keys("gz")), Found::Nothing));
        assert!(matches!(trie.find(&keys("ggg")), Found::Nothing));
        assert_eq!(trie.count(), 2);
    }

    #[test]
    fn a_key_of_its_own_wins_over_any_character() {
        let mut trie = Trie::default();
        trie.insert(&steps("'?"), "mark");
        trie.insert(&steps("''"), "back");
        assert!(matches!(trie.find(&keys("''")), Found::Value(&"back", None)));
        assert!(matches!(trie.find(&keys("'a")), Found::Value(&"mark", Some('a'))));
        assert!(matches!(trie.find(&[Key::char('\''), Key::ENTER]), Found::Nothing));
        let all: Vec<String> = trie.sequences().iter().map(|(steps, _)| print_steps(steps)).collect();
        assert_eq!(all, ["''", "'<Char>"]);
    }

    #[test]
    fn an_empty_tree_finds_nothing() {
        let trie: Trie<()> = Trie::default();
        assert!(matches!(trie.find(&keys("a")), Found::Nothing));
    }
}

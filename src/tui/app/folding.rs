//! Which groups are folded: by name, so that folds stay where rows come and go.

use std::collections::BTreeSet;

/// Open and closed groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folding {
    /// Whether all are closed but the exceptions, or all open but these.
    all: bool,
    except: BTreeSet<String>,
}

impl Folding {
    /// Returns whether a group is closed.
    pub fn is_closed(&self, group: &str) -> bool {
        self.all != self.except.contains(group)
    }

    /// Closes or opens a group.
    pub fn set(&mut self, group: &str, closed: bool) {
        if self.all == closed {
            self.except.remove(group);
        } else {
            self.except.insert(group.to_owned());
        }
    }

    /// Closes or opens all.
    pub fn set_all(&mut self, closed: bool) {
        self.all = closed;
        self.except.clear();
    }

    /// Forgets the exceptions: other groups are shown now.
    pub fn forget(&mut self) {
        self.except.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_closed_one_by_one_or_all() {
        let mut folding = Folding::default();
        folding.set("today", true);
        assert!(folding.is_closed("today") && !folding.is_closed("yesterday"));
        folding.set_all(true);
        folding.set("today", false);
        assert!(!folding.is_closed("today") && folding.is_closed("yesterday"));
        folding.forget();
        assert!(folding.is_closed("today"));
        folding.set_all(false);
        assert!(!folding.is_closed("today"));
    }
}

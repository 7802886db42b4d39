//! How the screen is split among the panes: a tree of halves with their shares.
//!
//! A pane stands in it at most once. It knows places and sizes, and nothing of what
//! is drawn there.

use ratatui::layout::Rect;

use crate::tui::keys::Pane;

/// The smallest window worth reading, its frame included.
pub const SMALLEST: (u16, u16) = (20, 4);

/// A part of the screen: one pane, or two parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    /// One pane.
    Leaf(Pane),
    /// Two parts.
    Split(Box<Split>),
}

/// Two parts and how the room is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    /// Whether they stand side by side, else one above the other.
    pub beside: bool,
    /// The share of the first, in thousandths.
    pub share: u16,
    /// The left or upper part.
    pub first: Tree,
    /// The right or lower part.
    pub second: Tree,
}

impl Tree {
    /// Returns two parts side by side, or one above the other.
    pub fn of(beside: bool, share: u16, first: Self, second: Self) -> Self {
        Self::Split(Box::new(Split { beside, share, first, second }))
    }

    /// Returns the tree of all four panes.
    pub fn four() -> Self {
        let upper = Self::of(true, 600, Self::Leaf(Pane::Contacts), Self::Leaf(Pane::Timeline));
        let lower = Self::of(true, 600, Self::Leaf(Pane::Pipeline), Self::Leaf(Pane::Tickets));
        Self::of(false, 550, upper, lower)
    }

    /// Returns the panes, from the left and above.
    pub fn panes(&self) -> Vec<Pane> {
        match self {
            Self::Leaf(pane) => vec![*pane],
            Self::Split(split) => [split.first.panes(), split.second.panes()].concat(),
        }
    }

    /// Returns whether a pane stands in it.
    pub fn has(&self, pane: Pane) -> bool {
        self.panes().contains(&pane)
    }

    /// Returns each pane's place.
    pub fn places(&self, area: Rect) -> Vec<(Pane, Rect)> {
        match self {
            Self::Leaf(pane) => vec![(*pane, area)],
            Self::Split(split) => {
                let (first, second) = split.parts(area);
                [split.first.places(first), split.second.places(second)].concat()
            }
        }
    }

    /// Splits a pane's window: the new pane takes half of it, at the right or below.
    pub fn split(&mut self, pane: Pane, new: Pane, beside: bool) {
        match self {
            Self::Leaf(here) if *here == pane => *self = Self::of(beside, 500, Self::Leaf(pane), Self::Leaf(new)),
            Self::Leaf(_) => {}
            Self::Split(split) => {
                split.first.split(pane, new, beside);
                split.second.split(pane, new, beside);
            }
        }
    }

    /// Shows another pane where one stood.
    pub fn replace(&mut self, old: Pane, new: Pane) {
        match self {
            Self::Leaf(here) if *here == old => *here = new,
            Self::Leaf(_) => {}
            Self::Split(split) => {
                split.first.replace(old, new);
                split.second.replace(old, new);
            }
        }
    }

    /// Returns the tree without a pane; `None` if it was the only one.
    pub fn without(self, pane: Pane) -> Option<Self> {
        match self {
            Self::Leaf(here) => (here != pane).then_some(self),
            Self::Split(split) => {
                let Split { beside, share, first, second } = *split;
                match (first.without(pane), second.without(pane)) {
                    (Some(first), Some(second)) => Some(Self::of(beside, share, first, second)),
                    (one, other) => one.or(other),
                }
            }
        }
    }

    /// Makes a pane's window larger or smaller by so many cells of the terminal, at
    /// the cost of its nearest neighbour. Returns false where it has none there.
    pub fn resize(&mut self, pane: Pane, beside: bool, by: i32, area: Rect) -> bool {
        let Self::Split(split) = self else { return false };
        let (first, second) = split.parts(area);
        let is_first = split.first.has(pane);
        let inner = match (is_first, split.second.has(pane)) {
            (true, _) => split.first.resize(pane, beside, by, first),
            (_, true) => split.second.resize(pane, beside, by, second),
            _ => return false,
        };
        if inner || split.beside != beside {
            return inner;
        }
        let size = i32::from(if beside { area.width } else { area.height }).max(1);
        let own = i32::from(if beside { first.width } else { first.height });
        let own = (own + if is_first { by } else { -by }).clamp(0, size);
        // Rounded up, so that the share gives these cells again.
        split.share = ((own * 1_000 + size - 1) / size).clamp(50, 950) as u16;
        true
    }

    /// Gives all windows the same room along each direction.
    pub fn equalize(&mut self) {
        if let Self::Split(split) = self {
            let (first, second) = (split.first.count(split.beside), split.second.count(split.beside));
            split.share = (first * 1_000 / (first + second)) as u16;
            split.first.equalize();
            split.second.equalize();
        }
    }

    /// Returns how many windows stand in a row along a direction.
    fn count(&self, beside: bool) -> usize {
        match self {
            Self::Leaf(_) => 1,
            Self::Split(split) => {
                let (first, second) = (split.first.count(beside), split.second.count(beside));
                if split.beside == beside { first + second } else { first.max(second) }
            }
        }
    }
}

impl Split {
    fn parts(&self, area: Rect) -> (Rect, Rect) {
        let size = if self.beside { area.width } else { area.height };
        let least = if self.beside { SMALLEST.0 } else { SMALLEST.1 }.min(size / 2);
        let own = (u32::from(size) * u32::from(self.share) / 1_000) as u16;
        let own = own.clamp(least, size - least);
        if self.beside {
            (Rect { width: own, ..area }, Rect { x: area.x + own, width: size - own, ..area })
        } else {
            (Rect { height: own, ..area }, Rect { y: area.y + own, height: size - own, ..area })
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const AREA: Rect = Rect { x: 0, y: 0, width: 120, height: 38 };

    fn place(tree: &Tree, pane: Pane) -> Rect {
        tree.places(AREA).into_iter().find(|(here, _)| *here == pane).map_or(Rect::ZERO, |(_, place)| place)
    }

    #[test]
    fn windows_are_split_resized_and_closed() {
        let mut tree = Tree::Leaf(Pane::Contacts);
        tree.split(Pane::Contacts, Pane::Timeline, true);
        tree.split(Pane::Timeline, Pane::Tickets, false);
        assert_eq!(tree.panes(), [Pane::Contacts, Pane::Timeline, Pane::Tickets]);
        assert_eq!(place(&tree, Pane::Tickets), Rect::new(60, 19, 60, 19));
        assert!(tree.resize(Pane::Tickets, true, 10, AREA));
        assert_eq!(place(&tree, Pane::Tickets).width, 70);
        assert!(tree.resize(Pane::Tickets, false, -4, AREA));
        assert_eq!(place(&tree, Pane::Tickets).height, 15);
        assert!(!tree.resize(Pane::Contacts, false, 1, AREA), "nothing lies above or below");
        tree.equalize();
        assert_eq!((place(&tree, Pane::Contacts).width, place(&tree, Pane::Tickets).height), (60, 19));
        let tree = tree.without(Pane::Timeline).unwrap_or(Tree::Leaf(Pane::Record));
        assert_eq!(tree.panes(), [Pane::Contacts, Pane::Tickets]);
        assert_eq!(tree.without(Pane::Tickets).and_then(|tree| tree.without(Pane::Contacts)), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// However it is split and resized, windows cover the screen and do not overlap.
        #[test]
        fn windows_cover_the_screen(steps in proptest::collection::vec((0..4usize, 0..4usize, any::<bool>(), -60..60i32), 0..12)) {
            let mut tree = Tree::Leaf(Pane::Contacts);
            for (at, new, beside, by) in steps {
                let (pane, new) = (Pane::ALL[at], Pane::ALL[new]);
                if tree.has(pane) && !tree.has(new) {
                    tree.split(pane, new, beside);
                }
                tree.resize(pane, beside, by, AREA);
            }
            let places = tree.places(AREA);
            prop_assert_eq!(places.iter().map(|(_, place)| place.area()).sum::<u32>(), AREA.area());
            for (at, (_, one)) in places.iter().enumerate() {
                prop_assert!(places[at + 1..].iter().all(|(_, other)| one.intersection(*other).is_empty()));
            }
        }
    }
}

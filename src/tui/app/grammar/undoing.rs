//! Where the cursor goes when a step is taken back: Vim's rule (`u_undoredo`).
//!
//! A step is the blocks of rows that it took away, in their order, each counted in
//! the rows as they were then, and where the cursor was when it began.

use std::collections::HashMap;

use crate::tui::keys::Pane;

/// Rows that went at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui::app) struct Block {
    /// The first one, from 0.
    pub(in crate::tui::app) top: usize,
    /// How many.
    pub(in crate::tui::app) rows: usize,
}

/// What a step did to the rows of a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    pane: Pane,
    cursor: usize,
    blocks: Vec<Block>,
}

/// The steps of this session.
#[derive(Debug, Clone, Default)]
pub(in crate::tui::app) struct Places {
    known: HashMap<u64, Place>,
    doing: Option<Place>,
}

impl Places {
    /// Notes what the command does that is being carried out.
    pub(in crate::tui::app) fn doing(&mut self, pane: Pane, cursor: usize, blocks: Vec<Block>) {
        self.doing = Some(Place { pane, cursor, blocks });
    }

    /// Notes which step it became; `None` where it became none.
    pub(in crate::tui::app) fn done(&mut self, step: Option<u64>) {
        let (Some(step), Some(place)) = (step, self.doing.take()) else { return };
        match self.known.get_mut(&step).filter(|known| known.pane == place.pane) {
            Some(known) => known.blocks.extend(place.blocks),
            None => _ = self.known.insert(step, place),
        }
    }

    /// Returns the pane and the row that the cursor goes to when a step is taken back
    /// (`undo`) or done again; `None` for a step of which nothing is known.
    pub(in crate::tui::app) fn turned(&self, step: u64, undo: bool) -> Option<(Pane, usize)> {
        let place = self.known.get(&step)?;
        let row = if undo { undone(place) } else { redone(place) };
        Some((place.pane, row?.saturating_sub(1)))
    }
}

/// Lines count from 1 here, as in Vim's source: `top` is the line above the block.
fn undone(place: &Place) -> Option<usize> {
    let saved = place.cursor + 1;
    let mut cursor = None;
    let mut newest = usize::MAX;
    for Block { top, rows } in place.blocks.iter().rev().copied() {
        if top >= newest {
            continue;
        }
        if (top..=top + rows + 1).contains(&saved) {
            cursor = Some(saved);
            newest = saved - 1;
        } else {
            newest = top;
            cursor = Some(top + 1);
        }
    }
    off_by_one(cursor, saved)
}

fn redone(place: &Place) -> Option<usize> {
    let saved = place.cursor + 1;
    let mut cursor = None;
    let mut newest = usize::MAX;
    let last = place.blocks.len().saturating_sub(1);
    for (at, Block { top, .. }) in place.blocks.iter().copied().enumerate() {
        if top >= newest {
            continue;
        }
        if (top..=top + 1).contains(&saved) {
            cursor = Some(saved);
            newest = saved - 1;
        } else if newest == usize::MAX && at == last {
            newest = top;
            cursor = Some(top + 1);
        }
    }
    off_by_one(cursor, saved)
}

/// A cursor just below where it was saved goes there.
fn off_by_one(cursor: Option<usize>, saved: usize) -> Option<usize> {
    cursor.map(|cursor| if saved + 1 == cursor && cursor > 1 { cursor - 1 } else { cursor })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_goes_to_what_came_back() {
        let mut places = Places::default();
        places.doing(Pane::Contacts, 4, vec![Block { top: 4, rows: 2 }]);
        places.done(Some(7));
        assert_eq!(places.turned(7, true), Some((Pane::Contacts, 4)));
        assert_eq!(places.turned(7, false), Some((Pane::Contacts, 4)));
        assert_eq!(places.turned(8, true), None);
        // `:g` over rows 3, 5 and 9.
        places.doing(Pane::Contacts, 2, vec![Block { top: 2, rows: 1 }, Block { top: 3, rows: 1 }, Block { top: 6, rows: 1 }]);
        places.done(Some(8));
        assert_eq!(places.turned(8, true), Some((Pane::Contacts, 2)));
    }
}

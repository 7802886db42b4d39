//! Where a cursor stands, told by what it stands on: so that it finds its place again
//! when the rows have come anew, or for the first time.

use super::viewport::Viewport;

/// Where a cursor stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor<K> {
    /// On what.
    pub key: Option<K>,
    /// On which line, from 0: where it goes if that is gone.
    pub line: usize,
    /// How many rows below the first one on screen.
    pub below_top: usize,
    /// Whether the first of all rows is on screen.
    pub at_beginning: bool,
}

impl<K> Anchor<K> {
    /// Returns where the cursor of a window stands: on this line.
    pub fn of(view: &Viewport, line: usize, key: Option<K>) -> Self {
        Self { key, line, below_top: view.cursor().saturating_sub(view.top()), at_beginning: view.top() == 0 }
    }

    /// Returns the line that the cursor is to go to.
    pub fn line(&self, find: impl FnOnce(&K) -> Option<usize>) -> usize {
        self.key.as_ref().and_then(find).unwrap_or(self.line)
    }

    /// Scrolls a window whose cursor has found its place: what it stands on stays where it
    /// is on screen. Who looks at the beginning goes on looking at it, so that what comes
    /// in there is seen.
    pub fn look(&self, view: &mut Viewport) {
        let stays = self.at_beginning && view.cursor() < view.height();
        view.look_at(if stays { 0 } else { view.cursor().saturating_sub(self.below_top) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty rows, ten of them on screen; the cursor on a row and the first row on screen.
    fn after(row: usize, top: usize, rows: usize, find: Option<usize>) -> (usize, usize) {
        let mut view = Viewport::new(20, 10);
        view.put_back(row, top);
        let anchor = Anchor::of(&view, row, Some(()));
        view.set_rows(rows, anchor.line(|()| find));
        anchor.look(&mut view);
        view.settle();
        (view.cursor(), view.top())
    }

    #[test]
    fn what_the_cursor_stands_on_stays_where_it_is() {
        assert_eq!(after(8, 5, 25, Some(13)), (13, 10), "five rows came in above");
        assert_eq!(after(8, 5, 17, Some(5)), (5, 2), "three rows went above");
        assert_eq!(after(8, 5, 25, Some(8)), (8, 5), "rows came in below");
        assert_eq!(after(8, 5, 19, None), (8, 5), "it has gone");
        assert_eq!(after(19, 10, 5, None), (4, 0), "there are fewer rows");
        assert_eq!(after(3, 3, 0, None), (0, 0), "there are none");
    }

    #[test]
    fn who_looks_at_the_beginning_sees_what_comes_in_there() {
        assert_eq!(after(0, 0, 21, Some(1)), (1, 0));
        assert_eq!(after(9, 0, 21, Some(10)), (10, 1), "the cursor stays in sight");
    }
}

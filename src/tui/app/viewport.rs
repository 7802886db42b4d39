//! Where the cursor stands among rows, and which of them are on screen.
//!
//! Rows are to rolo what lines are to Vim: every rule here is Vim 9.0's for lines
//! of one screen line each (`move.c`), and `tests/vim_oracle.rs` replays what real
//! Vim did. This module knows neither records nor panes.
//!
//! As in Vim the window follows the cursor between commands and not within one:
//! motions leave the first row where it is, and [`Viewport::settle`] scrolls.

/// A cursor over rows in a window of some height. Rows count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewport {
    /// How many rows there are.
    rows: usize,
    /// How many fit.
    height: usize,
    /// The cursor's row; 0 when there is none.
    cursor: usize,
    /// The first row on screen.
    top: usize,
    /// What `<C-d>` and `<C-u>` scroll by, once a count has set it.
    scroll: Option<usize>,
    /// Rows kept in sight above and below the cursor.
    scrolloff: usize,
    /// The cursor's row for which the first row on screen is as it should be
    /// (`VALID_TOPLINE`): while it stays there the window does too.
    settled: Option<usize>,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { rows: 0, height: 1, cursor: 0, top: 0, scroll: None, scrolloff: 0, settled: None }
    }
}

impl Viewport {
    /// Returns a viewport over so many rows.
    pub fn new(rows: usize, height: usize) -> Self {
        Self { rows, height: height.max(1), ..Self::default() }
    }

    /// Returns the cursor's row.
    pub fn cursor(&self) -> usize {
        self.cursor
    }

    /// Returns the first row on screen.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Returns how many rows fit.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Returns how many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the rows on screen.
    pub fn visible(&self) -> std::ops::Range<usize> {
        self.top.min(self.rows)..(self.top + self.height).min(self.rows)
    }

    /// Sets how many rows fit.
    pub fn resize(&mut self, height: usize) {
        if self.height != height.max(1) {
            self.height = height.max(1);
            self.scroll = None;
            self.settled = None;
        }
    }

    /// Sets how many rows stay in sight around the cursor.
    pub fn set_scrolloff(&mut self, rows: usize) {
        if self.scrolloff != rows {
            self.scrolloff = rows;
            self.settled = None;
        }
    }

    /// Takes new rows; the cursor goes to the row given.
    pub fn set_rows(&mut self, rows: usize, cursor: usize) {
        self.rows = rows;
        self.cursor = cursor.min(self.last());
        self.settled = None;
    }

    /// Puts a row at the top, as far as the cursor stays in sight.
    pub fn look_at(&mut self, top: usize) {
        self.top = top.min(self.last());
        self.settled = None;
    }

    /// Moves the cursor to a row, as `:N` does.
    pub fn go_to(&mut self, row: usize) {
        self.cursor = row.min(self.last());
    }

    /// Puts the cursor back without looking at the window: what an operator does
    /// when its motion has shown where it ends.
    pub fn put_back(&mut self, cursor: usize, top: usize) {
        self.cursor = cursor.min(self.last());
        self.top = top.min(self.last());
    }

    /// Scrolls so that the cursor is in sight: before it is seen.
    pub fn settle(&mut self) {
        if self.settled != Some(self.cursor) {
            self.reveal();
            self.settled = Some(self.cursor);
        }
    }

    /// Moves down by rows: `j`. Returns false where even one row is too many.
    pub fn down(&mut self, count: usize) -> bool {
        let moved = self.cursor < self.last();
        self.go_to(self.cursor.saturating_add(count));
        moved
    }

    /// Moves up by rows: `k`.
    pub fn up(&mut self, count: usize) -> bool {
        let moved = self.cursor > 0;
        self.go_to(self.cursor.saturating_sub(count));
        moved
    }

    /// Puts the cursor and the first row on screen where they were before.
    pub fn restore(&mut self, cursor: usize, top: usize) {
        self.cursor = cursor.min(self.last());
        self.top = top.min(self.last());
        self.correct();
    }

    /// Goes to the first row, or the row of the count (from 1): `gg`.
    pub fn first(&mut self, count: Option<usize>) {
        self.go_to(count.unwrap_or(1).saturating_sub(1));
    }

    /// Goes to the last row, or the row of the count (from 1): `G`.
    pub fn last_row(&mut self, count: Option<usize>) {
        self.go_to(count.map_or(self.last(), |count| count.saturating_sub(1)));
    }

    /// Goes to the count's row from the top of the screen: `H`.
    pub fn screen_top(&mut self, count: usize) {
        let bottom = self.bottom();
        self.cursor = (self.top + count.saturating_sub(1)).min(bottom);
        self.correct();
    }

    /// Goes to the count's row from the top of the screen, on beyond its end: `H`
    /// behind an operator.
    pub fn below_top(&mut self, count: usize) {
        self.go_to(self.top.saturating_add(count.saturating_sub(1)));
    }

    /// Goes to the count's row from the bottom of the screen, on beyond its top:
    /// `L` behind an operator.
    pub fn above_bottom(&mut self, count: usize) {
        self.go_to(self.bottom().saturating_sub(count.saturating_sub(1)));
    }

    /// Goes to the middle row on screen: `M`.
    pub fn screen_middle(&mut self) {
        self.middle();
        self.correct();
    }

    /// Goes to the middle row on screen, wherever `scrolloff` would have the
    /// cursor: `M` behind an operator.
    pub fn middle(&mut self) {
        let shown = self.bottom() - self.top + 1;
        let full = self.height.min(shown.max(1));
        self.cursor = (self.top + (full - 1) / 2).min(self.last());
    }

    /// Goes to the count's row from the bottom of the screen: `L`.
    pub fn screen_bottom(&mut self, count: usize) {
        self.cursor = self.bottom().saturating_sub(count.saturating_sub(1)).max(self.top);
        self.correct();
    }

    /// Scrolls half a screen down: `<C-d>`; a count sets how many rows.
    /// Returns false on the last row.
    pub fn half_page_down(&mut self, count: Option<usize>) -> bool {
        if self.cursor == self.last() {
            return false;
        }
        let mut left = self.half(count);
        while left > 0 && self.top + self.height < self.rows {
            self.top += 1;
            self.cursor = (self.cursor + 1).min(self.last());
            left -= 1;
        }
        self.cursor = (self.cursor + left).min(self.last());
        self.correct();
        true
    }

    /// Scrolls half a screen up: `<C-u>`; a count sets how many rows.
    /// Returns false on the first row.
    pub fn half_page_up(&mut self, count: Option<usize>) -> bool {
        if self.cursor == 0 {
            return false;
        }
        let mut left = self.half(count);
        while left > 0 && self.top > 0 {
            self.top -= 1;
            self.cursor = self.cursor.saturating_sub(1);
            left -= 1;
        }
        self.cursor = self.cursor.saturating_sub(left);
        self.correct();
        true
    }

    fn half(&mut self, count: Option<usize>) -> usize {
        if let Some(count) = count {
            self.scroll = Some(count.clamp(1, self.height));
        }
        self.scroll.unwrap_or((self.height / 2).max(1)).min(self.height)
    }

    /// Scrolls pages down: `<C-f>`, two rows overlapping. Returns false where there are
    /// not so many.
    pub fn page_down(&mut self, count: usize) -> bool {
        let mut scrolled = true;
        let mut before = self.top;
        for _ in 0..count {
            let at_end = self.top + self.scrolloff >= self.last() && self.top + self.height >= self.rows;
            if at_end || self.rows <= 1 {
                scrolled = false;
                break;
            }
            let below = self.top + self.height;
            before = self.top;
            self.top = if below >= self.rows { self.last() } else { below - self.overlap() };
            self.cursor = self.top;
        }
        self.correct();
        if scrolled && self.is_near_top() {
            self.align(false);
            if self.top <= before && before < self.last() {
                self.top = before + 1;
            }
        }
        scrolled
    }

    /// Scrolls pages up: `<C-b>`, two rows overlapping. Returns false where there are
    /// not so many.
    pub fn page_up(&mut self, count: usize) -> bool {
        let mut scrolled = true;
        for _ in 0..count {
            if self.top == 0 {
                scrolled = false;
                break;
            }
            // Near the end fewer rows can be shared, and at the beginning a page of
            // which one row would be missing shows that row too.
            let bottom = self.top - 1 + self.overlap().min(self.last() - self.top);
            self.cursor = bottom;
            self.top = if bottom <= self.height { 0 } else { bottom + 1 - self.height };
        }
        self.correct();
        scrolled
    }

    /// Returns how many rows two pages share (`get_scroll_overlap`).
    fn overlap(&self) -> usize {
        self.height.saturating_sub(3).min(2)
    }

    /// Scrolls rows down, the cursor staying if it can: `<C-e>`.
    pub fn scroll_down(&mut self, count: usize) {
        self.top = self.top.saturating_add(count).min(self.last());
        self.correct();
        self.keep();
    }

    /// Scrolls rows up, the cursor staying if it can: `<C-y>`.
    pub fn scroll_up(&mut self, count: usize) {
        self.top = self.top.saturating_sub(count);
        self.correct();
        self.keep();
    }

    /// Puts the cursor's row at the top: `zt`.
    pub fn align_top(&mut self) {
        self.align(true);
        self.settled = Some(self.cursor);
    }

    /// Puts the cursor's row in the middle: `zz`.
    pub fn align_middle(&mut self) {
        self.halfway(true, false);
        self.settled = Some(self.cursor);
    }

    /// Puts the cursor's row at the bottom: `zb`.
    pub fn align_bottom(&mut self) {
        let bottom = (self.cursor + self.margin()).min(self.last());
        self.top = (bottom + 1).saturating_sub(self.height);
    }

    fn last(&self) -> usize {
        self.rows.saturating_sub(1)
    }

    fn bottom(&self) -> usize {
        (self.top + self.height).min(self.rows).saturating_sub(1).max(self.top)
    }

    fn margin(&self) -> usize {
        self.scrolloff.min((self.height.saturating_sub(1)) / 2)
    }

    /// Pulls the cursor into the window (`cursor_correct`).
    fn correct(&mut self) {
        let off = self.margin();
        let above = if self.top == 0 { 0 } else { off };
        let below = if self.top + self.height >= self.rows { 0 } else { off };
        let low = (self.top + above).min(self.last());
        let high = self.bottom().saturating_sub(below).max(low);
        self.cursor = self.cursor.clamp(low, high);
    }

    /// Keeps the window where it was scrolled to: else it would jump back at the end
    /// of the rows (`scroll_redraw`).
    fn keep(&mut self) {
        if self.scrolloff > 0 {
            self.settled = Some(self.cursor);
        }
    }

    /// Returns whether fewer rows than asked for are in sight above the cursor
    /// (`check_top_offset`).
    fn is_near_top(&self) -> bool {
        self.top > 0 && self.cursor < self.top + self.scrolloff
    }

    /// Scrolls so that the cursor is in sight (`update_topline`).
    fn reveal(&mut self) {
        if self.top > 0 && (self.cursor < self.top || self.is_near_top()) {
            let missing = self.top + self.scrolloff - self.cursor;
            if missing >= (self.height / 2).saturating_sub(1).max(2) {
                self.halfway(false, false);
                return;
            }
            self.align(false);
        }
        let end = self.top + self.height;
        if end < self.rows && self.cursor + self.scrolloff >= end {
            if self.cursor + self.scrolloff - end < self.height + 1 {
                self.reveal_from_bottom(end);
            } else {
                self.halfway(false, false);
            }
        }
    }

    /// Puts the cursor's row at the top, with as many rows above it as are kept in
    /// sight (`scroll_cursor_top`); the window goes up only, unless `always`.
    fn align(&mut self, always: bool) {
        let (mut used, mut extra, mut new) = (1, 0, self.cursor);
        let mut scrolled = usize::from(self.cursor < self.top);
        let least = usize::from(!always);
        while new > 0 {
            scrolled += usize::from(new - 1 < self.top);
            if (new >= self.top || scrolled > least) && extra >= self.scrolloff {
                break;
            }
            used += 1;
            if extra < self.scrolloff && self.cursor + extra + 1 < self.last() {
                used += 1;
            }
            if used > self.height {
                break;
            }
            extra += 1;
            new -= 1;
        }
        if used > self.height {
            self.halfway(false, false);
            return;
        }
        if new < self.top || always {
            self.top = new;
        }
        self.top = self.top.min(self.cursor);
    }

    /// Scrolls down by as little as shows the cursor (`scroll_cursor_bot`); `end` is
    /// the first row below the window. Vim counts the rows above the cursor back to
    /// the window, and as many below it: more than a screen is no small step.
    fn reveal_from_bottom(&mut self, end: usize) {
        let (mut used, mut extra) = (1, 0);
        let mut scrolled = usize::from(self.cursor >= end);
        let (mut above, mut below) = (self.cursor, self.cursor);
        while above > 0 {
            if (extra >= self.scrolloff || below == self.last()) && above <= end {
                break;
            }
            above -= 1;
            used += 1;
            if used > self.height {
                break;
            }
            scrolled += usize::from(above >= end);
            if below < self.last() {
                below += 1;
                used += 1;
                if used > self.height {
                    break;
                }
                if extra < self.scrolloff {
                    extra += 1;
                    scrolled += usize::from(below >= end);
                }
            }
        }
        if used > self.height || scrolled >= self.height {
            self.halfway(false, true);
        } else {
            self.top += scrolled;
        }
    }

    /// Puts the cursor's row half way (`scroll_cursor_halfway`): rows are taken by
    /// turns from below and above (`above_first`: from above and below) until the
    /// window is full.
    fn halfway(&mut self, past_end: bool, above_first: bool) {
        let (mut used, mut above, mut below) = (1, 0, 0);
        let mut bottom = self.cursor;
        let mut top = self.cursor;
        while top > 0 {
            if above < below || above_first && above == below {
                used += 1;
                if used > self.height {
                    break;
                }
                above += 1;
                top -= 1;
            } else if bottom < self.last() {
                used += 1;
                if used > self.height {
                    break;
                }
                below += 1;
                bottom += 1;
            } else {
                below += 1;
                if past_end {
                    used += 1;
                }
            }
        }
        self.top = top;
    }
}

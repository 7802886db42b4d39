//! Which panes are on screen, and where.
//!
//! Four panes at 120x40, two at 80x24, one where there is room for one; under
//! 40x10 the terminal is too small and says so.

use ratatui::layout::Rect;

use super::tree::{self, Tree};
use crate::tui::keys::Pane;

/// The smallest screen.
pub const SMALLEST: (u16, u16) = (40, 10);
/// From here on four panes are seen.
const FOUR: (u16, u16) = (100, 28);
/// From this height on two panes are seen.
const TWO: u16 = 18;

/// Where everything is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// The panes that are seen, with their places, title and all.
    pub panes: Vec<(Pane, Rect)>,
    /// The status line.
    pub status: Rect,
    /// The prompt line, where messages stand too.
    pub prompt: Rect,
}

/// Returns what is inside a frame.
pub fn inside(frame: Rect) -> Rect {
    Rect::new(frame.x + 1, frame.y + 1, frame.width.saturating_sub(2), frame.height.saturating_sub(2))
}

/// Returns where an opened record or lines to be read lie over the panes.
pub fn over(body: Rect) -> Rect {
    let margin = if body.width > 100 { 6 } else { 1 };
    Rect::new(body.x + margin, body.y + 1, body.width.saturating_sub(2 * margin), body.height.saturating_sub(2))
}

impl Layout {
    /// Returns the layout of a screen; `None` where it is too small.
    ///
    /// `list` is the pane whose cursor the timeline follows: it stays in sight
    /// beside the timeline where only two are seen.
    pub fn of(width: u16, height: u16, focus: Pane, list: Pane, zoomed: bool) -> Option<Self> {
        Self::with(width, height, focus, list, zoomed, None, false)
    }

    /// Returns the layout of a screen that the user may have split otherwise, with a
    /// line of tabs above or without.
    #[allow(clippy::fn_params_excessive_bools, reason = "each is a fact of the screen")]
    pub fn with(width: u16, height: u16, focus: Pane, list: Pane, zoomed: bool, tree: Option<&Tree>, tabs: bool) -> Option<Self> {
        if width < SMALLEST.0 || height < SMALLEST.1 {
            return None;
        }
        let top = u16::from(tabs);
        let body = Rect::new(0, top, width, height - 2 - top);
        // Where the user's windows would be too small, the focused one has the screen.
        let own = tree.map(|tree| tree.places(body));
        let fits = |places: &Vec<(Pane, Rect)>| {
            let least = |place: Rect| place.width >= tree::SMALLEST.0 && place.height >= tree::SMALLEST.1;
            places.iter().all(|(_, place)| least(*place)) && places.iter().any(|(pane, _)| *pane == focus)
        };
        let panes = if zoomed || height < TWO {
            vec![(focus, body)]
        } else if let Some(own) = own {
            if fits(&own) { own } else { vec![(focus, body)] }
        } else if width >= FOUR.0 && height >= FOUR.1 {
            let left = width * 3 / 5;
            let upper = body.height * 11 / 20;
            vec![
                (Pane::Contacts, Rect::new(0, top, left, upper)),
                (Pane::Timeline, Rect::new(left, top, width - left, upper)),
                (Pane::Pipeline, Rect::new(0, top + upper, left, body.height - upper)),
                (Pane::Tickets, Rect::new(left, top + upper, width - left, body.height - upper)),
            ]
        } else {
            let upper = body.height * 3 / 5;
            vec![(list, Rect::new(0, top, width, upper)), (Pane::Timeline, Rect::new(0, top + upper, width, body.height - upper))]
        };
        Some(Self { panes, status: Rect::new(0, height - 2, width, 1), prompt: Rect::new(0, height - 1, width, 1) })
    }

    /// Returns where a pane stands, if it is seen.
    pub fn pane(&self, pane: Pane) -> Option<Rect> {
        self.panes.iter().find(|(seen, _)| *seen == pane).map(|(_, place)| *place)
    }

    /// Returns the pane that lies from this one in a direction, if there is one.
    pub fn neighbour(&self, pane: Pane, dx: i8, dy: i8) -> Option<Pane> {
        let from = self.pane(pane)?;
        let middle = |place: Rect| (i32::from(place.x) * 2 + i32::from(place.width), i32::from(place.y) * 2 + i32::from(place.height));
        let (x, y) = middle(from);
        self.panes
            .iter()
            .filter(|(other, place)| {
                let (ox, oy) = middle(*place);
                *other != pane && (i32::from(dx) * (ox - x) > 0 || i32::from(dy) * (oy - y) > 0)
            })
            .min_by_key(|(_, place)| {
                let (ox, oy) = middle(*place);
                // Straight ahead counts before near.
                if dx == 0 { ((ox - x).abs(), (oy - y).abs()) } else { ((oy - y).abs(), (ox - x).abs()) }
            })
            .map(|(other, _)| *other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(layout: Option<Layout>) -> Vec<&'static str> {
        layout.map_or(Vec::new(), |layout| layout.panes.iter().map(|(pane, _)| pane.name()).collect())
    }

    #[test]
    fn as_many_panes_as_fit() {
        let of = |width, height, zoomed| Layout::of(width, height, Pane::Pipeline, Pane::Pipeline, zoomed);
        assert_eq!(names(of(120, 40, false)), ["contacts", "timeline", "pipeline", "tickets"]);
        assert_eq!(names(of(80, 24, false)), ["pipeline", "timeline"]);
        assert_eq!(names(of(120, 40, true)), ["pipeline"]);
        assert_eq!(names(of(40, 10, false)), ["pipeline"]);
        assert_eq!(of(39, 10, false), None);
        assert_eq!(of(40, 9, false), None);
    }

    #[test]
    fn panes_cover_the_screen_and_do_not_overlap() {
        for (width, height) in [(120, 40), (80, 24), (100, 28), (240, 70), (40, 18)] {
            let layout = Layout::of(width, height, Pane::Contacts, Pane::Contacts, false).expect("fits");
            let area: u32 = layout.panes.iter().map(|(_, place)| place.area()).sum();
            assert_eq!(area, u32::from(width) * u32::from(height - 2), "{width}x{height}");
            for (index, (_, one)) in layout.panes.iter().enumerate() {
                assert!(layout.panes[index + 1..].iter().all(|(_, other)| one.intersection(*other).is_empty()));
            }
        }
    }

    #[test]
    fn neighbours_lie_where_they_are_seen() {
        let layout = Layout::of(120, 40, Pane::Contacts, Pane::Contacts, false).expect("fits");
        assert_eq!(layout.neighbour(Pane::Contacts, 1, 0), Some(Pane::Timeline));
        assert_eq!(layout.neighbour(Pane::Contacts, 0, 1), Some(Pane::Pipeline));
        assert_eq!(layout.neighbour(Pane::Tickets, -1, 0), Some(Pane::Pipeline));
        assert_eq!(layout.neighbour(Pane::Tickets, 0, -1), Some(Pane::Timeline));
        assert_eq!(layout.neighbour(Pane::Contacts, -1, 0), None);
    }
}

//! The line of tabs, where there are several.

use ratatui::layout::Rect;

use super::paint::Canvas;
use crate::tui::app::state::App;
use crate::tui::app::tabs::titles;
use crate::tui::theme::Role;

/// Draws the tabs' numbers and names; the one that is seen is in sight.
pub(super) fn draw(canvas: &mut Canvas<'_>, app: &App, place: Rect) {
    canvas.fill(place, Role::Tab);
    let labels: Vec<String> = titles(app).iter().enumerate().map(|(at, title)| format!(" {} {title} ", at + 1)).collect();
    let width = |from: usize| labels[from..=app.tab].iter().map(|label| label.len() + 1).sum::<usize>();
    let first = (0..=app.tab).find(|from| width(*from) <= usize::from(place.width)).unwrap_or(app.tab);
    let mut x = place.x;
    for (at, label) in labels.iter().enumerate().skip(first) {
        let room = place.right().saturating_sub(x);
        if room == 0 {
            break;
        }
        let role = if at == app.tab { Role::TabActive } else { Role::Tab };
        x += canvas.text(x, place.y, room, label, Some(role)) + 1;
    }
}

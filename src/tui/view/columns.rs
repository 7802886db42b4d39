//! How wide each column of a list is.

/// How much room a column wants, and the least it is worth.
fn wish(column: &str) -> (u16, u16) {
    match column {
        "name" | "subject" | "title" | "body" => (24, 10),
        "company" | "contact" | "about" => (18, 8),
        "urgency" => (26, 17),
        "agenda.title" => (36, 16),
        "agenda.about" => (20, 8),
        "agenda.when" => (16, 10),
        "agenda.what" => (9, 9),
        "email" => (26, 10),
        "phone" => (14, 13),
        "priority" => (8, 8),
        "stage" | "status" | "channel" | "lifecycle" => (9, 6),
        "last.at" | "opened_at" | "at" | "due" | "expected_close" | "start" | "end" | "next.due" => (10, 10),
        "id" => (6, 3),
        _ => (14, 6),
    }
}

/// Returns the width of each column in so many columns of the screen, one of
/// which is left between two. Those that no longer fit at their least are 0, the
/// last ones first.
pub(super) fn widths(columns: &[String], room: u16) -> Vec<u16> {
    let wishes: Vec<(u16, u16)> = columns.iter().map(|column| wish(column)).collect();
    let mut shown = wishes.len();
    let least = |shown: usize| wishes[..shown].iter().map(|(_, least)| least + 1).sum::<u16>().saturating_sub(1);
    while shown > 1 && least(shown) > room {
        shown -= 1;
    }
    let spare = room.saturating_sub(least(shown));
    let wanted: u32 = wishes[..shown].iter().map(|(wish, least)| u32::from(wish - least) + u32::from(wish / 4)).sum();
    let mut widths: Vec<u16> = wishes[..shown]
        .iter()
        .map(|(wish, least)| {
            let share = u32::from(wish - least) + u32::from(wish / 4);
            least + (u32::from(spare) * share).checked_div(wanted).unwrap_or(0) as u16
        })
        .collect();
    // What rounding left goes to the first column; alone, a column has it all.
    let used: u16 = widths.iter().map(|width| width + 1).sum::<u16>().saturating_sub(1);
    if let Some(first) = widths.first_mut() {
        *first = if shown == 1 { room } else { *first + room.saturating_sub(used) };
    }
    widths.resize(wishes.len(), 0);
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_the_room_and_never_more() {
        let columns: Vec<String> = ["name", "company", "email", "phone", "last.at"].map(str::to_owned).to_vec();
        for room in 1..240 {
            let widths = widths(&columns, room);
            let shown = widths.iter().filter(|width| **width > 0).count() as u16;
            assert_eq!(widths.iter().sum::<u16>() + shown - 1, room, "{room}: {widths:?}");
        }
        assert_eq!(widths(&columns, 30).iter().filter(|width| **width > 0).count(), 3);
    }
}

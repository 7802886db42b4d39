//! Values as a message shows them.

use super::Desk;
use crate::domain::Value;
use crate::store::known::Known;

/// The most characters of a value in a message.
const LONGEST: usize = 80;

/// Returns values in words: links by name, several joined, long ones cut, none at
/// all as `nothing`.
pub(super) fn shown(desk: &Desk, values: &[Value]) -> String {
    if values.is_empty() {
        return "nothing".to_owned();
    }
    let known = Known::new(&*desk.store);
    let texts: Vec<String> = values
        .iter()
        .map(|value| match value.label() {
            Some(label) => format!("{label} {}", value.named(&known)),
            None => value.named(&known),
        })
        .collect();
    let text = texts.join(", ").replace(char::is_control, " ");
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text,
    }
}

//! Bytes that compare as what they stand for.
//!
//! A sort key has one piece for each field of the order. A piece begins with a byte
//! that tells whether there is a value, so that records without one come last in
//! both directions; a descending piece has its other bits turned.

use crate::domain::Record;
use crate::domain::fold;

use super::path::name_field;

/// The most bytes of text in a piece: what is equal so far goes by id.
const LONGEST: usize = 64;

const PRESENT: u8 = 1;
const MISSING: u8 = 2;

/// Adds the piece of a field without value.
pub(super) fn push_missing(key: &mut Vec<u8>) {
    key.push(MISSING);
}

/// Adds the piece of a value whose bytes all have one length or mark their end.
pub(super) fn push(key: &mut Vec<u8>, descending: bool, body: &[u8]) {
    key.push(PRESENT);
    if descending {
        key.extend(body.iter().map(|byte| !byte));
    } else {
        key.extend(body);
    }
}

/// Returns the bytes of the value that a key of one piece has; `None` if it has none.
pub(super) fn body(piece: &[u8]) -> Option<&[u8]> {
    piece.strip_prefix(&[PRESENT])
}

/// Returns the bytes of a text: folded, without what stands before its first letter.
pub(super) fn text(text: &str) -> Vec<u8> {
    let mut folded = fold::sort_key(text);
    folded.retain(|c| c != '\0');
    let mut end = folded.len().min(LONGEST);
    while !folded.is_char_boundary(end) {
        end -= 1;
    }
    folded.truncate(end);
    let mut bytes = folded.into_bytes();
    // No byte of the text is zero, so the shorter of two comes first.
    bytes.push(0);
    bytes
}

/// Returns the sort key of a record in the ascending order of names.
pub(super) fn name_key(record: &Record) -> Vec<u8> {
    match name_field(record.kind()).and_then(|field| record.text(field)) {
        Some(name) => name_key_of(name),
        None => vec![MISSING],
    }
}

/// Returns the sort key, in the ascending order of names, of a record of this name.
pub(super) fn name_key_of(name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 2);
    push(&mut key, false, &text(name));
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn piece(descending: bool, of: &str) -> Vec<u8> {
        let mut key = Vec::new();
        push(&mut key, descending, &text(of));
        key
    }

    #[test]
    fn missing_is_last_both_ways() {
        let mut missing = Vec::new();
        push_missing(&mut missing);
        assert!(piece(false, "\u{10ffff}") < missing && piece(true, "a") < missing && piece(true, "") < missing);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn bytes_compare_as_texts_do(a in "[a-cA-C \\PC]{0,6}", b in "[a-cA-C \\PC]{0,6}", behind_a in 0_u8.., behind_b in 0_u8..) {
            let expected = fold::sort_key(&a).replace('\0', "").cmp(&fold::sort_key(&b).replace('\0', ""));
            prop_assert_eq!(piece(false, &a).cmp(&piece(false, &b)), expected);
            prop_assert_eq!(piece(true, &a).cmp(&piece(true, &b)), expected.reverse());
            // What stands behind decides only between equals.
            let (mut long_a, mut long_b) = (piece(true, &a), piece(true, &b));
            long_a.push(behind_a);
            long_b.push(behind_b);
            prop_assert_eq!(long_a.cmp(&long_b), expected.reverse().then(behind_a.cmp(&behind_b)));
        }

        #[test]
        fn a_long_text_is_cut_between_characters(text_of in "\\PC{40,120}") {
            let bytes = text(&text_of);
            prop_assert!(bytes.len() <= LONGEST + 1);
            prop_assert!(std::str::from_utf8(&bytes).is_ok());
        }
    }
}

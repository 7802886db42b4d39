//! Bytes of a mail kept in a text without loss, as rejected rows are. It must not know
//! mails.
//!
//! A byte that is no UTF-8 is written as one of the last characters of all, which no text
//! has; should a text have one, its own bytes are written so.

/// The character of byte 0; those of bytes 128 to 255 are used.
const FIRST: u32 = 0x10_ff00;

/// Returns bytes as text.
pub(super) fn to_text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    let strange = |out: &mut String, bytes: &[u8]| {
        out.extend(bytes.iter().filter_map(|b| char::from_u32(FIRST + u32::from(*b))));
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if is_ours(c) { strange(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()) } else { out.push(c) }
        }
        strange(&mut out, chunk.invalid());
    }
    out
}

/// Returns the bytes that a text was made of.
pub(in crate::exchange) fn to_bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        if is_ours(c) {
            out.push(u8::try_from(u32::from(c) - FIRST).unwrap_or(b'?'));
        } else {
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
    }
    out
}

fn is_ours(c: char) -> bool {
    (FIRST + 128..=FIRST + 255).contains(&u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn all_bytes_come_back(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[a\u{10ff80}\u{10ffff}é]{0,9}") {
            let all = [bytes.as_slice(), text.as_bytes()].concat();
            prop_assert_eq!(to_bytes(&to_text(&all)), all);
        }
    }
}

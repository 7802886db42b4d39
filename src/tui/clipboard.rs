//! Texts for the clipboard of the terminal that one sits at, over SSH too: the escape
//! sequence OSC 52. A terminal that does not know it leaves it alone.

/// Terminals take no longer texts: xterm a little less than 100,000 bytes of base64.
const MOST: usize = 74_000;

/// Returns what is written to the terminal to copy a text; one that is too long is cut.
pub(super) fn copy(text: &str) -> Vec<u8> {
    let mut end = text.len().min(MOST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut bytes = b"\x1b]52;c;".to_vec();
    base64(&text.as_bytes()[..end], &mut bytes);
    bytes.extend(b"\x1b\\");
    bytes
}

/// Appends bytes in base64 (RFC 4648, with padding).
fn base64(bytes: &[u8], out: &mut Vec<u8>) {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for chunk in bytes.chunks(3) {
        let three = [chunk[0], chunk.get(1).copied().unwrap_or(0), chunk.get(2).copied().unwrap_or(0)];
        let bits = u32::from(three[0]) << 16 | u32::from(three[1]) << 8 | u32::from(three[2]);
        for nth in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * nth) & 63) as usize];
            out.push(if nth <= chunk.len() { letter } else { b'=' });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_base64() {
        for (text, wanted) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("Ada Novák", "QWRhIE5vdsOhaw==")] {
            assert_eq!(copy(text), format!("\x1b]52;c;{wanted}\x1b\\").into_bytes());
        }
        assert!(copy(&"ř".repeat(100_000)).len() < 100_000);
    }
}

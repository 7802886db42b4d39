//! Bytes of a mail to text: in the charset that is declared, else UTF-8 where they are
//! that, else the likeliest. It must not know what the text is.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8};

/// How much is looked at to guess.
const LOOKED_AT: usize = 64 * 1024;

/// Returns the text of bytes, and whether the charset was guessed; `declared` is what
/// the part says, `country` two letters of where it is likely from.
pub(super) fn text<'b>(bytes: &'b [u8], declared: Option<&str>, country: Option<&str>) -> (Cow<'b, str>, bool) {
    if bytes.is_ascii() && !bytes.contains(&0x1b) && declared.is_none_or(is_ascii_like) {
        return (Cow::Borrowed(std::str::from_utf8(bytes).unwrap_or_default()), false);
    }
    if let Some(label) = declared {
        if let Some(encoding) = Encoding::for_label_no_replacement(label.trim().as_bytes())
            && !is_ascii(label)
        {
            let (text, wrong) = encoding.decode_without_bom_handling(bytes);
            if !wrong || encoding != UTF_8 {
                return (unmarked(text), false);
            }
        } else if let Some(decode) = mail_parser::decoders::charsets::map::charset_decoder(label.trim().as_bytes())
            && !is_ascii(label)
        {
            // UTF-7 and the like, which browsers no longer know.
            return (Cow::Owned(decode(bytes)), false);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && !(bytes.is_ascii() && bytes.contains(&0x1b))
    {
        return (unmarked(Cow::Borrowed(text)), false);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(LOOKED_AT)], bytes.len() <= LOOKED_AT);
    let country = country.filter(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_alphabetic())).map(str::to_ascii_lowercase);
    let encoding = detector.guess(country.as_deref().map(str::as_bytes), Utf8Detection::Allow);
    (unmarked(encoding.decode_without_bom_handling(bytes).0), true)
}

fn is_ascii(label: &str) -> bool {
    let label = label.trim();
    label.eq_ignore_ascii_case("us-ascii") || label.eq_ignore_ascii_case("ascii") || label.eq_ignore_ascii_case("ansi_x3.4-1968")
}

/// Returns whether ASCII bytes mean in a charset what they mean in ASCII.
fn is_ascii_like(label: &str) -> bool {
    is_ascii(label) || Encoding::for_label(label.trim().as_bytes()).is_some_and(Encoding::is_ascii_compatible)
}

fn unmarked(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Cow::Owned(text) if text.starts_with('\u{feff}') => Cow::Owned(text.trim_start_matches('\u{feff}').to_owned()),
        owned => owned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_declared_counts_unless_it_cannot_be() {
        let read = |bytes: &[u8], declared| text(bytes, declared, Some("cz")).0.into_owned();
        assert_eq!(read(b"Nov\xe1k", Some("iso-8859-2")), "Novák");
        assert_eq!(read("Novák".as_bytes(), None), "Novák");
        assert_eq!(read("Novák".as_bytes(), Some("us-ascii")), "Novák");
        assert_eq!(read(b"Hi Mom -+Jjo--!", Some("utf-7")), "Hi Mom -\u{263a}-!");
        assert_eq!(read("\u{feff}a".as_bytes(), Some("utf-8")), "a");
        assert_eq!(read(b"\x1b$B$3$l\x1b(B", Some("iso-2022-jp")), "これ");
        assert_eq!(read(b"p\xf8\xedli\xb9 \xbelu\xbbou\xe8k\xfd k\xf9\xf2", Some("x-unknown")), "příliš žluťoučký kůň");
    }
}

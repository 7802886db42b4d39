//! A message taken apart: the leaves of its tree of parts, each decoded when it is asked
//! for. Parts are delimited as RFC 2046 says, by whole lines, and the delimiters of what
//! is outside count before those inside. It must not know what a part is good for.
//!
//! The library that reads fields could do this as well; it takes a boundary anywhere in a
//! line for one, and neither the number of parts nor the depth of messages in messages
//! has a bound there.

use std::borrow::Cow;

use mail_parser::ContentType;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;

use super::fields::{Fields, parameter, trimmed};

/// The most parts of one message, those of messages in it included.
const MOST_PARTS: usize = 1_000;

/// The deepest that parts stand in parts.
const DEEPEST: usize = 30;

/// How the parts of a multipart belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    /// One after another.
    Mixed,
    /// The same thing in several forms, the best last.
    Alternative,
    /// The first, and what it shows.
    Related,
}

/// A part, or a whole message.
pub(super) struct Part<'m> {
    /// Its header.
    pub(super) fields: Fields<'m>,
    /// Its media type in lower case, `text/plain` where none is declared.
    pub(super) media_type: String,
    /// The parameters of its type.
    pub(super) declared: Option<ContentType<'static>>,
    /// What it holds.
    pub(super) content: Content<'m>,
}

/// What a part holds.
pub(super) enum Content<'m> {
    /// Bytes as they are transferred.
    Leaf(&'m [u8]),
    /// Parts.
    Parts(Group, Vec<Part<'m>>),
}

/// What could not be done while a message was taken apart.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// There were more parts than are read.
    pub(super) too_many: bool,
    /// Parts stood deeper than is read.
    pub(super) too_deep: bool,
}

/// Takes messages apart, within bounds that hold for all of one message.
pub(super) struct Walker {
    left: usize,
    /// What was left out.
    pub(super) limits: Limits,
}

impl Walker {
    /// Returns a walker of one message.
    pub(super) fn new() -> Self {
        Self { left: MOST_PARTS, limits: Limits::default() }
    }

    /// Takes an entity apart that stands so deep.
    pub(super) fn walk<'m>(&mut self, entity: &'m [u8], depth: usize, in_digest: bool) -> Part<'m> {
        self.left = self.left.saturating_sub(1);
        let (fields, body) = Fields::split(entity);
        let declared = fields.content_type("content-type");
        let media_type = media_type(declared.as_ref(), in_digest);
        let leaf = |fields, media_type, declared| Part { fields, media_type, declared, content: Content::Leaf(body) };
        let Some(kind) = media_type.strip_prefix("multipart/") else { return leaf(fields, media_type, declared) };
        let boundary = declared.as_ref().and_then(|declared| parameter(declared, "boundary"));
        let Some(boundary) = boundary.filter(|boundary| !boundary.is_empty()).map(Cow::into_owned) else {
            return leaf(fields, "text/plain".to_owned(), declared);
        };
        if depth >= DEEPEST {
            self.limits.too_deep = true;
            return leaf(fields, "application/octet-stream".to_owned(), declared);
        }
        let (slices, cut) = delimited(body, boundary.as_bytes(), self.left);
        self.limits.too_many |= cut;
        if slices.is_empty() {
            // No part ever begins: what stands there is text.
            return leaf(fields, "text/plain".to_owned(), declared);
        }
        let group = match kind {
            "alternative" => Group::Alternative,
            "related" => Group::Related,
            _ => Group::Mixed,
        };
        let digest = kind == "digest";
        let mut parts = Vec::new();
        for slice in slices {
            if self.left == 0 {
                self.limits.too_many = true;
                break;
            }
            parts.push(self.walk(slice, depth + 1, digest));
        }
        Part { fields, media_type, declared, content: Content::Parts(group, parts) }
    }
}

fn media_type(declared: Option<&ContentType<'_>>, in_digest: bool) -> String {
    let default = if in_digest { "message/rfc822" } else { "text/plain" };
    let Some(declared) = declared else { return default.to_owned() };
    let is_token =
        |text: &str| !text.is_empty() && text.len() < 100 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.+_".contains(&b));
    match (declared.ctype().trim(), declared.subtype().map(str::trim)) {
        (kind, Some(subtype)) if is_token(kind) && is_token(subtype) => format!("{kind}/{subtype}").to_lowercase(),
        // RFC 2045 section 5.2: what is no type is plain text.
        _ => default.to_owned(),
    }
}

/// Returns the parts between delimiter lines, at most so many, and whether there were more.
fn delimited<'m>(body: &'m [u8], boundary: &[u8], most: usize) -> (Vec<&'m [u8]>, bool) {
    let mut found = Vec::new();
    let mut begun: Option<usize> = None;
    let mut at = 0;
    while at < body.len() {
        let end = memchr::memchr(b'\n', &body[at..]).map_or(body.len(), |end| at + end + 1);
        if let Some(closes) = delimiter(&body[at..end], boundary) {
            if let Some(start) = begun.take() {
                if found.len() >= most {
                    return (found, true);
                }
                found.push(&body[start..before_line_end(body, start, at)]);
            }
            if closes {
                return (found, false);
            }
            begun = Some(end);
        }
        at = end;
    }
    // The message was cut off: its last part has what is there.
    if let Some(start) = begun.filter(|start| *start < body.len()) {
        if found.len() >= most {
            return (found, true);
        }
        found.push(&body[start..]);
    }
    (found, false)
}

/// Returns whether a line is the delimiter, and if so, whether it is the last.
fn delimiter(line: &[u8], boundary: &[u8]) -> Option<bool> {
    let rest = line.strip_prefix(b"--")?.strip_prefix(boundary)?;
    match rest.strip_prefix(b"--") {
        Some(rest) if trimmed(rest).is_empty() => Some(true),
        _ => trimmed(rest).is_empty().then_some(false),
    }
}

/// The line end before a delimiter belongs to it.
fn before_line_end(body: &[u8], start: usize, at: usize) -> usize {
    let mut end = at;
    if end > start && body[end - 1] == b'\n' {
        end -= 1;
        if end > start && body[end - 1] == b'\r' {
            end -= 1;
        }
    }
    end
}

impl<'m> Part<'m> {
    /// Returns the bytes of a leaf, decoded; nothing of parts.
    pub(super) fn bytes(&self) -> Cow<'m, [u8]> {
        let Content::Leaf(body) = self.content else { return Cow::Borrowed(&[]) };
        let encoding = self.fields.plain("content-transfer-encoding").unwrap_or_default();
        match encoding.split([';', ' ']).next().unwrap_or_default().to_lowercase().as_str() {
            "base64" => Cow::Owned(from_base64(body)),
            "quoted-printable" => Cow::Owned(from_quoted_printable(body)),
            "x-uuencode" | "uuencode" | "x-uue" | "x-uu" => from_uuencode(body).map_or(Cow::Borrowed(body), Cow::Owned),
            _ => Cow::Borrowed(body),
        }
    }

    /// Returns the name that the part's file has, as it is written.
    pub(super) fn file_name(&self) -> Option<String> {
        let disposition = self.fields.content_type("content-disposition");
        let said = disposition.as_ref().and_then(|disposition| parameter(disposition, "filename").map(Cow::into_owned));
        said.or_else(|| self.declared.as_ref().and_then(|declared| parameter(declared, "name").map(Cow::into_owned)))
    }

    /// Returns whether the part says that it is a file beside the message.
    pub(super) fn is_attached(&self) -> bool {
        self.fields.content_type("content-disposition").is_some_and(|disposition| disposition.ctype().eq_ignore_ascii_case("attachment"))
    }

    /// Returns a parameter of the part's type.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        parameter(self.declared.as_ref()?, name)
    }
}

fn from_base64(body: &[u8]) -> Vec<u8> {
    if let Some(decoded) = base64_decode(body) {
        return decoded;
    }
    // What is no letter of the alphabet is ignored (RFC 2045 section 6.8), the rest read
    // as far as it goes.
    // A sign of the end may stand in the middle, where two encoded texts were joined.
    let mut decoded = Vec::with_capacity(body.len() / 4 * 3);
    for piece in body.split(|b| *b == b'=') {
        let letters: Vec<u8> = piece.iter().copied().filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')).collect();
        let whole = letters.len() - usize::from(letters.len() % 4 == 1);
        decoded.extend(base64_decode(&letters[..whole]).unwrap_or_default());
    }
    decoded
}

/// Decodes quoted-printable; what is no code stands as it is (RFC 2045 section 6.7).
fn from_quoted_printable(body: &[u8]) -> Vec<u8> {
    if let Some(decoded) = quoted_printable_decode(body) {
        return decoded;
    }
    let hex = |at: usize| body.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while let Some(&byte) = body.get(at) {
        if byte != b'=' {
            out.push(byte);
            at += 1;
            continue;
        }
        if let (Some(high), Some(low)) = (hex(at + 1), hex(at + 2)) {
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            at += 3;
            continue;
        }
        let blanks = body[at + 1..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        if body.get(at + 1 + blanks).is_none_or(|b| *b == b'\n') {
            at += 2 + blanks;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

/// Decodes what `uuencode` of POSIX writes; nothing where it never begins.
fn from_uuencode(body: &[u8]) -> Option<Vec<u8>> {
    let mut lines = body.split(|b| *b == b'\n').map(trimmed_end);
    lines.find(|line| line.starts_with(b"begin "))?;
    let mut out = Vec::new();
    for line in lines {
        let Some((&length, rest)) = line.split_first() else { break };
        let length = usize::from(length.wrapping_sub(b' ') & 0x3f);
        if length == 0 || line == b"end" {
            break;
        }
        let before = out.len();
        for four in rest.chunks(4) {
            let bits = |at: usize| four.get(at).map_or(0, |b| u32::from(b.wrapping_sub(b' ') & 0x3f));
            let all = bits(0) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3);
            out.extend_from_slice(&all.to_be_bytes()[1..]);
        }
        out.truncate(before + length.min(out.len() - before));
    }
    Some(out)
}

fn trimmed_end(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_whole_lines() {
        let body = b"before\n--a\none --a\n--ab\n\n--a \r\ntwo\r\n--a--\nafter\n--a\n";
        let (parts, cut) = delimited(body, b"a", 100);
        assert_eq!(parts, [&b"one --a\n--ab\n"[..], b"two"]);
        assert!(!cut && delimited(body, b"a", 1).1);
        assert_eq!(delimited(b"--a\ncut off", b"a", 100).0, [b"cut off"]);
        assert!(delimited(b"nothing", b"a", 100).0.is_empty());
    }

    #[test]
    fn what_is_badly_encoded_is_read_as_far_as_it_goes() {
        assert_eq!(from_base64(b"SGVs*bG8=\nIQ"), b"Hello!");
        assert_eq!(from_base64(b"SGVsbG8"), b"Hello");
        assert_eq!(from_base64(b"***"), b"");
        assert_eq!(from_quoted_printable(b"a=3D=\nb =zz =E9="), b"a=b =zz \xe9");
        assert_eq!(from_uuencode(b"x\nbegin 644 t\n#0V%T\n`\nend\n").as_deref(), Some(&b"Cat"[..]));
        assert_eq!(from_uuencode(b"nothing"), None);
    }
}

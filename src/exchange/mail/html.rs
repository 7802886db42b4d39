//! HTML of a mail as text: what a reader would see, links by their text and address,
//! lists by dashes, quotations by `>`. Nothing is fetched, nothing run, one pass over the
//! text. It must not know mails.

/// The deepest quotation that is shown as one.
const DEEPEST_QUOTE: usize = 20;

/// Returns the text of a piece of HTML, at most about so many bytes of it.
pub(super) fn to_text(html: &str, most: usize) -> String {
    let mut text = Text { out: String::new(), quote: 0, pending: Gap::None, preformatted: 0, most };
    let mut rest = html;
    // The element whose content is not shown, with what is in it.
    let mut hidden: Option<&'static str> = None;
    let mut link: Option<(String, usize)> = None;
    while !rest.is_empty() && text.out.len() < most {
        let Some(start) = rest.find('<') else {
            if hidden.is_none() {
                text.add(rest);
            }
            break;
        };
        if start > 0 && hidden.is_none() {
            text.add(&rest[..start]);
        }
        rest = &rest[start..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(tag) = Tag::read(rest) else {
            if hidden.is_none() {
                text.add("<");
            }
            rest = &rest[1..];
            continue;
        };
        rest = &rest[tag.length..];
        if let Some(name) = hidden {
            if tag.closes && tag.name.eq_ignore_ascii_case(name) {
                hidden = None;
            }
            continue;
        }
        let name = tag.name.to_ascii_lowercase();
        match (name.as_str(), tag.closes) {
            ("script" | "style" | "title" | "template" | "noembed" | "object" | "svg" | "math", false) if !tag.is_empty => {
                hidden = ["script", "style", "title", "template", "noembed", "object", "svg", "math"].into_iter().find(|n| *n == name);
            }
            ("br", _) => text.line(),
            ("p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl" | "table", _) => text.gap(Gap::Paragraph),
            ("pre", closes) => {
                text.gap(Gap::Paragraph);
                text.preformatted = if closes { text.preformatted.saturating_sub(1) } else { text.preformatted + 1 };
            }
            ("blockquote", false) => {
                text.gap(Gap::Paragraph);
                text.quote = (text.quote + 1).min(DEEPEST_QUOTE);
            }
            ("blockquote", true) => {
                text.gap(Gap::Paragraph);
                text.quote = text.quote.saturating_sub(1);
            }
            ("li", false) => {
                text.gap(Gap::Line);
                text.add("- ");
            }
            ("div" | "tr" | "section" | "article" | "header" | "footer" | "li" | "dt" | "dd" | "address" | "form", _) => {
                text.gap(Gap::Line);
            }
            ("td" | "th", true) => text.add(" "),
            ("hr", _) => {
                text.gap(Gap::Line);
                text.add("---");
                text.gap(Gap::Line);
            }
            ("img", _) => {
                if let Some(alt) = tag.attribute("alt").filter(|alt| !alt.trim().is_empty()) {
                    text.add(&format!("[{}]", decoded(&alt).trim()));
                }
            }
            ("a", false) => link = tag.attribute("href").map(|to| (decoded(&to).trim().to_owned(), text.out.len())),
            ("a", true) => {
                if let Some((to, from)) = link.take() {
                    let shown = text.out.get(from..).unwrap_or_default().trim();
                    let is_web = to.starts_with("http://") || to.starts_with("https://");
                    if is_web && !shown.is_empty() && !to.contains(shown) && !shown.contains(&to) && to.len() <= 200 {
                        text.add(&format!(" <{}>", to.replace(['&', '<', '>'], "")));
                    }
                }
            }
            _ => {}
        }
    }
    let mut out = text.out;
    out.truncate(out.trim_end().len());
    out
}

/// What stands between two pieces of text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    None,
    Space,
    Line,
    Paragraph,
}

struct Text {
    out: String,
    quote: usize,
    pending: Gap,
    preformatted: usize,
    most: usize,
}

impl Text {
    fn gap(&mut self, gap: Gap) {
        self.pending = self.pending.max(gap);
    }

    /// Ends the line, as often as it is asked for.
    fn line(&mut self) {
        if self.pending == Gap::Line && !self.out.is_empty() {
            self.pending = Gap::Paragraph;
        } else {
            self.gap(Gap::Line);
        }
    }

    /// Adds source text: its entities decoded, its blanks as one.
    fn add(&mut self, source: &str) {
        let text = decoded(source);
        if self.preformatted > 0 {
            for (at, line) in text.split('\n').enumerate() {
                if at > 0 {
                    self.settle();
                    self.new_line();
                }
                if !line.is_empty() {
                    self.settle();
                    self.out.push_str(line.trim_end_matches('\r'));
                }
            }
            return;
        }
        for c in text.chars() {
            if c == '\u{a0}' || (c.is_whitespace() && c != '\u{3000}') {
                self.gap(Gap::Space);
            } else if !matches!(c, '\u{200b}' | '\u{200c}' | '\u{feff}' | '\u{ad}' | '\u{34f}') {
                if self.out.len() >= self.most {
                    return;
                }
                self.settle();
                self.out.push(c);
            }
        }
    }

    /// Writes what stands between what was and what comes.
    fn settle(&mut self) {
        let gap = std::mem::replace(&mut self.pending, Gap::None);
        if self.out.is_empty() {
            self.quoted();
            return;
        }
        match gap {
            Gap::None => {}
            Gap::Space => self.out.push(' '),
            Gap::Line => self.new_line(),
            Gap::Paragraph => {
                self.out.push('\n');
                self.new_line();
            }
        }
    }

    fn new_line(&mut self) {
        self.out.push('\n');
        self.quoted();
    }

    fn quoted(&mut self) {
        if self.quote > 0 {
            self.out.extend(std::iter::repeat_n('>', self.quote));
            self.out.push(' ');
        }
    }
}

/// A tag as it is written.
struct Tag<'h> {
    name: &'h str,
    closes: bool,
    is_empty: bool,
    attributes: &'h str,
    /// How long it is, brackets included.
    length: usize,
}

impl<'h> Tag<'h> {
    /// Reads the tag that a text begins with; nothing where it is none.
    fn read(text: &'h str) -> Option<Self> {
        let inner = text.strip_prefix('<')?;
        let closes = inner.starts_with('/');
        let named = inner.strip_prefix('/').unwrap_or(inner);
        let named = named.strip_prefix(['!', '?']).unwrap_or(named);
        if !named.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let name_end = named.find(|c: char| !c.is_ascii_alphanumeric() && c != ':' && c != '-').unwrap_or(named.len());
        let rest = &named[name_end..];
        let mut quote: Option<u8> = None;
        // A quote that never ends must not swallow the text.
        let quoted_end = rest.bytes().position(|b| match (quote, b) {
            (None, b'>') => true,
            (None, b'"' | b'\'') => {
                quote = Some(b);
                false
            }
            (Some(open), b) if open == b => {
                quote = None;
                false
            }
            _ => false,
        });
        let end = quoted_end.or_else(|| rest.find('>')).unwrap_or(rest.len());
        let length = text.len() - rest.len() + (end + 1).min(rest.len());
        Some(Self { name: &named[..name_end], closes, is_empty: rest[..end].ends_with('/'), attributes: &rest[..end], length })
    }

    /// Returns the value of an attribute, entities not decoded.
    fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes;
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
            let known = &rest[..end];
            let after = rest[end..].trim_start();
            let Some(value) = after.strip_prefix('=') else {
                rest = if end == 0 { rest.get(1..).unwrap_or("") } else { &rest[end..] };
                continue;
            };
            let value = value.trim_start();
            let (value, next) = match value.chars().next() {
                Some(quote @ ('"' | '\'')) => {
                    let inner = &value[1..];
                    let end = inner.find(quote).unwrap_or(inner.len());
                    (&inner[..end], inner.get(end + 1..).unwrap_or(""))
                }
                _ => {
                    let end = value.find(char::is_whitespace).unwrap_or(value.len());
                    (&value[..end], &value[end..])
                }
            };
            if known.eq_ignore_ascii_case(name) {
                return Some(value.to_owned());
            }
            rest = next;
        }
    }
}

/// Decodes entities; what is none stands as it is.
fn decoded(text: &str) -> String {
    const LONGEST: usize = 32;
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.bytes().take(LONGEST).position(|b| b == b';');
        let entity =
            end.map(|end| &rest[..=end]).filter(|entity| entity[1..].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'#' || b == b';'));
        match entity {
            Some(entity) => {
                mail_parser::decoders::html::add_html_token(&mut out, entity.as_bytes(), false);
                rest = &rest[entity.len()..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        to_text(html, 10_000)
    }

    #[test]
    fn what_a_reader_would_see() {
        let html = "<html><head><title>no</title><style>p{x:<b>}</style></head><body><p>Dear  Ada,</p>\n<div>line one<br>line two</div>\
                    <ul><li>a<li>b &amp; c</ul><blockquote>quoted<br>twice</blockquote>bye<script>alert('<p>')</script></body></html>";
        assert_eq!(text(html), "Dear Ada,\n\nline one\nline two\n\n- a\n- b & c\n\n> quoted\n> twice\n\nbye");
        assert_eq!(text("see <a href='https://x.example/a?b=1&amp;c=2'>here</a>."), "see here <https://x.example/a?b=1c=2>.");
        assert_eq!(text("<a href=\"https://x.example\">https://x.example</a>"), "https://x.example");
        assert_eq!(text("<a href=\"javascript:x()\">go</a>"), "go");
        assert_eq!(text("1 < 2 &lt; 3 & 4 &nosuch; &#x41;&#65;"), "1 < 2 < 3 & 4 &nosuch; AA");
        assert_eq!(text("a<!-- x <b> -->b<!doctype html>c"), "abc");
        assert_eq!(text("<pre>a\n  b\n\nc</pre>d"), "a\n  b\n\nc\n\nd");
        assert_eq!(text("<img alt='Logo' src=x><td>1</td><td>2</td>"), "[Logo]1 2");
        assert_eq!(text("a<br><br>b"), "a\n\nb");
    }

    #[test]
    fn what_is_broken_ends() {
        assert_eq!(text("a<p title=\"never closed>b"), "a\n\nb");
        assert_eq!(text("a<"), "a<");
        assert_eq!(text("<style>never closed"), "");
        assert_eq!(text("<!-- never closed"), "");
        for part in ["<", "<p", "&", "<!--", "<a href='", "<blockquote>", "<a href=x y=z "] {
            let long = part.repeat(50_000);
            assert!(to_text(&long, 1_000).len() < 4_000_000);
        }
        assert!(to_text(&"x".repeat(1_000_000), 1_000).len() <= 1_004);
    }
}

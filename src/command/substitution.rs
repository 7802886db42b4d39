//! `:s/PATTERN/TEXT/FLAGS`: what is replaced, and by what.
//!
//! In the text `&` and `\0` are the whole hit, `\1` to `\9` its groups, `\&` a plain
//! `&`. Flags: `g` every hit of a cell and not only the first, `i` and `I` case, `n`
//! only counts.

use super::Pattern;
use super::range::delimited;

/// A replacement.
#[derive(Debug, Clone)]
pub struct Substitution {
    pattern: Pattern,
    text: String,
    /// Every hit of a cell, not only the first.
    every: bool,
    /// Nothing is replaced, hits are counted.
    pub counts: bool,
}

/// Why a replacement is none, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSubstitution(pub String);

impl Substitution {
    /// Reads the arguments of `:s`. An empty pattern is the `last` one.
    ///
    /// # Errors
    /// No delimiter, a bad pattern or flag.
    pub fn parse(args: &str, last: Option<&str>, ignorecase: bool, smartcase: bool) -> Result<Self, BadSubstitution> {
        let Some(delimiter) = args.chars().next().filter(|c| !c.is_alphanumeric() && !matches!(c, '"' | '|' | '\\' | ' ')) else {
            return Err(BadSubstitution("write :s/PATTERN/TEXT/".to_owned()));
        };
        let rest = &args[delimiter.len_utf8()..];
        let (pattern, used) = delimited(rest, delimiter);
        let (text, behind) = delimited(&rest[used..], delimiter);
        let flags = rest[used + behind..].trim();
        let mut found =
            Self { pattern: Pattern::new("x", ignorecase, smartcase).map_err(BadSubstitution)?, text, every: false, counts: false };
        let mut ignorecase = ignorecase;
        for flag in flags.chars() {
            match flag {
                'g' => found.every = !found.every,
                'i' => ignorecase = true,
                'I' => ignorecase = false,
                'n' => found.counts = true,
                'e' | '&' => {}
                other => return Err(BadSubstitution(format!("\u{201c}{other}\u{201d} is no flag of :s: g, i, I, n"))),
            }
        }
        let pattern = match (pattern.is_empty(), last) {
            (false, _) => pattern,
            (true, Some(last)) => last.to_owned(),
            (true, None) => return Err(BadSubstitution("nothing has been searched for yet".to_owned())),
        };
        found.pattern = Pattern::new(&pattern, ignorecase, smartcase && !flags.contains('i')).map_err(BadSubstitution)?;
        Ok(found)
    }

    /// Returns the pattern as typed.
    pub fn pattern(&self) -> &str {
        self.pattern.text()
    }

    /// Returns a text with its hits replaced, and how many; `None` without a hit.
    pub fn apply(&self, text: &str) -> Option<(String, usize)> {
        let mut replaced = String::with_capacity(text.len());
        let (mut from, mut count) = (0, 0);
        for groups in self.pattern.groups(text) {
            let Some(Some(whole)) = groups.first() else { continue };
            replaced.push_str(&text[from..whole.start]);
            self.put(&mut replaced, text, &groups);
            from = whole.end;
            count += 1;
            if !self.every {
                break;
            }
        }
        replaced.push_str(&text[from..]);
        (count > 0).then_some((replaced, count))
    }

    fn put(&self, into: &mut String, text: &str, groups: &[Option<std::ops::Range<usize>>]) {
        let group = |into: &mut String, number: usize| {
            if let Some(Some(place)) = groups.get(number) {
                into.push_str(&text[place.clone()]);
            }
        };
        let mut chars = self.text.chars();
        while let Some(c) = chars.next() {
            match c {
                '&' => group(into, 0),
                '\\' => match chars.next() {
                    Some(digit @ '0'..='9') => group(into, digit as usize - '0' as usize),
                    Some('n' | 'r') => into.push('\n'),
                    Some('t') => into.push('\t'),
                    Some(other) => into.push(other),
                    None => into.push('\\'),
                },
                other => into.push(other),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(args: &str, text: &str) -> Option<String> {
        Substitution::parse(args, Some("last"), true, true).expect("valid").apply(text).map(|(text, _)| text)
    }

    #[test]
    fn replaces_as_vim_does() {
        assert_eq!(replace("/a/b/", "banana").as_deref(), Some("bbnana"));
        assert_eq!(replace("/a/b/g", "banana").as_deref(), Some("bbnbnb"));
        assert_eq!(replace("/n(.)/<&|\\1>/g", "banana").as_deref(), Some("ba<na|a><na|a>"));
        assert_eq!(replace("#x/y#\\&#", "x/y").as_deref(), Some("&"));
        assert_eq!(replace(r"/a\/b/c/", "a/b").as_deref(), Some("c"));
        assert_eq!(replace("/novak/Dvořák/", "Ada Novák").as_deref(), Some("Ada Dvořák"));
        assert_eq!(replace("//now/", "at last").as_deref(), Some("at now"));
        assert_eq!(replace("/q/x/", "banana"), None);
        assert_eq!(replace("/A/x/", "banana"), None);
        assert_eq!(replace("/A/x/i", "banana").as_deref(), Some("bxnana"));
        assert_eq!(replace("/an/", "banana").as_deref(), Some("bana"));
    }

    #[test]
    fn mistakes_are_told() {
        let told = |args: &str| Substitution::parse(args, None, true, true).expect_err("bad").0;
        assert_eq!(told("abc"), "write :s/PATTERN/TEXT/");
        assert_eq!(told("/a/b/gz"), "\u{201c}z\u{201d} is no flag of :s: g, i, I, n");
        assert_eq!(told("//b/"), "nothing has been searched for yet");
        assert_eq!(told("/(/b/"), "bad pattern: unclosed group");
    }
}

//! A person taken out of a text: names, addresses and phones are replaced by a mark,
//! however they are written. What it cannot know: other words that mean somebody.

use serde::{Deserialize, Serialize};

use super::{Value, fold};

/// What stands where somebody stood. It is never longer than that.
pub const ERASED: &str = "***";
/// So many digits of a phone tell it, whatever stands before them.
const TELLING_DIGITS: usize = 9;
/// Phones of fewer digits are not looked for: any number could be one.
const FEWEST_DIGITS: usize = 6;
/// What may stand between the digits of a phone.
const BETWEEN: &str = " \u{a0}-()./";

/// What is to be taken out of texts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erase {
    /// Folded texts of several letters, each found as whole words.
    texts: Vec<String>,
    /// The last digits of phones.
    phones: Vec<String>,
}

impl Erase {
    /// Adds a text; one of less than two letters says nothing.
    pub fn text(&mut self, text: &str) {
        let text = fold::fold(text.trim());
        if text.chars().count() >= 2 && !self.texts.contains(&text) {
            self.texts.push(text);
            // The longest first, so that a part does not spoil the whole.
            self.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        }
    }

    /// Adds a phone.
    pub fn phone(&mut self, phone: &str) {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let digits = digits[digits.len().saturating_sub(TELLING_DIGITS)..].to_owned();
        if digits.len() >= FEWEST_DIGITS && !self.phones.contains(&digits) {
            self.phones.push(digits);
        }
    }

    /// Returns whether there is nothing to take out.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.phones.is_empty()
    }

    /// Adds what another one takes out.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        other.texts.iter().for_each(|text| self.text(text));
        other.phones.iter().for_each(|phone| self.phone(phone));
        self
    }

    /// Returns the text without what is to be taken out; `None` where nothing is.
    pub fn erased(&self, text: &str) -> Option<String> {
        let mut ranges = Vec::new();
        if !self.texts.is_empty() {
            self.find_texts(text, &mut ranges);
        }
        if !self.phones.is_empty() {
            self.find_phones(text, &mut ranges);
        }
        if ranges.is_empty() {
            return None;
        }
        ranges.sort_unstable();
        let (mut out, mut done) = (String::with_capacity(text.len()), 0);
        for (start, end) in ranges {
            if end <= done {
                continue;
            }
            if start >= done {
                out.push_str(&text[done..start]);
                out.push_str(&ERASED[..ERASED.len().min(end - start)]);
            }
            done = end;
        }
        out.push_str(&text[done..]);
        Some(out)
    }

    fn find_texts(&self, text: &str, ranges: &mut Vec<(usize, usize)>) {
        // Each folded character with the bytes that it stands for.
        let mut folded: Vec<(char, usize, usize)> = Vec::with_capacity(text.len());
        let mut one = [0; 4];
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            match fold::fold(c.encode_utf8(&mut one)) {
                // A mark belongs to the letter before it.
                none if none.is_empty() => {
                    if let Some(last) = folded.last_mut() {
                        last.2 = end;
                    }
                }
                some => folded.extend(some.chars().map(|c| (c, at, end))),
            }
        }
        let is_word = |at: Option<usize>| at.and_then(|at| folded.get(at)).is_some_and(|(c, ..)| c.is_alphanumeric());
        for wanted in &self.texts {
            let wanted: Vec<char> = wanted.chars().collect();
            let mut at = 0;
            while at + wanted.len() <= folded.len() {
                let end = at + wanted.len();
                let is_here = folded[at..end].iter().zip(&wanted).all(|((c, ..), wanted)| c == wanted);
                if is_here && !is_word(at.checked_sub(1)) && !is_word(Some(end)) {
                    ranges.push((folded[at].1, folded[end - 1].2));
                    at = end;
                } else {
                    at += 1;
                }
            }
        }
    }

    fn find_phones(&self, text: &str, ranges: &mut Vec<(usize, usize)>) {
        let mut run: Vec<(u8, usize)> = Vec::new();
        let mut search = |run: &mut Vec<(u8, usize)>| {
            for phone in &self.phones {
                for (at, window) in run.windows(phone.len()).enumerate() {
                    let end = window[phone.len() - 1].1 + 1;
                    // A number that goes on is another one.
                    let goes_on = run.get(at + phone.len()).is_some_and(|(_, next)| *next == end);
                    if !goes_on && window.iter().map(|(digit, _)| *digit).eq(phone.bytes()) {
                        ranges.push((window[0].1, end));
                    }
                }
            }
            run.clear();
        };
        for (at, c) in text.char_indices() {
            match u8::try_from(c) {
                Ok(digit) if digit.is_ascii_digit() => run.push((digit, at)),
                _ if BETWEEN.contains(c) => {}
                _ => search(&mut run),
            }
        }
        search(&mut run);
    }

    /// Takes it out of a value's texts; returns whether anything was.
    pub fn erase(&self, value: &mut Value) -> bool {
        match value {
            Value::Text(text) => self.erase_text(text),
            Value::Labelled(label, inner) => self.erase_text(label) | self.erase(inner),
            Value::Address(address) => {
                let parts = [
                    &mut address.street,
                    &mut address.street2,
                    &mut address.city,
                    &mut address.region,
                    &mut address.postcode,
                    &mut address.country,
                    &mut address.pobox,
                ];
                parts.into_iter().fold(false, |any, part| self.erase_text(part) | any)
            }
            Value::Job(job) => self.erase_text(&mut job.title) | self.erase_text(&mut job.role),
            Value::Line(line) => self.erase_text(&mut line.description),
            Value::Int(_) | Value::Number(_) | Value::Flag(_) | Value::Date(_) | Value::Time(_) | Value::Money(_) | Value::Link(_) => false,
        }
    }

    /// Takes it out of a text; returns whether anything was.
    pub fn erase_text(&self, text: &mut String) -> bool {
        match self.erased(text) {
            Some(erased) => {
                *text = erased;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ada() -> Erase {
        let mut erase = Erase::default();
        ["Ada Nováková", "Nováková Ada", "ada@example.com", "Al"].iter().for_each(|text| erase.text(text));
        erase.phone("+420601123456");
        erase
    }

    #[test]
    fn somebody_is_taken_out_however_they_are_written() {
        for (text, erased) in [
            ("Called Ada Nováková.", "Called ***."),
            ("ADA NOVAKOVA and ada novák", "*** and ada novák"),
            ("Ada Nova\u{301}kova\u{301}!", "***!"),
            ("from: <Ada@Example.COM>", "from: <***>"),
            ("+420 601 123 456, or 601/123-456.", "+420 ***, or ***."),
            ("call 00420601123456", "call 00420***"),
            ("Al", "**"),
            ("Nováková Ada", "***"),
        ] {
            assert_eq!(ada().erased(text).as_deref(), Some(erased), "{text}");
        }
        for text in ["", "Adam Novák", "canada@example.com", "601 123", "Alan", "xada@example.com", "601 123 4567 8"] {
            assert_eq!(ada().erased(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_taken_out_is_gone_and_nothing_grows(
            before in "[a-zá-ž 0-9+@.]{0,20}", after in "[ .,!][a-zá-ž 0-9]{0,20}", which in 0..3_usize,
        ) {
            let named = ["Ada Nováková", "ada@example.com", "NOVÁKOVÁ ada"][which];
            let text = format!("{before} {named}{after}");
            let erased = ada().erased(&text).unwrap_or_default();
            prop_assert!(!fold::fold(&erased).contains(&fold::fold(named)), "{}", erased);
            prop_assert!(erased.len() <= text.len());
            prop_assert_eq!(ada().erased(&erased), None);
        }
    }
}

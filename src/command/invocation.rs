//! An invocation: one command with what belongs to it.
//!
//! Keys, the `:` line, macros, scripts and the mouse all make this and nothing
//! else; who carries it out cannot tell them apart.

use super::{Id, Range, Spec, find, nearest, range};

/// One command to be carried out.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// Which command.
    pub spec: &'static Spec,
    /// Its arguments, as typed.
    pub args: String,
    /// The count, if one was given.
    pub count: Option<u32>,
    /// The register, if one was named.
    pub register: Option<char>,
    /// The rows, if a range was given.
    pub range: Option<Range>,
    /// Whether `!` stood behind the name.
    pub bang: bool,
}

/// Says why a command line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BadLine {
    /// What is wrong.
    pub message: String,
    /// Where, in bytes of the line.
    pub at: usize,
    /// The nearest valid word.
    pub hint: Option<String>,
}

impl Invocation {
    /// Returns the invocation of a command without arguments.
    pub fn of(spec: &'static Spec) -> Self {
        Self { spec, args: String::new(), count: None, register: None, range: None, bang: false }
    }

    /// Reads what one could type behind `:`; `Ok(None)` for an empty line.
    pub fn parse(line: &str) -> Result<Option<Self>, BadLine> {
        let start = line.len() - line.trim_start_matches([' ', ':']).len();
        let (range, used) = range::parse(&line[start..]).map_err(|mut bad| {
            bad.at += start;
            bad
        })?;
        let name_at = start + used + (line[start + used..].len() - line[start + used..].trim_start().len());
        let rest = &line[name_at..];
        if rest.is_empty() {
            // A range alone goes there, as in Vim.
            return Ok(range.map(|range| Self { range: Some(range), ..Self::of(super::spec(Id::Last)) }));
        }
        let signs = ["&&", "&", "@", "!", "=", ">", "<"];
        let name_len = match signs.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => sign.len(),
            None => rest.find(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).unwrap_or(rest.len()),
        };
        let name = &rest[..name_len];
        let spec = find(name).ok_or_else(|| BadLine {
            message: if name.is_empty() {
                format!("a command was expected, not \u{201c}{}\u{201d}", rest.chars().take(20).collect::<String>())
            } else {
                format!("there is no command \u{201c}{name}\u{201d}")
            },
            at: name_at,
            hint: nearest(name).map(|near| format!("did you mean \u{201c}{near}\u{201d}?")),
        })?;
        if range.is_some() && !spec.range {
            return Err(BadLine { message: format!("\u{201c}{}\u{201d} takes no range", spec.name), at: start, hint: None });
        }
        let mut tail = &rest[name_len..];
        let bang = tail.starts_with('!');
        if bang {
            tail = &tail[1..];
        }
        // Spaces at the end are keys to one, and text to the other.
        let args = match spec.id {
            Id::Normal | Id::Global | Id::Except | Id::Substitute => tail.trim_start(),
            _ => tail.trim(),
        };
        if spec.id == Id::Operator {
            let inner = Self::parse(args).map_err(|bad| BadLine { at: bad.at + line.len() - tail.trim_start().len(), ..bad })?;
            if !inner.is_some_and(|inner| inner.spec.range) {
                let message = "an operator gives its rows to a command that takes a range".to_owned();
                return Err(BadLine { message, at: name_at, hint: Some("such as operator rm".to_owned()) });
            }
        }
        Ok(Some(Self { args: args.to_owned(), range, bang, ..Self::of(spec) }))
    }
}

/// Splits arguments as a shell does: at spaces, with `'…'`, `"…"` and `\`.
///
/// # Errors
/// A quote that is not closed, with its place.
pub fn words(args: &str) -> Result<Vec<String>, BadLine> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<(char, usize)> = None;
    let mut chars = args.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            (c, Some((open, _))) if c == open => quote = None,
            ('\\', None | Some(('"', _))) => {
                if let Some((_, next)) = chars.next() {
                    word.get_or_insert_default().push(next);
                }
            }
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('\'' | '"', None) => {
                word.get_or_insert_default();
                quote = Some((c, at));
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    if let Some((open, at)) = quote {
        return Err(BadLine { message: format!("the quote {open} is not closed"), at, hint: None });
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{Address, Base, Id};

    #[test]
    fn reads_names_ranges_and_arguments() {
        let line = |text: &str| Invocation::parse(text).expect("valid").expect("a command");
        let filter = line(":filter owner:me \"free text\"");
        assert_eq!((filter.spec.id, filter.args.as_str()), (Id::Filter, "owner:me \"free text\""));
        let set = line("2,5set owner=me");
        assert_eq!((set.spec.id, set.args.as_str()), (Id::Set, "owner=me"));
        assert_eq!(set.range, Some(Range { from: Address::of(Base::Row(2)), to: Address::of(Base::Row(5)), onwards: false }));
        let quit = line("q!");
        assert!(quit.bang && quit.spec.id == Id::Quit);
        assert!(Invocation::parse("  ").expect("valid").is_none());
        assert_eq!(line("17").range, Some(Range::at(Address::of(Base::Row(17)))));
        let replace = line("%s/a b/ /g");
        assert_eq!((replace.spec.id, replace.args.as_str()), (Id::Substitute, "/a b/ /g"));
        let except = line("g!/x/norm j ");
        assert_eq!((except.spec.id, except.bang, except.args.as_str()), (Id::Global, true, "/x/norm j "));
        assert_eq!((line("'<,'>>").spec.id, line("&&").spec.id, line("@a").args.as_str()), (Id::StageNext, Id::SubstituteAgain, "a"));
        assert!(Invocation::parse("operator rm").is_ok() && Invocation::parse("operator quit").is_err());
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        let bad = Invocation::parse("  fitler x").expect_err("unknown");
        assert_eq!(bad.message, "there is no command \u{201c}fitler\u{201d}");
        assert_eq!(bad.at, 2);
        assert_eq!(bad.hint.as_deref(), Some("did you mean \u{201c}filter\u{201d}?"));
        assert_eq!(Invocation::parse("2,5stats").expect_err("no range").message, "\u{201c}stats\u{201d} takes no range");
    }

    #[test]
    fn words_are_split_as_in_a_shell() {
        assert_eq!(words(r#"call ada "renewal agreed" it\'s 'a b'c"#).expect("valid"), ["call", "ada", "renewal agreed", "it's", "a bc"]);
        assert_eq!(words("a ''").expect("valid"), ["a", ""]);
        assert_eq!(words("a 'b").expect_err("open").at, 2);
    }
}

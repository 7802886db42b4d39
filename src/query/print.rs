//! The one canonical form of an expression.
//!
//! What is printed parses to the same expression again, and two texts that say
//! the same in the same order print alike: `AND`, `|`, `not`, quotes and brackets
//! that change nothing are not kept.

use std::fmt::{self, Display, Formatter, Write};

use super::caret::is_hidden;
use super::lexer::Lexer;
use super::parse::is_keyword;
use super::{Expr, Literal, Node, Term, Values};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.node {
            Node::And(parts) => join(f, parts, " ", |part| matches!(part.node, Node::Or(_))),
            Node::Or(parts) => join(f, parts, " or ", |_| false),
            Node::Not(inner) => {
                f.write_char('-')?;
                bracketed(f, inner, matches!(inner.node, Node::And(_) | Node::Or(_) | Node::Not(_)))
            }
            Node::Term(term) => term.fmt(f),
            Node::Text(literal) => text(f, &literal.text, needs_quotes_as_word(&literal.text)),
        }
    }
}

fn join(f: &mut Formatter<'_>, parts: &[Expr], between: &str, bracket: impl Fn(&Expr) -> bool) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        bracketed(f, part, bracket(part))?;
    }
    Ok(())
}

fn bracketed(f: &mut Formatter<'_>, expr: &Expr, bracket: bool) -> fmt::Result {
    if bracket { write!(f, "({expr})") } else { expr.fmt(f) }
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.field(), self.op.sign())?;
        match &self.values {
            Values::Any(_) => f.write_char('*'),
            Values::Nothing(_) => Ok(()),
            Values::List(list) => {
                for (index, value) in list.iter().enumerate() {
                    if index > 0 {
                        f.write_char(',')?;
                    }
                    text(f, &value.text, needs_quotes_as_value(value))?;
                }
                Ok(())
            }
            Values::Range(from, to, _) => {
                if let Some(from) = from {
                    // A dot before the dots would be read as theirs.
                    text(f, &from.text, needs_quotes_as_value(from) || from.text.ends_with('.'))?;
                }
                f.write_str("..")?;
                to.as_ref().map_or(Ok(()), |to| text(f, &to.text, needs_quotes_as_value(to)))
            }
        }
    }
}

fn text(f: &mut Formatter<'_>, text: &str, quotes: bool) -> fmt::Result {
    if !quotes {
        return f.write_str(text);
    }
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            // The canonical form can be shown as it is.
            c if is_hidden(c) => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

fn needs_quotes(text: &str) -> bool {
    text.is_empty()
        || text.contains("..")
        || text.contains(|c: char| c.is_whitespace() || is_hidden(c) || matches!(c, ',' | '(' | ')' | '"'))
}

fn needs_quotes_as_value(value: &Literal) -> bool {
    // `<` and `=value` would be read as `<=`, and `//` behind a colon as a web address.
    value.verbatim || value.text == "*" || value.text.starts_with('=') || value.text.starts_with("//") || needs_quotes(&value.text)
}

fn needs_quotes_as_word(word: &str) -> bool {
    let mut lexer = Lexer::new(word);
    needs_quotes(word)
        || is_keyword(word)
        || word.starts_with(['-', '|'])
        || lexer.clone().take_op().is_some()
        || lexer.take_field().is_some()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::super::{Name, Op, Span, parse};
    use super::*;

    /// Returns the same expression without places.
    fn unplaced(expr: &Expr) -> Expr {
        let none = Span::default();
        let value = |literal: &Literal| Literal { span: none, ..literal.clone() };
        let all = |parts: &[Expr]| parts.iter().map(unplaced).collect();
        let node = match &expr.node {
            Node::And(parts) => Node::And(all(parts)),
            Node::Or(parts) => Node::Or(all(parts)),
            Node::Not(inner) => Node::Not(Box::new(unplaced(inner))),
            Node::Text(literal) => Node::Text(value(literal)),
            Node::Term(term) => Node::Term(Term {
                path: term.path.iter().map(|name| Name { span: none, ..name.clone() }).collect(),
                op: term.op,
                op_span: none,
                values: match &term.values {
                    Values::Any(_) => Values::Any(none),
                    Values::Nothing(_) => Values::Nothing(none),
                    Values::List(list) => Values::List(list.iter().map(value).collect()),
                    Values::Range(from, to, _) => Values::Range(from.as_ref().map(value), to.as_ref().map(value), none),
                },
            }),
        };
        Expr { node, span: none }
    }

    fn some_text() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => "[a-z]{1,6}",
            2 => "[-+a-z0-9.:,()\"\\\\|*<>=! _]{1,8}",
            1 => "\\PC{1,6}",
            1 => prop::sample::select(vec!["or", "AND", "not", "me", "ME", "c17", "*", "-7d", "10k", "..", "a..b", "\n\t", "x.", ".5", "|", "||a", "=a", "//x", "\u{1b}[0m", "a\u{202e}b", "\\u{41}"]).prop_map(str::to_owned),
        ]
    }

    fn some_value() -> impl Strategy<Value = Literal> {
        (some_text(), any::<bool>(), prop::bool::weighted(0.05)).prop_map(|(text, quoted, empty)| {
            let text = if empty { String::new() } else { text };
            Literal { verbatim: quoted && Literal::means_a_record(&text), text, span: Span::default() }
        })
    }

    fn some_term() -> impl Strategy<Value = Expr> {
        let none = Span::default();
        let path = prop::collection::vec("[a-zA-Zěя_][a-z0-9_-]{0,4}", 1..4);
        let values = prop_oneof![
            Just(Values::Any(none)),
            Just(Values::Nothing(none)),
            prop::collection::vec(some_value(), 1..4).prop_map(Values::List),
            (some_value(), prop::option::of(some_value())).prop_map(move |(from, to)| Values::Range(Some(from), to, none)),
            some_value().prop_map(move |to| Values::Range(None, Some(to), none)),
        ];
        let op = prop::sample::select(vec![Op::Has, Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge]);
        (path, op, values).prop_map(move |(path, op, values)| {
            let op = if matches!(values, Values::List(_)) || !op.orders() { op } else { Op::Has };
            let path = path.into_iter().map(|text| Name { text, span: none }).collect();
            Expr { node: Node::Term(Term { path, op, op_span: none, values }), span: none }
        })
    }

    fn some_expr() -> impl Strategy<Value = Expr> {
        let word = some_text()
            .prop_map(|text| Expr { node: Node::Text(Literal { text, verbatim: false, span: Span::default() }), span: Span::default() });
        prop_oneof![some_term(), word].prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::and),
                prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::or),
                inner.prop_map(Expr::negated),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn what_is_printed_parses_to_the_same(expr in some_expr()) {
            let printed = expr.to_string();
            let again = parse(&printed).map_err(|error| TestCaseError::fail(format!("{printed}: {error}")))?;
            prop_assert_eq!(unplaced(&again), unplaced(&expr), "{}", printed);
        }

        #[test]
        fn printing_is_canonical(text in "([-a-z0-9:.,()\"|*<>=! _\\\\]|or | not |and |tags:|me|\\.\\.){0,24}") {
            if let Ok(expr) = parse(&text) {
                let printed = expr.to_string();
                let again = parse(&printed).map_err(|error| TestCaseError::fail(format!("{text} printed {printed}: {error}")))?;
                prop_assert_eq!(unplaced(&again), unplaced(&expr), "{} printed {}", text, printed);
                prop_assert_eq!(again.to_string(), printed);
            }
        }
    }

    #[test]
    fn what_says_the_same_prints_alike() {
        for (text, printed) in [
            ("", ""),
            ("  ", ""),
            ("stage:proposal  AND (tags:vip)", "stage:proposal tags:vip"),
            ("a | b OR c or d", "a or b or c or d"),
            ("not a and (b (c d))", "-a b c d"),
            ("(a or b) c", "(a or b) c"),
            ("a (b or (c or d))", "a (b or c or d)"),
            ("-(a b)", "-(a b)"),
            ("not (-a)", "-(-a)"),
            ("\"vip\" name:\"Ada\"", "vip name:Ada"),
            ("name:\"Ada Novák\",\"a,b\"", "name:\"Ada Novák\",\"a,b\""),
            ("\"or\" \"-x\" \"a:b\" \"(\" \"<\"", "\"or\" \"-x\" \"a:b\" \"(\" \"<\""),
            ("owner:\"me\" owner:me", "owner:\"me\" owner:me"),
            ("company:\"a4\" company:a4", "company:\"a4\" company:a4"),
            ("amount:\"1.\"..", "amount:\"1.\".."),
            ("name:\"*\" name:*", "name:\"*\" name:*"),
            ("a\u{1b}[31m", "\"a\\u{1b}[31m\""),
            ("\"\\u{202e}\\u{41}\"", "\"\\u{202e}A\""),
            ("notes:\"tab\\tquote\\\"\\\\\"", "notes:\"tab\\tquote\\\"\\\\\""),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), printed, "{text}");
        }
    }
}

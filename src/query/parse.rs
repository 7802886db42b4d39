//! The grammar of queries, by recursive descent.
//!
//! It decides what belongs together and where it stands; whether a field exists
//! and what a value means is asked later, for a kind. Any text gives a tree or a
//! mistake with its place.

use super::lexer::{Lexer, Piece};
use super::{Expr, Literal, Node, QueryError, Span, Term, Values};

/// How deep brackets may stand in brackets.
pub(super) const MAX_DEPTH: usize = 64;

/// The longest query, in bytes.
pub(super) const MAX_BYTES: usize = 65_536;

const OR: &[&str] = &["or", "OR", "|"];
const AND: &[&str] = &["and", "AND"];
const NOT: &[&str] = &["not", "NOT"];

/// Parses a query; nothing but space is the query that matches everything.
///
/// Brackets may stand 64 deep in brackets, and a query may have 64 KiB.
///
/// # Errors
/// Tells the first mistake, its place and, where something is near, what was meant.
pub fn parse(text: &str) -> Result<Expr, QueryError> {
    if text.len() > MAX_BYTES {
        return Err(QueryError::new(Span::default(), format!("a query may have {MAX_BYTES} bytes; this one has {}", text.len())));
    }
    let mut parser = Parser { lexer: Lexer::new(text), depth: 0 };
    parser.lexer.skip_space();
    if parser.lexer.peek().is_none() {
        return Ok(Expr::all());
    }
    let expr = parser.or()?;
    match parser.lexer.peek() {
        None => Ok(expr),
        // `or` stops at nothing else.
        Some(_) => {
            Err(QueryError::new(parser.lexer.here(), "no bracket is open here").hint("to search for the bracket itself, quote the text"))
        }
    }
}

/// Returns whether a bare word has a meaning of its own.
pub(super) fn is_keyword(word: &str) -> bool {
    [OR, AND, NOT].iter().any(|words| words.contains(&word))
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    depth: usize,
}

impl Parser<'_> {
    fn or(&mut self) -> Result<Expr, QueryError> {
        let mut parts = vec![self.and()?];
        while let Some(sign) = self.take_or() {
            self.expect_operand(sign)?;
            parts.push(self.and()?);
        }
        Ok(Expr::or(parts))
    }

    fn take_or(&mut self) -> Option<Span> {
        let here = self.lexer.here();
        // `|` needs no space behind it, the words do.
        if self.lexer.take("|") { Some(here) } else { self.lexer.take_word(OR) }
    }

    /// Refuses an end or a closing bracket where something must follow.
    fn expect_operand(&mut self, sign: Span) -> Result<(), QueryError> {
        self.lexer.skip_space();
        match self.lexer.peek() {
            None | Some(')') => Err(self.lonely(sign, "behind")),
            _ => Ok(()),
        }
    }

    fn lonely(&self, sign: Span, side: &str) -> QueryError {
        let word = self.lexer.slice(sign);
        QueryError::new(sign, format!("nothing stands {side} \u{201c}{word}\u{201d}"))
            .hint(format!("to search for it as text, quote it: \"{word}\""))
    }

    fn and(&mut self) -> Result<Expr, QueryError> {
        let mut parts = Vec::new();
        loop {
            self.lexer.skip_space();
            if self.lexer.peek().is_none_or(|c| c == ')') {
                return Ok(Expr::and(parts));
            }
            let before = self.lexer.clone();
            if let Some(sign) = self.take_or() {
                if parts.is_empty() {
                    return Err(self.lonely(sign, "before"));
                }
                self.lexer = before;
                return Ok(Expr::and(parts));
            }
            if let Some(sign) = self.lexer.take_word(AND) {
                if parts.is_empty() {
                    return Err(self.lonely(sign, "before"));
                }
                self.expect_operand(sign)?;
            }
            parts.push(self.not()?);
        }
    }

    fn not(&mut self) -> Result<Expr, QueryError> {
        let minus = self.lexer.here();
        if self.lexer.take("-") {
            if self.lexer.peek().is_none_or(|c| c.is_whitespace() || c == ')') {
                return Err(QueryError::new(minus, "this - stands alone")
                    .hint("put it directly before what must not match; to search for it as text, quote it: \"-\""));
            }
            return self.negated(minus);
        }
        if let Some(word) = self.lexer.take_word(NOT) {
            self.expect_operand(word)?;
            return self.negated(word);
        }
        self.atom()
    }

    fn negated(&mut self, sign: Span) -> Result<Expr, QueryError> {
        let here = self.lexer.here();
        if self.lexer.looks_at("-") {
            return Err(QueryError::new(sign.to(here), "one exclusion is enough")
                .hint("to search for text that begins with -, quote it; an option stands before the query"));
        }
        let mut expr = self.atom()?.negated();
        expr.span.start = sign.start;
        Ok(expr)
    }

    fn atom(&mut self) -> Result<Expr, QueryError> {
        let start = self.lexer.here();
        if self.lexer.take("(") {
            return self.bracketed(start);
        }
        if let Some((path, op, op_span)) = self.lexer.take_field() {
            let field_span = path.first().map_or(start, |name| name.span);
            if self.lexer.looks_at("//") {
                return Err(QueryError::new(field_span.to(op_span), "this reads as a field and its value")
                    .hint("quote a web address: \"https://example.com\""));
            }
            let values = self.values(op_span.end)?;
            let span = field_span.to(values.span());
            let term = Term { path, op, op_span, values };
            expect_value_to_order(&term)?;
            return Ok(Expr { node: Node::Term(term), span });
        }
        let mut ahead = self.lexer.clone();
        if let Some(op) = ahead.take_op() {
            let sign = op.sign();
            let span = Span::new(start.start, ahead.at());
            return Err(QueryError::new(span, format!("no field stands directly before \u{201c}{sign}\u{201d}"))
                .hint(format!("write it without spaces, field{sign}value; quote what is text")));
        }
        let Some(piece) = self.lexer.take_piece()? else { return Err(self.misplaced()) };
        if !piece.quoted && (is_keyword(&piece.text) || piece.text.starts_with('|')) {
            return Err(QueryError::new(piece.span, "something to search for must stand here").hint("to search for this as text, quote it"));
        }
        if piece.text.is_empty() {
            return Err(QueryError::new(piece.span, "nothing stands between these quotes"));
        }
        self.expect_end(&piece)?;
        if self.lexer.looks_at(",") || self.lexer.looks_at("..") {
            return Err(self.misplaced());
        }
        Ok(Expr { span: piece.span, node: Node::Text(Literal { text: piece.text, verbatim: false, span: piece.span }) })
    }

    fn bracketed(&mut self, open: Span) -> Result<Expr, QueryError> {
        if self.depth == MAX_DEPTH {
            return Err(QueryError::new(open, format!("brackets may stand {MAX_DEPTH} deep")));
        }
        let unclosed = || QueryError::new(open, "this bracket is not closed").hint("close it with )");
        self.lexer.skip_space();
        let here = self.lexer.here();
        match self.lexer.peek() {
            None => return Err(unclosed()),
            Some(')') => return Err(QueryError::new(open.to(here), "nothing stands between these brackets")),
            Some(_) => {}
        }
        self.depth += 1;
        let mut inner = self.or()?;
        self.depth -= 1;
        inner.span = open.to(self.lexer.here());
        if self.lexer.take(")") { Ok(inner) } else { Err(unclosed()) }
    }

    /// Says why no word can begin or go on here: at `,` or `..`.
    fn misplaced(&self) -> QueryError {
        if self.lexer.looks_at("..") {
            return QueryError::new(self.dots(), "a range belongs to a field, as in amount:10k..20k")
                .hint("to search for text with two dots, quote it");
        }
        QueryError::new(self.lexer.here(), "a comma stands between the values of a field, as in tags:vip,cold")
            .hint("to search for text with a comma, quote it")
    }

    fn dots(&self) -> Span {
        Span::new(self.lexer.at(), self.lexer.at() + "..".len())
    }

    /// Refuses text that follows a closing quote directly.
    fn expect_end(&self, piece: &Piece) -> Result<(), QueryError> {
        match self.lexer.peek() {
            Some(c) if piece.quoted && !c.is_whitespace() && c != ')' && c != ',' && !self.lexer.looks_at("..") => {
                Err(QueryError::new(self.lexer.here(), "this follows a closing quote directly")
                    .hint("put a space between; a quote within quoted text is written \\\""))
            }
            _ => Ok(()),
        }
    }

    /// Reads what stands behind a comparison, which ends at `start`.
    fn values(&mut self, start: usize) -> Result<Values, QueryError> {
        if self.lexer.peek().is_none_or(|c| c.is_whitespace() || c == ')') {
            return Ok(Values::Nothing(Span::new(start, start)));
        }
        if self.lexer.looks_at(",") {
            return Err(QueryError::new(self.lexer.here(), "a value is missing before this comma").hint("quote text with a comma"));
        }
        let first = self.value()?;
        if self.lexer.looks_at("..") {
            return self.range(first, start);
        }
        let mut pieces: Vec<Piece> = first.into_iter().collect();
        while self.lexer.looks_at(",") {
            let comma = self.lexer.here();
            self.lexer.take(",");
            let Some(next) = self.value()? else {
                return Err(QueryError::new(comma, "a value is missing behind this comma")
                    .hint("values stand without spaces, as in tags:vip,cold; quote text with a comma"));
            };
            pieces.push(next);
        }
        match pieces.as_slice() {
            [star] if is_star(star) => return Ok(Values::Any(star.span)),
            _ if self.lexer.looks_at("..") => return Err(range_alone(self.dots())),
            pieces => pieces.iter().try_for_each(refuse_star)?,
        }
        Ok(Values::List(pieces.into_iter().map(literal).collect()))
    }

    /// Reads from `..` on.
    fn range(&mut self, from: Option<Piece>, start: usize) -> Result<Values, QueryError> {
        self.lexer.take("..");
        let to = self.value()?;
        let span = Span::new(start, self.lexer.at());
        if self.lexer.looks_at(",") || self.lexer.looks_at("..") {
            return Err(range_alone(span));
        }
        if from.is_none() && to.is_none() {
            return Err(QueryError::new(span, "a range has at least one end, as in 10..20, 10.. or ..20").hint("any value is *"));
        }
        from.iter().chain(&to).try_for_each(refuse_star)?;
        Ok(Values::Range(from.map(literal), to.map(literal), span))
    }

    fn value(&mut self) -> Result<Option<Piece>, QueryError> {
        let piece = self.lexer.take_piece()?;
        if let Some(piece) = &piece {
            self.expect_end(piece)?;
        }
        Ok(piece)
    }
}

fn literal(piece: Piece) -> Literal {
    Literal { verbatim: piece.quoted && Literal::means_a_record(&piece.text), text: piece.text, span: piece.span }
}

fn is_star(piece: &Piece) -> bool {
    !piece.quoted && piece.text == "*"
}

fn refuse_star(piece: &Piece) -> Result<(), QueryError> {
    if is_star(piece) {
        return Err(QueryError::new(piece.span, "* stands alone: it means any value").hint("to look for the sign itself, quote it: \"*\""));
    }
    Ok(())
}

fn range_alone(span: Span) -> QueryError {
    QueryError::new(span, "a range stands alone").hint("join several with or: amount:..10 or amount:20..")
}

/// Refuses `<`, `<=`, `>` and `>=` without a value to compare with.
fn expect_value_to_order(term: &Term) -> Result<(), QueryError> {
    if !term.op.orders() || matches!(term.values, Values::List(_)) {
        return Ok(());
    }
    let (field, sign) = (term.field(), term.op.sign());
    let span = term.op_span.to(term.values.span());
    Err(match term.values {
        Values::Nothing(_) => QueryError::new(span, format!("\u{201c}{sign}\u{201d} needs a value directly behind it"))
            .hint(format!("as in {field}{sign}10; {field}: asks for records without a value")),
        _ => QueryError::new(span, format!("\u{201c}{sign}\u{201d} takes a value, not a range or *"))
            .hint(format!("a range stands behind a colon, as in {field}:10..20")),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    /// Returns the pieces of text at which the parts of an expression stand.
    fn places(text: &str) -> Vec<&str> {
        fn visit<'a>(expr: &Expr, text: &'a str, into: &mut Vec<&'a str>) {
            into.push(&text[expr.span.start..expr.span.end]);
            match &expr.node {
                Node::And(parts) | Node::Or(parts) => parts.iter().for_each(|part| visit(part, text, into)),
                Node::Not(inner) => visit(inner, text, into),
                Node::Term(term) => {
                    let values = term.values.span();
                    into.extend([&text[term.field_span().start..term.field_span().end], &text[values.start..values.end]]);
                }
                Node::Text(_) => {}
            }
        }
        let mut into = Vec::new();
        visit(&parse(text).unwrap(), text, &mut into);
        into
    }

    #[test]
    fn every_part_knows_its_place() {
        assert_eq!(
            places(r#"stage:won -(tags:vip,"a b" or amount>=10k) company.name="X""#),
            [
                r#"stage:won -(tags:vip,"a b" or amount>=10k) company.name="X""#,
                "stage:won",
                "stage",
                "won",
                r#"-(tags:vip,"a b" or amount>=10k)"#,
                r#"(tags:vip,"a b" or amount>=10k)"#,
                r#"tags:vip,"a b""#,
                "tags",
                r#"vip,"a b""#,
                "amount>=10k",
                "amount",
                "10k",
                r#"company.name="X""#,
                "company.name",
                r#""X""#,
            ]
        );
        assert_eq!(places("при:..-7d"), ["при:..-7d", "при", "..-7d"]);
    }

    #[test]
    fn what_looks_like_a_field_but_is_none_is_text() {
        for text in ["10:30", "ada@example.com", "+420601123456", "c17", "O'Brien", "5\"x", "AT&T", "a|b", "foo(x", "#12", "50%"] {
            assert!(matches!(parse(text).unwrap().node, Node::Text(literal) if literal.text == text), "{text}");
        }
    }

    #[test]
    fn brackets_nest_as_deep_as_said() {
        let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
        assert!(parse(&nested(MAX_DEPTH)).is_ok());
        assert_eq!(parse(&nested(MAX_DEPTH + 1)).unwrap_err().message, "brackets may stand 64 deep");
        assert!(parse(&"-(".repeat(30_000)).is_err());
        assert!(parse(&"a or ".repeat(13_000)).is_err());
        let long = "a ".repeat(MAX_BYTES / 2);
        assert!(parse(&long).is_ok());
        assert_eq!(parse(&format!("{long}a")).unwrap_err().message, "a query may have 65536 bytes; this one has 65537");
    }

    #[test]
    fn mistakes_are_told_with_their_place() {
        for (text, expected) in [
            (")", "^|no bracket is open here|to search for the bracket itself, quote the text"),
            ("name:Acme(CZ)", "            ^|no bracket is open here|to search for the bracket itself, quote the text"),
            ("a (b or c", "  ^|this bracket is not closed|close it with )"),
            ("a (", "  ^|this bracket is not closed|close it with )"),
            ("a ( ) b", "  ^^^|nothing stands between these brackets"),
            ("a or", "  ^^|nothing stands behind \u{201c}or\u{201d}|to search for it as text, quote it: \"or\""),
            ("or a", "^^|nothing stands before \u{201c}or\u{201d}|to search for it as text, quote it: \"or\""),
            ("(a |)", "   ^|nothing stands behind \u{201c}|\u{201d}|to search for it as text, quote it: \"|\""),
            ("and a", "^^^|nothing stands before \u{201c}and\u{201d}|to search for it as text, quote it: \"and\""),
            ("a and", "  ^^^|nothing stands behind \u{201c}and\u{201d}|to search for it as text, quote it: \"and\""),
            ("a and or b", "      ^^|something to search for must stand here|to search for this as text, quote it"),
            ("not", "^^^|nothing stands behind \u{201c}not\u{201d}|to search for it as text, quote it: \"not\""),
            ("a -", "  ^|this - stands alone|put it directly before what must not match; to search for it as text, quote it: \"-\""),
            ("--srot", "^^|one exclusion is enough|to search for text that begins with -, quote it; an option stands before the query"),
            ("-not a", " ^^^|something to search for must stand here|to search for this as text, quote it"),
            ("name:\"Ada", "     ^|this quote is not closed|close it with \""),
            ("\"a\\x\"", "  ^^|in quotes a backslash stands before \", \\, n, r, t or u{\u{2026}}|for a backslash itself write \\\\"),
            ("\"\"", "^^|nothing stands between these quotes"),
            (
                "name:\"Ada\"x",
                "          ^|this follows a closing quote directly|put a space between; a quote within quoted text is written \\\"",
            ),
            (
                "Novák, Ada",
                "     ^|a comma stands between the values of a field, as in tags:vip,cold|to search for text with a comma, quote it",
            ),
            ("10..20", "  ^^|a range belongs to a field, as in amount:10k..20k|to search for text with two dots, quote it"),
            ("tags:,a", "     ^|a value is missing before this comma|quote text with a comma"),
            (
                "tags:a, b",
                "      ^|a value is missing behind this comma|values stand without spaces, as in tags:vip,cold; quote text with a comma",
            ),
            ("tags:a,*", "       ^|* stands alone: it means any value|to look for the sign itself, quote it: \"*\""),
            ("due:*..", "    ^|* stands alone: it means any value|to look for the sign itself, quote it: \"*\""),
            ("amount:..", "       ^^|a range has at least one end, as in 10..20, 10.. or ..20|any value is *"),
            ("amount:1..2,3", "       ^^^^|a range stands alone|join several with or: amount:..10 or amount:20.."),
            ("amount:1,2..3", "          ^^|a range stands alone|join several with or: amount:..10 or amount:20.."),
            (
                "amount > 5",
                "       ^|no field stands directly before \u{201c}>\u{201d}|write it without spaces, field>value; quote what is text",
            ),
            (
                "amount> 5",
                "      ^|\u{201c}>\u{201d} needs a value directly behind it|as in amount>10; amount: asks for records without a value",
            ),
            (
                "amount<1..2",
                "      ^^^^^|\u{201c}<\u{201d} takes a value, not a range or *|a range stands behind a colon, as in amount:10..20",
            ),
            ("https://x.example", "^^^^^^|this reads as a field and its value|quote a web address: \"https://example.com\""),
        ] {
            let error = parse(text).unwrap_err();
            let caret = error.caret(text);
            let marks = caret.strip_prefix(text).unwrap().trim_start_matches('\n');
            let told = [marks, &error.message].into_iter().chain(error.hint.as_deref()).collect::<Vec<_>>().join("|");
            assert_eq!(told, expected, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn any_text_parses_or_tells_a_place(text in "(\\PC|[-a-z:.,()\"|*<>=! \\\\]|or |not |and |tags:|\\.\\.|\n){0,40}") {
            if let Err(error) = parse(&text) {
                prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{:?}", error);
                prop_assert_eq!(error.caret(&text).lines().count(), 2);
            }
        }
    }
}

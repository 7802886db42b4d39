//! What a term asks of values: its words read for the type of the field.
//!
//! All that can be done once is done here: texts are folded, numbers read, words of
//! closed lists found. What depends on the moment and the user stays open until
//! somebody asks: times keep their words, and `me` stays `me`.

use std::collections::Bound;

use chrono_tz::Tz;

use crate::domain::definitions::Definitions;
use crate::domain::fields::{self, number};
use crate::domain::fold::{self, Needle};
use crate::domain::parse::{AnyField, Reading, ValueError, label, money, phone_digits, quoted};
use crate::domain::{Date, Decimal, FieldRef, Kind, Money, NotANumber, Period, RecordId, Timestamp, Value};

use super::path::{self, Type, Words};
use super::{Literal, Op, QueryError, Span, Term, Values};

/// What is asked of the values at the end of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Want {
    /// That there is one.
    Something,
    /// That one of them passes one of these.
    One(Vec<Check>),
}

/// One comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// The text contains this.
    Contains(Needle),
    /// The folded text is this.
    Is(String),
    /// The folded text, or its beginning, lies between these.
    Text(Bound<String>, Bound<String>),
    /// The digits contain one of these.
    Digits(Vec<String>),
    /// The digits are one of these.
    DigitsAre(Vec<String>),
    /// The number lies between these.
    Number(Bound<Decimal>, Bound<Decimal>),
    /// The amount lies between these, converted where the currencies differ.
    Money(Bound<Money>, Bound<Money>),
    /// The moment or the day lies in this span of [`Scope::spans`].
    Time(usize),
    /// The date, of whatever year, is this month and day.
    EveryYear(u32, u32),
    /// The flag is this.
    Flag(bool),
    /// The link goes here, or the record is this.
    Id(RecordId),
    /// The link goes to the user.
    Me,
    /// The text is the user's login.
    MyLogin,
    /// The link goes to a record that is called so; the number is its memory's.
    Called(usize, Called),
    /// The id elsewhere is this, under this source or any.
    External(Option<String>, String),
}

/// A name of a linked record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Called {
    /// It contains this.
    Like(Needle),
    /// Folded, it is this.
    Exactly(String),
}

/// A span of time in words: from one edge up to another, either may be open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct When {
    pub(super) from: Option<Edge>,
    pub(super) to: Option<Edge>,
}

/// An edge of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge {
    /// The period in words.
    pub(super) period: String,
    /// Whether its end is meant, and not its start.
    pub(super) end: bool,
}

/// What the terms of one query share.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Scope {
    /// The spans of time that it speaks of.
    pub(super) spans: Vec<When>,
    /// How many of its parts may remember what they found in a linked record.
    pub(super) memories: usize,
}

impl Scope {
    fn span(&mut self, when: When) -> Check {
        self.spans.push(when);
        Check::Time(self.spans.len() - 1)
    }

    /// Returns a number that no other part has.
    pub(super) fn memory(&mut self) -> usize {
        self.memories += 1;
        self.memories - 1
    }
}

/// Reads a term for one end of its path.
///
/// # Errors
/// A value that is none of the type's, or a comparison that the type does not know.
pub(super) fn read(term: &Term, field: &FieldRef, definitions: &Definitions, scope: &mut Scope) -> Result<Want, QueryError> {
    let ty = path::type_of(field, definitions);
    let mut reader = Reader { term, ty: &ty, definitions, scope };
    match &term.values {
        Values::Any(_) | Values::Nothing(_) => Ok(Want::Something),
        Values::List(list) => {
            if let [only] = list.as_slice()
                && only.text.is_empty()
                && !term.op.orders()
            {
                return Ok(Want::Something);
            }
            let mut checks = Vec::with_capacity(list.len());
            for value in list {
                reader.value(value, &mut checks)?;
            }
            Ok(Want::One(checks))
        }
        Values::Range(from, to, span) => reader.range(from.as_ref(), to.as_ref(), *span).map(|check| Want::One(vec![check])),
    }
}

/// Returns whether a term asks for records without a value: `field:`, `field=""`.
pub(super) fn asks_for_nothing(term: &Term) -> bool {
    match &term.values {
        Values::Nothing(_) => true,
        Values::List(list) => matches!(list.as_slice(), [only] if only.text.is_empty()),
        Values::Any(_) | Values::Range(..) => false,
    }
}

struct Reader<'a> {
    term: &'a Term,
    ty: &'a Type<'a>,
    definitions: &'a Definitions,
    scope: &'a mut Scope,
}

impl Reader<'_> {
    fn value(&mut self, literal: &Literal, checks: &mut Vec<Check>) -> Result<(), QueryError> {
        let op = self.term.op;
        if literal.text.trim().is_empty() {
            return Err(QueryError::new(literal.span, "there is nothing between these quotes")
                .hint("a value that is missing is asked for alone, as in tags:"));
        }
        self.refuse_other_signs(literal)?;
        let exact = op != Op::Has;
        if op.orders() {
            checks.push(self.ordered(op, literal)?);
            return Ok(());
        }
        let check = match self.ty {
            Type::Text if exact => Check::Is(fold::fold(&literal.text)),
            Type::Text => Check::Contains(needle(literal)?),
            Type::Phone => self.phone(literal, exact)?,
            Type::Word(words) => Check::Is(word(words, literal)?),
            Type::Login if Literal::is_me(&literal.text) && !literal.verbatim => Check::MyLogin,
            Type::Login => Check::Is(fold::fold(&literal.text)),
            Type::Number | Type::Percent => {
                let number = self.number(literal)?;
                Check::Number(Bound::Included(number), Bound::Included(number))
            }
            Type::Money => {
                let money = self.money(literal)?;
                Check::Money(Bound::Included(money), Bound::Included(money))
            }
            Type::Date | Type::Time => match yearless(literal).filter(|_| *self.ty == Type::Date) {
                Some(check) => check,
                None => self.scope.span(When { from: Some(edge(literal, false)?), to: Some(edge(literal, true)?) }),
            },
            Type::Flag => flag(literal)?,
            Type::Id(kinds) => Check::Id(own_id(literal, kinds)?),
            Type::ExternalId(under_source) => external(literal, *under_source),
            Type::Link(kinds) => self.link(literal, kinds, exact)?,
            Type::Composite(kinds) => {
                checks.push(if exact { Check::Is(fold::fold(&literal.text)) } else { Check::Contains(needle(literal)?) });
                self.link(literal, kinds, exact)?
            }
        };
        checks.push(check);
        Ok(())
    }

    /// Refuses `amount=>10k` and `amount:>10k`, which read as values with a sign.
    fn refuse_other_signs(&self, literal: &Literal) -> Result<(), QueryError> {
        let rest = literal.text.trim_start_matches(['<', '>', '=']);
        let signs = &literal.text[..literal.text.len() - rest.len()];
        let compared = matches!(self.ty, Type::Number | Type::Percent | Type::Money | Type::Date | Type::Time);
        if signs.is_empty() || !compared {
            return Ok(());
        }
        let op = self.term.op.sign();
        let meant = match (op, signs) {
            ("=", "<" | ">") => format!("{signs}="),
            (_, "<" | "<=" | ">" | ">=" | "=") => signs.to_owned(),
            _ => "=".to_owned(),
        };
        Err(QueryError::new(self.term.op_span.to(literal.span), format!("\u{201c}{op}{signs}\u{201d} is no comparison"))
            .hint(format!("did you mean {}?", quoted(&format!("{}{meant}{rest}", self.term.field())))))
    }

    fn ordered(&mut self, op: Op, literal: &Literal) -> Result<Check, QueryError> {
        fn bounds<T>(op: Op, value: T) -> (Bound<T>, Bound<T>) {
            match op {
                Op::Lt => (Bound::Unbounded, Bound::Excluded(value)),
                Op::Le => (Bound::Unbounded, Bound::Included(value)),
                Op::Gt => (Bound::Excluded(value), Bound::Unbounded),
                _ => (Bound::Included(value), Bound::Unbounded),
            }
        }
        match self.ty {
            Type::Text => {
                let (from, to) = bounds(op, fold::fold(&literal.text));
                Ok(Check::Text(from, to))
            }
            Type::Number | Type::Percent => {
                let (from, to) = bounds(op, self.number(literal)?);
                Ok(Check::Number(from, to))
            }
            Type::Money => {
                let (from, to) = bounds(op, self.money(literal)?);
                Ok(Check::Money(from, to))
            }
            Type::Date | Type::Time => {
                let edge = |end| edge(literal, end).map(Some);
                Ok(self.scope.span(match op {
                    Op::Lt => When { from: None, to: edge(false)? },
                    Op::Le => When { from: None, to: edge(true)? },
                    Op::Gt => When { from: edge(true)?, to: None },
                    _ => When { from: edge(false)?, to: None },
                }))
            }
            _ => Err(self.unordered(self.term.op_span, &format!("\u{201c}{}\u{201d}", op.sign()))),
        }
    }

    fn range(&mut self, from: Option<&Literal>, to: Option<&Literal>, span: Span) -> Result<Check, QueryError> {
        fn bound<T>(end: Option<T>) -> Bound<T> {
            end.map_or(Bound::Unbounded, Bound::Included)
        }
        match self.ty {
            Type::Text => {
                let text = |literal: &Literal| fold::fold(&literal.text);
                Ok(Check::Text(bound(from.map(text)), bound(to.map(text))))
            }
            Type::Number | Type::Percent => {
                let number = |literal: Option<&Literal>| literal.map(|literal| self.number(literal)).transpose().map(bound);
                Ok(Check::Number(number(from)?, number(to)?))
            }
            Type::Money => {
                let money = |literal: Option<&Literal>| literal.map(|literal| self.money(literal)).transpose().map(bound);
                Ok(Check::Money(money(from)?, money(to)?))
            }
            Type::Date | Type::Time => {
                let edge = |literal: Option<&Literal>, end| literal.map(|literal| edge(literal, end)).transpose();
                Ok(self.scope.span(When { from: edge(from, false)?, to: edge(to, true)? }))
            }
            _ => Err(self.unordered(span, "a range")),
        }
    }

    fn unordered(&self, span: Span, what: &str) -> QueryError {
        let field = self.term.field();
        let error = QueryError::new(span, format!("\u{201c}{field}\u{201d} has no order for {what}"));
        match self.ty {
            Type::Link(_) | Type::Composite(_) => error.hint(format!("compare a field of what it links to, as in {field}.name:a..f")),
            Type::Word(words) if words.words.len() > 1 => {
                error.hint(format!("list the words that you mean, as in {field}:{},{}", words.words[0], words.words[1]))
            }
            _ => error.hint(format!("list the values that you mean, as in {field}:a,b")),
        }
    }

    fn link(&mut self, literal: &Literal, kinds: &[Kind], exact: bool) -> Result<Check, QueryError> {
        let takes = |kind: Kind| kinds.is_empty() || kinds.contains(&kind);
        if !literal.verbatim {
            if Literal::is_me(&literal.text) && takes(Kind::User) {
                return Ok(Check::Me);
            }
            if let Some(id) = literal.text.parse::<RecordId>().ok().filter(|id| takes(id.kind)) {
                return Ok(Check::Id(id));
            }
        }
        let called = if exact { Called::Exactly(fold::fold(&literal.text)) } else { Called::Like(needle(literal)?) };
        Ok(Check::Called(self.scope.memory(), called))
    }

    fn number(&self, literal: &Literal) -> Result<Decimal, QueryError> {
        let text = literal.text.trim();
        let text = if *self.ty == Type::Percent { text.strip_suffix('%').unwrap_or(text).trim_end() } else { text };
        text.parse().map_err(|error: NotANumber| refused(literal, ValueError::from(error)))
    }

    fn money(&self, literal: &Literal) -> Result<Money, QueryError> {
        money(&literal.text, self.definitions.reporting_currency()).map_err(|error| refused(literal, error))
    }

    fn phone(&self, literal: &Literal, exact: bool) -> Result<Check, QueryError> {
        let digits = phone_digits(&literal.text);
        Ok(match (digits.is_empty(), exact) {
            (true, true) => Check::Is(fold::fold(&literal.text)),
            (true, false) => Check::Contains(needle(literal)?),
            (false, true) => Check::DigitsAre(whole_numbers(&literal.text, digits, self.definitions)),
            (false, false) => Check::Digits(parts_of_numbers(digits)),
        })
    }
}

/// Reads an edge of a period; whether words mean a time does not depend on when they
/// are said, but for spans that leave the calendar.
fn edge(literal: &Literal, end: bool) -> Result<Edge, QueryError> {
    let period = literal.text.trim();
    if Period::parse(period, Tz::UTC, SOME_DAY).is_none() {
        return Err(no_time(literal));
    }
    Ok(Edge { period: period.to_owned(), end })
}

/// 2026-01-01, from which words are tried.
const SOME_DAY: Timestamp = Timestamp(1_767_225_600_000_000);

const TIME_WORDS: &[&str] =
    &["today", "yesterday", "tomorrow", "now", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn no_time(literal: &Literal) -> QueryError {
    QueryError::new(literal.span, format!("{} is no date or time", quoted(literal.text.trim())))
        .hint("write 2026-01-31, 2026-01, 2026-q1, 2026, today, monday, now, -7d, +2w, -3m or -2h")
        .near(&literal.text, TIME_WORDS.iter().copied())
}

fn yearless(literal: &Literal) -> Option<Check> {
    let date: Date = literal.text.trim().parse().ok()?;
    match (date.year(), date.month(), date.day()) {
        (None, Some(month), Some(day)) => Some(Check::EveryYear(month, day)),
        _ => None,
    }
}

/// Returns what to look for; text of which folding leaves nothing is refused, for it
/// would be found everywhere.
pub(super) fn needle(literal: &Literal) -> Result<Needle, QueryError> {
    let needle = Needle::new(&literal.text);
    if needle.is_empty() {
        return Err(QueryError::new(literal.span, "there is nothing to look for here"));
    }
    Ok(needle)
}

/// Returns the digits to look for in a number: also without the zeros that are dialled
/// before it, which the kept form does not have.
pub(super) fn parts_of_numbers(digits: String) -> Vec<String> {
    let bare = digits.strip_prefix("00").or_else(|| digits.strip_prefix('0')).filter(|bare| !bare.is_empty()).map(str::to_owned);
    [Some(digits), bare].into_iter().flatten().collect()
}

/// Returns the digits that a whole number may be kept as: those typed, and those of the
/// number that is understood where the store's settings say.
fn whole_numbers(text: &str, digits: String, definitions: &Definitions) -> Vec<String> {
    let field = fields::field_by_number(Kind::Contact, number::CONTACT_PHONE).expect("contacts have phones");
    let read = AnyField::Builtin(field).parse(text, &Reading::new(definitions, SOME_DAY)).ok().flatten();
    let mut all = vec![digits];
    all.extend(read.as_ref().and_then(Value::as_text).map(phone_digits).filter(|read| *read != all[0]));
    all
}

fn word(words: &Words<'_>, literal: &Literal) -> Result<String, QueryError> {
    let folded = fold::fold(literal.text.trim());
    if words.closed && !words.words.iter().any(|word| fold::fold(word) == folded) {
        let error = QueryError::new(literal.span, format!("{} is no {}", quoted(literal.text.trim()), words.what));
        return Err(error.nearest(&literal.text, words.words.iter().copied()));
    }
    Ok(folded)
}

fn flag(literal: &Literal) -> Result<Check, QueryError> {
    match fold::fold(literal.text.trim()).as_str() {
        "yes" | "true" | "1" | "y" | "on" => Ok(Check::Flag(true)),
        "no" | "false" | "0" | "n" | "off" => Ok(Check::Flag(false)),
        _ => Err(QueryError::new(literal.span, format!("{} is neither yes nor no", quoted(literal.text.trim()))).hint("write yes or no")),
    }
}

fn own_id(literal: &Literal, kinds: &[Kind]) -> Result<RecordId, QueryError> {
    let text = literal.text.trim();
    let like = kinds.first().copied().unwrap_or(Kind::Contact);
    let error = |message: String| QueryError::new(literal.span, message).hint(format!("the id of a {like} is like {}17", like.prefix()));
    match text.parse::<RecordId>() {
        Ok(id) if kinds.is_empty() || kinds.contains(&id.kind) => Ok(id),
        Ok(id) => Err(error(format!("{id} is the id of a {}", id.kind))),
        Err(not) => match (kinds, text.parse::<u64>()) {
            ([kind], Ok(number)) if number > 0 => Ok(RecordId::new(*kind, number)),
            _ => Err(error(format!("{} is no id", quoted(&not.0)))),
        },
    }
}

fn external(literal: &Literal, under_source: bool) -> Check {
    let text = literal.text.trim();
    match text.split_once(':').filter(|_| !under_source) {
        Some((source, id)) => Check::External(Some(label(source)), id.trim().to_owned()),
        None => Check::External(None, text.to_owned()),
    }
}

fn refused(literal: &Literal, error: ValueError) -> QueryError {
    QueryError::new(literal.span, error.message).maybe_hint(error.hint)
}

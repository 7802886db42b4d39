//! What was typed, as a tree: every part with its place in the text.
//!
//! The tree knows the grammar and nothing of fields or types.

use crate::domain::RecordId;

/// A piece of the query's text, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
}

impl Span {
    /// Returns the span between two bytes.
    pub const fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// Returns the span from the start of this one to the end of another.
    pub const fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// An expression and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// What it says.
    pub node: Node,
    /// Where it stands.
    pub span: Span,
}

/// What an expression says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// All of them; the empty query is all of none and matches everything.
    And(Vec<Expr>),
    /// One of them.
    Or(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// A field compared with values.
    Term(Term),
    /// A word or quoted text alone.
    Text(Literal),
}

/// `field op values`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The names between the dots; at least one.
    pub path: Vec<Name>,
    /// The comparison.
    pub op: Op,
    /// Where the comparison stands.
    pub op_span: Span,
    /// With what.
    pub values: Values,
}

impl Term {
    /// Returns the place of the field.
    pub fn field_span(&self) -> Span {
        match (self.path.first(), self.path.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::new(self.op_span.start, self.op_span.start),
        }
    }

    /// Returns the field as typed, with its dots.
    pub fn field(&self) -> String {
        let names: Vec<&str> = self.path.iter().map(|name| name.text.as_str()).collect();
        names.join(".")
    }
}

/// One name of a dotted field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As typed.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// `:`, contains or equals by the field's type.
    Has,
    /// `=`, exactly.
    Eq,
    /// `!=`, none is.
    Ne,
    /// `<`.
    Lt,
    /// `<=`.
    Le,
    /// `>`.
    Gt,
    /// `>=`.
    Ge,
}

impl Op {
    /// Returns the comparison as typed.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Has => ":",
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    /// Returns whether it asks for an order: `<`, `<=`, `>`, `>=`.
    pub const fn orders(self) -> bool {
        matches!(self, Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }
}

/// What stands behind the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values {
    /// `*`: any value.
    Any(Span),
    /// Nothing: no value. The span is the place behind the comparison.
    Nothing(Span),
    /// `a,b`: one of these; at least one.
    List(Vec<Literal>),
    /// `a..b`, `a..`, `..b`: at least one end.
    Range(Option<Literal>, Option<Literal>, Span),
}

impl Values {
    /// Returns where they stand.
    pub fn span(&self) -> Span {
        match self {
            Self::Any(span) | Self::Nothing(span) | Self::Range(_, _, span) => *span,
            Self::List(list) => match (list.first(), list.last()) {
                (Some(first), Some(last)) => first.span.to(last.span),
                _ => Span::default(),
            },
        }
    }
}

/// One value, or a word alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal {
    /// What it says, quotes and escapes resolved.
    pub text: String,
    /// Whether quotes keep it from being read as `me` or an id: `owner:"me"` is somebody
    /// called Me.
    pub verbatim: bool,
    /// Where it stands, quotes included.
    pub span: Span,
}

impl Literal {
    /// Returns whether this text, not quoted, means the user.
    pub(super) fn is_me(text: &str) -> bool {
        text.eq_ignore_ascii_case("me")
    }

    /// Returns whether this text means a record where it is not quoted.
    pub(super) fn means_a_record(text: &str) -> bool {
        Self::is_me(text) || text.parse::<RecordId>().is_ok()
    }
}

impl Expr {
    /// Returns the expression that matches everything.
    pub const fn all() -> Self {
        Self { node: Node::And(Vec::new()), span: Span::new(0, 0) }
    }

    /// Returns whether this is the expression that matches everything.
    pub fn is_all(&self) -> bool {
        matches!(&self.node, Node::And(parts) if parts.is_empty())
    }

    /// Returns all of these: flat, and without a level for one part alone.
    #[must_use]
    pub fn and(parts: Vec<Self>) -> Self {
        Self::join(parts, true)
    }

    /// Returns one of these: flat, and without a level for one part alone.
    #[must_use]
    pub fn or(parts: Vec<Self>) -> Self {
        Self::join(parts, false)
    }

    /// Returns the opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        let span = self.span;
        Self { node: Node::Not(Box::new(self)), span }
    }

    fn join(parts: Vec<Self>, all: bool) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part.node {
                Node::And(inner) if all => flat.extend(inner),
                Node::Or(inner) if !all => flat.extend(inner),
                node => flat.push(Self { node, span: part.span }),
            }
        }
        let span = match (flat.first(), flat.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::default(),
        };
        match flat.pop() {
            Some(only) if flat.is_empty() => only,
            last => {
                flat.extend(last);
                Self { node: if all { Node::And(flat) } else { Node::Or(flat) }, span }
            }
        }
    }
}

//! A query that is ready to be asked of records: its fields are those of a kind and
//! its values those of their types.
//!
//! It still knows no moment and no user; [`super::Matcher`] gives it both.

use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

use crate::domain::definitions::Definitions;
use crate::domain::fields;
use crate::domain::fold::Needle;
use crate::domain::parse::{AnyField, phone_digits};
use crate::domain::{FieldRef, FieldType, Kind, Part};

use super::path::{self, Tree};
use super::want::{self, Scope, Want};
use super::{Expr, Literal, Node, Op, QueryError, Term, parse};

/// A query of the records of one kind.
#[derive(Debug, Clone)]
pub struct Query {
    kind: Kind,
    expr: Expr,
    pub(super) test: Test,
    pub(super) scope: Scope,
}

/// What an expression asks of a record.
#[derive(Debug, Clone)]
pub(super) enum Test {
    /// All of these.
    All(Vec<Test>),
    /// One of these.
    Any(Vec<Test>),
    /// Not this.
    Not(Box<Test>),
    /// Something of the values of a field.
    Field(FieldTest),
    /// A word somewhere.
    Word(WordTest),
}

/// What is asked of the values of a field.
#[derive(Debug, Clone)]
pub(super) struct FieldTest {
    pub(super) tree: Tree<Want>,
    /// Whether no value may be so: `!=`, or no value asked for.
    pub(super) none: bool,
    /// The number of its memory of linked records.
    pub(super) memory: usize,
}

/// A word that may stand in several fields.
#[derive(Debug, Clone)]
pub(super) struct WordTest {
    pub(super) needle: Needle,
    /// The digits to look for in phone numbers, if it may be one.
    pub(super) digits: Vec<String>,
    /// Where it is looked for, and whether phone numbers stand there.
    pub(super) places: Arc<[(FieldRef, bool)]>,
    /// The number of its memory of linked records.
    pub(super) memory: usize,
}

impl Query {
    /// Parses and resolves a query of this kind's records.
    ///
    /// # Errors
    /// The first mistake, with its place and what was probably meant: in the grammar,
    /// an unknown field, a word that a closed list does not have, a value that is none
    /// of its field's type.
    pub fn parse(text: &str, kind: Kind, definitions: &Definitions) -> Result<Self, QueryError> {
        Self::resolve(parse(text)?, kind, definitions)
    }

    /// Resolves an expression for this kind.
    ///
    /// # Errors
    /// As [`Self::parse`], the grammar aside.
    pub fn resolve(expr: Expr, kind: Kind, definitions: &Definitions) -> Result<Self, QueryError> {
        let mut resolver = Resolver { kind, definitions, scope: Scope::default(), places: None };
        let test = resolver.test(&expr)?;
        Ok(Self { kind, expr, test, scope: resolver.scope })
    }

    /// Returns the query that all records of a kind match.
    pub fn all(kind: Kind) -> Self {
        Self { kind, expr: Expr::all(), test: Test::All(Vec::new()), scope: Scope::default() }
    }

    /// Returns the kind whose records are asked for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns what was typed.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// Returns whether all records of the kind match.
    pub fn is_all(&self) -> bool {
        self.expr.is_all()
    }
}

impl Display for Query {
    /// The canonical text; parsed for the same kind it is the same query.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.expr.fmt(f)
    }
}

struct Resolver<'d> {
    kind: Kind,
    definitions: &'d Definitions,
    scope: Scope,
    /// Where words are looked for: the same for all words.
    places: Option<Arc<[(FieldRef, bool)]>>,
}

impl Resolver<'_> {
    fn test(&mut self, expr: &Expr) -> Result<Test, QueryError> {
        let all = |this: &mut Self, parts: &[Expr]| parts.iter().map(|part| this.test(part)).collect::<Result<Vec<_>, _>>();
        Ok(match &expr.node {
            Node::And(parts) => Test::All(all(self, parts)?),
            Node::Or(parts) => Test::Any(all(self, parts)?),
            Node::Not(inner) => Test::Not(Box::new(self.test(inner)?)),
            Node::Term(term) => Test::Field(self.field(term)?),
            Node::Text(word) => Test::Word(self.word(word)?),
        })
    }

    fn field(&mut self, term: &Term) -> Result<FieldTest, QueryError> {
        let Self { kind, definitions, scope, .. } = self;
        let end = &mut |field: &FieldRef| want::read(term, field, definitions, scope);
        let tree = path::resolve(*kind, &term.field(), term.field_span(), definitions, end)?;
        Ok(FieldTest { tree, none: want::asks_for_nothing(term) != (term.op == Op::Ne), memory: self.scope.memory() })
    }

    fn word(&mut self, word: &Literal) -> Result<WordTest, QueryError> {
        let needle = want::needle(word)?;
        let is_number = word.text.chars().all(|c| c.is_numeric() || " +-()./".contains(c));
        let digits = if is_number { phone_digits(&word.text) } else { String::new() };
        let digits = if digits.is_empty() { Vec::new() } else { want::parts_of_numbers(digits) };
        let places = match &self.places {
            Some(places) => Arc::clone(places),
            None => Arc::clone(self.places.insert(places(self.kind, self.definitions))),
        };
        Ok(WordTest { needle, digits, places, memory: self.scope.memory() })
    }
}

/// Returns the fields in which a word alone is looked for, and whether they hold phone
/// numbers.
fn places(kind: Kind, definitions: &Definitions) -> Arc<[(FieldRef, bool)]> {
    let mut places = Vec::new();
    for field in fields::fields(kind).filter(|field| field.searched) {
        if field.ty == FieldType::Job {
            // Former companies are searched too, not only the first.
            for part in [Part::Company, Part::Title, Part::Role] {
                let name = format!("{}.{}", field.name, part.name());
                places.push((FieldRef::resolve(kind, &name, definitions).expect("jobs have these parts"), false));
            }
        } else {
            places.push((FieldRef::of(kind, AnyField::Builtin(field)), field.ty == FieldType::Phone));
        }
    }
    places.into()
}

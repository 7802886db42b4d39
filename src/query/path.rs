//! What a dotted field of a query looks at: where its values come from, of which
//! type they are, and which links lead there.
//!
//! A link may go to several kinds of record, and a name behind it may mean another
//! field in each: the path is a small tree with a branch for each kind.

use crate::domain::definitions::Definitions;
use crate::domain::fields::number;
use crate::domain::{ChoiceList, FieldNumber, FieldRef, FieldType, Kind, Leaf, Part, StoredField, System, UnknownField, fields};

use super::{QueryError, Span};

/// Of which type values are, as far as comparing goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Type<'d> {
    /// Text that is searched within.
    Text,
    /// A phone number, compared by its digits.
    Phone,
    /// A word that is compared whole, of a list if there is one.
    Word(Words<'d>),
    /// A login.
    Login,
    /// A number.
    Number,
    /// A number that may be written with `%`.
    Percent,
    /// Money.
    Money,
    /// A date.
    Date,
    /// A moment.
    Time,
    /// Yes or no.
    Flag,
    /// The id of a record of one of these kinds; none named means any.
    Id(Vec<Kind>),
    /// An id elsewhere; whether its source is named already.
    ExternalId(bool),
    /// Another record of one of these kinds; none named means any.
    Link(&'static [Kind]),
    /// A job or line: its texts, and a link to one of these kinds.
    Composite(&'static [Kind]),
}

/// The words of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words<'d> {
    /// What one of them is called in messages: `stage`.
    pub(super) what: String,
    /// The words, in the team's order.
    pub(super) words: Vec<&'d str>,
    /// Whether there are no others.
    pub(super) closed: bool,
}

/// A path with something for each of its ends.
#[derive(Debug, Clone)]
pub(super) struct Tree<T> {
    nodes: Vec<Node<T>>,
    /// Where it begins.
    pub(super) root: usize,
}

/// A place of a path.
#[derive(Debug, Clone)]
pub(super) enum Node<T> {
    /// The end: the field and what is asked about its values.
    End(FieldRef, T),
    /// A field that links, and where to go on in a record of each kind.
    Through(FieldRef, Vec<(Kind, usize)>),
}

impl<T> Tree<T> {
    pub(super) fn node(&self, at: usize) -> &Node<T> {
        &self.nodes[at]
    }

    /// Adds a field and what is behind it; returns its place. Where a link leads to
    /// several kinds, it is enough that `end` takes the field of one.
    fn add(&mut self, field: &FieldRef, end: &mut dyn FnMut(&FieldRef) -> Result<T, QueryError>) -> Result<usize, QueryError> {
        let node = if let Leaf::Followed(_, _, then) = field.leaf() {
            let (mut branches, mut refused) = (Vec::new(), None);
            for next in then {
                match self.add(next, end) {
                    Ok(node) => branches.push((next.kind(), node)),
                    Err(error) => refused = refused.or(Some(error)),
                }
            }
            match refused {
                Some(error) if branches.is_empty() => return Err(error),
                _ => Node::Through(field.clone(), branches),
            }
        } else {
            Node::End(field.clone(), end(field)?)
        };
        self.nodes.push(node);
        Ok(self.nodes.len() - 1)
    }
}

/// Resolves a path for a kind; `end` makes of each end what the caller keeps there.
///
/// # Errors
/// A name that is no field, or what `end` refuses.
pub(super) fn resolve<T>(
    kind: Kind,
    name: &str,
    span: Span,
    definitions: &Definitions,
    end: &mut dyn FnMut(&FieldRef) -> Result<T, QueryError>,
) -> Result<Tree<T>, QueryError> {
    let field = FieldRef::resolve(kind, name, definitions).map_err(|error| unknown(&error, span))?;
    let mut tree = Tree { nodes: Vec::new(), root: 0 };
    tree.root = tree.add(&field, end)?;
    Ok(tree)
}

fn unknown(error: &UnknownField, span: Span) -> QueryError {
    QueryError::new(span, error.to_string()).hint(error.hint())
}

/// Returns of which type the values of a field are.
pub(super) fn type_of<'d>(field: &'d FieldRef, definitions: &'d Definitions) -> Type<'d> {
    match field.leaf() {
        Leaf::LinkId(stored, _) => return Type::Id(link_kinds(stored).to_vec()),
        Leaf::System(System::Id) => return Type::Id(vec![field.kind()]),
        Leaf::System(System::UpdatedBy) => return Type::Login,
        Leaf::Stored(stored, _) if stored.field.number == number::EVENT_BY => return Type::Login,
        Leaf::Stored(stored, _) if stored.field.ty == FieldType::ExternalId => return Type::ExternalId(field.stored().is_none()),
        _ => {}
    }
    if let Some((words, closed)) = field.words(definitions) {
        let what = match (field.field_type(), field.leaf()) {
            (FieldType::Choice(list) | FieldType::OpenChoice(list), _) => list.name().replace('-', " "),
            (_, Leaf::Stored(stored, _)) => stored.field.name.to_owned(),
            _ => field.name().to_owned(),
        };
        return Type::Word(Words { what, words, closed });
    }
    match field.field_type() {
        FieldType::Phone => Type::Phone,
        FieldType::Tag | FieldType::Choice(_) | FieldType::OpenChoice(_) => Type::Word(Words::default()),
        FieldType::Consent => Type::Word(Words { what: "consent".to_owned(), words: definitions.words(ChoiceList::Consent), closed: true }),
        FieldType::Int | FieldType::Number => Type::Number,
        FieldType::Percent => Type::Percent,
        FieldType::Money => Type::Money,
        FieldType::Date => Type::Date,
        FieldType::Time => Type::Time,
        FieldType::Flag => Type::Flag,
        FieldType::Link(kinds) => Type::Link(kinds),
        FieldType::ExternalId => Type::ExternalId(false),
        FieldType::Job => Type::Composite(Part::Company.kinds()),
        FieldType::Line => Type::Composite(Part::Product.kinds()),
        FieldType::Text
        | FieldType::LongText
        | FieldType::Name
        | FieldType::Email
        | FieldType::Url
        | FieldType::Domain
        | FieldType::Language
        | FieldType::Zone
        | FieldType::Span
        | FieldType::Repeat
        | FieldType::FileName
        | FieldType::Hash
        | FieldType::Address => Type::Text,
    }
}

fn link_kinds(stored: &StoredField) -> &'static [Kind] {
    match (stored.part, stored.field.ty) {
        (Some(part), _) => part.kinds(),
        (None, FieldType::Link(kinds)) => kinds,
        (None, _) => &[],
    }
}

/// Returns the field that holds the name of a kind's records, if one does.
pub(super) fn name_field(kind: Kind) -> Option<FieldNumber> {
    match kind {
        Kind::User => Some(number::USER_NAME),
        _ => fields::title_field(kind)
            .filter(|field| matches!(field.ty, FieldType::Name | FieldType::Text | FieldType::FileName))
            .map(|field| field.number),
    }
}

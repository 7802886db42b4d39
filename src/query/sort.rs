//! In which order records stand: `name,-amount`.
//!
//! Each record gets a key of bytes that compare as the order says; a page's cursor is
//! the key and the id. Records without a value come last in both directions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

use chrono::NaiveDate;

use crate::domain::definitions::Definitions;
use crate::domain::fold;
use crate::domain::zone::day_at;
use crate::domain::{Field, FieldNumber, FieldRef, FieldType, Kind, Leaf, Record, RecordId, System, naming};

use super::evaluate::{Seen, each, worth};
use super::path::{self, Node, Tree, Type};
use super::{Context, QueryError, Span, index, order};

/// The most fields of an order.
const MAX_FIELDS: usize = 8;

/// One field of an order.
#[derive(Debug, Clone)]
pub struct SortKey {
    field: String,
    descending: bool,
    tree: Tree<By>,
}

/// What makes values compare that their own bytes would not.
#[derive(Debug, Clone)]
struct By {
    /// The folded words of the list, in the team's order.
    words: Vec<String>,
}

impl SortKey {
    /// Returns the field as typed.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns whether the largest comes first.
    pub fn descending(&self) -> bool {
        self.descending
    }

    /// Returns whether this is the order by name that the store keeps for the kind:
    /// the field of [`index::order_field`], ascending, has these keys.
    pub fn is_by_name(&self, kind: Kind) -> bool {
        !self.descending && self.stored(kind).is_some_and(|field| Some(field.number) == index::order_field(kind))
    }

    /// Returns the field whose index has the records of the kind in this order, of
    /// either direction: the field by which it is named, or one of a single moment or
    /// day. The pieces of this order's keys are [`Self::piece`]s of the index's.
    pub fn index(&self, kind: Kind) -> Option<FieldNumber> {
        let field = self.stored(kind)?;
        let is_moment = matches!(field.ty, FieldType::Time | FieldType::Date) && field.indexed && !field.repeats;
        (is_moment || Some(field.number) == index::order_field(kind)).then_some(field.number)
    }

    /// Returns the sort key of a record that the index of [`Self::index`] has under a
    /// key; `None` for one without a value, which comes last in both directions.
    pub fn piece(&self, kind: Kind, key: &[u8]) -> Option<Vec<u8>> {
        let body = if self.is_name(kind) { order::body(key)? } else { key };
        let mut piece = Vec::with_capacity(body.len() + 1);
        order::push(&mut piece, self.descending, body);
        Some(piece)
    }

    /// Returns the key under which the index of [`Self::index`] has a record with this
    /// sort key; `None` for one without a value.
    pub fn index_key(&self, kind: Kind, piece: &[u8]) -> Option<Vec<u8>> {
        let body: Vec<u8> = order::body(piece)?.iter().map(|byte| if self.descending { !byte } else { *byte }).collect();
        if !self.is_name(kind) {
            return Some(body);
        }
        let mut key = Vec::with_capacity(body.len() + 1);
        order::push(&mut key, false, &body);
        Some(key)
    }

    fn is_name(&self, kind: Kind) -> bool {
        self.stored(kind).is_some_and(|field| Some(field.number) == index::order_field(kind))
    }

    fn stored(&self, kind: Kind) -> Option<&'static Field> {
        let Node::End(field, _) = self.tree.node(self.tree.root) else { return None };
        field.stored().filter(|_| field.kind() == kind)
    }
}

impl Display for SortKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.field)
    }
}

/// Parses an order of a kind's records: fields with commas between, a `-` before those
/// of which the largest comes first.
///
/// # Errors
/// An unknown field, or a piece without one, with its place in the text.
pub fn parse_sort(text: &str, kind: Kind, definitions: &Definitions) -> Result<Vec<SortKey>, QueryError> {
    let mut keys = Vec::new();
    let mut start = 0;
    if text.trim().is_empty() {
        return Ok(keys);
    }
    for piece in text.split(',') {
        let at = start + piece.len() - piece.trim_start().len();
        start += piece.len() + 1;
        let piece = piece.trim();
        let (descending, field) = piece.strip_prefix('-').map_or((false, piece), |field| (true, field));
        let span = Span::new(at, at + piece.len());
        if keys.len() == MAX_FIELDS {
            return Err(QueryError::new(span, format!("an order has at most {MAX_FIELDS} fields")));
        }
        if field.is_empty() {
            return Err(QueryError::new(span, "a field is missing here").hint("write fields with commas between, as in name,-amount"));
        }
        let by = &mut |field: &FieldRef| Ok(By { words: words(&path::type_of(field, definitions)) });
        let tree = path::resolve(kind, field, Span::new(span.end - field.len(), span.end), definitions, by)?;
        keys.push(SortKey { field: field.to_owned(), descending, tree });
    }
    Ok(keys)
}

fn words(ty: &Type<'_>) -> Vec<String> {
    match ty {
        Type::Word(words) => words.words.iter().map(|word| fold::fold(word)).collect(),
        _ => Vec::new(),
    }
}

/// Returns the order in which a kind is listed where none is asked for: by name, what
/// has happened newest first, what is to do soonest first.
pub fn default_sort(kind: Kind, definitions: &Definitions) -> Vec<SortKey> {
    let text = match kind {
        Kind::Interaction | Kind::Event | Kind::Order | Kind::Document | Kind::Quote => "-at",
        Kind::Ticket => "priority,opened_at",
        Kind::Task => "due",
        Kind::Provenance => "key",
        Kind::Campaign | Kind::Segment => "id",
        Kind::Article => "title",
        Kind::Contact | Kind::Company | Kind::Opportunity | Kind::Product | Kind::Contract | Kind::User | Kind::Team | Kind::Definition => {
            "name"
        }
    };
    parse_sort(text, kind, definitions).expect("these fields stand in the table")
}

/// Makes the sort keys of records, for one user at one moment; it remembers what it
/// took from linked records. It is for one thread.
pub struct Sorter<'a> {
    keys: &'a [SortKey],
    context: &'a dyn Context,
    today: NaiveDate,
    memory: RefCell<Memory>,
}

/// The bytes found in a linked record, by field of the order, place of its path and id.
type Memory = HashMap<(usize, usize, RecordId), Option<Vec<u8>>>;

/// The most that a sorter remembers of linked records.
const MEMORIES: usize = 1 << 16;

impl<'a> Sorter<'a> {
    /// Returns the order as this user asks for it now.
    pub fn new(keys: &'a [SortKey], context: &'a dyn Context) -> Self {
        let today = day_at(context.definitions().settings.timezone, context.now());
        Self { keys, context, today, memory: RefCell::default() }
    }

    /// Returns the sort key of a record.
    pub fn key(&self, record: &Record) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (index, key) in self.keys.iter().enumerate() {
            match self.body((index, key), key.tree.root, record) {
                Some(body) => order::push(&mut bytes, key.descending, &body),
                None => order::push_missing(&mut bytes),
            }
        }
        bytes
    }

    /// Returns the bytes of the first value that a path reaches.
    fn body(&self, key: (usize, &SortKey), at: usize, record: &Record) -> Option<Vec<u8>> {
        let mut found = None;
        match key.1.tree.node(at) {
            Node::End(field, by) => each(field, record, self.context, &mut |seen| {
                found = self.bytes(key.0, by, &seen, is_id(field));
                found.is_some()
            }),
            Node::Through(field, branches) => each(field, record, self.context, &mut |seen| {
                if let Seen::Link(id) = seen
                    && let Some((_, next)) = branches.iter().find(|(kind, _)| *kind == id.kind)
                {
                    found = self.remembered((key.0, *next + 1, id), |linked| self.body(key, *next, linked));
                }
                found.is_some()
            }),
        }
        found
    }

    fn remembered(&self, key: (usize, usize, RecordId), of: impl FnOnce(&Record) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
        if let Some(known) = self.memory.borrow().get(&key) {
            return known.clone();
        }
        let found = self.context.record(key.2).and_then(|record| of(&record));
        let mut memory = self.memory.borrow_mut();
        if memory.len() >= MEMORIES {
            memory.clear();
        }
        memory.insert(key, found.clone());
        found
    }

    fn bytes(&self, index: usize, by: &By, seen: &Seen<'_>, own_id: bool) -> Option<Vec<u8>> {
        Some(match seen {
            Seen::Text(text) if by.words.is_empty() => order::text(text),
            Seen::Text(text) => {
                let folded = fold::fold_cow(text);
                let rank = by.words.iter().position(|word| **word == *folded).and_then(|rank| u16::try_from(rank).ok());
                let mut bytes = rank.unwrap_or(u16::MAX).to_be_bytes().to_vec();
                bytes.extend(order::text(text));
                bytes
            }
            Seen::External(source, id) => {
                let mut bytes = order::text(source);
                bytes.extend(order::text(id));
                bytes
            }
            Seen::Number(number) => index::decimal_key(*number).to_vec(),
            Seen::Flag(flag) => vec![u8::from(*flag)],
            Seen::Date(date) => index::date_key(*date),
            Seen::Time(at) => index::time_key(*at),
            Seen::Money(money) => {
                let rate = self.context.definitions().rate(money.currency, self.today)?;
                (worth(*money, rate) as u128 ^ (1 << 127)).to_be_bytes().to_vec()
            }
            Seen::Link(id) if own_id => index::link_key(*id),
            Seen::Link(id) => {
                // No field has this node: 0 is the linked record's name.
                self.remembered((index, 0, *id), |linked| Some(order::text(&naming::title(linked))))?
            }
        })
    }
}

fn is_id(field: &FieldRef) -> bool {
    matches!(field.leaf(), Leaf::System(System::Id) | Leaf::LinkId(..))
}

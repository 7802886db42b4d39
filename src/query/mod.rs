//! The query language: parse, print, evaluate, explain.
//!
//! One language serves `list`, the filter prompt, segments, rules and `:where`.
//! A text becomes an [`Expr`] with the place of every part ([`parse()`]), an
//! expression is printed in one canonical form, and only then do fields and
//! values get their meaning for a kind. This room knows the domain alone: it
//! reads no store, no clock and no files; what it needs of them is handed in.

pub mod ast;
mod caret;
mod error;
mod evaluate;
pub mod index;
mod lexer;
mod order;
mod parse;
mod path;
mod plan;
mod print;
mod reach;
mod resolve;
mod sort;
mod want;

pub use ast::{Expr, Literal, Name, Node, Op, Span, Term, Values};
pub use error::QueryError;
pub use evaluate::{Context, Matcher};
pub use parse::parse;
pub use plan::{Lookup, Plan, Way};
pub use reach::Reach;
pub use resolve::Query;
pub use sort::{SortKey, Sorter, default_sort, parse_sort};

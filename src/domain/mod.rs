//! Kinds, records, fields and values: pure, no I/O, no clock.
//!
//! Everything else speaks in these terms. This room knows nobody.

mod date;
mod decimal;
mod field;
pub mod fields;
pub mod fold;
mod kind;
mod money;
mod record;
mod time;
mod value;

pub use date::{Date, NotADate};
pub use decimal::{Decimal, NotANumber};
pub use field::{ChoiceList, Field, FieldType};
pub use kind::{KINDS, Kind, KindInfo, NotAnId, RecordId};
pub use money::{Currency, Money, format_minor};
pub use record::{FieldNumber, Record};
pub use time::Timestamp;
pub use value::{Address, Job, Line, Value};

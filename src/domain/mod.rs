//! Kinds, records, fields and values: pure, no I/O, no clock.
//!
//! Everything else speaks in these terms. This room knows nobody.

mod assignment;
mod columns;
mod date;
mod decimal;
pub mod definitions;
mod erase;
mod events;
mod field;
mod field_ref;
pub mod fields;
mod file;
mod flat;
pub mod fold;
mod follow_ups;
pub mod json;
mod kind;
mod line_sums;
mod lookup;
mod money;
pub mod naming;
pub mod parse;
mod part;
mod period;
mod record;
mod recurrence;
mod rollup;
#[cfg(test)]
pub(crate) mod samples;
pub mod service;
mod show;
pub mod template;
mod time;
mod value;
mod worth;
pub mod zone;

pub use assignment::{Assignment, FieldChange, Op, apply_changes, assign, check_stage, set_custom};
pub use columns::Columns;
pub use date::{Date, NotADate};
pub use decimal::{Decimal, NotANumber};
pub use definitions::{Category, CustomField, CustomType, DefinitionError, DefinitionName, Definitions, Meaning, Pipeline, Stage};
pub use erase::{ERASED, Erase};
pub use events::events;
pub use field::{ChoiceList, Field, FieldType};
pub use field_ref::{FieldRef, Leaf, Pick, ROLLUPS, RollupField, SYSTEM, StoredField, System, UnknownField};
pub use file::{FileHash, LONGEST_FILE_NAME, NotAHash, UNNAMED_FILE, file_name, media_type};
pub use flat::flat;
pub use follow_ups::{fill_defaults, follow_ups, missing_at_stage, stage_beside};
pub use kind::{KINDS, Kind, KindInfo, NotAnId, RecordId};
pub use line_sums::{LineSums, NoSum};
pub use lookup::{Lookup, NoLookup};
pub use money::{Currency, Money, format_minor};
pub use parse::{AnyField, IdsOnly, Problem, Reading, Resolve, ValueError};
pub use part::Part;
pub use period::Period;
pub use record::{FieldNumber, Record};
pub use recurrence::{Moments, NoRecurrence, Recurrence};
pub use rollup::{Contribution, Rollup, Stale, contributions};
pub use show::{Screen, envelope, short_minor, short_money};
pub use time::Timestamp;
pub use value::{Address, Job, Line, Value};
pub use worth::{Priced, Worth, in_reporting_currency};
use zone::zone_named;

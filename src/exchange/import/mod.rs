//! Rows into the store: each row becomes a new record, a change field by field, or
//! nothing, or is rejected with its reason; all of it is one step.
//!
//! Rows are planned on the store as it will be (`world`) and committed some
//! hundreds at a time. What a source gave for a row is remembered beside the record
//! (`provenance`), so that the same file twice changes nothing, a nightly import
//! leaves corrections alone, and an import that was killed is simply run again: it
//! goes on in the step that it left unfinished.
//!
//! No more than one batch of rows is in memory, and eight bytes for each row to tell
//! equal ones apart. A dry run keeps what it would create.

mod batch;
mod columns;
mod create_fields;
mod draft;
mod enclosed;
mod expected;
mod identity;
mod leftover;
mod links;
mod matching;
mod misfits;
mod overlay;
mod parties;
mod planner;
mod provenance;
mod put;
mod rejects;
mod report;
mod run;
mod stubs;
mod support;
mod team;
mod threads;
mod world;

pub use columns::{How, Use};
pub use expected::Expected;
pub use rejects::RejectsWriter;
pub use report::{Action, FieldChange, Report, RowPlan};
pub use run::{Import, ImportError, Input, Settings, Source, Watch};

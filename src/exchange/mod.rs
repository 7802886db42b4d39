//! Formats in and out: tables, JSON, cards, calendars, mapping files, rejects.
//!
//! Reading goes bytes → [`encoding`] → [`mod@format`] → [`rows`] (by [`dialect`] and
//! [`record`] for tables, [`json_rows`] for JSON, `lines` with [`cards`] for vCard and
//! `calendar` for iCalendar) → [`mapping`] and [`cell`] for what the values mean. Nothing here draws or asks.

pub mod applying;
mod calendar;
pub mod cards;
pub mod cell;
pub mod contents;
mod delimited;
pub mod delivery;
pub mod dialect;
pub mod encoding;
pub mod export;
pub mod format;
pub mod formula;
mod going_along;
pub mod header;
pub mod import;
pub mod intake;
pub mod json_rows;
pub mod letters;
mod lines;
pub mod mail;
pub mod mapping;
mod mapping_file;
pub mod moment;
pub mod plan_file;
pub mod presets;
pub mod problem;
pub mod rates;
pub mod record;
#[cfg(test)]
mod round_trip_tests;
pub mod rows;
mod snapshots;
pub mod write;

pub use calendar::feed;

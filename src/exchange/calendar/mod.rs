//! iCalendar (RFC 5545) in and out: events become meetings, to-dos tasks, journals
//! notes, and the other way round. It must not know the store.
//!
//! Components are cut out of the lines one by one ([`reader`]), each is read by a library
//! and put into rolo's words ([`component`]); what the calendar says of its time zones is
//! kept on the way ([`zones`]). A rule of recurrence is kept as it was written, beside the
//! record; [`crate::domain::Recurrence`] knows what it comes to.

mod component;
pub mod feed;
mod reader;
mod write;
mod zones;

pub(crate) use reader::Calendar;
pub(crate) use write::{Attendee, Writer};

//! Service and time: when people work, how soon they answer, and how much of a
//! clock has run.
//!
//! Pure: a clock is a function of what happened to a ticket, a calendar and a target,
//! so a change of policy, priority or calendar is reckoned from history, and every
//! clock can say why it stands where it stands. Where events and messages come from,
//! others know.

mod calendar;
mod clock;
mod escalation;
mod holidays;
mod policy;

pub use calendar::{Calendar, Closed, Span, Window};
pub use clock::{Clock, Happening, History, Reading, Segment, Standing, What, Why, glance, length, read};
pub use escalation::{Effect, Escalation, Trigger, Whom};
pub use holidays::{Holiday, Holidays, Occasion, easter};
pub use policy::{Policy, Targets};

//! What happens by itself: everything that time causes.
//!
//! It runs where somebody has it run (cron, a timer), as often and as late as they like,
//! in several processes at once. So nothing here counts on having run before: what is due
//! is read from the records, and what was done stands in the store under a key that is
//! used once for all. It must not know how anything is shown.

mod contracts;
mod effect;
mod escalations;
mod reminders;
mod tick;

pub use contracts::Contracts;
pub use effect::Effect;
pub use escalations::Escalations;
pub use reminders::Reminders;
pub use tick::{Handler, Ticked, tick};

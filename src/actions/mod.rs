//! What can be done: each action is a function from a request to changes.
//!
//! An action takes the [`Desk`] (who works, on which store, with which clock) and
//! what is asked for, and answers with an [`Outcome`] or an [`ActionError`]. It does
//! not know how either is shown, nor who asked: the command line, the application
//! and the importer do the same things by the same functions.

mod add;
mod apply_json;
mod assign;
mod attach;
mod changeset;
mod chunks;
pub mod configure;
mod convert;
pub mod demo;
mod desk;
mod difference;
mod distinct;
mod edit;
mod error;
mod escalation;
mod forget;
pub mod form;
mod history;
mod knowledge;
mod link;
mod log;
mod merge;
mod open;
mod outcome;
mod put;
mod quick_log;
mod quote;
mod rebase;
mod replace;
mod resolve;
mod revert;
mod set;
mod shown;
mod stage;
mod step;
mod target;
mod tasks;
mod tickets;
mod tidy;
mod trash;
mod tree;
mod undo;

pub use add::{add, add_all, add_json};
pub use apply_json::apply_json;
pub use assign::{Given, assign_leads, plan_assignment};
pub use attach::{NewFile, attach, content_of, documents};
pub use changeset::{Changeset, Taken};
pub use convert::{ConvertOptions, convert};
pub use desk::{Clock, Desk};
pub use difference::{Difference, differences};
pub use distinct::distinct;
pub use edit::{Edited, Review, apply_toml, edit_toml, left_out_told, review_toml};
pub use error::ActionError;
pub use escalation::{carry_out, escalate_by_rule};
use forget::FORGET;
pub use forget::{Farewell, forget};
pub use history::{Changed, Revision, diff, history, steps};
pub use knowledge::{fill_reply, reply_named, send_reply, use_article};
pub use link::{link, unlink};
pub use log::{LogOptions, log};
pub use merge::{MergeOptions, Merged, Prefer, Side, Slot, merge, slots};
pub use open::{OPENER, Opener, copy_to_open, forget_copies};
pub use outcome::Outcome;
pub use put::{copy, link_all, put};
pub use quick_log::{Touch, log_line, text_of, told, understand};
pub use quote::{accept_quote, decline_quote, open_quote_of, quote};
pub use rebase::rebase_toml;
pub use replace::replace;
pub use resolve::{Resolver, described, resolve, resolve_all, resolve_itself, user_of};
pub use revert::Conflict;
pub use set::{set, set_texts};
pub use stage::{move_stage, shift_priority, shift_stage};
pub use step::{Step, end_step};
pub use target::Target;
pub use tasks::{PutOff, done, postpone, reopen_tasks};
pub use tickets::{answer, assign, escalate, reopen, separate, solve, tie_to_incident};
pub use tidy::{increase, tidy};
use trash::PURGE;
pub use trash::{purge, restore, trash, trashed};
pub use tree::{State, Tree, go_to, tree};
pub use undo::{UndoState, Undone, Which, redo, undo, undo_state};

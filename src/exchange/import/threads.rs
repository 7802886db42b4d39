//! Threads of messages that come in any order: each record has the name of the first
//! message of its thread, whether that is here or not. It must not know how messages are
//! read.
//!
//! A message says which one begins its thread as far as it knows. Where that one is here,
//! its own thread counts; and who took this message for the first one goes along. So the
//! end is the same in whatever order they came.

use super::world::World;
use crate::domain::fields::number;
use crate::domain::{Kind, Record, Value};
use crate::store::StoreError;

/// The most records that go along with one message.
const MOST: usize = 80;

/// Gives a new message its thread, and its thread to those who follow it.
///
/// # Errors
/// What the store answers.
pub(super) fn join(world: &World<'_>, message: &mut Record) -> Result<(), StoreError> {
    let text = |field| message.text(field).map(str::to_owned);
    let (Some(id), Some(first)) = (text(number::MESSAGE_ID), text(number::THREAD)) else { return Ok(()) };
    if first == id {
        return Ok(());
    }
    let known = world.having(Kind::Interaction, number::MESSAGE_ID, &Value::text(&first))?;
    let known = known.iter().find(|record| record.text(number::MESSAGE_ID) == Some(&first));
    let root = known.and_then(|record| record.text(number::THREAD)).unwrap_or(&first).to_owned();
    message.set(number::THREAD, Value::text(&root));
    if root == id {
        return Ok(());
    }
    let following = world.having(Kind::Interaction, number::THREAD, &Value::text(&id))?;
    for record in following.iter().filter(|record| record.text(number::THREAD) == Some(&id)).take(MOST) {
        let mut after = Record::clone(record);
        after.set(number::THREAD, Value::text(&root));
        world.put(after, record.version);
    }
    Ok(())
}

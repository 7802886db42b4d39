//! Frames read back: what they say, checked to belong together.
//!
//! It must not know what is done with it.

use super::content::{Body, Epoch, Head};
use crate::store::log::{Frame, FrameKind, LogError};

/// What a frame says.
pub(super) enum Said {
    Commit(Head, Vec<Body>),
    Epoch(Epoch),
}

/// Reads a frame's contents, checked to belong together.
pub(super) fn read_frame(frame: &Frame) -> Result<Said, LogError> {
    let damaged = |why: String| LogError::Damaged { segment: frame.at.segment, offset: frame.at.offset, seq: Some(frame.seq), why };
    let first = || frame.bodies.first().ok_or_else(|| damaged("it has no head".to_owned()));
    match frame.kind {
        FrameKind::Commit | FrameKind::Redaction => {
            let head = Head::decode(first()?).map_err(|why| damaged(format!("its head: {why}")))?;
            let bodies: Vec<Body> = frame.bodies[1..]
                .iter()
                .map(|bytes| Body::decode(bytes).map_err(|why| damaged(format!("a change: {why}"))))
                .collect::<Result<_, _>>()?;
            let fits = bodies.len() == head.changed.len()
                && bodies.iter().zip(&head.changed).all(|(body, (id, _))| body.id == *id && body.seq == frame.seq);
            if !fits {
                return Err(damaged("its head and its changes do not belong together".to_owned()));
            }
            Ok(Said::Commit(head, bodies))
        }
        FrameKind::Epoch => Epoch::decode(first()?).map(Said::Epoch).map_err(damaged),
        FrameKind::Checkpoint => Err(damaged("it is a checkpoint, which this version does not read".to_owned())),
    }
}

//! A file's content, taken from a guest piece by piece, each asked for: so a guest
//! never sends what cannot be kept, and the host has one piece in memory.

use std::cell::RefCell;
use std::io::{self, Read};
use std::os::unix::net::UnixStream;

use super::answering::Answered;
use crate::store::api::Store;
use crate::store::files::{Content, FileFacts};
use crate::store::wire::{Answer, Incoming, Request, WireError, decode};

/// How a guest is told something.
type Tell<'t> = &'t mut dyn FnMut(Answer) -> Result<(), WireError>;

/// The pieces as they come, one after another.
struct Pieces<'c> {
    stream: &'c UnixStream,
    incoming: &'c mut Incoming,
    tell: Tell<'c>,
    piece: Vec<u8>,
    read: usize,
    left: u64,
    /// Whether the guest has gone, or breaks the rules.
    broken: bool,
}

impl Pieces<'_> {
    fn next_piece(&mut self) -> Result<(), WireError> {
        (self.tell)(Answer::FileWanted)?;
        let frame = self.incoming.read(&mut { self.stream })?;
        match decode(&frame)? {
            Request::FilePiece(piece) if !piece.is_empty() && piece.len() as u64 <= self.left => {
                self.left -= piece.len() as u64;
                (self.piece, self.read) = (piece, 0);
                Ok(())
            }
            _ => Err(WireError::Garbled("the next piece of a file was to come".to_owned())),
        }
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() {
            if self.left == 0 {
                return Ok(0);
            }
            self.next_piece().map_err(|error| {
                self.broken = true;
                io::Error::other(error.to_string())
            })?;
        }
        let count = into.len().min(self.piece.len() - self.read);
        into[..count].copy_from_slice(&self.piece[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

/// What comes over a connection can be read once.
struct Once<'c>(RefCell<Pieces<'c>>);

impl Content for Once<'_> {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        self.0
            .try_borrow_mut()
            .map_or_else(|_| Err(io::ErrorKind::ResourceBusy.into()), |pieces| Ok(Box::new(Lent(pieces)) as Box<dyn Read>))
    }
}

struct Lent<'p, 'c>(std::cell::RefMut<'p, Pieces<'c>>);

impl Read for Lent<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

/// Keeps a content that a guest sends, and returns what it is answered.
pub(super) fn keep(store: &dyn Store, facts: &FileFacts, stream: &UnixStream, incoming: &mut Incoming, tell: Tell<'_>) -> Answered {
    let pieces = Pieces { stream, incoming, tell, piece: Vec::new(), read: 0, left: facts.size, broken: false };
    let once = Once(RefCell::new(pieces));
    let kept = store.keep_file(facts, &once);
    match kept {
        _ if once.0.into_inner().broken => Answered::Gone,
        Ok(()) => Answered::Answer(Answer::FileKept),
        Err(error) => Answered::Answer(Answer::Failed(error)),
    }
}

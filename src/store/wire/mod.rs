//! What a host and its guests say to each other on a socket.
//!
//! A `frame` is a length and that many bytes, never more than the reader
//! allows. The first frame of each side is a greeting (`hello`), whose layout
//! never changes, so that two versions of the program can at least tell each
//! other why they do not understand each other. Then one side asks
//! ([`Request`]), the other answers ([`Reply`]): the calls of the trait `Store`,
//! page by page, in the encoding of the log (`postcard`). The order of the
//! variants is the protocol: add at the end, and raise [`PROTOCOL`].
//!
//! Bytes from the other side are hostile: what cannot be read is an error, and
//! reading never takes more memory than a small multiple of the frame.
//!
//! This module must not know where sockets lie or what a store does.

mod answer;
mod frame;
mod hello;
mod request;
mod shared;

pub use answer::{Answer, PageSaid, PresentSaid, Reply, SessionSaid, VersionSaid};
pub use frame::{Incoming, WireError, decode, encode, send};
pub use hello::{Doing, Greeting, Hello, OLDEST, PROTOCOL, Purpose, Refusal};
pub use request::{CommitAsked, MAX_IDS, PageAsked, Request};
pub use shared::SharedRecord;

/// The most bytes of a request: a commit of the largest size, and what is around it.
pub const MAX_REQUEST: usize = 6 << 20;
/// The protocol from which on attached files can be asked for.
pub const WITH_FILES: u16 = 2;
/// How much of a content is in one message, in bytes.
pub const FILE_PIECE: usize = 192 << 10;
/// The most bytes of an answer.
pub const MAX_ANSWER: usize = 64 << 20;

//! Frames: a length of four bytes, little endian, and that many bytes.
//!
//! A frame is read as it arrives, so that a peer that promises much and sends
//! little makes nobody set memory aside for it; what has come is kept over a
//! time-out, and reading goes on where it stopped.

use std::io::{self, Read, Write};
use std::time::Instant;

use serde::{Deserialize, Serialize};

/// The bytes of a frame's length.
const LENGTH: usize = 4;
/// How much is asked of the system at once, in bytes.
const CHUNK: usize = 64 << 10;

/// Why a frame could not be had.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other side has closed, between two frames.
    #[error("the other side has gone")]
    Closed,
    /// Nothing came in time; what has come is kept.
    #[error("nothing came in time")]
    Silent,
    /// The frame would be longer than may be.
    #[error("a message of {length} bytes, where {most} are the most")]
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The most bytes.
        most: usize,
    },
    /// The frame does not say what it should.
    #[error("a message that cannot be read: {0}")]
    Garbled(String),
    /// The connection failed, or ended within a frame.
    #[error("{0}")]
    Io(io::Error),
}

/// Reads frames from a stream, piece by piece.
#[derive(Debug)]
pub struct Incoming {
    bytes: Vec<u8>,
    most: usize,
}

impl Incoming {
    /// Returns a reader of frames of at most so many bytes.
    pub fn new(most: usize) -> Self {
        Self { bytes: Vec::new(), most }
    }

    /// Returns whether a part of a frame has come.
    pub fn is_begun(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// Returns the next frame.
    ///
    /// # Errors
    /// [`WireError::Closed`] at the end between two frames; [`WireError::Silent`]
    /// where the stream's time-out passed: call again to go on;
    /// [`WireError::TooLong`]; [`WireError::Io`].
    pub fn read(&mut self, from: &mut impl Read) -> Result<Vec<u8>, WireError> {
        loop {
            if let Some(frame) = self.whole()? {
                return Ok(frame);
            }
            self.more(from)?;
        }
    }

    /// Returns the next frame, or [`WireError::Silent`] where it is not whole by then,
    /// however steadily its bytes drip in.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_by(&mut self, from: &mut impl Read, until: Instant) -> Result<Vec<u8>, WireError> {
        loop {
            if let Some(frame) = self.whole()? {
                return Ok(frame);
            }
            if Instant::now() >= until {
                return Err(WireError::Silent);
            }
            self.more(from)?;
        }
    }

    /// Returns the length of the next frame, once that much of it has come.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn promised(&mut self, from: &mut impl Read) -> Result<usize, WireError> {
        loop {
            if let Some(length) = self.bytes.first_chunk::<LENGTH>() {
                return Ok(u32::from_le_bytes(*length) as usize);
            }
            self.more(from)?;
        }
    }

    /// Reads what has come, at least a byte.
    fn more(&mut self, from: &mut impl Read) -> Result<(), WireError> {
        loop {
            let begin = self.bytes.len();
            self.bytes.resize(begin + CHUNK, 0);
            let got = from.read(&mut self.bytes[begin..]);
            self.bytes.truncate(begin + got.as_ref().copied().unwrap_or(0));
            match got {
                Ok(0) if begin == 0 => return Err(WireError::Closed),
                Ok(0) => return Err(WireError::Io(io::ErrorKind::UnexpectedEof.into())),
                Ok(_) => return Ok(()),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => return Err(WireError::Silent),
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => return Err(WireError::Closed),
                    _ => return Err(WireError::Io(error)),
                },
            }
        }
    }

    fn whole(&mut self) -> Result<Option<Vec<u8>>, WireError> {
        let Some(length) = self.bytes.first_chunk::<LENGTH>() else { return Ok(None) };
        let length = u32::from_le_bytes(*length) as usize;
        if length > self.most {
            return Err(WireError::TooLong { length, most: self.most });
        }
        if self.bytes.len() < LENGTH + length {
            return Ok(None);
        }
        let rest = self.bytes.split_off(LENGTH + length);
        let mut frame = std::mem::replace(&mut self.bytes, rest);
        frame.drain(..LENGTH);
        Ok(Some(frame))
    }
}

/// Returns the frame of a message, its length before it.
///
/// # Errors
/// [`WireError::TooLong`] where it would be longer than `most` bytes.
pub fn encode<T: Serialize>(message: &T, most: usize) -> Result<Vec<u8>, WireError> {
    let mut frame = postcard::to_extend(message, vec![0; LENGTH]).map_err(|error| WireError::Garbled(error.to_string()))?;
    let length = frame.len() - LENGTH;
    match u32::try_from(length) {
        Ok(told) if length <= most => {
            frame[..LENGTH].copy_from_slice(&told.to_le_bytes());
            Ok(frame)
        }
        _ => Err(WireError::TooLong { length, most }),
    }
}

/// Returns the message of a frame.
///
/// # Errors
/// [`WireError::Garbled`] for anything but exactly one message.
pub fn decode<'a, T: Deserialize<'a>>(frame: &'a [u8]) -> Result<T, WireError> {
    match postcard::take_from_bytes(frame) {
        Ok((message, [])) => Ok(message),
        Ok(_) => Err(WireError::Garbled("something follows it".to_owned())),
        Err(error) => Err(WireError::Garbled(error.to_string())),
    }
}

/// Sends a message.
///
/// # Errors
/// [`WireError::TooLong`], then nothing was sent; [`WireError::Io`].
pub fn send<T: Serialize>(to: &mut impl Write, message: &T, most: usize) -> Result<(), WireError> {
    let frame = encode(message, most)?;
    to.write_all(&frame).map_err(WireError::Io)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;
    use crate::store::wire::{Hello, MAX_REQUEST, Reply, Request};

    /// Gives its pieces one by one, with a time-out between any two.
    struct Drip(Vec<Vec<u8>>, bool);

    impl Read for Drip {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let Some(piece) = self.0.first_mut() else { return Ok(0) };
            let count = piece.len().min(into.len());
            into[..count].copy_from_slice(&piece[..count]);
            piece.drain(..count);
            if piece.is_empty() {
                self.0.remove(0);
            }
            Ok(count)
        }
    }

    #[test]
    fn frames_come_whole_however_they_are_cut() {
        let texts = ["", "a", "some more words", &"x".repeat(200_000)];
        let bytes: Vec<u8> = texts.iter().flat_map(|text| encode(text, 1 << 20).unwrap()).collect();
        for size in [1usize, 3, 7, 1_000, 70_000] {
            if size < 7 && bytes.len() > 10_000 {
                // A byte at a time is tried on the short ones alone.
                let short: Vec<u8> = texts[..3].iter().flat_map(|text| encode(text, 100).unwrap()).collect();
                read_all(&short, size, &texts[..3]);
                continue;
            }
            read_all(&bytes, size, &texts);
        }
    }

    fn read_all(bytes: &[u8], size: usize, texts: &[&str]) {
        let mut drip = Drip(bytes.chunks(size).map(<[u8]>::to_vec).collect(), false);
        let mut incoming = Incoming::new(1 << 20);
        let mut read = Vec::new();
        loop {
            match incoming.read(&mut drip) {
                Ok(frame) => read.push(decode::<String>(&frame).unwrap()),
                Err(WireError::Silent) => {}
                Err(WireError::Closed) => break,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(read, texts);
    }

    #[test]
    fn a_frame_that_would_be_too_long_is_refused_before_it_is_read() {
        let mut incoming = Incoming::new(1_000);
        let promised: &[u8] = &[0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3];
        let error = incoming.read(&mut { promised }).unwrap_err();
        assert_eq!(error.to_string(), "a message of 4294967295 bytes, where 1000 are the most");
        assert!(incoming.bytes.capacity() <= 2 * CHUNK);
        assert!(matches!(encode(&"x".repeat(2_000), 1_000), Err(WireError::TooLong { .. })));
    }

    #[test]
    fn a_frame_that_is_cut_off_is_no_quiet_end() {
        let mut incoming = Incoming::new(1_000);
        let cut: &[u8] = &[9, 0, 0, 0, 1, 2];
        assert!(matches!(incoming.read(&mut { cut }), Err(WireError::Io(_))));
        assert!(matches!(Incoming::new(9).read(&mut { [].as_slice() }), Err(WireError::Closed)));
    }

    /// Bytes that begin like a message of ours, and then anything.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        (0u8..40, proptest::collection::vec(any::<u8>(), 0..200)).prop_map(|(first, mut rest)| {
            rest.insert(0, first);
            rest
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_comes_is_a_message_or_an_error(bytes in bytes()) {
            // What is read is written the same, so nothing is half understood.
            if let Ok(request) = decode::<Request>(&bytes) {
                prop_assert_eq!(decode::<Request>(&encode(&request, MAX_REQUEST).unwrap()[LENGTH..]).unwrap(), request);
            }
            let _ = decode::<Reply>(&bytes);
            let _ = Hello::read(&bytes);
            let mut incoming = Incoming::new(64);
            let mut rest = bytes.as_slice();
            while incoming.read(&mut rest).is_ok() {}
        }
    }

    #[test]
    fn boxes_in_boxes_do_not_exhaust_the_stack() {
        // A commit with one change: a contact whose field holds a label in a label in …
        let mut bytes = vec![5, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1];
        bytes.extend(std::iter::repeat_n([11u8, 0], 1_000_000).flatten());
        assert!(matches!(decode::<Request>(&bytes), Err(WireError::Garbled(_))));
        let value = std::iter::repeat_n([11u8, 0], 1_000_000).flatten().collect::<Vec<u8>>();
        assert!(decode::<crate::domain::Value>(&value).is_err());
    }
}

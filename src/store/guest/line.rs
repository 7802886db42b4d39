//! One connection to a host: a greeting, then calls, one at a time.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Address;
use crate::store::wire::{
    Answer, Doing, Greeting, Hello, Incoming, MAX_ANSWER, MAX_REQUEST, OLDEST, Purpose, Refusal, Reply, Request, WireError,
};
use crate::store::wire::{decode, encode};

/// After how long without a word it is asked whether anybody is there.
const WORRY: Duration = Duration::from_secs(1);

/// Why nobody serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) enum NoHost {
    /// Nobody listens, or the one who did has gone.
    Gone,
    /// Somebody is there and does not answer.
    Silent,
    /// It was refused, in words for people.
    Refused(String),
    /// This user may not come in, in words for people.
    Barred(String),
}

/// Why a call has no answer.
pub(super) enum Lost {
    /// The host is gone.
    Gone,
    /// The host is there and does not answer.
    Silent,
}

/// What a host tells with its welcome.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Told {
    /// The last commit.
    pub(super) seq: u64,
    /// Which of its states of the definitions this is.
    pub(super) definitions: u64,
    /// How much there was to tell of the store before.
    pub(super) notices: u64,
    /// The protocol that is spoken.
    pub(super) protocol: u16,
}

/// See the module.
pub(super) struct Line {
    stream: UnixStream,
    incoming: Incoming,
    /// The protocol that both sides speak.
    pub(super) protocol: u16,
}

impl Line {
    /// Connects, greets, and waits until the host serves; returns what it tells of itself.
    pub(super) fn open(address: &Address, doing: &Doing, purpose: Purpose, patience: Duration) -> Result<(Self, Told), NoHost> {
        let gone = |_| NoHost::Gone;
        let mut stream = UnixStream::connect(&address.socket).map_err(gone)?;
        let patience = patience.max(WORRY);
        stream.set_read_timeout(Some(WORRY)).map_err(gone)?;
        stream.set_write_timeout(Some(patience)).map_err(gone)?;
        let hello = Hello::new(purpose, doing.clone()).frame().map_err(|error| NoHost::Refused(error.to_string()))?;
        stream.write_all(&hello).map_err(gone)?;
        let mut line = Self { stream, incoming: Incoming::new(MAX_ANSWER), protocol: OLDEST };
        let (begun, mut heard) = (Instant::now(), Instant::now());
        loop {
            let greeting = match line.incoming.read(&mut line.stream) {
                Ok(frame) => decode::<Greeting>(&frame).map_err(|_| strange(address))?,
                Err(WireError::Silent) if heard.elapsed() < patience => continue,
                Err(WireError::Silent) => return Err(NoHost::Silent),
                Err(WireError::Garbled(_) | WireError::TooLong { .. }) => return Err(strange(address)),
                Err(WireError::Closed | WireError::Io(_)) => return Err(NoHost::Gone),
            };
            heard = Instant::now();
            match greeting {
                Greeting::Welcome { protocol, seq, definitions, notices } => {
                    line.protocol = protocol;
                    return Ok((line, Told { seq, definitions, notices, protocol }));
                }
                Greeting::Refused(refusal) => return Err(refused(address, refusal)),
                // It is alive, which is all that was to be found out.
                Greeting::Opening(_) if purpose == Purpose::Probe => return Ok((line, Told::default())),
                Greeting::Opening(words) if begun.elapsed() >= patience => {
                    return Err(NoHost::Refused(format!("{} is not open yet: {} is at it ({words})", address.store, address.named)));
                }
                Greeting::Opening(_) => {}
            }
        }
    }

    /// Sends a request and reads its answer. `answers` finds out whether the host
    /// answers others; one that does is waited for as long as it takes.
    pub(super) fn ask(
        &mut self,
        frame: &[u8],
        patience: Duration,
        told: &mut dyn FnMut(u64, u64),
        answers: &mut dyn FnMut() -> bool,
    ) -> Result<Reply, Lost> {
        let mut heard = Instant::now();
        let mut rest = frame;
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(0) => return Err(Lost::Gone),
                Ok(count) => {
                    rest = &rest[count..];
                    heard = Instant::now();
                }
                Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                    self.worry(&mut heard, patience, answers)?;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return Err(Lost::Gone),
            }
        }
        loop {
            match self.incoming.read(&mut self.stream) {
                Ok(frame) => {
                    let reply: Reply = decode(&frame).map_err(|_| Lost::Gone)?;
                    heard = Instant::now();
                    match reply.answer {
                        Answer::Progress { done, total } => told(done, total),
                        _ => return Ok(reply),
                    }
                }
                Err(WireError::Silent) => self.worry(&mut heard, patience, answers)?,
                Err(_) => return Err(Lost::Gone),
            }
        }
    }

    fn worry(&self, heard: &mut Instant, patience: Duration, answers: &mut dyn FnMut() -> bool) -> Result<(), Lost> {
        if answers() {
            *heard = Instant::now();
            Ok(())
        } else if heard.elapsed() < patience {
            Ok(())
        } else {
            Err(Lost::Silent)
        }
    }

    /// Turns it into one that is told of changes, until it ends.
    #[allow(clippy::type_complexity, reason = "the two ends of one thing")]
    pub(super) fn watch(self, seq: u64) -> Result<(Arc<UnixStream>, impl FnMut() -> Option<Reply> + Send + use<>), Lost> {
        let Self { stream, mut incoming, .. } = self;
        let frame = encode(&Request::Watch { seq }, MAX_REQUEST).map_err(|_| Lost::Gone)?;
        let stream = Arc::new(stream);
        stream.set_read_timeout(None).and_then(|()| (&*stream).write_all(&frame)).map_err(|_| Lost::Gone)?;
        let reads = Arc::clone(&stream);
        let next = move || {
            let frame = incoming.read(&mut &*reads).ok()?;
            decode::<Reply>(&frame).ok()
        };
        Ok((stream, next))
    }
}

fn strange(address: &Address) -> NoHost {
    NoHost::Refused(format!("{} is served by {}, which this version of rolo does not understand", address.store, address.named))
}

fn refused(address: &Address, refusal: Refusal) -> NoHost {
    let Address { store, named, .. } = address;
    match refusal {
        Refusal::Version { .. } => {
            NoHost::Refused(format!("{store} is served by {named}, which is another version of rolo: close that one"))
        }
        Refusal::NotOwner => NoHost::Barred(format!("{store} is served by {named}, for its owner alone: `rolo share GROUP` opens it")),
        Refusal::NotPermitted(why) => NoHost::Barred(why),
        Refusal::Full => NoHost::Refused(format!("{store} is served by {named}, which has as many guests as it takes")),
        Refusal::Unfit(why) => NoHost::Refused(format!("{store} is held by {named}, and cannot be served: {why}")),
    }
}

//! One connection of a guest, from its greeting to its end.

use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::answering::{self, Answered};
use super::hall::{Hall, Phase};
use super::outsider::Outsider;
use super::taking;
use crate::store::StoreError;
use crate::store::api::Store;
use crate::store::engine::Engine;
use crate::store::files::FileFacts;
use crate::store::wire::{Answer, Greeting, Hello, Incoming, MAX_ANSWER, MAX_REQUEST, OLDEST, PROTOCOL, Purpose, Refusal, Reply, Request};
use crate::store::wire::{WireError, decode, encode, send};

/// How long a guest may take for its greeting.
const GREETING: Duration = Duration::from_secs(2);
/// How long a guest may take for the next piece of a message that it has begun.
const PIECE: Duration = Duration::from_secs(5);
/// How long a guest may take before it reads the next piece of an answer.
const READING: Duration = Duration::from_secs(5);
/// How long a whole message may take, either way.
const WHOLE: Duration = Duration::from_secs(30);
/// How long one waits for others' large messages.
const PLACE: Duration = Duration::from_secs(60);
/// The most bytes of a greeting.
const MAX_GREETING: usize = 4 << 10;
/// How often a guest that waits is told that the host is there.
const PULSE: Duration = Duration::from_millis(400);
/// From how many bytes on a request is read while no other such is.
const LARGE: usize = 256 << 10;

/// Talks with a guest until it goes, breaks the rules, or the host leaves.
pub(super) fn hold(hall: &Hall, stream: &UnixStream) {
    // Whatever went wrong, the connection ends with it; the guest knows.
    let _ = talk(hall, stream);
}

/// The Unix user at the other end, and the process where the system tells.
pub(in crate::store) fn peer(stream: &UnixStream) -> Option<(u32, Option<u32>)> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        let peer = rustix::net::sockopt::socket_peercred(stream).ok()?;
        Some((peer.uid.as_raw(), u32::try_from(peer.pid.as_raw_pid()).ok()))
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        // The folder and the socket let nobody else in.
        let _ = stream;
        Some((rustix::process::geteuid().as_raw(), None))
    }
}

fn greet(stream: &UnixStream, greeting: &Greeting) -> Result<(), WireError> {
    send(&mut { stream }, greeting, MAX_GREETING)
}

fn talk(hall: &Hall, stream: &UnixStream) -> Result<(), WireError> {
    let peer = peer(stream);
    stream.set_write_timeout(Some(READING)).map_err(WireError::Io)?;
    stream.set_read_timeout(Some(GREETING)).map_err(WireError::Io)?;
    let own = rustix::process::geteuid().as_raw();
    let Some((uid, pid)) = peer.filter(|(uid, _)| *uid == own || hall.is_shared()) else {
        return greet(stream, &Greeting::Refused(Refusal::NotOwner));
    };
    let hello = Hello::read(&Incoming::new(MAX_GREETING).read(&mut { stream })?)?;
    let (Some(protocol), Some((purpose, mut doing))) = (hello.common(), hello.who) else {
        return greet(stream, &Greeting::Refused(Refusal::Version { newest: PROTOCOL, oldest: OLDEST }));
    };
    let Some(store) = welcome(hall, stream)? else { return Ok(()) };
    if purpose == Purpose::Probe {
        return Ok(());
    }
    let entered = if uid == own { Ok(None) } else { Outsider::enter(hall, &store, uid, &doing).map(Some) };
    let outsider = match entered {
        Ok(outsider) => outsider,
        Err(_) if protocol < 2 => return greet(stream, &Greeting::Refused(Refusal::NotOwner)),
        Err(error) => return greet(stream, &Greeting::Refused(Refusal::NotPermitted(error.to_string()))),
    };
    // What the system says of a process counts, and not what that says of itself.
    doing.pid = pid.unwrap_or(doing.pid);
    // Who sees that the guest is here may count on it hearing of what comes next.
    let (seq, definitions, notices) = (store.seq(), hall.definitions(&*store), store.notices().len() as u64);
    let shared = Arc::new(stream.try_clone().map_err(WireError::Io)?);
    let Some(seat) = hall.take_in(doing, uid, protocol, shared) else {
        // One that leaves refuses nobody: the next host is asked.
        return if hall.is_leaving() { Ok(()) } else { greet(stream, &Greeting::Refused(Refusal::Full)) };
    };
    let talked = greet(stream, &Greeting::Welcome { protocol, seq, definitions, notices })
        .and_then(|()| converse(hall, stream, &store, seat, outsider.as_ref()));
    hall.let_go(seat);
    talked
}

/// Tells a guest how far opening is until the store is there; `None` sends it away.
fn welcome(hall: &Hall, stream: &UnixStream) -> Result<Option<Arc<Engine>>, WireError> {
    loop {
        let mut first = true;
        let (next, store) = hall.follow(PULSE, |phase| match phase {
            // The first look is at what was told already, unless nothing was.
            Phase::Opening(_) if std::mem::take(&mut first) => None,
            Phase::Opening(words) => Some((Some(Greeting::Opening(words.clone())), None)),
            Phase::Serving(store) => Some((None, Some(Arc::clone(store)))),
            Phase::Unfit(why) => Some((Some(Greeting::Refused(Refusal::Unfit(why.clone()))), None)),
            Phase::Leaving => Some((None, None)),
        });
        match next {
            Some(greeting @ Greeting::Opening(_)) => greet(stream, &greeting)?,
            Some(refusal) => {
                greet(stream, &refusal)?;
                return Ok(None);
            }
            None => return Ok(store),
        }
    }
}

fn converse(hall: &Hall, stream: &UnixStream, store: &Engine, seat: u64, outsider: Option<&Outsider>) -> Result<(), WireError> {
    let mut incoming = Incoming::new(MAX_REQUEST);
    loop {
        if !incoming.is_begun() {
            await_request(stream)?;
        }
        let allowance = if outsider.is_some() { &hall.outsiders } else { &hall.parcels };
        let is_large = incoming.promised(&mut { stream })? > LARGE;
        // Whoever promises much waits until others have been served, and then must deliver.
        let _place = match (outsider.is_some() || is_large).then(|| allowance.take(PLACE)) {
            Some(None) => return Ok(()),
            place => place.flatten(),
        };
        let frame = incoming.read_by(&mut { stream }, Instant::now() + WHOLE)?;
        let large = (frame.len() > LARGE).then(|| hall.large.lock().unwrap_or_else(PoisonError::into_inner));
        let request: Request = decode(&frame)?;
        drop(frame);
        if let Request::Watch { seq } = request {
            hall.watch(seat);
            // What came while the guest was on its way would be told by nobody else.
            if store.seq() > seq {
                hall.proclaim();
            }
            continue;
        }
        if let Some(Err(refused)) = outsider.map(|outsider| outsider.may(hall, store, &request)) {
            say(stream, &Reply { seq: store.seq(), definitions: 0, answer: Answer::Failed(refused) })?;
            if hall.is_shared() {
                continue;
            }
            return Ok(());
        }
        let definitions = hall.definitions(store);
        let mut tell = |answer: Answer| say(stream, &Reply { seq: store.seq(), definitions, answer });
        let answered = match (request, outsider) {
            (Request::Sessions, _) => Answered::Answer(Answer::Sessions(hall.sessions().into_iter().map(Into::into).collect())),
            (Request::Present, _) => Answered::Answer(Answer::Present(hall.sessions().into_iter().map(Into::into).collect())),
            (Request::BeAt(at), _) => {
                hall.be_at(Some(seat), at);
                Answered::Answer(Answer::Noted)
            }
            (Request::KeepFile { hash, size }, _) => taking::keep(store, &FileFacts { hash, size }, stream, &mut incoming, &mut tell),
            (Request::Commit(asked), Some(outsider)) => {
                Answered::Answer(outsider.commit(store, *asked).map_or_else(Answer::Failed, Answer::Committed))
            }
            (request, _) => answering::answer(store, request, &mut tell),
        };
        drop(large);
        match answered {
            // Another process has the store: it is for that one to answer.
            Answered::Answer(Answer::Failed(StoreError::Superseded)) => return Ok(()),
            // It may have failed because the store was closed: the next host is asked.
            Answered::Answer(Answer::Failed(_)) if hall.is_leaving() => return Ok(()),
            Answered::Answer(answer) => tell(answer)?,
            Answered::Gone => return Ok(()),
        }
    }
}

/// Waits for the first byte of a request: between two of them a guest may rest as
/// long as it likes, within one it may not.
fn await_request(stream: &UnixStream) -> Result<(), WireError> {
    stream.set_read_timeout(None).map_err(WireError::Io)?;
    rustix::net::recv(stream, &mut [0u8; 1], rustix::net::RecvFlags::PEEK).map_err(|error| WireError::Io(error.into()))?;
    stream.set_read_timeout(Some(PIECE)).map_err(WireError::Io)
}

fn say(stream: &UnixStream, reply: &Reply) -> Result<(), WireError> {
    let frame = match encode(reply, MAX_ANSWER) {
        Err(WireError::TooLong { .. }) => {
            let answer = Answer::Failed(StoreError::TooLarge(answering::TOO_MUCH.to_owned()));
            encode(&Reply { answer, ..*reply }, MAX_ANSWER)?
        }
        other => other?,
    };
    write_by(stream, &frame, Instant::now() + WHOLE)
}

/// Writes all, or gives up on one who reads in drops.
fn write_by(mut stream: &UnixStream, mut rest: &[u8], until: Instant) -> Result<(), WireError> {
    while !rest.is_empty() {
        match stream.write(rest) {
            Ok(0) => return Err(WireError::Closed),
            Ok(count) => rest = &rest[count..],
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(WireError::Io(error)),
        }
        if Instant::now() >= until && !rest.is_empty() {
            return Err(WireError::Silent);
        }
    }
    Ok(())
}

//! Versions of the program that meet at one store: the one before is understood in
//! both directions, any other is told so.

use std::io::Write;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};

use rolo::domain::{Kind, RecordId};
use rolo::store::api::Occupation;
use rolo::store::lock::{HolderState, LockOptions, StoreLock};
use rolo::store::wire::{
    Answer, Greeting, Hello, Incoming, MAX_REQUEST, OLDEST, PROTOCOL, Purpose, Refusal, Reply, Request, decode, encode, send,
};

use crate::company::{Place, contact, said};
use crate::strangers::{connect, doing};

/// A host of another version: it holds the lock and answers as the function says.
struct Other {
    _lock: StoreLock,
    asked: Arc<Mutex<Vec<Request>>>,
}

impl Other {
    fn at(place: &Place, answer: fn(&Hello, &mut UnixStream, &Mutex<Vec<Request>>)) -> Self {
        let mut lock = StoreLock::take(&place.store(), &LockOptions::default()).unwrap();
        let socket = place.store().join("sock");
        let listener = UnixListener::bind(&socket).unwrap();
        lock.tell(|holder| (holder.socket, holder.state, holder.terminal) = (Some(socket), HolderState::Serving, Some("pts/7".into())))
            .unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let heard = Arc::clone(&heard);
                std::thread::spawn(move || {
                    let Ok(frame) = Incoming::new(1 << 16).read(&mut stream) else { return };
                    answer(&Hello::read(&frame).unwrap(), &mut stream, &heard);
                });
            }
        });
        Self { _lock: lock, asked }
    }
}

#[test]
fn a_guest_of_the_version_before_is_understood() {
    let place = Place::new();
    let host = place.join();
    let guest = place.join();
    guest.commit(contact("Ada Novak")).unwrap();
    let old = || {
        let mut stream = connect(&place.store().join("sock"));
        let hello = Hello { newest: PROTOCOL - 1, oldest: PROTOCOL - 1, who: Some((Purpose::Work, doing())) };
        stream.write_all(&hello.frame().unwrap()).unwrap();
        let mut incoming = Incoming::new(1 << 16);
        let greeting = decode::<Greeting>(&incoming.read(&mut stream).unwrap()).unwrap();
        assert!(matches!(greeting, Greeting::Welcome { protocol, .. } if protocol == PROTOCOL - 1), "{greeting:?}");
        (stream, incoming)
    };
    let (mut stream, mut incoming) = old();
    send(&mut stream, &Request::Sessions, MAX_REQUEST).unwrap();
    let reply: Reply = decode(&incoming.read(&mut stream).unwrap()).unwrap();
    assert!(matches!(reply.answer, Answer::Sessions(sessions) if sessions.len() >= 2));
    // It is told of changes, and of nothing that it does not know.
    let (mut stream, mut incoming) = old();
    send(&mut stream, &Request::Watch { seq: 0 }, MAX_REQUEST).unwrap();
    let reply: Reply = decode(&incoming.read(&mut stream).unwrap()).unwrap();
    assert!(matches!(reply.answer, Answer::Changed));
    guest.be_at(Some(Occupation { record: RecordId::new(Kind::Contact, 1), editing: true }));
    guest.commit(contact("Bo Berg")).unwrap();
    let mut seq = reply.seq;
    while seq < 2 {
        let reply: Reply = decode(&incoming.read(&mut stream).unwrap()).unwrap();
        assert!(matches!(reply.answer, Answer::Changed) && reply.seq >= seq);
        seq = reply.seq;
    }
    drop(host);
}

#[test]
fn a_host_of_the_version_before_is_understood() {
    let place = Place::new();
    let other = Other::at(&place, |hello, stream, asked| {
        assert_eq!((hello.newest, hello.oldest), (PROTOCOL, OLDEST));
        let welcome = Greeting::Welcome { protocol: PROTOCOL - 1, seq: 3, definitions: 1, notices: 0 };
        let _ = send(stream, &welcome, MAX_REQUEST);
        let mut incoming = Incoming::new(MAX_REQUEST);
        while let Ok(frame) = incoming.read(stream) {
            let request: Request = decode(&frame).unwrap();
            let answer = match &request {
                Request::Sessions => Answer::Sessions(Vec::new()),
                Request::Get(_) => Answer::Records(Vec::new()),
                _ => Answer::Seq(3),
            };
            asked.lock().unwrap().push(request);
            let _ = stream.write_all(&encode(&Reply { seq: 3, definitions: 1, answer }, MAX_REQUEST).unwrap());
        }
    });
    let guest = place.join();
    guest.be_at(Some(Occupation { record: RecordId::new(Kind::Contact, 1), editing: true }));
    assert_eq!(guest.sessions().unwrap(), []);
    assert_eq!((guest.seq(), guest.stirs()), (3, 0));
    let asked = other.asked.lock().unwrap();
    assert!(asked.contains(&Request::Sessions));
    assert!(!asked.iter().any(|request| matches!(request, Request::BeAt(_) | Request::Present)), "it is asked only what it knows");
}

#[test]
fn a_guest_of_a_version_too_new_is_told_so() {
    let place = Place::new();
    let _host = place.join();
    let mut stream = connect(&place.store().join("sock"));
    let hello = Hello { newest: 900, oldest: 899, who: Some((Purpose::Work, doing())) };
    stream.write_all(&hello.frame().unwrap()).unwrap();
    let frame = Incoming::new(1 << 16).read(&mut stream).unwrap();
    assert_eq!(decode::<Greeting>(&frame).unwrap(), Greeting::Refused(Refusal::Version { newest: PROTOCOL, oldest: OLDEST }));
}

#[test]
fn a_host_of_a_version_too_old_is_named_with_its_terminal() {
    let place = Place::new();
    let _other = Other::at(&place, |_, stream, _| {
        let _ = send(stream, &Greeting::Refused(Refusal::Version { newest: 0, oldest: 0 }), MAX_REQUEST);
    });
    let output = place.rolo(&["list", "contact"]).output().unwrap();
    let told = format!(
        "Some(8) rolo: store is served by pid {} on pts/7, which is another version of rolo: close that one\n  \
         close the other one, or wait longer with --wait\n",
        std::process::id()
    );
    assert_eq!(said(&output), told);
}

#[test]
fn a_host_that_speaks_something_else_is_named() {
    let place = Place::new();
    let _other = Other::at(&place, |_, stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let output = place.rolo(&["list", "contact"]).output().unwrap();
    let told = format!("store is served by pid {} on pts/7, which this version of rolo does not understand", std::process::id());
    assert!(output.status.code() == Some(8) && said(&output).contains(&told), "{}", said(&output));
}

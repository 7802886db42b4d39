//! Guests that send garbage, nothing, or too much: the host serves the others.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use rolo::domain::fields::number;
use rolo::domain::{Kind, Record, Value};
use rolo::store::api::{Change, Commit, Part, new_id};
use rolo::store::wire::{Doing, Greeting, Hello, Incoming, MAX_REQUEST, Purpose, Request, decode, encode};

use crate::company::{LONG, Place, contact, names, until};

pub(crate) fn connect(socket: &Path) -> UnixStream {
    let stream = UnixStream::connect(socket).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream
}

pub(crate) fn doing() -> Doing {
    Doing { session: 1, pid: 1, login: "nobody".into(), what: "garbage".into(), terminal: String::new() }
}

/// A connection that has been welcomed.
fn welcomed(socket: &Path) -> UnixStream {
    let mut stream = connect(socket);
    stream.write_all(&Hello::new(Purpose::Work, doing()).frame().unwrap()).unwrap();
    let frame = Incoming::new(1 << 16).read(&mut stream).unwrap();
    assert!(matches!(decode::<Greeting>(&frame).unwrap(), Greeting::Welcome { .. }));
    stream
}

/// Sends what is no message, and returns once the host has hung up.
fn is_hung_up_on(mut stream: UnixStream, bytes: &[u8]) {
    // The host may hang up before it has read all of it.
    let _ = stream.write_all(bytes);
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
}

#[test]
fn garbage_ends_the_connection_that_it_came_on() {
    let place = Place::new();
    let host = place.join();
    let guest = place.join();
    guest.commit(contact("Ada Novak")).unwrap();
    let socket = place.store().join("sock");
    let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
    for round in 0..60 {
        let bytes: Vec<u8> = (0..round * 7)
            .map(|_| {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (dice >> 40) as u8
            })
            .collect();
        let framed = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_le_bytes(), bytes].concat();
        match round % 4 {
            0 => is_hung_up_on(connect(&socket), b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            1 => is_hung_up_on(connect(&socket), &framed(&bytes)),
            2 => is_hung_up_on(welcomed(&socket), &framed(&[&[round as u8 % 20], bytes.as_slice()].concat())[..]),
            // A length of four gigabytes.
            _ => is_hung_up_on(welcomed(&socket), &[0xFF; 12]),
        }
    }
    // One that says nothing, and one that stops in the middle, are in nobody's way.
    let silent = connect(&socket);
    let mut half = welcomed(&socket);
    half.write_all(&[9, 0, 0]).unwrap();
    guest.commit(contact("Bo Berg")).unwrap();
    assert_eq!(names(&*host), ["Ada Novak", "Bo Berg"]);
    drop((silent, half));
}

#[test]
fn one_that_never_reads_is_hung_up_on_and_slows_nobody() {
    let place = Place::new();
    let host = place.join();
    let socket = place.store().join("sock");
    let mut deaf = welcomed(&socket);
    deaf.write_all(&encode(&Request::Watch { seq: 0 }, MAX_REQUEST).unwrap()).unwrap();
    let guest = place.join();
    // More than its socket holds: what it is told is some twenty bytes.
    for name in 0..40 {
        guest.commit(contact(&name.to_string())).unwrap();
    }
    let mut asks = welcomed(&socket);
    asks.set_write_timeout(Some(Duration::from_millis(200))).unwrap();
    let ask = encode(&Request::Steps { before: None, limit: 500 }, MAX_REQUEST).unwrap();
    // It asks for ever and reads nothing: its answers fill the socket, then its questions do.
    for _ in 0..20_000 {
        if asks.write_all(&ask).is_err() {
            break;
        }
    }
    guest.commit(contact("last")).unwrap();
    assert_eq!(host.seq(), 41);
    drop(deaf);
    until("it is hung up on", || host.part() == Part::Host { guests: 1 });
}

/// The most memory that a process has had, in bytes, where the system tells.
fn peak(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

#[test]
fn guests_that_promise_much_cost_a_host_a_bounded_amount() {
    let place = Place::new();
    let host = place.serve();
    let Some(before) = peak(host.0.id()) else {
        println!("skipped: this system does not tell what memory a process has");
        return;
    };
    let socket = place.store().join("sock");
    // A message that is as large as may be, and larger still when it is read: flags of two bytes.
    let mut record = Record::new(new_id(Kind::Contact, 1));
    record.fields = vec![(number::CONTACT_NAME, Value::Flag(true)); MAX_REQUEST / 5];
    let change = Change { id: record.id, based_on: Some(0), after: Some(record) };
    let commit = Commit { changes: vec![change], ..contact("no") };
    let frame = encode(&Request::Commit(Box::new(commit.into())), MAX_REQUEST).unwrap();
    assert!(frame.len() > MAX_REQUEST / 2);
    let (guests, all_but_one) = (64, frame.len() - 1);
    let streams: Vec<UnixStream> = (0..guests).map(|_| welcomed(&socket)).collect();
    std::thread::scope(|scope| {
        for (guest, mut stream) in streams.iter().enumerate() {
            let frame = &frame;
            scope.spawn(move || {
                stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
                // Some end what they began; the host may not read it all.
                let _ = stream.write_all(if guest % 16 == 0 { frame } else { &frame[..all_but_one] });
            });
        }
    });
    // Whoever asks for little is served meanwhile.
    let guest = place.join();
    guest.commit(contact("Ada Novak")).unwrap();
    let taken = peak(host.0.id()).unwrap() - before;
    println!("{guests} guests with {} MB each cost the host {} MB", frame.len() >> 20, taken >> 20);
    assert!(taken < 300 << 20, "{taken} bytes");
    drop(streams);
    until("they are gone", || guest.sessions().unwrap().len() == 2);
}

#[test]
fn another_unix_user_is_sent_away() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can become another user");
        return;
    }
    let place = Place::new();
    let _host = place.join();
    // Even where somebody has opened the way to the socket, the host looks who comes.
    let socket = place.store().join("sock");
    use std::os::unix::fs::PermissionsExt;
    let store = place.store();
    for path in [store.parent().unwrap(), &store, &socket] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let script = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\nsys.stdout.buffer.write(s.recv(100))";
    use std::os::unix::process::CommandExt;
    let mut python = std::process::Command::new("python3");
    python.args(["-c", script]).arg(&socket).uid(65_534).gid(65_534);
    match python.output() {
        // The frame's length, `Refused`, `NotOwner`.
        Ok(output) if output.status.success() => assert_eq!(output.stdout, [2, 0, 0, 0, 2, 1]),
        other => println!("skipped: no python3 to connect with ({other:?})"),
    }
}

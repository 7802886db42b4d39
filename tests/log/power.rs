//! Power cuts and kills at any moment of random schedules.

use std::sync::Arc;

use proptest::prelude::*;
use rolo::store::disk::{FaultDisk, Operation};
use rolo::store::log::{FrameKind, FramePlace, Log, LogOptions, NewFrame, ReadFrom};
use rustix::io::Errno;

use crate::common::{ID, assert_is, small};

/// What happens next.
#[derive(Clone, Debug)]
enum Event {
    /// A group of so many commits is appended.
    Append(u64),
    Sync,
    /// The image applies everything that was synced.
    Apply,
    /// A frame is redacted.
    Redact(u64),
    /// The nth write or sync from now fails.
    FailWrite(u64),
    FailSync(u64),
    /// After so many more changes to the disk everything stops.
    StopAfter(u64),
    Kill,
    PowerCut(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        10 => (1u64..6).prop_map(Event::Append),
        8 => Just(Event::Sync),
        2 => Just(Event::Apply),
        1 => any::<u64>().prop_map(Event::Redact),
        1 => (0u64..4).prop_map(Event::FailWrite),
        1 => (0u64..4).prop_map(Event::FailSync),
        2 => (0u64..12).prop_map(Event::StopAfter),
        2 => Just(Event::Kill),
        3 => any::<u64>().prop_map(Event::PowerCut),
    ];
    prop::collection::vec(event, 1..60)
}

/// A user of the log with a perfect memory.
struct User {
    disk: FaultDisk,
    log: Option<Log>,
    /// The frames as last written, by seq from 1 on.
    written: Vec<NewFrame>,
    /// Redactions asked for and not yet answered: these may be there.
    pending: Vec<NewFrame>,
    acknowledged: u64,
    image: Option<(u64, FramePlace)>,
    writes: u64,
}

impl User {
    fn new() -> Self {
        let disk = FaultDisk::new();
        let log = Log::create(Arc::new(disk.clone()), ID, small()).unwrap().0;
        Self { disk, log: Some(log), written: Vec::new(), pending: Vec::new(), acknowledged: 0, image: None, writes: 0 }
    }

    /// A commit that no other round writes: what is torn and written again
    /// under the same seq differs.
    fn commit(&mut self, seq: u64) -> NewFrame {
        self.writes += 1;
        let text = format!("commit {seq}, write {};", self.writes);
        NewFrame {
            kind: FrameKind::Commit,
            seq,
            head: text.clone().into_bytes(),
            bodies: vec![text.repeat((self.writes % 40) as usize).into_bytes(); (seq % 3) as usize],
        }
    }

    fn happen(&mut self, event: &Event) {
        let Some(log) = &mut self.log else {
            return self.reopen();
        };
        match event {
            Event::Append(count) => {
                let next = log.last_seq() + 1;
                let frames: Vec<NewFrame> = (next..next + count).map(|seq| self.commit(seq)).collect();
                self.written.truncate(next as usize - 1);
                self.written.extend(frames.clone());
                if let Some(log) = &mut self.log
                    && log.append(&frames).is_err()
                {
                    assert!(log.is_poisoned());
                }
            }
            Event::Sync => {
                if log.sync().is_ok() {
                    self.acknowledged = self.acknowledged.max(log.last_seq());
                }
            }
            Event::Apply => {
                if log.synced_seq() == log.last_seq() {
                    self.image = log.last().map(|place| (log.last_seq(), place));
                }
            }
            Event::Redact(pick) if log.last_seq() > 0 && !log.is_poisoned() => {
                let seq = pick % log.last_seq() + 1;
                let old = &self.written[seq as usize - 1];
                let new = NewFrame { kind: FrameKind::Redaction, seq, head: b"gone".to_vec(), bodies: vec![Vec::new(); old.bodies.len()] };
                match log.redact(std::slice::from_ref(&new)) {
                    Ok(()) => {
                        self.acknowledged = self.acknowledged.max(log.last_seq());
                        self.written[seq as usize - 1] = new;
                    }
                    Err(_) => self.pending.push(new),
                }
            }
            Event::Redact(_) => {}
            Event::FailWrite(nth) => self.disk.fail(Operation::Write, *nth, Errno::IO),
            Event::FailSync(nth) => self.disk.fail(Operation::Sync, *nth, Errno::IO),
            Event::StopAfter(changes) => self.disk.stop_after(*changes),
            Event::Kill => {
                self.disk.kill();
                self.log = None;
            }
            Event::PowerCut(seed) => {
                self.disk.power_cut(*seed);
                self.log = None;
            }
        }
    }

    /// The next process: everything acknowledged is there, and what it sees
    /// counts as acknowledged from now on.
    fn reopen(&mut self) {
        self.log = None;
        self.disk.mend();
        self.disk.kill();
        let options = LogOptions { applied: self.image, ..small() };
        let (log, opening) = Log::open(Arc::new(self.disk.clone()), options).unwrap();
        assert!(opening.writable);
        assert!(opening.last_seq >= self.acknowledged, "{} of {} are there", opening.last_seq, self.acknowledged);
        assert!(opening.last_seq <= self.written.len() as u64);
        self.written.truncate(opening.last_seq as usize);
        let frames = log.frames(ReadFrom::Start).collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(frames.len() as u64, opening.last_seq);
        for frame in &frames {
            let expected = &mut self.written[frame.seq as usize - 1];
            if frame.kind != expected.kind
                && let Some(redaction) = self.pending.iter().find(|new| new.seq == frame.seq)
            {
                expected.clone_from(redaction);
            }
            assert_is(frame, expected);
            for (place, body) in frame.places.iter().zip(&frame.bodies) {
                assert_eq!(&log.read(*place).unwrap(), body);
            }
        }
        self.pending.clear();
        self.acknowledged = opening.last_seq;
        self.log = Some(log);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 600,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn everything_acknowledged_survives(events in events()) {
        let mut user = User::new();
        for event in &events {
            user.happen(event);
        }
        user.disk.power_cut(events.len() as u64);
        user.reopen();
    }
}

/// Every step of a fixed run in turn, each followed by several power cuts: the
/// random schedules above may miss a step, this does not.
#[test]
fn stopped_at_every_step() {
    for step in 0.. {
        let mut stopped = false;
        for seed in 0..8 {
            let mut user = User::new();
            user.disk.stop_after(step);
            for event in [
                Event::Append(2),
                Event::Sync,
                Event::Apply,
                Event::Append(5),
                Event::Append(5),
                Event::Sync,
                Event::Redact(3),
                Event::Append(5),
                Event::Append(3),
                Event::Sync,
                Event::Apply,
            ] {
                user.happen(&event);
            }
            stopped = user.acknowledged < 20;
            if seed % 2 == 0 {
                // First another process takes over, and works on.
                user.reopen();
                user.happen(&Event::Append(3));
                user.happen(&Event::Sync);
            }
            user.disk.power_cut(seed * 1000 + step);
            user.reopen();
        }
        if !stopped {
            assert!(step > 15, "only {step} steps");
            return;
        }
    }
}

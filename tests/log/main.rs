//! The log from outside: what it promises, under everything that a disk and a
//! power supply can do to it.
#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
mod damage;
mod faults;
mod power;
mod process;
mod reading;
mod redaction;

use std::sync::Arc;

use rolo::store::disk::{Disk, FaultDisk, MemoryDisk, RealDisk};
use rolo::store::log::{Log, LogError};

use common::{ID, check_frames, create, small, write};

#[test]
fn what_is_written_is_read_on_every_disk() {
    let folder = tempfile::tempdir().unwrap();
    let disks: [Arc<dyn Disk>; 3] =
        [Arc::new(MemoryDisk::new()), Arc::new(FaultDisk::new()), Arc::new(RealDisk::create(&folder.path().join("log")).unwrap())];
    for disk in disks {
        let (mut log, opening) = Log::create(Arc::clone(&disk), ID, small()).unwrap();
        assert_eq!((opening.last_seq, opening.last), (0, None));
        for group in 1..20 {
            write(&mut log, group);
        }
        check_frames(&log, 190);
        assert!(log.segments().len() > 3);
        drop(log);
        let (mut log, opening) = Log::open(disk, small()).unwrap();
        assert_eq!(opening.last_seq, 190);
        assert_eq!(opening.store_id, ID);
        assert!(opening.cut.is_none() && opening.torn.is_none() && opening.writable);
        check_frames(&log, 190);
        write(&mut log, 3);
        check_frames(&log, 193);
    }
}

#[test]
fn a_log_is_made_once() {
    let disk = FaultDisk::new();
    assert!(matches!(Log::open(Arc::new(disk.clone()), small()), Err(LogError::NoLog)));
    create(&disk, small());
    assert!(matches!(Log::create(Arc::new(disk), ID, small()), Err(LogError::Exists)));
}

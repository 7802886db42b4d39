//! A store that belongs to another user of the system: this process can only be a
//! guest there. It reads no file, not even LOCK, and knows the socket by its name.
//!
//! A LOCK that others could open is one that they could hold, and so keep its owner
//! out; so it is not what tells who serves: the system says that of the socket.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

use super::election::{Seat, Terms};
use crate::store::guest::{Address, Guest, NoHost};
use crate::store::host::{SOCK, peer};
use crate::store::wire::Doing;
use crate::store::{StoreError, accounts, lock};

/// How long a process sleeps between two tries.
const POLL: Duration = Duration::from_millis(25);

/// Returns the other user whose store this is; `None` for one's own, and for none.
pub fn owner(path: &Path) -> Option<u32> {
    let uid = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_dir)?.uid();
    (uid != rustix::process::geteuid().as_raw()).then_some(uid)
}

/// Finds the host of another user's store, as long as the terms say to wait.
pub(super) fn visit(path: &Path, owner: u32, terms: Terms, doing: &Doing) -> Result<Seat, StoreError> {
    let until = Instant::now() + terms.wait;
    let (store, whose) = (path.display(), accounts::login(owner));
    let socket = path.join(SOCK);
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let mut silent = None;
        match UnixStream::connect(&socket).map(|stream| peer(&stream)) {
            Ok(Some((uid, pid))) if uid == owner => {
                let pid = pid.unwrap_or_default();
                let terminal = lock::terminal_of(pid).map_or_else(String::new, |terminal| format!(" on {terminal}"));
                let named = format!("{whose}, pid {pid}{terminal}");
                let address = Address { store: store.to_string(), socket: socket.clone(), pid, named: named.clone() };
                match Guest::connect(address, doing.clone(), left, terms.wait) {
                    Ok(guest) => return Ok(Seat::Guest(guest)),
                    Err(NoHost::Gone) => {}
                    Err(NoHost::Barred(words)) => return Err(StoreError::NotPermitted(words)),
                    Err(NoHost::Refused(words)) => return Err(StoreError::Busy(words)),
                    Err(NoHost::Silent) => {
                        let stopped = if lock::is_stopped(pid) { "is stopped" } else { "does not answer" };
                        silent = Some(format!("{store} is served by {named}, which {stopped}"));
                    }
                }
            }
            Ok(_) => return Err(StoreError::NotPermitted(format!("{store} belongs to {whose}, and another user listens there"))),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                let why = format!("{store} belongs to {whose}, for whom alone it is: they open it to a group with `rolo share GROUP`");
                return Err(StoreError::NotPermitted(why));
            }
            // None there, or one that nobody listens at: that may change in a moment.
            Err(_) => {}
        }
        if Instant::now() >= until {
            return Err(match silent {
                Some(words) => StoreError::Busy(words),
                None => StoreError::Unserved(format!("{store} belongs to {whose}, and nobody serves it")),
            });
        }
        std::thread::sleep(POLL.min(left));
    }
}

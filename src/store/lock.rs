//! The LOCK file of a store: who may write to it, and who does.
//!
//! Only the `flock` decides. What is written in the file (pid, since when, in
//! what state) is for people and, later, for finding the holder's socket; it may
//! be stale after a kill, and nothing is concluded from it but the words of an
//! error message.
//!
//! A lock is held on a file, not on a path. If the path leads to another file
//! (the folder was replaced, LOCK was removed), the holder was superseded, and
//! [`StoreLock::still_ours`] says so; the holder asks before every group.
//!
//! `flock` and `fsync` cannot be relied on across a network, so file systems of
//! that kind are refused unless the caller insists.
//!
//! This module must not know what a store is made of.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Local, Utc};
use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::disk::make_private_dir;

/// The name of the file in the store's folder.
pub const LOCK: &str = "LOCK";
/// How long a waiting process sleeps between two tries.
const POLL: Duration = Duration::from_millis(25);
/// The most that is read of a LOCK file, in bytes.
const MOST: usize = 16 * 1024;

/// How to take the lock.
#[derive(Clone, Debug)]
pub struct LockOptions {
    /// How long to wait for another holder to let go.
    pub wait: Duration,
    /// Take a store on a network file system, too.
    pub allow_network: bool,
    /// Tells the kind of a file system by its magic number (`f_type` of
    /// `statfs`); tests put their own here.
    pub statfs: fn(&Path) -> io::Result<u64>,
}

impl Default for LockOptions {
    fn default() -> Self {
        Self { wait: Duration::ZERO, allow_network: false, statfs: file_system_type }
    }
}

/// What the holder is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HolderState {
    /// Reading the log and the image.
    Opening,
    /// Making the image anew, done so far in percent.
    Rebuilding(u8),
    /// At work.
    Serving,
    /// Finishing what is queued.
    Leaving,
    /// Gone, in good order.
    Left,
}

impl fmt::Display for HolderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opening => f.write_str("opening"),
            Self::Rebuilding(percent) => write!(f, "rebuilding {percent} %"),
            Self::Serving => f.write_str("serving"),
            Self::Leaving => f.write_str("leaving"),
            Self::Left => f.write_str("left"),
        }
    }
}

/// What the LOCK file says about its holder, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// The host's name.
    pub host: String,
    /// Which run of that host; empty where the system does not tell.
    pub boot_id: String,
    /// The Unix user.
    pub uid: u32,
    /// When it took the lock.
    pub since: DateTime<Utc>,
    /// How many holders there were before, as the log counts them.
    pub epoch: u64,
    /// What it is doing.
    pub state: HolderState,
    /// Its terminal, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terminal: Option<String>,
    /// Where guests find it, if it serves any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<PathBuf>,
}

impl Holder {
    fn of_this_process() -> Self {
        Self {
            pid: std::process::id(),
            host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
            boot_id: boot_id(),
            uid: rustix::process::geteuid().as_raw(),
            since: Utc::now(),
            epoch: 0,
            state: HolderState::Opening,
            terminal: terminal(),
            socket: None,
        }
    }

    /// Returns the process and its terminal, for people: `pid 4711 on pts/3`.
    pub fn named(&self) -> String {
        match &self.terminal {
            Some(terminal) => format!("pid {} on {terminal}", self.pid),
            None => format!("pid {}", self.pid),
        }
    }

    /// Returns whether it is on this machine, in its present run.
    pub fn is_here(&self) -> bool {
        let here = Self::of_this_process();
        (&self.host, &self.boot_id) == (&here.host, &here.boot_id)
    }

    /// Whether what it says can be about the process that holds the lock now.
    fn may_be_there(&self) -> bool {
        if self.state == HolderState::Left {
            return false;
        }
        let here = Self::of_this_process();
        if (&self.host, &self.boot_id) != (&here.host, &here.boot_id) {
            // Another host: nothing can be found out. The same host before it
            // was started anew: that process is gone.
            return self.host != here.host;
        }
        let Some(pid) = i32::try_from(self.pid).ok().and_then(rustix::process::Pid::from_raw) else {
            return false;
        };
        rustix::process::test_kill_process(pid) != Err(Errno::SRCH)
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pid {}", self.pid)?;
        if self.host != Self::of_this_process().host {
            write!(f, " on {}", self.host)?;
        }
        let since = self.since.with_timezone(&Local);
        write!(f, " since {}", since.format("%Y-%m-%d %H:%M:%S"))
    }
}

/// Returns the name of this process's terminal, as `who` has it; `None` without one.
pub fn terminal() -> Option<String> {
    let name = rustix::termios::ttyname(io::stdin(), Vec::new())
        .or_else(|_| rustix::termios::ttyname(io::stderr(), Vec::new()))
        .ok()?
        .into_string()
        .ok()?;
    Some(name.strip_prefix("/dev/").unwrap_or(&name).to_owned())
}

/// Returns the terminal of a process of this machine: a pseudo-terminal's name, as
/// `who` has it; `None` without one, or where the system does not tell.
pub fn terminal_of(pid: u32) -> Option<String> {
    // proc_pid_stat(5): behind the name stand state, parent, group, session, tty_nr; the
    // numbers of pseudo-terminals begin at major 136 (devices.txt of Linux).
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let number: u32 = stat.rsplit_once(") ")?.1.split(' ').nth(4)?.parse::<i32>().ok()?.cast_unsigned();
    let (major, minor) = ((number >> 8) & 0xFFF, (number & 0xFF) | ((number >> 12) & 0xF_FF00));
    (136..=143).contains(&major).then(|| format!("pts/{}", (major - 136) * 256 + minor))
}

/// Returns whether a process of this machine is stopped (by SIGSTOP or `<C-z>`);
/// no, where the system does not tell.
pub fn is_stopped(pid: u32) -> bool {
    // proc_pid_stat(5): the state stands behind the name, which may hold anything.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['T', 't'])))
}

/// Which run of the host this is, where the system tells (Linux).
fn boot_id() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{}", busy(.holder.as_deref()))]
    Busy {
        /// Who, as far as the LOCK file tells.
        holder: Option<Box<Holder>>,
    },
    /// The store lies where a lock means nothing.
    #[error("{} lies on a network file system ({kind}), where a store can be lost", .path.display())]
    Network {
        /// The store.
        path: PathBuf,
        /// The file system.
        kind: &'static str,
    },
    /// The store belongs to another user of this system.
    #[error("{} belongs to another user (uid {owner})", .path.display())]
    NotOwner {
        /// The store.
        path: PathBuf,
        /// Its owner's number.
        owner: u32,
    },
    /// Something else is in the place of LOCK: a folder, a link.
    #[error("{} is no file: something else was put in its place; remove it while nobody has the store open", .path.display())]
    NoFile {
        /// The path.
        path: PathBuf,
    },
    /// An operation on a file failed.
    #[error("{doing} {} failed: {source}", .path.display())]
    Io {
        /// What was being done.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn busy(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) => format!("in use by {holder}"),
        None => "in use by another process".to_owned(),
    }
}

impl LockError {
    /// Returns what the user can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Busy { .. } => Some("close the other one, or wait longer with --wait"),
            Self::Network { .. } => Some(
                "put it on a local disk with --store PATH; \
                 --allow-network-store takes it as it is, from one host only",
            ),
            Self::NotOwner { .. } => Some("run rolo as that user"),
            Self::NoFile { .. } | Self::Io { .. } => None,
        }
    }
}

/// The lock on a store, let go when dropped.
#[derive(Debug)]
pub struct StoreLock {
    file: File,
    path: PathBuf,
    holder: Holder,
}

impl StoreLock {
    /// Takes the lock on the store in a folder, which is made where missing.
    ///
    /// # Errors
    /// [`LockError::Busy`] if another process has it after waiting as long as
    /// asked for; [`LockError::Network`]; [`LockError::NotOwner`];
    /// [`LockError::Io`].
    pub fn take(store: &Path, options: &LockOptions) -> Result<Self, LockError> {
        if !options.allow_network {
            refuse_network(store, options.statfs)?;
        }
        make_private_dir(store).map_err(failed("making", store))?;
        refuse_others_store(store)?;
        let path = store.join(LOCK);
        let deadline = Instant::now() + options.wait;
        loop {
            let file = open(&path).map_err(|error| match Errno::from_io_error(&error) {
                Some(Errno::ISDIR | Errno::LOOP) => LockError::NoFile { path: path.clone() },
                _ => failed("opening", &path)(error),
            })?;
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => {
                    // The file may have been replaced between opening and locking.
                    if is_at(&file, &path).map_err(failed("looking at", &path))? {
                        let holder = Holder::of_this_process();
                        let mut lock = Self { file, path, holder };
                        lock.holder.epoch = lock.read().map_or(0, |last| last.epoch);
                        lock.write()?;
                        return Ok(lock);
                    }
                }
                Err(Errno::WOULDBLOCK) if Instant::now() >= deadline => {
                    let holder = read(&file).filter(Holder::may_be_there).map(Box::new);
                    return Err(LockError::Busy { holder });
                }
                Err(Errno::WOULDBLOCK) => std::thread::sleep(POLL.min(options.wait)),
                Err(Errno::INTR) => {}
                Err(error) => return Err(failed("locking", &path)(error.into())),
            }
        }
    }

    /// Returns whether the file that is locked is still the one at its path. If
    /// not, another process may have the store: nothing is to be written.
    pub fn still_ours(&self) -> bool {
        is_at(&self.file, &self.path).unwrap_or(false)
    }

    /// Returns what the LOCK file says.
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// Changes what the LOCK file says about this process.
    ///
    /// # Errors
    /// [`LockError::Io`]; the lock is held all the same.
    pub fn tell(&mut self, change: impl FnOnce(&mut Holder)) -> Result<(), LockError> {
        change(&mut self.holder);
        self.write()
    }

    fn read(&self) -> Option<Holder> {
        read(&self.file)
    }

    fn write(&self) -> Result<(), LockError> {
        let write = || {
            let mut text = serde_json::to_vec(&self.holder)?;
            text.push(b'\n');
            // Written over first and cut then, so that a reader never finds it empty.
            self.file.write_all_at(&text, 0)?;
            self.file.set_len(text.len() as u64)
        };
        write().map_err(failed("writing", &self.path))
    }
}

impl Drop for StoreLock {
    fn drop(&mut self) {
        // The words are for people only; the lock goes with the file.
        let _ = self.tell(|holder| holder.state = HolderState::Left);
    }
}

/// Returns what a store's LOCK file says, if there is one and it can be read. It
/// may be about a process that is gone.
pub fn holder(store: &Path) -> Option<Holder> {
    read(&File::open(store.join(LOCK)).ok()?)
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> LockError {
    let path = path.to_owned();
    move |source| LockError::Io { doing, path, source }
}

fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match std::fs::symlink_metadata(path) {
        Ok(there) => Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn read(file: &File) -> Option<Holder> {
    let mut bytes = vec![0; MOST];
    let count = file.read_at(&mut bytes, 0).ok()?;
    // The end of what an earlier holder wrote may still stand behind it.
    serde_json::Deserializer::from_slice(&bytes[..count]).into_iter().next()?.ok()
}

fn refuse_others_store(store: &Path) -> Result<(), LockError> {
    let owner = std::fs::metadata(store).map_err(failed("looking at", store))?.uid();
    if owner != rustix::process::geteuid().as_raw() {
        return Err(LockError::NotOwner { path: store.to_owned(), owner });
    }
    Ok(())
}

fn refuse_network(store: &Path, statfs: fn(&Path) -> io::Result<u64>) -> Result<(), LockError> {
    // Where the folder is yet to be made, the one above it tells.
    let there = store.ancestors().find(|path| path.exists()).unwrap_or_else(|| Path::new("."));
    let number = statfs(there).map_err(failed("looking at the file system of", there))?;
    match network_name(number) {
        Some(kind) => Err(LockError::Network { path: store.to_owned(), kind }),
        None => Ok(()),
    }
}

/// Returns the magic number of the file system that a path is on; 0 where the
/// system tells it in another way.
pub fn file_system_type(path: &Path) -> io::Result<u64> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        // On some machines it is a signed word of 32 bits.
        // What a test says it is: no machine at hand has every kind.
        #[cfg(debug_assertions)]
        if let Some(told) = std::env::var("ROLO_TEST_STATFS").ok().and_then(|number| u64::from_str_radix(&number, 16).ok()) {
            return Ok(told);
        }
        let number = rustix::fs::statfs(path)?.f_type;
        Ok((number as u64) & 0xFFFF_FFFF)
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        path.metadata().map(|_| 0)
    }
}

/// Names a file system that other machines may write to, by its magic number
/// (`linux/magic.h` and statfs(2)).
fn network_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0x6969 => "NFS",
        0xFF53_4D42 => "CIFS",
        0x517B => "SMB",
        0xFE53_4D42 => "SMB2",
        0x0102_1997 => "9p",
        // sshfs, rclone and their like; a local one cannot be told from them.
        0x6573_5546 => "FUSE",
        0x5346_414F | 0x6B41_4653 => "AFS",
        0x00C3_6400 => "Ceph",
        0x0BD0_0BD0 => "Lustre",
        0x7375_7245 => "Coda",
        0x564C => "NCP",
        0x0116_1970 => "GFS2",
        0x7461_636F => "OCFS2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    fn take(store: &Path) -> Result<StoreLock, LockError> {
        StoreLock::take(store, &LockOptions::default())
    }

    #[test]
    fn one_holder_at_a_time_and_the_other_is_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("deep").join("store");
        let mut lock = take(&store).unwrap();
        lock.tell(|holder| {
            holder.state = HolderState::Rebuilding(37);
            holder.epoch = 5;
        })
        .unwrap();
        let error = take(&store).unwrap_err();
        let since = lock.holder().since.with_timezone(&Local);
        assert_eq!(error.to_string(), format!("in use by pid {} since {}", std::process::id(), since.format("%Y-%m-%d %H:%M:%S")));
        assert!(error.hint().unwrap().contains("--wait"));
        let LockError::Busy { holder: Some(holder) } = error else { panic!("it is busy") };
        assert_eq!(&*holder, lock.holder());
        assert_eq!(holder.state.to_string(), "rebuilding 37 %");
        drop(lock);
        assert_eq!(super::holder(&store).unwrap().state, HolderState::Left);
        let lock = take(&store).unwrap();
        assert_eq!(lock.holder().epoch, 5, "known from the holder before");
    }

    #[test]
    fn waits_as_long_as_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        let options = LockOptions { wait: Duration::from_secs(600), ..LockOptions::default() };
        std::thread::scope(|scope| {
            let second = scope.spawn(|| StoreLock::take(folder.path(), &options));
            std::thread::sleep(Duration::from_millis(60));
            assert!(!second.is_finished());
            drop(lock);
            second.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_holder_that_was_superseded_notices() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        assert!(lock.still_ours());
        std::fs::remove_file(folder.path().join(LOCK)).unwrap();
        assert!(!lock.still_ours());
        let second = take(folder.path()).unwrap();
        assert!(second.still_ours() && !lock.still_ours());
    }

    #[test]
    fn the_file_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LOCK);
        std::fs::write(&path, "stale words, no JSON").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o666)).unwrap();
        let _lock = take(folder.path()).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.ends_with("}\n") && text.contains("\"state\":\"opening\""));
    }

    #[test]
    fn stale_words_name_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        let mut stale = lock.holder().clone();
        for change in [
            |holder: &mut Holder| holder.state = HolderState::Left,
            |holder: &mut Holder| holder.pid = 0x7FFF_FFFE,
            |holder: &mut Holder| holder.pid = u32::MAX,
            |holder: &mut Holder| holder.boot_id = "an earlier one".to_owned(),
        ] {
            let before = stale.clone();
            change(&mut stale);
            let text = serde_json::to_string(&stale).unwrap();
            std::fs::write(folder.path().join(LOCK), text).unwrap();
            let error = take(folder.path()).unwrap_err();
            assert_eq!(error.to_string(), "in use by another process");
            stale = before;
        }
        stale.host = "elsewhere".to_owned();
        let text = serde_json::to_string(&stale).unwrap() + "what stood there before";
        std::fs::write(folder.path().join(LOCK), text).unwrap();
        let error = take(folder.path()).unwrap_err().to_string();
        assert!(error.starts_with(&format!("in use by pid {} on elsewhere since ", stale.pid)));
    }

    #[test]
    fn network_file_systems_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        for (statfs, kind) in [
            ((|_| Ok(0x6969)) as fn(&Path) -> io::Result<u64>, "NFS"),
            (|_| Ok(0xFF53_4D42), "CIFS"),
            (|_| Ok(0x0102_1997), "9p"),
            (|_| Ok(0x6573_5546), "FUSE"),
        ] {
            let mut options = LockOptions { statfs, ..LockOptions::default() };
            let error = StoreLock::take(&store, &options).unwrap_err();
            assert_eq!(error.to_string(), format!("{} lies on a network file system ({kind}), where a store can be lost", store.display()));
            assert!(!store.exists(), "nothing was made");
            options.allow_network = true;
            drop(StoreLock::take(&store, &options).unwrap());
            std::fs::remove_dir_all(&store).unwrap();
        }
        assert!(take(&store).is_ok());
    }

    #[test]
    fn a_link_in_its_place_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("elsewhere", folder.path().join(LOCK)).unwrap();
        assert!(matches!(take(folder.path()), Err(LockError::NoFile { .. })));
        assert!(!folder.path().join("elsewhere").exists());
    }
}

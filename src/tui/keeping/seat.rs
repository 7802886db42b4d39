//! Which workspace an application has, and what was left in it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::beside;
use crate::store::lock::terminal;
use crate::tui::app::workspace::kept::{FORMAT, Kept};

/// The workspace that one has at first.
const FIRST: &str = "main";
/// The most workspaces that are open without a name.
const MOST: usize = 99;
/// The longest name, in bytes.
const LONGEST: usize = 64;
/// The largest file that is read, in bytes.
const LARGEST: u64 = 16 << 20;
/// The most broken files that are set aside before the last one is replaced.
const SET_ASIDE: usize = 9;

/// Where workspaces are kept, and which one is wanted.
#[derive(Debug, Clone, Default)]
pub struct Keeping {
    /// The user's state directory; `None` keeps nothing.
    pub folder: Option<PathBuf>,
    /// The workspace's name; `None` for the first that nobody has open.
    pub name: Option<String>,
}

/// Why a workspace that was named is not to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSeat {
    /// It is open elsewhere.
    Busy {
        /// Its name.
        name: String,
        /// Who has it.
        by: String,
    },
    /// That is no name.
    NoName(String),
}

impl fmt::Display for NoSeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy { name, by } => write!(f, "the workspace {name} is open{by}"),
            Self::NoName(name) => write!(f, "\u{201c}{name}\u{201d} is no name of a workspace"),
        }
    }
}

/// A workspace that is this application's.
#[derive(Debug)]
pub struct Seat {
    /// Its name.
    pub name: String,
    /// Where it and others of this user at this store are kept, if they are.
    pub folder: Option<PathBuf>,
    /// Held until the application ends.
    lock: Option<File>,
}

/// A workspace as it was found.
#[derive(Debug)]
pub struct Sat {
    /// The workspace.
    pub seat: Seat,
    /// What was left in it.
    pub kept: Option<Kept>,
    /// What is wrong, a sentence each.
    pub told: Vec<String>,
}

impl Seat {
    /// Returns the file that says where one was.
    pub fn file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(format!("{}.json", file_name(&self.name))))
    }

    /// Returns whether nobody else has it.
    pub fn is_locked(&self) -> bool {
        self.lock.is_some()
    }
}

/// Takes a workspace of a login at a store.
///
/// # Errors
/// One that was named is open elsewhere, or the name is none.
pub fn sit(keeping: &Keeping, store: &str, login: &str) -> Result<Sat, NoSeat> {
    if let Some(name) = keeping.name.as_ref().filter(|name| !is_name(name)) {
        return Err(NoSeat::NoName(name.clone()));
    }
    let named = keeping.name.clone().unwrap_or_else(|| FIRST.to_owned());
    let mut told = Vec::new();
    let Some(state) = &keeping.folder else {
        return Ok(Sat { seat: Seat { name: named, folder: None, lock: None }, kept: None, told });
    };
    let folder = state.join("workspaces").join(file_name(store)).join(file_name(login));
    let seat = match lock_one(&folder, keeping.name.as_deref())? {
        Ok((name, lock)) => Seat { name, folder: Some(folder), lock: Some(lock) },
        Err(error) => {
            told.push(unkept(&folder, &error));
            Seat { name: named, folder: Some(folder), lock: None }
        }
    };
    let kept = seat.file().and_then(|path| match read(&path) {
        Ok(kept) => kept,
        Err(why) => {
            let aside = if seat.is_locked() { set_aside(&path) } else { None };
            let aside = aside.map_or_else(String::new, |aside| format!("; it is set aside as {}", aside.display()));
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            told.push(format!("the workspace begins anew: {name}{why}{aside}"));
            None
        }
    });
    Ok(Sat { seat, kept, told })
}

/// Says that nothing can be kept, and why.
pub(super) fn unkept(path: &Path, error: &io::Error) -> String {
    format!("what you do here is not kept for the next time: {error}: {}", path.display())
}

/// Locks the workspace that is named, else the first that nobody has.
fn lock_one(folder: &Path, name: Option<&str>) -> Result<io::Result<(String, File)>, NoSeat> {
    if let Err(error) = beside::folder(folder) {
        return Ok(Err(error));
    }
    let names = match name {
        Some(name) => vec![name.to_owned()],
        None => (1..=MOST).map(|number| if number == 1 { FIRST.to_owned() } else { number.to_string() }).collect(),
    };
    for name in names {
        match lock(&lock_file(folder, &name), true) {
            Ok(Some(lock)) => return Ok(Ok((name, lock))),
            Ok(None) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    match name {
        Some(name) => Err(NoSeat::Busy { name: name.to_owned(), by: holder(&lock_file(folder, name)) }),
        None => Ok(Err(io::Error::other(format!("{MOST} workspaces are open")))),
    }
}

fn lock_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{}.lock", file_name(name)))
}

/// Returns whether another application has a workspace open.
pub(super) fn is_open_elsewhere(folder: &Path, name: &str) -> bool {
    let path = lock_file(folder, name);
    path.exists() && matches!(lock(&path, false), Ok(None))
}

/// Locks a file, and writes into it who has it; `None` where somebody else does.
fn lock(path: &Path, to_keep: bool) -> io::Result<Option<File>> {
    let mut file = beside::private(path, OpenOptions::new().create(to_keep).truncate(false))?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    if to_keep {
        file.set_len(0)?;
        let on = terminal().map_or_else(String::new, |terminal| format!(" on {terminal}"));
        // It is for people.
        let _ = write!(file, "process {}{on}", std::process::id());
    }
    Ok(Some(file))
}

/// Returns who has a workspace, as the end of a sentence.
fn holder(path: &Path) -> String {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(100).read_to_string(&mut text));
    let words = text.trim();
    match read {
        Ok(_) if !words.is_empty() && !words.contains(char::is_control) => format!(" in {words}"),
        _ => " elsewhere".to_owned(),
    }
}

/// Reads what was left; the error is the rest of a sentence that begins with the name.
fn read(path: &Path) -> Result<Option<Kept>, String> {
    let Some(text) = beside::read(path, LARGEST).map_err(|error| format!(": {error}"))? else { return Ok(None) };
    let kept: Kept = serde_json::from_str(&text).map_err(|error| {
        let why = error.to_string();
        let why = why.rsplit_once(" at line ").map_or(why.as_str(), |(why, _)| why);
        format!(":{}:{}: {why}", error.line(), error.column())
    })?;
    match kept.format {
        FORMAT => Ok(Some(kept)),
        0 => Err(": it is no workspace".to_owned()),
        later => Err(format!(" is of a later version of rolo (format {later}; this one writes {FORMAT})")),
    }
}

/// Gives a file that cannot be read another name.
pub(super) fn set_aside(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_string_lossy().into_owned();
    let names = (1..=SET_ASIDE).map(|number| path.with_file_name(format!("{name}.broken-{number}")));
    let free = names.clone().find(|aside| !aside.exists()).or_else(|| names.clone().next_back())?;
    std::fs::rename(path, &free).ok()?;
    Some(free)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST && !name.contains(char::is_control)
}

/// Returns a name as the name of a file: letters, digits and `-` `_` stand for themselves.
pub(super) fn file_name(name: &str) -> String {
    let mut file = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            file.push(char::from(byte));
        } else {
            file.push_str(&format!("%{byte:02X}"));
        }
    }
    file
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn keeping(folder: &Path, name: Option<&str>) -> Keeping {
        Keeping { folder: Some(folder.to_owned()), name: name.map(str::to_owned) }
    }

    fn sat(folder: &Path) -> Sat {
        sit(&keeping(folder, None), "s1", "ada").unwrap()
    }

    fn leave(seat: &Seat, kept: &Kept) {
        beside::write(&seat.file().unwrap(), &serde_json::to_vec(kept).unwrap()).unwrap();
    }

    #[test]
    fn the_first_has_main_and_the_second_another_one() {
        let top = tempfile::tempdir().unwrap();
        let first = sat(top.path());
        let second = sat(top.path());
        let third = sat(top.path());
        assert_eq!([&first.seat.name, &second.seat.name, &third.seat.name], ["main", "2", "3"]);
        drop(second);
        assert_eq!(sat(top.path()).seat.name, "2", "the first that nobody has");
        assert_eq!(sit(&keeping(top.path(), None), "s2", "ada").unwrap().seat.name, "main", "another store");
        assert_eq!(sit(&keeping(top.path(), None), "s1", "bob").unwrap().seat.name, "main", "another login");
        let busy = sit(&keeping(top.path(), Some("main")), "s1", "ada").unwrap_err().to_string();
        assert!(busy.starts_with(&format!("the workspace main is open in process {}", std::process::id())), "{busy}");
        drop(first);
        assert_eq!(sit(&keeping(top.path(), Some("main")), "s1", "ada").unwrap().seat.name, "main");
    }

    #[test]
    fn names_stay_in_their_folder() {
        let top = tempfile::tempdir().unwrap();
        for name in ["../../evil", "a/b", ".", "my deals", "żółw"] {
            let sat = sit(&keeping(top.path(), Some(name)), "../s", "../../root").unwrap();
            let file = sat.seat.file().unwrap();
            assert_eq!(file.parent().unwrap(), top.path().join("workspaces/%2E%2E%2Fs/%2E%2E%2F%2E%2E%2Froot"));
            leave(&sat.seat, &Kept { format: FORMAT, ..Kept::default() });
        }
        for name in ["", "\u{1b}[2J", &"x".repeat(65)] {
            assert_eq!(sit(&keeping(top.path(), Some(name)), "s", "ada").unwrap_err(), NoSeat::NoName(name.to_owned()));
        }
    }

    #[test]
    fn what_was_left_is_found_and_what_is_broken_set_aside() {
        let top = tempfile::tempdir().unwrap();
        let first = sat(top.path());
        assert_eq!((first.kept, first.told.len()), (None, 0));
        let left = Kept { format: FORMAT, theme: Some("light".to_owned()), ..Kept::default() };
        leave(&first.seat, &left);
        let path = first.seat.file().unwrap();
        drop(first.seat);
        assert_eq!(sat(top.path()).kept, Some(left));
        let broken: [(&[u8], &str); 5] = [
            (b"{\n  \"format\": nonsense", "main.json:2:14: expected ident; it is set aside as "),
            (b"", "main.json:1:0: EOF while parsing a value; it is set aside as "),
            (b"{}", "main.json: it is no workspace; it is set aside as "),
            (b"\xff\xfe", "main.json: stream did not contain valid UTF-8; it is set aside as "),
            (
                br#"{"format": 7, "what": "is this"}"#,
                "main.json is of a later version of rolo (format 7; this one writes 1); it is set aside as ",
            ),
        ];
        for (number, (bytes, why)) in broken.into_iter().enumerate() {
            std::fs::write(&path, bytes).unwrap();
            let sat = sat(top.path());
            assert_eq!((sat.kept, sat.told.len()), (None, 1));
            assert!(sat.told[0].starts_with(&format!("the workspace begins anew: {why}")), "{:?}", sat.told);
            let aside = path.with_file_name(format!("main.json.broken-{}", number + 1));
            assert_eq!((path.exists(), std::fs::read(aside).unwrap().as_slice()), (false, bytes));
        }
        // A later version's unknown words in this format are passed over.
        std::fs::write(&path, r#"{"format": 1, "tab": 3, "colour_of_the_sky": ["blue"]}"#).unwrap();
        assert_eq!(sat(top.path()).kept, Some(Kept { format: FORMAT, tab: 3, ..Kept::default() }));
    }

    #[test]
    fn where_nothing_can_be_kept_one_works_all_the_same() {
        let top = tempfile::tempdir().unwrap();
        let none = sit(&Keeping::default(), "s", "ada").unwrap();
        assert_eq!((none.seat.name.as_str(), none.seat.file(), none.told.len()), ("main", None, 0));
        // A file stands where the folder should: as unwritable as it gets, for root too.
        std::fs::write(top.path().join("workspaces"), "").unwrap();
        let sat = sat(top.path());
        assert!(!sat.seat.is_locked());
        assert!(sat.told[0].starts_with("what you do here is not kept for the next time: "), "{:?}", sat.told);
    }
}

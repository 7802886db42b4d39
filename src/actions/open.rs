//! A document for the system's opener: a private copy of its content under its name,
//! and the program that opens it.
//!
//! The copy is read only, since what is written into it goes nowhere. Copies are left
//! for the program that reads them, which may do so long after it was started, and go
//! the next time that something is opened a day later.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{ActionError, Desk, content_of};
use crate::domain::fields::number;
use crate::domain::{FileHash, Record, file_name};
use crate::store::files;

/// The variable that names a program to open files with.
pub const OPENER: &str = "ROLO_OPENER";
/// After how long a copy is nobody's any more.
const OLD: Duration = Duration::from_secs(24 * 3600);

/// The program that opens files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opener {
    /// What the shell reads before the path; `None` for the system's own program.
    own: Option<String>,
}

impl Opener {
    /// Returns what [`OPENER`] says, else the system's.
    pub fn of_environment() -> Self {
        Self { own: std::env::var(OPENER).ok().filter(|set| !set.trim().is_empty()) }
    }

    /// Returns whether it is the user's own choice, which may want the terminal.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Opens a file and waits until the program ends; the system's own has handed it
    /// on by then. It gets no terminal unless it is the user's choice.
    ///
    /// # Errors
    /// It cannot be started, or ended badly.
    pub fn open(&self, path: &Path) -> Result<(), ActionError> {
        let hint = format!("the copy is {}; ${OPENER} names another program", path.display());
        let (name, mut command) = match &self.own {
            Some(own) => {
                // As git does with an editor: the shell reads what it holds.
                let mut command = Command::new("sh");
                command.arg("-c").arg(format!("{own} \"$@\"")).arg(own);
                (own.as_str(), command)
            }
            None => {
                let system = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
                let mut command = Command::new(system);
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                (system, command)
            }
        };
        match command.arg(path).status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(ActionError::refused(format!("{name} ended with {status}")).hint(hint)),
            Err(error) => Err(ActionError::refused(format!("{name} cannot be started: {error}")).hint(hint)),
        }
    }
}

/// Returns a copy of a document's content that nobody else can read, under its name.
///
/// # Errors
/// Exit 4 where it has no file, 6 where the content is missing or damaged, 1 where
/// there is no room.
pub fn copy_to_open(desk: &Desk, document: &Record) -> Result<PathBuf, ActionError> {
    let hash = content_of(document)?;
    let failed = |path: &Path, error: &io::Error| ActionError::refused(format!("{}: {error}", path.display()));
    let base = base().map_err(|error| failed(&std::env::temp_dir(), &error))?;
    // What cannot be removed now can be the next time.
    let _ = tidy(&base);
    let folder = base.join(hash.to_string());
    make(&folder).map_err(|error| failed(&folder, &error))?;
    let path = folder.join(file_name(document.text(number::DOCUMENT_NAME).unwrap_or_default()));
    let beside = folder.join(format!(".{}", std::process::id()));
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside);
    let mut file = written.map_err(|error| failed(&beside, &error))?;
    let copied = files::copy(&*desk.store, &hash, &mut file).map_err(ActionError::from).and_then(|_| {
        file.set_permissions(PermissionsExt::from_mode(0o400))
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|error| failed(&path, &error))
    });
    if copied.is_err() {
        let _ = fs::remove_file(&beside);
    }
    copied.map(|()| path)
}

/// Removes the copies of a content that were made to be opened.
pub fn forget_copies(hash: &FileHash) {
    if let Ok(base) = base() {
        // There may be none.
        let _ = fs::remove_dir_all(base.join(hash.to_string()));
    }
}

/// Returns the folder of this user's copies: 0700, and nobody else's.
fn base() -> io::Result<PathBuf> {
    let uid = rustix::process::geteuid().as_raw();
    let mut name = OsString::from("rolo-open-");
    name.push(uid.to_string());
    let base = std::env::temp_dir().join(name);
    make(&base)?;
    let found = fs::symlink_metadata(&base)?;
    // Somebody else may have put something in its place.
    if !found.is_dir() || found.uid() != uid || found.mode() & 0o077 != 0 {
        return Err(io::Error::new(ErrorKind::PermissionDenied, format!("{} is not this user's alone", base.display())));
    }
    Ok(base)
}

fn make(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

fn tidy(base: &Path) -> io::Result<()> {
    for entry in fs::read_dir(base)? {
        let entry = entry?;
        if entry.metadata()?.modified()?.elapsed().is_ok_and(|age| age > OLD) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

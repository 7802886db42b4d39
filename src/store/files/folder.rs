//! Contents in a folder: `files/ab/cdef…`, private to its owner.
//!
//! A content is written beside, synced, renamed in, and its folder synced, before
//! anybody may name it. What a killed writer leaves has another form of name and is
//! swept away later. The folder is made with the first file.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::{Checked, FileError, FileFacts, Files, Kept, place};
use crate::domain::FileHash;
use crate::store::disk::make_private_dir;

/// What the name of a file that is being written begins with.
const BESIDE: &str = "new-";
/// After how long what nobody names, or nobody finished, is nobody's.
const OLD: Duration = Duration::from_secs(24 * 3600);

/// See the module.
#[derive(Debug)]
pub struct FileFolder {
    root: PathBuf,
}

impl FileFolder {
    /// Returns the folder of files at a path; it need not be there yet.
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn path(&self, hash: &FileHash) -> PathBuf {
        self.root.join(place(hash))
    }

    /// Returns whether what is there is what it should be.
    fn is_sound(&self, facts: &FileFacts) -> bool {
        let Ok(mut file) = File::open(self.path(&facts.hash)) else { return false };
        let mut checked = Checked::new(&mut file);
        let mut buffer = vec![0; 64 << 10];
        loop {
            match checked.next(facts, &mut buffer) {
                Ok(0) => return checked.finish(facts).is_ok(),
                Ok(_) => {}
                Err(_) => return false,
            }
        }
    }

    fn write(&self, facts: &FileFacts, beside: &Path, content: &mut dyn Read) -> Result<(), FileError> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(beside).map_err(FileError::Disk)?;
        let mut checked = Checked::new(content);
        let mut buffer = vec![0; 64 << 10];
        loop {
            match checked.next(facts, &mut buffer)? {
                0 => break,
                count => file.write_all(&buffer[..count]).map_err(FileError::Disk)?,
            }
        }
        checked.finish(facts)?;
        file.sync_all().map_err(FileError::Disk)
    }
}

impl Files for FileFolder {
    fn length(&self, hash: &FileHash) -> io::Result<Option<u64>> {
        match fs::metadata(self.path(hash)) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn keep(&self, facts: &FileFacts, content: &mut dyn Read) -> Result<(), FileError> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let path = self.path(&facts.hash);
        if self.is_sound(facts) {
            // It is wanted again, so it is young again, whoever else lets go of it.
            let touched = File::options().write(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
            return touched.map_err(FileError::Disk);
        }
        let folder = path.parent().unwrap_or(&self.root);
        make_private_dir(folder).map_err(FileError::Disk)?;
        let beside = self.root.join(format!("{BESIDE}{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)));
        let kept = self
            .write(facts, &beside, content)
            .and_then(|()| fs::rename(&beside, &path).and_then(|()| File::open(folder)?.sync_all()).map_err(FileError::Disk));
        if kept.is_err() {
            // It is of no use; if it cannot be removed now it is swept away later.
            let _ = fs::remove_file(&beside);
        }
        kept
    }

    fn read_at(&self, hash: &FileHash, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let file = File::open(self.path(hash))?;
        let mut done = 0;
        while done < buffer.len() {
            match file.read_at(&mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn remove(&self, hash: &FileHash) -> io::Result<()> {
        let path = self.path(hash);
        match fs::remove_file(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        }
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    }

    fn each(&self, tell: &mut dyn FnMut(Kept) -> io::Result<()>) -> io::Result<()> {
        for folder in entries(&self.root)? {
            let Some(begin) = folder.file_name().into_string().ok().filter(|name| name.len() == 2) else { continue };
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in entries(&folder.path())? {
                let Some(hash) = file.file_name().to_str().and_then(|rest| format!("{begin}{rest}").parse::<FileHash>().ok()) else {
                    continue;
                };
                let Ok(found) = file.metadata() else { continue };
                if found.is_file() {
                    tell(Kept { hash, size: found.len(), is_old: is_old(&found) })?;
                }
            }
        }
        Ok(())
    }

    fn sweep(&self) -> io::Result<usize> {
        let mut swept = 0;
        for file in entries(&self.root)? {
            let is_ours = file.file_name().to_str().is_some_and(|name| name.starts_with(BESIDE));
            if is_ours && file.metadata().is_ok_and(|found| found.is_file() && is_old(&found)) {
                fs::remove_file(file.path())?;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

fn is_old(found: &fs::Metadata) -> bool {
    found.modified().ok().and_then(|at| at.elapsed().ok()).is_some_and(|age| age > OLD)
}

/// Returns what is in a folder; nothing where there is none.
fn entries(path: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(path) {
        Ok(found) => found.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

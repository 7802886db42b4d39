//! A folder of messages as one stream: each message follows a line that tells how long
//! it is and what its file is called. So a folder is read as a file is. It must not know
//! messages.
//!
//! A Maildir has its messages in `cur` and `new`, its folders in `.Name` beside them;
//! any other folder has them in files that end in `.eml`. Links are not followed. Source:
//! <https://cr.yp.to/proto/maildir.html>

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use super::mbox::LARGEST_MESSAGE;

/// What each message's line begins with: no text and no mailbox begins so.
pub(in crate::exchange) const MARK: &[u8] = b"\x01\x01\x01\x01rolo-message ";

/// How deep folders are looked into.
const DEEPEST: usize = 16;

/// The messages of a folder, in the order of their names.
pub(in crate::exchange) struct FolderStream {
    files: VecDeque<PathBuf>,
    root: PathBuf,
    head: io::Cursor<Vec<u8>>,
    body: Option<io::Take<File>>,
    /// What a file that grew shorter owes.
    owed: u64,
}

impl FolderStream {
    /// Finds the messages of a folder; returns them and how many bytes they have.
    ///
    /// # Errors
    /// The folder cannot be read, or has no messages.
    pub(in crate::exchange) fn open(root: &Path) -> io::Result<(Self, u64)> {
        let mut files = Vec::new();
        find(root, is_maildir(root), 0, &mut files)?;
        if files.is_empty() && !is_maildir(root) {
            let told = "the folder holds no mail: neither cur and new, nor files that end in .eml";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, told));
        }
        let bytes = files.iter().filter_map(|file| fs::metadata(file).ok()).map(|data| data.len()).sum();
        let stream =
            Self { files: files.into(), root: root.to_owned(), head: io::Cursor::new(MARK_OF_FOLDER.to_vec()), body: None, owed: 0 };
        Ok((stream, bytes))
    }

    fn next_file(&mut self) -> io::Result<bool> {
        while let Some(path) = self.files.pop_front() {
            let file = match File::open(&path) {
                Ok(file) => file,
                // A mail program moves messages while they are read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
            };
            let length = file.metadata()?.len();
            let name = path.strip_prefix(&self.root).unwrap_or(&path).display().to_string().replace(['\n', '\r'], " ");
            let mut head = MARK.to_vec();
            head.extend_from_slice(format!("{length} {name}\n").as_bytes());
            self.head = io::Cursor::new(head);
            self.body = Some(file.take(length));
            self.owed = length;
            return Ok(true);
        }
        Ok(false)
    }
}

/// The line that begins the stream of a folder.
pub(in crate::exchange) const MARK_OF_FOLDER: &[u8] = b"\x01\x01\x01\x01rolo-folder\n";

impl Read for FolderStream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.head.read(out)?;
            if read > 0 || out.is_empty() {
                return Ok(read);
            }
            if let Some(body) = &mut self.body {
                let read = body.read(out)?;
                if read > 0 {
                    self.owed -= read as u64;
                    return Ok(read);
                }
                self.body = None;
            }
            if self.owed > 0 {
                let read = out.len().min(usize::try_from(self.owed).unwrap_or(usize::MAX));
                out[..read].fill(b'\n');
                self.owed -= read as u64;
                return Ok(read);
            }
            if !self.next_file()? {
                return Ok(0);
            }
        }
    }
}

fn is_maildir(folder: &Path) -> bool {
    folder.join("cur").is_dir() || folder.join("new").is_dir()
}

/// Collects the files of messages, by name: in a Maildir those of `cur` and `new`.
fn find(folder: &Path, maildir: bool, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let here = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", folder.display()));
    let mut entries: Vec<(String, PathBuf, fs::FileType)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(here)? {
        let entry = entry.map_err(here)?;
        entries.push((entry.file_name().to_string_lossy().into_owned(), entry.path(), entry.file_type().map_err(here)?));
    }
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    for (name, path, kind) in entries {
        if kind.is_dir() {
            if maildir && (name == "cur" || name == "new") {
                messages(&path, files)?;
            } else if depth < DEEPEST && !(maildir && name == "tmp") {
                find(&path, is_maildir(&path), depth + 1, files)?;
            }
        } else if kind.is_file() && !maildir && name.to_lowercase().ends_with(".eml") {
            files.push(path);
        }
    }
    Ok(())
}

fn messages(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && !entry.file_name().to_string_lossy().starts_with('.') {
            found.push(entry.path());
        }
    }
    found.sort();
    files.append(&mut found);
    Ok(())
}

/// A message of a folder.
pub(super) struct Filed {
    /// Its file.
    pub(super) name: String,
    /// Its bytes; of one that is too large, none.
    pub(super) bytes: Vec<u8>,
    /// Whether it is too large.
    pub(super) too_large: bool,
}

/// Reads the stream of a folder.
pub(super) struct Folder<R> {
    source: R,
    bytes: u64,
}

impl<R: BufRead> Folder<R> {
    /// Returns the messages of a stream.
    pub(super) fn new(source: R) -> Self {
        Self { source, bytes: 0 }
    }

    /// Returns the next message; nothing at the end.
    ///
    /// # Errors
    /// What the source's `read` gives.
    pub(super) fn next_message(&mut self) -> io::Result<Option<Filed>> {
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "the stream of a folder is broken");
        loop {
            let mut line = Vec::new();
            (&mut self.source).take(64 * 1024).read_until(b'\n', &mut line)?;
            if line.is_empty() {
                return Ok(None);
            }
            if line == MARK_OF_FOLDER {
                continue;
            }
            let text = line.strip_prefix(MARK).map(|rest| String::from_utf8_lossy(rest).into_owned()).ok_or_else(broken)?;
            let (length, name) = text.trim_end().split_once(' ').ok_or_else(broken)?;
            let length: u64 = length.parse().map_err(|_| broken())?;
            self.bytes += length;
            let name = name.to_owned();
            let mut part = (&mut self.source).take(length);
            if length > LARGEST_MESSAGE as u64 {
                io::copy(&mut part, &mut io::sink())?;
                return Ok(Some(Filed { name, bytes: Vec::new(), too_large: true }));
            }
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes)?;
            return Ok(Some(Filed { name, bytes, too_large: false }));
        }
    }

    /// Returns how many bytes of messages have been used.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }
}

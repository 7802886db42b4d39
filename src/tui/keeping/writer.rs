//! The thread that writes: a disk may be slow, and keys must not wait for it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

use super::beside;

/// What is to be done.
enum Work {
    /// A file is to hold these bytes; without bytes it is to go.
    Put(PathBuf, Option<Vec<u8>>),
    /// Tell when all is done.
    End(SyncSender<()>),
}

/// The thread, seen from the application.
#[derive(Debug)]
pub struct Writer {
    work: Sender<Work>,
}

impl Writer {
    /// Starts the thread; `tell` is called with a sentence on the first error, and not again until
    /// something could be written.
    ///
    /// # Errors
    /// The system gives none.
    pub fn start(tell: impl Fn(String) + Send + 'static) -> io::Result<Self> {
        let (work, waiting) = channel();
        thread::Builder::new().name("keeping".to_owned()).spawn(move || run(&waiting, &tell))?;
        Ok(Self { work })
    }

    /// Has a file written; without bytes, removed. Of several wishes for one file the
    /// last one counts.
    pub fn put(&self, path: PathBuf, bytes: Option<Vec<u8>>) {
        // A thread that is gone has told why.
        let _ = self.work.send(Work::Put(path, bytes));
    }

    /// Waits until all is written, for so long at most. Returns whether it is.
    pub fn flush(&self, within: Duration) -> bool {
        let (told, done) = sync_channel(1);
        self.work.send(Work::End(told)).is_ok() && done.recv_timeout(within).is_ok()
    }
}

fn run(waiting: &Receiver<Work>, tell: &dyn Fn(String)) {
    let mut is_told = false;
    while let Ok(first) = waiting.recv() {
        let mut files = BTreeMap::new();
        let mut ends = Vec::new();
        for work in std::iter::once(first).chain(waiting.try_iter()) {
            match work {
                Work::Put(path, bytes) => _ = files.insert(path, bytes),
                Work::End(told) => ends.push(told),
            }
        }
        // What is to be held is written before anything goes: a draft that was taken up.
        let (written, gone): (Vec<_>, Vec<_>) = files.into_iter().partition(|(_, bytes)| bytes.is_some());
        for (path, bytes) in written.into_iter().chain(gone) {
            match put(&path, bytes.as_deref()) {
                Ok(()) => is_told = false,
                Err(error) if !is_told => {
                    is_told = true;
                    tell(super::seat::unkept(&path, &error));
                }
                Err(_) => {}
            }
        }
        for told in ends {
            // Whoever waited may have given up.
            let _ = told.send(());
        }
    }
}

fn put(path: &Path, bytes: Option<&[u8]>) -> io::Result<()> {
    match bytes {
        Some(bytes) => {
            if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
                beside::folder(folder)?;
            }
            beside::write(path, bytes)
        }
        None => match std::fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::{Arc, Mutex};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn the_last_wish_counts_and_errors_are_told_once() {
        let top = tempfile::tempdir().unwrap();
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let heard = Arc::clone(&told);
        let writer = Writer::start(move |why| heard.lock().unwrap().push(why)).unwrap();
        let path = top.path().join("drafts/one.json");
        for number in 0..100 {
            writer.put(path.clone(), Some(number.to_string().into_bytes()));
        }
        assert!(writer.flush(LONG));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "99");
        writer.put(path.clone(), None);
        writer.put(path.clone(), None);
        assert!(writer.flush(LONG));
        assert!(!path.exists());
        std::fs::write(top.path().join("file"), "").unwrap();
        for _ in 0..3 {
            writer.put(top.path().join("file/below"), Some(Vec::new()));
            assert!(writer.flush(LONG));
        }
        assert_eq!(told.lock().unwrap().len(), 1, "{told:?}");
    }
}

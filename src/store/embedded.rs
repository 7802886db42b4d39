//! The store in a folder: the log and, beside it, the image in sled.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::StoreError;
use super::api::Store;
use super::disk::{Disk, RealDisk};
use super::engine::{Engine, Foundation, Images, MemoryImages, OnProgress};
use super::files::FileFolder;
use super::image::{Image, ImageFolder, ImageLost, Limits};
use super::list_file::ListFile;
use super::lock::{LockError, LockOptions, StoreLock};
use super::log::LogOptions;

/// The folder of the log, in the store's.
pub(super) const LOG: &str = "log";
/// The folder of attached files, in the store's.
pub(super) const FILES: &str = "files";
/// The folder of the images, in the store's.
pub(super) const IMAGE: &str = "image";

/// How to open a store in a folder.
pub struct OpenOptions {
    /// Refuse all commits.
    pub readonly: bool,
    /// How long to wait for another process to let go.
    pub wait: Duration,
    /// Take a store on a network file system, too.
    pub allow_network: bool,
    /// Make a store where none is.
    pub create: bool,
    /// Open what is left of a damaged log for reading: for `check` and rescue.
    pub accept_damage: bool,
    /// How long sled may take, and how much it may keep in memory.
    pub limits: Limits,
    /// The size in bytes from which a new segment of the log is begun.
    pub segment_size: u64,
    /// The steps in bytes in which space is reserved for the log.
    pub preallocate: u64,
    /// Tells the kind of a file system; tests put their own here.
    pub statfs: fn(&Path) -> io::Result<u64>,
    /// Is told how far opening has come.
    pub progress: Option<OnProgress>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        let LogOptions { segment_size, preallocate, .. } = LogOptions::default();
        let LockOptions { wait, allow_network, statfs } = LockOptions::default();
        Self {
            readonly: false,
            wait,
            allow_network,
            create: true,
            accept_damage: false,
            limits: Limits::default(),
            segment_size,
            preallocate,
            statfs,
            progress: None,
        }
    }
}

/// Images in a folder, kept by sled, and the store's folder.
struct KeptImages(ImageFolder, PathBuf);

impl Images for KeptImages {
    fn newest(&self) -> Result<Option<Box<dyn Image>>, ImageLost> {
        Ok(self.0.open_newest()?.map(|image| Box::new(image) as Box<dyn Image>))
    }

    fn next(&self) -> Result<Box<dyn Image>, ImageLost> {
        // It is of the image before, and may have words that were forgotten.
        ListFile::remove(&self.1).map_err(|error| ImageLost::new(format!("the list file cannot be removed: {error}")))?;
        Ok(Box::new(self.0.next_generation()?))
    }

    fn any(&self) -> bool {
        // What cannot be listed may well be there.
        self.0.generations().map_or(true, |generations| !generations.is_empty())
    }

    fn tidy(&self, kept: u64) -> bool {
        // What stays is looked at again at the next opening.
        let _ = self.0.remove_all_but(kept);
        self.0.generations().is_ok_and(|left| left.iter().all(|generation| *generation == kept))
    }
}

/// Opens the store in a folder.
///
/// # Errors
/// [`StoreError::Busy`] if another process has it; [`StoreError::Damaged`] with
/// the place; [`StoreError::NotPermitted`] on a network file system or in
/// another user's folder; [`StoreError::Io`]; [`StoreError::Cancelled`]. A store
/// whose log has lost commits opens for reading; its commits are answered with
/// [`StoreError::Lost`].
pub fn open(path: &Path, options: OpenOptions) -> Result<Arc<dyn Store>, StoreError> {
    if (options.readonly || !options.create) && !path.is_dir() {
        return Err(StoreError::Invalid(format!("there is no store in {}", path.display())));
    }
    let asked = LockOptions { wait: options.wait, allow_network: options.allow_network, statfs: options.statfs };
    match StoreLock::take(path, &asked) {
        Ok(lock) => Ok(Arc::new(open_locked(path, options, lock)?)),
        Err(error) => open_unlocked(path, options, &error),
    }
}

/// Opens the store in a folder whose lock is held.
pub(super) fn open_locked(path: &Path, options: OpenOptions, lock: StoreLock) -> Result<Engine, StoreError> {
    with_lock(path, options, lock)?.open()
}

/// Opens what can be opened where the lock cannot be had: a folder that may only be read.
pub(super) fn open_unlocked(path: &Path, options: OpenOptions, error: &LockError) -> Result<Arc<dyn Store>, StoreError> {
    match error {
        LockError::Io { source, .. } if may_only_read(source) && path.join(LOG).is_dir() => {
            let why = format!("the folder {} is read-only", path.display());
            Ok(Arc::new(read_only_folder(path, options, StoreError::ReadOnly(why))?.open()?))
        }
        error => Err(refused(path, error)),
    }
}

fn may_only_read(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
}

fn with_lock(path: &Path, options: OpenOptions, lock: StoreLock) -> Result<Foundation, StoreError> {
    let log = RealDisk::create(&path.join(LOG)).map_err(|error| failed("making", &path.join(LOG), &error))?;
    let images = ImageFolder::new(&path.join(IMAGE), options.limits).map_err(|error| failed("making", &path.join(IMAGE), &error))?;
    let refusal = options.readonly.then(|| StoreError::ReadOnly("it was opened for reading only".to_owned()));
    let had_log = lock.holder().epoch > 0;
    Ok(Foundation {
        refusal,
        had_log,
        lock: Some(lock),
        ..foundation(path, options, Arc::new(log), Box::new(KeptImages(images, path.to_owned())))
    })
}

/// Nothing can be kept beside a log that may only be read: the image is held in memory.
fn read_only_folder(path: &Path, options: OpenOptions, refusal: StoreError) -> Result<Foundation, StoreError> {
    let log = RealDisk::open(&path.join(LOG)).map_err(|error| failed("opening", &path.join(LOG), &error))?;
    Ok(Foundation { refusal: Some(refusal), ..foundation(path, options, Arc::new(log), Box::new(MemoryImages)) })
}

fn foundation(path: &Path, options: OpenOptions, log: Arc<dyn Disk>, images: Box<dyn Images>) -> Foundation {
    Foundation {
        files: Arc::new(FileFolder::new(path.join(FILES))),
        path: path.display().to_string(),
        create: options.create,
        accept_damage: options.accept_damage,
        segment_size: options.segment_size,
        preallocate: options.preallocate,
        progress: options.progress,
        ..Foundation::new(log, images)
    }
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> StoreError {
    StoreError::Io(format!("{doing} {} failed: {error}", path.display()))
}

pub(super) fn refused(path: &Path, error: &LockError) -> StoreError {
    match error {
        LockError::Busy { .. } => StoreError::Busy(format!("{} is {error}", path.display())),
        LockError::Network { .. } | LockError::NotOwner { .. } => {
            StoreError::NotPermitted(error.hint().map_or_else(|| error.to_string(), |hint| format!("{error}: {hint}")))
        }
        LockError::Io { source, .. } if may_only_read(source) => {
            let told = format!(
                "no store can be made at {}: the folder above it cannot be written ({source}); name another place with --store",
                path.display()
            );
            StoreError::NotPermitted(told)
        }
        LockError::NoFile { .. } => StoreError::Invalid(error.to_string()),
        LockError::Io { .. } => StoreError::Io(error.to_string()),
    }
}

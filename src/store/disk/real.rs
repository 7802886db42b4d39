//! A folder on a real disk, private to its owner: 0700 and 0600.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use super::{Access, Disk, DiskFile, plain_name};

/// How much is written at once where space cannot be reserved otherwise.
const ZEROS: usize = 64 * 1024;

/// A folder of the file system.
pub struct RealDisk {
    root: PathBuf,
}

struct RealFile {
    file: File,
}

impl RealDisk {
    /// Makes the folder (and those above it) where missing, 0700, durably, and
    /// returns it.
    pub fn create(root: &Path) -> io::Result<Self> {
        make_private_dir(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// Returns a folder that exists.
    pub fn open(root: &Path) -> io::Result<Self> {
        if !std::fs::metadata(root)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root: root.to_owned() })
    }

    /// Returns where the folder is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn path(&self, name: &str) -> io::Result<PathBuf> {
        Ok(self.root.join(plain_name(name)?))
    }
}

/// Makes a folder and its missing parents, 0700, and syncs the folder above
/// each one made, so that a power cut does not take them.
pub fn make_private_dir(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let above = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => {
            make_private_dir(parent)?;
            parent
        }
        _ => Path::new("."),
    };
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => sync_folder(above),
        // Another process was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
    }
}

fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

impl Disk for RealDisk {
    fn create(&self, name: &str) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(self.path(name)?)?;
        // The mode above holds for new files only, and less the umask.
        if file.metadata()?.permissions().mode() & 0o7777 != 0o600 {
            file.set_permissions(PermissionsExt::from_mode(0o600))?;
        }
        Ok(Arc::new(RealFile { file }))
    }

    fn open(&self, name: &str, access: Access) -> io::Result<Arc<dyn DiskFile>> {
        let file = OpenOptions::new().read(true).write(access == Access::Write).open(self.path(name)?)?;
        Ok(Arc::new(RealFile { file }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path(from)?, self.path(to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path(name)?)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(&self.root)? {
            let entry = entry?;
            // Names that are no UTF-8 are not ours.
            if let (true, Ok(name)) = (entry.file_type()?.is_file(), entry.file_name().into_string()) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn len(&self, name: &str) -> io::Result<u64> {
        Ok(std::fs::metadata(self.path(name)?)?.len())
    }

    fn exists(&self, name: &str) -> io::Result<bool> {
        self.path(name)?.try_exists()
    }

    fn sync_dir(&self) -> io::Result<()> {
        sync_folder(&self.root)
    }
}

impl DiskFile for RealFile {
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        self.file.write_at(bytes, offset)
    }

    fn allocate(&self, offset: u64, length: u64) -> io::Result<()> {
        match fallocate(&self.file, FallocateFlags::empty(), offset, length) {
            Ok(()) => Ok(()),
            // Not every file system can; zeros that are really there do as well.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
                let zeros = [0; ZEROS];
                let mut done = 0;
                while done < length {
                    let count = usize::try_from(length - done).map_or(ZEROS, |left| left.min(ZEROS));
                    self.file.write_all_at(&zeros[..count], offset + done)?;
                    done += count as u64;
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        // On Apple systems the standard library asks for F_FULLFSYNC here.
        self.file.sync_data()
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn folders_and_files_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("a").join("log");
        let disk = RealDisk::create(&root).unwrap();
        disk.create("x").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&folder.path().join("a")), 0o700);
        assert_eq!(mode(&root), 0o700);
        assert_eq!(mode(&root.join("x")), 0o600);
        // A file that others could read is closed to them when it is made anew.
        std::fs::set_permissions(root.join("x"), PermissionsExt::from_mode(0o644)).unwrap();
        disk.create("x").unwrap();
        assert_eq!(mode(&root.join("x")), 0o600);
    }

    #[test]
    fn a_file_is_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "").unwrap();
        assert!(RealDisk::open(&path).is_err());
        assert!(RealDisk::create(&path.join("log")).is_err());
        assert!(RealDisk::open(&folder.path().join("absent")).is_err());
    }
}

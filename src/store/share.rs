//! Opening the way to a store's socket to a group of the system, and closing it.
//!
//! Nobody but the owner ever reads or writes a file of the store: others are guests
//! of its host. What they need is to pass the store's folder and to connect, so the
//! folder gets the group and the mode 0710, and the socket the group and 0660. That
//! mode is what says that a store is shared: there is nothing else that could
//! disagree with it. No folder above the store's is touched.
//!
//! This module must not know who may do what once connected.

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::host::{SOCK, fits};

/// The mode of a shared store's folder: its group may pass, and not look around.
const SHARED: u32 = 0o710;
/// The mode of a private one.
const PRIVATE: u32 = 0o700;

/// Returns the group that a store is shared with.
pub fn shared_with(store: &Path) -> Option<u32> {
    let folder = std::fs::metadata(store).ok()?;
    (folder.mode() & 0o777 == SHARED).then(|| folder.gid())
}

/// Shares a store with a group. Whatever lies in its folder stays the owner's alone.
///
/// # Errors
/// The user is not in the group, or does not own the folder; the store's path is too
/// long for a socket to lie in it.
pub fn share(store: &Path, gid: u32) -> io::Result<()> {
    let socket = &store.join(SOCK);
    if !fits(store) {
        return Err(io::Error::new(io::ErrorKind::InvalidFilename, "its path is too long for a socket that others could find"));
    }
    for entry in std::fs::read_dir(store)? {
        let entry = entry?;
        let there = entry.metadata()?;
        if !there.is_symlink() && there.mode() & 0o077 != 0 && entry.path() != *socket {
            std::fs::set_permissions(entry.path(), PermissionsExt::from_mode(there.mode() & 0o700))?;
        }
    }
    // The group first: no other is let in on the way.
    chown(store, None, Some(gid))?;
    open_socket(socket, gid)?;
    std::fs::set_permissions(store, PermissionsExt::from_mode(SHARED))
}

/// Lets a group connect to a socket, if there is one.
///
/// # Errors
/// As [`share`].
pub fn open_socket(socket: &Path, gid: u32) -> io::Result<()> {
    match chown(socket, None, Some(gid)) {
        Ok(()) => std::fs::set_permissions(socket, PermissionsExt::from_mode(0o660)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Makes a store its owner's alone again.
///
/// # Errors
/// The user does not own the folder.
pub fn unshare(store: &Path) -> io::Result<()> {
    std::fs::set_permissions(store, PermissionsExt::from_mode(PRIVATE))?;
    match std::fs::set_permissions(store.join(SOCK), PermissionsExt::from_mode(0o600)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Returns the first folder above a store that a group's members cannot pass as such.
pub fn barred(store: &Path, gid: u32) -> Option<PathBuf> {
    let store = store.canonicalize().ok()?;
    let mut above: Vec<&Path> = store.ancestors().skip(1).collect();
    above.reverse();
    let passes = |folder: &&Path| {
        std::fs::metadata(folder).is_ok_and(|there| there.mode() & 0o001 != 0 || (there.gid() == gid && there.mode() & 0o010 != 0))
    };
    above.into_iter().find(|folder| !passes(folder)).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_folder_s_mode_says_whether_a_store_is_shared() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store");
        std::fs::create_dir(&store).unwrap();
        std::fs::write(store.join("LOCK"), "").unwrap();
        std::fs::write(store.join("sock"), "").unwrap();
        let mode = |name: &str| std::fs::metadata(store.join(name)).unwrap().mode() & 0o777;
        for other in [0o700, 0o755, 0o750, 0o777, 0o711] {
            std::fs::set_permissions(&store, PermissionsExt::from_mode(other)).unwrap();
            assert_eq!(shared_with(&store), None, "{other:o}");
        }
        std::fs::set_permissions(store.join("LOCK"), PermissionsExt::from_mode(0o666)).unwrap();
        let own = std::fs::metadata(&store).unwrap().gid();
        share(&store, own).unwrap();
        assert_eq!((shared_with(&store), mode("LOCK"), mode("sock")), (Some(own), 0o600, 0o660));
        unshare(&store).unwrap();
        assert_eq!((shared_with(&store), mode("sock")), (None, 0o600));
    }

    #[test]
    fn the_folder_that_bars_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (above, store) = (folder.path().join("above"), folder.path().join("above/store"));
        std::fs::create_dir_all(&store).unwrap();
        for path in [folder.path(), &above] {
            std::fs::set_permissions(path, PermissionsExt::from_mode(0o711)).unwrap();
        }
        assert_eq!(barred(&store, 4711), None);
        std::fs::set_permissions(&above, PermissionsExt::from_mode(0o710)).unwrap();
        assert_eq!(barred(&store, 4711), Some(above.canonicalize().unwrap()));
        let own = std::fs::metadata(&above).unwrap().gid();
        assert_eq!(barred(&store, own), None);
    }
}

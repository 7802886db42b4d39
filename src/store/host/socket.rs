//! Where the host listens: `sock` in the store's folder, or where that path is too
//! long for a socket, a folder of the owner's under the temporary directory.
//!
//! Only the holder of the lock comes here, so whatever lies in its place is left over.

use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use crate::store::share;

/// The name in the store's folder.
pub(in crate::store) const SOCK: &str = "sock";
/// What is bound, before it gets its name.
const NEW: &str = "sock.new";
/// The longest path in bytes: a socket's address has 108 on Linux, 104 elsewhere.
const LONGEST: usize = 100;

/// A socket that was bound, by its path.
#[derive(Debug)]
pub(super) struct Bound {
    path: PathBuf,
    file: (u64, u64),
}

impl Bound {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it, unless another one is in its place: whoever lost the lock must
    /// not take the socket of who has it.
    pub(super) fn remove(&self) {
        if std::fs::symlink_metadata(&self.path).is_ok_and(|there| (there.dev(), there.ino()) == self.file) {
            remove(&self.path);
        }
    }
}

/// Returns whether the path of a store leaves room for a socket in it, where other
/// users find it.
pub(in crate::store) fn fits(store: &Path) -> bool {
    store.canonicalize().is_ok_and(|store| store.join(NEW).as_os_str().len() <= LONGEST)
}

/// Returns whether a socket that LOCK names is this store's: what a copied folder's
/// says, or one's that was moved, leads to another.
pub(in crate::store) fn belongs(store: &Path, socket: &Path) -> bool {
    let Ok(store) = store.canonicalize() else { return false };
    socket == store.join(SOCK) || short_name(&store).is_ok_and(|name| socket.file_name() == Some(name.as_ref()))
}

/// Returns the name of a store's socket where it lies elsewhere.
fn short_name(store: &Path) -> io::Result<String> {
    let named = std::fs::metadata(store)?;
    Ok(format!("{:x}-{:x}", named.dev(), named.ino()))
}

/// Binds a socket for a store.
pub(super) fn listen(store: &Path) -> io::Result<(UnixListener, Bound)> {
    let store = store.canonicalize()?;
    let (new, path) = if store.join(NEW).as_os_str().len() <= LONGEST {
        (store.join(NEW), store.join(SOCK))
    } else {
        let folder = own_folder(&std::env::temp_dir())?;
        let name = short_name(&store)?;
        (folder.join(format!("{name}.new")), folder.join(name))
    };
    remove(&new);
    let listener = UnixListener::bind(&new)?;
    std::fs::set_permissions(&new, PermissionsExt::from_mode(0o600))?;
    if let Some(gid) = share::shared_with(&store)
        && path.starts_with(&store)
    {
        // Who left the group meanwhile serves the owner alone.
        let _ = share::open_socket(&new, gid);
    }
    std::fs::rename(&new, &path)?;
    let bound = std::fs::symlink_metadata(&path)?;
    Ok((listener, Bound { path, file: (bound.dev(), bound.ino()) }))
}

/// Removes a socket; one that is not there is as good.
fn remove(path: &Path) {
    let _ = std::fs::remove_file(path);
}

/// Returns this user's folder under a directory that others may write to.
fn own_folder(under: &Path) -> io::Result<PathBuf> {
    let uid = rustix::process::geteuid().as_raw();
    let folder = under.join(format!("rolo-{uid}"));
    match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let found = std::fs::symlink_metadata(&folder)?;
    if !found.is_dir() || found.uid() != uid || found.mode() & 0o077 != 0 {
        return Err(io::Error::other(format!("{} is not a private folder of this user", folder.display())));
    }
    Ok(folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn what_is_left_over_is_replaced_and_only_the_owner_may_connect() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(NEW), "left over").unwrap();
        drop(UnixListener::bind(folder.path().join(SOCK)).unwrap());
        assert!(UnixStream::connect(folder.path().join(SOCK)).is_err());
        let (_listener, bound) = listen(folder.path()).unwrap();
        let path = bound.path().to_owned();
        assert_eq!(path, folder.path().canonicalize().unwrap().join(SOCK));
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert!(!folder.path().join(NEW).exists());
        UnixStream::connect(&path).unwrap();
        let (_next, after) = listen(folder.path()).unwrap();
        bound.remove();
        assert!(path.exists(), "it is another one's");
        after.remove();
        assert!(!path.exists());
    }

    #[test]
    fn a_long_path_gets_a_short_one() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(120));
        std::fs::create_dir(&deep).unwrap();
        let (_listener, bound) = listen(&deep).unwrap();
        assert!(bound.path().as_os_str().len() <= LONGEST);
        UnixStream::connect(bound.path()).unwrap();
        bound.remove();
    }

    #[test]
    fn a_folder_that_others_could_have_made_is_not_used() {
        let under = tempfile::tempdir().unwrap();
        let folder = own_folder(under.path()).unwrap();
        assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o770)).unwrap();
        assert!(own_folder(under.path()).unwrap_err().to_string().ends_with("is not a private folder of this user"));
        std::fs::remove_dir(&folder).unwrap();
        std::os::unix::fs::symlink("/tmp", &folder).unwrap();
        assert!(own_folder(under.path()).is_err());
    }
}

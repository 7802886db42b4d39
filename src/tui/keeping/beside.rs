//! Files that are whole at every moment: written beside, synced, renamed.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::Path;

/// Writes a file that nobody else can read; what stood there before stands until it is
/// written.
///
/// # Errors
/// The folder cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".new-{}", std::process::id()));
    let beside = folder.join(name);
    let written = private(&beside, OpenOptions::new().create(true).truncate(true)).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)
    });
    if written.is_err() {
        // It is of no use, and may take the room that is wanting.
        let _ = std::fs::remove_file(&beside);
    }
    written?;
    // The name is durable with the folder; a system that syncs none still has the file.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Opens a file for writing; one that is made is the owner's alone.
///
/// # Errors
/// As [`OpenOptions::open`].
pub fn private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.write(true).open(path)
}

/// Makes a folder and those above it, the owner's alone.
///
/// # Errors
/// As [`DirBuilder::create`].
pub fn folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Reads a file of at most so many bytes; `None` where there is none.
///
/// # Errors
/// It cannot be read, is no text, or is larger.
pub fn read(path: &Path, most: u64) -> io::Result<Option<String>> {
    let file = match File::open(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(None),
        opened => opened?,
    };
    let mut text = String::new();
    file.take(most + 1).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("larger than {} MiB", most >> 20)));
    }
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_file_is_the_owners_alone_and_replaced_whole() {
        let top = tempfile::tempdir().unwrap();
        let path = top.path().join("a/b/c.json");
        folder(path.parent().unwrap()).unwrap();
        assert_eq!(read(&path, 100).unwrap(), None);
        write(&path, b"one").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read(&path, 3).unwrap().as_deref(), Some("two"));
        assert!(read(&path, 2).unwrap_err().to_string().starts_with("larger than"));
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        }
    }
}

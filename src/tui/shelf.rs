//! Named TOML files that are embedded in the program and may be overridden by
//! the user's files of the same name.
//!
//! Keymaps and themes are shelves. A file `inherits` another by name; a user's
//! `vim.toml` that inherits `vim` inherits the embedded one. This module knows
//! where texts come from and nothing of what they say.

use std::fmt;
use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::diagnostic::{Diagnostic, Source, nearest};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// How many files may inherit one another in a row.
const DEEPEST: usize = 16;

/// A set of named files.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// What the folder is called, in the project and in the user's
    /// configuration directory: `keymaps`, `themes`.
    pub folder: &'static str,
    /// The embedded files, by name without `.toml`.
    pub embedded: &'static [(&'static str, &'static str)],
    /// The user's folder, if there is one.
    pub directory: Option<PathBuf>,
}

/// One file of a shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volume {
    /// The name, without `.toml`.
    pub name: String,
    /// Where it stands; an embedded one has its path in the project.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
}

/// The name of a file that another inherits, and where it says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherits {
    /// The name, without `.toml`.
    pub name: String,
    /// The place of the name, in bytes of the heir.
    pub at: Range<usize>,
}

/// Why a file cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfError {
    /// No file has this name; the nearest that there is.
    Unknown {
        /// The folder, as `keymaps`.
        folder: &'static str,
        /// The name asked for.
        name: String,
        /// The nearest name.
        nearest: Option<String>,
    },
    /// The user's file is there and cannot be read.
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// Why not, in the system's words.
        why: String,
    },
}

impl ShelfError {
    /// Returns what to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unknown { nearest, .. } => nearest.as_ref().map(|near| format!("did you mean “{near}”?")),
            Self::Unreadable { .. } => None,
        }
    }
}

impl fmt::Display for ShelfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { folder, name, .. } => {
                write!(f, "no file “{name}.toml” in {folder}")
            }
            Self::Unreadable { file, why } => {
                write!(f, "cannot read {}: {why}", file.display())
            }
        }
    }
}

impl std::error::Error for ShelfError {}

impl Shelf {
    /// Returns the file of a name: the user's, else the embedded one. A file in
    /// `taken` (one that is being inherited from already) is passed over.
    ///
    /// # Errors
    ///
    /// No such name, or a user's file that cannot be read, is no UTF-8 or is
    /// larger than 1 MiB.
    pub fn open(&self, name: &str, taken: &[PathBuf]) -> Result<Volume, ShelfError> {
        if !is_name(name) {
            return Err(self.unknown(name));
        }
        let file_name = format!("{name}.toml");
        if let Some(directory) = &self.directory {
            let file = directory.join(&file_name);
            if !taken.contains(&file) {
                match read(&file) {
                    Ok(text) => {
                        return Ok(Volume { name: name.to_owned(), file, text });
                    }
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => {
                        return Err(ShelfError::Unreadable { file, why: error.to_string() });
                    }
                }
            }
        }
        let file = Path::new(self.folder).join(&file_name);
        let embedded = self.embedded.iter().find(|(known, _)| *known == name);
        match embedded {
            Some((_, text)) if !taken.contains(&file) => Ok(Volume { name: name.to_owned(), file, text: (*text).to_owned() }),
            _ => Err(self.unknown(name)),
        }
    }

    /// Opens a file and all that it inherits, the heir first. `read` makes of
    /// each text what is kept, and tells which name it inherits and where it
    /// says so; what cannot be inherited becomes a diagnostic.
    ///
    /// # Errors
    ///
    /// As [`Shelf::open`], for the first file.
    pub fn chain<F>(
        &self,
        name: &str,
        diagnostics: &mut Vec<Diagnostic>,
        mut read: impl FnMut(Source<'_>, &mut Vec<Diagnostic>) -> (F, Option<Inherits>),
    ) -> Result<Vec<(Volume, F)>, ShelfError> {
        let mut chain = Vec::new();
        let mut taken = Vec::new();
        let mut wanted = Some(self.open(name, &taken)?);
        while let Some(volume) = wanted.take() {
            taken.push(volume.file.clone());
            let source = Source { file: &volume.file, text: &volume.text };
            let (file, inherits) = read(source, diagnostics);
            if let Some(parent) = inherits {
                match self.open(&parent.name, &taken) {
                    Ok(_) if taken.len() == DEEPEST => {
                        let message = format!("more than {DEEPEST} files inherit one another");
                        diagnostics.push(source.error(parent.at, message, None));
                    }
                    Ok(next) => wanted = Some(next),
                    Err(_) if self.open(&parent.name, &[]).is_ok() => {
                        let message = format!("“{}” inherits itself", parent.name);
                        diagnostics.push(source.error(parent.at, message, None));
                    }
                    Err(error) => diagnostics.push(source.error(parent.at, error.to_string(), error.hint())),
                }
            }
            chain.push((volume, file));
        }
        Ok(chain)
    }

    /// Returns the names of all files, the user's and the embedded ones, in
    /// order and each once.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.embedded.iter().map(|(name, _)| (*name).to_owned()).collect();
        let entries = self.directory.as_ref().and_then(|directory| std::fs::read_dir(directory).ok());
        for entry in entries.into_iter().flatten().flatten() {
            let path = entry.path();
            if path.extension().is_some_and(|end| end == "toml")
                && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
                && is_name(stem)
            {
                names.push(stem.to_owned());
            }
        }
        names.sort();
        names.dedup();
        names
    }

    fn unknown(&self, name: &str) -> ShelfError {
        let names = self.names();
        ShelfError::Unknown {
            folder: self.folder,
            name: name.to_owned(),
            nearest: nearest(name, names.iter().map(String::as_str)).map(str::to_owned),
        }
    }
}

/// Returns whether a name is one: it cannot lead out of the folder.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name.chars().all(|character| character.is_alphanumeric() || matches!(character, '-' | '_' | ' '))
}

/// Reads a text file, refusing what is too large.
fn read(file: &Path) -> std::io::Result<String> {
    if !std::fs::metadata(file)?.is_file() {
        return Err(std::io::Error::other("not a file"));
    }
    let mut text = String::new();
    let read = std::fs::File::open(file)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if read as u64 > LARGEST {
        return Err(std::io::Error::other("larger than 1 MiB"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn shelf(directory: Option<&Path>) -> Shelf {
        Shelf {
            folder: "keymaps",
            embedded: &[("vim", "embedded vim"), ("arrows", "embedded arrows")],
            directory: directory.map(Path::to_owned),
        }
    }

    #[test]
    fn the_users_file_wins_and_may_inherit_the_embedded_one() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("vim.toml"), "mine").unwrap();
        std::fs::write(directory.path().join("own.toml"), "own").unwrap();
        let shelf = shelf(Some(directory.path()));
        let mine = shelf.open("vim", &[]).unwrap();
        assert_eq!(mine.text, "mine");
        let below = shelf.open("vim", std::slice::from_ref(&mine.file)).unwrap();
        assert_eq!(below.text, "embedded vim");
        assert_eq!(below.file, Path::new("keymaps/vim.toml"));
        assert!(shelf.open("vim", &[mine.file, below.file]).is_err());
        assert_eq!(shelf.names(), ["arrows", "own", "vim"]);
    }

    #[test]
    fn files_that_inherit_without_end_are_stopped() {
        let directory = tempfile::tempdir().unwrap();
        for number in 0..40 {
            std::fs::write(directory.path().join(format!("n{number}.toml")), format!("n{}", number + 1)).unwrap();
        }
        let mut diagnostics = Vec::new();
        let chain = shelf(Some(directory.path()))
            .chain("n0", &mut diagnostics, |source, _| ((), Some(Inherits { name: source.text.to_owned(), at: 0..2 })))
            .unwrap();
        assert_eq!(chain.len(), DEEPEST);
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].message, "more than 16 files inherit one another");
    }

    #[test]
    fn an_unknown_name_has_a_near_one() {
        let error = shelf(None).open("vmi", &[]).unwrap_err();
        assert_eq!(error.to_string(), "no file “vmi.toml” in keymaps");
        assert_eq!(error.hint().as_deref(), Some("did you mean “vim”?"));
        assert!(shelf(None).open("../vim", &[]).is_err());
        assert!(shelf(None).open("", &[]).is_err());
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("vim.toml"), [0xff, 0xfe]).unwrap();
        std::fs::write(directory.path().join("big.toml"), vec![b'#'; 1 << 21]).unwrap();
        std::fs::create_dir(directory.path().join("arrows.toml")).unwrap();
        let shelf = shelf(Some(directory.path()));
        let error = shelf.open("vim", &[]).unwrap_err().to_string();
        assert!(error.contains("vim.toml: stream did not contain valid UTF-8"), "{error}");
        let error = shelf.open("big", &[]).unwrap_err().to_string();
        assert!(error.ends_with("big.toml: larger than 1 MiB"), "{error}");
        let error = shelf.open("arrows", &[]).unwrap_err().to_string();
        assert!(error.ends_with("arrows.toml: not a file"), "{error}");
    }
}

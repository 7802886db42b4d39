//! A backup read: part by part, each compared with its sum at the end.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::{FORMAT, MOST_MANIFEST, Manifest, Part, Progress};
use crate::domain::FileHash;
use crate::store::StoreError;

/// What a backup was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// What it says about itself.
    pub manifest: Manifest,
    /// Its sums.
    pub sums: String,
}

/// Reads a backup through and compares everything with its sum.
///
/// # Errors
/// [`StoreError::Invalid`]: it is none, is cut short, is damaged, or of a later
/// version; [`StoreError::Io`] where it cannot be read.
pub fn verify(from: &mut dyn Read, name: &str, progress: Progress<'_>) -> Result<Backup, StoreError> {
    each_part(from, name, progress, &mut |_, content| io::copy(content, &mut io::sink()).map(|_| ()).map_err(Trouble::Reading))
}

/// Why a part was not taken.
pub(super) enum Trouble {
    /// It could not be read.
    Reading(io::Error),
    /// It could not be put where it belongs.
    Taking(StoreError),
}

/// Hands each segment and content to `take`, in their order, and compares all with the
/// sums at the end: until this returns, what was taken may be anything.
pub(super) fn each_part(
    from: &mut dyn Read,
    name: &str,
    progress: Progress<'_>,
    take: &mut dyn FnMut(&Part, &mut dyn Read) -> Result<(), Trouble>,
) -> Result<Backup, StoreError> {
    let invalid = |why: &str| StoreError::Invalid(format!("{name} {why}"));
    let mut archive = tar::Archive::new(from);
    let no_backup = || invalid("is no backup of rolo");
    let mut within = String::new();
    let mut sums = String::new();
    let mut manifest: Option<Manifest> = None;
    let (mut segments, mut files, mut done) = (0, 0, 0);
    let told = |error: &io::Error, within: &str| match error.kind() {
        io::ErrorKind::UnexpectedEof => invalid(&format!("is cut short: it ends {within}")),
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if ends_early(error) => {
            invalid(&format!("is cut short: it ends {within}"))
        }
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            invalid(&format!("is damaged {within}: {error}"))
        }
        _ => StoreError::Io(format!("{name} cannot be read: {error}")),
    };
    // As they stand: names that go on elsewhere are none of ours.
    let entries = archive.entries().map_err(|_| no_backup())?.raw(true);
    for entry in entries {
        let mut entry = match (entry, &manifest) {
            (Ok(entry), _) => entry,
            (Err(error), None)
                if matches!(error.kind(), io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) =>
            {
                return Err(no_backup());
            }
            (Err(error), _) => return Err(told(&error, &format!("behind {within}"))),
        };
        let is_file = entry.header().entry_type() == tar::EntryType::Regular;
        let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap_or_default();
        let part = if is_file { Part::of(&path) } else { None };
        within = path;
        let inside = format!("within {within}");
        let size = entry.header().size().unwrap_or(u64::MAX);
        let mut content = Summed { from: &mut entry, sum: Sha256::new(), read: 0 };
        match (&part, &manifest) {
            (Some(Part::Manifest), None) => {
                let mut text = String::new();
                let read = (&mut content).take(MOST_MANIFEST).read_to_string(&mut text);
                read.map_err(|error| told(&error, &inside))?;
                if (text.len() as u64) < size.min(MOST_MANIFEST) {
                    return Err(invalid(&format!("is cut short: it ends {inside}")));
                }
                manifest = Some(read_manifest(&text, name)?);
            }
            (_, None) => return Err(no_backup()),
            (Some(Part::Sums), Some(_)) => {
                let mut said = String::new();
                let most = sums.len() as u64 + 1;
                let read = (&mut content).take(most).read_to_string(&mut said);
                read.map_err(|error| told(&error, &inside))?;
                if (said.len() as u64) < size.min(most) {
                    return Err(invalid(&format!("is cut short: it ends {inside}")));
                }
                if let Some(wrong) = differs(&said, &sums) {
                    return Err(invalid(&format!("is damaged: {wrong} is not what was written")));
                }
                break;
            }
            (Some(part @ (Part::Segment(_) | Part::Content(_))), Some(known)) => {
                match part {
                    Part::Segment(_) => segments += 1,
                    _ => files += 1,
                }
                if segments > known.segments || files > known.files {
                    return Err(invalid("is damaged: it holds more than it says"));
                }
                let total = known.log_bytes + known.file_bytes;
                let mut watched = Watched { from: &mut content, done: &mut done, total, progress };
                match take(part, &mut watched) {
                    Ok(()) => {}
                    Err(Trouble::Reading(error)) => return Err(told(&error, &inside)),
                    Err(Trouble::Taking(error)) => return Err(error),
                }
                // What was not taken counts as well.
                io::copy(&mut content, &mut io::sink()).map_err(|error| told(&error, &inside))?;
            }
            _ => return Err(invalid(&format!("is damaged: \u{201c}{}\u{201d} is nothing of a store's", within.escape_default()))),
        }
        let Summed { sum, read, .. } = content;
        if read < size {
            return Err(invalid(&format!("is cut short: it ends {inside}")));
        }
        sums.push_str(&format!("{}  {within}\n", FileHash(sum.finalize().into())));
        within = within.clone();
        if part == Some(Part::Sums) {
            break;
        }
    }
    let Some(manifest) = manifest else { return Err(no_backup()) };
    if !within.ends_with(super::SUMS) {
        return Err(invalid(&format!("is cut short: it ends behind {within}")));
    }
    if (segments, files) != (manifest.segments, manifest.files) {
        return Err(invalid("is damaged: it holds less than it says"));
    }
    Ok(Backup { manifest, sums })
}

fn read_manifest(text: &str, name: &str) -> Result<Manifest, StoreError> {
    /// What every format says.
    #[derive(serde::Deserialize)]
    struct Any {
        format: u32,
        #[serde(default)]
        program: String,
    }
    let damaged = |_| StoreError::Invalid(format!("{name} is damaged: what it says about itself cannot be read"));
    let any: Any = serde_json::from_str(text).map_err(damaged)?;
    if any.format != FORMAT {
        let program: String = any.program.chars().filter(|c| !c.is_control()).take(40).collect();
        return Err(StoreError::Invalid(format!(
            "{name} was made by a later version of rolo ({program}): it is of format {}, this one reads {FORMAT}",
            any.format
        )));
    }
    serde_json::from_str(text).map_err(damaged)
}

/// Returns the first part whose sum differs.
fn differs(said: &str, found: &str) -> Option<String> {
    if said == found {
        return None;
    }
    let name = |line: &str| line.split_once("  ").map_or("", |(_, name)| name).to_owned();
    let mut said = said.lines();
    for line in found.lines() {
        match said.next() {
            Some(other) if other == line => {}
            _ => return Some(name(line)),
        }
    }
    Some(super::SUMS.to_owned())
}

/// The library tells the end within a block by its words alone.
fn ends_early(error: &io::Error) -> bool {
    let text = error.to_string();
    text.contains("entire block") || text.contains("unexpected EOF")
}

/// Sums what passes.
struct Summed<R> {
    from: R,
    sum: Sha256,
    read: u64,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.sum.update(&into[..count]);
        self.read += count as u64;
        Ok(count)
    }
}

/// Tells how much has passed.
struct Watched<'r, 'p> {
    from: &'r mut dyn Read,
    done: &'r mut u64,
    total: u64,
    progress: &'r mut (dyn FnMut(u64, u64) + 'p),
}

impl Read for Watched<'_, '_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        *self.done += count as u64;
        (self.progress)(*self.done, self.total.max(*self.done));
        Ok(count)
    }
}

//! The files of drafts: one for what an application is writing, and those that were
//! left by others that ended before it was kept.
//!
//! While an editor has a text, it lies beside the draft in a file of its own, which the
//! editor writes; its name follows from what the text was made from, so that the editor
//! finds what it may have left itself.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::beside;
use super::seat::{Seat, file_name, is_open_elsewhere, set_aside};
use crate::domain::Timestamp;
use crate::tui::app::drafts::Draft;

/// The format that is written here.
const FORMAT: u32 = 1;
/// The most drafts that are read.
const MOST: usize = 100;
/// The largest draft that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A draft as it is written.
#[derive(Serialize, Deserialize)]
struct Written {
    format: u32,
    workspace: String,
    at: String,
    draft: Draft,
}

/// A draft that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The name of its file.
    pub name: String,
    /// When it was written.
    pub at: Option<Timestamp>,
    /// The draft.
    pub draft: Draft,
}

/// Returns the folder of the drafts.
fn folder(seat: &Seat) -> Option<PathBuf> {
    seat.folder.as_ref().map(|folder| folder.join("drafts"))
}

/// Returns the path of a draft by the name of its file.
pub fn path(seat: &Seat, name: &str) -> Option<PathBuf> {
    Some(folder(seat)?.join(name)).filter(|_| Path::new(name).file_name().is_some_and(|plain| plain == name))
}

/// Returns a name for a draft of this application that none has had.
pub fn new_name(seat: &Seat, at: Timestamp, number: u64) -> String {
    format!("{}-{}-{}-{number}.json", file_name(&seat.name), at.0, std::process::id())
}

/// Returns the path of the file that an editor has while it changes a text.
pub fn text_path(seat: &Seat, original: &str) -> Option<PathBuf> {
    Some(folder(seat)?.join(text_name(&seat.name, original)))
}

fn text_name(workspace: &str, original: &str) -> String {
    format!("{}-{:016x}.toml", file_name(workspace), twox_hash::XxHash3_128::oneshot(original.as_bytes()) as u64)
}

/// Returns a draft as it is written.
pub fn bytes(seat: &Seat, at: Timestamp, draft: &Draft) -> Option<Vec<u8>> {
    let written = Written { format: FORMAT, workspace: seat.name.clone(), at: at.to_string(), draft: draft.clone() };
    serde_json::to_vec_pretty(&written).ok()
}

/// Returns the drafts that were left in this workspace and in those that nobody has open,
/// oldest first, and what is wrong with others.
pub fn find(seat: &Seat) -> (Vec<Found>, Vec<String>) {
    let (mut found, mut told) = (Vec::new(), Vec::new());
    let Some(folder) = folder(seat) else { return (found, told) };
    // Without a folder there are none.
    let Ok(entries) = std::fs::read_dir(&folder) else { return (found, told) };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).filter(|name| name.ends_with(".json"));
    let mut names: Vec<String> = names.collect();
    names.sort();
    for name in names.into_iter().take(MOST) {
        let path = folder.join(&name);
        match read(&path) {
            Ok(None) => {}
            Ok(Some(written)) if is_elsewhere(seat, &written.workspace) => {}
            Ok(Some(written)) => found.extend(complete(&folder, name, written)),
            Err(why) => {
                let aside = set_aside(&path).map_or_else(String::new, |aside| format!("; it is set aside as {}", aside.display()));
                told.push(format!("a draft cannot be read: {name}: {why}{aside}"));
            }
        }
    }
    found.sort_by(|one, other| (one.at, &one.name).cmp(&(other.at, &other.name)));
    (found, told)
}

fn is_elsewhere(seat: &Seat, workspace: &str) -> bool {
    workspace != seat.name && seat.folder.as_deref().is_some_and(|folder| is_open_elsewhere(folder, workspace))
}

fn read(path: &Path) -> Result<Option<Written>, String> {
    let Some(text) = beside::read(path, LARGEST).map_err(|error| error.to_string())? else { return Ok(None) };
    let written: Written = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    if written.format != FORMAT {
        return Err(format!("it is of another version of rolo (format {}; this one writes {FORMAT})", written.format));
    }
    Ok(Some(written))
}

/// Takes what an editor has written since; nothing is left of a text that nobody changed.
fn complete(folder: &Path, name: String, written: Written) -> Option<Found> {
    let mut draft = written.draft;
    if let Draft::Text { text, original } = &mut draft {
        let file = folder.join(text_name(&written.workspace, original));
        if let Ok(Some(now)) = beside::read(&file, LARGEST) {
            *text = now;
        }
        if text == original {
            // Neither is of use; what stays is found again.
            let _ = std::fs::remove_file(&file);
            let _ = std::fs::remove_file(folder.join(&name));
            return None;
        }
    }
    Some(Found { name, at: Timestamp::from_rfc3339(&written.at), draft })
}

/// Writes a text for an editor, unless it stands there already.
///
/// # Errors
/// The folder cannot be written.
pub fn write_text(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        beside::folder(folder)?;
    }
    match beside::read(path, LARGEST) {
        Ok(Some(there)) if there == text => Ok(()),
        _ => beside::write(path, text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::tui::app::drafts::{Changed, FormDraft};
    use crate::tui::keeping::{Keeping, sit};

    fn seat(top: &Path) -> Seat {
        sit(&Keeping { folder: Some(top.to_owned()), name: None }, "s", "ada").unwrap().seat
    }

    fn leave(seat: &Seat, at: i64, draft: &Draft) -> String {
        let name = new_name(seat, Timestamp(at), 1);
        let path = path(seat, &name).unwrap();
        beside::folder(path.parent().unwrap()).unwrap();
        beside::write(&path, &bytes(seat, Timestamp(at), draft).unwrap()).unwrap();
        name
    }

    fn line(text: &str) -> Draft {
        Draft::Line { prompt: "command".to_owned(), text: text.to_owned() }
    }

    #[test]
    fn drafts_are_found_oldest_first_but_those_of_whoever_is_still_at_it() {
        let top = tempfile::tempdir().unwrap();
        let first = seat(top.path());
        assert_eq!(find(&first), (Vec::new(), Vec::new()));
        let second = seat(top.path());
        let form = Draft::Form(FormDraft {
            kind: "contact".to_owned(),
            id: Some("c1".to_owned()),
            version: 7,
            lines: vec![Changed { name: "notes".to_owned(), before: "a\nb".to_owned(), text: "\u{1b}[2J ř\nc".to_owned() }],
            ..FormDraft::default()
        });
        let names = [leave(&second, 2_000, &line("log call ada half")), leave(&first, 1_000, &form)];
        let told = |seat: &Seat| find(seat).0.into_iter().map(|found| (found.name, found.draft)).collect::<Vec<_>>();
        assert_eq!(told(&first), [(names[1].clone(), form.clone())], "the second is being written");
        drop(second);
        assert_eq!(told(&first), [(names[1].clone(), form), (names[0].clone(), line("log call ada half"))]);
        assert_eq!(path(&first, "../main.json"), None);
    }

    #[test]
    fn what_an_editor_wrote_last_counts() {
        let top = tempfile::tempdir().unwrap();
        let seat = seat(top.path());
        let text = |text: &str| Draft::Text { text: text.to_owned(), original: "id = \"c1\"\n".to_owned() };
        leave(&seat, 1, &text("id = \"c1\"\n"));
        let file = text_path(&seat, "id = \"c1\"\n").unwrap();
        write_text(&file, "id = \"c1\"\nname = \"half").unwrap();
        assert_eq!(find(&seat).0[0].draft, text("id = \"c1\"\nname = \"half"));
        write_text(&file, "id = \"c1\"\n").unwrap();
        assert_eq!(find(&seat), (Vec::new(), Vec::new()), "nothing was changed");
        assert!(!file.exists());
    }

    #[test]
    fn a_broken_draft_is_set_aside() {
        let top = tempfile::tempdir().unwrap();
        let seat = seat(top.path());
        let name = leave(&seat, 1, &line("half"));
        std::fs::write(path(&seat, &name).unwrap(), b"{\"format\": 1, \"work").unwrap();
        let (found, told) = find(&seat);
        assert_eq!((found.len(), told.len()), (0, 1));
        assert!(told[0].contains("EOF while parsing") && told[0].contains(".broken-1"), "{told:?}");
        assert_eq!(find(&seat), (Vec::new(), Vec::new()));
    }
}

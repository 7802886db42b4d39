//! Keeps where one is, and what is being written: when the hands rest, and before the
//! application ends or stops.
//!
//! The loop tells when something was typed; nothing is made into bytes before its time,
//! and nothing is written that stands in the file already. When nothing is typed there is
//! nothing to wake up for.

use std::time::{Duration, Instant};

use std::path::PathBuf;

use crate::actions::Edited;
use crate::domain::Timestamp;
use crate::tui::app::drafts::Draft;
use crate::tui::app::state::App;
use crate::tui::keeping::{Seat, Writer, drafts};

/// How long the hands rest before where one is, is kept.
const REST: Duration = Duration::from_millis(700);
/// After so long it is kept all the same.
const LONGEST: Duration = Duration::from_secs(5);
/// How long the hands rest before what is being written is kept.
const DRAFT_REST: Duration = Duration::from_millis(150);
/// After so long it is kept all the same.
const DRAFT_LONGEST: Duration = Duration::from_millis(600);
/// How long one waits for the disk before the application ends or stops.
const PATIENCE: Duration = Duration::from_secs(2);

/// A moment that is put off while something goes on, but not for ever.
#[derive(Debug, Default)]
struct Put(Option<(Instant, Instant)>);

impl Put {
    fn off(&mut self, now: Instant, rest: Duration, longest: Duration) {
        let (_, last) = self.0.unwrap_or((now, now + longest));
        self.0 = Some(((now + rest).min(last), last));
    }

    fn moment(&self) -> Option<Instant> {
        self.0.map(|(moment, _)| moment)
    }

    fn is_due(&mut self, now: Instant) -> bool {
        self.0.take_if(|(moment, _)| *moment <= now).is_some()
    }
}

/// See the module.
pub(super) struct Keeper {
    seat: Seat,
    writer: Option<Writer>,
    place: Put,
    /// The place as it was written last.
    written: Vec<u8>,
    writing: Put,
    /// What is being written, as it was looked at last.
    draft: Option<Draft>,
    /// The file that has it, by its name.
    name: Option<String>,
    /// How many drafts there were.
    drafts: u64,
    /// Whether an editor has the text of the draft.
    lent: bool,
}

fn now() -> Timestamp {
    Timestamp::from_utc(chrono::Utc::now())
}

impl Keeper {
    /// Returns the keeper of a workspace; one that is not this application's alone is
    /// not written.
    pub(super) fn new(seat: Seat, writer: Option<Writer>) -> Self {
        Self {
            writer: writer.filter(|_| seat.is_locked()),
            seat,
            place: Put::default(),
            written: Vec::new(),
            writing: Put::default(),
            draft: None,
            name: None,
            drafts: 0,
            lent: false,
        }
    }

    /// Notes that something was typed.
    pub(super) fn typed(&mut self, now: Instant) {
        if self.writer.is_some() {
            self.place.off(now, REST, LONGEST);
        }
    }

    /// Looks at what is being written; what is not written any more is forgotten.
    pub(super) fn look(&mut self, draft: Option<Draft>, now: Instant) {
        if self.writer.is_none() || self.lent || draft == self.draft {
            return;
        }
        self.draft = draft;
        match self.draft {
            Some(_) => self.writing.off(now, DRAFT_REST, DRAFT_LONGEST),
            None => self.keep_draft(),
        }
    }

    /// Returns when something is to be kept.
    pub(super) fn moment(&self) -> Option<Instant> {
        [self.place.moment(), self.writing.moment()].into_iter().flatten().min()
    }

    /// Keeps what is due.
    pub(super) fn keep_due(&mut self, app: &App, now: Instant) {
        if self.writing.is_due(now) {
            self.keep_draft();
        }
        if self.place.is_due(now) {
            self.keep_place(app);
        }
    }

    /// Keeps everything, and waits until it is written.
    pub(super) fn keep_all(&mut self, app: &App) {
        self.place = Put::default();
        self.look(app.draft(), Instant::now());
        self.keep_draft();
        self.keep_place(app);
        self.flush();
    }

    fn flush(&self) {
        if let Some(writer) = &self.writer {
            writer.flush(PATIENCE);
        }
    }

    fn keep_draft(&mut self) {
        self.writing = Put::default();
        let Some(writer) = &self.writer else { return };
        match &self.draft {
            Some(draft) => {
                let name = self.name.get_or_insert_with(|| {
                    self.drafts += 1;
                    drafts::new_name(&self.seat, now(), self.drafts)
                });
                if let Some(path) = drafts::path(&self.seat, name) {
                    writer.put(path, drafts::bytes(&self.seat, now(), draft));
                }
            }
            None => {
                if let Some(path) = self.name.take().and_then(|name| drafts::path(&self.seat, &name)) {
                    writer.put(path, None);
                }
            }
        }
    }

    /// Removes a draft of an earlier time; what took its place is kept first.
    pub(super) fn forget(&mut self, app: &App, name: &str) {
        self.look(app.draft(), Instant::now());
        self.keep_draft();
        if let (Some(writer), Some(path)) = (&self.writer, drafts::path(&self.seat, name)) {
            writer.put(path, None);
        }
    }

    /// Has a draft wait in a file of its own, and returns the name of that.
    pub(super) fn set_aside(&mut self, draft: &Draft) -> Option<String> {
        self.writer.as_ref()?;
        let own = self.draft.replace(draft.clone());
        self.keep_draft();
        let name = self.name.take();
        self.draft = own.filter(|own| own != draft);
        self.keep_draft();
        name
    }

    /// Keeps a text before an editor gets it, and returns the file that the editor is to
    /// change; `None` where nothing is kept.
    pub(super) fn lend(&mut self, edited: &Edited) -> Option<PathBuf> {
        self.writer.as_ref()?;
        let path = drafts::text_path(&self.seat, &edited.original)?;
        drafts::write_text(&path, &edited.text).ok()?;
        self.look(Some(Draft::Text { text: edited.text.clone(), original: edited.original.clone() }), Instant::now());
        self.keep_draft();
        self.flush();
        self.lent = true;
        Some(path)
    }

    /// Takes back the file that an editor had: what it left is on screen, or it waits as
    /// `rest`, which gets a name to be found by.
    pub(super) fn take_back(&mut self, app: &App, path: PathBuf, rest: Option<&Draft>) -> Option<String> {
        self.lent = false;
        let name = rest.and_then(|rest| self.set_aside(rest));
        self.draft = None;
        self.look(app.draft(), Instant::now());
        self.keep_draft();
        self.flush();
        if let Some(writer) = &self.writer {
            writer.put(path, None);
        }
        name
    }

    fn keep_place(&mut self, app: &App) {
        let (Some(writer), Some(path)) = (&self.writer, self.seat.file()) else { return };
        let Ok(bytes) = serde_json::to_vec_pretty(&app.kept()) else { return };
        if bytes != self.written {
            writer.put(path, Some(bytes.clone()));
            self.written = bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_off_comes_in_the_end() {
        let begun = Instant::now();
        let after = |milliseconds| begun + Duration::from_millis(milliseconds);
        let mut put = Put::default();
        assert_eq!((put.moment(), put.is_due(after(9_999))), (None, false));
        for moment in [0, 500, 1_000] {
            put.off(after(moment), REST, LONGEST);
            assert!(!put.is_due(after(moment)));
        }
        assert_eq!(put.moment(), Some(after(1_700)));
        for moment in (1_500..6_000).step_by(100) {
            put.off(after(moment), REST, LONGEST);
        }
        assert_eq!(put.moment(), Some(after(5_000)));
        assert!(put.is_due(after(5_000)) && put.moment().is_none());
    }
}

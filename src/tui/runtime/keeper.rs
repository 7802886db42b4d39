//! Keeps where one is: when the hands rest, and before the application ends or stops.
//!
//! The loop tells when something was typed; nothing is made into bytes before its time,
//! and nothing is written that stands in the file already. When nothing is typed there is
//! nothing to wake up for.

use std::time::{Duration, Instant};

use crate::tui::app::state::App;
use crate::tui::keeping::{Seat, Writer};

/// How long the hands rest before where one is, is kept.
const REST: Duration = Duration::from_millis(700);
/// After so long it is kept all the same.
const LONGEST: Duration = Duration::from_secs(5);
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
}

impl Keeper {
    /// Returns the keeper of a workspace; one that is not this application's alone is
    /// not written.
    pub(super) fn new(seat: Seat, writer: Option<Writer>) -> Self {
        Self { writer: writer.filter(|_| seat.is_locked()), seat, place: Put::default(), written: Vec::new() }
    }

    /// Notes that something was typed.
    pub(super) fn typed(&mut self, now: Instant) {
        if self.writer.is_some() {
            self.place.off(now, REST, LONGEST);
        }
    }

    /// Returns when something is to be kept.
    pub(super) fn moment(&self) -> Option<Instant> {
        self.place.moment()
    }

    /// Keeps what is due.
    pub(super) fn keep_due(&mut self, app: &App, now: Instant) {
        if self.place.is_due(now) {
            self.keep_place(app);
        }
    }

    /// Keeps everything, and waits until it is written.
    pub(super) fn keep_all(&mut self, app: &App) {
        self.place = Put::default();
        self.keep_place(app);
        if let Some(writer) = &self.writer {
            writer.flush(PATIENCE);
        }
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

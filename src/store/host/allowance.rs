//! So many at once, and no more: whoever comes later waits for a place, or gives up.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Places that are taken and given back.
pub(super) struct Allowance {
    free: Mutex<usize>,
    freed: Condvar,
}

/// A place, given back when dropped.
pub(super) struct Place<'a>(&'a Allowance);

impl Allowance {
    pub(super) const fn of(places: usize) -> Self {
        Self { free: Mutex::new(places), freed: Condvar::new() }
    }

    /// Takes a place, or waits for one; `None` where none was freed in time.
    pub(super) fn take(&self, wait: Duration) -> Option<Place<'_>> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut free, _) = self.freed.wait_timeout_while(free, wait, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free = free.checked_sub(1)?;
        Some(Place(self))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_finds_no_place_waits_or_gives_up() {
        let allowance = Allowance::of(1);
        let place = allowance.take(Duration::ZERO);
        assert!(place.is_some() && allowance.take(Duration::ZERO).is_none());
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| allowance.take(Duration::from_secs(60)).is_some());
            drop(place);
            assert!(waits.join().is_ok_and(|got| got));
        });
    }
}

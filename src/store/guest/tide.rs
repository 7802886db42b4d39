//! How far the store is, as its host last told, and those who wait for more.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// See the module.
pub(super) struct Tide {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    seq: u64,
    definitions: u64,
    /// How often what sessions are at has changed.
    stirs: u64,
    /// Whether nobody tells any more.
    out: bool,
}

impl Tide {
    pub(super) fn new(seq: u64, definitions: u64) -> Self {
        Self { state: Mutex::new(State { seq, definitions, stirs: 0, out: false }), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what the host told; answers may come in another order than they were given.
    pub(super) fn rise(&self, seq: u64, definitions: u64) {
        let mut state = self.state();
        state.seq = state.seq.max(seq);
        state.definitions = state.definitions.max(definitions);
        self.changed.notify_all();
    }

    /// What somebody is at has changed.
    pub(super) fn stir(&self) {
        self.state().stirs += 1;
        self.changed.notify_all();
    }

    /// The host is gone.
    pub(super) fn ebb(&self) {
        self.state().out = true;
        self.changed.notify_all();
    }

    pub(super) fn is_out(&self) -> bool {
        self.state().out
    }

    pub(super) fn seq(&self) -> u64 {
        self.state().seq
    }

    pub(super) fn definitions(&self) -> u64 {
        self.state().definitions
    }

    pub(super) fn stirs(&self) -> u64 {
        self.state().stirs
    }

    /// Waits for a stir beyond `seen`, for the host to go, or for the time given.
    pub(super) fn wait_for_stir(&self, seen: u64, timeout: Duration) -> u64 {
        self.wait_while(timeout, |state| state.stirs <= seen).stirs
    }

    /// Waits for a commit after `seq`, for the host to go, or for the time given.
    pub(super) fn wait(&self, seq: u64, timeout: Duration) -> u64 {
        self.wait_while(timeout, |state| state.seq <= seq).seq
    }

    fn wait_while(&self, timeout: Duration, waits: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let until = Instant::now().checked_add(timeout);
        let mut state = self.state();
        while waits(&state) && !state.out {
            let left = until.map_or(Duration::from_secs(3_600), |until| until.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        state
    }
}

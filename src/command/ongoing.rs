//! Who hears how far a long command is, and may end it.

use std::ops::ControlFlow;

/// Who hears how far a long command is.
pub trait Ongoing {
    /// So far it is, in a few words; `Break` ends it where it can be ended.
    fn told(&self, text: &str) -> ControlFlow<()>;
}

/// Nobody hears it.
impl Ongoing for () {
    fn told(&self, _text: &str) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

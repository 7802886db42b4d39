//! What can go wrong inside the engine, by what is to be done about it.

use crate::store::StoreError;
use crate::store::image::ImageLost;
use crate::store::log::LogError;

/// Why a call did not come to its end.
#[derive(Debug)]
pub(super) enum Fault {
    /// The image cannot be used: it is rebuilt and the call repeated.
    Image(ImageLost),
    /// The log cannot be read or written.
    Log(LogError),
    /// The call is answered with this.
    Answer(StoreError),
}

impl Fault {
    /// Returns the loss of an image that says what cannot be.
    pub(super) fn image(why: impl Into<String>) -> Self {
        Self::Image(ImageLost::new(why))
    }

    /// Returns what the caller is told of a fault that could not be mended.
    pub(super) fn answer(self) -> StoreError {
        match self {
            Self::Answer(error) => error,
            Self::Log(error) => told(&error),
            Self::Image(lost) => StoreError::Io(lost.to_string()),
        }
    }
}

impl From<ImageLost> for Fault {
    fn from(lost: ImageLost) -> Self {
        Self::Image(lost)
    }
}

impl From<LogError> for Fault {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Self::Answer(error)
    }
}

/// Returns what the user is told of an error of the log.
pub(in crate::store) fn told(error: &LogError) -> StoreError {
    match error {
        LogError::Lost { applied, last } => StoreError::Lost { first: last + 1, last: *applied },
        LogError::Full { .. } => StoreError::Io(format!("{error}: nothing was changed")),
        LogError::Io { .. } => StoreError::Io(error.to_string()),
        LogError::Poisoned { .. } => StoreError::Unknown(error.to_string()),
        LogError::ReadOnly => StoreError::ReadOnly(error.to_string()),
        LogError::TooLarge { .. } => StoreError::TooLarge(error.to_string()),
        LogError::Cancelled => StoreError::Cancelled,
        LogError::Exists | LogError::OutOfOrder { .. } | LogError::Redaction { .. } | LogError::Newer { .. } => {
            StoreError::Invalid(error.to_string())
        }
        LogError::NoLog
        | LogError::Foreign { .. }
        | LogError::MissingSegment { .. }
        | LogError::Damaged { .. }
        | LogError::Diverged { .. }
        | LogError::Superseded { .. } => StoreError::Damaged(error.to_string()),
    }
}

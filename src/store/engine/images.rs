//! Where images come from.

use crate::store::image::{Image, ImageLost, MemoryImage};

/// Gives the engine its images, one in use at a time.
pub trait Images: Send + Sync {
    /// Returns the newest image that is kept, `None` if none is.
    ///
    /// # Errors
    /// [`ImageLost`] if there is one and it cannot be used.
    fn newest(&self) -> Result<Option<Box<dyn Image>>, ImageLost>;

    /// Returns an empty image, above all that are kept.
    ///
    /// # Errors
    /// [`ImageLost`] if none can be made: a full disk, a read-only folder.
    fn next(&self) -> Result<Box<dyn Image>, ImageLost>;

    /// Returns whether an image is kept, usable or not: then there was a log.
    fn any(&self) -> bool;

    /// Lets go of all images but this generation; returns whether none is left.
    fn tidy(&self, kept: u64) -> bool;
}

/// Images in memory: none is kept.
#[derive(Debug, Default, Clone, Copy)]
pub struct MemoryImages;

impl Images for MemoryImages {
    fn newest(&self) -> Result<Option<Box<dyn Image>>, ImageLost> {
        Ok(None)
    }

    fn next(&self) -> Result<Box<dyn Image>, ImageLost> {
        Ok(Box::new(MemoryImage::new()))
    }

    fn any(&self) -> bool {
        false
    }

    fn tidy(&self, _kept: u64) -> bool {
        true
    }
}

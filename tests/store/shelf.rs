//! Images that outlive the engine, as those in a folder do, and are lost on demand.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard};

use rolo::store::engine::Images;
use rolo::store::image::{Batch, Image, ImageLost, MemoryImage, Visit};

/// A shelf of images. Clones are the same shelf.
#[derive(Clone, Default)]
pub(crate) struct Shelf(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    kept: BTreeMap<u64, Arc<Kept>>,
    /// How many more calls are answered before the image in use is lost.
    calls_left: Option<u64>,
    /// How many images were made.
    made: u64,
}

#[derive(Default)]
struct Kept {
    image: MemoryImage,
    batches: Mutex<Vec<Batch>>,
    flushed: Mutex<usize>,
    lost: Mutex<bool>,
}

struct OnShelf {
    shelf: Shelf,
    kept: Arc<Kept>,
    generation: u64,
}

impl Shelf {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// Loses the image in use after so many more calls to it.
    pub(crate) fn lose_after(&self, calls: u64) {
        self.state().calls_left = Some(calls);
    }

    /// Returns how many images were made so far.
    pub(crate) fn made(&self) -> u64 {
        self.state().made
    }

    /// Throws all images away.
    pub(crate) fn empty(&self) {
        self.state().kept.clear();
    }

    /// Returns a shelf with the same images, as they are now.
    pub(crate) fn copy(&self) -> Self {
        self.cut_to(|_, all| all)
    }

    /// Returns what a power cut leaves: of each image what was flushed, and of
    /// the batches behind it as many as the seed says.
    pub(crate) fn after_power_cut(&self, seed: u64) -> Self {
        self.cut_to(|flushed, all| flushed + (seed % (all - flushed + 1) as u64) as usize)
    }

    fn cut_to(&self, keep: impl Fn(usize, usize) -> usize) -> Self {
        let cut = Self::default();
        for (generation, kept) in &self.state().kept {
            let batches = kept.batches.lock().unwrap();
            let left = keep(*kept.flushed.lock().unwrap(), batches.len());
            let copy = Kept::default();
            for batch in &batches[..left] {
                copy.image.apply(batch).unwrap();
            }
            *copy.batches.lock().unwrap() = batches[..left].to_vec();
            *copy.flushed.lock().unwrap() = left;
            cut.state().kept.insert(*generation, Arc::new(copy));
        }
        cut
    }

    /// Deletes or changes keys of the newest image behind the engine's back.
    pub(crate) fn spoil(&self, batch: &Batch) {
        self.state().kept.last_key_value().unwrap().1.image.apply(batch).unwrap();
    }

    /// Returns all keys of the newest image.
    pub(crate) fn keys(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let kept = Arc::clone(self.state().kept.last_key_value().unwrap().1);
        let visit: &mut Visit<'_> = &mut |key, value| {
            found.push((key.to_vec(), value.to_vec()));
            std::ops::ControlFlow::Continue(())
        };
        kept.image.scan(Bound::Unbounded, Bound::Unbounded, false, visit).unwrap();
        found
    }

    fn on_shelf(&self, generation: u64, kept: Arc<Kept>) -> Box<dyn Image> {
        Box::new(OnShelf { shelf: self.clone(), kept, generation })
    }
}

impl Images for Shelf {
    fn newest(&self) -> Result<Option<Box<dyn Image>>, ImageLost> {
        let newest = self.state().kept.last_key_value().map(|(generation, kept)| (*generation, Arc::clone(kept)));
        Ok(newest.map(|(generation, kept)| self.on_shelf(generation, kept)))
    }

    fn next(&self) -> Result<Box<dyn Image>, ImageLost> {
        let mut state = self.state();
        let generation = state.kept.last_key_value().map_or(1, |(newest, _)| newest + 1);
        let kept = Arc::new(Kept::default());
        state.kept.insert(generation, Arc::clone(&kept));
        state.made += 1;
        drop(state);
        Ok(self.on_shelf(generation, kept))
    }

    fn any(&self) -> bool {
        !self.state().kept.is_empty()
    }

    fn tidy(&self, kept: u64) -> bool {
        self.state().kept.retain(|generation, _| *generation == kept);
        true
    }
}

impl OnShelf {
    fn call(&self) -> Result<(), ImageLost> {
        let mut lost = self.kept.lost.lock().unwrap();
        let mut state = self.shelf.state();
        match &mut state.calls_left {
            Some(0) => {
                *lost = true;
                state.calls_left = None;
            }
            Some(left) => *left -= 1,
            None => {}
        }
        if *lost { Err(ImageLost::new("it was to be lost here")) } else { Ok(()) }
    }
}

impl Image for OnShelf {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, ImageLost> {
        self.call()?;
        self.kept.image.get(key)
    }

    fn scan(&self, from: Bound<&[u8]>, to: Bound<&[u8]>, reverse: bool, visit: &mut Visit<'_>) -> Result<(), ImageLost> {
        self.call()?;
        self.kept.image.scan(from, to, reverse, visit)
    }

    fn apply(&self, batch: &Batch) -> Result<(), ImageLost> {
        self.call()?;
        self.kept.batches.lock().unwrap().push(batch.clone());
        self.kept.image.apply(batch)
    }

    fn flush(&self) -> Result<(), ImageLost> {
        self.call()?;
        *self.kept.flushed.lock().unwrap() = self.kept.batches.lock().unwrap().len();
        Ok(())
    }

    fn bytes_on_disk(&self) -> u64 {
        0
    }

    fn generation(&self) -> u64 {
        self.generation
    }
}

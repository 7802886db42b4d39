//! Reading the image and, through it, the log.
//!
//! A view knows what the keys mean and checks that what the log gives is what
//! the image promised. It must not know queries, nor who may change what.

use std::ops::{Bound, ControlFlow};
use std::sync::Arc;

use super::content::{Body, Head};
use super::fault::Fault;
use super::keys::{self, Key, Parts};
use crate::domain::{FieldNumber, Kind, Record, RecordId, Timestamp};
use crate::store::api::StepInfo;
use crate::store::image::Image;
use crate::store::log::{FramePlace, LogError, LogReader, Place, ReadFrom};

/// What is handed each key and value; `Break` ends the scan.
pub(super) type Visit<'a> = dyn FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Fault> + 'a;
/// From where to where in the order of keys.
pub(super) type Bounds = (Bound<Vec<u8>>, Bound<Vec<u8>>);

/// What a version of a record left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Live,
    Trashed,
    /// Gone: by a tombstone, or forgotten.
    Gone,
}

/// Where one version of a record lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) standing: Standing,
    pub(super) seq: u64,
    pub(super) place: Place,
}

impl Entry {
    pub(super) fn encode(&self) -> Vec<u8> {
        let standing = match self.standing {
            Standing::Live => 0,
            Standing::Trashed => 1,
            Standing::Gone => 2,
        };
        let Place { segment, offset, length } = self.place;
        Key(vec![standing]).number(self.seq).number(segment.into()).number(offset).number(length.into()).0
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let standing = match bytes.first()? {
            0 => Standing::Live,
            1 => Standing::Trashed,
            2 => Standing::Gone,
            _ => return None,
        };
        let mut parts = Parts::of(bytes);
        let seq = parts.number()?;
        let place =
            Place { segment: u32::try_from(parts.number()?).ok()?, offset: parts.number()?, length: u32::try_from(parts.number()?).ok()? };
        Some(Self { standing, seq, place })
    }
}

/// Where a commit lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CommitEntry {
    pub(super) step: u64,
    pub(super) at: FramePlace,
    pub(super) head: Place,
}

impl CommitEntry {
    pub(super) fn encode(&self) -> Vec<u8> {
        let Self { step, at, head } = self;
        Key(Vec::new())
            .number(*step)
            .number(at.segment.into())
            .number(at.offset)
            .raw(&at.crc.to_be_bytes())
            .number(head.offset)
            .number(head.length.into())
            .0
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let mut parts = Parts::whole(bytes);
        let step = parts.number()?;
        let segment = u32::try_from(parts.number()?).ok()?;
        let at = FramePlace { segment, offset: parts.number()?, crc: parts.crc()? };
        let head = Place { segment, offset: parts.number()?, length: u32::try_from(parts.number()?).ok()? };
        Some(Self { step, at, head })
    }
}

/// The image and the log behind it, for the time of one call.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) image: &'a dyn Image,
    pub(super) log: &'a LogReader,
}

impl View<'_> {
    /// Hands the keys that begin with `prefix` to `visit`.
    pub(super) fn each(&self, prefix: &[u8], reverse: bool, visit: &mut Visit<'_>) -> Result<(), Fault> {
        self.between(&keys::beginning_with(prefix), reverse, visit)
    }

    /// Hands the keys between two bounds to `visit`.
    pub(super) fn between(&self, (from, to): &Bounds, reverse: bool, visit: &mut Visit<'_>) -> Result<(), Fault> {
        let mut outcome = Ok(());
        self.image.scan(from.as_ref().map(Vec::as_slice), to.as_ref().map(Vec::as_slice), reverse, &mut |key, value| match visit(
            key, value,
        ) {
            Ok(flow) => flow,
            Err(fault) => {
                outcome = Err(fault);
                ControlFlow::Break(())
            }
        })?;
        outcome
    }

    /// Returns where the latest versions of these records lie.
    pub(super) fn entries(&self, ids: &[RecordId]) -> Result<Vec<Option<Entry>>, Fault> {
        let keys: Vec<Vec<u8>> = ids.iter().map(|id| Key::of(keys::RECORD).id(*id).0).collect();
        let keys: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
        let found = self.image.get_many(&keys)?;
        found
            .into_iter()
            .map(|value| value.map(|bytes| Entry::decode(&bytes).ok_or_else(|| Fault::image("an entry is unreadable"))).transpose())
            .collect()
    }

    /// Returns what a version left, checked to be what the image promised.
    pub(super) fn body(&self, id: RecordId, entry: &Entry) -> Result<Body, Fault> {
        let body = match self.log.read(entry.place) {
            Ok(bytes) => Body::decode(&bytes).ok(),
            Err(error) if !error.is_damage() => return Err(error.into()),
            Err(_) => None,
        };
        match body {
            Some(body) if body.id == id && body.seq == entry.seq => Ok(body),
            _ => Err(self.blame(id, entry.seq)),
        }
    }

    /// Returns the record that a version is, `None` where nothing was left.
    pub(super) fn record(&self, id: RecordId, entry: &Entry) -> Result<Option<Arc<Record>>, Fault> {
        if entry.standing == Standing::Gone {
            return Ok(None);
        }
        Ok(self.body(id, entry)?.record())
    }

    /// Finds out whether the log is damaged, or only the image's notion of it:
    /// reads the whole commit.
    fn blame(&self, id: RecordId, seq: u64) -> Fault {
        match self.log.frames(ReadFrom::Seq(seq)).next() {
            Some(Err(error)) => error.into(),
            Some(Ok(frame)) if frame.seq == seq => {
                match frame.bodies.iter().find_map(|bytes| match Body::decode(bytes) {
                    Ok(body) if body.id != id => None,
                    Ok(_) => Some(Ok(())),
                    Err(why) => Some(Err(why)),
                }) {
                    Some(Err(why)) => LogError::Damaged { segment: frame.at.segment, offset: frame.at.offset, seq: Some(seq), why }.into(),
                    _ => Fault::image(format!("it looked for {id} of commit {seq} in the wrong place")),
                }
            }
            _ => Fault::image(format!("it knows a commit {seq} that the log does not have")),
        }
    }

    /// Returns records that are there, live and trashed, in the order asked for.
    pub(super) fn records(&self, ids: &[RecordId]) -> Result<Vec<Option<Arc<Record>>>, Fault> {
        let entries = self.entries(ids)?;
        ids.iter().zip(entries).map(|(id, entry)| entry.map_or(Ok(None), |entry| self.record(*id, &entry))).collect()
    }

    /// Returns where the version lies that stood after the commit `seq`.
    pub(super) fn entry_at(&self, id: RecordId, seq: u64) -> Result<Option<Entry>, Fault> {
        match self.entries(&[id])?.pop().flatten() {
            Some(latest) if latest.seq > seq => {
                let of = Key::of(keys::VERSION).id(id);
                let mut found = None;
                let bounds = (Bound::Included(of.0.clone()), Bound::Included(of.number(seq).0));
                self.between(&bounds, true, &mut |_, value| {
                    found = Some(Entry::decode(value).ok_or_else(|| Fault::image("an entry is unreadable"))?);
                    Ok(ControlFlow::Break(()))
                })?;
                Ok(found)
            }
            latest => Ok(latest),
        }
    }

    /// Returns where the versions of a record lie, newest first.
    pub(super) fn versions(&self, id: RecordId, limit: usize) -> Result<Vec<Entry>, Fault> {
        let mut found: Vec<Entry> = self.entries(&[id])?.into_iter().flatten().take(limit).collect();
        if found.is_empty() {
            return Ok(found);
        }
        self.each(&Key::of(keys::VERSION).id(id).0, true, &mut |_, value| {
            if found.len() >= limit {
                return Ok(ControlFlow::Break(()));
            }
            found.push(Entry::decode(value).ok_or_else(|| Fault::image("an entry is unreadable"))?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Returns where a commit lies.
    pub(super) fn commit(&self, seq: u64) -> Result<Option<CommitEntry>, Fault> {
        let found = self.image.get(&Key::of(keys::COMMIT).number(seq).0)?;
        found.map(|bytes| CommitEntry::decode(&bytes).ok_or_else(|| Fault::image("a commit's entry is unreadable"))).transpose()
    }

    /// Returns what a commit says about itself.
    pub(super) fn head(&self, seq: u64, entry: &CommitEntry) -> Result<Head, Fault> {
        match self.log.read(entry.head).map(|bytes| Head::decode(&bytes)) {
            Ok(Ok(head)) if head.step == entry.step => Ok(head),
            Err(error) if !error.is_damage() => Err(error.into()),
            _ => Err(match self.log.frames(ReadFrom::At(entry.at)).next() {
                Some(Ok(frame)) if frame.seq == seq => Fault::image(format!("it looked for commit {seq} in the wrong place")),
                Some(Ok(_)) | None => Fault::image(format!("it knows a commit {seq} that the log does not have")),
                Some(Err(error)) => error.into(),
            }),
        }
    }

    /// Returns a step.
    pub(super) fn step(&self, step: u64) -> Result<Option<StepInfo>, Fault> {
        let found = self.image.get(&Key::of(keys::STEP).number(step).0)?;
        found.map(|bytes| decode_step(&bytes)).transpose()
    }

    /// Returns the first live records whose index has a key.
    pub(super) fn lookup(&self, kind: Kind, field: FieldNumber, key: &[u8], limit: usize) -> Result<Vec<RecordId>, Fault> {
        let prefix = Key::of(keys::INDEX).kind(kind).field(field).value(key).0;
        let mut found = Vec::new();
        self.each(&prefix, false, &mut |key, _| {
            if found.len() >= limit {
                return Ok(ControlFlow::Break(()));
            }
            let number = Parts::whole(&key[prefix.len()..]).number().ok_or_else(|| Fault::image("a key is unreadable"))?;
            found.push(RecordId::new(kind, number));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Returns the live records of one kind that link to a record, newest first,
    /// each with its time and the linking field.
    pub(super) fn linking(&self, to: RecordId, from: Kind, limit: usize) -> Result<Vec<(Timestamp, RecordId, FieldNumber)>, Fault> {
        let prefix = Key::of(keys::LINK).id(to).kind(from).0;
        let mut found = Vec::new();
        self.each(&prefix, true, &mut |key, _| {
            if found.len() >= limit {
                return Ok(ControlFlow::Break(()));
            }
            let mut parts = Parts::whole(&key[prefix.len()..]);
            let (Some(at), Some(number), Some(field)) = (parts.time(), parts.number(), parts.field()) else {
                return Err(Fault::image("a key is unreadable"));
            };
            found.push((at, RecordId::new(from, number), field));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// Returns all live records that link to one, in one go whatever their kinds are,
    /// each with its time and the linking field.
    pub(super) fn all_linking(&self, to: RecordId) -> Result<Vec<(Timestamp, RecordId, FieldNumber)>, Fault> {
        let prefix = Key::of(keys::LINK).id(to).0;
        let mut found = Vec::new();
        self.each(&prefix, true, &mut |key, _| {
            let mut parts = Parts::whole(&key[prefix.len()..]);
            let (Some(from), Some(at), Some(number), Some(field)) = (parts.kind(), parts.time(), parts.number(), parts.field()) else {
                return Err(Fault::image("a key is unreadable"));
            };
            found.push((at, RecordId::new(from, number), field));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }
}

/// Returns a step from the image's bytes.
pub(super) fn decode_step(bytes: &[u8]) -> Result<StepInfo, Fault> {
    postcard::from_bytes(bytes).map_err(|_| Fault::image("a step is unreadable"))
}

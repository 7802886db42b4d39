//! Forgetting somebody: what the log says of them is replaced where it stands, in every
//! version of every record; the image, which holds words of theirs, is made anew; what
//! only they had attached goes.
//!
//! What is to be done is written down before it begins and removed when it is done, so
//! that a store whose power was cut in between goes on with it when it is next opened.
//! Doing it twice is doing it once.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::content::{Body, Head, Left};
use super::said::{Said, read_frame};
use super::writer::Writer;
use crate::domain::fields::{field_by_number, number};
use crate::domain::{Erase, FieldNumber, FieldType, Kind, RecordId, Value};
use crate::store::StoreError;
use crate::store::api::{Forget, Forgotten};
use crate::store::disk::{Access, Disk, read_full, write_full};
use crate::store::files::Files;
use crate::store::image::ImageLost;
use crate::store::log::{Frame, FrameKind, Log, LogError, NewFrame, ReadFrom, fits};

/// What is to be done, beside the log.
const TODO: &str = "forget.todo";
/// How many bytes of frames are replaced at once.
const AT_ONCE: usize = 64 << 20;
/// How often it is tried to remove the old image, and how long is waited between.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(50);
/// The most bytes of what is to be done.
const MOST_TODO: u64 = 64 << 20;
/// Fields of people and companies that are theirs, however alike: names and addresses
/// of somebody else are not taken out.
const THEIRS: &[Kind] = &[Kind::Contact, Kind::Company, Kind::User, Kind::Team];

/// Forgets, while the store is open.
pub(super) fn forget(writer: &mut Writer, files: &dyn Files, forget: &Forget) -> Result<Forgotten, StoreError> {
    if let Some(why) = writer.core.refusal() {
        return Err(why);
    }
    writer.check_lock()?;
    write_down(&*writer.disk, forget)?;
    let disk = Arc::clone(&writer.disk);
    let forgotten = carry_out(&mut writer.log, &*disk, files, forget)?;
    let mut forgotten = forgotten;
    if !writer.core.forget_image()? {
        forgotten.notices.push("the image that was is removed when the store is next opened".to_owned());
    }
    remove_todo(&*writer.disk)?;
    Ok(forgotten)
}

/// Goes on with what was begun and not ended, before the image is looked at; returns
/// whether there was something.
pub(super) fn go_on(log: &mut Log, disk: &dyn Disk, files: &dyn Files) -> Result<bool, StoreError> {
    // One that was not finished says nothing that counts; it names somebody.
    let beside = format!("{TODO}.new");
    if disk.exists(&beside).unwrap_or(false) {
        disk.remove(&beside).map_err(|error| StoreError::Io(format!("removing log/{beside} failed: {error}")))?;
    }
    let Some(forget) = read_todo(disk)? else { return Ok(false) };
    carry_out(log, disk, files, &forget)?;
    Ok(true)
}

/// Ends what was gone on with, once the image was made anew.
pub(super) fn remove_todo(disk: &dyn Disk) -> Result<(), StoreError> {
    let removed = disk.remove(TODO).and_then(|()| disk.sync_dir());
    removed.map_err(|error| StoreError::Io(format!("removing log/{TODO} failed: {error}")))
}

fn write_down(disk: &dyn Disk, forget: &Forget) -> Result<(), StoreError> {
    let bytes = postcard::to_stdvec(forget).map_err(|error| StoreError::Invalid(error.to_string()))?;
    let beside = format!("{TODO}.new");
    let write = || {
        let file = disk.create(&beside)?;
        write_full(&*file, 0, &bytes)?;
        file.sync_data()?;
        disk.rename(&beside, TODO)?;
        disk.sync_dir()
    };
    write().map_err(|error| StoreError::Io(format!("writing down what is to be forgotten failed: {error}")))
}

fn read_todo(disk: &dyn Disk) -> Result<Option<Forget>, StoreError> {
    let failed = |error: std::io::Error| StoreError::Io(format!("reading log/{TODO} failed: {error}"));
    if !disk.exists(TODO).map_err(failed)? {
        return Ok(None);
    }
    let file = disk.open(TODO, Access::Read).map_err(failed)?;
    let size = file.size().map_err(failed)?.min(MOST_TODO);
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    read_full(&*file, 0, &mut bytes).map_err(failed)?;
    let read = postcard::from_bytes(&bytes);
    read.map(Some).map_err(|error| StoreError::Damaged(format!("log/{TODO} says what is to be forgotten and cannot be read ({error})")))
}

fn told(error: &LogError) -> StoreError {
    super::fault::told(error)
}

/// Replaces what the log says, and removes what lies beside it.
fn carry_out(log: &mut Log, disk: &dyn Disk, files: &dyn Files, forget: &Forget) -> Result<Forgotten, StoreError> {
    let censor = Censor {
        gone: forget.gone.iter().copied().collect(),
        wiped: forget.wiped.iter().copied().collect(),
        near: forget.near.iter().copied().collect(),
        everywhere: forget.everywhere.clone(),
        nearby: forget.everywhere.clone().and(&forget.nearby),
    };
    let mut forgotten = Forgotten::default();
    let mut frames: Vec<NewFrame> = Vec::new();
    let mut bytes = 0;
    for frame in log.frames(ReadFrom::Start) {
        let frame = frame.map_err(|error| told(&error))?;
        let Some(new) = censor.censored(&frame, &mut forgotten).map_err(|error| told(&error))? else { continue };
        bytes += new.bodies.iter().map(Vec::len).sum::<usize>();
        frames.push(new);
        if bytes > AT_ONCE {
            log.redact(&frames).map_err(|error| told(&error))?;
            frames.clear();
            bytes = 0;
        }
    }
    if !frames.is_empty() {
        log.redact(&frames).map_err(|error| told(&error))?;
    }
    let failed = |error: std::io::Error| StoreError::Io(format!("forgetting what lies beside the log failed: {error}"));
    for hash in &forget.contents {
        files.remove(hash).map_err(failed)?;
        forgotten.contents += 1;
    }
    // They hold whatever was written or known at the time.
    for name in disk.list().map_err(failed)? {
        if name.starts_with("cut-") || name.starts_with("salvaged-") {
            disk.remove(&name).map_err(failed)?;
            forgotten.beside += 1;
        }
    }
    disk.sync_dir().map_err(failed)?;
    Ok(forgotten)
}

/// What is taken out of which record.
struct Censor {
    gone: BTreeSet<RecordId>,
    wiped: BTreeSet<RecordId>,
    near: BTreeSet<RecordId>,
    everywhere: Erase,
    nearby: Erase,
}

impl Censor {
    /// Returns what stands in a frame's place; `None` where it says nothing of them.
    fn censored(&self, frame: &Frame, forgotten: &mut Forgotten) -> Result<Option<NewFrame>, LogError> {
        let Said::Commit(mut head, said) = read_frame(frame)? else { return Ok(None) };
        let mut bodies = frame.bodies.clone();
        let mut any = false;
        if self.head(&mut head)
            && let Some(place) = frame.places.first()
        {
            let mut bytes = head.encode();
            if !fits(&bytes, place.length) {
                head.label = String::new();
                bytes = head.encode();
            }
            // One that only fits compressed may be longer than it was with less to repeat.
            if fits(&bytes, place.length) {
                bodies[0] = bytes;
                any = true;
            } else {
                forgotten.notices.push(format!("the label of commit {} could not be replaced", frame.seq));
            }
        }
        for (index, body) in said.into_iter().enumerate() {
            let Some(place) = frame.places.get(index + 1) else { continue };
            let room = |bytes: &[u8]| fits(bytes, place.length);
            let Some(bytes) = self.body(body, &room, forgotten) else { continue };
            bodies[index + 1] = bytes;
            forgotten.versions += 1;
            any = true;
        }
        Ok(any.then(|| NewFrame { kind: FrameKind::Redaction, seq: frame.seq, head: Vec::new(), bodies }))
    }

    fn head(&self, head: &mut Head) -> bool {
        let mut any = self.everywhere.erase_text(&mut head.label);
        if let Some((key, _)) = &mut head.key
            && self.everywhere.erased(key).is_some()
        {
            *key = String::new();
            any = true;
        }
        any
    }

    fn body(&self, body: Body, room: &dyn Fn(&[u8]) -> bool, forgotten: &mut Forgotten) -> Option<Vec<u8>> {
        let Left::Record(fields) = &body.left else { return None };
        if self.gone.contains(&body.id) {
            return Some(Body { left: Left::Forgotten, ..body }.encode());
        }
        let is_near = self.near.contains(&body.id) || self.wiped.contains(&body.id);
        let erase = if is_near { &self.nearby } else { &self.everywhere };
        let mut left: Vec<(FieldNumber, Value)> = fields.clone();
        if self.wiped.contains(&body.id) {
            left.retain(|(field, _)| !is_words(body.id.kind, *field));
        }
        let mut touched: BTreeSet<FieldNumber> = BTreeSet::new();
        for (field, value) in &mut left {
            if !is_somebody_elses(body.id.kind, *field) && erase.erase(value) {
                touched.insert(*field);
            }
        }
        if touched.is_empty() && left.len() == fields.len() {
            return None;
        }
        let whole = Body { left: Left::Record(left.clone()), ..body.clone() }.encode();
        if room(&whole) {
            return Some(whole);
        }
        // Compressed it would take more room than there was: the texts go as a whole.
        left.retain(|(field, _)| !touched.contains(field));
        let without = Body { left: Left::Record(left), ..body.clone() }.encode();
        forgotten.shortened += 1;
        if room(&without) {
            return Some(without);
        }
        Some(Body { left: Left::Forgotten, ..body }.encode())
    }
}

/// Returns whether a field of a kind holds words that somebody wrote.
fn is_words(kind: Kind, field: FieldNumber) -> bool {
    field == number::TICKET_SUBJECT || field_by_number(kind, field).is_some_and(|field| field.ty == FieldType::LongText)
}

/// Returns whether a field says what somebody else is called or reached by.
fn is_somebody_elses(kind: Kind, field: FieldNumber) -> bool {
    let own = |ty: FieldType| {
        matches!(
            ty,
            FieldType::Name
                | FieldType::Email
                | FieldType::Phone
                | FieldType::Address
                | FieldType::Url
                | FieldType::Domain
                | FieldType::ExternalId
        )
    };
    THEIRS.contains(&kind) && (field == number::LOGIN || field_by_number(kind, field).is_some_and(|field| own(field.ty)))
}

impl super::core::Core {
    /// Has the image made anew, and returns whether nothing of the old one is left on
    /// the disk.
    fn forget_image(&self) -> Result<bool, StoreError> {
        let turn = self.slot().turn;
        self.recover(turn, &ImageLost::new("somebody was forgotten"))?;
        for _ in 0..TRIES {
            let slot = self.slot();
            if slot.images.tidy(slot.projection.image.generation()) {
                return Ok(true);
            }
            drop(slot);
            // Whoever read the old one may not have let go of it yet.
            std::thread::sleep(PAUSE);
        }
        Ok(false)
    }
}

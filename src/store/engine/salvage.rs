//! When the log has lost commits that the image still knows: what of them is
//! told, and how the store is made whole again without them.
//!
//! The bodies of the records are gone with the log. The image knows which
//! commits there were and of which steps, which records they left and how, and
//! the values and links under which those were found. That is written down, a
//! line each, before the image is given up. The numbers that were given stay
//! given: the lost seqs are filled with frames that say so, and no id comes
//! again.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::content::Epoch;
use super::fault::{Fault, told};
use super::keys::{self, Parts};
use super::opening::Ahead;
use super::tallies::Tallies;
use super::view::{CommitEntry, Entry, Standing, View, decode_step};
use super::writer::Writer;
use crate::domain::fields::field_by_number;
use crate::domain::{FieldNumber, FieldType, Kind, RecordId};
use crate::store::StoreError;
use crate::store::disk::{Disk, write_full};
use crate::store::log::{FrameKind, Log, LogOptions, LogReader, NewFrame, ReadFrom};

/// How many frames are written at once.
const FRAMES_AT_ONCE: u64 = 1_000;

/// What the image knew of the lost commits.
struct Known {
    first: u64,
    last: u64,
    /// Per kind the number that is next.
    next: Vec<(Kind, u64)>,
    lines: Vec<Json>,
    records: Vec<RecordId>,
}

/// Salvages what the image knows and makes the store whole again. Returns what
/// was done, in sentences.
pub(super) fn salvage(writer: &mut Writer, ahead: Ahead) -> Result<Vec<String>, (StoreError, Ahead)> {
    match carry_out(writer, &ahead) {
        Ok(done) => {
            let Ahead { image, images } = ahead;
            // Let go before another generation is made and this one removed.
            drop(image);
            let mut slot = writer.core.slot_mut();
            slot.images = images;
            let turn = slot.turn;
            drop(slot);
            let why = crate::store::image::ImageLost::new("the log had lost what it had applied");
            if let Err(error) = writer.core.recover(turn, &why) {
                writer.core.note(error.to_string());
            }
            writer.core.refuse(None);
            Ok(done)
        }
        Err(error) => Err((error, ahead)),
    }
}

fn carry_out(writer: &mut Writer, ahead: &Ahead) -> Result<Vec<String>, StoreError> {
    let reader = writer.log.reader();
    let known = look(View { image: &*ahead.image, log: &reader }, &reader).map_err(Fault::answer)?;
    let file = write_down(&*writer.disk, &known)?;
    let (segment_size, preallocate) = writer.sizes;
    let options = LogOptions { writable: true, segment_size, preallocate, ..LogOptions::default() };
    let (mut log, _) = Log::open(Arc::clone(&writer.disk), options).map_err(|error| told(&error))?;
    fill(&mut log, &known).map_err(|error| told(&error))?;
    writer.take_log(log);
    let Known { first, last, records, .. } = &known;
    let mut done = vec![format!(
        "the commits {first} to {last} are gone: what the image knew of them and of {} records is in log/{file}; no number of theirs is given again",
        records.len()
    )];
    if !records.is_empty() {
        let some: Vec<String> = records.iter().take(20).map(RecordId::to_string).collect();
        let more = if records.len() > some.len() { format!(" and {} more", records.len() - some.len()) } else { String::new() };
        done.push(format!("these are as they were before, or gone: {}{more}", some.join(", ")));
    }
    Ok(done)
}

/// Fills the lost seqs, so that none means two things.
fn fill(log: &mut Log, known: &Known) -> Result<(), crate::store::log::LogError> {
    let epoch = Epoch::Lost { first: known.first, last: known.last, next: known.next.clone() }.encode();
    // Where the log went on otherwise after the loss, one frame says it.
    let until = known.last.max(log.last_seq() + 1);
    while log.last_seq() < until {
        let from = log.last_seq() + 1;
        let to = until.min(from + FRAMES_AT_ONCE - 1);
        let frames: Vec<NewFrame> =
            (from..=to).map(|seq| NewFrame { kind: FrameKind::Epoch, seq, head: Vec::new(), bodies: vec![epoch.clone()] }).collect();
        log.append(&frames)?;
        log.sync()?;
    }
    Ok(())
}

fn unreadable() -> Fault {
    Fault::image("a key is unreadable")
}

fn look(view: View<'_>, log: &LogReader) -> Result<Known, Fault> {
    let (first, commits) = lost_commits(view, log)?;
    let applied = view.image.get(keys::META_APPLIED)?;
    let applied = applied.and_then(|bytes| super::apply::read_applied(&bytes)).map_or(0, |(seq, _)| seq);
    let last = commits.last_key_value().map_or(applied, |(seq, _)| (*seq).max(applied));
    let mut lines = Vec::new();
    for (seq, entry) in &commits {
        lines.push(json!({ "commit": seq, "step": entry.step }));
    }
    view.each(&[keys::STEP], false, &mut |_, value| {
        let step = decode_step(value)?;
        if step.end >= first {
            lines.push(json!({
                "step": step.step, "end": step.end, "at": step.at.to_string(), "by": step.author.login,
                "label": step.label, "changes": step.changes, "finished": step.finished,
            }));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let mut records = BTreeMap::new();
    view.each(&[keys::RECORD], false, &mut |key, value| {
        let id = Parts::of(key).id().ok_or_else(unreadable)?;
        let entry = Entry::decode(value).ok_or_else(unreadable)?;
        if entry.seq >= first {
            records.insert(id, (entry, Vec::new()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let mut earlier = BTreeSet::new();
    view.each(&[keys::VERSION], false, &mut |key, value| {
        let id = Parts::of(key).id().ok_or_else(unreadable)?;
        if records.contains_key(&id) && Entry::decode(value).ok_or_else(unreadable)?.seq < first {
            earlier.insert(id);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    view.each(&[keys::INDEX], false, &mut |key, _| {
        let mut parts = Parts::of(key);
        let read = (|| Some((parts.kind()?, parts.field()?, parts.value()?, parts.number()?)))();
        let (kind, field, value, number) = read.ok_or_else(unreadable)?;
        if let Some((_, values)) = records.get_mut(&RecordId::new(kind, number)) {
            values.push(json!({ "field": field_name(kind, field), "key": readable(kind, field, &value) }));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    view.each(&[keys::LINK], false, &mut |key, _| {
        let mut parts = Parts::of(key);
        let read = (|| Some((parts.id()?, parts.kind()?, parts.time()?, parts.number()?, parts.field()?)))();
        let (to, kind, at, number, field) = read.ok_or_else(unreadable)?;
        if let Some((_, values)) = records.get_mut(&RecordId::new(kind, number)) {
            values.push(json!({ "field": field_name(kind, field), "link": to.to_string(), "time": at.to_string() }));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let ids = records.keys().copied().collect();
    for (id, (entry, values)) in records {
        let left = match entry.standing {
            Standing::Live => "record",
            Standing::Trashed => "trashed",
            Standing::Gone => "gone",
        };
        lines.push(json!({
            "id": id.to_string(), "commit": entry.seq, "left": left, "new": !earlier.contains(&id), "found_by": values,
        }));
    }
    let next = Tallies::read(view)?.kinds().filter(|(_, tally)| tally.next > 1).map(|(kind, tally)| (kind, tally.next)).collect();
    Ok(Known { first, last, next, lines, records: ids })
}

/// Returns the first lost seq, and what the image knows of the lost commits.
fn lost_commits(view: View<'_>, log: &LogReader) -> Result<(u64, BTreeMap<u64, CommitEntry>), Fault> {
    let mut lost = BTreeMap::new();
    let mut common = 0;
    view.each(&[keys::COMMIT], true, &mut |key, value| {
        let seq = Parts::of(key).number().ok_or_else(unreadable)?;
        let entry = CommitEntry::decode(value).ok_or_else(unreadable)?;
        let there = seq <= log.synced_seq()
            && matches!(log.frames(ReadFrom::At(entry.at)).next(), Some(Ok(frame)) if frame.seq == seq && frame.at == entry.at);
        if there {
            common = seq;
            return Ok(ControlFlow::Break(()));
        }
        lost.insert(seq, entry);
        Ok(ControlFlow::Continue(()))
    })?;
    let first = lost.first_key_value().map_or(common + 1, |(seq, _)| *seq);
    Ok((first, lost))
}

fn field_name(kind: Kind, field: FieldNumber) -> String {
    field_by_number(kind, field).map_or_else(|| field.to_string(), |field| field.name.to_owned())
}

/// Returns an index key in words where it can be read, else in hex. What order
/// and end it carries beside the value is left out.
fn readable(kind: Kind, field: FieldNumber, key: &[u8]) -> String {
    let ty = field_by_number(kind, field).map(|field| field.ty);
    let found = match (ty, key) {
        (Some(FieldType::Link(_) | FieldType::Job), [kind, number @ ..]) => {
            let number = <[u8; 8]>::try_from(number).ok().map(u64::from_be_bytes);
            Kind::from_code(*kind).zip(number).map(|(kind, number)| RecordId::new(kind, number).to_string())
        }
        (Some(FieldType::Time), _) => Parts::whole(key).time().map(|at| at.to_string()),
        (Some(FieldType::Date), [year, century, month, day]) => {
            Some(format!("{:04}-{month:02}-{day:02}", u16::from_be_bytes([*year, *century])))
        }
        _ => {
            let text = std::str::from_utf8(key).ok().map(|text| text.trim_matches(char::is_control));
            text.filter(|text| !text.is_empty()).map(|text| text.replace(char::is_control, " "))
        }
    };
    found.unwrap_or_else(|| key.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes down what is known, durably, and returns the file's name.
fn write_down(disk: &dyn Disk, known: &Known) -> Result<String, StoreError> {
    let plain = format!("salvaged-{}-{}", known.first, known.last);
    let io = |error: std::io::Error| StoreError::Io(format!("writing what the image knows failed: {error}"));
    let mut name = format!("{plain}.jsonl");
    let mut round = 2;
    while disk.exists(&name).map_err(io)? {
        name = format!("{plain}-{round}.jsonl");
        round += 1;
    }
    let file = disk.create(&name).map_err(io)?;
    let mut at = 0;
    for line in &known.lines {
        let text = format!("{line}\n");
        write_full(&*file, at, text.as_bytes()).map_err(io)?;
        at += text.len() as u64;
    }
    file.sync_data().map_err(io)?;
    disk.sync_dir().map_err(io)?;
    Ok(name)
}

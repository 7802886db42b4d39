//! An export as it is called for: which format a file gets, and the file put in place
//! whole, so that a full disk or a stop leaves the old one. It must not know who watches.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::cards::Version;
use super::export::{Export, ExportError, Shape, Written};
use super::write::Layout;
use crate::store::api::Store;

/// Returns the shape of a format's name; `raw` leaves formulas in csv as they are.
pub fn shape_named(name: &str, raw: bool) -> Option<Shape> {
    Some(match name {
        "csv" => Shape::Table(Layout::Csv { raw }),
        "tsv" => Shape::Table(Layout::Tsv),
        "json" => Shape::Json,
        "jsonl" => Shape::Jsonl,
        "mbox" => Shape::Mbox,
        "plain" => Shape::Table(Layout::Plain),
        "ids" => Shape::Table(Layout::Ids),
        "vcard" => Shape::Vcard(Version::default()),
        "ics" => Shape::Ics,
        _ => return None,
    })
}

/// Returns the shape that a file's name asks for: by its extension, else csv.
pub fn shape_of(path: Option<&Path>, raw: bool) -> Shape {
    let extension = path.and_then(Path::extension).and_then(|extension| extension.to_str());
    let named = extension.and_then(|name| match name {
        "vcf" => Some("vcard"),
        name => ["tsv", "json", "jsonl", "ics", "mbox"].contains(&name).then_some(name),
    });
    named.and_then(|name| shape_named(name, raw)).unwrap_or(Shape::Table(Layout::Csv { raw }))
}

/// Writes an export into a file, written beside and put in its place; returns how many
/// records it holds and lacks. `progress` hears how many there are so far, and may stop it.
///
/// # Errors
/// What the store or the folder refuses; the old file stays then.
pub fn into_file(
    export: &Export,
    store: &dyn Store,
    path: &Path,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Written, ExportError> {
    let part = beside(path);
    let written = into_part(export, store, &part, progress);
    let placed = written.and_then(|written| Ok(std::fs::rename(&part, path).map(|()| written)?));
    if placed.is_err() {
        // What is half written helps nobody; the first error is the one to tell.
        let _ = std::fs::remove_file(&part);
    }
    placed.map_err(|error| match error {
        ExportError::Write(error) => ExportError::Write(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
        other => other,
    })
}

fn into_part(
    export: &Export,
    store: &dyn Store,
    part: &Path,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<Written, ExportError> {
    let stopped = Cell::new(false);
    let sink = Stoppable { out: BufWriter::new(File::create(part)?), stopped: &stopped };
    let (written, sink) = export.write(store, sink, &mut |count| stopped.set(stopped.get() || progress(count).is_break()))?;
    sink.out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(written)
}

/// Returns the name under which a file is written before it is whole.
pub(super) fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

/// A sink that takes nothing more once it is stopped.
struct Stoppable<'s, W: Write> {
    out: W,
    stopped: &'s Cell<bool>,
}

impl<W: Write> Write for Stoppable<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.stopped.get() {
            return Err(io::Error::other("stopped"));
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

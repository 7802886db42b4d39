//! Calls about the store as a whole: backup and restore-backup, and the backups that
//! nobody has to ask for.

use std::fs::File;
use std::io::{self, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::args::{Backup, Format, RestoreBackup};
use super::failure::Failure;
use super::output::{Cell, FIGURES, Rows, object};
use super::session::Session;
use crate::actions::ActionError;
use crate::domain::Timestamp;
use crate::store::backup::{self, Automatic, Made};
use crate::store::lock::LockOptions;
use crate::store::{OpenOptions, StoreError, open};

/// Formats of what these calls tell.
const TOLD: &[Format] = &[Format::Table, Format::Tsv, Format::Plain, Format::Json, Format::Jsonl];
/// How often a process that stays looks whether a backup is due.
const LOOK: Duration = Duration::from_secs(3_600);

fn now() -> Timestamp {
    Timestamp::from_utc(chrono::Utc::now())
}

fn folder_of(session: &Session) -> Result<PathBuf, Failure> {
    let path = session.store_path()?;
    path.ok_or_else(|| Failure::usage("a store in memory has no backups").hint("`rolo export --all --out DIR` writes what is in it"))
}

/// Returns a length for people.
fn length(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

/// `rolo backup`.
///
/// # Errors
/// As its parts; exit 1 where a file is there and nobody can be asked.
pub(super) fn backup(session: &Session, call: &Backup) -> Result<(), Failure> {
    let store = folder_of(session)?;
    if call.auto {
        let _ = rustix::process::nice(10);
        backup::make_automatic(&store, now())?;
        return Ok(());
    }
    if call.list {
        return list(session, &store);
    }
    let format = session.format(TOLD)?;
    let Some(file) = &call.file else {
        return Err(
            Failure::usage("into which file?").hint("`rolo backup FILE`, or - for standard output; --list shows the automatic ones")
        );
    };
    let bar = session.bar();
    let mut progress = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let made = if file == Path::new("-") {
        if io::stdout().is_terminal() {
            return Err(Failure::usage("a backup is no text for a terminal").hint("rolo backup - | age -r KEY > rolo.tar.age"));
        }
        let made = backup::write(&store, now(), &mut io::BufWriter::with_capacity(1 << 20, io::stdout()), &mut progress);
        bar.finish_and_clear();
        made?
    } else {
        refuse_inside(&store, file)?;
        let over = call.force || (file.symlink_metadata().is_ok() && !file.is_dir() && may_write_over(file)?);
        let made = backup::into_file(&store, now(), file, over, &mut progress);
        bar.finish_and_clear();
        made.map_err(|error| match error {
            StoreError::Occupied(_) => Failure::from(ActionError::from(error).hint("--force writes over it")),
            error => error.into(),
        })?
    };
    made.notices.iter().for_each(|notice| session.say(notice));
    if file == Path::new("-") {
        return Ok(());
    }
    tell_made(session, format, file, &made)
}

/// A backup within the store would be lost with it, and be a part of nothing.
fn refuse_inside(store: &Path, file: &Path) -> Result<(), Failure> {
    if backup::lies_inside(store, file) {
        return Err(
            Failure::usage(format!("{} lies in the store itself", file.display())).hint("name a place outside of it, best on another disk")
        );
    }
    Ok(())
}

fn may_write_over(file: &Path) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut err = io::stderr().lock();
    write!(err, "{} is there already. Type yes to write over it: ", super::failure::safe_lines(&file.display().to_string()))?;
    err.flush()?;
    let mut said = String::new();
    io::stdin().read_line(&mut said)?;
    Ok(said.trim() == "yes")
}

fn tell_made(session: &Session, format: Format, file: &Path, made: &Made) -> Result<(), Failure> {
    let manifest = &made.manifest;
    let bytes = std::fs::metadata(file).map_or(0, |found| found.len());
    match format {
        Format::Json | Format::Jsonl => object(
            session,
            format,
            &[
                ("file".to_owned(), Cell::text(file.display().to_string())),
                ("seq".to_owned(), Cell::number(manifest.seq)),
                ("files".to_owned(), Cell::number(manifest.files)),
                ("bytes".to_owned(), Cell::number(bytes)),
                ("verified".to_owned(), Cell { text: "true".to_owned(), json: Some(json!(true)) }),
            ],
        ),
        _ => super::output::lines([format!(
            "{} holds {} commits and {} files, {}; read back and compared",
            file.display(),
            manifest.seq,
            manifest.files,
            length(bytes)
        )]),
    }
}

fn list(session: &Session, store: &Path) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let mut rows = Rows::new(session, format, &["at", "seq", "bytes", "path"].map(str::to_owned))?;
    for Automatic { path, at, seq, bytes } in backup::automatic(store) {
        let path = path.display().to_string();
        let cells = [Cell::text(Timestamp::from_utc(at).to_string()), Cell::number(seq), Cell::number(bytes), Cell::text(path.as_str())];
        rows.row(&path, &cells)?;
    }
    rows.finish()
}

/// `rolo restore-backup`.
///
/// # Errors
/// As its parts; exit 1 where a store is there, or for a file that is no sound backup.
pub(super) fn restore(session: &Session, call: &RestoreBackup) -> Result<(), Failure> {
    let format = session.format(TOLD)?;
    let store = folder_of(session)?;
    if session.global.readonly {
        return Err(Failure::from(ActionError::not_permitted("nothing is restored: rolo was started with --readonly")));
    }
    let name = if call.file == Path::new("-") { "standard input".to_owned() } else { call.file.display().to_string() };
    let mut source: Box<dyn io::Read> = if call.file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        let failed = |error: io::Error| Failure::refused(format!("{name}: {error}"));
        if call.file.is_dir() {
            return Err(Failure::refused(format!("{name} is a folder")).hint("a backup is one file; an export of everything is imported"));
        }
        Box::new(BufReader::with_capacity(1 << 20, File::open(&call.file).map_err(failed)?))
    };
    let lock = LockOptions {
        wait: Duration::from_secs_f64(session.global.wait),
        allow_network: session.global.allow_network_store,
        ..LockOptions::default()
    };
    let bar = session.bar();
    let restored = backup::restore(&mut source, &name, &store, &lock, &mut |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    let restored = restored.map_err(|error| match error {
        StoreError::Occupied(_) => {
            Failure::from(ActionError::from(error).hint("name a new place with --store, or move that folder away first"))
        }
        error => error.into(),
    })?;
    // Opened as it will be: the image is made, and every record read once.
    let options =
        OpenOptions { allow_network: session.global.allow_network_store, wait: lock.wait, create: false, ..OpenOptions::default() };
    let opened = open(&store, options)?;
    let stats = opened.stats()?;
    opened.close()?;
    let records: u64 = stats.records.iter().map(|(_, live, trashed)| live + trashed).sum();
    let manifest = restored.manifest;
    match format {
        Format::Json | Format::Jsonl => object(
            session,
            format,
            &[
                ("store".to_owned(), Cell::text(store.display().to_string())),
                ("seq".to_owned(), Cell::number(stats.seq)),
                ("records".to_owned(), Cell::number(records)),
                ("files".to_owned(), Cell::number(manifest.files)),
                ("made_at".to_owned(), Cell::text(manifest.at.to_string())),
            ],
        ),
        _ => super::output::lines([format!(
            "restored {} commits, {records} records and {} files, as of {}, into {}",
            stats.seq,
            manifest.files,
            manifest.at,
            store.display()
        )]),
    }
}

/// Returns the store whose automatic backups are looked after.
pub(super) fn minded(session: &Session) -> Option<PathBuf> {
    let is_on = session.user.backups.is_on() && !session.global.readonly;
    session.store_path().ok().flatten().filter(|_| is_on)
}

/// Looks after automatic backups for as long as the process lives.
pub(super) fn keep_minding(store: PathBuf) {
    let looking = move || {
        loop {
            std::thread::sleep(LOOK);
            mind(&store);
        }
    };
    // Without the thread the next command minds them.
    drop(std::thread::Builder::new().name("backups".to_owned()).spawn(looking));
}

/// Has a process of its own make a backup that is due: so it delays nobody, and goes on
/// when this one ends.
pub(super) fn mind(store: &Path) {
    backup::note_first_day(store);
    if !backup::is_due(store, now()) {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    command.arg("--store").arg(store).args(["--quiet", "backup", "--auto"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // Of its own group: a <C-c> meant for this process is not meant for it.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    if let Ok(mut child) = command.spawn() {
        // A process that stays hears of its end; one that ends does not wait for it.
        drop(std::thread::Builder::new().name("backup".to_owned()).spawn(move || child.wait()));
    }
}

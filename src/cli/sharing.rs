//! Calls about a store that several sessions have at once: serve, sessions, watch.

use std::io::Write;
use std::sync::mpsc::channel;
use std::sync::{Arc, atomic};
use std::time::Duration;

use serde_json::{Map, Value as Json};

use super::args::{Format, Share, Watch};
use super::failure::Failure;
use super::output::{Cell, FIGURES, Rows};
use super::session::{Session, kind};
use crate::actions::Desk;
use crate::domain::{Definitions, Kind, Lookup, Record, RecordId, Rollup, Timestamp, fields::number, json};
use crate::query::{Context, Matcher, Query, index};
use crate::store::api::{Changes, CommitInfo, Occupation, Part, Store};
use crate::store::known::Known;
use crate::store::{accounts, other_owner, share};
use crate::tui::signals::{self, Told};

/// How long a thread sleeps where nothing changes.
const LONG: Duration = Duration::from_secs(3_600);
/// How long one waits for changes before one looks whether one is still let in.
const A_WHILE: Duration = Duration::from_secs(30);
/// The exit code where nobody answers.
const BUSY: u8 = 8;
/// How many commits are told at once.
const COMMITS: usize = 500;
/// What a signal from the keyboard ends with.
const INTERRUPTED: i32 = 2;

/// `rolo sessions`.
///
/// # Errors
/// As its parts.
pub(super) fn sessions(session: &Session) -> Result<(), Failure> {
    let format = session.format(FIGURES)?;
    let desk = session.desk()?;
    let names = ["pid", "user", "terminal", "since", "what", "part", "state", "at"];
    let mut rows = Rows::new(session, format, &names.map(str::to_owned))?;
    for other in desk.store.sessions()? {
        // Who asks is no answer.
        if other.pid == std::process::id() {
            continue;
        }
        let cells = [
            Cell::number(other.pid),
            Cell::text(other.login),
            Cell::text(other.terminal),
            Cell::text(other.since.to_string()),
            Cell::text(other.what),
            Cell::text(if other.host { "host" } else { "guest" }),
            Cell::text(if other.stopped { "stopped" } else { "" }),
            Cell::text(other.at.map(at).unwrap_or_default()),
        ];
        rows.row(&other.pid.to_string(), &cells)?;
    }
    rows.finish()
}

/// `rolo share`.
///
/// # Errors
/// Exit 1 without a store, or where it lies too deep; 4 for a group that is none; 7
/// for another user's store, or a group that the user is not in.
pub(super) fn share(session: &Session, call: &Share) -> Result<(), Failure> {
    let Some(store) = session.store_path()? else {
        return Err(Failure::usage("a store in memory has no other users"));
    };
    if let Some(owner) = other_owner(&store) {
        let owner = accounts::login(owner);
        return Err(not_permitted(format!("{} belongs to {owner}, and only {owner} shares it", store.display())));
    }
    if !store.is_dir() {
        return Err(Failure::refused(format!("there is no store in {}", store.display())));
    }
    let failed = |error: std::io::Error| {
        let told = format!("{} cannot be shared: {error}", store.display());
        if error.kind() == std::io::ErrorKind::PermissionDenied { not_permitted(told) } else { Failure::refused(told) }
    };
    let mut out = std::io::stdout().lock();
    match (&call.group, call.off) {
        (None, false) => match share::shared_with(&store) {
            Some(gid) => writeln!(out, "shared with the group {}", accounts::group_name(gid))?,
            None => writeln!(out, "private")?,
        },
        (None, true) => {
            share::unshare(&store).map_err(failed)?;
            writeln!(out, "private")?;
        }
        (Some(group), _) => {
            let Some(gid) = accounts::group(group) else {
                let failure = crate::actions::ActionError::not_found(format!("there is no group \u{201c}{group}\u{201d} on this machine"));
                return Err(Failure::Error(failure.hint("`getent group` lists them")));
            };
            share::share(&store, gid).map_err(|error| match error.kind() {
                std::io::ErrorKind::PermissionDenied => {
                    not_permitted(format!("you are not in the group {group}, and cannot share with it"))
                        .hint("`id` lists the groups you are in")
                }
                _ => failed(error),
            })?;
            writeln!(out, "shared with the group {group}")?;
            session.say("who of them may change something, you say with a user of their login: rolo add user login=NAME role=agent");
            if let Some(folder) = share::barred(&store, gid) {
                session.say(&format!(
                    "they cannot reach it yet, since {0} lets them not pass: `chmod o+x {0}`, or move the store",
                    folder.display()
                ));
            }
        }
    }
    Ok(())
}

fn not_permitted(why: String) -> Failure {
    Failure::Error(crate::actions::ActionError::not_permitted(why))
}

/// Returns what a session is at, in words.
fn at(at: Occupation) -> String {
    format!("{} {}", if at.editing { "editing" } else { "viewing" }, at.record)
}

/// `rolo serve`: a host without a screen, until a signal ends it.
///
/// # Errors
/// As its parts; exit 130 when it is interrupted.
pub(super) fn serve(session: &Session) -> Result<(), Failure> {
    let store = session.open(false)?;
    let (sender, told) = channel();
    signals::watch(move |what| {
        // Nobody is left to be told once it has ended.
        let _ = sender.send(what);
    })?;
    session.say(match store.part() {
        Part::Guest { .. } => "another process serves the store: this one takes over when that one leaves",
        Part::Host { .. } | Part::Alone => "serving the store; end it with <C-c> or SIGTERM",
    });
    follow(&store, session.global.quiet)?;
    while let Ok(what) = told.recv() {
        match what {
            Told::End(signal) => {
                store.close()?;
                return if signal == INTERRUPTED { Err(Failure::Quiet(130)) } else { Ok(()) };
            }
            Told::Stop => {
                store.step_aside();
                let stopped = signals::stop();
                store.come_back();
                stopped?;
            }
            Told::Continue => {}
        }
    }
    Ok(())
}

/// Has a thread that waits for changes, and so notices when the host goes; it tells
/// what there is to tell of the store.
fn follow(store: &Arc<dyn Store>, quiet: bool) -> Result<(), Failure> {
    let (weak, mut known) = (Arc::downgrade(store), store.notices().len());
    std::thread::Builder::new().name("changes".to_owned()).spawn(move || {
        while let Some(store) = weak.upgrade() {
            store.wait_for_change(store.seq(), LONG);
            let notices = store.notices();
            for notice in notices.iter().skip(known).filter(|_| !quiet) {
                // Nobody is left to hear that standard error is closed.
                drop(writeln!(std::io::stderr().lock(), "rolo: {}", super::failure::safe_lines(notice)));
            }
            known = notices.len();
        }
    })?;
    Ok(())
}

/// `rolo watch`.
///
/// # Errors
/// As its parts; it ends when standard output is closed, or by a signal.
pub(super) fn watch(session: &Session, call: &Watch) -> Result<(), Failure> {
    session.format(&[Format::Jsonl])?;
    let desk = session.desk()?;
    let mut seq = desk.store.seq();
    let mut watched = watched(call, &desk)?;
    let ended = Arc::new(atomic::AtomicBool::new(false));
    let (flag, store) = (Arc::clone(&ended), Arc::clone(&desk.store));
    signals::watch(move |what| {
        if matches!(what, Told::End(_)) {
            flag.store(true, atomic::Ordering::Release);
            // Whoever waits wakes up; there is nothing of this call's to lose.
            let _ = store.close();
        }
    })?;
    let mut definitions = desk.definitions();
    while !ended.load(atomic::Ordering::Acquire) {
        if desk.store.wait_for_change(seq, A_WHILE) <= seq {
            // Nobody serves: that may change. One who is not let in any more is told so.
            match desk.store.get(&[]) {
                Err(error) if error.exit_code() != BUSY && !ended.load(atomic::Ordering::Acquire) => return Err(error.into()),
                _ => continue,
            }
        }
        let told = tell(&desk, &watched, &mut seq);
        if ended.load(atomic::Ordering::Acquire) {
            break;
        }
        told?;
        let now = desk.definitions();
        if !Arc::ptr_eq(&now, &definitions) {
            // What a query means may have changed with them.
            definitions = now;
            watched = self::watched(call, &desk)?;
        }
    }
    Err(Failure::Quiet(130))
}

/// Returns the queries of the kinds that are watched; empty for all there is.
fn watched(call: &Watch, desk: &Desk) -> Result<Vec<Query>, Failure> {
    let (kinds, words) = match call.query.split_first() {
        Some((first, rest)) if Kind::from_name(first).is_some() => (vec![kind(first)?], rest),
        _ => (Kind::public().collect(), call.query.as_slice()),
    };
    let text = words.join(" ");
    if text.trim().is_empty() && call.query.is_empty() {
        return Ok(Vec::new());
    }
    let definitions = desk.definitions();
    let queries: Vec<Query> = kinds.iter().filter_map(|kind| Query::parse(&text, *kind, &definitions).ok()).collect();
    if queries.is_empty() {
        // No kind knows it: the first one says why.
        super::session::query(words, kinds[0], desk)?;
    }
    Ok(queries)
}

/// Prints what changed after a seq.
fn tell(desk: &Desk, watched: &[Query], seq: &mut u64) -> Result<(), Failure> {
    loop {
        let commits = match desk.store.changes_since(*seq, COMMITS)? {
            Changes::Commits(commits) => commits,
            Changes::Resync => {
                *seq = desk.store.seq();
                return line(&Json::Object(Map::from_iter([("resync".to_owned(), Json::from(*seq))])));
            }
        };
        let Some(last) = commits.last() else { return Ok(()) };
        *seq = last.seq;
        let watching = Watching::new(desk);
        for commit in &commits {
            for (id, gone) in &commit.changed {
                let record = if *gone { None } else { desk.store.as_of(*id, commit.seq)? };
                if watching.wants(watched, *id, record.as_deref()) {
                    line(&watching.told(commit, *id, record.as_deref()))?;
                }
            }
        }
    }
}

fn line(json: &Json) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{json}")?;
    Ok(out.flush()?)
}

/// What queries see beyond a record, at one moment.
struct Watching<'d> {
    desk: &'d Desk,
    known: Known<'d>,
    definitions: Arc<Definitions>,
    me: Option<RecordId>,
}

impl<'d> Watching<'d> {
    fn new(desk: &'d Desk) -> Self {
        let login = &desk.author.login;
        let alike = desk.store.lookup(Kind::User, number::LOGIN, &index::text_key(login), 16).unwrap_or_default();
        let known = Known::new(&*desk.store);
        // Logins that differ in case share a key.
        let me = alike.into_iter().find(|id| known.record(*id).is_some_and(|user| user.text(number::LOGIN) == Some(login)));
        Self { desk, known, definitions: desk.definitions(), me }
    }

    /// Returns whether a change is watched; of what is gone nobody knows what it was.
    fn wants(&self, watched: &[Query], id: RecordId, record: Option<&Record>) -> bool {
        watched.is_empty() && id.kind.info().public
            || watched.iter().any(|query| query.kind() == id.kind && record.is_none_or(|record| Matcher::new(query, self).matches(record)))
    }

    fn told(&self, commit: &CommitInfo, id: RecordId, record: Option<&Record>) -> Json {
        let mut told = Map::new();
        told.insert("seq".to_owned(), commit.seq.into());
        told.insert("step".to_owned(), format!("@{}", commit.step).into());
        told.insert("at".to_owned(), commit.at.to_string().into());
        told.insert("by".to_owned(), commit.author.login.as_str().into());
        told.insert("label".to_owned(), commit.label.as_str().into());
        told.insert("id".to_owned(), id.to_string().into());
        told.insert("kind".to_owned(), id.kind.name().into());
        match record {
            Some(record) => told.insert("record".to_owned(), json::record(record, &self.definitions, &self.known).into()),
            None => told.insert("gone".to_owned(), true.into()),
        };
        Json::Object(told)
    }
}

impl Lookup for Watching<'_> {
    fn record(&self, id: RecordId) -> Option<Arc<Record>> {
        self.known.record(id)
    }

    fn rollup(&self, id: RecordId) -> Option<Rollup> {
        self.known.rollup(id)
    }
}

impl Context for Watching<'_> {
    fn now(&self) -> Timestamp {
        self.desk.now()
    }

    fn login(&self) -> &str {
        &self.desk.author.login
    }

    fn me(&self) -> Option<RecordId> {
        self.me
    }

    fn definitions(&self) -> &Definitions {
        &self.definitions
    }
}

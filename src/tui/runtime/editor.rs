//! Records in the user's own editor.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::actions::{self, ActionError, Desk, Edited, Review};
use crate::command::{Here, Id, Invocation, Question, Reply, spec, words};

/// What begins the lines that tell of a mistake; they are taken out again.
const TOLD: &str = "#! ";
/// The exit code of what somebody else has changed meanwhile.
const CONFLICT: u8 = 5;

/// Why nothing came of an editor's text.
pub(super) struct Refused {
    /// What was wrong.
    pub(super) error: ActionError,
    /// The text as it was left, and what it was made from.
    pub(super) edited: Edited,
}

/// Opens a text in `$VISUAL` or `$EDITOR`, in this file, and takes what is left. After a
/// mistake it opens again with the text kept; left unchanged then, it is given up. Where
/// somebody else has changed the same fields meanwhile it opens again with both versions.
/// The file is the caller's to remove.
///
/// # Errors
/// An editor that cannot be started; a text that is refused.
pub(super) fn edit(desk: &Desk, path: &Path, begin: &str, original: &str) -> Result<Reply, Box<Refused>> {
    let mut told = begin.to_owned();
    let mut text = begin.to_owned();
    let mut original = original.to_owned();
    let mut once = || -> Result<Option<Reply>, ActionError> {
        start(path)?;
        let left = fs::read_to_string(path).map_err(|error| failed(path, &error))?;
        text = left.split_inclusive('\n').filter(|line| !line.starts_with(TOLD)).collect();
        match actions::review_toml(desk, &text, &original) {
            // What it held is shown, and asked about.
            Ok(review) => Ok(Some(asked(review, text.clone(), &original))),
            Err(error) if error.code == CONFLICT => {
                let edited = Edited { text: text.clone(), original: original.clone() };
                let both = actions::rebase_toml(desk, &edited, TOLD)?;
                told = format!("{TOLD}{}\n{TOLD}theirs stands behind #!, yours is kept as you leave it\n{}", error.message, both.text);
                original = both.original;
                fs::write(path, &told).map_err(|error| failed(path, &error))?;
                Ok(None)
            }
            Err(error) if left == told => Err(error),
            Err(error) => {
                let place = error.at.as_deref().map(|at| format!("{at}: ")).unwrap_or_default();
                let hint = error.hint.as_deref().map(|hint| format!(" ({hint})")).unwrap_or_default();
                let lines: String = format!("{place}{}{hint}", error.message).lines().map(|line| format!("{TOLD}{line}\n")).collect();
                // At the end, so that the lines keep their numbers.
                let line_break = if text.ends_with('\n') { "" } else { "\n" };
                told = format!("{text}{line_break}{lines}");
                fs::write(path, &told).map_err(|error| failed(path, &error))?;
                Ok(None)
            }
        }
    };
    loop {
        match once() {
            Ok(Some(reply)) => return Ok(reply),
            Ok(None) => {}
            Err(error) => {
                // The editor may have written it before it failed.
                let left = fs::read_to_string(path).ok();
                let text = left.map_or(text, |left| left.split_inclusive('\n').filter(|line| !line.starts_with(TOLD)).collect());
                return Err(Box::new(Refused { error, edited: Edited { text, original } }));
            }
        }
    }
}

/// Asks whether what a text would change is to be changed.
fn asked(Review { lines, left_out }: Review, text: String, original: &str) -> Reply {
    let stays = actions::left_out_told(&left_out);
    if lines.is_empty() {
        let told = stays.map_or_else(|| "nothing was changed".to_owned(), |stays| format!("nothing was changed; {stays}"));
        return Reply::said(told);
    }
    let changes = if lines.len() == 1 { "1 field changes".to_owned() } else { format!("{} fields change", lines.len()) };
    let question = Question {
        text: format!("{changes}: "),
        invocation: Invocation::of(spec(Id::EditApply)),
        here: Here { edited: Some(Box::new(Edited { text, original: original.to_owned() })), ..Here::default() },
        flag: None,
        answers: ["apply", "edit", "drop"].map(str::to_owned).to_vec(),
    };
    let lines = lines.into_iter().chain(stays).collect();
    Reply { title: "what the text changes".to_owned(), lines, question: Some(Box::new(question)), ..Reply::default() }
}

fn failed(path: &Path, error: &std::io::Error) -> ActionError {
    ActionError::refused(format!("{}: {error}", path.display()))
}

/// Writes a text into a new file that nobody else can read, where none is kept for it.
///
/// # Errors
/// The temporary folder cannot be written.
pub(super) fn write_new(text: &str) -> Result<PathBuf, ActionError> {
    let folder = std::env::temp_dir();
    for number in 0..1_000 {
        let path = folder.join(format!("rolo-{}-{number}.toml", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(|error| failed(&path, &error))?;
                return Ok(path);
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(&path, &error)),
        }
    }
    Err(ActionError::refused(format!("{} is full of old texts", folder.display())))
}

fn start(path: &Path) -> Result<(), ActionError> {
    let set = |name| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let words = words(&editor).map_err(|bad| ActionError::usage(format!("$EDITOR: {bad}")))?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(ActionError::usage("$EDITOR names no program"));
    };
    let status = Command::new(program).args(arguments).arg(path).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(ActionError::refused(format!("the editor {program} ended with {status}"))),
        Err(error) => {
            Err(ActionError::refused(format!("the editor {program} cannot be started: {error}")).hint("set EDITOR to another one"))
        }
    }
}

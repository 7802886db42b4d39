//! Rows through a command of the shell: `!`.
//!
//! The command gets the records as TOML and answers with TOML, as `$EDITOR` would. It may
//! run for ever or answer without end: it can be ended, and what is taken has a bound.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Ongoing;
use super::here::Here;
use super::reply::Reply;
use super::run::changed;
use crate::actions::{self, ActionError, Desk};

/// The longest answer, in bytes.
const LONGEST: u64 = 64 << 20;
/// The most of its complaints that is kept.
const COMPLAINT: u64 = 64 << 10;
/// How often one looks whether it has ended.
const LOOK: Duration = Duration::from_millis(10);
/// When it is first told that it takes long.
const LONG: Duration = Duration::from_millis(200);

/// Gives records to a command of the shell as TOML and takes what it makes of them.
pub(super) fn through(desk: &Desk, line: &str, here: &Here, ongoing: &dyn Ongoing) -> Result<Reply, ActionError> {
    if line.is_empty() {
        return Err(ActionError::usage("through which command?").hint("such as :.,+3!sed s/a/b/"));
    }
    if desk.readonly {
        return Err(ActionError::not_permitted("nothing is changed: rolo was started with --readonly"));
    }
    let text = actions::edit_toml(desk, &here.targets)?;
    let answer = run(line, &text, ongoing).map_err(|why| ActionError::refused(format!("{line}: {why}")).hint("nothing was changed"))?;
    changed(actions::apply_toml(desk, &answer, &text))
}

/// Runs a line of the shell on a text and returns its answer, or why there is none.
fn run(line: &str, text: &str, ongoing: &dyn Ongoing) -> Result<String, String> {
    let shell = std::env::var_os("SHELL").unwrap_or_else(|| "/bin/sh".into());
    let mut command = Command::new(shell);
    // A group of its own: all that it starts is ended with it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.args(["-c", line]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        // It may answer before it has read everything: all at once. A command that reads
        // no further has what it wants.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(text.as_bytes())));
        let answer = scope.spawn(move || bounded(stdout, LONGEST));
        let complaint = scope.spawn(move || bounded(stderr, COMPLAINT));
        let ended = wait(&mut child, line, ongoing, &|| answer.is_finished());
        let (answer, is_whole) = answer.join().unwrap_or_default();
        let (complaint, _) = complaint.join().unwrap_or_default();
        let status = ended?;
        if !is_whole {
            return Err(format!("its answer is longer than {} MB", LONGEST >> 20));
        }
        if !status.success() {
            let told = String::from_utf8_lossy(&complaint);
            return Err(told.lines().last().filter(|line| !line.trim().is_empty()).map_or_else(|| status.to_string(), str::to_owned));
        }
        String::from_utf8(answer).map_err(|_| "its answer is no text".to_owned())
    })
}

/// Reads so much and no more; returns whether that was all. What is left is not waited
/// for: the pipe is closed.
fn bounded(pipe: Option<impl Read>, most: u64) -> (Vec<u8>, bool) {
    let mut bytes = Vec::new();
    let Some(pipe) = pipe else { return (bytes, true) };
    let read: io::Result<usize> = pipe.take(most + 1).read_to_end(&mut bytes);
    let is_whole = read.is_ok() && bytes.len() as u64 <= most;
    (bytes, is_whole)
}

/// Waits for the end of a command that may be ended.
fn wait(child: &mut Child, line: &str, ongoing: &dyn Ongoing, has_answered: &dyn Fn() -> bool) -> Result<ExitStatus, String> {
    let mut told = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status);
        }
        if told.elapsed() >= LONG {
            told = Instant::now();
            if ongoing.told(&format!("through {line}")).is_break() {
                end(child);
                let _ = child.wait();
                return Err("ended".to_owned());
            }
        }
        // Once its answer is read it has little left to do.
        thread::sleep(if has_answered() { LOOK / 10 } else { LOOK });
    }
}

/// Ends a command and what it has started.
fn end(child: &mut Child) {
    #[cfg(unix)]
    if let Some(group) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::ops::ControlFlow;

    use super::*;

    /// Ends what takes long.
    struct Impatient;

    impl Ongoing for Impatient {
        fn told(&self, _text: &str) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }

    #[test]
    fn a_command_answers_complains_or_is_ended() {
        assert_eq!(run("tr a-z A-Z", "ada", &()), Ok("ADA".to_owned()));
        let long = "x".repeat(1 << 20);
        assert_eq!(run("cat", &long, &()), Ok(long.clone()));
        assert_eq!(run("true", &long, &()), Ok(String::new()), "it need not read");
        assert_eq!(run("echo so not >&2; exit 3", "", &()), Err("so not".to_owned()));
        assert_eq!(run("exit 3", "", &()), Err("exit status: 3".to_owned()));
        assert_eq!(run("printf '\\377'", "", &()), Err("its answer is no text".to_owned()));
        assert_eq!(run("sleep 1000 | cat", "", &Impatient), Err("ended".to_owned()));
        let endless = run("yes | head -c 200000000", "", &());
        assert_eq!(endless, Err("its answer is longer than 64 MB".to_owned()));
    }
}

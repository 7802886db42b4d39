//! A `:` line: its range is resolved where the rows are, then its command runs.

use super::awaiting::Awaiting;
use super::search::pattern;
use crate::command::{Id, Invocation, Rows};
use crate::tui::app::message::{Effect, Request};
use crate::tui::app::running::{self, Given};
use crate::tui::app::state::{App, Search};

/// A line whose range looks for patterns, and what has been found so far.
#[derive(Debug, Clone)]
pub(in crate::tui::app) struct Line {
    invocation: Invocation,
    found: Vec<(Option<String>, Vec<usize>)>,
}

/// Runs a line that was typed; `@:` does it again.
pub(in crate::tui::app) fn typed(app: &mut App, text: &str) -> Vec<Effect> {
    let line = text.trim_start_matches([' ', ':']);
    let repeats = |found: &Invocation| found.spec.id == Id::RepeatLine || found.spec.id == Id::Execute && found.args.starts_with(':');
    if !line.is_empty() && !Invocation::parse(line).is_ok_and(|found| found.as_ref().is_some_and(repeats)) {
        app.grammar.line = Some(line.to_owned());
    }
    run(app, text)
}

/// Runs a line.
pub(in crate::tui::app) fn run(app: &mut App, text: &str) -> Vec<Effect> {
    match Invocation::parse(text) {
        Ok(Some(invocation)) => begin(app, Line { invocation, found: Vec::new() }),
        Ok(None) => Vec::new(),
        Err(bad) => running::bad_line(app, &bad),
    }
}

/// Runs a line that has been read.
pub(in crate::tui::app) fn resolved(app: &mut App, invocation: Invocation) -> Vec<Effect> {
    begin(app, Line { invocation, found: Vec::new() })
}

/// Goes on with the hits of a pattern.
pub(in crate::tui::app) fn go_on(app: &mut App, mut line: Line, hits: Vec<usize>) -> Vec<Effect> {
    let wanted = line.missing();
    if let Some(wanted) = wanted {
        line.found.push((wanted, hits));
    }
    begin(app, line)
}

impl Line {
    /// Returns the next pattern of the range whose hits are not known.
    fn missing(&self) -> Option<Option<String>> {
        let patterns = self.invocation.range.as_ref().map_or_else(Vec::new, crate::command::Range::patterns);
        patterns.into_iter().find(|pattern| !self.found.iter().any(|(known, _)| known == pattern))
    }
}

fn begin(app: &mut App, mut line: Line) -> Vec<Effect> {
    if line.invocation.range.is_some()
        && let Some(effects) = super::awaiting::all_entries(app, &line.invocation, &Given::line())
    {
        return effects;
    }
    if let Some(wanted) = line.missing() {
        let text = wanted.or_else(|| app.search.as_ref().map(|search| search.pattern.text().to_owned()));
        let Some(text) = text else { return app.refuse("nothing has been searched for yet", None) };
        return match app.hits_of(&text) {
            Ok(Hits::Now(hits)) => go_on(app, line, hits),
            Ok(Hits::Later(effect)) => {
                app.grammar.awaiting = Some(Awaiting::Line(Box::new(line)));
                vec![effect]
            }
            Err(why) => app.refuse(&why, None),
        };
    }
    let Some(range) = line.invocation.range.take() else {
        return running::run(app, line.invocation, &Given::line());
    };
    // As in Vim, what a range has looked for is what `n` looks for next.
    if let Some((text, forward)) = range.sought()
        && let Ok(compiled) = pattern(text, &app.options)
    {
        app.search = Some(Search { pattern: compiled, forward, shown: app.options.hlsearch, hit: None });
    }
    let located = Located { app, cursor: app.cursor(), found: &line.found };
    if line.invocation.spec.id == Id::Last {
        return match range.target(&located) {
            Ok(row) => {
                app.go_to(row);
                Vec::new()
            }
            Err(why) => app.refuse(&why, None),
        };
    }
    let left_at = range.left_at(&located);
    match range.resolve(&located) {
        Ok((from, to)) => {
            // Behind `;` the cursor has gone to the first row.
            if range.onwards {
                app.go_to(from);
            }
            let given = Given { rows: Some((from..=to).collect()), ..Given::line() };
            running::run(app, line.invocation, &given)
        }
        Err(why) => {
            if let Some(row) = left_at {
                app.go_to(row);
            }
            app.refuse(&why, None)
        }
    }
}

/// The hits of a pattern in the pane that keys go to.
pub(in crate::tui::app) enum Hits {
    /// These rows.
    Now(Vec<usize>),
    /// The loader will tell.
    Later(Effect),
}

impl App {
    /// Finds the rows with a hit.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub(in crate::tui::app) fn hits_of(&self, text: &str) -> Result<Hits, String> {
        let compiled = pattern(text, &self.options)?;
        if let Some(list) = self.list(self.pane()) {
            return Ok(Hits::Later(Effect::Load(Request::Hits {
                ids: list.ids.as_slice().into(),
                columns: list.columns.clone(),
                pattern: text.to_owned(),
                options: self.options.clone(),
            })));
        }
        let texts = super::motions::texts(self);
        Ok(Hits::Now((0..texts.len()).filter(|&row| compiled.is_in(&texts[row])).collect()))
    }
}

/// Where the things stand that a range names.
pub(in crate::tui::app) struct Located<'a> {
    pub(in crate::tui::app) app: &'a App,
    /// The row that `.` means.
    pub(in crate::tui::app) cursor: usize,
    pub(in crate::tui::app) found: &'a [(Option<String>, Vec<usize>)],
}

impl Rows for Located<'_> {
    fn cursor(&self) -> usize {
        self.cursor
    }

    fn count(&self) -> usize {
        self.app.row_count()
    }

    fn mark(&self, mark: char) -> Result<usize, String> {
        self.app.mark_row(mark)
    }

    fn hit(&self, pattern: Option<&str>, from: usize, forward: bool) -> Result<usize, String> {
        let none = || format!("not found: {}", pattern.unwrap_or("the last search"));
        let (_, hits) = self.found.iter().find(|(known, _)| known.as_deref() == pattern).ok_or_else(none)?;
        super::motions::choose(hits, from, forward, 1, false, self.app.options.wrapscan).map(|hit| hit.row).ok_or_else(none)
    }
}

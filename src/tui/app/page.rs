//! A report over the panes: rows of figures, each of which opens the records behind it.

use super::message::{Effect, Level};
use super::showing;
use super::state::{App, Sheet};
use super::viewport::Viewport;
use crate::command::{Here, Id, Invocation};
use crate::domain::{Kind, RecordId};
use crate::insight::report::{Behind, Cell, DASHBOARD, Figure, INDEX, Report, Shape};
use crate::tui::text;

/// A report as it lies over the panes.
#[derive(Debug, Clone)]
pub struct Page {
    /// The report.
    pub report: Report,
    /// The column under the cursor.
    pub column: usize,
    /// How wide each column is, in cells of the terminal.
    pub widths: Vec<u16>,
}

impl Page {
    /// Returns the page of a report, the cursor on its first figure.
    pub fn new(report: Report) -> Self {
        let rows = || report.rows.iter().chain(&report.total);
        let column = report.columns.iter().position(|column| column.shape != Shape::Text).unwrap_or(0);
        let width = |at: usize| {
            let cells = rows().filter_map(|row| row.get(at)).map(|cell| text::width(&text::one_line(&cell.figure.shown())));
            cells.chain([text::width(&report.columns[at].name)]).max().unwrap_or(0).min(WIDEST)
        };
        let widths = (0..report.columns.len()).map(|at| width(at) as u16).collect();
        Self { report, column, widths }
    }

    /// Returns the cells of a line: a row, or all rows together.
    pub fn row(&self, line: usize) -> Option<&[Cell]> {
        let total = self.report.total.as_deref().filter(|_| line == self.report.rows.len());
        self.report.rows.get(line).map(Vec::as_slice).or(total)
    }

    /// Returns the lines as they are searched: cells, then what is worth knowing.
    pub fn lines(&self) -> Vec<String> {
        let rows = self.report.rows.iter().chain(&self.report.total);
        let line =
            |row: &Vec<Cell>| row.iter().map(|cell| cell.figure.shown()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
        rows.map(line).chain(self.report.notes.iter().cloned()).collect()
    }

    /// Returns the part of a bar that a line's figure takes, from 0 to 1, and whether it
    /// is below nothing.
    pub fn bar(&self, line: usize) -> Option<(f64, bool)> {
        let column = self.report.columns.iter().position(|column| column.drawn == crate::insight::report::Drawn::Bar)?;
        let size = |row: &Vec<Cell>| row.get(column).and_then(|cell| cell.figure.size());
        let most = self.report.rows.iter().filter_map(size).map(f64::abs).fold(0.0, f64::max);
        let own = self.report.rows.get(line).and_then(size)?;
        (most > 0.0).then(|| (own.abs() / most, own < 0.0))
    }

    /// Returns the records behind the figure under the cursor.
    pub fn behind(&self, line: usize) -> Option<&Behind> {
        self.row(line)?.get(self.column)?.behind.as_ref()
    }
}

/// The widest column, in cells of the terminal.
const WIDEST: usize = 32;

/// Lays a report over the panes.
pub(super) fn open(app: &mut App, report: Report) {
    let title = report.title.clone();
    let page = Page::new(report);
    let lines = page.lines();
    let view = Viewport::new(lines.len(), 1);
    app.sheet = Some(Sheet { title, lines, view, typed_into: None, page: Some(page) });
}

/// Supposes something of the opportunity under the cursor, or of one that is named; drops
/// or keeps what was supposed.
pub(super) fn what_if(app: &mut App, args: &str) -> Vec<Effect> {
    let args = args.trim();
    match args {
        "drop" => {
            let count = std::mem::take(&mut app.pipeline.scratch).len();
            app.say(
                Level::Info,
                if count == 0 { "nothing is supposed".to_owned() } else { format!("{count} dropped: all is as it is kept") },
            );
            app.sheet = None;
            return vec![app.reload_board()];
        }
        "" if app.pipeline.scratch.is_empty() => {
            return app.refuse("nothing is supposed yet", Some("write :what-if stage=won amount=5k on a card"));
        }
        "" => {}
        "keep" => return keep(app),
        _ => {
            let (first, rest) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
            let (id, texts) = match first.parse::<RecordId>() {
                Ok(id) => (Some(id), rest.trim()),
                Err(_) => (app.current(), args),
            };
            let Some(id) = id.filter(|id| id.kind == Kind::Opportunity) else {
                return app.refuse("no opportunity stands under the cursor", Some("go to a card, or name one: :what-if o12 stage=won"));
            };
            if !texts.contains('=') {
                return app.refuse("what is supposed of it?", Some("such as :what-if stage=won, amount=5k, expected_close=+30d"));
            }
            match app.pipeline.scratch.iter_mut().find(|(known, _)| *known == id) {
                // What is said later of a field counts.
                Some((_, known)) => *known = format!("{known} {texts}"),
                None => app.pipeline.scratch.push((id, texts.to_owned())),
            }
        }
    }
    let mut effects = vec![app.reload_board()];
    effects.extend(report(app, "what-if"));
    effects
}

/// Makes what was supposed so: each opportunity by a change of its own, one step of all.
fn keep(app: &mut App) -> Vec<Effect> {
    let supposed = std::mem::take(&mut app.pipeline.scratch);
    if supposed.is_empty() {
        return app.refuse("nothing is supposed", None);
    }
    if app.readonly {
        app.pipeline.scratch = supposed;
        return app.refuse("that would change something", Some("this session is read-only"));
    }
    app.sheet = None;
    let lines: Vec<String> = supposed.into_iter().map(|(id, texts)| format!("set {id} {texts}")).collect();
    let mut effects = Vec::new();
    for line in lines {
        if let Ok(Some(invocation)) = Invocation::parse(&line) {
            effects.push(app.effect(invocation, Here::default()));
        }
    }
    effects.push(app.reload_board());
    effects
}

/// Commands on a report that is seen; `None` where none is, or the command is another's.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    if invocation.spec.id == Id::WhatIf {
        return Some(what_if(app, &invocation.args));
    }
    if invocation.spec.id == Id::Report {
        return Some(report(app, &invocation.args));
    }
    let sheet = app.sheet.as_mut()?;
    let page = sheet.page.as_mut()?;
    let (line, last) = (sheet.view.cursor(), page.report.columns.len().saturating_sub(1));
    let times = invocation.count.map_or(1, |count| count as usize);
    match invocation.spec.id {
        Id::Left => page.column = page.column.saturating_sub(times),
        Id::Right | Id::NextWord => page.column = page.column.saturating_add(times).min(last),
        Id::PreviousWord => page.column = page.column.saturating_sub(times),
        Id::FirstCell | Id::FirstText => page.column = 0,
        Id::LastCell => page.column = last,
        Id::Open => {
            let name = page.row(line).and_then(|row| row.first()).map(|cell| cell.figure.text());
            if let (INDEX | DASHBOARD, Some(name)) = (page.report.name, name) {
                return Some(report(app, &name));
            }
            let figure = page.row(line).and_then(|row| row.get(page.column)).map(|cell| cell.figure.clone());
            let Some(behind) = page.behind(line).cloned() else {
                app.say(Level::Info, "no records are behind this");
                return Some(Vec::new());
            };
            app.sheet = None;
            if let Some(Figure::Record(id, _)) = figure {
                return Some(showing::open(app, id));
            }
            app.opened.clear();
            return Some(match behind.kind {
                Kind::Ticket => showing::list_kind(app, &format!("{} {}", behind.kind.name(), behind.query)),
                kind => showing::list_rows(app, kind, &behind.query),
            });
        }
        _ => return None,
    }
    Some(Vec::new())
}

/// Asks for a report.
fn report(app: &mut App, name: &str) -> Vec<Effect> {
    match Invocation::parse(&format!("report {name}")) {
        Ok(Some(invocation)) => {
            let here = Here { scratch: app.pipeline.supposed(), ..Here::default() };
            vec![app.effect(invocation, here)]
        }
        _ => Vec::new(),
    }
}

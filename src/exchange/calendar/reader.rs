//! The reader of calendars: components are cut out of the lines, and each event, to-do
//! and journal becomes a row. No more than one component is in memory, and the names of
//! the time zones so far.

use std::collections::BTreeMap;
use std::io::Read;

use calcard::icalendar::ICalendar;
use calcard::{Entry, Parser};

use super::component;
use super::zones::Zones;
use crate::domain::Kind;
use crate::domain::zone::zone_named;
use crate::exchange::encoding::Decoding;
use crate::exchange::format::Format;
use crate::exchange::header::Header;
use crate::exchange::lines::{Block, Bracket, Physical, Piece, unfold};
use crate::exchange::problem::Problem;
use crate::exchange::rows::{BadRow, Facts, LONGEST_ROW, Row, RowResult, Rows, Values, shown};

/// How deep components may stand in one another: an alarm in an event is two.
const DEEPEST: usize = 8;

/// How much of a calendar's own lines and zones is kept for the rejects.
const LONGEST_HEAD: usize = 256 * 1024;

/// How many places of what was left out are named.
const NAMED: usize = 5;

/// Reads rows of a calendar.
pub(crate) struct Calendar<'s> {
    lines: Physical<'s>,
    /// A line that was read too far.
    ahead: Option<Piece>,
    /// What every row is to be, where that was said.
    asked: Option<Kind>,
    /// Whether it was said whose ids these are.
    has_source: bool,
    number: u64,
    zones: Zones,
    /// The calendar's own lines and its zones.
    head: String,
    is_inside: bool,
    skipped: u64,
    places: Vec<u64>,
    /// Components that are not taken, by name.
    others: BTreeMap<String, u64>,
    /// Zones that nobody knows, by name.
    unknown: BTreeMap<String, u64>,
}

/// How a component ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    Missing,
    TooDeep,
}

impl<'s> Calendar<'s> {
    /// Returns the reader of an input whose encoding was looked at.
    pub(crate) fn open(decoding: Decoding<Box<dyn Read + 's>>, asked: Option<Kind>, has_source: bool) -> Self {
        Self {
            lines: Physical::new(decoding),
            ahead: None,
            asked,
            has_source,
            number: 0,
            zones: Zones::default(),
            head: String::new(),
            is_inside: false,
            skipped: 0,
            places: Vec::new(),
            others: BTreeMap::new(),
            unknown: BTreeMap::new(),
        }
    }

    fn piece(&mut self) -> Result<Option<Piece>, Problem> {
        match self.ahead.take() {
            Some(piece) => Ok(Some(piece)),
            None => self.lines.piece(),
        }
    }

    fn skip(&mut self, line: u64) {
        self.skipped += 1;
        if self.places.len() < NAMED {
            self.places.push(line);
        }
    }

    /// Returns the next component of a calendar, its name, and how it ended.
    fn block(&mut self) -> Result<Option<(String, Block, End)>, Problem> {
        loop {
            let Some(piece) = self.piece()? else { return Ok(None) };
            match piece.bracket() {
                Some((Bracket::Begin, name)) if name == "VCALENDAR" => self.is_inside = true,
                Some((Bracket::End, name)) if name == "VCALENDAR" => self.is_inside = false,
                Some((Bracket::Begin, name)) => return self.component(name, piece).map(Some),
                Some((Bracket::End, _)) => self.skip(piece.line),
                None if piece.is_blank() => {}
                None if self.is_inside => self.own_line(&piece),
                None => self.skip(piece.line),
            }
        }
    }

    /// A line of the calendar itself.
    fn own_line(&mut self, piece: &Piece) {
        let text = String::from_utf8_lossy(&piece.bytes);
        if let Some((head, value)) = text.split_once(':')
            && head.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("X-WR-TIMEZONE"))
        {
            self.zones.usual = zone_named(value.trim()).ok();
        }
        if self.head.len() + text.len() < LONGEST_HEAD {
            self.head.push_str(&text);
            self.head.push('\n');
        }
    }

    fn component(&mut self, name: String, first: Piece) -> Result<(String, Block, End), Problem> {
        let mut block = Block::default();
        block.push(first);
        let mut depth = 1;
        let mut end = End::Whole;
        while let Some(piece) = self.piece()? {
            match piece.bracket() {
                // Neither stands within a component: its end is missing.
                Some((bracket, other)) if other == "VCALENDAR" || (bracket == Bracket::Begin && is_row(&other)) => {
                    self.ahead = Some(piece);
                    return Ok((name, block, if end == End::Whole { End::Missing } else { end }));
                }
                Some((Bracket::Begin, _)) => depth += 1,
                Some((Bracket::End, _)) => depth -= 1,
                None => {}
            }
            if depth > DEEPEST {
                end = End::TooDeep;
                continue;
            }
            block.push(piece);
            if depth == 0 {
                return Ok((name, block, end));
            }
        }
        Ok((name, block, if end == End::Whole { End::Missing } else { end }))
    }

    fn read(&mut self, name: &str, block: &Block, end: End) -> Option<RowResult> {
        if !is_row(name) {
            if name != "VTIMEZONE" {
                count(&mut self.others, name);
                return None;
            }
            if end == End::Whole && block.too_long.is_none() {
                let unfolded = unfold(block, &mut self.lines);
                let text = unfolded.text();
                if let Some(zone) = parsed(&text) {
                    self.zones.define(&zone);
                }
                if self.head.len() + text.len() < LONGEST_HEAD {
                    self.head.push_str(&text);
                }
            }
            return None;
        }
        let (line, offset) = block.place();
        let unfolded = unfold(block, &mut self.lines);
        let text = unfolded.text();
        let raw = text.trim_end().to_owned();
        self.number += 1;
        let number = self.number;
        let bad = |raw: String, problem: Problem| Some(Err(Box::new(BadRow { number, line, offset, raw, problem: problem.line(line) })));
        if block.too_long.is_some() {
            return bad(shown(&raw), Problem::new("too-long", format!("a component is longer than {} MiB", LONGEST_ROW / 1024 / 1024)));
        }
        match end {
            End::Whole => {}
            End::Missing => {
                let problem = Problem::new("calendar", format!("the {name} is not ended"));
                return bad(raw, problem.hint(format!("END:{name} is missing: was the file cut off?")));
            }
            End::TooDeep => return bad(raw, Problem::new("too-deep", format!("components stand more than {DEEPEST} deep in the {name}"))),
        }
        unfolded.skipped.iter().for_each(|line| self.skip(*line));
        let Some(calendar) = parsed(&text) else { return bad(raw, Problem::new("calendar", format!("the {name} cannot be read"))) };
        let item = match component::read(&calendar, &unfolded.lines, &self.zones, self.has_source) {
            Ok(item) => item,
            Err(problem) => return bad(raw, problem),
        };
        for zone in item.unknown_zones {
            count(&mut self.unknown, &zone);
        }
        if self.asked.is_some_and(|asked| asked != item.kind) {
            count(&mut self.others, name);
            return None;
        }
        let row = Row::new(number, line, offset, raw, Values::Tree(item.tree));
        Some(Ok(Row { kind: Some(item.kind), lenient: true, parties: Some(Box::new(item.parties)), files: item.files, ..row }))
    }
}

/// Counts under a name, of which a file may make up as many as it likes.
fn count(names: &mut BTreeMap<String, u64>, name: &str) {
    const LONGEST: usize = 80;
    const MOST: usize = 20;
    let name: String = name.chars().take(LONGEST).collect();
    if names.len() < MOST || names.contains_key(&name) {
        *names.entry(name).or_default() += 1;
    } else {
        *names.entry("others".to_owned()).or_default() += 1;
    }
}

/// Returns whether components of that name become rows.
fn is_row(name: &str) -> bool {
    matches!(name, "VEVENT" | "VTODO" | "VJOURNAL")
}

fn parsed(text: &str) -> Option<ICalendar> {
    match Parser::new(text).entry() {
        Entry::ICalendar(calendar) => Some(calendar),
        _ => None,
    }
}

impl Rows for Calendar<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem> {
        while let Some((name, block, end)) = self.block()? {
            if let Some(row) = self.read(&name, &block, end) {
                return Ok(Some(row));
            }
        }
        Ok(None)
    }

    fn header(&self) -> Option<&Header> {
        None
    }

    fn facts(&self) -> Facts {
        let mut notes = Vec::new();
        if self.skipped > 0 {
            let places: Vec<String> = self.places.iter().map(u64::to_string).collect();
            let more = if self.skipped > self.places.len() as u64 { ", …" } else { "" };
            let lines = if self.skipped == 1 { "1 line is" } else { &format!("{} lines are", self.skipped) };
            notes.push(format!("{lines} no property of a calendar and left out (line {}{more})", places.join(", ")));
        }
        for (name, count) in &self.others {
            notes.push(format!("{count} × {name} is not taken"));
        }
        for (zone, count) in &self.unknown {
            notes.push(format!("{count} times are in the zone \u{201c}{zone}\u{201d}, which nobody knows: they are read as of here"));
        }
        Facts { format: Format::Ics, encoding: self.lines.report(), dialect: None, head: self.head.clone(), member: None, notes }
    }

    fn bytes(&self) -> u64 {
        self.lines.bytes()
    }
}

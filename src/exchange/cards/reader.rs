//! The reader of cards: bytes are cut at `BEGIN:VCARD` and `END:VCARD`, each card is read
//! by a library and becomes a row. No more than one card is in memory.

use std::collections::BTreeMap;
use std::io::Read;

use calcard::{Entry, Parser};

use super::card::{self, Subject};
use crate::domain::Kind;
use crate::exchange::encoding::Decoding;
use crate::exchange::format::Format;
use crate::exchange::header::Header;
use crate::exchange::lines::{Block, Bracket, Physical, Piece, unfold};
use crate::exchange::problem::Problem;
use crate::exchange::rows::{BadRow, Facts, LONGEST_ROW, Row, RowResult, Rows, Values, shown};

/// How many places of what was left out are named.
const NAMED: usize = 5;

/// Reads rows of cards.
pub(crate) struct Cards<'s> {
    lines: Physical<'s>,
    /// A line that was read too far.
    ahead: Option<Piece>,
    /// What every card is, where that was said.
    asked: Option<Kind>,
    /// Whether it was said whose ids these are.
    has_source: bool,
    number: u64,
    /// Lines that belong to no card or are none of the format.
    skipped: u64,
    places: Vec<u64>,
    /// Cards of groups, places and the like.
    nobodies: BTreeMap<&'static str, u64>,
    /// Properties that were not made out, by name.
    unread: BTreeMap<String, u64>,
}

impl<'s> Cards<'s> {
    /// Returns the reader of an input whose encoding was looked at.
    pub(crate) fn open(decoding: Decoding<Box<dyn Read + 's>>, asked: Option<Kind>, has_source: bool) -> Self {
        Self {
            lines: Physical::new(decoding),
            ahead: None,
            asked,
            has_source,
            number: 0,
            skipped: 0,
            places: Vec::new(),
            nobodies: BTreeMap::new(),
            unread: BTreeMap::new(),
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

    /// Returns the lines of the next card, and whether it ends as it should.
    fn block(&mut self) -> Result<Option<(Block, bool)>, Problem> {
        loop {
            let Some(piece) = self.piece()? else { return Ok(None) };
            if piece.bracket() == Some((Bracket::Begin, "VCARD".to_owned())) {
                self.ahead = Some(piece);
                break;
            }
            if !piece.is_blank() {
                self.skip(piece.line);
            }
        }
        let mut block = Block::default();
        let mut depth = 0;
        // A card within a card is the value of an agent (vCard 2.1).
        let mut is_agent = false;
        while let Some(piece) = self.piece()? {
            match piece.bracket() {
                Some((Bracket::Begin, name)) if name == "VCARD" => {
                    if depth > 0 && !is_agent {
                        self.ahead = Some(piece);
                        return Ok(Some((block, false)));
                    }
                    depth += 1;
                    if depth > 1 {
                        is_agent = false;
                        continue;
                    }
                }
                Some((Bracket::End, name)) if name == "VCARD" => {
                    depth -= 1;
                    if depth > 0 {
                        continue;
                    }
                    block.push(piece);
                    return Ok(Some((block, true)));
                }
                _ => {}
            }
            if !piece.is_blank() {
                is_agent = is_agent_line(&piece.bytes);
            }
            if depth == 1 {
                block.push(piece);
            }
        }
        Ok(Some((block, false)))
    }

    fn read(&mut self, block: &Block, is_ended: bool) -> Option<RowResult> {
        let (line, offset) = block.place();
        let unfolded = unfold(block, &mut self.lines);
        let raw = raw(block, &unfolded.text());
        self.number += 1;
        let bad = |number: u64, raw: String, problem: Problem| Some(Err(Box::new(BadRow { number, line, offset, raw, problem })));
        if block.too_long.is_some() {
            let problem = Problem::new("too-long", format!("a card is longer than {} MiB", LONGEST_ROW / 1024 / 1024)).line(line);
            return bad(self.number, shown(&raw), problem.hint("is its END:VCARD missing?"));
        }
        if !is_ended {
            let problem = Problem::new("card", "the card is not ended").line(line);
            return bad(self.number, raw, problem.hint("END:VCARD is missing: was the file cut off?"));
        }
        unfolded.skipped.iter().for_each(|line| self.skip(*line));
        // How dates are written depends on the version, which may stand anywhere.
        let is_version = |text: &str| text.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("VERSION:"));
        let mut text = String::from("BEGIN:VCARD\n");
        let (versions, others): (Vec<_>, Vec<_>) = unfolded.lines.iter().skip(1).partition(|line| is_version(&line.text));
        for one in versions.into_iter().chain(others) {
            text.push_str(&one.text);
            text.push('\n');
        }
        let Entry::VCard(vcard) = Parser::new(&text).entry() else {
            let problem = Problem::new("card", "the card cannot be read").line(line);
            return bad(self.number, raw, problem);
        };
        let read = card::read(&vcard, self.asked, self.has_source);
        for name in read.unread {
            *self.unread.entry(name).or_default() += 1;
        }
        let kind = match read.subject {
            Subject::Person => self.asked.unwrap_or(Kind::Contact),
            Subject::Company => Kind::Company,
            Subject::Nobody(what) => {
                *self.nobodies.entry(what).or_default() += 1;
                return None;
            }
        };
        if read.tree.is_empty() {
            let problem = Problem::new("empty", "the card says nothing of anybody").line(line);
            return bad(self.number, raw, problem);
        }
        let row = Row::new(self.number, line, offset, raw, Values::Tree(read.tree));
        Some(Ok(Row { kind: Some(kind), lenient: true, files: read.enclosed, ..row }))
    }
}

/// Returns whether a line says that a card follows as an agent's.
fn is_agent_line(line: &[u8]) -> bool {
    const AGENT: &[u8] = b"AGENT";
    let line = line.trim_ascii();
    line.len() >= AGENT.len() && line[..AGENT.len()].eq_ignore_ascii_case(AGENT) && line.ends_with(b":")
}

/// Returns a card as it was written, decoded; where it was no UTF-8, unfolded as well.
fn raw(block: &Block, unfolded: &str) -> String {
    let mut bytes = Vec::new();
    for piece in &block.pieces {
        bytes.extend_from_slice(&piece.bytes);
        bytes.push(b'\n');
    }
    let text = String::from_utf8(bytes).unwrap_or_else(|_| unfolded.to_owned());
    text.trim_start_matches('\u{feff}').trim_end().to_owned()
}

impl Rows for Cards<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem> {
        while let Some((block, is_ended)) = self.block()? {
            if let Some(row) = self.read(&block, is_ended) {
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
            notes.push(format!("{lines} no property of a card and left out (line {}{more})", places.join(", ")));
        }
        for (what, count) in &self.nobodies {
            notes.push(match count {
                1 => format!("1 card is a {}, which is not taken", what.trim_end_matches('s')),
                count => format!("{count} cards are {what}, which are not taken"),
            });
        }
        for (name, count) in &self.unread {
            notes.push(format!("{count} × {name} could not be read and is left out"));
        }
        Facts { format: Format::Vcard, encoding: self.lines.report(), dialect: None, head: String::new(), member: None, notes }
    }

    fn bytes(&self) -> u64 {
        self.lines.bytes()
    }
}

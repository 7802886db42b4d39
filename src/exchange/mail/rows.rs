//! Mail as rows: each message becomes an interaction as JSON would write it, with the
//! people in it by e-mail and name. It must not know fields beyond their names, nor the
//! store.

use std::collections::VecDeque;
use std::io::{BufReader, Read};

use encoding_rs::UTF_8;
use serde_json::{Map, Value, json};

use super::maildir::Folder;
use super::mbox::{LARGEST_MESSAGE, Mbox};
use super::message::{self, Message};
use super::people::{self, OwnAddress, TEAM_ADDRESS, Team};
use crate::domain::Timestamp;
use crate::exchange::encoding::{Evidence, Report};
use crate::exchange::format::Format;
use crate::exchange::header::Header;
use crate::exchange::problem::Problem;
use crate::exchange::rows::{BadRow, Facts, Row, RowResult, Rows, SHOWN, Values};

/// Messages looked at to guess which address is the team's.
const LOOKED_AT: usize = 50;

/// Bytes of messages looked at for that.
const LOOKED_AT_BYTES: usize = 8 << 20;

/// The most messages of which it is told what they lack.
const MOST_NOTES: usize = 20;

/// The code of a message above the limit.
const TOO_LARGE: &str = "too-large";

/// Where the messages come from.
enum Messages<'s> {
    Mbox(Mbox<BufReader<Box<dyn Read + 's>>>),
    Folder(Folder<BufReader<Box<dyn Read + 's>>>),
    One(Option<BufReader<Box<dyn Read + 's>>>, u64),
}

/// A message as it stands in its input.
struct Found {
    line: u64,
    offset: u64,
    /// Its file, in a folder.
    file: Option<String>,
    bytes: Vec<u8>,
    came: Option<Timestamp>,
    problem: Option<Problem>,
}

/// Rows of mail.
pub(in crate::exchange) struct MailRows<'s> {
    format: Format,
    messages: Messages<'s>,
    team: Team,
    country: Option<String>,
    ahead: VecDeque<(Found, Option<Message>)>,
    number: u64,
    notes: Vec<String>,
    more_notes: u64,
}

impl<'s> MailRows<'s> {
    /// Opens mail of a format; `team` are the team's own addresses, where any are known.
    ///
    /// # Errors
    /// What the source's `read` gives.
    pub(in crate::exchange) fn open(
        source: Box<dyn Read + 's>,
        format: Format,
        team: &[OwnAddress],
        country: Option<String>,
    ) -> Result<Self, Problem> {
        let source = BufReader::new(source);
        let messages = match format {
            Format::Maildir => Messages::Folder(Folder::new(source)),
            Format::Eml => Messages::One(Some(source), 0),
            _ => Messages::Mbox(Mbox::new(source)),
        };
        let team = Team::new(team);
        let mut rows = Self { format, messages, team, country, ahead: VecDeque::new(), number: 0, notes: Vec::new(), more_notes: 0 };
        if rows.team.is_empty() {
            rows.guess()?;
        }
        Ok(rows)
    }

    /// Takes the team's address from the first messages.
    fn guess(&mut self) -> Result<(), Problem> {
        let mut bytes = 0;
        while self.ahead.len() < LOOKED_AT
            && bytes < LOOKED_AT_BYTES
            && let Some(found) = self.find()?
        {
            bytes += found.bytes.len();
            let read = self.read(&found);
            self.ahead.push_back((found, read));
        }
        let read: Vec<Message> = self.ahead.iter().filter_map(|(_, message)| message.clone()).collect();
        if read.is_empty() {
            return Ok(());
        }
        match people::guess(&read) {
            Some(address) if address == TEAM_ADDRESS => self.team = Team::new(&[OwnAddress { address, is_users: false }]),
            Some(address) => {
                self.notes.push(format!("the team's own address is taken to be {address}: say it with --me, or give users their email"));
                self.team = Team::new(&[OwnAddress { address, is_users: false }]);
            }
            None => self
                .notes
                .push("whose mail this is is not known, so that all of it counts as received: say it with --me ADDRESS".to_owned()),
        }
        Ok(())
    }

    fn read(&self, found: &Found) -> Option<Message> {
        if found.problem.is_some() { None } else { message::read(&found.bytes, found.came, self.country.as_deref()) }
    }

    fn find(&mut self) -> Result<Option<Found>, Problem> {
        let io = |error: std::io::Error| Problem::io(&error);
        match &mut self.messages {
            Messages::Mbox(mbox) => Ok(mbox.next_message().map_err(io)?.map(|raw| {
                let problem = if raw.too_large {
                    Some(too_large())
                } else if raw.stray && message::read(&raw.bytes, None, None).is_none() {
                    let problem = Problem::new("no-message", "no line that begins with “From ” begins a message here");
                    Some(problem.hint("is the file cut, or is it no mailbox?"))
                } else {
                    None
                };
                Found { line: raw.line, offset: raw.offset, file: None, bytes: raw.bytes, came: raw.came, problem }
            })),
            Messages::Folder(folder) => {
                let offset = folder.bytes();
                Ok(folder.next_message().map_err(io)?.map(|filed| {
                    let came = came(&filed.bytes);
                    let problem = filed.too_large.then(too_large);
                    Found { line: 1, offset, file: Some(filed.name), bytes: filed.bytes, came, problem }
                }))
            }
            Messages::One(source, used) => {
                let Some(source) = source.take() else { return Ok(None) };
                let mut bytes = Vec::new();
                source.take(LARGEST_MESSAGE as u64 + 1).read_to_end(&mut bytes).map_err(io)?;
                *used = bytes.len() as u64;
                if bytes.trim_ascii().is_empty() {
                    return Ok(None);
                }
                let problem = (bytes.len() > LARGEST_MESSAGE).then(too_large);
                let came = came(&bytes);
                Ok(Some(Found { line: 1, offset: 0, file: None, bytes, came, problem }))
            }
        }
    }

    fn note(&mut self, row: u64, found: &Found, lacks: &str) {
        if self.notes.len() >= MOST_NOTES {
            self.more_notes += 1;
            return;
        }
        let place = match &found.file {
            Some(file) => file.clone(),
            None => format!("line {}", found.line),
        };
        self.notes.push(format!("message {row} ({place}): {lacks}"));
    }
}

/// Returns when a message came by the line that may begin it.
fn came(bytes: &[u8]) -> Option<Timestamp> {
    let end = memchr::memchr(b'\n', bytes)?;
    super::mbox::envelope(&bytes[..end]).and_then(|envelope| envelope.came)
}

fn too_large() -> Problem {
    Problem::new(TOO_LARGE, format!("the message is larger than {} MiB", LARGEST_MESSAGE >> 20))
}

impl Rows for MailRows<'_> {
    fn next_row(&mut self) -> Result<Option<RowResult>, Problem> {
        let (mut found, read) = match self.ahead.pop_front() {
            Some(ahead) => ahead,
            None => match self.find()? {
                Some(found) => {
                    let read = self.read(&found);
                    (found, read)
                }
                None => return Ok(None),
            },
        };
        self.number += 1;
        let (number, line, offset) = (self.number, found.line, found.offset);
        let named = |problem: Problem| match &found.file {
            Some(file) => Problem { message: format!("{}: {}", file, problem.message), ..problem },
            None => problem,
        };
        let Some(mut message) = read else {
            let none = || Problem::new("no-header", "the message has no header").hint("is it mail?");
            let problem = named(found.problem.take().unwrap_or_else(none)).line(line);
            // Of what is too large its beginning is kept.
            let kept = if problem.code == TOO_LARGE { found.bytes.len().min(SHOWN) } else { found.bytes.len() };
            let raw = super::raw::to_text(&found.bytes[..kept]);
            return Ok(Some(Err(Box::new(BadRow { number, line, offset, raw, problem }))));
        };
        let people = people::of(&message, &self.team);
        let mut lacks: Vec<&str> = message.lacks.clone();
        if people.too_many {
            lacks.push("it has too many recipients");
        }
        if !lacks.is_empty() {
            self.note(number, &found, &lacks.join(", "));
        }
        let raw = super::raw::to_text(&found.bytes);
        let files = std::mem::take(&mut message.enclosed);
        let addressed = message.to.iter().map(|one| one.address.clone()).chain(message.delivered_to.iter().cloned()).collect();
        Ok(Some(Ok(Row { files, addressed, ..Row::new(number, line, offset, raw, Values::Tree(tree(&message, &people))) })))
    }

    fn header(&self) -> Option<&Header> {
        None
    }

    fn facts(&self) -> Facts {
        let mut notes = self.notes.clone();
        if self.more_notes > 0 {
            notes.push(format!("{} more messages lack something", self.more_notes));
        }
        let encoding = Report { encoding: UTF_8, evidence: Evidence::Valid, overruled: None, malformed: 0, places: Vec::new(), nuls: 0 };
        Facts { format: self.format, encoding, dialect: None, head: String::new(), member: None, notes }
    }

    fn bytes(&self) -> u64 {
        match &self.messages {
            Messages::Mbox(mbox) => mbox.bytes(),
            Messages::Folder(folder) => folder.bytes(),
            Messages::One(_, used) => *used,
        }
    }
}

/// Returns the interaction that a message is.
fn tree(message: &Message, people: &people::People) -> Map<String, Value> {
    let mut tree = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            tree.insert(name.to_owned(), value);
        }
    };
    let text = |text: &str| (!text.trim().is_empty()).then(|| Value::from(text));
    put("at", message.at.map(|at| Value::from(at.to_string())));
    put("channel", Some(Value::from(message.channel.as_deref().unwrap_or("email"))));
    put("direction", Some(Value::from(if people.out { "out" } else { "in" })));
    let contacts: Vec<Value> = people
        .others
        .iter()
        .map(|person| match &person.name {
            Some(name) => json!({ "email": person.email, "name": name }),
            None => json!({ "email": person.email }),
        })
        .collect();
    let among_us = contacts.is_empty() && people.is_own && people.out && !message.to.is_empty();
    put("contact", (!contacts.is_empty()).then_some(Value::Array(contacts)));
    put("subject", text(&message.subject));
    put("body", text(&message.body));
    put("outcome", message.answer.map(|answer| Value::from(answer.word())));
    put("private", among_us.then_some(Value::from(true)));
    put("owner", people.user.as_deref().map(Value::from));
    match &message.record {
        // A store knows its own records; another one takes it for what the first has.
        Some((id, recorded)) => {
            put("id", Some(Value::from(id.to_string())));
            put("recorded_at", Some(Value::from(recorded.to_string())));
        }
        None => {
            put("message_id", Some(Value::from(message.message_id.as_str())));
            put("thread", Some(Value::from(message.thread.as_str())));
        }
    }
    tree
}

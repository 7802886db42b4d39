//! What a message says: when, who to whom, about what, in which thread, its readable
//! text and the files in it. It must not know rows, nor who of the people is who here.

use std::borrow::Cow;

use super::automatic::{self, Answer};
use super::fields::{Fields, Mailbox, one_line};
use super::parts::{Content, Group, Part, Walker};
use super::{charset, file_name, flowed, html, message_id};
use crate::domain::{RecordId, Timestamp};
use crate::exchange::rows::Enclosed;

/// The most text of a message that is kept as its body, in bytes; what is longer is
/// kept whole as a file.
pub const LONGEST_BODY: usize = 128 * 1024;

/// The channels of touches that are no mail; whoever writes a mail may say one.
const CHANNELS: [&str; 10] = ["call", "meeting", "visit", "chat", "sms", "social", "letter", "fax", "web", "note"];

/// The longest subject, in characters.
const LONGEST_SUBJECT: usize = 1_000;

/// The most files of one message.
const MOST_FILES: usize = 150;

/// How deep messages in messages are read.
const DEEPEST_MESSAGE: usize = 10;

/// A message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// Its name in angle brackets; of one that has none, made of what it says.
    pub message_id: String,
    /// The name that begins its thread, its own where it answers nothing.
    pub thread: String,
    /// When it was written, else when it came.
    pub at: Option<Timestamp>,
    /// Its subject on one line.
    pub subject: String,
    /// Who wrote it.
    pub from: Vec<Mailbox>,
    /// Where answers should go.
    pub reply_to: Vec<Mailbox>,
    /// To whom it was written, openly or not.
    pub to: Vec<Mailbox>,
    /// The addresses of the mailing list it came by, in lower case.
    pub lists: Vec<String>,
    /// The addresses to which it was delivered.
    pub delivered_to: Vec<String>,
    /// Whether a server delivered it, or it lies where it was written.
    pub was_delivered: bool,
    /// Its readable text.
    pub body: String,
    /// Whether a machine wrote it, and why.
    pub answer: Option<Answer>,
    /// Of a bounce, the addresses that failed.
    pub failed: Vec<String>,
    /// The files in it.
    pub enclosed: Vec<Enclosed>,
    /// Of which record rolo wrote it, and when the store first kept that.
    pub record: Option<(RecordId, Timestamp)>,
    /// The channel, where rolo wrote it of another touch than a mail.
    pub channel: Option<String>,
    /// What could not be read of it, in words.
    pub lacks: Vec<&'static str>,
}

/// Reads a message; nothing where there is no header. `came` is when it came, by the
/// mailbox; `country` where undeclared text is likely from.
pub fn read(raw: &[u8], came: Option<Timestamp>, country: Option<&str>) -> Option<Message> {
    let raw = raw.strip_prefix(b"\xef\xbb\xbf").unwrap_or(raw);
    let mut walker = Walker::new();
    let whole = walker.walk(raw, 0, false);
    if whole.fields.is_empty() {
        return None;
    }
    let fields = &whole.fields;
    let mut message = Message {
        at: fields.date("date").or_else(|| received(fields)).or(came),
        subject: clipped(&fields.text("subject").unwrap_or_default()),
        from: either(fields, &["from", "sender"]),
        reply_to: fields.addresses("reply-to"),
        to: ["to", "cc", "bcc"].iter().flat_map(|name| fields.addresses(name)).collect(),
        lists: lists(fields),
        delivered_to: ["delivered-to", "x-original-to", "envelope-to"]
            .iter()
            .flat_map(|name| fields.addresses(name))
            .map(|m| m.address)
            .collect(),
        was_delivered: fields.has("received") || fields.has("return-path"),
        ..Message::default()
    };
    let mut reader = Reader { walker, country, body: String::new(), cut: false, enclosed: Vec::new(), spare: None, report: None };
    reader.part(&whole, 0);
    reader.finish(&mut message);
    if fields.left_out > 0 {
        message.lacks.push("fields of its header are too long or too many");
    }
    if message.at.is_none() {
        message.lacks.push("it has no date");
    }
    let found = automatic::of(&whole, reader.report.as_ref(), &message);
    (message.answer, message.failed) = (found.answer, found.failed);
    let refs: Vec<String> = ["references", "in-reply-to"].iter().flat_map(|name| fields.ids(name)).collect();
    message.message_id = match fields.ids("message-id").into_iter().next() {
        Some(id) => id,
        None => name_of(&message),
    };
    message.record = message_id::record_of(&message.message_id);
    let channel = fields.plain("x-rolo-channel").filter(|channel| CHANNELS.contains(&channel.as_str()));
    message.channel = channel.filter(|_| message.record.is_some());
    let root = refs.into_iter().find(|id| *id != message.message_id).or(found.answers);
    message.thread = root.unwrap_or_else(|| message.message_id.clone());
    Some(message)
}

/// Returns the addresses of the first of these fields that has any.
fn either(fields: &Fields<'_>, names: &[&str]) -> Vec<Mailbox> {
    names.iter().map(|name| fields.addresses(name)).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Returns when a message came: the date of the last hop behind the semicolon.
fn received(fields: &Fields<'_>) -> Option<Timestamp> {
    let dates = fields.all("received").filter_map(|value| {
        let text = charset::text(value, None, None).0;
        super::fields::moment(text.rsplit_once(';')?.1)
    });
    dates.last()
}

/// Returns the addresses of the list that a message came by.
fn lists(fields: &Fields<'_>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for name in ["list-post", "x-mailing-list", "x-beenthere", "mailing-list"] {
        let text = fields.plain(name).unwrap_or_default().to_lowercase();
        let words = text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '?'));
        found.extend(words.map(|word| word.trim_start_matches("mailto:")).filter(|word| word.contains('@')).map(str::to_owned));
    }
    // `Acme news <news.acme.example>` is news@acme.example.
    if let Some(id) = fields.plain("list-id").map(|id| id.to_lowercase())
        && let Some((name, domain)) = id.rsplit('<').next().and_then(|id| id.trim_end_matches('>').split_once('.'))
    {
        found.push(format!("{name}@{domain}"));
    }
    found
}

fn clipped(text: &str) -> String {
    text.chars().take(LONGEST_SUBJECT).collect()
}

/// Returns the name of a message that has none: the same in every mailbox it lies in,
/// whatever servers and mailboxes add.
fn name_of(message: &Message) -> String {
    let addresses = |all: &[Mailbox]| all.iter().map(|one| one.address.to_lowercase()).collect::<Vec<_>>().join(",");
    let body: String = message.body.split_whitespace().map(|word| word.trim_start_matches('>')).collect::<Vec<_>>().join(" ");
    let at = message.at.map(|at| at.0.to_string()).unwrap_or_default();
    let files: Vec<String> = message.enclosed.iter().map(|one| format!("{}:{}", one.name, one.content.len())).collect();
    message_id::of_hash(&[&addresses(&message.from), &addresses(&message.to), &at, &message.subject, &body, &files.join(",")])
}

/// Collects the text and the files of a message.
struct Reader<'c> {
    walker: Walker,
    country: Option<&'c str>,
    body: String,
    cut: bool,
    enclosed: Vec<Enclosed>,
    /// The text of the first file that is one, for a message without other text.
    spare: Option<String>,
    /// What a report on delivery says.
    report: Option<automatic::Report>,
}

impl Reader<'_> {
    fn part(&mut self, part: &Part<'_>, nested: usize) {
        match &part.content {
            Content::Parts(Group::Alternative, parts) => self.alternative(parts, nested),
            Content::Parts(_, parts) => parts.iter().for_each(|part| self.part(part, nested)),
            Content::Leaf(_) => self.leaf(part, nested),
        }
    }

    /// Of several forms of one thing the plain one is read, else the last that can be;
    /// files in the others are kept.
    fn alternative(&mut self, parts: &[Part<'_>], nested: usize) {
        let before = self.body.len();
        let mut chosen = None;
        let plain = parts.iter().position(|part| part.media_type == "text/plain" && is_text(part) && !self.text_of(part).trim().is_empty());
        let order = plain.into_iter().chain((0..parts.len()).rev());
        for at in order {
            if has_text(&parts[at]) && chosen.is_none() {
                let files = self.enclosed.len();
                self.part(&parts[at], nested);
                if self.body.len() > before {
                    chosen = Some(at);
                } else {
                    self.enclosed.truncate(files);
                }
            }
        }
        for (at, part) in parts.iter().enumerate() {
            if Some(at) != chosen && !has_text_only(part) {
                self.files(part, nested);
            }
        }
    }

    /// Keeps only the files of a part.
    fn files(&mut self, part: &Part<'_>, nested: usize) {
        match &part.content {
            Content::Parts(_, parts) => parts.iter().for_each(|part| self.files(part, nested)),
            Content::Leaf(_) if is_text(part) => {}
            Content::Leaf(_) => self.leaf(part, nested),
        }
    }

    fn leaf(&mut self, part: &Part<'_>, nested: usize) {
        match part.media_type.as_str() {
            _ if is_text(part) => {
                let text = self.text_of(part);
                self.add(&text);
            }
            "message/delivery-status" | "message/global-delivery-status" | "message/disposition-notification" => {
                let bytes = part.bytes();
                let text = self.decoded(&bytes, part).into_owned();
                self.report.get_or_insert_default().status(&text, part.media_type.ends_with("disposition-notification"));
            }
            "text/rfc822-headers" | "message/rfc822-headers" => {
                let bytes = part.bytes();
                self.report.get_or_insert_default().original(&Fields::split(&bytes).0);
            }
            "message/rfc822" | "message/global" => self.message(part, nested),
            _ => self.file(part),
        }
    }

    /// Reads a message in the message: who wrote it, its text, its files.
    fn message(&mut self, part: &Part<'_>, nested: usize) {
        if nested >= DEEPEST_MESSAGE {
            self.walker.limits.too_deep = true;
            self.file(part);
            return;
        }
        let bytes = part.bytes();
        let inner = self.walker.walk(&bytes, nested + 1, false);
        if inner.fields.is_empty() {
            self.file(part);
            return;
        }
        if let Some(report) = &mut self.report {
            report.original(&inner.fields);
        }
        let mut head = vec!["---------- Forwarded message ----------".to_owned()];
        for (name, field) in [("From", "from"), ("Date", "date"), ("Subject", "subject"), ("To", "to")] {
            head.extend(inner.fields.text(field).map(|text| format!("{name}: {}", clipped(&text))));
        }
        self.add(&head.join("\n"));
        self.part(&inner, nested + 1);
    }

    fn text_of(&self, part: &Part<'_>) -> String {
        let bytes = part.bytes();
        let text = self.decoded(&bytes, part);
        if part.media_type == "text/html" {
            return html::to_text(&text, LONGEST_BODY);
        }
        let is = |name: &str, word: &str| part.parameter(name).is_some_and(|value| value.eq_ignore_ascii_case(word));
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if is("format", "flowed") { flowed::unflowed(&text, is("delsp", "yes")) } else { text }
    }

    fn decoded<'b>(&self, bytes: &'b [u8], part: &Part<'_>) -> Cow<'b, str> {
        charset::text(bytes, part.parameter("charset").as_deref(), self.country).0
    }

    /// Adds a piece of text to the body.
    fn add(&mut self, text: &str) {
        let text = readable(text);
        let text = text.trim_end().trim_start_matches('\n');
        if text.is_empty() {
            return;
        }
        let gap = if self.body.is_empty() { "" } else { "\n\n" };
        let left = (LONGEST_BODY * 4).saturating_sub(self.body.len() + gap.len());
        if left == 0 {
            self.cut = true;
            return;
        }
        self.body.push_str(gap);
        let end = floor(text, left);
        self.cut |= end < text.len();
        self.body.push_str(&text[..end]);
    }

    fn file(&mut self, part: &Part<'_>) {
        if self.enclosed.len() >= MOST_FILES {
            self.walker.limits.too_many = true;
            return;
        }
        let content = part.bytes().into_owned();
        let name = file_name::safe(part.file_name().as_deref(), &part.media_type, self.enclosed.len() + 1);
        if self.spare.is_none() && matches!(part.media_type.as_str(), "text/plain" | "text/html") {
            self.spare = Some(self.text_of(part));
        }
        self.enclosed.push(Enclosed { name, media_type: part.media_type.clone(), content });
    }

    fn finish(&mut self, message: &mut Message) {
        if self.body.is_empty()
            && let Some(spare) = self.spare.take()
        {
            self.add(&spare);
        }
        let mut body = std::mem::take(&mut self.body);
        if body.len() > LONGEST_BODY || self.cut {
            let end = floor(&body, LONGEST_BODY);
            let content = body.clone().into_bytes();
            self.enclosed.push(Enclosed { name: "message.txt".to_owned(), media_type: "text/plain".to_owned(), content });
            body.truncate(end);
            body.push_str("\n[…]");
            message.lacks.push("its text is too long");
        }
        message.body = body;
        message.enclosed = std::mem::take(&mut self.enclosed);
        if self.walker.limits.too_many {
            message.lacks.push("it has too many parts");
        }
        if self.walker.limits.too_deep {
            message.lacks.push("its parts stand too deep in one another");
        }
    }
}

/// Returns whether a leaf is text to be read, and no file.
fn is_text(part: &Part<'_>) -> bool {
    let is_readable = matches!(part.media_type.as_str(), "text/plain" | "text/html" | "text/enriched" | "text/richtext");
    matches!(part.content, Content::Leaf(_)) && is_readable && !part.is_attached() && part.file_name().is_none()
}

fn has_text(part: &Part<'_>) -> bool {
    match &part.content {
        Content::Parts(_, parts) => parts.iter().any(has_text),
        Content::Leaf(_) => is_text(part),
    }
}

fn has_text_only(part: &Part<'_>) -> bool {
    match &part.content {
        Content::Parts(_, parts) => parts.iter().all(has_text_only),
        Content::Leaf(_) => is_text(part),
    }
}

/// Returns text without what no text holds: control characters but tabs and line ends.
fn readable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Returns the last place at or before `at` where a character begins.
fn floor(text: &str, at: usize) -> usize {
    let mut end = at.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// Returns a display name as a person's name: on one line, quotes and notes of list
/// servers taken off, `Novák, Ada` turned; nothing where it is only the address.
pub(super) fn person_name(mailbox: &Mailbox) -> Option<String> {
    const LONGEST: usize = 120;
    let name = one_line(&mailbox.name);
    let name = name.trim_matches(|c| matches!(c, '"' | '\'' | ' '));
    let name = name.rsplit_once(" via ").map_or(name, |(name, _)| name).trim_matches(|c| matches!(c, '"' | '\'' | ' '));
    let name = match name.split_once(',') {
        Some((family, given)) if !given.contains(',') && is_names(family, 3) && is_names(given, 2) => {
            format!("{} {}", given.trim(), family.trim())
        }
        _ => name.to_owned(),
    };
    let is_name = name.chars().any(char::is_alphabetic) && !name.contains('@');
    is_name.then(|| name.chars().take(LONGEST).collect())
}

fn is_names(text: &str, most: usize) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_word = |word: &&str| {
        let firm = ["inc", "ltd", "llc", "gmbh", "ag", "sa", "spol", "corp", "co", "phd", "md", "jr", "sr", "csc", "mba"];
        word.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.' | '’'))
            && !firm.contains(&word.trim_matches('.').to_lowercase().as_str())
    };
    (1..=most).contains(&words.len()) && words.iter().all(is_word)
}

//! A letter as a message of RFC 5322, which [`super::message`] reads back as it was. It
//! must not know records.

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;

use super::automatic::Answer;
use super::fields::{Mailbox, one_line};
use crate::domain::Timestamp;
use crate::exchange::rows::Enclosed;

/// What is written.
#[derive(Debug, Clone, Default)]
pub(in crate::exchange) struct Letter {
    /// Its name in angle brackets.
    pub(in crate::exchange) message_id: String,
    /// The name that begins its thread.
    pub(in crate::exchange) thread: Option<String>,
    /// When it was written.
    pub(in crate::exchange) at: Option<Timestamp>,
    /// Who wrote it.
    pub(in crate::exchange) from: Mailbox,
    /// To whom.
    pub(in crate::exchange) to: Vec<Mailbox>,
    /// To whom as well.
    pub(in crate::exchange) cc: Vec<Mailbox>,
    /// The team's address that it was delivered to.
    pub(in crate::exchange) delivered_to: Option<String>,
    /// Its subject.
    pub(in crate::exchange) subject: String,
    /// Its text.
    pub(in crate::exchange) body: String,
    /// Whether a machine wrote it, and why.
    pub(in crate::exchange) answer: Option<Answer>,
    /// Of a bounce, the addresses that failed.
    pub(in crate::exchange) failed: Vec<String>,
    /// The channel of a touch that was no mail.
    pub(in crate::exchange) channel: Option<String>,
    /// The files that go with it.
    pub(in crate::exchange) files: Vec<Enclosed>,
}

impl Letter {
    /// Returns the message, its lines ended by LF.
    pub(in crate::exchange) fn message(&self) -> Vec<u8> {
        let mut message = MessageBuilder::new();
        // A line of its own for each: no text can begin another field.
        let raw = |text: &str| Raw::new(one_line(text));
        if let Some(address) = &self.delivered_to {
            message = message.header("Delivered-To", raw(address));
        }
        message = message
            .from(address(&self.from))
            .to(addresses(&self.to))
            .date(self.at.unwrap_or(Timestamp::EPOCH).0.div_euclid(1_000_000))
            .message_id(bare(&self.message_id));
        if !self.cc.is_empty() {
            message = message.cc(addresses(&self.cc));
        }
        if !self.subject.is_empty() {
            message = message.subject(one_line(&self.subject));
        }
        if let Some(thread) = self.thread.as_ref().filter(|thread| **thread != self.message_id) {
            message = message.in_reply_to(bare(thread)).references(bare(thread));
        }
        match self.answer {
            Some(Answer::Bounce) => message = message.header("X-Failed-Recipients", raw(&self.failed.join(", "))),
            Some(Answer::AutoReply) => message = message.header("Auto-Submitted", raw("auto-replied")),
            Some(Answer::Automatic) => message = message.header("Precedence", raw("bulk")),
            None => {}
        }
        if let Some(channel) = &self.channel {
            message = message.header("X-Rolo-Channel", raw(channel));
        }
        message = message.text_body(self.body.as_str());
        for file in &self.files {
            message = message.attachment(file.media_type.as_str(), file.name.as_str(), file.content.as_slice());
        }
        // Writing into memory does not fail.
        let written = message.write_to_vec().unwrap_or_default();
        written.into_iter().filter(|byte| *byte != b'\r').collect()
    }
}

fn address(mailbox: &Mailbox) -> Address<'_> {
    let name = one_line(&mailbox.name);
    Address::new_address((!name.is_empty()).then_some(name), one_line(&mailbox.address))
}

fn addresses(all: &[Mailbox]) -> Address<'_> {
    Address::new_list(all.iter().map(address).collect())
}

fn bare(id: &str) -> MessageId<'static> {
    let inner: String = id.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>')).collect();
    MessageId::new(inner)
}

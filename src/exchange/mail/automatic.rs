//! Messages that a machine wrote: a bounce, an answer by itself, a notice to many. What
//! a person wrote is told apart from them, so that no clock stops at an out-of-office.
//! Sources: RFC 3464 (reports on delivery), RFC 3834 (Auto-Submitted), RFC 8098
//! (dispositions). It must not know who of the people is who here.

use super::fields::{Fields, one_line};
use super::message::Message;
use super::parts::Part;

/// Why a machine wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// A message could not be delivered.
    Bounce,
    /// It answers by itself: somebody is out of office, a message was read or is late.
    AutoReply,
    /// It was sent by itself, or to many.
    Automatic,
}

impl Answer {
    /// Returns the word of the field `outcome`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::AutoReply => "auto-reply",
            Self::Automatic => "automatic",
        }
    }
}

/// The most addresses of one report.
const MOST: usize = 100;

/// What the parts of a report say.
#[derive(Debug, Default)]
pub(super) struct Report {
    failed: Vec<String>,
    /// Recipients of whom something else is told: their mail is late, or was read.
    told: usize,
    /// The name of the message that is reported on.
    original: Option<String>,
}

impl Report {
    /// Takes in the fields on delivery: a block on the message, one for each recipient.
    pub(super) fn status(&mut self, text: &str, is_disposition: bool) {
        if is_disposition {
            self.told += 1;
        }
        for block in text.replace("\r\n", "\n").split("\n\n") {
            let fields = Fields::split(block.as_bytes()).0;
            if is_disposition {
                self.original = self.original.take().or_else(|| fields.ids("original-message-id").into_iter().next());
                continue;
            }
            let recipient = fields.plain("original-recipient").or_else(|| fields.plain("final-recipient"));
            let Some(recipient) = recipient else { continue };
            // `rfc822;ada@example.com`
            let address = recipient.rsplit(';').next().unwrap_or_default().trim_matches(['<', '>', ' ']).to_owned();
            let action = fields.plain("action").unwrap_or_default().to_lowercase();
            if (action.is_empty() || action.starts_with("failed")) && address.contains('@') && self.failed.len() < MOST {
                self.failed.push(address);
            } else {
                self.told += 1;
            }
        }
    }

    /// Takes in the header of the message that is reported on.
    pub(super) fn original(&mut self, fields: &Fields<'_>) {
        self.original = self.original.take().or_else(|| fields.ids("message-id").into_iter().next());
    }
}

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) answer: Option<Answer>,
    /// The addresses that failed.
    pub(super) failed: Vec<String>,
    /// The message that it answers, where its own header does not say.
    pub(super) answers: Option<String>,
}

/// Finds out whether a machine wrote a message.
pub(super) fn of(whole: &Part<'_>, report: Option<&Report>, message: &Message) -> Found {
    let fields = &whole.fields;
    let plain = |name: &str| fields.plain(name).map(|text| text.to_lowercase());
    let daemon = message.from.iter().any(|from| is_daemon(&from.address));
    let mut failed = report.map(|report| report.failed.clone()).unwrap_or_default();
    if failed.is_empty() {
        failed = fields.addresses("x-failed-recipients").into_iter().map(|one| one.address).take(MOST).collect();
    }
    let told = report.map_or(0, |report| report.told);
    if failed.is_empty() && daemon && told == 0 {
        failed = in_text(&message.body);
    }
    let is_report = whole.media_type == "multipart/report";
    let answers = report.and_then(|report| report.original.clone());
    if !failed.is_empty() && (daemon || is_report || report.is_some() || fields.has("x-failed-recipients")) {
        return Found { answer: Some(Answer::Bounce), failed, answers };
    }
    if told > 0 || is_report && report.is_some() {
        return Found { answer: Some(Answer::AutoReply), failed: Vec::new(), answers };
    }
    let submitted = plain("auto-submitted").unwrap_or_default();
    let precedence = plain("precedence").unwrap_or_default();
    let by_itself = ["x-autoreply", "x-autorespond", "x-auto-reply", "x-mail-autoreply"].iter().any(|name| {
        let said = plain(name);
        said.is_some_and(|said| said != "no")
    });
    let answers_one = fields.has("in-reply-to") || fields.has("references");
    let is_answer = submitted.starts_with("auto-replied")
        || by_itself
        || matches!(precedence.as_str(), "auto_reply" | "auto-reply")
        || submitted.starts_with("auto-") && answers_one
        || says_so(&message.subject);
    let answer = if daemon && !is_answer && submitted.is_empty() {
        // A report that names nobody in a way that can be read.
        Some(Answer::Bounce)
    } else if is_answer {
        Some(Answer::AutoReply)
    } else if submitted.starts_with("auto-") || matches!(precedence.as_str(), "bulk" | "junk") && message.lists.is_empty() {
        Some(Answer::Automatic)
    } else {
        None
    };
    Found { answer, failed: Vec::new(), answers }
}

/// Returns whether a mail system writes from an address.
pub(super) fn is_daemon(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_lowercase();
    matches!(local.as_str(), "mailer-daemon" | "postmaster" | "mail-daemon" | "mmdf" | "maildaemon")
}

/// Exchange's answers say it in the subject alone.
fn says_so(subject: &str) -> bool {
    let subject = subject.to_lowercase();
    [
        "automatic reply:",
        "auto-reply:",
        "autoreply:",
        "out of office:",
        "automatische antwort:",
        "automatická odpověď:",
        "réponse automatique",
    ]
    .iter()
    .any(|words| subject.starts_with(words))
}

/// Returns the addresses that qmail and its like name in the text: `<ada@example.com>:`
/// alone on a line.
fn in_text(body: &str) -> Vec<String> {
    let named = |line: &str| {
        let inner = line.trim().strip_prefix('<')?.split_once('>')?;
        let is_address = inner.0.contains('@') && !inner.0.contains(char::is_whitespace) && inner.0.len() < 300;
        (is_address && inner.1.starts_with(':')).then(|| one_line(inner.0))
    };
    body.lines().take(500).filter_map(named).take(MOST).collect()
}

//! Queues: at which addresses requests come in, and what a ticket is given that comes by
//! one of them.

use super::DefinitionError;
use super::choices::{Choices, find_word};
use super::document::{Section, Source, check_word};
use crate::domain::parse::email_key;
use crate::domain::{ChoiceList, fold};

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbox {
    /// The name of the queue.
    pub queue: String,
    /// The addresses to which its requests are sent.
    pub addresses: Vec<String>,
    /// The priority of a new ticket; else the usual one.
    pub priority: Option<String>,
    /// Its category.
    pub category: Option<String>,
    /// The line that takes it first.
    pub line: Option<String>,
}

/// All queues that take in requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queues {
    inboxes: Vec<Inbox>,
}

impl Queues {
    pub(super) fn read(source: Source<'_>, choices: &Choices) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of queues");
        let mut inboxes: Vec<Inbox> = Vec::new();
        for (name, span, section) in whole.sections("queue") {
            check_word(name).map_err(|message| source.error(span.clone(), message))?;
            if inboxes.iter().any(|known| fold::fold(&known.queue) == fold::fold(name)) {
                return Err(source.error(span, format!("there are two queues \u{201c}{name}\u{201d}")));
            }
            let section = section.map_err(|error| error.hint("each queue begins with its name: [support]"))?;
            section.keys_among(&["addresses", "priority", "category", "line"])?;
            let addresses = section.words("addresses")?.unwrap_or_default();
            if let Some(slip) = addresses.iter().find(|address| !is_address(address)) {
                let error = section.error_at("addresses", format!("\u{201c}{}\u{201d} is no e-mail address", slip.escape_debug()));
                return Err(error.hint("such as support@example.com"));
            }
            let inbox = Inbox {
                queue: name.to_owned(),
                addresses,
                priority: word_of(&section, "priority", choices, ChoiceList::Priority)?,
                category: section.text("category")?.map(str::to_owned),
                line: word_of(&section, "line", choices, ChoiceList::ServiceLine)?,
            };
            for address in &inbox.addresses {
                if let Some(other) = inboxes.iter().find(|known| known.is_at(address)) {
                    return Err(section.error_at("addresses", format!("{address} is an address of the queue {} too", other.queue)));
                }
            }
            inboxes.push(inbox);
        }
        Ok(Self { inboxes })
    }

    /// Returns the queues in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Inbox> {
        self.inboxes.iter()
    }

    /// Returns the queue whose requests are sent to an address; `support+shop@example.com`
    /// is support@example.com.
    pub fn at(&self, address: &str) -> Option<&Inbox> {
        self.iter().find(|inbox| inbox.is_at(address))
    }
}

impl Inbox {
    fn is_at(&self, address: &str) -> bool {
        let key = bare(address);
        self.addresses.iter().any(|known| bare(known) == key)
    }
}

fn bare(address: &str) -> String {
    let key = email_key(address);
    match key.split_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().filter(|local| !local.is_empty()).unwrap_or(local)),
        None => key,
    }
}

fn is_address(text: &str) -> bool {
    let parts = text.trim().rsplit_once('@');
    parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !text.contains(char::is_whitespace))
}

/// Returns the word of a closed list under a key.
pub(super) fn word_of(
    section: &Section<'_, '_>,
    key: &str,
    choices: &Choices,
    list: ChoiceList,
) -> Result<Option<String>, DefinitionError> {
    let Some(text) = section.text(key)? else { return Ok(None) };
    let words: Vec<&str> = choices.words(list).iter().map(String::as_str).collect();
    match find_word(words.iter().copied(), text) {
        Some(word) => Ok(Some(word.to_owned())),
        None => Err(section.error_at(key, format!("\u{201c}{}\u{201d} is no {key}", text.escape_debug())).nearest(text, words)),
    }
}

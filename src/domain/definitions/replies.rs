//! Canned replies: texts that answer tickets, with variables from the ticket.

use super::DefinitionError;
use super::document::{Section, Source, check_word};
use super::{Definitions, template_place};
use crate::domain::canned::Template;
use crate::domain::{FieldRef, Kind, fold};

/// What stands before a path that begins with who answers, and not with the ticket.
const ME: &str = "me.";

/// One reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CannedReply {
    /// Its name.
    pub name: String,
    /// In a few words, when it is used.
    pub about: String,
    /// What it says.
    pub text: Template,
    /// The same as it was written.
    pub written: String,
    /// The status that the ticket gets, if it gets one.
    pub status: Option<String>,
}

/// All replies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replies {
    replies: Vec<CannedReply>,
}

impl Replies {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of replies");
        let mut replies: Vec<CannedReply> = Vec::new();
        for (name, span, section) in whole.sections("reply") {
            check_word(name).map_err(|message| source.error(span.clone(), message))?;
            if replies.iter().any(|known| fold::fold(&known.name) == fold::fold(name)) {
                return Err(source.error(span, format!("there are two replies \u{201c}{name}\u{201d}")));
            }
            let section = section.map_err(|error| error.hint("each reply begins with its name: [thanks]"))?;
            section.keys_among(&["text", "about", "status"])?;
            let written = section.required_text("text")?;
            let text = Template::parse(written).map_err(|error| {
                let place = template_place(written, error.span.start);
                section.error_at("text", format!("{} ({place} of the text)", error.message)).hint("a variable is {{contact.given|there}}")
            })?;
            replies.push(CannedReply {
                name: name.to_owned(),
                about: section.text("about")?.unwrap_or_default().to_owned(),
                text,
                written: written.to_owned(),
                status: section.text("status")?.map(str::to_owned),
            });
        }
        Ok(Self { replies })
    }

    /// Looks for variables that no ticket has, and statuses that there are not.
    pub(super) fn check(&self, source: Source<'_>, definitions: &Definitions) -> Result<(), DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of replies");
        for ((_, _, section), reply) in whole.sections("reply").zip(&self.replies) {
            let section = section?;
            for variable in reply.text.variables() {
                let (kind, path) = match variable.path.strip_prefix(ME) {
                    Some(path) => (Kind::User, path),
                    None => (Kind::Ticket, variable.path.as_str()),
                };
                if let Err(unknown) = FieldRef::resolve(kind, path, definitions) {
                    let place = template_place(&reply.written, variable.span.start);
                    let message = format!("{unknown} ({place} of the text)");
                    return Err(section.error_at("text", message).hint(unknown.hint()));
                }
            }
            if let Some(status) = &reply.status
                && definitions.statuses.iter().all(|known| fold::fold(&known.name) != fold::fold(status))
            {
                let error = section.error_at("status", format!("there is no status \u{201c}{}\u{201d}", status.escape_debug()));
                return Err(error.nearest(status, definitions.statuses.iter().map(|status| status.name.as_str())));
            }
        }
        Ok(())
    }

    /// Returns the replies in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &CannedReply> {
        self.replies.iter()
    }

    /// Returns the reply of this name, without regard to case.
    pub fn get(&self, name: &str) -> Option<&CannedReply> {
        self.iter().find(|reply| fold::fold(&reply.name) == fold::fold(name))
    }
}

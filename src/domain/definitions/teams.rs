//! Teams: who works together, by login.

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::fold;

/// One team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// The login of who leads it.
    pub lead: Option<String>,
    /// The logins of its members.
    pub members: Vec<String>,
    /// The queues that are its.
    pub queues: Vec<String>,
}

/// All teams.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Teams {
    teams: Vec<Team>,
}

impl Teams {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of teams");
        whole.keys_among(&["team"])?;
        let mut teams: Vec<Team> = Vec::new();
        for section in whole.list("team", "team")? {
            section.keys_among(&["name", "lead", "members", "queues"])?;
            let name = section.required_name("name")?;
            if teams.iter().any(|known| fold::fold(&known.name) == fold::fold(&name)) {
                return Err(section.error_at("name", format!("there are two teams \u{201c}{name}\u{201d}")));
            }
            teams.push(Team {
                name,
                lead: section.text("lead")?.map(str::to_owned),
                members: section.words("members")?.unwrap_or_default(),
                queues: section.words("queues")?.unwrap_or_default(),
            });
        }
        Ok(Self { teams })
    }

    /// Returns the teams in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Team> {
        self.teams.iter()
    }

    /// Returns the teams that somebody is a member of or leads.
    pub fn of<'a>(&'a self, login: &'a str) -> impl Iterator<Item = &'a Team> {
        self.teams.iter().filter(move |team| team.lead.as_deref() == Some(login) || team.members.iter().any(|member| member == login))
    }
}

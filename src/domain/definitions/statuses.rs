//! Statuses of tickets, each with the category that service clocks read.

use super::DefinitionError;
use super::document::{Section, Source};
use super::renamed::Renamed;
use crate::domain::fold;

/// Who has to act on a ticket of a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Category {
    /// Somebody here.
    Open,
    /// The customer or somebody else: service clocks stand still.
    Waiting,
    /// Nobody.
    Done,
}

/// One status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// Who has to act.
    pub category: Category,
}

/// All statuses in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses {
    statuses: Vec<Status>,
    pub(super) renamed: Renamed,
}

impl Statuses {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of statuses");
        whole.keys_among(&["status", "renamed"])?;
        let mut statuses: Vec<Status> = Vec::new();
        for section in whole.list("status", "status")? {
            section.keys_among(&["name", "category"])?;
            let name = section.required_name("name")?;
            let category = match section.required_text("category")? {
                "open" => Category::Open,
                "waiting" => Category::Waiting,
                "done" => Category::Done,
                other => {
                    let error = section.error_at("category", format!("\u{201c}{other}\u{201d} is no category of a status"));
                    return Err(error.nearest(other, ["open", "waiting", "done"]));
                }
            };
            if statuses.iter().any(|known| fold::fold(&known.name) == fold::fold(&name)) {
                return Err(section.error_at("name", format!("there are two statuses \u{201c}{name}\u{201d}")));
            }
            statuses.push(Status { name, category });
        }
        if statuses.first().is_none_or(|status| status.category == Category::Done) {
            return Err(whole.error("the first status, that of new tickets, must not be done"));
        }
        if !statuses.iter().any(|status| status.category == Category::Done) {
            return Err(whole.error("at least one status must be done"));
        }
        let names: Vec<&str> = statuses.iter().map(|status| status.name.as_str()).collect();
        let renamed = Renamed::read(&whole, &names)?;
        Ok(Self { statuses, renamed })
    }

    /// Returns the statuses in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Status> {
        self.statuses.iter()
    }

    /// Returns the status of this name, without regard to case.
    pub fn get(&self, name: &str) -> Option<&Status> {
        self.statuses.iter().find(|status| status.name == name || fold::fold(&status.name) == fold::fold(name))
    }

    /// Returns the category of a status; a name that there no longer is counts as open.
    pub fn category(&self, name: &str) -> Category {
        self.get(name).map_or(Category::Open, |status| status.category)
    }

    /// Returns the status of new tickets.
    pub fn first(&self) -> &Status {
        self.statuses.first().expect("there is a first status")
    }

    /// Returns whether tickets of this status are closed for good: the last of
    /// those that are done.
    pub fn is_final(&self, name: &str) -> bool {
        let last = self.statuses.iter().rev().find(|status| status.category == Category::Done);
        last.is_some_and(|last| fold::fold(&last.name) == fold::fold(name))
    }
}

//! What the team owns: pipelines, statuses, choices, custom fields, settings and
//! the rest, each a TOML text that is checked as a whole before it is taken.
//!
//! A definition that the store does not have is its built-in example. This room
//! reads texts and says what is wrong in them and what changed between two; where
//! they are kept, and which records use a word, others know.

mod calendars;
mod change;
mod choices;
mod currencies;
mod custom;
mod diagnostic;
mod document;
mod escalations;
mod leads;
mod pipelines;
mod queues;
mod quotes;
mod renamed;
mod replies;
mod scoring;
mod settings;
mod shapes;
mod sla;
mod statuses;
mod targets;
mod teams;

use std::fmt;

use chrono::NaiveDate;

pub use calendars::Calendars;
pub use change::{Changed, DefinitionChange, changes};
pub use choices::Choices;
pub use choices::find_word;
pub use currencies::{Currencies, with_rates};
pub use custom::{CustomField, CustomFields, CustomType, check_name};
pub use diagnostic::DefinitionError;
use document::Source;
pub use escalations::Escalations;
pub use leads::{AssignRule, AssignRules, Way};
pub use pipelines::{Meaning, Pipeline, Pipelines, Stage};
pub use queues::{Inbox, Queues};
pub use quotes::Quotes;
pub use renamed::Renamed;
pub use replies::{CannedReply, Replies};
pub use scoring::{ChanceFrom, ScoreOf, ScoreRule, Scoring};
pub use settings::Settings;
pub use shapes::{Shape, Shapes};
pub use sla::Policies;
pub use statuses::{Category, Status, Statuses};
pub use targets::{Target, Targets, Whose};
pub use teams::{Team, Teams};

use super::canned::place as template_place;
use super::fields::number;
use super::{ChoiceList, Currency, Decimal, Kind, Record};

/// The definitions by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DefinitionName {
    /// Pipelines and stages.
    Pipelines,
    /// Statuses of tickets.
    Statuses,
    /// Custom fields.
    Fields,
    /// Lists of words.
    Choices,
    /// Teams.
    Teams,
    /// Rates of currencies.
    Currencies,
    /// Service levels.
    Sla,
    /// Business hours.
    Calendars,
    /// Rules.
    Rules,
    /// Playbooks.
    Playbooks,
    /// Saved views.
    Views,
    /// Mapping files by name.
    Presets,
    /// Time zone, currency, phone region.
    Settings,
    /// Where requests come in.
    Queues,
    /// What is done with tickets as time goes.
    Escalations,
    /// What is to be won.
    Targets,
    /// How offers look.
    Quotes,
    /// How leads are scored.
    Scoring,
    /// Who gets which leads.
    Assignment,
    /// Reports that are looked at together.
    Dashboards,
    /// Canned replies.
    Replies,
}

/// What is fixed about each definition: its name, a line of help, its example.
const DEFINITIONS: &[(DefinitionName, &str, &str, &str)] = &[
    (DefinitionName::Pipelines, "pipelines", "stages of opportunities, in order", include_str!("examples/pipelines.toml")),
    (DefinitionName::Statuses, "statuses", "statuses of tickets, each with its category", include_str!("examples/statuses.toml")),
    (DefinitionName::Fields, "fields", "custom fields", include_str!("examples/fields.toml")),
    (DefinitionName::Choices, "choices", "words that fields choose from", include_str!("examples/choices.toml")),
    (DefinitionName::Teams, "teams", "who works together", include_str!("examples/teams.toml")),
    (DefinitionName::Currencies, "currencies", "rates to the reporting currency", include_str!("examples/currencies.toml")),
    (DefinitionName::Sla, "sla", "service levels", include_str!("examples/sla.toml")),
    (DefinitionName::Calendars, "calendars", "business hours and holidays", include_str!("examples/calendars.toml")),
    (DefinitionName::Rules, "rules", "when something changes, do", include_str!("examples/rules.toml")),
    (DefinitionName::Playbooks, "playbooks", "sequences of tasks", include_str!("examples/playbooks.toml")),
    (DefinitionName::Views, "views", "saved queries with columns", include_str!("examples/views.toml")),
    (DefinitionName::Presets, "presets", "named mapping files", include_str!("examples/presets.toml")),
    (
        DefinitionName::Settings,
        "settings",
        "time zone, default currency, phone region, public mail providers",
        include_str!("examples/settings.toml"),
    ),
    (DefinitionName::Queues, "queues", "where requests come in, by address", include_str!("examples/queues.toml")),
    (DefinitionName::Escalations, "escalations", "warnings, the next line, follow-ups", include_str!("examples/escalations.toml")),
    (DefinitionName::Targets, "targets", "what is to be won in a period, and by whom", include_str!("examples/targets.toml")),
    (DefinitionName::Quotes, "quotes", "numbers and templates of offers", include_str!("examples/quotes.toml")),
    (DefinitionName::Scoring, "scoring", "points of leads, and what their chance is counted from", include_str!("examples/scoring.toml")),
    (DefinitionName::Assignment, "assignment", "who gets which leads", include_str!("examples/assignment.toml")),
    (DefinitionName::Dashboards, "dashboards", "reports that are looked at together", include_str!("examples/dashboards.toml")),
    (DefinitionName::Replies, "replies", "canned replies, with variables", include_str!("examples/replies.toml")),
];

impl DefinitionName {
    /// Returns all definitions in display order.
    pub fn all() -> impl Iterator<Item = Self> {
        DEFINITIONS.iter().map(|(name, ..)| *name)
    }

    fn line(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        &DEFINITIONS[self as usize]
    }

    /// Returns the name as typed.
    pub fn name(self) -> &'static str {
        self.line().1
    }

    /// Returns one line of help.
    pub fn help(self) -> &'static str {
        self.line().2
    }

    /// Returns the documented example, which is also the built-in default.
    pub fn example(self) -> &'static str {
        self.line().3
    }

    /// Returns the definition of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        DEFINITIONS.iter().find(|(_, known, ..)| known.eq_ignore_ascii_case(name)).map(|(name, ..)| *name)
    }
}

impl fmt::Display for DefinitionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Everything that the team owns, read and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Definitions {
    /// Pipelines and stages.
    pub pipelines: Pipelines,
    /// Statuses of tickets.
    pub statuses: Statuses,
    /// Lists of words.
    pub choices: Choices,
    /// Custom fields.
    pub custom: CustomFields,
    /// Teams.
    pub teams: Teams,
    /// Rates of currencies.
    pub currencies: Currencies,
    /// Business hours.
    pub calendars: Calendars,
    /// Service levels.
    pub policies: Policies,
    /// Where requests come in.
    pub queues: Queues,
    /// What is done with tickets as time goes.
    pub escalations: Escalations,
    /// What is to be won.
    pub targets: Targets,
    /// How offers look.
    pub quotes: Quotes,
    /// How leads are scored.
    pub scoring: Scoring,
    /// Who gets which leads.
    pub assignment: AssignRules,
    /// Settings of the store.
    pub settings: Settings,
    /// Canned replies.
    pub replies: Replies,
    /// Definitions whose meaning belongs to other rooms.
    pub shapes: Shapes,
}

impl Default for Definitions {
    fn default() -> Self {
        Self::from_documents([]).expect("the built-in definitions are valid: a test reads them")
    }
}

impl Definitions {
    /// Returns the definitions of these `(name, TOML text)`; a definition that is not
    /// among them is the built-in one. Of two of one name the later counts.
    ///
    /// # Errors
    ///
    /// A name that is no definition's, or a slip in a text, with its place.
    pub fn from_documents<'t>(documents: impl IntoIterator<Item = (&'t str, &'t str)>) -> Result<Self, DefinitionError> {
        let mut texts: Vec<&str> = DEFINITIONS.iter().map(|(.., example)| *example).collect();
        for (name, text) in documents {
            let known = DefinitionName::from_name(name).ok_or_else(|| {
                let source = Source { name, text };
                let error = source.error(0..0, format!("there is no definition \u{201c}{name}\u{201d}"));
                error.nearest(name, DefinitionName::all().map(DefinitionName::name))
            })?;
            texts[known as usize] = text;
        }
        let source = |name: DefinitionName| Source { name: name.name(), text: texts[name as usize] };
        let mut shapes = Shapes::default();
        for name in
            [DefinitionName::Rules, DefinitionName::Playbooks, DefinitionName::Views, DefinitionName::Presets, DefinitionName::Dashboards]
        {
            shapes.put(name, source(name))?;
        }
        let choices = Choices::read(source(DefinitionName::Choices))?;
        let calendars = Calendars::read(source(DefinitionName::Calendars))?;
        let settings = Settings::read(source(DefinitionName::Settings))?;
        let custom = CustomFields::read(source(DefinitionName::Fields))?;
        let definitions = Self {
            scoring: Scoring::read(source(DefinitionName::Scoring))?,
            assignment: AssignRules::read(source(DefinitionName::Assignment))?,
            quotes: Quotes::read(source(DefinitionName::Quotes))?,
            targets: Targets::read(source(DefinitionName::Targets), settings.currency)?,
            policies: Policies::read(source(DefinitionName::Sla), &calendars, &choices)?,
            queues: Queues::read(source(DefinitionName::Queues), &choices)?,
            escalations: Escalations::read(source(DefinitionName::Escalations), &choices)?,
            calendars,
            pipelines: Pipelines::read(source(DefinitionName::Pipelines), &custom)?,
            statuses: Statuses::read(source(DefinitionName::Statuses))?,
            choices,
            custom,
            teams: Teams::read(source(DefinitionName::Teams))?,
            currencies: Currencies::read(source(DefinitionName::Currencies))?,
            settings,
            replies: Replies::read(source(DefinitionName::Replies))?,
            shapes,
        };
        // What a reply speaks of may be a field of the team's own.
        definitions.replies.check(source(DefinitionName::Replies), &definitions)?;
        Ok(definitions)
    }

    /// Returns the definitions that a store's records of [`Kind::Definition`] hold.
    ///
    /// # Errors
    ///
    /// As [`Self::from_documents`].
    pub fn from_records<'r>(records: impl IntoIterator<Item = &'r Record>) -> Result<Self, DefinitionError> {
        let text = |record: &'r Record, field| record.text(field).unwrap_or_default();
        Self::from_documents(
            records
                .into_iter()
                .filter(|record| record.kind() == Kind::Definition)
                .map(|record| (text(record, number::DEFINITION_NAME), text(record, number::DEFINITION_TEXT))),
        )
    }

    /// Returns the words of a list in the team's order; of the stages those of all
    /// pipelines.
    pub fn words(&self, list: ChoiceList) -> Vec<&str> {
        match list {
            ChoiceList::Stage => self.pipelines.stage_names(),
            ChoiceList::Pipeline => self.pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect(),
            ChoiceList::Status => self.statuses.iter().map(|status| status.name.as_str()).collect(),
            other => self.choices.words(other).iter().map(String::as_str).collect(),
        }
    }

    /// Returns whether a list refuses words that it does not have.
    pub fn is_closed(&self, list: ChoiceList) -> bool {
        self.choices.is_closed(list)
    }

    /// Returns the word of a list that a text means, as the list writes it.
    pub fn word(&self, list: ChoiceList, text: &str) -> Option<&str> {
        find_word(self.words(list), text)
    }

    /// Returns the place of a word in its list, from 0, by which it sorts.
    pub fn rank(&self, list: ChoiceList, word: &str) -> Option<usize> {
        self.words(list).iter().position(|known| *known == word)
    }

    /// Returns the pipeline of an opportunity.
    pub fn pipeline_of(&self, opportunity: &Record) -> &Pipeline {
        self.pipelines.get_or_default(opportunity.text(number::PIPELINE))
    }

    /// Returns the stage of an opportunity, if it has one that its pipeline knows.
    pub fn stage_of(&self, opportunity: &Record) -> Option<&Stage> {
        self.pipeline_of(opportunity).stage(opportunity.text(number::STAGE)?)
    }

    /// Returns what an opportunity's stage means; without a known stage it is open.
    pub fn meaning_of(&self, opportunity: &Record) -> Meaning {
        self.stage_of(opportunity).map_or(Meaning::Open, |stage| stage.meaning)
    }

    /// Returns the chance of an open opportunity in per cent: its own, else its
    /// stage's. What is won has 100, what is lost 0, whatever it says.
    pub fn probability_of(&self, opportunity: &Record) -> u8 {
        let stage = self.stage_of(opportunity);
        match stage.map_or(Meaning::Open, |stage| stage.meaning) {
            Meaning::Won => 100,
            Meaning::Lost => 0,
            Meaning::Open => match opportunity.first(number::PROBABILITY).and_then(super::Value::as_int) {
                Some(own) => own.clamp(0, 100) as u8,
                None => stage.map_or(0, |stage| stage.probability),
            },
        }
    }

    /// Returns the category of a ticket's status; a ticket without one is open.
    pub fn category_of(&self, ticket: &Record) -> Category {
        ticket.text(number::STATUS).map_or(Category::Open, |status| self.statuses.category(status))
    }

    /// Returns the currency of reports.
    pub fn reporting_currency(&self) -> Currency {
        self.currencies.reporting.unwrap_or(self.settings.currency)
    }

    /// Returns what one unit of a currency is worth in the reporting currency on a
    /// day, exactly; `None` without a rate.
    pub fn rate(&self, currency: Currency, on: NaiveDate) -> Option<Decimal> {
        if currency == self.reporting_currency() { Some(Decimal::from(1)) } else { self.currencies.rate(currency, on) }
    }
}

#[cfg(test)]
mod tests;

//! What a field is: its number, name, type and manners.
//!
//! The fields themselves stand in [`super::fields`], the one table from which the
//! command line, queries, columns, mapping files, JSON and docs derive.

use std::fmt;

use super::{FieldNumber, Kind};

/// What values a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldType {
    /// One line of text.
    Text,
    /// Text of any length, with line breaks.
    LongText,
    /// A person's or firm's name.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number, kept in E.164 where it can be read as one.
    Phone,
    /// A web address.
    Url,
    /// An Internet domain, lower case.
    Domain,
    /// A word by which records are grouped.
    Tag,
    /// A whole number.
    Int,
    /// Whole per cent, 0 to 100.
    Percent,
    /// An exact decimal number.
    Number,
    /// An exact amount in a currency.
    Money,
    /// A date, possibly partial.
    Date,
    /// A moment.
    Time,
    /// Yes or no.
    Flag,
    /// A word of a list that refuses others.
    Choice(ChoiceList),
    /// A word of a list that takes new ones.
    OpenChoice(ChoiceList),
    /// Another record of one of these kinds; none named means any.
    Link(&'static [Kind]),
    /// A postal address.
    Address,
    /// A job at a company.
    Job,
    /// A line of an opportunity or order.
    Line,
    /// An id elsewhere, under its source.
    ExternalId,
    /// Consent per channel.
    Consent,
    /// A language tag (BCP 47), such as `cs` or `en-GB`.
    Language,
    /// An IANA time zone.
    Zone,
    /// A span such as `30d`, `3m`, `1y`; kept as text.
    Span,
    /// How something recurs: a rule of RFC 5545, also said in words; kept as text.
    Repeat,
    /// The name of a file: no path, no control characters, bounded.
    FileName,
    /// A SHA-256 in hexadecimal digits, which only the whole of equals.
    Hash,
}

impl fmt::Display for FieldType {
    /// In the words of `rolo fields`: `money`, `choice of stage`, `link to contact`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::LongText => "long text",
            Self::Name => "name",
            Self::Email => "e-mail",
            Self::Phone => "phone",
            Self::Url => "url",
            Self::Domain => "domain",
            Self::Tag => "tag",
            Self::Int => "whole number",
            Self::Percent => "per cent",
            Self::Number => "number",
            Self::Money => "money",
            Self::Date => "date",
            Self::Time => "time",
            Self::Flag => "flag",
            Self::Choice(list) | Self::OpenChoice(list) => return write!(f, "choice of {}", list.name().replace('-', " ")),
            Self::Link([]) => "link to anything",
            Self::Link(kinds) => {
                let names: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
                return write!(f, "link to {}", names.join(" or "));
            }
            Self::Address => "address",
            Self::Job => "job",
            Self::Line => "line",
            Self::ExternalId => "external id",
            Self::Consent => "consent",
            Self::Language => "language",
            Self::Zone => "time zone",
            Self::Span => "span",
            Self::Repeat => "recurrence",
            Self::FileName => "file name",
            Self::Hash => "hash",
        })
    }
}

/// A list of words that the team owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChoiceList {
    /// Stages of all pipelines; which are valid depends on the record's pipeline.
    Stage,
    /// Names of pipelines.
    Pipeline,
    /// Statuses of tickets, each with its category.
    Status,
    /// Priorities, most urgent first.
    Priority,
    /// Lifecycle of contacts and companies.
    Lifecycle,
    /// Channels of interactions.
    Channel,
    /// In or out.
    Direction,
    /// How it felt.
    Sentiment,
    /// Forecast categories.
    Forecast,
    /// What a company is to us.
    CompanyRole,
    /// yes, no, unknown.
    Consent,
    /// First or second line of service.
    ServiceLine,
    /// What a user may do.
    UserRole,
    /// Industries.
    Industry,
    /// Where a lead came from.
    Source,
    /// Categories of tickets.
    TicketCategory,
    /// Queues of tickets.
    Queue,
    /// What an interaction led to.
    Outcome,
    /// States of an order.
    OrderStatus,
    /// States of a delivery.
    DeliveryStatus,
    /// States of a contract.
    ContractStatus,
    /// Periods of a price: month, quarter, year, once.
    Period,
    /// States of a quote.
    QuoteStatus,
    /// Series of products.
    Series,
    /// Why a deal was lost.
    LostReason,
}

/// One field of the table.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its number in every store; never reused.
    pub number: FieldNumber,
    /// The name on the command line, in queries, JSON and mapping files.
    pub name: &'static str,
    /// Further names that are taken for it.
    pub aliases: &'static [&'static str],
    /// What values it takes.
    pub ty: FieldType,
    /// Whether it holds several values.
    pub repeats: bool,
    /// Whether its values stand under labels (`email.work`).
    pub labels: bool,
    /// Whether the store keeps an index of its values.
    pub indexed: bool,
    /// Whether a word alone in a query searches it.
    pub searched: bool,
    /// Whether a change of it makes an event.
    pub tracked: bool,
    /// Whether it is about what is to come: `fri` is the next Friday, never the last one.
    pub ahead: bool,
    /// Whether only the store and the commands write it, never a person by `set`.
    pub system: bool,
    /// Between which whole numbers its values lie, both included.
    pub between: Option<(i64, i64)>,
    /// One line of help.
    pub help: &'static str,
    /// An example of a value, as typed.
    pub example: &'static str,
}

impl Field {
    pub(super) const fn new(number: FieldNumber, name: &'static str, ty: FieldType, help: &'static str, example: &'static str) -> Self {
        Self {
            number,
            name,
            aliases: &[],
            ty,
            repeats: false,
            labels: false,
            indexed: false,
            searched: false,
            tracked: false,
            ahead: false,
            system: false,
            between: None,
            help,
            example,
        }
    }

    pub(super) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(super) const fn repeats(mut self) -> Self {
        self.repeats = true;
        self
    }

    /// Repeats, each value under a label.
    pub(super) const fn labels(mut self) -> Self {
        self.repeats = true;
        self.labels = true;
        self
    }

    pub(super) const fn indexed(mut self) -> Self {
        self.indexed = true;
        self
    }

    pub(super) const fn searched(mut self) -> Self {
        self.searched = true;
        self
    }

    pub(super) const fn tracked(mut self) -> Self {
        self.tracked = true;
        self
    }

    pub(super) const fn between(mut self, least: i64, most: i64) -> Self {
        self.between = Some((least, most));
        self
    }

    pub(super) const fn ahead(mut self) -> Self {
        self.ahead = true;
        self
    }

    pub(super) const fn system(mut self) -> Self {
        self.system = true;
        self
    }

    /// Returns whether this name, without regard to case, is meant for the field.
    pub fn is_called(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name) || self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }
}

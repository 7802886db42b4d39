//! The lists of words that fields choose from: closed ones refuse a word that they
//! do not know, open ones take it.

use super::DefinitionError;
use super::document::{Section, Source};
use super::renamed::Renamed;
use crate::domain::{ChoiceList, fold};

/// What is fixed about one list.
struct ListInfo {
    list: ChoiceList,
    name: &'static str,
    /// Whether code gives the words their meaning: the team cannot change them.
    fixed: bool,
    /// Whether unknown words are refused, unless the team says otherwise.
    closed: bool,
    words: &'static [&'static str],
}

const fn list(list: ChoiceList, name: &'static str, words: &'static [&'static str]) -> ListInfo {
    ListInfo { list, name, fixed: false, closed: true, words }
}

impl ListInfo {
    const fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    const fn open(mut self) -> Self {
        self.closed = false;
        self
    }
}

/// Every list but those that other definitions own (stages, pipelines, statuses).
const LISTS: &[ListInfo] = &[
    list(ChoiceList::Priority, "priority", &["urgent", "high", "normal", "low"]),
    list(ChoiceList::Lifecycle, "lifecycle", &["lead", "prospect", "customer", "former"]),
    list(ChoiceList::Channel, "channel", &["call", "email", "meeting", "visit", "chat", "sms", "social", "letter", "fax", "web", "note"]),
    list(ChoiceList::Sentiment, "sentiment", &["positive", "neutral", "negative"]),
    list(ChoiceList::CompanyRole, "company-role", &["customer", "partner", "supplier", "competitor"]),
    list(ChoiceList::ServiceLine, "service-line", &["first", "second"]),
    list(ChoiceList::Period, "period", &["once", "month", "quarter", "year"]),
    list(ChoiceList::Direction, "direction", &["in", "out"]).fixed(),
    list(ChoiceList::Forecast, "forecast", &["commit", "best", "pipeline", "omitted"]).fixed(),
    list(ChoiceList::Consent, "consent", &["yes", "no", "unknown"]).fixed(),
    list(ChoiceList::QuoteStatus, "quote-status", &["open", "accepted", "declined", "replaced"]).fixed(),
    list(ChoiceList::UserRole, "user-role", &["owner", "agent", "viewer"]).fixed(),
    list(
        ChoiceList::Industry,
        "industry",
        &["agriculture", "construction", "education", "energy", "finance", "health", "manufacturing", "public", "retail", "services"],
    )
    .open(),
    list(ChoiceList::Source, "source", &["web", "email", "phone", "event", "referral", "partner", "campaign", "advertisement"]).open(),
    list(ChoiceList::TicketCategory, "ticket-category", &["question", "incident", "request", "complaint"]).open(),
    list(ChoiceList::Queue, "queue", &["support"]).open(),
    list(ChoiceList::Outcome, "outcome", &["agreed", "interested", "no answer", "call back", "declined"]).open(),
    list(ChoiceList::OrderStatus, "order-status", &["ordered", "confirmed", "shipped", "delivered", "cancelled"]).open(),
    list(ChoiceList::DeliveryStatus, "delivery-status", &["waiting", "underway", "delivered", "returned"]).open(),
    list(ChoiceList::ContractStatus, "contract-status", &["draft", "active", "ended", "cancelled"]).open(),
    list(ChoiceList::Series, "series", &[]).open(),
    list(ChoiceList::LostReason, "lost-reason", &["price", "competitor", "no budget", "no decision", "features", "timing"]).open(),
];

impl ChoiceList {
    fn info(self) -> Option<&'static ListInfo> {
        LISTS.iter().find(|info| info.list == self)
    }

    /// Returns the list's name in the definition `choices`, or the definition that
    /// owns it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stage => "stage",
            Self::Pipeline => "pipeline",
            Self::Status => "status",
            other => other.info().map_or("choice", |info| info.name),
        }
    }

    /// Returns the lists that the definition `choices` holds.
    pub fn all() -> impl Iterator<Item = Self> {
        LISTS.iter().map(|info| info.list)
    }
}

/// One list as the team has it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Choice {
    list: ChoiceList,
    closed: bool,
    words: Vec<String>,
}

/// All lists but stages, pipelines and statuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    choices: Vec<Choice>,
    pub(super) renamed: Renamed,
}

impl Choices {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "list of choices");
        let mut choices: Vec<Choice> = LISTS
            .iter()
            .map(|info| Choice { list: info.list, closed: info.closed, words: info.words.iter().map(|&word| word.to_owned()).collect() })
            .collect();
        for (key, span, value) in whole.entries() {
            if key == "renamed" {
                continue;
            }
            let Some((info, choice)) = LISTS.iter().zip(&mut choices).find(|(info, _)| info.name == key) else {
                let error = source.error(span, format!("there is no list of choices \u{201c}{key}\u{201d}"));
                return Err(match key {
                    "stage" | "pipeline" => error.hint("stages and pipelines stand in the definition \u{201c}pipelines\u{201d}"),
                    "status" => error.hint("statuses stand in the definition \u{201c}statuses\u{201d}"),
                    _ => error.nearest(key, LISTS.iter().map(|info| info.name)),
                });
            };
            let words = if value.get_ref().is_table() {
                let section = whole.section(key, "list of choices")?.expect("the key is there");
                section.keys_among(&["words", "closed"])?;
                if let Some(closed) = section.flag("closed")? {
                    choice.closed = closed;
                }
                section.words("words")?
            } else {
                Some(whole.words_of(key, value)?)
            };
            if let Some(words) = words {
                choice.words = words;
            }
            if info.fixed && (choice.closed != info.closed || !choice.words.iter().eq(info.words)) {
                let error = source.error(span, format!("the words of \u{201c}{key}\u{201d} are fixed"));
                return Err(error.hint(format!("they are {}", info.words.join(", "))));
            }
            if choice.closed && choice.words.is_empty() {
                return Err(source.error(span, format!("\u{201c}{key}\u{201d} is closed and has no words")));
            }
        }
        let words: Vec<&str> = choices.iter().flat_map(|choice| choice.words.iter().map(String::as_str)).collect();
        let renamed = Renamed::read(&whole, &words)?;
        Ok(Self { choices, renamed })
    }

    fn get(&self, list: ChoiceList) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.list == list)
    }

    /// Returns the words of a list in the team's order.
    pub(super) fn words(&self, list: ChoiceList) -> &[String] {
        self.get(list).map_or(&[], |choice| &choice.words)
    }

    /// Returns whether a list refuses words that it does not have.
    pub(super) fn is_closed(&self, list: ChoiceList) -> bool {
        self.get(list).is_none_or(|choice| choice.closed)
    }
}

/// Returns the word of a list that this text means, without regard to case and
/// diacritics.
pub fn find_word<'a>(words: impl IntoIterator<Item = &'a str>, text: &str) -> Option<&'a str> {
    let wanted = fold::fold(text.trim());
    words.into_iter().find(|word| fold::fold_cow(word) == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_has_one_line_and_one_name() {
        for (index, info) in LISTS.iter().enumerate() {
            assert!(LISTS[..index].iter().all(|other| other.list != info.list && other.name != info.name), "{}", info.name);
            assert_eq!(info.list.name(), info.name);
        }
    }

    #[test]
    fn the_table_agrees_with_the_fields() {
        use crate::domain::{FieldType, KINDS, fields};
        for info in KINDS {
            for field in fields::fields(info.kind) {
                let (list, closed) = match field.ty {
                    FieldType::Choice(list) => (list, true),
                    FieldType::OpenChoice(list) => (list, false),
                    _ => continue,
                };
                if let Some(known) = list.info() {
                    assert_eq!(known.closed, closed, "{}", field.name);
                }
            }
        }
    }
}

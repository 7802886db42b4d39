//! Settings of the store, for everybody who works in it.

use chrono_tz::Tz;

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::Currency;
use crate::domain::parse::{PhoneRegion, phone_region};
use crate::domain::zone::zone_named;

/// The days of a month ahead the days of a contract become tasks, unless the team says otherwise.
const LEAD: u32 = 30;

/// Settings of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The time zone in which days begin and end.
    pub timezone: Tz,
    /// The currency of money without one.
    pub currency: Currency,
    /// The country of phone numbers without `+`, if one is set.
    pub phone_region: Option<PhoneRegion>,
    /// Domains of public mail providers, folded.
    pub public_mail: Vec<String>,
    /// How often those with a tag are to be met: the tag and the span.
    pub keep_in_touch: Vec<(String, String)>,
    /// How many days ahead the days of a contract become tasks.
    pub contract_lead: u32,
}

impl Settings {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "setting");
        whole.keys_among(&["timezone", "currency", "phone-region", "public-mail", "keep-in-touch", "contract-lead"])?;
        let timezone = whole.text("timezone")?.unwrap_or("UTC");
        let timezone = zone_named(timezone).map_err(|near| {
            let error = whole.error_at("timezone", format!("\u{201c}{timezone}\u{201d} is no time zone"));
            match near {
                Some(near) => error.nearest(timezone, [near]),
                None => error.hint("an IANA name, such as Europe/Prague"),
            }
        })?;
        let currency = whole.text("currency")?.unwrap_or("EUR");
        let currency = Currency::from_code(currency).ok_or_else(|| {
            let error = whole.error_at("currency", format!("\u{201c}{currency}\u{201d} is no currency"));
            error.hint("a currency is its ISO 4217 code, such as EUR")
        })?;
        let phone_region = whole
            .text("phone-region")?
            .map(|code| {
                phone_region(code).ok_or_else(|| {
                    let error = whole.error_at("phone-region", format!("\u{201c}{code}\u{201d} is no country"));
                    error.hint("an ISO 3166 code of two letters, such as CZ")
                })
            })
            .transpose()?;
        let public_mail = whole.words("public-mail")?.unwrap_or_default();
        let public_mail = public_mail.iter().map(|domain| domain.to_lowercase()).collect();
        let mut keep_in_touch = Vec::new();
        if let Some(tags) = whole.section("keep-in-touch", "list of tags")? {
            for (tag, ..) in tags.entries() {
                let span = tags.required_text(tag)?;
                let span = crate::domain::parse::span(span).map_err(|error| {
                    let hint = error.hint.unwrap_or_default();
                    tags.error_at(tag, error.message).hint(hint)
                })?;
                keep_in_touch.push((tag.to_owned(), span));
            }
        }
        let contract_lead = whole.int("contract-lead", 0..=3_650)?.and_then(|days| u32::try_from(days).ok()).unwrap_or(LEAD);
        Ok(Self { timezone, currency, phone_region, public_mail, keep_in_touch, contract_lead })
    }

    /// Returns whether a domain belongs to a public mail provider, so that it says
    /// nothing about a person's company.
    pub fn is_public_mail(&self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        self.public_mail.contains(&domain)
    }
}

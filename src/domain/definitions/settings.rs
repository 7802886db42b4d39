//! Settings of the store, for everybody who works in it.

use chrono_tz::Tz;

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::Currency;
use crate::domain::parse::{PhoneRegion, phone_region};
use crate::domain::zone::zone_named;

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
}

impl Settings {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "setting");
        whole.keys_among(&["timezone", "currency", "phone-region", "public-mail"])?;
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
        Ok(Self { timezone, currency, phone_region, public_mail })
    }

    /// Returns whether a domain belongs to a public mail provider, so that it says
    /// nothing about a person's company.
    pub fn is_public_mail(&self, domain: &str) -> bool {
        let domain = domain.to_lowercase();
        self.public_mail.contains(&domain)
    }
}

//! What of a record tells whom or what it is: its marks, its name, and the keys under
//! which records that may be the same one meet.
//!
//! Pure: it knows one record and the public mail providers.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::phonetic::sounds;
use crate::domain::definitions::Settings;
use crate::domain::fields::{field_by_number, number};
use crate::domain::parse::{email_domain, phone_digits};
use crate::domain::{Date, FieldType, Kind, Record, RecordId, Value, fold, naming};

/// What a mark is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Sort {
    /// An e-mail address of one's own.
    Email,
    /// An address such as info@, which several share.
    SharedEmail,
    /// A phone number.
    Phone,
    /// A number, sku, login or message id: what its kind is told by.
    Number,
    /// A web page.
    Url,
    /// An Internet domain of its own.
    Domain,
    /// A day of birth, or the day by which its kind goes.
    Day,
    /// Street and postcode.
    Street,
    /// A company, or another record that it belongs to.
    Belongs,
    /// The domain of an address at work.
    Work,
    /// An exact amount.
    Amount,
}

/// One thing that tells a record, in a form that is the same for all spellings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Mark {
    pub(super) sort: Sort,
    pub(super) key: String,
    /// As people read it.
    pub(super) shown: String,
}

/// What of a record tells who or what it is.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) id: RecordId,
    pub(super) title: String,
    /// The parts of the name, spelt in Latin letters, in their order.
    pub(super) name: Vec<String>,
    /// What tells father from son: `jr`, `sr`.
    pub(super) generation: Option<&'static str>,
    /// Sorted, each once.
    pub(super) marks: Vec<Mark>,
    /// A whole day of birth.
    pub(super) birthday: Option<Date>,
    /// Ids in other programs: source and id.
    pub(super) external: Vec<(String, String)>,
    /// What it belongs to as a part.
    pub(super) parent: Option<RecordId>,
    /// Country, folded.
    pub(super) country: Option<String>,
    /// Records that it is no duplicate of.
    pub(super) distinct: Vec<RecordId>,
}

/// Addresses that belong to a desk and not to a person (RFC 2142, and their cousins).
const SHARED: &[&str] = &[
    "abuse",
    "accounting",
    "admin",
    "billing",
    "contact",
    "hello",
    "help",
    "helpdesk",
    "hr",
    "info",
    "invoice",
    "invoices",
    "jobs",
    "kontakt",
    "mail",
    "marketing",
    "noreply",
    "no-reply",
    "obchod",
    "office",
    "orders",
    "postmaster",
    "privacy",
    "reception",
    "recepce",
    "sales",
    "security",
    "service",
    "support",
    "team",
    "uctarna",
    "webmaster",
];

/// Titles before and behind a name, folded.
const TITLES: &[&str] = &[
    "bc", "csc", "doc", "dr", "drsc", "fr", "frau", "herr", "ing", "judr", "ma", "mba", "mgr", "miss", "mr", "mrs", "ms", "mudr", "mvdr",
    "pan", "pani", "phd", "phdr", "prof", "rndr", "sir",
];

/// Legal forms of firms, folded to letters.
const LEGAL_FORMS: &[&str] = &[
    "ab",
    "ag",
    "as",
    "asa",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "gmbh",
    "inc",
    "incorporated",
    "kft",
    "kg",
    "ks",
    "limited",
    "llc",
    "llp",
    "ltd",
    "nv",
    "ood",
    "oy",
    "oyj",
    "plc",
    "pty",
    "sa",
    "sarl",
    "sas",
    "se",
    "sl",
    "spa",
    "spol",
    "spolka",
    "spzoo",
    "sro",
    "srl",
    "vos",
    "zoo",
    "zrt",
];

/// The most parts of a name that are looked at.
const MOST_PARTS: usize = 6;
/// The most marks of a record that are looked at.
const MOST_MARKS: usize = 64;

impl Profile {
    /// Returns what tells a record.
    pub(super) fn of(record: &Record, settings: &Settings) -> Self {
        let kind = record.kind();
        let title = naming::title(record);
        let mut profile = Self {
            id: record.id,
            name: Vec::new(),
            generation: None,
            marks: Vec::new(),
            birthday: record.first(number::BIRTHDAY).and_then(Value::as_date).filter(|_| kind == Kind::Contact),
            external: record
                .values(number::EXTERNAL_ID)
                .filter_map(|value| Some((value.label()?.to_owned(), value.as_text()?.to_owned())))
                .collect(),
            parent: record.link(number::PARENT).filter(|_| kind == Kind::Company),
            country: None,
            distinct: record.values(number::DISTINCT_FROM).filter_map(Value::as_link).collect(),
            title,
        };
        profile.birthday = profile.birthday.filter(|day| day.year().is_some() && day.day().is_some());
        for (field, value) in &record.fields {
            if let Some(field) = field_by_number(kind, *field) {
                profile.mark(kind, field.number, field.ty, value, settings);
            }
        }
        profile.marks.sort_unstable();
        profile.marks.dedup_by(|a, b| (a.sort, &a.key) == (b.sort, &b.key));
        profile.marks.truncate(MOST_MARKS);
        match kind {
            Kind::Contact => profile.person(record),
            Kind::Company => {
                profile.name = firm(&profile.title);
                profile.country = record.text(COUNTRY).map(fold::fold);
            }
            _ => profile.name = words(&profile.title),
        }
        profile
    }

    fn add(&mut self, sort: Sort, key: impl Into<String>, shown: impl Into<String>) {
        let key = key.into();
        if !key.is_empty() {
            self.marks.push(Mark { sort, key, shown: shown.into() });
        }
    }

    fn mark(&mut self, kind: Kind, field: u16, ty: FieldType, value: &Value, settings: &Settings) {
        let plain = value.plain();
        match ty {
            FieldType::Email => {
                let address = loose(&plain);
                let (local, domain) = address.split_once('@').unwrap_or((&address, ""));
                let is_shared = SHARED.contains(&local);
                self.add(if is_shared { Sort::SharedEmail } else { Sort::Email }, address.as_str(), plain.as_str());
                if kind == Kind::Contact && !domain.is_empty() && !settings.is_public_mail(domain) {
                    self.add(Sort::Work, domain, domain);
                }
            }
            FieldType::Phone => {
                let number = plain.split(" x").next().unwrap_or_default();
                let digits = phone_digits(number);
                // The country is often left out: nine digits tell a line.
                let key = digits[digits.len().saturating_sub(9)..].to_owned();
                if key.len() >= 5 {
                    self.add(Sort::Phone, key, plain);
                }
            }
            FieldType::Url => {
                let bare = fold::fold(plain.split_once("://").map_or(plain.as_str(), |(_, rest)| rest));
                self.add(Sort::Url, bare.trim_start_matches("www.").trim_end_matches('/'), plain);
            }
            FieldType::Domain if !settings.is_public_mail(&plain) => self.add(Sort::Domain, plain.to_lowercase(), plain),
            FieldType::Address => {
                if let Value::Address(address) = value.bare() {
                    let street = fold::slug(&address.street);
                    if !(street.is_empty() || address.postcode.is_empty() && address.city.is_empty()) {
                        let place = if address.postcode.is_empty() { &address.city } else { &address.postcode };
                        self.add(Sort::Street, format!("{street} {}", fold::slug(place)), format!("{}, {place}", address.street));
                    }
                }
            }
            FieldType::Job => {
                value.links(&mut |company| self.add(Sort::Belongs, company.to_string(), company.to_string()));
            }
            FieldType::Link(_) if belongs(kind, field) => self.add(Sort::Belongs, plain.as_str(), plain.as_str()),
            FieldType::Date if self.birthday.is_some() && field == number::BIRTHDAY => self.add(Sort::Day, plain.as_str(), plain.as_str()),
            FieldType::Date | FieldType::Time if is_day(field) => {
                let day = plain.get(..16).unwrap_or(&plain);
                self.add(Sort::Day, day, day);
            }
            FieldType::Money if kind != Kind::Company && kind != Kind::Product => self.add(Sort::Amount, plain.as_str(), plain.as_str()),
            _ if matches!(field, number::SKU | number::ORDER_NUMBER | number::MESSAGE_ID | number::LOGIN) => {
                self.add(Sort::Number, fold::fold(plain.trim()), plain);
            }
            _ => {}
        }
    }

    fn person(&mut self, contact: &Record) {
        if super::is_placeholder(contact) {
            return;
        }
        let given = contact.text(number::GIVEN).unwrap_or_default();
        let family = contact.text(number::FAMILY).unwrap_or_default();
        let whole = match contact.text(number::CONTACT_NAME) {
            _ if !given.is_empty() && !family.is_empty() => format!("{given} {family}"),
            // "Novák, Jan"
            Some(name) => match name.split_once(',') {
                Some((family, given)) if words(given).iter().any(|part| is_name(part)) => format!("{given} {family}"),
                _ => name.to_owned(),
            },
            None => format!("{given} {family}"),
        };
        let suffix = contact.text(number::SUFFIX).unwrap_or_default();
        self.generation = words(&format!("{whole} {suffix}")).iter().find_map(|part| generation(part));
        self.name = words(&whole).into_iter().filter(|part| is_name(part)).collect();
    }

    /// Returns the records that it belongs to, and the domains where it works.
    fn places(&self) -> impl Iterator<Item = &str> {
        self.marks.iter().filter(|mark| matches!(mark.sort, Sort::Belongs | Sort::Work)).map(|mark| mark.key.as_str())
    }

    /// Returns the parts of the name, sorted, as one text.
    fn sorted_name(&self) -> String {
        let mut parts = self.name.clone();
        parts.sort_unstable();
        parts.join(" ")
    }

    /// Returns the keys under which it meets others: how it is named in a message, and a
    /// hash of it.
    pub(super) fn keys(&self) -> Vec<(u64, String)> {
        let mut keys: Vec<(u64, String)> = Vec::new();
        let mut add = |what: &str, key: &str, shown: String| keys.push((hashed(what, key), shown));
        for mark in &self.marks {
            match mark.sort {
                Sort::Email | Sort::SharedEmail | Sort::Phone | Sort::Number | Sort::Url | Sort::Domain => {
                    add(mark.sort.word(), &mark.key, mark.shown.clone());
                }
                _ => {}
            }
        }
        let name = self.sorted_name();
        if !name.is_empty() {
            add("name", &name, self.title.clone());
            for place in self.places() {
                add("name at", &format!("{name}\0{place}"), format!("{} at {place}", self.title));
            }
        }
        if self.id.kind == Kind::Contact {
            let mut ends: Vec<&String> = self.name.first().into_iter().chain(self.name.last()).collect();
            ends.dedup();
            let near: Vec<&str> = self
                .marks
                .iter()
                .filter(|mark| matches!(mark.sort, Sort::Belongs | Sort::Work | Sort::Day | Sort::Street))
                .map(|mark| mark.key.as_str())
                .collect();
            for sound in ends.iter().flat_map(|part| sounds(part)) {
                for place in &near {
                    add("sound at", &format!("{sound}\0{place}"), format!("{} at {place}", self.title));
                }
            }
        }
        if self.id.kind == Kind::Company {
            let two: Vec<String> = self.name.iter().take(2).cloned().collect();
            if self.name.len() > 2 {
                add("name", &two.join(" "), self.title.clone());
            }
            for sound in self.name.first().into_iter().flat_map(|part| sounds(part)) {
                if let Some(street) = self.marks.iter().find(|mark| mark.sort == Sort::Street) {
                    add("sound at", &format!("{sound}\0{}", street.key), format!("{} at {}", self.title, street.shown));
                }
                add("sound", &format!("{sound}\0{}", self.name.len()), self.title.clone());
            }
        }
        keys.sort_unstable();
        keys.dedup_by_key(|(hash, _)| *hash);
        keys
    }

    /// Returns the key of one of its marks.
    pub(super) fn key_of(mark: &Mark) -> u64 {
        hashed(mark.sort.word(), &mark.key)
    }
}

impl Sort {
    /// Returns its name in a reason.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Email | Self::SharedEmail => "e-mail",
            Self::Phone => "phone",
            Self::Number => "number",
            Self::Url => "page",
            Self::Domain => "domain",
            Self::Day => "day",
            Self::Street => "address",
            Self::Belongs => "company",
            Self::Work => "mail domain",
            Self::Amount => "amount",
        }
    }
}

const COUNTRY: u16 = 210;

fn hashed(what: &str, key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (what, key).hash(&mut hasher);
    hasher.finish()
}

/// Returns an address without what may stand before the @ for sorting mail (RFC 5233).
fn loose(address: &str) -> String {
    let address = address.trim().to_lowercase();
    match (address.split_once('@'), email_domain(&address)) {
        (Some((local, domain)), Some(_)) => {
            let local = local.split_once('+').map_or(local, |(before, _)| if before.is_empty() { local } else { before });
            format!("{local}@{domain}")
        }
        _ => address,
    }
}

/// Returns whether a link says to whom or what a record of a kind belongs.
fn belongs(kind: Kind, field: u16) -> bool {
    match kind {
        Kind::Opportunity | Kind::Ticket | Kind::Order | Kind::Contract | Kind::Interaction => matches!(
            field,
            number::OPPORTUNITY_COMPANY
                | number::OPPORTUNITY_CONTACT
                | number::TICKET_CONTACT
                | number::TICKET_COMPANY
                | number::ORDER_CONTACT
                | number::ORDER_COMPANY
                | number::CONTRACT_COMPANY
                | number::CONTRACT_CONTACT
                | number::INTERACTION_CONTACT
                | number::INTERACTION_COMPANY
        ),
        Kind::Task => field == number::ABOUT,
        _ => false,
    }
}

/// Returns whether a date is the one by which its kind goes.
fn is_day(field: u16) -> bool {
    matches!(field, number::INTERACTION_AT | number::ORDER_AT | number::DUE | number::EXPECTED_CLOSE | number::TICKET_OPENED_AT | 904)
}

/// Returns whether a word is a part of a name, and no title or what tells father from son.
fn is_name(part: &str) -> bool {
    !TITLES.contains(&part) && generation(part).is_none()
}

/// Returns what a word says of father and son.
fn generation(part: &str) -> Option<&'static str> {
    match part {
        "jr" | "junior" | "ml" | "mladsi" => Some("jr"),
        "sr" | "senior" | "st" | "starsi" => Some("sr"),
        "ii" => Some("ii"),
        "iii" => Some("iii"),
        _ => None,
    }
}

/// Returns the words of a text in Latin letters, the first few.
fn words(text: &str) -> Vec<String> {
    fold::latin(text)
        .replace("ph.d", "phd")
        .replace("ph. d", "phd")
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .map(|word| word.replace(['\'', '’'], ""))
        .filter(|word| !word.is_empty())
        .take(MOST_PARTS)
        .collect()
}

/// Returns the words of a firm's name without its legal form.
fn firm(name: &str) -> Vec<String> {
    // "s. r. o.", "a.s.": letters with points between them are one word.
    let folded = fold::latin(name);
    let mut parts: Vec<String> = Vec::new();
    let mut letters = String::new();
    for word in folded.split(|c: char| c.is_whitespace() || matches!(c, ',' | '(' | ')' | '/' | '-' | '&')) {
        let bare: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
        let is_letters = word.split('.').all(|part| part.chars().count() <= 1);
        if is_letters && !bare.is_empty() {
            letters.push_str(&bare);
            continue;
        }
        if !letters.is_empty() {
            parts.push(std::mem::take(&mut letters));
        }
        if !bare.is_empty() {
            parts.push(bare);
        }
    }
    if !letters.is_empty() {
        parts.push(letters);
    }
    let core: Vec<String> = parts.iter().filter(|part| !LEGAL_FORMS.contains(&part.as_str())).take(MOST_PARTS).cloned().collect();
    if core.is_empty() { parts } else { core }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firms_lose_their_legal_form() {
        for (name, core) in [
            ("ACME, spol. s r.o.", "acme"),
            ("Acme s. r. o.", "acme"),
            ("ČEZ, a. s.", "cez"),
            ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
            ("Acme Holding Ltd.", "acme holding"),
            ("A. S.", "as"),
        ] {
            assert_eq!(firm(name).join(" "), core, "{name}");
        }
    }

    #[test]
    fn addresses_are_the_same_in_every_spelling() {
        assert_eq!(loose(" Ada+news@Example.com"), "ada@example.com");
        assert_eq!(loose("+x@y.cz"), "+x@y.cz");
        assert_eq!(loose("nobody"), "nobody");
    }

    #[test]
    fn fields_are_known_by_their_number() {
        assert_eq!(field_by_number(Kind::Company, COUNTRY).map(|field| field.name), Some("country"));
    }
}

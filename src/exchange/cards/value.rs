//! What stands in a property: texts, components, dates, addresses, types. It must not
//! know what becomes of them.

use calcard::common::PartialDateTime;
use calcard::vcard::{VCard, VCardEntry, VCardParameterName, VCardValue};
use serde_json::{Map, Value as Json};

pub(super) fn named<'c>(card: &'c VCard, name: &str) -> impl Iterator<Item = &'c VCardEntry> + use<'c> {
    let name = name.to_owned();
    card.entries.iter().filter(move |entry| entry.name.as_str().eq_ignore_ascii_case(&name))
}

/// Returns one value as a text.
pub(super) fn value_text(value: &VCardValue) -> String {
    match value {
        VCardValue::Component(parts) => parts.join(", "),
        VCardValue::Integer(number) => number.to_string(),
        VCardValue::Float(number) => number.to_string(),
        VCardValue::Boolean(flag) => flag.to_string(),
        VCardValue::PartialDateTime(moment) => date(moment).unwrap_or_default(),
        VCardValue::Binary(_) => String::new(),
        other => other.as_text().unwrap_or_default().to_owned(),
    }
}

/// Returns all of a property as one text.
pub(super) fn text(entry: &VCardEntry) -> String {
    let texts: Vec<String> = entry.values.iter().map(value_text).filter(|text| !text.trim().is_empty()).collect();
    texts.join("; ").trim().to_owned()
}

/// Returns a component of a structured value.
pub(super) fn part(entry: &VCardEntry, at: usize) -> String {
    match entry.values.get(at) {
        Some(VCardValue::Component(parts)) => {
            parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        }
        Some(value) => value_text(value).trim().to_owned(),
        None => String::new(),
    }
}

/// Returns a date as rolo writes it: `1985-05-17`, `1985-05`, `1985`, `--05-17`.
pub(super) fn date(moment: &PartialDateTime) -> Option<String> {
    /// What phones write for a year that is not known.
    const NO_YEAR: u16 = 1604;
    let year = moment.year.filter(|year| *year != NO_YEAR);
    match (year, moment.month, moment.day) {
        (Some(year), Some(month), Some(day)) => Some(format!("{year:04}-{month:02}-{day:02}")),
        (Some(year), Some(month), None) => Some(format!("{year:04}-{month:02}")),
        (Some(year), None, None) => Some(format!("{year:04}")),
        (None, Some(month), Some(day)) => Some(format!("--{month:02}-{day:02}")),
        _ => None,
    }
}

pub(super) fn types(entry: &VCardEntry) -> Vec<String> {
    let mut types = Vec::new();
    for parameter in &entry.params {
        match (&parameter.name, parameter.value.as_text()) {
            (VCardParameterName::Type, Some(text)) => types.extend(text.split(',').map(|one| one.trim().to_owned())),
            // vCard 2.1 names types bare.
            (VCardParameterName::Other(name), None | Some("")) => types.push(name.clone()),
            _ => {}
        }
    }
    types
}

/// Returns how much a property is preferred: the smaller the more.
pub(super) fn rank(entry: &VCardEntry) -> u32 {
    const LAST: u32 = 101;
    let said = entry.params.iter().find(|parameter| parameter.name == VCardParameterName::Pref);
    match said {
        Some(parameter) => match &parameter.value {
            calcard::vcard::VCardParameterValue::Integer(rank) => *rank,
            _ => 1,
        },
        None if types(entry).iter().any(|one| one.eq_ignore_ascii_case("pref")) => 1,
        None => LAST,
    }
}

/// Returns a parameter that rolo writes.
pub(super) fn own_parameter(entry: &VCardEntry, name: &str) -> Option<String> {
    let found = entry
        .params
        .iter()
        .find(|parameter| matches!(&parameter.name, VCardParameterName::Other(known) if known.eq_ignore_ascii_case(name)));
    found.and_then(|parameter| parameter.value.as_text()).map(str::to_owned).filter(|text| !text.is_empty())
}

/// Returns a phone number without its scheme: `tel:+1-202-555-0143;ext=12`.
pub(super) fn phone(text: &str) -> String {
    let Some(uri) = text.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("tel:")).map(|_| &text[4..]) else {
        return text.to_owned();
    };
    let mut pieces = uri.split(';');
    let number = pieces.next().unwrap_or_default().trim().to_owned();
    let extension = pieces.find_map(|piece| piece.trim().strip_prefix("ext=").map(str::to_owned));
    match extension {
        Some(extension) => format!("{number} x{extension}"),
        None => number,
    }
}

/// Returns the parts of an address (RFC 6350 section 6.3.1).
pub(super) fn address(entry: &VCardEntry) -> Map<String, Json> {
    let raw = |at: usize| match entry.values.get(at) {
        Some(value) => value_text(value),
        None => String::new(),
    };
    let lines = |at: usize| -> Vec<String> {
        let text = raw(at);
        let comma: &[char] = if text.contains('\n') { &[','] } else { &[] };
        text.lines().map(|line| line.trim().trim_end_matches(comma).to_owned()).filter(|line| !line.is_empty()).collect()
    };
    let mut street = lines(2);
    let first = if street.is_empty() { String::new() } else { street.remove(0) };
    let mut second = lines(1);
    second.append(&mut street);
    let one = |at: usize| lines(at).join(", ");
    let texts = [
        ("street", first),
        ("street2", second.join(", ")),
        ("city", one(3)),
        ("region", one(4)),
        ("postcode", one(5)),
        ("country", one(6)),
        ("pobox", one(0)),
    ];
    texts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_owned(), Json::from(text))).collect()
}

/// Returns an offset from UTC as it was written.
pub(super) fn offset(entry: &VCardEntry) -> Option<String> {
    let Some(VCardValue::PartialDateTime(moment)) = entry.values.first() else { return None };
    let hours = moment.tz_hour?;
    Some(format!("{}{hours:02}:{:02}", if moment.tz_minus { '-' } else { '+' }, moment.tz_minute.unwrap_or_default()))
}

/// The longest text that is kept of what should be a file.
pub(super) const LONGEST_TEXT: usize = 4_096;

pub(super) fn is_address(text: &str) -> bool {
    let text = text.trim();
    text.len() < LONGEST_TEXT
        && text
            .split_once(':')
            .is_some_and(|(scheme, _)| !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
}

/// Returns the media type that content begins as.
pub(super) fn media_type(content: &[u8]) -> &'static str {
    match content {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'G', b'I', b'F', b'8', ..] => "image/gif",
        [b'B', b'M', ..] => "image/bmp",
        [b'R', b'I', b'F', b'F', ..] => "audio/x-wav",
        _ => "application/octet-stream",
    }
}

pub(super) fn extension(media: &str) -> &'static str {
    match media {
        "image/jpeg" | "image/jpg" => "jpg",
        "image/png" => "png",
        "image/gif" => "gif",
        "image/bmp" => "bmp",
        "image/webp" => "webp",
        "image/svg+xml" => "svg",
        "audio/x-wav" | "audio/wav" => "wav",
        "application/pgp-keys" => "asc",
        _ => "bin",
    }
}

//! Cards out: a record as JSON becomes properties, and what no property has a place for
//! one more, `X-ROLO`. It must not know the store.
//!
//! Cards are written as other programs read them best: UTF-8, folded at 75 octets, no
//! encodings but base64.

use std::io::{self, Write};

use mail_builder::encoders::base64::Base64Encoder;
use serde_json::{Map, Value as Json};

use super::{KEPT, Own, label, uid_of};
use crate::domain::fields::number;
use crate::domain::{Kind, Record};
use crate::exchange::lines::{escaped, parameter, write_line};
use crate::exchange::rows::Enclosed;

/// The version of the cards that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// vCard 3.0 (RFC 2426), which every phone reads.
    #[default]
    V3,
    /// vCard 4.0 (RFC 6350).
    V4,
}

impl Version {
    /// Returns the version of that number.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "3.0" | "3" => Some(Self::V3),
            "4.0" | "4" => Some(Self::V4),
            _ => None,
        }
    }
}

/// What the store keeps of a record, which the UID and the next import see to.
const KEPT_BY_STORE: [&str; 4] = ["version", "updated_at", "updated_by", "trashed_at"];

/// The source whose ids are UIDs.
const SOURCE: &str = "vcard";

/// Writes one contact or company, as [`crate::domain::json::record`] gives it.
///
/// # Errors
/// What the sink gives.
pub(crate) fn write<W: Write>(out: &mut W, version: Version, own: Own, members: Map<String, Json>, files: &[Enclosed]) -> io::Result<()> {
    Card { out, version, members, groups: 0 }.write(own, files)
}

/// Returns whether a document is what a card has a property for: a photo or a logo.
pub(crate) fn is_of_card(document: &Record) -> bool {
    let name = document.text(number::DOCUMENT_NAME).unwrap_or_default();
    let is_image = document.text(number::MEDIA_TYPE).is_some_and(|media| media.starts_with("image/"));
    is_image && property_of(name).is_some()
}

/// Returns the property that a file of this name came from: `photo.png`, `logo-2.jpg`.
fn property_of(name: &str) -> Option<&'static str> {
    let stem = name.split(['.', '-']).next()?;
    ["PHOTO", "LOGO"].into_iter().find(|property| property.eq_ignore_ascii_case(stem))
}

struct Card<'w, W> {
    out: &'w mut W,
    version: Version,
    /// What is not written yet.
    members: Map<String, Json>,
    groups: u32,
}

impl<W: Write> Card<'_, W> {
    fn write(mut self, own: Own, files: &[Enclosed]) -> io::Result<()> {
        let is_company = own.id.kind == Kind::Company;
        write_line(self.out, "BEGIN", "VCARD")?;
        write_line(self.out, "VERSION", if self.version == Version::V4 { "4.0" } else { "3.0" })?;
        write_line(self.out, "PRODID", "-//rolo//rolo//EN")?;
        self.uid(own)?;
        if let Some(Json::String(at)) = self.members.get("updated_at") {
            let stamp: String = at.split('.').next().unwrap_or_default().chars().filter(|c| !matches!(c, '-' | ':' | 'Z')).collect();
            write_line(self.out, "REV", &format!("{stamp}Z"))?;
        }
        KEPT_BY_STORE.iter().for_each(|name| drop(self.members.shift_remove(*name)));
        self.names(is_company)?;
        self.jobs(is_company)?;
        for (member, property) in [("email", "EMAIL"), ("phone", "TEL"), ("url", "URL")] {
            self.list(member, property)?;
        }
        self.addresses()?;
        if !is_company {
            self.birthday()?;
            if self.version == Version::V4
                && let Some(language) = self.text("language")
            {
                write_line(self.out, "LANG", &escaped(&language))?;
            }
            if let Some(zone) = self.text("timezone") {
                let head = if self.version == Version::V4 { "TZ" } else { "TZ;VALUE=text" };
                write_line(self.out, head, &escaped(&zone))?;
            }
        }
        files.iter().try_for_each(|file| self.image(file))?;
        if let Some(Json::Array(tags)) = self.members.shift_remove("tags") {
            let tags: Vec<String> = tags.iter().filter_map(Json::as_str).map(escaped).collect();
            write_line(self.out, "CATEGORIES", &tags.join(","))?;
        }
        if let Some(notes) = self.text("notes") {
            write_line(self.out, "NOTE", &escaped(&notes))?;
        }
        if !self.members.is_empty() {
            let rest = Json::Object(std::mem::take(&mut self.members)).to_string();
            write_line(self.out, KEPT, &escaped(&rest))?;
        }
        write_line(self.out, "END", "VCARD")
    }

    /// A photo or logo (RFC 2426, 3.1.4; RFC 6350, 6.2.4).
    fn image(&mut self, file: &Enclosed) -> io::Result<()> {
        let Some(property) = property_of(&file.name) else { return Ok(()) };
        let content = String::from_utf8(Base64Encoder::new().encode(&file.content)?).map_err(io::Error::other)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        let subtype = file.media_type.strip_prefix("image/").filter(|subtype| subtype.chars().all(plain)).unwrap_or("png");
        match self.version {
            Version::V3 => write_line(self.out, &format!("{property};ENCODING=b;TYPE={}", subtype.to_uppercase()), &content),
            Version::V4 => write_line(self.out, property, &format!("data:image/{subtype};base64,{content}")),
        }
    }

    fn text(&mut self, member: &str) -> Option<String> {
        match self.members.shift_remove(member) {
            Some(Json::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The id under which somebody else's address book knows it, else rolo's own.
    fn uid(&mut self, own: Own) -> io::Result<()> {
        let mut ids: Vec<(String, String)> = Vec::new();
        if let Some(Json::Array(known)) = self.members.shift_remove("external_id") {
            let pairs = known.iter().filter_map(Json::as_str).filter_map(|id| id.split_once(':'));
            ids.extend(pairs.map(|(source, id)| (source.to_owned(), id.to_owned())));
        }
        let uid = match ids.iter().position(|(source, _)| source == SOURCE) {
            Some(at) => ids.remove(at).1,
            None => {
                for name in ["id", "recorded_at"] {
                    self.members.shift_remove(name);
                }
                uid_of(own)
            }
        };
        if !ids.is_empty() {
            let ids = ids.into_iter().map(|(source, id)| Json::Object(Map::from_iter([(source, Json::from(id))])));
            self.members.insert("external_id".to_owned(), ids.collect());
        }
        write_line(self.out, "UID", &escaped(&uid))
    }

    fn names(&mut self, is_company: bool) -> io::Result<()> {
        let name = self.text("name").unwrap_or_default();
        write_line(self.out, "FN", &escaped(&name))?;
        if is_company {
            write_line(self.out, "N", ";;;;")?;
            write_line(self.out, "ORG", &escaped(&name))?;
            return match self.version {
                Version::V4 => write_line(self.out, "KIND", "org"),
                Version::V3 => write_line(self.out, "X-ABShowAs", "COMPANY"),
            };
        }
        let [family, given, prefix, suffix] =
            ["family", "given", "prefix", "suffix"].map(|part| escaped(&self.text(part).unwrap_or_default()));
        write_line(self.out, "N", &format!("{family};{given};;{prefix};{suffix}"))?;
        match self.text("nickname") {
            Some(nickname) => write_line(self.out, "NICKNAME", &escaped(&nickname)),
            None => Ok(()),
        }
    }

    /// Jobs; where there are several, the properties of each stand in a group.
    fn jobs(&mut self, is_company: bool) -> io::Result<()> {
        if is_company {
            return Ok(());
        }
        let Some(Json::Array(jobs)) = self.members.shift_remove("jobs") else { return Ok(()) };
        let several = jobs.len() > 1;
        for (at, job) in jobs.iter().enumerate() {
            let of = |part: &str| job.get(part).and_then(Json::as_str).unwrap_or_default();
            let group = if several { format!("job{}.", at + 1) } else { String::new() };
            let company = job.get("company");
            let named = |name: &str| company.and_then(|company| company.get(name)).and_then(Json::as_str).unwrap_or_default();
            let mut head = format!("{group}ORG");
            let parameters = [("X-ROLO-ID", named("id")), ("X-ROLO-FROM", of("from")), ("X-ROLO-TO", of("to"))];
            let is_said = !named("name").is_empty() || parameters.iter().any(|(_, text)| !text.is_empty());
            for (name, text) in parameters.into_iter().filter(|(_, text)| !text.is_empty()) {
                head.push_str(&format!(";{name}={}", parameter(text)));
            }
            if is_said {
                write_line(self.out, &head, &escaped(named("name")))?;
            }
            for (property, text) in [("TITLE", of("title")), ("ROLE", of("role"))] {
                if !text.is_empty() {
                    write_line(self.out, &format!("{group}{property}"), &escaped(text))?;
                }
            }
        }
        Ok(())
    }

    /// Writes a property under a label: as its types, or as phones write their own.
    fn labelled(&mut self, property: &str, name: &str, value: &str) -> io::Result<()> {
        if name.is_empty() {
            return write_line(self.out, property, value);
        }
        if let Some(types) = label::to_types(name) {
            let types: String = types.iter().map(|one| format!(";TYPE={}", one.to_uppercase())).collect();
            return write_line(self.out, &format!("{property}{types}"), value);
        }
        self.groups += 1;
        let group = format!("item{}", self.groups);
        write_line(self.out, &format!("{group}.{property}"), value)?;
        write_line(self.out, &format!("{group}.X-ABLabel"), &escaped(name))
    }

    fn list(&mut self, member: &str, property: &str) -> io::Result<()> {
        let Some(Json::Array(entries)) = self.members.shift_remove(member) else { return Ok(()) };
        for entry in entries {
            let of = |name: &str| entry.get(name).and_then(Json::as_str).unwrap_or_default();
            // An address of the web is none of a value's texts: its commas stay.
            let value = if property == "URL" { of("value").replace('\\', "\\\\") } else { escaped(of("value")) };
            self.labelled(property, of("label"), &value)?;
        }
        Ok(())
    }

    fn addresses(&mut self) -> io::Result<()> {
        let Some(Json::Array(entries)) = self.members.shift_remove("address") else { return Ok(()) };
        for entry in entries {
            let of = |name: &str| entry.get(name).and_then(Json::as_str).unwrap_or_default();
            let parts = ["pobox", "street2", "street", "city", "region", "postcode", "country"].map(|part| escaped(of(part)));
            self.labelled("ADR", of("label"), &parts.join(";"))?;
        }
        Ok(())
    }

    fn birthday(&mut self) -> io::Result<()> {
        let Some(day) = self.text("birthday") else { return Ok(()) };
        let yearless = day.strip_prefix("--");
        match (self.version, yearless) {
            // Month and day of no year: what phones write, and read, before 4.0.
            (Version::V3, Some(rest)) => write_line(self.out, "BDAY;X-APPLE-OMIT-YEAR=1604", &format!("1604-{rest}")),
            (Version::V3, None) if day.len() < 10 => write_line(self.out, "BDAY;VALUE=text", &day),
            (Version::V3, None) => write_line(self.out, "BDAY", &day),
            (Version::V4, Some(rest)) => write_line(self.out, "BDAY", &format!("--{}", rest.replace('-', ""))),
            (Version::V4, None) if day.len() < 10 => write_line(self.out, "BDAY", &day),
            (Version::V4, None) => write_line(self.out, "BDAY", &day.replace('-', "")),
        }
    }
}

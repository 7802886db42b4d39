//! What a card's properties mean: a card as a library reads it becomes a JSON object in
//! rolo's own spelling. It must not know bytes, character sets or the store.

use calcard::vcard::{VCard, VCardEntry, VCardKind, VCardProperty as Property, VCardValue};
use serde_json::{Map, Value as Json, json};

use super::value::{
    LONGEST_TEXT, address, extension, is_address, media_type, named, offset, own_parameter, part, phone, rank, text, types, value_text,
};
use super::{KEPT, REJECTED, label, own_of};
use crate::domain::{Kind, fields};
use crate::exchange::rows::Enclosed;

/// What a card stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A person.
    Person,
    /// A firm.
    Company,
    /// A list of other cards, a place, a device: nobody.
    Nobody(&'static str),
}

/// A card in rolo's spelling.
#[derive(Debug)]
pub(super) struct Card {
    pub(super) subject: Subject,
    pub(super) tree: Map<String, Json>,
    pub(super) enclosed: Vec<Enclosed>,
    /// Properties whose content could not be made out.
    pub(super) unread: Vec<String>,
}

/// Properties that say how a card is kept, and nothing about whose it is.
const HOUSEKEEPING: [&str; 16] = [
    "BEGIN",
    "END",
    "VERSION",
    "PRODID",
    "REV",
    "XML",
    "CLIENTPIDMAP",
    "JSPROP",
    "KIND",
    "X-ABLABEL",
    "X-ABADR",
    "X-ABUID",
    "X-ABSHOWAS",
    "X-ADDRESSBOOKSERVER-KIND",
    "X-ABCROP-RECTANGLE",
    REJECTED,
];

/// The shortest UID that is the same wherever it stands.
pub(crate) const SHORTEST_UID: usize = 8;

/// The most jobs that are taken of one card.
const MOST_JOBS: usize = 50;

/// Properties that hold files.
const FILES: [&str; 4] = ["PHOTO", "LOGO", "SOUND", "KEY"];

/// Returns what a card says; `asked` is what its record is to be, where that was said.
/// `has_source` whether its ids are those of a certain program.
pub(super) fn read(card: &VCard, asked: Option<Kind>, has_source: bool) -> Card {
    let subject = match asked {
        Some(Kind::Company) => Subject::Company,
        Some(_) => Subject::Person,
        None => subject(card),
    };
    let mut reading = Reading { card, has_source, tree: Map::new(), enclosed: Vec::new(), unread: Vec::new() };
    reading.who(subject);
    reading.lists();
    reading.texts(subject);
    reading.files();
    reading.rest(subject);
    Card { subject, tree: reading.tree, enclosed: reading.enclosed, unread: reading.unread }
}

fn subject(card: &VCard) -> Subject {
    let said = |name: &str| named(card, name).next().map(text).unwrap_or_default();
    for entry in &card.entries {
        if let Some(VCardValue::Kind(kind)) = entry.values.first() {
            return match kind {
                VCardKind::Individual => Subject::Person,
                VCardKind::Org => Subject::Company,
                VCardKind::Group => Subject::Nobody("groups"),
                VCardKind::Location => Subject::Nobody("places"),
                VCardKind::Application | VCardKind::Device => Subject::Nobody("devices"),
            };
        }
    }
    if said("X-ADDRESSBOOKSERVER-KIND").eq_ignore_ascii_case("group") {
        return Subject::Nobody("groups");
    }
    if said("X-ABSHOWAS").eq_ignore_ascii_case("company") {
        return Subject::Company;
    }
    // A card that has a firm's name and no person's is the firm's.
    let person = named(card, "N").next().is_some_and(|name| (0..3).any(|at| !part(name, at).is_empty()));
    let firm = named(card, "ORG").next().map(|org| part(org, 0)).unwrap_or_default();
    let shown = said("FN");
    if !person && !firm.is_empty() && (shown.is_empty() || shown == firm) { Subject::Company } else { Subject::Person }
}

struct Reading<'c> {
    card: &'c VCard,
    has_source: bool,
    tree: Map<String, Json>,
    enclosed: Vec<Enclosed>,
    unread: Vec<String>,
}

impl<'c> Reading<'c> {
    fn put(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.tree.insert(name.to_owned(), Json::String(text));
        }
    }

    /// Adds a text to a member of any other name.
    fn add(&mut self, name: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.tree.get_mut(name) {
            Some(Json::String(known)) if known.split("; ").all(|one| one != text) => {
                known.push_str("; ");
                known.push_str(text);
            }
            Some(_) => {}
            None => {
                self.tree.insert(name.to_owned(), Json::from(text));
            }
        }
    }

    fn label(&self, entry: &VCardEntry) -> String {
        let own = entry.group.as_deref().and_then(|group| {
            let mut labels = named(self.card, "X-ABLABEL");
            labels.find(|label| label.group.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(group))).map(text)
        });
        match own {
            Some(text) => label::of_address_book(&text),
            None => label::of_types(&types(entry)),
        }
    }

    /// The name, and the jobs.
    fn who(&mut self, subject: Subject) {
        let shown = named(self.card, "FN").map(text).find(|name| !name.is_empty()).unwrap_or_default();
        let name = named(self.card, "N").next();
        let orgs: Vec<&VCardEntry> = named(self.card, "ORG").collect();
        if subject == Subject::Company {
            let firm = orgs.first().map(|org| part(org, 0)).filter(|firm| !firm.is_empty());
            self.put("name", firm.unwrap_or(shown));
            if let Some(name) = name {
                let person: Vec<String> = [3, 1, 2, 0, 4].iter().map(|at| part(name, *at)).filter(|part| !part.is_empty()).collect();
                self.add("contact-person", &person.join(" "));
            }
            return;
        }
        self.put("name", shown);
        if let Some(name) = name {
            let given: Vec<String> = [1, 2].iter().map(|at| part(name, *at)).filter(|part| !part.is_empty()).collect();
            self.put("given", given.join(" "));
            self.put("family", part(name, 0));
            self.put("prefix", part(name, 3));
            self.put("suffix", part(name, 4));
        }
        let nick: Vec<String> = named(self.card, "NICKNAME").map(text).filter(|nick| !nick.is_empty()).collect();
        self.put("nickname", nick.join("; "));
        let jobs = self.jobs(&orgs);
        if !jobs.is_empty() {
            self.tree.insert("jobs".to_owned(), Json::Array(jobs));
        }
        for org in orgs {
            let units: Vec<String> = (1..org.values.len()).map(|at| part(org, at)).filter(|unit| !unit.is_empty()).collect();
            self.add("department", &units.join(", "));
        }
    }

    /// Returns the jobs: firms, titles and roles by their groups where they have some, else
    /// the first of each with the first of the others.
    fn jobs(&self, orgs: &[&'c VCardEntry]) -> Vec<Json> {
        let all = |name: &str| named(self.card, name).filter(|entry| !text(entry).is_empty()).collect::<Vec<_>>();
        let sides = [orgs.to_vec(), all("TITLE"), all("ROLE")];
        let mut groups: Vec<&str> = Vec::new();
        let has_groups = sides.iter().flatten().all(|entry| entry.group.is_some());
        for group in sides.iter().flatten().filter_map(|entry| entry.group.as_deref()).filter(|_| has_groups) {
            if !groups.contains(&group) && groups.len() < MOST_JOBS {
                groups.push(group);
            }
        }
        // A phone groups each property by itself, to label it.
        let is_ours = has_groups && sides.iter().flatten().count() > groups.len();
        let of_group = |side: &[&'c VCardEntry], group: &str| side.iter().find(|entry| entry.group.as_deref() == Some(group)).copied();
        let rows: Vec<[Option<&VCardEntry>; 3]> = if is_ours {
            groups.iter().map(|group| [0, 1, 2].map(|side| of_group(&sides[side], group))).collect()
        } else {
            let count = sides.iter().map(Vec::len).max().unwrap_or_default().min(MOST_JOBS);
            (0..count).map(|at| [0, 1, 2].map(|side: usize| sides[side].get(at).copied())).collect()
        };
        let mut jobs = Vec::new();
        for [org, title, role] in rows {
            let mut job = Map::new();
            if let Some(org) = org {
                let firm = part(org, 0);
                match own_parameter(org, "X-ROLO-ID").filter(|_| self.is_own()) {
                    Some(id) => drop(job.insert("company".to_owned(), json!({ "id": id, "name": firm }))),
                    None if !firm.is_empty() => drop(job.insert("company".to_owned(), json!({ "name": firm }))),
                    None => {}
                }
                for (name, parameter) in [("from", "X-ROLO-FROM"), ("to", "X-ROLO-TO")] {
                    if let Some(day) = own_parameter(org, parameter) {
                        job.insert(name.to_owned(), Json::from(day));
                    }
                }
            }
            for (name, entry) in [("title", title), ("role", role)] {
                if let Some(entry) = entry {
                    job.insert(name.to_owned(), Json::from(text(entry)));
                }
            }
            if !job.is_empty() {
                jobs.push(Json::Object(job));
            }
        }
        jobs
    }

    /// Returns whether rolo wrote the card, so that ids in it are those of a store.
    fn is_own(&self) -> bool {
        named(self.card, "UID").any(|uid| own_of(&text(uid)).is_some())
    }

    /// What repeats, each under its label, the preferred ones first.
    fn lists(&mut self) {
        let preferred = |names: &[&str]| {
            let mut entries: Vec<&VCardEntry> = Vec::new();
            names.iter().for_each(|name| entries.extend(named(self.card, name)));
            entries.sort_by_key(|entry| rank(entry));
            entries
        };
        let mut found: Vec<(&str, Json)> = Vec::new();
        let mut add = |field: &'static str, label: String, value: Json| {
            let entry = if label.is_empty() { value } else { json!({ "label": label, "value": value }) };
            if !found.iter().any(|(known, other)| *known == field && *other == entry) {
                found.push((field, entry));
            }
        };
        for entry in preferred(&["EMAIL"]) {
            let text = text(entry);
            let address = text.strip_prefix("mailto:").unwrap_or(&text).trim();
            // As mail writes people: `"Ada" <ada@example.com>`.
            let address = address.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')).map_or(address, |(_, inner)| inner.trim());
            if !address.is_empty() {
                add("email", self.label(entry), Json::from(address));
            }
        }
        for entry in preferred(&["TEL"]) {
            let number = phone(&text(entry));
            if !number.is_empty() {
                add("phone", self.label(entry), Json::from(number));
            }
        }
        for entry in preferred(&["URL", "X-SOCIALPROFILE", "SOCIALPROFILE"]) {
            let address = text(entry);
            if !address.is_empty() {
                add("url", self.label(entry), Json::from(address));
            }
        }
        for entry in preferred(&["ADR"]) {
            let mut parts = address(entry);
            if !parts.is_empty() {
                let label = self.label(entry);
                if !label.is_empty() {
                    parts.insert("label".to_owned(), Json::from(label));
                }
                add("address", String::new(), Json::Object(parts));
            }
        }
        if named(self.card, "ADR").all(|entry| address(entry).is_empty()) {
            for entry in preferred(&["LABEL"]) {
                let lines: Vec<String> = text(entry).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect();
                if !lines.is_empty() {
                    add("address", String::new(), json!({ "label": self.label(entry), "street": lines.join(", ") }));
                }
            }
        }
        let mut tags: Vec<Json> = Vec::new();
        for value in named(self.card, "CATEGORIES").flat_map(|entry| &entry.values) {
            for tag in value_text(value).split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty()) {
                if !tags.iter().any(|known| known == tag) {
                    tags.push(Json::from(tag));
                }
            }
        }
        found.extend(tags.into_iter().map(|tag| ("tags", tag)));
        for (field, value) in found {
            match self.tree.entry(field).or_insert_with(|| Json::Array(Vec::new())) {
                Json::Array(list) => list.push(value),
                other => *other = value,
            }
        }
    }

    /// What is said once.
    fn texts(&mut self, subject: Subject) {
        let notes: Vec<String> = named(self.card, "NOTE")
            .map(|entry| entry.values.iter().map(value_text).collect::<Vec<_>>().join(", "))
            .filter(|note| !note.trim().is_empty())
            .collect();
        self.put("notes", notes.join("\n\n"));
        if let Some(uid) = named(self.card, "UID").map(text).find(|uid| !uid.is_empty()) {
            match own_of(&uid) {
                Some(own) => {
                    self.put("id", own.id.to_string());
                    self.put("recorded_at", own.recorded_at.to_string());
                }
                // `UID:1` is anybody's where nobody says whose.
                None if uid.len() < SHORTEST_UID && !self.has_source => self.put("uid", uid),
                // A list, so that no mark in it parts it.
                None => {
                    self.tree.insert("external_id".to_owned(), json!([uid.strip_prefix("urn:uuid:").unwrap_or(&uid)]));
                }
            }
        }
        for entry in named(self.card, "CREATED") {
            if let Some(VCardValue::PartialDateTime(moment)) = entry.values.first()
                && let Some(at) = moment.to_rfc3339()
            {
                self.put("created_at", at);
            }
        }
        if subject == Subject::Company {
            return;
        }
        for entry in named(self.card, "BDAY") {
            self.put("birthday", text(entry));
        }
        let mut languages: Vec<&VCardEntry> = named(self.card, "LANG").collect();
        languages.sort_by_key(|entry| rank(entry));
        if let Some(first) = languages.first() {
            self.put("language", text(first));
        }
        for zone in named(self.card, "TZ").map(text) {
            if crate::domain::zone::zone_named(&zone).is_ok() {
                self.put("timezone", zone);
            }
        }
    }

    /// Photos, logos, sounds and keys.
    fn files(&mut self) {
        for name in FILES {
            for entry in named(self.card, name) {
                for value in &entry.values {
                    match value {
                        VCardValue::Binary(data) if !data.data.is_empty() => {
                            let media = data.content_type.clone().unwrap_or_default().to_lowercase();
                            let media = if media.contains('/') { media } else { media_type(&data.data).to_owned() };
                            let count = self.enclosed.len();
                            let number = if count == 0 { String::new() } else { format!("-{}", count + 1) };
                            self.enclosed.push(Enclosed {
                                name: format!("{}{number}.{}", name.to_lowercase(), extension(&media)),
                                media_type: media,
                                content: data.data.clone(),
                            });
                        }
                        VCardValue::Text(text) if is_address(text) => self.add(&name.to_lowercase(), text.trim()),
                        // How a name sounds, or the like.
                        VCardValue::Text(text)
                            if matches!(name, "KEY" | "SOUND") && !text.trim().is_empty() && text.len() < LONGEST_TEXT =>
                        {
                            self.add(&name.to_lowercase(), text.trim());
                        }
                        VCardValue::Text(text) if text.trim().is_empty() => {}
                        _ => self.unread.push(name.to_owned()),
                    }
                }
            }
        }
    }

    /// Everything that rolo has no field for, under its own name.
    fn rest(&mut self, subject: Subject) {
        let contact = [
            "FN",
            "N",
            "ORG",
            "EMAIL",
            "TEL",
            "URL",
            "X-SOCIALPROFILE",
            "SOCIALPROFILE",
            "ADR",
            "LABEL",
            "CATEGORIES",
            "NOTE",
            "UID",
            "CREATED",
        ];
        let person = ["NICKNAME", "TITLE", "ROLE", "BDAY"];
        for entry in &self.card.entries {
            let name = entry.name.as_str().to_uppercase();
            let name = name.as_str();
            if name == KEPT {
                self.kept(&text(entry));
                continue;
            }
            if contact.contains(&name)
                || HOUSEKEEPING.contains(&name)
                || FILES.contains(&name)
                || (subject != Subject::Company && person.contains(&name))
            {
                continue;
            }
            let shown = match entry.name {
                Property::Lang if self.tree.get("language").and_then(Json::as_str) == Some(&text(entry)) => continue,
                Property::Tz if self.tree.get("timezone").and_then(Json::as_str) == Some(&text(entry)) => continue,
                Property::Tz => offset(entry).unwrap_or_else(|| text(entry)),
                _ => text(entry),
            };
            let label = if entry.group.is_some() { self.label(entry) } else { String::new() };
            let mut member = name.to_lowercase().replace('.', "-");
            if !label.is_empty() {
                member = format!("{member}-{label}");
            }
            // `SOURCE` is where the card was found, and no lead's source.
            if fields::field(Kind::Contact, &member).is_some() || fields::field(Kind::Company, &member).is_some() {
                member = format!("vcard-{member}");
            }
            self.add(&member, &shown);
        }
    }

    /// What rolo wrote that no property has a place for.
    fn kept(&mut self, text: &str) {
        let Ok(Json::Object(members)) = serde_json::from_str(text) else {
            self.unread.push(KEPT.to_owned());
            return;
        };
        for (name, value) in members {
            match (self.tree.get_mut(&name), value) {
                (None, value) => drop(self.tree.insert(name, value)),
                // The UID is one of the ids.
                (Some(Json::Array(known)), Json::Array(more)) if name == "external_id" => known.extend(more),
                // What other programs can change counts as they have it.
                (Some(_), _) => {}
            }
        }
    }
}

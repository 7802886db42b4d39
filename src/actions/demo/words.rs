//! The words of the invented world: people, firms, what is said and sold.
//!
//! Domains end in `.example` (RFC 2606); phone numbers are of ranges that the
//! regulators of the United Kingdom, Germany, France, Sweden and North America set
//! aside for fiction, and of an unused one in Czechia.

/// Where people are called alike, and what their phone numbers look like.
pub(super) struct Land {
    /// The country's name.
    pub(super) country: &'static str,
    /// What a phone number begins with; two more digits follow.
    pub(super) phone: &'static str,
    /// The language (BCP 47).
    pub(super) language: &'static str,
    /// The IANA time zone.
    pub(super) zone: &'static str,
    /// The currency people pay in.
    pub(super) currency: &'static str,
    /// First names.
    pub(super) given: &'static [&'static str],
    /// Last names.
    pub(super) family: &'static [&'static str],
}

/// The lands, in the order that [`Firm::land`] counts.
pub(super) const LANDS: &[Land] = &[
    Land {
        country: "Czechia",
        phone: "+4205550100",
        language: "cs",
        zone: "Europe/Prague",
        currency: "CZK",
        given: &["Ada", "Jana", "Tomáš", "Lucie", "Petr", "Markéta", "Ondřej", "Tereza", "Jiří", "Eliška"],
        family: &["Novák", "Dvořáková", "Černý", "Procházková", "Kučera", "Veselá", "Horák", "Němcová", "Šimek", "Řezáč"],
    },
    Land {
        country: "Germany",
        phone: "+4930231250",
        language: "de",
        zone: "Europe/Berlin",
        currency: "EUR",
        given: &["Jürgen", "Anke", "Lukas", "Heike", "Matthias", "Sabine", "Felix", "Ulrike", "Jörg", "Leonie"],
        family: &["Müller", "Weiß", "Schröder", "Köhler", "Brandt", "Vogel", "Jäger", "Groß", "Hartmann", "Löwe"],
    },
    Land {
        country: "France",
        phone: "+331990050",
        language: "fr",
        zone: "Europe/Paris",
        currency: "EUR",
        given: &["Chloé", "Rémi", "Amélie", "Benoît", "Océane", "Loïc", "Margaux", "Théo", "Inès", "François"],
        family: &["Lefèvre", "Garnier", "Dubois", "Bérard", "Moreau", "Girard", "Fournier", "Lemaître", "Aubry", "Noël"],
    },
    Land {
        country: "United Kingdom",
        phone: "+4420794600",
        language: "en-GB",
        zone: "Europe/London",
        currency: "GBP",
        given: &["Oliver", "Imogen", "Harriet", "Callum", "Priya", "Rhys", "Siobhán", "Alasdair", "Zainab", "George"],
        family: &["Whitfield", "O'Connor", "Patel", "MacLeod", "Hughes", "Bannister", "Okoro", "Thorne", "Ashworth", "Llewellyn"],
    },
    Land {
        country: "United States",
        phone: "+120255501",
        language: "en-US",
        zone: "America/New_York",
        currency: "USD",
        given: &["Maya", "Ethan", "Rosa", "Marcus", "Hannah", "Diego", "Grace", "Tyrell", "Naomi", "Walter"],
        family: &["Jackson", "Nguyen", "Ramirez", "Cohen", "Fitzgerald", "Washington", "Larsen", "Begay", "Kowalski", "Reed"],
    },
    Land {
        country: "Sweden",
        phone: "+463139006",
        language: "sv",
        zone: "Europe/Stockholm",
        currency: "EUR",
        given: &["Åsa", "Björn", "Linnéa", "Göran", "Maja", "Örjan", "Freja", "Sven", "Elin", "Håkan"],
        family: &["Lindqvist", "Öberg", "Sjögren", "Åkesson", "Nyström", "Holm", "Bäckström", "Ek", "Wallin", "Hägg"],
    },
];

/// People whose names are written otherwise: name, mailbox, language.
pub(super) const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("田中 美咲", "misaki.tanaka", "ja"),
    ("Ивана Петренко", "ivana.petrenko", "uk"),
    ("דנה לוי", "dana.levi", "he"),
    ("Ελένη Παππά", "eleni.pappa", "el"),
    ("김서연", "seoyeon.kim", "ko"),
    ("ليلى حداد", "layla.haddad", "ar"),
];

/// A firm of the invented world.
pub(super) struct Firm {
    /// Its name.
    pub(super) name: &'static str,
    /// Its domain, before `.example`.
    pub(super) domain: &'static str,
    /// What it lives from.
    pub(super) industry: &'static str,
    /// Its town.
    pub(super) city: &'static str,
    /// Its place in [`LANDS`].
    pub(super) land: usize,
    /// How many people.
    pub(super) employees: i64,
    /// Its parent's place in [`FIRMS`], always before it.
    pub(super) parent: Option<usize>,
    /// What it is to us.
    pub(super) role: &'static str,
}

const fn firm(
    name: &'static str,
    domain: &'static str,
    industry: &'static str,
    (city, land): (&'static str, usize),
    employees: i64,
    parent: Option<usize>,
    role: &'static str,
) -> Firm {
    Firm { name, domain, industry, city, land, employees, parent, role }
}

/// The firms.
pub(super) const FIRMS: &[Firm] = &[
    firm("Brandl Instruments", "brandl", "laboratory", ("Brno", 0), 240, None, "customer"),
    firm("Brandl Service", "brandl-service", "laboratory", ("Ostrava", 0), 35, Some(0), "customer"),
    firm("Vltava Glassworks", "vltava-glass", "manufacturing", ("Prague", 0), 510, None, "customer"),
    firm("Hvězdárna Ondřejov", "hvezdarna", "research", ("Ondřejov", 0), 60, None, "customer"),
    firm("Kovárna Šumava", "kovarna-sumava", "manufacturing", ("Klatovy", 0), 88, None, "customer"),
    firm("Nordlicht Optik", "nordlicht", "optics", ("Jena", 1), 1_200, None, "customer"),
    firm("Nordlicht Medizintechnik", "nordlicht-med", "healthcare", ("Erlangen", 1), 430, Some(5), "customer"),
    firm("Nordlicht Vertrieb", "nordlicht-vertrieb", "wholesale", ("Hamburg", 1), 75, Some(5), "partner"),
    firm("Universitätsklinik Weserland", "uk-weserland", "healthcare", ("Bremen", 1), 5_200, None, "customer"),
    firm("Schwarzwald Präzision", "sw-praezision", "manufacturing", ("Freiburg", 1), 160, None, "customer"),
    firm("Krämer & Söhne", "kraemer", "retail", ("Köln", 1), 22, None, "customer"),
    firm("Rheinbrücke Logistik", "rheinbruecke", "logistics", ("Duisburg", 1), 940, None, "supplier"),
    firm("Lumière du Nord", "lumiere-nord", "optics", ("Lille", 2), 310, None, "customer"),
    firm("Observatoire de Haute-Ardèche", "oha", "research", ("Privas", 2), 41, None, "customer"),
    firm("Verrerie Garonne", "verrerie-garonne", "manufacturing", ("Bordeaux", 2), 275, None, "customer"),
    firm("Clinique Saint-Éloi", "saint-eloi", "healthcare", ("Montpellier", 2), 620, None, "customer"),
    firm("Atelier Fanal", "fanal", "film", ("Paris", 2), 18, None, "customer"),
    firm("Distrioptique", "distrioptique", "wholesale", ("Lyon", 2), 90, None, "partner"),
    firm("Harrow & Finch", "harrow-finch", "retail", ("London", 3), 140, None, "customer"),
    firm("Pennine Survey", "pennine", "surveying", ("Leeds", 3), 65, None, "customer"),
    firm("Firth Marine Systems", "firth-marine", "marine", ("Aberdeen", 3), 380, None, "customer"),
    firm("Caledon University", "caledon", "research", ("Glasgow", 3), 3_900, None, "customer"),
    firm("Orchard Vision", "orchard-vision", "healthcare", ("Bristol", 3), 210, None, "customer"),
    firm("Bright Harbour Studios", "bright-harbour", "film", ("Manchester", 3), 54, None, "customer"),
    firm("Clearwater Labs", "clearwater", "laboratory", ("Boston", 4), 150, None, "customer"),
    firm("Great Basin Observatory", "gbo", "research", ("Reno", 4), 33, None, "customer"),
    firm("Tidewater Drones", "tidewater", "aerospace", ("Norfolk", 4), 120, None, "customer"),
    firm("Prairie Machine Vision", "prairie-mv", "manufacturing", ("Omaha", 4), 470, None, "customer"),
    firm("Lakeshore Imaging Partners", "lakeshore", "wholesale", ("Chicago", 4), 58, None, "partner"),
    firm("Silverline Optics", "silverline", "optics", ("Rochester", 4), 820, None, "competitor"),
    firm("Fjällkikare", "fjallkikare", "retail", ("Umeå", 5), 27, None, "customer"),
    firm("Mälaren Robotics", "malaren", "manufacturing", ("Västerås", 5), 360, None, "customer"),
    firm("Skärgård Marin", "skargard", "marine", ("Göteborg", 5), 95, None, "customer"),
    firm("Vintergatan Institut", "vintergatan", "research", ("Uppsala", 5), 180, None, "customer"),
    firm("Öresund Film", "oresund-film", "film", ("Malmö", 5), 31, None, "customer"),
    firm("Polstjärnan", "polstjarnan", "optics", ("Kiruna", 5), 44, None, "competitor"),
];

/// What is sold: name, sku, series, price in whole euros.
pub(super) const PRODUCTS: &[(&str, &str, &str, i64)] = &[
    ("Petrel 20", "PT-20", "Petrel", 890),
    ("Petrel 40", "PT-40", "Petrel", 1_490),
    ("Petrel 40 IR", "PT-40IR", "Petrel", 2_150),
    ("Gannet M", "GN-M", "Gannet", 4_800),
    ("Gannet L", "GN-L", "Gannet", 7_250),
    ("Gannet L Vacuum", "GN-LV", "Gannet", 11_900),
    ("Albatross", "AL-1", "Albatross", 38_500),
    ("Albatross Twin", "AL-2", "Albatross", 64_000),
    ("Calibration bench", "CB-1", "Bench", 9_600),
    ("Filter set", "FS-12", "Accessories", 340),
    ("Mount, heavy", "MT-H", "Accessories", 1_120),
    ("Service visit", "SV-1", "Service", 650),
];

/// The team: name, login, role, territory.
pub(super) const TEAM: &[(&str, &str, &str, &str)] = &[
    ("Eva Lindqvist", "eva", "owner", "North"),
    ("Ben Okafor", "ben", "agent", "West"),
    ("Tomás Rivera", "tomas", "agent", "Americas"),
    ("Jonas Keller", "jonas", "agent", "Central"),
    ("Mei Sato", "mei", "agent", "Support"),
    ("Nadia Haddad", "nadia", "agent", "Support"),
];

/// Titles, each with the role in a purchase.
pub(super) const TITLES: &[(&str, &str)] = &[
    ("Head of Laboratory", "decision maker"),
    ("Purchasing Manager", "buyer"),
    ("Managing Director", "decision maker"),
    ("Optical Engineer", "user"),
    ("Production Manager", "champion"),
    ("Research Fellow", "user"),
    ("IT Coordinator", "user"),
    ("Office Manager", "buyer"),
];

/// What people need.
pub(super) const NEEDS: &[&str] = &[
    "Images below 1 lux, without a cooler",
    "Calibration with a certificate, once a year",
    "A mount that takes the sea",
    "Delivery before the measuring season begins",
    "Everything documented in their own language",
    "One person to call when the line stands still",
];

/// What people like.
pub(super) const PREFERENCES: &[&str] = &[
    "Call before ten",
    "Invoices by post, two copies",
    "Prefers letters; answers every one",
    "Short mails, figures first",
    "Likes to see a device before talking about it",
    "No calls on Fridays",
];

/// A touch: channel, whether they began it, subject, what was said.
pub(super) const TOUCHES: &[(&str, bool, &str, &str)] = &[
    ("call", false, "First call", "Asked how they measure today. Two old benches, both out of calibration. Agreed to send figures."),
    ("call", true, "Asks for a price", "Needs a price for {product} by Friday. Compares with Silverline."),
    ("call", false, "Follow-up", "Not reached; left word with the office."),
    ("email", false, "Figures as promised", "Sent the data sheet of {product} and two references."),
    ("email", true, "Question about delivery", "How long for {product}? Their season begins in spring."),
    ("email", true, "Order confirmed", "Confirms {product} as offered. Purchase order follows by post."),
    ("meeting", false, "Demonstration", "Showed {product} on their own samples. The contrast convinced them; the price did not yet."),
    ("meeting", false, "Review of the year", "What went well: uptime. What did not: spare parts took three weeks."),
    ("visit", false, "On site", "Saw the hall. The mount must stand on the gallery, 40 kg at most."),
    ("chat", true, "Short question", "Does {product} speak GigE Vision? It does, with the 2.1 firmware."),
    ("sms", false, "Running late", "Will be there at half past two."),
    ("social", true, "Mention", "Praised the sharpness of {product} in public. Thanked them."),
    ("letter", true, "Letter", "Asks by letter for an offer for {product}, with terms for five years."),
    ("letter", false, "Offer by letter", "Sent the offer for {product} on paper, as they like it."),
    ("fax", true, "Order by fax", "Two filter sets, to the usual address."),
    ("web", true, "Form on the web site", "Wants to be called about {product}."),
    ("note", false, "Note", "Budget is decided in October; do not press before."),
    ("note", false, "Note", "Their neighbour uses Silverline and is not happy with it."),
];

/// A request: subject, what was said, category.
pub(super) const REQUESTS: &[(&str, &str, &str)] = &[
    ("Image is blurred at the edge", "Since Monday the left edge of {product} is blurred. Cleaning did not help.", "hardware"),
    ("No connection after update", "After the firmware update {product} is not found on the network.", "software"),
    ("Certificate missing", "The calibration certificate was not in the box.", "documents"),
    ("Spare filter", "One filter is scratched. Can we buy a single one?", "order"),
    ("Invoice has the old address", "Please correct the address and send it again.", "billing"),
    ("Noise from the cooler", "{product} has become loud. It still works.", "hardware"),
    ("Line stands still", "{product} reports error 31 and stops the line. Please call at once!", "hardware"),
    ("How do we export raw frames?", "The manual says page 80, but there is no page 80.", "question"),
    ("Return of a demo unit", "We would like to send the demo unit back. Which address?", "order"),
    ("Licence for a second seat", "We need the viewer on a second machine.", "software"),
];

/// Why deals are lost.
pub(super) const LOST: &[&str] = &["price", "no budget", "competitor", "timing", "no answer"];

/// What is to be done.
pub(super) const TODOS: &[&str] = &[
    "Call back about {product}",
    "Send the offer for {product}",
    "Ask whether the delivery arrived",
    "Plan the calibration visit",
    "Thank for the reference",
    "Check the terms of the contract",
];

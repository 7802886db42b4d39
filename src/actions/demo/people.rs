//! The team, what it sells, the firms and the people there.

use super::story::{Story, money, put, put_text};
use super::words::{ELSEWHERE, FIRMS, Firm, LANDS, NEEDS, PREFERENCES, PRODUCTS, TEAM, TITLES};
use crate::actions::{ActionError, Desk, resolve};
use crate::domain::fields::number;
use crate::domain::{Address, Date, Decimal, Job, Kind, Record, RecordId, Value, fold};

/// How people came to us.
const SOURCES: &[&str] = &["web", "event", "referral", "partner", "email", "phone"];
/// Words to group by.
const TAGS: &[&str] = &["vip", "reference", "newsletter", "low light", "marine", "film"];

impl Story {
    /// The users and teams; the author is one of them.
    pub(super) fn team(&mut self, desk: &Desk) -> Result<(), ActionError> {
        let joined = self.at(-700, 9, 0);
        for (name, login, role, territory) in TEAM {
            if *login == self.me {
                continue;
            }
            let mut user = self.record(Kind::User);
            put(&mut user, "created_at", Value::Time(joined));
            for (field, text) in [("name", *name), ("login", login), ("role", role), ("territory", territory)] {
                put_text(&mut user, field, text);
            }
            put_text(&mut user, "email", &format!("{login}@halyard.example"));
            put(&mut user, "active", Value::Flag(true));
            if let Some((eva, _)) = self.users.first() {
                put(&mut user, "manager", Value::Link(*eva));
            }
            let id = self.add(user);
            self.users.push((id, (*login).to_owned()));
        }
        let me = match resolve::user_of(desk, &self.me)? {
            Some(me) => me,
            None => {
                let mut user = self.record(Kind::User);
                put(&mut user, "created_at", Value::Time(joined));
                let login = self.me.clone();
                put_text(&mut user, "name", &login);
                put_text(&mut user, "login", &login);
                self.add(user)
            }
        };
        self.users.push((me, self.me.clone()));
        for (name, lead, queues) in [("Field sales", 0, &[][..]), ("Inside sales", 2, &[]), ("Support", 4, &["support", "repairs"])] {
            let mut team = self.record(Kind::Team);
            put_text(&mut team, "name", name);
            put(&mut team, "lead", Value::Link(self.users[lead % self.users.len()].0));
            for queue in queues {
                put_text(&mut team, "queue", queue);
            }
            self.add(team);
        }
        Ok(())
    }

    /// The products.
    pub(super) fn catalogue(&mut self) {
        for (name, sku, series, price) in PRODUCTS {
            let stock = self.random.between(0, 60);
            let mut product = self.record(Kind::Product);
            put_text(&mut product, "name", name);
            put_text(&mut product, "sku", sku);
            put_text(&mut product, "series", series);
            put(&mut product, "price", money(*price, "EUR"));
            put(&mut product, "active", Value::Flag(true));
            put(&mut product, "stock", Value::Number(Decimal::from(stock)));
            let id = self.add(product);
            self.products.push(id);
        }
    }

    /// The companies, parents before their subsidiaries.
    pub(super) fn firms(&mut self) {
        for (at, firm) in FIRMS.iter().enumerate() {
            let known_for = self.random.between(200, 600);
            let (owner, _) = self.users[firm.land % self.users.len()].clone();
            let land = &LANDS[firm.land];
            let mut company = self.record(Kind::Company);
            put(&mut company, "created_at", Value::Time(self.at(-known_for, 10, 0)));
            put(&mut company, "owner", Value::Link(owner));
            for (field, text) in [("name", firm.name), ("industry", firm.industry), ("country", land.country), ("roles", firm.role)] {
                put_text(&mut company, field, text);
            }
            if let Some(parent) = firm.parent {
                put(&mut company, "parent", Value::Link(self.companies[parent]));
            }
            put(&mut company, "employees", Value::Int(firm.employees));
            let revenue = firm.employees * self.random.between(60, 140) * 1_000;
            put(&mut company, "revenue", money(revenue, "EUR"));
            let founded = self.random.between(1890, 2015) as i32;
            put(&mut company, "founded", Value::Date(Date::partial(founded, None).expect("a year")));
            put_text(&mut company, "domain", &format!("{}.example", firm.domain));
            put(&mut company, "phone", Value::labelled("office", Value::text(phone(firm.land, at as u64))));
            put(&mut company, "email", Value::labelled("office", Value::text(format!("office@{}.example", firm.domain))));
            put(&mut company, "address", Value::labelled("office", Value::Address(Box::new(self.address(firm)))));
            put_text(&mut company, "lifecycle", if firm.role == "customer" { "customer" } else { "prospect" });
            if firm.role == "customer" && self.random.chance(40) {
                let season = *self.random.pick(&["spring", "summer", "autumn", "all year"]);
                put_custom(&mut company, "measuring_season", season);
            }
            let id = self.add(company);
            self.companies.push(id);
        }
    }

    fn address(&mut self, firm: &Firm) -> Address {
        let street = *self.random.pick(&["Mill Lane", "Station Road", "Glass Street", "Harbour Row", "Observatory Hill", "Market Square"]);
        Address {
            street: format!("{street} {}", self.random.between(1, 120)),
            city: firm.city.to_owned(),
            postcode: format!("{:05}", self.random.between(10_000, 98_999)),
            country: LANDS[firm.land].country.to_owned(),
            ..Address::default()
        }
    }

    /// Three to six people at each firm; a few of them work at two, a few elsewhere.
    pub(super) fn people(&mut self) {
        let mut names: Vec<String> = Vec::new();
        let mut direct = 0;
        for (at, firm) in FIRMS.iter().enumerate() {
            let land = &LANDS[firm.land];
            let mut here = Vec::new();
            for _ in 0..self.random.between(3, 6) {
                let (given, family) = (*self.random.pick(land.given), *self.random.pick(land.family));
                let name = format!("{given} {family}");
                if names.contains(&name) {
                    continue;
                }
                let mailbox = fold::latin(&name).replace(' ', ".").replace('\'', "");
                let mut contact = self.person(at, &name, &mailbox, land.language);
                contact.set(number::GIVEN, Value::text(given));
                contact.set(number::FAMILY, Value::text(family));
                put(&mut contact, "phone", Value::labelled("work", Value::text(phone(firm.land, 40 + direct % 60))));
                direct += 1;
                if self.random.chance(50) {
                    put_text(&mut contact, "timezone", land.zone);
                }
                here.push(self.add(contact));
                names.push(name);
            }
            if at % 6 == 5 {
                let (name, mailbox, language) = ELSEWHERE[at / 6 % ELSEWHERE.len()];
                let contact = self.person(at, name, mailbox, language);
                here.push(self.add(contact));
            }
            self.contacts.push(here);
        }
    }

    fn person(&mut self, at: usize, name: &str, mailbox: &str, language: &str) -> Record {
        let firm = &FIRMS[at];
        let known_for = self.random.between(20, 380);
        let (title, role) = *self.random.pick(TITLES);
        let (owner, _) = self.users[firm.land % self.users.len()].clone();
        let mut contact = self.record(Kind::Contact);
        put(&mut contact, "created_at", Value::Time(self.ago(known_for)));
        put(&mut contact, "owner", Value::Link(owner));
        contact.set(number::CONTACT_NAME, Value::text(name));
        put(&mut contact, "email", Value::labelled("work", Value::text(format!("{mailbox}@{}.example", firm.domain))));
        if self.random.chance(15) {
            put(&mut contact, "email", Value::labelled("home", Value::text(format!("{mailbox}@post.example"))));
        }
        put(&mut contact, "jobs", job(self.companies[at], title, role));
        if let Some(parent) = firm.parent
            && self.random.chance(20)
        {
            put(&mut contact, "jobs", job(self.companies[parent], "Advisor", ""));
        }
        let lifecycle = match self.random.below(10) {
            0 => "lead",
            1 | 2 => "prospect",
            3 => "former",
            _ => "customer",
        };
        put_text(&mut contact, "lifecycle", lifecycle);
        let source = *self.random.pick(SOURCES);
        put_text(&mut contact, "source", source);
        put_text(&mut contact, "language", language);
        let channel = *self.random.pick(&["email", "email", "call", "call", "letter", "visit", "chat"]);
        put_text(&mut contact, "preferred_channel", channel);
        for channel in ["email", "letter"] {
            let said = *self.random.pick(&["yes", "yes", "yes", "no", "unknown"]);
            put(&mut contact, "consent", Value::labelled(channel, Value::text(said)));
        }
        if self.random.chance(30) {
            let needs = *self.random.pick(NEEDS);
            put_text(&mut contact, "needs", needs);
        }
        if self.random.chance(30) {
            let preferences = *self.random.pick(PREFERENCES);
            put_text(&mut contact, "preferences", preferences);
        }
        if self.random.chance(25) {
            let (month, day) = (self.random.between(1, 12) as u32, self.random.between(1, 28) as u32);
            put(&mut contact, "birthday", Value::Date(Date::yearless(month, day).expect("every month has 28 days")));
        }
        if self.random.chance(35) {
            let tag = *self.random.pick(TAGS);
            put_text(&mut contact, "tags", tag);
        }
        contact
    }
}

fn job(company: RecordId, title: &str, role: &str) -> Value {
    Value::Job(Box::new(Job { company: Some(company), title: title.to_owned(), role: role.to_owned(), from: None, to: None }))
}

fn phone(land: usize, number: u64) -> String {
    format!("{}{:02}", LANDS[land].phone, number % 100)
}

fn put_custom(record: &mut Record, name: &str, word: &str) {
    record.push(number::CUSTOM, Value::labelled(name, Value::text(word)));
}

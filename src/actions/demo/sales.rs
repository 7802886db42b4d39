//! Deals in three pipelines with their history, orders, contracts, and the touches
//! in every channel.

use super::story::{Story, converted, money, put, put_text};
use super::words::{FIRMS, LANDS, LOST, PRODUCTS, TOUCHES};
use crate::domain::fields::number;
use crate::domain::{Decimal, Kind, Line, Record, RecordId, Timestamp, Value};
use crate::store::api::NEW;

/// The open stages of each pipeline, what ends it well and what ends it badly.
const PATHS: &[(&str, &[&str], &str, &str)] = &[
    ("sales", &["lead", "qualified", "proposal", "negotiation"], "won", "lost"),
    ("renewal", &["due", "offered"], "renewed", "ended"),
    ("partner", &["introduced", "joint offer"], "signed", "declined"),
];
/// What comes next.
const NEXT: &[&str] = &["Send the offer", "Call the buyer", "Show it on site", "Ask for the decision", "Clear the terms with their lawyer"];

/// A deal as far as its touches and orders need to know it.
struct Deal {
    id: RecordId,
    company: usize,
    contact: RecordId,
    product: usize,
    owner: (RecordId, String),
    /// How many days ago it was opened, and closed or 0.
    opened: i64,
    closed: i64,
}

impl Story {
    /// Some 130 deals; each goes through the stages of its pipeline with events.
    pub(super) fn deals(&mut self) {
        for at in 0..130 {
            let company = self.customer();
            let path = match self.random.below(20) {
                0..=13 => 0,
                14..=17 => 1,
                _ => 2,
            };
            let deal = self.deal(at, company, path);
            self.touches_of(&deal);
        }
    }

    /// Returns the place of a firm that buys.
    pub(super) fn customer(&mut self) -> usize {
        loop {
            let at = self.random.below(FIRMS.len() as u64) as usize;
            if FIRMS[at].role == "customer" && !self.contacts[at].is_empty() {
                return at;
            }
        }
    }

    fn deal(&mut self, at: i64, company: usize, path: usize) -> Deal {
        let (pipeline, stages, well, badly) = PATHS[path];
        // Spread over the year, half of them of late.
        let opened = if at % 2 == 0 { self.random.between(3, 100) } else { self.random.between(10, 360) };
        let opened_at = self.ago(opened);
        let owner = self.users[FIRMS[company].land % self.users.len()].clone();
        let owner = if self.random.chance(25) { self.users[self.users.len() - 1].clone() } else { owner };
        let contact = *self.random.pick(&self.contacts[company].clone());
        let (product, product_id) = self.product();
        let currency = LANDS[FIRMS[company].land].currency;
        let pieces = self.random.between(1, 8);
        let amount = converted(PRODUCTS[product].3 * pieces, currency);

        let mut deal = self.record(Kind::Opportunity);
        put_text(&mut deal, "name", &format!("{}, {pieces} × {}", FIRMS[company].name, PRODUCTS[product].0));
        put(&mut deal, "created_at", Value::Time(opened_at));
        put(&mut deal, "owner", Value::Link(owner.0));
        put(&mut deal, "company", Value::Link(self.companies[company]));
        put(&mut deal, "contact", Value::Link(contact));
        put_text(&mut deal, "pipeline", pipeline);
        put(&mut deal, "amount", money(amount, currency));
        put(&mut deal, "opened_at", Value::Time(opened_at));
        put(&mut deal, "product", Value::Link(product_id));
        put_text(&mut deal, "source", ["web", "referral", "event", "partner"][(at % 4) as usize]);
        if path == 2 {
            let partner = FIRMS.iter().position(|firm| firm.role == "partner").map(|at| self.companies[at]);
            if let Some(partner) = partner {
                put(&mut deal, "partner", Value::Link(partner));
            }
        }

        // Through the stages, as far as the time since has allowed.
        let (id, mut days, mut stage) = (deal.id, opened, 0);
        let mut closed = 0;
        let mut changes: Vec<(Timestamp, &str, &str)> = Vec::new();
        loop {
            days -= self.random.between(5, 45);
            if days < 1 {
                break;
            }
            let when = self.ago(days);
            let from = stages[stage];
            let gives_up = self.random.chance(4);
            if gives_up || stage + 1 == stages.len() {
                let to = if gives_up || self.random.chance(15) { badly } else { well };
                changes.push((when, from, to));
                closed = days;
                put_text(&mut deal, "stage", to);
                put(&mut deal, "closed_at", Value::Time(when));
                if to == badly {
                    let reason = *self.random.pick(LOST);
                    put_text(&mut deal, "lost_reason", reason);
                }
                break;
            }
            changes.push((when, from, stages[stage + 1]));
            stage += 1;
        }
        let is_open = closed == 0;
        if is_open {
            self.still_open(&mut deal, stages[stage]);
        }
        let is_won = deal.text(number::STAGE) == Some(well);
        self.add(deal);
        for (when, from, to) in changes {
            self.event(id, when, &owner.1, "stage", from, to);
        }
        let deal = Deal { id, company, contact, product, owner, opened, closed };
        if is_won {
            self.order(&deal, pieces, currency);
        }
        deal
    }

    fn still_open(&mut self, deal: &mut Record, stage: &str) {
        put_text(deal, "stage", stage);
        let close = self.random.between(-15, 90);
        put(deal, "expected_close", self.day(close));
        let category = *self.random.pick(&["commit", "best", "pipeline", "pipeline", "omitted"]);
        put_text(deal, "category", category);
        if self.random.chance(70) {
            let (next, days) = (*self.random.pick(NEXT), self.random.between(-3, 14));
            put_text(deal, "next_step", next);
            put(deal, "next_at", self.day(days));
        }
        if self.random.chance(20) {
            put(deal, "probability", Value::Int(self.random.between(1, 9) * 10));
        }
    }

    /// What was won is ordered, delivered, invoiced and mostly paid.
    fn order(&mut self, deal: &Deal, pieces: i64, currency: &str) {
        let days = (deal.closed - self.random.between(0, 2)).max(1);
        let price = converted(PRODUCTS[deal.product].3, currency);
        let mut order = self.record(Kind::Order);
        let at = self.ago(days);
        let number = order.id.number - NEW;
        put(&mut order, "created_at", Value::Time(at));
        put_text(&mut order, "number", &format!("H-{number:04}"));
        put(&mut order, "contact", Value::Link(deal.contact));
        put(&mut order, "company", Value::Link(self.companies[deal.company]));
        put(&mut order, "at", Value::Time(at));
        let line = Line {
            product: Some(self.products[deal.product]),
            quantity: Some(Decimal::from(pieces)),
            price: money(price, currency).as_money(),
            tax: Some(Decimal::from(20)),
            ..Line::default()
        };
        put(&mut order, "lines", Value::Line(Box::new(line)));
        put(&mut order, "total", money(price * pieces, currency));
        put(&mut order, "deliver_by", self.day(21 - days));
        let delivered = days > 24;
        put_text(
            &mut order,
            "status",
            if delivered {
                "delivered"
            } else if days > 8 {
                "shipped"
            } else {
                "confirmed"
            },
        );
        put_text(&mut order, "delivery_status", if delivered { "delivered" } else { "underway" });
        if delivered {
            put(&mut order, "delivered_at", Value::Time(self.at(22 - days, 11, 0)));
            put_text(&mut order, "invoice", &format!("F-{number:04}"));
            put(&mut order, "invoiced_at", Value::Time(self.at(23 - days, 9, 0)));
            put(&mut order, "due", self.day(53 - days));
            if days > 60 && !self.random.chance(12) {
                put(&mut order, "paid_at", Value::Time(self.at(50 - days, 12, 0)));
                put(&mut order, "paid", money(price * pieces, currency));
            }
        }
        self.add(order);
    }

    /// Service contracts that began within the last three years.
    pub(super) fn contracts(&mut self) {
        for at in 0..26 {
            let company = self.customer();
            let began = self.random.between(20, 1_000);
            let left = 365 - began % 365;
            let ended = at % 9 == 0;
            let contact = *self.random.pick(&self.contacts[company].clone());
            let yearly = self.random.between(4, 30) * 100;
            let (_, product) = self.product();
            let mut contract = self.record(Kind::Contract);
            put_text(&mut contract, "name", &format!("Service, {}", FIRMS[company].name));
            put(&mut contract, "created_at", Value::Time(self.at(-began, 9, 0)));
            put(&mut contract, "company", Value::Link(self.companies[company]));
            put(&mut contract, "contact", Value::Link(contact));
            put(&mut contract, "product", Value::Link(product));
            put(&mut contract, "start", self.day(-began));
            put(&mut contract, "end", self.day(if ended { -left } else { left }));
            put_text(&mut contract, "renewal", "1y");
            put_text(&mut contract, "notice", "3m");
            put(&mut contract, "amount", money(yearly, "EUR"));
            put_text(&mut contract, "period", "year");
            put_text(&mut contract, "sla", ["standard", "standard", "gold"][at % 3]);
            put_text(&mut contract, "status", if ended { "ended" } else { "active" });
            self.add(contract);
        }
    }

    /// What was said on the way to a deal's end.
    fn touches_of(&mut self, deal: &Deal) {
        let days = deal.opened - deal.closed;
        for _ in 0..(2 + days / 25).min(8) {
            let when = self.random.between(deal.closed.max(1), deal.opened);
            let owner = deal.owner.clone();
            let mut touch = self.touch(when, deal.company, deal.contact, Some(deal.product), &owner);
            touch.set(number::INTERACTION_OPPORTUNITY, Value::Link(deal.id));
            self.add(touch);
        }
    }

    /// Touches that belong to no deal, so that every contact has some.
    pub(super) fn touches(&mut self) {
        for company in 0..self.contacts.len() {
            for contact in self.contacts[company].clone() {
                for _ in 0..self.random.between(1, 5) {
                    let (when, user) = (self.random.between(1, 360), self.somebody());
                    let touch = self.touch(when, company, contact, None, &user);
                    self.add(touch);
                }
            }
        }
    }

    fn touch(&mut self, days: i64, company: usize, contact: RecordId, product: Option<usize>, user: &(RecordId, String)) -> Record {
        let (channel, incoming, subject, body) = *self.random.pick(TOUCHES);
        let product = product.unwrap_or_else(|| self.product().0);
        let at = self.ago(days);
        let mut touch = self.record(Kind::Interaction);
        put(&mut touch, "created_at", Value::Time(at));
        put(&mut touch, "owner", Value::Link(user.0));
        put(&mut touch, "at", Value::Time(at));
        put_text(&mut touch, "channel", channel);
        put(&mut touch, "contact", Value::Link(contact));
        put(&mut touch, "company", Value::Link(self.companies[company]));
        put_text(&mut touch, "subject", subject);
        put_text(&mut touch, "body", &body.replace("{product}", PRODUCTS[product].0));
        if channel == "note" {
            put(&mut touch, "private", Value::Flag(true));
        } else {
            put_text(&mut touch, "direction", if incoming { "in" } else { "out" });
        }
        if matches!(channel, "call" | "meeting" | "visit") {
            let minutes = if channel == "call" { self.random.between(2, 35) } else { self.random.between(3, 18) * 10 };
            put(&mut touch, "minutes", Value::Int(minutes));
            let outcome = *self.random.pick(&["agreed", "interested", "call back", "no answer", "declined"]);
            put_text(&mut touch, "outcome", outcome);
        }
        if incoming && self.random.chance(50) {
            let sentiment = *self.random.pick(&["positive", "neutral", "negative"]);
            put_text(&mut touch, "sentiment", sentiment);
        }
        touch
    }
}

//! Tickets with their history and what was said, and what is to be done.

use super::story::{Story, put, put_text};
use super::words::{PRODUCTS, REQUESTS, TODOS};
use crate::domain::fields::number;
use crate::domain::{Kind, Record, RecordId, Timestamp, Value};

impl Story {
    /// Some 90 tickets: most are done, the latest are not.
    pub(super) fn tickets(&mut self) {
        for at in 0..90 {
            let days = if at % 3 == 0 { self.random.between(1, 14) } else { self.random.between(10, 360) };
            self.ticket(days);
        }
    }

    fn ticket(&mut self, days: i64) {
        let company = self.customer();
        let contact = *self.random.pick(&self.contacts[company].clone());
        let (product, _) = self.product();
        let (subject, body, category) = *self.random.pick(REQUESTS);
        let body = body.replace("{product}", PRODUCTS[product].0);
        let opened_at = self.ago(days);
        let priority = match self.random.below(10) {
            _ if subject.starts_with("Line stands") => "urgent",
            0 => "urgent",
            1..=3 => "high",
            9 => "low",
            _ => "normal",
        };
        // Support is the work of the last two of the team.
        let team = self.users.len().saturating_sub(3);
        let agent = self.users[team + self.random.below(2) as usize % self.users.len().max(1)].clone();
        let channel = *self.random.pick(&["email", "email", "call", "web", "chat", "letter"]);

        let mut ticket = self.record(Kind::Ticket);
        put(&mut ticket, "created_at", Value::Time(opened_at));
        put_text(&mut ticket, "subject", subject);
        put_text(&mut ticket, "body", &body);
        put(&mut ticket, "contact", Value::Link(contact));
        put(&mut ticket, "company", Value::Link(self.companies[company]));
        put_text(&mut ticket, "priority", priority);
        put_text(&mut ticket, "category", category);
        put_text(&mut ticket, "queue", if category == "hardware" { "repairs" } else { "support" });
        put_text(&mut ticket, "channel", channel);
        put(&mut ticket, "opened_at", Value::Time(opened_at));
        let id = ticket.id;
        let request = self.message(opened_at, id, (company, contact), channel, true, (subject, &body));
        self.add(request);

        let escalated = self.random.chance(20);
        put_text(&mut ticket, "line", if escalated { "second" } else { "first" });
        let history = self.history(&mut ticket, days, &agent);
        self.add(ticket);
        for (when, field, from, to) in history {
            self.event(id, when, &agent.1, field, from, to);
            if to == "pending" || to == "solved" {
                let text = if to == "solved" { "It works again" } else { "One question back" };
                let body = if to == "solved" {
                    "Sent what was missing; please tell us if it is not enough."
                } else {
                    "Which serial number is it?"
                };
                let mut answer = self.message(when, id, (company, contact), channel, false, (text, body));
                put(&mut answer, "owner", Value::Link(agent.0));
                self.add(answer);
            }
        }
        if escalated {
            let when = opened_at.plus_seconds(5 * 3_600);
            self.event(id, when, &agent.1, "line", "first", "second");
            let mut note =
                self.message(when, id, (company, contact), "note", false, ("To the second line", "Needs somebody with a bench."));
            put(&mut note, "private", Value::Flag(true));
            put(&mut note, "owner", Value::Link(agent.0));
            self.add(note);
        }
    }

    /// Takes a ticket through its statuses as far as the days allow.
    fn history(
        &mut self,
        ticket: &mut Record,
        days: i64,
        agent: &(RecordId, String),
    ) -> Vec<(Timestamp, &'static str, &'static str, &'static str)> {
        let mut history = Vec::new();
        let (mut left, mut status) = (days, "new");
        let mut last = ticket.time(number::TICKET_OPENED_AT).unwrap_or(Timestamp::EPOCH);
        let mut to_status = |story: &mut Self, status: &mut &'static str, to: &'static str, most: i64| -> Option<Timestamp> {
            let (wait, minutes) = (story.random.between(0, most), story.random.between(10, 60));
            if left - wait < 1 {
                return None;
            }
            left -= wait;
            last = story.at(-left, 12, minutes).max(last.plus_seconds(minutes * 60));
            history.push((last, "status", *status, to));
            *status = to;
            Some(last)
        };
        if let Some(when) = to_status(self, &mut status, "open", 1) {
            put(ticket, "assignee", Value::Link(agent.0));
            put(ticket, "first_response_at", Value::Time(when));
            if self.random.chance(40) && to_status(self, &mut status, "pending", 2).is_some() {
                to_status(self, &mut status, "open", 4);
            }
            let is_held = self.random.chance(8);
            if is_held {
                to_status(self, &mut status, "hold", 2);
            } else if status == "open"
                && let Some(solved) = to_status(self, &mut status, "solved", 6)
            {
                put(ticket, "solved_at", Value::Time(solved));
                if let Some(closed) = to_status(self, &mut status, "closed", 4) {
                    put(ticket, "closed_at", Value::Time(closed));
                }
                if self.random.chance(45) {
                    put(ticket, "satisfaction", Value::Int(self.random.between(2, 5)));
                    put(ticket, "effort", Value::Int(self.random.between(1, 6)));
                }
            }
        }
        put_text(ticket, "status", status);
        history
    }

    fn message(
        &mut self,
        at: Timestamp,
        ticket: RecordId,
        (company, contact): (usize, RecordId),
        channel: &str,
        incoming: bool,
        (subject, body): (&str, &str),
    ) -> Record {
        let mut message = self.record(Kind::Interaction);
        put(&mut message, "created_at", Value::Time(at));
        put(&mut message, "at", Value::Time(at));
        put_text(&mut message, "channel", channel);
        put_text(&mut message, "direction", if incoming { "in" } else { "out" });
        put(&mut message, "contact", Value::Link(contact));
        put(&mut message, "company", Value::Link(self.companies[company]));
        message.set(number::INTERACTION_TICKET, Value::Link(ticket));
        put_text(&mut message, "subject", subject);
        put_text(&mut message, "body", body);
        message
    }

    /// What is to be done, some of it done, some of it late.
    pub(super) fn tasks(&mut self) {
        for _ in 0..90 {
            let company = self.customer();
            let contact = *self.random.pick(&self.contacts[company].clone());
            let (user, _) = self.somebody();
            let due = self.random.between(-60, 20);
            let (product, _) = self.product();
            let title = self.random.pick(TODOS).replace("{product}", PRODUCTS[product].0);
            let mut task = self.record(Kind::Task);
            put(&mut task, "created_at", Value::Time(self.at(due.min(0) - 7, 9, 0)));
            put_text(&mut task, "title", &title);
            let when = self.at(due, 10, 0);
            put(&mut task, "due", Value::Time(when));
            put(&mut task, "assignee", Value::Link(user));
            put(&mut task, "about", Value::Link(contact));
            put_text(&mut task, "priority", if self.random.chance(15) { "high" } else { "normal" });
            if due < -5 && self.random.chance(92) {
                let done = self.at(due, 15, 30);
                put(&mut task, "done_at", Value::Time(done));
            }
            self.add(task);
        }
    }
}

//! Who of the people in a message is who: the team, people to know, and addresses behind
//! which nobody stands. It must not know the store: the team's addresses are handed in.

use std::collections::{HashMap, HashSet};

use super::automatic::{Answer, is_daemon};
use super::fields::Mailbox;
use super::message::{Message, person_name};
use super::message_id::OURS;
use crate::domain::parse::email_key;

/// The most people of one message.
const MOST: usize = 150;

/// A person in a message who is not of the team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// The address.
    pub(super) email: String,
    /// The name, where one stands before the address.
    pub(super) name: Option<String>,
}

/// The people of a message.
#[derive(Debug, Default)]
pub(super) struct People {
    /// Those who are not of the team.
    pub(super) others: Vec<Person>,
    /// Whether the team wrote it.
    pub(super) out: bool,
    /// Whether it is from or to the team.
    pub(super) is_own: bool,
    /// The address of the user whose it is.
    pub(super) user: Option<String>,
    /// There were more than are kept.
    pub(super) too_many: bool,
}

/// An address of the team's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddress {
    /// The address; `@example.com` is everybody there.
    pub address: String,
    /// Whether it is one user's alone.
    pub is_users: bool,
}

/// The team by its own addresses.
#[derive(Debug, Clone, Default)]
pub(super) struct Team {
    /// Addresses, and how the one user writes it who has it.
    addresses: HashMap<String, Option<String>>,
    domains: HashSet<String>,
}

/// The address that rolo gives the team in a mailbox where it has none.
pub(in crate::exchange) const TEAM_ADDRESS: &str = "team@rolo.invalid";

impl Team {
    /// Returns the team of these addresses.
    pub(super) fn new(addresses: &[OwnAddress]) -> Self {
        let mut team = Self::default();
        for own in addresses {
            if let Some(domain) = own.address.trim().strip_prefix('@') {
                team.domains.insert(domain.to_lowercase());
            } else if own.is_users {
                // Of two users by one address nobody knows whose a mail is.
                let user = Some(own.address.clone());
                team.addresses.entry(key(&own.address)).and_modify(|known| *known = None).or_insert(user);
            }
        }
        for own in addresses.iter().filter(|own| !own.is_users && !own.address.trim().starts_with('@')) {
            team.addresses.entry(key(&own.address)).or_default();
        }
        team
    }

    /// Returns whether nobody is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.addresses.is_empty() && self.domains.is_empty()
    }

    /// Returns whether an address is the team's.
    pub(super) fn has(&self, address: &str) -> bool {
        let key = key(address);
        let domain = key.rsplit('@').next().unwrap_or_default();
        self.addresses.contains_key(&key) || self.domains.contains(domain) || key == TEAM_ADDRESS
    }

    /// Returns the address of the one user who has this one.
    fn user(&self, address: &str) -> Option<String> {
        self.addresses.get(&key(address)).cloned().flatten()
    }
}

/// `ada+crm@example.com` is ada@example.com.
fn key(address: &str) -> String {
    let key = email_key(address);
    match key.split_once('@') {
        Some((local, domain)) => format!("{}@{domain}", local.split('+').next().filter(|local| !local.is_empty()).unwrap_or(local)),
        None => key,
    }
}

/// Finds out who is who in a message.
pub(super) fn of(message: &Message, team: &Team) -> People {
    let mut people = People { out: message.from.iter().any(|from| team.has(&from.address)), ..People::default() };
    let everybody = || message.from.iter().chain(&message.to);
    let side = if people.out { &message.from } else { &message.to };
    people.is_own = side.iter().any(|one| team.has(&one.address));
    people.user = side.iter().find_map(|one| team.user(&one.address));
    if message.answer == Some(Answer::Bounce) {
        let known: HashMap<String, &Mailbox> = everybody().map(|one| (email_key(&one.address), one)).collect();
        for address in &message.failed {
            let name = known.get(&email_key(address)).and_then(|one| person_name(one));
            people.add(address, name, message, team);
        }
        return people;
    }
    // What comes by a list or a no-reply address is from whom answers go to.
    let is_nobody = message.from.iter().all(|from| stands_for_nobody(&from.address, &message.lists));
    let instead = if is_nobody { message.reply_to.as_slice() } else { &[] };
    for mailbox in instead.iter().chain(everybody()) {
        people.add(&mailbox.address, person_name(mailbox), message, team);
    }
    people
}

impl People {
    fn add(&mut self, address: &str, name: Option<String>, message: &Message, team: &Team) {
        if team.has(address) || stands_for_nobody(address, &message.lists) || !is_address(address) {
            return;
        }
        let key = email_key(address);
        if let Some(known) = self.others.iter_mut().find(|known| email_key(&known.email) == key) {
            known.name = known.name.take().or(name);
            return;
        }
        if self.others.len() >= MOST {
            self.too_many = true;
            return;
        }
        self.others.push(Person { email: address.trim().to_owned(), name });
    }
}

/// Returns whether an address is one that a contact can have.
fn is_address(address: &str) -> bool {
    let Some((local, domain)) = address.trim().rsplit_once('@') else { return false };
    let plain = |text: &str| {
        !text.is_empty() && text.len() <= 250 && text.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
    };
    plain(local) && plain(domain) && domain.split('.').all(|part| !part.is_empty()) && !domain.eq_ignore_ascii_case(OURS)
}

/// Returns whether no person stands behind an address: a list, a machine.
fn stands_for_nobody(address: &str, lists: &[String]) -> bool {
    let address = email_key(address);
    if is_daemon(&address) || lists.contains(&address) {
        return true;
    }
    let local = address.split('@').next().unwrap_or_default();
    let bare: String = local.chars().filter(|c| c.is_alphanumeric()).collect();
    let begins = ["noreply", "donotreply", "nepasrepondre", "neodpovidat", "nichtantworten"];
    let is_machine = begins.iter().any(|word| bare.starts_with(word))
        || bare.ends_with("noreply")
        || matches!(bare.as_str(), "bounce" | "bounces" | "notification" | "notifications");
    let is_list = local.starts_with("owner-")
        || local.starts_with("bounce+")
        || local.starts_with("bounces+")
        || local.starts_with("bounce-")
        || local.starts_with("bounces-")
        || ["-owner", "-request", "-bounces", "-subscribe", "-unsubscribe", "-admin+bounces"].iter().any(|end| local.ends_with(end))
        || local.contains("-bounces+");
    is_machine || is_list
}

/// Returns the address that is most likely the team's own, where nobody said: the one to
/// which mail was delivered, else the one that more than half of the messages were
/// delivered to, or sent from where they never were delivered.
pub(super) fn guess(messages: &[Message]) -> Option<String> {
    // What rolo wrote says itself who is who.
    if messages.iter().any(|message| message.from.iter().chain(&message.to).any(|one| one.address == TEAM_ADDRESS)) {
        return Some(TEAM_ADDRESS.to_owned());
    }
    let counted = |each: &dyn Fn(&Message) -> Vec<String>, least: usize| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for message in messages {
            let once: HashSet<String> = each(message).into_iter().map(|address| key(&address)).collect();
            let people = once.into_iter().filter(|address| !stands_for_nobody(address, &message.lists));
            people.for_each(|address| *counts.entry(address).or_default() += 1);
        }
        let best = counts.iter().max_by(|a, b| a.1.cmp(b.1).then_with(|| b.0.cmp(a.0)))?;
        let is_alone = counts.iter().all(|(address, count)| address == best.0 || count < best.1);
        (*best.1 >= least && is_alone).then(|| best.0.clone())
    };
    let addresses = |all: &[Mailbox]| all.iter().map(|one| one.address.clone()).collect();
    counted(&|message| message.delivered_to.clone(), 1).or_else(|| {
        let own = |message: &Message| if message.was_delivered { addresses(&message.to) } else { addresses(&message.from) };
        counted(&own, (messages.len() / 2 + 1).max(3))
    })
}

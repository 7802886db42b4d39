//! Who took part in what a row tells: the team's own people say its direction, the others
//! become the contacts that it is with. It must not know where rows come from.

use serde_json::{Map, Value as Json, json};

use super::world::World;
use crate::domain::fields::number;
use crate::domain::parse::email_key;
use crate::domain::{FieldNumber, Kind, RecordId, Value};
use crate::exchange::mail::OwnAddress;
use crate::exchange::rows::{Parties, Party};
use crate::store::StoreError;
use crate::store::api::is_new;

/// Adds what the parties say to a row's object; what it says itself stands.
pub(super) fn tell(
    world: &World<'_>,
    team: &[OwnAddress],
    kind: Kind,
    parties: &Parties,
    tree: &mut Map<String, Json>,
) -> Result<(), StoreError> {
    let mut ours: Vec<(RecordId, bool)> = Vec::new();
    let mut began_here = false;
    let mut others: Vec<&Party> = Vec::new();
    let sides = parties.from.iter().map(|party| (party, true)).chain(parties.to.iter().map(|party| (party, false)));
    for (party, began) in sides {
        match having(world, Kind::User, number::USER_EMAIL, &party.email)?.first() {
            Some(user) => {
                ours.push((*user, began));
                began_here |= began;
            }
            None if is_own(team, &party.email) => began_here |= began,
            None if others.iter().any(|known| email_key(&known.email) == email_key(&party.email)) => {}
            None => others.push(party),
        }
    }
    match kind {
        Kind::Task => {
            // A task is done by one of us, and concerns whom we know already.
            let assignee = ours.iter().find(|(_, began)| !began).or(ours.first());
            if let Some((id, _)) = assignee.filter(|_| !tree.contains_key("assignee")) {
                tree.insert("assignee".to_owned(), json!({ "id": id.to_string() }));
            }
            let mut about = Vec::new();
            for party in others {
                if let [one] = having(world, Kind::Contact, number::CONTACT_EMAIL, &party.email)?[..]
                    && !is_new(one)
                {
                    about.push(json!({ "id": one.to_string() }));
                }
            }
            if !about.is_empty() && !tree.contains_key("about") {
                tree.insert("about".to_owned(), Json::Array(about));
            }
        }
        _ => {
            let began = !parties.from.is_empty();
            if began && !tree.contains_key("direction") {
                let direction = if began_here { "out" } else { "in" };
                tree.insert("direction".to_owned(), Json::from(direction));
            }
            if !others.is_empty() && !tree.contains_key("contact") {
                let names = others.iter().map(|party| json!({ "name": name(party), "email": party.email }));
                tree.insert("contact".to_owned(), names.collect());
            }
        }
    }
    Ok(())
}

/// Returns whether an address is the team's, though no user's.
fn is_own(team: &[OwnAddress], email: &str) -> bool {
    let email = email_key(email);
    team.iter().map(|own| email_key(&own.address)).any(|own| own == email || own.starts_with('@') && email.ends_with(&own))
}

/// Returns a party's name; an address is none.
fn name(party: &Party) -> String {
    let name = party.name.trim().trim_matches(['"', '\'']).trim();
    if name.contains('@') { String::new() } else { name.to_owned() }
}

fn having(world: &World<'_>, kind: Kind, field: FieldNumber, email: &str) -> Result<Vec<RecordId>, StoreError> {
    let key = email_key(email);
    let mut found = world.having(kind, field, &Value::text(email.trim()))?;
    found.retain(|record| record.values(field).filter_map(Value::as_text).any(|known| email_key(known) == key));
    Ok(found.iter().map(|record| record.id).collect())
}

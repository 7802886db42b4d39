//! Merging, and un-merging after whatever came between.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rolo::actions::{self, LogOptions, MergeOptions, Prefer, Target, Which};
use rolo::domain::fields::number;
use rolo::domain::{FieldNumber, KINDS, Kind, RecordId, Value};
use rolo::store::api::Trash;
use rolo::store::walk::Walk;

use super::{add, desk, id, merge, said, set, text, undo};

type State = BTreeMap<RecordId, Vec<(FieldNumber, Value)>>;

fn state(desk: &actions::Desk) -> State {
    let mut state = State::new();
    for info in KINDS {
        let visit = |record: &std::sync::Arc<rolo::domain::Record>| {
            state.insert(record.id, said(record));
            Ok::<(), actions::ActionError>(())
        };
        Walk::new(info.kind, desk.view()).trash(Trash::With).each(&*desk.store, visit).unwrap();
    }
    state
}

#[test]
fn a_merged_contact_holds_what_both_had_and_everything_links_to_it() {
    let desk = desk();
    let keep = add(
        &desk,
        Kind::Contact,
        &["name=Ada Novák", "email.work=ada@acme.example", "consent.email=yes", "language=cs", "external_id=hq:1"],
    );
    let other = add(
        &desk,
        Kind::Contact,
        &["name=Ada Novak", "email.home=ada@home.example", "phone=+420601123456", "consent.email=no", "language=en", "external_id=hq:2"],
    );
    let talk = actions::log(&desk, "call", &["c2"], "hello", &LogOptions::default()).unwrap().ids[0];
    let task = add(&desk, Kind::Task, &["title=Ring", "about=c2"]);
    let deal = add(&desk, Kind::Opportunity, &["name=Big", "contact=c2"]);
    let ticket = add(&desk, Kind::Ticket, &["subject=Loud", "contact=c2"]);
    let order = add(&desk, Kind::Order, &["number=B1", "contact=c2"]);
    let friend = add(&desk, Kind::Contact, &["name=Eva", "referred_by=c2"]);
    let before = state(&desk);
    let merged = merge(&desk, &[keep, other]);
    assert_eq!(merged.outcome.message, "1 contact merged into c1; kept in its notes: language: en");
    assert_eq!(text(&desk, keep, "email"), "ada@acme.example; ada@home.example");
    assert_eq!(text(&desk, keep, "phone"), "+420601123456");
    assert_eq!(text(&desk, keep, "consent.email"), "no", "the stricter one");
    assert_eq!(text(&desk, keep, "language"), "cs");
    assert_eq!(text(&desk, keep, "notes"), "merged c2: language: en");
    assert_eq!(text(&desk, keep, "external_id"), "hq:1; hq:2");
    for (record, field) in
        [(talk, "contact"), (task, "about"), (deal, "contact"), (ticket, "contact"), (order, "contact"), (friend, "referred_by")]
    {
        assert_eq!(text(&desk, record, field), "Ada Novák", "{record}");
    }
    // The other's id goes on leading to it, and it is no longer met.
    assert_eq!(actions::resolve(&desk, &[], "c2").unwrap(), keep);
    assert_eq!(actions::resolve(&desk, &[], "hq:2").unwrap(), keep);
    assert_eq!(Walk::new(Kind::Contact, desk.view()).ids(&*desk.store).unwrap(), [keep, friend]);
    assert_eq!(actions::trashed(&desk).unwrap(), 0, "it is no waste");
    let history = actions::history(&desk, keep, 10).unwrap();
    assert!(history.iter().any(|revision| revision.id == other && revision.created), "the history of both");
    undo(&desk, merged.outcome.step.unwrap());
    assert_eq!(state(&desk), before);
}

#[test]
fn whose_value_stands_can_be_said() {
    for (prefer, stands, noted) in [(Prefer::Keep, "cs", "en"), (Prefer::Other, "en", "cs"), (Prefer::Newest, "en", "cs")] {
        let desk = desk();
        let keep = add(&desk, Kind::Contact, &["name=Ada", "language=cs", "timezone=Europe/Prague"]);
        let other = add(&desk, Kind::Contact, &["name=Ada", "language=de", "timezone=Europe/Berlin"]);
        set(&desk, other, &["language=en"]);
        set(&desk, keep, &["timezone=Europe/Paris"]);
        actions::merge(&desk, &[keep, other], &MergeOptions { prefer, ..MergeOptions::default() }).unwrap();
        assert_eq!(text(&desk, keep, "language"), stands, "{prefer:?}");
        assert!(text(&desk, keep, "notes").contains(&format!("language: {noted}")), "{prefer:?}: {}", text(&desk, keep, "notes"));
        let zone = if prefer == Prefer::Other { "Europe/Berlin" } else { "Europe/Paris" };
        assert_eq!(text(&desk, keep, "timezone"), zone, "{prefer:?}");
    }
}

#[test]
fn what_is_no_pair_is_refused() {
    let desk = desk();
    let (contact, firm) = (add(&desk, Kind::Contact, &["name=Ada"]), add(&desk, Kind::Company, &["name=Acme"]));
    let code = |ids: &[RecordId]| actions::merge(&desk, ids, &MergeOptions::default()).unwrap_err().code;
    assert_eq!(code(&[contact]), 2);
    assert_eq!(code(&[contact, contact]), 2);
    assert_eq!(code(&[contact, firm]), 2);
    assert_eq!(code(&[contact, id("c9")]), 4);
    let gone = add(&desk, Kind::Contact, &["name=Eva"]);
    actions::trash(&desk, &gone.into()).unwrap();
    assert_eq!(code(&[contact, gone]), 1);
}

#[test]
fn a_dry_run_tells_and_changes_nothing() {
    let desk = desk();
    let (keep, other) = (add(&desk, Kind::Contact, &["name=Ada"]), add(&desk, Kind::Contact, &["name=Ada", "email=a@x.cz"]));
    let before = state(&desk);
    let told = actions::merge(&desk, &[keep, other], &MergeOptions { dry_run: true, ..MergeOptions::default() }).unwrap();
    assert_eq!(told.outcome.message, "would merge c2 into c1, and turn 0 links");
    assert!(told.differences.iter().any(|difference| difference.name() == "email"));
    assert_eq!(state(&desk), before);
}

#[test]
fn companies_take_their_people_along() {
    let desk = desk();
    let (keep, other) = (
        add(&desk, Kind::Company, &["name=Acme", "domain=acme.example"]),
        add(&desk, Kind::Company, &["name=ACME s.r.o.", "domain=acme.cz"]),
    );
    let ada = add(&desk, Kind::Contact, &["name=Ada", "company=a2", "title=CEO"]);
    let both = add(&desk, Kind::Contact, &["name=Eva"]);
    actions::apply_json(&desk, &[both], &serde_json::json!({"jobs": [{"company": {"id": "a1"}}, {"company": {"id": "a2"}}]})).unwrap();
    let child = add(&desk, Kind::Company, &["name=Acme Sub", "parent=a2"]);
    set(&desk, keep, &["parent=a2"]);
    let before = state(&desk);
    let step = merge(&desk, &[keep, other]).outcome.step.unwrap();
    assert_eq!(text(&desk, ada, "company.id"), "a1");
    assert_eq!(text(&desk, child, "parent"), "Acme");
    assert_eq!(text(&desk, keep, "parent"), "", "it is not its own parent");
    assert_eq!(text(&desk, keep, "domain"), "acme.example; acme.cz");
    assert_eq!(desk.record(both).unwrap().values(number::JOBS).count(), 1);
    undo(&desk, step);
    assert_eq!(state(&desk), before);
}

#[test]
fn after_later_changes_each_has_its_own_again() {
    let desk = desk();
    let keep = add(&desk, Kind::Contact, &["name=Ada Novák", "email=ada@x.cz"]);
    let other = add(&desk, Kind::Contact, &["name=Ada Nováková", "email=an@y.cz", "birthday=1970-05-17", "notes=Has a dog"]);
    let old = actions::log(&desk, "call", &["c2"], "before", &LogOptions::default()).unwrap().ids[0];
    let step = merge(&desk, &[keep, other]).outcome.step.unwrap();
    set(&desk, keep, &["email.2=an@z.cz", "email+=new@x.cz", "birthday=1971-05-17", "nickname=Adka"]);
    let new = actions::log(&desk, "call", &["c1"], "after", &LogOptions::default()).unwrap().ids[0];
    set(&desk, old, &["outcome=agreed"]);
    let undone = undo(&desk, step);
    assert_eq!((undone.conflicts.len(), undone.told.len()), (0, 0), "{undone:?}");
    assert_eq!(text(&desk, keep, "email"), "ada@x.cz; new@x.cz");
    assert_eq!(text(&desk, other, "email"), "an@z.cz", "its address, as it was corrected since");
    assert_eq!((text(&desk, keep, "birthday"), text(&desk, other, "birthday")), (String::new(), "1971-05-17".into()));
    assert_eq!((text(&desk, keep, "nickname"), text(&desk, other, "nickname")), ("Adka".into(), String::new()));
    assert_eq!((text(&desk, keep, "notes"), text(&desk, other, "notes")), (String::new(), "Has a dog".into()));
    assert_eq!((text(&desk, old, "contact"), text(&desk, old, "outcome")), ("Ada Nováková".into(), "agreed".into()));
    assert_eq!(text(&desk, new, "contact"), "Ada Novák", "what came later stays");
}

#[test]
fn what_cannot_be_split_is_said_and_stops_nothing() {
    let desk = desk();
    let keep = add(&desk, Kind::Contact, &["name=Ada", "notes=Prefers mornings"]);
    let other = add(&desk, Kind::Contact, &["name=Ada", "notes=Has a dog", "email=a@x.cz"]);
    let talk = actions::log(&desk, "call", &["c2"], "hello", &LogOptions::default()).unwrap().ids[0];
    let step = merge(&desk, &[keep, other]).outcome.step.unwrap();
    set(&desk, keep, &["notes=Prefers mornings since she has a dog"]);
    add(&desk, Kind::Contact, &["name=Eva"]);
    set(&desk, talk, &["contact=c3"]);
    let undone = undo(&desk, step);
    let told: Vec<String> =
        undone.told.iter().map(|told| format!("{} {}: {} / {}", told.id, told.field, told.theirs, told.restores)).collect();
    assert_eq!(told, ["c1 notes: Prefers mornings since she has a dog / Prefers mornings", "i1 contact: Eva / Ada"]);
    assert_eq!(text(&desk, keep, "notes"), "Prefers mornings since she has a dog");
    assert_eq!((text(&desk, other, "notes"), text(&desk, other, "email")), ("Has a dog".into(), "a@x.cz".into()));
    assert_eq!(text(&desk, talk, "contact"), "Eva");
}

#[test]
fn a_no_that_was_said_since_counts_for_both() {
    let desk = desk();
    let keep = add(&desk, Kind::Contact, &["name=Ada", "consent.email=yes"]);
    let other = add(&desk, Kind::Contact, &["name=Ada", "consent.email=unknown"]);
    let step = merge(&desk, &[keep, other]).outcome.step.unwrap();
    set(&desk, keep, &["consent.email=no"]);
    undo(&desk, step);
    assert_eq!((text(&desk, keep, "consent.email"), text(&desk, other, "consent.email")), ("no".into(), "no".into()));
}

#[test]
fn a_merging_is_taken_back_done_again_and_taken_back() {
    let desk = desk();
    let keep = add(&desk, Kind::Contact, &["name=Ada", "language=cs"]);
    let other = add(&desk, Kind::Contact, &["name=Ada", "language=en", "email=a@x.cz"]);
    let options = MergeOptions { prefer: Prefer::Other, ..MergeOptions::default() };
    let step = actions::merge(&desk, &[keep, other], &options).unwrap().outcome.step.unwrap();
    let merged = state(&desk);
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    let apart = state(&desk);
    actions::redo(&desk, false, false).unwrap();
    assert_eq!(state(&desk), merged, "as it was decided then");
    undo(&desk, step);
    assert_eq!(state(&desk), apart);
    // What was logged with the other one meanwhile comes along when it is done again.
    let talk = actions::log(&desk, "call", &["c2"], "hello", &LogOptions::default()).unwrap().ids[0];
    set(&desk, other, &["phone=+420601123456"]);
    let again = desk.store.steps(None, 10).unwrap().iter().find(|step| step.label.starts_with("undo")).unwrap().step;
    undo(&desk, again);
    assert_eq!(text(&desk, talk, "contact.id"), "c1");
    assert_eq!(text(&desk, keep, "phone"), "+420601123456");
}

#[test]
fn chains_lead_on_and_come_apart_in_their_order() {
    let desk = desk();
    let ids: Vec<RecordId> =
        ["a@x.cz", "b@x.cz", "c@x.cz"].iter().map(|mail| add(&desk, Kind::Contact, &["name=Ada", &format!("email={mail}")])).collect();
    let before = state(&desk);
    let first = merge(&desk, &[ids[1], ids[2]]).outcome.step.unwrap();
    let second = merge(&desk, &[ids[0], ids[1]]).outcome.step.unwrap();
    assert_eq!(actions::resolve(&desk, &[], "c3").unwrap(), ids[0]);
    assert_eq!(merge(&desk, &[ids[0], ids[2]]).outcome.message, "it was merged into c1 already");
    let refused = actions::undo(&desk, &Which::Steps(vec![first]), false, false).unwrap_err();
    assert_eq!(refused.hint.as_deref(), Some(format!("take that back first: rolo undo @{second}").as_str()));
    undo(&desk, second);
    undo(&desk, first);
    assert_eq!(state(&desk), before);
    // Several at once.
    let step = merge(&desk, &ids).outcome.step.unwrap();
    assert_eq!(text(&desk, ids[0], "email"), "a@x.cz; b@x.cz; c@x.cz");
    undo(&desk, step);
    assert_eq!(state(&desk), before);
}

#[test]
fn a_stand_in_is_not_restored_nor_emptied_away() {
    let desk = desk();
    let (keep, other) = (add(&desk, Kind::Contact, &["name=Ada"]), add(&desk, Kind::Contact, &["name=Ada", "email=a@x.cz"]));
    let task = add(&desk, Kind::Task, &["title=Ring", "about=c2"]);
    actions::trash(&desk, &task.into()).unwrap();
    let step = merge(&desk, &[keep, other]).outcome.step.unwrap();
    let refused = actions::restore(&desk, &Target::from(other)).unwrap_err();
    assert_eq!(refused.hint.as_deref(), Some(format!("`rolo undo @{step}` takes them apart again").as_str()));
    // What was in the trash meanwhile finds its way.
    actions::restore(&desk, &Target::from(task)).unwrap();
    assert_eq!(text(&desk, task, "about"), "Ada");
    assert_eq!(desk.record(task).unwrap().link(number::ABOUT), Some(keep));
    let gone = add(&desk, Kind::Contact, &["name=Eva"]);
    actions::trash(&desk, &gone.into()).unwrap();
    actions::purge(&desk).unwrap();
    assert!(desk.record(other).is_ok(), "it is a part of c1");
    undo(&desk, step);
    assert_eq!(text(&desk, other, "email"), "a@x.cz");
    merge(&desk, &[keep, other]);
    actions::trash(&desk, &keep.into()).unwrap();
    actions::purge(&desk).unwrap();
    assert!(desk.record(other).is_err(), "and goes with it");
}

#[test]
fn thousands_of_links_are_turned_in_one_step_and_turned_back() {
    let desk = desk();
    let (keep, other) = (add(&desk, Kind::Contact, &["name=Ada"]), add(&desk, Kind::Contact, &["name=Ada", "email=a@x.cz"]));
    let mut changes = actions::Changeset::new(&desk);
    for _ in 0..1_700 {
        let talk = changes.create(Kind::Interaction);
        changes.edit(talk).unwrap().push(number::INTERACTION_CONTACT, Value::Link(other));
    }
    changes.finish("talks").unwrap();
    let before = state(&desk);
    let merged = merge(&desk, &[keep, other]);
    let step = merged.outcome.step.unwrap();
    assert_eq!(merged.relinked, 1_700);
    assert_eq!(desk.store.linking(keep, None, usize::MAX).unwrap().len(), 1_700);
    assert_eq!(desk.store.linking(other, None, 9).unwrap(), [(keep, number::MERGED_FROM)]);
    let found = desk.store.steps(Some(step + 1), 1).unwrap().remove(0);
    assert!(found.finished, "{found:?}");
    undo(&desk, step);
    assert_eq!(state(&desk), before);
}

#[derive(Debug, Clone)]
enum Deed {
    Set(usize, usize, u8),
    Log(usize, u8),
    Drop(usize, usize),
    Retarget(u8, usize),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (0..3_usize, 0..FIELDS.len(), any::<u8>()).prop_map(|(who, field, n)| Deed::Set(who, field, n)),
        2 => (0..3_usize, any::<u8>()).prop_map(|(who, n)| Deed::Log(who, n)),
        1 => (0..3_usize, 0..FIELDS.len()).prop_map(|(who, field)| Deed::Drop(who, field)),
        1 => (any::<u8>(), 0..3_usize).prop_map(|(at, who)| Deed::Retarget(at, who)),
    ];
    prop::collection::vec(deed, 0..10)
}

const FIELDS: &[&str] =
    &["email+=", "phone+=", "tags+=", "language=", "notes=", "birthday=", "nickname=", "consent.email=", "title=", "email.work="];

fn value(field: &str, n: u8) -> String {
    match field {
        "email+=" | "email.work=" => format!("{field}m{}@x.cz", n % 9),
        "phone+=" => format!("{field}+42060112345{}", n % 5),
        "language=" => format!("{field}{}", ["cs", "en", "de"][usize::from(n % 3)]),
        "birthday=" => format!("{field}197{}-01-01", n % 4),
        "consent.email=" => format!("{field}{}", ["yes", "no", "unknown"][usize::from(n % 3)]),
        _ => format!("{field}w{}", n % 7),
    }
}

fn act(desk: &actions::Desk, people: &[RecordId], deed: &Deed) {
    match deed {
        Deed::Set(who, field, n) => drop(actions::set_texts(desk, &people[*who].into(), &[value(FIELDS[*field], *n)], None, false)),
        Deed::Drop(who, field) => {
            let name = FIELDS[*field].trim_end_matches(['+', '=']);
            drop(actions::set_texts(desk, &people[*who].into(), &[format!("{name}=")], None, false));
        }
        Deed::Log(who, n) => drop(actions::log(desk, "call", &[people[*who].to_string()], &format!("talk {n}"), &LogOptions::default())),
        Deed::Retarget(at, who) => {
            let talks = Walk::new(Kind::Interaction, desk.view()).ids(&*desk.store).unwrap();
            if let Some(talk) = talks.get(usize::from(*at) % talks.len().max(1)) {
                drop(actions::set_texts(desk, &(*talk).into(), &[format!("contact+={}", people[*who])], None, false));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)) })]

    #[test]
    fn nothing_is_lost_between_merging_and_taking_apart(before in deeds(), since in deeds(), prefer in 0..3_usize) {
        let desk = desk();
        let people: Vec<RecordId> = (0..3).map(|n| add(&desk, Kind::Contact, &[&format!("name=Ada {}", n / 2)])).collect();
        before.iter().for_each(|deed| act(&desk, &people, deed));
        let apart = state(&desk);
        let options = MergeOptions { prefer: [Prefer::Keep, Prefer::Other, Prefer::Newest][prefer], ..MergeOptions::default() };
        let step = actions::merge(&desk, &people[..2], &options).unwrap().outcome.step.unwrap();
        let (keep, other) = (people[0], people[1]);
        let merged = state(&desk);
        // All that the two had stands on the one.
        for (field, value) in apart[&keep].iter().chain(&apart[&other]) {
            let text = value.plain();
            let stands = merged[&keep].iter().any(|(at, kept)| at == field && kept.plain().to_lowercase().contains(&text.to_lowercase()));
            let noted = merged[&keep].iter().any(|(at, kept)| *at == number::NOTES && kept.plain().contains(&text));
            prop_assert!(stands || noted || [number::CONSENT, number::CREATED_AT].contains(field), "{field} {text} in {:?}", merged[&keep]);
        }
        since.iter().for_each(|deed| act(&desk, &[keep, keep, people[2]], deed));
        let now = state(&desk);
        undo(&desk, step);
        let back = state(&desk);
        // (The stand-in holds what the other had then; what became of it stands on the one kept.)
        for (id, fields) in now.iter().filter(|(id, _)| **id != other) {
            for (field, value) in fields {
                if [number::MERGED_FROM, number::MERGED_INTO, number::TRASHED_AT].contains(field) {
                    continue;
                }
                let on = if *id == keep { vec![keep, other] } else { vec![*id] };
                let links = value.as_link().is_some() || value.plain().starts_with("company=");
                for line in value.plain().lines().filter(|line| !line.starts_with("merged c")) {
                    let stands = on.iter().any(|id| back[id].iter().any(|(at, kept)| at == field && kept.plain().contains(line)));
                    prop_assert!(stands || links || *field == number::CONSENT, "{id} {field} {line} is lost: {:?}", on.iter().map(|id| &back[id]).collect::<Vec<_>>());
                }
            }
        }
        prop_assert!(back[&other].iter().all(|(field, _)| *field != number::TRASHED_AT && *field != number::MERGED_INTO));
        // What nobody touched is as it was; and who only links to the two links as before.
        for (id, fields) in &apart {
            let is_pair = *id == keep || *id == other;
            if if is_pair { merged[&keep] == now[&keep] } else { merged[id] == now[id] } {
                prop_assert_eq!(&back[id], fields, "{}", id);
            }
        }
        // What came since and linked to the one kept still does.
        for (id, fields) in now.iter().filter(|(id, _)| !apart.contains_key(id) && id.kind == Kind::Interaction) {
            prop_assert_eq!(&back[id], fields, "{}", id);
        }
    }
}

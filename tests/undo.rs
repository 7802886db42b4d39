//! Undo: whatever was done, step by step back gives the first state, and step by
//! step forward the last.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use rolo::actions::{self, ActionError, Changeset, Clock, Desk, LogOptions, Step, Target, Which, configure};
use rolo::domain::{DefinitionName, FieldNumber, KINDS, Kind, RecordId, Timestamp, Value};
use rolo::store::api::{Author, Trash};
use rolo::store::memory;
use rolo::store::walk::Walk;

/// Everything that stands, without what is derived from the commit.
type State = BTreeMap<RecordId, Vec<(FieldNumber, Value)>>;

fn desk(login: &str, workspace: &str) -> Desk {
    let now = Timestamp::from_rfc3339("2026-02-04T10:30:00Z").unwrap();
    let author = Author { login: login.to_owned(), workspace: workspace.to_owned() };
    Desk { store: memory().unwrap(), author, clock: Clock::Fixed(now), readonly: false, joins: None }
}

fn at_desk_of(desk: &Desk, login: &str, workspace: &str) -> Desk {
    Desk { author: Author { login: login.to_owned(), workspace: workspace.to_owned() }, ..desk.clone() }
}

fn state(desk: &Desk) -> State {
    let mut state = State::new();
    for info in KINDS {
        Walk::new(info.kind, desk.view())
            .trash(Trash::With)
            .each(&*desk.store, |record| {
                state.insert(record.id, record.fields.clone());
                Ok::<(), ActionError>(())
            })
            .unwrap();
    }
    state
}

fn live(desk: &Desk, kind: Kind) -> Vec<RecordId> {
    Walk::new(kind, desk.view()).ids(&*desk.store).unwrap()
}

/// One thing that somebody does.
#[derive(Debug, Clone)]
enum Deed {
    Add(usize, u8),
    Set(u8, u8),
    SetAll(usize, u8),
    Remove(u8),
    Restore(u8),
    Link(u8, u8),
    Unlink(u8, u8),
    Move(u8, usize),
    Log(u8, bool),
    Configure(u8),
    Import(u8),
    Edit(u8, u8),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..6_usize, any::<u8>()).prop_map(|(kind, n)| Deed::Add(kind, n)),
        4 => (any::<u8>(), any::<u8>()).prop_map(|(at, n)| Deed::Set(at, n)),
        1 => (0..6_usize, any::<u8>()).prop_map(|(kind, n)| Deed::SetAll(kind, n)),
        2 => any::<u8>().prop_map(Deed::Remove),
        1 => any::<u8>().prop_map(Deed::Restore),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Deed::Link(a, b)),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Deed::Unlink(a, b)),
        3 => (any::<u8>(), 0..8_usize).prop_map(|(at, stage)| Deed::Move(at, stage)),
        2 => (any::<u8>(), any::<bool>()).prop_map(|(at, next)| Deed::Log(at, next)),
        1 => any::<u8>().prop_map(Deed::Configure),
        1 => any::<u8>().prop_map(Deed::Import),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(at, n)| Deed::Edit(at, n)),
    ]
}

const ADDED: &[Kind] = &[Kind::Contact, Kind::Company, Kind::Opportunity, Kind::Ticket, Kind::Task, Kind::Interaction];
const STAGES: &[&str] = &["lead", "qualified", "proposal", "negotiation", "won", "lost", "fresh", "nowhere"];

/// Does one thing; what is refused changes nothing.
fn act(desk: &Desk, deed: &Deed) {
    let mut all: Vec<RecordId> = ADDED.iter().flat_map(|kind| live(desk, *kind)).collect();
    all.sort_unstable();
    let pick = |at: u8| all.get(usize::from(at) % all.len().max(1)).copied();
    let texts = |kind: Kind, n: u8| match kind {
        Kind::Contact => vec![format!("email=p{n}@acme.example"), format!("tags+=t{}", n % 3), "phone.work=+420601123456".to_owned()],
        Kind::Company => vec![format!("name=Firm {}", n % 5), format!("notes+=line {n}")],
        Kind::Opportunity => vec![format!("amount={n} EUR"), format!("expected_close=2026-0{}-01", n % 9 + 1)],
        Kind::Ticket => vec![format!("subject=Request {n}"), format!("status={}", ["new", "open", "solved", "closed"][usize::from(n % 4)])],
        Kind::Task => vec![format!("title=Do {n}"), "owner=me".to_owned()],
        _ => vec![format!("subject=Talk {n}"), "channel=call".to_owned()],
    };
    match deed {
        Deed::Add(kind, n) => drop(add(desk, ADDED[*kind], &texts(ADDED[*kind], *n))),
        Deed::Set(at, n) => {
            if let Some(id) = pick(*at) {
                drop(actions::set_texts(desk, &Target::from(id), &texts(id.kind, *n), None, false));
            }
        }
        Deed::SetAll(kind, n) => drop(actions::set_texts(desk, &Target::Where(ADDED[*kind], None), &[format!("tags=all{n}")], None, false)),
        Deed::Remove(at) => drop(pick(*at).map(|id| actions::trash(desk, &id.into()))),
        Deed::Restore(at) => {
            let trashed = Walk::new(Kind::Contact, desk.view()).trash(Trash::Only).ids(&*desk.store).unwrap();
            if let Some(id) = trashed.get(usize::from(*at) % trashed.len().max(1)) {
                drop(actions::restore(desk, &Target::from(*id)));
            }
        }
        Deed::Link(a, b) => drop(pick(*a).zip(pick(*b)).map(|(a, b)| actions::link(desk, a, b))),
        Deed::Unlink(a, b) => drop(pick(*a).zip(pick(*b)).map(|(a, b)| actions::unlink(desk, a, b))),
        Deed::Move(at, stage) => {
            let deals = live(desk, Kind::Opportunity);
            if let Some(id) = deals.get(usize::from(*at) % deals.len().max(1)) {
                drop(actions::move_stage(desk, &Target::from(*id), STAGES[*stage], None));
            }
        }
        Deed::Log(at, next) => {
            if let Some(id) = pick(*at) {
                let options = LogOptions { next: next.then(|| "+2d call again".to_owned()), ..LogOptions::default() };
                drop(actions::log(desk, "call", &[id.to_string()], "What was said", &options));
            }
        }
        Deed::Configure(n) => {
            let (name, text) = match n % 3 {
                0 => (
                    DefinitionName::Pipelines,
                    "[renamed]\nlead = \"fresh\"\n[[pipeline]]\nname = \"sales\"\nstages = [{ name = \"fresh\", probability = 10 }, \
                     { name = \"proposal\", probability = 50 }, { name = \"negotiation\", probability = 70 }, \
                     { name = \"qualified\", probability = 30 }, { name = \"won\", meaning = \"won\" }, { name = \"lost\", meaning = \"lost\" }]\n"
                        .to_owned(),
                ),
                1 => (DefinitionName::Fields, format!("[contact.shoe{}]\ntype = \"number\"\n", n % 5)),
                _ => (DefinitionName::Pipelines, DefinitionName::Pipelines.example().to_owned()),
            };
            drop(configure::put(desk, name, &text));
        }
        Deed::Import(n) => import(desk, *n),
        Deed::Edit(at, n) => {
            if let Some(id) = pick(*at) {
                let text = actions::edit_toml(desk, &[id]).unwrap();
                drop(actions::apply_toml(desk, &format!("{text}\nnotes = \"edited {n}\"\n"), &text));
            }
        }
    }
}

fn add(desk: &Desk, kind: Kind, texts: &[String]) -> Result<actions::Outcome, ActionError> {
    let definitions = desk.definitions();
    let assignments: Vec<_> = texts.iter().map(|text| rolo::domain::Assignment::parse(kind, text, &definitions).unwrap()).collect();
    actions::add(desk, kind, &assignments)
}

/// Many records in several commits of one step, later ones linking to earlier ones.
fn import(desk: &Desk, n: u8) {
    let mut step = Step::begin(desk, "import");
    let mut firm = None;
    for block in 0..3_u8 {
        let mut changes = Changeset::new(desk);
        let company = changes.create(Kind::Company);
        changes.edit(company).unwrap().set(200, Value::text(format!("Imported {n} {block}")));
        for at in 0..4_u8 {
            let deal = changes.create(Kind::Opportunity);
            let stage = if at == 0 { "won" } else { "proposal" };
            let record = changes.edit(deal).unwrap();
            record.set(401, Value::Link(firm.filter(|_| at == 1).unwrap_or(company)));
            record.set(404, Value::text(stage));
        }
        // A later block corrects what an earlier one made.
        if let Some(firm) = firm {
            changes.edit(firm).unwrap().push(5, Value::text(format!("block{block}")));
        }
        let taken = changes.finish_in(&mut step, false).unwrap();
        firm = taken.ids.get(&company).copied();
    }
    step.end().unwrap();
}

/// A few, or as many as `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn step_by_step_back_and_forth(deeds in prop::collection::vec(deed(), 1..24), interactive in any::<bool>()) {
        let desk = desk("ada", if interactive { "main" } else { "" });
        let mut states = vec![state(&desk)];
        for deed in &deeds {
            let before = desk.store.seq();
            act(&desk, deed);
            if desk.store.seq() > before {
                states.push(state(&desk));
            }
        }
        let last = states.len() - 1;
        for expected in states[..last].iter().rev() {
            let undone = actions::undo(&desk, &Which::Last, false, false).unwrap();
            prop_assert!(undone.outcome.step.is_some(), "{}", undone.outcome.message);
            prop_assert_eq!(&state(&desk), expected);
        }
        let nothing = actions::undo(&desk, &Which::Last, false, false).unwrap();
        prop_assert_eq!(nothing.outcome.message.as_str(), "there is nothing to undo");
        for expected in &states[1..] {
            let redone = actions::redo(&desk, false, false).unwrap();
            prop_assert!(redone.outcome.step.is_some(), "{}", redone.outcome.message);
            prop_assert_eq!(&state(&desk), expected);
        }
        let nothing = actions::redo(&desk, false, false).unwrap();
        prop_assert_eq!(nothing.outcome.message.as_str(), "there is nothing to redo");
        // And once more back, over the redone steps.
        for expected in states[..last].iter().rev() {
            actions::undo(&desk, &Which::Last, false, false).unwrap();
            prop_assert_eq!(&state(&desk), expected);
        }
        let mut noticed = |_, _| {};
        let check = desk.store.check(false, &mut noticed).unwrap();
        prop_assert!(check.damage.is_empty(), "{:?}", check.damage);
    }
}

/// Returns a desk with a deal `o1` of a company `a1`.
fn with_a_deal(login: &str, workspace: &str) -> Desk {
    let desk = desk(login, workspace);
    add(&desk, Kind::Company, &["name=Acme".to_owned()]).unwrap();
    add(&desk, Kind::Opportunity, &["name=Seats".to_owned(), "company=Acme".to_owned(), "amount=100 EUR".to_owned()]).unwrap();
    desk
}

fn set(desk: &Desk, id: &str, text: &str) -> actions::Outcome {
    actions::set_texts(desk, &Target::from(id.parse::<RecordId>().unwrap()), &[text], None, false).unwrap()
}

fn says(desk: &Desk, id: &str, field: FieldNumber) -> String {
    let record = desk.record(id.parse().unwrap()).unwrap();
    record.first(field).map(Value::plain).unwrap_or_default()
}

#[test]
fn a_field_that_somebody_changed_since_is_a_conflict_shown_both_ways() {
    let ada = with_a_deal("ada", "");
    let eva = at_desk_of(&ada, "eva", "");
    let step = set(&ada, "o1", "amount=200 EUR").step.unwrap();
    set(&ada, "o1", "next_step=Call");
    set(&eva, "o1", "amount=300 EUR");

    let refused = actions::undo(&ada, &Which::Steps(vec![step]), false, false).unwrap_err();
    assert_eq!(refused.code, 5);
    assert_eq!(refused.message, "somebody changed since:\no1 amount: 300.00 EUR (eva @5); undo would leave 100.00 EUR",);
    assert_eq!(says(&ada, "o1", 405), "300.00 EUR");

    let looked = actions::undo(&ada, &Which::Steps(vec![step]), true, false).unwrap();
    assert_eq!((looked.conflicts.len(), looked.outcome.step), (1, None));
    assert_eq!(looked.conflicts[0].theirs, "300.00 EUR");

    let forced = actions::undo(&ada, &Which::Steps(vec![step]), false, true).unwrap();
    assert_eq!(forced.outcome.message, format!("took back @{step} (set amount): 1 record"));
    assert_eq!(says(&ada, "o1", 405), "100.00 EUR");
    assert_eq!(says(&ada, "o1", 416), "Call", "another field of the record stays");
    assert_eq!(desk_error(&ada, step), (1, format!("@{step} is taken back already")));
}

fn desk_error(desk: &Desk, step: u64) -> (u8, String) {
    let error = actions::undo(desk, &Which::Steps(vec![step]), false, false).unwrap_err();
    (error.code, error.message)
}

#[test]
fn what_others_link_to_does_not_vanish_unnoticed() {
    let ada = with_a_deal("ada", "");
    let created = 1;
    let refused = actions::undo(&ada, &Which::Steps(vec![created]), false, false).unwrap_err();
    assert_eq!(refused.message, "somebody changed since:\no1 company: a link to a1; undo would leave no a1: it was created then");
    actions::undo(&ada, &Which::Steps(vec![created]), false, true).unwrap();
    assert_eq!(ada.record("a1".parse().unwrap()).unwrap_err().message, "there is no company a1");
    assert_eq!((says(&ada, "o1", 401), says(&ada, "o1", 3)), (String::new(), "u1".to_owned()), "the user made on the way stays");
    let redone = actions::redo(&ada, false, false).unwrap();
    assert_eq!(redone.outcome.message, "did again @1 (add company): 2 records");
    assert_eq!((says(&ada, "a1", 200), says(&ada, "o1", 401)), ("Acme".to_owned(), "a1".to_owned()));
}

#[test]
fn u_walks_the_steps_of_its_workspace_and_the_command_line_those_of_any() {
    let shell = with_a_deal("ada", "");
    let main = at_desk_of(&shell, "ada", "main");
    let other = at_desk_of(&shell, "ada", "other");
    let eva = at_desk_of(&shell, "eva", "main");
    assert_eq!(actions::undo(&main, &Which::Last, false, false).unwrap().outcome.message, "there is nothing to undo");
    let first = set(&main, "o1", "next_step=one").step;
    let second = set(&main, "o1", "notes=two").step;
    set(&other, "o1", "tags=three");
    set(&eva, "a1", "notes=four");
    let state = actions::undo_state(&main).unwrap();
    assert_eq!((state.step, state.last, state.can_redo), (second, second, false));
    actions::undo(&main, &Which::Last, false, false).unwrap();
    let state = actions::undo_state(&main).unwrap();
    assert_eq!((state.step, state.last, state.can_redo), (first, second, true));
    assert_eq!((says(&main, "o1", 416), says(&main, "o1", 6)), ("one".to_owned(), String::new()));

    let label = actions::undo(&shell, &Which::Last, false, false).unwrap().outcome.message;
    assert!(label.ends_with("(set tags): 1 record"), "{label}");
    actions::redo(&main, false, false).unwrap();
    assert_eq!(says(&main, "o1", 6), "two");
    set(&main, "o1", "notes=five");
    actions::undo(&main, &Which::Last, false, false).unwrap();
    assert_eq!(says(&main, "o1", 6), "two");
}

#[test]
fn an_unfinished_step_is_undone_like_any_other_and_an_unfinished_undo_goes_on() {
    let desk = with_a_deal("ada", "");
    let before = state(&desk);
    let mut step = Step::begin(&desk, "import");
    for name in ["One", "Two"] {
        let mut changes = Changeset::new(&desk);
        let id = changes.create(Kind::Company);
        changes.edit(id).unwrap().set(200, Value::text(name));
        changes.finish_in(&mut step, false).unwrap();
    }
    let number = step.number().unwrap();
    drop(step);
    assert!(!desk.store.steps(None, 1).unwrap()[0].finished);
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    assert_eq!(state(&desk), before);
    assert_eq!(desk_error(&desk, number).1, format!("@{number} is taken back already"));
}

#[test]
fn several_steps_at_once_newest_first() {
    let desk = with_a_deal("ada", "");
    let before = state(&desk);
    let steps: Vec<u64> =
        ["1 EUR", "2 EUR", "3 EUR"].iter().map(|amount| set(&desk, "o1", &format!("amount={amount}")).step.unwrap()).collect();
    let undone = actions::undo(&desk, &Which::Steps(steps), false, false).unwrap();
    assert_eq!(undone.outcome.changed, 1);
    assert_eq!(state(&desk), before);
    assert_eq!(desk_error(&desk, 999), (4, "there is no step @999".to_owned()));
}

#[test]
fn a_definition_in_use_is_not_undone_from_under_its_records() {
    let desk = with_a_deal("ada", "");
    let text =
        DefinitionName::Pipelines.example().replace("{ name = \"won\"", "{ name = \"pilot\", probability = 80 },\n  { name = \"won\"");
    let step = configure::put(&desk, DefinitionName::Pipelines, &text).unwrap().step.unwrap();
    actions::move_stage(&desk, &Target::from("o1".parse::<RecordId>().unwrap()), "pilot", None).unwrap();
    let refused = actions::undo(&desk, &Which::Steps(vec![step]), false, false).unwrap_err();
    assert_eq!(refused.code, 5);
    assert!(
        refused.message.contains("stage \u{201c}pilot\u{201d} of pipeline \u{201c}sales\u{201d} is gone, but 1 opportunity uses it"),
        "{}",
        refused.message
    );
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    actions::undo(&desk, &Which::Steps(vec![step]), false, false).unwrap();
    assert!(desk.definitions().pipelines.any_stage("pilot").is_none());
}

#[test]
fn an_emptied_trash_is_out_of_reach() {
    let desk = with_a_deal("ada", "");
    actions::trash(&desk, &Target::from("o1".parse::<RecordId>().unwrap())).unwrap();
    actions::purge(&desk).unwrap();
    let refused = actions::undo(&desk, &Which::Last, false, false).unwrap_err();
    assert_eq!((refused.code, refused.message.as_str()), (1, "@4 emptied the trash: that cannot be undone"));
}

#[test]
fn a_bulk_step_of_many_commits_comes_back_whole() {
    let desk = desk("ada", "main");
    let mut step = Step::begin(&desk, "import");
    for block in 0..5 {
        let mut changes = Changeset::new(&desk);
        for at in 0..700 {
            let id = changes.create(Kind::Contact);
            changes.edit(id).unwrap().set(100, Value::text(format!("Person {block} {at}")));
        }
        changes.finish_in(&mut step, false).unwrap();
    }
    step.end().unwrap();
    let all = state(&desk);
    actions::set_texts(&desk, &Target::Where(Kind::Contact, None), &["tags=bulk"], None, false).unwrap();
    let tagged = state(&desk);
    assert_eq!(desk.store.steps(None, 10).unwrap().len(), 2);
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    assert_eq!(state(&desk), all);
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    assert!(state(&desk).is_empty());
    actions::redo(&desk, false, false).unwrap();
    actions::redo(&desk, false, false).unwrap();
    assert_eq!(state(&desk), tagged);
}

#[test]
fn readonly_refuses() {
    let desk = Desk { readonly: true, ..with_a_deal("ada", "") };
    assert_eq!(actions::undo(&desk, &Which::Last, false, false).unwrap_err().code, 7);
}

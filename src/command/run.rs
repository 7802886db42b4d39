//! Carries out the commands that concern records: one arm a command.
//!
//! What is asked for comes as an [`Invocation`] and what stands around the cursor
//! as [`Here`]; the answer is a [`Reply`] or an error with a hint. Commands on what
//! is seen are the screen's own and refused here.

use super::here::Here;
use super::options::{Flags, flags};
use super::reply::{Question, Reply};
use super::{Id, Invocation, Ongoing, documents, files, keeping, knowledge, pop, queue, report, rows, tell, through, tree, twins, words};
use crate::actions::{self, ActionError, Desk, Outcome, Target, Undone, Which};
use crate::domain::fields::number;
use crate::domain::{Assignment, ChoiceList, FieldRef, FieldType, Kind, Meaning, RecordId};
use crate::query::Query;
use crate::store::walk::Walk;

/// Carries a command out.
///
/// # Errors
/// What the action refuses, with a hint; exit 2 for arguments that are none.
pub fn run(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    run_told(desk, invocation, here, &())
}

/// Carries a command out, and tells how far it is where that takes long.
///
/// # Errors
/// As [`run`]; exit 130 where it was ended.
pub fn run_told(desk: &Desk, invocation: &Invocation, here: &Here, ongoing: &dyn Ongoing) -> Result<Reply, ActionError> {
    if let Some(step) = here.ends {
        actions::end_step(desk, step)?;
    }
    let joined = here.joins.map(|step| Desk { joins: Some(step), ..desk.clone() });
    let desk = joined.as_ref().unwrap_or(desk);
    match invocation.spec.id {
        Id::Substitute => return rows::substitute(desk, &invocation.args, here),
        Id::Through => return through::through(desk, &invocation.args, here, ongoing),
        _ => {}
    }
    // What is text is taken as it is: an apostrophe in it opens no quote.
    let is_text = matches!(
        invocation.spec.id,
        Id::Answer
            | Id::Note
            | Id::Status
            | Id::Assign
            | Id::Escalate
            | Id::Solve
            | Id::Reopen
            | Id::Separate
            | Id::Incident
            | Id::AppendNotes
            | Id::EditCell
            | Id::ChangeCell
            | Id::Find
            | Id::Log
            | Id::LogTouch
    );
    let args = if is_text { Vec::new() } else { arguments(&invocation.args)? };
    let count = invocation.count.unwrap_or(1).max(1);
    match invocation.spec.id {
        Id::Set => set(desk, &args, here),
        Id::EditCell | Id::ChangeCell => set_cell(desk, &invocation.args, here),
        Id::Add | Id::New | Id::NewAbove => add(desk, &args, here),
        Id::Trash => changed(actions::trash(desk, &targets(desk, &args, here)?.into())),
        Id::Restore => changed(actions::restore(desk, &targets(desk, &args, here)?.into())),
        Id::Purge => purge(desk, invocation.bang),
        Id::Move => move_stage(desk, invocation, &args, here),
        Id::Convert => convert(desk, &args, here),
        Id::Quote => quote(desk, &args, here),
        Id::GiveOut => changed(actions::assign_leads(desk, &targets(desk, &args, here)?)),
        Id::Score => score(desk, &args, here),
        Id::StageNext => shift(desk, here, i64::from(count)),
        Id::StagePrevious => shift(desk, here, -i64::from(count)),
        Id::Put | Id::PutBefore => rows::put(desk, &args, count, here),
        Id::Copy => rows::copy(desk, here),
        Id::Merge => twins::merge(desk, &args, here),
        Id::Distinct => twins::distinct(desk, &args, here),
        Id::Blame => twins::blame(desk, &args, here),
        Id::Tidy => changed(actions::tidy(desk, &here.targets, &here.fields)),
        Id::Increase => rows::step(desk, &args, here, 1),
        Id::Decrease => rows::step(desk, &args, here, -1),
        Id::UndoList => tree::list(desk),
        Id::UndoOlder => tree::walk(desk, -i64::from(count)),
        Id::UndoNewer => tree::walk(desk, i64::from(count)),
        Id::Earlier => tree::back(desk, &args, count, true),
        Id::Later => tree::back(desk, &args, count, false),
        Id::Link | Id::Unlink => tie(desk, &args, here, invocation.spec.id == Id::Link),
        Id::Attach => documents::attach(desk, &args, here),
        Id::OpenFile => documents::open(desk, &invocation.args, here),
        Id::Log | Id::LogTouch => changed(actions::log_line(desk, &invocation.args, &here.targets)),
        Id::AppendNotes => append_notes(desk, &invocation.args, here),
        Id::Toggle => toggle(desk, here),
        Id::Take => queue::take(desk, here),
        Id::Answer => queue::answer(desk, invocation, here),
        Id::Note => queue::note(desk, invocation, here),
        Id::Status => queue::status(desk, invocation, here),
        Id::Assign => queue::assign(desk, invocation, here),
        Id::Escalate => queue::escalate(desk, invocation, here),
        Id::Solve => queue::solve(desk, invocation, here),
        Id::Reopen => queue::reopen(desk, invocation, here),
        Id::Separate => queue::separate(desk, invocation, here),
        Id::Incident => queue::incident(desk, invocation, here),
        Id::Why if is_of_contacts(here) => score(desk, &args, here),
        Id::Why => queue::why(desk, here),
        Id::FormSave => save_form(desk, here),
        Id::EditApply => apply_edit(desk, here),
        Id::Postpone => postpone(desk, &invocation.args, i64::from(count), here),
        Id::Sooner => postpone(desk, "", -i64::from(count), here),
        Id::Pop => pop::pop(desk, invocation, &args),
        Id::Call => pop::call(desk, invocation, &args, here),
        Id::Reply => knowledge::reply(desk, invocation, &args, here),
        Id::Article => knowledge::article(desk, &args, here),
        Id::Done => done(desk, &targets(desk, &args, here)?),
        Id::Undo => undo(desk, &args, count),
        Id::Redo => redo(desk, &args, count),
        Id::Demo => changed(actions::demo::demo(desk)),
        Id::Where => on_all_that_match(desk, invocation, here),
        Id::Import => files::import(desk, &args, ongoing),
        Id::Apply => files::apply(desk, &args, ongoing),
        Id::Backup => keeping::backup(desk, &args, invocation.bang, ongoing),
        Id::Forget => keeping::forget(desk, &args, invocation.bang, here),
        Id::Export => files::export(desk, &args, invocation.bang, ongoing),
        Id::Count => tell::count(desk, &args),
        Id::Sum => tell::sum(desk, &args),
        Id::Report => report::page(desk, &args, &here.scratch),
        Id::Find => tell::find(desk, &invocation.args),
        Id::Timeline => tell::timeline(desk, &targets(desk, &args, here)?),
        Id::History => tell::history(desk, &args),
        Id::Diff => tell::diff(desk, &invocation.args),
        Id::Fields => tell::fields(desk, &args, here),
        Id::Config => tell::config(desk, &args),
        Id::Stats => tell::stats(desk),
        Id::Check => tell::check(desk),
        _ => Err(ActionError::usage(format!("\u{201c}{}\u{201d} is a command of the screen", invocation.spec.name))),
    }
}

/// Returns the arguments, quotes resolved.
pub(super) fn arguments(args: &str) -> Result<Vec<String>, ActionError> {
    words(args).map_err(|bad| ActionError::usage(bad.message))
}

/// Returns the answer to an action that changed something, or found nothing to change.
pub(super) fn changed(outcome: Result<Outcome, ActionError>) -> Result<Reply, ActionError> {
    let outcome = outcome?;
    Ok(Reply {
        changed: outcome.changed > 0 || outcome.step.is_some(),
        message: outcome.message,
        step: outcome.step.filter(|_| outcome.changed > 0),
        ids: outcome.ids,
        ..Reply::default()
    })
}

/// Returns the records that words name, or those under the cursor.
///
/// # Errors
/// A name that nobody has; nothing named and nothing under the cursor.
pub(super) fn targets(desk: &Desk, args: &[String], here: &Here) -> Result<Vec<RecordId>, ActionError> {
    if !args.is_empty() {
        return actions::resolve_all(desk, &[], args);
    }
    if here.targets.is_empty() {
        return Err(ActionError::usage("nothing stands under the cursor").hint("name a record, such as c17"));
    }
    Ok(here.targets.clone())
}

fn set(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let named = args.iter().take_while(|word| word.parse::<RecordId>().is_ok()).count();
    let (ids, texts) = args.split_at(named);
    if texts.is_empty() {
        return Err(ActionError::usage("there is nothing to set").hint("write :set FIELD=VALUE, or an option such as :set number"));
    }
    if let Some(word) = texts.iter().find(|word| !word.contains('=')) {
        let message = format!("\u{201c}{word}\u{201d} is neither an option nor FIELD=VALUE");
        return Err(ActionError::usage(message).hint("a value with spaces stands in quotes: name='Ada Novák'"));
    }
    if let Some(now) = here.draft.as_deref().map(|typed| actions::form::clash(desk, typed)).transpose()?.flatten() {
        return Ok(Reply { saved: Some(Box::new(actions::form::Saved::Clashes(Box::new(now)))), ..Reply::default() });
    }
    changed(actions::set_texts(desk, &targets(desk, ids, here)?.into(), texts, None, false))
}

fn set_cell(desk: &Desk, text: &str, here: &Here) -> Result<Reply, ActionError> {
    let Some(field) = &here.field else {
        return Err(ActionError::usage("no cell stands under the cursor").hint("go to a list or open a record"));
    };
    changed(actions::set_texts(desk, &targets(desk, &[], here)?.into(), &[format!("{field}={text}")], None, false))
}

fn add(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let (kind, texts) = match args.first() {
        Some(word) if !word.contains('=') => (kind_named(word)?, &args[1..]),
        _ => (here.kind.unwrap_or(Kind::Contact), args),
    };
    let definitions = desk.definitions();
    let assignments: Vec<Assignment> =
        texts.iter().map(|text| Ok(Assignment::parse(kind, text, &definitions)?)).collect::<Result<_, ActionError>>()?;
    let outcome = actions::add(desk, kind, &assignments)?;
    let go_to = outcome.ids.first().copied();
    Ok(Reply { go_to, ..changed(Ok(outcome))? })
}

/// Returns the kind of a word.
///
/// # Errors
/// The nearest that there is.
pub(super) fn kind_named(word: &str) -> Result<Kind, ActionError> {
    Kind::from_name(word).ok_or_else(|| {
        let error = ActionError::usage(format!("there is no kind \u{201c}{word}\u{201d}"));
        match crate::domain::fold::nearest(word, Kind::public().map(Kind::name)) {
            Some(near) => error.hint(format!("did you mean \u{201c}{near}\u{201d}?")),
            None => error.hint("such as contact, company, opportunity, ticket, task"),
        }
    })
}

fn purge(desk: &Desk, confirmed: bool) -> Result<Reply, ActionError> {
    if confirmed {
        return changed(actions::purge(desk));
    }
    match actions::trashed(desk)? {
        0 => Ok(Reply::said("the trash is empty")),
        count => Err(ActionError::refused(format!("{count} in the trash would be gone for good")).hint(":purge! empties it")),
    }
}

fn move_stage(desk: &Desk, invocation: &Invocation, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let Flags { words, values, .. } = flags(args, &["reason"], &[])?;
    let Some((stage, named)) = words.split_last() else {
        return Err(ActionError::usage("to which stage?").hint("write :move STAGE"));
    };
    let targets = targets(desk, named, here)?;
    let reason = values.get("reason").map(String::as_str);
    if reason.is_none() && asks_why(desk, &targets, stage)? {
        let question = Question {
            text: "why lost? ".to_owned(),
            invocation: invocation.clone(),
            here: here.clone(),
            flag: Some("reason"),
            answers: desk.definitions().words(ChoiceList::LostReason).into_iter().map(str::to_owned).collect(),
        };
        return Ok(Reply { question: Some(Box::new(question)), ..Reply::default() });
    }
    let reason = reason.filter(|reason| !reason.trim().is_empty());
    changed(actions::move_stage(desk, &targets.into(), stage, reason))
}

/// Makes a quote of the opportunity under the cursor and shows it, or takes the answer.
fn quote(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let (answer, named) = match args.split_first() {
        Some((word, rest)) if matches!(word.as_str(), "accept" | "decline") => (Some(word.as_str()), rest),
        _ => (None, args),
    };
    let ids = targets(desk, named, here)?;
    let [id] = ids[..] else { return Err(ActionError::usage("quotes are made one by one")) };
    if !matches!(id.kind, Kind::Opportunity | Kind::Quote) {
        return Err(ActionError::usage(format!("{id} is a {}; quotes are made of opportunities", id.kind)));
    }
    if let Some(answer) = answer {
        let quote = if id.kind == Kind::Opportunity { actions::open_quote_of(desk, id)? } else { id };
        return changed(if answer == "accept" { actions::accept_quote(desk, quote) } else { actions::decline_quote(desk, quote) });
    }
    let made = if id.kind == Kind::Opportunity { changed(actions::quote(desk, id))? } else { Reply::default() };
    let quote = made.ids.first().copied().unwrap_or(id);
    let shown = crate::insight::show_quote(&*desk.store, &*desk.record(quote)?, false)?;
    let title = format!("{quote} quote");
    Ok(Reply { title, lines: shown.lines().map(str::to_owned).collect(), ..made })
}

/// Returns whether contacts stand under the cursor.
fn is_of_contacts(here: &Here) -> bool {
    here.targets.first().is_some_and(|id| id.kind == Kind::Contact)
}

/// Tells each point of a lead.
fn score(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    use crate::insight::score::{score_lines, scores};
    let ids = targets(desk, args, here)?;
    let Some(id) = ids.first().copied().filter(|id| id.kind == Kind::Contact) else {
        return Err(ActionError::usage("only contacts are scored").hint("go to a contact, or name one: :score c17"));
    };
    let contact = desk.record(id)?;
    let found = scores(&*desk.store, &desk.view(), std::slice::from_ref(&contact))?;
    let lines = found.first().map(|score| score_lines(score, &desk.definitions().scoring)).unwrap_or_default();
    Ok(Reply::read(format!("{id} {}", crate::domain::naming::title(&contact)), lines))
}

/// Converts the lead under the cursor, or the one that the first word names.
fn convert(desk: &Desk, args: &[String], here: &Here) -> Result<Reply, ActionError> {
    let Flags { words, values, set, .. } = flags(args, &["company", "name"], &["no-opportunity"])?;
    let (named, fields): (Vec<String>, Vec<String>) = words.into_iter().partition(|word| !word.contains('='));
    let ids = targets(desk, &named, here)?;
    let [lead] = ids[..] else { return Err(ActionError::usage("leads are converted one by one")) };
    let options = actions::ConvertOptions {
        company: values.get("company").cloned(),
        name: values.get("name").cloned(),
        fields,
        without_opportunity: set.contains(&"no-opportunity"),
    };
    let outcome = actions::convert(desk, lead, &options)?;
    let go_to = outcome.ids.first().copied().filter(|id| id.kind == Kind::Opportunity);
    Ok(Reply { go_to, ..changed(Ok(outcome))? })
}

/// Returns whether a pipeline wants a reason for what goes to this stage.
fn asks_why(desk: &Desk, targets: &[RecordId], stage: &str) -> Result<bool, ActionError> {
    let definitions = desk.definitions();
    let deals: Vec<RecordId> = targets.iter().copied().filter(|id| id.kind == Kind::Opportunity).collect();
    let records = desk.records(&deals)?;
    Ok(records.iter().any(|deal| {
        let wants = definitions.pipeline_of(deal).stage(stage).is_some_and(|stage| {
            stage.reason || (stage.meaning == Meaning::Lost && stage.requires.iter().any(|field| field == "lost_reason"))
        });
        // One that is lost already has been asked about.
        wants && definitions.meaning_of(deal) != Meaning::Lost
    }))
}

/// Moves opportunities along their pipeline, tickets and tasks along the priorities.
fn shift(desk: &Desk, here: &Here, by: i64) -> Result<Reply, ActionError> {
    let ids = targets(desk, &[], here)?;
    if let Some(id) = ids.iter().find(|id| !matches!(id.kind, Kind::Opportunity | Kind::Ticket | Kind::Task)) {
        return Err(ActionError::usage(format!("a {} has neither stage nor priority", id.kind)).hint("go to the pipeline or the tickets"));
    }
    let (deals, others): (Vec<RecordId>, Vec<RecordId>) = ids.into_iter().partition(|id| id.kind == Kind::Opportunity);
    if others.is_empty() {
        changed(actions::shift_stage(desk, &deals.into(), by))
    } else {
        changed(actions::shift_priority(desk, &others.into(), by))
    }
}

fn tie(desk: &Desk, args: &[String], here: &Here, on: bool) -> Result<Reply, ActionError> {
    let ids = actions::resolve_all(desk, &[], args)?;
    let (one, other) = match (ids.as_slice(), here.targets.first()) {
        ([one, other], _) => (*one, *other),
        ([other], Some(one)) => (*one, *other),
        _ => return Err(ActionError::usage("two records are tied").hint("write :link ID, or :link ID ID")),
    };
    changed(if on { actions::link(desk, one, other) } else { actions::unlink(desk, one, other) })
}

fn apply_edit(desk: &Desk, here: &Here) -> Result<Reply, ActionError> {
    let Some(edited) = &here.edited else { return Err(ActionError::usage("nothing was edited").hint("open the record with :edit")) };
    changed(actions::apply_toml(desk, &edited.text, &edited.original))
}

fn save_form(desk: &Desk, here: &Here) -> Result<Reply, ActionError> {
    use crate::actions::form::{Saved, save};
    let Some(draft) = &here.draft else { return Err(ActionError::usage("no form is open").hint("open one with :form")) };
    match save(desk, draft)? {
        Saved::Done(outcome) => {
            let go_to = outcome.ids.first().copied().filter(|_| draft.id.is_none());
            let reply = changed(Ok(outcome.clone()))?;
            Ok(Reply { go_to, saved: Some(Box::new(Saved::Done(outcome))), ..reply })
        }
        other => Ok(Reply { saved: Some(Box::new(other)), ..Reply::default() }),
    }
}

fn append_notes(desk: &Desk, text: &str, here: &Here) -> Result<Reply, ActionError> {
    let ids = targets(desk, &[], here)?;
    let text = text.trim();
    if text.is_empty() {
        return Err(ActionError::usage("there is nothing to note").hint("write :append-notes TEXT"));
    }
    let [id] = ids.as_slice() else {
        return Err(ActionError::usage("notes are added to one record at a time"));
    };
    let notes = match desk.record(*id)?.text(number::NOTES) {
        Some(before) => format!("{before}\n{text}"),
        None => text.to_owned(),
    };
    changed(actions::set_texts(desk, &Target::from(*id), &[format!("notes={notes}")], None, false))
}

/// Ticks tasks, and turns the flag under the cursor of anything else.
fn toggle(desk: &Desk, here: &Here) -> Result<Reply, ActionError> {
    let ids = targets(desk, &[], here)?;
    if ids.iter().all(|id| id.kind == Kind::Task) {
        return done(desk, &ids);
    }
    let definitions = desk.definitions();
    let kind = ids[0].kind;
    let field = here.field.as_deref().and_then(|name| FieldRef::resolve(kind, name, &definitions).ok());
    let Some(field) = field.filter(|field| field.field_type() == FieldType::Flag) else {
        return Err(ActionError::usage("neither a task nor a flag stands under the cursor"));
    };
    let record = desk.record(ids[0])?;
    let is_on = field.text(&record, &crate::domain::NoLookup) == "yes";
    let text = format!("{}={}", field.name(), if is_on { "no" } else { "yes" });
    changed(actions::set_texts(desk, &ids.into(), &[text], None, false))
}

/// Ticks tasks; those that are all done are opened again.
fn done(desk: &Desk, ids: &[RecordId]) -> Result<Reply, ActionError> {
    let all_done = ids.iter().all(|id| id.kind == Kind::Task) && desk.records(ids)?.iter().all(|task| task.has(number::DONE_AT));
    changed(if all_done { actions::reopen_tasks(desk, ids) } else { actions::done(desk, ids) })
}

/// Puts off by days, or to what is typed.
fn postpone(desk: &Desk, typed: &str, days: i64, here: &Here) -> Result<Reply, ActionError> {
    let by = match typed.trim() {
        "" => actions::PutOff::Days(days),
        text => actions::PutOff::To(text.to_owned()),
    };
    changed(actions::postpone(desk, &targets(desk, &[], here)?.into(), &by))
}

fn undo(desk: &Desk, args: &[String], count: u32) -> Result<Reply, ActionError> {
    let Flags { words, set, .. } = flags(args, &[], &["force"])?;
    let force = set.contains(&"force");
    if !words.is_empty() {
        let steps = words.iter().map(|word| tell::step(word)).collect::<Result<_, _>>()?;
        return turned(actions::undo(desk, &Which::Steps(steps), false, force)?);
    }
    repeated(count, || actions::undo(desk, &Which::Last, false, force))
}

fn redo(desk: &Desk, args: &[String], count: u32) -> Result<Reply, ActionError> {
    let force = flags(args, &[], &["force"])?.set.contains(&"force");
    repeated(count, || actions::redo(desk, false, force))
}

/// Returns the answer to steps that were turned round.
pub(super) fn turned(undone: Undone) -> Result<Reply, ActionError> {
    let turned = undone.turned;
    Ok(Reply { turned, step: None, ..changed(Ok(undone.outcome))? })
}

/// Does something as often as the count says, as far as it goes.
fn repeated(count: u32, mut once: impl FnMut() -> Result<Undone, ActionError>) -> Result<Reply, ActionError> {
    let mut steps = 0;
    let mut last = turned(once()?)?;
    while last.changed {
        steps += 1;
        if steps == count {
            break;
        }
        match once().and_then(turned) {
            Ok(next) if next.changed => {
                let before = std::mem::replace(&mut last, next);
                last.turned.splice(0..0, before.turned);
            }
            // What has been taken back stays so; the rest is told another time.
            _ => break,
        }
    }
    if steps > 1 {
        last.message = format!("{steps} steps, the last: {}", last.message);
    }
    Ok(last)
}

/// `where QUERY :: COMMAND`: the command on all that match.
fn on_all_that_match(desk: &Desk, invocation: &Invocation, here: &Here) -> Result<Reply, ActionError> {
    let Some((query, line)) = invocation.args.split_once("::") else {
        return Err(ActionError::usage("which command?").hint("write :where QUERY :: COMMAND"));
    };
    let kind = here.kind.unwrap_or(Kind::Contact);
    let query = tell::query(desk, query, kind)?;
    let parsed = Invocation::parse(line).map_err(|bad| {
        let error = ActionError::usage(bad.message);
        match bad.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    })?;
    let Some(inner) = parsed else { return Err(ActionError::usage("which command?").hint("write :where QUERY :: COMMAND")) };
    if inner.spec.id == Id::Where || !inner.spec.range {
        return Err(ActionError::usage(format!("\u{201c}{}\u{201d} is no command on rows", inner.spec.name)).hint("such as set, rm, move"));
    }
    let query = if query.is_all() { None } else { Some(std::sync::Arc::new(query)) };
    let targets = Walk::new(kind, desk.view()).query(query).ids(&*desk.store)?;
    if targets.is_empty() {
        return Ok(Reply::said("nothing matches"));
    }
    run(desk, &inner, &Here { targets, kind: Some(kind), ..Here::default() })
}

/// Returns a query over a kind.
pub(super) fn parsed_query(desk: &Desk, text: &str, kind: Kind) -> Result<Query, ActionError> {
    Query::parse(text.trim(), kind, &desk.definitions()).map_err(|error| {
        let refused = ActionError::usage(error.message);
        match error.hint {
            Some(hint) => refused.hint(hint),
            None => refused,
        }
    })
}

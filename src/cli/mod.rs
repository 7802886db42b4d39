//! The command line: clap, output formats, exit codes; it starts the application.

mod address_book;
mod agenda;
mod application;
pub mod args;
mod changing;
mod doctor;
mod documents;
mod exchanging;
mod failure;
mod forgetting;
mod keeping;
mod knowledge;
mod leads;
mod output;
mod playing;
mod pop;
mod quotes;
mod rates;
mod reading;
mod report;
mod session;
mod sharing;
mod sla;
mod telling;
mod tick;
mod twins;

use std::ffi::OsString;
use std::io::Write;

use args::{Call, Cli};
use clap::CommandFactory;
use failure::Failure;
use session::Session;

/// Carries a call out and returns the exit code of `cli.md`.
pub fn run(words: impl IntoIterator<Item = OsString>) -> u8 {
    let cli = match Cli::read(words) {
        Ok(cli) => cli,
        Err(error) => {
            let code = u8::from(error.use_stderr()) * 2;
            // Help goes to standard output and is no failure; a closed pipe is none either.
            drop(error.print());
            return code;
        }
    };
    let format = cli.global.format;
    match carry_out(cli) {
        Ok(()) => 0,
        Err(failure) => {
            failure.tell(format);
            failure.code()
        }
    }
}

fn carry_out(cli: Cli) -> Result<(), Failure> {
    let mut session = match cli.call {
        // It works where the user's own file is wrong, and says so.
        Some(Call::Doctor) => Session::without_file(cli.global),
        _ => Session::new(cli.global)?,
    };
    session.what = cli.call.as_ref().map_or_else(|| "application".to_owned(), |call| format!("rolo {}", call.name()));
    let minds = !matches!(
        cli.call,
        Some(Call::Backup(_) | Call::RestoreBackup(_) | Call::Doctor | Call::Play(_) | Call::Completions(_) | Call::Man)
    );
    let minded = keeping::minded(&session).filter(|_| minds);
    if let (None | Some(Call::Serve), Some(store)) = (&cli.call, &minded) {
        keeping::keep_minding(store.clone());
    }
    let done = carry_out_at(session, cli.call);
    if let (Ok(()), Some(store)) = (&done, &minded) {
        keeping::mind(store);
    }
    done
}

fn carry_out_at(session: Session, call: Option<Call>) -> Result<(), Failure> {
    match call {
        None => match application::application(&session)? {
            0 => Ok(()),
            code => Err(Failure::Quiet(code)),
        },
        Some(Call::List(call)) => reading::list(&session, &call),
        Some(Call::Count(call)) => reading::count(&session, &call),
        Some(Call::Sum(call)) => reading::sum(&session, &call),
        Some(Call::Show(call)) => reading::show(&session, &call),
        Some(Call::Find(call)) => reading::find(&session, &call),
        Some(Call::Report(call)) => report::report(&session, &call),
        Some(Call::Timeline(call)) => reading::timeline(&session, &call),
        Some(Call::Add(call)) => changing::add(&session, &call),
        Some(Call::Set(call)) => changing::set(&session, &call),
        Some(Call::Edit(call)) => changing::edit(&session, &call),
        Some(Call::Rm(call)) => changing::rm(&session, &call),
        Some(Call::Restore(call)) => changing::restore(&session, &call),
        Some(Call::Purge(call)) => changing::purge(&session, &call),
        Some(Call::Forget(call)) => forgetting::forget(&session, &call),
        Some(Call::Link(call)) => changing::tie(&session, &call, true),
        Some(Call::Unlink(call)) => changing::tie(&session, &call, false),
        Some(Call::Log(call)) => changing::log(&session, &call),
        Some(Call::Dupes(call)) => twins::dupes(&session, &call),
        Some(Call::Blame(call)) => twins::blame(&session, &call),
        Some(Call::Merge(call)) => twins::merge(&session, &call),
        Some(Call::Move(call)) => changing::move_stage(&session, &call),
        Some(Call::Convert(call)) => leads::convert(&session, &call),
        Some(Call::Quote(call)) => quotes::quote(&session, &call),
        Some(Call::Score(call)) => leads::score(&session, &call),
        Some(Call::Assign(call)) => leads::assign(&session, &call),
        Some(Call::Rates(call)) => rates::rates(&session, &call),
        Some(Call::Attach(call)) => documents::attach(&session, &call),
        Some(Call::Open(call)) => documents::open(&session, &call),
        Some(Call::Undo(call)) => changing::undo(&session, &call),
        Some(Call::History(call)) => telling::history(&session, &call),
        Some(Call::Diff(call)) => telling::diff(&session, &call),
        Some(Call::Fields(call)) => telling::fields(&session, &call),
        Some(Call::Config(call)) => telling::config(&session, &call),
        Some(Call::Sla(call)) => sla::sla(&session, &call),
        Some(Call::Agenda(call)) => agenda::agenda(&session, &call),
        Some(Call::Done(call)) => agenda::done(&session, &call),
        Some(Call::Pop(call)) => pop::pop(&session, &call),
        Some(Call::Articles(call)) => knowledge::articles(&session, &call),
        Some(Call::Reply(call)) => knowledge::reply(&session, &call),
        Some(Call::Tick(call)) => tick::tick(&session, &call),
        Some(Call::Stats) => telling::stats(&session),
        Some(Call::Check(call)) => telling::check(&session, &call),
        Some(Call::Doctor) => doctor::doctor(session),
        Some(Call::Backup(call)) => keeping::backup(&session, &call),
        Some(Call::RestoreBackup(call)) => keeping::restore(&session, &call),
        Some(Call::Demo(call)) => telling::demo(&session, &call),
        Some(Call::Serve) => sharing::serve(&session),
        Some(Call::Sessions) => sharing::sessions(&session),
        Some(Call::Share(call)) => sharing::share(&session, &call),
        Some(Call::Watch(call)) => sharing::watch(&session, &call),
        Some(Call::Import(call)) => exchanging::import(&session, &call),
        Some(Call::Apply(call)) => exchanging::apply(&session, &call),
        Some(Call::Export(call)) => exchanging::export(&session, &call),
        Some(Call::Play(call)) => playing::play(&session, &call),
        Some(Call::Completions(call)) => {
            clap_complete::generate(call.shell, &mut Cli::command(), "rolo", &mut std::io::stdout());
            Ok(())
        }
        Some(Call::Man) => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            Ok(std::io::stdout().write_all(&page)?)
        }
    }
}

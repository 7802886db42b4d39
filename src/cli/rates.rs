//! `rolo rates`: dated rates of currencies from a table.

use std::path::PathBuf;

use clap::Args;

use super::changing::answer;
use super::failure::Failure;
use super::session::Session;
use crate::actions::configure;
use crate::domain::DefinitionName;
use crate::domain::definitions::with_rates;
use crate::exchange::rates::read_rates;

/// `rolo rates`.
#[derive(Debug, Args)]
pub struct Rates {
    /// A csv file: date,currency,rate; or Date,USD,JPY, with a column for each currency; - is standard input
    pub file: PathBuf,
    /// The file says how much of each one unit of the reporting currency buys, as central banks do
    #[arg(long)]
    pub turned: bool,
}

/// `rolo rates`.
///
/// # Errors
/// As its parts; the first cell that is no rate, with its line.
pub(super) fn rates(session: &Session, call: &Rates) -> Result<(), Failure> {
    let told = |line: u64, message: &str| Failure::refused(format!("{}:{line}: {message}", call.file.display()));
    let source: Box<dyn std::io::Read> = if call.file.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        Box::new(std::fs::File::open(&call.file).map_err(|error| Failure::refused(format!("{}: {error}", call.file.display())))?)
    };
    let mut rates = read_rates(source, call.turned).map_err(|error| told(error.line, &error.message))?;
    let desk = session.desk()?;
    // What reports are in has no rate to itself.
    rates.retain(|(currency, ..)| *currency != desk.definitions().reporting_currency());
    if rates.is_empty() {
        return Err(told(1, "there are no rates in it"));
    }
    let before = configure::get(&desk, DefinitionName::Currencies)?;
    let mut outcome = configure::put(&desk, DefinitionName::Currencies, &with_rates(&before, &rates))?;
    outcome.message = format!("{} rates taken", rates.len());
    answer(session, &outcome)
}

//! Targets: what is to be won in a period, by a person, a team, a pipeline, or all.

use chrono::NaiveDate;

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::parse::money;
use crate::domain::{Currency, Date, Money, fold};

/// What is to be won.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its first day.
    pub first: NaiveDate,
    /// The first day behind it.
    pub after: NaiveDate,
    /// The login or name of whose it is.
    pub owner: Option<String>,
    /// The team whose it is.
    pub team: Option<String>,
    /// In which pipeline.
    pub pipeline: Option<String>,
    /// How much.
    pub amount: Money,
}

/// Whose targets are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Everybody's.
    All,
    /// Those of somebody with these names: login, name.
    Owner(&'a [String]),
    /// Those of a team.
    Team(&'a str),
    /// Those of a pipeline.
    Pipeline(&'a str),
}

/// All targets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    targets: Vec<Target>,
    /// What an hour of work costs.
    pub hour: Option<Money>,
}

impl Targets {
    pub(super) fn read(source: Source<'_>, currency: Currency) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of targets");
        whole.keys_among(&["target", "hour"])?;
        let hour = read_money(&whole, "hour", currency)?;
        let mut targets: Vec<Target> = Vec::new();
        for section in whole.list("target", "target")? {
            let target = read_target(&section, currency)?;
            let is_same = |known: &Target| Target { amount: target.amount, ..known.clone() } == target;
            if targets.iter().any(is_same) {
                return Err(section.error_at("period", "the same target stands here twice"));
            }
            targets.push(target);
        }
        Ok(Self { targets, hour })
    }

    /// Returns the targets from one day up to and without another: one that is exactly of
    /// that time, else those that lie within it and not within one another.
    pub fn of(&self, whose: Whose<'_>, first: NaiveDate, after: NaiveDate) -> Vec<Money> {
        let fits = |target: &&Target| match whose {
            Whose::All => target.owner.is_none() && target.team.is_none() && target.pipeline.is_none(),
            Whose::Owner(names) => target.owner.as_ref().is_some_and(|owner| names.iter().any(|name| same(name, owner))),
            Whose::Team(team) => target.owner.is_none() && target.team.as_ref().is_some_and(|known| same(known, team)),
            Whose::Pipeline(pipeline) => {
                target.owner.is_none() && target.team.is_none() && target.pipeline.as_ref().is_some_and(|known| same(known, pipeline))
            }
        };
        let mut owners: Vec<Option<&str>> = Vec::new();
        let own: Vec<&Target> = self.targets.iter().filter(fits).collect();
        let own =
            if own.is_empty() && whose == Whose::All { self.targets.iter().filter(|target| target.owner.is_some()).collect() } else { own };
        own.iter().for_each(|target| {
            let owner = target.owner.as_deref();
            if !owners.contains(&owner) {
                owners.push(owner);
            }
        });
        owners
            .into_iter()
            .flat_map(|owner| within(own.iter().copied().filter(|target| target.owner.as_deref() == owner), first, after))
            .collect()
    }

    /// Returns whether there are any.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

/// The targets of one owner in a stretch of time.
fn within<'t>(targets: impl Iterator<Item = &'t Target>, first: NaiveDate, after: NaiveDate) -> Vec<Money> {
    let inside: Vec<&Target> = targets.filter(|target| first <= target.first && target.after <= after).collect();
    // Of a quarter and its months the quarter counts; of two pipelines both do.
    let is_part = |part: &Target| {
        inside.iter().any(|whole| {
            whole.pipeline == part.pipeline
                && whole.team == part.team
                && (whole.first, whole.after) != (part.first, part.after)
                && whole.first <= part.first
                && part.after <= whole.after
        })
    };
    inside.iter().filter(|target| !is_part(target)).map(|target| target.amount).collect()
}

fn same(one: &str, other: &str) -> bool {
    fold::fold(one) == fold::fold(other)
}

fn read_target(section: &Section<'_, '_>, currency: Currency) -> Result<Target, DefinitionError> {
    section.keys_among(&["period", "owner", "team", "pipeline", "amount"])?;
    let period = section.required_text("period")?;
    let Some((first, after)) = days(period) else {
        let error = section.error_at("period", format!("\u{201c}{period}\u{201d} is no period of a target"));
        return Err(error.hint("a year, a quarter or a month: 2026, 2026-q4, 2026-11"));
    };
    section.required_text("amount")?;
    let amount = read_money(section, "amount", currency)?.ok_or_else(|| section.error("a target needs an \u{201c}amount\u{201d}"))?;
    let word = |key| section.text(key).map(|text| text.map(str::to_owned));
    Ok(Target { first, after, owner: word("owner")?, team: word("team")?, pipeline: word("pipeline")?, amount })
}

/// Returns the money under a key, more than nothing.
fn read_money(section: &Section<'_, '_>, key: &str, currency: Currency) -> Result<Option<Money>, DefinitionError> {
    let Some(text) = section.text(key)? else { return Ok(None) };
    let amount = money(text, currency).map_err(|error| {
        let slip = section.error_at(key, error.message);
        match error.hint {
            Some(hint) => slip.hint(hint),
            None => slip,
        }
    })?;
    if amount.minor <= 0 {
        return Err(section.error_at(key, format!("\u{201c}{key}\u{201d} is more than nothing")));
    }
    Ok(Some(amount))
}

/// Returns the first day of a period and the first behind it.
fn days(period: &str) -> Option<(NaiveDate, NaiveDate)> {
    if let Some((year, quarter)) = period.split_once("-q").or_else(|| period.split_once("-Q")) {
        let (year, quarter): (i32, u32) = (year.parse().ok()?, quarter.parse().ok()?);
        if !(1..=4).contains(&quarter) || !(1..=9998).contains(&year) {
            return None;
        }
        let first = NaiveDate::from_ymd_opt(year, quarter * 3 - 2, 1)?;
        return Some((first, first.checked_add_months(chrono::Months::new(3))?));
    }
    let date: Date = period.parse().ok()?;
    if date.day().is_some() {
        return None;
    }
    let (first, last) = date.span()?;
    Some((first, last.succ_opt()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::Definitions;

    #[test]
    fn targets_of_a_quarter_are_its_own_or_those_of_its_months() {
        let text = "[[target]]\nperiod = \"2026-q4\"\nowner = \"ada\"\namount = \"100 EUR\"\n\
                    [[target]]\nperiod = \"2026-11\"\nowner = \"ada\"\namount = \"40 EUR\"\n\
                    [[target]]\nperiod = \"2026-11\"\nowner = \"Ben\"\namount = \"30\"\n\
                    [[target]]\nperiod = \"2026-12\"\nowner = \"Ben\"\namount = \"20 EUR\"";
        let targets = Definitions::from_documents([("targets", text)]).unwrap().targets;
        let of = |whose: Whose<'_>, period: &str| {
            let (first, after) = days(period).unwrap();
            targets.of(whose, first, after).iter().map(|money| money.minor).sum::<i64>()
        };
        let (ada, ben) = (["ADA".to_owned()], ["ben".to_owned()]);
        assert_eq!((of(Whose::Owner(&ada), "2026-q4"), of(Whose::Owner(&ada), "2026-11")), (10_000, 4_000));
        assert_eq!((of(Whose::Owner(&ben), "2026-q4"), of(Whose::All, "2026-q4"), of(Whose::All, "2026-10")), (5_000, 15_000, 0));
    }

    #[test]
    fn a_slip_in_a_target_has_its_place() {
        for (text, message) in [
            ("period = \"soon\"\namount = \"1\"", "targets:2:10: \u{201c}soon\u{201d} is no period of a target"),
            ("period = \"2026-q5\"\namount = \"1\"", "targets:2:10: \u{201c}2026-q5\u{201d} is no period of a target"),
            ("period = \"2026\"\namount = \"much\"", "targets:3:10: \u{201c}much\u{201d} is money without a number"),
            ("period = \"2026\"\namount = \"0\"", "targets:3:10: \u{201c}amount\u{201d} is more than nothing"),
            ("period = \"2026\"\nquota = 1", "targets:3:1: a target has no \u{201c}quota\u{201d}"),
        ] {
            let text = format!("[[target]]\n{text}");
            assert_eq!(Definitions::from_documents([("targets", text.as_str())]).unwrap_err().to_string(), message);
        }
    }
}

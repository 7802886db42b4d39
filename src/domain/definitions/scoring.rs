//! Scoring: rules that give leads points, and what their chance is counted from.
//!
//! The queries are texts here: what they mean another room says.

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::fold;

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreRule {
    /// What it is called.
    pub name: String,
    /// Its points; of engagement for each interaction.
    pub points: i64,
    /// What it looks at.
    pub of: ScoreOf,
}

/// What a rule looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScoreOf {
    /// A contact that this query matches.
    Fit(String),
    /// Interactions with the contact.
    Engagement {
        /// Which interactions, as a query.
        each: String,
        /// The most points in all, above or below 0.
        cap: Option<i64>,
        /// How many days back.
        within: Option<i64>,
        /// After how many days one counts half.
        half_life: Option<i64>,
    },
}

/// From what a chance is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChanceFrom {
    /// The contacts that were won, as a query.
    pub won: String,
    /// Those that were lost.
    pub lost: String,
    /// The fields whose values count.
    pub fields: Vec<String>,
    /// How many of each there must be at least.
    pub least: u64,
}

/// How leads are scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scoring {
    /// The rules, in order.
    pub rules: Vec<ScoreRule>,
    /// The most points of fit and of engagement.
    pub limits: (i64, i64),
    /// From how many points on a grade is the best, and the second.
    pub grades: (i64, i64),
    /// From what a chance is counted.
    pub chance: Option<ChanceFrom>,
}

impl Scoring {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of scoring");
        whole.keys_among(&["limits", "rule", "chance"])?;
        let mut scoring = Self { rules: Vec::new(), limits: (100, 100), grades: (60, 30), chance: None };
        if let Some(limits) = whole.section("limits", "set of limits")? {
            limits.keys_among(&["fit", "engagement", "grades"])?;
            let limit = |key| Ok(limits.int(key, 1..=10_000)?.unwrap_or(100));
            scoring.limits = (limit("fit")?, limit("engagement")?);
            if limits.get("grades").is_some() {
                let wrong = || limits.error_at("grades", "grades are two numbers, the higher first: [60, 30]");
                let numbers = limits.numbers("grades")?;
                let [first, second] = numbers[..] else { return Err(wrong()) };
                if first <= second {
                    return Err(wrong());
                }
                scoring.grades = (first, second);
            }
        }
        for section in whole.list("rule", "rule")? {
            let rule = read_rule(&section)?;
            if scoring.rules.iter().any(|known| fold::fold(&known.name) == fold::fold(&rule.name)) {
                return Err(section.error_at("name", format!("there are two rules \u{201c}{}\u{201d}", rule.name)));
            }
            scoring.rules.push(rule);
        }
        if let Some(chance) = whole.section("chance", "chance")? {
            chance.keys_among(&["won", "lost", "fields", "least"])?;
            let fields = chance.words("fields")?.unwrap_or_default();
            if fields.is_empty() {
                return Err(chance.error("a chance needs \u{201c}fields\u{201d}").hint("fields = [\"source\", \"company.industry\"]"));
            }
            scoring.chance = Some(ChanceFrom {
                won: chance.required_text("won")?.to_owned(),
                lost: chance.required_text("lost")?.to_owned(),
                fields,
                least: chance.int("least", 1..=1_000_000)?.unwrap_or(20).unsigned_abs(),
            });
        }
        Ok(scoring)
    }

    /// Returns the grade of points: a letter by fit, a digit by engagement.
    pub fn grade(&self, fit: f64, engagement: f64) -> String {
        let (best, second) = (self.grades.0 as f64, self.grades.1 as f64);
        let place = |points: f64| usize::from(points < best) + usize::from(points < second);
        format!("{}{}", ["A", "B", "C"][place(fit)], ["1", "2", "3"][place(engagement)])
    }
}

fn read_rule(section: &Section<'_, '_>) -> Result<ScoreRule, DefinitionError> {
    section.keys_among(&["name", "when", "each", "points", "cap", "within", "half-life"])?;
    let name = section.required_name("name")?;
    let points = section.int("points", -10_000..=10_000)?.filter(|points| *points != 0);
    let Some(points) = points else {
        return Err(section.error(format!("rule {name} gives no points")).hint("points = 20, or below 0"));
    };
    let days = |key| section.int(key, 1..=36_500);
    let of = match (section.text("when")?, section.text("each")?) {
        (Some(when), None) => {
            if let Some(key) = ["cap", "within", "half-life"].into_iter().find(|key| section.get(key).is_some()) {
                return Err(section.error_at(key, format!("\u{201c}{key}\u{201d} goes with interactions: with \u{201c}each\u{201d}")));
            }
            ScoreOf::Fit(when.to_owned())
        }
        (None, Some(each)) => ScoreOf::Engagement {
            each: each.to_owned(),
            cap: section.int("cap", 1..=10_000)?,
            within: days("within")?,
            half_life: days("half-life")?,
        },
        _ => {
            let error = section.error(format!("rule {name} says neither when nor for each of which interactions"));
            return Err(error.hint("when = \"QUERY\" over contacts, or each = \"QUERY\" over interactions"));
        }
    };
    Ok(ScoreRule { name, points, of })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::domain::Definitions;

    fn read(text: &str) -> Result<super::Scoring, String> {
        Definitions::from_documents([("scoring", text)]).map(|definitions| definitions.scoring).map_err(|error| error.to_string())
    }

    #[test]
    fn rules_have_points_and_grades_two_bounds() {
        let scoring = read("[limits]\ngrades = [50, 20]\n[[rule]]\nname = \"a\"\nwhen = \"tags:vip\"\npoints = -5").unwrap();
        assert_eq!((scoring.rules.len(), scoring.grade(50.0, 19.9), scoring.grade(49.9, 20.0)), (1, "A3".to_owned(), "B2".to_owned()));
        for (text, said) in [
            ("[[rule]]\nname = \"a\"\npoints = 5", "scoring:1:1: rule a says neither when nor for each of which interactions"),
            ("[[rule]]\nname = \"a\"\nwhen = \"x\"", "scoring:1:1: rule a gives no points"),
            (
                "[[rule]]\nname = \"a\"\nwhen = \"x\"\npoints = 1\ncap = 3",
                "scoring:5:7: \u{201c}cap\u{201d} goes with interactions: with \u{201c}each\u{201d}",
            ),
            ("[limits]\ngrades = [20, 50]", "scoring:2:10: grades are two numbers, the higher first: [60, 30]"),
            ("[chance]\nwon = \"a\"\nlost = \"b\"", "scoring:1:1: a chance needs \u{201c}fields\u{201d}"),
        ] {
            let told = read(text).unwrap_err();
            assert!(told == said || told.split_once(": ").map(|(_, what)| what) == said.split_once(": ").map(|(_, what)| what), "{told}");
        }
    }
}

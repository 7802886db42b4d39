//! What leads score: by the team's rules, fit and engagement apart, each point told; and
//! how likely they are by own outcomes.

use std::collections::HashMap;
use std::sync::Arc;

use super::chance::{Chance, Model, learn};
use crate::domain::definitions::{ScoreOf, ScoreRule, Scoring};
use crate::domain::fields::number;
use crate::domain::{Kind, Record, RecordId, Timestamp};
use crate::query::{Context, Matcher, Query};
use crate::store::StoreError;
use crate::store::api::{Store, View};
use crate::store::asking::Asking;
use crate::store::walk::Walk;

/// How many interactions of one contact are looked at.
const MOST: usize = 10_000;
/// So many contacts are asked for one by one; for more all interactions are read once.
const BY_ID: usize = 100;
const DAY: f64 = 86_400e6;

/// What one rule gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    /// The rule.
    pub rule: String,
    /// Whether it is of engagement.
    pub engagement: bool,
    /// How many points it gave.
    pub points: f64,
    /// Why: `3 × 5, half of it after 14 days, at most 25`.
    pub why: String,
}

/// What a contact scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// The contact.
    pub contact: RecordId,
    /// Points of fit, within the limit.
    pub fit: f64,
    /// Points of engagement, within the limit.
    pub engagement: f64,
    /// A1 to C3.
    pub grade: String,
    /// What each rule that applies gave.
    pub points: Vec<Points>,
    /// How likely it is, where there are outcomes enough.
    pub chance: Option<Chance>,
}

/// Returns what these contacts score, in their order.
///
/// # Errors
/// A rule whose query is none any more; what the store answers.
pub fn scores(store: &dyn Store, view: &View, contacts: &[Arc<Record>]) -> Result<Vec<Score>, StoreError> {
    let definitions = store.definitions();
    let asked = Asking::new(store, view)?;
    let scoring = &definitions.scoring;
    let query = |text: &str, kind| Query::parse(text, kind, &definitions).map_err(|error| StoreError::Invalid(error.message));
    let mut queries: Vec<Query> = Vec::new();
    for rule in &scoring.rules {
        queries.push(match &rule.of {
            ScoreOf::Fit(when) => query(when, Kind::Contact)?,
            ScoreOf::Engagement { each, .. } => query(each, Kind::Interaction)?,
        });
    }
    let matchers: Vec<Matcher<'_>> = queries.iter().map(|query| Matcher::new(query, &asked)).collect();
    let engages = scoring.rules.iter().any(|rule| matches!(rule.of, ScoreOf::Engagement { .. }));
    let touches = if engages { touches(store, view, contacts)? } else { HashMap::new() };
    let model = match &scoring.chance {
        Some(from) => learn(store, view, from, &|_| true)?,
        None => None,
    };
    Ok(contacts
        .iter()
        .map(|contact| {
            let own = touches.get(&contact.id).map_or(&[][..], Vec::as_slice);
            score(contact, own, scoring, &matchers, model.as_ref(), &asked)
        })
        .collect())
}

fn score(
    contact: &Record,
    touches: &[Arc<Record>],
    scoring: &Scoring,
    matchers: &[Matcher<'_>],
    model: Option<&Model>,
    asked: &Asking<'_>,
) -> Score {
    let mut points = Vec::new();
    for (rule, matcher) in scoring.rules.iter().zip(matchers) {
        match &rule.of {
            ScoreOf::Fit(when) if matcher.matches(contact) => {
                points.push(Points { rule: rule.name.clone(), engagement: false, points: rule.points as f64, why: when.clone() });
            }
            ScoreOf::Fit(_) => {}
            ScoreOf::Engagement { .. } => points.extend(engagement(rule, touches, matcher, asked.now())),
        }
    }
    let sum = |engagement: bool, limit: i64| {
        let own = points.iter().filter(|points| points.engagement == engagement);
        // The sum of nothing is no minus nothing.
        own.fold(0.0, |sum, points| sum + points.points).clamp(-(limit as f64), limit as f64)
    };
    let (fit, engagement) = (sum(false, scoring.limits.0), sum(true, scoring.limits.1));
    let chance = model.map(|model| model.chance(contact, asked));
    Score { contact: contact.id, fit, engagement, grade: scoring.grade(fit, engagement), points, chance }
}

/// Returns what a rule of engagement gives, if it gives something.
fn engagement(rule: &ScoreRule, touches: &[Arc<Record>], matcher: &Matcher<'_>, now: Timestamp) -> Option<Points> {
    let ScoreOf::Engagement { cap, within, half_life, .. } = &rule.of else { return None };
    let mut count = 0_u64;
    let mut sum = 0.0;
    for touch in touches {
        let Some(at) = touch.time(number::INTERACTION_AT).filter(|at| *at <= now) else { continue };
        let age = (now.0 - at.0) as f64 / DAY;
        if within.is_some_and(|days| age > days as f64) || !matcher.matches(touch) {
            continue;
        }
        count += 1;
        sum += rule.points as f64 * half_life.map_or(1.0, |days| 0.5_f64.powf(age / days as f64));
    }
    let capped = cap.map_or(sum, |cap| sum.clamp(-(cap as f64), cap as f64));
    let mut why = format!("{count} \u{d7} {}", rule.points);
    if let Some(days) = within {
        why.push_str(&format!(" within {days} days"));
    }
    if let Some(days) = half_life {
        why.push_str(&format!(", half after {days} days: {sum:.1}"));
    }
    if let Some(cap) = cap.filter(|_| (capped - sum).abs() > f64::EPSILON) {
        why.push_str(&format!(", at most {cap}"));
    }
    (count > 0).then(|| Points { rule: rule.name.clone(), engagement: true, points: capped, why })
}

/// Returns the interactions of contacts.
fn touches(store: &dyn Store, view: &View, contacts: &[Arc<Record>]) -> Result<HashMap<RecordId, Vec<Arc<Record>>>, StoreError> {
    let mut found: HashMap<RecordId, Vec<Arc<Record>>> = contacts.iter().map(|contact| (contact.id, Vec::new())).collect();
    if contacts.len() <= BY_ID {
        for contact in contacts {
            let ids: Vec<RecordId> = store.linking(contact.id, Some(Kind::Interaction), MOST)?.into_iter().map(|(id, _)| id).collect();
            let own = store.get(&ids)?.into_iter().flatten();
            found.insert(contact.id, own.collect());
        }
        return Ok(found);
    }
    Walk::new(Kind::Interaction, view.clone()).each(store, |touch| {
        for contact in touch.values(number::INTERACTION_CONTACT).filter_map(crate::domain::Value::as_link) {
            if let Some(own) = found.get_mut(&contact) {
                own.push(Arc::clone(touch));
            }
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(found)
}

/// Returns why a contact scores what it scores, line by line.
pub fn score_lines(score: &Score, scoring: &Scoring) -> Vec<String> {
    let mut lines = vec![format!("{}: fit {:.1}, engagement {:.1}", score.grade, score.fit, score.engagement)];
    for (engagement, name, sum, limit) in
        [(false, "fit", score.fit, scoring.limits.0), (true, "engagement", score.engagement, scoring.limits.1)]
    {
        let own: Vec<&Points> = score.points.iter().filter(|points| points.engagement == engagement).collect();
        lines.push(String::new());
        lines.push(format!("{name} {sum:.1}, at most {limit}"));
        lines.extend(own.iter().map(|points| format!("  {:>+7.1}  {}: {}", points.points, points.rule, points.why)));
        if own.is_empty() {
            lines.push("  no rule applies".to_owned());
        }
    }
    lines.push(String::new());
    match &score.chance {
        None => lines.push("no chance is told: too few were won and lost yet".to_owned()),
        Some(chance) => {
            lines.push(format!("chance {:.1} %, of all {:.1} %", chance.chance * 100.0, chance.base * 100.0));
            lines.extend(chance.factors.iter().map(|factor| {
                let ((won, lost), (all_won, all_lost)) = (factor.seen, factor.of);
                format!(
                    "  \u{d7}{:<6.2}  {}={}: {won} of {all_won} won, {lost} of {all_lost} lost",
                    factor.ratio, factor.field, factor.value
                )
            }));
        }
    }
    lines
}

//! Tidying what people typed, and making values more or less.

use super::set::change;
use super::{ActionError, Changeset, Desk, Outcome, Target, shift_priority};
use crate::domain::{ChoiceList, Date, Decimal, FieldRef, FieldType, Kind, Money, Record, RecordId, Timestamp, Value, fields};

/// Tidies fields of records (all that are written by hand, if none are named): spaces
/// at the ends and doubled ones go, phones are read anew, names written all in small
/// or all in capital letters get capitals where names have them.
///
/// # Errors
/// What the store answers.
pub fn tidy(desk: &Desk, ids: &[RecordId], named: &[String]) -> Result<Outcome, ActionError> {
    let target = Target::from(ids.to_vec());
    let kinds: std::collections::BTreeSet<Kind> = ids.iter().map(|id| id.kind).collect();
    let definitions = desk.definitions();
    let mut names: Vec<String> = named.to_vec();
    if names.is_empty() {
        let all = kinds.iter().flat_map(|kind| fields::fields(*kind)).filter(|field| !field.system);
        names = all.map(|field| field.name.to_owned()).collect();
    }
    let of_type = |wanted: &dyn Fn(FieldType) -> bool| -> Vec<String> {
        let has = |name: &&String| {
            kinds.iter().any(|kind| FieldRef::resolve(*kind, name, &definitions).is_ok_and(|field| wanted(field.field_type())))
        };
        names.iter().filter(has).cloned().collect()
    };
    let people = of_type(&|ty| ty == FieldType::Name);
    let others = of_type(&|ty| matches!(ty, FieldType::Text | FieldType::Email | FieldType::Phone | FieldType::Url | FieldType::Tag));
    let whole: Vec<String> = people.iter().chain(&others).cloned().collect();
    let is_name = |name: &str| people.iter().any(|known| known == name);
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    // One step: names have a rule of their own, so each field is asked by its name.
    let mut outcome = super::replace::replace_each(desk, &target, &whole, "tidy", &|name, text| {
        let plain = spaced(text);
        Some(if is_name(name) { cased(&plain) } else { plain })
    })?;
    if outcome.changed == 0 {
        outcome.message = "nothing to tidy".to_owned();
    }
    Ok(outcome)
}

/// Returns a name with capitals where names have them, if it is written all in small
/// or all in capital letters.
fn cased(name: &str) -> String {
    let letters = || name.chars().filter(|c| c.is_alphabetic());
    let upper = letters().count() > 3 && letters().all(char::is_uppercase);
    if !upper && !letters().all(char::is_lowercase) {
        return name.to_owned();
    }
    let mut begins = true;
    let mut cased = String::with_capacity(name.len());
    for c in name.chars() {
        if begins {
            cased.extend(c.to_uppercase());
        } else {
            cased.extend(c.to_lowercase());
        }
        begins = matches!(c, ' ' | '-' | '\'' | '.');
    }
    cased
}

/// Makes a field of records more by so much (or less, below 0): a number, a sum in
/// whole units of its currency, days of a date or time, a priority.
///
/// # Errors
/// A field that has no more and less, or no value.
pub fn increase(desk: &Desk, ids: &[RecordId], name: &str, by: i64) -> Result<Outcome, ActionError> {
    let definitions = desk.definitions();
    let target = Target::from(ids.to_vec());
    if let Some(id) = ids.first()
        && let Ok(field) = FieldRef::resolve(id.kind, name, &definitions)
        && matches!(field.field_type(), FieldType::Choice(ChoiceList::Priority) | FieldType::OpenChoice(ChoiceList::Priority))
    {
        return shift_priority(desk, &target, by);
    }
    let each = |changes: &mut Changeset<'_>, id: RecordId| {
        let definitions = changes.definitions().clone();
        let field = FieldRef::resolve(id.kind, name, &definitions).map_err(|error| ActionError::usage(error.to_string()))?;
        let Some(number) = field.written() else { return Err(ActionError::usage(format!("{name} is not written by hand"))) };
        let record: &mut Record = changes.edit(id)?;
        let value = record.fields.iter_mut().find(|(field, _)| *field == number).map(|(_, value)| value);
        let Some(value) = value else { return Err(ActionError::usage(format!("{name} is empty")).hint("set it first")) };
        match more(value.bare(), by) {
            Some(next) => *value = Value::labelled(value.label().unwrap_or_default().to_owned(), next),
            None => return Err(ActionError::usage(format!("{name} has no more and less")).hint("numbers, sums, dates and priorities have")),
        }
        Ok(())
    };
    change(desk, &target, None, false, if by < 0 { "decrease" } else { "increase" }, &each)
}

fn more(value: &Value, by: i64) -> Option<Value> {
    Some(match value {
        Value::Int(number) => Value::Int(number.saturating_add(by)),
        Value::Number(number) => {
            let unit = 10_i64.checked_pow(u32::from(number.scale()))?;
            Value::Number(Decimal::new(number.units().saturating_add(by.saturating_mul(unit)), number.scale())?)
        }
        Value::Money(money) => {
            let unit = 10_i64.checked_pow(u32::from(money.currency.digits()))?;
            Value::Money(Money { minor: money.minor.saturating_add(by.saturating_mul(unit)), ..*money })
        }
        Value::Date(date) => {
            let days = chrono::TimeDelta::try_days(by)?;
            Value::Date(Date::from_naive(date.whole()?.checked_add_signed(days)?)?)
        }
        Value::Time(at) => Value::Time(Timestamp(at.0.saturating_add(by.saturating_mul(86_400_000_000)))),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_their_capitals() {
        for (typed, tidy) in
            [("ada novák", "Ada Novák"), ("JEAN-LUC O'NEIL", "Jean-Luc O'Neil"), ("Ada McKay", "Ada McKay"), ("IBM", "IBM"), ("", "")]
        {
            assert_eq!(cased(typed), tidy);
        }
    }

    #[test]
    fn values_go_up_and_down() {
        assert_eq!(more(&Value::Int(40), -5), Some(Value::Int(35)));
        let day = |day| Value::Date(Date::new(2026, 3, day).expect("a day"));
        assert_eq!(more(&day(4), 3), Some(day(7)));
        assert_eq!(more(&Value::text("x"), 1), None);
    }
}

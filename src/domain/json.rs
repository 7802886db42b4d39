//! Records as JSON, and JSON as changes of a record: what goes out comes back the same.
//!
//! Absent is no value, never null; a repeated field is an array, a labelled value
//! `{"label":"work","value":…}`, money `{"amount":"1234.50","currency":"EUR"}` with all
//! its digits, a link `{"id":"a4","name":"Acme"}` of which either is enough on the way
//! in, consent an object, times RFC 3339 in UTC.

use serde_json::{Map, Number, Value as Json, json};

use super::fields::number;
use super::parse::{Problem, label, part_text, quoted};
use super::{
    AnyField, Decimal, Definitions, Field, FieldChange, FieldRef, FieldType, Kind, Leaf, Lookup, Part, Pick, Reading, Record, RecordId,
    StoredField, Value, ValueError,
};

/// Returns a record with what the store keeps about it: `id`, `version`, `recorded_at`,
/// `updated_at`, `updated_by`, then its fields in the order of the table, then the
/// team's own.
pub fn record(record: &Record, definitions: &Definitions, lookup: &dyn Lookup) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("id".to_owned(), json!(record.id.to_string()));
    object.insert("version".to_owned(), json!(record.version));
    object.insert("recorded_at".to_owned(), json!(record.recorded_at.to_string()));
    object.insert("updated_at".to_owned(), json!(record.updated_at.to_string()));
    object.insert("updated_by".to_owned(), json!(record.updated_by));
    object.extend(fields_of(record, definitions, lookup));
    object
}

/// Returns the fields of a record alone: what people and imports gave.
pub fn fields_of(record: &Record, definitions: &Definitions, lookup: &dyn Lookup) -> Map<String, Json> {
    let mut object = Map::new();
    for field in AnyField::all(record.kind(), definitions) {
        let found = match field {
            AnyField::Builtin(field) => whole(field, record.values(field.number), lookup),
            AnyField::Custom(field) => record.labelled(number::CUSTOM, &field.name).map(|value| bare(value, lookup)),
        };
        if let Some(found) = found {
            object.insert(field.name().to_owned(), found);
        }
    }
    object
}

/// Returns what a column is for a record; `None` without a value.
pub fn column(field: &FieldRef, record: &Record, lookup: &dyn Lookup) -> Option<Json> {
    if let Leaf::Stored(StoredField { field, part: None }, Pick::All) = field.leaf() {
        return whole(field, record.values(field.number), lookup);
    }
    let mut found = Vec::new();
    field.visit(record, lookup, &mut |value| found.push(bare(value, lookup)));
    if field.repeats() { (!found.is_empty()).then_some(Json::Array(found)) } else { found.into_iter().next() }
}

/// Returns all values of a field.
fn whole<'v>(field: &Field, values: impl Iterator<Item = &'v Value>, lookup: &dyn Lookup) -> Option<Json> {
    let mut values = values.peekable();
    values.peek()?;
    Some(match field.ty {
        FieldType::Consent => {
            Json::Object(values.map(|value| (value.label().unwrap_or_default().to_owned(), bare(value, lookup))).collect())
        }
        FieldType::ExternalId => values.map(|value| json!(format!("{}:{}", value.label().unwrap_or_default(), value.plain()))).collect(),
        _ if field.labels => values.map(|value| labelled(value, lookup)).collect(),
        _ if field.repeats => values.map(|value| bare(value, lookup)).collect(),
        _ => values.next().map_or(Json::Null, |value| bare(value, lookup)),
    })
}

fn labelled(value: &Value, lookup: &dyn Lookup) -> Json {
    let mut object = Map::new();
    if let Some(label) = value.label() {
        object.insert("label".to_owned(), json!(label));
    }
    match bare(value, lookup) {
        Json::Object(parts) if matches!(value.bare(), Value::Address(_)) => object.extend(parts),
        other => {
            object.insert("value".to_owned(), other);
        }
    }
    Json::Object(object)
}

/// Returns one value without its label.
pub fn bare(value: &Value, lookup: &dyn Lookup) -> Json {
    match value.bare() {
        Value::Text(text) => json!(text),
        Value::Int(number) => json!(number),
        Value::Number(number) => decimal(*number),
        Value::Flag(flag) => json!(flag),
        Value::Date(date) => json!(date.to_string()),
        Value::Time(at) => json!(at.to_string()),
        Value::Money(money) => json!({ "amount": money.amount(), "currency": money.currency.code() }),
        Value::Link(id) => link(*id, lookup),
        Value::Address(_) => parts(value, Part::OF_ADDRESS, lookup),
        Value::Job(_) => parts(value, Part::OF_JOB, lookup),
        Value::Line(_) => parts(value, Part::OF_LINE, lookup),
        Value::Labelled(_, value) => bare(value, lookup),
    }
}

/// Returns a link with the name of what it leads to, where somebody knows it.
pub fn link(id: RecordId, lookup: &dyn Lookup) -> Json {
    match lookup.title(id) {
        Some(name) => json!({ "id": id.to_string(), "name": name }),
        None => json!({ "id": id.to_string() }),
    }
}

fn parts(value: &Value, known: &[Part], lookup: &dyn Lookup) -> Json {
    let found = known.iter().filter_map(|part| Some((part.name().to_owned(), bare(&part.get(value)?, lookup))));
    Json::Object(found.collect())
}

/// A number that a binary floating-point number prints as written (15 digits at most)
/// is a number; a longer one is text, so that nobody rounds it.
fn decimal(number: Decimal) -> Json {
    const EXACT: u64 = 999_999_999_999_999;
    if number.scale() == 0 {
        return json!(number.units());
    }
    let text = number.to_string();
    match text.parse::<f64>().ok().filter(|_| number.units().unsigned_abs() <= EXACT && number.scale() <= 9).and_then(Number::from_f64) {
        Some(exact) => Json::Number(exact),
        None => Json::String(text),
    }
}

/// Returns the changes that a JSON object asks for: each field in it, as a whole. What
/// the store keeps (`id`, `version`, …) is passed over; null and an empty array mean no
/// value. `company`, `title` and `role` of a contact are those of the first job, unless
/// `jobs` says it all.
///
/// # Errors
///
/// Everything that is wrong, field by field (`email.2` is the second value): unknown
/// names with the nearest one, values that are none.
pub fn changes(kind: Kind, json: &Json, reading: &Reading<'_>) -> Result<Vec<FieldChange>, Vec<ValueError>> {
    let Json::Object(object) = json else {
        return Err(vec![ValueError::refused("a record is an object: {\"name\": …}")]);
    };
    let mut changes = Vec::new();
    let mut errors = Vec::new();
    let pipeline = object.get("pipeline").and_then(Json::as_str);
    let reading = &Reading { pipeline: pipeline.or(reading.pipeline), ..*reading };
    for (name, value) in object {
        match change(kind, name, value, object, reading) {
            Ok(change) => changes.extend(change),
            Err(mut found) => errors.append(&mut found),
        }
    }
    if errors.is_empty() { Ok(changes) } else { Err(errors) }
}

fn change(
    kind: Kind,
    name: &str,
    value: &Json,
    object: &Map<String, Json>,
    reading: &Reading<'_>,
) -> Result<Option<FieldChange>, Vec<ValueError>> {
    let one = |error: ValueError| vec![error.of(name)];
    let found = FieldRef::resolve(kind, name, reading.definitions).map_err(|unknown| vec![ValueError::from(unknown)])?;
    match found.leaf() {
        Leaf::System(_) | Leaf::Rollup(_) => Ok(None),
        Leaf::Custom(field) => {
            let values = scalar(Slot::Field(AnyField::Custom(field)), value, reading).map_err(one)?;
            Ok(Some(FieldChange::Custom(field.name.clone(), values)))
        }
        Leaf::Stored(StoredField { part: Some(part), .. }, Pick::Position(1)) if name == part.name() => {
            if object.contains_key("jobs") {
                return Ok(None);
            }
            let value = scalar(Slot::Part(*part), value, reading).map_err(one)?;
            Ok(Some(FieldChange::FirstJob(*part, value)))
        }
        Leaf::Stored(StoredField { field, part: None }, Pick::All) => {
            if field.system && !matches!(field.number, number::TRASHED_AT | number::DISTINCT_FROM) {
                return Ok(None);
            }
            Ok(Some(FieldChange::Replace(field.number, values(field, value, reading)?)))
        }
        _ => {
            let error = ValueError::new(Problem::UnknownField, format!("{} is no field in JSON", quoted(name)));
            Err(vec![error.hint("write the whole field: \"email\": [{\"label\": \"work\", \"value\": …}]")])
        }
    }
}

/// Returns the values of a field, each with its label.
fn values(field: &'static Field, json: &Json, reading: &Reading<'_>) -> Result<Vec<Value>, Vec<ValueError>> {
    let items: Vec<&Json> = match json {
        Json::Null => Vec::new(),
        Json::Array(items) => items.iter().collect(),
        Json::Object(object) if field.ty == FieldType::Consent => return consent(field, object, reading),
        other => vec![other],
    };
    if items.len() > 1 && !field.repeats {
        return Err(vec![ValueError::refused("it holds one value, not several").of(field.name)]);
    }
    let mut values: Vec<Value> = Vec::new();
    let mut errors = Vec::new();
    if let (FieldType::Tag, Some(text)) = (field.ty, json.as_str()) {
        return AnyField::Builtin(field).parse_list(text, reading).map_err(|error| vec![error]);
    }
    for (index, item) in items.iter().enumerate() {
        match element(field, item, reading) {
            Ok(found) => values.extend(found),
            Err(error) => {
                let place = if items.len() > 1 { format!("{}.{}", field.name, index + 1) } else { field.name.to_owned() };
                errors.push(error.of(place));
            }
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

fn consent(field: &'static Field, object: &Map<String, Json>, reading: &Reading<'_>) -> Result<Vec<Value>, Vec<ValueError>> {
    let mut values = Vec::new();
    let mut errors = Vec::new();
    for (channel, said) in object {
        let said = match said {
            Json::Bool(true) => "yes".to_owned(),
            Json::Bool(false) => "no".to_owned(),
            other => text_of(other).unwrap_or_default(),
        };
        if !said.is_empty() {
            match AnyField::Builtin(field).parse(&format!("{channel}={said}"), reading) {
                Ok(value) => values.extend(value),
                Err(error) => errors.push(error.of(format!("{}.{channel}", field.name))),
            }
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}

/// Returns one value of a field with its label.
fn element(field: &'static Field, json: &Json, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let any = AnyField::Builtin(field);
    if field.ty == FieldType::ExternalId
        && let Json::Object(object) = json
    {
        let source = object.get("label").or_else(|| object.get("source")).and_then(Json::as_str).unwrap_or_default();
        let id = object.get("value").or_else(|| object.get("id")).and_then(text_of).unwrap_or_default();
        return any.parse(&format!("{source}:{id}"), &Reading { source: None, ..*reading });
    }
    if !field.labels {
        return scalar(Slot::Field(any), json, reading);
    }
    let Json::Object(object) = json else { return scalar(Slot::Field(any), json, reading) };
    let name = match object.get("label") {
        None | Some(Json::Null) => String::new(),
        Some(given) => label(&text_of(given).ok_or_else(|| ValueError::refused("a label is text"))?),
    };
    let value = if field.ty == FieldType::Address {
        scalar(Slot::Field(any), json, reading)?
    } else {
        known_keys(object, &["label", "value"])?;
        match object.get("value") {
            Some(value) => scalar(Slot::Field(any), value, reading)?,
            None => None,
        }
    };
    Ok(value.map(|value| Value::labelled(name, value)))
}

fn known_keys(object: &Map<String, Json>, known: &[&str]) -> Result<(), ValueError> {
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(ValueError::refused(format!("{} is no key of this value", quoted(key))).nearest(key, known.iter().copied())),
        None => Ok(()),
    }
}

/// Returns the text that a JSON string or number is.
fn text_of(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(digits(number)),
        _ => None,
    }
}

/// Returns the digits of a number, without an exponent.
fn digits(number: &Number) -> String {
    match (number.as_i64(), number.as_u64(), number.as_f64()) {
        (Some(whole), ..) => whole.to_string(),
        (None, Some(whole), _) => whole.to_string(),
        // Rust prints the shortest decimal that is this number, and no exponent.
        (None, None, Some(number)) => number.to_string(),
        (None, None, None) => number.to_string(),
    }
}

/// What takes a JSON value: a field, or a part of an address, job or line.
#[derive(Clone, Copy)]
enum Slot<'a> {
    Field(AnyField<'a>),
    Part(Part),
}

impl Slot<'_> {
    fn field_type(self) -> FieldType {
        match self {
            Self::Field(field) => field.field_type(),
            Self::Part(part) => part.field_type(),
        }
    }

    fn parse(self, text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
        match self {
            Self::Field(field) => field.parse(text, reading),
            Self::Part(part) => part_text(part, text, reading),
        }
    }

    /// The sides of an event are links where the field that changed is one.
    fn is_event_side(self) -> bool {
        matches!(self, Self::Field(AnyField::Builtin(field)) if matches!(field.number, number::EVENT_FROM | number::EVENT_TO))
    }
}

/// Returns one value without a label.
fn scalar(slot: Slot<'_>, json: &Json, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    match (slot.field_type(), json) {
        (_, Json::Null) => Ok(None),
        (FieldType::Link(kinds), Json::Object(object)) => linked(kinds, object, reading).map(Some),
        (FieldType::Text, Json::Object(object)) if slot.is_event_side() => linked(&[], object, reading).map(Some),
        (FieldType::Money, Json::Object(object)) => {
            known_keys(object, &["amount", "currency"])?;
            let amount = object.get("amount").and_then(text_of).unwrap_or_default();
            let currency = object.get("currency").and_then(Json::as_str).unwrap_or_default();
            slot.parse(format!("{amount} {currency}").trim(), reading)
        }
        (FieldType::Address, Json::Object(object)) => composite(Value::Address(Box::default()), Part::OF_ADDRESS, object, reading),
        (FieldType::Job, Json::Object(object)) => composite(Value::Job(Box::default()), Part::OF_JOB, object, reading),
        (FieldType::Line, Json::Object(object)) => composite(Value::Line(Box::default()), Part::OF_LINE, object, reading),
        (FieldType::Flag, Json::Bool(flag)) => Ok(Some(Value::Flag(*flag))),
        (_, Json::String(_) | Json::Number(_)) => slot.parse(&text_of(json).unwrap_or_default(), reading),
        (_, Json::Bool(_)) => Err(ValueError::refused("true and false are no value of this field")),
        (_, Json::Array(_)) => Err(ValueError::refused("a list is no value of this field")),
        (_, Json::Object(_)) => Err(ValueError::refused("an object is no value of this field")),
    }
}

fn linked(kinds: &[Kind], object: &Map<String, Json>, reading: &Reading<'_>) -> Result<Value, ValueError> {
    known_keys(object, &["id", "name"])?;
    let text = object.get("id").or_else(|| object.get("name")).and_then(text_of).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(ValueError::refused("a link has neither id nor name").hint("write {\"id\": \"a4\"} or {\"name\": \"Acme\"}"));
    }
    let id =
        if object.contains_key("id") { reading.with_links(&super::IdsOnly).link(kinds, &text)? } else { reading.link(kinds, &text)? };
    Ok(Value::Link(id))
}

fn composite(mut value: Value, known: &[Part], object: &Map<String, Json>, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    for (key, json) in object {
        if key == "label" && matches!(value, Value::Address(_)) {
            continue;
        }
        let Some(part) = known.iter().find(|part| part.name() == key) else {
            let error = ValueError::refused(format!("{} is no part of this value", quoted(key)));
            return Err(error.nearest(key, known.iter().map(|part| part.name())));
        };
        part.put(&mut value, scalar(Slot::Part(*part), json, reading)?);
    }
    Ok((!value.is_empty()).then_some(value))
}

#[cfg(test)]
mod tests;

//! `FIELD=VALUE`, `FIELD+=VALUE`, `FIELD-=VALUE`, `FIELD=`: how `add` and `set` say
//! what to change, and how a row of columns becomes a record.

use super::fields::{self, number};
use super::parse::{IdsOnly, Problem, email_key, put_part, quoted};
use super::{
    Address, AnyField, CustomField, CustomType, Definitions, Field, FieldNumber, FieldRef, FieldType, Job, Kind, Leaf, Line, Part, Pick,
    Reading, Record, StoredField, Value, ValueError,
};

/// What an assignment does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `=`: this and nothing else; an empty text empties.
    Set,
    /// `+=`: this too.
    Add,
    /// `-=`: this no longer.
    Remove,
}

/// One change of one field, as typed.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// What is written.
    pub target: FieldRef,
    /// How.
    pub op: Op,
    /// The value, as typed.
    pub text: String,
}

impl Assignment {
    /// Returns the assignment of a text such as `stage=proposal`.
    ///
    /// # Errors
    ///
    /// No `=`, no such field (the nearest is told), or one that nobody writes.
    pub fn parse(kind: Kind, text: &str, definitions: &Definitions) -> Result<Self, ValueError> {
        let Some((name, value)) = text.split_once('=') else {
            let error = ValueError::new(Problem::UnknownField, format!("{} is no assignment", quoted(text)));
            return Err(error.hint("write FIELD=VALUE, FIELD+=VALUE, FIELD-=VALUE or FIELD="));
        };
        let (name, op) = match name.as_bytes().last() {
            Some(b'+') => (&name[..name.len() - 1], Op::Add),
            Some(b'-') => (&name[..name.len() - 1], Op::Remove),
            _ => (name, Op::Set),
        };
        Self::new(FieldRef::resolve(kind, name, definitions)?, op, value)
    }

    /// Returns the assignment of a text to a field.
    ///
    /// # Errors
    ///
    /// A field that nobody writes: the store's own, a rollup, one of another record.
    pub fn new(target: FieldRef, op: Op, text: impl Into<String>) -> Result<Self, ValueError> {
        if target.written().is_none() {
            let name = target.name();
            let error = ValueError::new(Problem::ReadOnly, format!("{} cannot be written", quoted(name)));
            return Err(match target.leaf() {
                Leaf::System(_) | Leaf::Stored(..) => error.hint("the store keeps it"),
                Leaf::Rollup(_) => error.hint("it is counted from other records"),
                _ => error.hint(format!("it is a field of what {} links to", name.split('.').next().unwrap_or(name))),
            });
        }
        Ok(Self { target, op, text: text.into() })
    }

    /// Returns the name of the link whose id this is: `company` for `company.id`.
    fn names_id_of(&self) -> Option<&str> {
        match self.target.leaf() {
            Leaf::LinkId(..) => self.target.name().strip_suffix(".id"),
            _ => None,
        }
    }

    fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Applies assignments to a record in their order, but the pipeline before the stage,
/// and an id (`company.id`), unless empty, instead of the name beside it. Positions that
/// are left empty close up at the end.
///
/// # Errors
///
/// The first text that is no value of its field; the record may then be half changed
/// and is to be thrown away.
pub fn assign(record: &mut Record, assignments: &[Assignment], reading: &Reading<'_>) -> Result<(), ValueError> {
    let shadowed = shadowed(assignments);
    let is_pipeline = |assignment: &&Assignment| assignment.target.written() == Some(number::PIPELINE);
    let ordered = assignments.iter().filter(is_pipeline).chain(assignments.iter().filter(|assignment| !is_pipeline(assignment)));
    let mut touched: Vec<FieldNumber> = Vec::new();
    for assignment in ordered {
        let name = assignment.target.name();
        if shadowed.contains(&name) {
            continue;
        }
        apply(assignment, record, reading).map_err(|error| error.of(name))?;
        touched.extend(assignment.target.written());
    }
    record.fields.retain(|(number, value)| !value.is_empty() || !touched.contains(number));
    if record.kind() == Kind::Opportunity && touched.iter().any(|number| matches!(*number, number::PIPELINE | number::STAGE)) {
        check_stage(record, reading.definitions)?;
    }
    Ok(())
}

/// Returns the names of assignments that do not count because of another: of a name and
/// an id beside each other (`company`, `company.id`) the name, unless the id is empty.
fn shadowed(all: &[Assignment]) -> Vec<&str> {
    let mut names = Vec::new();
    for assignment in all {
        let Some(link) = assignment.names_id_of() else { continue };
        let has_name = || all.iter().any(|other| other.target.name() == link && !other.is_empty());
        if !assignment.is_empty() {
            names.push(link);
        } else if has_name() {
            names.push(assignment.target.name());
        }
    }
    names
}

/// Says whether the stage of an opportunity is one of its pipeline's.
///
/// # Errors
///
/// It is not; the nearest is told.
pub fn check_stage(opportunity: &Record, definitions: &Definitions) -> Result<(), ValueError> {
    let (Some(stage), pipeline) = (opportunity.text(number::STAGE), definitions.pipeline_of(opportunity)) else { return Ok(()) };
    if pipeline.stage(stage).is_some() {
        return Ok(());
    }
    let message = format!("{} is no stage of pipeline \u{201c}{}\u{201d}", quoted(stage), pipeline.name);
    let error = ValueError::new(Problem::UnknownWord, message).of("stage");
    Err(error.nearest(stage, pipeline.stages.iter().map(|stage| stage.name.as_str())))
}

fn apply(assignment: &Assignment, record: &mut Record, reading: &Reading<'_>) -> Result<(), ValueError> {
    let text = assignment.text.as_str();
    match assignment.target.leaf() {
        Leaf::Custom(field) => custom(record, field, assignment.op, text, reading),
        Leaf::Label(field, position) => relabel(record, field, *position, assignment.op, text),
        Leaf::Stored(StoredField { field, part: Some(part) }, pick) => put(record, field, pick, *part, assignment.op, text, reading),
        Leaf::LinkId(StoredField { field, part: Some(part) }, pick) => {
            put(record, field, pick, *part, assignment.op, text, &reading.with_links(&IdsOnly))
        }
        Leaf::LinkId(StoredField { field: Field { ty: FieldType::Text, number, .. }, part: None }, _) => {
            let id = if text.trim().is_empty() { None } else { Some(reading.with_links(&IdsOnly).link(&[], text)?) };
            record.replace(*number, id.map(Value::Link));
            Ok(())
        }
        Leaf::LinkId(StoredField { field, part: None }, pick) => {
            write(record, field, pick, assignment.op, text, &reading.with_links(&IdsOnly))
        }
        Leaf::Stored(StoredField { field, part: None }, pick) => {
            if field.number == number::STAGE {
                return stage(record, field, assignment.op, text, reading);
            }
            write(record, field, pick, assignment.op, text, reading)
        }
        Leaf::System(_) | Leaf::Rollup(_) | Leaf::Followed(..) => Err(ValueError::new(Problem::ReadOnly, "it cannot be written")),
    }
}

/// Writes a stage. It is one of the record's pipeline; a record that has none yet takes the
/// default one if that has the stage, else the first that has.
fn stage(record: &mut Record, field: &'static Field, op: Op, text: &str, reading: &Reading<'_>) -> Result<(), ValueError> {
    let pipelines = &reading.definitions.pipelines;
    let own = record.text(number::PIPELINE).map(|name| pipelines.get_or_default(Some(name)).name.as_str());
    write(record, field, &Pick::All, op, text, &Reading { pipeline: own, ..*reading })?;
    if let (None, Some(stage)) = (own, record.text(number::STAGE))
        && pipelines.default_pipeline().stage(stage).is_none()
        && let Some(other) = pipelines.iter().find(|pipeline| pipeline.stage(stage).is_some())
    {
        record.set(number::PIPELINE, Value::text(&other.name));
    }
    Ok(())
}

fn holds_one(op: Op) -> ValueError {
    let sign = if op == Op::Add { "+=" } else { "-=" };
    ValueError::refused(format!("it holds one value, {sign} is for several")).hint("write FIELD=VALUE, or FIELD= to empty it")
}

/// Gives the values of a field to `edit` and takes back what it makes of them.
fn edit(record: &mut Record, field: FieldNumber, edit: impl FnOnce(&mut Vec<Value>)) {
    let mut values: Vec<Value> = record.values(field).cloned().collect();
    edit(&mut values);
    record.replace(field, values);
}

fn write(record: &mut Record, field: &'static Field, pick: &Pick, op: Op, text: &str, reading: &Reading<'_>) -> Result<(), ValueError> {
    let any = AnyField::Builtin(field);
    if let (Op::Add, FieldType::LongText, false) = (op, field.ty, field.repeats) {
        let added = any.parse(text, reading)?;
        let joined = [record.first(field.number).map(Value::plain), added.map(|value| value.plain())];
        let joined = joined.into_iter().flatten().collect::<Vec<_>>().join("\n");
        record.replace(field.number, (!joined.is_empty()).then_some(Value::Text(joined)));
        return Ok(());
    }
    if op != Op::Set && !field.repeats {
        return Err(holds_one(op));
    }
    let by_label = matches!(field.ty, FieldType::ExternalId | FieldType::Consent);
    let values = match pick {
        Pick::All => any.parse_list(text, reading)?,
        Pick::Position(_) => any.parse(text, reading)?.into_iter().collect(),
        Pick::Label(label, _) => labelled(any, field.ty, label, text, reading)?.into_iter().collect(),
    };
    edit(record, field.number, |kept| match (op, pick) {
        (Op::Set, Pick::All) if !by_label || values.is_empty() => *kept = values,
        (Op::Set | Op::Add, Pick::All) if by_label => values.into_iter().for_each(|value| set_label(kept, value)),
        (Op::Set, Pick::Position(position)) => set_at(kept, position - 1, values.into_iter().next()),
        (Op::Set, Pick::Label(label, position)) => {
            let at = place_of(kept, label, position.unwrap_or(1), &|| Value::text(""));
            if values.is_empty() && position.is_none() {
                kept.retain(|value| value.label() != Some(label));
            } else {
                set_at(kept, at, values.into_iter().next());
            }
        }
        (Op::Set | Op::Add, _) => {
            for value in values {
                let label = if let Pick::Label(label, _) = pick { label.as_str() } else { value.label().unwrap_or_default() };
                if !kept
                    .iter()
                    .any(|known| known.bare() == value.bare() && (known.label().unwrap_or_default() == label || label.is_empty()))
                {
                    kept.push(Value::labelled(label, value.bare().clone()));
                }
            }
        }
        (Op::Remove, _) => kept.retain(|known| {
            let is_picked = match pick {
                Pick::Label(label, _) => known.label() == Some(label),
                Pick::All | Pick::Position(_) => true,
            };
            !(is_picked && values.iter().any(|value| is_same(field.ty, known, value)))
        }),
    });
    Ok(())
}

/// Returns the value of a text under a label that stands for itself: the source of an
/// external id, the channel of consent.
fn labelled(any: AnyField<'_>, ty: FieldType, label: &str, text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let value = match ty {
        FieldType::ExternalId => any.parse(text, &Reading { source: Some(label), ..*reading })?,
        FieldType::Consent if text.trim().is_empty() => None,
        FieldType::Consent => any.parse(&format!("{label}={text}"), reading)?,
        _ => any.parse(text, reading)?,
    };
    Ok(value.map(|value| value.bare().clone()))
}

fn is_same(ty: FieldType, known: &Value, value: &Value) -> bool {
    if matches!(ty, FieldType::ExternalId | FieldType::Consent) && known.label() != value.label() && value.label().is_some() {
        return false;
    }
    match (ty, known.as_text(), value.as_text()) {
        (FieldType::Email, Some(a), Some(b)) => email_key(a) == email_key(b),
        _ => known.bare() == value.bare(),
    }
}

fn set_label(kept: &mut Vec<Value>, value: Value) {
    match kept.iter_mut().find(|known| known.label() == value.label()) {
        Some(known) => *known = value,
        None => kept.push(value),
    }
}

/// Puts a value at a place and leaves the label there; what is missing before it is
/// made up by empty values, which are swept away at the end.
fn set_at(kept: &mut Vec<Value>, at: usize, value: Option<Value>) {
    while kept.len() <= at {
        kept.push(Value::text(""));
    }
    let label = kept[at].label().unwrap_or_default().to_owned();
    kept[at] = Value::labelled(label, value.unwrap_or_else(|| Value::text("")));
}

/// Returns the place of the value that is the `position`th under a label, made if it is
/// not there.
fn place_of(kept: &mut Vec<Value>, label: &str, position: usize, empty: &dyn Fn() -> Value) -> usize {
    loop {
        let found = kept.iter().enumerate().filter(|(_, value)| value.label() == Some(label)).map(|(at, _)| at).nth(position - 1);
        match found {
            Some(at) => return at,
            None => kept.push(Value::labelled(label, empty())),
        }
    }
}

fn relabel(record: &mut Record, field: &'static Field, position: usize, op: Op, text: &str) -> Result<(), ValueError> {
    if op != Op::Set {
        return Err(holds_one(op));
    }
    let label = super::parse::label(text);
    edit(record, field.number, |kept| {
        while kept.len() < position {
            kept.push(empty(field.ty));
        }
        kept[position - 1] = Value::labelled(label, kept[position - 1].bare().clone());
    });
    Ok(())
}

fn empty(ty: FieldType) -> Value {
    match ty {
        FieldType::Address => Value::Address(Box::<Address>::default()),
        FieldType::Job => Value::Job(Box::<Job>::default()),
        FieldType::Line => Value::Line(Box::<Line>::default()),
        _ => Value::text(""),
    }
}

fn put(
    record: &mut Record,
    field: &'static Field,
    pick: &Pick,
    part: Part,
    op: Op,
    text: &str,
    reading: &Reading<'_>,
) -> Result<(), ValueError> {
    if op != Op::Set {
        return Err(holds_one(op));
    }
    let mut done = Ok(());
    edit(record, field.number, |kept| {
        let at = match pick {
            Pick::All => 0,
            Pick::Position(position) => position - 1,
            Pick::Label(label, position) => place_of(kept, label, position.unwrap_or(1), &|| empty(field.ty)),
        };
        while kept.len() <= at {
            kept.push(empty(field.ty));
        }
        done = put_part(&mut kept[at], part, text, reading);
    });
    done
}

fn custom(record: &mut Record, field: &CustomField, op: Op, text: &str, reading: &Reading<'_>) -> Result<(), ValueError> {
    let parsed = AnyField::Custom(field).parse(text, reading)?;
    let value = match op {
        Op::Set => parsed,
        Op::Add if field.ty == CustomType::Text => {
            let parts = [record.labelled(number::CUSTOM, &field.name).map(Value::plain), parsed.map(|value| value.plain())];
            let joined = parts.into_iter().flatten().collect::<Vec<_>>().join("\n");
            (!joined.is_empty()).then_some(Value::Text(joined))
        }
        Op::Add | Op::Remove => return Err(holds_one(op)),
    };
    set_custom(record, &field.name, value);
    Ok(())
}

/// Sets a custom field of a record. They stand in the order of their names, so that
/// records with equal values are equal.
pub fn set_custom(record: &mut Record, name: &str, value: Option<Value>) {
    edit(record, number::CUSTOM, |kept| {
        kept.retain(|known| known.label() != Some(name));
        if let Some(value) = value {
            let at = kept.partition_point(|known| known.label().unwrap_or_default() < name);
            kept.insert(at, Value::labelled(name, value));
        }
    });
}

/// Applies changes of whole fields to a record.
///
/// # Errors
///
/// The stage of an opportunity is none of its pipeline.
pub fn apply_changes(record: &mut Record, changes: &[FieldChange], definitions: &Definitions) -> Result<(), ValueError> {
    changes.iter().for_each(|change| change.apply(record));
    let is_concerned = |change: &FieldChange| matches!(change, FieldChange::Replace(number::PIPELINE | number::STAGE, _));
    if record.kind() == Kind::Opportunity && record.has(number::PIPELINE) && changes.iter().any(is_concerned) {
        check_stage(record, definitions)?;
    }
    Ok(())
}

/// One field of a record with the values that it is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldChange {
    /// A field of the table: all its values.
    Replace(FieldNumber, Vec<Value>),
    /// A custom field.
    Custom(String, Option<Value>),
    /// A part of a contact's first job.
    FirstJob(Part, Option<Value>),
}

impl FieldChange {
    /// Makes the change.
    pub fn apply(&self, record: &mut Record) {
        match self {
            Self::Replace(field, values) => record.replace(*field, values.iter().cloned()),
            Self::Custom(name, value) => set_custom(record, name, value.clone()),
            Self::FirstJob(part, value) => edit(record, number::JOBS, |kept| {
                if kept.is_empty() {
                    kept.push(empty(FieldType::Job));
                }
                part.put(&mut kept[0], value.clone());
                kept.retain(|job| !job.is_empty());
            }),
        }
    }

    /// Returns the name of the field in a record of this kind.
    pub fn field_name(&self, kind: Kind) -> &str {
        match self {
            Self::Replace(number, _) => fields::field_by_number(kind, *number).map_or("", |field| field.name),
            Self::Custom(name, _) => name,
            Self::FirstJob(part, _) => part.name(),
        }
    }
}

#[cfg(test)]
mod tests;

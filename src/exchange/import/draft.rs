//! What one row gives: the values of its fields, read as the file writes them. It
//! must not know what the record has already.

use std::cell::RefCell;

use serde_json::{Map, Value as Json};

use super::columns::{From, Take};
use super::identity::{hash, own_key};
use super::links::Links;
use super::provenance::{Provenance, stands_for_another};
use super::world::World;
use crate::domain::fields::number;
use crate::domain::parse::{Problem as ValueProblem, Reading, ValueError, split_list};
use crate::domain::{AnyField, Field, FieldRef, FieldType, Kind, Leaf, Part, Pick, RecordId, StoredField, Timestamp, Value, fields};
use crate::exchange::cell;
use crate::exchange::formula::unmarked;
use crate::exchange::json_rows::{at_path, leaf_text};
use crate::exchange::mapping::{FileOptions, Missing};
use crate::exchange::problem::Problem;
use crate::exchange::rows::Values;
use crate::store::StoreError;

/// What a row gives for one field.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// Which of the takes it is.
    pub(super) take: usize,
    /// The values; none where the field is to be emptied.
    pub(super) values: Vec<Value>,
    /// A hash of what the source wrote.
    pub(super) mark: u64,
}

/// A problem with one column of a row.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) problem: Box<Problem>,
    pub(super) column: Option<String>,
}

impl Refusal {
    pub(super) fn row(problem: Problem) -> Self {
        Self::of(problem, None)
    }

    pub(super) fn of(problem: Problem, column: Option<String>) -> Self {
        Self { problem: Box::new(problem), column }
    }
}

/// What stands in a row for one take.
#[derive(Debug, Clone, Copy)]
enum Cell<'r> {
    Text(&'r str),
    Json(&'r Json),
}

/// What stands beside a value, in columns of its own.
#[derive(Debug, Clone, Default)]
struct Beside {
    label: String,
    id: String,
    email: String,
}

/// From which store of rolo a row was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// From this one.
    Here,
    /// From another one, whose ids are somebody else's here.
    Elsewhere,
    /// It has no id that would say so.
    Unsaid,
}

/// How rows are read.
pub(super) struct Reader<'a, 's> {
    pub(super) kind: Kind,
    pub(super) world: &'a World<'s>,
    pub(super) file: &'a FileOptions,
    pub(super) source: Option<&'a str>,
    pub(super) now: Timestamp,
    /// What to do with links whose column does not say.
    pub(super) missing: Missing,
    /// Records made because rows name them.
    pub(super) made: &'a RefCell<Vec<RecordId>>,
    /// Whether a `'` before a formula is a mark of the file's, and none of the text's.
    pub(super) marked: bool,
    /// From which store the row was written, whose ids stand in it.
    pub(super) origin: Origin,
    /// Where values go that their field refuses, with the column, if the row is lenient.
    pub(super) misfits: Option<&'a RefCell<Vec<(String, String)>>>,
    /// Under which source records of another store of rolo are remembered.
    pub(super) elsewhere: &'a str,
}

impl Reader<'_, '_> {
    /// Returns what a row gives, in the order of the takes.
    ///
    /// # Errors
    /// The first value that is none, with its column.
    pub(super) fn read(&self, takes: &[Take], values: &Values) -> Result<Vec<Given>, Refusal> {
        let mut given: Vec<Given> = Vec::new();
        // A link's id is taken before its name, which namesakes may share.
        let mut settled = vec![false; takes.len()];
        for (at, take) in takes.iter().enumerate().filter(|(_, take)| matches!(take.field.leaf(), Leaf::LinkId(..))) {
            settled[at] = true;
            let refuse = |problem| Refusal::of(problem, Some(take.header.clone()));
            let id = self.text(take, values).trim().to_owned();
            if cell::is_blank(&id, &self.file.empty) {
                continue;
            }
            let name = takes.iter().position(|other| names_link_of(&other.field, &take.field));
            let written = name.map(|name| self.text(&takes[name], values).trim().to_owned()).unwrap_or_default();
            match self.links_of(take, &id, &written).map_err(refuse)? {
                Some(found) => {
                    if let Some(name) = name {
                        settled[name] = true;
                    }
                    if !found.is_empty() {
                        given.push(Given { take: at, values: found, mark: hash(&[&id]) });
                    }
                }
                // Another store's id says nothing here beside a name.
                None if !written.is_empty() => {}
                None => return Err(refuse(Problem::new("missing", format!("there is no {}", cell::clip(&id))))),
            }
        }
        // The pipeline says which stages there are.
        let is_pipeline = |take: &Take| self.kind == Kind::Opportunity && take.field.written() == Some(number::PIPELINE);
        let mut order: Vec<usize> = (0..takes.len()).filter(|at| !settled[*at]).collect();
        order.sort_by_key(|at| !is_pipeline(&takes[*at]));
        let mut pipeline: Option<String> = None;
        for at in order {
            let take = &takes[at];
            let read = match self.take(take, values, pipeline.as_deref()) {
                Err(problem) if self.is_misfit(take, &problem, || self.text(take, values)) => continue,
                read => read,
            };
            let read = read.map_err(|problem| Refusal::of(problem, Some(take.header.clone())))?;
            let Some((values, text)) = read else { continue };
            if is_pipeline(take) {
                pipeline = values.first().and_then(Value::as_text).map(str::to_owned);
            }
            let mark = hash(&[&text]);
            given.push(Given { take: at, values, mark });
        }
        given.sort_by_key(|given| given.take);
        // Of several columns for one value the last that says something counts.
        let last: Vec<bool> = (0..given.len())
            .map(|at| {
                let field = &takes[given[at].take].field;
                field.repeats() || given[at + 1..].iter().all(|later| takes[later.take].field.name() != field.name())
            })
            .collect();
        let mut last = last.into_iter();
        given.retain(|_| last.next().unwrap_or(true));
        Ok(given)
    }

    /// Returns whether a refused value is let be, and keeps it for the notes then.
    fn is_misfit(&self, take: &Take, problem: &Problem, text: impl FnOnce() -> String) -> bool {
        let Some(misfits) = self.misfits else { return false };
        let is_value = ["value", "date", "number", "choice"].contains(&problem.code) && take.field.written() != Some(number::EXTERNAL_ID);
        if is_value {
            misfits.borrow_mut().push((take.field.name().to_owned(), text().trim().to_owned()));
        }
        is_value
    }

    /// Returns the records of a cell of ids and the cell of names beside it; nothing
    /// where an id does not say enough, so that the names have to.
    fn links_of(&self, take: &Take, ids: &str, names: &str) -> Result<Option<Vec<Value>>, Problem> {
        let kinds = link_kinds(&take.field);
        let list = |text: &str| if take.field.repeats() { split_list(text, None) } else { vec![text.to_owned()] };
        let (ids, names) = (list(ids), list(names));
        let mut found = Vec::new();
        for (at, id) in ids.iter().enumerate() {
            let name = names.get(at).filter(|_| names.len() == ids.len()).map_or("", String::as_str).trim();
            match self.own_id(kinds, id.trim(), name)? {
                Some(own) => found.push(Value::Link(own)),
                None => match self.foreign(take, kinds, id.trim(), name)? {
                    Some(made) => found.extend(made.map(Value::Link)),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(found))
    }

    /// Returns the record that stands here for one of another store, if the id and the
    /// name are of one.
    fn foreign(&self, take: &Take, kinds: &[Kind], id: &str, name: &str) -> Result<Option<Option<RecordId>>, Problem> {
        let id = id.parse::<RecordId>().ok().filter(|id| kinds.is_empty() || kinds.contains(&id.kind));
        let Some(id) = id.filter(|_| !name.is_empty()) else { return Ok(None) };
        self.links(take).foreign(id, name).map(Some).map_err(|error| told(&error))
    }

    /// Returns the values of one take and what was written; nothing for a blank.
    fn take(&self, take: &Take, row: &Values, pipeline: Option<&str>) -> Result<Option<(Vec<Value>, String)>, Problem> {
        if !take.parts.is_empty() {
            return self.of_parts(take, row, pipeline);
        }
        if let Values::Tree(tree) = row
            && let From::Paths(paths) = &take.from
            && let [path] = paths.as_slice()
            && let Some(found) = at_path(tree, path)
            && is_structured(found)
        {
            let values = self.structured(take, found, pipeline)?;
            return Ok((!values.is_empty()).then(|| (values, found.to_string())));
        }
        let text = self.text(take, row);
        // What is split is translated piece by piece.
        let text = if take.rule.split.is_none() { take.rule.translated(&text) } else { &text };
        // What a long text begins with may be an indent.
        let text = if take.field.field_type() == FieldType::LongText { text } else { text.trim() }.to_owned();
        let beside = self.beside(take, row);
        let text = if cell::is_blank(&text, &self.file.empty) { String::new() } else { text };
        if text.is_empty() && beside.id.is_empty() && beside.email.is_empty() {
            return Ok(take.rule.clear.then(|| (Vec::new(), String::new())));
        }
        let values = self.values(take, &text, &beside, pipeline)?;
        let all = [&beside.label, &beside.id, &beside.email].into_iter().filter(|part| !part.is_empty()).map(String::as_str);
        let written = all.chain([text.as_str()]).collect::<Vec<_>>().join("\u{1f}");
        Ok((!values.is_empty()).then_some((values, written)))
    }

    /// Returns what stands beside a value, in columns of its own.
    fn beside(&self, take: &Take, row: &Values) -> Beside {
        let text = |from: &Option<From>| {
            let text = from.as_ref().map(|from| pick(from, " ", row, self.marked)).unwrap_or_default();
            if cell::is_blank(&text, &self.file.empty) { String::new() } else { text.trim().to_owned() }
        };
        Beside { label: tidy_label(&text(&take.label)), id: text(&take.id), email: text(&take.email) }
    }

    /// Returns the value whose parts stand in several columns, under their label.
    fn of_parts(&self, take: &Take, row: &Values, pipeline: Option<&str>) -> Result<Option<(Vec<Value>, String)>, Problem> {
        let label = self.beside(take, row).label;
        let mut value = super::put::empty(take.field.field_type());
        let mut written = vec![label.clone()];
        for part in &take.parts {
            let Leaf::Stored(StoredField { part: Some(which), .. }, _) = part.field.leaf() else { continue };
            let bare = Take { label: None, ..part.clone() };
            if let Some((values, text)) = self.take(&bare, row, pipeline)? {
                super::put::set_part(&mut value, *which, values.first().map(|value| value.bare().clone()));
                written.push(text);
            }
        }
        let value = Value::labelled(crate::domain::parse::label(&label), value);
        Ok((!value.is_empty()).then(|| (vec![value], written.join("\u{1f}"))))
    }

    /// Returns the values of a text that stands in no row.
    ///
    /// # Errors
    /// It is no value of the field.
    pub(super) fn constant(&self, take: &Take, text: &str) -> Result<Vec<Value>, Refusal> {
        self.values(take, text, &Beside::default(), None).map_err(|problem| Refusal::of(problem, Some(take.header.clone())))
    }

    fn text(&self, take: &Take, row: &Values) -> String {
        pick(&take.from, &take.with, row, self.marked)
    }

    fn links<'l>(&'l self, take: &'l Take) -> Links<'l, 'l> {
        Links {
            world: self.world,
            source: self.source,
            elsewhere: self.elsewhere,
            missing: take.rule.missing.unwrap_or(self.missing),
            kind: take.rule.kind,
            pattern: take.rule.pattern.as_ref(),
            take: &take.rule.take,
            named: true,
            external: "",
            email: "",
            now: self.now,
            made: self.made,
        }
    }

    fn values(&self, take: &Take, text: &str, beside: &Beside, pipeline: Option<&str>) -> Result<Vec<Value>, Problem> {
        let pieces_of = |text: &str| -> Vec<String> {
            match &take.rule.split {
                Some(mark) => text.split(mark.as_str()).map(|piece| piece.trim().to_owned()).collect(),
                None => vec![text.to_owned()],
            }
        };
        let (ids, emails, labels) = (pieces_of(&beside.id), pieces_of(&beside.email), pieces_of(&beside.label));
        let mut pieces = pieces_of(text);
        if text.is_empty() {
            // Ids or addresses stand for themselves where no names are given.
            pieces.resize(ids.len().max(emails.len()), String::new());
        }
        let mut values = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            // Ids that are not as many as the names are nobody's.
            let of = |beside: &[String]| beside.get(at).filter(|_| beside.len() == pieces.len()).cloned().unwrap_or_default();
            let (id, email) = (of(&ids), of(&emails));
            let piece = if take.rule.split.is_some() { take.rule.translated(piece) } else { piece };
            let Some(said) = [piece, &id, &email].into_iter().find(|said| !said.is_empty()) else { continue };
            let links = Links { named: !piece.is_empty(), external: &id, email: &email, ..self.links(take) };
            let reading = self.reading(take, pipeline, &links);
            // One label may stand for all pieces.
            let label = labels.get(at).or(labels.last()).map_or_else(String::new, |label| tidy_label(label));
            let read = self.piece(take, said, &reading)?;
            for value in read {
                let value = if label.is_empty() || value.label().is_some() {
                    value
                } else {
                    Value::labelled(crate::domain::parse::label(&label), value)
                };
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        Ok(values)
    }

    fn reading<'l>(&'l self, take: &'l Take, pipeline: Option<&'l str>, links: &'l Links<'l, 'l>) -> Reading<'l> {
        let mut reading = Reading::new(self.world.definitions(), self.now).with_links(links);
        reading.zone = take.dates.zone;
        reading.currency = take.rule.currency.or(self.file.currency).unwrap_or(reading.currency);
        reading.region = self.file.phone_region.or(reading.region);
        reading.source = self.source;
        reading.pipeline = pipeline;
        reading
    }

    /// Reads one text as the file writes it, in rolo's spelling from there on. What is
    /// not there is nothing where the column says so.
    fn piece(&self, take: &Take, text: &str, reading: &Reading<'_>) -> Result<Vec<Value>, Problem> {
        let spelled = self.spelled(take, text, reading)?;
        match self.parsed(take, &spelled, reading) {
            Err(error) if error.problem == ValueProblem::NotFound && take.rule.missing == Some(Missing::Blank) => Ok(Vec::new()),
            read => read.map_err(|error| told(&error)),
        }
    }

    fn parsed(&self, take: &Take, spelled: &str, reading: &Reading<'_>) -> Result<Vec<Value>, ValueError> {
        let ty = take.field.field_type();
        let one = |value: Option<Value>| value.into_iter().collect::<Vec<_>>();
        match take.field.leaf() {
            Leaf::Custom(field) => AnyField::Custom(field).parse(spelled, reading).map(one),
            Leaf::Stored(StoredField { field, part: None }, pick) => {
                if ty == FieldType::Consent
                    && let Pick::Label(channel, _) = pick
                {
                    return AnyField::Builtin(field).parse(&format!("{channel}={spelled}"), reading).map(one);
                }
                if ty == FieldType::ExternalId
                    && let Pick::Label(source, _) = pick
                {
                    let reading = Reading { source: Some(source), ..*reading };
                    return AnyField::Builtin(field).parse(spelled, &reading).map(one);
                }
                // Under a label rolo writes one value, as it is.
                let is_list = self.origin == Origin::Unsaid || *pick == Pick::All;
                if is_list && take.field.repeats() && take.rule.split.is_none() {
                    return AnyField::Builtin(field).parse_list(spelled, reading);
                }
                AnyField::Builtin(field).parse(spelled, reading).map(one)
            }
            Leaf::Stored(StoredField { field, part: Some(part) }, _) => part_value(field, *part, spelled, reading).map(one),
            Leaf::LinkId(..) | Leaf::Label(..) | Leaf::System(_) => Ok(vec![Value::text(spelled.trim())]),
            Leaf::Rollup(_) | Leaf::Followed(..) => Ok(Vec::new()),
        }
    }

    fn spelled(&self, take: &Take, text: &str, reading: &Reading<'_>) -> Result<String, Problem> {
        match take.field.field_type() {
            FieldType::Money => cell::money(text, take.numbers, Some(reading.currency.code())),
            FieldType::Number => cell::number(text, take.numbers),
            FieldType::Percent => cell::percent(text, take.numbers).map(whole),
            FieldType::Int => cell::number(text, take.numbers).map(whole),
            FieldType::Date => take.dates.date(text),
            FieldType::Time => take.dates.time(text),
            FieldType::Flag => cell::flag(text).map(|flag| if flag { "yes" } else { "no" }.to_owned()),
            _ => Ok(text.to_owned()),
        }
    }

    /// Reads a JSON array or object.
    fn structured(&self, take: &Take, json: &Json, pipeline: Option<&str>) -> Result<Vec<Value>, Problem> {
        let items: Vec<&Json> = match json {
            Json::Array(items) => items.iter().collect(),
            other => vec![other],
        };
        let mut values = Vec::new();
        for item in items {
            let read = match item {
                Json::Object(map) => self.object(take, map, pipeline),
                Json::Array(_) => Err(Problem::new("json", format!("{} is no list of lists", take.field.name()))),
                scalar => {
                    let text = scalar_text(scalar);
                    let text = take.rule.translated(&text);
                    if cell::is_blank(text, &self.file.empty) { Ok(Vec::new()) } else { self.one(take, text, pipeline) }
                }
            };
            let shown = || item.get("value").map_or_else(|| scalar_text(item), scalar_text);
            let read = match read {
                Err(problem) if self.is_misfit(take, &problem, shown) => continue,
                read => read?,
            };
            for value in read {
                if !values.contains(&value) {
                    values.push(value);
                }
            }
        }
        Ok(values)
    }

    /// Reads one text that is not to be split.
    fn one(&self, take: &Take, text: &str, pipeline: Option<&str>) -> Result<Vec<Value>, Problem> {
        let links = self.links(take);
        let reading = self.reading(take, pipeline, &links);
        if let Leaf::Stored(StoredField { field, part: None }, Pick::All) = take.field.leaf()
            && field.repeats
            && (take.field.field_type() != FieldType::Tag || !text.contains([',', ';']))
        {
            let spelled = self.spelled(take, text, &reading)?;
            return match AnyField::Builtin(field).parse(&spelled, &reading) {
                Ok(value) => Ok(value.into_iter().collect()),
                Err(error) if error.problem == ValueProblem::NotFound && links.missing == Missing::Blank => Ok(Vec::new()),
                Err(error) => Err(told(&error)),
            };
        }
        self.values(take, text, &Beside::default(), pipeline)
    }

    /// Reads a JSON object as rolo writes it: a labelled value, money, a link, an
    /// address, a job, a line, consent.
    fn object(&self, take: &Take, map: &Map<String, Json>, pipeline: Option<&str>) -> Result<Vec<Value>, Problem> {
        let ty = take.field.field_type();
        let text = |name: &str| map.get(name).map(scalar_text).unwrap_or_default();
        if let Some(inner) = map.get("value") {
            let label = crate::domain::parse::label(&text("label"));
            let read =
                if is_structured(inner) { self.structured(take, inner, pipeline)? } else { self.one(take, &scalar_text(inner), pipeline)? };
            return Ok(read
                .into_iter()
                .map(|value| if value.label().is_some() { value } else { Value::labelled(&*label, value) })
                .collect());
        }
        match ty {
            FieldType::Money => {
                let written = format!("{} {}", text("amount"), text("currency"));
                self.one(take, written.trim(), pipeline)
            }
            FieldType::Link(kinds) if kinds.contains(&Kind::Contact) && !text("email").is_empty() && text("id").is_empty() => {
                let found = self.links(take).people(&text("email"), &text("name")).map_err(|error| told(&error))?;
                Ok(found.into_iter().map(Value::Link).collect())
            }
            FieldType::Link(kinds) => self.link(take, kinds, &text("id"), &text("name"), pipeline),
            FieldType::Consent | FieldType::ExternalId => {
                let links = self.links(take);
                let reading = self.reading(take, pipeline, &links);
                let mark = if ty == FieldType::Consent { '=' } else { ':' };
                let reading = Reading { source: None, ..reading };
                let mut values = Vec::new();
                for (name, said) in map {
                    values.extend(self.piece(take, &format!("{name}{mark}{}", scalar_text(said)), &reading)?);
                }
                Ok(values)
            }
            FieldType::Address | FieldType::Job | FieldType::Line => self.composite(take, ty, map, pipeline),
            // The sides of an event are links where the field that changed is one.
            FieldType::Text if self.kind == Kind::Event => self.link(take, &[], &text("id"), &text("name"), pipeline),
            _ => Err(Problem::new("json", format!("{} is no object", take.field.name()))),
        }
    }

    /// Reads a link by id and name, as rolo writes it.
    fn link(&self, take: &Take, kinds: &[Kind], id: &str, name: &str, pipeline: Option<&str>) -> Result<Vec<Value>, Problem> {
        if let Some(found) = self.own_id(kinds, id, name)? {
            return Ok(vec![Value::Link(found)]);
        }
        if let Some(found) = self.foreign(take, kinds, id, name)? {
            return Ok(found.into_iter().map(Value::Link).collect());
        }
        let text = if name.is_empty() { id } else { name };
        if text.is_empty() { Ok(Vec::new()) } else { self.one(take, text, pipeline) }
    }

    /// Returns the record of an id: the one that was made of that record of another
    /// store, else the one here, if it is called so. A file may come from another
    /// store, where the id is somebody else's.
    pub(super) fn own_id(&self, kinds: &[Kind], id: &str, name: &str) -> Result<Option<RecordId>, Problem> {
        let Ok(id) = id.parse::<RecordId>() else { return Ok(None) };
        if !kinds.is_empty() && !kinds.contains(&id.kind) {
            return Ok(None);
        }
        let broken = |error: StoreError| Problem::new("store", error.to_string());
        let here = self.world.get(id).map_err(broken)?;
        if self.origin == Origin::Here {
            return Ok(here.map(|record| record.id));
        }
        let called = |title: String| crate::domain::fold::fold(&title) == crate::domain::fold::fold(name);
        let here = here.filter(|record| name.is_empty() || called(crate::domain::naming::title(record)));
        let source = self.elsewhere;
        if self.origin == Origin::Unsaid && here.is_some() {
            return Ok(here.map(|record| record.id));
        }
        if let Some(made) = Provenance::of(self.world, own_key(source, id)).map_err(broken)?.record()
            && self.world.get(made).map_err(broken)?.is_some()
        {
            return Ok(Some(made));
        }
        match here {
            Some(record) if !stands_for_another(self.world, source, &record).map_err(broken)? => Ok(Some(record.id)),
            _ => Ok(None),
        }
    }

    fn composite(&self, take: &Take, ty: FieldType, map: &Map<String, Json>, pipeline: Option<&str>) -> Result<Vec<Value>, Problem> {
        let Some(field) = take.field.written().and_then(|number| fields::field_by_number(self.kind, number)) else {
            return Ok(Vec::new());
        };
        let mut value = match ty {
            FieldType::Address => Value::Address(Box::default()),
            FieldType::Job => Value::Job(Box::default()),
            _ => Value::Line(Box::default()),
        };
        for part in Part::of_type(ty) {
            let Some(json) = map.get(part.name()) else { continue };
            let name = format!("{}.1.{}", field.name, part.name());
            let Ok(reference) = FieldRef::resolve(self.kind, &name, self.world.definitions()) else { continue };
            let inner = Take { field: reference, ..take.clone() };
            let read = if is_structured(json) {
                self.structured(&inner, json, pipeline)?
            } else {
                self.one(&inner, &scalar_text(json), pipeline)?
            };
            if let Some(read) = read.into_iter().next() {
                super::put::set_part(&mut value, *part, Some(read));
            }
        }
        let label = map.get("label").map(scalar_text).map(|label| crate::domain::parse::label(&label)).unwrap_or_default();
        Ok(if value.is_empty() { Vec::new() } else { vec![Value::labelled(label, value)] })
    }
}

/// Returns true where `name` is the link whose id `id` is.
fn names_link_of(name: &FieldRef, id: &FieldRef) -> bool {
    match (name.leaf(), id.leaf()) {
        (Leaf::Stored(a, at), Leaf::LinkId(b, of)) => a.field.number == b.field.number && a.part == b.part && at == of,
        _ => false,
    }
}

/// Returns the kinds that a link leads to; none for any.
fn link_kinds(field: &FieldRef) -> &'static [Kind] {
    let (Leaf::Stored(stored, _) | Leaf::LinkId(stored, _)) = field.leaf() else { return &[] };
    match stored.part.map_or(stored.field.ty, Part::field_type) {
        FieldType::Link(kinds) => kinds,
        _ => &[],
    }
}

/// Returns what stands in a row at these places, joined.
pub(super) fn pick(from: &From, with: &str, row: &Values, marked: bool) -> String {
    let text_of = |cell: Cell<'_>| match cell {
        Cell::Text(text) if marked => unmarked(text).to_owned(),
        Cell::Text(text) => text.to_owned(),
        Cell::Json(json) => leaf_text(json),
    };
    let texts: Vec<String> = match from {
        From::Cells(places) => places.iter().filter_map(|at| cell_of(row, *at)).map(text_of).collect(),
        From::Paths(paths) => paths.iter().filter_map(|path| value_at(row, path)).map(text_of).collect(),
    };
    match texts.as_slice() {
        [one] => one.clone(),
        several => several.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join(with),
    }
}

fn cell_of(row: &Values, at: usize) -> Option<Cell<'_>> {
    match row {
        Values::Cells(cells) => cells.get(at).map(Cell::Text),
        Values::Tree(_) => None,
    }
}

fn value_at<'r>(row: &'r Values, path: &str) -> Option<Cell<'r>> {
    match row {
        Values::Tree(tree) => at_path(tree, path).map(Cell::Json),
        Values::Cells(_) => None,
    }
}

fn is_structured(json: &Json) -> bool {
    json.is_array() || json.is_object()
}

fn scalar_text(json: &Json) -> String {
    leaf_text(json)
}

/// Takes off the mark that Google puts before the label of the first of several.
fn tidy_label(label: &str) -> String {
    label.trim().trim_start_matches('*').trim().to_owned()
}

/// `25.0` is 25.
fn whole(number: String) -> String {
    match number.split_once('.') {
        Some((whole, part)) if part.bytes().all(|b| b == b'0') => whole.to_owned(),
        _ => number,
    }
}

/// Reads a part as the whole would be read: `city=Brno`.
fn part_value(field: &'static Field, part: Part, text: &str, reading: &Reading<'_>) -> Result<Option<Value>, ValueError> {
    let escaped = text.replace('\\', "\\\\").replace(';', "\\;");
    let whole = AnyField::Builtin(field).parse(&format!("{}={escaped}", part.name()), reading)?;
    Ok(whole.and_then(|value| part.get(&value)))
}

/// Returns the problem of a row for an error of a value.
pub(super) fn told(error: &ValueError) -> Problem {
    let code = match &error.problem {
        ValueProblem::UnknownField => "field",
        ValueProblem::UnknownWord => "choice",
        ValueProblem::Refused => "value",
        ValueProblem::Unresolved(_) | ValueProblem::NotFound => "missing",
        ValueProblem::Ambiguous(_) => "ambiguous",
        ValueProblem::ReadOnly => "read-only",
    };
    let problem = Problem::new(code, error.message.clone());
    match &error.hint {
        Some(hint) => problem.hint(hint.clone()),
        None => problem,
    }
}

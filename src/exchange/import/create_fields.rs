//! Custom fields made of columns that have no field yet: what `--create-fields` asks
//! for. The definition `fields` gets a section for each; the rest of its text stays.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use super::columns::Finder;
use crate::domain::definitions::{CustomType, DefinitionName, Definitions, check_name};
use crate::domain::fields::number;
use crate::domain::fold::field_name;
use crate::domain::{Kind, Record, RecordId, Value};
use crate::exchange::mapping::{ColumnRule, Mapping, Rule, Target};
use crate::exchange::problem::Problem;
use crate::store::StoreError;
use crate::store::api::{Change, PageRequest, Store, Trash, View, new_id};

/// A field that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) ty: CustomType,
    /// The column that asks for it.
    pub(super) header: String,
}

/// Returns the fields that the mapping names and nobody has.
pub(super) fn named(kind: Kind, mapping: &Mapping, definitions: &Definitions) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    for column in &mapping.columns {
        let Some(Target::Custom { name, ty }) = column.rule.as_ref().map(|rule| &rule.target) else { continue };
        if definitions.custom.get(kind, name).is_none() && !wanted.iter().any(|known| known.name == *name) {
            wanted.push(Wanted { name: name.clone(), ty: ty.unwrap_or(CustomType::Text), header: column.header.clone() });
        }
    }
    wanted
}

/// Returns text fields for columns that are left over, and lets the mapping take
/// them.
pub(super) fn left_over(kind: Kind, headers: Vec<String>, mapping: &mut Mapping) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    let mut names: HashMap<String, usize> = HashMap::new();
    for header in headers {
        let mut name = field_name(&header);
        if name.is_empty() || name.starts_with(|c: char| c.is_numeric()) {
            name = format!("field_{name}").trim_end_matches('_').to_owned();
        }
        if check_name(kind, &name).is_err() {
            // A built-in's name or alias, which another column has taken.
            name = format!("{name}_field");
        }
        let count = names.entry(name.clone()).or_insert(0);
        *count += 1;
        if *count > 1 {
            name = format!("{name}_{count}");
        }
        let rule = Some(Rule::to(Target::Custom { name: name.clone(), ty: None }));
        mapping.columns.push(ColumnRule { header: header.clone(), rule, at: None, optional: false });
        wanted.push(Wanted { name, ty: CustomType::Text, header });
    }
    wanted
}

/// What making fields comes to.
pub(super) struct Made {
    /// What the team owns then.
    pub(super) definitions: Arc<Definitions>,
    /// The change that makes it so.
    pub(super) change: Change,
}

/// Returns what making the fields comes to.
///
/// # Errors
/// A name that cannot be a field's; what the store answers, as a problem.
pub(super) fn make(store: &dyn Store, finder: &Finder<'_>, view: View, wanted: &[Wanted]) -> Result<Made, Problem> {
    let broken = |error: StoreError| Problem::new("store", error.to_string());
    let records = all(store, view).map_err(broken)?;
    let name = DefinitionName::Fields.name();
    let before = records.iter().find(|record| record.text(number::DEFINITION_NAME) == Some(name));
    let mut text = before.and_then(|record| record.text(number::DEFINITION_TEXT)).unwrap_or(DefinitionName::Fields.example()).to_owned();
    for field in wanted {
        check_name(finder.kind, &field.name).map_err(|(message, hint)| {
            let problem = Problem::new("field", format!("column “{}”: {message}", field.header));
            if hint.is_empty() { problem } else { problem.hint(hint) }
        })?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let _ = write!(text, "\n[{}.{}]\ntype = \"{}\"\n", finder.kind.name(), toml_key(&field.name), field.ty.name());
    }
    let (id, based_on) = before.map_or((new_id(Kind::Definition, 1), 0), |record| (record.id, record.version));
    let mut after = before.map_or_else(|| Record::new(RecordId::new(Kind::Definition, 0)), |record| Record::clone(record));
    after.id = id;
    after.set(number::DEFINITION_NAME, Value::text(name));
    after.set(number::DEFINITION_TEXT, Value::text(text.trim_end()));
    let others = records.iter().filter(|record| record.text(number::DEFINITION_NAME) != Some(name)).map(Arc::as_ref);
    let definitions = Definitions::from_records(others.chain([&after]))
        .map_err(|error| Problem::new("field", format!("the definition of fields would not be valid: {error}")))?;
    Ok(Made { definitions: Arc::new(definitions), change: Change { id, based_on: Some(based_on), after: Some(after) } })
}

fn all(store: &dyn Store, view: View) -> Result<Vec<Arc<Record>>, StoreError> {
    // There are a dozen definitions.
    const MOST: usize = 1_000;
    let page = store.query(&PageRequest {
        kind: Kind::Definition,
        query: None,
        sort: Vec::new(),
        after: None,
        offset: 0,
        limit: MOST,
        records: true,
        total: false,
        trash: Trash::Without,
        at_least: None,
        view,
    })?;
    Ok(page.records)
}

/// Names are folded letters, digits and `_`; other scripts stand in quotes.
fn toml_key(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { format!("\"{name}\"") }
}

//! Presets: mapping files for what other programs export, those that come with rolo and
//! those that the team keeps under `presets`, and which of them a file's header is of.
//! It must not know rows.

use std::sync::OnceLock;

use super::header::Header;
use super::mapping::{Mapping, Names, Signs};
use super::mapping_file;
use super::problem::Problem;
use crate::domain::definitions::Definitions;
use crate::domain::fold::nearest;
use crate::domain::{DefinitionName, Kind};

/// The word that turns recognition off.
pub const NONE: &str = "none";

/// The part of a file's columns, in per cent, from which it is taken to be of a preset.
const SURE: usize = 50;

/// How deep presets may rest on each other.
const DEEPEST: usize = 8;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => { &[$(($name, include_str!(concat!("presets/", $name, ".toml")))),*] };
}

/// The presets that come with rolo, with their text.
pub const BUILT_IN: &[(&str, &str)] = built_in![
    "google-contacts",
    "google-contacts-legacy",
    "hubspot-companies",
    "hubspot-contacts",
    "hubspot-deals",
    "hubspot-tickets",
    "linkedin-connections",
    "outlook-contacts",
    "pipedrive-deals",
    "pipedrive-organizations",
    "pipedrive-people",
    "salesforce-accounts",
    "salesforce-contacts",
    "salesforce-leads",
    "salesforce-opportunities",
    "zendesk-tickets",
];

/// A preset, read.
#[derive(Debug, Clone)]
pub struct Preset {
    /// Its name.
    pub name: String,
    /// The team has it, and it does not come with rolo.
    pub own: bool,
    /// What it says, whole: with its base.
    pub mapping: Mapping,
}

/// A preset that a header is of.
#[derive(Debug, Clone)]
pub struct Fit<'p> {
    /// The preset.
    pub preset: &'p Preset,
    /// How many of the file's named columns it knows.
    pub known: usize,
    /// How many named columns the file has.
    pub columns: usize,
}

/// The presets there are: the team's own before those that come with rolo.
#[derive(Debug, Clone)]
pub struct Presets {
    all: Vec<Preset>,
}

fn built_in() -> &'static [Preset] {
    static READ: OnceLock<Vec<Preset>> = OnceLock::new();
    READ.get_or_init(|| {
        let read = |(name, text): &(&str, &str)| {
            let mapping = Mapping::parse(text, name).ok()?;
            Some(Preset { name: (*name).to_owned(), own: false, mapping })
        };
        BUILT_IN.iter().filter_map(read).collect()
    })
}

/// Checks the text of a team's own presets before it is kept.
///
/// # Errors
/// Everything that is wrong, in the order of the text, with its place.
pub fn check(text: &str) -> Result<(), Vec<Problem>> {
    let named = |problems: Vec<Problem>| problems.into_iter().map(|problem| problem.file("presets")).collect::<Vec<_>>();
    mapping_file::check_tables(text).map_err(named)?;
    let documents = [(DefinitionName::Presets.name(), text)];
    match Definitions::from_documents(documents) {
        // What is no set of named tables is told by whoever takes it.
        Err(_) => Ok(()),
        Ok(definitions) => Presets::of(&definitions).map(|_| ()),
    }
}

/// Returns the text of each preset that the team keeps.
pub fn own_texts(definitions: &Definitions) -> Vec<(String, String)> {
    let shape = definitions.shapes.get(DefinitionName::Presets);
    let text = |table: &toml::Table| toml::to_string(table).unwrap_or_default();
    shape.into_iter().flat_map(|shape| shape.iter().map(|(name, table)| (name.to_owned(), text(table))).collect::<Vec<_>>()).collect()
}

/// Returns the text of a preset, the team's own first.
pub fn text_of(name: &str, definitions: &Definitions) -> Option<String> {
    let own = own_texts(definitions).into_iter().find(|(known, _)| known == name).map(|(_, text)| text);
    own.or_else(|| BUILT_IN.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned()))
}

impl Presets {
    /// Returns the presets of a team.
    ///
    /// # Errors
    /// Everything that is wrong with its own.
    pub fn of(definitions: &Definitions) -> Result<Self, Vec<Problem>> {
        let mut presets = Self { all: Vec::new() };
        let mut problems = Vec::new();
        let mut own = Vec::new();
        for (name, text) in own_texts(definitions) {
            match Mapping::parse(&text, &format!("preset {name}")) {
                Ok(mapping) => own.push(Preset { mapping: Mapping { name: Some(name.clone()), ..mapping }, name, own: true }),
                Err(found) => problems.extend(found),
            }
        }
        let hidden = |preset: &&Preset| own.iter().all(|known: &Preset| known.name != preset.name);
        let come_with: Vec<Preset> = built_in().iter().filter(hidden).cloned().collect();
        presets.all = own;
        presets.all.extend(come_with);
        let whole: Vec<Result<Mapping, Problem>> =
            presets.all.iter().map(|preset| presets.based(preset.mapping.clone(), Some(&preset.name))).collect();
        for (preset, mapping) in presets.all.iter_mut().zip(whole) {
            match mapping {
                Ok(mapping) => preset.mapping = mapping,
                Err(problem) => problems.push(problem.file(&format!("preset {}", preset.name))),
            }
        }
        if problems.is_empty() { Ok(presets) } else { Err(problems) }
    }

    /// Returns the presets in order.
    pub fn iter(&self) -> impl Iterator<Item = &Preset> {
        self.all.iter()
    }

    /// Returns the preset of this name.
    pub fn get(&self, name: &str) -> Option<&Preset> {
        self.all.iter().find(|preset| preset.name.eq_ignore_ascii_case(name))
    }

    /// Returns the presets of a name or of the family that it names: `hubspot` means
    /// `hubspot-contacts` and its like.
    pub fn family(&self, name: &str) -> Vec<&Preset> {
        let (name, family) = (name.to_lowercase(), format!("{}-", name.to_lowercase()));
        self.all.iter().filter(|preset| preset.name == name || preset.name.starts_with(&family)).collect()
    }

    /// Returns the headers that any of them names.
    pub(crate) fn names(&self) -> Names {
        let mut names = Names::default();
        self.all.iter().for_each(|preset| names.extend(preset.mapping.all_names()));
        names
    }

    /// Returns the preset's name that is nearest to a word.
    pub fn nearest(&self, word: &str) -> Option<&str> {
        nearest(word, self.all.iter().map(|preset| preset.name.as_str()))
    }

    /// Returns a mapping with its base under it. An own preset may change the one of its
    /// own name that comes with rolo.
    ///
    /// # Errors
    /// `base`: there is no such preset, or it rests on itself.
    pub fn based(&self, mapping: Mapping, own: Option<&str>) -> Result<Mapping, Problem> {
        let mut whole = mapping;
        let mut hidden = own.map(str::to_owned);
        for _ in 0..DEEPEST {
            let Some(name) = whole.base.take() else { return Ok(whole) };
            let beneath = built_in().iter().find(|preset| preset.name == name && hidden.as_ref() == Some(&name));
            let Some(base) = beneath.or_else(|| self.get(&name)) else {
                let problem = Problem::new("base", format!("there is no preset “{name}”"));
                return Err(match self.nearest(&name) {
                    Some(near) => problem.hint(format!("did you mean “{near}”?")),
                    None => problem.hint("rolo config list presets names them"),
                });
            };
            hidden = Some(name);
            whole = whole.over(base.mapping.clone());
        }
        Err(Problem::new("base", "presets rest on each other in a circle"))
    }
}

/// Returns the preset that a header is of, among some: all its signs are there and
/// it knows most of the columns.
pub fn recognise<'p>(among: impl IntoIterator<Item = &'p Preset>, header: &Header, kind: Option<Kind>) -> Option<Fit<'p>> {
    let fits = among.into_iter().filter(|preset| kind.is_none() || preset.mapping.kind == kind);
    let fits = fits.filter_map(|preset| fit(preset, header));
    // Of equals the first: the team's own stand before those that come with rolo.
    fits.reduce(|best, fit| if rank(&fit) > rank(&best) { fit } else { best })
}

fn rank(fit: &Fit<'_>) -> (bool, usize) {
    (fit.preset.own, fit.known)
}

fn fit<'p>(preset: &'p Preset, header: &Header) -> Option<Fit<'p>> {
    let Signs { all, any, none } = preset.mapping.signs.as_ref()?;
    let has = |name: &String| header.find(name).is_some();
    if !all.iter().all(has) || (!any.is_empty() && !any.iter().any(has)) || none.iter().any(has) {
        return None;
    }
    let names = preset.mapping.all_names();
    let columns = header.columns().iter().filter(|column| !column.is_unnamed());
    let (mut known, mut count) = (0, 0);
    for column in columns {
        count += 1;
        known += usize::from(names.has(&column.name));
    }
    Some(Fit { preset, known, columns: count })
}

impl Fit<'_> {
    /// Returns the part of the columns that is known, in per cent.
    pub fn percent(&self) -> usize {
        (self.known * 100).checked_div(self.columns).unwrap_or_default()
    }

    /// Returns whether it is sure enough to be taken without being asked for.
    pub fn is_sure(&self) -> bool {
        self.percent() >= SURE
    }
}

/// Returns whether a name can be that of a preset: it names no place.
pub fn is_name(word: &str) -> bool {
    !word.is_empty() && !word.contains(['/', '\\', '.'])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::FieldRef;

    fn team(presets: &str) -> Definitions {
        Definitions::from_documents([("presets", presets)]).unwrap()
    }

    #[test]
    fn every_preset_that_comes_is_read_and_names_fields_that_there_are() {
        assert_eq!(built_in().len(), BUILT_IN.len());
        for (name, text) in BUILT_IN {
            let mapping = Mapping::parse(text, name).unwrap();
            let kind = mapping.kind.unwrap();
            assert!(mapping.about.is_some() && mapping.source.is_some() && mapping.signs.is_some(), "{name}");
            let columns = mapping.columns.iter().flat_map(|column| column.expanded(&|header| header.contains('1')));
            let fields = columns.filter_map(|column| column.rule).map(|rule| rule.target.name().to_owned());
            let joined = mapping.joined.iter().map(|joined| joined.field.clone());
            for field in fields.chain(joined) {
                FieldRef::resolve(kind, &field, &Definitions::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
            }
        }
    }

    #[test]
    fn a_family_is_named_by_what_its_names_begin_with() {
        let presets = Presets::of(&Definitions::default()).unwrap();
        let names = |family: &str| presets.family(family).iter().map(|preset| preset.name.clone()).collect::<Vec<_>>();
        assert_eq!(names("hubspot"), ["hubspot-companies", "hubspot-contacts", "hubspot-deals", "hubspot-tickets"]);
        assert_eq!(names("Google-Contacts"), ["google-contacts", "google-contacts-legacy"]);
        assert!(names("hub").is_empty());
        assert_eq!(presets.nearest("hubspot-contact"), Some("hubspot-contacts"));
    }

    #[test]
    fn an_own_preset_changes_the_one_it_rests_on() {
        let own = team(
            "[hubspot-deals]\nbase = \"hubspot-deals\"\nsource = \"hs\"\n[hubspot-deals.columns]\n\"Deal Stage\" = \"stage\"\nTeam = \"team\"\n",
        );
        let presets = Presets::of(&own).unwrap();
        let deals = presets.get("hubspot-deals").unwrap();
        assert!(deals.own && deals.mapping.kind == Some(Kind::Opportunity));
        assert_eq!(deals.mapping.source.as_deref(), Some("hs"));
        assert!(deals.mapping.column("deal stage").unwrap().rule.as_ref().unwrap().values.is_empty());
        assert!(deals.mapping.column("Team").is_some() && deals.mapping.column("Pipeline").is_some());
        assert_eq!(presets.iter().count(), BUILT_IN.len());
        let told = |text: &str| Presets::of(&team(text)).unwrap_err().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(told("[a]\nbase = \"hubspot-deal\"\n"), ["preset a: there is no preset “hubspot-deal” (did you mean “hubspot-deals”?)"]);
        assert_eq!(told("[a]\nbase = \"b\"\n[b]\nbase = \"a\"\n").len(), 2);
        assert_eq!(told("[a]\nkind = \"contat\"\n"), ["preset a:1:8: “contat” is no kind of record (did you mean “contact”?)"]);
    }

    #[test]
    fn headers_say_whose_they_are() {
        let presets = Presets::of(&Definitions::default()).unwrap();
        let of = |header: &str, kind| {
            let header = Header::new(header.split(','));
            recognise(presets.iter(), &header, kind).map(|fit| (fit.preset.name.clone(), fit.percent()))
        };
        let contacts = "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,My Column";
        assert_eq!(of(contacts, None), Some(("hubspot-contacts".to_owned(), 85)));
        assert_eq!(of(contacts, Some(Kind::Company)), None);
        assert_eq!(of("Name,Email,Phone", None), None);
        assert_eq!(of("id,name,email,phone,company", None), None);
    }
}

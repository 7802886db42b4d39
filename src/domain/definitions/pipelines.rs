//! Pipelines and their stages, in the team's order.

use super::DefinitionError;
use super::custom::CustomFields;
use super::document::{Section, Source};
use super::renamed::Renamed;
use crate::domain::{Kind, fields, fold};

/// What it means that an opportunity stands at a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// It may still be won.
    Open,
    /// It was won.
    Won,
    /// It was lost.
    Lost,
}

impl Meaning {
    /// Returns whether this ends an opportunity.
    pub fn is_closed(self) -> bool {
        self != Self::Open
    }
}

/// One stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// Its name, unique in the pipeline.
    pub name: String,
    /// Chance of being won, in per cent.
    pub probability: u8,
    /// Whether it is open, won or lost.
    pub meaning: Meaning,
    /// Whether somebody who loses an opportunity is asked why.
    pub reason: bool,
    /// The fields that an opportunity must have before it comes here.
    pub requires: Vec<String>,
    /// How many days an opportunity may stay here.
    pub max_days: Option<u32>,
}

/// A pipeline with its stages in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Its stages, from the first to the last.
    pub stages: Vec<Stage>,
}

impl Pipeline {
    /// Returns the stage of this name, without regard to case.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| same(&stage.name, name))
    }

    /// Returns the place of a stage, from 0.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.stages.iter().position(|stage| same(&stage.name, name))
    }

    /// Returns the stage that new opportunities begin at: the first open one.
    pub fn first(&self) -> &Stage {
        self.stages.iter().find(|stage| !stage.meaning.is_closed()).expect("a pipeline has an open stage")
    }
}

/// All pipelines; the first is the default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipelines {
    pipelines: Vec<Pipeline>,
    pub(super) renamed: Renamed,
}

impl Pipelines {
    pub(super) fn read(source: Source<'_>, custom: &CustomFields) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of pipelines");
        whole.keys_among(&["pipeline", "renamed"])?;
        let mut pipelines: Vec<Pipeline> = Vec::new();
        for section in whole.list("pipeline", "pipeline")? {
            let pipeline = read_pipeline(&section, custom)?;
            if pipelines.iter().any(|known| same(&known.name, &pipeline.name)) {
                return Err(section.error_at("name", format!("there are two pipelines \u{201c}{}\u{201d}", pipeline.name)));
            }
            pipelines.push(pipeline);
        }
        if pipelines.is_empty() {
            return Err(whole.error("there must be at least one pipeline").hint("begin it with [[pipeline]]"));
        }
        let names: Vec<&str> =
            pipelines.iter().flat_map(|p| std::iter::once(p.name.as_str()).chain(p.stages.iter().map(|s| s.name.as_str()))).collect();
        let renamed = Renamed::read(&whole, &names)?;
        Ok(Self { pipelines, renamed })
    }

    /// Returns the pipelines in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Pipeline> {
        self.pipelines.iter()
    }

    /// Returns the pipeline that new opportunities take.
    pub fn default_pipeline(&self) -> &Pipeline {
        self.pipelines.first().expect("there is at least one pipeline")
    }

    /// Returns the pipeline of this name, without regard to case.
    pub fn get(&self, name: &str) -> Option<&Pipeline> {
        self.pipelines.iter().find(|pipeline| same(&pipeline.name, name))
    }

    /// Returns the named pipeline, or the default for `None` and for a name that
    /// there no longer is.
    pub fn get_or_default(&self, name: Option<&str>) -> &Pipeline {
        name.and_then(|name| self.get(name)).unwrap_or_else(|| self.default_pipeline())
    }

    /// Returns a stage of this name in any pipeline, the default's first.
    pub fn any_stage(&self, name: &str) -> Option<&Stage> {
        self.pipelines.iter().find_map(|pipeline| pipeline.stage(name))
    }

    /// Returns the names of all stages, each once, in the order of the pipelines.
    pub fn stage_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for stage in self.pipelines.iter().flat_map(|pipeline| &pipeline.stages) {
            if !names.contains(&stage.name.as_str()) {
                names.push(&stage.name);
            }
        }
        names
    }
}

fn same(a: &str, b: &str) -> bool {
    a == b || fold::fold(a) == fold::fold(b)
}

fn read_pipeline(section: &Section<'_, '_>, custom: &CustomFields) -> Result<Pipeline, DefinitionError> {
    section.keys_among(&["name", "stages"])?;
    let name = section.required_name("name")?;
    if name.contains('/') {
        return Err(section.error_at("name", "a pipeline's name holds no \u{201c}/\u{201d}"));
    }
    let mut stages: Vec<Stage> = Vec::new();
    for entry in section.list("stages", "stage")? {
        let stage = read_stage(&entry, custom)?;
        if stages.iter().any(|known| same(&known.name, &stage.name)) {
            return Err(entry.error_at("name", format!("pipeline {name} has two stages \u{201c}{}\u{201d}", stage.name)));
        }
        stages.push(stage);
    }
    if !stages.iter().any(|stage| stage.meaning == Meaning::Open) {
        return Err(section
            .error(format!("pipeline {name} has no open stage"))
            .hint("stages = [{ name = \"lead\", probability = 10 }, …]"));
    }
    Ok(Pipeline { name, stages })
}

/// Reads the fields that a stage requires, as they are called.
fn read_requires(section: &Section<'_, '_>, custom: &CustomFields) -> Result<Vec<String>, DefinitionError> {
    let names = section.words("requires")?.unwrap_or_default();
    let known = |name: &String| {
        let own = fields::field(Kind::Opportunity, name).filter(|field| !field.system).map(|field| field.name.to_owned());
        let custom = custom.of(Kind::Opportunity).find(|field| fold::fold(&field.name) == fold::fold(name)).map(|field| field.name.clone());
        own.or(custom).ok_or_else(|| {
            let error = section.error_at("requires", format!("an opportunity has no field \u{201c}{name}\u{201d}"));
            error.nearest(name, fields::fields(Kind::Opportunity).map(|field| field.name))
        })
    };
    names.iter().map(known).collect()
}

fn read_stage(section: &Section<'_, '_>, custom: &CustomFields) -> Result<Stage, DefinitionError> {
    section.keys_among(&["name", "probability", "meaning", "reason", "requires", "max-days"])?;
    let name = section.required_name("name")?;
    let meaning = match section.text("meaning")? {
        None | Some("open") => Meaning::Open,
        Some("won") => Meaning::Won,
        Some("lost") => Meaning::Lost,
        Some(other) => {
            let error = section.error_at("meaning", format!("\u{201c}{other}\u{201d} is no meaning of a stage"));
            return Err(error.nearest(other, ["open", "won", "lost"]));
        }
    };
    let reason = section.flag("reason")?.unwrap_or(false);
    if reason && meaning != Meaning::Lost {
        return Err(section.error_at("reason", "only what is lost has a reason"));
    }
    let given = section.int("probability", 0..=100)?;
    let probability = match (meaning, given) {
        (Meaning::Open, None) => {
            return Err(section.error(format!("stage {name} needs a \u{201c}probability\u{201d}")).hint("a whole number from 0 to 100"));
        }
        (Meaning::Open, Some(given)) => given as u8,
        (Meaning::Won, None | Some(100)) => 100,
        (Meaning::Lost, None | Some(0)) => 0,
        (Meaning::Won, Some(_)) => return Err(section.error_at("probability", "what is won has a probability of 100")),
        (Meaning::Lost, Some(_)) => return Err(section.error_at("probability", "what is lost has a probability of 0")),
    };
    let requires = read_requires(section, custom)?;
    let max_days = section.int("max-days", 1..=36_500)?.map(|days| days as u32);
    if max_days.is_some() && meaning != Meaning::Open {
        return Err(section.error_at("max-days", "what is won or lost may stay where it is"));
    }
    Ok(Stage { name, probability, meaning, reason, requires, max_days })
}

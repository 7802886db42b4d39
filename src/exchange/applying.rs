//! A plan carried out: its rows are read and checked again, each is taken as it was
//! planned or goes to the rejects, and all of it is one step. It must not know who watches.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::import::{Expected, Input, Settings, Source};
use super::intake::{Ready, told, wrong};
use super::mapping::Mapping;
use super::plan_file::{Plan, PlanRows, Section};
use super::problem::Problem;
use crate::actions::{ActionError, Desk};
use crate::domain::{Kind, Timestamp};

/// A plan as it is called for.
#[derive(Debug, Clone)]
pub struct Applying {
    /// The plan; `-` is standard input.
    pub plan: PathBuf,
    /// Nothing is changed, only told.
    pub dry_run: bool,
    /// Where rows go that are not taken.
    pub rejects: PathBuf,
}

impl Applying {
    fn name(&self) -> String {
        if self.plan == Path::new("-") { "standard input".to_owned() } else { self.plan.display().to_string() }
    }

    /// Reads the plan through, and its mappings; `typed` is standard input, where it is one.
    /// What comes from there is read twice, so it is kept in a file as long.
    ///
    /// # Errors
    /// Exit 1 for a file that is no whole plan, 2 where there is no standard input, 5 for a
    /// plan for another store.
    pub fn ready(&self, typed: Option<&mut dyn Read>, desk: &Desk) -> Result<Ready, ActionError> {
        let name = self.name();
        let refused = |problem: Problem| told(1, &problem.file(&name));
        let failed = |error: io::Error| refused(Problem::new("plan", error.to_string()));
        let mut kept = None;
        if self.plan == Path::new("-") {
            let typed = typed.ok_or_else(|| ActionError::usage("there is no standard input to read").hint("name a file"))?;
            let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
            io::copy(typed, &mut file).map_err(failed)?;
            kept = Some(file);
        }
        let path = kept.as_ref().map_or(self.plan.as_path(), tempfile::NamedTempFile::path);
        let file = File::open(path).map_err(failed)?;
        let total = file.metadata().map_or(0, |data| data.len());
        let plan = Plan::read(file).map_err(refused)?;
        let store = desk.store.stats()?.store_id;
        if plan.head.store != store {
            let message = format!("{name}: the plan is for the store {}, this one is {store}", plan.head.store);
            return Err(ActionError::new(5, message).hint("name its store with --store, or plan it again"));
        }
        let at = Timestamp::from_rfc3339(&plan.head.at)
            .ok_or_else(|| refused(Problem::new("plan", "it does not say when it was planned").line(1)))?;
        let mut settings = None;
        let mut inputs = Vec::new();
        let expected = Expected::default();
        for (section, span) in &plan.sections {
            let (kind, mapping) = self.mapping(section, &plan)?;
            let each = expected.clone();
            let rows = PlanRows::open(path, section, *span, Box::new(move |planned| each.put(planned))).map_err(refused)?;
            settings.get_or_insert_with(|| Settings {
                no_create: plan.head.no_create,
                create_fields: plan.head.create_fields,
                dry_run: self.dry_run,
                me: plan.head.me.clone(),
                expected: Some(expected.clone()),
                planned_at: Some(at),
                each_its_own: plan.head.each_its_own,
                ..Settings::new(kind, mapping.clone())
            });
            inputs.push(Input { name: section.input.clone(), source: Source::Rows(Box::new(rows)), own: Some((kind, mapping)) });
        }
        let Some(settings) = settings else { return Err(refused(Problem::new("plan", "the plan has no input"))) };
        let notes = vec![format!(
            "{name}: {} rows planned by {} at {}: {} to create, {} to update, {} unchanged, {} rejected",
            plan.end.planned, plan.head.by, plan.head.at, plan.end.create, plan.end.update, plan.end.unchanged, plan.end.reject
        )];
        Ok(Ready { settings, inputs, notes, total, rejects: self.rejects.clone(), plan: None })
    }

    fn mapping(&self, section: &Section, plan: &Plan) -> Result<(Kind, Mapping), ActionError> {
        let refused = |message: String| ActionError::refused(format!("{}: {message}", self.name()));
        let kind = Kind::from_name(&section.kind).filter(|kind| kind.info().public || *kind == Kind::Definition);
        let kind = kind.ok_or_else(|| refused(format!("\u{201c}{}\u{201d} is no kind of record", section.kind)))?;
        let texts: Vec<(String, String)> = section.mapping.iter().map(|text| (text.name.clone(), text.toml.clone())).collect();
        let mapping = Mapping::of_texts(&texts).map_err(|problems| wrong(&problems))?;
        let mapping = mapping.with_flags(&plan.head.flags).map_err(|problem| told(2, &problem))?;
        Ok((kind, mapping))
    }
}

/// Returns whether everything that was planned has been overtaken, so that nothing was
/// taken.
pub fn is_overtaken(report: &super::import::Report) -> bool {
    report.conflicts > 0 && report.created + report.updated + report.unchanged == 0
}

/// Returns where rejects of a plan go, unless a file is named.
pub fn rejects_of(named: Option<&Path>) -> PathBuf {
    named.map_or_else(|| PathBuf::from("rejects.csv"), Path::to_path_buf)
}

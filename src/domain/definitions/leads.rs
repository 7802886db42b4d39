//! Assignment: rules that give leads to people.

use super::DefinitionError;
use super::document::{Section, Source};
use crate::domain::fold;

/// How a rule chooses among its people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// In turn.
    RoundRobin,
    /// Whoever has the fewest open leads.
    Load,
    /// Whose territory it is.
    Territory,
    /// Whoever owns the lead's company.
    CompanyOwner,
}

const WAYS: &[(&str, Way)] =
    &[("round robin", Way::RoundRobin), ("load", Way::Load), ("territory", Way::Territory), ("company owner", Way::CompanyOwner)];

impl Way {
    /// Returns the word.
    pub fn word(self) -> &'static str {
        WAYS.iter().find(|(_, way)| *way == self).map_or("", |(word, _)| word)
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignRule {
    /// What it is called.
    pub name: String,
    /// Which leads, as a query; `None` for all.
    pub when: Option<String>,
    /// Whom it gives them to, by login or name.
    pub to: Vec<String>,
    /// How it chooses.
    pub way: Way,
    /// The team that they are given to.
    pub team: Option<String>,
}

/// All rules, in order: the first that matches a lead applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssignRules {
    rules: Vec<AssignRule>,
}

impl AssignRules {
    pub(super) fn read(source: Source<'_>) -> Result<Self, DefinitionError> {
        let table = source.parse()?;
        let whole = Section::whole(source, &table, "definition of assignment");
        whole.keys_among(&["rule"])?;
        let mut rules: Vec<AssignRule> = Vec::new();
        for section in whole.list("rule", "rule")? {
            section.keys_among(&["name", "when", "to", "way", "team"])?;
            let name = section.required_name("name")?;
            if rules.iter().any(|known| fold::fold(&known.name) == fold::fold(&name)) {
                return Err(section.error_at("name", format!("there are two rules \u{201c}{name}\u{201d}")));
            }
            let word = section.text("way")?.unwrap_or("round robin");
            let way = WAYS.iter().find(|(known, _)| fold::fold(known) == fold::fold(word)).map(|(_, way)| *way).ok_or_else(|| {
                let error = section.error_at("way", format!("\u{201c}{word}\u{201d} is no way to assign"));
                error.nearest(word, WAYS.iter().map(|(known, _)| *known))
            })?;
            let to = section.words("to")?.unwrap_or_default();
            if to.is_empty() && way != Way::CompanyOwner {
                return Err(section.error(format!("rule {name} names nobody")).hint("to = [\"ada\", \"ben\"], by login or name"));
            }
            let text = |key| section.text(key).map(|text| text.map(str::to_owned));
            rules.push(AssignRule { name, when: text("when")?, to, way, team: text("team")? });
        }
        Ok(Self { rules })
    }

    /// Returns the rules in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &AssignRule> {
        self.rules.iter()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::domain::Definitions;

    #[test]
    fn a_rule_names_somebody_and_a_way() {
        let read = |text: &str| Definitions::from_documents([("assignment", text)]).map(|found| found.assignment.iter().len());
        assert_eq!(read("[[rule]]\nname = \"a\"\nto = [\"ada\"]\n[[rule]]\nname = \"b\"\nway = \"company owner\"").unwrap(), 2);
        let error = read("[[rule]]\nname = \"a\"\nto = [\"ada\"]\nway = \"round robbin\"").unwrap_err();
        assert_eq!(
            (error.to_string().as_str(), error.hint.as_deref()),
            ("assignment:4:7: \u{201c}round robbin\u{201d} is no way to assign", Some("did you mean \u{201c}round robin\u{201d}?"))
        );
        assert!(read("[[rule]]\nname = \"a\"").unwrap_err().message.contains("names nobody"));
    }
}

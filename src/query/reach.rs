//! What the answer of a query hangs on besides the record's own values: whoever keeps
//! answers has to know when they are out of date.

use crate::domain::fields;
use crate::domain::{FieldType, Leaf};

use super::path::Node;
use super::resolve::{FieldTest, Query, Test, WordTest};
use super::want::{Check, Want, When};

/// What a query looks at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reach {
    /// Whether linked records or the user decide too.
    pub links: bool,
    /// Whether what is summed up of other records decides too.
    pub sums: bool,
    /// Whether the moment decides too: relative times, the rates of the day.
    pub moment: bool,
}

impl Reach {
    /// Returns what two queries look at together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { links: self.links || other.links, sums: self.sums || other.sums, moment: self.moment || other.moment }
    }
}

impl Query {
    /// Returns what its answer hangs on besides the record's own values. In doubt it says
    /// more than there is.
    pub fn reach(&self) -> Reach {
        self.reach_of(&self.test)
    }

    fn reach_of(&self, test: &Test) -> Reach {
        match test {
            Test::All(tests) | Test::Any(tests) => tests.iter().map(|test| self.reach_of(test)).fold(Reach::default(), Reach::and),
            Test::Not(inner) => self.reach_of(inner),
            Test::Field(field) => self.field(field, field.tree.root),
            Test::Word(word) => of_word(word),
        }
    }

    fn field(&self, test: &FieldTest, at: usize) -> Reach {
        match test.tree.node(at) {
            Node::Through(_, branches) => {
                branches.iter().map(|(_, next)| self.field(test, *next)).fold(Reach { links: true, ..Reach::default() }, Reach::and)
            }
            Node::End(field, want) => {
                let own = Reach { sums: matches!(field.leaf(), Leaf::Rollup(_)), ..Reach::default() };
                match want {
                    Want::Something => own,
                    Want::One(checks) => checks.iter().map(|check| self.check(check)).fold(own, Reach::and),
                }
            }
        }
    }

    fn check(&self, check: &Check) -> Reach {
        match check {
            Check::Me | Check::MyLogin | Check::Called(..) => Reach { links: true, ..Reach::default() },
            Check::Money(..) => Reach { moment: true, ..Reach::default() },
            Check::Time(span) => Reach { moment: self.scope.spans.get(*span).is_none_or(moves), ..Reach::default() },
            _ => Reach::default(),
        }
    }
}

/// Returns whether a stretch of time is another one at another moment: it does not begin
/// with a year.
fn moves(when: &When) -> bool {
    let edges = [&when.from, &when.to];
    let is_fixed = |period: &str| period.len() >= 4 && period.chars().take(4).all(|c| c.is_ascii_digit());
    edges.into_iter().flatten().any(|edge| !is_fixed(edge.period.trim()))
}

/// A word is also looked for in the names of what is linked.
fn of_word(word: &WordTest) -> Reach {
    let is_link = |ty: FieldType| matches!(ty, FieldType::Link(_) | FieldType::Job | FieldType::Line);
    let links = word.places.iter().any(|(field, _)| {
        let stored = field.written().and_then(|number| fields::field_by_number(field.kind(), number));
        is_link(field.field_type()) || stored.is_some_and(|field| is_link(field.ty))
    });
    Reach { links, ..Reach::default() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::domain::{Definitions, Kind};

    #[test]
    fn what_a_query_hangs_on() {
        let definitions = Definitions::default();
        let reach = |text: &str| {
            let reach = Query::parse(text, Kind::Ticket, &definitions).unwrap().reach();
            (reach.links, reach.sums, reach.moment)
        };
        for own in ["priority:urgent tags:vip", "-queue:web", "company:a4", "opened_at:2026", "opened_at:2026-01..2026-q2", "subject:x", ""]
        {
            assert_eq!(reach(own), (false, false, false), "{own}");
        }
        for links in ["company.industry:retail", "company:Acme", "assignee:me", "mail", "priority:low or company:Acme"] {
            assert_eq!(reach(links), (true, false, false), "{links}");
        }
        for moving in ["opened_at:..-3d", "solved_at:today", "opened_at:2026..today", "-opened_at:monday"] {
            assert_eq!(reach(moving), (false, false, true), "{moving}");
        }
        assert_eq!(reach("last.channel:call"), (false, true, false));
        assert_eq!(reach("company.last.at:..-3d"), (true, true, true));
    }
}

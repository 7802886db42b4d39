//! What speaks for two records being one, and what against: a score from 0 to 1, and the
//! reasons in words.
//!
//! Pure, and the same whichever of the two is asked about first. What each reason weighs
//! is said here and nowhere else: reasons for it leave of the doubt what they do not
//! explain (1 - w, multiplied, as independent evidence does), reasons against it leave of
//! the score what they do not contradict.

use std::collections::HashSet;

use strsim::{damerau_levenshtein, jaro_winkler};

use super::phonetic::sounds;
use super::profile::{Mark, Profile, Sort};
use crate::domain::Kind;

/// Keys that stand on too many records to tell them apart: a switchboard's number.
#[derive(Debug, Default)]
pub(super) struct Common(pub(super) HashSet<u64>);

/// What speaks for and against.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Evidence {
    /// From 0, nothing in common, to 1, in hundredths.
    pub(super) score: f64,
    /// The reasons, those for it first.
    pub(super) reasons: Vec<String>,
}

/// How two names relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// One of the two has none.
    Unknown,
    /// The same, accents and case aside.
    Same,
    /// The same parts in another order.
    Swapped,
    /// Spelt differently, or one has an initial or a middle name.
    Similar,
    /// One is a part of the other.
    Part,
    /// The same family, another first name.
    Given,
    /// The same first name, another family.
    Family,
    /// Others.
    Different,
}

/// Returns what speaks for two records of a kind being one; `None` for a record with
/// itself, for records of different kinds and for two that somebody told apart.
pub(super) fn evidence(a: &Profile, b: &Profile, common: &Common) -> Option<Evidence> {
    if a.id == b.id || a.id.kind != b.id.kind || a.distinct.contains(&b.id) || b.distinct.contains(&a.id) {
        return None;
    }
    let (a, b) = if a.id < b.id { (a, b) } else { (b, a) };
    let mut case = Case { doubt: 1.0, left: 1.0, pro: Vec::new(), contra: Vec::new() };
    let shared = shared(a, b);
    let own_email = shared.iter().any(|mark| mark.sort == Sort::Email && !common.0.contains(&Profile::key_of(mark)));
    let mut seen: Option<Sort> = None;
    for mark in &shared {
        // Several of one sort say little more than one; a work domain nothing beside a company.
        if seen == Some(mark.sort)
            || mark.sort == Sort::Work && shared.iter().any(|other| matches!(other.sort, Sort::Belongs | Sort::Email))
        {
            continue;
        }
        seen = Some(mark.sort);
        if common.0.contains(&Profile::key_of(mark)) {
            case.pro.push(format!("the {} {} of many", mark.sort.word(), mark.shown));
        } else {
            case.speaks_for(weight(a.id.kind, mark.sort), named(a.id.kind, mark));
        }
    }
    names(a, b, own_email, &mut case);
    differences(a, b, &shared, &mut case);
    let score = ((1.0 - case.doubt) * case.left * 100.0).round() / 100.0;
    case.pro.extend(case.contra.into_iter().map(|reason| format!("but {reason}")));
    Some(Evidence { score, reasons: case.pro })
}

struct Case {
    /// What is left unexplained.
    doubt: f64,
    /// What is left uncontradicted.
    left: f64,
    pro: Vec<String>,
    contra: Vec<String>,
}

impl Case {
    fn speaks_for(&mut self, weight: f64, reason: String) {
        self.doubt *= 1.0 - weight;
        self.pro.push(reason);
    }

    fn speaks_against(&mut self, leaves: f64, reason: impl Into<String>) {
        self.left *= leaves;
        self.contra.push(reason.into());
    }
}

/// Returns the marks that both have, in the order of their sorts.
fn shared<'a>(a: &'a Profile, b: &'a Profile) -> Vec<&'a Mark> {
    a.marks.iter().filter(|mark| b.marks.iter().any(|other| (other.sort, &other.key) == (mark.sort, &mark.key))).collect()
}

/// Returns what a mark that both have weighs.
fn weight(kind: Kind, sort: Sort) -> f64 {
    match (kind, sort) {
        (_, Sort::Number) => 0.9,
        (_, Sort::Email) => 0.9,
        (Kind::Company, Sort::SharedEmail) => 0.7,
        (_, Sort::SharedEmail) => 0.2,
        (_, Sort::Phone) => 0.6,
        (Kind::Company, Sort::Domain) => 0.85,
        (Kind::Company, Sort::Url) => 0.6,
        (_, Sort::Domain) => 0.3,
        (_, Sort::Url) => 0.7,
        (Kind::Contact, Sort::Day) => 0.5,
        (_, Sort::Day) => 0.25,
        (_, Sort::Street) => 0.35,
        (_, Sort::Belongs) => 0.3,
        (_, Sort::Work) => 0.25,
        (_, Sort::Amount) => 0.25,
    }
}

fn named(kind: Kind, mark: &Mark) -> String {
    match (kind, mark.sort) {
        (Kind::Contact, Sort::Day) => format!("same birthday {}", mark.shown),
        (Kind::Contact | Kind::Opportunity, Sort::Belongs) => format!("both with {}", mark.shown),
        (_, Sort::Belongs) => format!("both of {}", mark.shown),
        _ => format!("same {} {}", mark.sort.word(), mark.shown),
    }
}

fn names(a: &Profile, b: &Profile, own_email: bool, case: &mut Case) {
    let both = || {
        let mut titles = [a.title.as_str(), b.title.as_str()];
        titles.sort_unstable();
        titles.join(", ")
    };
    let relation = match a.id.kind {
        Kind::Contact => persons(&a.name, &b.name),
        _ => things(&a.name, &b.name),
    };
    // Whoever shares an address of one's own may have married.
    let beside_email = |with: f64, without: f64| if own_email { with } else { without };
    match relation {
        Names::Unknown => {}
        Names::Same => case.speaks_for(if a.id.kind == Kind::Company { 0.7 } else { 0.6 }, "same name".to_owned()),
        Names::Swapped => case.speaks_for(0.55, format!("the same name the other way round ({})", both())),
        Names::Similar => case.speaks_for(0.5, format!("similar name ({})", both())),
        Names::Part => case.speaks_for(0.35, format!("one name is a part of the other ({})", both())),
        Names::Given => case.speaks_against(beside_email(0.75, 0.3), "different first names"),
        Names::Family => case.speaks_against(beside_email(0.85, 0.5), "different family names"),
        Names::Different => {
            let leaves = match a.id.kind {
                Kind::Contact => beside_email(0.7, 0.3),
                Kind::Company => 0.75,
                _ => 0.5,
            };
            case.speaks_against(leaves, "different names");
        }
    }
}

fn differences(a: &Profile, b: &Profile, shared: &[&Mark], case: &mut Case) {
    let differ = |sorts: &[Sort]| {
        let has = |profile: &Profile| profile.marks.iter().any(|mark| sorts.contains(&mark.sort));
        has(a) && has(b) && !shared.iter().any(|mark| sorts.contains(&mark.sort))
    };
    if a.generation != b.generation {
        let is_said = a.generation.is_some() && b.generation.is_some();
        case.speaks_against(if is_said { 0.2 } else { 0.6 }, "one is the younger or the elder");
    }
    if let (Some(one), Some(other)) = (a.birthday, b.birthday)
        && one != other
    {
        case.speaks_against(0.35, "different birthdays");
    }
    match a.id.kind {
        Kind::Contact => {
            if differ(&[Sort::Email]) {
                case.speaks_against(0.85, "different e-mail addresses");
            }
            if differ(&[Sort::Phone]) {
                case.speaks_against(0.95, "different phones");
            }
            if differ(&[Sort::Belongs]) {
                case.speaks_against(0.75, "different companies");
            }
        }
        Kind::Company => {
            if a.parent == Some(b.id) || b.parent == Some(a.id) {
                case.speaks_against(0.1, "one belongs to the other");
            }
            if differ(&[Sort::Domain]) {
                case.speaks_against(0.75, "different domains");
            }
            if a.country.is_some() && b.country.is_some() && a.country != b.country {
                case.speaks_against(0.6, "different countries");
            }
        }
        _ => {
            if differ(&[Sort::Number]) {
                case.speaks_against(0.2, "different numbers");
            }
            if differ(&[Sort::Belongs]) {
                case.speaks_against(0.5, "not of the same");
            }
            if differ(&[Sort::Day]) {
                case.speaks_against(0.6, "different days");
            }
            if differ(&[Sort::Amount]) {
                case.speaks_against(0.7, "different amounts");
            }
        }
    }
    let known_apart = a.external.iter().find(|(source, id)| {
        b.external.iter().any(|(other, _)| other == source) && !b.external.iter().any(|(other, known)| (other, known) == (source, id))
    });
    if known_apart.is_some() {
        case.speaks_against(0.85, "a source knows them as two");
    }
}

/// Relates the names of two persons.
fn persons(a: &[String], b: &[String]) -> Names {
    let (Some(a_first), Some(b_first), Some(a_last), Some(b_last)) = (a.first(), b.first(), a.last(), b.last()) else {
        return Names::Unknown;
    };
    if a == b {
        return Names::Same;
    }
    if same_parts(a, b) {
        return Names::Swapped;
    }
    if a.len() == 1 || b.len() == 1 {
        let (one, other) = if a.len() == 1 { (a_first, b) } else { (b_first, a) };
        return if other.contains(one) { Names::Part } else { Names::Different };
    }
    let is_within = |few: &[String], many: &[String]| few.iter().all(|part| many.contains(part));
    if is_within(a, b) || is_within(b, a) {
        return Names::Similar;
    }
    let given = is_given_alike(a_first, b_first);
    let family = is_family_alike(a_last, b_last);
    match (given, family) {
        (true, true) => Names::Similar,
        _ if is_given_alike(a_first, b_last) && is_family_alike(a_last, b_first) => Names::Similar,
        _ if is_given_alike(a_last, b_first) && is_family_alike(a_first, b_last) => Names::Similar,
        (false, true) => Names::Given,
        (true, false) => Names::Family,
        (false, false) => Names::Different,
    }
}

fn same_parts(a: &[String], b: &[String]) -> bool {
    let sorted = |parts: &[String]| {
        let mut parts = parts.to_vec();
        parts.sort_unstable();
        parts
    };
    sorted(a) == sorted(b)
}

/// First names: the same, an initial, or one slip in a longer one; Petr is not Petra.
fn is_given_alike(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if short.chars().count() == 1 {
        return long.starts_with(short);
    }
    let other_ending = long.strip_prefix(short).is_some_and(|rest| matches!(rest, "a" | "e" | "o" | "ka"));
    a == b
        || !other_ending && short.chars().count() >= 4 && damerau_levenshtein(a, b) == 1 && a.chars().next_back() == b.chars().next_back()
}

/// Family names: the same, one slip, or another spelling of the same sound.
fn is_family_alike(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    let short = a.chars().count().min(b.chars().count());
    if short >= 4 && damerau_levenshtein(a, b) == 1 || short >= 8 && damerau_levenshtein(a, b) == 2 {
        return true;
    }
    let sounds_of_b = sounds(b);
    short >= 3 && jaro_winkler(a, b) >= 0.75 && sounds(a).iter().any(|sound| sounds_of_b.contains(sound))
}

/// Relates the names of two firms or things.
fn things(a: &[String], b: &[String]) -> Names {
    if a.is_empty() || b.is_empty() {
        return Names::Unknown;
    }
    if a == b {
        return Names::Same;
    }
    if same_parts(a, b) {
        return Names::Swapped;
    }
    let (one, other) = (a.join(""), b.join(""));
    if one == other {
        return Names::Same;
    }
    let short = one.chars().count().min(other.chars().count());
    // A number that differs is another thing: phase 1, phase 2.
    let digits = |parts: &[String]| parts.iter().filter(|part| part.chars().any(|c| c.is_ascii_digit())).cloned().collect::<Vec<_>>();
    if digits(a) != digits(b) {
        return Names::Different;
    }
    if short >= 4 && (damerau_levenshtein(&one, &other) == 1 || short >= 8 && jaro_winkler(&one, &other) >= 0.95) {
        return Names::Similar;
    }
    let within = |few: &[String], many: &[String]| few.iter().all(|part| many.contains(part));
    if within(a, b) || within(b, a) { Names::Part } else { Names::Different }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::domain::definitions::Settings;
    use crate::domain::fields::number;
    use crate::domain::{Definitions, Job, Record, RecordId, Value};

    fn settings() -> Settings {
        Definitions::default().settings
    }

    fn contact(id: u64, name: &str, emails: &[&str], phones: &[&str], company: u64) -> Profile {
        let mut record = Record::new(RecordId::new(Kind::Contact, id));
        if !name.is_empty() {
            record.set(number::CONTACT_NAME, Value::text(name));
        }
        record.replace(number::CONTACT_EMAIL, emails.iter().map(|text| Value::text(*text)));
        record.replace(number::CONTACT_PHONE, phones.iter().map(|text| Value::text(*text)));
        if company > 0 {
            let job = Job { company: Some(RecordId::new(Kind::Company, company)), ..Job::default() };
            record.push(number::JOBS, Value::Job(Box::new(job)));
        }
        Profile::of(&record, &settings())
    }

    fn score(a: &Profile, b: &Profile) -> f64 {
        evidence(a, b, &Common::default()).unwrap().score
    }

    #[test]
    fn who_is_one_and_who_is_not() {
        let seen = super::super::MIN;
        let cases: &[(&str, Profile, Profile, bool)] = &[
            (
                "same e-mail, names in accents",
                contact(1, "Ada Novák", &["ada@x.cz"], &[], 0),
                contact(2, "Ada Novak", &["ADA@x.cz"], &[], 0),
                true,
            ),
            ("same e-mail, married", contact(1, "Eva Malá", &["eva@x.cz"], &[], 0), contact(2, "Eva Nová", &["eva@x.cz"], &[], 0), true),
            (
                "same phone and name",
                contact(1, "Ada Novák", &[], &["+420601123456"], 0),
                contact(2, "Ada Novák", &[], &["601123456"], 0),
                true,
            ),
            (
                "same phone, other person",
                contact(1, "Ada Novák", &[], &["+420601123456"], 4),
                contact(2, "Petr Malý", &[], &["+420601123456"], 4),
                false,
            ),
            ("phone and no name", contact(1, "", &[], &["+420601123456"], 0), contact(2, "Petr Malý", &[], &["+420601123456"], 0), true),
            ("misspelt at one firm", contact(1, "Jan Nowak", &[], &[], 4), contact(2, "Jan Novák", &[], &[], 4), true),
            ("swapped at one firm", contact(1, "Novák Jan", &[], &[], 4), contact(2, "Jan Novák", &[], &[], 4), true),
            ("an initial at one firm", contact(1, "J. Novák", &[], &[], 4), contact(2, "Jan Novák", &[], &[], 4), true),
            ("a title", contact(1, "Ing. Jan Novák, Ph.D.", &[], &[], 4), contact(2, "Jan Novák", &[], &[], 4), true),
            (
                "father and son",
                contact(1, "Jan Novák st.", &["jan@x.cz"], &[], 4),
                contact(2, "Jan Novák ml.", &["jan2@x.cz"], &[], 4),
                false,
            ),
            ("brothers at one firm", contact(1, "Jan Novák", &[], &[], 4), contact(2, "Petr Novák", &[], &[], 4), false),
            (
                "husband and wife",
                contact(1, "Petr Novák", &["p@x.cz"], &["601123456"], 4),
                contact(2, "Petra Nováková", &["q@x.cz"], &["601123456"], 4),
                false,
            ),
            ("namesakes at two firms", contact(1, "Jan Novák", &["j@x.cz"], &[], 4), contact(2, "Jan Novák", &["j@y.cz"], &[], 5), false),
            ("info@", contact(1, "Jan Novák", &["info@x.cz"], &[], 0), contact(2, "Eva Malá", &["info@x.cz"], &[], 0), false),
        ];
        for (what, a, b, is_one) in cases {
            assert_eq!(score(a, b) >= seen, *is_one, "{what}: {:?}", evidence(a, b, &Common::default()));
        }
    }

    #[test]
    fn what_is_common_is_no_evidence_and_is_told() {
        let (a, b) = (contact(1, "Ada Novák", &[], &["+420222000111"], 4), contact(2, "", &[], &["+420222000111"], 4));
        let common = Common([Profile::key_of(a.marks.iter().find(|mark| mark.sort == Sort::Phone).unwrap())].into());
        let found = evidence(&a, &b, &common).unwrap();
        assert!(found.score <= 0.3, "{found:?}");
        assert!(found.reasons.contains(&"the phone +420222000111 of many".to_owned()), "{found:?}");
    }

    #[test]
    fn firms() {
        let firm = |id: u64, name: &str, domains: &[&str]| {
            let mut record = Record::new(RecordId::new(Kind::Company, id));
            record.set(number::COMPANY_NAME, Value::text(name));
            record.replace(number::DOMAIN, domains.iter().map(|text| Value::text(*text)));
            Profile::of(&record, &settings())
        };
        let seen = super::super::MIN;
        assert!(score(&firm(1, "Acme s.r.o.", &[]), &firm(2, "ACME, spol. s r. o.", &[])) >= seen);
        assert!(score(&firm(1, "Acme", &["acme.cz"]), &firm(2, "Acme Czech", &["acme.cz"])) >= seen);
        assert!(score(&firm(1, "Kovář", &[]), &firm(2, "Kolář", &[])) < seen, "one letter alone is little");
        assert!(score(&firm(1, "Plant 1", &[]), &firm(2, "Plant 2", &[])) < seen);
    }

    fn profile(id: u64) -> impl Strategy<Value = Profile> {
        let name =
            prop::sample::select(vec!["Jan Novák", "Novák Jan", "J. Nowak", "Eva", "", "Eva Malá ml.", "Иван Иванов", "a b c d e f g h"]);
        let mails = prop::sample::subsequence(vec!["a@x.cz", "b@x.cz", "info@x.cz", "a@gmail.com"], 0..3);
        let phones = prop::sample::subsequence(vec!["+420601123456", "601123456", "ask Eva", "12"], 0..3);
        (name, mails, phones, 0..3_u64, ".{0,8}").prop_map(move |(name, mails, phones, company, odd)| {
            contact(id, if name.is_empty() { &odd } else { name }, &mails, &phones, company)
        })
    }

    proptest! {
        #[test]
        fn it_is_the_same_from_both_sides_and_between_0_and_1(a in profile(1), b in profile(2)) {
            let common = Common::default();
            let found = evidence(&a, &b, &common);
            prop_assert_eq!(&found, &evidence(&b, &a, &common));
            prop_assert!((0.0..=1.0).contains(&found.unwrap().score));
            prop_assert_eq!(evidence(&a, &a, &common), None);
        }

        #[test]
        fn whoever_scores_has_met_under_a_key(a in profile(1), b in profile(2)) {
            let found = evidence(&a, &b, &Common::default()).unwrap();
            let keys: HashSet<u64> = a.keys().into_iter().map(|(key, _)| key).collect();
            let met = b.keys().iter().any(|(key, _)| keys.contains(key));
            prop_assert!(met || found.score < super::super::MIN, "{found:?} of {a:?} and {b:?}");
        }
    }
}

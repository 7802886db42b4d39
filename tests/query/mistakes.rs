//! What a user gets wrong, with the exact text of what is told.

use rolo::domain::Kind;
use rolo::query::Query;

use super::company::company;

/// A mistake: the kind, the query, and all that is told.
const MISTAKES: &[(Kind, &str, &str)] = &[
    (Kind::Opportunity, "owner:me stgae:won", "         ^^^^^|opportunity has no field “stgae”|did you mean “stage”?"),
    (Kind::Contact, "company.nmae:acme", "^^^^^^^^^^^^|contact has no field “company.nmae”|did you mean “company.name”?"),
    (Kind::Contact, "qqq:1", "^^^|contact has no field “qqq”|`rolo fields contact` lists them"),
    (Kind::Opportunity, "stage:propsal", "      ^^^^^^^|“propsal” is no stage|did you mean “proposal”?"),
    (
        Kind::Opportunity,
        "stage:won,elephant",
        "          ^^^^^^^^|“elephant” is no stage|known are lead, qualified, proposal, negotiation, won, lost",
    ),
    (Kind::Contact, "size:huge", "     ^^^^|“huge” is no size|known are small, large"),
    (Kind::Contact, "company.lifecycle:custmer", "                  ^^^^^^^|“custmer” is no lifecycle|did you mean “customer”?"),
    (Kind::Contact, "consent.email:maybe", "              ^^^^^|“maybe” is no consent|known are yes, no, unknown"),
    (Kind::Opportunity, "close:tomorow", "      ^^^^^^^|“tomorow” is no date or time|did you mean “tomorrow”?"),
    (
        Kind::Opportunity,
        "close:2026-13-01..",
        "      ^^^^^^^^^^|“2026-13-01” is no date or time|write 2026-01-31, 2026-01, 2026-q1, 2026, today, monday, now, -7d, +2w, -3m or -2h",
    ),
    (Kind::Opportunity, "amount:EUR", "       ^^^|“EUR” is money without a number|write 1234.50 EUR, 10k or 10keur"),
    (Kind::Opportunity, "amount:1..2xq", "          ^^^|“xq” is no currency|a currency is its ISO 4217 code, such as EUR"),
    (Kind::Opportunity, "amount=>10k", "      ^^^^^|“=>” is no comparison|did you mean “amount>=10k”?"),
    (Kind::Opportunity, "close:<today", "     ^^^^^^^|“:<” is no comparison|did you mean “close<today”?"),
    (Kind::Opportunity, "probability==50", "           ^^^^|“==” is no comparison|did you mean “probability=50”?"),
    (Kind::Contact, "lifecycle:\u{1b}[31m", "          ^^^^^|“\\u{1b}[31m” is no lifecycle|known are lead, prospect, customer, former"),
    (Kind::Contact, "shoe_size:big", "          ^^^|“big” is no number|write 1234.5, 10k or 1.5m"),
    (Kind::Interaction, "private:perhaps", "        ^^^^^^^|“perhaps” is neither yes nor no|write yes or no"),
    (Kind::Contact, "id:a4", "   ^^|a4 is the id of a company|the id of a contact is like c17"),
    (Kind::Contact, "id:seventeen", "   ^^^^^^^^^|“seventeen” is no id|the id of a contact is like c17"),
    (Kind::Ticket, "priority>low", "        ^|“priority” has no order for “>”|list the words that you mean, as in priority:urgent,high"),
    (Kind::Contact, "tags:a..b", "     ^^^^|“tags” has no order for a range|list the values that you mean, as in tags:a,b"),
    (Kind::Contact, "owner>a", "     ^|“owner” has no order for “>”|compare a field of what it links to, as in owner.name:a..f"),
    (
        Kind::Contact,
        "tags:a,\"\"",
        "       ^^|there is nothing between these quotes|a value that is missing is asked for alone, as in tags:",
    ),
    (Kind::Contact, "name:\u{301}", "    ^|there is nothing to look for here"),
];

#[test]
fn mistakes_are_told_with_place_and_nearest_word() {
    let company = company();
    for (kind, text, expected) in MISTAKES {
        let error = Query::parse(text, *kind, &company.definitions).expect_err(text);
        let caret = error.caret(text);
        let marks = caret.lines().nth(1).unwrap();
        let told = [marks, &error.message].into_iter().chain(error.hint.as_deref()).collect::<Vec<_>>().join("|");
        assert_eq!(told, *expected, "{text}");
    }
}

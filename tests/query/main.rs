//! The Queries section of the command line's contract, sentence by sentence.

#![allow(clippy::unwrap_used, clippy::panic)]

mod company;
mod mistakes;
mod order;
mod plan;
mod random;

use rolo::domain::Kind;
use rolo::query::{Matcher, Query};

use company::company;

#[test]
fn the_example_of_the_contract_parses() {
    let company = company();
    let text = "stage:proposal amount:10k.. owner:me expected_close:..+30d tags:vip -tags:cold company.industry:retail \"free text\"";
    let query = Query::parse(text, Kind::Opportunity, &company.definitions).unwrap();
    assert_eq!(query.to_string(), text);
}

#[test]
fn words_are_joined_by_and_unless_or_stands_between() {
    company().check(
        Kind::Contact,
        &[
            ("", "c1 c2 c3 c4"),
            ("novak vip", "c1"),
            ("novak and vip", "c1"),
            ("novak AND -cold", ""),
            ("novak or ghost", "c1 c4"),
            ("novak OR ghost", "c1 c4"),
            ("novak | ghost vip", "c1"),
            ("(novak | ghost) vip", "c1"),
            ("-novak -ghost", "c2 c3"),
            ("not novak not ghost", "c2 c3"),
            ("-(novak or ghost)", "c2 c3"),
            ("vip not (cold or ghost)", "c2"),
            ("\"ada novak\"", "c1"),
            ("\"novak ada\"", ""),
        ],
    );
}

#[test]
fn text_names_mails_phones_urls_and_links_contain_the_value() {
    let company = company();
    company.check(
        Kind::Contact,
        &[
            ("name:nov", "c1"),
            ("notes:MORNING", "c1"),
            ("email:acme", "c1"),
            ("email:home.example", "c1"),
            ("phone:601123", "c1"),
            ("phone:\"601 123\"", "c1"),
            ("phone:+420-601", "c1"),
            ("phone:00420601", "c1"),
            ("phone:030123456", "c2"),
            ("company:acme", "c1"),
            ("company:hold", ""),
            ("jobs:chair", "c1"),
            ("jobs:beta", "c1"),
            ("jobs.company:beta", "c1"),
            ("company:beta", ""),
            ("address:brn", "c1"),
            ("address.city:brno", "c1"),
            ("address.home.city:brno", "c1"),
            ("address.work.city:brno", ""),
            ("owner:dvor", "c1"),
            ("город:моск", "c1"),
        ],
    );
    company.check(
        Kind::Opportunity,
        &[("company:acme", "o1"), ("contact:петрова", "o1"), ("lines:printer", "o5"), ("lines.quantity:3", "o5")],
    );
    company.check(Kind::Company, &[("domain:acme", "a2"), ("name:acme", "a1 a2")]);
}

#[test]
fn anything_else_equals_the_value() {
    let company = company();
    company.check(
        Kind::Contact,
        &[
            ("lifecycle:customer", "c1"),
            ("lifecycle:CUSTOMER", "c1"),
            ("tags:vip", "c1 c2"),
            ("tags:vi", ""),
            ("shoe_size:42.5", "c1"),
            ("shoe_size:42", ""),
            ("size:large", "c1"),
            ("id:c1", "c1"),
            ("id:1,c3", "c1 c3"),
            ("version:7", "c1"),
            ("external_id:4711", "c1 c2"),
            ("external_id:hubspot:4711", "c1"),
            ("external_id.salesforce:4711", "c2"),
            ("external_id:471", ""),
            ("consent.email:yes", "c1"),
            ("consent.call:yes", ""),
            ("consent:no", "c1"),
        ],
    );
    company.check(Kind::Company, &[("industry:retail", "a2"), ("industry:reta", ""), ("revenue:1.2m", "a3")]);
    company.check(Kind::Interaction, &[("private:yes", "i1"), ("private:no", "i2 i3 i4 i5 i6 i7 i8"), ("channel:call private:true", "i1")]);
    company.check(Kind::Ticket, &[("status:open", "t1"), ("priority:urgent,high", "t1 t2")]);
}

#[test]
fn the_equals_sign_is_exact() {
    let company = company();
    company.check(
        Kind::Contact,
        &[
            ("name=novak", ""),
            ("name=\"ada novak\"", "c1"),
            ("email=ada@home.example", "c1"),
            ("email=ada", ""),
            ("email.work=ada@home.example", ""),
            ("phone=601123456", "c1"),
            ("phone=\"+420 601 123 456\"", "c1"),
            ("phone=601123", ""),
            ("company=acme", "c1"),
            ("company=acm", ""),
            ("tags=vip", "c1 c2"),
        ],
    );
    company.check(Kind::Company, &[("name=acme", "a2")]);
}

#[test]
fn values_are_alternatives() {
    company().check(Kind::Contact, &[("lifecycle:customer,prospect", "c1 c2"), ("name:nov,ghost", "c1 c4"), ("id=c1,c4", "c1 c4")]);
}

#[test]
fn ranges_include_their_ends() {
    let company = company();
    company.check(
        Kind::Opportunity,
        &[
            ("amount:9199.99..10000", "o1 o2 o5"),
            ("amount:10k..", "o1"),
            ("amount:..9199.99", "o5"),
            ("probability:60..75", "o5"),
            ("expected_close:2026-02-04..2026-02-28", "o1 o4"),
            ("expected_close:..2025", "o3"),
            ("expected_close:2026-02-05..", "o1"),
        ],
    );
    company.check(Kind::Contact, &[("shoe_size:42.5..42.5", "c1"), ("name:a..g", "c1 c4"), ("name:ghost..", "c2 c3 c4")]);
}

#[test]
fn a_star_is_any_value_and_nothing_is_none() {
    company().check(
        Kind::Contact,
        &[
            ("email:*", "c1"),
            ("email:", "c2 c3 c4"),
            ("-email:*", "c2 c3 c4"),
            ("email:\"\"", "c2 c3 c4"),
            ("-email:", "c1"),
            ("email!=", "c1"),
            ("email.work:*", "c1"),
            ("email.other:*", ""),
            ("company:*", "c1"),
            ("company.parent:*", "c1"),
            ("last.at:*", "c1"),
            ("shoe_size: tags:*", "c2 c3"),
        ],
    );
}

#[test]
fn a_repeated_field_matches_if_any_value_does() {
    company().check(
        Kind::Contact,
        &[
            ("tags:cold", "c1"),
            ("tags:vip tags:cold", "c1"),
            ("tags!=cold", "c2 c3 c4"),
            ("-tags:cold", "c2 c3 c4"),
            ("tags!=cold,c17", "c2 c4"),
            ("-tags:cold,vip", "c3 c4"),
        ],
    );
}

#[test]
fn a_field_without_value_fails_every_comparison_but_unequal() {
    let company = company();
    for comparison in [
        "shoe_size:1",
        "shoe_size=1",
        "shoe_size<1",
        "shoe_size<=1",
        "shoe_size>1",
        "shoe_size>=1",
        "shoe_size:..1",
        "birthday<2030",
        "email:x",
    ] {
        assert!(!company.list(Kind::Contact, comparison).contains("c4"), "{comparison}");
    }
    company.check(Kind::Contact, &[("shoe_size!=1", "c1 c2 c3 c4"), ("shoe_size!=42.5", "c2 c3 c4"), ("lifecycle!=customer", "c2 c3 c4")]);
}

#[test]
fn a_word_alone_searches_what_identifies_and_what_was_written() {
    let company = company();
    company.check(
        Kind::Contact,
        &[
            ("novak", "c1"),
            ("home.example", "c1"),
            ("601123", "c1"),
            ("\"601 123\"", "c1"),
            ("030123456", "c2"),
            ("acme", "c1 c3"),
            ("beta", "c1"),
            ("vi", "c1 c2"),
            ("mornings", "c1"),
            ("100%", "c3"),
            ("\"me or\"", "c3"),
            ("customer", ""),
            ("москва", ""),
        ],
    );
    company.check(Kind::Ticket, &[("loud", "t1 t2"), ("novak", "t1"), ("urgent", "")]);
    company.check(Kind::Opportunity, &[("seats", "o1"), ("acme", "o1")]);
    company.check(Kind::User, &[("ben", "u2"), ("rolo.example", "u1")]);
}

#[test]
fn text_is_compared_without_case_width_and_diacritics() {
    company().check(
        Kind::Contact,
        &[
            ("novak", "c1"),
            ("NOVÁK", "c1"),
            ("ивана", "c2"),
            ("ИВАНА", "c2"),
            ("james", "c3"),
            ("muller", "c3"),
            ("name:Ｍuller", "c3"),
            ("ivana", "c2"),
        ],
    );
}

#[test]
fn a_period_is_compared_by_its_edges_in_the_stores_zone() {
    let company = company();
    company.check(
        Kind::Interaction,
        &[
            // Midnight in Prague is 23:00 in UTC.
            ("at:2025", "i1"),
            ("at:2026-01", "i2"),
            ("at:2026-q1", "i2 i3 i4 i5 i6 i7 i8"),
            ("at:2026", "i2 i3 i4 i5 i6 i7 i8"),
            ("at=2026-02-01", "i3"),
            ("at:today", "i5 i6 i7 i8"),
            ("at:yesterday", ""),
            ("at:monday", "i4"),
            ("at:-2d", "i4"),
            ("at:tomorrow,monday", "i4"),
            ("at<today", "i1 i2 i3 i4"),
            ("at<=monday", "i1 i2 i3 i4"),
            ("at<=2026-02-01", "i1 i2 i3"),
            ("at>2026-02-01", "i4 i5 i6 i7 i8"),
            ("at>=2026-02-01", "i3 i4 i5 i6 i7 i8"),
            ("at!=today", "i1 i2 i3 i4"),
            ("at:monday..today", "i4 i5 i6 i7 i8"),
            ("at:-1m..-1d", "i3 i4"),
            ("at:2026-02-04T11:30", "i7"),
            ("at:\"2026-02-04 10:00\"..2026-02-04T11:29:59", "i6"),
            ("at:now", "i7"),
            ("at>now", "i8"),
            ("at:-2h..now", "i6 i7"),
            ("at:-90min..", "i6 i7 i8"),
            ("at:..-1y", ""),
            ("at:..+1w", "i1 i2 i3 i4 i5 i6 i7 i8"),
        ],
    );
    company.check(
        Kind::Opportunity,
        &[
            ("expected_close:2026-02", "o1 o2 o4"),
            ("expected_close:2026-02-04", "o4"),
            ("expected_close:today", "o4"),
            ("expected_close:now", "o4"),
            ("close<2026", "o3"),
            ("close<=2026-02", "o1 o2 o3 o4"),
            // A month that is only known as a whole is not past before it ends.
            ("close<2026-02-20", "o3 o4"),
            ("close>today", "o1"),
            ("close:..+30d", "o1 o2 o3 o4"),
        ],
    );
    company.check(
        Kind::Contact,
        &[
            ("birthday:--05-17", "c1 c2"),
            ("birthday:1985", "c1"),
            ("birthday:*", "c1 c2"),
            ("created:2026-02", "c1"),
            ("since:2026-01", "c1"),
        ],
    );
}

#[test]
fn money_without_a_currency_is_in_the_reporting_currency_at_the_days_rate() {
    let company = company();
    let count = |text: &str| {
        let query = Query::parse(text, Kind::Opportunity, &company.definitions).unwrap();
        let matcher = Matcher::new(&query, &company);
        let found = company.records.values().filter(|record| record.kind() == Kind::Opportunity && matcher.matches(record)).count();
        (found, matcher.unpriced())
    };
    company.check(
        Kind::Opportunity,
        &[
            ("amount:10k", "o1"),
            ("amount:9200", "o2"),
            ("amount>9199.99", "o1 o2"),
            ("amount>9k", "o1 o2 o5"),
            ("amount:10kusd", "o2"),
            ("amount:\"10k USD\"", "o2"),
            ("amount>10kusd", "o1"),
            ("amount:500kczk", "o3"),
            ("amount:400kczk..", "o3"),
            ("amount!=10k", "o2 o4 o5"),
            ("-amount:10k", "o2 o4 o5"),
            ("amount:*", "o1 o2 o3 o5"),
        ],
    );
    // Crowns have no rate: they do not match, nor does the opposite, and are counted.
    assert_eq!(count("amount:1.."), (3, 1));
    assert_eq!(count("-amount:1.."), (1, 1));
    assert_eq!(count("amount:1.. stage:won"), (1, 0));
    assert_eq!(count("amount:1.. or stage:lead"), (5, 0));
    assert_eq!(count("stage:lead"), (2, 0));
    company.check(Kind::Contact, &[("won.total:10k", "c1"), ("won.total>10k", ""), ("won.total:1czk", "c1")]);
}

#[test]
fn me_is_the_user() {
    let mut company = company();
    company.check(
        Kind::Contact,
        &[("owner:me", "c1"), ("-owner:me", "c2 c3 c4"), ("owner:\"me\"", "c2"), ("updated_by:me", "c1"), ("owner:ben", "c2")],
    );
    company.check(Kind::Task, &[("assignee:me", "k1")]);
    company.login = "nobody";
    company.check(Kind::Contact, &[("owner:me", ""), ("owner!=me", "c1 c2 c3 c4")]);
}

#[test]
fn dots_follow_links() {
    let company = company();
    company.check(
        Kind::Contact,
        &[
            ("company.name:acme", "c1"),
            ("company.industry:retail", "c1"),
            ("company.parent.name:holding", "c1"),
            ("owner.login=ada", "c1"),
            ("company.id:a2", "c1"),
            ("company:a2", "c1"),
            ("company:\"a2\"", ""),
            ("owner.id:u2", "c2"),
        ],
    );
    company.check(
        Kind::Opportunity,
        &[
            ("contact.email:acme", "o1"),
            ("company.parent.parent.name:holding", "o3"),
            ("contact.tags!=cold", "o2 o3 o4 o5"),
            ("contact.tags:vip", "o1"),
        ],
    );
    company.check(
        Kind::Task,
        &[("about.name:novak", "k1"), ("about.name:acme", "k2"), ("about.stage:proposal", "k1"), ("about:o1", "k1"), ("about:seats", "k1")],
    );
}

#[test]
fn rollups_are_asked_like_fields() {
    company().check(
        Kind::Contact,
        &[
            ("last.at:today", "c1"),
            ("last.at<-30d", ""),
            ("last.at:", "c2 c3 c4"),
            ("last.channel:call", "c1"),
            ("tickets.open>0", "c1"),
            ("opportunities.open:2", "c1"),
            ("next.due:..+1w", "c1"),
        ],
    );
}

#[test]
fn aliases_stand_for_their_fields() {
    company().check(Kind::Contact, &[("tag:vip", "c1 c2"), ("mail:acme", "c1"), ("tel:601", "c1"), ("org:acme", "c1")]);
    company().check(Kind::Opportunity, &[("close:2025", "o3"), ("deal:seats", "o1")]);
}

#[test]
fn an_opportunity_has_its_stages_chance_where_it_has_none() {
    company().check(Kind::Opportunity, &[("probability:50", "o1"), ("probability:100%", "o2"), ("probability<=10", "o3 o4")]);
}

#[test]
fn a_query_prints_as_it_parses() {
    let company = company();
    for text in
        ["stage:won -tags:cold", "(a or b) c", "close:-7d..+2w", "amount>=10k", "company.parent.name:\"Acme Holding\"", "owner:\"me\""]
    {
        let query = Query::parse(text, Kind::Opportunity, &company.definitions).unwrap();
        assert_eq!(query.to_string(), text);
    }
}

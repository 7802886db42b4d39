//! Leads: scored, given to people, converted.

use std::path::Path;

use rolo::actions::{self, ConvertOptions, Desk, Which};
use rolo::domain::fields::number;
use rolo::domain::{DefinitionName, Kind, RecordId};
use rolo::insight::chance::measure;
use rolo::insight::score::{score_lines, scores};

use super::common::{DATA, add, counts_open, define, desk, found, import, report, text};

const NOW: &str = "2026-03-02T10:00:00Z";

#[test]
fn a_lead_becomes_a_deal_at_a_company_in_one_step_and_back() {
    let desk = desk(NOW);
    let firm = add(&desk, Kind::Company, &["name=Acme", "domain=acme.example"]);
    let lead = add(&desk, Kind::Contact, &["name=Ada", "email=ada@acme.example", "lifecycle=lead", "source=web", "referred_by=Acme"]);
    let before = desk.store.get(&[lead, firm]).unwrap();
    let done =
        actions::convert(&desk, lead, &ConvertOptions { fields: vec!["amount=5k EUR".to_owned()], ..ConvertOptions::default() }).unwrap();
    let deal = done.ids[0];
    assert_eq!((deal.kind, done.ids.len()), (Kind::Opportunity, 3));
    let record = desk.record(deal).unwrap();
    assert_eq!((record.link(number::OPPORTUNITY_COMPANY), record.link(number::OPPORTUNITY_CONTACT)), (Some(firm), Some(lead)));
    assert_eq!((record.text(number::OPPORTUNITY_SOURCE), record.text(number::STAGE)), (Some("web"), Some("lead")));
    let contact = desk.record(lead).unwrap();
    assert_eq!((contact.text(number::CONTACT_LIFECYCLE), contact.has(number::CONVERTED_AT)), (Some("prospect"), true));
    assert_eq!(found(&desk, Kind::Contact, "company=Acme"), [lead]);
    // Once is enough: a second time says what came of the first.
    let again = actions::convert(&desk, lead, &ConvertOptions::default()).unwrap_err();
    assert_eq!((again.code, again.message.as_str()), (1, "c1 was converted on 2026-03-02"));
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    let after = desk.store.get(&[lead, firm]).unwrap();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.as_ref().unwrap().fields, after.as_ref().unwrap().fields);
    }
    assert!(found(&desk, Kind::Opportunity, "").is_empty(), "no ghost of the deal");
    assert!(desk.store.check(false, &mut |_, _| {}).unwrap().damage.is_empty());
}

#[test]
fn a_conversion_makes_no_company_that_nobody_named() {
    let desk = desk(NOW);
    let person = add(&desk, Kind::Contact, &["name=Ben", "email=ben@gmail.com", "lifecycle=lead"]);
    let done = actions::convert(&desk, person, &ConvertOptions::default()).unwrap();
    assert_eq!(desk.record(done.ids[0]).unwrap().text(number::OPPORTUNITY_NAME), Some("Ben"));
    assert!(found(&desk, Kind::Company, "").is_empty());
    let lead = add(&desk, Kind::Contact, &["name=Cy", "lifecycle=lead"]);
    let options = ConvertOptions { company: Some("New Firm".to_owned()), ..ConvertOptions::default() };
    let refused = ConvertOptions { fields: vec!["amount=much".to_owned()], ..options.clone() };
    assert_eq!(actions::convert(&desk, lead, &refused).unwrap_err().code, 1);
    assert!(found(&desk, Kind::Company, "").is_empty(), "what is refused leaves nothing");
    actions::convert(&desk, lead, &options).unwrap();
    assert_eq!(found(&desk, Kind::Company, "name=\"New Firm\"").len(), 1);
    // The same firm by its name, in another spelling, is no second one.
    let third = add(&desk, Kind::Contact, &["name=Di", "lifecycle=lead"]);
    let options = ConvertOptions { company: Some("new firm".to_owned()), without_opportunity: true, ..ConvertOptions::default() };
    actions::convert(&desk, third, &options).unwrap();
    assert_eq!((found(&desk, Kind::Company, "").len(), found(&desk, Kind::Opportunity, "").len()), (1, 2));
    assert_eq!(actions::convert(&desk, found(&desk, Kind::Company, "")[0], &options).unwrap_err().code, 2);
}

fn log(desk: &Desk, who: RecordId, at: &str, direction: &str) {
    let texts = [format!("contact={who}"), format!("at={at}"), "channel=email".to_owned(), format!("direction={direction}")];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    add(desk, Kind::Interaction, &texts);
}

#[test]
fn points_have_reasons_decay_and_caps() {
    let desk = desk(NOW);
    define(
        &desk,
        DefinitionName::Scoring,
        "[limits]\nfit = 25\n[[rule]]\nname = \"vip\"\nwhen = \"tags:vip\"\npoints = 30\n\
         [[rule]]\nname = \"closed door\"\nwhen = \"consent.email:no\"\npoints = -50\n\
         [[rule]]\nname = \"writes\"\neach = \"channel:email direction:in\"\npoints = 8\ncap = 15\nhalf-life = 14\nwithin = 60",
    );
    let lead = add(&desk, Kind::Contact, &["name=Ada", "lifecycle=lead", "tags=vip"]);
    for (at, direction) in
        [("2026-03-02T10:00:00Z", "in"), ("2026-02-16T10:00:00Z", "in"), ("2025-12-01T10:00:00Z", "in"), ("2026-03-01T10:00:00Z", "out")]
    {
        log(&desk, lead, at, direction);
    }
    let scored = |id| scores(&*desk.store, &desk.view(), &[desk.record(id).unwrap()]).unwrap().remove(0);
    let score = scored(lead);
    // Today counts 8, a fortnight ago 4, three months ago nothing.
    assert_eq!((score.fit, score.engagement, score.grade.as_str()), (25.0, 12.0, "C3"));
    let lines = score_lines(&score, &desk.definitions().scoring).join("\n");
    for line in ["fit 25.0, at most 25", "+30.0  vip: tags:vip", "+12.0  writes: 2 \u{d7} 8 within 60 days, half after 14 days: 12.0"] {
        assert!(lines.contains(line), "{line} in {lines}");
    }
    log(&desk, lead, "2026-03-02T09:00:00Z", "in");
    assert_eq!(scored(lead).engagement, 15.0, "the cap");
    actions::set_texts(&desk, &lead.into(), &["consent.email=no".to_owned()], None, false).unwrap();
    assert_eq!(scored(lead).fit, -20.0);
    // Many at once and one alone score the same.
    for at in 0..120 {
        add(&desk, Kind::Contact, &[&format!("name=Lead {at}"), "lifecycle=lead"]);
    }
    let all = report(&desk, "leads", &[]);
    assert_eq!(text(&all, "Ada", "engagement"), "15.0");
    let refused = actions::configure::put(&desk, DefinitionName::Scoring, "[[rule]]\nname = \"a\"\nwhen = \"agee:5\"\npoints = 1");
    assert!(refused.unwrap_err().message.contains("the query of a"));
}

#[test]
fn leads_are_given_in_turn_by_load_by_territory_and_to_who_knows_the_firm() {
    let desk = desk(NOW);
    for (name, territory) in [("Ada", "West"), ("Ben", "Czechia; Brno"), ("Cy", "East")] {
        add(&desk, Kind::User, &[&format!("name={name}"), &format!("login={}", name.to_lowercase()), &format!("territory={territory}")]);
    }
    add(&desk, Kind::Company, &["name=Acme", "owner=Cy"]);
    define(
        &desk,
        DefinitionName::Assignment,
        "[[rule]]\nname = \"firms\"\nwhen = \"company:*\"\nway = \"company owner\"\nto = [\"ada\"]\n\
         [[rule]]\nname = \"places\"\nwhen = \"source:event\"\nway = \"territory\"\nto = [\"ada\", \"ben\"]\n\
         [[rule]]\nname = \"load\"\nwhen = \"source:web\"\nway = \"load\"\nto = [\"ada\", \"ben\", \"cy\"]\n\
         [[rule]]\nname = \"rest\"\nwhen = \"-source:phone\"\nto = [\"ada\", \"ben\"]",
    );
    let lead = |name: &str, more: &[&str]| {
        let name = format!("name={name}");
        let id = add(&desk, Kind::Contact, &[&[name.as_str(), "lifecycle=lead"], more].concat());
        actions::set_texts(&desk, &id.into(), &["owner=".to_owned()], None, false).unwrap();
        id
    };
    let leads = [
        lead("one", &["company=Acme"]),
        lead("two", &["source=event", "address.city=Brno"]),
        lead("three", &["source=referral"]),
        lead("four", &["source=referral"]),
        lead("five", &["source=referral"]),
        lead("six", &["source=web"]),
        lead("seven", &["source=phone"]),
    ];
    let plan = actions::plan_assignment(&desk, &[]).unwrap();
    let seq = desk.store.seq();
    actions::assign_leads(&desk, &[]).unwrap();
    let owner = |id: RecordId| {
        desk.record(id).unwrap().link(number::OWNER).map(|id| desk.record(id).unwrap().text(number::USER_NAME).unwrap().to_owned())
    };
    let owners: Vec<Option<String>> = leads.iter().map(|id| owner(*id)).collect();
    let named = |name: &str| Some(name.to_owned());
    // Ada's turn is first, then Ben's, who was given one by territory: Ada again.
    assert_eq!(owners[..2], [named("Cy"), named("Ben")]);
    assert_eq!(owners[6], None, "no rule gives it to anybody");
    assert_eq!(owners[2..5].iter().filter(|owner| **owner == named("Ada")).count(), 2);
    assert_eq!(owners[5], named("Cy"), "who has the fewest");
    for (given, id) in plan.iter().zip(&leads) {
        assert_eq!(given.to, desk.record(*id).unwrap().link(number::OWNER), "the plan is what is done: {}", given.why);
    }
    assert!(desk.store.seq() > seq);
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    assert_eq!(found(&desk, Kind::Contact, "owner:").len(), leads.len(), "one step");
    let unattended = report(&desk, "unattended", &[]);
    counts_open(&desk, &unattended);
    assert_eq!(["nobody's", "untouched", "nobody's and untouched"].map(|row| text(&unattended, row, "count")), ["7", "7", "7"]);
}

#[test]
fn the_chance_of_a_banks_customers_is_foretold_from_half_of_them() {
    if !Path::new(DATA).join("campaign/bank.csv").exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let desk = desk(NOW);
    let words = ["occupation", "marital", "education", "housing", "loan", "reach", "month", "poutcome", "y"];
    let numbers = ["age", "balance", "duration", "campaign", "pdays", "previous"];
    let fields = |names: &[&str], ty: &str| names.iter().map(|name| format!("[contact.{name}]\ntype = \"{ty}\"\n")).collect::<String>();
    define(&desk, DefinitionName::Fields, &(fields(&words, "text") + &fields(&numbers, "number")));
    let same: String = words
        .iter()
        .chain(&numbers)
        .filter(|name| !["occupation", "reach"].contains(name))
        .map(|name| format!("{name} = \"{name}\"\n"))
        .collect();
    let mapping = format!(
        "kind = \"contact\"\nsource = \"bank\"\n[file]\ndelimiter = \";\"\n[columns]\njob = \"occupation\"\ncontact = \"reach\"\ndefault = false\nday = false\n{same}"
    );
    import(&desk, Kind::Contact, &mapping, "campaign/bank.csv");
    assert_eq!(found(&desk, Kind::Contact, "y=yes").len(), 521);
    let names: Vec<String> = words[..words.len() - 1].iter().chain(&numbers).map(|name| format!("\"{name}\"")).collect();
    define(&desk, DefinitionName::Scoring, &format!("[chance]\nwon = \"y=yes\"\nlost = \"y=no\"\nfields = [{}]", names.join(", ")));
    let definitions = desk.definitions();
    let measured = measure(&*desk.store, &desk.view(), definitions.scoring.chance.as_ref().unwrap()).unwrap().unwrap();
    println!("AUC {:.4} over {:?}", measured.auc, measured.halves);
    for (at, (count, chance, won)) in measured.tenths.iter().enumerate() {
        println!("{:>3} % {count:>5} foretold {chance:.3} came {won:.3}", at * 10);
    }
    assert_eq!(measured.halves.0 + measured.halves.1, 4521);
    assert!(measured.auc > 0.8, "{}", measured.auc);
    // Whoever is told to be likelier is won more often, as far as there are enough to say so.
    let told: Vec<&(u64, f64, f64)> = measured.tenths.iter().filter(|(count, ..)| *count >= 50).collect();
    assert!(told.len() > 3 && told[0].2 < 0.1 && told[told.len() - 1].2 > 3.0 * told[0].2, "{told:?}");
    // A score is nothing but its factors.
    let one = desk.record(found(&desk, Kind::Contact, "poutcome=success y=yes")[0]).unwrap();
    let score = scores(&*desk.store, &desk.view(), &[one]).unwrap().remove(0);
    let chance = score.chance.unwrap();
    let odds = chance.factors.iter().fold(chance.base / (1.0 - chance.base), |odds, factor| odds * factor.ratio);
    assert!((chance.chance - odds / (1.0 + odds)).abs() < 1e-9);
    assert!(chance.factors.iter().any(|factor| factor.field == "poutcome" && factor.ratio > 5.0));
}

#[test]
fn who_leaves_a_telephone_company_is_foretold_from_half_of_its_customers() {
    if !Path::new(DATA).join("churn").exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let desk = desk(NOW);
    let words = ["internetservice", "contract_type", "paymentmethod", "onlinesecurity", "techsupport", "churn"];
    let numbers = ["tenure", "monthlycharges"];
    let fields = |names: &[&str], ty: &str| names.iter().map(|name| format!("[contact.{name}]\ntype = \"{ty}\"\n")).collect::<String>();
    define(&desk, DefinitionName::Fields, &(fields(&words, "text") + &fields(&numbers, "number")));
    let mapping = "kind = \"contact\"\nsource = \"telco\"\n[columns]\ncustomerID = \"external_id\"\nInternetService = \"internetservice\"\n\
        Contract = \"contract_type\"\nPaymentMethod = \"paymentmethod\"\nOnlineSecurity = \"onlinesecurity\"\nTechSupport = \"techsupport\"\n\
        Churn = \"churn\"\ntenure = \"tenure\"\nMonthlyCharges = \"monthlycharges\"\n[defaults]\nlifecycle = \"customer\"\n";
    import(&desk, Kind::Contact, mapping, "churn/Telco-Customer-Churn.csv");
    assert_eq!((found(&desk, Kind::Contact, "lifecycle:customer").len(), found(&desk, Kind::Contact, "churn=Yes").len()), (7043, 1869));
    let names: Vec<String> = words[..words.len() - 1].iter().chain(&numbers).map(|name| format!("\"{name}\"")).collect();
    define(&desk, DefinitionName::Scoring, &format!("[chance]\nwon = \"churn=Yes\"\nlost = \"churn=No\"\nfields = [{}]", names.join(", ")));
    let foretold = report(&desk, "foretold", &[]);
    println!("{}", foretold.notes[0]);
    let definitions = desk.definitions();
    let measured = measure(&*desk.store, &desk.view(), definitions.scoring.chance.as_ref().unwrap()).unwrap().unwrap();
    assert!(measured.auc > 0.8, "{}", measured.auc);
    assert_eq!(foretold.rows.len(), measured.tenths.iter().filter(|(count, ..)| *count > 0).count());
}

#[test]
fn leads_of_a_sales_program_are_a_cohort() {
    if !Path::new(DATA).join("crm/salesforce_easy_spaces/Lead_Data.csv").exists() {
        println!("skipped: the shared data folder is not here");
        return;
    }
    let desk = desk(NOW);
    let mapping = "kind = \"contact\"\nsource = \"easy\"\n[defaults]\nlifecycle = \"lead\"\n";
    import(&desk, Kind::Contact, mapping, "crm/salesforce_easy_spaces/Lead_Data.csv");
    let leads = found(&desk, Kind::Contact, "lifecycle:lead");
    assert!(leads.len() >= 10, "{}", leads.len());
    actions::convert(&desk, leads[0], &ConvertOptions::default()).unwrap();
    let cohorts = report(&desk, "cohorts", &[]);
    assert_eq!(text(&cohorts, "2026-03", "leads"), leads.len().to_string());
    assert_eq!(text(&cohorts, "2026-03", "converted"), "1");
    counts_open(&desk, &cohorts);
}

//! Quotes: made of lines, numbered and versioned, shown, answered.

use rolo::actions::{self, Which};
use rolo::domain::fields::number;
use rolo::domain::{DefinitionName, Kind, RecordId, Value};
use rolo::insight::{TimelineRequest, show_quote};

use super::common::{add, define, desk, found};

const NOW: &str = "2026-03-02T10:00:00Z";

fn text(desk: &actions::Desk, id: RecordId, field: &str) -> String {
    let field = rolo::domain::FieldRef::resolve(id.kind, field, &desk.definitions()).unwrap();
    field.text(&desk.record(id).unwrap(), &rolo::store::known::Known::new(&*desk.store))
}

#[test]
fn an_accepted_quote_is_a_won_deal_and_an_order() {
    let desk = desk(NOW);
    let chair = add(&desk, Kind::Product, &["name=Chair", "price=19.99 EUR"]);
    let firm = add(&desk, Kind::Company, &["name=Acme", "address.work.street=Main 1", "address.work.city=Brno"]);
    let deal = add(
        &desk,
        Kind::Opportunity,
        &[
            "name=Chairs",
            "company=Acme",
            "stage=proposal",
            "lines.1.product=Chair",
            "lines.1.quantity=3",
            "lines.1.discount=10",
            "lines.1.tax=21",
            "lines.2.description=Delivery",
            "lines.2.price=3.33 EUR",
            "lines.2.quantity=0.5",
            "lines.2.tax=12",
        ],
    );
    let made = actions::quote(&desk, deal).unwrap();
    let quote = made.ids[0];
    assert_eq!(
        ["number", "revision", "status", "net", "total", "valid_until", "company"].map(|field| text(&desk, quote, field)),
        ["Q-2026-0001", "1", "open", "55.64 EUR", "67.17 EUR", "2026-04-01", "Acme"]
    );
    let shown = show_quote(&*desk.store, &desk.record(quote).unwrap(), false).unwrap();
    for line in [
        "Quote Q-2026-0001\n",
        "Main 1, Brno",
        "  1  Chair                                   3          19.99   -10 %          53.97",
        "tax 21 %          11.33",
        "total EUR          67.17",
    ] {
        assert!(shown.contains(line), "{line} in\n{shown}");
    }
    let timeline =
        rolo::insight::timeline(&*desk.store, desk.today(), &TimelineRequest { of: firm, since: None, offset: 0, limit: 10 }).unwrap();
    assert!(timeline.entries.iter().any(|entry| entry.record == quote && entry.title.contains("Q-2026-0001")), "{:?}", timeline.entries);
    // Another price is another version under the same number; the first is as it was.
    actions::set_texts(&desk, &deal.into(), &["lines.1.price=15 EUR".to_owned()], None, false).unwrap();
    let second = actions::quote(&desk, deal).unwrap().ids[0];
    assert_eq!(["number", "revision", "net"].map(|field| text(&desk, second, field)), ["Q-2026-0001", "2", "42.17 EUR"]);
    assert_eq!((text(&desk, quote, "status"), text(&desk, quote, "net")), ("replaced".to_owned(), "55.64 EUR".to_owned()));
    assert_eq!(actions::accept_quote(&desk, quote).unwrap_err().message, "Q-2026-0001 is replaced already");
    let accepted = actions::accept_quote(&desk, second).unwrap();
    let order = accepted.ids[0];
    assert_eq!(
        ["number", "total", "status", "company"].map(|field| text(&desk, order, field)),
        ["Q-2026-0001", "50.88 EUR", "ordered", "Acme"]
    );
    assert_eq!(["stage", "amount", "closed_at"].map(|field| text(&desk, deal, field)), ["won", "42.17 EUR", NOW]);
    assert_eq!(desk.record(order).unwrap().values(number::ORDER_LINES).count(), 2);
    assert_eq!(actions::quote(&desk, deal).unwrap_err().message, format!("{deal} is won already"));
    actions::undo(&desk, &Which::Last, false, false).unwrap();
    assert!(
        found(&desk, Kind::Order, "").is_empty() && text(&desk, deal, "stage") == "proposal" && text(&desk, second, "status") == "open"
    );
    assert_eq!(found(&desk, Kind::Product, ""), [chair]);
}

#[test]
fn numbers_go_on_and_none_comes_twice() {
    let desk = desk(NOW);
    let deal = |name: &str| add(&desk, Kind::Opportunity, &[&format!("name={name}"), "amount=100 EUR"]);
    let deals = ["a", "b", "c"].map(deal);
    let quotes = deals.map(|deal| actions::quote(&desk, deal).unwrap().ids[0]);
    assert_eq!(quotes.map(|quote| text(&desk, quote, "number")), ["Q-2026-0001", "Q-2026-0002", "Q-2026-0003"]);
    // One in the trash keeps its number, and after a declined one comes its next version.
    actions::trash(&desk, &quotes[2].into()).unwrap();
    assert_eq!(text(&desk, actions::quote(&desk, deal("d")).unwrap().ids[0], "number"), "Q-2026-0004");
    actions::decline_quote(&desk, quotes[0]).unwrap();
    let next = actions::quote(&desk, deals[0]).unwrap().ids[0];
    assert_eq!((text(&desk, next, "number"), text(&desk, next, "revision")), ("Q-2026-0001".to_owned(), "2".to_owned()));
    assert_eq!(actions::open_quote_of(&desk, deals[0]).unwrap(), next);
    let threads: Vec<_> = (0..4)
        .map(|at| {
            let desk = desk.clone();
            let deal = deal(&format!("t{at}"));
            std::thread::spawn(move || actions::quote(&desk, deal).unwrap().ids[0])
        })
        .collect();
    let mut numbers: Vec<String> = threads.into_iter().map(|thread| text(&desk, thread.join().unwrap(), "number")).collect();
    numbers.sort();
    assert_eq!(numbers, ["Q-2026-0005", "Q-2026-0006", "Q-2026-0007", "Q-2026-0008"], "at the same time");
}

#[test]
fn what_cannot_be_offered_says_why() {
    let desk = desk(NOW);
    let product = add(&desk, Kind::Product, &["name=Priceless"]);
    let refused = |texts: &[&str]| actions::quote(&desk, add(&desk, Kind::Opportunity, texts)).unwrap_err();
    assert!(refused(&["name=nothing"]).message.ends_with("there are no lines"));
    assert!(refused(&["name=x", &format!("product={product}")]).message.ends_with("line 1 has no price"));
    assert!(refused(&["name=x", "lines.1.price=1 EUR", "lines.2.price=1 USD"]).message.contains("line 2 is in USD"));
    assert_eq!(actions::quote(&desk, product).unwrap_err().code, 2);
    assert!(found(&desk, Kind::Quote, "").is_empty());
}

#[test]
fn a_template_is_the_teams_and_html_escapes_what_customers_are_called() {
    let desk = desk(NOW);
    add(&desk, Kind::Company, &["name=A & B <script>alert(1)</script>"]);
    let deal = add(&desk, Kind::Opportunity, &["name=\u{1b}[31mred", "company=A & B <script>alert(1)</script>", "amount=1 EUR"]);
    let quote = desk.record(actions::quote(&desk, deal).unwrap().ids[0]).unwrap();
    let html = show_quote(&*desk.store, &quote, true).unwrap();
    assert!(html.contains("A &amp; B &lt;script&gt;") && !html.contains("<script>") && !html.contains('\u{1b}'), "{html}");
    assert!(!show_quote(&*desk.store, &quote, false).unwrap().contains('\u{1b}'));
    define(
        &desk,
        DefinitionName::Quotes,
        "number = \"{n}/{year}\"\nvalid-days = 7\nseller = [\"We\"]\ntext = '''{{ seller[0] }}: {{ total }}'''\nhtml = '''<b>{{ customer }}</b>'''",
    );
    assert_eq!(show_quote(&*desk.store, &quote, false).unwrap(), "We: 1.00");
    let other = add(&desk, Kind::Opportunity, &["name=y", "amount=2 EUR"]);
    let made = actions::quote(&desk, other).unwrap().ids[0];
    assert_eq!((text(&desk, made, "number"), text(&desk, made, "valid_until")), ("1/2026".to_owned(), "2026-03-09".to_owned()));
    let wrong = actions::configure::put(&desk, DefinitionName::Quotes, "text = '''{{ totall }}'''\nhtml = ''").unwrap_err();
    assert!(wrong.message.contains("the template text is wrong in its line 1"), "{}", wrong.message);
    assert_eq!(desk.record(made).unwrap().first(number::QUOTE_REVISION), Some(&Value::Int(1)));
}

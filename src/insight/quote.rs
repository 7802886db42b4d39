//! What a quote looks like: its record put into the template that the team owns.
//!
//! Names of records are data: control characters in them are spaces in what comes of it.

use serde_json::json;

use crate::domain::fields::number;
use crate::domain::template::{TemplateError, fill};
use crate::domain::zone::day_at;
use crate::domain::{Definitions, Kind, Line, LineSums, Lookup, Money, Record, RecordId, Value, envelope, naming};
use crate::store::StoreError;
use crate::store::api::Store;
use crate::store::known::Known;

/// Returns a quote as text, or as HTML.
///
/// # Errors
/// A template that cannot be filled; what the store answers.
pub fn show_quote(store: &dyn Store, quote: &Record, html: bool) -> Result<String, StoreError> {
    let definitions = store.definitions();
    let values = values(quote, &definitions, &Known::new(store));
    let template = if html { &definitions.quotes.html } else { &definitions.quotes.text };
    let shown = fill(template, &values, html).map_err(|error: TemplateError| {
        let line = error.line.map_or_else(String::new, |line| format!(" in line {line}"));
        StoreError::Invalid(format!("the template of quotes is wrong{line}: {}", error.message))
    })?;
    Ok(shown.trim_start_matches('\n').to_owned())
}

fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

fn values(quote: &Record, definitions: &Definitions, known: &Known<'_>) -> serde_json::Value {
    let title = |field| quote.link(field).and_then(|id: RecordId| known.title(id)).map(|title| plain(&title)).unwrap_or_default();
    let date = |field| quote.first(field).map(|value| plain(&value.plain())).unwrap_or_default();
    let lines: Vec<Line> = quote
        .values(number::QUOTE_LINES)
        .filter_map(|value| match value.bare() {
            Value::Line(line) => Some(Line::clone(line)),
            _ => None,
        })
        .collect();
    let sums = LineSums::of(&lines).ok();
    let amount = |money: Option<Money>| money.map(|money| money.amount()).unwrap_or_default();
    let number_of = |number: Option<crate::domain::Decimal>| number.map(|number| number.to_string()).unwrap_or_default();
    let shown = lines.iter().enumerate().map(|(at, line)| {
        let product = line.product.and_then(|id| known.title(id)).unwrap_or_default();
        let name = if line.description.is_empty() { &product } else { &line.description };
        json!({
            "position": (at + 1).to_string(),
            "name": plain(name),
            "quantity": number_of(line.quantity),
            "price": amount(line.price),
            "discount": line.discount.filter(|discount| discount.units() != 0).map(|discount| format!("-{discount} %")).unwrap_or_default(),
            "tax": number_of(line.tax),
            "net": amount(sums.as_ref().and_then(|sums| sums.nets.get(at)).copied()),
        })
    });
    let shown: Vec<serde_json::Value> = shown.collect();
    let taxes = sums.iter().flat_map(|sums| &sums.taxes);
    let taxes: Vec<serde_json::Value> =
        taxes.map(|(rate, base, tax)| json!({ "rate": rate.to_string(), "base": base.amount(), "tax": tax.amount() })).collect();
    let total = quote.first(number::QUOTE_TOTAL).and_then(Value::as_money);
    let address = |id: Option<RecordId>, field| {
        let record = id.and_then(|id| known.record(id))?;
        let address = record.first(field)?.bare().clone();
        match address {
            Value::Address(address) => Some(plain(&envelope(&address, ", "))),
            _ => None,
        }
    };
    let company = quote.link(number::QUOTE_COMPANY);
    let contact = quote.link(number::QUOTE_CONTACT);
    let address = address(company, number::COMPANY_ADDRESS).or_else(|| address(contact, number::CONTACT_ADDRESS)).unwrap_or_default();
    let (firm, person) = (title(number::QUOTE_COMPANY), title(number::QUOTE_CONTACT));
    let (customer, contact) = if firm.is_empty() { (person, String::new()) } else { (firm, person) };
    let at = quote.time(number::QUOTE_AT).map(|at| day_at(definitions.settings.timezone, at).to_string()).unwrap_or_default();
    json!({
        "seller": definitions.quotes.seller,
        "number": plain(quote.text(number::QUOTE_NUMBER).unwrap_or(&naming::title(quote))),
        "revision": quote.first(number::QUOTE_REVISION).and_then(Value::as_int).unwrap_or(1),
        "date": at,
        "valid_until": date(number::QUOTE_VALID_UNTIL),
        "customer": customer,
        "contact": contact,
        "address": address,
        "opportunity": title(number::QUOTE_OPPORTUNITY),
        "owner": quote.link(number::OWNER).filter(|id| id.kind == Kind::User).and_then(|id| known.title(id)).map(|name| plain(&name)).unwrap_or_default(),
        "currency": total.map(|total| total.currency.code().to_owned()).unwrap_or_default(),
        "net": amount(quote.first(number::QUOTE_NET).and_then(Value::as_money)),
        "total": amount(total),
        "lines": shown,
        "taxes": taxes,
    })
}

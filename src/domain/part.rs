//! The parts of addresses, jobs and lines, by which columns and assignments name them.

use super::{FieldType, Kind, Value};

/// A part of an address, a job or a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Street and number.
    Street,
    /// Second line.
    Street2,
    /// City.
    City,
    /// State, province, county.
    Region,
    /// Postal code.
    Postcode,
    /// Country.
    Country,
    /// Post-office box.
    Pobox,
    /// The company of a job.
    Company,
    /// The title in a job.
    Title,
    /// The role in a purchase.
    Role,
    /// First day of a job.
    From,
    /// Last day of a job.
    To,
    /// The product of a line.
    Product,
    /// What a line says.
    Description,
    /// How many.
    Quantity,
    /// Price of one.
    Price,
    /// Discount in per cent.
    Discount,
    /// Tax in per cent.
    Tax,
}

impl Part {
    /// The parts of an address, in the order of an envelope.
    pub const OF_ADDRESS: &'static [Self] =
        &[Self::Street, Self::Street2, Self::City, Self::Region, Self::Postcode, Self::Country, Self::Pobox];
    /// The parts of a job.
    pub const OF_JOB: &'static [Self] = &[Self::Company, Self::Title, Self::Role, Self::From, Self::To];
    /// The parts of a line.
    pub const OF_LINE: &'static [Self] = &[Self::Product, Self::Description, Self::Quantity, Self::Price, Self::Discount, Self::Tax];

    /// Returns the parts that values of a type have.
    pub fn of_type(ty: FieldType) -> &'static [Self] {
        match ty {
            FieldType::Address => Self::OF_ADDRESS,
            FieldType::Job => Self::OF_JOB,
            FieldType::Line => Self::OF_LINE,
            _ => &[],
        }
    }

    /// Returns its name in columns, assignments and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Street => "street",
            Self::Street2 => "street2",
            Self::City => "city",
            Self::Region => "region",
            Self::Postcode => "postcode",
            Self::Country => "country",
            Self::Pobox => "pobox",
            Self::Company => "company",
            Self::Title => "title",
            Self::Role => "role",
            Self::From => "from",
            Self::To => "to",
            Self::Product => "product",
            Self::Description => "description",
            Self::Quantity => "quantity",
            Self::Price => "price",
            Self::Discount => "discount",
            Self::Tax => "tax",
        }
    }

    /// Returns the type of its values.
    pub fn field_type(self) -> FieldType {
        match self {
            Self::Company | Self::Product => FieldType::Link(self.kinds()),
            Self::From | Self::To => FieldType::Date,
            Self::Quantity | Self::Discount | Self::Tax => FieldType::Number,
            Self::Price => FieldType::Money,
            _ => FieldType::Text,
        }
    }

    /// Returns the kinds of record that it links to.
    pub fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Company => &[Kind::Company],
            Self::Product => &[Kind::Product],
            _ => &[],
        }
    }

    /// Returns what this part of a value holds; `None` when it is empty.
    pub fn get(self, value: &Value) -> Option<Value> {
        let text = |text: &String| (!text.is_empty()).then(|| Value::Text(text.clone()));
        match value.bare() {
            Value::Address(address) => match self {
                Self::Street => text(&address.street),
                Self::Street2 => text(&address.street2),
                Self::City => text(&address.city),
                Self::Region => text(&address.region),
                Self::Postcode => text(&address.postcode),
                Self::Country => text(&address.country),
                Self::Pobox => text(&address.pobox),
                _ => None,
            },
            Value::Job(job) => match self {
                Self::Company => job.company.map(Value::Link),
                Self::Title => text(&job.title),
                Self::Role => text(&job.role),
                Self::From => job.from.map(Value::Date),
                Self::To => job.to.map(Value::Date),
                _ => None,
            },
            Value::Line(line) => match self {
                Self::Product => line.product.map(Value::Link),
                Self::Description => text(&line.description),
                Self::Quantity => line.quantity.map(Value::Number),
                Self::Price => line.price.map(Value::Money),
                Self::Discount => line.discount.map(Value::Number),
                Self::Tax => line.tax.map(Value::Number),
                _ => None,
            },
            _ => None,
        }
    }

    /// Puts a value of this part's type into an address, job or line; `None` empties
    /// it. Returns whether the value has such a part and takes such a value.
    pub(super) fn put(self, into: &mut Value, value: Option<Value>) -> bool {
        let text = |slot: &mut String, value: Option<Value>| match value {
            None => {
                slot.clear();
                true
            }
            Some(Value::Text(text)) => {
                *slot = text;
                true
            }
            Some(_) => false,
        };
        match into {
            Value::Labelled(_, inner) => self.put(inner, value),
            Value::Address(address) => match self {
                Self::Street => text(&mut address.street, value),
                Self::Street2 => text(&mut address.street2, value),
                Self::City => text(&mut address.city, value),
                Self::Region => text(&mut address.region, value),
                Self::Postcode => text(&mut address.postcode, value),
                Self::Country => text(&mut address.country, value),
                Self::Pobox => text(&mut address.pobox, value),
                _ => false,
            },
            Value::Job(job) => match self {
                Self::Company => put(&mut job.company, value.as_ref(), Value::as_link),
                Self::Title => text(&mut job.title, value),
                Self::Role => text(&mut job.role, value),
                Self::From => put(&mut job.from, value.as_ref(), Value::as_date),
                Self::To => put(&mut job.to, value.as_ref(), Value::as_date),
                _ => false,
            },
            Value::Line(line) => match self {
                Self::Product => put(&mut line.product, value.as_ref(), Value::as_link),
                Self::Description => text(&mut line.description, value),
                Self::Quantity => put(&mut line.quantity, value.as_ref(), Value::as_number),
                Self::Price => put(&mut line.price, value.as_ref(), Value::as_money),
                Self::Discount => put(&mut line.discount, value.as_ref(), Value::as_number),
                Self::Tax => put(&mut line.tax, value.as_ref(), Value::as_number),
                _ => false,
            },
            _ => false,
        }
    }
}

fn put<T>(slot: &mut Option<T>, value: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> bool {
    let found = value.and_then(read);
    let fits = value.is_none() || found.is_some();
    if fits {
        *slot = found;
    }
    fits
}

//! One number of a report: what it is, how it is written, and what lies behind it.

use serde_json::{Number, Value as Json, json};

use crate::domain::{Currency, Kind, RecordId, format_minor, short_minor};

/// What the figures of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Words.
    Text,
    /// A count.
    Count,
    /// Money.
    Money,
    /// A part of a whole, from 0 to 1.
    Ratio,
    /// A number with a unit.
    Number,
    /// A figure over time.
    Series,
}

/// How a column may be drawn where there is room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Drawn {
    /// As text alone.
    #[default]
    Text,
    /// With a bar as long as its figure among those of its column.
    Bar,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, the same in every format.
    pub name: String,
    /// What its figures are.
    pub shape: Shape,
    /// How it may be drawn.
    pub drawn: Drawn,
}

impl Column {
    /// Returns a column.
    pub fn new(name: impl Into<String>, shape: Shape) -> Self {
        Self { name: name.into(), shape, drawn: Drawn::Text }
    }

    /// Returns the column with a bar.
    #[must_use]
    pub fn bar(mut self) -> Self {
        self.drawn = Drawn::Bar;
        self
    }
}

/// A number, or what stands in its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Figure {
    /// There is none: nothing to divide by.
    #[default]
    Nothing,
    /// Words.
    Text(String),
    /// The name of a record.
    Record(RecordId, String),
    /// How many.
    Count(u64),
    /// An exact amount in minor units.
    Money(i128, Currency),
    /// A part of a whole: 0 to 1, told to six digits.
    Ratio(f64),
    /// A number, its digits behind the point, and its unit: `d`, `h`, or none.
    Number(f64, u8, &'static str),
    /// A figure at each of some moments in a row.
    Series(Vec<f64>),
}

impl Figure {
    /// Returns a part of a whole; nothing of nothing.
    pub fn ratio(part: u64, whole: u64) -> Self {
        if whole == 0 { Self::Nothing } else { Self::Ratio(part as f64 / whole as f64) }
    }

    /// Returns a sum spread over a count, to four digits; nothing without a count.
    pub fn mean(sum: f64, count: u64, unit: &'static str) -> Self {
        if count == 0 { Self::Nothing } else { Self::Number(sum / count as f64, 4, unit) }
    }

    /// Returns the figure as columns and files have it: exact, without its unit.
    pub fn text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) | Self::Record(_, text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Money(minor, currency) => format!("{} {currency}", format_minor(*minor, *currency)),
            Self::Ratio(ratio) => format!("{ratio:.6}"),
            Self::Number(number, digits, _) => format!("{number:.*}", usize::from(*digits)),
            Self::Series(series) => series.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        }
    }

    /// Returns the figure as JSON; `None` for nothing.
    pub fn json(&self) -> Option<Json> {
        let number = |text: String| text.parse::<f64>().ok().and_then(Number::from_f64).map(Json::Number);
        match self {
            Self::Nothing => None,
            Self::Text(text) if text.is_empty() => None,
            Self::Text(text) => Some(Json::String(text.clone())),
            Self::Record(id, text) => Some(json!({ "id": id.to_string(), "name": text })),
            Self::Count(count) => Some(json!(count)),
            Self::Money(minor, currency) => Some(json!({ "amount": format_minor(*minor, *currency), "currency": currency.code() })),
            Self::Ratio(_) | Self::Number(..) => number(self.text()),
            Self::Series(series) => Some(json!(series)),
        }
    }

    /// Returns the figure as people read it: `63.2 %`, `51.8 d`, `1.2M EUR`.
    pub fn shown(&self) -> String {
        match self {
            Self::Money(minor, currency) => short_minor(*minor, *currency),
            Self::Ratio(ratio) => format!("{:.1} %", ratio * 100.0),
            Self::Number(number, digits, unit) => {
                let text = format!("{number:.*}", usize::from((*digits).min(1)));
                if unit.is_empty() { text } else { format!("{text} {unit}") }
            }
            Self::Series(series) => spark(series),
            other => other.text(),
        }
    }

    /// Returns how large it is, for bars; `None` for words.
    pub fn size(&self) -> Option<f64> {
        match self {
            Self::Count(count) => Some(*count as f64),
            Self::Money(minor, _) => Some(*minor as f64),
            Self::Ratio(number) | Self::Number(number, ..) => Some(*number),
            _ => None,
        }
    }
}

/// Draws figures as a line of blocks of their height, the largest the whole of it.
fn spark(series: &[f64]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = series.iter().copied().fold(0.0, f64::max);
    let block = |figure: f64| match figure {
        figure if figure <= 0.0 || most <= 0.0 => ' ',
        figure => BLOCKS[((figure / most * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    series.iter().map(|figure| block(*figure)).collect()
}

/// The records that make a figure: found again by a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// Their kind.
    pub kind: Kind,
    /// The query that finds them.
    pub query: String,
}

/// A cell of a report.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cell {
    /// What it says.
    pub figure: Figure,
    /// The records behind it.
    pub behind: Option<Behind>,
}

impl Cell {
    /// Returns a cell with nothing behind it.
    pub fn of(figure: Figure) -> Self {
        Self { figure, behind: None }
    }

    /// Returns a cell of words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::of(Figure::Text(text.into()))
    }

    /// Returns a cell of a count.
    pub fn count(count: u64) -> Self {
        Self::of(Figure::Count(count))
    }

    /// Returns the cell with the records behind it.
    #[must_use]
    pub fn behind(mut self, kind: Kind, query: impl Into<String>) -> Self {
        self.behind = Some(Behind { kind, query: query.into() });
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_exact_in_files_and_short_on_screens() {
        let eur = Currency::from_code("EUR").expect("a currency");
        for (figure, text, shown) in [
            (Figure::ratio(4238, 6711), "0.631501", "63.2 %"),
            (Figure::ratio(0, 0), "", ""),
            (Figure::Money(123_456, eur), "1234.56 EUR", "1234 EUR"),
            (Figure::mean(100.0, 3, "d"), "33.3333", "33.3 d"),
            (Figure::Count(7), "7", "7"),
            (Figure::Series(vec![0.0, 1.0, 4.0]), "0 1 4", " ▂█"),
        ] {
            assert_eq!((figure.text().as_str(), figure.shown().as_str()), (text, shown));
        }
        assert_eq!(Figure::ratio(4238, 6711).json().expect("a number").to_string(), "0.631501");
    }
}

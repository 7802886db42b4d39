//! The header line: names of columns as a person would write them, and how a
//! mapping finds a column. It must not know fields or kinds.
//!
//! Other programs' headers are labels: chosen, translated and reordered by their
//! users. So a column is found without regard to case, spaces, punctuation and
//! diacritics, never by its position.

use std::collections::HashMap;

use crate::domain::fold::slug;

/// One column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name shown and used in mappings: the header with its space tidied,
    /// `column 3` where it is blank, `Name#2` for the second of that name.
    pub name: String,
    /// The name folded, without `#2`.
    folded: String,
    /// Which of its equals it is, from 1.
    nth: u32,
    unnamed: bool,
}

impl Column {
    /// Returns true where the file gives it no name.
    pub fn is_unnamed(&self) -> bool {
        self.unnamed
    }
}

/// The columns of a table, in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    columns: Vec<Column>,
    exact: HashMap<String, usize>,
    folded: HashMap<(String, u32), usize>,
}

impl Header {
    /// Returns the columns of a header row.
    pub fn new<'a>(cells: impl IntoIterator<Item = &'a str>) -> Self {
        let mut header = Self::default();
        for cell in cells {
            header.push(cell);
        }
        header
    }

    /// Returns the columns of a table without header row: `column 1`, `column 2` …
    pub fn unnamed(width: usize) -> Self {
        Self::new(std::iter::repeat_n("", width))
    }

    fn push(&mut self, cell: &str) {
        let index = self.columns.len();
        let tidy = cell.split_whitespace().collect::<Vec<_>>().join(" ");
        let unnamed = tidy.is_empty();
        let base = if unnamed { format!("column {}", index + 1) } else { tidy };
        let folded = slug(&base);
        let mut nth = 1;
        while self.folded.contains_key(&(folded.clone(), nth)) {
            nth += 1;
        }
        // Two headers may fold alike without being the same.
        let mut name = base.clone();
        let mut same = 1;
        while self.exact.contains_key(&name) {
            same += 1;
            name = format!("{base}#{same}");
        }
        self.exact.insert(name.clone(), index);
        self.folded.insert((folded.clone(), nth), index);
        self.columns.push(Column { name, folded, nth, unnamed });
    }

    /// Returns the columns in the order of the file.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Returns how many columns there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns true where there is no column.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns the name of the column at `index`, also beyond the last one.
    pub fn name(&self, index: usize) -> String {
        match self.columns.get(index) {
            Some(column) => column.name.clone(),
            None => format!("column {}", index + 1),
        }
    }

    /// Returns the index of the column that `name` means: written exactly so,
    /// else folded alike; `E-mail#2` is the second of that name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let tidy = name.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(index) = self.exact.get(&tidy) {
            return Some(*index);
        }
        let (base, nth) = split_nth(&tidy);
        self.folded.get(&(slug(base), nth)).copied()
    }
}

/// Splits `E-mail#2` into the name and which of its equals is meant.
fn split_nth(name: &str) -> (&str, u32) {
    if let Some((base, digits)) = name.rsplit_once('#')
        && let Ok(nth) = digits.parse::<u32>()
        && nth > 0
    {
        return (base, nth);
    }
    (name, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_are_found_by_what_they_mean() {
        let header = Header::new(["Obrat (Kč)", "E-mail", "", "e mail", " First\n Name "]);
        assert_eq!(header.find("obrat kc"), Some(0));
        assert_eq!(header.find("Email"), Some(1));
        assert_eq!(header.find("E-mail#2"), Some(3));
        assert_eq!(header.find("column 3"), Some(2));
        assert_eq!(header.find("FIRST_NAME"), Some(4));
        assert_eq!(header.find("E-mail#3"), None);
        assert_eq!(header.name(4), "First Name");
        assert_eq!(header.name(9), "column 10");
    }

    #[test]
    fn equal_names_are_numbered_and_scripts_kept_apart() {
        let header = Header::new(["a", "a", "a#2", "事", "是"]);
        let names: Vec<_> = header.columns().iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["a", "a#2", "a#2#2", "事", "是"]);
        assert_eq!(header.find("是"), Some(4));
        assert_eq!(header.find("事"), Some(3));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_column_is_found_by_its_own_name(cells in proptest::collection::vec("[aA#2é _%]{0,4}", 0..12)) {
            let header = Header::new(cells.iter().map(String::as_str));
            prop_assert_eq!(header.len(), cells.len());
            for (index, column) in header.columns().iter().enumerate() {
                prop_assert_eq!(header.find(&column.name), Some(index));
            }
        }
    }
}

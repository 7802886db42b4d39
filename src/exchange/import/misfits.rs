//! Values that their field refuses, of rows that are taken nevertheless: they go into the
//! notes, so that nothing is lost, and are told. It must not know the store.

/// How many are told one by one.
const TOLD: usize = 5;

/// What no field took.
#[derive(Debug, Default)]
pub(super) struct Misfits {
    count: u64,
    first: Vec<String>,
}

impl Misfits {
    /// Returns what the notes say of a row's misfits; counts them unless the row is
    /// planned again.
    pub(super) fn note(&mut self, line: u64, found: &[(String, String)], is_first: bool) -> Option<String> {
        if found.is_empty() {
            return None;
        }
        let texts: Vec<String> = found.iter().map(|(column, text)| format!("{column}: {text}")).collect();
        if is_first {
            self.count += found.len() as u64;
            let left = TOLD.saturating_sub(self.first.len());
            self.first.extend(texts.iter().take(left).map(|text| format!("line {line}, {}", crate::exchange::cell::clip(text))));
        }
        Some(texts.join("\n"))
    }

    /// Returns what is to be told, if anything is.
    pub(super) fn told(&self) -> Option<String> {
        let more = if self.count > self.first.len() as u64 { "; …" } else { "" };
        let what = if self.count == 1 {
            "1 value is none of its field and stands".to_owned()
        } else {
            format!("{} values are none of their fields and stand", self.count)
        };
        (self.count > 0).then(|| format!("{what} in the notes: {}{more}", self.first.join("; ")))
    }
}

//! What is wrong with a file, a mapping or a row, told so that a person can
//! mend it: a stable code, a sentence, the place and a hint. It must not know
//! how a problem is shown; the command line and the rejects file do that.

use std::fmt;

/// One thing that is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The stable name of this sort of problem, as in the rejects file's `_code`.
    pub code: &'static str,
    /// One sentence in the user's words, without a final stop.
    pub message: String,
    /// What to do about it, when that is known.
    pub hint: Option<String>,
    /// Where it is.
    pub at: Place,
}

/// A place in an input: each part is told when it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file as the user named it (`-` is standard input).
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Column of the line in characters, from 1.
    pub column: Option<u64>,
}

impl Problem {
    /// Returns a problem without place and hint.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, at: Place::default() }
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the line, from 1.
    #[must_use]
    pub fn line(mut self, line: u64) -> Self {
        self.at.line = Some(line);
        self
    }

    /// Adds line and column, both from 1.
    #[must_use]
    pub fn at(mut self, line: u64, column: u64) -> Self {
        self.at.line = Some(line);
        self.at.column = Some(column);
        self
    }

    /// Adds the name of the file where none stands yet.
    #[must_use]
    pub fn file(mut self, file: &str) -> Self {
        if self.at.file.is_none() {
            self.at.file = Some(file.to_owned());
        }
        self
    }

    /// Returns the problem of a read or write that the system refused.
    pub fn io(error: &std::io::Error) -> Self {
        Self::new("io", error.to_string())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), None) => write!(f, "{file}"),
            (Some(file), Some(line)) => write!(f, "{file}:{line}"),
            (None, Some(line)) => write!(f, "line {line}"),
            (None, None) => Ok(()),
        }?;
        match (self.line, self.column) {
            (Some(_), Some(column)) => write!(f, ":{column}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.at != Place::default() {
            write!(f, "{}: ", self.at)?;
        }
        f.write_str(&self.message)?;
        if let Some(hint) = &self.hint {
            write!(f, " ({hint})")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_place_sentence_hint() {
        let problem = Problem::new("x", "unknown key “feild”").at(3, 7).file("m.toml").hint("did you mean “field”?");
        assert_eq!(problem.to_string(), "m.toml:3:7: unknown key “feild” (did you mean “field”?)");
        assert_eq!(Problem::new("x", "no").line(4).to_string(), "line 4: no");
        assert_eq!(Problem::new("x", "no").file("a.csv").to_string(), "a.csv: no");
    }
}

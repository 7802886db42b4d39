//! The prompt line: `:` `/` `?` and the filter, with history and completion.

use super::text_input::TextInput;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asked {
    /// A command.
    Command,
    /// A search forward.
    Search,
    /// A search backward.
    SearchBack,
    /// The pane's filter.
    Filter,
    /// The finder, over every kind.
    Finder,
    /// What a command wants to know before it goes on.
    Answer,
}

impl Asked {
    /// Returns the sign before the line.
    pub fn sigil(self) -> &'static str {
        match self {
            Self::Command => ":",
            Self::Search => "/",
            Self::SearchBack => "?",
            Self::Filter => "filter: ",
            Self::Finder => "find: ",
            Self::Answer => "",
        }
    }

    /// Returns the name in `prompt NAME` and in `play`'s state.
    pub fn name(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Search => "search",
            Self::SearchBack => "search-back",
            Self::Filter => "filter",
            Self::Finder => "finder",
            Self::Answer => "answer",
        }
    }

    /// Returns what a name asks for.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Command, Self::Search, Self::SearchBack, Self::Filter, Self::Finder, Self::Answer]
            .into_iter()
            .find(|asked| asked.name() == name)
    }
}

/// One completion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is put in.
    pub text: String,
    /// One line of help.
    pub help: String,
}

/// Completions that are being gone through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completing {
    /// The byte of the text where the completed word begins.
    pub start: usize,
    /// What was typed there.
    pub typed: String,
    /// What it may become.
    pub candidates: Vec<Candidate>,
    /// The chosen one; `None` is what was typed.
    pub chosen: Option<usize>,
}

/// An open prompt line.
#[derive(Debug, Clone)]
pub struct Prompt {
    /// What is asked for.
    pub asked: Asked,
    /// What is typed.
    pub input: TextInput,
    /// The completions, once asked for.
    pub completing: Option<Completing>,
    /// How far back in the history, and what was typed before going there.
    recalled: Option<(usize, String)>,
    /// The count typed before it: `3:` is `:.,.+2`.
    pub count: Option<u32>,
    /// Whether `.` does its line again: a key opened it that changes something.
    pub repeats: bool,
    /// What stood there when it was opened.
    begun: String,
}

/// The lines typed into one sort of prompt, oldest first.
pub type History = Vec<String>;

/// The most lines kept of a history.
const KEPT: usize = 200;

/// Adds a line to a history; the same line is kept once.
pub fn remember(history: &mut History, line: &str) {
    if line.is_empty() {
        return;
    }
    history.retain(|old| old != line);
    history.push(line.to_owned());
    if history.len() > KEPT {
        history.remove(0);
    }
}

impl Prompt {
    /// Opens a prompt with a text.
    pub fn open(asked: Asked, text: impl Into<String>, count: Option<u32>) -> Self {
        let input = TextInput::new(text);
        let begun = input.text().to_owned();
        Self { asked, input, completing: None, recalled: None, count, repeats: false, begun }
    }

    /// Returns whether something was typed that is worth finding again: a command, a
    /// search, a filter.
    pub fn is_draft(&self) -> bool {
        let is_kept = matches!(self.asked, Asked::Command | Asked::Search | Asked::SearchBack | Asked::Filter);
        is_kept && self.recalled.is_none() && !self.input.text().trim().is_empty() && self.input.text() != self.begun
    }

    /// Goes back in the history to the line that begins as what was typed.
    pub fn recall_older(&mut self, history: &History) {
        let (from, typed) = self.recalled.clone().unwrap_or_else(|| (history.len(), self.input.text().to_owned()));
        if let Some(at) = (0..from.min(history.len())).rev().find(|&at| history[at].starts_with(&typed)) {
            self.input = TextInput::new(history[at].clone());
            self.recalled = Some((at, typed));
        }
    }

    /// Goes forward again, at last to what was typed.
    pub fn recall_newer(&mut self, history: &History) {
        let Some((from, typed)) = self.recalled.clone() else { return };
        match (from + 1..history.len()).find(|&at| history[at].starts_with(&typed)) {
            Some(at) => {
                self.input = TextInput::new(history[at].clone());
                self.recalled = Some((at, typed));
            }
            None => {
                self.input = TextInput::new(typed);
                self.recalled = None;
            }
        }
    }

    /// Notes that something was typed: completion and recall begin anew.
    pub fn typed(&mut self) {
        self.completing = None;
        self.recalled = None;
    }

    /// Shows completions of all that is typed, none of them put in yet.
    pub fn suggest(&mut self, candidates: Vec<Candidate>) {
        if !candidates.is_empty() {
            self.completing = Some(Completing { start: 0, typed: String::new(), candidates, chosen: None });
        }
    }

    /// Offers completions of the word that begins at a byte; a single one is put
    /// in at once.
    pub fn offer(&mut self, start: usize, candidates: Vec<Candidate>, forward: bool) {
        if candidates.is_empty() {
            return;
        }
        self.completing = Some(Completing::of(&self.input, start, candidates));
        self.cycle(forward);
    }

    /// Chooses the next or previous completion, past the ends what was typed.
    pub fn cycle(&mut self, forward: bool) {
        if let Some(completing) = &mut self.completing {
            completing.cycle(&mut self.input, forward);
        }
    }
}

impl Completing {
    /// Begins with completions of the word that begins at a byte.
    pub fn of(input: &TextInput, start: usize, candidates: Vec<Candidate>) -> Self {
        let typed = input.before().get(start..).unwrap_or_default().to_owned();
        Self { start, typed, candidates, chosen: None }
    }

    /// Puts the next or previous completion in, past the ends what was typed.
    pub fn cycle(&mut self, input: &mut TextInput, forward: bool) {
        let Some(last) = self.candidates.len().checked_sub(1) else { return };
        self.chosen = match (self.chosen, forward) {
            (None, true) => Some(0),
            (None, false) => Some(last),
            (Some(at), true) => (at < last).then_some(at + 1),
            (Some(at), false) => at.checked_sub(1),
        };
        let text = self.chosen.map_or(self.typed.clone(), |at| self.candidates[at].text.clone());
        input.replace_from(self.start, &text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_goes_by_what_was_typed() {
        let mut history = History::new();
        for line in ["set a=1", "sort name", "set b=2", "set a=1"] {
            remember(&mut history, line);
        }
        assert_eq!(history, ["sort name", "set b=2", "set a=1"]);
        let mut prompt = Prompt::open(Asked::Command, "se", None);
        prompt.recall_older(&history);
        prompt.recall_older(&history);
        assert_eq!(prompt.input.text(), "set b=2");
        prompt.recall_older(&history);
        assert_eq!(prompt.input.text(), "set b=2");
        prompt.recall_newer(&history);
        prompt.recall_newer(&history);
        assert_eq!(prompt.input.text(), "se");
    }

    #[test]
    fn completions_cycle_back_to_what_was_typed() {
        let candidate = |text: &str| Candidate { text: text.to_owned(), help: String::new() };
        let mut prompt = Prompt::open(Asked::Command, "filter st", None);
        prompt.offer(7, vec![candidate("stage:"), candidate("status:")], true);
        assert_eq!(prompt.input.text(), "filter stage:");
        prompt.cycle(true);
        prompt.cycle(true);
        assert_eq!(prompt.input.text(), "filter st");
        prompt.cycle(false);
        assert_eq!(prompt.input.text(), "filter status:");
    }
}

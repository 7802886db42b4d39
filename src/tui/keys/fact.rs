//! The named facts of the application's state that a binding's `when` may ask.
//!
//! A closed list: a new fact is one variant and one line in [`Fact::name`] and
//! [`Fact::ALL`]. The application fills a [`Facts`] before a key is looked up;
//! conditions see nothing else of the state.

/// Something that is so or not so while a key is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// A record is open over the panes.
    Overlay,
    /// One pane fills the screen.
    Zoomed,
    /// The focused pane shows a filtered list.
    Filtered,
    /// Matches of the last search are highlighted.
    Found,
    /// The focused pane has no rows.
    Empty,
    /// Nothing may be changed.
    Readonly,
    /// A job runs that can be cancelled.
    Busy,
    /// There is a step to undo.
    Undoable,
    /// There is a step to redo.
    Redoable,
    /// A macro is being recorded.
    Recording,
    /// The prompt is a `:` line.
    Command,
    /// The prompt is a search.
    Search,
    /// The prompt is a filter.
    Filter,
    /// The prompt is the finder.
    Finder,
    /// A list of completions is open.
    Completing,
    /// A form is open.
    Form,
    /// The terminal tells `<C-i>` from `<Tab>`.
    Kitty,
    /// The focused pane shows an agenda.
    Agenda,
}

impl Fact {
    /// All facts.
    pub const ALL: [Self; 18] = [
        Self::Overlay,
        Self::Zoomed,
        Self::Filtered,
        Self::Found,
        Self::Empty,
        Self::Readonly,
        Self::Busy,
        Self::Undoable,
        Self::Redoable,
        Self::Recording,
        Self::Command,
        Self::Search,
        Self::Filter,
        Self::Finder,
        Self::Completing,
        Self::Form,
        Self::Kitty,
        Self::Agenda,
    ];

    /// Returns the name that a condition uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Zoomed => "zoomed",
            Self::Filtered => "filtered",
            Self::Found => "found",
            Self::Empty => "empty",
            Self::Readonly => "readonly",
            Self::Busy => "busy",
            Self::Undoable => "undoable",
            Self::Redoable => "redoable",
            Self::Recording => "recording",
            Self::Command => "command",
            Self::Search => "search",
            Self::Filter => "filter",
            Self::Finder => "finder",
            Self::Completing => "completing",
            Self::Form => "form",
            Self::Kitty => "kitty",
            Self::Agenda => "agenda",
        }
    }

    /// Returns the fact of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.name() == name)
    }
}

/// The facts that hold at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Facts(u32);

impl Facts {
    /// No fact holds.
    pub const NONE: Self = Self(0);

    /// Returns these facts with `fact` holding or not.
    #[must_use]
    pub const fn with(self, fact: Fact, holds: bool) -> Self {
        let bit = 1 << fact as u32;
        Self(if holds { self.0 | bit } else { self.0 & !bit })
    }

    /// Returns whether a fact holds.
    pub const fn has(self, fact: Fact) -> bool {
        self.0 & (1 << fact as u32) != 0
    }
}

impl FromIterator<Fact> for Facts {
    fn from_iter<I: IntoIterator<Item = Fact>>(facts: I) -> Self {
        facts.into_iter().fold(Self::NONE, |held, fact| held.with(fact, true))
    }
}

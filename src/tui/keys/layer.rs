//! The tables of a keymap file: one a mode, and in it one a pane.
//!
//! The lists are closed, so that a file that names another is told so. The
//! application's own state uses the same words.

/// How keys are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Keys are commands, with counts and registers.
    Normal,
    /// Keys are commands on a selection; whatever has no meaning of its own
    /// here has that of normal mode.
    Visual,
    /// An operator waits for its motion or object; whatever has no meaning of its
    /// own here has that of normal mode.
    Operator,
    /// Keys type into a cell or a field.
    Insert,
    /// Keys type into the prompt line.
    Prompt,
}

impl Mode {
    /// All modes.
    pub const ALL: [Self; 5] = [Self::Normal, Self::Visual, Self::Operator, Self::Insert, Self::Prompt];

    /// Returns the name of the mode's table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Visual => "visual",
            Self::Operator => "operator",
            Self::Insert => "insert",
            Self::Prompt => "prompt",
        }
    }

    /// Returns the mode of a table's name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Returns the mode whose meanings hold where this one has none of its own.
    pub const fn beneath(self) -> Option<Self> {
        match self {
            Self::Visual | Self::Operator => Some(Self::Normal),
            Self::Normal | Self::Insert | Self::Prompt => None,
        }
    }

    /// Returns whether keys without a binding are text; else digits are counts.
    pub const fn types(self) -> bool {
        matches!(self, Self::Insert | Self::Prompt)
    }
}

/// What has the focus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// The list of contacts.
    Contacts,
    /// What happened with the record under the cursor.
    Timeline,
    /// The board of opportunities.
    Pipeline,
    /// The queue of tickets.
    Tickets,
    /// A record opened over the panes.
    Record,
    /// The review of duplicates over the panes.
    Review,
}

impl Pane {
    /// All panes, those that lie over them last.
    pub const ALL: [Self; 6] = [Self::Contacts, Self::Timeline, Self::Pipeline, Self::Tickets, Self::Record, Self::Review];

    /// Returns whether it lies over the others, and is no window of its own.
    pub const fn lies_over(self) -> bool {
        matches!(self, Self::Record | Self::Review)
    }

    /// Returns the name of the pane's table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Contacts => "contacts",
            Self::Timeline => "timeline",
            Self::Pipeline => "pipeline",
            Self::Tickets => "tickets",
            Self::Record => "record",
            Self::Review => "review",
        }
    }

    /// Returns the pane of a table's name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pane| pane.name() == name)
    }
}

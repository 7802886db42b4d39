//! What a command is: the shape of one line of the table.

/// Where a command applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In every pane.
    Anywhere,
    /// Where rows stand under a cursor.
    Rows,
    /// Where a row has cells.
    Cells,
    /// On opportunities.
    Pipeline,
    /// On opportunities and tickets: where records have stages or priorities.
    Staged,
    /// In an overlay.
    Overlay,
    /// Where text is typed: in a cell, a field or the prompt.
    Text,
}

/// What a command may do that undo cannot take back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Danger {
    /// Changes nothing that is kept.
    Reads,
    /// Changes records; undo takes it back. Refused when read-only.
    Writes,
    /// Changes what undo cannot reach: asks first. Refused when read-only.
    Asks,
}

/// How a command moves the cursor, and so what an operator does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// Over rows: an operator takes all of them, both ends included.
    Rows,
    /// Over rows up to a place: the last row is left out, as Vim leaves out the
    /// line in whose first column an exclusive motion ends.
    RowsUpTo,
    /// Over cells, the last left out.
    Cells,
    /// Over cells, the last included.
    CellsThrough,
    /// Scrolls and takes the cursor along: serves no operator.
    Scrolls,
}

/// Which command: the application and the runner match on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is documented by its line in the table")]
pub enum Id {
    // Motions over rows.
    Down,
    Up,
    First,
    Last,
    NextRow,
    PreviousRow,
    ScreenTop,
    ScreenMiddle,
    ScreenBottom,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    NextGroup,
    PreviousGroup,
    ThisRow,
    MarkRow,
    MarkCell,
    NextRecord,
    PreviousRecord,
    // Motions over cells.
    Left,
    Right,
    FirstCell,
    FirstText,
    LastCell,
    NextWord,
    PreviousWord,
    EndOfWord,
    FindChar,
    FindCharBack,
    TillChar,
    TillCharBack,
    RepeatFind,
    RepeatFindBack,
    // Search.
    Search,
    SearchBack,
    SearchNext,
    SearchPrevious,
    SearchCell,
    SearchCellBack,
    NoHighlight,
    // Objects.
    ObjectGroup,
    ObjectCompany,
    ObjectOwner,
    ObjectTag,
    ObjectVisible,
    ObjectMatch,
    // Operators, visual mode, registers.
    Operator,
    Yank,
    Change,
    Tidy,
    Through,
    Merge,
    Distinct,
    ReplaceChar,
    Increase,
    Decrease,
    Visual,
    VisualBlock,
    VisualAgain,
    VisualOtherEnd,
    Registers,
    Put,
    PutBefore,
    // Marks and jumps.
    SetMark,
    Marks,
    DelMarks,
    Jumps,
    JumpOlder,
    JumpNewer,
    JumpAlternate,
    ChangeOlder,
    ChangeNewer,
    Changes,
    // Again.
    Repeat,
    RepeatLine,
    Record,
    Execute,
    // On many rows.
    Global,
    Except,
    Substitute,
    SubstituteAgain,
    Normal,
    Copy,
    // The view.
    ScrollDown,
    ScrollUp,
    RowToTop,
    RowToMiddle,
    RowToBottom,
    Open,
    Close,
    Follow,
    Where,
    Filter,
    Sort,
    Columns,
    Zoom,
    PaneNext,
    PanePrevious,
    PaneLeft,
    PaneRight,
    PaneUp,
    PaneDown,
    Pane,
    Theme,
    Help,
    KeyHelp,
    Redraw,
    WhereAmI,
    Messages,
    Perf,
    // Prompts and leaving.
    CommandLine,
    Cancel,
    Nothing,
    Quit,
    Write,
    PromptFilter,
    Finder,
    FinderLog,
    FinderCopy,
    FinderFilter,
    View,
    KeepView,
    DropView,
    Drafts,
    TakeDraft,
    DropDraft,
    WindowSplit,
    WindowSplitBeside,
    WindowClose,
    WindowOnly,
    WindowTaller,
    WindowShorter,
    WindowWider,
    WindowNarrower,
    WindowsEqual,
    TabNew,
    TabClose,
    TabNext,
    TabPrevious,
    Pipeline,
    Take,
    Assign,
    Answer,
    Note,
    Status,
    Escalate,
    Solve,
    Reopen,
    Separate,
    Incident,
    Why,
    FoldOpen,
    FoldClose,
    FoldToggle,
    FoldOpenAll,
    FoldCloseAll,
    FoldReveal,
    Expand,
    Channel,
    Suspend,
    // Typing.
    Accept,
    TextDeleteBack,
    TextDelete,
    TextDeleteWord,
    TextDeleteLine,
    TextLeft,
    TextRight,
    TextWordLeft,
    TextWordRight,
    TextHome,
    TextEnd,
    TextComplete,
    TextCompleteBack,
    TextNewer,
    TextBreak,
    Form,
    FormNext,
    FormSave,
    EditApply,
    FormLeave,
    FormAdd,
    FormRemove,
    FormMine,
    FormTheirs,
    // The review of duplicates.
    Dupes,
    ReviewNext,
    ReviewPrevious,
    ReviewLeft,
    ReviewRight,
    ReviewAllLeft,
    ReviewAllRight,
    ReviewSwap,
    ReviewMerge,
    ReviewDistinct,
    ReviewOpen,
    TextOlder,
    TextRegister,
    HistoryWindow,
    FieldHelp,
    OpenOutside,
    // Changes.
    StageNext,
    StagePrevious,
    Trash,
    Restore,
    Purge,
    New,
    NewAbove,
    LogTouch,
    EditCell,
    ChangeCell,
    Edit,
    AppendNotes,
    Toggle,
    Undo,
    Redo,
    UndoList,
    UndoOlder,
    UndoNewer,
    Earlier,
    Later,
    Set,
    Add,
    Move,
    Convert,
    GiveOut,
    Score,
    Quote,
    Link,
    Unlink,
    Attach,
    OpenFile,
    Log,
    Done,
    Postpone,
    Sooner,
    Agenda,
    Pop,
    Call,
    Reply,
    Article,
    // Reading.
    Show,
    List,
    Count,
    Sum,
    Report,
    WhatIf,
    Timeline,
    Find,
    History,
    Blame,
    Diff,
    Fields,
    Config,
    Stats,
    Check,
    Import,
    Apply,
    Export,
    Backup,
    Forget,
    Demo,
}

/// One command.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// Which.
    pub id: Id,
    /// Its name, as typed behind `:` and written in keymaps.
    pub name: &'static str,
    /// Further names.
    pub aliases: &'static [&'static str],
    /// Its arguments, as shown in help; empty if it takes none.
    pub args: &'static str,
    /// Where it applies.
    pub place: Place,
    /// Whether a count means something.
    pub count: bool,
    /// Whether a range of rows means something.
    pub range: bool,
    /// How it moves the cursor, if it does.
    pub motion: Option<Motion>,
    /// Whether the cursor's place before it is kept among the jumps.
    pub jumps: bool,
    /// Whether it names rows around the cursor, for an operator or visual mode.
    pub object: bool,
    /// Whether `.` may repeat it.
    pub repeats: bool,
    /// What it may do.
    pub danger: Danger,
    /// One line of help.
    pub help: &'static str,
}

impl Spec {
    pub(super) const fn new(id: Id, name: &'static str, place: Place, help: &'static str) -> Self {
        Self {
            id,
            name,
            aliases: &[],
            args: "",
            place,
            count: false,
            range: false,
            motion: None,
            jumps: false,
            object: false,
            repeats: false,
            danger: Danger::Reads,
            help,
        }
    }

    pub(super) const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    pub(super) const fn args(mut self, args: &'static str) -> Self {
        self.args = args;
        self
    }

    pub(super) const fn count(mut self) -> Self {
        self.count = true;
        self
    }

    pub(super) const fn range(mut self) -> Self {
        self.range = true;
        self
    }

    pub(super) const fn motion(mut self, motion: Motion) -> Self {
        self.motion = Some(motion);
        self.count = true;
        self
    }

    pub(super) const fn jumps(mut self) -> Self {
        self.jumps = true;
        self
    }

    pub(super) const fn object(mut self) -> Self {
        self.object = true;
        self.count = true;
        self
    }

    pub(super) const fn writes(mut self) -> Self {
        self.danger = Danger::Writes;
        self.repeats = true;
        self
    }

    pub(super) const fn asks(mut self) -> Self {
        self.danger = Danger::Asks;
        self
    }

    /// Returns whether this name, alias included, is meant for the command.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

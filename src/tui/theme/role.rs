//! The closed list of roles that a theme styles.
//!
//! A role is what a piece of the screen means, never how it looks. A theme that
//! leaves a role out gives it the style of the role before the last dot
//! (`list.cursor.resting` → `list.cursor` → `list`), and beneath all of them
//! lies `text`, with which the screen is filled first. To add a role: one line
//! here, and a line in each theme that wants to tell it apart.

/// How a role is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// It fills rows or areas, and other roles may be drawn on it.
    Ground,
    /// It is text on a ground.
    Span,
    /// It is lines and blocks that nobody reads.
    Line,
}

macro_rules! roles {
    ($($variant:ident $name:literal $layer:ident $help:literal;)*) => {
        /// What a piece of the screen means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $(#[doc = $help] $variant,)*
        }

        impl Role {
            /// All roles, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Returns the name that themes use.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Returns what the role is for, in a few words.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }

            /// Returns how the role is drawn.
            pub const fn layer(self) -> Layer {
                match self { $(Self::$variant => Layer::$layer,)* }
            }
        }
    };
}

roles! {
    Text "text" Ground "the screen, and everything that has no other role";
    TextMuted "text.muted" Span "what matters less";
    TextStrong "text.strong" Span "what matters more";
    TextLink "text.link" Span "a link to another record or page";

    Border "border" Line "the frame of a pane";
    BorderFocused "border.focused" Line "the frame of the pane that has the focus";
    Title "title" Span "the title of a pane";
    TitleFocused "title.focused" Span "the title of the pane that has the focus";
    TitleDetail "title.detail" Span "filter, sort and count in a title";

    List "list" Ground "rows";
    ListHeader "list.header" Ground "the names of columns";
    ListCursor "list.cursor" Ground "the row under the cursor in the focused pane";
    ListCursorResting "list.cursor.resting" Ground "the row under the cursor in another pane";
    ListCell "list.cell" Ground "the cell under the cursor";
    ListMarked "list.marked" Ground "a marked row";
    ListVisual "list.visual" Ground "a row of the visual selection";
    ListNumber "list.number" Span "the number of a row";
    ListFold "list.fold" Ground "a closed fold";

    Heading "heading" Ground "what a group of rows is headed by";
    HeadingDay "heading.day" Ground "the day above a timeline's rows";
    HeadingBand "heading.band" Ground "the band above a queue's rows";

    Empty "empty" Span "the explanation in an empty pane";
    EmptyKey "empty.key" Span "what to type, in that explanation";

    Board "board" Ground "cards";
    BoardHead "board.head" Ground "the head of a column";
    BoardHeadFocused "board.head.focused" Ground "the head of the column under the cursor";
    BoardSum "board.sum" Span "count and sums of a column";
    BoardCursor "board.cursor" Ground "the card under the cursor in the focused pane";
    BoardCursorResting "board.cursor.resting" Ground "the card under the cursor in another pane";
    BoardDetail "board.detail" Span "company, age and next step on a card";

    Queue "queue" Ground "tickets";
    QueueClock "queue.clock" Span "time left on a service clock";
    QueueClockSoon "queue.clock.soon" Span "little time left";
    QueueClockBreached "queue.clock.breached" Span "no time left";
    QueueClockPaused "queue.clock.paused" Span "a clock that stands still";

    Urgency "urgency" Span "a priority";
    UrgencyUrgent "urgency.urgent" Span "priority urgent";
    UrgencyHigh "urgency.high" Span "priority high";
    UrgencyNormal "urgency.normal" Span "priority normal";
    UrgencyLow "urgency.low" Span "priority low";

    Timeline "timeline" Ground "interactions and events";
    TimelineTime "timeline.time" Span "when it was";
    TimelineEvent "timeline.event" Span "a change of a record among the interactions";
    TimelinePrivate "timeline.private" Span "an internal note";
    DirectionIn "direction.in" Span "they wrote or called";
    DirectionOut "direction.out" Span "we wrote or called";

    Channel "channel" Span "the channel of an interaction";
    ChannelCall "channel.call" Span "a call";
    ChannelEmail "channel.email" Span "an e-mail";
    ChannelMeeting "channel.meeting" Span "a meeting";
    ChannelVisit "channel.visit" Span "a visit";
    ChannelChat "channel.chat" Span "a chat";
    ChannelSms "channel.sms" Span "a text message";
    ChannelSocial "channel.social" Span "a social network";
    ChannelLetter "channel.letter" Span "a letter";
    ChannelFax "channel.fax" Span "a fax";
    ChannelWeb "channel.web" Span "the web";
    ChannelNote "channel.note" Span "a note";

    Due "due" Span "a date by which something is due";
    DueToday "due.today" Span "due today";
    DueOverdue "due.overdue" Span "due before now";

    Stage "stage" Span "the stage of an opportunity";
    StageWon "stage.won" Span "an opportunity won";
    StageLost "stage.lost" Span "an opportunity lost";
    State "state" Span "the status of a ticket";
    StateWaiting "state.waiting" Span "a ticket that waits for someone else";
    StateDone "state.done" Span "a ticket that is done";

    Tag "tag" Span "a tag";
    Money "money" Span "an amount";
    MoneyNegative "money.negative" Span "an amount below zero";

    FieldName "field.name" Span "the name of a field";
    FieldValue "field.value" Span "the value of a field";
    FieldChanged "field.changed" Span "a value that is not saved yet";
    FieldWrong "field.wrong" Span "a value that cannot be saved";

    ChangeAdded "change.added" Span "what a change brings";
    ChangeRemoved "change.removed" Span "what a change takes away";

    Overlay "overlay" Ground "what lies over the panes";
    OverlayBorder "overlay.border" Line "its frame";
    OverlayTitle "overlay.title" Span "its title";

    Prompt "prompt" Ground "the prompt line";
    PromptSigil "prompt.sigil" Span "the sign before it: : / ?";
    PromptHint "prompt.hint" Span "what may be typed there";
    PromptWrong "prompt.wrong" Span "what is wrong in what is typed";

    Completion "completion" Ground "the list of completions";
    CompletionSelected "completion.selected" Ground "the chosen completion";
    CompletionHelp "completion.help" Span "what a completion means";

    Key "key" Span "a key, in which-key and help";
    KeyGroup "key.group" Span "the name of keys that follow";

    Status "status" Ground "the status line";
    StatusNormal "status.normal" Ground "the name of normal mode";
    StatusInsert "status.insert" Ground "the name of insert mode";
    StatusVisual "status.visual" Ground "the name of visual mode";
    StatusPrompt "status.prompt" Ground "the name of the prompt's mode";
    StatusPosition "status.position" Span "the row of how many";
    StatusPending "status.pending" Span "keys of a command that is not complete";
    StatusRecording "status.recording" Span "a macro is being recorded";
    StatusReadonly "status.readonly" Span "nothing may be changed";
    StatusShare "status.share" Span "what others do";

    Message "message" Span "a message";
    MessageWarning "message.warning" Span "a message that something may be wrong";
    MessageError "message.error" Span "a message that something is wrong";

    Progress "progress" Ground "work that goes on";
    ProgressDone "progress.done" Ground "the part of it that is done";

    Match "match" Ground "what a search found";
    MatchCurrent "match.current" Ground "the match under the cursor";
    Letters "letters" Span "letters that a finder or completion matched";

    Placeholder "placeholder" Span "a sign that stands for what may not reach the terminal";
    Scrollbar "scrollbar" Line "the bar beside a list";
    ScrollbarThumb "scrollbar.thumb" Line "the part of the list that is seen";
    Tab "tab" Ground "a tab";
    TabActive "tab.active" Ground "the tab that is seen";
}

impl Role {
    /// Returns the role of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// Returns the role whose style this one has where a theme gives it none:
    /// the nearest that its name begins with.
    pub fn parent(self) -> Option<Self> {
        let mut name = self.name();
        while let Some((before, _)) = name.rsplit_once('.') {
            if let Some(parent) = Self::named(before) {
                return Some(parent);
            }
            name = before;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_fall_back_by_dots() {
        assert_eq!(Role::ListCursorResting.parent(), Some(Role::ListCursor));
        assert_eq!(Role::ListCursor.parent(), Some(Role::List));
        assert_eq!(Role::List.parent(), None);
        assert_eq!(Role::FieldName.parent(), None);
    }

    #[test]
    fn names_are_unique_and_find_their_role() {
        for (index, role) in Role::ALL.iter().enumerate() {
            assert_eq!(*role as usize, index);
            assert_eq!(Role::named(role.name()), Some(*role));
            assert!(!role.help().is_empty());
        }
    }
}

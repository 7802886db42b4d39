//! The one table of commands.
//!
//! Keys, the `:` line, scripts and `rolo play` all make invocations of these
//! lines; help, completion, the keymap check and the key page derive from it. To
//! add a command: a line here, an [`Id`], and the arm that does it.

use super::spec::Id::*;
use super::spec::Motion::{Cells as ToCell, CellsThrough, Rows as ToRow, RowsUpTo, Scrolls};
use super::spec::Place::{Anywhere, Cells, Overlay, Pipeline, Rows, Staged, Text};
use super::{Id, Place, Spec};

const fn c(id: Id, name: &'static str, place: Place, help: &'static str) -> Spec {
    Spec::new(id, name, place, help)
}

/// Every command.
pub const COMMANDS: &[Spec] = &[
    c(Down, "down", Rows, "the next row").motion(ToRow),
    c(Up, "up", Rows, "the previous row").motion(ToRow),
    c(First, "first", Rows, "the first row, or the row of the count").motion(ToRow).jumps(),
    c(Last, "last", Rows, "the last row, or the row of the count").motion(ToRow).jumps(),
    c(NextRow, "next-row", Rows, "the first cell of the next row").motion(ToRow),
    c(PreviousRow, "previous-row", Rows, "the first cell of the previous row").motion(ToRow),
    c(ScreenTop, "screen-top", Rows, "the top row on screen").motion(ToRow).jumps(),
    c(ScreenMiddle, "screen-middle", Rows, "the middle row on screen").motion(ToRow).jumps(),
    c(ScreenBottom, "screen-bottom", Rows, "the bottom row on screen").motion(ToRow).jumps(),
    c(HalfPageDown, "half-page-down", Rows, "half a page down").motion(Scrolls),
    c(HalfPageUp, "half-page-up", Rows, "half a page up").motion(Scrolls),
    c(PageDown, "page-down", Rows, "a page down").motion(Scrolls),
    c(PageUp, "page-up", Rows, "a page up").motion(Scrolls),
    c(NextGroup, "next-group", Rows, "the next day, stage, company or urgency band").motion(RowsUpTo).jumps(),
    c(PreviousGroup, "previous-group", Rows, "the previous day, stage, company or urgency band").motion(RowsUpTo).jumps(),
    c(ThisRow, "this-row", Rows, "the row itself, and as many more as the count says").motion(ToRow),
    c(MarkRow, "mark-row", Rows, "the row of a mark").args("MARK").motion(ToRow).jumps(),
    c(MarkCell, "mark-cell", Rows, "the cell of a mark").args("MARK").motion(RowsUpTo).jumps(),
    c(NextRecord, "next-record", Anywhere, "the next record, also while one is open").count(),
    c(PreviousRecord, "previous-record", Anywhere, "the previous record, also while one is open").count(),
    c(Left, "left", Cells, "the cell to the left; on the board the column").motion(ToCell),
    c(Right, "right", Cells, "the cell to the right; on the board the column").motion(ToCell),
    c(FirstCell, "first-cell", Cells, "the first cell").motion(ToCell),
    c(FirstText, "first-text", Cells, "the first cell that has a value").motion(ToCell),
    c(LastCell, "last-cell", Cells, "the last cell").motion(CellsThrough),
    c(NextWord, "next-word", Cells, "the next word").motion(ToCell),
    c(PreviousWord, "previous-word", Cells, "the previous word").motion(ToCell),
    c(EndOfWord, "end-of-word", Cells, "the end of the word").motion(CellsThrough),
    c(FindChar, "find-char", Cells, "the next such letter in the row").args("LETTER").motion(CellsThrough),
    c(FindCharBack, "find-char-back", Cells, "the previous such letter in the row").args("LETTER").motion(ToCell),
    c(TillChar, "till-char", Cells, "just before the next such letter").args("LETTER").motion(CellsThrough),
    c(TillCharBack, "till-char-back", Cells, "just behind the previous such letter").args("LETTER").motion(ToCell),
    c(RepeatFind, "repeat-find", Cells, "the last letter search again").motion(CellsThrough),
    c(RepeatFindBack, "repeat-find-back", Cells, "the last letter search the other way").motion(CellsThrough),
    c(Search, "search", Rows, "search forward").args("[PATTERN]").motion(RowsUpTo).jumps(),
    c(SearchBack, "search-back", Rows, "search backward").args("[PATTERN]").motion(RowsUpTo).jumps(),
    c(SearchNext, "search-next", Rows, "the next hit").motion(RowsUpTo).jumps(),
    c(SearchPrevious, "search-previous", Rows, "the previous hit").motion(RowsUpTo).jumps(),
    c(SearchCell, "search-cell", Rows, "the next row with this cell's text").motion(RowsUpTo).jumps(),
    c(SearchCellBack, "search-cell-back", Rows, "the previous row with this cell's text").motion(RowsUpTo).jumps(),
    c(NoHighlight, "nohlsearch", Anywhere, "no highlight until the next search").aliases(&["noh", "nohl"]),
    c(ObjectGroup, "object-group", Rows, "the group of the row: its day, stage, company, urgency band").object(),
    c(ObjectCompany, "object-company", Rows, "the rows of the same company").object(),
    c(ObjectOwner, "object-owner", Rows, "the rows of the same owner").object(),
    c(ObjectTag, "object-tag", Rows, "the rows that share a tag with this one").object(),
    c(ObjectVisible, "object-visible", Rows, "the rows on screen").object(),
    c(ObjectMatch, "object-match", Rows, "the row of the next hit").object(),
    c(Operator, "operator", Rows, "waits for a motion or object and gives its rows to a command").args("COMMAND").count(),
    c(Yank, "yank", Rows, "copy rows or cells into a register").aliases(&["y"]).args("[REGISTER] [COUNT]").count().range(),
    c(Change, "change", Rows, "rows in $EDITOR; of cells the first, emptied, in place").aliases(&["c"]).count().range().writes(),
    c(Tidy, "tidy", Rows, "tidy: spaces, phones, the case of names").aliases(&["="]).count().range().writes(),
    c(Through, "through", Rows, "rows through a command of the shell, as TOML").aliases(&["!"]).args("COMMAND").count().range().writes(),
    c(Merge, "merge", Rows, "merge the rows below into the first one")
        .aliases(&["j", "join"])
        .args("[ID… --prefer keep|other|newest]")
        .count()
        .range()
        .writes(),
    c(Distinct, "distinct", Rows, "say that the rows are no duplicates of each other").args("[ID…]").count().range().writes(),
    c(ReplaceChar, "replace-char", Cells, "replace the character under the cursor").args("CHARACTER").count().writes(),
    c(Increase, "increase", Cells, "more: a number, a sum, a later date, a higher priority").args("[BY]").count().range().writes(),
    c(Decrease, "decrease", Cells, "less: a number, a sum, an earlier date, a lower priority").args("[BY]").count().range().writes(),
    c(Visual, "visual", Rows, "select rows, or end it").count(),
    c(VisualBlock, "visual-block", Cells, "select cells of one column or more").count(),
    c(VisualAgain, "visual-again", Rows, "the last selection again"),
    c(VisualOtherEnd, "visual-other-end", Rows, "to the other end of the selection"),
    c(Registers, "registers", Anywhere, "what the registers hold").aliases(&["reg", "display", "di"]).args("[NAMES]"),
    c(Put, "put", Rows, "put a register's rows or cells here").aliases(&["pu"]).args("[REGISTER]").count().range().writes(),
    c(PutBefore, "put-before", Rows, "put a register's rows or cells here").args("[REGISTER]").count().range().writes(),
    c(SetMark, "mark", Rows, "mark the row").aliases(&["ma", "k"]).args("MARK").range(),
    c(Marks, "marks", Anywhere, "the marks").args("[MARKS]"),
    c(DelMarks, "delmarks", Anywhere, "delete marks; with ! the small ones").aliases(&["delm"]).args("MARKS"),
    c(Jumps, "jumps", Anywhere, "where the cursor jumped from").aliases(&["ju"]),
    c(JumpOlder, "jump-older", Anywhere, "back to where the cursor jumped from").count(),
    c(JumpNewer, "jump-newer", Anywhere, "forward again among the jumps").count(),
    c(JumpAlternate, "jump-alternate", Anywhere, "to the record opened before, and back"),
    c(ChangeOlder, "change-older", Anywhere, "to where the last change was").count(),
    c(ChangeNewer, "change-newer", Anywhere, "to where the next change was").count(),
    c(Changes, "changes", Anywhere, "where something was changed"),
    c(Repeat, "repeat", Anywhere, "the last change again").count(),
    c(RepeatLine, "repeat-line", Anywhere, "the last : line again").count(),
    c(Record, "record", Anywhere, "record keys into a register, or end it").args("REGISTER"),
    c(Execute, "execute", Anywhere, "run the keys in a register").aliases(&["@"]).args("REGISTER").count().range(),
    c(Global, "global", Rows, "a command on the rows with a hit").aliases(&["g"]).args("/PATTERN/COMMAND").range(),
    c(Except, "vglobal", Rows, "a command on the rows without a hit").aliases(&["v"]).args("/PATTERN/COMMAND").range(),
    c(Substitute, "substitute", Rows, "replace text in the cells of the rows").aliases(&["s"]).args("/PATTERN/TEXT/FLAGS").range().writes(),
    c(SubstituteAgain, "substitute-again", Rows, "the last replacement again").aliases(&["&", "&&"]).args("[FLAGS]").range().writes(),
    c(Normal, "normal", Rows, "keys, on each row of the range").aliases(&["norm"]).args("KEYS").range(),
    c(Copy, "copy", Rows, "duplicate the rows as new records").aliases(&["co", "t"]).count().range().writes(),
    c(ScrollDown, "scroll-down", Rows, "scroll down a row").count(),
    c(ScrollUp, "scroll-up", Rows, "scroll up a row").count(),
    c(RowToTop, "row-to-top", Rows, "this row to the top of the screen").count(),
    c(RowToMiddle, "row-to-middle", Rows, "this row to the middle of the screen").count(),
    c(RowToBottom, "row-to-bottom", Rows, "this row to the bottom of the screen").count(),
    c(Open, "open", Rows, "open the record: all fields, links, history"),
    c(Close, "close", Overlay, "close what is open"),
    c(Follow, "follow", Rows, "go to the linked record"),
    c(Where, "where", Rows, "set the pane's filter; `QUERY :: COMMAND` runs a command on those that match").args("[QUERY [:: COMMAND]]"),
    c(Filter, "filter", Rows, "set the pane's filter; none shows all").args("[QUERY]").aliases(&["f"]),
    c(Sort, "sort", Rows, "sort the pane; a leading - is descending").args("[FIELD,-FIELD]"),
    c(Columns, "columns", Rows, "set the pane's columns").args("[FIELD,…]"),
    c(Zoom, "zoom", Anywhere, "one pane alone, and back"),
    c(PaneNext, "pane-next", Anywhere, "the next pane").count(),
    c(PanePrevious, "pane-previous", Anywhere, "the previous pane").count(),
    c(PaneLeft, "pane-left", Anywhere, "the pane to the left"),
    c(PaneRight, "pane-right", Anywhere, "the pane to the right"),
    c(PaneUp, "pane-up", Anywhere, "the pane above"),
    c(PaneDown, "pane-down", Anywhere, "the pane below"),
    c(WindowSplit, "split", Anywhere, "another pane below this one").aliases(&["sp"]).args("[PANE]"),
    c(WindowSplitBeside, "vsplit", Anywhere, "another pane beside this one").aliases(&["vs"]).args("[PANE]"),
    c(WindowClose, "window-close", Anywhere, "close this window").aliases(&["clo"]),
    c(WindowOnly, "only", Anywhere, "only this window").aliases(&["on"]),
    c(WindowTaller, "window-taller", Anywhere, "this window taller").count(),
    c(WindowShorter, "window-shorter", Anywhere, "this window shorter").count(),
    c(WindowWider, "window-wider", Anywhere, "this window wider").count(),
    c(WindowNarrower, "window-narrower", Anywhere, "this window narrower").count(),
    c(WindowsEqual, "windows-equal", Anywhere, "all windows of one size"),
    c(TabNew, "tabnew", Anywhere, "a new tab, with panes of its own").aliases(&["tabe", "tabedit"]),
    c(TabClose, "tabclose", Anywhere, "close this tab").aliases(&["tabc"]),
    c(TabNext, "tabnext", Anywhere, "the next tab, or the tab of the count").aliases(&["tabn"]).count(),
    c(TabPrevious, "tabprevious", Anywhere, "the previous tab").aliases(&["tabp", "tabNext"]).count(),
    c(View, "view", Anywhere, "show a saved view: kind, filter, sort, columns; without a name list them")
        .args("[NAME]")
        .aliases(&["loadview"]),
    c(KeepView, "mkview", Anywhere, "save filter, sort and columns of this pane as a view").args("NAME").aliases(&["mkvie"]),
    c(DropView, "delview", Anywhere, "forget a saved view").args("NAME"),
    c(Drafts, "drafts", Anywhere, "what was being written when the application ended"),
    c(TakeDraft, "draft", Anywhere, "go on with a draft: the last one, or that of the number").args("[NUMBER]"),
    c(DropDraft, "deldraft", Anywhere, "drop a draft for good").args("[NUMBER]"),
    c(Pane, "pane", Anywhere, "go to a pane").args("contacts|timeline|pipeline|tickets"),
    c(Id::Pipeline, "pipeline", Anywhere, "show a pipeline on the board; without a name the next one").args("[NAME]"),
    c(Theme, "theme", Anywhere, "change the colours").args("[NAME]").aliases(&["colorscheme", "colo"]),
    c(Help, "help", Anywhere, "keys and commands").args("[COMMAND]").aliases(&["h"]),
    c(KeyHelp, "key-help", Anywhere, "what the keys do here"),
    c(Redraw, "redraw", Anywhere, "draw the screen anew"),
    c(WhereAmI, "where-am-i", Rows, "which record, which row of how many"),
    c(Perf, "perf", Anywhere, "what keys, frames and the finder have cost so far"),
    c(Messages, "messages", Anywhere, "the last messages").aliases(&["mes"]),
    c(CommandLine, "command-line", Anywhere, "open the command line").args("[TEXT]"),
    c(Cancel, "cancel", Anywhere, "cancel what is pending or open"),
    c(Nothing, "nop", Anywhere, "swallow the key"),
    c(Quit, "quit", Anywhere, "close what is open, or leave").aliases(&["q", "qa", "quitall", "wq", "x", "xit", "wqa", "exit"]),
    c(Write, "write", Anywhere, "says that all is kept already").aliases(&["w", "wa"]),
    c(PromptFilter, "prompt-filter", Rows, "type the pane's filter"),
    c(Finder, "finder", Anywhere, "find any record as you type").args("[TEXT]"),
    c(FinderLog, "finder-log", Text, "log an interaction with what the finder found"),
    c(FinderCopy, "finder-copy", Text, "copy the name of what the finder found"),
    c(FinderFilter, "finder-filter", Text, "show what the finder found in its pane"),
    c(FoldOpen, "fold-open", Rows, "open the fold: a group, a day, a column"),
    c(FoldClose, "fold-close", Rows, "close the fold: a group, a day, a column"),
    c(FoldToggle, "fold", Rows, "open or close the fold: a group, a day, a column"),
    c(FoldOpenAll, "folds-open", Rows, "open all folds"),
    c(FoldCloseAll, "folds-close", Rows, "close all folds"),
    c(FoldReveal, "fold-reveal", Rows, "open what is folded over the cursor's row"),
    c(Expand, "expand", Rows, "the text of the timeline whole, or on one line"),
    c(Channel, "channel", Anywhere, "only these channels in the timeline; none shows all").args("[CHANNEL…]"),
    c(Suspend, "suspend", Anywhere, "back to the shell until `fg`").aliases(&["stop", "sus"]),
    c(Accept, "accept", Text, "take what was typed"),
    c(TextDeleteBack, "text-delete-back", Text, "delete the character before the cursor"),
    c(TextDelete, "text-delete", Text, "delete the character under the cursor"),
    c(TextDeleteWord, "text-delete-word", Text, "delete the word before the cursor"),
    c(TextDeleteLine, "text-delete-line", Text, "delete all before the cursor"),
    c(TextLeft, "text-left", Text, "a character to the left"),
    c(TextRight, "text-right", Text, "a character to the right"),
    c(TextWordLeft, "text-word-left", Text, "a word to the left"),
    c(TextWordRight, "text-word-right", Text, "a word to the right"),
    c(TextHome, "text-home", Text, "to the beginning of the text"),
    c(TextEnd, "text-end", Text, "to the end of the text"),
    c(TextComplete, "text-complete", Text, "complete, or the next completion"),
    c(TextCompleteBack, "text-complete-back", Text, "the previous completion"),
    c(TextNewer, "text-newer", Text, "the next line of the history"),
    c(TextBreak, "text-break", Text, "a line break, where the text may have several lines"),
    c(Dupes, "dupes", Anywhere, "review records that may be one, side by side").args("[KIND] [QUERY]").aliases(&["duplicates"]),
    c(ReviewNext, "review-next", Overlay, "the next pair; this one stays as it is"),
    c(ReviewPrevious, "review-previous", Overlay, "the pair before"),
    c(ReviewLeft, "review-left", Overlay, "the value on the left stands"),
    c(ReviewRight, "review-right", Overlay, "the value on the right stands"),
    c(ReviewAllLeft, "review-all-left", Overlay, "all values on the left stand"),
    c(ReviewAllRight, "review-all-right", Overlay, "all values on the right stand"),
    c(ReviewSwap, "review-swap", Overlay, "the two change places: the other one stays"),
    c(ReviewMerge, "review-merge", Overlay, "they are one: merge them").writes(),
    c(ReviewDistinct, "review-distinct", Overlay, "they are no duplicates: never ask again").writes(),
    c(ReviewOpen, "review-open", Overlay, "open the record on the left, or on the right").args("[right]"),
    c(Form, "form", Anywhere, "all fields in a form: of the row, or of a new record").args("[KIND | ID]").writes(),
    c(FormNext, "form-next", Text, "the next field of the form; behind the last one it is saved"),
    c(EditApply, "edit-apply", Text, "keep what the editor left").args("[apply | edit | drop]").writes(),
    c(FormSave, "form-save", Text, "save the form").writes(),
    c(FormLeave, "form-leave", Text, "leave the form").args("[stay | save | discard]"),
    c(FormAdd, "form-add", Text, "one more value of the field"),
    c(FormRemove, "form-remove", Text, "take the value out"),
    c(FormMine, "form-mine", Text, "of two versions of a field the one typed here"),
    c(FormTheirs, "form-theirs", Text, "of two versions of a field the one that somebody else wrote"),
    c(TextOlder, "text-older", Text, "the previous line of the history"),
    c(TextRegister, "text-register", Text, "put in what a register holds"),
    c(HistoryWindow, "history-window", Anywhere, "the lines typed before, to be run again").args("[:|/]"),
    c(FieldHelp, "field-help", Rows, "what the field under the cursor is"),
    c(OpenOutside, "open-outside", Rows, "open what stands under the cursor outside: a web or mail address, a phone, an attached file"),
    c(StageNext, "stage-next", Staged, "to the next stage, or one priority up").aliases(&[">"]).count().range().writes(),
    c(StagePrevious, "stage-previous", Staged, "to the previous stage, or one priority down").aliases(&["<"]).count().range().writes(),
    c(Trash, "rm", Rows, "to the trash").aliases(&["delete", "d"]).args("[ID… | REGISTER] [COUNT]").count().range().writes(),
    c(Restore, "restore", Anywhere, "back from the trash").args("ID…").writes(),
    c(Purge, "purge", Anywhere, "empty the trash: cannot be undone").asks(),
    c(New, "new", Rows, "a new record of the pane's kind, or KIND").args("[KIND] [FIELD=VALUE…]").writes(),
    c(NewAbove, "new-above", Rows, "a new record above").args("[KIND] [FIELD=VALUE…]").writes(),
    c(LogTouch, "log-touch", Rows, "log an interaction with whom the row is about").args("[CHANNEL [TEXT]]").writes(),
    c(EditCell, "edit-cell", Cells, "edit the cell in place").args("[TEXT]").writes(),
    c(ChangeCell, "change-cell", Cells, "empty the cell and edit it").args("[TEXT]").writes(),
    c(Edit, "edit", Rows, "the record in $EDITOR").aliases(&["e"]).args("[ID…]").count().range().writes(),
    c(AppendNotes, "append-notes", Rows, "add a line to the notes").args("[TEXT]").writes(),
    c(Toggle, "toggle", Cells, "tick a task, turn a flag").count().range().writes(),
    c(Undo, "undo", Anywhere, "take back the last step, or the steps named").aliases(&["u"]).args("[@STEP…] [--force]").count().writes(),
    c(Redo, "redo", Anywhere, "do the undone step again").aliases(&["red"]).count().writes(),
    c(UndoList, "undolist", Anywhere, "the ends of the tree of changes").aliases(&["undol"]),
    c(UndoOlder, "undo-older", Anywhere, "to the state before, in time").count(),
    c(UndoNewer, "undo-newer", Anywhere, "to the state after, in time").count(),
    c(Earlier, "earlier", Anywhere, "to an earlier state").args("[COUNT | 10s | 10m | 2h | 3d]").count(),
    c(Later, "later", Anywhere, "to a later state").args("[COUNT | 10s | 10m | 2h | 3d]").count(),
    c(Set, "set", Anywhere, "set fields of the row, or an option").aliases(&["se"]).args("FIELD=VALUE… | OPTION").count().range().writes(),
    c(Add, "add", Anywhere, "a new record").args("KIND FIELD=VALUE…").writes(),
    c(Move, "move", Pipeline, "to a stage").aliases(&["mv"]).args("[OPPORTUNITY…] STAGE [--reason R]").count().range().writes(),
    c(Convert, "convert", Rows, "the lead becomes a contact at a company with an opportunity")
        .args("[--company C] [--name N] [--no-opportunity] [FIELD=VALUE…]")
        .writes(),
    c(GiveOut, "give-out", Rows, "give the lead to somebody by the team's rules").count().range().writes(),
    c(Score, "score", Rows, "why the lead scores what it scores").args("[ID]"),
    c(Quote, "quote", Rows, "an offer of the opportunity's lines; accepted, it is won").args("[accept | decline] [ID]").writes(),
    c(Link, "link", Anywhere, "tie two records").args("[ID] ID").writes(),
    c(Unlink, "unlink", Anywhere, "untie two records").args("[ID] ID").writes(),
    c(Attach, "attach", Rows, "attach a file to the record").args("FILE [ID…]").writes(),
    c(OpenFile, "open-file", Rows, "open the attached file with the system's opener").args("[ID]"),
    c(Log, "log", Anywhere, "log an interaction").args("CHANNEL [WHO] TEXT…").writes(),
    c(Take, "take", Rows, "assign the ticket or task to yourself").count().range().writes(),
    c(Assign, "assign", Rows, "give the ticket or task to somebody; with ! to nobody").args("[USER]").count().range().writes(),
    c(Answer, "answer", Rows, "answer the ticket").args("[TEXT…]").count().range().writes(),
    c(Note, "note", Rows, "a private note, which only colleagues see").args("[TEXT…]").count().range().writes(),
    c(Status, "status", Rows, "change the ticket's status").args("[STATUS]").count().range().writes(),
    c(Escalate, "escalate", Rows, "hand the ticket to the next line, with a private note").args("[NOTE…]").count().range().writes(),
    c(Solve, "solve", Rows, "solve the ticket, with an answer; with ! also those of the outage").args("[TEXT…]").count().range().writes(),
    c(Reopen, "reopen", Rows, "open the ticket again, with a private note").args("[NOTE…]").count().range().writes(),
    c(Separate, "break-off", Rows, "a ticket of its own of the message, or of a part of the ticket")
        .args("[SUBJECT…]")
        .count()
        .range()
        .writes(),
    c(Incident, "incident", Rows, "tie the ticket to an outage; with ! to none").args("[TICKET]").count().range().writes(),
    c(Why, "why", Rows, "why the ticket's clocks stand where they stand, or the lead scores what it scores"),
    c(Done, "done", Anywhere, "tick a task").args("[TASK]").writes(),
    c(Postpone, "postpone", Rows, "put off a task, next step or meeting: a day, or to a time").args("[3d | TIME]").count().range().writes(),
    c(Sooner, "sooner", Rows, "a task, next step or meeting a day sooner").count().range().writes(),
    c(Agenda, "agenda", Anywhere, "what is due and overdue, meetings, next steps, days of contracts").args("[UNTIL] [--all]"),
    c(Pop, "pop", Anywhere, "who calls: whoever has a number or address, and what is open with them").args("[PHONE | EMAIL]"),
    c(Call, "call", Rows, "call whom the row is about, unless they do not want it; ! calls all the same").args("[NAME | NUMBER]"),
    c(Reply, "reply", Rows, "answer the ticket with a canned reply; ! shows what it would say").args("[NAME]").writes(),
    c(Article, "article", Rows, "what may answer the ticket; an article given is linked to it").args("[ARTICLE]").count().range().writes(),
    c(Show, "show", Anywhere, "open a record").args("ID"),
    c(List, "list", Anywhere, "show a kind in its pane, filtered").aliases(&["ls"]).args("KIND [QUERY…]"),
    c(Count, "count", Anywhere, "how many").args("KIND [QUERY…] [--by FIELD]"),
    c(Sum, "sum", Anywhere, "how much").args("KIND FIELD [QUERY…] [--by FIELD]"),
    c(Report, "report", Anywhere, "figures, and the records behind each: funnel, win-rate, forecast, …")
        .args("[NAME] [QUERY…] [--period P] [--by FIELD]"),
    c(WhatIf, "what-if", Anywhere, "suppose that the opportunity were changed, and see the forecast move")
        .args("FIELD=VALUE… | drop | keep"),
    c(Timeline, "timeline", Anywhere, "the timeline of a record").args("[ID]"),
    c(Find, "find", Anywhere, "over every kind, best first").args("TEXT…"),
    c(History, "history", Anywhere, "who changed what").args("[ID]"),
    c(Blame, "blame", Rows, "where each value came from: whose step, or which row of an import").args("[ID] [FIELD]"),
    c(Diff, "diff", Anywhere, "what changed between two steps").args("@A..@B"),
    c(Fields, "fields", Anywhere, "the fields of a kind").args("KIND"),
    c(Config, "config", Anywhere, "what the team owns").args("list | get NAME"),
    c(Stats, "stats", Anywhere, "the store in numbers"),
    c(Check, "check", Anywhere, "read everything and compare"),
    c(Import, "import", Anywhere, "import a file: csv, tsv, json, jsonl, mail").args("FILE… --as KIND [--map FILE] [--dry-run]").writes(),
    c(Apply, "apply", Anywhere, "carry out the plan of an import").args("PLAN [--dry-run] [--rejects FILE]").writes(),
    c(Export, "export", Anywhere, "export to a file; ! writes over one").args("KIND [QUERY…] --out FILE [--columns A,B]"),
    c(Backup, "backup", Anywhere, "everything into one file; ! writes over one").args("FILE"),
    c(Forget, "forget", Rows, "what forgetting this person would remove; ! does it for good").args("[ID]"),
    c(Demo, "demo", Anywhere, "fill an empty store with a small invented company").writes(),
];

/// Returns the command of this name or alias.
pub fn find(name: &str) -> Option<&'static Spec> {
    COMMANDS.iter().find(|spec| spec.is_called(name)).or_else(|| {
        // As in Vim, an unambiguous beginning of a name is the name.
        let mut begun = COMMANDS.iter().filter(|spec| name.len() > 1 && spec.name.starts_with(name));
        let only = begun.next()?;
        begun.next().is_none().then_some(only)
    })
}

/// Returns the command with this id.
pub fn spec(id: Id) -> &'static Spec {
    COMMANDS.iter().find(|spec| spec.id == id).expect("every id has a line in the table: a test holds it")
}

/// Returns the known name nearest to a mistyped one, if one is near.
pub fn nearest(name: &str) -> Option<&'static str> {
    COMMANDS
        .iter()
        .flat_map(|spec| std::iter::once(spec.name).chain(spec.aliases.iter().copied()))
        .map(|known| (strsim::damerau_levenshtein(known, name), known))
        .filter(|(distance, known)| *distance <= 1 + known.len() / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_and_ids_are_unique() {
        let mut names = HashSet::new();
        let mut ids = HashSet::new();
        for spec in COMMANDS {
            assert!(ids.insert(spec.id), "{:?} twice", spec.id);
            for name in std::iter::once(&spec.name).chain(spec.aliases) {
                assert!(names.insert(*name), "{name} twice");
            }
            assert_eq!(super::spec(spec.id).name, spec.name);
        }
    }

    #[test]
    fn a_beginning_is_enough_where_it_is_plain() {
        assert_eq!(find("filt").map(|spec| spec.id), Some(Filter));
        assert_eq!(find("un").map(|spec| spec.id), None, "undo or unlink");
        assert_eq!(find("q").map(|spec| spec.id), Some(Quit));
        assert_eq!(nearest("fitler"), Some("filter"));
        assert_eq!(nearest("xyzzyplugh"), None);
    }
}

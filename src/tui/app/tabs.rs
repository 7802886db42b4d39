//! Tabs: each has its panes as they were left, with their filters, sorts, columns,
//! cursors and windows.

use super::board::Board;
use super::grammar::visual;
use super::list::List;
use super::message::{Effect, Level};
use super::state::{App, CONTACT_COLUMNS, TICKET_COLUMNS, default_sort};
use super::timeline::Timeline;
use super::tree::Tree;
use crate::command::{Id, Invocation};
use crate::domain::Kind;
use crate::tui::keys::Pane;

/// More tabs than these nobody finds again.
pub(super) const MOST: usize = 20;

/// What one tab has of its own. That of the tab that is seen stands in the
/// application itself; what is kept here is as old as the switch.
#[derive(Debug)]
pub struct Tab {
    pub(super) focus: Pane,
    pub(super) leading: Pane,
    pub(super) zoomed: bool,
    pub(super) tree: Option<Tree>,
    pub(super) contacts: List,
    pub(super) tickets: List,
    pub(super) pipeline: Board,
    pub(super) timeline: Timeline,
}

impl Default for Tab {
    /// Returns a tab as the application opens.
    fn default() -> Self {
        Self {
            focus: Pane::Contacts,
            leading: Pane::Contacts,
            zoomed: false,
            tree: None,
            contacts: List::new(Kind::Contact, default_sort(Kind::Contact), CONTACT_COLUMNS),
            tickets: List::new(Kind::Ticket, default_sort(Kind::Ticket), TICKET_COLUMNS),
            pipeline: Board::default(),
            timeline: Timeline::default(),
        }
    }
}

impl Tab {
    /// Returns what the tab is called in the line of tabs.
    pub fn title(&self) -> String {
        title(self.leading, &self.contacts)
    }

    /// Exchanges what the tab has with what is seen.
    fn exchange(&mut self, app: &mut App) {
        std::mem::swap(&mut self.focus, &mut app.focus);
        std::mem::swap(&mut self.leading, &mut app.leading);
        std::mem::swap(&mut self.zoomed, &mut app.zoomed);
        std::mem::swap(&mut self.tree, &mut app.tree);
        std::mem::swap(&mut self.contacts, &mut app.contacts);
        std::mem::swap(&mut self.tickets, &mut app.tickets);
        std::mem::swap(&mut self.pipeline, &mut app.pipeline);
        std::mem::swap(&mut self.timeline, &mut app.timeline);
    }
}

fn title(leading: Pane, contacts: &List) -> String {
    if leading == Pane::Contacts { contacts.name().to_owned() } else { leading.name().to_owned() }
}

/// Returns what the tabs are called, in their order.
pub fn titles(app: &App) -> Vec<String> {
    let seen = || title(app.leading, &app.contacts);
    app.tabs.iter().enumerate().map(|(at, tab)| if at == app.tab { seen() } else { tab.title() }).collect()
}

/// Carries out a command on tabs; `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let count = invocation.count.map(|count| count as usize);
    let tabs = app.tabs.len();
    Some(match invocation.spec.id {
        Id::TabNew => new(app),
        Id::TabClose if tabs == 1 => {
            app.complain("this is the only tab", Some(":q leaves"));
            vec![Effect::Bell]
        }
        Id::TabClose => {
            let closed = app.tab;
            let effects = go(app, if closed == 0 { 1 } else { closed - 1 });
            app.tabs.remove(closed);
            app.tab -= usize::from(app.tab > closed);
            effects
        }
        Id::TabNext | Id::TabPrevious if tabs == 1 => {
            app.say(Level::Info, "there is only one tab: :tabnew opens another");
            Vec::new()
        }
        // As in Vim, a count before `gt` is the tab's number, before `gT` how many back.
        Id::TabNext => match count {
            Some(number) if number > tabs => {
                app.complain(&format!("there are only {tabs} tabs"), None);
                vec![Effect::Bell]
            }
            Some(number) => go(app, number - 1),
            None => go(app, (app.tab + 1) % tabs),
        },
        Id::TabPrevious => go(app, (app.tab + tabs - count.unwrap_or(1) % tabs) % tabs),
        _ => return None,
    })
}

/// Takes the tab that is to be seen out of the list: nothing of it is loaded yet.
pub(super) fn enter(app: &mut App) {
    let mut seen = std::mem::take(&mut app.tabs[app.tab]);
    seen.exchange(app);
}

fn new(app: &mut App) -> Vec<Effect> {
    if app.tabs.len() == MOST {
        app.complain(&format!("there are {MOST} tabs already"), Some("close one with :tabclose"));
        return vec![Effect::Bell];
    }
    let at = app.tab + 1;
    app.tabs.insert(at, Tab::default());
    go(app, at)
}

/// Shows another tab; it is read anew, since much may have changed since it was left.
fn go(app: &mut App, to: usize) -> Vec<Effect> {
    if to == app.tab {
        return Vec::new();
    }
    visual::end(app);
    app.opened.clear();
    app.sheet = None;
    let mut left = std::mem::take(&mut app.tabs[to]);
    left.exchange(app);
    app.tabs[app.tab] = left;
    app.tab = to;
    app.contacts.forget_all();
    app.tickets.forget_all();
    app.pipeline.forget_all();
    app.begin()
}

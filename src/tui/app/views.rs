//! Saved views: a kind with its filter, sort and columns under a name. One's own are
//! kept in `views.toml` beside the configuration; the team's come with the store.

use super::list::List;
use super::message::{Effect, Request};
use super::showing;
use super::state::{App, default_columns, default_sort};
use crate::command::{Id, Invocation};
use crate::domain::Kind;
use crate::tui::keys::Pane;

/// The longest name, in characters.
const LONGEST: usize = 60;

/// One saved view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Its name.
    pub name: String,
    /// What is listed.
    pub kind: Kind,
    /// The filter.
    pub filter: String,
    /// The sort; empty for the kind's own.
    pub sort: String,
    /// The columns; none for the kind's own.
    pub columns: Vec<String>,
    /// Whether it is the team's, which is changed with `rolo config edit views`.
    pub is_teams: bool,
}

impl View {
    /// Reads what stands under a view's name in TOML.
    ///
    /// # Errors
    /// One sentence: what is missing or is not what it should be.
    pub fn read(name: &str, table: &toml::Table, is_teams: bool) -> Result<Self, String> {
        let text = |key: &str| match table.get(key) {
            None => Ok(String::new()),
            Some(toml::Value::String(text)) => Ok(text.clone()),
            Some(_) => Err(format!("view {name}: \u{201c}{key}\u{201d} is a text")),
        };
        let known = ["kind", "query", "sort", "columns"];
        if let Some(other) = table.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(format!("view {name}: there is no \u{201c}{other}\u{201d}; there are {}", known.join(", ")));
        }
        let word = text("kind")?;
        let kind = Kind::from_name(&word).ok_or_else(|| format!("view {name}: there is no kind \u{201c}{word}\u{201d}"))?;
        let columns = match table.get("columns") {
            None => Vec::new(),
            Some(toml::Value::Array(columns)) => {
                let words = columns.iter().map(|column| column.as_str().map(str::to_owned));
                words.collect::<Option<_>>().ok_or_else(|| format!("view {name}: \u{201c}columns\u{201d} are names of fields"))?
            }
            Some(_) => return Err(format!("view {name}: \u{201c}columns\u{201d} is a list")),
        };
        Ok(Self { name: name.to_owned(), kind, filter: text("query")?, sort: text("sort")?, columns, is_teams })
    }

    /// Returns what stands under its name in TOML.
    pub fn table(&self) -> toml::Table {
        let mut table = toml::Table::new();
        table.insert("kind".to_owned(), self.kind.name().into());
        table.insert("query".to_owned(), self.filter.clone().into());
        if !self.sort.is_empty() {
            table.insert("sort".to_owned(), self.sort.clone().into());
        }
        if !self.columns.is_empty() {
            table.insert("columns".to_owned(), self.columns.clone().into());
        }
        table
    }

    /// Returns it in a few words.
    pub fn help(&self) -> String {
        let whose = if self.is_teams { ", the team's" } else { "" };
        match self.filter.as_str() {
            "" => format!("{}{whose}", self.kind.plural()),
            filter => format!("{} where {filter}{whose}", self.kind.plural()),
        }
    }
}

/// Carries out a command on views; `None` if it is none.
pub(super) fn run(app: &mut App, invocation: &Invocation) -> Option<Vec<Effect>> {
    let name = invocation.args.trim();
    Some(match invocation.spec.id {
        Id::View if name.is_empty() => list(app),
        Id::View => show(app, name),
        Id::KeepView => keep(app, name),
        Id::DropView => drop_view(app, name),
        _ => return None,
    })
}

fn refuse(app: &mut App, what: &str, hint: &str) -> Vec<Effect> {
    app.complain(what, Some(hint));
    vec![Effect::Bell]
}

fn list(app: &mut App) -> Vec<Effect> {
    if app.views.is_empty() {
        return refuse(app, "no view has been saved", ":mkview NAME saves filter, sort and columns of this pane");
    }
    let lines = app.views.iter().map(|view| format!("{:<20} {}", view.name, view.help())).collect();
    showing::sheet(app, "views", lines);
    Vec::new()
}

fn show(app: &mut App, name: &str) -> Vec<Effect> {
    let Some(view) = app.views.iter().find(|view| view.name == name).cloned() else {
        let near = crate::domain::fold::nearest(name, app.views.iter().map(|view| view.name.as_str())).map(str::to_owned);
        let hint = near
            .map_or_else(|| ":view lists them, :mkview NAME saves one".to_owned(), |near| format!("did you mean \u{201c}{near}\u{201d}?"));
        return refuse(app, &format!("there is no view \u{201c}{name}\u{201d}"), &hint);
    };
    app.opened.clear();
    if view.kind == Kind::Opportunity {
        app.focus_on(Pane::Pipeline);
        let before = std::mem::replace(&mut app.pipeline.filter, view.filter.clone());
        let scratch = app.pipeline.supposed();
        return vec![Effect::Load(Request::Board { pipeline: app.pipeline.pipeline.clone(), filter: view.filter, before, scratch })];
    }
    let pane = if view.kind == Kind::Ticket { Pane::Tickets } else { Pane::Contacts };
    app.focus_on(pane);
    let Some(list) = app.list_mut(pane) else { return Vec::new() };
    if list.kind != view.kind {
        let height = list.view.height();
        *list = List::new(view.kind, default_sort(view.kind), default_columns(view.kind));
        list.view.resize(height);
    }
    let before = std::mem::replace(&mut list.filter, view.filter.clone());
    list.sort = if view.sort.is_empty() { default_sort(view.kind).to_owned() } else { view.sort };
    list.columns =
        if view.columns.is_empty() { default_columns(view.kind).iter().map(|&column| column.to_owned()).collect() } else { view.columns };
    list.forget_all();
    list.spot = super::grammar::cells::Spot::default();
    let (sort, groups) = (list.sort.clone(), list.folding.is_used());
    vec![Effect::Load(Request::Ids { pane, kind: view.kind, filter: view.filter, before, sort, groups })]
}

fn keep(app: &mut App, name: &str) -> Vec<Effect> {
    if name.is_empty() || name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return refuse(app, "a view needs a name", "write :mkview NAME");
    }
    if app.views.iter().any(|view| view.is_teams && view.name == name) {
        return refuse(app, &format!("{name} is a view of the team"), "take another name, or `rolo config edit views`");
    }
    let view = match app.list(app.leading) {
        Some(list) => View {
            name: name.to_owned(),
            kind: list.kind,
            filter: list.filter.clone(),
            sort: list.sort.clone(),
            columns: list.columns.clone(),
            is_teams: false,
        },
        None => View {
            name: name.to_owned(),
            kind: Kind::Opportunity,
            filter: app.pipeline.filter.clone(),
            sort: String::new(),
            columns: Vec::new(),
            is_teams: false,
        },
    };
    app.views.retain(|known| known.name != name);
    app.say(super::message::Level::Info, format!("kept as {name}: {}", view.help()));
    app.views.push(view);
    app.views.sort_by(|one, other| one.name.cmp(&other.name));
    vec![Effect::KeepViews]
}

fn drop_view(app: &mut App, name: &str) -> Vec<Effect> {
    let own = app.views.iter().position(|view| view.name == name && !view.is_teams);
    let Some(at) = own else {
        return refuse(app, &format!("you have no view \u{201c}{name}\u{201d}"), ":view lists them");
    };
    app.views.remove(at);
    app.say(super::message::Level::Info, format!("{name} is forgotten"));
    vec![Effect::KeepViews]
}

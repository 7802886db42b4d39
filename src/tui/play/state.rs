//! The state as one JSON object: the contract of `rolo play --print state`.

use serde_json::{Value, json};

use crate::actions::Side;
use crate::actions::form::Verdict;
use crate::domain::RecordId;
use crate::tui::app::grammar::registers::Kind;
use crate::tui::app::list::List;
use crate::tui::app::review::BesideRow;
use crate::tui::app::row::Row;
use crate::tui::app::state::App;
use crate::tui::app::tabs::titles;
use crate::tui::app::viewport::Viewport;
use crate::tui::keys::Pane;

/// The most rows of a pane.
pub(super) const MOST: usize = 10_000;

fn ids(ids: &[RecordId]) -> Vec<String> {
    ids.iter().take(MOST).map(ToString::to_string).collect()
}

fn list(app: &App, pane: Pane, list: &List) -> Value {
    json!({
        "rows": (0..list.folds.rows().min(MOST)).filter_map(|row| list.ids.get(list.folds.line_of(row))).map(ToString::to_string).collect::<Vec<_>>(),
        "total": list.total,
        "cursor": list.view.cursor(),
        "top": list.view.top(),
        "height": list.view.height(),
        "filter": list.filter,
        "sort": list.sort,
        "folds": list.folds.closed().iter().take(MOST).filter_map(|fold| list.ids.get(fold.line)).map(ToString::to_string).collect::<Vec<_>>(),
        "visual": visual(app, pane, list.view.cursor()),
    })
}

/// Returns the state.
pub(super) fn state(app: &App) -> Value {
    let board = &app.pipeline;
    let columns: Vec<Value> = board
        .columns
        .iter()
        .map(|column| {
            json!({
                "stage": column.stage,
                "rows": ids(&column.ids),
                "top": column.view.top(),
                "count": column.totals.count,
                "sum": column.totals.sum,
                "weighted": column.totals.weighted,
            })
        })
        .collect();
    let column = board.current_column();
    let window = column.map(|column| &column.view);
    json!({
        "mode": app.mode.name(),
        "pane": app.pane().name(),
        "pending": app.machine.pending_text(),
        "recording": app.grammar.recording.as_ref().map(|recording| recording.register.to_string()),
        "prompt": prompt(app),
        "panes": {
            "contacts": list(app, Pane::Contacts, &app.contacts),
            "pipeline": {
                "columns": columns,
                "column": board.column,
                "rows": column.map(|column| ids(&column.ids)).unwrap_or_default(),
                "cursor": window.map_or(0, Viewport::cursor),
                "top": window.map_or(0, Viewport::top),
                "height": board.height,
                "folds": board.columns.iter().map(|column| column.stage.as_str()).filter(|stage| board.folding.is_closed(stage)).collect::<Vec<_>>(),
                "pipeline": board.pipeline,
                "filter": board.filter,
            },
            "timeline": {
                "rows": app.timeline.lines().take(MOST).map(|row| row.key.as_str()).collect::<Vec<_>>(),
                "cursor": app.timeline.view.cursor(),
                "top": app.timeline.view.top(),
                "height": app.timeline.view.height(),
                "folds": app.timeline.folds(),
                "of": app.timeline.of.map(|id| id.to_string()),
            },
            "tickets": list(app, Pane::Tickets, &app.tickets),
        },
        "marks": app.grammar.marks.iter().map(|(name, mark)| (name.to_string(), json!(mark.id.to_string()))).collect::<serde_json::Map<_, _>>(),
        "registers": registers(app),
        "message": app.said.as_ref().map(|said| json!({"level": said.level.name(), "text": said.text})),
        "overlay": overlay(app),
        "undo": {"step": app.undo.step, "last": app.undo.last},
        "exited": app.exited,
        "tabs": {"seen": app.tab, "titles": titles(app)},
        "windows": app.layout().map(|layout| layout.panes.iter().map(|(pane, _)| pane.name()).collect::<Vec<_>>()),
    })
}

fn registers(app: &App) -> Value {
    let held = app.grammar.registers.all().map(|(name, held)| {
        let mut value = json!({ "type": held.kind.name(), "text": held.text() });
        if held.kind == Kind::Rows {
            value["ids"] = json!(ids(&held.ids()));
        }
        (name.to_string(), value)
    });
    Value::Object(held.collect())
}

/// The selection in a pane.
fn visual(app: &App, pane: Pane, cursor: usize) -> Value {
    let Some((visual, from, to)) = app.selection(pane) else { return Value::Null };
    let anchor = app.folds_in(pane).map_or(visual.anchor, |folds| folds.row_of(visual.anchor));
    if visual.block {
        return json!({ "kind": "block", "anchor": anchor, "cursor": cursor, "from": from, "to": to });
    }
    json!({ "kind": "line", "anchor": anchor, "cursor": cursor })
}

/// What lies over the panes: lines to be read, or an opened record.
fn overlay(app: &App) -> Value {
    if let (Some(form), true) = (&app.form, app.sheet.is_none()) {
        return json!({
            "kind": "form",
            "id": form.id.map(|id| id.to_string()),
            "title": form.title,
            "rows": form.rows.iter().map(|row| row.field.name.as_str()).collect::<Vec<_>>(),
            "texts": form.rows.iter().map(|row| row.input.text()).collect::<Vec<_>>(),
            "wrong": form.rows.iter().filter(|row| matches!(row.told, Some(Verdict::Wrong(_)))).map(|row| row.field.name.as_str()).collect::<Vec<_>>(),
            "clashes": form.rows.iter().filter(|row| row.theirs.is_some()).map(|row| row.field.name.as_str()).collect::<Vec<_>>(),
            "cursor": form.cursor,
        });
    }
    if let Some(sheet) = &app.sheet {
        return json!({
            "kind": "sheet",
            "title": sheet.title,
            "lines": sheet.lines.iter().take(MOST).collect::<Vec<_>>(),
            "cursor": sheet.view.cursor(),
            "top": sheet.view.top(),
            "height": sheet.view.height(),
            "report": sheet.page.as_ref().map(|page| page.report.name),
            "column": sheet.page.as_ref().and_then(|page| page.report.columns.get(page.column)).map(|column| column.name.as_str()),
            "behind": sheet.page.as_ref().and_then(|page| page.behind(sheet.view.cursor())).map(|behind| behind.query.as_str()),
        });
    }
    if let (Some(review), true) = (&app.review, app.opened.is_empty()) {
        let side = |row: &BesideRow| if review.side(row) == Side::Keep { "left" } else { "right" };
        return json!({
            "kind": "review",
            "of": review.sought.kind.name(),
            "pair": review.both().map(|(one, other)| [one.to_string(), other.to_string()]),
            "score": review.current().map(|pair| pair.twin.score),
            "reasons": review.current().map(|pair| pair.twin.reasons.clone()),
            "at": review.at,
            "pairs": review.pairs.as_ref().map(Vec::len),
            "open": review.open(),
            "rows": review.compared.iter().flat_map(|compared| &compared.rows)
                .map(|row| json!([row.name, row.values[0], row.values[1], side(row)])).collect::<Vec<_>>(),
            "cursor": review.view.cursor(),
        });
    }
    let Some(opened) = app.opened.last() else { return Value::Null };
    json!({
        "kind": "record",
        "id": opened.id.to_string(),
        "title": opened.title,
        "rows": opened.rows.iter().map(Row::text).take(MOST).collect::<Vec<_>>(),
        "cursor": opened.view.cursor(),
        "top": opened.view.top(),
        "height": opened.view.height(),
    })
}

fn prompt(app: &App) -> Value {
    if let Some(editing) = &app.editing {
        return json!({
            "kind": "cell",
            "record": editing.id.to_string(),
            "field": editing.field,
            "text": editing.input.text(),
            "cursor": editing.input.before().chars().count(),
        });
    }
    let Some(prompt) = &app.prompt else { return Value::Null };
    json!({
        "kind": prompt.asked.name(),
        "text": prompt.input.text(),
        "cursor": prompt.input.before().chars().count(),
        "completions": prompt.completing.as_ref().map(|completing| {
            completing.candidates.iter().map(|candidate| candidate.text.as_str()).collect::<Vec<_>>()
        }),
    })
}

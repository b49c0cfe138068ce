//! The rows in view as nodes for screen readers and tests: a grid with rows and cells, each with its place and its text.
//!
//! Invariant: nothing is made while nobody listens, and labels are the texts as they were written, not as they are painted.

use eframe::egui::{Rect, Role, Sense, Ui, UiBuilder, accesskit};

use super::{RowState, Scene, TableSource};

/// Describes the table if somebody listens.
pub fn rows_ui(ui: &mut Ui, scene: &Scene<'_>, rows: &RowState, source: &dyn TableSource) {
    let shown = rows.position.rows(scene.geometry.view);
    let cursor_id = scene.id.with(("row", rows.cursor));
    let cursor = shown
        .contains(&rows.cursor)
        .then(|| cursor_id.accesskit_id());
    let is_heard = ui.ctx().accesskit_node_builder(scene.response.id, |node| {
        node.set_row_count(usize::try_from(scene.geometry.view.rows).unwrap_or(usize::MAX));
        node.set_column_count(scene.geometry.spans.len());
        node.set_multiselectable();
        if let Some(cursor) = cursor {
            node.set_active_descendant(cursor);
        }
    });
    if is_heard.is_some() {
        shown.for_each(|row| row_ui(ui, scene, rows, row, source));
    }
}

fn row_ui(ui: &mut Ui, scene: &Scene<'_>, rows: &RowState, row: u64, source: &dyn TableSource) {
    let rect = scene
        .geometry
        .row(row, rows.position)
        .intersect(scene.geometry.body);
    let id = scene.id.with(("row", row));
    let builder = UiBuilder::new()
        .scope_id(id)
        .max_rect(rect)
        .accessibility_role(Role::Row)
        .accessibility_parent(scene.response.id);
    let row_ui = ui.new_child(builder);
    ui.ctx().accesskit_node_builder(id, |node| {
        node.set_row_index(usize::try_from(row).unwrap_or(usize::MAX));
        node.set_bounds(bounds(rect));
        node.set_selected(rows.selection.contains(row));
    });
    for (index, span) in scene.geometry.spans.iter().enumerate() {
        let cell = Rect::from_x_y_ranges(span.x, rect.y_range())
            .intersect(rect)
            .intersect(scene.geometry.clip(span.is_sticky));
        if !cell.is_positive() {
            continue;
        }
        let cell_id = id.with(span.column);
        row_ui.interact(cell, cell_id, Sense::hover());
        let text = source.cell(row, span.column).text;
        ui.ctx().accesskit_node_builder(cell_id, |node| {
            node.set_role(Role::GridCell);
            node.set_column_index(index);
            node.set_bounds(bounds(cell));
            node.set_label(text.as_ref());
        });
    }
}

fn bounds(rect: Rect) -> accesskit::Rect {
    accesskit::Rect {
        x0: rect.min.x.into(),
        y0: rect.min.y.into(),
        x1: rect.max.x.into(),
        y1: rect.max.y.into(),
    }
}

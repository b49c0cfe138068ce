//! Titles of columns: sort by a click, move by dragging, resize at the right edge, choose by the menu.

use eframe::egui::{
    Align2, Button, CursorIcon, Key, PointerButton, Popup, PopupCloseBehavior, Pos2, Rangef, Rect,
    Response, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo, accesskit, pos2, vec2,
};

use super::super::theme;
use super::body::{self, PAD};
use super::columns::{Column, Columns, Sort};
use super::geometry::{HEADER, RowSpan};
use super::{Drag, RowState, Scene, TableSource};

/// Room for the arrow that shows the order.
const ARROW: f32 = 13.0;
/// Width of the strip that takes hold of a column's edge.
const GRIP: f32 = 8.0;
/// Width of the button at the end of the header.
const CHOOSER: f32 = 26.0;

/// Shows the header and lets a person arrange the columns.
pub fn header_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    columns: &mut Columns,
    rows: &mut RowState,
    source: &dyn TableSource,
) {
    let row = UiBuilder::new()
        .scope_id(scene.id.with("header"))
        .max_rect(scene.geometry.header)
        .accessibility_role(Role::Row);
    let mut ui = ui.new_child(row.accessibility_parent(scene.response.id));
    let ui = &mut ui;
    let mut fitted = None;
    for is_sticky in [false, true] {
        ground_ui(ui, scene, is_sticky);
        for span in scene
            .geometry
            .spans
            .iter()
            .filter(|span| span.is_sticky == is_sticky)
        {
            fitted = title_ui(ui, scene, span, columns, rows).or(fitted);
        }
    }
    // Edges come last: they lie above both titles beside them.
    for span in &scene.geometry.spans {
        fitted = edge_ui(ui, scene, span, columns).or(fitted);
    }
    fitted = chooser_ui(ui, scene, columns).or(fitted);
    lines_ui(ui, scene, rows);
    moving_ui(ui, scene, columns, rows);
    if let Some(column) = fitted {
        columns.set_width(column, natural_width(ui, scene, column, rows, source));
    }
}

/// The part of a title that is in view.
fn visible(scene: &Scene<'_>, span: &RowSpan) -> Rect {
    let rect = Rect::from_x_y_ranges(span.x, scene.geometry.header.y_range());
    rect.intersect(scene.geometry.clip(span.is_sticky))
}

fn ground_ui(ui: &Ui, scene: &Scene<'_>, is_sticky: bool) {
    let painter = ui
        .painter()
        .with_clip_rect(scene.geometry.clip(is_sticky).intersect(ui.clip_rect()));
    painter.rect_filled(scene.geometry.header, 0.0, scene.tokens.panel);
}

/// One title. The column whose width shall fit, if the menu says so.
fn title_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    span: &RowSpan,
    columns: &mut Columns,
    rows: &mut RowState,
) -> Option<usize> {
    let rect = visible(scene, span);
    let column = scene.table.columns.get(span.column)?;
    if !rect.is_positive() {
        return None;
    }
    // Without FOCUSABLE: the Tab key goes to the rows, and the chooser's menu sorts without a pointer.
    let response = ui.interact(
        rect,
        scene.id.with(("title", column.id)),
        Sense::CLICK | Sense::DRAG,
    );
    let sort = columns
        .sort()
        .filter(|sort| sort.column == column.id)
        .cloned();
    describe(ui, &response, column, sort.as_ref());
    paint_title(ui, scene, span, column, sort.as_ref(), &response);
    if response.clicked_by(PointerButton::Primary) && column.sortable {
        columns.click_sort(column.id);
    }
    if response.drag_started_by(PointerButton::Primary) {
        rows.drag = Drag::Column(span.column);
    }
    let menu =
        Popup::context_menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    menu.show(|ui| menu_ui(ui, scene, columns, Some(span.column)))
        .and_then(|shown| shown.inner)
}

fn describe(ui: &Ui, response: &Response, column: &Column, sort: Option<&Sort>) {
    response.widget_info(|| WidgetInfo::labeled(Role::ColumnHeader, true, column.title));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_role(Role::ColumnHeader);
        node.set_label(column.title);
        if let Some(sort) = sort {
            node.set_sort_direction(if sort.descending {
                accesskit::SortDirection::Descending
            } else {
                accesskit::SortDirection::Ascending
            });
        }
    });
}

fn paint_title(
    ui: &Ui,
    scene: &Scene<'_>,
    span: &RowSpan,
    column: &Column,
    sort: Option<&Sort>,
    response: &Response,
) {
    let painter = ui.painter().with_clip_rect(
        scene
            .geometry
            .clip(span.is_sticky)
            .intersect(ui.clip_rect()),
    );
    let rect = Rect::from_x_y_ranges(span.x, scene.geometry.header.y_range());
    if response.hovered() && column.sortable {
        painter.rect_filled(rect, 0.0, scene.tokens.hover);
    }
    let arrow = if sort.is_some() { ARROW } else { 0.0 };
    let galley = body::galley(
        &painter,
        column.title,
        theme::medium_font(12.0),
        (span.x.span() - 2.0 * PAD - arrow).max(1.0),
    );
    let left = if column.align_right {
        rect.right() - PAD - galley.size().x
    } else {
        rect.left() + PAD
    };
    // The arrow stands on the side where the title has room, so that titles stay in line with their column.
    let arrow_x = if column.align_right {
        left - 8.0
    } else {
        left + galley.size().x + 8.0
    };
    if let Some(sort) = sort {
        paint_arrow(
            &painter,
            pos2(arrow_x, rect.center().y),
            sort.descending,
            scene.tokens.accent,
        );
    }
    let is_cut = galley.elided;
    let color = if sort.is_some() || response.hovered() {
        scene.tokens.text
    } else {
        scene.tokens.subdued
    };
    painter.galley(
        pos2(left, rect.center().y - galley.size().y / 2.0),
        galley,
        color,
    );
    if is_cut {
        response.clone().on_hover_text(column.title);
    }
}

fn paint_arrow(
    painter: &eframe::egui::Painter,
    center: Pos2,
    is_down: bool,
    color: eframe::egui::Color32,
) {
    let tip = if is_down { 2.5 } else { -2.5 };
    let points = vec![
        center + vec2(0.0, tip),
        center + vec2(-3.5, -tip),
        center + vec2(3.5, -tip),
    ];
    painter.add(eframe::egui::Shape::convex_polygon(
        points,
        color,
        Stroke::NONE,
    ));
}

/// The right edge of a column: drag to resize, double click to fit. The column that shall fit.
fn edge_ui(ui: &Ui, scene: &Scene<'_>, span: &RowSpan, columns: &mut Columns) -> Option<usize> {
    let column = scene.table.columns.get(span.column)?;
    let clip = scene.geometry.clip(span.is_sticky);
    if !clip.expand(1.0).x_range().contains(span.x.max) {
        return None;
    }
    let grip = Rect::from_center_size(
        pos2(span.x.max, scene.geometry.header.center().y),
        vec2(GRIP, HEADER),
    )
    .intersect(scene.geometry.header);
    let response = ui.interact(
        grip,
        scene.id.with(("edge", column.id)),
        Sense::CLICK | Sense::DRAG,
    );
    response.widget_info(|| {
        WidgetInfo::labeled(Role::Splitter, true, format!("Width of {}", column.title))
    });
    if response.hovered() || response.dragged() {
        ui.set_cursor_icon(CursorIcon::ResizeColumn);
        let stroke = Stroke::new(2.0, scene.tokens.accent);
        ui.painter().vline(
            span.x.max - 0.5,
            Rangef::new(scene.geometry.header.top(), scene.geometry.body.bottom()),
            stroke,
        );
    }
    if let Some(place) = response
        .interact_pointer_pos()
        .filter(|_| response.dragged())
    {
        columns.set_width(span.column, place.x - span.x.min);
    }
    response.double_clicked().then_some(span.column)
}

/// The button at the end of the header that chooses columns.
fn chooser_ui(ui: &mut Ui, scene: &Scene<'_>, columns: &mut Columns) -> Option<usize> {
    let header = scene.geometry.header;
    let rect = header.with_min_x(header.right() - CHOOSER);
    let response = ui.interact(rect, scene.id.with("chooser"), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Choose columns"));
    let is_lit = response.hovered() || response.has_focus();
    ui.painter().rect_filled(
        rect,
        0.0,
        if is_lit {
            scene.tokens.hover
        } else {
            scene.tokens.panel
        },
    );
    paint_chooser(
        ui,
        rect,
        if is_lit {
            scene.tokens.strong
        } else {
            scene.tokens.subdued
        },
    );
    if response.has_focus() {
        ui.painter().rect_stroke(
            rect.shrink(1.0),
            2.0,
            Stroke::new(1.0, scene.tokens.accent),
            eframe::egui::StrokeKind::Inside,
        );
    }
    let response = response.on_hover_text("Choose columns");
    let menu = Popup::menu(&response).close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    menu.show(|ui| menu_ui(ui, scene, columns, None))
        .and_then(|shown| shown.inner)
}

/// Three small columns.
fn paint_chooser(ui: &Ui, rect: Rect, color: eframe::egui::Color32) {
    for place in [-4.0, 0.0, 4.0] {
        let column = Rect::from_center_size(rect.center() + vec2(place, 0.0), vec2(2.5, 10.0));
        ui.painter().rect_filled(column, 1.0, color);
    }
}

/// What can be done with columns; with one of them if the menu belongs to it. The column that shall fit.
fn menu_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    columns: &mut Columns,
    target: Option<usize>,
) -> Option<usize> {
    let declared = scene.table.columns;
    let mut fitted = None;
    if let Some((column, place)) =
        target.and_then(|place| declared.get(place).map(|column| (column, place)))
    {
        sort_ui(ui, columns, column);
        if ui.button("Fit width").clicked() {
            fitted = Some(place);
            ui.close();
        }
        if ui.button("Hide column").clicked() {
            columns.set_shown(place, false);
            ui.close();
        }
        ui.separator();
    } else {
        ui.menu_button("Sort by", |ui| {
            declared
                .iter()
                .filter(|column| column.sortable)
                .for_each(|column| sorted_by_ui(ui, columns, column));
        });
        ui.separator();
    }
    let all: Vec<(usize, bool)> = columns.all().collect();
    for (place, mut is_shown) in all {
        if ui
            .checkbox(
                &mut is_shown,
                declared.get(place).map_or("", |column| column.title),
            )
            .changed()
        {
            columns.set_shown(place, is_shown);
        }
    }
    ui.separator();
    if ui.button("Reset columns").clicked() {
        columns.reset(declared);
        ui.close();
    }
    fitted
}

fn sort_ui(ui: &mut Ui, columns: &mut Columns, column: &Column) {
    if !column.sortable {
        return;
    }
    for (descending, label) in [(false, "Sort ascending"), (true, "Sort descending")] {
        let wanted = Sort {
            column: column.id.to_owned(),
            descending,
        };
        let is_so = columns.sort() == Some(&wanted);
        if ui.add(Button::new(label).selected(is_so)).clicked() {
            columns.set_sort(Some(wanted));
            ui.close();
        }
    }
    ui.separator();
}

fn sorted_by_ui(ui: &mut Ui, columns: &mut Columns, column: &Column) {
    let is_so = columns.sort().is_some_and(|sort| sort.column == column.id);
    if ui.add(Button::new(column.title).selected(is_so)).clicked() {
        columns.click_sort(column.id);
        ui.close();
    }
}

/// Lines between titles, below the header, and beside the sticky columns.
fn lines_ui(ui: &Ui, scene: &Scene<'_>, rows: &RowState) {
    let geometry = scene.geometry;
    let stroke = Stroke::new(1.0, scene.tokens.line);
    for span in &geometry.spans {
        if geometry
            .clip(span.is_sticky)
            .x_range()
            .contains(span.x.max - 1.0)
            && span.x.max < geometry.header.right() - CHOOSER
        {
            ui.painter().vline(
                span.x.max - 0.5,
                geometry.header.y_range().shrink(7.0),
                stroke,
            );
        }
    }
    ui.painter().hline(
        geometry.header.x_range(),
        geometry.header.bottom() - 0.5,
        stroke,
    );
    if geometry.sticky_right > geometry.body.left() {
        let line = if rows.across > 0.0 {
            Stroke::new(1.0, scene.tokens.edge)
        } else {
            stroke
        };
        ui.painter().vline(
            geometry.sticky_right - 0.5,
            Rangef::new(geometry.header.top(), geometry.body.bottom()),
            line,
        );
    }
}

/// A column on its way to another place.
fn moving_ui(ui: &Ui, scene: &Scene<'_>, columns: &mut Columns, rows: &mut RowState) {
    let Drag::Column(column) = rows.drag else {
        return;
    };
    let Some(place) = ui.input(|input| input.pointer.latest_pos()) else {
        return;
    };
    if ui.input(|input| input.key_pressed(Key::Escape)) {
        rows.drag = Drag::Nothing;
        return;
    }
    let geometry = scene.geometry;
    let before = geometry.spans.iter().find(|span| {
        place.x < span.x.center() && (span.is_sticky || span.x.center() > geometry.sticky_right)
    });
    let x = before.map_or_else(
        || geometry.spans.last().map_or(place.x, |last| last.x.max),
        |span| span.x.min,
    );
    let line = Rangef::new(geometry.header.top(), geometry.body.bottom());
    ui.painter().vline(
        x.max(geometry.body.left() + 1.0),
        line,
        Stroke::new(2.0, scene.tokens.accent),
    );
    ghost_ui(ui, scene, column, place);
    if !ui.input(|input| input.pointer.any_down()) {
        columns.move_before(column, before.map(|span| span.column));
        rows.drag = Drag::Nothing;
    }
}

fn ghost_ui(ui: &Ui, scene: &Scene<'_>, column: usize, place: Pos2) {
    ui.set_cursor_icon(CursorIcon::Grabbing);
    let title = scene
        .table
        .columns
        .get(column)
        .map_or("", |column| column.title);
    let galley = body::galley(ui.painter(), title, theme::medium_font(12.0), 240.0);
    let rect = Rect::from_min_size(
        pos2(place.x + 10.0, scene.geometry.header.top() + 3.0),
        galley.size() + vec2(16.0, 6.0),
    );
    ui.painter().rect(
        rect,
        4.0,
        scene.tokens.raised,
        Stroke::new(1.0, scene.tokens.edge),
        eframe::egui::StrokeKind::Inside,
    );
    ui.painter().galley(
        Align2::CENTER_CENTER
            .anchor_size(rect.center(), galley.size())
            .min,
        galley,
        scene.tokens.text,
    );
}

/// The width that shows the title and every cell in view.
fn natural_width(
    ui: &Ui,
    scene: &Scene<'_>,
    column: usize,
    rows: &RowState,
    source: &dyn TableSource,
) -> f32 {
    let title = scene
        .table
        .columns
        .get(column)
        .map_or("", |column| column.title);
    let title = body::galley(ui.painter(), title, theme::medium_font(12.0), f32::INFINITY)
        .size()
        .x
        + ARROW
        + 2.0 * PAD
        + 2.0;
    let cells = rows
        .position
        .rows(scene.geometry.view)
        .map(|row| body::natural_width(ui.painter(), &source.cell(row, column)));
    cells.fold(title, f32::max).ceil()
}

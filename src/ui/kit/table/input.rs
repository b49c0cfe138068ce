//! Wheel, keys and clicks on rows into a new position and selection.

use eframe::egui::{Event, EventFilter, Key, Modifiers, PointerButton, Response, Ui};

use super::geometry::Geometry;
use super::{RowState, ScrollTo};

/// Points that an arrow key scrolls columns.
const ARROW_STEP: f32 = 60.0;

/// Takes what concerns the rows. The row that was opened, if one was.
pub fn rows_ui(
    ui: &Ui,
    response: &Response,
    geometry: &Geometry,
    rows: &mut RowState,
) -> Option<u64> {
    wheel_ui(ui, geometry, rows);
    let by_key = if response.has_focus() {
        keys_ui(ui, response, geometry, rows)
    } else {
        None
    };
    pointer_ui(ui, response, geometry, rows).or(by_key)
}

/// Whether the selection shall go to the clipboard.
pub fn wants_copy(ui: &Ui, response: &Response) -> bool {
    response.has_focus()
        && ui.input(|input| {
            input
                .events
                .iter()
                .any(|event| matches!(event, Event::Copy))
        })
}

/// The wheel is taken only as far as there is something to scroll, so that what is around the table can have the rest.
fn wheel_ui(ui: &Ui, geometry: &Geometry, rows: &mut RowState) {
    if !ui.rect_contains_pointer(geometry.outer) {
        return;
    }
    let (down, across) = ui.input_mut(|input| {
        let delta = &mut input.smooth_scroll_delta;
        let down = if geometry.view.overflows() {
            std::mem::take(&mut delta.y)
        } else {
            0.0
        };
        let across = if geometry.across_max > 0.0 {
            std::mem::take(&mut delta.x)
        } else {
            0.0
        };
        (down, across)
    });
    if down != 0.0 {
        rows.position.scroll_by(-down, geometry.view);
    }
    rows.across -= across;
}

fn keys_ui(ui: &Ui, response: &Response, geometry: &Geometry, rows: &mut RowState) -> Option<u64> {
    let arrows = EventFilter {
        vertical_arrows: true,
        horizontal_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, arrows));
    if geometry.view.rows == 0 {
        return None;
    }
    ui.input(|input| {
        let pressed = input.events.iter().filter_map(|event| match event {
            Event::Key {
                key,
                pressed: true,
                modifiers,
                ..
            } => Some((*key, *modifiers)),
            _ => None,
        });
        pressed.fold(None, |opened, (key, modifiers)| {
            key_pressed(key, modifiers, geometry, rows).or(opened)
        })
    })
}

fn key_pressed(
    key: Key,
    modifiers: Modifiers,
    geometry: &Geometry,
    rows: &mut RowState,
) -> Option<u64> {
    let last = geometry.view.rows - 1;
    let page = geometry.view.page();
    let cursor = rows.cursor;
    match key {
        Key::ArrowDown => go(rows, cursor.saturating_add(1).min(last), modifiers),
        Key::ArrowUp => go(rows, cursor.saturating_sub(1), modifiers),
        Key::PageDown => go(rows, cursor.saturating_add(page).min(last), modifiers),
        Key::PageUp => go(rows, cursor.saturating_sub(page), modifiers),
        Key::Home => go(rows, 0, modifiers),
        Key::End => go(rows, last, modifiers),
        Key::ArrowLeft => rows.across -= ARROW_STEP,
        Key::ArrowRight => rows.across += ARROW_STEP,
        Key::A if modifiers.command => rows.selection.set(0..geometry.view.rows),
        Key::Space if modifiers.command => rows.selection.toggle(cursor),
        Key::Enter if !modifiers.any() => return Some(cursor),
        _ => {}
    }
    None
}

/// Moves the cursor; with Shift the selection grows from the anchor, with the command key it stays.
fn go(rows: &mut RowState, to: u64, modifiers: Modifiers) {
    // The first key in a table without a selection selects the cursor's row itself.
    let to = if rows.selection.is_empty() && !modifiers.shift && to.abs_diff(rows.cursor) == 1 {
        rows.cursor
    } else {
        to
    };
    rows.cursor = to;
    if modifiers.shift {
        rows.selection
            .set(rows.anchor.min(to)..rows.anchor.max(to).saturating_add(1));
    } else if !modifiers.command {
        rows.anchor = to;
        rows.selection.set(to..to.saturating_add(1));
    }
    rows.wanted = Some(ScrollTo::Revealed(to));
}

fn pointer_ui(
    ui: &Ui,
    response: &Response,
    geometry: &Geometry,
    rows: &mut RowState,
) -> Option<u64> {
    let is_clicked = response.clicked_by(PointerButton::Primary);
    let is_menu = response.clicked_by(PointerButton::Secondary);
    if !is_clicked && !is_menu {
        return None;
    }
    response.request_focus();
    let row = response
        .interact_pointer_pos()
        .and_then(|index| geometry.row_at(index, rows.position))?;
    if is_menu {
        if !rows.selection.contains(row) {
            click(rows, row, Modifiers::NONE);
        }
        return None;
    }
    click(rows, row, ui.input(|input| input.modifiers));
    response.double_clicked().then_some(row)
}

fn click(rows: &mut RowState, row: u64, modifiers: Modifiers) {
    let from_anchor = rows.anchor.min(row)..rows.anchor.max(row).saturating_add(1);
    match (modifiers.shift, modifiers.command) {
        (true, true) => rows.selection.insert(from_anchor),
        (true, false) => rows.selection.set(from_anchor),
        (false, true) => rows.selection.toggle(row),
        (false, false) => rows.selection.set(row..row.saturating_add(1)),
    }
    rows.cursor = row;
    if !modifiers.shift {
        rows.anchor = row;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIFT: Modifiers = Modifiers::SHIFT;
    const COMMAND: Modifiers = Modifiers {
        ctrl: true,
        command: true,
        ..Modifiers::NONE
    };

    fn selected(rows: &RowState) -> Vec<(u64, u64)> {
        rows.selection
            .ranges()
            .iter()
            .map(|range| (range.start, range.end))
            .collect()
    }

    #[test]
    fn clicks_select_as_in_every_list() {
        let mut rows = RowState::default();
        for (row, modifiers, wanted) in [
            (5, Modifiers::NONE, vec![(5, 6)]),
            (9, SHIFT, vec![(5, 10)]),
            (2, SHIFT, vec![(2, 6)]),
            (20, COMMAND, vec![(2, 6), (20, 21)]),
            (22, SHIFT | COMMAND, vec![(2, 6), (20, 23)]),
            (3, COMMAND, vec![(2, 3), (4, 6), (20, 23)]),
            (7, Modifiers::NONE, vec![(7, 8)]),
        ] {
            click(&mut rows, row, modifiers);
            assert_eq!((selected(&rows), rows.cursor), (wanted, row));
        }
    }

    #[test]
    fn keys_move_the_cursor_and_shift_grows_the_selection() {
        let mut rows = RowState::default();
        go(&mut rows, 1, Modifiers::NONE);
        assert_eq!(
            selected(&rows),
            [(0, 1)],
            "the first key selects where the cursor is"
        );
        go(&mut rows, 4, Modifiers::NONE);
        go(&mut rows, 6, SHIFT);
        assert_eq!(selected(&rows), [(4, 7)]);
        go(&mut rows, 1, SHIFT);
        assert_eq!(selected(&rows), [(1, 5)]);
        go(&mut rows, 50, COMMAND);
        assert_eq!((selected(&rows), rows.cursor), (vec![(1, 5)], 50));
    }
}

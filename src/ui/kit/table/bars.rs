//! Scroll bars: a place of the pointer on the track into a row, through a fraction and never through a distance in points.

use eframe::egui::{Id, Rangef, Rect, Response, Role, Sense, Ui, WidgetInfo, accesskit};

use super::super::theme;
use super::geometry::Geometry;
use super::scroll::Position;
use super::{Drag, RowState};

/// The least length of a thumb.
const THUMB_MIN: f32 = 28.0;

/// Which way a bar scrolls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Rows.
    Down,
    /// Columns.
    Across,
}

/// Shows the bars that are needed and moves the table with them.
pub fn bars_ui(ui: &Ui, id: Id, geometry: &Geometry, rows: &mut RowState) {
    if let Some(track) = geometry.down_bar {
        let part =
            geometry.view.height / (geometry.view.row_height * count(geometry.view.rows)).max(1.0);
        let bar = Bar {
            axis: Axis::Down,
            track,
            part,
            at: rows.position.fraction(geometry.view),
        };
        if let Some(moved) = bar.show_ui(ui, id.with("rows bar"), &mut rows.drag) {
            rows.position = match moved {
                Moved::To(fraction) => Position::at_fraction(fraction, geometry.view),
                Moved::Finely(points) => {
                    let mut position = rows.position;
                    position.scroll_by(points * geometry.view.row_height, geometry.view);
                    position
                }
            };
        }
    }
    if let Some(track) = geometry.across_bar {
        let at = f64::from(rows.across) / f64::from(geometry.across_max.max(1.0));
        let bar = Bar {
            axis: Axis::Across,
            track,
            part: geometry.across_part,
            at,
        };
        if let Some(moved) = bar.show_ui(ui, id.with("columns bar"), &mut rows.drag) {
            rows.across = match moved {
                Moved::To(fraction) => narrow(fraction) * geometry.across_max,
                Moved::Finely(points) => rows.across + points,
            }
            .clamp(0.0, geometry.across_max);
        }
    }
}

/// What a bar asks for.
enum Moved {
    /// This part of the way.
    To(f64),
    /// So many rows or points on: with Shift, since a point of the track can be a hundred thousand rows.
    Finely(f32),
}

struct Bar {
    axis: Axis,
    track: Rect,
    /// How much of everything is in view.
    part: f32,
    /// How far it is scrolled, from 0 to 1.
    at: f64,
}

impl Bar {
    fn show_ui(&self, ui: &Ui, id: Id, drag: &mut Drag) -> Option<Moved> {
        // Without FOCUSABLE: the keys of the rows scroll.
        let response = ui.interact(self.track, id, Sense::CLICK | Sense::DRAG);
        self.describe(ui, &response);
        let moved = self.moved(ui, &response, drag);
        let is_held = response.is_pointer_button_down_on();
        self.paint(ui, is_held, response.hovered());
        moved
    }

    fn moved(&self, ui: &Ui, response: &Response, drag: &mut Drag) -> Option<Moved> {
        if !response.is_pointer_button_down_on() {
            if matches!(drag, Drag::Thumb(axis, _) if *axis == self.axis) {
                *drag = Drag::Nothing;
            }
            return None;
        }
        let place = self.along(response.interact_pointer_pos()?);
        let thumb = self.thumb();
        let grip = match *drag {
            Drag::Thumb(axis, grip) if axis == self.axis => grip,
            // A press beside the thumb brings its middle there.
            _ if thumb.contains(place) => place - thumb.min,
            _ => thumb.span() / 2.0,
        };
        let is_new = !matches!(drag, Drag::Thumb(..));
        *drag = Drag::Thumb(self.axis, grip);
        if is_new && thumb.contains(place) {
            return None;
        }
        let delta = ui.input(|input| input.pointer.delta());
        if ui.input(|input| input.modifiers.shift) && !is_new {
            return Some(Moved::Finely(if self.axis == Axis::Down {
                delta.y
            } else {
                delta.x
            }));
        }
        let way = f64::from(self.range().span() - thumb.span()).max(1.0);
        // A thumb that is held and not moved stays where it is.
        (is_new || delta.length() > 0.0)
            .then(|| Moved::To((f64::from(place - grip - self.range().min) / way).clamp(0.0, 1.0)))
    }

    fn along(&self, place: eframe::egui::Pos2) -> f32 {
        if self.axis == Axis::Down {
            place.y
        } else {
            place.x
        }
    }

    fn range(&self) -> Rangef {
        if self.axis == Axis::Down {
            self.track.y_range()
        } else {
            self.track.x_range()
        }
    }

    fn thumb(&self) -> Rangef {
        let range = self.range();
        let length = (range.span() * self.part).max(THUMB_MIN).min(range.span());
        let start = range.min + narrow(self.at) * (range.span() - length);
        Rangef::new(start, start + length)
    }

    fn paint(&self, ui: &Ui, is_held: bool, is_hovered: bool) {
        let tokens = theme::tokens(ui);
        let thumb = self.thumb();
        ui.painter().rect_filled(self.track, 0.0, tokens.base);
        let slim = if is_held || is_hovered { 2.5 } else { 3.5 };
        let rect = match self.axis {
            Axis::Down => {
                Rect::from_x_y_ranges(self.track.x_range().shrink(slim), thumb.shrink(2.0))
            }
            Axis::Across => {
                Rect::from_x_y_ranges(thumb.shrink(2.0), self.track.y_range().shrink(slim))
            }
        };
        let color = if is_held { tokens.subdued } else { tokens.edge };
        ui.painter().rect_filled(rect, 4.0, color);
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        let (label, orientation) = match self.axis {
            Axis::Down => ("Scroll rows", accesskit::Orientation::Vertical),
            Axis::Across => ("Scroll columns", accesskit::Orientation::Horizontal),
        };
        response.widget_info(|| WidgetInfo::labeled(Role::ScrollBar, true, label));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(Role::ScrollBar);
            node.set_label(label);
            node.set_orientation(orientation);
            node.set_min_numeric_value(0.0);
            node.set_max_numeric_value(1.0);
            node.set_numeric_value(self.at);
        });
    }
}

fn count(rows: u64) -> f32 {
    rows as f32
}

fn narrow(fraction: f64) -> f32 {
    fraction as f32
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    fn bar(part: f32, at: f64) -> Bar {
        Bar {
            axis: Axis::Down,
            track: Rect::from_min_max(pos2(0.0, 100.0), pos2(12.0, 700.0)),
            part,
            at,
        }
    }

    #[test]
    fn the_thumb_of_a_huge_table_can_still_be_held() {
        assert_eq!(bar(1e-7, 0.0).thumb(), Rangef::new(100.0, 128.0));
        assert_eq!(bar(1e-7, 1.0).thumb(), Rangef::new(672.0, 700.0));
        assert_eq!(bar(0.5, 0.5).thumb(), Rangef::new(250.0, 550.0));
    }

    #[test]
    fn the_thumb_stays_within_a_short_track() {
        let short = Bar {
            track: Rect::from_min_max(pos2(0.0, 0.0), pos2(12.0, 10.0)),
            ..bar(0.1, 1.0)
        };
        assert_eq!(short.thumb(), Rangef::new(0.0, 10.0));
    }
}

//! How things stand: amounts, pills, bars of shares, progress.

use eframe::egui::{
    Align, Layout, Rect, Response, RichText, Role, Sense, Spinner, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::super::numbers;
use super::super::theme::{self, Tone};

/// A decimal number as it was written, with a comma between groups of three digits before the point and a true minus sign; every digit
/// stays. What is no plain decimal number comes back as it is.
#[must_use]
pub fn grouped(number: &str) -> String {
    let (sign, digits) = number
        .strip_prefix('-')
        .map_or(("", number), |digits| ("−", digits));
    let (whole, fraction) = digits
        .split_once('.')
        .map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(whole) || fraction.is_some_and(|fraction| !is_plain(fraction)) {
        return number.to_owned();
    }
    let mut text = String::from(sign);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A state in words, with the sign and the tone that always go with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PillStatus<'a> {
    /// One character, so that the state can be told apart without color.
    pub sign: &'a str,
    /// One word.
    pub word: &'a str,
    /// Color of sign and ground.
    pub tone: Tone,
}

/// Turns while something is computed. It has its room all the time: what stands behind it stays where it is and keeps its identity, without
/// which a click that is under way would be lost.
pub fn busy_ui(ui: &mut Ui, is_busy: bool) {
    let size = ui.spacing().interact_size.y;
    let (rect, _) = ui.allocate_exact_size(vec2(size, size), Sense::hover());
    if is_busy {
        Spinner::new().size(size).paint_at(ui, rect.shrink(2.0));
    }
}

/// A state as a small colored sign with its word.
pub fn pill_ui(ui: &mut Ui, status: PillStatus<'_>) -> Response {
    let tokens = theme::tokens(ui);
    let color = tokens.tone(status.tone);
    let sign = ui
        .painter()
        .layout_no_wrap(status.sign.to_owned(), theme::small_font(), color);
    let word = ui.painter().layout_no_wrap(
        status.word.to_owned(),
        theme::medium_font(theme::SMALL),
        color,
    );
    let gap = if status.sign.is_empty() { 0.0 } else { 5.0 };
    let width = sign.size().x + gap + word.size().x + 16.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width.ceil(), 18.0), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, status.word));
    ui.painter()
        .rect_filled(rect, 9.0, tokens.tint(status.tone));
    let middle = rect.center().y;
    let place = pos2(rect.left() + 8.0, middle - sign.size().y / 2.0);
    let word_place = pos2(place.x + sign.size().x + gap, middle - word.size().y / 2.0);
    ui.painter().galley(place, sign, color);
    ui.painter().galley(word_place, word, color);
    response
}

/// A part of a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BarShare<'a> {
    /// What it is called.
    pub label: &'a str,
    /// Thousandths of the whole.
    pub permille: u16,
    /// Its color.
    pub tone: Tone,
}

/// Parts of a whole side by side; what is left of the thousand stays empty. Even the least part can be seen.
pub fn share_bar_ui(ui: &mut Ui, shares: &[BarShare<'_>], height: f32) -> Response {
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let tokens = theme::tokens(ui);
    ui.painter().rect_filled(rect, height / 2.0, tokens.hover);
    for (range, share) in places(shares, rect.width())
        .into_iter()
        .zip(shares.iter().filter(|share| share.permille > 0))
    {
        let part = Rect::from_x_y_ranges(
            rect.left() + range.0..=rect.left() + range.1,
            rect.y_range(),
        );
        ui.painter()
            .rect_filled(part, (height / 2.0).min(2.0), tokens.tone(share.tone));
    }
    let words = || {
        shares
            .iter()
            .map(|share| format!("{} {}", share.label, numbers::percent(share.permille)))
            .collect::<Vec<_>>()
    };
    response.widget_info(|| WidgetInfo::labeled(Role::Meter, true, words().join(", ")));
    response.on_hover_ui(|ui| words().iter().for_each(|line| drop(ui.label(line))))
}

/// Left and right edges of the parts that are not nothing, with a thin gap between them.
fn places(shares: &[BarShare<'_>], width: f32) -> Vec<(f32, f32)> {
    const LEAST: f32 = 3.0;
    const GAP: f32 = 1.0;
    let parts: Vec<f32> = shares
        .iter()
        .filter(|share| share.permille > 0)
        .map(|share| f32::from(share.permille) / 1000.0)
        .collect();
    let wanted: Vec<f32> = parts.iter().map(|part| (part * width).max(LEAST)).collect();
    let scale = (width / wanted.iter().sum::<f32>()).min(1.0);
    let mut left = 0.0;
    let mut edges = Vec::with_capacity(wanted.len());
    for part in wanted {
        let right = left + part * scale;
        edges.push((left, (right - GAP).max(left)));
        left = right;
    }
    edges
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressBar<'a> {
    /// What is done.
    pub title: &'a str,
    /// How fast, and how long it will take.
    pub note: &'a str,
    /// Thousandths that are done, if that is known.
    pub permille: Option<u16>,
    /// Whether a button stops it.
    pub can_cancel: bool,
}

/// A job with its bar. True if it shall stop.
pub fn progress_row_ui(ui: &mut Ui, progress: ProgressBar<'_>) -> bool {
    let tokens = theme::tokens(ui);
    let mut is_cancelled = false;
    ui.horizontal(|ui| {
        ui.label(RichText::new(progress.title).font(theme::medium_font(theme::BODY)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if progress.can_cancel {
                is_cancelled = ui
                    .button("Cancel")
                    .on_hover_text(format!(
                        "Stop “{}” and leave everything as it was",
                        progress.title
                    ))
                    .clicked();
            }
            let done = progress
                .permille
                .map(|permille| format!("{}%", permille.min(1000) / 10))
                .unwrap_or_default();
            ui.label(
                RichText::new(done)
                    .font(theme::number_font())
                    .color(tokens.text),
            );
            ui.label(
                RichText::new(progress.note)
                    .font(theme::small_font())
                    .color(tokens.subdued),
            );
        });
    });
    bar_ui(ui, progress);
    is_cancelled
}

fn bar_ui(ui: &mut Ui, progress: ProgressBar<'_>) {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    let tokens = theme::tokens(ui);
    response.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, progress.title));
    ui.painter().rect_filled(rect, 2.0, tokens.hover);
    match progress.permille {
        Some(permille) => {
            let done = rect.width() * f32::from(permille.min(1000)) / 1000.0;
            ui.painter()
                .rect_filled(rect.with_max_x(rect.left() + done), 2.0, tokens.accent);
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_numeric_value(f64::from(permille) / 1000.0)
            });
        }
        // Nothing moves while nothing is known: a bar that runs on its own would keep the window awake and say nothing.
        None => drop(ui.painter().rect_stroke(
            rect,
            2.0,
            Stroke::new(1.0, tokens.accent),
            StrokeKind::Inside,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_of_an_amount_stays() {
        for (number, text) in [
            ("0", "0"),
            ("1234.50", "1,234.50"),
            (
                "-1234567.00000000000000000001",
                "−1,234,567.00000000000000000001",
            ),
            ("999", "999"),
            ("100000000", "100,000,000"),
            ("n/a", "n/a"),
            ("1e9", "1e9"),
            ("1.", "1."),
            ("", ""),
            ("-", "-"),
        ] {
            assert_eq!(grouped(number), text, "{number}");
        }
    }

    fn share(permille: u16) -> BarShare<'static> {
        BarShare {
            label: "",
            permille,
            tone: Tone::Ok,
        }
    }

    #[test]
    fn shares_fill_their_part_and_the_least_can_be_seen() {
        let shares = [share(600), share(0), share(399), share(1)];
        let edges = places(&shares, 500.0);
        assert_eq!(edges.len(), 3);
        assert!((edges[0].1 - 299.0).abs() < 2.0, "{edges:?}");
        assert!(edges[2].1 - edges[2].0 >= 1.5, "{edges:?}");
        assert!(edges[2].1 <= 500.0);
        assert!(edges.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        assert!(places(&[], 500.0).is_empty());
    }
}

//! Sums by status as stacked bars.

use eframe::egui::{self, Color32, Role, Ui, WidgetInfo};
use egui_plot::{AxisHints, Bar, BarChart, Corner, GridMark, Legend, Plot, PlotPoint};

use super::rows::SumRows;
use crate::matching::Status;
use crate::money::Amount;
use crate::ui::kit::theme::{self, Tokens};
use crate::ui::text;

/// Bars that are shown; the table beside them has all.
const BARS: usize = 12;

/// Shows the bars. Gives back the row that was clicked, and the status.
pub(super) fn chart_ui(ui: &mut Ui, rows: &SumRows) -> Option<(u64, Option<Status>)> {
    let tokens = theme::tokens(ui);
    let names: Vec<String> = rows
        .rows
        .iter()
        .take(BARS)
        .map(|row| short(&row.name))
        .collect();
    let count = names.len();
    let names_axis = AxisHints::new_y()
        .formatter(move |mark: GridMark, _: &std::ops::RangeInclusive<f64>| {
            place_of(mark.value)
                .and_then(|at| names.get(at).cloned())
                .unwrap_or_default()
        })
        .label_spacing(egui::Rangef::new(8.0, 10.0))
        .min_thickness(96.0);
    let plot = Plot::new("overview")
        .legend(Legend::default().position(Corner::RightBottom))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .show_grid([true, false])
        .custom_y_axes(vec![names_axis])
        .y_grid_spacer(move |_| {
            (0..count)
                .map(|at| GridMark {
                    value: -(at as f64),
                    step_size: 1.0,
                })
                .collect()
        })
        .include_y(0.6)
        .include_y(0.4 - count as f64)
        .include_x(0.0);
    let response = plot.show(ui, |plot| {
        let mut charts: Vec<BarChart> = Vec::new();
        for status in Status::ALL {
            let chart = chart(rows, status, tokens).stack_on(&charts.iter().collect::<Vec<_>>());
            charts.push(chart);
        }
        charts.into_iter().for_each(|chart| plot.bar_chart(chart));
        plot.pointer_coordinate()
    });
    response.response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Image,
            true,
            "Bars of money by status; the table has the numbers",
        )
    });
    let point = response.inner.filter(|_| response.response.clicked())?;
    hit(rows, point)
}

fn chart(rows: &SumRows, status: Status, tokens: &Tokens) -> BarChart {
    let color = color(status, tokens);
    let bars = rows.rows.iter().take(BARS).enumerate().map(|(at, row)| {
        Bar::new(-(at as f64), pixels(row.sums.of(status).amount))
            .width(0.7)
            .name(&row.name)
            .fill(color)
            .stroke(egui::Stroke::NONE)
    });
    let bars: Vec<Bar> = bars.collect();
    let currency = rows.currency();
    let amounts: Vec<(String, Amount)> = rows
        .rows
        .iter()
        .take(BARS)
        .map(|row| (row.name.clone(), row.sums.of(status).amount))
        .collect();
    BarChart::new(status.code(), bars)
        .horizontal()
        .color(color)
        .element_formatter(Box::new(move |bar: &Bar, _: &BarChart| {
            place_of(bar.argument)
                .and_then(|at| amounts.get(at))
                .map(|(name, amount)| {
                    format!(
                        "{name}\n{} {}",
                        text::exact_money(*amount, currency),
                        status.code()
                    )
                })
                .unwrap_or_default()
        }))
}

/// The bar at a height of the chart: the first is at the top, at 0, the next one below it, at -1.
fn place_of(height: f64) -> Option<usize> {
    let index = -height.round();
    ((0.0..BARS as f64).contains(&index) && (height + index).abs() < 0.4).then_some(index as usize)
}

/// The row and the status of a point of the chart. A status is named only when the point lies on its part of the bar.
fn hit(rows: &SumRows, point: PlotPoint) -> Option<(u64, Option<Status>)> {
    let place = place_of(point.y)?;
    let row = rows.rows.iter().take(BARS).nth(place)?;
    let mut above = 0.0;
    let mut below = 0.0;
    let status = Status::ALL.into_iter().find(|status| {
        let height = pixels(row.sums.of(*status).amount);
        let base = if height < 0.0 { &mut below } else { &mut above };
        let from = *base;
        let to = *base + height;
        *base = to;
        (from.min(to)..from.max(to)).contains(&point.x)
    });
    Some((place as u64, status.filter(|s| *s != Status::Quarantined)))
}

/// The height of a bar: for the eye only.
fn pixels(amount: Amount) -> f64 {
    amount.floor_raw() as f64 / 1e20
}

/// Six statuses need six colors; neighbors of one tone differ in strength.
fn color(status: Status, tokens: &Tokens) -> Color32 {
    match status {
        Status::Matched => tokens.ok,
        Status::Ambiguous => tokens.warn,
        Status::Unmatched => tokens.err,
        Status::Ignored => tokens.subdued,
        Status::Held => theme::mix(tokens.base, tokens.accent, 190),
        Status::Quarantined => theme::mix(tokens.base, tokens.err, 110),
    }
}

/// A name that fits beside a bar.
fn short(name: &str) -> String {
    const LETTERS: usize = 14;
    if name.chars().count() <= LETTERS {
        name.to_owned()
    } else {
        format!("{}…", name.chars().take(LETTERS - 1).collect::<String>())
    }
}

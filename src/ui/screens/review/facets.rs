//! The facets beside the review: each value with its lines and money; a click filters by it.

use eframe::egui::{self, Label, RichText, Ui};

use super::filter_bar::FilterBar;
use crate::desk::query::{Facet, FacetValue};
use crate::ui::kit::{bidi, numbers, theme};
use crate::ui::text;

/// Draws all facets; true when the filter has changed.
pub(super) fn facets_ui(ui: &mut Ui, facets: &[Facet], bar: &mut FilterBar) -> bool {
    let mut has_changed = false;
    egui::ScrollArea::vertical()
        .auto_shrink(false)
        .show(ui, |ui| {
            for facet in facets {
                let name = facet.field.name();
                egui::CollapsingHeader::new(format!(
                    "{} ({})",
                    title(name),
                    facet.values.len() as u64 + facet.more
                ))
                .id_salt(name)
                .default_open(name != "territory")
                .show(ui, |ui| {
                    for value in &facet.values {
                        has_changed |= value_ui(ui, name, value, bar);
                    }
                    if facet.more > 0 {
                        ui.label(
                            RichText::new(format!("and {} more", numbers::count(facet.more)))
                                .color(theme::tokens(ui).subdued),
                        );
                    }
                });
            }
        });
    has_changed
}

fn title(field: &str) -> String {
    match field {
        "dsp" => "DSP".to_owned(),
        "period" => "Sale period".to_owned(),
        other => other[..1].to_uppercase() + &other[1..],
    }
}

fn value_ui(ui: &mut Ui, field: &str, value: &FacetValue, bar: &mut FilterBar) -> bool {
    let term = term(field, &value.value);
    let money = value
        .money
        .first()
        .map(|(currency, amount)| text::money(*amount, *currency))
        .unwrap_or_default();
    let more = if value.money.len() > 1 {
        format!(" +{}", value.money.len() - 1)
    } else {
        String::new()
    };
    let shown = if value.value.is_empty() {
        "(not given)"
    } else {
        value.value.as_str()
    };
    let all: Vec<String> = value
        .money
        .iter()
        .map(|(currency, amount)| text::exact_money(*amount, *currency))
        .collect();
    let mut is_clicked = false;
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let button = egui::Button::selectable(bar.has(&term), bidi::display(shown))
            .truncate()
            .right_text("")
            .min_size(egui::vec2(ui.available_width(), 20.0));
        is_clicked = ui
            .add(button)
            .on_hover_text(format!("Show only {term}\n{}", all.join("\n")))
            .clicked();
        let line = format!(
            "{} · {money}{more}",
            numbers::counted(value.lines, "line", "lines")
        );
        ui.add(Label::new(RichText::new(line).small().color(theme::tokens(ui).subdued)).truncate());
    });
    if is_clicked {
        bar.toggle(&term);
    }
    is_clicked
}

/// The term that shows only one value.
fn term(field: &str, value: &str) -> String {
    let is_plain = !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'));
    if is_plain {
        format!("{field}:{value}")
    } else {
        format!("{field}:\"{}\"", value.replace('"', ""))
    }
}

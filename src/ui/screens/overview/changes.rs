//! What changed most between two periods: the largest rises and falls side by side.

use std::borrow::Cow;

use eframe::egui::{self, RichText, Ui};

use super::{CurrencyOverview, filter};
use crate::desk::overview::{Dimension, NO_TRACK, SumChange};
use crate::desk::query::FilterField;
use crate::ident::SalePeriod;
use crate::ui::kit::table::{BigTable, Column, TableCell, TableSource, TableState};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::{bidi, theme};
use crate::ui::shared::{Context, Go};
use crate::ui::text;

const COLUMNS: [Column; 5] = [
    Column::text("name", "Name", 150.0).unsortable(),
    Column::number("difference", "Difference", 156.0).unsortable(),
    Column::number("part", "Change", 100.0).unsortable(),
    Column::number("before", "Before", 160.0).unsortable(),
    Column::number("after", "Now", 160.0).unsortable(),
];

/// Which periods are compared, and by what.
pub(super) fn head_ui(
    ui: &mut Ui,
    shown: &CurrencyOverview,
    dimension: &mut Dimension,
    (period, before): (&mut Option<SalePeriod>, &mut Option<SalePeriod>),
) {
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new("What changed most")
                .font(theme::medium_font(theme::BODY))
                .color(theme::tokens(ui).strong),
        );
        for choice in Dimension::ALL {
            ui.selectable_value(dimension, choice, choice.title());
        }
        ui.separator();
        if choice_ui(ui, shown, "Period", shown.period, period) {
            *before = None;
        }
        choice_ui(ui, shown, "against", shown.before, before);
    });
}

/// A chooser of periods, the latest first. True when another one was chosen.
fn choice_ui(
    ui: &mut Ui,
    shown: &CurrencyOverview,
    name: &str,
    current: Option<SalePeriod>,
    chosen: &mut Option<SalePeriod>,
) -> bool {
    let label = ui.label(name);
    let selected = current.map_or_else(|| "none before".to_owned(), |period| period.to_string());
    let mut is_changed = false;
    let combo = egui::ComboBox::from_id_salt(("overview", name))
        .selected_text(selected)
        .show_ui(ui, |ui| {
            for period in shown.overview.known_periods().rev() {
                if ui
                    .selectable_label(current == Some(period), period.to_string())
                    .clicked()
                {
                    *chosen = Some(period);
                    is_changed = true;
                }
            }
        });
    combo.response.labelled_by(label.id);
    is_changed
}

/// Rises at the left, falls at the right.
pub(super) fn tables_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    shown: &CurrencyOverview,
    dimension: Dimension,
    (rises, falls): (&mut TableState, &mut TableState),
) {
    if shown.period.is_none() || shown.before.is_none() {
        let text = "There is only one sale period in this currency; with a second one, the largest rises and falls stand here";
        ui.label(RichText::new(text).color(theme::tokens(ui).subdued));
        return;
    }
    ui.columns(2, |columns| {
        table_ui(
            &mut columns[0],
            context,
            shown,
            dimension,
            ("Largest rises", shown.changes.rises(dimension), rises),
        );
        table_ui(
            &mut columns[1],
            context,
            shown,
            dimension,
            ("Largest falls", shown.changes.falls(dimension), falls),
        );
    });
}

fn table_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    shown: &CurrencyOverview,
    dimension: Dimension,
    (title, changes, state): (&str, &[SumChange], &mut TableState),
) {
    let mut opened = None;
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).color(theme::tokens(ui).strong));
        ui.label(RichText::new(format!("in {}", shown.currency)).color(theme::tokens(ui).subdued));
        let chosen = state
            .selection()
            .single()
            .filter(|row| *row < changes.len() as u64);
        let button = ui.add_enabled(
            chosen.is_some(),
            egui::Button::new("Show in review").small(),
        );
        if button
            .on_hover_text("The lines of the selected row, in the review (Enter)")
            .clicked()
        {
            opened = chosen;
        }
    });
    let output = BigTable::new(title, &COLUMNS)
        .sticky(1)
        .empty_text("Nothing")
        .show_ui(ui, state, &mut ChangeRows(changes));
    if let Some(copied) = output.copied {
        context.go(Go::Notice(copied.sentence()));
    }
    let change = opened
        .or(output.activated)
        .and_then(|row| changes.get(usize::try_from(row).ok()?));
    if let Some(filter) = change.and_then(|change| filter_of(dimension, change, shown)) {
        context.go(Go::ToReview(filter));
    }
}

fn filter_of(dimension: Dimension, change: &SumChange, shown: &CurrencyOverview) -> Option<String> {
    let field = match dimension {
        Dimension::Dsp => FilterField::Dsp,
        Dimension::Territory => FilterField::Territory,
        Dimension::Label => FilterField::Label,
        Dimension::Track if change.key == NO_TRACK => {
            return Some(format!(
                "-status:matched currency:{}",
                shown.currency.code().to_lowercase()
            ));
        }
        Dimension::Track => FilterField::Track,
    };
    filter(field, &change.key, shown.currency)
}

struct ChangeRows<'a>(&'a [SumChange]);

impl TableSource for ChangeRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let change = &self.0[row as usize];
        match COLUMNS[column].id {
            "name" => TableCell::new(bidi::display(&change.name)),
            "difference" => {
                let is_rise = change.difference.is_positive();
                let (sign, tone) = if is_rise {
                    ("+", Tone::Ok)
                } else {
                    ("", Tone::Err)
                };
                TableCell::new(format!("{sign}{}", text::exact(change.difference))).tone(tone)
            }
            "part" => TableCell::new(change.per_mille.map_or_else(|| "new".to_owned(), percent)),
            "before" => TableCell::new(text::exact(change.before)),
            _ => TableCell::new(text::exact(change.after)),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let change = &self.0[row as usize];
        match COLUMNS[column].id {
            "name" => change.name.as_str().into(),
            "difference" => change.difference.to_string().into(),
            "before" => change.before.to_string().into(),
            "after" => change.after.to_string().into(),
            _ => self.cell(row, column).text,
        }
    }
}

/// Thousandths as a percentage with its sign: `+12.5%`.
fn percent(per_mille: i128) -> String {
    let size = per_mille.unsigned_abs();
    let sign = if per_mille < 0 { "-" } else { "+" };
    format!("{sign}{}.{}%", size / 10, size % 10)
}

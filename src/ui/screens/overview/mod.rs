//! Money by status for each DSP, territory and sale period, and what changed most between two periods; one currency at a time.
//!
//! Invariant: bars are for the eye, tables for the number: every amount of a bar stands beside it with all its digits.

mod changes;
mod chart;
mod rows;

use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use crate::desk::Desk;
use crate::desk::overview::{Changes, Dimension, NOT_GIVEN, NOT_READ, Overview};
use crate::desk::query::{FilterField, FilterTerm, Op, Pattern, Test, Value};
use crate::ident::{Currency, SalePeriod};
use crate::job::Wake;
use crate::money::AmountOverflow;
use crate::ui::background::Background;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::{theme, widgets};
use crate::ui::shared::{Context, Go, Screen};
use rows::{SumRows, columns};

/// By what the bars stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Dsp,
    Territory,
    Period,
}

impl By {
    const ALL: [Self; 3] = [Self::Dsp, Self::Territory, Self::Period];

    fn title(self) -> &'static str {
        match self {
            Self::Dsp => "DSP",
            Self::Territory => "Territory",
            Self::Period => "Sale period",
        }
    }
}

/// What the sums depend on; parts that nobody chose are filled in by the answer.
#[derive(Debug, Clone, PartialEq)]
struct SumsKey {
    generation: u64,
    currency: Currency,
    period: Option<SalePeriod>,
    before: Option<SalePeriod>,
}

/// The sums of one currency, and what changed between two of its periods.
struct CurrencyOverview {
    currency: Currency,
    overview: Arc<Overview>,
    period: Option<SalePeriod>,
    before: Option<SalePeriod>,
    changes: Changes,
}

/// The overview screen.
pub struct OverviewScreen {
    sums: Background<SumsKey, Arc<Desk>, CurrencyOverview, AmountOverflow>,
    currency: Option<Currency>,
    period: Option<SalePeriod>,
    before: Option<SalePeriod>,
    by: By,
    dimension: Dimension,
    table: TableState,
    rises: TableState,
    falls: TableState,
}

impl OverviewScreen {
    /// Starts the thread that adds up.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let mut adder = Adder::default();
        Self {
            sums: Background::new("overview", wake, move |key, desk: Arc<Desk>, is_stale| {
                adder.add_up(&key, &desk, is_stale)
            }),
            currency: None,
            period: None,
            before: None,
            by: By::Dsp,
            dimension: Dimension::Dsp,
            table: TableState::default(),
            rises: TableState::default(),
            falls: TableState::default(),
        }
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let currencies = currencies(context.desk);
        if currencies.is_empty() {
            return empty_ui(ui, context);
        }
        let currency = self
            .currency
            .filter(|c| currencies.contains(c))
            .unwrap_or(currencies[0]);
        self.ask(context, currency);
        egui::Panel::top("overview_head").show(ui, |ui| self.head_ui(ui, &currencies, currency));
        let Some(shown) = self.sums.answer().cloned() else {
            ui.label("Adding up…");
            return;
        };
        let height = ui.available_height();
        egui::Panel::bottom("overview_changes")
            .resizable(true)
            .default_size(height * 0.42)
            .size_range(120.0..=height * 0.7)
            .show(ui, |ui| {
                changes::head_ui(
                    ui,
                    &shown,
                    &mut self.dimension,
                    (&mut self.period, &mut self.before),
                );
                changes::tables_ui(
                    ui,
                    context,
                    &shown,
                    self.dimension,
                    (&mut self.rises, &mut self.falls),
                );
            });
        self.sums_ui(ui, context, &shown);
    }

    fn ask(&mut self, context: &mut Context<'_>, currency: Currency) {
        let key = SumsKey {
            generation: context.desk.generation,
            currency,
            period: self.period,
            before: self.before,
        };
        self.sums.ask(key, || Some(Arc::clone(context.desk)));
        let arrived = context.received("adding up the overview", self.sums.receive());
        if arrived.is_some_and(|sums| {
            sums.previous
                .is_none_or(|old| old.currency != sums.answer.currency)
        }) {
            self.table.forget_rows();
            self.rises.forget_rows();
            self.falls.forget_rows();
        }
    }

    fn head_ui(&mut self, ui: &mut Ui, currencies: &[Currency], currency: Currency) {
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            let label = ui.label("Currency");
            let combo = egui::ComboBox::from_id_salt("overview currency")
                .selected_text(currency.code())
                .show_ui(ui, |ui| {
                    for choice in currencies {
                        if ui
                            .selectable_label(*choice == currency, choice.code())
                            .clicked()
                        {
                            self.currency = Some(*choice);
                            (self.period, self.before) = (None, None);
                        }
                    }
                });
            combo.response.labelled_by(label.id).on_hover_text(
                "Amounts in different currencies never add, so one is shown at a time",
            );
            ui.separator();
            for by in By::ALL {
                if ui.selectable_value(&mut self.by, by, by.title()).changed() {
                    self.table.forget_rows();
                }
            }
            widgets::busy_ui(ui, self.sums.is_busy());
        });
        ui.add_space(2.0);
    }

    fn sums_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &CurrencyOverview) {
        let mut rows = SumRows::of(&shown.overview, self.by, shown.currency);
        let width = (ui.available_width() * 0.46).max(280.0);
        let mut opened = None;
        egui::Panel::left("overview_chart")
            .resizable(false)
            .exact_size(width)
            .show(ui, |ui| opened = chart::chart_ui(ui, &rows));
        ui.horizontal(|ui| {
            let chosen = self
                .table
                .selection()
                .single()
                .filter(|row| *row < rows.len());
            let button = ui.add_enabled(chosen.is_some(), egui::Button::new("Show in review"));
            if button
                .on_hover_text("The lines of the selected row, in the review (Enter)")
                .clicked()
            {
                opened = opened.take().or(chosen.map(|row| (row, None)));
            }
            ui.label(
                RichText::new(format!("Exact amounts in {}", shown.currency))
                    .color(theme::tokens(ui).subdued),
            );
        });
        let columns = columns(self.by.title());
        let output = BigTable::new("Money by status", &columns)
            .sticky(1)
            .show_ui(ui, &mut self.table, &mut rows);
        opened = opened.or(output.activated.map(|row| (row, None)));
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
        if let Some((row, status)) = opened {
            let mut filter = rows.filter(row);
            if let (Some(filter), Some(status)) = (&mut filter, status) {
                filter.push_str(&format!(" status:{}", status.code()));
            }
            context.go(filter.map_or(Go::To(Screen::Statements), Go::ToReview));
        }
    }
}

/// Adds up, and remembers the last overview: only the periods to compare differ most times.
#[derive(Default)]
struct Adder {
    known: Option<((u64, Currency), Arc<Overview>)>,
}

impl Adder {
    fn add_up(
        &mut self,
        key: &SumsKey,
        desk: &Desk,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<CurrencyOverview, AmountOverflow> {
        let currency = key.currency;
        let of = (key.generation, currency);
        let overview = match self.known.take().filter(|(known, _)| *known == of) {
            Some((_, overview)) => overview,
            None => Arc::new(Overview::of(desk, currency, is_stale)?),
        };
        // What was given up halfway is not remembered.
        self.known = (!is_stale()).then(|| (of, Arc::clone(&overview)));
        let period = key
            .period
            .filter(|period| has_period(&overview, *period))
            .or_else(|| overview.latest_two().map(|(latest, _)| latest));
        let before = key
            .before
            .filter(|before| has_period(&overview, *before))
            .or_else(|| period.and_then(|p| overview.before(p)));
        let changes = match period {
            Some(period) => overview.changes(before, period)?,
            None => Changes::default(),
        };
        Ok(CurrencyOverview {
            currency,
            overview,
            period,
            before,
            changes,
        })
    }
}

fn has_period(overview: &Overview, period: SalePeriod) -> bool {
    overview.known_periods().any(|known| known == period)
}

/// All currencies of a desk, the one with most rows first.
fn currencies(desk: &Desk) -> Vec<Currency> {
    let mut rows: std::collections::BTreeMap<Currency, u64> = std::collections::BTreeMap::new();
    desk.totals()
        .iter()
        .for_each(|((currency, _), total)| *rows.entry(*currency).or_default() += total.rows);
    let mut all: Vec<(u64, Currency)> = rows
        .into_iter()
        .map(|(currency, rows)| (rows, currency))
        .collect();
    all.sort_by(|a, b| (b.0, a.1).cmp(&(a.0, b.1)));
    all.into_iter().map(|(_, currency)| currency).collect()
}

/// The filter of the review for a value of a field; `None` for what is no line.
fn filter(field: FilterField, value: &str, currency: Currency) -> Option<String> {
    let text = match value {
        NOT_READ => return None,
        NOT_GIVEN => "",
        other => other,
    };
    let value = match field {
        FilterField::Period => Value::Period(SalePeriod::from_canonical(text)?),
        _ => Value::Text(Pattern(text.to_owned())),
    };
    let currency = is_term(
        FilterField::Currency,
        Value::Text(Pattern(currency.code().to_lowercase())),
    );
    Some(format!("{} {currency}", is_term(field, value)))
}

/// A term of a filter: the field is the value.
fn is_term(field: FilterField, value: Value) -> FilterTerm {
    FilterTerm {
        is_negated: false,
        test: Test::Field {
            field,
            op: Op::Is,
            values: vec![value],
        },
    }
}

fn empty_ui(ui: &mut Ui, context: &mut Context<'_>) {
    let state = widgets::EmptyState {
        icon: "▤",
        headline: "There is no money to look at yet",
        next: "Import statements; what they report stands here by DSP, territory and sale period",
        button: Some(("Go to statements", "")),
        guide: "window",
    };
    if widgets::empty_state_ui(ui, state) {
        context.go(Go::To(Screen::Statements));
    }
}

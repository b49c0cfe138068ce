//! Files of rates and balances: their rows as a table, rates that the open period lacks, and a rate typed by hand.

use std::borrow::Cow;
use std::sync::Arc;

use eframe::egui::{self, Frame, Label, Margin, RichText, ScrollArea, Stroke, TextEdit, Ui};

use super::form::fault_ui;
use crate::contents::Contents;
use crate::contents::terms::terms_after;
use crate::desk::Desk;
use crate::desk::open_period::KnownPeriod;
use crate::desk::terms::{MissingRate, RateRow, TypedRate, missing_rates, rate_rows, with_rate};
use crate::job::{Latest, Wake};
use crate::review::{TermTexts, TermsChange};
use crate::session::engine::ChangeCommand;
use crate::settlement::SettleError;
use crate::terms::Fault;
use crate::terms::pieces::{TermKind, file_rows};
use crate::ui::kit::table::{BigTable, Column, TableCell, TableSource, TableState};
use crate::ui::kit::{bidi, numbers, theme, widgets};
use crate::ui::shared::{Context, Go};
use crate::ui::text;

const RATE_COLUMNS: [Column; 6] = [
    Column::text("from", "From", 54.0).unsortable(),
    Column::text("to", "To", 54.0).unsortable(),
    Column::text("period", "Period", 130.0).unsortable(),
    Column::number("rate", "Rate", 110.0).unsortable(),
    Column::text("source", "Source", 150.0).unsortable(),
    Column::text("date", "Date", 90.0).unsortable(),
];

/// What a field of a typed rate is called, and how it is filled in.
const TYPED: [(&str, &str); 6] = [
    ("Period", "2026-09"),
    ("From", "USD"),
    ("To", "EUR"),
    ("Rate", "0.9217"),
    ("Source", "who says so"),
    ("Date", "2026-09-30, or empty"),
];

/// The rows of the file that is shown, and what belongs to rates.
pub(super) struct Files {
    shown: Option<(String, TermFileRows)>,
    table: TableState,
    typed: TypedRate,
    checks: Latest<(Arc<TermTexts>, TypedRate), Result<TermsChange, Vec<Fault>>>,
    faults: Vec<Fault>,
    missing: Latest<(Contents, Arc<Desk>), Result<Vec<MissingRate>, String>>,
    lacks: Vec<MissingRate>,
    asked: Option<u64>,
}

enum TermFileRows {
    Rates(Vec<RateRow>),
    /// Header first.
    Other(Vec<Vec<String>>),
    None,
}

impl Files {
    pub(super) fn new(wake: &Wake, known: KnownPeriod) -> Self {
        let for_checks = Arc::clone(wake);
        let for_missing = Arc::clone(wake);
        Self {
            shown: None,
            table: TableState::default(),
            typed: TypedRate::default(),
            checks: Latest::new(
                "typed rate",
                move || for_checks(),
                |(texts, typed): (Arc<TermTexts>, TypedRate), _: &dyn Fn() -> bool| {
                    checked(&texts, &typed)
                },
            ),
            faults: Vec::new(),
            missing: Latest::new(
                "missing rates",
                move || for_missing(),
                move |(contents, desk): (Contents, Arc<Desk>), _: &dyn Fn() -> bool| {
                    // Without contracts or statements nothing is missing.
                    let Ok(open) = known.open(&contents, &desk, None) else {
                        return Ok(Vec::new());
                    };
                    missing_rates(&open).map_err(|e| e.to_string())
                },
            ),
            lacks: Vec::new(),
            asked: None,
        }
    }

    /// The rows of a file in all the room that is left.
    pub(super) fn table_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        kind: TermKind,
        name: &str,
        text: &str,
    ) {
        let key = format!("{}/{name}/{}", kind.word(), text.len());
        if self.shown.as_ref().is_none_or(|(of, _)| *of != key) {
            let rows = match kind {
                TermKind::Rates => {
                    rate_rows(name, text).map_or(TermFileRows::None, TermFileRows::Rates)
                }
                _ => file_rows(name, text).map_or(TermFileRows::None, TermFileRows::Other),
            };
            self.table.forget_rows();
            self.shown = Some((key, rows));
        }
        match self.shown.as_ref().map(|(_, rows)| rows) {
            Some(TermFileRows::Rates(rows)) => {
                let output = BigTable::new("Rates of the file", &RATE_COLUMNS).show_ui(
                    ui,
                    &mut self.table,
                    &mut RateRows(rows),
                );
                if let Some(copied) = output.copied {
                    context.go(Go::Notice(copied.sentence()));
                }
            }
            Some(TermFileRows::Other(rows)) => grid_ui(ui, rows),
            Some(TermFileRows::None) | None => drop(ui.label("It cannot be read; see it as text")),
        }
    }

    /// Rates that are missing, and the form for one.
    pub(super) fn rates_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        self.ask(context);
        self.missing_ui(ui);
        self.typed_ui(ui, context);
    }

    fn ask(&mut self, context: &mut Context<'_>) {
        if self.asked != Some(context.desk.generation)
            && let Some(contents) = context.engine.contents()
        {
            self.missing.ask((contents, Arc::clone(context.desk)));
            self.asked = Some(context.desk.generation);
        }
        match self.missing.take() {
            Some(Ok(lacks)) => self.lacks = lacks,
            Some(Err(cause)) => context.go(Go::Fault {
                what: "looking for missing rates".into(),
                cause,
            }),
            None => {}
        }
        match self.checks.take() {
            Some(Ok(change)) => {
                self.typed = TypedRate::default();
                self.faults.clear();
                context.send(ChangeCommand::ChangeTerms(change));
            }
            Some(Err(faults)) => self.faults = faults,
            None => {}
        }
    }

    fn missing_ui(&mut self, ui: &mut Ui) {
        if self.lacks.is_empty() {
            return;
        }
        widgets::section_header_ui(
            ui,
            "Missing rates",
            "money of the open period waits for them",
        );
        ScrollArea::vertical()
            .id_salt("missing")
            .max_height(96.0)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                for lack in &self.lacks {
                    ui.horizontal(|ui| {
                        let words = format!("{} to {} for {}", lack.from, lack.to, lack.period);
                        if ui
                            .button("Fill in")
                            .accessible_name(format!("Fill in {words}"))
                            .on_hover_text("Put it into the form below")
                            .clicked()
                        {
                            self.typed = [
                                lack.period.clone(),
                                lack.from.to_string(),
                                lack.to.to_string(),
                                String::new(),
                                String::new(),
                                String::new(),
                            ];
                            self.faults.clear();
                        }
                        ui.label(words);
                        ui.label(
                            RichText::new(format!("{} wait", text::money(lack.waits, lack.from)))
                                .color(theme::tokens(ui).warn),
                        );
                    });
                }
            });
        ui.add_space(6.0);
    }

    fn typed_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let tokens = theme::tokens(ui);
        widgets::section_header_ui(
            ui,
            "Add a rate",
            "by hand; one for the same pair and period is replaced",
        );
        Frame::NONE
            .stroke(Stroke::new(1.0, tokens.line))
            .corner_radius(6.0)
            .inner_margin(Margin::symmetric(8, 6))
            .show(ui, |ui| {
                egui::Grid::new("typed_rate")
                    .num_columns(6)
                    .spacing([8.0, 5.0])
                    .show(ui, |ui| {
                        for (at, (name, hint)) in TYPED.into_iter().enumerate() {
                            let label = ui.label(RichText::new(name).color(tokens.subdued));
                            let hint = RichText::new(hint).color(tokens.subdued);
                            // A grid gives a text field what is left in its column, which is next to nothing at first.
                            ui.add_sized(
                                [104.0, 22.0],
                                TextEdit::singleline(&mut self.typed[at]).hint_text(hint),
                            )
                            .labelled_by(label.id);
                            if at % 3 == 2 {
                                ui.end_row();
                            }
                        }
                    });
                let is_filled = self.typed[..5].iter().all(|t| !t.trim().is_empty());
                let button = ui.add_enabled(is_filled, egui::Button::new("Add the rate"));
                if button
                    .on_disabled_hover_text("A rate has a period, two currencies and a source")
                    .clicked()
                {
                    self.checks
                        .ask((Arc::clone(context.desk.terms()), self.typed.clone()));
                }
                // Below the button, which stays where it is.
                for fault in &self.faults {
                    fault_ui(ui, &fault.to_string());
                }
            });
    }
}

fn checked(texts: &TermTexts, typed: &TypedRate) -> Result<TermsChange, Vec<Fault>> {
    let faults = |error: SettleError| match error {
        SettleError::Faults(faults) => faults,
        // Nothing is settled here, so nothing else can go wrong.
        _ => Vec::new(),
    };
    let change = with_rate(texts, typed).map_err(faults)?;
    terms_after(texts, &change).map_err(faults)?;
    Ok(change)
}

struct RateRows<'a>(&'a [RateRow]);

impl TableSource for RateRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let row = &self.0[row as usize];
        match RATE_COLUMNS[column].id {
            "from" => TableCell::new(row.from.code().to_owned()),
            "to" => TableCell::new(row.to.code().to_owned()),
            "period" => TableCell::new(bidi::display(&row.period)),
            "rate" if row.is_received => TableCell::new(format!("{} received", row.rate)),
            "rate" => TableCell::new(row.rate.as_str()),
            "source" => TableCell::new(bidi::display(&row.source)),
            _ => TableCell::new(row.date.as_str()),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let shown = &self.0[row as usize];
        match RATE_COLUMNS[column].id {
            "period" => shown.period.as_str().into(),
            "rate" => shown.rate.as_str().into(),
            "source" => shown.source.as_str().into(),
            _ => self.cell(row, column).text,
        }
    }
}

/// The rows of a small file; only those in view are drawn.
fn grid_ui(ui: &mut Ui, rows: &[Vec<String>]) {
    let Some((header, rows)) = rows.split_first() else {
        return;
    };
    let width = (ui.available_width() / header.len().max(1) as f32 - 8.0).max(70.0);
    let line_ui = |ui: &mut Ui, cells: &[String], is_head: bool| {
        ui.horizontal(|ui| {
            for cell in cells {
                let color = if is_head {
                    theme::tokens(ui).subdued
                } else {
                    theme::tokens(ui).text
                };
                ui.add_sized(
                    [width, 18.0],
                    Label::new(RichText::new(bidi::display(cell)).color(color)).truncate(),
                );
            }
        });
    };
    ScrollArea::horizontal().show(ui, |ui| {
        line_ui(ui, header, true);
        ScrollArea::vertical()
            .auto_shrink(false)
            .show_rows(ui, 18.0, rows.len(), |ui, range| {
                rows[range]
                    .iter()
                    .for_each(|cells| line_ui(ui, cells, false));
            });
        ui.label(numbers::counted(rows.len() as u64, "row", "rows"));
    });
}

//! The lines behind a payable amount, and the way from there to their rows.

use std::borrow::Cow;
use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use super::SortedPayout;
use crate::desk::{Desk, OwedLine};
use crate::ident::Currency;
use crate::job::Wake;
use crate::money::Amount;
use crate::statement::item::Field;
use crate::ui::background::Background;
use crate::ui::kit::table::{BigTable, Column, TableCell, TableSource, TableState};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{PillStatus, pill_ui};
use crate::ui::kit::{bidi, numbers, theme};
use crate::ui::shared::{Context, Go, RowsToShow};
use crate::ui::text;

const TABLE: &str = "payout lines";

const COLUMNS: [Column; 7] = [
    Column::text("title", "Title", 230.0).unsortable(),
    Column::text("artist", "Artist", 150.0).unsortable(),
    Column::text("dsp", "DSP", 110.0).unsortable(),
    Column::text("track", "Track", 120.0).unsortable(),
    Column::number("rows", "Rows", 80.0).unsortable(),
    Column::number("quantity", "Units", 100.0).unsortable(),
    Column::number("amount", "Amount", 220.0).unsortable(),
];

/// Whose amount is looked into, and in which currency.
pub(super) type PayeeCurrency = (String, Currency);

/// The lines behind an amount, of the desk that was asked.
struct OwedLines {
    desk: Arc<Desk>,
    lines: Vec<OwedLine>,
    sum: Amount,
}

/// The lines behind one payable amount; nothing is shown until one is chosen.
pub(super) struct PayeeLines {
    chosen: Option<PayeeCurrency>,
    /// By the generation of the desk, and whose amount it is.
    lines: Background<(u64, PayeeCurrency), Arc<Desk>, OwedLines>,
    table: Option<TableState>,
}

impl PayeeLines {
    pub(super) fn new(wake: &Wake) -> Self {
        Self {
            chosen: None,
            lines: Background::new(
                "payout lines",
                wake,
                |(_, payable): (u64, PayeeCurrency), desk, is_stale| find(desk, &payable, is_stale),
            ),
            table: None,
        }
    }

    /// Looks into another amount, or into none.
    pub(super) fn choose(&mut self, chosen: Option<PayeeCurrency>) {
        self.chosen = chosen;
    }

    /// Shows the lines below the payees. `payout` is what the screen shows.
    pub(super) fn panel_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        payout: &SortedPayout,
    ) {
        let Some(chosen) = self.chosen.clone() else {
            return;
        };
        self.ask(context, &chosen);
        egui::Panel::bottom("payout_drill")
            .resizable(true)
            .default_size(250.0)
            .size_range(130.0..=520.0)
            .show(ui, |ui| {
                ui.add_space(4.0);
                // The lines of an older desk stay until the new ones are there, those of another
                // payee do not.
                let is_chosen = self.lines.answered().is_some_and(|(_, of)| *of == chosen);
                let Some(found) = self.lines.answer().filter(|_| is_chosen) else {
                    ui.label(format!(
                        "Looking for the lines of {}…",
                        bidi::display(&chosen.0)
                    ));
                    return;
                };
                let table = self.table.get_or_insert_with(|| context.table(TABLE));
                let is_same = payout.generation == found.desk.generation;
                let owed = payout
                    .view
                    .payees
                    .iter()
                    .filter(|_| is_same)
                    .find(|p| p.payee == chosen.0 && p.currency == chosen.1)
                    .map(|p| p.exact);
                let is_closed = head_ui(ui, context, &chosen, found, owed, table);
                lines_ui(ui, context, found, table);
                if is_closed {
                    self.chosen = None;
                }
            });
    }

    fn ask(&mut self, context: &mut Context<'_>, chosen: &PayeeCurrency) {
        let key = (context.desk.generation, chosen.clone());
        self.lines.ask(key, || Some(Arc::clone(context.desk)));
        let shown = self.lines.answered().map(|(_, of)| of.clone());
        let arrived = context.received("looking for the lines of a payee", self.lines.receive());
        let is_other = shown.as_ref() != self.lines.answered().map(|(_, of)| of);
        if arrived.is_some()
            && is_other
            && let Some(table) = &mut self.table
        {
            table.forget_rows();
        }
    }
}

fn find(
    desk: Arc<Desk>,
    (payee, currency): &PayeeCurrency,
    is_stale: &dyn Fn() -> bool,
) -> Result<OwedLines, String> {
    let lines = desk
        .owed_lines(payee, *currency, is_stale)
        .map_err(|e| e.to_string())?;
    let sum = Amount::sum(lines.iter().map(|l| l.part.amount)).map_err(|e| e.to_string())?;
    Ok(OwedLines { desk, lines, sum })
}

/// What the lines are and add up to, and where they lead. `owed` is what the payout says, once it is of the same desk. True if the lines
/// shall be closed.
fn head_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    (payee, currency): &PayeeCurrency,
    found: &OwedLines,
    owed: Option<Amount>,
    table: &TableState,
) -> bool {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.label(
            RichText::new(bidi::display(payee))
                .font(theme::medium_font(theme::BODY))
                .color(tokens.strong),
        );
        let lines = numbers::counted(found.lines.len() as u64, "line", "lines");
        ui.label(
            RichText::new(format!(
                "{lines}, together {}",
                text::exact_money(found.sum, *currency)
            ))
            .color(tokens.subdued),
        );
        if let Some(owed) = owed {
            pill_ui(ui, if owed == found.sum { ADDS_UP } else { DIFFERS })
                .on_hover_text("The lines together are the exact amount, to the last digit");
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let is_closed = ui.button("Close").on_hover_text("Hide the lines").clicked();
            let all = RowsToShow::OfPayee {
                payee: payee.clone(),
                currency: currency.code().to_owned(),
            };
            if ui
                .button("Show all rows")
                .on_hover_text("The rows of the statements behind this amount")
                .clicked()
            {
                context.go(Go::ToRows(all));
            }
            let line = table
                .selection()
                .single()
                .and_then(|row| found.lines.get(usize::try_from(row).ok()?));
            let is_current = found.desk.lines_generation == context.desk.lines_generation;
            let button = ui.add_enabled(
                line.is_some() && is_current,
                egui::Button::new("Show rows of the line"),
            );
            if button
                .on_hover_text("The rows of the selected line (Enter)")
                .clicked()
                && let Some(line) = line
            {
                context.go(Go::ToRows(RowsToShow::OfLine(line.line)));
            }
            is_closed
        })
        .inner
    })
    .inner
}

const ADDS_UP: PillStatus<'static> = PillStatus {
    sign: "✓",
    word: "Adds up",
    tone: Tone::Ok,
};
const DIFFERS: PillStatus<'static> = PillStatus {
    sign: "✗",
    word: "Does not add up",
    tone: Tone::Err,
};

fn lines_ui(ui: &mut Ui, context: &mut Context<'_>, found: &OwedLines, table: &mut TableState) {
    let mut rows = OwedLineRows(found);
    let output = BigTable::new("Lines of the payee", &COLUMNS)
        .sticky(1)
        .show_ui(ui, table, &mut rows);
    if output.columns_changed {
        context.settings.tables.insert(TABLE.into(), table.clone());
    }
    if let Some(copied) = output.copied {
        context.go(Go::Notice(copied.sentence()));
    }
    let line = output
        .activated
        .and_then(|row| found.lines.get(usize::try_from(row).ok()?));
    if let Some(line) =
        line.filter(|_| found.desk.lines_generation == context.desk.lines_generation)
    {
        context.go(Go::ToRows(RowsToShow::OfLine(line.line)));
    }
}

struct OwedLineRows<'a>(&'a OwedLines);

impl TableSource for OwedLineRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.lines.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let desk = &*self.0.desk;
        let owed = &self.0.lines[row as usize];
        match COLUMNS[column].id {
            "title" => TableCell::new(bidi::display(desk.field(owed.line, Field::Title))),
            "artist" => TableCell::new(bidi::display(desk.field(owed.line, Field::Artist))),
            "dsp" => TableCell::new(bidi::display(desk.lines().dsp(owed.line))),
            "track" => TableCell::new(desk.track_ids(owed.line).join(";")).code(),
            "rows" => TableCell::new(numbers::count(owed.part.rows)),
            "quantity" => TableCell::new(text::exact(owed.part.quantity)),
            _ => TableCell::new(text::exact(owed.part.amount)),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let desk = &*self.0.desk;
        let owed = &self.0.lines[row as usize];
        match COLUMNS[column].id {
            "title" => desk.field(owed.line, Field::Title).into(),
            "artist" => desk.field(owed.line, Field::Artist).into(),
            "dsp" => desk.lines().dsp(owed.line).into(),
            "rows" => owed.part.rows.to_string().into(),
            "quantity" => owed.part.quantity.to_string().into(),
            "amount" => owed.part.amount.to_string().into(),
            _ => self.cell(row, column).text,
        }
    }
}

//! The lines behind a payable amount, and the way from there to their rows.

use std::borrow::Cow;
use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use super::Shown;
use crate::ident::Currency;
use crate::job::Latest;
use crate::money::Amount;
use crate::session::desk::{Desk, OwedLine};
use crate::session::engine::Wake;
use crate::statement::item::Field;
use crate::ui::kit::table::{BigTable, Cell, Column, TableSource, TableState};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{Status, pill_ui};
use crate::ui::kit::{bidi, numbers, theme};
use crate::ui::shared::{Context, Go, Rows};
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

/// Whose amount is looked into.
type Chosen = (String, Currency);

struct Question {
    desk: Arc<Desk>,
    chosen: Chosen,
}

struct Found {
    desk: Arc<Desk>,
    chosen: Chosen,
    lines: Vec<OwedLine>,
    sum: Amount,
}

/// The lines behind one payable amount; nothing is shown until one is chosen.
pub(super) struct Drill {
    chosen: Option<Chosen>,
    asked: Option<(u64, Chosen)>,
    finding: Latest<Question, Result<Found, String>>,
    found: Option<Found>,
    table: Option<TableState>,
}

impl Drill {
    pub(super) fn new(wake: &Wake) -> Self {
        let wake = Arc::clone(wake);
        let find = |question: Question, is_stale: &dyn Fn() -> bool| {
            let Question { desk, chosen } = question;
            let lines = desk
                .owed_lines(&chosen.0, chosen.1, is_stale)
                .map_err(|e| e.to_string())?;
            let sum =
                Amount::sum(lines.iter().map(|l| l.part.amount)).map_err(|e| e.to_string())?;
            Ok(Found {
                desk,
                chosen,
                lines,
                sum,
            })
        };
        Self {
            chosen: None,
            asked: None,
            finding: Latest::new("payout lines", move || wake(), find),
            found: None,
            table: None,
        }
    }

    /// Looks into another amount, or into none.
    pub(super) fn choose(&mut self, chosen: Option<Chosen>) {
        self.chosen = chosen;
    }

    /// Shows the lines below the payees. `payout` is what the screen shows.
    pub(super) fn panel_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, payout: &Shown) {
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
                let Some(found) = self.found.as_ref().filter(|f| f.chosen == chosen) else {
                    ui.label(format!(
                        "Looking for the lines of {}…",
                        bidi::display(&chosen.0)
                    ));
                    return;
                };
                let table = self.table.get_or_insert_with(|| {
                    context
                        .settings
                        .tables
                        .get(TABLE)
                        .cloned()
                        .unwrap_or_default()
                });
                let is_same = payout.generation == found.desk.generation;
                let owed = payout
                    .view
                    .payees
                    .iter()
                    .filter(|_| is_same)
                    .find(|p| p.payee == chosen.0 && p.currency == chosen.1)
                    .map(|p| p.exact);
                let is_closed = head_ui(ui, context, found, owed, table);
                lines_ui(ui, context, found, table);
                if is_closed {
                    self.chosen = None;
                }
            });
    }

    fn ask(&mut self, context: &mut Context<'_>, chosen: &Chosen) {
        let wanted = (context.desk.generation, chosen.clone());
        if self.asked.as_ref() != Some(&wanted) {
            self.finding.ask(Question {
                desk: Arc::clone(context.desk),
                chosen: chosen.clone(),
            });
            self.asked = Some(wanted);
        }
        match self.finding.take() {
            Some(Ok(found)) => {
                if let Some(table) = self
                    .table
                    .as_mut()
                    .filter(|_| self.found.as_ref().is_none_or(|f| f.chosen != found.chosen))
                {
                    table.forget_rows();
                }
                self.found = Some(found);
            }
            Some(Err(cause)) => context.go(Go::Fault {
                what: "looking for the lines of a payee".into(),
                cause,
            }),
            None => {}
        }
    }
}

/// What the lines are and add up to, and where they lead. `owed` is what the payout says, once it is of the same desk. True if the lines
/// shall be closed.
fn head_ui(
    ui: &mut Ui,
    context: &mut Context<'_>,
    found: &Found,
    owed: Option<Amount>,
    table: &TableState,
) -> bool {
    let tokens = theme::tokens(ui);
    let (payee, currency) = &found.chosen;
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
            let all = Rows::OfPayee {
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
                context.go(Go::ToRows(Rows::OfLine(line.line)));
            }
            is_closed
        })
        .inner
    })
    .inner
}

const ADDS_UP: Status<'static> = Status {
    sign: "✓",
    word: "Adds up",
    tone: Tone::Ok,
};
const DIFFERS: Status<'static> = Status {
    sign: "✗",
    word: "Does not add up",
    tone: Tone::Err,
};

fn lines_ui(ui: &mut Ui, context: &mut Context<'_>, found: &Found, table: &mut TableState) {
    let mut rows = LineRows(found);
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
        context.go(Go::ToRows(Rows::OfLine(line.line)));
    }
}

struct LineRows<'a>(&'a Found);

impl TableSource for LineRows<'_> {
    fn row_count(&self) -> u64 {
        self.0.lines.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> Cell<'_> {
        let (desk, owed) = (&*self.0.desk, &self.0.lines[row as usize]);
        match COLUMNS[column].id {
            "title" => Cell::new(bidi::display(desk.field(owed.line, Field::Title))),
            "artist" => Cell::new(bidi::display(desk.field(owed.line, Field::Artist))),
            "dsp" => Cell::new(bidi::display(desk.lines().dsp(owed.line))),
            "track" => Cell::new(desk.track_ids(owed.line).join(";")).code(),
            "rows" => Cell::new(numbers::count(owed.part.rows)),
            "quantity" => Cell::new(text::exact(owed.part.quantity)),
            _ => Cell::new(text::exact(owed.part.amount)),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let (desk, owed) = (&*self.0.desk, &self.0.lines[row as usize]);
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

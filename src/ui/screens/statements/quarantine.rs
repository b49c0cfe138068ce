//! Rows of a statement that could not be taken: where they are, why, and the row itself with the cell that is at fault.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use crate::contents::Contents;
use crate::desk::rows::{FileRow, Pagers};
use crate::desk::{Desk, Loaded};
use crate::ident::Currency;
use crate::statement::quarantine::Quarantined;
use crate::ui::background::Background;
use crate::ui::kit::table::{BigTable, Column, TableCell, TableSource, TableState};
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::shared::{Context, Go, RowsToShow};
use crate::ui::text;

const COLUMNS: [Column; 7] = [
    Column::number("row", "Row", 80.0).unsortable(),
    Column::text("reason", "Reason", 150.0).unsortable(),
    Column::text("column", "Column", 150.0).unsortable(),
    Column::text("detail", "Why", 300.0).unsortable(),
    Column::number("amount", "Amount", 120.0).unsortable(),
    Column::text("currency", "Cur.", 48.0).unsortable(),
    Column::text("raw", "As it stands in the file", 600.0).unsortable(),
];

/// Name of the table in the settings.
const TABLE: &str = "quarantine";

/// A row with its header, read from the file.
struct RowInFile {
    header: Vec<String>,
    row: Result<FileRow, String>,
}

/// Which row: the key of its statement, and its number in the file.
type RowKey = (String, u64);

struct RowInput {
    contents: Contents,
    pagers: Arc<Pagers>,
    statement: Arc<Loaded>,
    desk: Arc<Desk>,
}

/// The quarantine of the selected statement.
pub(super) struct QuarantineView {
    table: Option<TableState>,
    statement: String,
    row: Background<RowKey, RowInput, RowInFile, Infallible>,
    pagers: Arc<Pagers>,
}

impl QuarantineView {
    pub(super) fn new(wake: &crate::job::Wake) -> Self {
        Self {
            table: None,
            statement: String::new(),
            row: Background::new("quarantine-row", wake, |(_, row_number), input, _| {
                Ok(read(&input, row_number))
            }),
            pagers: Arc::default(),
        }
    }

    pub(super) fn show_ui(
        &mut self,
        ui: &mut Ui,
        statement: &Arc<Loaded>,
        context: &mut Context<'_>,
    ) {
        if statement.quarantine.is_empty() {
            ui.add_space(8.0);
            ui.label(
                RichText::new("✓ Every record of this file could be read")
                    .color(theme::tokens(ui).ok),
            );
            return;
        }
        self.follow(statement, context);
        context.received("reading a row", self.row.receive());
        let selected = self
            .table
            .as_ref()
            .and_then(|table| table.selection().single())
            .and_then(|row| statement.quarantine.get(row as usize));
        if let Some(bad) = selected {
            self.selected_ui(ui, statement, bad, context);
        }
        self.table_ui(ui, statement, context);
    }

    /// Begins with the first row of a statement, also when another one is selected.
    fn follow(&mut self, statement: &Loaded, context: &Context<'_>) {
        let is_other = self.statement != statement.key;
        let Some(table) = &mut self.table else {
            self.statement.clone_from(&statement.key);
            let mut table = context.table(TABLE);
            table.select(0);
            self.table = Some(table);
            return;
        };
        if is_other {
            self.statement.clone_from(&statement.key);
            table.forget_rows();
            table.select(0);
        }
    }

    /// The selected row below the table, as it stands in the file.
    fn selected_ui(
        &mut self,
        ui: &mut Ui,
        statement: &Arc<Loaded>,
        bad: &Quarantined,
        context: &mut Context<'_>,
    ) {
        let key = (statement.key.clone(), bad.row_number);
        self.row.ask(key.clone(), || {
            Some(RowInput {
                contents: context.engine.contents()?,
                pagers: Arc::clone(&self.pagers),
                statement: Arc::clone(statement),
                desk: Arc::clone(context.desk),
            })
        });
        let shown = self.row.answer_to(&key).map(|row| &**row);
        egui::Panel::bottom("quarantined row")
            .show(ui, |ui| row_ui(ui, statement, bad, shown, context));
    }

    fn table_ui(&mut self, ui: &mut Ui, statement: &Arc<Loaded>, context: &mut Context<'_>) {
        let table = self.table.get_or_insert_default();
        let output = BigTable::new("Quarantined rows", &COLUMNS).show_ui(
            ui,
            table,
            &mut BadRows { statement },
        );
        if output.columns_changed {
            context
                .settings
                .tables
                .insert(TABLE.to_owned(), table.clone());
        }
        if let Some(row) = output
            .activated
            .and_then(|row| statement.quarantine.get(row as usize))
        {
            show_row(context, statement, row);
        }
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
    }
}

fn show_row(context: &mut Context<'_>, statement: &Loaded, bad: &Quarantined) {
    context.go(Go::ToRows(RowsToShow::Of {
        statement: statement.key.clone(),
        row_number: bad.row_number,
    }));
}

fn read(input: &RowInput, row_number: u64) -> RowInFile {
    let index = row_number - 1;
    let read = input
        .pagers
        .of(&input.contents, &input.statement)
        .and_then(|pager| {
            pager.prepare(&input.contents, input.contents.job())?;
            let rows = pager.read(index..index + 1, &input.desk)?;
            Ok((pager.header().to_vec(), rows))
        });
    match read {
        Ok((header, rows)) => RowInFile {
            header,
            row: rows
                .into_iter()
                .next()
                .ok_or_else(|| "the row is not there".to_owned()),
        },
        Err(error) => RowInFile {
            header: Vec::new(),
            row: Err(error.to_string()),
        },
    }
}

/// The row under the table: each cell below its header, the one at fault marked.
fn row_ui(
    ui: &mut Ui,
    statement: &Loaded,
    bad: &Quarantined,
    shown: Option<&RowInFile>,
    context: &mut Context<'_>,
) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(format!("Row {}", numbers::count(bad.row_number))).strong());
        ui.label(RichText::new(format!("✗ {}", bad.detail)).color(tokens.err));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::command_button_ui(ui, "Show row", "Enter").clicked() {
                show_row(context, statement, bad);
            }
        });
    });
    match shown {
        Some(RowInFile {
            header,
            row: Ok(row),
        }) => cells_ui(ui, header, row, bad),
        Some(RowInFile {
            row: Err(cause), ..
        }) => {
            ui.label(RichText::new(cause).color(tokens.warn));
            raw_ui(ui, bad);
        }
        None => raw_ui(ui, bad),
    }
}

fn raw_ui(ui: &mut Ui, bad: &Quarantined) {
    egui::ScrollArea::horizontal()
        .id_salt("raw row")
        .show(ui, |ui| {
            ui.label(RichText::new(one_line(&bad.raw)).font(theme::code_font()));
        });
}

fn cells_ui(ui: &mut Ui, header: &[String], row: &FileRow, bad: &Quarantined) {
    let tokens = theme::tokens(ui);
    egui::ScrollArea::horizontal()
        .id_salt("raw cells")
        .show(ui, |ui| {
            egui::Grid::new("raw cells")
                .num_columns(row.cells.len().max(header.len()))
                .spacing([12.0, 2.0])
                .show(ui, |ui| {
                    let is_bad =
                        |column: usize| header.get(column).is_none_or(|name| *name == bad.column);
                    for (column, name) in header
                        .iter()
                        .map(String::as_str)
                        .chain(std::iter::repeat("no column"))
                        .take(row.cells.len().max(header.len()))
                        .enumerate()
                    {
                        let color = if is_bad(column) {
                            tokens.err
                        } else {
                            tokens.subdued
                        };
                        ui.label(
                            RichText::new(bidi::display(name))
                                .font(theme::small_font())
                                .color(color),
                        );
                    }
                    ui.end_row();
                    for (column, cell) in row.cells.iter().enumerate() {
                        let shown = if cell.is_empty() && is_bad(column) {
                            "(empty)".to_owned()
                        } else {
                            one_line(cell)
                        };
                        let text = RichText::new(bidi::display(&shown)).font(theme::code_font());
                        ui.label(if is_bad(column) {
                            text.color(tokens.err)
                                .background_color(tokens.tint(Tone::Err))
                        } else {
                            text
                        });
                    }
                    ui.end_row();
                });
        });
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A reason in words.
pub(super) fn reason_of(bad: &Quarantined) -> String {
    let mut words = bad.reason.code().replace('_', " ");
    if let Some(first) = words.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    words
}

struct BadRows<'a> {
    statement: &'a Loaded,
}

impl TableSource for BadRows<'_> {
    fn row_count(&self) -> u64 {
        self.statement.quarantine.len() as u64
    }

    fn cell(&self, row: u64, column: usize) -> TableCell<'_> {
        let bad = &self.statement.quarantine[row as usize];
        match COLUMNS[column].id {
            "row" => TableCell::new(numbers::count(bad.row_number)),
            "reason" => TableCell::new(reason_of(bad)).dot(Tone::Err),
            "column" => TableCell::new(bad.column.as_str()),
            "detail" => TableCell::new(bad.detail.as_str()),
            "amount" if bad.amount.is_zero() => TableCell::new("–").tone(Tone::Subdued),
            "amount" => TableCell::new(text::fine(bad.amount, bad.currency)),
            "currency" if bad.currency == Currency::NONE => TableCell::new(""),
            "currency" => TableCell::new(bad.currency.code()),
            _ => TableCell::new(one_line(&bad.raw)).code(),
        }
    }

    fn copy_text(&self, row: u64, column: usize) -> Cow<'_, str> {
        let bad = &self.statement.quarantine[row as usize];
        match COLUMNS[column].id {
            "row" => bad.row_number.to_string().into(),
            "amount" => bad.amount.to_string().into(),
            "reason" => bad.reason.code().into(),
            _ => self.cell(row, column).text,
        }
    }
}

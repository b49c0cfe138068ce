//! The statement of a payee as they get it: the words and figures of the PDF, which can be written from here.

use std::convert::Infallible;
use std::sync::Arc;

use eframe::egui::{Grid, Label, RichText, Ui};

use crate::contents::Contents;
use crate::ident::Currency;
use crate::job::Wake;
use crate::period::OpenPeriod;
use crate::results::{ResultsError, Sheet, SheetBlock, SheetLook, SheetSide, SheetTable, sheet_of};
use crate::session::engine::JobCommand;
use crate::ui::background::Background;
use crate::ui::kit::dialogs::Request;
use crate::ui::kit::{bidi, theme, widgets};
use crate::ui::picker::{Pick, Picker};
use crate::ui::shared::Context;

/// Rows that are shown of a statement; the files have all.
const LISTED: usize = 500;
/// Most width of a column of words.
const WORDS: f32 = 420.0;
/// Width of a column of numbers.
const NUMBERS: f32 = 130.0;

/// Whose statement it is, of which settlement.
#[derive(Clone)]
struct StatementKey {
    open: Arc<OpenPeriod>,
    payee: String,
    currency: Currency,
}

impl PartialEq for StatementKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.open, &other.open)
            && self.payee == other.payee
            && self.currency == other.currency
    }
}

/// Makes payee statements on a thread of its own and shows them.
pub(super) struct StatementView {
    /// `None` where there is no statement in the currency; else the sheet, or why there is none.
    sheet: Background<StatementKey, Contents, Result<Option<Sheet>, String>, Infallible>,
    picker: Picker,
    to_write: Option<StatementKey>,
}

impl StatementView {
    pub(super) fn new(wake: &Wake) -> Self {
        Self {
            sheet: Background::new("statement", wake, |key, contents: Contents, _| {
                // Why there is no sheet stands where the sheet would stand, so it is an answer.
                Ok(sheet(&key, &contents).map_err(|e| e.to_string()))
            }),
            picker: Picker::default(),
            to_write: None,
        }
    }

    /// Has it made, and written when somebody wants that; stands above what [`Self::sheet_ui`] shows.
    pub(super) fn head_ui(
        &mut self,
        ui: &mut Ui,
        context: &mut Context<'_>,
        open: &Arc<OpenPeriod>,
        (payee, currency): (&str, Currency),
    ) {
        let key = StatementKey {
            open: Arc::clone(open),
            payee: payee.to_owned(),
            currency,
        };
        self.sheet.ask(key.clone(), || context.engine.contents());
        context.received("writing the statement", self.sheet.receive());
        if let Some(out) = self
            .picker
            .poll(ui.ctx())
            .and_then(|paths| paths.into_iter().next())
            && let Some(StatementKey { open, payee, .. }) = self.to_write.take()
        {
            context.send(JobCommand::WriteStatements { open, payee, out });
        }
        ui.horizontal(|ui| {
            if ui
                .button("Write PDF and CSV…")
                .on_hover_text("The statements of this payee, into a folder")
                .clicked()
            {
                self.picker.ask(
                    &*context.dialogs,
                    Pick::Folder,
                    Request::titled(&format!("Choose a folder for the statements of {payee}")),
                );
                self.to_write = Some(key);
            }
            ui.label(
                RichText::new("as the payee gets it; the CSV has every digit")
                    .font(theme::small_font())
                    .color(theme::tokens(ui).subdued),
            );
        });
    }

    pub(super) fn sheet_ui(&self, ui: &mut Ui) {
        let asked = self.sheet.asked();
        match asked
            .and_then(|key| self.sheet.answer_to(key))
            .map(|sheet| &**sheet)
        {
            None => drop(ui.label("Writing the statement…")),
            Some(Err(cause)) => drop(ui.label(RichText::new(cause).color(theme::tokens(ui).err))),
            Some(Ok(None)) => drop(ui.label("There is no statement in this currency")),
            Some(Ok(Some(sheet))) => sheet_ui(ui, sheet),
        }
    }
}

fn sheet(key: &StatementKey, contents: &Contents) -> Result<Option<Sheet>, ResultsError> {
    let settled = &key.open.settled;
    Ok(sheet_of(
        settled,
        &key.payee,
        key.currency,
        &contents.letterhead(settled, None)?,
    )?
    .map(drawn))
}

/// What is drawn of a sheet: as many rows as a frame has time for, each text in the order in which it is drawn.
fn drawn(mut sheet: Sheet) -> Sheet {
    let mut left = LISTED;
    let mut more = 0;
    for block in &mut sheet.blocks {
        if let SheetBlock::Table(table) = block {
            let kept = table.rows.len().min(left);
            more += table.rows.len() - kept;
            left -= kept;
            table.rows.truncate(kept);
            table
                .rows
                .iter_mut()
                .flat_map(|row| &mut row.cells)
                .for_each(|cell| *cell = bidi::display(cell).into());
        }
    }
    if more > 0 {
        sheet.blocks.push(SheetBlock::Note(format!(
            "… and {more} more rows, in the files"
        )));
    }
    sheet
}

fn sheet_ui(ui: &mut Ui, sheet: &Sheet) {
    let tokens = theme::tokens(ui);
    for (place, block) in sheet.blocks.iter().enumerate() {
        match block {
            SheetBlock::Title(words) => drop(
                ui.label(
                    RichText::new(words)
                        .font(theme::medium_font(theme::BODY))
                        .color(tokens.strong),
                ),
            ),
            SheetBlock::Heading(words) => {
                ui.add_space(6.0);
                widgets::section_header_ui(ui, &bidi::display(words), "");
            }
            SheetBlock::Note(words) => {
                ui.add(
                    Label::new(
                        RichText::new(bidi::display(words))
                            .font(theme::small_font())
                            .color(tokens.subdued),
                    )
                    .wrap(),
                );
            }
            SheetBlock::Facts(facts) => {
                Grid::new(("facts", place))
                    .num_columns(2)
                    .spacing([14.0, 2.0])
                    .show(ui, |ui| {
                        for (name, value) in facts {
                            ui.label(RichText::new(name).color(tokens.subdued));
                            ui.add(Label::new(bidi::display(value)).selectable(true));
                            ui.end_row();
                        }
                    });
            }
            SheetBlock::Table(table) => table_ui(ui, place, table),
        }
    }
}

fn table_ui(ui: &mut Ui, place: usize, table: &SheetTable) {
    let tokens = theme::tokens(ui);
    let number = |ui: &mut Ui, text: RichText| {
        widgets::right_cell_ui(ui, NUMBERS, |ui| drop(ui.add(Label::new(text).extend())))
    };
    Grid::new(("table", place))
        .num_columns(table.columns.len())
        .spacing([16.0, 2.0])
        .show(ui, |ui| {
            if table.columns.iter().any(|c| !c.title.is_empty()) {
                for column in &table.columns {
                    let title = RichText::new(column.title)
                        .font(theme::small_font())
                        .color(tokens.subdued);
                    match column.side {
                        SheetSide::Left(_) => drop(ui.label(title)),
                        SheetSide::Right => number(ui, title),
                    }
                }
                ui.end_row();
            }
            for row in &table.rows {
                let color = if row.look == SheetLook::Plain || row.look == SheetLook::Inner {
                    tokens.text
                } else {
                    tokens.strong
                };
                for (at, (cell, column)) in row.cells.iter().zip(&table.columns).enumerate() {
                    match column.side {
                        SheetSide::Left(_) => {
                            let indent = if at == 0 && row.look == SheetLook::Inner {
                                "    "
                            } else {
                                ""
                            };
                            let words = format!("{indent}{cell}");
                            ui.scope(|ui| {
                                ui.set_max_width(WORDS);
                                ui.add(Label::new(RichText::new(words).color(color)).wrap());
                            });
                        }
                        SheetSide::Right => number(
                            ui,
                            RichText::new(cell).font(theme::number_font()).color(color),
                        ),
                    }
                }
                ui.end_row();
            }
        });
}

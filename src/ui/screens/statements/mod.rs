//! The statements: one row for each file with what became of its money, jobs that run, files that ask for something, and all that is
//! known of the selected file.

mod details;
mod jobs;
mod quarantine;
mod source;

use std::sync::Arc;

use eframe::egui::{self, Key, Modifiers, RichText, Ui};

use crate::desk::{Desk, Loaded};
use crate::job::Wake;
use crate::payout::Totals;
use crate::session::engine::JobCommand;
use crate::ui::background::Background;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{numbers, widgets};
use crate::ui::shared::{Context, Go};
use jobs::Answers;
use quarantine::QuarantineView;
use source::{COLUMNS, StatementRows};

/// Name of the table in the settings.
const TABLE: &str = "statements";

/// The statements screen.
pub struct StatementsScreen {
    table: Option<TableState>,
    selected: Option<String>,
    tab: StatementTab,
    shows_details: bool,
    /// Of the statements of a desk, by its generation.
    totals: Background<u64, Arc<Desk>, Vec<Totals>, NoTotals>,
    answers: Answers,
    quarantine: QuarantineView,
    to_remove: Option<(String, String)>,
    removed: Vec<(String, String)>,
}

/// What is shown of the selected file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StatementTab {
    Details,
    Quarantine,
}

impl StatementsScreen {
    /// Starts its threads.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        Self {
            table: None,
            selected: None,
            tab: StatementTab::Details,
            shows_details: true,
            totals: Background::new("statement-totals", wake, |_, desk: Arc<Desk>, is_stale| {
                add_up(&desk, is_stale)
            }),
            answers: Answers::default(),
            quarantine: QuarantineView::new(wake),
            to_remove: None,
            removed: Vec::new(),
        }
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        self.add_up(context.desk);
        self.head_ui(ui, context);
        // Jobs end while somebody fills in a form, which must not move then.
        self.answers.failed_ui(ui, context);
        jobs::jobs_ui(ui, context);
        self.removed_ui(ui, context);
        if context.desk.statements().is_empty() {
            return empty_ui(ui, context);
        }
        self.select_first(context.desk);
        self.keys(ui, context);
        self.below_ui(ui, context);
        self.confirm_ui(ui, context);
        self.table_ui(ui, context);
    }

    /// Asks for the totals of a new desk; those of the one before are shown meanwhile.
    fn add_up(&mut self, desk: &Arc<Desk>) {
        self.totals.ask(desk.generation, || Some(Arc::clone(desk)));
        // What cannot be added up is not shown here: the payout says why.
        let _ = self.totals.receive();
    }

    fn head_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        ui.horizontal(|ui| {
            ui.heading("Statements");
            let statements = context.desk.statements();
            let rows = statements.iter().map(|s| s.record.records).sum();
            let text = format!(
                "{}, {}",
                numbers::counted(statements.len() as u64, "file", "files"),
                numbers::counted(rows, "row", "rows")
            );
            ui.label(RichText::new(text).color(theme::tokens(ui).subdued));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if widgets::main_button_ui(ui, "Open…", "Ctrl+O").clicked() {
                    context.go(Go::PickStatements);
                }
                ui.label(
                    RichText::new("Files can also be dropped on the window")
                        .color(theme::tokens(ui).subdued),
                );
            });
        });
        ui.add_space(4.0);
    }

    /// What was removed from here can be put back from here.
    fn removed_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let mut answered = None;
        for (index, (key, name)) in self.removed.iter().enumerate() {
            if context.desk.statements().iter().any(|s| s.key == *key) {
                continue;
            }
            let notice = widgets::Notice {
                tone: Tone::Normal,
                text: format!("Removed {name}; its file is untouched"),
                action: Some("Undo".into()),
            };
            answered = widgets::notice_ui(ui, &notice)
                .map(|answer| (index, answer))
                .or(answered);
        }
        if let Some((index, answer)) = answered {
            let (key, _) = self.removed.remove(index);
            if answer == widgets::NoticeAnswer::Action {
                context.send(JobCommand::RestoreStatement(key));
            }
        }
    }

    fn select_first(&mut self, desk: &Desk) {
        let is_there = self
            .selected
            .as_ref()
            .is_some_and(|key| desk.statements().iter().any(|s| s.key == *key));
        if !is_there {
            let row = self
                .table
                .as_ref()
                .map_or(0, TableState::cursor)
                .min(desk.statements().len() as u64 - 1);
            self.selected = Some(desk.statements()[row as usize].key.clone());
            if let Some(table) = &mut self.table {
                table.select(row);
            }
        }
    }

    fn keys(&mut self, ui: &Ui, context: &Context<'_>) {
        if ui.ctx().text_edit_focused() {
            return;
        }
        if ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Delete)) {
            self.ask_to_remove(context.desk);
        }
    }

    fn ask_to_remove(&mut self, desk: &Desk) {
        self.to_remove = self
            .selected_of(desk)
            .map(|s| (s.key.clone(), s.record.name.clone()));
    }

    fn selected_of<'d>(&self, desk: &'d Desk) -> Option<&'d Arc<Loaded>> {
        desk.statements()
            .iter()
            .find(|s| Some(&s.key) == self.selected.as_ref())
    }

    fn confirm_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some((key, name)) = self.to_remove.clone() else {
            return;
        };
        let question = format!(
            "Remove {name}? Its rows no longer count; the file stays where it is, and this can be undone"
        );
        let is_escaped = ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape));
        match widgets::confirm_strip_ui(ui, &question, "Remove", "Keep", Tone::Err)
            .or(is_escaped.then_some(false))
        {
            None => return,
            Some(false) => {}
            Some(true) => {
                context.send(JobCommand::RemoveStatement(key.clone()));
                self.removed.retain(|(k, _)| *k != key);
                self.removed.push((key, name));
            }
        }
        self.to_remove = None;
    }

    /// The lower half: what is known of the selected file.
    fn below_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(statement) = self.selected_of(context.desk).cloned() else {
            return;
        };
        if !self.shows_details {
            return;
        }
        let height = (ui.available_height() * 0.48).max(180.0);
        egui::Panel::bottom("statement details")
            .resizable(true)
            .default_size(height)
            .show(ui, |ui| {
                self.tabs_ui(ui, &statement, context);
                match self.tab {
                    StatementTab::Details => {
                        let index = context
                            .desk
                            .statements()
                            .iter()
                            .position(|s| s.key == statement.key)
                            .unwrap_or_default();
                        let totals = self.totals.answer().and_then(|all| all.get(index));
                        details::details_ui(ui, &statement, totals);
                    }
                    StatementTab::Quarantine => self.quarantine.show_ui(ui, &statement, context),
                }
            });
    }

    fn tabs_ui(&mut self, ui: &mut Ui, statement: &Arc<Loaded>, context: &mut Context<'_>) {
        ui.horizontal(|ui| {
            let bad = numbers::count(statement.quarantine.len() as u64);
            ui.selectable_value(&mut self.tab, StatementTab::Details, "Details");
            ui.selectable_value(
                &mut self.tab,
                StatementTab::Quarantine,
                format!("Quarantine ({bad})"),
            );
            ui.label(RichText::new(&statement.record.name).strong());
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if widgets::command_button_ui(ui, "Close details", "Enter").clicked() {
                    self.shows_details = false;
                }
                if widgets::command_button_ui(ui, "Remove", "Delete").clicked() {
                    self.to_remove = Some((statement.key.clone(), statement.record.name.clone()));
                }
                if ui
                    .button("Import again…")
                    .on_hover_text("Read the file once more, with other answers")
                    .clicked()
                {
                    self.answers.begin(&statement.record);
                }
                if ui
                    .button("Show rows")
                    .on_hover_text("All rows as they stand in the file")
                    .clicked()
                {
                    context.go(Go::ToRows(crate::ui::shared::RowsToShow::Of {
                        statement: statement.key.clone(),
                        row_number: 1,
                    }));
                }
            });
        });
        ui.separator();
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let table = self.table.get_or_insert_with(|| context.table(TABLE));
        if table.selection().is_empty()
            && let Some(row) = context
                .desk
                .statements()
                .iter()
                .position(|s| Some(&s.key) == self.selected.as_ref())
        {
            table.select(row as u64);
        }
        let mut rows = StatementRows {
            desk: Arc::clone(context.desk),
            totals: self.totals.answer().cloned(),
        };
        let output = BigTable::new("Statements", &COLUMNS)
            .sticky(1)
            .show_ui(ui, table, &mut rows);
        if output.selection_changed
            && let Some(row) = table.selection().single()
        {
            self.selected = context
                .desk
                .statements()
                .get(row as usize)
                .map(|s| s.key.clone());
        }
        if output.activated.is_some() {
            self.shows_details = !self.shows_details;
        }
        if output.columns_changed {
            context
                .settings
                .tables
                .insert(TABLE.to_owned(), table.clone());
        }
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
    }
}

/// There are no totals: they overflow, or nobody waits for them any more.
struct NoTotals;

fn add_up(desk: &Desk, is_stale: &dyn Fn() -> bool) -> Result<Vec<Totals>, NoTotals> {
    let totals = desk.totals_by_statement(is_stale).ok().flatten();
    totals.ok_or(NoTotals)
}

fn empty_ui(ui: &mut Ui, context: &mut Context<'_>) {
    let state = widgets::EmptyState {
        icon: "▤",
        headline: "No statements yet",
        next: "Open reports of DSPs and distributors, packed or not, or drop them on the window",
        button: Some(("Open statements…", "Ctrl+O")),
        guide: "first-month",
    };
    if !context.engine.is_idle() {
        return;
    }
    if widgets::empty_state_ui(ui, state) {
        context.go(Go::PickStatements);
    }
}

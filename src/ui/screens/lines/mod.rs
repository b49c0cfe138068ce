//! Rows as they stand in the files: all rows of a statement, or the rows behind a total. A frame shows what has been read; what is in view
//! and has not been read is asked of another thread.

mod reader;
mod source;

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Id, Key, Modifiers, RichText, TextEdit, Ui};

use crate::desk::rows::{
    Drill, DrillView, Pagers, Preparation, PreparedAs, Preparing, RowKind, RowPager, RowsOf,
    SourceState,
};
use crate::desk::{Desk, Loaded};
use crate::job::{Latest, Wake};
use crate::matching::Status;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::theme::{self, Tone};
use crate::ui::kit::{bidi, numbers, widgets};
use crate::ui::shared::{Context, Go, RowsToShow, Screen};
use crate::ui::text;
use reader::{Copied, CopyAsk, RowsAnswer, RowsQuestion, What, Window};
use source::{RowTitles, ShownRows};

/// How often work in the background is looked at.
const TICK: Duration = Duration::from_millis(200);

/// Whose rows are shown, and how far they are read.
struct RowsInHand {
    /// Key of the statement whose rows are shown.
    statement: Option<String>,
    pager: Option<Arc<RowPager>>,
    drill: Option<Drill>,
    /// Asked for by another screen, and begun when there is a desk.
    wanted: Option<RowsOf>,
    preparing: Option<Preparing>,
    failure: Option<String>,
}

/// A row that is gone to by its number.
struct RowJump {
    go_to: String,
    focus_go_to: bool,
    wanted_row: Option<u64>,
    /// Rows that had not been read through are not asked for again before.
    not_before: Option<Instant>,
}

/// The lines screen.
pub struct LinesScreen {
    pagers: Arc<Pagers>,
    reader: Latest<RowsQuestion, RowsAnswer>,
    copier: Latest<CopyAsk, Copied>,
    shown: RowsInHand,
    window: Window,
    asked: Option<(What, Range<u64>, u64)>,
    table: TableState,
    table_id: Option<Id>,
    titles: RowTitles,
    jump: RowJump,
}

impl LinesScreen {
    /// Starts its threads.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let woken = Arc::clone(wake);
        let woken_too = Arc::clone(wake);
        Self {
            pagers: Arc::default(),
            reader: Latest::new(
                "rows",
                move || woken(),
                |question: RowsQuestion, _: &dyn Fn() -> bool| question.answer(),
            ),
            copier: Latest::new(
                "copied-rows",
                move || woken_too(),
                |ask: CopyAsk, is_stale: &dyn Fn() -> bool| ask.answer(is_stale),
            ),
            shown: RowsInHand {
                statement: None,
                pager: None,
                drill: None,
                wanted: None,
                preparing: None,
                failure: None,
            },
            window: Window::default(),
            asked: None,
            table: TableState::default(),
            table_id: None,
            titles: RowTitles::default(),
            jump: RowJump {
                go_to: String::new(),
                focus_go_to: false,
                wanted_row: None,
                not_before: None,
            },
        }
    }

    /// Shows rows that another screen leads to.
    pub fn show_rows(&mut self, rows: RowsToShow) {
        self.forget();
        match rows {
            RowsToShow::Of {
                statement,
                row_number,
            } => {
                self.shown.statement = Some(statement);
                self.shown.pager = None;
                self.jump.wanted_row = Some(row_number.saturating_sub(1));
            }
            RowsToShow::OfLine(line) => self.shown.wanted = Some(RowsOf::Line(line)),
            RowsToShow::OfPayee { payee, currency } => {
                self.shown.wanted = Some(RowsOf::Payee { payee, currency })
            }
        }
    }

    /// Whether everything that was asked for is there.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        let drilled = self.shown.drill.as_ref().is_none_or(|d| {
            let view = d.view();
            view.is_done || view.is_cancelled || view.failure.is_some()
        });
        drilled
            && self.shown.wanted.is_none()
            && !self.reader.is_busy()
            && self
                .shown
                .preparing
                .as_ref()
                .is_none_or(|p| p.outcome().is_some())
    }

    /// Other rows are shown from here on.
    fn forget(&mut self) {
        self.shown.drill = None;
        self.shown.wanted = None;
        self.window = Window::default();
        self.asked = None;
        self.shown.failure = None;
        self.table.forget_rows();
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        if context.desk.statements().is_empty() {
            return empty_ui(ui, context);
        }
        self.follow(context);
        self.take(ui, context);
        self.keys(ui);
        self.bar_ui(ui, context);
        if self.shown.drill.is_some() {
            self.drill_ui(ui);
        } else {
            self.source_ui(ui, context);
        }
        if let Some(cause) = self.shown.failure.clone() {
            fault_ui(ui, "The rows cannot be shown", &cause);
            if ui.button("Try again").clicked() {
                self.shown.failure = None;
                self.asked = None;
                self.shown.pager = None;
            }
            if self.window.rows.is_empty() {
                return;
            }
        }
        self.table_ui(ui, context);
    }

    /// Keeps up with the desk: a statement that is gone, line numbers that have a new meaning.
    fn follow(&mut self, context: &Context<'_>) {
        let desk = context.desk;
        if self
            .shown
            .statement
            .as_ref()
            .is_none_or(|key| !desk.statements().iter().any(|s| s.key == *key))
        {
            self.shown.statement = Some(desk.statements()[0].key.clone());
            self.shown.pager = None;
            if self.shown.drill.is_none() {
                self.forget();
            }
        }
        if self
            .shown
            .drill
            .as_ref()
            .is_some_and(|d| d.desk().lines_generation != desk.lines_generation)
        {
            // The lines are others now, so their rows are looked for anew only where that has a meaning.
            let of = self.shown.drill.as_ref().map(|d| d.of().clone());
            self.forget();
            self.shown.wanted = of.filter(|of| matches!(of, RowsOf::Payee { .. }));
        }
        if let (Some(of), Some(contents)) = (self.shown.wanted.clone(), context.engine.contents()) {
            self.shown.wanted = None;
            self.shown.drill = Some(Drill::start(
                contents,
                Arc::clone(desk),
                Arc::clone(&self.pagers),
                of,
                Arc::clone(context.wake),
            ));
        }
    }

    /// Takes what other threads have done.
    fn take(&mut self, ui: &Ui, context: &mut Context<'_>) {
        if let Some(answer) = self.reader.take() {
            self.answered(answer, context);
        }
        if let Some(copied) = self.copier.take() {
            context.go(Go::Notice(copied.sentence()));
            ui.ctx().copy_text(copied.text);
        }
        match self.shown.preparing.as_ref().and_then(Preparing::outcome) {
            None => {}
            Some(outcome) => {
                self.shown.preparing = None;
                self.asked = None;
                if let PreparedAs::Failed(cause) = outcome {
                    self.shown.failure = Some(cause);
                    self.window = Window::default();
                }
            }
        }
        if self.shown.preparing.is_some()
            || self.shown.drill.as_ref().is_some_and(|d| !d.view().is_done)
        {
            ui.ctx().request_repaint_after(TICK);
        }
    }

    fn answered(&mut self, answer: RowsAnswer, context: &Context<'_>) {
        if self.what(context).as_ref() != Some(&answer.what) {
            // It came late: another statement or a search is looked at by now, and these rows would pass for its rows.
            self.asked = None;
            return;
        }
        if let Some(pager) = answer.pager {
            let is_new = self
                .shown
                .pager
                .as_ref()
                .is_none_or(|p| !Arc::ptr_eq(p, &pager));
            if is_new && pager.preparation() != Preparation::None {
                self.prepare(&pager, false, context);
            }
            self.shown.pager = Some(pager);
        }
        match answer.window {
            Ok(window) => {
                self.shown.failure = None;
                self.window = window;
            }
            // What is still being read is asked for again when more is there.
            Err(None) => {
                self.asked = None;
                self.jump.not_before = Some(Instant::now() + TICK);
            }
            Err(Some(cause)) => {
                self.shown.failure = Some(cause);
                self.window = Window::default();
            }
        }
    }

    fn prepare(&mut self, pager: &Arc<RowPager>, every_byte: bool, context: &Context<'_>) {
        if let Some(contents) = context.engine.contents() {
            self.shown.preparing = Some(Preparing::start(
                Arc::clone(pager),
                contents,
                every_byte,
                Arc::clone(context.wake),
            ));
        }
    }

    fn keys(&mut self, ui: &Ui) {
        if ui.input_mut(|i| i.consume_key(Modifiers::COMMAND, Key::G)) {
            self.jump.focus_go_to = true;
        }
        if self.shown.drill.is_some()
            && !ui.ctx().text_edit_focused()
            && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Escape))
        {
            self.forget();
        }
    }

    /// Statement, filter, and the row to go to.
    fn bar_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        ui.horizontal(|ui| {
            ui.heading("Lines");
            self.statement_ui(ui, context.desk);
            self.filter_ui(ui, context.desk);
            if self.shown.drill.is_none() {
                self.go_to_ui(ui);
                self.of_item_ui(ui);
            }
        });
        ui.add_space(4.0);
    }

    fn loaded<'d>(&self, desk: &'d Desk) -> Option<(u32, &'d Arc<Loaded>)> {
        (0..)
            .zip(desk.statements())
            .find(|(_, s)| Some(&s.key) == self.shown.statement.as_ref())
    }

    fn statement_ui(&mut self, ui: &mut Ui, desk: &Desk) {
        let name = self
            .loaded(desk)
            .map(|(_, s)| s.record.name.clone())
            .unwrap_or_default();
        let mut chosen = None;
        let combo = egui::ComboBox::from_id_salt("statement")
            .selected_text(bidi::display(&name))
            .width(320.0)
            .show_ui(ui, |ui| {
                for statement in desk.statements() {
                    let is_shown = Some(&statement.key) == self.shown.statement.as_ref()
                        && self.shown.drill.is_none();
                    if ui
                        .selectable_label(is_shown, bidi::display(&statement.record.name))
                        .clicked()
                    {
                        chosen = Some(statement.key.clone());
                    }
                }
            });
        ui.ctx()
            .accesskit_node_builder(combo.response.id, |node| node.set_label("Statement"));
        if let Some(key) = chosen {
            self.show_rows(RowsToShow::Of {
                statement: key,
                row_number: 1,
            });
        }
    }

    /// Rows of one status of the statement.
    fn filter_ui(&mut self, ui: &mut Ui, desk: &Desk) {
        let place = self.loaded(desk).map(|(place, _)| place);
        let shown = match self.shown.drill.as_ref().map(Drill::of) {
            Some(RowsOf::Status { status, .. }) => super::status_of(*status).word,
            Some(_) => "Behind a total",
            None => "All rows",
        };
        let mut wanted = None;
        let combo = egui::ComboBox::from_id_salt("rows")
            .selected_text(shown)
            .width(130.0)
            .show_ui(ui, |ui| {
                if ui
                    .selectable_label(self.shown.drill.is_none(), "All rows")
                    .clicked()
                {
                    wanted = Some(None);
                }
                for status in [
                    Status::Matched,
                    Status::Ambiguous,
                    Status::Unmatched,
                    Status::Held,
                    Status::Ignored,
                    Status::Quarantined,
                ] {
                    let of = RowsOf::Status {
                        status,
                        statement: place,
                    };
                    if ui
                        .selectable_label(
                            self.shown.drill.as_ref().is_some_and(|d| *d.of() == of),
                            super::status_of(status).word,
                        )
                        .clicked()
                    {
                        wanted = Some(Some(of));
                    }
                }
            });
        ui.ctx()
            .accesskit_node_builder(combo.response.id, |node| node.set_label("Show"));
        if let Some(of) = wanted {
            self.forget();
            self.shown.wanted = of;
        }
    }

    fn go_to_ui(&mut self, ui: &mut Ui) {
        let id = ui.make_persistent_id("go to row");
        let edit = TextEdit::singleline(&mut self.jump.go_to)
            .id(id)
            .desired_width(110.0)
            .hint_text("Go to row");
        let field = ui
            .add(edit)
            .on_hover_text("Type a row number and press Enter (Ctrl+G)");
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Go to row"));
        if std::mem::take(&mut self.jump.focus_go_to) {
            field.request_focus();
        }
        let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        let number: Option<u64> = self
            .jump
            .go_to
            .chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
            .parse()
            .ok();
        if is_entered && let Some(number) = number {
            self.jump.wanted_row = Some(number.saturating_sub(1));
            self.jump.go_to.clear();
        }
    }

    /// Leads from the selected record to all rows of its line.
    fn of_item_ui(&mut self, ui: &mut Ui) {
        let selected = self
            .table
            .selection()
            .single()
            .and_then(|row| self.window.row(row));
        let line = selected.and_then(|shown| match &shown.row.kind {
            RowKind::Record(record) => record.place.map(|(_, line)| line),
            _ => None,
        });
        let button = ui.add_enabled(line.is_some(), egui::Button::new("Rows of this item"));
        let button = button
            .on_hover_text("All rows of the selected record's item, in all statements")
            .on_disabled_hover_text("Select a record first");
        if button.clicked() {
            self.forget();
            self.shown.wanted = line.map(RowsOf::Line);
        }
    }

    /// Path and state of the file, and how far it has been read.
    fn source_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let Some(pager) = self.shown.pager.clone() else {
            return;
        };
        let tokens = theme::tokens(ui);
        let mut every_byte = false;
        ui.horizontal(|ui| {
            ui.add(egui::Label::new(RichText::new(pager.path().display().to_string()).color(tokens.subdued)).truncate());
            let (text, color) = match pager.state() {
                SourceState::SameMark => ("✓ Unchanged: size and date are as imported", tokens.ok),
                SourceState::SameBytes => ("✓ Unchanged: every byte is as imported", tokens.ok),
                SourceState::Comparing => ("… Not compared with the import yet", tokens.warn),
            };
            ui.label(RichText::new(text).color(color));
            if pager.state() == SourceState::SameMark && self.shown.preparing.is_none() {
                every_byte = ui.small_button("Compare every byte").on_hover_text("Reads the whole file once in the background").clicked();
            }
            if pager.copy_folder().is_some() {
                ui.label(RichText::new("packed").color(tokens.subdued)).on_hover_text(
                    "Rows of a packed file cannot be reached by themselves, so a copy is kept in the workspace as long as this window is open",
                );
            }
        });
        if every_byte {
            self.prepare(&pager, true, context);
        }
        self.preparing_ui(ui, &pager);
    }

    fn preparing_ui(&self, ui: &mut Ui, pager: &RowPager) {
        let Some(preparing) = &self.shown.preparing else {
            return;
        };
        let (done, total) = preparing.progress();
        let title = match pager.preparation() {
            Preparation::Copy => "Unpacking a copy, so that scrolling is at once",
            Preparation::Index => "Finding where the rows begin",
            Preparation::Verify | Preparation::None => "Comparing the file with what was imported",
        };
        let permille = (total > 0).then(|| numbers::permille(done.min(total), total));
        let note = format!(
            "{}, rows to {} can be shown",
            numbers::bytes(done),
            numbers::count(pager.rows_ready())
        );
        if widgets::progress_row_ui(
            ui,
            widgets::ProgressBar {
                title,
                note: &note,
                permille,
                can_cancel: true,
            },
        ) {
            preparing.cancel();
        }
    }

    /// What is looked for, how far that is, and whether it comes to the total.
    fn drill_ui(&mut self, ui: &mut Ui) {
        let Some(drill) = &self.shown.drill else {
            return;
        };
        let view = drill.view();
        let name = name_of(drill);
        let mut closes = false;
        let mut stops = false;
        ui.horizontal(|ui| {
            let chip = ui
                .button(format!("{name}  ✕"))
                .on_hover_text("Show all rows of the statement again (Esc)");
            ui.ctx().accesskit_node_builder(chip.id, |node| {
                node.set_label(format!("Filter: {name}; click to remove"))
            });
            closes = chip.clicked();
            ui.label(RichText::new(numbers::counted(view.rows(), "row", "rows")).strong());
            for (currency, sum) in &view.sums {
                ui.label(
                    RichText::new(text::exact_money(sum.amount, *currency))
                        .font(theme::number_font()),
                );
            }
            tie_ui(ui, &view);
        });
        if !view.is_done && !view.is_cancelled && view.failure.is_none() {
            let title = view.preparing.as_ref().map_or_else(
                || "Looking for the rows".to_owned(),
                |name| format!("Preparing {name}"),
            );
            let note = format!(
                "{} of {} batches",
                numbers::count(view.batches_read as u64),
                numbers::count(view.batches as u64)
            );
            let permille = (view.batches > 0)
                .then(|| numbers::permille(view.batches_read as u64, view.batches as u64));
            stops = widgets::progress_row_ui(
                ui,
                widgets::ProgressBar {
                    title: &title,
                    note: &note,
                    permille,
                    can_cancel: true,
                },
            );
        }
        notes_ui(ui, &view);
        if let Some(cause) = &view.failure {
            fault_ui(ui, "The search could not go on", cause);
        }
        if stops {
            drill.cancel();
        }
        if closes {
            self.forget();
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        let listed = self.shown.drill.as_ref().map(|d| d.view().listed as u64);
        let total = listed.unwrap_or_else(|| {
            self.shown
                .pager
                .as_ref()
                .map_or(0, |p| p.rows().unwrap_or_else(|| p.rows_ready()))
        });
        if let Some(row) = self.jump.wanted_row.filter(|_| total > 0) {
            self.jump.wanted_row = None;
            self.table.select(row.min(total - 1));
        }
        self.copy(ui, context, total);
        let single = if listed.is_some() {
            self.window.header.as_deref()
        } else {
            self.shown.pager.as_ref().map(|p| p.header())
        };
        let columns = self
            .titles
            .columns(single.unwrap_or_default(), listed.is_some());
        let mut in_view = 0..0;
        let mut source = ShownRows {
            window: &self.window,
            desk: context.desk,
            columns: &columns,
            total,
            in_view: &mut in_view,
        };
        let empty = if self.shown.drill.is_some() {
            "No rows found yet"
        } else {
            "Reading…"
        };
        let name = if self.shown.drill.is_some() {
            "Rows behind the total"
        } else {
            "Rows of the file"
        };
        let output = BigTable::new(name, &columns.declared)
            .sticky(columns.sticky)
            .empty_text(empty)
            .show_ui(ui, &mut self.table, &mut source);
        self.table_id = Some(output.response.id);
        if let Some(row) = output
            .activated
            .filter(|_| self.shown.drill.is_some())
            .and_then(|row| self.window.row(row))
            .cloned()
        {
            let key = context
                .desk
                .statements()
                .get(row.statement as usize)
                .map(|s| s.key.clone());
            key.into_iter().for_each(|statement| {
                context.go(Go::ToRows(RowsToShow::Of {
                    statement,
                    row_number: row.row.row_number,
                }))
            });
        }
        self.ask(context, in_view, total);
    }

    /// Selected rows may lie anywhere, so they are read on another thread before they go to the clipboard.
    fn copy(&mut self, ui: &Ui, context: &Context<'_>, total: u64) {
        let has_focus = self
            .table_id
            .is_some_and(|id| ui.memory(|m| m.has_focus(id)));
        if !has_focus || self.table.selection().is_empty() {
            return;
        }
        let is_copy = |event: &egui::Event| matches!(event, egui::Event::Copy);
        let asked = ui.input_mut(|i| {
            let before = i.events.len();
            i.events.retain(|event| !is_copy(event));
            before != i.events.len()
        });
        if let (true, Some(what), Some(contents)) =
            (asked, self.what(context), context.engine.contents())
        {
            let ranges = self
                .table
                .selection()
                .ranges()
                .iter()
                .map(|r| r.start..r.end.min(total))
                .collect();
            self.copier.ask(CopyAsk {
                contents,
                what,
                desk: Arc::clone(context.desk),
                ranges,
            });
        }
    }

    /// Where the shown rows come from.
    fn what(&self, context: &Context<'_>) -> Option<What> {
        match &self.shown.drill {
            Some(drill) => Some(What::Hits(drill.reader())),
            None => self.loaded(context.desk).map(|(place, loaded)| What::File {
                pagers: Arc::clone(&self.pagers),
                loaded: Arc::clone(loaded),
                place,
            }),
        }
    }

    /// Asks for rows in view that have not been read, with as many before and behind.
    fn ask(&mut self, context: &Context<'_>, in_view: Range<u64>, total: u64) {
        let generation = context.desk.lines_generation;
        let has_all = self.window.generation == generation && self.window.holds(&in_view, total);
        let is_early = self
            .jump
            .not_before
            .is_some_and(|time| Instant::now() < time);
        if is_early
            || self.shown.failure.is_some()
            || (has_all && (self.shown.pager.is_some() || self.shown.drill.is_some()))
        {
            return;
        }
        let margin = (in_view.end - in_view.start).max(40);
        let wanted = in_view.start.saturating_sub(margin)..in_view.end + margin;
        let (Some(what), Some(contents)) = (self.what(context), context.engine.contents()) else {
            return;
        };
        let asked = (what.clone(), wanted.clone(), generation);
        let is_growing = self.shown.drill.is_some() || self.shown.preparing.is_some();
        if self.asked.as_ref().is_some_and(|a| *a == asked)
            && (!is_growing || self.reader.is_busy())
        {
            return;
        }
        self.asked = Some(asked);
        self.reader.ask(RowsQuestion {
            contents,
            what,
            desk: Arc::clone(context.desk),
            rows: wanted,
        });
    }
}

/// A cause and its remedy, which stands behind a semicolon.
fn fault_ui(ui: &mut Ui, what: &str, cause: &str) {
    let (cause, remedy) = cause
        .split_once("; ")
        .unwrap_or((cause, "Try again, or import the file again"));
    widgets::error_panel_ui(
        ui,
        widgets::ErrorPanel {
            what,
            cause,
            remedy,
            guide: "statements",
        },
    );
}

/// What a search looks for, in words.
fn name_of(drill: &Drill) -> String {
    let desk = drill.desk();
    match drill.of() {
        RowsOf::Line(line) => {
            let title = desk.field(*line, crate::statement::item::Field::Title);
            let title = if title.is_empty() {
                desk.field(*line, crate::statement::item::Field::Isrc)
            } else {
                title
            };
            format!(
                "“{}” at {}, {}",
                bidi::display(title),
                desk.lines().dsp(*line),
                desk.lines().currency(*line).code()
            )
        }
        RowsOf::Item(item) => {
            let title = desk
                .statement(*item)
                .cube
                .field(item.item as usize, crate::statement::item::Field::Title);
            format!(
                "“{}” as written in {}",
                bidi::display(title),
                desk.statement(*item).record.name
            )
        }
        RowsOf::Payee { payee, currency } => format!("{}, {currency}", bidi::display(payee)),
        RowsOf::Status { status, statement } => {
            let place = statement
                .and_then(|s| desk.statements().get(s as usize))
                .map_or_else(|| "all statements".to_owned(), |s| s.record.name.clone());
            format!("{} rows of {place}", super::status_of(*status).word)
        }
    }
}

/// Whether the rows come to the total that led here.
fn tie_ui(ui: &mut Ui, view: &DrillView) {
    let status = match view.ties_out() {
        Some(true) => widgets::PillStatus {
            sign: "✓",
            word: "Ties out: rows and money are exactly the total",
            tone: Tone::Ok,
        },
        Some(false) => widgets::PillStatus {
            sign: "✗",
            word: "Does not tie out: the rows are not the total",
            tone: Tone::Err,
        },
        None if view.is_cancelled => widgets::PillStatus {
            sign: "▲",
            word: "Stopped: not all rows are here",
            tone: Tone::Warn,
        },
        None => return,
    };
    widgets::pill_ui(ui, status);
    if view.ties_out() == Some(false) {
        let wanted = view.expected.iter().map(|(currency, sum)| {
            format!(
                "{} rows, {}",
                sum.rows,
                text::exact_money(sum.amount, *currency)
            )
        });
        ui.label(format!(
            "The total is {}",
            wanted.collect::<Vec<_>>().join(" · ")
        ));
    }
}

fn notes_ui(ui: &mut Ui, view: &DrillView) {
    let tokens = theme::tokens(ui);
    if view.split_lines > 0 {
        let lines = numbers::counted(view.split_lines as u64, "line is", "lines are");
        ui.label(
            RichText::new(format!(
                "{lines} split over several payees and counted here in full"
            ))
            .color(tokens.subdued),
        );
    }
    if view.listed as u64 != view.rows() {
        let text = format!(
            "The first {} rows are listed; all are counted",
            numbers::count(view.listed as u64)
        );
        ui.label(RichText::new(text).color(tokens.warn));
    }
}

fn empty_ui(ui: &mut Ui, context: &mut Context<'_>) {
    let state = widgets::EmptyState {
        icon: "☰",
        headline: "No rows yet",
        next: "Rows are shown from the statements of this workspace; open some first",
        button: Some(("Go to Statements", "Ctrl+1")),
        guide: "statements",
    };
    if widgets::empty_state_ui(ui, state) {
        context.go(Go::To(Screen::Statements));
    }
}

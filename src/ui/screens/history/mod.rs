//! Every entry of the journal: who did what and when, the money it is about, and how it is taken back; and the check of the whole journal.
//!
//! Invariants: rows and previews are made on threads of their own; what cannot be taken back says why.

mod detail;
mod rows;

use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use crate::contents::Contents;
use crate::desk::Desk;
use crate::desk::history::{
    Facts, HistoryFilter, HistoryRow, LocalTime, Reversal, consequence, history_rows,
};
use crate::job::{Latest, Wake};
use crate::journal::Change;
use crate::session::engine::{ChangeCommand, Command, JobCommand};
use crate::ui::background::Background;
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{Notice, NoticeAnswer};
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::shared::{Context, Go, Screen};
use crate::workspace::AuditVerdict;
use rows::{COLUMNS, EntryRows};

/// Name of the table in the settings.
const TABLE: &str = "history";

/// What the rows depend on: the desk, the number of entries and the filter as typed.
#[derive(Debug, Clone, PartialEq)]
struct RowsKey {
    generation: u64,
    entries: usize,
    filter: String,
}

struct RowsInput {
    contents: Contents,
    desk: Arc<Desk>,
    history: Arc<Vec<Change>>,
    filter: HistoryFilter,
}

/// All rows, and the indexes of those that fit the filter, the latest first.
struct FilteredRows {
    rows: Arc<Vec<HistoryRow>>,
    order: Arc<Vec<u32>>,
}

/// What a preview depends on: the entry, and the generation of the desk.
type PreviewKey = (u64, u64);

struct UndoInput {
    desk: Arc<Desk>,
    history: Arc<Vec<Change>>,
    row: Box<HistoryRow>,
}

/// The history screen.
pub struct HistoryScreen {
    filter: String,
    rows: Background<RowsKey, RowsInput, FilteredRows>,
    table: Option<TableState>,
    chosen: Option<u64>,
    /// What taking the chosen entry back would move, in sentences.
    preview: Background<PreviewKey, UndoInput, Vec<String>>,
    audit: Latest<Contents, Result<AuditVerdict, String>>,
    verdict: Option<Notice>,
    time: LocalTime,
}

impl HistoryScreen {
    /// Starts the threads that answer its questions.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let mut reader = EntryReader::default();
        let for_audit = Arc::clone(wake);
        Self {
            filter: String::new(),
            rows: Background::new("history", wake, move |key, input, is_stale| {
                reader.read(&key, &input, is_stale)
            }),
            table: None,
            chosen: None,
            preview: Background::new("history preview", wake, |_, input: UndoInput, _| {
                consequence(&input.desk, &input.history, &input.row).map_err(|e| e.to_string())
            }),
            audit: Latest::new(
                "journal check",
                move || for_audit(),
                |contents: Contents, _: &dyn Fn() -> bool| audit(&contents),
            ),
            verdict: None,
            time: LocalTime::of_system(),
        }
    }

    /// Draws it.
    pub fn show_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        if context.history.is_empty() {
            return empty_ui(ui, context);
        }
        let filter = HistoryFilter::parse(&self.filter);
        self.ask(context, &filter);
        self.answers(context);
        self.head_ui(ui, context, &filter);
        let Some(shown) = self.rows.answer().cloned() else {
            ui.label("Reading the journal…");
            return;
        };
        self.detail_ui(ui, context, &shown);
        self.table_ui(ui, context, &shown);
    }

    fn ask(&mut self, context: &Context<'_>, filter: &HistoryFilter) {
        let key = RowsKey {
            generation: context.desk.generation,
            entries: context.history.len(),
            filter: self.filter.clone(),
        };
        self.rows.ask(key, || {
            Some(RowsInput {
                contents: context.engine.contents()?,
                desk: Arc::clone(context.desk),
                history: Arc::clone(context.history),
                filter: filter.clone(),
            })
        });
    }

    fn answers(&mut self, context: &mut Context<'_>) {
        if let Some(rows) = context.received("reading the journal", self.rows.receive()) {
            self.keep_chosen(&rows.answer);
        }
        // The preview is kept where it came from, until it is drawn.
        context.received(
            "adding up what taking it back moves",
            self.preview.receive(),
        );
        if let Some(verdict) = context.received("checking the journal", self.audit.take()) {
            self.verdict = Some(notice(&verdict));
        }
    }

    /// New entries come in above: the chosen one stays chosen.
    fn keep_chosen(&mut self, shown: &FilteredRows) {
        let Some(table) = &mut self.table else { return };
        let index = self.chosen.and_then(|seq| shown.index_of(seq));
        match index {
            Some(index) if table.selection().single() != Some(index) => table.select(index),
            Some(_) => {}
            None => table.forget_rows(),
        }
    }

    fn head_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, filter: &HistoryFilter) {
        egui::Panel::top("history_head").show(ui, |ui| {
            let tokens = theme::tokens(ui);
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                widgets::search_box_ui(ui, &mut self.filter, "Filter the history", "Words, who:ada, kind:bulk, since:2026-11", 360.0);
                let count = self.rows.answer().map_or(0, |shown| shown.order.len()) as u64;
                let all = numbers::counted(context.history.len() as u64, "entry", "entries");
                ui.label(RichText::new(format!("{} of {all}", numbers::count(count))).color(tokens.subdued));
                if let Some(fault) = &filter.fault {
                    ui.label(RichText::new(format!("▲ {fault}")).color(tokens.warn));
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let hint = "Reads the journal file again, computes every hash anew and compares with the database";
                    let button = ui.add_enabled(!self.audit.is_busy(), egui::Button::new("Verify the journal")).on_hover_text(hint);
                    if button.clicked()
                        && let Some(contents) = context.engine.contents()
                    {
                        self.audit.ask(contents);
                    }
                    widgets::busy_ui(ui, self.audit.is_busy() || self.rows.is_busy());
                });
            });
            if let Some(verdict) = &self.verdict {
                match widgets::notice_ui(ui, verdict) {
                    Some(NoticeAnswer::Action) => ui.ctx().copy_text(verdict.text.clone()),
                    Some(NoticeAnswer::Dismissed) => self.verdict = None,
                    None => {}
                }
            }
            ui.add_space(2.0);
        });
    }

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &FilteredRows) {
        let table = self.table.get_or_insert_with(|| context.table(TABLE));
        let mut rows = EntryRows {
            rows: &shown.rows,
            order: &shown.order,
            time: &self.time,
        };
        let output = BigTable::new("Entries of the journal", &COLUMNS)
            .empty_text("No entry fits the filter")
            .show_ui(ui, table, &mut rows);
        if output.columns_changed {
            context.settings.tables.insert(TABLE.into(), table.clone());
        }
        if let Some(copied) = output.copied {
            context.go(Go::Notice(copied.sentence()));
        }
        if output.selection_changed {
            self.chosen = table
                .selection()
                .single()
                .and_then(|row| rows.row(row))
                .map(|row| row.seq);
        }
    }

    fn detail_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &FilteredRows) {
        let Some(row) = self
            .chosen
            .and_then(|seq| shown.rows.get(usize::try_from(seq.checked_sub(1)?).ok()?))
        else {
            return;
        };
        self.ask_preview(context, row);
        let preview = self.preview.answer_to(&(row.seq, context.desk.generation));
        let entry = context
            .history
            .get((row.seq - 1) as usize)
            .map(|c| &c.entry);
        let mut is_reversed = false;
        egui::Panel::right("history_detail")
            .default_size(360.0)
            .size_range(300.0..=760.0)
            .show(ui, |ui| {
                widgets::fill_panel(ui);
                egui::ScrollArea::vertical().show(ui, |ui| {
                    is_reversed =
                        detail::reversal_ui(ui, row, preview.map(|sentences| sentences.as_slice()));
                    detail::facts_ui(ui, row, entry, &self.time);
                });
            });
        if is_reversed && let Some(command) = command(&row.reversal) {
            context.send(command);
        }
    }

    fn ask_preview(&mut self, context: &Context<'_>, row: &HistoryRow) {
        self.preview.ask((row.seq, context.desk.generation), || {
            Some(UndoInput {
                desk: Arc::clone(context.desk),
                history: Arc::clone(context.history),
                row: Box::new(row.clone()),
            })
        });
    }
}

impl FilteredRows {
    /// Where an entry is shown; `None` if the filter hides it.
    fn index_of(&self, seq: u64) -> Option<u64> {
        let index = self
            .order
            .iter()
            .position(|row| self.rows[*row as usize].seq == seq)?;
        Some(index as u64)
    }
}

/// Reads rows, and remembers them: most times only the filter differs.
#[derive(Default)]
struct EntryReader {
    known: Option<((u64, usize), Arc<Vec<HistoryRow>>)>,
}

impl EntryReader {
    fn read(
        &mut self,
        key: &RowsKey,
        input: &RowsInput,
        is_stale: &dyn Fn() -> bool,
    ) -> Result<FilteredRows, String> {
        let of = (key.generation, key.entries);
        let rows = match self.known.take().filter(|(known, _)| *known == of) {
            Some((_, rows)) => rows,
            None => Arc::new(read_rows(input, is_stale).map_err(|e| e.to_string())?),
        };
        // What was given up halfway is not remembered.
        self.known = (rows.len() == key.entries).then(|| (of, Arc::clone(&rows)));
        let order = (0..rows.len() as u32)
            .rev()
            .filter(|row| input.filter.fits(&rows[*row as usize]))
            .collect();
        Ok(FilteredRows {
            rows,
            order: Arc::new(order),
        })
    }
}

fn read_rows(
    input: &RowsInput,
    is_stale: &dyn Fn() -> bool,
) -> Result<Vec<HistoryRow>, Box<dyn std::error::Error>> {
    let facts = Facts::read(&input.contents, &input.history)?;
    Ok(history_rows(&input.desk, &input.history, &facts, is_stale)?)
}

fn audit(contents: &Contents) -> Result<AuditVerdict, String> {
    let audit = contents.audit().map_err(|e| e.to_string())?;
    Ok(audit.verdict(None))
}

/// What the engine is told to take an entry back.
fn command(reversal: &Reversal) -> Option<Command> {
    Some(match reversal {
        Reversal::Undo(seq) => ChangeCommand::Undo(*seq).into(),
        Reversal::Redo(seq) => ChangeCommand::Redo(*seq).into(),
        Reversal::Remove(key) => JobCommand::RemoveStatement(key.clone()).into(),
        Reversal::Restore(key) => JobCommand::RestoreStatement(key.clone()).into(),
        Reversal::Edit(track) => JobCommand::EditTrack(track.clone()).into(),
        Reversal::Impossible(_) => return None,
    })
}

fn notice(verdict: &AuditVerdict) -> Notice {
    let (tone, word) = if verdict.is_sound {
        (Tone::Ok, "The journal is as it was written")
    } else {
        (Tone::Err, "The journal was changed")
    };
    Notice {
        tone,
        text: format!("{word}; {}", verdict.sentences.join("; ")),
        action: Some("Copy".into()),
    }
}

fn empty_ui(ui: &mut Ui, context: &mut Context<'_>) {
    let state = widgets::EmptyState {
        icon: "…",
        headline: "Nothing has happened yet",
        next: "Every import and every decision stands here, with who, when and why, and can be taken back",
        button: Some(("Go to statements", "")),
        guide: "window",
    };
    if widgets::empty_state_ui(ui, state) {
        context.go(Go::To(Screen::Statements));
    }
}

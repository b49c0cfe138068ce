//! Every entry of the journal: who did what and when, the money it is about, and how it is taken back; and the check of the whole journal.
//!
//! Invariants: rows and previews are made on threads of their own; what cannot be taken back says why.

mod detail;
mod rows;

use std::sync::Arc;

use eframe::egui::{self, RichText, Ui};

use crate::job::Latest;
use crate::journal::Change;
use crate::session::Session;
use crate::session::desk::Desk;
use crate::session::engine::{ChangeCommand, Command, JobCommand, Wake};
use crate::session::history_view::{
    Facts, HistoryFilter, HistoryRow, LocalTime, Reversal, consequence, history_rows,
};
use crate::ui::kit::table::{BigTable, TableState};
use crate::ui::kit::theme::Tone;
use crate::ui::kit::widgets::{Notice, NoticeAnswer};
use crate::ui::kit::{numbers, theme, widgets};
use crate::ui::shared::{Context, Go, Screen};
use crate::workspace::AuditVerdict;
use rows::{COLUMNS, EntryRows};

/// Name of the table in the settings.
const TABLE: &str = "history";

/// What is shown was asked with this: the desk, the number of entries, the filter.
type Asked = (u64, usize, String);

struct Question {
    session: Session,
    desk: Arc<Desk>,
    history: Arc<Vec<Change>>,
    filter: HistoryFilter,
}

/// Rows with those that fit the filter, the latest first.
#[derive(Clone)]
struct Shown {
    rows: Arc<Vec<HistoryRow>>,
    order: Arc<Vec<u32>>,
}

/// A row with what taking it back would move.
struct Preview {
    seq: u64,
    generation: u64,
    sentences: Vec<String>,
}

/// What a preview is asked with.
type PreviewQuestion = (Arc<Desk>, Arc<Vec<Change>>, Box<HistoryRow>);

/// The history screen.
pub struct HistoryScreen {
    filter: String,
    asked: Option<Asked>,
    answering: Latest<Question, Result<Shown, String>>,
    shown: Option<Shown>,
    table: Option<TableState>,
    chosen: Option<u64>,
    previewing: Latest<PreviewQuestion, Result<Preview, String>>,
    preview_asked: Option<(u64, u64)>,
    preview: Option<Preview>,
    checking: Latest<Session, Result<AuditVerdict, String>>,
    verdict: Option<Notice>,
    time: LocalTime,
}

impl HistoryScreen {
    /// Starts the threads that answer its questions.
    #[must_use]
    pub fn new(wake: &Wake) -> Self {
        let wakes: [Wake; 3] = std::array::from_fn(|_| Arc::clone(wake));
        let [for_rows, for_previews, for_checks] = wakes;
        let mut known: Option<((u64, usize), Arc<Vec<HistoryRow>>)> = None;
        let answer = move |question: Question, is_stale: &dyn Fn() -> bool| {
            answer(&question, &mut known, is_stale)
        };
        let preview = |(desk, history, row): PreviewQuestion, _: &dyn Fn() -> bool| {
            let sentences = consequence(&desk, &history, &row).map_err(|e| e.to_string())?;
            Ok(Preview {
                seq: row.seq,
                generation: desk.generation,
                sentences,
            })
        };
        let check = |session: Session, _: &dyn Fn() -> bool| {
            session
                .audit()
                .map(|a| a.verdict(None))
                .map_err(|e| e.to_string())
        };
        Self {
            filter: String::new(),
            asked: None,
            answering: Latest::new("history", move || for_rows(), answer),
            shown: None,
            table: None,
            chosen: None,
            previewing: Latest::new("history preview", move || for_previews(), preview),
            preview_asked: None,
            preview: None,
            checking: Latest::new("journal check", move || for_checks(), check),
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
        let Some(shown) = self.shown.clone() else {
            ui.label("Reading the journal…");
            return;
        };
        self.detail_ui(ui, context, &shown);
        self.table_ui(ui, context, &shown);
    }

    fn ask(&mut self, context: &Context<'_>, filter: &HistoryFilter) {
        let wanted = (
            context.desk.generation,
            context.history.len(),
            self.filter.clone(),
        );
        if self.asked.as_ref() != Some(&wanted)
            && let Some(session) = context.engine.session()
        {
            let (desk, history) = (Arc::clone(context.desk), Arc::clone(context.history));
            self.answering.ask(Question {
                session,
                desk,
                history,
                filter: filter.clone(),
            });
            self.asked = Some(wanted);
        }
    }

    fn answers(&mut self, context: &mut Context<'_>) {
        match self.answering.take() {
            Some(Ok(shown)) => self.take_rows(shown),
            Some(Err(cause)) => context.go(Go::Fault {
                what: "reading the journal".into(),
                cause,
            }),
            None => {}
        }
        match self.previewing.take() {
            Some(Ok(preview)) => self.preview = Some(preview),
            Some(Err(cause)) => context.go(Go::Fault {
                what: "adding up what taking it back moves".into(),
                cause,
            }),
            None => {}
        }
        match self.checking.take() {
            Some(Ok(verdict)) => self.verdict = Some(notice(&verdict)),
            Some(Err(cause)) => context.go(Go::Fault {
                what: "checking the journal".into(),
                cause,
            }),
            None => {}
        }
    }

    /// New entries come in above: the chosen one stays chosen.
    fn take_rows(&mut self, shown: Shown) {
        let place = |seq: u64| {
            shown
                .order
                .iter()
                .position(|at| shown.rows[*at as usize].seq == seq)
        };
        if let Some(table) = &mut self.table {
            match self.chosen.and_then(place) {
                Some(place) if table.selection().single() != Some(place as u64) => {
                    table.select(place as u64)
                }
                Some(_) => {}
                None => table.forget_rows(),
            }
        }
        self.shown = Some(shown);
    }

    fn head_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, filter: &HistoryFilter) {
        egui::Panel::top("history_head").show(ui, |ui| {
            let tokens = theme::tokens(ui);
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                widgets::search_box_ui(ui, &mut self.filter, "Filter the history", "Words, who:ada, kind:bulk, since:2026-11", 360.0);
                let count = self.shown.as_ref().map_or(0, |s| s.order.len()) as u64;
                let all = numbers::counted(context.history.len() as u64, "entry", "entries");
                ui.label(RichText::new(format!("{} of {all}", numbers::count(count))).color(tokens.subdued));
                if let Some(fault) = &filter.fault {
                    ui.label(RichText::new(format!("▲ {fault}")).color(tokens.warn));
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let hint = "Reads the journal file again, computes every hash anew and compares with the database";
                    let button = ui.add_enabled(!self.checking.is_busy(), egui::Button::new("Verify the journal")).on_hover_text(hint);
                    if button.clicked()
                        && let Some(session) = context.engine.session()
                    {
                        self.checking.ask(session);
                    }
                    widgets::busy_ui(ui, self.checking.is_busy() || self.answering.is_busy());
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

    fn table_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &Shown) {
        let table = self.table.get_or_insert_with(|| {
            context
                .settings
                .tables
                .get(TABLE)
                .cloned()
                .unwrap_or_default()
        });
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

    fn detail_ui(&mut self, ui: &mut Ui, context: &mut Context<'_>, shown: &Shown) {
        let Some(row) = self
            .chosen
            .and_then(|seq| shown.rows.get(usize::try_from(seq.checked_sub(1)?).ok()?))
        else {
            return;
        };
        self.ask_preview(context, row);
        let preview = self
            .preview
            .as_ref()
            .filter(|p| p.seq == row.seq && p.generation == context.desk.generation);
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
                        detail::reversal_ui(ui, row, preview.map(|p| p.sentences.as_slice()));
                    detail::facts_ui(ui, row, entry, &self.time);
                });
            });
        if is_reversed && let Some(command) = command(&row.reversal) {
            context.send(command);
        }
    }

    fn ask_preview(&mut self, context: &Context<'_>, row: &HistoryRow) {
        let wanted = (row.seq, context.desk.generation);
        if self.preview_asked != Some(wanted) {
            self.previewing.ask((
                Arc::clone(context.desk),
                Arc::clone(context.history),
                Box::new(row.clone()),
            ));
            self.preview_asked = Some(wanted);
        }
    }
}

fn answer(
    question: &Question,
    known: &mut Option<((u64, usize), Arc<Vec<HistoryRow>>)>,
    is_stale: &dyn Fn() -> bool,
) -> Result<Shown, String> {
    let of = (question.desk.generation, question.history.len());
    let rows = match known.take().filter(|(known, _)| *known == of) {
        Some((_, rows)) => rows,
        None => {
            let facts =
                Facts::read(&question.session, &question.history).map_err(|e| e.to_string())?;
            Arc::new(
                history_rows(&question.desk, &question.history, &facts, is_stale)
                    .map_err(|e| e.to_string())?,
            )
        }
    };
    // What was given up halfway is not remembered.
    *known = (rows.len() == question.history.len()).then(|| (of, Arc::clone(&rows)));
    let order = (0..rows.len() as u32)
        .rev()
        .filter(|at| question.filter.fits(&rows[*at as usize]))
        .collect();
    Ok(Shown {
        rows,
        order: Arc::new(order),
    })
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
    };
    if widgets::empty_state_ui(ui, state) {
        context.go(Go::To(Screen::Statements));
    }
}
